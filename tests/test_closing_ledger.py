"""Which row of 历史 counts: of each figure the one booked last, as far as it was booked by then."""

import pandas as pd
import pytest
from case_files import frame

from xl_kpi.closing.ledger import Figure, Key, as_of, latest
from xl_kpi.closing.true_ups import _differing
from xl_kpi.tables import HISTORY

ROWS = [
    # Month, what it is, the month of booking; in no order, as a sheet may be sorted by anything.
    ("2026-02", 21.0, "2026-04"),
    ("2026-01", 13.0, "2026-03"),
    ("2026-02", 20.0, "2026-02"),
    ("2026-01", 10.0, "2026-01"),
    ("2026-01", 12.0, "2026-02"),
    ("2025-12", 5.0, None),
    ("2026-03", 30.0, "2026-03"),
]


@pytest.fixture
def history():
    rows = [
        {"period": month, "person_id": "A", "item": "总分", "value": value, "booked": booked}
        for month, value, booked in ROWS
    ]
    return frame(HISTORY, rows)


@pytest.mark.parametrize(
    ("period", "booked", "known"),
    [
        ("2026-01", None, {"2025-12": 5}),
        ("2026-02", None, {"2025-12": 5, "2026-01": 12}),
        ("2026-03", None, {"2025-12": 5, "2026-01": 13, "2026-02": 20}),
        ("2026-04", None, {"2025-12": 5, "2026-01": 13, "2026-02": 21, "2026-03": 30}),
        ("2026-02", "2026-04", {"2025-12": 5, "2026-01": 13}),
        ("2026-04", "2026-03", {"2025-12": 5, "2026-01": 13, "2026-02": 20, "2026-03": 30}),
    ],
)
def test_a_month_knows_what_was_booked_by_then(history, period, booked, known):
    rows = as_of(history, period, booked)
    assert dict(zip(rows["period"], rows["value"], strict=True)) == known


def test_the_latest_of_a_month_is_what_was_booked_last(history):
    assert latest(history, "2026-01") == {Key("2026-01", "A", "总分"): Figure(13.0, None)}
    assert latest(history.iloc[:0], "2026-01") == {}


def test_the_rows_of_those_are_compared_of_whom_any_row_differs():
    """A changed cell, a row more, a row less; the same rows in another order are no change."""
    rows = [("甲", 1.0, None), ("甲", 2.0, "x"), ("乙", 3.0, "y"), ("丙", 4.0, None), ("丁", 5.0, "z"), ("丁", 5.0, "z")]
    before = pd.DataFrame(rows, columns=["person_id", "sales", "note"])
    now = pd.DataFrame(
        [rows[1], rows[0], ("乙", 3.01, "y"), rows[3], rows[3], rows[4]], columns=list(before.columns)
    )
    one, other = _differing(before, now, "person_id")
    assert set(one["person_id"]) == set(other["person_id"]) == {"乙", "丙", "丁"}
    assert [len(frame) for frame in (one, other)] == [4, 4]
