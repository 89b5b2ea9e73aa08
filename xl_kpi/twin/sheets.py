"""Sheets of plain formulas, before anything writes them: columns of people, fixed figures.

An address in a formula of a column holds ``ROW`` where the number of the row goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from xl_kpi.scheme_tables import LEVELS
from xl_kpi.tables import column_letter

ROW = "\N{PILCROW SIGN}"
HEADER_ROW = 5  # above it: title, guidance, the way back, what each column is
FIRST_ROW = HEADER_ROW + 1

# What a column is: who it is about, given figures, steps, what came out, what Python has, the gap.
Role: TypeAlias = Literal["person", "given", "step", "result", "python", "gap"]
Extent: TypeAlias = Literal["", "all", "upto"]


@dataclass(frozen=True, slots=True)
class Tabs:
    """What the sheets of a run are called: all begin with the prefix.  ``lang`` is zh or en."""

    front: str
    lang: str = "zh"

    def _tab(self, zh: str, en: str) -> str:
        return f"{self.front} {en}" if self.lang == "en" else f"{self.front}{zh}"

    @property
    def month(self) -> str:
        """A row per person."""
        return self._tab("月", "month")

    @property
    def policy(self) -> str:
        """The policy's figures."""
        return self._tab("参数", "figures")

    @property
    def refunds(self) -> str:
        """A row per refund."""
        return self._tab("退款", "refunds")

    def week(self, number: int) -> str:
        """A week, from 1."""
        return self._tab(f"第{number}周", f"week {number}")

    def group(self, level: str) -> str:
        """The departments, shops or teams."""
        zh, en = LEVELS[level]
        return self._tab(zh, en)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a sheet: cells as given, or one formula for every row."""

    sheet: str
    letter: str
    rows: int
    label: str
    role: Role
    content: Sequence[Any] | str
    text: bool = False  # holds words, not figures

    def at(self, sheet: str, extent: Extent = "") -> str:
        """The address from a sheet: this row's cell, all cells, or those down to this row."""
        last = FIRST_ROW + self.rows - 1
        where = {
            "": f"{self.letter}{ROW}",
            "all": f"{self.letter}${FIRST_ROW}:{self.letter}${last}",
            "upto": f"{self.letter}${FIRST_ROW}:{self.letter}{ROW}",
        }[extent]
        return where if sheet == self.sheet else f"'{self.sheet}'!{where}"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Columns next to each other: this row's cells of all of them."""

    first: Column
    last: Column

    def at(self, sheet: str, extent: Extent = "") -> str:
        """The address from a sheet."""
        if extent or sheet != self.first.sheet:
            raise ValueError(extent)
        return f"{self.first.at(sheet)}:{self.last.at(sheet)}"


class Formula(str):
    """A cell's formula, without its ``=``; any other text in a cell is just text."""

    __slots__ = ()


Cell: TypeAlias = tuple[int, int, Any]  # row and column from 1, content


@dataclass(slots=True)
class Area:
    """A sheet with one row per person (or department) and columns added from the left."""

    sheet: str
    rows: int
    columns: list[Column] = field(default_factory=list)
    above: list[Cell] = field(default_factory=list)  # cells above the header
    _steps: dict[str, Column] = field(default_factory=dict)
    _given: dict[tuple[Any, ...], Column] = field(default_factory=dict)

    def add(
        self, label: str, role: Role, content: Sequence[Any] | str, *, text: bool = False
    ) -> Column:
        """Put a column at the right end."""
        letter = column_letter(len(self.columns) + 1)
        column = Column(self.sheet, letter, self.rows, label, role, content, text)
        self.columns.append(column)
        return column

    def step(self, label: str, formula: str, *, text: bool = False) -> Column:
        """A helper column; the same formula has one column only."""
        if formula not in self._steps:
            self._steps[formula] = self.add(label, "step", formula, text=text)
        return self._steps[formula]

    def given(self, label: str, values: Sequence[Any], *, text: bool = False) -> Column:
        """A column of given cells; the same cells under one label have one column only."""
        key = (label, *values)
        if key not in self._given:
            self._given[key] = self.add(label, "given", values, text=text)
        return self._given[key]

    def cells(self) -> Iterator[Cell]:
        """Every cell of the sheet."""
        yield from self.above
        for number, column in enumerate(self.columns, 1):
            yield HEADER_ROW, number, column.label
            for row in range(FIRST_ROW, FIRST_ROW + self.rows):
                if isinstance(column.content, str):
                    yield row, number, Formula(column.content.replace(ROW, str(row)))
                else:
                    yield row, number, column.content[row - FIRST_ROW]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Policy figures side by side or below each other, with the address of each part."""

    parts: Mapping[str, str]  # "" = the whole; the columns of a table by name

    def at(self, part: str = "") -> str:
        """The address of the whole or of a column."""
        return self.parts[part]


_TABLE_PARTS = ("from", "to", "value", "edges")


@dataclass(slots=True)
class Policy:
    """The sheet of policy figures, each below the others."""

    sheet: str
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    _kept: dict[tuple[Any, ...], Fixed] = field(default_factory=dict)

    def line(self, label: str, values: Sequence[Any]) -> Fixed:
        """A figure, or figures side by side."""
        key = (label, *values)
        if key not in self._kept:
            self.rows.append(key)
            first, last = column_letter(2), column_letter(1 + len(values))
            row = FIRST_ROW + len(self.rows) - 1
            cells = f"${first}${row}" if first == last else f"${first}${row}:${last}${row}"
            self._kept[key] = Fixed({"": f"'{self.sheet}'!{cells}"})
        return self._kept[key]

    def table(
        self, label: str, rows: Sequence[tuple[Any, ...]], columns: Sequence[str] = _TABLE_PARTS
    ) -> Fixed:
        """A table with these columns; of bands or tiers: from, to, value, edges."""
        key = (label, *rows)
        if key not in self._kept:
            first = FIRST_ROW + len(self.rows)
            last = first + len(rows) - 1
            self.rows += [(label, *row) for row in rows]
            letters = (column_letter(2 + n) for n in range(len(columns)))
            self._kept[key] = Fixed(
                {
                    part: f"'{self.sheet}'!${letter}${first}:${letter}${last}"
                    for part, letter in zip(columns, letters, strict=True)
                }
            )
        return self._kept[key]

    def cells(self) -> Iterator[Cell]:
        """Every cell of the sheet."""
        for row, figures in enumerate(self.rows, FIRST_ROW):
            for number, content in enumerate(figures, 1):
                yield row, number, content
