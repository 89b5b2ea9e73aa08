"""A sheet of a workbook of results: a heading, and tables one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xl_kpi.excel.palette import (
    ACCENT,
    AMBER,
    AMBER_FILL,
    GROUP_SHADES,
    LINE,
    NUMBER_FORMATS,
    QUIET,
    SHADES,
)
from xl_kpi.excel.report import COUNT, MONEY
from xl_kpi.excel.statement_book import Formats, lines_of

TEXT, MONEY_COLUMN, CHANGE, SHARE, WHOLE = "text", "money", "change", "share", "whole"
PART, FIGURE = "part", "figure"
_FORMATS = {
    TEXT: "@",
    MONEY_COLUMN: NUMBER_FORMATS[MONEY],
    CHANGE: "+#,##0.00;[Red]-#,##0.00;0.00",
    SHARE: "+0.0%;[Red]-0.0%;0.0%",
    WHOLE: NUMBER_FORMATS[COUNT],
    PART: "0.0%",
    FIGURE: "#,##0.00",
}
_LINE, _ROW, _A4 = 13.0, 18.0, 9
_CHART = 290  # pixels of a chart's height
_TALL, _WIDE = 26, 10  # rows above a chart from which on it begins a page


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its header, how it is shown, whether it is added up below the header."""

    label: str
    kind: str = TEXT
    total: bool = False
    span: int = 1  # columns of the sheet that it takes; of the last one only


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands: 0-based rows and columns of its body."""

    first: int
    last: int
    left: int = 0


class Sheet:
    """Writes from the top down."""

    def __init__(
        self, book: Any, formats: Formats, name: str, widths: Sequence[float], *, tall: bool = False
    ) -> None:
        self.book, self.format, self.name, self.widths = book, formats, name, widths
        self.made = book.add_worksheet(name)
        self.row = 0
        for column, wide in enumerate(widths):
            self.made.set_column(column, column, wide)
        self.made.hide_gridlines(2)
        self.made.set_paper(_A4)
        if tall:
            self.made.set_portrait()
        else:
            self.made.set_landscape()
        self.breaks: list[int] = []  # before charts that a page would cut
        self.most = _TALL if tall else _WIDE
        self.made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.made.fit_to_pages(1, 0)
        self.made.set_footer("&L&A&R&P / &N")

    def title(self, text: str, below: str = "") -> None:
        """What the sheet is about."""
        self.made.set_row(self.row, 26)
        self.made.write_string(self.row, 0, text, self.format(font_size=15, bold=True, font_color=ACCENT))
        self.row += 1
        if below:
            self.paragraph(below)

    def paragraph(self, text: str, **look: object) -> None:
        """A text across all columns."""
        last = len(self.widths) - 1
        made = self.format(**{"font_color": QUIET, "text_wrap": True, "valign": "top", **look})
        self.made.merge_range(self.row, 0, self.row, last, "", made)
        self.made.write_string(self.row, 0, text, made)
        self.made.set_row(self.row, lines_of(text, sum(self.widths)) * _LINE + 4)
        self.row += 1

    def heading(self, text: str) -> None:
        """What a table is about."""
        self.row += 1
        self.made.write_string(self.row, 0, text, self.format(font_size=11, bold=True, font_color=ACCENT))
        self.row += 1

    def table(
        self, columns: Sequence[TableColumn], rows: Sequence[Sequence[object]], *, left: int = 0,
        total: str = "",
    ) -> Place:
        """A table; sums of what a filter shows stand above its header if a column has them.

        ``total`` is what the line of sums is called.
        """
        totals = any(column.total for column in columns)
        head = self.row + totals
        first, last = head + 1, head + max(1, len(rows))
        if totals:
            self._totals(columns, rows, first, last, left)
            self.made.write_string(self.row, left, total, self._look(columns[0], bold=True, bg_color=GROUP_SHADES[0]))
        shade = self.format(
            bold=True, font_color="#FFFFFF", bg_color=SHADES[0], border=1, border_color=LINE,
            text_wrap=True, align="center",
        )  # fmt: skip
        high = max(lines_of(c.label, self.widths[n]) for n, c in enumerate(columns, left))
        self.made.set_row(head, max(_ROW, high * _LINE + 5))
        for number, column in enumerate(columns, left):
            if column.span > 1:
                self.made.merge_range(head, number, head, number + column.span - 1, "", shade)
            self.made.write_string(head, number, column.label, shade)
        for number, row in enumerate(rows, first):
            self._body(number, columns, row, left)
        self.row = last + 1
        return Place(first, last, left)

    def _body(self, number: int, columns: Sequence[TableColumn], row: Sequence[object], left: int) -> None:
        high = 1
        for place, (column, value) in enumerate(zip(columns, row, strict=True), left):
            look, wide = self._look(column), sum(self.widths[place : place + column.span])
            if column.span > 1:
                self.made.merge_range(number, place, number, place + column.span - 1, "", look)
            if isinstance(value, int | float) and value == value:
                self.made.write_number(number, place, value, look)
            elif value is None or value != value or value == "":
                self.made.write_blank(number, place, None, look)
            else:
                self.made.write_string(number, place, str(value), look)
                high = max(high, lines_of(str(value), wide))
        self.made.set_row(number, max(_ROW, high * _LINE + 5))

    def _look(self, column: TableColumn, **more: object) -> Any:
        settings: dict[str, object] = {"border": 1, "border_color": LINE, "num_format": _FORMATS[column.kind]}
        if column.kind == TEXT:
            settings |= {"text_wrap": True, "indent": 1}
        return self.format(**settings, **more)

    def _totals(
        self, columns: Sequence[TableColumn], rows: Sequence[Sequence[object]], first: int, last: int, left: int
    ) -> None:
        self.made.set_row(self.row, _ROW)
        for number, column in enumerate(columns):
            look = self._look(column, bold=True, bg_color=GROUP_SHADES[0])
            if not column.total:
                self.made.write_blank(self.row, number + left, None, look)
                continue
            letter = _letter(number + left)
            given = [v for v in (row[number] for row in rows) if isinstance(v, int | float) and v == v]
            formula = f"=SUBTOTAL(109,{letter}{first + 1}:{letter}{last + 1})"
            self.made.write_formula(self.row, number + left, formula, look, round(sum(given), 2))

    def filtered(self, place: Place, columns: int) -> None:
        """A filter on a table, its header always in sight and on each page."""
        self.made.autofilter(place.first - 1, place.left, place.last, place.left + columns - 1)
        self.made.freeze_panes(place.first, 2)
        self.headed(place)

    def headed(self, place: Place) -> None:
        """The header of the sheet's only table on each page."""
        self.made.repeat_rows(place.first - 1)

    def marked(self, place: Place, column: int, text: str) -> None:
        """A colour on the cells of a column that say this."""
        at, look = place.left + column, self.book.add_format({"bg_color": AMBER_FILL, "font_color": AMBER})
        rule = {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": look}
        self.made.conditional_format(place.first, at, place.last, at, rule)

    def bars(self, place: Place, column: int) -> None:
        """Bars behind the changes of a column."""
        at = place.left + column
        self.made.conditional_format(
            place.first, at, place.last, at,
            {"type": "data_bar", "bar_color": "#BDD7EE", "bar_negative_color": "#F8CBAD",
             "bar_solid": True, "data_bar_2010": True},
        )  # fmt: skip

    def chart(
        self, kind: str, title: str, place: Place, labels: int, series: Sequence[tuple[str, int]],
        *, most: int = 1_000, wide: int = 900,
        number: str = "#,##0", least: float | None = None,
    ) -> None:  # fmt: skip
        """A chart of a table, below it; ``labels`` and ``series`` are columns of the table.

        ``number`` is the number format of its axis, ``least`` where this begins.
        """
        last = min(place.last, place.first + most - 1)
        chart = self.book.add_chart({"type": kind})
        colours = (SHADES[1], "#F4A261")
        for (name, column), colour in zip(series, colours, strict=False):
            at = place.left + column
            chart.add_series(
                {"name": name, "categories": [self.name, place.first, place.left + labels, last, place.left + labels],
                 "values": [self.name, place.first, at, last, at], "fill": {"color": colour},
                 "border": {"color": "#404040", "width": 0.5}, "gap": 60},
            )  # fmt: skip
        chart.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
        chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        if kind == "bar":
            chart.set_y_axis({"reverse": True, "label_position": "low", "interval_unit": 1})
            chart.set_x_axis({"num_format": number, "min": least, "label_position": "high", "major_gridlines": {"visible": True, "line": {"color": LINE}}})
        else:
            chart.set_y_axis({"num_format": number, "min": least, "major_gridlines": {"visible": True, "line": {"color": LINE}}})
        high = max(_CHART, 60 + 22 * (last - place.first + 1) if kind == "bar" else 0)
        chart.set_size({"width": wide, "height": high})
        self.row += 1
        if self.row > self.most:
            self.breaks.append(self.row)
            self.made.set_h_pagebreaks(self.breaks)
        # Its frame would print on the page before.
        self.made.insert_chart(self.row, 0, chart, {"object_position": 2, "y_offset": 3})
        self.row += -(-high // 20) + 1


def _letter(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


