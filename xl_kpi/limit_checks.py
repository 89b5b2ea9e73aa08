"""Floors and caps judged: one that is blank for somebody, one floor above its cap (R48)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xl_kpi.errors import Problem
from xl_kpi.formula import AGGREGATES, Call, Literal, Node, Scope, column, evaluate, parts, unparse
from xl_kpi.pipeline import Results
from xl_kpi.rounding import is_below
from xl_kpi.scheme import Formula, PayItem
from xl_kpi.scheme_tables import GROUP_LEVELS


def judge_limits(results: Results) -> Iterator[Problem]:
    """What would silently limit nothing, or the wrong way round."""
    for item in results.scheme.pay_items:
        if item.name not in results.unlimited:
            continue
        scope = results.scope_of(item)
        floor, cap = (results.limit(formula, scope) for formula in (item.floor, item.cap))
        counted = ~np.isnan(results.unlimited[item.name])
        if item.level == "person":
            counted &= results.entitled(item)
        for formula, values, label in ((item.floor, floor, "保底"), (item.cap, cap, "封顶")):
            lacking = counted & np.isnan(values)
            if formula is not None and lacking.any() and not _may_be_blank(formula.node):
                yield Problem(
                    formula.where, f"{_whom(results, item, lacking)}：“{item.name}”的{label}算不出来，"
                    "等于没有", f"补上“{formula.text}”用到的数；本来就没有{label}的，不必处理",
                    "warning" if (counted & ~lacking).any() else "note",
                )  # fmt: skip
        for formula, label in ((item.floor, "保底"), (item.cap, "封顶")):
            if formula is not None:
                yield from _left_out_of_sums(results, item, formula, scope, label)
        crossed = counted & is_below(cap, floor)
        if item.floor is not None and crossed.any():
            low, high = floor[crossed][0], cap[crossed][0]
            yield Problem(
                item.floor.where, f"{_whom(results, item, crossed)}：“{item.name}”的保底 {low:.10g} "
                f"高于封顶 {high:.10g}", "改保底或封顶",
            )  # fmt: skip


def _left_out_of_sums(
    results: Results, item: PayItem, formula: Formula, scope: Scope, label: str
) -> Iterator[Problem]:
    """People whose blank a group's floor or cap sums up as if they were not there."""
    if item.level not in GROUP_LEVELS or scope.lower is None or scope.lower_rows is None:
        return
    for call in _aggregates(formula.node):
        (argument,) = call.arguments
        if argument is None or _may_be_blank(argument):
            continue
        blank = np.isnan(column(evaluate(argument, scope.lower), scope.lower.rows))
        blank &= (scope.lower_rows >= 0) & results.people.assessed
        if blank.any():
            yield Problem(
                formula.where, f"{results.people.named_first(np.flatnonzero(blank).tolist())}的"
                f"“{unparse(argument)}”空白，“{item.name}”的{label} {unparse(call)} 没有算上",
                f"补上“{unparse(argument)}”；确实没有就填 0", "warning",
            )  # fmt: skip


def _aggregates(node: Node) -> Iterator[Call]:
    """The calls of a group's formula that go over its people."""
    if isinstance(node, Call) and node.function in AGGREGATES and len(node.arguments) == 1:
        yield node
        return
    for part in parts(node):
        yield from _aggregates(part)


def _may_be_blank(node: Node) -> bool:
    """Whether a formula says itself that some have no limit: ``IF(…, 100, "")``."""
    return node == Literal("") or any(map(_may_be_blank, parts(node)))


def _whom(results: Results, item: PayItem, rows: NDArray[np.bool_]) -> str:
    """The first of the rows, and how many there are."""
    row = int(np.flatnonzero(rows)[0])
    if item.level in GROUP_LEVELS:
        first, unit = results.labels(item.level)[row], "个"
    else:
        owner = row if item.level == "person" else int(results.refunds.owners[row])
        person = results.people.roster.iloc[owner]
        first, unit = f"{person['name']}（{person['person_id']}）", "人"
        unit = "笔" if item.level == "refund" else unit
    count = int(rows.sum())
    return first if count == 1 else f"{first} 等 {count} {unit}"
