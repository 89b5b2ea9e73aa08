"""The period that is calculated: its days, its weeks, and the period before it (C6)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Weeks: TypeAlias = Literal["blocks", "iso"]
_BLOCK_STARTS = (1, 8, 15, 22)
MONTHS = {"week": 1, "month": 1, "quarter": 3, "year": 12}


def earlier(month: str, months: int) -> str:
    """The month so many months before ``2026-10``."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - months, 12)
    return f"{year:04d}-{number + 1:02d}"


def month_of(day: dt.date, start_day: int = 1) -> str:
    """The month that a day belongs to, ``2026-10``, when months start on another day (C6)."""
    month = f"{day:%Y-%m}"
    return earlier(month, -1) if start_day > 1 and day.day >= start_day else month


@dataclass(frozen=True, slots=True)
class Period:
    """A month named ``2026-10``, from its start day to the day before the next start.

    With a start day after the 1st the period ends in the month that names it: ``2026-10`` from
    the 21st runs from 21 September to 20 October.  Weeks are four blocks of days (1–7, 8–14,
    15–21, the rest), counted from the start, or the ISO weeks whose Thursday lies in it.

    A quarter or a year is named by its last month and has 3 or 12 ``months``.
    """

    name: str
    start_day: int = 1
    weeks: Weeks = "blocks"
    months: int = 1

    @property
    def start(self) -> dt.date:
        """First day."""
        return self._first_day_of(earlier(self.name, self.months - 1))

    @property
    def end(self) -> dt.date:
        """Last day."""
        return self._first_day_of(earlier(self.name, -1)) - dt.timedelta(days=1)

    def _first_day_of(self, month: str) -> dt.date:
        first = dt.date.fromisoformat(f"{month}-01")
        if self.start_day == 1:
            return first
        return (first - dt.timedelta(days=1)).replace(day=self.start_day)

    def previous(self) -> Period:
        """The period before this one, as long as it."""
        return dataclasses.replace(self, name=earlier(self.name, self.months))

    def month(self, name: str) -> Period:
        """Another month with the same start day and weeks."""
        return dataclasses.replace(self, name=name, months=1)

    def spanning(self, cycle: str) -> Period:
        """The quarter or year that ends with this month."""
        return dataclasses.replace(self, months=MONTHS[cycle])

    def ends(self, cycle: str) -> bool:
        """Whether a week, month, quarter or year of the calendar ends with this month."""
        return int(self.name[5:]) % MONTHS[cycle] == 0

    @property
    def month_names(self) -> tuple[str, ...]:
        """The months in it, the earliest first."""
        return tuple(earlier(self.name, n) for n in reversed(range(self.months)))

    @property
    def days(self) -> int:
        """Number of calendar days."""
        return (self.end - self.start).days + 1

    @property
    def week_count(self) -> int:
        """Number of weeks that belong to the period."""
        return len(_BLOCK_STARTS) if self.weeks == "blocks" else len(self._thursdays())

    def week_days(self, week: int) -> tuple[dt.date, dt.date]:
        """First and last day of a week, counted from 0."""
        if self.weeks == "iso":
            thursday = self._thursdays()[week]
            return thursday - dt.timedelta(days=3), thursday + dt.timedelta(days=3)
        first = self.start + dt.timedelta(days=_BLOCK_STARTS[week] - 1)
        if week + 1 == len(_BLOCK_STARTS):
            return first, self.end
        return first, self.start + dt.timedelta(days=_BLOCK_STARTS[week + 1] - 2)

    def _thursdays(self) -> list[dt.date]:
        days = (self.start + dt.timedelta(days=i) for i in range(self.days))
        return [day for day in days if day.isoweekday() == 4]

    def week_of(self, dates: NDArray[np.datetime64]) -> NDArray[np.intp]:
        """The week of each day, from 0; -1 for a day of no week of this period."""
        days = dates.astype("datetime64[D]")
        if self.weeks == "blocks":
            offset = (days - np.datetime64(self.start, "D")).astype(np.int64)
            week = np.searchsorted(np.array(_BLOCK_STARTS) - 1, offset, side="right") - 1
            return np.where((offset >= 0) & (offset < self.days), week, -1).astype(np.intp)
        monday = np.datetime64(self._thursdays()[0] - dt.timedelta(days=3), "D")
        week = (days - monday).astype(np.int64) // 7
        return np.where((week >= 0) & (week < self.week_count), week, -1).astype(np.intp)

    def holds(self, dates: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Which days lie in the period."""
        days = dates.astype("datetime64[D]")
        return (days >= np.datetime64(self.start)) & (days <= np.datetime64(self.end))


def parse_period(text: object) -> str | None:
    """``2026-10`` from the ways a month is written; None if it is none of them.

    A number with decimals is none: Excel keeps 2026.1 of a typed 2026.10.
    """
    if isinstance(text, float):
        text = int(text) if text.is_integer() else ""
    if isinstance(text, dt.date):
        return f"{text.year:04d}-{text.month:02d}"
    match = re.fullmatch(r"\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?\s*", str(text))
    if match is None or not 1 <= int(match[2]) <= 12 or not 1900 <= int(match[1]) <= 2200:
        return None
    return f"{int(match[1]):04d}-{int(match[2]):02d}"
