"""A formula of a scheme sheet in plain words, for those who do not read formulas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.formula import Binary, Call, Literal, Name, Node, Unary
from xl_kpi.quantity import typed_number
from xl_kpi.statements.words import word

_ARITHMETIC = {"+": "+", "-": "−", "*": "×", "/": "÷", "^": "^"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_COMPARED = {"=": "equals", "<>": "differs", "<": "below", "<=": "at_most", ">": "above",
             ">=": "at_least"}  # fmt: skip
_JOINED = {"AND": "and", "OR": "or"}
_WORDED = {"SUM": "sum_of", "AVERAGE": "average_of", "COUNT": "count_of", "ABS": "size_of"}
_ZERO = Literal(0.0)
_ALONE = {"SUM": "sum_of_people", "AVERAGE": "average_of_people", "COUNT": "count_of_people",
          "MIN": "smallest_of_people", "MAX": "largest_of_people"}  # fmt: skip


def plain(node: Node, lang: str) -> str:
    """The formula as a sentence; names of the sheet stay as they are.

    Args:
        node: The tree of the formula.
        lang: ``zh`` or ``en``.
    """
    match node:
        case Literal(value):
            return _literal(value, lang)
        case Name(name):
            return name
        case Unary("%", operand):
            return f"{_within(operand, 4, lang)}%"
        case Unary("-", operand):
            return f"−{_within(operand, 4, lang)}"
        case Unary(_, operand):
            return plain(operand, lang)
        case Binary(operator, left, right):
            return _binary(operator, left, right, lang)
        case Call():
            return _call(node, lang)


def _literal(value: Any, lang: str) -> str:
    if isinstance(value, list):
        return word("comma", lang).join(_literal(cell, lang) for row in value for cell in row)
    if isinstance(value, bool):
        return word("true" if value else "false", lang)
    if isinstance(value, str):
        return word("quoted", lang, text=value) if value else word("blank", lang)
    return typed_number(float(value), extra=None)  # as the sheet has it, never rounded


def _binary(operator: str, left: Node, right: Node, lang: str) -> str:
    if operator in _COMPARED:
        if right == Literal(""):
            return word("is_blank" if operator == "=" else "is_given", lang, left=plain(left, lang))
        return word(
            _COMPARED[operator], lang, left=_within(left, 1, lang), right=_within(right, 1, lang)
        )
    rank = _BINDS[operator]
    sign = _ARITHMETIC[operator]
    return f"{_within(left, rank, lang)} {sign} {_within(right, rank + 1, lang)}"


def _within(node: Node, rank: int, lang: str) -> str:
    """An operand, in brackets where it binds less than its surroundings or is a whole sentence."""
    text = plain(node, lang)
    if isinstance(node, Binary) and _BINDS.get(node.operator, 0) < rank:
        return word("bracket", lang, text=text)
    if isinstance(node, Call) and (node.function == "IF" or len(node.arguments) > 1):
        return word("bracket", lang, text=text)
    return text


def _call(call: Call, lang: str) -> str:
    arguments = [a for a in call.arguments if a is not None]
    if call.function in _ALONE and len(arguments) == 1:
        return word(_ALONE[call.function], lang, x=_within(arguments[0], 3, lang))
    if call.function in _JOINED:
        return word(_JOINED[call.function], lang).join(_within(a, 0, lang) for a in arguments)
    if call.function in _WORDED:
        together = word("comma", lang).join(plain(a, lang) for a in arguments)
        return word(_WORDED[call.function], lang, x=together)
    told = _TOLD.get(call.function)
    if told is not None:
        text = told(arguments, lang)
        if text:
            return text
    return _rule(call, lang)


def _largest(arguments: Sequence[Node], lang: str) -> str:
    if len(arguments) == 2 and _ZERO in arguments:
        other = arguments[arguments[0] == _ZERO]
        return word("not_below_zero", lang, x=plain(other, lang))
    return word("largest_of", lang, x=_compared(arguments, lang))


def _smallest(arguments: Sequence[Node], lang: str) -> str:
    return word("smallest_of", lang, x=_compared(arguments, lang))


def _compared(arguments: Sequence[Node], lang: str) -> str:
    """What is compared, sums and products in brackets."""
    *first, last = (_within(a, 4, lang) for a in arguments)
    return word("together_with", lang, first=word("comma", lang).join(first), last=last) if first else last


def _prorated(arguments: Sequence[Node], lang: str) -> str:
    return word("by_days", lang, x=_within(arguments[0], 4, lang))


def _if(arguments: Sequence[Node], lang: str) -> str:
    if len(arguments) == 3 and arguments[0] == Binary("=", arguments[2], Literal("")) and (
        arguments[1] == _ZERO
    ):  # fmt: skip
        return word("zero_if_blank", lang, x=plain(arguments[2], lang))
    test, then, *other = (plain(a, lang) for a in arguments)
    if not other:
        return word("if", lang, test=test, then=then)
    return word("if_else", lang, test=test, then=then, other=other[0])


def _round(arguments: Sequence[Node], lang: str) -> str:
    digits = plain(arguments[1], lang) if len(arguments) > 1 else "0"
    return word("rounded_to", lang, x=_within(arguments[0], 1, lang), digits=digits)


def _past(arguments: Sequence[Node], lang: str) -> str:
    back = plain(arguments[1], lang) if len(arguments) > 1 else ""
    return word("ago" if back else "all_past", lang, x=plain(arguments[0], lang), n=back)


def _looked_up(arguments: Sequence[Node], lang: str) -> str:
    if len(arguments) != 2:
        return ""
    x, table = (plain(a, lang) for a in arguments)
    return word("looked_up", lang, x=x, table=table)


def _streak(arguments: Sequence[Node], lang: str) -> str:
    if len(arguments) != 2:
        return ""
    x, value = (plain(a, lang) for a in arguments)
    return word("streak", lang, x=x, value=value)


_TOLD: dict[str, Callable[[Sequence[Node], str], str]] = {
    "IF": _if, "ROUND": _round, "PAST": _past, "LOOKUP": _looked_up, "KPI_BAND": _looked_up,
    "KPI_STREAK": _streak, "MAX": _largest, "MIN": _smallest, "KPI_PRORATE": _prorated,
}  # fmt: skip


def _rule(call: Call, lang: str) -> str:
    """A rule by its name, with the arguments it is given."""
    rule = FUNCTIONS.get(call.function)
    name = rule.label(lang) if rule is not None else call.function
    labels = [getattr(a, lang) for a in rule.arguments] if rule is not None else []
    texts = []
    for place, argument in enumerate(call.arguments):
        if argument is None:
            continue
        text, label = plain(argument, lang), labels[place] if place < len(labels) else ""
        same = not label or label == text
        texts.append(text if same else word("argument", lang, label=label, text=text))
    return word("by_rule", lang, rule=name, arguments=word("comma", lang).join(texts))
