"""What a cell of an export says: a number, a rate, seconds, days; or why that is in doubt."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

NO_FIGURE = {
    "-", "--", "—", "——", "–", "/", "nan", "n/a", "na", "null", "none", "无", "暂无", "暂无数据", "无数据",
}  # fmt: skip
UNRIPE = {"延迟统计", "统计中", "待统计", "计算中"}

_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d*)?", re.ASCII)
# NFKC would also turn 12² into 122 and ① into 1.
_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    (0xA0, 0x2009, 0x202F, 0x3000), " "
) | {0xFFE5: "¥"}  # fmt: skip
_LOOSE_SPACE = re.compile(r"(?<!\d) +| +(?!\d)", re.ASCII)
_CLOCK = re.compile(r"(\d{1,9}):([0-5]?\d):([0-5]?\d)(\.\d+)?", re.ASCII)
_SPOKEN = re.compile(
    r"(?:(\d{1,9})天)?(?:(\d{1,9})(?:小时|时))?(?:(\d{1,9})(?:分钟|分))?"
    r"(?:(\d{1,9}(?:\.\d+)?)(?:秒|s))?",
    re.ASCII,
)
_DAY = re.compile(
    r"(?<!\d)(?:(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)|(20\d\d)(\d\d)(\d\d)(?!\d))"
)
_SHORT_DAY = re.compile(r"(\d\d)-(\d\d)-(\d\d)(?:\s*星期.)?")
_MONTH = re.compile(
    r"(?<!\d)(?:(20\d\d)\s*[-/.年]\s*(\d{1,2})(?:月|(?![\d]|\s*[-/.]\s*\d))|(20\d\d)(0[1-9]|1[0-2])(?!\d))"
)
_FAR = 1e12


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a cell gives no figure; ``kind`` is ``missing``, ``unripe`` or ``unclear``."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Value:
    """A figure and how many decimals it was given with; ``percent`` if it bore the sign."""

    number: float
    decimals: int
    percent: bool = False


Reading: TypeAlias = "Value | Doubt | None"
Days: TypeAlias = tuple[dt.date, dt.date]


def shown(cell: object) -> str:
    """A cell as a text, a whole number without ``.0``."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _FAR:
        return str(int(cell))
    return "" if cell is None else str(cell).replace("\ufeff", "").strip()


def _narrow(cell: object) -> str:
    """A cell as a text in half width; spaces stay only between digits."""
    return _LOOSE_SPACE.sub("", shown(cell).translate(_WIDTHS).strip())


def number(cell: object) -> Reading:
    """A number, perhaps with thousands separators or a percent sign; None if blank."""
    if isinstance(cell, bool):
        return Doubt("unclear", str(cell))
    if isinstance(cell, (int, float)):
        return _finite(float(cell), _decimals(repr(float(cell))), percent=False)
    if isinstance(cell, (dt.date, dt.time, dt.timedelta)):
        return Doubt("unclear", str(cell))
    word = _narrow(cell)
    if not word:
        return None
    if word in UNRIPE:
        return Doubt("unripe", word)
    if word.casefold() in NO_FIGURE:
        return Doubt("missing", word)
    percent = word.endswith("%")
    digits = word.removesuffix("%").removeprefix("¥").removesuffix("元")
    if not _NUMBER.fullmatch(digits):
        return Doubt("unclear", shown(cell))
    digits = digits.replace(",", "").replace(" ", "")
    places = len(digits.partition(".")[2])
    value = float(digits)
    if percent:
        return Value(value / 100, places + 2, percent=True)
    return _finite(value, places, percent=False)


def _finite(value: float, decimals: int, *, percent: bool) -> Reading:
    if not math.isfinite(value):
        return Doubt("missing", str(value))
    return Value(value, decimals, percent)


def _decimals(text: str) -> int:
    if "e" in text:
        return 15
    digits = text.partition(".")[2]
    return 0 if digits == "0" else len(digits)


def count(cell: object, *, money: bool) -> Reading:
    """A number of things, whole and not negative; money may have decimals."""
    found = number(cell)
    if not isinstance(found, Value):
        return found
    if found.percent or found.number < 0 or (not money and not found.number.is_integer()):
        return Doubt("unclear", shown(cell))
    return found


def seconds(cell: object) -> Reading:
    """Seconds, as a number, ``16分3秒``, ``7小时41分52秒``, ``h:mm:ss`` or a time."""
    if isinstance(cell, dt.datetime):
        return Doubt("unclear", str(cell))
    if isinstance(cell, dt.timedelta):
        return _positive(cell.total_seconds(), 0, cell)
    if isinstance(cell, dt.time):
        total = cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
        return Value(total, 0)
    word = _narrow(cell)
    if found := _CLOCK.fullmatch(word):
        hours, minutes, rest, _ = found.groups()
        return Value(int(hours) * 3600 + int(minutes) * 60 + int(rest), 0)
    if word and (spoken := _SPOKEN.fullmatch(word)):
        days, hours, minutes, rest = spoken.groups(default="0")
        total = int(days) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)
        return Value(total, len(rest.partition(".")[2]))
    read = number(cell)
    if not isinstance(read, Value):
        return read
    return Doubt("unclear", shown(cell)) if read.percent else _positive(read.number, read.decimals, cell)


def _positive(total: float, decimals: int, cell: object) -> Reading:
    return Value(total, decimals) if total >= 0 else Doubt("unclear", shown(cell))


def days(cell: object) -> Days | None:
    """The day, or first and last day, that a cell or a text names."""
    if isinstance(cell, dt.datetime):
        return cell.date(), cell.date()
    if isinstance(cell, dt.date):
        return cell, cell
    text = shown(cell)
    if short := _SHORT_DAY.fullmatch(text):
        day = _date("20" + short[1], short[2], short[3])
        return (day, day) if day else None
    found = []
    for match in _DAY.finditer(unicodedata.normalize("NFKC", text)):
        day = _date(*(part for part in match.groups() if part))
        if day is None:
            return None
        found.append(day)
    distinct = sorted(set(found))
    if not distinct or len(distinct) > 2:
        return None
    return distinct[0], distinct[-1]


def month(text: str) -> Days | None:
    """First and last day of the one month that a text names."""
    found = set()
    for match in _MONTH.finditer(unicodedata.normalize("NFKC", text)):
        year, number_ = (part for part in match.groups() if part)
        if (first := _date(year, number_, "1")) is not None:
            found.add(first)
    if len(found) != 1:
        return None
    first = found.pop()
    following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def _date(year: str, month_: str, day: str) -> dt.date | None:
    with suppress(ValueError):
        return dt.date(int(year), int(month_), int(day))
    return None
