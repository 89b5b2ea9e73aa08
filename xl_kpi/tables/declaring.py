"""What a table is: columns, types, units, keys; and its cells as they stand on a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "date", "period", "choice", "flag", "moment"]
Cell: TypeAlias = object  # None, str, float, bool, datetime/date/time or CellError


def column_letter(column: int) -> str:
    """The letters of a 1-based column: 1 → A, 28 → AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that holds no value: an error (``#DIV/0!``) or a formula never calculated."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; ``count`` columns hold base counts, which add over days (C6)."""

    key: str
    zh: str
    en: str
    kind: Kind = "number"
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    note: str = ""  # what HR reads when the cell is selected
    former: str = ""  # an English header of earlier books, still read

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers under which a book may have the column."""
        return tuple(filter(None, (self.zh, self.en, self.key, self.former)))

    def label(self, lang: str) -> str:
        """The header in Chinese or English."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the book: its Excel name, sheet and columns."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    required: bool = True

    @property
    def excel_name(self) -> str:
        """The name of the Excel table, the same in every language."""
        return f"kpi_{self.key}"

    def label(self, lang: str) -> str:
        """The sheet's name in Chinese or English."""
        return self.zh if lang == "zh" else self.en

    def column(self, key: str) -> Column:
        """The column with this key."""
        return next(column for column in self.columns if column.key == key)


@dataclass(slots=True)
class RawTable:
    """A table's cells as they stand on the sheet, column by column."""

    name: str
    sheet: str
    header_row: int  # 1-based row of the header
    first_column: int  # 1-based
    header: tuple[str, ...]
    columns: list[list[Cell]]

    @property
    def rows(self) -> int:
        """How many data rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def where(self, row: int, column: int) -> str:
        """The address of a data cell (both 0-based), as HR reads it: ``指标数据!F118``."""
        return f"{self.sheet}!{column_letter(self.first_column + column)}{self.header_row + 1 + row}"
