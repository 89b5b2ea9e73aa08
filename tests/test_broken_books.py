"""Broken books: everything at once as where, what and fix; exit code 1; the file untouched."""

import io
import zipfile

import openpyxl
import pytest
from books import Editor, sample_book

from xl_kpi.cli import main


def refused(path, capsys, command="run"):
    """What is printed for a book that must be refused and must not change."""
    before = path.read_bytes() if path.is_file() else None
    beside = sorted(p.name for p in path.parent.iterdir())

    code = main([command, str(path)])

    said = capsys.readouterr()
    assert code == 1
    assert sorted(p.name for p in path.parent.iterdir()) == beside
    assert before is None or path.read_bytes() == before
    assert "Traceback" not in said.out + said.err
    return said.out + said.err


def missing_table(book):
    sheet, _ = book.places["kpi_targets"]
    del sheet.tables["kpi_targets"]
    sheet, _ = book.places["kpi_roster"]
    del sheet.tables["kpi_roster"]
    return ["缺少表“员工”", "kpi_roster"]


def misspelt_rule(book):
    row = book.find("S01_indicators", "指标", "回复率")
    cell = book.cell("S01_indicators", "计分规则", row)
    cell.value = "低于标准扣份"
    return [f"S01 部门奖金池!{cell.coordinate}", "低于标准扣份", "是不是“低于标准扣分”"]


def misspelt_metric(book):
    row = book.find("S01_indicators", "指标", "回复率")
    cell = book.cell("S01_indicators", "指标", row)
    cell.value = "回复律"
    return [f"S01 部门奖金池!{cell.coordinate}", "没有“回复律”", "是不是“回复率”"]


def text_in_a_number_column(book):
    cell = book.cell("kpi_counts", "接待人数", 3)
    cell.value = "12人"
    return [f"指标数据!{cell.coordinate}", "12人"]


def error_cell(book):
    cell = book.cell("kpi_counts", "销售额", 2)
    cell.value = "#DIV/0!"
    cell.data_type = "e"
    return [f"指标数据!{cell.coordinate}", "#DIV/0!"]


def never_calculated(book):
    cell = book.cell("kpi_counts", "销售额", 2)
    cell.value = "=1+1"
    return [f"指标数据!{cell.coordinate}", "公式未计算", "保存"]


def duplicate_person(book):
    first = book.cell("kpi_roster", "工号", 1).value
    cell = book.cell("kpi_roster", "工号", 2)
    cell.value = first
    return [f"员工!{cell.coordinate}", first]


def unknown_person(book):
    cell = book.cell("kpi_counts", "工号", 1)
    cell.value = "KF0O1"
    return [f"指标数据!{cell.coordinate}", "KF0O1", "不在员工表里", "是不是"]


def band_gap(book):
    row = book.find("S01_curves", "曲线", "完成分")
    cell = book.cell("S01_curves", "到", row)
    cell.value = 0.45
    return ["“完成分”有空档", "45% 至 50%", "S01 部门奖金池!"]


def band_overlap(book):
    row = book.find("S01_curves", "曲线", "完成分")
    book.cell("S01_curves", "到", row).value = 0.55
    return ["“完成分”有重叠", "50% 至 55%"]


def merged_cells(book):
    cell = book.cell("kpi_counts", "接待人数", 1)
    below = book.cell("kpi_counts", "接待人数", 2)
    book.places["kpi_counts"][0].merge_cells(f"{cell.coordinate}:{below.coordinate}")
    return [f"{cell.coordinate}:{below.coordinate}", "合并"]


def unknown_name_in_a_formula(book):
    row = book.find("S01_pay_items", "项目", "部门奖金")
    cell = book.cell("S01_pay_items", "公式", row)
    cell.value = "=SUM(销售额) * 考核系素"
    cell.data_type = "s"
    return [f"S01 部门奖金池!{cell.coordinate}", "考核系素", "是不是“考核系数”"]


def missing_target(book):
    cell = book.cell("kpi_targets", "任务", book.find("kpi_targets", "工号", "KF001"))
    for row in range(1, 40):
        try:
            if book.cell("kpi_targets", "工号", row).value == "KF001":
                book.cell("kpi_targets", "任务", row).value = None
        except KeyError:
            break
    assert cell.value is None
    return ["目标", "KF001", "“任务”空白"]


def wrong_period(book):
    row = book.find("kpi_settings", "项目", "期间")
    cell = book.cell("kpi_settings", "内容", row)
    cell.value = "十月"
    return [f"首页!{cell.coordinate}", "十月", "2026-10"]


def unknown_scheme(book):
    row = book.find("kpi_settings", "项目", "方案")
    book.cell("kpi_settings", "内容", row).value = "S10"
    return ["没有方案“S10”", "S01"]


FAULTS = [
    missing_table, misspelt_rule, misspelt_metric, text_in_a_number_column, error_cell,
    never_calculated, duplicate_person, unknown_person, band_gap, band_overlap, merged_cells,
    unknown_name_in_a_formula, missing_target, wrong_period, unknown_scheme,
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_broken_book_is_refused_with_its_cure(fault, command, tmp_path, capsys):
    path = sample_book(tmp_path / "十月.xlsx")
    book = Editor(path)
    words = fault(book)
    book.save()

    said = refused(path, capsys, command)

    assert all(word in said for word in words), said


def test_all_problems_are_said_at_once(tmp_path, capsys):
    path = sample_book(tmp_path / "十月.xlsx")
    book = Editor(path)
    faults = [misspelt_rule, text_in_a_number_column, error_cell, duplicate_person, unknown_person,
              merged_cells]  # fmt: skip
    words = [word for fault in faults for word in fault(book)]
    book.save()

    said = refused(path, capsys)

    assert [word for word in words if word not in said] == []


def test_weights_of_105_percent(tmp_path, capsys):
    path = sample_book(tmp_path / "十月.xlsx", "S05")
    book = Editor(path)
    row = book.find("S05_indicators", "指标", "回复率")
    cell = book.cell("S05_indicators", "权重", row)
    cell.value = cell.value + 0.05
    book.save()

    said = refused(path, capsys)

    assert "105" in said
    assert "不是 100%" in said
    assert "S05 目标达成 KPI!" in said


# --- files that are no books -----------------------------------------------------------------


def bomb():
    """Two gigabytes of zeros in a few megabytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/workbook.xml", "w", force_zip64=True) as part:
            block = bytes(1 << 22)
            for _ in range(512):
                part.write(block)
    return buffer.getvalue()


def plain_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "not a workbook")
    return buffer.getvalue()


def a_book_of_their_own():
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(b"", "空", id="empty file"),
        pytest.param("工号,姓名\n1,张\n".encode(), "工作簿", id="csv named xlsx"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "密码", id="encrypted or xls"),
        pytest.param(plain_zip, "工作簿", id="some other zip"),
        pytest.param(bomb, "超过 1 GiB 的上限", id="zip bomb"),
        pytest.param(a_book_of_their_own, "缺少", id="a workbook without our tables"),
    ],
)
def test_a_file_that_is_no_book_is_refused(content, word, tmp_path, capsys):
    path = tmp_path / "十月.xlsx"
    path.write_bytes(content() if callable(content) else content)

    said = refused(path, capsys)

    assert path.name in said
    assert word in said, said


def test_a_truncated_book_is_refused(tmp_path, capsys):
    path = sample_book(tmp_path / "十月.xlsx")
    whole = path.read_bytes()
    for length in (100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:length])
        assert path.name in refused(path, capsys)


def test_a_missing_file_and_a_folder_are_refused(tmp_path, capsys):
    assert "找不到" in refused(tmp_path / "没有.xlsx", capsys)
    folder = tmp_path / "文件夹.xlsx"
    folder.mkdir()
    assert "文件夹" in refused(folder, capsys)


@pytest.mark.parametrize("lock", ["~$十月.xlsx", ".~lock.十月.xlsx#"])
def test_an_open_book_is_refused(lock, tmp_path, capsys):
    path = sample_book(tmp_path / "十月.xlsx")
    (tmp_path / lock).write_bytes(b"")

    assert "打开" in refused(path, capsys)
