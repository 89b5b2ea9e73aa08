"""evaluate(): tables and scheme → metrics → points → totals → money, every stage kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.figures import Figures
from xl_kpi.formula import FormulaError, Scope, Value, names_in, row_by_row
from xl_kpi.indicators import Scored, compute_scores, missed_targets
from xl_kpi.names import TOTALS, Meaning, Names
from xl_kpi.payouts import limits, pay
from xl_kpi.people import People, people_of
from xl_kpi.records import Records, Tables
from xl_kpi.refunds import Refunds
from xl_kpi.rounding import Floats, round_half_up, spread
from xl_kpi.scheme import Consequence, Formula, PayItem, Scheme
from xl_kpi.scheme_tables import GROUP_LEVELS
from xl_kpi.totals import Totals, compute_blocks, compute_totals


def evaluate(
    tables: Tables, scheme: Scheme, period: str, members: NDArray[np.bool_] | None = None
) -> Results:
    """Calculate a period: every metric, point, total and pay item of everybody.

    Args:
        tables: The input tables by key, as ``checks.clean_table`` makes them.
        scheme: The rows in force for the period.
        period: The month, ``2026-10``.
        members: Whom of the roster the scheme is for; None = everyone.

    Returns:
        Results with every stage's figures; money to the cent, everything else unrounded.
    """
    span = scheme.period(period)
    people = people_of(tables["roster"], span, scheme.assessed_roles, members)
    return calculate(Figures(Records(tables), people, span, Names(scheme)))


def calculate(figures: Figures, known: Mapping[str, Scored] | None = None) -> Results:
    """Calculate the period of some figures by their scheme.

    Args:
        figures: What the tables say of the period.
        known: Indicators of these figures that are scored already, by name.
    """
    scheme, results = figures.scheme, Results(figures)
    results.scored = compute_scores(figures, known or {})
    results.blocks = compute_blocks(figures, results.scored)
    results.totals = compute_totals(figures, results.blocks, results.value)
    for item in scheme.pay_items:
        results.item(item.name)
    results.followed = tuple(map(results.follows, scheme.consequences))
    return results


class Results:
    """Every stage's figures of one period; any name of the scheme has a value here."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.scheme: Scheme = figures.scheme
        self.names = figures.names
        self.people: People = figures.people
        self.scored: dict[str, Scored] = {}
        self.blocks: dict[str, Floats] = {}
        self.totals: Totals | None = None
        self.items: dict[str, NDArray[Any]] = {}
        self.unlimited: dict[str, Floats] = {}  # items with a floor or cap, before it acted (R48)
        self.followed: tuple[NDArray[np.bool_], ...] = ()  # for whom, of each consequence
        self.refunds = Refunds(figures)
        # What closed months still owe each person, in yuan, by staff id; None: no month is closed.
        self.true_ups: Mapping[str, float] | None = None

    @property
    def owed(self) -> Floats:
        """What closed months still owe each person, in yuan; 0 where it is nothing."""
        known = self.true_ups or {}
        return np.array([known.get(person, 0.0) for person in self.people.ids], np.float64)

    @property
    def payable(self) -> Floats:
        """What each person gets this month, with what closed months owe, in yuan."""
        return np.asarray(round_half_up(np.nan_to_num(self.pay) + self.owed), np.float64)

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments, in the order of the roster."""
        return self.labels("department")

    def labels(self, level: str) -> tuple[str, ...]:
        """The departments, shops or teams, in the order of the roster."""
        return self.people.groups[level].labels

    @property
    def paid_items(self) -> list[PayItem]:
        """The items that add up to the pay, in the order of the sheet."""
        return [i for i in self.scheme.pay_items if i.paid and i.level == "person"]

    @property
    def pay(self) -> Floats:
        """Each person's pay: the sum of their rounded items."""
        if not self.paid_items:
            return np.full(self.people.count, np.nan)
        return pay(np.stack([self.items[i.name] for i in self.paid_items], axis=1))

    # --- values by name -----------------------------------------------------------------------

    def value(self, name: str) -> Value:
        """What a name means for each person, at the month."""
        meaning = self.meaning(name)
        match meaning.kind:
            case "block":
                return self.blocks[meaning.key]
            case "score":
                return self._score(meaning.key)
            case "indicator":
                return self._indicator(meaning)
            case "constant":
                return self._constant(meaning.key)
            case "item":
                return self._item_of_person(meaning.key)
            case _:
                return self.figures.value(name)

    def group_value(self, name: str, level: str) -> Value:
        """What a name means for each department, shop or team."""
        meaning = self.meaning(name)
        match meaning.kind:
            case "metric" | "department" | "shop":
                return self.figures.group_value(meaning, level)
            case "item":
                return self.item(meaning.key)
            case "score":
                return self.heads(level)
            case "constant":
                return self._constant(meaning.key)
            case _:
                return self.figures.value(name)

    def refund_value(self, name: str) -> Value:
        """What a name means for each refund of the period."""
        meaning = self.meaning(name)
        match meaning.kind:
            case "item":
                return self.item(meaning.key)
            case "refund" | "origin":
                return self.refunds.value(meaning)
            case _:
                return self.figures.value(name)

    def past(self, name: str, periods: int | None) -> Value:
        """A figure so many closed periods ago; None: all of them and this one, the oldest first."""
        meaning = self.meaning(name)
        label, cycle = self.names.past_label(meaning), self.names.cycle_of(meaning)
        if periods is not None:
            return self.figures.past.before(label, periods, cycle)
        series = self.figures.past.series(label, cycle)
        now = row_by_row(self.value(name), self.people.count)
        if object in (now.dtype, series.dtype):
            series, now = series.astype(object), now.astype(object)
        return np.column_stack([series, now])

    def heads(self, level: str = "department") -> Floats:
        """Assessed people of each department, shop or team."""
        codes = self.people.groups[level].codes[self.people.assessed]
        return np.bincount(codes[codes >= 0], minlength=len(self.labels(level))).astype(np.float64)

    def meaning(self, name: str) -> Meaning:
        """What a name stands for.

        Raises:
            FormulaError: it stands for nothing.
        """
        meaning = self.names.find(name)
        if meaning is None:
            raise FormulaError(f"没有“{name}”这个名称")
        return meaning

    def _constant(self, key: str) -> float:
        weeks = self.figures.period.week_count
        return self.scheme.divisor(weeks) if key == "divisor" else float(weeks)

    def _score(self, key: str) -> Value:
        if key == "missed":
            return missed_targets(self.scored)
        if key == "heads":
            return spread(self.heads(), self.people.groups["department"].codes)
        if self.totals is None or key not in TOTALS:
            raise FormulaError("总分公式不能用总分、名次、等级")
        return getattr(self.totals, key)

    def _indicator(self, meaning: Meaning) -> Value:
        scored = self.scored[meaning.key]
        if meaning.part == "points":
            return scored.monthly(scored.points)
        if meaning.part == "value":
            return scored.value
        if meaning.part == "place":
            return scored.place
        if meaning.part == "average":
            return scored.group_average
        return np.full(self.people.count, np.nan) if scored.target is None else scored.target

    # --- scopes: what formulas of a level run over ---------------------------------------------

    @property
    def options(self) -> Mapping[str, Mapping[str, Any]]:
        """What the scheme decides for the rules that its formulas call: pools, grades."""
        scheme = self.scheme
        decided: dict[str, dict[str, Any]] = {"R37": {"overspend": scheme.overspend}}
        if scheme.grades and all(g.share is not None for g in scheme.grades):
            decided["R20"] = {
                "shares": [[g.share for g in scheme.grades]],
                "labels": [[g.label for g in scheme.grades]],
                "ties": scheme.grading.ties,
            }
        return decided

    def person_scope(self, codes: NDArray[np.intp] | None = None) -> Scope:
        """The people of the month, with their refunds below; KPI functions compare by code."""
        if codes is None:
            codes = self.people.groups["department"].codes
        return Scope(
            self.value, self.people.count, codes, lower=self.refund_scope,
            lower_rows=self.refunds.owners, past=self.past, options=self.options,
        )  # fmt: skip

    @functools.cached_property
    def refund_scope(self) -> Scope:
        """The refunds of the period."""
        return Scope(self.refund_value, self.refunds.count)

    def group_scope(self, level: str) -> Scope:
        """The departments, shops or teams, with their people below."""
        codes = self.people.groups[level].codes
        return Scope(
            lambda name: self.group_value(name, level), len(self.labels(level)), None,
            lower=self.person_scope(), lower_rows=codes, assessed=self.people.assessed,
            options=self.options,
        )  # fmt: skip

    def scope_of(self, item: PayItem) -> Scope:
        """What an item's formula runs over."""
        if item.level in GROUP_LEVELS:
            return self.group_scope(item.level)
        if item.level == "refund":
            return self.refund_scope
        codes = self.people.groups[self.group_of(item)].codes
        return self.person_scope(np.where(self.entitled(item), codes, -1))

    def group_of(self, item: PayItem) -> str:
        """Whom KPI functions compare in a person's item: the department.

        Where the formula uses a figure of a shop or team, such as its pool, they compare the
        people of that.
        """
        for name in names_in(item.formula.node):
            meaning = self.names.find(name)
            if meaning is not None and meaning.kind == "item":
                level = self.definition(meaning.key).level
                if level in GROUP_LEVELS:
                    return level
        return "department"

    # --- pay items ----------------------------------------------------------------------------

    def definition(self, name: str) -> PayItem:
        """The scheme's row of an item."""
        return next(i for i in self.scheme.pay_items if i.name == name)

    def entitled(self, item: PayItem) -> NDArray[np.bool_]:
        """Who gets a person's item: assessed or staff, of its roles, when its cycle ends."""
        people = self.people
        theirs = people.assessed if item.applies_to == "assessed" else people.staff
        return theirs & people.has_role(item.roles) & self.figures.period.ends(item.cycle)

    def item(self, name: str) -> NDArray[Any]:
        """A pay item per person, group or refund; those it stands on are computed first."""
        if name not in self.items:
            self.items[name] = self._make(self.definition(name))
        return self.items[name]

    def _item_of_person(self, name: str) -> NDArray[Any]:
        level = self.definition(name).level
        values = self.item(name)
        return spread(values, self.people.groups[level].codes) if level in GROUP_LEVELS else values

    def _make(self, item: PayItem) -> NDArray[Any]:
        scope = self.scope_of(item)
        if item.level == "person" and not self.figures.period.ends(item.cycle):
            blank: Value = None if item.unit == "grade" else np.nan
            return np.full(scope.rows, blank)
        if item.unit == "grade":
            words = item.formula.cells(scope).astype(object)
            if item.level == "person":
                words[~self.entitled(item)] = None
            return words
        values = self._limited(item, item.formula.column(scope), scope)
        if item.level == "person":
            values = np.where(self.entitled(item), values, np.nan)
        return round_half_up(values) if item.paid else values

    def _limited(self, item: PayItem, values: Floats, scope: Scope) -> Floats:
        """An item not below its floor nor above its cap (R48)."""
        if item.floor is None and item.cap is None:
            return values
        self.unlimited[item.name] = values
        floor, cap = (self.limit(x, scope) for x in (item.floor, item.cap))
        return limits(values, floor, cap)

    @staticmethod
    def limit(formula: Formula | None, scope: Scope) -> Floats:
        """A floor or cap of each row; missing where there is none."""
        if formula is None:
            return np.full(scope.rows, np.nan)
        return formula.column(scope)

    # --- what follows -------------------------------------------------------------------------

    def follows(self, consequence: Consequence) -> NDArray[np.bool_]:
        """For whom of the assessed a consequence's condition holds in this period."""
        people = self.people
        if not self.figures.period.ends(consequence.cycle):
            return np.zeros(people.count, bool)
        holds = consequence.condition.column(self.person_scope())
        return (np.nan_to_num(holds) > 0) & people.assessed
