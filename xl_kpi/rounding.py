"""Cents, comparison and allocation: conventions C1, C2 and C9 of the rule book.

Every function takes numpy arrays of float64 (NaN = missing) and keeps their shape.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]

_EXACT_POWERS = 10.0 ** np.arange(23)  # 10**22 is the last power of ten that a double holds exactly


def round_half_up(value: ArrayLike, digits: int = 2) -> Floats:
    """Round half away from zero on the decimal a user sees: the value at 15 digits (C1).

    The same answer as ``Decimal(f"{x:.15g}").quantize(..., ROUND_HALF_UP)`` for every double.
    """
    x = np.asarray(value, dtype=np.float64)
    scale = _EXACT_POWERS[abs(digits)]
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.abs(x) * scale if digits >= 0 else np.abs(x) / scale
        whole = np.floor(scaled)
        part = scaled - whole
        result = whole + (part >= 0.5)
        result = np.copysign(result / scale if digits >= 0 else result * scale, x)
        # Only where the 15th digit could tip the balance, and where 15 digits end before the
        # cents do (or scaling is too much for a double), is the slow exact way needed.
        doubtful = np.isfinite(x) & ~(np.abs(part - 0.5) > 1e-14 * scaled)
    result = np.where(np.isfinite(x), result, x)
    if doubtful.any():
        unit = Decimal(1).scaleb(-digits)
        result[doubtful] = [_round_exactly(v, unit) for v in x[doubtful].tolist()]
    return np.asarray(result + 0.0)  # + 0.0: no negative zero reaches a payslip


def _round_exactly(value: float, unit: Decimal) -> float:
    seen = Decimal(f"{value:.15g}")
    wide = Context(prec=400)
    return float(seen.quantize(unit, ROUND_HALF_UP, context=wide))


def significant(value: ArrayLike, digits: int = 12) -> Floats:
    """Round to significant digits: the key by which values are compared (C9)."""
    x = np.asarray(value, dtype=np.float64)
    size = np.abs(x)
    usable = np.isfinite(x) & (size > 0)
    exponent = np.zeros(x.shape, dtype=np.int64)
    np.floor(np.log10(size, where=usable, out=np.zeros(x.shape)), out=exponent, casting="unsafe")
    shift = (digits - 1) - exponent
    easy = usable & (np.abs(shift) <= 22)
    power = _EXACT_POWERS[np.where(easy, np.abs(shift), 0)]
    up = np.floor(size * power + 0.5) / power
    down = np.floor(size / power + 0.5) * power
    result = np.where(easy, np.copysign(np.where(shift >= 0, up, down), x), x)
    hard = usable & ~easy
    if hard.any():
        result[hard] = [float(f"{v:.{digits - 1}e}") for v in x[hard].tolist()]
    return np.asarray(result + 0.0)


def is_below(left: ArrayLike, right: ArrayLike) -> NDArray[np.bool_]:
    """Where left is less than right at twelve significant digits (C9); never where one is missing.

    Rounding keeps the order, so only values that are close to each other are rounded at all.
    """
    a, b = np.broadcast_arrays(
        np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    )
    less = np.asarray(a < b)
    with np.errstate(invalid="ignore", over="ignore"):  # bands may have infinite bounds
        close = less & (b - a <= 3e-11 * np.abs(b))
    if close.any():
        less[close] = significant(a[close]) < significant(b[close])
    return less


def difference(left: ArrayLike, right: ArrayLike) -> Floats:
    """Left minus right; below 10⁻¹² of the larger operand it is nothing (C9)."""
    a, b = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    gap = a - b
    noise = np.abs(gap) < 1e-12 * np.maximum(np.abs(a), np.abs(b))
    return np.where(noise, 0.0, gap)


def group_count(codes: Codes) -> int:
    """How many groups there are: one more than the highest code."""
    return int(codes.max(initial=-1)) + 1


def group_sum(values: Floats, codes: Codes, groups: int, empty: float = 0.0) -> Floats:
    """Sum of the present values of each group, whatever the order of the rows; ``empty`` if none.

    A group whose values have at most four decimals (counts, money, seconds) adds up exactly in
    whole ten-thousandths; any other is added in ascending order.
    """
    if codes.min(initial=0) < 0 or np.isnan(values.sum()):  # infinities of both signs add to it
        present = ~np.isnan(values) & (codes >= 0)
        values, codes = values[present], codes[present]
    if (np.rint(values) == values).all() and np.abs(values).sum() < 2**53:
        total = np.bincount(codes, weights=values, minlength=groups).astype(np.float64)
    else:
        total = _sums(values, codes, groups)
    if empty != 0.0:
        total[np.bincount(codes, minlength=groups) == 0] = empty
    return total


def _sums(values: Floats, codes: Codes, groups: int) -> Floats:
    units = values * 1e4
    whole = np.rint(units)
    units -= whole
    tidy = np.abs(units, out=units).max() <= 1e-6
    if tidy and np.abs(whole).sum() < 2**53:
        return np.bincount(codes, weights=whole, minlength=groups) / 1e4
    return _mixed_sums(values, whole, units > 1e-6, codes, groups)


def _mixed_sums(
    values: Floats, whole: Floats, untidy: NDArray[np.bool_], codes: Codes, groups: int
) -> Floats:
    """Sums where some groups cannot be added in whole ten-thousandths."""
    tidy = np.bincount(codes[untidy], minlength=groups) == 0
    tidy &= np.bincount(codes, weights=np.abs(whole), minlength=groups) < 2**53
    exact = np.bincount(codes, weights=whole, minlength=groups) / 1e4
    rest = ~tidy[codes]
    values, codes = values[rest], codes[rest]
    order = sort_in_groups(values, codes)
    ascending = np.bincount(codes[order], weights=values[order], minlength=groups)
    return np.where(tidy, exact, ascending)


def sort_in_groups(values: NDArray[Any], codes: Codes) -> Codes:
    """The order of rows by group (from 0) and by ascending value inside; ties in any order."""
    order = np.argsort(values)
    # Numpy sorts sixteen-bit numbers by radix, many times faster than wider ones.
    for shift in range(0, int(codes.max(initial=1)).bit_length(), 16):
        digits = (codes >> shift).astype(np.uint16)
        order = order[np.argsort(digits[order], kind="stable")]
    return order


def spread(figures: Floats, groups: Codes) -> Floats:
    """Each group's figure on each of its rows; missing on rows of no group."""
    if figures.size == 0:
        return np.full(groups.shape, np.nan)
    return np.where(groups >= 0, figures[groups], np.nan)


def allocate(shares: Floats, pools: Floats, codes: Codes, digits: int = 2) -> Floats:
    """Shares of each group's pool in whole cents that add up to the pool exactly (C2).

    Args:
        shares: Unrounded yuan per person, adding up to their group's pool; NaN gets nothing.
        pools: Yuan per group.
        codes: Each person's group; -1 belongs to none.
        digits: 2 for cents, 0 for whole yuan.

    Each share is cut to the cent; the cents left over go to the largest remainders (both
    compared at nine decimals), ties in the order of the rows.
    """
    used = ~np.isnan(shares) & (codes >= 0)
    nano = np.floor(np.where(used, shares, 0.0) * 1e9 + 0.5).astype(np.int64)
    cents, rest = np.divmod(nano, 10 ** (9 - digits))
    pool_cents = np.rint(round_half_up(pools, digits) * 10**digits).astype(np.int64)
    given = np.zeros(len(pools), dtype=np.int64)
    np.add.at(given, codes[used], cents[used])
    missing = pool_cents - given

    rows = np.flatnonzero(used)
    descending_then_by_row = np.arange(rows.size) - rest[rows] * rows.size
    order = rows[sort_in_groups(descending_then_by_row, codes[rows])]
    group = codes[order]
    starts = np.searchsorted(group, np.arange(len(pools)))
    place = np.arange(order.size) - starts[group]
    cents[order[place < missing[group]]] += 1
    return np.where(used, cents / 10.0**digits, np.nan)
