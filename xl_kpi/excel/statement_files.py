"""``xl-kpi statements``: a file for each person, and the payslips to cut apart for HR."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.handed_out import Folder, refuse_folder
from xl_kpi.excel.layout import RESULT_PEOPLE, scheme_table_name
from xl_kpi.excel.load import Job
from xl_kpi.excel.locking import Locks, locked_office, locked_pdf
from xl_kpi.excel.machine import installed_version
from xl_kpi.excel.results import same_content
from xl_kpi.excel.run import Outcome
from xl_kpi.excel.statement_book import payslips_book, statement_book
from xl_kpi.scheme_tables import METRICS, SCHEME_TABLES
from xl_kpi.statements import Fingerprint, Statement, fingerprint, statements_of
from xl_kpi.tables import ACCOUNTS, BY_KEY, CLOSING_TABLES, IMPORTS

_SLIPS = ("全员工资条（人力资源部留存）", "All payslips (HR only)")
_NO_FIGURES = (ACCOUNTS, IMPORTS, *CLOSING_TABLES)  # read, but nothing is calculated from them
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST = 60  # characters of a name in a file name

Progress = Callable[[float], None]


@dataclass(slots=True)
class Written:
    """The files of a run: each person's by staff id, and the payslips of everybody.

    ``removed`` are files of an earlier run that this one did not write; ``problems`` name those
    that stayed.
    """

    folder: Path
    code: Fingerprint
    files: dict[str, list[Path]] = field(default_factory=dict)
    slips: Path | None = None
    removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many files of persons there are."""
        return sum(map(len, self.files.values()))


def code_of(job: Job) -> Fingerprint:
    """The code of a book: of inputs, schemes and version; of a closed month the one it was paid with."""
    if job.code is not None:
        return Fingerprint(*job.code.split("-", 2))
    tables = job.book.tables if job.book is not None else {}
    own = {scheme_table_name(s.id, table) for s in job.schemes for table in SCHEME_TABLES}
    own.add(METRICS.excel_name)
    read = job.tables.keys() - {table.key for table in _NO_FIGURES}
    entered = {BY_KEY[key].excel_name for key in read}
    return fingerprint(
        {name: t for name, t in tables.items() if name in entered},
        {name: t for name, t in tables.items() if name in own},
        [job.period, str(job.as_of or ""), *(scheme.id for scheme in job.schemes)],
        installed_version("xl-kpi") or "—",
    )


def statements(outcome: Outcome, lang: str | None = None) -> list[Statement]:
    """The statements of everybody who was calculated.

    Args:
        outcome: Of a check or a run.
        lang: ``zh`` or ``en``; None = the language of the book.

    Raises:
        InputError: an error stands in the way.
    """
    if not outcome.runs or outcome.count("error"):
        raise InputError(outcome.problems)
    code, wanted, owed = code_of(outcome.job), lang or outcome.job.lang, outcome.closed.true_ups
    return [s for results in outcome.runs for s in statements_of(results, wanted, code, owed)]


def outdated(outcome: Outcome) -> list[Problem]:
    """A warning where 个人结果 is not what the statements say: the book has to be run again."""
    book = outcome.job.book
    table = book.tables.get(RESULT_PEOPLE) if book is not None else None
    new = next((u for u in outcome.updates if u.table == RESULT_PEOPLE), None)
    if table is None or new is None or same_content(new, table):
        return []
    what = "结果表不是用现在的数据算出的，写出的数字会与它不同"
    return [Problem(table.sheet, what, "先用 xl-kpi run 或“重新计算”更新结果表", "warning")]


def write_statements(
    outcome: Outcome, folder: Path, lang: str | None = None, *, pdf: bool = False,
    locks: Locks | None = None, progress: Progress = lambda _: None,
) -> Written:  # fmt: skip
    """Write everybody's statement as a workbook, if wanted as PDF, and all payslips in one book.

    Args:
        outcome: Of a check or a run.
        folder: Where to; it is made if need be, files of the same name are replaced, and what an
            earlier run wrote of this month and this one does not is removed.
        lang: ``zh`` or ``en``; None = the language of the book.
        pdf: Whether PDFs are written, too.
        locks: The passwords of the files; None = no file has one.
        progress: Told the share that is done.

    Raises:
        InputError: an error stands in the way, somebody has no password, or the folder will not
            do; then nothing is written.
    """
    refuse_folder(folder)
    every, locks = statements(outcome, lang), locks or Locks()
    locks.refuse_missing(s.person_id for s in every)
    out = Folder(folder, f"statements {outcome.job.period}", outcome.job.path)
    written = Written(folder, code_of(outcome.job))
    taken: set[str] = set()
    for done, s in enumerate(every):
        progress(done / len(every))
        stem = free_name(f"{s.period}_{for_file(s.person_id)}_{for_file(s.name)}", taken)
        mine = written.files.setdefault(s.person_id, [])
        for suffix, content in _contents(s, pdf=pdf, password=locks.of(s.person_id)):
            mine.append(out.write(f"{stem}{suffix}", content))
    progress(1.0)
    if every:
        name = free_name(f"{every[0].period}_{_SLIPS[every[0].lang == 'en']}", taken)
        content = locked_office(payslips_book(every), locks.everywhere)
        written.slips = out.write(f"{name}.xlsx", content)
        written.problems += locks.unlocked(written.slips.name)
    written.problems += out.tidy()
    written.removed = out.removed
    return written


def _contents(
    statement: Statement, *, pdf: bool, password: str | None
) -> Iterator[tuple[str, bytes]]:
    yield ".xlsx", locked_office(statement_book(statement), password)
    if pdf:
        from xl_kpi.excel.statement_pdf import statement_pdf  # takes a while to load

        yield ".pdf", locked_pdf(statement_pdf(statement), password)


def for_file(text: str) -> str:
    """A text that every system takes in a file name."""
    short = " ".join(_NOT_IN_NAMES.sub(" ", text).split())[:_LONGEST]
    return short.rstrip(". ") or "_"


def free_name(stem: str, taken: set[str]) -> str:
    """A name that no other file of this run has, whatever its capitals."""
    name, number = stem, 2
    while name.casefold() in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name.casefold())
    return name

