"""A whole run as plain formulas, from the indicators' values to the pay, beside Python's figures.

Sheets of columns, before anything writes them: a first one that says for every figure how many
cells differ, one for the month with a row per person, one per week, one for the departments, and
one for the policy's figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import RULES, Bands
from xl_kpi.indicators import Scored
from xl_kpi.names import Meaning as NameMeaning
from xl_kpi.pipeline import Results
from xl_kpi.scheme import PayItem
from xl_kpi.scheme_tables import GROUP_LEVELS, LEVELS
from xl_kpi.twin.formulas import formula_twin, number, term
from xl_kpi.twin.grades import GradeColumns
from xl_kpi.twin.rules import NoTwinError, Operand, rule_formula
from xl_kpi.twin.scores import ScoreColumns, cells_of
from xl_kpi.twin.sheets import Area, Column, Formula, Policy, SideBySide, Tabs
from xl_kpi.twin.terms import Below, Level, Meaning, Term

DIFFERENT = "不同"
_DIGITS = 6  # of a difference that is shown


@dataclass(frozen=True, slots=True)
class Checked:
    """A figure that the formulas calculate and Python has."""

    label: str
    unit: str
    column: Column
    python: NDArray[Any]
    gap: Column


@dataclass(frozen=True, slots=True)
class _Groups:
    """The sheet of the departments, shops or teams; their number there and on each person."""

    area: Area
    number: Column
    of_person: Column


@dataclass(slots=True)
class TwinBook:
    """The sheets in order; cell B1 of the first says whether everything agrees."""

    sheets: list[Area | Policy]
    checked: list[Checked]
    without: list[str]  # what has no plain formula and is given instead, with the reason


def twin_book(results: Results, prefix: str = "对账", lang: str = "zh") -> TwinBook:
    """The plain formulas of a calculated period.

    Args:
        results: Every stage's figures.
        prefix: What the sheets' names begin with.
        lang: The language of the sheets' names.
    """
    made = _Maker(results, Tabs(prefix, lang))
    made.score()
    made.add_up()
    for item in results.scheme.pay_items:
        made.item(item.name)
    made.pay()
    front = _front(prefix, made.checked, made.without)
    groups = [group.area for group in made.groups.values()]
    sheets: list[Area | Policy] = [front, made.month, *made.weeks, *groups]
    sheets += [made.refunds] if "refund" in made.level_of.values() else []
    sheets.append(made.policy)
    return TwinBook(sheets, made.checked, made.without)


_LEGEND = "蓝：给定的数；灰：步骤（折叠）；黄：公式的结果；绿：程序的结果；橙：差"


def _front(prefix: str, checked: list[Checked], without: list[str]) -> Area:
    """The sheet with the light and a line for every figure."""
    front = Area(prefix, len(checked))
    front.add("项目", "person", [one.label for one in checked], text=True)
    front.add("工作表", "person", [one.column.sheet for one in checked], text=True)
    gaps = [Formula(f"SUMPRODUCT(({one.gap.at(prefix, 'all')}<>0)*1)") for one in checked]
    total = f"SUM({front.add('不一致的格数', 'result', gaps).at(prefix, 'all')})"
    light = Formula(f'IF({total}=0,"一致","有 "&{total}&" 格不一致")')
    front.above = [(1, 1, "公式与程序的结果"), (1, 2, light), (2, 1, _LEGEND)]
    if without:
        front.above.append((1, 3, f"没有普通公式、直接取程序结果的：{'；'.join(without)}"))
    return front


class _Maker:
    """Puts the columns of a run together; what a column stands on is made before it."""

    def __init__(self, results: Results, tabs: Tabs) -> None:
        self.results = results
        self.tabs = tabs
        self.policy = Policy(tabs.policy)
        self.checked: list[Checked] = []
        self.without: list[str] = []
        self.month = self._people_sheet(tabs.month)
        weekly = any(one.cycles > 1 for one in results.scored.values())
        count = results.figures.period.week_count if weekly else 0
        self.weeks = [self._people_sheet(tabs.week(n)) for n in range(1, count + 1)]
        self.scores = ScoreColumns(results, self.month, self.policy, 0)
        self.weekly = [ScoreColumns(results, a, self.policy, n) for n, a in enumerate(self.weeks)]
        self.assessed = self.scores.mask("考核", results.people.assessed)
        self.department = self.scores.group("department")
        used = {i.level for i in results.scheme.pay_items} | {"department"}
        self.groups: dict[str, _Groups] = {
            level: self._group_sheet(level) for level in GROUP_LEVELS if level in used
        }
        self.refunds = self._refund_sheet()
        self.level_of = {item.name: item.level for item in results.scheme.pay_items}
        self.points: dict[str, Column] = {}
        self.made: dict[str, Column] = {}

    def _group_sheet(self, level: str) -> _Groups:
        word = LEVELS[level][0]
        labels = self.results.labels(level)
        area = Area(self.tabs.group(level), len(labels))
        area.add(word, "person", labels, text=True)
        number = area.add(f"{word}号", "given", [float(n) for n in range(1, len(labels) + 1)])
        return _Groups(area, number, self.scores.group(level))

    def _refund_sheet(self) -> Area:
        """One row per refund of the period; a blank one if there is none."""
        refunds = self.results.refunds
        area = Area(self.tabs.refunds, max(1, refunds.count))
        self.owner = area.given("人员号", [float(n + 1) for n in refunds.owners] or [None])
        self.every_refund = area.given("计入", [1.0] * area.rows)
        numbers = [float(n + 1) for n in range(self.month.rows)] if refunds.count else []
        self.person_number = self.month.given("人员号", numbers) if numbers else None
        return area

    def _people_sheet(self, name: str) -> Area:
        area = Area(name, self.results.people.count)
        roster = self.results.people.roster
        area.add("工号", "person", self.results.people.ids, text=True)
        area.add("姓名", "person", roster["name"].tolist(), text=True)
        return area

    def check(
        self, area: Area, label: str, formula: str, python: NDArray[Any], unit: str = "points"
    ) -> Column:
        """A result, what Python has, and the difference."""
        words = python.dtype == object
        column = area.add(label, "result", formula, text=words)
        cells = python.tolist() if words else cells_of(python)
        other = area.add(f"{label} 程序", "python", cells, text=words)
        ours, theirs = column.at(area.sheet), other.at(area.sheet)
        same = f'IF(AND({ours}="",{theirs}=""),0,"{DIFFERENT}")'
        gap = (
            f'IF({ours}={theirs},0,"{DIFFERENT}")'
            if words
            else f"IF(COUNT({ours},{theirs})=2,ROUND({ours}-{theirs},{_DIGITS}),{same})"
        )
        difference = area.add(f"{label} 差", "gap", gap)
        self.checked.append(Checked(label, unit, column, python, difference))
        return column

    # --- scores ------------------------------------------------------------------------------

    def score(self) -> None:
        """Every indicator's points, week by week, and of the month."""
        for name, scored in self.results.scored.items():
            if scored.cycles == 1:
                formula = self.scores.points(scored)
                self.points[name] = self.check(self.month, f"{name} 得分", formula, scored.points)
                continue
            sheet = self.month.sheet
            weekly = ",".join(c.at(sheet) for c in self._weekly_points(name, scored))
            formula = f'IF(COUNT({weekly})=0,"",SUM({weekly}))'
            monthly = scored.monthly(scored.points)
            self.points[name] = self.check(self.month, f"{name} 得分", formula, monthly)

    def _weekly_points(self, name: str, scored: Scored) -> list[Column]:
        points = scored.points.reshape(-1, scored.cycles)
        return [
            self.check(sheet.area, f"{name} 得分", sheet.points(scored), points[:, sheet.cycle])
            for sheet in self.weekly
        ]

    def add_up(self) -> None:
        """Blocks, total, place and grade."""
        results, sheet = self.results, self.month.sheet
        for block, python in results.blocks.items():
            formula = f'IF({self._judged(block)},{self._block(block)},"")'
            self.made[f"block {block}"] = self.check(self.month, block, formula, python)
        totals = results.totals
        if totals is None:
            return
        assessed = f"{self.assessed.at(sheet)}=1"
        level = self.person_level(self.department)
        formula = f'IF({assessed},{formula_twin(results.scheme.total.node, level)},"")'
        total = self.made["total"] = self.check(self.month, "总分", formula, totals.total)
        operands: dict[str, Operand] = {"values": total, "groups": self.department}
        for key, label, better, python in (
            ("place", "名次", "higher", totals.place),
            ("place_from_bottom", "倒数名次", "lower", totals.place_from_bottom),
        ):
            place = rule_formula(
                RULES["C4"], self.month, f"总分{label}", operands.__getitem__,
                {"better": better, "ties": "all"},
            )  # fmt: skip
            self.made[key] = self.check(self.month, label, place, python, "place")
        if results.scheme.grades:
            self.made |= GradeColumns(results, self.scores, self.policy, total).columns(self.check)

    def _judged(self, block: str) -> str:
        """Whether a person has an indicator of a block this month."""
        parts = [
            s for s in self.results.scored.values()
            if s.indicator.block == block and s.indicator.in_score
        ]  # fmt: skip
        masks = [s.judged.reshape(-1, s.cycles)[:, 0] for s in parts]
        judged = np.any(masks, axis=0) if masks else self.results.people.assessed & False
        return f"{self.scores.mask('考核', judged).at(self.month.sheet)}=1"

    def _block(self, block: str) -> str:
        scored = [
            s for s in self.results.scored.values()
            if s.indicator.block == block and s.indicator.in_score
        ]  # fmt: skip
        sheet = self.month.sheet
        points = [self.points[s.indicator.name] for s in scored]
        must = [
            f'AND({self.scores.mask("考核", s.judged.reshape(-1, s.cycles)[:, 0]).at(sheet)}=1,'
            f'{p.at(sheet)}="")'
            for p, s in zip(points, scored, strict=True)
            if s.indicator.if_missing == "error"
        ]

        def lacking(text: str) -> str:
            return f'IF(OR({",".join(must)}),"",{text})' if must else text

        if self.results.scheme.block_mode == "sum":
            return lacking(f"SUM({','.join(p.at(sheet) for p in points)})")
        cells = [
            self.month.add(
                f"{block} {s.indicator.name}", "step", f'IF({p.at(sheet)}="","",{p.at(sheet)})'
            )
            for p, s in zip(points, scored, strict=True)
        ]
        weights = [s.indicator.weight or 0.0 for s in scored]
        operands: dict[str, Operand] = {
            "scores": SideBySide(cells[0], cells[-1]),
            "weights": self.policy.line(f"{block} 权重", weights),
            "if_missing": self.policy.line(f"{block} 缺失时", ["skip"]),
        }
        options = {"if_missing": "skip"}
        rule = rule_formula(RULES["R08"], self.month, block, operands.__getitem__, options)
        return lacking(rule)

    # --- money -------------------------------------------------------------------------------

    def item(self, name: str) -> Column:
        """The column of a pay item."""
        key = f"item {name}"
        if key not in self.made:
            item = self.results.definition(name)
            area = self._area_of(item.level)
            make = self._person_item if item.level == "person" else self._other_item
            python = self.results.items[name]
            if item.level == "refund" and not self.results.refunds.count:
                python = np.full(1, np.nan)
            try:
                self.made[key] = self.check(area, name, make(item), python, item.unit)
            except NoTwinError as reason:
                self.without.append(f"{name}：{reason}")
                cells = python.tolist() if python.dtype == object else cells_of(python)
                self.made[key] = area.add(name, "python", cells, text=python.dtype == object)
        return self.made[key]

    def _area_of(self, level: str) -> Area:
        if level == "person":
            return self.month
        return self.refunds if level == "refund" else self.groups[level].area

    def _other_item(self, item: PayItem) -> str:
        """An item of a department, shop, team or refund."""
        level = self.refund_level() if item.level == "refund" else self.group_level(item.level)
        level = replace(level, about=item.name)
        return self._limited(item, term(item.formula.node, level), level).whole

    def _person_item(self, item: PayItem) -> str:
        sheet, kind = self.month.sheet, self.results.group_of(item)
        word = "考核" if item.applies_to == "assessed" else "本部门员工"
        entitled = self.scores.mask(word, self.results.entitled(item))
        test, mine = f"{entitled.at(sheet)}=1", self.scores.group(kind).at(sheet)
        groups = self.month.step(
            f"{entitled.label} {LEVELS[kind][0]}号", f'IF(AND({test},ISNUMBER({mine})),{mine},"")'
        )
        level = replace(self.person_level(groups), about=item.name)
        figure = self._limited(item, term(item.formula.node, level), level)
        if item.paid:
            if figure.open:
                figure = level.step(f"{item.name} 未取整", figure.whole)
            figure = Term(f"ROUND({figure.text},2)", "number", figure.needs, figure.unless)
        return f'IF({test},{figure.whole},"")'

    def _limited(self, item: PayItem, figure: Term, level: Level) -> Term:
        """An item's figure between its floor and cap (R48); a grade as it is."""
        if item.unit == "grade":
            return figure
        if item.floor is None and item.cap is None:
            return number(figure, level)
        amount = level.area.step(f"{item.name} 未限额", number(figure, level).whole)
        operands: dict[str, Operand] = {"amount": amount}
        for key, limit, word in (("floor", item.floor, "保底"), ("cap", item.cap, "封顶")):
            text = '""' if limit is None else formula_twin(limit.node, level)
            operands[key] = level.area.step(f"{item.name} {word}", text)
        limited = rule_formula(RULES["R48"], level.area, item.name, operands.__getitem__, {})
        return Term(limited, open=True)

    def pay(self) -> None:
        """The sum of each person's paid items."""
        items = self.results.paid_items
        if not items:
            return
        cells = ",".join(self.item(i.name).at(self.month.sheet) for i in items)
        formula = f'IF(COUNT({cells})=0,"",ROUND(SUM({cells}),2))'
        self.check(self.month, "应发合计", formula, self.results.pay, "yuan")

    # --- what names are ------------------------------------------------------------------------

    def person_level(self, groups: Column) -> Level:
        """The people of the month, with their refunds below."""
        below = None
        if self.person_number is not None:
            below = Below(self.refund_level(), self.owner, self.every_refund, self.person_number)
        return Level(
            self.month, self.policy, self.of_person, groups, below,
            past=self._past, options=self.results.options, has_below=True,
        )  # fmt: skip

    def group_level(self, kind: str) -> Level:
        """The departments, shops or teams, with their people below."""
        group = self.groups[kind]
        people = self.person_level(self.department)
        below = Below(people, group.of_person, self.assessed, group.number)
        return Level(
            group.area, self.policy, lambda name: self.of_group(name, kind), below=below,
            options=self.results.options, has_below=True,
        )  # fmt: skip

    def refund_level(self) -> Level:
        """The refunds of the period."""
        return Level(self.refunds, self.policy, self.of_refund)

    def of_person(self, name: str) -> Meaning:
        """What a name is for each person."""
        meaning = self.results.meaning(name)
        match meaning.kind:
            case "block":
                return self.made[f"block {meaning.key}"]
            case "score":
                return self._score(meaning.key)
            case "indicator":
                return self._indicator(name, meaning)
            case "item":
                level = self.level_of[meaning.key]
                made = self.item(meaning.key)
                return self._of_the_group(made, level) if level in self.groups else made
        return self._given(self.month, name, self.results.value(name))

    def of_group(self, name: str, kind: str) -> Meaning:
        """What a name is for each department, shop or team."""
        meaning = self.results.meaning(name)
        if meaning.kind == "item":
            return self.item(meaning.key)
        if meaning.kind == "score":
            return self._heads(kind)
        return self._given(self.groups[kind].area, name, self.results.group_value(name, kind))

    def of_refund(self, name: str) -> Meaning:
        """What a name is for each refund."""
        if self.results.meaning(name).kind == "item":
            return self.item(self.results.meaning(name).key)
        return self._given(self.refunds, name, self.results.refund_value(name))

    def _past(self, name: str, periods: int | None) -> Column | SideBySide:
        """A closed period's figures as given, or all of them and this month's side by side."""
        if periods is not None:
            return self._cells(self.month, f"{name} {periods}期前", self.results.past(name, periods))
        series = self.results.past(name, None)[:, :-1]
        now = self.of_person(name)
        assert isinstance(now, Column)
        found = [
            self._cells(self.month, f"{name} 往期{n + 1}", series[:, n], new=True)
            for n in range(series.shape[1])
        ]
        cell = now.at(self.month.sheet)
        formula = f'IF({cell}="","",{cell})'
        last = self.month.add(f"{name} 本期", "step", formula, text=now.text)
        return SideBySide(found[0] if found else last, last)

    @staticmethod
    def _cells(area: Area, label: str, values: NDArray[Any], *, new: bool = False) -> Column:
        text = values.dtype == object
        cells = values.tolist() if text else cells_of(values)
        if new:
            return area.add(label, "given", cells, text=text)
        return area.given(label, cells, text=text)

    def _given(self, area: Area, name: str, value: Any) -> Meaning:
        """A curve, a figure of everybody, or a column of given figures or texts."""
        if isinstance(value, Bands | list):
            return value
        if not isinstance(value, np.ndarray) or value.ndim == 0:
            return self.policy.line(name, [float(value)])
        if not len(value):  # no refunds
            return area.given(name, [None] * area.rows)
        return self._cells(area, name, value)

    def _score(self, key: str) -> Column:
        if key == "heads":
            return self._of_the_group(self._heads("department"), "department")
        if key == "missed":
            return self._missed()
        if key not in self.made:
            raise NoTwinError(f"总分公式里的 {key}")
        return self.made[key]

    def _indicator(self, name: str, meaning: NameMeaning) -> Meaning:
        if meaning.part == "points":
            return self.points[meaning.key]
        scored = self.results.scored[meaning.key]
        if meaning.part == "place" and scored.cycles == 1 and scored.due:
            return self.scores.place(scored)
        return self._given(self.month, name, self.results.value(name))

    def _missed(self) -> Column:
        """How many indicators each person misses the target of."""
        behind = []
        for scored in self.results.scored.values():
            if scored.line is None:
                continue
            label = f"{scored.indicator.name} 未达标"
            cells = [
                sheet.area.step(label, sheet.behind(scored)).at(self.month.sheet)
                for sheet in ([self.scores] if scored.cycles == 1 else self.weekly)
            ]
            behind.append(f"MAX({','.join(cells)})")
        return self.month.step("未达标项数", "+".join(behind) or "0")

    def _heads(self, kind: str) -> Column:
        group = self.groups[kind]
        sheet = group.area.sheet
        theirs = f"{group.of_person.at(sheet, 'all')}={group.number.at(sheet)}"
        formula = f"SUMPRODUCT(({theirs})*({self.assessed.at(sheet, 'all')}=1))"
        return group.area.step("人数", formula)

    def _of_the_group(self, column: Column, kind: str) -> Column:
        """A department's, shop's or team's figure on each of its people."""
        sheet = self.month.sheet
        mine = self.groups[kind].of_person.at(sheet)
        cell = f"INDEX({column.at(sheet, 'all')},{mine})"
        formula = f'IF({mine}="","",IF({cell}="","",{cell}))'
        return self.month.step(f"{LEVELS[kind][0]} {column.label}", formula)
