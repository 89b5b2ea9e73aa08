"""Every kind of export, rebuilt from its header, gives exactly the counts written beside it."""

import csv
import shutil

import pytest
import xlsxwriter
from export_blocks import BLOCKS

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.importing import import_files
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book

PEOPLE = [("A01", "张敏"), ("A02", "王磊"), ("A03", "李娜")]


def write(folder, block, rows=None, name=None, encoding="utf-8"):
    path = folder / (name or block.file)
    rows = block.rows if rows is None else rows
    if path.suffix == ".csv":
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    with xlsxwriter.Workbook(path) as book:
        for sheet, lines in {block.sheet: rows, **block.more}.items():
            page = book.add_worksheet(sheet)
            for n, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if cell != "":
                        page.write(n, column, cell)
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    book = tmp_path_factory.mktemp("import") / "book.xlsx"
    new_book(book, "zh", {"period": "2026-10", "scheme": "S01"})
    roster = [
        {"person_id": person, "name": name, "department": "客服部", "shop": "一店", "status": "confirmed"}
        for person, name in PEOPLE
    ]
    fill_tables(book, {"roster": roster}, "zh")
    return book


@pytest.fixture
def book(empty, tmp_path):
    return shutil.copy(empty, tmp_path / "book.xlsx")


def table(book, name):
    """The rows of a table that hold anything, by label."""
    raw = read_book(book).tables[f"kpi_{name}"]
    rows = [dict(zip(raw.header, cells, strict=True)) for cells in zip(*raw.columns, strict=True)]
    rows = [{k: v for k, v in row.items() if v is not None} for row in rows]
    return [row for row in rows if row]


def day(cell):
    return str(cell)[:10]


def counts(book, name="counts", whose="工号"):
    found = {}
    for row in table(book, name):
        key = (row.pop(whose), day(row.pop("日期")))
        assert key not in found
        found[key] = row
    return found


@pytest.mark.parametrize("name", BLOCKS)
def test_a_clean_file_gives_its_counts_and_no_warning(name, book, tmp_path):
    block = BLOCKS[name]
    path = write(tmp_path, block)

    outcome = import_files(book, [path], block.chosen, block.period)

    assert [p for p in outcome.problems if p.severity != "note" and "延迟统计" not in p.what] == []
    assert counts(book) == block.counts
    assert counts(book, "shops", "店铺") == block.shops
    assert {one.profile for one in outcome.imported} == {block.profile}
    assert {one.rule for one in outcome.imported} == {block.rule}
    if block.days:
        assert {tuple(map(str, one.days)) for one in outcome.imported} == {block.days}
    there = {(row["基准类型"], row["指标"]): row["数值"] for row in table(book, "benchmarks")}
    assert {key: there.get(key) for key in block.benchmarks} == block.benchmarks
    pay = {(row["工号"], label): value for row in table(book, "roster") for label, value in row.items()}
    assert {key: pay.get(key) for key in block.pay} == block.pay


@pytest.mark.parametrize("name", [name for name in BLOCKS if name != "A5 接待评价"])  # groups are runs
def test_the_order_of_columns_does_not_matter(name, book, tmp_path):
    block = BLOCKS[name]
    start = next(n for n, row in enumerate(block.rows) if len(row) > 1)
    width = len(block.rows[start])
    turned = [
        row if len(row) == 1 else [row[n] for n in [*reversed(range(width))]] for row in block.rows
    ]

    import_files(book, [write(tmp_path, block, turned)], block.chosen, block.period)

    assert counts(book) == block.counts
    assert counts(book, "shops", "店铺") == block.shops
