"""The sheets of plain formulas as a bare workbook of their own, with values that are wrong."""

from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from xl_kpi.twin import Formula

NOT_CALCULATED = "未计算"  # stands with every formula, so that an idle engine is noticed


class PlainSheet(Worksheet):
    """A worksheet of functions that Excel 2007 had.

    XlsxWriter searches every formula for newer ones with some thirty patterns, which is three
    quarters of its time.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


def write_twin_book(path, twins) -> None:
    """Write a workbook that recalculates a whole run."""
    with xlsxwriter.Workbook(path) as book:
        for sheet in twins.sheets:
            page = book.add_worksheet(sheet.sheet, PlainSheet)
            for row, column, content in sheet.cells():
                _write(page, row - 1, column - 1, content)


def _write(page: Any, row: int, column: int, content: Any) -> None:
    if isinstance(content, Formula):
        page.write_formula(row, column, f"={content}", None, NOT_CALCULATED)
    elif isinstance(content, str):
        page.write_string(row, column, content)
    elif content is not None:
        page.write_number(row, column, content)
