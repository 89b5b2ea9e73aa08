"""Workbooks as the tests want them, built by the programs that also build users' books."""

import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font, NamedStyle
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.table import Table
from python_calamine import CalamineWorkbook

PEOPLE = [
    ["E01", "甲", 320.5, 0.81],
    ["E02", "乙", 60, 0.92],
    ["E03", "丙", 1055, 0.75],
    ["E04", "丁", 0, 0.66],
]
HEADER = ["工号", "姓名", "奖金", "转化率"]


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(b"\0\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def _rebuild(path: Path, replaced: Mapping[str, bytes | None]) -> None:
    """Replace, add or (None) leave out members of a zip."""
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in members:
            new = replaced.get(info.filename, content)
            if new is not None:
                archive.writestr(info.filename, new)
        for name in replaced.keys() - {info.filename for info, _ in members}:
            archive.writestr(name, replaced[name] or b"")


@pytest.fixture
def rebuild() -> Callable[[Path, Mapping[str, bytes | None]], None]:
    return _rebuild


@pytest.fixture
def edit_part(tmp_path: Path) -> Callable[[Path, str, str, str], None]:
    """Replace text inside one part; the text must be there exactly once."""

    def edit(path: Path, name: str, old: str, new: str) -> None:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(name).decode()
        assert text.count(old) == 1, (old, text[:2000])
        _rebuild(path, {name: text.replace(old, new).encode()})

    return edit


@pytest.fixture
def rich_book(tmp_path: Path) -> Path:
    """A macro book: a result table at C4:F8 with HR's own cells on all four sides."""
    path = tmp_path / "绩效.xlsm"
    book = xlsxwriter.Workbook(path)
    formats = [book.add_format({"num_format": form}) for form in ("@", "@", "#,##0.00", "0.0%")]
    own = book.add_format({"bold": True, "bg_color": "#FFFF00"})
    home = book.add_worksheet("首页")
    home.write("A1", "状态", own)
    home.write("B1", "未计算", own)
    home.write_formula("B2", "=SUM('个人结果'!E5:E100)", own, 1435.5)
    sheet = book.add_worksheet("个人结果")
    sheet.write("C1", "十月结果", own)
    sheet.add_table(
        "C4:F8",
        {
            "name": "kpi_result_people",
            "data": PEOPLE,
            "columns": [
                {"header": name, "format": form} for name, form in zip(HEADER, formats, strict=True)
            ],
        },
    )
    sheet.set_row(5, 33)
    for row in range(5, 9):
        sheet.write(f"A{row}", f"批注{row}", own)
        sheet.write_formula(f"H{row}", f"=E{row}*2", own, 7)
    sheet.write("C40", "制表人：王", own)
    sheet.conditional_format("E5:E8", {"type": "data_bar"})
    sheet.conditional_format("C5:F8", {"type": "cell", "criteria": ">", "value": 9, "format": own})
    sheet.data_validation("D5:D8", {"validate": "length", "criteria": ">", "value": 0})
    sheet.data_validation("A5:A8", {"validate": "list", "source": ["是", "否"]})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='个人结果'!$E$5:$E$8"})
    sheet.insert_chart("K2", chart)
    picture = tmp_path / "logo.png"
    picture.write_bytes(_png())
    sheet.insert_image("K20", str(picture))
    macros = tmp_path / "vbaProject.bin"
    macros.write_bytes(bytes(range(256)) * 8)
    book.add_vba_project(str(macros))
    book.add_worksheet("数据").write_row("A1", [1, 2, 3])
    book.close()
    picture.unlink()
    macros.unlink()
    _rebuild(
        path,
        {
            "customUI/customUI14.xml": b'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"/>',
            "customXml/item1.xml": b"<data>1</data>",
        },
    )
    return path


@pytest.fixture
def named_style_book(tmp_path: Path) -> Path:
    """A small book of openpyxl with named cell styles and a table of two columns at A1:B2."""
    path = tmp_path / "样式.xlsx"
    book = openpyxl.Workbook()
    for name, form in (("KPI 金额", "#,##0.00"), ("KPI 比率", "0.00%")):
        book.add_named_style(NamedStyle(name, number_format=form))
    sheet = book.active
    sheet.title = "个人结果"
    sheet.append(["工号", "占位"])
    sheet.append(["E1", 1])
    sheet["A1"].font = Font(italic=True)
    sheet["B1"].font = Font(bold=True)
    sheet["A2"].number_format = "@"
    # A named style that no cell uses is in no cell format; the second one is not plain.
    for row, name in enumerate(("KPI 比率", "KPI 金额", "KPI 金额"), 1):
        sheet[f"J{row}"].style = name
    sheet["J3"].font = Font(strike=True)
    sheet.add_table(Table(displayName="kpi_result_people", ref="A1:B2"))
    book.save(path)
    return path


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def parts() -> Callable[[Path], dict[str, bytes]]:
    """All parts of a book by name."""
    return _parts


@pytest.fixture
def values() -> Callable[..., list[list[object]]]:
    """Rows of a sheet, as openpyxl reads them, that are not all empty."""

    def read(path: Path, sheet: str = "个人结果", area: str = "C4:F30") -> list[list[object]]:
        cells = openpyxl.load_workbook(path)[sheet][area]
        rows = [[cell.value for cell in row] for row in cells]
        return [row for row in rows if any(value is not None for value in row)]

    return read


@pytest.fixture
def table() -> Callable[..., list[list[object]]]:
    """Header and rows of a table, as calamine reads them."""

    def read(path: Path, name: str = "kpi_result_people") -> list[list[object]]:
        found = CalamineWorkbook.from_path(str(path), load_tables=True).get_table_by_name(name)
        return [found.columns, *found.to_python()]

    return read


@pytest.fixture
def bare_sheet() -> Callable[..., bytes]:
    """A worksheet part with one table, around the given ``sheetData``."""

    def write(rows: str) -> bytes:
        names = (
            'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet {names}>{rows}'
            '<tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'
        ).encode()

    return write


def _check_sheet(root: ET.Element) -> None:
    main = root.tag.removesuffix("worksheet")
    stated = root.find(f"{main}dimension")
    extent = range_boundaries(stated.get("ref")) if stated is not None else None
    row_number = 0
    for row in root.find(f"{main}sheetData"):
        following = int(row.get("r", row_number + 1))
        assert following > row_number
        row_number = following
        first, last = map(int, row.get("spans", "1:16384").split(":"))
        column = 0
        for cell in row:
            assert cell.tag == f"{main}c"
            if "r" in cell.attrib:
                letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r")).groups()
                assert int(digits) == row_number
                following = range_boundaries(f"{letters}1")[0]
            else:
                following = column + 1
            assert following > column
            column = following
            assert first <= column <= last
            if extent and len(cell):
                assert extent[0] <= column <= extent[2]
                assert extent[1] <= row_number <= extent[3]


@pytest.fixture
def assert_sound() -> Callable[[Path], None]:
    """The rules of the format that Excel insists on, for every sheet and table of a book."""

    def check(path: Path) -> None:
        for name, content in _parts(path).items():
            if name.endswith((".xml", ".rels")):
                root = ET.fromstring(content)
                if name.startswith("xl/worksheets/sheet"):
                    _check_sheet(root)
        for sheet in openpyxl.load_workbook(path):
            for found in getattr(sheet, "tables", {}).values():
                header = [cell.value for cell in sheet[found.ref][0]]
                assert header == [column.name for column in found.tableColumns]
                ids = [column.id for column in found.tableColumns]
                assert len(set(ids)) == len(ids)
                if found.autoFilter and not found.totalsRowCount:
                    assert found.autoFilter.ref == found.ref

    return check
