"""The edges of a scheme: every figure at which a score or a pay item may jump, with its cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xl_kpi.formula import Binary, Call, Name, Node, names_in
from xl_kpi.formula.tree import parts
from xl_kpi.lint.formulas import formulas
from xl_kpi.lint.indicators import figure_of
from xl_kpi.lint.lookups import Lookup, calls, tiers_of
from xl_kpi.lint.ranges import Ranges
from xl_kpi.names import Meaning, Names
from xl_kpi.scheme import Formula, Scheme

_COMPARED = ("<", "<=", ">", ">=", "=", "<>")


@dataclass(frozen=True, slots=True)
class Edge:
    """A figure that something is held against."""

    value: float
    unit: str  # of what is held against it; blank if it cannot be told
    node: Node  # what is held against it
    where: str


def edges(
    scheme: Scheme, names: Names, ranges: Ranges, uses: Sequence[Lookup]
) -> Iterator[Edge]:
    """Every edge: bounds of bands, targets and lines, tiers, figures compared in formulas."""
    rows = {id(c.bands): c.rows for c in scheme.curves.values() if c.bands is not None}
    for use in uses:
        mine = rows.get(id(use.bands))
        starts = use.bands.lower.tolist()
        for key, bounds in (("lower", starts), ("upper", use.bands.upper.tolist())):
            for n, bound in enumerate(bounds):
                if math.isfinite(bound) and (key == "lower" or bound not in starts):
                    where = mine[n].cell(key) if mine else use.where
                    yield Edge(bound, use.unit, use.node, where)
    for i in scheme.indicators:
        for formula in (i.target, i.bonus_line, i.penalty_line):
            line = figure_of(formula)
            if formula is not None and line is not None:
                metric = Name(i.metric)
                yield Edge(line, ranges.unit(metric), metric, formula.where)
    for formula, _, _ in formulas(scheme, names):
        for node, figure in _compared(formula.node):
            yield Edge(figure, ranges.unit(node), node, formula.where)
        for call in calls(formula.node):
            yield from _tiers(call, formula)


def _compared(node: Node) -> Iterator[tuple[Node, float]]:
    """What is compared with which figure."""
    if isinstance(node, Binary) and node.operator in _COMPARED:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            figure = figure_of(Formula(text="", node=other, where=""))
            if figure is not None:
                yield side, figure
    for part in parts(node):
        yield from _compared(part)


def _tiers(call: Call, formula: Formula) -> Iterator[Edge]:
    """The lines of tiers typed into a call: shares of the target."""
    for tiers in tiers_of(call):
        for start in tiers.start.tolist():
            yield Edge(start, "ratio", call, formula.where)


class Reach:
    """What the names of a formula stand on, through metrics and items.

    Not through scores: an edge of a score is no figure of a metric.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.scheme = names.scheme
        self._kept: dict[Meaning, frozenset[str]] = {}

    def of(self, node: Node) -> frozenset[str]:
        """Keys of counts and names of metrics that a formula stands on."""
        return frozenset().union(*(self._name(name) for name in names_in(node)))

    def _name(self, name: str) -> frozenset[str]:
        meaning = self.names.find(name)
        if meaning is None or meaning.previous:
            return frozenset()
        if meaning not in self._kept:
            self._kept[meaning] = frozenset()  # while it is looked for
            self._kept[meaning] = self._meaning(meaning)
        return self._kept[meaning]

    def _meaning(self, meaning: Meaning) -> frozenset[str]:
        scheme = self.scheme
        match meaning.kind:
            case "count":
                return frozenset({meaning.key})
            case "metric":
                formula = scheme.metrics[meaning.key].formula
                below = self.of(formula.node) if formula else frozenset()
                return below | {meaning.key}
            case "item":
                return self.of(next(i for i in scheme.pay_items if i.name == meaning.key).formula.node)
            case _:
                return frozenset()
