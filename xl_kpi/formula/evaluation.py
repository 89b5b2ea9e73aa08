"""A formula's tree run over arrays: one figure per row, all rows at once.

Every operator, function and kind of node is an entry of a table (``UNARY``, ``BINARY``,
``NATIVE``, ``AGGREGATES``, ``CALLS``, ``EVALUATORS``), which the tests hollow out one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.calling import OMITTED, Fault, call_rule
from xl_kpi.catalogue import FUNCTIONS, Bands, Keyed
from xl_kpi.formula.tree import Binary, Call, FormulaError, Literal, Name, Node, Unary
from xl_kpi.rounding import Codes, Floats, difference, group_sum, round_half_up, significant

Value: TypeAlias = Any  # float, str, bool, None, Bands, or an array with one figure per row
Arguments: TypeAlias = tuple[Node | None, ...]


@dataclass(slots=True)
class Scope:
    """What names mean at one level: one figure per row (person, department, ...).

    ``lower`` is the scope of the people for a department's formulas (of the refunds for a
    person's); ``lower_rows`` is the department of each of them, ``assessed`` who counts in
    averages and heads (C8).  ``past`` gives a name's figure so many closed periods ago, or with
    None all of them and this one side by side.  ``options`` are a scheme's decisions for the
    rules that are called, by rule and argument; what the formula types goes before.
    """

    names: Mapping[str, Value] | Callable[[str], Value]
    rows: int
    groups: Codes | None = None
    lower: Scope | None = None
    lower_rows: Codes | None = None
    assessed: NDArray[np.bool_] | None = None
    past: Callable[[str, int | None], Value] | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """The figure, column, text or curve behind a name."""
        return self.names(name) if callable(self.names) else self.names[name]


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of a formula: an array with one figure per row, or a constant."""
    return EVALUATORS[type(node)](node, scope)


# --- values --------------------------------------------------------------------------------


def column(value: Value, rows: int) -> Floats:
    """A value as one number per row.

    Raises:
        FormulaError: it has another number of figures.
    """
    figures = numbers(value)
    if figures.ndim > 1 or (figures.ndim == 1 and figures.size not in (1, rows)):
        raise FormulaError(f"公式的结果有 {figures.size} 个数，应该每行一个（共 {rows} 行）")
    return np.broadcast_to(figures, (rows,)).astype(np.float64)


def row_by_row(value: Value, rows: int) -> NDArray[Any]:
    """A value as one text or number per row, missing texts None."""
    return np.broadcast_to(_texts(value), (rows,)) if _is_text(value) else column(value, rows)


def numbers(value: Value) -> Floats:
    """A value as numbers; text is missing.

    Raises:
        FormulaError: a curve or a range stands where a figure is wanted.
    """
    if isinstance(value, list | Bands):
        raise FormulaError("曲线和数组 { } 只能作 KPI_ 函数的参数，不能直接计算")
    if value is None or isinstance(value, str):
        return np.asarray(np.nan)
    array = np.asarray(value)
    if array.dtype == object:
        cells = [cell if isinstance(cell, int | float) else np.nan for cell in array.ravel()]
        return np.array(cells, dtype=np.float64).reshape(array.shape)
    return array.astype(np.float64, copy=False)


def blank(value: Value) -> NDArray[np.bool_]:
    """Where a value is missing."""
    if _is_text(value):
        cells = np.asarray(value, dtype=object)
        return np.asarray(pd.isna(cells) | (cells == ""), dtype=bool)
    return np.isnan(numbers(value))


def _is_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)


# --- operators -----------------------------------------------------------------------------


def _arithmetic(operate: Callable[[Floats, Floats], Any]) -> Callable[[Value, Value], Floats]:
    """An operator of two numbers; what is no finite number is missing."""

    def run(left: Value, right: Value) -> Floats:
        with np.errstate(all="ignore"):
            out = np.asarray(operate(numbers(left), numbers(right)))
        return np.where(np.isfinite(out), out, np.nan)

    return run


def _power(base: Floats, exponent: Floats) -> Floats:
    """Missing also where numpy has 1: ``0^0``, blank to the power of 0, 1 to that of a blank."""
    missing = np.isnan(base) | np.isnan(exponent) | ((base == 0) & (exponent == 0))
    return np.where(missing, np.nan, np.power(base, exponent))


def _compare(
    test: Callable[[Any, Any], Any], *, asks_blank: bool = False
) -> Callable[[Value, Value], Value]:
    def compare(left: Value, right: Value) -> Value:
        for side, other in ((right, left), (left, right)):
            if asks_blank and isinstance(side, str) and side == "":
                return test(~blank(other), False)  # x = "" asks whether x is blank
        if _is_text(left) or _is_text(right):
            return _compare_text(test, left, right)
        a, b = significant(numbers(left)), significant(numbers(right))
        return test(a, b) & ~(np.isnan(a) | np.isnan(b))

    return compare


def _compare_text(test: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    (a, has_a), (b, has_b) = _folded(left), _folded(right)
    return test(a, b) & has_a & has_b


def _folded(value: Value) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Texts without upper and lower case (a number comes before every text); which are there."""
    cells = np.asarray(value, dtype=object)
    codes, distinct = pd.factorize(cells.ravel())
    texts = [*(x.casefold() if isinstance(x, str) else "" for x in distinct), ""]
    there = [*(x != "" for x in distinct), False]
    folded, present = np.array(texts, dtype=object)[codes], np.array(there)[codes]
    return folded.reshape(cells.shape), present.reshape(cells.shape)


UNARY: dict[str, Callable[[Floats], Floats]] = {
    "-": lambda x: 0.0 - x,  # of 0 it is 0, never -0
    "+": lambda x: x,
    "%": lambda x: x / 100,
}
BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(difference),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(lambda a, b: a / b),
    "^": _arithmetic(_power),
    "=": _compare(lambda a, b: a == b, asks_blank=True),
    "<>": _compare(lambda a, b: a != b, asks_blank=True),
    "<": _compare(lambda a, b: a < b),
    "<=": _compare(lambda a, b: a <= b),
    ">": _compare(lambda a, b: a > b),
    ">=": _compare(lambda a, b: a >= b),
}


# --- functions of one row ------------------------------------------------------------------


def _value(arguments: Arguments, position: int, scope: Scope) -> Value:
    """An argument's value; missing if it was left out."""
    node = arguments[position] if position < len(arguments) else None
    return None if node is None else evaluate(node, scope)


def _if(scope: Scope, arguments: Arguments) -> Value:
    test = numbers(_value(arguments, 0, scope))
    yes = _value(arguments, 1, scope)
    no = _value(arguments, 2, scope) if len(arguments) > 2 else 0.0
    yes, no = (None if isinstance(x, str) and x == "" else x for x in (yes, no))
    if _is_text(yes) or _is_text(no):
        chosen = np.where(test != 0, _texts(yes), _texts(no))
        return np.where(np.isnan(test), None, chosen)
    return np.where(np.isnan(test), np.nan, np.where(test != 0, numbers(yes), numbers(no)))


def _texts(value: Value) -> Any:
    return np.where(blank(value), None, np.asarray(value, dtype=object))  # type: ignore[call-overload]


def _rowwise(combine: Callable[[Sequence[Floats]], Any]) -> Callable[[Scope, Arguments], Value]:
    """A function of any number of arguments, on the figures of each row."""

    def run(scope: Scope, arguments: Arguments) -> Value:
        values = [_value(arguments, n, scope) for n in range(len(arguments))]
        return combine([column(value, scope.rows) for value in values])

    return run


def _sum(columns: Sequence[Floats]) -> Floats:
    # One after the other: numpy's own sum over columns may depend on how many rows there are.
    total = np.zeros(columns[0].shape)
    for figures in columns:
        total = total + np.nan_to_num(figures)
    return total


def _count(columns: Sequence[Floats]) -> Floats:
    return np.asarray(sum(~np.isnan(figures) for figures in columns), dtype=np.float64)


def _mean(columns: Sequence[Floats]) -> Floats:
    return _quotient(_sum(columns), _count(columns))


def _quotient(total: Floats, count: Floats) -> Floats:
    out = np.full(count.shape, np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def _true(columns: Sequence[Floats]) -> Any:
    return np.nan_to_num(np.stack(columns)) != 0


def _absolute(scope: Scope, arguments: Arguments) -> Value:
    return np.abs(numbers(_value(arguments, 0, scope)))


MOST_DIGITS = 15


def _round(scope: Scope, arguments: Arguments) -> Value:
    digits = np.unique(numbers(_value(arguments, 1, scope)))
    if digits.size != 1 or digits[0] not in range(-MOST_DIGITS, MOST_DIGITS + 1):
        raise FormulaError(f"ROUND 的小数位要写一个整数（{-MOST_DIGITS} 至 {MOST_DIGITS}）")
    return round_half_up(numbers(_value(arguments, 0, scope)), int(digits[0]))


def _past(scope: Scope, arguments: Arguments) -> Value:
    """A name's figure of so many closed periods ago (1 = the last one)."""
    name, periods = arguments
    if scope.past is None or not isinstance(name, Name) or not isinstance(periods, Literal):
        raise FormulaError("PAST 写成 PAST(名称, 几期前)，如 PAST(总分, 1)")
    return scope.past(name.name, int(periods.value))


def _lookup(scope: Scope, arguments: Arguments) -> Value:
    """The value of a curve by category, for each row's text; missing where it has none."""
    curve = _value(arguments, 1, scope)
    if not isinstance(curve, Keyed):
        raise FormulaError("LOOKUP 的第 2 个参数要写按类别的曲线")
    texts = np.atleast_1d(np.asarray(_value(arguments, 0, scope), dtype=object))
    values = dict(zip(curve.keys, curve[0], strict=True))
    codes, distinct = pd.factorize(texts, use_na_sentinel=True)
    found = np.array([*(values.get(str(text), np.nan) for text in distinct), np.nan])
    return found[codes]


NATIVE: dict[str, Callable[[Scope, Arguments], Value]] = {
    "IF": _if,
    "AND": _rowwise(lambda columns: _true(columns).all(axis=0)),
    "OR": _rowwise(lambda columns: _true(columns).any(axis=0)),
    "MIN": _rowwise(lambda columns: np.min(columns, axis=0)),
    "MAX": _rowwise(lambda columns: np.max(columns, axis=0)),
    "ABS": _absolute,
    "ROUND": _round,
    "LOOKUP": _lookup,
    "PAST": _past,
    "SUM": _rowwise(_sum),
    "AVERAGE": _rowwise(_mean),
    "COUNT": _rowwise(_count),
}


# --- functions over a department's people ----------------------------------------------------


def _ends(reduce: np.ufunc) -> Callable[[Floats, Codes, int], Floats]:
    def run(values: Floats, codes: Codes, groups: int) -> Floats:
        out = np.full(groups, np.nan)
        reduce.at(out, codes, values)
        return out

    return run


def _group_means(values: Floats, codes: Codes, groups: int) -> Floats:
    return _quotient(group_sum(values, codes, groups), _group_counts(values, codes, groups))


def _group_counts(values: Floats, codes: Codes, groups: int) -> Floats:
    return np.bincount(codes, minlength=groups).astype(np.float64)


AGGREGATES: dict[str, Callable[[Floats, Codes, int], Floats]] = {
    "SUM": group_sum,
    "AVERAGE": _group_means,
    "COUNT": _group_counts,
    "MIN": _ends(np.fmin),
    "MAX": _ends(np.fmax),
}


# --- calls ---------------------------------------------------------------------------------


def _aggregate(call: Call, scope: Scope) -> Floats:
    """A figure per department from its people: SUM over everyone, the others over the assessed."""
    people, rows, argument = scope.lower, scope.lower_rows, call.arguments[0]
    if people is None or rows is None or argument is None:
        raise FormulaError(f"{call.function} 缺少参数")
    values = column(evaluate(argument, people), people.rows)
    counted = ~np.isnan(values) & (rows >= 0)
    if call.function != "SUM" and scope.assessed is not None:
        counted &= scope.assessed
    return AGGREGATES[call.function](values[counted], rows[counted], scope.rows)


def _native(call: Call, scope: Scope) -> Value:
    return NATIVE[call.function](scope, call.arguments)


def _rule(call: Call, scope: Scope) -> Value:
    """A ``KPI_`` function; a row that it cannot answer is missing."""
    rule = FUNCTIONS.get(call.function)
    if rule is None:
        raise FormulaError(f"没有函数 {call.function}")
    values = [
        _argument(kind, node, scope)
        for kind, node in zip((a.kind for a in rule.arguments), call.arguments, strict=False)
    ]
    typed = {a.key for a, n in zip(rule.arguments, call.arguments, strict=False) if n is not None}
    options = {k: v for k, v in scope.options.get(rule.id, {}).items() if k not in typed}
    try:
        answer = call_rule(rule, values, groups=scope.groups, rows=scope.rows, options=options)
    except Fault as fault:
        raise FormulaError(f"{call.function}：{fault.reason}") from None
    if answer.values.ndim > 1:
        raise FormulaError(f"{call.function} 给出几列数字，不能写在方案的公式里")
    result = answer.values.copy()
    result[list(answer.faults)] = None if result.dtype == object else np.nan
    return result


def _argument(kind: str, node: Node | None, scope: Scope) -> Value:
    """An argument's value; a bare name of a history stands for its closed periods and this one."""
    if node is None:
        return OMITTED
    if kind == "history" and isinstance(node, Name) and scope.past is not None:
        return scope.past(node.name, None)
    return _as_argument(evaluate(node, scope))


def _as_argument(value: Value) -> Value:
    if isinstance(value, np.ndarray | np.bool_) and value.dtype == bool:
        value = value.astype(np.float64)  # a condition counts as 1 or 0
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


CALLS: dict[str, Callable[[Call, Scope], Value]] = {
    "aggregate": _aggregate,
    "native": _native,
    "rule": _rule,
}


def _call(call: Call, scope: Scope) -> Value:
    one_column = scope.lower is not None and len(call.arguments) == 1
    if call.function in AGGREGATES and one_column:
        return CALLS["aggregate"](call, scope)
    return CALLS["native" if call.function in NATIVE else "rule"](call, scope)


def _literal(node: Literal, scope: Scope) -> Value:
    return node.value


def _name(node: Name, scope: Scope) -> Value:
    return scope.value(node.name)


def _unary(node: Unary, scope: Scope) -> Floats:
    return UNARY[node.operator](numbers(evaluate(node.operand, scope)))


def _binary(node: Binary, scope: Scope) -> Value:
    return BINARY[node.operator](evaluate(node.left, scope), evaluate(node.right, scope))


EVALUATORS: dict[type, Callable[[Any, Scope], Value]] = {
    Literal: _literal,
    Name: _name,
    Unary: _unary,
    Binary: _binary,
    Call: _call,
}
