"""Sessions to counts, by hand."""

import numpy as np
import pandas as pd
import pytest

from xl_kpi.sources.logs import SHOP, agent_figures, session_counts
from xl_kpi.tables import COUNTS, SESSIONS

MONDAY, TUESDAY = pd.Timestamp(2026, 10, 5), pd.Timestamp(2026, 10, 6)


def hand_sessions():
    blank = np.nan
    rows = [
        ("1", MONDAY, "A", 1, 1, 10.0, 60.0, 5.0),
        ("2", MONDAY, "A", 1, 0, 20.5, 60.0, blank),
        ("3", MONDAY, "A", 0, blank, blank, blank, blank),
        ("4", TUESDAY, "A", 1, blank, blank, 60.0, 3.0),
        ("5", MONDAY, "B", 0, 0, 99.0, blank, blank),
        ("6", MONDAY, None, 1, 1, 7.0, 60.0, 4.0),
        ("7", pd.NaT, "B", 1, 1, 7.0, 60.0, 4.0),
    ]
    return pd.DataFrame(rows, columns=[column.key for column in SESSIONS.columns][:8])


HAND_COUNTS = {
    # duty, received, replied, seconds, responses, rating sum, ratings, raised, solved
    (MONDAY, "A"): (1, 3, 2, 30.5, 2, 5, 1, 2, 1),
    (MONDAY, "B"): (1, 1, 0, 0, 0, 0, 0, 1, 0),
    (TUESDAY, "A"): (1, 1, 1, 0, 0, 3, 1, 0, 0),
}
HAND_NAMES = [
    "duty_days", "received_customers", "replied_customers", "first_response_seconds",
    "first_responses", "rating_sum", "ratings", "raised_problems", "solved_problems",
]  # fmt: skip


def hand_table(expected):
    rows = [(*key, *map(float, values)) for key, values in expected.items()]
    return [dict(zip(["date", "person_id", *HAND_NAMES], row, strict=True)) for row in rows]


def test_session_counts_by_hand():
    counts = session_counts(hand_sessions())
    assert counts.to_dict("records") == hand_table(HAND_COUNTS)
    assert set(counts.columns) <= {column.key for column in COUNTS.columns}
    assert all(dtype == np.float64 for dtype in counts.dtypes[2:])


def test_session_counts_of_some_people():
    counts = session_counts(hand_sessions(), ["B", "C"])
    only = {key: values for key, values in HAND_COUNTS.items() if key[1] == "B"}
    assert counts.to_dict("records") == hand_table(only)
    nobody = session_counts(hand_sessions(), [])
    assert list(nobody.columns) == ["date", "person_id", *HAND_NAMES]
    assert nobody.empty


@pytest.mark.parametrize("seed", range(3))
def test_session_counts_do_not_depend_on_the_order_of_rows(seed):
    shuffled = hand_sessions().sample(frac=1, random_state=seed)
    assert session_counts(shuffled).to_dict("records") == hand_table(HAND_COUNTS)


@pytest.mark.parametrize("dtype", ["boolean", "object"])
def test_session_counts_take_flags_of_any_kind(dtype):
    sessions = hand_sessions()
    for key in ("answered", "resolved"):
        flags = [pd.NA if pd.isna(flag) else bool(flag) for flag in sessions[key]]
        sessions[key] = pd.array(flags, dtype=dtype)
    assert session_counts(sessions).to_dict("records") == hand_table(HAND_COUNTS)


def test_agent_figures_by_hand():
    figures = agent_figures(hand_sessions())
    assert figures["received_customers"].to_dict() == {"A": 4, "B": 2, SHOP: 7}
    assert figures["reply_rate"].to_dict() == {"A": 3 / 4, "B": 1 / 2, SHOP: 5 / 7}
    assert figures["response_time"].to_dict() == {"A": 30.5 / 2, "B": 7, SHOP: 44.5 / 4}
