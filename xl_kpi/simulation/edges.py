"""Cliffs: people just below or just above a line at which points, grade or pay jump."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xl_kpi.catalogue import Bands, GradeBands
from xl_kpi.formula import Call, Name, Node, column, evaluate, parts
from xl_kpi.pipeline import Results
from xl_kpi.rounding import Floats, is_below

NEAR = 0.02  # of the line: so near is next to it


@dataclass(slots=True)
class Edge:
    """A line as the scheme writes it, its cell, and how many figures lie just next to it."""

    scheme: str
    name: str
    where: str
    line: str
    below: int = 0
    above: int = 0


class Edges:
    """Adds up month by month who is next to a line."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Edge] = {}

    @property
    def edges(self) -> list[Edge]:
        """The lines that somebody is next to, the most people first."""
        near = [edge for edge in self._found.values() if edge.below + edge.above]
        return sorted(near, key=lambda edge: -(edge.below + edge.above))

    def add(self, results: Results) -> None:
        """Take in a month of one scheme."""
        for edge, values, line in _compared(results):
            near = np.abs(values - line) <= NEAR * np.abs(line)
            low = near & is_below(values, line)
            found = self._found.setdefault((edge.scheme, edge.name, edge.line), edge)
            found.below += int(low.sum())
            found.above += int((near & ~low).sum())


def _compared(results: Results) -> Iterator[tuple[Edge, Floats, Floats]]:
    """Figures and the line they are compared with, each with its edge."""
    scheme = results.scheme

    def banded(
        name: str, where: str, values: Floats, bands: Bands | GradeBands
    ) -> Iterator[tuple[Edge, Floats, Floats]]:
        every = np.concatenate([bands.lower, bands.upper])
        for line in np.unique(every[np.isfinite(every) & (every != 0)]):
            yield Edge(scheme.id, name, where, f"{line:.6g}"), values, line

    for name, scored in results.scored.items():
        indicator = scored.indicator
        curve = scheme.curves.get(indicator.curve or "")
        if indicator.rule == "R02" and indicator.target is not None and scored.target is not None:
            text = indicator.target.text.removeprefix("=")
            edge = Edge(scheme.id, name, indicator.row.cell("target"), text)
            yield edge, scored.counted, scored.target
        elif indicator.rule == "R03" and curve is not None and curve.bands is not None:
            yield from banded(name, indicator.row.cell("curve"), scored.counted, curve.bands)
    if results.totals is not None and not any(g.share is not None for g in scheme.grades):
        for grade in scheme.grades[:1]:
            where = grade.row.cell("lower")
            yield from banded("总分", where, results.totals.total, scheme.score_bands)
    for item in scheme.pay_items:
        if item.level != "person":
            continue
        scope = results.scope_of(item)
        for value, curve_name in _looked_up(item.formula.node):
            curve = scheme.curves.get(curve_name)
            if curve is None or curve.bands is None or _is_place(results, value):
                continue
            figures = np.where(results.entitled(item), column(evaluate(value, scope), scope.rows), np.nan)
            yield from banded(item.name, curve.rows[0].cell("lower"), figures, curve.bands)


def _looked_up(node: Node) -> Iterator[tuple[Node, str]]:
    """What a formula looks up in which bands."""
    if isinstance(node, Call) and node.function == "KPI_BAND":
        value, bands = node.arguments[:2]
        if value is not None and isinstance(bands, Name):
            yield value, bands.name
    for part in parts(node):
        yield from _looked_up(part)


def _is_place(results: Results, node: Node) -> bool:
    """Whether a figure is a place, which is next to nothing."""
    meaning = results.names.find(node.name) if isinstance(node, Name) else None
    return meaning is not None and "place" in (meaning.part, meaning.key)
