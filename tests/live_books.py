"""Books for the tests of the live book, some with a run of before in them."""

import functools
import shutil
import tempfile
from pathlib import Path

import openpyxl
from books import sample_book
from case_files import read_case

from xl_kpi.excel.fill import fill_tables, set_scheme
from xl_kpi.excel.new import new_book
from xl_kpi.excel.run import run_book
from xl_kpi.sample import sample_tables
from xl_kpi.scheme_tables import HEAD_SETTINGS
from xl_kpi.tables import INPUTS


def _made_once(make):
    """A book that is the same whenever it is made is made once and copied."""
    folder = Path(tempfile.mkdtemp(prefix="xl_kpi_live_"))
    made = {}

    @functools.wraps(make)
    def copied(path, *arguments):
        if arguments not in made:
            made[arguments] = make(folder / f"{make.__name__}{len(made)}.xlsx", *arguments)
        shutil.copyfile(made[arguments], path)
        return path

    return copied


def demo(path):
    return sample_book(path)


@_made_once
def calculated_demo(path):
    run_book(sample_book(path), backup=False)
    return path


@_made_once
def english_demo(path):
    settings = {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-08"}
    book = new_book(path, "en", settings)
    fill_tables(book, sample_tables("2026-10"), "en")
    return book


@_made_once
def s06_month(path):
    case = read_case("s06_team_month")
    book = new_book(path, "zh", {"period": case["period"], "scheme": "S06"}, ("S06",))
    fill(book, case)
    return book


@_made_once
def two_schemes(path, lang="zh"):
    """Every third person is paid by another scheme."""
    settings = {"period": "2026-10", "scheme": "S01、S05", "as_of": "2026-11-20"}
    tables = sample_tables("2026-10", 12)
    for number, row in enumerate(tables["roster"]):
        row["role"] = "售后客服" if number % 3 == 2 else "售前客服"
    book = new_book(path, lang, settings)
    fill_tables(book, tables, lang)
    opened = openpyxl.load_workbook(book)
    label = HEAD_SETTINGS["assessed_roles"][lang == "en"]
    for scheme, role in (("S01", "售前客服"), ("S05", "售后客服")):
        sheet = next(s for s in opened if f"{scheme}_head" in s.tables)
        cell = next(c for row in sheet.iter_rows(max_row=40) for c in row if c.value == label)
        sheet.cell(cell.row, cell.column + 1).value = role
    opened.save(book)
    return book


@_made_once
def grown(path, before, after):
    """A month that was calculated with some people and now has others."""
    book = new_book(path, "zh", {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-20"}, ("S01",))
    fill_tables(book, sample_tables("2026-10", before), "zh")
    run_book(book, backup=False)
    fill_tables(book, sample_tables("2026-10", after), "zh")
    return book


@_made_once
def switched(path):
    """Calculated by S01, now to be calculated by S05: other columns, fewer sheets."""
    calculated_demo(path)
    set_scheme(path, "S05", "zh")
    return path


def fill(book, case, lang="zh"):
    keys = [table.key for table in INPUTS if case.get(table.key)]
    fill_tables(book, {key: case[key] for key in keys}, lang)
