"""Signals of 会话 and 订单: filtered chats, silent orders and orders taken at the last minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from xl_kpi.diagnosis.credits import Credits
from xl_kpi.diagnosis.signals import Signal
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.rounding import Floats
from xl_kpi.sources.definition import Definition

_FEN = 100  # of a yuan: how the logs hold money
EVIDENCE = ("session_id", "order_id", "at", "shop", "buyer_id", "said", "answered", "amount")


def log_signals(
    credits: Credits, people: pd.Index, days: tuple[dt.date, dt.date], definition: Definition,
    limits: Thresholds,
) -> list[Signal]:  # fmt: skip
    """What the logs show of some days, for people in this order."""
    first, last = pd.Timestamp(days[0]), pd.Timestamp(days[1]) + pd.Timedelta(days=1)

    def inside(rows: pd.DataFrame, column: str) -> pd.DataFrame:
        return rows[(rows[column] >= first) & (rows[column] < last)]

    chats = inside(credits.chats, "started")
    found = []
    if definition.advert and "advert_phrases" in chats and chats["advert_phrases"].notna().any():
        found.append(_adverts(chats, people, definition))
    orders = inside(credits.orders, "ordered")
    if len(orders):
        owned = orders[orders["person_id"].notna()]
        talks = _talks(owned, credits.chats, definition)
        found.append(_silent(owned, talks, people))
        helped = inside(credits.assisted, "paid")
        found.append(_grabbed(owned, talks, helped, credits, people, limits))
    return found


def _adverts(chats: pd.DataFrame, people: pd.Index, definition: Definition) -> Signal:
    """Chats that the advert filter leaves out, of all chats."""
    filtered = chats[chats["advert_phrases"] >= definition.advert_times]
    evidence = _evidence(filtered.sort_values("buyer_messages", ascending=False), "started")
    return Signal("advert", "log", _number(filtered, people), _number(chats, people), evidence)


def _talks(owned: pd.DataFrame, chats: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """Every chat in which an agent said something, with each order that it can have led to."""
    said = chats[chats["person_id"].notna() & (chats["agent_messages"] > 0)]
    said = said.rename(columns={"person_id": "agent"})
    columns = ["session_id", "shop", "buyer_id", "agent", "started", "buyer_messages", "agent_messages"]
    wanted = owned[["order_id", "shop", "buyer_id", "ordered", "amount", "person_id"]]
    pairs = wanted.merge(said[columns], on=["shop", "buyer_id"])
    opened = pairs["ordered"].dt.normalize() - pd.Timedelta(days=definition.order_days)
    in_time = (pairs["started"] <= pairs["ordered"]) & (pairs["started"] >= opened)
    found: pd.DataFrame = pairs[in_time]
    return found


def _silent(owned: pd.DataFrame, talks: pd.DataFrame, people: pd.Index) -> Signal:
    """Orders credited to somebody to whom the buyer said nothing before."""
    mine = talks[talks["agent"] == talks["person_id"]]
    said = mine.groupby("order_id").agg(
        said=("buyer_messages", "sum"), answered=("agent_messages", "sum"),
        session_id=("session_id", "last"),
    )  # fmt: skip
    silent = owned.merge(said[said["said"] == 0], left_on="order_id", right_index=True)
    evidence = _evidence(silent, "ordered")
    return Signal("silent", "log", _number(silent, people), _number(owned, people), evidence)


def _grabbed(
    owned: pd.DataFrame, talks: pd.DataFrame, helped: pd.DataFrame, credits: Credits,
    people: pd.Index, limits: Thresholds,
) -> Signal:  # fmt: skip
    """Credits of somebody who came in at the last minute, said little, after a colleague's work."""
    orders = _last_minute_orders(talks, limits)
    payments = _last_minute_payments(helped, credits, limits)
    grabbed = pd.concat([orders, payments], ignore_index=True)
    whole = _number(owned, people) + _number(helped, people, "helper")
    return Signal("grabbing", "log", _number(grabbed, people), whole, _evidence(grabbed, "at"))


def _last_minute_orders(talks: pd.DataFrame, limits: Thresholds) -> pd.DataFrame:
    mine = talks[talks["agent"] == talks["person_id"]]
    keys = ["order_id", "shop", "buyer_id", "ordered", "amount", "person_id"]
    sums = mine.groupby(keys, as_index=False).agg(
        began=("started", "min"), answered=("agent_messages", "sum"), said=("buyer_messages", "sum"),
        session_id=("session_id", "last"),
    )  # fmt: skip
    others = talks[talks["agent"] != talks["person_id"]].groupby("order_id").agg(before=("started", "min"))
    sums = sums.merge(others, left_on="order_id", right_index=True)
    return _late(sums.rename(columns={"ordered": "at"}), limits)


def _last_minute_payments(helped: pd.DataFrame, credits: Credits, limits: Thresholds) -> pd.DataFrame:
    orders = credits.orders[["order_id", "shop", "buyer_id", "ordered"]]
    wanted = helped.merge(orders, on="order_id").rename(columns={"helper": "person_id", "paid": "at"})
    chats = credits.chats[credits.chats["agent_messages"] > 0]
    columns = ["session_id", "shop", "buyer_id", "person_id", "started", "buyer_messages", "agent_messages"]
    pairs = wanted.merge(chats[columns], on=["shop", "buyer_id", "person_id"])
    pairs = pairs[(pairs["started"] > pairs["ordered"]) & (pairs["started"] <= pairs["at"])]
    keys = ["order_id", "shop", "buyer_id", "ordered", "at", "paid_amount", "person_id"]
    sums = pairs.groupby(keys, as_index=False).agg(
        began=("started", "min"), answered=("agent_messages", "sum"), said=("buyer_messages", "sum"),
        session_id=("session_id", "last"),
    )  # fmt: skip
    sums = sums.rename(columns={"paid_amount": "amount", "ordered": "before"})
    return _late(sums, limits)


def _late(rows: pd.DataFrame, limits: Thresholds) -> pd.DataFrame:
    """Those who began just before, said little, and after somebody else."""
    since = rows["at"] - rows["began"]
    late = since <= pd.Timedelta(minutes=limits.grab_minutes)
    return rows[late & (rows["answered"] <= limits.grab_lines) & (rows["before"] < rows["began"])]


def _number(rows: pd.DataFrame, people: pd.Index, column: str = "person_id") -> Floats:
    """How many rows each has."""
    counted = rows[column].value_counts().reindex(people).fillna(0.0)
    return np.asarray(counted, dtype=np.float64)


def _evidence(rows: pd.DataFrame, at: str) -> pd.DataFrame:
    names = {at: "at", "buyer_messages": "said", "agent_messages": "answered"}
    rows = rows.rename(columns={k: v for k, v in names.items() if v not in rows})
    made = rows.reindex(columns=["person_id", *EVIDENCE])
    return made.assign(amount=made["amount"] / _FEN)


def shifts_of(
    credits_chats: pd.DataFrame, people: pd.Index, limits: Thresholds, names: Mapping[str, str]
) -> pd.Series | None:
    """In which part of the day each works, by when their chats start; None if it is all alike.

    Args:
        credits_chats: The chats.
        people: Staff IDs.
        limits: The hours, and how many of the chats make a shift.
        names: The labels of ``day``, ``evening`` and ``night``.
    """
    chats = credits_chats[credits_chats["person_id"].isin(people)]
    if chats.empty:
        return None
    hour = chats["started"].dt.hour
    part = np.select([hour < limits.day_hour, hour < limits.evening_hour], ["night", "day"], "evening")
    counts = pd.crosstab(chats["person_id"], part)
    shares = counts.div(counts.sum(axis=1), axis=0)
    clear = shares.max(axis=1) >= limits.shift_share
    return shares.idxmax(axis=1)[clear].map(names)
