"""Raw logs → counts: DuckDB and Spark against a slow plain reference, exactly; edges by hand."""

import dataclasses
import gc
import shutil

import duckdb
import pandas as pd
import pytest
from log_reference import Reference
from log_worlds import AS_OF, FIRST, LAST, exact, frames, people, worlds

from xl_kpi.errors import InputError
from xl_kpi.period import Period
from xl_kpi.sources import expressions, tallies
from xl_kpi.sources.definition import REASONS, Definition
from xl_kpi.sources.engines import SparkEngine
from xl_kpi.sources.log_counts import count, counts_from
from xl_kpi.sources.log_sources import open_frames
from xl_kpi.sources.log_steps import Steps
from xl_kpi.tables import COUNTS
from xl_kpi.tables.logs import LOGS

OCTOBER = Period("2026-10")
DEFINITIONS = {
    "rules.md": Definition(),
    "no filters": Definition(after_sales=False, advert=False, one_liner=False),
    "narrow": Definition(
        after_sales_days=1, advert_times=1, one_liner_replies=2, order_days=0, payment_days=1,
        filtered_are_received=True, payment_ripe_days=8,
    ),
}  # fmt: skip


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
        .config("spark.driver.host", "127.0.0.1")
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


@ON_SPARK
def test_the_plan_on_spark_is_distributed(on_spark):
    """Every join and aggregate is spread by a hash of its keys; nothing comes to one place before."""
    logs = frames(worlds(3, seed="plan"))
    steps = Steps(open_frames(logs, on_spark), Definition(), OCTOBER)
    steps.judge(None)
    judged = tallies.judged(steps.clean["chats"], steps.marks, Definition(), OCTOBER)
    on_spark.session.conf.set("spark.sql.autoBroadcastJoinThreshold", -1)  # as for large tables
    try:
        for expression in (
            expressions.owned_orders(
                steps.clean["orders"], steps.clean["chats"], steps.paid, Definition()
            ),
            tallies.chat_customers(judged),
            tallies.order_tally(steps.owned, OCTOBER),
        ):
            plan = plan_of(on_spark, expression)
            assert "hashpartitioning" in plan
            for gathered in ("SinglePartition", "CollectLimit", "TakeOrdered", "CartesianProduct",
                             "BroadcastNestedLoopJoin", "python", "Python"):  # fmt: skip
                assert gathered not in plan
            aggregates = plan.count("HashAggregate") + plan.count("SortAggregate")
            assert aggregates >= 2  # partial on each part, then by key
    finally:
        on_spark.session.conf.unset("spark.sql.autoBroadcastJoinThreshold")


def plan_of(engine, expression):
    """The physical plan, without those of the saved tables that it reads."""
    found = engine.session.sql(engine.sql(expression))
    plan = found._jdf.queryExecution().executedPlan().toString()
    return "\n".join(line for line in plan.splitlines() if "RDD" not in line)


# --- where logs lie --------------------------------------------------------------------------


def as_files(logs, folder, form, rename=None):
    folder.mkdir()
    for key, frame in frames(logs).items():
        frame = frame.rename(columns=rename or {})
        if form == "parquet":
            frame.to_parquet(folder / f"{key}.parquet")
        else:
            frame.to_csv(folder / f"{key}.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def logs():
    return worlds(40, seed="files")


@pytest.fixture(scope="module")
def wanted(logs):
    return exact(counts_from(frames(logs), Definition(), OCTOBER, as_of=AS_OF).table)


def read(source, **options):
    return counts_from(source, Definition(), OCTOBER, as_of=AS_OF, **options)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_files_count_as_frames_do(tmp_path, logs, wanted, form):
    counts = read(as_files(logs, tmp_path / "logs", form))
    assert exact(counts.table) == wanted
    assert counts.notes == []


def test_chinese_names_and_headers_count_too(tmp_path, logs, wanted):
    words = {c.key: c.zh for table in LOGS.values() for c in table.columns}
    folder = as_files(logs, tmp_path / "logs", "csv", words)
    for key, table in LOGS.items():
        if (folder / f"{key}.csv").exists():
            (folder / f"{key}.csv").rename(folder / f"{table.zh}_十月.csv")
    text = (folder / "会话_十月.csv").read_text(encoding="utf-8")
    (folder / "会话_十月.csv").write_text("\ufeff" + text, encoding="utf-8")
    assert exact(read(folder).table) == wanted


def test_a_folder_of_parts_counts_as_one_file(tmp_path, logs, wanted):
    folder = as_files(logs, tmp_path / "logs", "parquet")
    (folder / "chats").mkdir()
    frame = pd.read_parquet(folder / "chats.parquet")
    for part in range(3):
        frame.iloc[part::3].to_parquet(folder / "chats" / f"{part}.parquet")
    (folder / "chats.parquet").unlink()
    assert exact(read(folder).table) == wanted


def test_a_database_counts_as_files_do(tmp_path, logs, wanted):
    path = tmp_path / "logs.duckdb"
    with duckdb.connect(str(path)) as connection:
        for key, frame in frames(logs).items():
            connection.register("made", frame)
            name = {"chats": "会话"}.get(key, key)
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM made')
            connection.unregister("made")
    counts = read("", connection=str(path))
    assert exact(counts.table) == wanted
    assert counts.source


def test_a_row_per_order_may_hold_payment_and_refund(logs):
    """One payment and one refund per order, in the order's own row, are the same logs."""
    single, paid, back = dict(logs), {}, {}
    for name, found in (("payments", paid), ("refunds", back)):
        for row in logs[name]:
            moment = row["paid" if name == "payments" else "refunded"]
            usable = not row["deleted"] and row.get("paid_amount", 1) is not None
            if usable and moment is not None:
                found.setdefault(row["order_id"], row)
        single[name] = list(found.values())
    wide = {key: rows for key, rows in single.items() if key not in ("payments", "refunds")}
    empty = {"paid": None, "paid_amount": None, "refunded": None, "refunded_amount": None}
    wide["orders"] = [
        {**order, **empty,
         **{k: v for k, v in paid.get(order["order_id"], {}).items() if k in empty},
         **{k: v for k, v in back.get(order["order_id"], {}).items() if k in empty}}
        for order in logs["orders"]
    ]  # fmt: skip
    assert exact(read(frames(wide)).table) == exact(read(frames(single)).table)


def test_left_out_rows_go_to_a_file_as_they_are_listed(tmp_path, logs):
    counts = read(frames(logs), dropped_to=tmp_path / "dropped.parquet")
    written = pd.read_parquet(tmp_path / "dropped.parquet")
    written["day"] = pd.to_datetime(written["day"]).astype("datetime64[ns]")
    order = ["table", "id", "person_id", "day", "reason"]
    pd.testing.assert_frame_equal(
        written.sort_values(order, ignore_index=True),
        counts.dropped.sort_values(order, ignore_index=True), check_dtype=False,
    )  # fmt: skip


def test_counts_are_columns_of_the_book(wanted):
    names = {name for values in wanted.values() for name in values}
    assert names <= {column.key for column in COUNTS.columns}


def test_two_forms_of_one_table_are_not_added_up(tmp_path, logs):
    folder = as_files(logs, tmp_path / "logs", "parquet")
    pd.read_parquet(folder / "chats.parquet").to_csv(folder / "chats.csv", index=False)
    with pytest.raises(InputError, match="既有 Parquet 又有 CSV"):
        read(folder)
