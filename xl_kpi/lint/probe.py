"""A scheme tried out: pay at and around every edge, on a made-up team.

Two things are looked for: an *income cliff*, where one yuan more sales or the smallest step of a
metric moves the pay by much, and pay that *falls* when results rise.  Everybody of the team differs
in one figure only, so one calculation answers for all edges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from xl_kpi.errors import KpiError, Problem
from xl_kpi.formula import FormulaError, names_in
from xl_kpi.lint.edges import Edge, Reach, edges
from xl_kpi.lint.formulas import used_metrics
from xl_kpi.lint.indicators import figure_of
from xl_kpi.lint.lookups import lookups, shown
from xl_kpi.lint.ranges import Ranges
from xl_kpi.lint.team import BEFORE, PERIOD, TARGET, approved, team
from xl_kpi.lint.weights import rater_curves, roles_of
from xl_kpi.names import Names
from xl_kpi.pipeline import Results, evaluate
from xl_kpi.rounding import Floats
from xl_kpi.scheme import Formula, Indicator, Scheme

SALES = "sales"
_USUAL = 1.05 * TARGET  # sales of those who differ in something else: on no edge
_GRID = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 3.0)
_MOST_SALES = 1e8  # yuan: no edge beyond it is reached
_STEP = 1e-6  # of a metric that is no whole number
_CLIFF_YUAN = 1.0  # pay that one yuan more sales may move
_CLIFF_SHARE = 0.01  # of the pay that the smallest step of a metric may move
_CENT = 0.015  # a fall below this is rounding
_ROUNDS, _PIECES = 6, 16  # an interval with a jump is cut in so many pieces, so many times
_MOST_INTERVALS = 100  # that are searched at once
_NEAR = {-1: "略低于 ", 0: "", 1: "略高于 "}


@dataclass(frozen=True, slots=True)
class _Axis:
    """One figure that is varied, from worst to best; nothing else changes along it."""

    key: str  # "sales", or a metric
    role: str
    values: tuple[float, ...]
    labels: tuple[str, ...]
    edges: Mapping[int, tuple[str, ...]]  # position → cells of the edges from it to the next
    unit: str = "yuan"
    whole: bool = False
    least: float = 0.0  # the smallest jump of the pay that is worth a note; 0 = as the pay says


@dataclass(frozen=True, slots=True)
class _Paid:
    """The pay along an axis, and the paid items that it is the sum of."""

    axis: _Axis
    pay: Floats
    items: Mapping[str, Floats]

    @property
    def least(self) -> float:
        """The smallest jump that is worth a note: a yuan for a yuan, or a part of the pay."""
        if self.axis.least or self.axis.key == SALES:
            return self.axis.least or _CLIFF_YUAN
        return max(_CLIFF_YUAN, _CLIFF_SHARE * float(np.abs(self.pay).max()))

    def jumps(self) -> Iterator[int]:
        """Where the pay rises from one position to the next by more than it usually does."""
        usual = _usual_changes(self.axis.values, self.pay)
        for n, change in enumerate(np.diff(self.pay).tolist()):
            if change - usual[n] > self.least:
                yield n

    def moved(self, n: int) -> dict[str, float]:
        """By how much each item changes from one position to the next."""
        return {name: float(figures[n + 1] - figures[n]) for name, figures in self.items.items()}


def probe(scheme: Scheme) -> list[Problem]:
    """Income cliffs and falls of pay; the scheme's formulas have no errors.

    Returns:
        Notes (cliffs) and warnings (falls) with the cell of the edge; one error if the scheme
        cannot be calculated at all.
    """
    try:
        return list(dict.fromkeys(_Probe(scheme).findings()))
    except KpiError as error:
        where = error.where if isinstance(error, FormulaError) else ""
        return [Problem(where or scheme.place, f"方案试算不出来：{error}", "改正公式里的参数")]


class _Probe:
    """A scheme on a team in which everybody stands alone."""

    def __init__(self, scheme: Scheme) -> None:
        names = Names(scheme)
        alone = tuple(_alone(indicator, names) for indicator in scheme.indicators)
        grading = replace(scheme.grading, group="department", small_team=None)
        self.scheme = replace(scheme, indicators=alone, grading=grading)
        self.names = Names(self.scheme)
        self.ranges = Ranges(self.names)
        self.reach = Reach(self.names)
        self.period = self.scheme.period(PERIOD)

    def findings(self) -> Iterator[Problem]:
        """Everything found on every axis."""
        if not any(item.paid and item.level == "person" for item in self.scheme.pay_items):
            return
        axes = list(self._axes())
        if not axes:
            return
        hidden = []
        for paid in self._paid(axes):
            yield from self._judge(paid)
            if not paid.axis.whole:
                unnamed = [n for n in paid.jumps() if n not in paid.axis.edges]
                hidden += [_finer(paid, n) for n in unnamed]
        yield from self._hidden(hidden)

    def _paid(self, axes: Sequence[_Axis]) -> Iterator[_Paid]:
        """The pay along each axis."""
        if not axes:
            return
        results = self._evaluate(axes)
        pay = np.nan_to_num(results.pay)
        items = {i.name: np.nan_to_num(results.items[i.name]) for i in results.paid_items}
        start = 0
        for axis in axes:
            part = slice(start, start + len(axis.values))
            yield _Paid(axis, pay[part], {name: figures[part] for name, figures in items.items()})
            start = part.stop

    def _hidden(self, intervals: Sequence[_Axis]) -> Iterator[Problem]:
        """Cliffs at edges that no row names, such as a score's: the interval made smaller."""
        for _ in range(_ROUNDS):
            narrower = []
            for paid in self._paid(intervals[:_MOST_INTERVALS]):
                for n in paid.jumps():
                    if abs(paid.axis.values[n + 1] - paid.axis.values[n]) <= _little(paid.axis):
                        yield self._cliff(paid, n, "")
                    else:
                        narrower.append(_finer(paid, n))
            intervals = narrower

    # --- what is varied ---------------------------------------------------------------------

    def _axes(self) -> Iterator[_Axis]:
        uses = lookups(self.scheme, self.names, self.ranges)
        found = [(edge, self.reach.of(edge.node))
                 for edge in edges(self.scheme, self.names, self.ranges, uses)]  # fmt: skip
        metrics = [m for m in used_metrics(self.scheme, self.names) if self._varies(m)]
        for role in self._roles():
            usual = self._usual(role, metrics)
            yield self._sales(role, [edge for edge, keys in found if SALES in keys])
            for metric in metrics:
                mine = [edge for edge, keys in found if metric in keys]
                axis = self._metric(role, metric, usual[metric], mine)
                if len(axis.values) > 1:
                    yield axis

    def _varies(self, metric: str) -> bool:
        """Whether it can be varied by itself; what stands on the sales is varied with them."""
        return SALES not in self.names.counts_of[metric]

    def _roles(self) -> Sequence[str]:
        named = roles_of([*self.scheme.indicators, *self.scheme.pay_items])
        return named or self.scheme.assessed_roles[:1] or [""]

    def _usual(self, role: str, metrics: Iterable[str]) -> dict[str, float]:
        """Each metric of somebody of the team of whom nothing is varied."""
        results = self._evaluate([_Axis(SALES, role, (_USUAL,), ("",), {})])
        return {m: float(results.figures.metric(m, "month")[0]) for m in metrics}

    def _sales(self, role: str, found: Sequence[Edge]) -> _Axis:
        at: dict[float, list[str]] = {}
        for edge in found:
            amounts = {"ratio": [edge.value * TARGET], "yuan": [edge.value]}.get(
                edge.unit, [edge.value * TARGET, edge.value]
            )
            for amount in amounts:
                if 0 < amount <= _MOST_SALES:
                    at.setdefault(round(amount, 2), []).append(edge.where)
        grid = [share * TARGET for share in _GRID]
        return _axis(SALES, role, at, grid, 1.0, lambda x, near: f"{x:,.12g} 元", "higher")

    def _metric(self, role: str, metric: str, usual: float, found: Sequence[Edge]) -> _Axis:
        definition = self.scheme.metrics[metric]
        limits = self.ranges.meaning(metric)
        better = next(
            (i.better for i in self.scheme.indicators if i.metric == metric and i.better),
            definition.better,
        )
        at: dict[float, list[str]] = {}
        for edge in found:
            if limits.low < edge.value <= limits.high:
                at.setdefault(edge.value, []).append(edge.where)
        most = max([*at, 0.0 if math.isnan(usual) else abs(usual)], default=0.0)
        if limits.whole:
            grid = [float(n) for n in range(11)] + [share * most for share in (0.5, 1.0, 1.5)]
            grid = [float(round(x)) for x in grid]
        else:
            top = limits.high if math.isfinite(limits.high) else 2 * most
            low = limits.low if math.isfinite(limits.low) else -most
            grid = np.linspace(low, top, 21).tolist() if top > low else []
        unit = definition.unit

        def label(value: float, near: int) -> str:
            return _NEAR[0 if limits.whole else near] + shown(value, unit)

        step = 1.0 if limits.whole else _STEP
        made = _axis(metric, role, at, grid, step, label, better,
                     low=limits.low, high=limits.high)  # fmt: skip
        return replace(made, unit=unit, whole=limits.whole)

    def _evaluate(self, axes: Sequence[_Axis]) -> Results:
        """One calculation for everybody on all axes."""
        people = [(axis, value) for axis in axes for value in axis.values]
        sales = np.array([value if axis.key == SALES else _USUAL for axis, value in people])
        curves = rater_curves(self.scheme, self.names)
        rated = {
            name: curves[name].keys if name in curves else ("",)
            for name in used_metrics(self.scheme, self.names)
            if self.scheme.metrics[name].source == "rating"
        }
        roles = [axis.role for axis, _ in people]
        tables = team(self.period, sales, roles, rated, self._scores(rated))
        varied = {n: (axis.key, value) for n, (axis, value) in enumerate(people) if axis.key != SALES}
        tables["calibrations"] = approved(tables["roster"], self.period, varied)
        return evaluate(tables, self.scheme, self.period.name)

    def _scores(self, rated: Iterable[str]) -> dict[str, float]:
        """Ratings a little below the target, where there is one."""
        targets = {i.metric: figure_of(i.target) for i in self.scheme.indicators}
        return {name: 0.95 * target for name in rated if (target := targets.get(name))}

    # --- what is found ----------------------------------------------------------------------

    def _judge(self, paid: _Paid) -> Iterator[Problem]:
        """Cliffs at the edges of an axis, and the deepest fall at each place."""
        axis, pay = paid.axis, paid.pay
        falls: dict[str, tuple[float, Problem]] = {}
        jumps = set(paid.jumps())
        for n, change in enumerate(np.diff(pay).tolist()):
            cells = "、".join(axis.edges.get(n, ()))
            if change < -_CENT:
                fall = self._fall(paid, n, cells)
                if fall.where not in falls or change < falls[fall.where][0]:
                    falls[fall.where] = change, fall
            elif cells and n in jumps:
                yield self._cliff(paid, n, cells)
        for _, problem in falls.values():
            yield problem

    def _cell(self, item: str) -> str:
        return next(i.formula.where for i in self.scheme.pay_items if i.name == item)

    def _whose(self, axis: _Axis) -> str:
        return f"（{axis.role}）" if len(self._roles()) > 1 else ""

    def _way(self, paid: _Paid, n: int) -> str:
        """From which figure to which, and from which pay to which."""
        axis, pay = paid.axis, paid.pay
        before, after = axis.labels[n], axis.labels[n + 1]
        if before == after:  # two figures that look the same
            before = _NEAR[-1 if axis.values[n] < axis.values[n + 1] else 1] + after
        target = ""
        if axis.key == SALES:
            target = f"（任务 {TARGET:,.0f} 元，上月 {BEFORE:,.0f} 元）"
        return f"从 {before} 到 {after}{target}，工资从 {pay[n]:,.2f} 变成 {pay[n + 1]:,.2f} 元"

    def _cliff(self, paid: _Paid, n: int, cells: str) -> Problem:
        axis, moved = paid.axis, paid.moved(n)
        item = max(moved, key=lambda name: moved[name])
        jump = f"{paid.pay[n + 1] - paid.pay[n]:,.2f}"
        what = "销售额" if axis.key == SALES else f"“{axis.key}”"
        step = f"多卖 1 元多拿 {jump} 元" if axis.key == SALES else f"一步之差 {jump} 元"
        return Problem(
            cells or self._cell(item),
            f"收入台阶{self._whose(axis)}：{what}{self._way(paid, n)}，{step}，主要是“{item}”",
            "有意设的台阶不必处理；要平缓些，就加一档，或只让超过的部分用高一档的值", "note",
        )  # fmt: skip

    def _fall(self, paid: _Paid, n: int, cells: str) -> Problem:
        axis, moved = paid.axis, paid.moved(n)
        item = min(moved, key=lambda name: moved[name])
        what = "销售额" if axis.key == SALES else f"“{axis.key}”"
        less = f"{paid.pay[n] - paid.pay[n + 1]:,.2f}"
        return Problem(
            cells or self._cell(item),
            f"{what}更好，工资反而更少{self._whose(axis)}：{self._way(paid, n)}，少 {less} 元，主要是“{item}”",
            "改这里的值、目标或公式，使结果越好工资不会越少", "warning",
        )  # fmt: skip


def _alone(indicator: Indicator, names: Names) -> Indicator:
    """An indicator of somebody who is compared with nobody: first of a group of one."""

    def own(formula: Formula | None) -> Formula | None:
        words = names_in(formula.node) if formula else ()
        found = [names.find(word) for word in words]
        others = any(
            m is not None and (m.kind == "benchmark" or (m.kind == "here" and m.key != "value"))
            for m in found
        )
        return None if others else formula

    return replace(
        indicator, group="department", bonus_line=own(indicator.bonus_line),
        penalty_line=own(indicator.penalty_line),
    )  # fmt: skip


def _little(axis: _Axis) -> float:
    """The width at which an edge is found: one yuan, or the smallest step of a metric."""
    return 1.0 if axis.key == SALES else max(_STEP, max(map(abs, axis.values)) * _STEP)


def _finer(paid: _Paid, n: int) -> _Axis:
    """An interval of an axis in pieces, of whole yuan in the end."""
    axis = paid.axis
    start, end = axis.values[n], axis.values[n + 1]
    values = np.linspace(start, end, _PIECES + 1).tolist()
    if axis.key == SALES and end - start <= _PIECES:
        values = np.arange(math.floor(start), math.ceil(end) + 1.0).tolist()
    if axis.key == SALES:
        labels = [f"{value:,.12g} 元" for value in values]
    else:
        labels = [shown(float(f"{value:.5g}"), axis.unit) for value in values]
    return replace(axis, values=tuple(values), labels=tuple(labels), edges={}, least=paid.least)


def _usual_changes(values: Sequence[float], pay: Floats) -> list[float]:
    """What each step would change the pay by if there were no edge: the flattest slope nearby."""
    wide = np.abs(np.diff(values))
    slopes = np.abs(np.diff(pay)) / wide
    around = [np.delete(slopes[max(0, n - 2) : n + 3], min(n, 2)) for n in range(len(wide))]
    return [
        float(near.min(initial=math.inf)) * step if near.size else 0.0
        for near, step in zip(around, wide.tolist(), strict=True)
    ]


def _axis(
    key: str, role: str, at: Mapping[float, Sequence[str]], grid: Iterable[float], step: float,
    label: Callable[[float, int], str], better: str, *, low: float = 0.0, high: float = math.inf,
) -> _Axis:  # fmt: skip
    """The points of an axis: its grid, each edge and one step to both sides, worst first."""
    points = {float(value): label(float(value), 0) for value in grid if low <= value <= high}
    steps: dict[tuple[float, float], list[str]] = {}
    for edge, cells in at.items():
        little = max(step, abs(edge) * _STEP * _STEP**0.5) if step < 1 else step
        below, above = edge - little, edge + little
        for side, value in ((-1, below), (1, above)):
            if low <= value <= high:
                points.setdefault(value, label(value if step >= 1 else edge, side))
                steps.setdefault((min(edge, value), max(edge, value)), []).extend(cells)
        points[edge] = label(edge, 0)
    values = sorted(points, reverse=better == "lower")
    found = {
        n: tuple(dict.fromkeys(steps[pair]))
        for n, (a, b) in enumerate(pairwise(values))
        if (pair := (min(a, b), max(a, b))) in steps
    }
    return _Axis(key, role, tuple(values), tuple(points[v] for v in values), found)
