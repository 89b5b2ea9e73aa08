"""Books are made here by XlsxWriter and openpyxl, or cell by cell as XML; none is committed."""

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.table import Table

from xl_kpi.errors import InputError
from xl_kpi.excel.reader import read_book
from xl_kpi.tables import CellError

UNCALCULATED = CellError("公式未计算")
SHEET_PART = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "book.xlsx"


def write_table(path, cells, *, top=0, left=0, **options):
    """A book whose sheet 数据 has the table ``kpi_t``; ``cells`` are rows below its header."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("数据")
    width = len(cells[0])
    options = {"columns": [{"header": f"列{n}"} for n in range(width)], **options}
    sheet.add_table(
        top, left, top + len(cells) + options.get("total_row", False), left + width - 1,
        {"name": "kpi_t", **options},
    )  # fmt: skip
    for row, values in enumerate(cells, start=top + 1):
        for column, value in enumerate(values, start=left):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write(row, column, value)
    return book, sheet


def rewrite(path, change, part=SHEET_PART):
    """Change one part of a book; ``change`` maps its text."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[part].decode()
    parts[part] = change(before).encode()
    assert parts[part].decode() != before, "the change changed nothing"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def write_rows_of_xml(path, rows):
    """A table in B2:C4 (header in row 2) whose sheet data is the given XML."""
    book, _ = write_table(path, [[1, 2], [3, 4]], top=1, left=1)
    book.close()
    rewrite(
        path,
        lambda part: re.sub("<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>", part),
    )


def only_table(path):
    book = read_book(path)
    assert list(book.tables) == ["kpi_t"]
    return book.tables["kpi_t"]


def problem_of(path):
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


# --- values and addresses ---


def test_every_type_of_value_at_its_address(path):
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("指标数据")
    sheet.write("A1", "说明在表格上方")
    sheet.write("H40", "表格外面的字")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    clock = book.add_format({"num_format": "hh:mm:ss"})
    long = book.add_format({"num_format": "[h]:mm:ss"})
    percent = book.add_format({"num_format": "0.0%"})
    sheet.add_table(
        "C4:E8", {"name": "kpi_counts", "columns": [{"header": h} for h in ("甲", "乙", "丙")]}
    )
    sheet.write_number("C5", 5)
    sheet.write_number("D5", 0.1)
    sheet.write_boolean("E5", True)
    sheet.write_datetime("C6", dt.datetime(2026, 10, 5), day)
    sheet.write_datetime("D6", dt.datetime(2026, 10, 5, 12, 30), moment)
    sheet.write_datetime("E6", dt.datetime(2026, 10, 6), moment)
    sheet.write_datetime("C7", dt.time(12, 30, 15), clock)
    sheet.write_datetime("D7", dt.timedelta(hours=30), long)
    sheet.write_number("E7", 0.45, percent)
    sheet.write_formula("C8", "=1+1", None, 2)
    sheet.write_formula("D8", '="字"', None, "字")
    sheet.write_formula("E8", "=A1", None)  # XlsxWriter stores 0: a value, not a blank
    book.add_worksheet("空表")
    book.close()

    read = read_book(path)

    assert read.path == path
    assert read.sheets == ("指标数据", "空表")
    assert read.problems == []
    table = read.tables["kpi_counts"]
    assert (table.name, table.sheet, table.header) == ("kpi_counts", "指标数据", ("甲", "乙", "丙"))
    assert (table.header_row, table.first_column, table.rows) == (4, 3, 4)
    assert table.columns == [
        [5.0, dt.date(2026, 10, 5), dt.time(12, 30, 15), 2.0],
        [0.1, dt.datetime(2026, 10, 5, 12, 30), dt.timedelta(hours=30), "字"],
        [True, dt.date(2026, 10, 6), 0.45, 0.0],
    ]
    assert type(table.columns[0][0]) is float
    assert type(table.columns[2][0]) is bool
    assert type(table.columns[2][1]) is dt.date
    assert table.where(0, 0) == "指标数据!C5"
    assert table.where(3, 2) == "指标数据!E8"


def test_texts_lose_what_cannot_be_seen_at_their_ends(path):
    texts = ["  a b\u3000", "\ufeff工号\u200b ", "   ", "\u3000\u200b", "甲\n", "x\u200by"]
    book, _ = write_table(path, [[text, n] for n, text in enumerate(texts)])
    book.close()
    assert only_table(path).columns[0] == ["a b", "工号", None, None, "甲", "x\u200by"]


def test_dates_counted_from_1904(path):
    book = xlsxwriter.Workbook(path, {"date_1904": True})
    sheet = book.add_worksheet("数据")
    sheet.add_table("A1:A2", {"name": "kpi_t"})
    sheet.write_datetime(
        "A2", dt.datetime(2026, 10, 5), book.add_format({"num_format": "yyyy-mm-dd"})
    )
    book.close()
    assert only_table(path).columns == [[dt.date(2026, 10, 5)]]


def test_header_and_totals_rows_are_not_data(path):
    columns = [
        {"header": "姓名", "total_string": "合计"},
        {"header": "销售额", "total_function": "sum"},
    ]
    book, _ = write_table(path, [["甲", 1], ["乙", 2]], total_row=True, columns=columns)
    book.close()
    table = only_table(path)
    assert table.columns == [["甲", "乙"], [1.0, 2.0]]
    assert table.where(1, 1) == "数据!B3"


def test_a_table_without_a_header_row(path):
    book, _ = write_table(path, [["甲", 1], ["乙", 2]], header_row=False)
    book.close()
    # Without a header the table begins in row 1, one row above what is written below it.
    table = only_table(path)
    assert table.where(0, 0) == "数据!A1"
    assert table.columns == [[None, "甲", "乙"], [None, 1.0, 2.0]]


def test_the_header_in_the_table_part_wins_over_the_sheet(path):
    book, sheet = write_table(path, [[1.0]])
    sheet.write_string(0, 0, "被改掉的表头")
    book.close()
    assert only_table(path).header == ("列0",)


def test_blank_rows_go_at_the_end_and_stay_in_the_middle(path):
    rows = [["甲", 1], [None, None], ["  ", None], ["乙", None], [None, None], [" ", None]]
    book, _ = write_table(path, rows, top=9, left=2)
    book.close()
    table = only_table(path)
    assert table.columns == [["甲", None, None, "乙"], [1.0, None, None, None]]
    assert table.where(3, 0) == "数据!C14"


def test_a_table_with_no_data_has_its_columns(path):
    book, _ = write_table(path, [[None, None]])
    book.close()
    table = only_table(path)
    assert table.columns == [[], []]
    assert table.rows == 0


def test_two_tables_side_by_side_on_one_sheet(path):
    book, sheet = write_table(path, [["甲", 1], ["乙", 2]], top=4, left=1)
    sheet.add_table(
        2, 6, 8, 6, {"name": "kpi_u", "data": [[7], [8]], "columns": [{"header": "丁"}]}
    )
    sheet.write_formula("G6", "=1/0", None, "#DIV/0!")
    book.close()
    tables = read_book(path).tables
    assert tables["kpi_t"].columns == [["甲", "乙"], [1.0, 2.0]]
    assert tables["kpi_u"].columns == [[7.0, 8.0, CellError("#DIV/0!")]]
    assert tables["kpi_u"].where(2, 0) == "数据!G6"


def test_tables_that_begin_before_anything_is_written(path):
    book, sheet = write_table(path, [[None, None]] * 5, top=4, left=1)
    sheet.add_table("H1:H3", {"name": "kpi_u", "columns": [{"header": "丁"}]})
    book.close()
    rewrite(
        path,
        lambda part: re.sub(
            "<sheetData>.*</sheetData>",
            '<sheetData><row r="8"><c r="C8"><v>5</v></c></row></sheetData>',
            part,
        ),
    )
    tables = read_book(path).tables
    assert tables["kpi_t"].columns == [[None, None, None], [None, None, 5.0]]
    assert tables["kpi_t"].where(2, 1) == "数据!C8"
    assert tables["kpi_u"].columns == [[]]


cells = st.one_of(
    st.none(),
    st.booleans(),
    # 15 digits is what XlsxWriter and Excel keep of a number.
    st.floats(-1e300, 1e300).map(lambda number: float(f"{number:.15g}")),
    st.integers(-(10**6), 10**6).map(float),
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8).filter(
        lambda text: text == text.strip()
    ),
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), top=st.integers(0, 5), left=st.integers(0, 30))
def test_what_was_written_is_read(data, top, left, tmp_path_factory):
    width = data.draw(st.integers(1, 4))
    rows = data.draw(
        st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
    )
    path = tmp_path_factory.mktemp("random") / "book.xlsx"
    book, _ = write_table(path, rows, top=top, left=left)
    book.close()
    while rows and rows[-1] == [None] * width:
        rows.pop()
    table = only_table(path)
    assert table.columns == [[row[n] for row in rows] for n in range(width)]
    assert [list(map(type, column)) for column in table.columns] == [
        [type(row[n]) for row in rows] for n in range(width)
    ]


# --- errors and formulas without a value ---


def test_errors_are_never_blank(path):
    names = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]
    book, sheet = write_table(path, [[None, 1]] * len(names))
    for row, name in enumerate(names, start=1):
        sheet.write_formula(row, 0, "=1/0", None, name)
    book.close()
    assert only_table(path).columns[0] == [CellError(name) for name in names]


def test_formulas_that_openpyxl_wrote_are_uncalculated(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "数据"
    for row in (["甲", "乙"], [1, "=A2*2"], [None, "=IF(A3,1,0)"], [3, 4]):
        sheet.append(row)
    sheet.add_table(Table(displayName="kpi_t", ref="A1:B4"))
    book.save(path)
    assert only_table(path).columns == [[1.0, None, 3.0], [UNCALCULATED, UNCALCULATED, 4.0]]


def test_an_uncalculated_last_row_is_not_dropped(path):
    write_rows_of_xml(path, '<row r="4"><c r="C4"><f>B4*2</f></c></row>')
    assert only_table(path).columns == [[None, None], [None, UNCALCULATED]]


def test_errors_outside_the_tables_do_no_harm(path):
    book, sheet = write_table(path, [[1, 2]], top=3, left=2)
    for place in ("C3", "B5", "E5", "C6", "D6", "C4"):
        sheet.write_formula(place, "=1/0", None, "#DIV/0!")
    book.close()
    assert only_table(path).columns == [[1.0], [2.0]]


# Cells of B3 as they can stand in a file, and what they mean.
SPELLINGS = {
    '<c r="B3" t="e"><v>#N/A</v></c>': CellError("#N/A"),
    '<c r="B3" s="0" t="e"><f>1/0</f><v>#DIV/0!</v></c>': CellError("#DIV/0!"),
    '<c t="e" r="B3"><f>1/0</f><v>#DIV/0!</v></c>': CellError("#DIV/0!"),
    "<c r='B3' t='e'><v>#REF!</v></c>": CellError("#REF!"),
    '<c r="B3" t = "e" ><v>#REF!</v></c>': CellError("#REF!"),
    '<c r="B3"><f>1</f></c>': UNCALCULATED,
    '<c r="B3"><f>1</f><v></v></c>': UNCALCULATED,
    '<c r="B3"><f>1</f><v/></c>': UNCALCULATED,
    '<c r="B3"><f>1</f> <v/> </c>': UNCALCULATED,
    '<c r="B3"><f aca="false">1</f><v></v></c>': UNCALCULATED,
    '<c r="B3" t="str"><f>"a"</f></c>': UNCALCULATED,
    '<c r="B3" t="n"><f t="shared" si="0"/></c>': UNCALCULATED,
    '<c r="B3"><f t="shared" si="0"/><v></v></c>': UNCALCULATED,
    '<c r="B3" t="str"><f>""</f><v></v></c>': None,
    '<c r="B3" t="str"><f>""</f><v/></c>': None,
    '<c r="B3" t="str"><f t="shared" si="0"/><v></v></c>': None,
    '<c r="B3" t="str"><f>" "</f><v> </v></c>': None,
    '<c r="B3"><f t="shared" si="0"/><v>7</v></c>': 7.0,
    '<c r="B3"><f>IF(A1="e",7,8)</f><v>7</v></c>': 7.0,
    '<c r="B3"><f>\'a b\'!A1&gt;1</f><v>7</v></c>': 7.0,
    '<c r="B3" t="str"><f>"&lt;f>"</f><v>&lt;f></v></c>': "<f>",
    '<c r="B3" t="inlineStr"><is><t>t="e"</t></is></c>': 't="e"',
    '<c r="B3"><v>NaN</v></c>': CellError("#NUM!"),
    '<c r="B3"><v>-inf</v></c>': CellError("#NUM!"),
    '<c r="B3" t="d"><v>2026-10-05T00:00:00</v></c>': dt.date(2026, 10, 5),
    '<c r="B3" t="d"><v>2026-10-05T08:00:00</v></c>': dt.datetime(2026, 10, 5, 8),
}  # fmt: skip


@pytest.mark.parametrize("neighbour", ["9", "", "<f>9</f><v>9</v>"])
@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("cell", SPELLINGS)
def test_cells_as_they_are_spelt(path, cell, prefix, neighbour):
    content = f"<v>{neighbour}</v>" if neighbour == "9" else neighbour
    write_rows_of_xml(
        path,
        f'<row r="3"><c r="A3"><v>8</v></c>{cell}<c r="C3">{content}</c></row><row r="4"><c r="B4"><v>1</v></c></row>',
    )
    if prefix:
        rewrite(path, _prefixed)
    assert only_table(path).columns == [[SPELLINGS[cell], 1.0], [9.0 if neighbour else None, None]]


def _prefixed(part):
    declaration, _, rest = part.partition("?>")
    rest = re.sub(r"<(/?)(\w)", r"<\1x:\2", rest).replace("xmlns=", "xmlns:x=")
    return f"{declaration}?>{rest}"


def test_cells_that_do_not_say_where_they_stand(path):
    write_rows_of_xml(
        path,
        "<row/><row/><row><c><v>1</v></c><c><f>1</f></c><c><v>3</v></c></row>"
        '<row><c/><c><v>4</v></c><c t="e"><v>#N/A</v></c></row>',
    )
    assert only_table(path).columns == [[UNCALCULATED, 4.0], [3.0, CellError("#N/A")]]


def test_a_cell_counts_from_the_last_that_says_where_it_stands(path):
    write_rows_of_xml(path, '<row r="3"><c r="B3"><v>1</v></c><c><f>1</f></c></row>')
    assert only_table(path).columns == [[1.0], [UNCALCULATED]]


def test_an_error_calamine_does_not_know_is_named(path):
    write_rows_of_xml(path, '<row r="3"><c r="C3" t="e"><v>#SPILL!</v></c></row>')
    problem = problem_of(path)
    assert problem.where == "数据!C3"
    assert problem.what == "公式出错：#SPILL!"


@pytest.mark.parametrize(
    "cell", ['<c r="B3"><v><![CDATA[5]]></v></c>', '<c r="B3"><v>1<!-- -->2</v></c>']
)
def test_what_calamine_would_skip_is_refused(path, cell):
    write_rows_of_xml(path, f'<row r="3">{cell}</row>')
    assert "读不出来" in problem_of(path).what


# --- merged cells ---


def test_merged_cells_in_the_body_are_reported(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "员工"
    for row in (["标题"], ["甲", "乙"], [1, 2], [3, 4], [5, 6]):
        sheet.append(row)
    sheet.add_table(Table(displayName="kpi_t", ref="A2:B5"))
    for merged in ("A1:B1", "A4:B5", "B3:C3", "D3:D9"):
        sheet.merge_cells(merged)
    book.save(path)
    rewrite(path, lambda part: part.replace('ref="A1:B1"', 'ref="A1:B2"'))  # title and header
    problems = read_book(path).problems
    assert sorted(problem.where for problem in problems) == ["员工!A4:B5", "员工!B3:C3"]
    assert {problem.severity for problem in problems} == {"error"}
    assert all("合并单元格" in problem.what and "kpi_t" in problem.what for problem in problems)
    assert all("取消合并" in problem.fix for problem in problems)


# --- files that cannot be read ---


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.xls", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512), "旧版 .xls"),
        ("a.xlsx", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512), "密码"),
        ("a.csv", "工号,姓名\n1,甲\n".encode(), "不是 Excel 工作簿"),
        ("a.xlsx", b"", "空的"),
        ("a.xlsx", b"PK\x03\x04 not a zip", "损坏"),
    ],
)
def test_files_that_are_no_workbooks(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)
    problem = problem_of(path)
    assert problem.where == name
    assert what in problem.what


def test_a_missing_file_and_a_folder(tmp_path):
    missing = problem_of(tmp_path / "没有.xlsx")
    assert (missing.where, missing.what) == ("没有.xlsx", "找不到这个文件")
    assert "检查" in missing.fix
    assert "文件夹" in problem_of(tmp_path).what


def test_a_file_that_may_not_be_read(path, monkeypatch):
    book, _ = write_table(path, [[1]])
    book.close()

    def refuse(*arguments, **options):
        raise PermissionError(13, "locked")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert "权限" in problem_of(path).what


def test_an_xlsb_file_says_save_as_xlsx(path):
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{kind}" Target="xl/workbook.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", b"\x83\x01\x00")
    problem = problem_of(path)
    assert ".xlsb" in problem.what
    assert ".xlsx" in problem.fix


def test_a_workbook_without_worksheets(path):
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("数据").write("A1", 1)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=数据!$A$1:$A$1"})
    book.add_chartsheet("图").set_chart(chart)
    book.close()
    rewrite(path, lambda part: re.sub(r'<sheet name="数据"[^>]*>', "", part), "xl/workbook.xml")
    assert problem_of(path).what == "文件里没有工作表"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="3"><c r="B3" t="s"><v>99</v></c></row>',  # no such shared string
        '<row r="3"><c r="B3" t="zz"><v>1</v></c></row>',
        '<row r="3"><c r="B"><v>1</v></c></row>',
        '<row r="3"><c r="B3"><f>1</f></row>',
        '<row r="3"><c r="ZZZ9" t="e"><v>#N/A</v></c></row>',
    ],
)
def test_a_damaged_sheet_is_a_problem_that_names_it(path, rows):
    write_rows_of_xml(path, rows)
    problem = problem_of(path)
    assert problem.where == "book.xlsx"
    assert problem.what == "文件已损坏，工作表“数据”读不出来"


def test_cells_written_far_away_are_refused_before_they_fill_the_memory(path):
    book, sheet = write_table(path, [[1, 2]])
    sheet.write("A1048576", 1)
    sheet.write("XFD1", 1)
    book.close()
    problem = problem_of(path)
    assert problem.where == "数据"
    assert "A1:XFD1048576" in problem.what
    rewrite(path, lambda part: re.sub("<dimension[^>]*>", "", part))
    assert "A1:XFD1048576" in problem_of(path).what


@pytest.mark.parametrize("cell", ["ZZ80000", "AAA60000"])
def test_a_stated_area_that_hides_far_cells_is_not_believed(path, cell):
    """Both rectangles are larger than 50 million cells: 702 × 80 000, and 703 × 99 000."""
    book, sheet = write_table(path, [[1, 2]])
    sheet.write(cell, 1)
    if cell.startswith("AAA"):
        sheet.write("B99000", 1)
    book.close()
    rewrite(path, lambda part: re.sub('<dimension ref="[^"]*"', '<dimension ref="A1:B7"', part))
    assert problem_of(path).where == "数据"


def test_formatted_cells_far_away_do_no_harm(path):
    book, sheet = write_table(path, [[1, 2]])
    sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))
    book.close()
    assert only_table(path).columns == [[1.0], [2.0]]
