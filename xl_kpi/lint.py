"""A scheme judged before anyone is paid: formulas, weights, bands, misplaced figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TypeGuard, cast

import numpy as np

from xl_kpi.errors import Problem, nearest
from xl_kpi.formula import (
    Binary,
    Call,
    Literal,
    Name,
    Node,
    Scope,
    Unary,
    check,
    evaluate,
    names_in,
)
from xl_kpi.names import Level, Names, Vocabulary
from xl_kpi.rounding import significant
from xl_kpi.scheme import Curve, Formula, Indicator, Scheme
from xl_kpi.scheme_tables import INDICATORS, RULE_CHOICES

# The parameters each scoring rule reads; others filled in on its row do nothing.
READS: Mapping[str, frozenset[str]] = {
    "R01": frozenset({"full", "target", "better", "floor", "cap", "alert_line"}),
    "R02": frozenset({"full", "target", "better", "miss", "strict", "alert_line"}),
    "R03": frozenset({"curve", "full", "target", "alert_line", "better"}),
    "R04": frozenset({"penalty_line", "below", "better"}),
    "R05": frozenset({"rank_points", "bonus_line", "penalty_line", "below", "better", "ties"}),
    "R09": frozenset({"per_count", "when_zero", "floor", "cap"}),
    "none": frozenset(),
}
_PARAMETERS = (
    "full", "target", "curve", "rank_points", "bonus_line", "penalty_line", "below", "miss",
    "strict", "per_count", "when_zero", "floor", "cap", "ties", "alert_line",
)  # fmt: skip


def lint(scheme: Scheme) -> list[Problem]:
    """Everything wrong with a scheme that its rows show, errors first."""
    names = Names(scheme)
    found = [
        *_formula_problems(scheme, names),
        *_samples(scheme, names),
        *_taken_names(scheme),
        *_parameters(scheme),
        *_cycles(scheme, names),
        *_units(scheme, names),
        *_weights(scheme),
        *_grades(scheme),
    ]
    for curve in scheme.curves.values():
        found += _curve_problems(curve)
    for indicator in scheme.indicators:
        found += _misplaced(indicator)
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda p: rank[p.severity])


def _used_metrics(scheme: Scheme, names: Names) -> list[str]:
    """The metrics that the scheme's formulas and indicators reach; the library may hold more."""
    texts = [formula for formula, _, _ in _own_formulas(scheme)]
    reached = [i.metric for i in scheme.indicators]
    pending = [word for formula in texts for word in names_in(formula.node)]
    while pending:
        meaning = names.find(pending.pop())
        if meaning is not None and meaning.kind == "metric" and meaning.key not in reached:
            reached.append(meaning.key)
    for name in reached:  # grows while it is read
        formula = scheme.metrics[name].formula
        for word in names_in(formula.node) if formula else ():
            meaning = names.find(word)
            if meaning is not None and meaning.kind == "metric" and meaning.key not in reached:
                reached.append(meaning.key)
    return reached


def _formulas(scheme: Scheme, names: Names) -> Iterator[tuple[Formula, Level, str]]:
    for name in _used_metrics(scheme, names):
        formula = scheme.metrics[name].formula
        if formula is not None:
            yield formula, "metric", name
    yield from _own_formulas(scheme)


def _samples(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """The sample of a metric has to be a figure per person."""
    for name in _used_metrics(scheme, names):
        metric = scheme.metrics[name]
        if metric.sample is not None and not names.allowed(metric.sample, "metric"):
            near = nearest(metric.sample, names.spelt("metric"))
            yield Problem(
                metric.where, f"“{name}”的样本“{metric.sample}”不是数据列",
                f"是不是“{near}”？" if near else "填一个数据列的名称，或留空",
            )  # fmt: skip


def _taken_names(scheme: Scheme) -> Iterator[Problem]:
    """Blocks, curves and items that are called like something else (a metric, a count)."""
    own = [
        *((i.block, i.row.cell("block"), "板块") for i in scheme.indicators),
        *((c.name, c.rows[0].cell("name"), "曲线") for c in scheme.curves.values()),
        *((p.name, p.row.cell("item"), "薪资项") for p in scheme.pay_items),
    ]
    others = Names(replace(scheme, indicators=(), curves={}, pay_items=()))
    seen: dict[str, str] = {}
    told: set[str] = set()
    for name, where, kind in own:
        clash = others.find(name) is not None or seen.setdefault(name, kind) != kind
        if clash and name not in told:
            told.add(name)
            yield Problem(where, f"{kind}“{name}”与别的名称相同，公式会用错", "换一个名称")


def _parameters(scheme: Scheme) -> Iterator[Problem]:
    """Figures of a row that contradict each other or make it useless."""
    for i in scheme.indicators:
        node = i.target.node if i.target else None
        if i.rule == "R01" and _is_figure(node) and not _above_zero(node):
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


def _is_figure(node: Node | None) -> TypeGuard[Node]:
    """A number as typed, with a sign or per cent."""
    while isinstance(node, Unary):
        node = node.operand
    return isinstance(node, Literal)


def _above_zero(node: Node) -> bool:
    value = evaluate(node, Scope({}, 1))
    return isinstance(value, int | float | np.ndarray) and float(value) > 0


def _own_formulas(scheme: Scheme) -> Iterator[tuple[Formula, Level, str]]:
    for i in scheme.indicators:
        for formula in (i.target, i.bonus_line, i.penalty_line, i.condition, i.alert_line):
            if formula is not None:
                yield formula, "indicator", i.name
    yield scheme.total, "person", "总分"
    for item in scheme.pay_items:
        level = cast(Level, item.level)
        for formula in (item.formula, item.floor, item.cap):
            if formula is not None:
                yield formula, level, item.name
    for consequence in scheme.consequences:
        yield consequence.condition, "person", consequence.follows


def _formula_problems(scheme: Scheme, names: Names) -> Iterator[Problem]:
    for formula, level, owner in _formulas(scheme, names):
        for finding in check(formula.node, Vocabulary(names, level)):
            yield Problem(formula.where, f"“{owner}”的公式：{finding.what}", finding.fix)
        if level == "metric" and scheme.metrics[owner].source != "rating":
            for word in names_in(formula.node):
                meaning = names.find(word)
                if meaning is not None and meaning.kind == "rating":
                    yield Problem(
                        formula.where, f"“{owner}”的来源不是评分，不能用“{word}”", "把来源改为评分"
                    )


def _cycles(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Items, metrics and the total that stand on themselves."""
    edges: dict[str, list[str]] = {}
    wheres: dict[str, str] = {}

    def add(kind: str, name: str, formula: Formula) -> None:
        node = f"{kind}:{name}"
        wheres[node] = formula.where
        edges[node] = []
        for word in names_in(formula.node):
            meaning = names.find(word)
            if meaning is None:
                continue
            if meaning.kind in ("item", "metric"):
                edges[node].append(f"{meaning.kind}:{meaning.key}")
            elif meaning.kind == "score" and meaning.key in ("total", "place", "grade"):
                edges[node].append("total:总分")

    for metric in scheme.metrics.values():
        if metric.formula is not None:
            add("metric", metric.name, metric.formula)
    for item in scheme.pay_items:
        add("item", item.name, item.formula)
    add("total", "总分", scheme.total)

    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        loop = _loop(start, edges, trail, done)
        if loop:
            words = " → ".join(node.split(":", 1)[1] for node in loop)
            yield Problem(
                wheres[loop[0]], f"循环引用：{words}", "改其中一个公式，使它不再用到自己"
            )


def _loop(
    node: str, edges: Mapping[str, list[str]], trail: list[str], done: set[str]
) -> list[str]:
    if node in trail:
        return [*trail[trail.index(node) :], node]
    if node in done or node not in edges:
        return []
    trail.append(node)
    for following in edges[node]:
        loop = _loop(following, edges, trail, done)
        if loop:
            done.update(loop)
            return loop
    trail.pop()
    done.add(node)
    return []


_NO_RATE = 2.0  # a rate of 200 % or more was meant as per cent


def _units(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Rates compared with figures such as 80 where 80 % is meant."""
    for i in scheme.indicators:
        if scheme.metrics[i.metric].unit != "ratio":
            continue
        for key, formula in (("target", i.target), ("bonus_line", i.bonus_line),
                             ("penalty_line", i.penalty_line), ("alert_line", i.alert_line)):
            node = formula.node if formula else None
            if isinstance(node, Literal) and _is_no_rate(node.value):
                yield Problem(
                    i.row.cell(key), f"“{i.name}”是百分比，这里是 {node.value:g}（{node.value:.0%}）",
                    f"是不是 {node.value:g}%？",
                )  # fmt: skip
    for formula, _, owner in _own_formulas(scheme):
        for left, right in _comparisons(formula.node):
            for name, figure in ((left, right), (right, left)):
                if isinstance(name, Name) and isinstance(figure, Literal):
                    meaning = names.find(name.name)
                    rate = (
                        meaning is not None
                        and meaning.kind == "metric"
                        and scheme.metrics[meaning.key].unit == "ratio"
                    )
                    if rate and _is_no_rate(figure.value):
                        yield Problem(
                            formula.where,
                            f"“{owner}”的公式：“{name.name}”是百分比，却与 {figure.value:g} 比较",
                            f"是不是 {figure.value:g}%？",
                        )


def _is_no_rate(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= _NO_RATE


def _comparisons(node: Node) -> Iterator[tuple[Node, Node]]:
    match node:
        case Unary(_, operand):
            yield from _comparisons(operand)
        case Binary(operator, left, right):
            if operator in ("<", "<=", ">", ">=", "="):
                yield left, right
            yield from _comparisons(left)
            yield from _comparisons(right)
        case Call(_, arguments):
            for argument in arguments:
                if argument is not None:
                    yield from _comparisons(argument)


def _weights(scheme: Scheme) -> Iterator[Problem]:
    if scheme.block_mode != "weighted":
        return
    for block in scheme.blocks:
        members = [i for i in scheme.indicators if i.block == block and i.in_score]
        blank = [i for i in members if i.weight is None]
        for i in blank:
            yield Problem(i.row.cell("weight"), f"“{i.name}”没有权重", "填写权重，如 10%")
        if blank:
            continue
        named = tuple(dict.fromkeys(role for i in members for role in i.roles))
        for role in scheme.assessed_roles or named or ("",):
            mine = [i for i in members if not i.roles or role in i.roles]
            total = float(significant(sum(i.weight or 0.0 for i in mine)))
            if mine and total != 1:
                cells = "、".join(i.row.cell("weight") for i in mine[:3])
                more = f" 等 {len(mine)} 格" if len(mine) > 3 else ""
                whose = f"“{role}”在板块“{block}”" if role else f"板块“{block}”"
                yield Problem(
                    f"{cells}{more}",
                    f"{whose}的权重合计是 {total:.6g}（{total:.4%}），不是 100%",
                    "改其中一个权重，使合计为 100%",
                )  # fmt: skip


def _grades(scheme: Scheme) -> Iterator[Problem]:
    if scheme.grades:
        total = float(significant(sum(g.share or 0.0 for g in scheme.grades)))
        if any(g.share is not None for g in scheme.grades) and total != 1:
            yield Problem(scheme.place, f"各等级比例合计是 {total:.4%}，不是 100%", "改比例")


def _curve_problems(curve: Curve) -> Iterator[Problem]:
    bands = curve.bands
    if bands is None:
        return
    rows = curve.rows
    for n, row in enumerate(rows):
        if bands.lower[n] > bands.upper[n]:
            yield Problem(
                row.cell("lower"), f"曲线“{curve.name}”：起点大于终点", "交换“从”和“到”"
            )
    order = np.argsort(bands.lower, kind="stable")
    if (np.diff(order) < 0).any():
        yield Problem(
            rows[0].cell("lower"), f"曲线“{curve.name}”的各段没有从小到大排列",
            "按“从”由小到大排列", "warning",
        )  # fmt: skip
    for a, b in pairwise(order):
        low, high = bands.upper[a], bands.lower[b]
        cell = rows[b].cell("lower")
        ends = bands.edges[a][1] == "]"
        starts = bands.edges[b][0] == "["
        if high > low or (high == low and not ends and not starts):
            hole = f"{low:g}" if high == low else f"{low:g} 至 {high:g}"
            yield Problem(
                cell, f"曲线“{curve.name}”有空档：{hole} 不在任何一段里",
                "改“到”或边界，使各段首尾相接",
            )  # fmt: skip
        elif high < low or (ends and starts):
            both = f"{high:g}" if high == low else f"{high:g} 至 {low:g}"
            yield Problem(
                cell, f"曲线“{curve.name}”有重叠：{both} 同时在两段里",
                "只让一段包含它：一段用 [，另一段用 )",
            )  # fmt: skip


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
