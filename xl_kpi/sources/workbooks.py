"""The cells of workbooks by calamine, after a look at what it would pass over or choke on."""

from __future__ import annotations

import gzip
import io
import math
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from xl_kpi.errors import InputError, Problem

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_UNCHECKED = (".xlsb", ".ods")  # neither errors nor the size of a sheet can be told beforehand
MAX_BYTES = 256 << 20  # of an export, unpacked
MAX_RATIO = 500
RATIO_MATTERS_FROM_BYTES = 50 << 20
MAX_COLUMNS = 16_384  # of a sheet in Excel
MAX_CELLS = 10_000_000  # calamine keeps the whole rectangle of a sheet in memory

BROKEN = "内容不完整"
_SAVE_AGAIN = "用 Excel 打开检查，另存一份后再试"
_REFERENCE_IN_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>[^<&]*(?:&\w+;[^<&]*)*&#")
# A cell is only counted if it is not empty: formatted ones may reach down to the last row.
_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]+)([0-9]+)["'](?:[^<>]*[^/<>])?>"""
)
_CELL_WITHOUT_PLACE = re.compile(
    rb"""<(?:\w+:)?c(?:\s+(?!r\s*=)[\w:]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*>"""
)
_ROW = re.compile(rb"""<(?:\w+:)?row\s(?:[^<>]*?\s)?r\s*=\s*["']([0-9]+)["']""")
_STATED = re.compile(rb"""\buniqueCount\s*=\s*["']([0-9]+)["']""")
_DIGITS = 12
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, KeyError,
)  # fmt: skip


def workbook_cells(path: Path) -> dict[str, list[list[object]]]:
    """Every sheet's cells from A1 on, by its name.

    Raises:
        InputError: the file is damaged, dangerous, too large, or spelt so that numbers would be
            read wrongly.
        PasswordError: it has a password.
        CalamineError: it is no workbook.
    """
    if path.suffix.lower() in _UNCHECKED:
        what = f"不读 {path.suffix} 文件：看不出里面的公式有没有出错"
        raise _refused(path.name, what, "用 Excel 打开，另存为 .xlsx 后再导入")
    _check(path)
    with _panics_named(path), CalamineWorkbook.from_path(path) as workbook:
        return {
            name: [
                list(row)
                for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in workbook.sheet_names
        }


@contextmanager
def _panics_named(path: Path) -> Iterator[None]:
    """A panic inside calamine, which is no ``Exception``, becomes an ``InputError``.

    What Rust itself writes of a panic to the error stream is dropped.
    """
    try:
        with _without_error_stream():
            yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _refused(path.name, "文件已损坏，读不出来", "重新导出") from None


@contextmanager
def _without_error_stream() -> Iterator[None]:
    try:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there is none, as in a program with windows
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def unpacked(path: Path, content: bytes) -> bytes:
    """The content of a .gz, or the content itself if it is none.

    Raises:
        InputError: it is larger than any export, unpacked.
        OSError, EOFError, zlib.error: it is damaged.
    """
    if not content.startswith(b"\x1f\x8b"):
        return content
    with gzip.open(io.BytesIO(content)) as file:
        found = file.read(MAX_BYTES + 1)
    if len(found) > MAX_BYTES:
        raise _too_large(path)
    return found


def oddity(part: bytes) -> str | None:
    """How a sheet's XML is spelt so that calamine would read it wrongly in silence.

    It takes the first piece of a value that a comment, CDATA or an instruction divides, leaves out
    numeric references, and reads on where the XML is broken.
    """
    if b"\0" in part[:200]:
        return "UTF-16 编码"
    start = part.find(b"sheetData") % (len(part) + 1)  # the end if there is none
    if part.find(b"<!", start) >= 0 or part.find(b"<?", start) >= 0:
        return "CDATA 或注释"
    if b"&#" in part and _REFERENCE_IN_VALUE.search(part):
        return "数字写成了 &# 的形式"
    try:
        expat.ParserCreate().Parse(part, True)
    except (expat.ExpatError, LookupError, ValueError):
        return BROKEN
    return None


def _check(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_BYTES:
                raise _too_large(path)
            if sum(member.compress_size for member in members) > path.stat().st_size:
                raise zipfile.BadZipFile
            for member in members:
                if member.file_size > max(RATIO_MATTERS_FROM_BYTES, MAX_RATIO * member.compress_size):
                    what = f"{member.filename} 的压缩比异常，可能是恶意文件"
                    raise _refused(path.name, what, "请不要使用这个文件，并向发送人核实")
            for member in members:
                name = member.filename
                if name.casefold().endswith((".xml", ".rels")):
                    _check_part(path, name, archive.read(member))
    except _UNREADABLE:
        raise _refused(path.name, "文件打不开：不完整或已损坏", "重新导出") from None


def _check_part(path: Path, name: str, part: bytes) -> None:
    if b"<!DOCTYPE" in part:
        what = f"{name} 里有 DOCTYPE 声明，正常的工作簿不会有，文件可能不安全"
        raise _refused(path.name, what, "请不要使用这个文件；确需使用时，" + _SAVE_AGAIN)
    if b"uniqueCount" in part and overstates(part, len(part)):
        raise _refused(path.name, f"文件已损坏：{name} 里的个数不对", "重新导出")
    is_sheet = "worksheets/" in name and "_rels/" not in name
    if not is_sheet and b"sheetData" not in part:
        return
    if odd := oddity(part):
        what = f"{name} 的写法少见（{odd}），有的数会读错" if odd != BROKEN else f"文件已损坏：{name} {odd}"
        raise _refused(path.name, what, _SAVE_AGAIN)
    if math.prod(far_corner(part)) > MAX_CELLS:
        what = f"{name} 用到的范围太大，读不进来；可能有内容写在很远的行或列"
        raise _refused(path.name, what, "删掉右侧和下方多余的行和列（右键删除），保存后再试")


def overstates(head: bytes, size: int) -> bool:
    """Whether shared strings say that they are more than fit; calamine makes room for so many.

    Args:
        head: The first bytes of the part.
        size: Bytes of the whole part; a string takes five or more.
    """
    found = _STATED.search(head)
    return found is not None and (len(found[1]) > _DIGITS or int(found[1]) > size // 5 + 1)


def far_corner(part: bytes) -> tuple[int, int]:
    """The last row and the last column with content that a sheet's XML names, from 1."""
    rows = _ROW.findall(part) if _CELL_WITHOUT_PLACE.search(part) else []
    row = max(map(int, rows), default=1)
    columns = {b"A"}
    for letters, digits in _CELL.findall(part):
        row = max(row, int(digits))
        columns.add(letters.upper())
    return row, max(_number(letters) for letters in columns)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(path: Path) -> InputError:
    what = f"文件解开后超过 {MAX_BYTES >> 20} MiB，不像是导出的报表"
    return _refused(path.name, what, "确认文件可信；数据太多就分几段时间导出")


def _refused(where: str, what: str, fix: str) -> InputError:
    return InputError([Problem(where, what, fix)])
