"""A log file's cells as they stand: xlsx by calamine, csv and tsv (also .gz) by pandas."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, PasswordError

from xl_kpi.errors import InputError, Problem
from xl_kpi.sources.workbooks import MAX_COLUMNS, WORKBOOKS, unpacked, workbook_cells

_ENCODINGS = ("utf-8-sig", "gb18030")  # gb18030: what Chinese Excel saves as csv


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's or sheet's cells from its first row on, so that position i is row i + 1."""

    where: str
    cells: pd.DataFrame


def read_sheets(path: Path) -> list[Sheet]:
    """Every sheet of the file that holds anything."""
    if not path.is_file():
        raise _refused(path, "找不到这个文件", "检查文件名和所在的文件夹")
    try:
        if path.suffix.lower() in WORKBOOKS:
            sheets = _workbook(path)
        else:
            sheets = [Sheet(path.name, _delimited(path))]
    except PasswordError:
        raise _refused(path, "文件有密码", "去掉密码，另存后再导入") from None
    except pd.errors.ParserError as error:
        raise _refused(path, _bad_line(str(error)), "改正该行后再导入") from None
    except pd.errors.EmptyDataError:
        raise _refused(path, "第一行是空的，分不出列", "删掉表头上面的空行后再导入") from None
    except (OSError, EOFError, zlib.error, UnicodeError, CalamineError):
        fix = "重新导出；支持 xlsx、csv、tsv 和 .gz"
        raise _refused(path, "文件打不开：不完整、被占用或不是表格文件", fix) from None
    widest = max((sheet.cells.shape[1] for sheet in sheets), default=0)
    if widest > MAX_COLUMNS:
        raise _refused(path, f"有 {widest} 列，表格最多 {MAX_COLUMNS} 列", "重新导出")
    sheets = [sheet for sheet in sheets if not sheet.cells.empty]
    if not sheets:
        raise _refused(path, "文件是空的", "重新导出")
    return sheets


def _refused(path: Path, what: str, fix: str) -> InputError:
    return InputError([Problem(path.name, what, fix)])


def _bad_line(error: str) -> str:
    """What pandas says of a line it cannot split, in HR's words."""
    if found := re.search(r"in line (\d+)", error):
        return f"第 {found[1]} 行的列数与表头不一样"
    if found := re.search(r"starting at row (\d+)", error):
        return f"第 {int(found[1]) + 1} 行的引号没有配对"
    return "有的行分不出列"


def _workbook(path: Path) -> list[Sheet]:
    return [
        Sheet(f"{path.name}!{name}", pd.DataFrame([_words(row) for row in rows], dtype=object))
        for name, rows in workbook_cells(path).items()
    ]


def _words(row: Sequence[object]) -> list[object]:
    """The row with booleans as words: True would be taken for a 1."""
    return [str(cell).upper() if isinstance(cell, bool) else cell for cell in row]


def _delimited(path: Path) -> pd.DataFrame:
    text = decoded(unpacked(path, path.read_bytes()))
    if not text.strip():
        return pd.DataFrame()
    first_line = text.lstrip("\r\n").partition("\n")[0]
    return pd.read_csv(
        io.StringIO(text),
        sep=max("\t,;", key=first_line.count),
        header=None,
        dtype=object,
        na_filter=False,
        skip_blank_lines=False,
    )


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else what Chinese Excel saves."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode(_ENCODINGS[0])
    except UnicodeDecodeError:
        return content.decode(_ENCODINGS[1])
