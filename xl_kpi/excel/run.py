"""One run: read the book, calculate, write the result sheets, all or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xl_kpi.audit import audit
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.layout import LIGHTS, STATUS, STATUS_ROWS
from xl_kpi.excel.load import Job, load_book
from xl_kpi.excel.patch import TableUpdate, patch_book
from xl_kpi.excel.replace_file import refuse_if_open
from xl_kpi.excel.results import heading_cells, result_tables
from xl_kpi.formula import FormulaError
from xl_kpi.pipeline import Results, evaluate
from xl_kpi.rounding import round_half_up


@dataclass(slots=True)
class Outcome:
    """What a check or a run found; ``results`` is None where an error stands in the way."""

    job: Job
    results: Results | None = None
    problems: list[Problem] = field(default_factory=list)
    updates: list[TableUpdate] = field(default_factory=list)
    target: Path | None = None
    backup: Path | None = None

    def count(self, severity: str) -> int:
        """How many problems of a severity there are."""
        return sum(p.severity == severity for p in self.problems)

    @property
    def light(self) -> str:
        """Red with errors, amber with warnings, else green."""
        if self.count("error"):
            return "red"
        return "amber" if self.count("warning") else "green"


def check_book(path: Path, scheme_id: str | None = None) -> Outcome:
    """Read and calculate a book without writing: every problem at once."""
    job = load_book(path, scheme_id)
    outcome = Outcome(job, problems=_ordered(job.problems))
    if not job.ready or job.scheme is None:
        return outcome
    try:
        results = evaluate(job.tables, job.scheme, job.period)
        outcome.problems = _ordered([*job.problems, *audit(results, job.as_of)])
        outcome.updates = result_tables(results, outcome.problems, job.lang)
        outcome.results = results
    except FormulaError as error:
        problem = Problem(job.scheme.place, str(error), "改正公式里的参数")
        outcome.problems = _ordered([*job.problems, problem])
    return outcome


def dry_run(outcome: Outcome) -> None:
    """Find what would stand in the way of writing, as further problems."""
    if outcome.results is None or outcome.count("error"):
        return
    path = outcome.job.path
    try:
        with tempfile.TemporaryDirectory() as folder:
            _write(outcome, outcome.results, path, Path(folder) / path.name, backup=False)
    except InputError as error:
        outcome.problems = _ordered([*error.problems, *outcome.problems])


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
    refuse_if_open(Path(out or path).resolve())
    outcome = check_book(path, scheme_id)
    if outcome.results is None or outcome.count("error"):
        raise InputError(outcome.problems)
    outcome.target = out or path
    outcome.backup = _write(outcome, outcome.results, path, outcome.target, backup=backup)
    return outcome


def _write(
    outcome: Outcome, results: Results, path: Path, target: Path, *, backup: bool
) -> Path | None:
    lang = outcome.job.lang
    updates = [*outcome.updates, _status(outcome, results, lang)]
    return patch_book(path, target, updates, heading_cells(results, path, lang), backup=backup)


def _status(outcome: Outcome, results: Results, lang: str) -> TableUpdate:
    position = 0 if lang == "zh" else 1
    values: dict[str, object] = {
        "state": LIGHTS[outcome.light][position],
        "period": outcome.job.period,
        "scheme": f"{results.scheme.id} {results.scheme.name}",
        "people": results.people.count,
        "assessed": int(results.people.assessed.sum()),
        "pay": float(round_half_up(np.nansum(results.pay))),
        "errors": outcome.count("error"),
        "warnings": outcome.count("warning"),
    }
    rows = [[words[position], values[key]] for key, words in STATUS_ROWS.items()]
    header = [column.label(lang) for column in STATUS.columns]
    return TableUpdate("kpi_status", rows, header)
