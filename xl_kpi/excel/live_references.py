"""HR's formulas that name columns of a result table whose columns change.

Excel binds such a formula to the column's place: when another name is written over the column, the
formula follows it and tells another figure.  So the formulas are noted before, and written again
after the columns have their new names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import xlwings as xw
from xlwings.constants import FindLookIn, LookAt

from xl_kpi.errors import Problem
from xl_kpi.excel.area import Area
from xl_kpi.excel.live_book import LiveBook, two_dimensional
from xl_kpi.excel.references import named_columns
from xl_kpi.excel.table_edit import lost_column


@dataclass(frozen=True, slots=True)
class Formulas:
    """Formulas below each other."""

    sheet: xw.Sheet
    area: Area
    texts: Sequence[str]


@dataclass(slots=True)
class KeepFormulas:
    """The formulas as they were; a step before the columns change and one after.

    Attributes:
        found: formulas in cells.
        names: formulas of defined names.
        is_first: whether it stands before; then it only puts them back when it is taken back.
    """

    found: Sequence[Formulas]
    names: Sequence[tuple[xw.Name, str]]
    is_first: bool

    def do(self) -> None:
        """Write them again."""
        if not self.is_first:
            self._write()

    def undo(self) -> None:
        """Write them again, when the columns have their former names."""
        if self.is_first:
            self._write()

    def _write(self) -> None:
        for one in self.found:
            one.sheet.range(str(one.area)).formula2 = [[text] for text in one.texts]
        for name, text in self.names:
            name.refers_to = text


def formulas_naming(
    live: LiveBook, table: str, ours: Collection[str]
) -> tuple[list[Formulas], list[tuple[xw.Name, str]]]:
    """The formulas that name columns of a table, in cells of HR's and in defined names.

    Args:
        live: The open book.
        table: The table's name.
        ours: Sheets that a run writes as a whole.
    """
    mark, found = f"{table}[".casefold(), list[Formulas]()
    for sheet in live.book.sheets:
        if sheet.name in ours:
            continue
        first = sheet.api.Cells.Find(What=mark, LookIn=FindLookIn.xlFormulas, LookAt=LookAt.xlPart)
        if first is None:
            continue
        used = Area.parse(sheet.used_range.address)
        rows = two_dimensional(sheet.range(str(used)).formula2)
        for place, column in enumerate(zip(*rows, strict=True), used.first_column):
            found += _runs(sheet, used.first_row, place, column, mark)
    named = ((name, str(name.refers_to)) for name in live.book.names)
    return found, [(name, text) for name, text in named if mark in text.casefold()]


def _runs(
    sheet: xw.Sheet, first_row: int, place: int, column: Sequence[object], mark: str
) -> Iterator[Formulas]:
    """The formulas of one column, those below each other together."""
    texts: list[str] = []
    for number, cell in enumerate([*column, None], first_row):
        if isinstance(cell, str) and cell.startswith("=") and mark in cell.casefold():
            texts.append(cell)
        elif texts:
            yield Formulas(sheet, Area(number - len(texts), place, number - 1, place), texts)
            texts = []


def lost_columns(
    table: str,
    lost: Collection[str],
    found: Sequence[Formulas],
    names: Sequence[tuple[xw.Name, str]],
) -> Iterator[Problem]:
    """Formulas that name a column which goes."""
    wanted = {column.casefold(): column for column in lost}
    places = [(f"工作表“{one.sheet.name}”", text) for one in found for text in one.texts]
    places += [("名称管理器", text) for _, text in names]
    for place, text in dict.fromkeys(places):
        for name in sorted(named_columns(text, table)):
            if name.casefold() in wanted:
                yield lost_column(place, table, wanted[name.casefold()])
