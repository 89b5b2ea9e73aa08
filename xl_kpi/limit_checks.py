"""Floors and caps judged: one that is blank for somebody, one floor above its cap (R48)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xl_kpi.errors import Problem
from xl_kpi.formula import Literal, Node, parts
from xl_kpi.pipeline import Results
from xl_kpi.rounding import is_below
from xl_kpi.scheme import PayItem
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
        crossed = counted & is_below(cap, floor)
        if item.floor is not None and crossed.any():
            low, high = floor[crossed][0], cap[crossed][0]
            yield Problem(
                item.floor.where, f"{_whom(results, item, crossed)}：“{item.name}”的保底 {low:.10g} "
                f"高于封顶 {high:.10g}", "改保底或封顶",
            )  # fmt: skip


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
