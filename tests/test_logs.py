"""Logs: look-alikes made with known counts, single cells and headers by hand."""

import datetime as dt
import gzip
import random
from collections import Counter

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from xl_kpi.errors import InputError
from xl_kpi.sources.log_profiles import log_profiles
from xl_kpi.sources.logs import SHOP, agent_figures, read_log, roster_of, session_counts
from xl_kpi.tables import ROSTER, SESSIONS

DESK_HEADER = [
    "Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved",
    "Speed of answer in seconds", "AvgTalkDuration", "Satisfaction rating",
]  # fmt: skip
BANK_HEADER = [
    "vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit",
    "vru_time", "q_start", "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time",
    "server",
]  # fmt: skip
NO_ID = "会话编号空白，或超过 15 位被 Excel 改过"


def desk_row(**changes):
    """An answered, solved call of the service desk."""
    row = dict(
        zip(
            DESK_HEADER,
            ["ID1", "Becky", "2021-01-04", dt.time(9, 12), "Technical Support", "Y", "Y", 70.0,
             dt.time(0, 2, 23), 3.0],
            strict=True,
        )
    )  # fmt: skip
    return row | changes


def bank_row(**changes):
    """An answered call of the bank."""
    row = dict.fromkeys(BANK_HEADER, "0:00:00") | {
        "vru+line": "AA0101", "call_id": "1", "customer_id": "0", "priority": "0", "type": "PS",
        "date": "990201", "vru_time": "9", "q_time": "12", "outcome": "AGENT", "ser_time": "100",
        "server": "TOVA",
    }  # fmt: skip
    return row | changes


def write_desk(path, rows, header=DESK_HEADER, titles=()):
    formats = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd h:mm", "time": "h:mm:ss"}
    formats["timedelta"] = "[h]:mm:ss"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("call_data")
        styles = {name: book.add_format({"num_format": form}) for name, form in formats.items()}
        for place, title in enumerate(titles):
            sheet.write(place, 0, title)
        sheet.write_row(len(titles), 0, header)
        for place, row in enumerate(rows, start=len(titles) + 1):
            for column, name in enumerate(header):
                cell = row[name.strip() if name.strip() in row else DESK_HEADER[column]]
                style = styles.get(type(cell).__name__)
                if isinstance(cell, dt.date | dt.time | dt.timedelta):
                    sheet.write_datetime(place, column, cell, style)
                elif isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(place, column, cell, None, "#DIV/0!")
                elif cell != "":
                    sheet.write(place, column, cell)
    return path


def write_text(path, header, rows, delimiter="\t", encoding="utf-8"):
    lines = [delimiter.join(header)]
    lines += [delimiter.join(str(row[name]) for name in header) for row in rows]
    content = ("\r\n".join(lines) + "\r\n").encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def by_key(counts):
    """Counts as {(date, person, count): value}, zeros left out."""
    return {
        (row["date"].date(), row["person_id"], name): row[name]
        for row in counts.to_dict("records")
        for name in counts.columns[2:]
        if row[name]
    }


def doubts_of(log):
    """Rows of every reason."""
    return {reason: list(rows) for reason, rows in log.doubts.groupby("reason")["row"]}


# --- look-alikes: the counts are known because every row is made from them ----------------------


def desk_look_alike(seed):
    """Rows of a service desk, what they count to, and the doubts put in, by 1-based file row."""
    chance = random.Random(seed)
    rows, expected, doubts = [], Counter(), {}

    def doubt(header, what):
        doubts.setdefault(f"{header}：{what}", []).append(number)

    for number in range(2, 302):
        agent, day = chance.choice(["Becky", "Dan", "李娜"]), dt.date(2021, 1, chance.randint(1, 9))
        answered, solved = chance.random() < 0.8, chance.random() < 0.9
        speed, talk, rating = chance.randint(0, 125), chance.randint(1, 4000), chance.randint(1, 5)
        trap = chance.choice([
            "none", "none", "none", "no id", "same id", "bad date", "no answer", "no agent",
            "negative", "garbage", "rating", "contradiction", "spaces", "cells", "error cell",
        ])  # fmt: skip
        trap = trap if rows else "none"  # so that the first row's ID can be repeated
        clock = f"{talk // 3600}:{talk % 3600 // 60:02}:{talk % 60:02}"
        row = desk_row(**{
            "Call Id": f"ID{number:04}", "Agent": agent, "Date": day.isoformat(),
            "Answered (Y/N)": "Y" if answered else "N",
            "Resolved": "Y" if answered and solved else "N",
            "Speed of answer in seconds": float(speed) if answered else "",
            "AvgTalkDuration": clock if answered else "",
            "Satisfaction rating": float(rating) if answered else "",
        })  # fmt: skip
        counts = Counter(received_customers=1, raised_problems=1, replied_customers=answered)
        if answered:
            counts.update(
                first_response_seconds=speed, first_responses=1, rating_sum=rating, ratings=1,
                solved_problems=solved,
            )  # fmt: skip
        if trap == "no id":
            row["Call Id"] = chance.choice(["", 123456789012345678.0])
            doubt("Call Id", NO_ID)
            counts.clear()
        elif trap == "same id":
            row["Call Id"] = rows[0]["Call Id"]
            doubt("Call Id", "会话编号重复")
            counts.clear()
        elif trap == "bad date":
            row["Date"] = chance.choice(
                ["", "2021-02-30", "2999-01-01", "04.01.2021", 44200.0, "2021-1"]
            )
            doubt("Date", "日期空白或读不懂")
            counts.clear()
        elif trap == "no answer":
            row["Answered (Y/N)"] = chance.choice(["", "maybe", True])
            doubt("Answered (Y/N)", "看不出是否接起")
            counts.clear()
        elif trap == "no agent":
            row["Agent"] = agent = ""
            doubt("Agent", "已接起却没有客服" if answered else "未接起，客服空白")
        elif trap == "negative" and answered:
            row["Speed of answer in seconds"] = -float(speed + 1)
            doubt("Speed of answer in seconds", "是负数")
            counts.update(first_response_seconds=-speed, first_responses=-1)
        elif trap == "garbage" and answered:
            row["AvgTalkDuration"] = chance.choice(["0:99:00", "2:23", 0.0016, "soon"])
            doubt("AvgTalkDuration", "读不懂")
        elif trap == "rating" and answered:
            row["Satisfaction rating"] = chance.choice([0.0, 6.0])
            doubt("Satisfaction rating", "超出允许的范围")
            counts.update(rating_sum=-rating, ratings=-1)
        elif trap == "contradiction" and not answered:
            row |= {"Resolved": "Y", "Satisfaction rating": 5.0}
            doubt("Resolved", "未接起却有值")
            doubt("Satisfaction rating", "未接起却有值")
            counts.update(raised_problems=-1)
        elif trap == "spaces":
            row |= {"Agent": f" {agent}\u3000", "Answered (Y/N)": "y " if answered else " ｎ"}
        elif trap == "cells":
            row["Date"] = day
            if answered:
                row["AvgTalkDuration"] = chance.choice(
                    [dt.timedelta(seconds=talk), (dt.datetime.min + dt.timedelta(0, talk)).time()]
                )
        elif trap == "error cell" and answered:
            row["Satisfaction rating"] = "=1/0"
            doubt("Satisfaction rating", "空白")
            counts.update(rating_sum=-rating, ratings=-1)
        rows.append(row)
        expected.update({(day, agent, name): value for name, value in counts.items()})
        if counts:
            expected[day, agent, "duty_days"] = 1
    return rows, {key: value for key, value in expected.items() if value and key[1]}, doubts


@pytest.mark.parametrize("seed", range(5))
def test_service_desk_look_alike(tmp_path, seed):
    rows, expected, doubts = desk_look_alike(seed)
    log = read_log(write_desk(tmp_path / "calls.xlsx", rows))
    assert log.profile == "call_center"
    assert list(log.sessions.columns) == [column.key for column in SESSIONS.columns]
    assert doubts_of(log) == doubts
    assert log.counts_by_reason == {reason: len(where) for reason, where in doubts.items()}
    assert by_key(session_counts(log.sessions)) == expected
    left_out = [f"Call Id：{what}" for what in (NO_ID, "会话编号重复")]
    left_out += ["Date：日期空白或读不懂", "Answered (Y/N)：看不出是否接起"]
    rows_left_out = sorted(row for reason in left_out for row in doubts.get(reason, []))
    assert list(log.excluded["row"]) == rows_left_out
    everything = sorted([*log.sessions.index, *log.excluded["row"]])
    assert everything == list(range(2, 2 + len(rows)))


def bank_look_alike(seed):
    """Rows of the bank, what they count to, and the doubts put in, by 1-based file row."""
    chance = random.Random(seed)
    rows, expected, doubts = [], Counter(), {"phantom": []}

    def doubt(header, what):
        doubts.setdefault(f"{header}：{what}", []).append(number)

    for number in range(2, 402):
        outcome = chance.choice(["AGENT"] * 6 + ["HANG", "HANG", "PHANTOM"])
        server = chance.choice(["TOVA", "IDIT", "YITZ", "NO_SERVER"])
        server = server if outcome == "AGENT" else "NO_SERVER"
        day, wait = dt.date(1999, 2, chance.randint(1, 28)), chance.randint(0, 900)
        row = bank_row(**{
            "vru+line": f"AA01{number % 7:02}", "call_id": str(number // 7),
            "date": day.strftime("%y%m%d"), "vru_time": str(chance.choice([5, 9, 30, -57])),
            "q_time": str(wait), "outcome": outcome, "server": server,
            "ser_time": str(chance.choice([0, 45, 3605])),
        })  # fmt: skip
        if row["vru_time"] == "-57":
            doubt("vru_time", "是负数")
        if outcome == "PHANTOM":
            doubts["phantom"].append(number)
        if outcome == "HANG" and row["ser_time"] != "0":
            doubt("ser_time", "未接起却有值")
        if outcome == "AGENT":
            if row["ser_time"] == "0":
                doubt("ser_time", "已接起却是 0")
            if server == "NO_SERVER":
                doubt("server", "已接起却没有客服")
            expected[server, "replied_customers"] += 1
            expected[server, "first_response_seconds"] += wait
        if outcome == "HANG":
            expected["hang"] += 1
        rows.append(row)
    return rows, expected, doubts


@pytest.mark.parametrize("seed", range(5))
def test_bank_look_alike(tmp_path, seed):
    rows, expected, doubts = bank_look_alike(seed)
    log = read_log(write_text(tmp_path / "bank.tsv.gz", BANK_HEADER, rows))
    assert log.profile == "anonymous_bank"
    phantoms = doubts.pop("phantom")
    assert doubts_of(log) == doubts
    assert list(log.excluded["row"]) == phantoms
    assert set(log.excluded["value"]) == {"PHANTOM"}
    assert log.counts_by_reason.pop("outcome：PHANTOM，不是来电") == len(phantoms)
    assert log.counts_by_reason == {reason: len(where) for reason, where in doubts.items()}

    figures = agent_figures(log.sessions)
    assert list(figures.index) == ["IDIT", "TOVA", "YITZ", SHOP]
    for person in ("IDIT", "TOVA", "YITZ"):
        answered = expected[person, "replied_customers"]
        waited = expected[person, "first_response_seconds"]
        assert figures.at[person, "received_customers"] == answered
        assert figures.at[person, "reply_rate"] == 1
        assert figures.at[person, "response_time"] == pytest.approx(waited / answered, rel=1e-15)
    agents = ("IDIT", "TOVA", "YITZ", "NO_SERVER")
    answered = sum(expected[agent, "replied_customers"] for agent in agents)
    waited = sum(expected[agent, "first_response_seconds"] for agent in agents)
    received = answered + expected["hang"]
    assert figures.at[SHOP, "received_customers"] == received
    assert figures.at[SHOP, "reply_rate"] == pytest.approx(answered / received, rel=1e-15)
    assert figures.at[SHOP, "response_time"] == pytest.approx(waited / answered, rel=1e-15)

    *_, last = log.notes
    assert last.severity == "note"
    assert f"全店回复率 = {answered} ÷ {received}" in last.what
    assert "必然是 100%" in last.what


# --- single cells, by hand -----------------------------------------------------------------------


def test_a_bank_call_becomes_a_session(tmp_path):
    rows = [
        bank_row(),
        bank_row(call_id="2", outcome="HANG", server="NO_SERVER", q_time="60", ser_time="0"),
    ]
    first, second = read_log(write_text(tmp_path / "bank.tsv", BANK_HEADER, rows)).sessions.to_dict(
        "records"
    )
    assert first["session_id"] == "AA0101-990201-1"
    assert first["date"] == pd.Timestamp(1999, 2, 1)
    assert (first["person_id"], first["answered"]) == ("TOVA", 1)
    assert (first["response_seconds"], first["duration_seconds"]) == (12, 100)
    assert second["answered"] == 0
    missing = ["person_id", "response_seconds", "duration_seconds", "resolved", "rating"]
    assert all(pd.isna(second[key]) for key in missing)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("0:02:23", 143), ("26:00:01", 93601), (dt.time(0, 2, 23), 143),
        (dt.timedelta(hours=26, seconds=1), 93601), ("0:60:00", None), ("2:23", None),
        (143.0, None), (0.00165, None), ("-0:00:01", None), ("１:00:00", None),
    ],
)  # fmt: skip
def test_talk_time_is_a_clock(tmp_path, cell, seconds):
    log = read_log(write_desk(tmp_path / "calls.xlsx", [desk_row(AvgTalkDuration=cell)]))
    found = log.sessions["duration_seconds"].iloc[0]
    assert (pd.isna(found) and len(log.doubts) == 1) if seconds is None else found == seconds


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("70", 70), ("70.5", 70.5), ("0:01:10", 70), (dt.time(0, 1, 10), 70), ("1e3", None),
        ("1_000", None), ("1,000", None), ("inf", None), ("nan", None), ("70s", None), ("", None),
        (True, None), (-1, None),
    ],
)  # fmt: skip
def test_speed_of_answer_is_seconds(tmp_path, cell, seconds):
    row = desk_row(**{"Speed of answer in seconds": cell})
    log = read_log(write_desk(tmp_path / "calls.xlsx", [row, desk_row(**{"Call Id": "ID2"})]))
    found = log.sessions["response_seconds"].iloc[0]
    assert (pd.isna(found) and len(log.doubts) == 1) if seconds is None else found == seconds
    assert log.sessions["response_seconds"].iloc[1] == 70


def test_numbers_as_names_and_times_of_day(tmp_path):
    row = desk_row(
        **{"Call Id": 1001.0, "Agent": 7.0, "Date": dt.datetime(2021, 1, 4, 23, 59)},
        AvgTalkDuration=dt.time(0, 0, 1, 500_000),
    )
    log = read_log(write_desk(tmp_path / "calls.xlsx", [row]))
    (session,) = log.sessions.to_dict("records")
    assert (session["session_id"], session["person_id"]) == ("1001", "7")
    assert session["date"] == pd.Timestamp(2021, 1, 4)
    assert session["duration_seconds"] == 1.5


def test_a_blank_resolved_is_reported_where_there_is_a_session(tmp_path):
    silent = {"Answered (Y/N)": "N", "AvgTalkDuration": "", "Satisfaction rating": ""}
    silent |= {"Speed of answer in seconds": "", "Resolved": ""}
    rows = [
        desk_row(Resolved=""),
        desk_row(**{"Call Id": "ID2"}, **silent),
        desk_row(**{"Call Id": "ID3", "Answered (Y/N)": "?", "Resolved": ""}),
    ]
    log = read_log(write_desk(tmp_path / "calls.xlsx", rows))
    assert doubts_of(log) == {"Resolved：空白": [2, 3], "Answered (Y/N)：看不出是否接起": [4]}
    assert session_counts(log.sessions)["raised_problems"].tolist() == [0]


def test_a_row_left_out_does_not_use_up_its_id(tmp_path):
    rows = [desk_row(Date="?"), desk_row(), desk_row(Agent="Dan")]
    log = read_log(write_desk(tmp_path / "calls.xlsx", rows))
    assert list(log.sessions.index) == [3]
    assert doubts_of(log) == {"Date：日期空白或读不懂": [2], "Call Id：会话编号重复": [4]}


def test_reply_rates_are_said_to_be_empty_only_if_they_are(tmp_path):
    silent = {"Answered (Y/N)": "N", "AvgTalkDuration": "", "Satisfaction rating": ""}
    silent |= {"Speed of answer in seconds": "", "Resolved": "N"}
    rows = [
        desk_row(),
        desk_row(**{"Call Id": "ID2"}, **silent),
        desk_row(**{"Call Id": "ID3", "Agent": ""}, **silent),
    ]
    *_, note = read_log(write_desk(tmp_path / "calls.xlsx", rows)).notes
    assert note.severity == "note"
    assert note.what == (
        "1 个未接起的会话没有客服，不计入任何人的回复率；全店回复率 = 1 ÷ 3 = 33.33%"
    )


def test_a_true_is_not_a_one(tmp_path):
    rows = [
        desk_row(**{"Call Id": f"ID{number}", "Satisfaction rating": rating})
        for number, rating in enumerate([1.0, True, 1.0])
    ]
    log = read_log(write_desk(tmp_path / "calls.xlsx", rows))
    assert log.sessions["rating"].isna().tolist() == [False, True, False]
    assert log.doubts.to_numpy().tolist() == [[3, "Satisfaction rating：读不懂", "TRUE"]]


@pytest.mark.parametrize("cell", ["99021", "990230", "9902011", "1999-02-01", "", "990201 8:00"])
def test_a_bank_date_is_six_digits(tmp_path, cell):
    rows = [bank_row(date=cell), bank_row(call_id="2")]
    log = read_log(write_text(tmp_path / "bank.tsv", BANK_HEADER, rows))
    assert list(log.sessions.index) == [3]
    assert log.doubts["reason"].tolist() == ["date：日期空白或读不懂"]
    assert list(log.excluded["row"]) == [2]


def test_doubts_name_row_reason_and_value(tmp_path):
    rows = [bank_row(call_id=str(number), vru_time="-8") for number in range(7)]
    log = read_log(write_text(tmp_path / "bank.tsv", BANK_HEADER, rows))
    assert log.doubts.to_numpy().tolist() == [
        [row, "vru_time：是负数", "-8"] for row in range(2, 9)
    ]
    (problem,) = log.notes
    assert problem.severity == "warning"
    assert problem.where == "bank.tsv"
    assert problem.what == "vru_time：是负数，共 7 行：第 2、3、4、5、6 等行"


def test_a_truncated_last_line_is_reported(tmp_path):
    path = write_text(tmp_path / "bank.tsv", BANK_HEADER, [bank_row(), bank_row(call_id="2")])
    path.write_bytes(path.read_bytes().removesuffix(b"\tTOVA\r\n"))
    log = read_log(path)
    assert log.doubts.to_numpy().tolist() == [[3, "server：已接起却没有客服", ""]]


# --- recognising ---------------------------------------------------------------------------------


def test_headers_in_any_order_case_and_width(tmp_path):
    header = ["  CALL  ID", "agent ", "DATE", "Time", "Topic", "Answered\u3000（Y/N）", "resolved",
              "Speed of Answer in Seconds", "Avg Talk Duration", "satisfaction rating"]  # fmt: skip
    row = desk_row()
    order = [9, 3, 0, 8, 2, 1, 7, 6, 5, 4]
    shuffled = [{header[place]: row[DESK_HEADER[place]] for place in order}]
    path = write_text(tmp_path / "a.csv", [header[place] for place in order], shuffled, ",")
    log = read_log(path)
    assert log.profile == "call_center"
    assert not log.notes
    assert log.sessions["person_id"].tolist() == ["Becky"]
    assert log.sessions["duration_seconds"].tolist() == [143]


@pytest.mark.parametrize("titles", [["一月通话", ""], ["", ""]])
def test_rows_are_numbered_as_in_the_sheet(tmp_path, titles):
    rows = [desk_row(), dict.fromkeys(DESK_HEADER, ""), desk_row(**{"Call Id": ""})]
    path = write_desk(tmp_path / "calls.xlsx", rows, titles=titles)
    log = read_log(path)
    assert list(log.sessions.index) == [4]
    assert list(log.excluded["row"]) == [6]


def test_lines_are_numbered_as_in_the_file(tmp_path):
    path = write_text(tmp_path / "a.csv", DESK_HEADER, [desk_row()], ",")
    header, row = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([header, b"", row, b"", row]))
    log = read_log(path)
    assert list(log.sessions.index) == [3]
    assert list(log.excluded["row"]) == [5]


def test_a_csv_saved_by_chinese_excel(tmp_path):
    rows = [desk_row(Agent="李娜", Date="2021/1/4")]
    log = read_log(write_text(tmp_path / "a.csv", DESK_HEADER, rows, ",", encoding="gb18030"))
    assert log.sessions["person_id"].tolist() == ["李娜"]
    assert log.sessions["date"].tolist() == [pd.Timestamp(2021, 1, 4)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(tmp_path, encoding):
    path = write_text(tmp_path / "a.csv", DESK_HEADER, [desk_row()], ",", encoding=encoding)
    assert read_log(path).sessions["session_id"].tolist() == ["ID1"]


def test_other_logs_in_the_workbook_are_named(tmp_path):
    path = tmp_path / "calls.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("说明", "一月", "二月"):
            sheet = book.add_worksheet(name)
            if name != "说明":
                sheet.write_row(0, 0, DESK_HEADER)
                row = desk_row(AvgTalkDuration="0:01:00", Time="9:00:00")
                sheet.write_row(1, 0, row.values())
    log = read_log(path)
    (problem,) = log.notes
    assert (problem.where, problem.severity) == ("calls.xlsx!二月", "warning")


def refused(path, profile=None):
    with pytest.raises(InputError) as caught:
        read_log(path, profile)
    (problem,) = caught.value.problems
    assert problem.severity == "error"
    return problem


def test_an_unknown_file_names_the_nearest_profile_and_the_difference(tmp_path):
    header = [{"outcome": "outcomes", "server": "座席"}.get(name, name) for name in BANK_HEADER]
    row = dict(zip(header, bank_row().values(), strict=True))
    problem = refused(write_text(tmp_path / "bank.tsv", header, [row]))
    assert "anonymous_bank" in problem.what
    assert "outcome（文件里的“outcomes”是不是它？）" in problem.what
    assert problem.what.endswith("多出列：outcomes、座席")
    missing = problem.what.partition("缺少列：")[2].partition("；")[0]
    assert "server" in missing
    assert "q_time" not in missing


def test_a_given_profile_must_fit(tmp_path):
    path = write_text(tmp_path / "bank.tsv", BANK_HEADER, [bank_row()])
    assert read_log(path, "anonymous_bank").profile == "anonymous_bank"
    problem = refused(path, "call_center")
    assert "call_center" in problem.what
    assert "Satisfaction rating" in problem.what


def test_an_unknown_profile_is_refused(tmp_path):
    path = write_text(tmp_path / "bank.tsv", BANK_HEADER, [bank_row()])
    problem = refused(path, "callcenter")
    assert "“call_center”" in problem.what
    assert "anonymous_bank" in problem.fix


def test_a_header_that_stands_twice_is_refused(tmp_path):
    header = [name.replace("Topic", "agent") for name in DESK_HEADER]
    row = desk_row(agent="Dan")
    problem = refused(write_text(tmp_path / "a.csv", header, [row], ","))
    assert "“Agent”" in problem.what


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("none.csv", None, "找不到"),
        ("empty.csv", b"", "空的"),
        ("blank.csv", b"\r\n \r\n", "空的"),
        ("cut.tsv.gz", gzip.compress(b"a\tb\r\n" * 99, mtime=0)[:-12], "打不开"),
        ("not.xlsx", b"hello", "打不开"),
        ("cut.xlsx", b"PK\x03\x04" + b"\x00" * 40, "打不开"),
        ("binary.csv", b"\x81\xff\x00\xfe" * 9, "打不开"),
        ("header.csv", ",".join(DESK_HEADER).encode(), "没有数据"),
        ("long.csv", b"a,b\r\n1,2\r\n1,2,3\r\n", "第 3 行的列数"),
        ("quote.csv", b'a,b\r\n1,2\r\n"1,2\r\n', "第 3 行的引号"),
        ("other.csv", b"x,y\r\n1,2\r\n", "认不出"),
    ],
)
def test_unusable_files_are_refused_in_words(tmp_path, name, content, what):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    problem = refused(path)
    assert what in problem.what
    assert problem.where == name
    assert problem.fix


def test_an_empty_sheet_beside_the_log_is_no_matter(tmp_path):
    path = write_desk(tmp_path / "calls.xlsx", [desk_row()])
    book = openpyxl.load_workbook(path)
    book.create_sheet("空", 0)
    book.create_chartsheet("图")
    book.save(path)
    assert len(read_log(path).sessions) == 1


def test_every_profile_says_what_sessions_need():
    keys = {column.key for column in SESSIONS.columns}
    needed = {column.key for column in SESSIONS.columns if column.required}
    profiles = log_profiles()
    assert set(profiles) == {"call_center", "anonymous_bank"}
    for profile in profiles.values():
        assert needed <= set(profile.columns) <= keys
        assert profile.columns["date"].formats
        for key, source in profile.columns.items():
            assert source.unanswered in {"doubt", "ignore"}
            assert bool(source.yes and source.no) == (SESSIONS.column(key).kind == "flag")
            assert not set(source.headers) & set(profile.unused)


def test_the_roster_proposes_accounts_and_guesses_nothing_else(tmp_path):
    rows = [desk_row(**{"Call Id": f"ID{n}", "Agent": n}) for n in ("Dan", "Becky")]
    rows.append(desk_row(Agent=""))
    roster = roster_of(read_log(write_desk(tmp_path / "calls.xlsx", rows)))
    assert list(roster.columns) == [column.key for column in ROSTER.columns]
    assert roster["person_id"].tolist() == roster["name"].tolist() == ["Becky", "Dan"]
    assert roster.drop(columns=["person_id", "name"]).isna().all(axis=None)
