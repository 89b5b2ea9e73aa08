"""Cents, comparison keys and allocation against decimal arithmetic (C1, C2, C9)."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_kpi.rounding import (
    allocate,
    difference,
    group_count,
    group_sum,
    is_below,
    round_half_up,
    significant,
    spread,
)

ROWS = 10**6


def amounts() -> np.ndarray:
    """A million amounts: halves of a cent, their neighbours, products of tidy figures, any size."""
    rng = np.random.default_rng(1)
    part = ROWS // 5
    halves = (rng.integers(-(10**8), 10**8, part) * 10 + 5) / 1000
    beside = np.nextafter(halves, rng.choice([-np.inf, np.inf], part))
    tidy = (
        rng.integers(1, 150, part) / 100 * (rng.integers(1, 200, part) / 200) * 0.01
        * rng.integers(1, 600_000, part)
    )  # fmt: skip
    any_size = rng.standard_normal(part) * 10.0 ** rng.uniform(-8, 15, part)
    thousandths = rng.integers(-(10**9), 10**9, part) / 1000
    return np.concatenate([halves, beside, tidy, any_size, thousandths])


def by_definition(value: float, digits: int) -> float:
    unit = Decimal(1).scaleb(-digits)
    return float(Decimal(f"{value:.15g}").quantize(unit, ROUND_HALF_UP)) + 0.0


def test_rounding_is_the_decimal_definition_on_a_million_amounts() -> None:
    values = amounts()
    assert len(values) == ROWS
    expected = np.array([by_definition(value, 2) for value in values.tolist()])
    rounded = round_half_up(values)
    wrong = np.flatnonzero(rounded != expected)
    assert [(values[i], rounded[i], expected[i]) for i in wrong[:5]] == []
    plain = np.array([round(value, 2) for value in values.tolist()])
    assert (plain != expected).sum() > ROWS // 50  # the halves are really among them


@pytest.mark.parametrize("digits", [-2, 0, 1, 4, 9])
def test_rounding_to_other_digits_is_the_decimal_definition(digits: int) -> None:
    values = amounts()[::97] * 10.0 ** (2 - digits)
    expected = np.array([by_definition(value, digits) for value in values.tolist()])
    assert (round_half_up(values, digits) == expected).all()


def test_rounding_keeps_what_is_no_number_and_has_no_negative_zero() -> None:
    rounded = round_half_up([math.nan, math.inf, -math.inf, -0.001, 0.0, -0.005])
    assert np.isnan(rounded[0])
    assert rounded[1:].tolist() == [math.inf, -math.inf, 0.0, 0.0, -0.01]
    assert np.signbit(rounded[3:5]).tolist() == [False, False]


def test_rounding_keeps_the_shape() -> None:
    assert round_half_up([[1.005, 2.0], [3.0, -2.675]]).tolist() == [[1.01, 2.0], [3.0, -2.68]]
    assert float(round_half_up(2.675)) == 2.68


def test_rounding_the_largest_doubles_leaves_them() -> None:
    largest = [1e22, -1e30, 1.7e308]
    assert round_half_up(largest).tolist() == largest
    assert round_half_up(largest, -2).tolist() == largest
    assert round_half_up([4.4e14, 0.044], 15).tolist() == [4.4e14, 0.044]


def test_a_blank_is_missing_and_any_whole_number_is_a_figure() -> None:
    cells = [None, 10**25, 2]
    for function in (round_half_up, significant):
        assert np.isnan(function(cells)[0])
        assert function(cells)[1:].tolist() == [1e25, 2.0]
    assert is_below(cells, [1, 10**26, None]).tolist() == [False, True, False]
    assert is_below([1, 10**24, None], cells).tolist() == [False, True, False]
    assert difference(cells, [1, 1, 1])[1:].tolist() == [1e25, 1.0]
    assert difference([1, 1, 1], cells)[1:].tolist() == [-1e25, -1.0]


# --- comparison ------------------------------------------------------------------------------

numbers = st.floats(min_value=-1e15, max_value=1e15, allow_nan=False)
tidy_numbers = st.tuples(st.integers(1, 10**9), st.integers(-6, 4)).map(
    lambda pair: float(Decimal(pair[0]).scaleb(pair[1]))
)


@given(tidy_numbers, st.floats(min_value=-4e-13, max_value=4e-13))
@settings(deadline=None, derandomize=True)
def test_noise_beyond_twelve_digits_is_not_seen(number: float, noise: float) -> None:
    assert significant(number * (1 + noise)) == significant(number)
    assert float(significant(number)) == pytest.approx(number, rel=1e-15)


@given(numbers)
@settings(deadline=None, derandomize=True)
def test_a_key_has_twelve_digits_and_is_the_nearest(number: float) -> None:
    key = float(significant(number))
    if key == 0:
        assert number == 0
        return
    assert float(f"{key:.11e}") == pytest.approx(key, rel=3e-16)
    assert abs(key - number) <= 0.5001 * 10.0 ** (math.floor(math.log10(abs(number))) - 11)


@given(numbers, numbers)
@settings(deadline=None, derandomize=True)
def test_keys_keep_the_order(left: float, right: float) -> None:
    low, high = sorted((left, right))
    assert significant(low) <= significant(high)


def test_keys_of_the_rule_book() -> None:
    assert significant(79.99999999999999) == significant(80)
    assert significant(0.1 + 0.2) == significant(0.3)
    assert significant(79.9999) != significant(80)
    assert significant(1 - 1e-11) != significant(1)
    assert np.isnan(significant(np.nan))
    assert significant([np.inf, -np.inf, 0.0]).tolist() == [np.inf, -np.inf, 0.0]
    assert not np.signbit(significant(-0.0))
    assert significant(2.980515075155e-11) == 2.98051507516e-11  # half up, as it is printed
    assert significant([1.234567890126e-30, 9.87654321098765e40]).tolist() == [
        1.23456789013e-30, 9.87654321099e40,
    ]  # fmt: skip


def test_a_difference_below_the_noise_is_nothing() -> None:
    assert difference([0.1 + 0.2, 100_000.0, 5.0], [0.3, 99_999.99, 3.0]).tolist() == [
        0.0, pytest.approx(0.01, rel=1e-8), 2.0,
    ]  # fmt: skip
    assert difference(1e-13, 0.0) == 1e-13  # small, but not beside anything larger
    assert difference(1e12, 1e12 - 1) == 1.0  # just as large as the noise may be, not smaller
    assert np.isnan(difference(np.nan, 1.0))


# --- sums of groups --------------------------------------------------------------------------


@given(st.data())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_a_group_sum_does_not_depend_on_the_order_of_rows(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 30))
    values = np.array(data.draw(st.lists(numbers, min_size=size, max_size=size)))
    codes = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=size, max_size=size)))
    order = np.array(data.draw(st.permutations(range(size))))
    assert group_sum(values, codes, 4).tolist() == group_sum(values[order], codes[order], 4).tolist()


def test_cents_add_up_exactly_and_a_group_does_not_touch_another() -> None:
    rng = np.random.default_rng(3)
    cents = rng.integers(0, 10**7, 5000)
    codes = rng.integers(-1, 20, 5000)
    exact = [int(cents[codes == group].sum()) / 100 for group in range(20)]
    assert group_sum(cents / 100, codes, 20).tolist() == exact
    untidy = np.where(codes == 0, np.pi * cents, cents / 100)
    assert group_sum(untidy, codes, 20).tolist()[1:] == exact[1:]
    assert group_sum(untidy, codes, 20)[0] == pytest.approx(
        math.fsum(np.pi * cents[codes == 0]), rel=1e-14
    )


def test_small_amounts_count_beside_one_too_large_for_whole_units() -> None:
    # 2**53 ten-thousandths: from there on a double no longer counts them one by one.
    for small in (3, 1000):
        values = np.array([2**53 / 1e4] + [1e-4] * small)
        exact = (2**53 + small) / Fraction(10_000)
        for order in (slice(None), slice(None, None, -1)):
            (total,) = group_sum(values[order], np.zeros(values.size, np.intp), 1)
            assert abs(Fraction(total) - exact) < Fraction(15, 100_000)


def test_whole_numbers_beyond_the_exact_ones_add_up_in_any_order() -> None:
    # One at a time 2**53 does not grow by 1; the small ones have to come first.
    values = np.array([2.0**53, 1.0, 1.0])
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        assert group_sum(values[order], np.zeros(3, np.intp), 1).tolist() == [2.0**53 + 2]


def test_groups_are_counted_by_their_codes() -> None:
    for codes, count in (([], 0), ([-1, -1], 0), ([0], 1), ([0, 4, -1], 5)):
        assert group_count(np.array(codes, dtype=np.intp)) == count


def test_blanks_and_rows_of_no_group_do_not_count() -> None:
    values = np.array([1.5, np.nan, 2.25, 100.0])
    codes = np.array([0, 0, 0, -1])
    assert group_sum(values, codes, 2).tolist() == [3.75, 0.0]
    spread_out = spread(np.array([3.75, 0.0]), codes)
    assert spread_out[:3].tolist() == [3.75] * 3
    assert np.isnan(spread_out[3])
    assert np.isnan(spread(np.empty(0), codes)).all()


# --- allocation ------------------------------------------------------------------------------


def largest_remainder(shares: list[Fraction], pool_cents: int) -> list[int]:
    """C2 in whole numbers: cents per person."""
    nine = Decimal("1e-9")
    seen = [
        (Decimal(s.numerator) / Decimal(s.denominator)).quantize(nine, ROUND_HALF_UP)
        for s in shares
    ]
    cents = [int((share * 100).to_integral_value(ROUND_FLOOR)) for share in seen]
    rest = [share * 100 - cut for share, cut in zip(seen, cents, strict=True)]
    order = sorted(range(len(shares)), key=lambda i: (-rest[i], i))
    for i in order[: pool_cents - sum(cents)]:
        cents[i] += 1
    return cents


def test_allocation_is_the_largest_remainder_method_on_small_pools() -> None:
    rng = np.random.default_rng(7)
    for _ in range(3000):
        scores = rng.integers(0, 40, rng.integers(1, 9))
        pool_cents = int(rng.integers(0, 5000))
        if scores.sum() == 0:
            continue
        shares = [Fraction(int(s) * pool_cents, 100 * int(scores.sum())) for s in scores]
        paid = allocate(
            np.array([float(share) for share in shares]), np.array([pool_cents / 100]),
            np.zeros(len(scores), np.intp),
        )  # fmt: skip
        assert (np.rint(paid * 100)).tolist() == largest_remainder(shares, pool_cents)


@pytest.mark.parametrize("people", [1, 7, 1000, 50_000])
def test_a_pool_is_paid_out_to_the_last_cent(people: int) -> None:
    rng = np.random.default_rng(people)
    groups = np.sort(rng.integers(0, max(1, people // 30), people))
    size = int(groups.max()) + 1
    pools = np.round(rng.uniform(0, 90_000, size), 4)
    weights = rng.uniform(0.1, 50, people)
    shares = weights / np.bincount(groups, weights=weights)[groups] * round_half_up(pools)[groups]
    paid = allocate(shares, pools, groups)
    present = np.unique(groups)
    cents = np.bincount(groups, weights=np.rint(paid * 100), minlength=size)
    assert cents[present].tolist() == np.rint(round_half_up(pools)[present] * 100).tolist()
    assert (np.abs(paid - shares) < 0.01 + 1e-9).all()


def test_missing_cents_go_to_equal_remainders_in_the_order_of_rows() -> None:
    third = 100 / 3
    paid = allocate(np.array([third, third, third]), np.array([100.0]), np.zeros(3, np.intp))
    assert paid.tolist() == [33.34, 33.33, 33.33]


def test_a_missing_cent_goes_to_the_larger_remainder_by_one_billionth() -> None:
    paid = allocate(
        np.array([1.003333333, 1.003333334, 1.003333333]), np.array([3.01]), np.zeros(3, np.intp)
    )
    assert paid.tolist() == [1.0, 1.01, 1.0]


def test_a_pool_in_whole_yuan_is_rounded_half_up() -> None:
    paid = allocate(np.array([4.25, 4.25]), np.array([8.5]), np.zeros(2, np.intp), digits=0)
    assert paid.tolist() == [5.0, 4.0]


def test_whoever_has_no_share_or_no_group_gets_nothing() -> None:
    paid = allocate(
        np.array([5.005, np.nan, 5.005, 7.0]), np.array([10.01]), np.array([0, 0, 0, -1])
    )
    assert paid[[0, 2]].tolist() == [5.01, 5.0]
    assert np.isnan(paid[[1, 3]]).all()
