"""Appeals of a month: what is late, unanswered or not put right is told."""

import datetime as dt

import pytest
from case_files import frame, frames, preset, read_case

from xl_kpi.appeals import judge_appeals
from xl_kpi.pipeline import evaluate
from xl_kpi.tables import APPEALS, CALIBRATIONS

CASE = "s01_team_month"


def told(rows, as_of=None, calibrations=()):
    case = read_case(CASE)
    tables = frames(case)
    tables["appeals"] = frame(APPEALS, rows)
    tables["calibrations"] = frame(CALIBRATIONS, list(calibrations))
    results = evaluate(tables, preset(case["scheme"], case["period"]), case["period"])
    return [(p.severity, p.what) for p in judge_appeals(results, as_of)]


def appeal(state, **changes):
    case = read_case(CASE)
    return {
        "period": case["period"], "person_id": case["roster"][0]["person_id"], "item": "转化率",
        "raised": dt.date(2026, 11, 3), "claim": "漏算一单", "state": state,
        "due": dt.date(2026, 11, 10), "decision": "已核", "decided_by": "主管",
        "decided": dt.date(2026, 11, 5), **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "severity", "word"),
    [(dt.date(2026, 11, 11), "warning", "过了答复期限 2026-11-10"), (dt.date(2026, 11, 10), "note", "还没有答复"),
     (None, "note", "2026-11-10 到期")],
)  # fmt: skip
def test_what_is_undecided_is_told_and_late_when_its_day_is_over(as_of, severity, word):
    ((level, what),) = told([appeal("checking")], as_of)
    assert level == severity
    assert word in what


def test_what_is_decided_needs_an_answer():
    ((level, what),) = told([appeal("rejected", decision=None, decided=None)])
    assert level == "warning"
    assert what.endswith("没有填答复、答复日期")


def test_what_is_upheld_is_to_be_put_right():
    row = appeal("upheld")
    ((level, what),) = told([row])
    assert level == "note"
    assert "校准、补扣" in what
    change = {"period": row["period"], "person_id": row["person_id"], "item": "销售额", "value": 1.0,
              "reason": "申诉", "approver": "经理", "approved": dt.date(2026, 11, 5)}  # fmt: skip
    assert told([row], calibrations=[change]) == []


def test_other_months_to_come_are_nobodys_business_yet():
    assert told([appeal("open", period="2099-01")]) == []
