"""Raw logs by hand: every edge of the windows and filters, messages, and what can be wrong."""

import dataclasses
import random
import subprocess
import sys

import pandas as pd
import pytest
from log_reference import lines_of
from log_worlds import AS_OF, exact

from xl_kpi.errors import InputError
from xl_kpi.period import Period
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.log_counts import counts_from

OCTOBER = Period("2026-10")
DEFAULT = Definition()


def read(source, definition=DEFAULT, **options):
    return counts_from(source, definition, OCTOBER, as_of=AS_OF, **options)


def at(text):
    return pd.Timestamp(f"2026-10-{text}")


def chat(number, started, person="甲", **changes):
    return {
        "session_id": f"S{number}", "shop": "店", "buyer_id": "买", "person_id": person,
        "started": at(started), "buyer_messages": 3, "agent_messages": 4, "advert_phrases": 0,
        "first_response_seconds": 20.0, "response_seconds": 50.0, "replies": 2,
    } | changes  # fmt: skip


def order(number, ordered, paid=None, amount=100.0, **changes):
    return {
        "order_id": f"D{number}", "shop": "店", "buyer_id": "买", "ordered": at(ordered),
        "amount": amount, "paid": pd.NaT if paid is None else at(paid), "paid_amount": amount,
        "refunded": pd.NaT, "refunded_amount": None,
    } | changes  # fmt: skip


def figure(chats, orders, name, definition=None, **options):
    """A count by (day, person); days of October."""
    logs = {"chats": pd.DataFrame(chats), "orders": pd.DataFrame(orders)}
    logs = {key: frame for key, frame in logs.items() if len(frame)}
    found = read(logs, definition=definition or Definition(), **options).table
    return {
        (row["date"].day, row["person_id"]): row[name]
        for row in found.to_dict("records") if row[name]
    }  # fmt: skip


def test_an_order_at_midnight_is_of_the_new_day():
    chats = [chat(1, "05 23:50:00")]
    late, next_day = order(1, "06 23:59:59"), order(1, "07 00:00:00")
    assert figure(chats, [late], "orders") == {(6, "甲"): 1}
    assert figure(chats, [next_day], "orders") == {}
    assert figure(chats, [late], "orders", Definition(order_days=0)) == {}


def test_the_last_of_two_agents_before_an_order_has_it():
    chats = [chat(1, "05 10:00:00"), chat(2, "05 10:05:00", "乙"), chat(3, "05 10:20:00")]
    assert figure(chats, [order(1, "05 10:10:00")], "orders") == {(5, "乙"): 1}
    silent = [chats[0], chat(2, "05 10:05:00", "乙", agent_messages=0)]
    assert figure(silent, [order(1, "05 10:10:00")], "orders") == {(5, "甲"): 1}


def test_of_the_same_second_the_chat_with_the_last_id_counts():
    chats = [chat(1, "05 10:00:00"), chat(2, "05 10:00:00", "乙")]
    for rows in (chats, chats[::-1]):
        assert figure(rows, [order(1, "05 10:00:00")], "orders") == {(5, "乙"): 1}


def test_a_payment_of_day_four_counts_and_of_day_five_does_not():
    chats = [chat(1, "05 10:00:00")]
    four, five = order(1, "05 11:00:00", "09 23:59:59"), order(1, "05 11:00:00", "10 00:00:00")
    assert figure(chats, [four], "paid_amount") == {(5, "甲"): 100}
    assert figure(chats, [four], "sales") == {(9, "甲"): 100}
    assert figure(chats, [five], "paid_amount") == {}
    assert figure(chats, [five], "lost_amount") == {(5, "甲"): 100}


def test_who_brings_a_colleagues_order_to_payment_assists():
    chats = [chat(1, "05 10:00:00"), chat(2, "06 09:00:00", "乙")]
    orders = [order(1, "05 11:00:00", "06 09:30:00")]
    assert figure(chats, orders, "assisted_amount") == {(6, "乙"): 100}
    assert figure(chats, orders, "paid_amount") == {(5, "甲"): 100}
    back = [*chats, chat(3, "06 09:10:00")]
    assert figure(back, orders, "assisted_amount") == {}


@pytest.mark.parametrize(("day", "received"), [("19", {(5, "甲"): 1}), ("20", None)])
def test_after_sales_is_day_fourteen_and_not_fifteen(day, received):
    chats = [chat(1, "05 10:00:00"), chat(2, f"{day} 10:00:00", "乙")]
    orders = [order(1, "05 11:00:00", "05 12:00:00")]
    received = received or {(5, "甲"): 1, (20, "乙"): 1}
    assert figure(chats, orders, "received_customers") == received
    again = [*orders, order(2, f"{day} 11:00:00")]
    assert figure(chats, again, "received_customers")[int(day), "乙"] == 1
    off = Definition(after_sales=False)
    assert figure(chats, orders, "received_customers", off)[int(day), "乙"] == 1


def test_an_advert_twice_is_not_received_but_the_order_stays():
    chats = [chat(1, "05 10:00:00", advert_phrases=2), chat(2, "06 10:00:00", advert_phrases=1)]
    assert figure(chats, [order(1, "05 11:00:00")], "received_customers") == {(6, "甲"): 1}
    assert figure(chats, [order(1, "05 11:00:00")], "orders") == {(5, "甲"): 1}
    shown = Definition(filtered_are_received=True)
    assert figure(chats, [], "received_customers", shown) == {(5, "甲"): 1, (6, "甲"): 1}
    assert figure(chats, [], "inquiring_customers", shown) == {(6, "甲"): 1}


def test_a_one_liner_is_who_says_nothing_more_that_day():
    one = chat(1, "05 10:00:00", buyer_messages=1, agent_messages=3)
    assert figure([one], [], "received_customers") == {}
    assert figure([one], [], "duty_days") == {(5, "甲"): 1}
    assert figure([one | {"agent_messages": 2}], [], "received_customers") == {(5, "甲"): 1}
    more = [one, chat(2, "05 11:00:00", "乙")]
    assert figure(more, [], "received_customers") == {(5, "甲"): 1, (5, "乙"): 1}
    later = [one, chat(2, "06 11:00:00", "乙")]
    assert figure(later, [], "received_customers") == {(6, "乙"): 1}


def test_a_refund_counts_on_its_day_however_old_the_order():
    chats = [chat(1, "05 10:00:00") | {"started": pd.Timestamp("2026-08-05 10:00:00")}]
    old = order(1, "05 11:00:00", refunded=at("20 09:00:00"), refunded_amount=40.5)
    old["ordered"] = pd.Timestamp("2026-08-05 11:00:00")
    assert figure(chats, [old], "refunded_amount") == {(20, "甲"): 40.5}
    after = old | {"refunded": pd.Timestamp("2026-11-01 00:00:00")}
    assert figure(chats, [after], "refunded_amount") == {}


def test_chats_across_midnight_are_of_the_day_they_began():
    chats = [chat(1, "05 23:59:59"), chat(2, "06 00:00:00", buyer_id="别")]
    assert figure(chats, [], "received_customers") == {(5, "甲"): 1, (6, "甲"): 1}


def test_an_unknown_agents_orders_are_nobodys_and_are_told():
    logs = {
        "chats": pd.DataFrame([chat(1, "05 10:00:00"), chat(2, "05 10:05:00", "外人")]),
        "orders": pd.DataFrame([order(1, "05 10:10:00", "05 10:20:00", 88.8)]),
    }
    counts = counts_from(logs, Definition(), OCTOBER, people=["甲"], as_of=AS_OF)
    assert counts.table["orders"].sum() == 0
    assert counts.unowned.to_dict("records") == [
        {"person_id": "外人", "orders": 1, "placed_amount": 88.8, "paid_amount": 88.8}
    ]
    assert counts.dropped["reason"].tolist() == ["unknown"]


def test_unripe_days_hold_payers_of_the_same_day():
    """003: data up to the 25th are final up to the 21st; of the 22nd on, who paid the same day."""
    chats = [chat(n, f"{n} 10:00:00", buyer_id=f"买{n}") for n in (21, 22, 23)]
    orders = [
        order(21, "21 11:00:00", "25 10:00:00", buyer_id="买21"),
        order(22, "22 11:00:00", "22 12:00:00", buyer_id="买22"),
        order(23, "23 11:00:00", "24 12:00:00", buyer_id="买23"),
    ]
    logs = {"chats": pd.DataFrame(chats), "orders": pd.DataFrame(orders)}
    counts = counts_from(logs, Definition(), OCTOBER)
    assert counts.as_of.isoformat() == "2026-10-25"
    table = counts.table.set_index(counts.table["date"].dt.day)
    assert table["final_paying_customers"].loc[[21, 22, 23]].tolist() == [1, 0, 0]
    assert table["same_day_paying_customers"].loc[[21, 22, 23]].tolist() == [0, 1, 0]
    assert table["lost_customers"].isna().loc[[21, 22, 23]].tolist() == [False, True, True]
    paid = counts.unripe[counts.unripe["what"] == "paid"]
    assert [f"{day:%m-%d}" for day in paid["day"]] == ["10-22", "10-23", "10-24", "10-25"]
    ordered = counts.unripe[counts.unripe["what"] == "ordered"]
    assert [f"{day:%m-%d}" for day in ordered["day"]] == ["10-25"]


# --- messages --------------------------------------------------------------------------------


def test_messages_say_what_a_chat_held():
    chance = random.Random(5)
    chats, messages, said = [], [], {}
    for number in range(60):
        chats.append(chat(number, f"{number % 28 + 1:02d} 09:00:00", buyer_id=f"买{number}"))
        mine = []
        for line in range(chance.randint(0, 7)):
            sent = at(f"{number % 28 + 1:02d} 09:00:00") + pd.Timedelta(
                chance.choice((0, 0, 1, 20, 45.5)) + line // 3 * 40, "s"
            )
            text = chance.choice(("您好", "非诚勿扰，欢迎再来", None))
            mine.append({"message_id": f"M{number}-{line}", "session_id": f"S{number}",
                         "sent": sent, "from_agent": chance.random() < 0.5, "text": text})  # fmt: skip
        messages += mine
        said[f"S{number}"] = lines_of(mine, "非诚勿扰") if mine else None
    chance.shuffle(messages)
    definition = Definition(advert=False, one_liner=False, advert_phrase="非诚勿扰")
    logs = {"chats": pd.DataFrame(chats), "messages": pd.DataFrame(messages)}
    table = exact(counts_from(logs, definition, OCTOBER, as_of=AS_OF).table)
    own = {"buyer_messages": 3, "agent_messages": 4, "response_seconds": 50_000, "replies": 2,
           "first_response_seconds": 20_000}  # fmt: skip
    sums = {}
    for row in chats:
        lines = said[row["session_id"]] or own
        day = sums.setdefault((row["started"].date(), "甲"), dict.fromkeys(own, 0))
        for name in own:
            day[name] += lines[name] or 0
    assert {
        key: {name: values.get(name, 0) for name in own} for key, values in table.items()
    } == sums
    adverts = counts_from(logs, dataclasses.replace(definition, advert=True), OCTOBER).dropped
    twice = {key for key, lines in said.items() if lines and lines["advert_phrases"] >= 2}
    assert set(adverts["id"]) == twice
    assert twice


# --- what can be wrong -----------------------------------------------------------------------


def test_what_is_missing_is_told_at_once(tmp_path):
    with pytest.raises(InputError, match="没有日志"):
        read(tmp_path)
    (tmp_path / "chats.csv").write_text("session_id,shop,buyer,started\n1,a,b,2026-10-01\n")
    (tmp_path / "orders.csv").write_text("order_id\n1\n")
    with pytest.raises(InputError) as error:
        read(tmp_path)
    told = " ".join(map(str, error.value.problems))
    assert "“buyer”是不是它？改成 buyer_id" in told
    assert "下单时间" in told
    with pytest.raises(InputError, match="找不到这个数据库"):
        read("", connection=str(tmp_path / "none.duckdb"))


def test_cells_that_say_nothing_are_told(tmp_path):
    header = "session_id,shop,buyer_id,person_id,started,buyer_messages,agent_messages,replies\n"
    rows = [
        "1,店,买, 甲 ,2026/10/5 9:05:00,1,1,1",
        "2,店,买二,甲,2026年10月5日 10:00:00,1,1,-",
        "3,店,买三,甲,昨天,1,1,1",
        "4,店,买四,甲,2026-10-05 11:00:00,1.5,1,1",
        "5,店,买五,甲,2026-10-05 11:00:00,-1,1,1",
        ",店,买六,甲,2026-10-05 11:00:00,1,1,",
    ]
    (tmp_path / "chats.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    counts = read(tmp_path)
    assert counts.table["received_customers"].tolist() == [2]
    assert counts.table["replies"].tolist() == [1]
    assert sorted(counts.dropped["id"].fillna("").tolist()) == ["", "3", "4", "5"]
    assert {problem.what for problem in counts.notes} == {
        "“开始时间”有 1 格读不懂", "“买家消息数”有 2 格读不懂", "“响应次数”有 1 格读不懂",
    }  # fmt: skip


def test_a_definition_refuses_what_is_no_number():
    with pytest.raises(InputError) as error:
        Definition(order_days=-1, advert_times=0, payment_days=1.5)
    assert len(error.value.problems) == 3


def test_fingerprints_are_the_same_only_for_the_same():
    assert Definition().fingerprint == Definition().fingerprint
    marks = {dataclasses.replace(Definition(), **change).fingerprint for change in (
        {}, {"order_days": 0}, {"advert": False}, {"advert_phrase": "非诚勿扰"}, {"payment_days": 8},
    )}  # fmt: skip
    assert len(marks) == 5
    assert Definition().fingerprint == "12328ece6e12"  # kept in books: it may not change


def test_what_a_log_does_not_know_is_missing_and_not_zero():
    few = [{k: v for k, v in chat(1, "05 10:00:00").items() if k not in ("replies", "resolved")}]
    table = read({"chats": pd.DataFrame(few)}).table
    assert table["received_customers"].tolist() == [1]
    assert not {"orders", "sales", "replies", "raised_problems", "ratings", "inspections",
                "refunded_amount", "lost_customers"} & set(table.columns)  # fmt: skip
    unpaid = {k: v for k, v in order(1, "05 11:00:00").items() if "paid" not in k}
    logs = {"chats": pd.DataFrame(few), "orders": pd.DataFrame([unpaid])}
    table = read(logs).table
    assert table["orders"].tolist() == [1]
    assert not {"sales", "valid_orders", "lost_customers"} & set(table.columns)


def test_a_buyer_of_thousands_of_chats_and_orders_does_not_blow_up():
    chats = [chat(n, "05 10:00:00") for n in range(3_000)]
    orders = [order(n, "05 11:00:00", "05 12:00:00") for n in range(3_000)]
    logs = {"chats": pd.DataFrame(chats), "orders": pd.DataFrame(orders)}
    table = counts_from(logs, Definition(), OCTOBER).table
    assert table["orders"].tolist() == [3_000]
    assert table["received_customers"].tolist() == [1]


@pytest.mark.parametrize("module", ["xl_kpi.cli", "xl_kpi.excel.cell_functions", "xl_kpi.excel.run"])
def test_nothing_else_loads_the_engines(module):
    heavy = ("ibis", "duckdb", "pyspark")
    code = f"import sys, {module}; print(*(m for m in {heavy!r} if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
