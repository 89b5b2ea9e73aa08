"""What was paid in closed months, as the 历史 table has it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from xl_kpi.closing.ledger import GRADE, PAY

_KEY = ["period", "person_id"]


def paid(history: pd.DataFrame) -> pd.DataFrame:
    """The pay (yuan) and grade of each person and closed month: period, person_id, pay, grade.

    Of several rows about the same figure the one booked last counts, true-ups included.
    """
    pay = _last(history, PAY)[[*_KEY, "value"]].rename(columns={"value": "pay"})
    grade = _last(history, GRADE)[[*_KEY, "word"]].rename(columns={"word": "grade"})
    return pay.merge(grade, on=_KEY, how="left")


def paid_items(history: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Amounts (yuan) by period and person (index) and item (columns), of the items named."""
    rows = [_last(history, name) for name in names]
    every = pd.concat([row for row in rows if len(row)] or [_last(history, "")])
    table = every.pivot(index=_KEY, columns="item", values="value")
    return table.rename_axis(columns=None)


def closed_months(history: pd.DataFrame) -> list[str]:
    """The months that have pay in the table, the earliest first."""
    return sorted(_last(history, PAY)["period"].unique())


def _last(history: pd.DataFrame, item: str) -> pd.DataFrame:
    """The rows of an item, of each person and month the one booked last, then the lowest."""
    rows = history[(history["item"] == item) & history["person_id"].notna()]
    rows = rows.iloc[rows["booked"].fillna("").argsort(kind="stable").to_numpy()]
    return rows.dropna(subset=_KEY).drop_duplicates(_KEY, keep="last")
