"""The 对账 sheets of a book that ``run_book`` wrote, judged by two spreadsheet engines."""

import datetime as dt
import math
import re
import zipfile

import formualizer
import openpyxl
import pytest
from books import case_book, sample_book
from case_files import read_case
from engines import error_cells, recalculate, soffice
from python_calamine import CalamineWorkbook
from test_several_schemes import SETTINGS, set_head, two_roles

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.excel.package import open_package
from xl_kpi.excel.run import run_book

ENGINES = ("formualizer", "LibreOffice")


def two_schemes(path):
    """Everybody by the scheme of their role."""
    book = new_book(path, "zh", SETTINGS)
    fill_tables(book, two_roles(), "zh")
    set_head(book, "S01", "适用岗位", "售前客服")
    set_head(book, "S05", "适用岗位", "售后客服")
    return book


BOOKS = {
    "S01": lambda path: sample_book(path),
    "S05": lambda path: sample_book(path, "S05"),
    "S01 team": lambda path: case_book(path, read_case("s01_team_month")),
    "S05 team": lambda path: case_book(path, read_case("s05_team_month")),
    "two schemes": two_schemes,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reconciliation")


@pytest.fixture(scope="module", params=BOOKS)
def written(request, folder):
    path = BOOKS[request.param](folder / f"{request.param}.xlsx")
    run_book(path, backup=False)
    return path


def stored(path):
    """What the file shows of every formula of ours before anything calculates it."""
    opened = openpyxl.load_workbook(path, data_only=True)
    plain = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.row, cell.column): opened[sheet.title].cell(cell.row, cell.column).value
        for sheet in plain if "对账" in sheet.title or sheet.title == "首页"
        for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    }  # fmt: skip


def light(path):
    """Where the front sheet shows whether the two calculations agree."""
    front = openpyxl.load_workbook(path)["首页"]
    label = next(cell for cell in front["F"] if cell.value == "对账")
    return "首页", label.row, label.column + 1


def calculated(path, engine, cells, folder):
    """The same cells as an engine calculates them."""
    if engine == "formualizer":
        book = formualizer.Workbook.from_path(str(path))
        book.evaluate_all()
        found = {key: book.get_value(*key) for key in cells}
        return {k: f"#{v['kind']}" if isinstance(v, dict) else v for k, v in found.items()}
    if soffice() is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    again = recalculate(path, folder)
    book = CalamineWorkbook.from_path(str(again))
    wrong = dict(zip(book.sheet_names, error_cells(again), strict=True))
    assert not any(wrong[name] for name in wrong if "对账" in name)
    rows = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False)
            for n in {sheet for sheet, _, _ in cells}}  # fmt: skip
    return {
        (s, r, c): rows[s][r - 1][c - 1] if len(rows[s]) >= r and len(rows[s][r - 1]) >= c else None
        for s, r, c in cells
    }


def plain(value):
    """A day as the number that the cell holds; an empty text is nothing."""
    if isinstance(value, dt.date):
        days = (dt.date(value.year, value.month, value.day) - dt.date(1899, 12, 30)).days
        return days - (days < 61)  # Excel counts a 29 February 1900
    return None if value == "" else value


def same(a, b):
    a, b = plain(a), plain(b)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b


@pytest.mark.parametrize("engine", ENGINES)
def test_both_engines_agree_with_the_file(written, engine, tmp_path):
    cells = stored(written)
    assert len(cells) > 250
    got = calculated(written, engine, cells, tmp_path)
    fronts = [key for key in cells if key[0].endswith("对账") and key[1:] == (4, 2)]
    assert fronts
    assert {got[key] for key in [*fronts, light(written)]} == {"一致"}
    wrong = {key: (cells[key], got[key]) for key in cells if not same(cells[key], got[key])}
    assert not wrong


def tampered(path, folder, sheet, label, kind, change):
    """The book with one figure of the program changed in the file."""
    opened = openpyxl.load_workbook(path)
    page = opened[sheet]
    column = next(
        cell.column for cell in page[5]
        if cell.value == label and (kind is None or page.cell(4, cell.column).value == kind)
    )  # fmt: skip
    address = page.cell(8, column).coordinate
    target = folder / "改过.xlsx"
    with open_package(path) as package:
        part = package.sheets[sheet]
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as out:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                pattern = rf'(<c r="{address}"[^>]*><v>)([^<]*)'.encode()
                content, found = re.subn(
                    pattern, lambda m: m[1] + repr(float(m[2]) + change).encode(), content
                )
                assert found == 1
            out.writestr(name, content)
    return target


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("sheet", "kind"), [("对账月", "程序"), ("个人结果", None)])
def test_one_wrong_cent_turns_the_light(written, engine, sheet, kind, tmp_path):
    front = next(tab for tab in openpyxl.load_workbook(written).sheetnames if tab.endswith("对账"))
    sheet = sheet.replace("对账", front)
    path = tampered(written, tmp_path, sheet, "绩效奖金", kind, 0.01)
    on_front = light(path)
    got = calculated(path, engine, [(front, 4, 2), on_front], tmp_path)
    assert got[front, 4, 2] == "有 1 格不一致"
    assert got[on_front] == ("有 1 格不一致" if front == "对账" else "不一致，见对账表")
