"""The input tables with their texts looked up once, for every period that asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.rounding import Codes, Floats

Tables: TypeAlias = Mapping[str, pd.DataFrame]


class Records:
    """The tables of a book; each method gives one figure per row of a table."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._ids = pd.Index(tables["roster"]["person_id"])
        self._owners: dict[str, Codes] = {}
        self._days: dict[str, NDArray[np.datetime64]] = {}
        self._numbers: dict[tuple[str, str], Floats] = {}
        self._texts: dict[tuple[str, str], tuple[Codes, list[str]]] = {}

    def has(self, table: str) -> bool:
        """Whether the table is there and has rows."""
        return table in self.tables and len(self.tables[table]) > 0

    def owners(self, table: str) -> Codes:
        """The roster row of each row's person; -1 where it is nobody's."""
        if table not in self._owners:
            ids = pd.Index(self.tables[table]["person_id"])
            self._owners[table] = self._ids.get_indexer(ids).astype(np.intp, copy=False)
        return self._owners[table]

    def days(self, table: str) -> NDArray[np.datetime64]:
        """The date of each row."""
        if table not in self._days:
            self._days[table] = self.tables[table]["date"].to_numpy("datetime64[D]")
        return self._days[table]

    def texts(self, table: str, column: str) -> tuple[Codes, list[str]]:
        """Which text a column has in each row (-1 = none), and the different texts."""
        if (table, column) not in self._texts:
            cells = self.tables[table][column].to_numpy(dtype=object)
            codes, texts = pd.factorize(cells)
            self._texts[table, column] = codes, [str(text) for text in texts]
        return self._texts[table, column]

    def holds(self, table: str, column: str, text: str) -> NDArray[np.bool_]:
        """Where a column of texts holds this one."""
        codes, texts = self.texts(table, column)
        return codes == texts.index(text) if text in texts else np.zeros(len(codes), bool)

    def numbers(self, table: str, column: str) -> Floats:
        """A column of numbers; all missing if the table has no such column."""
        if (table, column) not in self._numbers:
            frame = self.tables[table]
            missing = column not in frame
            numbers = np.full(len(frame), np.nan) if missing else frame[column].to_numpy(np.float64)
            self._numbers[table, column] = numbers
        return self._numbers[table, column]
