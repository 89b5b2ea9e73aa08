"""Dated rows: two in force at once, or none, on days other than the one calculated."""

import datetime as dt

import pytest
from lint_schemes import PAID, SCORED, bands, indicator, linear, pay, rows, said

from xl_kpi.lint import dated_problems

OCTOBER = dt.date(2026, 10, 31)


def day(text):
    return dt.date.fromisoformat(text)


def dated(row, start=None, end=None):
    """A row with its days of validity."""
    limits = {"valid_from": start and day(start), "valid_to": end and day(end)}
    return row | {key: value for key, value in limits.items() if value}


def found(**tables):
    return said(dated_problems(rows(**tables), OCTOBER))


REPLIES = linear("回复率", "90%")


@pytest.mark.parametrize(
    ("table", "row", "name"),
    [
        ("indicators", REPLIES, "指标“回复率”"),
        ("pay_items", PAID, "薪资项“提成”"),
        ("grades", {"grade": "S", "share": 1}, "等级“S”"),
    ],
)
def test_two_rows_in_force_together_in_another_month(table, row, name):
    both = {table: [dated(row, end="2026-12-31"), dated(row, start="2026-12-01")]}

    assert found(**both) == [
        ("warning", f"{table} 2 valid_from",
         f"{name}在 2026-12-01 至 2026-12-31 有两行同时生效（另一行在 {table} 1 {next(iter(row))}）"),
    ]  # fmt: skip


def test_rows_that_follow_each_other_are_right():
    following = [dated(REPLIES, end="2026-11-30"), dated(REPLIES, start="2026-12-01")]
    assert found(indicators=following) == []


def test_rows_of_the_same_metric_under_other_names_are_right():
    assert found(
        indicators=[dated(REPLIES, end="2026-12-31"),
                    dated(REPLIES | {"name": "另一行"}, start="2026-12-01")]
    ) == []  # fmt: skip


def test_rows_in_force_together_on_the_day_stop_the_run_elsewhere():
    together = [dated(REPLIES, end="2026-12-31"), dated(REPLIES, start="2026-10-01")]
    assert found(indicators=together) == []


def test_an_open_end_overlaps_for_ever():
    together = [dated(REPLIES, start="2027-01-01"), dated(REPLIES, start="2027-03-01"), SCORED]
    assert "2027-03-01 至 以后" in found(indicators=together)[0][2]


@pytest.mark.parametrize(
    ("table", "row", "name"),
    [
        ("indicators", REPLIES, "指标“回复率”"),
        ("curves", bands("率", (0, None, 1))[0], "曲线“率”"),
        ("pay_items", PAID, "薪资项“提成”"),
    ],
)
def test_days_without_a_row(table, row, name):
    rows = {table: [dated(row, end="2026-10-31"), dated(row, start="2026-12-01")]}

    assert found(**rows) == [
        ("warning", f"{table} 2 valid_from", f"{name}在 2026-11-01 至 2026-11-30 没有一行生效"),
    ]


def test_the_bands_of_a_curve_are_in_force_together():
    curve = [dated(row, end="2026-12-31") for row in bands("率", (0, 1, 1), (1, None, 2))]
    curve += [dated(row, start="2027-01-01") for row in bands("率", (0, 2, 1), (2, None, 2))]
    assert found(curves=curve) == []


def test_a_row_that_is_in_force_throughout_leaves_no_day_out():
    rows = [dated(REPLIES, end="2026-10-31"), dated(REPLIES, start="2026-12-01"),
            dated(REPLIES, end="2027-12-31")]  # fmt: skip
    assert not any("没有一行生效" in what for _, _, what in found(indicators=rows))


def test_undated_rows_are_left_alone():
    assert found(indicators=[SCORED, indicator("回复率", "none")], pay_items=[PAID, pay("乙", "=1")]) == []
