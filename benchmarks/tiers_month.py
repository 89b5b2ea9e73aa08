"""A made-up quarter of a call centre under scheme S06, for any number of people.

Departments of about a hundred people over three roles, one row of counts per person and month,
July to September 2026, with joiners, leavers, stand-ins, tied scores, a former quarter's grades.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from xl_kpi.tables import BY_KEY, INPUTS

PERIOD = "2026-09"
MONTHS = ("2026-07", "2026-08", "2026-09")
ROLES = ("售前客服", "售后客服", "投诉客服")


def make_quarter(people: int, seed: int = 2026) -> dict[str, pd.DataFrame]:
    """The input tables by key, as a checked book gives them."""
    random = np.random.default_rng(seed)
    ids = np.array([f"P{n:07d}" for n in range(people)], dtype=object)
    made = {
        "roster": _roster(ids, random),
        "counts": pd.concat([_counts(ids, month, random) for month in MONTHS], ignore_index=True),
        "ratings": pd.concat(
            [_ratings(ids, PERIOD, "主管评价", "主管", 1, random)]
            + [_ratings(ids, m, "跨团队支持", "被支持团队负责人", 1, random) for m in MONTHS],
            ignore_index=True,
        ),
        "events": _events(ids, random),
        "targets": pd.DataFrame({
            "period": np.full(people, PERIOD, dtype=object), "person_id": ids,
            "sales_target": random.integers(8, 16, people) * 10_000.0,
        }),
        "history": pd.DataFrame({
            "period": np.full(people, "2026-06", dtype=object), "person_id": ids,
            "item": np.full(people, "季度等级", dtype=object), "value": np.full(people, np.nan),
            "word": random.choice(np.array(["S", "A", "B", "C"], dtype=object), people),
        }),
    }  # fmt: skip
    return {table.key: _whole(made.get(table.key), table.key) for table in INPUTS}


def _whole(frame: pd.DataFrame | None, key: str) -> pd.DataFrame:
    """A table with all its columns, typed; blank where the month has nothing."""
    kinds = {"number": "float64", "flag": "float64", "date": "datetime64[ns]"}
    rows = 0 if frame is None else len(frame)
    columns = {}
    for column in BY_KEY[key].columns:
        if frame is not None and column.key in frame:
            columns[column.key] = frame[column.key]
        else:
            kind = kinds.get(column.kind, "object")
            blank = None if kind == "object" else np.nan
            values = [pd.NaT] * rows if kind.startswith("date") else [blank] * rows
            columns[column.key] = pd.Series(values, dtype=kind)
    return pd.DataFrame(columns)


def _roster(ids: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    people = len(ids)
    group = np.arange(people) // 100
    named = np.array([f"D{n:04d}" for n in range(int(group.max()) + 1)], dtype=object)
    hired = np.datetime64("2026-09-20") - random.integers(0, 1500, people)
    stays = random.random(people) < 0.97
    left = np.where(stays, np.datetime64("NaT"), np.datetime64("2026-09-25"))
    return pd.DataFrame({
        "person_id": ids, "name": ids, "department": named[group], "shop": named[group],
        "team": named[group], "role": np.array(ROLES, dtype=object)[random.integers(0, 3, people)],
        "status": np.array(["confirmed", "unconfirmed", "stand_in"], dtype=object)[
            random.choice(3, people, p=[0.92, 0.04, 0.04])
        ],
        "hired": hired.astype("datetime64[ns]"), "left": left.astype("datetime64[ns]"),
        "base_pay": random.integers(30, 70, people) * 100.0,
        "fixed_bonus": random.integers(3, 9, people) * 100.0,
        "floating_bonus": random.integers(5, 20, people) * 100.0,
    })  # fmt: skip


def _counts(ids: np.ndarray, month: str, random: np.random.Generator) -> pd.DataFrame:
    people = len(ids)

    def some(low: int, high: int) -> np.ndarray:
        return random.integers(low, high, people).astype(np.float64)

    def part(whole: np.ndarray, low: float, high: float) -> np.ndarray:
        return np.floor(whole * random.uniform(low, high, people))

    ratings, sessions, problems = some(20, 200), some(300, 900), some(50, 200)
    inquiries, leads, served = some(200, 600), some(20, 80), some(100, 400)
    returns, complaints, orders, inspected = some(20, 60), some(10, 50), some(100, 400), some(10, 40)
    return pd.DataFrame({
        "date": np.full(people, np.datetime64(f"{month}-01"), dtype="datetime64[ns]"),
        "person_id": ids,
        "rating_sum": part(ratings * 10, 0.7, 1.0), "ratings": ratings,
        "first_response_seconds": sessions * random.integers(15, 60, people),
        "first_responses": sessions,
        "raised_problems": problems, "solved_at_once": part(problems, 0.6, 1.0),
        "handled_orders": orders, "handled_in_time": part(orders, 0.85, 1.0),
        "inspections": inspected, "passed_inspections": part(inspected, 0.8, 1.0),
        "inquiring_customers": inquiries, "converted_customers": part(inquiries, 0.15, 0.45),
        "leads": leads, "complete_leads": part(leads, 0.6, 1.0),
        "served_customers": served, "repurchasing_customers": part(served, 0.02, 0.15),
        "returns": returns, "disputed_returns": part(returns, 0.0, 0.1),
        "complaints": complaints, "escalated_complaints": part(complaints, 0.0, 0.3),
        "retained_complaints": part(complaints, 0.4, 0.9),
        "sales": np.round(random.uniform(60_000, 160_000, people), 2),
    })  # fmt: skip


def _ratings(
    ids: np.ndarray, month: str, item: str, group: str, each: int, random: np.random.Generator
) -> pd.DataFrame:
    who = np.repeat(ids, each)
    return pd.DataFrame({
        "period": np.full(len(who), month, dtype=object), "person_id": who,
        "item": np.full(len(who), item, dtype=object),
        "rater_group": np.full(len(who), group, dtype=object),
        "score": random.integers(60, 100, len(who)).astype(np.float64),
    })  # fmt: skip


def _events(ids: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    who = ids[random.random(len(ids)) < 0.2]
    return pd.DataFrame({
        "date": np.full(len(who), np.datetime64("2026-09-10"), dtype="datetime64[ns]"),
        "person_id": who, "event": np.full(len(who), "违规操作", dtype=object),
        "times": random.integers(1, 4, len(who)).astype(np.float64),
    })  # fmt: skip
