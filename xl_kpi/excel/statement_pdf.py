"""A statement as a PDF of one A4 page, the font in it: it looks the same on every machine."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from xl_kpi.excel.statement_text import Style, draw, fitted, register, width, wrapped
from xl_kpi.statements import IndicatorLine, Statement, shown, word

_WIDE, _HIGH = A4
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 40.0, 36.0, 30.0
_ROOM = _WIDE - _LEFT - _RIGHT
_SLIP = 150.0  # points; the appeal slip at least, at full size
_SLIP_MOST = 215.0
_SCALES = tuple(n / 100 for n in range(100, 38, -3))
_GREY = 0.35
_SHADE = 0.92
_LINE = 0.65
_FIGURE = re.compile(r"[-0-9.,%/—]+")


def statement_pdf(statement: Statement) -> bytes:
    """The page of a statement; the same statement gives the same bytes."""
    scale = scale_of(statement)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{word('title', statement.lang)} {statement.period}")
    canvas.setAuthor("xl_kpi")
    _Page(canvas, scale).laid_out(statement)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def scale_of(statement: Statement) -> float:
    """By how much the page is scaled so that everything fits: 1 for up to a dozen indicators."""
    register()
    return next((k for k in _SCALES if _Page(None, k).laid_out(statement)), _SCALES[-1])


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    wide: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class _Cell:
    """The text of a cell, and a quieter one below it."""

    text: str
    below: str = ""
    bold: bool = False


class _Page:
    """Draws from the top down; without a canvas it only measures."""

    def __init__(self, canvas: Canvas | None, scale: float) -> None:
        self.canvas, self.k = canvas, scale
        self.y = _HIGH - _TOP
        self.colon = ""

    def laid_out(self, s: Statement) -> bool:
        """Draw everything; whether it fits the page."""
        self.colon = word("colon", s.lang)
        self._head(s)
        self._figures(s)
        self._pay(s)
        if s.assessed:
            self._indicators(s)
        else:
            self._paragraph(word("not_assessed", s.lang))
        self._remarks(s)
        fits = bool(self.y - _BOTTOM >= _SLIP * self.k + 20)
        if self.canvas is not None:
            self._slip(s)
        return fits

    # --- parts of the page ---------------------------------------------------------------------

    def _head(self, s: Statement) -> None:
        k = self.k
        self._text(word("title", s.lang), _LEFT, self.y - 17 * k, Style(18 * k, bold=True))
        days = s.days
        right = _LEFT + _ROOM
        self._text(days, right, self.y - 8 * k, Style(9 * k, _GREY, align="right"))
        scheme = f"{word('scheme', s.lang)} {s.scheme_id} {s.scheme_name}"
        self._text(scheme, right, self.y - 20 * k, Style(9 * k, _GREY, align="right"))
        self.y -= 27 * k
        self._rule(1.4)
        self.y -= 4 * k
        pairs = [(key, getattr(s, key)) for key in ("name", "person_id", "department", "role",
                                                    "shop", "status")]  # fmt: skip
        third = _ROOM / 3
        for start in (0, 3):
            high = 15 * k
            for n, (key, text) in enumerate(pairs[start : start + 3]):
                label, x, y = word(key, s.lang), _LEFT + n * third, self.y - 10 * k
                self._text(label, x, y, Style(8.5 * k, _GREY))
                gap = (34 if s.lang == "zh" else 54) * k
                self._lines(text or "—", x + gap, y, Style(10 * k, bold=key == "name"), third - gap - 6)
                extra = len(wrapped(text, third - gap - 6, 10 * k)) - 1
                high = max(high, (15 + 12.5 * extra) * k)
            self.y -= high
        self.y -= 3 * k

    def _figures(self, s: Statement) -> None:
        """The few figures that everybody looks for first."""
        k = self.k
        boxes = [(word("pay", s.lang), shown(s.pay, "yuan"))]
        if s.total is not None:
            boxes.append((word("total", s.lang), shown(s.total, "points")))
        if s.place is not None:
            of = word("of_people", s.lang, place=s.place, people=s.people)
            boxes.append((word("place", s.lang), of))
        if s.grade is not None:
            boxes.append((word("grade", s.lang), s.grade))
        boxes += [(name, shown(points, "points")) for name, points in s.blocks]
        boxes = boxes[:6]
        wide, high = _ROOM / len(boxes), 34 * k
        self._shade(_LEFT, self.y - high, _ROOM, high)
        for n, (label, text) in enumerate(boxes):
            x = _LEFT + n * wide + 8 * k
            self._text(label, x, self.y - 11 * k, Style(8 * k, _GREY), wide - 12 * k)
            self._text(text, x, self.y - 26 * k, Style(13 * k, bold=True), wide - 12 * k)
        self.y -= high + 5 * k

    def _pay(self, s: Statement) -> None:
        self._heading(word("pay_items", s.lang))
        columns = (
            _Column(word("item", s.lang), 0.2), _Column(word("amount", s.lang), 0.16, "right"),
            _Column(word("basis", s.lang), 0.64),
        )  # fmt: skip
        rows = [
            (_Cell(p.name), _Cell(shown(p.amount, "yuan")), _Cell(p.basis, p.figures))
            for p in s.pay_lines
        ]
        rows.append(
            (_Cell(word("pay", s.lang), bold=True), _Cell(shown(s.pay, "yuan"), bold=True),
             _Cell("" if s.pay_lines else word("no_pay", s.lang)))
        )  # fmt: skip
        self._table(columns, rows)

    def _indicators(self, s: Statement) -> None:
        self._heading(word("indicators", s.lang))
        columns = (
            _Column(word("indicator", s.lang), 0.375), _Column(word("value", s.lang), 0.095, "right"),
            _Column(word("target", s.lang), 0.115, "right"),
            _Column(word("group", s.lang), 0.095, "right"),
            _Column(word("place", s.lang), 0.075, "right"),
            _Column(word("points", s.lang), 0.065, "right"), _Column(word("next", s.lang), 0.18),
        )  # fmt: skip
        self._table(columns, [_row(line) for line in s.indicators])

    def _remarks(self, s: Statement) -> None:
        for key in ("strengths", "gaps", "follows"):
            if getattr(s, key):
                self._paragraph(f"{word(key, s.lang)}{self.colon}{getattr(s, key)}")
        if s.next_grade:
            self._paragraph(f"{word('next', s.lang)}{self.colon}{s.next_grade}")

    def _slip(self, s: Statement) -> None:
        """The code, a line to cut along and the appeal slip, at the bottom of the page."""
        k = self.k
        high = min(_SLIP_MOST, max(_SLIP * k, self.y - _BOTTOM - 20))
        top = _BOTTOM + high
        code = f"{word('code', s.lang)} {s.code}"
        self._text(code, _LEFT, top + 9, Style(7.5, bold=True), _ROOM * 0.45)
        note = Style(7, _GREY, align="right")
        self._text(word("code_note", s.lang), _LEFT + _ROOM, top + 9, note, _ROOM * 0.54)
        if self.canvas is not None:
            self.canvas.setDash(3, 3)
            self._line(_LEFT - 20, top, _LEFT + _ROOM + 20, top, 0.8)
            self.canvas.setDash()
        u = min(1.0, high / _SLIP)
        y = top - 20 * u
        self._text(word("appeal", s.lang), _LEFT, y, Style(13 * u, bold=True))
        hint = Style(8 * u, _GREY, align="right")
        self._text(word("appeal_hint", s.lang), _LEFT + _ROOM, y, hint)
        y -= 8 * u
        rows = (
            (word("name", s.lang), s.name), (word("person_id", s.lang), s.person_id),
            (word("period", s.lang), s.period), (word("code", s.lang), str(s.code)),
        )  # fmt: skip
        y = self._form(y, 17 * u, rows, (0.27, 0.2, 0.17, 0.36), u)
        y = self._form(
            y, 17 * u,
            ((word("appeal_item", s.lang), ""), (word("appeal_until", s.lang), "")), (0.6, 0.4), u,
        )  # fmt: skip
        rest = y - _BOTTOM - 19 * u
        y = self._form(y, rest * 0.62, ((word("appeal_reason", s.lang), ""),), (1.0,), u)
        y = self._form(y, rest * 0.38, ((word("appeal_answer", s.lang), ""),), (1.0,), u)
        self._form(
            y, 19 * u,
            ((word("appeal_person", s.lang), ""), (word("appeal_hr", s.lang), "")), (0.5, 0.5), u,
        )  # fmt: skip

    def _form(
        self, y: float, high: float, fields: Sequence[tuple[str, str]],
        shares: Sequence[float], u: float,
    ) -> float:  # fmt: skip
        """A row of labelled fields to write in; gives the height of its lower edge."""
        x = _LEFT
        for (label, text), share in zip(fields, shares, strict=True):
            wide = share * _ROOM
            if self.canvas is not None:
                self.canvas.setLineWidth(0.6)
                self.canvas.setStrokeGray(_LINE)
                self.canvas.rect(x, y - high, wide, high)
            shown_label = f"{label}{self.colon if text else ''}"
            base = y - 11.5 * u
            self._text(shown_label, x + 5, base, Style(8 * u, _GREY), wide - 10)
            if text:
                left = width(shown_label, 8 * u)
                small = len(wrapped(text, wide - 10 - left, 8.5 * u)) > 1
                size = (5.5 if small else 8.5) * u
                y_text = base + (2.5 * u if small else 0)
                self._lines(text, x + 5 + left, y_text, Style(size), wide - 10 - left)
            x += wide
        return y - high

    # --- pieces ------------------------------------------------------------------------------

    def _table(self, columns: Sequence[_Column], rows: Sequence[Sequence[_Cell]]) -> None:
        k, pad = self.k, 4 * self.k
        high = 14 * k
        self._shade(_LEFT, self.y - high, _ROOM, high)
        self._cells(columns, [_Cell(c.label) for c in columns], 8 * k, high, bold=True)
        self.y -= high
        size, small = 8.5 * k, 7 * k
        for cells in rows:
            lines = [
                self._high(cell, column.wide * _ROOM - 2 * pad, size, small)
                for cell, column in zip(cells, columns, strict=True)
            ]
            high = max(lines) + 4 * k
            self._cells(columns, cells, size, high, small=small)
            self.y -= high
            self._rule(0.4, _LINE)
        self.y -= 4 * k

    def _high(self, cell: _Cell, room: float, size: float, small: float) -> float:
        above = len(_lines(cell.text, room, size)) * size * 1.3
        return above + (len(_lines(cell.below, room, small)) * small * 1.3 if cell.below else 0)

    def _cells(
        self, columns: Sequence[_Column], cells: Sequence[_Cell], size: float, high: float,
        *, small: float = 0.0, bold: bool = False,
    ) -> None:  # fmt: skip
        if self.canvas is None:
            return
        pad, x = 4 * self.k, _LEFT
        for column, cell in zip(columns, cells, strict=True):
            wide = column.wide * _ROOM
            edge = x + wide - pad if column.align == "right" else x + pad
            y = self.y - 2 * self.k
            for text, height, grey in ((cell.text, size, 0.0), (cell.below, small, _GREY)):
                for line in _lines(text, wide - 2 * pad, height) if text else ():
                    y -= height * 1.3
                    style = Style(height, grey, (bold or cell.bold) and not grey, column.align)
                    self._text(line, edge, y + height * 0.32, style, wide - 2 * pad)
            x += wide

    def _heading(self, text: str) -> None:
        self._text(text, _LEFT, self.y - 11 * self.k, Style(10.5 * self.k, bold=True))
        self.y -= 16 * self.k

    def _paragraph(self, text: str) -> None:
        size = 8.5 * self.k
        for line in wrapped(text, _ROOM, size):
            self.y -= size * 1.35
            self._text(line, _LEFT, self.y + size * 0.3, Style(size))
        self.y -= 2 * self.k

    def _text(
        self, text: str, x: float, y: float, style: Style, room: float | None = None
    ) -> None:
        if self.canvas is not None:
            draw(self.canvas, text, x, y, style if room is None else fitted(text, room, style))

    def _lines(self, text: str, x: float, y: float, style: Style, room: float) -> None:
        """A text from a base line down."""
        for line in wrapped(text, room, style.size):
            self._text(line, x, y, style)
            y -= style.size * 1.25

    def _rule(self, thick: float, grey: float = 0.0) -> None:
        self._line(_LEFT, self.y, _LEFT + _ROOM, self.y, thick, grey)

    def _line(
        self, x: float, y: float, to_x: float, to_y: float, thick: float, grey: float = 0.0
    ) -> None:
        if self.canvas is not None:
            self.canvas.setLineWidth(thick)
            self.canvas.setStrokeGray(grey)
            self.canvas.line(x, y, to_x, to_y)

    def _shade(self, x: float, y: float, wide: float, high: float) -> None:
        if self.canvas is not None:
            self.canvas.setFillGray(_SHADE)
            self.canvas.rect(x, y, wide, high, stroke=0, fill=1)


def _lines(text: str, room: float, size: float) -> tuple[str, ...]:
    """A text as lines; a figure is one line, however wide it is."""
    return (text,) if _FIGURE.fullmatch(text) else wrapped(text, room, size)


def _row(line: IndicatorLine) -> tuple[_Cell, ...]:
    return (
        _Cell(line.name, line.definition), _Cell(shown(line.value, line.unit)),
        _Cell(line.target.text), _Cell(shown(line.group, line.unit)), _Cell(line.place),
        _Cell(shown(line.points, "points")), _Cell("", line.next),
    )  # fmt: skip
