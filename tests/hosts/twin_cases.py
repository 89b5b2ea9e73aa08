"""Generated inputs for the twins: a thousand rows and more per rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import twin_money  # noqa: F401  (files its makers)
from engines import Case
from twin_columns import (
    BOTH,
    MAKERS,
    Cases,
    Rng,
    cases_of,
    column,
    equal_groups,
    group_averages,
    groups,
    money,
    noisy,
    per_row,
    ratios,
)

import xl_kpi.calling  # noqa: F401  (files the rules)
from xl_kpi.catalogue import RULES


def cases() -> list[Case]:
    """Every case of every rule that has a twin."""
    found = []
    for number, (rule_id, maker) in enumerate(MAKERS.items()):
        rng = np.random.default_rng([2026, number])
        found += [Case(RULES[rule_id], rows, policy) for rows, policy in maker(rng)]
    return found


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


@cases_of("R13")
def _sales_target(rng: Rng) -> Cases:
    for number in range(24):
        months = (4, 3, 2)[number % 3]
        views = column(rng, rng.integers(40, 900, months) * 250.0)
        sales = [None if rng.random() < 0.15 else float(s) for s in money(rng, months, 90_000)]
        service = [None if rng.random() < 0.15 else float(s) for s in money(rng, months, 50_000)]
        if number % 4 == 1:
            views[0] = sales[-1] = 0.0
        views[-1], sales[-1] = views[-1] or 1250.0, sales[-1] or 480.5
        rows = column(rng, rng.integers(0, 3000, 45) * 50.0, edges=[0])
        yield {"page_views": rows}, {
            "past_sales": sales, "past_page_views": views,
            "past_service_sales": service if number % 2 else None,
        }  # fmt: skip


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


GRADE_BANDS = (
    [[None, 60, "D", "[)"], [60, 75, "C", "[)"], [75, 90, "B", "[)"], [90, 95, "A", "[)"],
     [95, None, "S", "[)"]],
    [[0, 60, "待改进", "()"], [60, 80, "合格", "[]"], [80, 95, "良好", "()"],
     [95, 100, "优秀", "[]"]],
    [[1 / 3, 60, "乙", "(]"], [70, 100, "甲", "[)"]],
)  # fmt: skip


@cases_of("R21")
def _grade_by_score(rng: Rng) -> Cases:
    for bands in GRADE_BANDS:
        edges = [edge for row in bands for edge in row[:2] if edge is not None]
        yield ({"score": column(rng, np.round(rng.uniform(-5, 105, 350), 1), edges=edges)},
               {"bands": bands})  # fmt: skip


@cases_of("R26")
def _streak(rng: Rng) -> Cases:
    def periods(cells: Sequence[Any], width: int) -> list[list[Any]]:
        rows = []
        for _ in range(150):
            row = per_row(rng, cells, width)
            row[int(rng.integers(width)) :] = [row[-1]] * (width - int(rng.integers(width)))
            rows.append(row[:width] + [row[-1]] * (width - len(row)))
        return rows

    for value, test, cells in (
        ("C", "=", ["C", "c", "B", None]), ("S", "=", ["S", "SS", "A", 3, None]),
        (1, "=", [1, 2, 3, None]), (85, ">=", [85, 84.9, 92, 85 * (1 - 1e-16), None]),
        (0.3, "<=", [0.1 + 0.2, 0.3, 0.31, 0, None]), (0, "=", [0, None, "0"]),
        (60, ">=", [60, 59.99, 75.5, "缺考", None]),
    ):  # fmt: skip
        for width in (1, 3, 12, 25):
            yield {"history": periods(cells, width)}, {"value": value, "test": test}


@cases_of("R28")
def _discrimination(rng: Rng) -> Cases:
    scores, totals = [], []
    for row in range(1040):
        people = int(rng.integers(2, 9))
        item = column(rng, np.round(rng.uniform(0, 30, people), 1), edges=[30, 25])
        rest = column(rng, np.round(rng.uniform(40, 70, people), 1), edges=[60])
        if row % 7 == 0:  # no spread
            item = [noisy(rng, 24.7) if x is not None else x for x in item]
        if row % 11 == 0:
            rest = [None if x is None else 50 - x for x in item]
        total = [None if None in pair else pair[0] + pair[1]
                 for pair in zip(item, rest, strict=True)]  # fmt: skip
        if row % 13 == 0:
            total = item  # the total is this indicator
        scores.append(item + [None] * (8 - people))
        totals.append(total + [None] * (8 - people))
    yield {"scores": scores, "totals": totals}, {}

