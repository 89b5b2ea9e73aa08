import warnings
import zipfile

import openpyxl
import pytest
import xlsxwriter

from xl_kpi.errors import InputError
from xl_kpi.excel import package
from xl_kpi.excel.package import open_package


def refused(path):
    with pytest.raises(InputError) as caught:
        open_package(path).close()
    [problem] = caught.value.problems
    assert problem.where == path.name
    return problem.what


def test_sheets_and_tables_of_a_book(rich_book):
    with open_package(rich_book) as book:
        assert list(book.sheets) == ["首页", "个人结果", "数据"]
        assert list(book.tables) == ["kpi_result_people"]
        table = book.tables["kpi_result_people"]
        assert (table.sheet, table.sheet_part) == ("个人结果", book.sheets["个人结果"])
        assert (table.first_row, table.first_column) == (4, 3)
        assert (table.last_row, table.last_column) == (8, 6)
        assert table.columns == ("工号", "姓名", "奖金", "转化率")
        assert (table.header_rows, table.totals_rows) == (1, 0)
        assert str(table.body) == "C5:F8"
        assert book.read("xl/vbaProject.bin") == bytes(range(256)) * 8
        assert book.date_1904 is False


def test_a_book_of_openpyxl_with_a_chart_sheet_and_a_totals_row(tmp_path):
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "A & B"
    book.active.append(["一\n行", "b"])
    book.create_chartsheet("图")
    table = openpyxl.worksheet.table.Table(displayName="t", ref="A1:B3", totalsRowCount=1)
    book.active.add_table(table)
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.save(path)
    with open_package(path) as opened:
        assert list(opened.sheets) == ["A & B"]
        assert opened.date_1904 is True
        assert opened.tables["t"].columns == ("一\n行", "b")
        assert str(opened.tables["t"].body) == "A2:B2"


def test_names_of_columns_are_decoded_and_links_ignore_case(rich_book, edit_part):
    edit_part(rich_book, "xl/tables/table1.xml", '"奖金"', '"奖_x000a_金"')
    links = "xl/worksheets/_rels/sheet2.xml.rels"
    edit_part(rich_book, links, '"../tables/table1.xml"', '"/xl/Tables/Table%31.xml"')
    with open_package(rich_book) as book:
        assert book.tables["kpi_result_people"].columns[2] == "奖\n金"
        assert book.tables["kpi_result_people"].part == "xl/tables/table1.xml"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空"),
        (b"a,b\n1,2\n", "不是 Excel"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "文件有密码或是旧版 .xls"),
        (b"PK\3\4 and no more", "不完整"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, word):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert word in refused(path)


def test_a_missing_file_and_a_folder(tmp_path):
    assert "找不到" in refused(tmp_path / "x.xlsx")
    assert "文件夹" in refused(tmp_path)


def test_every_truncated_file_is_refused(rich_book):
    content = rich_book.read_bytes()
    for length in range(4, len(content), len(content) // 20):
        rich_book.write_bytes(content[:length])
        assert "不完整" in refused(rich_book)


def test_a_damaged_part_is_named(rich_book):
    content = bytearray(rich_book.read_bytes())
    with zipfile.ZipFile(rich_book) as archive:
        start = archive.getinfo("xl/workbook.xml").header_offset
    content[start + 60 : start + 90] = bytes(30)
    rich_book.write_bytes(bytes(content))
    assert "xl/workbook.xml" in refused(rich_book)


def test_a_password_in_the_zip(rich_book):
    content = bytearray(rich_book.read_bytes())
    position = content.find(b"PK\1\2")
    content[position + 8] |= 1
    rich_book.write_bytes(bytes(content))
    assert "密码" in refused(rich_book)


def test_a_zip_without_a_workbook(tmp_path):
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "没有工作簿" in refused(path)


def test_a_binary_workbook(rich_book, rebuild, edit_part):
    rebuild(rich_book, {"xl/workbook.bin": b"\0"})
    edit_part(rich_book, "_rels/.rels", "xl/workbook.xml", "xl/workbook.bin")
    assert ".xlsb" in refused(rich_book)


def test_a_sheet_without_its_part(rich_book, rebuild):
    rebuild(rich_book, {"xl/worksheets/sheet3.xml": None})
    assert "数据" in refused(rich_book)


@pytest.mark.parametrize("name", ["xl/workbook.xml", "XL/Workbook.xml"])
def test_members_of_the_same_name(rich_book, name):
    with warnings.catch_warnings(), zipfile.ZipFile(rich_book, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(name, "<workbook/>")
    assert "重复" in refused(rich_book)


def test_a_member_that_swells(rich_book):
    with zipfile.ZipFile(rich_book, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", bytes(51 << 20))
    assert "压缩比" in refused(rich_book)


def test_a_book_too_large_when_unpacked(rich_book, monkeypatch):
    with zipfile.ZipFile(rich_book) as archive:
        total = sum(info.file_size for info in archive.infolist())
    monkeypatch.setattr(package, "MAX_TOTAL_BYTES", total)
    open_package(rich_book).close()
    monkeypatch.setattr(package, "MAX_TOTAL_BYTES", total - 1)
    assert "上限" in refused(rich_book)


def test_a_compression_that_excel_does_not_use(rich_book):
    with zipfile.ZipFile(rich_book, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/media/x.bin", b"x" * 99)
    assert "压缩方式" in refused(rich_book)


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_doctype_in_any_encoding(rich_book, rebuild, encoding):
    with zipfile.ZipFile(rich_book) as archive:
        text = archive.read("xl/workbook.xml").decode()
    text = text.partition("?>")[2].strip()
    rebuild(rich_book, {"xl/workbook.xml": (DOCTYPE + text).encode(encoding)})
    assert ("DOCTYPE" if encoding == "utf-8" else "UTF-8") in refused(rich_book)


def test_an_encoding_that_could_hide_a_doctype(rich_book, edit_part):
    edit_part(rich_book, "xl/workbook.xml", 'encoding="UTF-8"', 'encoding="gb18030"')
    assert "UTF-8" in refused(rich_book)


def test_xml_that_ends_early(rich_book, edit_part):
    edit_part(rich_book, "xl/tables/table1.xml", "</table>", "")
    assert "table1.xml" in refused(rich_book)


@pytest.mark.parametrize("ref", ["C4:E8", "C:F", "C4:XFE8"])
def test_a_table_that_contradicts_itself(rich_book, edit_part, ref):
    edit_part(rich_book, "xl/tables/table1.xml", 'ref="C4:F8" totals', f'ref="{ref}" totals')
    assert "个人结果" in refused(rich_book)


def test_chart_sheets_of_xlsxwriter(tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("一").write("A1", 1)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "='一'!$A$1:$A$2"})
    book.add_chartsheet("图").set_chart(chart)
    book.add_worksheet("二")
    book.close()
    with open_package(path) as opened:
        assert list(opened.sheets) == ["一", "二"]
