"""看板: its figures are those of the results, its charts show every row and no blank one."""

import math
import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace

import pytest
from books import Editor, case_book, sample_book
from case_files import read_case
from openpyxl.utils import range_boundaries

from xl_kpi.excel.area import Area
from xl_kpi.excel.chart_xml import ChartColumn, with_cells, with_columns
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.layout import template_file
from xl_kpi.excel.live_tables import TablesPlan, dress_charts
from xl_kpi.excel.new import new_book
from xl_kpi.excel.package import open_package
from xl_kpi.excel.patch import TableUpdate
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import run_book
from xl_kpi.sample import sample_tables

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
TITLES = {
    "zh": ["每人应发（元）与总分", "等级分布（没有等级时按总分）", "各月应发合计（元）与平均总分",
           "店铺均衡：人均应发（元）与平均总分", "部门完成率、转化率与系数", "奖金池：已发与剩余（元）"],
    "en": ["Pay (yuan) and score per person", "People by grade (without grades, by score)",
           "Pay (yuan) and average score by month",
           "Balance of shops: pay per person (yuan), average score",
           "Departments: completion, conversion, coefficient", "Pools: paid and left (yuan)"],
}  # fmt: skip


def rows(path, table):
    found = read_book(path).tables[table]
    cells = zip(*found.columns, strict=True)
    return [dict(zip(found.header, row, strict=True)) for row in cells]


def charts(path):
    """Each chart as its title and its references: the cells it names, the values it keeps."""
    found = {}
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.startswith("xl/charts/chart"):
                root = ET.fromstring(package.read(name))
                title = "".join(t.text for t in root.find(f"{CHART}chart/{CHART}title").iter(TEXT))
                refs = []
                for kind in ("cat", "val"):
                    for part in root.iter(f"{CHART}{kind}"):
                        formula = next(part.iter(f"{CHART}f")).text
                        count = next((int(c.get("val")) for c in part.iter(f"{CHART}ptCount")), 0)
                        points = {int(p.get("idx")): p.find(f"{CHART}v").text
                                  for p in part.iter(f"{CHART}pt")}  # fmt: skip
                        refs.append((kind, formula, count, points))
                found[title] = refs
    return found


def cents(values):
    total = sum((Decimal(repr(float(v))) for v in values), Decimal(0))
    return total.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = sample_book(tmp_path_factory.mktemp("board") / "十月.xlsx")
    run_book(path, backup=False)
    return path


@pytest.fixture(scope="module")
def call_centre(tmp_path_factory):
    path = case_book(tmp_path_factory.mktemp("board") / "S06.xlsx", read_case("s06_team_month"))
    run_book(path, backup=False)
    return path


def team(path, people, lang="zh"):
    settings = {"period": "2026-10", "scheme": "S05", "as_of": "2026-11-20"}
    new_book(path, lang, settings)
    tables = sample_tables("2026-10", max(people, 5))
    ids = {row["person_id"] for row in tables["roster"][:people]}
    shops = {row["shop"] for row in tables["roster"][:people]}
    tables = {
        key: [r for r in v if r.get("person_id") in {None, *ids} and r.get("shop") in {None, *shops}]
        for key, v in tables.items()
    }
    fill_tables(path, tables, lang)
    run_book(path, backup=False)
    return path


# --- figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["demo", "call_centre"])
def test_the_heat_map_has_everybody_with_the_figures_of_the_results(name, request):
    path = request.getfixturevalue(name)
    people, board = rows(path, "kpi_result_people"), rows(path, "kpi_board_people")
    assert len(board) == len(people) > 3
    by_name = {row["姓名"]: row for row in people}
    assert len(by_name) == len(people)
    checked = Counter()
    for row in board:
        for header, value in row.items():
            if header in by_name[row["姓名"]]:  # the marks are not, nor grades without a scheme's
                assert value == by_name[row["姓名"]][header], header
                checked[header] += value is not None
    assert len(checked) == len(board[0]) - {"demo": 2, "call_centre": 1}[name]
    paid = [row["应发合计"] if row["应发合计"] is not None else -math.inf for row in board]
    assert paid == sorted(paid, reverse=True)


def test_marks_are_what_the_results_tell_of_strengths_and_gaps(call_centre):
    people = {row["姓名"]: row for row in rows(call_centre, "kpi_result_people")}
    seen = Counter()
    for row in rows(call_centre, "kpi_board_people"):
        own = people[row["姓名"]]
        indicators = list(row)[5:-1]
        assert len(row["达标（依次）"]) == len(indicators)
        marks = dict(zip(indicators, row["达标（依次）"], strict=True))
        for key, mark in (("优势", "√"), ("待改进", "×")):
            for indicator in filter(None, (own[key] or "").split("、")):
                assert marks[indicator] == mark
                seen[mark] += 1
    assert min(seen["√"], seen["×"]) > 2


def test_pools_are_what_was_paid_and_what_was_left(demo):
    people = rows(demo, "kpi_result_people")
    departments = {row["项目"]: row["数值"] for row in rows(demo, "kpi_result_departments")}
    found = {row["部门：奖金"]: row for row in rows(demo, "kpi_board_pools")}
    assert found.keys() == {"客服部：绩效奖金", "客服部：行为奖金"}
    for item, pool in (("绩效奖金", "绩效奖金池"), ("行为奖金", "行为奖金池")):
        row = found[f"客服部：{item}"]
        paid = cents(p[item] for p in people if p[item] is not None)
        assert cents([row["已发"]]) == paid
        assert cents([row["奖金池"]]) == cents([departments[pool]])
        assert cents([row["剩余"]]) == cents([departments[pool]]) - paid


def test_ratios_of_departments_are_those_of_the_results(demo):
    departments = {row["项目"]: row["数值"] for row in rows(demo, "kpi_result_departments")}
    found = {row["部门：指标"]: row["比率"] for row in rows(demo, "kpi_board_rates")}
    names = ("部门完成率", "部门转化率", "考核系数")
    assert found == {f"客服部：{name}": departments[name] for name in names}


def test_shops_add_up_to_the_results(demo):
    people = rows(demo, "kpi_result_people")
    found = rows(demo, "kpi_board_shops")
    assert [row["店铺"] for row in found] == ["云杉旗舰店", "青禾专营店"]
    for row in found:
        mine = [p for p in people if p["店铺"] == row["店铺"]]
        paid = [p["应发合计"] for p in mine if p["应发合计"] is not None]
        scores = [p["总分"] for p in mine if p["总分"] is not None]
        assert row["人数"] == len(mine)
        assert cents([row["应发合计"]]) == cents(paid)
        assert Decimal(repr(row["人均应发"])) == (cents(paid) / len(paid)).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )
        assert row["平均总分"] == pytest.approx(sum(scores) / len(scores), rel=1e-12)


def test_grades_count_everybody_once(call_centre):
    grades = Counter(row["等级"] for row in rows(call_centre, "kpi_result_people") if row["等级"])
    found = {row["等级或总分"]: row["人数"] for row in rows(call_centre, "kpi_board_grades")}
    assert sum(grades.values()) > 3
    assert {k: v for k, v in found.items() if v} == grades


def test_without_grades_scores_fall_into_steps(demo):
    scores = [row["总分"] for row in rows(demo, "kpi_result_people") if row["总分"] is not None]
    found = rows(demo, "kpi_board_grades")
    for row in found:
        low, high = (float(x) for x in row["等级或总分"].strip("[)").split(","))
        assert row["人数"] == sum(low <= score < high for score in scores)
    assert sum(row["人数"] for row in found) == len(scores) > 3


def test_closed_months_stand_before_the_calculated_one(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    ids = [row["person_id"] for row in sample_tables("2026-10")["roster"]][:2]
    past = [
        {"period": period, "person_id": person, "item": item, "value": value}
        for period, person, item, value in (
            ("2026-08", ids[0], "总分", 20), ("2026-08", ids[0], "绩效奖金", 300.25),
            ("2026-09", ids[0], "总分", 10), ("2026-09", ids[1], "总分", 16),
            ("2026-09", ids[0], "绩效奖金", 100.5), ("2026-09", ids[1], "基本工资", 4000),
            ("2026-09", ids[1], "转化率", 0.5), ("2026-07", ids[1], "转化率", 0.5),
        )
    ]  # fmt: skip
    fill_tables(path, {"history": past}, "zh")
    run_book(path, backup=False)
    *closed, now = rows(path, "kpi_board_months")
    assert [list(row.values()) for row in closed] == [
        ["2026-08", 1, 20, 300.25], ["2026-09", 2, 13, 4100.5],
    ]  # fmt: skip
    people = rows(path, "kpi_result_people")
    assert (now["期间"], now["人数"]) == ("2026-10", 10)
    paid = [p["应发合计"] for p in people if p["应发合计"] is not None]
    assert cents([now["应发合计"]]) == cents(paid)


# --- charts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_before_a_run_there_are_charts_without_figures(lang):
    path = template_file(lang)
    waiting = {"zh": "未计算", "en": "Not calculated"}[lang]
    assert sorted(charts(path)) == sorted(TITLES[lang])
    for refs in charts(path).values():
        for _, formula, _, points in refs:
            assert set(points.values()) <= {None, "0", waiting}, formula
    for name, table in read_book(path).tables.items():
        if name.startswith("kpi_board"):
            assert [column[0] for column in table.columns] == [waiting, *[None] * (len(table.header) - 1)]


def covered(path):
    """How many rows each chart's columns have, after the cells that it keeps were compared."""
    book = read_book(path)
    found = {}
    with open_package(path) as package:
        tables = list(package.tables.values())
    for title, refs in charts(path).items():
        for kind, formula, count, points in refs:
            tab, _, cells = formula.rpartition("!")
            left, top, right, bottom = range_boundaries(cells)
            part = next(
                t for t in tables
                if t.sheet == tab.strip("'") and t.first_row + 1 == top and t.first_column <= left <= t.last_column
            )  # fmt: skip
            column = book.tables[part.name].columns[left - part.first_column]
            assert left == right
            assert count == bottom - top + 1
            shown = column[:count]
            assert {n: str(v) if kind == "cat" else float(v) for n, v in enumerate(shown) if v is not None} == {
                n: str(v) if kind == "cat" else float(v) for n, v in points.items()
            }
            found.setdefault(title, set()).add((count, part.last_row - part.first_row))
    return found


@pytest.mark.parametrize("name", ["demo", "call_centre"])
def test_charts_show_every_row_and_no_blank_one(name, request):
    found = covered(request.getfixturevalue(name))
    assert sorted(found) == sorted(TITLES["zh"])
    for title, counts in found.items():
        assert len(counts) == 1, title
        ((shown, there),) = counts
        assert shown == there, title


@pytest.mark.parametrize("people", [1, 45])
def test_charts_show_forty_people_at_most(people, tmp_path):
    path = team(tmp_path / "五月.xlsx", people)
    assert len(rows(path, "kpi_board_people")) == people
    assert covered(path)["每人应发（元）与总分"] == {(min(people, 40), people)}


def test_charts_shrink_with_the_team(tmp_path):
    path = team(tmp_path / "十月.xlsx", 12)
    fill_tables(path, sample_tables("2026-10", 5), "zh")
    run_book(path, backup=False)
    assert covered(path)["每人应发（元）与总分"] == {(5, 5)}


def test_a_second_run_changes_no_byte(demo, tmp_path):
    path = shutil.copy(demo, tmp_path / "again.xlsx")
    before = path.read_bytes()
    run_book(path, backup=False)
    assert path.read_bytes() == before


def test_an_english_book(tmp_path):
    path = team(tmp_path / "October.xlsx", 3, "en")
    assert sorted(covered(path)) == sorted(TITLES["en"])
    (first, *_) = rows(path, "kpi_board_people")
    assert list(first)[2:5] == ["Total score", "Grade", "Pay"]
    assert list(first)[-1] == "Met or missed"


def test_a_book_without_a_board_is_calculated_as_before(tmp_path):
    """As books of an earlier version are."""
    import openpyxl

    path = sample_book(tmp_path / "十月.xlsx")
    opened = openpyxl.load_workbook(path)
    del opened["看板"], opened["看板数据"]
    opened.save(path)
    assert run_book(path, backup=False).count("error") == 0
    assert "kpi_board_people" not in read_book(path).tables


# --- the parts ---------------------------------------------------------------------------------

COLUMNS = {("看板", 2, 5): ChartColumn(7, ["甲<", None, "乙"]), ("我的 表", 3, 5): ChartColumn(6, [1.5, 2])}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<c:strRef><c:f>看板!$B$5</c:f></c:strRef>",
         "<c:strRef><c:f>看板!$B$5:$B$7</c:f><c:strCache><c:ptCount val=\"3\"/><c:pt idx=\"0\"><c:v>甲&lt;</c:v>"
         "</c:pt><c:pt idx=\"2\"><c:v>乙</c:v></c:pt></c:strCache></c:strRef>"),
        ("<c:numRef><c:f>'我的 表'!$C$5:$C$90</c:f><c:numCache><c:formatCode>0.0</c:formatCode>"
         "<c:ptCount val=\"9\"/></c:numCache></c:numRef>",
         "<c:numRef><c:f>'我的 表'!$C$5:$C$6</c:f><c:numCache><c:formatCode>0.0</c:formatCode><c:ptCount val=\"2\"/>"
         "<c:pt idx=\"0\"><c:v>1.5</c:v></c:pt><c:pt idx=\"1\"><c:v>2</c:v></c:pt></c:numCache></c:numRef>"),
    ],
)  # fmt: skip
def test_a_reference_of_a_chart_is_led_to_the_last_row(before, after):
    assert with_columns(before.encode(), COLUMNS).decode() == after


@pytest.mark.parametrize(
    "formula", ["看板!$B$6:$B$9", "看板!$B$5:$C$9", "别的!$B$5:$B$9", "#REF!", "[1]看板!$B$5:$B$9", "看板!名称"]
)
def test_other_cells_stay_as_they_are(formula):
    chart = f"<c:numRef><c:f>{formula}</c:f><c:numCache><c:ptCount val=\"1\"/></c:numCache></c:numRef>"
    assert with_columns(chart.encode(), COLUMNS).decode() == chart
    assert with_cells(f"=SERIES(,{formula},{formula},1)", COLUMNS) == f"=SERIES(,{formula},{formula},1)"


def test_the_formula_of_a_series_names_the_new_rows():
    before = "=SERIES(看板!$D$4,看板!$B$5:$B$5,'我的 表'!$C$5:$C$5,1)"
    assert with_cells(before, COLUMNS) == "=SERIES(看板!$D$4,看板!$B$5:$B$7,'我的 表'!$C$5:$C$6,1)"


def test_charts_of_the_open_book_name_the_new_rows():
    series = SimpleNamespace(Formula="=SERIES(看板!$E$44,看板!$A$45,看板!$E$45,1)")
    chart = SimpleNamespace(Chart=SimpleNamespace(SeriesCollection=lambda: [series]))
    sheet = SimpleNamespace(api=SimpleNamespace(ChartObjects=lambda: [chart]))
    table = SimpleNamespace(part=SimpleNamespace(name="kpi_board_people", sheet="看板"))
    update = TableUpdate("kpi_board_people", [["甲", 1, 2, 3, 4], ["乙", 1, 2, 3, 4]], charted=40)
    area = Area(44, 1, 46, 5)
    plan = TablesPlan(
        areas={"kpi_board_people": ("看板", area)}, refilled=[(table, update)], sheets={"看板": sheet}
    )
    dress_charts(plan)
    assert series.Formula == "=SERIES(看板!$E$44,看板!$A$45:$A$46,看板!$E$45:$E$46,1)"


def test_what_a_scheme_does_not_have_is_said_and_not_left_blank(call_centre):
    """S06 has neither ratios of departments nor pools."""
    for name in ("kpi_board_rates", "kpi_board_pools"):
        table = read_book(call_centre).tables[name]
        assert [column[0] for column in table.columns] == ["本方案没有", *[None] * (len(table.header) - 1)]


def test_names_are_cut_to_what_a_chart_has_room_for(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    book = Editor(path)
    long = ("欧阳古力娜扎尔阿卜杜拉迪丽热巴玛合木提江", "Maximiliana Alexandrovna Konstantinopols", "十六个字母宽的名")
    for row, name in enumerate(long, 1):
        book.cell("kpi_roster", "姓名", row).value = name
    book.save()
    run_book(path, backup=False)
    names = read_book(path).tables["kpi_board_people"].columns[0]
    assert {"欧阳古力娜扎尔阿…", "Maximiliana Alex…", "十六个字母宽的名"} <= set(names)
    people = read_book(path).tables["kpi_result_people"]
    assert set(long) <= set(people.columns[people.header.index("姓名")])
