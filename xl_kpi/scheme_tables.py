"""The tables of a scheme sheet and of the metric library: their columns and drop-downs."""

from __future__ import annotations

from typing import Literal, TypeAlias

from xl_kpi.tables import Column, Table

CYCLES = {
    "week": ("周", "week"),
    "month": ("月", "month"),
    "quarter": ("季", "quarter"),
    "year": ("年", "year"),
}
ITEM_CYCLES = {key: words for key, words in CYCLES.items() if key != "week"}
GROUPS = {
    "shop": ("店铺", "shop"),
    "team": ("团队", "team"),
    "department": ("部门", "department"),
    "role": ("岗位", "role"),
    "everyone": ("全部", "everyone"),
}
YES_NO = {"yes": ("是", "yes"), "no": ("否", "no")}
BETTER = {"higher": ("越高越好", "higher"), "lower": ("越低越好", "lower")}
TIES = {"all": ("并列同分", "all"), "average": ("平均分", "average"), "dense": ("连续名次", "dense")}
IF_MISSING = {
    "skip": ("跳过", "skip"),
    "zero": ("计零分", "zero"),
    "full": ("计满分", "full"),
    "error": ("报错", "error"),
}
AVERAGES = {
    "ratio_of_sums": ("合计相除", "ratio of sums"),
    "mean_of_people": ("人均值", "mean of people"),
}
EDGES = {edge: (edge, edge) for edge in ("[)", "[]", "(]", "()")}
LEVELS = {
    "person": ("个人", "person"),
    "department": ("部门", "department"),
    "shop": ("店铺", "shop"),
    "team": ("团队", "team"),
    "refund": ("退款", "refund"),
}
GroupLevel: TypeAlias = Literal["department", "shop", "team"]
GROUP_LEVELS: tuple[GroupLevel, ...] = ("department", "shop", "team")  # one figure per group
APPLIES = {
    "assessed": ("考核对象", "assessed"),
    "staff": ("本部门员工", "staff"),
}
SOURCES = {
    "formula": ("公式", "formula"),
    "event": ("行为", "event"),
    "count": ("计数", "count"),
    "rating": ("评分", "rating"),
}
RULE_CHOICES = {
    "R01": ("达成比例", "linear"),
    "R02": ("达标", "threshold"),
    "R03": ("分段", "bands"),
    "R04": ("低于标准扣分", "penalty line"),
    "R05": ("名次加分", "rank points"),
    "R09": ("行为加减分", "events"),
    "none": ("不计分", "not scored"),
}

UNITS = {
    "yuan": ("元", "yuan"),
    "ratio": ("百分比", "ratio"),
    "rate": ("系数", "rate"),
    "points": ("分", "points"),
    "s": ("秒", "seconds"),
    "hours": ("小时", "hours"),
    "count": ("次数", "count"),
    "times": ("倍", "times"),
    "months": ("月", "months"),
    "days": ("天", "days"),
    "place": ("名次", "place"),
    "grade": ("等级", "grade"),
}

_VALID = (
    Column(key="valid_from", zh="生效日期", en="Valid from", kind="date"),
    Column(key="valid_to", zh="失效日期", en="Valid to", kind="date"),
)
_CLAUSE = (
    Column(key="clause", zh="条款", en="Clause", kind="text"),
    Column(key="clause_text", zh="条款说明", en="What it says", kind="text"),
    Column(key="open_point", zh="原文未定", en="Left open", kind="text",
           note="原文没有写明、由本表选定的做法"),
)

HEAD = Table(
    key="head", zh="方案", en="Scheme",
    columns=(
        Column(key="key", zh="项目", en="Setting", kind="text", required=True),
        Column(key="value", zh="内容", en="Value", kind="text"),
        Column(key="note", zh="说明", en="Note", kind="text"),
    ),
)  # fmt: skip

# Settings of the head, by key: Chinese and English label.
HEAD_SETTINGS = {
    "id": ("方案编号", "Scheme ID"),
    "name": ("方案名称", "Scheme name"),
    "source": ("出处", "Source"),
    "valid_from": ("生效日期", "Valid from"),
    "valid_to": ("失效日期", "Valid to"),
    "month_start_day": ("月起始日", "Month starts on day"),
    "weeks": ("周的划分", "Weeks"),
    "total": ("总分公式", "Total"),
    "block_mode": ("板块计分", "Blocks"),
    "assessed_roles": ("适用岗位", "Roles"),
    "stand_in_share": ("顶岗资格线", "Stand-in line"),
    "grade_group": ("等级分组", "Graded within"),
    "grade_ties": ("同分定级", "Tied scores"),
    "small_team": ("小团队人数", "Small team up to"),
    "small_team_rule": ("小团队规则", "Small teams"),
    "overspend": ("奖金池超支", "Pool overspent"),
    "deduction_share": ("扣款上限", "Most deductions"),
    "minimum_wage": ("最低工资", "Minimum wage"),
}
GRADE_TIES = {"better": ("取高", "better"), "worse": ("取低", "worse")}
SMALL_TEAM_RULES = {
    "distribute": ("照常分布", "distribute"),
    "everyone": ("合并定级", "with everyone"),
    "bands": ("按分数段", "by score"),
    "none": ("不定级", "no grades"),
}
OVERSPEND = {"scale": ("按比例缩减", "scale"), "pay": ("照付", "pay")}
BLOCK_MODES = {"sum": ("求和", "sum"), "weighted": ("加权", "weighted")}
WEEKS = {"blocks": ("四段", "blocks"), "iso": ("自然周", "ISO weeks")}

INDICATORS = Table(
    key="indicators", zh="指标", en="Indicators",
    columns=(
        Column(key="metric", zh="指标", en="Metric", kind="text", required=True),
        Column(key="block", zh="板块", en="Block", kind="text", required=True),
        Column(key="name", zh="名称", en="Name", kind="text",
               note="同一指标用两次时，给这一行另起的名称"),
        Column(key="role", zh="岗位", en="Role", kind="text", note="空白：所有岗位；几个岗位用逗号隔开"),
        Column(key="cycle", zh="周期", en="Cycle", kind="choice", required=True, choices=CYCLES),
        Column(key="group", zh="分组", en="Group", kind="choice", choices=GROUPS),
        Column(key="rule", zh="计分规则", en="Scoring rule", kind="choice", required=True,
               choices=RULE_CHOICES),
        Column(key="weight", zh="权重", en="Weight", unit="ratio", minimum=0),
        Column(key="full", zh="满分", en="Full points", former="Full", unit="points"),
        Column(key="target", zh="目标", en="Target", kind="text", note="数字、名称或公式"),
        Column(key="better", zh="优劣", en="Better", kind="choice", choices=BETTER),
        Column(key="curve", zh="曲线", en="Curve", kind="text"),
        Column(key="rank_points", zh="名次分", en="Rank points", kind="text", note="如 3,2,1"),
        Column(key="bonus_line", zh="加分线", en="Bonus line", kind="text"),
        Column(key="penalty_line", zh="扣分线", en="Penalty line", kind="text"),
        Column(key="below", zh="低于扣分线", en="Below the line", unit="points"),
        Column(key="miss", zh="未达标分", en="Points if missed", former="Miss", unit="points"),
        Column(key="strict", zh="须超过", en="Strict", kind="choice", choices=YES_NO),
        Column(key="per_count", zh="每次分", en="Per count", unit="points"),
        Column(key="when_zero", zh="零次分", en="When zero", unit="points"),
        Column(key="floor", zh="保底分", en="Floor", unit="points"),
        Column(key="cap", zh="封顶分", en="Cap", unit="points"),
        Column(key="condition", zh="条件", en="Condition", kind="text", note="只在条件成立时计分"),
        Column(key="ties", zh="并列", en="Ties", kind="choice", choices=TIES),
        Column(key="if_missing", zh="缺失时", en="If missing", kind="choice", choices=IF_MISSING),
        Column(key="minimum_sample", zh="最小样本", en="Minimum sample", unit="count", minimum=0),
        Column(key="pass_line", zh="达标线", en="Pass line", kind="text",
               note="达到它就不算未达标；空白：以目标为准"),
        Column(key="alert_line", zh="平台红线", en="Platform floor", kind="text"),
        Column(key="in_score", zh="计入得分", en="In score", kind="choice", choices=YES_NO),
        Column(key="in_divisor", zh="计入满分", en="In full marks", former="In divisor", kind="choice",
               choices=YES_NO),
        Column(key="reference", zh="参照期间", en="Reference period", kind="period",
               note="“上期”改用这个月的数据，如大促参照去年 11 月"),
        Column(key="measure", zh="改进措施", en="Measure", kind="text"),
        *_VALID, *_CLAUSE,
    ),
)  # fmt: skip

CURVES = Table(
    key="curves", zh="曲线", en="Curves",
    columns=(
        Column(key="name", zh="曲线", en="Curve", kind="text", required=True),
        Column(key="key", zh="类别", en="Key", kind="text"),
        Column(key="lower", zh="从", en="From"),
        Column(key="upper", zh="到", en="To"),
        Column(key="edges", zh="边界", en="Edges", kind="choice", choices=EDGES),
        Column(key="value", zh="值", en="Value", required=True),
        *_VALID, *_CLAUSE,
    ),
)  # fmt: skip

GRADES = Table(
    key="grades", zh="等级", en="Grades", required=False,
    columns=(
        Column(key="grade", zh="等级", en="Grade", kind="text", required=True),
        Column(key="share", zh="比例", en="Share", unit="ratio", minimum=0,
               note="按名次强制分布；不填比例就按分数段定级"),
        Column(key="lower", zh="从", en="From", unit="points", note="分数段"),
        Column(key="upper", zh="到", en="To", unit="points"),
        Column(key="edges", zh="边界", en="Edges", kind="choice", choices=EDGES),
        Column(key="coefficient", zh="系数", en="Coefficient", note="公式里叫 等级系数"),
        Column(key="base_share", zh="底薪加成", en="Share of base pay", unit="ratio",
               note="公式里叫 等级加成"),
        *_VALID, *_CLAUSE,
    ),
)  # fmt: skip

PAY_ITEMS = Table(
    key="pay_items", zh="薪资项", en="Pay items",
    columns=(
        Column(key="item", zh="项目", en="Item", kind="text", required=True),
        Column(key="level", zh="层级", en="Level", kind="choice", required=True, choices=LEVELS),
        Column(key="formula", zh="公式", en="Formula", kind="text", required=True),
        Column(key="paid", zh="发放", en="Paid", kind="choice", choices=YES_NO),
        Column(key="applies_to", zh="对象", en="Applies to", kind="choice", choices=APPLIES),
        Column(key="role", zh="岗位", en="Role", kind="text", note="空白：所有岗位；几个岗位用逗号隔开"),
        Column(key="cycle", zh="周期", en="Cycle", kind="choice", choices=ITEM_CYCLES,
               note="季：只在季末月计算；年：只在 12 月计算"),
        Column(key="floor", zh="保底", en="Floor", kind="text", note="数字或公式"),
        Column(key="cap", zh="封顶", en="Cap", kind="text", note="数字或公式"),
        Column(key="unit", zh="单位", en="Unit", kind="choice", choices=UNITS),
        Column(key="rule", zh="规则", en="Rule", kind="text"),
        *_VALID, *_CLAUSE,
    ),
)  # fmt: skip

CONSEQUENCES = Table(
    key="consequences", zh="后续", en="Consequences", required=False,
    columns=(
        Column(key="condition", zh="条件", en="Condition", kind="text", required=True),
        Column(key="follows", zh="后续", en="What follows", kind="text", required=True),
        Column(key="due_days", zh="期限(天)", en="Due in days", unit="days", minimum=0),
        Column(key="cycle", zh="周期", en="Cycle", kind="choice", choices=ITEM_CYCLES),
        *_VALID, *_CLAUSE,
    ),
)  # fmt: skip

METRICS = Table(
    key="metrics", zh="指标库", en="Metrics", unique=("id",),
    columns=(
        Column(key="id", zh="编号", en="ID", kind="text", required=True),
        Column(key="metric", zh="指标", en="Metric", kind="text", required=True),
        Column(key="english", zh="英文名", en="English", kind="text"),
        Column(key="source", zh="来源", en="Source", kind="choice", choices=SOURCES),
        Column(key="formula", zh="公式", en="Formula", kind="text"),
        Column(key="unit", zh="单位", en="Unit", kind="choice", choices=UNITS),
        Column(key="better", zh="优劣", en="Better", kind="choice", required=True, choices=BETTER),
        Column(key="average", zh="组均值口径", en="Group average", kind="choice",
               choices=AVERAGES),
        Column(key="sample", zh="样本", en="Sample", kind="text"),
        Column(key="ripe_days", zh="成熟天数", en="Final after days", former="Ripe after days", unit="days",
               minimum=0),
        Column(key="maximum", zh="最大值", en="Maximum", note="不可能超过的值，如比率 1"),
        Column(key="document", zh="出处", en="Document", kind="text"),
    ),
)  # fmt: skip

SCHEME_TABLES = (HEAD, INDICATORS, CURVES, GRADES, PAY_ITEMS, CONSEQUENCES)
