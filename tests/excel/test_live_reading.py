"""The tables of the open book are read as those of its file."""

import datetime as dt
from decimal import Decimal

import pytest
import xlsxwriter
from fake_excel import opened
from fake_excel.model import Cell

from xl_kpi.errors import InputError
from xl_kpi.excel.area import Area
from xl_kpi.excel.live_book import read_live
from xl_kpi.excel.live_cells import entry, snapshot
from xl_kpi.excel.reader import read_book
from xl_kpi.tables import CellError


@pytest.fixture
def odd_book(tmp_path):
    """Every kind of cell, two tables on one sheet, things under and beside them."""
    path = tmp_path / "怪.xlsx"
    book = xlsxwriter.Workbook(path)
    forms = {name: book.add_format({"num_format": form}) for name, form in (
        ("day", "yyyy-mm-dd"), ("moment", "yyyy-mm-dd hh:mm"), ("time", "h:mm"),
        ("money", '"¥"#,##0.00'), ("text", "@"), ("share", "0.0%"),
    )}  # fmt: skip
    sheet = book.add_worksheet("数据")
    sheet.add_table("B3:H9", {"name": "kpi_odd", "columns": [
        {"header": h} for h in ("文字", "数", "日", "时刻", "钱", "公式", "是否")
    ]})  # fmt: skip
    sheet.write("B4", "  两边有空格\u200b ")
    sheet.write("B5", "   ")
    sheet.write_string("B6", "00123", forms["text"])
    sheet.write_number("C4", 0.1 + 0.2)
    sheet.write_formula("C5", "=1/0", None, "#DIV/0!")
    sheet.write_formula("C6", "=NA()", None, "#N/A")
    sheet.write_number("C7", -12, forms["share"])
    sheet.write_datetime("D4", dt.datetime(2026, 10, 5), forms["day"])
    sheet.write_datetime("D5", dt.datetime(2026, 10, 5, 18, 30), forms["moment"])
    sheet.write_datetime("E4", dt.time(9, 15), forms["time"])
    sheet.write_number("F4", 1234.56789012, forms["money"])
    sheet.write_formula("G4", '="甲"&" "', None, "甲 ")
    sheet.write_formula("G5", "=B4", None, "两边")
    sheet.write_boolean("H4", True)
    sheet.write("B10", "忘了拖进表格")
    sheet.add_table("K3:L6", {"name": "kpi_total", "total_row": True, "columns": [
        {"header": "项目", "total_string": "合计"}, {"header": "数额", "total_function": "sum"},
    ]})  # fmt: skip
    sheet.write("L4", 5)
    sheet.write("K7", "表下的话")
    sheet.add_table("N5:O7", {"name": "kpi_bare", "header_row": False})
    sheet.write("N5", 1)
    other = book.add_worksheet("空")
    other.add_table("A1:B4", {"name": "kpi_blank", "columns": [{"header": "甲"}, {"header": "乙"}]})
    other.write_formula("A5", "=SUM(A2:A4)", None, 7)
    book.add_worksheet("没有表").write("A1", 1)
    book.close()
    return path


def test_every_kind_of_cell_arrives_as_from_the_file(odd_book):
    book = opened(odd_book)
    bare = book.api.Worksheets("数据").tables[2]
    assert not bare.ShowHeaders
    live, file = read_live(book).raw, read_book(odd_book)
    assert live.sheets == file.sheets
    assert live.tables.keys() == file.tables.keys()
    for name in live.tables.keys() - {"kpi_bare"}:
        assert live.tables[name] == file.tables[name]
    assert live.tables["kpi_bare"].columns == file.tables["kpi_bare"].columns
    assert live.problems == file.problems
    assert [p.where for p in live.problems] == ["数据!B10"]
    odd = dict(zip(live.tables["kpi_odd"].header, live.tables["kpi_odd"].columns, strict=True))
    assert odd["文字"] == ["两边有空格", None, "00123", None]
    assert odd["数"] == [0.3, CellError("#DIV/0!"), CellError("#N/A"), -12.0]
    assert odd["日"][:2] == [dt.date(2026, 10, 5), dt.datetime(2026, 10, 5, 18, 30)]
    assert odd["时刻"][0] == dt.time(9, 15)


def test_money_is_read_to_its_last_digit(odd_book):
    """``Value`` of a cell in a currency format has four decimals."""
    book = opened(odd_book)
    cell = book.sheets["数据"].range("F4")
    assert cell.raw_value == Decimal("1234.5679")
    money = read_live(book).raw.tables["kpi_odd"].columns[4]
    assert money[0] == 1234.56789012


def test_one_read_per_sheet_with_tables(odd_book):
    book = opened(odd_book)
    read_live(book)
    values = [r for r in book.api.Application.log.reads if r.startswith("Value ")]
    assert values == ["Value 数据!B3:O10", "Value 空!A1:B5"]


def test_an_error_that_xlwings_does_not_know_is_one_too(odd_book):
    book = opened(odd_book)
    book.api.Worksheets("数据").cells[7, 2] = Cell(-2146826243)  # #SPILL!
    found = read_live(book).raw.tables["kpi_odd"].columns[0][3]
    assert found == CellError("#SPILL!")


def test_cells_very_far_out_are_told_before_they_are_read(odd_book):
    book = opened(odd_book)
    table = book.api.Worksheets("数据").tables[0]
    table.area = Area(3, 2, 1_048_576, 200)
    book.api.Worksheets("数据").cells[1_048_576, 200] = Cell(1.0)
    with pytest.raises(InputError, match="读不进来"):
        read_live(book)
    assert book.api.Application.log.reads == []


# --- what is typed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("张敏", "张敏"), ("KF001", "'KF001"), ("2026-10", "'2026-10"), ("=A1", "'=A1"),
        ("TRUE", "'TRUE"), ("3.1", "'3.1"), ("'引号", "''引号"), ("-", "'-"), ("", None),
        (None, None), (float("nan"), None), (float("inf"), None), (True, True), (3, 3.0),
        (Decimal("1.5"), 1.5), (dt.date(2026, 10, 5), 46300.0),
    ],
)  # fmt: skip
def test_what_excel_is_given(value, typed):
    assert entry(value) == typed
    assert type(entry(value)) is type(typed)


@pytest.mark.parametrize("text", ["2026-10", "003", "3.1", "true", "=1+1", "1e5", "50%", "'a", "甲"])
def test_a_text_stays_the_text_it_is(odd_book, text):
    book = opened(odd_book)
    cell = book.sheets["没有表"].range("C3")
    cell.formula = [[entry(text)]]
    assert book.api.Worksheets("没有表").cells[3, 3].value == text


def test_a_snapshot_gives_every_cell_back(odd_book):
    book = opened(odd_book)
    sheet, native = book.sheets["数据"], book.api.Worksheets("数据")
    area = Area(4, 2, 9, 8)
    before = {key: (c.value, c.formula) for key, c in native.cells.items() if key[0] > 3}
    kept = snapshot(sheet, area)
    sheet.range("B4:H9").clear_contents()
    sheet.range("B4:H9").formula = kept.entries
    after = {key: (c.value, c.formula) for key, c in native.cells.items() if key[0] > 3}
    for key, (value, formula) in before.items():
        assert after[key][1] == formula
        if not formula:  # a formula is calculated by Excel
            assert after[key][0] == value
