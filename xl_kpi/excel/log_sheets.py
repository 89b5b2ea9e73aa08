"""会话 and 订单 of a book: a small raw log, counted as the large ones are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from xl_kpi.errors import Problem
from xl_kpi.period import Period
from xl_kpi.sources.definition import REASONS, Definition
from xl_kpi.sources.definition_settings import LogSettings, read_settings
from xl_kpi.tables import DEFINITION, ORDERS, SESSIONS

_NAMED = 500  # a cell holds them
_NEEDED = ("shop", "buyer_id", "started", "buyer_messages", "agent_messages")


def settings_of(frame: pd.DataFrame) -> LogSettings:
    """What 口径 says.

    Raises:
        InputError: with every row that cannot be used.
    """
    return read_settings(frame.to_dict("records"), DEFINITION.zh)


def is_log(sessions: pd.DataFrame) -> bool:
    """Whether 会话 has shops, buyers, times and lines, so that the filters can be applied."""
    return len(sessions) > 0 and all(
        key in sessions and sessions[key].notna().all() for key in _NEEDED
    )


def counts_of_sheets(
    sessions: pd.DataFrame,
    orders: pd.DataFrame,
    people: Sequence[str],
    as_of: dt.date | None,
    definition: Definition,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Counts per person and day of every month that the two sheets hold.

    Args:
        sessions: The checked rows of 会话.
        orders: The checked rows of 订单.
        people: Staff IDs of the roster.
        as_of: The last day that is complete; the last day of the sheets if not known.
        definition: Windows and filters.

    Returns:
        Counts as ``session_counts`` gives them, and what is to be told; no counts if something
        that giving orders to agents needs is missing.
    """
    lacking = [key for key in _NEEDED if key not in sessions or sessions[key].isna().all()]
    if lacking:
        names = "、".join(SESSIONS.column(key).zh for key in lacking)
        what = f"有订单，但会话没有填{names}，订单归不到客服"
        fix = f"在会话填上{names}；或清空订单，直接填指标数据"
        return _nothing(), [Problem(SESSIONS.zh, what, fix)]
    from xl_kpi.sources.log_counts import counts_from  # loads DuckDB

    logs, span = logs_of_sheets(sessions, orders), span_of(sessions, orders)
    counts = counts_from(logs, definition, span, people=people, as_of=as_of)
    told = [
        Problem(
            {"chats": SESSIONS.zh, "orders": ORDERS.zh}.get(str(row["table"]), ORDERS.zh),
            f"{row['rows']} 行没有计入：{REASONS[str(row['reason'])]}"
            f"（编号 {_ids(counts.dropped, row)}）",
            "属实就不用处理；否则改正这些行", "note",
        )
        for row in counts.reasons.to_dict("records")
    ]  # fmt: skip
    if len(counts.unripe):
        day = counts.unripe["day"].min()
        what = f"{day} 起的下单、付款还没有到期，数字可能再变"
        told.append(Problem(ORDERS.zh, what, "到期后用新数据再算一次，差额在下期补", "note"))
    return counts.table, told


def _ids(dropped: pd.DataFrame, row: Mapping[Hashable, Any]) -> str:
    """The rows that were left out for a reason, by their numbers."""
    mine = dropped[(dropped["table"] == row["table"]) & (dropped["reason"] == row["reason"])]
    ids = [str(one) for one in mine["id"]]
    return "、".join(ids[:_NAMED]) + (f" 等 {len(ids)} 行" if len(ids) > _NAMED else "")


def logs_of_sheets(sessions: pd.DataFrame, orders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The two sheets as raw logs."""
    return {"chats": _chats(sessions)} | ({"orders": _rows(orders)} if len(orders) else {})


def _chats(sessions: pd.DataFrame) -> pd.DataFrame:
    """会话 with the names of chat logs."""
    rows = _rows(sessions)
    for flag in ("resolved",):
        rows[flag] = rows[flag].map({1.0: True, 0.0: False}).astype("boolean")
    return rows.rename(columns={"response_seconds": "first_response_seconds"})


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with texts as objects and without what only the book knows."""
    rows: Any = frame.reset_index(drop=True).copy()
    rows.attrs = {}
    if "abnormal" in rows:
        rows["abnormal"] = rows["abnormal"].map({1.0: True, 0.0: False}).astype("boolean")
    found: pd.DataFrame = rows
    return found


def span_of(sessions: pd.DataFrame, orders: pd.DataFrame) -> Period:
    """All months from the first to the last moment."""
    columns = [sessions["started"], orders["ordered"], orders["paid"], orders["refunded"]]
    moments = pd.concat(columns).dropna()
    first, last = moments.min(), moments.max()
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return Period(f"{last:%Y-%m}", months=months)


def _nothing() -> pd.DataFrame:
    columns = {"date": "datetime64[ns]", "person_id": "object"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
