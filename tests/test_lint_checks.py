"""Every check of the linter: a scheme with just that fault, and its like without."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from lint_schemes import (
    DONE,
    PAID,
    SCORED,
    bands,
    indicator,
    keyed,
    linear,
    pay,
    pool,
    said,
    scheme,
)

import xl_kpi.lint
from xl_kpi.errors import Problem
from xl_kpi.lint import lint

WEIGHTED = {"block_mode": "加权", "total": "=考核得分"}
REPLIES = linear("回复率", "100%", weight=0.4)
SPEED = linear("平均响应时间", "30", weight=0.6)
RATED = linear("内部协作", "10", weight=1)
BONUS = pay("奖金", "=奖金基数 * 考核得分 / 100")


def looked_up(*rows, by="任务完成率", value="销售额"):
    """A scheme that pays by a curve."""
    formula = f"={value} * KPI_BAND({by}, 提成率)" if value else f"=KPI_BAND({by}, 提成率)"
    return {"curves": bands("提成率", *rows), "pay_items": [pay("提成", formula)]}


def scored_by(metric, *rows):
    """A scheme that scores a metric by a curve."""
    return {"indicators": [indicator(metric, "R03", curve="分")], "curves": bands("分", *rows)}


def weighted(*indicators, **more):
    """A weighted scheme."""
    return {"indicators": indicators, "pay_items": [BONUS], **WEIGHTED} | more


# What: severity, cell and words; the check that says it; the scheme with and without the fault.
FAULTS = {
    # --- curves
    "gap": (
        "error", "curves 2 lower", "50% 至 60% 不在任何一段里", "curves._neighbours",
        looked_up((0, 0.5, 0.01), (0.6, None, 0.02)), looked_up((0, 0.5, 0.01), (0.5, None, 0.02)),
    ),
    "an edge in no band": (
        "error", "curves 2 lower", "50% 不在任何一段里", "curves._neighbours",
        looked_up((0, 0.5, 0.01), (0.5, None, 0.02, "()")),
        looked_up((0, 0.5, 0.01, "[]"), (0.5, None, 0.02, "()")),
    ),
    "shared edge": (
        "error", "curves 2 lower", "80% 同时在两段里（0%–80% [] 得 0.01，80%–不限 [) 得 0.02）",
        "curves._neighbours",
        looked_up((0, 0.8, 0.01, "[]"), (0.8, None, 0.02)),
        looked_up((0, 0.8, 0.01), (0.8, None, 0.02)),
    ),
    "overlap": (
        "error", "curves 2 lower", "70% 至 80% 同时在两段里", "curves._neighbours",
        looked_up((0, 0.8, 0.01), (0.7, None, 0.02)), looked_up((0, 0.7, 0.01), (0.7, None, 0.02)),
    ),
    "a band inside another": (
        "error", "curves 2 lower", "30%–50% [) 整段在 0%–100% [) 里", "curves._neighbours",
        looked_up((0, 1, 0.01), (0.3, 0.5, 0.02), (1, None, 0.03)),
        looked_up((0, 0.3, 0.01), (0.3, 1, 0.02), (1, None, 0.03)),
    ),
    "bounds for whole numbers": (
        "error", "curves 2 lower",
        "10000 至 10001 不在任何一段里（“到”写 10000、下一段“从”写 10001 是常见写法，只适合整数）",
        "curves._neighbours",
        looked_up((0, 10_000, 0.01, "[]"), (10_001, None, 0.02), by="销售额"),
        looked_up((0, 10_000, 0.01, "[]"), (10_000, None, 0.02, "()"), by="销售额"),
    ),
    "bounds for whole numbers of whole numbers": (
        "note", "curves 2 lower", "只有整数时没有空档", "curves._neighbours",
        looked_up((0, 300, 0.01, "[]"), (301, None, 0.02), by="接待人数"),
        looked_up((0, 300, 0.01, "[]"), (300, None, 0.02, "()"), by="接待人数"),
    ),
    "open below": (
        "error", "curves 1 lower", "80% 以下不在任何一段里", "curves._open_ends",
        looked_up((0.8, 1, 0.01), (1, None, 0.02)),
        looked_up((0, 0.8, 0), (0.8, 1, 0.01), (1, None, 0.02)),
    ),
    "the lowest value itself": (
        "error", "curves 1 lower", "0% 本身不在任何一段里", "curves._open_ends",
        looked_up((0, 1, 0.01, "(]"), (1, None, 0.02, "()")),
        looked_up((0, 1, 0.01, "[]"), (1, None, 0.02, "()")),
    ),
    "open below where a fall is possible": (
        "error", "curves 1 lower", "0% 以下不在任何一段里", "curves._open_ends",
        scored_by("客单价提升率", (0, 0.1, 1), (0.1, None, 2)),
        scored_by("客单价提升率", (None, 0.1, 1), (0.1, None, 2)),
    ),
    "open above": (
        "error", "curves 2 upper", "120% 以上不在任何一段里", "curves._open_ends",
        looked_up((0, 1, 0.01), (1, 1.2, 0.02, "[]")), looked_up((0, 1, 0.01), (1, None, 0.02)),
    ),
    "the highest value itself": (
        "error", "curves 2 upper", "100% 本身不在任何一段里", "curves._open_ends",
        scored_by("回复率", (0, 0.9, 1), (0.9, 1, 2)),
        scored_by("回复率", (0, 0.9, 1), (0.9, 1, 2, "[]")),
    ),
    "open where anything may be": (
        "warning", "curves 1 lower", "0 以下不在任何一段里", "curves._open_ends",
        looked_up((0, None, 5), by="考核得分 ^ 2", value=""),
        looked_up((None, None, 5), by="考核得分 ^ 2", value=""),
    ),
    "open below with zero instead": (
        "warning", "curves 1 lower", "0% 以下不在任何一段里", "curves._open_ends",
        {"indicators": [indicator("客单价提升率", "R03", curve="分", if_missing="zero")],
         "curves": bands("分", (0, None, 1))},
        {"indicators": [indicator("客单价提升率", "R03", curve="分", if_missing="zero")],
         "curves": bands("分", (None, None, 1))},
    ),
    "open where a sum may be": (
        "warning", "curves 1 lower", "0 以下不在任何一段里", "curves._open_ends",
        looked_up((0, None, 5), by="考核得分 - 1", value=""),
        looked_up((None, None, 5), by="考核得分 - 1", value=""),
    ),
    "unsorted": (
        "warning", "curves 1 lower", "没有从小到大排列", "curves._judge",
        looked_up((0.8, None, 0.02), (0, 0.8, 0.01)), looked_up((0, 0.8, 0.01), (0.8, None, 0.02)),
    ),
    "from above to": (
        "error", "curves 2 lower", "起点大于终点", "curves._judge",
        looked_up((0, None, 0.01), (0.8, 0.5, 0.02)), looked_up((0, None, 0.01)),
    ),
    "an empty band": (
        "warning", "curves 2 lower", "80%–80% [) 是空的", "curves._judge",
        looked_up((0, 0.8, 0.01), (0.8, 0.8, 0.02), (0.8, None, 0.02)),
        looked_up((0, 0.8, 0.01), (0.8, 0.8, 0.02, "[]"), (0.8, None, 0.02, "()")),
    ),
    "a band that nothing reaches": (
        "warning", "curves 2 lower", "100%–不限 () 够不着：“回复率”用它查的数最高 100%",
        "curves._out_of_reach",
        scored_by("回复率", (0, 1, 1, "[]"), (1, None, 2, "()")),
        scored_by("任务完成率", (0, 1, 1, "[]"), (1, None, 2, "()")),
    ),
    "places below the first": (
        "warning", "curves 1 lower", "0–1 [) 够不着：“提成”用它查的数最低 1", "curves._out_of_reach",
        looked_up((0, 1, 500), (1, 4, 100), (4, None, 0), by="名次", value=""),
        looked_up((1, 4, 100), (4, None, 0), by="名次", value=""),
    ),
    "more than the rank points can give": (
        "warning", "curves 2 lower", "13–不限 [) 够不着：“提成”用它查的数最高 12",
        "curves._out_of_reach",
        {"indicators": [SCORED, indicator("转化率", "R05", cycle="week", rank_points="3,2,1")],
         **looked_up((None, 13, 0), (13, None, 100), by="转化率得分", value="")},
        {"indicators": [SCORED, indicator("转化率", "R05", cycle="week", rank_points="3,2,1")],
         **looked_up((None, 12, 0), (12, None, 100), by="转化率得分", value="")},
    ),
    "a curve that nothing uses": (
        "note", "curves 4 name", "曲线“闲置”没有用到", "curves.curve_problems",
        {"curves": [*DONE, *bands("闲置", (0, None, 1))]}, {"curves": DONE},
    ),
    "a table typed into a formula": (
        "error", "pay_items 1 formula", "50% 至 60% 不在任何一段里", "curves._neighbours",
        {"pay_items": [pay("提成", '=KPI_BAND(任务完成率, {0,0.5,10;0.6,"",20})')]},
        {"pay_items": [pay("提成", '=KPI_BAND(任务完成率, {0,0.5,10;0.5,"",20})')]},
    ),
    # --- weights
    "weights": (
        "error", "indicators 1 weight、indicators 2 weight", "合计是 0.9（90.0000%）", "weights._block",
        weighted(REPLIES, SPEED | {"weight": 0.5}), weighted(REPLIES, SPEED),
    ),
    "no weight": (
        "error", "indicators 2 weight", "“平均响应时间”没有权重", "weights._block",
        weighted(REPLIES, linear("平均响应时间", "30")), weighted(REPLIES, SPEED),
    ),
    "a weight of 60": (
        "error", "indicators 2 weight", "“平均响应时间”的权重是 60（6000%）", "weights._block",
        weighted(REPLIES, SPEED | {"weight": 60}), weighted(REPLIES, SPEED),
    ),
    "the total's shares": (
        "error", "head total", "各板块都得满分 100 时，总分是 110（110.0000%）", "weights._total",
        weighted(REPLIES | {"block": "甲", "weight": 1}, SPEED | {"block": "乙", "weight": 1},
                 total="=80% * 甲 + 30% * 乙", pay_items=[PAID]),
        weighted(REPLIES | {"block": "甲", "weight": 1}, SPEED | {"block": "乙", "weight": 1},
                 total="=80% * 甲 + 20% * 乙", pay_items=[PAID]),
    ),
    "rater shares": (
        "error", "curves 1 value、curves 2 value", "合计 0.9（90.0000%）", "weights._raters",
        weighted(RATED, curves=keyed("内部协作权重", 同事=0.5, 上级=0.4)),
        weighted(RATED, curves=keyed("内部协作权重", 同事=0.5, 上级=0.5)),
    ),
    "raters of 1 each but one": (
        "error", "curves 1 value、curves 2 value、curves 3 value", "合计 4（400.0000%）", "weights._raters",
        weighted(RATED, curves=keyed("内部协作权重", 同事=1, 上级=2, 下属=1)),
        weighted(RATED, curves=keyed("内部协作权重", 同事=1, 上级=1, 下属=1)),
    ),
    "grade shares": (
        "error", "grades 1 share、grades 2 share", "各等级比例合计是 0.9（90.0000%）", "weights._grades",
        {"grades": [{"grade": "S", "share": 0.1}, {"grade": "A", "share": 0.8}]},
        {"grades": [{"grade": "S", "share": 0.1}, {"grade": "A", "share": 0.9}]},
    ),
    "ten times the base pay by grade": (
        "warning", "grades 1 base_share", "底薪加成是 10（月基本工资的 1000%）", "weights._grades",
        {"grades": [{"grade": "S", "share": 1, "base_share": 10}]},
        {"grades": [{"grade": "S", "share": 1, "base_share": 0.1}]},
    ),
    "a coefficient of 150": (
        "warning", "grades 1 coefficient", "等级“S”的系数是 150 倍", "weights._grades",
        {"grades": [{"grade": "S", "share": 1, "coefficient": 150}]},
        {"grades": [{"grade": "S", "share": 1, "coefficient": 1.5}]},
    ),
    "grades by score with a gap": (
        "error", "grades 1 lower", "等级的分数段有空档：2 至 3 不在任何一段里", "curves.grade_problems",
        {"grades": [{"grade": "S", "lower": 3}, {"grade": "A", "lower": 0, "upper": 2}]},
        {"grades": [{"grade": "S", "lower": 2}, {"grade": "A", "lower": 0, "upper": 2}]},
    ),
    "grades by score that share an edge": (
        "error", "grades 1 lower", "2 同时在两段里（0–2 [] 得 A，2–不限 [) 得 S）", "curves.grade_problems",
        {"grades": [{"grade": "S", "lower": 2}, {"grade": "A", "lower": 0, "upper": 2, "edges": "[]"}]},
        {"grades": [{"grade": "S", "lower": 2}, {"grade": "A", "lower": 0, "upper": 2}]},
    ),
    "grades by score without the lowest": (
        "warning", "grades 2 lower", "等级的分数段下端没有写：1 以下不在任何一段里",
        "curves.grade_problems",
        {"grades": [{"grade": "S", "lower": 2}, {"grade": "A", "lower": 1, "upper": 2}]},
        {"grades": [{"grade": "S", "lower": 2}, {"grade": "A", "upper": 2}]},
    ),
    "weights of a role": (
        "error", "indicators 1 weight、indicators 3 weight", "“售后”在板块“考核得分”的权重合计是 0.9",
        "weights._block",
        weighted(REPLIES, SPEED | {"role": "售前"}, linear("顾客流失率", "5%", weight=0.5, role="售后")),
        weighted(REPLIES, SPEED | {"role": "售前"}, linear("顾客流失率", "5%", weight=0.6, role="售后")),
    ),
    # --- indicators
    "a metric scored twice": (
        "warning", "indicators 2 metric", "“回复率二”在 indicators 1 metric 已经计分，同一批人会算两次",
        "indicators._counted_twice",
        {"indicators": [linear("回复率", "90%", role="售前,售后"),
                        linear("回复率", "95%", name="回复率二", role="售后")]},
        {"indicators": [linear("回复率", "90%", role="售前"),
                        linear("回复率", "95%", name="回复率二", role="售后")]},
    ),
    "a metric under two names": (
        "warning", "indicators 2 metric", "“成交率”与“转化率”（indicators 1 metric）的公式相同",
        "indicators._counted_twice",
        {"indicators": [linear("转化率", "30%"), linear("成交率", "30%")], "metrics": [
            {"id": "X1", "metric": "成交率", "formula": "=询单最终付款人数 / 询单人数",
             "unit": "ratio", "better": "higher"}]},
        {"indicators": [linear("转化率", "30%"), linear("成交率", "30%")], "metrics": [
            {"id": "X1", "metric": "成交率", "formula": "=付款人数 / 询单人数",
             "unit": "ratio", "better": "higher"}]},
    ),
    "a deduction without its sign": (
        "warning", "indicators 1 below", "“回复率”低于扣分线反而加 2 分", "indicators._signs",
        {"indicators": [indicator("回复率", "R04", penalty_line="90%", below=2)]},
        {"indicators": [indicator("回复率", "R04", penalty_line="90%", below=-2)]},
    ),
    "rank points from the last": (
        "warning", "indicators 1 rank_points", "名次靠后的反而分高", "indicators._signs",
        {"indicators": [indicator("回复率", "R05", rank_points="1,2,3")]},
        {"indicators": [indicator("回复率", "R05", rank_points="3,2,1")]},
    ),
    "more for missing than for meeting": (
        "warning", "indicators 1 miss", "未达标得 100 分，比达标的 60 分还高", "indicators._signs",
        {"indicators": [indicator("回复率", "R02", target="90%", full=60, miss=100)]},
        {"indicators": [indicator("回复率", "R02", target="90%", full=100, miss=60)]},
    ),
    "a target that nobody meets": (
        "warning", "indicators 1 target", "“回复率”最高只能到 100%，目标却是 105%，谁也够不着",
        "indicators._beyond_reach",
        {"indicators": [linear("回复率", "105%")]}, {"indicators": [linear("任务完成率", "105%")]},
    ),
    "more than everything": (
        "warning", "indicators 1 target", "目标却是 100%，又要求超过", "indicators._beyond_reach",
        {"indicators": [indicator("回复率", "R02", target="100%", full=9, miss=0, strict="yes")]},
        {"indicators": [indicator("回复率", "R02", target="100%", full=9, miss=0)]},
    ),
    "a line that everybody misses": (
        "warning", "indicators 1 penalty_line", "扣分线却是 -1%，谁也够不着",
        "indicators._beyond_reach",
        {"indicators": [indicator("顾客流失率", "R04", penalty_line="-1%", below=-1)]},
        {"indicators": [indicator("顾客流失率", "R04", penalty_line="1%", below=-1)]},
    ),
    "a target of zero": (
        "error", "indicators 1 target", "“回复率”的目标不大于 0", "indicators._parameters",
        {"indicators": [linear("回复率", "0")]}, {"indicators": [linear("回复率", "90%")]},
    ),
    "floor above cap": (
        "error", "indicators 1 floor", "保底分 120 高于封顶分 100", "indicators._parameters",
        {"indicators": [linear("回复率", "90%", floor=120)]},
        {"indicators": [linear("回复率", "90%", floor=10)]},
    ),
    "scored by a curve of keys": (
        "error", "indicators 1 curve", "按类别，不能分段计分", "indicators._parameters",
        {"indicators": [indicator("回复率", "R03", curve="分")], "curves": keyed("分", 甲=1, 乙=2)},
        {"indicators": [indicator("回复率", "R03", curve="分")], "curves": bands("分", (0, None, 1))},
    ),
    "a block without a score": (
        "error", "indicators 1 block", "没有计入得分的指标", "indicators._parameters",
        {"indicators": [SCORED | {"in_score": "no"}]}, {"indicators": [SCORED]},
    ),
    "nobody is paid": (
        "error", "head", "没有人会拿到钱", "indicators._parameters",
        {"pay_items": [PAID | {"paid": "no"}]}, {"pay_items": [PAID]},
    ),
    "a figure that does nothing": (
        "warning", "indicators 1 cap", "用不到“封顶分”", "indicators._misplaced",
        {"indicators": [SCORED | {"cap": 5}]}, {"indicators": [SCORED]},
    ),
    # --- units
    "a target of 80 for 80 %": (
        "error", "indicators 1 target", "“任务完成率”是百分比，这里是 80（8000%）", "units._lines",
        {"indicators": [linear("任务完成率", "80")]}, {"indicators": [linear("任务完成率", "80%")]},
    ),
    "minutes for seconds": (
        "warning", "indicators 1 target", "“平均响应时间”的单位是秒，这里是 3 秒", "units._lines",
        {"indicators": [linear("平均响应时间", "3")]}, {"indicators": [linear("平均响应时间", "30")]},
    ),
    "thousandths for seconds": (
        "warning", "indicators 1 target", "这里是 30000 秒（500 分钟）", "units._lines",
        {"indicators": [linear("平均响应时间", "30000")]},
        {"indicators": [linear("平均响应时间", "30")]},
    ),
    "bands of 80 for 80 %": (
        "error", "curves 3 lower", "按百分比查（任务完成率），起止却写到 100（10000%）", "units._bounds",
        scored_by("任务完成率", (0, 80, 1), (80, 100, 2), (100, None, 3)),
        scored_by("任务完成率", (0, 0.8, 1), (0.8, 1, 2), (1, None, 3)),
    ),
    "bands of minutes for seconds": (
        "warning", "curves 1 upper", "按秒查（平均响应时间），起止最大只到 3 秒", "units._minutes",
        scored_by("平均响应时间", (0, 1, 3), (1, 3, 2), (3, None, 1)),
        scored_by("平均响应时间", (0, 60, 3), (60, 180, 2), (180, None, 1)),
    ),
    "compared with 80": (
        "error", "pay_items 1 formula", "“任务完成率”是百分比，却与 80 比较", "units._compared",
        {"pay_items": [pay("奖", "=IF(任务完成率 >= 80, 100, 0)")]},
        {"pay_items": [pay("奖", "=IF(任务完成率 >= 80%, 100, 0)")]},
    ),
    "a commission of 8": (
        "error", "curves 2 value", "曲线“提成率”的值最大是 8，乘上金额就是它的 8 倍",
        "units._Products._too_much",
        looked_up((0, 1, 5), (1, None, 8)), looked_up((0, 1, 0.005), (1, None, 0.008)),
    ),
    "a commission typed as 2": (
        "error", "pay_items 1 formula", "2 是 2，乘上金额就是它的 2 倍", "units._Products._too_much",
        {"pay_items": [pay("提成", "=MAX(0, 销售额 - 任务) * 2")]},
        {"pay_items": [pay("提成", "=MAX(0, 销售额 - 任务) * 2%")]},
    ),
    "a commission of 0.5": (
        "warning", "curves 1 value", "等于付出金额的 50%", "units._Products._too_much",
        looked_up((0, None, 0.5)), looked_up((0, None, 0.005)),
    ),
    "ten times the base pay": (
        "warning", "pay_items 1 formula", "10 最大是 10，会付出固定金额的 10 倍",
        "units._Products._too_much",
        {"pay_items": [pay("奖", "=月基本工资 * 10")]},
        {"pay_items": [pay("奖", "=月基本工资 / 21.75 * 10")]},
    ),
    "a score that is not divided by its full mark": (
        "warning", "pay_items 1 formula", "“考核得分”满分最大是 100，会付出固定金额的 100 倍",
        "units._Products._too_much",
        weighted(REPLIES, SPEED, pay_items=[pay("奖金", "=奖金基数 * 考核得分")]),
        weighted(REPLIES, SPEED),
    ),
    "tiers of 1 for 1 %": (
        "error", "pay_items 1 formula", "KPI_COMMISSION 的比例最大是 1.2，等于付出金额的 120%",
        "units._tiers",
        {"pay_items": [pay("提成", "=KPI_COMMISSION(销售额, 任务, {0,0;0.8,1;1,1.2})")]},
        {"pay_items": [pay("提成", "=KPI_COMMISSION(销售额, 任务, {0,0;0.8,1%;1,1.2%})")]},
    ),
    # --- pools
    "a pool divided by a figure": (
        "warning", "pay_items 2 formula", "把奖金池“池”按得分除以固定的数来分", "pools.pool_problems",
        {"pay_items": [pool("池", "=SUM(销售额) * 1%"), pay("奖金", "=考核得分 * 池 / 96")]},
        {"pay_items": [pool("池", "=SUM(销售额) * 1%"), pay("奖金", "=KPI_POOL_SHARE(考核得分, 池, 96)")]},
    ),
    "a pool that pays on": (
        "warning", "pay_items 2 formula", "方案写明奖金池超支时照付", "pools.pool_problems",
        {"pay_items": [pool("池", "=SUM(销售额) * 1%"), pay("奖金", "=KPI_POOL_SHARE(考核得分, 池, 96)")],
         "overspend": "照付"},
        {"pay_items": [pool("池", "=SUM(销售额) * 1%"), pay("奖金", "=KPI_POOL_SHARE(考核得分, 池)")],
         "overspend": "照付"},
    ),
    # --- formulas
    "an unknown name": (
        "error", "pay_items 1 formula", "没有“销售鹅”这个名称", "formulas.formula_problems",
        {"pay_items": [pay("提成", "=销售鹅 * 1%")]}, {"pay_items": [PAID]},
    ),
    "a curve that is no table of tiers": (
        "error", "pay_items 1 formula", "“提成”的公式：KPI_COMMISSION：", "lookups.table_problems",
        {"curves": bands("阶梯", (0, 1, 0, "[]"), (1, None, 0.01, "()")),
         "pay_items": [pay("提成", "=KPI_COMMISSION(销售额, 任务, 阶梯)")]},
        {"pay_items": [pay("提成", "=KPI_COMMISSION(销售额, 任务, {0,0;1,1%})")]},
    ),
    "a table that overlaps": (
        "error", "pay_items 1 formula", "0.5 附近有两段重叠", "lookups.table_problems",
        {"pay_items": [pay("提成", "=KPI_BAND(任务完成率, {0,1,5;0.5,2,6})")]},
        {"pay_items": [pay("提成", '=KPI_BAND(任务完成率, {0,5;0.5,6})')]},
    ),
    "tiers that are not in order": (
        "error", "pay_items 1 formula", "起点要从小到大排列", "lookups.table_problems",
        {"pay_items": [pay("提成", "=KPI_COMMISSION(销售额, 任务, {1,1%;0,0})")]},
        {"pay_items": [pay("提成", "=KPI_COMMISSION(销售额, 任务, {0,0;1,1%})")]},
    ),
    "a loop": (
        "error", "pay_items 1 formula", "循环引用：甲 → 乙 → 甲", "formulas.loops",
        {"pay_items": [pay("甲", "=乙 + 1"), pay("乙", "=甲 + 1")]},
        {"pay_items": [pay("甲", "=乙 + 1"), pay("乙", "=1")]},
    ),
    "a loop through a cap": (
        "error", "pay_items 1 formula", "循环引用：甲 → 乙 → 甲", "formulas.loops",
        {"pay_items": [pay("甲", "=1", cap="=乙"), pay("乙", "=甲 + 1")]},
        {"pay_items": [pay("甲", "=1", cap="=500"), pay("乙", "=甲 + 1")]},
    ),
    "a total that stands on its grade": (
        "error", "head total", "循环引用：总分 → 总分", "formulas.loops",
        {"total": "=考核得分 * 等级系数"}, {"total": "=考核得分"},
    ),
    "a grade that is paid": (
        "error", "pay_items 1 paid", "“档”的单位是等级，是文字，不能有“发放”", "formulas.graded_items",
        {"pay_items": [pay("档", '=IF(任务完成率 >= 1, "甲", "乙")', unit="grade")]},
        {"pay_items": [pay("档", '=IF(任务完成率 >= 1, "甲", "乙")', unit="grade", paid="no"), PAID]},
    ),
    "a department's item that is paid": (
        "error", "pay_items 1 paid", "“池”不是个人一级的薪资项，不能发放", "formulas.ignored_cells",
        {"pay_items": [pay("池", "=SUM(销售额)", level="department"), pay("奖", "=池 * 1%")]},
        {"pay_items": [pool("池", "=SUM(销售额)"), pay("奖", "=池 * 1%")]},
    ),
    "a cycle of a department's item": (
        "error", "pay_items 1 cycle", "用不到“周期”", "formulas.ignored_cells",
        {"pay_items": [pool("池", "=SUM(销售额)") | {"cycle": "quarter"}, pay("奖", "=池 * 1%")]},
        {"pay_items": [pool("池", "=SUM(销售额)"), pay("奖", "=池 * 1%", cycle="quarter")]},
    ),
    "roles of a department's item": (
        "error", "pay_items 1 role", "用不到“岗位”", "formulas.ignored_cells",
        {"pay_items": [pool("池", "=SUM(销售额)") | {"role": "售前"}, pay("奖", "=池 * 1%")]},
        {"pay_items": [pool("池", "=SUM(销售额)"), pay("奖", "=池 * 1%", role="售前")]},
    ),
    "refunds that nothing adds up": (
        "warning", "pay_items 1 formula", "“扣回”没有别的薪资项用到", "formulas.refunds_not_taken_up",
        {"pay_items": [pay("扣回", "=-退款金额 * 1%", level="refund", paid="no"), PAID]},
        {"pay_items": [pay("扣回", "=-退款金额 * 1%", level="refund", paid="no"), PAID,
                       pay("退款", "=SUM(扣回)")]},
    ),
    "a month that looks back at quarters": (
        "error", "pay_items 2 cycle", "“奖”要看往期的“季奖”，它是季度的", "formulas.longer_cycles",
        {"pay_items": [pay("季奖", "=考核得分", cycle="quarter"),
                       pay("奖", '=IF(PAST(季奖, 1) = "", 0, 100)', cycle="month")]},
        {"pay_items": [pay("季奖", "=考核得分", cycle="quarter"),
                       pay("奖", '=IF(PAST(季奖, 1) = "", 0, 100)', cycle="quarter")]},
    ),
    "a grade with a cap": (
        "error", "pay_items 1 cap", "不能有“封顶”", "formulas.graded_items",
        {"pay_items": [pay("档", '="甲"', unit="grade", paid="no", cap="5"), PAID]},
        {"pay_items": [pay("档", '="甲"', unit="grade", paid="no"), PAID]},
    ),
    "bands where a curve by key is wanted": (
        "error", "pay_items 1 formula", "LOOKUP 的第 2 个参数不是按类别的曲线", "lookups.table_problems",
        {"curves": DONE, "pay_items": [pay("补", "=LOOKUP(岗位, 完成分)")]},
        {"curves": [*DONE, *keyed("补贴", 售前=100, 售后=200)],
         "pay_items": [pay("补", "=LOOKUP(岗位, 补贴)")]},
    ),
    "a metric called like a score": (
        "error", "metrics X1 metric", "指标“名次”与别的名称相同", "formulas.taken_names",
        {"metrics": [{"id": "X1", "metric": "名次", "source": "count", "better": "higher"}]},
        {"metrics": [{"id": "X1", "metric": "回访次数", "source": "count", "better": "higher"}]},
    ),
    "a sample of ratings": (
        "error", "metrics X1 metric", "“成交率”的样本“评分”不是数据列", "formulas.samples",
        {"indicators": [linear("成交率", "30%")], "metrics": [
            {"id": "X1", "metric": "成交率", "formula": "=付款人数 / 询单人数", "sample": "评分",
             "unit": "ratio", "better": "higher"}]},
        {"indicators": [linear("成交率", "30%")], "metrics": [
            {"id": "X1", "metric": "成交率", "formula": "=付款人数 / 询单人数", "sample": "询单人数",
             "unit": "ratio", "better": "higher"}]},
    ),
    "a sample that is no count": (
        "error", "metrics X1 metric", "“成交率”的样本“询单人书”不是数据列", "formulas.samples",
        {"indicators": [linear("成交率", "30%")], "metrics": [
            {"id": "X1", "metric": "成交率", "formula": "=付款人数 / 询单人数", "sample": "询单人书",
             "unit": "ratio", "better": "higher"}]},
        {"indicators": [linear("成交率", "30%")], "metrics": [
            {"id": "X1", "metric": "成交率", "formula": "=付款人数 / 询单人数", "sample": "询单人数",
             "unit": "ratio", "better": "higher"}]},
    ),
    "a name that is taken": (
        "error", "pay_items 1 item", "薪资项“名次”与别的名称相同", "formulas.taken_names",
        {"pay_items": [pay("名次", "=任务 * 1%")]}, {"pay_items": [PAID]},
    ),
    # --- open points
    "an open point": (
        "note", "indicators 1 open_point", "50%–60% 没有写，按 0 分", "open_points.open_points",
        {"indicators": [SCORED | {"open_point": "50%–60% 没有写，按 0 分"}]},
        {"indicators": [SCORED]},
    ),
}  # fmt: skip


def problems(tables):
    return said(lint(scheme(**tables)))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_scheme_with_one_fault_is_told_just_that(fault):
    severity, where, words, _, faulty, _ = FAULTS[fault]
    found = problems(faulty)

    assert [(s, w) for s, w, _ in found] == [(severity, where)], found
    assert words in found[0][2]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_scheme_without_the_fault_is_told_nothing(fault):
    assert problems(FAULTS[fault][5]) == []


# --- every check is needed -------------------------------------------------------------------

# Checks that only gather others, and those that other tests hollow out.
GATHER = {
    "curves.curve_problems", "indicators.indicator_problems", "units.unit_problems",
    "units._Products.judge", "curves._judge", "weights.weight_problems",
}  # fmt: skip


def checks():
    """Every function of the linter that yields problems, by module and name."""
    found = {}
    for module in pkgutil.iter_modules(xl_kpi.lint.__path__):
        if module.name in ("probe", "dates"):
            continue
        owner = importlib.import_module(f"xl_kpi.lint.{module.name}")
        holders = [owner, *(c for _, c in inspect.getmembers(owner, inspect.isclass))]
        for holder in holders:
            for name, function in inspect.getmembers(holder, inspect.isfunction):
                told = function.__annotations__.get("return") in (Iterator[Problem], "Iterator[Problem]")
                if told and function.__module__ == owner.__name__:
                    place = module.name if holder is owner else f"{module.name}.{holder.__name__}"
                    found[f"{place}.{name}"] = holder, name
    return found


CHECKS = checks()


def test_every_check_has_a_scheme_that_needs_it():
    assert {fault[3] for fault in FAULTS.values()} | GATHER == set(CHECKS)


@pytest.mark.parametrize("fault", FAULTS)
def test_without_its_check_the_fault_is_not_told(fault, monkeypatch):
    holder, name = CHECKS[FAULTS[fault][3]]

    def nothing(*_arguments):
        return iter(())

    monkeypatch.setattr(holder, name, nothing)
    if hasattr(xl_kpi.lint, name):
        monkeypatch.setattr(xl_kpi.lint, name, nothing)

    assert problems(FAULTS[fault][4]) == []


# --- how it is said --------------------------------------------------------------------------


def words_of(*rows, **more):
    return [what for _, _, what in problems(looked_up(*rows, **more))]


def test_only_bounds_that_follow_each_other_are_called_the_usual_way_of_writing():
    assert words_of((0, 0.5, 0.01), (0.6, None, 0.02)) == ["曲线“提成率”有空档：50% 至 60% 不在任何一段里"]
    assert words_of((0, 10, 0.01), (11, None, 0.02), by="接待人数") == [
        "曲线“提成率”有空档：10 至 11 不在任何一段里"
    ]
    assert words_of((0, 10.5, 0.01, "[]"), (11.5, None, 0.02), by="销售额") == [
        "曲线“提成率”有空档：10.5 至 11.5 不在任何一段里"
    ]


def test_per_cent_that_follow_each_other_are_whole_numbers_too():
    assert words_of((0, 0.6, 0.01, "[]"), (0.61, None, 0.02)) == [
        "曲线“提成率”有空档：60% 至 61% 不在任何一段里（“到”写 60%、下一段“从”写 61% 是常见写法，只适合整数）"
    ]


def test_an_edge_in_no_band_is_one_figure():
    assert words_of((0, 0.5, 0.01), (0.5, None, 0.02, "()")) == [
        "曲线“提成率”有空档：50% 不在任何一段里"
    ]


def test_a_curve_of_nothing_but_an_empty_band():
    assert words_of((1, 1, 0.01)) == ["曲线“提成率”的一段 100%–100% [) 是空的，永远用不到"]


def test_each_gap_is_told_once_even_after_a_band_inside_another():
    # 30–50 lies in 0–100, so what follows 50 is no gap.
    found = words_of((0, 1, 0.01), (0.3, 0.5, 0.02), (1.2, None, 0.03))

    assert len(found) == 2
    assert "100% 至 120% 不在任何一段里" in found[1]


def test_the_full_mark_may_end_a_curve_of_scores():
    praised = {"indicators": [SCORED, indicator("表扬", "R09", per_count=1)]}
    ends = (None, 50, 1), (50, 100, 2, "[]")

    assert problems(praised | looked_up(*ends, by="考核得分", value="")) == []


def test_every_finding_says_where_what_and_how():
    for fault in FAULTS.values():
        for problem in lint(scheme(**fault[4])):
            assert problem.where
            assert problem.what
            assert problem.fix
