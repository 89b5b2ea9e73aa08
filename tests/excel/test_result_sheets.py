"""What stands around the numbers on the result sheets: units, totals, bars, folds, ways to 追溯."""

import re
import shutil

import live_books
import openpyxl
import pandas as pd
import pytest
from books import Editor, case_book, sample_book
from case_files import read_case
from openpyxl.utils import get_column_letter, range_boundaries

from xl_kpi.errors import InputError
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import run_book
from xl_kpi.sample import sample_tables


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "十月.xlsx"
    run_book(sample_book(path), backup=False)
    return path


@pytest.fixture(scope="module")
def call_centre(tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "S06.xlsx"
    run_book(case_book(path, read_case("s06_team_month")), backup=False)
    return path


def frame(path, name):
    table = read_book(path).tables[name]
    return pd.DataFrame(dict(zip(table.header, table.columns, strict=True)))


def line(path, name, *, values=False):
    """The line over a table by the header below it."""
    sheet = next(s for s in openpyxl.load_workbook(path, data_only=values) if name in s.tables)
    left, top, right, _ = range_boundaries(sheet.tables[name].ref)
    return {sheet.cell(top, c).value: sheet.cell(3, c) for c in range(left, right + 1)}


def rows_of(path, name):
    sheet = next(s for s in openpyxl.load_workbook(path) if name in s.tables)
    _, top, _, bottom = range_boundaries(sheet.tables[name].ref)
    return top + 1, bottom


# --- units and totals --------------------------------------------------------------------------


def test_units_stand_over_their_columns_before_and_after_a_run(tmp_path, demo):
    fresh = new_book(tmp_path / "新.xlsx", "zh", {"period": "2026-10", "scheme": "S01"})
    for path in (fresh, demo):
        cells = line(path, "kpi_result_people")
        units = {"转化率": "%", "付款客单价": "元", "平均响应时间": "秒", "答问比": "倍", "工龄": "月"}
        assert {label: cells[label].value for label in units} == units
    assert line(fresh, "kpi_result_people")["应发合计"].value == "元"


def test_totals_are_the_sums_and_averages_of_the_people(demo):
    people = frame(demo, "kpi_result_people")
    shown = line(demo, "kpi_result_people", values=True)
    assert shown["部门"].value == len(people) == 10
    for label in ("接待人数", "付款金额", "基本工资", "应发合计"):
        assert shown[label].value == pytest.approx(people[label].astype(float).sum()), label
    for label in ("考核得分", "总分", "转化率得分"):
        assert shown[label].value == pytest.approx(people[label].astype(float).mean()), label
    forms = {label: shown[label].number_format for label in ("部门", "应发合计", "总分", "接待人数")}
    assert forms == {
        "部门": '#,##0" 人"', "应发合计": '#,##0.00" 元"', "接待人数": "#,##0",
        "总分": '"均 "0.00" 分";"均 "-0.00" 分"',
    }  # fmt: skip
    for label in ("名次", "身份", "优势"):
        assert shown[label].value is None


@pytest.mark.parametrize("team", [(5, 9), (9, 5)])
def test_totals_cover_the_table_and_follow_its_filter(tmp_path, team):
    """Function numbers above 100 leave out what a filter hides."""
    path = live_books.grown(tmp_path / "十月.xlsx", *team)
    run_book(path, backup=False)
    first, last = rows_of(path, "kpi_result_people")
    assert (first, last) == (6, 5 + team[1])
    for label, number in {"部门": 103, "应发合计": 109, "总分": 101}.items():
        cell = line(path, "kpi_result_people")[label]
        x = cell.column_letter
        assert cell.value == f"=SUBTOTAL({number},{x}6:{x}{last})"


def test_other_columns_leave_no_total_behind(tmp_path):
    path = live_books.switched(tmp_path / "十月.xlsx")
    run_book(path, backup=False)
    sheet = openpyxl.load_workbook(path)["个人结果"]
    _, _, right, _ = range_boundaries(sheet.tables["kpi_result_people"].ref)
    beyond = [sheet.cell(3, c).value for c in range(right + 1, sheet.max_column + 1)]
    assert beyond
    assert set(beyond) == {None}


def test_a_formula_of_hr_over_the_table_is_not_replaced(tmp_path, demo):
    path = shutil.copy(demo, tmp_path / "十月.xlsx")
    book = Editor(path)
    book.book["个人结果"]["H3"] = "=MAX(H6:H15)"
    book.save()
    before = path.read_bytes()
    with pytest.raises(InputError) as refused:
        run_book(path, backup=False)
    found = [(p.where, p.what) for p in refused.value.problems]
    assert found == [("个人结果!H3", "要写入的单元格里有公式")]
    assert path.read_bytes() == before


# --- departments -------------------------------------------------------------------------------


def test_each_department_has_its_people_averages_and_sums(tmp_path):
    path = tmp_path / "十月.xlsx"
    new_book(path, "zh", {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-20"}, ("S01",))
    tables = sample_tables("2026-10", 12)
    for number, row in enumerate(tables["roster"]):
        row["department"] = ("客服一部", "客服二部", "客服一部")[number % 3]
    tables["departments"] = [
        {**row, "department": name} for row in tables["departments"] for name in ("客服一部", "客服二部")
    ]
    fill_tables(path, tables, "zh")
    run_book(path, backup=False)
    people, sums = frame(path, "kpi_result_people"), frame(path, "kpi_result_sums")
    assert sums["部门"].tolist() == ["客服一部", "客服二部"]
    groups = people.groupby("部门", sort=False)
    assert sums["人数"].tolist() == groups.size().tolist()
    assert sums["领薪人数"].tolist() == groups["应发合计"].count().tolist()
    for label in ("基本工资", "销售提成", "应发合计"):
        wanted = people.assign(x=people[label].astype(float)).groupby("部门", sort=False)["x"].sum()
        assert sums[label].tolist() == pytest.approx(wanted.tolist()), label
    for label, source in {"总分": "总分", "行为得分": "行为得分", "人均应发": "应发合计"}.items():
        wanted = people.assign(x=people[source].astype(float)).groupby("部门", sort=False)["x"].mean()
        assert sums[label].astype(float).tolist() == pytest.approx(wanted.tolist(), abs=0.005), label
    shown = line(path, "kpi_result_sums", values=True)
    assert shown["人数"].value == 12
    assert shown["总分"].value == pytest.approx(people["总分"].astype(float).mean())
    assert shown["人均应发"].value == pytest.approx(people["应发合计"].astype(float).mean())


def test_every_sheet_of_results_says_which_month_and_scheme(demo):
    opened = openpyxl.load_workbook(demo)
    for sheet in ("个人结果", "部门合计", "周积分"):
        assert opened[sheet]["A2"].value == "2026-10 S01"
    for sheet in ("部门结果", "往月差额", "追溯", "看板"):
        assert opened[sheet]["C3"].value == "2026-10 S01"


def test_steps_that_are_not_paid_stand_apart_from_pay(demo):
    opened = openpyxl.load_workbook(demo)["个人结果"]
    group, groups = None, {}
    for above, header in zip(opened[4], opened[5], strict=True):
        group = above.value or group
        groups.setdefault(group, []).append(header.value)
    assert groups["计算步骤（不另发）"] == ["任务内提成", "超额提成"]
    paid = groups["薪资"]
    assert paid[-1] == "应发合计"
    people = frame(demo, "kpi_result_people")
    added = people[paid[:-1]].astype(float).sum(axis=1, min_count=1)
    assert added.tolist() == pytest.approx(people["应发合计"].astype(float).tolist(), nan_ok=True)


def test_a_book_without_the_sheet_is_calculated_as_before(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    book = Editor(path)
    del book.book["部门合计"]
    book.save()
    assert run_book(path, backup=False).results is not None
    assert "kpi_result_sums" not in read_book(path).tables


# --- columns -----------------------------------------------------------------------------------


def folded(path):
    sheet = openpyxl.load_workbook(path)["个人结果"]
    hidden = [
        number for one in sheet.column_dimensions.values() if one.hidden and one.outlineLevel == 1
        for number in range(one.min, one.max + 1)
    ]  # fmt: skip
    return [sheet.cell(5, number).value for number in sorted(hidden)]


def test_counts_and_events_are_folded(demo):
    names = folded(demo)
    assert {"接待人数", "付款金额", "差评", "差评得分"} <= set(names)
    assert not {"转化率", "转化率得分", "行为得分", "总分", "应发合计"} & set(names)


def test_other_columns_are_folded_as_their_scheme_has_them(tmp_path):
    path = live_books.switched(tmp_path / "十月.xlsx")
    run_book(path, backup=False)
    sheet = openpyxl.load_workbook(path)["个人结果"]
    groups, group = {}, None
    for number in range(1, sheet.max_column + 1):
        group = sheet.cell(4, number).value or group
        groups.setdefault(group, []).append(sheet.cell(5, number).value)
    assert folded(path) == groups["数据"]
    assert len(groups["数据"]) == 15


def test_indicators_that_earn_no_points_have_no_column_of_points(call_centre):
    header = read_book(call_centre).tables["kpi_result_people"].header
    assert "季度响应时长" in header
    assert "季度响应时长得分" not in header
    assert "满意度评分得分" in header


def bars(path, tab="个人结果"):
    sheet = openpyxl.load_workbook(path)[tab]
    found = {}
    for one in sheet.conditional_formatting:
        if one.rules[0].type == "dataBar":
            left, top, right, bottom = range_boundaries(str(one.sqref))
            assert left == right
            found[sheet.cell(5, left).value] = (top, bottom)
    return found


def test_bars_stand_behind_score_and_pay_and_follow_them(tmp_path, demo):
    expected = {"总分": (6, 5000), "应发合计": (6, 5000)}
    assert bars(demo) == expected
    assert bars(demo, "部门合计") == expected
    path = live_books.switched(tmp_path / "十月.xlsx")
    run_book(path, backup=False)
    assert bars(path) == expected
    assert bars(path, "部门合计") == expected


# --- the way to 追溯 ---------------------------------------------------------------------------


def ways(path):
    """Where the formula of each person leads: the id that stands there, and above."""
    book = openpyxl.load_workbook(path)
    sheet, trace = book["个人结果"], book["追溯"]
    first, last = rows_of(path, "kpi_result_people")
    column = next(c for c in range(1, 20) if sheet.cell(5, c).value == "追溯")
    ids = [row[0].value for row in trace.iter_rows(max_col=1)]
    found = {}
    for row in range(first, last + 1):
        formula = sheet.cell(row, column).value
        pattern = rf"""=HYPERLINK\("#'追溯'!A"&MATCH\(A{row},'追溯'!\$A:\$A,0\),"查看"\)"""
        assert re.fullmatch(pattern, formula), formula
        person = sheet.cell(row, 1).value
        found[person] = ids.index(person) + 1
    return found, ids


@pytest.mark.parametrize("team", [(5, 9), (9, 5)])
def test_everybody_has_a_way_to_their_first_line(tmp_path, team):
    path = live_books.grown(tmp_path / "十月.xlsx", *team)
    run_book(path, backup=False)
    found, ids = ways(path)
    assert len(found) == team[1]
    for person, row in found.items():
        assert ids[row - 1] == person
        assert ids[row - 2] != person
    assert frame(path, "kpi_result_people")["追溯"].tolist() == ["查看"] * team[1]


def test_ids_that_look_like_formulas_stay_texts(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    book = Editor(path)
    names = ("kpi_roster", "kpi_counts", "kpi_ratings", "kpi_events", "kpi_targets")
    for name in names:
        sheet, place = book.places[name]
        for row in sheet[place.ref]:
            for cell in row:
                if cell.value == "KF001":
                    cell.value, cell.data_type = "=1+1", "s"
    book.save()
    run_book(path, backup=False)
    found, _ = ways(path)
    assert "=1+1" in found
    sheet = openpyxl.load_workbook(path)["个人结果"]
    row = next(r for r in range(6, 20) if sheet.cell(r, 1).value == "=1+1")
    assert sheet.cell(row, 1).data_type != "f"
    letter = get_column_letter(3)
    assert sheet[f"{letter}{row}"].data_type == "f"
