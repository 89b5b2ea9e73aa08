"""A calculated period judged before anyone is paid: what is missing, unripe, odd or left over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xl_kpi.appeals import judge_appeals
from xl_kpi.benchmark_checks import judge_benchmarks
from xl_kpi.corrections import judge_corrections
from xl_kpi.count_checks import judge_counts, needs_counts
from xl_kpi.definitions import judge_definitions
from xl_kpi.errors import Problem, capped
from xl_kpi.formula import Call, Node, column, evaluate
from xl_kpi.indicators import Scored
from xl_kpi.inputs import judge_inputs
from xl_kpi.limit_checks import judge_limits
from xl_kpi.missing_pay import missing_pay
from xl_kpi.payouts import deduction_guard
from xl_kpi.pipeline import Results
from xl_kpi.quantity import number
from xl_kpi.rounding import Floats, group_sum, round_half_up, significant
from xl_kpi.scheme import PayItem
from xl_kpi.scheme_tables import GROUP_LEVELS, LEVELS
from xl_kpi.tables import COUNTS, ROSTER


def audit(results: Results, as_of: dt.date | None = None) -> list[Problem]:
    """Everything to know before the results are paid; an ``error`` stops the run.

    Args:
        results: A calculated period.
        as_of: The day the data were taken; unknown = ripeness is not judged (C11).
    """
    found = [
        *_nothing_to_pay(results),
        *missing_pay(results),
        *judge_inputs(results),
        *judge_benchmarks(results),
        *judge_corrections(results),
        *judge_appeals(results, as_of),
        *judge_definitions(results),
        *judge_limits(results),
        *_deductions(results),
        *unripe(results, as_of),
        *judge_counts(results),
        *_small_samples(results),
        *_alerts(results),
        *_stand_ins(results),
        *_pools(results),
    ]
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda p: rank[p.severity])


def _nothing_to_pay(results: Results) -> Iterator[Problem]:
    period = results.figures.period
    if not results.people.assessed.any():
        yield Problem(
            ROSTER.zh, f"{period.name} 没有考核对象",
            "检查员工表的身份、入职日期、离职日期，和方案的适用岗位",
        )  # fmt: skip
        return
    for item in results.scheme.pay_items:
        if item.level in GROUP_LEVELS and not results.labels(item.level):
            level = LEVELS[item.level][0]
            yield Problem(
                item.row.cell("level"), f"“{item.name}”按{level}计算，员工表里却没有人写“{level}”",
                f"在员工表填写“{level}”，或改这一项的层级",
            )  # fmt: skip
    frame = results.figures.records.tables["counts"]
    dated = period.holds(frame["date"].to_numpy("datetime64[D]")).any()
    if not dated and needs_counts(results).any():
        months = sorted({d.strftime("%Y-%m") for d in frame["date"].dropna().dt.date})
        has = "、".join(months[-6:]) if months else "没有任何月份"
        yield Problem(
            COUNTS.zh, f"没有 {period.name} 的数据，表里有：{has}",
            "改首页的期间，或把当月数据贴进指标数据",
        )  # fmt: skip


# --- data ----------------------------------------------------------------------------------


def unripe(
    results: Results, as_of: dt.date | None, *, needed: bool = False
) -> Iterator[Problem]:
    """Days whose final payments are not in yet (C11).

    Args:
        results: A calculated period.
        as_of: The day the data were taken, if it is known.
        needed: Whether not to know it is a problem where figures take days to be final.
    """
    period = results.figures.period
    if as_of is None:
        slow = [results.scheme.metrics[s.indicator.metric] for s in results.scored.values() if s.due]
        if needed and any(metric.ripe_days for metric in slow):
            days = max(metric.ripe_days for metric in slow)
            yield Problem(
                "首页：数据截至", f"没有填数据截至哪一天，不知道 {period.name} 的数定了没有",
                f"填取数的日期；{period.end + dt.timedelta(days=int(days))} 起取的数都已定", "warning",
            )  # fmt: skip
        return
    waiting: dict[int, list[str]] = {}
    for scored in results.scored.values():
        metric = results.scheme.metrics[scored.indicator.metric]
        if scored.due and metric.ripe_days and as_of < period.end + dt.timedelta(days=int(metric.ripe_days)):
            waiting.setdefault(int(metric.ripe_days), []).append(metric.name)
    for days, metrics in sorted(waiting.items()):
        first = max(as_of - dt.timedelta(days=days - 1), period.start)
        ripe = period.end + dt.timedelta(days=days)
        yield Problem(
            COUNTS.zh,
            f"{'、'.join(metrics)}：{days} 天才定数，数据截至 {as_of}，{first} 起的数字还会变",
            f"{ripe} 以后重新取数；或先按现在的数发放，下期补差", "warning",
        )  # fmt: skip




def _small_samples(results: Results) -> list[Problem]:
    found = []
    for scored in results.scored.values():
        minimum = scored.indicator.minimum_sample
        if minimum is None or scored.sample is None:
            continue
        few = (scored.enough == 0) & scored.judged & ~np.isnan(scored.value)
        for row in np.flatnonzero(few):
            count = np.nan_to_num(scored.sample)[row]
            found.append(
                Problem(
                    scored.indicator.row.cell("minimum_sample"),
                    f"{results.people.named(int(row) // scored.cycles)}：“{scored.indicator.name}”样本 "
                    f"{count:g}，少于 {minimum:g}，不排名，按缺失处理",
                    "样本够了再考核这一项", "note",
                )
            )  # fmt: skip
    return capped(found, "样本")


def _alerts(results: Results) -> list[Problem]:
    found = []
    for scored in results.scored.values():
        if scored.alert is None:
            continue
        indicator = scored.indicator
        line = "" if indicator.alert_line is None else indicator.alert_line.text.removeprefix("=")
        below = f"{'低于' if scored.better == 'higher' else '高于'}平台红线 {line}"
        for row in np.flatnonzero(scored.alert >= 1):
            low = scored.alert[row] == 2
            found.append(
                Problem(
                    indicator.row.cell("alert_line"),
                    f"{results.people.named(int(row) // scored.cycles)}：“{indicator.name}” "
                    f"{number(float(scored.value[row]), _unit(results, scored))} "
                    f"{below if low else '未达目标'}",
                    _red_line_advice(indicator.measure) if low
                    else f"提醒本人：{indicator.measure or '找出没有达标的日子和原因'}",
                    "warning" if low else "note",
                )
            )  # fmt: skip
    return capped(found, "平台红线")


def _red_line_advice(measure: str) -> str:
    """What to do on the day: platforms judge the shop, so one person can cost all of it."""
    first = "今天找本人，查是哪几天、哪个班次的数，先补人或减少他的接待量；再看全店的数是否也过了红线"
    return f"{first}；改进措施：{measure}" if measure else first


def _stand_ins(results: Results) -> list[Problem]:
    """Stand-ins worse than half the shop's average on any indicator (C8)."""
    share = results.scheme.stand_in_share
    if share is None:
        return []
    found = []
    for scored in results.scored.values():
        if scored.indicator.rule == "R09":
            continue
        for row in np.flatnonzero(~results.people.staff):
            worst = _far_below(scored, int(row), share)
            if worst is not None:
                found.append(
                    Problem(
                        f"{ROSTER.zh}：{results.people.named(int(row))}",
                        _far_below_said(scored, worst, share, _unit(results, scored)),
                        "按规定取消其顶岗资格", "note",
                    )
                )  # fmt: skip
    return capped(found, "顶岗")


def _unit(results: Results, scored: Scored) -> str:
    return results.scheme.metrics[scored.indicator.metric].unit


def _far_below_said(
    scored: Scored, worst: tuple[float, float, int], share: float, unit: str
) -> str:
    value, average = number(worst[0], unit), number(worst[1], unit)
    if scored.better == "higher":
        line = f"不及店铺平均 {average} 的 {share:.0%}"
    else:
        line = f"超过店铺平均 {average} 的 {1 / share:.4g} 倍"
    week = f"第 {worst[2]} 周" if scored.cycles > 1 else ""
    return f"顶岗：“{scored.indicator.name}”{week} {value}，{line}"


def _far_below(scored: Scored, row: int, share: float) -> tuple[float, float, int] | None:
    """The first figure that is, the average beside it, and which cycle of the month it is of."""
    cells = slice(row * scored.cycles, (row + 1) * scored.cycles)
    pairs = zip(scored.value[cells], scored.group_average[cells], strict=True)
    for cycle, (value, average) in enumerate(pairs, 1):
        if np.isnan(value) or np.isnan(average):
            continue
        a, b = float(significant(value)), float(significant(average))
        if b <= 0:  # half of nothing, or of less, is no line
            continue
        line = float(significant(b * share if scored.better == "higher" else b / share))
        if a < line if scored.better == "higher" else a > line:
            return a, b, cycle
    return None


# --- pools ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PoolPayment:
    """What a group's pool holds and what an item paid of it, in yuan to the cent."""

    item: PayItem
    group: str
    amount: float
    paid: float


def pool_payments(results: Results) -> Iterator[PoolPayment]:
    """Each pool that a paid item shares out, group by group."""
    for item in results.paid_items:
        for call in _pool_calls(item.formula.node):
            yield from _payments(results, item, call)


def _pools(results: Results) -> Iterator[Problem]:
    """What each pool paid and what it kept (R35, R37, R38)."""
    for one in pool_payments(results):
        item, amount, paid = one.item, one.amount, one.paid
        where = f"{item.formula.where}：{one.group}"
        if amount <= 0:
            yield Problem(where, f"“{item.name}”的奖金池不大于零，不发", "核对部门奖惩", "warning")
        elif paid == 0:
            yield Problem(where, f"“{item.name}”没有人得分，奖金池 {amount:.2f} 没有发出",
                          "核对得分", "warning")  # fmt: skip
        elif amount > paid:
            rest = float(round_half_up(amount - paid))
            yield Problem(
                where, f"“{item.name}”奖金池 {amount:.2f}，发放 {paid:.2f}，剩余 {rest:.2f}",
                "按方案保留，不必处理", "note",
            )  # fmt: skip


def _pool_calls(node: Node) -> list[Call]:
    return [node] if isinstance(node, Call) and node.function == "KPI_POOL_SHARE" else []


def _payments(results: Results, item: PayItem, call: Call) -> Iterator[PoolPayment]:
    second = call.arguments[1]
    if second is None:
        return
    pool = column(evaluate(second, results.person_scope()), results.people.count)
    level = results.group_of(item)
    codes = results.people.groups[level].codes
    for group, label in enumerate(results.labels(level)):
        mine = (codes == group) & results.entitled(item)
        if mine.any() and not np.isnan(pool[mine][0]):
            amount = float(round_half_up(pool[mine][0]))
            paid = float(round_half_up(_total(results.items[item.name][mine])))
            yield PoolPayment(item, label, amount, paid)


def _total(values: Floats) -> float:
    return float(group_sum(values, np.zeros(len(values), np.intp), 1)[0])


# --- deductions ----------------------------------------------------------------------------


def _deductions(results: Results) -> list[Problem]:
    """Deductions above their share of the pay, or below the minimum wage, stop the run (R49)."""
    scheme, items = results.scheme, results.paid_items
    if not items or (scheme.deduction_share is None and scheme.minimum_wage is None):
        return []
    amounts = np.nan_to_num(np.stack([results.items[i.name] for i in items], axis=1))
    earned = round_half_up(np.maximum(amounts, 0.0).sum(axis=1))
    taken = round_half_up(np.maximum(-amounts, 0.0).sum(axis=1))
    share = 1.0 if scheme.deduction_share is None else scheme.deduction_share
    levels = deduction_guard(earned, taken, share=share, minimum_wage=scheme.minimum_wage)
    found = []
    for row in np.flatnonzero(levels > 0):
        names = "、".join(i.name for i, a in zip(items, amounts[row], strict=True) if a < 0)
        what = f"扣款 {taken[row]:.2f}（{names}），应得 {earned[row]:.2f}，" + (
            f"超过应得的 {share:.0%}" if levels[row] == 1
            else f"扣后低于最低工资 {scheme.minimum_wage:.2f}"
        )  # fmt: skip
        where = f"{scheme.place}：{results.people.named(int(row))}"
        found.append(Problem(where, what, "改扣款，或分几个月扣，在补扣表写明"))
    return capped(found, "扣款")
