"""Generated months with everything that goes wrong in real ones: ties, blanks, edges, leavers."""

import datetime as dt
import itertools

import numpy as np

PERIOD, BEFORE = "2026-10", "2026-09"
WEEKS = (1, 8, 15, 22)
COMPLETIONS = (0.45, 0.5, 0.55, 0.6, 0.8, 1.0, 1.1, 1.3, 1.45)


def month(scheme, seed, people=30, departments=2, shops=4):
    """A case like those of tests/cases, without expectations."""
    rng = np.random.default_rng([seed, people])
    case = {"scheme": scheme, "period": PERIOD, "roster": roster(rng, people, departments, shops)}
    ids = [row["person_id"] for row in case["roster"]]
    case["counts"] = [
        *(counts(rng, person, 10, first) for person, first in itertools.product(ids, WEEKS)),
        *(counts(rng, person, 9, 1) for person in ids),
    ]
    case["counts"] = [row for row in case["counts"] if rng.random() > 0.06]
    case["targets"] = targets(rng, case)
    case["events"] = events(rng, ids)
    case["ratings"] = ratings(rng, ids)
    case["shops"] = [
        {"date": dt.date(2026, 10, first), "shop": f"{n + 1}店",
         "shop_paid_amount": cents(rng, 100_000, 300_000),
         "shop_paying_customers": whole(rng, 400, 1600)}
        for n in range(shops) for first in WEEKS if rng.random() > 0.1
    ]  # fmt: skip
    case["departments"] = [
        {"period": period, "department": f"客服{n + 1}部",
         "dsr_start": dsr(rng), "dsr_end": dsr(rng), "dsr_industry": dsr(rng)}
        for n in range(departments) for period in (BEFORE, PERIOD)
    ]  # fmt: skip
    return case


def roster(rng, people, departments, shops):
    rows = []
    for n in range(people):
        shop = int(rng.integers(shops))
        row = {
            "person_id": f"K{n:04d}",
            "name": f"员工{n:04d}",
            "shop": f"{shop + 1}店",
            # Most shops belong to one department; the first one is shared.
            "department": f"客服{1 + (shop if shop else int(rng.integers(departments))) % departments}部",
            "team": some(rng, ["售前组", "售后组"], 0.1),
            "role": "售前客服",
            "status": str(rng.choice(["confirmed", "unconfirmed", "stand_in"], p=[0.8, 0.1, 0.1])),
            "hired": some(rng, [dt.date(2022, 3, 31), dt.date(2024, 10, 31), dt.date(2026, 4, 30),
                                dt.date(2026, 5, 1), dt.date(2026, 10, 16)], 0.05),
            "left": some(rng, [dt.date(2026, 10, 20), dt.date(2026, 10, 31)], 0.9),
            "base_pay": some(rng, [4200, 3888.88, 5000.01, 4000], 0.05),
            "attendance_pay": some(rng, [200, 0, 150], 0.2),
            "overtime_pay": some(rng, [312.5, 88.8, 60.35], 0.4),
            "bonus_base": some(rng, [5000, 3333.33, 4200, 0], 0.05),
        }  # fmt: skip
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows


def counts(rng, person, of_month, first):
    """A row of counts; few different figures, so that ties are common."""
    received = whole(rng, 20, 60) * 10
    inquiring = int(received * rng.choice([0.5, 0.6, 0.75, 0.8]))
    ordering = int(inquiring * rng.choice([0.0, 0.25, 0.4, 0.5]))
    paying = int(ordering * rng.choice([0.8, 0.9, 1.0]))
    messages = whole(rng, 100, 400) * 10
    row = {
        "received_customers": received,
        "replied_customers": received - whole(rng, 0, 2),
        "inquiring_customers": inquiring,
        "same_day_ordering_customers": int(inquiring * rng.choice([0.2, 0.25, 0.3])),
        "ordering_customers": ordering,
        "final_paying_customers": paying // 2,
        "same_day_paying_customers": paying - paying // 2,
        "converted_customers": int(inquiring * rng.choice([0.25, 0.3, 0.35])),
        "lost_customers": int(ordering * rng.choice([0.0, 0.05, 0.1, 0.2])),
        "paying_customers": paying,
        "paid_amount": paying * float(rng.choice([180.5, 200.25, 195.97])),
        "sales": cents(rng, 10_000, 40_000),
        "agent_messages": int(messages * rng.choice([0.9, 1.0, 1.2])),
        "buyer_messages": messages,
        "response_seconds": whole(rng, 300, 600) * 100,
        "replies": whole(rng, 10, 20) * 100,
        "first_response_seconds": whole(rng, 0, 4) * 1500,
        "first_responses": 100,
        "rating_sum": whole(rng, 40, 50),
        "ratings": 10,
        "raised_problems": whole(rng, 0, 3) * 10,
        "solved_problems": whole(rng, 0, 10),
        "handled_orders": 200,
        "handled_in_time": whole(rng, 180, 200),
        "duty_days": whole(rng, 0, 7),
    }
    row = {key: value for key, value in row.items() if rng.random() > 0.02}
    if rng.random() < 0.2:
        row["assisted_amount"] = cents(rng, 100, 3000)
    if rng.random() < 0.2:
        row["filter_abuse"] = True
    return {"date": dt.date(2026, of_month, first), "person_id": person, **row}


def targets(rng, case):
    """Targets that put many people exactly on an edge of the completion bands."""
    rows = []
    for period, of_month in ((BEFORE, 9), (PERIOD, 10)):
        sold = {}
        for row in case["counts"]:
            if row["date"].month == of_month:
                sold[row["person_id"]] = sold.get(row["person_id"], 0) + row.get("sales", 0)
        for person, sales in sold.items():
            if rng.random() > 0.07 and sales:
                target = round(sales / float(rng.choice(COMPLETIONS)), 2)
                rows.append({"period": period, "person_id": person, "sales_target": target})
    return rows


EVENTS = ("差评", "态度差评", "表扬", "订单出错", "不按操作", "流程优化", "积极主动", "参与其他工作",
          "逾期", "不服从分配", "晚班", "特殊贡献")  # fmt: skip


def events(rng, ids):
    rows = []
    for person in ids:
        for event in rng.choice(EVENTS, size=int(rng.integers(0, 6)), replace=False).tolist():
            row = {
                "date": dt.date(2026, 10, whole(rng, 1, 31)),
                "person_id": person,
                "event": event,
            }
            if event == "特殊贡献":
                row["points"] = whole(rng, 1, 5)
            elif rng.random() < 0.5:
                row["times"] = whole(rng, 1, 4)
            rows.append(row)
    return rows


def ratings(rng, ids):
    rows = []
    for person, (item, group, full) in itertools.product(
        ids, (("内部协作", "同事", 10), ("内部协作", "上级", 10), ("跨部门协作", "其他部门", 100))
    ):
        rows += [
            {"period": PERIOD, "person_id": person, "item": item, "rater_group": group,
             "rater": f"{group}{n}", "score": whole(rng, full // 2, full)}
            for n in range(int(rng.integers(0, 4)))
        ]  # fmt: skip
    return rows


def whole(rng, low, high):
    return int(rng.integers(low, high + 1))


def cents(rng, low, high):
    return round(float(rng.uniform(low, high)), 2)


def dsr(rng):
    return float(rng.choice([4.7, 4.75, 4.8, 4.86]))


def some(rng, choices, blank):
    """One of the choices, or None."""
    return None if rng.random() < blank else choices[int(rng.integers(len(choices)))]
