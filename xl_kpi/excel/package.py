"""An .xlsx or .xlsm file opened as a package of parts, after it was checked to be harmless.

The reader and the patcher share it: whatever is wrong with the file itself (no workbook,
password, truncated, a zip bomb) is said here, once.
"""

from __future__ import annotations

import posixpath
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.area import Area
from xl_kpi.excel.replace_file import digest_of
from xl_kpi.sources.workbooks import MAX_RATIO, RATIO_MATTERS_FROM_BYTES, overstates

MAX_TOTAL_BYTES = 1 << 30

_HEAD = 4096  # bytes in which a part's first tag stands
_OLE_HEADER = bytes.fromhex("D0CF11E0")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    RuntimeError,  # NotImplementedError among them: an unknown compression
)
_SAVE_AGAIN = "请用 Excel 或 WPS 打开，另存为 .xlsx 或 .xlsm 后再试"
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from one part to another; ``kind`` is the last word of its type."""

    id: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class TablePart:
    """An Excel table: where it stands and what its columns are called; rows count from 1."""

    name: str
    part: str
    sheet: str
    sheet_part: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int
    columns: tuple[str, ...]
    header_rows: int
    totals_rows: int

    @property
    def area(self) -> Area:
        """The whole table with header and totals row."""
        return Area(self.first_row, self.first_column, self.last_row, self.last_column)

    @property
    def body(self) -> Area:
        """The rows between header and totals row."""
        return Area(
            self.first_row + self.header_rows,
            self.first_column,
            self.last_row - self.totals_rows,
            self.last_column,
        )


class Package:
    """The parts of a workbook; a context manager, made by ``open_package``.

    Attributes:
        path: the file.
        digest: ``digest_of`` its content when it was opened.
        names: all members of the zip, in their order.
        workbook_part: the name of the workbook part.
        date_1904: whether dates count from 1904.
        sheets: worksheet name to part, in the order of the tabs (chart sheets are left out).
        tables: Excel table name to table, over all sheets.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, digest: str) -> None:
        self.path = path
        self.digest = digest
        self._archive = archive
        self.names: tuple[str, ...] = tuple(archive.namelist())
        self._by_folded_name = {name.casefold(): name for name in self.names}
        self.workbook_part = self._find_workbook()
        workbook = self.xml(self.workbook_part)
        self.date_1904 = _is_1904(workbook)
        self.sheets: dict[str, str] = dict(self._find_sheets(workbook))
        self.tables: dict[str, TablePart] = {
            table.name: table
            for sheet, part in self.sheets.items()
            for table in self._find_tables(sheet, part)
        }

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()

    def read(self, name: str) -> bytes:
        """The content of a part, decompressed.

        Raises:
            InputError: the part is damaged, or an XML part with a DOCTYPE or in another
                encoding than UTF-8.
            KeyError: there is no such part.
        """
        try:
            content = self._archive.read(name)
        except (*_DAMAGED, OSError) as error:
            raise _refusal(self.path, f"文件已损坏，读不出其中的 {name}", _SAVE_AGAIN) from error
        if name.casefold().endswith((".xml", ".rels")):
            self._check_xml(name, content)
        return content

    def strings_fit(self) -> bool:
        """Whether the shared strings are not more than they can be."""
        links = self.relationships(self.workbook_part).values()
        for link in links:
            if link.kind == "sharedStrings" and link.target in self.names:
                with self._archive.open(link.target) as part:
                    head = part.read(_HEAD)
                if overstates(head, self._archive.getinfo(link.target).file_size):
                    return False
        return True

    def holds(self, name: str, content: bytes) -> bool:
        """Whether a part has this content, by its length and checksum."""
        member = self._archive.getinfo(name)
        return member.file_size == len(content) and zlib.crc32(content) == member.CRC

    def xml(self, name: str) -> ET.Element:
        """An XML part as a tree.

        Raises:
            InputError: as for ``read``, or the part is not well-formed.
            KeyError: there is no such part.
        """
        try:
            return ET.fromstring(self.read(name))
        except ET.ParseError as error:
            raise _refusal(self.path, f"文件已损坏，{name} 的内容不完整", _SAVE_AGAIN) from error

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The links of a part to other parts, by id; ``""`` stands for the package itself."""
        folder, base = posixpath.split(part)
        links = self._by_folded_name.get(posixpath.join(folder, "_rels", f"{base}.rels").casefold())
        found: dict[str, Relationship] = {}
        for element in self.xml(links) if links else ():
            if element.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
            identifier = element.get("Id", "")
            found[identifier] = Relationship(
                identifier,
                element.get("Type", "").rpartition("/")[2],
                self._member(unquote(target.lstrip("/"))),
            )
        return found

    def _member(self, target: str) -> str:
        """The member that a link means: part names ignore case."""
        return self._by_folded_name.get(target.casefold(), target)

    def _check_xml(self, name: str, content: bytes) -> None:
        declared = _ENCODING.match(content[:200])
        encoding = declared[1].decode("ascii", "replace").casefold() if declared else "utf-8"
        if encoding not in ("utf-8", "utf8", "us-ascii") or content[:2] in _UTF16_STARTS:
            raise _refusal(self.path, f"{name} 不是 UTF-8 编码，无法读取", _SAVE_AGAIN)
        if b"!" in content and b"<!DOCTYPE" in content:  # one letter is found much faster
            raise _refusal(
                self.path,
                f"{name} 里有 DOCTYPE 声明，正常的工作簿不会有，文件可能不安全",
                "请不要使用这个文件；确需使用时，" + _SAVE_AGAIN[1:],
            )

    def _find_workbook(self) -> str:
        for link in self.relationships("").values():
            if link.kind == "officeDocument" and link.target in self.names:
                if not link.target.casefold().endswith(".xml"):
                    raise _refusal(self.path, "这是二进制格式的工作簿（.xlsb）", _SAVE_AGAIN)
                return link.target
        raise _refusal(self.path, "文件里没有工作簿，不是 Excel 文件", "请选择 .xlsx 或 .xlsm 文件")

    def _find_sheets(self, workbook: ET.Element) -> Iterator[tuple[str, str]]:
        links = self.relationships(self.workbook_part)
        for element in _children(workbook, "sheets", "sheet"):
            identifier = next(
                (value for key, value in element.items() if _local(key) == "id" and "}" in key), ""
            )
            link = links.get(identifier)
            name = element.get("name", "")
            if link is None or (link.kind == "worksheet" and link.target not in self.names):
                raise _refusal(self.path, f"文件已损坏，工作表“{name}”的内容不见了", _SAVE_AGAIN)
            if link.kind == "worksheet":
                yield name, link.target

    def _find_tables(self, sheet: str, sheet_part: str) -> Iterator[TablePart]:
        for link in self.relationships(sheet_part).values():
            if link.kind != "table":
                continue
            try:
                yield _table_part(self.xml(link.target), link.target, sheet, sheet_part)
            except (KeyError, ValueError) as error:
                what = f"文件已损坏，工作表“{sheet}”上的一个表格读不出来（{link.target}）"
                raise _refusal(self.path, what, _SAVE_AGAIN) from error


def open_package(path: Path) -> Package:
    """Open a workbook and check that it is a sound, harmless .xlsx or .xlsm.

    Raises:
        InputError: the file is missing, locked, no workbook, encrypted, damaged or a zip bomb.
    """
    path = Path(path)
    _check_header(path)
    try:
        digest = digest_of(path.read_bytes())
        archive = zipfile.ZipFile(path)
    except (*_DAMAGED, OSError) as error:
        raise _refusal(
            path, "文件不完整或已损坏", "请重新复制或下载这个文件，或使用备份文件"
        ) from error
    try:
        _check_members(path, archive)
        return Package(path, archive, digest)
    except BaseException:
        archive.close()
        raise


def decode_escapes(text: str) -> str:
    """Text of an attribute or cell with Excel's ``_xHHHH_`` escapes resolved."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except FileNotFoundError as error:
        raise _refusal(path, "找不到这个文件", "请检查文件名和文件夹") from error
    except IsADirectoryError as error:
        raise _refusal(path, "这是文件夹，不是文件", "请选择 .xlsx 或 .xlsm 文件") from error
    except OSError as error:
        raise _refusal(
            path, "文件打不开，可能没有权限或正被别的程序占用", "请关闭占用它的程序后再试"
        ) from error
    if head == _OLE_HEADER:
        raise _refusal(
            path, "文件有密码或是旧版 .xls", "请用 Excel 去掉密码，并另存为 .xlsx 或 .xlsm 后再试"
        )
    if head[:2] != b"PK":
        what = "文件不是 Excel 工作簿" if head else "文件是空的"
        raise _refusal(path, what, _SAVE_AGAIN)


def _check_members(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    repeated = [
        name
        for name, count in Counter(member.filename.casefold() for member in members).items()
        if count > 1
    ]
    if repeated:
        what = f"文件里有重复的内容（{repeated[0]}），可能已损坏或被改动过"
        raise _refusal(path, what, _SAVE_AGAIN)
    if any(member.flag_bits & 0x1 for member in members):
        raise _refusal(path, "文件有密码", "请去掉密码后再试")
    if any(
        member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members
    ):
        raise _refusal(path, "文件的压缩方式不是 Excel 所用的", _SAVE_AGAIN)
    if sum(member.compress_size for member in members) > path.stat().st_size:
        raise _refusal(path, "文件不完整或已损坏", _SAVE_AGAIN)
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL_BYTES:
        what = f"文件解压后有 {total / (1 << 30):.1f} GiB，超过 1 GiB 的上限"
        raise _refusal(path, what, "请把数据拆成几个工作簿，或检查文件是否可信")
    for member in members:
        if member.file_size > max(RATIO_MATTERS_FROM_BYTES, MAX_RATIO * member.compress_size):
            what = f"{member.filename} 的压缩比异常，可能是恶意文件"
            raise _refusal(path, what, "请不要使用这个文件，并向发送人核实")


def _table_part(root: ET.Element, part: str, sheet: str, sheet_part: str) -> TablePart:
    area = Area.parse(root.attrib["ref"])
    columns = tuple(
        decode_escapes(column.attrib["name"])
        for column in _children(root, "tableColumns", "tableColumn")
    )
    table = TablePart(
        name=root.get("displayName") or root.attrib["name"],
        part=part,
        sheet=sheet,
        sheet_part=sheet_part,
        first_row=area.first_row,
        first_column=area.first_column,
        last_row=area.last_row,
        last_column=area.last_column,
        columns=columns,
        header_rows=int(root.get("headerRowCount", "1")),
        totals_rows=int(root.get("totalsRowCount", "0")),
    )
    if len(columns) != area.last_column - area.first_column + 1:
        raise ValueError("columns and area differ")
    return table


def _is_1904(workbook: ET.Element) -> bool:
    properties = next((child for child in workbook if _local(child.tag) == "workbookPr"), None)
    return properties is not None and properties.get("date1904") in ("1", "true", "on")


def _children(root: ET.Element, group: str, child: str) -> Iterator[ET.Element]:
    """Elements named ``child`` inside the elements named ``group``, whatever the namespace."""
    for outer in root:
        if _local(outer.tag) == group:
            yield from (inner for inner in outer if _local(inner.tag) == child)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _refusal(path: Path, what: str, fix: str) -> InputError:
    return InputError([Problem(path.name, what, fix)])
