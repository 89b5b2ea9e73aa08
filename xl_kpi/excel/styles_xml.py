"""The styles part of a book, to which cell formats are added without touching those it has."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from xl_kpi.excel.cell_xml import escape_attribute

_CHILDREN = {
    "fonts": re.compile(r"<font/>|<font>.*?</font>", re.DOTALL),
    "fills": re.compile(r"<fill/>|<fill>.*?</fill>", re.DOTALL),
    "borders": re.compile(r"<border(?:\s[^>]*)?/>|<border(?:\s[^>]*)?>.*?</border>", re.DOTALL),
    "cellXfs": re.compile(r"<xf\s[^>]*/>|<xf\s[^>]*[^/]>.*?</xf>", re.DOTALL),
    "dxfs": re.compile(r"<dxf/>|<dxf>.*?</dxf>", re.DOTALL),
    "numFmts": re.compile(r"<numFmt\s[^>]*/>"),
}
_BEFORE = {"dxfs": r"<tableStyles[\s/>]|<colors>|<extLst>|</styleSheet>", "numFmts": r"<fonts[\s>]"}
_NAMED = re.compile(r"<cellStyle\s[^>]*>")
_FIRST_OWN_NUMBER_FORMAT = 164
_BUILT_IN = {"General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "@": 49}


class StylesXml:
    """A styles part to which formats are added; the same ones are added once only.

    Raises:
        ValueError: the part is not written in the plain form that spreadsheet programs use.
    """

    def __init__(self, content: bytes) -> None:
        self._text = content.decode("utf-8")
        self._items: dict[str, list[str]] = {}
        self._known: dict[str, int] = {}
        for group, pattern in _CHILDREN.items():
            found = self._find(group)
            if found is None and group not in _BEFORE:
                raise ValueError(f"no {group}")
            inside = found[2] if found and found[2] else ""
            self._items[group] = pattern.findall(inside)
            if pattern.sub("", inside).strip():
                raise ValueError(f"unknown content in {group}")
        self._named = {
            html.unescape(tag["name"]): tag.get("xfId", "0")
            for tag in map(_attributes, _NAMED.findall(self._text)) if "name" in tag
        }  # fmt: skip

    def content(self) -> bytes:
        """The part as it is now."""
        text = self._text
        for group, items in self._items.items():
            found = self._find(group, text)
            if found is None:
                if not items:
                    continue
                place = re.search(_BEFORE[group], text)
                if place is None:
                    raise ValueError(f"no place for {group}")
                start = end = place.start()
                opening = f'<{group} count="0"'
            else:
                start, end = found.span()
                opening = f"<{group}{found[1] or ''}"
            if found is not None and len(_CHILDREN[group].findall(found[2] or "")) == len(items):
                continue
            opening = re.sub(r'\scount\s*=\s*"[^"]*"', "", opening) + f' count="{len(items)}"'
            text = f"{text[:start]}{opening}>{''.join(items)}</{group}>{text[end:]}"
        return text.encode()

    def cell_format(
        self,
        *,
        font: str,
        fill: str,
        border: str,
        number_format: str,
        alignment: str,
        named: str = "",
    ) -> str:
        """The number of a cell format.

        Args:
            font: A ``font`` element.
            fill: A ``fill`` element.
            border: A ``border`` element.
            number_format: The code, such as ``0.00``.
            alignment: An ``alignment`` element.
            named: The named cell style that it goes with, if the book has it.
        """
        xf = (
            f'<xf numFmtId="{self._number_format(number_format)}" '
            f'fontId="{self._add("fonts", font)}" fillId="{self._add("fills", fill)}" '
            f'borderId="{self._add("borders", border)}" xfId="{self._named.get(named, "0")}" '
            'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" '
            f'applyAlignment="1">{alignment}</xf>'
        )
        return str(self._add("cellXfs", xf))

    def rule_format(self, dxf: str) -> str:
        """The number of the look of a conditional format."""
        return str(self._add("dxfs", dxf))

    def _add(self, group: str, element: str) -> int:
        key = f"{group}{element}"
        if key not in self._known:
            items = self._items[group]
            if element not in items:
                items.append(element)
            self._known[key] = items.index(element)
        return self._known[key]

    def _number_format(self, code: str) -> int:
        if code in _BUILT_IN:
            return _BUILT_IN[code]
        taken = set()
        for tag in map(_attributes, self._items["numFmts"]):
            if html.unescape(tag.get("formatCode", "")) == code:
                return int(tag["numFmtId"])
            taken.add(int(tag["numFmtId"]))
        number = max({_FIRST_OWN_NUMBER_FORMAT - 1, *taken}) + 1
        code = escape_attribute(code)
        self._items["numFmts"].append(f'<numFmt numFmtId="{number}" formatCode="{code}"/>')
        return number

    def _find(self, group: str, text: str | None = None) -> re.Match[str] | None:
        pattern = rf"<{group}(\s[^>]*?)?(?:/>|>(.*?)</{group}>)"
        return re.search(pattern, self._text if text is None else text, re.DOTALL)


def _attributes(tag: str) -> Mapping[str, str]:
    return {name: double or single for name, double, single in
            re.findall(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)}  # fmt: skip
