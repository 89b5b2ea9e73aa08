"""What an import writes into each table: counts, shops, pay, accounts, figures, log, differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from xl_kpi.errors import Problem
from xl_kpi.excel.book_tables import BookTable
from xl_kpi.period import month_of
from xl_kpi.sources.export_figures import SheetReading
from xl_kpi.sources.identity import Accounts
from xl_kpi.sources.merging import KEYS, LABELS, TYPED, Difference, Stored, Sums
from xl_kpi.tables import ROSTER

if TYPE_CHECKING:
    from xl_kpi.excel.import_outcome import Imported


def read_stored(frame: pd.DataFrame) -> list[Stored]:
    """The rows of 平台数据."""
    return [
        Stored(
            start=row["start"].date(), end=row["end"].date(), platform=_text(row["platform"]),
            shop=_text(row["shop"]), account=_text(row["account"]), person=_text(row["person"]),
            item=KEYS.get(row["item"], row["item"]), value=float(row["value"]),
            decimals=int(row["decimals"] or 0), source=_text(row["source"]),
        )
        for row in frame.to_dict("records")
    ]  # fmt: skip


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def write_stored(table: BookTable, rows: Sequence[Stored]) -> None:
    """平台数据 anew, in an order of its own."""
    ordered = sorted(rows, key=lambda r: (r.source, r.start, r.account, r.shop))
    table.replace(
        [
            {
                "start": r.start, "end": r.end, "platform": r.platform, "shop": r.shop or None,
                "account": r.account or None, "person": r.person or None,
                "item": LABELS.get(r.item, r.item), "value": r.value, "decimals": r.decimals,
                "source": r.source,
            }
            for r in ordered
        ]
    )  # fmt: skip


def fill_counts(
    table: BookTable, was: Sums, now: Sums, differences: list[Difference]
) -> int:
    """Counts of people and days into 指标数据; figures that HR has typed stay and are told.

    Args:
        table: 指标数据.
        was: What the imports said before; cells that hold it are theirs.
        now: What they say now.
        differences: Figures typed otherwise are added to it.

    Returns:
        How many cells got another value.
    """
    return _fill(table, "person_id", was, now, differences)


def fill_shops(table: BookTable, was: Sums, now: Sums, differences: list[Difference]) -> int:
    """Counts of shops and days into 店铺数据, in the same way."""
    return _fill(table, "shop", was, now, differences)


def _fill(
    table: BookTable, whose: str, was: Sums, now: Sums, differences: list[Difference]
) -> int:
    frame = table.frame
    rows: dict[tuple[dt.date, str], int] = {}
    for place, (day, who) in enumerate(zip(frame["date"], frame[whose], strict=True)):
        if isinstance(who, str) and not pd.isna(day):
            rows.setdefault((day.date(), who), place)
    values = {key: frame[key].to_numpy() for key in frame if key in LABELS}
    cells = 0
    for (day, who), counts in now.items():
        n = rows.get((day, who))
        if n is None:
            table.add({"date": day, whose: who, **counts})
            cells += len(counts)
            continue
        before = was.get((day, who), {})
        changes: dict[str, object] = {}
        for key, value in counts.items():
            there = values[key][n]
            if pd.isna(there) or (key in before and abs(there - before[key]) < 1e-9):
                if pd.isna(there) or abs(there - value) > 1e-9:
                    changes[key] = value
            elif abs(there - value) > 1e-9:
                differences.append(_typed(day, who, key, float(there), value))
        cells += len(changes)
        table.set(table.place(n), changes)
    for (day, who), before in was.items():
        n = rows.get((day, who))
        gone = before.keys() - now.get((day, who), {}).keys()
        if n is not None and gone:
            mine = {k: None for k in gone if abs(values[k][n] - before[k]) < 1e-9}
            cells += len(mine)
            table.set(table.place(n), mine)
            if (day, who) not in now:
                table.drop_bare(table.place(n), ("date", whose))
    return cells


def _typed(day: dt.date, who: str, key: str, there: float, value: float) -> Difference:
    return Difference(
        start=day, end=day, who=who, item=LABELS[key], first=there, first_source=TYPED,
        second=value, second_source="导入", taken=there, reason="手填的数不覆盖",
    )  # fmt: skip


def fill_pay(
    table: BookTable, reading: SheetReading, accounts: Accounts, problems: list[Problem]
) -> int:
    """Blank pay of people on the roster; pay that is there stays, and what differs is told."""
    frame = table.frame
    rows = {person: n for n, person in enumerate(frame["person_id"])}
    where, cells = reading.found.grid.where, 0
    for figure in reading.figures:
        names = (figure.account, *reading.aliases.get(figure.account, ()))
        owner = accounts.owner(names, reading.found.profile.platform, (figure.start, figure.end))
        label = ROSTER.column(figure.item).zh
        if owner.person is None:
            near = accounts.proposal(names)
            fix = (f"是不是{near}？" if near else "") + "新同事先加到员工表，再导入"
            what = f"“{figure.account}”{owner.why or '不在员工表'}：{label} {figure.value:,.2f} 没有导入"
            problems.append(Problem(where, what, fix, "warning"))
            continue
        n = rows[owner.person]
        there = frame[figure.item].iloc[n]
        if pd.isna(there):
            table.set(table.place(n), {figure.item: figure.value})
            cells += 1
        elif abs(there - figure.value) > 0.005:
            problems.append(
                Problem(
                    table.where(table.place(n), figure.item),
                    f"{label}是 {there:,.2f}，工资表是 {figure.value:,.2f}，没有改",
                    "核对哪个对；要用工资表的就清空这一格再导入", "warning",
                )
            )  # fmt: skip
    return cells


def add_accounts(table: BookTable, names: Sequence[str], platform: str) -> None:
    """Unknown accounts as rows for HR to say whose they are; who, is left blank."""
    for name in dict.fromkeys(names):
        table.add({"account": name, "platform": platform})


def write_benchmarks(
    table: BookTable, readings: Sequence[tuple[str, SheetReading]], start_day: int
) -> None:
    """The platforms' comparison rows; those of a file imported again replace its own.

    They are of the month that their last day belongs to, months starting on ``start_day``.
    """
    sources = {source for source, _ in readings}
    rows: list[dict[str, object]] = [
        {**row, "start": row["start"].date(), "end": row["end"].date()}
        for row in _present(table.frame)
        if row.get("source") not in sources
    ]
    for source, reading in readings:
        for kind, figure in reading.benchmarks:
            rows.append(
                {
                    "period": month_of(figure.end, start_day), "start": figure.start, "end": figure.end,
                    "platform": reading.found.profile.platform, "shop": figure.shop or None,
                    "metric": LABELS.get(figure.item, figure.item), "kind": kind,
                    "value": figure.value, "source": source,
                }
            )  # fmt: skip
    table.replace(rows)


def write_log(table: BookTable, imported: Sequence[Imported]) -> None:
    """The import log; a file imported again keeps its place."""
    rows: dict[str, dict[str, Any]] = {}
    for row in _present(table.frame):
        for key in ("start", "end", "exported"):
            if row.get(key) is not None:
                row[key] = row[key].date()
        rows[str(row["source"])] = row
    for one in imported:
        rows[one.source] = {
            "source": one.source, "file": one.file, "sheet": one.sheet or None,
            "sha256": one.sha256, "profile": one.profile, "platform": one.platform,
            "system": one.system or None, "rule": one.rule or None, "filters": one.filters or None,
            "start": one.days[0], "end": one.days[1], "exported": one.exported,
            "rows": float(one.rows), "people": float(one.people),
            "items": "、".join(one.items), "fingerprint": one.fingerprint,
        }  # fmt: skip
    table.replace(list(rows.values()))


def write_differences(table: BookTable, differences: Sequence[Difference]) -> None:
    """导入差异 anew: it follows from the figures that are stored."""
    table.replace(
        [
            {
                "start": d.start, "end": d.end, "who": d.who, "item": d.item, "first": d.first,
                "first_source": d.first_source, "second": d.second,
                "second_source": d.second_source, "difference": round(d.second - d.first, 6),
                "taken": d.taken, "reason": d.reason,
            }
            for d in sorted(differences, key=lambda d: (d.start, d.who, d.item))
        ]
    )  # fmt: skip


def _present(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries, what is missing as None."""
    return [
        {str(k): None if v is None or v is pd.NaT or v != v else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
