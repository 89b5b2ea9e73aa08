"""The worksheet parts of the 对账 sheets, written a column of cells at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from xl_kpi.excel import palette
from xl_kpi.excel.area import Area as Cells
from xl_kpi.excel.area import cell_name, column_letters
from xl_kpi.excel.cell_xml import CellWriter, FormulaCell, escape_attribute, escape_text
from xl_kpi.excel.layout_words import FOOTER
from xl_kpi.excel.styles_xml import StylesXml
from xl_kpi.twin.calculation import Values
from xl_kpi.twin.sheets import HEADER_ROW, ROW

_NAMESPACES = (
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_TAB_COLOUR = "FF7F7F7F"
_ROW_HEIGHT = 22
_CHARACTERS_PER_PAGE = 210  # of width, on a landscape A4 page in a size that can still be read
_ALL = "A1:XFD1048576"


# --- looks -----------------------------------------------------------------------------------

# Fill and font of what a column is: told apart without colours by weight, slant and heading.
_FILLS: Mapping[str, str] = {
    "person": "", "given": "", "step": "#F3F4F6", "result": "#FFF6D9", "python": "#E8F3E1",
    "gap": "", "light": "", "key": "#F4F6F8",
}  # fmt: skip
_FONTS: Mapping[str, str] = {
    "step": "i", "result": "b", "light": "b", "key": "b", "title": "b", "header": "b",
    "kind": "b", "section": "b",
}  # fmt: skip


def _rgb(colour: str) -> str:
    return f'rgb="FF{colour.removeprefix("#")}"'


class Looks:
    """The cell formats of the sheets, put into a book's styles as they are asked for."""

    def __init__(self, styles: StylesXml) -> None:
        self._styles = styles
        self._known: dict[tuple[str, str], str] = {}

    def cell(self, kind: str, number_format: str = "General", named: str = "") -> str:
        """The number of the format of a body cell of this kind."""
        key = kind, number_format
        if key not in self._known:
            base = kind.partition(" ")[0]
            words = kind.endswith("text") or kind in ("person", "key")
            side = 'horizontal="left" indent="1"' if words else 'horizontal="right"'
            if kind == "light":
                side = 'horizontal="left" indent="1"'
            if kind == "gap":
                side = 'horizontal="center"'
            colour = palette.QUIET if base == "step" else "#000000"
            self._known[key] = self._styles.cell_format(
                font=_font(colour, _FONTS.get(base, ""), 12 if kind == "light" else 10),
                fill=_fill(_FILLS.get(base, "")),
                border=_border(palette.LINE),
                number_format=number_format,
                alignment=f'<alignment {side} vertical="center"/>',
                named=named,
            )
        return self._known[key]

    def free(self, kind: str) -> str:
        """The format of a cell outside the columns: title, guide, section, link, heading."""
        key = kind, ""
        if key not in self._known:
            colour, size, fill, extra = {
                "title": (palette.ACCENT, 16, "", ""),
                "guide": (palette.QUIET, 10, "", ""),
                "note": (palette.QUIET, 10, "", 'wrapText="1"'),
                "section": (palette.ACCENT, 12, "", ""),
                "link": ("#2E75B6", 10, "", ""),
                "cell link": ("#2E75B6", 10, "", 'horizontal="left" indent="1"'),
                "kind": (palette.ACCENT, 10, palette.GROUP_SHADES[0], 'horizontal="center"'),
                "header": ("#FFFFFF", 10, palette.SHADES[0], 'horizontal="center" wrapText="1"'),
            }[kind]
            has_line = kind in ("header", "cell link")
            edge = "#FFFFFF" if kind == "header" else palette.LINE
            underlined = "u" if "link" in kind else ""
            self._known[key] = self._styles.cell_format(
                font=_font(colour, _FONTS.get(kind, "") + underlined, size),
                fill=_fill(fill),
                border=_border(edge) if has_line else _border(""),
                number_format="General",
                alignment=f"<alignment {extra} vertical=\"center\"/>".replace("  ", " "),
            )
        return self._known[key]

    def rule(self, colour: str, fill: str) -> str:
        """The number of the look of a conditional format."""
        return self._styles.rule_format(
            f"<dxf><font><b/><color {_rgb(colour)}/></font>"
            f"<fill><patternFill><bgColor {_rgb(fill)}/></patternFill></fill></dxf>"
        )


def _font(colour: str, marks: str, size: int) -> str:
    tags = "".join(f"<{mark}/>" for mark in "biu" if mark in marks)
    return (
        f'<font>{tags}<sz val="{size}"/><color {_rgb(colour)}/><name val="{palette.FONT}"/>'
        '<family val="2"/></font>'
    )


def _fill(colour: str) -> str:
    if not colour:
        return '<fill><patternFill patternType="none"/></fill>'
    return (
        f'<fill><patternFill patternType="solid"><fgColor {_rgb(colour)}/>'
        '<bgColor indexed="64"/></patternFill></fill>'
    )


def _border(colour: str) -> str:
    sides = ("left", "right", "top", "bottom")
    if not colour:
        return "<border><left/><right/><top/><bottom/><diagonal/></border>"
    edges = "".join(f'<{s} style="thin"><color {_rgb(colour)}/></{s}>' for s in sides)
    return f"<border>{edges}<diagonal/></border>"


_SHARED = re.compile(r'<f t="shared" si="\d+"/>')


# --- cells -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Grid:
    """The rows of a body, column by column."""

    writer: CellWriter
    _template: list[str] = field(default_factory=list)
    _slots: list[Sequence[str]] = field(default_factory=list)
    _formulas: list[tuple[str, str]] = field(default_factory=list)  # letters of the column, text

    def put(self, content: Sequence[object], style: str) -> None:
        """A column of given cells."""
        before, after, texts = self.writer.column(content)
        self._template.append(f'{self._start(style)}{before}%s{after}')
        self._slots.append(texts)

    def put_formula(self, formula: str, values: Values | None, style: str) -> None:
        """A column of one formula and the values that are shown until it is calculated."""
        text = escape_text(formula)
        start, formula = self._start(style), self._shared(text)
        if values is None:
            self._template.append(f"{start}{formula}</c>")
            return
        numbers = values.numbers[0]
        if values.is_logical:
            self._template.append(f'{start} t="b"{formula}<v>%s</v></c>')
            self._slots.append(["1" if one else "0" for one in numbers.tolist()])
            return
        figures = [repr(number).removesuffix(".0") for number in (numbers + 0.0).tolist()]
        if np.isfinite(numbers).all():
            self._template.append(f"{start}{formula}<v>%s</v></c>")
            self._slots.append(figures)
            return
        if np.isnan(numbers).all() and values.texts is not None:
            self._template.append(f'{start} t="str"{formula}<v>%s</v></c>')
            self._slots.append([escape_text(word) for word in values.texts[0].tolist()])
            return
        shown, kinds = [f"<v>{figure}</v>" for figure in figures], [""] * len(figures)
        texts = values.texts
        for place in np.flatnonzero(np.isnan(numbers)).tolist():
            kinds[place] = ' t="str"'
            word = "" if texts is None else escape_text(texts[0, place])
            shown[place] = f"<v>{word}</v>"
        for place in np.flatnonzero(np.isinf(numbers)).tolist():
            shown[place] = ""  # too big for a cell: an error there, and no value here
        self._template.append(f"{start}%s{formula}%s</c>")
        self._slots += [kinds, shown]

    def _shared(self, formula: str) -> str:
        """The formula stands in the first row; the rows below say which one they share.

        Excel cannot share a formula that names another sheet: it would read other cells.
        """
        if "!" in formula:
            return "><f>" + formula.replace("%", "%%") + "</f>"
        letters, number = column_letters(len(self._template) + 1), len(self._formulas)
        self._formulas.append((letters, formula))
        return f'><f t="shared" si="{number}"/>'

    def rows(self, count: int, first: int) -> Iterable[str]:
        """The rows, from the number of the first on."""
        template = "".join(self._template)
        slots = zip(*self._slots, strict=True) if self._slots else [()] * count
        for number, texts in enumerate(slots, first):
            here = template.replace(ROW, str(number)) % texts
            if number == first:
                here = self._with_formulas(here, first, first + count - 1)
            yield f'<row r="{number}">{here}</row>'

    def _with_formulas(self, row: str, first: int, last: int) -> str:
        pieces = _SHARED.split(row)
        for n, (letters, formula) in enumerate(self._formulas):
            here = formula.replace(ROW, str(first))
            area = f"{letters}{first}:{letters}{last}"
            pieces[n] += f'<f t="shared" ref="{area}" si="{n}">{here}</f>'
        return "".join(pieces)

    def _start(self, style: str) -> str:
        letters = column_letters(len(self._template) + 1)
        return f'<c r="{letters}{ROW}" s="{style}"'


Cell = tuple[int, str, object]  # column from 1, style, content


def row(writer: CellWriter, number: int, cells: Sequence[Cell], height: float = 0) -> str:
    """A row of single cells."""
    inside = b"".join(
        writer.cell(cell_name(number, column), style, value) for column, style, value in cells
    )
    tall = f' ht="{height:g}" customHeight="1"' if height else ""
    return f'<row r="{number}"{tall}>{inside.decode()}</row>'


# --- sheets ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Page:
    """A worksheet part that is being put together."""

    lang: str
    frozen_columns: int
    widths: list[float] = field(default_factory=list)
    folded: set[int] = field(default_factory=set)  # columns from 1
    rows: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # cell, where to

    def add_rule(self, cells: str, dxf: str, rule: str) -> None:
        """A conditional format: ``rule`` holds the attributes and formulas of its tag."""
        attributes, _, formulas = rule.partition("|")
        self.rules.append(
            f'<conditionalFormatting sqref="{cells}"><cfRule {attributes} dxfId="{dxf}" '
            f'priority="{len(self.rules) + 1}">'
            f"<formula>{escape_text(formulas)}</formula></cfRule></conditionalFormatting>"
        )

    def content(self, last_row: int) -> bytes:
        """The part."""
        last = Cells(1, 1, max(last_row, 1), max(len(self.widths), 1))
        visible = sum(w for n, w in enumerate(self.widths, 1) if n not in self.folded)
        pages = max(1, ceil(visible / _CHARACTERS_PER_PAGE))
        level = ' outlineLevelCol="1"' if self.folded else ""
        pieces = [
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
            f"<worksheet {_NAMESPACES}>",
            f'<sheetPr><tabColor rgb="{_TAB_COLOUR}"/><outlinePr summaryRight="1"/>'
            '<pageSetUpPr fitToPage="1"/></sheetPr>',
            f'<dimension ref="{last}"/>',
            self._view(),
            f'<sheetFormatPr defaultRowHeight="{_ROW_HEIGHT}" customHeight="1"{level}/>',
            f"<cols>{''.join(self._cols())}</cols>",
            "<sheetData>", *self.rows, "</sheetData>",
            *self.rules,
            self._hyperlinks(),
            '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" '
            'footer="0.3"/>',
            f'<pageSetup paperSize="9" orientation="landscape" fitToWidth="{pages}" '
            'fitToHeight="0"/>',
            f"<headerFooter><oddFooter>&amp;L&amp;A&amp;R"
            f"{escape_text(FOOTER[self.lang == 'en'])}</oddFooter></headerFooter>",
            f'<ignoredErrors><ignoredError sqref="{_ALL}" numberStoredAsText="1" formula="1" '
            'formulaRange="1"/></ignoredErrors>',
            "</worksheet>",
        ]  # fmt: skip
        return "".join(pieces).encode()

    def _view(self) -> str:
        cell = cell_name(HEADER_ROW + 1, self.frozen_columns + 1)
        across = f' xSplit="{self.frozen_columns}"' if self.frozen_columns else ""
        pane = "bottomRight" if self.frozen_columns else "bottomLeft"
        return (
            '<sheetViews><sheetView showGridLines="0" workbookViewId="0">'
            f'<pane{across} ySplit="{HEADER_ROW}" topLeftCell="{cell}" activePane="{pane}" '
            f'state="frozen"/><selection pane="{pane}" activeCell="{cell}" sqref="{cell}"/>'
            "</sheetView></sheetViews>"
        )

    def _cols(self) -> Iterable[str]:
        before = False
        for number, width in enumerate(self.widths, 1):
            folded = number in self.folded
            marks = ' hidden="1" outlineLevel="1"' if folded else ' collapsed="1"' if before else ""
            wide = f'width="{width + 0.7109375}" customWidth="1"'
            yield f'<col min="{number}" max="{number}" {wide}{marks}/>'
            before = folded
        if before:
            number = len(self.widths) + 1
            yield f'<col min="{number}" max="{number}" width="9.7109375" collapsed="1"/>'

    def _hyperlinks(self) -> str:
        tags = "".join(
            f'<hyperlink ref="{cell}" location="{escape_attribute(place)}"/>'
            for cell, place in self.links
        )
        return f"<hyperlinks>{tags}</hyperlinks>" if tags else ""


__all__ = ["Cell", "FormulaCell", "Grid", "Looks", "Page", "row"]
