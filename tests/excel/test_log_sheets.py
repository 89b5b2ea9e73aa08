"""会话 and 订单 in the book: a small log is counted as a large one is."""

import datetime as dt

import pytest

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.load import load_book
from xl_kpi.excel.new import new_book


def person(person_id):
    return {"person_id": person_id, "name": person_id, "department": "客服部", "shop": "店",
            "status": "confirmed"}  # fmt: skip


def session(number, started, who, **changes):
    return {
        "session_id": f"S{number}", "date": started.date(), "person_id": who, "answered": True,
        "response_seconds": 20.0, "rating": 5.0, "shop": "店", "buyer_id": "买", "started": started,
        "buyer_messages": 3, "agent_messages": 4,
    } | changes  # fmt: skip


def order(number, ordered, paid, **changes):
    return {
        "order_id": f"D{number}", "shop": "店", "buyer_id": "买", "ordered": ordered, "amount": 88.8,
        "paid": paid,
    } | changes  # fmt: skip


SESSIONS = [
    session(1, dt.datetime(2026, 10, 5, 9, 0), "甲"),
    session(2, dt.datetime(2026, 10, 5, 9, 5, 30), "乙", rating=None),
    session(3, dt.datetime(2026, 10, 9, 9, 0), "甲", resolved=True),  # after sales
    session(4, dt.datetime(2026, 9, 30, 23, 59, 59), "甲", buyer_id="别"),
]
ORDERS = [
    order(1, dt.datetime(2026, 10, 5, 9, 30), dt.datetime(2026, 10, 5, 10, 0),
          refunded=dt.datetime(2026, 10, 20, 8, 0), refunded_amount=8.8, abnormal=True),
    order(2, dt.datetime(2026, 10, 1, 0, 0), None, buyer_id="别"),
]  # fmt: skip


@pytest.fixture
def book(tmp_path):
    def made(**tables):
        path = new_book(tmp_path / "账.xlsx", "zh", {"period": "2026-10", "scheme": "S05"})
        fill_tables(path, {"roster": [person("甲"), person("乙")], **tables}, "zh")
        return load_book(path)

    return made


def figures(job, name):
    rows = job.tables["counts"].to_dict("records")
    return {(f"{r['date']:%m-%d}", r["person_id"]): r[name] for r in rows if r[name] > 0}


def test_orders_are_given_to_the_agents_of_the_sessions(book):
    job = book(sessions=SESSIONS, orders=ORDERS)
    assert [p for p in job.problems if p.where in ("会话", "订单") and p.severity == "error"] == []
    assert figures(job, "orders") == {("10-05", "乙"): 1, ("10-01", "甲"): 1}
    assert figures(job, "sales") == {("10-05", "乙"): 88.8}
    assert figures(job, "refunded_amount") == {("10-20", "乙"): 8.8}
    assert figures(job, "abnormal_orders") == {("10-05", "乙"): 1}
    assert figures(job, "received_customers") == {
        ("10-05", "甲"): 1, ("10-05", "乙"): 1, ("09-30", "甲"): 1,
    }  # fmt: skip
    assert figures(job, "lost_customers") == {("10-01", "甲"): 1}
    assert job.tables["counts"]["replies"].isna().all()  # a sheet of sessions knows no replies
    told = [p.what for p in job.problems if p.where == "会话" and p.severity == "note"]
    assert told == ["1 行没有计入：售后：买后回来咨询且没有再下单（编号 S3）"]


def test_sessions_without_orders_are_counted_as_before(book):
    job = book(sessions=SESSIONS)
    assert figures(job, "received_customers")["10-09", "甲"] == 1
    assert job.tables["counts"]["orders"].isna().all()


def test_sessions_that_lack_what_orders_need_are_told(book):
    few = [{**row, "shop": None, "started": None} for row in SESSIONS]
    (problem,) = [p for p in book(sessions=few, orders=ORDERS).problems if p.where == "会话"]
    assert "店铺、开始时间" in problem.what
    assert problem.severity == "error"


def test_a_time_that_is_none_names_its_cell(book):
    rows = [session(1, dt.datetime(2026, 10, 5, 9, 0), "甲") | {"started": "十点"}]
    (problem,) = [p for p in book(sessions=rows).problems if p.where.startswith("会话!")]
    assert "要填日期和时间" in problem.what


def test_the_switches_of_the_book_are_obeyed(book):
    assert ("10-09", "甲") not in figures(book(sessions=SESSIONS, orders=ORDERS), "received_customers")


def test_a_filter_that_is_off_keeps_the_customer(book):
    off = [{"item": "过滤售后", "value": "否"}]
    job = book(sessions=SESSIONS, orders=ORDERS, definition=off)
    assert figures(job, "received_customers")["10-09", "甲"] == 1


def test_sessions_with_buyers_and_lines_are_filtered_without_orders_too(book):
    lone = session(9, dt.datetime(2026, 10, 12, 9, 0), "甲", buyer_id="独", buyer_messages=1)
    job = book(sessions=[SESSIONS[0], lone])
    assert figures(job, "received_customers") == {("10-05", "甲"): 1}
    assert any("1 行没有计入：简单句" in p.what and "S9" in p.what for p in job.problems)
