"""Works out what s08_team_month.toml expects; ``--check`` compares.

S08 容量 70 / 满意 30 of 003§❹: receptions per day on duty and satisfaction against their targets
(R01), 70 and 30 parts of the total (R43), the weight of a missing one to the other (C3, R08); the
bonus by the days employed (R45) and the total (R42).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from exact import Row, cents, month_days, of_month, places, ratio, run

PARTS = {
    "工作容量": (["received_customers"], "duty_days", Fraction(60), 70),
    "满意度": (["rating_sum"], "ratings", Fraction(5), 30),
}
FULL = Fraction(100)


def days_employed(person: Row, first: dt.date, last: dt.date) -> int:
    """Days of the month on which the person was employed, both ends counted."""
    since = max(person.get("hired", first), first)
    until = min(person.get("left", last), last)
    return (until - since).days + 1


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    first, last = month_days(period)
    rows = of_month(case["counts"], period)
    expect: dict[str, Any] = {
        section: {} for section in ("values", "points", "scores", "items", "total", "places")
    }
    totals: dict[str, Fraction] = {}
    for person in case["roster"]:
        own = person["person_id"]
        found = {
            part: ratio([row for row in rows if row["person_id"] == own], counts, whole)
            for part, (counts, whole, _, _) in PARTS.items()
        }
        values = {part: value for part, value in found.items() if value is not None}
        expect["values"][own] = values
        if person["status"] != "confirmed":
            continue
        points = {
            part: min(FULL * value / PARTS[part][2], FULL) for part, value in values.items()
        }
        score = sum(PARTS[part][3] * got for part, got in points.items()) / Fraction(
            sum(PARTS[part][3] for part in points)
        )
        totals[own] = score
        share = Fraction(days_employed(person, first, last), (last - first).days + 1)
        bonus = cents(Fraction(person["bonus_base"]) * score / FULL * share)
        expect["points"][own] = {part: [got] for part, got in points.items()}
        expect["scores"][own] = {"综合得分": score}
        expect["items"][own] = {"考核奖金": bonus}
        expect["total"][own] = bonus
    expect["places"] = dict(zip(totals, places(list(totals.values())), strict=True))
    return expect


if __name__ == "__main__":
    run(__file__, expected)
