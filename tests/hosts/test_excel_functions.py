"""Every worksheet function through xlwings' own dispatcher and converters, as Excel calls it."""

import datetime as dt
import math
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from com_stand_in import ERRORS, MISSING, Excel

from xl_kpi.catalogue import FUNCTIONS, Argument, Rule
from xl_kpi.excel.function_texts import vba_name, wizard_rows
from xl_kpi.excel.function_wrappers import FILE, wrappers
from xl_kpi.excel.functions import MARK

NAMES = sorted(FUNCTIONS)
TEXTS = ("text", "history")


@pytest.fixture(scope="module")
def excel() -> Excel:
    return Excel()


def flat(rows: list[list[Any]]) -> list[Any]:
    return [cell for row in rows for cell in row]


def column(cells: list[Any]) -> list[list[Any]]:
    return [[cell] for cell in cells]


def cell_of(argument: Argument, value: Any) -> Any:
    if argument.kind == "date" and isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    return value


def typed(argument: Argument, value: Any) -> Any:
    """A worked example's argument as cells: columns down, lists and rows across."""
    if not isinstance(value, list):
        return cell_of(argument, value)
    if isinstance(value[0], list):
        return value
    cells = [cell_of(argument, cell) for cell in value]
    return [cells] if argument.shape == "list" else column(cells)


def example(rule: Rule) -> list[Any]:
    given = rule.example.given
    return [typed(a, given[a.key]) if a.key in given else MISSING for a in rule.arguments]


def row_by_row(rule: Rule) -> bool:
    """Whether a row's answer depends on that row alone."""
    return not rule.grouped and all(a.shape in ("column", "scalar", "table") for a in rule.arguments)


def expected(rule: Rule) -> list[list[Any]]:
    return [row if isinstance(row, list) else [row] for row in rule.example.expect]


def assert_same(rows: list[list[Any]], wanted: list[list[Any]]) -> None:
    assert [len(row) for row in rows] == [len(row) for row in wanted]
    for cell, expect in zip(flat(rows), flat(wanted), strict=True):
        assert cell == (pytest.approx(expect, rel=1e-12) if isinstance(expect, float) else expect)


def is_error(cell: Any, kind: str) -> bool:
    return isinstance(cell, str) and cell.startswith(f"{MARK}{kind}{MARK}") and cell[-1] != MARK


# --- the same functions as in the specification -----------------------------------------------


def test_the_wrappers_are_what_xlwings_makes_of_the_functions(excel: Excel) -> None:
    assert FILE.read_text(encoding="ascii") == wrappers()


@pytest.mark.parametrize("name", NAMES)
def test_a_wrapper_has_the_arguments_of_the_catalogue(name: str) -> None:
    arguments = ", ".join(
        f"{'Optional ' if a.optional else ''}{vba_name(a.key)}" for a in FUNCTIONS[name].arguments
    )
    text = FILE.read_text(encoding="ascii")
    assert text.count(f"Function {name}({arguments})\n") == 1


def test_the_wizard_has_a_text_for_every_function_and_argument() -> None:
    rows = {name: rest for name, *rest in wizard_rows()}
    assert set(rows) == {*FUNCTIONS, "KPI_WHY", "KPI_VERSION"}
    for name, rule in FUNCTIONS.items():
        assert len(rows[name]) == 2 + len(rule.arguments)
    assert all(1 <= len(text) <= 255 for row in rows.values() for text in row)


# --- what each function answers ----------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_columns_give_a_column(excel: Excel, name: str) -> None:
    rule = FUNCTIONS[name]
    assert_same(excel.call(name, *example(rule)), expected(rule))


@pytest.mark.parametrize("name", NAMES)
def test_rows_give_a_row(excel: Excel, name: str) -> None:
    rule = FUNCTIONS[name]
    across = [
        [flat(value)] if a.shape in ("column", "groups") and isinstance(value, list) else value
        for a, value in zip(rule.arguments, example(rule), strict=True)
    ]
    wanted = expected(rule)
    if len(wanted[0]) > 1:  # two columns of answers have no place beside a row
        assert is_error(excel.call(name, *across)[0][0], "#VALUE!")
    elif rule.arguments[0].shape not in ("matrix", "list", "scalar"):
        assert_same(excel.call(name, *across), [flat(wanted)])
    else:
        assert_same(excel.call(name, *across), wanted)


@pytest.mark.parametrize("name", [n for n in NAMES if row_by_row(FUNCTIONS[n])])
def test_single_cells_and_typed_values_give_one_value(excel: Excel, name: str) -> None:
    rule = FUNCTIONS[name]
    for row, wanted in enumerate(expected(rule)):
        single = [
            value[row][0] if a.shape == "column" and isinstance(value, list) else value
            for a, value in zip(rule.arguments, example(rule), strict=True)
        ]
        in_cells = [
            [[value]] if a.shape == "column" and value != MISSING else value
            for a, value in zip(rule.arguments, single, strict=True)
        ]
        assert_same(excel.call(name, *single), [wanted])
        assert_same(excel.call(name, *in_cells), [wanted])


@pytest.mark.parametrize("name", NAMES)
def test_arguments_left_out_are_the_preset_ones(excel: Excel, name: str) -> None:
    rule = FUNCTIONS[name]
    given = [
        value if not a.optional else MISSING
        for a, value in zip(rule.arguments, example(rule), strict=True)
    ]
    shorter = [value for value in given if value is not MISSING]
    first = excel.call(name, *given)
    assert first == excel.call(name, *shorter)
    assert not any(isinstance(cell, str) and "缺少参数" in cell for cell in flat(first))


@pytest.mark.parametrize(
    ("bad", "kind"),
    [("#DIV/0!", "#VALUE!"), ("#N/A", "#N/A"), ("abc", "#VALUE!"), (None, "#VALUE!")],
)
@pytest.mark.parametrize("name", [n for n in NAMES if row_by_row(FUNCTIONS[n])])
def test_what_is_wrong_with_one_row_stays_there(
    excel: Excel, name: str, bad: Any, kind: str
) -> None:
    rule = FUNCTIONS[name]
    cells = example(rule)
    cells[0] = [[bad], *cells[0][1:], *([cells[0][0]] if len(cells[0]) == 1 else [])]
    for number, a in enumerate(rule.arguments[1:], 1):
        if a.shape == "column" and isinstance(cells[number], list) and len(cells[number]) == 1:
            cells[number] = cells[number] * 2
    wanted = expected(rule)
    answer = excel.call(name, *cells)
    assert is_error(answer[0][0], kind) or (bad is None and is_error(answer[0][0], "#N/A"))
    assert_same(answer[1:], wanted[1:] or wanted)


def columns_of(rule: Rule) -> list[int]:
    return [number for number, a in enumerate(rule.arguments) if a.shape in ("column", "groups")]


@pytest.mark.parametrize("name", [n for n in NAMES if len(columns_of(FUNCTIONS[n])) > 1])
def test_columns_of_two_and_of_three_rows_are_an_error(excel: Excel, name: str) -> None:
    rule = FUNCTIONS[name]
    cells = example(rule)
    places = columns_of(rule)
    for number in places:
        value = cells[number] if isinstance(cells[number], list) else [["x"]]
        cells[number] = [value[0]] * (3 if number == places[-1] else 2)
    answer = excel.call(name, *cells)
    assert len(answer) == len(answer[0]) == 1
    assert is_error(answer[0][0], "#VALUE!")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("KPI_WEIGHTED", [[[80.0, 90.0, 70.0]], [[0.5, 0.5]]]),
        ("KPI_RATING", [[[80.0, 90.0]], [[0.2, 0.3, 0.5]]]),
        ("KPI_DISCRIMINATION", [[[8.0, 9.0, 10.0]], [[18.0, 20.0]]]),
        ("KPI_SALES_TARGET", [1000, [[5.0, 6.0, 7.0]], [[5.0, 6.0]]]),
        ("KPI_GRADE", [[[90.0], [80.0]], [[0.5, 0.5]], [["S", "A", "B"]]]),
        ("KPI_BAND", [0.5, [[0.0], [1.0]]]),
        ("KPI_STREAK", [[["C", "C"]], [["C", "D"]]]),
        ("KPI_BONUS_POOL", [[[1.0], [2.0]], 0.5, 0.5, 0, 0]),
        ("KPI_ROUND", [2.5, [[1], [2]]]),
    ],
)
def test_wrong_shapes_are_an_error(excel: Excel, name: str, cells: list[Any]) -> None:
    answer = excel.call(name, *cells)
    assert len(answer) == len(answer[0]) == 1
    assert is_error(answer[0][0], "#VALUE!")


# --- what Excel hands over ---------------------------------------------------------------------


def test_an_argument_left_out_in_the_middle_is_not_zero(excel: Excel) -> None:
    # 0.32 of 0.40 of 50 points is 40, whether "better" is said or not.
    assert_same(excel.call("KPI_SCORE", 0.32, 0.4, 50, MISSING, MISSING, 45), [[40.0]])
    assert_same(excel.call("KPI_SCORE", 0.32, 0.4, MISSING, "higher", 85), [[85.0]])


def test_money_formatted_as_currency_is_a_number(excel: Excel) -> None:
    # 350 700 × 0.77 × 0.50 × 1 % = 1350.195
    money = [[Decimal("350700")]]
    assert excel.call("KPI_DEPT_BONUS", money, 0.77, 0.5) == [[1350.20]]


@pytest.mark.parametrize(
    "day", [dt.datetime(2026, 9, 16), dt.datetime(2026, 9, 16, tzinfo=dt.UTC), 46281, "2026-09-16"]
)
def test_dates_arrive_as_days_serial_numbers_or_text(excel: Excel, day: Any) -> None:
    # 15 of 30 days of 6000
    first, last = dt.datetime(2026, 9, 1), dt.datetime(2026, 9, 30)
    assert excel.call("KPI_PRORATE", 6000, [[day]], [[None]], first, last) == [[3000.0]]


def test_truth_values_words_and_error_values_typed_into_the_formula(excel: Excel) -> None:
    assert excel.call("KPI_PASS", 0.98, 0.98, 100, 0, "越高越好", True) == [[0.0]]
    assert excel.call("KPI_PASS", 0.98, 0.98, 100, 0, "higher", False) == [[100.0]]
    (answer,) = excel.call("KPI_RATE", ERRORS["#N/A"] * 1.0, 2)
    assert not is_error(answer[0], "#N/A")  # a number that happens to be large is a number
    assert is_error(excel.call("KPI_RATE", "#REF!", 2)[0][0], "#VALUE!")


def test_an_empty_whole_is_not_available_and_says_why(excel: Excel) -> None:
    rows = excel.call("KPI_RATE", [[1], [2]], [[0], [4]])
    assert is_error(rows[0][0], "#N/A")
    assert rows[1] == [0.5]
    assert "总数为 0" in rows[0][0]


def test_a_result_of_ten_thousand_cells_comes_in_one_call(excel: Excel) -> None:
    rows = excel.call("KPI_RATE", column([float(n) for n in range(10_000)]), 4.0)
    assert [row[0] for row in rows] == [n / 4 for n in range(10_000)]
    assert not any(math.isnan(row[0]) for row in rows)


def test_the_module_that_excel_loads_is_light() -> None:
    code = "import sys, xl_kpi.excel.functions; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "xlwings" in loaded
    heavy = {"ibis", "duckdb", "matplotlib", "formualizer", "xlsxwriter", "openpyxl"}
    assert heavy.isdisjoint(loaded)
