"""Stage 4: quantities → money, to the cent (rule book §4).

Only here is anything rounded, and only when an amount becomes a pay item (C1, C2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Argument, Example, Tiers, Twin, comparison_key, rule
from xl_kpi.rounding import Floats, allocate, difference, group_sum, round_half_up, spread
from xl_kpi.rounding import significant as key

_RATE = Argument(key="rate", zh="比例", en="rate", shape="scalar", optional=True)
_COMPLETION = Argument(key="completion", zh="完成率", en="completion", minimum=0)
_CONVERSION = Argument(key="conversion", zh="转化率", en="conversion", minimum=0)


@rule(
    "C1",
    stage="payout", zh="四舍五入", en="Round half up", unit="yuan", source="rules.md C1",
    arguments=(
        Argument(key="amount", zh="金额", en="amount"),
        Argument(key="digits", zh="小数位", en="digits", shape="scalar", kind="whole", minimum=-15,
                 maximum=15, optional=True),
    ),
    example=Example(given={"amount": [2.675, 1.005, -2.675, 0.77 * 0.50 * 0.01 * 350700],
                           "digits": 2}, expect=[2.68, 1.01, -2.68, 1350.20]),
    twin=Twin(
        helpers={"seen": 'IF(ISNUMBER({amount}),IF({amount}=0,0,'
                         'ROUND({amount},14-INT(LOG10(ABS({amount}))))),"")'},
        result='IF({seen}="","",ROUND({seen},{digits}))',
    ),
    function="KPI_ROUND",
)  # fmt: skip
def round_money(amount: Floats, *, digits: float) -> Floats:
    """Round half up at the digits, on the value a user sees."""
    return round_half_up(amount, int(digits))


@rule(
    "R30",
    stage="payout", zh="考核得分系数", en="Department coefficient", unit="rate",
    source="003§❹七.1(2)",
    arguments=(_COMPLETION, _CONVERSION, _RATE),
    example=Example(given={"completion": [0.47], "conversion": [0.3955], "rate": 0.01},
                    expect=[0.00185885]),
    twin=Twin(result='IF(OR(NOT(ISNUMBER({completion})),NOT(ISNUMBER({conversion}))),"",'
                     "{completion}*{conversion}*{rate})"),
    function="KPI_DEPT_COEF",
)  # fmt: skip
def department_coefficient(completion: Floats, conversion: Floats, *, rate: float) -> Floats:
    """Completion rate × conversion rate × 1 %."""
    return completion * conversion * rate


@rule(
    "R31",
    stage="payout", zh="部门奖金", en="Department bonus", unit="yuan", source="003§❹七.1",
    arguments=(Argument(key="sales", zh="销售额", en="sales"), _COMPLETION, _CONVERSION, _RATE),
    example=Example(given={"sales": [500135.60, 350700.0], "completion": [0.47, 0.77],
                           "conversion": [0.3955, 0.5], "rate": 0.01}, expect=[929.68, 1350.20]),
    twin=Twin(result="IF(OR(NOT(ISNUMBER({sales})),NOT(ISNUMBER({completion})),"
                     'NOT(ISNUMBER({conversion}))),"",'
                     "ROUND({sales}*({completion}*{conversion}*{rate}),2))"),
    function="KPI_DEPT_BONUS",
)  # fmt: skip
def department_bonus(
    sales: Floats, completion: Floats, conversion: Floats, *, rate: float
) -> Floats:
    """Service sales × the department coefficient, as an amount to be seen: to the cent."""
    coefficient = department_coefficient(completion, conversion, rate=rate)
    return round_half_up(sales * coefficient)


def _tier_twin(tiers: str) -> str:
    """The twin of ``_tier_rate``."""
    reached = f"SUMPRODUCT(({{{tiers}.from}}<={{c}})*1)"
    return f'IF({{c}}="","",IF({reached}=0,0,INDEX({{{tiers}.value}},{reached})))'


MODES = {"whole": "whole", "marginal": "marginal", "全额": "whole", "分段累进": "marginal"}


@rule(
    "R33",
    stage="payout", zh="任务内/超额提成", en="In-task and excess commission", unit="yuan",
    source="003§❹七",
    arguments=(
        Argument(key="sales", zh="销售额", en="sales", minimum=0),
        Argument(key="target", zh="任务", en="target", above=0),
        Argument(key="in_tiers", zh="任务内比例", en="in-task tiers", shape="table", table="tiers",
                 optional=True),
        Argument(key="excess_tiers", zh="超额比例", en="excess tiers", shape="table",
                 table="tiers", optional=True),
        Argument(key="mode", zh="超额算法", en="mode", shape="scalar", choices=MODES,
                 optional=True),
    ),
    example=Example(
        given={"sales": [145000.0, 55000.0, 120000.0], "target": [100000.0] * 3,
               "in_tiers": [[0, 0.005], [0.6, 0.008]],
               "excess_tiers": [[1, 0.009], [1.3, 0.010]], "mode": "whole"},
        expect=[[800.0, 450.0], [275.0, 0.0], [800.0, 180.0]],
    ),
    twin=Twin(
        helpers={
            "completion": "IF(COUNT({sales},{target})<2,\"\","
                          'IF({target}<=0,"",{sales}/{target}))',
            "c": comparison_key("completion"),
            "in_rate": _tier_twin("in_tiers"),
            "excess_rate": _tier_twin("excess_tiers"),
            "excess": 'IF({c}="","",IF({c}<=1,0,{sales}-{target}))',
            # Each slice: what lies above its start, less what lies above its end.
            "slices": 'IF({c}="","",SUMPRODUCT(({c}>{excess_tiers.from})'
                      "*({sales}-{target}*{excess_tiers.from}),{excess_tiers.value})"
                      '-SUMPRODUCT(({excess_tiers.to}<>"")*({c}>{excess_tiers.to})'
                      "*({sales}-{target}*{excess_tiers.to}),{excess_tiers.value}))",
        },
        result='IF({c}="","",MIN({sales},{target})*{in_rate})',
        beside=('IF({c}="","",IF({mode}="marginal",{slices},{excess}*{excess_rate}))',),
    ),
    function="KPI_SPLIT_COMMISSION",
)  # fmt: skip
def split_commission(
    sales: Floats, target: Floats, *, in_tiers: Tiers, excess_tiers: Tiers, mode: str
) -> Floats:
    """Commission on the sales up to the target, and on what lies above it: two columns.

    ``whole`` pays the excess at the one rate of the completion reached, ``marginal`` each slice
    above the target at its own rate.  A target that is not above zero pays nothing.
    """
    usable = ~np.isnan(sales) & (target > 0)
    goal = np.where(usable, target, np.nan)
    completion = key(sales / goal)
    in_task = np.minimum(sales, goal) * _tier_rate(completion, in_tiers)
    if mode == "whole":
        excess = np.maximum(0.0, difference(sales, goal)) * _tier_rate(completion, excess_tiers)
    else:
        excess = np.where(usable, 0.0, np.nan)
        ends = np.r_[excess_tiers.start[1:], np.inf]
        for start, end, rate in zip(excess_tiers.start, ends, excess_tiers.rate, strict=True):
            slice_end = np.minimum(sales, goal * end)
            excess = excess + np.maximum(0.0, difference(slice_end, goal * start)) * rate
    return np.stack([in_task, excess], axis=-1)


def _tier_rate(completion: Floats, tiers: Tiers) -> Floats:
    """The rate of the last tier whose start the completion has reached; 0 before the first."""
    place = np.searchsorted(key(tiers.start), completion, side="right")
    rates = np.r_[0.0, tiers.rate]
    return np.where(np.isnan(completion), np.nan, rates[np.minimum(place, len(tiers.rate))])


@rule(
    "R35",
    stage="payout", zh="考核奖金X", en="Bonus pool X", unit="yuan", source="003§❹七.1",
    arguments=(
        Argument(key="sales", zh="销售额", en="sales", shape="scalar"),
        Argument(key="completion", zh="完成率", en="completion", shape="scalar", minimum=0),
        Argument(key="conversion", zh="转化率", en="conversion", shape="scalar", minimum=0),
        Argument(key="in_task", zh="任务内提成", en="in-task", shape="list", blank=True),
        Argument(key="excess", zh="超额提成", en="excess", shape="list", blank=True),
        Argument(key="reward", zh="部门奖惩", en="reward", shape="scalar", optional=True),
        _RATE,
        Argument(key="in_share", zh="任务内比例", en="in-task share", shape="scalar",
                 optional=True),
        Argument(key="excess_share", zh="超额比例", en="excess share", shape="scalar",
                 optional=True),
    ),
    example=Example(
        given={"sales": 500135.60, "completion": 0.47, "conversion": 0.3955,
               "in_task": [2500.678], "excess": [0.0], "reward": -300.0, "rate": 0.01,
               "in_share": 0.2, "excess_share": 0.1},
        expect=[1129.81266006],
    ),
    twin=Twin(
        result='IF(COUNT({sales},{completion},{conversion},{reward})<4,"",'
               "MAX(0,{sales}*({completion}*{conversion}*{rate})+SUM({in_task})*{in_share}"
               "+SUM({excess})*{excess_share}+{reward}))",
    ),
    function="KPI_BONUS_POOL",
)  # fmt: skip
def bonus_pool(
    *, sales: float, completion: float, conversion: float, in_task: Floats, excess: Floats,
    reward: float, rate: float, in_share: float, excess_share: float,
) -> Floats:  # fmt: skip
    """Department bonus + shares of the commissions ± reward, unrounded; below zero pays nothing."""
    pool = (
        sales * (completion * conversion * rate)
        + np.nansum(in_task) * in_share
        + np.nansum(excess) * excess_share
        + reward
    )
    return np.maximum(0.0, [pool])  # of a missing figure: missing


MOST = 9e8  # yuan: beyond it a double has no cents to spare for the ninth decimal
OVERSPEND = {"scale": "scale", "pay": "pay", "按比例缩减": "scale", "照付": "pay"}


@rule(
    "R37",
    stage="payout", zh="奖金池分配", en="Pool share", unit="yuan", source="003§❹七.3, 七.4",
    arguments=(
        Argument(key="scores", zh="得分", en="scores"),
        Argument(key="pool", zh="奖金池", en="pool", minimum=0, maximum=MOST, per_group=True),
        Argument(key="total", zh="总分", en="total", shape="scalar", above=0, optional=True),
    ),
    options=(
        Argument(key="groups", zh="分组", en="groups", shape="groups", optional=True),
        Argument(key="overspend", zh="超支时", en="overspend", shape="scalar", choices=OVERSPEND),
    ),
    example=Example(
        given={"scores": [50.0, 30.0, 5.0, -3.0], "pool": [903.850128] * 4,
               "groups": ["客服部"] * 4, "total": 96.0},
        expect=[470.76, 282.45, 47.08, 0.0],
    ),
    twin=Twin(
        helpers={
            "s": 'IF({groups}="","",IF(COUNT({scores},{pool})<2,"",MAX(0,{scores})))',
            "p": 'IF(ISNUMBER({pool}),MAX(0,{pool}),"")',
            "all_scores": 'IF({s}="","",SUMPRODUCT(({groups:all}={groups})*({s:all}<>""),'
                          "{s:all}))",
            "a": comparison_key("all_scores"), "t": comparison_key("total"),
            "used_up": 'IF({t}="",TRUE,AND({overspend}="scale",{a}>={t}))',
            # In whole billionths of a yuan: what is left of a cent is compared exactly.
            "share": 'IF({s}="","",IF({all_scores}=0,0,'
                     "ROUND({s}*ROUND({p},2)/{all_scores}*1E9,0)))",
            "cents": 'IF({s}="","",INT({share}/1E7))',
            "rest": 'IF({s}="","",{share}-{cents}*1E7)',
            "to_give": 'IF({s}="","",ROUND(ROUND({p},2)*100-SUMPRODUCT('
                       '({groups:all}={groups})*({s:all}<>""),{cents:all}),0))',
            "place": 'IF({s}="","",SUMPRODUCT(({groups:all}={groups})*({s:all}<>"")'
                     "*({rest:all}>{rest}))+SUMPRODUCT(({groups:upto}={groups})"
                     "*({rest:upto}={rest})))",
        },
        result='IF({s}="","",IF({used_up},IF({all_scores}=0,0,'
               "({cents}+IF({place}<={to_give},1,0))/100),ROUND({s}*{p}/{total},2)))",
    ),
    function="KPI_POOL_SHARE",
)  # fmt: skip
def pool_share(
    scores: Floats, pool: Floats, groups: NDArray[np.intp], *, total: float | None,
    overspend: str,
) -> Floats:  # fmt: skip
    """Yuan per person, to the cent: score × pool ÷ total, or the whole pool by score.

    Negative scores count as 0, and so does a pool below zero.  With a ``total``, scores that reach
    it share the pool by score instead (``scale``), or are paid all the same (``pay``).  If nobody
    has a score, nobody is paid.  A pool too large to be split in cents has no shares.
    """
    points, pool = np.maximum(scores, 0.0), np.maximum(pool, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        used = np.isfinite(points * pool) & (pool <= MOST) & (groups >= 0)
    codes = np.where(used, groups, -1)
    size = int(groups.max(initial=-1)) + 1
    everybody = spread(group_sum(points, codes, size), codes)

    by_total = np.zeros(points.shape)
    used_up = np.ones(points.shape, bool)
    if total is not None:
        by_total = round_half_up(np.where(used, points * pool, 0.0) / total)
        used_up &= (key(everybody) >= key(total)) & (overspend == "scale")

    sharing = used & used_up & (everybody > 0)
    cents = round_half_up(pool)
    pools = np.zeros(size)
    pools[groups[used]] = cents[used]
    shares = np.full(points.shape, np.nan)
    np.divide(points * cents, everybody, out=shares, where=sharing)
    by_score = np.nan_to_num(allocate(shares, pools, np.where(sharing, groups, -1)))
    return np.where(used, np.where(used_up, by_score, by_total), np.nan)


@rule(
    "R44",
    stage="payout", zh="薪资合计", en="Pay", unit="yuan", source="003§❹七.2",
    arguments=(Argument(key="items", zh="薪资项", en="items", shape="matrix"),),
    example=Example(given={"items": [[4000.0, 200.0, 300.0, 320.11, 60.30, 1055.0]]},
                    expect=[5935.41]),
    no_twin="an ordinary formula cannot round each cell of a range in every spreadsheet program; "
            "the twin of a payslip adds its items, which are rounded already",
    function="KPI_PAY",
)  # fmt: skip
def pay(items: Floats) -> Floats:
    """Sum of a person's pay items, each rounded to the cent first; blanks are left out."""
    total = round_half_up(np.nansum(round_half_up(items), axis=-1))
    return np.where(np.isnan(items).all(axis=-1), np.nan, total)


BASIS = {"calendar": "calendar", "working": "working", "自然日": "calendar", "工作日": "working"}


@rule(
    "R45",
    stage="payout", zh="折算", en="Proration", unit="yuan", source="rules.md R45",
    arguments=(
        Argument(key="amount", zh="金额", en="amount"),
        Argument(key="start", zh="入职日期", en="start", blank=True, kind="date"),
        Argument(key="end", zh="离职日期", en="end", blank=True, kind="date", not_below="start"),
        Argument(key="period_start", zh="期初", en="period start", shape="scalar", kind="date"),
        Argument(key="period_end", zh="期末", en="period end", shape="scalar", kind="date",
                 not_below="period_start"),
        Argument(key="basis", zh="天数口径", en="basis", shape="scalar", choices=BASIS,
                 optional=True),
    ),
    example=Example(
        given={"amount": [6000.0, 6000.0], "start": ["2026-09-16", None], "end": [None, None],
               "period_start": "2026-09-01", "period_end": "2026-09-30", "basis": "calendar"},
        expect=[3000.0, 6000.0],
    ),
    twin=Twin(
        helpers={
            "first": "MAX({period_start},IF(ISNUMBER({start}),{start},{period_start}))",
            "last": "MIN({period_end},IF(ISNUMBER({end}),{end},{period_end}))",
            "worked": 'IF({first}>{last},0,IF({basis}="working",NETWORKDAYS({first},{last}),'
                      "{last}-{first}+1))",
            "whole": 'IF({basis}="working",NETWORKDAYS({period_start},{period_end}),'
                     "{period_end}-{period_start}+1)",
        },
        result='IF(AND(ISNUMBER({amount}),{whole}>0),ROUND({amount}*{worked}/{whole},2),"")',
    ),
    function="KPI_PRORATE",
    empty="这段时间没有一天可算",
)  # fmt: skip
def prorate(
    amount: Floats, start: NDArray[np.datetime64], end: NDArray[np.datetime64], *,
    period_start: np.datetime64, period_end: np.datetime64, basis: str,
) -> Floats:  # fmt: skip
    """Amount × days employed ÷ days of the period, to the cent.

    A blank start or end is that of the period; working days are Monday to Friday.
    """
    first = np.where(np.isnat(start), period_start, np.maximum(start, period_start))
    last = np.where(np.isnat(end), period_end, np.minimum(end, period_end))
    after = last + np.timedelta64(1, "D")
    period_after = period_end + np.timedelta64(1, "D")
    if basis == "working":
        worked = np.where(first < after, np.busday_count(first, np.maximum(first, after)), 0)
        whole = np.busday_count(period_start, period_after)
    else:
        worked = np.maximum(0, (after - first).astype(np.int64))
        whole = (period_after - period_start).astype(np.int64)
    if whole <= 0:
        return np.full(np.shape(amount), np.nan)
    return round_half_up(amount * worked / whole)
