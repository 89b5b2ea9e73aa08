"""A formula with figures in the place of its names: what HR can type in to recompute a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np

from xl_kpi.catalogue import FUNCTIONS, Bands
from xl_kpi.formula import (
    AGGREGATES,
    Binary,
    Call,
    Name,
    Node,
    Scope,
    Unary,
    evaluate,
    row_by_row,
    unparse,
)
from xl_kpi.pipeline import Results

_DAYS = frozenset({"hired", "left", "period_start", "period_end"})


def with_figures(results: Results, node: Node, scope: Scope, row: int) -> Node:
    """The formula with each name (and figure over a group's people) replaced by that of a row."""

    def replaced(part: Node) -> Node:
        match part:
            case Name(name):
                return Name(_day(results, name, _figure(part, scope, row)))
            case Unary(operator, operand):
                return Unary(operator, replaced(operand))
            case Binary(operator, left, right):
                return Binary(operator, replaced(left), replaced(right))
            case Call(function, arguments):
                one = scope.lower is not None and len(arguments) == 1
                if function == "PAST" or (function in AGGREGATES and one):
                    return Name(_figure(part, scope, row))
                return Call(function, tuple(_arguments(part, scope, row, replaced)))
        return part

    return replaced(node)


def _arguments(
    call: Call, scope: Scope, row: int, replaced: Callable[[Node], Node]
) -> Iterator[Node | None]:
    kinds = [a.kind for a in FUNCTIONS[call.function].arguments] if call.function in FUNCTIONS else []
    for number, argument in enumerate(call.arguments):
        if argument is None:
            yield None
        elif number < len(kinds) and kinds[number] == "history" and isinstance(argument, Name):
            yield Name(_series(argument.name, scope, row))
        else:
            yield replaced(argument)


def _figure(node: Node, scope: Scope, row: int) -> str:
    """A figure of a row as it can be typed into a formula; a curve keeps its name."""
    value = evaluate(node, scope)
    if isinstance(value, Bands | list):
        return unparse(node)
    return _typed(row_by_row(value, scope.rows)[row])


def _typed(cell: object) -> str:
    """A cell as it is typed into a formula."""
    if cell is None or isinstance(cell, str):
        return '"' + (cell or "").replace('"', '""') + '"'
    figure = float(cell)  # type: ignore[arg-type]
    return '""' if np.isnan(figure) else f"{figure:.15g}"


def _series(name: str, scope: Scope, row: int) -> str:
    """A person's closed periods and this one, as an array."""
    assert scope.past is not None
    cells = scope.past(name, None)[row].tolist()
    return "{" + ",".join(_typed(cell) for cell in cells) + "}"


def _day(results: Results, name: str, figure: str) -> str:
    """Dates as dates, not as Excel's day numbers."""
    meaning = results.names.find(name)
    if meaning is None or meaning.key not in _DAYS or figure == '""':
        return figure
    day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(figure)))
    return day.isoformat()
