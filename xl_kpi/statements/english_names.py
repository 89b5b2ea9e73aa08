"""The names in a formula in the language of a paper; what a policy itself coined stays as it is."""

from __future__ import annotations

from dataclasses import replace

from xl_kpi.formula import Binary, Call, Name, Node, Unary
from xl_kpi.names import (
    ADJUSTMENTS,
    BENCHMARKS,
    CONSTANTS,
    DAYS,
    HEADS,
    HERE,
    PARTS,
    REFUNDED,
    SCORES,
    Meaning,
    Names,
    indicator_label,
)
from xl_kpi.statements.plain_words import plain
from xl_kpi.tables import DEPARTMENTS, REFUNDS, ROSTER, SHOPS, TARGETS

_TABLES = {
    "roster": ROSTER, "target": TARGETS, "shop": SHOPS, "department": DEPARTMENTS, "refund": REFUNDS,
}  # fmt: skip
_GROUPS = {
    "day": DAYS, "constant": CONSTANTS, "here": HERE, "benchmark": BENCHMARKS,
    "adjustment": ADJUSTMENTS, "refund": REFUNDED,
}  # fmt: skip


def named(names: Names, node: Node, lang: str) -> Node:
    """The formula with its names in the language.

    Args:
        names: Of the scheme that the formula belongs to.
        node: The formula.
        lang: ``zh`` gives it as it is; ``en`` puts the English names of the program's columns,
            of metrics and of scores.
    """
    if lang == "zh":
        return node
    match node:
        case Name(name):
            return Name(english_name(names, name))
        case Unary(_, operand):
            return replace(node, operand=named(names, operand, lang))
        case Binary(_, left, right):
            return replace(node, left=named(names, left, lang), right=named(names, right, lang))
        case Call(function, arguments):
            made = (a if a is None else named(names, a, lang) for a in arguments)
            return Call(function, tuple(made))
    return node


def in_words(names: Names, node: Node, lang: str) -> str:
    """The formula as a sentence, its names in the language."""
    return plain(named(names, node, lang), lang)


def english_name(names: Names, name: str) -> str:
    """A name of a formula in English; the name itself where it has no English one."""
    meaning = names.find(name)
    if meaning is None:
        return name
    text = _english(names, meaning) or name
    if meaning.previous and text != name:
        return f"previous {text[0].lower()}{text[1:]}"
    return text


def _english(names: Names, meaning: Meaning) -> str:
    """What a name is called in English; empty where it has no English name."""
    kind, key = meaning.kind, meaning.key
    group = _GROUPS.get(kind, {})
    if kind == "score":
        return {**SCORES, **HEADS}[key][1]
    if key in group:
        return group[key][1]
    if kind in _TABLES:
        return _TABLES[kind].column(key).en
    if kind == "count":
        return names.counts.column(key).en
    if kind == "metric":
        return names.scheme.metrics[key].english
    if kind == "indicator":
        one = next(i for i in names.scheme.indicators if i.name == key)
        label = indicator_label(names.scheme, one, "en")
        return "" if label == key else label + PARTS[meaning.part][1]
    return ""
