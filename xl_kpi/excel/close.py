"""Close the month of a book: the results, what they stand on and the link to the month before."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xl_kpi.audit import unripe
from xl_kpi.checks import clean_table
from xl_kpi.closing.closing import close
from xl_kpi.closing.ledger import figures_of
from xl_kpi.closing.snapshot import Snapshot, hash_of, to_cells
from xl_kpi.closing.verify import line, read_chain
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.book_tables import BookTable
from xl_kpi.excel.machine import installed_version
from xl_kpi.excel.package import open_package
from xl_kpi.excel.patch import TableUpdate, patch_book
from xl_kpi.excel.reader import RawBook, read_book
from xl_kpi.excel.replace_file import replace_file, writing
from xl_kpi.excel.run import Outcome, changes, check_raw
from xl_kpi.excel.statement_files import code_of
from xl_kpi.period import earlier
from xl_kpi.tables import ARCHIVE, CLOSINGS, HISTORY

_PROVED = (CLOSINGS, ARCHIVE, HISTORY)  # in this order


class UnripeError(InputError):
    """Nothing else stands in the way of a closing than figures that are not final."""


@dataclass(slots=True)
class Closed:
    """A month that is closed: the run, what is kept of it, its check code, what is written for it."""

    outcome: Outcome
    snapshot: Snapshot
    hash: str
    pay: float
    true_ups: float
    updates: list[TableUpdate]


def close_book(
    path: Path, *, closed_by: str = "", accept_unripe: bool = False, now: dt.datetime | None = None
) -> Closed:
    """Calculate the month on the first sheet, write its results and close it, all or nothing.

    Args:
        path: The workbook.
        closed_by: Who closes it.
        accept_unripe: Whether figures that are not final are paid as they are; what they become
            later is a true-up of the next open month.
        now: The time; that of the clock if not given.

    Raises:
        InputError: the month cannot be closed; nothing was written.
    """
    with writing(path):
        book = read_book(path)
        closed = plan_closing(
            book, path, closed_by=closed_by, accept_unripe=accept_unripe, now=now
        )
        _write(path, closed, book.digest)
    return closed


def plan_closing(
    book: RawBook, path: Path, *, closed_by: str, accept_unripe: bool, now: dt.datetime | None = None
) -> Closed:
    """What closing the month on the first sheet writes; nothing is written yet.

    Args:
        book: The workbook as it was read from its file.
        path: The file.
        closed_by: Who closes it.
        accept_unripe: Whether figures that are not final are paid as they are.
        now: The time; that of the clock if not given.

    Raises:
        InputError: the month cannot be closed.
    """
    now = now or dt.datetime.now()
    outcome = check_raw(book, path=path)
    waiting = [] if outcome.closed.place >= 0 else unripe_figures(outcome)
    refused = [*(p for p in outcome.problems if p.severity == "error"), *_refusals(outcome, now)]
    if waiting and not accept_unripe:
        raise InputError([*refused, *waiting]) if refused else UnripeError(waiting)
    if refused:
        raise InputError(refused)
    chain, job = outcome.closed.chain, outcome.job
    snapshot = close(
        chain, outcome.closed.tables, job.frames, [scheme.id for scheme in job.schemes], job.period,
        version=installed_version("xl-kpi") or "—", code=str(code_of(job)), closed_by=closed_by,
        accepted=[f"{p.where}：{p.what}" for p in waiting], now=now,
    )  # fmt: skip
    if dict(snapshot.figures) != {**outcome.closed.corrections, **figures_of(outcome.runs)}:
        raise InputError([Problem(CLOSINGS.zh, "存档重算的结果和本次计算不同", "把这个工作簿发给开发者")])
    data = snapshot.data()
    said = line(snapshot, chain)
    updates = _updates(path, book, snapshot, said, data)
    pay, true_ups = float(str(said["pay"])), float(str(said["true_ups"]))
    return Closed(outcome, snapshot, hash_of(data), pay, true_ups, updates)


def unripe_figures(outcome: Outcome) -> list[Problem]:
    """Figures that are not final, or of which it is not known."""
    return [
        Problem(p.where, p.what, f"{p.fix}；命令行上确定先按现在的数发放，加 --accept-unripe")
        for results in outcome.runs
        for p in unripe(results, outcome.job.as_of, needed=True)
    ]


def _refusals(outcome: Outcome, now: dt.datetime) -> Iterator[Problem]:
    """What stands in the way of closing a month that can be calculated."""
    job, closed = outcome.job, outcome.closed
    where = f"{CLOSINGS.zh}：{job.period}"
    if closed.place >= 0:
        snapshot = closed.chain.snapshots[closed.place]
        yield Problem(
            where, f"{job.period} 已于 {snapshot.closed[:10]} 月结，不能再结一次",
            "把首页的期间改成下一个月；数据有改动的，差额会自动记在下一个月",
        )  # fmt: skip
        return
    last = closed.chain.last
    if last is not None and job.period != earlier(last.period, -1):
        yield Problem(
            where, f"上一次月结是 {last.period}，下一个该结的是 {earlier(last.period, -1)}，不是 {job.period}",
            f"把首页的期间改成 {earlier(last.period, -1)}，按月份顺序月结",
        )  # fmt: skip
    if last is not None and now.isoformat(" ") < last.closed:
        yield Problem(
            where, f"这台电脑的时间（{now:%Y-%m-%d %H:%M}）比上次月结的时间（{last.closed}）还早",
            "把电脑的日期和时间调准再月结",
        )  # fmt: skip
    if outcome.runs:
        end = max(results.figures.period.end for results in outcome.runs)
        if now.date() <= end:
            what = f"{job.period} 到 {end} 才结束"
            yield Problem(where, what, "月份结束、数据齐了再月结；核对首页的期间和电脑的日期")


# --- writing ---------------------------------------------------------------------------------------


def _updates(
    path: Path, book: RawBook, snapshot: Snapshot, said: dict[str, object], data: bytes
) -> list[TableUpdate]:
    """The new rows of 历史, 月结 and 月结存档."""
    problems: list[Problem] = []
    with open_package(path) as package:
        tables = {t.key: BookTable(book, package, t, problems) for t in (HISTORY, CLOSINGS, ARCHIVE)}
        problems += [table.missing() for table in tables.values() if not table.is_there]
        if problems:
            raise InputError(problems)
        for key, figure in snapshot.figures:
            tables[HISTORY.key].add(
                {**key._asdict(), **figure._asdict(), "booked": snapshot.period}
            )
        tables[CLOSINGS.key].add({**said, "hash": hash_of(data)})
        for number, content in enumerate(to_cells(data), 1):
            tables[ARCHIVE.key].add(
                {"period": snapshot.period, "number": number, "content": content}
            )
        updates = [table.update() for table in tables.values()]
        if problems:
            raise InputError(problems)
    return [update for update in updates if update is not None]


def _write(path: Path, closed: Closed, seen: str | None) -> None:
    """Write a copy, read the closed months back from it, then write the book itself."""
    new = changes(closed.outcome)
    tables = [*new.tables, *closed.updates]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        patch_book(path, copy, tables, new.cells, sheets=new.twins.sheets, backup=False, seen=seen)
        refuse_unproved(read_book(copy, {table.excel_name for table in _PROVED}), closed)
        content = copy.read_bytes()
    closed.outcome.target = path
    closed.outcome.backup = replace_file(path, [content], like=path, backup=True, seen=seen)


def refuse_unproved(book: RawBook, closed: Closed) -> None:
    """Make sure that a book holds its closed months, with the one that was closed last.

    Raises:
        InputError: it does not.
    """
    found: list[Problem] = []
    tables = [clean_table(book.tables[t.excel_name], t, found) for t in _PROVED]
    chain, wrong = read_chain(*tables)
    if wrong or chain.hashes[-1:] != [closed.hash]:
        what = "月结写入后读回来不一样"
        raise InputError(wrong or [Problem(CLOSINGS.zh, what, "把这个工作簿发给开发者")])
