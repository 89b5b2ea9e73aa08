import datetime as dt
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xl_kpi.excel.patch import CellUpdate, TableUpdate, patch_book

SHEET = "xl/worksheets/sheet2.xml"

TABLE = "xl/tables/table1.xml"

PEOPLE = [
    ["E01", "甲", 320.5, 0.81], ["E02", "乙", 60, 0.92], ["E03", "丙", 1055, 0.75],
    ["E04", "丁", 0, 0.66],
]  # fmt: skip

TEN = [[f"N{i}", f"人{i}", i * 1.5, i / 100] for i in range(10)]


def people(rows, **rest):
    return [TableUpdate("kpi_result_people", rows, **rest)]


def changed_parts(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def local_record(path, name):
    """Local header and compressed bytes of a member."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
        start = info.header_offset
        size = 30 + len(info.filename.encode()) + len(info.extra) + info.compress_size
    return path.read_bytes()[start : start + size]


def test_only_touched_parts_change_and_the_rest_keeps_its_raw_bytes(
    rich_book, tmp_path, edit_part, parts, assert_sound
):
    edit_part(rich_book, "xl/workbook.xml", ' fullCalcOnLoad="1"', "")
    target = tmp_path / "结果.xlsm"
    patch_book(rich_book, target, people(TEN))
    before, after = parts(rich_book), parts(target)
    assert changed_parts(before, after) == {SHEET, TABLE, "xl/workbook.xml"}
    assert list(before) == list(after)
    kept = {"xl/vbaProject.bin", "customUI/customUI14.xml", "customXml/item1.xml"}
    assert kept < before.keys()
    assert {"xl/charts/chart1.xml", "xl/media/image1.png", "xl/sharedStrings.xml"} < before.keys()
    for name in before.keys() - {SHEET, TABLE, "xl/workbook.xml"}:
        assert local_record(target, name) == local_record(rich_book, name)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
    assert_sound(target)


def test_the_source_is_not_touched_when_the_target_is_another_file(rich_book, tmp_path):
    before = rich_book.read_bytes()
    assert patch_book(rich_book, tmp_path / "结果.xlsm", people(TEN)) is None
    assert rich_book.read_bytes() == before


def test_a_growing_table_is_read_back_by_both_readers(rich_book, tmp_path, values, table):
    target = tmp_path / "结果.xlsm"
    patch_book(rich_book, target, people(TEN))
    assert values(target, area="C5:F20") == TEN
    assert table(target) == [["工号", "姓名", "奖金", "转化率"], *TEN]
    sheet = openpyxl.load_workbook(target)["个人结果"]
    found = sheet.tables["kpi_result_people"]
    assert (found.ref, found.autoFilter.ref) == ("C4:F14", "C4:F14")


def test_cells_around_the_table_stay(rich_book, tmp_path):
    target = tmp_path / "结果.xlsm"
    patch_book(rich_book, target, people(TEN))
    old = openpyxl.load_workbook(rich_book)["个人结果"]
    new = openpyxl.load_workbook(target)["个人结果"]
    around = [f"{letter}{row}" for letter in "AH" for row in range(5, 9)] + ["C1", "C40"]
    for address in around:
        assert new[address].value == old[address].value is not None
        assert new[address].fill.fgColor.rgb == "FFFFFF00"
    assert new.row_dimensions[6].height == 33
    assert new["H5"].value == "=E5*2"


def test_a_shrinking_table_leaves_no_value_and_no_style(rich_book, values):
    patch_book(rich_book, rich_book, people(TEN))
    patch_book(rich_book, rich_book, people(TEN[:2]))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    assert sheet.tables["kpi_result_people"].ref == "C4:F6"
    assert values(rich_book, area="C5:F20") == TEN[:2]
    for row in range(7, 15):
        for letter in "CDEF":
            assert not sheet[f"{letter}{row}"].has_style
    assert sheet["A8"].value == "批注8"
    assert sheet["H8"].value == "=E8*2"


def test_a_shrinking_table_leaves_no_rows_that_say_nothing(rich_book, parts):
    before = parts(rich_book)[SHEET]
    patch_book(rich_book, rich_book, people(TEN))
    patch_book(rich_book, rich_book, people(PEOPLE))
    after = parts(rich_book)[SHEET]
    assert re.findall(rb'<row r="\d+"', after) == re.findall(rb'<row r="\d+"', before)


def test_rows_that_count_on_those_above_keep_their_place(tmp_path, rebuild, bare_sheet, values):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("个人结果")
    sheet.add_table("A1:A4", {"name": "kpi_result_people", "columns": [{"header": "工号"}]})
    book.close()
    rows = "<row><c t='str'><v>工号</v></c></row>" + "<row><c><v>1</v></c></row>" * 3
    own = "<row><c/><c><v>9</v></c></row>"
    rebuild(path, {"xl/worksheets/sheet1.xml": bare_sheet(f"<sheetData>{rows}{own}</sheetData>")})
    patch_book(path, path, people([["甲"]]))
    assert values(path, area="A1:A4") == [["工号"], ["甲"]]
    assert values(path, area="B5:B5") == [[9]]


def test_an_empty_table_keeps_one_blank_row_and_its_look(rich_book, values):
    patch_book(rich_book, rich_book, people([]))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    assert sheet.tables["kpi_result_people"].ref == "C4:F5"
    assert values(rich_book, area="C5:F20") == []
    patch_book(rich_book, rich_book, people(TEN))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    assert sheet["E14"].number_format == "#,##0.00"


def test_every_row_looks_like_the_first_body_row(rich_book):
    patch_book(rich_book, rich_book, people(TEN))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    for row in range(5, 15):
        formats = [sheet.cell(row, column).number_format for column in range(3, 7)]
        assert formats == ["@", "@", "#,##0.00", "0.0%"]


def test_the_same_results_twice_change_no_byte(rich_book, tmp_path):
    cells = [CellUpdate("首页", "B1", "已计算")]
    patch_book(rich_book, rich_book, people(TEN), cells)
    once = rich_book.read_bytes()
    rich_book.with_name("绩效.备份.xlsm").unlink()
    assert patch_book(rich_book, rich_book, people(TEN), cells) is None
    assert rich_book.read_bytes() == once
    assert not rich_book.with_name("绩效.备份.xlsm").exists()
    patch_book(rich_book, tmp_path / "b.xlsm", people(TEN), cells)
    assert (tmp_path / "b.xlsm").read_bytes() == once


def test_single_cells_get_a_value_and_keep_their_look(rich_book):
    cells = [
        CellUpdate("首页", "B1", "已计算"),
        CellUpdate("首页", "Z1", 3),
        CellUpdate("首页", "A9", dt.date(2026, 10, 31)),
        CellUpdate("个人结果", "C1", None),
    ]
    patch_book(rich_book, rich_book, people(TEN), cells)
    book = openpyxl.load_workbook(rich_book)
    assert book["首页"]["B1"].value == "已计算"
    assert book["首页"]["B1"].font.bold
    assert book["首页"]["A1"].value == "状态"
    assert book["首页"]["Z1"].value == 3
    assert book["首页"]["A9"].value == 46326
    assert book["个人结果"]["C1"].value is None
    assert book["个人结果"]["C1"].font.bold


FORMS = {
    "empty": "<sheetData/>",
    "empty with blank": "<sheetData />",
    "nothing stated": "<sheetData><row><c><v>9</v></c></row><row/><row/>"
    "<row><c/><c/><c t='str'><v>工号</v></c><c t='str'><v>金额</v></c><c><v>5</v></c></row>"
    "<row><c/><c/><c><v>1</v></c><c><v>2</v></c><c><v>6</v></c></row>"
    "<row><c/><c/><c/><c/><c><v>7</v></c></row></sheetData>",
    "attributes in another order": "<sheetData><row spans='1:5' r='4'><c t='str' r='C4'><v>工号"
    "</v></c><c t='str' s='0' r='D4'><v>金额</v></c><c s='0' r='E4'><v>5</v></c></row>\n"
    "<row ht='20' r='5'>\n <c s='0' r='C5'/>\n <c s='0' r='E5'><v>6</v></c>\n</row>\n"
    "<row r='6'><c r='E6'><v>7</v></c></row></sheetData>",
    "ordinary": '<sheetData><row r="4"><c r="E4"><v>5</v></c></row><row r="5"/>'
    '<row r="6" spans="5:5" ht="40"><c r="E6"><v>7</v></c></row></sheetData>',
}


@pytest.mark.parametrize("form", FORMS)
def test_sheets_of_every_usual_form(
    tmp_path, rebuild, form, values, table, bare_sheet, assert_sound
):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("个人结果")
    sheet.add_table(
        "C4:D5", {"name": "kpi_result_people", "columns": [{"header": "工号"}, {"header": "金额"}]}
    )
    book.close()
    rebuild(path, {"xl/worksheets/sheet1.xml": bare_sheet(FORMS[form])})
    before = values(path, area="A1:B20"), values(path, area="E1:E20")
    rows = [["甲", 1], ["乙", 2], ["丙", 3]]
    update = people(rows, header=["工号", "得分"]), [CellUpdate("个人结果", "A2", "x")]
    patch_book(path, path, *update)
    assert values(path, area="C4:D20") == [["工号", "得分"], *rows]
    assert values(path, area="E1:E20") == before[1]
    assert values(path, area="A1:B20") == [*before[0], ["x", None]]
    assert table(path) == [["工号", "得分"], *rows]
    assert_sound(path)
    once = path.read_bytes()
    assert patch_book(path, path, *update) is None
    assert path.read_bytes() == once


def test_two_tables_side_by_side(tmp_path, values, table, assert_sound):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("结果")
    for area, name in (("A1:B3", "left"), ("D1:E3", "right")):
        columns = [{"header": f"{name}1"}, {"header": f"{name}2"}]
        sheet.add_table(area, {"name": name, "columns": columns})
    sheet.write("C2", "中间")
    book.close()
    left = [[number, "左"] for number in range(5)]
    right = [["右", number] for number in range(8)]
    patch_book(path, path, [TableUpdate("left", left), TableUpdate("right", right)])
    assert table(path, "left")[1:] == left
    assert table(path, "right")[1:] == right
    assert values(path, "结果", "C1:C9") == [["中间"]]
    assert_sound(path)


SOFFICE = shutil.which("soffice")


def convert(source: Path, suffix: str, folder: Path) -> Path:
    folder.mkdir()
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", suffix, "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{source.stem}.{suffix}"


@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl on LibreOffice's book
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_the_patched_book_and_its_own_book_can_be_patched(
    rich_book, tmp_path, values
):
    patch_book(rich_book, rich_book, people(TEN), [CellUpdate("首页", "B1", "已计算")])
    converted = convert(rich_book, "xlsx", tmp_path / "first")
    assert values(converted, area="C5:F20") == TEN
    assert values(converted, "首页", "B1:B1") == [["已计算"]]
    patch_book(converted, converted, people(TEN[:3]))
    again = convert(converted, "xlsx", tmp_path / "second")
    assert values(again, area="C5:F20") == TEN[:3]


SIZES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)), min_size=1, max_size=4)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sizes=SIZES)
def test_any_sequence_of_sizes_leaves_exactly_the_last_results(
    tmp_path_factory, assert_sound, sizes
):
    path = tmp_path_factory.mktemp("sizes") / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("个人结果")
    sheet.add_table("B2:C4", {"name": "kpi_result_people"})
    own = {f"A{row}": f"左{row}" for row in range(1, 21)}
    own |= {f"F{row}": row for row in range(1, 21)} | {"B1": "上", "C20": "下"}
    for address, value in own.items():
        sheet.write(address, value)
    book.close()
    for step, (height, width) in enumerate(sizes):
        header = [f"列{column}" if column else "首" for column in range(width)]
        rows = [[f"{step}:{row}:{column}" for column in range(width)] for row in range(height)]
        patch_book(path, path, people(rows, header=header), backup=False)
    expected = dict(own)
    for row, line in enumerate([header, *rows]):
        for column, value in enumerate(line):
            expected[f"{'BCDE'[column]}{2 + row}"] = value
    sheet = openpyxl.load_workbook(path)["个人结果"]
    found = {
        cell.coordinate: cell.value
        for line in sheet.iter_rows()
        for cell in line
        if cell.value is not None
    }
    assert found == expected
    last = "BCDE"[width - 1] + str(2 + max(height, 1))
    assert sheet.tables["kpi_result_people"].ref == f"B2:{last}"
    assert_sound(path)


def test_rows_get_heights_and_lose_them_again(tmp_path):
    path = tmp_path / "b.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["甲", "乙"])
    sheet.append([1, 2])
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="t", ref="A1:B2"))
    book.save(path)

    def heights():
        opened = openpyxl.load_workbook(path).active
        return [opened.row_dimensions[n].height for n in (1, 2, 3)]

    patch_book(path, path, [TableUpdate("t", [[1, 2], [3, 4]], heights=[None, 32.5])])
    assert heights() == [None, None, 32.5]
    patch_book(path, path, [TableUpdate("t", [[1, 2], [3, 4]])])
    assert heights() == [None, None, 32.5]
    patch_book(path, path, [TableUpdate("t", [[1, 2]], heights=[20])])
    assert heights() == [None, 20, None]


def test_other_columns_get_their_widths_and_the_rest_of_the_sheet_keeps_its_own(tmp_path):
    path = tmp_path / "b.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.add_table("B2:C3", {"name": "t", "columns": [{"header": "甲"}, {"header": "乙"}]})
    sheet.set_column("A:XFD", 9)
    sheet.set_column("E:E", 20)
    book.close()

    patch_book(path, path, [TableUpdate("t", [[1, 2, 3]], ["甲", "丙", "丁"], widths=[11, 12, 33])])

    opened = openpyxl.load_workbook(path).active
    widths = {n: round(opened.column_dimensions[n].width) for n in "ABCDE"}
    assert widths == {"A": 10, "B": 12, "C": 13, "D": 34, "E": 21}
    assert opened.column_dimensions["F"].width < 11
