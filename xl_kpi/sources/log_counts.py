"""Raw logs → the counts of 指标数据, with every row that was left out and why.

``counts_from`` is the whole way.  The heavy steps run on the engine; what comes back is one row per
person and day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xl_kpi.errors import Problem
from xl_kpi.period import Period
from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.engines import Engine, connect
from xl_kpi.sources.log_sources import LogSource, open_database, open_folder, open_frames
from xl_kpi.sources.log_steps import Steps, with_days

LISTED = 100_000  # so many left-out rows are held in memory; a file has them all
_MONEY = ("placed_amount", "paid_amount", "lost_amount", "sales", "assisted_amount", "refunded_amount")
_THOUSANDTHS = ("response_seconds", "first_response_seconds", "rating_sum")
_TOLD_BY: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]] = {
    ("response_seconds",): (("chats", "response_seconds"), ("messages", "sent")),
    ("replies",): (("chats", "replies"), ("messages", "sent")),
    (
        "first_response_seconds", "first_responses", "answered_in_30s", "answered_in_60s",
        "answered_in_3min",
    ): (("chats", "first_response_seconds"), ("messages", "sent")),
    ("raised_problems", "solved_problems"): (("chats", "resolved"),),
    ("rating_sum", "ratings", "satisfied_ratings", "praised_ratings"): (
        ("chats", "rating"), ("ratings", "rating"),
    ),
    ("inspections", "passed_inspections"): (("inspections", "passed"),),
    (
        "orders", "placed_amount", "ordering_customers", "same_day_ordering_customers",
    ): (("orders", "ordered"),),
    ("abnormal_orders",): (("orders", "abnormal"),),
    (
        "valid_orders", "paid_amount", "lost_amount", "lost_customers", "paying_customers",
        "final_paying_customers", "same_day_paying_customers", "converted_customers", "sales",
        "assisted_amount",
    ): (("orders", "paid"), ("payments", "paid")),
    ("refunded_amount",): (("orders", "refunded"), ("refunds", "refunded")),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a log comes to.

    ``table`` has ``date``, ``person_id`` and count columns of 指标数据 (float64; missing where the
    log cannot know).  ``dropped`` lists rows that were left out (table, id, person_id, day, reason),
    at most ``LISTED``; ``reasons`` counts all of them by table and reason.  ``unowned`` are orders and
    amounts that belong to nobody known.  ``unripe`` has the days whose figures are not final: day,
    what (``ordered`` or ``paid``), the day it is ripe.
    """

    table: pd.DataFrame
    dropped: pd.DataFrame
    reasons: pd.DataFrame
    unowned: pd.DataFrame
    unripe: pd.DataFrame
    notes: list[Problem]
    definition: Definition
    source: str
    as_of: dt.date

    @property
    def fingerprint(self) -> str:
        """Source and definition, such as ``3f2a…/12328ece6e12``."""
        return f"{self.source}/{self.definition.fingerprint}"


def counts_from(
    source: Path | str | Mapping[str, pd.DataFrame],
    definition: Definition,
    period: Period,
    *,
    connection: str = "",
    people: Iterable[str] | None = None,
    owners: pd.DataFrame | None = None,
    as_of: dt.date | None = None,
    dropped_to: Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Counts:
    """Counts per person and day of a period.

    Args:
        source: A folder of Parquet or CSV files, frames by table key, or ``""`` for the tables of the
            connection.
        definition: Windows and filters.
        period: The days to count. The log should reach back ``after_sales_days`` before it.
        connection: As for ``engines.connect``.
        people: Who is on the roster; chats of others are left out and listed.
        owners: Whose an account is, from when to when (``account``, ``first``, ``after``, ``owner``, see
            ``cleaning.assigned``); then several accounts are one agent.
        as_of: The last day that the log holds completely; the last day in it if not given.
        dropped_to: A Parquet or CSV file for every row that was left out.
        progress: Told the share that is done.

    Raises:
        InputError: If the source is not there or lacks a table or column.
    """
    engine = connect(connection)
    with closing(engine):
        if isinstance(source, Mapping):
            logs = open_frames(source, engine)
        elif str(source):
            logs = open_folder(Path(source), engine)
        else:
            logs = open_database(engine)
        return count(
            logs, definition, period, people=people, owners=owners, as_of=as_of,
            dropped_to=dropped_to, progress=progress,
        )  # fmt: skip


def count(
    logs: LogSource,
    definition: Definition,
    period: Period,
    *,
    people: Iterable[str] | None = None,
    owners: pd.DataFrame | None = None,
    as_of: dt.date | None = None,
    dropped_to: Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Counts:
    """``counts_from`` of a source that is open."""
    work = Steps(logs, definition, period, owners)
    known = None if people is None else sorted(set(people))
    progress(0.1)
    work.judge(known)
    progress(0.6)
    as_of = as_of or work.last_day()
    parts = work.tallies()
    progress(0.9)
    unowned = _unowned(parts["orders"], known)
    table = _ripe(_table(parts, known), definition, as_of)
    table = table.drop(columns=unknown_counts(logs))
    dropped = logs.engine.save(work.dropped())
    if dropped_to is not None:
        logs.engine.write(dropped, dropped_to)
    return Counts(
        table=table,
        dropped=with_days(logs.engine.rows(dropped.order_by(*dropped.columns).limit(LISTED)), "day"),
        reasons=_reasons(logs.engine, dropped),
        unowned=unowned,
        unripe=_unripe(definition, period, as_of),
        notes=work.notes,
        definition=definition,
        source=logs.fingerprint,
        as_of=as_of,
    )


def unknown_counts(logs: LogSource) -> list[str]:
    """Counts of which the source says nothing: they are missing, not 0."""
    unknown: list[str] = []
    for counts, sources in _TOLD_BY.items():
        if not any(logs.has(table, column) for table, column in sources):
            unknown += counts
    return unknown


# --- small tables, here --------------------------------------------------------------------


def _table(parts: Mapping[str, pd.DataFrame], known: list[str] | None) -> pd.DataFrame:
    """The tallies beside each other; what does not occur on somebody's day is 0."""
    frames = []
    for part in parts.values():
        rows = part[part["person_id"].notna()]
        if known is not None:
            rows = rows[rows["person_id"].isin(known)]
        frames.append(rows.set_index(["day", "person_id"]).astype(np.float64))
    table = pd.concat(frames, axis=1).fillna(0.0).sort_index().reset_index()
    on_duty = (table["sessions"] > 0) | (table.pop("filtered") > 0)
    table.insert(2, "duty_days", on_duty.astype(np.float64))
    for name in _MONEY:
        table[name] /= 100
    for name in _THOUSANDTHS:
        table[name] /= 1000
    return table.rename(columns={"day": "date"})


def _ripe(table: pd.DataFrame, definition: Definition, as_of: dt.date) -> pd.DataFrame:
    """Final payers of ripe days, payers of the same day of unripe ones, whose losses are unknown."""
    days = table["date"] + pd.Timedelta(days=definition.payment_ripe_days)
    ripe = (days <= pd.Timestamp(as_of)).to_numpy()
    paying = table["paying_customers"].to_numpy()
    table["final_paying_customers"] = np.where(ripe, paying, 0.0)
    table["same_day_paying_customers"] = np.where(ripe, 0.0, table["same_day_paying_customers"])
    lost = table["ordering_customers"].to_numpy() - paying
    table["lost_customers"] = np.where(ripe, lost, np.nan)
    table["lost_amount"] = np.where(ripe, table["lost_amount"], np.nan)
    return table


def _unowned(orders: pd.DataFrame, known: list[str] | None) -> pd.DataFrame:
    """Orders of agents who are not on the roster, with the amounts at stake in yuan."""
    orders = orders[~orders["person_id"].isin(orders["person_id"] if known is None else known)]
    sums: Any = orders.groupby("person_id", sort=True)[["orders", "placed_amount", "paid_amount"]]
    found: pd.DataFrame = sums.sum().astype(np.float64).reset_index()
    found[["placed_amount", "paid_amount"]] /= 100
    return found


def _reasons(engine: Engine, dropped: Expression) -> pd.DataFrame:
    counted = dropped.group_by("table", "reason").agg(rows=dropped.count())
    return engine.rows(counted.order_by("table", "reason"))


def _unripe(definition: Definition, period: Period, as_of: dt.date) -> pd.DataFrame:
    rows = []
    for number in range(period.days):
        day = period.start + dt.timedelta(days=number)
        for what, wait in (
            ("ordered", definition.order_ripe_days), ("paid", definition.payment_ripe_days)
        ):  # fmt: skip
            ripe = day + dt.timedelta(days=wait)
            if day <= as_of < ripe:
                rows.append((day, what, ripe))
    return pd.DataFrame(rows, columns=["day", "what", "ripe_on"])
