"""One cell of an argument: a number within its bounds, a date, an option, a text."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import re
from typing import Any, Literal, TypeAlias

import numpy as np

from xl_kpi.catalogue import Argument
from xl_kpi.errors import KpiError, nearest

Kind: TypeAlias = Literal["#VALUE!", "#N/A"]

DAY_ZERO = np.datetime64("1899-12-30", "D")
LAST_DAY = 2_958_465  # 9999-12-31
NO_LINE = ("none", "无")
GROUP_MEAN = ("group_mean", "组均值")
_DATE_TEXT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class Fault(KpiError):  # noqa: N818  (it is an error value as well)
    """Why a call, or one row of it, has no value.

    A fault also stands for an error value among the arguments, and passes its reason on.
    """

    def __init__(self, kind: Kind, reason: str) -> None:
        self.kind, self.reason = kind, reason
        super().__init__(reason)


Faults: TypeAlias = dict[int, Fault]


def is_range(value: object) -> bool:
    """Whether a value is a range: a list of rows."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def described(argument: Argument) -> str:
    """An argument's name in both languages, for messages."""
    return f"{argument.zh} ({argument.en})"


def blank_fault(argument: Argument) -> Fault:
    """What a blank cell is where a value is needed."""
    return Fault("#N/A", f"{described(argument)}：空白")


def cells_of(value: Any, count: int) -> list[Any]:
    """A value's cells in reading order; a single one serves every row."""
    if isinstance(value, np.ndarray):
        cells: list[Any] = value.ravel().tolist()
    elif is_range(value):
        cells = [cell for row in value for cell in row]
    else:
        cells = list(value) if isinstance(value, list) else [value]
    return cells * count if len(cells) == 1 else cells


def rows_of(value: Any) -> list[list[Any]]:
    """A value as rows of cells: a single cell or a list of cells is one row, an empty list none."""
    if isinstance(value, list) and (not value or is_range(value)):
        return value
    return [cells_of(value, 1)]


def is_blank(cell: Any) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_number(argument: Argument, cell: Any) -> float | None:
    """A cell as a number within the argument's bounds, None if blank."""
    if isinstance(cell, Fault):
        raise Fault(cell.kind, cell.reason)
    if is_blank(cell):
        return None
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, int | float | np.number):
        raise Fault("#VALUE!", f"{described(argument)}：应为数字，现在是“{cell}”")
    number = float(cell)
    if math.isnan(number):
        return None
    _within_bounds(argument, number)
    return number


def _within_bounds(argument: Argument, number: float) -> None:
    low, high, above = argument.minimum, argument.maximum, argument.above
    allowed = ""
    if math.isinf(number):
        allowed = "数字太大"
    elif low is not None and number < low:
        allowed = f"不能小于 {low:g}"
    elif high is not None and number > high:
        allowed = f"不能大于 {high:g}"
    elif above is not None and number <= above:
        allowed = f"必须大于 {above:g}"
    elif argument.kind == "whole" and number != math.floor(number):
        allowed = "应为整数"
    if allowed:
        raise Fault("#VALUE!", f"{described(argument)}：{allowed}，现在是 {number:.15g}")


def read_day(argument: Argument, cell: Any) -> float | None:
    """A date, its text or its serial number as whole days since Excel's day zero."""
    if isinstance(cell, str) and cell.strip():
        found = _DATE_TEXT.fullmatch(cell.strip())
        day = None
        if found:
            with contextlib.suppress(ValueError):
                day = dt.date(int(found[1]), int(found[2]), int(found[3]))
        if day is None:
            shown = f"应为日期，如 2026-10-01，现在是“{cell}”"
            raise Fault("#VALUE!", f"{described(argument)}：{shown}")
        cell = day
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[D]").item()
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return float((np.datetime64(cell, "D") - DAY_ZERO).astype(np.int64))
    number = read_number(argument, cell)
    if number is not None and not 1 <= number < LAST_DAY + 1:
        raise Fault("#VALUE!", f"{described(argument)}：应为日期，现在是 {number:.15g}")
    return None if number is None else math.floor(number)


def read_option(argument: Argument, cell: Any) -> str:
    """The option that a cell names, in any spelling of the argument's choices."""
    word = str(cell).strip()
    spelling = {name.casefold(): option for name, option in argument.choices.items()}
    option = spelling.get(word.casefold())
    if option is None:
        near = nearest(word, argument.choices)
        hint = f"，是不是“{near}”？" if near else ""
        allowed = "、".join(argument.choices)
        raise Fault("#VALUE!", f"{described(argument)}：没有“{word}”{hint}（可用：{allowed}）")
    return option


def read_flag(argument: Argument, cell: Any) -> bool:
    """A truth value, or 1 or 0."""
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | float) and cell in (0, 1):
        return bool(cell)
    raise Fault("#VALUE!", f"{described(argument)}：应为 TRUE 或 FALSE，现在是“{cell}”")


def read_entry(argument: Argument, cell: Any) -> str | float | None:
    """A text or a number as it stands, None if blank."""
    if isinstance(cell, Fault):
        raise Fault(cell.kind, cell.reason)
    if is_blank(cell):
        return None
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, int | float | np.number):
        raise Fault("#VALUE!", f"{described(argument)}：应为文字或数字，现在是“{cell}”")
    return read_number(argument, cell)


def shown(cell: Any) -> str:
    """A cell's text; a number reads as it is shown."""
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()
