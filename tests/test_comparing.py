"""Comparing at twelve digits and sorting inside groups, against decimal and plain Python."""

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import pytest

from xl_kpi.rounding import group_sum, is_below, sort_in_groups

TWELVE_DIGITS = Context(prec=12, rounding=ROUND_HALF_UP)


def seen(value: float) -> Decimal:
    """Twelve digits of the number as it is printed."""
    return TWELVE_DIGITS.create_decimal(repr(value))


def test_values_next_to_each_other_compare_as_their_twelve_digits() -> None:
    random = np.random.default_rng(7)
    size = 40_000
    left = random.choice([-1.0, 1.0], size) * 10.0 ** random.uniform(-9, 9, size)
    # Gaps from below one unit of a double to some units of the twelfth digit, both ways.
    gap = random.choice([-1.0, 1.0], size) * 10.0 ** random.uniform(-16, -9.5, size)
    right = left * (1 + gap)
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    expected = [seen(a) < seen(b) for a, b in pairs]
    assert 0.1 < np.mean(expected) < 0.4
    np.testing.assert_array_equal(is_below(left, right), expected)
    assert not is_below(left, left).any()


def test_far_values_compare_as_they_are() -> None:
    random = np.random.default_rng(8)
    left, right = random.normal(size=(2, 10_000)) * 100
    np.testing.assert_array_equal(is_below(left, right), left < right)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (79.99999999999999, 80.0, False),
        (79.9999999999, 80.0, True),
        (0.0, -0.0, False),
        (-1e-300, 0.0, True),
        (0.0, 5e-324, True),
        (-np.inf, -1e308, True),
        (1e308, np.inf, True),
        (-np.inf, np.inf, True),
        (np.inf, np.inf, False),
        (-1e308, 1e308, True),
        (np.nan, 1.0, False),
        (1.0, np.nan, False),
    ],
)
def test_edges(left: float, right: float, expected: bool) -> None:
    assert is_below(left, right).item() is expected


def test_one_line_serves_every_row() -> None:
    assert is_below([0.9, 1.0, 1.1], 1.0).tolist() == [True, False, False]


@pytest.mark.parametrize("groups", [1, 3, 70_000])
def test_rows_are_sorted_by_group_and_then_by_value(groups: int) -> None:
    random = np.random.default_rng(9)
    codes = random.integers(0, groups, 100_000).astype(np.intp)
    codes[0] = groups - 1
    values = random.integers(-50, 50, 100_000) / 7
    order = sort_in_groups(values, codes)
    assert sorted(order.tolist()) == list(range(100_000))
    expected = sorted(zip(codes.tolist(), values.tolist(), strict=True))
    assert list(zip(codes[order].tolist(), values[order].tolist(), strict=True)) == expected


def test_nothing_to_sort() -> None:
    assert sort_in_groups(np.empty(0), np.empty(0, np.intp)).tolist() == []


def test_a_group_without_values_has_the_sum_asked_for() -> None:
    values = np.array([1.25, np.nan, 1 / 3])
    codes = np.array([2, 1, 0], dtype=np.intp)
    np.testing.assert_array_equal(group_sum(values, codes, 4), [1 / 3, 0.0, 1.25, 0.0])
    np.testing.assert_array_equal(
        group_sum(values, codes, 4, empty=np.nan), [1 / 3, np.nan, 1.25, np.nan]
    )
    np.testing.assert_array_equal(group_sum(values, codes, 4, empty=1.0), [1 / 3, 1.0, 1.25, 1.0])
