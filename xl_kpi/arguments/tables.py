"""Tables of policy figures: bands, tiers, grades and what they earn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from xl_kpi.arguments.cells import (
    NO_LINE,
    Fault,
    blank_fault,
    cells_of,
    described,
    is_blank,
    is_range,
    read_number,
    shown,
)
from xl_kpi.catalogue import Argument, Bands, GradeBands, GradePay, Tiers
from xl_kpi.rounding import Floats

EDGES = ("[)", "[]", "(]", "()")
_CURVE_COLUMNS = 4
Table: TypeAlias = Bands | Tiers | GradeBands | GradePay


def read_table(argument: Argument, value: Any) -> Table:
    """A table's rows, blank ones left out, as the kind of table its rule takes."""
    if argument.table == "tiers" and isinstance(value, Bands):
        return _tiers_of(argument, value)
    if isinstance(value, Bands | Tiers | GradeBands | GradePay):
        return value
    rows = value if is_range(value) else [cells_of(value, 1)]
    rows = [row for row in rows if not all(is_blank(cell) for cell in row)]
    if not rows:
        raise blank_fault(argument)
    match argument.table:
        case "tiers":
            return _tiers(argument, rows)
        case "grade pay":
            return _grade_pay(argument, rows)
        case "grade bands":
            return _grade_bands(argument, rows)
        case _:
            return _bands(argument, rows)


def _tiers(argument: Argument, rows: Sequence[Sequence[Any]]) -> Tiers:
    """Columns from, rate; or those of a curve: from, to, rate, edges."""
    if len(rows[0]) == _CURVE_COLUMNS:
        return _tiers_of(argument, _bands(argument, rows))
    if len(rows[0]) != 2:
        raise Fault("#VALUE!", f"{described(argument)}：应有两列：完成率起点、比例")
    figures = [read_number(argument, cell) for row in rows for cell in row]
    if any(figure is None for figure in figures):
        raise Fault("#VALUE!", f"{described(argument)}：起点和比例都要填")
    table = np.array(figures, dtype=np.float64).reshape(-1, 2)
    if (np.diff(table[:, 0]) <= 0).any():
        raise Fault("#VALUE!", f"{described(argument)}：起点要从小到大排列")
    return Tiers(table[:, 0], table[:, 1])


def _tiers_of(argument: Argument, bands: Bands) -> Tiers:
    """A curve of a scheme as tiers: its bands follow each other, each holding its start."""
    starts, ends = bands.lower.tolist(), bands.upper.tolist()
    joined = ends == [*starts[1:], math.inf] and starts == sorted(set(starts))
    if not joined or not math.isfinite(starts[0]) or set(bands.edges) != {"[)"}:
        raise Fault(
            "#VALUE!",
            f"{described(argument)}：曲线的各段要首尾相接、边界是 [)，第一段有“从”，最后一段没有“到”",
        )
    return Tiers(bands.lower, bands.value)


def _grade_pay(argument: Argument, rows: Sequence[Sequence[Any]]) -> GradePay:
    if len(rows[0]) != 3:
        raise Fault("#VALUE!", f"{described(argument)}：应有三列：等级、系数、基本工资比例")
    figures = [read_number(argument, cell) for row in rows for cell in row[1:]]
    if any(figure is None for figure in figures) or any(is_blank(row[0]) for row in rows):
        raise Fault("#VALUE!", f"{described(argument)}：等级、系数和比例都要填")
    table = np.array(figures, dtype=np.float64).reshape(-1, 2)
    grades = tuple(shown(row[0]) for row in rows)
    if len({grade.casefold() for grade in grades}) < len(grades):
        raise Fault("#VALUE!", f"{described(argument)}：同一等级写了两次")
    return GradePay(grades, table[:, 0], table[:, 1])


def _bands(argument: Argument, rows: Sequence[Sequence[Any]]) -> Bands:
    """Columns from, to, value or from, value (each band up to the next), then perhaps edges."""
    lower, upper, cells, edges = _band_columns(argument, rows)
    values = [_band_value(argument, cell) for cell in cells]
    if any(value is None for value in values):
        raise Fault("#VALUE!", f"{described(argument)}：每一段都要有值")
    bands = Bands(lower, upper, np.array(values, dtype=np.float64), edges)
    _no_overlap(argument, bands)
    return bands


def _band_value(argument: Argument, cell: Any) -> float | None:
    """The value of a band; NaN for the word none, where it means something."""
    if argument.kind == "line" and isinstance(cell, str) and cell.strip().casefold() in NO_LINE:
        return math.nan
    return read_number(argument, cell)


def _grade_bands(argument: Argument, rows: Sequence[Sequence[Any]]) -> GradeBands:
    """Columns from, to, grade or from, grade, then perhaps edges; given back in ascending order."""
    lower, upper, cells, edges = _band_columns(argument, rows)
    if any(is_blank(cell) for cell in cells):
        raise Fault("#VALUE!", f"{described(argument)}：每一段都要有等级")
    grades = [shown(cell) for cell in cells]
    order = sorted(range(len(grades)), key=lambda i: (lower[i], upper[i]))
    bands = GradeBands(
        lower[order], upper[order], tuple(grades[i] for i in order), tuple(edges[i] for i in order)
    )
    _no_overlap(argument, bands)
    return bands


def _band_columns(
    argument: Argument, rows: Sequence[Sequence[Any]]
) -> tuple[Floats, Floats, list[Any], tuple[str, ...]]:
    """Lower and upper bounds (open: infinite), the values as they stand, and the edges."""
    for cell in (cell for row in rows for cell in row if isinstance(cell, Fault)):
        raise Fault(cell.kind, cell.reason)
    width = len(rows[0])
    with_edges = width == 4 or (width == 3 and any(_like_edges(row[2]) for row in rows))
    width -= with_edges
    if width not in (2, 3):
        raise Fault("#VALUE!", f"{described(argument)}：应有 起、止、值 或 起、值 各列，最后可加边界")
    lower = [read_number(argument, row[0]) for row in rows]
    upper = [*lower[1:], None] if width == 2 else [read_number(argument, row[1]) for row in rows]
    edges = [str(row[-1]).strip() if with_edges and row[-1] else "[)" for row in rows]
    wrong = [edge for edge in edges if edge not in EDGES]
    if wrong:
        raise Fault("#VALUE!", f"{described(argument)}：边界“{wrong[0]}”应为 [)、[]、(] 或 ()")
    return (
        np.array([-np.inf if x is None else x for x in lower]),
        np.array([np.inf if x is None else x for x in upper]),
        [row[width - 1] for row in rows],
        tuple(edges),
    )


def _like_edges(cell: Any) -> bool:
    """Whether a cell is meant as edges: two brackets, right or wrong."""
    return isinstance(cell, str) and len(cell.strip()) == 2 and not cell.strip().isalnum()


def _no_overlap(argument: Argument, bands: Bands | GradeBands) -> None:
    order = sorted(range(len(bands.edges)), key=lambda i: (bands.lower[i], bands.upper[i]))
    for before, after in itertools.pairwise(order):
        end, start = bands.upper[before], bands.lower[after]
        shared = bands.edges[before][1] == "]" and bands.edges[after][0] == "["
        if end > start or (end == start and shared):
            raise Fault("#VALUE!", f"{described(argument)}：{start:g} 附近有两段重叠")
    if (bands.lower > bands.upper).any():
        raise Fault("#VALUE!", f"{described(argument)}：每一段的起点不能大于终点")
