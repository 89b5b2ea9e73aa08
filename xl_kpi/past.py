"""Closed periods as the 历史 table has them: one figure or text per person, period and item."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.people import People
from xl_kpi.period import MONTHS, Period, earlier
from xl_kpi.records import Records
from xl_kpi.rounding import Codes, Floats

LONGEST = 24  # periods that a streak looks back


class Past:
    """What the 历史 table says of a period's people."""

    def __init__(self, records: Records, people: People, period: Period) -> None:
        self._records, self._people, self._period = records, people, period
        self._kept: dict[tuple[str, str], NDArray[Any]] = {}

    def figures(self, item: str, month: str) -> NDArray[Any]:
        """An item of a month, one per person: texts if it has any, else numbers; blank = missing.

        Args:
            item: The item as the table names it.
            month: The last month of the period, ``2026-09``.
        """
        if (item, month) not in self._kept:
            self._kept[item, month] = self._figures(item, month)
        return self._kept[item, month]

    def _figures(self, item: str, month: str) -> NDArray[Any]:
        if not self._records.has("history"):
            return np.full(self._people.count, np.nan)
        rows = self._rows(item) & self._records.holds("history", "period", month)
        person = self._people.position[self._records.owners("history")]
        rows &= person >= 0
        return self._content(rows, person[rows], self._people.count)

    def before(self, item: str, periods: int, cycle: str) -> NDArray[Any]:
        """An item so many periods ago."""
        return self.figures(item, earlier(self._period.name, periods * MONTHS[cycle]))

    def series(self, item: str, cycle: str) -> NDArray[Any]:
        """An item of the periods before this one: person × period, the oldest first.

        It reaches back to the first period that the table knows of the item, at most two years
        of months; a period in between without an entry is blank.
        """
        step = MONTHS[cycle]
        mine: list[str] = []
        if self._records.has("history"):
            codes, periods = self._records.texts("history", "period")
            there = np.bincount(codes[self._rows(item)] + 1, minlength=len(periods) + 1)[1:]
            mine = [name for name, rows in zip(periods, there, strict=True) if rows]
        first = min((name for name in mine if name < self._period.name), default=None)
        names: list[str] = []
        name = earlier(self._period.name, step)
        while first is not None and name >= first and len(names) < LONGEST:
            names.insert(0, name)
            name = earlier(name, step)
        columns = [self.figures(item, name) for name in names]
        words = any(column.dtype == object for column in columns)
        kind: Any = object if words else np.float64
        if not columns:
            return np.empty((self._people.count, 0), dtype=kind)
        return np.stack([_worded(c) if words else c for c in columns], axis=1)

    def of_origin(self, item: str, months: pd.Series, owners: Codes) -> Floats:
        """An item's number in each row's own month, for each row's own person.

        Args:
            item: The item as the table names it.
            months: The month of each row.
            owners: The person of each row, by position; -1 for nobody.
        """
        out = np.full(len(months), np.nan)
        for month in months.dropna().unique():
            figures = self.figures(item, month)
            rows = (months == month).to_numpy(dtype=bool) & (owners >= 0)
            if figures.dtype != object:
                out[rows] = figures[owners[rows]]
        return out

    def _rows(self, item: str) -> NDArray[np.bool_]:
        return self._records.holds("history", "item", item)

    def _content(self, rows: NDArray[np.bool_], person: Codes, size: int) -> NDArray[Any]:
        codes, words = self._records.texts("history", "word")
        mine = codes[rows]
        if (mine >= 0).any():
            texts: NDArray[Any] = np.full(size, None, dtype=object)
            texts[person] = np.array([*words, None], dtype=object)[mine]
            return texts
        out = np.full(size, np.nan)
        out[person] = self._records.numbers("history", "value")[rows]
        return out


def _worded(column: NDArray[Any]) -> NDArray[Any]:
    return column if column.dtype == object else np.full(len(column), None, dtype=object)
