"""The labels of a simulation, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("试算", "What-if"),
    "summary": ("概览", "Summary"),
    "people_sheet": ("个人", "People"),
    "groups_sheet": ("店铺部门", "Shops"),
    "grades_sheet": ("等级", "Grades"),
    "sensitivity_sheet": ("敏感度", "Sensitivity"),
    "edges_sheet": ("临界", "Edges"),
    "shown_sheet": ("方案列示", "Shown"),
    "notes_sheet": ("须知", "Notes"),
    "tried": ("试算方案", "Tried"),
    "compared": ("对比", "Compared with"),
    "as_paid": ("实际发放的数，含后来补发、扣回的差额", "as paid, with later true-ups"),
    "again": ("按方案重新计算", "calculated again"),
    "months": ("月份", "Months"),
    "month": ("月份", "Month"),
    "all": ("合计", "In all"),
    "people": ("人数", "People"),
    "slips": ("人次", "Payslips"),
    "before_paid": ("已发", "Paid"),
    "before": ("对比方案", "Before"),
    "after": ("试算", "After"),
    "change": ("差额", "Change"),
    "share": ("变化", "Change %"),
    "mean_before": ("人均（前）", "Mean before"),
    "mean_after": ("人均（后）", "Mean after"),
    "mean_change": ("人均差", "Mean change"),
    "department": ("部门", "Department"),
    "shop": ("店铺", "Shop"),
    "team": ("团队", "Team"),
    "role": ("岗位", "Role"),
    "person_id": ("工号", "Staff ID"),
    "name": ("姓名", "Name"),
    "month_count": ("月数", "Months"),
    "up": ("升", "Gain"),
    "down": ("降", "Lose"),
    "same": ("不变", "Same"),
    "not_compared": ("只有一边有工资", "Paid by one side only"),
    "winners": ("升得最多", "Gain most"),
    "losers": ("降得最多", "Lose most"),
    "because": ("差在哪里", "Because of"),
    "grade": ("等级", "Grade"),
    "scheme": ("方案", "Scheme"),
    "parameter": ("参数", "Parameter"),
    "cell": ("单元格", "Cell"),
    "now": ("现值", "Now"),
    "step": ("调整", "Step"),
    "cost": ("总成本变化", "Cost"),
    "slips_up": ("升（人次）", "Payslips up"),
    "slips_down": ("降（人次）", "Payslips down"),
    "kind_weight": ("权重", "Weight"),
    "kind_target": ("目标", "Target"),
    "kind_bonus_line": ("加分线", "Bonus line"),
    "kind_penalty_line": ("扣分线", "Penalty line"),
    "kind_rate": ("提点、系数", "Rate"),
    "kind_sales_target": ("目标表", "Targets"),
    "line": ("线", "Line"),
    "just_below": ("差一点没到", "Just below"),
    "just_above": ("刚过线", "Just above"),
    "level": ("层级", "Level"),
    "group": ("部门/店铺", "Group"),
    "item": ("项目", "Item"),
    "month_mean": ("月均", "Mean of months"),
    "severity": ("级别", "Level"),
    "where": ("位置", "Where"),
    "what": ("情况", "What"),
    "fix": ("怎么办", "What to do"),
    "chart_months": ("各月总成本（元）", "Cost by month (yuan)"),
    "chart_shops": ("各店铺人均（元）", "Mean per payslip by shop (yuan)"),
    "points": ("点", " pt"),
    "read_sensitivity": (
        "一次只动一个参数，其余不变，重算全部月份。权重加 1 点时，同板块其他指标按比例减，合计不变；"
        "目标、线、提点按现值的百分比调。",
        "One parameter at a time, all months again. A weight goes up a point, the others of its block "
        "down in proportion; targets, lines and rates move by a share of what they are.",
    ),
    "read_edges": (
        "离一条线不到 2% 的人次：线挪一点，或数据有一点出入，得分、等级或提点就会跳。",
        "Payslips within 2 % of a line: a small change of the line or the data makes them jump.",
    ),
    "read_shown": (
        "试算方案自己算出、只列示不发放的数，按月平均。",
        "What the tried scheme shows and does not pay, as means of the months.",
    ),
}


def word(key: str, lang: str) -> str:
    """A label in Chinese or English."""
    return WORDS[key][lang == "en"]


def step_text(kind: str, step: float, lang: str) -> str:
    """How far a parameter is moved: ``+1 点`` of a weight, else ``+5%``."""
    return f"{step * 100:+g}" + (word("points", lang) if kind == "weight" else "%")
