"""``xl-kpi sample``: the same seed, the same rows; nothing happens before it could."""

import datetime as dt
import json

import duckdb
import pytest

from xl_kpi.cli import main
from xl_kpi.sample_logs import UNKNOWN, LogPlan, plan_for, write_logs


def rows_of(folder, table, form="parquet"):
    reader = "read_parquet" if form == "parquet" else "read_csv"
    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT * FROM {reader}('{folder}/{table}.{form}')")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def ask(folder, query):
    with duckdb.connect() as connection:
        for table in ("chats", "orders", "payments", "refunds", "ratings", "inspections"):
            file = f"{folder}/{table}.parquet"
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{file}')")
        return connection.execute(query).fetchone()


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    rows = write_logs(folder, plan_for("2026-10", 1, 15, 3, traps=False), "parquet")
    return folder, rows


def test_a_month_has_plausible_sizes(month):
    folder, rows = month
    per_day = rows["chats"] / (15 * 31 * 5 / 7)
    assert 45 < per_day < 80
    assert 0.3 < rows["orders"] / rows["chats"] < 0.55
    assert 0.85 < rows["payments"] / rows["orders"] < 0.99
    assert rows["roster"] == 15
    for table in ("chats", "orders", "payments", "refunds", "ratings", "inspections"):
        assert len(rows_of(folder, table)) == rows[table] > 0


def test_ids_are_unique_and_everything_lies_in_the_month(month):
    folder, _ = month
    ids, first, last = ask(folder, """
        SELECT count(*) - count(DISTINCT session_id), min(started), max(started) FROM chats""")
    assert ids == 0
    assert dt.datetime(2026, 10, 1) <= first
    assert last < dt.datetime(2026, 11, 1)
    assert ask(folder, "SELECT count(*) - count(DISTINCT order_id) FROM orders") == (0,)
    assert ask(folder, "SELECT max(paid) < TIMESTAMP '2026-11-01' FROM payments") == (True,)


def test_nothing_is_paid_before_it_is_ordered_or_refunded_before_it_is_paid(month):
    folder, _ = month
    assert ask(folder, """
        SELECT min(paid >= ordered), count(*) = (SELECT count(*) FROM payments)
        FROM payments JOIN orders USING (order_id)""") == (True, True)  # fmt: skip
    assert ask(folder, """
        SELECT min(refunded > paid), max(refunded_amount <= paid_amount)
        FROM refunds JOIN payments USING (order_id)""") == (True, True)  # fmt: skip


def test_people_work_five_days_of_seven_in_shops_of_twelve(month):
    folder, _ = month
    days, people = ask(folder, """
        SELECT max(days), count(*) FROM (SELECT person_id, count(DISTINCT started::DATE) AS days
        FROM chats GROUP BY person_id)""")  # fmt: skip
    assert people == 15
    assert days <= 31
    staff = {row["person_id"]: row["shop"] for row in rows_of(folder, "roster")}
    assert {staff["KF001"], staff["KF012"]} == {"店铺001"}
    assert staff["KF013"] == "店铺002"
    seen = {(row["person_id"], row["shop"]) for row in rows_of(folder, "chats")}
    assert seen == set(staff.items())


def test_the_same_seed_gives_the_same_rows():
    def batches(seed, days):
        plan = LogPlan(people=6, first=dt.date(2026, 10, 1), days=days, seed=seed)
        return [{key: table.to_pylist() for key, table in b.items()} for b in plan.batches()]

    assert batches(1, 3) == batches(1, 3)
    assert batches(1, 3) != batches(2, 3)


def test_traps_are_there_on_request(tmp_path):
    write_logs(tmp_path, plan_for("2026-10", 1, 10, 1, traps=True), "parquet")
    found = ask(tmp_path, f"""
        SELECT count(*) FILTER (deleted), count(*) FILTER (person_id IS NULL),
               count(*) FILTER (person_id = '{UNKNOWN}'), count(*) - count(DISTINCT session_id)
        FROM chats""")  # fmt: skip
    assert all(number > 0 for number in found)


def test_csv_has_the_same_rows(tmp_path, month):
    folder, rows = month
    assert write_logs(tmp_path, plan_for("2026-10", 1, 15, 3, traps=False), "csv") == rows
    for table in ("chats", "orders"):
        assert rows_of(tmp_path, table, "csv") == rows_of(folder, table)


def test_the_command_writes_and_does_not_overwrite(tmp_path, capsys):
    folder = tmp_path / "样例"
    arguments = ["sample", str(folder), "--people", "5", "--months", "1", "--json"]
    assert main(arguments) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows["roster"] == 5
    assert {file.name for file in folder.iterdir()} == {f"{key}.parquet" for key in rows}
    assert main(arguments) == 1
    assert "没有覆盖" in capsys.readouterr().out
    with pytest.raises(SystemExit) as usage:
        main(["sample", str(folder), "--people", "0"])
    assert usage.value.code == 2


def test_a_sample_book_calculates(tmp_path, capsys):
    from xl_kpi.excel.run import check_book

    assert main(["sample", str(tmp_path), "--people", "12", "--as", "book"]) == 0
    (book,) = tmp_path.glob("*.xlsx")
    outcome = check_book(book)
    assert [problem for problem in outcome.problems if problem.severity == "error"] == []
    assert outcome.results.people.count == 12
    assert main(["sample", str(tmp_path), "--people", "2", "--as", "book"]) == 1
