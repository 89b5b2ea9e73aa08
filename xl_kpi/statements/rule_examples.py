"""The catalogue's worked examples of the rules that a scheme uses, as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from xl_kpi import calling as _calling  # noqa: F401 - files every rule
from xl_kpi.catalogue import FUNCTIONS, RULES, Rule
from xl_kpi.formula import Call, Node, parse, parts
from xl_kpi.formula_rules import FormulaRule, formula_rules
from xl_kpi.quantity import number
from xl_kpi.scheme import Scheme
from xl_kpi.statements.plain_words import plain
from xl_kpi.statements.words import word

_OPTIONS: Mapping[object, str] = {
    "higher": "higher_better", "lower": "lower_better", "group_mean": "group", "all": "ties_all",
    "full": "full_steps", "whole": "whole_rate", "calendar": "calendar_days", True: "true",
    False: "false", "none": "nothing", "skip": "skipped", "better": "takes_better",
}  # fmt: skip
_OPEN = ("", None)


def rules_of(scheme: Scheme, lang: str) -> Iterator[tuple[str, str, str]]:
    """Name, worked example and source of every rule of a scheme, in the order of its sheet."""
    of_formulas = formula_rules()
    told: set[str] = set()
    for key in _used(scheme):
        rule: Rule | FormulaRule | None = RULES.get(key) or of_formulas.get(key)
        if rule is None or key in told:
            continue
        told.add(key)
        name = f"{rule.id} {rule.zh if lang == 'zh' else rule.en}"
        text = _example(rule, lang) if isinstance(rule, Rule) else _formula_example(rule, lang)
        yield name, text, _source(rule.source, lang)


def _source(source: str, lang: str) -> str:
    """Where a rule comes from; what this program settled itself is called so."""
    parts = [part.strip() for part in source.split(";")]
    own = [part for part in parts if not part.startswith("rules.md")]
    return word("semicolon", lang).join(own) or word("convention", lang)


def _used(scheme: Scheme) -> Iterator[str]:
    for i in scheme.indicators:
        yield i.rule
        metric = scheme.metrics[i.metric]
        if metric.formula is not None:
            yield from _called(metric.formula.node)
    for item in scheme.pay_items:
        yield from _called(item.formula.node)
        yield item.rule
    for consequence in scheme.consequences:
        yield from _called(consequence.condition.node)


def _called(node: Node) -> Iterator[str]:
    if isinstance(node, Call) and node.function in FUNCTIONS:
        yield FUNCTIONS[node.function].id
    for part in parts(node):
        yield from _called(part)


def _example(rule: Rule, lang: str) -> str:
    labels = {a.key: a.zh if lang == "zh" else a.en for a in rule.parameters}
    tables = {a.key for a in rule.parameters if a.table}
    given = []
    for key, value in rule.example.given.items():
        if key == "groups" and len(set(value)) == 1:
            continue
        if value is None or (isinstance(value, list) and all(v in _OPEN for v in value)):
            continue
        text = _table(value, lang) if key in tables else _shown(value, lang)
        given.append(word("argument", lang, label=labels.get(key, key), text=text))
    result = _shown(list(rule.example.expect), lang, each=True)
    return _told(given, result, lang)


def _formula_example(rule: FormulaRule, lang: str) -> str:
    figures = {k: v for k, v in {**rule.given, **rule.people}.items() if len(v) > 0}
    given = [
        word("argument", lang, label=name, text=_shown(list(values), lang))
        for name, values in figures.items()
    ]
    given += [
        word("argument", lang, label=name, text=_table(rows, lang))
        for name, rows in rule.curves.items()
    ]
    told = _told(given, _shown(list(rule.expect), lang, each=True), lang)
    return f"{plain(parse(rule.formula), lang)}\n{told}"


def _told(given: Iterable[str], result: str, lang: str) -> str:
    return word("gives", lang, given=word("semicolon", lang).join(given), result=result)


def _shown(value: Any, lang: str, *, each: bool = False) -> str:
    """A figure, or the figures of the cases one after the other; equal ones are told once."""
    if isinstance(value, list):
        cells = [_shown(cell, lang) for cell in value]
        same = len(set(cells)) == 1 and not each
        nested = any(isinstance(cell, list) for cell in value)
        return cells[0] if same else ("；" if nested and lang == "zh" else " / ").join(cells)
    if value is None or value == "":
        return word("blank", lang)
    if isinstance(value, str | bool):
        key = _OPTIONS.get(value)
        return value if key is None and isinstance(value, str) else word(key or "true", lang)
    return number(float(value))


def _table(rows: Sequence[Sequence[Any]], lang: str) -> str:
    """The rows of a table of figures."""
    return word("comma", lang).join(
        "(" + ", ".join(_shown(cell, lang) if cell is not None else "…" for cell in row) + ")"
        for row in rows
    )
