"""The demo as LibreOffice prints it: nothing cut into ###, every figure there."""

import re
import shutil
import subprocess

import pytest

from xl_kpi.cli import main
from xl_kpi.excel.reader import read_book


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("needs LibreOffice and poppler")
    folder = tmp_path_factory.mktemp("render")
    assert main(["demo", str(folder)]) == 0
    book = next(folder.glob("*.xlsx"))
    profile = (folder / "profile").as_uri()
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "pdf",
         "--outdir", str(folder), str(book)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    pdf = book.with_suffix(".pdf")
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True
    ).stdout.decode("utf-8")
    return book, text


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
