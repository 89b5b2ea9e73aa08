"""Cells of an open book: what is typed into them, and what they held before.

Excel reads a text that it is given as if somebody had typed it: ``3.1`` becomes a number,
``2026-10`` a day. An apostrophe before the text keeps it text, and Excel does not show it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import xlwings as xw

from xl_kpi.excel.area import Area
from xl_kpi.excel.cell_xml import MAX_TEXT, FormulaCell, TextTooLongError
from xl_kpi.excel.live_book import two_dimensional

Entry: TypeAlias = str | float | bool | None
Entries: TypeAlias = list[list[Entry]]

_SURELY_TEXT = re.compile(r"[^\W\d_][^\d]*")
_TRUTH = frozenset(("true", "false"))
_FIRST_DAY = dt.datetime(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Typed:
    """A cell that keeps what it held: its formula or value as Excel takes it."""

    entry: Entry


def entry(value: object) -> Entry:
    """What is given to Excel so that the cell holds this value; None leaves it blank.

    Raises:
        TextTooLongError: the text does not fit into a cell.
        TypeError: the value is none that a cell can hold.
    """
    if isinstance(value, Typed):
        return value.entry
    if value is None or value == "" or value != value:
        return None
    if isinstance(value, FormulaCell):
        return "=" + value.formula
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        number = float(value)
        return number + 0.0 if math.isfinite(number) else None
    if isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day)
        if isinstance(value, dt.datetime):
            moment = dt.datetime.combine(value.date(), value.time())
        return (moment - _FIRST_DAY) / dt.timedelta(days=1)
    if hasattr(value, "item"):  # a numpy scalar
        return entry(value.item())
    raise TypeError(f"no cell can hold a {type(value).__name__}: {value!r}")


def entries(rows: Sequence[Sequence[object]]) -> Entries:
    """Rows of values as Excel takes them."""
    return [[entry(value) for value in row] for row in rows]


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TextTooLongError(text[:20])
    plain = _SURELY_TEXT.fullmatch(text) and text.casefold() not in _TRUTH
    return text if plain else "'" + text


# --- what stood there before -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the cells of an area hold, so that they can be given it again."""

    area: Area
    entries: Entries

    def of(self, area: Area) -> Entries:
        """The part of it in an area inside."""
        top, left = self.area.first_row, self.area.first_column
        rows = self.entries[area.first_row - top : area.last_row - top + 1]
        return [r[area.first_column - left : area.last_column - left + 1] for r in rows]

    def formula(self, cell: tuple[int, int]) -> str | None:
        """The formula of a cell, by its row and column, without its ``=``; None for a value."""
        held = self.entries[cell[0] - self.area.first_row][cell[1] - self.area.first_column]
        return held[1:] if isinstance(held, str) and held.startswith("=") else None


def snapshot(sheet: xw.Sheet, area: Area) -> Snapshot:
    """Read what an area holds: values to the last digit, and formulas."""
    cells = sheet.range(str(area))
    values, formulas = two_dimensional(cells.api.Value2), two_dimensional(cells.formula)
    return Snapshot(
        area,
        [[_former(v, f) for v, f in zip(*row, strict=True)] for row in zip(values, formulas, strict=True)],
    )  # fmt: skip


def _former(value: Any, formula: Any) -> Entry:
    if isinstance(formula, str) and formula.startswith("=") and formula != value:
        return formula
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text(value)
    if type(value) is int:  # an error that was typed
        return str(formula)
    return value if isinstance(value, bool) else float(value)


def put(sheet: xw.Sheet, area: Area, cells: Entries) -> None:
    """Give an area its cells in one write."""
    sheet.range(str(area)).formula = cells


def clear(sheet: xw.Sheet, area: Area) -> None:
    """Empty an area; how its cells look stays."""
    sheet.range(str(area)).clear_contents()
