"""Writing into the open book step by step, and everything back when a step fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import xlwings as xw
from xlwings.main import Table

from xl_kpi.errors import KpiError
from xl_kpi.excel.area import Area
from xl_kpi.excel.live_cells import Entries, Snapshot, clear, put
from xl_kpi.excel.own_sheets import MARK


class WriteFailedError(KpiError):
    """Excel refused a write.

    Attributes:
        restored: whether everything stands as it did before.
    """

    def __init__(self, *, restored: bool) -> None:
        super().__init__("write failed")
        self.restored = restored


class Step(Protocol):
    """One change, which can be taken back as long as nothing else changed after it."""

    def do(self) -> None:
        """Make the change."""

    def undo(self) -> None:
        """Take it back; also when it was made in part only."""


def perform(steps: Sequence[Step]) -> None:
    """Make all changes, or none.

    Raises:
        WriteFailedError: a change failed; all were taken back, or it says that this failed too.
    """
    begun: list[Step] = []
    try:
        for step in steps:
            begun.append(step)
            step.do()
    except BaseException as error:
        restored = True
        for step in reversed(begun):
            try:
                step.undo()
            except Exception:
                restored = False
        raise WriteFailedError(restored=restored) from error


@dataclass(slots=True)
class Write:
    """New content for an area."""

    sheet: xw.Sheet
    area: Area
    cells: Entries
    before: Snapshot

    def do(self) -> None:
        """Write it."""
        put(self.sheet, self.area, self.cells)

    def undo(self) -> None:
        """Write what stood there."""
        put(self.sheet, self.area, self.before.of(self.area))


@dataclass(slots=True)
class RefillTable:
    """A new size and new content for a table; ``header`` is None when it stays.

    Attributes:
        old: the whole table as it is.
        new: the whole table as it will be.
        body: the cells under the header that are written.
        gone: cells of the old table that the new one does not have.
        before: what the old and the new cells hold.
    """

    sheet: xw.Sheet
    table: Table
    old: Area
    new: Area
    totals_rows: int
    header: Sequence[str] | None
    former_header: Sequence[str]
    body: Area
    cells: Entries
    before: Snapshot
    gone: Sequence[Area] = field(default=())
    added: Sequence[Area] = field(default=())

    def do(self) -> None:
        """Resize first: Excel lets a table grow by itself when something is written beside it."""
        self._resize(self.new)
        if self.header is not None:
            self._name_columns(self.new, self.header)
        put(self.sheet, self.body, self.cells)
        for area in self.gone:
            clear(self.sheet, area)

    def undo(self) -> None:
        """The size first, then the cells."""
        if Area.parse(self.table.range.address) != self.old:
            self._resize(self.old)
        for area in self.added:
            put(self.sheet, area, self.before.of(area))
        if self.header is not None:
            self._name_columns(self.old, self.former_header)
        old = Area(
            self.old.first_row + 1, self.old.first_column,
            self.old.last_row - self.totals_rows, self.old.last_column,
        )  # fmt: skip
        put(self.sheet, old, self.before.of(old))

    def _resize(self, area: Area) -> None:
        if area != self.old or area != self.new:
            self.table.resize(self.sheet.range(str(area)))

    def _name_columns(self, area: Area, names: Sequence[str]) -> None:
        """Names for a moment first: Excel changes a name that another column still bears."""
        row = Area(area.first_row, area.first_column, area.first_row, area.last_column)
        put(self.sheet, row, [[f"~{number}~" for number in range(1, len(names) + 1)]])
        put(self.sheet, row, [["'" + name for name in names]])


@dataclass(slots=True)
class AddSheet:
    """A new sheet that bears our mark, behind another one."""

    book: xw.Book
    tab: str
    behind: str
    _known: frozenset[str] = frozenset()

    def do(self) -> None:
        """Add it."""
        self._known = frozenset(sheet.name for sheet in self.book.sheets)
        sheet = self.book.sheets.add(self.tab, after=self.book.sheets[self.behind])
        mark = sheet.api.Names.Add(MARK, '="' + self.tab.replace('"', '""') + '"')
        mark.Visible = False

    def undo(self) -> None:
        """Delete it, under whatever name it came to have."""
        for sheet in list(self.book.sheets):
            if self._known and sheet.name not in self._known:
                sheet.delete()


@dataclass(slots=True)
class DeleteSheets:
    """Sheets that go, all in one; the last step, for Excel cannot take it back."""

    book: xw.Book
    tabs: Sequence[str]

    def do(self) -> None:
        """Delete them."""
        self.book.api.Worksheets(tuple(self.tabs)).Delete()

    def undo(self) -> None:
        """Nothing: if it failed, nothing went."""
