"""Sums and averages of columns of results, blank where there is nothing to add up."""

from __future__ import annotations

import numpy as np

from xl_kpi.rounding import Floats, group_sum, round_half_up


def mean(values: Floats) -> float | None:
    """The average of the figures that there are."""
    here = values[~np.isnan(values)]
    return _sum(here) / len(here) if len(here) else None


def added(values: Floats) -> float | None:
    """The sum of the amounts that there are, to the cent."""
    here = values[~np.isnan(values)]
    return money(_sum(here)) if len(here) else None


def total(values: Floats) -> float | None:
    """The sum of the figures that there are, as exact as they are."""
    here = values[~np.isnan(values)]
    return round(_sum(here), 8) if len(here) else None


def money(value: float) -> float:
    """An amount to the cent."""
    return float(round_half_up(value))


def _sum(values: Floats) -> float:
    """Their sum, the same whatever their order."""
    return float(group_sum(values, np.zeros(len(values), np.intp), 1)[0])
