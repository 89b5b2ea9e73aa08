"""Works out what s11_team_month.toml expects; ``--check`` compares.

S11 前中后台 of 003§❶: three offices with a score card each (R01, R07, R08); pay is base (R45),
performance by the score (R42) and, for the front office, a commission by completion.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from exact import Figure, below, cents, of_month, places, ratio, run, total
from scorecards import FULL, higher, rating, share_employed, weighted

TASKS = {
    "数量": (["tasks_done"], "tasks"),
    "及时性": (["tasks_in_time"], "tasks_done"),
    "准确性": (["tasks_correct"], "tasks_done"),
}
RATERS = {
    "M36m": ("报告质量", {"上级": Fraction(6), "评审会": Fraction(4)}),
    "M36n": ("团队合作", {"业务人员": Fraction(1)}),
    "M36o": ("内部服务", {"前台": Fraction(1), "中台": Fraction(1)}),
}
WEIGHTS = {
    "前台": {"M20": 50, "M39c": 30, "M31a": 20},
    "中台": {"M36m": 30, "中台数量": 20, "中台及时性": 20, "中台准确性": 20, "M36n": 10},
    "后台": {"M36o": 40, "后台及时性": 30, "后台准确性": 30},
}
TARGETS = {
    "M20": Fraction(1),
    "M39c": Fraction(60),
    "M31a": Fraction(20),
    "M36m": Fraction(90),
    "中台数量": Fraction(1),
    "中台及时性": Fraction("0.95"),
    "中台准确性": Fraction("0.98"),
    "M36n": Fraction(90),
    "M36o": Fraction(90),
    "后台及时性": Fraction("0.95"),
    "后台准确性": Fraction("0.98"),
}
BY_DAYS_EMPLOYED = {"M39c", "M31a"}


def commission_rate(completion: Fraction) -> Fraction:
    """Three tiers: below 80 %, below the target, from the target."""
    if below(completion, Fraction("0.8")):
        return Fraction("0.003")
    return Fraction("0.005") if below(completion, Fraction(1)) else Fraction("0.008")


def figures(case: Mapping[str, Any], person: Mapping[str, Any]) -> dict[str, Figure]:
    """What the person's office is judged on."""
    period, own, office = case["period"], person["person_id"], person["role"]
    rows = [row for row in of_month(case["counts"], period) if row["person_id"] == own]
    rated = [r for r in case["ratings"] if r["period"] == period and r["person_id"] == own]
    if office == "前台":
        target = next(
            Fraction(t["sales_target"])
            for t in case["targets"]
            if t["period"] == period and t["person_id"] == own
        )
        sales = total(rows, "sales")
        return {
            "M20": None if sales is None else sales / target,
            "M39c": total(rows, "paying_customers"),
            "M31a": total(rows, "leads"),
        }
    found = {metric: rating(rated, *RATERS[metric]) for metric in WEIGHTS[office] if metric in RATERS}
    for name, parts in TASKS.items():
        if office + name in WEIGHTS[office]:
            found[office + name] = ratio(rows, *parts)
    return found


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    sections = ("values", "points", "scores", "items", "total", "places")
    expect: dict[str, Any] = {section: {} for section in sections}
    scores: dict[str, Fraction] = {}
    for person in case["roster"]:
        own, office = person["person_id"], person["role"]
        values = {name: v for name, v in figures(case, person).items() if v is not None}
        expect["values"][own] = values
        share = share_employed(person, period)
        items: dict[str, Fraction] = {}
        if person["status"] != "stand_in":
            items["基本工资"] = cents(Fraction(person["base_pay"]) * share)
        if person["status"] == "confirmed":
            points = {
                name: higher(value, TARGETS[name] * (share if name in BY_DAYS_EMPLOYED else 1))
                for name, value in values.items()
            }
            score = weighted(points, WEIGHTS[office])
            assert score is not None
            scores[own] = score
            expect["points"][own] = {name: [got] for name, got in points.items()}
            expect["scores"][own] = {f"{office}得分": score}
            items["绩效工资"] = cents(Fraction(person["bonus_base"]) * score / FULL)
            if office == "前台":
                sales = total(
                    [r for r in of_month(case["counts"], period) if r["person_id"] == own], "sales"
                )
                assert sales is not None
                items["提成"] = cents(sales * commission_rate(values["M20"]))
        if items:
            expect["items"][own] = items
            expect["total"][own] = sum(items.values(), Fraction(0))
    for department in dict.fromkeys(person["department"] for person in case["roster"]):
        theirs = [
            person["person_id"]
            for person in case["roster"]
            if person["department"] == department and person["person_id"] in scores
        ]
        ranked = places([scores[own] for own in theirs])
        expect["places"] |= dict(zip(theirs, ranked, strict=True))
    return expect


if __name__ == "__main__":
    run(__file__, expected)
