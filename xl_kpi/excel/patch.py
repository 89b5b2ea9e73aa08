"""Results written into a user's workbook by exchanging cells inside its parts.

Only the sheets and tables that change are written anew; every other part of the file (macros,
ribbon, charts, pictures, other sheets) stays byte for byte, and so do HR's own cells around a
table. The same results written twice give the same file.  Sheets that a run makes as a whole (``sheets``)
are put in the place of those that an earlier run made.

Formulas elsewhere keep the values they had until a program calculates them again: when the book
has any, the workbook part asks for that at the next opening (``fullCalcOnLoad``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.excel.archive import UnusualArchiveError, rewrite
from xl_kpi.excel.area import Area, parse_cell
from xl_kpi.excel.calculation import calc_chain, has_formula, with_full_calculation, without_part
from xl_kpi.excel.cell_xml import CellWriter, TextTooLongError
from xl_kpi.excel.chart_xml import ChartColumn, ChartPlace, charts_of, shown_columns, with_columns
from xl_kpi.excel.own_sheets import OwnSheet, SheetsEdit, replace_own_sheets
from xl_kpi.excel.package import Package, TablePart, open_package
from xl_kpi.excel.references import references_to
from xl_kpi.excel.replace_file import (
    changed_meanwhile,
    digest_of,
    refuse_if_open,
    replace_file,
)
from xl_kpi.excel.sheet_xml import SheetXml
from xl_kpi.excel.styles_xml import StylesXml
from xl_kpi.excel.table_edit import TableEdit, grown_over, lost_column, missing_table
from xl_kpi.excel.table_xml import TableXml

_UNKNOWN_FORM = "工作簿的内部写法无法识别，不能直接写入"
_SAVE_AGAIN = "请用 Excel 打开工作簿，保存一次后再试"


@dataclass(frozen=True, slots=True)
class TableUpdate:
    """The new content of an existing Excel table.

    Attributes:
        table: the table's name in Excel, such as ``kpi_result_people``.
        rows: cells: None, text, truth values, numbers, dates.
        header: the columns; None leaves them as they are. Other columns than the table has
            replace all of them.
        styles: for other columns, the named cell style of each (``KPI 金额``). A name that the
            book does not know, or None, leaves what stands there. Columns that stay keep the
            look of the table's first body row, so a format HR has chosen survives.
        widths: for other columns, the width of each in characters.
        folded: for other columns, with widths, which of them are grouped and closed.
        charted: how many of the rows, the first ones, charts are to show that show a column of
            this table; 0 leaves charts as they are.
        heights: the height of each row in points, None for that of a single line; without
            heights the rows keep theirs.
    """

    table: str
    rows: Sequence[Sequence[object]]
    header: Sequence[str] | None = None
    styles: Sequence[str | None] | None = None
    heights: Sequence[float | None] | None = None
    widths: Sequence[float] | None = None
    folded: Sequence[bool] | None = None
    charted: int = 0


@dataclass(frozen=True, slots=True)
class CellUpdate:
    """The new value of one cell outside the tables.

    Attributes:
        style: the named cell style it takes; its look stays where the book does not know the name.
        replaces: how formulas begin that may be replaced; any other one is HR's.
    """

    sheet: str
    cell: str
    value: object
    style: str | None = None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookPlaces:
    """What whole sheets need to know of the book that they go into.

    Attributes:
        styles: the book's formats, to which they add theirs.
        tables: the sheet and the cells of each Excel table as they will be.
    """

    styles: StylesXml
    tables: Mapping[str, tuple[str, Area]]


MakeSheets: TypeAlias = Callable[[BookPlaces], Sequence[OwnSheet]]


def patch_book(
    source: Path,
    target: Path,
    tables: Sequence[TableUpdate],
    cells: Sequence[CellUpdate] = (),
    *,
    sheets: MakeSheets | None = None,
    backup: bool = True,
    seen: str | None = None,
) -> Path | None:
    """Write tables and cells into a copy of a workbook, or into the workbook itself.

    Args:
        source: the workbook.
        target: where the result goes; it may be the source. It is replaced in one step.
        tables: new content of Excel tables.
        cells: new values of single cells.
        sheets: makes the whole sheets that replace those of an earlier run; None leaves them.
        backup: whether to keep the file that stood at ``target``, as ``<name>.备份.xlsx``.
        seen: the ``digest`` of the book when what is written was read; None = right now.

    Returns:
        The backup, if one was made; none is made when nothing changes.

    Raises:
        InputError: the book cannot take the results or the file cannot be written. All
            problems of the book are told at once, and nothing was written.
    """
    source, target = Path(os.path.realpath(source)), Path(os.path.realpath(target))
    refuse_if_open(target)
    with open_package(source) as package:
        if seen not in (None, package.digest):
            raise changed_meanwhile(source)
        book = _BookEdit(package)
        for table in tables:
            book.edit_table(table)
        for cell in cells:
            book.edit_cell(cell)
        book.edit_charts()
        if sheets is not None:
            book.edit_sheets(sheets)
        changed, removed = book.parts()
        names, seen = package.names, package.digest
    if source == target and not changed:
        return None
    content = source.read_bytes()
    if digest_of(content) != seen:
        raise changed_meanwhile(source)
    try:
        pieces = rewrite(content, names, changed, removed)
        return replace_file(
            target, pieces, like=source, backup=backup, seen=seen if source == target else None
        )
    except UnusualArchiveError as error:
        what = "文件的压缩结构不常见，不能直接写入"
        raise InputError([Problem(source.name, what, _SAVE_AGAIN)]) from error


class _BookEdit:
    """Collects the changes of one book and whatever speaks against them."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._writer = CellWriter(date_1904=package.date_1904)
        self._original: dict[str, bytes] = {}
        self._sheets: dict[str, SheetXml] = {}
        self._tables: dict[str, TableXml] = {}
        self._areas = {name: table.area for name, table in package.tables.items()}
        self._problems: list[Problem] = []
        self._removed_formula = False
        self._own = SheetsEdit()
        self._charted: dict[ChartPlace, ChartColumn] = {}
        self._charts: dict[str, bytes] = {}

    def edit_table(self, update: TableUpdate) -> None:
        table = self._package.tables.get(update.table)
        if table is None:
            name = self._package.path.name
            self._problems.append(missing_table(name, update.table, self._package.tables))
            return
        if table.part in self._tables:
            raise ValueError(f"two updates of {table.name}")
        try:
            sheet = self._sheet(table.sheet, table.sheet_part)
            xml = TableXml(self._read(table.part), table.columns)
        except InputError as error:
            self._problems += error.problems
            return
        except ValueError:
            what = "表格的内部写法无法识别，不能直接写入"
            self._problems.append(Problem(f"表格 {table.name}", what, _SAVE_AGAIN))
            return
        self._tables[table.part] = xml
        edit = TableEdit(table, update.rows, update.header, sheet)
        problems = [
            *edit.problems(),
            *self._overlaps(table, edit.area),
            *self._lost_columns(table, xml, edit.lost),
        ]
        if xml.is_query:
            what = "表格连接着外部数据，写入的结果会被刷新掉"
            fix = "请在“表设计”里选择“取消链接”，保存后再试"
            problems.append(Problem(f"表格 {table.name}", what, fix))
        if not problems:
            problems = edit.apply(xml, self._writer, update.styles, self._named_styles.get)
            if update.heights is not None:
                edit.set_heights(update.heights)
            if update.widths is not None and edit.has_new_header:
                beyond = [False] * (edit.old.last_column - edit.new.last_column)
                folded = None if update.folded is None else [*update.folded, *beyond]
                sheet.set_widths(edit.new.first_column, update.widths, folded)
        self._areas[table.name] = edit.area
        if update.charted:
            self._charted |= shown_columns(table.sheet, edit.area, update.rows, update.charted)
        self._removed_formula |= edit.removed_formula
        self._problems += problems

    def edit_cell(self, update: CellUpdate) -> None:
        row, column = parse_cell(update.cell)
        cell = Area(row, column, row, column)
        where = f"{update.sheet}!{cell}"
        part = self._package.sheets.get(update.sheet)
        if part is None:
            self._problems.append(self._missing_sheet(update.sheet))
            return
        try:
            sheet = self._sheet(update.sheet, part)
        except InputError as error:
            self._problems += error.problems
            return
        cut = sheet.cut(row, column, column)
        if not is_replaceable(sheet.formula(cut), update.replaces) or any(
            cell.overlaps(one.area) for one in sheet.spread_formulas
        ):
            fix = "请把公式移到别的单元格，或从模板恢复这张工作表"
            self._problems.append(Problem(where, "要写入的单元格里有公式", fix))
        elif self._is_in_table(update.sheet, cell):
            fix = "请把表格移开，或从模板恢复这张工作表"
            self._problems.append(Problem(where, "要写入的单元格在表格里", fix))
        elif any(area.overlaps(cell) and not _starts(area, cell) for area in sheet.merged):
            fix = "请取消合并后再试"
            self._problems.append(Problem(where, "要写入的单元格在合并单元格里", fix))
        else:
            style = sheet.styles(row, column, column)[0]
            style = self._named_styles.get(update.style or "", style)
            self._removed_formula |= sheet.has_formula(cut)
            try:
                sheet.put(row, cut, self._writer.cell(str(cell), style, update.value))
            except TextTooLongError:
                what = "文字超过 Excel 单元格的上限（32767 字）"
                self._problems.append(Problem(where, what, "请缩短这段文字"))
            sheet.include(cell)

    def edit_charts(self) -> None:
        """Let the charts of charted tables show their new rows."""
        if not self._charted:
            return
        for part in charts_of(self._package):
            self._charts[part] = with_columns(self._read(part), self._charted)

    def edit_sheets(self, make: MakeSheets) -> None:
        package = self._package
        links = package.relationships(package.workbook_part).values()
        styles_part = next((link.target for link in links if link.kind == "styles"), "")
        try:
            styles = StylesXml(package.read(styles_part))
            tables = {t.name: (t.sheet, self._areas[t.name]) for t in package.tables.values()}
            made = make(BookPlaces(styles, tables))
            self._own = replace_own_sheets(package, made, package.read)
            if not package.holds(styles_part, content := styles.content()):
                self._own.changed[styles_part] = content
        except (KeyError, ValueError, StopIteration):
            self._problems.append(Problem(package.path.name, _UNKNOWN_FORM, _SAVE_AGAIN))
            return
        self._problems += self._own.problems
        self._removed_formula |= bool(self._own.changed or self._own.removed)

    def parts(self) -> tuple[dict[str, bytes], set[str]]:
        """The new content of the parts that change, and the parts that go.

        Raises:
            InputError: there were problems.
        """
        if self._problems:
            raise InputError(dict.fromkeys(self._problems))
        parts = {name: sheet.content() for name, sheet in self._sheets.items()}
        parts |= {name: table.content() for name, table in self._tables.items()}
        parts |= self._charts
        changed = {name: new for name, new in parts.items() if new != self._original[name]}
        changed |= self._own.changed
        if not changed and not self._own.removed:
            return changed, set()
        try:
            dependent, removed = self._calculation_parts(parts)
        except ValueError as error:
            problem = Problem(self._package.path.name, _UNKNOWN_FORM, _SAVE_AGAIN)
            raise InputError([problem]) from error
        return changed | dependent, removed | self._own.removed

    def _calculation_parts(self, parts: dict[str, bytes]) -> tuple[dict[str, bytes], set[str]]:
        """What changes and goes because formulas went or must be calculated again."""
        package = self._package
        changed: dict[str, bytes] = {}
        removed: set[str] = set()

        def read(name: str) -> bytes:
            return self._own.changed.get(name) or package.read(name)

        chain = calc_chain(package)
        if chain and self._removed_formula:  # Excel makes a new one
            changed |= without_part(package, chain, read)
            removed.add(chain.target)
            chain = None
        workbook = read(package.workbook_part)
        recalculated = with_full_calculation(workbook)
        has_formulas = bool(chain or self._own.changed) or self._has_formulas(parts)
        if recalculated != workbook and has_formulas:
            changed[package.workbook_part] = recalculated
        return changed, removed

    def _read(self, part: str) -> bytes:
        content = self._original[part] = self._package.read(part)
        return content

    def _sheet(self, name: str, part: str) -> SheetXml:
        if part not in self._sheets:
            self._sheets[part] = SheetXml(self._read(part), name)
        return self._sheets[part]

    def _has_formulas(self, parts: dict[str, bytes]) -> bool:
        return any(
            has_formula(parts[part] if part in parts else self._package.read(part))
            for part in self._package.sheets.values()
        )

    @cached_property
    def _named_styles(self) -> dict[str, str]:
        """The first cell format that follows each named style."""
        links = self._package.relationships(self._package.workbook_part).values()
        part = next((link.target for link in links if link.kind == "styles"), None)
        if part not in self._package.names:
            return {}
        root = self._package.xml(part)
        formats: dict[str, str] = {}
        for number, xf in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
            formats.setdefault(xf.get("xfId", "0"), str(number))
        return {
            style.get("name", ""): formats[style.get("xfId", "")]
            for style in root.iterfind("{*}cellStyles/{*}cellStyle")
            if style.get("xfId") in formats
        }

    def _is_in_table(self, sheet: str, area: Area) -> bool:
        return any(
            area.overlaps(self._areas[other.name]) or area.overlaps(other.area)
            for other in self._package.tables.values()
            if other.sheet == sheet
        )

    def _overlaps(self, table: TablePart, area: Area) -> list[Problem]:
        return [
            grown_over(table, other.name, self._areas[other.name])
            for other in self._package.tables.values()
            if other.sheet == table.sheet
            and other is not table
            and area.overlaps(self._areas[other.name])
        ]

    def _lost_columns(self, table: TablePart, xml: TableXml, lost: Sequence[str]) -> list[Problem]:
        """Formulas and slicers on columns that go would make Excel repair the file."""
        if not lost:
            return []
        problems = [
            lost_column(place, table.name, column)
            for place, column in references_to(self._package, table.name, lost)
        ]
        ids = xml.column_ids(lost)
        for part in self._package.names:
            if part.startswith("xl/slicerCaches/"):
                for cache in self._package.xml(part).iter():
                    if (
                        cache.tag.endswith("}tableSlicerCache")
                        and cache.get("tableId") == xml.id
                        and cache.get("column") in ids
                    ):
                        what = "有切片器用到了新方案的结果里没有的列"
                        fix = "请先删除这个切片器，保存后再试"
                        problems.append(Problem(f"表格 {table.name}", what, fix))
        return problems

    def _missing_sheet(self, name: str) -> Problem:
        near = nearest(name, self._package.sheets)
        what = f"找不到工作表“{name}”" + (f"，只有相近的“{near}”" if near else "")
        return Problem(self._package.path.name, what, "请把工作表改回原来的名称，或从备份恢复")


def is_replaceable(formula: str | None, replaces: tuple[str, ...]) -> bool:
    """Whether a cell has no formula (None), or one that is the program's own."""
    return formula is None or formula.startswith(replaces or ("\0",))


def _starts(area: Area, cell: Area) -> bool:
    return (area.first_row, area.first_column) == (cell.first_row, cell.first_column)
