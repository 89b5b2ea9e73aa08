"""Rows go into the input tables of a book as HR would type them."""

import datetime as dt
import shutil

import openpyxl
import pytest

from xl_kpi.checks import PersonIndex, clean_table
from xl_kpi.errors import InputError
from xl_kpi.excel.fill import fill_tables, set_scheme, set_settings
from xl_kpi.excel.layout import template_file
from xl_kpi.excel.reader import read_book
from xl_kpi.sample import sample_tables
from xl_kpi.tables import BY_KEY

ROSTER_ROW = {
    "person_id": "007", "name": "李雷", "department": "客服部", "shop": "一店",
    "status": "stand_in", "hired": dt.date(2025, 3, 1), "base_pay": 4000,
}  # fmt: skip


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    shutil.copyfile(template_file("zh"), path)
    return path


def shown(path, sheet, area):
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet][area]]


def settings(path):
    raw = read_book(path).tables["kpi_settings"]
    return dict(zip(raw.columns[0], raw.columns[1], strict=True))


def test_a_row_is_typed_as_hr_would(book):
    fill_tables(book, {"roster": [ROSTER_ROW]}, "zh")
    (row,) = shown(book, "员工", "A6:M6")
    assert row == [
        "007", "李雷", "客服部", "一店", None, None, "顶岗", dt.datetime(2025, 3, 1), None, 4000,
        None, None, None,
    ]  # fmt: skip


def test_cells_keep_the_look_of_the_first_row(book):
    fill_tables(book, {"roster": [ROSTER_ROW] * 3}, "zh")
    sheet = openpyxl.load_workbook(book)["员工"]
    for row in (6, 8):
        assert {cell.style for cell in sheet[row][:13]} == {"KPI 输入"}
        assert sheet[f"A{row}"].number_format == "@"
        assert sheet[f"H{row}"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ["是", "否", None]), ("en", ["yes", "no", None])]
)
def test_flags_are_words(tmp_path, lang, words):
    path = tmp_path / "book.xlsx"
    shutil.copyfile(template_file(lang), path)
    rows = [
        {"date": dt.date(2026, 10, day), "person_id": "1", "filter_abuse": flag}
        for day, flag in ((1, True), (2, 0.0), (3, None))
    ]
    fill_tables(path, {"counts": rows}, lang)
    raw = read_book(path).tables["kpi_counts"]
    assert raw.columns[raw.header.index("确认滥用" if lang == "zh" else "Abuse confirmed")] == words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_is_read_back_as_it_was(tmp_path, lang):
    path = tmp_path / "book.xlsx"
    shutil.copyfile(template_file(lang), path)
    sample = sample_tables(people=6, seed=3)
    fill_tables(path, sample, lang)
    raw = read_book(path)
    assert raw.problems == []
    problems = []
    roster = clean_table(raw.tables["kpi_roster"], BY_KEY["roster"], problems)
    people = PersonIndex(roster)
    for key, rows in sample.items():
        table = BY_KEY[key]
        frame = clean_table(raw.tables[table.excel_name], table, problems, people=people)
        found = [
            {k: v for k, v in record.items() if v is not None and v == v}
            for record in frame.to_dict("records")
        ]
        wanted = [{k: v for k, v in row.items() if v is not None} for row in rows]
        assert found == [
            {k: dt.datetime.combine(v, dt.time()) if isinstance(v, dt.date) else v
             for k, v in row.items()}
            for row in wanted
        ], key  # fmt: skip
    assert problems == []


def test_old_rows_go(book):
    fill_tables(
        book, {"targets": [{"period": "2026-10", "person_id": "1", "sales_target": 1}] * 3}, "zh"
    )
    fill_tables(
        book, {"targets": [{"period": "2026-11", "person_id": "2", "sales_target": 5}]}, "zh"
    )
    assert shown(book, "目标", "A6:C8") == [["2026-11", "2", 5], [None] * 3, [None] * 3]


def test_columns_are_found_wherever_hr_has_moved_them(book):
    edited = openpyxl.load_workbook(book)
    sheet = edited["目标"]
    for cell, label in (("A5", "销售任务员"), ("B5", "任务"), ("C5", "工号")):
        sheet[cell] = label
        sheet.tables["kpi_targets"].tableColumns["ABC".index(cell[0])].name = label
    edited.save(book)
    fill_tables(book, {"targets": [{"person_id": "1", "sales_target": 5}]}, "zh")
    assert shown(book, "目标", "A6:C6") == [[None, 5, "1"]]


def test_a_missing_table_or_column_is_named_and_nothing_is_written(book):
    edited = openpyxl.load_workbook(book)
    del edited["行为"].tables["kpi_events"]
    sheet = edited["目标"]
    sheet["C5"] = "备注"
    sheet.tables["kpi_targets"].tableColumns[2].name = "备注"
    edited.save(book)
    before = book.read_bytes()
    tables = {
        "roster": [ROSTER_ROW],
        "events": [{"date": dt.date(2026, 10, 1), "person_id": "007", "event": "晚班"}],
        "targets": [{"period": "2026-10", "person_id": "007", "sales_target": 5}],
    }
    with pytest.raises(InputError) as caught:
        fill_tables(book, tables, "zh")
    told = [(problem.where, problem.what) for problem in caught.value.problems]
    assert told == [
        ("book.xlsx", "缺少表“行为”（Excel 表名 kpi_events）"),
        ("目标!A5:C6", "缺少“任务”这一列"),
    ]
    assert book.read_bytes() == before


def test_settings(book):
    assert settings(book) == {"期间": None, "方案": "S01", "数据截至": None, "数据起始": None}
    set_settings(book, {"period": "2026-10", "as_of": dt.date(2026, 11, 5)}, "zh")
    set_scheme(book, "S05", "zh")
    found = settings(book)
    assert (found["期间"], found["方案"]) == ("2026-10", "S05")
    assert found["数据截至"] in (dt.date(2026, 11, 5), dt.datetime(2026, 11, 5), 46331.0)
    assert openpyxl.load_workbook(book)["首页"]["D7"].value == "要计算的月份，如 2026-10"
