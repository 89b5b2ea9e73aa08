"""Several schemes in one book: everybody belongs to that of their role and period."""

import datetime as dt

import numpy as np
import openpyxl
import pytest
from books import Editor
from case_files import frames, preset, read_case

from xl_kpi.assignment import assign
from xl_kpi.cli import main
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.pipeline import evaluate
from xl_kpi.sample import sample_tables
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows

SETTINGS = {"period": "2026-10", "scheme": "S01、S05", "as_of": "2026-11-20"}


def two_roles():
    """The sample month with every third person after sales."""
    tables = sample_tables("2026-10", 12)
    for number, row in enumerate(tables["roster"]):
        row["role"] = "售后客服" if number % 3 == 2 else "售前客服"
    return tables


def set_head(path, scheme, setting, value):
    book = openpyxl.load_workbook(path)
    sheet = next(s for s in book if f"{scheme}_head" in s.tables)
    cells = [c for row in sheet.iter_rows(max_row=40) for c in row if c.value == setting]
    sheet.cell(cells[0].row, cells[0].column + 1).value = value
    book.save(path)


@pytest.fixture
def book(tmp_path):
    path = new_book(tmp_path / "十月.xlsx", "zh", SETTINGS)
    fill_tables(path, two_roles(), "zh")
    set_head(path, "S01", "适用岗位", "售前客服")
    set_head(path, "S05", "适用岗位", "售后客服")
    return path


def people_of(path):
    table = read_book(path).tables["kpi_result_people"]
    return [dict(zip(table.header, row, strict=True)) for row in zip(*table.columns, strict=True)]


def test_everybody_is_paid_once_by_the_scheme_of_their_role(book):
    outcome = run_book(book, backup=False)

    rows = people_of(book)
    roles = {row["person_id"]: row["role"] for row in two_roles()["roster"]}
    assert len(rows) == 12
    assert {row["工号"]: row["方案"] for row in rows} == {
        person: "S01" if role == "售前客服" else "S05" for person, role in roles.items()
    }
    assert sum(r.people.count for r in outcome.runs) == 12
    of_s05 = next(row for row in rows if row["方案"] == "S05" and row["应发合计"] is not None)
    assert of_s05["行为得分"] is None
    assert of_s05["综合得分"] is not None


def test_each_scheme_pays_as_it_does_alone(book):
    together = {row["工号"]: row["应发合计"] for row in people_of_run(book, None)}
    for scheme, role in (("S01", "售前客服"), ("S05", "售后客服")):
        alone = new_book(book.parent / f"{scheme}.xlsx", "zh", SETTINGS | {"scheme": scheme})
        tables = two_roles()
        tables["roster"] = [row for row in tables["roster"] if row["role"] == role]
        kept = {row["person_id"] for row in tables["roster"]}
        for key, rows in tables.items():
            tables[key] = [row for row in rows if row.get("person_id", "") in {"", *kept}]
        fill_tables(alone, tables, "zh")
        for row in people_of_run(alone, None):
            assert together[row["工号"]] == row["应发合计"]


def people_of_run(path, scheme):
    run_book(path, scheme_id=scheme, backup=False)
    return people_of(path)


def test_all_means_every_scheme_of_the_book(book, capsys):
    assert main(["run", str(book), "--scheme", "all"]) == 0
    said = capsys.readouterr().out
    assert "S01 部门奖金池：8 人" in said
    assert "S05 目标达成 KPI：4 人" in said


def test_explain_finds_a_person_of_the_second_scheme(book, capsys):
    second = next(row for row in two_roles()["roster"] if row["role"] == "售后客服")
    assert main(["explain", str(book), second["person_id"], "绩效奖金"]) == 0
    assert "奖金基数 * 综合得分 / 100" in capsys.readouterr().out


def test_one_role_in_two_schemes_is_an_error(book):
    set_head(book, "S05", "适用岗位", "售后客服、售前客服")
    outcome = check_book(book)
    assert [p.what for p in outcome.problems if p.severity == "error"] == [
        "S01 和 S05 岗位“售前客服”两个方案都有，一个人只能属于一个方案"
    ]


def test_schemes_without_roles_are_named_by_the_cell_of_the_roles(book):
    for scheme in ("S01", "S05"):
        set_head(book, scheme, "适用岗位", None)
    editor = Editor(book)
    cell = editor.cell("S05_head", "内容", editor.find("S05_head", "项目", "适用岗位"))
    (problem,) = (p for p in check_book(book).problems if p.severity == "error")
    assert problem.what == "S01 和 S05 都没有写适用岗位，一个人只能属于一个方案"
    assert problem.where == f"S05 目标达成 KPI!{cell.coordinate}"


def test_the_first_sheet_has_room_for_the_names_of_several_schemes(book):
    run_book(book, backup=False)
    home = openpyxl.load_workbook(book)["首页"]
    (cell,) = (c for row in home.iter_rows() for c in row if c.value == "S01 部门奖金池、S05 目标达成 KPI")
    wide = sum(2 if char > "\u2e7f" else 1 for char in cell.value)
    lines = home.row_dimensions[cell.row].height / 14.5
    assert cell.alignment.wrap_text
    assert wide <= int(lines) * (home.column_dimensions[cell.column_letter].width - 2)


def test_a_role_of_no_scheme_is_named(book):
    set_head(book, "S05", "适用岗位", "投诉客服")
    found = [p for p in check_book(book).problems if "不属于任何一个方案" in p.what]
    assert [(p.severity, p.what) for p in found] == [
        ("warning", "岗位“售后客服”，不属于任何一个方案，不计算")
    ]


def test_a_scheme_without_roles_takes_everybody_else(book):
    set_head(book, "S05", "适用岗位", None)
    outcome = check_book(book)
    assert [r.people.count for r in outcome.runs] == [8, 4]


def test_a_scheme_out_of_force_is_left_out_of_several_and_refused_alone(book):
    set_head(book, "S05", "生效日期", "2026-11-01")
    assert [r.scheme.id for r in check_book(book).runs] == ["S01"]
    (problem,) = (p for p in check_book(book, "S05").problems if p.severity == "error")
    assert "不在方案 S05 的生效日期内" in problem.what


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [("2026-10-31", None, True), ("2026-11-01", None, False), (None, "2026-10-31", True),
     (None, "2026-10-30", False), ("2026-01-01", "2026-12-31", True)],
)  # fmt: skip
def test_the_last_day_decides_whether_a_scheme_is_in_force(start, end, there):
    rows = preset_rows("S05")
    head = dict(rows)
    from xl_kpi.scheme import Row

    dates = [("生效日期", start), ("失效日期", end)]
    extra = [Row({"key": k, "value": v}, {}, "x") for k, v in dates if v]
    head["head"] = [*rows["head"], *extra]
    assert make_scheme(head, preset_metrics()).in_force(dt.date(2026, 10, 31)) is there


def test_people_of_another_scheme_count_in_no_average():
    case = read_case("s01_team_month")
    tables, scheme = frames(case), preset("S01")
    some = np.arange(len(tables["roster"])) % 2 == 0
    ours = evaluate(tables, scheme, case["period"], some)

    tables["roster"] = tables["roster"][some]
    alone = evaluate(tables, scheme, case["period"])

    assert ours.people.ids == alone.people.ids
    np.testing.assert_array_equal(ours.pay, alone.pay)


def test_one_scheme_has_everybody():
    roster = frames(read_case("s01_team_month"))["roster"]
    (mask,), problems = assign(roster, [preset("S01")])
    assert mask.all()
    assert problems == []


def test_totals_stand_behind_what_they_sum_up(book, capsys):
    assert main(["run", str(book)]) == 0
    header = list(read_book(book).tables["kpi_result_people"].header)
    points = [n for n, name in enumerate(header) if name.endswith("得分")]
    paid = [header.index(name) for name in ("绩效奖金", "行为奖金", "销售提成", "基本工资")]

    assert header.index("总分") > max(points)
    assert header.index("名次") == header.index("总分") + 1
    assert header.index("应发合计") > max(paid)
    assert "\nS05 目标达成 KPI\n" in capsys.readouterr().out
