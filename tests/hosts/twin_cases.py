"""Generated inputs for the twins: a thousand rows and more per rule, the awkward ones on purpose.

At least a tenth of the figures that a rule compares are ties, a tenth blank and a tenth exactly on
an edge (or off it by the noise of a double).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from engines import Case

import xl_kpi.calling  # noqa: F401  (files the rules)
from xl_kpi.catalogue import RULES

Rng = np.random.Generator
Cases = Iterator[tuple[dict[str, Sequence[Any]], dict[str, Any]]]
Maker = Callable[[Rng], Cases]
MAKERS: dict[str, Maker] = {}
BOTH = ("higher", "lower")
SHARES = {"edge": 0.15, "tie": 0.15, "blank": 0.12}


def cases() -> list[Case]:
    """Every case of every rule that has a twin."""
    found = []
    for number, (rule_id, maker) in enumerate(MAKERS.items()):
        rng = np.random.default_rng([2026, number])
        found += [Case(RULES[rule_id], rows, policy) for rows, policy in maker(rng)]
    return found


def cases_of(rule_id: str) -> Callable[[Maker], Maker]:
    def file(maker: Maker) -> Maker:
        MAKERS[rule_id] = maker
        return maker

    return file


# --- columns ---------------------------------------------------------------------------------


def column(rng: Rng, values: Sequence[float], edges: Sequence[float | None] = ()) -> list[Any]:
    """Values of which some are put on an edge, some made equal to others, some left blank."""
    out = [None if v is None else float(v) for v in values]
    for row, chance in enumerate(rng.random(len(out))):
        if edges and chance < SHARES["edge"]:
            out[row] = noisy(rng, edges[rng.integers(len(edges))])
        elif chance < SHARES["edge"] + SHARES["tie"]:
            out[row] = noisy(rng, out[rng.integers(len(out))])
        elif chance < sum(SHARES.values()):
            out[row] = None
    return out


def noisy(rng: Rng, value: float | None) -> float | None:
    """The value, or in one case of three the next double beside it."""
    if value is None or value == 0 or rng.random() < 0.67:
        return value
    return float(np.nextafter(value, rng.choice([-np.inf, np.inf])))


def ratios(rng: Rng, rows: int, up_to: float = 1.0) -> list[float]:
    """Ratios of counts: long decimals."""
    whole = rng.integers(20, 900, rows)
    return list(np.floor(rng.uniform(0, up_to, rows) * whole) / whole)


def money(rng: Rng, rows: int, up_to: float = 200_000) -> list[float]:
    """Amounts in whole cents."""
    return list(np.round(rng.uniform(0, up_to, rows), 2))


def per_row(rng: Rng, values: Sequence[float | None], rows: int) -> list[Any]:
    return [values[i] for i in rng.integers(len(values), size=rows)]


def groups(rng: Rng, rows: int) -> list[str | None]:
    """Shuffled groups of 1, 2, 3, 5, … people, and a tenth of the rows in none."""
    labels: list[str | None] = [None] * (rows // 10)
    sizes = [1, 2, 3, 5, 7, 10, 15, 26, 40]
    for number in range(rows):
        labels += [f"{number + 1}店"] * sizes[number % len(sizes)]
        if len(labels) >= rows:
            break
    labels = labels[:rows]
    rng.shuffle(labels)
    return labels


def equal_groups(rng: Rng, values: list[Any], labels: Sequence[str | None]) -> list[Any]:
    """In one group of five everybody has the same value: all are at the average."""
    same = {label: rng.random() < 0.2 for label in dict.fromkeys(labels)}
    shown = {label: round(float(rng.random()), 3) for label in same}
    return [
        noisy(rng, shown[g]) if g is not None and same[g] and v is not None else v
        for v, g in zip(values, labels, strict=True)
    ]


def group_averages(values: Sequence[Any], labels: Sequence[str | None]) -> list[float | None]:
    """The plain mean of each row's group."""
    found: dict[str, list[float]] = {}
    for value, label in zip(values, labels, strict=True):
        if value is not None and label is not None:
            found.setdefault(label, []).append(value)
    return [
        sum(found[label]) / len(found[label]) if label in found else None for label in labels
    ]


# --- metrics ---------------------------------------------------------------------------------


@cases_of("C3")
def _rate(rng: Rng) -> Cases:
    whole = column(rng, rng.integers(1, 4000, 1000), edges=[0])
    part = [None if w is None else float(rng.integers(0, w + 1)) for w in whole]
    yield {"part": column(rng, [p or 0 for p in part], edges=[0]), "whole": whole}, {}


@cases_of("C5")
def _group_rate(rng: Rng) -> Cases:
    for _ in range(4):
        labels = groups(rng, 260)
        wholes = column(rng, rng.integers(0, 900, 260), edges=[0])
        empty = {g for g in dict.fromkeys(labels) if labels.count(g) < 6 and rng.random() < 0.4}
        wholes = [0.0 if g in empty and w is not None else w
                  for w, g in zip(wholes, labels, strict=True)]  # fmt: skip
        yield {"parts": column(rng, rng.integers(0, 300, 260), edges=[0]), "wholes": wholes,
               "groups": labels}, {}  # fmt: skip


@cases_of("M17")
def _growth(rng: Rng) -> Cases:
    previous = column(rng, money(rng, 1000, 900), edges=[0])
    current = [
        noisy(rng, p) if p is not None and rng.random() < 0.2 else c
        for p, c in zip(previous, column(rng, money(rng, 1000, 900), edges=[0]), strict=True)
    ]
    yield {"current": current, "previous": previous}, {}


@cases_of("R10")
def _improvement(rng: Rng) -> Cases:
    for better in BOTH:
        for relative in (True, False):
            previous = column(rng, ratios(rng, 260, 60), edges=[0])
            current = [
                noisy(rng, p) if p is not None and rng.random() < 0.2 else c
                for p, c in zip(previous, column(rng, ratios(rng, 260, 60)), strict=True)
            ]
            yield ({"current": current, "previous": previous},
                   {"better": better, "relative": relative})  # fmt: skip


# --- scores ----------------------------------------------------------------------------------


def against_target(rng: Rng, rows: int, targets: Sequence[float]) -> dict[str, Sequence[Any]]:
    target = column(rng, per_row(rng, targets, rows))
    actual = column(rng, ratios(rng, rows, 2 * max(targets)), edges=targets)
    actual = [
        noisy(rng, t) if t is not None and rng.random() < 0.12 else a
        for a, t in zip(actual, target, strict=True)
    ]
    return {"actual": actual, "target": target}


@cases_of("R01")
def _linear(rng: Rng) -> Cases:
    for better in BOTH:
        for full, floor, cap in ((100, 0, 100), (30, 5, 36), (20, -10, 20)):
            rows = against_target(rng, 180, [0.4, 0.32, 15, 0, -1])
            rows["actual"] = [0 if a and rng.random() < 0.1 else a for a in rows["actual"]]
            rows["actual"] = [-a if a and rng.random() < 0.1 else a for a in rows["actual"]]
            yield rows, {"full": full, "better": better, "floor": floor, "cap": cap}


@cases_of("R02")
def _threshold(rng: Rng) -> Cases:
    for better in BOTH:
        for strict, miss in ((True, 0), (False, 60)):
            yield (against_target(rng, 260, [0.98, 0.8, 30, 1 / 3]),
                   {"full": 100, "miss": miss, "better": better, "strict": strict})  # fmt: skip


@cases_of("R02-a")
def _alert_level(rng: Rng) -> Cases:
    for better, lines in (("higher", [0.8, 0.7, 2 / 3]), ("lower", [60, 45, 2])):
        rows = against_target(rng, 520, [0.98, 0.9] if better == "higher" else [30, 1.1])
        line = column(rng, per_row(rng, lines, 520))
        rows["actual"] = [
            noisy(rng, x) if x is not None and rng.random() < 0.12 else a
            for a, x in zip(rows["actual"], line, strict=True)
        ]
        yield {**rows, "alert_line": line}, {"better": better}


BANDS = (
    [[0, 0.5, -2, "[)"], [0.5, 0.6, 0, "[)"], [0.6, 0.8, 1, "[)"], [0.8, 1.3, 3, "[)"],
     [1.3, None, 5, "[)"]],
    [[0, 0.05, 1, "[)"], [0.05, 0.1, 0, "[]"], [0.1, None, -1, "(]"]],
    [[None, 0, -5, "()"], [0, 1 / 3, 0, "[]"], [0.4, 0.7, 2.5, "(]"], [0.7, 0.9, 4, "()"]],
)  # fmt: skip


@cases_of("R03")
def _step_bands(rng: Rng) -> Cases:
    for bands in BANDS:
        edges = [edge for row in bands for edge in row[:2] if edge is not None]
        yield ({"value": column(rng, np.subtract(ratios(rng, 400, 1.8), 0.2), edges=edges)},
               {"bands": bands})  # fmt: skip


@cases_of("R04")
def _penalty(rng: Rng) -> Cases:
    for better in BOTH:
        for points in (-1, -2.5):
            line = column(rng, per_row(rng, [1, 0.8046, 35, 2475 / 3076], 260))
            value = [
                noisy(rng, x) if x is not None and rng.random() < 0.15 else v
                for v, x in zip(column(rng, ratios(rng, 260, 2)), line, strict=True)
            ]
            yield {"value": value, "line": line}, {"points": points, "better": better}


@cases_of("C4")
def _places(rng: Rng) -> Cases:
    for better in BOTH:
        for ties in ("all", "average", "dense"):
            labels = groups(rng, 180)
            values = equal_groups(rng, column(rng, ratios(rng, 180), edges=[0, 0.5]), labels)
            yield {"values": values, "groups": labels}, {"better": better, "ties": ties}


@cases_of("R05")
def _rank_points(rng: Rng) -> Cases:
    for better in BOTH:
        for ties in ("all", "average", "dense"):
            points, below = (([3, 2, 1], -1), ([5, 3, 2, 1], -2.5))[ties == "average"]
            labels = groups(rng, 180)
            values = equal_groups(rng, column(rng, ratios(rng, 180), edges=[0.5]), labels)
            average = group_averages(values, labels)
            fixed = column(rng, per_row(rng, [0.5, 0.3], 180))
            lines = (average, fixed, [None] * 180)
            yield ({"values": values, "groups": labels,
                    "bonus_line": lines[rng.integers(3)] if ties == "dense" else average,
                    "penalty_line": fixed if ties == "dense" else average},
                   {"points": points, "below": below, "better": better, "ties": ties})  # fmt: skip


@cases_of("R06")
def _load_adjusted_target(rng: Rng) -> Cases:
    for step in ("full", "started"):
        for base, seconds, count, more in ((300, 15, 50, 3), (120.5, 20, 7.5, 1.25)):
            edges = [base + k * count for k in range(-2, 9)] + [0]
            yield ({"receptions": column(rng, rng.integers(0, 900, 260), edges=edges)},
                   {"base_count": base, "base_seconds": seconds, "step_count": count,
                    "step_seconds": more, "step": step})  # fmt: skip


def score_table(rng: Rng, rows: int, width: int, edges: Sequence[float]) -> list[list[Any]]:
    figures = column(rng, np.round(rng.uniform(60, 100, rows * width), 1), edges=edges)
    table = [figures[i * width : (i + 1) * width] for i in range(rows)]
    return [[None] * width if rng.random() < 0.05 else row for row in table]


@cases_of("R07")
def _ratings(rng: Rng) -> Cases:
    for weights, cap in (([0.3, 0.7], None), ([1, 1, 1], 95), ([0.2, 0.3, 0.5, 0], 90)):
        scores = score_table(rng, 350, len(weights), [95, 90, 100])
        level = [[cap] * len(weights) if cap and rng.random() < 0.12 else s for s in scores]
        yield {"scores": level}, {"weights": weights, "cap_line": cap, "full": 100}


@cases_of("R08")
def _weighted_total(rng: Rng) -> Cases:
    for if_missing in ("skip", "zero", "error"):
        for weights in ([0.48, 0.32, 0.2], [70, 30]):
            yield ({"scores": score_table(rng, 180, len(weights), [0, 100])},
                   {"weights": weights, "if_missing": if_missing})  # fmt: skip


@cases_of("R09")
def _event_points(rng: Rng) -> Cases:
    for per_count, when_zero, floor, cap in (
        (-1, 5, None, None), (0.5, 0, None, 3), (2, 0, None, 2), (-3, 1.5, -6, None), (1, 0, 1, 5)
    ):  # fmt: skip
        times = column(rng, rng.poisson(1.5, 220), edges=[0, 1, 2, 6])
        yield ({"times": times},
               {"per_count": per_count, "when_zero": when_zero, "floor": floor, "cap": cap})  # fmt: skip


# --- grades ----------------------------------------------------------------------------------


@cases_of("R20")
def _forced_distribution(rng: Rng) -> Cases:
    for shares, labels in (
        ([0.1, 0.2, 0.5, 0.2], ["S", "A", "B", "C"]),
        ([0.05, 0.15, 0.3, 0.3, 0.2], ["一", "二", "三", "四", "五"]),
        ([0.3, 0.7], ["达标", "待改进"]),
    ):
        for ties in ("better", "worse"):
            people = groups(rng, 180)
            scores = column(rng, np.round(rng.uniform(50, 100, 180), 1), edges=[80, 60])
            yield ({"scores": equal_groups(rng, scores, people), "groups": people},
                   {"shares": shares, "labels": labels, "ties": ties})  # fmt: skip


# --- money -----------------------------------------------------------------------------------


def half_cents(rng: Rng, rows: int) -> list[float]:
    """Amounts that end in half a cent, as 2.675 and 1.005 do."""
    return list(rng.choice([-1, 1], rows) * (rng.integers(0, 10_000_000, rows) * 10 + 5) / 1000)


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
