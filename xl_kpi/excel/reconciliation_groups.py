"""One run as sheets of plain formulas: its columns, lines, totals and verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xl_kpi.excel import palette
from xl_kpi.excel import reconciliation_words as words
from xl_kpi.excel.layout import GUIDE_ROW, LINK_ROW, TITLE_ROW, sheet
from xl_kpi.excel.layout_words import BACK, Words
from xl_kpi.excel.own_page import Body, Cell, Page, Row, Rule, cell_look, free_look
from xl_kpi.excel.own_page import Column as PageColumn
from xl_kpi.excel.reconciliation_labels import EnglishLabels
from xl_kpi.excel.report import (
    MONEY,
    NUMBER,
    STYLE_OF_UNIT,
    TEXT,
)
from xl_kpi.excel.sampling import MOST_PEOPLE, sample
from xl_kpi.names import BENCHMARKS
from xl_kpi.pipeline import Results
from xl_kpi.tables import BY_KEY, column_letter
from xl_kpi.twin import Area, Column, Policy, Tabs, TwinBook, twin_book
from xl_kpi.twin.book import DIFFERENT, Checked
from xl_kpi.twin.calculation import Calculator, UnknownFormulaError, Values
from xl_kpi.twin.sheets import FIRST_ROW, HEADER_ROW, Role

PAY = "应发合计"
_KIND_ROW = HEADER_ROW - 1
_NARROW, _NAME_COLUMNS = 12.0, 2
_WIDTHS: Mapping[Role, float] = {"gap": 9.0}
_GAP_FORMAT = "0.00####;-0.00####;–"
_STEPS_WITH_UNIT = (
    "计入", "比较值", "目标比较值", "标准比较值", "12位", "组平均", "组均值", "上期组均值", *BENCHMARKS,
)  # fmt: skip
_DAY_STEPS = ("起始日", "截止日")


@dataclass(slots=True)
class Line:
    """A line of the first sheet: a figure and its cells that differ."""

    checked: Checked
    cells: int
    differ: int | None  # None: not known before a spreadsheet calculates


@dataclass(slots=True)
class Total:
    """A pay item's sum over everybody."""

    label: str
    program: float
    month: Column | None  # where the formulas have it for everybody
    differs: int | None = 0
    formula_sum: float | None = None


class Group:
    """The sheets of one run."""

    def __init__(self, prefix: str, results: Results, lang: str) -> None:
        self.lang, self.results = lang, results
        self.tabs = Tabs(prefix, lang)
        self.judged = results if results.people.count <= MOST_PEOPLE else sample(results)
        self.twins = TwinBook([], [], [])
        if self.judged is not None:
            self.twins = twin_book(self.judged, prefix, lang)
        self._calculator = Calculator(self.twins.sheets[1:])
        self.lines = [self._line(one) for one in self.twins.checked]
        self.totals = list(self._make_totals())
        self._units = _units(results)
        self._english = EnglishLabels(results.scheme)

    def say(self, pair: Words) -> str:
        """Chinese or English."""
        return pair[self.lang == "en"]

    @property
    def verdict(self) -> str:
        """What the light says before a spreadsheet calculates it."""
        found = [line.differ for line in self.lines] + [one.differs for one in self.totals]
        if any(count is None for count in found):
            return self.say(words.UNKNOWN)
        count = sum(n for n in found if n is not None)
        return self.say(words.DIFFER).format(n=count) if count else self.say(words.AGREES)

    # --- values --------------------------------------------------------------------------------

    def _values(self, column: Column) -> Values | None:
        try:
            return self._calculator.column(column.sheet, column.letter)
        except UnknownFormulaError:
            return None

    def _line(self, checked: Checked) -> Line:
        values = self._values(checked.gap)
        if values is None:
            return Line(checked, checked.gap.rows, None)
        numbers = values.numbers
        differ = np.where(np.isnan(numbers), values.words != "", numbers != 0)
        return Line(checked, checked.gap.rows, int(differ.sum()))

    def _make_totals(self) -> Sequence[Total]:
        """The paid items and the pay of everybody."""
        results, month = self.results, self.tabs.month
        columns = {c.label: c.column for c in self.twins.checked if c.column.sheet == month}
        items = [(item.name, results.items[item.name]) for item in results.paid_items]
        if items:
            items.append((PAY, results.pay))
        totals = []
        for name, figures in items:
            total = Total(name, _sum(figures), None)
            column = columns.get(name)
            if column is not None and self.judged is results:
                total.month, values = column, self._values(column)
                total.formula_sum = None if values is None else _sum(values.numbers)
                total.differs = (
                    None if total.formula_sum is None
                    else int(abs(total.formula_sum - total.program) >= 0.005)
                )  # fmt: skip
            totals.append(total)
        return totals

    # --- sheets --------------------------------------------------------------------------------

    def pages(self) -> list[Page]:
        """All of them but the one with the light."""
        return [
            self._policy(one) if isinstance(one, Policy) else self._area(one)
            for one in self.twins.sheets[1:]
        ]

    def begin(self, page: Page, guide: Words) -> None:
        """Title, guidance and the way back."""
        tab = page.tab
        is_front = tab == self.tabs.front
        scheme = self.results.scheme
        title = self.say(words.TITLE) if is_front else tab
        home = sheet("home").label(self.lang)
        back, place = (
            (self.say(BACK), home) if is_front else (self.say(words.BACK), self.tabs.front)
        )
        period = self.results.figures.period.name
        text = f"{title}　{scheme.id} {scheme.name}　{period}"
        # Right of the columns that each printed page repeats: above them it would be cut there.
        column = page.frozen_columns + 1
        page.parts += [
            Row(TITLE_ROW, [(column, free_look("title"), text)], 30),
            Row(GUIDE_ROW, [(column, free_look("guide"), self.say(guide))]),
            Row(LINK_ROW, [(1, free_look("link"), back)]),
        ]
        page.links.append((f"A{LINK_ROW}", f"'{place}'!A1"))

    def _area(self, area: Area) -> Page:
        people = area.columns[0].label == "工号"
        page = Page(area.sheet, self.lang, _NAME_COLUMNS if people else 1)
        self.begin(page, words.SHEET_GUIDE)
        kinds = [self.say(words.KINDS[c.role]) for c in area.columns]
        labels = [self.label(c.label) for c in area.columns]
        tall = 52 if max(map(_width, labels)) > 2 * (_NARROW - 1) else 36
        page.parts += [
            Row(_KIND_ROW, [(n, free_look("kind"), k) for n, k in enumerate(kinds, 1)]),
            Row(HEADER_ROW, [(n, free_look("header"), x) for n, x in enumerate(labels, 1)], tall),
        ]
        formats = self._formats(area)
        columns, gaps = [], []
        for number, column in enumerate(area.columns, 1):
            look = cell_look(column.role, *formats[column.letter])
            page.widths.append(_WIDTHS.get(column.role, _NARROW))
            if column.role == "step":
                page.folded.add(number)
            if column.role == "gap":
                gaps.append(_below(column.letter, area.rows))
            if isinstance(column.content, str):
                columns.append(PageColumn(look, *self._said(column)))
            else:
                columns.append(PageColumn(look, column.content))
        page.parts.append(Body(FIRST_ROW, area.rows, columns))
        if not people:
            page.widths[0] = 16.0
        if gaps and area.rows:
            page.rules.append(
                Rule(" ".join(gaps), palette.RED, palette.RED_FILL, "notEqual", "0")
            )
        last = column_letter(_NAME_COLUMNS if people else 1)
        page.print_titles = f"'{area.sheet}'!$A:${last},'{area.sheet}'!$1:${HEADER_ROW}"
        return page

    def _policy(self, policy: Policy) -> Page:
        page = Page(policy.sheet, self.lang, 1)
        self.begin(page, words.POLICY_GUIDE)
        wide = max([len(words.POLICY_HEADER), *map(len, policy.rows)])
        labels = [
            self.say(words.POLICY_HEADER[n] if n < len(words.POLICY_HEADER) else words.MORE)
            for n in range(wide)
        ]
        header = [(n, free_look("header"), x) for n, x in enumerate(labels, 1)]
        page.parts.append(Row(HEADER_ROW, header, 24))
        for number, figures in enumerate(policy.rows, FIRST_ROW):
            form = self._format_of(figures[0])
            cells: list[Cell] = [(1, cell_look("key"), self.label(figures[0]))]
            cells += [
                (n, cell_look("policy", "General" if isinstance(x, str) else form), x)
                for n, x in enumerate(figures[1:], 2)
            ]
            page.parts.append(Row(number, cells))
        page.widths = [34.0] + [_NARROW] * (wide - 1)
        page.print_titles = f"'{policy.sheet}'!$1:${HEADER_ROW}"
        return page

    # --- words and formats ---------------------------------------------------------------------

    def label(self, text: str) -> str:
        """A header in the book's language."""
        for ending in words.SAID_ABOVE:
            text = text.removesuffix(ending)
        return self._english(text) if self.lang == "en" else text

    def _said(self, column: Column) -> tuple[str, Values | None]:
        """The formula and the values of a column, in the book's language."""
        formula, values = str(column.content), self._values(column)
        if self.lang == "zh" or column.role != "gap":
            return formula, values
        word = self.say(words.DIFFERENT)
        if values is not None and values.texts is not None:
            texts = np.where(values.texts == DIFFERENT, word, values.texts)
            values = Values(values.numbers, texts)
        return formula.replace(f'"{DIFFERENT}"', f'"{word}"'), values

    def _formats(self, area: Area) -> dict[str, tuple[str, str]]:
        """Number format and named style of each column by its letter."""
        formats: dict[str, tuple[str, str]] = {}
        for one in self.twins.checked:
            if one.column.sheet != area.sheet:
                continue
            style = TEXT if one.column.text else STYLE_OF_UNIT.get(one.unit, NUMBER)
            formats[one.column.letter] = palette.NUMBER_FORMATS[style], style
            formats[one.gap.letter] = _GAP_FORMAT, ""
        here = (one for one in self.twins.checked if one.column.sheet == area.sheet)
        by_label = {one.label: one.column for one in here}
        for column in area.columns:
            if column.letter in formats:
                continue
            twin = by_label.get(column.label.removesuffix(" 程序"))
            if column.role == "python" and twin is not None and twin.letter in formats:
                formats[column.letter] = formats[twin.letter]
            elif column.text:
                formats[column.letter] = "General", TEXT
            else:
                formats[column.letter] = self._format_of(column.label, column.role), ""
        return formats

    def _format_of(self, label: str, role: Role = "given") -> str:
        """The number format of a given figure or a step, as far as its label tells the unit."""
        name, _, rest = label.partition(" ")
        unit = self._units.get(label)
        if unit is None and (rest.startswith("=") or rest in _STEPS_WITH_UNIT):
            unit = self._units.get(name)
        if unit == "date" or (role == "step" and label.endswith(_DAY_STEPS)):
            return palette.DATE_FORMAT
        if unit == "ratio":
            return palette.NUMBER_FORMATS[STYLE_OF_UNIT["ratio"]]
        return palette.NUMBER_FORMATS[MONEY] if unit == "yuan" else "General"


def _below(letter: str, rows: int) -> str:
    return f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + rows - 1}"


def _sum(figures: object) -> float:
    values = np.asarray(figures, dtype=np.float64).ravel()
    return round(math.fsum(values[~np.isnan(values)].tolist()), 2)


def _width(text: str) -> int:
    return sum(2 if letter > "\u2e7f" else 1 for letter in text)


def _units(results: Results) -> dict[str, str]:
    """The unit of everything that a label may name."""
    units: dict[str, str] = dict.fromkeys(words.DAYS, "date")
    for table in BY_KEY.values():
        for column in table.columns:
            unit = "date" if column.kind == "date" else column.unit
            for label in (column.zh, column.en, column.key):
                units.setdefault(label, unit)
    for metric in results.scheme.metrics.values():
        units[metric.name] = metric.unit
    for indicator in results.scheme.indicators:
        units[indicator.name] = results.scheme.metrics[indicator.metric].unit
    for item in results.scheme.pay_items:
        units[item.name] = item.unit
    return units
