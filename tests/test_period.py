"""Months and weeks (C6)."""

import datetime as dt

import numpy as np
import pytest

from xl_kpi.period import Period, parse_period
from xl_kpi.scheme import Row
from xl_kpi.scheme_frames import period_end, start_day


@pytest.mark.parametrize(
    ("period", "start", "end", "days"),
    [
        pytest.param(Period("2026-02"), "2026-02-01", "2026-02-28", 28, id="calendar month"),
        pytest.param(Period("2028-02"), "2028-02-01", "2028-02-29", 29, id="leap year"),
        pytest.param(Period("2026-10", 21), "2026-09-21", "2026-10-20", 30, id="hotel"),
        pytest.param(Period("2026-01", 21), "2025-12-21", "2026-01-20", 31, id="over New Year"),
    ],
)
def test_a_period_runs_from_its_start_day_to_the_day_before_the_next(period, start, end, days):
    assert (str(period.start), str(period.end), period.days) == (start, end, days)


def test_the_previous_period_ends_the_day_before():
    for period in (Period("2026-01"), Period("2026-03", 21), Period("2026-01", 28, "iso")):
        assert period.previous().end + dt.timedelta(days=1) == period.start


def test_four_blocks_of_days():
    days = np.arange("2026-10-01", "2026-11-01", dtype="datetime64[D]")

    weeks = Period("2026-10").week_of(days)

    assert [int(np.count_nonzero(weeks == n)) for n in range(4)] == [7, 7, 7, 10]
    assert weeks[[0, 6, 7, 13, 14, 20, 21, 30]].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_the_days_of_each_week():
    assert [tuple(map(str, Period("2026-02").week_days(n))) for n in (0, 3)] == [
        ("2026-02-01", "2026-02-07"), ("2026-02-22", "2026-02-28"),
    ]  # fmt: skip
    assert tuple(map(str, Period("2026-10", weeks="iso").week_days(0))) == (
        "2026-09-28", "2026-10-04",
    )  # fmt: skip


def test_a_day_outside_has_no_week():
    assert Period("2026-10").week_of(np.array(["2026-09-30", "2026-11-01"], "M8[D]")).tolist() == [
        -1,
        -1,
    ]


def test_iso_weeks_belong_to_the_month_of_their_thursday():
    # October 2026 begins on a Thursday: its first week starts on Monday 28 September.
    period = Period("2026-10", weeks="iso")
    days = np.array(["2026-09-27", "2026-09-28", "2026-10-04", "2026-10-05", "2026-11-01"], "M8[D]")

    assert period.week_count == 5
    assert period.week_of(days).tolist() == [-1, 0, 0, 1, 4]


@pytest.mark.parametrize(
    ("text", "name"),
    [("2026-10", "2026-10"), ("2026年1月", "2026-01"), ("202610", "2026-10"),
     (dt.date(2026, 10, 5), "2026-10"), ("2026-13", None), ("十月", None), (202610.0, "2026-10"),
     (2026.1, None)],
)  # fmt: skip
def test_a_month_is_read_as_it_is_written(text, name):
    assert parse_period(text) == name


@pytest.mark.parametrize("label", ["月起始日", "Month starts on day", "month_start_day"])
def test_the_head_of_a_scheme_says_when_its_months_start(label):
    head = [Row({"key": label, "value": "21"}, {}, "S07!A6")]
    assert start_day(head) == 21
    assert period_end(head, "2026-10") == dt.date(2026, 10, 20)
