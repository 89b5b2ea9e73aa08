"""Validations and conditional formats of a sheet part that go with a table's cells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xl_kpi.excel.area import Area

_RULE_RANGES = re.compile(
    rb"""(<(?:dataValidation|conditionalFormatting)(?=\s)"""
    rb"""(?:\s+[\w:]+\s*=\s*(?:"[^"]*"|'[^']*'))*?\s+sqref\s*=\s*["'])([^"']*)"""
    rb"""|(<xm:sqref>)([^<]*)"""
    rb"""(?=</xm:sqref>\s*</x14:(?:conditionalFormatting|dataValidation)>)"""
)
_RULES = re.compile(
    rb"<conditionalFormatting\s.*?</conditionalFormatting>"
    rb"|<x14:conditionalFormatting\s.*?</x14:conditionalFormatting>",
    re.DOTALL,
)
_RULE_KIND = re.compile(rb"""<(?:x14:)?cfRule\s[^>]*?type=["'](\w+)["']""")
_BAR_RANGES = re.compile(rb"""(<conditionalFormatting\s[^>]*?sqref=["']|<xm:sqref>)([^"'<]*)""")
_BARS = {b"dataBar", b"colorScale", b"iconSet"}  # rules that no formula ties to a place


def move_rules(tail: bytes, old: Area, new: Area) -> bytes:
    """The part behind its rows with the rules of a table's body over its new body.

    A range moves when it covers all rows of the old body in some or all of its columns;
    one over all columns follows the table's width too.
    """

    def moved(text: bytes) -> bytes:
        try:
            area = Area.parse(text.decode())
        except ValueError:  # whole rows or columns
            return text
        if area == old:
            return str(new).encode()
        rows = (area.first_row, area.last_row)
        if rows != (old.first_row, old.last_row) or not old.contains(area):
            return text
        columns = (area.first_column, area.last_column)
        return str(Area(new.first_row, columns[0], new.last_row, columns[1])).encode()

    def rewritten(found: re.Match[bytes]) -> bytes:
        start, ranges = (found[1], found[2]) if found[1] else (found[3], found[4])
        return bytes(start + b" ".join(moved(text) for text in ranges.split(b" ")))

    return _RULE_RANGES.sub(rewritten, tail)


def move_bars(tail: bytes, columns: Mapping[int, int], body: Area) -> bytes:
    """The part behind its rows with data bars, colour scales and icons where their columns went.

    Args:
        tail: The part behind its rows.
        columns: The new number of each column by its former one.
        body: The rows of the table as they are now.
    """

    def moved(text: bytes) -> bytes:
        try:
            area = Area.parse(text.decode())
        except ValueError:  # whole rows or columns
            return text
        number = area.first_column
        covers = area.first_row == body.first_row and area.last_row >= body.last_row
        if not covers or number != area.last_column or number not in columns:
            return text
        return str(Area(area.first_row, columns[number], area.last_row, columns[number])).encode()

    def rewritten(found: re.Match[bytes]) -> bytes:
        kinds = set(_RULE_KIND.findall(found[0]))
        if not kinds or kinds - _BARS:
            return found[0]
        return _BAR_RANGES.sub(
            lambda r: bytes(r[1] + b" ".join(moved(text) for text in r[2].split(b" "))),
            found[0], count=1,
        )  # fmt: skip

    return _RULES.sub(rewritten, tail)
