"""The line over a result table: each column's unit, and sums and averages that follow a filter.

It stands above the header, so the table itself can be sorted and filtered as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xl_kpi.excel.board_columns import PEOPLE
from xl_kpi.excel.cell_xml import FormulaCell
from xl_kpi.excel.layout import BOARD_ROW, HEADER_ROW
from xl_kpi.excel.patch import CellUpdate
from xl_kpi.excel.report import TOTAL_STYLES, UNIT_STYLE, ReportColumn, word
from xl_kpi.excel.sums import added, mean
from xl_kpi.pipeline import Results
from xl_kpi.rounding import Floats
from xl_kpi.scheme_tables import UNITS
from xl_kpi.tables import RawTable, column_letter

TOTAL_ROW = 3  # beside the way back to the first sheet
OWN_FORMULAS = ("SUBTOTAL(10", "AVERAGE(")  # how the formulas of the line begin
# Below the title, or beside the way back where the sheet's guidance stands there.
MONTH_CELLS = {
    "kpi_result_people": "A2", "kpi_result_sums": "A2", "kpi_result_weeks": "A2",
    "kpi_result_departments": "C3", "kpi_true_ups": "C3", "kpi_trace": "C3", PEOPLE: "C3",
}  # fmt: skip
_FUNCTIONS = {"sum": 109, "average": 101, "people": 103}
_SHOWN_UNITS = {"ratio": "%", "place": "", "grade": "", "count": ""}


def unit_cells(sheet: str, columns: Sequence[ReportColumn], lang: str) -> list[CellUpdate]:
    """The line while there is nothing to add up.

    Args:
        sheet: The name of the sheet in the book.
        columns: The columns of its table, which begins in the first column.
        lang: Language of the book.
    """
    return [
        CellUpdate(sheet, f"{column_letter(number)}{TOTAL_ROW}", text, UNIT_STYLE, OWN_FORMULAS)
        for number, text in enumerate(_units(columns, lang), 2)
    ]


def total_cells(
    table: RawTable, columns: Sequence[ReportColumn], rows: Sequence[Sequence[object]], lang: str
) -> list[CellUpdate]:
    """The line over a table with new rows; what an earlier one said beyond its columns goes.

    Args:
        table: The table of the book as it is; only its place and its width count.
        columns: Its columns as they will be.
        rows: Its rows as they will be.
        lang: Language of the book.
    """
    first = table.header_row + 1
    last = first + len(rows) - 1
    cells = []
    for number, (column, unit) in enumerate(zip(columns[1:], _units(columns, lang), strict=True), 1):
        letter = column_letter(table.first_column + number)
        style = TOTAL_STYLES.get((column.total, column.unit), UNIT_STYLE)
        total = _total(column, [row[number] for row in rows], f"{letter}{first}:{letter}{last}")
        if style == UNIT_STYLE or total is None:
            total, style = unit, UNIT_STYLE
        cells.append(CellUpdate(table.sheet, f"{letter}{TOTAL_ROW}", total, style, OWN_FORMULAS))
    beyond = range(table.first_column + len(columns), table.first_column + len(table.header))
    cells += [
        CellUpdate(table.sheet, f"{column_letter(number)}{TOTAL_ROW}", None, None, OWN_FORMULAS)
        for number in beyond
    ]
    return cells


def averages_over_people(
    cells: Sequence[CellUpdate],
    columns: Sequence[ReportColumn],
    people: RawTable,
    people_columns: Sequence[ReportColumn],
    people_rows: Sequence[Sequence[object]],
) -> Iterator[CellUpdate]:
    """The line over 部门合计: an average of averages would be none, so it is that of all people."""
    keys = [column.key for column in people_columns]
    first, sheet = people.header_row + 1, people.sheet.replace("'", "''")
    for cell, column in zip(cells, [*columns[1:], *[None] * len(cells)], strict=False):
        if column is None or column.total != "average" or not isinstance(cell.value, FormulaCell):
            yield cell
            continue
        number = keys.index("pay" if column.key == "each" else column.key)
        letter = column_letter(people.first_column + number)
        formula = f"AVERAGE('{sheet}'!{letter}{first}:{letter}{first + len(people_rows) - 1})"
        shown = mean(_figures([row[number] for row in people_rows]))
        value = FormulaCell(formula, 0 if shown is None else shown)
        yield CellUpdate(cell.sheet, cell.cell, value, cell.style, cell.replaces)


def month_cells(runs: Sequence[Results], tables: Mapping[str, RawTable]) -> list[CellUpdate]:
    """The month and the schemes on every sheet of results: printed, it says what it is about.

    Args:
        runs: What was calculated.
        tables: The tables of the book as they are, by name.
    """
    ids = [results.scheme.id for results in runs]
    text = f"{runs[0].figures.period.name} {'、'.join(ids)}"
    return [
        CellUpdate(tables[name].sheet, cell, text)
        for name, cell in MONTH_CELLS.items()
        # No rows of HR's own above.
        if name in tables and tables[name].header_row == (BOARD_ROW if name == PEOPLE else HEADER_ROW)
    ]


def _units(columns: Sequence[ReportColumn], lang: str) -> Iterator[str | None]:
    """The words of all columns but the first, over which the way back stands."""
    for column in columns[1:]:
        if column.key == "name":
            yield word("sum", lang)
        elif column.unit in _SHOWN_UNITS:
            yield _SHOWN_UNITS[column.unit] or None
        else:
            yield UNITS[column.unit][lang == "en"] if column.unit in UNITS else None


def _total(
    column: ReportColumn, values: Sequence[object], cells: str
) -> FormulaCell | str | None:
    """A total; None where there is nothing to add up."""
    if column.total not in _FUNCTIONS:
        return None
    formula = f"SUBTOTAL({_FUNCTIONS[column.total]},{cells})"
    if column.total == "people":
        return FormulaCell(formula, sum(value is not None for value in values))
    figures = _figures(values)
    shown = added(figures) if column.total == "sum" else mean(figures)
    return None if shown is None else FormulaCell(formula, shown)


def _figures(values: Sequence[object]) -> Floats:
    return np.array([v if isinstance(v, int | float) else np.nan for v in values], np.float64)
