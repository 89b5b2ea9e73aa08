"""S01 部门奖金池 from the raw tables to the payslip, worked out apart from the package.

Follows 003§❹ and rules R03-R05, R09, R30-R38, R44, R45 sentence by sentence, in exact fractions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from exact import (
    Figure,
    Row,
    below,
    cents,
    mean,
    month_days,
    of_month,
    places,
    previous,
    ratio,
    total,
    used_up,
)

RATIOS = {
    "M01": (["response_seconds"], "replies"),
    "M03": (["replied_customers"], "received_customers"),
    "M12": (["inquiring_customers"], "received_customers"),
    "M13": (["same_day_ordering_customers"], "inquiring_customers"),
    "M14": (["final_paying_customers", "same_day_paying_customers"], "ordering_customers"),
    "M15": (["converted_customers"], "inquiring_customers"),
    "M16": (["paid_amount"], "paying_customers"),
    "M18": (["agent_messages"], "buyer_messages"),
    "M19": (["lost_customers"], "ordering_customers"),
}
WEEKS = range(4)
# Items 2 to 5 of the policy: places 1 to 3 of four indicators in each week.
FULL_MARKS = (3 + 2 + 1) * 4 * len(WEEKS)

ZERO = Fraction(0)


def percent(number: int) -> Fraction:
    return Fraction(number, 100)


def per_mille(number: int) -> Fraction:
    return Fraction(number, 1000)


def week_of(day: dt.date) -> int:
    """Days 1-7, 8-14, 15-21, and 22 to the end of the month."""
    return min((day.day - 1) // 7, 3)


def rank_points(values: Sequence[Figure], bonus_line: Figure, penalty_line: Figure) -> list[int]:
    """R05: 3, 2, 1 for the first places; nothing below the one line, -1 below the other."""
    points = []
    for value, place in zip(values, places(values), strict=True):
        if value is None or place is None:
            points.append(0)
            continue
        for_place = {1: 3, 2: 2, 3: 1}.get(place, 0)
        if bonus_line is not None and below(value, bonus_line):
            for_place = 0
        penalty = -1 if penalty_line is not None and below(value, penalty_line) else 0
        points.append(for_place + penalty)
    return points


def loss_points(rate: Figure) -> int:
    """Item 9: below 5 % one point more, above 10 % one less."""
    if rate is None:
        return 0
    if below(rate, percent(5)):
        return 1
    return -1 if below(percent(10), rate) else 0


def completion_points(completion: Figure) -> int:
    """Item 10 with the default edges of R03."""
    if completion is None:
        return 0
    points = -2
    for edge, at_edge in ((50, 0), (60, 1), (80, 3), (130, 5)):
        if not below(completion, percent(edge)):
            points = at_edge
    return points


def full_months(hired: dt.date, day: dt.date) -> int:
    """Whole months of service: a month is full on the day of the hire."""
    return (day.year - hired.year) * 12 + day.month - hired.month - (day.day < hired.day)


def tenure_points(months: int) -> int:
    points = 0
    for edge, at_edge in ((6, 2), (12, 3), (24, 5), (36, 8)):
        if months >= edge:
            points = at_edge
    return points


def behaviour_score(events: Sequence[Row], hired: dt.date, last_day: dt.date) -> Fraction:
    """R09 with the kinds a to i of the policy."""

    def amount(kind: str) -> Fraction:
        return sum(
            (
                Fraction(event.get("times", 1)) * Fraction(event.get("points", 1))
                for event in events
                if event["event"] == kind
            ),
            ZERO,
        )

    score = ZERO
    score += 5 if amount("差评") == 0 else 0
    score -= 2 * amount("态度差评")
    score += amount("表扬") / 2
    score += 5 if amount("订单出错") == 0 else -amount("订单出错")
    score -= amount("不按操作") / 2
    score += min(3 * amount("流程优化"), 3)
    score += min(5 * amount("积极主动"), 5)
    score += min(2 * amount("参与其他工作"), 2)
    score -= 3 * amount("逾期")
    score -= 2 * amount("不服从分配")
    score += min(2 * amount("晚班"), 2)
    score += min(amount("特殊贡献"), 5)
    return score + tenure_points(full_months(hired, last_day))


def commissions(sales: Fraction, target: Fraction) -> tuple[Fraction, Fraction]:
    """R33: the in-task and the excess part, one rate for each by completion."""
    completion = sales / target
    in_rate = per_mille(5) if below(completion, percent(60)) else per_mille(8)
    excess_rate = per_mille(9) if below(completion, percent(130)) else per_mille(10)
    return min(sales, target) * in_rate, max(ZERO, sales - target) * excess_rate


def compared(now: Figure, before: Figure, yuan: int) -> int:
    """More than last month: the yuan; less: minus the yuan; equal or unknown: 0 (R32)."""
    if now is None or before is None:
        return 0
    return yuan * (below(before, now) - below(now, before))


class Month:
    """A month of one department: its tables cut to people and weeks."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.period: str = case["period"]
        self.first_day, self.last_day = month_days(self.period)
        self.roster: list[Row] = case["roster"]
        self.assessed = [row for row in self.roster if row["status"] == "confirmed"]
        self.counts = of_month(case["counts"], self.period)
        self.counts_before = of_month(case["counts"], previous(self.period))
        self.events = of_month(case.get("events", []), self.period)
        self.shop_rows = of_month(case.get("shops", []), self.period)
        self.targets: list[Row] = case["targets"]
        (self.department,) = (row for row in case["departments"] if row["period"] == self.period)

    def rows(self, people: Sequence[Row], week: int | None = None) -> list[Row]:
        """The counts of these people, of a week or of the whole month."""
        ids = {person["person_id"] for person in people}
        return [
            row
            for row in self.counts
            if row["person_id"] in ids and (week is None or week_of(row["date"]) == week)
        ]

    def rows_before(self, people: Sequence[Row]) -> list[Row]:
        """Last month's counts of these people."""
        ids = {person["person_id"] for person in people}
        return [row for row in self.counts_before if row["person_id"] in ids]

    def target(self, person: Row, period: str) -> Figure:
        """A person's sales target of a month."""
        return total(
            [
                row
                for row in self.targets
                if row["period"] == period and row["person_id"] == person["person_id"]
            ],
            "sales_target",
        )

    def completion(self, person: Row) -> Figure:
        """M20 of a person in this month."""
        return quotient(total(self.rows([person]), "sales"), self.target(person, self.period))

    def completion_before(self, person: Row) -> Figure:
        """M20 of a person in the month before."""
        return quotient(
            total(self.rows_before([person]), "sales"),
            self.target(person, previous(self.period)),
        )


def quotient(part: Figure, whole: Figure) -> Figure:
    return None if part is None or not whole else part / whole


def values_of(month: Month, person: Row) -> dict[str, Fraction]:
    """The month's metrics; what is missing is left out."""
    rows = month.rows([person])
    values = {metric: ratio(rows, *counts) for metric, counts in RATIOS.items()}
    values["M20"] = month.completion(person)
    values["M00"] = total(rows, "sales")
    return {metric: value for metric, value in values.items() if value is not None}


def week_points(month: Month, group: Sequence[Row], week: int) -> dict[str, list[int]]:
    """Points of a shop's assessed people in one week, in their order."""
    everybody = month.rows(group, week)
    shop_rows = [
        row
        for row in month.shop_rows
        if row["shop"] == group[0]["shop"] and week_of(row["date"]) == week
    ]

    def each(metric: str) -> list[Figure]:
        return [ratio(month.rows([person], week), *RATIOS[metric]) for person in group]

    def group_average(metric: str) -> Figure:
        return ratio(everybody, *RATIOS[metric])

    def penalties(metric: str, points: int, worse: Callable[[Fraction], bool]) -> list[int]:
        return [points if value is not None and worse(value) else 0 for value in each(metric)]

    points = {}
    share_before = ratio(month.rows_before(group), *RATIOS["M12"])
    below_last_month = penalties(
        "M12", -2, lambda share: share_before is not None and below(share, share_before)
    )
    abuse_confirmed = [
        any(row.get("filter_abuse", False) for row in month.rows([person], week))
        for person in group
    ]
    points["M12"] = [
        penalty if abuse else 0
        for penalty, abuse in zip(below_last_month, abuse_confirmed, strict=True)
    ]
    for metric in ("M13", "M14", "M15"):
        line = group_average(metric)
        points[metric] = rank_points(each(metric), line, line)
    points["M16"] = rank_points(
        each("M16"),
        group_average("M16"),
        ratio(shop_rows, ["shop_paid_amount"], "shop_paying_customers"),
    )
    points["M18"] = penalties("M18", -2, lambda value: below(value, Fraction(1)))
    points["M03"] = penalties("M03", -1, lambda value: below(value, Fraction(1)))
    average_response = group_average("M01")
    points["M01"] = penalties(
        "M01",
        -1,
        lambda value: average_response is not None and below(average_response, value),
    )
    points["M19"] = [loss_points(rate) for rate in each("M19")]
    points["M00"] = rank_points(
        [total(month.rows([person], week), "sales") for person in group], None, None
    )
    return points


def all_points(month: Month) -> dict[str, dict[str, list[int]]]:
    """Points by person and indicator: one a week, for completion one a month."""
    points: dict[str, dict[str, list[int]]] = {person["person_id"]: {} for person in month.assessed}
    for shop in dict.fromkeys(person["shop"] for person in month.assessed):
        group = [person for person in month.assessed if person["shop"] == shop]
        for week in WEEKS:
            for metric, of_group in week_points(month, group, week).items():
                for person, own in zip(group, of_group, strict=True):
                    points[person["person_id"]].setdefault(metric, []).append(own)
    for person in month.assessed:
        points[person["person_id"]]["M20"] = [completion_points(month.completion(person))]
    return points


def performance_score(points: Mapping[str, Sequence[int]]) -> int:
    """R37: items 1 to 10; the weekly sales rank (item 12) is listed but not in the score."""
    return sum(sum(own) for metric, own in points.items() if metric != "M00")


def department_figures(month: Month, in_task: Fraction, excess: Fraction) -> dict[str, Fraction]:
    """R30-R32, R35, R36."""
    assessed = month.assessed
    heads = len(assessed)
    rows, before = month.rows(assessed), month.rows_before(assessed)
    completion = quotient(
        total(rows, "sales"),
        sum((month.target(person, month.period) or ZERO for person in assessed), ZERO),
    )
    conversion = ratio(rows, *RATIOS["M15"])
    assert completion is not None
    assert conversion is not None
    coefficient = completion * conversion * percent(1)
    department_sales = total(month.rows(month.roster), "sales")
    assert department_sales is not None
    bonus = department_sales * coefficient

    start, end, industry = (
        Fraction(month.department[key]) for key in ("dsr_start", "dsr_end", "dsr_industry")
    )
    dsr = 0
    if below(start, end) and below(industry, end):
        dsr = 100 * heads
    elif below(end, industry):
        dsr = -100 * heads
    personal = compared(
        mean([month.completion(person) for person in assessed]),
        mean([month.completion_before(person) for person in assessed]),
        50 * heads,
    )
    steps = {
        compared(ratio(rows, *RATIOS[metric]), ratio(before, *RATIOS[metric]), 50 * heads)
        for metric in ("M15", "M16")
    }
    both = steps.pop() if len(steps) == 1 else 0
    reward = dsr + personal + both

    pool = max(ZERO, bonus + in_task * percent(20) + excess * percent(10) + reward)
    return {
        "部门完成率": completion,
        "部门转化率": conversion,
        "考核系数": coefficient,
        "部门奖金": bonus,
        "DSR奖惩": Fraction(dsr),
        "完成率奖惩": Fraction(personal),
        "双指标奖惩": Fraction(both),
        "部门奖惩": Fraction(reward),
        "考核奖金X": pool,
        "绩效奖金池": pool * percent(80),
        "行为奖金池": pool * percent(20),
    }


def performance_bonuses(scores: Sequence[Fraction], pool: Fraction) -> list[Fraction]:
    """R37: a share of the full marks; scaled down when the scores add to more than those."""
    counted = [max(score, ZERO) for score in scores]
    if sum(counted) > FULL_MARKS:
        return used_up(counted, pool)
    return [cents(score * pool / FULL_MARKS) for score in counted]


def base_pay(month: Month, person: Row) -> Fraction:
    """R45: by calendar days for who joined or left within the month."""
    start = max(person["hired"], month.first_day)
    end = min(person.get("left", month.last_day), month.last_day)
    days, all_days = (end - start).days + 1, (month.last_day - month.first_day).days + 1
    return cents(Fraction(person["base_pay"]) * days / all_days)


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the case expects."""
    month = Month(case)
    assessed = [person["person_id"] for person in month.assessed]
    points = all_points(month)
    performance = [Fraction(performance_score(points[person])) for person in assessed]
    behaviour = [
        behaviour_score(
            [event for event in month.events if event["person_id"] == person["person_id"]],
            person["hired"],
            month.last_day,
        )
        for person in month.assessed
    ]
    items: dict[str, dict[str, Fraction]] = {
        person["person_id"]: {} for person in month.roster if person["status"] != "stand_in"
    }
    for person in month.assessed:
        sales = total(month.rows([person]), "sales")
        target = month.target(person, month.period)
        assert sales is not None
        assert target is not None
        in_task, excess = commissions(sales, target)
        items[person["person_id"]] |= {"任务内提成": in_task, "超额提成": excess}
    department = department_figures(
        month,
        sum((items[person]["任务内提成"] for person in assessed), ZERO),
        sum((items[person]["超额提成"] for person in assessed), ZERO),
    )
    bonuses = performance_bonuses(performance, department["绩效奖金池"])
    for person, bonus in zip(assessed, bonuses, strict=True):
        items[person]["绩效奖金"] = bonus
    for person, bonus in zip(assessed, used_up(behaviour, department["行为奖金池"]), strict=True):
        items[person]["行为奖金"] = bonus
    for person in month.assessed:
        own = items[person["person_id"]]
        assisted = total(month.rows([person]), "assisted_amount") or ZERO
        own["销售提成"] = cents(
            own["任务内提成"] * percent(80)
            + own["超额提成"] * percent(90)
            + assisted * per_mille(2)
        )
    for person in month.roster:
        if person["person_id"] not in items:
            continue
        own = items[person["person_id"]]
        own["基本工资"] = base_pay(month, person)
        for name, key in (("全勤奖", "attendance_pay"), ("加班工资", "overtime_pay")):
            if key in person:
                own[name] = cents(Fraction(person[key]))
    shown = {"任务内提成", "超额提成"}
    return {
        "values": {
            person["person_id"]: values
            for person in month.roster
            if (values := values_of(month, person))
        },
        "points": points,
        "scores": {
            person: {"考核得分": score, "行为得分": conduct}
            for person, score, conduct in zip(assessed, performance, behaviour, strict=True)
        },
        "items": items,
        "total": {
            person: sum((yuan for name, yuan in own.items() if name not in shown), ZERO)
            for person, own in items.items()
        },
        "departments": {month.department["department"]: department},
    }
