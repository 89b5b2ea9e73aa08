"""A live example of every worksheet function, from the worked examples of the catalogue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from xl_kpi.catalogue import FUNCTIONS, Argument, Rule
from xl_kpi.excel.cell_functions import VERSION


@dataclass(frozen=True, slots=True)
class FunctionExample:
    """A formula of one cell, and what it must give."""

    function: str
    formula: str
    expected: float | str


def function_examples() -> list[FunctionExample]:
    """One per function, by name; KPI_WHY and KPI_VERSION have none."""
    return [_example(name, FUNCTIONS[name]) for name in sorted(FUNCTIONS) if name != VERSION]


def _example(name: str, rule: Rule) -> FunctionExample:
    """The first row alone where rows do not matter to each other, else the second of them all."""
    alone = not rule.grouped and all(a.shape in ("column", "scalar", "table") for a in rule.arguments)
    given = rule.example.given
    texts = []
    for argument in rule.arguments:
        value = given.get(argument.key, None)
        if argument.key not in given:
            texts.append("")
        elif alone and argument.shape == "column":
            texts.append(_cell(argument, value[0]))
        else:
            texts.append(_literal(argument, value))
    while texts and not texts[-1]:
        texts.pop()
    formula = f"{name}({','.join(texts)})"
    row = 0 if alone or len(rule.example.expect) == 1 else 1
    expected = rule.example.expect[row]
    if isinstance(expected, list):
        return FunctionExample(name, f"=INDEX({formula},{row + 1},2)", expected[1])
    if row:
        formula = f"INDEX({formula},{row + 1})"
    return FunctionExample(name, f"={formula}", expected)


def _literal(argument: Argument, value: Any) -> str:
    if not isinstance(value, list):
        return _cell(argument, value)
    if isinstance(value[0], list):
        rows = [",".join(_cell(argument, cell) for cell in row) for row in value]
    elif argument.shape == "list":
        rows = [",".join(_cell(argument, cell) for cell in value)]
    else:
        rows = [_cell(argument, cell) for cell in value]
    return f"{{{';'.join(rows)}}}"


def _cell(argument: Argument, cell: Any) -> str:
    """A value as it is typed into a formula; a blank is an empty text."""
    if cell is None:
        return '""'
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, str):
        if argument.kind == "date":
            day = dt.date.fromisoformat(cell)
            return f"DATE({day.year},{day.month},{day.day})"
        return f'"{cell}"'
    return f"{cell:.15g}"
