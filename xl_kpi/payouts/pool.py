"""The bonus pool: the department's bonus, the pool and its shares, a target over its people (003§❹七, 000)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Argument, Example, Twin, comparison_key, rule
from xl_kpi.rounding import Codes, Floats, allocate, group_count, group_sum, round_half_up, spread
from xl_kpi.rounding import significant as key

_RATE = Argument(key="rate", zh="比例", en="rate", shape="scalar", optional=True)
_COMPLETION = Argument(key="completion", zh="完成率", en="completion", minimum=0)
_CONVERSION = Argument(key="conversion", zh="转化率", en="conversion", minimum=0)


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
    points = np.where(used, points, np.nan)
    size = group_count(groups)
    everybody = spread(group_sum(points, groups, size), groups)

    cents = round_half_up(pool)
    pools = np.zeros(size)
    pools[groups[used]] = cents[used]
    shares = np.full(points.shape, np.nan)
    np.divide(points * cents, everybody, out=shares, where=everybody > 0)
    paid = np.where(used, np.nan_to_num(allocate(shares, pools, groups)), np.nan)
    if total is None:
        return paid
    used_up = (key(everybody) >= key(total)) & (overspend == "scale")
    return np.where(used_up, paid, round_half_up(points * pool / total))


@rule(
    "R51",
    stage="payout", zh="目标拆解", en="Target split", unit="yuan", source="000 胡宝",
    arguments=(
        Argument(key="target", zh="部门目标", en="target", minimum=0, maximum=MOST,
                 per_group=True),
        Argument(key="weights", zh="权重", en="weights", minimum=0),
        Argument(key="groups", zh="分组", en="groups", shape="groups", optional=True),
    ),
    example=Example(
        given={"target": [100000.0] * 6, "weights": [30.0, 30.0, 15.0, 1.0, 1.0, 1.0],
               "groups": ["一店"] * 3 + ["二店"] * 3},
        expect=[40000.0, 40000.0, 20000.0, 33334.0, 33333.0, 33333.0],
    ),
    twin=Twin(
        helpers={
            "w": 'IF({groups}="","",IF(COUNT({weights},{target})<2,"",{weights}))',
            "all_weights": 'IF({w}="","",SUMPRODUCT(({groups:all}={groups})*({w:all}<>""),'
                           "{w:all}))",
            # In whole billionths of a yuan: what is left of a yuan is compared exactly.
            "share": 'IF({w}="","",IF({all_weights}=0,"",'
                     "ROUND({w}*ROUND({target},0)/{all_weights}*1E9,0)))",
            "yuan": 'IF({share}="","",INT({share}/1E9))',
            "rest": 'IF({share}="","",{share}-{yuan}*1E9)',
            "to_give": 'IF({share}="","",ROUND(ROUND({target},0)-SUMPRODUCT('
                       '({groups:all}={groups})*({share:all}<>""),{yuan:all}),0))',
            "place": 'IF({share}="","",SUMPRODUCT(({groups:all}={groups})*({share:all}<>"")'
                     "*({rest:all}>{rest}))+SUMPRODUCT(({groups:upto}={groups})"
                     "*({rest:upto}={rest})))",
        },
        result='IF({share}="","",{yuan}+IF({place}<={to_give},1,0))',
    ),
    empty="没有目标，或同组的权重合计为 0",
)  # fmt: skip
def target_split(target: Floats, weights: Floats, groups: Codes) -> Floats:
    """A group's target over its people by weight, in whole yuan that add up to it exactly (C2).

    Who has no weight has no target; nobody has one if the weights add up to nothing.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        used = np.isfinite(weights * target) & (target <= MOST) & (groups >= 0)
    weights = np.where(used, weights, np.nan)
    size = group_count(groups)
    everything = spread(group_sum(weights, groups, size), groups)
    yuan = round_half_up(target, 0)
    shares, whole = np.full(target.shape, np.nan), np.zeros(size)
    np.divide(weights * yuan, everything, out=shares, where=everything > 0)
    whole[groups[used]] = yuan[used]
    return allocate(shares, whole, groups, digits=0)
