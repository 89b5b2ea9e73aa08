"""``xl-kpi talks``: a sheet for each feedback talk, and the list of what follows for HR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from xl_kpi.checks import clean_table
from xl_kpi.errors import Problem, nearest
from xl_kpi.excel.follow_up_book import CycleStep, follow_up_book
from xl_kpi.excel.handed_out import Folder, refuse_folder
from xl_kpi.excel.load import Job
from xl_kpi.excel.locking import Locks, locked_office, locked_pdf
from xl_kpi.excel.paper_files import Papers, paper_contents
from xl_kpi.excel.run import Outcome
from xl_kpi.excel.statement_files import (
    for_file,
    free_name,
    outdated,
    statements,
)
from xl_kpi.period import Period
from xl_kpi.scheme import Row
from xl_kpi.scheme_frames import rows_of
from xl_kpi.scheme_rows import cycle_row, cycle_rows
from xl_kpi.statements import word
from xl_kpi.statements.calendar_dates import days_allowed, due_date
from xl_kpi.statements.talk import Dates, Measure, talk_paper
from xl_kpi.tables import CALENDAR, MEASURES, Table

_FEEDBACK, _USE = ("反馈", "feedback"), ("应用", "use")  # stages of the calendar


def write_talks(
    outcome: Outcome, folder: Path, lang: str | None = None, *, published: dt.date | None = None,
    pdf: bool = False, locks: Locks | None = None, progress: Callable[[float], None] = lambda _: None,
) -> Papers:  # fmt: skip
    """Write a talk sheet for everybody who was assessed, and the list of what follows.

    Args:
        outcome: Of a check or a run.
        folder: Where to; it is made if need be, files of the same name are replaced, and what an
            earlier run wrote of this month and this one does not is removed.
        lang: ``zh`` or ``en``; None = the language of the book.
        published: The day on which the results are made known; None = ``published_on``.
        pdf: Whether PDFs are written, too.
        locks: The passwords of the files; None = no file has one.
        progress: Told the share that is done.

    Raises:
        InputError: an error stands in the way, somebody has no password, or the folder will not
            do; then nothing is written.
    """
    refuse_folder(folder)
    every, locks = statements(outcome, lang), locks or Locks()
    locks.refuse_missing(s.person_id for s in every if s.assessed)
    job, wanted = outcome.job, lang or outcome.job.lang
    written = Papers(folder, wanted)
    calendar = _rows(job, CALENDAR, written)
    known = _known(_rows(job, MEASURES, written), job, written)
    dates = _dates(outcome, calendar, published)
    out = Folder(folder, f"talks {job.period}", job.path)
    taken: set[str] = set()
    for done, s in enumerate(every):
        progress(done / len(every))
        if not s.assessed:
            continue
        name = f"{s.period}_{for_file(s.person_id)}_{for_file(s.name)}_{word('talk_file', wanted)}"
        paper, stem = talk_paper(s, known, dates), free_name(name, taken)
        lock = {".docx": locked_office, ".pdf": locked_pdf}
        written.files[s.person_id] = [
            out.write(stem + suffix, lock[suffix](content, locks.of(s.person_id)))
            for suffix, content in paper_contents(paper, pdf=pdf)
        ]
    progress(1.0)
    cycle = [_step(row, outcome, dates.published) for row in calendar]
    name = free_name(f"{job.period}_{word('list_file', wanted)}", taken)
    content = locked_office(follow_up_book(every, known, dates, cycle, wanted), locks.everywhere)
    written.files[word("list_title", wanted)] = [out.write(f"{name}.xlsx", content)]
    written.problems += [*locks.unlocked(f"{name}.xlsx"), *outdated(outcome), *out.tidy()]
    written.removed = out.removed
    return written


def published_on(outcome: Outcome) -> dt.date:
    """The day of the data (数据截至), if it lies after the period, else the day after the period."""
    end = _period(outcome).end
    as_of = outcome.job.as_of
    return as_of if as_of is not None and as_of > end else end + dt.timedelta(days=1)


def _period(outcome: Outcome) -> Period:
    return outcome.runs[0].figures.period


def _dates(
    outcome: Outcome, calendar: Sequence[Row], published: dt.date | None
) -> Dates:
    def allowed(stage: tuple[str, str]) -> int | None:
        of_stage = [r for r in calendar if str(r.get("stage") or "").casefold() in stage]
        return days_allowed(str(r.get("day") or "") for r in of_stage)

    return Dates(published or published_on(outcome), allowed(_FEEDBACK), allowed(_USE))


def _rows(job: Job, table: Table, written: Papers) -> Sequence[Row]:
    """The rows of a sheet of the cycle; those of a new book where the book lacks the sheet.

    What stands as in a new book is in the language of the papers, what HR wrote as it was written.
    """
    raw = job.book.tables.get(table.excel_name) if job.book is not None else None
    if raw is None:
        return cycle_rows(table.key, written.lang)
    rows = rows_of(clean_table(raw, table, written.problems), table)
    return [cycle_row(row, written.lang) for row in rows]


def _known(rows: Sequence[Row], job: Job, written: Papers) -> dict[str, list[Measure]]:
    """The measures by indicator; a warning for an indicator that nobody knows."""
    names = {i.name for scheme in job.schemes for i in scheme.indicators}
    for scheme in job.schemes:
        names |= {n for m in scheme.metrics.values() for n in (m.name, m.english) if n}
    known: dict[str, list[Measure]] = {}
    for row in rows:
        name, text = row.get("indicator"), row.get("measure")
        if name is None or text is None:
            continue
        if name not in names:
            near = nearest(name, sorted(names))
            fix = f"是不是“{near}”？" if near else "用方案或指标库里的名称"
            what = f"没有指标“{name}”，这条措施用不上"
            written.problems.append(Problem(row.cell("indicator"), what, fix, "warning"))
        measure = Measure(str(text), str(row.get("who") or ""), row.get("days"))
        known.setdefault(str(name), []).append(measure)
    return known


def _step(row: Row, outcome: Outcome, published: dt.date) -> CycleStep:
    day = str(row.get("day") or "")
    return CycleStep(
        stage=str(row.get("stage") or ""), step=str(row.get("step") or ""),
        cycle=str(row.get("cycle") or ""), day=day,
        due=due_date(day, _period(outcome), published), who=str(row.get("who") or ""),
        state=str(row.get("state") or "open"), clause=str(row.get("clause") or ""),
    )  # fmt: skip
