"""Scheme S06 by hand in numpy: what a programmer would write for this one policy and no other.

Everything is fixed in the code, nothing is explained or kept for later.  It takes the same tables
as ``xl_kpi.evaluate``, of the last month of a quarter, and pays the same cents.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from tiers_month import ROLES

START, END = np.datetime64("2026-09-01"), np.datetime64("2026-09-30")
QUARTER = np.datetime64("2026-07-01")
# metric: part, whole, lower is better, target
RATES = {
    "csat": ("rating_sum", "ratings", False, 10.0),
    "first": ("first_response_seconds", "first_responses", True, 30.0),
    "once": ("solved_at_once", "raised_problems", False, 0.8),
    "time": ("handled_in_time", "handled_orders", False, 0.95),
    "quality": ("passed_inspections", "inspections", False, 0.95),
    "conversion": ("converted_customers", "inquiring_customers", False, 0.3),
    "leads": ("complete_leads", "leads", False, 0.9),
    "repurchase": ("repurchasing_customers", "served_customers", False, 0.1),
    "disputes": ("disputed_returns", "returns", True, 0.03),
    "escalated": ("escalated_complaints", "complaints", True, 0.1),
    "retained": ("retained_complaints", "complaints", False, 0.6),
}
COMMON = (
    {"csat": 0.3, "first": 0.2, "time": 0.2, "quality": 0.2},
    {"csat": 0.3, "first": 0.05, "once": 0.15, "time": 0.2, "quality": 0.2},
    {"csat": 0.3, "first": 0.2, "time": 0.2, "quality": 0.2},
)
OWN = (
    {"conversion": 0.6, "leads": 0.4},
    {"repurchase": 0.5, "disputes": 0.5},
    {"escalated": 0.5, "retained": 0.5},
)
OF_QUARTER = (
    {"csat": 0.5, "conversion": 0.3, "leads": 0.2},
    {"csat": 0.5, "repurchase": 0.25, "disputes": 0.25},
    {"csat": 0.5, "escalated": 0.25, "retained": 0.25},
)
CUTS = np.array([0.1, 0.3, 0.8])
COEFFICIENT, EXTRA = np.array([1.5, 1.2, 1.0, 0.8]), np.array([0.1, 0.05, 0.0, 0.0])


def calculate(tables: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Pay, grades and what follows, of everybody employed in September, in the roster's order."""
    roster = tables["roster"]
    hired, left = (roster[k].to_numpy("datetime64[D]") for k in ("hired", "left"))
    here = ~(hired > END) & ~(left < START)
    position = np.append(np.where(here, np.cumsum(here) - 1, -1), -1)
    size = int(here.sum())
    index = pd.Index(roster["person_id"])
    role = roster["role"].map(dict(zip(ROLES, range(3), strict=True))).to_numpy()[here]
    status = roster["status"].to_numpy(dtype=object)[here]
    assessed, staff = status == "confirmed", status != "stand_in"
    department = pd.factorize(roster["department"][here])[0]
    team = pd.factorize(roster["team"][here])[0]

    counts = tables["counts"]
    owner = position[index.get_indexer(pd.Index(counts["person_id"]))]
    days = counts["date"].to_numpy("datetime64[D]")
    known = (owner >= 0) & (days <= END)
    month, quarter = known & (days >= START), known & (days >= QUARTER)

    def sums(rows: np.ndarray, key: str) -> np.ndarray:
        return np.bincount(owner[rows], counts[key].to_numpy()[rows], minlength=size)

    def points(rows: np.ndarray, name: str) -> np.ndarray:
        part, whole, lower, target = RATES[name]
        value = sums(rows, part) / sums(rows, whole)
        with np.errstate(divide="ignore"):
            return np.minimum(100, 100 * target / value if lower else 100 * value / target)

    monthly = {name: points(month, name) for name in RATES}
    quarterly = {name: points(quarter, name) for weights in OF_QUARTER for name in weights}
    happened = _events(tables["events"], index, position, size)
    behaviour = np.array([100.0, 60.0, 30.0, 0.0])[np.minimum(happened, 3)]

    def weighted(scores: dict[str, np.ndarray], weights: tuple[dict[str, float], ...]) -> np.ndarray:
        total = np.zeros(size)
        for number, mine in enumerate(weights):
            total += np.where(role == number, sum(w * scores[n] for n, w in mine.items()), 0.0)
        return total

    common = weighted(monthly, COMMON) + 0.1 * behaviour
    own = weighted(monthly, OWN)
    manager = _ratings(tables["ratings"], "主管评价", ("2026-09",), index, position, size)
    support = _ratings(
        tables["ratings"], "跨团队支持", ("2026-07", "2026-08", "2026-09"), index, position, size
    )
    total = np.where(assessed, 0.8 * (0.6 * common + 0.4 * own) + 0.2 * manager, np.nan)
    place, grade = _graded(total, department)

    share = (np.fmin(left, END) - np.fmax(hired, START)).astype(float)[here] + 1
    share /= (END - START).astype(int) + 1
    base = roster["base_pay"].to_numpy()[here]
    fixed, floating = (roster[k].to_numpy()[here] for k in ("fixed_bonus", "floating_bonus"))
    bonus = fixed + floating * COEFFICIENT[grade] + base * EXTRA[grade]
    sales = sums(month, "sales")
    target = _targets(tables["targets"], index, position, size)
    rate = np.array([0, 0.01, 0.012, 0.015])[
        np.searchsorted([0.8, 1.0, 1.2], sales / target, side="right")
    ]
    star = np.where(place <= 3, np.array([0, 300, 200, 100, 0])[np.minimum(place, 4)], 0)
    pay = np.where(staff, _cents(base * share), 0)
    pay = pay + np.where(assessed, _cents(bonus * share) + star, 0)
    pay += np.where(assessed & (role == 0), _cents(sales * rate), 0)
    pay = np.where(staff | assessed, np.round(pay, 2), np.nan)

    quarter_score = np.where(assessed, 0.9 * weighted(quarterly, OF_QUARTER) + 0.1 * support, np.nan)
    _, quarter_grade = _graded(quarter_score, department)
    past = _history(tables["history"], index, position, size)
    before = past("季度等级", "2026-06", words=True)
    earlier = past("季度等级", "2026-03", words=True)
    has_grade = ~np.isnan(quarter_score)
    team_score = _mean(quarter_score, team)[team]
    saved = past("季度响应时长", "2026-06") - sums(quarter, "first_response_seconds") / sums(
        quarter, "first_responses"
    )
    saved = np.where(assessed, saved, np.nan)
    _, saved_place = _ranked(saved, department)
    best, worst = has_grade & (quarter_grade == 0), has_grade & (quarter_grade == 3)
    follows = np.stack([
        assessed & (total >= 0),
        assessed & (place <= 3),
        worst,
        worst & (before == "C"),
        best & (before == "S") & (earlier == "S"),
        best,
        (saved > 0) & (saved_place == 1),
        assessed & (team_score >= 95),
        np.zeros(size, bool),  # at the year's end
        np.zeros(size, bool),
    ])  # fmt: skip
    return {"pay": pay, "grade": grade, "quarter": quarter_grade, "follows": follows}


def _mean(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    return np.bincount(group[known], values[known], minlength=group.max() + 1) / np.bincount(
        group[known], minlength=group.max() + 1
    )


def _history(
    history: pd.DataFrame, index: pd.Index, position: np.ndarray, size: int
) -> Callable[..., np.ndarray]:
    who = position[index.get_indexer(pd.Index(history["person_id"]))]

    def past(item: str, month: str, words: bool = False) -> np.ndarray:
        rows = ((history["item"] == item) & (history["period"] == month)).to_numpy() & (who >= 0)
        out = np.full(size, None, dtype=object) if words else np.full(size, np.nan)
        out[who[rows]] = history["word" if words else "value"].to_numpy()[rows]
        return out

    return past


def _cents(amount: np.ndarray) -> np.ndarray:
    return np.floor(np.round(amount * 100, 6) + 0.5) / 100


def _events(events: pd.DataFrame, index: pd.Index, position: np.ndarray, size: int) -> np.ndarray:
    who = position[index.get_indexer(pd.Index(events["person_id"]))]
    mine = (who >= 0) & (events["event"] == "违规操作").to_numpy()
    return np.bincount(who[mine], events["times"].to_numpy()[mine], minlength=size).astype(int)


def _ratings(
    ratings: pd.DataFrame, item: str, months: tuple[str, ...], index: pd.Index,
    position: np.ndarray, size: int,
) -> np.ndarray:  # fmt: skip
    who = position[index.get_indexer(pd.Index(ratings["person_id"]))]
    mine = (ratings["item"] == item).to_numpy() & ratings["period"].isin(months).to_numpy() & (who >= 0)
    score = ratings["score"].to_numpy()[mine]
    return np.bincount(who[mine], score, minlength=size) / np.bincount(who[mine], minlength=size)


def _targets(targets: pd.DataFrame, index: pd.Index, position: np.ndarray, size: int) -> np.ndarray:
    who = position[index.get_indexer(pd.Index(targets["person_id"]))]
    out = np.full(size, np.nan)
    out[who[who >= 0]] = targets["sales_target"].to_numpy()[who >= 0]
    return out


def _graded(score: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place in the group and number of the grade; the unscored are last."""
    size, place = _ranked(score, group)
    cuts = np.floor(np.round(size[:, None] * CUTS, 9) + 0.5)
    return place, np.minimum((place[:, None] > cuts).sum(axis=1), 3)


def _ranked(score: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of the group have a score, and the place among them."""
    rows = np.flatnonzero(~np.isnan(score))
    key = np.round(score[rows], 9)
    order = np.lexsort((-key, group[rows]))
    rows, key, codes = rows[order], key[order], group[rows][order]
    start = np.r_[True, codes[1:] != codes[:-1]][: len(rows)]
    run = start | np.r_[True, key[1:] != key[:-1]][: len(rows)]
    n = np.arange(len(rows))
    first = np.maximum.accumulate(np.where(start, n, 0))
    places = np.full(len(score), 10**9)
    places[rows] = np.maximum.accumulate(np.where(run, n, 0)) - first + 1
    return np.bincount(group[rows], minlength=group.max() + 1)[group], places
