"""The worksheet functions in Excel on Windows: what xlwings' server is asked for.

One Python function per worksheet function, made from the catalogue: the same names, the same order
of arguments.  A whole range arrives and leaves in one call.  Excel takes no error value from
Python, so an error leaves as a marked text with its reason; ``KpiErrors.bas`` turns it into a true
error value and keeps the reason for KPI_WHY, which therefore needs no Python.

Off Windows xlwings' decorators do nothing, and the module can still be imported.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import xlwings

from xl_kpi.calling import OMITTED
from xl_kpi.catalogue import FUNCTIONS, Argument
from xl_kpi.excel.cell_functions import VERSION, Outcome, call
from xl_kpi.excel.function_texts import CATEGORY, argument_text, vba_name
from xl_kpi.tables import CellError

MARK = "\ue001"  # before and after the kind of an error; a private-use character, which nobody types
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


def _taken_in(value: Any) -> Any:
    """An argument as xlwings gives it: rows of cells, or the mark of one left out."""
    return value if value is OMITTED else [[_cell_in(cell) for cell in row] for row in value]


def _cell_in(cell: Any) -> Any:
    if isinstance(cell, Decimal):  # a cell formatted as currency
        return float(cell)
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    return CellError(cell) if isinstance(cell, str) and cell in _ERRORS else cell


def _given_back(outcome: Outcome) -> list[list[Any]]:
    """The rows for Excel; error values as marked texts with their reasons."""
    rows = outcome.value if isinstance(outcome.value, list) else [[outcome.value]]
    return [
        [
            f"{MARK}{cell.text}{MARK}{outcome.reasons.get((down, right), '')}"
            if isinstance(cell, CellError)
            else cell
            for right, cell in enumerate(row)
        ]
        for down, row in enumerate(rows)
    ]


def _worksheet_function(name: str, arguments: tuple[Argument, ...]) -> Callable[..., Any]:
    def run(*cells: Any) -> list[list[Any]]:
        given = [_taken_in(value) for value in cells]
        while given and given[-1] is OMITTED:
            given.pop()
        return _given_back(call(name, given))

    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                vba_name(argument.key),
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=OMITTED if argument.optional else inspect.Parameter.empty,
            )
            for argument in arguments
        ]
    )
    run.__name__ = run.__qualname__ = name
    run.__doc__ = name
    function: Callable[..., Any] = xlwings.func(category=CATEGORY)(run)
    for argument in arguments:
        options = {"ndim": 2, "err_to_str": True, "doc": argument_text(argument, name)}
        function = xlwings.arg(vba_name(argument.key), **options)(function)
    return function


for _name, _rule in FUNCTIONS.items():
    globals()[_name] = _worksheet_function(_name, _rule.arguments)
globals()[VERSION] = _worksheet_function(VERSION, ())
