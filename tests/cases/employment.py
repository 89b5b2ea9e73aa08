"""R45 for the case scripts: the share of a month's calendar days that somebody is employed."""

from __future__ import annotations

from fractions import Fraction

from exact import Row, month_days


def employed_share(person: Row, period: str) -> Fraction:
    """Days from hiring to leaving, both counted, within the month, over the days of the month."""
    first, last = month_days(period)
    start = max(first, person.get("hired", first))
    end = min(last, person.get("left", last))
    return Fraction((end - start).days + 1, (last - first).days + 1)
