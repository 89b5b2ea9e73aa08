"""The rules' own functions, called with what a worksheet or a scheme would keep away from them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import xl_kpi.calling  # noqa: F401  (files the rules)
from xl_kpi.calling import OMITTED, call_rule
from xl_kpi.catalogue import FUNCTIONS, RULES, Bands, GradePay, Rule, Tiers, band_of
from xl_kpi.grading import discrimination, forced_distribution, streak
from xl_kpi.metrics import group_rate
from xl_kpi.payouts import (
    deduction_guard,
    excess_rate_by_score,
    grade_pay,
    limits,
    pool_share,
    prorate,
    rank_reward,
    split_commission,
    stretch_reward,
    target_split,
    tiered_commission,
)
from xl_kpi.scoring import alert_level, event_points, linear, weighted_total

NAN = math.nan
ALL = sorted(RULES)


def floats(*cells: float | None) -> np.ndarray:
    return np.array(cells, dtype=np.float64)


def codes(*groups: int) -> np.ndarray:
    return np.array(groups, dtype=np.intp)


def same(found: np.ndarray, *expected: float) -> bool:
    return found.dtype == np.float64 and np.array_equal(found, floats(*expected), equal_nan=True)


# --- what every rule gives -------------------------------------------------------------------


def given(one: Rule, rows: list[int], *, blank: bool = False) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the worked example: some of its rows, its data blank or as they are."""

    def value(key: str) -> Any:
        if key not in one.example.given:
            return OMITTED
        argument = next(a for a in one.parameters if a.key == key)
        cells = one.example.given[key]
        if argument.shape in ("column", "groups"):
            return [[None if blank and argument.shape == "column" else cells[i]] for i in rows]
        if argument.shape == "matrix":
            return [[None] * len(cells[i]) if blank else cells[i] for i in rows]
        return cells

    return [value(a.key) for a in one.arguments], {a.key: value(a.key) for a in one.options}


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("rule_id", ALL)
def test_a_rule_gives_figures_or_plain_texts(rule_id: str, blank: bool) -> None:
    one = RULES[rule_id]
    first = one.arguments[0]
    per_row = first.shape in ("column", "matrix")
    count = len(one.example.expect) if per_row else 1
    values, options = given(one, list(range(count)), blank=blank)
    found = call_rule(one, values, options=options).values
    assert len(found) == count
    if one.unit == "grade":
        assert {type(grade) for grade in found.tolist()} <= {str, type(None)}
    else:
        assert found.dtype == np.float64
    if blank and per_row and not first.blank:
        assert all(cell is None or cell != cell for cell in np.ravel(found).tolist())


NOBODY = [
    one for one in ALL
    if {a.shape for a in RULES[one].arguments} & {"column", "matrix"}
    and RULES[one].arguments[0].kind != "history"
]  # fmt: skip


@pytest.mark.parametrize("rule_id", NOBODY)
def test_nobody_is_paid_nothing(rule_id: str) -> None:
    one = RULES[rule_id]
    data: dict[str, Any] = {}
    for argument in one.parameters:
        cells = one.example.given.get(argument.key)
        if argument.shape in ("column", "matrix", "groups"):
            kind = {"text": object, "date": "datetime64[D]"}.get(argument.kind)
            columns = (len(cells[0]),) if argument.shape == "matrix" else ()
            kind = np.intp if argument.shape == "groups" else kind or np.float64
            data[argument.key] = np.empty((0, *columns), dtype=kind)
    values, options = given(one, [])
    ready = [data.get(a.key, v) for a, v in zip(one.arguments, values, strict=True)]
    options = {key: data.get(key, value) for key, value in options.items()}
    assert len(call_rule(one, ready, options=options, rows=0).values) == 0


# --- missing figures -------------------------------------------------------------------------

TIERS = Tiers(floats(0, 1), floats(0.1, 0.2))


def test_a_level_or_limit_of_a_missing_figure_is_missing() -> None:
    values = floats(NAN, 0.9, 0.9, 0.9), floats(0.8, NAN, 0.8, 0.8), floats(0.5, 0.5, NAN, 0.5)
    assert same(alert_level(*values, better="higher"), NAN, NAN, NAN, 0)
    earned, taken = floats(NAN, 100, NAN, 100), floats(10, NAN, NAN, 10)
    assert same(deduction_guard(earned, taken, share=0.2, minimum_wage=80.0), NAN, NAN, NAN, 0)
    assert same(limits(floats(NAN, NAN, 5), floats(1, NAN, 6), floats(9, 9, NAN)), NAN, NAN, 6)
    reward = stretch_reward(
        floats(NAN, 2, NAN, 2), floats(1, NAN, NAN, 1), amount=5.0, rate=None, better="higher"
    )
    assert same(reward, NAN, NAN, NAN, 5)


def test_a_target_that_is_not_above_zero_gives_nothing() -> None:
    actual, target = floats(0.3, 0.3, NAN, 0.3), floats(0, -1, 1, NAN)
    for better in ("higher", "lower"):
        points = linear(actual, target, full=100, better=better, floor=0, cap=100)
        assert same(points, NAN, NAN, NAN, NAN)
    for mode in ("whole", "marginal"):
        paid = tiered_commission(actual, target, tiers=TIERS, mode=mode)
        assert same(paid, NAN, NAN, NAN, NAN)
        both = split_commission(actual, target, in_tiers=TIERS, excess_tiers=TIERS, mode=mode)
        assert same(both, *[[NAN, NAN]] * 4)
        # A target of one yuan is a target: 2 × 20 %, or 1 × 10 % + 1 × 20 %.
        paid = tiered_commission(floats(2), floats(1), tiers=TIERS, mode=mode)
        assert same(paid, 0.4 if mode == "whole" else 0.3)


def test_a_row_with_only_part_or_whole_is_left_out_of_its_groups_rate() -> None:
    parts, wholes = floats(1, NAN, 3, 5, 7), floats(2, 8, NAN, 20, 10)
    found = group_rate(parts, wholes, codes(0, 0, 0, 1, -1))
    assert same(found, 0.5, 0.5, 0.5, 0.25, NAN)


def test_grade_pay_of_no_grade_is_missing() -> None:
    table = GradePay(("S",), floats(1.5), floats(0.1))
    grades = np.array(["S", None, "D"], dtype=object)
    paid = grade_pay(grades, floats(10, 10, 10), floats(20, 20, 20), floats(1, 1, 1), table=table)
    assert same(paid, 18, NAN, NAN)


def test_a_weighted_total_that_needs_every_score() -> None:
    scores = np.array([[80.0, 90.0], [80.0, NAN]])
    assert same(weighted_total(scores, floats(0.5, 0.5), if_missing="error"), 85, NAN)
    assert same(weighted_total(scores, floats(0.5, 0.5), if_missing="zero"), 85, 40)
    assert same(weighted_total(scores, floats(0.5, 0.5), if_missing="skip"), 85, 80)
    for if_missing in ("error", "zero", "skip"):
        assert same(weighted_total(scores, floats(0, 0), if_missing=if_missing), NAN, NAN)


# --- bands, places, streaks ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "expected"),
    [("[)", [0, 0, -1]), ("[]", [0, 0, 0]), ("(]", [-1, 0, 0]), ("()", [-1, 0, -1])],
)
def test_a_band_holds_its_edges_or_does_not(edges: str, expected: list[int]) -> None:
    bands = Bands(floats(1), floats(2), floats(5), (edges,))
    assert band_of(floats(1, 1.5, 2), bands).tolist() == expected
    assert band_of(floats(0.9, 2.1, NAN), bands).tolist() == [-1, -1, -1]


def test_events_between_floor_and_cap() -> None:
    times = floats(0, 1, 4, NAN)
    expected = {
        (None, None): [5, -2, -8, NAN], (None, 3.0): [3, -2, -8, NAN],
        (-6.0, None): [5, -2, -6, NAN], (-6.0, 3.0): [3, -2, -6, NAN],
    }  # fmt: skip
    for (floor, cap), points in expected.items():
        found = event_points(times, per_count=-2.0, when_zero=5.0, floor=floor, cap=cap)
        assert same(found, *points)


def test_a_streak_without_a_history_is_none() -> None:
    assert same(streak(np.empty((2, 0), dtype=object), value="C", test="="), 0, 0)
    assert same(streak(np.empty((0, 2), dtype=object), value=1.0, test=">="))
    assert len(call_rule(FUNCTIONS["KPI_STREAK"], [[], "C"]).values) == 0


def test_a_text_or_blank_among_numbers_breaks_a_streak() -> None:
    history = np.array([[3.0, "三", 3.0], [3.0, None, 4.0], [2.0, 3.0, 3.0]], dtype=object)
    assert same(streak(history, value=3.0, test="="), 1, 0, 2)
    assert same(streak(history, value=3.0, test=">="), 1, 1, 2)


def test_one_person_has_the_grade_of_the_rounded_cut() -> None:
    # One person: 0.1, 0.3 and 0.8 of a person round to 0, 0 and 1.
    shares, labels = floats(0.1, 0.2, 0.5, 0.2), ("S", "A", "B", "C")
    for ties in ("better", "worse"):
        grade = forced_distribution(floats(70), codes(0), shares=shares, labels=labels, ties=ties)
        assert grade.tolist() == ["B"]


# --- discrimination --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "rests"),
    [
        ([], []),
        ([8], [10]),
        ([8, 8, 8], [10, 9, 11]),
        ([0, 0, 0], [10, 9, 11]),
        ([8, 9, 10], [0, 0, 0]),
        ([8, -8], [-8, 8]),  # totals of 0
        ([1e6, 1e6 + 1e-7, 1e6], [10, 9, 11]),  # noise at the fourteenth digit
        ([8, 9, 10], [1e6, 1e6 + 1e-7, 1e6]),
    ],
)
def test_without_a_spread_there_is_no_discrimination(
    scores: list[float], rests: list[float]
) -> None:
    flat = len(set(np.round(scores, 3))) < 2 or len(set(np.round(rests, 3))) < 2
    found = discrimination(floats(*scores), floats(*scores) + floats(*rests))
    assert same(found, NAN) if flat else same(found, -1)


def test_figures_without_a_correlation_have_the_discrimination_zero() -> None:
    # Deviations -300, -100, 400 and 2000, -2800, 800 thirds: the products add up to 0.
    scores, rests = floats(1400.1, 1600.1, 2100.1), floats(2000.3, 400.3, 1600.3)
    assert same(discrimination(scores, scores + rests), 0)


# --- money -----------------------------------------------------------------------------------


def shares(scores: np.ndarray, pool: float, total: float | None = None) -> np.ndarray:
    return pool_share(
        scores, np.full(scores.shape, pool), np.zeros(scores.shape, np.intp),
        total=total, overspend="scale",
    )  # fmt: skip


def test_a_share_of_a_pool_at_its_limits() -> None:
    assert same(shares(floats(0, 0, -1), 100.0), 0, 0, 0)  # nobody has a score
    assert same(shares(floats(0.25, 0.25), 10.0), 5, 5)
    assert same(shares(floats(1, 1), 9e8), 4.5e8, 4.5e8)
    assert same(shares(floats(1, 1), 9.1e8), NAN, NAN)  # too large to be split in cents
    assert same(shares(floats(1, 1), 9.1e8, 4.0), NAN, NAN)
    # Scores that reach the total use the pool up: the cent left over goes to the first of equals.
    assert same(shares(floats(1, 1, 1), 100.0, 3.0), 33.34, 33.33, 33.33)
    assert same(shares(floats(1, 1, 0.9999), 100.0, 3.0), 33.33, 33.33, 33.33)


@pytest.mark.parametrize("total", [None, 2.0])
def test_who_has_no_usable_score_or_group_has_no_share(total: float | None) -> None:
    scores, groups = floats(1, NAN, 1, 5, 1e308, np.inf), codes(0, 0, 0, -1, 1, 2)
    pool = floats(10, 10, 10, 10, 900, 0)
    found = pool_share(scores, pool, groups, total=total, overspend="scale")
    assert same(found, 5, NAN, 5, NAN, NAN, NAN)


def test_a_target_is_split_at_its_limits() -> None:
    groups = codes(0, 0, 1, 1, 2, 2, 3, -1, 4, 5, 6)
    target = floats(11, 11, 0, 0, 5, 5, 9e8, 7, 9.1e8, 1, 0)
    weights = floats(0.3, 0.2, 1, 2, 0, 0, 4, 3, 1, np.inf, np.inf)
    found = target_split(target, weights, groups)
    assert same(found, 7, 4, 0, 0, NAN, NAN, 9e8, NAN, NAN, NAN, NAN)
    assert same(target_split(floats(900.0), floats(1e308), codes(0)), NAN)
    # 9.4 is 9 before it is split: 2.77, 0.69 and 5.54, and two more for the first two.
    assert same(target_split(floats(9.4, 9.4, 9.4), floats(4, 1, 8), codes(0, 0, 0)), 3, 1, 5)


def test_a_loss_is_shared_by_the_last_and_the_others_have_zero() -> None:
    rewards = rank_reward(
        floats(1, 1, 2, 3, NAN, 4), codes(0, 0, 0, 0, 0, -1), first=0.0, last=-0.01, better="higher"
    )
    assert same(rewards, -0.01, 0, 0, 0, NAN, NAN)
    assert not np.signbit(rewards[1:4]).any()
    assert same(rank_reward(floats(NAN), codes(0), first=1.0, last=-1.0, better="higher"), NAN)


def test_a_band_without_commission_gives_the_rate_zero() -> None:
    bands = Bands(floats(0, 60), floats(60, np.inf), floats(NAN, 0.002), ("[)", "[)"))
    found = excess_rate_by_score(floats(50, 60, -1, 50), floats(0, 0, 0.01, NAN), bands=bands)
    assert same(found, 0, 0.002, NAN, NAN)


def days(*texts: str | None) -> np.ndarray:
    return np.array([text or "NaT" for text in texts], dtype="datetime64[D]")


@pytest.mark.parametrize("basis", ["calendar", "working"])
def test_pay_of_a_period_one_was_not_there(basis: str) -> None:
    """The period is Monday to Sunday; who left before or came after is paid nothing."""
    start = days("2026-09-14", None, "2026-09-01", "2026-09-07", "2026-09-08")
    end = days(None, "2026-09-06", "2026-08-14", None, "2026-09-08")
    first, last = np.datetime64("2026-09-07"), np.datetime64("2026-09-13")
    found = prorate(
        floats(*[700] * 5), start, end, period_start=first, period_end=last, basis=basis
    )
    assert same(found, 0, 0, 0, 700, 100 if basis == "calendar" else 140)


def test_pay_of_a_period_of_one_day_and_of_none() -> None:
    friday, saturday = np.datetime64("2026-09-11"), np.datetime64("2026-09-12")

    def paid(day: np.datetime64, basis: str) -> np.ndarray:
        return prorate(floats(700, 800), days(None, None), days(None, None), period_start=day,
                       period_end=day, basis=basis)  # fmt: skip

    assert same(paid(friday, "working"), 700, 800)
    assert same(paid(saturday, "calendar"), 700, 800)
    assert same(paid(saturday, "working"), NAN, NAN)


def test_points_next_to_a_value_of_nothing() -> None:
    points = linear(floats(5e-324), floats(15), full=20, better="lower", floor=0, cap=30)
    assert same(points, 30)
