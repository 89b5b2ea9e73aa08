"""The button 导入: exports into the open book, the same as the command into its file."""

import shutil
import sys

import live_books
import pytest
import xlwings
from export_files import write
from fake_excel import opened, state
from fake_excel.model import MESSAGES

from xl_kpi.excel import macros
from xl_kpi.excel.importing import import_files
from xl_kpi.excel.live_book import read_live
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.results import same_cell

NAMED = ["客服昵称", "接待人数", "询单人数", "销售额"]
DAY = "咨询_2026-10-31_2026-10-31.csv"
# The demo month has rows of the first day of each week only.
ROWS = [NAMED, ["赵晓宁", 100, 40, 900], ["全店均值", 90, 30, 800], ["李不认得", 7, 3, 20]]
TABLES = ("kpi_counts", "kpi_accounts", "kpi_platform", "kpi_benchmarks", "kpi_imports")


@pytest.fixture
def path(tmp_path):
    return live_books.calculated_demo(tmp_path / "十月.xlsx")


@pytest.fixture
def book(path):
    made = opened(path)
    made.set_mock_caller()
    yield made
    del xlwings.Book._mock_caller


def press(book, *files):
    book.api.Application.chosen = tuple(map(str, files)) or False
    macros.import_files()
    return MESSAGES[-1] if MESSAGES else None


def content(raw, table):
    return list(zip(*raw.tables[table].columns, strict=True))


def rows_of(book, table):
    return content(read_live(book).raw, table)


def same(shown, wanted):
    return len(shown) == len(wanted) and all(
        all(map(same_cell, a, b)) for a, b in zip(shown, wanted, strict=True)
    )


def test_the_open_book_gets_what_the_command_writes_into_the_file(book, path, tmp_path):
    export = write(tmp_path, None, ROWS, DAY)
    copy = shutil.copyfile(path, tmp_path / "copy.xlsx")
    message = press(book, export)
    outcome = import_files(copy, [export], period="2026-10")
    wanted = read_book(copy)
    assert outcome.cells > 0
    for table in TABLES:
        assert same(rows_of(book, table), content(wanted, table)), table
    assert message.startswith(f"导入了 1 个文件，{outcome.cells} 个单元格有了新的数。")
    assert "“李不认得”不在账号表，也不在员工表" in message
    listed = [row[2] for row in rows_of(book, "kpi_checks")]
    assert any("李不认得" in what for what in listed)


def test_the_dialog_takes_several_files_of_the_kinds_that_are_read(book):
    assert press(book) is None
    (asked,) = book.api.Application.dialogs
    assert asked["MultiSelect"] is True
    assert "*.xls;*.csv" in asked["FileFilter"]


def test_cancelling_changes_nothing(book):
    before = state(book)
    assert press(book) is None
    assert state(book) == before


def test_a_book_with_unsaved_changes_is_to_be_saved_first(book, tmp_path):
    book.api.Saved = False
    before = state(book)
    message = press(book, write(tmp_path, None, ROWS, DAY))
    assert message.split("\n") == [
        "十月.xlsx", "工作簿有还没有保存的改动，导入读不到", "→ 先保存（Ctrl+S），再点“导入”",
    ]  # fmt: skip
    assert state(book) == before
    assert book.api.Application.dialogs == []


def test_a_book_that_is_no_file_of_this_pc_says_what_to_do(book, tmp_path):
    book.api.FullName = "https://d.docs.live.net/1/十月.xlsx"
    assert "xl-kpi import" in press(book, write(tmp_path, None, ROWS, DAY))


def test_what_somebody_else_saved_since_is_not_overwritten(book, path, tmp_path):
    book.api.Worksheets("指标数据").cells[6, 4].value = 987654.0
    before = rows_of(book, "kpi_counts")
    assert "再保存一次" in press(book, write(tmp_path, None, ROWS, DAY))
    assert rows_of(book, "kpi_counts") == before


def test_errors_are_listed_and_no_table_changes(book, tmp_path):
    before = {table: rows_of(book, table) for table in TABLES}
    good, bad = write(tmp_path, None, ROWS, DAY), tmp_path / "没有.csv"
    message = press(book, good, bad)
    assert "找不到这个文件" in message
    assert {table: rows_of(book, table) for table in TABLES} == before
    assert [row[2] for row in rows_of(book, "kpi_checks")] == ["找不到这个文件"]


def test_a_file_of_another_month_than_the_first_sheet_says_is_refused(book, tmp_path):
    message = press(book, write(tmp_path, None, ROWS, DAY.replace("10-31", "09-30")))
    assert "不在期间 2026-10-01 至 2026-10-31" in message


def test_a_refused_write_puts_everything_back(book, tmp_path):
    before = state(book)
    book.api.Application.log.fail_at = {"writes": 3}
    assert "已把写过的全部恢复" in press(book, write(tmp_path, None, ROWS, DAY))
    assert state(book) == before


def test_the_same_file_again_changes_nothing(path, tmp_path, book):
    export = write(tmp_path, None, ROWS, DAY)
    import_files(path, [export], period="2026-10", backup=False)
    again = opened(path)
    again.set_mock_caller()
    before = {table: rows_of(again, table) for table in TABLES}
    assert press(again, export).startswith("没有任何变化")
    assert {table: rows_of(again, table) for table in TABLES} == before


def test_a_protected_sheet_with_a_password_is_named(book, tmp_path):
    sheet = book.api.Worksheets("指标数据")
    sheet.password, sheet.ProtectContents = "x", True
    before = rows_of(book, "kpi_counts")
    assert "密码" in press(book, write(tmp_path, None, ROWS, DAY))
    assert rows_of(book, "kpi_counts") == before


def test_on_a_mac_the_command_is_named(book, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "xl-kpi import" in press(book)
