"""Cells become what a rule takes: numbers, dates, options, tables, each checked on the way.

What is wrong with one row stays in that row (``faults``); what is wrong with a policy figure is
wrong for the whole call (``Fault`` raised).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import math
import re
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Argument, Bands, GradeBands, GradePay, Tiers
from xl_kpi.errors import KpiError, nearest
from xl_kpi.rounding import Codes, Floats, significant

Kind: TypeAlias = Literal["#VALUE!", "#N/A"]

DAY_ZERO = np.datetime64("1899-12-30", "D")
LAST_DAY = 2_958_465  # 9999-12-31
NO_LINE = ("none", "无")
EDGES = ("[)", "[]", "(]", "()")
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


def convert(argument: Argument, value: Any, count: int, faults: Faults) -> Any:
    """The value of an argument as its rule takes it."""
    match argument.shape:
        case "groups":
            return _groups(argument, value, count, faults)
        case "table":
            return _table(argument, value)
        case "list":
            return _list(argument, value)
        case "matrix":
            return _matrix(argument, value, faults)
        case "scalar":
            return _scalar(argument, value)
        case "column":
            return _column(argument, value, count, faults)


def _name(argument: Argument) -> str:
    return f"{argument.zh} ({argument.en})"


def _blank(argument: Argument) -> Fault:
    return Fault("#N/A", f"{_name(argument)}：空白")


def _cells(value: Any, count: int) -> list[Any]:
    """A value's cells in reading order; a single one serves every row."""
    if isinstance(value, np.ndarray):
        cells: list[Any] = value.ravel().tolist()
    elif is_range(value):
        cells = [cell for row in value for cell in row]
    else:
        cells = list(value) if isinstance(value, list) else [value]
    return cells * count if len(cells) == 1 and count > 1 else cells


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# --- one cell ------------------------------------------------------------------------------


def _number(argument: Argument, cell: Any) -> float | None:
    """A cell as a number within the argument's bounds, None if blank."""
    if isinstance(cell, Fault):
        raise Fault(cell.kind, cell.reason)
    if _is_blank(cell):
        return None
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, int | float | np.number):
        raise Fault("#VALUE!", f"{_name(argument)}：应为数字，现在是“{cell}”")
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
        raise Fault("#VALUE!", f"{_name(argument)}：{allowed}，现在是 {number:.15g}")


def _day(argument: Argument, cell: Any) -> float | None:
    """A date, its text or its serial number as whole days since Excel's day zero."""
    if isinstance(cell, str) and cell.strip():
        found = _DATE_TEXT.fullmatch(cell.strip())
        day = None
        if found:
            with contextlib.suppress(ValueError):
                day = dt.date(int(found[1]), int(found[2]), int(found[3]))
        if day is None:
            shown = f"应为日期，如 2026-10-01，现在是“{cell}”"
            raise Fault("#VALUE!", f"{_name(argument)}：{shown}")
        cell = day
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[D]").item()
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return float((np.datetime64(cell, "D") - DAY_ZERO).astype(np.int64))
    number = _number(argument, cell)
    if number is not None and not 1 <= number < LAST_DAY + 1:
        raise Fault("#VALUE!", f"{_name(argument)}：应为日期，现在是 {number:.15g}")
    return None if number is None else math.floor(number)


def _option(argument: Argument, cell: Any) -> str:
    word = str(cell).strip()
    spelling = {name.casefold(): option for name, option in argument.choices.items()}
    option = spelling.get(word.casefold())
    if option is None:
        near = nearest(word, argument.choices)
        hint = f"，是不是“{near}”？" if near else ""
        allowed = "、".join(argument.choices)
        raise Fault("#VALUE!", f"{_name(argument)}：没有“{word}”{hint}（可用：{allowed}）")
    return option


def _flag(argument: Argument, cell: Any) -> bool:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | float) and cell in (0, 1):
        return bool(cell)
    raise Fault("#VALUE!", f"{_name(argument)}：应为 TRUE 或 FALSE，现在是“{cell}”")


def _entry(argument: Argument, cell: Any) -> str | float | None:
    """A text or a number as it stands, None if blank."""
    if isinstance(cell, Fault):
        raise Fault(cell.kind, cell.reason)
    if _is_blank(cell):
        return None
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, int | float | np.number):
        raise Fault("#VALUE!", f"{_name(argument)}：应为文字或数字，现在是“{cell}”")
    return _number(argument, cell)


# --- shapes --------------------------------------------------------------------------------


def _scalar(argument: Argument, value: Any) -> Any:
    cells = _cells(value, 1)
    if len(cells) != 1:
        raise Fault("#VALUE!", f"{_name(argument)}：只能是一个值，不能是区域")
    cell = cells[0]
    if isinstance(cell, Fault):
        raise Fault(cell.kind, cell.reason)
    if _is_blank(cell):
        if argument.blank:
            return None
        raise _blank(argument)
    if argument.choices:
        return _option(argument, cell)
    if argument.kind == "flag":
        return _flag(argument, cell)
    if argument.kind == "entry":
        return _entry(argument, cell)
    if argument.kind != "date":
        return _number(argument, cell)
    day = _day(argument, cell)
    if day is None:
        raise _blank(argument)
    return DAY_ZERO + np.timedelta64(int(day), "D")


def _column(argument: Argument, value: Any, count: int, faults: Faults) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind in "fM":
        days = value.dtype.kind == "M"
        column = value.ravel().astype("datetime64[D]" if days else np.float64)
        column = column if len(column) == count else np.repeat(column, count)
        return _days(column) if argument.kind == "date" and not days else column
    cells = _cells(value, count)
    if argument.kind == "text":
        return _texts(argument, cells, faults)
    if argument.kind == "line" and isinstance(cells[0], str):
        word = cells[0].strip().casefold()
        if word in NO_LINE and len(set(cells)) == 1:
            return None
        if word in GROUP_MEAN:
            return GROUP_MEAN[0]
    out = np.full(count, np.nan)
    for row, cell in enumerate(cells):
        try:
            number = _row_number(argument, cell)
            out[row] = np.nan if number is None else number
        except Fault as fault:
            faults.setdefault(row, fault)
    return _days(out) if argument.kind == "date" else out


def _texts(argument: Argument, cells: Sequence[Any], faults: Faults) -> NDArray[np.object_]:
    """A text per row; a number reads as it is shown."""
    out = np.full(len(cells), None, dtype=object)
    for row, cell in enumerate(cells):
        if isinstance(cell, Fault):
            faults.setdefault(row, cell)
        elif not (_is_blank(cell) or cell != cell):
            out[row] = _shown(cell)
        elif not argument.blank:
            faults.setdefault(row, _blank(argument))
    return out


def _shown(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def _row_number(argument: Argument, cell: Any) -> float | None:
    if argument.kind == "line" and isinstance(cell, str) and cell.strip():
        if cell.strip().casefold() in NO_LINE:
            return None
        raise Fault("#VALUE!", f"{_name(argument)}：应为数字或“无” (none)，现在是“{cell}”")
    number = _day(argument, cell) if argument.kind == "date" else _number(argument, cell)
    if number is None and not argument.blank:
        raise _blank(argument)
    return number


def _days(numbers: Floats) -> Any:
    days = np.full(numbers.shape, np.datetime64("NaT", "D"))
    known = ~np.isnan(numbers)
    days[known] = DAY_ZERO + numbers[known].astype("timedelta64[D]")
    return days


def _groups(argument: Argument, value: Any, count: int, faults: Faults) -> Codes:
    if isinstance(value, np.ndarray) and value.dtype.kind == "i":
        return value.astype(np.intp)
    codes = np.full(count, -1, dtype=np.intp)
    known: dict[str, int] = {}
    for row, cell in enumerate(_cells(value, count)):
        if isinstance(cell, Fault):
            faults.setdefault(row, cell)
        elif _is_blank(cell):
            faults.setdefault(row, _blank(argument))
        else:
            codes[row] = known.setdefault(str(cell), len(known))
    return codes


def _list(argument: Argument, value: Any) -> Any:
    cells = _cells(value, 1)
    if argument.length_of and is_range(value) and len(value) > 1 and len(value[0]) > 1:
        raise Fault("#VALUE!", f"{_name(argument)}：应为一行或一列")
    if argument.kind == "text":
        if any(_is_blank(cell) for cell in cells):
            raise _blank(argument)
        return tuple(_shown(cell) for cell in cells)
    numbers = [_number(argument, cell) for cell in cells]
    missing = [number is None for number in numbers]
    if all(missing) or (any(missing) and not argument.blank):
        raise _blank(argument)
    figures = np.array([np.nan if n is None else n for n in numbers], dtype=np.float64)
    total = argument.adds_up_to
    if total is not None and significant(figures.sum()) != total:
        raise Fault("#VALUE!", f"{_name(argument)}：合计应为 {total:.0%}，现在是 {figures.sum():.4%}")
    return figures


def _matrix(argument: Argument, value: Any, faults: Faults) -> Any:
    if argument.kind == "history":
        return _history(argument, value, faults)
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            raise Fault("#VALUE!", f"{_name(argument)}：应为数字，现在是文字")
        return value if value.ndim == 2 else value.reshape(-1, 1)
    rows = value if is_range(value) else [_cells(value, 1)]
    out = np.full((len(rows), len(rows[0])), np.nan)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                number = _number(argument, cell)
                out[i, j] = np.nan if number is None else number
            except Fault as fault:
                faults.setdefault(i, fault)
    return out


def _history(argument: Argument, value: Any, faults: Faults) -> NDArray[np.object_]:
    """Texts and numbers, a person per row; None where blank."""
    if isinstance(value, np.ndarray):
        value = (value if value.ndim == 2 else value.reshape(-1, 1)).tolist()
    rows = value if is_range(value) else [_cells(value, 1)]
    out = np.full((len(rows), len(rows[0])), None, dtype=object)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                out[i, j] = _entry(argument, cell)
            except Fault as fault:
                faults.setdefault(i, fault)
    return out


# --- tables of policy figures --------------------------------------------------------------


Table: TypeAlias = Bands | Tiers | GradeBands | GradePay


def _table(argument: Argument, value: Any) -> Table:
    if isinstance(value, Bands | Tiers | GradeBands | GradePay):
        return value
    rows = value if is_range(value) else [_cells(value, 1)]
    rows = [row for row in rows if not all(_is_blank(cell) for cell in row)]
    if not rows:
        raise _blank(argument)
    match argument.table:
        case "tiers":
            return _tiers(argument, rows)
        case "grade pay":
            return _grade_pay(argument, rows)
        case "grade bands":
            return _grade_bands(argument, rows)
        case _:
            return _bands(argument, rows)


def _tiers(argument: Argument, rows: Sequence[Sequence[Any]]) -> Tiers:
    if len(rows[0]) != 2:
        raise Fault("#VALUE!", f"{_name(argument)}：应有两列：完成率起点、比例")
    figures = [_number(argument, cell) for row in rows for cell in row]
    if any(figure is None for figure in figures):
        raise Fault("#VALUE!", f"{_name(argument)}：起点和比例都要填")
    table = np.array(figures, dtype=np.float64).reshape(-1, 2)
    if (np.diff(table[:, 0]) <= 0).any():
        raise Fault("#VALUE!", f"{_name(argument)}：起点要从小到大排列")
    return Tiers(table[:, 0], table[:, 1])


def _grade_pay(argument: Argument, rows: Sequence[Sequence[Any]]) -> GradePay:
    if len(rows[0]) != 3:
        raise Fault("#VALUE!", f"{_name(argument)}：应有三列：等级、系数、基本工资比例")
    figures = [_number(argument, cell) for row in rows for cell in row[1:]]
    if any(figure is None for figure in figures) or any(_is_blank(row[0]) for row in rows):
        raise Fault("#VALUE!", f"{_name(argument)}：等级、系数和比例都要填")
    table = np.array(figures, dtype=np.float64).reshape(-1, 2)
    grades = tuple(_shown(row[0]) for row in rows)
    if len({grade.casefold() for grade in grades}) < len(grades):
        raise Fault("#VALUE!", f"{_name(argument)}：同一等级写了两次")
    return GradePay(grades, table[:, 0], table[:, 1])


def _bands(argument: Argument, rows: Sequence[Sequence[Any]]) -> Bands:
    """Columns from, to, value or from, value (each band up to the next), then perhaps edges."""
    lower, upper, cells, edges = _band_columns(argument, rows)
    values = [_band_value(argument, cell) for cell in cells]
    if any(value is None for value in values):
        raise Fault("#VALUE!", f"{_name(argument)}：每一段都要有值")
    bands = Bands(lower, upper, np.array(values, dtype=np.float64), edges)
    _no_overlap(argument, bands)
    return bands


def _band_value(argument: Argument, cell: Any) -> float | None:
    """The value of a band; NaN for the word none, where it means something."""
    if argument.kind == "line" and isinstance(cell, str) and cell.strip().casefold() in NO_LINE:
        return math.nan
    return _number(argument, cell)


def _grade_bands(argument: Argument, rows: Sequence[Sequence[Any]]) -> GradeBands:
    """Columns from, to, grade or from, grade, then perhaps edges; given back in ascending order."""
    lower, upper, cells, edges = _band_columns(argument, rows)
    if any(_is_blank(cell) for cell in cells):
        raise Fault("#VALUE!", f"{_name(argument)}：每一段都要有等级")
    grades = [_shown(cell) for cell in cells]
    order = sorted(range(len(grades)), key=lambda i: (lower[i], upper[i]))
    bands = GradeBands(
        lower[order], upper[order], tuple(grades[i] for i in order), tuple(edges[i] for i in order)
    )
    _no_overlap(argument, bands)
    return bands


def _band_columns(
    argument: Argument, rows: Sequence[Sequence[Any]]
) -> tuple[Floats, Floats, list[Any], tuple[str, ...]]:
    """Lower and upper bounds (open: infinite), the values as they stand, and the edges."""
    for cell in (cell for row in rows for cell in row if isinstance(cell, Fault)):
        raise Fault(cell.kind, cell.reason)
    width = len(rows[0])
    with_edges = width == 4 or (width == 3 and any(_like_edges(row[2]) for row in rows))
    width -= with_edges
    if width not in (2, 3):
        raise Fault("#VALUE!", f"{_name(argument)}：应有 起、止、值 或 起、值 各列，最后可加边界")
    lower = [_number(argument, row[0]) for row in rows]
    upper = [*lower[1:], None] if width == 2 else [_number(argument, row[1]) for row in rows]
    edges = [str(row[-1]).strip() if with_edges and row[-1] else "[)" for row in rows]
    wrong = [edge for edge in edges if edge not in EDGES]
    if wrong:
        raise Fault("#VALUE!", f"{_name(argument)}：边界“{wrong[0]}”应为 [)、[]、(] 或 ()")
    return (
        np.array([-np.inf if x is None else x for x in lower]),
        np.array([np.inf if x is None else x for x in upper]),
        [row[width - 1] for row in rows],
        tuple(edges),
    )


def _like_edges(cell: Any) -> bool:
    """Whether a cell is meant as edges: two brackets, right or wrong."""
    return isinstance(cell, str) and len(cell.strip()) == 2 and not cell.strip().isalnum()


def _no_overlap(argument: Argument, bands: Bands | GradeBands) -> None:
    order = sorted(range(len(bands.edges)), key=lambda i: (bands.lower[i], bands.upper[i]))
    for before, after in itertools.pairwise(order):
        end, start = bands.upper[before], bands.lower[after]
        shared = bands.edges[before][1] == "]" and bands.edges[after][0] == "["
        if end > start or (end == start and shared):
            raise Fault("#VALUE!", f"{_name(argument)}：{start:g} 附近有两段重叠")
    if (bands.lower > bands.upper).any():
        raise Fault("#VALUE!", f"{_name(argument)}：每一段的起点不能大于终点")
