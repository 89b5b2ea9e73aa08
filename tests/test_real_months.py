"""Real calls from the log through the book's tables to pay, a month at a time (S05).

The expected scores are computed here from the log itself, with plain pandas and the sentences of
document 001: points in proportion to the target, a missed reply rate at its low score, and the
weight of what is missing shared out over the rest.
"""

import datetime as dt
import os
import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xl_kpi.excel.fill import fill_tables, set_settings
from xl_kpi.excel.new import new_book
from xl_kpi.excel.run import run_book
from xl_kpi.sources.logs import read_log, roster_of

MONTHS = ("2021-01", "2021-02", "2021-03")
BONUS = 3000.0


def look_alike(path):
    """A seeded log of the same form: 900 calls of five agents in the same three months."""
    rng = np.random.default_rng(20210101)
    size = 900
    answered = rng.random(size) < 0.8
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 90, size), unit="D")
    nobody = pd.Series(np.nan, range(size))
    pd.DataFrame(
        {
            "Call Id": [f"ID{n:04d}" for n in range(size)],
            "Agent": rng.choice(["Ana", "Bo", "Chen", "Dee", "Eve"], size),
            "Date": days.strftime("%Y-%m-%d"),
            "Time": "09:00:00",
            "Topic": "Streaming",
            "Answered (Y/N)": np.where(answered, "Y", "N"),
            "Resolved": np.where(answered & (rng.random(size) < 0.9), "Y", "N"),
            "Speed of answer in seconds": nobody.where(~answered, rng.integers(10, 126, size)),
            "AvgTalkDuration": np.where(answered, "00:03:00", None),
            "Satisfaction rating": nobody.where(~answered, rng.integers(1, 6, size)),
        }
    ).to_excel(path, sheet_name="call_data", index=False)
    return path


def real(_):
    folder = os.environ.get("XL_KPI_DATA")
    if not folder:
        pytest.skip("XL_KPI_DATA does not name the folder with the public logs")
    return Path(folder) / "call_center_pwc.xlsx"


@pytest.fixture(scope="module", params=[look_alike, real], ids=["look-alike", "real"])
def log_file(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp("log") / "calls.xlsx")


@pytest.fixture(scope="module")
def book(log_file, tmp_path_factory):
    """A fresh book with the whole log in 会话 and its agents in 员工."""
    path = tmp_path_factory.mktemp("book") / "电话.xlsx"
    new_book(path, "zh", {"scheme": "S05", "period": MONTHS[0]})
    log = read_log(log_file)
    roster = [
        {
            "person_id": row["person_id"], "name": row["name"], "department": "呼叫中心",
            "shop": "热线", "status": "confirmed", "hired": dt.date(2020, 1, 1),
            "bonus_base": BONUS,
        }
        for row in roster_of(log).to_dict("records")
    ]  # fmt: skip
    sessions = log.sessions.astype(object).where(log.sessions.notna(), None).to_dict("records")
    for row in sessions:
        row["date"] = row["date"].date()
        for flag in ("answered", "resolved"):
            row[flag] = None if row[flag] is None else bool(row[flag])
    fill_tables(path, {"roster": roster, "sessions": sessions}, "zh")
    return path


def by_hand(log_file, month):
    """Counts, values and bonus per agent, from the log with plain pandas."""
    calls = pd.read_excel(log_file, sheet_name="call_data", engine="openpyxl")
    calls = calls[calls["Date"].astype(str).str.startswith(month)]
    rows = {}
    for agent, mine in calls.groupby("Agent"):
        speed, rating = mine["Speed of answer in seconds"], mine["Satisfaction rating"]
        replied = (mine["Answered (Y/N)"] == "Y").mean()
        solved = (mine["Resolved"] == "Y").mean()
        per_day = len(mine) / mine["Date"].nunique()
        points = {
            15: min(100, 100 * 30 / speed.mean()),  # first response, target 30 s
            10.1: 100 if replied >= 1 else 60,  # reply rate, target 100 %
            15.1: min(100, 100 * rating.mean() / 4.8),
            10.2: min(100, 100 * solved / 0.9),
            10.3: min(100, 100 * per_day / 60),
        }
        score = sum(int(w) * p for w, p in points.items()) / sum(int(w) for w in points)
        bonus = Decimal(f"{BONUS * score / 100:.15g}").quantize(Decimal("0.01"), ROUND_HALF_UP)
        rows[agent] = (len(mine), speed.mean(), replied, rating.mean(), solved, float(bonus))
    return rows


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_of_calls_is_scored_and_paid(month, book, log_file, tmp_path):
    path = tmp_path / f"{month}.xlsx"
    shutil.copyfile(book, path)
    set_settings(path, {"period": month}, "zh")

    results = run_book(path).results

    expected = by_hand(log_file, month)
    found = {
        person: figures
        for person, *figures in zip(
            results.people.ids,
            results.figures.count("received_customers", "month"),
            results.figures.metric("首次响应时长", "month"),
            results.figures.metric("回复率", "month"),
            results.figures.metric("满意度评分", "month"),
            results.figures.metric("问题解决率", "month"),
            results.pay,
            strict=True,
        )
    }
    assert found.keys() == expected.keys()
    for agent, figures in expected.items():
        assert found[agent][:5] == pytest.approx(figures[:5], rel=1e-12)
        assert found[agent][5] == figures[5]


def test_three_months_add_up_to_the_known_totals(book):
    """Answered 81.08 %, resolved 72.92 %, speed of answer 67.52 s, rating 3.4036: the file's own."""
    from xl_kpi.excel.run import check_book

    totals = dict.fromkeys(
        ("received_customers", "replied_customers", "solved_problems", "first_response_seconds",
         "first_responses", "rating_sum", "ratings"), 0.0
    )  # fmt: skip
    for month in MONTHS:
        set_settings(book, {"period": month}, "zh")
        figures = check_book(book).results.figures
        for key in totals:
            totals[key] += np.nansum(figures.count(key, "month"))
    if totals["received_customers"] != 5000:  # the look-alike has no published totals
        assert totals["received_customers"] == 900
        return
    assert round(totals["replied_customers"] / 5000, 4) == 0.8108
    assert round(totals["solved_problems"] / 5000, 4) == 0.7292
    assert round(totals["first_response_seconds"] / totals["first_responses"], 2) == 67.52
    assert round(totals["rating_sum"] / totals["ratings"], 4) == 3.4036
