"""Works out what s04_team_month.toml expects; ``--check`` compares.

S04 重绩效轻提成 of 000 (小雨): a commission rate for each shop, and pay as the weighted sum of
commission and performance, the old way and the new way side by side (R41), neither below the
guarantee nor above the cap (R48); amounts by the days employed (R45).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from employment import employed_share
from exact import Figure, Row, cents, mean, of_month, places, ratio, run, total

FULL = Fraction(100)
INDICATORS = {  # parts, whole, target, weight
    "M15": ("converted_customers", "inquiring_customers", Fraction("0.3"), 30),
    "M01": ("response_seconds", "replies", Fraction(30), 20),
    "M06": ("satisfied_ratings", "ratings", Fraction("0.9"), 30),
    "M07": ("solved_problems", "raised_problems", Fraction("0.9"), 20),
}
LESS_IS_BETTER = {"M01"}
COMMISSION_RATES = {"旗舰店": Fraction("0.005"), "专卖店": Fraction("0.015")}
COMMISSION_WEIGHT = {"重提成薪资": Fraction("0.8"), "重绩效薪资": Fraction("0.3")}
CAP = Fraction("1.5")  # times the bonus base
LESS_THAN_BEFORE = "调整后薪资下降：主管说明原因，一起定出下月的绩效目标"


def points(metric: str, value: Fraction) -> Fraction:
    """R01: the share of the target reached, between 0 and 100."""
    target = INDICATORS[metric][2]
    if metric in LESS_IS_BETTER:
        reached = FULL * target / value if value else FULL
    else:
        reached = FULL * value / target
    return min(max(reached, Fraction(0)), FULL)


def limited(amount: Fraction, floor: Figure, cap: Fraction) -> Fraction:
    """R48: no more than the cap, and no less than the guarantee where there is one."""
    amount = min(amount, cap)
    return amount if floor is None else max(amount, floor)


def items(
    person: Row, period: str, now: Sequence[Row], score: Figure
) -> dict[str, Fraction]:
    """What somebody employed by the department gets; base pay alone without a score."""
    employed = employed_share(person, period)
    base = cents(Fraction(person["base_pay"]) * employed)
    if score is None:
        return {"基本工资": base}
    bonus_base = Fraction(person["bonus_base"])
    sales = total(now, "sales")
    assert sales is not None
    made = {
        "基本工资": base,
        "提成额": sales * COMMISSION_RATES[person["shop"]],
        "绩效额": bonus_base * score / FULL * employed,
        "封顶线": cents(bonus_base * CAP * employed),
    }
    if "guarantee" in person:
        made["保底线"] = cents(Fraction(person["guarantee"]) * employed) - base
    for regime, weight in COMMISSION_WEIGHT.items():
        weighted = cents(weight * made["提成额"] + (1 - weight) * made["绩效额"])
        made[regime] = limited(weighted, made.get("保底线"), made["封顶线"])
    made["薪资变化"] = made["重绩效薪资"] - made["重提成薪资"]
    return made


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    sections = ("values", "points", "scores", "items", "total", "places", "follows", "shops")
    expect: dict[str, Any] = {section: {} for section in sections}
    month = of_month(case["counts"], period)
    scores: dict[str, Fraction] = {}
    for person in case["roster"]:
        own = person["person_id"]
        now = [row for row in month if row["person_id"] == own]
        found = {m: ratio(now, [part], whole) for m, (part, whole, *_) in INDICATORS.items()}
        values = {metric: value for metric, value in found.items() if value is not None}
        expect["values"][own] = values
        if person["status"] == "confirmed":
            scored = {metric: points(metric, value) for metric, value in values.items()}
            weights = {metric: INDICATORS[metric][3] for metric in scored}
            weighted = sum(weights[metric] * got for metric, got in scored.items())
            scores[own] = weighted / sum(weights.values())
            expect["points"][own] = {metric: [got] for metric, got in scored.items()}
            expect["scores"][own] = {"绩效得分": scores[own]}
        if person["status"] != "stand_in":
            made = items(person, period, now, scores.get(own))
            expect["items"][own] = made
            expect["total"][own] = made["基本工资"] + made.get("重绩效薪资", 0)
            if made.get("薪资变化", 0) < 0:
                expect["follows"][own] = [LESS_THAN_BEFORE]
    expect["places"] = dict(zip(scores, places(list(scores.values())), strict=True))
    for shop in COMMISSION_RATES:
        people = [p["person_id"] for p in case["roster"] if p["shop"] == shop]
        expect["shops"][shop] = shop_figures(
            [row for row in month if row["person_id"] in people],
            [scores[one] for one in people if one in scores],
            [expect["items"][one] for one in people if one in scores],
        )
    return expect


def shop_figures(
    counts: Sequence[Row], scores: Sequence[Figure], pay: Sequence[Mapping[str, Fraction]]
) -> dict[str, Figure]:
    """What the two ways cost a shop and bring its people on average."""
    old, new = ([one[regime] for one in pay] for regime in ("重提成薪资", "重绩效薪资"))
    old_sum, new_sum = sum(old, Fraction(0)), sum(new, Fraction(0))
    return {
        "店铺销售额": total(counts, "sales"),
        "店铺均分": mean(scores),
        "调整前合计": old_sum,
        "调整后合计": new_sum,
        "合计变化": new_sum - old_sum,
        "调整前人均": old_sum / len(pay),
        "调整后人均": new_sum / len(pay),
        "人均变化": (new_sum - old_sum) / len(pay),
    }


if __name__ == "__main__":
    run(__file__, expected)
