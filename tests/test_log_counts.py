"""Raw logs → counts: DuckDB and Spark against a slow plain reference, exactly; edges by hand."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from log_reference import Reference, lines_of
from log_worlds import AS_OF, FIRST, LAST, frames, people, worlds

from xl_kpi.errors import InputError
from xl_kpi.period import Period
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.log_counts import REASONS, counts_from
from xl_kpi.tables import COUNTS

OCTOBER = Period("2026-10")
MONEY = {
    "placed_amount", "paid_amount", "lost_amount", "sales", "assisted_amount", "refunded_amount",
}  # fmt: skip
THOUSANDTHS = {"response_seconds", "first_response_seconds", "rating_sum"}
DEFINITIONS = {
    "rules.md": Definition(),
    "no filters": Definition(after_sales=False, advert=False, one_liner=False),
    "narrow": Definition(
        after_sales_days=1, advert_times=1, one_liner_replies=2, order_days=0, payment_days=1,
        filtered_are_received=True, payment_ripe_days=8,
    ),
}  # fmt: skip


def exact(table):
    """Counts as {(day, person): {count: whole number}} without zeros and missing ones."""
    found = {}
    for row in table.to_dict("records"):
        values = {}
        for name, value in row.items():
            if name not in ("date", "person_id") and value == value and value != 0:
                scale = 100 if name in MONEY else 1000 if name in THOUSANDTHS else 1
                values[name] = round(value * scale)
                assert values[name] / scale == value, name
        if values:
            found[row["date"].date(), row["person_id"]] = values
    return found


def expected(reference):
    return {
        key: kept
        for key, values in reference.table.items()
        if (kept := {name: value for name, value in values.items() if value})
    }


def compare(counts, reference):
    assert exact(counts.table) == expected(reference)
    listed = {
        (row.table, None if pd.isna(row.id) else row.id, row.reason)
        for row in counts.dropped.itertuples()
    }
    assert listed == reference.dropped
    assert set(counts.reasons["reason"]) <= set(REASONS)
    assert counts.reasons["rows"].sum() == len(counts.dropped)
    unowned = {
        row.person_id: [row.orders, round(row.placed_amount * 100), round(row.paid_amount * 100)]
        for row in counts.unowned.itertuples()
    }
    assert unowned == dict(reference.unowned)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_duckdb_counts_as_the_reference_does(name):
    logs, known = worlds(400, seed=name), people(400, seed=name)
    definition = DEFINITIONS[name]
    reference = Reference(
        logs, dataclasses.asdict(definition), FIRST, LAST, set(known), AS_OF
    )
    counts = counts_from(frames(logs), definition, OCTOBER, people=known, as_of=AS_OF)
    compare(counts, reference)
    reasons = {reason for _, _, reason in reference.dropped}
    wanted = {"no filters": {"after_sales", "advert", "one_liner"}}.get(name, set())
    assert reasons == set(REASONS) - wanted  # every reason was met
