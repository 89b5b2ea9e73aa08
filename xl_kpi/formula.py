"""The scheme's formulas: what HR would type into a cell, with names instead of addresses.

``parse`` reads a formula with formualizer's parser into a small tree; ``evaluate`` runs the tree
over arrays, one pass for all people; ``check`` says what is wrong with it before anyone is paid;
``unparse`` writes it back with other words or figures in the place of names.

Three readings differ from Excel on purpose, and the twins spell them out:

* a blank is missing: arithmetic with it is missing, and it is never above, below or equal to
  anything; only ``x = ""`` and ``x <> ""`` ask for it (C3);
* values are compared at twelve significant digits, and a difference below that is 0 (C9);
* ``SUM``, ``AVERAGE``, ``COUNT``, ``MIN`` and ``MAX`` of one name at department level run over the
  department's people.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import formualizer
import numpy as np
from numpy.typing import NDArray

from xl_kpi.calling import OMITTED, Fault, call_rule
from xl_kpi.catalogue import FUNCTIONS, Bands
from xl_kpi.errors import KpiError, nearest
from xl_kpi.rounding import Codes, Floats, difference, group_sum, round_half_up, significant


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, truth value or ``{1,2;3,4}`` range as typed."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A name that stands for a figure."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x``, ``+x`` or ``x%``."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic or comparison of two sides."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function; an argument left out is None."""

    function: str
    arguments: tuple[Node | None, ...]


Node: TypeAlias = Literal | Name | Unary | Binary | Call
Value: TypeAlias = Any  # float, str, bool, None, Bands, or an array with one figure per row


class FormulaError(KpiError):
    """The text is no formula of this language; the message says why."""


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of a formula, with or without its leading ``=``.

    Raises:
        FormulaError: the text cannot be read, or uses what this language has not.
    """
    source = text.strip()
    try:
        tree = formualizer.parse(source if source.startswith("=") else "=" + source)
    except formualizer.ParserError as error:
        raise FormulaError(f"公式读不懂：{error}") from None
    return _node(tree.to_dict())


def _node(raw: Mapping[str, Any]) -> Node:
    kind = raw["node_type"]
    if kind == "Literal":
        if isinstance(raw["value"], str) and raw["value"].startswith("#"):
            raise FormulaError(f"公式里有错误值 {raw['value']}")
        return Literal(raw["value"])
    if kind == "Array":
        return Literal([[_plain(cell) for cell in row] for row in raw["rows"]])
    if kind == "Reference":
        return Name(str(raw["reference"]).strip())
    if kind == "UnaryOp" and raw["operator"] in UNARY:
        return Unary(raw["operator"], _node(raw["operand"]))
    if kind == "BinaryOp" and raw["operator"] in BINARY:
        return Binary(raw["operator"], _node(raw["left"]), _node(raw["right"]))
    if kind == "Function":
        arguments = tuple(
            None if a["node_type"] == "Omitted" else _node(a) for a in raw["args"]
        )
        return Call(raw["name"].upper(), arguments)
    raise FormulaError(f"公式不支持“{raw.get('operator', kind)}”")


def _plain(raw: Mapping[str, Any]) -> Any:
    value = evaluate_plain(_node(raw))
    if isinstance(value, list):
        raise FormulaError("数组里不能再有数组")
    return value


def evaluate_plain(node: Node) -> Any:
    """The value of a node that holds no names."""
    return evaluate(node, Scope({}, 1))


def names_in(node: Node) -> Iterator[str]:
    """The names of a formula in reading order."""
    match node:
        case Name(name):
            yield name
        case Unary(_, operand):
            yield from names_in(operand)
        case Binary(_, left, right):
            yield from names_in(left)
            yield from names_in(right)
        case Call(_, arguments):
            for argument in arguments:
                if argument is not None:
                    yield from names_in(argument)


# --- evaluation ----------------------------------------------------------------------------


@dataclass(slots=True)
class Scope:
    """What names mean at one level: one figure per row (person, department, ...).

    ``lower`` is the scope of the people for a department's formulas; ``lower_rows`` is the
    department of each of them, ``assessed`` who counts in averages and heads (C8).
    """

    names: Mapping[str, Value] | Callable[[str], Value]
    rows: int
    groups: Codes | None = None
    lower: Scope | None = None
    lower_rows: Codes | None = None
    assessed: NDArray[np.bool_] | None = None

    def value(self, name: str) -> Value:
        """The figure, column, text or curve behind a name."""
        return self.names(name) if callable(self.names) else self.names[name]


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of a formula: an array with one figure per row, or a constant."""
    match node:
        case Literal(value):
            return value
        case Name(name):
            return scope.value(name)
        case Unary(operator, operand):
            return UNARY[operator](numbers(evaluate(operand, scope)))
        case Binary(operator, left, right):
            return BINARY[operator](evaluate(left, scope), evaluate(right, scope))
        case Call(function, arguments):
            if function in AGGREGATES and scope.lower is not None and len(arguments) == 1:
                return _aggregate(function, arguments[0], scope)
            if function in NATIVE:
                return NATIVE[function](scope, arguments)
            return _call(function, arguments, scope)


def column(value: Value, rows: int) -> Floats:
    """A value as one number per row."""
    return np.broadcast_to(numbers(value), (rows,)).astype(np.float64)


def numbers(value: Value) -> Floats:
    """A value as numbers; text is missing."""
    if value is None or isinstance(value, str | list | Bands):
        return np.float64(np.nan)  # type: ignore[return-value]
    array = np.asarray(value)
    if array.dtype == object:
        return np.array(
            [x if isinstance(x, int | float) else np.nan for x in array], dtype=np.float64
        )
    return array.astype(np.float64, copy=False)


def blank(value: Value) -> NDArray[np.bool_]:
    """Where a value is missing."""
    if value is None or isinstance(value, str):
        return np.asarray(not value)
    array = np.asarray(value)
    if array.dtype == object:
        return np.array([x is None or x == "" for x in array], dtype=bool)
    return np.isnan(array.astype(np.float64))


def _divide(left: Value, right: Value) -> Floats:
    a, b = np.broadcast_arrays(numbers(left), numbers(right))
    out = np.full(a.shape, np.nan)
    return np.divide(a, b, out=out, where=(b != 0) & ~np.isnan(b))


def _power(left: Value, right: Value) -> Floats:
    with np.errstate(all="ignore"):
        out = np.power(numbers(left), numbers(right))
    return np.where(np.isfinite(out), out, np.nan)


def _compare(test: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    def compare(left: Value, right: Value) -> Value:
        if _is_text(left) or _is_text(right):
            return _compare_text(test, left, right)
        a, b = significant(numbers(left)), significant(numbers(right))
        return test(a, b) & ~(np.isnan(a) | np.isnan(b))

    return compare


def _is_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)


def _compare_text(test: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    if isinstance(right, str) and right == "":
        return test(~blank(left), False)  # x = "" asks whether x is blank
    if isinstance(left, str) and left == "":
        return test(~blank(right), False)
    present = ~(blank(left) | blank(right))
    return test(_folded(left), _folded(right)) & present


def _folded(value: Value) -> Any:
    if isinstance(value, str):
        return value.casefold()
    array = np.asarray(value, dtype=object)
    return np.array([str(x).casefold() if isinstance(x, str) else "" for x in array.ravel()])


UNARY: dict[str, Callable[[Floats], Floats]] = {
    "-": lambda x: -x,
    "+": lambda x: x,
    "%": lambda x: x / 100,
}
BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda a, b: numbers(a) + numbers(b),
    "-": lambda a, b: difference(numbers(a), numbers(b)),
    "*": lambda a, b: numbers(a) * numbers(b),
    "/": _divide,
    "^": _power,
    "=": _compare(lambda a, b: a == b),
    "<>": _compare(lambda a, b: a != b),
    "<": _compare(lambda a, b: a < b),
    "<=": _compare(lambda a, b: a <= b),
    ">": _compare(lambda a, b: a > b),
    ">=": _compare(lambda a, b: a >= b),
}
Arguments: TypeAlias = tuple[Node | None, ...]


def _if(scope: Scope, arguments: Arguments) -> Value:
    condition = evaluate(_given(arguments[0]), scope)
    yes = evaluate(_given(arguments[1]), scope)
    no = evaluate(_given(arguments[2]), scope) if len(arguments) > 2 else False
    test = numbers(condition)
    if _is_text(yes) or _is_text(no):
        chosen = np.where(test != 0, np.asarray(yes, object), np.asarray(no, object))
        return np.where(np.isnan(test), None, chosen)  # type: ignore[call-overload]
    chosen = np.where(test != 0, numbers(yes), numbers(no))
    return np.where(np.isnan(test), np.nan, chosen)


def _given(node: Node | None) -> Node:
    return Literal(None) if node is None else node


def _rowwise(combine: Callable[[Floats], Floats]) -> Callable[[Scope, Arguments], Value]:
    def run(scope: Scope, arguments: Arguments) -> Value:
        columns = [column(evaluate(_given(a), scope), scope.rows) for a in arguments]
        return combine(np.stack(columns))

    return run


def _mean(stack: Floats) -> Floats:
    count = (~np.isnan(stack)).sum(axis=0)
    total = np.nansum(stack, axis=0)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def _absolute(scope: Scope, arguments: Arguments) -> Value:
    return np.abs(numbers(evaluate(_given(arguments[0]), scope)))


def _round(scope: Scope, arguments: Arguments) -> Value:
    digits = numbers(evaluate(_given(arguments[1]), scope)) if len(arguments) > 1 else 0.0
    return round_half_up(numbers(evaluate(_given(arguments[0]), scope)), int(np.max(digits)))


NATIVE: dict[str, Callable[[Scope, Arguments], Value]] = {
    "IF": _if,
    "AND": _rowwise(lambda stack: np.all(np.nan_to_num(stack) != 0, axis=0)),  # type: ignore[arg-type,return-value]
    "OR": _rowwise(lambda stack: np.any(np.nan_to_num(stack) != 0, axis=0)),  # type: ignore[arg-type,return-value]
    "MIN": _rowwise(lambda stack: np.min(stack, axis=0)),
    "MAX": _rowwise(lambda stack: np.max(stack, axis=0)),
    "ABS": _absolute,
    "ROUND": _round,
    "SUM": _rowwise(lambda stack: np.nansum(stack, axis=0)),
    "AVERAGE": _rowwise(_mean),
    "COUNT": _rowwise(lambda stack: np.asarray((~np.isnan(stack)).sum(axis=0), np.float64)),
}
ARITY = {"IF": (2, 3), "ABS": (1, 1), "ROUND": (2, 2)}


def _ends(reduce: Any) -> Callable[[Floats, Codes, int], Floats]:
    def run(values: Floats, codes: Codes, groups: int) -> Floats:
        out = np.full(groups, np.nan)
        reduce.at(out, codes, values)
        return out

    return run


def _group_means(values: Floats, codes: Codes, groups: int) -> Floats:
    count = np.bincount(codes, minlength=groups)
    total = group_sum(values, codes, groups)
    return np.divide(total, count, out=np.full(groups, np.nan), where=count > 0)


AGGREGATES: dict[str, Callable[[Floats, Codes, int], Floats]] = {
    "SUM": group_sum,
    "AVERAGE": _group_means,
    "COUNT": lambda values, codes, groups: np.bincount(codes, minlength=groups).astype(float),
    "MIN": _ends(np.fmin),
    "MAX": _ends(np.fmax),
}


def _aggregate(function: str, argument: Node | None, scope: Scope) -> Floats:
    """A figure per department from its people: SUM over everyone, the others over the assessed."""
    if scope.lower is None or scope.lower_rows is None or argument is None:
        raise FormulaError(f"{function} 缺少参数")
    values = column(evaluate(argument, scope.lower), scope.lower.rows)
    counted = ~np.isnan(values) & (scope.lower_rows >= 0)
    if function != "SUM" and scope.assessed is not None:
        counted &= scope.assessed
    return AGGREGATES[function](values[counted], scope.lower_rows[counted], scope.rows)


def _call(function: str, arguments: Arguments, scope: Scope) -> Value:
    values = [OMITTED if a is None else evaluate(a, scope) for a in arguments]
    values = [_as_argument(value) for value in values]
    try:
        answer = call_rule(FUNCTIONS[function], values, groups=scope.groups, rows=scope.rows)
    except Fault as fault:
        raise FormulaError(f"{function}：{fault.reason}") from None
    result = answer.values
    for row in answer.faults:
        result[row] = np.nan
    return result


def _as_argument(value: Value) -> Value:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return value.astype(np.float64)
    return float(value) if isinstance(value, np.floating) else value


# --- checking ------------------------------------------------------------------------------


class Vocabulary(Protocol):
    """The names that a formula may use at its level."""

    def knows(self, name: str) -> bool:
        """Whether the name can be used here as it is."""

    def knows_below(self, name: str) -> bool:
        """Whether the name is one figure per person, for SUM and its like."""

    def all_names(self) -> Sequence[str]:
        """Every name, for suggestions."""


@dataclass(slots=True)
class Finding:
    """What is wrong with a formula and how to mend it."""

    what: str
    fix: str
    names: tuple[str, ...] = field(default_factory=tuple)


def check(node: Node, vocabulary: Vocabulary) -> list[Finding]:
    """Unknown names and functions, figures of the wrong level, wrong numbers of arguments."""
    return list(_findings(node, vocabulary, below=False))


def _findings(node: Node, words: Vocabulary, *, below: bool) -> Iterator[Finding]:
    match node:
        case Name(name):
            known = words.knows_below(name) if below else words.knows(name)
            if not known:
                yield _unknown_name(name, words, below=below)
        case Unary(_, operand):
            yield from _findings(operand, words, below=below)
        case Binary(_, left, right):
            yield from _findings(left, words, below=below)
            yield from _findings(right, words, below=below)
        case Call(function, arguments):
            yield from _call_findings(function, arguments)
            inner = below or (
                function in AGGREGATES
                and len(arguments) == 1
                and any(words.knows_below(n) for n in names_in(node))
            )
            for argument in arguments:
                if argument is not None:
                    yield from _findings(argument, words, below=inner)


def _unknown_name(name: str, words: Vocabulary, *, below: bool) -> Finding:
    if not below and words.knows_below(name):
        return Finding(
            f"“{name}”是每个人的数字，这里要一个部门的数字",
            f"写成 SUM({name})、AVERAGE({name}) 等",
            (name,),
        )
    near = nearest(name, words.all_names())
    return Finding(
        f"没有“{name}”这个名称",
        f"是不是“{near}”？" if near else "名称要与指标、薪资项、曲线或数据列的名称一致",
        (name,),
    )


def _call_findings(function: str, arguments: Arguments) -> Iterator[Finding]:
    known = [*NATIVE, *FUNCTIONS]
    if function not in known:
        near = nearest(function, known)
        yield Finding(
            f"没有函数 {function}", f"是不是 {near}？" if near else f"可用：{'、'.join(NATIVE)}"
        )
        return
    if function in FUNCTIONS:
        rule = FUNCTIONS[function]
        most = len(rule.arguments)
        least = sum(1 for a in rule.arguments if not a.optional)
    else:
        least, most = ARITY.get(function, (1, 255))
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} 至 {most}"
        yield Finding(
            f"{function} 有 {len(arguments)} 个参数", f"{function} 要 {wanted} 个参数"
        )


# --- writing back --------------------------------------------------------------------------


def unparse(node: Node, word: Callable[[str], str] = str) -> str:
    """The formula as text, each name replaced by ``word(name)``."""
    match node:
        case Literal(value):
            return _literal(value)
        case Name(name):
            return word(name)
        case Unary("%", operand):
            return unparse(operand, word) + "%"
        case Unary(operator, operand):
            return operator + _bracketed(operand, word, 3)
        case Binary(operator, left, right):
            rank = PRECEDENCE[operator]
            return (
                f"{_bracketed(left, word, rank)} {operator} {_bracketed(right, word, rank + 1)}"
            )
        case Call(function, arguments):
            inner = ", ".join("" if a is None else unparse(a, word) for a in arguments)
            return f"{function}({inner})"


PRECEDENCE = {"=": 0, "<>": 0, "<": 0, "<=": 0, ">": 0, ">=": 0, "+": 1, "-": 1, "*": 2, "/": 2,
              "^": 4}  # fmt: skip


def _bracketed(node: Node, word: Callable[[str], str], rank: int) -> str:
    text = unparse(node, word)
    return f"({text})" if isinstance(node, Binary) and PRECEDENCE[node.operator] < rank else text


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return "{" + ";".join(",".join(_literal(c) for c in row) for row in value) + "}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return f"{value:.15g}"
