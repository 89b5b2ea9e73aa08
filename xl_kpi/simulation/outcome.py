"""What a simulation found: everybody's pay both ways, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from xl_kpi.errors import Problem
from xl_kpi.rounding import round_half_up
from xl_kpi.simulation.edges import Edge
from xl_kpi.simulation.sensitivity import Effect

LARGEST = 5  # winners and losers that are named
_ITEMS = 3  # that make the difference, of each of them
REST = "其他"  # of what was paid: what no item accounts for


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody whose pay changes (yuan), and the items that make the difference."""

    person_id: str
    name: str
    shop: str
    change: float
    items: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Simulation:
    """Months side by side: ``before`` as paid or by one scheme, ``after`` by another.

    Attributes:
        months: Those that were compared.
        before: What is compared with: scheme IDs and names.
        after: What is tried.
        paid: Whether ``before`` is what was paid, not a scheme calculated again.
        people: A row per person and month: period, person_id, name, department, shop, role,
            before, after, change (yuan; blank where one side pays nothing), grade_before,
            grade_after.
        items_before: The paid items (yuan) of the same rows.
        items_after: The same by the other scheme.
        shown: What the tried scheme shows beside the pay, of the same rows (yuan).
        groups: Its figures of shops, departments and teams: period, level, group, item, unit, value.
        grades: Its grades, the best first.
        effects: What each parameter costs.
        edges: Who is next to a line.
        problems: What is missing or left out.
    """

    months: tuple[str, ...]
    before: str
    after: str
    paid: bool
    people: pd.DataFrame
    items_before: pd.DataFrame
    items_after: pd.DataFrame
    shown: pd.DataFrame
    groups: pd.DataFrame
    grades: tuple[str, ...]
    effects: list[Effect] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def by(self, *keys: str) -> pd.DataFrame:
        """Both costs by columns of ``people``, in their order of appearance; none = in all.

        Columns: people (different ones), rows (payslips), before, after, change, and mean_before,
        mean_after per payslip (yuan).
        """
        frame = self.people.assign(_all="")
        names = list(keys) or ["_all"]
        frame[names] = frame[names].fillna("")
        grouped = frame.groupby(names, sort=False)
        table = grouped.agg(
            people=("person_id", "nunique"), rows=("person_id", "size"),
            slips_before=("before", "count"), slips_after=("after", "count"),
            before=("before", "sum"), after=("after", "sum"),
        ).reset_index()  # fmt: skip
        for key in ("before", "after"):
            table[key] = round_half_up(table[key].to_numpy())
            slips = table.pop(f"slips_{key}").where(lambda n: n > 0)
            table[f"mean_{key}"] = round_half_up((table[key] / slips).to_numpy(np.float64))
        table["change"] = round_half_up((table["after"] - table["before"]).to_numpy())
        return table if keys else table.drop(columns="_all")

    @property
    def persons(self) -> pd.DataFrame:
        """A row per person over all months: who, before, after, change (yuan), months."""
        frame = self.people.copy()
        who = ["name", "department", "shop", "role"]
        grouped = frame.groupby("person_id", sort=False)
        table = grouped[who].last()
        table["months"] = grouped.size()
        for key in ("before", "after", "change"):
            table[key] = round_half_up(grouped[key].sum(min_count=1).to_numpy())
        return table.reset_index()

    @property
    def differences(self) -> pd.DataFrame:
        """After less before of each item (columns, yuan) by person (index), over all months."""
        columns = list(dict.fromkeys([*self.items_after.columns, *self.items_before.columns]))
        after, before = (
            items.reindex(columns=columns).fillna(0.0) for items in (self.items_after, self.items_before)
        )
        compared = self.people["change"].notna().to_numpy()
        change = (after - before)[compared]
        change = change.groupby(self.people["person_id"][compared], sort=False).sum()
        return pd.DataFrame(round_half_up(change.to_numpy(np.float64)), change.index, columns)

    def moved(self, direction: int, most: int = LARGEST) -> list[Moved]:
        """The people who gain (1) or lose (-1) most, with the items that make the difference."""
        persons = self.persons
        change = persons["change"].fillna(0.0).to_numpy(np.float64) * direction
        order = [row for row in np.argsort(-change, kind="stable") if change[row] > 0][:most]
        rows, items = persons.iloc[order], self.differences
        columns = (rows[key].tolist() for key in ("person_id", "name", "shop", "change"))
        return [
            Moved(str(one), str(name), str(shop or ""), float(amount), _largest(items, str(one)))
            for one, name, shop, amount in zip(*columns, strict=True)
        ]

    @property
    def counts(self) -> dict[str, int]:
        """How many people gain, lose and stay the same, and how many one side does not pay."""
        change = self.persons["change"]
        return {
            "up": int((change > 0).sum()), "down": int((change < 0).sum()),
            "same": int((change == 0).sum()), "not_compared": int(change.isna().sum()),
        }  # fmt: skip

    @property
    def sums(self) -> dict[str, float]:
        """What those who gain get more and those who lose get less, in all (yuan)."""
        change = self.persons["change"].to_numpy(np.float64)
        return {
            "up": float(round_half_up(change[change > 0].sum())),
            "down": float(round_half_up(change[change < 0].sum())),
        }

    @property
    def grade_counts(self) -> pd.DataFrame:
        """How many payslips have each grade: grade, before, after; the best grade first."""
        before, after = (self.people[f"grade_{key}"].dropna() for key in ("before", "after"))
        others = sorted({*before, *after} - {*self.grades})
        labels = [*self.grades, *others]
        return pd.DataFrame(
            {"grade": labels, "before": [int((before == g).sum()) for g in labels],
             "after": [int((after == g).sum()) for g in labels]}
        )  # fmt: skip

    @property
    def group_means(self) -> pd.DataFrame:
        """The tried scheme's figures of shops, departments and teams as means of the months."""
        keys = ["level", "group", "item", "unit"]
        return self.groups.groupby(keys, sort=False)["value"].mean().reset_index()


def _largest(items: pd.DataFrame, person: str) -> tuple[tuple[str, float], ...]:
    if person not in items.index:
        return ()
    amounts = items.loc[person].to_numpy(np.float64)
    order = np.argsort(-np.abs(amounts), kind="stable")[:_ITEMS]
    return tuple((str(items.columns[n]), float(amounts[n])) for n in order if amounts[n] != 0)


def concatenated(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames one below the other, numbered anew."""
    kept = [frame for frame in frames if len(frame)] or list(frames[:1])
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
