"""The month of the book that is open in Excel closed: its results and what is kept, or nothing."""

from __future__ import annotations

import xlwings as xw

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.close import Closed, plan_closing, refuse_unproved
from xl_kpi.excel.live import read_open, write_live
from xl_kpi.excel.live_book import read_live
from xl_kpi.excel.live_host import quiet
from xl_kpi.excel.live_import import saved_file
from xl_kpi.excel.patch import TableUpdate
from xl_kpi.excel.reader import RawBook, read_book
from xl_kpi.excel.results import same_content


def plan_live_closing(book: xw.Book, *, accept_unripe: bool) -> Closed:
    """What closing the month of an open book writes, made from its saved file.

    Raises:
        InputError: the month cannot be closed, or the book is not saved.
    """
    path = saved_file(book)
    user = str(getattr(book.app.api, "UserName", "") or "")
    return plan_closing(read_book(path), path, closed_by=user, accept_unripe=accept_unripe)


def close_live(book: xw.Book, closed: Closed) -> None:
    """Write the results and what is kept of the month into the open book.

    Raises:
        InputError: the open book is not what was closed, or cannot be written; nothing has changed.
        WriteFailedError: Excel refused a write.
    """
    file = read_book(saved_file(book))
    with quiet(book):
        live = read_open(book)
        _refuse_other_state(file, live.raw)
        write_live(live, closed.outcome, closed.updates)
        refuse_unproved(read_live(book).raw, closed)


def _refuse_other_state(file: RawBook, shown: RawBook) -> None:
    """Every table of the open book holds what its file holds."""
    for name, table in file.tables.items():
        rows = [list(row) for row in zip(*table.columns, strict=True)]
        there = shown.tables.get(name)
        if there is None or not same_content(TableUpdate(name, rows, table.header), there):
            what = "Excel 里的内容和硬盘上的文件不一样"
            raise InputError([Problem(table.sheet, what, "再保存一次（Ctrl+S），再点“月结”")])
