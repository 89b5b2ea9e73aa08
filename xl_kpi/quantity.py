"""A figure in words: as HR reads it in messages and explanations, and as one types it in."""

from __future__ import annotations

import numpy as np

_MONEY, _SHARE, _OTHER = 2, 4, 4  # decimals: of yuan, of a per cent, of points and the like
_TENTH = 0.1
EXTRA_DECIMALS = (0, 2, 4, None)  # how many more are written, one after the other, if need be
_SMALL = 6  # digits of what is smaller than a tenth and has no unit: coefficients, commission rates


def number(value: float | str | None, unit: str = "") -> str:
    """A figure as HR reads it: cents, per cents and points with up to four decimals."""
    if isinstance(value, str):
        return value
    if value is None or np.isnan(value):
        return "—"
    if unit == "yuan":
        return f"{_unsigned_zero(value, _MONEY):.{_MONEY}f}"
    return typed_number(value, unit)


def typed_number(value: float, unit: str = "", extra: int | None = 0) -> str:
    """A figure as one types it into a formula: ``52.9211%``, ``330000``, ``0.00185885``.

    Args:
        value: The figure; not missing.
        unit: Its unit; decides how many decimals are read.
        extra: So many decimals more than are read; None = all of them.
    """
    if extra is None or not np.isfinite(value):
        return f"{value:.15g}"
    if unit == "yuan":
        return _trimmed(value, _MONEY + extra)
    if unit == "ratio":
        return _trimmed(value * 100, _SHARE + extra) + "%"
    if unit in ("points", "place", "grade") or abs(value) >= _TENTH or value == 0:
        return _trimmed(value, _OTHER + extra)
    return np.format_float_positional(value, _SMALL + extra, fractional=False, trim="-")


def _trimmed(value: float, decimals: int) -> str:
    text = f"{_unsigned_zero(value, decimals):.{decimals}f}"
    return text.rstrip("0").rstrip(".")


def _unsigned_zero(value: float, decimals: int) -> float:
    """The value, and 0 instead of what would be shown as -0."""
    return 0.0 if round(float(value), decimals) == 0 else float(value)
