"""Rows of a book's tables changed or added, HR's own columns and rows kept as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from xl_kpi.cells import plain
from xl_kpi.checks import PersonIndex, clean_table
from xl_kpi.errors import Problem
from xl_kpi.excel.load import empty_frame
from xl_kpi.excel.package import Package, TablePart
from xl_kpi.excel.patch import TableUpdate
from xl_kpi.excel.reader import RawBook
from xl_kpi.excel.sheet_xml import SheetXml
from xl_kpi.tables import CellError, Column, Table


class BookTable:
    """One table of a book that an import changes; nothing is written before ``update``."""

    def __init__(self, book: RawBook, package: Package, table: Table, problems: list[Problem],
                 people: PersonIndex | None = None) -> None:  # fmt: skip
        self.table = table
        self._problems = problems
        self._raw = book.tables.get(table.excel_name)
        self._place = package.tables.get(table.excel_name)
        self._package = package
        self._rows: list[list[object]] = []
        self._dropped: set[int] = set()
        self._changed = False
        if self._raw is None or self._place is None:
            self.frame = empty_frame(table)
            return
        self.frame = clean_table(self._raw, table, problems, people=people)
        self._rows = [list(row) for row in zip(*self._raw.columns, strict=True)]
        self._header = self._raw.header
        self._columns = {c.key: n for n, h in enumerate(self._header) if (c := _column(table, h))}

    @property
    def is_there(self) -> bool:
        """Whether the book has the table."""
        return self._raw is not None and self._place is not None

    def place(self, frame_row: int) -> int:
        """The row of the sheet's table of a row of ``frame``, both from 0."""
        assert self._raw is not None
        return int(self.frame.index[frame_row]) - self._raw.header_row - 1

    def where(self, place: int, key: str) -> str:
        """The address of a cell."""
        assert self._raw is not None
        return self._raw.where(place, self._columns.get(key, 0))

    def set(self, place: int, values: Mapping[str, object]) -> None:
        """New values in a row of the table."""
        for key, value in values.items():
            if key not in self._columns:
                self._lacks(key)
            elif self._rows[place][self._columns[key]] != value:
                self._rows[place][self._columns[key]] = value
                self._changed = True

    def drop(self, place: int) -> None:
        """Take a row away."""
        self._dropped.add(place)
        self._changed = True

    def drop_bare(self, place: int, keys: Sequence[str]) -> None:
        """Take a row away at the end if it holds nothing but these columns."""
        named = {self._columns[key] for key in keys if key in self._columns}
        if all(cell is None or n in named for n, cell in enumerate(self._rows[place])):
            self._dropped.add(place)

    def add(self, values: Mapping[str, object]) -> int:
        """A row behind the last one that holds anything; its place."""
        while self._rows and all(cell is None for cell in self._rows[-1]):
            self._rows.pop()
        self._rows.append([None] * len(self._header))
        self._changed = True
        self.set(len(self._rows) - 1, values)
        return len(self._rows) - 1

    def replace(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Other rows in place of all; own columns of HR are blank then."""
        lines: list[list[object]] = []
        for values in rows:
            line: list[object] = [None] * len(self._header)
            for key, value in values.items():
                if key in self._columns:
                    line[self._columns[key]] = value
                elif value is not None:
                    self._lacks(key)
            lines.append(line)
        before = [row for row in self._rows if any(cell is not None for cell in row)]
        if [list(map(_comparable, r)) for r in before] != [list(map(_comparable, r)) for r in lines]:
            self._rows, self._changed = lines, True

    def update(self) -> TableUpdate | None:
        """What to write; None if nothing has changed."""
        if not self._changed or self._place is None:
            return None
        if any(isinstance(cell, CellError) for row in self._rows for cell in row):
            what = f"“{self.table.zh}”里有出错或没有计算的公式，导入会改写这张表"
            self._problems.append(Problem(self._place.sheet, what, "改好公式，保存后再导入"))
            return None
        if _has_formula(self._package, self._place):
            what = f"“{self.table.zh}”的单元格里有公式，导入会把它变成数值"
            fix = "把公式移到表格旁边的列，或先改成数值，保存后再导入"
            self._problems.append(Problem(self._place.sheet, what, fix))
            return None
        rows = [row for n, row in enumerate(self._rows) if n not in self._dropped]
        return TableUpdate(self.table.excel_name, rows)

    def missing(self) -> Problem:
        """What to say when the book has not the table and it is needed."""
        what = f"缺少表“{self.table.zh}”（Excel 表名 {self.table.excel_name}）"
        return Problem(self.table.zh, what, "用 xl-kpi new 新建一本，把数据移过去再导入")

    def _lacks(self, key: str) -> None:
        label = self.table.column(key).zh
        where = self._place.sheet if self._place else self.table.zh
        problem = Problem(where, f"缺少“{label}”这一列", "加上这一列，保存后再导入")
        if problem not in self._problems:
            self._problems.append(problem)


def _column(table: Table, header: str) -> Column | None:
    wanted = plain(header)
    for column in table.columns:
        if wanted in map(plain, column.headers):
            return column
    return None


def _comparable(cell: object) -> object:
    """A cell as it reads after it was written: dates as days, whole floats as such."""
    if isinstance(cell, pd.Timestamp):
        return cell.date()
    if hasattr(cell, "date") and callable(cell.date):
        return cell.date()
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _has_formula(package: Package, place: TablePart) -> bool:
    sheet = SheetXml(package.read(place.sheet_part), place.sheet)
    body = place.body
    return any(
        sheet.has_formula(sheet.cut(row, body.first_column, body.last_column))
        for row in range(body.first_row, body.last_row + 1)
    )
