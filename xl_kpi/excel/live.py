"""A check or a run in the book that is open in Excel.

Everything is read, calculated and judged before the first write; then all of it is written, or
nothing.  With errors only 检查 and the lines on the first sheet change: the light turns red, so that
nobody takes the results of before for new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import xlwings as xw

from xl_kpi.errors import InputError
from xl_kpi.excel.area import Area
from xl_kpi.excel.layout import LIGHTS, STATUS, STATUS_ROWS
from xl_kpi.excel.live_book import LiveBook, LiveTable, read_live
from xl_kpi.excel.live_cells import Typed, snapshot
from xl_kpi.excel.live_host import quiet, unfiltered, unprotected
from xl_kpi.excel.live_sheets import SheetsPlan, dress_sheets, own_tabs, plan_sheets
from xl_kpi.excel.live_steps import perform
from xl_kpi.excel.live_tables import TablesPlan, dress_charts, dress_tables, plan_tables
from xl_kpi.excel.own_page import Page
from xl_kpi.excel.patch import TableUpdate
from xl_kpi.excel.results import checks_table, same_content
from xl_kpi.excel.run import Outcome, changes, check_raw

_CHECKS = "kpi_checks"
_STALE = {
    "errors": ("红：有错误，结果没有更新", "red: errors, results not updated"),
    "changed": ("黄：已检查，还没有重新计算", "amber: checked, not calculated again"),
}
_PROGRESS = {
    "read": ("KPI：读取数据…", "KPI: reading…"),
    "calculate": ("KPI：检查并计算…", "KPI: checking and calculating…"),
    "write": ("KPI：写入结果…", "KPI: writing the results…"),
    "dress": ("KPI：整理格式…", "KPI: formatting…"),
}


def read_open(book: xw.Book) -> LiveBook:
    """Read the open book and say so in the status bar.

    Raises:
        InputError: cells stand so far out that they cannot be read.
    """
    _say(book, "read", language(book))
    return read_live(book)


def calculate_open(live: LiveBook) -> Outcome:
    """Calculate a book that was read and say so in the status bar; nothing is written."""
    _say(live.book, "calculate", language(live.book))
    return check_raw(live.raw)


def check_live(book: xw.Book) -> Outcome:
    """Check the open book: 检查 and the first sheet say what was found; results stay.

    Raises:
        InputError: these two cannot be written.
        WriteFailedError: Excel refused a write.
    """
    with quiet(book):
        live = read_open(book)
        outcome = calculate_open(live)
        _judge(live, outcome)
        _write_problems(live, outcome, is_run=False)
        return outcome


def run_live(book: xw.Book) -> Outcome:
    """Calculate the open book and write every result, or with errors only what is wrong.

    Raises:
        InputError: not even what is wrong can be written.
        WriteFailedError: Excel refused a write.
    """
    with quiet(book):
        live = read_open(book)
        outcome = calculate_open(live)
        plan = _judge(live, outcome)
        if plan is None:
            _write_problems(live, outcome, is_run=True)
        else:
            _write_all(live, outcome, plan)
            _calculate(plan, book)
        return outcome


def write_live(live: LiveBook, outcome: Outcome, more: Sequence[TableUpdate]) -> None:
    """Write the results of a book that was read, and other tables with them, all or nothing.

    Raises:
        InputError: something stands in the way; nothing was written.
        WriteFailedError: Excel refused a write.
    """
    plan = _judge(live, outcome, more)
    if plan is None:
        raise InputError([p for p in outcome.problems if p.severity == "error"])
    _write_all(live, outcome, plan)
    _calculate(plan, live.book)


def _calculate(plan: _Plan, book: xw.Book) -> None:
    """Show the verdict of 对账 also where Excel calculates only when it is told to."""
    with suppress(Exception):
        for page in plan.pages:
            book.sheets[page.tab].api.Calculate()


def language(book: xw.Book) -> str:
    """The language of a book, as its first sheet shows it; Chinese if that cannot be told."""
    try:
        for sheet in book.sheets:
            for table in sheet.tables:
                if table.name == "kpi_settings":
                    return "en" if str(table.range[0, 0].value).isascii() else "zh"
    except Exception:
        return "zh"
    return "zh"


def _say(book: xw.Book, key: str, lang: str) -> None:
    book.app.status_bar = _PROGRESS[key][lang == "en"]


# --- before the first write --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything that a run writes, ready to be written."""

    tables: TablesPlan
    sheets: SheetsPlan
    pages: Sequence[Page]

    @property
    def touched(self) -> Sequence[xw.Sheet]:
        """The sheets that are written."""
        return list({**self.tables.sheets, **self.sheets.kept}.values())


def _judge(
    live: LiveBook, outcome: Outcome, more: Sequence[TableUpdate] = ()
) -> _Plan | None:
    """What a run would write; None when something stands in the way, which is then told too."""
    if outcome.results is None or outcome.count("error"):
        return None
    new = changes(outcome)
    tables = plan_tables(live, [*new.tables, *more], new.cells, ours=own_tabs(live.book))
    pages = new.twins.pages(tables.areas)
    plan = _Plan(tables, plan_sheets(live, pages), pages)
    found = [*tables.problems, *plan.sheets.problems]
    try:
        with unprotected(plan.touched):
            pass
    except InputError as error:
        found += error.problems
    outcome.add(found)
    return None if found else plan


# --- writing -----------------------------------------------------------------------------------


def _write_all(live: LiveBook, outcome: Outcome, plan: _Plan) -> None:
    lang, book, tables, sheets = outcome.job.lang, live.book, plan.tables, plan.sheets
    _say(book, "write", lang)
    with unprotected(plan.touched), unfiltered(table for table, _ in tables.refilled):
        perform([*sheets.adding, *tables.steps, *sheets.writing, *sheets.deleting])
        _say(book, "dress", lang)
        dress_tables(tables)
        dress_charts(tables)
        dress_sheets(live, plan.pages, sheets)


def _write_problems(live: LiveBook, outcome: Outcome, *, is_run: bool) -> None:
    """检查 and the state of the first sheet; everything else stays."""
    lang = outcome.job.lang
    updates = [checks_table(outcome.problems, lang)]
    status = live.tables.get(STATUS.excel_name)
    if status is not None:
        updates.append(_state(live, status, outcome, is_run=is_run))
    tables = [live.tables[u.table] for u in updates if u.table in live.tables]
    with unprotected({t.part.sheet: t.sheet for t in tables}.values()), unfiltered(tables):
        plan = plan_tables(live, updates)
        if plan.problems:
            raise InputError([*outcome.problems, *plan.problems])
        perform(plan.steps)
        dress_tables(plan)


def _state(
    live: LiveBook, status: LiveTable, outcome: Outcome, *, is_run: bool
) -> TableUpdate:
    """The first sheet after a check, or a run that wrote nothing: what tells of results stays."""
    lang = outcome.job.lang
    position = 0 if lang == "zh" else 1
    body = status.part.body
    two = Area(body.first_row, body.first_column, body.last_row, body.first_column + 1)
    before = {str(row[0]): row[1] for row in snapshot(status.sheet, two).entries}
    values: dict[str, object] = {
        "state": _light(live, outcome, position),
        "errors": outcome.count("error"),
        "warnings": outcome.count("warning"),
        "done": checked_sentence(outcome, is_run=is_run),
    }
    rows = []
    for key, words in STATUS_ROWS.items():
        kept = next((before[w] for w in words if w in before), None)
        rows.append([words[position], values[key] if key in values else Typed(kept)])
    return TableUpdate(STATUS.excel_name, rows, [c.label(lang) for c in STATUS.columns])


def _light(live: LiveBook, outcome: Outcome, position: int) -> str:
    if outcome.count("error"):
        return _STALE["errors"][position]
    stand = (
        same_content(u, live.raw.tables[u.table])
        for u in outcome.updates if u.table != _CHECKS and u.table in live.raw.tables
    )  # fmt: skip
    return LIGHTS[outcome.light][position] if all(stand) else _STALE["changed"][position]


def checked_sentence(outcome: Outcome, *, is_run: bool) -> str:
    """What was found, and that no results were written."""
    errors = outcome.count("error")
    others = outcome.count("warning") + outcome.count("note")
    roster = outcome.job.tables.get("roster")
    people, period = 0 if roster is None else len(roster), outcome.job.period
    if outcome.job.lang == "zh":
        found = f"错误 {errors} 条，提醒和说明 {others} 条，见检查表。" if errors + others else "没有发现问题。"
        if is_run:
            return f"没有计算 {period}：共 {people} 人，{found}改好后再点一次；结果表还是上次的。"
        return f"已检查 {period}，共 {people} 人：{found}没有改动结果表。"
    found = (
        f"{errors} errors, {others} warnings and notes: see the sheet Checks. "
        if errors + others else "no problems found. "
    )  # fmt: skip
    if is_run:
        return f"Did not calculate {period} ({people} people): {found}The results are the last ones."
    return f"Checked {period} for {people} people: {found}The results were not touched."
