"""Whether the figures of a period, and of the one before, were made by one definition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from xl_kpi.errors import Problem
from xl_kpi.period import Period
from xl_kpi.pipeline import Results
from xl_kpi.tables import IMPORTS

_NAMED = 5

Definitions: TypeAlias = Mapping[tuple[str, str], frozenset[str]]  # by platform and item


def judge_definitions(results: Results) -> Iterator[Problem]:
    """Imports of the period by several definitions, or by others than last month's.

    Ranks and comparisons across them are made all the same, so HR has to know.
    """
    period = results.figures.period
    now = _definitions(results, period)
    before = _definitions(results, period.previous())
    mixed: dict[frozenset[str], list[str]] = {}
    changed: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for (platform, item), found in now.items():
        if len(found) > 1:
            mixed.setdefault(found, []).append(item)
        earlier = before.get((platform, item), frozenset())
        if earlier and earlier != found:
            changed.setdefault((earlier, found), []).append(item)
    for found, items in mixed.items():
        yield Problem(
            IMPORTS.zh, f"{period.name} 的{_listed(items)}来自几种口径：{'；'.join(sorted(found))}",
            "名次和平均混在一起比；最好全部按一种口径重新导出", "warning",
        )  # fmt: skip
    for (earlier, found), items in changed.items():
        yield Problem(
            IMPORTS.zh,
            f"{_listed(items)}的口径和上期不同：{period.previous().name} 是 {'；'.join(sorted(earlier))}，"
            f"{period.name} 是 {'；'.join(sorted(found))}",
            "和上期的比较、环比不可靠；按同一种口径重新导出上期，或不比较", "warning",
        )  # fmt: skip


def _listed(items: list[str]) -> str:
    more = f" 等 {len(items)} 项" if len(items) > _NAMED else ""
    return "、".join(f"“{item}”" for item in items[:_NAMED]) + more


def _definitions(results: Results, period: Period) -> Definitions:
    """The fingerprints of each item that was imported for days of a period."""
    frame = results.figures.records.tables.get("imports")
    found: dict[tuple[str, str], frozenset[str]] = {}
    if frame is None:
        return found
    for row in frame.to_dict("records"):
        start, end = row["start"], row["end"]
        dated = isinstance(start, dt.datetime) and isinstance(end, dt.datetime)
        if not dated or start.date() > period.end or end.date() < period.start:
            continue
        for item in str(row["items"] or "").split("、"):
            key = (str(row["platform"]), item)
            found[key] = found.get(key, frozenset()) | {str(row["fingerprint"])}
    return found
