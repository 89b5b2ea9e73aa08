"""A whole run as plain formulas, from the indicators' values to the pay, beside Python's figures.

Sheets of columns, before anything writes them: a first one that says for every figure how many
cells differ, one for the month with a row per person, one per week, one for the departments, and
one for the policy's figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import RULES, Bands
from xl_kpi.indicators import Scored
from xl_kpi.names import Meaning as NameMeaning
from xl_kpi.pipeline import Results
from xl_kpi.scheme import PayItem
from xl_kpi.twin.formulas import formula_twin, number, term
from xl_kpi.twin.rules import NoTwinError, Operand, rule_formula
from xl_kpi.twin.scores import ScoreColumns, cells_of
from xl_kpi.twin.sheets import Area, Column, Formula, Policy, SideBySide
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


@dataclass(slots=True)
class TwinBook:
    """The sheets in order; cell B1 of the first says whether everything agrees."""

    sheets: list[Area | Policy]
    checked: list[Checked]
    without: list[str]  # what has no plain formula and is given instead, with the reason


def twin_book(results: Results, prefix: str = "对账") -> TwinBook:
    """The plain formulas of a calculated period.

    Args:
        results: Every stage's figures.
        prefix: What the sheets' names begin with.
    """
    made = _Maker(results, prefix)
    made.score()
    made.add_up()
    for item in results.scheme.pay_items:
        made.item(item.name)
    made.pay()
    front = _front(prefix, made.checked, made.without)
    sheets: list[Area | Policy] = [front, made.month, *made.weeks, made.departments, made.policy]
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

    def __init__(self, results: Results, prefix: str) -> None:
        self.results = results
        self.policy = Policy(f"{prefix}参数")
        self.checked: list[Checked] = []
        self.without: list[str] = []
        self.month = self._people_sheet(f"{prefix}月")
        weekly = any(one.cycles > 1 for one in results.scored.values())
        count = results.figures.period.week_count if weekly else 0
        self.weeks = [self._people_sheet(f"{prefix}第{n}周") for n in range(1, count + 1)]
        self.scores = ScoreColumns(results, self.month, self.policy, 0)
        self.weekly = [ScoreColumns(results, a, self.policy, n) for n, a in enumerate(self.weeks)]
        self.assessed = self.scores.assessed
        self.staff = self.month.given("本部门员工", results.people.staff.astype(float).tolist())
        self.department = self.scores.group("department")
        labels = results.departments
        self.departments = Area(f"{prefix}部门", len(labels))
        self.departments.add("部门", "person", labels, text=True)
        numbers = [float(n) for n in range(1, len(labels) + 1)]
        self.number = self.departments.add("部门号", "given", numbers)
        self.level_of = {item.name: item.level for item in results.scheme.pay_items}
        self.points: dict[str, Column] = {}
        self.made: dict[str, Column] = {}

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
        assessed = f"{self.assessed.at(sheet)}=1"
        for block, python in results.blocks.items():
            formula = f'IF({assessed},{self._block(block)},"")'
            self.made[f"block {block}"] = self.check(self.month, block, formula, python)
        totals = results.totals
        if totals is None:
            return
        level = self.person_level(self.department)
        formula = f'IF({assessed},{formula_twin(results.scheme.total.node, level)},"")'
        total = self.made["total"] = self.check(self.month, "总分", formula, totals.total)
        operands: dict[str, Operand] = {"values": total, "groups": self.department}
        place = rule_formula(
            RULES["C4"], self.month, "总分名次", operands.__getitem__,
            {"better": "higher", "ties": "all"},
        )  # fmt: skip
        self.made["place"] = self.check(self.month, "名次", place, totals.place, "place")
        if results.scheme.grades:
            self._grade(total, totals.grade)

    def _block(self, block: str) -> str:
        scored = [
            s for s in self.results.scored.values()
            if s.indicator.block == block and s.indicator.in_score
        ]  # fmt: skip
        sheet = self.month.sheet
        points = [self.points[s.indicator.name] for s in scored]
        if self.results.scheme.block_mode == "sum":
            text = f"SUM({','.join(p.at(sheet) for p in points)})"
            pairs = zip(points, scored, strict=True)
            lacking = [p.at(sheet) for p, s in pairs if s.indicator.if_missing == "error"]
            if lacking:
                text = f'IF(COUNT({",".join(lacking)})<{len(lacking)},"",{text})'
            return text
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
        return rule_formula(RULES["R08"], self.month, block, operands.__getitem__, options)

    def _grade(self, total: Column, grade: NDArray[np.object_]) -> None:
        labels, shares = zip(*self.results.scheme.grades, strict=True)
        operands: dict[str, Operand] = {
            "scores": total,
            "groups": self.department,
            "labels": self.policy.line("等级", labels),
            "shares": self.policy.line("等级比例", shares),
        }
        options = {"ties": "better"}
        formula = rule_formula(RULES["R20"], self.month, "等级", operands.__getitem__, options)
        self.made["grade"] = self.check(self.month, "等级", formula, grade, "grade")

    # --- money -------------------------------------------------------------------------------

    def item(self, name: str) -> Column:
        """The column of a pay item."""
        key = f"item {name}"
        if key not in self.made:
            item = next(i for i in self.results.scheme.pay_items if i.name == name)
            area = self.departments if item.level == "department" else self.month
            make = self._department_item if item.level == "department" else self._person_item
            python = self.results.items[name]
            try:
                self.made[key] = self.check(area, name, make(item), python, item.unit)
            except NoTwinError as reason:
                self.without.append(f"{name}：{reason}")
                self.made[key] = area.add(name, "python", cells_of(python))
        return self.made[key]

    def _department_item(self, item: PayItem) -> str:
        return formula_twin(item.formula.node, self.department_level())

    def _person_item(self, item: PayItem) -> str:
        sheet = self.month.sheet
        entitled = self.assessed if item.applies_to == "assessed" else self.staff
        test, mine = f"{entitled.at(sheet)}=1", self.department.at(sheet)
        groups = self.month.step(
            f"{entitled.label} 部门号", f'IF(AND({test},ISNUMBER({mine})),{mine},"")'
        )
        level = self.person_level(groups)
        figure = number(term(item.formula.node, level), level)
        if item.paid:
            if figure.open:
                figure = level.step(f"{item.name} 未取整", figure.whole)
            figure = Term(f"ROUND({figure.text},2)", "number", figure.needs, figure.unless)
        return f'IF({test},{figure.whole},"")'

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
        """The people of the month."""
        return Level(self.month, self.policy, self.of_person, groups)

    def department_level(self) -> Level:
        """The departments, with their people below."""
        people = self.person_level(self.department)
        below = Below(people, self.department, self.assessed, self.number)
        return Level(self.departments, self.policy, self.of_department, below=below)

    def _meaning(self, name: str) -> NameMeaning:
        meaning = self.results.names.find(name)
        if meaning is None:
            raise NoTwinError(name)
        return meaning

    def of_person(self, name: str) -> Meaning:
        """What a name is for each person."""
        meaning = self._meaning(name)
        match meaning.kind:
            case "block":
                return self.made[f"block {meaning.key}"]
            case "score":
                return self._score(meaning.key)
            case "indicator":
                return self._indicator(name, meaning)
            case "item" if self.level_of[meaning.key] == "department":
                return self._of_the_department(self.item(meaning.key))
            case "item":
                return self.item(meaning.key)
        return self._given(self.month, name, self.results.value(name))

    def of_department(self, name: str) -> Meaning:
        """What a name is for each department."""
        meaning = self._meaning(name)
        if meaning.kind == "item":
            return self.item(meaning.key)
        if meaning.kind == "score":
            return self._heads()
        return self._given(self.departments, name, self.results.department_value(name))

    def _given(self, area: Area, name: str, value: Any) -> Meaning:
        """A curve, a figure of everybody, or a column of given figures or texts."""
        if isinstance(value, Bands | list):
            return value
        if not isinstance(value, np.ndarray) or value.ndim == 0:
            return self.policy.line(name, [float(value)])
        if value.dtype == object:
            return area.given(name, value.tolist(), text=True)
        return area.given(name, cells_of(value))

    def _score(self, key: str) -> Column:
        if key == "heads":
            return self._of_the_department(self._heads())
        if key == "missed":
            return self._missed()
        if key not in self.made:
            raise NoTwinError(f"总分公式里的 {key}")
        return self.made[key]

    def _indicator(self, name: str, meaning: NameMeaning) -> Meaning:
        if meaning.part == "points":
            return self.points[meaning.key]
        scored = self.results.scored[meaning.key]
        if meaning.part == "place" and scored.cycles == 1:
            return self.scores.place(scored)
        return self._given(self.month, name, self.results.value(name))

    def _missed(self) -> Column:
        """How many indicators each person has worse than their target."""
        behind = []
        for scored in self.results.scored.values():
            if scored.target is None:
                continue
            label = f"{scored.indicator.name} 未达标"
            cells = [
                sheet.area.step(label, sheet.behind(scored)).at(self.month.sheet)
                for sheet in ([self.scores] if scored.cycles == 1 else self.weekly)
            ]
            behind.append(f"MAX({','.join(cells)})")
        return self.month.step("未达标项数", "+".join(behind) or "0")

    def _heads(self) -> Column:
        sheet = self.departments.sheet
        theirs = f"{self.department.at(sheet, 'all')}={self.number.at(sheet)}"
        formula = f"SUMPRODUCT(({theirs})*({self.assessed.at(sheet, 'all')}=1))"
        return self.departments.step("人数", formula)

    def _of_the_department(self, column: Column) -> Column:
        """A department's figure on each of its people."""
        sheet = self.month.sheet
        mine = self.department.at(sheet)
        cell = f"INDEX({column.at(sheet, 'all')},{mine})"
        formula = f'IF({mine}="","",IF({cell}="","",{cell}))'
        return self.month.step(f"部门 {column.label}", formula)
