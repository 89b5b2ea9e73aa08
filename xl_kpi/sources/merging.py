"""Figures of all imports put together: which of two is taken, what follows, whose they are.

Everything here follows from the table 平台数据 and the import log alone, so importing a file
again changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TypeAlias

from xl_kpi.sources.export_cells import Days
from xl_kpi.sources.export_figures import export_rules
from xl_kpi.tables import COUNTS, SHOPS

ESTIMATED = "估算响应秒数"  # among the filters of an import that asked for it
TYPED = "手填"
_UNFIT = 20  # one in so many rates may fit no whole number

Key: TypeAlias = tuple[str, str, str, dt.date, dt.date]  # platform, shop, account, days
Taken: TypeAlias = dict[Key, dict[str, "Stored"]]
PersonOf: TypeAlias = Callable[["Stored"], str | None]
Sums: TypeAlias = dict[tuple[dt.date, str], dict[str, float]]

LABELS = {c.key: c.zh for table in (COUNTS, SHOPS) for c in table.columns if c.unit}
KEYS = {label: key for key, label in LABELS.items()}
_SHOP_KEYS = {c.key for c in SHOPS.columns if c.unit}
_DAYS = {c.key for c in COUNTS.columns if c.unit == "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A row of 平台数据; ``item`` is the key of a count, or the name of a ratio or mean."""

    start: dt.date
    end: dt.date
    platform: str
    shop: str
    account: str
    person: str
    item: str
    value: float
    decimals: int
    source: str

    @property
    def key(self) -> Key:
        """What it is about, the item apart; an account is one whatever shop its file names."""
        shop = "" if self.account else self.shop
        return self.platform, shop, self.account, self.start, self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What the import log says of an import, as far as it decides which figure is taken."""

    source: str
    file: str
    profile: str
    rule: str
    filters: str
    system: str = ""
    attendance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two figures that should be one."""

    start: dt.date
    end: dt.date
    who: str
    item: str
    first: float
    first_source: str
    second: float
    second_source: str
    taken: float
    reason: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """A rate that is not what the counts say; ``row`` holds the rate."""

    row: Stored
    expected: float
    words: str


@dataclass(slots=True)
class Recovered:
    """Where one import's rate gave a count, and how often no whole number fits it."""

    keys: list[Key] = field(default_factory=list)
    unfit: int = 0


@dataclass(slots=True)
class Merged:
    """The figures that are taken, and what was found on the way."""

    taken: Taken
    differences: list[Difference]
    misfits: list[Misfit]
    whole: dict[tuple[str, str], Recovered] = field(default_factory=dict)  # by import and count
    derived: int = 0
    estimated: int = 0

    @property
    def recovered(self) -> int:
        """How many counts were recovered from rates."""
        return sum(len(found.keys) for found in self.whole.values())


def merge(stored: Sequence[Stored], log: Mapping[str, Import]) -> Merged:
    """What the stored figures say, each once, with what follows from them.

    Args:
        stored: Every row of 平台数据.
        log: The imports by number, the earliest first.
    """
    order = {source: n for n, source in enumerate(log)}
    merged = Merged({}, [], [])
    for row in sorted(stored, key=lambda row: order[row.source]):
        items = merged.taken.setdefault(row.key, {})
        before = items.get(row.item)
        if before is None:
            items[row.item] = row
        elif row.item in LABELS and not _same(before.value, row.value):
            items[row.item] = _decided(before, row, log, merged)
        elif row.item not in LABELS and _later_wins(before, row, log):
            items[row.item] = row
    _spans(merged, log)
    for items in merged.taken.values():
        _follow(items, log, merged)
    _doubt_recovered(merged)
    for items in merged.taken.values():
        merged.misfits += _misfits(items)
    return merged


def _doubt_recovered(merged: Merged) -> None:
    """A rate that often fits no whole number has another base: what did fit was chance."""
    for (_, count), found in merged.whole.items():
        if found.unfit * _UNFIT > len(found.keys) + found.unfit:
            for key in found.keys:
                del merged.taken[key][count]
            found.keys.clear()


def _same(left: float, right: float) -> bool:
    return abs(left - right) < 0.005


def _later_wins(before: Stored, row: Stored, log: Mapping[str, Import]) -> bool:
    first, second = log[before.source], log[row.source]
    return (first.profile, first.rule, first.filters) == (
        second.profile, second.rule, second.filters,
    )  # fmt: skip


def _decided(before: Stored, row: Stored, log: Mapping[str, Import], merged: Merged) -> Stored:
    later = _later_wins(before, row, log)
    taken = row if later else before
    reason = "同一种导出，取后导入的" if later else "口径不同，取先导入的"
    merged.differences.append(
        Difference(
            start=row.start, end=row.end, who=row.account or row.shop, item=LABELS[row.item],
            first=before.value, first_source=log[before.source].file, second=row.value,
            second_source=log[row.source].file, taken=taken.value, reason=reason,
        )
    )  # fmt: skip
    return taken


# --- a month beside its days ------------------------------------------------------------------


def _spans(merged: Merged, log: Mapping[str, Import]) -> None:
    """A count given for a range and for days in it counts once: the days, if they are all there."""
    groups: dict[tuple[str, str, str, str], list[Stored]] = {}
    covered: dict[tuple[str, str, str], set[dt.date]] = {}
    for (platform, shop, account, start, end), items in merged.taken.items():
        for item, row in items.items():
            if item in LABELS:
                groups.setdefault((platform, shop, account, item), []).append(row)
                if start == end:
                    covered.setdefault((platform, shop, item), set()).add(start)
    for (platform, shop, _, item), rows in groups.items():
        if len(rows) > 1:
            days = covered.get((platform, shop, item), set())
            for row in _overlapped(sorted(rows, key=_length), days, merged, log):
                merged.taken[row.key].pop(item, None)


def _length(row: Stored) -> tuple[dt.timedelta, dt.date]:
    return row.end - row.start, row.start


def _overlapped(
    rows: Sequence[Stored], days: set[dt.date], merged: Merged, log: Mapping[str, Import]
) -> Iterator[Stored]:
    """The rows that another one already says."""
    kept: list[Stored] = []
    for row in rows:
        inside = [r for r in kept if r.start <= row.end and row.start <= r.end]
        if not inside:
            kept.append(row)
            continue
        span = {row.start + dt.timedelta(days=n) for n in range((row.end - row.start).days + 1)}
        finer = span <= days or span <= {
            r.start + dt.timedelta(days=n) for r in inside for n in range((r.end - r.start).days + 1)
        }
        total = sum(r.value for r in inside)
        if not _same(total, row.value):
            merged.differences.append(
                Difference(
                    start=row.start, end=row.end, who=row.account or row.shop,
                    item=LABELS[row.item], first=total,
                    first_source="、".join(dict.fromkeys(log[r.source].file for r in inside)),
                    second=row.value, second_source=log[row.source].file,
                    taken=total if finer else row.value,
                    reason="按天（周）的数齐全，取它们的合计" if finer else "按天（周）的数不齐，取整段的数",
                )
            )  # fmt: skip
        if finer:
            yield row
        else:
            kept = [r for r in kept if r not in inside]
            kept.append(row)
            yield from inside


# --- what follows from the figures of one account and range --------------------------------------


def _follow(items: dict[str, Stored], log: Mapping[str, Import], merged: Merged) -> None:
    rules = export_rules()
    contradicted = set()
    for rule in rules["derived"]:
        whole, less = items.get(rule["from"]), items.get(rule["less"])
        if rule["count"] in items or whole is None or less is None or less.value > whole.value:
            continue
        value = whole.value - less.value
        rate = items.get(rule["rate"])
        if rate is None or whole.value == 0 or _fits(value / whole.value, rate):
            items[rule["count"]] = _made(whole, rule["count"], value)
            merged.derived += 1
        else:
            contradicted.add(rule["count"])
            words = f"({LABELS[rule['from']]} {whole.value:.15g} − {LABELS[rule['less']]} {less.value:.15g}) ÷ {LABELS[rule['of']]}"
            merged.misfits.append(Misfit(rate, value / whole.value, words))
    for rule in rules["recovered"]:
        rate, of = items.get(rule["rate"]), items.get(rule["of"])
        if rule["count"] in items or rule["count"] in contradicted or rate is None or of is None:
            continue
        if of.value == 0 or rate.platform not in rule.get("platforms", (rate.platform,)):
            continue
        found = whole_numbers(rate.value, rate.decimals, of.value)
        recovered = merged.whole.setdefault((rate.source, rule["count"]), Recovered())
        if len(found) == 1:
            items[rule["count"]] = _made(of, rule["count"], float(found[0]))
            recovered.keys.append(of.key)
        elif not found:
            recovered.unfit += 1
            words = f"{LABELS[rule['of']]} {of.value:.15g} 的任何整数份"
            merged.misfits.append(Misfit(rate, round(rate.value * of.value) / of.value, words))
    for rule in rules["estimated"]:
        mean, times = items.get(rule["mean"]), items.get(rule["times"])
        if mean is None or times is None or ESTIMATED not in log[mean.source].filters:
            continue
        if rule["sum"] not in items and rule["number"] not in items:
            items[rule["sum"]] = _made(mean, rule["sum"], mean.value * times.value)
            items[rule["number"]] = _made(mean, rule["number"], times.value)
            merged.estimated += 1


def _made(like: Stored, item: str, value: float) -> Stored:
    return Stored(
        start=like.start, end=like.end, platform=like.platform, shop=like.shop,
        account=like.account, person=like.person, item=item, value=value, decimals=0,
        source=like.source,
    )  # fmt: skip


def _tolerance(decimals: int) -> float:
    return 0.5 * 10.0**-decimals + 1e-9


def whole_numbers(rate: float, decimals: int, of: float) -> range:
    """The whole numbers whose share of ``of`` shows as this rate.

    Examples:
        0.6250 of 200 at four decimals is 125; 0.62 of 200 at two decimals is 123, 124 or 125.
    """
    if of <= 0:
        return range(0)
    half = _tolerance(decimals)
    lowest, highest = ceil((rate - half) * of - 1e-9), floor((rate + half) * of + 1e-9)
    return range(max(lowest, 0), min(highest, floor(of)) + 1)


def _fits(expected: float, rate: Stored) -> bool:
    return abs(expected - rate.value) <= _tolerance(rate.decimals) * 1.001


def _misfits(items: Mapping[str, Stored]) -> Iterator[Misfit]:
    for rule in export_rules()["checked"]:
        rate = items.get(rule["rate"])
        top, bottom = items.get(rule["top"]), items.get(rule["bottom"])
        if rate is None or top is None or bottom is None or bottom.value == 0:
            continue
        expected = top.value / bottom.value
        if not _fits(expected, rate):
            words = f"{LABELS[rule['top']]} {top.value:.15g} ÷ {LABELS[rule['bottom']]} {bottom.value:.15g}"
            yield Misfit(rate, expected, words)


# --- whose they are -------------------------------------------------------------------------------


def accounts_of_several_systems(
    taken: Taken, person_of: PersonOf, log: Mapping[str, Import]
) -> dict[str, dict[str, set[str]]]:
    """People whose accounts on one platform come from different systems: accounts by system.

    Two systems may call one account by two names, and then its figures are added twice.
    """
    found: dict[tuple[str, str, dt.date, str], dict[str, set[str]]] = {}
    for (platform, _, account, start, _), items in taken.items():
        for item, row in items.items():
            person = person_of(row) if account and item in LABELS and item not in _DAYS else None
            if person is not None and not log[row.source].attendance:
                systems = found.setdefault((person, platform, start, item), {})
                systems.setdefault(log[row.source].system, set()).add(account)
    told: dict[str, dict[str, set[str]]] = {}
    for (person, *_), systems in found.items():
        if len(systems) > 1:
            for system, accounts in systems.items():
                told.setdefault(person, {}).setdefault(system, set()).update(accounts)
    return told


def person_sums(
    taken: Taken, person_of: PersonOf, log: Mapping[str, Import]
) -> tuple[Sums, list[Difference]]:
    """Counts per person and first day, over all accounts; and days on duty that disagree."""
    sums: Sums = {}
    days: dict[tuple[dt.date, str, str], list[Stored]] = {}
    for items in taken.values():
        for item, row in items.items():
            if item not in LABELS or item in _SHOP_KEYS or not row.account:
                continue
            person = person_of(row)
            if person is None:
                continue
            if item in _DAYS:
                days.setdefault((row.start, person, item), []).append(row)
                continue
            counts = sums.setdefault((row.start, person), {})
            counts[item] = round(counts.get(item, 0.0) + row.value, 6)
    differences = []
    for (start, person, item), rows in days.items():
        # A day on duty is one day, however many accounts saw it; attendance knows best.
        first = next((r for r in rows if log[r.source].attendance), max(rows, key=lambda r: r.value))
        sums.setdefault((start, person), {})[item] = first.value
        for row in rows:
            if not _same(row.value, first.value):
                known = log[first.source].attendance
                reason = "以考勤为准" if known else "几个账号的天数不同，取最大的"
                differences.append(
                    Difference(
                        start=row.start, end=row.end, who=person, item=LABELS[item],
                        first=first.value, first_source=log[first.source].file, second=row.value,
                        second_source=log[row.source].file, taken=first.value, reason=reason,
                    )
                )  # fmt: skip
    return sums, differences


def shop_sums(taken: Taken) -> Sums:
    """Counts per shop and first day."""
    sums: Sums = {}
    for items in taken.values():
        for item, row in items.items():
            if item in _SHOP_KEYS and row.shop:
                counts = sums.setdefault((row.start, row.shop), {})
                counts[item] = round(counts.get(item, 0.0) + row.value, 6)
    return sums


def days_of(rows: Iterable[Stored]) -> Days | None:
    """First and last day of rows."""
    spans = [(row.start, row.end) for row in rows]
    return (min(s for s, _ in spans), max(e for _, e in spans)) if spans else None
