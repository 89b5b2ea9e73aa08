"""The sheets of the template that a run fills: headings, units, bars, an empty table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xl_kpi.excel import layout, template_rules
from xl_kpi.excel.area import parse_cell
from xl_kpi.excel.layout import Sheet
from xl_kpi.excel.own_sheets import MARK
from xl_kpi.excel.report import UNIT_STYLE, ReportColumn
from xl_kpi.excel.result_totals import MONTH_CELLS, unit_cells
from xl_kpi.excel.template_sheets import (
    HEADER_HEIGHT,
    PROTECTION,
    Book,
    add_sheet,
    add_table,
    distinct_labels,
    set_up_print,
    write_cell,
)
from xl_kpi.tables import column_letter


def write_result(book: Book, sheet: Sheet) -> None:
    """A table that a run fills; locked."""
    worksheet = add_sheet(book, sheet)
    styles = book.styles
    (place,) = sheet.places
    columns = layout.result_columns(place.name, book.lang, book.schemes[0])
    if layout.depends_on_scheme(sheet):
        headings = layout.group_headings(columns)
        for number in range(layout.GROUP_COLUMNS):
            text = headings[number] if number < len(columns) else None
            write_cell(worksheet, layout.GROUP_ROW - 1, number, text, styles.heading)
        template_rules.colour_groups(worksheet, styles)
        for cell in unit_cells(sheet.label(book.lang), columns, book.lang):
            row, number = parse_cell(cell.cell)
            write_cell(worksheet, row - 1, number - 1, cell.value, styles.totals[UNIT_STYLE])
    if place.name in MONTH_CELLS:
        worksheet.write_blank(MONTH_CELLS[place.name], None, styles.guide)
    for number, column in enumerate(columns):
        worksheet.set_column(number, number, column.width, styles.free, _folding(columns, number))
        look = styles.results[column.style]
        worksheet.write_blank(place.row, number, None, look)
    worksheet.set_column(len(columns), layout.GROUP_COLUMNS - 1, None, styles.free)
    labels = distinct_labels([column.label for column in columns])
    add_table(worksheet, place, labels, [styles.header(0)] * len(columns))
    worksheet.set_row(place.row - 1, HEADER_HEIGHT[book.lang])
    if place.name == layout.CHECKS:
        template_rules.colour_levels(worksheet, styles, place.row + 1)
    for number, column in enumerate(columns):
        if column.key == "value":
            template_rules.show_units(worksheet, styles, number)
            template_rules.show_small_figures(worksheet, styles, column_letter(number + 1))
    # Last, for not every program shows two rules in one cell.
    template_rules.show_bars(worksheet, columns)
    template_rules.mark_results(worksheet, styles)
    worksheet.protect("", PROTECTION)
    widths = [column.width for column in columns if not column.folded]
    set_up_print(book, worksheet, sheet, widths)


def _folding(columns: Sequence[ReportColumn], number: int) -> dict[str, Any]:
    """Details are grouped and closed; the column right of them bears the mark."""
    if columns[number].folded:
        return {"level": 1, "hidden": True}
    return {"collapsed": True} if number and columns[number - 1].folded else {}


def write_own(book: Book, sheet: Sheet) -> None:
    """A sheet that the first run replaces; it bears the mark of such sheets."""
    worksheet = add_sheet(book, sheet)
    tab = sheet.label(book.lang)
    book.workbook.define_name(f"'{tab}'!{MARK}", f'="{tab}"')
    set_up_print(book, worksheet, sheet, [])
