"""Generated months of a team in which nothing is wrong, and effects that can be planted there.

Everybody has lasting strengths of their own, drawn alike in every shop; months differ by chance.
A planted effect changes rows after they were drawn: the rest of the world stays as it was.
"""

import datetime as dt

import numpy as np
from case_files import frames
from small_schemes import indicator, item, scheme

MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10")
DAYS = (1, 8, 15, 22)


def policy_scheme():
    """Six indicators of a usual kind, a rank among them; paid by points."""
    return scheme(
        indicators=[
            indicator("转化率", target="40%", cap=120.0, weight=0.3),
            indicator("首次响应时长", target="30", cap=120.0, weight=0.2, better="lower"),
            indicator("满意度评分", target="4.8", cap=120.0, weight=0.2),
            indicator("问题解决率", target="80%", cap=120.0, weight=0.2),
            indicator("答问比", target="1.2", cap=120.0, weight=0.1),
        ],
        pay_items=[
            item("基本工资", "=月基本工资", paid="yes"),
            item("绩效奖金", "=奖金基数*总分/100", paid="yes"),
        ],
    )  # fmt: skip


class World:
    """A roster and its rows; ``plant`` changes rows, ``tables`` gives what ``diagnose`` takes."""

    def __init__(self, seed, people=12, months=6, shops=2):
        rng = self.rng = np.random.default_rng([7, seed])
        self.months = MONTHS[-months:]
        self.roster = [
            {"person_id": f"K{n:02d}", "name": f"员工{n:02d}", "department": "客服部",
             "shop": f"{1 + n % shops}店", "team": ("甲组", "乙组", "丙组")[n // 2 % 3], "role": "售前",
             "status": "confirmed", "hired": dt.date(2024, 1, 1),
             "base_pay": float(rng.integers(32, 50) * 100), "bonus_base": 1000.0}
            for n in range(people)
        ]  # fmt: skip
        self.counts = []
        for person in self.roster:
            skill = {
                "converted": rng.uniform(0.3, 0.46), "first": rng.uniform(22, 38), "rating": rng.uniform(3.5, 4.9),
                "solved": rng.uniform(0.7, 0.9), "talk": rng.normal(1.15, 0.14), "pace": rng.uniform(45, 65),
            }  # fmt: skip
            for month in self.months:
                self.counts += [self._row(person, skill, f"{month}-{day:02d}") for day in DAYS]

    def _row(self, person, skill, day):
        rng = self.rng
        received = int(rng.poisson(skill["pace"] * 6))
        inquiring = int(rng.binomial(received, 0.78))
        converted = int(rng.binomial(inquiring, skill["converted"]))
        paying = converted + int(rng.binomial(converted, 0.04))
        buyer = int(received * rng.normal(6.4, 0.3))
        raised, ratings = int(rng.binomial(received, 0.3)), int(rng.binomial(received, 0.3))
        sales = round(paying * rng.normal(200, 10), 2)
        return {
            "date": dt.date.fromisoformat(day), "person_id": person["person_id"], "duty_days": 6.0,
            "received_customers": received, "replied_customers": received, "inquiring_customers": inquiring,
            "converted_customers": converted, "paying_customers": paying, "paid_amount": sales, "sales": sales,
            "assisted_amount": round(rng.uniform(200, 1500), 2) if rng.random() < 0.3 else 0.0,
            "agent_messages": int(buyer * skill["talk"] * rng.normal(1, 0.04)), "buyer_messages": buyer,
            "first_response_seconds": round(received * skill["first"] * rng.normal(1, 0.06)),
            "first_responses": received, "ratings": ratings,
            "rating_sum": round(min(5.0, rng.normal(skill["rating"], 0.7 / np.sqrt(max(ratings, 1)))) * ratings, 1),
            "response_seconds": round(received * 4 * skill["first"] * rng.normal(1, 0.06)), "replies": received * 4,
            "satisfied_ratings": int(rng.binomial(ratings, skill["solved"])),
            "raised_problems": raised, "solved_problems": int(rng.binomial(raised, skill["solved"])),
        }  # fmt: skip

    def plant(self, change, people=None, month=None):
        """Change the rows of some people and months: ``change(row)`` edits one in place."""
        for row in self.counts:
            if (people is None or row["person_id"] in people) and (
                month is None or f"{row['date']:%Y-%m}" == month
            ):
                change(row)
        return self

    def people_of(self, **values):
        """The staff IDs of those with these roster figures."""
        return {r["person_id"] for r in self.roster if all(r[k] == v for k, v in values.items())}

    def tables(self, **more):
        return frames({"roster": self.roster, "counts": self.counts, **more})
