"""The months of one scheme side by side: figures of people (rows) and months (columns)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.formula import names_in
from xl_kpi.indicators import Scored
from xl_kpi.pipeline import Results
from xl_kpi.rounding import Codes, Floats
from xl_kpi.scheme import Indicator, Scheme

LEVELS = ("shop", "team", "department")


@dataclass(frozen=True)
class Panel:
    """The results of a scheme's months, the earliest first."""

    runs: tuple[Results, ...]

    @property
    def scheme(self) -> Scheme:
        """The scheme as it is in force in the last month."""
        return self.runs[-1].scheme

    @property
    def months(self) -> list[str]:
        """The months."""
        return [run.figures.period.name for run in self.runs]

    @functools.cached_property
    def people(self) -> pd.DataFrame:
        """Everybody assessed in one of the months, as they are in their last one, by staff ID."""
        columns = ["name", "role", *LEVELS]
        every = pd.concat([run.people.roster[run.people.assessed] for run in self.runs])
        order = every["person_id"].drop_duplicates()
        last = every.drop_duplicates("person_id", keep="last").set_index("person_id")
        made = last.loc[order, columns].astype(object)
        return made.where(made.notna(), "")

    def named(self, place: int) -> str:
        """Somebody as findings name them."""
        return self._names[place]

    @functools.cached_property
    def _names(self) -> list[str]:
        pairs = zip(self.people["name"], self.people.index, strict=True)
        return [f"{name}（{person}）" for name, person in pairs]

    def figures(self, value: Callable[[Results], Floats]) -> Floats:
        """A figure per person and month; NaN where somebody is not assessed."""
        out = np.full((len(self.people), len(self.runs)), np.nan)
        for column, run in enumerate(self.runs):
            figures = np.where(run.people.assessed, value(run), np.nan)
            place = self.people.index.get_indexer(pd.Index(run.people.ids))
            out[place[place >= 0], column] = figures[place >= 0]
        return out

    def of_indicator(self, name: str, value: Callable[[Scored], Floats]) -> Floats:
        """A figure of an indicator per person and month; NaN in months that do not have it."""

        def of(run: Results) -> Floats:
            scored = run.scored.get(name)
            if scored is None or not scored.due:
                return np.full(run.people.count, np.nan)
            return value(scored)

        return self.figures(of)

    def points(self, name: str) -> Floats:
        """An indicator's points of the month."""
        return self.of_indicator(name, lambda scored: scored.monthly(scored.points))

    def count(self, key: str) -> Floats:
        """A count of 指标数据."""
        return self.figures(lambda run: run.figures.count(key, "month"))

    @functools.cached_property
    def totals(self) -> Floats:
        """Total scores."""
        return self.figures(
            lambda run: np.full(run.people.count, np.nan) if run.totals is None else run.totals.total
        )

    @functools.cached_property
    def pay(self) -> Floats:
        """Pay in yuan; missing in a scheme that pays nothing."""
        return self.figures(lambda run: run.pay)

    @functools.cached_property
    def variable_pay(self) -> Floats:
        """The part of the pay in yuan that is not fixed in the roster, such as base pay is."""
        return self.figures(_variable_pay)

    @functools.cached_property
    def whole(self) -> NDArray[np.bool_]:
        """Who was employed the whole month: of joiners and leavers amounts are no measure."""
        return self.figures(lambda run: run.people.employed_share(run.figures.period)) >= 1

    @property
    def indicators(self) -> list[Indicator]:
        """The indicators of the last month's scheme that are scored."""
        return [i for i in self.scheme.indicators if i.rule != "none"]

    def codes(self, key: str) -> tuple[Codes, list[str]]:
        """Each one's group of a level or ``role`` (-1 = none), and the groups' names."""
        codes, labels = pd.factorize(self.people[key].where(self.people[key] != "", None))
        return codes.astype(np.intp), [str(label) for label in labels]


def _variable_pay(run: Results) -> Floats:
    items = [
        run.items[item.name]
        for item in run.paid_items
        if not names_in(item.formula.node) or any(not _fixed(run, n) for n in names_in(item.formula.node))
    ]
    if not items:
        return np.full(run.people.count, np.nan)
    sums = np.nansum(np.stack(items), axis=0)
    return np.where(np.isnan(run.pay), np.nan, sums)


def _fixed(run: Results, name: str) -> bool:
    """Whether a name stands for something of the roster or the calendar."""
    meaning = run.names.find(name)
    return meaning is not None and meaning.kind in ("roster", "day")


def mean_of_months(figures: Floats) -> Floats:
    """Each one's mean over the months that have a figure; NaN where none has."""
    there = ~np.isnan(figures)
    count = there.sum(axis=1)
    sums = np.where(there, figures, 0.0).sum(axis=1)
    out: Floats = np.divide(sums, count, out=np.full(len(figures), np.nan), where=count > 0)
    return out


def due_months(figures: Floats, most: int) -> list[int]:
    """The last columns that have figures."""
    return [int(n) for n in np.flatnonzero(~np.isnan(figures).all(axis=0))[-most:]]


def panels_of(months: Sequence[Sequence[Results]]) -> list[Panel]:
    """One panel per scheme, from the results of each month."""
    by_scheme: dict[str, list[Results]] = {}
    for month in months:
        for results in month:
            by_scheme.setdefault(results.scheme.id, []).append(results)
    return [Panel(tuple(runs)) for runs in by_scheme.values()]
