"""Who is calculated: the people of the period, their groups, and who counts (C5, C8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.period import Period
from xl_kpi.rounding import Codes, Floats

_FEW = 3  # people named in one line


@dataclass(frozen=True, slots=True)
class Group:
    """A way to group people: each one's group (-1 = none) and the groups' names."""

    codes: Codes
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """The people employed in the period, in the order of the roster."""

    roster: pd.DataFrame
    members: NDArray[np.bool_]  # of the whole roster: whom the scheme is for
    position: Codes  # of each row of the whole roster among them, -1 = not employed; then a -1
    groups: Mapping[str, Group]
    assessed: NDArray[np.bool_]
    staff: NDArray[np.bool_]  # employed by the department: not standing in for it

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.roster)

    @property
    def ids(self) -> list[str]:
        """Staff ids in roster order."""
        ids: list[str] = self.roster["person_id"].tolist()
        return ids

    def named(self, row: int) -> str:
        """Somebody as messages name them: name and staff id."""
        person = self.roster.iloc[row]
        return f"{person['name']}（{person['person_id']}）"

    def named_first(self, rows: Iterable[int]) -> str:
        """The first few of some people by name, and how many there are."""
        listed = list(rows)
        names = self.roster["name"].tolist()
        more = f" 等 {len(listed)} 人" if len(listed) > _FEW else ""
        return "、".join(str(names[row]) for row in listed[:_FEW]) + more

    def assessed_of(self, roles: tuple[str, ...]) -> NDArray[np.bool_]:
        """Who is assessed and has one of the roles; none = any role."""
        return self.assessed & self.has_role(roles) if roles else self.assessed

    def has_role(self, roles: tuple[str, ...]) -> NDArray[np.bool_]:
        """Who has one of the roles; none = any role."""
        if not roles:
            return np.ones(self.count, bool)
        return _has_role(self.groups["role"], roles)

    def tenure_months(self, day: dt.date) -> Floats:
        """Full months of service on a day."""
        hired = self.roster["hired"].to_numpy("datetime64[D]")
        month = hired.astype("datetime64[M]")
        since = np.datetime64(day, "M") - month
        later = hired - month > np.timedelta64(day.day - 1, "D")
        return np.where(np.isnat(hired), np.nan, since.astype(np.float64) - later)


    def employed_share(self, period: Period) -> Floats:
        """Days employed ÷ days of the period; a blank date is no limit (R45, calendar days)."""
        start, end = np.datetime64(period.start), np.datetime64(period.end)
        hired, left = (self.roster[k].to_numpy("datetime64[D]") for k in ("hired", "left"))
        first = np.where(np.isnat(hired), start, np.maximum(hired, start))
        last = np.where(np.isnat(left), end, np.minimum(left, end))
        return ((last - first).astype(np.float64) + 1) / period.days


def people_of(
    roster: pd.DataFrame,
    period: Period,
    roles: tuple[str, ...],
    members: NDArray[np.bool_] | None = None,
) -> People:
    """The people employed on some day of the period, and who of them is assessed.

    Args:
        roster: The 员工 table.
        period: The period that is calculated.
        roles: Roles that the scheme assesses; none = all.
        members: Whom of the roster the scheme is for, where a book has several; None = all.
    """
    if members is None:
        members = np.ones(len(roster), bool)
    hired, left = (roster[key].to_numpy("datetime64[D]") for key in ("hired", "left"))
    here = ~(hired > np.datetime64(period.end)) & ~(left < np.datetime64(period.start)) & members
    kept = roster[here]
    position = np.append(np.where(here, np.cumsum(here) - 1, -1), -1)
    groups = {key: _group(kept[key]) for key in ("shop", "team", "department", "role")}
    groups["everyone"] = Group(np.zeros(len(kept), np.intp), ("",))
    status = kept["status"].to_numpy(dtype=object)
    assessed = status == "confirmed"
    if roles:
        assessed &= _has_role(groups["role"], roles)
    return People(kept, members, position, groups, assessed, staff=status != "stand_in")


def _has_role(group: Group, roles: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.array([*(label in roles for label in group.labels), False])[group.codes]


def _group(names: pd.Series) -> Group:
    codes, labels = pd.factorize(names.to_numpy(dtype=object))
    return Group(codes.astype(np.intp), tuple(str(label) for label in labels))
