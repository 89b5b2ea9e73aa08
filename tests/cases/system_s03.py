"""S03 接待量阶梯响应 of 000 (胡宝), worked out in exact fractions for its two months.

The response target rises with the receptions of a day on duty (R06), the 3-minute reply rate has to
be above 98 % (R02), praise by name is ranked (R05); weighted by season (R08, R12).  The bonus
follows the score and the days employed, a reward lies beyond the target (R50).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from employment import employed_share
from exact import Figure, Row, below, cents, of_month, places, ratio

FULL = Fraction(100)
FIRST_MONTH_OF_THE_LOW_SEASON = "2027-01"
WEIGHTS = {
    "peak": {"M01": 30, "M15": 35, "M04": 20, "M06": 10, "M24a": 5},
    "low": {"M01": 15, "M15": 15, "M04": 20, "M06": 25, "M24a": 25},
}
RATIOS = {
    "M01": ("response_seconds", "replies"),
    "M15": ("converted_customers", "inquiring_customers"),
    "M04": ("answered_in_3min", "sessions"),
    "M06": ("satisfied_ratings", "ratings"),
}
CONVERSION_TARGET, STRETCH_LINE = Fraction("0.4"), Fraction("0.45")
SATISFIED_TARGET = Fraction("0.9")
REPLY_TARGET, PLATFORM_FLOOR = Fraction("0.98"), Fraction("0.8")
PRAISE_POINTS = (100, 80, 60)
BELOW_THE_FLOOR = "3分钟回复率低于平台要求：当天查清是排班、挂机还是漏回，主管跟进"
NOT_ABOVE_98 = "3分钟回复率未超过 98%：离平台红线近，提醒并每周复看"
FIRST_IN_PRAISE = "点名好评第一：在部门里分享服务案例"
REVIEW_OF_TARGETS = "多项未达标：主管与本人复核目标是否切合当月接待量"


def response_target(receptions: Fraction) -> Fraction:
    """R06: 15 s up to 300 receptions a day, 3 s more for every further full 50."""
    return Fraction(15 + 3 * max(0, math.floor((receptions - 300) / 50)))


def reached(value: Fraction, target: Fraction) -> Fraction:
    """R01, more is better: the share of the target reached, between 0 and 100."""
    return min(max(FULL * value / target, Fraction(0)), FULL)


def points(metric: str, value: Fraction, receptions: Figure) -> Fraction:
    """The points of an indicator that looks at one person alone."""
    if metric == "M01":
        assert receptions is not None
        return reached(response_target(receptions), value) if value else FULL
    if metric == "M04":
        return FULL if below(REPLY_TARGET, value) else Fraction(0)
    return reached(value, CONVERSION_TARGET if metric == "M15" else SATISFIED_TARGET)


def praised(events: Sequence[Row], person: str) -> Fraction:
    """How often somebody was praised by name; a row without a number is once."""
    mine = [row for row in events if row["person_id"] == person and row["event"] == "点名好评"]
    return sum((Fraction(row.get("times", 1)) for row in mine), Fraction(0))


def praise_points(count: Fraction, place: int) -> Fraction:
    """R05: the first three places, to everybody at a place, and to nobody without praise."""
    return Fraction(PRAISE_POINTS[place - 1] if count and place <= len(PRAISE_POINTS) else 0)


def targets_missed(values: Mapping[str, Fraction], receptions: Figure) -> int:
    """How many of the targets somebody misses; the reply rate has to be above its own (R02)."""
    missed = "M04" in values and not below(REPLY_TARGET, values["M04"])
    missed += "M15" in values and below(values["M15"], CONVERSION_TARGET)
    missed += "M06" in values and below(values["M06"], SATISFIED_TARGET)
    if "M01" in values:
        assert receptions is not None
        missed += below(response_target(receptions), values["M01"])
    return int(missed)


def follows(values: Mapping[str, Fraction], place: int, receptions: Figure) -> list[str]:
    """What follows from the reply rate, from praise and from missed targets."""
    found = []
    if "M04" in values and below(values["M04"], PLATFORM_FLOOR):
        found.append(BELOW_THE_FLOOR)
    elif "M04" in values and not below(REPLY_TARGET, values["M04"]):
        found.append(NOT_ABOVE_98)
    if values["M24a"] and place == 1:
        found.append(FIRST_IN_PRAISE)
    if targets_missed(values, receptions) >= 3:
        found.append(REVIEW_OF_TARGETS)
    return found


def shop_figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """C5: the ratios of sums of the people of a shop who have all the counts."""
    return {
        "店铺3分钟回复率": ratio(rows, ["answered_in_3min"], "sessions"),
        "店铺日均接待量": ratio(rows, ["received_customers"], "duty_days"),
    }


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a case expects."""
    period: str = case["period"]
    season = "peak" if period < FIRST_MONTH_OF_THE_LOW_SEASON else "low"
    counts, events = of_month(case["counts"], period), of_month(case["events"], period)
    sections = ("values", "points", "scores", "items", "total", "places", "follows", "shops")
    expect: dict[str, Any] = {section: {} for section in sections}
    roster = [p for p in case["roster"] if "left" not in p or f"{p['left']:%Y-%m}" >= period]
    rows = {
        p["person_id"]: [row for row in counts if row["person_id"] == p["person_id"]]
        for p in roster
    }
    for own, now in rows.items():
        figures = {metric: ratio(now, [part], whole) for metric, (part, whole) in RATIOS.items()}
        values = {metric: value for metric, value in figures.items() if value is not None}
        expect["values"][own] = values | {"M24a": praised(events, own)}
    assessed = [p for p in roster if p["status"] == "confirmed"]
    ids = [p["person_id"] for p in assessed]
    in_praise = dict(zip(ids, places([expect["values"][i]["M24a"] for i in ids]), strict=True))
    scores = {}
    for own in ids:
        values, place = expect["values"][own], in_praise[own]
        assert place is not None
        receptions = ratio(rows[own], ["received_customers"], "duty_days")
        scored = {m: points(m, values[m], receptions) for m in RATIOS if m in values}
        scored["M24a"] = praise_points(values["M24a"], place)
        weights = {metric: WEIGHTS[season][metric] for metric in scored}
        weighted = sum(weights[metric] * got for metric, got in scored.items())
        scores[own] = weighted / sum(weights.values())
        expect["points"][own] = {metric: [got] for metric, got in scored.items()}
        expect["scores"][own] = {"考核得分": scores[own]}
        what = follows(values, place, receptions)
        if what:
            expect["follows"][own] = what
    expect["places"] = dict(zip(scores, places(list(scores.values())), strict=True))
    for person in roster:
        own = person["person_id"]
        if person["status"] == "stand_in":
            continue
        employed = employed_share(person, period)
        made = {"基本工资": cents(Fraction(person["base_pay"]) * employed)}
        if own in scores:
            bonus = Fraction(person["bonus_base"]) * scores[own] / FULL * employed
            conversion = expect["values"][own].get("M15")
            beyond = conversion is not None and not below(conversion, STRETCH_LINE)
            made |= {"月度奖金": cents(bonus), "超额激励": Fraction(200 if beyond else 0)}
        expect["items"][own] = made
        expect["total"][own] = sum(made.values())
    for shop in dict.fromkeys(p["shop"] for p in roster):
        of_shop = [row for p in assessed if p["shop"] == shop for row in rows[p["person_id"]]]
        expect["shops"][shop] = shop_figures(of_shop)
    return expect
