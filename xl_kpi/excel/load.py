"""A book becomes what ``evaluate`` takes: checked tables, the scheme in force, the period."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from xl_kpi.cells import Fault, parse
from xl_kpi.checks import PersonIndex, clean_table
from xl_kpi.errors import InputError, Problem, Severity, nearest
from xl_kpi.excel.layout import SETTING_ROWS
from xl_kpi.excel.log_sheets import counts_of_sheets, is_log, settings_of
from xl_kpi.excel.reader import RawBook, read_book
from xl_kpi.lint import dated_problems, lint
from xl_kpi.period import parse_period
from xl_kpi.scheme import Row, Rows, Scheme
from xl_kpi.scheme_frames import period_end, rows_of, start_day
from xl_kpi.scheme_rows import make_scheme, own_counts
from xl_kpi.scheme_tables import HEAD, METRICS, SCHEME_TABLES
from xl_kpi.sources.logs import session_counts
from xl_kpi.tables import (
    ACCOUNTS,
    BENCHMARKS,
    BY_KEY,
    CLOSING_TABLES,
    COUNTS,
    DEFINITION,
    IMPORTS,
    INPUTS,
    ROSTER,
    SESSIONS,
    CellError,
    Column,
    RawTable,
    Table,
    column_letter,
    counts_with,
)

_DAY = Column(key="as_of", zh="数据截至", en="Data as of", kind="date")
_OF_IMPORTS = (ACCOUNTS, BENCHMARKS, DEFINITION, IMPORTS)  # what a run looks at of the tables that imports fill

@dataclass(slots=True)
class Job:
    """What a book asks to be calculated, and everything to say about it so far."""

    path: Path
    lang: str = "zh"
    period: str = ""
    as_of: dt.date | None = None
    data_from: str | None = None  # the first month whose rows stand in the tables, not the archive
    schemes: tuple[Scheme, ...] = ()
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)  # of the schemes, and ``metrics``
    problems: list[Problem] = field(default_factory=list)
    book: RawBook | None = None  # what was read, the result tables among it
    code: str | None = None  # of the statements of a closed month

    @property
    def scheme(self) -> Scheme | None:
        """The scheme, or the first of several."""
        return self.schemes[0] if self.schemes else None

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way of calculating."""
        return bool(self.schemes) and not any(p.severity == "error" for p in self.problems)


def load_book(path: Path, scheme_id: str | None = None) -> Job:
    """Read the file of a book and load it (see ``load_raw``).

    Raises:
        InputError: the file is no workbook that can be read.
    """
    return load_raw(read_book(path), scheme_id, path)


def load_raw(book: RawBook, scheme_id: str | None = None, path: Path | None = None) -> Job:
    """Tables, settings and scheme of a book that was read; every problem at once.

    Args:
        book: What stands in the book, from a file or from Excel.
        scheme_id: Scheme (or several, separated by commas, or ``all``) to use instead of those on
            the first sheet.
        path: The file; None if the book's own path will do.
    """
    job = Job(path or book.path, problems=list(book.problems), book=book)
    chosen = _settings(book, job)
    job.frames[METRICS.key] = _clean(book, METRICS, METRICS.excel_name, job)
    metrics = rows_of(job.frames[METRICS.key], METRICS)
    _input_tables(book, job, metrics)
    job.schemes = _schemes(book, job, scheme_id or chosen, metrics)
    for scheme in job.schemes:
        job.problems += lint(scheme)
    return job


def _clean(book: RawBook, table: Table, name: str, job: Job, **people: PersonIndex) -> pd.DataFrame:
    raw = book.tables.get(name)
    if raw is not None:
        frame = clean_table(raw, table, job.problems, **people)
        job.problems += _absent_columns(raw, table, frame)
        return frame
    if table.required:
        near = nearest(name, book.tables)
        hint = f"是不是把“{near}”改了名？" if near else ""
        job.problems.append(
            Problem(
                book.path.name, f"缺少表“{table.zh}”（Excel 表名 {name}）",
                f"{hint}从新模板复制“{table.zh}”表，或在“表设计”里把表名改回 {name}",
            )
        )  # fmt: skip
    return empty_frame(table)


def _absent_columns(raw: RawTable, table: Table, frame: pd.DataFrame) -> list[Problem]:
    """Columns of the template that the table has no more: renamed, or not needed."""
    there = frame.attrs.get("columns", {})
    absent = [c.zh for c in table.columns if c.key not in there and not c.required]
    if not absent:
        return []
    names = "、".join(f"“{name}”" for name in absent)
    severity: Severity = "note" if table.key in BY_KEY else "warning"
    where = f"{raw.sheet}!{column_letter(raw.first_column)}{raw.header_row}"
    fix = "改过列名就改回来；用不到就不必处理"
    return [Problem(where, f"没有{names}这样的列，按全部空白处理", fix, severity)]


def empty_frame(table: Table) -> pd.DataFrame:
    """A table without rows, its columns typed."""
    kinds = {"number": "float64", "flag": "float64"}
    kinds |= dict.fromkeys(("date", "moment"), "datetime64[ns]")
    return pd.DataFrame(
        {c.key: pd.Series(dtype=kinds.get(c.kind, "object")) for c in table.columns}
    )


# --- settings ------------------------------------------------------------------------------


def _settings(book: RawBook, job: Job) -> str | None:
    raw = book.tables.get("kpi_settings")
    if raw is None or len(raw.header) < 2:
        job.problems.append(
            Problem(book.path.name, "缺少首页的设置表（Excel 表名 kpi_settings）", "从新模板另存一份")
        )
        return None
    job.lang = "en" if raw.header[0].isascii() else "zh"
    labels = {word: key for key, words in SETTING_ROWS.items() for word in (key, *words)}
    found: dict[str, tuple[object, str]] = {}
    for row, name in enumerate(raw.columns[0]):
        key = labels.get(str(name).strip()) if name is not None else None
        if key:
            found[key] = (raw.columns[1][row], raw.where(row, 1))
    value, where = found.get("period", (None, raw.sheet))
    period = parse_period(value) if value is not None else None
    if period is None:
        shown = "空白" if value is None else f"“{_shown(value)}”"
        job.problems.append(Problem(where, f"期间是{shown}", "填写要计算的月份，如 2026-10"))
    job.period = period or ""
    as_of, where = found.get("as_of", (None, raw.sheet))
    day = parse(as_of, _DAY)
    if isinstance(day, Fault):
        job.problems.append(Problem(where, day.what, "填写取数的日期，或留空"))
    elif isinstance(day, dt.date):
        job.as_of = day
    first, where = found.get("data_from", (None, raw.sheet))
    job.data_from = parse_period(first) if first is not None else None
    if first is not None and job.data_from is None:
        what, fix = f"数据起始是“{_shown(first)}”", "填写月份，如 2026-10，或留空"
        job.problems.append(Problem(where, what, fix))
    scheme = found.get("scheme", (None, ""))[0]
    return _shown(scheme) if scheme is not None else None


def _shown(value: object) -> str:
    return value.text if isinstance(value, CellError) else str(value)


# --- input tables --------------------------------------------------------------------------


def _input_tables(book: RawBook, job: Job, metrics: Sequence[Row]) -> None:
    counted = counts_with(own_counts(metrics))
    roster = _clean(book, ROSTER, ROSTER.excel_name, job)
    people = PersonIndex(roster)
    job.tables["roster"] = roster
    for table in (counted if table is COUNTS else table for table in (*INPUTS, *_OF_IMPORTS, *CLOSING_TABLES)):
        if table is not ROSTER:
            job.tables[table.key] = _clean(book, table, table.excel_name, job, people=people)
    sessions, orders = job.tables["sessions"], job.tables["orders"]
    if len(sessions) or len(orders):
        if len(orders) or is_log(sessions):
            try:
                definition = settings_of(job.tables["definition"]).definition
            except InputError as error:
                job.problems += error.problems
                return
            counts, told = counts_of_sheets(
                sessions, orders, list(people.ids), job.as_of, definition
            )
            job.problems += told
        else:
            counts = session_counts(sessions[sessions["person_id"].notna()])
        job.problems += _counted_twice(job.tables["counts"], counts)
        attributes = dict(job.tables["counts"].attrs)
        merged = pd.concat([job.tables["counts"], counts]) if len(job.tables["counts"]) else counts
        missing = [c.key for c in counted.columns if c.key not in merged]
        job.tables["counts"] = merged.assign(**dict.fromkeys(missing, np.nan))
        job.tables["counts"].attrs.update(attributes)


def _counted_twice(counts: pd.DataFrame, sessions: pd.DataFrame) -> list[Problem]:
    """Counts typed for somebody whose sessions of the same month are in the book too."""

    def months(frame: pd.DataFrame, key: str) -> set[tuple[str, str]]:
        given = frame[frame[key].notna()]
        return set(zip(given["person_id"], given["date"].dt.strftime("%Y-%m"), strict=True))

    found = []
    for column in COUNTS.columns:
        if column.unit and column.key in sessions and column.key in counts:
            both = sorted(months(counts, column.key) & months(sessions, column.key))
            if both:
                person, month = both[0]
                found.append(
                    Problem(
                        f"{COUNTS.zh}、{SESSIONS.zh}",
                        f"“{column.zh}”在两张表里都有（{person} {month} 等 {len(both)} 处），会算两次",
                        f"清空指标数据里的“{column.zh}”，或删去会话",
                    )
                )
    return found


# --- scheme --------------------------------------------------------------------------------


def scheme_ids(book: RawBook) -> list[str]:
    """The schemes that a book holds."""
    return sorted(name[: -len("_head")] for name in book.tables if name.endswith("_head"))


ALL = ("全部", "all")


def _schemes(
    book: RawBook, job: Job, chosen: str | None, metrics: Sequence[Row]
) -> tuple[Scheme, ...]:
    """The schemes that are chosen, as far as they can be read; of several, those in force."""
    known = scheme_ids(book)
    everything = (chosen or "").strip().casefold() in ALL
    words = known if everything else _listed(chosen or "", known)
    several = len(words) > 1
    made = []
    for scheme_id in words or [""]:
        if scheme_id not in known:
            near = nearest(scheme_id, known)
            has = "、".join(known) or "没有方案表"
            job.problems.append(
                Problem(
                    "首页", f"没有方案“{scheme_id or '空白'}”，本工作簿有：{has}",
                    f"是不是 {near}？" if near else "在首页选择一个方案",
                )
            )  # fmt: skip
            continue
        scheme = _scheme(book, job, scheme_id, metrics)
        if scheme is None:
            continue
        end = scheme.period(job.period).end if job.period else None
        if end is None or scheme.in_force(end):
            made.append(scheme)
        elif not several:
            job.problems.append(
                Problem(
                    scheme.place, f"{job.period} 不在方案 {scheme.id} 的生效日期内",
                    "改方案的生效、失效日期，或在首页选别的方案",
                )
            )  # fmt: skip
    return tuple(made)


def book_period(book: RawBook) -> str:
    """The month on the first sheet.

    Raises:
        InputError: it names none.
    """
    job = Job(book.path)
    _settings(book, job)
    if not job.period:
        raise InputError(job.problems)
    return job.period


def start_days(book: RawBook) -> dict[str, int]:
    """The day on which the months of each scheme on the first sheet start."""
    job, known = Job(book.path), scheme_ids(book)
    chosen = _settings(book, job) or ""
    words = known if chosen.strip().casefold() in ALL else _listed(chosen, known)
    heads = {one: _clean(book, HEAD, f"{one}_head", job) for one in words if one in known}
    return {one: start_day(rows_of(head, HEAD)) for one, head in heads.items()}


def _listed(chosen: str, known: Sequence[str]) -> list[str]:
    """The schemes in a list such as ``S01、S06``, each perhaps followed by its name."""
    parts = [part.strip() for part in re.split("[,，、;；+]", chosen) if part.strip()]
    words = [part if part in known else part.split()[0].upper() for part in parts]
    return list(dict.fromkeys(words))


def _scheme(
    book: RawBook, job: Job, scheme_id: str, metrics: Sequence[Row]
) -> Scheme | None:
    rows = scheme_rows_of(book, job, scheme_id)
    on = None
    if job.period:
        on = period_end(rows["head"], job.period)
        job.problems += dated_problems(rows, on)
    try:
        return make_scheme(rows, metrics, on)
    except InputError as error:
        job.problems += error.problems
        return None


def scheme_rows_of(book: RawBook, job: Job, scheme_id: str) -> Rows:
    """The rows of a scheme of the book; its tables and what is wrong with them go to the job."""
    rows: dict[str, Sequence[Row]] = {}
    for table in SCHEME_TABLES:
        name = f"{scheme_id}_{table.key}"
        job.frames[name] = _clean(book, table, name, job)
        rows[table.key] = rows_of(job.frames[name], table)
    return rows
