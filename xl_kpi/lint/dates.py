"""Dated rows judged at any time: two rows in force at once, days without a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from xl_kpi.errors import Problem
from xl_kpi.scheme import Row, Rows

_ALWAYS, _FOREVER = dt.date.min, dt.date.max


def dated_problems(rows: Rows, on: dt.date | None = None) -> list[Problem]:
    """What is wrong with the validity of a scheme's rows on other days than the one calculated.

    Args:
        rows: All rows of the scheme tables, in force or not.
        on: The day that picks the rows of the run; what is wrong on it stops the run already.

    Returns:
        Warnings: equally specific rows that are in force together, and days on which an
        indicator, curve or pay item that has rows before and after is in force nowhere.
    """
    found: list[Problem] = []
    for table, (key, label, what) in _TABLES.items():
        groups: dict[Any, list[Row]] = {}
        for row in rows.get(table, ()):
            if row.get(label) is not None and _first(row) <= _last(row):
                groups.setdefault(key(row), []).append(row)
        for members in groups.values():
            name = str(members[0].get(label)).strip()
            if not any(_is_dated(row) for row in members):
                continue
            if table != "curves":
                found += _together(members, label, f"{what}“{name}”", on)
            found += _days_between(members, f"{what}“{name}”")
    return found


def _indicator(row: Row) -> Any:
    """An indicator goes by the name that its row gives it, else by its metric."""
    return str(row.get("name") or row.get("metric")).strip()


_TABLES: Mapping[str, tuple[Callable[[Row], Any], str, str]] = {
    "indicators": (_indicator, "metric", "指标"),
    "curves": (lambda row: str(row.get("name")).strip(), "name", "曲线"),
    "pay_items": (lambda row: str(row.get("item")).strip(), "item", "薪资项"),
    "grades": (lambda row: str(row.get("grade")).strip(), "grade", "等级"),
}


def _is_dated(row: Row) -> bool:
    return row.get("valid_from") is not None or row.get("valid_to") is not None


def _first(row: Row) -> dt.date:
    return _day(row.get("valid_from"), _ALWAYS)


def _last(row: Row) -> dt.date:
    return _day(row.get("valid_to"), _FOREVER)


def _day(value: Any, blank: dt.date) -> dt.date:
    if value is None:
        return blank
    day: dt.date = np.datetime64(value, "D").astype(object)
    return day


def _said(day: dt.date) -> str:
    return "以前" if day == _ALWAYS else "以后" if day == _FOREVER else day.isoformat()


def _together(
    members: Sequence[Row], label: str, name: str, on: dt.date | None
) -> Iterator[Problem]:
    """Two rows in force on the same days, unless the day calculated is among them."""
    for one, other in combinations(members, 2):
        start, end = max(_first(one), _first(other)), min(_last(one), _last(other))
        if start > end or on is None or start <= on <= end:
            continue
        days = "一直" if start == _ALWAYS and end == _FOREVER else f"{_said(start)} 至 {_said(end)} "
        yield Problem(
            other.cell("valid_from"), f"{name}在 {days}有两行同时生效（另一行在 {one.cell(label)}）",
            "改生效或失效日期，使两行首尾相接", "warning",
        )  # fmt: skip


def _days_between(members: Sequence[Row], name: str) -> Iterator[Problem]:
    """Days after one row has ended and before the next begins."""
    ordered = sorted(members, key=_first)
    reach = _last(ordered[0])
    for row in ordered[1:]:
        start = _first(row)
        if reach < _FOREVER and start > reach + dt.timedelta(days=1):
            first, last = reach + dt.timedelta(days=1), start - dt.timedelta(days=1)
            yield Problem(
                row.cell("valid_from"), f"{name}在 {first} 至 {last} 没有一行生效",
                f"把上一行的失效日期改为 {last}，或把这一行的生效日期改为 {first}", "warning",
            )  # fmt: skip
        reach = max(reach, _last(row))
