"""Raw logs → the counts of 指标数据, with every row that was left out and why.

``counts_from`` is the whole way.  The heavy steps run on the engine; what comes back is one row per
person and day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd

from xl_kpi.errors import Problem
from xl_kpi.period import Period
from xl_kpi.sources import cleaning, expressions, messages, tallies
from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.engines import Engine, connect
from xl_kpi.sources.log_sources import LogSource, open_database, open_folder, open_frames
from xl_kpi.tables.logs import LOGS, ORDERS

LISTED = 100_000  # so many left-out rows are held in memory; a file has them all
REASONS = {
    "deleted": "已删除的记录",
    "incomplete": "必填项空白或读不懂",
    "duplicate": "编号重复，只计一行",
    "nobody": "没有客服",
    "unknown": "客服不在员工表",
    "after_sales": "售后：买后回来咨询且没有再下单",
    "advert": "广告：用过滤语回复达到次数",
    "one_liner": "简单句：顾客只说一句，没有再回应",
    "no_order": "找不到对应的订单",
    "not_in_time": "付款早于下单，或超过付款期限",
}
_MONEY = ("placed_amount", "paid_amount", "lost_amount", "sales", "assisted_amount", "refunded_amount")
_THOUSANDTHS = ("response_seconds", "first_response_seconds", "rating_sum")
_LOSSES = ("lost_customers", "lost_amount")


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
    as_of: dt.date | None = None,
    dropped_to: Path | None = None,
) -> Counts:
    """Counts per person and day of a period.

    Args:
        source: A folder of Parquet or CSV files, frames by table key, or ``""`` for the tables of the
            connection.
        definition: Windows and filters.
        period: The days to count. The log should reach back ``after_sales_days`` before it.
        connection: As for ``engines.connect``.
        people: Who is on the roster; chats of others are left out and listed.
        as_of: The last day that the log holds completely; the last day in it if not given.
        dropped_to: A Parquet or CSV file for every row that was left out.

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
        return count(logs, definition, period, people=people, as_of=as_of, dropped_to=dropped_to)


def count(
    logs: LogSource,
    definition: Definition,
    period: Period,
    *,
    people: Iterable[str] | None = None,
    as_of: dt.date | None = None,
    dropped_to: Path | None = None,
) -> Counts:
    """``counts_from`` of a source that is open."""
    work = _Work(logs, definition, period)
    known = None if people is None else sorted(set(people))
    work.judge(known)
    as_of = as_of or work.last_day()
    parts = work.tallies()
    unowned = _unowned(parts["orders"], known)
    table = _ripe(_table(parts, known), definition, as_of)
    dropped = logs.engine.save(work.dropped())
    if dropped_to is not None:
        logs.engine.write(dropped, dropped_to)
    return Counts(
        table=table,
        dropped=_days(logs.engine.rows(dropped.order_by(*dropped.columns).limit(LISTED)), "day"),
        reasons=_reasons(logs.engine, dropped),
        unowned=unowned,
        unripe=_unripe(definition, period, as_of),
        notes=work.notes,
        definition=definition,
        source=logs.fingerprint,
        as_of=as_of,
    )


@dataclass(slots=True)
class _Work:
    """The steps over one source; what is needed twice is saved on the engine."""

    logs: LogSource
    definition: Definition
    period: Period
    notes: list[Problem] = field(default_factory=list)
    clean: dict[str, Expression] = field(default_factory=dict)
    rows: dict[str, Expression] = field(default_factory=dict)
    doubles: dict[str, Expression] = field(default_factory=dict)
    marks: Expression = None
    owned: Expression = None
    paid: Expression = None
    orders: Expression = None

    @property
    def engine(self) -> Engine:
        """Where it runs."""
        return self.logs.engine

    def judge(self, known: list[str] | None) -> None:
        """Clean the tables, give orders to agents, mark the chats that do not count."""
        for key, table in LOGS.items():
            self._clean(key, table.id)
        chats = self.clean["chats"]
        if "messages" in self.logs.raw:
            lines = messages.lines_of_chats(self.clean["messages"], self.definition)
            chats = self.clean["chats"] = messages.with_messages(chats, self.engine.save(lines))
        owned = expressions.owned_orders(self.clean["orders"], chats, self.definition)
        self.owned = self.engine.save(owned)
        payments = self._part("payments", "paid", "paid_amount")
        self.paid = self.engine.save(
            expressions.order_payments(payments, self.owned, self.definition)
        )
        roster = None
        if known is not None:
            frame = pd.DataFrame({"person_id": pd.array(known, dtype=object)})
            roster = ibis.table({"person_id": "string"}, name=self.engine.open_frame(frame))
        self.orders = self.engine.save(tallies.paid_orders(self.owned, self.paid))
        self.marks = self._marks(chats, roster)

    def _marks(self, chats: Expression, roster: Expression | None) -> Expression:
        definition, save = self.definition, self.engine.save
        mine = chats.filter(
            expressions.within(chats.started, self.period.start, self.period.end)
        )
        back = save(expressions.came_back(mine, self.owned, self.paid, definition))
        again = expressions.ordered_again(back, self.owned, definition)
        single = save(expressions.single_lines(mine, definition))
        more = expressions.spoke_more(single, chats)
        marks = expressions.marks(
            mine, back.anti_join(again, "session_id"), single.anti_join(more, "session_id"),
            roster, definition,
        )  # fmt: skip
        return save(marks)

    def _clean(self, key: str, row_id: str) -> None:
        """The usable rows of a table, each id once; a table that is not there is empty."""
        raw = self.logs.raw.get(key)
        names = self.logs.names.get(key, {})
        by_messages = messages.MADE if key == "chats" and "messages" in self.logs.raw else ()
        if raw is None:
            raw = self.logs.raw["chats"]
            raw = raw.filter(ibis.literal(False))
        rows = self.rows[key] = cleaning.typed(
            raw, LOGS[key], names, by_messages, trim=self.logs.trim
        )
        self.clean[key] = cleaning.usable(rows)
        if key not in self.logs.raw:
            return
        self._note_unreadable(key)
        marks = self.engine.save(cleaning.repeated(self.clean[key], row_id))
        if not self._size(marks):
            return
        found = cleaning.numbered(cleaning.suspects(self.clean[key], row_id, marks), row_id)
        found = self.engine.save(found)
        again = found.filter(found.place > 0)
        if not self._size(again):
            return
        self.doubles[key] = again
        ids = again.select(row_id).distinct()
        first = found.filter(found.place == 0).semi_join(ids, row_id).drop("place")
        single = self.clean[key].anti_join(ids, row_id)
        self.clean[key] = single.union(first.select(*single.columns))

    def _size(self, rows: Expression) -> int:
        return int(self.engine.rows(rows.aggregate(n=rows.count()))["n"].iloc[0])

    def _note_unreadable(self, key: str) -> None:
        raw, table, names = self.logs.raw[key], LOGS[key], self.logs.names[key]
        extents = cleaning.extents(raw, table, names)
        seen = {} if extents is None else self.engine.rows(extents).iloc[0].to_dict()
        columns = cleaning.doubtful(raw, table, names, seen)
        if not columns:
            return
        wrong = self.engine.rows(cleaning.unreadable(raw, table, names, columns)).iloc[0]
        labels = {column.key: column.zh for column in table.columns}
        self.notes += [
            Problem(
                f"{table.zh}.{names[column]}", f"“{labels[column]}”有 {int(number)} 格读不懂",
                "按缺失处理；必填的行没有计入。查明后改正，再导入", "warning",
            )
            for column, number in wrong.items()
            if number
        ]  # fmt: skip

    def _part(self, key: str, at: str, amount: str) -> Expression:
        """Payments or refunds: of their own table, or one per order from the order's row."""
        if key in self.logs.raw or not self.logs.has("orders", at):
            return self.clean[key]
        orders, row_id = self.clean["orders"], LOGS[key].id
        rows = orders.filter(orders[at].notnull())
        money = rows[amount].fill_null(rows.amount) if key == "payments" else rows[amount]
        rows = rows.select(**{row_id: rows.order_id}, order_id=rows.order_id,
                           **{at: rows[at], amount: money})  # fmt: skip
        return rows.filter(rows[amount].notnull())

    def last_day(self) -> dt.date:
        """The last day on which anything happened."""
        days = [self.period.start]
        for key, column in (("chats", "started"), ("orders", "ordered"), ("paid", "paid")):
            rows = self.paid if key == "paid" else self.clean[key]
            last = self.engine.rows(rows.aggregate(last=rows[column].max()))["last"].iloc[0]
            days += [] if pd.isna(last) else [pd.Timestamp(last).date()]
        return max(days)

    def tallies(self) -> dict[str, pd.DataFrame]:
        """Small tables by person and day."""
        definition, period = self.definition, self.period
        chats = self.clean["chats"]
        judged = tallies.judged(chats, self.marks, definition, period)
        ratings = self.clean["ratings"]
        if "ratings" not in self.logs.raw:
            ratings = judged.select("person_id", rated=judged.started, rating=judged.rating)
            ratings = ratings.filter(ratings.rating.notnull())
        parts = {
            "chats": tallies.chat_sums(judged),
            "customers": tallies.chat_customers(judged),
            "ratings": tallies.rating_tally(ratings, definition, period),
            "inspections": tallies.inspection_tally(self.clean["inspections"], period),
        }
        parts |= {
            "orders": tallies.order_tally(self.orders, period),
            "inquiries": tallies.inquiry_tally(self.orders, self.marks, period),
            "sales": tallies.sales_tally(self.paid, period),
            "assisted": tallies.assisted_tally(expressions.assisted(self.paid, chats), period),
            "refunds": tallies.refund_tally(
                self._part("refunds", "refunded", "refunded_amount"), self.owned, period
            ),
        }
        return {key: _days(self.engine.rows(part), "day") for key, part in parts.items()}

    def dropped(self) -> Expression:
        """Every row that was left out: table, id, person_id, day, reason."""
        parts = []
        for key, rows in self.rows.items():
            if key in self.logs.raw:
                broken = rows.filter(rows.reason.notnull())
                parts.append(_listed(key, broken, broken.reason))
                if key in self.doubles:
                    parts.append(_listed(key, self.doubles[key], ibis.literal("duplicate")))
        marks = self.marks.filter(self.marks.reason != "follow_up")
        parts.append(_listed("chats", marks, marks.reason))
        late = self.paid.filter(~self.paid.in_time)
        if "payments" in self.logs.raw:
            lost = self.clean["payments"].anti_join(self.owned, "order_id")
            parts.append(_listed("payments", lost, ibis.literal("no_order")))
        parts.append(_listed("payments", late, ibis.literal("not_in_time")))
        if "refunds" in self.logs.raw:
            lost = self.clean["refunds"].anti_join(self.owned, "order_id")
            parts.append(_listed("refunds", lost, ibis.literal("no_order")))
        found = parts[0]
        for part in parts[1:]:
            found = found.union(part)
        inside = expressions.within(found.at, self.period.start, self.period.end)
        found = found.filter(found.at.isnull() | inside)
        return found.select("table", "id", "person_id", day=found.at.date(), reason=found.reason)


def _listed(key: str, rows: Expression, reason: Expression) -> Expression:
    moments = [column.key for column in LOGS[key].columns if column.kind == "moment"]
    person = rows.person_id if "person_id" in rows.columns else ibis.null("string")
    return rows.select(
        table=ibis.literal(key), id=rows[LOGS[key].id], person_id=person, at=rows[moments[0]],
        reason=reason,
    )  # fmt: skip


def _days(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    frame[column] = pd.to_datetime(frame[column]).astype("datetime64[ns]")
    return frame


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
    if known is None:
        orders = orders.iloc[:0]
    else:
        orders = orders[~orders["person_id"].isin(known)]
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


__all__ = ["LISTED", "LOGS", "ORDERS", "REASONS", "Counts", "count", "counts_from"]
