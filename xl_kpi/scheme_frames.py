"""Checked tables of a scheme as its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from xl_kpi.period import Period
from xl_kpi.scheme import Row
from xl_kpi.tables import Table


def rows_of(frame: pd.DataFrame, table: Table) -> list[Row]:
    """A checked table as scheme rows, each cell with its address."""
    letters: Mapping[str, str] = frame.attrs.get("columns", {})
    sheet = frame.attrs.get("sheet", table.zh)
    keys = [c.key for c in table.columns]
    records = frame.reindex(columns=keys).to_dict("records")
    first = next(iter(letters.values()), "A")
    return [
        Row(
            {str(k): v for k, v in record.items()},
            {key: f"{sheet}!{letters[key]}{number}" for key in keys if key in letters},
            f"{sheet}!{first}{number}",
        )
        for number, record in zip(frame.index, records, strict=True)
    ]


def period_end(head: Sequence[Row], period: str) -> dt.date:
    """The last day of a scheme's month, as its head says when months start."""
    return Period(period, start_day(head)).end


def start_day(head: Sequence[Row]) -> int:
    """The day on which a scheme's months start; 1 where it says none that can be."""
    day = 1
    for row in head:
        if row.get("key") in ("月起始日", "Month starts on day", "month_start_day"):
            text = str(row.get("value") or "1").removesuffix(".0")
            whole = text.isdecimal() and text.isascii()
            day = int(text) if whole and 1 <= int(text) <= 28 else 1
    return day
