"""The first of the 对账 sheets: the light, the totals, a line for every figure, the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_kpi.excel import palette
from xl_kpi.excel import reconciliation_words as words
from xl_kpi.excel.cell_xml import CellWriter, FormulaCell
from xl_kpi.excel.layout_words import Words
from xl_kpi.excel.own_sheets import OwnSheet
from xl_kpi.excel.reconciliation_groups import Group
from xl_kpi.excel.reconciliation_xml import Cell, Looks, Page, row
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

    def __init__(
        self, group: Group, paid: Mapping[str, str], looks: Looks, writer: CellWriter
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
        agrees = group.say(words.AGREES)
        cell = f"B{LIGHT_ROW}"
        page.add_rule(cell, green, f'type="cellIs" operator="equal"|"{agrees}"')
        page.add_rule(cell, red, f'type="cellIs" operator="notEqual"|"{agrees}"')
        for cells in self.counted:
            page.add_rule(cells, red, 'type="cellIs" operator="notEqual"|0')
        titles = f"'{group.tabs.front}'!$1:${HEADER_ROW}"
        return OwnSheet(group.tabs.front, page.content(number - 1), titles)

    def _light(self) -> str:
        group, say = self.group, self.group.say
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
        return row(self.writer, LIGHT_ROW, cells, 28)

    def _note(self) -> str:
        group = self.group
        if group.judged is group.results:
            return ""
        count = group.results.people.count
        if group.judged is None:
            return group.say(words.TOTALS_ONLY).format(count=count, most=MOST_PEOPLE)
        size = group.judged.people.count
        return group.say(words.SAMPLE).format(count=count, most=MOST_PEOPLE, sample=size)

    def _side(self) -> list[tuple[str, str]]:
        """What stands to the right: the legend, and what has no plain formula."""
        say, looks = self.group.say, self.looks
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
            (n, style, self.group.say(pair).format(**names)) for n, pair in enumerate(labels, 1)
        ]


