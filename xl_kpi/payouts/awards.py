"""Money for a grade, a place, or what lies beyond the target (002§四, 004§六, 000)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import BETTER, Argument, Example, GradePay, Twin, comparison_key, rule
from xl_kpi.payouts.pool import MOST
from xl_kpi.rounding import (
    Codes,
    Floats,
    allocate,
    difference,
    group_count,
    is_below,
    round_half_up,
    significant,
)

_BETTER = Argument(key="better", zh="优劣", en="better", shape="scalar", choices=BETTER,
                   optional=True)  # fmt: skip
_OF_GRADE = "({table.grade}={grade})"


@rule(
    "R22",
    stage="payout", zh="等级奖金", en="Grade pay", unit="yuan", source="002§四(一)1",
    arguments=(
        Argument(key="grade", zh="等级", en="grade", kind="text", listed_in="table"),
        Argument(key="floating", zh="浮动奖金", en="floating bonus", minimum=0),
        Argument(key="base_pay", zh="基本工资", en="base pay", minimum=0),
        Argument(key="fixed", zh="基础奖金", en="fixed bonus", minimum=0, optional=True),
        Argument(key="table", zh="等级表", en="table", shape="table", table="grade pay",
                 optional=True),
    ),
    example=Example(
        given={"grade": ["S", "C", "A", "B"], "floating": [1000.0] * 4, "base_pay": [6000.0] * 4,
               "fixed": [500.0] * 4,
               "table": [["S", 1.5, 0.1], ["A", 1.2, 0.05], ["B", 1, 0], ["C", 0.8, 0]]},
        expect=[2600.0, 1300.0, 2000.0, 1500.0],
    ),
    twin=Twin(
        helpers={
            "of_grade": f'IF({{grade}}="",0,SUMPRODUCT({_OF_GRADE}*1))',
            "coefficient": f"SUMPRODUCT({_OF_GRADE}*1,{{table.coefficient}})",
            "extra_share": f"SUMPRODUCT({_OF_GRADE}*1,{{table.share}})",
        },
        result='IF(OR({of_grade}=0,COUNT({floating},{base_pay},{fixed})<3),"",'
               "ROUND({fixed}+{floating}*{coefficient}+{base_pay}*{extra_share},2))",
    ),
    function="KPI_GRADE_PAY",
)  # fmt: skip
def grade_pay(
    grade: NDArray[np.object_], floating: Floats, base_pay: Floats, fixed: Floats, *,
    table: GradePay,
) -> Floats:  # fmt: skip
    """Fixed bonus + floating bonus × coefficient + base pay × extra share, to the cent.

    A grade that the table does not list has no pay.
    """
    coefficient = np.full(grade.shape, np.nan)
    share = np.full(grade.shape, np.nan)
    for label, factor, extra in zip(table.grade, table.coefficient, table.share, strict=True):
        coefficient[grade == label] = factor
        share[grade == label] = extra
    return round_half_up(fixed + floating * coefficient + base_pay * share)


_SAME = "({groups:all}={groups})"
_ENDS = f"""SUMPRODUCT({_SAME}*({{v:all}}<>"")*({{v:all}}%s{{v}}))"""


def _shared_twin(amount: str) -> str:
    """The cents of an amount that this row gets of all who are tied with it."""
    cents = f"ROUND(ABS({{{amount}}})*100,0)"
    each = f"INT({cents}/{{tied}})"
    more = f"IF({{turn}}<={cents}-{each}*{{tied}},1,0)"
    return f"IF({{{amount}}}<0,-1,1)*({each}+{more})/100"


@rule(
    "R23",
    stage="payout", zh="名次奖惩", en="Rank reward", unit="yuan", source="004§六",
    arguments=(
        Argument(key="values", zh="值", en="values"),
        Argument(key="first", zh="第一名", en="first", shape="scalar", minimum=-MOST,
                 maximum=MOST, optional=True),
        Argument(key="last", zh="最后一名", en="last", shape="scalar", minimum=-MOST,
                 maximum=MOST, optional=True),
        _BETTER,
        Argument(key="groups", zh="分组", en="groups", shape="groups", optional=True),
    ),
    example=Example(
        given={"values": [88.0, 95.0, 88.0, 71.0, 95.0, 60.0], "first": 100.0, "last": -100.0,
               "better": "higher", "groups": ["甲"] * 5 + ["乙"]},
        expect=[0.0, 50.0, 0.0, -100.0, 50.0, 100.0],
    ),
    twin=Twin(
        helpers={
            "v": f'IF({{groups}}="","",{comparison_key("values")})',
            "higher": f'IF({{v}}="","",{_ENDS % ">"})',
            "lower": f'IF({{v}}="","",{_ENDS % "<"})',
            "tied": f'IF({{v}}="","",{_ENDS % "="})',
            "turn": 'IF({v}="","",SUMPRODUCT(({groups:upto}={groups})*({v:upto}={v})))',
            "ahead": 'IF({better}="lower",{lower},{higher})',
            "behind": 'IF({better}="lower",{higher},{lower})',
            "reward": f'IF({{v}}="","",IF({{ahead}}=0,{_shared_twin("first")},0))',
            "loss": f'IF({{v}}="","",IF(AND({{behind}}=0,{{ahead}}>0),{_shared_twin("last")},0))',
        },
        result='IF({v}="","",{reward}+{loss})',
    ),
    function="KPI_RANK_REWARD",
)  # fmt: skip
def rank_reward(
    values: Floats, groups: Codes, *, first: float, last: float, better: str
) -> Floats:
    """An amount for the first place and one for the last; who is tied shares it, to the cent (C2).

    Where all are tied, or there is one person, everybody is first and nobody last.
    """
    result = np.full(values.shape, np.nan)
    rows = np.flatnonzero(~np.isnan(values) & (groups >= 0))
    if rows.size == 0:
        return result
    value = significant(values[rows] if better == "higher" else -values[rows])
    group, size = groups[rows], group_count(groups)
    top, bottom = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(top, group, value)
    np.minimum.at(bottom, group, value)
    is_first = value == top[group]
    is_last = (value == bottom[group]) & ~is_first
    result[rows] = _shared(first, is_first, group, size) + _shared(last, is_last, group, size)
    return result


def _shared(amount: float, who: NDArray[np.bool_], groups: Codes, size: int) -> Floats:
    """The amount of each group over some of its rows."""
    count = np.bincount(groups[who], minlength=size)
    yuan = abs(float(round_half_up(amount)))
    shares = np.where(who, yuan / np.maximum(1, count)[groups], np.nan)
    given = allocate(shares, np.full(size, yuan), groups)
    return np.where(who, np.copysign(given, amount), 0.0)


@rule(
    "R50",
    stage="payout", zh="超额激励", en="Stretch reward", unit="yuan", source="000 胡宝",
    arguments=(
        Argument(key="actual", zh="实际值", en="actual"),
        Argument(key="line", zh="挑战线", en="stretch line"),
        Argument(key="amount", zh="奖励金额", en="amount", shape="scalar", minimum=0,
                 optional=True, blank=True),
        Argument(key="rate", zh="超出部分比例", en="rate", shape="scalar", minimum=0,
                 optional=True, blank=True),
        _BETTER,
    ),
    example=Example(
        given={"actual": [0.44, 0.45, 0.5], "line": [0.45] * 3, "amount": 200.0, "rate": None,
               "better": "higher"},
        expect=[0.0, 200.0, 200.0],
    ),
    twin=Twin(
        helpers={
            "v": comparison_key("actual"), "l": comparison_key("line"),
            "gap": 'IF(OR({v}="",{l}=""),"",IF(ABS({actual}-{line})'
                   "<1E-12*MAX(ABS({actual}),ABS({line})),0,"
                   'IF({better}="lower",{line}-{actual},{actual}-{line})))',
        },
        result='IF({gap}="","",IF(IF({better}="lower",{v}>{l},{v}<{l}),0,'
               "ROUND(SUM({amount})+SUM({rate})*{gap},2)))",
    ),
)  # fmt: skip
def stretch_reward(
    actual: Floats, line: Floats, *, amount: float | None, rate: float | None, better: str
) -> Floats:
    """From the stretch line on a fixed amount, a rate on what lies beyond it, or both; else 0."""
    short = is_below(actual, line) if better == "higher" else is_below(line, actual)
    beyond = difference(actual, line) if better == "higher" else difference(line, actual)
    earned = round_half_up((amount or 0.0) + (rate or 0.0) * beyond)
    return np.where(short, 0.0, earned)  # of a missing figure: missing
