"""What a fuzzed file is put through, and what must hold of it.

Whatever the file: only ``InputError``, or problems; finite, not negative figures; and a workbook's
cells as a plain reading of its XML gives them.  Of a file whose cells are known: each figure is
exactly its cell's, or it is missing and its row is told.
"""

import math
import random
import re
import warnings
from pathlib import Path

import exports
import fuzzed_books
import heavy
import mutate
import plain_xml

from xl_kpi.errors import InputError
from xl_kpi.excel import importing
from xl_kpi.excel.import_outcome import ImportOutcome
from xl_kpi.excel.load import load_book
from xl_kpi.excel.package import open_package
from xl_kpi.excel.reader import find_faults
from xl_kpi.sources.export_sheets import read_export
from xl_kpi.sources.logs import read_log, session_counts

KINDS = ["bytes", "bytes", "cells", "cells", "book", "log"]
_ROWS = re.compile(r"第 ([\d、]+) ?行")


class WrongError(AssertionError):
    """A figure that is silently another one than the file's."""


def case(seed, number):
    """Kind, file name, content and, if known, what must be read; the same for the same arguments."""
    if seed == "heavy":
        return ("bytes", *heavy.heavy_case(number), None)
    chance = random.Random(f"{seed}:{number}")
    kind = chance.choice(KINDS)
    if kind == "bytes":
        return (kind, *mutate.byte_case(chance), None)
    made = {"cells": exports.export_case, "book": fuzzed_books.book_case, "log": fuzzed_books.log_case}[kind](chance)
    return kind, made.name, made.content, made


def examine(kind, path, made=None):
    """How a file was taken: ``read`` or ``refused``.

    Raises:
        WrongError: a figure is wrong without a word.
        Exception: whatever else a reader lets out, which it must not.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if kind == "cells":
            return check_export(path, made)
        if kind == "book":
            return fuzzed_books.check_book(path, made)
        if kind == "log":
            return fuzzed_books.check_log(path, made)
        taken = [_any_export(path), _any_log(path)]
        if path.suffix in (".xlsx", ".xlsm"):
            end = _any_book(path)
            taken += [end] if path.stem == "book" else []  # of others there is no table to read
        return "read" if "read" in taken else "refused"


def imported(path):
    """Exactly what ``xl-kpi import`` reads of a file: its sheets' figures, and every problem."""
    outcome = ImportOutcome(path)
    reads = importing._read_files([path], None, None, ["一店"], outcome, False)
    return [read.reading for read in reads], outcome.problems


def _any_export(path):
    readings, problems = imported(path)
    for reading in readings:
        for figure in reading.figures:
            if not math.isfinite(figure.value) or figure.value < 0:
                raise WrongError(f"{figure.item} is {figure.value}")
            if figure.start > figure.end:
                raise WrongError(f"{figure.start} is after {figure.end}")
        if not reading.figures and not problems:
            raise WrongError("nothing read and nothing said")
    if readings and path.suffix in (".xlsx", ".xlsm") and plain_xml.size(path) < 1 << 22:
        compare_with_xml(path)
    return "read" if readings else "refused"


def compare_with_xml(path):
    """The numbers of a workbook that was read against a plain reading of its XML."""
    try:
        sheets = plain_xml.numbers(path)
    except plain_xml.Damaged as error:
        if error.certain:
            raise WrongError(f"read although {error}") from None
        return
    for grid in read_export(path).grids:
        plain = sheets.get(grid.sheet)
        if plain is None:
            continue
        for number, row in enumerate(grid.rows, 1):
            for column, cell in enumerate(row, 1):
                told = plain.pop((number, column), None)
                is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
                if is_number and not math.isfinite(cell):
                    continue  # 1e400: told as no figure
                if told is None and is_number:
                    raise WrongError(f"row {number}, column {column} is {cell!r}, in the XML no number")
                if told is not None and is_number and float(cell) != told:
                    raise WrongError(f"row {number}, column {column} is {cell!r}, in the XML {told!r}")
                if told is not None and cell in ("", None):
                    raise WrongError(f"row {number}, column {column} is blank, in the XML {told!r}")
        if plain:
            raise WrongError(f"not read at all: {plain}")


def _any_log(path):
    try:
        log = read_log(path)
    except InputError:
        return "refused"
    rows = len(set(log.sessions.index) | set(log.excluded["row"]))
    if rows != len(log.sessions) + log.excluded["row"].nunique():
        raise WrongError("a row is a session and excluded")
    session_counts(log.sessions)
    return "read"


def _any_book(path):
    try:
        with open_package(path) as package:
            for part in package.sheets.values():
                content = package.read(part)
                _quietly(find_faults, content)
        load_book(path)
    except InputError:
        return "refused"
    return "read"


def _quietly(find, content):
    """Faults of a damaged sheet: the commands catch what the XML parser says of it."""
    from xml.parsers.expat import ExpatError

    try:
        find(content)
    except (ExpatError, InputError, ValueError):
        return


def check_export(path, made):
    """The figures of an export whose cells are known."""
    readings, problems = imported(path)
    if not readings:
        if not any(p.severity == "error" for p in problems):
            raise WrongError("refused without an error")
        return "refused"
    said = "\n".join(p.what for p in problems)
    if any(p.severity == "error" for p in problems):
        return "refused"  # nothing is imported then
    told = {int(n) for rows in _ROWS.findall(said.replace(" 等", "")) for n in rows.split("、") if n}
    figures = {}
    for reading in readings:
        for figure in reading.figures:
            if figures.setdefault((figure.account, figure.item), figure) is not figure:
                raise WrongError(f"{figure.account} has {figure.item} twice")
    known = {person.label for person in made.people}
    if strange := {account for account, _ in figures} - known:
        raise WrongError(f"figures of nobody: {strange}")
    for person in made.people:
        if person.shifted:
            if person.row not in told or any(account == person.label for account, _ in figures):
                raise WrongError(f"{person.label} (row {person.row}): cells moved without a word")
            continue
        for key, places in made.counts.items():
            figure = figures.get((person.label, key))
            cells = [person.cells[place] for place in places]
            unknown = any(made.header[p] in said and "没有导入：" in said for p in places)
            _check_figure(person, key, cells, figure, person.row in told, unknown)
    return "read"


def _check_figure(person, key, cells, figure, told, unknown):
    values = [cell.figure for cell in cells]
    where = f"{person.label} (row {person.row}) {key} of {[c.written for c in cells]}"
    if all(isinstance(value, float) for value in values):
        if figure is None:
            if not told and not unknown:
                raise WrongError(f"{where}: missing without a word")
            return
        if not math.isclose(figure.value, sum(values), rel_tol=1e-15):
            raise WrongError(f"{where}: read as {figure.value!r}")
        if person.day is None or not figure.start <= person.day <= figure.end:
            raise WrongError(f"{where}: on {figure.start} to {figure.end}, not {person.day}")
        return
    if figure is not None:
        raise WrongError(f"{where}: read as {figure.value!r}, is no figure")
    if exports.TOLD in values and not told and not unknown:
        raise WrongError(f"{where}: unreadable without a word")


def write_case(folder, name, content):
    """The file of a case in a folder."""
    path = Path(folder) / name
    path.write_bytes(content)
    return path
