"""The refunds of a period, row by row: whose, of which month's sales, after which others (R47)."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from xl_kpi.figures import Figures
from xl_kpi.names import Meaning
from xl_kpi.rounding import Codes, Floats


class Refunds:
    """The 退款 rows of a period and its people, in the order of the table."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._records = figures.records
        self._there = self._records.has("refunds")
        self.rows = figures.rows("refunds").numbers if self._there else np.empty(0, np.intp)
        self.owners: Codes = (
            figures.rows("refunds").person if self._there else np.empty(0, np.intp)
        )

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.rows)

    @property
    def origins(self) -> pd.Series:
        """The month that each one goes back to."""
        if not self._there:
            return pd.Series(dtype=object)
        origins: pd.Series = self._records.tables["refunds"]["origin"].iloc[self.rows]
        return origins

    def value(self, meaning: Meaning) -> Floats:
        """A figure of each refund: its amount, what went before it, or one of its month."""
        if meaning.kind == "origin":
            return self._figures.past.of_origin(meaning.key, self.origins, self.owners)
        return self._before if meaning.key == "refunded_before" else self._amounts

    @functools.cached_property
    def _amounts(self) -> Floats:
        if not self._there:
            return np.empty(0)
        return self._records.numbers("refunds", "refund")[self.rows]

    @functools.cached_property
    def _before(self) -> Floats:
        """What was refunded before of the same person's sales of the same month, ever."""
        if not self._there:
            return np.empty(0)
        frame = self._records.tables["refunds"].reset_index(drop=True)
        frame = frame.sort_values("date", kind="stable")
        sums = frame.groupby(["person_id", "origin"], dropna=False)["refund"].cumsum()
        before = (sums - frame["refund"]).sort_index().to_numpy(np.float64)
        return np.asarray(before[self.rows])
