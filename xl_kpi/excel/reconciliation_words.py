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

# English for labels of the columns; what HR named stays as HR named it.
LABELS: Mapping[str, str] = {
    "工号": "Staff ID", "姓名": "Name", "部门": "Department", "考核": "Assessed",
    "本部门员工": "Own staff", "总分": "Total score", "名次": "Place", "等级": "Grade",
    "应发合计": "Pay", "部门号": "Department no.", "店铺号": "Shop no.", "团队号": "Team no.",
    "岗位号": "Role no.", "全部号": "All", "人数": "People",
}  # fmt: skip
ENDINGS: Mapping[str, str] = {" 得分": " points"}
SAID_ABOVE = (" 程序", " 差")  # endings that the line over the header tells
DAYS = ("期初", "期末")  # figures of everybody that are days
