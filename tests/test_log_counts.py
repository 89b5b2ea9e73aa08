"""Raw logs → counts: DuckDB and Spark against a slow plain reference, exactly; edges by hand."""

import dataclasses
import gc
import shutil

import pandas as pd
import pytest
from log_reference import Reference
from log_worlds import AS_OF, FIRST, LAST, frames, people, worlds

from xl_kpi.period import Period
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.engines import SparkEngine
from xl_kpi.sources.log_counts import REASONS, count, counts_from
from xl_kpi.sources.log_sources import open_frames

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


# --- Spark -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def spark():
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false")  # compiling takes longer than the rows
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def on_spark(spark):
    engine = SparkEngine(session=spark)
    yield engine
    engine.close()
    gc.collect()  # py4j leaves its sockets to it


# py4j closes sockets when they are collected.
ON_SPARK = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@ON_SPARK
def test_spark_counts_as_duckdb_does(on_spark):
    logs, known = worlds(150, seed="spark"), people(150, seed="spark")
    definition = Definition()
    counts = count(
        open_frames(frames(logs), on_spark), definition, OCTOBER, people=known, as_of=AS_OF
    )
    reference = Reference(logs, dataclasses.asdict(definition), FIRST, LAST, set(known), AS_OF)
    compare(counts, reference)
    duck = counts_from(frames(logs), definition, OCTOBER, people=known, as_of=AS_OF)
    order = ["table", "id", "person_id", "day", "reason"]
    for one, other in (
        (counts.table, duck.table),
        (counts.dropped.sort_values(order), duck.dropped.sort_values(order)),
        (counts.reasons, duck.reasons),
    ):
        pd.testing.assert_frame_equal(
            one.reset_index(drop=True), other.reset_index(drop=True)[list(one.columns)],
            check_dtype=False,
        )  # fmt: skip
    assert counts.fingerprint == duck.fingerprint
