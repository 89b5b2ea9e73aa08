"""Works out what s02_team_month.toml expects; ``--check`` compares.

S02 KPI 联动超额提成 of 000 (Rex): three indicators against their targets, weighted (R01, R08), the
rate above the sales target moved by the score (R39), base pay, bonus and target by the days
employed (R45), special awards added (R44), the bottom of the list flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from employment import employed_share
from exact import Figure, Row, below, cents, of_month, places, previous, ratio, run, total

FULL = Fraction(100)
INDICATORS = {  # parts, whole, target, whether less is better, weight
    "M15": ("converted_customers", "inquiring_customers", Fraction("0.3"), False, 50),
    "M01": ("response_seconds", "replies", Fraction(30), True, 25),
    "M06": ("satisfied_ratings", "ratings", Fraction("0.9"), False, 25),
}
BASE_RATE = Fraction("0.01")
EXCESS_RATE = Fraction("0.015")
LAST = "末位提醒：一对一谈话，定出下月改进目标"
THREE_TIMES_LAST = "连续三个月排在末位：按末尾淘汰机制复核去留"
TRAINING = "超额提成取消：安排培训与实操，下月复核"
PRAISE = "优秀客服：公开表扬，列入核心人才名单"


def points(value: Fraction, target: Fraction, *, less_is_better: bool) -> Fraction:
    """R01: the share of the target reached, between 0 and 100."""
    if less_is_better:
        reached = FULL * target / value if value else FULL
    else:
        reached = FULL * value / target
    return min(max(reached, Fraction(0)), FULL)


def excess_rate(score: Fraction) -> Fraction:
    """R39: 95 and above +0.2 points, between 80 and 95 unchanged, 60 to 80 −0.2, below 60 none."""
    if below(score, Fraction(60)):
        return Fraction(0)
    if not below(score, Fraction(95)):
        return EXCESS_RATE + Fraction("0.002")
    return EXCESS_RATE if below(Fraction(80), score) else EXCESS_RATE - Fraction("0.002")


def times_last(rows: Sequence[Row], period: str) -> int:
    """Closed months in a row, the latest first, in which somebody was last."""
    count, month = 0, previous(period)
    was = {row["period"]: row["value"] for row in rows if row["item"] == "倒数名次"}
    while was.get(month) == 1:
        count, month = count + 1, previous(month)
    return count


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    sections = ("values", "points", "scores", "items", "total", "places", "follows")
    expect: dict[str, Any] = {section: {} for section in sections}
    month = of_month(case["counts"], period)
    scores: dict[str, Fraction] = {}
    for person in case["roster"]:
        own = person["person_id"]
        now = [row for row in month if row["person_id"] == own]
        found: dict[str, Figure] = {
            metric: ratio(now, [part], whole) for metric, (part, whole, *_) in INDICATORS.items()
        }
        values = {metric: value for metric, value in found.items() if value is not None}
        expect["values"][own] = values
        if person["status"] == "confirmed":
            scored = {
                metric: points(values[metric], target, less_is_better=less)
                for metric, (_, _, target, less, _) in INDICATORS.items()
                if metric in values
            }
            weights = {metric: INDICATORS[metric][4] for metric in scored}
            weighted = sum(weights[metric] * got for metric, got in scored.items())
            scores[own] = weighted / sum(weights.values())
            expect["points"][own] = {metric: [got] for metric, got in scored.items()}
            expect["scores"][own] = {"KPI得分": scores[own]}
        if person["status"] != "stand_in":
            expect["items"][own] = items(case, person, now, scores.get(own))
            paid = ("基本薪资", "KPI奖金", "销售提成", "专项奖金")
            pay = sum(expect["items"][own].get(item, Fraction(0)) for item in paid)
            expect["total"][own] = pay
    first = dict(zip(scores, places(list(scores.values())), strict=True))
    last = dict(zip(scores, places([-score for score in scores.values()]), strict=True))
    expect["places"] = first
    for own, score in scores.items():
        history = [row for row in case["history"] if row["person_id"] == own]
        at_the_bottom = last[own] == 1 and first[own] != 1
        follows = {
            LAST: at_the_bottom,
            THREE_TIMES_LAST: at_the_bottom and times_last(history, period) >= 2,
            TRAINING: below(score, Fraction(60)),
            PRAISE: not below(score, Fraction(95)),
        }
        if any(follows.values()):
            expect["follows"][own] = [what for what, holds in follows.items() if holds]
    expect["departments"] = {"客服部": {"部门销售额": total(month, "sales")}}
    return expect


def items(
    case: Mapping[str, Any], person: Row, now: Sequence[Row], score: Figure
) -> dict[str, Fraction]:
    """What somebody employed by the department gets; the commission only with a score."""
    employed = employed_share(person, case["period"])
    awards = [
        Fraction(row["amount"])
        for row in case["adjustments"]
        if row["period"] == case["period"] and row["person_id"] == person["person_id"]
    ]
    made = {
        "基本薪资": cents(Fraction(person["base_pay"]) * employed),
        "专项奖金": cents(sum(awards, Fraction(0))),
    }
    if score is None:
        return made
    whole = next(r for r in case["targets"] if r["person_id"] == person["person_id"])
    target = Fraction(whole["sales_target"]) * employed
    sales = total(now, "sales")
    assert sales is not None
    rate = excess_rate(score)
    in_target, excess = min(sales, target) * BASE_RATE, max(Fraction(0), sales - target) * rate
    return made | {
        "KPI奖金": cents(Fraction(person["bonus_base"]) * score / FULL * employed),
        "应完成任务": target,
        "目标内提成": in_target,
        "超额提点": rate,
        "超额提成": excess,
        "销售提成": cents(in_target + excess),
    }


if __name__ == "__main__":
    run(__file__, expected)
