"""Any number of a result as sentences: inputs, group figures, band hit, cell, clause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xl_kpi.catalogue import Bands
from xl_kpi.formula import (
    AGGREGATES,
    Binary,
    Call,
    Name,
    Node,
    Scope,
    Unary,
    column,
    evaluate,
    unparse,
)
from xl_kpi.indicators import Scored, behind
from xl_kpi.pipeline import Results
from xl_kpi.rounding import group_sum, significant
from xl_kpi.scheme import Curve, PayItem


@dataclass(frozen=True, slots=True)
class Line:
    """One number and where it comes from.

    ``figures`` is the item's formula with figures in the place of names: it gives the value.
    """

    item: str
    value: float | None
    unit: str
    text: str
    cell: str
    clause: str
    clause_text: str
    formula: str = ""
    figures: str = ""


_DAYS = frozenset({"hired", "left", "period_start", "period_end"})
_WORDS = {
    "zh": {
        "week": "第{n}周", "average": "组均值", "place": "名次", "line": "标准", "target": "目标",
        "points": "分", "sum": "合计", "missing": "空白", "not_scored": "不计分",
        "condition": "条件不成立", "small": "样本不足", "block": "计入：", "weighted": "加权：",
        "rounded": "四舍五入到分", "measure": "改进措施：", "earned": "得分", "pay": "各项已取整的薪资项之和", "band": "落在",
        "open": "任务外", "shared": "得分合计 {total}，按得分占比分完奖金池，尾差给余数最大的人",
        "by_total": "得分合计 {total} 不超过 {full}，按 得分 × 奖金池 ÷ {full}",
    },
    "en": {
        "week": "week {n}", "average": "group average", "place": "place", "line": "line",
        "target": "target", "points": "points", "sum": "in all", "missing": "blank",
        "not_scored": "not scored", "condition": "condition not met", "small": "sample too small",
        "block": "counts: ", "weighted": "weighted: ", "rounded": "rounded to the cent", "measure": "measure: ", "earned": " points",
        "pay": "sum of the rounded pay items", "band": "lies in", "open": "",
        "shared": "scores add up to {total}: the pool is shared by score, odd cents to the "
                  "largest remainders",
        "by_total": "scores add up to {total}, not above {full}: score × pool ÷ {full}",
    },
}  # fmt: skip


def number(value: float | None, unit: str = "") -> str:
    """A figure as HR reads it; enough digits to recompute with."""
    if value is None or np.isnan(value):
        return "—"
    if unit == "yuan":
        return f"{value:.2f}"
    if unit == "ratio":
        return f"{value * 100:.6g}%"
    return f"{value:.6g}"


def explain(results: Results, row: int, lang: str = "zh") -> list[Line]:
    """Every number of one person, in the order in which it was made.

    Args:
        results: A calculated period.
        row: The person's row in ``results.people``.
        lang: ``zh`` or ``en``.
    """
    words = _WORDS[lang]
    lines = [
        line for s in results.scored.values() for line in _indicator_lines(results, s, row, words)
    ]
    if results.people.assessed[row]:
        lines += [_block_line(results, block, row, words) for block in results.scheme.blocks]
        lines += _total_lines(results, row, lang)
    for item in results.scheme.pay_items:
        if item.level == "department":
            department = int(results.people.groups["department"].codes[row])
            lines.append(_department_line(results, item, department, words))
        else:
            lines.append(_item_line(results, item, row, words))
    paid = [i for i in results.paid_items if not np.isnan(results.items[i.name][row])]
    text = " + ".join(f"{i.name} {results.items[i.name][row]:.2f}" for i in paid)
    total = float(results.pay[row])
    label = "应发合计" if lang == "zh" else "Pay"
    shown = f"{text} = {number(total, 'yuan')}（{words['pay']}）" if paid else "—"
    lines.append(Line(label, total, "yuan", shown, "", "", ""))
    return lines


def explain_department(results: Results, department: int, lang: str = "zh") -> list[Line]:
    """Every figure of a department."""
    return [
        _department_line(results, item, department, _WORDS[lang])
        for item in results.scheme.pay_items
        if item.level == "department"
    ]


# --- indicators and blocks -----------------------------------------------------------------


def _indicator_lines(
    results: Results, s: Scored, row: int, words: dict[str, str]
) -> Iterator[Line]:
    """A line per week, then their sum; one line for an indicator of the month."""
    i = s.indicator
    unit = results.scheme.metrics[i.metric].unit
    assessed = bool(results.people.assessed[row])
    source = (i.row.place, i.clause, i.clause_text)
    if s.cycles == 1:
        earned = float(s.points[row]) if assessed else None
        text = _cycle_text(results, s, row, unit, assessed, words)
        if assessed and i.measure and behind(s)[row]:
            text += f"；{words['measure']}{i.measure}"
        yield Line(i.name + words["earned"], earned, "points", text, *source)
        return
    earned_each = []
    for cycle in range(s.cycles):
        at = row * s.cycles + cycle
        week = words["week"].format(n=cycle + 1)
        earned = float(s.points[at]) if assessed else None
        if earned is not None and not np.isnan(earned):
            earned_each.append(number(earned))
        text = _cycle_text(results, s, at, unit, assessed, words)
        yield Line(f"{i.name}{words['earned']} {week}", earned, "points", text, *source)
    if assessed:
        total = float(s.monthly(s.points)[row])
        text = f"{' + '.join(earned_each) or words['missing']} = {number(total)} {words['points']}"
        yield Line(i.name + words["earned"], total, "points", text, *source)


def _cycle_text(
    results: Results, s: Scored, at: int, unit: str, assessed: bool, words: dict[str, str]
) -> str:
    value = s.value[at]
    if np.isnan(value):
        return f"{words['missing']}，{words['not_scored']}"
    text = number(value, unit)
    if s.sample is not None:
        text += f"（n={number(float(s.sample[at]))}）"
    notes = []
    if not np.isnan(s.group_average[at]) and s.indicator.rule in ("R04", "R05"):
        notes.append(f"{words['average']} {number(s.group_average[at], unit)}")
    if s.target is not None:
        notes.append(f"{words['target']} {number(float(s.target[at]), unit)}")
    if s.penalty_line is not None and not np.isnan(s.penalty_line[at]):
        notes.append(f"{words['line']} {number(float(s.penalty_line[at]), unit)}")
    if s.indicator.rule == "R05" and not np.isnan(s.place[at]):
        notes.append(f"{words['place']} {s.place[at]:.0f}")
    if s.indicator.curve:
        notes.append(_band_text(results.scheme.curves[s.indicator.curve], value, words))
    if s.enough[at] == 0:
        notes.append(words["small"])
    if s.condition is not None and not s.condition[at] > 0:
        notes.append(words["condition"])
    text += "".join(f"，{note}" for note in notes if note)
    if not assessed:
        return f"{text}，{words['not_scored']}"
    return f"{text} → {number(float(s.points[at]))} {words['points']}"


def _band_text(curve: Curve, value: float, words: dict[str, str]) -> str:
    """Which band of the curve holds a value, with the cell of its figure."""
    bands = curve.bands
    if bands is None:
        return ""
    n = _band_of(bands, value)
    if n is None:
        return f"{curve.name}：—"
    low = "−∞" if np.isinf(bands.lower[n]) else f"{bands.lower[n]:g}"
    high = "∞" if np.isinf(bands.upper[n]) else f"{bands.upper[n]:g}"
    edges = bands.edges[n]
    cell = curve.rows[n].cell("value")
    return (
        f"{curve.name} {words['band']} {edges[0]}{low}, {high}{edges[1]} → "
        f"{bands.value[n]:g}（{cell}）"
    )


def _band_of(bands: Bands, value: float) -> int | None:
    v = float(significant(value))
    for n, (low, high, edges) in enumerate(
        zip(bands.lower, bands.upper, bands.edges, strict=True)
    ):
        above = v >= low if edges[0] == "[" else v > low
        below = v <= high if edges[1] == "]" else v < high
        if above and below:
            return n
    return None


def _block_line(results: Results, block: str, row: int, words: dict[str, str]) -> Line:
    parts = [
        s for s in results.scored.values() if s.indicator.block == block and s.indicator.in_score
    ]
    shown = []
    weighted = results.scheme.block_mode == "weighted"
    for s in parts:
        points = float(s.monthly(s.points)[row])
        if np.isnan(points):
            continue
        if weighted:
            shown.append(f"{s.indicator.name} {number(points)}×{s.indicator.weight:.6g}")
        elif points:
            shown.append(f"{s.indicator.name} {points:+.6g}")
    value = float(results.blocks[block][row])
    if weighted:
        whole = sum(
            s.indicator.weight or 0.0
            for s in parts
            if not np.isnan(s.monthly(s.points)[row])
        )
        text = f"{words['weighted']}({' + '.join(shown)}) ÷ {whole:.6g} = {number(value)}"
    else:
        text = f"{words['block']}{' '.join(shown) or '0'} = {number(value)}"
    return Line(block, value, "points", text, "", "", "")


def _total_lines(results: Results, row: int, lang: str) -> Iterator[Line]:
    """Total and place among the department's assessed, and the divisor of the pool."""
    totals, scheme = results.totals, results.scheme
    if totals is None:
        return
    zh = lang == "zh"
    total, place = float(totals.total[row]), float(totals.place[row])
    scope = Scope(results.value, results.people.count)
    figures = unparse(_with_figures(results, scheme.total.node, scope, row, frozenset()))
    text = f"{unparse(scheme.total.node)} = {figures} = {number(total)}"
    yield Line("总分" if zh else "Total score", total, "points", text, scheme.total.where, "", "")
    codes = results.people.groups["department"].codes
    mine = (codes == codes[row]) & results.people.assessed
    higher = int(np.sum(significant(totals.total[mine]) > significant(total)))
    equal = int(np.sum(significant(totals.total[mine]) == significant(total))) - 1
    if zh:
        tied = f"，{equal} 人并列" if equal else ""
        text = f"本部门考核对象 {int(mine.sum())} 人，{higher} 人高于 {number(total)}{tied} → 第 {place:.0f} 名"
    else:
        text = f"{int(mine.sum())} assessed, {higher} above {number(total)}, {equal} tied → place {place:.0f}"
    yield Line("名次" if zh else "Place", place, "place", text, "", "", "")
    weeks = results.figures.period.week_count
    counted = [i for i in scheme.indicators if i.in_divisor]
    if counted:
        parts = " + ".join(
            f"{i.name} ({'+'.join(f'{p:g}' for p in i.rank_points)})"
            + (f"×{weeks}" if i.cycle == "week" else "")
            for i in counted
        )
        full = scheme.divisor(weeks)
        label = "满分合计" if zh else "Full marks in all"
        yield Line(label, full, "points", f"{parts} = {full:g}", "", "", "")


# --- pay items -----------------------------------------------------------------------------


def _item_line(results: Results, item: PayItem, row: int, words: dict[str, str]) -> Line:
    people = results.people
    scope = Scope(results.value, people.count, people.groups["department"].codes)
    value = float(results.items[item.name][row])
    entitled = people.assessed if item.applies_to == "assessed" else people.staff
    if not entitled[row]:
        return _line(item, None, words["not_scored"])
    figures = unparse(_with_figures(results, item.formula.node, scope, row, frozenset()))
    text = f"{unparse(item.formula.node)} = {figures} = {number(value, item.unit)}"
    notes = [*_notes(results, item.formula.node, scope, row, words)]
    if item.paid:
        notes.append(words["rounded"])
    return _line(item, value, text + "".join(f"；{note}" for note in notes), figures)


def _department_line(
    results: Results, item: PayItem, department: int, words: dict[str, str]
) -> Line:
    people = results.people
    codes = people.groups["department"].codes
    scope = Scope(
        results.department_value, len(results.departments), None,
        lower=Scope(results.value, people.count, codes), lower_rows=codes,
        assessed=people.assessed,
    )  # fmt: skip
    value = float(results.items[item.name][department])
    node = _with_figures(results, item.formula.node, scope, department, frozenset(AGGREGATES))
    figures = unparse(node)
    text = f"{unparse(item.formula.node)} = {figures} = {number(value, item.unit)}"
    notes = _notes(results, item.formula.node, scope, department, words)
    return _line(item, value, text + "".join(f"；{note}" for note in notes), figures)


def _line(item: PayItem, value: float | None, text: str, figures: str = "") -> Line:
    return Line(
        item.name, value, item.unit, text, item.formula.where, item.clause, item.clause_text,
        unparse(item.formula.node), figures,
    )  # fmt: skip


def _with_figures(
    results: Results, node: Node, scope: Scope, row: int, aggregates: frozenset[str]
) -> Node:
    """The formula with each name (and group aggregate) replaced by its figure on a row."""

    def replaced(part: Node) -> Node:
        match part:
            case Name(name):
                return Name(_day(results, name, _figure(part, scope, row)))
            case Unary(operator, operand):
                return Unary(operator, replaced(operand))
            case Binary(operator, left, right):
                return Binary(operator, replaced(left), replaced(right))
            case Call(function, arguments):
                if function in aggregates and len(arguments) == 1:
                    return Name(_figure(part, scope, row))
                inner = tuple(None if a is None else replaced(a) for a in arguments)
                return Call(function, inner)
        return part

    return replaced(node)


def _figure(node: Node, scope: Scope, row: int) -> str:
    """A figure of a row as it can be typed into a formula; a curve keeps its name."""
    value = evaluate(node, scope)
    if isinstance(value, Bands | list):
        return unparse(node)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return f'"{value[row] or ""}"'
    figure = float(column(value, scope.rows)[row])
    return '""' if np.isnan(figure) else f"{figure:.12g}"


def _day(results: Results, name: str, figure: str) -> str:
    """Dates as dates, not as Excel's day numbers."""
    meaning = results.names.find(name)
    if meaning is None or meaning.key not in _DAYS or figure == '""':
        return figure
    day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(figure)))
    return day.isoformat()


def _notes(
    results: Results, node: Node, scope: Scope, row: int, words: dict[str, str]
) -> Iterator[str]:
    """The band hit and how a pool was shared, for each such call in a formula."""
    for call in _calls(node):
        if call.function == "KPI_BAND" and isinstance(call.arguments[1], Name):
            curve = results.scheme.curves.get(call.arguments[1].name)
            first = call.arguments[0]
            if curve is not None and first is not None:
                value = column(evaluate(first, scope), scope.rows)[row]
                yield _band_text(curve, float(value), words)
        if call.function == "KPI_POOL_SHARE" and scope.groups is not None:
            yield _pool_text(call, scope, row, results, words)


def _calls(node: Node) -> Iterator[Call]:
    match node:
        case Unary(_, operand):
            yield from _calls(operand)
        case Binary(_, left, right):
            yield from _calls(left)
            yield from _calls(right)
        case Call(_, arguments):
            yield node
            for argument in arguments:
                if argument is not None:
                    yield from _calls(argument)


def _pool_text(
    call: Call, scope: Scope, row: int, results: Results, words: dict[str, str]
) -> str:
    first = call.arguments[0]
    if first is None or scope.groups is None:
        return ""
    scores = np.maximum(column(evaluate(first, scope), scope.rows), 0.0)
    scores = np.where(results.people.assessed, scores, np.nan)
    sums = group_sum(scores, scope.groups, int(scope.groups.max(initial=-1)) + 1)
    total = float(sums[scope.groups[row]])
    if len(call.arguments) > 2 and call.arguments[2] is not None:
        full = float(column(evaluate(call.arguments[2], scope), scope.rows)[row])
        if not significant(total) > significant(full):
            return words["by_total"].format(total=f"{total:g}", full=f"{full:g}")
    return words["shared"].format(total=f"{total:g}")
