import errno
import os
import re
import shutil
import stat
import zipfile

import openpyxl
import pytest
import xlsxwriter

from xl_kpi.errors import InputError
from xl_kpi.excel.patch import CellUpdate, TableUpdate, patch_book

SHEET = "xl/worksheets/sheet2.xml"
TABLE = "xl/tables/table1.xml"
ROWS = [[f"N{i}", f"人{i}", i, i] for i in range(10)]
UPDATE = [TableUpdate("kpi_result_people", ROWS)]


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(path, tables=UPDATE, cells=()):
    """The problems of a patch that must leave the folder as it was."""
    before = snapshot(path.parent)
    with pytest.raises(InputError) as caught:
        patch_book(path, path, tables, cells)
    assert snapshot(path.parent) == before
    for problem in caught.value.problems:
        assert problem.where
        assert problem.fix
    return [(problem.where, problem.what) for problem in caught.value.problems]


def part(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def test_hr_cells_below_the_table_are_not_overwritten(rich_book):
    tall = [[f"N{i}", None, None, None] for i in range(40)]
    [(where, what)] = refusal(rich_book, [TableUpdate("kpi_result_people", tall)])
    assert where == "个人结果!C40"
    assert "已有内容" in what


def test_hr_cells_right_of_the_table_are_not_overwritten(rich_book):
    header = ["a", "b", "c", "d", "e", "f"]
    update = TableUpdate("kpi_result_people", [["x"] * 6] * 6, header=header)
    [(where, what)] = refusal(rich_book, [update])
    assert where == "个人结果!H5"
    assert "共 4 行" in what


def test_styled_cells_without_content_may_be_used(rich_book, edit_part):
    edit_part(rich_book, SHEET, '<row r="40"', '<row r="9"><c r="C9" s="1"/></row><row r="40"')
    patch_book(rich_book, rich_book, UPDATE)


def test_merged_cells_in_the_old_and_new_body(rich_book):
    for area in ("D6:D7", "F9:G9"):
        book = openpyxl.load_workbook(rich_book)
        book["个人结果"].merge_cells(area)
        path = rich_book.with_name(f"{area[:2]}.xlsx")
        book.save(path)
        [(where, what)] = refusal(path)
        assert where == f"个人结果!{area}"
        assert "合并单元格" in what


def test_a_merge_in_rows_that_are_to_be_emptied(rich_book):
    book = openpyxl.load_workbook(rich_book)
    book["个人结果"].merge_cells("D7:D8")
    path = rich_book.with_suffix(".xlsx")
    book.save(path)
    [(where, _)] = refusal(path, [TableUpdate("kpi_result_people", ROWS[:1])])
    assert where == "个人结果!D7:D8"


def test_a_merge_elsewhere_does_not_matter(rich_book):
    book = openpyxl.load_workbook(rich_book)
    book["个人结果"].merge_cells("H4:I4")
    book["个人结果"].merge_cells("C40:F40")
    path = rich_book.with_suffix(".xlsx")
    book.save(path)
    patch_book(path, path, UPDATE)


@pytest.mark.parametrize(
    ("old", "new", "cell"),
    [
        # a shared formula whose master stands in the body and whose followers do not
        ("<v>320.5</v>", '<f t="shared" ref="E5:G5" si="0">A5</f><v>1</v>', "E5"),
        # an array formula that begins in the body and leaves it
        ("<v>320.5</v>", '<f t="array" ref="E5:G5">A5:C5</f><v>1</v>', "E5"),
        # an array formula that reaches into the body
        ("<f>E5*2</f>", '<f t="array" ref="F5:H5">A5:C5</f>', "H5"),
        # a data table
        ("<f>E5*2</f>", '<f t="dataTable" ref="F9:H14" dt2D="1" r1="A1" r2="A2"/>', "H5"),
    ],
)
def test_formulas_that_reach_over_the_edge(rich_book, edit_part, old, new, cell):
    edit_part(rich_book, SHEET, old, new)
    [(where, what)] = refusal(rich_book)
    assert where == f"个人结果!{cell}"
    assert "公式" in what


def test_a_totals_row_is_no_place_to_write(rich_book, edit_part):
    edit_part(rich_book, TABLE, ' totalsRowShown="0"', ' totalsRowCount="1"')
    [(where, what)] = refusal(rich_book)
    assert where == "表格 kpi_result_people"
    assert "汇总行" in what
    patch_book(rich_book, rich_book, [TableUpdate("kpi_result_people", ROWS[:3])])
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    assert [cell.value for cell in sheet["C"][4:8]] == ["N0", "N1", "N2", "E04"]


def test_a_table_below_is_not_overrun(tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("结果")
    sheet.add_table("A1:B3", {"name": "upper"})
    sheet.add_table("B6:C8", {"name": "lower"})
    book.close()
    patch_book(path, path, [TableUpdate("upper", [[1, 2]] * 4)])
    [(where, what)] = refusal(path, [TableUpdate("upper", [[1, 2]] * 5)])
    assert where == "结果!B6:C8"
    assert "lower" in what


def test_the_edge_of_the_sheet(rich_book):
    too_tall = [[None] * 4] * 1_048_573
    [(_, what)] = refusal(rich_book, [TableUpdate("kpi_result_people", too_tall)])
    assert "最大行数" in what


def test_all_problems_are_told_at_once(rich_book):
    tables = [
        TableUpdate("kpi_result_peopel", ROWS),
        TableUpdate("kpi_result_people", [[1, 2, 3, 4]], header=["a", "A", "", "b" * 256]),
    ]
    cells = [
        CellUpdate("首頁", "B1", 1),
        CellUpdate("首页", "B2", 1),
        CellUpdate("个人结果", "D6", 1),
        CellUpdate("首页", "B1", "x" * 32768),
    ]
    problems = refusal(rich_book, tables, cells)
    assert [where for where, _ in problems] == [
        "绩效.xlsm",
        *["表格 kpi_result_people"] * 3,
        "绩效.xlsm",
        "首页!B2",
        "个人结果!D6",
        "首页!B1",
    ]
    words = ["kpi_result_people", "重复", "空", "空", "首页", "公式", "表格里", "32767"]
    for (_, what), word in zip(problems, words, strict=True):
        assert word in what


def test_texts_longer_than_a_cell(rich_book):
    rows = [["x" * 32767, None, None, None]]
    patch_book(rich_book, rich_book, [TableUpdate("kpi_result_people", rows)])
    rows = [["长" * 32768, None, None, None]]
    [(_, what)] = refusal(rich_book, [TableUpdate("kpi_result_people", rows)])
    assert "32767" in what


def test_a_cell_inside_a_merge(rich_book):
    book = openpyxl.load_workbook(rich_book)
    book["首页"].merge_cells("D1:E2")
    path = rich_book.with_suffix(".xlsx")
    book.save(path)
    [(where, _)] = refusal(path, [], [CellUpdate("首页", "E1", 1)])
    assert where == "首页!E1"
    patch_book(path, path, [], [CellUpdate("首页", "D1", 1)])
    assert openpyxl.load_workbook(path)["首页"]["D1"].value == 1


def test_a_cell_below_an_array_formula(rich_book, edit_part):
    edit_part(rich_book, SHEET, "<f>E5*2</f>", '<f t="array" ref="H5:I9">A5:B9</f>')
    [(where, _)] = refusal(rich_book, [], [CellUpdate("个人结果", "I7", 1)])
    assert where == "个人结果!I7"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (SHEET, "<worksheet ", '<worksheet xmlns:x="urn:x" '),
        (SHEET, "<sheetData>", "<sheetData><!-- made by hand -->"),
        (SHEET, '<row r="5" ', '<row r="9" '),
        (SHEET, "</sheetData>", "<x/></sheetData>"),
        (SHEET, "</row></sheetData>", "<extLst></extLst></row></sheetData>"),
        (TABLE, "<tableColumns ", "<!-- --><tableColumns "),
    ],
)
def test_parts_of_an_unusual_form_are_refused(rich_book, edit_part, name, old, new):
    edit_part(rich_book, name, old, new)
    if "urn:x" in new:
        text = part(rich_book, SHEET)
        prefixed = re.sub(r"<(/?)(?=\w)", r"<\1x:", text).replace("<?x:", "<?")
        edit_part(rich_book, SHEET, text, prefixed)
    tall = [TableUpdate("kpi_result_people", ROWS * 2)]
    tables = tall if "extLst" not in new else [TableUpdate("kpi_result_people", ROWS * 4)]
    [(_, what)] = refusal(rich_book, tables)
    assert "无法识别" in what


def test_a_query_would_overwrite_the_results(rich_book, edit_part):
    edit_part(rich_book, TABLE, ' totalsRowShown="0"', ' tableType="queryTable"')
    [(_, what)] = refusal(rich_book)
    assert "外部数据" in what


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(kpi_result_people[奖金])",
        "kpi_result_people[[#This Row],[奖金]]",
        "SUM(KPI_RESULT_PEOPLE[@奖金])",
        "SUM(kpi_result_people[[姓名]:[奖金]])",
    ],
)
def test_columns_that_formulas_name_cannot_go(rich_book, edit_part, formula):
    edit_part(rich_book, "xl/worksheets/sheet1.xml", "SUM('个人结果'!E5:E100)", formula)
    header = ["工号", "姓名", "得分", "转化率"]
    [(where, what)] = refusal(rich_book, [TableUpdate("kpi_result_people", ROWS, header=header)])
    assert where == "工作表“首页”"
    assert "kpi_result_people[奖金]" in what


def test_formulas_on_columns_that_stay_do_not_matter(rich_book, edit_part):
    formula = "SUM(kpi_result_people[转化率])+SUM(other_kpi_result_people[奖金])"
    edit_part(rich_book, "xl/worksheets/sheet1.xml", "SUM('个人结果'!E5:E100)", formula)
    header = ["工号", "姓名", "得分", "转化率"]
    patch_book(rich_book, rich_book, [TableUpdate("kpi_result_people", ROWS, header=header)])


def test_columns_with_a_slicer_cannot_go(rich_book, rebuild):
    cache = (
        b'<slicerCacheDefinition xmlns:x15="urn:x15"><extLst><ext>'
        b'<x15:tableSlicerCache tableId="1" column="3"/></ext></extLst></slicerCacheDefinition>'
    )
    rebuild(rich_book, {"xl/slicerCaches/slicerCache1.xml": cache})
    rows = [row[:3] for row in ROWS]
    [(_, what)] = refusal(
        rich_book, [TableUpdate("kpi_result_people", rows, header=["工号", "姓名", "得分"])]
    )
    assert "切片器" in what
    kept = TableUpdate("kpi_result_people", rows, header=["工号", "姓名", "奖金"])
    patch_book(rich_book, rich_book, [kept])


@pytest.mark.parametrize("lock", ["~$绩效.xlsm", ".~绩效.xlsm", ".~lock.绩效.xlsm#"])
def test_an_open_book_is_left_alone(rich_book, lock):
    rich_book.with_name(lock).write_bytes(b"x")
    [(where, what)] = refusal(rich_book)
    assert where == "绩效.xlsm"
    assert "正在 Excel 中打开" in what


def test_a_read_only_book_is_left_alone(rich_book):
    rich_book.chmod(stat.S_IREAD)
    [(_, what)] = refusal(rich_book)
    assert "只读" in what


FULL = OSError(errno.ENOSPC, "No space left on device")
DENIED = PermissionError(errno.EACCES, "Permission denied")
BROKEN = OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize(
    ("function", "on_call", "error", "word"),
    [
        ("open", 1, DENIED, "不能写入"),
        ("open", 2, FULL, "磁盘空间"),
        ("fsync", 1, FULL, "磁盘空间"),
        ("fsync", 2, BROKEN, "写入失败"),
        ("replace", 1, DENIED, "不能写入"),
        ("replace", 2, BROKEN, "写入失败"),
    ],
)
def test_a_fault_at_any_step_leaves_the_book_whole(
    rich_book, monkeypatch, function, on_call, error, word
):
    real = getattr(os, function)
    calls = []

    def fail(*args, **keywords):
        calls.append(args)
        if len(calls) >= on_call:
            raise error
        return real(*args, **keywords)

    before = snapshot(rich_book.parent)
    monkeypatch.setattr(os, function, fail)
    with pytest.raises(InputError) as caught:
        patch_book(rich_book, rich_book, UPDATE)
    monkeypatch.undo()
    assert len(calls) == on_call
    assert word in caught.value.problems[0].what
    after = snapshot(rich_book.parent)
    backup = after.pop("绩效.备份.xlsm", before["绩效.xlsm"])
    assert backup == before["绩效.xlsm"]
    assert after == before


def test_an_interruption_leaves_nothing_behind(rich_book, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = snapshot(rich_book.parent)
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        patch_book(rich_book, rich_book, UPDATE)
    assert snapshot(rich_book.parent) == before


def test_a_folder_that_does_not_exist(rich_book, tmp_path):
    with pytest.raises(InputError, match="文件夹不存在"):
        patch_book(rich_book, tmp_path / "没有" / "a.xlsm", UPDATE)


def test_the_backup_is_the_state_before_the_last_run(rich_book):
    first = rich_book.read_bytes()
    backup = patch_book(rich_book, rich_book, UPDATE)
    assert backup == rich_book.with_name("绩效.备份.xlsm")
    assert backup.read_bytes() == first
    second = rich_book.read_bytes()
    assert patch_book(rich_book, rich_book, [TableUpdate("kpi_result_people", [])]) == backup
    assert backup.read_bytes() == second
    backup.unlink()
    assert patch_book(rich_book, rich_book, UPDATE, backup=False) is None
    assert not backup.exists()


def test_access_rights_stay(rich_book, tmp_path):
    rich_book.chmod(0o640)
    patch_book(rich_book, rich_book, UPDATE)
    assert stat.S_IMODE(rich_book.stat().st_mode) == 0o640
    source = tmp_path / "vorlage.xlsm"
    shutil.copy(rich_book, source)
    source.chmod(0o444)
    target = tmp_path / "neu.xlsm"
    patch_book(source, target, UPDATE)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_a_link_to_a_book_stays_a_link(rich_book, tmp_path):
    link = tmp_path / "链接.xlsm"
    link.symlink_to(rich_book)
    before = rich_book.read_bytes()
    patch_book(link, link, UPDATE)
    assert link.is_symlink()
    assert rich_book.read_bytes() != before
