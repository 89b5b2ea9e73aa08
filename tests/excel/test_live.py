"""A run in the open book: the same cells as a run on its file, few calls, HR's own things kept."""

import math
import re

import live_books
import pytest
from fake_excel import opened, state
from fake_excel.model import Cell

from xl_kpi.excel.live import check_live, run_live
from xl_kpi.excel.live_steps import WriteFailedError
from xl_kpi.excel.run import run_book

RESULTS = ("个人结果", "部门合计", "部门结果", "周积分", "追溯", "检查", "看板", "看板数据")
BOOKS = {
    "demo": live_books.demo,
    "a run before": live_books.calculated_demo,
    "English": live_books.english_demo,
    "S06": live_books.s06_month,
    "two schemes": live_books.two_schemes,
    "two schemes, English": lambda path: live_books.two_schemes(path, "en"),
    "more people": lambda path: live_books.grown(path, 5, 9),
    "fewer people": lambda path: live_books.grown(path, 9, 5),
    "another scheme": live_books.switched,
}


def differences(found, expected):
    return [
        (sheet, cell, found.get(sheet, {}).get(cell), expected.get(sheet, {}).get(cell))
        for sheet in {*found, *expected}
        for cell in {*found.get(sheet, {}), *expected.get(sheet, {})}
        if found.get(sheet, {}).get(cell) != expected.get(sheet, {}).get(cell)
    ]


@pytest.mark.parametrize("name", BOOKS)
def test_the_live_book_gets_the_cells_that_its_file_would_get(tmp_path, name):
    path = BOOKS[name](tmp_path / "十月.xlsx")
    live = opened(path)
    outcome = run_live(live)
    run_book(path, backup=False)
    found, expected = state(live), state(opened(path))
    assert outcome.results is not None
    assert not outcome.count("error")
    assert differences(found["cells"], expected["cells"]) == []
    assert found["tables"] == expected["tables"]
    assert found["sheets"] == expected["sheets"]
    for look in ("folded", "bars"):
        ours = {tab: found[look].get(tab) for tab in RESULTS}
        assert ours == {tab: expected[look].get(tab) for tab in RESULTS}, look
    assert sorted(found["names"]) == sorted(expected["names"])


def test_a_second_run_changes_nothing(tmp_path):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    run_live(live)
    before = state(live)
    run_live(live)
    assert state(live) == before


# --- few calls ---------------------------------------------------------------------------------


def calls(path):
    live = opened(path)
    run_live(live)
    with_tables = sum(bool(sheet.tables) for sheet in live.api._sheets)
    return live.api.Application.log, with_tables


def test_reads_and_writes_do_not_grow_with_the_people(tmp_path):
    """Each sheet with tables is read once; what is replaced is kept with two reads a range."""
    few, with_tables = calls(live_books.grown(tmp_path / "少.xlsx", 5, 5))
    many, _ = calls(live_books.grown(tmp_path / "多.xlsx", 16, 16))
    assert (len(few.reads), len(few.writes)) == (len(many.reads), len(many.writes))
    values = [read for read in few.reads if read.startswith("Value ")]
    assert len(values) <= with_tables + 3  # and the header of the settings, for the language
    written = [write for write in few.writes if write.startswith("cells ")]
    kept = [read for read in few.reads if not read.startswith("Value ")]
    assert len(kept) == 2 * len(written)
    # Result tables and status, 看板, headings and totals, the month on seven sheets, 对账.
    assert len(written) <= 7 + 6 + 6 + 7 + 9


def test_looks_do_not_grow_with_the_people(tmp_path):
    few, _ = calls(live_books.grown(tmp_path / "少.xlsx", 5, 9))
    many, _ = calls(live_books.grown(tmp_path / "多.xlsx", 9, 16))
    assert len(many.looks) <= len(few.looks) + 5


# --- HR's own things ---------------------------------------------------------------------------


@pytest.fixture
def with_own(tmp_path):
    """A calculated book with notes, formulas, a sheet and a filter of HR's."""
    live = opened(live_books.grown(tmp_path / "十月.xlsx", 5, 9))
    people = live.api.Worksheets("个人结果")
    right = people.tables[0].area.last_column + 2
    for row in range(6, 12):
        people.cells[row, right] = Cell(f"备注{row}", style="Normal", form="@")
        people.cells[row, right + 1] = Cell(1.5, f"=A{row}*2", form="0.0")
    people.cells[4, right] = Cell("人事备注")
    people.cells[200, 3] = Cell("制表人：王")
    own = live.api.Worksheets("首页")
    own.cells[90, 2] = Cell(7.0, "=SUM(kpi_result_people[应发合计])")
    return live, right


def test_what_hr_wrote_beside_the_tables_stays_with_its_looks(with_own):
    live, _ = with_own
    before = state(live, looks=True)["cells"]
    run_live(live)
    after = state(live, looks=True)["cells"]
    ours = {*RESULTS, *(name for name in after if name.startswith("对账")), "首页"}
    for sheet in before.keys() - ours:
        assert after[sheet] == before[sheet], sheet
    people = live.api.Worksheets("个人结果")
    area = people.tables[0].area
    inside = {
        f"{cell}" for cell in before["个人结果"]
        if _inside(cell, area) or re.fullmatch(r"[A-Z]+[34]", cell)
    }  # fmt: skip
    for cell in before["个人结果"].keys() - inside:
        assert after["个人结果"].get(cell) == before["个人结果"][cell], cell
    kept = {k: v for k, v in after["个人结果"].items() if v[0] in ("人事备注", "制表人：王", "备注6")}
    assert len(kept) == 3
    assert after["首页"]["B90"] == before["首页"]["B90"]


def _inside(cell, area):
    from xl_kpi.excel.area import parse_cell

    row, column = parse_cell(cell)
    return area.first_row <= row <= area.last_row and column <= area.last_column


def test_rows_that_a_filter_hides_are_written_too_and_the_filter_comes_back(tmp_path):
    path = live_books.grown(tmp_path / "十月.xlsx", 5, 9)
    live, plain = opened(path), opened(path)
    table = live.api.Worksheets("个人结果").tables[0]
    table.filter(5, [f"={live.api.Worksheets('个人结果').cells[7, 5].value}"], 7)
    hidden = set(table.hidden)
    run_live(live)
    run_live(plain)
    assert differences(state(live)["cells"], state(plain)["cells"]) == []
    filters, rows = state(live)["filters"]["kpi_result_people"]
    assert [column for column, _ in filters] == [5]
    assert hidden
    assert rows
    assert all(row <= table.area.last_row for row in rows)


def test_new_rows_look_like_the_ones_above(tmp_path):
    live = opened(live_books.grown(tmp_path / "十月.xlsx", 5, 9))
    people = live.api.Worksheets("个人结果")
    area = people.tables[0].area
    for row in range(area.first_row + 1, area.last_row + 1):
        people.cells[row, 8].form = "0.000"  # HR's choice
    run_live(live)
    first, last = (people.cells[row, 8] for row in (6, people.tables[0].area.last_row))
    assert (first.style, first.form) == (last.style, last.form) == ("KPI 整数", "0.000")


def test_rows_that_go_look_like_no_table(tmp_path):
    live = opened(live_books.grown(tmp_path / "十月.xlsx", 9, 5))
    run_live(live)
    people = live.api.Worksheets("个人结果")
    assert people.tables[0].area.last_row == 10
    assert people.cells[10, 8].style == "KPI 整数"
    assert people.cells[11, 8].style == "Normal"


def test_new_columns_get_the_style_of_their_unit(tmp_path):
    live = opened(live_books.switched(tmp_path / "十月.xlsx"))
    run_live(live)
    people = live.api.Worksheets("个人结果")
    area = people.tables[0].area
    pay = next(
        c for c in range(1, area.last_column + 1) if people.cells[5, c].value == "应发合计"
    )
    assert people.cells[area.last_row, pay].style == "KPI 应发"


# --- protection, settings, selection -----------------------------------------------------------


def test_protection_is_lifted_and_comes_back_as_it_was(tmp_path):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    before = state(live)["protection"]
    assert before["个人结果"][0]
    assert before["个人结果"][1]["AllowSorting"]
    run_live(live)
    after = state(live)["protection"]
    assert {name: after[name] for name in before} == before


def test_a_password_is_told_and_nothing_is_written_but_what_is_wrong(tmp_path):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    live.api.Worksheets("周积分").password = "x"
    before = state(live)
    outcome = run_live(live)
    after = state(live)
    assert [p.where for p in outcome.problems if p.severity == "error"] == ["周积分"]
    assert "密码" in outcome.problems[0].what
    assert {s for s, *_ in differences(before["cells"], after["cells"])} == {"检查", "首页"}
    assert after["protection"] == before["protection"]


@pytest.mark.parametrize("mode", [-4105, -4135, 2])
def test_settings_and_selection_come_back(tmp_path, mode):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    app = live.api.Application
    app.Calculation, app.ScreenUpdating = mode, True
    live.api.Worksheets("员工").Activate()
    selected = live.api.Worksheets("员工").Range("B7:C9")
    selected.Select()
    before = app.settings()
    run_live(live)
    assert app.settings() == before
    assert live.api.ActiveSheet.Name == "员工"
    assert app.Selection.Address == "$B$7:$C$9"
    assert app.calculated == (mode != -4105)  # what is read must not be older than what was typed
    assert [text for text in app.said if text][:3] == [
        "KPI：读取数据…", "KPI：检查并计算…", "KPI：写入结果…",
    ]  # fmt: skip


def test_english_books_are_spoken_to_in_english(tmp_path):
    live = opened(live_books.english_demo(tmp_path / "Oct.xlsx"))
    run_live(live)
    assert all(text.isascii() or "…" in text for text in live.api.Application.said if text)
    status = _status(live, "Home")
    assert status["Last action"].startswith("Calculated 2026-10 for ")


def _status(live, sheet="首页"):
    cells = live.api.Worksheets(sheet).cells
    table = next(t for t in live.api.Worksheets(sheet).tables if t.Name == "kpi_status")
    a = table.area
    return {
        cells[row, a.first_column].value: cells[row, a.first_column + 1].formula
        or cells[row, a.first_column + 1].value
        for row in range(a.first_row + 1, a.last_row + 1)
    }


# --- errors, checks ----------------------------------------------------------------------------


@pytest.fixture
def calculated(tmp_path):
    return opened(live_books.calculated_demo(tmp_path / "十月.xlsx"))


def _spoil(live):
    """A date that is none, in the roster."""
    staff = live.api.Worksheets("员工")
    header = {staff.cells[5, c].value: c for c in range(1, 20) if (5, c) in staff.cells}
    staff.cells[6, header["入职日期"]] = Cell("上个月")


@pytest.mark.parametrize("press", [run_live, check_live])
def test_with_errors_only_the_checks_and_the_state_change(calculated, press):
    live = calculated
    _spoil(live)
    before, was = state(live), _status(live)
    outcome = press(live)
    after, now = state(live), _status(live)
    assert outcome.count("error") == 1
    assert {s for s, *_ in differences(before["cells"], after["cells"])} == {"检查", "首页"}
    changed = {key for key in now if now[key] != was.get(key)}
    assert changed <= {"状态", "错误", "提醒", "上次操作"}
    assert now["状态"].startswith("红")
    assert now["对账"] == was["对账"]
    assert now["对账"].startswith("=")
    assert now["应发合计"] == was["应发合计"]
    assert "错误 1 条" in now["上次操作"]
    checks = live.api.Worksheets("检查").cells
    assert checks[6, 1].value == "错误"
    assert "入职日期" in checks[6, 3].value


def test_a_check_without_errors_leaves_the_light_when_the_results_stand(calculated):
    before = state(calculated)
    check_live(calculated)
    after = state(calculated)
    assert _status(calculated)["状态"] == "绿"
    assert "没有改动结果表" in _status(calculated)["上次操作"]
    assert [(s, c) for s, c, *_ in differences(before["cells"], after["cells"])] == [("首页", "G17")]


def test_a_check_turns_the_light_amber_when_the_data_have_changed(calculated):
    sales = calculated.api.Worksheets("指标数据")
    header = {sales.cells[5, c].value: c for c in range(1, 60) if (5, c) in sales.cells}
    sales.cells[6, header["销售额"]].value += 1000.0
    before = state(calculated)
    check_live(calculated)
    assert _status(calculated)["状态"].startswith("黄")
    changed = {s for s, *_ in differences(before["cells"], state(calculated)["cells"])}
    assert changed <= {"检查", "首页"}


def test_a_check_of_a_book_never_calculated_is_not_green(tmp_path):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    check_live(live)
    assert _status(live)["状态"].startswith("黄")


def test_a_book_of_before_gets_the_sentence_in_a_new_row(calculated):
    home = calculated.api.Worksheets("首页")
    table = next(t for t in home.tables if t.Name == "kpi_status")
    del home.cells[17, 6], home.cells[17, 7]
    table.area = type(table.area)(6, 6, 16, 7)
    check_live(calculated)
    assert str(table.area) == "F6:G17"
    assert "已检查" in _status(calculated)["上次操作"]


# --- what stands in the way --------------------------------------------------------------------


def refusal(live):
    before = state(live)
    outcome = run_live(live)
    changed = {s for s, *_ in differences(before["cells"], state(live)["cells"])}
    assert changed <= {"检查", "首页"}
    return [str(p) for p in outcome.problems if p.severity == "error"]


def test_a_note_under_a_table_that_grows_is_not_overwritten(tmp_path):
    live = opened(live_books.grown(tmp_path / "十月.xlsx", 5, 9))
    live.api.Worksheets("个人结果").cells[12, 2] = Cell("制表人：王")
    (problem,) = refusal(live)
    assert problem.startswith("个人结果!B12: 结果表 kpi_result_people 变大后要用到这里")


def test_a_missing_result_table_is_told(calculated):
    calculated.api.Worksheets("周积分").tables[0].Name = "表1"
    (problem,) = refusal(calculated)
    assert "找不到表格 kpi_result_weeks" in problem


def test_a_sheet_of_hr_with_the_name_of_one_of_ours_is_told(tmp_path):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    live.api.Worksheets("评分人")._name = "对账月"
    (problem,) = refusal(live)
    assert "已有一张不是程序做的工作表叫“对账月”" in problem


def test_a_formula_on_a_sheet_that_goes_is_told(tmp_path):
    live = opened(live_books.switched(tmp_path / "十月.xlsx"))
    live.api.Worksheets("日程").cells[40, 1] = Cell(1.0, "='对账第2周'!D6")
    (problem,) = refusal(live)
    assert problem.startswith("工作表“日程”: 有公式引用了“对账第2周”")


def test_formulas_keep_the_column_that_they_name_when_columns_move(tmp_path):
    live = opened(live_books.switched(tmp_path / "十月.xlsx"))
    home = live.api.Worksheets("首页")
    home.cells[90, 2] = Cell(7.0, "=SUM(kpi_result_people[应发合计])")
    home.cells[91, 2] = Cell(7.0, "=MAX(kpi_result_people[总分])")
    live.api._names.append(
        type(live.api._names[0])(live.api, None, "工资", "=kpi_result_people[应发合计]")
    )
    before = state(live)
    assert not run_live(live).count("error")
    after = state(live)["cells"]["首页"]
    assert after["B90"] == ("=SUM(kpi_result_people[应发合计])",)
    assert after["B91"] == ("=MAX(kpi_result_people[总分])",)
    assert live.api._names[-1].RefersTo == "=kpi_result_people[应发合计]"
    for number in range(5, len(live.api.Application.log.writes), 5):
        again = opened(tmp_path / "十月.xlsx")
        again.api.Worksheets("首页").cells.update(
            {(90, 2): Cell(7.0, home.cells[90, 2].formula), (91, 2): Cell(7.0, home.cells[91, 2].formula)}
        )
        again.api.Application.log.fail_at = {"writes": number}
        with pytest.raises(WriteFailedError):
            run_live(again)
        assert state(again)["cells"] == before["cells"]


def test_a_formula_over_a_column_that_goes_is_told(tmp_path):
    live = opened(live_books.switched(tmp_path / "十月.xlsx"))
    live.api.Worksheets("首页").cells[90, 2] = Cell(7.0, "=SUM(kpi_result_people[超额提成])")
    (problem,) = refusal(live)
    assert problem.startswith("工作表“首页”: 有公式引用了 kpi_result_people[超额提成]")


def test_a_locked_structure_is_told_only_when_sheets_come_or_go(tmp_path):
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    live.api.ProtectStructure = True
    (problem,) = refusal(live)
    assert "结构受保护" in problem
    again = opened(live_books.calculated_demo(tmp_path / "再.xlsx"))
    again.api.ProtectStructure = True
    assert not run_live(again).count("error")


def test_what_was_written_are_numbers_and_texts_as_such(tmp_path):
    """Excel reads ``2026-10`` as a day and ``003`` as 3 unless it is told that they are text."""
    live = opened(live_books.demo(tmp_path / "十月.xlsx"))
    run_live(live)
    assert _status(live)["期间"] == "2026-10"
    assert math.isclose(_status(live)["应发合计"], round(_status(live)["应发合计"], 2))
    people = live.api.Worksheets("个人结果").cells
    assert people[6, 1].value == "KF001"
