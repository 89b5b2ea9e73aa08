"""Works out what s12_team_month.toml expects; ``--check`` compares.

S12 抽样行为 of 003§❺ and 003§❸: sampled behaviour against targets (R01, R07), complaints caused by
a wrong answer (R03), small samples shown and not scored (C10), the bonus by the score (R42).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from exact import Figure, Row, cents, of_month, places, ratio, run, total
from scorecards import FULL, higher, lower, rating, weighted

RATERS = {"质检": Fraction(6), "主管": Fraction(4)}
RATED = {"M36p": "服务用语", "M36q": "专业度"}
RATIOS = {
    "M04a": (["answered_in_30s"], "sessions"),
    "M04b": (["answered_in_60s"], "sessions"),
    "M37": (["escalations_in_time"], "escalations"),
    "M38": (["calls_in_three_rings"], "calls"),
    "M23": (["complaint_tickets"], "service_tickets"),
    "M24": (["praised_ratings"], "ratings"),
}
SAMPLES = {
    "M36p": ("inspections", 10),
    "M36q": ("inspections", 10),
    "M04a": ("sessions", 30),
    "M04b": ("sessions", 30),
    "M37": ("escalations", 3),
    "M38": ("calls", 10),
    "M23": ("service_tickets", 20),
    "M24": ("ratings", 10),
}
TARGETS = {
    "M36p": Fraction(90),
    "M36q": Fraction(85),
    "M04a": Fraction("0.8"),
    "M04b": Fraction("0.95"),
    "M37": Fraction(1),
    "M38": Fraction("0.9"),
    "M23": Fraction("0.01"),
    "M24": Fraction("0.9"),
}
WEIGHTS = {
    "M36p": 15,
    "M36q": 15,
    "M04a": 10,
    "M04b": 10,
    "M37": 15,
    "M38": 10,
    "E14": 10,
    "M23": 10,
    "M24": 5,
}
WRONG_ANSWERS = {0: 100, 1: 60, 2: 30}
RETEST = "复盘答错的问题，一周内复测"


def points(metric: str, value: Fraction) -> Fraction:
    """What a value earns."""
    if metric == "E14":
        return Fraction(WRONG_ANSWERS.get(int(value), 0))
    return (lower if metric == "M23" else higher)(value, TARGETS[metric])


def large_enough(metric: str, rows: list[Row]) -> bool:
    """C10: whether the sample reaches the minimum."""
    if metric not in SAMPLES:
        return True
    key, minimum = SAMPLES[metric]
    return (total(rows, key) or Fraction(0)) >= minimum


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    sections = ("values", "points", "scores", "items", "total", "places", "follows")
    expect: dict[str, Any] = {section: {} for section in sections}
    scores: dict[str, Fraction] = {}
    for person in case["roster"]:
        own = person["person_id"]
        rows = [row for row in of_month(case["counts"], period) if row["person_id"] == own]
        rated = [r for r in case["ratings"] if r["period"] == period and r["person_id"] == own]
        found: dict[str, Figure] = {m: rating(rated, item, RATERS) for m, item in RATED.items()}
        found |= {metric: ratio(rows, *parts) for metric, parts in RATIOS.items()}
        wrong = [
            row
            for row in of_month(case["events"], period)
            if row["person_id"] == own and row["event"] == "错误解答投诉"
        ]
        found["E14"] = sum((Fraction(row.get("times", 1)) for row in wrong), Fraction(0))
        values = {metric: value for metric, value in found.items() if value is not None}
        expect["values"][own] = values
        if person["status"] != "confirmed":
            continue
        got = {
            metric: points(metric, value)
            for metric, value in values.items()
            if large_enough(metric, rows)
        }
        score = weighted(got, WEIGHTS)
        assert score is not None
        scores[own] = score
        expect["points"][own] = {metric: [earned] for metric, earned in got.items()}
        expect["scores"][own] = {"综合得分": score}
        bonus = cents(Fraction(person["bonus_base"]) * score / FULL)
        expect["items"][own] = {"绩效奖金": bonus}
        expect["total"][own] = bonus
        if values["E14"] > 0:
            expect["follows"][own] = [RETEST]
    expect["places"] = dict(zip(scores, places(list(scores.values())), strict=True))
    return expect


if __name__ == "__main__":
    run(__file__, expected)
