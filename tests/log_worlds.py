"""Small made-up logs that meet every edge: each world has a shop, buyers and agents of its own."""

import datetime as dt
import random

import pandas as pd

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
AS_OF = dt.date(2026, 10, 31)
CLOCKS = ("00:00:00", "00:00:01", "09:00:00", "09:00:00", "12:30:00", "23:59:59")
MOMENTS = {"started", "ordered", "paid", "refunded", "rated", "inspected", "sent"}
FLAGS = {"resolved", "abnormal", "deleted", "passed", "from_agent"}
NUMBERS = {
    "buyer_messages": 1, "agent_messages": 1, "advert_phrases": 1, "replies": 1,
    "first_response_seconds": 1000, "response_seconds": 1000, "rating": 1000, "amount": 100,
    "paid_amount": 100, "refunded_amount": 100,
}  # fmt: skip


def worlds(number, seed=1):
    """Logs of many worlds in one: rows by table, exact figures (fen, thousandths)."""
    logs = {t: [] for t in ("chats", "orders", "payments", "refunds", "ratings", "inspections")}
    for world in range(number):
        for table, rows in _World(random.Random(f"{seed}/{world}"), f"{seed}w{world}").logs().items():
            logs[table] += rows
    return logs


def people(number, seed=1):
    """Who is on the roster of those worlds: one agent of each is not."""
    return [f"{seed}w{world}-{agent}" for world in range(number) for agent in "ABC"]


class _World:
    def __init__(self, chance, name):
        self.chance, self.name = chance, name
        # Few days, so that windows of 1, 4 and 14 days are met at both edges and beyond.
        self.base = dt.date(2026, 9, 12) + dt.timedelta(days=chance.randint(0, 48))
        self.days = chance.choice(([0], [0, 1], [0, 1, 2], [0, 1, 4, 5], [0, 13, 14, 15, 16]))
        self.serial = 0

    def moment(self):
        day = self.base + dt.timedelta(days=self.chance.choice(self.days))
        return dt.datetime.combine(day, dt.time.fromisoformat(self.chance.choice(CLOCKS)))

    def id(self):
        self.serial += 1
        return f"{self.name}-{self.serial:03d}"

    def some(self, likely, value, other=None):
        return value if self.chance.random() < likely else other

    def logs(self):
        chats = [self.chat() for _ in range(self.chance.randint(1, 9))]
        orders = [self.order() for _ in range(self.chance.randint(0, 5))]
        ids = [order["order_id"] for order in orders] + [f"{self.name}-none"]
        some = self.chance
        payments = [self.payment(some.choice(ids)) for _ in range(some.randint(0, 6))]
        refunds = [
            {"refund_id": self.id(), "order_id": some.choice(ids), "refunded": self.moment(),
             "refunded_amount": some.randint(1, 30_000), "deleted": self.some(0.1, True, False)}
            for _ in range(some.randint(0, 3))
        ]  # fmt: skip
        ratings = [
            {"rating_id": self.id(), "person_id": self.agent(), "rated": self.moment(),
             "rating": some.choice((1000, 3999, 4000, 4500, 5000, None)),
             "deleted": self.some(0.1, True)}
            for _ in range(some.randint(0, 3))
        ]  # fmt: skip
        inspections = [
            {"inspection_id": self.id(), "person_id": self.agent(), "inspected": self.moment(),
             "passed": some.choice((True, False, None)), "deleted": self.some(0.1, True, False)}
            for _ in range(some.randint(0, 3))
        ]  # fmt: skip
        for rows in (chats, orders, payments):
            if rows and some.random() < 0.15:
                again = dict(rows[0])  # two exports overlap, and may not agree
                for name in ("buyer_messages", "amount", "paid_amount"):
                    if name in again and some.random() < 0.5:
                        again[name] = some.randint(1, 9)
                rows.append(again)
        return {
            "chats": chats, "orders": orders, "payments": payments, "refunds": refunds,
            "ratings": ratings, "inspections": inspections,
        }  # fmt: skip

    def agent(self):
        return self.chance.choice(
            [f"{self.name}-{letter}" for letter in "AABBCX"] + [None]  # X is not on the roster
        )

    def buyer(self):
        return self.chance.choice(("p", "p", "p", "q"))

    def chat(self):
        some = self.chance
        agent_messages = some.choice((0, 1, 2, 3, 4))
        return {
            "session_id": self.id(), "shop": self.some(0.97, self.name),
            "buyer_id": self.some(0.97, self.buyer()), "person_id": self.agent(),
            "started": self.some(0.97, self.moment()),
            "buyer_messages": some.choice((0, 1, 1, 2, 5)), "agent_messages": agent_messages,
            "advert_phrases": some.choice((0, 0, 0, 1, 2, None)),
            "first_response_seconds": some.choice((0, 29_999, 30_000, 30_001, 180_000, None)),
            "response_seconds": some.choice((0, 500, 61_250, None)),
            "replies": some.choice((0, 1, 3, None)), "resolved": some.choice((True, False, None)),
            "deleted": self.some(0.06, True, some.choice((False, None))),
        }  # fmt: skip

    def order(self):
        return {
            "order_id": self.id(), "shop": self.name, "buyer_id": self.buyer(),
            "ordered": self.moment(), "amount": self.chance.randint(1, 99_999),
            "abnormal": self.chance.choice((True, False, None)),
            "deleted": self.some(0.06, True, False),
        }  # fmt: skip

    def payment(self, order):
        return {
            "payment_id": self.id(), "order_id": order, "paid": self.moment(),
            "paid_amount": self.some(0.95, self.chance.randint(1, 99_999)),
            "deleted": self.some(0.06, True, False),
        }  # fmt: skip


def frames(logs):
    """The logs as typed tables, as a Parquet file or a database holds them."""
    made = {}
    for table, rows in logs.items():
        frame = pd.DataFrame(rows)
        for name in frame.columns:
            if name in MOMENTS:
                frame[name] = pd.to_datetime(frame[name])
            elif name in FLAGS:
                frame[name] = pd.array(frame[name].tolist(), dtype="boolean")
            elif name in NUMBERS:
                values = pd.array(frame[name].tolist(), dtype="Int64")
                exact = frame[name].notna()
                frame[name] = (
                    values if NUMBERS[name] == 1
                    else [v / NUMBERS[name] if ok else None
                          for v, ok in zip(frame[name], exact, strict=True)]
                )  # fmt: skip
            else:
                frame[name] = frame[name].astype(object)
        made[table] = frame
    return made


MONEY = {
    "placed_amount", "paid_amount", "lost_amount", "sales", "assisted_amount", "refunded_amount",
}  # fmt: skip
THOUSANDTHS = {"response_seconds", "first_response_seconds", "rating_sum"}


def exact(table):
    """Counts as {(day, person): {count: whole number}} without zeros and missing ones."""
    found = {}
    for row in table.to_dict("records"):
        values = {}
        for name, value in row.items():
            if name not in ("date", "person_id") and value == value and value != 0:
                scale = 100 if name in MONEY else 1000 if name in THOUSANDTHS else 1
                values[name] = round(value * scale)
                assert values[name] / scale == value, name
        if values:
            found[row["date"].date(), row["person_id"]] = values
    return found
