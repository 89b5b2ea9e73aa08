"""Closed months calculated again from what is known now: what they differ by is booked later.

The schemes are those that paid the month, and so is what the roster says of a person, but for the
days of hiring and leaving: who was added to the roster since, with a day of hiring, joined late.
A month is calculated twice, from what was known at the last closing and from what is known now, so
that another version of the program changes nothing that was paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from xl_kpi.closing.freezing import fingerprint, joined, parts_of
from xl_kpi.closing.ledger import GONE, Figure, Figures, as_of, figures_of, latest, with_rows
from xl_kpi.closing.months import FROZEN, TYPED, calculate, kept_schemes
from xl_kpi.closing.snapshot import Chain
from xl_kpi.errors import InputError, Problem
from xl_kpi.formula import FormulaError
from xl_kpi.period import earlier
from xl_kpi.records import Tables
from xl_kpi.rounding import significant
from xl_kpi.tables import CLOSINGS

Parts = Mapping[str, pd.DataFrame]


@dataclass(slots=True)
class Replay:
    """What the closed months are by now: the figures that differ from what was booked.

    ``before`` and ``now`` are the two states of the input of each month that was calculated again,
    ``changed`` the parts in which they differ.
    """

    corrections: Figures = field(default_factory=dict)
    booked: Figures = field(default_factory=dict)  # what 历史 had of the corrected figures
    before: dict[str, Parts] = field(default_factory=dict)
    now: dict[str, Parts] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def parts_now(tables: Tables) -> dict[str, pd.DataFrame]:
    """The input cut into parts, what HR typed into 历史 among them."""
    history = tables[TYPED]
    typed = history[history["booked"].isna()]
    typed.attrs = dict(history.attrs)
    return {**parts_of(tables, FROZEN), f"{TYPED}|": typed}


def replay(chain: Chain, tables: Tables, prints: Mapping[str, str] | None = None) -> Replay:
    """Calculate the closed months again whose input has changed since the last closing.

    Args:
        chain: The closed months.
        tables: The book's tables; 历史 with all its rows.
        prints: The fingerprints of their parts, if they are known.
    """
    found = Replay()
    if chain.last is None:
        return found
    place = len(chain.snapshots) - 1
    then = {n: f for n, f in chain.parts(place) if n.split("|")[0] in (*FROZEN, TYPED)}
    now = parts_now(tables)
    if prints is None:
        prints = {name: fingerprint(frame) for name, frame in now.items()}
    changed = {
        name for name in {*then, *now} if chain.last.prints.get(name) != prints.get(name)
    }
    if not changed:
        return found
    found.changed = changed
    history = tables[TYPED]
    ledger = history[history["booked"].notna()]
    ledger.attrs = dict(history.attrs)
    for number, snapshot in enumerate(chain.snapshots):
        period = snapshot.period
        if not found.corrections and not _concerns(chain, number, then, now, changed):
            continue
        before = {**_until(period, then), "roster|": roster_of(chain, number, then["roster|"])}
        after = {**_until(period, now), "roster|": roster_of(chain, number, now["roster|"])}
        try:
            schemes = kept_schemes(chain, number)
            figures: list[Figures] = []
            for state, typed, corrected in (
                (before, then.get(f"{TYPED}|"), {}), (after, now[f"{TYPED}|"], found.corrections)
            ):
                past = ledger if typed is None else _with_typed(ledger, typed)
                past = with_rows(past, list(corrected.items()), chain.last.period)
                known = as_of(past, period, chain.last.period)
                runs = calculate({**joined(state, tables), TYPED: known}, schemes, period)
                figures.append(figures_of(runs))
        except (FormulaError, InputError) as error:
            what = f"{period} 已月结，按现在的数据重算不了：{error}"
            found.problems.append(Problem(f"{CLOSINGS.zh}：{period}", what, "把改动过的数据改回来，或改正它"))
            continue
        _compare(found, figures[0], figures[1], latest(history, period))
        found.before[period], found.now[period] = before, after
    return found


def roster_of(chain: Chain, place: int, roster: pd.DataFrame) -> pd.DataFrame:
    """The roster of a closed month by what another one knows of hiring and leaving since.

    Who joined late is as the first roster has them that knows of them.
    """
    sources = [snapshot.sources["roster|"] for snapshot in chain.snapshots[place:]]
    later = [chain.part("roster|", chain.place(source)) for source in dict.fromkeys(sources)]
    merged = chain.part("roster|", place)
    for other in (*later[1:], roster):
        new = ~other["person_id"].isin(merged["person_id"]) & other["hired"].notna()
        if new.any():
            merged = pd.concat([merged, other[new.to_numpy()]])
    days = ["hired", "left"]
    since = roster.set_index("person_id")[days].reindex(merged["person_id"])
    there = merged["person_id"].isin(roster["person_id"]).to_numpy()
    merged = merged.assign(
        **{day: np.where(there, since[day].to_numpy(), merged[day].to_numpy()) for day in days}
    )
    merged.attrs = dict(roster.attrs)
    return merged


def _concerns(chain: Chain, place: int, then: Parts, now: Parts, changed: set[str]) -> bool:
    """Whether a change is of a closed month: of its own rows, of those before, of its roster."""
    until = _last_part(chain.snapshots[place].period)
    for name in changed:
        table, month = name.split("|")
        if table == TYPED or (table != "roster" and month <= until):
            return True
    if "roster|" not in changed:
        return False
    rosters = (roster_of(chain, place, state["roster|"]) for state in (then, now))
    one, other = (roster.reset_index(drop=True) for roster in rosters)
    return not one.equals(other)


def _until(period: str, parts: Parts) -> dict[str, pd.DataFrame]:
    until = _last_part(period)
    return {
        name: frame for name, frame in parts.items()
        if name.split("|")[0] in FROZEN and name.split("|")[1] <= until
    }  # fmt: skip


def _last_part(period: str) -> str:
    """The last calendar month of which a month's figures can need rows: its last week's."""
    return earlier(period, -1)


def _with_typed(ledger: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    joined_rows = pd.concat([typed, ledger]) if len(typed) else ledger
    joined_rows.attrs = dict(ledger.attrs)
    return joined_rows


def _compare(found: Replay, before: Figures, now: Figures, booked: Figures) -> None:
    """Take in what differs, in the order of the figures."""
    for key in dict.fromkeys([*now, *before]):
        old, new = before.get(key, GONE), now.get(key, GONE)
        if old == new:
            continue
        stands = booked.get(key, GONE)
        found.corrections[key] = _moved(stands, old, new)
        found.booked[key] = stands


def _moved(stands: Figure, old: Figure, new: Figure) -> Figure:
    """What a booked figure is when the calculation of it has changed."""
    if stands == old or stands.value is None or old.value is None or new.value is None:
        return new
    return Figure(float(significant(stands.value + (new.value - old.value), 15)), None)
