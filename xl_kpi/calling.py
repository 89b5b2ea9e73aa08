"""How a rule is called by position: from a cell, a scheme's formula or the command line.

Arguments arrive as scalars, arrays (one figure per row) or ranges (lists of rows) and leave as
what the rule's function takes.  What is wrong with one row stays in that row.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Argument, Bands, Rule, Tiers, defaults
from xl_kpi.errors import KpiError, nearest
from xl_kpi.rounding import Codes, Floats, group_sum, spread

Kind: TypeAlias = Literal["#VALUE!", "#N/A"]
Shape: TypeAlias = tuple[int, int] | None

EMPTY = "没有数据，或总数为 0 / no data, or the whole is zero"
_DAY_ZERO = np.datetime64("1899-12-30", "D")


class Fault(KpiError):
    """Why a call, or one row of it, has no value."""

    def __init__(self, kind: Kind, reason: str) -> None:
        self.kind, self.reason = kind, reason
        super().__init__(reason)


@dataclass(slots=True)
class Answer:
    """The values of a call, flat, with the shape of its ranges and the faults by row."""

    values: NDArray[Any]
    shape: Shape
    faults: dict[int, Fault] = field(default_factory=dict)


class _Missing:
    """An argument left out."""


OMITTED = _Missing()


def call_rule(
    rule: Rule, values: Sequence[Any], *, groups: Codes | None = None, rows: int | None = None
) -> Answer:
    """Call a rule with the arguments of its worksheet function.

    Args:
        rule: The rule of the catalogue.
        values: Arguments by position; ``OMITTED`` for one left out.
        groups: Group of each row where the arguments name none; one group for all if None.
        rows: Number of rows if no argument tells.

    Raises:
        Fault: the call as a whole is wrong (an argument missing, lengths that differ).
    """
    if len(values) > len(rule.arguments):
        raise Fault("#VALUE!", f"{rule.function}：最多 {len(rule.arguments)} 个参数")
    given = dict(zip((a.key for a in rule.arguments), values, strict=False))
    filled: dict[str, Any] = {}
    for argument in rule.arguments:
        value = given.get(argument.key, OMITTED)
        if value is OMITTED:
            value = _default(rule, argument, filled)
        filled[argument.key] = value
    shape, count = _common_shape(rule, filled, rows)

    faults: dict[int, Fault] = {}
    ready: dict[str, Any] = {}
    for argument in rule.arguments:
        ready[argument.key] = _convert(argument, filled[argument.key], count, faults)
    if rule.grouped and not isinstance(ready.get("groups"), np.ndarray):
        ready["groups"] = np.zeros(count, np.intp) if groups is None else groups
    for key, value in ready.items():
        if isinstance(value, str) and value == "group_mean":
            ready[key] = _group_mean(ready["values"], ready["groups"])
    result = _invoke(rule, ready)
    if rule.arguments[0].shape == "matrix":
        shape = None if count == 1 and shape is None else (count, 1)
    if result.ndim == 2:
        shape = (result.shape[0], result.shape[1])
    return Answer(result, shape, faults)


def _invoke(rule: Rule, ready: Mapping[str, Any]) -> NDArray[Any]:
    code = rule.compute.__code__
    positional = code.co_varnames[: code.co_argcount]
    rest = {key: value for key, value in ready.items() if key not in positional}
    return np.asarray(rule.compute(*(ready[key] for key in positional), **rest))


def _default(rule: Rule, argument: Argument, filled: Mapping[str, Any]) -> Any:
    value = defaults().get(rule.function, {}).get(argument.key, OMITTED)
    if isinstance(value, str) and value.startswith("="):
        return filled[value[1:]]
    if value is OMITTED and not argument.optional:
        raise Fault("#VALUE!", f"缺少参数 {argument.zh} ({argument.en})")
    return None if value is OMITTED else value


def _common_shape(rule: Rule, filled: Mapping[str, Any], rows: int | None) -> tuple[Shape, int]:
    """The one shape of all ranges with a figure per row; single cells serve every row."""
    shape: Shape = None
    count = rows if rows is not None else 1
    for argument in rule.arguments:
        value = filled[argument.key]
        if argument.shape == "matrix":
            count = len(value) if _is_range(value) else 1
            continue
        if argument.shape not in ("column", "groups"):
            continue
        found: Shape = None
        if isinstance(value, np.ndarray):
            found = (len(value), 1)
        elif _is_range(value):
            found = (len(value), len(value[0]))
        if found is None or found == (1, 1):
            continue
        if shape is not None and shape != found:
            raise Fault("#VALUE!", f"{argument.zh}：区域大小 {found} 与前面的 {shape} 不一致")
        shape, count = found, found[0] * found[1]
    return shape, count


def _is_range(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _convert(argument: Argument, value: Any, count: int, faults: dict[int, Fault]) -> Any:
    if value is None and argument.optional and argument.shape != "column":
        return None
    if argument.shape == "groups":
        return _groups(value, count)
    if argument.shape == "table":
        return _table(argument, value)
    if argument.shape == "list":
        return _list(argument, value)
    if argument.shape == "matrix":
        return _matrix(argument, value, faults)
    if argument.shape == "scalar":
        return _scalar(argument, value)
    if argument.kind == "line" and isinstance(value, str):
        return _line_word(argument, value)
    return _column(argument, value, count, faults)


def _line_word(argument: Argument, value: str) -> str | None:
    word = value.strip().casefold()
    if word in ("none", "无", ""):
        return None
    if word in ("group_mean", "组均值"):
        return "group_mean"
    raise Fault("#VALUE!", f"{argument.zh}：不能是文字“{value}”，可以填数字或“无” (none)")


def _group_mean(values: Floats, groups: Codes) -> Floats:
    size = int(groups.max(initial=-1)) + 1
    present = np.where(np.isnan(values), np.nan, 1.0)
    count = group_sum(present, groups, size)
    total = group_sum(values, groups, size)
    return spread(np.divide(total, count, out=np.full(size, np.nan), where=count > 0), groups)


def _groups(value: Any, count: int) -> Codes | None:
    if value is None:
        return None
    if isinstance(value, np.ndarray) and value.dtype.kind == "i":
        return value.astype(np.intp)
    cells = _flat(value, count)
    names = ["" if cell is None else str(cell) for cell in cells]
    known: dict[str, int] = {}
    codes = [known.setdefault(name, len(known)) if name else -1 for name in names]
    return np.array(codes, dtype=np.intp)


def _flat(value: Any, count: int) -> list[Any]:
    if isinstance(value, np.ndarray):
        cells: list[Any] = value.tolist()
    elif _is_range(value):
        cells = [cell for row in value for cell in row]
    elif isinstance(value, list):
        cells = list(value)
    else:
        cells = [value]
    return cells * count if len(cells) == 1 and count > 1 else cells


def _column(argument: Argument, value: Any, count: int, faults: dict[int, Fault]) -> Any:
    dates = argument.kind == "date"
    if isinstance(value, np.ndarray) and value.dtype.kind in "fM":
        full = value if len(value) == count else np.repeat(value, count)
        return _days(full) if dates and full.dtype.kind == "f" else full
    out = np.full(count, np.nan)
    for row, cell in enumerate(_flat(value, count)):
        try:
            number = _date_number(argument, cell) if dates else _number(argument, cell)
        except Fault as fault:
            faults.setdefault(row, fault)
            continue
        if number is None:
            if not argument.blank and argument.kind != "line":
                faults.setdefault(row, Fault("#N/A", f"{argument.zh} ({argument.en})：空白"))
            continue
        out[row] = number
    return _days(out) if dates else out


def _days(serials: Floats) -> NDArray[np.datetime64]:
    """Excel's day numbers as days; NaT where missing."""
    days = np.full(serials.shape, np.datetime64("NaT", "D"))
    known = ~np.isnan(serials)
    days[known] = _DAY_ZERO + serials[known].astype("timedelta64[D]")
    return days


def _number(argument: Argument, cell: Any) -> float | None:
    """A cell as a number within the argument's bounds, None if blank."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, int | float | np.number):
        shown = getattr(cell, "text", cell)
        raise Fault("#VALUE!", f"{argument.zh} ({argument.en})：应为数字，现在是“{shown}”")
    number = float(cell)
    if not math.isfinite(number):
        if math.isnan(number):
            return None
        raise Fault("#VALUE!", f"{argument.zh}：数字过大")
    if argument.minimum is not None and number < argument.minimum:
        raise Fault("#VALUE!", f"{argument.zh}：不能小于 {argument.minimum:g}，现在是 {number:g}")
    if argument.above is not None and number <= argument.above:
        raise Fault("#VALUE!", f"{argument.zh}：必须大于 {argument.above:g}，现在是 {number:g}")
    return number


def _date_number(argument: Argument, cell: Any) -> float | None:
    if isinstance(cell, str) and cell.strip():
        try:
            cell = dt.date.fromisoformat(cell.strip().replace("/", "-"))
        except ValueError:
            raise Fault("#VALUE!", f"{argument.zh}：应为日期，现在是“{cell}”") from None
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return float((np.datetime64(cell, "D") - _DAY_ZERO).astype(np.int64))
    return _number(argument, cell)


def _scalar(argument: Argument, value: Any) -> Any:
    cells = _flat(value, 1)
    if len(cells) != 1:
        raise Fault("#VALUE!", f"{argument.zh} ({argument.en})：只能是一个值，不能是区域")
    cell = cells[0]
    if argument.choices:
        return _choice(argument, cell)
    if argument.kind == "flag":
        return _flag(argument, cell)
    number = _date_number(argument, cell) if argument.kind == "date" else _number(argument, cell)
    if number is None:
        if argument.blank:
            return None
        raise Fault("#N/A", f"{argument.zh} ({argument.en})：空白")
    if argument.kind == "date":
        return _DAY_ZERO + np.timedelta64(int(number), "D")
    return number


def _flag(argument: Argument, cell: Any) -> bool:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | float) and cell in (0, 1):
        return bool(cell)
    raise Fault("#VALUE!", f"{argument.zh} ({argument.en})：应为 TRUE 或 FALSE，现在是“{cell}”")


def _choice(argument: Argument, cell: Any) -> str:
    word = str(cell).strip()
    spelling = {name.casefold(): option for name, option in argument.choices.items()}
    option = spelling.get(word.casefold())
    if option is None:
        near = nearest(word, argument.choices)
        allowed = "、".join(argument.choices)
        hint = f"，是不是“{near}”？" if near else ""
        raise Fault("#VALUE!", f"{argument.zh}：没有“{word}”{hint}（可用：{allowed}）")
    return option


def _list(argument: Argument, value: Any) -> Any:
    cells = _flat(value, 1)
    if argument.kind == "text":
        return tuple(str(cell) for cell in cells if cell is not None)
    numbers = [_number(argument, cell) for cell in cells]
    return np.array([np.nan if n is None else n for n in numbers], dtype=np.float64)


def _matrix(argument: Argument, value: Any, faults: dict[int, Fault]) -> Floats:
    if isinstance(value, np.ndarray):
        return value if value.ndim == 2 else value.reshape(-1, 1)
    rows = value if _is_range(value) else [_flat(value, 1)]
    out = np.full((len(rows), len(rows[0])), np.nan)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                number = _number(argument, cell)
            except Fault as fault:
                faults.setdefault(i, fault)
                continue
            out[i, j] = np.nan if number is None else number
    return out


def _table(argument: Argument, value: Any) -> Bands | Tiers:
    if isinstance(value, Bands | Tiers):
        return value
    rows = value if _is_range(value) else [_flat(value, 1)]
    rows = [row for row in rows if any(cell not in (None, "") for cell in row)]
    width = len(rows[0]) if rows else 0
    if not rows or not 2 <= width <= 4:
        raise Fault("#VALUE!", f"{argument.zh}：应有 2 至 4 列（起、止、值、边界）")
    if argument.table == "tiers":
        return _tiers(argument, rows)
    return _bands(argument, rows, width)


def _tiers(argument: Argument, rows: list[list[Any]]) -> Tiers:
    numbers = [[_number(argument, cell) for cell in row[:2]] for row in rows]
    if any(n is None for row in numbers for n in row):
        raise Fault("#VALUE!", f"{argument.zh}：起点和比例都要填")
    table = np.array(numbers, dtype=np.float64)
    if (np.diff(table[:, 0]) <= 0).any():
        raise Fault("#VALUE!", f"{argument.zh}：起点要从小到大排列")
    return Tiers(table[:, 0], table[:, 1])


def _bands(argument: Argument, rows: list[list[Any]], width: int) -> Bands:
    lower = [_number(argument, row[0]) for row in rows]
    values = [_number(argument, row[1 if width == 2 else 2]) for row in rows]
    if any(value is None for value in values):
        raise Fault("#VALUE!", f"{argument.zh}：每一段都要有值")
    if width == 2:
        upper: list[float | None] = [*lower[1:], None]
    else:
        upper = [_number(argument, row[1]) for row in rows]
    edges = [str(row[3]).strip() if width == 4 and row[3] else "[)" for row in rows]
    wrong = [edge for edge in edges if edge not in ("[)", "[]", "(]", "()")]
    if wrong:
        raise Fault("#VALUE!", f"{argument.zh}：边界“{wrong[0]}”应为 [)、[]、(] 或 ()")
    return Bands(
        np.array([-np.inf if x is None else x for x in lower]),
        np.array([np.inf if x is None else x for x in upper]),
        np.array(values, dtype=np.float64),
        tuple(edges),
    )
