"""Disputed figures replaced by the approved ones of the 校准 table (R46).

A count can be calibrated for a month or for one of its weeks; the month then follows from its
weeks, and so do metrics and group figures.  A metric can be calibrated too: that one figure of the
person is replaced, its group's figure still comes from the counts.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from xl_kpi.people import People
from xl_kpi.period import Period
from xl_kpi.records import Records
from xl_kpi.rounding import Codes, Floats
from xl_kpi.tables import COUNTS


class Measured(Protocol):
    """The figures of a period before anything was calibrated."""

    records: Records
    people: People
    period: Period

    def cycles(self, cycle: str) -> int:
        """How many cycles of this kind the period has."""

    def counted(self, key: str, cycle: str) -> Floats:
        """A count as the tables have it."""

    def count(self, key: str, cycle: str) -> Floats:
        """A count as approved."""

    def measured(self, name: str, cycle: str) -> Floats:
        """A metric as it follows from the counts."""

    def of_month(self, name: str) -> Measured:
        """The same people in a month."""


def approved_counts(figures: Measured, key: str, cycle: str) -> Floats:
    """A count per person and cycle, its calibrated figures replaced."""
    counted = figures.counted(key, cycle)
    if not figures.records.has("calibrations"):
        return counted
    names = _names_of(key)
    if figures.period.months > 1:  # each month's correction on top
        for month in map(figures.of_month, figures.period.month_names):
            before = np.nan_to_num(month.counted(key, "month"))
            change = np.nan_to_num(month.count(key, "month")) - before
            counted = np.where(change != 0, np.nan_to_num(counted) + change, counted)
        return counted
    person, week, value = _approved(figures, names, of_weeks=True)
    cells = person * figures.period.week_count + week
    if cycle == "week":
        counted[cells] = value
        return counted
    if person.size:
        change = value - np.nan_to_num(figures.counted(key, "week")[cells])
        counted[person] = np.nan_to_num(counted[person])
        np.add.at(counted, person, change)
    person, _, value = _approved(figures, names, of_weeks=False)
    counted[person] = value
    return counted


def approved_metric(figures: Measured, name: str, cycle: str) -> Floats:
    """A metric per person and cycle, its calibrated figures replaced."""
    measured = figures.measured(name, cycle)
    if not figures.records.has("calibrations") or figures.period.months > 1:
        return measured
    weekly = cycle == "week"
    approved = measured.copy()
    person, week, value = _approved(figures, (name,), of_weeks=weekly)
    approved[person * figures.cycles(cycle) + (week if weekly else 0)] = value
    return approved


def _names_of(key: str) -> tuple[str, ...]:
    """What the table may call a count."""
    column = next((c for c in COUNTS.columns if c.key == key), None)
    return (key,) if column is None else (column.zh, column.en, column.key)


def _approved(
    figures: Measured, names: tuple[str, ...], *, of_weeks: bool
) -> tuple[Codes, Codes, Floats]:
    """Person, week from 0 and approved value of the rows of a period that are about an item."""
    records = figures.records
    mine = records.holds("calibrations", "period", figures.period.name)
    mine = mine & np.any([records.holds("calibrations", "item", n) for n in names], axis=0)
    week = records.numbers("calibrations", "week")
    mine &= ~np.isnan(week) if of_weeks else np.isnan(week)
    person = figures.people.position[records.owners("calibrations")]
    mine &= (person >= 0) & (np.nan_to_num(week) <= figures.period.week_count)
    numbers = np.nan_to_num(week[mine], nan=1.0).astype(np.intp) - 1
    return person[mine], numbers, records.numbers("calibrations", "value")[mine]
