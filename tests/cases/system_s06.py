"""S06 分层考核 from the raw tables to the payslip, worked out apart from the package.

Follows 002 and rules R01, R08, R10, R20, R22, R25, R26, R40, R45-R47, R52 in exact fractions, with the
figures that the document leaves to the firm as the scheme's sheet has them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from exact import Figure, Row, below, cents, mean, month_days, places, previous, ratio

PRE, AFTER, COMPLAINTS = "售前客服", "售后客服", "投诉客服"
ROLES = {PRE, AFTER, COMPLAINTS}
FULL = Fraction(100)
ZERO = Fraction(0)
LOWER = {"M02", "M28", "M30"}
LEAST_RATINGS = 10

RATIOS = {
    "M02": (["first_response_seconds"], "first_responses"),
    "M05": (["rating_sum"], "ratings"),
    "M08": (["solved_at_once"], "raised_problems"),
    "M11": (["handled_in_time"], "handled_orders"),
    "M15": (["converted_customers"], "inquiring_customers"),
    "M25": (["passed_inspections"], "inspections"),
    "M28": (["disputed_returns"], "returns"),
    "M29": (["repurchasing_customers"], "served_customers"),
    "M30": (["escalated_complaints"], "complaints"),
    "M30a": (["retained_complaints"], "complaints"),
    "M31": (["complete_leads"], "leads"),
}
TARGETS = {
    "M02": Fraction(30),
    "M05": Fraction(10),
    "M08": Fraction("0.8"),
    "M11": Fraction("0.95"),
    "M15": Fraction("0.3"),
    "M25": Fraction("0.95"),
    "M28": Fraction("0.03"),
    "M29": Fraction("0.1"),
    "M30": Fraction("0.1"),
    "M30a": Fraction("0.6"),
    "M31": Fraction("0.9"),
    "M33": Fraction(50),
}
# What each role is judged on: the row's name, the metric, the weight in its part.
COMMON = {
    role: [
        ("M05", "M05", 30),
        *response,
        ("M11", "M11", 20),
        ("M25", "M25", 20),
        ("M26", "M26", 10),
    ]
    for role, response in {
        PRE: [("M02", "M02", 20)],
        AFTER: [("售后首次响应", "M02", 5), ("M08", "M08", 15)],
        COMPLAINTS: [("M02", "M02", 20)],
    }.items()
}
OWN = {
    PRE: [("M15", "M15", 60), ("M31", "M31", 40)],
    AFTER: [("M29", "M29", 50), ("M28", "M28", 50)],
    COMPLAINTS: [("M30", "M30", 50), ("M30a", "M30a", 50)],
}
QUARTER = {
    PRE: [("季度满意度", "M05", 50), ("季度转化率", "M15", 30), ("季度商机完整率", "M31", 20)],
    AFTER: [("季度满意度", "M05", 50), ("季度复购引导率", "M29", 25), ("季度纠纷率", "M28", 25)],
    COMPLAINTS: [
        ("季度满意度", "M05", 50), ("季度投诉升级率", "M30", 25), ("季度投诉挽回率", "M30a", 25)
    ],
}  # fmt: skip
COUNT_NAMES = {"首响总秒数": "first_response_seconds"}
GRADES = {
    "S": (Fraction("0.1"), Fraction("1.5"), Fraction("0.1")),
    "A": (Fraction("0.2"), Fraction("1.2"), Fraction("0.05")),
    "B": (Fraction("0.5"), Fraction(1), ZERO),
    "C": (Fraction("0.2"), Fraction("0.8"), ZERO),
}
TIERS = {Fraction("1.2"): "0.015", Fraction(1): "0.012", Fraction("0.8"): "0.01"}
STARS = {1: 300, 2: 200, 3: 100}

TALK = "主管一对一沟通：优点、不足、改进方向"
STAR = "服务之星：展示并分享服务案例，发定制礼品"
PLAN = "制定绩效改进计划（PIP）并安排辅导"
MOVE = "调岗或待岗培训"
LEADER = "可申请“储备组长”培养计划"
LEAVE = "每年可申请 2 天弹性假期"
EFFICIENT = "效率突破奖：聚餐基金或带薪休假 1 天"
OUTING = "团队可自主选择团建形式"
GOLDEN = "年度“金牌客服”：奖杯、证书，优先参加峰会和外部培训"
ROTATION = "优先获得跨部门轮岗机会"


# --- metrics -------------------------------------------------------------------------------


def months_of(period: str, number: int) -> list[str]:
    """So many months up to a period."""
    months = [period]
    while len(months) < number:
        months.append(previous(months[-1]))
    return months


def approved(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """R46: the counts with the sum of a month as it was approved."""
    rows = [dict(row) for row in case["counts"]]
    for change in case.get("calibrations", []):
        key = COUNT_NAMES[change["item"]]
        mine = [row for row in rows if same_month(row, change["period"], change["person_id"])]
        for number, row in enumerate(mine):
            row[key] = change["value"] if number == 0 else 0
    return rows


def same_month(row: Row, month: str, person: str) -> bool:
    return row["person_id"] == person and f"{row['date']:%Y-%m}" == month


def rated(case: Mapping[str, Any], person: str, months: Sequence[str], item: str) -> Figure:
    """R07 with one group of raters: the mean of what they gave."""
    return mean(
        [
            Fraction(row["score"])
            for row in case["ratings"]
            if (row["person_id"], row["item"]) == (person, item) and row["period"] in months
        ]
    )


def violations(case: Mapping[str, Any], person: str, month: str) -> Fraction:
    """M26: how often; a row without a number is one."""
    return sum(
        (Fraction(row.get("times", 1)) for row in case["events"] if same_month(row, month, person)),
        ZERO,
    )


def points(metric: str, value: Fraction) -> Fraction:
    """R01 between 0 and 100; violations by their bands."""
    if metric == "M26":
        return Fraction({0: 100, 1: 60, 2: 30}.get(int(value), 0))
    if metric in ("M36c", "M32"):
        return value
    target = TARGETS[metric]
    if metric in LOWER:
        reached = FULL * target / value if value else FULL
    else:
        reached = FULL * value / target
    return min(max(reached, ZERO), FULL)


def weighted(scores: Mapping[str, Fraction], rows: Sequence[tuple[str, str, int]]) -> Figure:
    """R08 over what is present (C3)."""
    present = [(scores[name], weight) for name, _, weight in rows if name in scores]
    if not present:
        return None
    return sum(score * weight for score, weight in present) / sum(w for _, w in present)


def joined(main: Figure, other: Figure, share: Fraction) -> Figure:
    """A part and another one of a share; the share of a missing one goes to the first (C3)."""
    if main is None or other is None:
        return main
    return main * (1 - share) + other * share


# --- grades, streaks, money ----------------------------------------------------------------


def graded(scores: Mapping[str, Fraction]) -> dict[str, str]:
    """R20: people up to each grade's end, half up; equal scores share the better grade."""
    people = list(scores)
    ends, upto = [], ZERO
    for share, _, _ in GRADES.values():
        upto += share
        ends.append(int(len(people) * upto + Fraction(1, 2)))
    labels = list(GRADES)
    found = {}
    for person, place in zip(people, places([scores[p] for p in people]), strict=True):
        assert place is not None
        found[person] = labels[sum(place > end for end in ends)]
    return found


def history(case: Mapping[str, Any], person: str, item: str, month: str) -> Any:
    """What the closed periods have."""
    for row in case["history"]:
        if (row["person_id"], row["item"], row["period"]) == (person, item, month):
            return row.get("word", row.get("value"))
    return None


def streak(case: Mapping[str, Any], person: str, period: str, grade: str, now: str) -> int:
    """R26: how many of the latest quarters had the grade."""
    count, month = 0, period
    while now == grade:
        count += 1
        month = months_of(month, 4)[-1]
        now = history(case, person, "季度等级", month)
    return count


def employed_share(person: Row, period: str) -> Fraction:
    """R45: days employed over days of the month, the last day included."""
    first, last = month_days(period)
    start = max(first, person.get("hired", first))
    end = min(last, person.get("left", last))
    return Fraction((end - start).days + 1, (last - first).days + 1)


def tier(completion: Fraction) -> Fraction:
    """R40: the rate of the tier reached; nothing below 80 %."""
    for start, rate in TIERS.items():
        if not below(completion, start):
            return Fraction(rate)
    return ZERO


def taken_back(case: Mapping[str, Any], person: str, period: str) -> Fraction:
    """R47: each refund at the rate of its month, of no more than was left of that month's sales."""
    amount = ZERO
    rows = [row for row in case.get("refunds", []) if row["person_id"] == person]
    for row in rows:
        if f"{row['date']:%Y-%m}" != period:
            continue
        before = sum(
            Fraction(other["refund"])
            for other in rows
            if other["origin"] == row["origin"] and other["date"] < row["date"]
        )
        sold, rate = (
            Fraction(history(case, person, item, row["origin"])) for item in ("销售额", "提成比例")
        )
        amount += min(Fraction(row["refund"]), max(ZERO, sold - before)) * rate
    return -amount


# --- everything ----------------------------------------------------------------------------


def here(person: Row, period: str) -> bool:
    first, last = month_days(period)
    return person.get("hired", dt.date.min) <= last and person.get("left", dt.date.max) >= first


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    counts = approved(case)
    quarter_ends, year_ends = int(period[5:]) % 3 == 0, period.endswith("-12")
    assert quarter_ends
    quarter = months_of(period, 3)
    expect: dict[str, Any] = {
        s: {} for s in ("values", "points", "scores", "items", "teams", "grades", "places",
                        "follows", "total")
    }  # fmt: skip
    assessed: dict[str, Row] = {}
    totals: dict[str, Fraction] = {}
    quarters: dict[str, Fraction] = {}
    years: dict[str, Fraction] = {}
    cuts: dict[str, Figure] = {}

    for person in case["roster"]:
        own, role = person["person_id"], person["role"]
        assert role in ROLES
        assert here(person, period)

        def metric(key: str, months: Sequence[str], own: str = own) -> Figure:
            if key == "M26":
                return violations(case, own, months[0])
            if key == "M36c":
                return rated(case, own, months, "主管评价")
            if key == "M32":
                return rated(case, own, months, "跨团队支持")
            rows = [row for row in counts if row["person_id"] == own
                    and f"{row['date']:%Y-%m}" in months]  # fmt: skip
            if key == "M33":
                net = [ratio(rows, [part], "nps_answers") for part in ("promoters", "detractors")]
                return None if None in net else (net[0] - net[1]) * 100
            return ratio(rows, *RATIOS[key])

        asked = [
            *((name, key, [period]) for name, key, _ in COMMON[role] + OWN[role]),
            ("M36c", "M36c", [period]),
            *((name, key, quarter) for name, key, _ in QUARTER[role]),
            ("季度响应时长", "M02", quarter),
            ("M32", "M32", quarter),
        ]
        if year_ends:
            asked.append(("M33", "M33", months_of(period, 12)))
        values = {
            name: value for name, key, months in asked if (value := metric(key, months)) is not None
        }
        expect["values"][own] = values
        items: dict[str, Any] = {}
        expect["items"][own] = items
        if person["status"] != "stand_in":
            items["基本工资"] = cents(Fraction(person["base_pay"]) * employed_share(person, period))
            items["奖惩补扣"] = cents(sum(
                (Fraction(row["amount"]) for row in case.get("adjustments", [])
                 if (row["person_id"], row["period"]) == (own, period)), ZERO
            ))  # fmt: skip
        if person["status"] != "confirmed":
            continue

        assessed[own] = person
        scores = {}
        for name, key, months in asked:
            mine = [row for row in counts if row["person_id"] == own
                    and f"{row['date']:%Y-%m}" in months]  # fmt: skip
            few = key == "M05" and sum(row.get("ratings", 0) for row in mine) < LEAST_RATINGS
            if name in values and name != "季度响应时长" and not few:  # C10
                scores[name] = points(key, values[name])
        expect["points"][own] = {name: [score] for name, score in scores.items()}
        blocks = {
            "通用": weighted(scores, COMMON[role]),
            "岗位得分": weighted(scores, OWN[role]),
            "主管得分": scores.get("M36c"),
            "季度指标": weighted(scores, QUARTER[role]),
            "团队协作": scores.get("M32"),
            "年度目标": scores.get("M33"),
        }
        expect["scores"][own] = {name: score for name, score in blocks.items() if score is not None}
        common, special = blocks["通用"], blocks["岗位得分"]
        assert common is not None
        assert special is not None
        data = Fraction(6, 10) * common + Fraction(4, 10) * special
        total = joined(data, blocks["主管得分"], Fraction(2, 10))
        of_quarter = joined(blocks["季度指标"], blocks["团队协作"], Fraction(1, 10))
        assert total is not None
        assert of_quarter is not None
        totals[own], quarters[own] = total, of_quarter
        last = history(case, own, "季度响应时长", months_of(period, 4)[-1])
        now = values.get("季度响应时长")
        cuts[own] = None if last is None or now is None else Fraction(last) - now
        if year_ends:
            before = [history(case, own, "季度得分", months_of(period, n)[-1]) for n in (4, 7, 10)]
            of_year = mean([of_quarter, *(None if x is None else Fraction(x) for x in before)])
            assert of_year is not None
            items["四季均分"] = of_year
            years[own] = joined(of_year, blocks["年度目标"], Fraction(2, 10)) or ZERO
            items["年度得分"] = years[own]

    people = list(assessed)
    standing = dict(zip(people, places([totals[p] for p in people]), strict=True))
    grades, quarter_grades = graded(totals), graded(quarters)
    year_grades = graded(years)
    cut_places = dict(zip(people, places([cuts[p] for p in people]), strict=True))
    teams: dict[str, list[Figure]] = {}
    for own, person in assessed.items():
        teams.setdefault(person["team"], []).append(quarters[own])
    averages = {team: mean(scores) for team, scores in teams.items()}
    expect["teams"] = {team: {"团队季度均分": score} for team, score in averages.items()}
    expect["grades"], expect["places"] = grades, standing

    for own, person in assessed.items():
        items = expect["items"][own]
        _, coefficient, extra = GRADES[grades[own]]
        fixed, floating, base = (
            Fraction(person[key]) for key in ("fixed_bonus", "floating_bonus", "base_pay")
        )
        bonus = (fixed + floating * coefficient + base * extra) * employed_share(person, period)
        items["等级奖金"] = cents(bonus)
        if person["role"] == PRE:
            sold = sum(Fraction(row["sales"]) for row in counts if same_month(row, period, own))
            (target,) = (
                Fraction(row["sales_target"])
                for row in case["targets"]
                if (row["person_id"], row["period"]) == (own, period)
            )
            items["提成比例"] = tier(sold / target)
            items["阶梯提成"] = cents(sold * items["提成比例"])
            items["退款扣回"] = cents(taken_back(case, own, period))
        place = standing[own]
        assert place is not None
        items["服务明星奖"] = Fraction(STARS.get(place, 0))
        items["季度得分"], items["季度等级"] = quarters[own], quarter_grades[own]
        if cuts[own] is not None:
            items["响应缩短秒数"], items["响应缩短名次"] = cuts[own], cut_places[own]
        if year_ends:
            items["年度等级"] = year_grades[own]
        now = quarter_grades[own]
        average = averages[person["team"]]
        said = {
            TALK: True,
            STAR: place <= 3,
            PLAN: now == "C",
            MOVE: streak(case, own, period, "C", now) >= 2,
            LEADER: streak(case, own, period, "S", now) >= 3,
            LEAVE: now == "S",
            EFFICIENT: cut_places[own] == 1 and (cuts[own] or ZERO) > 0,
            OUTING: average is not None and not below(average, Fraction(95)),
            GOLDEN: year_grades.get(own) == "S",
            ROTATION: year_grades.get(own) == "S",
        }
        expect["follows"][own] = [text for text, holds in said.items() if holds]

    paid = ("基本工资", "等级奖金", "阶梯提成", "退款扣回", "服务明星奖", "奖惩补扣")
    for own, items in expect["items"].items():
        earned = [items[name] for name in paid if name in items]
        if earned:
            expect["total"][own] = sum(earned)
    return {section: figures for section, figures in expect.items() if figures}
