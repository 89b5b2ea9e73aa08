"""A made-up month of customer service in the input tables of a book, for any number of people.

Shops of about twenty people, departments of ten shops, four rows of counts per person and month
for this month and the one before, with the irregularities of real tables: people who joined or
left, stand-ins, weeks without a row, blank cells, ties.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from xl_kpi.tables import COUNTS

PERIOD, BEFORE = "2026-10", "2026-09"
EVENTS = (
    "差评", "态度差评", "表扬", "订单出错", "不按操作", "流程优化", "积极主动", "参与其他工作",
    "逾期", "不服从分配", "晚班", "特殊贡献",
)  # fmt: skip


def make_month(people: int, seed: int = 2026) -> dict[str, pd.DataFrame]:
    """The input tables by key, as a checked book gives them."""
    random = np.random.default_rng(seed)
    roster = _roster(people, random)
    months = [counts_of(roster, month, random) for month in (BEFORE, PERIOD)]
    counts = pd.concat(months, ignore_index=True).reindex(columns=[c.key for c in COUNTS.columns])
    return {
        "roster": roster,
        "counts": counts,
        "events": _events(roster, random),
        "targets": _targets(roster, random),
        "departments": _departments(roster, random),
        "shops": _shops(roster, random),
        "ratings": pd.DataFrame(
            {"period": [], "person_id": [], "item": [], "rater_group": [], "score": []}
        ).astype({"score": np.float64, "person_id": object}),
    }


def _texts(prefix: str, numbers: np.ndarray) -> np.ndarray:
    names = np.array([f"{prefix}{n:07d}" for n in range(int(numbers.max()) + 1)], dtype=object)
    return names[numbers]


def _ids(roster: pd.DataFrame, people: np.ndarray) -> pd.Series:
    """Staff ids as Python strings, as checked tables hold them."""
    return pd.Series(roster["person_id"].to_numpy(dtype=object)[people], dtype=object)


def _roster(people: int, random: np.random.Generator) -> pd.DataFrame:
    ids = _texts("P", np.arange(people))
    shop = random.integers(0, max(1, people // 20), people)
    status = np.array(["confirmed", "unconfirmed", "stand_in"], dtype=object)
    hired = np.datetime64("2026-10-31") - random.integers(0, 2000, people)
    left = np.datetime64("2026-08-15") + random.integers(0, 90, people)
    stays = random.random(people) < 0.97
    return pd.DataFrame(
        {
            "person_id": ids,
            "name": ids,
            "department": _texts("D", shop // 10),
            "shop": _texts("S", shop),
            "team": np.full(people, None, dtype=object),
            "role": np.full(people, "售前", dtype=object),
            "status": status[random.choice(3, people, p=[0.9, 0.05, 0.05])],
            "hired": hired.astype("datetime64[ns]"),
            "left": np.where(stays | (left < hired), np.datetime64("NaT"), left).astype(
                "datetime64[ns]"
            ),
            "base_pay": random.integers(30, 70, people) * 100.0,
            "attendance_pay": np.where(random.random(people) < 0.8, 200.0, 0.0),
            "overtime_pay": np.round(random.random(people) * 500, 2),
            "bonus_base": np.full(people, np.nan),
        }
    )


def counts_of(roster: pd.DataFrame, month: str, random: np.random.Generator) -> pd.DataFrame:
    """Four rows of counts for everybody employed in a month."""
    people, weeks = len(roster), 4
    rows = people * weeks
    starts = np.array([f"{month}-{day:02d}" for day in (1, 8, 15, 22)], dtype="datetime64[ns]")

    def share(of: np.ndarray, low: float, high: float) -> np.ndarray:
        return np.floor(of * (low + (high - low) * random.random(rows)))

    received = random.integers(40, 400, rows).astype(np.float64)
    inquiring = share(received, 0.7, 0.95)
    ordering = share(inquiring, 0.3, 0.6)
    converted = share(inquiring, 0.2, 0.5)
    paying = share(ordering, 0.7, 1.0)
    paid = np.round(paying * (120 + 200 * random.random(rows)), 2)
    buyer = np.floor(received * (4 + 4 * random.random(rows)))
    replies = share(buyer, 0.8, 1.0)
    frame = pd.DataFrame(
        {
            "date": np.repeat(starts, people),
            "person_id": _ids(roster, np.tile(np.arange(people), weeks)),
            "duty_days": random.integers(4, 7, rows).astype(np.float64),
            "received_customers": received,
            "replied_customers": received - (random.random(rows) < 0.3),
            "inquiring_customers": inquiring,
            "same_day_ordering_customers": share(inquiring, 0.2, 0.5),
            "ordering_customers": ordering,
            "final_paying_customers": share(ordering, 0.4, 0.6),
            "same_day_paying_customers": share(ordering, 0.2, 0.4),
            "converted_customers": converted,
            "lost_customers": share(ordering, 0.0, 0.15),
            "paying_customers": paying,
            "paid_amount": paid,
            "sales": paid + np.round(100 * random.random(rows), 2),
            "assisted_amount": np.where(
                random.random(rows) < 0.2, np.round(3000 * random.random(rows), 2), np.nan
            ),
            "agent_messages": share(buyer, 0.9, 1.5),
            "buyer_messages": buyer,
            "response_seconds": replies * random.integers(15, 45, rows),
            "replies": replies,
            "filter_abuse": np.where(random.random(rows) < 0.01, 1.0, np.nan),
        }
    )
    for key in ("same_day_ordering_customers", "replies", "lost_customers"):
        frame.loc[random.random(rows) < 0.005, key] = np.nan
    person, week = np.tile(np.arange(people), weeks), np.repeat(np.arange(weeks), people)
    hired = roster["hired"].to_numpy()[person]
    ends = np.append(starts[1:], (np.datetime64(month) + 1).astype("datetime64[ns]"))
    joined = (hired > frame["date"]) & (hired < ends[week])
    frame["date"] = frame["date"].where(~joined, hired)
    absent = np.isin(week, (1, 2)) & (random.random(rows) < 0.06)
    return frame[_employed(roster, person, frame["date"].to_numpy()) & ~absent]


def _employed(roster: pd.DataFrame, people: np.ndarray, days: np.ndarray) -> np.ndarray:
    hired, left = (roster[key].to_numpy()[people] for key in ("hired", "left"))
    return ~(days < hired) & ~(days > left)


def _events(roster: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    rows = int(1.5 * len(roster))
    kind = random.integers(0, len(EVENTS), rows)
    people = random.integers(0, len(roster), rows)
    days = np.datetime64("2026-10-01", "ns") + _days(random.integers(0, 31, rows))
    frame = pd.DataFrame(
        {
            "date": days,
            "person_id": _ids(roster, people),
            "event": np.array(EVENTS, dtype=object)[kind],
            "times": np.where(random.random(rows) < 0.5, np.nan, random.integers(1, 4, rows)),
            "points": np.where(
                kind == EVENTS.index("特殊贡献"), random.integers(1, 6, rows), np.nan
            ),
            "note": np.full(rows, None, dtype=object),
        }
    )
    return frame[_employed(roster, people, days)].reset_index(drop=True)


def _days(numbers: np.ndarray | int) -> np.ndarray:
    return np.asarray(numbers).astype("timedelta64[D]").astype("timedelta64[ns]")


def _targets(roster: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    months = [
        pd.DataFrame(
            {
                "period": np.full(len(roster), month, dtype=object),
                "person_id": _ids(roster, np.arange(len(roster))),
                "sales_target": random.integers(30, 160, len(roster)) * 1000.0,
            }
        )
        for month in (BEFORE, PERIOD)
    ]
    return pd.concat(months, ignore_index=True)


def _departments(roster: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    names = roster["department"].unique()

    def rating() -> np.ndarray:
        return np.round(4.6 + 0.3 * random.random(len(names)), 2)

    return pd.DataFrame(
        {
            "period": np.full(len(names), PERIOD, dtype=object),
            "department": names,
            "dsr_start": rating(),
            "dsr_end": rating(),
            "dsr_industry": rating(),
        }
    )


def _shops(roster: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    names = roster["shop"].unique()
    starts = np.array([f"{PERIOD}-{day:02d}" for day in (1, 8, 15, 22)], dtype="datetime64[ns]")
    rows = len(names) * len(starts)
    customers = random.integers(1000, 4000, rows).astype(np.float64)
    return pd.DataFrame(
        {
            "date": np.repeat(starts, len(names)),
            "shop": np.tile(names, len(starts)),
            "shop_paid_amount": np.round(customers * (180 + 80 * random.random(rows)), 2),
            "shop_paying_customers": customers,
        }
    )
