"""The statistics of the diagnosis against tables, textbooks and the long way round."""

import statistics

import numpy as np
import pytest

from xl_kpi.diagnosis.statistics import (
    as_normal,
    between,
    correlation,
    critical,
    independent,
    real_share,
    standing_out,
    two_way,
    wilson,
)

NEVER = 1e9


def test_wilson_intervals():
    # The example of Newcombe 1998: 81 of 263 and 15 of 148; and none of 20.
    assert wilson(81, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148, 0.95) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20, 0.95) == pytest.approx((0, 0.1611), abs=5e-5)


def test_nothing_has_no_interval():
    assert np.isnan(wilson(0, 0, 0.95)).all()


@pytest.mark.parametrize(
    ("t", "freedom", "z"),
    [(2.776, 4, 1.960), (2.228, 10, 1.960), (4.587, 10, 3.291), (8.610, 4, 3.291), (-1.697, 30, -1.645)],
)
def test_t_tables(t, freedom, z):
    assert float(as_normal(np.array(t), freedom)) == pytest.approx(z, abs=0.002)


def test_critical_values():
    assert critical(0.05) == pytest.approx(1.960, abs=5e-4)
    assert critical(0.05, 10) == pytest.approx(2.807, abs=5e-4)  # 0.0025 at each end
    assert critical(0.05, sides=1) == pytest.approx(1.645, abs=5e-4)


def test_fisher_interval():
    # 28 pairs with r = .5: atanh .5 = .5493, ± 1.96 ÷ 5.
    x = np.tile([1.0, -1.0], 14)
    noise = np.repeat([1.0, -1.0], 14)
    r, low, high, n = correlation(x, x * 0.5 + noise * 0.75**0.5, 0.95)
    assert (r, low, high) == pytest.approx((0.5, 0.1560, 0.7358), abs=1e-4)
    assert n == 28


def test_no_correlation_with_what_is_all_alike():
    assert np.isnan(correlation(np.ones(9), np.arange(9.0), 0.95)[0])


def test_months_of_the_same_people_are_not_independent():
    # Two always make it, two never: 12 figures, share 1/2.  Variance between people:
    # 4 × 1.5² ÷ 12² × 4/3 = 1/12; of 12 independent trials 1/48: a quarter as many.
    assert independent(np.array([3.0, 3, 0, 0]), np.full(4, 3.0)) == pytest.approx(3)
    # One of two months each: less than chance, never counted as more.
    assert independent(np.ones(4), np.full(4, 2.0)) == 8
    assert independent(np.full(4, 2.0), np.full(4, 2.0)) == 8


def test_who_stands_out_beside_the_others():
    x = np.array([1.0, 2.0, 3.0, 4.0, 9.0])
    others = [1.0, 2.0, 3.0, 4.0]
    t = (9 - statistics.mean(others)) / (statistics.stdev(others) * (1 + 1 / 4) ** 0.5)
    assert standing_out(x, NEVER)[4] == pytest.approx(float(as_normal(np.array(t), 3)))


def test_two_of_a_kind_do_not_hide_each_other():
    x = np.array([*np.linspace(0, 1, 12), 50.0, 51.0])
    assert standing_out(x, NEVER)[13] < 3
    assert (standing_out(x, 3.0)[12:] > 3).all()


def test_one_of_many_alike_stands_out():
    assert standing_out(np.array([1.0, 1, 1, 1, 1, 2]), NEVER)[5] > 5
    assert (standing_out(np.ones(6), NEVER) == 0).all()


def test_two_way_is_the_fit_without_the_figure():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(6, 4)) + np.arange(6)[:, None] + np.arange(4)
    x[2, 1] = np.nan
    weight = rng.uniform(1, 3, size=x.shape)
    found = two_way(x, weight, NEVER)
    for person, month in ((0, 0), (3, 2), (5, 3)):
        t, freedom = _without(x, weight, person, month)
        assert found.deviates[person, month] == pytest.approx(
            float(as_normal(np.array(t), freedom)), abs=0.15
        )


def test_two_way_leverage_is_exact_where_nothing_is_missing():
    x = np.random.default_rng(6).normal(size=(8, 5))
    found = two_way(x, np.ones(x.shape), NEVER)
    t, freedom = _without(x, np.ones(x.shape), 3, 2)
    assert found.deviates[3, 2] == pytest.approx(float(as_normal(np.array(t), freedom)))


def _without(x, weight, person, month):
    """Predict a figure from a least-squares fit of all the others."""
    rows, target = [], []
    root = np.sqrt(weight)
    for i, j in np.argwhere(~np.isnan(x)):
        if (i, j) != (person, month):
            rows.append(_dummies(i, j, x.shape) * root[i, j])
            target.append(x[i, j] * root[i, j])
    design, target = np.array(rows), np.array(target)
    beta, *_ = np.linalg.lstsq(design, target, rcond=None)
    freedom = len(target) - np.linalg.matrix_rank(design)
    spread = ((target - design @ beta) ** 2).sum() / freedom
    mine = _dummies(person, month, x.shape)
    error = 1 / weight[person, month] + mine @ np.linalg.pinv(design.T @ design) @ mine
    return (x[person, month] - mine @ beta) / np.sqrt(spread * error), freedom


def _dummies(i, j, shape):
    row = np.zeros(sum(shape))
    row[i] = row[shape[0] + j] = 1
    return row


def test_an_unusual_figure_makes_no_others_unusual():
    x = np.random.default_rng(7).normal(size=(10, 6))
    x[4, 3] += 40
    found = two_way(x, np.ones(x.shape), 4.0)
    assert np.argwhere(np.abs(found.deviates) > 4).tolist() == [[4, 3]]


def test_groups_apart():
    # All six orders apart: 2 of the 20 ways to draw three of six are as extreme.
    explained, chance = between(np.array([1.0, 2, 3, 7, 8, 9]), np.array([0, 0, 0, 1, 1, 1]))
    assert explained == pytest.approx(54 / 58)  # 6 × 3² ÷ (54 + 4)
    assert chance == pytest.approx(0.1, abs=0.02)


def test_groups_alike():
    assert between(np.ones(6), np.array([0, 0, 0, 1, 1, 1])) == (0.0, 1.0)


def test_real_differences():
    # 40 and 60 of 100: Q = 2 × 100 × .1² ÷ .25 = 8, one degree of freedom: 1 − 1/8.
    assert real_share(np.array([40.0, 60]), np.array([100.0, 100])) == pytest.approx(0.875)
    assert real_share(np.array([50.0, 50]), np.array([100.0, 100])) == 0
    assert np.isnan(real_share(np.array([0.0, 0]), np.array([10.0, 10])))
