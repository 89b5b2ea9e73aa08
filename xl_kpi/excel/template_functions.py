"""What only the book with macros has: buttons, the functions with live examples, hidden sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from xlsxwriter.worksheet import Worksheet

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.excel import layout
from xl_kpi.excel import layout_words as words
from xl_kpi.excel.buttons import BUTTONS
from xl_kpi.excel.function_examples import function_examples
from xl_kpi.excel.function_texts import argument_text, wizard_rows
from xl_kpi.excel.layout import Sheet
from xl_kpi.excel.palette import AMBER_FILL, GREEN, GREEN_FILL, RED, RED_FILL
from xl_kpi.excel.report import LONG_TEXT, TEXT
from xl_kpi.excel.template_sheets import Book, add_sheet, set_up_print, text_width

TEXTS_SHEET, CONFIG_SHEET = "kpi_texts", "xlwings.conf"
UDF_MODULE = "xl_kpi.excel.functions"
# What xlwings asks of its sheet; ``xl-kpi new`` fills in the interpreter.
CONFIG: Mapping[str, str] = {
    "Interpreter_Win": "",
    "Interpreter_Mac": "",
    "PYTHONPATH": "",
    "UDF Modules": UDF_MODULE,
    "Use UDF Server": "True",  # one Python for the functions and the buttons, started once
    "Add_Workbook_to_PYTHONPATH": "False",  # no file beside the book is ever taken for a module
    "Show_Error_Popups": "False",  # the macros say in plain words what xlwings would show raw
}
_HEADER = (
    ("函数", "Function"), ("做什么", "What it gives"), ("参数", "Arguments"), ("例子", "Example"),
    ("结果", "Result"), ("应为", "Expected"), ("核对", "Check"),
)  # fmt: skip
_WIDTHS = [24, 22, 62, 54, 13, 13, 10]
RIGHT, WRONG, OFF = ("相符", "OK"), ("不符", "wrong"), ("未启用", "off")
_BUTTON_WIDTH, _BUTTON_HEIGHT, _BUTTON_GAP = 118, 30, 10


def write_buttons(book: Book, worksheet: Worksheet, row: int) -> None:
    """The buttons in a line under the banner; ``row`` counts from 0."""
    worksheet.set_row(row, 30)
    for number, button in enumerate(BUTTONS):
        worksheet.insert_button(
            row, 1,
            {
                "macro": button.macro, "caption": button.label[book.index],
                "width": _BUTTON_WIDTH, "height": _BUTTON_HEIGHT,
                "x_offset": number * (_BUTTON_WIDTH + _BUTTON_GAP), "y_offset": 5,
                "description": button.tip[book.index],
            },
        )  # fmt: skip


def write_functions(book: Book, sheet: Sheet) -> None:
    """Every function with its arguments and a live example beside the expected value."""
    worksheet = add_sheet(book, sheet)
    styles = book.styles
    look, text = styles.results[TEXT], styles.results[LONG_TEXT]
    for number, width in enumerate(_WIDTHS):
        worksheet.set_column(number, number, width)
        header = book.say(_HEADER[number])
        worksheet.write_string(layout.HEADER_ROW - 1, number, header, styles.header(0))
    worksheet.set_row(layout.HEADER_ROW - 1, 24)
    off = book.say(OFF)
    for row, example in enumerate(function_examples(), layout.HEADER_ROW):
        rule = FUNCTIONS[example.function]
        arguments = [argument_text(a, example.function) for a in rule.arguments]
        lines = max(2, _lines(arguments, _WIDTHS[2]), _lines([example.formula], _WIDTHS[3]))
        worksheet.set_row(row, 16.5 * lines)
        worksheet.write_string(row, 0, example.function, styles.key)
        worksheet.write_string(row, 1, f"{rule.zh}\n{rule.en}", text)
        worksheet.write_string(row, 2, "\n".join(arguments), text)
        worksheet.write_string(row, 3, example.formula, text)
        # Not calculated yet on this PC: no value is stored, and the light says so.
        worksheet.write_formula(row, 4, example.formula, look, "")
        if isinstance(example.expected, str):
            worksheet.write_string(row, 5, example.expected, look)
        else:
            worksheet.write_number(row, 5, example.expected, look)
        worksheet.write_formula(row, 6, _check(book, row + 1), look, off)
    last = layout.HEADER_ROW + len(function_examples())
    area = f"G{layout.HEADER_ROW + 1}:G{last}"
    for pair, fill, colour in ((RIGHT, GREEN_FILL, GREEN), (WRONG, RED_FILL, RED), (OFF, AMBER_FILL, "#7F6000")):
        worksheet.conditional_format(
            area,
            {"type": "cell", "criteria": "==", "value": f'"{book.say(pair)}"',
             "format": styles.rule(bg_color=fill, font_color=colour, bold=True)},
        )  # fmt: skip
    worksheet.protect("", {"select_locked_cells": True, "select_unlocked_cells": True})
    set_up_print(book, worksheet, sheet, _WIDTHS)


def _lines(texts: Sequence[str], width: float) -> int:
    """The lines that texts one below the other take in a column."""
    return sum(ceil(text_width(text) / (width - 4)) for text in texts)


def _check(book: Book, row: int) -> str:
    right, wrong, off = (book.say(pair) for pair in (RIGHT, WRONG, OFF))
    same = f"IF(ISNUMBER(F{row}),ABS(E{row}-F{row})<=1E-9*MAX(1,ABS(F{row})),E{row}=F{row})"
    return (
        f'=IF(ISERROR(E{row}),"{off}",IF(E{row}="","{off}",IF({same},"{right}","{wrong}")))'
    )


def write_hidden_sheets(book: Book) -> None:
    """The texts that VBA shows and registers, and the settings of xlwings."""
    texts = book.workbook.add_worksheet(TEXTS_SHEET)
    rows = [[key, book.say(pair)] for key, pair in words.MACRO_TEXTS.items()] + wizard_rows()
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            texts.write_string(number, column, text)
    texts.very_hidden()
    config = book.workbook.add_worksheet(CONFIG_SHEET)
    config.set_column(0, 0, 30)
    config.set_column(1, 1, 80)
    for number, (key, value) in enumerate(CONFIG.items()):
        config.write_string(number, 0, key)
        config.write_string(number, 1, value) if value else config.write_blank(number, 1, None)
    config.hide()
