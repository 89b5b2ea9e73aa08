"""Realistic raw logs of any size: chats, orders, payments, refunds, ratings, inspections.

Made day by day and written as they are made, so that memory does not grow with the months.  The
same arguments give the same rows.  What happens later than the last month has not happened yet:
its last days are unripe, as in a real export.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xl_kpi.errors import InputError, Problem
from xl_kpi.period import earlier
from xl_kpi.sample import sample_roster

if TYPE_CHECKING:
    import pyarrow as pa

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Batch: TypeAlias = "dict[str, pa.Table]"

_DAY = 86_400
_AT_ONCE = 4_000  # people per batch: about a quarter of a million chats
PEOPLE_PER_SHOP = 12
UNKNOWN = "KF_LEFT"  # an account that is on no roster
FORMS = ("parquet", "csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """How large the logs are; about 60 chats and 24 orders per person on duty and day."""

    people: int = 10
    first: dt.date = dt.date(2026, 9, 1)
    days: int = 61
    seed: int = 1
    traps: bool = False

    @property
    def batch_count(self) -> int:
        """How many batches there are."""
        return self.days * -(-self.people // _AT_ONCE)

    def batches(self) -> Iterator[Batch]:
        """The rows of a day, or of a part of the people on a day."""
        for day in range(self.days):
            for start in range(0, self.people, _AT_ONCE):
                yield _Day(self, day, start).tables()


def plan_for(last_month: str, months: int, people: int, seed: int, *, traps: bool) -> LogPlan:
    """Whole months that end with ``2026-10``."""
    first = dt.date.fromisoformat(f"{earlier(last_month, months - 1)}-01")
    days = (dt.date.fromisoformat(f"{earlier(last_month, -1)}-01") - first).days
    return LogPlan(people=people, first=first, days=days, seed=seed, traps=traps)


def shop_of(person: int) -> str:
    """The shop of a person, counted from 0."""
    return f"店铺{person // PEOPLE_PER_SHOP + 1:03d}"


def roster(plan: LogPlan) -> list[dict[str, Any]]:
    """The staff of the logs, as rows of 员工."""
    last = plan.first + dt.timedelta(days=plan.days - 1)
    rows = sample_roster(f"{last:%Y-%m}", plan.people, plan.seed)
    return [{**row, "shop": shop_of(place)} for place, row in enumerate(rows)]


def write_logs(
    folder: Path, plan: LogPlan, form: str, progress: Callable[[float], None] = lambda _: None
) -> dict[str, int]:
    """The logs and the staff as files of a folder; how many rows each table has.

    Files appear when all are complete.

    Args:
        folder: Where to; made if it is not there.
        plan: What to make.
        form: ``parquet`` or ``csv``.
        progress: Told the share that is done.

    Raises:
        InputError: If the folder has such files already.
    """
    keys = ("chats", "orders", "payments", "refunds", "ratings", "inspections", "roster")
    taken = [key for key in keys for known in FORMS if (folder / f"{key}.{known}").exists()]
    if taken:
        what = f"已经有 {taken[0]} 文件，没有覆盖"
        raise InputError([Problem(str(folder), what, "换一个文件夹，或先删掉旧文件")])
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=folder, prefix=".sample-") as hidden:
        with _Writers(Path(hidden), form) as writers:
            for done, batch in enumerate(plan.batches(), start=1):
                for key, table in batch.items():
                    writers.write(key, table)
                    rows[key] = rows.get(key, 0) + len(table)
                progress(done / plan.batch_count)
            staff = _staff_table(roster(plan))
            writers.write("roster", staff)
            rows["roster"] = len(staff)
        for file in Path(hidden).iterdir():
            file.rename(folder / file.name)
    return rows


class _Writers:
    """One open file per table."""

    def __init__(self, folder: Path, form: str) -> None:
        self.folder, self.form = folder, form
        self.open: dict[str, Any] = {}

    def __enter__(self) -> _Writers:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self.open.values():
            writer.close()

    def write(self, key: str, table: pa.Table) -> None:
        """Append rows to the table's file."""
        if key not in self.open:
            self.open[key] = self._opened(self.folder / f"{key}.{self.form}", table.schema)
        self.open[key].write_table(table)

    def _opened(self, path: Path, schema: pa.Schema) -> Any:
        if self.form == "parquet":
            from pyarrow import parquet

            return parquet.ParquetWriter(path, schema, compression="zstd")
        from pyarrow import csv

        return csv.CSVWriter(path, schema)


def _staff_table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows)


class _Day:
    """What begins with a chat on one day; later orders, payments and chats of it belong to it."""

    def __init__(self, plan: LogPlan, day: int, start: int) -> None:
        self.plan = plan
        self.chance = np.random.default_rng([plan.seed, day, start])
        self.day, self.start = day, start
        self.end = plan.days * _DAY
        people = np.arange(start, min(start + _AT_ONCE, plan.people))
        on_duty = people[(people + day) % 7 < 5]
        pace = 48 + 18 * self._steady(people)[(people + day) % 7 < 5]
        chats = self.chance.poisson(pace)
        self.person = np.repeat(on_duty, chats)
        self.shop = self.person // PEOPLE_PER_SHOP
        self.size = len(self.person)
        pool = max(50, plan.people * plan.days * 15)
        self.buyer = self.chance.integers(0, pool, self.size)
        clock = self.chance.triangular(8 * 3600, 15 * 3600, 24.2 * 3600, self.size)
        self.started = day * _DAY + clock.astype(np.int64)

    def _steady(self, people: Ints) -> NDArray[np.float64]:
        """How busy somebody is, the same every day."""
        parts: NDArray[np.float64] = np.modf((people + 1) * 0.618033988749895)[0]
        return parts

    def _share(self, share: float) -> Bools:
        return self.chance.random(self.size) < share

    def _colleague(self) -> Ints:
        """Somebody else of the shop, if there is anybody."""
        first = self.shop * PEOPLE_PER_SHOP
        team = np.minimum(PEOPLE_PER_SHOP, self.plan.people - first)
        step = 1 + self.chance.integers(0, np.maximum(team - 1, 1))
        colleague: Ints = first + (self.person - first + step) % team
        return colleague

    def _later(self, mean: float, least: float = 1.0) -> Ints:
        return (least + self.chance.exponential(mean, self.size)).astype(np.int64)

    def tables(self) -> Batch:
        """Rows of every table, by its key."""
        ordinary = self._share(0.93)
        orders = ordinary & self._share(0.42)
        next_day = self._share(0.12)
        ordered = self.started + self._later(2_400) + np.where(next_day, _DAY, 0)
        handed_over, helped = orders & self._share(0.06), orders & self._share(0.06)
        pays = orders & self._share(0.93)
        slow = self._share(0.15)
        paid = ordered + self._later(240) + np.where(slow | helped, self._later(1.2 * _DAY), 0)
        returns = pays & self._share(0.18)
        back = paid + self._later(6 * _DAY, 600)
        refunds = pays & self._share(0.04)
        colleague = self._colleague()
        chats = [
            self._chats(self.started, self.person, np.ones(self.size, bool), 0, ordinary),
            self._chats((self.started + ordered) // 2, colleague, handed_over, 1),
            self._chats((ordered + paid) // 2, colleague, helped, 2),
            self._chats(back, np.where(self._share(0.5), colleague, self.person), returns, 3),
        ]
        bought = self._orders(ordered, orders, pays, paid, refunds)
        silent = self._orders(
            self.day * _DAY + self.chance.integers(0, _DAY, self.size),
            self._share(0.07), np.ones(self.size, bool),
            self.day * _DAY + self.chance.integers(0, _DAY, self.size) + _DAY // 2,
            np.zeros(self.size, bool), silent=True,
        )  # fmt: skip
        chat_rows = {key: np.concatenate([c[key] for c in chats]) for key in chats[0]}
        order_rows = {key: np.concatenate([bought[key], silent[key]]) for key in bought}
        return self._arrow(chat_rows, order_rows)

    def _chats(
        self, started: Ints, person: Ints, happens: Bools, kind: int, ordinary: Bools | None = None
    ) -> dict[str, Any]:
        """One chat of each episode in which it happens."""
        buyer = 1 + self.chance.poisson(4.2, self.size)
        agent = np.maximum(1, np.round(buyer * self.chance.normal(1.12, 0.25, self.size)))
        agent = agent.astype(np.int64)
        adverts = np.zeros(self.size, dtype=np.int64)
        if ordinary is not None:
            which = self.chance.random(self.size)
            advert, single = ~ordinary & (which < 0.4), ~ordinary & (which >= 0.4) & (which < 0.85)
            silent = ~ordinary & (which >= 0.85)
            adverts = np.where(advert, self.chance.integers(1, 4, self.size), 0)
            buyer = np.where(single, 1, buyer)
            agent = np.where(single, 2 + self.chance.integers(0, 4, self.size), agent)
            agent = np.where(silent, 0, np.maximum(agent, adverts))
        replies = np.minimum(buyer, agent)
        first = np.minimum(1 + self.chance.gamma(2.0, 14.0, self.size), 1_200).astype(np.int64)
        others = self.chance.gamma(np.maximum(replies - 1, 0) + 0.01, 27.0).astype(np.int64)
        kept = happens & (started < self.end)
        serial = self._serials(kind)
        return {
            name: values[kept]
            for name, values in {
                "serial": serial, "shop": self.shop, "buyer": self.buyer, "person": person,
                "started": started, "buyer_messages": buyer, "agent_messages": agent,
                "advert_phrases": adverts, "first": np.where(agent > 0, first, -1),
                "response_seconds": np.where(agent > 0, first + others, 0),
                "replies": replies,
                "rating": np.where((agent > 0) & self._share(0.3), self._stars(), 0),
                "inspected": (agent > 0) & self._share(0.02), "passed": self._share(0.94),
            }.items()
        }  # fmt: skip

    def _stars(self) -> Ints:
        return self.chance.choice(
            np.array([1, 2, 3, 4, 5]), self.size, p=[0.01, 0.01, 0.03, 0.15, 0.8]
        )

    def _serials(self, kind: int) -> Ints:
        """A number of its own for everything that ever happens."""
        base = (self.day * 1_000 + self.start // _AT_ONCE) * 10_000_000
        return base + np.arange(self.size, dtype=np.int64) * 10 + kind

    def _orders(
        self, ordered: Ints, happens: Bools, pays: Bools, paid: Ints, refunds: Bools,
        *, silent: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        paid = np.maximum(paid, ordered)
        kept = happens & (ordered < self.end)
        fen = np.maximum(100, np.exp(self.chance.normal(5.1, 0.6, self.size)) * 100)
        fen = fen.astype(np.int64)
        buyer = self.buyer + (10**9 if silent else 0)
        pays = pays & (paid < self.end)
        refunded = paid + self._later(5 * _DAY, 3_600)
        refunds = refunds & pays & (refunded < self.end)
        part = np.where(self._share(0.3), fen // 2, fen)
        return {
            name: values[kept]
            for name, values in {
                "serial": self._serials(5 if silent else 4), "shop": self.shop, "buyer": buyer,
                "ordered": ordered, "fen": fen, "paid": np.where(pays, paid, -1),
                "refunded": np.where(refunds, refunded, -1), "refunded_fen": part,
                "abnormal": self._share(0.01),
            }.items()
        }  # fmt: skip

    # --- as columns ------------------------------------------------------------------------

    def _arrow(self, chats: Mapping[str, Any], orders: Mapping[str, Any]) -> Batch:
        import pyarrow as pa

        person = _named("KF", chats["person"] + 1, 3)
        started = self._moments(chats["started"])
        deleted = np.zeros(len(chats["serial"]), bool)
        if self.plan.traps:
            trap = self.chance.random(len(deleted))
            deleted = trap < 0.004
            person = _where(trap > 0.997, UNKNOWN, person)
            person = _where((trap > 0.993) & (trap <= 0.995), None, person)
        rated, seen = chats["rating"] > 0, chats["inspected"]
        tables = {
            "chats": pa.table({
                "session_id": _named("S", chats["serial"], 14),
                "shop": _named("店铺", chats["shop"] + 1, 3),
                "buyer_id": _named("tb", chats["buyer"], 10),
                "person_id": person,
                "started": started,
                "buyer_messages": chats["buyer_messages"],
                "agent_messages": chats["agent_messages"],
                "advert_phrases": chats["advert_phrases"],
                "first_response_seconds": _blank(chats["first"], chats["first"] < 0),
                "response_seconds": chats["response_seconds"],
                "replies": chats["replies"],
                "deleted": deleted,
            }),
            "ratings": pa.table({
                "rating_id": _named("R", chats["serial"][rated], 14),
                "person_id": person.filter(rated),
                "rated": self._moments(chats["started"][rated] + 900),
                "rating": chats["rating"][rated].astype(np.float64),
            }),
            "inspections": pa.table({
                "inspection_id": _named("Q", chats["serial"][seen], 14),
                "person_id": person.filter(seen),
                "inspected": self._moments(chats["started"][seen] + _DAY),
                "passed": chats["passed"][seen],
            }),
            **self._order_tables(orders),
        }  # fmt: skip
        return self._with_doubles(tables) if self.plan.traps else tables

    def _order_tables(self, orders: Mapping[str, Any]) -> Batch:
        import pyarrow as pa

        number = _named("D", orders["serial"], 14)
        paid, back = orders["paid"] >= 0, orders["refunded"] >= 0
        deleted = np.zeros(len(paid), bool)
        if self.plan.traps:
            deleted = self.chance.random(len(deleted)) < 0.003
        return {
            "orders": pa.table({
                "order_id": number,
                "shop": _named("店铺", orders["shop"] + 1, 3),
                "buyer_id": _named("tb", orders["buyer"], 10),
                "ordered": self._moments(orders["ordered"]),
                "amount": orders["fen"] / 100,
                "abnormal": orders["abnormal"],
                "deleted": deleted,
            }),
            "payments": pa.table({
                "payment_id": _named("P", orders["serial"][paid], 14),
                "order_id": number.filter(paid),
                "paid": self._moments(orders["paid"][paid]),
                "paid_amount": orders["fen"][paid] / 100,
            }),
            "refunds": pa.table({
                "refund_id": _named("T", orders["serial"][back], 14),
                "order_id": number.filter(back),
                "refunded": self._moments(orders["refunded"][back]),
                "refunded_amount": orders["refunded_fen"][back] / 100,
            }),
        }  # fmt: skip

    def _with_doubles(self, tables: Batch) -> Batch:
        """The first rows of chats and orders twice, as two overlapping exports have them."""
        import pyarrow as pa

        for key in ("chats", "orders"):
            tables[key] = pa.concat_tables([tables[key], tables[key].slice(0, 2)])
        return tables

    def _moments(self, seconds: Ints) -> Any:
        first = np.datetime64(self.plan.first, "us")
        return first + seconds * np.timedelta64(1_000_000, "us")


def _named(prefix: str, numbers: Ints, digits: int) -> Any:
    """Numbers as names of equal length: 7 → KF000007."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.cast(pa.array(numbers), pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(text, digits, "0"), "")


def _where(chosen: Bools, value: str | None, others: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(chosen), pa.scalar(value, pa.string()), others)


def _blank(values: Ints, blank: Bools) -> Any:
    import pyarrow as pa

    return pa.array(values, mask=blank)
