"""A paper as a PDF of A4 pages, the font in it; the same paper gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from xl_kpi.excel.pdf_page import (
    BOTTOM,
    GREY,
    HIGH,
    LEFT,
    LINE,
    ROOM,
    TOP,
    Cell,
    Column,
    Page,
    cell_lines,
)
from xl_kpi.excel.statement_text import Style, longest_word, register, wrapped
from xl_kpi.statements.paper import Block, Fields, Heading, OnOnePage, Paper, Table, Text

_FOOT = 16.0  # points over the lower edge of the page
_TOGETHER = 90.0  # points that follow a heading on its page
_LABEL = 0.2  # of the width, for the label of a field
_SIZE = 8.5
_MOST_LINES = 55  # of a row; a page has room for a few more


def paper_pdf(paper: Paper) -> bytes:
    """The PDF of a paper."""
    register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(paper.title)
    canvas.setAuthor("xl_kpi")
    _Pages(canvas, paper).write()
    canvas.save()
    return buffer.getvalue()


class _Pages(Page):
    """Writes a paper, page by page."""

    def __init__(self, canvas: Canvas | None, paper: Paper) -> None:
        super().__init__(canvas, 1.0)
        self.paper, self.number = paper, 1

    def write(self) -> None:
        """Everything from the title to the foot of the last page."""
        for line in wrapped(self.paper.title, ROOM, 17):
            self.text(line, LEFT, self.y - 16, Style(17, bold=True))
            self.y -= 22
        self.rule(1.2)
        self.y -= 4
        for text in self.paper.below_title:
            self.paragraph(text, 8.5, GREY)
        for number, block in enumerate(self.paper.blocks):
            if isinstance(block, OnOnePage):
                self.turned(self._high_of(self.paper.blocks[number + 1 :]))
            self._block(block)
        self._end_page()

    def _high_of(self, blocks: Sequence[Block]) -> float:
        """How high some blocks are, one below the other."""
        measured = _Pages(None, self.paper)
        for block in blocks:
            measured._block(block)
        return float(HIGH - TOP - measured.y) if measured.number == 1 else HIGH

    def turned(self, high: float) -> bool:
        """Begin a new page if so many points are not left on this one."""
        if self.y - high >= BOTTOM + _FOOT or self.y == HIGH - TOP:
            return False
        self._end_page()
        self.y = HIGH - TOP
        return True

    def _end_page(self) -> None:
        style = Style(7.5, GREY, align="right")
        foot = f"{self.paper.foot}　{self.number}" if self.paper.foot else str(self.number)
        self.text(foot, LEFT + ROOM, BOTTOM, style)
        self.number += 1
        if self.canvas is not None:
            self.canvas.showPage()

    def _block(self, block: Block) -> None:
        match block:
            case Heading(text):
                self.turned(_TOGETHER)
                self.y -= 6
                self.heading(text)
            case Text(text, quiet):
                self.paragraph(text, 7.5 if quiet else 9.0, GREY if quiet else 0.0)
                self.y -= 2
            case Table(columns, rows, least):
                made = [Column(c.label, c.share, c.align) for c in columns]
                fitting = [part for row in rows for part in _parts(made, row)]
                self.table(made, [[_cell(text) for text in row] for row in fitting], least)
            case Fields():
                self._fields(block)

    def _fields(self, block: Fields) -> None:
        """Labels and texts beside each other, with lines around them to write in."""
        wide = ROOM / block.beside
        label = _LABEL * ROOM if block.beside == 1 else wide * 0.3
        words = max((longest_word(name, 8) for name, _ in block.pairs), default=0.0)
        label = min(max(label, words + 8), wide / 2)
        for start in range(0, len(block.pairs), block.beside):
            pairs = block.pairs[start : start + block.beside]
            lines = max(len(wrapped(text, wide - label - 8, _SIZE)) for _, text in pairs)
            lines = max(lines, *(len(wrapped(name, label - 8, 8)) for name, _ in pairs))
            high = max(lines * _SIZE * 1.25 + 6, block.least)
            self.turned(high)
            for place, (name, text) in enumerate(pairs):
                x = LEFT + place * wide
                self._box(x, wide, label, high)
                self.lines(name, x + 4, self.y - 11, Style(8, GREY), label - 8)
                self.lines(text, x + label + 4, self.y - 11, Style(_SIZE), wide - label - 8)
            self.y -= high
        self.y -= 5

    def _box(self, x: float, wide: float, label: float, high: float) -> None:
        if self.canvas is not None:
            self.shade(x, self.y - high, label, high)
            self.canvas.setLineWidth(0.5)
            self.canvas.setStrokeGray(LINE)
            self.canvas.rect(x, self.y - high, wide, high)


def _parts(columns: Sequence[Column], row: Sequence[str]) -> Iterator[Sequence[str]]:
    """A row, or the rows that it is cut into because it is higher than a page."""
    cells = [
        cell_lines(text, column.wide * ROOM - 8, _SIZE)
        for text, column in zip(row, columns, strict=True)
    ]
    most = max(map(len, cells))
    if most <= _MOST_LINES:
        yield row
        return
    for start in range(0, most, _MOST_LINES):
        yield [" ".join(lines[start : start + _MOST_LINES]) for lines in cells]


def _cell(text: str) -> Cell:
    """The first line of a text, the others quieter below it."""
    first, _, below = text.partition("\n")
    return Cell(first, below)
