"""Generated inputs for the twins of the money rules."""

from __future__ import annotations

from typing import Any

import numpy as np
from twin_columns import (
    BOTH,
    Cases,
    Rng,
    cases_of,
    column,
    equal_groups,
    groups,
    half_cents,
    money,
    noisy,
    per_row,
    ratios,
)


@cases_of("C1")
def _round_money(rng: Rng) -> Cases:
    halves = [2.675, 1.005, -2.675, 0.285, 1.115, 1234567.885, 0.77 * 0.50 * 0.01 * 350700]
    for digits in (2, 0, 1, -2):
        amounts = list(rng.uniform(-5000, 5000, 260) * rng.choice([1, 1e-3, 1e3], 260))
        edges = [h * 10.0 ** (2 - digits) for h in halves + half_cents(rng, 40)]
        yield {"amount": column(rng, amounts, edges=edges)}, {"digits": digits}


@cases_of("R30")
def _department_coefficient(rng: Rng) -> Cases:
    for rate in (0.01, 0.0125):
        yield ({"completion": column(rng, ratios(rng, 520, 1.5), edges=[0, 1, 0.47]),
                "conversion": column(rng, ratios(rng, 520), edges=[0, 0.3955])},
               {"rate": rate})  # fmt: skip


def on_half_a_cent(rng: Rng, rows: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Tidy sales, completion and conversion whose bonus ends in half a cent in one case of two."""
    sales = rng.integers(500, 6000, rows) * 200 + rng.choice([0, 100], rows)
    completion = (rng.integers(10, 70, rows) * 2 + 1) / 100
    return (column(rng, sales, edges=[350700]), column(rng, completion, edges=[0.77]),
            column(rng, per_row(rng, [0.5, 0.3955, 0.4, 0.5], rows)))  # fmt: skip


@cases_of("R31")
def _department_bonus(rng: Rng) -> Cases:
    for rate in (0.01, 0.01, 0.0125):
        sales, completion, conversion = on_half_a_cent(rng, 400)
        yield ({"sales": sales, "completion": completion, "conversion": conversion},
               {"rate": rate})  # fmt: skip


IN_TIERS = [[0, 0.6, 0.005], [0.6, None, 0.008]]
EXCESS_TIERS = [[1, 1.3, 0.009], [1.3, None, 0.01]]


@cases_of("R33")
def _split_commission(rng: Rng) -> Cases:
    for mode in ("whole", "marginal"):
        for in_tiers, excess_tiers in (
            (IN_TIERS, EXCESS_TIERS),
            ([[0.3, 0.6, 0.004], [0.6, 0.9, 0.006], [0.9, None, 0.0085]],
             [[1, 1.1, 0.009], [1.1, 1.5, 0.0115], [1.5, None, 0.0075]]),
        ):  # fmt: skip
            target = column(rng, per_row(rng, [100_000, 122_502.5, 33_333.33], 300), edges=[0])
            steps = [0, 0.3, 0.6, 0.9, 1, 1.1, 1.3, 1.5]
            sales = [
                noisy(rng, t * steps[rng.integers(8)]) if t and rng.random() < 0.3 else s
                for t, s in zip(target, column(rng, money(rng, 300)), strict=True)
            ]
            yield ({"sales": sales, "target": target},
                   {"in_tiers": in_tiers, "excess_tiers": excess_tiers, "mode": mode})  # fmt: skip


@cases_of("R35")
def _bonus_pool(rng: Rng) -> Cases:
    for rate, in_share, excess_share in ((0.01, 0.2, 0.1), (0.008, 0.15, 0.3)):
        rows = 520
        people = [[column(rng, money(rng, 6, 3000), edges=[0]) for _ in range(rows)]
                  for _ in range(2)]  # fmt: skip
        for part in people:
            for cells in part:
                cells[0] = cells[0] or 0.0  # one figure at least
        pay_nothing = [-300_000.0, 0, -300, 150]
        yield ({"sales": column(rng, money(rng, rows, 600_000), edges=[0]),
                "completion": column(rng, ratios(rng, rows, 1.5), edges=[0, 1]),
                "conversion": column(rng, ratios(rng, rows)),
                "in_task": people[0], "excess": people[1],
                "reward": column(rng, per_row(rng, pay_nothing, rows))},
               {"rate": rate, "in_share": in_share, "excess_share": excess_share})  # fmt: skip


POOLS = (903.850128, 225.962532, 100, 0.05, 100.01, 0, 54321.987, None)


@cases_of("R37")
def _pool_share(rng: Rng) -> Cases:
    for total, overspend in ((None, "scale"), (96, "scale"), (96, "pay"), (20.5, "scale"),
                             (None, "scale")):  # fmt: skip
        people = groups(rng, 240)
        scores = column(rng, rng.integers(-5, 40, 240) / 2, edges=[0, 10, 48])
        scores = equal_groups(rng, scores, people)
        teams = list(dict.fromkeys(people))
        pools = dict(zip(teams, per_row(rng, POOLS, len(teams)), strict=True))
        for team, chance in zip(teams, rng.random(len(teams)), strict=True):
            scored = [i for i, g in enumerate(people) if g == team and scores[i] is not None]
            for i in scored:
                if chance < 0.1:  # nobody has a score above 0
                    scores[i] = min(scores[i], 0)
                elif chance < 0.3 and total is not None:  # the scores add up to the total
                    scores[i] = total / len(scored)
        yield ({"scores": scores, "pool": [pools[g] for g in people], "groups": people},
               {"total": total, "overspend": overspend})  # fmt: skip


@cases_of("R45")
def _prorate(rng: Rng) -> Cases:
    for first, last in ((46266, 46295), (46296, 46326), (46054, 46081)):
        for basis in ("calendar", "working"):
            days = list(range(first - 40, last + 40))
            amount = column(rng, money(rng, 200, 9000), edges=half_cents(rng, 20))
            start = column(rng, rng.integers(first - 40, last + 10, 200))
            end = [
                None if rng.random() < 0.3 else float(rng.choice(days)) if s is None
                else s + float(rng.integers(0, 45))
                for s in start
            ]  # fmt: skip
            start = [None if s is None else float(round(s)) for s in start]
            end = [None if e is None else float(round(e)) for e in end]
            yield ({"amount": amount, "start": start, "end": end},
                   {"period_start": first, "period_end": last, "basis": basis})  # fmt: skip


@cases_of("R40")
def _tiered_commission(rng: Rng) -> Cases:
    for mode in ("whole", "marginal"):
        for tiers in (
            [[0.8, 1, 0.01], [1, 1.2, 0.012], [1.2, None, 0.015]],
            [[0, 0.5, 0.0033], [0.5, 0.9, 0.0075], [0.9, 1.1, 0.0125], [1.1, None, 0.02]],
        ):
            target = column(rng, per_row(rng, [100_000, 122_502.5, 33_333.33], 300), edges=[0])
            steps = [0, 0.5, 0.8, 0.9, 1, 1.1, 1.2]
            amount = [
                noisy(rng, t * steps[rng.integers(7)]) if t and rng.random() < 0.3 else s
                for t, s in zip(target, column(rng, money(rng, 300), edges=[350.5, 1250.5]),
                                strict=True)
            ]  # fmt: skip
            yield {"amount": amount, "target": target}, {"tiers": tiers, "mode": mode}


EXCESS_BANDS = (
    [[None, 60, "none", "[)"], [60, 80, -0.002, "[]"], [80, 95, 0, "()"],
     [95, None, 0.002, "[)"]],
    [[0, 70, "none", "()"], [70, 90, -0.0125, "[)"], [90, 100, 0.0015, "[]"]],
)  # fmt: skip


@cases_of("R39")
def _excess_rate(rng: Rng) -> Cases:
    for bands in EXCESS_BANDS:
        edges = [edge for row in bands for edge in row[:2] if edge is not None]
        score = column(rng, np.round(rng.uniform(40, 110, 520), 2), edges=edges)
        rate = column(rng, per_row(rng, [0.015, 0.01, 0.002, 0.001], 520), edges=[0])
        yield {"score": score, "excess_rate": rate}, {"bands": bands}


GRADE_TABLES = (
    [["S", 1.5, 0.1], ["A", 1.2, 0.05], ["B", 1, 0], ["C", 0.8, 0]],
    [["一级", 1.25, 0.075], ["二级", 0.95, 0.0125]],
)


@cases_of("R22")
def _grade_pay(rng: Rng) -> Cases:
    for table in GRADE_TABLES:
        grades = [row[0] for row in table]
        grade = per_row(rng, [*grades, *grades, grades[0].lower(), "Z", None], 520)
        yield ({"grade": grade,
                "floating": column(rng, money(rng, 520, 3000), edges=[0, 1000.01, 333.3]),
                "base_pay": column(rng, money(rng, 520, 9000), edges=[0, 6000.1, 4321.98]),
                "fixed": column(rng, money(rng, 520, 900), edges=[0, 500])},
               {"table": table})  # fmt: skip


@cases_of("R23")
def _rank_reward(rng: Rng) -> Cases:
    for better in BOTH:
        for first, last in ((100, -100), (250.55, -0.05), (0, 100.01)):
            people = groups(rng, 180)
            values = equal_groups(rng, column(rng, np.round(rng.uniform(60, 70, 180))), people)
            yield ({"values": values, "groups": people},
                   {"first": first, "last": last, "better": better})  # fmt: skip


@cases_of("R50")
def _stretch_reward(rng: Rng) -> Cases:
    for better in BOTH:
        for amount, rate in ((200, None), (None, 0.0125), (88.88, 0.5), (150, 0)):
            line = column(rng, per_row(rng, [0.45, 30, 100_000, 2475 / 3076], 140))
            actual = [
                noisy(rng, x) if x is not None and rng.random() < 0.15
                else a if x is None or a is None else a * x
                for a, x in zip(column(rng, ratios(rng, 140, 2)), line, strict=True)
            ]  # fmt: skip
            yield {"actual": actual, "line": line}, {
                "amount": amount, "rate": rate, "better": better,
            }  # fmt: skip


TARGETS = (100_000, 100_000.5, 33_333.49, 7, 0, 987_654.32, None)


@cases_of("R51")
def _target_split(rng: Rng) -> Cases:
    for weights in ((1, 1, 1), (30, 30, 15, 22, 0), (8123.45, 7988.1, 1e4 / 3)):
        for _ in range(2):
            people = groups(rng, 180)
            teams = list(dict.fromkeys(people))
            targets = dict(zip(teams, per_row(rng, TARGETS, len(teams)), strict=True))
            weight = column(rng, per_row(rng, weights, 180), edges=[0])
            idle = {g for g in teams if rng.random() < 0.1}
            weight = [0.0 if g in idle and w is not None else w
                      for w, g in zip(weight, people, strict=True)]  # fmt: skip
            yield {"target": [targets[g] for g in people], "weights": weight, "groups": people}, {}


@cases_of("R48")
def _limits(rng: Rng) -> Cases:
    amount = column(rng, money(rng, 1100, 5000), edges=[1000, 3000])
    floor = per_row(rng, [1000, 1000, 999.995, 0, None], 1100)
    cap = per_row(rng, [3000, 3000, 1000, 2999.99, None], 1100)
    yield {"amount": amount, "floor": floor, "cap": cap}, {}


@cases_of("R49")
def _deduction_guard(rng: Rng) -> Cases:
    for share, minimum_wage in ((0.2, None), (0.2, 2490), (0.15, 2010.5), (0, 2490)):
        earnings = column(rng, money(rng, 280, 8000), edges=[2490, 2010.5, 0, 5000])
        deductions: list[Any] = []
        for earned, typed in zip(earnings, column(rng, money(rng, 280, 1500), edges=[0]),
                                 strict=True):  # fmt: skip
            chance = rng.random()
            if earned is not None and chance < 0.2:
                deductions.append(noisy(rng, earned * share))
            elif earned is not None and minimum_wage and earned >= minimum_wage and chance < 0.4:
                deductions.append(noisy(rng, earned - minimum_wage))
            else:
                deductions.append(typed)
        yield ({"earnings": earnings, "deductions": deductions},
               {"share": share, "minimum_wage": minimum_wage})  # fmt: skip
