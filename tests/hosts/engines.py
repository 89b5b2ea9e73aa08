"""Two spreadsheet engines that judge the twins: LibreOffice and formualizer.

A case becomes a sheet of plain formulas: a column per argument and per helper, the result, and
the policy's figures to the right.  Every formula is stored with a value that is wrong on purpose,
so that an engine that does not calculate is noticed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import formualizer
import numpy as np
import xlsxwriter
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from xl_kpi.calling import OMITTED, Fault, call_rule
from xl_kpi.catalogue import Rule, fill

NOT_CALCULATED = -987654321
FIRST_ROW = 2  # of the data, 1-based
THIS_ROW = "\N{PILCROW SIGN}"
TABLE_COLUMNS = {"from": 0, "to": 1, "value": 2, "edges": 3,
                 "grade": 0, "coefficient": 1, "share": 2}  # fmt: skip

Values = list[list[Any]]  # rows of result columns; None where there is no value


@dataclass(frozen=True)
class Case:
    """A rule with rows of inputs and one set of policy figures.

    ``rows`` has per argument one entry per row: a figure, or a list of figures.  ``policy`` has a
    figure, a list, or a table as lists of rows (from, to, value, edges).
    """

    rule: Rule
    rows: Mapping[str, Sequence[Any]]
    policy: Mapping[str, Any]

    @property
    def size(self) -> int:
        return len(next(iter(self.rows.values())))


def python_values(case: Case) -> Values:
    """What the rule itself answers; a policy figure that is None and must not be is left out."""
    blank = {a.key for a in case.rule.parameters if a.blank and a.shape != "list"}
    policy = {k: v for k, v in case.policy.items() if v is not None or k in blank}
    if any(a.shape in ("column", "matrix") for a in case.rule.arguments):
        columns = {
            key: [row if isinstance(row, list) else [row] for row in column]
            for key, column in case.rows.items()
        }
        return _call(case.rule, {**columns, **policy})
    return [
        row
        for i in range(case.size)
        for row in _call(case.rule, {**{k: v[i] for k, v in case.rows.items()}, **policy})
    ]


def _call(rule: Rule, given: Mapping[str, Any]) -> Values:
    given = {key: _tiers(rule, key, value) for key, value in given.items()}
    values = [given.get(argument.key, OMITTED) for argument in rule.arguments]
    options = {a.key: given[a.key] for a in rule.options if a.key in given}
    try:
        answer = call_rule(rule, values, options=options)
    except Fault:
        return [[None]]
    rows = answer.values.reshape(len(answer.values), -1).tolist()
    return [[None if isinstance(x, float) and np.isnan(x) else x for x in row] for row in rows]


def _tiers(rule: Rule, key: str, value: Any) -> Any:
    argument = next(a for a in rule.parameters if a.key == key)
    return [[row[0], row[2]] for row in value] if argument.table == "tiers" else value


@dataclass
class Sheet:
    """A case laid out on a sheet."""

    name: str
    case: Case
    columns: dict[str, tuple[int, int]] = field(default_factory=dict)  # first and last, 0-based
    results: list[int] = field(default_factory=list)

    def address(self, name: str, part: str, extent: str) -> str:
        """Where a placeholder of the twin stands."""
        first, last = (xl_col_to_name(column) for column in self.columns[name])
        top = FIRST_ROW
        if part:
            column = xl_col_to_name(self.columns[name][0] + TABLE_COLUMNS[part])
            return f"${column}${top}:${column}${top + len(self.case.policy[name]) - 1}"
        if name in self.case.policy:
            return f"${first}${top}" if first == last else f"${first}${top}:${last}${top}"
        if extent == "upto":
            return f"{first}${top}:{first}{THIS_ROW}"
        if extent == "all":
            return f"{first}${top}:{first}${top + self.case.size - 1}"
        return f"{first}{THIS_ROW}" if first == last else f"{first}{THIS_ROW}:{last}{THIS_ROW}"


def write_book(path: Path, cases: Sequence[Case]) -> list[Sheet]:
    """Write a sheet for every case."""
    sheets = []
    with xlsxwriter.Workbook(path) as book:
        for number, case in enumerate(cases):
            sheet = Sheet(f"{case.rule.id} {number}", case)
            _write_sheet(book.add_worksheet(sheet.name), sheet)
            sheets.append(sheet)
    return sheets


def _write_sheet(page: Any, sheet: Sheet) -> None:
    case, twin = sheet.case, sheet.case.rule.twin
    column = 0

    def place(name: str, width: int) -> int:
        nonlocal column
        page.write_string(0, column, name)
        sheet.columns[name] = (column, column + width - 1)
        column += width
        return column - width

    for name, values in case.rows.items():
        width = max(len(v) if isinstance(v, list) else 1 for v in values)
        first = place(name, width)
        for row, value in enumerate(values, FIRST_ROW - 1):
            _write_cells(page, row, first, value)
    formulas = dict(twin.helpers)
    formulas |= {f"result {i}": f for i, f in enumerate((twin.result, *twin.beside))}
    for name in formulas:
        place(name, 1)
    for name, value in case.policy.items():
        is_table = isinstance(value, list) and isinstance(value[0], list)
        rows = value if is_table else [value]
        width = 4 if is_table else len(value) if isinstance(value, list) else 1
        first = place(name, width)
        for row, cells in enumerate(rows, FIRST_ROW - 1):
            _write_cells(page, row, first, cells)
    for name, template in formulas.items():
        at = sheet.columns[name][0]
        if name.startswith("result "):
            sheet.results.append(at)
        formula = "=" + fill(template, sheet.address)
        for row in range(FIRST_ROW, FIRST_ROW + case.size):
            page.write_formula(row - 1, at, formula.replace(THIS_ROW, str(row)), None,
                               NOT_CALCULATED)  # fmt: skip


def _write_cells(page: Any, row: int, column: int, value: Any) -> None:
    for i, cell in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(cell, str):
            page.write_string(row, column + i, cell)  # "=" is a word here
        elif cell is not None:
            page.write(row, column + i, cell)


def formualizer_values(path: Path, sheets: Sequence[Sheet]) -> list[Values]:
    """The results as formualizer calculates them."""
    book = formualizer.Workbook.from_path(str(path))
    book.evaluate_all()
    return [
        [
            [_plain(book.get_value(sheet.name, row, column + 1)) for column in sheet.results]
            for row in range(FIRST_ROW, FIRST_ROW + sheet.case.size)
        ]
        for sheet in sheets
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return f"#{value['kind']}"
    return None if value == "" else value


def soffice() -> str | None:
    """The LibreOffice program, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculate(path: Path, directory: Path) -> Path:
    """The book as LibreOffice writes it after calculating everything anew, in a fresh profile."""
    profile = directory / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, "utf-8")
    out = directory / "recalculated"
    program = soffice()
    assert program is not None
    subprocess.run(
        [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
         "--convert-to", "xlsx", "--outdir", str(out), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return out / path.name


def libreoffice_values(path: Path, sheets: Sequence[Sheet], directory: Path) -> list[Values]:
    """The results as LibreOffice calculates them anew in a profile of its own."""
    recalculated = recalculate(path, directory)
    book = CalamineWorkbook.from_path(str(recalculated))
    errors = error_cells(recalculated)
    values = []
    for number, sheet in enumerate(sheets):
        cells = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        rows = cells[FIRST_ROW - 1 : FIRST_ROW - 1 + sheet.case.size]
        found = [[_plain(row[column]) for column in sheet.results] for row in rows]
        for row, column in errors[number]:
            if column in sheet.results:
                found[row - FIRST_ROW + 1][sheet.results.index(column)] = "#error"
        values.append(found)
    return values


def error_cells(path: Path) -> list[list[tuple[int, int]]]:
    """The cells with an error on each sheet (0-based), which calamine reads as blank."""
    with zipfile.ZipFile(path) as parts:
        names = [n for n in parts.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)]
        names.sort(key=lambda name: int(re.sub(r"\D", "", name)))
        return [
            [
                xl_cell_to_rowcol(m[1])
                for m in re.finditer(r'<c r="([A-Z]+\d+)"[^>]* t="e"', parts.read(n).decode())
            ]
            for n in names
        ]
