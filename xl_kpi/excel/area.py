"""Cell addresses and rectangles of cells, counted from 1 as Excel does."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


def column_number(letters: str) -> int:
    """The number of a column: ``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column: 1 is ``A``, 27 is ``AA``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """The address of a cell: row 2, column 3 is ``C2``."""
    return f"{column_letters(column)}{row}"


def parse_cell(text: str) -> tuple[int, int]:
    """Row and column of an address such as ``C2`` or ``$C$2``.

    Raises:
        ValueError: the text is no address of a single cell.
    """
    found = _CELL.fullmatch(text)
    if found:
        row, column = int(found[2]), column_number(found[1])
        if 1 <= row <= MAX_ROW and column <= MAX_COLUMN:
            return row, column
    raise ValueError(f"not a cell address: {text!r}")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells; all four edges belong to it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @classmethod
    def parse(cls, text: str) -> Area:
        """The area written as ``A1:F10`` or ``A1``.

        Raises:
            ValueError: the text is no area of cells (whole rows and columns are not either).
        """
        first, _, last = text.partition(":")
        top, left = parse_cell(first)
        bottom, right = parse_cell(last or first)
        return cls(min(top, bottom), min(left, right), max(top, bottom), max(left, right))

    def __str__(self) -> str:
        first = cell_name(self.first_row, self.first_column)
        last = cell_name(self.last_row, self.last_column)
        return first if first == last else f"{first}:{last}"

    def overlaps(self, other: Area) -> bool:
        """Whether the two areas share a cell."""
        return (
            self.first_row <= other.last_row
            and other.first_row <= self.last_row
            and self.first_column <= other.last_column
            and other.first_column <= self.last_column
        )

    def contains(self, other: Area) -> bool:
        """Whether every cell of the other area lies in this one."""
        return (
            self.first_row <= other.first_row
            and other.last_row <= self.last_row
            and self.first_column <= other.first_column
            and other.last_column <= self.last_column
        )

    def union(self, other: Area) -> Area:
        """The smallest area that contains both."""
        return Area(
            min(self.first_row, other.first_row),
            min(self.first_column, other.first_column),
            max(self.last_row, other.last_row),
            max(self.last_column, other.last_column),
        )
