"""Platform exports into a book's tables: everything or nothing, with every doubt listed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from xml.parsers.expat import ExpatError

import pandas as pd

from xl_kpi.checks import PersonIndex, clean_table
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.book_tables import BookTable
from xl_kpi.excel.import_logs import left_out_file, read_log, split
from xl_kpi.excel.import_outcome import (
    Imported,
    ImportOutcome,
    tell_differences,
    tell_made,
    tell_misfits,
    tell_several_systems,
    tell_unknown,
)
from xl_kpi.excel.import_rows import (
    add_accounts,
    fill_counts,
    fill_pay,
    fill_shops,
    read_stored,
    write_benchmarks,
    write_differences,
    write_log,
    write_stored,
)
from xl_kpi.excel.load import book_period, empty_frame, start_days
from xl_kpi.excel.log_sheets import settings_of
from xl_kpi.excel.package import open_package
from xl_kpi.excel.patch import TableUpdate, patch_book
from xl_kpi.excel.reader import RawBook, find_faults, read_book
from xl_kpi.excel.replace_file import writing
from xl_kpi.period import Period, parse_period
from xl_kpi.scheme_rows import preset_counts
from xl_kpi.sources.export_cells import Days
from xl_kpi.sources.export_figures import SheetReading
from xl_kpi.sources.export_profiles import Found, export_profiles, recognise
from xl_kpi.sources.export_rows import read_sheet
from xl_kpi.sources.export_sheets import ExportFile, read_export
from xl_kpi.sources.identity import Accounts
from xl_kpi.sources.merging import (
    ESTIMATED,
    LABELS,
    Import,
    Stored,
    accounts_of_several_systems,
    merge,
    person_sums,
    shop_sums,
)
from xl_kpi.sources.old_workbooks import mark_old_errors
from xl_kpi.tables import (
    ACCOUNTS,
    BENCHMARKS,
    DEFINITION,
    DIFFERENCES,
    IMPORTS,
    PLATFORM,
    ROSTER,
    SHOPS,
)

# Counts that depend on how a platform attributes orders; only they make rule and window matter.
_ATTRIBUTED = {
    "sales", "paid_amount", "paying_customers", "orders", "converted_customers", "inquiring_customers",
    "ordering_customers", "placed_amount", "refunded_amount", "service_sales",
    "shop_converted_customers", "shop_inquiring_customers",
}  # fmt: skip
_NAMED = 5
Progress: TypeAlias = Callable[[float], None]


@dataclass(slots=True)
class _Read:
    file: ExportFile
    reading: SheetReading
    source: str
    filters: str


def import_files(
    book: Path,
    files: Sequence[Path],
    profile: str | None = None,
    period: str | None = None,
    *,
    estimate: bool = False,
    backup: bool = True,
    progress: Progress = lambda _: None,
) -> ImportOutcome:
    """Read exports and fill the book's tables from them; all of it or, if anything is wrong, none.

    Args:
        book: The workbook; it is changed in place.
        files: The exports, in the order in which they were made: of the same kind the later wins.
        profile: Key or label of the profile to read them with; recognised if not given.
        period: A month such as ``2026-10``, from the day on which the months of the book's scheme
            start: rows of other days are left out, and files without a date are of this month.
        estimate: Whether mean response times times receptions may stand in for the seconds, marked
            as an estimate in the import log.
        backup: Whether to keep the book as it was.
        progress: Told the share of raw logs that is done.

    Raises:
        InputError: a file or the book cannot be used; every reason at once.
    """
    with writing(book):
        outcome, updates = plan_import(
            book, files, profile, period, estimate=estimate, progress=progress
        )
        if updates:
            outcome.backup = patch_book(book, book, updates, backup=backup, seen=outcome.seen)
            outcome.changed = True
        _list_left_out(outcome)
    return outcome


def _list_left_out(outcome: ImportOutcome) -> None:
    """Only after the book: no list tells of an import that was not made."""
    for file, left_out in list(outcome.left_out.items()):
        try:
            left_out.write(file, outcome.book)
        except InputError as error:
            del outcome.left_out[file]
            fix = "工作簿已经导入；关闭这个文件或换好位置，再导入一次，就会列出未计入的行"
            outcome.problems += [Problem(p.where, p.what, fix, "warning") for p in error.problems]


def plan_import(
    book: Path,
    files: Sequence[Path],
    profile: str | None = None,
    period: str | None = None,
    *,
    estimate: bool = False,
    progress: Progress = lambda _: None,
) -> tuple[ImportOutcome, list[TableUpdate]]:
    """What an import would tell and write (see ``import_files``); nothing is written.

    Raises:
        InputError: a file or the book cannot be used; every reason at once.
    """
    outcome = ImportOutcome(book)
    raw = read_book(book)
    outcome.seen = raw.digest
    start_day = _start_day(start_days(raw), period)
    days = _period_days(period, start_day)
    problems: list[Problem] = []
    with open_package(book) as package:
        roster = BookTable(raw, package, ROSTER, problems)
        people = PersonIndex(roster.frame)
        tables = {
            table.key: BookTable(raw, package, table, problems, people)
            for table in (preset_counts(), SHOPS, ACCOUNTS)
        }
        tables |= {
            table.key: BookTable(raw, package, table, problems)
            for table in (PLATFORM, BENCHMARKS, IMPORTS, DIFFERENCES)
        }
        tables[ROSTER.key] = roster
        problems += [
            table.missing() for table in tables.values() if not table.is_there
        ]
        _refuse_errors(problems)
        shops = [s for s in dict.fromkeys(roster.frame["shop"]) if isinstance(s, str)]
        exports, logs = split(files)
        reads = _read_files(exports, profile, days, shops, outcome, estimate)
        if logs:
            month = Period(period or book_period(raw), start_day)
            reads += _read_logs(raw, logs, month, tables, outcome, progress)
        _refuse_errors(outcome.problems)
        _apply(tables, reads, outcome, start_day)
        updates = [update for table in tables.values() if (update := table.update()) is not None]
        _refuse_errors(problems)
        _refuse_errors(outcome.problems)
    outcome.problems = _ordered(outcome.problems)
    return outcome, updates


def _refuse_errors(problems: Sequence[Problem]) -> None:
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise InputError(dict.fromkeys([*errors, *problems]))


def _ordered(problems: Sequence[Problem]) -> list[Problem]:
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(dict.fromkeys(problems), key=lambda p: rank[p.severity])


def _start_day(by_scheme: Mapping[str, int], period: str | None) -> int:
    """The day on which the months of the book's schemes start; they must agree on a month's days."""
    days = set(by_scheme.values())
    if len(days) > 1 and period is not None:
        told = "、".join(f"{scheme} 从 {day} 日" for scheme, day in by_scheme.items())
        what = f"首页选的几个方案月起始日不同（{told}），{period} 从哪天到哪天说不清"
        raise InputError([Problem("--period", what, "不写 --period，只导入日期齐全的文件；或在首页先只选一个方案")])
    return days.pop() if len(days) == 1 else 1


def _period_days(period: str | None, start_day: int) -> Days | None:
    if period is None:
        return None
    name = parse_period(period)
    if name is None:
        raise InputError([Problem("--period", f"“{period}”不是月份", "写成 2026-10")])
    return Period(name, start_day).start, Period(name, start_day).end


# --- reading -------------------------------------------------------------------------------


def _read_files(
    files: Sequence[Path], profile: str | None, days: Days | None, shops: Sequence[str],
    outcome: ImportOutcome, estimate: bool,
) -> list[_Read]:  # fmt: skip
    reads: list[_Read] = []
    seen: set[str] = set()
    for path in files:
        try:
            file = read_marked(path, outcome)
        except InputError as error:
            outcome.problems += error.problems
            continue
        if file.sha256 in seen:
            outcome.problems.append(
                Problem(path.name, "和前面的文件一模一样，只读一次", "不用处理", "note")
            )
            continue
        seen.add(file.sha256)
        for number, found in enumerate(_recognised(file, profile, outcome), 1):
            reading = read_sheet(found, period=days, shops=shops)
            outcome.problems += reading.problems
            source = f"{file.sha256[:8]}-{number}"
            estimated = estimate and found.profile.table == "counts" and any(
                check.unit == "s" for check in found.profile.checks
            )
            filters = "、".join(filter(None, [reading.filters, ESTIMATED if estimated else ""]))
            reads.append(_Read(file, reading, source, filters))
    return reads


def _read_logs(
    raw: RawBook, logs: Sequence[Path], period: Period, tables: Mapping[str, BookTable],
    outcome: ImportOutcome, progress: Progress,
) -> list[_Read]:  # fmt: skip
    """Raw logs, counted by the sheet 口径 for the period (the book's own if none was asked for)."""
    problems: list[Problem] = []
    sheet = raw.tables.get(DEFINITION.excel_name)
    frame = empty_frame(DEFINITION) if sheet is None else clean_table(sheet, DEFINITION, problems)
    reads: list[_Read] = []
    _refuse_errors(problems)
    settings = settings_of(frame)
    accounts = Accounts(tables["accounts"].frame, tables["roster"].frame)
    for path in logs:
        try:
            file, reading, left_out = read_log(path, settings, period, accounts, progress)
        except InputError as error:
            outcome.problems += error.problems
            continue
        outcome.problems += reading.problems
        outcome.left_out[left_out_file(outcome.book, period.name)] = left_out
        source = f"{file.sha256[:8]}-{period.name}"
        reads.append(_Read(file, reading, source, reading.filters))
    return reads


def read_marked(path: Path, outcome: ImportOutcome) -> ExportFile:
    """The cells of an export, those that hold no value marked (see ``read_export``)."""
    file = read_export(path)
    _mark_faults(file, outcome)
    return file


def _mark_faults(file: ExportFile, outcome: ImportOutcome) -> None:
    """Cells that hold an error or a formula without a value say so, not blank."""
    if file.path.suffix.lower() == ".xls":
        mark_old_errors(file)
        return
    if file.path.suffix.lower() not in (".xlsx", ".xlsm"):
        return
    try:
        with open_package(file.path) as package:
            for grid in file.grids:
                faults = find_faults(package.read(package.sheets[grid.sheet]))
                for (row, column), fault in faults.items():
                    if row <= len(grid.rows) and column <= len(grid.rows[row - 1]):
                        grid.rows[row - 1][column - 1] = fault.text
    except (InputError, KeyError, ExpatError):
        what = "文件的内部写法少见，看不出公式算过没有"
        fix = "有公式的话，用 Excel 打开、另存一份再导入"
        outcome.problems.append(Problem(file.path.name, what, fix, "warning"))


def _recognised(file: ExportFile, profile: str | None, outcome: ImportOutcome) -> list[Found]:
    """The sheets of a file that are exports; others beside them are told."""
    found: list[Found] = []
    refused: list[Problem] = []
    for grid in file.grids:
        try:
            found.append(recognise(grid, profile))
        except InputError as error:
            refused += error.problems
    if not found:
        outcome.problems += refused
    else:
        outcome.problems += [Problem(p.where, f"这张工作表没有导入：{p.what}", p.fix, "warning") for p in refused]
    return found


# --- putting it into the tables ----------------------------------------------------------------


def _apply(
    tables: dict[str, BookTable], reads: Sequence[_Read], outcome: ImportOutcome, start_day: int
) -> None:
    roster = tables["roster"].frame
    accounts = Accounts(tables["accounts"].frame, roster)
    old = read_stored(tables["platform"].frame)
    log = _log(tables["imports"].frame)
    known = {**_forgotten(old, log), **log}
    before = merge(old, known).taken
    was, _ = person_sums(before, lambda row: row.person or None, known)
    new: list[Stored] = []
    sources = {read.source for read in reads}
    for read in reads:
        profile = read.reading.found.profile
        log[read.source] = Import(
            source=read.source, file=read.file.path.name, profile=profile.key,
            rule=read.reading.rule, filters=read.filters, system=profile.system,
            attendance=profile.attendance,
        )  # fmt: skip
        new += _owned(read, accounts, tables["accounts"], outcome, log)
        if profile.table == "roster":
            outcome.cells += fill_pay(tables["roster"], read.reading, accounts, outcome.problems)
        outcome.imported.append(_imported(read, new, again=read.source in known))
    kept = [row for row in old if row.source not in sources and row.source in log]
    stored = [*kept, *new]
    merged = merge(stored, log)
    tell_misfits(merged, sources, outcome)
    tell_made(merged, outcome)
    owners = _Owners(accounts)
    now, days = person_sums(merged.taken, owners, log)
    outcome.differences = [*merged.differences, *days]
    tell_several_systems(accounts_of_several_systems(merged.taken, owners, log), accounts, outcome)
    outcome.cells += fill_counts(tables["counts"], was, now, outcome.differences)
    was, now = shop_sums(before), shop_sums(merged.taken)
    outcome.cells += fill_shops(tables["shops"], was, now, outcome.differences)
    write_stored(tables["platform"], [owners.stamped(row) for row in stored])
    write_benchmarks(tables["benchmarks"], [(r.source, r.reading) for r in reads], start_day)
    write_log(tables["imports"], outcome.imported)
    write_differences(tables["differences"], outcome.differences)
    tell_differences(outcome)


class _Owners:
    """Whose a stored row is now, by its account."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._known: dict[tuple[str, str, dt.date, dt.date], str | None] = {}

    def __call__(self, row: Stored) -> str | None:
        if not row.account:
            return None
        key = (row.account, row.platform, row.start, row.end)
        if key not in self._known:
            owner = self._accounts.owner((row.account,), row.platform, (row.start, row.end))
            # Matched by another name in its file, such as the person's own.
            person = row.person if row.person in self._accounts.roster else None
            self._known[key] = owner.person or (None if owner.why or not owner.staff else person)
        return self._known[key]

    def stamped(self, row: Stored) -> Stored:
        """The row with its owner."""
        return Stored(
            start=row.start, end=row.end, platform=row.platform, shop=row.shop,
            account=row.account, person=self(row) or "", item=row.item, value=row.value,
            decimals=row.decimals, source=row.source,
        )  # fmt: skip


def _log(frame: pd.DataFrame) -> dict[str, Import]:
    """The import log as it stands in the book, the earliest first."""
    known = export_profiles()
    found = {}
    for row in frame.to_dict("records"):
        source, profile = str(row["source"]), str(row["profile"])
        found[source] = Import(
            source=source, file=str(row["file"]), profile=profile, rule=_text(row["rule"]),
            filters=_text(row["filters"]), system=_text(row["system"]),
            attendance=profile in known and known[profile].attendance,
        )  # fmt: skip
    return found


def _forgotten(old: Sequence[Stored], log: dict[str, Import]) -> dict[str, Import]:
    """Imports whose row HR has deleted from the log: their figures go too."""
    sources = dict.fromkeys(row.source for row in old if row.source not in log)
    return {s: Import(source=s, file=s, profile="", rule="", filters="") for s in sources}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _owned(
    read: _Read, accounts: Accounts, table: BookTable, outcome: ImportOutcome,
    log: dict[str, Import],
) -> list[Stored]:  # fmt: skip
    """The figures as rows of 平台数据; accounts that are nobody's are told with what they did."""
    reading, profile = read.reading, read.reading.found.profile
    if profile.table == "roster":
        return []
    rows: list[Stored] = []
    unknown: dict[str, tuple[str, Counter[str]]] = {}
    not_staff: set[str] = set()
    for figure in reading.figures:
        names = (figure.account, *reading.aliases.get(figure.account, ()))
        person: str | None = None
        if figure.account:
            owner = accounts.owner(names, profile.platform, (figure.start, figure.end))
            if not owner.staff:
                not_staff.add(figure.account)
                continue
            person = owner.person
            if person is None:
                if figure.account in reading.idle and not owner.why:
                    unknown.setdefault(figure.account, ("", Counter()))
                    continue
                _, total = unknown.setdefault(figure.account, (owner.why, Counter()))
                if figure.item in LABELS:
                    total[figure.item] += figure.value  # type: ignore[assignment]
        rows.append(
            Stored(
                start=figure.start, end=figure.end, platform=profile.platform, shop=figure.shop,
                account=figure.account, person=person or "", item=figure.item,
                value=figure.value, decimals=figure.decimals, source=read.source,
            )
        )  # fmt: skip
    where = reading.found.grid.where
    tell_unknown(where, read.reading, unknown, accounts, outcome)
    if not_staff:
        what = f"不计入任何人的账号：{'、'.join(sorted(not_staff))}"
        outcome.problems.append(Problem(where, what, "不用处理；账号表的岗位写了 不计", "note"))
    busy = [a for a, (why, _) in unknown.items() if not why and a not in reading.idle]
    add_accounts(table, [a for a in busy if not accounts.listed(a, profile.platform)], profile.platform)
    return rows


def _imported(read: _Read, new: Sequence[Stored], *, again: bool) -> Imported:
    reading, profile = read.reading, read.reading.found.profile
    assert reading.days is not None
    mine = [row for row in new if row.source == read.source]
    keys = {f.item for f in reading.figures}
    items = [label for key, label in LABELS.items() if key in keys]
    items += sorted(key for key in keys if key not in LABELS)
    people = {row.person for row in mine if row.person}
    rule = reading.rule
    matters = bool(keys & _ATTRIBUTED)
    return Imported(
        source=read.source, file=read.file.path.name, sheet=reading.found.grid.sheet,
        sha256=read.file.sha256, profile=profile.key, label=profile.label,
        platform=profile.platform, system=profile.system, rule=rule, filters=read.filters,
        days=reading.days, exported=read.file.exported, rows=reading.rows,
        people=len(people), items=tuple(items),
        fingerprint=fingerprint(
            profile.platform, profile.system, rule if matters else "", read.filters
        ),
        attendance=profile.attendance, again=again,
    )  # fmt: skip


def fingerprint(platform: str, system: str, rule: str, filters: str) -> str:
    """The definition in words and, behind them, its hash: equal if and only if they are."""
    words = "·".join(filter(None, [platform, system, rule, filters]))
    digest = hashlib.sha256("|".join([platform, system, rule, filters]).encode()).hexdigest()
    return f"{words} #{digest[:8]}"
