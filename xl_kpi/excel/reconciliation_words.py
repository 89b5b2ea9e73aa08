"""What the 对账 sheets say, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from xl_kpi.excel.layout_words import Words

PREFIX: Words = ("对账", "Reconciliation")
TITLE: Words = ("对账：普通公式和程序的结果", "Reconciliation: plain formulas and the program")
GUIDE: Words = (
    "由程序写入：下列各表用普通公式把本期重算一遍，与程序逐格比较；不装程序也能重算。改这里的数不影响工资。",
    "Written by the program: plain formulas calculate the period again, cell by cell, without it.",
)
SHEET_GUIDE: Words = (
    "给定的数 → 步骤（折叠，点上方的 + 展开）→ 公式的结果、程序的结果、差（– 表示一致）。",
    "Given figures → steps (folded: + above) → formula, program, difference (– where they agree).",
)
POLICY_GUIDE: Words = (
    "各表公式用到的制度参数；改方案请到方案表。",
    "The policy's figures that the formulas use; change them on the scheme's sheet.",
)
BACK: Words = ("← 对账", "← Reconciliation")
RESULT: Words = ("结论", "Verdict")
AGREES: Words = ("一致", "agree")
DIFFER: Words = ("有 {n} 格不一致", "{n} cells differ")
MANY: Words = ("不一致，见对账表", "cells differ: see the sheets")
UNKNOWN: Words = ("待重算", "to be recalculated")
DIFFERENT: Words = ("不同", "differs")
KINDS: Mapping[str, Words] = {
    "person": ("", ""),
    "given": ("给定", "given"),
    "step": ("步骤", "step"),
    "result": ("公式", "formula"),
    "python": ("程序", "program"),
    "gap": ("差", "difference"),
}
LINES: tuple[Words, ...] = (
    ("项目", "Item"), ("工作表", "Sheet"), ("差的列", "Column"), ("核对格数", "Cells"),
    ("不一致格数", "Cells that differ"),
)  # fmt: skip
TOTALS: tuple[Words, ...] = (
    ("合计", "Total"), ("{sheet}", "{sheet}"), ("程序", "Program"), ("公式", "Formulas"),
    ("不一致格数", "Cells that differ"),
)  # fmt: skip
LEGEND: Words = ("图例", "Legend")
LEGENDS: Mapping[str, Words] = {
    "given": ("给定：输入或程序汇总的数", "given: input or counted"),
    "step": ("步骤：公式的中间数，折叠", "step: in between, folded"),
    "result": ("公式：普通公式的结果", "formula: what plain formulas give"),
    "python": ("程序：程序写入的结果", "program: what it wrote"),
    "gap": ("差：公式 − 程序；红色为不一致", "difference: red where they differ"),
}
WITHOUT: Words = ("没有普通公式、直接取程序结果：", "Taken from the program, no plain formula: ")
SAMPLE: Words = (
    "共 {count} 人，超过 {most} 人：逐人公式取 {sample} 人（按整组抽取）；合计核对包括所有人。",
    "{count} people are more than {most}: {sample} of them, in whole groups; totals are of all.",
)
TOTALS_ONLY: Words = (
    "共 {count} 人，超过 {most} 人，而且没有能单独核对的小组：只核对合计，不列逐人公式。",
    "{count} people are more than {most} and no group stands alone: only totals are compared.",
)
POLICY_HEADER: tuple[Words, ...] = (
    ("参数", "Figure"), ("值 / 从", "value / from"), ("值 / 到", "value / to"), ("值", "value"),
    ("值 / 边界", "value / edges"),
)  # fmt: skip
MORE: Words = ("值", "value")
NOT_YET: Words = ("计算后这里显示结论：xl-kpi run 本文件", "Calculate first: xl-kpi run THIS_FILE")

# English for the words of the columns and figures that no table and no rule declares; what HR named
# stays as HR named it.
LABELS: Mapping[str, str] = {
    "工号": "Staff ID", "姓名": "Name", "部门": "department", "店铺": "shop", "团队": "team",
    "岗位": "role", "考核": "assessed", "本部门员工": "own staff", "名次": "place", "等级": "grade",
    "应发合计": "pay", "部门号": "department no.", "店铺号": "shop no.", "团队号": "team no.",
    "岗位号": "role no.", "全部号": "all", "人员号": "person no.", "人数": "people", "计入": "counted",
    "得分": "points", "扣分": "points deducted", "样本": "sample", "没有": "none", "计分": "scored", "有条件": "if the condition holds",
    "未达标": "target missed", "12位": "to 12 digits", "组": "group", "组内人数": "people in the group",
    "组平均": "group average", "本期": "this period", "曲线": "curve", "分数段": "score bands",
    "等级比例": "grade shares", "同组人数": "people in the group", "合并定级": "graded together",
    "按分数段": "by score", "按比例定级": "graded by shares", "小团队定级": "graded in small teams",
    "未取整": "unrounded", "未限额": "before limits", "保底": "floor", "封顶": "cap",
    "总分名次": "total score place", "总分倒数名次": "total score place from the bottom",
    "比较值": "as compared", "目标比较值": "target as compared", "标准比较值": "line as compared",
    "加分线比较值": "bonus line as compared", "完成率比较值": "completion as compared",
    "扣款比较值": "deduction as compared", "分段": "by bands", "所在段数": "matching bands", "所在段": "matching band",
    "领先人数": "people ahead", "落后人数": "people behind", "同分人数": "people with equal scores",
    "同分第一人": "first of equal scores", "领先分数个数": "scores ahead", "前面名额": "places before",
    "分享名额": "places shared", "名次分": "rank points", "原始分": "raw points", "封顶后": "after the cap",
    "现有权重": "weights present", "权重": "weight", "权重合计": "sum of weights", "缺项数": "items missing",
    "平均": "average", "奖金池": "pool", "得分合计": "sum of points", "是否分完": "all given out",
    "应得": "due", "整分": "whole cents", "余数": "remainder", "剩余分数": "cents left",
    "次序": "turn", "起始日": "first day", "截止日": "last day", "在职天数": "days employed",
    "总天数": "days in all", "差额": "gap", "完成率": "completion", "比例": "rate",
    "分段合计": "sum of bands", "是否取消": "withdrawn", "浮动": "change", "月数": "months",
    "每次浏览销售额": "sales per view", "客服月数": "service months", "客服占比": "service share",
    "等级行数": "rows of the grade", "系数": "coefficient", "基本工资比例": "share of base pay",
    "更高人数": "people higher", "更低人数": "people lower", "并列人数": "people tied",
    "并列次序": "turn among the tied", "奖励": "reward", "扣罚": "loss", "整元": "whole yuan",
    "扣款上限": "most deducted", "扣后金额": "amount left", "其余平均": "average of the rest",
    "离差平方和": "sum of squares", "其余离差平方和": "sum of squares of the rest",
    "离差乘积和": "sum of products", "没有差别": "no spread", "离差积": "product of spreads",
    "线": "line", "误差": "error", "下限": "lower bound", "上限": "upper bound",
    **{f"近{k}期连续": f"last {k} periods in a row" for k in (5, 10, 15, 20, 25)},
}  # fmt: skip
NUMBERED: Mapping[str, str] = {  # a label with a number in it
    "1期前": "a period ago", r"(\d+)期前": "{} periods ago", r"往期(\d+)": "past period {}",
}  # fmt: skip
SAID_ABOVE = (" 程序", " 差")  # endings that the line over the header tells
DAYS = ("期初", "期末")  # figures of everybody that are days
