import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from xl_kpi.cells import plain
from xl_kpi.checks import PersonIndex, clean_table
from xl_kpi.excel.reader import read_book
from xl_kpi.scheme_tables import INDICATORS, METRICS, SCHEME_TABLES
from xl_kpi.tables import COUNTS, INPUTS, ROSTER, CellError, Column, RawTable, Table

EVERY_KIND = Table(
    key="all",
    zh="全部",
    en="All",
    columns=(
        Column(key="note", zh="说明", en="Note", kind="text"),
        Column(key="sales", zh="销售额", en="Sales", unit="yuan", minimum=0),
        Column(key="seconds", zh="响应秒数", en="Response seconds", unit="s"),
        Column(key="day", zh="日期", en="Date", kind="date"),
        Column(key="month", zh="期间", en="Period", kind="period"),
        Column(
            key="status", zh="身份", en="Status", kind="choice",
            choices={"confirmed": ("正式", "confirmed"), "stand_in": ("顶岗", "stand-in")},
        ),
        Column(key="abuse", zh="确认滥用", en="Abuse", kind="flag"),
    ),
)  # fmt: skip
COLUMN_OF = {column.kind: column for column in EVERY_KIND.columns if column.key != "seconds"}


def raw(header, *rows, header_row=3, first_column=2, sheet="指标数据"):
    """A table whose header begins in B3 of its sheet."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    return RawTable("kpi_t", sheet, header_row, first_column, tuple(header), columns)


def clean(header, *rows, table=EVERY_KIND, people=None):
    problems = []
    frame = clean_table(raw(header, *rows), table, problems, people=people)
    return frame, problems


def one_cell(kind, cell):
    """What a single cell of a column of this kind becomes, and the problems."""
    column = COLUMN_OF[kind]
    # 说明 stands beside it, so that the row is not blank.
    table = Table(key="t", zh="", en="", columns=(column, Column(key="x", zh="x", en="x")))
    frame, problems = clean([column.zh, "x"], [cell, 1.0], table=table)
    return frame[column.key].iloc[0], problems


# --- the frame ---


def test_a_clean_table_becomes_typed_columns():
    header = ["期间", "销售额", "日期", "身份", "确认滥用", "说明", "响应秒数"]
    frame, problems = clean(
        header,
        ["2026-10", 12.5, dt.date(2026, 10, 5), "正式", "是", "好", 30.0],
        [None, None, None, None, None, "差", None],
    )
    assert problems == []
    assert list(frame) == ["note", "sales", "seconds", "day", "month", "status", "abuse"]
    assert frame.dtypes.astype(str).to_dict() == {
        "note": "object",
        "sales": "float64",
        "seconds": "float64",
        "day": "datetime64[ns]",
        "month": "object",
        "status": "object",
        "abuse": "float64",
    }
    first = frame.iloc[0].to_dict()
    assert first == {
        "note": "好",
        "sales": 12.5,
        "seconds": 30.0,
        "day": pd.Timestamp(2026, 10, 5),
        "month": "2026-10",
        "status": "confirmed",
        "abuse": 1.0,
    }
    assert frame.iloc[1].isna().to_dict() == {key: key != "note" for key in frame}
    assert frame["status"].iloc[1] is None


def test_blank_rows_are_skipped_and_addresses_stay():
    frame, problems = clean(
        ["销售额", "备忘"], [1.0, None], [None, "只有自己的列"], [None, None], [-1.0, None]
    )
    assert list(frame.index) == [4, 7]
    assert frame.attrs == {"sheet": "指标数据", "columns": {"sales": "B"}}
    assert [problem.where for problem in problems] == ["指标数据!B7"]


def test_an_empty_table_keeps_its_columns_and_types():
    frame, problems = clean(["销售额", "日期", "说明"])
    assert (len(frame), problems) == (0, [])
    assert list(frame) == [column.key for column in EVERY_KIND.columns]
    assert frame["day"].dtype == "datetime64[ns]"
    assert frame["sales"].dtype == np.float64


def test_columns_that_are_absent_are_blank():
    frame, problems = clean(["销售额"], [1.0])
    assert problems == []
    assert frame.drop(columns="sales").isna().all(axis=None)
    assert frame["day"].dtype == "datetime64[ns]"


# --- header ---


@pytest.mark.parametrize(
    "header",
    [
        "销售额",
        " 销 售\u3000额\n",
        "Sales",
        "ＳＡＬＥＳ",
        "sales",
        "销售额（元）",
        "销售额(元)",
        "销售额【必填】",
    ],
)
def test_headers_are_found_however_they_are_typed(header):
    frame, problems = clean([header, "其他"], [7.0, "x"])
    assert problems == []
    assert frame["sales"].tolist() == [7.0]


def test_headers_are_found_by_key():
    frame, problems = clean(["seconds"], [7.0])
    assert (frame["seconds"].tolist(), problems) == ([7.0], [])


def test_brackets_and_arrows_of_a_label_may_be_typed_otherwise():
    table = Table(
        key="t", zh="", en="", columns=(Column(key="a", zh="询单（人）→付款", en="a to b"),)
    )
    for header in ("询单(人)->付款", "询单【人】→付款", "询单（人）-->付款"):
        frame, problems = clean([header], [3.0], table=table)
        assert (frame["a"].tolist(), problems) == ([3.0], [])


def test_no_two_columns_of_a_table_share_a_label():
    for table in INPUTS:
        labels = [
            (plain(name), column.key)
            for column in table.columns
            for name in {plain(column.zh), plain(column.en), plain(column.key)}
        ]
        assert len({name for name, _ in labels}) == len(labels), table.key


def test_a_suffix_gives_way_to_the_exact_header():
    frame, problems = clean(["销售额（含税）", "销售额"], [1.0, 2.0])
    assert problems == []
    assert frame["sales"].tolist() == [2.0]


def test_a_suffix_in_another_unit_is_a_problem():
    _, problems = clean(["说明", "销售额（万元）", "响应秒数(分钟)"], ["x", 1.0, 2.0])
    assert [problem.where for problem in problems] == ["指标数据!C3", "指标数据!D3"]
    assert "销售额（万元）" in problems[0].what
    assert "“销售额”" in problems[0].fix


@pytest.mark.parametrize("second", ["Sales", "sales"])
def test_the_same_column_twice(second):
    frame, problems = clean(["销售额", "说明", second], [1.0, "x", 2.0])
    (problem,) = problems
    assert problem.where == "指标数据!D3"
    assert "指标数据!B3“销售额”" in problem.what
    assert f"指标数据!D3“{second}”" in problem.what
    assert frame["sales"].tolist() == [1.0]


def test_two_suffixes_of_one_column_are_no_choice_of_ours():
    _, problems = clean(["销售额（含税）", "销售额（净）"], [1.0, 2.0])
    (problem,) = problems
    assert problem.where == "指标数据!C3"
    assert "2 次" in problem.what


def test_a_required_column_that_is_missing():
    table = Table(
        key="t",
        zh="",
        en="",
        columns=(
            Column(key="person_id", zh="工号", en="Staff ID", kind="text", required=True),
            Column(key="sales", zh="销售额", en="Sales", required=True),
        ),
    )
    frame, problems = clean(["销售金额", "备注"], [1.0, "x"], table=table)
    assert [problem.where for problem in problems] == ["指标数据!B3:C3"] * 2
    assert problems[0].what == "缺少“工号”这一列"
    assert problems[0].fix == "加上这一列"
    assert problems[1].what == "缺少“销售额”这一列"
    assert "是不是“销售金额”" in problems[1].fix
    assert len(frame) == 0


def test_an_optional_header_that_looks_misspelt_is_a_warning():
    header = ["销售额", "响应秒钟数", "花名", "响应备注"]
    frame, problems = clean(header, [1.0, 2.0, "x", "y"])
    (problem,) = problems
    assert (problem.where, problem.severity) == ("指标数据!C3", "warning")
    assert "“响应秒数”" in problem.what
    assert frame["seconds"].isna().all()


def test_a_column_of_their_own_needs_no_warning():
    _, problems = clean(["销售额", "响应备注"], [1.0, "y"])
    assert problems == []


# --- cells ---


@pytest.mark.parametrize(
    ("cell", "value"), [(3.0, 3.0), (0.0, 0.0), (1e-9, 1e-9), (7, 7.0), (123456.789, 123456.789)]
)
def test_numbers(cell, value):
    assert one_cell("number", cell) == (value, [])


@pytest.mark.parametrize(
    ("cell", "shown", "fix"),
    [
        ("12人", "“12人”", "不带单位"),
        ("暂无", "“暂无”", "留空"),
        ("-", "“-”", "留空"),
        ("123", "“123”", "数字格式"),
        ("1,234.5", "“1,234.5”", "数字格式"),
        ("１２", "“１２”", "数字格式"),
        ("45%", "“45%”", "数字格式"),
        (True, "TRUE", "数字格式"),
        (dt.date(2026, 10, 5), "2026-10-05", "数字格式"),
        (dt.timedelta(seconds=90), "0:01:30", "数字格式"),
    ],
)
def test_what_is_no_number_never_becomes_one(cell, shown, fix):
    value, problems = one_cell("number", cell)
    assert np.isnan(value)
    (problem,) = problems
    assert problem.where == "指标数据!B4"
    assert "“销售额”要填数字" in problem.what
    assert shown in problem.what
    assert fix in problem.fix
    assert problem.severity == "error"


def test_a_clock_time_in_a_column_of_seconds_says_how_to_convert():
    _, problems = clean(["响应秒数"], [dt.time(0, 1, 30)])
    assert "秒数" in problems[0].fix


def test_a_number_below_the_minimum():
    frame, problems = clean(["说明", "销售额"], ["x", 0.0], ["y", -0.5], ["z", None])
    (problem,) = problems
    assert problem.where == "指标数据!C5"
    assert problem.what == "“销售额”是 -0.5，小于 0"
    assert frame["sales"].iloc[0] == 0.0


@pytest.mark.parametrize("kind", COLUMN_OF)
def test_errors_and_uncalculated_formulas_are_problems_in_every_kind(kind):
    value, problems = one_cell(kind, CellError("#DIV/0!"))
    assert pd.isna(value)
    (problem,) = problems
    assert (problem.where, problem.what) == ("指标数据!B4", "公式出错：#DIV/0!")
    value, problems = one_cell(kind, CellError("公式未计算"))
    assert pd.isna(value)
    (problem,) = problems
    assert problem.what == "公式未计算"
    assert "F9" in problem.fix


@pytest.mark.parametrize(
    "cell",
    [
        dt.date(2026, 10, 5),
        dt.datetime(2026, 10, 5, 23, 59),
        "2026-10-05",
        "2026-10-5",
        "2026/10/5",
        "2026年10月5日",
        "20261005",
        20261005.0,
    ],
)
def test_dates(cell):
    assert one_cell("date", cell) == (pd.Timestamp(2026, 10, 5), [])


@pytest.mark.parametrize(
    "cell",
    [
        "10月5日", "2026-13-01", "2026-02-30", "26-10-05", "2026/10-05", "2026.10.5", "月底",
        20261305.0, 46300.0, 20261005.5, True, dt.time(8, 0), dt.date(9999, 12, 31), "9999-12-31",
    ],
)  # fmt: skip
def test_what_is_no_date(cell):
    value, problems = one_cell("date", cell)
    assert pd.isna(value)
    (problem,) = problems
    assert problem.where == "指标数据!B4"
    assert "要填日期" in problem.what
    assert problem.fix == "改成 2026-10-05 这样的日期；没有就留空"


def test_a_required_date_may_not_be_left_blank():
    table = Table(
        key="t",
        zh="",
        en="",
        columns=(Column(key="a", zh="甲", en="a", kind="date", required=True),),
    )
    _, problems = clean(["甲"], ["昨天"], table=table)
    assert problems[0].fix == "改成 2026-10-05 这样的日期"


@pytest.mark.parametrize(
    "cell",
    ["2026-10", "2026/10", "2026年10月", "202610", 202610.0, dt.date(2026, 10, 31),
     dt.datetime(2026, 10, 1, 8, 30)],
)  # fmt: skip
def test_periods(cell):
    assert one_cell("period", cell) == ("2026-10", [])


def test_a_month_of_one_digit():
    assert one_cell("period", "2026-3") == ("2026-03", [])
    assert one_cell("period", "2026年3月") == ("2026-03", [])


@pytest.mark.parametrize(
    "cell", ["10月", "2026-13", "2026-0", "202613", 2026.1, 20261.0, "第三季度", True]
)
def test_what_is_no_period(cell):
    value, problems = one_cell("period", cell)
    assert value is None
    assert "要填月份" in problems[0].what


@pytest.mark.parametrize("cell", ["stand_in", "顶岗", "stand-in", "Stand-In", "顶 岗"])
def test_choices(cell):
    assert one_cell("choice", cell) == ("stand_in", [])


def test_an_unknown_choice_lists_the_allowed():
    value, problems = one_cell("choice", "正试")
    assert value is None
    (problem,) = problems
    assert "“正试”" in problem.what
    assert problem.fix == "是不是“正式”？只能填：正式、顶岗"
    _, problems = one_cell("choice", "zzz")
    assert problems[0].fix == "只能填：正式、顶岗"
    _, problems = one_cell("choice", 5.0)
    assert "里没有5这一项" in problems[0].what


@pytest.mark.parametrize(
    "cell", ["是", "Y", "y", "YES", "TRUE", "ｔｒｕｅ", "1", "✓", "√", True, 1.0]
)
def test_flags_that_are_set(cell):
    assert one_cell("flag", cell) == (1.0, [])


@pytest.mark.parametrize("cell", ["否", "N", "no", "False", "0", False, 0.0])
def test_flags_that_are_not_set(cell):
    assert one_cell("flag", cell) == (0.0, [])


@pytest.mark.parametrize("cell", ["也许", 2.0, "-", dt.date(2026, 1, 1)])
def test_what_is_no_flag(cell):
    value, problems = one_cell("flag", cell)
    assert np.isnan(value)
    assert "是 或 否" in problems[0].what


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("甲", "甲"),
        (1001.0, "1001"),
        (12.5, "12.5"),
        (0.0, "0"),
        ("0012", "0012"),
        (99999999999999.0, "99999999999999"),
    ],
)
def test_texts(cell, value):
    assert one_cell("text", cell) == (value, [])


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (1234567890123456789.0, "超过 15 位"),
        (dt.date(2026, 3, 5), "日期 2026-03-05"),  # typed as 3-5
        (dt.time(3, 5), "时间 03:05:00"),
        (True, "TRUE"),
    ],
)
def test_what_excel_has_made_of_a_text_is_not_trusted(cell, words):
    value, problems = one_cell("text", cell)
    assert value is None
    assert words in problems[0].what
    assert "文本格式" in problems[0].fix


def test_true_and_one_are_told_apart_in_one_column():
    frame, problems = clean(["说明"], [1.0], [True], [1.0])
    assert frame["note"].tolist() == ["1", None, "1"]
    assert [problem.where for problem in problems] == ["指标数据!B5"]


def test_blanks_in_a_required_column():
    table = Table(
        key="t",
        zh="",
        en="",
        columns=(
            Column(key="a", zh="甲", en="a", kind="date", required=True),
            Column(key="b", zh="乙", en="b", required=True),
        ),
    )
    _, problems = clean(
        ["甲", "乙"],
        [dt.date(2026, 1, 1), 1.0],
        [None, None],
        [None, 2.0],
        ["坏", None],
        table=table,
    )
    assert [(problem.where, problem.what) for problem in problems] == [
        ("指标数据!B7", "“甲”要填日期（1900—2200 年），现在是“坏”"),
        ("指标数据!B6", "“甲”必填，现在是空白"),
        ("指标数据!C7", "“乙”必填，现在是空白"),
    ]


def test_many_problems_of_one_kind_are_cut_short():
    rows = [["暂无"]] * 23 + [[-1.0], [1.0]]
    _, problems = clean(["销售额"], *rows)
    assert len(problems) == 22
    assert [problem.where for problem in problems[:20]] == [
        f"指标数据!B{row}" for row in range(4, 24)
    ]
    assert problems[20].where == "指标数据!B24"
    assert "还有 3 处" in problems[20].what
    assert problems[21].where == "指标数据!B27"  # another kind


def test_twenty_problems_are_all_named():
    _, problems = clean(["销售额"], *[["暂无"]] * 20)
    assert [problem.where for problem in problems] == [f"指标数据!B{row}" for row in range(4, 24)]


# --- rows that repeat a key ---


def test_repeated_keys_name_both_rows():
    table = Table(
        key="t",
        zh="",
        en="",
        unique=("day", "who"),
        columns=(
            Column(key="who", zh="工号", en="w", kind="text"),
            Column(key="day", zh="日期", en="d", kind="date"),
        ),
    )
    day = dt.date(2026, 10, 5)
    _, problems = clean(
        ["工号", "日期"],
        ["1", day], ["2", day], [1.0, "2026/10/5"], ["1", None], ["1", None],
        ["1", dt.date(2026, 10, 6)], ["1", day],
        table=table,
    )  # fmt: skip
    assert [(problem.where, problem.what) for problem in problems] == [
        ("指标数据!C6", "第 6 行和第 4 行重复：日期 2026-10-05、工号 1"),
        ("指标数据!C10", "第 10 行和第 4 行重复：日期 2026-10-05、工号 1"),
    ]


# --- people ---


def roster(*people):
    return pd.DataFrame(people, columns=["person_id", "name"], dtype=object)


PEOPLE = roster(
    ("A01", "李娜"),
    ("A02", "王伟"),
    ("A03", "李娜"),
    ("王五", "赵六"),
    ("A05", "王五"),
    (None, None),
)
BY_PERSON = Table(
    key="t",
    zh="",
    en="",
    unique=("person_id",),
    columns=(
        Column(key="person_id", zh="工号", en="Staff ID", kind="text", required=True),
        Column(key="sales", zh="销售额", en="Sales"),
    ),
)


def test_positions_by_id_else_by_a_name_that_one_person_bears():
    cells = pd.Series(["A02", "王伟", "李娜", "王五", "a02", None, "A03"], dtype=object)
    positions = PersonIndex(PEOPLE).positions(cells)
    assert positions.dtype == np.intp
    # 王五 is the staff id of the fourth person, so the name of the fifth does not count.
    assert positions.tolist() == [1, 1, -1, 3, -1, -1, 2]


def test_an_id_that_stands_twice_means_its_first_row():
    index = PersonIndex(roster(("1", "甲"), ("1", "乙")))
    assert index.positions(pd.Series(["1", "乙"], dtype=object)).tolist() == [0, 1]


def test_names_become_staff_ids():
    frame, problems = clean(
        ["工号", "销售额"], ["赵六", 1.0], ["A01", 2.0], table=BY_PERSON, people=PersonIndex(PEOPLE)
    )
    assert problems == []
    assert frame["person_id"].tolist() == ["王五", "A01"]


def test_unknown_people_are_one_problem_each():
    frame, problems = clean(
        ["工号", "销售额"],
        ["A02", 1.0], ["王韦", 2.0], ["李娜", 3.0], ["王韦", 4.0], ["Q", 5.0], ["李娜", 6.0],
        table=BY_PERSON, people=PersonIndex(PEOPLE),
    )  # fmt: skip
    assert frame["person_id"].tolist() == ["A02", None, None, None, None, None]
    unknown, nobody, ambiguous = problems
    assert unknown.where == "指标数据!B5"
    assert unknown.what == "“王韦”不在员工表里（共 2 行）"
    assert unknown.fix.startswith("是不是“王伟”（A02）？")
    assert nobody.where == "指标数据!B8"
    assert nobody.what == "“Q”不在员工表里"
    assert nobody.fix == "改成员工表里的工号；新同事先加到员工表"
    assert ambiguous.where == "指标数据!B6"
    assert ambiguous.what == "叫“李娜”的有 2 人：A01、A03（共 2 行）"
    assert ambiguous.fix == "改填工号"


def test_a_person_by_id_and_by_name_is_the_same_person():
    _, problems = clean(
        ["工号", "销售额"], ["A02", 1.0], ["王伟", 2.0], table=BY_PERSON, people=PersonIndex(PEOPLE)
    )
    (problem,) = problems
    assert problem.what == "第 5 行和第 4 行重复：工号 A02"


def test_many_unknown_people_are_cut_short():
    rows = [[f"未知{n}", 1.0] for n in range(25)]
    _, problems = clean(["工号", "销售额"], *rows, table=BY_PERSON, people=PersonIndex(PEOPLE))
    assert len(problems) == 21
    assert "还有 5 处" in problems[-1].what
    assert problems[-1].where == "指标数据!B24"


# --- from the file ---


def test_a_book_with_every_trap_names_every_cell(tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    people = book.add_worksheet("员工")
    people.add_table(0, 0, 3, 4, {
        "name": "kpi_roster",
        "columns": [{"header": h} for h in ("工号", "姓名", "部门", "店铺", "身份")],
        "data": [[1001, "李娜", "售前", "一店", "正式"], [1002, "王伟", "售前", "一店", "正是"],
                 [1001, "赵六", "售后", "二店", "试用"]],
    })  # fmt: skip
    counts = book.add_worksheet("指标数据")
    headers = ["日期", "工号", "上班天数", "接待人数", "销售额（元）"]
    counts.add_table(9, 1, 120, 5, {
        "name": "kpi_counts", "columns": [{"header": h} for h in headers],
    })  # fmt: skip
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for row in range(10, 120):
        counts.write_datetime(row, 1, dt.datetime(2026, 1, 1) + dt.timedelta(days=row), day)
        counts.write_number(row, 2, 1002)
        counts.write_number(row, 4, 100)
    counts.write_string("F118", "12人")
    counts.write_formula("E118", "=1/0", None, "#DIV/0!")
    counts.write_number("D118", -1)
    counts.write_string("C119", "王小伟")
    counts.write_string("B120", "昨天")
    book.close()

    raw_book = read_book(path)
    problems = []
    staff = clean_table(raw_book.tables["kpi_roster"], ROSTER, problems)
    assert [problem.where for problem in problems] == ["员工!E3", "员工!A4"]
    assert problems[1].what == "第 4 行和第 2 行重复：工号 1001"
    problems.clear()
    frame = clean_table(raw_book.tables["kpi_counts"], COUNTS, problems, people=PersonIndex(staff))
    assert sorted(problem.where for problem in problems) == [
        "指标数据!B120", "指标数据!C119", "指标数据!D118", "指标数据!E118", "指标数据!F118",
    ]  # fmt: skip
    assert list(frame.index) == list(range(11, 121))
    assert frame.loc[117, ["person_id", "received_customers"]].tolist() == ["1002", 100.0]
    assert frame.attrs["columns"]["received_customers"] == "E"


# --- headers of earlier English books ------------------------------------------------------------


@pytest.mark.parametrize(("header", "key"), [
    ("Full", "full"), ("Miss", "miss"), ("In divisor", "in_divisor"), ("Full points", "full"),
    ("Points if missed", "miss"), ("In full marks", "in_divisor"),
])  # fmt: skip
def test_headers_of_earlier_english_books_are_read(header, key):
    labels = {c.key: c.en for c in INDICATORS.columns} | {key: header}
    cells = {"metric": "回复率", "block": "A", "cycle": "month", "rule": "none"}
    value = "yes" if key == "in_divisor" else 5.0
    row = [value if k == key else cells.get(k) for k in labels]
    problems = []
    read = clean_table(raw(list(labels.values()), row), INDICATORS, problems)
    assert not problems
    assert read[key].tolist() == [value]


def test_no_header_means_two_columns():
    for table in (*SCHEME_TABLES, METRICS, *INPUTS):
        headers = [plain(h) for c in table.columns for h in {*map(plain, c.headers)}]
        assert len(headers) == len(set(headers)), table.key
