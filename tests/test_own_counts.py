"""A metric that HR counts themselves: its column of 指标数据 from the book to the pay."""

import copy

import openpyxl
import pytest
from books import Editor, case_book
from case_files import evaluated, frames, preset, read_case
from openpyxl.worksheet.table import TableColumn

from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import own_counts, preset_counts
from xl_kpi.tables import COUNTS, counts_with

SHOWS = "直播场次"
EACH = 50  # yuan for each show


@pytest.fixture
def book(tmp_path):
    """A month of S05 whose HR also counts live shows and pays for each."""
    path = case_book(tmp_path / "月.xlsx", read_case("s05_team_month"))
    editor = Editor(path)
    fill_row(editor, "kpi_metrics", {
        "编号": "H01", "指标": SHOWS, "来源": "计数", "单位": "次数", "优劣": "越高越好",
    })  # fmt: skip
    fill_row(editor, "S05_pay_items", {
        "项目": "直播补贴", "层级": "个人", "公式": f"={SHOWS} * {EACH}", "单位": "元", "发放": "是",
    })  # fmt: skip
    sheet, table = editor.places["kpi_counts"]
    left, top, right, bottom = openpyxl.utils.range_boundaries(table.ref)
    sheet.cell(top, right + 1).value = SHOWS
    column = TableColumn(id=max(c.id for c in table.tableColumns) + 1, name=SHOWS)
    table.tableColumns.append(column)
    last = openpyxl.utils.get_column_letter(right + 1)
    table.ref = f"{openpyxl.utils.get_column_letter(left)}{top}:{last}{bottom}"
    if table.autoFilter is not None:
        table.autoFilter.ref = table.ref
    for row in range(1, bottom - top + 1):
        editor.cell("kpi_counts", SHOWS, row).value = 1
    editor.save()
    return path


def fill_row(editor, table, values):
    """Put values into the first blank row of a table, choices as the drop-down has them."""
    first = next(iter(values))
    row = editor.find(table, first, None)
    for header, value in values.items():
        cell = editor.cell(table, header, row)
        cell.value = value
        if value.startswith("="):
            cell.data_type = "s"  # a text, as the column has it


def shows(editor, row):
    return editor.cell("kpi_counts", SHOWS, row)


def rows_of(editor, person):
    """The body rows of 指标数据 of a person in October."""
    _, table = editor.places["kpi_counts"]
    _, top, _, bottom = openpyxl.utils.range_boundaries(table.ref)
    return [
        row for row in range(1, bottom - top + 1)
        if editor.cell("kpi_counts", "工号", row).value == person
        and f"{editor.cell('kpi_counts', '日期', row).value:%Y-%m}" == "2026-10"
    ]  # fmt: skip


def said(path):
    return [f"{p.severity} {p}" for p in check_book(path).problems]


def test_the_column_is_read_added_up_and_paid(book):
    expect = read_case("s05_team_month")["expect"]
    rows = {person: len(rows_of(Editor(book), person)) for person in expect["total"]}
    assert max(rows.values()) == 4

    run_book(book)

    people = read_book(book).tables["kpi_result_people"]
    columns = {name: people.columns[people.header.index(name)] for name in people.header}
    pay = dict(zip(columns["工号"], columns["应发合计"], strict=True))
    extra = dict(zip(columns["工号"], columns["直播补贴"], strict=True))
    for person, count in rows.items():
        assert extra[person] == EACH * count
        assert pay[person] == pytest.approx(expect["total"][person] + EACH * count, abs=1e-9)


def test_a_text_and_a_negative_number_are_named_with_their_cell(book):
    editor = Editor(book)
    first, second = rows_of(editor, "Q01")[:2]
    shows(editor, first).value, shows(editor, second).value = "三场", -2
    cells = [shows(editor, row).coordinate for row in (first, second)]
    editor.save()

    found = said(book)

    for cell in cells:
        assert any(p.startswith("error") and f"指标数据!{cell}" in p for p in found), cell


def test_a_blank_says_which_column_to_fill(book):
    editor = Editor(book)
    for row in rows_of(editor, "Q01"):
        shows(editor, row).value = None
    editor.save()

    assert any(p.startswith("error") and f"“{SHOWS}”空白" in p and "林可" in p for p in said(book))


def test_a_lost_column_of_an_indicator_stops_the_run(tmp_path):
    case = read_case("s90_team_month")
    path = case_book(tmp_path / "月.xlsx", case)
    assert [p for p in said(path) if p.startswith("error")] == []
    editor = Editor(path)
    _, table = editor.places["kpi_counts"]
    cell = editor.cell("kpi_counts", "实用工时", 0)
    cell.value = "工时"
    next(c for c in table.tableColumns if c.name == "实用工时").name = "工时"
    editor.save()

    assert any(p.startswith("error") and "缺少“实用工时”这一列" in p for p in said(path))


def test_counts_and_metrics_stand_in_the_result_with_their_headers(tmp_path):
    path = case_book(tmp_path / "月.xlsx", read_case("s90_team_month"))
    run_book(path)
    people = read_book(path).tables["kpi_result_people"]
    columns = {name: people.columns[people.header.index(name)] for name in people.header}
    hours = dict(zip(columns["工号"], columns["实用工时"], strict=True))
    assert (hours["H09"], hours["H06"]) == (61, 0)


def test_half_of_a_rate_is_a_warning(tmp_path):
    case = copy.deepcopy(read_case("s90_team_month"))
    row = next(r for r in case["counts"] if r["person_id"] == "H09")
    del row["实用工时"]
    found = said(case_book(tmp_path / "月.xlsx", case))
    assert any(p.startswith("warning") and "“实用工时”空白" in p and "纪云" in p for p in found), found


def test_an_approved_value_takes_its_place():
    case = copy.deepcopy(read_case("s90_team_month"))
    case["calibrations"] = [
        {"period": "2026-11", "person_id": "H03", "item": "实用工时", "original": 156, "value": 104,
         "reason": "系统故障", "approver": "主管", "approved": "2026-12-02"}
    ]  # fmt: skip
    results = evaluated(case)
    row = results.people.ids.index("H03")
    assert results.value("实用工时")[row] == 104
    assert results.value("工时效率")[row] == 130 / 104


def test_a_name_of_a_column_that_is_there_already_is_that_column():
    row = Row({"id": "H02", "metric": "销售额", "source": "count", "unit": "yuan"}, {}, "指标库!A9")
    assert counts_with(own_counts([row])).columns == COUNTS.columns
    english = Row({"id": "H03", "metric": "场次", "english": "sales", "source": "count"}, {}, "")
    (added,) = counts_with(own_counts([english])).columns[len(COUNTS.columns) :]
    assert (added.key, added.zh, added.en) == ("场次", "场次", "场次")


def test_a_metric_over_own_counts_is_a_ratio_of_sums():
    case = read_case("s90_team_month")
    assert [c.key for c in preset_counts().columns[-4:]] == [
        "咨询件数", "售后件数", "投诉件数", "实用工时",
    ]  # fmt: skip
    results = evaluate(frames(case), preset("S90"), case["period"])
    # 160 + 150 + 130 + 75 hours allowed of the four that worked, 150 + 120 + 156 + 60 taken.
    efficiency = results.figures.group_metric("工时效率", "month", "department")
    assert efficiency[0] == pytest.approx(515 / 486, rel=1e-12)
