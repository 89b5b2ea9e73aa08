"""Who is calculated: the people of the period, their groups, and who counts (C5, C8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.period import Period
from xl_kpi.rounding import Codes, Floats


@dataclass(frozen=True, slots=True)
class Group:
    """A way to group people: each one's group (-1 = none) and the groups' names."""

    codes: Codes
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """The people employed in the period, in the order of the roster."""

    roster: pd.DataFrame
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

    def tenure_months(self, day: dt.date) -> Floats:
        """Full months of service on a day."""
        hired = pd.to_datetime(self.roster["hired"])
        months = (day.year - hired.dt.year) * 12 + day.month - hired.dt.month
        return np.asarray(months - (hired.dt.day > day.day), dtype=np.float64)


def people_of(roster: pd.DataFrame, period: Period, roles: tuple[str, ...]) -> People:
    """The people employed on some day of the period, and who of them is assessed.

    Args:
        roster: The 员工 table.
        period: The period that is calculated.
        roles: Roles that the scheme assesses; none = all.
    """
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    hired, left = pd.to_datetime(roster["hired"]), pd.to_datetime(roster["left"])
    employed = ~(hired > end) & ~(left < start)
    kept = roster[employed.to_numpy()]
    groups = {key: _group(kept[key]) for key in ("shop", "team", "department", "role")}
    groups["everyone"] = Group(np.zeros(len(kept), np.intp), ("",))
    assessed = (kept["status"] == "confirmed").to_numpy(dtype=bool)
    if roles:
        assessed &= kept["role"].isin(roles).to_numpy(dtype=bool)
    staff = (kept["status"] != "stand_in").to_numpy(dtype=bool)
    return People(kept, groups, assessed, staff)


def _group(names: pd.Series) -> Group:
    codes, labels = pd.factorize(names.where(names.notna(), None))
    return Group(codes.astype(np.intp), tuple(str(label) for label in labels))
