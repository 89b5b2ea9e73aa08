"""The button 月结: the open book gets what the command writes into its file, after a question."""

import datetime as dt
import shutil

import live_books
import pytest
import xlwings
from fake_excel import opened, state
from fake_excel.model import ANSWERS, MESSAGES

from xl_kpi.excel import macros
from xl_kpi.excel.close import close_book
from xl_kpi.excel.fill import set_settings
from xl_kpi.excel.live_book import read_live
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.results import same_cell

TABLES = ("kpi_history", "kpi_closings", "kpi_archive", "kpi_result_people", "kpi_true_ups")


@pytest.fixture
def path(tmp_path):
    return live_books.calculated_demo(tmp_path / "十月.xlsx")


@pytest.fixture
def book(path):
    made = opened(path)
    made.set_mock_caller()
    yield made
    del xlwings.Book._mock_caller


def content(raw, table):
    return list(zip(*raw.tables[table].columns, strict=True))


def test_the_open_book_gets_what_the_command_writes(book, path, tmp_path):
    copy = shutil.copyfile(path, tmp_path / "copy.xlsx")
    ANSWERS.append(True)
    macros.close()
    shown = read_live(book).raw
    closed_at = shown.tables["kpi_closings"].columns[5][0]
    close_book(copy, now=dt.datetime.fromisoformat(closed_at))
    wanted = read_book(copy)
    for table in TABLES:
        one, other = content(shown, table), content(wanted, table)
        assert len(one) == len(other), table
        differing = [
            (a, b) for one_row, other_row in zip(one, other, strict=True)
            for a, b in zip(one_row, other_row, strict=True) if b != "查看" and not same_cell(a, b)
        ]  # fmt: skip
        assert not differing, table
    question, said = MESSAGES
    assert question.startswith("月结 2026-10：10 人，应发合计 ")
    assert wanted.tables["kpi_closings"].columns[-1][0] in said


def test_no_means_no(book):
    before = state(book)
    ANSWERS.append(False)
    macros.close()
    assert len(MESSAGES) == 1
    assert state(book) == before


def test_figures_that_are_not_final_are_a_question_of_their_own(path):
    set_settings(path, {"as_of": "2026-11-01"}, "zh")
    book = opened(path)
    book.set_mock_caller()
    before = state(book)
    try:
        ANSWERS.append(False)
        macros.close()
        assert "还有没定的数" in MESSAGES[0]
        assert state(book) == before
        MESSAGES.clear()
        ANSWERS.extend([True, True])
        macros.close()
        assert MESSAGES[-1].startswith("2026-10 已月结")
    finally:
        del xlwings.Book._mock_caller


def test_a_book_with_changes_that_are_not_saved_is_left_alone(book):
    book.api.Worksheets("员工").Range("B6").Value = "王五"
    book.api.Saved = False
    before = state(book)
    macros.close()
    assert "先保存" in MESSAGES[0]
    assert state(book) == before
