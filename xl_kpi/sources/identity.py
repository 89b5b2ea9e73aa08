"""Whose an account of an export is: the dated table 账号, else a name or id of the roster."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from xl_kpi.errors import Problem, nearest

NOT_STAFF = ("不计", "none")  # the post of accounts that nobody sits at
_PREFIX = re.compile(r"^(售前|售后|客服|主管|兼职|晚班|白班|[^:：]{1,30}[:：])[-_ ]*")
_SUGGEST_UP_TO = 5_000


@dataclass(frozen=True, slots=True)
class Owner:
    """Who an account is: a staff id, or nobody for whom figures count (``staff`` False)."""

    person: str | None
    staff: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    account: str
    platform: str
    person: str | None
    post: str
    first: dt.date
    last: dt.date


class Accounts:
    """The accounts of a book and the people on its roster."""

    def __init__(self, accounts: pd.DataFrame, roster: pd.DataFrame) -> None:
        self._entries: dict[str, list[_Entry]] = {}
        for row in accounts.to_dict("records"):
            if isinstance(row["account"], str):
                entry = _Entry(
                    row["account"].strip(), _text(row["platform"]), _text(row["person_id"]) or None,
                    _text(row["post"]), _day(row["valid_from"], dt.date.min),
                    _day(row["valid_to"], dt.date.max),
                )  # fmt: skip
                self._entries.setdefault(entry.account, []).append(entry)
        self._names: dict[str, list[str]] = {}
        self._ids: dict[str, str] = {}  # with the name
        for person, name in zip(roster["person_id"], roster["name"], strict=True):
            if isinstance(person, str):
                self._ids[person] = _text(name)
                self._names.setdefault(_text(name), []).append(person)

    @property
    def roster(self) -> dict[str, str]:
        """Names by staff id."""
        return self._ids

    def listed(self, account: str, platform: str) -> bool:
        """Whether the table has the account, for this platform or for all."""
        return any(e.platform in ("", platform) for e in self._entries.get(account, []))

    def owner(
        self, names: Sequence[str], platform: str, days: tuple[dt.date, dt.date]
    ) -> Owner:
        """Whose the account is during all of these days.

        Args:
            names: The account and other names in the same row, such as the person's own.
            platform: Of the export.
            days: First and last day.
        """
        why = ""
        for name in names:
            entries = [e for e in self._entries.get(name, []) if e.platform in ("", platform)]
            exact = [e for e in entries if e.platform] or entries
            valid = [e for e in exact if e.first <= days[0] and days[1] <= e.last]
            if any(e.post in NOT_STAFF for e in valid):
                return Owner(None, staff=False)
            people = {e.person for e in valid if e.person}
            if len(people) == 1:
                return Owner(people.pop())
            if len(people) > 1:
                return Owner(None, why=f"账号表里同时属于 {'、'.join(sorted(people))}")
            touching = [e for e in exact if e.person and e.first <= days[1] and days[0] <= e.last]
            if touching:
                why = "这些天里换过人，整段的数分不开；请按天导出"
            elif any(e.person for e in exact):
                why = "账号表里的日期不包括这些天"
        if why:
            return Owner(None, why=why)
        for name in names:
            if name in self._ids:
                return Owner(name)
            bearers = self._names.get(name, [])
            if len(bearers) == 1:
                return Owner(bearers[0])
            if bearers:
                return Owner(None, why=f"叫这个名字的有 {len(bearers)} 人：{'、'.join(bearers)}")
        return Owner(None)

    def spans(self) -> tuple[list[tuple[str, dt.date, dt.date, str | None]], list[Problem]]:
        """Whose every account is from which day to which, whatever its platform; and what clashes.

        People whose name nobody else has are accounts of that name. Nobody (None) sits at accounts
        that do not count.
        """
        found: list[tuple[str, dt.date, dt.date, str | None]] = []
        problems: list[Problem] = []
        for account, entries in self._entries.items():
            known = {(e.first, e.last, e.person if e.post not in NOT_STAFF else None): e
                     for e in entries if e.person or e.post in NOT_STAFF}  # fmt: skip
            rows = sorted(known, key=lambda row: row[:2])
            for (_, last, before), (first, _, after) in pairwise(rows):
                if first <= last:
                    what = f"账号“{account}”从 {first} 起同时属于 {before or '不计'} 和 {after or '不计'}"
                    problems.append(Problem("账号", what, "改启用、停用日期，同一天只属于一个人"))
            found += [(account, *row) for row in rows]
        found += [
            (name, dt.date.min, dt.date.max, people[0])
            for name, people in self._names.items()
            if len(people) == 1 and name and name not in self._entries and name not in self._ids
        ]
        return found, problems

    def proposal(self, names: Iterable[str]) -> str:
        """Who an unknown account may be, in words; a proposal, never an assumption."""
        known: dict[str, str] = {}
        for account, entries in self._entries.items():
            owners = [e.person for e in entries if e.person]
            if owners:
                known[account] = f"{self._called(owners[0])}（账号 {account}）"
        for person, name in self._ids.items():
            known.setdefault(name, self._called(person))
            known.setdefault(person, self._called(person))
        folded: dict[str, list[str]] = {}
        for word in known:
            folded.setdefault(_folded(word), []).append(word)
        for name in names:
            alike = [w for w in folded.get(_folded(name), []) if w != name]
            if alike:
                return known[alike[0]]
        if len(known) <= _SUGGEST_UP_TO:
            for name in names:
                if (near := nearest(name, known)) is not None:
                    return known[near]
        return ""

    def _called(self, person: str) -> str:
        return f"{self._ids.get(person, '')}（{person}）"


def _folded(name: str) -> str:
    """A name without case, width, spaces and prefixes such as 售后 or the shop's."""
    word = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    shorter = _PREFIX.sub("", word)
    return shorter or word


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _day(value: object, default: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) and not pd.isna(value) else default
