"""Differences of closed months: for whom, which item, how much, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xl_kpi.closing.ledger import GRADE, PAY, Figure, Key
from xl_kpi.closing.months import kept_schemes
from xl_kpi.closing.replay import Parts, Replay
from xl_kpi.closing.snapshot import Chain
from xl_kpi.quantity import number
from xl_kpi.tables import BY_KEY, ROSTER

_NAMED = 3  # changes of one person, or other people, named in one sentence


@dataclass(frozen=True, slots=True)
class TrueUp:
    """A figure of a closed month that is no longer what was booked.

    ``difference`` is what the item pays more or less, in yuan; None where it is no money.
    """

    period: str
    person_id: str
    name: str
    item: str
    before: Figure
    now: Figure
    difference: float | None
    reason: str


def true_ups(found: Replay, chain: Chain) -> list[TrueUp]:
    """The items and grades of closed months to put right, month by month and person by person."""
    rows: list[TrueUp] = []
    for period, now in found.now.items():
        items = [i.name for s in kept_schemes(chain, chain.place(period)) for i in s.pay_items if i.paid]
        changes = _changes(found.before[period], now)
        names = dict(zip(now["roster|"]["person_id"], now["roster|"]["name"], strict=True))
        mine = [key for key in found.corrections if key.period == period]
        order = {item: place for place, item in enumerate([GRADE, *items])}
        people = {person: place for place, person in enumerate(names)}
        listed = [key for key in mine if key.item in order]
        for key in sorted(listed, key=lambda k: (people.get(k.person_id, -1), order[k.item])):
            before, after = found.booked[key], found.corrections[key]
            money = None if key.item == GRADE else _money(after) - _money(before)
            rows.append(
                TrueUp(
                    period, key.person_id, str(names.get(key.person_id, key.person_id)), key.item,
                    before, after, None if money is None else round(money, 2) + 0.0,
                    _reason(key, changes, names, found),
                )
            )  # fmt: skip
    return rows


def pay_by_person(found: Replay) -> dict[str, float]:
    """What each person gets or gives back for the closed months, in yuan."""
    sums: dict[str, float] = {}
    for key, figure in found.corrections.items():
        if key.item == PAY:
            change = _money(figure) - _money(found.booked[key])
            sums[key.person_id] = round(sums.get(key.person_id, 0.0) + change, 2)
    return {person: amount for person, amount in sums.items() if amount}


def _money(figure: Figure) -> float:
    return figure.value or 0.0


# --- why -----------------------------------------------------------------------------------------


def _reason(
    key: Key, changes: Mapping[str, list[str]], names: Mapping[str, str], found: Replay
) -> str:
    """What has changed: of the person, of everybody, of others, or of the months before."""
    mine = changes.get(key.person_id, [])
    if mine:
        return _listed(mine)
    of_all = changes.get("", [])
    others = [person for person in changes if person not in ("", key.person_id)]
    if of_all and not others:
        return _listed(of_all)
    if others:
        told = [f"{names.get(p, p)}：{_listed(changes[p][:1])}" for p in others[:_NAMED]]
        more = f" 等 {len(others)} 人" if len(others) > _NAMED else ""
        return f"本人的数据没有变，同组的变了：{'；'.join([*told, *of_all[:1]])}{more}"
    before = [k for k in found.corrections if k.period < key.period]
    if before:
        return f"{max(k.period for k in before)} 及以前的更正影响到这个月"
    return ""


def _listed(texts: list[str]) -> str:
    more = f" 等 {len(texts)} 处" if len(texts) > _NAMED else ""
    return "；".join(texts[:_NAMED]) + more


def _changes(before: Parts, now: Parts) -> dict[str, list[str]]:
    """What differs between two states of the input, by person; under "" what is nobody's own."""
    found: dict[str, list[str]] = {}
    for person, text in _of_roster(before["roster|"], now["roster|"]):
        found.setdefault(person, []).append(text)
    for name in sorted({*before, *now} - {"roster|"}, reverse=True):
        one, other = before.get(name), now.get(name)
        table, month = name.split("|")
        for owner, text in _of_part(table, month, one, other):
            found.setdefault(owner, []).append(text)
    return found


def _of_roster(before: pd.DataFrame, now: pd.DataFrame) -> Iterator[tuple[str, str]]:
    old = before.set_index("person_id")
    for _, row in now.iterrows():
        person = row["person_id"]
        if person not in old.index:
            yield person, f"后来加入{ROSTER.zh}表，入职 {_day(row['hired'])}"
            continue
        for key in ("hired", "left"):
            one, other = old.at[person, key], row[key]
            if one is not other and _day(one) != _day(other):
                yield person, f"{ROSTER.column(key).zh} {_day(one)} → {_day(other)}"


def _of_part(
    table: str, month: str, before: pd.DataFrame | None, now: pd.DataFrame | None
) -> Iterator[tuple[str, str]]:
    """The sums of each owner's numbers that differ, and rows that changed otherwise."""
    frames = [f for f in (before, now) if f is not None]
    if len(frames) == 2 and frames[0].reset_index(drop=True).equals(frames[1].reset_index(drop=True)):
        return
    owner = _owner(frames[0])
    if owner is None:
        yield "", f"{BY_KEY[table].zh} {month} 改动过"
        return
    one, other = (_sums(f, owner) for f in (before, now))
    labels = {c.key: c.zh for c in BY_KEY[table].columns}
    for who in sorted({*one.index, *other.index}):
        told = False
        for column in dict.fromkeys([*one.columns, *other.columns]):
            old, new = _at(one, who, str(column)), _at(other, who, str(column))
            if old != new and not (np.isnan(old) and np.isnan(new)):
                told = True
                label = labels.get(str(column), str(column))
                prefix = "" if owner == "person_id" else f"{who} "
                text = f"{BY_KEY[table].zh} {month} {prefix}{label} {_number(old)} → {_number(new)}"
                yield (who if owner == "person_id" else ""), text
        if not told and _texts(before, owner, who) != _texts(now, owner, who):
            yield (who if owner == "person_id" else ""), f"{BY_KEY[table].zh} {month} 有行改动过"


def _owner(frame: pd.DataFrame) -> str | None:
    return next((key for key in ("person_id", "department", "shop") if key in frame), None)


def _sums(frame: pd.DataFrame | None, owner: str) -> pd.DataFrame:
    if frame is None:
        return pd.DataFrame()
    numbers = [c for c in frame.columns if frame[c].dtype.kind == "f" and frame[c].notna().any()]
    grouped = frame.groupby(owner)[numbers]
    return grouped.sum(min_count=1).round(6)


def _at(sums: pd.DataFrame, owner: str, column: str) -> float:
    there = owner in sums.index and column in sums
    return float(sums[column].to_numpy()[sums.index.get_loc(owner)]) if there else np.nan


def _texts(frame: pd.DataFrame | None, owner: str, who: str) -> list[str]:
    if frame is None:
        return []
    mine = frame[frame[owner] == who]
    return sorted(map(str, mine.to_dict("records")))


def _number(value: float) -> str:
    return "空白" if np.isnan(value) else number(value)


def _day(value: Any) -> str:
    return "空白" if pd.isna(value) else str(pd.Timestamp(value).date())
