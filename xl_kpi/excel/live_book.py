"""The tables of a book that is open in Excel, read as ``reader`` reads those of a file.

One large range per sheet that has tables; where the tables stand and what they are called is asked
of Excel before. Cells come by way of xlwings' own converters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import xlwings as xw
from xlwings.main import Table

from xl_kpi.excel.area import Area, cell_name
from xl_kpi.excel.package import TablePart
from xl_kpi.excel.reader import Faults, RawBook, check_size, is_data, left_out, read_table
from xl_kpi.tables import CellError

Rows: TypeAlias = list[list[Any]]

_ERROR_BASE = -2146828288  # what COM gives for an error cell, less Excel's own number of the error
_ERRORS = {
    2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?",
    2036: "#NUM!", 2042: "#N/A", 2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!",
    2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!", 2050: "#CALC!",
}  # fmt: skip
_ERROR_TEXTS = frozenset(_ERRORS.values())
_NO_DAY = dt.date(1899, 12, 30)  # of a cell that holds a time of day


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table of the open book: what it is called and where it stands, and Excel's own objects."""

    part: TablePart
    table: Table
    sheet: xw.Sheet


@dataclass(slots=True)
class LiveBook:
    """The open book and what was read of it."""

    book: xw.Book
    raw: RawBook
    tables: dict[str, LiveTable]


def read_live(book: xw.Book) -> LiveBook:
    """Read every Excel table of an open book; header and totals rows are not data.

    Raises:
        InputError: cells stand so far out that they cannot be read.
    """
    sheets = list(book.sheets)
    raw = RawBook(Path(str(book.api.FullName)), {}, [], tuple(sheet.name for sheet in sheets))
    live = LiveBook(book, raw, {})
    for sheet, name in zip(sheets, raw.sheets, strict=True):
        tables = [_described(table, name) for table in sheet.tables]
        if tables:
            _read_sheet(sheet, tables, raw)
            live.tables |= {p.name: LiveTable(p, t, sheet) for p, t in tables}
    return live


def two_dimensional(cells: Any) -> Rows:
    """Cells as rows: Excel gives a single one as it is."""
    if not isinstance(cells, (tuple, list)):
        return [[cells]]
    return [list(row) if isinstance(row, (tuple, list)) else [row] for row in cells]


def _described(table: Table, sheet: str) -> tuple[TablePart, Table]:
    area = Area.parse(table.range.address)
    has_header = bool(table.show_headers)
    # The names of a header in sight are read with the other cells of its sheet.
    columns = () if has_header else tuple(column.name for column in table.columns)
    part = TablePart(
        name=table.name, part="", sheet=sheet, sheet_part="",
        first_row=area.first_row, first_column=area.first_column,
        last_row=area.last_row, last_column=area.last_column,
        columns=columns, header_rows=int(has_header), totals_rows=int(bool(table.show_totals)),
    )  # fmt: skip
    return part, table


def _read_sheet(
    sheet: xw.Sheet, tables: list[tuple[TablePart, Table]], book: RawBook
) -> None:
    """Add the tables of one sheet to the book, their columns named."""
    read = _extent(sheet, [part for part, _ in tables])
    check_size(sheet.name, read)
    rows, faults = _cells(sheet.range(str(read)), read)
    start = read.first_row - 1, read.first_column - 1
    for number, (part, table) in enumerate(tables):
        if part.header_rows:
            part = _with_columns(part, rows[part.first_row - read.first_row], read)
            tables[number] = part, table
        book.tables[part.name] = read_table(part, rows, start, faults)
        if is_data(part) and (below := _filled_below(sheet, part, rows, read)):
            book.problems.append(left_out(part, below))


def _extent(sheet: xw.Sheet, tables: Sequence[TablePart]) -> Area:
    """All tables of a sheet and the row under each, as far as anything stands there."""
    area = tables[0].area
    for table in tables[1:]:
        area = area.union(table.area)
    used = Area.parse(sheet.used_range.address)
    top = max(table.first_row for table in tables)
    last = max(min(area.last_row + 1, used.last_row), top)
    return Area(area.first_row, area.first_column, last, area.last_column)


def _with_columns(part: TablePart, row: Sequence[Any], read: Area) -> TablePart:
    first = part.first_column - read.first_column
    names = row[first : first + part.last_column - part.first_column + 1]
    return TablePart(
        part.name, part.part, part.sheet, part.sheet_part, part.first_row, part.first_column,
        part.last_row, part.last_column, tuple("" if n is None else str(n) for n in names),
        part.header_rows, part.totals_rows,
    )  # fmt: skip


def _cells(cells: xw.Range, area: Area) -> tuple[Rows, Faults]:
    """The cells of a range, and the errors among them by row and column."""
    rows: Rows = cells.options(ndim=2, err_to_str=True).value
    faults: Faults = {}
    exact: Rows | None = None
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if cell is None or type(cell) is float:
                continue
            fault = None
            if type(cell) is str:
                fault = cell if cell[:1] == "#" and cell in _ERROR_TEXTS else None
            elif type(cell) is int:  # a number is a float: this is an error that xlwings knows not
                fault = _ERRORS.get(cell - _ERROR_BASE, "#UNKNOWN!")
            elif isinstance(cell, Decimal):
                # In a currency format Excel gives four decimals; the cell may hold more.
                exact = exact or two_dimensional(cells.api.Value2)
                row[place] = exact[number][place]
            elif isinstance(cell, dt.datetime) and cell.date() == _NO_DAY:
                row[place] = cell.time()
            if fault:
                faults[area.first_row + number, area.first_column + place] = CellError(fault)
                row[place] = None
    return rows, faults


def _filled_below(sheet: xw.Sheet, part: TablePart, rows: Rows, read: Area) -> str | None:
    """The first cell with a typed value right under a table, in its columns."""
    number = part.last_row + 1
    if number > read.last_row:
        return None
    row = rows[number - read.first_row]
    columns = [
        column for column in range(part.first_column, part.last_column + 1)
        if row[column - read.first_column] is not None
    ]  # fmt: skip
    if not columns:
        return None
    under = Area(number, part.first_column, number, part.last_column)
    formulas = two_dimensional(sheet.range(str(under)).formula)[0]
    typed = [c for c in columns if not str(formulas[c - part.first_column]).startswith("=")]
    return cell_name(number, typed[0]) if typed else None
