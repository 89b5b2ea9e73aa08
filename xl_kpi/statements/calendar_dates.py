"""The dates of the steps of the assessment cycle (S13) for a period that was calculated."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterable

from xl_kpi.period import Period, earlier

_ON = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_EVERY_MONTH = re.compile(
    r"每月\s*(\d{1,2})\s*[日号]|\b(\d{1,2})(?:st|nd|rd|th)? of (?:each|every) month", re.IGNORECASE
)
_NEXT_MONTH = re.compile(
    r"次月\s*(\d{1,2})\s*[日号]|\b(\d{1,2})(?:st|nd|rd|th)? of (?:the )?next month", re.IGNORECASE
)
_WITHIN = re.compile(r"(\d{1,3})\s*[天日]内|\bwithin (\d{1,3}) days?\b", re.IGNORECASE)
_MONTHS = re.compile(r"(\d{1,2})\s*月")
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def due_date(day: str, period: Period, published: dt.date) -> dt.date | None:
    """The date of a step; None where its words name none, such as “面谈前”.

    Args:
        day: As the sheet has it: ``每月 24 日前``, ``by the 24th of each month``, ``次月初``,
            ``within 7 days of the results``, ``2026-11-05``.
        period: The period that was calculated.
        published: The day on which its results were made known.
    """
    text = day.strip()
    on = _ON.match(text)
    if on is not None:
        return _day(int(on[1]), int(on[2]), int(on[3]))
    every, following, within = (p.search(text) for p in (_EVERY_MONTH, _NEXT_MONTH, _WITHIN))
    if every is not None:
        return _next_such_day(period.end, _number(every))
    if following is not None:
        year, month = _month(earlier(period.name, -1))
        return _day(year, month, _number(following))
    if within is not None:
        return published + dt.timedelta(days=_number(within))
    for words, found in _NAMED.items():
        if text.casefold().startswith(words):
            return found(period, published)
    months = [int(m) for m in _MONTHS.findall(text)]
    months += [n for n, name in enumerate(_ENGLISH_MONTHS, 1) if re.search(rf"\b{name}\b", text)]
    return _listed_month(months, period)


def days_allowed(days: Iterable[str]) -> int | None:
    """How many days the strictest of some steps allows; None where none says it."""
    allowed = [_number(found) for text in days if (found := _WITHIN.search(text)) is not None]
    return min(allowed, default=None)


def _number(found: re.Match[str]) -> int:
    """The number in the words of the one language or the other."""
    return int(found[1] or found[2])


def _month(name: str) -> tuple[int, int]:
    return int(name[:4]), int(name[5:])


def _day(year: int, month: int, day: int) -> dt.date | None:
    """A day; the last of its month where the month is shorter."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _next_such_day(after: dt.date, day: int) -> dt.date | None:
    """The first day of this number after another day."""
    year, month = after.year, after.month
    for _ in range(2):
        found = _day(year, month, day)
        if found is None or found > after:
            return found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def _listed_month(months: list[int], period: Period) -> dt.date | None:
    """The end of the next of some months, this one among them."""
    year, now = _month(period.name)
    listed = sorted(m for m in months if 1 <= m <= 12)
    if not listed:
        return None
    later = [m for m in listed if m >= now]
    return _day(year, later[0], 31) if later else _day(year + 1, listed[0], 31)


def _quarter(period: Period, *, last: bool) -> dt.date:
    year, month = _month(period.name)
    first = (month - 1) // 3 * 3 + 1
    if not last:
        return dt.date(year, first, 1)
    return dt.date(year, first + 2, calendar.monthrange(year, first + 2)[1])


_FOUND: dict[tuple[str, str], Callable[[Period, dt.date], dt.date]] = {
    ("次月初", "start of next month"): lambda period, _: period.end + dt.timedelta(days=1),
    ("季初", "start of the quarter"): lambda period, _: _quarter(period, last=False),
    ("季末", "end of the quarter"): lambda period, _: _quarter(period, last=True),
    ("期末", "end of the period"): lambda period, _: period.end,
    ("年末", "end of the year"): lambda period, _: dt.date(int(period.name[:4]), 12, 31),
    ("出结果后", "after the results"): lambda _, published: published,
    ("通报后", "after the notice"): lambda _, published: published,
}
_NAMED = {words: found for both, found in _FOUND.items() for words in both}
