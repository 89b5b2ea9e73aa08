"""Charts brought up to the rows that a table has got: the cells they name and the values they keep."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import TypeAlias

from xl_kpi.excel.area import Area, column_letters, column_number
from xl_kpi.excel.cell_xml import escape_text
from xl_kpi.excel.package import Package

_REFERENCE = re.compile(
    r"<c:(num|str)Ref>\s*<c:f>([^<]*)</c:f>.*?</c:\1Ref>", re.DOTALL
)
_FORMAT_CODE = re.compile(r"<c:formatCode>[^<]*</c:formatCode>")
_CELLS = re.compile(
    r"(?P<sheet>'(?:[^']|'')+'|[^\s'!(),=]+)!"
    r"\$(?P<column>[A-Z]+)\$(?P<first>\d+)(?::\$(?P=column)\$\d+)?(?![:\d])"
)


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """What a chart is to show of a column: down to which row, and what stands there."""

    last_row: int
    values: Sequence[object]


ChartPlace: TypeAlias = tuple[str, int, int]  # sheet, column and first row, counted from 1
ChartColumns: TypeAlias = Mapping[ChartPlace, ChartColumn]


def shown_columns(
    sheet: str, area: Area, rows: Sequence[Sequence[object]], most: int
) -> dict[ChartPlace, ChartColumn]:
    """The columns of a table as charts are to show them.

    Args:
        sheet: The sheet of the table.
        area: The table as it will be; its first row is the header.
        rows: Its rows.
        most: How many of them a chart shows at most.
    """
    first = area.first_row + 1
    shown = list(islice(rows, most)) or [[None] * (area.last_column - area.first_column + 1)]
    return {
        (sheet, number, first): ChartColumn(first + len(shown) - 1, column)
        for number, column in enumerate(zip(*shown, strict=True), area.first_column)
    }


def charts_of(package: Package) -> Iterator[str]:
    """The parts of the charts that stand on worksheets."""
    for sheet in package.sheets.values():
        for drawing in package.relationships(sheet).values():
            if drawing.kind == "drawing" and drawing.target in package.names:
                for chart in package.relationships(drawing.target).values():
                    if chart.kind == "chart" and chart.target in package.names:
                        yield chart.target


def with_columns(chart: bytes, columns: ChartColumns) -> bytes:
    """A chart part that shows the columns as they are now; what it shows else stays as it was."""
    text = chart.decode("utf-8")
    return _REFERENCE.sub(lambda found: _reference(found, columns), text).encode()


def with_cells(formula: str, columns: ChartColumns) -> str:
    """A formula (``=SERIES(…)``) that names the columns down to their last row."""

    def named(found: re.Match[str]) -> str:
        column = _column(found, columns)
        return found[0] if column is None else _cells(found, column)

    return _CELLS.sub(named, formula)


def _reference(found: re.Match[str], columns: ChartColumns) -> str:
    cells = _CELLS.fullmatch(unescape(found[2]))
    column = cells and _column(cells, columns)
    if not cells or column is None:
        return found[0]
    form = _FORMAT_CODE.search(found[0])
    kind = "str" if any(isinstance(value, str) for value in column.values) else "num"
    points = "".join(
        f'<c:pt idx="{n}"><c:v>{escape_text(str(value))}</c:v></c:pt>'
        for n, value in enumerate(column.values)
        if value is not None
    )
    return (
        f"<c:{kind}Ref><c:f>{escape_text(_cells(cells, column))}</c:f><c:{kind}Cache>"
        f"{form[0] if form and kind == 'num' else ''}"
        f'<c:ptCount val="{len(column.values)}"/>{points}</c:{kind}Cache></c:{kind}Ref>'
    )


def _column(cells: re.Match[str], columns: ChartColumns) -> ChartColumn | None:
    sheet = cells["sheet"]
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return columns.get((sheet, column_number(cells["column"]), int(cells["first"])))


def _cells(cells: re.Match[str], column: ChartColumn) -> str:
    letters, first = column_letters(column_number(cells["column"])), cells["first"]
    return f"{cells['sheet']}!${letters}${first}:${letters}${column.last_row}"
