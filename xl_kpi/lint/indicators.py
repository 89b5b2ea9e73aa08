"""Rows of indicators judged: figures that contradict each other, do nothing or cannot be met."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TypeGuard

import numpy as np

from xl_kpi.errors import Problem
from xl_kpi.formula import (
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
    names_in,
)
from xl_kpi.lint.lookups import shown
from xl_kpi.lint.ranges import Ranges
from xl_kpi.names import Names
from xl_kpi.rounding import significant
from xl_kpi.scheme import Formula, Indicator, Scheme
from xl_kpi.scheme_tables import INDICATORS, RULE_CHOICES

# The parameters each scoring rule reads; others filled in on its row do nothing.
READS: Mapping[str, frozenset[str]] = {
    "R01": frozenset({"full", "target", "better", "floor", "cap", "alert_line", "pass_line"}),
    "R02": frozenset({"full", "target", "better", "miss", "strict", "alert_line", "pass_line"}),
    "R03": frozenset({"curve", "full", "target", "alert_line", "pass_line", "better"}),
    "R04": frozenset({"penalty_line", "below", "better"}),
    "R05": frozenset({"rank_points", "bonus_line", "penalty_line", "below", "better", "ties"}),
    "R09": frozenset({"per_count", "when_zero", "floor", "cap"}),
    "none": frozenset(),
}
_PARAMETERS = (
    "full", "target", "curve", "rank_points", "bonus_line", "penalty_line", "below", "miss",
    "strict", "per_count", "when_zero", "floor", "cap", "ties", "alert_line", "pass_line",
)  # fmt: skip


def indicator_problems(scheme: Scheme, names: Names, ranges: Ranges) -> Iterator[Problem]:
    """Everything wrong with the rows of indicators."""
    yield from _parameters(scheme)
    yield from _counted_twice(scheme, names)
    for indicator in scheme.indicators:
        yield from _signs(indicator)
        yield from _beyond_reach(indicator, scheme, ranges)
        yield from _misplaced(indicator)


def _parameters(scheme: Scheme) -> Iterator[Problem]:
    """Figures of a row that contradict each other or make it useless."""
    for i in scheme.indicators:
        target = figure_of(i.target)
        if i.rule == "R01" and target is not None and not target > 0:
            yield Problem(i.row.cell("target"), f"“{i.name}”的目标不大于 0", "填大于 0 的目标")
        if i.floor is not None and i.cap is not None and i.floor > i.cap:
            yield Problem(
                i.row.cell("floor"), f"“{i.name}”的保底分 {i.floor:g} 高于封顶分 {i.cap:g}", "交换两格"
            )
        curve = scheme.curves.get(i.curve or "")
        if i.rule == "R03" and curve is not None and curve.bands is None:
            yield Problem(i.row.cell("curve"), f"曲线“{curve.name}”按类别，不能分段计分", "改用分段的曲线")
    for block in scheme.blocks:
        members = [i for i in scheme.indicators if i.block == block]
        if not any(i.in_score for i in members):
            yield Problem(
                members[0].row.cell("block"), f"板块“{block}”没有计入得分的指标", "至少一行“计入得分”填 是"
            )
    if not any(item.paid and item.level == "person" for item in scheme.pay_items):
        yield Problem(scheme.place, "方案没有发放的薪资项，没有人会拿到钱", "至少一个个人薪资项的“发放”填 是")


def figure_of(formula: Formula | None) -> float | None:
    """The figure of a formula without names; None of any other, or one without a value."""
    if formula is None or next(names_in(formula.node), None) is not None:
        return None
    if not _is_arithmetic(formula.node):
        return None
    try:
        value = float(column(evaluate(formula.node, Scope({}, 1)), 1)[0])
    except FormulaError:
        return None
    return None if math.isnan(value) else value


def _is_arithmetic(node: Node | None) -> TypeGuard[Node]:
    """Figures with signs, per cent and operators, as typed."""
    match node:
        case Literal(value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Unary(_, operand):
            return _is_arithmetic(operand)
        case Binary(_, left, right):
            return _is_arithmetic(left) and _is_arithmetic(right)
        case _:
            return False


# --- signs ---------------------------------------------------------------------------------


def _signs(i: Indicator) -> Iterator[Problem]:
    """Deductions that are written without their minus sign."""
    if i.rule in ("R04", "R05") and (i.below or 0.0) > 0:
        yield Problem(
            i.row.cell("below"), f"“{i.name}”低于扣分线反而加 {i.below:g} 分",
            f"扣分写成负数：{-(i.below or 0.0):g}", "warning",
        )  # fmt: skip
    if list(i.rank_points) != sorted(i.rank_points, reverse=True):
        yield Problem(
            i.row.cell("rank_points"), f"“{i.name}”的名次分不是从高到低，名次靠后的反而分高",
            "第一名的分写在最前，如 3,2,1", "warning",
        )  # fmt: skip
    if i.miss is not None and i.full is not None and i.rule == "R02" and i.miss > i.full:
        yield Problem(
            i.row.cell("miss"), f"“{i.name}”未达标得 {i.miss:g} 分，比达标的 {i.full:g} 分还高",
            "交换“满分”和“未达标分”", "warning",
        )  # fmt: skip


# --- targets and lines that nobody can meet --------------------------------------------------


def _beyond_reach(i: Indicator, scheme: Scheme, ranges: Ranges) -> Iterator[Problem]:
    metric = scheme.metrics[i.metric]
    found = ranges.meaning(i.metric)
    better = i.better or metric.better
    best = found.high if better == "higher" else found.low
    if math.isinf(best):
        return
    lines = {
        "target": (i.target, i.rule in ("R01", "R02"), i.rule == "R02" and i.strict),
        "bonus_line": (i.bonus_line, i.rule == "R05", False),
        "penalty_line": (i.penalty_line, i.rule in ("R04", "R05"), False),
    }
    for key, (formula, read, strict) in lines.items():
        line = figure_of(formula)
        if line is None or not read:
            continue
        beyond = line > best if better == "higher" else line < best
        if beyond or (strict and line == best):
            label = INDICATORS.column(key).zh
            most = "最高" if better == "higher" else "最低"
            more = "，又要求超过" if strict and not beyond else ""
            yield Problem(
                i.row.cell(key),
                f"“{i.name}”{most}只能到 {shown(best, metric.unit)}，"
                f"{label}却是 {shown(line, metric.unit)}{more}，谁也够不着",
                f"改“{label}”" + ("，或“须超过”填 否" if more else ""), "warning",
            )  # fmt: skip


# --- counted twice -------------------------------------------------------------------------


def _counted_twice(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Two rows that score the same thing for the same people."""
    scored = [i for i in scheme.indicators if i.in_score and i.rule != "none"]
    for one, other in combinations(scored, 2):
        if one.cycle != other.cycle or not _same_people(one, other):
            continue  # a month's and a quarter's figures are two things
        if one.metric == other.metric:
            yield Problem(
                other.row.cell("metric"),
                f"“{other.name}”在 {one.row.cell('metric')} 已经计分，同一批人会算两次",
                "删去一行，或让两行各管不同的岗位", "warning",
            )  # fmt: skip
        elif _same_formula(one.metric, other.metric, scheme, names):
            yield Problem(
                other.row.cell("metric"),
                f"“{other.name}”与“{one.name}”（{one.row.cell('metric')}）的公式相同，同一件事会算两次",
                "删去一行，或改指标库里的公式", "warning",
            )  # fmt: skip


def _same_people(one: Indicator, other: Indicator) -> bool:
    first, second = set(one.roles), set(other.roles)
    return not first or not second or bool(first & second)


def _same_formula(one: str, other: str, scheme: Scheme, names: Names) -> bool:
    first, second = scheme.metrics[one], scheme.metrics[other]
    if first.source != "formula" or second.source != "formula":
        return False
    if first.formula is None or second.formula is None:
        return False
    return _canonical(first.formula.node, names) == _canonical(second.formula.node, names)


def _canonical(node: Node | None, names: Names) -> object:
    """A formula without its spelling: names by what they mean, sums and products in any order."""
    match node:
        case Name(name):
            return repr(names.find(name))
        case Literal(int() | float() as value):
            return repr(float(significant(np.float64(value))))
        case Literal(value):
            return repr(value)
        case Unary("%", Literal(int() | float() as value)):
            return repr(float(significant(np.float64(value / 100))))
        case Unary("+", operand):
            return _canonical(operand, names)
        case Unary(operator, operand):
            return (operator, _canonical(operand, names))
        case Binary(operator, left, right):
            sides = [_canonical(left, names), _canonical(right, names)]
            if operator == "/":
                return ("KPI_RATE", *sides)  # missing of the same figures
            return (operator, *(sorted(sides, key=repr) if operator in ("+", "*") else sides))
        case Call(function, arguments):
            return (function, *(_canonical(argument, names) for argument in arguments))
        case _:
            return ""


# --- figures that do nothing ---------------------------------------------------------------


def _misplaced(indicator: Indicator) -> Iterator[Problem]:
    reads = READS[indicator.rule]
    for key in _PARAMETERS:
        if key not in reads and indicator.row.get(key) is not None:
            rule = RULE_CHOICES[indicator.rule][0]
            yield Problem(
                indicator.row.cell(key),
                f"“{indicator.name}”按“{rule}”计分，用不到“{INDICATORS.column(key).zh}”",
                "删去这一格，或改计分规则", "warning",
            )  # fmt: skip
