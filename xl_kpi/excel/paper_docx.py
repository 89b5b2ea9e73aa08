"""A paper as a Word file; the same paper gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.palette import FONT
from xl_kpi.statements.paper import Align, Fields, Heading, OnOnePage, Paper, Table, Text

_MADE = dt.datetime(2026, 1, 1)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_YEARS = range(1980, 2108)  # of a zip, in which the library puts the time of day
_WIDE, _HIGH, _SIDE, _TOP, _BOTTOM = 210, 297, 18, 14, 14  # mm
_ROOM = _WIDE - 2 * _SIDE
_GREY, _SHADE, _RULE = RGBColor(0x59, 0x59, 0x59), "EBEBEB", "A6A6A6"
_DROPPED = ("/stylesWithEffects", "/thumbnail", "/customXml")  # parts of the library's template
_LABEL_SHARES = (0.2, 0.27, 0.3, 0.36, 0.45)  # of a field, for its label: the first with room for it
_LABEL_CHAR, _PADDING = 1.55, 4.2  # mm; of half a Chinese character of a label, and of a cell


def paper_docx(paper: Paper) -> bytes:
    """The Word file of a paper.

    Raises:
        InputError: the clock of the computer shows a year that the file format does not know.
    """
    _refuse_clock(time.localtime().tm_year)
    writer = _Writer(paper)
    for block in paper.blocks:
        writer.add(block)
    buffer = io.BytesIO()
    writer.document.save(buffer)
    return _fixed(buffer.getvalue())


def _refuse_clock(year: int) -> None:
    if year not in _YEARS:
        what = f"电脑的日期是 {year} 年，Word 文件只认 {_YEARS[0]} 至 {_YEARS[-1]} 年"
        raise InputError([Problem("电脑的日期", what, "校准日期和时间后再试")])


def _fixed(content: bytes) -> bytes:
    """The same archive with the same time on every part."""
    fixed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _ZIP_TIME)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(part, old.read(name))
    return fixed.getvalue()


class _Writer:
    """Writes blocks from the top down."""

    def __init__(self, paper: Paper) -> None:
        self.document: Any = Document()
        for holder in (self.document.part, self.document.part.package):
            for key in [k for k, r in holder.rels.items() if r.reltype.endswith(_DROPPED)]:
                del holder.rels[key]
        properties = self.document.core_properties
        properties.author = properties.last_modified_by = "xl_kpi"
        properties.title, properties.comments = _clean(paper.title), ""
        properties.created = properties.modified = _MADE
        self.kept = False  # whether everything stands on the page of what follows it
        self._page()
        self._styles(paper.lang)
        title = self.document.add_paragraph(style="Title")
        title.add_run(_clean(paper.title))
        for text in paper.below_title:
            self._paragraph(text, quiet=True)
        self._foot(paper.foot)

    def add(self, block: Heading | Text | Table | Fields | OnOnePage) -> None:
        """Write a block below the others."""
        match block:
            case Heading(text):
                self.document.add_paragraph(_clean(text), style="Heading 1")
            case Text(text, quiet):
                self._paragraph(text, quiet=quiet)
            case Table():
                self._table(block)
            case Fields():
                self._fields(block)
            case OnOnePage():
                self.kept = True

    # --- page and styles -----------------------------------------------------------------------

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(_WIDE), Mm(_HIGH)
        section.left_margin = section.right_margin = Mm(_SIDE)
        section.top_margin, section.bottom_margin = Mm(_TOP), Mm(_BOTTOM)
        section.header_distance = section.footer_distance = Mm(8)

    def _styles(self, lang: str) -> None:
        for name, size, before, after, bold in (
            ("Normal", 9.5, 0, 3, False), ("Title", 18, 0, 2, True), ("Heading 1", 12, 6, 3, True),
        ):  # fmt: skip
            style = self.document.styles[name]
            style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.paragraph_format.space_before = Pt(before)
            style.paragraph_format.space_after = Pt(after)
            style.paragraph_format.line_spacing = 1.0
            properties = style.element.get_or_add_rPr()
            fonts = properties.get_or_add_rFonts()
            for script in ("ascii", "hAnsi", "eastAsia", "cs"):
                fonts.set(qn(f"w:{script}"), FONT)
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            language = _element("w:lang", val="en-US", eastAsia="zh-CN" if lang == "zh" else "en-US")
            for old in properties.findall(qn("w:lang")):
                properties.remove(old)
            properties.append(language)
        for line in self.document.styles["Table Grid"].element.find(f".//{qn('w:tblBorders')}"):
            line.set(qn("w:color"), _RULE)

    def _foot(self, text: str) -> None:
        paragraph = self.document.sections[0].footer.paragraphs[0]
        self._run(paragraph, text, quiet=True)
        paragraph.add_run("　")
        for kind, instruction in (("begin", None), (None, "PAGE"), ("end", None)):
            run = self._run(paragraph, "", quiet=True)
            if kind:
                run._r.append(_element("w:fldChar", fldCharType=kind))
            else:
                code = OxmlElement("w:instrText")
                code.text = instruction
                run._r.append(code)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    # --- blocks --------------------------------------------------------------------------------

    def _paragraph(self, text: str, *, quiet: bool = False) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = self.kept
        self._run(paragraph, text, quiet=quiet)

    def _run(self, paragraph: Any, text: str, *, quiet: bool = False, bold: bool = False) -> Any:
        run = paragraph.add_run(_clean(text))
        run.bold = bold or None
        if quiet:
            run.font.size, run.font.color.rgb = Pt(8), _GREY
        return run

    def _table(self, block: Table) -> None:
        widths = [_ROOM * column.share for column in block.columns]
        made = self._grid(1 + len(block.rows), widths)
        head = made.rows[0]
        head._tr.get_or_add_trPr().append(_element("w:tblHeader"))
        for cell, column in zip(head.cells, block.columns, strict=True):
            self._fill(cell, column.label, column.align, bold=True, shade=True)
        _keep_with_next(head)
        for row, texts in zip(list(made.rows)[1:], block.rows, strict=True):
            if block.least:
                row.height = Pt(block.least)
            for cell, text, column in zip(row.cells, texts, block.columns, strict=True):
                self._fill(cell, text, column.align)
            if self.kept:
                _keep_with_next(row)
        self._gap()

    def _fields(self, block: Fields) -> None:
        count = -(-len(block.pairs) // block.beside)
        wide = _ROOM / block.beside
        longest = max(len(name) + sum(c > "\u2e7f" for c in name) for name, _ in block.pairs)
        needed = longest * _LABEL_CHAR + _PADDING
        label = wide * next((s for s in _LABEL_SHARES if wide * s >= needed), _LABEL_SHARES[-1])
        made = self._grid(count, [label, wide - label] * block.beside)
        padded = [*block.pairs, *[("", "")] * (count * block.beside - len(block.pairs))]
        for number, row in enumerate(made.rows):
            if block.least:
                row.height = Pt(block.least)
            cells = row.cells
            for place in range(block.beside):
                name, text = padded[number * block.beside + place]
                self._fill(cells[2 * place], name, "left", shade=True, quiet=True)
                self._fill(cells[2 * place + 1], text, "left")
            if self.kept or number + 1 < count:
                _keep_with_next(row)
        self._gap()

    def _grid(self, rows: int, widths: list[float]) -> Any:
        """A table with thin lines and fixed columns, its rows whole on a page."""
        made = self.document.add_table(rows, len(widths))
        made.style = "Table Grid"
        made.autofit, made.alignment = False, WD_TABLE_ALIGNMENT.CENTER
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Mm(width)
        for row in made.rows:
            row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)
        return made

    def _fill(
        self, cell: Any, text: str, align: Align, *, bold: bool = False, shade: bool = False,
        quiet: bool = False,
    ) -> None:  # fmt: skip
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.paragraph_format.space_before = Pt(1)
        self._run(paragraph, text, bold=bold, quiet=quiet)
        if align == "right":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if shade:
            fill = _element("w:shd", val="clear", color="auto", fill=_SHADE)
            cell._tc.get_or_add_tcPr().append(fill)

    def _gap(self) -> None:
        """A little room below a table."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = Pt(5)
        paragraph.paragraph_format.keep_with_next = self.kept


def _keep_with_next(row: Any) -> None:
    """The row stands on the page of the one below it."""
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _clean(text: str) -> str:
    """A text that XML can hold, and line breaks as they are; a tab is a blank."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text).strip()
