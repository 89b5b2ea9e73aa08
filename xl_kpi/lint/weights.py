"""Shares that have to add up: weights, rater shares, the total, grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from xl_kpi.errors import Problem
from xl_kpi.formula import FormulaError, Scope, column, evaluate, names_in
from xl_kpi.lint.formulas import used_metrics
from xl_kpi.names import Names
from xl_kpi.rounding import significant
from xl_kpi.scheme import Curve, Indicator, PayItem, Scheme

_MUCH = 1.0  # a weight above 100 % was meant as per cent
_MANY_TIMES = 5.0  # so was a coefficient of a grade


def weight_problems(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Everything that should add up to 100 % and does not."""
    if scheme.block_mode == "weighted":
        for block in scheme.blocks:
            yield from _block(scheme, block)
        yield from _total(scheme, names)
    yield from _raters(scheme, names)
    yield from _grades(scheme)


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
    for role in scheme.assessed_roles or roles_of(members) or ("",):
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


def roles_of(rows: Iterable[Indicator | PayItem]) -> tuple[str, ...]:
    """The roles that some of these rows are for, in the order of the sheet."""
    return tuple(dict.fromkeys(role for row in rows for role in row.roles))


def counts_for(indicator: Indicator, role: str) -> bool:
    """Whether an indicator is for everyone or for this role."""
    return not indicator.roles or role in indicator.roles


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


# --- grades --------------------------------------------------------------------------------


def _grades(scheme: Scheme) -> Iterator[Problem]:
    """Shares of places that add up; coefficients and shares of base pay that are no per cent."""
    shared = [g for g in scheme.grades if g.share is not None]
    total = _sum(g.share or 0.0 for g in shared)
    if shared and total != 1:
        cells = "、".join(g.row.cell("share") for g in shared)
        yield Problem(
            cells, f"各等级比例合计是 {total:.6g}（{total:.4%}），不是 100%",
            "改其中一个比例，使合计为 100%",
        )  # fmt: skip
    for g in scheme.grades:
        if g.base_share is not None and g.base_share >= _MUCH:
            yield Problem(
                g.row.cell("base_share"),
                f"等级“{g.label}”的底薪加成是 {g.base_share:g}（月基本工资的 {g.base_share:.0%}）",
                f"如果是 {g.base_share:g}%，写 {g.base_share / 100:g}", "warning",
            )  # fmt: skip
        if g.coefficient is not None and g.coefficient >= _MANY_TIMES:
            yield Problem(
                g.row.cell("coefficient"), f"等级“{g.label}”的系数是 {g.coefficient:g} 倍",
                f"如果是 {g.coefficient:g}%，写 {g.coefficient / 100:g}", "warning",
            )  # fmt: skip


# --- raters --------------------------------------------------------------------------------


def _raters(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Shares that do not add up; 1 for every group is their plain mean (thirds have no decimals)."""
    for curve in rater_curves(scheme, names).values():
        total = _sum(curve.values.tolist())
        if total != 1 and not (curve.values == 1).all():
            cells = "、".join(row.cell("value") for row in curve.rows[:3])
            yield Problem(
                cells, f"曲线“{curve.name}”是各类评分人的比例，合计 {total:.6g}（{total:.4%}），不是 100%",
                "改其中一行，使合计为 100%；各类权重相同就都填 1",
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
