"""Two years of a team, fact by fact: each fact with the month it is about and when it is known.

Nothing of xl_kpi decides here what is known when.  ``tables`` gives what a book holds when a month
is closed; ``roster_of`` what is true of a month once everything is known.
"""

import datetime as dt

import numpy as np
from case_files import frame

from xl_kpi.scheme_rows import preset_counts, preset_metrics, preset_rows
from xl_kpi.scheme_tables import METRICS, SCHEME_TABLES
from xl_kpi.tables import BENCHMARKS, COUNTS, INPUTS

EVER = 99


class World:
    """Everything that will ever be known; a fact is (first month, last month, table, row)."""

    def __init__(self, scheme, seed, people=40, months=24, start="2025-01", days=(3, 10, 17, 25)):
        self._days = days
        self.scheme, self.months = scheme, [_month(start, n) for n in range(months)]
        self._rng = rng = np.random.default_rng(seed)
        self._facts, self._people = [], {}
        for n in range(people):
            self._person(n)
        for n in range(months):
            for person in self._people:
                if self._works(person, n):
                    self._of_person(person, n)
            self._of_all(n)
        # Figures disputed later, refunds, bonuses of one month.
        for _ in range(months):
            self._dispute(int(rng.integers(months)))

    def _person(self, n):
        """Hired before or in between, perhaps known late; perhaps leaves, known late too."""
        rng, months = self._rng, len(self.months)
        first = 0 if n % 3 else int(rng.integers(months))
        hired = dt.date(2024, 1, 1 + n % 28) if n % 3 else _day(self.months[first], 1 + n % 28)
        known = first + (int(rng.integers(3)) if n % 3 == 0 and rng.random() < 0.4 else 0)
        last, told, left = EVER, EVER, None
        if n % 5 == 4 and first + 3 < months:
            last = int(rng.integers(first + 2, months))
            left, told = _day(self.months[last], 10 + n % 15), last + int(rng.integers(3))
        role = ("售前客服", "售前客服", "售后客服", "投诉客服")[n % 4]
        pay = float(rng.integers(32, 60) * 100)
        raised = int(rng.integers(first + 1, months + 6))
        self._people[f"K{n:03d}"] = {
            "first": first, "last": last, "known": known, "told": told, "left": left, "raised": raised,
            "row": {
                "person_id": f"K{n:03d}", "name": f"员工{n:03d}", "department": f"客服{1 + n % 2}部",
                "shop": f"{1 + n % 2}店", "role": role, "team": f"{1 + n % 4}组",
                "status": "stand_in" if n == 7 else "confirmed", "hired": hired,
                "attendance_pay": 200.0, "overtime_pay": 50.0 * (n % 5), "bonus_base": 1000.0,
                "fixed_bonus": 500.0, "floating_bonus": 800.0, "guarantee": 2500.0,
            },
            "pay": (pay, pay + 300),
        }  # fmt: skip

    def _works(self, person, n):
        return self._people[person]["first"] <= n <= self._people[person]["last"]

    def _fact(self, table, row, known, until=EVER):
        self._facts.append((known, until, table, row))

    def _of_person(self, person, n):
        rng, month = self._rng, self.months[n]
        for day in self._days:
            row = self._counts(person, _day(month, day))
            late = rng.random()
            if late < 0.03:  # comes one or two months later
                self._fact("counts", row, n + int(rng.integers(1, 3)))
            elif late < 0.06:  # is put right later
                until = n + int(rng.integers(1, 4))
                self._fact("counts", row, n, until)
                self._fact("counts", {**row, "sales": row["sales"] + _cents(rng, 10, 4000)}, until)
            else:
                self._fact("counts", row, n)
        target = float(round(self._rng.uniform(30_000, 90_000), -3))
        self._fact("targets", {"period": month, "person_id": person, "sales_target": target}, n)
        for item, group, full in (("内部协作", "同事", 10), ("跨部门协作", "其他部门", 100), ("主管评价", "上级", 100)):
            score = float(rng.integers(full // 2, full + 1))
            row = {"period": month, "person_id": person, "item": item, "rater_group": group, "score": score}
            self._fact("ratings", row, n)
        if rng.random() < 0.3:
            event = str(rng.choice(["表扬", "差评", "订单出错", "积极主动", "逾期"]))
            row = {"date": _day(month, int(rng.integers(1, 28))), "person_id": person, "event": event,
                   "times": float(rng.integers(1, 3))}
            self._fact("events", row, n + int(rng.random() < 0.1))
        if n and rng.random() < 0.08 and self._works(person, n - 1):
            origin = self.months[max(self._people[person]["first"], n - int(rng.integers(1, 4)))]
            row = {"date": _day(month, 20), "person_id": person, "origin": origin,
                   "refund": _cents(rng, 100, 9000)}
            if origin < month:
                self._fact("refunds", row, n + int(rng.random() < 0.2))
        if rng.random() < 0.03:
            row = {"period": month, "person_id": person, "item": "专项奖", "reason": "活动",
                   "amount": float(rng.integers(-100, 300))}
            self._fact("adjustments", row, n)

    def _counts(self, person, day):
        rng = self._rng
        received = int(rng.integers(150, 400))
        inquiring = int(received * rng.uniform(0.5, 0.9))
        ordering = int(inquiring * rng.uniform(0.2, 0.6))
        paying = int(ordering * rng.uniform(0.7, 1.0))
        sessions = received + int(rng.integers(0, 30))
        return {
            "date": day, "person_id": person, "duty_days": float(rng.integers(4, 7)),
            "received_customers": received, "replied_customers": received - int(rng.integers(0, 3)),
            "inquiring_customers": inquiring, "same_day_ordering_customers": int(ordering * 0.8),
            "ordering_customers": ordering, "final_paying_customers": paying // 2,
            "same_day_paying_customers": paying - paying // 2, "converted_customers": paying,
            "lost_customers": ordering - paying, "paying_customers": paying,
            "paid_amount": round(paying * float(rng.uniform(100, 260)), 2),
            "sales": _cents(rng, 8_000, 30_000), "agent_messages": received * 6, "buyer_messages": received * 5,
            "response_seconds": received * int(rng.integers(15, 60)), "replies": received,
            "first_response_seconds": received * int(rng.integers(10, 50)), "first_responses": received,
            "rating_sum": 40 + int(rng.integers(0, 10)), "ratings": 10, "raised_problems": 20,
            "solved_problems": int(rng.integers(10, 21)), "handled_orders": 100,
            "handled_in_time": int(rng.integers(80, 101)), "sessions": sessions,
            "answered_in_30s": int(sessions * rng.uniform(0.5, 1)), "satisfied_ratings": int(rng.integers(5, 11)),
            "solved_at_once": int(rng.integers(5, 20)), "orders": 120, "valid_orders": int(rng.integers(90, 121)),
            "complaints": 12, "escalated_complaints": int(rng.integers(0, 3)), "inspections": 20,
            "passed_inspections": int(rng.integers(12, 21)), "returns": 10, "contacts": 200,
            "repeat_contacts": int(rng.integers(5, 40)), "retained_complaints": int(rng.integers(4, 12)),
        }  # fmt: skip

    def _of_all(self, n):
        rng, month = self._rng, self.months[n]
        for department in (1, 2):
            row = {"period": month, "department": f"客服{department}部", "dsr_start": 4.7 + rng.integers(0, 9) / 100,
                   "dsr_end": 4.7 + rng.integers(0, 9) / 100, "dsr_industry": 4.75}  # fmt: skip
            self._fact("departments", row, n)
        for shop in (1, 2):
            row = {"date": _day(month, 5), "shop": f"{shop}店", "shop_paid_amount": _cents(rng, 8e5, 2e6),
                   "shop_paying_customers": float(rng.integers(4000, 9000))}  # fmt: skip
            self._fact("shops", row, n, n + 2)
            self._fact("shops", {**row, "shop_paid_amount": row["shop_paid_amount"] + 1234.5}, n + 2)

    def _dispute(self, n):
        """An approved figure of a month, known some months later."""
        rng = self._rng
        there = [p for p in self._people if self._works(p, n)]
        if there:
            row = {"period": self.months[n], "person_id": str(rng.choice(there)), "item": "销售额",
                   "value": _cents(rng, 40_000, 90_000), "reason": "申诉成立", "approver": "经理",
                   "approved": dt.date(2026, 1, 1)}  # fmt: skip
            taken = [r for _, _, t, r in self._facts if t == "calibrations"]
            if not any(r["period"] == row["period"] and r["person_id"] == row["person_id"] for r in taken):
                self._fact("calibrations", row, n + int(rng.integers(0, 4)))

    # --- what is known ------------------------------------------------------------------------

    def tables(self, n, roster=None):
        """The tables of a book when the month with this number is closed, without 历史."""
        rows = self.rows(n)
        rows["roster"] = rows["roster"] if roster is None else roster
        tables = {}
        for table in (*INPUTS, BENCHMARKS):
            there = preset_counts() if table is COUNTS else table
            tables[table.key] = frame(there, rows.get(table.key, []))
        return tables

    def rows(self, n):
        """The same as rows by the key of the table."""
        rows = {}
        for known, until, table, row in self._facts:
            if known <= n < until and self._listed(row, n):
                rows.setdefault(table, []).append(row)
        return {**rows, "roster": self._roster(n)}

    def _listed(self, row, n):
        """Rows of somebody who is not on the roster yet are not in the book."""
        person = row.get("person_id")
        return person is None or self._people[person]["known"] <= n

    def _roster(self, n, facts=None):
        """The roster at the closing of month n; ``facts``: with what is known of days then."""
        rows = []
        for person in self._people.values():
            known = n if facts is None else facts
            if person["known"] <= known:
                # Of a month before anybody knew of them, they are as they were first put down:
                # in the first book that is looked at from then on.
                put_down = person["known"] if person["known"] < len(self.months) else EVER - 1
                paid = person["pay"][max(n, put_down) >= person["raised"]]
                left = person["left"] if person["told"] <= known else None
                rows.append({**person["row"], "base_pay": paid, "left": left})
        return rows

    def true_tables(self, n):
        """The tables for month n with every fact that will ever be known."""
        return self.tables(EVER - 1, self._roster(n, EVER - 1))


def scheme_frames(scheme_id):
    """The tables of a ready scheme and the metric library, as a book's checked tables."""
    rows = preset_rows(scheme_id)
    made = {f"{scheme_id}_{t.key}": frame(t, [row.values for row in rows[t.key]]) for t in SCHEME_TABLES}
    return {**made, "metrics": frame(METRICS, [row.values for row in preset_metrics()])}


def _month(start, n):
    whole = int(start[:4]) * 12 + int(start[5:]) - 1 + n
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def _day(month, day):
    return dt.date(int(month[:4]), int(month[5:]), day)


def _cents(rng, low, high):
    return round(float(rng.uniform(low, high)), 2)
