"""What a scheme sheet decides: complete and checked when made.

``scheme_rows`` makes a scheme from rows, whether they come from a sheet or from a preset: each row
is a mapping from column keys (``scheme_tables``) to values, with the cell it stands in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Bands, GradeBands
from xl_kpi.formula import FormulaError, Node, Scope, column, evaluate, row_by_row
from xl_kpi.period import Period, Weeks
from xl_kpi.rounding import Floats


@dataclass(slots=True)
class Row:
    """A row of a scheme table: its values by column key, and how to name its cells."""

    values: Mapping[str, Any]
    where: Mapping[str, str]  # column key → "S01!F7"
    place: str  # "S01!A7", or the preset's name

    def get(self, key: str) -> Any:
        """The value of a column, None if blank."""
        value = self.values.get(key)
        return None if value is None or value != value or value == "" else value

    def cell(self, key: str) -> str:
        """The address of a column's cell."""
        return self.where.get(key, self.place)


Rows: TypeAlias = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula of the sheet: its text, its tree and its cell."""

    text: str
    node: Node
    where: str

    def cells(self, scope: Scope) -> NDArray[Any]:
        """The value as one text or number per row of a scope, missing texts None.

        Raises:
            FormulaError: it cannot be calculated; ``where`` is the cell of the formula at fault.
        """
        with self._located():
            return row_by_row(evaluate(self.node, scope), scope.rows)

    def column(self, scope: Scope) -> Floats:
        """The value as one number per row of a scope; text is missing.

        Raises:
            FormulaError: it cannot be calculated; ``where`` is the cell of the formula at fault.
        """
        with self._located():
            return column(evaluate(self.node, scope), scope.rows)

    @contextmanager
    def _located(self) -> Iterator[None]:
        try:
            yield
        except FormulaError as error:
            error.where = error.where or self.where
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of the library: a formula over counts, an event or a rated item."""

    id: str
    name: str
    english: str
    source: str
    formula: Formula | None
    unit: str
    better: str
    average: str
    sample: str | None
    ripe_days: float
    maximum: float | None
    document: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A metric that is scored: how, against what, in which group and block.

    ``roles`` are those whom it judges, none = everyone; ``reference`` is the month that its
    ``上期`` means instead of the one before.
    """

    name: str  # by which formulas call it
    metric: str
    roles: tuple[str, ...]
    reference: str | None
    block: str
    cycle: str
    group: str
    rule: str
    weight: float | None
    full: float | None
    target: Formula | None
    better: str | None
    curve: str | None
    rank_points: tuple[float, ...]
    bonus_line: Formula | None
    penalty_line: Formula | None
    below: float | None
    miss: float | None
    strict: bool
    per_count: float
    when_zero: float
    floor: float | None
    cap: float | None
    condition: Formula | None
    ties: str
    if_missing: str
    minimum_sample: float | None
    pass_line: Formula | None
    alert_line: Formula | None
    in_score: bool
    in_divisor: bool
    measure: str
    clause: str
    clause_text: str
    row: Row

    @property
    def formulas(self) -> list[Formula]:
        """The formulas of its row, the target first."""
        every = (
            self.target, self.bonus_line, self.penalty_line, self.condition, self.pass_line,
            self.alert_line,
        )  # fmt: skip
        return [formula for formula in every if formula is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A table of bands, or of values by key."""

    name: str
    bands: Bands | None
    keys: tuple[str, ...]
    values: Floats
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayItem:
    """A figure per person, group or refund; ``paid`` ones are rounded and add up to the pay.

    ``floor`` and ``cap`` are limits of its amount (R48); with a ``cycle`` of quarter or year it is
    a figure of its last month only.
    """

    name: str
    level: str
    formula: Formula
    floor: Formula | None
    cap: Formula | None
    paid: bool
    roles: tuple[str, ...]
    cycle: str
    applies_to: str
    unit: str
    rule: str
    clause: str
    clause_text: str
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows when a condition holds for a person."""

    condition: Formula
    follows: str
    due_days: float | None
    cycle: str
    clause: str
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A grade: the share of places or the band of scores that earns it, and what it is worth."""

    label: str
    share: float | None
    lower: float
    upper: float
    edges: str
    coefficient: float | None
    base_share: float | None
    row: Row

    @property
    def banded(self) -> bool:
        """Whether it has a band of scores."""
        return self.lower > -np.inf or self.upper < np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """How grades are given: within which group, to whom at a tie, and in small teams (R20, R21)."""

    group: str
    ties: str
    small_team: float | None
    small_team_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Everything that decides a month's scores and pay."""

    id: str
    name: str
    source: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    month_start_day: int
    weeks: Weeks
    block_mode: str
    total: Formula
    assessed_roles: tuple[str, ...]
    stand_in_share: float | None
    indicators: tuple[Indicator, ...]
    curves: Mapping[str, Curve]
    grades: tuple[Grade, ...]
    grading: Grading
    overspend: str
    deduction_share: float | None
    minimum_wage: float | None
    pay_items: tuple[PayItem, ...]
    consequences: tuple[Consequence, ...]
    metrics: Mapping[str, Metric]
    place: str = field(compare=False, default="")
    roles_place: str = field(compare=False, default="")  # the cell of ``assessed_roles``

    def in_force(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return not (
            (self.valid_from is not None and day < self.valid_from)
            or (self.valid_to is not None and day > self.valid_to)
        )

    def period(self, name: str) -> Period:
        """The period of this name, with the scheme's month start and weeks."""
        return Period(name, self.month_start_day, self.weeks)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The blocks in the order of the sheet."""
        return tuple(dict.fromkeys(i.block for i in self.indicators))

    @property
    def score_bands(self) -> GradeBands:
        """The bands of scores of those grades that have one, in ascending order."""
        banded = sorted((g for g in self.grades if g.banded), key=lambda g: (g.lower, g.upper))
        return GradeBands(
            np.array([g.lower for g in banded]), np.array([g.upper for g in banded]),
            tuple(g.label for g in banded), tuple(g.edges for g in banded),
        )  # fmt: skip

    def divisor(self, weeks: int) -> float:
        """Full rank points of the period over the indicators that count for it (R37)."""
        return sum(
            sum(i.rank_points) * (weeks if i.cycle == "week" else 1)
            for i in self.indicators
            if i.in_divisor
        )
