"""A line of an explanation, and the words and figures in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xl_kpi.quantity import EXTRA_DECIMALS, number, typed_number

__all__ = ["WORDS", "Line", "Words", "addends", "number"]

Words: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One number (or grade) and where it comes from.

    ``figures`` is what can be typed into a cell, such as the item's formula with figures in the
    place of names; it gives the value as it is shown, and to the cent where it is paid.
    """

    item: str
    value: float | str | None
    unit: str
    text: str
    cell: str
    clause: str
    clause_text: str
    formula: str = ""
    figures: str = ""


def addends(
    values: Sequence[float], result: float, weights: Sequence[float] | None = None
) -> list[str]:
    """Points as they are written, with no more decimals than it takes to add up to the result.

    Args:
        values: The points.
        result: Their sum or, with weights, their weighted average.
        weights: Of each of the points.
    """
    texts: list[str] = []
    for extra in EXTRA_DECIMALS:
        texts = [typed_number(value, "points", extra) for value in values]
        figures = [float(text) for text in texts]
        if weights is None:
            found = sum(figures)
        else:
            found = sum(f * w for f, w in zip(figures, weights, strict=True)) / (sum(weights) or 1.0)
        if number(found, "points") == number(result, "points"):
            break
    return texts


WORDS: Mapping[str, Words] = {
    "zh": {
        "and": "，", "also": "；", "aside": "（{}）", "sample": "样本 {}", "shown_only": "仅列示",
        "not_taking_part": "不适用（不参加本项考核）",
        "outside": "考核", "status": "身份是{}", "role": "岗位“{}”不在方案的适用岗位里",
        "not_assessed": "不参加本期考核（{reason}）：各项指标不计分，没有总分和名次",
        "without": "；不适用：{}", "comma": "、",
        "week": "第{n}周", "average": "组均值", "place": "名次", "line": "标准", "target": "目标", "pass_line": "达标线",
        "points": "分", "sum": "合计", "missing": "空白", "not_scored": "不计分",
        "condition": "条件不成立", "small": "样本不足", "block": "计入：", "weighted": "加权：",
        "rounded": "四舍五入到分", "measure": "改进措施：", "earned": "得分", "imported": "导入文件 {}", "typed": "手填", "pay": "各项已取整的薪资项之和", "band": "落在",
        "open": "任务外", "shared": "得分合计 {total}，按得分占比分完奖金池，尾差给余数最大的人",
        "ranked": "{value} 在 {size} 人里，{ahead} 人更高，{tied} 人相同", "not_due": "本期不计算", "limited": "按公式 {raw}，", "floored": "低于保底 {line}，取保底",
        "asked_by": "{}提出", "evidence": "依据：{}", "capped": "高于封顶 {line}，取封顶", "refund": "退款 {n}", "calibrated":
        "校准：原值 {original}，批准值 {value}（{reason}，{approver} {approved}，{cell}）",
        "graded": "{group} {size} 人，第 {place} 名 → {grade}（{shares}）",
        "graded_band": "{total} 分在 {band} 段 → {grade}（{cell}）", "no_grade": "不定级",
        "worth": "系数 {coefficient}，底薪加成 {base_share}",
        "by_total": "得分合计 {total} 不超过 {full}，按 得分 × 奖金池 ÷ {full}",
    },
    "en": {
        "and": ", ", "also": "; ", "aside": " ({})", "sample": "n = {}", "shown_only": "shown only",
        "not_taking_part": "does not apply (takes no part in this item)",
        "outside": "Assessment", "status": "status {}", "role": "role {} is none that the scheme assesses",
        "not_assessed": "not assessed this period ({reason}): no points, no total, no place",
        "without": "; without: {}", "comma": ", ",
        "week": "week {n}", "average": "group average", "place": "place", "line": "line",
        "target": "target", "pass_line": "pass line", "points": "points", "sum": "in all", "missing": "blank",
        "not_scored": "not scored", "condition": "condition not met", "small": "sample too small",
        "block": "counts: ", "weighted": "weighted: ", "rounded": "rounded to the cent", "measure": "measure: ", "earned": " points",
        "imported": "imported from {}", "typed": "typed by hand",
        "pay": "sum of the rounded pay items", "band": "lies in", "open": "",
        "shared": "scores add up to {total}: the pool is shared by score, the cents left over go to the "
                  "largest remainders",
        "ranked": "{value} among {size} people: {ahead} higher, {tied} equal",
        "not_due": "not due this month", "limited": "by the formula {raw}, ",
        "floored": "below the floor {line}: the floor is paid",
        "asked_by": "asked by {}", "evidence": "evidence: {}", "capped": "above the cap {line}: the cap is paid", "refund": "refund {n}", "calibrated":
        "calibrated: originally {original}, approved {value} ({reason}, {approver} {approved}, {cell})",
        "graded": "{size} people in {group}, place {place} → {grade} ({shares})",
        "graded_band": "{total} points lie in {band} → {grade} ({cell})", "no_grade": "no grade",
        "worth": "coefficient {coefficient}, share of base pay {base_share}",
        "by_total": "scores add up to {total}, not above {full}: score × pool ÷ {full}",
    },
}  # fmt: skip
