"""From a person's row on 个人结果 to their first line on 追溯."""

from __future__ import annotations

from collections.abc import Sequence

from xl_kpi.excel.cell_xml import FormulaCell
from xl_kpi.excel.report import LINK_KEY, ReportColumn
from xl_kpi.tables import RawTable, column_letter

_SHOWN = ("查看", "View")


def add_links(
    rows: Sequence[list[object]],
    columns: Sequence[ReportColumn],
    traced: Sequence[Sequence[object]],
    people: RawTable,
    trace: RawTable,
    lang: str,
) -> None:
    """Give everybody who has lines on 追溯 a formula that leads there.

    The formula looks the person up, so it finds them however either sheet is sorted.

    Args:
        rows: The rows of 个人结果, which begin with the staff id.
        columns: Their columns.
        traced: The rows of 追溯, which begin with the staff id.
        people: 个人结果 as it stands in the book.
        trace: 追溯 as it stands in the book.
        lang: Language of the book.
    """
    place = next(n for n, column in enumerate(columns) if column.key == LINK_KEY)
    ids = {row[0] for row in traced} - {None}
    sheet = trace.sheet.replace("'", "''")
    of_person, of_line = column_letter(people.first_column), column_letter(trace.first_column)
    text, quoted = _SHOWN[lang == "en"], sheet.replace('"', '""')
    for number, row in enumerate(rows, people.header_row + 1):
        if row[0] in ids:
            found = f"MATCH({of_person}{number},'{sheet}'!${of_line}:${of_line},0)"
            formula = f"HYPERLINK(\"#'{quoted}'!{of_line}\"&{found},\"{text}\")"
            row[place] = FormulaCell(formula, text)
