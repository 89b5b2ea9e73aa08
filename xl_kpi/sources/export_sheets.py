"""The cells of an export as rows: workbooks, csv of any separator and encoding, Parquet, JSON."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, PasswordError

from xl_kpi.errors import InputError, Problem
from xl_kpi.sources.log_files import decoded
from xl_kpi.sources.workbooks import MAX_COLUMNS, WORKBOOKS, unpacked, workbook_cells

_SEPARATORS = "\t,;|"
_JUDGED_LINES = 30
_CREATED = re.compile(rb"<dcterms:created[^>]*>(\d{4}-\d{2}-\d{2})")
_KINDS = "支持 xlsx、xls、csv、tsv（也可以是 .gz）、parquet、json"


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a sheet from its first row on; row i of the file is ``rows[i - 1]``."""

    file: str
    sheet: str  # blank for files that have no sheets
    rows: list[list[object]]

    @property
    def where(self) -> str:
        """The file, and the sheet if there are any."""
        return f"{self.file}!{self.sheet}" if self.sheet else self.file


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file as it was read: its sheets, its hash, the day it was made if it says so."""

    path: Path
    sha256: str
    exported: dt.date | None
    grids: list[Grid]


def read_export(path: Path) -> ExportFile:
    """Every sheet of a file that holds anything.

    Raises:
        InputError: the file is not there, cannot be read, or is empty.
    """
    if not path.is_file():
        raise _refused(path, "找不到这个文件", "检查文件名和所在的文件夹")
    try:
        content = path.read_bytes()
        grids = _grids(path, content)
    except PasswordError:
        raise _refused(path, "文件有密码", "去掉密码，另存后再导入") from None
    except (OSError, EOFError, zlib.error, UnicodeError, CalamineError, csv.Error, ValueError,
            RecursionError):  # fmt: skip
        what = "文件打不开：不完整、被占用或不是表格文件"
        raise _refused(path, what, f"重新导出；{_KINDS}") from None
    widest = max((len(row) for grid in grids for row in grid.rows), default=0)
    if widest > MAX_COLUMNS:
        raise _refused(path, f"有一行有 {widest} 格，表格最多 {MAX_COLUMNS} 列", "重新导出")
    grids = [grid for grid in grids if any(_filled(row) for row in grid.rows)]
    if not grids:
        raise _refused(path, "文件是空的", "重新导出")
    return ExportFile(path, hashlib.sha256(content).hexdigest(), _exported(path, content), grids)


def _grids(path: Path, content: bytes) -> list[Grid]:
    suffix = path.suffix.lower()
    if suffix in WORKBOOKS:
        return [Grid(path.name, sheet, rows) for sheet, rows in workbook_cells(path).items()]
    if suffix == ".parquet":
        return [Grid(path.name, "", _of_parquet(path))]
    text = decoded(unpacked(path, content))
    if suffix == ".json":
        return [Grid(path.name, "", _of_json(text))]
    return [Grid(path.name, "", _of_text(text))]


def _filled(row: list[object]) -> bool:
    return any(cell is not None and cell != "" for cell in row)


def _of_text(text: str) -> list[list[object]]:
    """Lines split by the separator that most lines have most of."""
    lines = text.splitlines()[:_JUDGED_LINES]
    counts = Counter({mark: sum(line.count(mark) for line in lines) for mark in _SEPARATORS})
    separator = counts.most_common(1)[0][0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [list(row) for row in reader]


def _of_parquet(path: Path) -> list[list[object]]:
    import duckdb

    try:
        with duckdb.connect() as connection:
            found = connection.execute("select * from read_parquet(?)", [str(path)])
            header: list[object] = [column[0] for column in found.description or ()]
            return [header, *(list(row) for row in found.fetchall())]
    except duckdb.Error as error:
        raise ValueError(path.name) from error


def _of_json(text: str) -> list[list[object]]:
    """The longest list of records in it; a figure may be wrapped as ``{"value": 12}``."""
    records = max(_record_lists(json.loads(text)), key=len, default=[])
    header = list(dict.fromkeys(key for record in records for key in record))
    rows: list[list[object]] = [[_unwrapped(r.get(key)) for key in header] for r in records]
    return [list(header), *rows] if header else []


def _record_lists(node: Any) -> list[list[dict[str, Any]]]:
    if isinstance(node, dict):
        return [found for inner in node.values() for found in _record_lists(inner)]
    if isinstance(node, list):
        if node and all(isinstance(entry, dict) for entry in node):
            return [node]
        return [found for inner in node for found in _record_lists(inner)]
    return []


def _unwrapped(value: Any) -> object:
    if isinstance(value, dict):
        return value.get("value")
    return None if isinstance(value, list) else value


def _exported(path: Path, content: bytes) -> dt.date | None:
    """The day on which a workbook says that it was made."""
    if not content.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(path) as package:
            found = _CREATED.search(package.read("docProps/core.xml"))
        return dt.date.fromisoformat(found[1].decode()) if found else None
    except (KeyError, ValueError, zipfile.BadZipFile, OSError):
        return None


def _refused(path: Path, what: str, fix: str) -> InputError:
    return InputError([Problem(path.name, what, fix)])
