"""Excel as a host: its settings during a run, protected sheets, filters; all put back at the end.

What xlwings has no name for is asked of Excel itself (``api``, the COM object on Windows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import xlwings as xw

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.live_book import LiveTable, two_dimensional

_ALLOWED = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows",
    "AllowInsertingColumns", "AllowInsertingRows", "AllowInsertingHyperlinks",
    "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting", "AllowFiltering",
    "AllowUsingPivotTables",
)  # fmt: skip


@contextmanager
def quiet(book: xw.Book) -> Iterator[None]:
    """Nothing flickers, asks or recalculates in between; every setting is put back whatever happens.

    Raises:
        Exception: Excel does not answer.
    """
    app = book.app
    during: list[tuple[Any, str, Any]] = [
        (app, "screen_updating", False), (app, "enable_events", False),
        (app, "display_alerts", False), (app, "calculation", "manual"),
    ]  # fmt: skip
    with suppress(Exception):  # not every Excel has it
        during.append((app.api.AutoCorrect, "AutoFillFormulasInLists", False))
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in during]
    before.insert(0, (app, "status_bar", app.status_bar))
    sheet, selected = book.sheets.active, app.selection
    try:
        if app.calculation != "automatic":
            app.calculate()  # what is read must not be older than what was typed
        for owner, name, value in during:
            setattr(owner, name, value)
        yield
    finally:
        with suppress(Exception):
            if book.sheets.active.name != sheet.name:
                sheet.api.Activate()
            if selected is not None and selected.sheet.book.name == book.name:
                selected.select()
        for owner, name, value in reversed(before):
            with suppress(Exception):
                setattr(owner, name, value)


# --- protection --------------------------------------------------------------------------------


@contextmanager
def unprotected(sheets: Iterable[xw.Sheet]) -> Iterator[None]:
    """The protection of sheets is lifted, and comes back as it was.

    Raises:
        InputError: a sheet is protected with a password; then nothing was changed.
    """
    protect_again: list[Callable[[], None]] = []
    try:
        problems = []
        for sheet in sheets:
            native = sheet.api
            if not native.ProtectContents:
                continue
            again = _protect_again(native)
            with suppress(Exception):  # with an empty password Excel refuses instead of asking
                native.Unprotect("")
            if native.ProtectContents:
                problems.append(_has_password(sheet.name))
            else:
                protect_again.append(again)
        if problems:
            raise InputError(problems)
        yield
    finally:
        for again in reversed(protect_again):
            with suppress(Exception):
                again()


def _protect_again(sheet: Any) -> Callable[[], None]:
    drawings, scenarios = bool(sheet.ProtectDrawingObjects), bool(sheet.ProtectScenarios)
    allowed = [bool(getattr(sheet.Protection, name)) for name in _ALLOWED]

    def again() -> None:
        sheet.Protect("", drawings, True, scenarios, False, *allowed)

    return again


def _has_password(sheet: str) -> Problem:
    return Problem(
        sheet, f"工作表“{sheet}”有密码保护，程序写不进去",
        "在“审阅”里点“撤消工作表保护”，再试一次；写完可以重新保护",
    )  # fmt: skip


# --- filters -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filter:
    """What a column of a table is filtered by, as Excel says it."""

    column: str
    first: Any
    operator: int
    second: Any


@contextmanager
def unfiltered(tables: Iterable[LiveTable]) -> Iterator[None]:
    """Every row is in sight, for hidden rows would be passed over; then tables are filtered again.

    A filter follows its column by name; where the column is gone, so is the filter.
    """
    filtered: list[tuple[LiveTable, Sequence[_Filter]]] = []
    try:
        for live in tables:
            native = live.table.api
            criteria = native.AutoFilter if native.ShowAutoFilter else None
            if criteria is None or not criteria.FilterMode:
                continue
            filtered.append((live, _filters(criteria, live.part.columns)))
            criteria.ShowAllData()
        yield
    finally:
        for live, filters in filtered:
            with suppress(Exception):
                _filter_again(live.table.api, filters)


def _filters(criteria: Any, columns: Sequence[str]) -> Sequence[_Filter]:
    found = []
    for number, column in enumerate(columns, 1):
        one = criteria.Filters(number)
        if one.On:
            operator = int(_asked(one, "Operator") or 0)
            first, second = _asked(one, "Criteria1"), _asked(one, "Criteria2")
            found.append(_Filter(column, first, operator, second))
    return found


def _filter_again(table: Any, filters: Sequence[_Filter]) -> None:
    header = two_dimensional(table.HeaderRowRange.Value)[0]
    for one in filters:
        if one.column not in header:
            continue
        options = {"Field": header.index(one.column) + 1, "Criteria1": one.first}
        if one.operator:
            options["Operator"] = one.operator
        if one.second is not None:
            options["Criteria2"] = one.second
        with suppress(Exception):  # by colour or icon: Excel does not say what it takes
            table.Range.AutoFilter(**options)


def _asked(owner: Any, name: str) -> Any:
    """A property that Excel has only for some filters."""
    try:
        return getattr(owner, name)
    except Exception:
        return None
