"""A statement as a PDF of one A4 page, the font in it: it looks the same on every machine."""

from __future__ import annotations

import bisect
import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from xl_kpi.excel.pdf_page import BOTTOM, GREY, LEFT, LINE, ROOM, Cell, Column, Page
from xl_kpi.excel.statement_text import Style, register, width, wrapped
from xl_kpi.quantity import number
from xl_kpi.statements import IndicatorLine, PayLine, Statement, shown, shown_mean, word

_SLIP = 150.0  # points; the appeal slip at least, at full size
_SLIP_MOST = 215.0
_SCALES = tuple(n / 100 for n in range(100, 38, -3))


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

    def fits(n: int) -> bool:
        return _Page(None, _SCALES[n]).laid_out(statement)

    if fits(0):
        return _SCALES[0]
    first = bisect.bisect_left(range(1, len(_SCALES) - 1), True, key=fits) + 1
    return next((_SCALES[n] for n in range(first, len(_SCALES)) if fits(n)), _SCALES[-1])


class _Page(Page):
    """The page of a statement."""

    def __init__(self, canvas: Canvas | None, scale: float) -> None:
        super().__init__(canvas, scale)
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
            self.paragraph(s.outside)
        self._remarks(s)
        fits = bool(self.y - BOTTOM >= _SLIP * self.k + 20)
        if self.canvas is not None:
            self._slip(s)
        return fits

    # --- parts of the page ---------------------------------------------------------------------

    def _head(self, s: Statement) -> None:
        k = self.k
        self.text(word("title", s.lang), LEFT, self.y - 17 * k, Style(18 * k, bold=True))
        days = s.days
        right = LEFT + ROOM
        self.text(days, right, self.y - 8 * k, Style(9 * k, GREY, align="right"))
        scheme = f"{word('scheme', s.lang)} {s.scheme_id} {s.scheme_name}"
        self.text(scheme, right, self.y - 20 * k, Style(9 * k, GREY, align="right"))
        self.y -= 27 * k
        self.rule(1.4)
        self.y -= 4 * k
        pairs = [(key, getattr(s, key)) for key in ("name", "person_id", "department", "role",
                                                    "shop", "status")]  # fmt: skip
        third = ROOM / 3
        for start in (0, 3):
            high = 15 * k
            for n, (key, text) in enumerate(pairs[start : start + 3]):
                label, x, y = word(key, s.lang), LEFT + n * third, self.y - 10 * k
                self.text(label, x, y, Style(8.5 * k, GREY))
                gap = (34 if s.lang == "zh" else 54) * k
                self.lines(text or "—", x + gap, y, Style(10 * k, bold=key == "name"), third - gap - 6)
                extra = len(wrapped(text, third - gap - 6, 10 * k)) - 1
                high = max(high, (15 + 12.5 * extra) * k)
            self.y -= high
        self.y -= 3 * k

    def _figures(self, s: Statement) -> None:
        """The few figures that everybody looks for first."""
        k = self.k
        boxes = [(word(s.headline, s.lang), shown(s.payable if s.true_ups else s.pay, "yuan"))]
        if s.total is not None:
            boxes.append((word("total", s.lang), shown(s.total, "points")))
        if s.place is not None:
            of = word("of_people", s.lang, place=s.place, people=s.people)
            boxes.append((word("place", s.lang), of))
        if s.grade is not None:
            boxes.append((word("grade", s.lang), s.grade))
        wide, high = ROOM / len(boxes), 34 * k
        self.shade(LEFT, self.y - high, ROOM, high)
        for n, (label, text) in enumerate(boxes):
            x = LEFT + n * wide + 8 * k
            self.text(label, x, self.y - 11 * k, Style(8 * k, GREY), wide - 12 * k)
            self.text(text, x, self.y - 26 * k, Style(13 * k, bold=True), wide - 12 * k)
        self.y -= high + 5 * k
        if s.total_figures:
            self.paragraph(word("total_figures", s.lang, text=s.total_figures))

    def _pay(self, s: Statement) -> None:
        self.heading(word("pay_items", s.lang))
        columns = (
            Column(word("item", s.lang), 0.2), Column(word("amount", s.lang), 0.16, "right"),
            Column(word("basis", s.lang), 0.64),
        )  # fmt: skip
        note = "" if s.pay_lines else word("no_pay", s.lang)
        rows = [*map(_pay_row, s.pay_lines), _sum_row("pay", s.pay, s.lang, note)]
        if s.true_ups:
            rows += [*map(_pay_row, s.true_ups), _sum_row("payable", s.payable, s.lang)]
        self.table(columns, rows)

    def _indicators(self, s: Statement) -> None:
        self.heading(word("indicators", s.lang))
        weight = (Column(word("weight", s.lang), 0.06, "right"),) if s.weighted else ()
        columns = (
            Column(word("indicator", s.lang), 0.41 - sum(c.wide for c in weight)),
            Column(word("value", s.lang), 0.095, "right"),
            Column(word("target", s.lang), 0.1, "right"),
            Column(word("group", s.lang), 0.095, "right"),
            Column(word("place", s.lang), 0.07, "right"), *weight,
            Column(word("points", s.lang), 0.07, "right"), Column(word("next", s.lang), 0.16),
        )  # fmt: skip
        rows = []
        for block, points, lines in s.groups:
            blank = [Cell("")] * (len(columns) - 3)
            total = Cell(shown(points, "points"), bold=True)
            rows.append((Cell(block, bold=True, spans=True), *blank, total, Cell("")))
            rows += [_row(line, weighted=s.weighted) for line in lines]
        self.table(columns, rows)

    def _remarks(self, s: Statement) -> None:
        for key in ("strengths", "gaps", "follows"):
            if getattr(s, key):
                self.paragraph(f"{word(key, s.lang)}{self.colon}{getattr(s, key)}")
        if s.next_grade:
            self.paragraph(f"{word('next', s.lang)}{self.colon}{s.next_grade}")

    def _slip(self, s: Statement) -> None:
        """The code, a line to cut along and the appeal slip, at the bottom of the page."""
        k = self.k
        high = min(_SLIP_MOST, max(_SLIP * k, self.y - BOTTOM - 20))
        top = BOTTOM + high
        code = f"{word('code', s.lang)} {s.code}"
        self.text(code, LEFT, top + 9, Style(7.5, bold=True), ROOM * 0.45)
        note = Style(7, GREY, align="right")
        self.text(word("code_note", s.lang), LEFT + ROOM, top + 9, note, ROOM * 0.54)
        if self.canvas is not None:
            self.canvas.setDash(3, 3)
            self.line(LEFT - 20, top, LEFT + ROOM + 20, top, 0.8)
            self.canvas.setDash()
        u = min(1.0, high / _SLIP)
        y = top - 20 * u
        self.text(word("appeal", s.lang), LEFT, y, Style(13 * u, bold=True))
        hint = Style(8 * u, GREY, align="right")
        self.text(word("appeal_hint", s.lang), LEFT + ROOM, y, hint)
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
        rest = y - BOTTOM - 19 * u
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
        x = LEFT
        for (label, text), share in zip(fields, shares, strict=True):
            wide = share * ROOM
            if self.canvas is not None:
                self.canvas.setLineWidth(0.6)
                self.canvas.setStrokeGray(LINE)
                self.canvas.rect(x, y - high, wide, high)
            shown_label = f"{label}{self.colon if text else ''}"
            base = y - 11.5 * u
            self.text(shown_label, x + 5, base, Style(8 * u, GREY), wide - 10)
            if text:
                left = width(shown_label, 8 * u)
                small = len(wrapped(text, wide - 10 - left, 8.5 * u)) > 1
                size = (5.5 if small else 8.5) * u
                y_text = base + (2.5 * u if small else 0)
                self.lines(text, x + 5 + left, y_text, Style(size), wide - 10 - left)
            x += wide
        return y - high


def _pay_row(line: PayLine) -> tuple[Cell, ...]:
    return Cell(line.name), Cell(shown(line.amount, "yuan")), Cell(line.basis, line.figures, beside=True)


def _sum_row(key: str, amount: float | None, lang: str, note: str = "") -> tuple[Cell, ...]:
    return (
        Cell(word(key, lang), bold=True), Cell(shown(amount, "yuan"), bold=True), Cell(note)
    )  # fmt: skip


def _row(line: IndicatorLine, *, weighted: bool) -> tuple[Cell, ...]:
    text = line.target.text
    target = Cell("", text) if "–" in text else Cell(text)  # those of the weeks
    weight = (Cell(number(line.weight, "ratio")),) if weighted else ()
    return (
        Cell(line.name, line.definition, beside=line.counted), Cell(shown(line.value, line.unit)),
        target, Cell(shown_mean(line.group, line.unit)), Cell(line.place), *weight,
        Cell(shown(line.points, "points")), Cell("", line.next),
    )  # fmt: skip
