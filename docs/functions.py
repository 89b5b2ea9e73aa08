"""Writes docs/functions.md and docs/functions.zh-CN.md: every worksheet function.

Run it after a change of the catalogue: ``python docs/functions.py``; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from xl_kpi.catalogue import FUNCTIONS, Argument, Rule, defaults
from xl_kpi.excel.cell_functions import VERSION
from xl_kpi.excel.function_examples import FunctionExample, function_examples
from xl_kpi.excel.function_texts import shown_preset

FOLDER = Path(__file__).parent
FILES = {"zh": FOLDER / "functions.zh-CN.md", "en": FOLDER / "functions.md"}
Words = tuple[str, str]  # Chinese, English

INTRODUCTION: Words = (
    """\
# KPI 函数一览

[English](functions.md) · [使用指南](guide.zh-CN.md)

由 `docs/functions.py` 从规则目录生成。这些函数在带宏的工作簿（`xl-kpi new 月份.xlsm`）里可以写进任何单元格，
在方案表的公式里也能用；没有 Excel 时用 `xl-kpi eval "=公式"` 计算。“一列”的参数可以给一格，也可以给整列，
整列时结果也是一列。{1,2;3,4} 是直接写在公式里的区域：逗号隔列，分号换行；写单元格区域也一样。"" 表示空白。
可以不填的参数，不填时按“不填时”一栏的数（制度原文的数）计算。比率写 0.47 或 47% 都行。出处是制度原文的编号和条款。
""",
    """\
# The KPI functions

[中文](functions.zh-CN.md) · [Guide](guide.md)

Written by `docs/functions.py` from the catalogue of rules. In a book with macros (`xl-kpi new
MONTH.xlsm`) the functions work in any cell, and in the formulas of a scheme sheet; without Excel
`xl-kpi eval "=FORMULA"` calculates them. Where it says *column*, one cell or a whole column may be
given; a column gives a column. {1,2;3,4} is a range typed into the formula: a comma between columns, a
semicolon between rows; a range of cells does as well. "" is a blank. An argument that is left out has
the figure under *left out*, the policy's own. Type rates as 0.47 or 47%. The source is the number and
clause of the policy document.
""",
)
STAGES: dict[str, Words] = {
    "metric": ("指标", "Metrics"),
    "score": ("得分", "Points"),
    "grade": ("等级", "Grades"),
    "payout": ("薪资", "Pay"),
}
SHAPES: dict[str, Words] = {
    "column": ("一列", "column"),
    "matrix": ("每人一行，可多列", "a row per person, several columns"),
    "scalar": ("一格", "one cell"),
    "list": ("一行或一列数", "a row or column of figures"),
    "table": ("一个区域", "range"),
    "groups": ("一列：每行属于哪一组", "column: the group of each row"),
}
TABLES: dict[str, Words] = {
    "bands": ("列：从、到、值、边界，边界写 [) 等，可省", "columns: from, to, value, edges such as [), optional"),
    "grade bands": ("列：从、到、等级、边界", "columns: from, to, grade, edges"),
    "tiers": ("列：从多少起、比例", "columns: from, rate"),
    "grade pay": ("列：等级、系数、基本工资比例", "columns: grade, coefficient, share of base pay"),
}  # fmt: skip
UNITS: dict[str, Words] = {
    "yuan": ("元", "yuan"), "s": ("秒", "seconds"), "points": ("分", "points"),
    "ratio": ("比率，0.47 即 47%", "ratio, 0.47 is 47%"), "rate": ("比例，0.01 即 1%", "rate, 0.01 is 1%"),
    "count": ("个数", "count"), "days": ("天", "days"), "place": ("名次", "place"),
    "grade": ("等级", "grade"), "text": ("文字", "text"), "": ("", ""), "day": ("日期", "date"),
    "same": ("同一单位", "the same unit"), "number": ("个数或元", "count or yuan"),
    "views": ("浏览次数", "page views"), "share": ("比例，合计为 1", "shares that add up to 1"),
    "weight": ("权重", "weights"), "digits": ("位数", "digits"),
}  # fmt: skip
# The unit of each argument, in order; "-" has none.
ARGUMENT_UNITS = {
    "KPI_RATE": "number number", "KPI_GROUP_RATE": "number number -", "KPI_GROWTH": "number number",
    "KPI_SALES_TARGET": "views yuan views yuan", "KPI_SCORE": "same same points - points points",
    "KPI_PASS": "same same points points - -", "KPI_BAND": "same same", "KPI_PENALTY": "same same points -",
    "KPI_RANK": "same - - -", "KPI_RANK_POINTS": "same - points points - same same",
    "KPI_RESPONSE_TARGET": "count count s count s -", "KPI_RATING": "points share points points",
    "KPI_WEIGHTED": "points weight -", "KPI_GRADE": "points share grade - -",
    "KPI_STREAK": "same same -", "KPI_DISCRIMINATION": "points points",
    "KPI_DEPT_COEF": "ratio ratio rate", "KPI_DEPT_BONUS": "yuan ratio ratio rate",
    "KPI_BONUS_POOL": "yuan ratio ratio yuan yuan yuan rate ratio ratio",
    "KPI_POOL_SHARE": "points yuan points", "KPI_GRADE_PAY": "grade yuan yuan yuan -",
    "KPI_RANK_REWARD": "same yuan yuan - -", "KPI_SPLIT_COMMISSION": "yuan yuan rate rate -",
    "KPI_COMMISSION": "yuan yuan rate -", "KPI_EXCESS_RATE": "points rate rate",
    "KPI_ROUND": "yuan digits", "KPI_PAY": "yuan", "KPI_PRORATE": "yuan day day day day -",
}  # fmt: skip
KINDS: dict[str, Words] = {"flag": ("TRUE 或 FALSE", "TRUE or FALSE")}
HEADER: tuple[Words, ...] = (
    ("参数", "argument"), ("填什么", "what to give"), ("单位", "unit"), ("不填时", "left out"),
)  # fmt: skip
DOES: dict[str, Words] = {
    "KPI_RATE": ("部分 ÷ 总数，如付款人数 ÷ 询单人数；总数为 0 是 #N/A，不当作 0。",
                 "Part by whole, as customers who paid by inquiries; a whole of 0 gives #N/A and no 0."),
    "KPI_GROUP_RATE": ("一组人的比率：部分之和 ÷ 总数之和，不是各人比率的平均。",
                       "The rate of a group: sum of parts by sum of wholes, not the mean of rates."),
    "KPI_GROWTH": ("本期比上期增长多少。", "By how much this period exceeds the one before."),
    "KPI_SALES_TARGET": ("按往月每个浏览量的销售额，定出本月的销售任务。",
                         "The month's sales target from what a page view brought in past months."),
    "KPI_SCORE": ("按实际值与目标值的比例得分，不低于保底分，不高于封顶分。",
                  "Points in proportion to the target, between floor and cap."),
    "KPI_PASS": ("达到目标得满分，没有达到得“未达标分”。", "All points at the target, else the points of a miss."),
    "KPI_BAND": ("值落在分段表的哪一段，就取那一段的值。", "The value of the band that holds the figure."),
    "KPI_PENALTY": ("比标准差就扣分，恰好等于不扣。", "A deduction where worse than the line; equal is not worse."),
    "KPI_RANK": ("在组内的名次。", "The place inside the group."),
    "KPI_RANK_POINTS": ("前几名加分（不能比加分线差）；比扣分线差的扣分。",
                        "Points for the first places unless worse than the bonus line; a deduction "
                        "where worse than the penalty line."),
    "KPI_RESPONSE_TARGET": ("接待量每多一档，响应时间目标放宽几秒。",
                            "A response target that grants some seconds for each step of workload."),
    "KPI_RATING": ("几方评分按权重合成；达到“视同满分线”算满分。",
                   "Ratings of several raters by weight; from the cap line on they count as full."),
    "KPI_WEIGHTED": ("各项得分按权重求总分；缺项时怎么办可以选。",
                     "The total by weights, with a choice for what is missing."),
    "KPI_GRADE": ("按名次和各等级比例定等级。", "Grades by place and the share of each grade."),
    "KPI_STREAK": ("到最近一期为止，连续多少期符合条件。", "For how many periods up to the latest the test has held."),
    "KPI_DISCRIMINATION": ("区分度：这项得分与其余各项合计的相关系数，−1 到 1；接近 0 说明这项分不出好坏。",
                           "Correlation of an indicator with the rest of the total, −1 to 1; near 0 it tells nobody apart."),
    "KPI_DEPT_COEF": ("部门考核得分系数 = 完成率 × 转化率 × 比例。", "Completion × conversion × rate."),
    "KPI_DEPT_BONUS": ("部门奖金 = 销售额 × 部门考核得分系数，四舍五入到分。",
                       "Sales × department coefficient, to the cent."),
    "KPI_BONUS_POOL": ("考核奖金 X：部门奖金，加任务内提成和超额提成各一部分，加部门奖惩。",
                       "Bonus pool X: department bonus, shares of both commissions, and the reward."),
    "KPI_POOL_SHARE": ("按得分分奖金池，负分按 0，分到最后一分钱；给了总分，就每人发 得分 ÷ 总分 × 奖金池。",
                       "A pool divided by scores, negative ones as 0, to the last cent; with a total, "
                       "score ÷ total × pool for each."),
    "KPI_GRADE_PAY": ("等级对应的奖金：固定部分 + 浮动奖金 × 系数 + 基本工资 × 比例。",
                      "Pay by grade: fixed bonus + floating bonus × coefficient + base pay × share."),
    "KPI_RANK_REWARD": ("组内第一名奖、最后一名罚，并列平分。", "A reward for the first, a penalty for the last; ties share."),
    "KPI_SPLIT_COMMISSION": ("任务内提成和超额提成，并排两格。", "Commission within the target and beyond it, two cells."),
    "KPI_COMMISSION": ("按完成率取阶梯提成比例。", "Commission by tiers of completion."),
    "KPI_EXCESS_RATE": ("按得分上浮或下浮超额提成比例；分数太低没有提成。",
                        "The excess rate, raised or lowered by the score; none at a low score."),
    "KPI_ROUND": ("四舍五入，按 Excel 显示的数：2.675 是 2.68。", "Half up, on the figure that Excel shows."),
    "KPI_PAY": ("薪资项合计，每项先到分。", "The sum of pay items, each to the cent first."),
    "KPI_PRORATE": ("月中入职、离职时按天数折算。", "The share of an amount for those who came or left."),
}  # fmt: skip


def document(lang: str) -> str:
    """The whole document in Chinese or English."""
    index = 0 if lang == "zh" else 1
    examples = {example.function: example for example in function_examples()}
    parts = [INTRODUCTION[index], _overview(index)]
    for stage, words in STAGES.items():
        parts.append(f"## {words[index]}\n")
        names = [name for name in sorted(examples) if FUNCTIONS[name].stage == stage]
        parts += [_function(FUNCTIONS[name], examples[name], index) for name in names]
    return "\n".join(parts)


def _overview(index: int) -> str:
    lines = []
    for stage, words in STAGES.items():
        names = sorted(n for n, r in FUNCTIONS.items() if r.stage == stage and n != VERSION)
        lines.append(f"- {words[index]}: " + " ".join(f"[{n}](#{n.lower()})" for n in names))
    return "\n".join(lines) + "\n"


def _function(rule: Rule, example: FunctionExample, index: int) -> str:
    name = rule.function
    result_unit = UNITS[rule.unit][index]
    label = (f"**{rule.zh}。**", f"**{rule.en}.**")[index]
    parts = [
        f"### {name}\n",
        f"{label} {DOES[name][index]}",
        "",
        _row([words[index] for words in HEADER]),
        _row(["---"] * len(HEADER)),
        *(
            _row(_argument(argument, name, unit, index))
            for argument, unit in zip(rule.arguments, ARGUMENT_UNITS[name].split(), strict=True)
        ),
        "",
        f"`{example.formula}` → **{_result(example.expected)}**" + (f" ({result_unit})" if result_unit else ""),
    ]
    source = "; ".join(p for p in rule.source.split("; ") if not p.startswith("rules.md"))
    if source:
        parts += ["", f"{('出处', 'Source')[index]}: {source}"]
    return "\n".join(parts) + "\n"


def _argument(argument: Argument, function: str, unit: str, index: int) -> list[str]:
    what = SHAPES[argument.shape][index]
    if argument.choices:
        # Chinese spellings first for Chinese readers: both are accepted.
        spellings = [s for s in argument.choices if s.isascii() == bool(index) or not s[0].isalpha()]
        what = " / ".join(spellings)
    elif argument.table:
        what += ("；", "; ")[index] + TABLES[argument.table][index]
    elif argument.kind in KINDS:
        what += f" ({KINDS[argument.kind][index]})"
    preset = defaults().get(function, {}).get(argument.key)
    left_out = ("必填", "required")[index]
    if argument.blank:
        left_out = ("必填，可以是空白", "required, may be blank")[index]
    if argument.optional:
        left_out = "–" if preset is None else _left_out(function, preset, argument, index)
    label = (argument.zh, argument.en)[index]
    return [label, what, UNITS[unit.strip("-")][index], left_out]


def _left_out(function: str, preset: object, argument: Argument, index: int) -> str:
    if isinstance(preset, str) and preset[:1] == "=" and preset[1:].isalpha():  # as another one
        other = next(a for a in FUNCTIONS[function].arguments if a.key == preset[1:])
        return (f"同{other.zh}", f"as {other.en}")[index]
    if preset == "group_mean":
        return ("组均值", "mean of the group")[index]
    if argument.choices:
        option = argument.choices[str(preset)]
        same = [s for s, o in argument.choices.items() if o == option]
        return same[-1 if not index else 0]
    return shown_preset(preset)


def _result(expected: float | str) -> str:
    return expected if isinstance(expected, str) else f"{expected:.15g}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    for language, path in FILES.items():
        path.write_text(document(language), encoding="utf-8")
