"""Rows put into the input tables of a book: the demo, imports, the scheme of a new book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xl_kpi.cells import plain
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.layout import SETTING_ROWS, SETTINGS
from xl_kpi.excel.package import TablePart, open_package
from xl_kpi.excel.patch import TableUpdate, patch_book
from xl_kpi.excel.reader import read_book
from xl_kpi.scheme_rows import preset_counts
from xl_kpi.tables import BY_KEY, COUNTS, Column, Table

YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}


def fill_tables(
    book: Path, tables: Mapping[str, Sequence[Mapping[str, object]]], lang: str
) -> None:
    """Replace the content of input tables; all of them or, if anything is wrong, none.

    Args:
        book: The workbook; it is changed in place, without a backup.
        tables: Rows by table key; a row has values by column key. Choices are given as keys,
            flags as truth values. Columns that a row lacks are left blank.
        lang: Language of what is written for choices and flags.

    Raises:
        InputError: the book lacks a table, or a column for which there is a value.
    """
    with open_package(book) as package:
        places = dict(package.tables)
    problems: list[Problem] = []
    updates = []
    for key, rows in tables.items():
        table = preset_counts() if key == COUNTS.key else BY_KEY[key]
        place = places.get(table.excel_name)
        if place is None and not rows and not table.required:
            continue
        if place is None:
            what = f"缺少表“{table.zh}”（Excel 表名 {table.excel_name}）"
            problems.append(Problem(book.name, what, "从新模板复制这张表，或改回原来的表名"))
            continue
        columns = [_column(table, header) for header in place.columns]
        problems += _without_place(table, place, columns, rows)
        cells = [
            [_cell(column, row.get(column.key), lang) if column else None for column in columns]
            for row in rows
        ]
        updates.append(TableUpdate(table.excel_name, cells))
    if problems:
        raise InputError(problems)
    patch_book(book, book, updates, backup=False)


def set_scheme(book: Path, scheme_id: str, lang: str) -> None:
    """Choose the scheme on the home sheet."""
    set_settings(book, {"scheme": scheme_id}, lang)


def set_settings(book: Path, settings: Mapping[str, object], lang: str) -> None:
    """Fill in settings of the home sheet (``period``, ``scheme``, ``as_of``); others stay.

    Raises:
        InputError: the home sheet has no settings any more.
    """
    raw = read_book(book).tables.get(SETTINGS.excel_name)
    if raw is None:
        what = f"缺少首页的设置表（Excel 表名 {SETTINGS.excel_name}）"
        raise InputError([Problem(book.name, what, "从新模板另存一份")])
    rows = [list(row) for row in zip(*raw.columns, strict=True)]
    labels = [plain(str(row[0])) for row in rows]
    for key, value in settings.items():
        words = SETTING_ROWS[key]
        found = [n for n, label in enumerate(labels) if label in map(plain, (key, *words))]
        if found:
            rows[found[0]][1] = value
        else:
            rows.append([words[lang == "en"], value] + [None] * (len(raw.header) - 2))
    patch_book(book, book, [TableUpdate(SETTINGS.excel_name, rows)], backup=False)


def _column(table: Table, header: str) -> Column | None:
    """The column that a header means, as the checks see it."""
    wanted = plain(header)
    for column in table.columns:
        if wanted in map(plain, column.headers):
            return column
    return None


def _without_place(
    table: Table,
    place: TablePart,
    columns: Sequence[Column | None],
    rows: Sequence[Mapping[str, object]],
) -> list[Problem]:
    """The columns that rows have values for and the book does not have."""
    there = {column.key for column in columns if column}
    used = dict.fromkeys(key for row in rows for key, value in row.items() if value is not None)
    return [
        Problem(
            f"{place.sheet}!{place.area}", f"缺少“{table.column(key).zh}”这一列",
            "加上这一列，保存后再试",
        )
        for key in used
        if key not in there
    ]  # fmt: skip


def _cell(column: Column, value: object, lang: str) -> object:
    """A value as HR would type it."""
    if value is None or value != value:
        return None
    if column.choices:
        return column.choices[str(value)][lang == "en"]
    if column.kind == "flag":
        return YES_NO[lang][0 if value else 1]
    return value
