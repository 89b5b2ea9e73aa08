"""A rule's twin put into the columns of a sheet: its template filled with addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from xl_kpi.catalogue import Rule, fill
from xl_kpi.twin.sheets import Area, Column, Extent, Fixed, SideBySide

Operand: TypeAlias = Column | SideBySide | Fixed
_EXTENTS: Mapping[str, Extent] = {"": "", "all": "all", "upto": "upto"}
_CHOICE = re.compile(r'IF\(\{([a-z_]+)\}(?:="([a-z]+)")?,')


# What the steps of the twins are called in headers.
STEPS = {
    "v": "比较值", "a": "比较值", "s": "比较值", "m": "比较值", "t": "目标比较值", "l": "标准比较值",
    "b": "加分线比较值", "c": "完成率比较值", "bands_here": "所在段数", "ahead": "领先人数",
    "equals": "同分人数", "first_equal": "同分第一人", "values_ahead": "领先分数个数",
    "before": "前面名额", "sharing": "分享名额", "bonus": "名次分", "raw": "原始分",
    "capped": "封顶后", "present": "现有权重", "lacking": "缺项数", "mean": "平均",
    "p": "奖金池", "all_scores": "得分合计", "used_up": "是否分完", "share": "应得",
    "cents": "整分", "rest": "余数", "to_give": "剩余分数", "place": "次序", "first": "起始日",
    "last": "截止日", "worked": "在职天数", "whole": "总天数", "size": "人数", "gap": "差额",
    "completion": "完成率", "rate": "比例", "slices": "分段合计", "lost": "是否取消", "change": "浮动",
    "months": "月数", "per_view": "每次浏览销售额", "service_months": "客服月数",
    "service_share": "客服占比", "reached": "所在段", "of_grade": "等级行数", "coefficient": "系数",
    "extra_share": "基本工资比例", "higher": "更高人数", "lower": "更低人数", "tied": "并列人数",
    "turn": "并列次序", "behind": "落后人数", "reward": "奖励", "loss": "扣罚", "w": "权重",
    "all_weights": "权重合计", "yuan": "整元", "limit": "扣款上限", "d": "扣款比较值", "left": "扣后金额",
    "people": "人数", "rest_mean": "其余平均", "spread": "离差平方和", "rest_spread": "其余离差平方和",
    "together": "离差乘积和", "flat": "没有差别", "scale": "离差积", "line": "线", "noise": "误差", "low": "下限",
    "high": "上限", **{f"run_{k}": f"近{k}期连续" for k in (5, 10, 15, 20, 25)},
}  # fmt: skip


class NoTwinError(Exception):
    """Something has no plain formula; the message says what."""


def rule_formula(
    rule: Rule,
    area: Area,
    label: str,
    operand: Callable[[str], Operand],
    options: Mapping[str, str | bool],
) -> str:
    """The formula that calculates a rule on every row of an area; its steps are put there.

    Args:
        rule: The rule of the catalogue.
        area: Where the steps go.
        label: What the headers of the steps begin with.
        operand: The cells of an argument; only asked for those that the formulas use.
        options: Words and flags that are known now (``better``, ``ties``); what the twin does for
            other ones is left out.

    Raises:
        NoTwinError: the rule has no twin, or an argument has no cells.
    """
    if rule.twin is None:
        raise NoTwinError(f"{rule.function or rule.id}：{rule.no_twin}")
    helpers = {name: decided(text, options) for name, text in rule.twin.helpers.items()}
    result = decided(rule.twin.result, options)
    needed = _needed(result, helpers)
    known: dict[str, Operand] = {}

    def address(name: str, part: str, extent: str) -> str:
        cells = known[name] if name in known else known.setdefault(name, operand(name))
        if isinstance(cells, Fixed):
            return cells.at(part)
        return cells.at(area.sheet, _EXTENTS[extent])

    for name, text in helpers.items():
        if name in needed:
            known[name] = area.step(f"{label} {STEPS.get(name, name)}", fill(text, address))
    return fill(result, address)


def decided(template: str, options: Mapping[str, str | bool]) -> str:
    """A template without the branches that the options rule out."""
    start = 0
    while match := _CHOICE.search(template, start):
        name, word = match[1], match[2]
        if name not in options:
            start = match.end()
            continue
        holds = options[name] == (word if word else True)
        yes, no, end = _branches(template, match.end())
        before, after = template[: match.start()], template[end:]
        branch = yes if holds else no
        alone = before[-1:] in ("", "(", ",") and after[:1] in ("", ")", ",")
        template = f"{before}{branch}{after}" if alone else f"{before}({branch}){after}"
        start = match.start()
    return template


def _branches(template: str, start: int) -> tuple[str, str, int]:
    """The two branches of an IF from the end of its condition, and where the IF ends."""
    depth, comma, quoted = 0, 0, False
    for position in range(start, len(template)):
        letter = template[position]
        if letter == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif letter in "({":
            depth += 1
        elif letter == "," and depth == 0:
            comma = position
        elif letter == ")" and depth == 0:
            return template[start:comma], template[comma + 1 : position], position + 1
        elif letter in ")}":
            depth -= 1
    raise ValueError(template)


def _needed(result: str, helpers: Mapping[str, str]) -> set[str]:
    needed: set[str] = set()
    pending = [result]
    while pending:
        for name in re.findall(r"\{([a-z_0-9]+)[.:}]", pending.pop()):
            if name in helpers and name not in needed:
                needed.add(name)
                pending.append(helpers[name])
    return needed
