"""Where pay items come from: formula, figures, band hit, limits, how a pool was shared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.explain.figures import equation, told, used_up, written
from xl_kpi.explain.lines import Line, Words, number
from xl_kpi.explain.scores import band_text
from xl_kpi.explain.units import unit_of
from xl_kpi.formula import (
    Binary,
    Call,
    Name,
    Node,
    Scope,
    Unary,
    column,
    evaluate,
    row_by_row,
    unparse,
)
from xl_kpi.pipeline import Results
from xl_kpi.rounding import group_count, group_sum, is_below
from xl_kpi.scheme import PayItem


def item_line(results: Results, item: PayItem, row: int, words: Words) -> Line:
    """A person's item."""
    if not results.entitled(item)[row]:
        due = results.figures.period.ends(item.cycle)
        return _line(item, None, words["not_taking_part" if due else "not_due"])
    return _made(results, item, results.scope_of(item), row, words)


def group_line(results: Results, item: PayItem, group: int, words: Words) -> Line:
    """A department's, shop's or team's item."""
    return _made(results, item, results.group_scope(item.level), group, words)


def refund_lines(results: Results, item: PayItem, row: int, words: Words) -> Iterator[Line]:
    """An item of each of a person's refunds."""
    for number_, refund in enumerate(np.flatnonzero(results.refunds.owners == row), 1):
        line = _made(results, item, results.refund_scope, int(refund), words)
        label = f"{item.name} {words['refund'].format(n=number_)}"
        yield replace(line, item=label)


def _made(results: Results, item: PayItem, scope: Scope, row: int, words: Words) -> Line:
    """The line of an item's figure: formula, figures, and what else decided it."""
    cell = results.items[item.name][row]
    value = cell if cell is None or isinstance(cell, str) else float(cell)
    made = value if item.name not in results.unlimited else float(results.unlimited[item.name][row])
    cents = item.paid and made == value
    formula = told(results, item.formula.node, scope, row, made, item.unit, cents=cents)
    figures = formula.typed
    steps: list[str] = []
    notes = [*dict.fromkeys(_notes(results, item.formula.node, scope, row, words))]
    if item.name in results.unlimited:
        figures, limits = _limited(results, item, scope, row, figures, words)
        notes += limits
        if limits:
            steps.append(number(float(results.unlimited[item.name][row]), item.unit))
    if item.paid:
        notes.append(words["rounded"])
    steps.append(number(value, item.unit))
    text = equation(item.formula.node, formula.shown, " → ".join(steps), steps[0])
    text += "".join(words["also"] + note for note in notes if note)
    return _line(item, value, text, figures)


def _limited(
    results: Results, item: PayItem, scope: Scope, row: int, figures: str, words: Words
) -> tuple[str, list[str]]:
    """The figures with the limit that acted around them, and a note that names it (R48)."""
    raw = float(results.unlimited[item.name][row])
    acted = []
    for formula, key, function in (
        (item.cap, "capped", "MIN"), (item.floor, "floored", "MAX")
    ):  # fmt: skip
        line = float(results.limit(formula, scope)[row])
        beyond = is_below(line, raw) if key == "capped" else is_below(raw, line)
        if formula is not None and beyond:
            figures = f"{function}({figures}, {written(line, item.unit)})"
            note = words["limited"].format(raw=number(raw, item.unit))
            acted.append(
                note
                + words[key].format(line=number(line, item.unit))
                + words["aside"].format(formula.where)
            )
    return figures, acted


def _line(item: PayItem, value: float | str | None, text: str, figures: str = "") -> Line:
    return Line(
        item.name, value, item.unit, text, item.formula.where, item.clause, item.clause_text,
        unparse(item.formula.node), figures,
    )  # fmt: skip


def _notes(
    results: Results, node: Node, scope: Scope, row: int, words: Words
) -> Iterator[str]:
    """The band hit, the row looked up and how a pool was shared, for each such call."""
    for call in _calls(node):
        if call.function == "LOOKUP":
            yield _looked_up(results, call, scope, row, words)
        if call.function in ("KPI_BAND", "KPI_EXCESS_RATE", "KPI_COMMISSION"):
            yield _band_of(results, call, scope, row, words)
        if call.function == "KPI_POOL_SHARE" and scope.groups is not None:
            yield _pool_text(call, scope, row, words)
        elif call.function in FUNCTIONS and FUNCTIONS[call.function].grouped:
            yield _place_text(call, scope, row, words)


def _band_of(results: Results, call: Call, scope: Scope, row: int, words: Words) -> str:
    """The band of a curve that the first argument falls in (a commission: the completion)."""
    first, *others = call.arguments
    if call.function == "KPI_COMMISSION" and first is not None and others and others[0] is not None:
        first = Binary("/", first, others[0])
    named = [results.scheme.curves.get(x.name) for x in others if isinstance(x, Name)]
    curve = next((c for c in named if c is not None and c.bands is not None), None)
    if curve is None or first is None:
        return ""
    value = float(column(evaluate(first, scope), scope.rows)[row])
    return band_text(curve, value, words, _unit(results, first))


def _unit(results: Results, looked_up: Node) -> str:
    """The unit of a figure that a band is looked up by; a quotient of two of a unit is a share."""
    if isinstance(looked_up, Binary) and looked_up.operator == "/":
        units = {unit_of(results.names, side) for side in (looked_up.left, looked_up.right)}
        return "ratio" if len(units) == 1 and "" not in units else ""
    return unit_of(results.names, looked_up)


def _looked_up(results: Results, call: Call, scope: Scope, row: int, words: Words) -> str:
    """The row of a curve by category that a text is found in, with the cell of its figure."""
    text, named = call.arguments
    curve = results.scheme.curves.get(named.name) if isinstance(named, Name) else None
    word = None if text is None else row_by_row(evaluate(text, scope), scope.rows)[row]
    if curve is None or word not in curve.keys:
        return ""
    n = curve.keys.index(word)
    cell = words["aside"].format(curve.rows[n].cell("value"))
    return f"{curve.name} {word} → {curve.values[n]:g}{cell}"


def _calls(node: Node) -> Iterator[Call]:
    match node:
        case Unary(_, operand):
            yield from _calls(operand)
        case Binary(_, left, right):
            yield from _calls(left)
            yield from _calls(right)
        case Call(_, arguments):
            yield node
            for argument in arguments:
                if argument is not None:
                    yield from _calls(argument)


def _pool_text(call: Call, scope: Scope, row: int, words: Words) -> str:
    shared = used_up(call, scope, row)
    if shared is not None:
        return words["shared"].format(total=number(shared.total))
    first, _, *rest = call.arguments
    full = rest[0] if rest else None
    if first is None or full is None or scope.groups is None or scope.groups[row] < 0:
        return ""
    scores = np.maximum(column(evaluate(first, scope), scope.rows), 0.0)
    total = group_sum(scores, scope.groups, group_count(scope.groups))
    whole = float(column(evaluate(full, scope), scope.rows)[row])
    return words["by_total"].format(total=number(float(total[scope.groups[row]])), full=number(whole))


def _place_text(call: Call, scope: Scope, row: int, words: Words) -> str:
    """The place in the group by which a function that compares people answers."""
    rule = FUNCTIONS[call.function]
    first = call.arguments[0]
    if first is None or scope.groups is None or rule.arguments[0].shape != "column":
        return ""
    values = column(evaluate(first, scope), scope.rows)
    mine = (scope.groups == scope.groups[row]) & ~np.isnan(values)
    ahead = int(is_below(values[row], values[mine]).sum())
    return words["ranked"].format(
        value=number(float(values[row])), size=int(mine.sum()), ahead=ahead,
        tied=int(mine.sum()) - ahead - int(is_below(values[mine], values[row]).sum()) - 1,
    )  # fmt: skip
