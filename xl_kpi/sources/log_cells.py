"""What a log's cell says: text, yes or no, a date, a number, a duration; ValueError if unclear."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.sources.log_profiles import Source, plain

Mask: TypeAlias = NDArray[np.bool_]
Objects: TypeAlias = NDArray[np.object_]
Parser: TypeAlias = Callable[[object], object]

_CLOCK = re.compile(r"(-?)(\d{1,9}):([0-5]\d):([0-5]\d)", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200  # as in the book's own tables
_EXACT_BELOW = 1e15  # Excel keeps 15 digits of a number
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A column's cells understood: the values, and where there are none."""

    values: Objects  # None where blank or unreadable
    blank: Mask
    unreadable: Mask


def parse(cells: Objects, parser: Parser) -> Parsed:
    """Every cell, each distinct one parsed once."""
    codes, distinct = pd.factorize(cells)
    values = np.full(len(distinct), None, dtype=object)
    blank = np.array([text(cell) == "" for cell in distinct], dtype=bool)
    unreadable = np.zeros(len(distinct), dtype=bool)
    for place in np.flatnonzero(~blank):
        try:
            values[place] = parser(distinct[place])
        except ValueError:
            unreadable[place] = True
    return Parsed(values[codes], blank[codes], unreadable[codes])


def text(cell: object) -> str:
    """A cell as text, a whole number without ``.0``."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def identifier(cell: object) -> str:
    """A text that must be complete to the last digit."""
    if isinstance(cell, float) and abs(cell) >= _EXACT_BELOW:
        raise ValueError(cell)
    return text(cell)


def flag(source: Source) -> Parser:
    """1 for the profile's yes, 0 for its no."""
    words = {plain(word): 1.0 for word in source.yes} | {plain(word): 0.0 for word in source.no}

    def parser(cell: object) -> float:
        word = plain(text(cell))
        if word not in words:
            raise ValueError(word)
        return words[word]

    return parser


def date(source: Source) -> Parser:
    """A date, from a date cell or from text in one of the profile's formats."""

    def parser(cell: object) -> dt.date:
        found = cell.date() if isinstance(cell, dt.datetime) else cell
        if not isinstance(found, dt.date):
            found = from_text(text(cell))
        if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            raise ValueError(cell)
        return found

    def from_text(word: str) -> dt.date:
        for form in source.formats:
            try:
                found = dt.datetime.strptime(word, form).date()
            except ValueError:
                continue
            if word.isdigit() and found.strftime(form) != word:
                continue  # strptime reads 99111 as 99-11-1; it could be 99-1-11
            return found
        raise ValueError(word)

    return parser


def number(cell: object) -> float:
    """A plain number."""
    if isinstance(cell, int | float):
        return float(cell)
    word = text(cell)
    if not _NUMBER.fullmatch(word):
        raise ValueError(word)
    return float(word)


def clock(cell: object) -> float:
    """Seconds from h:mm:ss, as text or as a time cell."""
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds()
    if isinstance(cell, dt.time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
    found = _CLOCK.fullmatch(text(cell))
    if not found:
        raise ValueError(cell)
    sign, hours, minutes, seconds = found.groups()
    return float(f"{sign}1") * (int(hours) * 3600 + int(minutes) * 60 + int(seconds))


def seconds(cell: object) -> float:
    """Seconds, written as a number or as h:mm:ss."""
    try:
        return number(cell)
    except ValueError:
        return clock(cell)
