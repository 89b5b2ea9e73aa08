"""The look of the template: palette, cell formats, named cell styles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from xl_kpi.excel.palette import (
    ACCENT,
    DATE_FORMAT,
    GROUP_SHADES,
    INPUT,
    INPUT_FILL,
    LINE,
    MOMENT_FORMAT,
    NUMBER_FORMATS,
    QUIET,
    SHADES,
    TOTAL_FORMATS,
)
from xl_kpi.excel.report import LINK, LONG_TEXT, PAY, TEXT, UNIT_STYLE
from xl_kpi.tables import Column

# Of what HR types, by the unit of the column.
_INPUT_FORMATS = {
    "yuan": "#,##0.00",
    "ratio": "0.0%",
    "points": "0.0#",
    "s": "#,##0.0",
    "count": "#,##0",
}


def input_format(column: Column) -> str:
    """The number format of an input column; texts are kept as typed, formulas too."""
    if column.kind in ("text", "period"):
        return "@"
    if column.kind == "date":
        return DATE_FORMAT
    if column.kind == "moment":
        return MOMENT_FORMAT
    return _INPUT_FORMATS.get(column.unit, "General")


class Styles:
    """The cell formats of one workbook."""

    def __init__(self, workbook: Workbook, lang: str) -> None:
        self._workbook = workbook
        self._inputs: dict[tuple[str, bool, bool, bool], Format] = {}
        self.title = self._format(font_size=16, bold=True, font_color=ACCENT, valign="vcenter")
        self.guide = self._format(font_color=QUIET, valign="vcenter")
        self.section = self._format(bold=True, font_size=12, font_color=ACCENT, valign="vcenter")
        self.link = self._format(font_color=_LINK["font_color"], underline=1)
        self.plain = self._format(valign="vcenter")
        self.free = self._format(locked=False)  # beside a result table: HR's own notes
        self.strong = self._format(bold=True, valign="vcenter")
        self.command = self._format(font_name="Consolas", font_color=ACCENT, valign="vcenter")
        self.banner = self._format(
            bg_color=ACCENT, font_color="white", font_size=20, bold=True, valign="vcenter"
        )
        self.banner_text = self._format(bg_color=ACCENT, font_color="#DCE6F1", valign="vcenter")
        self.headers = [self._header(shade) for shade in SHADES]
        self.groups = [self._group(shade) for shade in GROUP_SHADES]
        # Shown by a conditional format, and only over columns that there are.
        self.heading = self._format(bold=True, font_color="white", valign="vcenter")
        self.key = self._cell(bold=True, bg_color="#F4F6F8", indent=1)
        self.note = self._cell(font_color=QUIET, text_wrap=True, indent=1)
        self.status = self._cell(num_format="#,##0", text_wrap=True, align="left", indent=1)
        self.results = {
            name: self._cell(
                num_format=number_format,
                text_wrap=name in (TEXT, LONG_TEXT),
                quote_prefix=name == LONG_TEXT,  # sentences; and two styles need two formats
                bold=name == PAY,
                **(_LINK if name == LINK else _aligned(is_text=name in (TEXT, LONG_TEXT))),
            )
            for name, number_format in NUMBER_FORMATS.items()
        }
        self.totals = {
            name: self._format(
                num_format=formats[lang == "en"],
                bold=name != UNIT_STYLE,
                font_color=QUIET if name == UNIT_STYLE else ACCENT,
                align="right",
                valign="vcenter",
                shrink=True,
            )
            for name, formats in TOTAL_FORMATS.items()
        }
        # Indices are given at first use; a named style must have a cell format in any case.
        for body in (self.input("@"), *self.results.values(), *self.totals.values()):
            body._get_xf_index()

    def header(self, group: int) -> Format:
        """The header of a table's column, by the number of its group."""
        return self.headers[group % len(self.headers)]

    def group(self, group: int) -> Format:
        """The heading over a group of columns."""
        return self.groups[group % len(self.groups)]

    def input(
        self, number_format: str, *, is_text: bool = True, wrap: bool = False, locked: bool = False
    ) -> Format:
        """A cell that HR fills in; or one like it that only the program does."""
        key = (number_format, is_text, wrap, locked)
        if key not in self._inputs:
            fill = {} if locked else {"bg_color": INPUT_FILL, "locked": False}
            self._inputs[key] = self._cell(
                num_format=number_format, text_wrap=wrap, **fill, **_aligned(is_text=is_text)
            )
        return self._inputs[key]

    def below(self, number_format: str) -> Format:
        """A column under a table: what is typed there next is taken as it should be."""
        return self._format(num_format=number_format)

    def rule(self, **properties: Any) -> Format:
        """The look of a conditional format."""
        return self._workbook.add_format(properties)

    def named(self) -> dict[str, list[int]]:
        """The numbers of the cell formats that follow each named style, the plainest first."""
        inputs = [body.xf_index for body in self._inputs.values() if body.xf_index is not None]
        bodies = {**self.results, **self.totals}
        named = {name: [body.xf_index] for name, body in bodies.items()}
        return {**named, INPUT: inputs}

    def _format(self, **properties: Any) -> Format:
        return self._workbook.add_format(properties)

    def _cell(self, **properties: Any) -> Format:
        return self._format(border=1, border_color=LINE, valign="vcenter", **properties)

    def _header(self, shade: str) -> Format:
        return self._format(
            bold=True, font_color="white", bg_color=shade, border=1, border_color="#FFFFFF",
            text_wrap=True, align="center", valign="vcenter",
        )  # fmt: skip

    def _group(self, shade: str) -> Format:
        return self._format(bold=True, font_color=ACCENT, bg_color=shade, valign="vcenter")


_LINK = {"align": "center", "font_color": "#2E75B6", "underline": 1}


def _aligned(*, is_text: bool) -> dict[str, Any]:
    return {"align": "left", "indent": 1} if is_text else {"align": "right"}


_XF = re.compile(r"<xf [^>]*/>|<xf [^>]*[^/]>.*?</xf>")
_NAME = re.compile(r"<cellStyle [^>]*/>")


def with_named_styles(styles_part: str, named: Mapping[str, Sequence[int]]) -> str:
    """A styles part with named cell styles, which XlsxWriter cannot make.

    Args:
        styles_part: The part as XlsxWriter writes it.
        named: The cell formats that follow each style; the first one is its pattern.
    """
    formats = _XF.findall(_content(styles_part, "cellXfs"))
    patterns = _XF.findall(_content(styles_part, "cellStyleXfs"))
    names = _NAME.findall(_content(styles_part, "cellStyles"))
    for name, followers in named.items():
        number = len(patterns)
        patterns.append(formats[followers[0]].replace(' xfId="0"', "", 1))
        names.append(f'<cellStyle name={quoteattr(name)} xfId="{number}"/>')
        for follower in followers:
            formats[follower] = formats[follower].replace(' xfId="0"', f' xfId="{number}"', 1)
    for group, items in (("cellXfs", formats), ("cellStyleXfs", patterns), ("cellStyles", names)):
        start, end = styles_part.index(f"<{group} "), styles_part.index(f"</{group}>")
        content = f'<{group} count="{len(items)}">{"".join(items)}'
        styles_part = styles_part[:start] + content + styles_part[end:]
    return styles_part


def _content(styles_part: str, group: str) -> str:
    """What stands inside an element of the styles part."""
    start = styles_part.index(">", styles_part.index(f"<{group} ")) + 1
    return styles_part[start : styles_part.index(f"</{group}>")]
