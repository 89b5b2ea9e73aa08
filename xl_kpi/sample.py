"""A realistic month of sample data for the demo: invented people, shops and figures.

The same arguments give the same month.  Counts are consistent: nobody orders who did not inquire,
nobody pays who did not order, a shop sells at least what its people sold.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

DEPARTMENT = "客服部"
_SHOPS = ("云杉旗舰店", "青禾专营店")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_GIVEN = (
    "晓宁", "佳怡", "子涵", "雨桐", "思远", "欣然", "浩然", "静怡", "嘉禾", "梦瑶", "俊杰", "若曦",
    "文博", "诗涵", "一鸣", "语嫣", "泽宇", "心怡", "明轩", "雅琪", "天佑", "可欣", "宇航", "婉清",
)  # fmt: skip
_BLOCK_DAYS = (1, 8, 15, 22)
_JOINING_DAY = 15


@dataclass(frozen=True, slots=True)
class _Person:
    """How somebody works: what their figures are drawn around."""

    row: Row
    pace: float  # customers per day
    order_rate: float
    payment_rate: float
    basket: float  # yuan per paying customer
    response: float  # seconds
    first_response: float
    talk: float  # messages per message of the buyer
    rating: float
    joined: dt.date


def sample_tables(period: str = "2026-10", people: int = 10, seed: int = 1) -> dict[str, list[Row]]:
    """The input tables of a book for a month and the month before it.

    Args:
        period: The month, such as ``2026-10``.
        people: How many people, at least 5: among them are a stand-in, somebody unconfirmed and
            somebody who joined in the month.
        seed: Another seed gives other figures.

    Returns:
        Rows by the key of the input table; choices are keys, flags truth values.
    """
    if people < 5:
        raise ValueError("a sample has at least 5 people")
    random = Random(seed)
    month = dt.date.fromisoformat(f"{period}-01")
    before = (month - dt.timedelta(days=1)).replace(day=1)
    staff = [_person(random, number, people, month) for number in range(people)]
    counts = [
        _counts(random, person, day, days, basket=person.basket * growth)
        for first, growth in ((before, 1.0), (month, 1.03))
        for day, days in _blocks(first)
        for person in staff
        if person.joined <= day
    ]
    return {
        "roster": [person.row for person in staff],
        "sessions": [],
        "orders": [],
        "counts": counts,
        "ratings": [row for person in staff for row in _ratings(random, person, staff, period)],
        "events": sorted(
            (row for person in staff for row in _events(random, person, month)),
            key=lambda row: row["date"],
        ),
        "targets": list(_targets(staff, counts, (before, month))),
        "departments": _departments((before, month)),
        "shops": list(_shops(random, staff, counts)),
        **{key: [] for key in ("calibrations", "refunds", "adjustments", "history")},
    }


def sample_roster(period: str, people: int, seed: int = 1) -> list[Row]:
    """Only the staff of ``sample_tables``, for logs of many people."""
    random = Random(seed)
    month = dt.date.fromisoformat(f"{period}-01")
    return [_person(random, number, people, month).row for number in range(people)]


def targets_for(counts: Sequence[Row], people: Sequence[str]) -> list[Row]:
    """Round targets near what was sold, by month and person, in the order of the people."""
    sold = _sold(counts)
    months = sorted({month for _, month in sold})
    return [
        _target(person_id, month, number, sold[person_id, month])
        for month in months
        for number, person_id in enumerate(people)
        if (person_id, month) in sold
    ]


def _blocks(first: dt.date) -> Iterator[tuple[dt.date, int]]:
    """The first day of each week of a month, and its days."""
    length = calendar.monthrange(first.year, first.month)[1]
    for day, end in zip(_BLOCK_DAYS, (*_BLOCK_DAYS[1:], length + 1), strict=True):
        yield first.replace(day=day), end - day


def _person(random: Random, number: int, people: int, month: dt.date) -> _Person:
    """Nobody special, or one of the last three: joined in the month, unconfirmed, stand-in."""
    special = {people - 3: "joined", people - 2: "unconfirmed", people - 1: "stand_in"}.get(number)
    hired = month - dt.timedelta(days=random.randint(200, 1500))
    if special == "joined":
        hired = month.replace(day=_JOINING_DAY)
    elif special == "unconfirmed":
        hired = month - dt.timedelta(days=40)
    row = {
        "person_id": f"KF{number + 1:03d}",
        "name": _name(number),
        "department": DEPARTMENT,
        "shop": _SHOPS[number % len(_SHOPS)],
        "team": ("早班", "晚班")[number // 2 % 2],
        "role": "售后客服" if special == "stand_in" else "售前客服",
        "status": special if special in ("unconfirmed", "stand_in") else "confirmed",
        "hired": hired,
        "base_pay": 100.0 * random.randint(32, 45),
        "attendance_pay": 0.0 if special == "joined" else 200.0,
        "overtime_pay": 50.0 * random.randint(0, 8),
        "bonus_base": 100.0 * random.randint(8, 15),
    }
    return _Person(
        row=row,
        pace=random.uniform(48, 66),
        order_rate=random.uniform(0.34, 0.44),
        payment_rate=random.uniform(0.88, 0.96),
        basket=random.uniform(175, 235),
        response=random.uniform(25, 39),
        first_response=random.uniform(18, 36),
        talk=random.uniform(0.98, 1.3),
        rating=random.uniform(4.55, 4.95),
        joined=hired,
    )


def _name(number: int) -> str:
    """Different for the first 768 people."""
    rounds, surname = divmod(number, len(_SURNAMES))
    given = (number * 5 + rounds) % len(_GIVEN)
    return _SURNAMES[surname * 7 % len(_SURNAMES)] + _GIVEN[given]


def _around(random: Random, mean: float, spread: float) -> float:
    return mean * random.uniform(1 - spread, 1 + spread)


def _counts(random: Random, person: _Person, day: dt.date, days: int, *, basket: float) -> Row:
    """A week of one person, each count a part of the one it is drawn from."""

    def part(whole: int, share: float, spread: float = 0.04) -> int:
        return min(whole, round(whole * _around(random, share, spread)))

    duty = days - random.randint(1, 2) if days <= 7 else days - random.randint(2, 3)
    received = round(duty * _around(random, person.pace, 0.1))
    replied = received - random.choice((0, 0, 0, 0, 1, 2))
    inquiring = part(replied, 0.78)
    ordering = part(inquiring, person.order_rate, 0.08)
    paying = part(ordering, person.payment_rate, 0.03)
    same_day_paying = part(paying, 0.4, 0.1)
    buyer_messages = round(received * _around(random, 6.4, 0.08))
    replies = round(buyer_messages * _around(random, 0.62, 0.05))
    ratings = part(replied, 0.3, 0.15)
    raised = part(replied, 0.22, 0.1)
    orders = part(replied, 0.3, 0.1)
    paid = round(paying * _around(random, basket, 0.06), 2)
    return {
        "date": day,
        "person_id": person.row["person_id"],
        "duty_days": duty,
        "received_customers": received,
        "replied_customers": replied,
        "inquiring_customers": inquiring,
        "same_day_ordering_customers": part(ordering, 0.82, 0.05),
        "ordering_customers": ordering,
        "final_paying_customers": paying - same_day_paying,
        "same_day_paying_customers": same_day_paying,
        "converted_customers": part(paying, 0.96, 0.03),
        "lost_customers": ordering - paying,
        "paying_customers": paying,
        "paid_amount": paid,
        "sales": round(paid * random.uniform(1.01, 1.05), 2),
        "assisted_amount": round(random.choice((0, 0, 1)) * random.uniform(200, 1500), 2),
        "agent_messages": round(buyer_messages * _around(random, person.talk, 0.06)),
        "buyer_messages": buyer_messages,
        "response_seconds": round(replies * _around(random, person.response, 0.08)),
        "replies": replies,
        "first_response_seconds": round(replied * _around(random, person.first_response, 0.08)),
        "first_responses": replied,
        "rating_sum": round(min(5.0, _around(random, person.rating, 0.015)) * ratings),
        "ratings": ratings,
        "raised_problems": raised,
        "solved_problems": part(raised, 0.92, 0.06),
        "handled_orders": orders,
        "handled_in_time": part(orders, 0.95, 0.04),
        "filter_abuse": None,
    }


def _ratings(
    random: Random, person: _Person, staff: Sequence[_Person], period: str
) -> Iterator[Row]:
    """Two colleagues, the superior and two other departments rate everybody."""
    colleagues = random.sample([one for one in staff if one is not person], 2)
    inside = [("同事", one.row["name"]) for one in colleagues] + [("上级", "客服主管")]
    for group, rater in inside:
        yield _rating(person, period, "内部协作", group, rater, random.randint(14, 20) / 2)
    for rater in ("运营部", "仓储部"):
        score = float(random.randint(78, 98))
        yield _rating(person, period, "跨部门协作", "其他部门", rater, score)


def _rating(person: _Person, period: str, item: str, group: str, rater: str, score: float) -> Row:
    return {
        "period": period, "person_id": person.row["person_id"], "item": item,
        "rater_group": group, "rater": rater, "score": score,
    }  # fmt: skip


# Kind of event: how likely in a month, at most how often, what HR notes.
_EVENTS = (
    ("表扬", 0.7, 3, "顾客点名表扬"),
    ("晚班", 0.6, 1, "当月排了晚班"),
    ("差评", 0.2, 1, "物流慢，与态度无关"),
    ("态度差评", 0.1, 1, "回复生硬，已面谈"),
    ("订单出错", 0.25, 2, "地址备注漏改"),
    ("不按操作", 0.15, 1, "未登记退款原因"),
    ("参与其他工作", 0.3, 1, "协助整理商品资料"),
    ("积极主动", 0.3, 1, ""),
    ("流程优化", 0.15, 1, "改进了催付话术"),
    ("逾期", 0.1, 1, "周报晚交一天"),
)


def _events(random: Random, person: _Person, month: dt.date) -> Iterator[Row]:
    first = person.joined.day if person.joined > month else 1
    for event, chance, most, note in _EVENTS:
        if random.random() < chance:
            yield {
                "date": month.replace(day=random.randint(first, 28)),
                "person_id": person.row["person_id"], "event": event,
                "times": random.randint(1, most), "note": note or None,
            }  # fmt: skip
    if random.random() < 0.15:
        yield {
            "date": month.replace(day=random.randint(first, 28)),
            "person_id": person.row["person_id"], "event": "特殊贡献", "times": 1,
            "points": random.randint(1, 5), "note": "发现标价错误，挽回损失",
        }  # fmt: skip


def _targets(
    staff: Sequence[_Person], counts: Sequence[Row], months: Sequence[dt.date]
) -> Iterator[Row]:
    """Round targets near what people can sell, so that some miss and some exceed them."""
    sold = _sold(counts)
    for month in months:
        for number, person in enumerate(staff):
            person_id = person.row["person_id"]
            if (person_id, month) in sold:
                yield _target(person_id, month, number, sold[person_id, month])


def _sold(counts: Sequence[Row]) -> dict[tuple[str, dt.date], float]:
    sold: dict[tuple[str, dt.date], float] = {}
    for row in counts:
        key = (row["person_id"], row["date"].replace(day=1))
        sold[key] = sold.get(key, 0.0) + row["sales"]
    return sold


def _target(person_id: str, month: dt.date, number: int, sold: float) -> Row:
    share = (0.75, 0.95, 1.1, 1.3, 1.75)[number % 5]
    target = 5_000.0 * max(1, round(sold * share / 5_000))
    return {"period": f"{month:%Y-%m}", "person_id": person_id, "sales_target": target}


def _departments(months: Sequence[dt.date]) -> list[Row]:
    ratings = ((4.76, 4.77, 4.78), (4.77, 4.82, 4.79))
    return [
        {
            "period": f"{month:%Y-%m}", "department": DEPARTMENT, "dsr_start": start,
            "dsr_end": end, "dsr_industry": industry,
        }
        for month, (start, end, industry) in zip(months, ratings, strict=True)
    ]  # fmt: skip


def _shops(random: Random, staff: Sequence[_Person], counts: Sequence[Row]) -> Iterator[Row]:
    """The whole shop: what its people sold and the silent orders."""
    shop_of = {person.row["person_id"]: person.row["shop"] for person in staff}
    for day in sorted({row["date"] for row in counts}):
        for shop in _SHOPS:
            mine = [r for r in counts if r["date"] == day and shop_of[r["person_id"]] == shop]
            customers = sum(row["paying_customers"] for row in mine)
            amount = sum(row["paid_amount"] for row in mine)
            silent = round(customers * random.uniform(0.35, 0.6))
            basket = amount / customers * random.uniform(0.9, 1.02)
            yield {
                "date": day, "shop": shop,
                "shop_paid_amount": round(amount + silent * basket, 2),
                "shop_paying_customers": customers + silent,
            }  # fmt: skip
