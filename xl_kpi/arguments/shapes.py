"""Arguments by shape: a figure per row, several per row, one for all, a list, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.arguments.cells import (
    DAY_ZERO,
    GROUP_MEAN,
    NO_LINE,
    Fault,
    Faults,
    blank_fault,
    cells_of,
    described,
    is_blank,
    is_range,
    read_day,
    read_entry,
    read_flag,
    read_number,
    read_option,
    rows_of,
    shown,
)
from xl_kpi.arguments.tables import read_table
from xl_kpi.catalogue import Argument
from xl_kpi.rounding import Codes, Floats, significant


def convert(argument: Argument, value: Any, count: int, faults: Faults) -> Any:
    """The value of an argument as its rule takes it."""
    match argument.shape:
        case "groups":
            return _groups(argument, value, count, faults)
        case "table":
            return read_table(argument, value)
        case "list":
            return _list(argument, value)
        case "matrix":
            return _matrix(argument, value, faults)
        case "scalar":
            return _scalar(argument, value)
        case "column":
            return _column(argument, value, count, faults)


def _scalar(argument: Argument, value: Any) -> Any:
    cells = cells_of(value, 1)
    if len(cells) != 1:
        raise Fault("#VALUE!", f"{described(argument)}：只能是一个值，不能是区域")
    cell = cells[0]
    if isinstance(cell, Fault):
        raise Fault(cell.kind, cell.reason)
    if is_blank(cell):
        if argument.blank:
            return None
        raise blank_fault(argument)
    if argument.choices:
        return read_option(argument, cell)
    if argument.kind == "flag":
        return read_flag(argument, cell)
    if argument.kind == "entry":
        return read_entry(argument, cell)
    if argument.kind != "date":
        return read_number(argument, cell)
    day = read_day(argument, cell)
    if day is None:
        raise blank_fault(argument)
    return DAY_ZERO + np.timedelta64(int(day), "D")


def _column(argument: Argument, value: Any, count: int, faults: Faults) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind in "fM":
        days = value.dtype.kind == "M"
        column = value.ravel().astype("datetime64[D]" if days else np.float64)
        column = column if len(column) == count else np.repeat(column, count)
        return _days(column) if argument.kind == "date" and not days else column
    cells = cells_of(value, count)
    if argument.kind == "text":
        return _texts(argument, cells, faults)
    if argument.kind == "line" and cells and isinstance(cells[0], str):
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
        elif not (is_blank(cell) or cell != cell):
            out[row] = shown(cell)
        elif not argument.blank:
            faults.setdefault(row, blank_fault(argument))
    return out


def _row_number(argument: Argument, cell: Any) -> float | None:
    if argument.kind == "line" and isinstance(cell, str) and cell.strip():
        if cell.strip().casefold() in NO_LINE:
            return None
        raise Fault("#VALUE!", f"{described(argument)}：应为数字或“无” (none)，现在是“{cell}”")
    number = read_day(argument, cell) if argument.kind == "date" else read_number(argument, cell)
    if number is None and not argument.blank:
        raise blank_fault(argument)
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
    for row, cell in enumerate(cells_of(value, count)):
        if isinstance(cell, Fault):
            faults.setdefault(row, cell)
        elif is_blank(cell):
            faults.setdefault(row, blank_fault(argument))
        else:
            codes[row] = known.setdefault(str(cell), len(known))
    return codes


def _list(argument: Argument, value: Any) -> Any:
    cells = cells_of(value, 1)
    if argument.length_of and is_range(value) and len(value) > 1 and len(value[0]) > 1:
        raise Fault("#VALUE!", f"{described(argument)}：应为一行或一列")
    if argument.kind == "text":
        if any(is_blank(cell) for cell in cells):
            raise blank_fault(argument)
        return tuple(shown(cell) for cell in cells)
    numbers = [read_number(argument, cell) for cell in cells]
    missing = [number is None for number in numbers]
    if all(missing) or (any(missing) and not argument.blank):
        raise blank_fault(argument)
    figures = np.array([np.nan if n is None else n for n in numbers], dtype=np.float64)
    total = argument.adds_up_to
    if total is not None and significant(figures.sum()) != total:
        raise Fault("#VALUE!", f"{described(argument)}：合计应为 {total:.0%}，现在是 {figures.sum():.4%}")
    return figures


def _matrix(argument: Argument, value: Any, faults: Faults) -> Any:
    if argument.kind == "history":
        return _history(argument, value, faults)
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            raise Fault("#VALUE!", f"{described(argument)}：应为数字，现在是文字")
        return value if value.ndim == 2 else value.reshape(-1, 1)
    rows = rows_of(value)
    out = np.full((len(rows), len(rows[0]) if rows else 0), np.nan)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                number = read_number(argument, cell)
                out[i, j] = np.nan if number is None else number
            except Fault as fault:
                faults.setdefault(i, fault)
    return out


def _history(argument: Argument, value: Any, faults: Faults) -> NDArray[np.object_]:
    """Texts and numbers, a person per row; None where blank."""
    if isinstance(value, np.ndarray):
        return _history_of(argument, value if value.ndim == 2 else value.reshape(-1, 1))
    rows = rows_of(value)
    out = np.full((len(rows), len(rows[0]) if rows else 0), None, dtype=object)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                out[i, j] = read_entry(argument, cell)
            except Fault as fault:
                faults.setdefault(i, fault)
    return out


def _history_of(argument: Argument, values: NDArray[Any]) -> NDArray[np.object_]:
    """The same of an array: each different text is read once."""
    if values.dtype != object:
        return np.where(np.isnan(values), None, values.astype(object))  # type: ignore[call-overload,no-any-return]
    cells = values.ravel().tolist()
    entries = {cell: read_entry(argument, cell) for cell in dict.fromkeys(cells)}
    if all(entry is cell for cell, entry in entries.items()):
        return values
    out: NDArray[np.object_] = np.empty(len(cells), dtype=object)
    out[:] = [entries[cell] for cell in cells]
    return out.reshape(values.shape)
