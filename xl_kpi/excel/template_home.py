"""The first sheet: period and scheme, the result at a glance, the steps of a month, the list of sheets."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xl_kpi.excel import layout, template_rules
from xl_kpi.excel import layout_words as words
from xl_kpi.excel.layout import Place, Sheet
from xl_kpi.excel.palette import DATE_FORMAT
from xl_kpi.excel.results import STATUS_WIDTH
from xl_kpi.excel.template_functions import write_buttons
from xl_kpi.excel.template_sheets import Book, add_sheet, set_up_print
from xl_kpi.tables import column_letter

_WIDTHS = [2, 18, 26, 52, 3, 16, STATUS_WIDTH, 2]
_BUTTONS_ROW, _STEPS_ROW, _SHEETS_ROW = 2, 19, 25


def write_home(book: Book, sheet: Sheet) -> None:
    """The home sheet; only the settings can be changed."""
    worksheet = add_sheet(book, sheet)
    styles = book.styles
    worksheet.hide_gridlines(2)
    for number, width in enumerate(_WIDTHS):
        worksheet.set_column(number, number, width)
    _banner(book, worksheet, sheet)
    if book.macros:
        write_buttons(book, worksheet, _BUTTONS_ROW)
    settings, status = sheet.places
    for place, heading in ((settings, "settings"), (status, "status")):
        _section(book, worksheet, place.row - 1, heading, place.column)
    _settings(book, worksheet, settings)
    _status(book, worksheet, status)
    _colours(book, worksheet, settings.row + settings.body_rows + 2)
    steps = words.BUTTON_STEPS if book.macros else words.STEPS
    _section(book, worksheet, _STEPS_ROW, "steps")
    for row, (step, text, command) in enumerate(steps, _STEPS_ROW):
        worksheet.write_string(row, 1, book.say(step), styles.strong)
        worksheet.write_string(row, 2, book.say(command), styles.command)
        worksheet.write_string(row, 3, book.say(text), styles.plain)
    _section(book, worksheet, _SHEETS_ROW, "sheets")
    listed = [one for one in layout.sheets(book.schemes, macros=book.macros) if one.kind != "home" and not one.hidden]
    for row, one in enumerate(listed, _SHEETS_ROW):
        name = one.label(book.lang)
        worksheet.write_url(row, 1, f"internal:'{name}'!A1", styles.link, name)
        worksheet.write_string(row, 2, book.say(one.use), styles.plain)
    worksheet.protect("", {"select_locked_cells": True, "select_unlocked_cells": True})
    worksheet.set_selection(settings.row, settings.column, settings.row, settings.column)
    set_up_print(book, worksheet, sheet, _WIDTHS)
    worksheet.set_portrait()
    worksheet.fit_to_pages(1, 1)
    worksheet.print_area(0, 0, _SHEETS_ROW + len(listed) - 1, len(_WIDTHS) - 1)


def _banner(book: Book, worksheet: Worksheet, sheet: Sheet) -> None:
    styles = book.styles
    worksheet.set_row(0, 42)
    worksheet.set_row(1, 24)
    for column in range(len(_WIDTHS)):
        worksheet.write_blank(0, column, None, styles.banner)
        worksheet.write_blank(1, column, None, styles.banner_text)
    worksheet.write_string(0, 1, book.say(sheet.title), styles.banner)
    worksheet.write_string(1, 1, book.say(sheet.guide), styles.banner_text)


def _section(book: Book, worksheet: Worksheet, row: int, key: str, column: int = 2) -> None:
    """A heading; ``row`` and ``column`` count from 1."""
    worksheet.set_row(row - 1, 24)
    worksheet.write_string(row - 1, column - 1, book.say(words.HOME[key]), book.styles.section)


def _settings(book: Book, worksheet: Worksheet, place: Place) -> None:
    formats = {"period": "@", "scheme": "@", "as_of": DATE_FORMAT, "data_from": "@"}
    first, left = place.row, place.column - 1
    _table(book, worksheet, place)
    for row, (key, labels) in enumerate(layout.SETTING_ROWS.items(), first):
        look = book.styles.input(formats[key])
        worksheet.write_string(row, left, book.say(labels), book.styles.key)
        if key == "scheme":
            worksheet.write_string(row, left + 1, book.schemes[0], look)
            choice = template_rules.scheme_choice(book.lang, book.schemes)
            worksheet.data_validation(row, left + 1, row, left + 1, choice)
        else:
            worksheet.write_blank(row, left + 1, None, look)
        worksheet.write_string(row, left + 2, book.say(words.SETTING_NOTES[key]), book.styles.note)


def _status(book: Book, worksheet: Worksheet, place: Place) -> None:
    first, left = place.row, place.column - 1
    _table(book, worksheet, place)
    for row, (key, labels) in enumerate(layout.STATUS_ROWS.items(), first):
        worksheet.write_string(row, left, book.say(labels), book.styles.key)
        if key == "state":
            text = book.say(layout.NOT_CALCULATED)
            worksheet.write_string(row, left + 1, text, book.styles.status)
        else:
            if key == "done":
                worksheet.set_row(row, 56)  # room for a sentence
            worksheet.write_blank(row, left + 1, None, book.styles.status)
    state = f"{column_letter(place.column + 1)}{place.row + 1}"
    template_rules.light(worksheet, book.styles, state)
    agreement = first + list(layout.STATUS_ROWS).index("reconcile") + 1
    cell = f"{column_letter(place.column + 1)}{agreement}"
    template_rules.agreement(worksheet, book.styles, cell)
    template_rules.as_money(worksheet, book.styles, place.row + 1, place.column)


def _table(book: Book, worksheet: Worksheet, place: Place) -> None:
    table = place.table
    if table is None:
        raise ValueError(f"{place.name} is a result")
    top, left = place.row - 1, place.column - 1
    header = book.styles.header(0)
    worksheet.set_row(top, 22)
    worksheet.add_table(
        top, left, top + place.body_rows, left + len(table.columns) - 1,
        {
            "name": place.name, "style": None, "autofilter": False,
            "columns": [
                {"header": column.label(book.lang), "header_format": header}
                for column in table.columns
            ],
        },
    )  # fmt: skip


def _colours(book: Book, worksheet: Worksheet, row: int) -> None:
    """What the colours of cells mean; ``row`` counts from 1."""
    styles = book.styles
    worksheet.write_string(row - 1, 1, book.say(words.HOME["colours"]), styles.guide)
    worksheet.write_string(row - 1, 2, book.say(words.HOME["input"]), styles.input("@"))
    worksheet.write_string(row - 1, 3, book.say(words.HOME["result"]), styles.results["KPI 文本"])
