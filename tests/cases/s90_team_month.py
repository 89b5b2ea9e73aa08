"""Works out what s90_team_month.toml expects; ``--check`` compares.

S90, the Rowan premium plan: premium = (time saved ÷ time set) × time taken, in wages; the time set
is the sum over the cases handled; time wages are guaranteed (R45).  Places by time set ÷ time taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from exact import Figure, Row, below, cents, of_month, places, run, total
from scorecards import FULL, share_employed

MINUTES = {"咨询件数": 6, "售后件数": 15, "投诉件数": 40}
HOURS_OF_A_MONTH = Fraction("21.75") * 8
REVIEW = "与本人核对定额与用时，查明原因"


def hours(rows: Sequence[Row]) -> tuple[Figure, Figure]:
    """The time set and the time taken."""
    cases = {kind: total(rows, kind) for kind in MINUTES}
    time_set: Figure = Fraction(0)
    for kind, minutes in MINUTES.items():
        count = cases[kind]
        time_set = None if count is None or time_set is None else time_set + count * minutes
    return None if time_set is None else time_set / 60, total(rows, "实用工时")


def figures(time_set: Figure, taken: Figure) -> dict[str, Fraction]:
    """Efficiency and the share of the time that was saved."""
    found: dict[str, Fraction] = {}
    if time_set is not None and taken:
        found["M42b"] = time_set / taken
    if time_set and taken is not None:
        found["M42c"] = max(Fraction(0), time_set - taken) / time_set
    return found


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    sections = ("values", "points", "scores", "items", "total", "places", "follows", "departments")
    expect: dict[str, Any] = {section: {} for section in sections}
    month = of_month(case["counts"], period)
    scores: dict[str, Fraction] = {}
    for person in case["roster"]:
        own = person["person_id"]
        rows = [row for row in month if row["person_id"] == own]
        time_set, taken = hours(rows)
        values = figures(time_set, taken)
        expect["values"][own] = values
        if person["status"] == "stand_in":
            continue
        items = {"计时工资": cents(Fraction(person["base_pay"]) * share_employed(person, period))}
        if person["status"] == "confirmed":
            rate = Fraction(person["base_pay"]) / HOURS_OF_A_MONTH
            items["小时工资"] = rate
            saved = values.get("M42c", Fraction(0))
            items["节约奖金"] = cents(rate * (taken or Fraction(0)) * saved)
            if "M42b" in values:
                scores[own] = min(FULL * values["M42b"], Fraction(200))
                expect["points"][own] = {"M42b": [scores[own]]}
                expect["scores"][own] = {"工时得分": scores[own]}
                if below(values["M42b"], Fraction(1)):
                    expect["follows"][own] = [REVIEW]
        expect["items"][own] = items
        paid = (amount for name, amount in items.items() if name != "小时工资")
        expect["total"][own] = sum(paid, Fraction(0))
    for department in dict.fromkeys(person["department"] for person in case["roster"]):
        theirs = [
            person["person_id"]
            for person in case["roster"]
            if person["department"] == department and person["status"] == "confirmed"
        ]
        whole = figures(*hours([row for row in month if row["person_id"] in theirs]))
        expect["departments"][department] = {"部门节约率": whole["M42c"]}
        ranked = [own for own in theirs if own in scores]
        mine = places([scores[own] for own in ranked])
        expect["places"] |= dict(zip(ranked, mine, strict=True))
    return expect


if __name__ == "__main__":
    run(__file__, expected)
