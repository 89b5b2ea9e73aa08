"""Where curves are looked up, and with what: the table of bands beside the figure it is for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from xl_kpi.arguments.cells import Fault
from xl_kpi.arguments.tables import Table, read_table
from xl_kpi.catalogue import FUNCTIONS, Argument, Bands, Tiers
from xl_kpi.errors import Problem
from xl_kpi.formula import Binary, Call, Literal, Name, Node, names_in
from xl_kpi.formula.tree import parts
from xl_kpi.lint.formulas import formulas
from xl_kpi.lint.ranges import Range, Ranges
from xl_kpi.names import Names
from xl_kpi.scheme import Curve, Scheme


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
            for argument, node, table in _tables(call, "bands"):
                name, bands = _bands(argument, table, scheme, names)
                if bands is not None:
                    found.append(
                        Lookup(name or owner, bands, node, ranges.of(node), ranges.unit(node),
                               owner, formula.where, _is_plain(node, names))
                    )  # fmt: skip
        for call in calls(formula.node):
            for argument, _, table in _tables(call, "tiers"):
                name, bands = _bands(argument, table, scheme, names)
                if bands is not None:
                    completion = _completion(call)
                    # Below the first tier the rate is 0: nothing is left open.
                    reached = Range(float(bands.lower.min()), ranges.of(completion).high)
                    found.append(
                        Lookup(name, bands, completion, reached, ranges.unit(completion), owner,
                               formula.where, plain=False)
                    )  # fmt: skip
    return found


def _completion(call: Call) -> Node:
    """What tiers are looked up with: the call's amount ÷ its target."""
    amount, target = call.arguments[0], call.arguments[1] if len(call.arguments) > 1 else None
    return call if amount is None or target is None else Binary("/", amount, target)


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


def _tables(call: Call, kind: str) -> Iterator[tuple[Argument, Node, Node]]:
    """A call's tables of a kind: the argument, the first figure of the call, what is given."""
    rule = FUNCTIONS.get(call.function)
    if rule is None or not call.arguments or call.arguments[0] is None:
        return
    for argument, given in zip(rule.arguments, call.arguments, strict=False):
        if argument.table == kind and given is not None:
            yield argument, call.arguments[0], given


def tiers_of(call: Call) -> Iterator[Tiers]:
    """The tiers typed into a call."""
    for argument, _, table in _tables(call, "tiers"):
        typed = _typed(argument, table)
        if isinstance(typed, Tiers):
            yield typed


def tier_curves(call: Call, scheme: Scheme, names: Names) -> Iterator[Curve]:
    """The curves that a call takes as its tiers."""
    for _, _, table in _tables(call, "tiers"):
        meaning = names.find(table.name) if isinstance(table, Name) else None
        if meaning is not None and meaning.kind == "curve":
            yield scheme.curves[meaning.key]


def table_problems(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Tables typed into formulas that cannot be read, and curves where tiers are wanted."""
    for formula, _, owner in formulas(scheme, names):
        for call in calls(formula.node):
            if call.function == "LOOKUP" and not _by_key(call, scheme, names):
                yield Problem(
                    formula.where, f"“{owner}”的公式：LOOKUP 的第 2 个参数不是按类别的曲线",
                    "写“类别”一列填了的曲线；按数字分段的曲线用 KPI_BAND",
                )  # fmt: skip
            for argument, _, table in (*_tables(call, "bands"), *_tables(call, "tiers")):
                try:
                    _typed(argument, table, strict=True)
                except Fault as fault:
                    yield Problem(
                        formula.where, f"“{owner}”的公式：{call.function}：{fault.reason}", "改正表里的数"
                    )
            for argument, _, table in _tables(call, "tiers"):
                reason = _no_tiers(argument, table, scheme, names)
                if reason:
                    yield Problem(
                        formula.where, f"“{owner}”的公式：{call.function}：{reason}",
                        "改曲线，或直接写起点和比例，如 {0,0.5%;80%,1%}",
                    )  # fmt: skip


def _by_key(call: Call, scheme: Scheme, names: Names) -> bool:
    """Whether a LOOKUP has a curve by key; one with other arguments is told elsewhere."""
    if len(call.arguments) < 2:
        return True
    curve = call.arguments[1]
    meaning = names.find(curve.name) if isinstance(curve, Name) else None
    return meaning is not None and meaning.kind == "curve" and bool(scheme.curves[meaning.key].keys)


def _no_tiers(argument: Argument, table: Node, scheme: Scheme, names: Names) -> str:
    """Why a curve cannot be taken as tiers."""
    _, bands = _bands(argument, table, scheme, names)
    if not isinstance(table, Name) or bands is None:
        return ""
    try:
        return "" if isinstance(read_table(argument, bands), Tiers) else "这里不能用曲线"
    except Fault as fault:
        return fault.reason


def _bands(
    argument: Argument, table: Node, scheme: Scheme, names: Names
) -> tuple[str, Bands | None]:
    if isinstance(table, Name):
        meaning = names.find(table.name)
        if meaning is None or meaning.kind != "curve":
            return "", None
        return meaning.key, scheme.curves[meaning.key].bands
    typed = _typed(argument, table)
    return "", typed if isinstance(typed, Bands) else None


def _typed(argument: Argument, table: Node, *, strict: bool = False) -> Table | None:
    """A table typed into a formula; None if it is none, or (unless strict) cannot be read."""
    if not isinstance(table, Literal) or not isinstance(table.value, list):
        return None
    try:
        return read_table(argument, table.value)
    except Fault:
        if strict:
            raise
        return None


def shown(value: float, unit: str) -> str:
    """A figure as HR writes it: shares in per cent."""
    if math.isinf(value):
        return "不限"
    return f"{value * 100:.10g}%" if unit == "ratio" else f"{value:.12g}"
