import openpyxl
import pytest

from xl_kpi.excel.package import open_package
from xl_kpi.excel.patch import TableUpdate, patch_book

SHEET = "xl/worksheets/sheet2.xml"

TABLE = "xl/tables/table1.xml"

TEN = [[f"N{i}", f"人{i}", i * 1.5, i / 100] for i in range(10)]


def people(rows, **rest):
    return [TableUpdate("kpi_result_people", rows, **rest)]


@pytest.mark.parametrize("count", [2, 5])
def test_other_columns_replace_the_tables_columns(rich_book, assert_sound, count):
    header = ["工号", "得分", "等级", "备注\n(行)", "x>y"][:count]
    rows = [[f"{row}-{column}" for column in range(count)] for row in range(3)]
    patch_book(rich_book, rich_book, people(rows, header=header))
    with open_package(rich_book) as package:
        assert package.tables["kpi_result_people"].columns == tuple(header)
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    ref = "C4:D7" if count == 2 else "C4:G7"
    assert sheet.tables["kpi_result_people"].ref == ref
    assert sheet.tables["kpi_result_people"].autoFilter.ref == ref
    found = [[cell.value for cell in row] for row in sheet[ref]]
    assert found == [header, *rows]
    assert_sound(rich_book)
    ids = [column.id for column in sheet.tables["kpi_result_people"].tableColumns]
    assert ids[0] == 1  # 工号 is still the same column for slicers
    assert len(set(ids)) == len(ids)
    assert min(ids[1:]) > 4
    assert [sheet[address].value for address in ("A5", "H5")] == ["批注5", "=E5*2"]
    if count == 2:
        assert sheet["E4"].value is None
        assert sheet["F8"].value is None


def test_new_columns_take_named_styles(parts, named_style_book, assert_sound):
    path = named_style_book
    header = ["工号", "奖金", "转化率", "其他"]
    styles = [None, "KPI 金额", "KPI 比率", "没有的样式"]
    before = parts(path)["xl/styles.xml"]
    update = people([["E1", 1, 0.5, "x"], ["E2", 2, 0.25, "y"]], header=header, styles=styles)
    patch_book(path, path, update)
    assert parts(path)["xl/styles.xml"] == before
    sheet = openpyxl.load_workbook(path)["个人结果"]
    for row in (2, 3):
        assert not sheet.cell(row, 2).font.strike
        formats = [sheet.cell(row, column).number_format for column in range(1, 5)]
        assert formats == ["@", "#,##0.00", "0.00%", "General"]
    assert sheet["C3"].style == "KPI 比率"
    assert sheet["A1"].font.italic
    assert [sheet.cell(1, column).font.bold for column in (2, 3, 4)] == [True] * 3
    assert_sound(path)
    again = path.read_bytes()
    assert patch_book(path, path, update) is None
    assert path.read_bytes() == again


def test_cells_get_the_look_of_their_row_or_column_where_they_had_none(
    rebuild, parts, named_style_book, bare_sheet
):
    path = named_style_book
    rows = (
        '<cols><col min="2" max="3" width="9" style="2"/></cols><sheetData>'
        '<row r="1"><c r="A1" t="str"><v>工号</v></c><c r="B1" t="str"><v>占位</v></c></row>'
        '<row r="2"/></sheetData>'
    )
    part = "xl/worksheets/sheet1.xml"
    rebuild(path, {part: bare_sheet(rows)})
    patch_book(path, path, people([["E1", 1]]))
    assert b'<c r="A2" t=' in parts(path)[part]
    assert b'<c r="B2" s="2"' in parts(path)[part]
    rebuild(path, {part: bare_sheet(rows.replace('r="2"', 'r="2" s="1" customFormat="1"'))})
    patch_book(path, path, people([["E1", 1]]))
    assert b'<c r="A2" s="1"' in parts(path)[part]
    assert b'<c r="B2" s="1"' in parts(path)[part]


def test_columns_without_a_named_style_look_as_the_column_of_that_name_or_place(rich_book):
    header = ["转化率", "姓名", "新列", "工号"]
    patch_book(rich_book, rich_book, people(TEN, header=header))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    for row in (5, 14):
        formats = [sheet.cell(row, column).number_format for column in range(3, 7)]
        assert formats == ["0.0%", "@", "#,##0.00", "@"]


def test_the_same_header_changes_no_column(rich_book, parts):
    before = parts(rich_book)[TABLE]
    header = ["工号", "姓名", "奖金", "转化率"]
    update = people(TEN[:4], header=header, styles=["KPI 金额"] * 4)
    patch_book(rich_book, rich_book, update)
    assert parts(rich_book)[TABLE] == before
