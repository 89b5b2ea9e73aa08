"""A figure in words: as HR reads it in messages and explanations."""

from __future__ import annotations

import numpy as np


def number(value: float | str | None, unit: str = "") -> str:
    """A figure as HR reads it; enough digits to recompute with."""
    if isinstance(value, str):
        return value
    if value is None or np.isnan(value):
        return "—"
    if unit == "yuan":
        return f"{value:.2f}"
    if unit == "ratio":
        return f"{value * 100:.6g}%"
    return f"{value:.6g}"
