"""A book filled from sample logs: the whole way from chats and orders to counts, for demos."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.period import Period, earlier
from xl_kpi.sample import sample_tables, targets_for
from xl_kpi.sample_logs import LogPlan, roster, write_logs
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.log_counts import Counts, counts_from
from xl_kpi.sources.log_shops import shop_totals

Row: TypeAlias = dict[str, Any]
MOST_PEOPLE = 500  # a row per person and day
LEAST_PEOPLE = 5


def sample_book(path: Path, plan: LogPlan, month: str, lang: str = "zh") -> tuple[Path, Counts]:
    """A new book for the month with the counts of the logs of it and of the month before.

    Args:
        path: The book; it must not be there.
        plan: The logs; they should hold both months.
        month: Such as ``2026-10``.
        lang: Language of the book.

    Returns:
        The book, and what the month's logs came to.

    Raises:
        InputError: If there are too few or too many people, or the book is there.
    """
    if not LEAST_PEOPLE <= plan.people <= MOST_PEOPLE:
        fix = f"工作簿用 {LEAST_PEOPLE}—{MOST_PEOPLE} 人；更多人用 --as parquet"
        raise InputError([Problem("--people", f"{plan.people} 人放不进一本示例工作簿", fix)])
    staff = roster(plan)
    people = [row["person_id"] for row in staff]
    with tempfile.TemporaryDirectory(prefix="xl-kpi-") as folder:
        write_logs(Path(folder), plan, "parquet")
        found = [
            counts_from(Path(folder), Definition(), Period(name), people=people)
            for name in (earlier(month, 1), month)
        ]
        shops = shop_totals(Path(folder))
    counts = [row for one in found for row in _rows(one.table)]
    tables = sample_tables(month, plan.people, plan.seed)
    tables |= {
        "roster": staff, "counts": counts, "targets": targets_for(counts, people),
        "shops": _rows(shops),
    }  # fmt: skip
    settings = {"period": month, "scheme": "S01"}
    book = new_book(path, lang, settings)
    fill_tables(book, tables, lang)
    return book, found[-1]


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Rows with days as dates and missing cells as None."""
    frame = frame.assign(date=frame["date"].dt.date)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
