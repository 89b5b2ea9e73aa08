"""The statistics of the diagnosis: intervals, outliers among peers, differences between groups.

Arrays in, figures out; missing figures are NaN and left out.  Nothing here knows of people or KPIs.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from xl_kpi.rounding import Codes, Floats

_NORMAL = NormalDist()
_SHUFFLES = 4999
_CELLS = 500_000  # shuffled at once
_SEED = 20_021  # the same data give the same answer
_ROUNDS = 60  # of fitting two-way means
_LEFT_OUT = 0.2  # of a group at most stands out from it


def critical(alpha: float, tests: int = 1, *, sides: int = 2) -> float:
    """How many standard deviations are beyond chance, over so many tests together (Bonferroni)."""
    return _NORMAL.inv_cdf(1 - alpha / max(1, tests) / sides)


def wilson(made: float, of: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval of a share; NaN where there is nothing."""
    if of <= 0:
        return float("nan"), float("nan")
    z = critical(1 - confidence)
    share, scale = made / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z / scale * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    return max(0.0, middle - half), min(1.0, middle + half)


def independent(made: Floats, of: Floats) -> float:
    """So many independent trials tell as much as these, several of each person.

    The ratio of the variance of a share between clusters to that of independent trials (design
    effect), never below 1; as many as there are where all or none succeeded.

    Args:
        made: Successes of each person.
        of: Trials of each person.
    """
    made, of = made[of > 0], of[of > 0]
    trials, people = float(of.sum()), len(of)
    share = float(made.sum()) / trials if trials else 0.0
    if people < 2 or share in (0.0, 1.0):
        return trials
    spread = float(((made - share * of) ** 2).sum()) / trials**2 * people / (people - 1)
    return trials / max(1.0, spread / (share * (1 - share) / trials))


def correlation(
    x: Floats, y: Floats, confidence: float, lost: int = 0
) -> tuple[float, float, float, int]:
    """Pearson's r with Fisher's interval, and of how many; NaN where it cannot be said.

    ``lost``: degrees of freedom that were used up before, such as by taking out group means.
    """
    both = ~np.isnan(x) & ~np.isnan(y)
    x, y, n = x[both], y[both], int(both.sum())
    nothing = float("nan")
    if n - lost < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return nothing, nothing, nothing, n
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    half = critical(1 - confidence) / float(np.sqrt(n - lost - 3))
    turned = float(np.arctanh(np.clip(r, -0.999999, 0.999999)))
    return r, float(np.tanh(turned - half)), float(np.tanh(turned + half)), n


def as_normal(t: Floats, freedom: Floats | float) -> Floats:
    """Student's t as the normal deviate of the same tail (Hill 1970, algorithm 395)."""
    freedom = np.maximum(freedom, 1.0)
    a = freedom - 0.5
    b = 48 * a * a
    y = a * np.log1p(t * t / freedom)
    more = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b) + y + 3
    deviates: Floats = np.sign(t) * np.sqrt(y) * (1 + more / b)
    return deviates


def standing_out(x: Floats, limit: float) -> Floats:
    """How far each figure lies above all the others, as a normal deviate; NaN where missing.

    Each is compared with the mean and spread of the others.  The farthest are taken out one by one,
    at most a fifth, and those down to the last one beyond the limit stay out and are compared with
    the rest, so that two of a kind do not hide each other (Rosner 1983).
    """
    out = np.full(x.shape, np.nan)
    kept = ~np.isnan(x)
    if kept.sum() < 4:
        return out
    order, last = [], 0
    trial = kept.copy()
    for step in range(max(1, int(_LEFT_OUT * kept.sum()))):
        found = np.where(trial, _deleted(x, trial), -np.inf)
        order.append(int(np.argmax(found)))
        if found[order[-1]] > limit:
            last = step + 1
        trial[order[-1]] = False
        if trial.sum() < 4:
            break
    rest = kept.copy()
    rest[order[:last]] = False
    out[rest] = _deleted(x, rest)[rest]
    for place in order[:last]:
        alone = rest.copy()
        alone[place] = True
        out[place] = _deleted(x, alone)[place]
    return out


def _deleted(x: Floats, kept: NDArray[np.bool_]) -> Floats:
    """Each kept figure against the other kept ones (a prediction of one more)."""
    n = int(kept.sum()) - 1
    values = np.where(kept, x, 0.0)
    mean = (values.sum() - values) / n
    # Around the overall mean, so that large figures lose no digits.
    centre = values.sum() / (n + 1)
    squares = np.where(kept, (x - centre) ** 2, 0.0)
    spread = np.maximum(squares.sum() - squares - n * (mean - centre) ** 2, 0.0) / (n - 1)
    scale = np.sqrt(spread * (1 + 1 / n))
    least = 1e-12 * max(1.0, abs(float(centre)))
    t = np.where(scale > least, (x - mean) / np.maximum(scale, least), 0.0)
    t = np.where((scale <= least) & (np.abs(x - mean) > least), np.sign(x - mean) * 1e6, t)
    return as_normal(t, n - 1)


@dataclass(frozen=True)
class TwoWay:
    """Figures of people × months as people and months make one expect them."""

    expected: Floats
    deviates: Floats  # of what is left, as normal deviates


def two_way(x: Floats, weight: Floats, limit: float) -> TwoWay:
    """What each figure is beside its person's and its month's usual level.

    Figures beyond the limit are taken out one by one, the farthest first, and the rest is fitted
    again, so that an unusual figure does not make others look so; at most a tenth, or 50, of them.

    Args:
        x: A figure per person (rows) and month (columns); NaN where missing.
        weight: How much each counts, such as its sample; of the same shape.
        limit: In standard deviations.
    """
    kept = ~np.isnan(x) & (weight > 0)
    expected, deviates = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    total = int(kept.sum())
    for _ in range(1 + min(total // 10, 50)):
        fitted = _means(x, np.where(kept, weight, 0.0))
        found, freedom = _residuals(x, fitted, np.where(kept, weight, 0.0))
        if freedom < 3:
            break
        expected = np.where(np.isnan(x), np.nan, fitted)
        deviates = np.where(kept, found, deviates)
        far = np.unravel_index(int(np.nanargmax(np.where(kept, np.abs(found), -1.0))), x.shape)
        if not abs(found[far]) > limit:
            break
        kept[far] = False
    return TwoWay(expected, deviates)


def _means(x: Floats, weight: Floats) -> Floats:
    """Weighted two-way means, person plus month, by turns."""
    values = np.where(weight > 0, x, 0.0)
    rows, columns = np.zeros(x.shape[0]), np.zeros(x.shape[1])
    by_row, by_column = weight.sum(axis=1), weight.sum(axis=0)
    for _ in range(_ROUNDS):
        rows = _share((weight * (values - columns)).sum(axis=1), by_row)
        columns = _share((weight * (values - rows[:, None])).sum(axis=0), by_column)
    return rows[:, None] + columns


def _residuals(x: Floats, fitted: Floats, weight: Floats) -> tuple[Floats, float]:
    """What is left, each against the spread of the others; and the degrees of freedom."""
    used = weight > 0
    people, months = int(used.any(axis=1).sum()), int(used.any(axis=0).sum())
    freedom = float(used.sum() - people - months + 1)
    left = np.where(used, (x - fitted) * np.sqrt(weight), 0.0)
    leverage = (
        _share(weight, weight.sum(axis=1, keepdims=True))
        + _share(weight, weight.sum(axis=0, keepdims=True)) - _share(weight, weight.sum())
    )  # fmt: skip
    room = np.clip(1 - leverage, 1e-6, 1.0)
    squares = (left**2).sum()
    others = np.maximum(squares - left**2 / room, 0.0) / max(freedom - 1, 1e-9)
    scale = np.sqrt(others * room)
    least = 1e-9 * max(1.0, float(np.abs(np.where(used, x, 0.0)).max(initial=0.0)))
    t = np.where(np.abs(left) > least, left / np.maximum(scale, least * 1e-3), 0.0)
    # Where a person or month has nearly this figure alone it says nothing about itself.
    t = np.where(used & (leverage < 0.999), t, 0.0)
    return as_normal(t, freedom - 1), freedom


def _share(part: Floats, whole: Floats) -> Floats:
    """Each part of its whole; 0 of nothing."""
    whole = np.broadcast_to(whole, part.shape)
    out: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return out


def between(x: Floats, codes: Codes) -> tuple[float, float]:
    """The share of the variance that lies between groups (η²), and how often chance makes as much.

    Args:
        x: A figure per person; none missing.
        codes: Each one's group, 0 and up.
    """
    sizes = np.bincount(codes).astype(np.float64)
    centred = x - x.mean()
    squares = float((centred**2).sum())
    if squares <= 1e-18 * max(1.0, float((x**2).sum())):
        return 0.0, 1.0

    member = (codes[:, None] == np.flatnonzero(sizes)).astype(np.float64)

    def shares(rows: Floats) -> Floats:
        sums = (rows @ member) ** 2 / sizes[sizes > 0]
        found: Floats = sums.sum(axis=1) / squares
        return found

    found = float(shares(centred[None])[0])
    random, at_once = np.random.default_rng(_SEED), max(1, _CELLS // len(x))
    as_much = 0
    for done in range(0, _SHUFFLES, at_once):
        rows = np.tile(centred, (min(at_once, _SHUFFLES - done), 1))
        as_much += int((shares(random.permuted(rows, axis=1)) >= found * (1 - 1e-12)).sum())
    return found, (as_much + 1) / (_SHUFFLES + 1)


def real_share(made: Floats, of: Floats) -> float:
    """How much of the differences between shares is more than chance (I²); NaN if not to be said.

    Args:
        made: Successes of each person.
        of: Trials of each person.
    """
    made, of = made[of > 0], of[of > 0]
    if len(of) < 2:
        return float("nan")
    share = float(made.sum() / of.sum())
    if share <= 0 or share >= 1:
        return float("nan")
    q = float((of * (made / of - share) ** 2).sum()) / (share * (1 - share))
    return max(0.0, 1 - (len(of) - 1) / q) if q > 0 else 0.0
