"""Result tables and single cells of the open book: what is to be written, judged beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import xlwings as xw

from xl_kpi.errors import Problem
from xl_kpi.excel.area import Area, cell_name, parse_cell
from xl_kpi.excel.cell_xml import TextTooLongError
from xl_kpi.excel.chart_xml import ChartColumn, ChartPlace, shown_columns, with_cells
from xl_kpi.excel.live_book import LiveBook, LiveTable
from xl_kpi.excel.live_cells import Snapshot, entries, entry, snapshot
from xl_kpi.excel.live_references import KeepFormulas, formulas_naming, lost_columns
from xl_kpi.excel.live_steps import RefillTable, Step, Write
from xl_kpi.excel.patch import CellUpdate, TableUpdate, is_replaceable
from xl_kpi.excel.table_edit import (
    grown_over,
    header_problems,
    missing_table,
    moved_columns,
    size_problems,
    taken_cells,
    too_long,
)


@dataclass(slots=True)
class TablesPlan:
    """The steps that bring tables and cells to their new content, and what speaks against them.

    Attributes:
        steps: in the order in which they are made.
        problems: with one of them nothing is to be written.
        areas: sheet and cells of every table of the book as they will be.
        refilled: the tables that are written, each with its update.
        sheets: the sheets that are written, by name.
        cells: the cells outside tables that are written, and their named styles.
        ours: sheets that are written as a whole.
    """

    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    areas: dict[str, tuple[str, Area]] = field(default_factory=dict)
    refilled: list[tuple[LiveTable, TableUpdate]] = field(default_factory=list)
    sheets: dict[str, xw.Sheet] = field(default_factory=dict)
    cells: list[tuple[xw.Sheet, Area, Sequence[str | None]]] = field(default_factory=list)
    ours: Collection[str] = ()


def plan_tables(
    live: LiveBook,
    updates: Sequence[TableUpdate],
    cells: Sequence[CellUpdate] = (),
    *,
    ours: Collection[str] = (),
) -> TablesPlan:
    """Judge the new content of tables and cells and make the steps that write it.

    Args:
        live: The open book.
        updates: New content of tables.
        cells: New values of single cells.
        ours: Sheets that are written as a whole; their formulas are nobody's.
    """
    areas = {name: (table.part.sheet, table.part.area) for name, table in live.tables.items()}
    plan = TablesPlan(areas=areas, ours=ours)
    found = []
    for update in updates:
        table = live.tables.get(update.table)
        if table is None:
            name = live.raw.path.name
            plan.problems.append(missing_table(name, update.table, live.tables))
        else:
            plan.areas[update.table] = table.part.sheet, new_area(table, update)
            found.append((table, update))
    for table, update in found:
        step, problems = _refill(live, plan, table, update)
        plan.problems += problems
        if step is not None:
            plan.steps += _with_formulas_kept(live, plan, step)
            plan.refilled.append((table, update))
            plan.sheets[table.part.sheet] = table.sheet
    for block in _blocks(cells):
        _plan_cells(live, plan, block)
    return plan


def new_area(table: LiveTable, update: TableUpdate) -> Area:
    """The whole table as it will be, with header and totals row."""
    part = table.part
    width = len(part.columns if update.header is None else update.header)
    last_row = part.first_row + max(len(update.rows), 1) + part.totals_rows
    return Area(part.first_row, part.first_column, last_row, part.first_column + width - 1)


def _refill(
    live: LiveBook, plan: TablesPlan, table: LiveTable, update: TableUpdate
) -> tuple[RefillTable | None, list[Problem]]:
    part = table.part
    if not part.header_rows:
        fix = "请在“表设计”里勾选“标题行”，再试一次"
        return None, [Problem(f"表格 {part.name}", "结果表的标题行被隐藏了", fix)]
    columns = part.columns if update.header is None else tuple(update.header)
    header = columns if columns != part.columns else None
    new = plan.areas[part.name][1]
    problems = list(size_problems(part, part.area, new))
    if header is not None:
        problems += header_problems(part.name, columns)
    problems += [
        grown_over(part, other, area)
        for other, (sheet, area) in plan.areas.items()
        if sheet == part.sheet and other != part.name and new.overlaps(area)
    ]
    if problems:
        return None, problems
    rows = update.rows or [[None] * len(columns)]
    before = snapshot(table.sheet, part.area.union(new))
    body = Area(
        part.first_row + 1, new.first_column, new.last_row - part.totals_rows, new.last_column
    )
    added, gone = list(without(new, part.area)), list(without(part.area, new))
    taken = [cell for area in added for cell in _filled(before, area)]
    if taken:
        return None, taken_cells(part, new, taken)
    try:
        cells = entries(rows)
    except TextTooLongError as error:
        return None, [too_long(part.name, str(error))]
    return RefillTable(
        table.sheet, table.table, part.area, new, part.totals_rows, header, part.columns, body,
        cells, before, gone, added,
    ), []  # fmt: skip


def _with_formulas_kept(live: LiveBook, plan: TablesPlan, step: RefillTable) -> list[Step]:
    """The step between two that keep HR's formulas, when the columns change and there are some."""
    if step.header is None:
        return [step]
    table = step.table.name
    found, names = formulas_naming(live, table, plan.ours)
    lost = [name for name in step.former_header if name not in step.header]
    plan.problems += dict.fromkeys(lost_columns(table, lost, found, names))
    if not found and not names:
        return [step]
    plan.sheets |= {one.sheet.name: one.sheet for one in found}
    return [KeepFormulas(found, names, is_first=True), step, KeepFormulas(found, names, is_first=False)]


def without(area: Area, other: Area) -> Iterator[Area]:
    """The cells of an area that another one with the same first cell does not have."""
    if area.last_column > other.last_column:
        yield Area(area.first_row, other.last_column + 1, area.last_row, area.last_column)
    if area.last_row > other.last_row:
        last = min(area.last_column, other.last_column)
        yield Area(other.last_row + 1, area.first_column, area.last_row, last)


def _filled(before: Snapshot, area: Area) -> Iterator[str]:
    """The first filled cell of each row."""
    for number, row in enumerate(before.of(area), area.first_row):
        for column, cell in enumerate(row, area.first_column):
            if cell is not None:
                yield cell_name(number, column)
                break


def _blocks(cells: Iterable[CellUpdate]) -> Iterator[list[CellUpdate]]:
    """Cells side by side, to be written at once."""
    block: list[CellUpdate] = []
    for cell in cells:
        if block and not _is_right_of(block[-1], cell):
            yield block
            block = []
        block.append(cell)
    if block:
        yield block


def _is_right_of(left: CellUpdate, cell: CellUpdate) -> bool:
    row, column = parse_cell(left.cell)
    return (left.sheet, row, column + 1) == (cell.sheet, *parse_cell(cell.cell))


def _plan_cells(live: LiveBook, plan: TablesPlan, block: Sequence[CellUpdate]) -> None:
    """Cells outside the tables."""
    name = block[0].sheet
    area = Area(*parse_cell(block[0].cell), *parse_cell(block[-1].cell))
    sheet = live.book.sheets[name]
    before = snapshot(sheet, area)
    where, fix = f"{name}!{area}", "请从模板恢复这张工作表，再试一次"
    formulas = (before.formula(parse_cell(cell.cell)) for cell in block)
    if not all(map(is_replaceable, formulas, (cell.replaces for cell in block))):
        plan.problems.append(Problem(where, "要写入的单元格里有公式", fix))
    elif any(s == name and area.overlaps(a) for s, a in plan.areas.values()):
        plan.problems.append(Problem(where, "要写入的单元格在表格里", fix))
    elif sheet.range(str(area)).api.MergeCells is not False:
        plan.problems.append(Problem(where, "要写入的单元格在合并单元格里", fix))
    else:
        plan.sheets[name] = sheet
        plan.steps.append(Write(sheet, area, [[entry(cell.value) for cell in block]], before))
        plan.cells.append((sheet, area, [cell.style for cell in block]))


# --- looks -------------------------------------------------------------------------------------


def dress_tables(plan: TablesPlan) -> None:
    """The looks of what was written: new columns and rows, widths, heights.

    What Excel does not take is left as it is: the figures stand already.
    """
    for table, update in plan.refilled:
        with suppress(Exception):
            _dress(table, update, plan.areas[table.part.name][1])
    for sheet, area, styles in plan.cells:
        for (style,), left, right in _runs([(style,) for style in styles]):
            if style:
                cells = Area(area.first_row, area.first_column + left, area.last_row, area.first_column + right)
                with suppress(Exception):
                    sheet.range(str(cells)).api.Style = style


def dress_charts(plan: TablesPlan) -> None:
    """Let the charts of charted tables show their new rows.

    Excel leads a chart on by itself when its table grows, but not to less than all of it.
    """
    columns: dict[ChartPlace, ChartColumn] = {}
    for table, update in plan.refilled:
        if update.charted:
            tab, area = plan.areas[table.part.name]
            columns |= shown_columns(tab, area, update.rows, update.charted)
    if not columns:
        return
    for sheet in plan.sheets.values():
        with suppress(Exception):
            for chart in sheet.api.ChartObjects():
                for series in chart.Chart.SeriesCollection():
                    formula = with_cells(series.Formula, columns)
                    if formula != series.Formula:
                        series.Formula = formula


def _dress(table: LiveTable, update: TableUpdate, new: Area) -> None:
    part, sheet = table.part, table.sheet
    columns = part.columns if update.header is None else tuple(update.header)
    first, last = part.first_row + 1, new.last_row - part.totals_rows
    if columns != part.columns:
        for (style,), left, right in _runs([(style,) for style in update.styles or ()]):
            if style:
                area = _across(part, first, last, left, right)
                sheet.range(str(area)).api.Style = style
        for (width,), left, right in _runs([(width,) for width in update.widths or ()]):
            sheet.range(str(_across(part, first, first, left, right))).column_width = width
        if update.folded is not None:
            _fold(table, update.folded)
        _move_bars(table, columns, Area(first, new.first_column, last, new.last_column))
        if new.last_column > part.last_column:
            pattern = Area(part.first_row, part.last_column, part.first_row, part.last_column)
            whole = Area(part.first_row, part.last_column, part.first_row, new.last_column)
            sheet.range(str(pattern)).autofill(sheet.range(str(whole)), "fill_formats")
    elif last > part.body.last_row:
        looks = []
        for column in range(part.first_column, part.last_column + 1):
            cell = sheet.range(cell_name(first, column)).api
            looks.append((cell.Style.Name, cell.NumberFormat))
        for (style, form), left, right in _runs(looks):
            below = sheet.range(str(_across(part, part.body.last_row + 1, last, left, right)))
            below.api.Style = style
            below.number_format = form
    for area in without(part.area, new):  # as if there had been no table: free for HR's notes
        cells = sheet.range(str(area)).api
        cells.Style, cells.Locked = "Normal", False
    if any(update.heights or ()):
        body = Area(first, new.first_column, last, new.last_column)
        sheet.range(str(body)).rows.autofit()


def _fold(table: LiveTable, folded: Sequence[bool]) -> None:
    """Group and close the columns of details, and no other one."""
    part, sheet = table.part, table.sheet
    width = max(len(folded), len(part.columns))
    every = [*folded, *([False] * (width - len(folded)))]
    for (is_folded,), left, right in _runs([(one,) for one in every]):
        area = _across(part, part.first_row, part.first_row, left, right)
        columns = sheet.range(str(area)).api.EntireColumn
        columns.OutlineLevel, columns.Hidden = 1 + is_folded, is_folded


_BARS = (3, 4, 6)  # colour scales, data bars, icons


def _move_bars(table: LiveTable, columns: Sequence[str], body: Area) -> None:
    """Let rules over one column that no formula ties to a place follow it to its new one."""
    places = moved_columns(table.part, columns)
    conditions = table.sheet.api.Cells.FormatConditions
    for rule in [conditions(n) for n in range(1, conditions.Count + 1)]:
        address = str(rule.AppliesTo.Address)
        if rule.Type not in _BARS or "," in address or address.count("$") != 4:
            continue
        area = Area.parse(address)
        number = area.first_column
        covers = area.first_row == body.first_row and area.last_row >= body.last_row
        if covers and number == area.last_column and places.get(number, number) != number:
            new = Area(area.first_row, places[number], area.last_row, places[number])
            rule.ModifyAppliesToRange(table.sheet.range(str(new)).api)


def _across(part: Any, first: int, last: int, left: int, right: int) -> Area:
    """Rows of columns that are counted from 0 within the table."""
    return Area(first, part.first_column + left, last, part.first_column + right)


def _runs(looks: Sequence[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    """Columns side by side that look alike: how, the first and the last from 0."""
    start = 0
    for number in range(1, len(looks) + 1):
        if number == len(looks) or looks[number] != looks[start]:
            yield looks[start], start, number - 1
            start = number


