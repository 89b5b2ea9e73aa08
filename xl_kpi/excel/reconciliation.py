"""对账: the current run recalculated in plain formulas, inside the book itself.

A first sheet with the light, a line for every figure and the totals; behind it the sheets of
formulas, person by person.  The values stored with the formulas are calculated from the formulas
(``twin.calculation``), so what the file shows before any program opens it is a judgement too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xl_kpi.excel import palette
from xl_kpi.excel import reconciliation_words as words
from xl_kpi.excel.cell_xml import CellWriter, FormulaCell
from xl_kpi.excel.layout import GUIDE_ROW, LINK_ROW, RESULT_PEOPLE, TITLE_ROW, sheet
from xl_kpi.excel.layout_words import BACK, Words
from xl_kpi.excel.own_sheets import OwnSheet
from xl_kpi.excel.patch import BookPlaces
from xl_kpi.excel.reconciliation_xml import Cell, Grid, Looks, Page, row
from xl_kpi.excel.report import (
    MONEY,
    NUMBER,
    SCHEME_KEY,
    STYLE_OF_UNIT,
    TEXT,
    columns_of_all,
    people_columns,
)
from xl_kpi.excel.sampling import MOST_PEOPLE, sample
from xl_kpi.pipeline import Results
from xl_kpi.tables import BY_KEY, column_letter
from xl_kpi.twin import Area, Column, Policy, Tabs, TwinBook, twin_book
from xl_kpi.twin.book import DIFFERENT, Checked
from xl_kpi.twin.calculation import Calculator, UnknownFormulaError, Values
from xl_kpi.twin.sheets import FIRST_ROW, HEADER_ROW, Role

_KIND_ROW = HEADER_ROW - 1
_LIGHT_ROW = _KIND_ROW
_NARROW, _NAME_COLUMNS = 12.0, 2
_WIDTHS: Mapping[Role, float] = {"gap": 9.0}
_FRONT_WIDTHS = [26.0, 26.0, 16.0, 16.0, 13.0, 3.0, 34.0]
_HEADER_HEIGHT = 36
_GAP_FORMAT = "0.00####;-0.00####;–"
_STEPS_WITH_UNIT = ("计入", "比较值", "目标比较值", "标准比较值", "12位", "组平均")
_DAY_STEPS = ("起始日", "截止日")


class Reconciliation:
    """The 对账 sheets of the runs of one book.

    Attributes:
        light: whether all runs agree, for the first sheet of the book.
    """

    def __init__(self, runs: Sequence[tuple[str, Results]], lang: str) -> None:
        self._groups = [_Group(prefix, results, lang) for prefix, results in runs]
        self._lang = lang
        self.light = _light_of_all(self._groups, lang)

    def sheets(self, places: BookPlaces) -> list[OwnSheet]:
        """The sheets, in their order."""
        looks, writer = Looks(places.styles), CellWriter(date_1904=False)
        paid = _paid_columns([group.results for group in self._groups], places, self._lang)
        return [sheet for group in self._groups for sheet in group.sheets(paid, looks, writer)]


_LONGEST_ID = 10  # of a scheme, to be part of a tab
_NOT_IN_A_TAB = frozenset("[]:*?/\\'")


def named_runs(runs: Sequence[Results], lang: str) -> list[tuple[str, Results]]:
    """Each run with what the names of its sheets begin with: 对账, or S01对账, S05对账."""
    word = words.PREFIX[lang == "en"]
    if len(runs) == 1:
        return [(word, runs[0])]
    ids = [results.scheme.id for results in runs]
    if any(len(i) > _LONGEST_ID or _NOT_IN_A_TAB & set(i) for i in ids):
        ids = [str(number) for number in range(1, len(runs) + 1)]
    space = " " if lang == "en" else ""
    return [(f"{i}{space}{word}", results) for i, results in zip(ids, runs, strict=True)]


def _light_of_all(groups: Sequence[_Group], lang: str) -> FormulaCell:
    cells = [f"'{group.tabs.front}'!$B${_LIGHT_ROW}" for group in groups]
    if len(groups) == 1:
        return FormulaCell(cells[0], groups[0].verdict)
    agrees, many = words.AGREES[lang == "en"], words.MANY[lang == "en"]
    tests = ",".join(f'{cell}="{agrees}"' for cell in cells)
    verdicts = {group.verdict for group in groups}
    unknown = words.UNKNOWN[lang == "en"]
    shown = agrees if verdicts == {agrees} else unknown if unknown in verdicts else many
    return FormulaCell(f'IF(AND({tests}),"{agrees}","{many}")', shown)


@dataclass(slots=True)
class _Line:
    """A line of the first sheet: a figure and its cells that differ."""

    checked: Checked
    cells: int
    differ: int | None  # None: not known before a spreadsheet calculates


@dataclass(slots=True)
class _Total:
    """A pay item's sum over everybody."""

    label: str
    program: float
    month: Column | None  # where the formulas have it for everybody
    differs: int | None = 0
    formula_sum: float | None = None


class _Group:
    """The sheets of one run."""

    def __init__(self, prefix: str, results: Results, lang: str) -> None:
        self.lang, self.results = lang, results
        self.tabs = Tabs(prefix, lang)
        self.judged = results if results.people.count <= MOST_PEOPLE else sample(results)
        self.twins = TwinBook([], [], [])
        if self.judged is not None:
            self.twins = twin_book(self.judged, prefix, lang)
        self._calculator = Calculator(self.twins.sheets[1:])
        self._lines = [self._line(one) for one in self.twins.checked]
        self._totals = list(self._make_totals())
        self._units = _units(results)

    def _say(self, pair: Words) -> str:
        return pair[self.lang == "en"]

    @property
    def verdict(self) -> str:
        """What the light says before a spreadsheet calculates it."""
        found = [line.differ for line in self._lines] + [one.differs for one in self._totals]
        if any(count is None for count in found):
            return self._say(words.UNKNOWN)
        count = sum(n for n in found if n is not None)
        return self._say(words.DIFFER).format(n=count) if count else self._say(words.AGREES)

    # --- values --------------------------------------------------------------------------------

    def _values(self, column: Column) -> Values | None:
        try:
            return self._calculator.column(column.sheet, column.letter)
        except UnknownFormulaError:
            return None

    def _line(self, checked: Checked) -> _Line:
        values = self._values(checked.gap)
        if values is None:
            return _Line(checked, checked.gap.rows, None)
        numbers = values.numbers
        differ = np.where(np.isnan(numbers), values.words != "", numbers != 0)
        return _Line(checked, checked.gap.rows, int(differ.sum()))

    def _make_totals(self) -> Sequence[_Total]:
        """The paid items and the pay of everybody."""
        results, month = self.results, self.tabs.month
        columns = {c.label: c.column for c in self.twins.checked if c.column.sheet == month}
        items = [(item.name, results.items[item.name]) for item in results.paid_items]
        if items:
            items.append((_PAY, results.pay))
        totals = []
        for name, figures in items:
            total = _Total(name, _sum(figures), None)
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

    def sheets(
        self, paid: Mapping[str, str], looks: Looks, writer: CellWriter
    ) -> list[OwnSheet]:
        """All of them, the one with the light first; ``paid`` has the cells of 个人结果."""
        made = [_Front(self, paid, looks, writer).made()]
        for one in self.twins.sheets[1:]:
            make = self._policy if isinstance(one, Policy) else self._area
            made.append(make(one, looks, writer))  # type: ignore[arg-type]
        return made

    def begin(self, page: Page, looks: Looks, writer: CellWriter, tab: str, guide: Words) -> None:
        """Title, guidance and the way back."""
        is_front = tab == self.tabs.front
        scheme = self.results.scheme
        title = self._say(words.TITLE) if is_front else tab
        home = sheet("home").label(self.lang)
        back, place = (
            (self._say(BACK), home) if is_front else (self._say(words.BACK), self.tabs.front)
        )
        period = self.results.figures.period.name
        text = f"{title}　{scheme.id} {scheme.name}　{period}"
        page.rows += [
            row(writer, TITLE_ROW, [(1, looks.free("title"), text)], 30),
            row(writer, GUIDE_ROW, [(1, looks.free("guide"), self._say(guide))]),
            row(writer, LINK_ROW, [(1, looks.free("link"), back)]),
        ]
        page.links.append((f"A{LINK_ROW}", f"'{place}'!A1"))

    def _area(self, area: Area, looks: Looks, writer: CellWriter) -> OwnSheet:
        people = area.columns[0].label == "工号"
        page = Page(self.lang, _NAME_COLUMNS if people else 1)
        self.begin(page, looks, writer, area.sheet, words.SHEET_GUIDE)
        kinds = [self._say(words.KINDS[c.role]) for c in area.columns]
        labels = [self.label(c.label) for c in area.columns]
        page.rows += [
            row(writer, _KIND_ROW, [(n, looks.free("kind"), k) for n, k in enumerate(kinds, 1)]),
            row(writer, HEADER_ROW, [(n, looks.free("header"), x) for n, x in enumerate(labels, 1)],
                52 if max(map(_width, labels)) > 2 * (_NARROW - 1) else 36),
        ]  # fmt: skip
        formats = self._formats(area)
        grid, gaps = Grid(writer), []
        for number, column in enumerate(area.columns, 1):
            style = looks.cell(column.role, *formats[column.letter])
            page.widths.append(_WIDTHS.get(column.role, _NARROW))
            if column.role == "step":
                page.folded.add(number)
            if column.role == "gap":
                gaps.append(_below(column.letter, area.rows))
            if isinstance(column.content, str):
                grid.put_formula(*self._said(column), style)
            else:
                grid.put(column.content, style)
        page.rows += grid.rows(area.rows, FIRST_ROW)
        if not people:
            page.widths[0] = 16.0
        if gaps and area.rows:
            look = looks.rule(palette.RED, palette.RED_FILL)
            page.add_rule(" ".join(gaps), look, 'type="cellIs" operator="notEqual"|0')
        last = column_letter(_NAME_COLUMNS if people else 1)
        titles = f"'{area.sheet}'!$A:${last},'{area.sheet}'!$1:${HEADER_ROW}"
        return OwnSheet(area.sheet, page.content(FIRST_ROW + area.rows - 1), titles)

    def _policy(self, policy: Policy, looks: Looks, writer: CellWriter) -> OwnSheet:
        page = Page(self.lang, 1)
        self.begin(page, looks, writer, policy.sheet, words.POLICY_GUIDE)
        wide = max([len(words.POLICY_HEADER), *map(len, policy.rows)])
        labels = [
            self._say(words.POLICY_HEADER[n] if n < len(words.POLICY_HEADER) else words.MORE)
            for n in range(wide)
        ]
        header = [(n, looks.free("header"), x) for n, x in enumerate(labels, 1)]
        page.rows.append(row(writer, HEADER_ROW, header, 24))
        for number, figures in enumerate(policy.rows, FIRST_ROW):
            form = self._format_of(figures[0])
            cells: list[Cell] = [(1, looks.cell("key"), figures[0])]
            cells += [
                (n, looks.cell("policy", "General" if isinstance(x, str) else form), x)
                for n, x in enumerate(figures[1:], 2)
            ]
            page.rows.append(row(writer, number, cells))
        page.widths = [34.0] + [_NARROW] * (wide - 1)
        titles = f"'{policy.sheet}'!$1:${HEADER_ROW}"
        return OwnSheet(policy.sheet, page.content(FIRST_ROW + len(policy.rows) - 1), titles)

    # --- words and formats ---------------------------------------------------------------------

    def label(self, text: str) -> str:
        """A header in the book's language."""
        for ending in words.SAID_ABOVE:
            text = text.removesuffix(ending)
        if self.lang == "zh":
            return text
        for ending, english in words.ENDINGS.items():
            if text.endswith(ending):
                return self.label(text.removesuffix(ending)) + english
        return words.LABELS.get(text, text)

    def _said(self, column: Column) -> tuple[str, Values | None]:
        """The formula and the values of a column, in the book's language."""
        formula, values = str(column.content), self._values(column)
        if self.lang == "zh" or column.role != "gap":
            return formula, values
        word = self._say(words.DIFFERENT)
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
        by_label = {one.label: one.column for one in self.twins.checked}
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


_PAY = "应发合计"


class _Front:
    """The sheet with the light, the lines and the totals."""

    def __init__(
        self, group: _Group, paid: Mapping[str, str], looks: Looks, writer: CellWriter
    ) -> None:
        self.group, self.looks, self.writer, self.paid = group, looks, writer, paid
        self.page = Page(group.lang, 0, list(_FRONT_WIDTHS))
        self.side = self._side()
        self.counted: list[str] = []  # ranges of cells that differ

    def made(self) -> OwnSheet:
        """The whole sheet."""
        group, looks, page = self.group, self.looks, self.page
        group.begin(page, looks, self.writer, group.tabs.front, words.GUIDE)
        light_row = len(page.rows)
        page.rows.append("")
        number = self._totals(HEADER_ROW)
        number = self._lines(number)
        while self.side:
            number = self._row(number, [])
        page.rows[light_row] = self._light()
        red, green = looks.rule(palette.RED, palette.RED_FILL), looks.rule(
            palette.GREEN, palette.GREEN_FILL
        )
        agrees = group._say(words.AGREES)
        cell = f"B{_LIGHT_ROW}"
        page.add_rule(cell, green, f'type="cellIs" operator="equal"|"{agrees}"')
        page.add_rule(cell, red, f'type="cellIs" operator="notEqual"|"{agrees}"')
        for cells in self.counted:
            page.add_rule(cells, red, 'type="cellIs" operator="notEqual"|0')
        titles = f"'{group.tabs.front}'!$1:${HEADER_ROW}"
        return OwnSheet(group.tabs.front, page.content(number - 1), titles)

    def _light(self) -> str:
        group, say = self.group, self.group._say
        before, after = say(words.DIFFER).split("{n}")
        count = f"SUM({','.join(self.counted)})" if self.counted else "0"
        parts = [f'"{before}"' if before else "", count, f'"{after}"']
        text = "&".join(part for part in parts if part)
        formula = f'IF({count}=0,"{say(words.AGREES)}",{text})'
        cells: list[Cell] = [
            (1, self.looks.cell("key"), say(words.RESULT)),
            (2, self.looks.cell("light"), FormulaCell(formula, group.verdict)),
        ]
        note = self._note()
        if note:
            cells.append((3, self.looks.free("guide"), note))
        return row(self.writer, _LIGHT_ROW, cells, 28)

    def _note(self) -> str:
        group = self.group
        if group.judged is group.results:
            return ""
        count = group.results.people.count
        if group.judged is None:
            return group._say(words.TOTALS_ONLY).format(count=count, most=MOST_PEOPLE)
        size = group.judged.people.count
        return group._say(words.SAMPLE).format(count=count, most=MOST_PEOPLE, sample=size)

    def _side(self) -> list[tuple[str, str]]:
        """What stands to the right: the legend, and what has no plain formula."""
        say, looks = self.group._say, self.looks
        if not self.group.twins.checked:
            return []
        side = [(looks.free("header"), say(words.LEGEND))]
        side += [
            (looks.cell("text" if kind == "given" else f"{kind} text"), say(text))
            for kind, text in words.LEGENDS.items()
        ]
        if self.group.twins.without:
            side.append((looks.free("note"), say(words.WITHOUT)))
            side += [(looks.free("note"), text) for text in self.group.twins.without]
        return side

    def _row(self, number: int, cells: list[Cell], height: float = 0) -> int:
        if self.side:
            style, text = self.side.pop(0)
            cells = [*cells, (7, style, text)]
        self.page.rows.append(row(self.writer, number, cells, height))
        return number + 1

    def _lines(self, number: int) -> int:
        group, looks = self.group, self.looks
        if not group.twins.checked:
            return number
        if number > HEADER_ROW:
            number = self._row(number, [])
        number = self._row(number, self._header(words.LINES), _HEADER_HEIGHT)
        first = number
        for line in group._lines:
            one = line.checked
            gap = one.gap.at(group.tabs.front, "all")
            count = FormulaCell(
                f"SUMPRODUCT(({gap}<>0)*1)", "" if line.differ is None else line.differ
            )
            self.page.links.append((f"B{number}", f"'{one.gap.sheet}'!{one.column.letter}{HEADER_ROW}"))
            number = self._row(number, [
                (1, looks.cell("key"), group.label(one.label)),
                (2, looks.free("cell link"), one.column.sheet),
                (3, looks.cell("text"), one.gap.letter),
                (4, looks.cell("count", "#,##0"), line.cells),
                (5, looks.cell("result", "#,##0"), count),
            ])  # fmt: skip
        self.counted.append(f"E{first}:E{number - 1}")
        return number

    def _totals(self, number: int) -> int:
        """Sums over everybody: what 个人结果 holds, the program's, the formulas'."""
        group, looks = self.group, self.looks
        if not group._totals or not self.paid:
            return number
        sheet_name = next(iter(self.paid.values())).partition("!")[0].strip("'")
        number = self._row(number, self._header(words.TOTALS, sheet=sheet_name), _HEADER_HEIGHT)
        first, money = number, palette.NUMBER_FORMATS[MONEY]
        for total in group._totals:
            written, program = FormulaCell(self._written(total.label), total.program), total.program
            tests = [f"ROUND(B{number}-C{number},2)=0"]
            formulas: object = None
            if total.month is not None:
                tests.append(f"ROUND(D{number}-C{number},2)=0")
                cells = total.month.at(group.tabs.front, "all")
                shown = "" if total.formula_sum is None else total.formula_sum
                formulas = FormulaCell(f"SUM({cells})", shown)
            test = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
            differs = "" if total.differs is None else total.differs
            number = self._row(number, [
                (1, looks.cell("key"), group.label(total.label)),
                (2, looks.cell("given", money, MONEY), written),
                (3, looks.cell("python", money, MONEY), program),
                (4, looks.cell("result", money, MONEY), formulas),
                (5, looks.cell("result", "#,##0"), FormulaCell(f"IF({test},0,1)", differs)),
            ])  # fmt: skip
        self.counted.append(f"E{first}:E{number - 1}")
        return number

    def _written(self, label: str) -> str:
        """The sum of a pay item over this run's people on 个人结果."""
        cells, schemes = self.paid[label], self.paid.get(SCHEME_KEY)
        if schemes is None:
            return f"SUM({cells})"
        return f'SUMIF({schemes},"{self.group.results.scheme.id}",{cells})'

    def _header(self, labels: Sequence[Words], **names: str) -> list[Cell]:
        style = self.looks.free("header")
        return [
            (n, style, self.group._say(pair).format(**names)) for n, pair in enumerate(labels, 1)
        ]


def _paid_columns(runs: Sequence[Results], places: BookPlaces, lang: str) -> dict[str, str]:
    """By paid item (and the scheme, if there are several) its cells on 个人结果, if it is whole."""
    columns = columns_of_all([people_columns(r.scheme, lang) for r in runs], lang)
    where, area = places.tables.get(RESULT_PEOPLE, ("", None))
    if area is None or area.last_column - area.first_column + 1 != len(columns):
        return {}
    found = {}
    for number, column in enumerate(columns, area.first_column):
        kind, _, name = column.key.partition(":")
        if kind in ("item", "pay", SCHEME_KEY):
            letter = column_letter(number)
            rows = f"${letter}${area.first_row + 1}:${letter}${area.last_row}"
            quoted = where.replace("'", "''")
            found[name or (_PAY if kind == "pay" else SCHEME_KEY)] = f"'{quoted}'!{rows}"
    return found


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
