"""Works out what s05_team_month.toml expects; ``--check`` compares.

S05 目标达成 KPI of 001: every indicator against its target (R01, R02, R07), the weighted total with
the weight of a missing indicator spread over the others (R08), the bonus by the total (R42).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from exact import Figure, Row, below, cents, of_month, previous, ratio, run
from scorecards import rating

RATIOS = {
    "M02": (["first_response_seconds"], "first_responses"),
    "M03": (["replied_customers"], "received_customers"),
    "M05": (["rating_sum"], "ratings"),
    "M07": (["solved_problems"], "raised_problems"),
    "M09": (["received_customers"], "duty_days"),
    "M11": (["handled_in_time"], "handled_orders"),
    "M15": (["converted_customers"], "inquiring_customers"),
}
RATER_GROUPS = {
    "M36a": ("内部协作", {"同事": Fraction(50), "上级": Fraction(50)}),
    "M36b": ("跨部门协作", {"其他部门": Fraction(100)}),
}
TARGETS = {
    "M02": Fraction(30),
    "M05": Fraction("4.8"),
    "M07": Fraction("0.9"),
    "M09": Fraction(60),
    "M11": Fraction("0.95"),
    "M15": Fraction("0.3"),
    "M17": Fraction("0.05"),
    "M36a": Fraction(10),
    "M36b": Fraction(90),
}
WEIGHTS = {
    "M02": 15,
    "M03": 10,
    "M05": 15,
    "M07": 10,
    "M09": 10,
    "M11": 10,
    "M15": 10,
    "M17": 5,
    "M36a": 8,
    "M36b": 7,
}
FULL = Fraction(100)


def growth_of_value_per_customer(now: Sequence[Row], before: Sequence[Row]) -> Figure:
    """M17: this month's value per customer over last month's, less one."""
    value, value_before = (
        ratio(rows, ["paid_amount"], "paying_customers") for rows in (now, before)
    )
    if value is None or not value_before:
        return None
    return (value - value_before) / value_before


def points(metric: str, value: Fraction) -> Fraction:
    """R01 between 0 and the full mark; the reply rate by R02."""
    if metric == "M03":
        return Fraction(60) if below(value, Fraction(1)) else FULL
    target = TARGETS[metric]
    if metric == "M02":
        reached = FULL * target / value if value else FULL
    else:
        reached = FULL * value / target
    return min(max(reached, Fraction(0)), FULL)


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    expect: dict[str, Any] = {
        section: {} for section in ("values", "points", "scores", "items", "total")
    }
    for person in case["roster"]:
        own = person["person_id"]
        now, before = (
            [row for row in of_month(case["counts"], month) if row["person_id"] == own]
            for month in (period, previous(period))
        )
        ratings = [
            row for row in case["ratings"] if row["period"] == period and row["person_id"] == own
        ]
        found: dict[str, Figure] = {
            metric: ratio(now, *counts) for metric, counts in RATIOS.items()
        }
        found["M17"] = growth_of_value_per_customer(now, before)
        for metric, (item, weights) in RATER_GROUPS.items():
            found[metric] = rating(ratings, item, weights)
        values = {metric: value for metric, value in found.items() if value is not None}
        expect["values"][own] = values
        if person["status"] != "confirmed":
            continue
        scored = {metric: points(metric, values[metric]) for metric in WEIGHTS if metric in values}
        score = sum(WEIGHTS[metric] * got for metric, got in scored.items()) / sum(
            WEIGHTS[metric] for metric in scored
        )
        bonus = cents(Fraction(person["bonus_base"]) * score / FULL)
        expect["points"][own] = {metric: [got] for metric, got in scored.items()}
        expect["scores"][own] = {"综合得分": score}
        expect["items"][own] = {"绩效奖金": bonus}
        expect["total"][own] = bonus
    return expect


if __name__ == "__main__":
    run(__file__, expected)
