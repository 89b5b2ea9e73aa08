"""Whole runs, and every case of the formula language, as plain formulas in two engines."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import formualizer
import numpy as np
import pytest
from case_files import CASES, MONTHS, evaluated, frame, frames, read_case
from engines import error_cells, recalculate, soffice
from formula_trees import ROWS, Trees
from months import month
from python_calamine import CalamineWorkbook
from small_schemes import indicator, item, scheme
from test_twins import EXCEL_2016
from twin_file import NOT_CALCULATED, write_twin_book

from xl_kpi.catalogue import Keyed
from xl_kpi.formula import FormulaError, Node, Scope, column, parse, unparse
from xl_kpi.formula import evaluate as evaluate_formula
from xl_kpi.lint import lint
from xl_kpi.pipeline import Results, evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows
from xl_kpi.scheme_tables import HEAD_SETTINGS
from xl_kpi.tables import BENCHMARKS, column_letter
from xl_kpi.twin import (
    Area,
    Below,
    Column,
    Formula,
    Level,
    Policy,
    TwinBook,
    formula_twin,
    twin_book,
)
from xl_kpi.twin.calculation import Calculator
from xl_kpi.twin.formulas import number, term
from xl_kpi.twin.sheets import FIRST_ROW, SideBySide

ENGINES = ("formualizer", "LibreOffice")
FUNCTIONS = EXCEL_2016 | {"AVERAGE", "SUMIF"}
LANGUAGE = tomllib.loads((CASES / "formulas.toml").read_text("utf-8"))
# A spreadsheet shows #NUM! there, which the difference column reports.
TOO_BIG = {
    "a number too big for a cell is missing",
    "a power too big for a cell is missing",
}
LANGUAGE_CASES = {c["name"]: c for c in LANGUAGE["case"] if c["name"] not in TOO_BIG}
Cells = Callable[[str, int, int], Any]  # sheet, row, column from 1 → what stands there


# --- engines -------------------------------------------------------------------------------


def by_formualizer(path: Path) -> Cells:
    book = formualizer.Workbook.from_path(str(path))
    book.evaluate_all()

    def cell(sheet: str, row: int, column: int) -> Any:
        value = book.get_value(sheet, row, column)
        return f"#{value['kind']}" if isinstance(value, dict) else None if value == "" else value

    return cell


def by_libreoffice(path: Path, directory: Path) -> Cells:
    recalculated = recalculate(path, directory)
    book = CalamineWorkbook.from_path(str(recalculated))
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
              for name in book.sheet_names}  # fmt: skip
    errors = dict(zip(book.sheet_names, map(set, error_cells(recalculated)), strict=True))

    def cell(sheet: str, row: int, column: int) -> Any:
        if (row - 1, column - 1) in errors[sheet]:
            return "#error"
        rows = sheets[sheet]
        known = row <= len(rows) and column <= len(rows[row - 1])
        value = rows[row - 1][column - 1] if known else ""
        return None if value == "" else value

    return cell


def number_of(column: Column) -> int:
    total = 0
    for letter in column.letter:
        total = total * 26 + ord(letter) - 64
    return total


def calculated(path: Path, engine: str, directory: Path) -> Cells:
    if engine == "formualizer":
        return by_formualizer(path)
    if soffice() is None:
        pytest.skip("LibreOffice (soffice) is not installed: the twins lack their second judge")
    return by_libreoffice(path, directory)


# --- what is judged: one book with the sheets of all runs and cases ----------------------------

EVERYTHING = tomllib.loads(Path(__file__).with_name("everything.toml").read_text("utf-8"))


def everything(case: dict[str, Any], **changes: dict[str, Any]) -> Results:
    """A month under the scheme that has everything, with other settings or indicators."""
    head = EVERYTHING["head"] | changes.pop("head", {})
    rows = {
        "head": [Row({"key": HEAD_SETTINGS[k][0], "value": v}, {}, k) for k, v in head.items()],
        **{
            table: [Row(row | changes.get(row.get("metric", ""), {}), {}, table) for row in entries]
            for table, entries in EVERYTHING.items()
            if table != "head"
        },
    }
    scheme = make_scheme(rows, preset_metrics())
    assert lint(scheme) == []
    return evaluate(frames(case), scheme, case["period"])


def summed() -> Results:
    """Points that add up, and blanks that make the whole block blank."""
    error = {"if_missing": "error"}
    changes = {
        "任务完成率": error | {"full": None},
        "首次响应时长": error,
        "head": {"block_mode": "求和"},
    }
    return everything(month("S05", 12, people=40, departments=2, shops=3), **changes)


def features(seed: int, grades: dict[str, Any], period: str = "2026-10") -> Results:
    """Roles, shops, looking back, refunds, limits, corrections: what the systems need besides."""
    case = month("S05", seed, people=30, departments=2, shops=3)
    rng = np.random.default_rng(seed)
    ids = [row["person_id"] for row in case["roster"]]
    for row in case["roster"]:
        row["role"] = str(rng.choice(["售前", "售后"]))
        if rng.random() < 0.8:
            row["guarantee"] = float(rng.choice([3000, 5000.5]))
    past = [
        {"period": p, "person_id": one, "item": item, "value": value, "word": word}
        for one in ids for p in ("2026-06", "2026-07", "2026-08", "2026-09")
        if rng.random() < 0.8
        for item, value, word in (
            ("等级", None, str(rng.choice(["S", "A", "B"]))),
            ("总分", float(rng.integers(50, 100)), None),
            ("销售额", float(rng.integers(80_000, 120_000)), None), ("任务", 100_000.0, None),
        )
    ]  # fmt: skip
    tables = frames(case | {
        "history": past,
        "refunds": [
            {"date": dt.date(2026, 10, int(rng.integers(1, 31))), "person_id": str(rng.choice(ids)),
             "origin": str(rng.choice(["2026-07", "2026-09"])), "refund": float(rng.integers(1, 9)) * 1000}
            for _ in range(25)
        ],
        "adjustments": [
            {"period": "2026-10", "person_id": str(rng.choice(ids)), "item": "罚款",
             "amount": float(rng.integers(-50, 80)) + 0.25, "reason": "x"} for _ in range(12)
        ],
        "calibrations": [
            {"period": "2026-10", "person_id": str(rng.choice(ids)), "item": "满意度评分",
             "value": 4.75, "reason": "x", "approver": "y"} for _ in range(5)
        ],
    })  # fmt: skip
    shops = sorted({row["shop"] for row in case["roster"]})
    made = scheme(
        head={"total": "=得分板块*80% + IF(岗位板块=\"\", 0, 岗位板块)*20%"} | grades["head"],
        indicators=[
            indicator("满意度评分", target="5", cap=100.0),
            indicator("转化率", block="岗位板块", role="售前", target="40%", cap=100.0, if_missing="zero"),
            indicator("问题解决率", block="岗位板块", role="售后", target="90%", cap=100.0,
                      if_missing="error"),
            indicator("回复率", name="季回复", block="季度板块", cycle="quarter", target="100%"),
        ],
        curves=[{"name": "店铺提点", "key": shop, "value": 0.01 * (n + 1)} for n, shop in enumerate(shops[1:])],
        grades=grades["grades"],
        pay_items=[
            item("底薪", "=月基本工资", paid="yes", applies_to="staff"),
            item("提成", "=销售额*LOOKUP(店铺, 店铺提点)", paid="yes", role="售前", floor="200", cap="=保底工资/10"),
            item("店铺奖金", "=SUM(销售额)*1%", "shop", cap="3000"),
            item("店铺均分", "=AVERAGE(总分)", "shop", unit="points"),
            item("店铺奖", "=KPI_POOL_SHARE(总分, 店铺奖金)", paid="yes"),
            item("团队人数", "=人数", "team", unit="count"),
            item("等级奖", "=1000*等级系数 + 月基本工资*等级加成", paid="yes"),
            item("均分", "=AVERAGE(总分, PAST(总分, 1), PAST(总分, 2))", unit="points"),
            item("连续", '=KPI_STREAK(等级, "S")', unit="count"),
            item("升降", '=IF(PAST(等级, 1) = 等级, "平", IF(PAST(等级, 1) = "", "新", "变"))', unit="grade"),
            item("首尾奖惩", "=KPI_RANK_REWARD(总分)", paid="yes"),
            item("退款超额", "=MIN(退款金额, MAX(0, 原销售额 - 原任务 - 此前退款))", "refund"),
            item("退款扣", "=0 - 退款超额*1% - (退款金额 - 退款超额)*0.8%", "refund"),
            item("扣回", "=SUM(退款扣)", paid="yes"),
            item("补扣", "=补扣金额", paid="yes"),
            item("季度奖", "=季度板块", paid="yes", cycle="quarter"),
        ],
    )  # fmt: skip
    return evaluate(tables, made, period)


SHARES = [
    {"grade": "S", "share": 0.1, "lower": 80.0, "coefficient": 1.5, "base_share": 0.1},
    {"grade": "A", "share": 0.4, "lower": 70.0, "upper": 80.0, "coefficient": 1.2},
    {"grade": "B", "share": 0.5, "upper": 70.0, "coefficient": 0.8, "base_share": 0.0},
]
GRADINGS: dict[str, dict[str, Any]] = {
    "by share in small teams by score": {
        "grades": SHARES,
        "head": {"grade_group": "店铺", "small_team": "9", "small_team_rule": "按分数段",
                 "overspend": "照付"},
    },
    "with everyone": {
        "grades": SHARES,
        "head": {"grade_group": "岗位", "grade_ties": "取低", "small_team": "13",
                 "small_team_rule": "合并定级"},
    },
    "none in small teams": {
        "grades": SHARES,
        "head": {"grade_group": "店铺", "small_team": "9", "small_team_rule": "不定级"},
    },
    "by score": {
        "grades": [{k: v for k, v in g.items() if k != "share"} for g in SHARES], "head": {},
    },
}  # fmt: skip

def with_benchmarks() -> Results:
    """Targets that are the platforms' figures, of each shop and of all."""
    case = month("S05", 13, people=40, departments=2, shops=3)
    shops = sorted({row["shop"] for row in case["roster"]})
    day = dt.date(2026, 10, 1)
    given = [
        {"period": case["period"], "start": day, "end": day, "metric": "转化率", "value": value,
         "kind": "同行同层均值", "shop": shop}
        for shop, value in zip([*shops[:2], None], (0.3119, 0.3347, 0.2718), strict=True)
    ]  # fmt: skip
    rows = preset_rows("S05")
    rows["indicators"] = [
        Row(r.values | {"target": "=同行同层均值 * 97.5%"}, r.where, r.place)
        if r.get("metric") == "转化率" else r
        for r in rows["indicators"]
    ]  # fmt: skip
    tables = frames(case) | {"benchmarks": frame(BENCHMARKS, given)}
    return evaluate(tables, make_scheme(rows, preset_metrics()), case["period"])


RUNS: dict[str, Callable[[], Results]] = {
    **{
        f"features, {name}": lambda n=n, g=g: features(20 + n, g)
        for n, (name, g) in enumerate(GRADINGS.items())
    },
    "features at the end of a quarter": lambda: features(
        30, GRADINGS["by score"], "2026-09"
    ),
    **{name: lambda name=name: evaluated(read_case(name)) for name in MONTHS},
    "S01 of 200": lambda: evaluated(month("S01", 7, people=200, departments=3, shops=7)),
    "S01 of 40": lambda: evaluated(month("S01", 8, people=40, departments=2, shops=3)),
    "S05 of 120": lambda: evaluated(month("S05", 9, people=120, departments=3, shops=5)),
    "everything": lambda: everything(month("S05", 11, people=60, departments=3, shops=4)),
    "everything summed": summed,
    "benchmarks of the shops": with_benchmarks,
}


def a_wrong_cent() -> Results:
    results = evaluated(read_case("s01_team_month"))
    results.items["销售提成"][3] += 0.01
    return results


def a_wrong_blank() -> Results:
    results = evaluated(read_case("s05_team_month"))
    results.items["绩效奖金"][2] = np.nan
    return results


@dataclass
class Judged:
    """The runs, the cases of the language, and what each engine makes of them."""

    path: Path
    results: dict[str, Results]
    twins: dict[str, TwinBook]
    answers: dict[str, Column]
    random: list[tuple[str, Column, list[Any]]]
    by_engine: dict[str, Cells] = field(default_factory=dict)

    def cells(self, engine: str) -> Cells:
        if engine not in self.by_engine:
            self.by_engine[engine] = calculated(self.path, engine, self.path.parent)
        return self.by_engine[engine]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    results = {name: run() for name, run in RUNS.items()}
    wrong = {"a wrong cent": a_wrong_cent(), "a wrong blank": a_wrong_blank()}
    twins = {
        name: twin_book(one, prefix=f"对账{n}")
        for n, (name, one) in enumerate((results | wrong).items())
    }
    language = LanguageSheets()
    answers = {name: language.answer(case) for name, case in LANGUAGE_CASES.items()}
    sheets = [sheet for one in twins.values() for sheet in one.sheets] + language.sheets()
    random = [one for seed in SEEDS for one in random_formulas(seed, sheets)]
    path = tmp_path_factory.mktemp("twins") / "all.xlsx"
    write_twin_book(path, TwinBook(sheets, [], []))
    return Judged(path, results, twins, answers, random)


# --- whole runs --------------------------------------------------------------------------


def plain(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def agree(got: Any, want: Any, *, cents: bool) -> bool:
    if want is None or isinstance(want, str) or not isinstance(got, int | float):
        return got == want
    close = math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12)
    paid = cents and round(want, 2) == want
    return close and (not paid or round(got, 2) == want)


def disagreements(twins: TwinBook, cells: Cells) -> list[str]:
    found = []
    for one in twins.checked:
        column = number_of(one.column)
        for n, want in enumerate(one.python.tolist()):
            got = cells(one.column.sheet, FIRST_ROW + n, column)
            if not agree(got, plain(want), cents=one.unit == "yuan"):
                found.append(f"{one.label} {one.column.sheet}!{one.column.letter}{FIRST_ROW + n}: "
                             f"engine {got!r}, Python {want!r}")  # fmt: skip
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", RUNS)
def test_every_figure_agrees(name: str, engine: str, judged: Judged) -> None:
    found = disagreements(judged.twins[name], judged.cells(engine))
    assert not found, f"{len(found)} differ\n" + "\n".join(found[:20])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", RUNS)
def test_the_light_says_so(name: str, engine: str, judged: Judged) -> None:
    cells, front = judged.cells(engine), judged.twins[name].sheets[0]
    assert cells(front.sheet, 1, 2) == "一致"
    assert [cells(front.sheet, FIRST_ROW + n, 3) for n in range(front.rows)] == [0] * front.rows


@pytest.mark.parametrize("name", RUNS)
def test_every_stage_is_recalculated(name: str, judged: Judged) -> None:
    twins, results = judged.twins[name], judged.results[name]
    labels = [one.label for one in twins.checked]
    assert twins.without == []
    assert {item.name for item in results.scheme.pay_items} <= set(labels)
    assert {*results.blocks, "总分", "名次", "应发合计"} <= set(labels)
    assert ("等级" in labels) == bool(results.scheme.grades)
    for name_, one in results.scored.items():
        sheets = 1 if one.cycles == 1 else 1 + one.cycles  # the month, and each week
        assert labels.count(f"{name_} 得分") == sheets
    assert all(isinstance(one.column.content, str) for one in twins.checked)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engines_really_calculate(engine: str, judged: Judged) -> None:
    cells = judged.cells(engine)
    for sheet in judged.twins["S01 of 200"].sheets:
        found = [cells(sheet.sheet, row, column) for row, column, content in sheet.cells()
                 if isinstance(content, Formula)]  # fmt: skip
        assert NOT_CALCULATED not in found
        assert "#error" not in found
        assert not any(str(value).startswith("#") for value in found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", RUNS)
def test_values_stored_with_formulas_are_those_of_the_engine(
    name: str, engine: str, judged: Judged
) -> None:
    cells, sheets = judged.cells(engine), judged.twins[name].sheets[1:]
    here, wrong = Calculator(sheets), []
    columns = [c for area in sheets if isinstance(area, Area) for c in area.columns
               if isinstance(c.content, str)]  # fmt: skip
    for one in columns:
        values = here.column(one.sheet, one.letter)
        for n in range(one.rows):
            number, word = values.numbers[0, n], values.words[0, n]
            ours = (word or None) if np.isnan(number) else number
            theirs = cells(one.sheet, FIRST_ROW + n, number_of(one))
            if not agree(theirs, ours, cents=False):
                wrong.append(f"{one.sheet}!{one.letter}{FIRST_ROW + n}: {ours!r}, {theirs!r}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong[:20])


def test_the_generated_run_is_a_hard_one(judged: Judged) -> None:
    results = judged.results["S01 of 200"]
    assert results.people.count > 180
    assert len(results.departments) == 3
    assert len(results.people.groups["shop"].labels) == 7
    pay = results.pay
    assert np.isnan(pay).any()
    known = {one.label: one.python for one in judged.twins["S01 of 200"].checked}
    for label in ("顾客下单率 得分", "绩效奖金", "任务完成率 得分"):
        figures = known[label][~np.isnan(known[label])]
        assert len(figures) > 50
        assert 5 <= len(np.unique(figures)) < len(figures), label


@pytest.mark.parametrize("engine", ENGINES)
def test_the_light_notices_one_wrong_cent(engine: str, judged: Judged) -> None:
    cells, twins = judged.cells(engine), judged.twins["a wrong cent"]
    assert cells(twins.sheets[0].sheet, 1, 2) == "有 2 格不一致"  # the item and the pay
    gap = next(one.gap for one in twins.checked if one.label == "销售提成")
    assert cells(gap.sheet, FIRST_ROW + 3, number_of(gap)) == pytest.approx(-0.01)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_light_notices_a_blank_in_place_of_a_figure(engine: str, judged: Judged) -> None:
    cells, twins = judged.cells(engine), judged.twins["a wrong blank"]
    assert cells(twins.sheets[0].sheet, 1, 2) == "有 2 格不一致"
    gap = next(one.gap for one in twins.checked if one.label == "绩效奖金")
    assert cells(gap.sheet, FIRST_ROW + 2, number_of(gap)) == "不同"


@pytest.mark.parametrize("name", ["s01_team_month", "s05_team_month", "everything"])
def test_the_formulas_are_plain_ones(name: str, judged: Judged) -> None:
    formulas = [str(content) for sheet in judged.twins[name].sheets
                for _, _, content in sheet.cells() if isinstance(content, Formula)]  # fmt: skip
    assert len(formulas) > 500
    used = set(re.findall(r"([A-Z][A-Z0-9._]*)\(", " ".join(formulas)))
    assert used <= FUNCTIONS
    assert max(map(len, formulas)) < 2000  # Excel's limit is 8192
    assert not any("[" in text.replace('"[', "") for text in formulas)  # no structured references
    assert not any("KPI_" in text for text in formulas)


# --- the formula language ------------------------------------------------------------------


def given_columns(area: Area, names: dict[str, list[Any]]) -> dict[str, Column]:
    return {
        name: area.given(name, [plain(c) if c != "" else None for c in cells],
                         text=any(isinstance(cell, str) for cell in cells))
        for name, cells in names.items()
    }  # fmt: skip


class LanguageSheets:
    """The cases side by side: one sheet for each number of rows, one for the departments."""

    def __init__(self) -> None:
        self.people = LANGUAGE["people"]
        self.policy = Policy("P")
        self.areas: dict[int, Area] = {}
        self.departments = Area("D", 2)

    def sheets(self) -> list[Area | Policy]:
        return [*self.areas.values(), self.departments, self.policy]

    def level(self, names: dict[str, list[Any]], codes: list[float | None]) -> Level:
        area = self.areas.setdefault(len(codes), Area(f"N{len(codes)}", len(codes)))
        known: dict[str, Any] = given_columns(area, names)
        known |= {name: Keyed([*c], [*c.values()]) for name, c in self.people["curves"].items()}

        def past(name: str, periods: int | None) -> Column | SideBySide:
            columns = self.people["past"][name]
            if periods is None:  # a history, side by side
                columns = [*columns, self.people["names"][name]]
                labels = [f"{name} 第{n}期 {len(area.columns)}" for n in range(len(columns))]
                made = given_columns(area, dict(zip(labels, columns, strict=True)))
                return SideBySide(made[labels[0]], made[labels[-1]])
            label = f"{name} {periods}期前"
            return given_columns(area, {label: columns[-periods]})[label]

        return Level(area, self.policy, known.__getitem__, area.given("部门号", codes), past=past)

    def answer(self, case: dict[str, Any]) -> Column:
        """The column that must come out as the case expects."""
        node, given = parse(case["formula"]), case.get("given", {})
        codes = [float(d + 1) if d >= 0 else None for d in self.people["departments"]]
        if case.get("level") == "department":
            return self.of_departments(node, self.level(self.people["names"] | given, codes))
        rows = len(next(iter(given.values()))) if given else 0
        level = (
            self.level(given, [1.0] * rows) if given else self.level(self.people["names"], codes)
        )
        answer = term(node, level)
        text = answer if isinstance(first(case["expect"]), str) else number(answer, level)
        return level.area.add(case["name"], "result", text.whole)

    def of_departments(self, node: Node, people: Level) -> Column:
        assessed = people.area.given("考核", [float(a) for a in self.people["assessed"]])
        assert people.groups is not None
        mine = self.departments.given("部门号", [1.0, 2.0])
        known = given_columns(self.departments, LANGUAGE["departments"]["names"])
        below = Below(people, people.groups, assessed, mine)
        level = Level(self.departments, self.policy, known.__getitem__, below=below)
        return self.departments.add("结果", "result", number(term(node, level), level).whole)


def first(expect: Any) -> Any:
    return expect[0] if isinstance(expect, list) else expect


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", LANGUAGE_CASES)
def test_a_case_of_the_language_comes_out(name: str, engine: str, judged: Judged) -> None:
    expect, answer, cells = (
        LANGUAGE_CASES[name]["expect"],
        judged.answers[name],
        judged.cells(engine),
    )
    got = [cells(answer.sheet, FIRST_ROW + n, number_of(answer)) for n in range(answer.rows)]
    wanted = expect if isinstance(expect, list) else [expect] * len(got)
    for cell, want in zip(got, wanted, strict=True):
        want = plain(float(want) if isinstance(want, bool | int) else want or None)
        assert agree(cell, want, cents=False), (got, wanted)


# --- random formulas -----------------------------------------------------------------------

SEEDS = range(3)
PER_SEED = 70


def random_formulas(seed: int, sheets: list[Area | Policy]) -> list[tuple[str, Column, list[Any]]]:
    """Formulas with their columns on a new sheet and what Python makes of them."""
    trees = Trees(seed)
    area, policy = Area(f"R{seed}", ROWS), Policy(f"RP{seed}")
    sheets += [area, policy]
    names = {name: area.given(name, list(map(plain, cells.tolist())))
             for name, cells in trees.numbers.items()}  # fmt: skip
    names |= {name: area.given(name, cells.tolist(), text=True)
              for name, cells in trees.texts.items()}  # fmt: skip
    groups = area.given("组", [float(code) for code in trees.groups])
    level = Level(area, policy, names.__getitem__, groups)
    scope = Scope(trees.numbers | trees.texts, ROWS, trees.groups)
    return [
        (unparse(node), area.add(f"{n}", "result", formula_twin(node, level)),
         column(evaluate_formula(node, scope), ROWS).tolist())
        for n, node in enumerate(trees.formulas(PER_SEED))
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_random_formulas_come_out(engine: str, judged: Judged) -> None:
    cells, found = judged.cells(engine), []
    for formula, answer, wanted in judged.random:
        got = [cells(answer.sheet, FIRST_ROW + n, number_of(answer)) for n in range(ROWS)]
        pairs = zip(got, map(plain, wanted), strict=True)
        wrong = [pair for pair in pairs if not agree(*pair, cents=False)]
        if wrong:
            found.append(f"{formula}: engine, Python {wrong[:3]}")
    assert len(judged.random) == len(SEEDS) * PER_SEED
    assert not found, "\n".join(found[:10])


def test_random_formulas_have_answers_of_all_kinds(judged: Judged) -> None:
    answers = [plain(value) for _, _, wanted in judged.random for value in wanted]
    present = [value for value in answers if value is not None]
    assert 0.3 * len(answers) < len(present) < 0.95 * len(answers)
    assert len(set(present)) > 500


def test_a_curve_in_place_of_a_figure_is_refused() -> None:
    area = Area("N", 1)
    level = Level(area, Policy("P"), lambda name: [[1.0]])
    with pytest.raises(FormulaError):
        number(term(parse("=曲线 + 1"), level), level)


def test_addresses_have_the_letters_of_their_columns() -> None:
    area = Area("N", 3)
    for n in range(1, 60):
        assert area.add(f"{n}", "step", "1").letter == column_letter(n)
    last = area.columns[-1]
    assert number_of(last) == 59
    assert last.at("N", "all") == "BG$6:BG$8"
    assert last.at("M", "upto") == "'N'!BG$6:BG¶"
