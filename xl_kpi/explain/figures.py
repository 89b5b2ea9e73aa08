"""A formula with figures in the place of its names: what HR can type in to recompute a number."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from xl_kpi.catalogue import FUNCTIONS, Bands
from xl_kpi.formula import (
    AGGREGATES,
    Binary,
    Call,
    Literal,
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
from xl_kpi.rounding import group_count, group_sum, is_below, round_half_up

HALF_A_CENT = 0.005
_DAYS = frozenset({"hired", "left", "period_start", "period_end"})


_IN_ORDER = ("<", "<=", ">", ">=", "=", "<>")


def with_figures(
    results: Results, node: Node, scope: Scope, row: int, *, typed: bool = False
) -> Node:
    """The formula with each name (and figure over a group's people) replaced by that of a row.

    ``typed``: as a spreadsheet has to be told, where a number is less than a blank text; here a
    comparison with a blank never holds.
    """

    def blank(side: Node) -> bool:
        if isinstance(side, Literal):
            return False
        cell = row_by_row(evaluate(side, scope), scope.rows)[row]
        return cell is None or cell != cell

    def replaced(part: Node) -> Node:
        match part:
            case Name(name):
                return Name(_day(results, name, _figure(part, scope, row)))
            case Unary(operator, operand):
                return Unary(operator, replaced(operand))
            case Binary(operator, left, right) if (
                typed and operator in _IN_ORDER and Literal("") not in (left, right)
                and (blank(left) or blank(right))
            ):  # fmt: skip
                return Literal(False)
            case Binary(operator, left, right):
                return Binary(operator, replaced(left), replaced(right))
            case Call(function, arguments):
                one = scope.lower is not None and len(arguments) == 1
                if function == "PAST" or (function in AGGREGATES and one):
                    return Name(_figure(part, scope, row))
                if function == "KPI_POOL_SHARE" and (shared := used_up(part, scope, row)):
                    return Name(shared.formula)
                if function in FUNCTIONS and FUNCTIONS[function].grouped and not _alone(function):
                    return Name(_figure(part, scope, row))
                replaced_arguments = tuple(_arguments(part, scope, row, replaced))
                if typed and function == "LOOKUP":  # a sheet's LOOKUP wants its keys in order
                    return Call("VLOOKUP", (*replaced_arguments, Literal(2.0), Literal(False)))
                return Call(function, replaced_arguments)
        return part

    return replaced(node)


def equation(node: Node, shown: str, result: str, first: str) -> str:
    """Formula = figures = result; a formula that is one figure does not tell it twice.

    ``first``: the figure that the result begins with.
    """
    told = f"{unparse(node)} = "
    try:
        same = shown == first or float(shown) == float(first)
    except ValueError:
        same = False
    return told + (result if same else f"{shown} = {result}")


def _alone(function: str) -> bool:
    """Whether a function that compares people also gives one person's figure by itself."""
    return function == "KPI_POOL_SHARE"


@dataclass(frozen=True, slots=True)
class Shared:
    """A share of a pool that is used up to the cent (C2): everybody's score, and the formula."""

    total: float
    formula: str


def used_up(call: Call, scope: Scope, row: int) -> Shared | None:
    """How a pool was split by score, None where each score is paid by a fixed total.

    The formula gives the share: cut to the cent, and a cent more if one of the cents left over
    went here.
    """
    first, second, *rest = call.arguments
    if first is None or second is None or scope.groups is None or scope.groups[row] < 0:
        return None
    scores = np.maximum(column(evaluate(first, scope), scope.rows), 0.0)
    sums = group_sum(scores, scope.groups, group_count(scope.groups))
    total = float(sums[scope.groups[row]])
    if rest and rest[0] is not None:
        full = float(column(evaluate(rest[0], scope), scope.rows)[row])
        if scope.options.get("R37", {}).get("overspend") == "pay" or is_below(total, full):
            return None
    if total == 0:
        return Shared(total, "0")
    pool = float(round_half_up(column(evaluate(second, scope), scope.rows)[row]))
    if np.isnan(pool) or np.isnan(scores[row]):
        return None
    paid = float(column(evaluate(call, scope), scope.rows)[row])
    exact = f"ROUND({scores[row]:.15g}*{max(pool, 0.0):.15g}/{total:.15g}, 9)"
    down = math.floor(round(float(scores[row]) * max(pool, 0.0) / total, 9) * 100 + 1e-6) / 100
    extra = " + 0.01" if paid - down > HALF_A_CENT else ""
    return Shared(total, f"ROUNDDOWN({exact}, 2){extra}")


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
    return f'"{day.isoformat()}"'
