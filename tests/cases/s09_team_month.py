"""Works out what s09_team_month.toml expects; ``--check`` compares.

S09 四项 PK of 003§❻: each of four factors is ranked on its own in the department (C4), places 1 to 3
earn 3, 2, 1 points (R05) and an amount (R24); who lacks a factor takes part in the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from exact import Figure, cents, of_month, places, ratio, run, total

AWARDS = {"M22": "成交奖", "M15": "转化奖", "M01": "响应奖", "M09a": "接待奖"}
YUAN = {1: 300, 2: 200, 3: 100}  # the document leaves the amounts to the firm
POINTS = {1: 3, 2: 2, 3: 1}
LOWER_IS_BETTER = {"M01"}


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    rows = of_month(case["counts"], case["period"])
    expect: dict[str, Any] = {
        section: {} for section in ("values", "points", "scores", "items", "total", "places")
    }
    figures: dict[str, dict[str, Figure]] = {}
    for person in case["roster"]:
        own = person["person_id"]
        mine = [row for row in rows if row["person_id"] == own]
        figures[own] = {
            "M22": total(mine, "placed_amount"),
            "M15": ratio(mine, ["converted_customers"], "inquiring_customers"),
            "M01": ratio(mine, ["response_seconds"], "replies"),
            "M09a": total(mine, "received_customers"),
        }
        expect["values"][own] = {
            metric: value for metric, value in figures[own].items() if value is not None
        }

    assessed = [person for person in case["roster"] if person["status"] == "confirmed"]
    for department in {person["department"]: None for person in assessed}:
        mine = [p["person_id"] for p in assessed if p["department"] == department]
        won: dict[str, dict[str, int | None]] = {own: {} for own in mine}
        for metric in AWARDS:
            values = [figures[own][metric] for own in mine]
            if metric in LOWER_IS_BETTER:
                values = [None if value is None else -value for value in values]
            for own, place in zip(mine, places(values), strict=True):
                won[own][metric] = place
        for own in mine:
            taken = {metric: place for metric, place in won[own].items() if place is not None}
            expect["points"][own] = {
                metric: [POINTS.get(place, 0)] for metric, place in taken.items()
            }
            expect["scores"][own] = {
                "PK积分": sum(POINTS.get(place, 0) for place in taken.values())
            }
            items = {
                award: cents(Fraction(YUAN.get(taken.get(metric, 0), 0)))
                for metric, award in AWARDS.items()
            }
            expect["items"][own] = items
            expect["total"][own] = sum(items.values())
        scores = [Fraction(expect["scores"][own]["PK积分"]) for own in mine]
        expect["places"] |= dict(zip(mine, places(scores), strict=True))
    return expect


if __name__ == "__main__":
    run(__file__, expected)
