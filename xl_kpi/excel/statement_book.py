"""A statement as a workbook of one A4 page, and the payslips of everybody to cut apart."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import xlsxwriter

from xl_kpi.excel.palette import FONT, NUMBER_FORMATS
from xl_kpi.excel.report import MONEY, POINTS, style_of
from xl_kpi.statements import IndicatorLine, PayLine, Statement, mean_unit, word

_MADE = dt.datetime(2026, 1, 1)  # in every file: the same statement gives the same bytes
_A4 = 9
_FIRST = ((12, 40.0), (18, 46.0), (10_000, 62.0))  # indicators at most, width of their column
_FIGURES, _WEIGHT, _POINTS, _NEXT = (11.5, 13.5, 11.5, 10.0), 8.5, 8.5, 24.0  # characters
_SLIP_CHARS, _SLIP_PAGE = 118.0, 510.0  # characters and points on a landscape page of slips
_LINE = 13.0  # points; of a line of text
_SMALL_LINE = 11.0
_USUAL, _SMALLER = 1.1, 1.3  # characters of 9 and 7.5 points in one of the columns' unit
_AMOUNT = {"num_format": NUMBER_FORMATS[MONEY], "align": "right", "shrink": True}
_GREY, _SHADE, _RULE = "#595959", "#EBEBEB", "#A6A6A6"


def statement_book(statement: Statement) -> bytes:
    """The workbook of a statement; the same statement gives the same bytes."""
    with text_workbook() as (book, buffer):
        _Sheet(book, statement).write()
    return buffer.getvalue()


@contextmanager
def text_workbook() -> Iterator[tuple[Any, io.BytesIO]]:
    """A workbook in memory in which no text becomes a formula or a link."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"author": "xl_kpi", "created": _MADE})
    book.formats[0].set_font_name(FONT)
    book.formats[0].set_font_size(9)
    yield book, buffer
    book.close()


class Formats:
    """Cell formats by what they set; the font is the same everywhere."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, object], ...], Any] = {}

    def __call__(self, **settings: object) -> Any:
        """The format with these settings."""
        base: dict[str, object] = {"font_name": FONT, "font_size": 9, "valign": "vcenter"}
        merged = {**base, **settings}
        key = tuple(sorted(merged.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(merged)
        return self.made[key]


class _Sheet:
    """Writes a statement from the top down."""

    def __init__(self, book: Any, statement: Statement) -> None:
        self.s, self.lang = statement, statement.lang
        self.sheet = book.add_worksheet(word("title", self.lang)[:31])
        self.format = Formats(book)
        self.row = 0
        most = len(statement.indicators)
        first = next(wide for n, wide in _FIRST if most <= n)
        weight = (_WEIGHT,) if statement.weighted else ()
        self.widths = (first, *_FIGURES, *weight, _POINTS, _NEXT)
        self.last = len(self.widths) - 1

    def write(self) -> None:
        """Everything that stands on the page."""
        for column, wide in enumerate(self.widths):
            self.sheet.set_column(column, column, wide)
        self._head()
        self._figures()
        self._pay()
        if self.s.assessed:
            self._indicators()
        else:
            self._paragraph(self.s.outside)
        self._remarks()
        self._slip()
        self.sheet.print_area(0, 0, self.row - 1, self.last)
        self.sheet.set_paper(_A4)
        self.sheet.set_portrait()
        self.sheet.set_margins(left=0.45, right=0.45, top=0.45, bottom=0.4)
        self.sheet.set_header("", {"margin": 0})
        self.sheet.set_footer("", {"margin": 0})
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 1)
        self.sheet.hide_gridlines(2)

    # --- parts ---------------------------------------------------------------------------------

    def _head(self) -> None:
        s, lang = self.s, self.lang
        self._across(0, 1, word("title", lang), font_size=16, bold=True, bottom=2)
        days = s.days
        scheme = f"{word('scheme', lang)} {s.scheme_id} {s.scheme_name}"
        self._across(
            2, self.last, f"{days}\n{scheme}", align="right", font_color=_GREY, text_wrap=True, bottom=2
        )
        self._next(32)
        spans = ((0, 0), (1, 3), (4, self.last))
        for keys in (("name", "person_id", "department"), ("role", "shop", "status")):
            high = 1
            for (first, last), key in zip(spans, keys, strict=True):
                text = getattr(s, key) or "—"
                label = f"{word(key, lang)}{word('colon', lang)}"
                self._rich(first, last, label, text, text_wrap=True, bold=key == "name")
                high = max(high, lines_of(label + text, self._width(first, last)))
            self._next(max(16, _LINE * high + 2))

    def _figures(self) -> None:
        s, lang = self.s, self.lang
        paid = s.payable if s.true_ups else s.pay
        figures: list[tuple[str, float | str | None, str]] = [(word(s.headline, lang), paid, MONEY)]
        if s.total is not None:
            figures.append((word("total", lang), s.total, POINTS))
        if s.place is not None:
            of = word("of_people", lang, place=s.place, people=s.people)
            figures.append((word("place", lang), of, ""))
        if s.grade is not None:
            figures.append((word("grade", lang), s.grade, ""))
        spans = ((0, 0), (1, 2), (3, 4), (5, self.last))
        blank: tuple[str, float | str | None, str] = ("", "", "")
        padded = [*figures, *[blank] * (4 - len(figures))]
        for (first, last), (label, _, _) in zip(spans, padded, strict=True):
            self._across(first, last, label, bg_color=_SHADE, font_color=_GREY, font_size=8)
        self._next(15)
        for (first, last), (_, value, style) in zip(spans, padded, strict=True):
            look: dict[str, object] = {
                "bg_color": _SHADE, "font_size": 13, "bold": True, "align": "left", "shrink": True,
            }  # fmt: skip
            if style:
                look["num_format"] = NUMBER_FORMATS[style]
            self._across(first, last, "—" if value is None else value, **look)
        self._next(22)
        if s.total_figures:
            self._paragraph(word("total_figures", self.lang, text=s.total_figures))

    def _pay(self) -> None:
        lang = self.lang
        self._heading(word("pay_items", lang))
        self._header((0, 0, "item", "left"), (1, 1, "amount", "right"), (2, self.last, "basis", "left"))
        self._pay_lines(self.s.pay_lines)
        note = "" if self.s.pay_lines else word("no_pay", lang)
        self._sum("pay", self.s.pay, note)
        if self.s.true_ups:
            self._pay_lines(self.s.true_ups)
            self._sum("payable", self.s.payable)

    def _pay_lines(self, lines: Sequence[PayLine]) -> None:
        for line in lines:
            self._cell(0, line.name, text_wrap=True)
            self._cell(1, line.amount, **_AMOUNT)
            self._two(2, self.last, line.basis, line.figures)
            wide = self._width(2, self.last)
            high = _LINE * max(lines_of(line.name, self.widths[0]), lines_of(line.basis, wide * _USUAL))
            high += _SMALL_LINE * lines_of(line.figures, wide * _SMALLER) if line.figures else 0
            self._next(high + 3)

    def _sum(self, key: str, amount: float | None, note: str = "") -> None:
        self._cell(0, word(key, self.lang), bold=True)
        self._cell(1, amount, bold=True, **_AMOUNT)
        self._across(2, self.last, note, bottom=1, bottom_color=_RULE, indent=1)
        self._next(16)

    def _indicators(self) -> None:
        self._heading(word("indicators", self.lang))
        keys = ["value", "target", "group", "place", *(["weight"] if self.s.weighted else []), "points"]
        figures = ((n, n, key, "right") for n, key in enumerate(keys, 1))
        self._header((0, 0, "indicator", "left"), *figures, (self.last, self.last, "next", "left"))
        for block, points, lines in self.s.groups:
            at, look = self.last - 1, {"bold": True, "bottom": 1, "bottom_color": _RULE}
            self._across(0, at - 1, block, **look)
            made = {"num_format": NUMBER_FORMATS[POINTS], "align": "right", "shrink": True}
            self._cell(at, points, bold=True, **made)
            self._cell(self.last, "")
            self._next(16)
            for line in lines:
                self._indicator(line)

    def _indicator(self, line: IndicatorLine) -> None:
        number = {
            "num_format": NUMBER_FORMATS[style_of(line.unit)], "align": "right", "shrink": True,
        }  # fmt: skip
        both = f"{line.name}　{line.definition}" if line.definition else line.name
        beside_it = line.counted and lines_of(both, self.widths[0]) == 1
        self._two(0, 0, line.name, line.definition, between="　" if beside_it else "\n")
        self._cell(1, line.value, **number)
        target = line.target.text if line.target.value is None else line.target.value
        self._cell(2, target, **number)
        mean = {**number, "num_format": NUMBER_FORMATS[style_of(mean_unit(line.unit))]}
        self._cell(3, line.group, **mean)
        self._cell(4, line.place, align="right", shrink=True)
        if self.s.weighted:
            whole = line.weight is None or float(line.weight * 100).is_integer()
            self._cell(5, line.weight, **{**number, "num_format": "0%" if whole else "0.0#%"})
        points = {**number, "num_format": NUMBER_FORMATS[POINTS]}
        self._cell(self.last - 1, line.points, **points)
        self._cell(self.last, line.next, font_size=8, text_wrap=True, indent=1)
        own = _LINE * lines_of(line.name, self.widths[0])
        if line.definition and not beside_it:
            own += _SMALL_LINE * lines_of(line.definition, self.widths[0] * _SMALLER)
        after = _SMALL_LINE * lines_of(line.next, (_NEXT - 2) * _USUAL)
        self._next(max(own, after) + 3)

    def _remarks(self) -> None:
        s, lang = self.s, self.lang
        for label, text in (
            ("strengths", s.strengths), ("gaps", s.gaps), ("follows", s.follows),
            ("next", s.next_grade),
        ):  # fmt: skip
            if text:
                self._paragraph(f"{word(label, lang)}{word('colon', lang)}{text}")
        self._next(4)
        self._across(0, 1, f"{word('code', lang)} {s.code}", bold=True, font_size=8)
        self._across(
            2, self.last, word("code_note", lang), align="right", font_size=7, font_color=_GREY,
            text_wrap=True,
        )  # fmt: skip
        self._next(_SMALL_LINE * lines_of(word("code_note", lang), self._width(2, self.last) * 1.25) + 4)

    def _slip(self) -> None:
        s, lang = self.s, self.lang
        for column in range(self.last + 1):
            self.sheet.write_blank(self.row, column, None, self.format(top=3))
        self._next(6)
        self._across(0, 1, word("appeal", lang), bold=True, font_size=13)
        self._across(
            2, self.last, word("appeal_hint", lang), align="right", font_size=8, font_color=_GREY,
            text_wrap=True,
        )  # fmt: skip
        self._next(24)
        self._field(0, 0, "name", s.name)
        self._field(1, 2, "person_id", s.person_id)
        self._field(3, 4, "period", s.period)
        self._field(5, self.last, "code", str(s.code))
        self._next(30)
        self._field(0, 3, "appeal_item")
        self._field(4, self.last, "appeal_until")
        self._next(22)
        for key, high in (("appeal_reason", 62), ("appeal_answer", 40)):
            self._field(0, self.last, key, valign="top")
            self._next(high)
        self._field(0, 1, "appeal_person")
        self._field(2, self.last, "appeal_hr")
        self._next(26)

    # --- pieces --------------------------------------------------------------------------------

    def _next(self, high: float) -> None:
        self.sheet.set_row(self.row, high)
        self.row += 1

    def _across(self, first: int, last: int, value: object, **look: object) -> None:
        made = self.format(**look)
        if first != last:
            self.sheet.merge_range(self.row, first, self.row, last, "", made)
        write_cell(self.sheet, self.row, first, value, made)

    def _cell(self, column: int, value: object, **look: object) -> None:
        self._across(
            column, column, "—" if value is None else value,
            **{"bottom": 1, "bottom_color": _RULE, **look},
        )  # fmt: skip

    def _rich(self, first: int, last: int, label: str, text: str, **look: object) -> None:
        """A quiet label and its text in one cell."""
        bold = look.pop("bold", False)
        self._across(first, last, "", **look)
        quiet, plain = self.format(font_color=_GREY), self.format(font_size=10, bold=bold)
        self.sheet.write_rich_string(
            self.row, first, quiet, label, plain, text, self.format(**look)
        )

    def _two(self, first: int, last: int, text: str, below: str, between: str = "\n") -> None:
        """A text with a quieter one under or beside it."""
        look = {"bottom": 1, "bottom_color": _RULE, "text_wrap": True, "indent": int(first > 0)}
        self._across(first, last, text, **look)
        if text and below:
            quiet = self.format(font_color=_GREY, font_size=7.5)
            self.sheet.write_rich_string(
                self.row, first, self.format(), f"{text}{between}", quiet, below, self.format(**look)
            )

    def _width(self, first: int, last: int) -> float:
        return float(sum(self.widths[first : last + 1]))

    def _heading(self, text: str) -> None:
        self._across(0, self.last, text, bold=True, font_size=10.5)
        self._next(20)

    def _header(self, *columns: tuple[int, int, str, str]) -> None:
        for first, last, key, align in columns:
            look = {"bg_color": _SHADE, "bold": True, "align": align, "font_size": 8.5,
                    "shrink": True}  # fmt: skip
            if align == "left" and first:
                look["indent"] = 1
            self._across(first, last, word(key, self.lang), **look)
        self._next(16)

    def _paragraph(self, text: str) -> None:
        self._across(0, self.last, text, text_wrap=True)
        self._next(_LINE * lines_of(text, self._width(0, self.last) * _USUAL) + 3)

    def _field(
        self, first: int, last: int, key: str, text: str = "", valign: str = "vcenter"
    ) -> None:
        look = {"border": 1, "border_color": _RULE, "valign": valign, "text_wrap": True}
        label = word(key, self.lang)
        if not text:
            self._across(first, last, label, font_color=_GREY, **look)
            return
        self._rich(first, last, f"{label}{word('colon', self.lang)}", text, **look)


def payslips_book(statements: Sequence[Statement]) -> bytes:
    """工资条: for everybody the header and their row, to cut apart; for HR, it has all people."""
    lang = statements[0].lang if statements else "zh"
    with text_workbook() as (book, buffer):
        sheet, made = book.add_worksheet(word("slips", lang)), Formats(book)
        names = [
            [*(p.name for p in s.pay_lines), word("pay", lang), *(p.name for p in s.true_ups),
             *([word("payable", lang)] if s.true_ups else [])]
            for s in statements
        ]  # fmt: skip
        most = max(map(len, names), default=0)
        keys = ("period", "person_id", "name", "department")
        wide = [9, 11, 12, 14, *[12] * most]
        for column, chars in enumerate(wide):
            sheet.set_column(column, column, chars)
        head = made(bold=True, bg_color=_SHADE, border=1, text_wrap=True, align="center")
        text, money = made(border=1, text_wrap=True), made(border=1, **_AMOUNT)
        total = made(border=1, bold=True, **_AMOUNT)
        cut, breaks, used = made(bottom=3), [], 0.0
        scale = max(10, min(100, int(_SLIP_CHARS / max(sum(wide), 1) * 100)))
        for n, (s, items) in enumerate(zip(statements, names, strict=True)):
            row = 4 * n
            labels = [*(word(k, lang) for k in keys), *items]
            cells = [
                s.period, s.person_id, s.name, s.department, *(p.amount for p in s.pay_lines), s.pay,
                *(p.amount for p in s.true_ups), *([s.payable] if s.true_ups else []),
            ]  # fmt: skip
            for column, (label, value) in enumerate(zip(labels, cells, strict=True)):
                write_cell(sheet, row, column, label, head)
                look = text if column < len(keys) else total if column == len(labels) - 1 else money
                write_cell(sheet, row + 1, column, "—" if value is None else value, look)
            for column in range(len(wide)):
                sheet.write_blank(row + 2, column, None, cut)
            lines = (max(map(lines_of, labels, wide)), max(map(lines_of, map(str, cells[:4]), wide)))
            heights = (15 * lines[0] + 3, 15 * lines[1] + 5, 7, 7)
            for offset, high in enumerate(heights):
                sheet.set_row(row + offset, high)
            used += sum(heights) * scale / 100
            if used > _SLIP_PAGE:  # no page ends within a slip
                breaks.append(row)
                used = sum(heights) * scale / 100
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
        sheet.set_header("", {"margin": 0})
        sheet.set_footer("", {"margin": 0})
        sheet.hide_gridlines(2)
        sheet.set_print_scale(scale)
        sheet.set_h_pagebreaks(breaks[:1023])
    return buffer.getvalue()


def write_cell(sheet: Any, row: int, column: int, value: object, made: Any) -> None:
    """A figure as a number, anything else as text."""
    if isinstance(value, int | float):
        sheet.write_number(row, column, value, made)
    else:
        sheet.write_string(row, column, str(value), made)


def lines_of(text: str, wide: float) -> int:
    """Lines a text takes in a column of so many characters; a Chinese one is two wide."""
    return sum(
        max(1, math.ceil((len(part) + sum(c > "\u2e7f" for c in part)) / (wide - 1)))
        for part in text.split("\n")
    )
