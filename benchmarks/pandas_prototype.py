"""Scheme S01 by hand in plain pandas: merge, groupby, rank and transform, without apply."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy_prototype import EVENTS, RATES

MONTH, LAST_DAY, DAYS = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-10-31"), 31
BEFORE, BEFORE_LAST = pd.Timestamp("2026-09-01"), pd.Timestamp("2026-09-30")
COUNTS = [
    "received_customers", "replied_customers", "inquiring_customers",
    "same_day_ordering_customers", "ordering_customers", "final_paying_customers",
    "same_day_paying_customers", "converted_customers", "lost_customers", "paying_customers",
    "paid_amount", "sales", "assisted_amount", "agent_messages", "buyer_messages",
    "response_seconds", "replies", "filter_abuse",
]  # fmt: skip


def calculate(tables: dict[str, pd.DataFrame]) -> pd.Series:
    """Pay of everybody employed in October 2026, in the order of the roster."""
    roster = tables["roster"]
    here = roster[~(roster["hired"] > LAST_DAY) & ~(roster["left"] < MONTH)]
    here = here.set_index("person_id")
    there = roster[~(roster["hired"] > BEFORE_LAST) & ~(roster["left"] < BEFORE)]
    there = there.set_index("person_id")
    assessed = here.index[here["status"] == "confirmed"]

    counts = tables["counts"]
    this = counts[counts["date"].between(MONTH, LAST_DAY)]
    week = ((this["date"].dt.day - 1) // 7).clip(upper=3).rename("week")
    weekly = this.groupby([this["person_id"], week])[COUNTS].sum(min_count=1)
    monthly = this.groupby("person_id")[COUNTS].sum(min_count=1).reindex(here.index)
    last = counts[counts["date"].between(BEFORE, BEFORE_LAST)]
    last = last.groupby("person_id")[COUNTS].sum(min_count=1)
    for frame in (weekly, monthly, last):
        frame["paid_customers"] = (
            frame["final_paying_customers"] + frame["same_day_paying_customers"]
        )

    performance = _week_points(weekly, here, last, there, tables["shops"]).reindex(assessed)
    performance = performance.fillna(0.0)
    targets = tables["targets"].pivot(index="person_id", columns="period", values="sales_target")
    target = targets["2026-10"].reindex(here.index)
    completion = (monthly["sales"] / target).where(target != 0)
    points = pd.cut(completion, [0, 0.5, 0.6, 0.8, 1.3, np.inf], right=False, ordered=False,
                    labels=[-2.0, 0.0, 1.0, 3.0, 5.0]).astype(float)  # fmt: skip
    performance += points.reindex(assessed).fillna(0.0)
    behaviour = _behaviour(tables["events"], here).reindex(assessed)

    sales = monthly["sales"]
    in_task = sales.clip(upper=target) * np.where(completion >= 0.6, 0.008, 0.005)
    excess = (sales - target).clip(lower=0) * np.where(completion >= 1.3, 0.01, 0.009)
    in_task, excess = in_task.reindex(assessed), excess.reindex(assessed)

    department = here["department"].reindex(assessed)
    now = pd.DataFrame(
        {
            "completion": _group_ratio(sales, target, department),
            "conversion": _department_rate(monthly, "conversion", department),
            "value": _department_rate(monthly, "paid value", department),
            "mean": completion.groupby(department).mean(),
            "heads": department.groupby(department).size(),
            "sales": sales.groupby(here["department"]).sum(),
        }
    )
    confirmed_then = there.loc[there["status"] == "confirmed", "department"]
    before = pd.DataFrame(
        {
            "conversion": _department_rate(last, "conversion", confirmed_then),
            "value": _department_rate(last, "paid value", confirmed_then),
            "mean": (last["sales"] / targets["2026-09"]).groupby(department).mean(),
        }
    ).reindex(now.index)
    ratings = tables["departments"].query("period == '2026-10'").set_index("department")
    reward = _reward(now, before, ratings.reindex(now.index)) * now["heads"]
    pool = now["sales"] * (now["completion"] * now["conversion"] * 0.01)
    pool += in_task.groupby(department).sum() * 0.2 + excess.groupby(department).sum() * 0.1
    pool = (pool + reward).clip(lower=0)

    staff = here[here["status"] != "stand_in"]
    first = staff["hired"].clip(lower=MONTH).fillna(MONTH)
    final = staff["left"].clip(upper=LAST_DAY).fillna(LAST_DAY)
    worked = (final - first).dt.days + 1
    assisted = monthly["assisted_amount"].reindex(assessed).fillna(0)
    items = pd.DataFrame(
        {
            "performance": _pool_share(performance, pool * 0.8, department, 96),
            "behaviour": _pool_share(behaviour, pool * 0.2, department, None),
            "commission": in_task * 0.8 + excess * 0.9 + assisted * 0.002,
            "base": staff["base_pay"] * worked / DAYS,
            "attendance": staff["attendance_pay"],
            "overtime": staff["overtime_pay"],
        },
        index=here.index,
    )
    return _cents(_cents(items).sum(axis=1, min_count=1))


def _week_points(weekly: pd.DataFrame, here: pd.DataFrame, last: pd.DataFrame,
                 there: pd.DataFrame, shops: pd.DataFrame) -> pd.Series:  # fmt: skip
    weekly = weekly.join(here.loc[here["status"] == "confirmed", ["shop"]], how="inner")
    keys = [weekly["shop"], weekly.index.get_level_values("week")]
    value, line = {}, {}
    for name, (part, of) in RATES.items():
        value[name] = (weekly[part] / weekly[of]).where(weekly[of] != 0)
        both = weekly[part].notna() & weekly[of].notna()
        total = weekly[of].where(both).groupby(keys).transform("sum")
        line[name] = weekly[part].where(both).groupby(keys).transform("sum") / total

    part, of = (last[key] for key in RATES["inquiry share"])
    confirmed_then = there.loc[there["status"] == "confirmed", "shop"]
    share_before = weekly["shop"].map(_group_ratio(part, of, confirmed_then))
    shops = shops[shops["date"].between(MONTH, LAST_DAY)]
    week = ((shops["date"].dt.day - 1) // 7).clip(upper=3).rename("week")
    shops = shops.groupby([shops["shop"], week])[["shop_paid_amount", "shop_paying_customers"]]
    shops = shops.sum()
    shop_value = (shops["shop_paid_amount"] / shops["shop_paying_customers"]).rename("shop_value")
    shop_value = weekly.join(shop_value, on=["shop", "week"])["shop_value"]

    score = -2.0 * ((weekly["filter_abuse"] > 0) & (value["inquiry share"] < share_before))
    for name, lowest in (
        ("order rate", line["order rate"]),
        ("payment rate", line["payment rate"]),
        ("conversion", line["conversion"]),
        ("paid value", shop_value),
    ):
        place = value[name].groupby(keys).rank(method="min", ascending=False)
        bonus = place.map({1.0: 3.0, 2.0: 2.0, 3.0: 1.0}).fillna(0.0)
        score += bonus.mask(value[name] < line[name], 0.0) - (value[name] < lowest)
    score -= 2.0 * (value["message ratio"] < 1)
    score -= 1.0 * (value["reply rate"] < 1)
    score -= 1.0 * (value["response time"] > line["response time"])
    score += 1.0 * (value["loss rate"] < 0.05) - 1.0 * (value["loss rate"] > 0.1)
    return score.groupby("person_id").sum()


def _behaviour(events: pd.DataFrame, here: pd.DataFrame) -> pd.Series:
    events = events[events["date"].between(MONTH, LAST_DAY)]
    amount = events["times"].fillna(1) * events["points"].fillna(1)
    times = amount.groupby([events["person_id"], events["event"]]).sum().unstack(fill_value=0.0)
    times = times.reindex(index=here.index, columns=list(EVENTS), fill_value=0.0)
    each, none, most = (
        pd.Series(figures, index=EVENTS) for figures in zip(*EVENTS.values(), strict=True)
    )
    points = (times * each + (times == 0) * none).clip(upper=most, axis=1).sum(axis=1)
    hired = here["hired"]
    months = (2026 - hired.dt.year) * 12 + 10 - hired.dt.month - (hired.dt.day > 31)
    tenure = pd.cut(months, [0, 6, 12, 24, 36, np.inf], right=False, ordered=False,
                    labels=[0.0, 2.0, 3.0, 5.0, 8.0]).astype(float)  # fmt: skip
    return points + tenure


def _group_ratio(part: pd.Series, of: pd.Series, groups: pd.Series) -> pd.Series:
    both = pd.DataFrame({"part": part, "of": of}).dropna().join(groups.rename("group"), how="inner")
    sums = both.groupby("group")[["part", "of"]].sum()
    return sums["part"] / sums["of"]


def _department_rate(figures: pd.DataFrame, name: str, departments: pd.Series) -> pd.Series:
    part, of = RATES[name]
    return _group_ratio(figures[part], figures[of], departments)


def _reward(now: pd.DataFrame, before: pd.DataFrame, ratings: pd.DataFrame) -> pd.Series:
    end, industry = ratings["dsr_end"], ratings["dsr_industry"]
    reward = 100.0 * ((end > ratings["dsr_start"]) & (end > industry)) - 100.0 * (end < industry)
    reward += 50.0 * (now["mean"] > before["mean"]) - 50.0 * (now["mean"] < before["mean"])
    higher, lower = now[before.columns] > before, now[before.columns] < before
    both = ["conversion", "value"]
    return reward + 50.0 * higher[both].all(axis=1) - 50.0 * lower[both].all(axis=1)


def _cents(amount: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
    """Half up to 0.01 on the value at 15 significant digits."""
    size = amount.abs()
    with np.errstate(divide="ignore"):
        half_of_last = 0.5 * 10.0 ** (np.floor(np.log10(size)) - 14)
    return np.floor((size + half_of_last) * 100 + 0.5) / 100 * np.sign(amount)


def _pool_share(scores: pd.Series, pool: pd.Series, departments: pd.Series,
                divisor: float | None) -> pd.Series:  # fmt: skip
    """Score × pool ÷ divisor; if scores reach the divisor, the whole pool in whole cents."""
    points = scores.clip(lower=0)
    total = points.groupby(departments).transform("sum")
    own_pool = departments.map(pool)
    cents = _cents(own_pool)
    share = (points * cents / total.where(total > 0)).fillna(0)
    nano = np.floor(share * 1e9 + 0.5).astype(np.int64)
    whole, rest = nano // 10_000_000, nano % 10_000_000
    missing = (cents * 100).round() - whole.groupby(departments).transform("sum")
    place = rest.groupby(departments).rank(method="first", ascending=False)
    by_score = (whole + (place <= missing)) / 100
    if divisor is None:
        return by_score.where(total > 0, 0.0)
    return by_score.where(total >= divisor, points * own_pool / divisor)
