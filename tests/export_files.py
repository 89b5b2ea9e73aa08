"""Exports written as files, and a book's tables read back."""

import csv

import xlsxwriter

from xl_kpi.excel.reader import read_book


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
