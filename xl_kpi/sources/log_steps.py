"""The steps from a log's raw tables to small tallies; what is needed twice is saved on the engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import ibis
import pandas as pd

from xl_kpi.errors import Problem
from xl_kpi.period import Period
from xl_kpi.sources import cleaning, expressions, messages, tallies
from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.engines import Engine
from xl_kpi.sources.log_sources import LogSource
from xl_kpi.tables.logs import LOGS


@dataclass(slots=True)
class Steps:
    """``judge`` first, then the rest in any order."""

    logs: LogSource
    definition: Definition
    period: Period
    owners: pd.DataFrame | None = None
    notes: list[Problem] = field(default_factory=list)
    clean: dict[str, Expression] = field(default_factory=dict)
    broken: dict[str, Expression] = field(default_factory=dict)
    doubles: dict[str, Expression] = field(default_factory=dict)
    marks: Expression = None
    owned: Expression = None
    paid: Expression = None

    @property
    def engine(self) -> Engine:
        """Where it runs."""
        return self.logs.engine

    def judge(self, known: list[str] | None) -> None:
        """Clean the tables, give orders to agents, mark the chats that do not count."""
        self.attribute()
        roster = None
        if known is not None:
            frame = pd.DataFrame({"person_id": pd.array(known, dtype=object)})
            roster = ibis.table({"person_id": "string"}, name=self.engine.open_frame(frame))
        self.marks = self._marks(self.clean["chats"], roster)

    def attribute(self) -> None:
        """Clean the tables and give orders and payments to agents."""
        for key, table in LOGS.items():
            self._clean(key, table.id)
        chats = self.clean["chats"]
        if "messages" in self.logs.raw:
            lines = messages.lines_of_chats(self.clean["messages"], self.definition)
            chats = self.clean["chats"] = messages.with_messages(chats, self.engine.save(lines))
        if self.owners is not None:
            self._assign(self.owners)
            chats = self.clean["chats"]
        orders, payments = self.clean["orders"], self._part("payments", "paid", "paid_amount")
        paid = expressions.order_payments(payments, orders, self.definition)
        self.paid = self.engine.save(paid)
        owned = expressions.owned_orders(orders, chats, self.paid, self.definition)
        self.owned = self.engine.save(owned)

    def _assign(self, owners: pd.DataFrame) -> None:
        """Accounts become the people who sat at them at the time."""
        types = {"account": "string", "first": "timestamp", "after": "timestamp",
                 "owner": "string"}  # fmt: skip
        table = ibis.table(types, name=self.engine.open_frame(owners))
        for key, at in (("chats", "started"), ("ratings", "rated"), ("inspections", "inspected")):
            self.clean[key] = self.engine.save(cleaning.assigned(self.clean[key], at, table))

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
        sure = self._readable(key) if key in self.logs.raw else ()
        rows = cleaning.typed(raw, LOGS[key], names, sure=sure, trim=self.logs.trim)
        self.clean[key], self.broken[key] = cleaning.usable(rows, LOGS[key], by_messages)
        if key not in self.logs.raw:
            return
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

    def _readable(self, key: str) -> list[str]:
        """The columns that hold nothing unreadable; what the others hold is told."""
        raw, table, names = self.logs.raw[key], LOGS[key], self.logs.names[key]
        labels = {column.key: column.zh for column in table.columns}
        extents = cleaning.extents(raw, table, names)
        seen = {} if extents is None else self.engine.rows(extents).iloc[0].to_dict()
        columns = cleaning.doubtful(raw, table, names, seen)
        sure = [column for column in names if column not in columns]
        if not columns:
            return sure
        wrong = self.engine.rows(cleaning.unreadable(raw, table, names, columns)).iloc[0]
        labels = {column.key: column.zh for column in table.columns}
        self.notes += [
            Problem(
                f"{table.zh}.{names[str(column)]}", f"“{labels[str(column)]}”有 {int(number)} 格读不懂",
                "按缺失处理；必填的行没有计入。查明后改正，再导入", "warning",
            )
            for column, number in wrong.items()
            if number
        ]  # fmt: skip
        return sure

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
            "filtered": tallies.filtered_days(self.marks),
            "customers": tallies.chat_customers(judged),
            "ratings": tallies.rating_tally(ratings, definition, period),
            "inspections": tallies.inspection_tally(self.clean["inspections"], period),
        }
        parts |= {
            "orders": tallies.order_tally(self.owned, period),
            "inquiries": tallies.inquiry_tally(self.owned, self.marks, period),
            "sales": tallies.sales_tally(self.paid, self.owned, period),
            "assisted": tallies.assisted_tally(
                expressions.assisted(self.paid, self.owned, chats), period
            ),
            "refunds": tallies.refund_tally(
                self._part("refunds", "refunded", "refunded_amount"), self.owned, period
            ),
        }
        return {key: with_days(self.engine.rows(part), "day") for key, part in parts.items()}

    def dropped(self) -> Expression:
        """Every row that was left out: table, id, person_id, day, reason."""
        parts = []
        for key, broken in self.broken.items():
            if key in self.logs.raw:
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


def with_days(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The frame with a column of days as pandas keeps them."""
    frame[column] = pd.to_datetime(frame[column]).astype("datetime64[ns]")
    return frame
