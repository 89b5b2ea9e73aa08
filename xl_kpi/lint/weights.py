"""Shares that have to add up: weights, rater shares, the total, grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from xl_kpi.errors import Problem
from xl_kpi.formula import FormulaError, Scope, column, evaluate, names_in
from xl_kpi.lint.formulas import used_metrics
from xl_kpi.names import Names
from xl_kpi.rounding import significant
from xl_kpi.scheme import Curve, Indicator, Scheme

_MUCH = 1.0  # a weight above 100 % was meant as per cent


def weight_problems(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Everything that should add up to 100 % and does not."""
    if scheme.block_mode == "weighted":
        for block in scheme.blocks:
            yield from _block(scheme, block)
        yield from _total(scheme, names)
    yield from _raters(scheme, names)
    if scheme.grades:
        total = _sum(share for _, share in scheme.grades)
        if total != 1:
            yield Problem(scheme.place, f"各等级比例合计是 {total:.4%}，不是 100%", "改比例")


def _sum(shares: Iterable[float]) -> float:
    return float(significant(sum(shares)))


def _block(scheme: Scheme, block: str) -> Iterator[Problem]:
    members = [i for i in scheme.indicators if i.block == block and i.in_score]
    blank = [i for i in members if i.weight is None]
    for i in blank:
        yield Problem(i.row.cell("weight"), f"“{i.name}”没有权重", "填写权重，如 10%")
    if blank:
        return
    much = [i for i in members if (i.weight or 0.0) > _MUCH]
    for i in much:
        yield Problem(
            i.row.cell("weight"), f"“{i.name}”的权重是 {i.weight:g}（{i.weight:.0%}）",
            f"是不是 {i.weight:g}%？",
        )  # fmt: skip
    if much:
        return
    for role in roles_of(members) or ("",):
        mine = [i for i in members if counts_for(i, role)]
        total = _sum(i.weight or 0.0 for i in mine)
        if mine and total != 1:
            cells = "、".join(i.row.cell("weight") for i in mine[:3])
            more = f" 等 {len(mine)} 格" if len(mine) > 3 else ""
            whose = f"“{role}”在板块“{block}”" if role else f"板块“{block}”"
            yield Problem(
                f"{cells}{more}", f"{whose}的权重合计是 {total:.6g}（{total:.4%}），不是 100%",
                "改其中一个权重，使合计为 100%",
            )  # fmt: skip


def roles_of(indicators: Iterable[Indicator]) -> tuple[str, ...]:
    """The roles that some of these indicators are for, in the order of the sheet."""
    return tuple(dict.fromkeys(r for i in indicators for r in getattr(i, "roles", ())))


def counts_for(indicator: Indicator, role: str) -> bool:
    """Whether an indicator is for everyone or for this role."""
    roles = getattr(indicator, "roles", ())
    return not roles or role in roles


# --- the total -----------------------------------------------------------------------------


def _total(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Full marks in every block give the full mark: 80% × a + 20% × b, not 80% + 30%."""
    full = full_mark(scheme)
    words = list(names_in(scheme.total.node))
    found = {word: names.find(word) for word in words}
    if full is None or not words or any(m is None or m.kind != "block" for m in found.values()):
        return
    try:
        made = evaluate(scheme.total.node, Scope(dict.fromkeys(words, np.array([full])), 1))
        total = float(significant(column(made, 1))[0])
    except FormulaError:
        return  # told as a formula's problem
    if total != full:
        yield Problem(
            scheme.total.where,
            f"各板块都得满分 {full:g} 时，总分是 {total:.6g}（{total / full:.4%}），不是 {full:g}",
            "改各板块的比例，使合计为 100%",
        )  # fmt: skip


def full_mark(scheme: Scheme) -> float | None:
    """The full mark that all scored indicators of a weighted scheme share, None without one."""
    scored = [i for i in scheme.indicators if i.in_score]
    marks = {i.full if i.rule in ("R01", "R02") else None for i in scored}
    mark = marks.pop() if len(marks) == 1 else None
    return mark if mark is not None and mark > 0 else None


# --- raters --------------------------------------------------------------------------------


def _raters(scheme: Scheme, names: Names) -> Iterator[Problem]:
    for curve in rater_curves(scheme, names).values():
        total = _sum(curve.values.tolist())
        if total != 1:
            cells = "、".join(row.cell("value") for row in curve.rows[:3])
            yield Problem(
                cells, f"曲线“{curve.name}”是各类评分人的比例，合计 {total:.6g}（{total:.4%}），不是 100%",
                "改其中一行，使合计为 100%",
            )  # fmt: skip


def rater_curves(scheme: Scheme, names: Names) -> Mapping[str, Curve]:
    """The curves that weigh groups of raters, by metric."""
    found = {}
    for name in used_metrics(scheme, names):
        metric = scheme.metrics[name]
        for word in names_in(metric.formula.node) if metric.formula else ():
            curve = scheme.curves.get(word)
            if metric.source == "rating" and curve is not None and curve.keys:
                found[name] = curve
    return found
