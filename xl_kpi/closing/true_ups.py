"""Differences of closed months: for whom, which item, how much, and what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xl_kpi.closing.ledger import GRADE, PAY, Figure, Key
from xl_kpi.closing.months import kept_schemes
from xl_kpi.closing.replay import Parts, Replay
from xl_kpi.closing.snapshot import Chain
from xl_kpi.quantity import number
from xl_kpi.tables import BY_KEY, ROSTER

# What is told of a row that was added or taken away.
_SAYING = {
    "calibrations": ("item", "value"), "refunds": ("origin", "refund"), "events": ("event", "times"),
    "adjustments": ("item", "amount"), "ratings": ("item", "score"), "targets": ("sales_target",),
}  # fmt: skip
_NAMED = 3  # changes of one person, or other people, named in one sentence


@dataclass(frozen=True, slots=True)
class TrueUp:
    """A figure of a closed month that is no longer what was booked.

    ``difference`` is what the item pays more or less, in yuan; None where it is no money.
    ``told`` is the reason as the person may read it: without a word about others.
    """

    period: str
    person_id: str
    name: str
    item: str
    before: Figure
    now: Figure
    difference: float | None
    reason: str
    told: str


def true_ups(found: Replay, chain: Chain) -> list[TrueUp]:
    """The items and grades of closed months to put right, month by month and person by person."""
    rows: list[TrueUp] = []
    for period, now in found.now.items():
        items = [
            i.name for s in kept_schemes(chain, chain.place(period)) for i in s.pay_items if i.paid
        ]
        parts = [name for name in found.changed if name.split("|")[1] <= period]
        changes = _changes(found.before[period], now, parts)
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
                    *_reasons(key, changes, names, found),
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


def _reasons(
    key: Key, changes: Mapping[str, list[str]], names: Mapping[str, str], found: Replay
) -> tuple[str, str]:
    """What has changed: of the person, of everybody, of others, or of the months before.

    Returns:
        The reason for HR, and for the person.
    """
    mine = changes.get(key.person_id, [])
    if mine:
        return _listed(mine), _listed(mine)
    of_all = changes.get("", [])
    others = [person for person in changes if person not in ("", key.person_id)]
    if of_all and not others:
        return _listed(of_all), _listed(of_all)
    if others:
        told = [f"{names.get(p, p)}：{_listed(changes[p][:1])}" for p in others[:_NAMED]]
        more = f" 等 {len(others)} 人" if len(others) > _NAMED else ""
        plain = "本人的数据没有变，同组的数据有更正"
        theirs = "；".join(told) + more
        return f"本人的数据没有变，同组的变了：{'；'.join([theirs, *of_all[:1]])}", plain
    before = [k for k in found.corrections if k.period < key.period]
    if before:
        text = f"{max(k.period for k in before)} 及以前的更正影响到这个月"
        return text, text
    return "", ""


def _listed(texts: list[str]) -> str:
    more = f" 等 {len(texts)} 处" if len(texts) > _NAMED else ""
    return "；".join(texts[:_NAMED]) + more


def _changes(before: Parts, now: Parts, parts: Iterable[str]) -> dict[str, list[str]]:
    """What differs between two states of the input, by person; under "" what is nobody's own."""
    found: dict[str, list[str]] = {}
    for person, text in _of_roster(before["roster|"], now["roster|"]):
        found.setdefault(person, []).append(text)
    for name in sorted(set(parts) & {*before, *now} - {"roster|"}, reverse=True):
        one, other = before.get(name), now.get(name)
        table, month = name.split("|")
        for owner, text in _of_part(table, month, one, other):
            found.setdefault(owner, []).append(text)
    return found


def _of_roster(before: pd.DataFrame, now: pd.DataFrame) -> Iterator[tuple[str, str]]:
    old, new = (
        {row["person_id"]: row for row in frame.to_dict("records")} for frame in (before, now)
    )
    for person, row in new.items():
        if person not in old:
            yield person, f"后来加入{ROSTER.zh}表，入职 {_day(row['hired'])}"
            continue
        for key in ("hired", "left"):
            one, other = _day(old[person][key]), _day(row[key])
            if one != other:
                yield person, f"{ROSTER.column(key).zh} {one} → {other}"


def _of_part(
    table: str, month: str, before: pd.DataFrame | None, now: pd.DataFrame | None
) -> Iterator[tuple[str, str]]:
    """What has changed in the rows of each person, department or shop."""
    frames = [f for f in (before, now) if f is not None]
    owner = next((key for key in ("person_id", "department", "shop") if key in frames[0]), None)
    if owner is None:
        if len(frames) < 2 or _by_owner(before, None) != _by_owner(now, None):
            yield "", f"{BY_KEY[table].zh} {month} 改动过"
        return
    one, other = (_by_owner(frame, owner) for frame in _differing(before, now, owner))
    labels = {c.key: c.zh for c in BY_KEY[table].columns}
    for who in sorted(who for who in {*one, *other} if one.get(who) != other.get(who)):
        before_rows, now_rows = one.get(who, []), other.get(who, [])
        old, new = _sums(before_rows), _sums(now_rows)
        of, prefix = (who, "") if owner == "person_id" else ("", f"{who} ")
        more = len(now_rows) - len(before_rows)
        if more:
            there, then = (now_rows, before_rows) if more > 0 else (before_rows, now_rows)
            what = _described(table, [row for row in there if row not in then])
            verb = "加了" if more > 0 else "少了"
            yield of, f"{BY_KEY[table].zh} {month} {prefix}{verb} {what or f'{abs(more)} 行'}"
            continue
        changed = [c for c in dict.fromkeys([*new, *old]) if old.get(c) != new.get(c)]
        for column in changed:
            change = f"{_number(old.get(column))} → {_number(new.get(column))}"
            yield of, f"{BY_KEY[table].zh} {month} {prefix}{labels.get(column, column)} {change}"
        if not changed:
            yield of, f"{BY_KEY[table].zh} {month} {prefix}有行改动过"


def _differing(
    before: pd.DataFrame | None, now: pd.DataFrame | None, owner: str
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """The rows of those owners only of whom any row may differ."""
    if before is None or now is None:
        return before, now
    columns = sorted({*before.columns, *now.columns})
    marks = [
        pd.util.hash_pandas_object(f.reindex(columns=columns), index=False) for f in (before, now)
    ]
    counted = marks[0].value_counts().sub(marks[1].value_counts(), fill_value=0)
    other = counted.index[counted != 0]
    owners = pd.concat(
        [f.loc[m.isin(other).to_numpy(), owner] for f, m in zip((before, now), marks, strict=True)]
    )
    return before[before[owner].isin(owners)], now[now[owner].isin(owners)]


def _described(table: str, rows: list[dict[str, Any]]) -> str:
    """The first of some rows by the columns that say what it is; empty if the table has none."""
    columns = _SAYING.get(table)
    if columns is None or not rows:
        return ""
    cells = [rows[0].get(key) for key in columns]
    told = " ".join(
        number(cell) if isinstance(cell, float) else str(cell) for cell in cells if cell
    )
    return f"“{told}”" + (f" 等 {len(rows)} 行" if len(rows) > 1 else "")


def _by_owner(frame: pd.DataFrame | None, owner: str | None) -> dict[str, list[dict[str, Any]]]:
    """The rows of each owner, without blanks; in one order, wherever they stand."""
    rows: dict[str, list[dict[str, Any]]] = {}
    if frame is None:
        return rows
    columns = {str(key): frame[key].tolist() for key in frame.columns}
    for cells in zip(*columns.values(), strict=True):
        row = {k: cell for k, cell in zip(columns, cells, strict=True) if not pd.isna(cell)}
        rows.setdefault(str(row.get(owner, "")) if owner else "", []).append(row)
    for mine in rows.values():
        mine.sort(key=str)
    return rows


def _sums(rows: list[dict[str, Any]]) -> dict[str, float]:
    """The sum of each column of numbers."""
    sums: dict[str, float] = {}
    for row in rows:
        for key, cell in row.items():
            if isinstance(cell, float):
                sums[key] = sums.get(key, 0.0) + cell
    return {key: round(value, 6) for key, value in sums.items()}


def _number(value: float | None) -> str:
    return "空白" if value is None else number(value)


def _day(value: Any) -> str:
    return "空白" if pd.isna(value) else str(pd.Timestamp(value).date())
