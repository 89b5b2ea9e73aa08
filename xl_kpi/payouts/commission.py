"""Commission by completion, and the rate that moves with the score (003§❹七, 002§四, 000)."""

from __future__ import annotations

import numpy as np

from xl_kpi.catalogue import (
    IN_BAND,
    Argument,
    Bands,
    Example,
    Tiers,
    Twin,
    band_of,
    comparison_key,
    rule,
)
from xl_kpi.rounding import Floats, difference, round_half_up
from xl_kpi.rounding import significant as key


def _tier_twin(tiers: str) -> str:
    """The twin of ``_tier_rate``."""
    reached = f"SUMPRODUCT(({{{tiers}.from}}<={{c}})*1)"
    return f'IF({{c}}="","",IF({reached}=0,0,INDEX({{{tiers}.value}},{reached})))'


def _slices_twin(amount: str, tiers: str) -> str:
    """The twin of ``_slices``: what lies above each start, less what lies above each end."""
    start, end, rate = (f"{{{tiers}.{part}}}" for part in ("from", "to", "value"))
    above = f"({{{amount}}}-{{target}}*"
    return (
        f'IF({{c}}="","",SUMPRODUCT(({{c}}>{start})*{above}{start}),{rate})'
        f'-SUMPRODUCT(({end}<>"")*({{c}}>{end})*{above}{end}),{rate}))'
    )


def _completion_twin(amount: str) -> str:
    return (
        f'IF(COUNT({{{amount}}},{{target}})<2,"",IF({{target}}<=0,"",{{{amount}}}/{{target}}))'
    )


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
            "completion": _completion_twin("sales"),
            "c": comparison_key("completion"),
            "in_rate": _tier_twin("in_tiers"),
            "excess_rate": _tier_twin("excess_tiers"),
            "excess": 'IF({c}="","",IF({c}<=1,0,{sales}-{target}))',
            "slices": _slices_twin("sales", "excess_tiers"),
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
    goal = np.where(target > 0, target, np.nan)
    completion = key(sales / goal)
    in_task = np.minimum(sales, goal) * _tier_rate(completion, in_tiers)
    if mode == "whole":
        excess = np.maximum(0.0, difference(sales, goal)) * _tier_rate(completion, excess_tiers)
    else:
        excess = _slices(sales, goal, excess_tiers)
    return np.stack([in_task, excess], axis=1)


def _tier_rate(completion: Floats, tiers: Tiers) -> Floats:
    """The rate of the last tier whose start the completion has reached; 0 before the first."""
    place = np.searchsorted(key(tiers.start), completion, side="right")
    rates = np.r_[0.0, tiers.rate]
    return np.where(np.isnan(completion), np.nan, rates[place])


def _slices(amount: Floats, target: Floats, tiers: Tiers) -> Floats:
    """Each slice of an amount at the rate of its own tier; nothing before the first."""
    paid = np.zeros(amount.shape)
    ends = np.r_[tiers.start[1:], np.inf]
    for start, end, rate in zip(tiers.start, ends, tiers.rate, strict=True):
        slice_end = np.minimum(amount, target * end)
        paid = paid + np.maximum(0.0, difference(slice_end, target * start)) * rate
    return paid


@rule(
    "R40",
    stage="payout", zh="阶梯提成", en="Tiered commission", unit="yuan", source="002§四(一)2",
    arguments=(
        Argument(key="amount", zh="销售额", en="amount", minimum=0),
        Argument(key="target", zh="任务", en="target", above=0),
        Argument(key="tiers", zh="阶梯", en="tiers", shape="table", table="tiers"),
        Argument(key="mode", zh="算法", en="mode", shape="scalar", choices=MODES, optional=True),
    ),
    example=Example(
        given={"amount": [125000.0, 79999.0, 80000.0, 100000.0], "target": [100000.0] * 4,
               "tiers": [[0.8, 0.01], [1, 0.012], [1.2, 0.015]], "mode": "whole"},
        expect=[1875.0, 0.0, 800.0, 1200.0],
    ),
    twin=Twin(
        helpers={
            "completion": _completion_twin("amount"),
            "c": comparison_key("completion"),
            "rate": _tier_twin("tiers"),
            "slices": _slices_twin("amount", "tiers"),
        },
        result='IF({c}="","",ROUND(IF({mode}="marginal",{slices},{amount}*{rate}),2))',
    ),
    function="KPI_COMMISSION",
)  # fmt: skip
def tiered_commission(amount: Floats, target: Floats, *, tiers: Tiers, mode: str) -> Floats:
    """Commission at the rate of the completion reached, to the cent; nothing below the first tier.

    ``whole`` pays that rate on the whole amount, ``marginal`` each slice at its own rate.  A target
    that is not above zero pays nothing.
    """
    goal = np.where(target > 0, target, np.nan)
    if mode == "marginal":
        return round_half_up(_slices(amount, goal, tiers))
    return round_half_up(amount * _tier_rate(key(amount / goal), tiers))


@rule(
    "R39",
    stage="payout", zh="超额提成比例", en="Excess rate by score", unit="rate", source="000 Rex",
    arguments=(
        Argument(key="score", zh="得分", en="score"),
        Argument(key="excess_rate", zh="超额提成比例", en="excess rate", minimum=0),
        Argument(key="bands", zh="浮动表", en="bands", shape="table", table="bands", kind="line",
                 optional=True),
    ),
    example=Example(
        given={"score": [96.0, 90.0, 80.0, 59.99], "excess_rate": [0.015] * 4,
               "bands": [[None, 60, "none", "[)"], [60, 80, -0.002, "[]"], [80, 95, 0, "()"],
                         [95, None, 0.002, "[)"]]},
        expect=[0.017, 0.015, 0.013, 0.0],
    ),
    twin=Twin(
        helpers={
            "v": comparison_key("score"),
            "bands_here": f"SUMPRODUCT({IN_BAND})",
            "lost": f'SUMPRODUCT({IN_BAND}*({{bands.value}}="none"))',
            "change": f"SUMPRODUCT({IN_BAND},{{bands.value}})",
        },
        result='IF(OR({v}="",NOT(ISNUMBER({excess_rate}))),"",IF({bands_here}=0,"",'
               "IF({lost}>0,0,MAX(0,{excess_rate}+{change}))))",
    ),
    function="KPI_EXCESS_RATE",
    empty="没有任何一段包含这个得分",
)  # fmt: skip
def excess_rate_by_score(score: Floats, excess_rate: Floats, *, bands: Bands) -> Floats:
    """The excess rate moved by the band of the score, never below 0.

    A band without a value (``none``) means no commission on the excess: rate 0.  A score in no
    band has no rate.
    """
    place = band_of(score, bands)
    change = bands.value[place]
    moved = np.maximum(0.0, excess_rate + change)
    found = np.where(np.isnan(change), 0.0 * excess_rate, moved)
    return np.where(place >= 0, found, np.nan)
