"""A formula with figures in the place of its names: what HR can type in to recompute a number."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from typing import Literal as OneOf

import numpy as np

from xl_kpi.catalogue import FUNCTIONS, Bands
from xl_kpi.explain.units import unit_of
from xl_kpi.formula import (
    AGGREGATES,
    Binary,
    Call,
    FormulaError,
    Literal,
    Name,
    Node,
    Scope,
    Unary,
    column,
    evaluate,
    parse,
    row_by_row,
    unparse,
)
from xl_kpi.pipeline import Results
from xl_kpi.quantity import EXTRA_DECIMALS, number, typed_number
from xl_kpi.rounding import group_count, group_sum, is_below, round_half_up

Cell: TypeAlias = float | str | None

HALF_A_CENT = 0.005
_DAYS = frozenset({"hired", "left", "period_start", "period_end"})


_IN_ORDER = ("<", "<=", ">", ">=", "=", "<>")


@dataclass(frozen=True, slots=True)
class Told:
    """A formula with figures for its names: to read, and to type into a cell."""

    shown: str
    typed: str


def told(
    results: Results, node: Node, scope: Scope, row: int, wanted: Cell, unit: str, *, cents: bool = False
) -> Told:
    """A formula with figures, none of them longer than it takes to get the result from them.

    Args:
        results: A calculated period.
        node: The formula.
        scope: What it runs over.
        row: Whose figures.
        wanted: What it gives for the row.
        unit: The unit of that.
        cents: Whether the result is paid, and so has to come out to the cent.
    """
    for extra in EXTRA_DECIMALS:
        figures = _WithFigures(results, scope, row, extra)
        if extra is None or _gives(results, figures, node, wanted, unit, cents=cents):
            break
    return Told(unparse(figures.of(node)), unparse(replace(figures, purpose="typed").of(node)))


def with_figures(results: Results, node: Node, scope: Scope, row: int) -> str:
    """A formula with the figures of a row, as they are read; the result need not follow."""
    return unparse(_WithFigures(results, scope, row, 0).of(node))


def _gives(
    results: Results, figures: _WithFigures, node: Node, wanted: Cell, unit: str, *, cents: bool
) -> bool:
    """Whether the figures as they are written give the result, as it is shown or paid."""
    written = parse(unparse(replace(figures, purpose="checked").of(node)))
    one = Scope(results.value, 1, options=figures.scope.options)
    try:
        (found,) = row_by_row(evaluate(written, one), 1)
    except FormulaError:
        return False
    if isinstance(wanted, str) or isinstance(found, str) or wanted is None or found is None:
        return bool(found == wanted)
    if cents:
        return bool(np.array_equal(round_half_up(found), round_half_up(wanted), equal_nan=True))
    return number(found, unit) == number(wanted, unit)


@dataclass(frozen=True, slots=True)
class _WithFigures:
    """Puts the figures of a row in the place of names (and of what a group's people give).

    ``extra`` decimals are written beyond those that are read, None = all.  ``purpose``: to be
    ``shown``; to be ``typed`` as a spreadsheet has to be told, where a number is less than a blank
    text (here a comparison with a blank never holds); or to be ``checked`` here.
    """

    results: Results
    scope: Scope
    row: int
    extra: int | None
    purpose: OneOf["shown", "typed", "checked"] = "shown"

    def of(self, part: Node) -> Node:
        """A part of the formula with figures."""
        typed = self.purpose == "typed"
        match part:
            case Name(name):
                return Name(self._day(name) or self._figure(part))
            case Unary(operator, operand):
                return Unary(operator, self.of(operand))
            case Binary(operator, left, right) if (
                typed and operator in _IN_ORDER and Literal("") not in (left, right)
                and (self._blank(left) or self._blank(right))
            ):  # fmt: skip
                return Literal(False)
            case Binary(operator, left, right):
                return Binary(operator, self.of(left), self.of(right))
            case Call(function, arguments):
                one = self.scope.lower is not None and len(arguments) == 1
                if function == "PAST" or (function in AGGREGATES and one):
                    return Name(self._figure(part))
                if function == "KPI_POOL_SHARE" and (shared := used_up(part, self.scope, self.row)):
                    return Name(self._figure(part) if self.purpose == "checked" else shared.formula)
                if function in FUNCTIONS and FUNCTIONS[function].grouped and not _alone(function):
                    return Name(self._figure(part))
                replaced = tuple(self._arguments(part))
                if typed and function == "LOOKUP":  # a sheet's LOOKUP wants its keys in order
                    return Call("VLOOKUP", (*replaced, Literal(2.0), Literal(False)))
                return Call(function, replaced)
        return part

    def _day(self, name: str) -> str:
        """A date as a date, not as Excel's day number; empty where the name is none, or blank."""
        meaning = self.results.names.find(name)
        if meaning is None or meaning.key not in _DAYS:
            return ""
        figure = float(column(self._value(Name(name)), self.scope.rows)[self.row])
        if np.isnan(figure):
            return ""
        return f'"{dt.date(1899, 12, 30) + dt.timedelta(days=int(figure))}"'

    def _value(self, node: Node) -> Any:
        return evaluate(node, self.scope)

    def _blank(self, side: Node) -> bool:
        if isinstance(side, Literal):
            return False
        cell = row_by_row(self._value(side), self.scope.rows)[self.row]
        return cell is None or cell != cell

    def _figure(self, node: Node) -> str:
        """A figure of the row as it can be typed into a formula; a curve keeps its name."""
        value = self._value(node)
        if isinstance(value, Bands | list):
            return unparse(node)
        return self._typed(row_by_row(value, self.scope.rows)[self.row], node)

    def _typed(self, cell: object, node: Node) -> str:
        """A cell as it is typed into a formula."""
        if cell is None or isinstance(cell, str):
            return '"' + (cell or "").replace('"', '""') + '"'
        figure = float(cell)  # type: ignore[arg-type]
        if np.isnan(figure):
            return '""'
        return typed_number(figure, unit_of(self.results.names, node), self.extra)

    def _arguments(self, call: Call) -> Iterator[Node | None]:
        rule = FUNCTIONS.get(call.function)
        kinds = [a.kind for a in rule.arguments] if rule is not None else []
        for place, argument in enumerate(call.arguments):
            if argument is None:
                yield None
            elif place < len(kinds) and kinds[place] == "history" and isinstance(argument, Name):
                yield Name(self._series(argument))
            else:
                yield self.of(argument)

    def _series(self, name: Name) -> str:
        """A person's closed periods and this one, as an array."""
        assert self.scope.past is not None
        cells = self.scope.past(name.name, None)[self.row].tolist()
        return "{" + ",".join(self._typed(cell, name) for cell in cells) + "}"


def equation(node: Node, shown: str, result: str, first: str) -> str:
    """Formula = figures = result; a formula that is one figure does not tell it twice.

    ``first``: the figure that the result begins with.
    """
    begin = f"{unparse(node)} = "
    try:
        same = shown == first or float(shown) == float(first)
    except ValueError:
        same = False
    return begin + (result if same else f"{shown} = {result}")


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
    pool = max(pool, 0.0)
    down = _down(float(scores[row]), pool, total)
    for extra in EXTRA_DECIMALS:
        score, whole = (typed_number(float(x), "points", extra) for x in (scores[row], total))
        if float(whole) and _down(float(score), pool, float(whole)) == down:
            break
    cent = " + 0.01" if paid - down > HALF_A_CENT else ""
    return Shared(total, f"ROUNDDOWN(ROUND({score}*{typed_number(pool, 'yuan')}/{whole}, 9), 2){cent}")


def written(value: float, unit: str) -> str:
    """A figure as it is typed, with no more decimals than it takes to pay the same by it."""
    text = ""
    for extra in EXTRA_DECIMALS:
        text = typed_number(value, unit, extra)
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        if round_half_up(share) == round_half_up(value):
            break
    return text


def _down(score: float, pool: float, total: float) -> float:
    """A share of a pool, cut to the cent."""
    return math.floor(round(score * pool / total, 9) * 100 + 1e-6) / 100
