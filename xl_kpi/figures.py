"""Stage 1: counts → metrics, per person and group, week and month (C3, C5, C6).

Arrays of a cycle hold one figure per person and week, flat: row = person × weeks + week.  A month
is a cycle of one; so is a quarter or a year, whose figures are those of a longer period
(``Figures.spanning``).  Everything is computed when it is first asked for, and kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.arguments import DAY_ZERO
from xl_kpi.calibration import approved_counts, approved_metric
from xl_kpi.catalogue import Keyed
from xl_kpi.formula import Scope, Value, names_in
from xl_kpi.names import Meaning, Names
from xl_kpi.past import Past
from xl_kpi.people import People, people_of
from xl_kpi.period import Period
from xl_kpi.records import Records
from xl_kpi.rounding import Codes, Floats, group_sum, spread
from xl_kpi.scheme import Scheme
from xl_kpi.tables import ROSTER, TARGETS


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's rows of a period and its people: their numbers, and person and week of each."""

    numbers: NDArray[np.intp]
    person: Codes
    week: Codes


class Figures:
    """What the tables say of one period: counts, metrics and group figures."""

    def __init__(self, records: Records, people: People, period: Period, names: Names) -> None:
        self.records = records
        self.people = people
        self.period = period
        self.names = names
        self.scheme = names.scheme
        self._kept: dict[tuple[Any, ...], Any] = {}  # what the tables say
        self._measured: dict[tuple[Any, ...], Any] = {}  # what the metric library makes of it
        self._others: dict[tuple[str, Period], Figures] = {}  # of other periods
        self._like: Figures | None = None

    def with_names(self, names: Names) -> Figures:
        """The same people and period under another scheme that assesses the same roles.

        What was looked up is shared, both ways; so are the metrics, if both mean the same by them.
        """
        figures = Figures(self.records, self.people, self.period, names)
        figures._like, figures._kept = self, self._kept
        if same_metrics(self.scheme, names.scheme):
            figures._measured = self._measured
        return figures

    def shares_metrics(self, other: Figures) -> bool:
        """Whether both mean the same by every metric, and have looked it up together."""
        return self._measured is other._measured

    @functools.cached_property
    def previous(self) -> Figures:
        """The same people in the period before."""
        return self._of(self.period.previous())

    @property
    def past(self) -> Past:
        """What the 历史 table says of these people."""
        if ("past",) not in self._kept:
            self._kept["past",] = Past(self.records, self.people, self.period)
        past: Past = self._kept["past",]
        return past

    def _of(self, period: Period) -> Figures:
        """The same people in another period."""
        if ("of", period) not in self._others:
            if self._like is not None:
                self._others["of", period] = self._like._of(period).with_names(self.names)
            else:
                self._others["of", period] = Figures(self.records, self.people, period, self.names)
        return self._others["of", period]

    def spanning(self, cycle: str) -> Figures:
        """The figures of the quarter or year that ends with this month; a month's are its own."""
        period = self.period.spanning(cycle)
        return self if period == self.period else self._of(period)

    def of_month(self, name: str) -> Figures:
        """The same people in a month."""
        return self._of(self.period.month(name))

    def reference(self, month: str | None) -> Figures:
        """What ``上期`` means: the period before, or a month that the scheme names instead."""
        return self.previous if month is None else self.of_month(month)

    def cycles(self, cycle: str) -> int:
        """How many cycles of this kind the period has."""
        return self.period.week_count if cycle == "week" else 1

    # --- counts -----------------------------------------------------------------------------

    def rows(self, table: str) -> Rows:
        """The rows of a dated table that lie in the period and are of its people."""
        if ("rows", table) not in self._kept:
            days = self.records.days(table)
            person = self.people.position[self.records.owners(table)]
            in_weeks = self.period.weeks == "iso"
            inside = self.period.week_of(days) >= 0 if in_weeks else self.period.holds(days)
            numbers = np.flatnonzero(inside & (person >= 0))
            week = self.period.week_of(days[numbers])
            self._kept["rows", table] = Rows(numbers, person[numbers], week)
        rows: Rows = self._kept["rows", table]
        return rows

    def _cells(self, table: str, cycle: str) -> Codes:
        """Person × cycle of each of these rows."""
        if ("cells", table, cycle) not in self._kept:
            rows, cycles = self.rows(table), self.cycles(cycle)
            cells = rows.person if cycles == 1 else rows.person * cycles + rows.week
            self._kept["cells", table, cycle] = cells
        kept: Codes = self._kept["cells", table, cycle]
        return kept

    def count(self, key: str, cycle: str) -> Floats:
        """Sum of a count per person and cycle, as approved; missing where no row has it."""
        kept = ("count", key, cycle)
        if kept not in self._kept:
            self._kept[kept] = approved_counts(self, key, cycle)
        counts: Floats = self._kept[kept]
        return counts

    def counted(self, key: str, cycle: str) -> Floats:
        """Sum of a count per person and cycle, before any calibration (R46)."""
        values, numbers = self.records.numbers("counts", key), self.rows("counts").numbers
        if len(numbers) < len(values):
            values = values[numbers]
        size = self.people.count * self.cycles(cycle)
        return group_sum(values, self._cells("counts", cycle), size, empty=np.nan)

    def event(self, kind: str, cycle: str) -> Floats:
        """How often an event happened, times its points where it has any; 0 if never."""
        numbers = self.rows("events").numbers
        mine = self.records.holds("events", "event", kind)[numbers]
        times, points = (
            np.nan_to_num(self.records.numbers("events", key)[numbers[mine]], nan=1.0)
            for key in ("times", "points")
        )
        size = self.people.count * self.cycles(cycle)
        return group_sum(times * points, self._cells("events", cycle)[mine], size)

    def ratings(self, item: str, keys: tuple[str, ...]) -> Floats:
        """Mean score of each rater group (columns, in the order of the keys) per person."""
        records = self.records
        mine = records.holds("ratings", "item", item) & self.of_period("ratings")
        person = self.people.position[records.owners("ratings")]
        codes = np.full(len(mine), -1, dtype=np.intp)
        for place, key in enumerate(keys):
            raters = mine & records.holds("ratings", "rater_group", key) & (person >= 0)
            codes[raters] = person[raters] * len(keys) + place
        means = _means(records.numbers("ratings", "score"), codes, self.people.count * len(keys))
        return means.reshape(self.people.count, len(keys))

    def target(self, key: str) -> Floats:
        """A figure of the 目标 table per person."""
        if ("target", key) not in self._kept:
            person = self.people.position[self.records.owners("targets")]
            codes = np.where(self.of_period("targets"), person, -1)
            values = self.records.numbers("targets", key)
            self._kept["target", key] = group_sum(values, codes, self.people.count, empty=np.nan)
        kept: Floats = self._kept["target", key]
        return kept

    def of_period(self, table: str) -> NDArray[np.bool_]:
        """Which rows of a table that names its months are of this period."""
        mine = [self.records.holds(table, "period", name) for name in self.period.month_names]
        return np.asarray(np.any(mine, axis=0))

    def shop(self, key: str, cycle: str) -> Floats:
        """A figure of each person's shop per cycle."""
        return spread(self.shops(key, cycle), self.group_codes("shop", cycle))

    def shops(self, key: str, cycle: str) -> Floats:
        """A figure of each shop and cycle."""
        days = self.records.days("shops")
        code = self._groups_of_rows("shops", "shop")
        cycles = self.cycles(cycle)
        week = self.period.week_of(days) if cycles > 1 else np.zeros(len(days), np.intp)
        inside = self.period.holds(days) & (code >= 0) & (week >= 0)
        codes = np.where(inside, code * cycles + week, -1)
        values = self.records.numbers("shops", key)
        size = len(self.people.groups["shop"].labels) * cycles
        return group_sum(values, codes, size, empty=np.nan)

    def department(self, key: str) -> Floats:
        """A figure of the 部门数据 table per department."""
        code = self._groups_of_rows("departments", "department")
        mine = self.records.holds("departments", "period", self.period.name) & (code >= 0)
        out = np.full(len(self.people.groups["department"].labels), np.nan)
        out[code[mine]] = self.records.numbers("departments", key)[mine]
        return out

    def _groups_of_rows(self, table: str, kind: str) -> Codes:
        """The group that each row of a table is about; -1 where nobody is in it."""
        if ("rows of", table) not in self._kept:
            labels = pd.Index(self.people.groups[kind].labels)
            codes = labels.get_indexer(pd.Index(self.records.tables[table][kind]))
            self._kept["rows of", table] = codes.astype(np.intp, copy=False)
        kept: Codes = self._kept["rows of", table]
        return kept

    # --- groups -----------------------------------------------------------------------------

    def group_codes(self, kind: str, cycle: str) -> Codes:
        """Group × cycle of each row of a cycle."""
        if ("codes", kind, cycle) not in self._kept:
            codes, cycles = self.people.groups[kind].codes[:, None], self.cycles(cycle)
            wide = np.where(codes >= 0, codes * cycles + np.arange(cycles), -1)
            self._kept["codes", kind, cycle] = wide.ravel()
        kept: Codes = self._kept["codes", kind, cycle]
        return kept

    def assessed(self, cycle: str, roles: tuple[str, ...] = ()) -> NDArray[np.bool_]:
        """Who counts, for each row of a cycle; of some roles only, if any are given."""
        return np.repeat(self.people.assessed_of(roles), self.cycles(cycle))

    # --- metrics ----------------------------------------------------------------------------

    def metric(self, name: str, cycle: str) -> Floats:
        """A metric per person and cycle, as approved."""
        kept = ("metric", name, cycle)
        if kept not in self._measured:
            self._measured[kept] = approved_metric(self, name, cycle)
        values: Floats = self._measured[kept]
        return values

    def measured(self, name: str, cycle: str) -> Floats:
        """A metric per person and cycle, before any calibration of its own (R46)."""
        rows = self.people.count * self.cycles(cycle)
        definition = self.scheme.metrics[name]
        if definition.source == "event":
            return self.event(name, cycle)
        if definition.source == "count":
            meaning = self._meaning(name)  # HR's own column, or one that is there already
            return self.count(meaning.key if meaning.kind == "count" else name, cycle)
        if definition.formula is None:
            matrix = self._rating_matrix(name)
            given = (~np.isnan(matrix)).sum(axis=1).astype(np.float64)
            return _ratio(np.nansum(matrix, axis=1), given)
        scope = Scope(lambda n: self.value(n, cycle, rated=name), rows)
        return definition.formula.column(scope)

    def _rating_matrix(self, metric: str) -> Floats:
        formula = self.scheme.metrics[metric].formula
        for name in names_in(formula.node) if formula else ():
            curve = self.scheme.curves.get(name)
            if curve is not None and curve.keys:
                return self.ratings(metric, curve.keys)
        frame = self.records.tables["ratings"]
        groups = frame.loc[frame["item"] == metric, "rater_group"].dropna().unique()
        return self.ratings(metric, tuple(sorted(groups)) or ("",))

    def group_metric(
        self, name: str, cycle: str, kind: str, roles: tuple[str, ...] = ()
    ) -> Floats:
        """A metric of each group and cycle over its assessed people, of some roles if given.

        The ratio of the summed counts (of people who have them all), or the mean of the people's
        own values, as the metric says; always the latter for a metric that does not stand on
        counts alone.
        """
        kept = ("group", name, cycle, kind, roles)
        if kept not in self._measured:
            codes = np.where(self.assessed(cycle, roles), self.group_codes(kind, cycle), -1)
            size = len(self.people.groups[kind].labels) * self.cycles(cycle)
            definition = self.scheme.metrics[name]
            if (
                definition.formula is None
                or definition.average == "mean_of_people"
                or not self.names.adds_up(name)
            ):
                self._measured[kept] = _means(self.metric(name, cycle), codes, size)
            else:
                codes = np.where(self._complete(name, cycle), codes, -1)
                scope = Scope(lambda n: self._group_value(n, cycle, kind, codes, size, roles), size)
                value = definition.formula.column(scope)
                anybody = np.bincount(codes[codes >= 0], minlength=size) > 0
                self._measured[kept] = np.where(anybody, value, np.nan)
        figures: Floats = self._measured[kept]
        return figures

    def group_average(
        self, name: str, cycle: str, kind: str, roles: tuple[str, ...] = ()
    ) -> Floats:
        """The metric of each row's group."""
        if ("average", name, cycle, kind, roles) not in self._measured:
            figures = self.group_metric(name, cycle, kind, roles)
            average = spread(figures, self.group_codes(kind, cycle))
            self._measured["average", name, cycle, kind, roles] = average
        kept: Floats = self._measured["average", name, cycle, kind, roles]
        return kept

    def previous_group_average(
        self, name: str, cycle: str, kind: str, reference: str | None = None,
        roles: tuple[str, ...] = (),
    ) -> Floats:  # fmt: skip
        """The metric that each row's group had in the period before (or a reference month)."""
        figures = self.previous_group_metric(name, kind, reference, roles)
        return np.repeat(spread(figures, self.people.groups[kind].codes), self.cycles(cycle))

    def previous_group_metric(
        self, name: str, kind: str, reference: str | None = None, roles: tuple[str, ...] = ()
    ) -> Floats:
        """A metric of each of today's groups over the people it assessed in the period before."""
        then = self._with_its_people(self.reference(reference).period)
        figures = then.group_metric(name, "month", kind, roles)
        by_label = dict(zip(then.people.groups[kind].labels, figures.tolist(), strict=True))
        labels = self.people.groups[kind].labels
        return np.array([by_label.get(label, np.nan) for label in labels], dtype=np.float64)

    def _with_its_people(self, period: Period) -> Figures:
        """Another period with the people it had."""
        kept = ("people of", period)
        if kept not in self._others and self._like is not None:
            self._others[kept] = self._like._with_its_people(period).with_names(self.names)
        elif kept not in self._others:
            roster, members = self.records.tables["roster"], self.people.members
            people = people_of(roster, period, self.scheme.assessed_roles, members)
            self._others[kept] = Figures(self.records, people, period, self.names)
        return self._others[kept]

    def _complete(self, metric: str, cycle: str) -> NDArray[np.bool_]:
        complete = np.ones(self.people.count * self.cycles(cycle), bool)
        for key in self.names.counts_of[metric]:
            values = self.target(key) if self._is_target(key) else self.count(key, cycle)
            complete &= ~np.isnan(_over_cycles(values, complete.size))
        return complete

    def _is_target(self, key: str) -> bool:
        return any(c.key == key for c in TARGETS.columns)

    def _group_value(
        self, name: str, cycle: str, kind: str, codes: Codes, size: int, roles: tuple[str, ...]
    ) -> Value:
        meaning = self._meaning(name)
        if meaning.previous and meaning.kind == "metric":
            figures = self.previous_group_metric(meaning.key, kind, None, roles)
            return np.repeat(figures, self.cycles(cycle))
        if meaning.kind == "metric":
            return self.group_metric(meaning.key, cycle, kind, roles)
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
        if meaning.kind == "shop":
            return self.shop(meaning.key, cycle)
        if meaning.kind == "department":
            return self._of_department(meaning.key)
        return self.metric(meaning.key, cycle)

    def _of_department(self, key: str) -> Floats:
        """A figure of 部门数据 for each person of the department."""
        return spread(self.department(key), self.people.groups["department"].codes)

    def adjustments(self) -> Floats:
        """The amounts of the 补扣 table per person; 0 where there is none."""
        if not self.records.has("adjustments"):
            return np.zeros(self.people.count)
        person = self.people.position[self.records.owners("adjustments")]
        codes = np.where(self.of_period("adjustments"), person, -1)
        return group_sum(self.records.numbers("adjustments", "amount"), codes, self.people.count)

    def value(
        self, name: str, cycle: str = "month", rated: str = "", reference: str | None = None
    ) -> Value:
        """What a name means for each person and cycle; ``上期`` of the reference month, if given."""
        meaning = self._meaning(name)
        rows = self.people.count * self.cycles(cycle)
        if meaning.previous:
            then = self.reference(reference)
            return _over_cycles(then._plain(meaning, "month"), rows)
        if meaning.kind in ("count", "metric", "target"):
            return _over_cycles(self._plain(meaning, cycle), rows)
        return self._other[meaning.kind](meaning, cycle, rows, rated)

    @functools.cached_property
    def _other(self) -> Mapping[str, Callable[[Meaning, str, int, str], Value]]:
        return {
            "roster": lambda m, cycle, rows, rated: _over_cycles(self._roster(m.key), rows),
            "shop": lambda m, cycle, rows, rated: self.shop(m.key, cycle),
            "department": lambda m, cycle, rows, rated: _over_cycles(
                self._of_department(m.key), rows
            ),
            "adjustment": lambda m, cycle, rows, rated: _over_cycles(self.adjustments(), rows),
            "day": lambda m, cycle, rows, rated: _over_cycles(self.day(m.key), rows),
            "curve": lambda m, cycle, rows, rated: self.curve(m.key),
            "rating": lambda m, cycle, rows, rated: self._rating_matrix(rated),
        }

    def _roster(self, key: str) -> Value:
        values = self.people.roster[key]
        kind = ROSTER.column(key).kind
        if kind == "date":
            return date_serials(values.to_numpy("datetime64[D]"))
        if kind == "number":
            return values.to_numpy(np.float64)
        return values.where(values.notna(), None).to_numpy(dtype=object)

    def day(self, key: str) -> Value:
        """A figure of the calendar: the period's bounds as Excel dates, or the tenure."""
        if key == "tenure_months":
            return self.people.tenure_months(self.period.end)
        if key == "employed_share":
            return self.people.employed_share(self.period)
        day = self.period.start if key == "period_start" else self.period.end
        return float(date_serials(np.datetime64(day)))

    def curve(self, key: str) -> Value:
        """A curve of the scheme: its bands, or its values by key."""
        curve = self.scheme.curves[key]
        return curve.bands if curve.bands is not None else Keyed(curve.keys, curve.values.tolist())

    def group_value(self, meaning: Meaning, kind: str) -> Floats:
        """A metric or table figure of each department, shop or team."""
        if meaning.kind == "metric":
            if meaning.previous:
                return self.previous_group_metric(meaning.key, kind)
            return self.group_metric(meaning.key, "month", kind)
        figures = self.previous if meaning.previous else self
        if meaning.kind == "shop":
            return figures.shops(meaning.key, "month")
        return figures.department(meaning.key)


def same_metrics(one: Scheme, other: Scheme) -> bool:
    """Whether two schemes mean the same by every metric: the library, and the curves it uses."""
    if one.metrics is other.metrics and one.curves is other.curves:
        return True
    if one.metrics != other.metrics:
        return False
    formulas = (m.formula.node for m in one.metrics.values() if m.formula is not None)
    used = {name.casefold() for node in formulas for name in names_in(node)}
    curves = {name for s in (one, other) for name in s.curves if name.casefold() in used}
    return all(one.curves.get(name) is other.curves.get(name) for name in curves)


def date_serials(days: Any) -> Any:
    """Days as Excel counts them; missing where blank."""
    return (days - DAY_ZERO) / np.timedelta64(1, "D")


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


