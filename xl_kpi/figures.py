"""Stage 1: counts → metrics, per person, group and department, week and month (C3, C5, C6).

Arrays of a cycle hold one figure per person and week, flat: row = person × weeks + week.  A month
is a cycle of one.  Everything is computed when it is first asked for, and kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.formula import Scope, Value, column, evaluate, names_in
from xl_kpi.names import Meaning, Names
from xl_kpi.people import People, people_of
from xl_kpi.period import Period
from xl_kpi.rounding import Codes, Floats, group_sum, spread
from xl_kpi.tables import ROSTER, TARGETS

Tables = Mapping[str, pd.DataFrame]


class Figures:
    """What the tables say of one period: counts, metrics and group figures."""

    def __init__(self, tables: Tables, people: People, period: Period, names: Names) -> None:
        self.tables = tables
        self.people = people
        self.period = period
        self.names = names
        self.scheme = names.scheme
        self._kept: dict[tuple[Any, ...], Any] = {}

    @functools.cached_property
    def previous(self) -> Figures:
        """The same people in the period before."""
        return Figures(self.tables, self.people, self.period.previous(), self.names)

    def cycles(self, cycle: str) -> int:
        """How many cycles of this kind the period has."""
        return self.period.week_count if cycle == "week" else 1

    # --- counts -----------------------------------------------------------------------------

    @functools.cached_property
    def _person_index(self) -> pd.Index[str]:
        return pd.Index(self.people.ids)

    def dated_rows(self, key: str) -> tuple[pd.DataFrame, Codes, NDArray[np.intp]]:
        """A dated table's rows of the period's people: frame, person and week of each row."""
        if ("rows", key) not in self._kept:
            frame = self.tables[key]
            person = self._person_index.get_indexer(pd.Index(frame["person_id"])).astype(np.intp)
            dates = frame["date"].to_numpy("datetime64[D]")
            inside = self.period.holds(dates) & (person >= 0)
            week = self.period.week_of(dates)
            if self.period.weeks == "iso":
                inside = (week >= 0) & (person >= 0)
            self._kept["rows", key] = (frame[inside], person[inside], week[inside])
        rows: tuple[pd.DataFrame, Codes, NDArray[np.intp]] = self._kept["rows", key]
        return rows

    def count(self, key: str, cycle: str) -> Floats:
        """Sum of a count per person and cycle; missing where no row has it."""
        kept = ("count", key, cycle)
        if kept not in self._kept:
            frame, person, week = self.dated_rows("counts")
            self._kept[kept] = self._sums(frame, key, person, week, cycle)
        counts: Floats = self._kept[kept]
        return counts

    def _sums(
        self, frame: pd.DataFrame, key: str, person: Codes, week: Codes, cycle: str
    ) -> Floats:
        cycles = self.cycles(cycle)
        size = self.people.count * cycles
        if key not in frame:
            return np.full(size, np.nan)
        values = frame[key].to_numpy(np.float64)
        codes = person if cycles == 1 else np.where(week >= 0, person * cycles + week, -1)
        present = np.bincount(codes[~np.isnan(values) & (codes >= 0)], minlength=size)
        return np.where(present > 0, group_sum(values, codes, size), np.nan)

    def event(self, kind: str, cycle: str) -> Floats:
        """How often an event happened, times its points where it has any; 0 if never."""
        frame, person, week = self.dated_rows("events")
        mine = (frame["event"] == kind).to_numpy(dtype=bool)
        times = frame["times"].fillna(1.0).to_numpy(np.float64)
        points = frame["points"].fillna(1.0).to_numpy(np.float64)
        cycles = self.cycles(cycle)
        codes = np.where(mine, person if cycles == 1 else person * cycles + week, -1)
        return group_sum(times * points, codes, self.people.count * cycles)

    def ratings(self, item: str, keys: tuple[str, ...]) -> Floats:
        """Mean score of each rater group (columns, in the order of the keys) per person."""
        frame = self.tables["ratings"]
        mine = frame[(frame["item"] == item) & (frame["period"] == self.period.name)]
        person = self._person_index.get_indexer(pd.Index(mine["person_id"]))
        group = pd.Index(keys).get_indexer(pd.Index(mine["rater_group"]))
        known = (person >= 0) & (group >= 0)
        size = self.people.count * len(keys)
        codes = np.where(known, person * len(keys) + group, -1).astype(np.intp)
        scores = mine["score"].to_numpy(np.float64)
        total = group_sum(scores, codes, size)
        count = group_sum(np.where(np.isnan(scores), np.nan, 1.0), codes, size)
        return _ratio(total, count).reshape(self.people.count, len(keys))

    def target(self, key: str) -> Floats:
        """A figure of the 目标 table per person."""
        frame = self.tables["targets"]
        mine = frame[frame["period"] == self.period.name]
        person = self._person_index.get_indexer(pd.Index(mine["person_id"]))
        out = np.full(self.people.count, np.nan)
        out[person[person >= 0]] = mine[key].to_numpy(np.float64)[person >= 0]
        return out

    def shop(self, key: str, cycle: str) -> Floats:
        """A figure of each person's shop per cycle."""
        frame = self.tables["shops"]
        dates = frame["date"].to_numpy("datetime64[D]")
        shops = self.people.groups["shop"]
        code = pd.Index(shops.labels).get_indexer(pd.Index(frame["shop"])).astype(np.intp)
        cycles = self.cycles(cycle)
        week = self.period.week_of(dates) if cycles > 1 else np.zeros(len(frame), np.intp)
        inside = self.period.holds(dates) & (code >= 0) & (week >= 0)
        codes = np.where(inside, code * cycles + week, -1)
        values = frame[key].to_numpy(np.float64)
        size = len(shops.labels) * cycles
        present = np.bincount(codes[~np.isnan(values) & (codes >= 0)], minlength=size)
        figures = np.where(present > 0, group_sum(values, codes, size), np.nan)
        return spread(figures, self.group_codes("shop", cycle))

    def department(self, key: str) -> Floats:
        """A figure of the 部门数据 table per department."""
        frame = self.tables["departments"]
        mine = frame[frame["period"] == self.period.name]
        labels = self.people.groups["department"].labels
        code = pd.Index(labels).get_indexer(pd.Index(mine["department"]))
        out = np.full(len(labels), np.nan)
        out[code[code >= 0]] = mine[key].to_numpy(np.float64)[code >= 0]
        return out

    # --- groups -----------------------------------------------------------------------------

    def group_codes(self, kind: str, cycle: str) -> Codes:
        """Group × cycle of each row of a cycle."""
        codes = self.people.groups[kind].codes
        cycles = self.cycles(cycle)
        if cycles == 1:
            return codes
        wide = codes[:, None] * cycles + np.arange(cycles)
        return np.where(codes[:, None] >= 0, wide, -1).ravel()

    def assessed(self, cycle: str) -> NDArray[np.bool_]:
        """Who counts, for each row of a cycle."""
        return np.repeat(self.people.assessed, self.cycles(cycle))

    # --- metrics ----------------------------------------------------------------------------

    def metric(self, name: str, cycle: str) -> Floats:
        """A metric per person and cycle."""
        kept = ("metric", name, cycle)
        if kept not in self._kept:
            rows = self.people.count * self.cycles(cycle)
            definition = self.scheme.metrics[name]
            if definition.source == "event":
                self._kept[kept] = self.event(name, cycle)
            elif definition.formula is None:
                matrix = self._rating_matrix(name)
                given = (~np.isnan(matrix)).sum(axis=1).astype(np.float64)
                self._kept[kept] = _ratio(np.nansum(matrix, axis=1), given)
            else:
                scope = Scope(lambda n: self.value(n, cycle, rated=name), rows)
                self._kept[kept] = column(evaluate(definition.formula.node, scope), rows)
        values: Floats = self._kept[kept]
        return values

    def _rating_matrix(self, metric: str) -> Floats:
        formula = self.scheme.metrics[metric].formula
        for name in names_in(formula.node) if formula else ():
            curve = self.scheme.curves.get(name)
            if curve is not None and curve.keys:
                return self.ratings(metric, curve.keys)
        frame = self.tables["ratings"]
        groups = frame.loc[frame["item"] == metric, "rater_group"].dropna().unique()
        return self.ratings(metric, tuple(sorted(groups)) or ("",))

    def group_metric(self, name: str, cycle: str, kind: str, average: str | None = None) -> Floats:
        """A metric of each group and cycle over its assessed people.

        The ratio of the summed counts (of people who have them all), or the mean of the people's
        own values, as the metric says.
        """
        how = average or self.scheme.metrics[name].average
        kept = ("group", name, cycle, kind, how)
        if kept not in self._kept:
            codes = np.where(self.assessed(cycle), self.group_codes(kind, cycle), -1)
            size = len(self.people.groups[kind].labels) * self.cycles(cycle)
            definition = self.scheme.metrics[name]
            if how == "mean_of_people" or definition.formula is None:
                self._kept[kept] = _means(self.metric(name, cycle), codes, size)
            else:
                codes = np.where(self._complete(name, cycle), codes, -1)
                scope = Scope(lambda n: self._group_value(n, cycle, kind, codes, size), size)
                value = column(evaluate(definition.formula.node, scope), size)
                anybody = np.bincount(codes[codes >= 0], minlength=size) > 0
                self._kept[kept] = np.where(anybody, value, np.nan)
        figures: Floats = self._kept[kept]
        return figures

    def previous_group_metric(self, name: str, kind: str, average: str | None = None) -> Floats:
        """A metric of each of today's groups over the people it assessed in the period before."""
        then = self._previous_people
        figures = then.group_metric(name, "month", kind, average)
        by_label = dict(zip(then.people.groups[kind].labels, figures.tolist(), strict=True))
        labels = self.people.groups[kind].labels
        return np.array([by_label.get(label, np.nan) for label in labels], dtype=np.float64)

    @functools.cached_property
    def _previous_people(self) -> Figures:
        """The period before with the people it had."""
        before = self.period.previous()
        people = people_of(self.tables["roster"], before, self.scheme.assessed_roles)
        return Figures(self.tables, people, before, self.names)

    def _complete(self, metric: str, cycle: str) -> NDArray[np.bool_]:
        complete = np.ones(self.people.count * self.cycles(cycle), bool)
        for key in self.names.counts_of[metric]:
            values = self.target(key) if self._is_target(key) else self.count(key, cycle)
            complete &= ~np.isnan(_over_cycles(values, complete.size))
        return complete

    def _is_target(self, key: str) -> bool:
        return any(c.key == key for c in TARGETS.columns)

    def _group_value(self, name: str, cycle: str, kind: str, codes: Codes, size: int) -> Value:
        meaning = self._meaning(name)
        if meaning.previous and meaning.kind == "metric":
            figures = self.previous_group_metric(meaning.key, kind)
            return np.repeat(figures, self.cycles(cycle))
        if meaning.kind == "metric":
            return self.group_metric(meaning.key, cycle, kind)
        if meaning.kind in ("count", "target"):
            rows = self.people.count * self.cycles(cycle)
            return group_sum(_over_cycles(self._plain(meaning, cycle), rows), codes, size)
        return self.value(name, cycle)

    # --- names ------------------------------------------------------------------------------

    def _meaning(self, name: str) -> Meaning:
        meaning = self.names.find(name)
        if meaning is None:  # the linter has refused such a scheme
            raise KeyError(name)
        return meaning

    def _plain(self, meaning: Meaning, cycle: str) -> Floats:
        if meaning.kind == "count":
            return self.count(meaning.key, cycle)
        if meaning.kind == "target":
            return self.target(meaning.key)
        return self.metric(meaning.key, cycle)

    def value(self, name: str, cycle: str = "month", rated: str = "") -> Value:
        """What a name means for each person and cycle."""
        meaning = self._meaning(name)
        rows = self.people.count * self.cycles(cycle)
        if meaning.previous:
            return _over_cycles(self.previous._plain(meaning, "month"), rows)
        if meaning.kind in ("count", "metric", "target"):
            return _over_cycles(self._plain(meaning, cycle), rows)
        return self._other[meaning.kind](meaning, cycle, rows, rated)

    @functools.cached_property
    def _other(self) -> Mapping[str, Callable[[Meaning, str, int, str], Value]]:
        return {
            "roster": lambda m, cycle, rows, rated: _over_cycles(self._roster(m.key), rows),
            "shop": lambda m, cycle, rows, rated: self.shop(m.key, cycle),
            "day": lambda m, cycle, rows, rated: _over_cycles(self.day(m.key), rows),
            "curve": lambda m, cycle, rows, rated: self.curve(m.key),
            "rating": lambda m, cycle, rows, rated: self._rating_matrix(rated),
        }

    def _roster(self, key: str) -> Value:
        values = self.people.roster[key]
        kind = ROSTER.column(key).kind
        if kind == "date":
            return date_serials(values)
        if kind == "number":
            return values.to_numpy(np.float64)
        return values.where(values.notna(), None).to_numpy(dtype=object)

    def day(self, key: str) -> Value:
        """A figure of the calendar: the period's bounds as Excel dates, or the tenure."""
        if key == "tenure_months":
            return self.people.tenure_months(self.period.end)
        day = self.period.start if key == "period_start" else self.period.end
        return float(date_serials(pd.Series([pd.Timestamp(day)]))[0])

    def curve(self, key: str) -> Value:
        """A curve of the scheme: its bands, or its values by key."""
        curve = self.scheme.curves[key]
        return curve.bands if curve.bands is not None else [curve.values.tolist()]

    def department_value(self, meaning: Meaning) -> Floats:
        """A metric or table figure of each department."""
        if meaning.kind == "metric":
            if meaning.previous:
                return self.previous_group_metric(meaning.key, "department")
            return self.group_metric(meaning.key, "month", "department")
        return (self.previous if meaning.previous else self).department(meaning.key)


def date_serials(dates: pd.Series) -> Floats:
    """Dates as Excel counts them; missing where blank."""
    days = pd.to_datetime(dates) - pd.Timestamp("1899-12-30")
    return np.asarray(days / pd.Timedelta(days=1), dtype=np.float64)


def _over_cycles(values: Any, rows: int) -> Any:
    """Figures of a month on each of its cycles."""
    if not isinstance(values, np.ndarray) or len(values) == rows or values.size == 0:
        return values
    return np.repeat(values, rows // len(values))


def _means(values: Floats, codes: Codes, size: int) -> Floats:
    count = group_sum(np.where(np.isnan(values), np.nan, 1.0), codes, size)
    return _ratio(group_sum(values, codes, size), count)


def _ratio(total: Floats, count: Floats) -> Floats:
    means = np.full(total.shape, np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means


