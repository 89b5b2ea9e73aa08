"""A made-up team to try a scheme on: everybody works alike, each alone in a shop and a department.

Alone, nobody's pay depends on a colleague's figures: whoever sells more sells more, and that is
all.  What one person differs in is the caller's choice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.period import Period
from xl_kpi.rounding import Floats
from xl_kpi.sample import sample_tables
from xl_kpi.tables import (
    CALIBRATIONS,
    COUNTS,
    DEPARTMENTS,
    INPUTS,
    RATINGS,
    ROSTER,
    SHOPS,
    TARGETS,
    Table,
)

PERIOD = "2026-12"  # ends a quarter and a year
TARGET = 100_000.0  # yuan of sales: shares of it are round figures
BEFORE = 97_000.0  # yuan sold in the month before: on no edge that is a round figure
_PAY = {"base_pay": 4000.0, "attendance_pay": 200.0, "overtime_pay": 0.0, "bonus_base": 1000.0}
_HIRED = "2025-01-06"
_MIDDLE = dt.timedelta(days=3)  # of a week: the Thursday that an ISO week belongs by
_SCORE = 90.0  # of ratings that the sample month does not have

_Columns: TypeAlias = dict[str, Any]


def team(
    period: Period, sales: Floats, roles: Sequence[str], rated: Mapping[str, Sequence[str]],
    scores: Mapping[str, float],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """The input tables of two months of a team.

    Args:
        period: The period that will be calculated; the one before it gets the same figures.
        sales: Each person's sales in the period; in the one before they all sold the same.
        roles: Each person's role.
        rated: Groups of raters of each rated item.
        scores: What they give, by item.

    Returns:
        Tables by key, typed as a book's are.
    """
    people = len(sales)
    ids = np.array([f"P{n:05d}" for n in range(people)], dtype=object)
    sample = sample_tables(PERIOD, people=5)
    one = sample["roster"][0]
    roster: _Columns = {
        "person_id": ids, "name": ids, "department": ids, "shop": ids, "team": ids,
        "role": np.array(roles, dtype=object), "status": "confirmed",
        "hired": np.datetime64(_HIRED), **_PAY,
    }  # fmt: skip
    mine = [row for row in sample["counts"] if row["person_id"] == one["person_id"]]
    shops = [row for row in sample["shops"] if row["shop"] == one["shop"]]
    spans = (period.previous(), period)
    sold = (np.full(people, BEFORE), sales)
    names = [span.name for span in spans]
    tables = {
        "roster": _frame(ROSTER, roster, people),
        "counts": _weekly(COUNTS, "person_id", ids, mine, spans, sold),
        "shops": _weekly(SHOPS, "shop", ids, shops, spans, None),
        "targets": _monthly(TARGETS, "person_id", ids, names, {"sales_target": TARGET}),
        "departments": _monthly(DEPARTMENTS, "department", ids, names, sample["departments"][-1]),
        "ratings": _ratings(ids, period.name, rated, scores),
    }
    return {table.key: tables.get(table.key, _frame(table, {}, 0)) for table in INPUTS}


def approved(
    roster: pd.DataFrame, period: Period, varied: Mapping[int, tuple[str, float]]
) -> pd.DataFrame:
    """Calibrations that give people a metric's value, for the month and each of its weeks.

    Args:
        roster: The people.
        period: The month.
        varied: Metric and value by the person's position.
    """
    weeks = [np.nan, *range(1, period.week_count + 1)]
    positions = np.repeat(np.array(list(varied), dtype=np.intp), len(weeks))
    given = {
        "period": period.name, "week": np.tile(weeks, len(varied)),
        "person_id": roster["person_id"].to_numpy()[positions],
        "item": np.repeat(np.array([key for key, _ in varied.values()], object), len(weeks)),
        "value": np.repeat([value for _, value in varied.values()], len(weeks)),
    }  # fmt: skip
    return _frame(CALIBRATIONS, given, len(positions))


def _frame(table: Table, given: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Columns of a table with its types; a single value is that of all rows."""
    return pd.DataFrame({c.key: _cells(c.kind, given.get(c.key), rows) for c in table.columns})


def _cells(kind: str, value: Any, rows: int) -> NDArray[Any]:
    if kind in ("number", "flag"):
        return np.broadcast_to(np.asarray(np.nan if value is None else value, float), rows).copy()
    if kind == "date":
        days = np.datetime64("NaT") if value is None else value
        return np.broadcast_to(np.asarray(days, "datetime64[ns]"), rows).copy()
    return np.broadcast_to(np.asarray(value, object), rows).copy()


def _weekly(
    table: Table, owner: str, ids: NDArray[Any], rows: Sequence[Mapping[str, Any]],
    spans: Sequence[Period], sales: Sequence[Floats] | None,
) -> pd.DataFrame:  # fmt: skip
    """A row of everybody for each week, with the figures of the sample's weeks in turn."""
    people = len(ids)
    blocks: list[_Columns] = []
    for number, span in enumerate(spans):
        weeks = span.week_count
        for week in range(weeks):
            row = rows[week % len(rows)]
            block: _Columns = {
                c.key: np.full(people, np.nan if row.get(c.key) is None else row[c.key])
                for c in table.columns
                if c.kind in ("number", "flag")
            }
            day = span.week_days(week)[0] + _MIDDLE
            block |= {"date": np.full(people, np.datetime64(day)), owner: ids}
            if sales is not None:
                block["sales"] = _part(sales[number], week, weeks)
            blocks.append(block)
    keys = blocks[0]
    joined = {key: np.concatenate([block[key] for block in blocks]) for key in keys}
    return _frame(table, joined, len(ids) * len(blocks))


def _part(sales: Floats, week: int, weeks: int) -> Floats:
    """A week's part of a month's sales: whole yuan, the last week takes the rest."""
    each = np.floor(sales / weeks)
    return sales - each * (weeks - 1) if week + 1 == weeks else each


def _monthly(
    table: Table, owner: str, ids: NDArray[Any], periods: Sequence[str], given: Mapping[str, Any]
) -> pd.DataFrame:
    size = len(ids) * len(periods)
    columns = {key: value for key, value in given.items() if key != owner}
    columns |= {owner: np.tile(ids, len(periods)), "period": np.repeat(periods, len(ids))}
    return _frame(table, columns, size)


def _ratings(
    ids: NDArray[Any], period: str, rated: Mapping[str, Sequence[str]],
    scores: Mapping[str, float],
) -> pd.DataFrame:  # fmt: skip
    pairs = [(item, group) for item, groups in rated.items() for group in groups]
    columns = {
        "period": period, "person_id": np.tile(ids, len(pairs)),
        "item": np.repeat(np.array([item for item, _ in pairs], dtype=object), len(ids)),
        "rater_group": np.repeat(np.array([group for _, group in pairs], dtype=object), len(ids)),
        "score": np.repeat([scores.get(item, _SCORE) for item, _ in pairs], len(ids)),
    }  # fmt: skip
    return _frame(RATINGS, columns, len(ids) * len(pairs))
