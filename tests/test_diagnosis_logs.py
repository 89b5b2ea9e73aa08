"""Signals of chats and orders: by hand, and planted in logs of many buyers."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from xl_kpi.diagnosis import thresholds
from xl_kpi.diagnosis.credits import credits_of
from xl_kpi.diagnosis.log_signals import log_signals, shifts_of
from xl_kpi.period import Period
from xl_kpi.sources.definition import Definition

NINE = dt.datetime(2026, 10, 5, 9, 0)
OCTOBER = (dt.date(2026, 10, 1), dt.date(2026, 10, 31))
PEOPLE = pd.Index(["甲", "乙", "丙"])
SHIFTS = {"day": "白班", "evening": "晚班", "night": "夜班"}


def at(minutes):
    return NINE + dt.timedelta(minutes=minutes)


def chat(number, who, minutes, said=3, answered=4, adverts=0, buyer="买1"):
    return {
        "session_id": f"S{number}", "shop": "店", "buyer_id": buyer, "person_id": who,
        "started": at(minutes), "buyer_messages": said, "agent_messages": answered, "advert_phrases": adverts,
    }  # fmt: skip


def order(number, minutes, paid=None, buyer="买1"):
    return {
        "order_id": f"D{number}", "shop": "店", "buyer_id": buyer, "ordered": at(minutes), "amount": 88.8,
        "paid": None if paid is None else at(paid),
    }  # fmt: skip


def signals_of(chats, orders, days=OCTOBER, **changes):
    logs = {"chats": pd.DataFrame(chats)}
    if orders:
        logs["orders"] = pd.DataFrame(orders).astype({"paid": "datetime64[ns]"})
    limits = thresholds([f"{key}={value}" for key, value in changes.items()])
    found = credits_of(logs, Definition(), Period("2026-10"))
    return {s.key: s for s in log_signals(found, PEOPLE, days, Definition(), limits)}


def pairs(signal):
    return list(zip(signal.part.tolist(), signal.whole.tolist(), strict=True))


def test_filtered_chats():
    """Two phrases are an advert (F2); one is not."""
    found = signals_of(
        [chat(1, "甲", 0, adverts=2), chat(2, "甲", 5, adverts=1), chat(3, "乙", 9, adverts=3, said=7)], []
    )
    assert pairs(found["advert"]) == [(1, 2), (1, 1), (0, 0)]
    assert found["advert"].evidence["session_id"].tolist() == ["S3", "S1"]  # who said most first
    assert "silent" not in found


def test_silent_orders():
    """The buyer never said a word to whom the order is credited."""
    found = signals_of(
        [chat(1, "甲", 0, said=0), chat(2, "乙", 0, buyer="买2"), chat(3, "丙", 0, said=0, buyer="买3"),
         chat(4, "丙", 1, said=2, buyer="买3")],
        [order(1, 30), order(2, 30, buyer="买2"), order(3, 30, buyer="买3"), order(4, 30, buyer="买4")],
    )  # fmt: skip
    assert pairs(found["silent"]) == [(1, 1), (0, 1), (0, 1)]
    (row,) = found["silent"].evidence.to_dict("records")
    assert (row["order_id"], row["session_id"], row["said"], row["amount"]) == ("D1", "S1", 0, 88.8)


@pytest.mark.parametrize(
    ("began", "answered", "grabbed"), [(25, 1, 1), (20, 2, 1), (19, 1, 0), (25, 3, 0)]
)
def test_an_order_taken_at_the_last_minute(began, answered, grabbed):
    """Up to ten minutes before the order and two lines, after a colleague had talked."""
    found = signals_of([chat(1, "甲", 0), chat(2, "乙", began, answered=answered)], [order(1, 30)])
    assert pairs(found["grabbing"]) == [(0, 0), (grabbed, 1), (0, 0)]


def test_the_only_agent_grabs_nothing():
    found = signals_of([chat(1, "乙", 29, answered=1)], [order(1, 30)])
    assert pairs(found["grabbing"]) == [(0, 0), (0, 1), (0, 0)]


def test_whoever_talked_before_comes_back_at_the_end():
    """乙 was there first: their last line is no grab."""
    found = signals_of(
        [chat(1, "乙", 0), chat(2, "甲", 5), chat(3, "乙", 28, answered=1)], [order(1, 30)]
    )
    assert pairs(found["grabbing"]) == [(0, 0), (0, 1), (0, 0)]


def test_a_payment_taken_at_the_last_minute():
    """The order is 甲's; 乙 writes one line five minutes before the buyer pays."""
    found = signals_of(
        [chat(1, "甲", 0), chat(2, "乙", 115, answered=1)], [order(1, 30, paid=120)]
    )
    assert pairs(found["grabbing"]) == [(0, 1), (1, 1), (0, 0)]
    (row,) = found["grabbing"].evidence.to_dict("records")
    assert (row["order_id"], row["session_id"], row["at"]) == ("D1", "S2", pd.Timestamp(at(120)))


def test_real_help_before_a_payment_is_none():
    found = signals_of(
        [chat(1, "甲", 0), chat(2, "乙", 60, answered=6)], [order(1, 30, paid=120)]
    )
    assert pairs(found["grabbing"]) == [(0, 1), (0, 1), (0, 0)]


def test_the_minutes_are_a_threshold():
    chats, orders = [chat(1, "甲", 0), chat(2, "乙", 10, answered=1)], [order(1, 30)]
    assert pairs(signals_of(chats, orders)["grabbing"])[1] == (0, 1)
    assert pairs(signals_of(chats, orders, grab_minutes=20)["grabbing"])[1] == (1, 1)


def test_only_the_days_that_are_asked_for():
    days = (dt.date(2026, 10, 6), dt.date(2026, 10, 31))
    chats = [chat(1, "甲", 0, adverts=2), chat(2, "乙", 24 * 60, adverts=2)]
    found = signals_of(chats, [order(1, 30)], days)
    assert pairs(found["advert"]) == [(0, 0), (1, 1), (0, 0)]
    assert "silent" not in found


def test_shifts():
    """Six in ten of the chats in one part of the day make a shift."""
    hours = {"甲": [8, 9, 10, 15, 20], "乙": [16, 18, 23, 2, 9], "丙": [1, 2, 3, 9, 20]}
    chats = pd.DataFrame(
        [{"person_id": who, "started": NINE.replace(hour=hour)} for who, all_ in hours.items() for hour in all_]
    )
    found = shifts_of(chats, PEOPLE, thresholds(), SHIFTS)
    assert found.to_dict() == {"甲": "白班", "乙": "晚班", "丙": "夜班"}
    stricter = shifts_of(chats, PEOPLE, thresholds(["shift_share=0.7"]), SHIFTS)
    assert stricter.to_dict() == {"甲": "白班"}


# --- among many -----------------------------------------------------------------------------------


def team_logs(seed, grabber=None, claimer=None, filterer=None, people=10, buyers=1500):
    """Buyers who talk to one or two agents, order and pay; perhaps somebody cheats a little."""
    rng = np.random.default_rng(seed)
    staff = [f"K{n:02d}" for n in range(people)]
    chats, orders = [], []
    for n in range(buyers):
        buyer, start = f"买{n}", int(rng.integers(0, 30 * 24 * 60))
        first = staff[int(rng.integers(people))]
        adverts = 2 if rng.random() < (0.25 if first == filterer else 0.03) else 0
        said = 0 if rng.random() < (0.4 if first == claimer else 0.03) else 1 + int(rng.poisson(4))
        row = chat(f"{n}a", first, start, said, 1 + int(rng.poisson(4)), adverts, buyer)
        chats.append(row)
        if rng.random() < 0.6:
            ordered = start + 5 + int(rng.exponential(60))
            orders.append(order(n, ordered, ordered + int(rng.exponential(30)), buyer))
            other = grabber if grabber and rng.random() < 0.05 else staff[int(rng.integers(people))]
            if other == grabber or rng.random() < 0.1:
                late = other == grabber and ordered - 3 > start
                when = ordered - 3 if late else int(rng.integers(start, ordered))
                lines = 1 if late else 1 + int(rng.poisson(3))
                chats.append(chat(f"{n}b", other, when, 2, lines, 0, buyer))
    return chats, orders, staff


def found_in(chats, orders, staff):
    from case_files import frames
    from diagnosis_worlds import policy_scheme
    from small_schemes import counts, person

    from xl_kpi.diagnosis import Logs, diagnose
    from xl_kpi.simulation import Policy

    tables = frames({"roster": [person(one) for one in staff],
                     "counts": [counts(one, "2026-10-05", inquiring_customers=100, converted_customers=30)
                                for one in staff]})  # fmt: skip
    made = policy_scheme()
    logs = {"chats": pd.DataFrame(chats), "orders": pd.DataFrame(orders).astype({"paid": "datetime64[ns]"})}
    found = diagnose(
        tables, ["2026-10"], Policy(made.id, made.name, lambda month: [made]), thresholds(),
        Logs(logs, Definition(), Period("2026-10", months=2)),
    )  # fmt: skip
    return found, {(f.key, f.where) for f in found.findings if f.key.endswith("_log") and f.severity == "warning"}


def test_an_honest_team_gives_no_signal():
    assert [seed for seed in range(6) if found_in(*team_logs(seed))[1]] == []


@pytest.mark.parametrize(
    ("cheat", "key"), [("grabber", "grabbing_log"), ("claimer", "silent_log"), ("filterer", "advert_log")]
)
def test_one_who_goes_round_the_rules_is_found_with_the_evidence(cheat, key):
    found, told = found_in(*team_logs(3, **{cheat: "K04"}))
    assert told == {(key, "员工K04（K04）")}
    signals = next(a for a in found.schemes[0].answers if a.question == "signals")
    evidence = signals.extra["evidence"]
    row = next(r for r in signals.rows.to_dict("records") if r["verdict"] == "worth_a_look")
    assert set(evidence["who"]) == {"员工K04（K04）"}
    assert len(evidence) == row["part"]
