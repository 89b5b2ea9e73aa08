"""The plain formulas of a run written as worksheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from xl_kpi.twin import Area, Formula, Policy, TwinBook
from xl_kpi.twin.sheets import FIRST_ROW, HEADER_ROW, Role

NOT_CALCULATED = "未计算"  # what a formula shows until a spreadsheet has calculated it
_COLOURS: dict[Role, str] = {
    "person": "#D9D9D9", "given": "#DDEBF7", "step": "#F2F2F2", "result": "#FFF2CC",
    "python": "#E2EFDA", "gap": "#FCE4D6",
}  # fmt: skip
_WIDTH, _WIDE = 12, 24
_RED, _GREEN = "#FFC7CE", "#C6EFCE"


class _PlainSheet(Worksheet):  # type: ignore[misc]
    """A worksheet of functions that Excel 2007 had.

    XlsxWriter searches every formula for newer ones with some thirty patterns, which is three
    quarters of its time.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


def write_twin_book(path: Path, twins: TwinBook) -> None:
    """Write a workbook of its own that recalculates a whole run."""
    with xlsxwriter.Workbook(path) as book:
        write_twin_sheets(book, twins.sheets)


def write_twin_sheets(book: xlsxwriter.Workbook, sheets: Sequence[Area | Policy]) -> None:
    """Add the sheets to a workbook that is being written."""
    formats = {
        role: book.add_format({"bold": True, "text_wrap": True, "bg_color": colour, "border": 1})
        for role, colour in _COLOURS.items()
    }
    red, green = (book.add_format({"bg_color": colour}) for colour in (_RED, _GREEN))
    for sheet in sheets:
        page = book.add_worksheet(sheet.sheet, _PlainSheet)
        for row, column, content in sheet.cells():
            _write(page, row - 1, column - 1, content)
        page.set_column(0, 0, _WIDE)
        if isinstance(sheet, Area):
            _dress(page, sheet, formats, red)
        if isinstance(sheet, Area) and sheet.above:
            agrees = {"type": "cell", "criteria": "==", "value": '"一致"'}
            page.conditional_format("B1", {**agrees, "format": green})
            page.conditional_format("B1", {**agrees, "criteria": "!=", "format": red})


def _dress(page: Any, area: Area, heads: dict[Role, Any], red: Any) -> None:
    """Headers in the colour of what a column is; steps folded away; differences in red."""
    for number, column in enumerate(area.columns):
        page.write_string(HEADER_ROW - 1, number, column.label, heads[column.role])
        folded = {"level": 1, "hidden": True} if column.role == "step" else {}
        page.set_column(number, number, _WIDTH if number else _WIDE, None, folded)
        if column.role == "gap":
            last = FIRST_ROW - 1 + area.rows - 1
            differs = {"type": "cell", "criteria": "!=", "value": 0, "format": red}
            page.conditional_format(FIRST_ROW - 1, number, last, number, differs)
    page.freeze_panes(HEADER_ROW, 2)


def _write(page: Any, row: int, column: int, content: Any) -> None:
    if content is None:
        return
    if isinstance(content, Formula):
        page.write_formula(row, column, f"={content}", None, NOT_CALCULATED)
    elif isinstance(content, str):
        page.write_string(row, column, content)
    else:
        page.write_number(row, column, content)
