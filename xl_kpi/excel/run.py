"""One run: read the book, calculate, write the result sheets, all or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xl_kpi.assignment import assign
from xl_kpi.audit import audit
from xl_kpi.closing.true_ups import pay_by_person
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.board import board_tables
from xl_kpi.excel.closed_months import ClosedMonths, look_back
from xl_kpi.excel.layout import ADDED_LATER, LIGHTS, STATUS, STATUS_ROWS
from xl_kpi.excel.load import Job, load_raw
from xl_kpi.excel.patch import CellUpdate, TableUpdate, patch_book
from xl_kpi.excel.reader import RawBook, read_book
from xl_kpi.excel.reconciliation import Reconciliation, named_runs
from xl_kpi.excel.replace_file import writing
from xl_kpi.excel.result_totals import month_cells
from xl_kpi.excel.results import (
    heading_cells,
    result_tables,
    status_heights,
    true_ups_table,
)
from xl_kpi.formula import FormulaError
from xl_kpi.lint import probe
from xl_kpi.pipeline import Results, evaluate
from xl_kpi.rounding import round_half_up


@dataclass(slots=True)
class Outcome:
    """What a check or a run found; there are no ``runs`` where an error stands in the way."""

    job: Job
    runs: list[Results] = field(default_factory=list)  # one per scheme, in their order
    problems: list[Problem] = field(default_factory=list)
    updates: list[TableUpdate] = field(default_factory=list)
    target: Path | None = None
    backup: Path | None = None
    closed: ClosedMonths = field(default_factory=ClosedMonths)

    @property
    def results(self) -> Results | None:
        """What was calculated, by the first scheme if there are several."""
        return self.runs[0] if self.runs else None

    def count(self, severity: str) -> int:
        """How many problems of a severity there are."""
        return sum(p.severity == severity for p in self.problems)

    def add(self, problems: Iterable[Problem]) -> None:
        """Take in further problems."""
        self.problems = _ordered([*problems, *self.problems])

    @property
    def light(self) -> str:
        """Red with errors, amber with warnings, else green."""
        if self.count("error"):
            return "red"
        return "amber" if self.count("warning") else "green"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changes in its book, whoever writes it."""

    tables: list[TableUpdate]
    cells: list[CellUpdate]
    twins: Reconciliation


def check_book(path: Path, scheme_id: str | None = None) -> Outcome:
    """Read and calculate the file of a book without writing: every problem at once."""
    return check_raw(read_book(path), scheme_id, path)


def check_raw(book: RawBook, scheme_id: str | None = None, path: Path | None = None) -> Outcome:
    """Calculate a book that was read, from a file or from Excel: every problem at once."""
    job = load_raw(book, scheme_id, path)
    closed = look_back(job)
    outcome = Outcome(job, problems=_ordered(job.problems), closed=closed)
    if not job.ready:
        return outcome
    masks, problems = assign(job.tables["roster"], job.schemes)
    job.problems += problems
    outcome.problems = _ordered(job.problems)
    if not job.ready:
        return outcome
    found, runs = list(job.problems), []
    for scheme, members in zip(job.schemes, masks, strict=True):
        try:
            found += probe(scheme)
            results = evaluate(job.tables, scheme, job.period, members)
            found += audit(results, job.as_of)
            runs.append(results)
        except FormulaError as error:
            found.append(Problem(error.where or scheme.place, str(error), "改正公式里的参数"))
    if len(runs) == len(job.schemes):
        outcome.runs = runs
        if closed.chain.last is not None:
            owed = pay_by_person(closed.replay)
            for results in runs:
                results.true_ups = owed
            found += closed.owed_to_others(owed, runs)
    outcome.problems = _ordered(found)
    if outcome.runs:
        made = [
            *result_tables(runs, outcome.problems, book.tables, job.lang),
            *board_tables(runs, job.tables["history"], job.lang),
            true_ups_table(closed.true_ups, job.period, job.lang),
        ]
        outcome.updates = [u for u in made if u.table in book.tables or u.table not in ADDED_LATER]
    return outcome


def dry_run(outcome: Outcome) -> None:
    """Find what would stand in the way of writing, as further problems."""
    if outcome.results is None or outcome.count("error"):
        return
    path = outcome.job.path
    try:
        with tempfile.TemporaryDirectory() as folder:
            _write(outcome, path, Path(folder) / path.name, backup=False)
    except InputError as error:
        outcome.add(error.problems)


def _ordered(problems: Sequence[Problem]) -> list[Problem]:
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(dict.fromkeys(problems), key=lambda p: rank[p.severity])


def run_book(
    path: Path, out: Path | None = None, scheme_id: str | None = None, *, backup: bool = True
) -> Outcome:
    """Calculate a book and write its result sheets, in the language of the book.

    Args:
        path: The workbook.
        out: Where to write; None writes into the workbook itself and keeps a backup.
        scheme_id: Scheme to use instead of the one on the first sheet.
        backup: Whether to keep the previous file.

    Raises:
        InputError: an error stands in the way; nothing was written.
    """
    if out is not None and out.suffix.lower() != path.suffix.lower():
        what = f"“{out.name}”的后缀与 {path.name} 不同，Excel 会打不开"
        raise InputError([Problem(str(out), what, f"用 {path.suffix} 结尾的文件名")])
    with writing(out or path):
        outcome = check_book(path, scheme_id)
        if outcome.results is None or outcome.count("error"):
            raise InputError(outcome.problems)
        outcome.target = out or path
        outcome.backup = _write(outcome, path, outcome.target, backup=backup)
    return outcome


def changes(outcome: Outcome) -> Changes:
    """Everything that is to be written when there are results and no errors."""
    lang = outcome.job.lang
    twins = Reconciliation(named_runs(outcome.runs, lang), lang)
    tables = outcome.job.book.tables if outcome.job.book else {}
    return Changes(
        [*outcome.updates, _status(outcome, twins)],
        [*heading_cells(outcome.runs, outcome.updates, tables, lang),
         *month_cells(outcome.runs, tables)],
        twins,
    )


def _write(outcome: Outcome, path: Path, target: Path, *, backup: bool) -> Path | None:
    new = changes(outcome)
    book = outcome.job.book
    return patch_book(
        path, target, new.tables, new.cells, sheets=new.twins.sheets, backup=backup,
        seen=book.digest if book is not None else None,
    )  # fmt: skip


def _status(outcome: Outcome, twins: Reconciliation) -> TableUpdate:
    runs, lang = outcome.runs, outcome.job.lang
    position = 0 if lang == "zh" else 1
    values: dict[str, object] = {
        "state": LIGHTS[outcome.light][position],
        "period": outcome.job.period,
        "scheme": "、".join(f"{r.scheme.id} {r.scheme.name}" for r in runs),
        "people": sum(r.people.count for r in runs),
        "assessed": sum(int(r.people.assessed.sum()) for r in runs),
        "pay": float(round_half_up(sum(np.nansum(r.pay) for r in runs))),
        "true_ups": outcome.closed.amount,
        "errors": outcome.count("error"),
        "warnings": outcome.count("warning"),
        "reconcile": twins.light,
        "done": done_sentence(outcome),
    }
    rows = [[words[position], values[key]] for key, words in STATUS_ROWS.items()]
    header = [column.label(lang) for column in STATUS.columns]
    return TableUpdate("kpi_status", rows, header, heights=status_heights(rows))


def done_sentence(outcome: Outcome) -> str:
    """What a run did, how many people it calculated and how many problems it found."""
    people, period = sum(r.people.count for r in outcome.runs), outcome.job.period
    found = outcome.count("warning") + outcome.count("note")
    if outcome.job.lang == "zh":
        text = f"已计算 {period}，共 {people} 人，写入全部结果表；"
        return text + (f"有 {found} 条提醒和说明，见检查表。" if found else "没有发现问题。")
    text = f"Calculated {period} for {people} people and wrote every result sheet; "
    return text + (
        f"{found} warnings and notes: see the sheet Checks." if found else "no problems found."
    )
