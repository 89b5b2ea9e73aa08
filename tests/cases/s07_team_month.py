"""Works out what s07_team_month.toml expects; ``--check`` compares.

S07 部门综合评估 of 003§❷: three raters' mean (R07), 100 from 95 on, the bonus by the score (R42);
a support department's bonus is a share of the operating departments' mean. The period runs from
the 21st of the month before to the 20th (C6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from exact import Figure, Row, below, cents, mean, places, previous, run, total

RATERS = ("部门第一负责人", "执行总经理", "总经理")
OPERATING = "经营部门"
FULL = Fraction(100)
COUNTS_AS_FULL = Fraction(95)
SUPPORT_SHARE = Fraction("0.8")  # the document leaves it blank


def inside(rows: Sequence[Row], period: str) -> list[Row]:
    """The rows from the 21st of the month before to the 20th of the month."""
    first = dt.date.fromisoformat(f"{previous(period)}-21")
    last = dt.date.fromisoformat(f"{period}-20")
    return [row for row in rows if first <= row["date"] <= last]


def department_score(rows: Sequence[Row]) -> Figure:
    """R07: the mean of the rater groups that rated, each of them the mean of its raters."""
    of_groups = [
        mean([Fraction(row["score"]) for row in rows if row["rater_group"] == group])
        for group in RATERS
    ]
    return mean(of_groups)


def counted(score: Fraction) -> Fraction:
    """From 95 on it is 100."""
    return score if below(score, COUNTS_AS_FULL) else FULL


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    rows = inside(case["counts"], period)
    units: list[Row] = case["roster"]
    targets = {
        row["person_id"]: Fraction(row["sales_target"])
        for row in case["targets"]
        if row["period"] == period
    }
    expect: dict[str, Any] = {
        section: {}
        for section in (
            "values", "points", "scores", "items", "total", "places", "departments",
        )
    }  # fmt: skip

    scores: dict[str, Fraction] = {}
    for unit in units:
        own = unit["person_id"]
        score = department_score(
            [r for r in case["ratings"] if r["period"] == period and r["person_id"] == own]
        )
        assert score is not None, own
        scores[own] = score
        expect["values"][own] = {"M36d": score}
        sales = total([row for row in rows if row["person_id"] == own], "sales")
        if unit["role"] != OPERATING or sales is None:
            continue
        expect["values"][own]["M00"] = sales
        if targets.get(own):
            expect["values"][own]["M20"] = sales / targets[own]

    assessed = [unit for unit in units if unit["status"] == "confirmed"]
    for hotel in {unit["department"]: None for unit in units}:
        mine = [unit for unit in assessed if unit["department"] == hotel]
        bases = {
            unit["person_id"]: Fraction(unit["bonus_base"])
            for unit in mine
            if unit["role"] == OPERATING
        }
        of_operating = sum(bases.values()) / len(bases)
        expect["departments"][hotel] = {
            "经营平均奖金": of_operating,
            "后勤提取比例": SUPPORT_SHARE,
        }
        reached = [counted(scores[unit["person_id"]]) for unit in mine]
        for unit, score, place in zip(mine, reached, places(reached), strict=True):
            own = unit["person_id"]
            base = bases.get(own, SUPPORT_SHARE * of_operating)
            bonus = cents(base * score / FULL)
            kind = "经营奖金基数" if own in bases else "后勤奖金基数"
            expect["points"][own] = {"M36d": [scores[own]]}
            expect["scores"][own] = {"综合评分": scores[own]}
            expect["items"][own] = {kind: base, "部门奖金": bonus}
            expect["total"][own] = bonus
            expect["places"][own] = place
    return expect


if __name__ == "__main__":
    run(__file__, expected)
