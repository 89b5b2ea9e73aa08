"""A PDF page that is drawn from the top down: texts, tables, lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from xl_kpi.excel.statement_text import Style, draw, fitted, width, wrapped

WIDE, HIGH = A4
LEFT, RIGHT, TOP, BOTTOM = 40.0, 40.0, 36.0, 30.0
ROOM = WIDE - LEFT - RIGHT
GREY = 0.35
LINE = 0.65
_SHADE = 0.92
_FIGURE = re.compile(r"[-0-9.,%/—–]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its header and its share of the width."""

    label: str
    wide: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, and a quieter one below it, or beside it if it fits."""

    text: str
    below: str = ""
    bold: bool = False
    beside: bool = False
    spans: bool = False  # over the blank cells after it

    def in_one_line(self, room: float, size: float, small: float) -> bool:
        """Whether the quieter text stands beside the other."""
        wide = width(self.text, size) + size + width(self.below, small)
        return self.beside and wide <= room


class Page:
    """Draws from the top down; without a canvas it only measures. ``k`` scales everything."""

    def __init__(self, canvas: Canvas | None, scale: float) -> None:
        self.canvas, self.k = canvas, scale
        self.y = HIGH - TOP

    def turned(self, high: float) -> bool:
        """Whether a new page was begun because so many points are not left."""
        return False

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], least: float = 0.0
    ) -> None:
        """Rows under a shaded header, each at least so high."""
        k, pad = self.k, 4 * self.k
        self._header(columns)
        size, small = 8.5 * k, 7 * k
        for cells in rows:
            lines = [
                self._high(cell, column.wide * ROOM - 2 * pad, size, small)
                for cell, column in zip(cells, columns, strict=True)
            ]
            high = max(max(lines) + 4 * k, least)
            if self.turned(high):
                self._header(columns)
            self.cells(columns, cells, size, high, small=small)
            self.y -= high
            self.rule(0.4, LINE)
        self.y -= 4 * k

    def _header(self, columns: Sequence[Column]) -> None:
        high = 14 * self.k
        self.shade(LEFT, self.y - high, ROOM, high)
        self.cells(columns, [Cell(c.label) for c in columns], 8 * self.k, high, bold=True)
        self.y -= high

    def _high(self, cell: Cell, room: float, size: float, small: float) -> float:
        if cell.spans or cell.in_one_line(room, size, small):
            return size * 1.3
        above = len(cell_lines(cell.text, room, size)) * size * 1.3 if cell.text else 0.0
        return above + (len(cell_lines(cell.below, room, small)) * small * 1.3 if cell.below else 0)

    def cells(
        self, columns: Sequence[Column], cells: Sequence[Cell], size: float, high: float,
        *, small: float = 0.0, bold: bool = False,
    ) -> None:  # fmt: skip
        """A row of texts."""
        if self.canvas is None:
            return
        pad, x = 4 * self.k, LEFT
        for column, cell in zip(columns, cells, strict=True):
            wide = column.wide * ROOM
            edge = x + wide - pad if column.align == "right" else x + pad
            y = self.y - 2 * self.k
            if cell.spans or cell.in_one_line(wide - 2 * pad, size, small):
                y -= size * 1.3 - size * 0.32
                self.text(cell.text, edge, y, Style(size, bold=cell.bold))
                self.text(cell.below, edge + width(cell.text, size) + size, y, Style(small, GREY))
                x += wide
                continue
            for text, height, grey in ((cell.text, size, 0.0), (cell.below, small, GREY)):
                for line in cell_lines(text, wide - 2 * pad, height) if text else ():
                    y -= height * 1.3
                    style = Style(height, grey, (bold or cell.bold) and not grey, column.align)
                    self.text(line, edge, y + height * 0.32, style, wide - 2 * pad)
            x += wide

    def heading(self, text: str) -> None:
        """The heading of a part."""
        self.text(text, LEFT, self.y - 11 * self.k, Style(10.5 * self.k, bold=True))
        self.y -= 16 * self.k

    def paragraph(self, text: str, size: float = 8.5, grey: float = 0.0) -> None:
        """A text over the whole width."""
        size *= self.k
        for line in wrapped(text, ROOM, size):
            self.turned(size * 1.35)
            self.y -= size * 1.35
            self.text(line, LEFT, self.y + size * 0.3, Style(size, grey))
        self.y -= 2 * self.k

    def text(
        self, text: str, x: float, y: float, style: Style, room: float | None = None
    ) -> None:
        """One line; smaller if it is wider than the room."""
        if self.canvas is not None:
            draw(self.canvas, text, x, y, style if room is None else fitted(text, room, style))

    def lines(self, text: str, x: float, y: float, style: Style, room: float) -> None:
        """A text from a base line down."""
        for line in wrapped(text, room, style.size):
            self.text(line, x, y, style)
            y -= style.size * 1.25

    def rule(self, thick: float, grey: float = 0.0) -> None:
        """A line over the whole width."""
        self.line(LEFT, self.y, LEFT + ROOM, self.y, thick, grey)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, thick: float, grey: float = 0.0
    ) -> None:
        """A line between two points."""
        if self.canvas is not None:
            self.canvas.setLineWidth(thick)
            self.canvas.setStrokeGray(grey)
            self.canvas.line(x, y, to_x, to_y)

    def shade(self, x: float, y: float, wide: float, high: float) -> None:
        """A grey box."""
        if self.canvas is not None:
            self.canvas.setFillGray(_SHADE)
            self.canvas.rect(x, y, wide, high, stroke=0, fill=1)


def cell_lines(text: str, room: float, size: float) -> tuple[str, ...]:
    """A text as lines; a figure is one line, however wide it is."""
    return (text,) if _FIGURE.fullmatch(text) else wrapped(text, room, size)
