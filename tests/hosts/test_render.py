"""The demo as LibreOffice prints it: nothing cut into ###, every figure there."""

import math
import re
import shutil
import subprocess
import zipfile
from collections import Counter

import pytest
from books import case_book
from case_files import read_case
from unusual_books import UNUSUAL, unusual_book

from xl_kpi.cli import main
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import run_book


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("needs LibreOffice and poppler")
    return tmp_path_factory.mktemp("render")


@pytest.fixture(scope="module")
def printed(folder):
    assert main(["demo", str(folder / "demo")]) == 0
    book = next((folder / "demo").glob("*.xlsx"))
    return book, as_text(book, folder)


@pytest.fixture(scope="module")
def call_centre(folder):
    """A worked month of S06, calculated."""
    book = case_book(folder / "S06.xlsx", read_case("s06_team_month"))
    run_book(book, backup=False)
    return as_text(book, folder)


def as_text(book, folder):
    """What LibreOffice prints of a book."""
    profile = (folder / "profile").as_uri()
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "pdf",
         "--outdir", str(folder), str(book)],
        check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    pdf = folder / f"{book.stem}.pdf"
    return subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True
    ).stdout.decode("utf-8")


def pages(text):
    """How many pages each sheet takes: the foot of a page names its sheet."""
    return Counter(re.findall(r"^(\S.*?) +第 \d+ 页，共 \d+ 页$", text, re.MULTILINE))


# At most; sheets that are not named take one page.
PAGES_OF_DEMO = {
    "指标数据": 4, "评分": 3, "行为": 2, "指标库": 3, "S01 部门奖金池": 10, "S05 目标达成 KPI": 6,
    "个人结果": 4, "部门合计": 2, "部门结果": 1, "周积分": 4, "追溯": 22, "检查": 2, "对账": 5, "对账月": 8,
    "对账第1周": 3, "对账第2周": 3, "对账第3周": 3, "对账第4周": 3, "对账部门": 3, "对账参数": 5, "日程": 2,
    "看板": 4, "看板数据": 2, "改进措施": 3, "月结": 2,
}  # fmt: skip
PAGES_OF_CALL_CENTRE = {
    "指标数据": 2, "历史": 2, "指标库": 3, "S06 分层考核": 10, "个人结果": 6, "部门合计": 2, "部门结果": 1, "追溯": 13,
    "检查": 4, "对账": 3, "对账月": 13, "对账参数": 6, "日程": 2, "改进措施": 3,
    "看板": 4, "看板数据": 2, "月结": 2,
}  # fmt: skip


def test_no_sheet_of_the_demo_takes_more_pages(printed):
    found = pages(printed[1])
    assert found["首页"] == 1
    assert {s: n for s, n in found.items() if n > PAGES_OF_DEMO.get(s, 1)} == {}
    assert found.keys() >= PAGES_OF_DEMO.keys()


def test_no_sheet_of_a_call_centre_takes_more_pages(call_centre):
    found = pages(call_centre)
    assert found["首页"] == 1
    assert {s: n for s, n in found.items() if n > PAGES_OF_CALL_CENTRE.get(s, 1)} == {}
    assert found.keys() >= PAGES_OF_CALL_CENTRE.keys()


def test_no_cell_is_too_narrow_for_its_figure(printed):
    assert "###" not in printed[1]


def test_every_person_and_pay_is_printed(printed):
    book, text = printed
    people = read_book(book).tables["kpi_result_people"]
    names = people.columns[people.header.index("姓名")]
    pay = people.columns[people.header.index("应发合计")]

    assert [n for n in names if n not in text] == []
    assert [p for p in pay if p is not None and f"{p:,.2f}" not in text] == []


def test_shares_are_printed_as_per_cent_beside_amounts(printed):
    """部门结果 holds figures of several units in one column."""
    book, text = printed
    table = read_book(book).tables["kpi_result_departments"]
    rows = [dict(zip(table.header, row, strict=True)) for row in zip(*table.columns, strict=True)]
    units = {row["项目"]: row["单位"] for row in rows}
    assert (units["部门完成率"], units["部门奖金"]) == ("百分比", "元")
    for row in rows:
        form = {"百分比": "{:.2%}", "元": "{:,.2f}"}.get(row["单位"])
        if form is not None and row["数值"] is not None:
            shown = form.format(row["数值"]).removesuffix("%")
            pattern = rf"\b{row['项目']} .*{re.escape(shown)}.* {row['单位']}"
            assert re.search(pattern, text), row


def test_every_sheet_is_printed_with_its_title(printed):
    for title in ("客服绩效核算", "员工", "指标数据", "指标库", "S01 部门奖金池", "S05 目标达成 KPI",
                  "个人结果", "部门结果", "周积分", "追溯", "检查"):  # fmt: skip
        assert title in printed[1]


def test_every_clause_and_explanation_is_printed_whole(printed):
    book, text = printed
    flat = "".join(text.split())
    trace = read_book(book).tables["kpi_trace"]
    for header in ("说明", "条款说明"):
        cells = {c for c in trace.columns[trace.header.index(header)] if c}
        # Wrapped cells are printed line by line beside their neighbours: the words must be there.
        missing = [c for c in cells if "".join(c.split())[:12] not in flat]
        assert missing == []


def test_the_charts_of_the_board_are_printed_with_their_names_and_figures(printed):
    """All six on one page, every name and label in them, before the heat map."""
    page = next(p for p in printed[1].split("\f") if p.lstrip().startswith("看板"))
    for title in ("每人应发（元）与总分", "等级分布（没有等级时按总分）", "各月应发合计（元）与平均总分", "店铺均衡：人均应发（元）与平均总分",
                  "部门完成率、转化率与系数", "奖金池：已发与剩余（元）"):  # fmt: skip
        assert title in page
    tables = read_book(printed[0]).tables
    names = tables["kpi_board_people"].columns[0]
    assert [name for name in names if name not in page] == []
    paid = tables["kpi_board_pools"].columns[2]
    ratios = tables["kpi_board_rates"].columns[1]
    labels = [f"{amount:,.0f}" for amount in paid] + [f"{ratio:.2%}" for ratio in ratios]
    assert [label for label in labels if label not in page] == []


# --- unusual books -----------------------------------------------------------------------------

@pytest.fixture(scope="module", params=UNUSUAL)
def unusual(request, folder):
    book = unusual_book(folder / f"{request.param}.xlsx", request.param)
    return book, as_text(book, folder), UNUSUAL[request.param][3]


def test_unusual_books_are_printed_whole(unusual):
    """No figure is too narrow, no name cut, every page no wider than A4."""
    book, text, most = unusual
    assert "###" not in text
    assert pages(text)["个人结果"] <= most
    flat = "".join(text.split())
    people = read_book(book).tables["kpi_result_people"]
    for header in ("姓名", "店铺", "部门"):
        cells = {str(c) for c in people.columns[people.header.index(header)]}
        # A wrapped name stands line by line beside its neighbours: its last characters must be there.
        assert [c for c in cells if "".join(c.split())[-2:] not in flat] == []
    pay = [p for p in people.columns[people.header.index("应发合计")] if p is not None]
    assert f"{math.fsum(pay):,.2f} 元" in text


def test_a_fresh_book_says_that_nothing_was_calculated(folder):
    book = folder / "fresh.xlsx"
    new_book(book, "zh", {"period": "2026-10", "scheme": "S01"})
    text = as_text(book, folder)
    assert "###" not in text
    charts = next(p for p in text.split("\f") if p.lstrip().startswith("看板"))
    assert charts.count("未计算") == 6
    assert pages(text)["个人结果"] <= 4


def test_charts_that_have_nothing_to_show_say_so(call_centre):
    charts = next(p for p in call_centre.split("\f") if p.lstrip().startswith("看板"))
    assert charts.count("本方案没有") == 2


def test_each_page_of_the_heat_map_has_its_headers(printed):
    heat = [p for p in printed[1].split("\f") if re.search(r"^看板 +第", p, re.MULTILINE)][1:]
    assert len(heat) == 3
    assert [page for page in heat if not page.lstrip().startswith("姓名")] == []


def test_totals_and_units_are_printed_on_every_page_of_the_people(printed):
    found = [p for p in printed[1].split("\f") if re.search(r"^个人结果 +第", p, re.MULTILINE)]
    assert len(found) == 4
    assert [page for page in found if "合计/平均" not in page or "工号" not in page] == []
    assert any("均" in page and "元" in page for page in found)


def test_charts_of_a_book_that_libreoffice_saved_are_led_on(folder):
    """LibreOffice writes charts in its own words; one more month is shown all the same."""
    book = case_book(folder / "saved.xlsx", read_case("s05_team_month"))
    run_book(book, backup=False)
    profile = (folder / "profile").as_uri()
    saved = folder / "again" / book.name
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "xlsx",
         "--outdir", str(saved.parent), str(book)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    people = read_book(saved).tables["kpi_result_people"]
    number = people.header.index("工号")
    past = {"period": "2026-01", "person_id": people.columns[number][0], "item": "总分", "value": 77}
    fill_tables(saved, {"history": [past]}, "zh")
    run_book(saved, backup=False)
    with zipfile.ZipFile(saved) as package:
        charts = [package.read(n).decode() for n in package.namelist() if "charts/chart" in n]
    months = next(chart for chart in charts if "各月应发合计（元）与平均总分" in chart)
    assert {"看板数据!$D$6:$D$7", "看板数据!$F$6:$F$7", "看板数据!$G$6:$G$7"} <= set(
        re.findall(r"<c:f>([^<]*)</c:f>", months)
    )
    assert "2026-01" in months
