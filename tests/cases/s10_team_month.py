"""Works out what s10_team_month.toml expects; ``--check`` compares.

S10 自评 30 / 店长 70 of 004: the person rates their tasks, the store manager seven items (R07, R08);
the first place gets 100, the last loses 100 out of the commission (R23); who follows from the places
of this month and of closed months (R26, R27). The monitored figures are shown only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from exact import Figure, Row, cents, mean, of_month, places, previous, ratio, run, total

RATIOS = {
    "M15": (["converted_customers"], "inquiring_customers"),
    "M01": (["response_seconds"], "replies"),
    "M19": (["lost_customers"], "ordering_customers"),
    "M22a": (["valid_orders"], "orders"),
    "M14": (["final_paying_customers", "same_day_paying_customers"], "ordering_customers"),
    "M22b": (["refunded_amount"], "paid_amount"),
    "M16": (["paid_amount"], "paying_customers"),
    "M23": (["complaint_tickets"], "service_tickets"),
    "M27": (["abnormal_orders"], "orders"),
}
SELF = ("M36e", "工作任务")
BY_MANAGER = {  # the document gives no weights within the manager's 70 %
    "M36f": ("工作绩效", Fraction("17.5")),
    "M36g": ("工作能力", Fraction("17.5")),
    "M36h": ("协作性", Fraction("17.5")),
    "M36i": ("服务性", Fraction("17.5")),
    "M36j": ("报表及时性", Fraction(10)),
    "M36k": ("报表真实性", Fraction(10)),
    "M36l": ("报表质量", Fraction(10)),
}
COMMISSION = Fraction("0.01")  # left to the firm
REWARD = 100
PLAN = "提交整改方案：分析落后原因，写出改进措施"
TRANSFER = "考虑调岗"


def rated(rows: Sequence[Row], item: str, group: str) -> Figure:
    """The mean of a rater group's scores of an item."""
    return mean(
        [
            Fraction(row["score"])
            for row in rows
            if row["item"] == item and row["rater_group"] == group
        ]
    )


def shared(amount: int, heads: int) -> list[Fraction]:
    """C2: an amount in equal parts to the cent; the odd cents to the first of the roster."""
    whole, odd = divmod(amount * 100, heads)
    return [Fraction(whole + (turn < odd), 100) for turn in range(heads)]


def rewards(place: Sequence[int], from_bottom: Sequence[int]) -> list[Fraction]:
    """R23: the first share 100, the last lose 100 between them; the first are never the last."""
    firsts = [n for n, own in enumerate(place) if own == 1]
    lasts = [n for n, own in enumerate(from_bottom) if own == 1 and n not in firsts]
    out = [Fraction(0)] * len(place)
    for who, sign in ((firsts, 1), (lasts, -1)):
        for n, part in zip(who, shared(REWARD, len(who)) if who else (), strict=True):
            out[n] = sign * part
    return out


def times_last(history: Mapping[tuple[str, str], int], own: str, period: str, now: int) -> int:
    """R26: how many months in a row, this one included, the person was last."""
    streak = 0
    place: int | None = now
    while place == 1:
        streak += 1
        period = previous(period)
        place = history.get((own, period))
    return streak


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    period: str = case["period"]
    history = {
        (row["person_id"], row["period"]): int(row["value"])
        for row in case["history"]
        if row["item"] == "倒数名次"
    }
    expect: dict[str, Any] = {
        section: {}
        for section in ("values", "points", "scores", "items", "total", "places", "follows")
    }
    totals: dict[str, Fraction] = {}
    commissions: dict[str, Fraction] = {}
    for person in case["roster"]:
        own = person["person_id"]
        rows = [r for r in of_month(case["counts"], period) if r["person_id"] == own]
        ratings = [r for r in case["ratings"] if r["period"] == period and r["person_id"] == own]
        found: dict[str, Figure] = {metric: ratio(rows, *how) for metric, how in RATIOS.items()}
        found["M22"] = total(rows, "placed_amount")
        self_rating = rated(ratings, SELF[1], "本人")
        by_manager = {m: rated(ratings, item, "店长") for m, (item, _) in BY_MANAGER.items()}
        found |= {SELF[0]: self_rating, **by_manager}
        expect["values"][own] = {m: value for m, value in found.items() if value is not None}
        if person["status"] != "confirmed":
            continue
        present = {m: value for m, value in by_manager.items() if value is not None}
        manager = sum(BY_MANAGER[m][1] * value for m, value in present.items()) / sum(
            BY_MANAGER[m][1] for m in present
        )
        scores = {"店长评": manager}
        points = {m: [value] for m, value in present.items()}
        if self_rating is not None:
            scores["自评"] = self_rating
            points[SELF[0]] = [self_rating]
        totals[own] = (
            manager if self_rating is None else (30 * self_rating + 70 * manager) / Fraction(100)
        )
        sales = total(rows, "sales")
        assert sales is not None, own
        commissions[own] = cents(sales * COMMISSION)
        expect["points"][own] = points
        expect["scores"][own] = scores

    assessed = [person for person in case["roster"] if person["person_id"] in totals]
    for department in {person["department"]: None for person in assessed}:
        mine = [p["person_id"] for p in assessed if p["department"] == department]
        place = [n for n in places([totals[own] for own in mine]) if n is not None]
        from_bottom = [n for n in places([-totals[own] for own in mine]) if n is not None]
        for own, reward, top, bottom in zip(
            mine, rewards(place, from_bottom), place, from_bottom, strict=True
        ):
            limited = max(reward, -commissions[own])
            expect["items"][own] = {"提成": commissions[own], "名次奖惩": limited}
            expect["total"][own] = commissions[own] + limited
            expect["places"][own] = top
            follows = [PLAN] if bottom <= 2 and top > 1 else []
            if times_last(history, own, period, bottom) >= 3 and top > 1:
                follows.append(TRANSFER)
            if follows:
                expect["follows"][own] = follows
    return expect


if __name__ == "__main__":
    run(__file__, expected)
