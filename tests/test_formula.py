"""The formula language: every case of cases/formulas.toml, and each entry of the evaluator."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_kpi import pipeline  # noqa: F401 - files the rules that formulas call
from xl_kpi.catalogue import FUNCTIONS, Bands, Keyed
from xl_kpi.errors import InputError
from xl_kpi.formula import (
    AGGREGATES,
    BINARY,
    CALLS,
    EVALUATORS,
    NATIVE,
    UNARY,
    Binary,
    Call,
    FormulaError,
    Literal,
    Name,
    Scope,
    Unary,
    check,
    column,
    evaluate,
    names_in,
    parse,
    quoted,
    unparse,
)
from xl_kpi.lint import lint
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows

DATA = tomllib.loads((Path(__file__).parent / "cases" / "formulas.toml").read_text("utf-8"))
CASES = {case["name"]: case for case in DATA["case"]}


# --- the cases -----------------------------------------------------------------------------


def as_column(cells: list[Any]) -> np.ndarray:
    if any(isinstance(cell, str) for cell in cells):
        return np.array([cell or None for cell in cells], dtype=object)
    return np.array(cells, dtype=np.float64)


def scope_of(case: dict[str, Any]) -> Scope:
    people, rows = DATA["people"], len(DATA["people"]["departments"])
    given = {name: as_column(cells) for name, cells in case.get("given", {}).items()}
    names = {name: as_column(cells) for name, cells in people["names"].items()}
    names |= {name: Keyed([*c], [*c.values()]) for name, c in people["curves"].items()}
    codes = np.array(people["departments"])

    def past(name: str, periods: int | None) -> Any:
        columns = [as_column(cells) for cells in people["past"][name]]
        return columns[-periods] if periods else np.column_stack([*columns, names[name]])

    if case.get("level") == "department":
        lower = Scope({**names, **given}, rows, codes)
        own = {name: as_column(cells) for name, cells in DATA["departments"]["names"].items()}
        assessed = np.array(people["assessed"])
        return Scope(own, 2, lower=lower, lower_rows=codes, assessed=assessed)
    if given:
        count = len(next(iter(given.values())))
        return Scope(given, count, np.zeros(count, np.intp))
    return Scope(names, rows, codes, past=past)


def answer(case: dict[str, Any]) -> list[Any]:
    """One cell per row; None where it is blank."""
    scope = scope_of(case)
    value = evaluate(parse(case["formula"]), scope)
    cells = np.broadcast_to(np.asarray(value), (scope.rows,)).tolist()
    return [plain(cell) for cell in cells]


def plain(cell: Any) -> Any:
    if cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return cell


def wanted(case: dict[str, Any]) -> list[Any]:
    expect = case["expect"]
    rows = expect if isinstance(expect, list) else [expect] * scope_of(case).rows
    return [plain(cell) for cell in rows]


def holds(case: dict[str, Any]) -> bool:
    """Whether a case comes out as expected; an evaluator in pieces may raise anything."""
    try:
        return same(answer(case), wanted(case))
    except Exception:
        return False


def same(got: list[Any], want: list[Any]) -> bool:
    return got == want and [type(g) is bool for g in got] == [type(w) is bool for w in want]


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    got, want = answer(CASES[name]), wanted(CASES[name])
    assert got == want
    assert same(got, want)


def test_no_two_cases_have_the_same_name() -> None:
    assert len(CASES) == len(DATA["case"])


# --- every entry of the evaluator is needed ----------------------------------------------------

TABLES: dict[str, dict[Any, Any]] = {
    "UNARY": UNARY,
    "BINARY": BINARY,
    "NATIVE": NATIVE,
    "AGGREGATES": AGGREGATES,
    "CALLS": CALLS,
    "EVALUATORS": EVALUATORS,
}
ENTRIES = [(table, key) for table, entries in TABLES.items() for key in entries]


def first_argument(*arguments: Any) -> Any:
    """What a body leaves that only hands its operand on."""
    head = arguments[0]
    if isinstance(head, Scope):
        node = arguments[1][0]
        return evaluate(node, head)
    if isinstance(head, Call):
        return evaluate(head.arguments[0], arguments[1])
    return head


HOLLOWS = {
    "nothing": lambda *arguments: None,
    "zero": lambda *arguments: 0.0,
    "one": lambda *arguments: 1.0,
    "true": lambda *arguments: np.asarray(True),
    "false": lambda *arguments: np.asarray(False),
    "its first argument": first_argument,
}


def entry_id(entry: tuple[str, Any]) -> str:
    table, key = entry
    return f"{table} {getattr(key, '__name__', key)}"


def uses(case: dict[str, Any], table: str, key: Any) -> bool:
    """Whether a case's formula has the entry; only those are tried."""
    found = []

    def walk(node: Any) -> None:
        found.append(node)
        for part in (getattr(node, f, None) for f in ("operand", "left", "right")):
            if part is not None:
                walk(part)
        for argument in getattr(node, "arguments", ()):
            if argument is not None:
                walk(argument)

    walk(parse(case["formula"]))
    if table == "EVALUATORS":
        return any(type(node) is key for node in found)
    if table == "CALLS":
        return any(isinstance(node, Call) for node in found)
    if table in ("UNARY", "BINARY"):
        kind = Unary if table == "UNARY" else Binary
        return any(isinstance(node, kind) and node.operator == key for node in found)
    return any(isinstance(node, Call) and node.function == key for node in found)


# What an entry may be without anyone noticing: a plus sign only hands its operand on.
HARMLESS = [(("UNARY", "+"), "its first argument")]


@pytest.mark.parametrize(
    ("entry", "hollow"),
    [
        pytest.param(entry, hollow, id=f"{entry_id(entry)}: {hollow}")
        for entry in ENTRIES
        for hollow in [*HOLLOWS, "removed"]
        if (entry, hollow) not in HARMLESS
    ],
)
def test_a_case_fails_without(
    entry: tuple[str, Any], hollow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, key = entry
    if hollow == "removed":
        monkeypatch.delitem(TABLES[table], key)
    else:
        monkeypatch.setitem(TABLES[table], key, HOLLOWS[hollow])
    concerned = [case for case in CASES.values() if uses(case, table, key)]
    failing = [case["name"] for case in concerned if not holds(case)]
    assert failing, f"no case of formulas.toml notices that {entry_id(entry)} is {hollow}"


def test_every_case_holds_with_nothing_removed() -> None:
    assert [name for name, case in CASES.items() if not holds(case)] == []


def test_every_row_of_a_case_matters() -> None:
    wrong = dict(CASES["a sum"], expect=[200, 200, 0, float("nan"), 1300])
    assert not holds(wrong)


# --- what is refused ------------------------------------------------------------------------


UNREADABLE = {
    "": "公式是空的",
    "=": "公式是空的",
    "=1 +": "公式没有写完",
    "=SUM(1": "少了右括号",
    "={1,2": "少了右括号",
    "=SUM(1))": "多了右括号",
    '="售前': "引号没有成对",
    "={1,2;3}": "各行的个数不一样",
    "={}": "数组 {} 是空的",
    "={任务,1}": "数组 { } 里只能写数字、文字",
    "={1+1}": "数组 { } 里只能写数字、文字",
    "=平均 响应时间": "“响应时间”这里读不懂",
    "=1 // 2": "“/”这里读不懂",
    "=30%达成率": "“达成率”这里读不懂",
    "=#DIV/0!": "公式里有错误值 #DIV/0!",
    "=NaN": "不是数字的数字",
    "=1E400": "不是数字的数字",
    "=inf": "不是数字的数字",
    '="a" & "b"': "公式不支持“&”",
    "=(1,2)": "公式不支持“,”",
    "=@a": "公式不支持“@”",
    "=LAMBDA(x, x)(1)": "公式不支持“Call”",
    "=" + "(" * 200 + "1" + ")" * 200: "公式套得太深",
    "=" + "+".join(["1"] * 1000): "公式太长",
}


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:20])
def test_an_unreadable_formula_says_why(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    message = str(caught.value)
    assert UNREADABLE[text] in message
    assert "Token" not in message
    assert "Parser" not in message


@given(st.text(alphabet="销售a1. +-*/%^=<>(){},;\"'#!:[]&@$\\\n", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except FormulaError:
        return
    assert parse(unparse(node, quoted)) == node


CURVE = Bands(np.array([0.0]), np.array([1.0]), np.array([5.0]), ("[)",))
REFUSED = {
    "=曲线 + 1": "曲线和数组",
    "={1,2} * x": "曲线和数组",
    "=IF(x > 1, 曲线, 0)": "曲线和数组",
    "=曲线": "曲线和数组",
    "=ROUND(x, x)": "ROUND 的小数位",
    "=ROUND(x, 1.5)": "ROUND 的小数位",
    "=ROUND(x, 16)": "ROUND 的小数位",
    "=ROUND(x, -16)": "ROUND 的小数位",
    '=ROUND(x, "a")': "ROUND 的小数位",
    "=KPI_RAET(x, 2)": "没有函数 KPI_RAET",
    "=KPI_RATE(x)": "KPI_RATE：缺少参数",
    '=KPI_SCORE(x, 1, 100, "hihger")': "是不是“higher”",
    "=KPI_SPLIT_COMMISSION(x, 2)": "给出几列数字",
    "=KPI_COMMISSION(x, 2, 曲线)": "首尾相接",  # it ends at 1
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_calculated_is_an_error_and_no_number(text: str) -> None:
    scope = Scope({"x": np.array([1.0, 2.0]), "曲线": CURVE}, 2)
    with pytest.raises(FormulaError) as caught:
        column(evaluate(parse(text), scope), 2)
    assert REFUSED[text] in str(caught.value)


INF = math.inf
OPEN = Bands(
    np.array([0.0, 0.8, 1.0]), np.array([0.8, 1.0, INF]), np.array([0.0, 0.01, 0.012]), ("[)",) * 3
)


@pytest.mark.parametrize(("mode", "paid"), [("whole", 1440.0), ("marginal", 440.0)])
def test_a_curve_of_the_scheme_serves_as_tiers(mode: str, paid: float) -> None:
    scope = Scope({"x": np.array([120000.0, 79999.0]), "曲线": OPEN}, 2)
    text = f'=KPI_COMMISSION(x, 100000, 曲线, "{mode}")'
    assert column(evaluate(parse(text), scope), 2).tolist() == [paid, 0.0]


@pytest.mark.parametrize(
    ("lower", "upper", "edges"),
    [
        pytest.param([-INF, 0.8, 1.0], [0.8, 1.0, INF], ("[)",) * 3, id="no start"),
        pytest.param([0.0, 0.9, 1.0], [0.8, 1.0, INF], ("[)",) * 3, id="a gap"),
        pytest.param([0.0, 0.8, 1.0], [0.8, 1.0, 2.0], ("[)",) * 3, id="an end"),
        pytest.param([0.0, 0.8, 1.0], [0.8, 1.0, INF], ("[)", "[)", "()"), id="without its start"),
        pytest.param([1.0, 0.8, 0.0], [0.8, 0.0, INF], ("[)",) * 3, id="upside down"),
    ],
)
def test_a_curve_that_is_no_tiers_is_refused(
    lower: list[float], upper: list[float], edges: tuple[str, ...]
) -> None:
    curve = Bands(np.array(lower), np.array(upper), OPEN.value, edges)
    scope = Scope({"x": np.array([120000.0]), "曲线": curve}, 1)
    with pytest.raises(FormulaError, match="首尾相接"):
        evaluate(parse("=KPI_COMMISSION(x, 100000, 曲线)"), scope)


def test_a_column_has_one_figure_per_row() -> None:
    assert column(np.array([1.0, 2.0]), 2).tolist() == [1, 2]
    assert column(np.array([7.0]), 2).tolist() == [7, 7]
    assert column(7.0, 2).tolist() == [7, 7]
    for wrong in (np.array([1.0, 2.0, 3.0]), np.ones((2, 2)), np.ones((1, 2))):
        with pytest.raises(FormulaError, match="每行一个"):
            column(wrong, 2)


# --- checking --------------------------------------------------------------------------------


@dataclass
class Words:
    """Names of one level, and those of the people below it."""

    own: tuple[str, ...]
    below: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        return name in self.own

    def knows_below(self, name: str) -> bool:
        return name in self.below

    def all_names(self) -> tuple[str, ...]:
        return self.own + self.below


OWN, BELOW = ("奖金", "人数", "部门完成率", "reply rate"), ("销售额", "任务完成率", "得分")
DEPARTMENT, PERSON = Words(OWN, BELOW), Words(OWN + BELOW)

FINE = [
    "=奖金 * 人数 + SUM(销售额)",
    "=IF(AVERAGE(得分) > 80, 奖金, 0)",
    "=SUM(销售额 * 2 + MAX(得分, 0))",
    "=MAX(奖金, 人数)",
    "=SUM(奖金, 人数)",
    "=KPI_BAND(部门完成率, {0,1;0.5,2})",
    '=IF(奖金 = "", 0, 奖金)',
    "=ROUND(奖金, 2)",
    "='reply rate' + 1",
    '=KPI_SCORE(奖金, 人数, , "越低越好") + KPI_RANK(奖金, "甲") + KPI_RANK_POINTS(奖金, , , , , "无")',
]


@pytest.mark.parametrize("text", FINE)
def test_nothing_is_found_in_a_good_formula(text: str) -> None:
    assert check(parse(text), DEPARTMENT) == []


FOUND = {
    "=奖经 + 1": ("没有“奖经”这个名称", "是不是“奖金”？"),
    "=销售额 + 1": ("“销售额”是每个人的数字", "SUM(销售额)"),
    "=SUM(销售恩)": ("没有“销售恩”这个名称", "是不是“销售额”？"),
    "=B7 + 1": ("没有“B7”这个名称", "不写单元格地址"),
    "=员工!B7": ("没有“员工!B7”这个名称", "不写单元格地址"),
    "=A1:B2": ("没有“A1:B2”这个名称", "不写单元格地址"),
    "=kpi_counts[销售额]": ("这个名称", "不写单元格地址"),
    "=IF（奖金＞1，2，3）": ("没有“IF（奖金＞1，2，3）”这个名称", "要用英文（半角）的"),
    "=完全不同的东西": ("没有“完全不同的东西”这个名称", "要与指标、薪资项、曲线或数据列的名称一致"),
    "=KPI_BND(奖金, {0,1})": ("没有函数 KPI_BND", "是不是 KPI_BAND？"),
    "=SUME(销售额)": ("没有函数 SUME", "是不是 SUM？"),
    "=满意度(5分)": ("没有函数 满意度", "要加单引号"),
    "=OFFSET(1, 2, 3)": ("没有函数 OFFSET", "可用：IF、AND"),
    "=IF(奖金)": ("IF 有 1 个参数", "要 2 至 3 个参数"),
    "=IF(1, 2, 3, 4)": ("IF 有 4 个参数", "要 2 至 3 个参数"),
    "=ABS(奖金, 2)": ("ABS 有 2 个参数", "要 1 个参数"),
    "=ROUND(奖金)": ("ROUND 有 1 个参数", "要 2 个参数"),
    "=MAX()": ("MAX 有 0 个参数", "要 至少 1 个参数"),
    "=KPI_RATE(奖金)": ("KPI_RATE 有 1 个参数", "要 2 个参数"),
    "=KPI_BAND(奖金, {0,1}, 3)": ("KPI_BAND 有 3 个参数", "要 2 个参数"),
    "=KPI_SCORE(奖金)": ("KPI_SCORE 有 1 个参数", "要 2 至 6 个参数"),
    "=IF(奖金 > 1, , 2)": ("IF 的第 2 个参数没有写", '要空白就写 ""'),
    '=KPI_RATE("奖金", 人数)': ("KPI_RATE 的“部分”是文字", "不加引号"),
    "=KPI_RATE(, 奖金)": ("KPI_RATE 缺少“部分”", "补上"),
    "=ROUND(奖金, 人数)": ("ROUND 的小数位", "如 2"),
    '=奖金 < "2026-01-01"': ("“<”不能比较文字", "= 或 <>"),
    "={1,2} + 奖金": ("数组 { } 不能直接计算", "KPI_ 函数的参数"),
    "=-{1,2}": ("数组 { } 不能直接计算", "KPI_ 函数的参数"),
    "=MAX(奖金, {1,2})": ("数组 { } 不能直接计算", "KPI_ 函数的参数"),
    "=SUM(奖金)": ("SUM 里只有一项", "写几项"),
    "=SUM(AVERAGE(得分))": ("合计里面又有 AVERAGE", "单独的薪资项"),
    "=KPI_SPLIT_COMMISSION(奖金, 2)": ("给出几列数字", "只给一列"),
}


@pytest.mark.parametrize("text", FOUND)
def test_a_mistake_is_found_with_its_mending(text: str) -> None:
    what, fix = FOUND[text]
    findings = check(parse(text), DEPARTMENT)
    assert len(findings) == 1, findings
    assert what in findings[0].what
    assert fix in findings[0].fix


def test_sum_of_one_figure_at_person_level_is_no_total() -> None:
    (finding,) = check(parse("=得分 / SUM(得分)"), PERSON)
    assert "SUM 里只有一项" in finding.what
    assert "“部门”一级" in finding.fix


def test_all_mistakes_are_found_at_once_and_each_once() -> None:
    findings = check(parse("=IF(奖经 > 奖经, 销售额, KPI_BND(1)) + ABS()"), DEPARTMENT)
    assert len(findings) == 4
    assert findings[0].names == ("奖经",)
    assert {name for f in findings for name in f.names} == {"奖经", "销售额"}


def problems_of(key: str, **changes: Any) -> list[str]:
    """What the linter says of S01 with one row's formula changed."""
    rows = {k: list(v) for k, v in preset_rows("S01").items()}
    metric_rows = list(preset_metrics())
    library = {"metrics": metric_rows, **rows}[key]
    label = "item" if key == "pay_items" else "metric"
    name = changes.pop("name")
    number = next(n for n, row in enumerate(library) if row.values[label] == name)
    row = library[number]
    library[number] = Row({**row.values, **changes}, {}, row.place)
    return [str(p) for p in lint(make_scheme(rows, metric_rows)) if p.severity == "error"]


def test_the_presets_have_no_formula_mistakes() -> None:
    assert problems_of("pay_items", name="部门奖金") == []


LINTED = {
    "unknown name": ("pay_items", "部门奖金", "=转化律 * 考核系数", "是不是“转化率”？"),
    "person figure bare": ("pay_items", "部门奖金", "=销售额 * 考核系数", "SUM(销售额)"),
    "unknown function": ("pay_items", "任务内提成", "=KPI_BND(任务完成率, 提成内)", "KPI_BAND？"),
    "arguments": ("pay_items", "绩效奖金", "=KPI_POOL_SHARE(考核得分)", "要 2 至 3 个参数"),
    "item cycle": ("pay_items", "考核系数", "=考核奖金X * 2", "循环引用"),
    "item that is itself": (
        "pay_items",
        "部门奖金",
        "=部门奖金 + 1",
        "循环引用：部门奖金 → 部门奖金",
    ),
    "metric cycle": ("metrics", "转化率", "=转化率 * 2", "循环引用：转化率 → 转化率"),
}


@pytest.mark.parametrize("mistake", LINTED)
def test_the_linter_names_the_row_and_the_mending(mistake: str) -> None:
    key, name, formula, words = LINTED[mistake]
    found = problems_of(key, name=name, formula=formula)
    assert any(words in problem for problem in found), found


def test_a_syntax_error_is_a_problem_with_its_cell() -> None:
    with pytest.raises(InputError) as caught:
        problems_of("pay_items", name="部门奖金", formula="=SUM(销售额")
    (problem,) = caught.value.problems
    assert problem.where == "S01 薪资项 4"
    assert "少了右括号" in problem.what
    assert problem.fix


# --- writing back ----------------------------------------------------------------------------

NAMES = st.text(alphabet="销售额任务转化率DSRxy0123_.", min_size=1, max_size=6)
AWKWARD = st.sampled_from(
    ["reply rate", "满意度(5分)", "30%达成率", "it's", "a-b", "TRUE", "12", "1E5", "a,b"]
)
NUMBERS = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
TEXTS = st.text(alphabet='售前a "#1', max_size=5)
CELLS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), TEXTS, st.booleans())
ARRAYS = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=3)
)
LEAVES = st.one_of(
    NUMBERS.map(Literal),
    TEXTS.map(Literal),
    st.booleans().map(Literal),
    ARRAYS.map(Literal),
    st.one_of(NAMES, AWKWARD).map(Name),
)
FUNCTION_NAMES = st.sampled_from([*NATIVE, *FUNCTIONS])


def branches(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(Unary, st.sampled_from(list(UNARY)), inner),
        st.builds(Binary, st.sampled_from(list(BINARY)), inner, inner),
        st.builds(
            Call,
            FUNCTION_NAMES,
            st.lists(st.none() | inner, min_size=2, max_size=4).map(tuple),
        ),
    )


@given(st.recursive(LEAVES, branches, max_leaves=12))
def test_what_is_written_back_reads_as_the_same_formula(node: Any) -> None:
    assert parse(unparse(node, quoted)) == node


def one_in_another() -> Iterator[Any]:
    """Every operator inside every other, on each side."""
    a, b, c = Name("a"), Name("b"), Name("c")
    inner = [Binary(operator, a, b) for operator in BINARY] + [Unary(o, a) for o in UNARY]
    for part in inner:
        yield from (Unary(operator, part) for operator in UNARY)
        for operator in BINARY:
            yield Binary(operator, part, c)
            yield Binary(operator, c, part)


def test_every_operator_inside_every_other_reads_as_the_same_formula() -> None:
    trees = list(one_in_another())
    assert len(trees) == 14 * (3 + 2 * 11)
    assert [unparse(tree) for tree in trees if parse(unparse(tree)) != tree] == []


def test_brackets_stand_only_where_they_are_needed() -> None:
    for text in ("a + b - c", "a * b / c", "a - (b - c)", "(a + b) * c", "-a ^ b", "a% ^ b%",
                 "-(a + b)", "(a + b)%", "a + b = c", "(a = b) + c", "a / (b * c)"):  # fmt: skip
        assert unparse(parse(text)) == text


def test_written_back_with_figures_in_place_of_names() -> None:
    node = parse("=(销售额 - 任务)% * -(x + 1) ^ 2")
    figures = {"销售额": "120", "任务": "100", "x": "3"}
    assert unparse(node, figures.__getitem__) == "(120 - 100)% * -(3 + 1) ^ 2"
    assert list(names_in(node)) == ["销售额", "任务", "x"]


def test_an_array_holds_typed_figures_and_texts() -> None:
    assert parse('={50%,-5;-2%,"x";TRUE,(1)}') == Literal([[0.5, -5.0], [-0.02, "x"], [True, 1.0]])


def test_figures_keep_their_digits() -> None:
    assert unparse(parse("=0.1")) == "0.1"
    assert unparse(parse("=1E22")) == "1e+22"
    assert unparse(parse("=0.30000000000000004")) == "0.30000000000000004"
