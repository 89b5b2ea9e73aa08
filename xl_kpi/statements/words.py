"""The words of statements and papers in Chinese and English, and figures as they are printed."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping

from xl_kpi.rounding import round_half_up
from xl_kpi.statements.paper_words import PAPER_WORDS

_WORDS: Mapping[str, tuple[str, str]] = {
    **PAPER_WORDS,
    "title": ("绩效与薪资单", "Statement of performance and pay"),
    "period": ("期间", "Period"),
    "days": ("{period}（{first} 至 {last}）", "{period} ({first} to {last})"),
    "scheme": ("方案", "Scheme"),
    "name": ("姓名", "Name"),
    "person_id": ("工号", "Staff ID"),
    "department": ("部门", "Department"),
    "shop": ("店铺", "Shop"),
    "role": ("岗位", "Role"),
    "status": ("状态", "Status"),
    "pay": ("应发合计", "Pay"),
    "true_up": ("往月差额", "True-up of"),
    "payable": ("本月共发", "Paid this month"),
    "yuan": ("元", "yuan"),
    "total": ("总分", "Total score"),
    "place": ("名次", "Place"),
    "grade": ("等级", "Grade"),
    "of_people": ("第 {place} 名 / {people} 人", "{place} of {people}"),
    "pay_items": ("薪资项目", "Pay items"),
    "item": ("项目", "Item"),
    "amount": ("金额（元）", "Amount (yuan)"),
    "basis": ("依据与算法", "What it rests on"),
    "indicators": ("考核指标", "Indicators"),
    "indicator": ("指标与定义", "Indicator and definition"),
    "value": ("本人", "You"),
    "target": ("目标/标准", "Target/line"),
    "group": ("组均值", "Group"),
    "points": ("得分", "Points"),
    "next": ("再进一步", "The next tier"),
    "strengths": ("优势", "Strengths"),
    "gaps": ("待改进", "To improve"),
    "follows": ("后续安排", "What follows"),
    "shared": (
        "{text}（全员得分合计 {whole}，奖金池按得分占比分完）",
        "{text} (points of all: {whole}; the pool is shared out by points)",
    ),
    "shared_none": ("{text}（得分不到 0 的按 0 分）", "{text} (points below 0 count as 0)"),
    "shared_odd_cent": ("{text}，加 0.01 元尾差", "{text}, and 0.01 yuan left over"),
    "pay_in_yuan": ("应发合计（元）", "Pay (yuan)"),
    "payable_in_yuan": ("本月共发（元）", "Paid this month (yuan)"),
    "so": ("{test}，为 {text}", "{test}: {text}"),
    "found": ("“{table}”表里 {x} 对应 {found}", "{x} is worth {found} in the table “{table}”"),
    "no_pay": ("本期没有薪资项目", "No pay items this period"),
    "code": ("校验码", "Code"),
    "code_note": (
        "同样的数据、参数和版本重新计算，校验码不变。本单只供本人查阅，请勿转发。",
        "The same data, parameters and version give the same code. For your eyes only.",
    ),
    "appeal": ("申诉单", "Appeal slip"),
    "appeal_hint": (
        "对结果有异议，请在截止日期前填写本联，裁下交人力资源部。",
        "If you disagree, fill this in before the date, cut it off and hand it to HR.",
    ),
    "appeal_until": ("申诉截止日期", "Appeal until"),
    "appeal_item": ("申诉项目", "Item"),
    "appeal_reason": ("理由与依据", "Reason and evidence"),
    "appeal_answer": ("处理结果", "Answer"),
    "appeal_person": ("本人签字 / 日期", "Signature, date"),
    "appeal_hr": ("受理人签字 / 日期", "Received by, date"),
    "slips": ("工资条", "Payslips"),
    "comma": ("、", ", "),
    "semicolon": ("；", "; "),
    "colon": ("：", ": "),
    "stop": ("。", ". "),
    "block_sum_of": ("{block}（各项得分相加）", "{block} (points added)"),
    "block_average_of": ("{block}（各项得分按权重平均）", "{block} (points averaged by weight)"),
    "total_figures": ("总分 = {text}", "Total score = {text}"),
    "weeks": ("{low}–{high}", "{low}–{high}"),
    "due": ("（{days:g} 天内）", " (within {days:g} days)"),
    # what would have earned more
    "week": ("第 {n} 周：", "week {n}: "),
    "reach_up": ("达到 {line} 得 {points} 分", "{points} points from {line}"),
    "reach_above": ("高于 {line} 得 {points} 分", "{points} points above {line}"),
    "reach_down": ("不超过 {line} 得 {points} 分", "{points} points up to {line}"),
    "reach_below": ("低于 {line} 得 {points} 分", "{points} points below {line}"),
    "unpunished_up": ("达到 {line} 不扣分", "no deduction from {line}"),
    "unpunished_down": ("不超过 {line} 不扣分", "no deduction up to {line}"),
    "next_place": ("第 {place} 名得 {points} 分", "place {place} earns {points} points"),
    "fewer": ("每少 1 次多 {points} 分", "{points} more points for each one less"),
    "more": ("每多 1 次多 {points} 分", "{points} more points for each one more"),
    "none_at_all": ("0 次得 {points} 分", "none at all earns {points} points"),
    "as_awarded": ("按评定的分数计", "as awarded"),
    "not_in_score": ("不计入总分", "not in the total"),
    "most": ("已得最高分", "the most there is"),
    "nothing_lost": ("没有扣分", "nothing was deducted"),
    "shown_only": ("仅列示，不计分", "shown only, no points"),
    "no_value": ("没有数据", "no data"),
    "small_sample": ("样本不足 {least}", "sample below {least}"),
    "condition": ("加扣分条件不成立", "condition not met"),
    "next_grade_score": ("总分达到 {line} 为“{grade}”", "grade {grade} from a total of {line}"),
    "next_grade_above": ("总分高于 {line} 为“{grade}”", "grade {grade} above a total of {line}"),
    "next_grade_share": ("名次进入前 {share} 为“{grade}”", "grade {grade} among the first {share}"),
}

_DECIMALS = {"yuan": (2, 2), "points": (1, 2), "place": (0, 0), "count": (0, 0), "s": (1, 2),
             "days": (0, 0), "months": (0, 0)}  # fmt: skip
_OTHER = (2, 4)  # decimals at least and at most, as the cell styles of the result sheets have them


# "1 points" of a sentence with a figure put in; "0.1 points" and "3, 2, 1 points" are more than one.
_ONE = re.compile(r"(?<![\d.,])(?<!, )1 (more )?(point|month|day)s\b")


def word(key: str, lang: str, **names: object) -> str:
    """A word or sentence of the statement."""
    if lang == "zh":
        return _WORDS[key][0].format(**names)
    return _ONE.sub(lambda one: f"1 {one[1] or ''}{one[2]}", _WORDS[key][1].format(**names))


@functools.lru_cache(maxsize=20_000)
def shown(value: float | str | None, unit: str = "") -> str:
    """A figure as the result sheet's cell shows it: ``5,979.91``, ``76.37%``, ``16.5``."""
    if isinstance(value, str):
        return value
    if value is None or math.isnan(value):
        return "—"
    if unit == "ratio":
        return f"{_half_up(value * 100, 2):,.2f}%"
    least, most = _DECIMALS.get(unit, _OTHER)
    text = f"{_half_up(value, most):,.{most}f}"
    if most > least:
        whole, _, part = text.partition(".")
        text = f"{whole}.{part.rstrip('0').ljust(least, '0')}"
    return text


def shown_mean(value: float | None, unit: str = "") -> str:
    """A group's mean as a figure: that of whole numbers is none."""
    return shown(value, mean_unit(unit))


def mean_unit(unit: str) -> str:
    """The unit by which a mean is shown."""
    return "" if _DECIMALS.get(unit, _OTHER)[1] == 0 else unit


def _half_up(value: float, decimals: int) -> float:
    return float(round_half_up(value, decimals))
