"""Score cards of weighted indicators (R01, R07, R08, C3) and days employed (R45), exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction

from exact import Figure, Row, mean, month_days

FULL = Fraction(100)


def rating(rows: Sequence[Row], item: str, weights: Mapping[str, Fraction]) -> Figure:
    """R07: the mean of each rater group, weighted over the groups that rated."""
    means = {
        group: mean(
            [
                Fraction(row["score"])
                for row in rows
                if row["item"] == item and row["rater_group"] == group
            ]
        )
        for group in weights
    }
    present = {group: value for group, value in means.items() if value is not None}
    if not present:
        return None
    weighted = sum(weights[group] * value for group, value in present.items())
    return weighted / sum(weights[group] for group in present)


def higher(value: Fraction, target: Fraction) -> Fraction:
    """R01, the more the better: full marks at the target, none for nothing."""
    return min(FULL * value / target, FULL)


def lower(value: Fraction, target: Fraction) -> Fraction:
    """R01, the less the better: full marks at the target and below."""
    return min(FULL * target / value, FULL) if value else FULL


def weighted(points: Mapping[str, Fraction], weights: Mapping[str, int]) -> Figure:
    """R08: the weights of what is missing go to the rest."""
    if not points:
        return None
    whole = sum(weights[name] for name in points)
    return sum(weights[name] * got for name, got in points.items()) / whole


def share_employed(person: Row, period: str) -> Fraction:
    """R45: calendar days employed over the days of the month."""
    first, last = month_days(period)
    start = max(first, person.get("hired", first))
    end = min(last, person.get("left", last))
    return Fraction((end - start + dt.timedelta(days=1)).days, (last - first).days + 1)
