"""A formula as a tree: read from text, written back to text."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import formualizer

from xl_kpi.errors import KpiError


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

# How tightly each operator binds, as in Excel: -2^2 is (-2)^2, and 2^3^2 is (2^3)^2.
BINDS = {"=": 0, "<>": 0, "<": 0, "<=": 0, ">": 0, ">=": 0, "+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_SIGN, _PERCENT = 4, 5
_UNARY = ("-", "+", "%")
_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")


class FormulaError(KpiError):
    """The text is no formula of this language; the message says why.

    ``where`` is the cell of a formula that failed when it was calculated, else empty.
    """

    where = ""


# --- reading -------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of a formula, with or without its leading ``=``.

    Raises:
        FormulaError: the text cannot be read, or uses what this language has not.
    """
    source = text.strip()
    source = source if source.startswith("=") else "=" + source
    try:
        tree = formualizer.parse(source)
    except formualizer.ParserError as error:
        raise FormulaError(_unreadable(source, str(error))) from None
    return _node(tree.to_dict())


def _node(raw: Mapping[str, Any]) -> Node:
    kind = raw["node_type"]
    if kind == "Literal":
        return _literal_node(raw["value"])
    if kind == "Array":
        return _array_node(raw["rows"])
    if kind == "Reference":
        return Name(_name(str(raw["reference"])))
    if kind == "UnaryOp" and raw["operator"] in _UNARY:
        return Unary(raw["operator"], _node(raw["operand"]))
    if kind == "BinaryOp" and raw["operator"] in BINDS:
        return Binary(raw["operator"], _node(raw["left"]), _node(raw["right"]))
    if kind == "Function":
        arguments = tuple(None if a["node_type"] == "Omitted" else _node(a) for a in raw["args"])
        return Call(raw["name"].upper(), arguments)
    raise FormulaError(f"公式不支持“{raw.get('operator', kind)}”")


def _literal_node(value: Any) -> Literal:
    if value in _ERRORS:
        raise FormulaError(f"公式里有错误值 {value}")
    if isinstance(value, float) and not math.isfinite(value):
        raise FormulaError("公式里有不是数字的数字（太大，或写成了 NaN、inf）")
    return Literal(value)


def _array_node(rows: list[list[Mapping[str, Any]]]) -> Literal:
    cells = [[_constant(_node(cell)) for cell in row] for row in rows]
    if not cells or not cells[0]:
        raise FormulaError("数组 {} 是空的")
    return Literal(cells)


def _constant(node: Node) -> Any:
    match node:
        case Literal(value) if not isinstance(value, list):
            return value
        case Unary("-", Literal(float() as value)):
            return -value
        case Unary("%", Literal(float() as value)):
            return value / 100
        case Unary("-", Unary("%", Literal(float() as value))):
            return -value / 100
    raise FormulaError("数组 { } 里只能写数字、文字或 TRUE、FALSE")


def _name(reference: str) -> str:
    """A name as the sheet has it: one with blanks or signs is written in single quotes."""
    text = reference.strip()
    if len(text) > 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


_TOKEN = re.compile(r"start: (\d+), end: (\d+)")
_REASONS = (
    ("No tokens", "公式是空的"),
    ("Unmatched opening", "少了右括号"),
    ("No matching opener", "多了右括号"),
    ("parsing string", "引号没有成对"),
    ("too deep", "公式套得太深，请拆成几行"),
    ("height limit", "公式太长，请拆成几行"),
    ("end of tokens", "公式没有写完"),
    ("equal length", "数组 { } 各行的个数不一样"),
)


def _unreadable(source: str, message: str) -> str:
    """Why a text is no formula, from the parser's message."""
    for words, reason in _REASONS:
        if words in message:
            return reason
    token = _TOKEN.search(message)
    if token is None:
        return "公式读不懂"
    start, end = (int(group) for group in token.groups())
    word = source.encode()[start:end].decode(errors="ignore")
    return f"“{word}”这里读不懂：前面多写或少写了符号；名称里有空格或符号的，要加单引号 '…'"


# --- looking into a tree ---------------------------------------------------------------------


def parts(node: Node) -> Iterator[Node]:
    """A node's operands or arguments."""
    match node:
        case Unary(_, operand):
            yield operand
        case Binary(_, left, right):
            yield left
            yield right
        case Call(_, arguments):
            yield from (argument for argument in arguments if argument is not None)


def looked_back_at(node: Node) -> Iterator[str]:
    """The names whose closed periods a formula looks back at."""
    if isinstance(node, Call) and node.function in ("PAST", "KPI_STREAK"):
        first = node.arguments[0] if node.arguments else None
        if isinstance(first, Name):
            yield first.name
    for part in parts(node):
        yield from looked_back_at(part)


def names_in(node: Node) -> Iterator[str]:
    """The names of a formula in reading order."""
    if isinstance(node, Name):
        yield node.name
    for part in parts(node):
        yield from names_in(part)


# --- writing back --------------------------------------------------------------------------


def unparse(node: Node, word: Callable[[str], str] = str) -> str:
    """The formula as text, each name replaced by ``word(name)``; ``quoted`` can be read again."""
    match node:
        case Literal(value):
            return _literal_text(value)
        case Name(name):
            return word(name)
        case Unary("%", operand):
            return f"{_bracketed(operand, word, _PERCENT)}%"
        case Unary(operator, operand):
            return operator + _bracketed(operand, word, _SIGN)
        case Binary(operator, left, right):
            rank = BINDS[operator]
            return f"{_bracketed(left, word, rank)} {operator} {_bracketed(right, word, rank + 1)}"
        case Call(function, arguments):
            inner = ", ".join("" if a is None else unparse(a, word) for a in arguments)
            return f"{function}({inner})"


def quoted(name: str) -> str:
    """A name as a formula can hold it: in single quotes where its letters alone would not do."""
    try:
        plain = parse(name) == Name(name)
    except FormulaError:
        plain = False
    return name if plain else "'" + name.replace("'", "''") + "'"


def _bracketed(node: Node, word: Callable[[str], str], rank: int) -> str:
    text = unparse(node, word)
    return f"({text})" if _binds(node) < rank else text


def _binds(node: Node) -> int:
    match node:
        case Binary(operator, _, _):
            return BINDS[operator]
        case Unary("%", _):
            return _PERCENT
        case Unary():
            return _SIGN
    return _PERCENT


def _literal_text(value: Any) -> str:
    if isinstance(value, list):
        return "{" + ";".join(",".join(_literal_text(c) for c in row) for row in value) + "}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    short = f"{value:.15g}"
    return short if float(short) == value else repr(float(value))
