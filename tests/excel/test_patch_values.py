import datetime as dt
import re

import numpy as np
import openpyxl
import pytest

from xl_kpi.excel.patch import TableUpdate, patch_book

SHEET = "xl/worksheets/sheet2.xml"

TABLE = "xl/tables/table1.xml"

TEN = [[f"N{i}", f"人{i}", i * 1.5, i / 100] for i in range(10)]


def people(rows, **rest):
    return [TableUpdate("kpi_result_people", rows, **rest)]


def test_all_kinds_of_values(rich_book, tmp_path, parts):
    rows = [
        [None, "", True, False],
        [float("nan"), float("inf"), -0.0, 24.0],
        [np.float64(0.1), np.int64(7), np.bool_(True), 10**15],
        [dt.date(2026, 10, 31), dt.datetime(2026, 10, 31, 18), dt.date(1900, 2, 28), 1e-7],
        [dt.date(1900, 3, 1), dt.date(1899, 12, 31), 0.1 + 0.2, -1.5],
    ]
    patch_book(rich_book, rich_book, people(rows))
    sheet = parts(rich_book)[SHEET].decode()

    def cell(address):
        found = re.search(rf'<c r="{address}" s="\d+"(?:/>|([^>]*)>(.*?)</c>)', sheet)
        return (found[1] or "").strip(), found[2] or ""

    empty = ("", "")
    assert [cell(f"{letter}5") for letter in "CD"] == [empty, empty]
    assert [cell(f"{letter}5") for letter in "EF"] == [
        ('t="b"', "<v>1</v>"),
        ('t="b"', "<v>0</v>"),
    ]
    assert [cell(f"{letter}6") for letter in "CD"] == [empty, empty]
    numbers = {
        "E6": "0",
        "F6": "24",
        "C7": "0.1",
        "D7": "7",
        "F7": "1000000000000000",
        "C8": "46326",  # 1 January 2026 is day 46023, 31 October the 304th of the year
        "D8": "46326.75",
        "E8": "59",  # Excel counts a 29 February 1900 as day 60
        "F8": "1e-07",
        "C9": "61",
        "E9": "0.30000000000000004",
        "F9": "-1.5",
    }
    assert {address: cell(address) for address in numbers} == {
        address: ("", f"<v>{number}</v>") for address, number in numbers.items()
    }
    assert cell("E7") == ('t="b"', "<v>1</v>")
    assert cell("D9") == ('t="inlineStr"', "<is><t>1899-12-31</t></is>")


def test_dates_of_a_1904_book(rich_book, edit_part, parts):
    edit_part(rich_book, "xl/workbook.xml", "<workbookPr ", '<workbookPr date1904="1" ')
    patch_book(rich_book, rich_book, people([[dt.date(2026, 10, 31), None, None, None]]))
    # The two systems lie 1462 days apart.
    assert b"<v>44864</v>" in parts(rich_book)[SHEET]


def test_a_value_that_no_cell_can_hold_is_the_callers_mistake(rich_book):
    before = rich_book.read_bytes()
    with pytest.raises(TypeError, match="list"):
        patch_book(rich_book, rich_book, people([[[], None, None, None]]))
    with pytest.raises(ValueError, match="4 cells"):
        patch_book(rich_book, rich_book, people([["short"]]))
    with pytest.raises(ValueError, match="two updates"):
        patch_book(rich_book, rich_book, people(TEN) * 2)
    assert rich_book.read_bytes() == before


TEXTS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "</t></is></c><c><f>1</f></c>",
    "a & b < c > d \" '",
    "]]>",
    "  两边空格  ",
    "一行\n二行",
    "表情😀",
    "100%",
    "%s %d {0}",
]


def test_texts_stay_the_texts_they_are(rich_book, table):
    patch_book(rich_book, rich_book, people([[text, None, None, None] for text in TEXTS]))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    cells = [sheet.cell(5 + number, 3) for number in range(len(TEXTS))]
    assert [cell.value for cell in cells] == TEXTS
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert [row[0] for row in table(rich_book)[1:]] == TEXTS


def test_characters_that_xml_forbids_are_escaped_as_excel_does(rich_book, parts):
    rows = [["a\x00\x1fb", "c\r\nd", "_x0041_", "\ud800\ufffe"]]
    patch_book(rich_book, rich_book, people(rows))
    texts = re.findall(rb"<is><t[^>]*>([^<]*)</t>", parts(rich_book)[SHEET])
    assert texts == [b"a_x0000__x001F_b", b"c_x000D_\nd", b"_x005F_x0041_", b"_xD800__xFFFE_"]


def test_columns_of_one_kind_are_cleaned_like_mixed_ones(rich_book, parts):
    rows = [["a", "x", 1.0, 7], ["b", "", float("nan"), 8], ["c", "y", float("-inf"), 9]]
    patch_book(rich_book, rich_book, people([*rows, ["d", "z", -0.0, 10]]))
    sheet = parts(rich_book)[SHEET].decode()
    cells = re.findall(r'<c r="([C-F])[5-8]" s="\d+"[^>]*?(?:/>|>(.*?)</c>)', sheet)
    found = {letter: [text for cell, text in cells if cell == letter] for letter in "CDEF"}
    assert found == {
        "C": [f"<is><t>{text}</t></is>" for text in "abcd"],
        "D": ["<is><t>x</t></is>", "", "<is><t>y</t></is>", "<is><t>z</t></is>"],
        "E": ["<v>1</v>", "", "", "<v>0</v>"],
        "F": ["<v>7</v>", "<v>8</v>", "<v>9</v>", "<v>10</v>"],
    }
