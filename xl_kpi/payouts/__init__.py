"""Stage 4: quantities → money, to the cent (rule book §4).

Only here is anything rounded, and only when an amount becomes a pay item (C1, C2).
"""

from xl_kpi.payouts.awards import grade_pay, rank_reward, stretch_reward
from xl_kpi.payouts.commission import excess_rate_by_score, split_commission, tiered_commission
from xl_kpi.payouts.payslip import deduction_guard, limits, pay, prorate, round_money
from xl_kpi.payouts.pool import (
    bonus_pool,
    department_bonus,
    department_coefficient,
    pool_share,
    target_split,
)

__all__ = [
    "bonus_pool",
    "deduction_guard",
    "department_bonus",
    "department_coefficient",
    "excess_rate_by_score",
    "grade_pay",
    "limits",
    "pay",
    "pool_share",
    "prorate",
    "rank_reward",
    "round_money",
    "split_commission",
    "stretch_reward",
    "target_split",
    "tiered_commission",
]
