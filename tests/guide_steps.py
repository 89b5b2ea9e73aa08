"""A user guide read as steps: what it has one type, run and read, in its order.

Directives stand in comments of the Markdown, each before the table or block it is about:
``type TABLE`` types a table's rows into the book (a row whose first cell is there is changed),
``scheme ID TABLE`` quotes rows of a ready scheme, ``break TABLE | row | column | value`` spoils one
cell of a copy and quotes what ``check`` says, ``open`` lets another program hold the book.  A block
that begins with ``xl-kpi`` is commands, each followed by lines of what it prints.
"""

import datetime as dt
import re
import shlex
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from books import Editor
from openpyxl.utils import get_column_letter, range_boundaries

COMMENT = re.compile(r"<!-- (.+) -->")
CELLS = re.compile(r"(?<!\\)\|")


@dataclass
class Step:
    kind: str  # the directive's first word, or "run"
    rest: str
    lines: list  # of the block, or the cells of a table's rows, the header first


def steps(path: Path):
    """The steps of a guide; a block that is neither run nor quoted is an error."""
    found, directive = [], ""
    lines = iter(path.read_text("utf-8").splitlines())
    for line in lines:
        if comment := COMMENT.fullmatch(line):
            directive = comment[1]
        elif line.startswith("```"):
            block = []
            while (inner := next(lines)) != "```":
                block.append(inner)
            if directive or block[0].startswith("xl-kpi "):
                kind, _, rest = directive.partition(" ")
                found.append(Step(kind or "run", rest, block))
            else:
                assert line == "```shell", f"not checked: {block}"
            directive = ""
        elif line.startswith("|") and directive:
            table = [_cells(line)]
            assert set(next(lines)) <= set("|- ")
            while (inner := next(lines, "")).startswith("|"):
                table.append(_cells(inner))
            kind, _, rest = directive.partition(" ")
            found.append(Step(kind, rest, table))
            directive = ""
    return found


def _cells(line):
    return [cell.strip().strip("`").replace("\\|", "|") for cell in CELLS.split(line)[1:-1]]


def commands(lines):
    """Each command with the lines that it is said to print."""
    found = []
    for line in lines:
        if line.startswith("xl-kpi "):
            found.append((shlex.split(line)[1:], []))
        elif line.strip("… "):
            found[-1][1].append(line.rstrip())
    return found


def missing(quoted, printed):
    """The quoted lines that do not stand, as parts of lines, in what was printed, in this order."""
    lines = iter(printed.splitlines())
    return [quote for quote in quoted if not any(_parts(quote, line) for line in lines)]


def _parts(quote, line):
    """Whether a line has a quote's parts, left and right of … where something is left out."""
    place = 0
    for part in quote.split("…"):
        place = line.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


def typed(text):
    """What Excel makes of typed text: number, date, or the text itself; None for a blank."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.datetime.fromisoformat(text)
    return text or None


def type_rows(book, table, header, rows):
    """Type rows into a table, below its last one, or over the one with the same first cell."""
    editor = Editor(book)
    for row in rows:
        try:
            number = editor.find(table, header[0], typed(row[0]))
        except KeyError:
            number = _free_row(editor, table, header[0])
        for label, text in zip(header, row, strict=True):
            set_cell(editor, table, label, number, text)
    editor.save()


def _free_row(editor, table, key):
    """The number of the first row without a key; the table and its looks grow as in Excel."""
    sheet, place = editor.places[table]
    left, top, right, bottom = range_boundaries(place.ref)
    number = 1
    while editor.cell(table, key, number).value is not None:
        number += 1
    last = max(bottom, top + number)
    for column in range(left, right + 1):
        sheet.cell(top + number, column)._style = copy(sheet.cell(top + 1, column)._style)
    place.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{last}"
    if place.autoFilter:
        place.autoFilter.ref = place.ref
    return number


def set_cell(editor, table, label, number, text):
    cell = editor.cell(table, label, number)
    cell.value = typed(text)
    if text.startswith("="):
        cell.data_type = "s"  # the cells for formulas of a scheme are text
