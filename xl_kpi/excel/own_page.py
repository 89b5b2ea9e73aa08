"""A worksheet that a run makes as a whole, before it is put into a file or into Excel.

It says what stands in which cell and how it looks; ``reconciliation_xml`` makes a part of a file
of it, ``live_sheets`` writes it into the open book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from xl_kpi.excel import palette
from xl_kpi.twin.calculation import Values

ROW_HEIGHT = 22
TAB_COLOUR = "#7F7F7F"

# Fill and font of what a column is: told apart without colours by weight, slant and heading.
_FILLS: Mapping[str, str] = {
    "person": "", "given": "", "step": "#F3F4F6", "result": "#FFF6D9", "python": "#E8F3E1",
    "gap": "", "light": "", "key": "#F4F6F8",
}  # fmt: skip
_FONTS: Mapping[str, str] = {
    "step": "i", "result": "b", "light": "b", "key": "b", "title": "b", "header": "b",
    "kind": "b", "section": "b",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """The format of a cell; ``line`` and ``fill`` are ``""`` for none.

    ``marks`` holds ``b``, ``i`` and ``u`` for bold, italic and underlined; ``named`` is the named
    cell style that a file's format goes with.
    """

    colour: str
    size: int
    marks: str = ""
    fill: str = ""
    line: str = ""
    number_format: str = "General"
    side: str = ""  # left, right, center or as the content is
    indent: int = 0
    wrap: bool = False
    named: str = ""


@cache
def cell_look(kind: str, number_format: str = "General", named: str = "") -> Look:
    """The format of a body cell of this kind."""
    base = kind.partition(" ")[0]
    words = kind.endswith("text") or kind in ("person", "key", "light")
    return Look(
        colour=palette.QUIET if base == "step" else "#000000",
        size=12 if kind == "light" else 10,
        marks=_FONTS.get(base, ""),
        fill=_FILLS.get(base, ""),
        line=palette.LINE,
        number_format=number_format,
        side="left" if words else "center" if kind == "gap" else "right",
        indent=int(words),
        named=named,
    )


@cache
def free_look(kind: str) -> Look:
    """The format of a cell outside the columns: title, guide, section, link, heading."""
    marks = _FONTS.get(kind, "")
    return {
        "title": Look(palette.ACCENT, 16, marks),
        "guide": Look(palette.QUIET, 10),
        "note": Look(palette.QUIET, 10, wrap=True),
        "section": Look(palette.ACCENT, 12, marks),
        "link": Look("#2E75B6", 10, "u"),
        "cell link": Look("#2E75B6", 10, "u", line=palette.LINE, side="left", indent=1),
        "kind": Look(palette.ACCENT, 10, marks, palette.GROUP_SHADES[0], side="center"),
        "header": Look("#FFFFFF", 10, marks, palette.SHADES[0], "#FFFFFF", side="center", wrap=True),
    }[kind]


Cell: TypeAlias = tuple[int, Look, object]  # column from 1, format, content


@dataclass(frozen=True, slots=True)
class Row:
    """A row of single cells; ``height`` in points, 0 for the sheet's own."""

    number: int
    cells: Sequence[Cell]
    height: float = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a body: given cells, or one formula and the values shown until it is calculated."""

    look: Look
    content: Sequence[object] | str
    values: Values | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """Rows below each other, column by column from the left."""

    first: int
    count: int
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True)
class Rule:
    """A conditional format: cells that are ``equal`` or ``notEqual`` to what a formula gives."""

    cells: str
    colour: str
    fill: str
    operator: str
    formula: str


@dataclass(slots=True)
class Page:
    """A sheet that is being put together."""

    tab: str
    lang: str
    frozen_columns: int
    widths: list[float] = field(default_factory=list)
    folded: set[int] = field(default_factory=set)  # columns from 1
    parts: list[Row | Body] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # cell, where to
    print_titles: str = ""  # such as ``'对账月'!$A:$B,'对账月'!$1:$5``

    @property
    def last_row(self) -> int:
        """The last row in which something stands."""
        return max(
            (p.number if isinstance(p, Row) else p.first + p.count - 1 for p in self.parts),
            default=1,
        )
