"""How an amount was worked out, as its owner reads it: ``4500 × 97.9454 ÷ 100``.

What an explanation types into a cell is taken, and every function of the program in it is
worked out first: the branch of an IF that holds, days instead of dates, the figure of a table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

from xl_kpi.formula import (
    Binary,
    Call,
    FormulaError,
    Literal,
    Name,
    Node,
    Scope,
    Unary,
    evaluate,
    parse,
    row_by_row,
)
from xl_kpi.pipeline import Results
from xl_kpi.rounding import round_half_up
from xl_kpi.statements.plain_words import plain
from xl_kpi.statements.words import word

_SHARED = re.compile(  # of a pool that is used up: score * pool / scores of all
    r"ROUNDDOWN\(ROUND\(([^(),]+/([\d.]+)), 9\), 2\)( \+ 0\.01)?"
)
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_WHOLE = "全额"
_LONG = 120  # characters; a longer text says less than the policy's sentence


def worked_out(results: Results, figures: str, lang: str) -> str:
    """The arithmetic behind a figure; empty if there is none, or it is too long to help.

    Args:
        results: A calculated period.
        figures: As an explanation has them: a formula with figures for its names.
        lang: ``zh`` or ``en``.
    """
    shared = _SHARED.fullmatch(figures)
    try:
        node = parse(shared[1] if shared else figures)
        text = _Worked(Scope(results.value, 1, options=results.options), lang).sentence(node)
    except FormulaError:
        return ""
    if shared:
        text = word("shared", lang, text=text, whole=shared[2])
        if shared[1].startswith("0*"):
            text = word("shared_none", lang, text=text)
        if shared[3]:
            text = word("shared_odd_cent", lang, text=text)
    return "" if len(text) > _LONG else text


class _Worked:
    """Works functions out; what is left is arithmetic over figures."""

    def __init__(self, scope: Scope, lang: str) -> None:
        self.scope, self.lang = scope, lang

    def sentence(self, node: Node) -> str:
        """The whole formula; empty where it is a bare figure."""
        match node:
            case Call("IF", (Binary(operator, left, right) as test, _, *_)) if operator in _OPPOSITE:
                said = Binary(operator if self._holds(test) else _OPPOSITE[operator], left, right)
                branch = self._branch(node)
                inner = self.sentence(branch) or plain(self.simple(branch), self.lang)
                return word("so", self.lang, test=plain(said, self.lang), text=inner)
            case Call("IF"):
                return self.sentence(self._branch(node))
            case Call("KPI_BAND", (Literal() | Unary() as looked_up, Name(table))):
                found = plain(self._worth(node), self.lang)
                x = plain(looked_up, self.lang)
                return word("found", self.lang, table=table, x=x, found=found)
        made = self.simple(node)
        return "" if _bare(made) else plain(made, self.lang)

    def _branch(self, call: Call) -> Node:
        """The branch of an IF that holds."""
        test, *branches = call.arguments
        holds = test is not None and self._holds(test)
        chosen = branches[0] if holds else branches[1] if len(branches) > 1 else None
        return Literal("") if chosen is None else chosen

    def simple(self, node: Node) -> Node:
        """A formula without the program's functions."""
        match node:
            case Unary(operator, operand):
                return Unary(operator, self.simple(operand))
            case Binary(operator, left, right):
                return Binary(operator, self.simple(left), self.simple(right))
            case Call("IF"):
                return self.simple(self._branch(node))
            case Call("KPI_PRORATE", (amount, hired, left, start, end)) if amount is not None:
                return self._for_days(node, self.simple(amount), (hired, left, start, end))
            case Call("KPI_POOL_SHARE", (score, pool, full)) if (
                score is not None and pool is not None and full is not None
            ):
                return self._if_right(node, Binary("/", Binary("*", score, pool), full))
            case Call("KPI_COMMISSION", (sales, task, table, Literal(method))) if (
                method == _WHOLE and sales is not None and task is not None
            ):
                rate = self._worth(Call("KPI_BAND", (Binary("/", sales, task), table)))
                return self._if_right(node, Binary("*", self.simple(sales), rate))
            case Call("MAX" | "MIN" as function, arguments):
                return Call(function, tuple(a if a is None else self.simple(a) for a in arguments))
            case Call():
                return self._worth(node)
        return node

    def _value(self, node: Node) -> object:
        if isinstance(node, Call) and node.function == "VLOOKUP":  # as a sheet has to be told
            node = Call("LOOKUP", node.arguments[:2])
        return row_by_row(evaluate(node, self.scope), 1)[0]

    def _holds(self, test: Node) -> bool:
        found = self._value(test)
        return bool(found == found and found)

    def _worth(self, node: Node) -> Node:
        """What a call gives; below 1 as a share, as rates and coefficients are read."""
        found = self._value(node)
        if isinstance(found, str) or found is None:
            return Literal(found or "")
        figure = float(found)  # type: ignore[arg-type]
        if 0 < abs(figure) < 1:
            return Unary("%", Literal(figure * 100))
        return Literal(figure)

    def _if_right(self, call: Call, told: Node) -> Node:
        """Plain arithmetic for a call, if it pays the same; else the call's figure."""
        paid, found = (float(self._value(x)) for x in (call, told))  # type: ignore[arg-type]
        return told if round_half_up(paid) == round_half_up(found) else self._worth(call)

    def _for_days(self, call: Call, amount: Node, dates: Sequence[Node | None]) -> Node:
        """An amount by days: as it is for the whole period, else times the days employed."""
        hired, left, start, end = (_day(date) for date in dates)
        if start is None or end is None:
            return self._worth(call)
        worked = (min(left or end, end) - max(hired or start, start)).days + 1
        whole = (end - start).days + 1
        if worked == whole:
            return amount
        told = Binary("*", amount, Literal(float(worked)))
        return self._if_right(call, Binary("/", told, Literal(float(whole))))


def _bare(node: Node) -> bool:
    return isinstance(node, Literal) or (isinstance(node, Unary) and _bare(node.operand))


def _day(node: Node | None) -> dt.date | None:
    if not isinstance(node, Literal) or not isinstance(node.value, str) or not node.value:
        return None
    return np.datetime64(node.value).astype(dt.date)  # type: ignore[no-any-return]
