"""Stage 2: the scheme's indicators scored, one figure per person and cycle."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xl_kpi.benchmarks import benchmark
from xl_kpi.figures import Figures
from xl_kpi.formula import Scope, Value
from xl_kpi.rounding import Codes, Floats
from xl_kpi.scheme import Formula, Indicator, Scheme
from xl_kpi.scoring import (
    alert_level,
    event_points,
    linear,
    penalty,
    places,
    rank_points,
    short,
    step_bands,
    threshold,
)


@dataclass(frozen=True, eq=False)
class Scored:
    """An indicator of everybody: arrays of person × cycle, points NaN where not scored.

    ``figures`` are those of its own period: of the month, or of the quarter or year that ends
    with it; of a month that ends none it has no values (``due``).
    """

    figures: Figures
    indicator: Indicator
    better: str
    cycles: int
    due: bool
    judged: NDArray[np.bool_]  # whom it is about: the assessed of its roles
    value: Floats
    counted: Floats  # the value where it takes part in ranks
    sample: Floats | None
    enough: Floats  # 1 where the sample reaches the minimum
    target: Floats | None
    pass_line: Floats | None
    bonus_line: Floats | None
    penalty_line: Floats | None
    condition: Floats | None
    points: Floats
    alert: Floats | None

    @property
    def group_average(self) -> Floats:
        """The metric of each row's group."""
        i = self.indicator
        return self.figures.group_average(i.metric, within(i.cycle), i.group, i.roles)

    @property
    def line(self) -> Floats | None:
        """What has to be reached so as not to have missed it: the pass line, else the target."""
        return self.target if self.pass_line is None else self.pass_line

    @functools.cached_property
    def place(self) -> Floats:
        """The place in the group."""
        groups = self.figures.group_codes(self.indicator.group, within(self.indicator.cycle))
        return places(self.counted, groups, better=self.better, ties="all")

    def monthly(self, values: Floats) -> Floats:
        """One figure per person: the cycles' points added, missing if all are."""
        if self.cycles == 1:
            return values
        cycles = np.ascontiguousarray(values.reshape(-1, self.cycles).T)
        missing = np.isnan(cycles).all(axis=0)
        return np.where(missing, np.nan, np.nansum(cycles, axis=0))


def within(cycle: str) -> str:
    """The cycle inside an indicator's own period: a quarter has one figure, as a month has."""
    return "week" if cycle == "week" else "month"


def compute_scores(figures: Figures, known: Mapping[str, Scored]) -> dict[str, Scored]:
    """Every indicator of the scheme, in its order; those known are not scored again."""
    return {i.name: known.get(i.name) or _score(figures, i) for i in figures.scheme.indicators}


def _score(figures: Figures, indicator: Indicator) -> Scored:
    due = figures.period.ends(indicator.cycle)
    figures = figures.spanning(indicator.cycle)
    scheme, cycle = figures.scheme, within(indicator.cycle)
    metric = scheme.metrics[indicator.metric]
    better = indicator.better or metric.better
    cycles = figures.cycles(cycle)
    rows = figures.people.count * cycles
    judged = figures.assessed(cycle, indicator.roles) & due
    raw = _values(figures, indicator, cycle) if due else np.full(rows, np.nan)
    groups = figures.group_codes(indicator.group, cycle)
    scope = Scope(lambda name: named_value(figures, indicator, raw, name), rows, groups)

    def figure(formula: Formula | None) -> Floats | None:
        return None if formula is None else formula.column(scope)

    sample = figures.value(metric.sample, cycle) if metric.sample else None
    enough = np.broadcast_to(np.float64(1.0), rows)
    if indicator.minimum_sample is not None and sample is not None:
        enough = (np.nan_to_num(sample) >= indicator.minimum_sample).astype(np.float64)
    counted = np.where((enough > 0) & judged, raw, np.nan)
    target, condition = figure(indicator.target), figure(indicator.condition)
    bonus_line, penalty_line = figure(indicator.bonus_line), figure(indicator.penalty_line)
    alert_line, pass_line = figure(indicator.alert_line), figure(indicator.pass_line)

    inputs = _Inputs(
        scheme, indicator, better, counted, groups, target, bonus_line, penalty_line
    )
    points = SCORERS[indicator.rule](inputs)
    if condition is not None:
        points = np.where((condition > 0) | np.isnan(points), points, 0.0)
    points = _missing(indicator, points, judged)
    return Scored(
        figures=figures, indicator=indicator, better=better, cycles=cycles, due=due,
        judged=judged, value=raw,
        counted=counted, sample=sample, enough=enough, target=target, pass_line=pass_line, bonus_line=bonus_line,
        penalty_line=penalty_line, condition=condition, points=points,
        alert=None if alert_line is None or target is None
        else alert_level(counted, target, alert_line, better=better),
    )  # fmt: skip


def named_value(figures: Figures, indicator: Indicator, raw: Floats, name: str) -> Value:
    """What a name means in an indicator's lines; ``raw`` are the indicator's own values."""
    cycle, metric, group = within(indicator.cycle), indicator.metric, indicator.group
    reference, roles = indicator.reference, indicator.roles
    meaning = figures.names.find(name)
    if meaning is not None and meaning.kind == "benchmark":
        return np.repeat(benchmark(figures, metric, meaning.key), figures.cycles(cycle))
    if meaning is None or meaning.kind != "here":
        return figures.value(name, cycle, reference=reference)
    if meaning.key == "value":
        return raw
    if meaning.key == "group_average":
        return figures.group_average(metric, cycle, group, roles)
    return figures.previous_group_average(metric, cycle, group, reference, roles)


def _values(figures: Figures, indicator: Indicator, cycle: str) -> Floats:
    """The metric of everybody whose role the indicator is about."""
    values = figures.metric(indicator.metric, cycle)
    if not indicator.roles:
        return values
    theirs = np.repeat(figures.people.has_role(indicator.roles), figures.cycles(cycle))
    return np.where(theirs, values, np.nan)


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a scoring rule may look at."""

    scheme: Scheme
    indicator: Indicator
    better: str
    value: Floats
    groups: Codes
    target: Floats | None
    bonus_line: Floats | None
    penalty_line: Floats | None


def _number(value: float | None) -> float:
    return 0.0 if value is None else value


def _nothing(inputs: _Inputs) -> Floats:
    return np.full(inputs.value.shape, np.nan)


def _target(inputs: _Inputs) -> Floats:
    return _nothing(inputs) if inputs.target is None else inputs.target


def _linear(x: _Inputs) -> Floats:
    i = x.indicator
    full = _number(i.full)
    return linear(
        x.value, _target(x), full=full, better=x.better, floor=_number(i.floor),
        cap=full if i.cap is None else i.cap,
    )  # fmt: skip


def _threshold(x: _Inputs) -> Floats:
    i = x.indicator
    return threshold(
        x.value, _target(x), full=_number(i.full), miss=_number(i.miss), better=x.better,
        strict=i.strict,
    )  # fmt: skip


def _bands(x: _Inputs) -> Floats:
    curve = x.scheme.curves[x.indicator.curve or ""]
    return _nothing(x) if curve.bands is None else step_bands(x.value, bands=curve.bands)


def _penalty(x: _Inputs) -> Floats:
    line = _nothing(x) if x.penalty_line is None else x.penalty_line
    return penalty(x.value, line, points=_number(x.indicator.below), better=x.better)


def _rank(x: _Inputs) -> Floats:
    i = x.indicator
    return rank_points(
        x.value, x.groups, points=np.array(i.rank_points), below=_number(i.below),
        better=x.better, bonus_line=x.bonus_line, penalty_line=x.penalty_line, ties=i.ties,
    )  # fmt: skip


def _events(x: _Inputs) -> Floats:
    i = x.indicator
    return event_points(
        x.value, per_count=i.per_count, when_zero=i.when_zero, floor=i.floor, cap=i.cap
    )


SCORERS: Mapping[str, Callable[[_Inputs], Floats]] = {
    "R01": _linear,
    "R02": _threshold,
    "R03": _bands,
    "R04": _penalty,
    "R05": _rank,
    "R09": _events,
    "none": _nothing,
}


def _missing(indicator: Indicator, points: Floats, judged: NDArray[np.bool_]) -> Floats:
    """What a missing value earns: nothing yet (``skip``, ``error``), 0, or full marks (C3)."""
    if indicator.if_missing in ("skip", "error"):
        return points
    earned = 0.0 if indicator.if_missing == "zero" else _number(indicator.full)
    return np.where(np.isnan(points) & judged, earned, points)


def behind(one: Scored) -> NDArray[np.bool_]:
    """Who misses the pass line or target of an indicator, in any of its cycles.

    A sample that is too small is as if there were no value (C10).
    """
    people = len(one.value) // one.cycles
    if one.line is None:
        return np.zeros(people, bool)
    strict = one.indicator.strict and one.pass_line is None
    late = short(one.value, one.line, one.better, strict=strict) & (one.enough > 0)
    return np.asarray(late.reshape(people, one.cycles).any(axis=1))


def missed_targets(scored: Mapping[str, Scored]) -> Floats:
    """How many indicators each person misses the target of."""
    total = np.sum([behind(one) for one in scored.values()], axis=0)
    return np.asarray(total, dtype=np.float64)


def missed_names(scored: Mapping[str, Scored], people: int) -> tuple[list[list[str]], ...]:
    """For each person, the indicators that meet their target and those that miss it."""
    met: list[list[str]] = [[] for _ in range(people)]
    missed: list[list[str]] = [[] for _ in range(people)]
    for name, one in scored.items():
        if one.line is None:
            continue
        unknown = np.isnan(one.value) | np.isnan(one.line) | (one.enough == 0)
        known = ~unknown.reshape(people, one.cycles).any(axis=1)
        late = behind(one)
        for row in np.flatnonzero(known):
            (missed if late[row] else met)[row].append(name)
    return met, missed
