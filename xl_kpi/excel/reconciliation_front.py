"""The first of the 对账 sheets: the light, the totals, a line for every figure, the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_kpi.excel import palette
from xl_kpi.excel import reconciliation_words as words
from xl_kpi.excel.cell_xml import FormulaCell
from xl_kpi.excel.layout_words import Words
from xl_kpi.excel.own_page import Cell, Look, Page, Row, Rule, cell_look, free_look
from xl_kpi.excel.reconciliation_groups import Group
from xl_kpi.excel.report import (
    MONEY,
    SCHEME_KEY,
)
from xl_kpi.excel.sampling import MOST_PEOPLE
from xl_kpi.twin.sheets import HEADER_ROW

LIGHT_ROW = HEADER_ROW - 1
HEADER_HEIGHT = 36
_FRONT_WIDTHS = [26.0, 26.0, 16.0, 16.0, 13.0, 3.0, 34.0]


class Front:
    """The sheet with the light, the lines and the totals."""

    def __init__(self, group: Group, paid: Mapping[str, str]) -> None:
        self.group, self.paid = group, paid
        self.page = Page(group.tabs.front, group.lang, 0, list(_FRONT_WIDTHS))
        self.side = self._side()
        self.counted: list[str] = []  # ranges of cells that differ

    def made(self) -> Page:
        """The whole sheet."""
        group, page = self.group, self.page
        group.begin(page, words.GUIDE)
        before_light = len(page.parts)
        number = self._totals(HEADER_ROW)
        number = self._lines(number)
        while self.side:
            number = self._row(number, [])
        page.parts.insert(before_light, self._light())
        agrees, cell = f'"{group.say(words.AGREES)}"', f"B{LIGHT_ROW}"
        red, green = (palette.RED, palette.RED_FILL), (palette.GREEN, palette.GREEN_FILL)
        page.rules += [
            Rule(cell, *green, "equal", agrees),
            Rule(cell, *red, "notEqual", agrees),
            *(Rule(cells, *red, "notEqual", "0") for cells in self.counted),
        ]
        # The header of the sums would be wrong above the lines.
        repeated = LIGHT_ROW if group.totals and self.paid else HEADER_ROW
        page.print_titles = f"'{page.tab}'!$1:${repeated}"
        return page

    def _light(self) -> Row:
        group, say = self.group, self.group.say
        before, after = say(words.DIFFER).split("{n}")
        count = f"SUM({','.join(self.counted)})" if self.counted else "0"
        parts = [f'"{before}"' if before else "", count, f'"{after}"']
        text = "&".join(part for part in parts if part)
        formula = f'IF({count}=0,"{say(words.AGREES)}",{text})'
        cells: list[Cell] = [
            (1, cell_look("key"), say(words.RESULT)),
            (2, cell_look("light"), FormulaCell(formula, group.verdict)),
        ]
        note = self._note()
        if note:
            cells.append((3, free_look("guide"), note))
        return Row(LIGHT_ROW, cells, 28)

    def _note(self) -> str:
        group = self.group
        if group.judged is group.results:
            return ""
        count = group.results.people.count
        if group.judged is None:
            return group.say(words.TOTALS_ONLY).format(count=count, most=MOST_PEOPLE)
        size = group.judged.people.count
        return group.say(words.SAMPLE).format(count=count, most=MOST_PEOPLE, sample=size)

    def _side(self) -> list[tuple[Look, str]]:
        """What stands to the right: the legend, and what has no plain formula."""
        say = self.group.say
        if not self.group.twins.checked:
            return []
        side = [(free_look("header"), say(words.LEGEND))]
        side += [
            (cell_look("text" if kind == "given" else f"{kind} text"), say(text))
            for kind, text in words.LEGENDS.items()
        ]
        if self.group.twins.without:
            side.append((free_look("note"), say(words.WITHOUT)))
            side += [(free_look("note"), text) for text in self.group.twins.without]
        return side

    def _row(self, number: int, cells: list[Cell], height: float = 0) -> int:
        if self.side:
            style, text = self.side.pop(0)
            cells = [*cells, (7, style, text)]
        self.page.parts.append(Row(number, cells, height))
        return number + 1

    def _lines(self, number: int) -> int:
        group = self.group
        if not group.twins.checked:
            return number
        if number > HEADER_ROW:
            number = self._row(number, [])
        number = self._row(number, self._header(words.LINES), HEADER_HEIGHT)
        first = number
        for line in group.lines:
            one = line.checked
            gap = one.gap.at(group.tabs.front, "all")
            count = FormulaCell(
                f"SUMPRODUCT(({gap}<>0)*1)", "" if line.differ is None else line.differ
            )
            self.page.links.append((f"B{number}", f"'{one.gap.sheet}'!{one.column.letter}{HEADER_ROW}"))
            number = self._row(number, [
                (1, cell_look("key"), group.label(one.label)),
                (2, free_look("cell link"), one.column.sheet),
                (3, cell_look("text"), one.gap.letter),
                (4, cell_look("count", "#,##0"), line.cells),
                (5, cell_look("result", "#,##0"), count),
            ])  # fmt: skip
        self.counted.append(f"E{first}:E{number - 1}")
        return number

    def _totals(self, number: int) -> int:
        """Sums over everybody: what 个人结果 holds, the program's, the formulas'."""
        group = self.group
        if not group.totals or not self.paid:
            return number
        sheet_name = next(iter(self.paid.values())).partition("!")[0].strip("'")
        number = self._row(number, self._header(words.TOTALS, sheet=sheet_name), HEADER_HEIGHT)
        first, money = number, palette.NUMBER_FORMATS[MONEY]
        for total in group.totals:
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
                (1, cell_look("key"), group.label(total.label)),
                (2, cell_look("given", money, MONEY), written),
                (3, cell_look("python", money, MONEY), program),
                (4, cell_look("result", money, MONEY), formulas),
                (5, cell_look("result", "#,##0"), FormulaCell(f"IF({test},0,1)", differs)),
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
        style = free_look("header")
        return [
            (n, style, self.group.say(pair).format(**names)) for n, pair in enumerate(labels, 1)
        ]


