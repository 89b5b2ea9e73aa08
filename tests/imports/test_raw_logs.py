"""Raw logs through ``xl-kpi import``: counts into the book by the sheet 口径; expected by hand."""

import csv
import datetime as dt
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from xl_kpi.cli import main
from xl_kpi.errors import InputError
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.importing import import_files
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book


def chat(number, started, who, buyer, **changes):
    return {
        "session_id": number if isinstance(number, str) else f"S{number}", "shop": "一店", "buyer_id": buyer, "person_id": who,
        "started": pd.Timestamp(started), "buyer_messages": 2, "agent_messages": 3,
    } | changes  # fmt: skip


def order(number, ordered, buyer, paid=None, amount=100.0):
    return {
        "order_id": f"D{number}", "shop": "一店", "buyer_id": buyer, "amount": amount,
        "ordered": pd.Timestamp(ordered), "paid": pd.Timestamp(paid) if paid else pd.NaT,
    }  # fmt: skip


CHATS = [
    chat(1, "2026-10-05 09:00", "小敏", "甲"),
    chat(2, "2026-10-05 10:00", "小敏二号", "甲"),  # the same person's other account
    chat(3, "2026-10-06 09:00", "A02", "乙"),
    chat(4, "2026-10-12 09:00", "A02", "丙"),
    chat("=1+1", "2026-10-12 09:30", "A02", "丁", buyer_messages=1),  # one line, three answers
    chat(6, "2026-10-20 09:00", "夜班号", "戊"),  # A02's until the 15th, A03's from then on
    chat(7, "2026-10-14 09:00", "夜班号", "己"),
    chat(8, "2026-10-21 09:00", "路人", "庚"),
    chat(9, "2026-10-22 09:00", "机器人", "辛"),
    chat(10, "2026-10-31 23:00", "A02", "壬"),
]
ORDERS = [
    order(1, "2026-10-05 11:00", "甲", "2026-10-05 12:00", 88.8),
    order(2, "2026-10-07 23:59:59", "乙", "2026-10-11 23:59:59", 20.2),
    order(3, "2026-10-13 00:00:00", "丙", "2026-10-18 00:00:00", 50.0),  # paid a day too late
    order(4, "2026-10-21 10:00", "庚", "2026-10-21 10:00", 7.77),
]
ACCOUNTS = [
    {"account": "小敏", "person_id": "A01"},
    {"account": "小敏二号", "person_id": "A01", "platform": "淘宝"},
    {"account": "夜班号", "person_id": "A02", "valid_to": dt.date(2026, 10, 15)},
    {"account": "夜班号", "person_id": "A03", "valid_from": dt.date(2026, 10, 16)},
    {"account": "机器人", "post": "不计"},
]


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    pd.DataFrame(CHATS).to_parquet(folder / "chats.parquet")
    pd.DataFrame(ORDERS).to_parquet(folder / "orders.parquet")
    return folder


@pytest.fixture
def filled(book):
    fill_tables(book, {"accounts": ACCOUNTS}, "zh")
    return book


def rows(book, name):
    raw = read_book(book).tables[name]
    return [dict(zip(raw.header, row, strict=True)) for row in zip(*raw.columns, strict=True)]


def counted(book, label):
    found = rows(book, "kpi_counts")
    return {(f"{r['日期']:%m-%d}", r["工号"]): r[label] for r in found if r["日期"] and r[label]}


def test_counts_by_day_and_person_are_as_counted_by_hand(filled, logs):
    import_files(filled, [logs])
    assert counted(filled, "接待人数") == {
        ("10-05", "A01"): 1, ("10-06", "A02"): 1, ("10-12", "A02"): 1, ("10-20", "A03"): 1,
        ("10-14", "A02"): 1, ("10-31", "A02"): 1,
    }  # fmt: skip
    assert counted(filled, "销售额") == {("10-05", "A01"): 88.8, ("10-11", "A02"): 20.2}
    assert counted(filled, "下单金额") == {
        ("10-05", "A01"): 88.8, ("10-07", "A02"): 20.2, ("10-13", "A02"): 50,
    }  # fmt: skip
    assert counted(filled, "协助金额") == {}


def test_doubts_are_told_with_what_is_at_stake(filled, logs):
    outcome = import_files(filled, [logs])
    told = "\n".join(f"{p.where} {p.what}" for p in outcome.problems)
    assert "“路人”不在账号表，也不在员工表，没有计入任何人：销售额 7.77、下单金额 7.77、接待人数 1" in told
    assert "2026-10-28 起的下单或付款还没有到期（日志到 2026-10-31 为止）" in told
    assert "1 行没有计入：简单句" in told
    assert "1 行没有计入：付款早于下单，或超过付款期限" in told
    assert "机器人" not in told.replace("没有客服", "")


def test_every_row_left_out_is_listed_and_is_no_formula(filled, logs):
    outcome = import_files(filled, [logs])
    (file,) = outcome.left_out
    assert file == filled.with_name("book 未计入 2026-10.csv")
    with file.open(encoding="utf-8-sig", newline="") as text:
        assert list(csv.reader(text)) == [
            ["记录", "编号", "工号", "日期", "原因"],
            ["会话", "'=1+1", "A02", "2026-10-12", "简单句：顾客只说一句，没有再回应"],
            ["会话", "S9", "", "2026-10-22", "没有客服"],
            ["付款", "D3", "", "2026-10-18", "付款早于下单，或超过付款期限"],
        ]


def test_importing_again_changes_nothing_and_a_new_definition_is_another_fingerprint(filled, logs):
    import_files(filled, [logs])
    before = filled.read_bytes()
    assert not import_files(filled, [logs / "chats.parquet", logs / "orders.parquet"]).changed
    assert filled.read_bytes() == before
    (first,) = [r["口径指纹"] for r in rows(filled, "kpi_imports") if r["口径指纹"]]
    fill_tables(filled, {"definition": [{"item": "过滤简单句", "value": "否"},
                                        {"item": "付款期限天数", "value": "5"}]}, "zh")  # fmt: skip
    import_files(filled, [logs])
    assert counted(filled, "接待人数")["10-12", "A02"] == 2
    assert counted(filled, "销售额")["10-18", "A02"] == 50
    (second,) = [r["口径指纹"] for r in rows(filled, "kpi_imports") if r["口径指纹"]]
    assert first != second
    assert "5天内付款" in second


def test_months_of_one_folder_stand_side_by_side(filled, logs):
    chats = [*CHATS, chat(20, "2026-09-10 09:00", "A02", "癸")]
    pd.DataFrame(chats).to_parquet(logs / "chats.parquet")
    import_files(filled, [logs], period="2026-09")
    import_files(filled, [logs], period="2026-10")
    found = counted(filled, "接待人数")
    assert found["09-10", "A02"] == 1
    assert found["10-05", "A01"] == 1
    assert len([r for r in rows(filled, "kpi_imports") if r["文件"]]) == 2


def test_a_database_is_a_log_too(filled, tmp_path):
    path = tmp_path / "日志.duckdb"
    chats, orders = pd.DataFrame(CHATS), pd.DataFrame(ORDERS)
    with duckdb.connect(str(path)) as connection:
        for name, frame in (("会话", chats), ("订单", orders)):
            connection.register("rows", frame)
            connection.execute(f"CREATE TABLE {name} AS FROM rows")
    import_files(filled, [path])
    assert counted(filled, "销售额") == {("10-05", "A01"): 88.8, ("10-11", "A02"): 20.2}


def test_what_is_wrong_with_the_definition_is_told_at_once_and_nothing_written(filled, logs):
    fill_tables(filled, {"definition": [
        {"item": "过滤售后", "value": "也许"}, {"item": "售后天数", "value": "-1"},
        {"item": "广告语次数", "value": "1.5"}, {"item": "付款期线天数", "value": "4"},
    ]}, "zh")  # fmt: skip
    before = filled.read_bytes()
    with pytest.raises(InputError) as caught:
        import_files(filled, [logs])
    told = [f"{p.where}：{p.what}" for p in caught.value.problems]
    assert told == [
        "口径：不认得口径“付款期线天数”", "口径 过滤售后：“也许”要填是或否", "口径 广告语次数：“1.5”不能用",
        "口径 售后天数：“-1”不能用",
    ]  # fmt: skip
    assert "付款期限天数" in caught.value.problems[0].fix
    assert filled.read_bytes() == before
    assert not list(filled.parent.glob("*.csv"))


def test_an_account_of_two_people_on_one_day_is_refused(book, logs):
    twice = [{"account": "小敏", "person_id": "A01"},
             {"account": "小敏", "person_id": "A02", "valid_from": dt.date(2026, 10, 9)}]  # fmt: skip
    fill_tables(book, {"accounts": twice}, "zh")
    with pytest.raises(InputError, match="同时属于 A01 和 A02"):
        import_files(book, [logs])


@pytest.mark.parametrize(
    ("name", "frame", "told"),
    [
        ("orders", ORDERS, "没有会话日志"),
        ("chats", [{"session_id": "1", "shop": "店"}], "会话日志缺少列“买家”"),
        (None, [], "文件夹里没有日志"),
    ],
)
def test_a_folder_that_is_no_log_is_refused(book, tmp_path, name, frame, told):
    folder = tmp_path / "empty"
    folder.mkdir()
    if name:
        pd.DataFrame(frame).to_csv(folder / f"{name}.csv", index=False)
    with pytest.raises(InputError) as caught:
        import_files(book, [folder])
    assert told in "".join(p.what for p in caught.value.problems)


def test_the_command_names_the_file_of_what_was_left_out(filled, logs, capsys):
    assert main(["import", str(filled), str(logs)]) == 0
    said = capsys.readouterr().out
    assert "logs：原始日志，2026-10-01 至 2026-10-31" in said
    assert "没有计入的行：" in said


def test_stars_stand_for_files_where_the_shell_does_not_expand_them(filled, logs, capsys):
    assert main(["import", str(filled), str(logs / "*.parquet")]) == 0
    assert "原始日志" in capsys.readouterr().out
    assert main(["import", str(filled), str(logs / "*.csv")]) == 1
    assert "找不到这个文件" in capsys.readouterr().err


def test_a_spark_that_is_not_there_is_told_without_java_s_own_words(filled, logs):
    where = {"item": "连接", "value": "spark://这里没有端口"}
    fill_tables(filled, {"definition": [where]}, "zh")
    command = [sys.executable, "-m", "xl_kpi", "import", str(filled), str(logs)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "连不上 Spark" in done.stderr
    assert "at org.apache" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_an_english_book_reads_its_own_definition(tmp_path, logs):
    book = new_book(tmp_path / "book.xlsx", "en", {"period": "2026-10", "scheme": "S01"})
    people = [{"person_id": p, "name": p, "department": "d", "shop": "一店", "status": "confirmed"}
              for p in ("A01", "A02", "A03")]  # fmt: skip
    fill_tables(book, {"roster": people}, "en")
    found = {r["Item"]: r["Value"] for r in rows(book, "kpi_definition")}
    assert found["Payment days"] == 4
    assert found["Filter after-sales"] == "yes"
    outcome = import_files(book, [logs])
    assert outcome.changed
