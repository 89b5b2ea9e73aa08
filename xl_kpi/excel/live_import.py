"""Platform exports into the tables of the book that is open in Excel: all of it or nothing.

What is to be written is made from the book's file, so the book has to be saved; it is written into
the open book as results are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlwings as xw

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.import_outcome import ImportOutcome
from xl_kpi.excel.importing import plan_import
from xl_kpi.excel.live import language, read_open
from xl_kpi.excel.live_book import LiveBook
from xl_kpi.excel.live_host import quiet, unfiltered, unprotected
from xl_kpi.excel.live_steps import perform
from xl_kpi.excel.live_tables import dress_tables, plan_tables
from xl_kpi.excel.load import book_period
from xl_kpi.excel.patch import TableUpdate
from xl_kpi.excel.reader import RawBook, read_book
from xl_kpi.excel.results import checks_table, same_content

_CHECKS = "kpi_checks"
_FILTER = ("平台导出 (*.xlsx;*.xlsm;*.xls;*.csv;*.txt;*.parquet;*.json),"
           "*.xlsx;*.xlsm;*.xls;*.csv;*.txt;*.parquet;*.json",
           "Platform exports (*.xlsx;*.xlsm;*.xls;*.csv;*.txt;*.parquet;*.json),"
           "*.xlsx;*.xlsm;*.xls;*.csv;*.txt;*.parquet;*.json")  # fmt: skip
_TITLE = ("选择平台导出的文件，可以一次选几个", "Choose the exported files, one or several")


def saved_file(book: xw.Book) -> Path:
    """The file of a book that holds all that Excel shows.

    Raises:
        InputError: the book has changes that are not saved, or is no file of this PC.
    """
    native = book.api
    path, name = Path(str(native.FullName)), str(native.Name)
    if not native.Path or not native.Saved:
        what = "工作簿有还没有保存的改动，导入读不到"
        raise InputError([Problem(name, what, "先保存（Ctrl+S），再点“导入”")])
    if not path.is_file():
        what = f"工作簿不在这台电脑的硬盘上：{native.FullName}"
        fix = "把工作簿另存到本机的文件夹再点“导入”，或关闭它，用命令 xl-kpi import 工作簿 文件"
        raise InputError([Problem(name, what, fix)])
    return path


def pick_files(book: xw.Book) -> list[Path]:
    """The files that are chosen in Excel's own dialog; none if it was cancelled."""
    english = language(book) == "en"
    chosen = book.app.api.GetOpenFilename(
        FileFilter=_FILTER[english], Title=_TITLE[english], MultiSelect=True
    )
    return [Path(str(one)) for one in chosen] if isinstance(chosen, (tuple, list)) else []


def import_live(book: xw.Book, files: Sequence[Path]) -> ImportOutcome:
    """Fill the open book's tables from exports of the month on the first sheet.

    Every doubt, or what stands in the way, is listed in 检查.

    Raises:
        InputError: a file or the book cannot be used; no other table has changed.
        WriteFailedError: Excel refused a write.
    """
    path = saved_file(book)
    with quiet(book):
        live = read_open(book)
        try:
            outcome, updates = plan_import(path, files, period=book_period(live.raw))
            _refuse_other_state(read_book(path), live, updates)
        except InputError as error:
            _list_problems(live, error.problems)
            raise
        _write(live, [*updates, *_checks(live, outcome.problems)])
        outcome.changed = bool(updates)
        return outcome


def _refuse_other_state(file: RawBook, live: LiveBook, updates: Sequence[TableUpdate]) -> None:
    """Somebody else may have saved the file since: then it is not what Excel shows."""
    for update in updates:
        there = file.tables[update.table]
        rows = [list(row) for row in zip(*there.columns, strict=True)]
        shown = live.raw.tables.get(update.table)
        if shown is None or not same_content(TableUpdate(update.table, rows, there.header), shown):
            what = "Excel 里的内容和硬盘上的文件不一样"
            raise InputError([Problem(there.sheet, what, "再保存一次（Ctrl+S），再点“导入”")])


def _list_problems(live: LiveBook, problems: Sequence[Problem]) -> None:
    """检查 says what stands in the way; where it cannot be written, that is told too."""
    try:
        _write(live, _checks(live, problems))
    except InputError as error:
        raise InputError([*problems, *error.problems]) from error


def _checks(live: LiveBook, problems: Sequence[Problem]) -> list[TableUpdate]:
    if _CHECKS not in live.tables:
        return []
    return [checks_table(list(problems), language(live.book))]


def _write(live: LiveBook, updates: Sequence[TableUpdate]) -> None:
    tables = [live.tables[u.table] for u in updates if u.table in live.tables]
    plan = plan_tables(live, updates)
    if plan.problems:
        raise InputError(plan.problems)
    with unprotected({t.part.sheet: t.sheet for t in tables}.values()), unfiltered(tables):
        perform(plan.steps)
        dress_tables(plan)
