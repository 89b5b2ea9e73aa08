"""The worksheet functions: one plain entry for every host.

Cells arrive and leave as a host has them: None (blank), text, numbers, truth values, dates and
error values; a range is a list of rows.  Nothing is calculated here: a function finds its rule in
the catalogue, and what the rule cannot answer becomes an error value with a reason for KPI_WHY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, TypeAlias

import numpy as np

from xl_kpi.arguments import Fault, is_range
from xl_kpi.calling import EMPTY, Answer, call_rule
from xl_kpi.catalogue import FUNCTIONS, Rule
from xl_kpi.errors import KpiError, nearest
from xl_kpi.tables import Cell, CellError

Rows: TypeAlias = list[list[Cell]]
Address: TypeAlias = tuple[str, int, int]  # sheet, row, column
Offset: TypeAlias = tuple[int, int]  # row, column inside a result, from 0

VERSION, WHY = "KPI_VERSION", "KPI_WHY"
NAMES: tuple[str, ...] = (*FUNCTIONS, VERSION, WHY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function puts into its cells, and why some of them have no value."""

    value: Cell | Rows
    reasons: dict[Offset, str] = field(default_factory=dict)


class Reasons:
    """Why cells hold no value, by address: what KPI_WHY looks up."""

    def __init__(self) -> None:
        self._reasons: dict[Address, dict[Offset, str]] = {}
        self._owner: dict[Address, Address] = {}

    def remember(self, at: Address, reasons: dict[Offset, str]) -> None:
        """Note the reasons of a formula whose result begins at this cell; old ones are gone."""
        sheet, row, column = at
        for down, right in self._reasons.pop(at, {}):
            self._owner.pop((sheet, row + down, column + right), None)
        if reasons:
            self._reasons[at] = reasons
        for down, right in reasons:
            self._owner[sheet, row + down, column + right] = at

    def why(self, cell: Address) -> str:
        """The reason of the error in a cell, or nothing."""
        owner = self._owner.get(cell)
        if owner is None:
            return ""
        return self._reasons[owner][cell[1] - owner[1], cell[2] - owner[2]]


def call_function(name: str, args: Sequence[Any]) -> Cell | Rows:
    """The value of a worksheet function, or its rows."""
    return call(name, args).value


def call(name: str, args: Sequence[Any]) -> Outcome:
    """The value of a worksheet function with the reasons of its errors.

    Args:
        name: The function's name, in any case.
        args: Cells or lists of rows; ``OMITTED`` for an argument left out.

    Raises:
        KpiError: there is no such function.
    """
    name = name.upper()
    if name not in NAMES:
        near = nearest(name, NAMES)
        raise KpiError(f"没有函数 {name}" + (f"，是不是 {near}？" if near else ""))
    try:
        if name == VERSION:
            return Outcome(_version(args))
        if name == WHY:
            return Outcome(_why(args))
        rule = FUNCTIONS[name]
        with np.errstate(over="ignore", invalid="ignore"):
            answer = call_rule(rule, [_taken_in(value) for value in args])
    except Fault as fault:
        return Outcome(CellError(fault.kind), {(0, 0): fault.reason})
    return cells_of_answer(rule, answer)


def _version(args: Sequence[Any]) -> str:
    if args:
        raise Fault("#VALUE!", f"{VERSION} 没有参数")
    try:
        return metadata.version("xl-kpi")
    except metadata.PackageNotFoundError:
        return "0"  # not installed: run from its source


def _why(args: Sequence[Any]) -> Cell | Rows:
    if len(args) != 1:
        raise Fault("#VALUE!", f"{WHY} 要 1 个参数：一个单元格")
    if is_range(args[0]):
        return [[_reason(cell) for cell in row] for row in args[0]]
    return _reason(args[0])


def _reason(cell: Any) -> str:
    return cell.reason if isinstance(cell, Fault) else ""


def _taken_in(value: Any) -> Any:
    """An argument for ``call_rule``: error values carry a reason, a range of one is a cell."""
    if not is_range(value):
        return _cell_in(value)
    rows = [[_cell_in(cell) for cell in row] for row in value]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def _cell_in(cell: Any) -> Any:
    if not isinstance(cell, CellError):
        return cell
    return Fault("#N/A" if cell.text == "#N/A" else "#VALUE!", f"用到的单元格是错误值 {cell.text}")


def cells_of_answer(rule: Rule, answer: Answer) -> Outcome:
    """A rule's answer as cells: error values where it has none, with their reasons."""
    rows, columns = answer.shape or (1, 1)
    two_columns = answer.values.ndim == 2
    cells = answer.values.reshape(rows, columns).tolist()
    reasons: dict[Offset, str] = {}
    for down, row in enumerate(cells):
        for right, value in enumerate(row):
            fault = answer.faults.get(down if two_columns else down * columns + right)
            fault = fault or _no_value(rule, value)
            if fault is not None:
                reasons[down, right] = fault.reason
                row[right] = CellError(fault.kind)
    return Outcome(cells if answer.shape else cells[0][0], reasons)


def _no_value(rule: Rule, value: Any) -> Fault | None:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return Fault("#N/A", rule.empty or EMPTY)
    if isinstance(value, float) and np.isinf(value):
        return Fault("#VALUE!", "结果太大")
    return None
