"""The worksheet parts of whole pages, written a column of cells at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from xl_kpi.excel import palette
from xl_kpi.excel.area import Area as Cells
from xl_kpi.excel.area import cell_name, column_letters
from xl_kpi.excel.cell_xml import CellWriter, escape_attribute, escape_text
from xl_kpi.excel.layout_words import FOOTER
from xl_kpi.excel.own_page import ROW_HEIGHT, TAB_COLOUR, Body, Look, Page, Row, Rule
from xl_kpi.excel.styles_xml import StylesXml
from xl_kpi.twin.calculation import Values
from xl_kpi.twin.sheets import HEADER_ROW, ROW

_NAMESPACES = (
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_CHARACTERS_PER_PAGE = 210  # of width, on a landscape A4 page in a size that can still be read
_ALL = "A1:XFD1048576"


# --- looks -----------------------------------------------------------------------------------


class Looks:
    """The cell formats of the sheets, put into a book's styles as they are asked for."""

    def __init__(self, styles: StylesXml) -> None:
        self._styles = styles
        self._known: dict[Look, str] = {}

    def number(self, look: Look) -> str:
        """The number of a cell format."""
        if look not in self._known:
            side = f' horizontal="{look.side}"' if look.side else ""
            indent = f' indent="{look.indent}"' if look.indent else ""
            wrap = ' wrapText="1"' if look.wrap else ""
            self._known[look] = self._styles.cell_format(
                font=_font(look.colour, look.marks, look.size),
                fill=_fill(look.fill),
                border=_border(look.line),
                number_format=look.number_format,
                alignment=f'<alignment{side}{indent}{wrap} vertical="center"/>',
                named=look.named,
            )
        return self._known[look]

    def rule(self, rule: Rule) -> str:
        """The number of the look of a conditional format."""
        return self._styles.rule_format(
            f"<dxf><font><b/><color {_rgb(rule.colour)}/></font>"
            f"<fill><patternFill><bgColor {_rgb(rule.fill)}/></patternFill></fill></dxf>"
        )


def _rgb(colour: str) -> str:
    return f'rgb="FF{colour.removeprefix("#")}"'


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
class _Grid:
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


# --- sheets ----------------------------------------------------------------------------------


def sheet_part(page: Page, looks: Looks, writer: CellWriter) -> bytes:
    """The worksheet part of a page."""
    rows: list[str] = []
    for part in page.parts:
        rows += [_row(part, looks, writer)] if isinstance(part, Row) else _body(part, looks, writer)
    last = Cells(1, 1, max(page.last_row, 1), max(len(page.widths), 1))
    visible = sum(w for n, w in enumerate(page.widths, 1) if n not in page.folded)
    pages = max(1, ceil(visible / _CHARACTERS_PER_PAGE))
    level = ' outlineLevelCol="1"' if page.folded else ""
    pieces = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
        f"<worksheet {_NAMESPACES}>",
        f'<sheetPr><tabColor {_rgb(TAB_COLOUR)}/><outlinePr summaryRight="1"/>'
        '<pageSetUpPr fitToPage="1"/></sheetPr>',
        f'<dimension ref="{last}"/>',
        _view(page),
        f'<sheetFormatPr defaultRowHeight="{ROW_HEIGHT}" customHeight="1"{level}/>',
        f"<cols>{''.join(_cols(page))}</cols>",
        "<sheetData>", *rows, "</sheetData>",
        *(_rule(rule, number, looks) for number, rule in enumerate(page.rules, 1)),
        _hyperlinks(page),
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" '
        'footer="0.3"/>',
        f'<pageSetup paperSize="9" orientation="landscape" fitToWidth="{pages}" '
        'fitToHeight="0"/>',
        f"<headerFooter><oddFooter>&amp;L&amp;A&amp;R"
        f"{escape_text(FOOTER[page.lang == 'en'])}</oddFooter></headerFooter>",
        f'<ignoredErrors><ignoredError sqref="{_ALL}" numberStoredAsText="1" formula="1" '
        'formulaRange="1"/></ignoredErrors>',
        "</worksheet>",
    ]  # fmt: skip
    return "".join(pieces).encode()


def _row(row: Row, looks: Looks, writer: CellWriter) -> str:
    inside = b"".join(
        writer.cell(cell_name(row.number, column), looks.number(look), value)
        for column, look, value in row.cells
    )
    tall = f' ht="{row.height:g}" customHeight="1"' if row.height else ""
    return f'<row r="{row.number}"{tall}>{inside.decode()}</row>'


def _body(body: Body, looks: Looks, writer: CellWriter) -> Iterable[str]:
    grid = _Grid(writer)
    for column in body.columns:
        style = looks.number(column.look)
        if isinstance(column.content, str):
            grid.put_formula(column.content, column.values, style)
        else:
            grid.put(column.content, style)
    return grid.rows(body.count, body.first)


def _rule(rule: Rule, number: int, looks: Looks) -> str:
    return (
        f'<conditionalFormatting sqref="{rule.cells}"><cfRule type="cellIs" '
        f'operator="{rule.operator}" dxfId="{looks.rule(rule)}" priority="{number}">'
        f"<formula>{escape_text(rule.formula)}</formula></cfRule></conditionalFormatting>"
    )


def _view(page: Page) -> str:
    cell = cell_name(HEADER_ROW + 1, page.frozen_columns + 1)
    across = f' xSplit="{page.frozen_columns}"' if page.frozen_columns else ""
    pane = "bottomRight" if page.frozen_columns else "bottomLeft"
    return (
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0">'
        f'<pane{across} ySplit="{HEADER_ROW}" topLeftCell="{cell}" activePane="{pane}" '
        f'state="frozen"/><selection pane="{pane}" activeCell="{cell}" sqref="{cell}"/>'
        "</sheetView></sheetViews>"
    )


def _cols(page: Page) -> Iterable[str]:
    before = False
    for number, width in enumerate(page.widths, 1):
        folded = number in page.folded
        marks = ' hidden="1" outlineLevel="1"' if folded else ' collapsed="1"' if before else ""
        wide = f'width="{width + 0.7109375}" customWidth="1"'
        yield f'<col min="{number}" max="{number}" {wide}{marks}/>'
        before = folded
    if before:
        number = len(page.widths) + 1
        yield f'<col min="{number}" max="{number}" width="9.7109375" collapsed="1"/>'


def _hyperlinks(page: Page) -> str:
    tags = "".join(
        f'<hyperlink ref="{cell}" location="{escape_attribute(place)}"/>'
        for cell, place in page.links
    )
    return f"<hyperlinks>{tags}</hyperlinks>" if tags else ""
