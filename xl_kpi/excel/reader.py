"""The Excel tables of a book, cell by cell, with the values Excel last saved.

Calamine reads fast, but it gives the same empty value for a blank cell, an error and a formula
that was never calculated. So each sheet part is also judged as it stands in the file: the last
two become a ``CellError``.
"""

from __future__ import annotations

import datetime as dt
import gc
import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineTable, CalamineWorkbook

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.area import Area, cell_name, column_number, parse_cell
from xl_kpi.excel.package import Package, TablePart, open_package
from xl_kpi.sources.workbooks import BROKEN, far_corner, oddity
from xl_kpi.tables import Cell, CellError, RawTable

NOT_CALCULATED = CellError("公式未计算")
NOT_FINITE = CellError("#NUM!")

Faults: TypeAlias = dict[tuple[int, int], CellError]  # by row and column, both from 1

_MAX_CELLS = 50_000_000  # calamine keeps the whole rectangle of a sheet in memory
_KNOWN_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_SAVE_AGAIN = "请用 Excel 或 WPS 打开检查，另存一份后再试"

_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="([A-Z0-9:]+)"')
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z0-9:]+)["']""")
_CELL_WITH_CONTENT = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*\s)?r="([A-Z]+)([0-9]+)"(?:[^>]*[^/>])?>')
# Patterns begin with a literal: that is what makes them fast over tens of megabytes.
_ERROR = re.compile(rb' t="e"[^<>]*>(?:<f[^<]*(?:</f>)?)?<v>([^<]+)</v></c>')
_FORMULA = re.compile(rb"<f[\s/>]")
_WITH_VALUE = (re.compile(rb"</f><v>[^<\s]"), re.compile(rb"<f [^<>]*/><v>[^<\s]"))
_WITHOUT_VALUE = re.compile(rb"<f(?:[^<>]*/>|[^<>]*>[^<]*</f>)(<v></v>|<v/>)?</c>")
_CELL_HEAD = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^<>]*)>?')
_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
_EDGE = re.compile(r"^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$")


# Tables that a run writes; what stands under them is nobody's data.
_WRITTEN = ("kpi_result", "kpi_trace", "kpi_checks", "kpi_status", "kpi_settings")
# Two letters and a row below 70 000 come to fewer than _MAX_CELLS.
_FAR_CELL = re.compile(rb"""r\s*=\s*["'](?:[A-Za-z]{3}[0-9]|[A-Za-z]*(?:[0-9]{6}|[7-9][0-9]{4}))""")
_FILLED_CELL = re.compile(rb'<c\s[^>]*?r="([A-Z]+[0-9]+)"[^>/]*>\s*<(?:v|is)>')


@dataclass(slots=True)
class RawBook:
    """What stands in a book: its tables by their Excel names, and what is wrong with them."""

    path: Path
    tables: dict[str, RawTable]
    problems: list[Problem]
    sheets: tuple[str, ...]
    digest: str | None = None  # of the file, where it was read from one


def read_book(path: Path, only: Collection[str] | None = None) -> RawBook:
    """Read the Excel tables of a workbook; header and totals rows are not data.

    Args:
        path: The workbook.
        only: The names of the tables that are wanted; all if not given.

    Raises:
        InputError: the file is missing, unreadable, damaged, or no .xlsx or .xlsm workbook.
    """
    with open_package(path) as package, _without_collector():
        if not package.sheets:
            fix = "请选择有数据表格的 .xlsx 或 .xlsm 文件"
            raise InputError([Problem(package.path.name, "文件里没有工作表", fix)])
        book = RawBook(package.path, {}, [], tuple(package.sheets), package.digest)
        by_sheet: dict[str, list[TablePart]] = {}
        for table in package.tables.values():
            if only is None or table.name in only:
                by_sheet.setdefault(table.sheet, []).append(table)
        if by_sheet:
            with _damage_named(package):
                if not package.strings_fit():
                    raise ValueError("more shared strings than fit")
                workbook = CalamineWorkbook.from_path(package.path, load_tables=True)
            with workbook:
                for sheet, tables in by_sheet.items():
                    with _damage_named(package, sheet):
                        _read_sheet(package, workbook, sheet, tables, book)
        return book


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of new cells make the garbage collector search again and again, for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _damage_named(package: Package, sheet: str = "") -> Iterator[None]:
    """Whatever breaks in here breaks because the file is damaged."""
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        # A panic inside calamine is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        what = f"文件已损坏，工作表“{sheet}”读不出来" if sheet else "文件已损坏，读不出来"
        raise InputError([Problem(package.path.name, what, _SAVE_AGAIN)]) from error


def _read_sheet(
    package: Package,
    workbook: CalamineWorkbook,
    sheet: str,
    tables: list[TablePart],
    book: RawBook,
) -> None:
    """Add the tables of one sheet to the book."""
    part = package.read(package.sheets[sheet])
    _check_spelling(package, sheet, part)
    _check_extent(sheet, part, tables)
    faults = find_faults(part)
    _check_errors(sheet, faults)
    # Calamine parses a sheet twice when asked for all of it, once for a table.
    source: CalamineTable | CalamineSheet = (
        workbook.get_table_by_name(tables[0].name)
        if len(tables) == 1
        else workbook.get_sheet_by_name(sheet)
    )
    rows = source.to_python()
    merged = _merged_areas(part)
    for table in tables:
        book.tables[table.name] = read_table(table, rows, source.start or (0, 0), faults)
        if is_data(table) and (below := _filled_below(part, table)):
            book.problems.append(left_out(table, below))
        book.problems.extend(
            Problem(
                f"{sheet}!{area}",
                f"表格“{table.name}”里有合并单元格 {area}，合并后只有左上角有值",
                "选中它，取消合并，在每个单元格里分别填写",
            )
            for area in merged
            if area.overlaps(table.body)
        )


def is_data(table: TablePart) -> bool:
    """Whether what stands right under a table could be meant to belong to it."""
    return not table.totals_rows and not table.name.startswith(_WRITTEN)


def left_out(table: TablePart, cell: str) -> Problem:
    """A filled cell right under a table."""
    what = f"第 {table.last_row + 1} 行在表格“{table.name}”之外，没有读入"
    fix = "把表格右下角的小三角拖到最后一行；不是数据就空一行再写"
    return Problem(f"{table.sheet}!{cell}", what, fix)


def _filled_below(part: bytes, table: TablePart) -> str | None:
    """The first filled cell right under a table, in its columns."""
    number = table.last_row + 1
    found = re.search(rb'<row\b[^>]*?\sr="%d"[^>]*>(.*?)</row>' % number, part, re.DOTALL)
    for cell in _FILLED_CELL.finditer(found[1] if found else b""):
        address = cell[1].decode()
        column = column_number(address.rstrip("0123456789"))
        if table.first_column <= column <= table.last_column:
            return address
    return None


def read_table(
    table: TablePart, rows: Sequence[Sequence[object]], start: tuple[int, int], faults: Faults
) -> RawTable:
    """One table out of the rows of its sheet.

    Args:
        table: Where it stands and what its columns are called.
        rows: Cells of the sheet: None, texts, numbers, truth values, dates.
        start: Row and column, from 0, of the first of these cells.
        faults: What stands in cells that hold no value.
    """
    body = table.body
    height = body.last_row - body.first_row + 1
    top, left = start
    # What the sheet's rows do not cover, above, below or beside them, is blank.
    columns: list[list[Cell]] = [[None] * height for _ in table.columns]
    first = max(body.first_row - 1 - top, 0)
    covered = rows[first : max(body.last_row - top, 0)]
    skipped_rows = first + top + 1 - body.first_row
    first = max(body.first_column - 1 - left, 0)
    last = max(body.last_column - left, 0)
    skipped_columns = first + left + 1 - body.first_column
    if covered and last - first < len(covered[0]):
        covered = [row[first:last] for row in covered]
    for place, cells in enumerate(zip(*covered, strict=True)):
        column = columns[skipped_columns + place]
        column[skipped_rows : skipped_rows + len(covered)] = _cleaned(cells)
    for (row, place), fault in faults.items():
        if (
            body.first_row <= row <= body.last_row
            and body.first_column <= place <= body.last_column
        ):
            columns[place - body.first_column][row - body.first_row] = fault
    return RawTable(
        name=table.name,
        sheet=table.sheet,
        header_row=body.first_row - 1,
        first_column=table.first_column,
        header=table.columns,
        columns=_without_blank_end(columns),
    )


def _cleaned(cells: Sequence[object]) -> Sequence[Cell]:
    """Calamine's values as ``Cell``s; one pass over the column for each type that needs it."""
    types = set(map(type, cells))
    if str in types:
        cells = [(c.strip() or None) if type(c) is str else c for c in cells]
        if _ZERO_WIDTH.search("".join([c for c in cells if type(c) is str])):
            cells = [(_EDGE.sub("", c) or None) if type(c) is str else c for c in cells]
    if int in types:
        cells = [float(c) if type(c) is int else c for c in cells]
    if dt.datetime in types:
        cells = [_without_midnight(c) if isinstance(c, dt.datetime) else c for c in cells]
    numbers = cells if types == {float} else [c for c in cells if type(c) is float]
    if not math.isfinite(sum(cast("Sequence[float]", numbers))):
        cells = [NOT_FINITE if type(c) is float and not math.isfinite(c) else c for c in cells]
    return cells


def _without_midnight(moment: dt.datetime) -> dt.date:
    return moment.date() if moment.time() == dt.time() else moment


def _without_blank_end(columns: list[list[Cell]]) -> list[list[Cell]]:
    """The columns without the rows at the end in which nothing stands."""
    height = 0
    for column in columns:
        filled = len(column)
        while filled > height and column[filled - 1] is None:
            filled -= 1
        height = max(height, filled)
    return [column[:height] for column in columns]


# --- the sheet part as it stands in the file ---


def _check_spelling(package: Package, sheet: str, part: bytes) -> None:
    """Refuse what calamine passes over in silence."""
    if odd := oddity(part):
        what = f"工作表“{sheet}”的写法少见（{odd}），有的内容读不出来"
        if odd == BROKEN:
            what = f"文件已损坏，工作表“{sheet}”读不出来"
        raise InputError([Problem(package.path.name, what, _SAVE_AGAIN)])


def check_size(sheet: str, area: Area) -> None:
    """Refuse cells that would exhaust the memory.

    Raises:
        InputError: they are too many.
    """
    if _size(area) > _MAX_CELLS:
        what = f"用到了 {area} 这么大的范围，读不进来；可能有内容写在很远的行或列"
        fix = "删掉表格下方和右侧多余的行和列（选中整行或整列，右键删除），保存后再试"
        raise InputError([Problem(sheet, what, fix)])


def _check_extent(sheet: str, part: bytes, tables: list[TablePart]) -> None:
    areas = [table.body for table in tables]
    dimension = _DIMENSION.search(part[:10_000])
    if _FAR_CELL.search(part) or not dimension or _size(Area.parse(dimension[1].decode())) > _MAX_CELLS:
        # The stated area also counts cells that are merely formatted.
        areas.append(Area(1, 1, *far_corner(part)))
    check_size(sheet, max(areas, key=_size))


def _check_errors(sheet: str, faults: Faults) -> None:
    """Name the error values that make calamine refuse the whole sheet."""
    unknown = [
        Problem(f"{sheet}!{cell_name(*cell)}", f"公式出错：{fault.text}", "改好公式，或者清空它")
        for cell, fault in faults.items()
        if fault != NOT_CALCULATED and fault.text not in _KNOWN_ERRORS
    ]
    if unknown:
        raise InputError(unknown[:20])


def _size(area: Area) -> int:
    return (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1)


def _merged_areas(part: bytes) -> list[Area]:
    found = _MERGED.findall(part, max(part.rfind(b"sheetData"), 0))
    return [Area.parse(reference.decode()) for reference in found]


def find_faults(part: bytes) -> Faults:
    """The cells of a sheet that hold an error or a formula without a value."""
    faults = _quick_faults(part)
    return _FaultScan(part).faults if faults is None else faults


def _quick_faults(part: bytes) -> Faults | None:
    """The faults of a sheet in its usual spelling; None if anything is spelt otherwise."""
    if b"<worksheet" not in part[:2_000] or (b"'" in part and b"'e'" in part):
        return None
    marks = part.count(b'"e"')
    errors = list(_ERROR.finditer(part)) if marks else []
    if len(errors) != marks:
        return None
    faults: Faults = {}
    for error in errors:
        head = _CELL_HEAD.fullmatch(part, part.rfind(b"<c ", 0, error.start() + 1), error.start())
        if head is None:
            return None
        faults[parse_cell(head[1].decode())] = CellError(error[1].decode())
    formulas = len(_FORMULA.findall(part))
    for pattern in _WITH_VALUE if formulas else ():
        formulas -= len(pattern.findall(part))
    if not formulas:
        return faults
    for formula in _WITHOUT_VALUE.finditer(part):
        start = formula.start()
        head = _CELL_HEAD.fullmatch(part, part.rfind(b"<c ", 0, start), start)
        if head is None:
            return None
        formulas -= 1
        if b't="str"' not in head[2] or formula[1] is None:
            faults[parse_cell(head[1].decode())] = NOT_CALCULATED
    return faults if formulas == 0 else None


class _FaultScan:
    """A full parse of a sheet part, as exact as it is slow."""

    def __init__(self, part: bytes) -> None:
        self.faults: Faults = {}
        self._row = 0
        self._reference = ""  # of the last cell that has one; the others follow it
        self._steps = 0
        self._type, self._has_formula, self._has_value = "", False, False
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start_root
        self._parser.Parse(part, True)
        self._end_cell()

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        prefix = name.removesuffix("worksheet")
        self._row_tag, self._cell_tag = prefix + "row", prefix + "c"
        self._formula_tag, self._value_tag = prefix + "f", prefix + "v"
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._value_tag:
            self._has_value = True
            if self._has_formula or self._type == "e":
                self._parser.CharacterDataHandler = self._text.append
        elif name == self._cell_tag:
            self._end_cell()
            self._type, self._has_value = attributes.get("t", "n"), False
            reference = attributes.get("r")
            if reference:
                self._reference, self._steps = reference, 0
            else:
                self._steps += 1
        elif name == self._formula_tag:
            self._has_formula = True
        elif name == self._row_tag:
            self._end_cell()
            self._row = int(attributes.get("r", self._row + 1))
            self._reference, self._steps = "", 0

    def _end_cell(self) -> None:
        if self._has_formula or self._type == "e":
            text = "".join(self._text).strip()
            if self._type == "e":
                self.faults[self._position()] = CellError(text or "#VALUE!")
            elif not text and not (self._has_value and self._type == "str"):
                self.faults[self._position()] = NOT_CALCULATED
            self._parser.CharacterDataHandler = None
            self._type, self._has_formula, self._has_value = "", False, False
            self._text = []

    def _position(self) -> tuple[int, int]:
        row, column = parse_cell(self._reference) if self._reference else (self._row, 0)
        return row, column + self._steps
