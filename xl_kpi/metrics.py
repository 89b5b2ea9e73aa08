"""Stage 1: counts → metrics.  Ratios are recomputed from summed counts (conventions C3, C5, C6).

Data arguments are float64 arrays of one figure per row, NaN = missing; groups are codes from 0
(-1 = in no group).  Nothing is rounded here.
"""

from __future__ import annotations

import numpy as np

from xl_kpi.catalogue import BETTER, Argument, Example, Twin, rule
from xl_kpi.rounding import Codes, Floats, difference, group_count, group_sum, spread


@rule(
    "C3",
    stage="metric", zh="比率", en="Rate", unit="ratio", source="rules.md C3; 003§❹五.1",
    arguments=(
        Argument(key="part", zh="部分", en="part", minimum=0),
        Argument(key="whole", zh="总数", en="whole", minimum=0),
    ),
    example=Example(given={"part": [2475.0, 812.0], "whole": [3076.0, 2475.0]},
                    expect=[2475 / 3076, 812 / 2475]),
    twin=Twin(result='IF(OR(NOT(ISNUMBER({part})),NOT(ISNUMBER({whole}))),"",'
                     'IF({whole}=0,"",{part}/{whole}))'),
    function="KPI_RATE",
)  # fmt: skip
def rate(part: Floats, whole: Floats) -> Floats:
    """Part of a whole; missing where the whole is zero or either is missing."""
    usable = ~np.isnan(part) & ~np.isnan(whole) & (whole != 0)
    return np.divide(part, whole, out=np.full(np.shape(usable), np.nan), where=usable)


@rule(
    "C5",
    stage="metric", zh="组比率", en="Group rate", unit="ratio", source="rules.md C5",
    arguments=(
        Argument(key="parts", zh="部分", en="parts", minimum=0),
        Argument(key="wholes", zh="总数", en="wholes", minimum=0),
        Argument(key="groups", zh="分组", en="groups", shape="groups"),
    ),
    example=Example(given={"parts": [1.0, 3.0, 5.0], "wholes": [2.0, 8.0, 10.0],
                           "groups": ["甲", "甲", "乙"]}, expect=[0.4, 0.4, 0.5]),
    twin=Twin(
        helpers={
            "both": "IF(AND(ISNUMBER({parts}),ISNUMBER({wholes})),1,0)",
            "part_sum": "SUMPRODUCT(({groups:all}={groups})*({both:all}=1),{parts:all})",
            "whole_sum": "SUMPRODUCT(({groups:all}={groups})*({both:all}=1),{wholes:all})",
        },
        result='IF({groups}="","",IF({whole_sum}=0,"",{part_sum}/{whole_sum}))',
    ),
    function="KPI_GROUP_RATE",
)  # fmt: skip
def group_rate(parts: Floats, wholes: Floats, groups: Codes) -> Floats:
    """The group's Σ parts ÷ Σ wholes on each row; rows with only one of the two are left out."""
    both = ~np.isnan(parts) & ~np.isnan(wholes)
    size = group_count(groups)
    codes = np.where(both, groups, -1)
    figures = rate(group_sum(parts, codes, size), group_sum(wholes, codes, size))
    return spread(figures, groups)


@rule(
    "M17",
    stage="metric", zh="增长率", en="Growth", unit="ratio", source="001§三(三)1",
    arguments=(
        Argument(key="current", zh="本期", en="current"),
        Argument(key="previous", zh="上期", en="previous"),
    ),
    example=Example(given={"current": [110.0, 90.0], "previous": [100.0, 100.0]},
                    expect=[0.1, -0.1]),
    twin=Twin(result='IF(OR(NOT(ISNUMBER({current})),NOT(ISNUMBER({previous}))),"",'
                     'IF({previous}=0,"",IF(ABS({current}-{previous})'
                     "<1E-12*MAX(ABS({current}),ABS({previous})),0,"
                     "({current}-{previous})/{previous})))"),
    function="KPI_GROWTH",
)  # fmt: skip
def growth(current: Floats, previous: Floats) -> Floats:
    """This period less the last one, as a share of the last one."""
    return rate(difference(current, previous), previous)


@rule(
    "R10",
    stage="metric", zh="环比改进", en="Improvement", unit="", source="002§四",
    arguments=(
        Argument(key="current", zh="本期", en="current"),
        Argument(key="previous", zh="上期", en="previous"),
        Argument(key="better", zh="优劣", en="better", shape="scalar", choices=BETTER),
        Argument(key="relative", zh="相对", en="relative", shape="scalar", kind="flag"),
    ),
    example=Example(given={"current": [25.0, 40.0], "previous": [35.0, 35.0], "better": "lower",
                           "relative": False}, expect=[10.0, -5.0]),
    twin=Twin(
        helpers={
            "gap": 'IF(OR(NOT(ISNUMBER({current})),NOT(ISNUMBER({previous}))),"",'
                   "IF(ABS({current}-{previous})<1E-12*MAX(ABS({current}),ABS({previous})),0,"
                   'IF({better}="lower",{previous}-{current},{current}-{previous})))',
        },
        result='IF({gap}="","",IF({relative},IF({previous}=0,"",{gap}/{previous}),{gap}))',
    ),
)  # fmt: skip
def improvement(current: Floats, previous: Floats, *, better: str, relative: bool) -> Floats:
    """How much better than last period, positive = better; the first period has none."""
    gap = difference(current, previous) if better == "higher" else difference(previous, current)
    return rate(gap, previous) if relative else gap


def _ratio_sum_twin(parts: str, wholes: str) -> tuple[str, str]:
    """Σ part ÷ whole over the cells that have both and a whole above 0, and their number."""
    part, whole = f"{{{parts}}}", f"{{{wholes}}}"
    usable = f'({part}<>"")*({whole}>0)'
    return (
        f"SUMPRODUCT({usable}*{part}/({whole}+({whole}=0)))",
        f"SUMPRODUCT({usable}*1)",
    )


_SALES_PER_VIEW = _ratio_sum_twin("past_sales", "past_page_views")
_SERVICE_SHARE = _ratio_sum_twin("past_service_sales", "past_sales")


@rule(
    "R13",
    stage="metric", zh="部门任务", en="Department target", unit="yuan", source="003§❹六.2",
    arguments=(
        Argument(key="page_views", zh="本月浏览量", en="page views", minimum=0),
        Argument(key="past_sales", zh="往月店铺销售额", en="past sales", shape="list", minimum=0,
                 blank=True, length_of="past_page_views"),
        Argument(key="past_page_views", zh="往月浏览量", en="past page views", shape="list",
                 minimum=0, blank=True, length_of="past_sales"),
        Argument(key="past_service_sales", zh="往月客服销售额", en="past service sales",
                 shape="list", minimum=0, blank=True, optional=True, length_of="past_sales"),
    ),
    example=Example(
        given={"page_views": [100000.0], "past_sales": [50000.0, 32000.0, 42000.0, 88000.0],
               "past_page_views": [100000.0, 80000.0, 100000.0, 200000.0],
               "past_service_sales": [30000.0, 16000.0, 23100.0, 48400.0]},
        expect=[24200.0],
    ),
    twin=Twin(
        helpers={
            "months": _SALES_PER_VIEW[1],
            "per_view": f'IF({{months}}=0,"",{_SALES_PER_VIEW[0]}/{{months}})',
            "service_months": _SERVICE_SHARE[1],
            "service_share": "IF(COUNT({past_service_sales})=0,1,IF({service_months}=0,"
                             f'"",{_SERVICE_SHARE[0]}/{{service_months}}))',
        },
        result='IF(OR(NOT(ISNUMBER({page_views})),{per_view}="",{service_share}=""),"",'
               "{page_views}*{per_view}*{service_share})",
    ),
    function="KPI_SALES_TARGET",
    empty="往月没有一个月同时有销售额和浏览量",
)  # fmt: skip
def sales_target(
    page_views: Floats, *, past_sales: Floats, past_page_views: Floats,
    past_service_sales: Floats | None,
) -> Floats:  # fmt: skip
    """Page views × the past months' mean sales per view; the service's share of it if given.

    The past months are the same month of last year and the last three, in any order; a month
    without both figures is left out of the mean.
    """
    expected = page_views * _mean_of_ratios(past_sales, past_page_views)
    if past_service_sales is None:
        return expected
    return expected * _mean_of_ratios(past_service_sales, past_sales)


def _mean_of_ratios(parts: Floats, wholes: Floats) -> Floats:
    ratios = rate(parts, wholes)
    present = ~np.isnan(ratios)
    return rate(ratios[present].sum(keepdims=True), np.array([float(present.sum())]))
