"""Scheme S01 by hand in numpy: what a programmer would write for this one policy and no other.

Everything is fixed in the code (indicators, bands, rates, names of columns), nothing is explained
or kept for later.  It takes the same tables as ``xl_kpi.evaluate`` and pays the same cents.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

WEEKS = 4
MONTH, LAST_DAY = np.datetime64("2026-10"), np.datetime64("2026-10-31")
BEFORE = np.datetime64("2026-09")
RATES = {
    "inquiry share": ("inquiring_customers", "received_customers"),
    "order rate": ("same_day_ordering_customers", "inquiring_customers"),
    "payment rate": ("paid_customers", "ordering_customers"),
    "paid value": ("paid_amount", "paying_customers"),
    "conversion": ("converted_customers", "inquiring_customers"),
    "message ratio": ("agent_messages", "buyer_messages"),
    "reply rate": ("replied_customers", "received_customers"),
    "response time": ("response_seconds", "replies"),
    "loss rate": ("lost_customers", "ordering_customers"),
}
# kind: points for each, points for none, most
EVENTS = {
    "差评": (0.0, 5.0, np.inf),
    "态度差评": (-2.0, 0.0, np.inf),
    "表扬": (0.5, 0.0, np.inf),
    "订单出错": (-1.0, 5.0, np.inf),
    "不按操作": (-0.5, 0.0, np.inf),
    "流程优化": (3.0, 0.0, 3.0),
    "积极主动": (5.0, 0.0, 5.0),
    "参与其他工作": (2.0, 0.0, 2.0),
    "逾期": (-3.0, 0.0, np.inf),
    "不服从分配": (-2.0, 0.0, np.inf),
    "晚班": (2.0, 0.0, 2.0),
    "特殊贡献": (1.0, 0.0, 5.0),
}


def calculate(tables: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Scores and pay of everybody employed in October 2026, in the order of the roster."""
    roster = tables["roster"]
    hired = roster["hired"].to_numpy("datetime64[D]")
    left = roster["left"].to_numpy("datetime64[D]")
    here = ~(hired > LAST_DAY) & ~(left < MONTH.astype("datetime64[D]"))
    confirmed = (roster["status"] == "confirmed").to_numpy(bool)
    shop = pd.factorize(roster["shop"])[0]
    department = pd.factorize(roster["department"])[0]
    departments, shops = int(department.max()) + 1, int(shop.max()) + 1

    index = pd.Index(roster["person_id"])
    counts = tables["counts"]
    people = index.get_indexer(pd.Index(counts["person_id"]))
    days = counts["date"].to_numpy("datetime64[D]")
    month = days.astype("datetime64[M]")

    position = np.where(here, np.cumsum(here) - 1, -1)
    rows = np.flatnonzero((month == MONTH) & (position[people] >= 0) & (people >= 0))
    code = position[people[rows]]
    day = (days[rows] - MONTH.astype("datetime64[D]")).astype(int)
    week_code = code * WEEKS + np.minimum(day // 7, WEEKS - 1)
    week = _sums(counts, rows, week_code, int(here.sum()) * WEEKS)
    whole = _sums(counts, rows, code, int(here.sum()))
    rows = np.flatnonzero((month == BEFORE) & (people >= 0))
    last_month = _sums(counts, rows, people[rows], len(roster))
    was_there = ~(hired >= MONTH.astype("datetime64[D]")) & ~(left < np.datetime64("2026-09-01"))
    counted_before = confirmed & was_there

    assessed = confirmed[here]
    hired, left = hired[here], left[here]
    shop_here, department_here = shop[here], department[here]
    shop_week = np.repeat(shop_here, WEEKS) * WEEKS + np.tile(np.arange(WEEKS), len(shop_here))
    counted = np.repeat(assessed, WEEKS)

    value, line = {}, {}
    for name, (part, of) in RATES.items():
        value[name] = np.where(counted, _ratio(week[part], week[of]), np.nan)
        both = counted & ~np.isnan(week[part]) & ~np.isnan(week[of])
        line[name] = _group_ratio(week[part], week[of], both, shop_week, shops * WEEKS)[shop_week]

    part, of = (last_month[key] for key in RATES["inquiry share"])
    both = counted_before & ~np.isnan(part) & ~np.isnan(of)
    share_before = np.repeat(_group_ratio(part, of, both, shop, shops)[shop_here], WEEKS)
    shop_value = _shop_value(tables["shops"], roster["shop"], shop, shops)[shop_week]

    score = np.zeros(len(counted))
    abused = week["filter_abuse"] > 0
    score -= 2 * (abused & (value["inquiry share"] < share_before))
    for name in ("order rate", "payment rate", "conversion"):
        score += _rank_points(value[name], shop_week, line[name], line[name])
    score += _rank_points(value["paid value"], shop_week, line["paid value"], shop_value)
    score -= 2 * (value["message ratio"] < 1)
    score -= value["reply rate"] < 1
    score -= value["response time"] > line["response time"]
    loss = value["loss rate"]
    score += np.where(loss < 0.05, 1, np.where(loss > 0.1, -1, 0))
    sales_points = _rank_points(np.where(counted, week["sales"], np.nan), shop_week, None, None)

    targets = tables["targets"]
    target, target_before = (_target(targets, index, name) for name in ("2026-10", "2026-09"))
    target, target_before = target[here], target_before[here]
    sales = whole["sales"]
    completion = _ratio(sales, target)
    edges = np.array([0.5, 0.6, 0.8, 1.3])
    completion_points = np.array([-2, 0, 1, 3, 5])[np.searchsorted(edges, completion, "right")]
    performance = score.reshape(-1, WEEKS).sum(axis=1)
    performance += np.where(assessed & ~np.isnan(completion), completion_points, 0)
    behaviour = _behaviour(tables["events"], index, len(roster))[here] + _tenure_points(hired)
    performance, behaviour = (
        np.where(assessed, points, np.nan) for points in (performance, behaviour)
    )
    place = _places(performance, department_here)

    in_task = np.where(
        assessed, np.minimum(sales, target) * np.where(completion >= 0.6, 0.008, 0.005), np.nan
    )
    excess = np.where(
        assessed, np.maximum(0, sales - target) * np.where(completion >= 1.3, 0.01, 0.009), np.nan
    )

    def department_sum(values: np.ndarray, people: np.ndarray, codes: np.ndarray) -> np.ndarray:
        known = people & ~np.isnan(values)
        return np.bincount(codes[known], values[known], minlength=departments)

    def department_rate(figures: dict[str, np.ndarray], name: str, people: np.ndarray,
                        codes: np.ndarray) -> np.ndarray:  # fmt: skip
        part, of = (figures[key] for key in RATES[name])
        both = people & ~np.isnan(part) & ~np.isnan(of)
        return _group_ratio(part, of, both, codes, departments)

    everyone = np.ones(len(assessed), bool)
    heads = np.bincount(department_here[assessed], minlength=departments)
    both = assessed & ~np.isnan(sales) & ~np.isnan(target)
    reached = _group_ratio(sales, target, both, department_here, departments)
    conversion = department_rate(whole, "conversion", assessed, department_here)
    bonus = department_sum(sales, everyone, department_here) * (reached * conversion * 0.01)

    reward = _dsr_reward(tables["departments"], roster["department"], department, departments)
    before = _ratio(last_month["sales"][here], target_before)
    means = []
    for figures in (completion, before):
        known = assessed & ~np.isnan(figures)
        heads_known = np.bincount(department_here[known], minlength=departments)
        total = department_sum(figures, known, department_here)
        means.append(np.divide(total, heads_known, out=np.full(departments, np.nan),
                               where=heads_known > 0))  # fmt: skip
    reward += 50 * (means[0] > means[1]) - 50 * (means[0] < means[1])
    now = [conversion, department_rate(whole, "paid value", assessed, department_here)]
    then = [department_rate(last_month, name, counted_before, department)
            for name in ("conversion", "paid value")]  # fmt: skip
    reward += 50 * ((now[0] > then[0]) & (now[1] > then[1]))
    reward -= 50 * ((now[0] < then[0]) & (now[1] < then[1]))
    pool = bonus + department_sum(in_task, assessed, department_here) * 0.2
    pool += department_sum(excess, assessed, department_here) * 0.1 + reward * heads
    pool = np.maximum(0, pool)

    items = {
        "performance": _pool_share(performance, pool * 0.8, department_here, 96),
        "behaviour": _pool_share(behaviour, pool * 0.2, department_here, None),
        "commission": in_task * 0.8 + excess * 0.9
        + np.where(assessed, np.nan_to_num(whole["assisted_amount"]) * 0.002, np.nan),
        **_salary(roster[here], hired, left),
    }  # fmt: skip
    rounded = [_cents(item) for item in items.values()]
    nothing = np.all([np.isnan(item) for item in rounded], axis=0)
    pay = np.where(nothing, np.nan, np.nansum(rounded, axis=0))
    return {"pay": _cents(pay), "performance": performance, "behaviour": behaviour,
            "place": place, "sales points": sales_points}  # fmt: skip


def _sums(
    counts: pd.DataFrame, rows: np.ndarray, code: np.ndarray, size: int
) -> dict[str, np.ndarray]:
    """Sums of each count per code; missing where no row has it."""
    any_row = np.bincount(code, minlength=size) > 0
    money = ("paid_amount", "sales", "assisted_amount")
    keys = {key for pair in RATES.values() for key in pair if key != "paid_customers"}
    keys |= {"final_paying_customers", "same_day_paying_customers", "filter_abuse", *money}
    sums = {}
    for key in keys:
        values = counts[key].to_numpy()[rows]
        missing = np.isnan(values)
        known, codes = any_row, code
        if missing.any():
            values, codes = values[~missing], code[~missing]
            known = np.bincount(codes, minlength=size) > 0
        if key in money:  # whole cents add up exactly
            total = np.bincount(codes, np.rint(values * 100), minlength=size) / 100
        else:
            total = np.bincount(codes, values, minlength=size)
        total[~known] = np.nan
        sums[key] = total
    sums["paid_customers"] = sums["final_paying_customers"] + sums["same_day_paying_customers"]
    return sums


def _ratio(part: np.ndarray, of: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = part / of
    ratio[of == 0] = np.nan
    return ratio


def _group_ratio(part: np.ndarray, of: np.ndarray, both: np.ndarray, codes: np.ndarray,
                 groups: int) -> np.ndarray:  # fmt: skip
    codes = codes[both]
    return _ratio(np.bincount(codes, part[both], minlength=groups),
                  np.bincount(codes, of[both], minlength=groups))  # fmt: skip


def _places(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """1, 2, 2, 4 inside each group, the highest first."""
    rows = np.flatnonzero(~np.isnan(values))
    value, group = values[rows], groups[rows]
    order = np.argsort(-value)
    for digits in (group & 0xFFFF, group >> 16):  # numpy sorts sixteen-bit numbers by radix
        if digits.any():
            key = digits.astype(np.uint16)
            order = order[np.argsort(key[order], kind="stable")]
    rows, value, group = rows[order], value[order], group[order]
    position = np.arange(len(rows))
    new_group = np.append(True, group[1:] != group[:-1])
    new_value = new_group | np.append(True, value[1:] != value[:-1])
    start = np.maximum.accumulate(np.where(new_group, position, 0))
    place = np.full(len(values), np.nan)
    place[rows] = np.maximum.accumulate(np.where(new_value, position, 0)) - start + 1
    return place


def _rank_points(values: np.ndarray, groups: np.ndarray, bonus_line: np.ndarray | None,
                 penalty_line: np.ndarray | None) -> np.ndarray:  # fmt: skip
    place = _places(values, groups)
    points = np.where(place <= 3, 4 - place, 0)
    if bonus_line is not None:
        points[values < bonus_line] = 0
    if penalty_line is not None:
        points -= values < penalty_line
    return points


def _shop_value(shops: pd.DataFrame, names: pd.Series, codes: np.ndarray, size: int) -> np.ndarray:
    """Paid value per customer of each shop and week."""
    days = shops["date"].to_numpy("datetime64[D]")
    rows = days.astype("datetime64[M]") == MONTH
    shop = pd.Index(pd.unique(names)).get_indexer(pd.Index(shops["shop"]))[rows]
    week = np.minimum((days[rows] - MONTH.astype("datetime64[D]")).astype(int) // 7, WEEKS - 1)
    paid, customers = (
        np.bincount(shop * WEEKS + week, shops[key].to_numpy()[rows], minlength=size * WEEKS)
        for key in ("shop_paid_amount", "shop_paying_customers")
    )
    return _ratio(paid, customers)


def _target(targets: pd.DataFrame, index: pd.Index, month: str) -> np.ndarray:
    rows = (targets["period"] == month).to_numpy(bool)
    people = index.get_indexer(pd.Index(targets["person_id"][rows]))
    out = np.full(len(index), np.nan)
    out[people[people >= 0]] = targets["sales_target"].to_numpy()[rows][people >= 0]
    return out


def _behaviour(events: pd.DataFrame, index: pd.Index, size: int) -> np.ndarray:
    kinds = pd.Index(list(EVENTS))
    kind = kinds.get_indexer(pd.Index(events["event"]))
    person = index.get_indexer(pd.Index(events["person_id"]))
    month = events["date"].to_numpy("datetime64[M]") == MONTH
    used = month & (kind >= 0) & (person >= 0)
    amount = events["times"].fillna(1).to_numpy() * events["points"].fillna(1).to_numpy()
    times = np.bincount((person * len(kinds) + kind)[used], amount[used],
                        minlength=size * len(kinds)).reshape(size, len(kinds))  # fmt: skip
    each, none, most = np.array(list(EVENTS.values())).T
    return np.minimum(times * each + np.where(times == 0, none, 0), most).sum(axis=1)


def _tenure_points(hired: np.ndarray) -> np.ndarray:
    first = hired.astype("datetime64[M]")
    months = (MONTH - first).astype(int) - ((hired - first).astype(int) > 30)
    return np.array([0, 2, 3, 5, 8])[np.searchsorted([6, 12, 24, 36], months, "right")]


def _dsr_reward(table: pd.DataFrame, names: pd.Series, codes: np.ndarray,
                size: int) -> np.ndarray:  # fmt: skip
    table = table[table["period"] == "2026-10"]
    code = pd.Index(pd.unique(names)).get_indexer(pd.Index(table["department"]))
    start, end, industry = (table[key].to_numpy() for key in ("dsr_start", "dsr_end",
                                                              "dsr_industry"))  # fmt: skip
    reward = np.zeros(size)
    reward[code] = np.where((end > start) & (end > industry), 100,
                            np.where(end < industry, -100, 0))  # fmt: skip
    return reward


def _cents(amount: np.ndarray) -> np.ndarray:
    """Half up to 0.01 on the value at 15 significant digits."""
    size = np.abs(amount)
    with np.errstate(divide="ignore"):
        half_of_last = 0.5 * 10.0 ** (np.floor(np.log10(size)) - 14)
    return np.copysign(np.floor((size + half_of_last) * 100 + 0.5) / 100, amount) + 0.0


def _pool_share(scores: np.ndarray, pool: np.ndarray, codes: np.ndarray,
                divisor: float | None) -> np.ndarray:  # fmt: skip
    """Score × pool ÷ divisor; if scores reach the divisor, the whole pool in whole cents."""
    points = np.maximum(scores, 0)
    used = ~np.isnan(points)
    total = np.bincount(codes[used], points[used], minlength=len(pool))
    shared = total > 0 if divisor is None else total >= divisor
    cents = np.rint(_cents(pool) * 100)
    share = points * (cents / 100 / np.where(total > 0, total, np.nan))[codes]
    nano = np.floor(np.where(used & shared[codes], share, 0) * 1e9 + 0.5).astype(np.int64)
    own, rest = np.divmod(nano, 10_000_000)
    missing = (cents - np.bincount(codes, own, minlength=len(pool))).astype(int)
    rows = np.flatnonzero(used & shared[codes])
    rows = rows[np.lexsort((-rest[rows], codes[rows]))]
    group = codes[rows]
    start = np.searchsorted(group, np.arange(len(pool)))
    own[rows[np.arange(len(rows)) - start[group] < missing[group]]] += 1
    fixed = points * pool[codes] / (divisor or 1)
    amount = np.where(shared[codes], own / 100, 0.0 if divisor is None else fixed)
    return np.where(used, amount, np.nan)


def _salary(roster: pd.DataFrame, hired: np.ndarray, left: np.ndarray) -> dict[str, np.ndarray]:
    staff = (roster["status"] != "stand_in").to_numpy(bool)
    start = MONTH.astype("datetime64[D]")
    first = np.where(hired > start, hired, start)
    last = np.where(left < LAST_DAY, left, LAST_DAY)
    days = (last - first).astype(int) + 1
    base, attendance, overtime = (
        np.where(staff, roster[key].to_numpy(), np.nan)
        for key in ("base_pay", "attendance_pay", "overtime_pay")
    )
    return {"base": base * days / 31, "attendance": attendance, "overtime": overtime}
