"""VBA and ribbon put into a finished book: an .xlsm from an .xlsx.

The modules of ``workbook/vba`` and those of the installed xlwings go in as source text; Excel
compiles them when it opens the book.  The same sources give the same bytes.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import xlwings
from pyopenvba import ExcelFile, VBAModuleKind

from xl_kpi.excel.buttons import ribbon

MODULES = ("KpiErrors", "KpiFunctions", "KpiMacros", "KpiRibbon", "KpiTexts")
CLASS = "Dictionary"
RIBBON_PART = "customUI/customUI14.xml"
_RIBBON_LINK = (
    '<Relationship Id="rIdKpiRibbon" Target="customUI/customUI14.xml" '
    'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"/>'
)
_PLAIN_BOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_BOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_XLWINGS = Path(xlwings.__file__).parent


def vba_folder() -> Path:
    """The VBA sources: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "workbook" / "vba"
    return shipped if shipped.exists() else package.parent / "workbook" / "vba"


def sources() -> dict[str, str]:
    """The text of each module, xlwings' own and ours; of ``CLASS`` as a class."""
    ours = {name: (vba_folder() / f"{name}.bas").read_text(encoding="ascii") for name in MODULES}
    return {
        "xlwings": (_XLWINGS / "xlwings.bas").read_text(encoding="utf-8"),
        CLASS: (_XLWINGS / "addin" / "Dictionary.cls").read_text(encoding="cp1252"),
        **ours,
    }


def with_macros(book: bytes, lang: str) -> bytes:
    """The book with VBA project, code names and ribbon."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(book)
        file = ExcelFile(path)
        try:
            project = file.add_vba_project()
            for name, text in sources().items():
                kind = VBAModuleKind.other if name == CLASS else VBAModuleKind.standard
                project.add_module(name, text, kind=kind)
            opening = (vba_folder() / "ThisWorkbook.cls").read_text(encoding="ascii")
            project.get_module("ThisWorkbook").body = opening.replace("\n", "\r\n")
            file.save(path)
        finally:
            file.close()
        return _with_ribbon(path.read_bytes(), lang)


def _with_ribbon(book: bytes, lang: str) -> bytes:
    finished = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as source,
        zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name == "_rels/.rels":
                part = part.replace(b"</Relationships>", f"{_RIBBON_LINK}</Relationships>".encode())
            elif name == "[Content_Types].xml":
                part = part.replace(_PLAIN_BOOK, _MACRO_BOOK)
            target.writestr(_member(name), part)
        target.writestr(_member(RIBBON_PART), ribbon(lang))
    return finished.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0
    return member
