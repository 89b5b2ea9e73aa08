"""The sheets of the template that hold tables: inputs, schemes, results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xl_kpi.excel import layout, template_rules
from xl_kpi.excel import layout_words as words
from xl_kpi.excel.layout import Place, Sheet
from xl_kpi.excel.palette import FONT
from xl_kpi.excel.template_styles import Styles, input_format
from xl_kpi.names import Names
from xl_kpi.scheme_rows import cycle_rows, make_scheme, preset_metrics, preset_rows
from xl_kpi.scheme_tables import (
    BLOCK_MODES,
    GRADE_TIES,
    GROUPS,
    HEAD,
    HEAD_SETTINGS,
    METRICS,
    OVERSPEND,
    SMALL_TEAM_RULES,
    WEEKS,
)
from xl_kpi.sources.definition_settings import preset_settings
from xl_kpi.tables import (
    ARCHIVE,
    CLOSINGS,
    COUNTS,
    CYCLE_SHEETS,
    DEFINITION,
    Column,
    Table,
    column_letter,
)

_LAST_SHEET_ROW = 1_048_576
_TITLE_SIZE = 1.65  # of a title, bold, by a common character
_CHARACTERS_PER_PAGE = 210  # of width, on a landscape A4 page in a size that can still be read
HEADER_HEIGHT = {"zh": 36, "en": 52}
PROTECTION = {
    "select_locked_cells": True, "select_unlocked_cells": True, "sort": True, "autofilter": True,
    "format_columns": True, "format_rows": True,
}  # fmt: skip
_WRITTEN = (CLOSINGS, ARCHIVE)  # input tables that only a closing writes
_TAB_COLOURS = {"home": "#1F4E79", "input": "#F2C94C", "scheme": "#2E75B6", "result": "#70AD47", "own": "#7F7F7F", "functions": "#7F7F7F", "board": "#70AD47", "figures": "#7F7F7F"}

# Widths in characters; what is not named here follows from the kind of the column.
_WIDTHS = {
    "person_id": 12, "name": 12, "session_id": 20, "department": 14, "shop": 18, "note": 40,
    "item": 18, "event": 16, "rater_group": 16, "shop_paid_amount": 16,
    "shop_paying_customers": 16, "sales_target": 16, "reason": 30, "step": 46, "stage": 14,
    "day": 26, "who": 24, "rates": 40, "indicator": 20, "clause": 26, "cycle": 16,
    "meaning": 62, "measure": 56, "claim": 40, "evidence": 30, "decision": 40, "accepted": 40,
    "closed": 20, "code": 30, "hash": 40, "previous": 40, "inputs": 18, "parameters": 18,
    "content": 60,
}  # fmt: skip
_METRIC_WIDTHS = {
    "id": 8, "metric": 18, "english": 28, "source": 9, "formula": 52, "unit": 9, "better": 11,
    "average": 13, "sample": 16, "ripe_days": 10, "maximum": 10, "document": 24,
}  # fmt: skip
_WRAPPED_FROM = 24  # characters: texts in columns at least so wide go on in the next line
# The columns of a scheme sheet, which its tables share.
_SCHEME_WIDTHS = [
    18, 15, 50, 26, 13, 11, 14, 10, 10, 12, 34, 11, 12, 14, 12, 26, 10, 13, 28, 9, 9, 9, 9, 9, 9,
    9, 10, 9, 9, 9, 9, 9, 9, 10, 12, 12, 34,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """The workbook that is being built."""

    workbook: Workbook
    styles: Styles
    lang: str
    schemes: tuple[str, ...]
    macros: bool = False

    @property
    def index(self) -> int:
        """Which of a pair of words is meant."""
        return int(self.lang == "en")

    def say(self, pair: words.Words) -> str:
        """Chinese or English."""
        return pair[self.index]


def write_input(book: Book, sheet: Sheet) -> None:
    """A table that HR fills in."""
    worksheet = add_sheet(book, sheet)
    (place,) = sheet.places
    table = declared(place)
    columns = layout.columns_on_sheet(table)
    widths = [_width(table, column) for column in columns]
    groups = _write_groups(book, worksheet, table, columns)
    needed = _needed_counts(book.schemes) if table.key == COUNTS.key else {c.key for c in columns}
    for number, (column, width) in enumerate(zip(columns, widths, strict=True)):
        options = {} if column.key in needed else {"hidden": True}
        look = book.styles.below(input_format(column))
        worksheet.set_column(number, number, width, look, options)
    rows = preset_metrics() if table is METRICS else ()
    rows = cycle_rows(table.key, book.lang) if table in CYCLE_SHEETS else rows
    values: Sequence[Mapping[str, Any]] = [row.values for row in rows]
    if table is DEFINITION:
        values = preset_settings(book.lang)
    write_table(book, worksheet, place, values, widths, groups)
    _fit_rows(worksheet, place, values, widths)
    for number, column in enumerate(columns):
        rule = template_rules.validation(table, column, book.lang, book.schemes)
        if rule:
            first, last = place.row, layout.RULES_TO_ROW - 1
            worksheet.data_validation(first, number, last, number, rule)
    texts = [column_letter(n) for n, c in enumerate(columns, 1) if input_format(c) == "@"]
    below = " ".join(f"{x}{place.row + 1}:{x}{_LAST_SHEET_ROW}" for x in texts)
    worksheet.ignore_errors({"number_stored_as_text": below})
    shown = [w for column, w in zip(columns, widths, strict=True) if column.key in needed]
    set_up_print(book, worksheet, sheet, shown)
    if table in _WRITTEN:
        worksheet.protect("", PROTECTION)
    if sheet.hidden:
        worksheet.hide()


def _needed_counts(schemes: tuple[str, ...]) -> set[str]:
    """The columns of 指标数据 that the book's schemes use; the others are hidden, not left out."""
    needed = {c.key for c in COUNTS.columns if c.required}
    for scheme_id in schemes:
        names = Names(make_scheme(preset_rows(scheme_id), preset_metrics()))
        needed |= names.used_counts()
    return needed


def write_scheme(book: Book, sheet: Sheet) -> None:
    """A scheme with its tables one below the other."""
    worksheet = add_sheet(book, sheet)
    rows = preset_rows(sheet.key)
    for number, width in enumerate(_SCHEME_WIDTHS):
        worksheet.set_column(number, number, width)
    for place in sheet.places:
        table = declared(place)
        worksheet.set_row(place.row - 2, 24)
        worksheet.write_string(place.row - 2, 0, table.label(book.lang), book.styles.section)
        worksheet.write_string(
            place.row - 2, 1, book.say(words.STACK_NOTES[table.key]), book.styles.guide
        )
        values = (
            _head_rows(rows["head"], book) if table is HEAD else [r.values for r in rows[table.key]]
        )
        write_table(book, worksheet, place, values, _SCHEME_WIDTHS)
        _fit_rows(worksheet, place, values, _SCHEME_WIDTHS)
        _scheme_rules(book, worksheet, place, sheet.key)
    last = max(place.row + place.body_rows for place in sheet.places)
    worksheet.ignore_errors({"number_stored_as_text": f"A1:{column_letter(50)}{last + 200}"})
    set_up_print(book, worksheet, sheet, _SCHEME_WIDTHS)


# --- parts of a sheet ------------------------------------------------------------------------


def declared(place: Place) -> Table:
    """The declaration of an input or scheme table."""
    if place.table is None:
        raise ValueError(f"{place.name} is a result")
    return place.table


def add_sheet(book: Book, sheet: Sheet) -> Worksheet:
    """A sheet with title, guidance and the way back; the first rows stay in view."""
    worksheet = book.workbook.add_worksheet(sheet.label(book.lang))
    worksheet.set_tab_color(_TAB_COLOURS[sheet.kind])
    styles = book.styles
    if sheet.kind == "home":
        return worksheet
    worksheet.set_row(layout.TITLE_ROW - 1, 30)
    worksheet.write_string(layout.TITLE_ROW - 1, 0, book.say(sheet.title), styles.title)
    worksheet.write_string(layout.GUIDE_ROW - 1, 0, book.say(sheet.guide), styles.guide)
    home = layout.sheet("home").label(book.lang)
    worksheet.write_url(
        layout.LINK_ROW - 1, 0, f"internal:'{home}'!A1", styles.link, book.say(words.BACK)
    )
    frozen_rows = layout.GUIDE_ROW if sheet.kind in ("scheme", "board") else layout.HEADER_ROW
    worksheet.freeze_panes(frozen_rows, sheet.name_columns)
    if sheet.kind != "scheme":
        worksheet.set_row(layout.GROUP_ROW - 1, 20)
    if sheet.kind in ("result", "own", "functions", "board", "figures"):
        worksheet.hide_gridlines(2)
    return worksheet


def write_table(
    book: Book,
    worksheet: Worksheet,
    place: Place,
    rows: Sequence[Mapping[str, Any]],
    widths: Sequence[float],
    groups: Sequence[int] | None = None,
) -> None:
    """An input table: header, the given rows, blank rows up to the size of its place."""
    table, styles = declared(place), book.styles
    columns = layout.columns_on_sheet(table)
    shades = groups or [0] * len(columns)
    headers = [styles.header(shade) for shade in shades]
    left = place.column - 1
    add_table(worksheet, place, [c.label(book.lang) for c in columns], headers)
    worksheet.set_row(place.row - 1, HEADER_HEIGHT[book.lang])
    for number, column in enumerate(columns):
        look = styles.input(
            input_format(column),
            is_text=column.kind != "number",
            wrap=widths[number] >= _WRAPPED_FROM,
            locked=table in _WRITTEN,
        )
        for offset in range(place.body_rows):
            values = rows[offset] if offset < len(rows) else {}
            value = cell_value(column, values.get(column.key), book.lang)
            write_cell(worksheet, place.row + offset, left + number, value, look)
        comment = words.COMMENTS.get((table.key, column.key))
        if comment:
            worksheet.write_comment(
                place.row - 1, left + number, book.say(comment),
                {"font_name": FONT, "font_size": 9, "x_scale": 1.6, "y_scale": 0.7},
            )  # fmt: skip


def write_cell(worksheet: Worksheet, row: int, column: int, value: object, look: Any) -> None:
    """A value as it is: text that begins with ``=`` stays text."""
    if value is None:
        worksheet.write_blank(row, column, None, look)
    elif isinstance(value, str):
        worksheet.write_string(row, column, value, look)
    elif isinstance(value, dt.date):
        worksheet.write_datetime(row, column, value, look)
    else:
        worksheet.write_number(row, column, value, look)


def cell_value(column: Column, value: Any, lang: str) -> Any:
    """What stands in a cell: the label of a choice or flag, else the value."""
    if column.kind == "flag" and value is not None:
        return template_rules.YES_NO[lang][0 if value else 1]
    if column.choices and value is not None:
        return column.choices[value][lang == "en"]
    return value


def add_table(
    worksheet: Worksheet, place: Place, labels: Sequence[str], looks: Sequence[Any]
) -> None:
    """An Excel table with these headers at its place, its rows blank."""
    top, left = place.row - 1, place.column - 1
    done = worksheet.add_table(
        top, left, top + place.body_rows, left + len(labels) - 1,
        {
            "name": place.name,
            "style": None,
            "autofilter": place.row == layout.HEADER_ROW and place.column == 1
            and place.table is not HEAD,
            "columns": [
                {"header": label, "header_format": look}
                for label, look in zip(labels, looks, strict=True)
            ],
        },
    )  # fmt: skip
    if done != 0:
        raise ValueError(f"no table {place.name}: repeated headers?")


def distinct_labels(labels: Sequence[str]) -> list[str]:
    """Headers that Excel can tell apart: a count and a metric may bear one English name."""
    found: dict[str, str] = {}
    for label in labels:
        name = f"{label} 2" if label.casefold() in found else label
        found[name.casefold()] = name
    return list(found.values())


def _write_groups(
    book: Book, worksheet: Worksheet, table: Table, columns: Sequence[Column]
) -> list[int]:
    """The headings over groups of columns; returns the number of each column's group."""
    headings = dict(words.GROUPS[table.key])
    if table.key == COUNTS.key and len(columns) > len(COUNTS.columns):
        headings[columns[len(COUNTS.columns)].key] = words.OWN_COUNTS
    groups: list[int] = []
    for number, column in enumerate(columns):
        begins = column.key in headings
        groups.append((groups[-1] if groups else -1) + begins)
        look = book.styles.group(groups[-1])
        if begins:
            text = book.say(headings[column.key])
            worksheet.write_string(layout.GROUP_ROW - 1, number, text, look)
        else:
            worksheet.write_blank(layout.GROUP_ROW - 1, number, None, look)
    return groups


def _head_rows(rows: Sequence[Any], book: Book) -> list[dict[str, Any]]:
    """Every setting of the head, those that the preset leaves open blank, each explained."""
    given = {row.get("key"): row.get("value") for row in rows}
    found = []
    for key, labels in HEAD_SETTINGS.items():
        value = given.get(labels[0])
        for zh, en in _HEAD_CHOICES.get(key, {}).values():
            if value == zh:
                value = (zh, en)[book.index]
                break
        note = book.say(words.HEAD_NOTES[key])
        found.append({"key": labels[book.index], "value": value, "note": note})
    return found


_HEAD_CHOICES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "weeks": WEEKS, "block_mode": BLOCK_MODES, "grade_group": GROUPS, "grade_ties": GRADE_TIES,
    "small_team_rule": SMALL_TEAM_RULES, "overspend": OVERSPEND,
}  # fmt: skip


def _scheme_rules(book: Book, worksheet: Worksheet, place: Place, scheme_id: str) -> None:
    table = declared(place)
    first, last = place.row, place.row + place.body_rows - 1
    if table is HEAD:
        for offset, key in enumerate(HEAD_SETTINGS):
            choices = _HEAD_CHOICES.get(key)
            if choices:
                entries = [label[book.index] for label in choices.values()]
                worksheet.data_validation(
                    first + offset, 1, first + offset, 1, {"validate": "list", "source": entries}
                )
        return
    for number, column in enumerate(layout.columns_on_sheet(table)):
        rule = template_rules.validation(table, column, book.lang, (scheme_id,))
        if rule:
            worksheet.data_validation(first, number, last, number, rule)


def _fit_rows(
    worksheet: Worksheet,
    place: Place,
    rows: Sequence[Mapping[str, Any]],
    widths: Sequence[float],
) -> None:
    """Room for wrapped texts: Excel finds it by itself, other programs do not."""
    columns = layout.columns_on_sheet(declared(place))
    wrapped = {
        column.key: width
        for column, width in zip(columns, widths, strict=False)
        if width >= _WRAPPED_FROM
    }
    for number, row in enumerate(rows, place.row):
        lines = max(
            ceil(text_width(str(row.get(key) or "")) / (width - 3))
            for key, width in wrapped.items()
        )
        if lines > 1:
            worksheet.set_row(number, 16.5 * lines)


def text_width(text: str) -> int:
    """How many letters wide a text is; a Chinese character is two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _width(table: Table, column: Column) -> float:
    if table is METRICS:
        return _METRIC_WIDTHS[column.key]
    kinds = {"date": 12, "moment": 19, "period": 11, "text": 12, "flag": 10, "choice": 10}
    width = _WIDTHS.get(column.key) or kinds.get(column.kind)
    return width or (13 if column.unit == "yuan" else 10.5)


def set_up_print(book: Book, worksheet: Worksheet, sheet: Sheet, widths: Sequence[float]) -> None:
    """Landscape A4, header rows on every page, as few pages across as can be read.

    No print area: Excel prints what is used, however far the table grows.
    """
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    pages = ceil(sum(widths) / _CHARACTERS_PER_PAGE) or 1
    worksheet.fit_to_pages(pages, 0)
    worksheet.set_footer(f"&L&A&R{book.say(words.FOOTER)}")
    if sheet.kind == "home":
        return
    last_row = layout.GUIDE_ROW if sheet.kind in ("scheme", "board") else layout.HEADER_ROW
    worksheet.repeat_rows(layout.TITLE_ROW - 1, last_row - 1)
    if pages > 1 and sheet.name_columns:
        worksheet.repeat_columns(0, sheet.name_columns - 1)
    if sheet.name_columns and (pages > 1 or layout.depends_on_scheme(sheet)):
        # Right of them: above them each page would show how it begins.
        worksheet.write_blank(layout.GUIDE_ROW - 1, 0, None, book.styles.guide)
        worksheet.write_string(
            layout.GUIDE_ROW - 1, sheet.name_columns, book.say(sheet.guide), book.styles.guide
        )
    title, styles = book.say(sheet.title), book.styles
    if pages > 1 and _TITLE_SIZE * text_width(title) > sum(widths[: sheet.name_columns]):
        worksheet.write_blank(layout.TITLE_ROW - 1, 0, None, styles.title)
        worksheet.write_string(layout.TITLE_ROW - 1, sheet.name_columns, title, styles.title)
