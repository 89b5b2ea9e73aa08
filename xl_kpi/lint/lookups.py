"""Where curves are looked up, and with what: the table of bands beside the figure it is for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_kpi.catalogue import FUNCTIONS, Bands
from xl_kpi.formula import Call, Literal, Name, Node, names_in
from xl_kpi.formula.tree import parts
from xl_kpi.lint.formulas import formulas
from xl_kpi.lint.ranges import Range, Ranges
from xl_kpi.names import Names
from xl_kpi.rounding import significant
from xl_kpi.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Lookup:
    """One use of a table of bands."""

    curve: str  # its name, or the formula's owner for a table typed into a formula
    bands: Bands
    node: Node  # what is looked up
    range: Range
    unit: str
    owner: str  # the indicator, item or metric
    where: str  # the cell of the use
    plain: bool  # a count, target or metric as it is, for which nothing stands in


def lookups(scheme: Scheme, names: Names, ranges: Ranges) -> list[Lookup]:
    """Every use of a table of bands by an indicator or in a formula."""
    found = []
    for i in scheme.indicators:
        curve = scheme.curves.get(i.curve or "") if i.rule == "R03" else None
        if curve is not None and curve.bands is not None:
            metric = Name(i.metric)
            found.append(
                Lookup(curve.name, curve.bands, metric, ranges.of(metric), ranges.unit(metric),
                       i.name, i.row.cell("curve"), i.if_missing in ("skip", "error"))
            )  # fmt: skip
    for formula, _, owner in formulas(scheme, names):
        for call in calls(formula.node):
            for node, table in _tables(call):
                name, bands = _bands(table, scheme, names)
                if bands is not None:
                    found.append(
                        Lookup(name or owner, bands, node, ranges.of(node), ranges.unit(node),
                               owner, formula.where, _is_plain(node, names))
                    )  # fmt: skip
    return found


def _is_plain(node: Node, names: Names) -> bool:
    meaning = names.find(node.name) if isinstance(node, Name) else None
    return meaning is not None and meaning.kind in ("count", "target", "metric", "day")


def calls(node: Node) -> Iterator[Call]:
    """Every call of a formula."""
    if isinstance(node, Call):
        yield node
    for part in parts(node):
        yield from calls(part)


def curve_names(scheme: Scheme, names: Names) -> set[str]:
    """The curves that something uses."""
    used = {i.curve for i in scheme.indicators if i.curve is not None and i.rule == "R03"}
    for formula, _, _ in formulas(scheme, names):
        for name in names_in(formula.node):
            meaning = names.find(name)
            if meaning is not None and meaning.kind == "curve":
                used.add(meaning.key)
    return used


def _tables(call: Call) -> Iterator[tuple[Node, Node]]:
    """The looked-up figure and the table of bands of a call that has one."""
    rule = FUNCTIONS.get(call.function)
    if rule is None or not call.arguments or call.arguments[0] is None:
        return
    for argument, given in zip(rule.arguments, call.arguments, strict=False):
        if argument.table == "bands" and given is not None:
            yield call.arguments[0], given


def _bands(table: Node, scheme: Scheme, names: Names) -> tuple[str, Bands | None]:
    if isinstance(table, Name):
        meaning = names.find(table.name)
        if meaning is None or meaning.kind != "curve":
            return "", None
        return meaning.key, scheme.curves[meaning.key].bands
    if isinstance(table, Literal) and isinstance(table.value, list):
        return "", _typed(table.value)
    return "", None


def _typed(rows: list[list[Any]]) -> Bands | None:
    """A table typed into a formula: from, to, value and perhaps edges."""
    if any(len(row) not in (3, 4) for row in rows):
        return None

    def figures(place: int, blank: float) -> Any:
        cells = [row[place] for row in rows]
        return significant(
            np.array([float(x) if isinstance(x, int | float) else blank for x in cells])
        )

    edges = tuple(str(row[3]) if len(row) > 3 and row[3] else "[)" for row in rows)
    return Bands(figures(0, -math.inf), figures(1, math.inf), figures(2, math.nan), edges)


def shown(value: float, unit: str) -> str:
    """A figure as HR writes it: shares in per cent."""
    if math.isinf(value):
        return "不限"
    return f"{value * 100:.10g}%" if unit == "ratio" else f"{value:.12g}"
