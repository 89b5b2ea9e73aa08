"""A book with three people, for each test anew."""

import shutil

import pytest

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book

PEOPLE = [("A01", "张敏"), ("A02", "王磊"), ("A03", "李娜")]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    book = tmp_path_factory.mktemp("import") / "book.xlsx"
    new_book(book, "zh", {"period": "2026-10", "scheme": "S01"})
    roster = [
        {"person_id": person, "name": name, "department": "客服部", "shop": "一店", "status": "confirmed"}
        for person, name in PEOPLE
    ]
    fill_tables(book, {"roster": roster}, "zh")
    return book


@pytest.fixture
def book(empty, tmp_path):
    return shutil.copy(empty, tmp_path / "book.xlsx")
