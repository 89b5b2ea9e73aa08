"""evaluate(): tables and scheme → metrics → points → totals → money, every stage kept."""

from __future__ import annotations

import numpy as np

from xl_kpi.figures import Figures
from xl_kpi.formula import FormulaError, Scope, Value, column
from xl_kpi.formula import evaluate as run_formula
from xl_kpi.indicators import Scored, compute_scores, missed_targets
from xl_kpi.names import Meaning, Names
from xl_kpi.payouts import pay
from xl_kpi.people import People, people_of
from xl_kpi.records import Records, Tables
from xl_kpi.rounding import Floats, round_half_up, spread
from xl_kpi.scheme import PayItem, Scheme
from xl_kpi.totals import Totals, compute_blocks, compute_totals


def evaluate(tables: Tables, scheme: Scheme, period: str) -> Results:
    """Calculate a period: every metric, point, total and pay item of everybody.

    Args:
        tables: The input tables by key, as ``checks.clean_table`` makes them.
        scheme: The rows in force for the period.
        period: The month, ``2026-10``.

    Returns:
        Results with every stage's figures; money to the cent, everything else unrounded.
    """
    span = scheme.period(period)
    people = people_of(tables["roster"], span, scheme.assessed_roles)
    figures = Figures(Records(tables), people, span, Names(scheme))
    results = Results(figures)
    results.scored = compute_scores(figures)
    results.blocks = compute_blocks(figures, results.scored)
    results.totals = compute_totals(figures, results.blocks, results.value)
    for item in scheme.pay_items:
        results.item(item.name)
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
        self.items: dict[str, Floats] = {}

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments, in the order of the roster."""
        return self.people.groups["department"].labels

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
        meaning = self._meaning(name)
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
            case "department":
                return self._spread(self.figures.department_value(meaning))
            case _:
                return self.figures.value(name)

    def department_value(self, name: str) -> Value:
        """What a name means for each department."""
        meaning = self._meaning(name)
        match meaning.kind:
            case "metric" | "department":
                return self.figures.department_value(meaning)
            case "item":
                return self.item(meaning.key)
            case "score":
                return self.heads()
            case "constant":
                return self._constant(meaning.key)
            case _:
                return self.figures.value(name)

    def heads(self) -> Floats:
        """Assessed people of each department."""
        codes = self.people.groups["department"].codes[self.people.assessed]
        return np.bincount(codes[codes >= 0], minlength=len(self.departments)).astype(np.float64)

    def _meaning(self, name: str) -> Meaning:
        meaning = self.names.find(name)
        if meaning is None:
            raise FormulaError(f"没有“{name}”这个名称")
        return meaning

    def _spread(self, figures: Floats) -> Floats:
        return spread(figures, self.people.groups["department"].codes)

    def _constant(self, key: str) -> float:
        weeks = self.figures.period.week_count
        return self.scheme.divisor(weeks) if key == "divisor" else float(weeks)

    def _score(self, key: str) -> Value:
        if key == "missed":
            return missed_targets(self.scored)
        if key == "heads":
            return self._spread(self.heads())
        if self.totals is None:
            raise FormulaError("总分公式不能用总分、名次、等级")
        return {
            "total": self.totals.total, "place": self.totals.place, "grade": self.totals.grade
        }[key]  # fmt: skip

    def _indicator(self, meaning: Meaning) -> Value:
        scored = self.scored[meaning.key]
        if meaning.part == "points":
            return scored.monthly(scored.points)
        if meaning.part == "place":
            return scored.place
        if meaning.part == "average":
            return scored.group_average
        return np.full(self.people.count, np.nan) if scored.target is None else scored.target

    # --- pay items ----------------------------------------------------------------------------

    def _item_of_person(self, name: str) -> Floats:
        definition = self._definition(name)
        values = self.item(name)
        return self._spread(values) if definition.level == "department" else values

    def _definition(self, name: str) -> PayItem:
        return next(i for i in self.scheme.pay_items if i.name == name)

    def item(self, name: str) -> Floats:
        """A pay item per person or department; those it stands on are computed first."""
        if name not in self.items:
            definition = self._definition(name)
            if definition.level == "department":
                self.items[name] = self._department_item(definition)
            else:
                self.items[name] = self._person_item(definition)
        return self.items[name]

    def _person_item(self, item: PayItem) -> Floats:
        people = self.people
        entitled = people.assessed if item.applies_to == "assessed" else people.staff
        codes = np.where(entitled, people.groups["department"].codes, -1)
        values = column(
            run_formula(item.formula.node, Scope(self.value, people.count, codes)), people.count
        )
        values = np.where(entitled, values, np.nan)
        return round_half_up(values) if item.paid else values

    def _department_item(self, item: PayItem) -> Floats:
        people = self.people
        scope = Scope(
            self.department_value, len(self.departments), None,
            lower=Scope(self.value, people.count, people.groups["department"].codes),
            lower_rows=people.groups["department"].codes, assessed=people.assessed,
        )  # fmt: skip
        return column(run_formula(item.formula.node, scope), len(self.departments))
