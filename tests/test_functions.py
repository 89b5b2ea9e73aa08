"""The worksheet functions: worked examples through the formula engine, errors, shapes, laws."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_kpi.calling import OMITTED, call_rule
from xl_kpi.catalogue import FUNCTIONS, RULES, Rule
from xl_kpi.errors import KpiError
from xl_kpi.excel.cell_functions import NAMES, Reasons, call, call_function, cells_of_answer
from xl_kpi.excel.engine import evaluate
from xl_kpi.formula_rules import formula_rules
from xl_kpi.tables import CellError

EXAMPLES = tomllib.loads(
    (Path(__file__).parent / "cases" / "worked_examples.toml").read_text("utf-8")
)["example"]
NOT_AVAILABLE, WRONG = CellError("#N/A"), CellError("#VALUE!")


def column(*cells: Any) -> list[list[Any]]:
    return [[cell] for cell in cells]


# --- worked examples -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{n}-{e['rule']}" for n, e in enumerate(EXAMPLES, 1)]
)
def test_worked_example(example: dict[str, Any]) -> None:
    found, reasons = worked_out(example)
    expected = example["expect"]
    assert isinstance(found, list) == isinstance(expected, list)
    for left, right in zip(cells(found), cells(expected), strict=True):
        assert agrees(left, right, example.get("digits")), (found, reasons)


def worked_out(example: dict[str, Any]) -> tuple[Any, Any]:
    """What an example comes to, and the reasons of its errors."""
    if "formula" in example:
        outcome = evaluate(example["formula"])
        return outcome.value, outcome.reasons
    given = example["given"]
    if example["rule"] in RULES:
        rule = RULES[example["rule"]]
        values = [
            [[cell] for cell in given[a.key]] if a.shape in ("column", "groups") else given[a.key]
            for a in rule.arguments
        ]
        outcome = cells_of_answer(rule, call_rule(rule, values))
        return [row[0] for row in outcome.value], outcome.reasons
    rule = dataclasses.replace(
        formula_rules()[example["rule"]], given=given, expect=example["expect"]
    )
    return [NOT_AVAILABLE if np.isnan(x) else x for x in rule.example().tolist()], ""


def cells(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return [value]
    return [cell for row in value for cell in (row if isinstance(row, list) else [row])]


def agrees(found: Any, expected: Any, digits: int | None) -> bool:
    if isinstance(expected, str):
        return expected == (found.text if isinstance(found, CellError) else found)
    if not isinstance(found, float):
        return False
    if digits is not None:
        return math.isclose(found, expected, abs_tol=0.5 * 10.0**-digits, rel_tol=0)
    return math.isclose(found, expected, rel_tol=5e-12, abs_tol=1e-15)


def test_every_function_has_a_worked_example() -> None:
    formulas = " ".join(example.get("formula", "") for example in EXAMPLES)
    assert [name for name in FUNCTIONS if f"{name}(" not in formulas] == []


# What the rule book describes and no single figure can show: seasons and events are dated rows
# (R12), follow-up is a list of people and days (R27), a calibration replaces a value (R46).
WITHOUT_A_FIGURE = {"R12", "R27", "R46"}


def test_every_rule_of_the_rule_book_has_a_worked_example() -> None:
    shown = {example["rule"].split("-")[0] for example in EXAMPLES}
    scoring, ranking, money = range(1, 14), range(20, 29), range(30, 53)
    book = {f"R{n:02}" for n in (*scoring, *ranking, *money)}
    assert book - shown == WITHOUT_A_FIGURE
    assert {rule_id.split("-")[0] for rule_id in (*RULES, *formula_rules())} - shown == set()


# --- one call of every function, four rows each ----------------------------------------------

SALES = column(145_000.0, 55_000.0, 120_000.0, 80_000.0)
TEAMS = column("一店", "一店", "二店", "二店")
RATES = column(0.4, 0.35, 0.33, 0.2)
SAMPLES: dict[str, list[Any]] = {
    "KPI_RATE": [column(1.0, 2.0, 3.0, 4.0), column(4.0, 4.0, 5.0, 5.0)],
    "KPI_GROUP_RATE": [column(1.0, 2.0, 3.0, 4.0), column(4.0, 4.0, 5.0, 5.0), TEAMS],
    "KPI_GROWTH": [column(1.0, 2.0, 3.0, 4.0), column(4.0, 4.0, 5.0, 5.0)],
    "KPI_RESPONSE_TARGET": [column(300.0, 350.0, 420.0, 10.0)],
    "KPI_SCORE": [RATES, column(0.4, 0.4, 0.5, 0.5)],
    "KPI_PASS": [RATES, column(0.4, 0.4, 0.2, 0.2)],
    "KPI_BAND": [RATES, [[0.0, 1.0], [0.3, 2.0], [0.35, 3.0]]],
    "KPI_PENALTY": [RATES, column(0.4, 0.4, 0.2, 0.2), -1.0],
    "KPI_RANK": [RATES, TEAMS],
    "KPI_RANK_POINTS": [RATES, TEAMS],
    "KPI_RATING": [[[80.0, 90.0], [70.0, 60.0], [96.0, 95.0], [50.0, 51.0]], [[0.3, 0.7]]],
    "KPI_WEIGHTED": [[[80.0, 90.0], [70.0, 60.0], [96.0, 95.0], [50.0, 51.0]], [[0.3, 0.7]]],
    "KPI_GRADE": [column(95.0, 80.0, 70.0, 60.0)],
    "KPI_SALES_TARGET": [column(1e5, 2e5, 5e4, 8e4), column(5e4, 4e4, None), column(1e5, 1e5, 9e4)],
    "KPI_STREAK": [[[3.0, 1.0], [1.0, 1.0], [1.0, 3.0], [None, 1.0]], 1.0],
    "KPI_DEPT_COEF": [RATES, column(0.3, 0.4, 0.5, 0.6)],
    "KPI_DEPT_BONUS": [SALES, RATES, column(0.3, 0.4, 0.5, 0.6)],
    "KPI_SPLIT_COMMISSION": [SALES, column(1e5, 1e5, 1e5, 1e5)],
    "KPI_COMMISSION": [SALES, column(1e5, 1e5, 1e5, 1e5), [[0.8, 0.01], [1.0, 0.012]]],
    "KPI_EXCESS_RATE": [column(96.0, 90.0, 80.0, 59.99), column(0.015, 0.015, 0.01, 0.01)],
    "KPI_GRADE_PAY": [column("S", "A", "C", "B"), column(1000.0, 900.0, 800.0, 700.0),
                      column(6000.0, 6000.0, 5000.0, 5000.0)],
    "KPI_RANK_REWARD": [RATES],
    "KPI_POOL_SHARE": [column(40.0, 30.0, 20.0, 10.0), 903.850128],
    "KPI_PRORATE": [column(3000.0, 4000.0, 5000.0, 6000.0), column(46270.0, None, 46200.0, 46280.0),
                    column(None, 46290.0, None, 46300.0), 46266.0, 46295.0],
    "KPI_ROUND": [column(2.675, 1.005, -2.675, 0.125)],
    "KPI_PAY": [[[1.005, 2.0], [3.0, 4.0], [5.0, 0.0], [-1.0, 1.5]]],
}  # fmt: skip
SINGLE = {
    "KPI_BONUS_POOL": [500135.60, 0.47, 0.3955, column(2500.678, None), 0.0, -300.0],
    "KPI_DISCRIMINATION": [column(8.0, 10.0, 12.0), column(18.0, 19.0, 23.0)],
}
GROUPED = {name for name, rule in FUNCTIONS.items() if rule.grouped}
ROW_WISE = sorted(set(SAMPLES) - GROUPED)
DATA_COLUMNS = [
    (name, position)
    for name, sample in SAMPLES.items()
    for position in range(len(sample))
    if FUNCTIONS[name].arguments[position].shape in ("column", "matrix")
    and isinstance(sample[position], list)
]


def test_every_function_is_sampled() -> None:
    assert {*SAMPLES, *SINGLE} == set(FUNCTIONS)
    assert set(NAMES) == {*FUNCTIONS, "KPI_VERSION", "KPI_WHY"}
    for name, sample in {**SAMPLES, **SINGLE}.items():
        assert call(name, sample).reasons == {}


def with_cell(value: list[list[Any]], row: int, cell: Any) -> list[list[Any]]:
    return [[cell, *cells[1:]] if i == row else cells for i, cells in enumerate(value)]


def errors(value: Any) -> list[str]:
    return [
        next((cell.text for cell in row if isinstance(cell, CellError)), "") for row in value
    ]


@pytest.mark.parametrize(("cell", "kind"), [("文字", "#VALUE!"), (True, "#VALUE!"),
                                            (CellError("#DIV/0!"), "#VALUE!"),
                                            (CellError("#N/A"), "#N/A")])  # fmt: skip
@pytest.mark.parametrize(("name", "position"), DATA_COLUMNS)
def test_an_error_in_one_row_stays_there(name: str, position: int, cell: Any, kind: str) -> None:
    sample = list(SAMPLES[name])
    if FUNCTIONS[name].arguments[position].kind == "history" and cell == "文字":
        cell = dt.date(2026, 10, 1)  # a text is no error there
    sample[position] = with_cell(sample[position], 2, cell)
    outcome = call(name, sample)
    assert errors(outcome.value) == ["", "", kind, ""]
    assert {row for row, _ in outcome.reasons} == {2}
    argument = FUNCTIONS[name].arguments[position]
    reason = outcome.reasons[2, 0]
    shown = cell.text if isinstance(cell, CellError) else str(cell)
    assert shown in reason
    assert isinstance(cell, CellError) or argument.zh in reason
    if name in ROW_WISE:
        whole = call(name, SAMPLES[name]).value
        assert [r for i, r in enumerate(outcome.value) if i != 2] == [
            r for i, r in enumerate(whole) if i != 2
        ]  # fmt: skip


@pytest.mark.parametrize(("name", "position"), DATA_COLUMNS)
def test_a_blank_is_missing_and_not_zero(name: str, position: int) -> None:
    argument = FUNCTIONS[name].arguments[position]
    sample = list(SAMPLES[name])
    sample[position] = with_cell(sample[position], 2, None)
    if argument.shape == "matrix":  # what is present counts; a row without anything has no value
        sample[position][2] = [None] * len(sample[position][2])
    if argument.blank:
        assert errors(call(name, sample).value) == [""] * 4
        return
    outcome = call(name, sample)
    assert errors(outcome.value) == ["", "", "#N/A", ""]
    assert argument.shape == "matrix" or "空白" in outcome.reasons[2, 0]


@pytest.mark.parametrize("name", sorted(GROUPED - {"KPI_POOL_SHARE"}))
def test_a_row_of_no_group_has_no_value(name: str) -> None:
    position = next(i for i, a in enumerate(FUNCTIONS[name].arguments) if a.key == "groups")
    sample = list(SAMPLES[name]) + [OMITTED] * (position - len(SAMPLES[name]))
    sample[position:] = [with_cell(TEAMS, 2, None)]
    outcome = call(name, sample)
    assert errors(outcome.value) == ["", "", "#N/A", ""]
    assert "分组" in outcome.reasons[2, 0]


@pytest.mark.parametrize(
    ("name", "args", "row_errors"),
    [
        ("KPI_RATE", [column(-1.0, 1.0), column(2.0, 0.0)], ["#VALUE!", "#N/A"]),
        ("KPI_SCORE", [column(1.0, 1.0, 1.0), column(0.0, -1.0, 2.0)], ["#VALUE!", "#VALUE!", ""]),
        ("KPI_BAND", [column(-1.0, 1.0), [[0.0, 5.0]]], ["#N/A", ""]),
        ("KPI_SPLIT_COMMISSION", [column(5.0, 5.0), column(0.0, 1.0)], ["#VALUE!", ""]),
        ("KPI_GROWTH", [column(5.0, 5.0), column(0.0, 1.0)], ["#N/A", ""]),
        ("KPI_RESPONSE_TARGET", [column(-5.0, 5.0)], ["#VALUE!", ""]),
        ("KPI_PRORATE", [column(5.0, 5.0), column(46270.0, 46270.0), column(46269.0, 46271.0),
                         46266.0, 46295.0], ["#VALUE!", ""]),
        ("KPI_PRORATE", [column(5.0, 5.0), column("2026-09-08", "八月"), None, 46266.0, 46295.0],
         ["", "#VALUE!"]),
    ],
)  # fmt: skip
def test_out_of_range_or_nothing_to_divide_by(
    name: str, args: list[Any], row_errors: list[str]
) -> None:
    assert errors(call(name, args).value) == row_errors


BAD_CALLS: dict[str, tuple[str, list[Any], CellError]] = {
    "no such option": ("KPI_SCORE", [1.0, 1.0, 100.0, "highest"], WRONG),
    "blank option": ("KPI_SCORE", [1.0, 1.0, 100.0, None], NOT_AVAILABLE),
    "blank figure": ("KPI_SCORE", [1.0, 1.0, None], NOT_AVAILABLE),
    "range as a figure": ("KPI_SCORE", [RATES, RATES, RATES], WRONG),
    "cap below floor": ("KPI_SCORE", [1.0, 1.0, 100.0, "higher", 60.0, 50.0], WRONG),
    "no flag": ("KPI_PASS", [1.0, 1.0, 100.0, 0.0, "higher", "是"], WRONG),
    "missing argument": ("KPI_RATE", [1.0], WRONG),
    "left out": ("KPI_RATE", [OMITTED, 1.0], WRONG),
    "too many arguments": ("KPI_RATE", [1.0, 2.0, 3.0], WRONG),
    "lengths differ": ("KPI_RATE", [RATES, column(1.0, 2.0)], WRONG),
    "row beside column": ("KPI_RATE", [RATES, [[1.0, 2.0, 3.0, 4.0]]], WRONG),
    "too few weights": ("KPI_RATING", [[[1.0, 2.0]], [[1.0]]], WRONG),
    "negative weight": ("KPI_WEIGHTED", [[[1.0, 2.0]], [[1.0, -1.0]]], WRONG),
    "blank weight": ("KPI_WEIGHTED", [[[1.0, 2.0]], [[1.0, None]]], NOT_AVAILABLE),
    "weights of nothing": ("KPI_WEIGHTED", [[[1.0, 2.0]], [[0.0, 0.0]]], NOT_AVAILABLE),
    "required score": ("KPI_WEIGHTED", [[[1.0, None]], [[0.5, 0.5]], "error"], NOT_AVAILABLE),
    "shares not 100 %": ("KPI_GRADE", [RATES, [[0.1, 0.2]], [["A", "B"]]], WRONG),
    "grades and shares": ("KPI_GRADE", [RATES, [[0.5, 0.5]]], WRONG),
    "a gain as penalty": ("KPI_PENALTY", [1.0, 2.0, 3.0], WRONG),
    "overlapping bands": ("KPI_BAND", [1.0, [[0.0, 2.0, 1.0], [1.0, 3.0, 2.0]]], WRONG),
    "shared edge": ("KPI_BAND", [1.0, [[0.0, 1.0, 1.0, "[]"], [1.0, 3.0, 2.0, "[)"]]], WRONG),
    "unknown edges": ("KPI_BAND", [1.0, [[0.0, 1.0, 1.0, "<>"]]], WRONG),
    "band upside down": ("KPI_BAND", [1.0, [[2.0, 1.0, 1.0]]], WRONG),
    "bands unsorted": ("KPI_BAND", [1.0, [[2.0, 1.0], [0.0, 2.0]]], WRONG),
    "band without value": ("KPI_BAND", [1.0, [[0.0, 1.0, None]]], WRONG),
    "no bands": ("KPI_BAND", [1.0, [[None, None]]], NOT_AVAILABLE),
    "tiers unsorted": ("KPI_SPLIT_COMMISSION", [1.0, 1.0, [[0.6, 1.0], [0.0, 2.0]]], WRONG),
    "tiers of one column": ("KPI_SPLIT_COMMISSION", [1.0, 1.0, [[0.6], [0.0]]], WRONG),
    "commission of a block": ("KPI_SPLIT_COMMISSION", [[[1.0, 2.0]], 1.0], WRONG),
    "several pools": ("KPI_POOL_SHARE", [column(1.0, 2.0), column(5.0, 6.0)], WRONG),
    "negative pool": ("KPI_POOL_SHARE", [1.0, -5.0], WRONG),
    "total of 0": ("KPI_POOL_SHARE", [1.0, 5.0, 0.0], WRONG),
    "blank total": ("KPI_POOL_SHARE", [1.0, 5.0, None], NOT_AVAILABLE),
    "no past month": ("KPI_SALES_TARGET", [1e5, [[None]], [[None]]], NOT_AVAILABLE),
    "no month with both": ("KPI_SALES_TARGET", [1e5, [[1.0, None]], [[None, 2.0]]], NOT_AVAILABLE),
    "a month without views": ("KPI_SALES_TARGET", [1e5, 5e4, 0.0], NOT_AVAILABLE),
    "months differ": ("KPI_SALES_TARGET", [1e5, [[1.0, 2.0]], [[1.0, 2.0, 3.0]]], WRONG),
    "service months differ": ("KPI_SALES_TARGET", [1e5, [[1.0, 2.0]], [[1.0, 2.0]], 5.0], WRONG),
    "months of several shops": ("KPI_SALES_TARGET", [1e5, [[1.0, 2.0]] * 2, [[1.0, 2.0]] * 2],
                                WRONG),
    "sales below zero": ("KPI_SALES_TARGET", [1e5, -5.0, 5.0], WRONG),
    "streak of nothing": ("KPI_STREAK", [[["C"]], None], NOT_AVAILABLE),
    "streak of TRUE": ("KPI_STREAK", [[["C"]], True], WRONG),
    "above a text": ("KPI_STREAK", [[["C"]], "C", ">="], WRONG),
    "no such test": ("KPI_STREAK", [[["C"]], "C", ">"], WRONG),
    "one person": ("KPI_DISCRIMINATION", [8.0, 20.0], NOT_AVAILABLE),
    "no spread": ("KPI_DISCRIMINATION", [[[8.0, 8.0, 8.0]], [[18.0, 19.0, 23.0]]], NOT_AVAILABLE),
    "no rest": ("KPI_DISCRIMINATION", [[[8.0, 9.0]], [[8.0, 9.0]]], NOT_AVAILABLE),
    "totals of others": ("KPI_DISCRIMINATION", [[[8.0, 9.0]], [[8.0, 9.0, 10.0]]], WRONG),
    "a text as score": ("KPI_DISCRIMINATION", [[[8.0, "九"]], [[18.0, 19.0]]], WRONG),
    "no tiers": ("KPI_COMMISSION", [1.0, 1.0], WRONG),
    "tiers of three columns": ("KPI_COMMISSION", [1.0, 1.0, [[0.8, 1.0, 0.01]]], WRONG),
    "tiers with a gap": (
        "KPI_COMMISSION",
        [1.0, 1.0, [[0.8, 0.9, 0.01, "[)"], [1.0, None, 0.012, "[)"]]],
        WRONG,
    ),
    "sales of less than nothing": ("KPI_COMMISSION", [-1.0, 1.0, [[0.8, 0.01]]], WRONG),
    "no target": ("KPI_COMMISSION", [1.0, 0.0, [[0.8, 0.01]]], WRONG),
    "score in no band": ("KPI_EXCESS_RATE", [50.0, 0.01, [[60.0, None, 0.0, "[)"]]], NOT_AVAILABLE),
    "negative rate": ("KPI_EXCESS_RATE", [50.0, -0.01], WRONG),
    "no points for none": ("KPI_BAND", [50.0, [[None, 60.0, "none", "[)"]]], WRONG),
    "no such grade": ("KPI_GRADE_PAY", ["D", 1.0, 1.0], WRONG),
    "grade twice": ("KPI_GRADE_PAY", ["S", 1.0, 1.0, 0.0, [["S", 1.0, 0.0], ["s", 2.0, 0.0]]],
                    WRONG),
    "grade without coefficient": ("KPI_GRADE_PAY", ["S", 1.0, 1.0, 0.0, [["S", None, 0.0]]], WRONG),
    "grade table of two columns": ("KPI_GRADE_PAY", ["S", 1.0, 1.0, 0.0, [["S", 1.0]]], WRONG),
    "negative base pay": ("KPI_GRADE_PAY", ["S", 1.0, -1.0], WRONG),
    "reward of a fortune": ("KPI_RANK_REWARD", [1.0, 1e12], WRONG),
    "reward of blank": ("KPI_RANK_REWARD", [1.0, None], NOT_AVAILABLE),
    "half a digit": ("KPI_ROUND", [1.0, 1.5], WRONG),
    "99 digits": ("KPI_ROUND", [1.0, 99.0], WRONG),
    "period upside down": ("KPI_PRORATE", [1.0, None, None, 46295.0, 46266.0], WRONG),
    "no working day": ("KPI_PRORATE", [1.0, None, None, 46270.0, 46271.0, "working"],
                       NOT_AVAILABLE),
    "no date": ("KPI_PRORATE", [1.0, None, None, -3.0, 46266.0], WRONG),
    "blank commissions": ("KPI_BONUS_POOL", [1.0, 1.0, 1.0, [[None]], 0.0], NOT_AVAILABLE),
    "version of": ("KPI_VERSION", [1.0], WRONG),
    "why nothing": ("KPI_WHY", [], WRONG),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CALLS)
def test_a_wrong_call_says_why(case: str) -> None:
    name, args, error = BAD_CALLS[case]
    outcome = call(name, args)
    found = {cell for cell in cells(outcome.value) if isinstance(cell, CellError)}
    assert found == {error}
    assert len(next(iter(outcome.reasons.values()))) >= 5


def test_a_misspelt_option_is_guessed() -> None:
    assert "“higher”" in call("KPI_SCORE", [1.0, 1.0, 100.0, "highr"]).reasons[0, 0]
    with pytest.raises(KpiError, match="KPI_SCORE"):
        call("KPI_SCOER", [])


def test_a_result_too_large_is_an_error() -> None:
    assert call_function("KPI_RATE", [1e308, 1e-308]) == WRONG


# --- options, names, reasons -----------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_options_in_chinese_are_those_in_english(name: str) -> None:
    rule = FUNCTIONS[name]
    sample = {**SAMPLES, **SINGLE}[name]
    for position, argument in enumerate(rule.arguments):
        answers: dict[str, set[str]] = {}
        for word, option in argument.choices.items():
            args = [*sample, *[OMITTED] * (position - len(sample))][:position]
            answer = call_function(name, [*args, word])
            assert not [c for c in cells(answer) if isinstance(c, CellError)]
            answers.setdefault(option, set()).add(repr(answer))
        assert all(len(given) == 1 for given in answers.values())


def test_names_and_options_in_any_case() -> None:
    assert call_function("kpi_score", [20.0, 15.0, 20.0, " LOWER "]) == 15.0
    assert call_function("KPI_RANK_POINTS", [RATES, OMITTED, OMITTED, OMITTED, OMITTED, "无", "NONE"]
                         ) == column(3.0, 2.0, 1.0, 0.0)  # fmt: skip


def test_a_left_out_argument_takes_the_policy_figure() -> None:
    assert call_function("KPI_SCORE", [20.0, 15.0, OMITTED, "lower"]) == 75.0
    assert call_function("KPI_SCORE", [30.0, 15.0, 20.0, OMITTED]) == 20.0


def test_why_gives_the_reason_of_each_cell() -> None:
    reasons = evaluate('=KPI_WHY(KPI_RATE({1;2;"三"},{2;0;4}))').value
    assert reasons[0] == [""]
    assert "总数为 0" in reasons[1][0]
    assert "部分" in reasons[2][0]
    assert "三" in reasons[2][0]
    assert call_function("KPI_WHY", [CellError("#DIV/0!")]) == ""
    assert call_function("KPI_WHY", [5.0]) == ""


def test_a_reason_passes_through_other_functions() -> None:
    outcome = evaluate("=KPI_SCORE(KPI_RATE({1;1},{0;4}),0.5)")
    assert outcome.value == column(NOT_AVAILABLE, 50.0)
    assert "总数为 0" in outcome.reasons[0, 0]


def test_reasons_are_forgotten_with_the_formula_that_gave_them() -> None:
    reasons = Reasons()
    reasons.remember(("表", 2, 3), {(0, 0): "甲", (4, 1): "乙"})
    reasons.remember(("表", 20, 3), {(0, 0): "丙"})
    assert reasons.why(("表", 6, 4)) == "乙"
    assert reasons.why(("别的", 6, 4)) == ""
    reasons.remember(("表", 2, 3), {(1, 0): "丁"})
    assert [reasons.why(("表", row, 3)) for row in (2, 3, 20)] == ["", "丁", "丙"]
    assert reasons.why(("表", 6, 4)) == ""


def test_version_is_text() -> None:
    version = call_function("KPI_VERSION", [])
    assert isinstance(version, str)
    assert version


# --- shapes ----------------------------------------------------------------------------------

SHAPED = [name for name in ROW_WISE if all(
    a.shape != "matrix" for a in FUNCTIONS[name].arguments) and name != "KPI_SPLIT_COMMISSION"]  # fmt: skip


def reshaped(sample: list[Any], rule: Rule, rows: int) -> list[Any]:
    return [
        np.array(value, dtype=object).reshape(rows, -1).tolist()
        if rule.arguments[i].shape == "column" and isinstance(value, list) else value
        for i, value in enumerate(sample)
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*SHAPED, "KPI_RANK", "KPI_RANK_POINTS", "KPI_GRADE"])
def test_a_result_has_the_shape_of_its_ranges(name: str) -> None:
    rule = FUNCTIONS[name]
    sample = [v for v, a in zip(SAMPLES[name], rule.arguments, strict=False) if a.shape != "groups"]
    flat = cells(call_function(name, sample))
    assert len(flat) == 4
    for rows in (1, 2, 4):
        answer = call_function(name, reshaped(sample, rule, rows))
        assert np.array(answer, dtype=object).shape == (rows, 4 // rows)
        assert cells(answer) == flat


@pytest.mark.parametrize("name", SHAPED)
def test_a_single_cell_gives_a_single_value_and_serves_every_row(name: str) -> None:
    rule, sample = FUNCTIONS[name], SAMPLES[name]
    is_data = [rule.arguments[i].shape == "column" for i in range(len(sample))]
    first = [v[0][0] if d and isinstance(v, list) else v for v, d in zip(sample, is_data, strict=True)]
    value = call_function(name, first)
    assert not isinstance(value, list)
    assert value == call_function(name, sample)[0][0]
    mixed = [sample[0], *first[1:]]
    assert call_function(name, mixed)[0][0] == value
    assert len(call_function(name, mixed)) == 4


def test_a_matrix_gives_one_value_a_row() -> None:
    assert call_function("KPI_RATING", [[[80.0, 90.0]], [[0.3, 0.7]]]) == 87.0
    assert call_function("KPI_PAY", [column(1.0, 2.0)]) == column(1.0, 2.0)
    assert call_function("KPI_PAY", [5.125]) == 5.13
    assert call_function("KPI_SPLIT_COMMISSION", [145000.0, 100000.0]) == [[800.0, 450.0]]


def test_weights_may_stand_in_a_column() -> None:
    assert call_function("KPI_RATING", [[[80.0, 90.0]], column(0.3, 0.7)]) == 87.0


# --- laws ------------------------------------------------------------------------------------


def random_sample(name: str, rng: np.random.Generator, rows: int) -> list[Any]:
    """The sample's arguments with rows drawn from it and shaken."""
    sample: list[Any] = []
    for value, argument in zip(SAMPLES[name], FUNCTIONS[name].arguments, strict=False):
        if argument.shape not in ("column", "matrix", "groups") or not isinstance(value, list):
            sample.append(value)
            continue
        picked = [list(value[i]) for i in rng.integers(0, 4, rows)]
        if argument.shape != "groups":
            digits = 0 if argument.kind == "date" else 3
            picked = [
                [cell if cell is None or isinstance(cell, str)
                 else round(cell * rng.uniform(0.999, 1.001), digits) for cell in row]
                for row in picked
            ]  # fmt: skip
        sample.append(picked)
    return sample


def rows_of(sample: list[Any], order: Any, rows: int) -> list[Any]:
    return [
        [value[i] for i in order] if isinstance(value, list) and len(value) == rows else value
        for value in sample
    ]


@pytest.mark.parametrize("name", ROW_WISE)
def test_row_by_row_is_all_at_once(name: str) -> None:
    rng = np.random.default_rng(11)
    sample = random_sample(name, rng, 200)
    whole = call_function(name, sample)
    for row in range(200):
        alone = call_function(name, rows_of(sample, [row], 200))
        assert (alone if isinstance(alone, list) else [[alone]]) == [whole[row]]


SHARED_BY_ROSTER = {"KPI_POOL_SHARE", "KPI_RANK_REWARD"}  # C2: the odd cent goes by the roster


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - SHARED_BY_ROSTER))
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    rng = np.random.default_rng(12)
    sample = random_sample(name, rng, 300)
    order = rng.permutation(300)
    whole = call_function(name, sample)
    assert call_function(name, rows_of(sample, order, 300)) == [whole[i] for i in order]


def test_a_share_moves_by_no_more_than_a_cent_with_the_order_of_rows() -> None:
    rng = np.random.default_rng(13)
    scores = column(*rng.integers(0, 30, 300).astype(float).tolist())
    order = rng.permutation(300)
    here = np.ravel(call_function("KPI_POOL_SHARE", [scores, 1234.56]))[order]
    there = np.ravel(call_function("KPI_POOL_SHARE", [[scores[i] for i in order], 1234.56]))
    assert np.abs(here - there).max() < 0.0101
    assert round(here.sum() * 100) == round(there.sum() * 100) == 123456


amounts = st.floats(min_value=-1e6, max_value=1e6)
positive = st.floats(min_value=1e-6, max_value=1e6)
LAWS = settings(deadline=None, derandomize=True, max_examples=100)


@given(amounts, amounts, positive, st.sampled_from(["higher", "lower"]), st.booleans())
@LAWS
def test_a_better_value_never_scores_less(
    one: float, other: float, target: float, better: str, strict: bool
) -> None:
    worse, best = sorted((one, other), reverse=better == "lower")
    calls = (
        ("KPI_SCORE", [target, 100.0, better, -20.0, 130.0]),
        ("KPI_PASS", [target, 100.0, 0.0, better, strict]),
        ("KPI_PENALTY", [target, -3.0, better]),
    )
    for name, rest in calls:
        assert call_function(name, [worse, *rest]) <= call_function(name, [best, *rest])


@given(
    st.lists(amounts, min_size=2, max_size=6, unique_by=lambda x: float(f"{x:.11e}")),
    st.lists(amounts, min_size=2, max_size=20),
)
@LAWS
def test_rising_bands_never_pay_less_for_more(edges: list[float], values: list[float]) -> None:
    bands = [[edge, float(i)] for i, edge in enumerate(sorted(edges))]
    bands[0][0] = -1e7
    values = sorted([*values, *edges])
    points = [row[0] for row in call_function("KPI_BAND", [column(*values), bands])]
    assert points == sorted(points)


@given(
    st.lists(st.integers(0, 50).map(lambda n: n / 50), min_size=2, max_size=12),
    st.integers(0, 11), st.floats(0, 1), st.sampled_from(["higher", "lower"]),
)  # fmt: skip
@LAWS
def test_nobody_loses_rank_points_by_doing_better(
    values: list[float], who: int, gain: float, better: str
) -> None:
    who %= len(values)
    changed = list(values)
    changed[who] += gain if better == "higher" else -gain
    options = [OMITTED, OMITTED, OMITTED, better]
    before = call_function("KPI_RANK_POINTS", [column(*values), *options])
    after = call_function("KPI_RANK_POINTS", [column(*changed), *options])
    assert after[who][0] >= before[who][0]
    order = sorted(range(len(values)), key=lambda i: values[i], reverse=better == "lower")
    points = [before[i][0] for i in order]
    assert points == sorted(points)


@given(
    st.lists(st.integers(-50, 400).map(lambda n: n / 4), min_size=1, max_size=40),
    st.integers(0, 10_000_000).map(lambda n: n / 1000),
)
@LAWS
def test_a_pool_is_used_up_exactly(scores: list[float], pool: float) -> None:
    shares = np.ravel(call_function("KPI_POOL_SHARE", [column(*scores), pool]))
    expected = round(call_function("KPI_ROUND", [pool]) * 100) if max(scores) > 0 else 0
    assert int(np.rint(shares * 100).sum()) == expected
    assert (shares >= 0).all()
    assert all(share == 0 for share, score in zip(shares, scores, strict=True) if score <= 0)


@given(
    st.lists(st.integers(60, 66).map(float), min_size=1, max_size=20),
    st.integers(0, 30_000), st.integers(-30_000, 0), st.sampled_from(["higher", "lower"]),
)  # fmt: skip
@LAWS
def test_a_rank_reward_is_shared_exactly(
    values: list[float], first: int, last: int, better: str
) -> None:
    rewards = np.ravel(
        call_function("KPI_RANK_REWARD", [column(*values), first / 100, last / 100, better])
    )
    best, worst = (max(values), min(values)) if better == "higher" else (min(values), max(values))
    cents = np.rint(rewards * 100).astype(int)
    assert sum(c for c, v in zip(cents, values, strict=True) if v == best) == first
    assert cents.sum() == first + (last if worst != best else 0)
    assert not any(c for c, v in zip(cents, values, strict=True) if v not in (best, worst))
    for place in (best, worst):
        shares = [c for c, v in zip(cents, values, strict=True) if v == place]
        assert max(shares) - min(shares) <= 1


TIERS = [[0.0, 0.004], [0.8, 0.01], [1.0, 0.012], [1.2, 0.015]]


def test_tiers_can_be_written_as_a_curve() -> None:
    curve = [[0.8, 1.0, 0.01, "[)"], [1.0, 1.2, 0.012, "[)"], [1.2, None, 0.015, "[)"]]
    for sales, paid in ((125000.0, 1875.0), (79999.0, 0.0), (80000.0, 800.0), (100000.0, 1200.0)):
        assert call_function("KPI_COMMISSION", [sales, 1e5, curve]) == paid


@given(st.lists(st.floats(0, 3e5), min_size=2, max_size=20), st.floats(1e3, 2e5),
       st.sampled_from(["whole", "marginal"]))  # fmt: skip
@LAWS
def test_rising_tiers_never_pay_less_for_more(
    amounts: list[float], target: float, mode: str
) -> None:
    paid = np.ravel(call_function("KPI_COMMISSION", [column(*sorted(amounts)), target, TIERS, mode]))
    assert (np.diff(paid) >= 0).all()
    whole = np.ravel(call_function("KPI_COMMISSION", [column(*sorted(amounts)), target, TIERS]))
    assert (paid <= whole).all()  # a slice never earns more than the best rate


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 70)), min_size=2, max_size=25)
)
@LAWS
def test_discrimination_is_a_correlation(people: list[tuple[int, int]]) -> None:
    scores, rests = (np.array(figures, dtype=float) for figures in zip(*people, strict=True))
    found = call_function("KPI_DISCRIMINATION", [column(*scores), column(*(scores + rests))])
    if np.ptp(scores) == 0 or np.ptp(rests) == 0:
        assert found == NOT_AVAILABLE
        return
    assert found == pytest.approx(np.corrcoef(scores, rests)[0, 1], abs=1e-9)
    backwards = [column(*scores[::-1]), column(*(scores + rests)[::-1])]
    assert call_function("KPI_DISCRIMINATION", backwards) == found


@given(
    st.lists(st.integers(0, 400).map(lambda n: n / 4), min_size=1, max_size=40),
    st.integers(0, 10_000_000).map(lambda n: n / 1000), st.integers(1, 500).map(float),
)  # fmt: skip
@LAWS
def test_a_pool_with_a_total_is_not_overspent(
    scores: list[float], pool: float, total: float
) -> None:
    shares = np.ravel(call_function("KPI_POOL_SHARE", [column(*scores), pool, total]))
    assert shares.sum() <= call_function("KPI_ROUND", [pool]) + 0.005 * len(scores) + 1e-9
    if sum(scores) > total:
        assert round(shares.sum(), 2) == call_function("KPI_ROUND", [pool])


junk = st.one_of(
    st.none(), st.booleans(), st.text(max_size=4), st.floats(), st.integers(-(10**6), 10**6),
    st.sampled_from([CellError("#N/A"), CellError("#REF!"), OMITTED, "higher", "none", "[)", ""]),
)  # fmt: skip
ranges = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(junk.filter(lambda cell: cell is not OMITTED), min_size=shape[1],
                 max_size=shape[1]),
        min_size=shape[0], max_size=shape[0],
    )
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@given(args=st.lists(st.one_of(junk, ranges), max_size=9))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_whatever_is_typed_gives_values_or_errors_with_reasons(name: str, args: list[Any]) -> None:
    outcome = call(name, args)
    wrong = [cell for cell in cells(outcome.value) if isinstance(cell, CellError)]
    assert {cell.text for cell in wrong} <= {"#VALUE!", "#N/A"}
    assert len(outcome.reasons) == len(wrong)
    assert all(outcome.reasons.values())
    for cell in cells(outcome.value):
        assert isinstance(cell, str | CellError) or math.isfinite(cell)


@pytest.mark.parametrize("name", sorted(SAMPLES))
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=40)
def test_any_cell_of_a_sound_call_may_be_junk(name: str, data: st.DataObject) -> None:
    sample = [[list(row) for row in value] if isinstance(value, list) else value
              for value in SAMPLES[name]]  # fmt: skip
    position = data.draw(st.integers(0, len(sample) - 1))
    cell = data.draw(junk.filter(lambda cell: cell is not OMITTED))
    if isinstance(sample[position], list):
        row = data.draw(st.integers(0, len(sample[position]) - 1))
        sample[position][row][0] = cell
    else:
        sample[position] = cell
    outcome = call(name, sample)
    for value in cells(outcome.value):
        assert isinstance(value, str | CellError) or math.isfinite(value)


# --- weight ----------------------------------------------------------------------------------


def test_the_functions_load_without_heavy_libraries() -> None:
    code = "import sys, xl_kpi.excel.cell_functions; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pandas", "formualizer", "xlwings", "xlsxwriter", "openpyxl", "python_calamine"}
    assert "numpy" in loaded
    assert heavy.isdisjoint(loaded)
