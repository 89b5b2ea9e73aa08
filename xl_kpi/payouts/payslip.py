"""What becomes a pay item: rounding, proration, limits, the guard on deductions, the sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Argument, Example, Twin, comparison_key, rule
from xl_kpi.rounding import Floats, difference, is_below, round_half_up


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
    total = round_half_up(np.nansum(round_half_up(items), axis=1))
    return np.where(np.isnan(items).all(axis=1), np.nan, total)


_DAY = np.timedelta64(1, "D")
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
    after, period_after = np.maximum(first, last + _DAY), period_end + _DAY
    worked, whole = _days(first, after, basis), _days(period_start, period_after, basis)
    if whole <= 0:
        return np.full(np.shape(amount), np.nan)
    return round_half_up(amount * worked / whole)


def _days(start: Any, after: Any, basis: str) -> NDArray[Any]:
    """Days, or working days, from the start on and before the other end."""
    return np.asarray(
        np.busday_count(start, after) if basis == "working" else (after - start) / _DAY
    )


@rule(
    "R48",
    stage="payout", zh="上下限", en="Limits", unit="yuan", source="rules.md R48",
    arguments=(
        Argument(key="amount", zh="金额", en="amount"),
        Argument(key="floor", zh="保底", en="floor", blank=True),
        Argument(key="cap", zh="封顶", en="cap", blank=True, not_below="floor"),
    ),
    example=Example(
        given={"amount": [800.0, 1500.0, 3200.0, 3200.0, 800.0],
               "floor": [1000.0, 1000.0, 1000.0, 1000.0, None],
               "cap": [3000.0, 3000.0, 3000.0, None, 3000.0]},
        expect=[1000.0, 1500.0, 3000.0, 3200.0, 800.0],
    ),
    twin=Twin(
        helpers={"capped": 'IF(ISNUMBER({amount}),IF(ISNUMBER({cap}),MIN({cap},{amount}),'
                           '{amount}),"")'},
        result='IF({capped}="","",IF(ISNUMBER({floor}),MAX({floor},{capped}),{capped}))',
    ),
)  # fmt: skip
def limits(amount: Floats, floor: Floats, cap: Floats) -> Floats:
    """The amount, no more than the cap and no less than the floor; a blank one does not limit."""
    limited = np.fmax(floor, np.fmin(cap, amount))
    return np.where(np.isnan(amount), np.nan, limited)


@rule(
    "R49",
    stage="payout", zh="扣款保护", en="Deduction guard", unit="count", source="rules.md R49",
    arguments=(
        Argument(key="earnings", zh="应发合计", en="earnings", minimum=0),
        Argument(key="deductions", zh="扣款合计", en="deductions", minimum=0),
        Argument(key="share", zh="扣款上限比例", en="share", shape="scalar", minimum=0, maximum=1),
        Argument(key="minimum_wage", zh="最低工资", en="minimum wage", shape="scalar", minimum=0,
                 optional=True, blank=True),
    ),
    example=Example(
        given={"earnings": [5000.0, 5000.0, 2700.0, 2400.0, 5000.0],
               "deductions": [1000.0, 1000.01, 300.0, 0.0, 0.0], "share": 0.2,
               "minimum_wage": 2490.0},
        expect=[0.0, 1.0, 2.0, 0.0, 0.0],
    ),
    twin=Twin(
        helpers={
            "limit": 'IF(COUNT({earnings},{deductions})<2,"",{earnings}*{share})',
            "l": comparison_key("limit"), "d": comparison_key("deductions"),
            "left": 'IF(COUNT({earnings},{deductions})<2,"",IF(ABS({earnings}-{deductions})'
                    "<1E-12*MAX({earnings},{deductions}),0,{earnings}-{deductions}))",
            "p": comparison_key("left"), "m": comparison_key("minimum_wage"),
        },
        result='IF({l}="","",IF(IF({m}="",FALSE,AND({d}>0,{p}<{m})),2,IF({d}>{l},1,0)))',
    ),
)  # fmt: skip
def deduction_guard(
    earnings: Floats, deductions: Floats, *, share: float, minimum_wage: float | None
) -> Floats:
    """0 if the deductions may be made; 1 above their share of pay; 2 below the minimum wage.

    Pay that is below the minimum wage without any deduction is not the deductions' doing.
    """
    level = np.where(is_below(earnings * share, deductions), 1.0, 0.0)
    if minimum_wage is not None:
        low = is_below(difference(earnings, deductions), minimum_wage) & (deductions > 0)
        level[low] = 2.0
    return np.where(np.isnan(earnings) | np.isnan(deductions), np.nan, level)
