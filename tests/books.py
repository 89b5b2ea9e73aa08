"""Books for the tests: the demo month in a fresh template, and ways to break it."""

import functools
import shutil
import tempfile
import warnings
from pathlib import Path

import openpyxl

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.layout import TEMPLATE_SCHEMES
from xl_kpi.excel.new import new_book
from xl_kpi.sample import sample_tables
from xl_kpi.tables import INPUTS

SETTINGS = {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-08"}


@functools.cache
def _sample() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="xl_kpi_tests_"))
    book = new_book(folder / "sample.xlsx", "zh", SETTINGS)
    fill_tables(book, sample_tables("2026-10"), "zh")
    return book


def sample_book(path, scheme="S01"):
    """A filled book that calculates without an error."""
    shutil.copyfile(_sample(), path)
    if scheme != "S01":
        from xl_kpi.excel.fill import set_scheme

        set_scheme(path, scheme, "zh")
    return path


def case_book(path, case, lang="zh"):
    """A worked month as a book in Chinese or English."""
    settings = {"period": case["period"], "scheme": case["scheme"]}
    schemes = () if case["scheme"] in TEMPLATE_SCHEMES else (case["scheme"],)
    book = new_book(path, lang, settings, schemes)
    keys = [table.key for table in INPUTS if case.get(table.key)]
    fill_tables(book, {key: case[key] for key in keys}, lang)
    return book


class Editor:
    """A book opened with openpyxl, its tables by name and their cells by header."""

    def __init__(self, path):
        self.path = path
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl knows no print area of whole columns
            self.book = openpyxl.load_workbook(path)
        self.places = {
            name: (sheet, sheet.tables[name]) for sheet in self.book for name in sheet.tables
        }

    def cell(self, table, header, row):
        """A body cell: row 1 is the first."""
        sheet, place = self.places[table]
        left, top, right, _ = openpyxl.utils.range_boundaries(place.ref)
        for column in range(left, right + 1):
            if sheet.cell(top, column).value == header:
                return sheet.cell(top + row, column)
        raise KeyError(header)

    def find(self, table, header, value):
        """The number of the body row whose cell under a header holds a value."""
        _, place = self.places[table]
        _, top, _, bottom = openpyxl.utils.range_boundaries(place.ref)
        for row in range(1, bottom - top + 1):
            if self.cell(table, header, row).value == value:
                return row
        raise KeyError(value)

    def save(self):
        self.book.save(self.path)
