"""The traps of real exports: each is survived or told, with exactly these counts and problems."""

import datetime as dt
import json
from dataclasses import replace

import duckdb
import pytest
import xlsxwriter
from books import Editor
from export_blocks import BLOCKS, SUMMARY_6, D, line
from export_files import counts, table, write

from xl_kpi.cli import main
from xl_kpi.errors import InputError
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.importing import import_files
from xl_kpi.excel.new import new_book

DAY = "咨询_2026-10-05_2026-10-05.csv"
HEADER = line("客服昵称 接待人数 未回复人数 询单人数 销售额 销售人数 回复率")
GOOD = {("A01", D): {"接待人数": 100, "未回复人数": 1, "回复人数": 99, "询单人数": 40, "销售额": 900,
                     "付款金额": 900, "付款人数": 12}}  # fmt: skip
ZHANG = ["张敏", 100, 1, 40, 900, 12, "99.00%"]


def csv_file(folder, rows, name=DAY, header=HEADER, encoding="utf-8"):
    return write(folder, None, [header, *rows], name, encoding)


def told(outcome, *, notes=False):
    return [p.what for p in outcome.problems if notes or p.severity != "note"]


def run(book, *paths, **options):
    return import_files(book, list(paths), **options)


# --- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_in_any_encoding(encoding, book, tmp_path):
    assert told(run(book, csv_file(tmp_path, [ZHANG], encoding=encoding))) == []
    assert counts(book) == GOOD


@pytest.mark.parametrize("separator", ["\t", ";", ",", "|"])
def test_csv_with_any_separator(separator, book, tmp_path):
    path = tmp_path / DAY
    path.write_text("\n".join(separator.join(map(str, row)) for row in [HEADER, ZHANG]), "utf-8")
    run(book, path)
    assert counts(book) == GOOD


def test_parquet_and_json(book, tmp_path):
    source = csv_file(tmp_path, [ZHANG])
    path = tmp_path / "咨询_2026-10-05.parquet"
    duckdb.sql(f"copy (select * from read_csv('{source}')) to '{path}' (format parquet)")
    run(book, path)
    assert counts(book) == GOOD
    content = {"data": {"list": [{"psnNickName": {"value": "王磊"}, "cstUv1d": {"value": 9},
                                  "byrMsgCnt1d": {"value": 3}}]}}  # fmt: skip
    path = tmp_path / "staff_20261005.json"
    path.write_text(json.dumps(content), "utf-8")
    run(book, path)
    assert counts(book) == {**GOOD, ("A02", D): {"咨询人数": 9, "买家消息数": 3}}


def test_old_excel_files(book, tmp_path, request):
    content = (request.path.parent / "files" / "export_2026-10-05.xls").read_bytes()
    path = tmp_path / "export_2026-10-05.xls"
    path.write_bytes(content)
    run(book, path)
    assert counts(book) == GOOD


@pytest.mark.parametrize("titles", [0, 1, 2])
def test_the_header_may_stand_in_row_1_2_or_3(titles, book, tmp_path):
    rows = [*[["客服报表"]] * titles, HEADER, ZHANG]
    run(book, write(tmp_path, None, rows, DAY))
    assert counts(book) == GOOD


def test_brackets_arrows_spaces_and_marks_of_a_header_do_not_matter(book, tmp_path):
    header = ["\ufeff旺旺昵称", "接待 人数", "未回复人数\n", "　询单人数", "首次响应（秒)", "平均响应[秒]",
              "询单→最终付款成功率"]  # fmt: skip
    outcome = run(book, csv_file(tmp_path, [["张敏", 100, 1, 40, 9, 20, "45%"]], header=header))
    assert [w for w in told(outcome) if "不认得" in w] == []
    assert {k: v for k, v in counts(book)[("A01", D)].items() if k != "询单最终付款人数"} == {
        "接待人数": 100, "未回复人数": 1, "回复人数": 99, "询单人数": 40,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("没有.csv", None, "找不到这个文件"), ("空.csv", b"", "文件是空的"),
        ("坏.xlsx", b"PK\x03\x04no", "文件打不开"), ("坏.parquet", b"PAR1", "文件打不开"),
        ("坏.json", b"{", "文件打不开"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(name, content, what, book, tmp_path):
    before = book.read_bytes()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        run(book, csv_file(tmp_path, [ZHANG]), tmp_path / name)
    assert what in error.value.problems[0].what
    assert book.read_bytes() == before


def test_an_unknown_file_gets_the_nearest_profile_and_the_columns_that_differ(book, tmp_path):
    path = csv_file(tmp_path, [ZHANG], header=["客服名称", *HEADER[1:]])
    with pytest.raises(InputError) as error:
        run(book, path)
    (problem,) = error.value.problems
    assert "最接近“赤兔客服报表”（chitu_agents）" in problem.what
    assert "“客服昵称”（文件里的“客服名称”是不是它？）" in problem.what
    assert "不认得的列：客服名称" in problem.what


def test_an_unknown_column_is_told_and_the_rest_imported(book, tmp_path):
    path = csv_file(tmp_path, [[*ZHANG, 5]], header=[*HEADER, "新栏目"])
    assert told(run(book, path)) == ["不认得的列，没有导入：“新栏目”"]
    assert counts(book) == GOOD


def test_a_profile_that_there_is_not(book, tmp_path):
    with pytest.raises(InputError, match="没有名为“chitu”的导出格式，是不是“chitu_agents”"):
        run(book, csv_file(tmp_path, [ZHANG]), profile="chitu")


def test_a_header_twice(book, tmp_path):
    path = csv_file(tmp_path, [[*ZHANG, 7]], header=[*HEADER, "销售额"])
    with pytest.raises(InputError, match="有两列都叫“销售额”"):
        run(book, path)


def test_three_attribution_rules_in_one_file_want_a_choice(book, tmp_path):
    with pytest.raises(InputError) as error:
        run(book, write(tmp_path, BLOCKS["A8"]))
    (problem,) = error.value.problems
    assert "几种判定方式" in problem.what
    assert "tmc_payment（付款判定）" in problem.fix


# --- rows and cells --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label", [*SUMMARY_6, "汇总", "均值", "店铺汇总值", "店铺平均值", "总值", "同行同层优秀 "]
)
def test_summary_rows_are_no_people(label, book, tmp_path):
    row = [label, 100, 1, 40, 900, 12, "99.00%"]
    assert told(run(book, csv_file(tmp_path, [ZHANG, row]))) == []
    assert counts(book) == GOOD


def test_a_total_that_is_not_the_sum_of_its_rows_is_told(book, tmp_path):
    outcome = run(book, csv_file(tmp_path, [ZHANG, ["汇总", 150, 1, 40, 900, 12, "99%"]]))
    assert told(outcome) == ["“接待人数”各行合计 100，汇总行是 150"]


def test_a_total_of_each_day_is_compared_with_its_day(book, tmp_path):
    header = ["日期", *HEADER]
    rows = [
        [day, *row] for day in ("2026-10-05", "2026-10-06")
        for row in (ZHANG, ["王磊", *ZHANG[1:]], ["汇总", 200, 2, 80, 1800, 24, "99%"])
    ]  # fmt: skip
    assert told(run(book, csv_file(tmp_path, rows, "绩效.csv", header))) == []


def test_comparison_rows_become_benchmarks_of_the_shop(book, tmp_path):
    run(book, write(tmp_path, BLOCKS["A1"]))
    rows = [r for r in table(book, "benchmarks") if r["指标"] == "转化率"]
    assert [(r["期间"], r["店铺"], r["基准类型"], r["数值"]) for r in rows] == [
        ("2026-08", "一店", "全店均值", 0.45), ("2026-08", "一店", "同行同层优秀", 0.6),
        ("2026-08", "一店", "同行同层均值", 0.42),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("延迟统计", "询单人数：“延迟统计”，还没有定数（第 2 行）"),
        ("6,25%", "询单人数：“6,25%”读不懂（第 2 行）"),
        ("100%%", "询单人数：“100%%”读不懂（第 2 行）"),
        ("12.5", "询单人数：“12.5”读不懂（第 2 行）"),
        ("-3", "询单人数：“-3”读不懂（第 2 行）"),
        ("四十", "询单人数：“四十”读不懂（第 2 行）"),
        ("#DIV/0!", "询单人数：“#DIV/0!”读不懂（第 2 行）"),
        ("50%", "询单人数：“50%”读不懂（第 2 行）"),
    ],
)
def test_text_in_a_count_is_missing_and_told(cell, what, book, tmp_path):
    assert told(run(book, csv_file(tmp_path, [[*ZHANG[:3], cell, *ZHANG[4:]]]))) == [what]
    assert counts(book) == {key: {k: v for k, v in row.items() if k != "询单人数"} for key, row in GOOD.items()}


@pytest.mark.parametrize("cell", ["-", "NaN", "暂无数据", "--", "", "  "])
def test_no_figure_is_missing_and_never_0(cell, book, tmp_path):
    assert told(run(book, csv_file(tmp_path, [[*ZHANG[:3], cell, *ZHANG[4:]]]))) == []
    assert "询单人数" not in counts(book)[("A01", D)]


@pytest.mark.parametrize(("cell", "value"), [("1,234", 1234), ("1,234.00", 1234), (" 12 ", 12), ("１２", 12)])
def test_numbers_as_people_write_them(cell, value, book, tmp_path):
    run(book, csv_file(tmp_path, [[*ZHANG[:3], cell, *ZHANG[4:]]]))
    assert counts(book)[("A01", D)]["询单人数"] == value


def test_error_cells_and_formulas_without_a_value_are_no_blanks(book, tmp_path):
    path = tmp_path / "咨询_2026-10-05.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ZHANG)
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 4, "=1+1", None, "")
    assert told(run(book, path)) == [
        "询单人数：“#DIV/0!”读不懂（第 2 行）", "销售额：“公式未计算”读不懂（第 2 行）"
    ]  # fmt: skip
    assert counts(book) == {("A01", D): {"接待人数": 100, "未回复人数": 1, "回复人数": 99, "付款人数": 12}}


def test_error_cells_of_old_excel_files_are_no_blanks(book, tmp_path, request):
    # Written by LibreOffice: 张敏's 询单人数 is =1/0, a column beyond the header =B2*1.
    path = tmp_path / "errors_2026-10-05.xls"
    path.write_bytes((request.path.parent / "files" / path.name).read_bytes())
    assert "询单人数：“#DIV/0!”读不懂（第 2 行）" in told(run(book, path))
    assert "询单人数" not in counts(book)["A01", D]
    assert counts(book)["A01", D]["接待人数"] == 100


def test_a_profile_of_ones_own_needs_no_code(book, tmp_path):
    own = tmp_path / "自家系统.toml"
    own.write_text(
        'table = "counts"\nlabel = "自家系统"\nplatform = "自营"\naccount = ["坐席"]\n'
        '[counts]\nreceived_customers = ["进线"]\nsales = ["成交"]\n', "utf-8"
    )  # fmt: skip
    path = csv_file(tmp_path, [["张敏", 12, 345.5, "x"]], header=line("坐席 进线 成交 备注"))
    outcome = run(book, path, profile=str(own))
    assert told(outcome) == ["不认得的列，没有导入：“备注”"]
    assert counts(book) == {("A01", D): {"接待人数": 12, "销售额": 345.5}}
    assert table(book, "imports")[0]["导出格式"] == "自家系统"
    assert not run(book, path, profile=str(own)).changed


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("table = ", "格式文件读不了"), ('table = "counts"', "“'label'”缺少"),
        ('table = "x"\nlabel = "x"', "table 不能是“x”"),
        ('table = "counts"\nlabel = "x"\n[counts]\nsale = ["a"]', "没有“sale”这一列"),
    ],
)  # fmt: skip
def test_a_profile_of_ones_own_that_is_wrong(text, what, book, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(InputError) as error:
        run(book, csv_file(tmp_path, [ZHANG]), profile=str(own))
    assert what in error.value.problems[0].what


RATES = line("客服昵称 接待人数 销售额 回复率")


@pytest.mark.parametrize(
    ("cells", "rates", "left_out"),
    [
        ([0.625, 0.98, 1], [0.625, 0.98, 1], set()),
        ([62.5, 98, 100], [0.625, 0.98, 1], set()),
        (["62.5%", "98%", "100.00%"], [0.625, 0.98, 1], set()),
        ([0.625, 58.06, 0.99], [0.625, None, 0.99], {"回复率：“58.06”读不懂（第 3 行）"}),
        ([62.5, 0.5806, 99], [0.625, None, 0.99], {"回复率：“0.5806”读不懂（第 3 行）"}),
        (["62.5%", 0.58, "99%"], [0.625, None, 0.99], {"回复率：“0.58”读不懂（第 3 行）"}),
        (["62.5%", 58.06, "99%"], [0.625, None, 0.99], {"回复率：“58.06”读不懂（第 3 行）"}),
        ([0.98, 7, 0.99], [0.98, None, 0.99], {"王磊：回复率是 7，像是整行错了一列（第 3 行）"}),
    ],
)
def test_rates_by_how_their_column_writes_them(cells, rates, left_out, book, tmp_path):
    names = ["张敏", "王磊", "李娜"]
    rows = [[name, 10_000, 100, cell] for name, cell in zip(names, cells, strict=True)]
    outcome = run(book, csv_file(tmp_path, rows, header=RATES))
    assert set(told(outcome)) == left_out
    kept = {row["账号"]: row["数值"] for row in table(book, "platform") if row["项目"] == "回复率"}
    assert [kept.get(name) for name in names] == rates


def test_shifted_rows_are_left_out(book, tmp_path):
    outcome = run(book, csv_file(tmp_path, [ZHANG, ["王磊", 10, 60, 5, 70, 2, "98%"]]))
    assert told(outcome) == ["王磊：“未回复人数”60 大于“接待人数”10，像是整行错了一列（第 3 行）"]
    assert counts(book) == GOOD


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [("16分3秒", 963), ("7小时41分52秒", 27712), ("8分48秒", 528), ("0:16:03", 963), ("27:00:00", 97200),
     (963, 963), ("963秒", 963), (dt.time(0, 16, 3), 963), ("16分钟", 960)],
)  # fmt: skip
def test_durations(cell, seconds, book, tmp_path):
    path = csv_file(tmp_path, [["张敏", 10, cell]], header=line("客服昵称 接待人数 平均接待时长"))
    assert told(run(book, path)) == []
    (kept,) = [row["数值"] for row in table(book, "platform") if row["项目"] == "平均接待时长"]
    assert kept == seconds


def test_the_same_agent_twice(book, tmp_path):
    outcome = run(book, csv_file(tmp_path, [ZHANG, ZHANG]))
    assert told(outcome) == []
    assert "“张敏” 2026-10-05 有 2 行一样的（第 2、3 行），只计一次" in told(outcome, notes=True)
    assert counts(book) == GOOD


def test_the_same_agent_twice_with_other_figures(book, tmp_path):
    other = ["王磊", 10, 0, 5, 100, 2, "100%"]
    outcome = run(book, csv_file(tmp_path, [ZHANG, other, [*other[:4], 250, *other[5:]]]))
    assert told(outcome) == [
        "“王磊” 2026-10-05 有 2 行，数却不一样（第 3、4 行），都没有导入：销售额 350、接待人数 20、询单人数 10"
    ]
    assert counts(book) == GOOD


def test_days_without_reception_are_not_written(book, tmp_path):
    header = ["日期", *HEADER]
    idle = [0, 0, 0, 0, 0, "-"]
    rows = [["2026-10-05", *ZHANG], ["2026-10-06", "张敏", *idle], ["2026-10-05", "新号", *idle]]
    outcome = run(book, csv_file(tmp_path, rows, "绩效.csv", header))
    assert told(outcome) == []
    notes = told(outcome, notes=True)
    assert "1 行全是 0（当天没有接待），没有写入" in notes
    assert "不认得、也没有接待的账号：新号" in notes
    assert counts(book) == GOOD
    assert table(book, "accounts") == []


def test_more_buyers_than_inquiries_is_no_conversion(book, tmp_path):
    run(book, csv_file(tmp_path, [["张敏", 100, 1, 40, 900, 55, "99.00%"]]))
    row = counts(book)[("A01", D)]
    assert (row["付款人数"], row["询单人数"]) == (55, 40)
    assert "询单最终付款人数" not in row


def test_order_numbers_that_excel_has_rounded(book, tmp_path):
    block = BLOCKS["A9"]
    header, first, second, third = block.rows
    rows = [header, [first[0], 1.2345678901234568e15, *first[2:]], second, second, third]
    path = write(tmp_path, block, rows, "退款单.xlsx")
    outcome = run(book, path)
    assert told(outcome) == ["退款编号超过 15 位，被存成了数字，最后几位不可靠（第 2 行）"]
    assert "退款编号重复（第 4 行）" in told(outcome, notes=True)
    assert counts(book, "shops", "店铺") == {("一店", D): {"全店退款金额": 50.5}}


# --- days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["2026-10-05", "2026/10/5", "2026年10月5日", "20261005", "2026-10-05 00:00:00", "2026.10.5"]
)
def test_dates_as_they_are_written(cell, book, tmp_path):
    run(book, csv_file(tmp_path, [[cell, *ZHANG]], "绩效.csv", ["日期", *HEADER]))
    assert counts(book) == GOOD


def test_a_date_that_cannot_be_read_leaves_its_row_out(book, tmp_path):
    rows = [["2026-10-05", *ZHANG], ["5 号", "王磊", *ZHANG[1:]], ["2026-02-30", "李娜", *ZHANG[1:]]]
    outcome = run(book, csv_file(tmp_path, rows, "绩效.csv", ["日期", *HEADER]))
    assert told(outcome) == ["日期“5 号”读不懂（第 3 行）", "日期“2026-02-30”读不懂（第 4 行）"]
    assert counts(book) == GOOD


def test_no_date_anywhere_wants_a_period(book, tmp_path):
    path = csv_file(tmp_path, [ZHANG], "绩效.csv")
    with pytest.raises(InputError, match="文件里、文件名里都没有日期"):
        run(book, path)
    outcome = run(book, path, period="2026-10")
    assert told(outcome) == ["文件里、文件名里都没有日期，按 2026-10-01 至 2026-10-31 导入"]
    assert counts(book) == {("A01", "2026-10-01"): GOOD[("A01", D)]}


def test_a_file_of_another_month_is_refused(book, tmp_path):
    path = csv_file(tmp_path, [ZHANG], "绩效_2026-09-05.csv")
    with pytest.raises(InputError, match="不在期间 2026-10-01 至 2026-10-31"):
        run(book, path, period="2026-10")


def test_rows_of_another_month_are_left_out(book, tmp_path):
    rows = [["2026-10-05", *ZHANG], ["2026-09-30", *ZHANG]]
    outcome = run(book, csv_file(tmp_path, rows, "绩效.csv", ["日期", *HEADER]), period="2026-10")
    assert told(outcome) == [
        "1 行的日期（2026-09-30 至 2026-09-30）不在期间 2026-10-01 至 2026-10-31 里，没有导入"
    ]
    assert counts(book) == GOOD


def hotel_book(folder, schemes):
    """A book whose scheme's months run from the 21st to the 20th: the hotel's (003§❷)."""
    book = new_book(folder / "hotel.xlsx", "zh", {"period": "2026-10", "scheme": schemes},
                    tuple(schemes.split("、")))  # fmt: skip
    staff = {"person_id": "A01", "name": "张敏", "department": "客服部", "shop": "一店", "status": "confirmed"}
    fill_tables(book, {"roster": [staff]}, "zh")
    return book


def test_a_period_starts_on_the_day_that_the_scheme_says(tmp_path):
    book = hotel_book(tmp_path, "S07")
    days = ["2026-09-20", "2026-09-21", "2026-10-20", "2026-10-21"]
    path = csv_file(tmp_path, [[day, *ZHANG] for day in days], "绩效.csv", ["日期", *HEADER])
    run(book, path, period="2026-10")
    assert sorted(day for _, day in counts(book)) == ["2026-09-21", "2026-10-20"]


def test_a_benchmark_is_of_the_month_that_its_day_belongs_to(tmp_path):
    book = hotel_book(tmp_path, "S07")
    rows = BLOCKS["A1"].rows
    for day, kept in (("20260920", rows), ("20260921", [rows[0], *rows[2:]])):  # two files
        block = replace(BLOCKS["A1"], rows=kept, file=BLOCKS["A1"].file.replace("20260809", day))
        run(book, write(tmp_path, block))
    months = {(r["起始日期"].day, r["期间"]) for r in table(book, "benchmarks")}
    assert months == {(20, "2026-09"), (21, "2026-10")}


def test_schemes_whose_months_start_on_different_days_leave_a_period_open(tmp_path):
    book = hotel_book(tmp_path, "S01、S07")
    path = csv_file(tmp_path, [["2026-10-05", *ZHANG]], "绩效.csv", ["日期", *HEADER])
    before = book.read_bytes()
    with pytest.raises(InputError) as error:
        run(book, path, period="2026-10")
    assert "S01 从 1 日、S07 从 21 日" in error.value.problems[0].what
    assert book.read_bytes() == before
    run(book, path)
    assert list(counts(book)) == [("A01", "2026-10-05")]


# --- whose they are --------------------------------------------------------------------------


def accounts(book, rows):
    fill_tables(book, {"accounts": rows}, "zh")


@pytest.mark.parametrize(
    ("name", "near"),
    [("angle", "张敏（A01）（账号 Angle）"), ("ANGLE", "张敏（A01）（账号 Angle）"),
     ("Ａｎｇｌｅ", "张敏（A01）（账号 Angle）"), ("售后王磊", "王磊（A02）"), ("angel", "张敏（A01）（账号 Angle）")],
)  # fmt: skip
def test_a_name_nearly_right_is_proposed_and_not_assumed(name, near, book, tmp_path):
    accounts(book, [{"account": "Angle", "platform": "淘宝", "person_id": "A01"}])
    outcome = run(book, csv_file(tmp_path, [[name, *ZHANG[1:]]]))
    assert counts(book) == {}
    (problem,) = [p for p in outcome.problems if p.severity == "warning"]
    assert problem.what == (
        f"“{name}”不在账号表，也不在员工表，没有计入任何人：销售额 900、接待人数 100、询单人数 40"
    )
    assert problem.fix == f"是不是{near}？在账号表里给它写上工号，再导入一次"
    assert {row["账号"]: row.get("工号") for row in table(book, "accounts")} == {"Angle": "A01", name: None}


def test_after_the_account_is_claimed_the_same_file_counts(book, tmp_path):
    path = csv_file(tmp_path, [["小敏", *ZHANG[1:]]])
    run(book, path)
    accounts(book, [{"account": "小敏", "platform": "淘宝", "person_id": "A01"}])
    assert told(run(book, path)) == []
    assert counts(book) == GOOD


def test_several_accounts_of_one_person_add_up(book, tmp_path):
    accounts(book, [{"account": name, "person_id": "A01"} for name in ("店:敏1", "店:敏2")])
    rows = [["店:敏1", *ZHANG[1:]], ["店:敏2", 50, 0, 10, 100.5, 3, "100%"]]
    assert told(run(book, csv_file(tmp_path, rows))) == []
    assert counts(book) == {
        ("A01", D): {"接待人数": 150, "未回复人数": 1, "回复人数": 149, "询单人数": 50, "销售额": 1000.5,
                     "付款金额": 1000.5, "付款人数": 15}
    }  # fmt: skip


def test_one_account_is_one_whether_its_file_names_the_shop_or_not(book, tmp_path):
    run(book, csv_file(tmp_path, [ZHANG]))
    header = line("日期 店铺 账户名 接待人数 销售额")
    run(book, csv_file(tmp_path, [[D, "一店", "张敏", 100, 900]], "店群.csv", header))
    assert counts(book) == GOOD


def test_one_account_in_two_shops_adds_up(book, tmp_path):
    header = line("日期 店铺 账户名 接待人数 销售额 上班天数")
    rows = [[D, "一店", "张敏", 100, 900.5, 1], [D, "二店", "张敏", 20, 99, 1]]
    assert told(run(book, csv_file(tmp_path, rows, "店群.csv", header))) == []
    assert counts(book) == {
        ("A01", D): {"接待人数": 120, "销售额": 999.5, "付款金额": 999.5, "上班天数": 1}
    }  # fmt: skip


def test_accounts_of_one_person_from_two_systems_are_added_and_told(book, tmp_path):
    accounts(book, [{"account": name, "person_id": "A01"} for name in ("小敏", "一店:小敏")])
    run(book, csv_file(tmp_path, [["小敏", *ZHANG[1:]]]))
    path = csv_file(tmp_path, [["一店:小敏", 98, 40]], "自制报表_20261005.csv", line("旺旺昵称 接待人数 询单人数"))
    outcome = run(book, path)
    assert counts(book)[("A01", D)]["接待人数"] == 198
    assert told(outcome) == [
        "同一平台的账号来自几个系统，数已相加（赤兔：小敏；生意参谋：一店:小敏）"
    ]


def test_days_on_duty_of_two_accounts_are_not_added(book, tmp_path):
    accounts(book, [{"account": name, "person_id": "A01"} for name in ("店:敏1", "店:敏2")])
    rows = [["店:敏1", 10, 1], ["店:敏2", 20, 1]]
    run(book, csv_file(tmp_path, rows, header=line("客服昵称 接待人数 上班天数")))
    assert counts(book) == {("A01", D): {"接待人数": 30, "上班天数": 1}}


def test_an_account_that_changes_hands(book, tmp_path):
    accounts(
        book,
        [
            {"account": "晚班号", "person_id": "A01", "valid_to": dt.date(2026, 10, 5)},
            {"account": "晚班号", "person_id": "A02", "valid_from": dt.date(2026, 10, 6)},
        ],
    )
    rows = [[day, "晚班号", *ZHANG[1:]] for day in ("2026-10-05", "2026-10-06")]
    run(book, csv_file(tmp_path, rows, "绩效.csv", ["日期", *HEADER]))
    assert {key: row["接待人数"] for key, row in counts(book).items()} == {
        ("A01", D): 100, ("A02", "2026-10-06"): 100,
    }  # fmt: skip
    outcome = run(book, csv_file(tmp_path, [["晚班号", *ZHANG[1:]]], "整月_2026-10-01_2026-10-31.csv"))
    assert any("这些天里换过人，整段的数分不开" in what for what in told(outcome))


def test_an_account_that_is_nobodys(book, tmp_path):
    accounts(book, [{"account": "机器人", "post": "不计"}])
    outcome = run(book, csv_file(tmp_path, [ZHANG, ["机器人", *ZHANG[1:]]]))
    assert told(outcome) == []
    assert counts(book) == GOOD


def test_two_people_of_one_name(book, tmp_path):
    roster = [
        {"person_id": p, "name": "张敏", "department": "客服部", "shop": "一店", "status": "confirmed"}
        for p in ("A01", "A09")
    ]
    fill_tables(book, {"roster": roster}, "zh")
    outcome = run(book, csv_file(tmp_path, [ZHANG]))
    assert any("叫这个名字的有 2 人：A01、A09" in what for what in told(outcome))
    assert counts(book) == {}


# --- several imports -------------------------------------------------------------------------


def test_importing_the_same_file_twice_changes_nothing(book, tmp_path):
    paths = [write(tmp_path, block) for name, block in BLOCKS.items() if name in ("A1", "A6", "D", "E1", "F")]
    first = run(book, *paths)
    assert first.changed
    content = book.read_bytes()
    again = run(book, *paths)
    assert not again.changed
    assert again.cells == 0
    assert all(one.again for one in again.imported)
    assert book.read_bytes() == content
    assert len(table(book, "imports")) == len(paths)


def differences(book):
    return [
        (row["谁"], row["项目"], row["数值一"], row["数值二"], row["相差"], row["采用"], row["原因"])
        for row in table(book, "differences")
    ]


def test_two_kinds_of_export_that_disagree_are_reconciled(book, tmp_path):
    run(book, csv_file(tmp_path, [ZHANG], "自定义报表_a_下单判定_2026-10-05.csv"))
    path = csv_file(tmp_path, [["张敏", 98, 40]], "自制报表_20261005.csv", line("旺旺昵称 接待人数 询单人数"))
    outcome = run(book, path)
    assert differences(book) == [("张敏", "接待人数", 100, 98, -2, 100, "口径不同，取先导入的")]
    assert counts(book) == GOOD
    assert any("相差 2；采用 100（口径不同，取先导入的）" in what for what in told(outcome))


def test_of_two_exports_of_one_kind_the_later_is_taken(book, tmp_path):
    run(book, csv_file(tmp_path, [ZHANG]))
    run(book, csv_file(tmp_path, [["张敏", 100, 1, 40, 950.5, 12, "99.00%"]], "又_2026-10-05.csv"))
    assert ("张敏", "销售额", 900, 950.5, 50.5, 950.5, "同一种导出，取后导入的") in differences(book)
    assert counts(book)[("A01", D)]["销售额"] == 950.5


def test_typed_figures_are_not_overwritten(book, tmp_path):
    typed = {"date": dt.date(2026, 10, 5), "person_id": "A01", "sales": 880.0, "complaints": 2.0}
    fill_tables(book, {"counts": [typed]}, "zh")
    run(book, csv_file(tmp_path, [ZHANG]))
    assert counts(book) == {("A01", D): {**GOOD[("A01", D)], "销售额": 880, "处理投诉数": 2}}
    assert differences(book) == [("A01", "销售额", 880, 900, 20, 880, "手填的数不覆盖")]


def test_a_month_beside_its_days_counts_once(book, tmp_path):
    header = ["日期", *line("客服昵称 接待人数 销售额")]
    days = [f"2026-10-{n:02d}" for n in range(1, 8)]
    run(book, csv_file(tmp_path, [[day, "张敏", 10, 100] for day in days], "天.csv", header))
    week = csv_file(tmp_path, [["张敏", 70, 705]], "周_2026-10-01_2026-10-07.csv", header[1:])
    run(book, week)
    found = counts(book)
    assert sum(row["接待人数"] for row in found.values()) == 70
    assert sum(row["销售额"] for row in found.values()) == 700
    reason = "按天（周）的数齐全，取它们的合计"
    assert differences(book) == [("张敏", item, 700, 705, 5, 700, reason) for item in ("付款金额", "销售额")]


def test_a_month_replaces_days_that_are_not_all_there(book, tmp_path):
    header = ["日期", *line("客服昵称 接待人数 销售额")]
    run(book, csv_file(tmp_path, [["2026-10-03", "张敏", 10, 100]], "天.csv", header))
    run(book, csv_file(tmp_path, [["张敏", 300, 9000]], "月_2026-10-01_2026-10-31.csv", header[1:]))
    assert counts(book) == {("A01", "2026-10-01"): {"接待人数": 300, "销售额": 9000, "付款金额": 9000}}


def test_attendance_knows_the_days_on_duty_best(book, tmp_path):
    chat = csv_file(tmp_path, [["王磊", 300, 22]], "月_2026-10-01_2026-10-31.csv", line("客服昵称 接待人数 上班天数"))
    run(book, chat, write(tmp_path, BLOCKS["G1 月度汇总"]))
    assert counts(book)[("A02", "2026-10-01")]["上班天数"] == 21.5
    assert ("A02", "上班天数", 21.5, 22, 0.5, 21.5, "以考勤为准") in differences(book)


def test_a_rate_that_the_counts_contradict_is_told(book, tmp_path):
    header = line("客服昵称 接待人数 未回复人数 回复率")
    outcome = run(book, csv_file(tmp_path, [["张敏", 100, 1, "95.00%"]], header=header))
    assert told(outcome) == [
        "“回复率”有 1 行与计数对不上：张敏 2026-10-05：0.95，而 "
        "(接待人数 100 − 未回复人数 1) ÷ 接待人数 = 0.99"
    ]
    assert counts(book) == {("A01", D): {"接待人数": 100, "未回复人数": 1}}


def test_a_rate_of_another_base_gives_no_count(book, tmp_path):
    header = line("客服昵称 接待人数 回复率")
    rows = [["张敏", 100, "99.00%"], ["王磊", 100, "98.37%"], ["李娜", 0, "-"]]
    outcome = run(book, csv_file(tmp_path, rows, header=header))
    assert told(outcome) == [
        "“回复率”有 1 行与计数对不上：王磊 2026-10-05：0.9837，而 接待人数 100 的任何整数份 = 0.98"
    ]
    assert {key[0]: row for key, row in counts(book).items()} == {
        "A01": {"接待人数": 100}, "A02": {"接待人数": 100}, "A03": {"接待人数": 0},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "of", "count"),
    [("62.50%", 200, 125), ("62%", 200, None), ("33.33%", 3, 1), ("100.00%", 7, 7), ("0.00%", 9, 0)],
)
def test_a_count_is_recovered_only_where_one_whole_number_fits(rate, of, count, book, tmp_path):
    rows = [["张敏", of, rate], ["王磊", 0, "-"]]
    run(book, csv_file(tmp_path, rows, header=line("客服昵称 询单人数 询单->最终付款转化率")))
    assert counts(book)[("A01", D)].get("询单最终付款人数") == count


def test_means_become_seconds_only_when_asked_and_marked(book, tmp_path):
    path = csv_file(tmp_path, [["张敏", 100, 20.5]], header=line("客服昵称 接待人数 平均响应(秒)"))
    outcome = run(book, path)
    assert counts(book) == {("A01", D): {"接待人数": 100}}
    assert any("只有均值，还原不出总秒数" in what for what in told(outcome, notes=True))
    outcome = run(book, path, estimate=True)
    assert counts(book) == {("A01", D): {"接待人数": 100, "总响应秒数": 2050, "总响应次数": 100}}
    assert any("是估算" in what for what in told(outcome))
    (logged,) = table(book, "imports")
    assert "估算响应秒数" in logged["窗口和过滤"]


def test_an_import_deleted_from_the_log_takes_its_figures_along(book, tmp_path):
    run(book, csv_file(tmp_path, [ZHANG]))
    fill_tables(book, {"imports": []}, "zh")
    run(book, csv_file(tmp_path, [["王磊", *ZHANG[1:]]], "另_2026-10-05.csv"))
    assert {key[0] for key, row in counts(book).items() if row} == {"A02"}


def test_the_log_says_by_which_definition(book, tmp_path):
    run(book, write(tmp_path, BLOCKS["B1 每周店铺个人数据"]))
    (row,) = table(book, "imports")
    assert row["判定方式"] == "下单判定"
    assert row["口径指纹"].startswith("淘宝·赤兔·下单判定 #")
    assert (row["行数"], row["人数"], row["平台"], row["系统"]) == (2, 2, "淘宝", "赤兔")
    assert len(row["文件指纹"]) == 64
    assert (str(row["起始日期"])[:10], str(row["结束日期"])[:10]) == ("2026-10-01", "2026-10-07")


def test_pay_that_is_there_stays_and_is_told(book, tmp_path):
    roster = [
        {"person_id": "A01", "name": "张敏", "department": "客服部", "shop": "一店", "status": "confirmed",
         "base_pay": 3900.0}
    ]  # fmt: skip
    fill_tables(book, {"roster": roster}, "zh")
    outcome = run(book, write(tmp_path, BLOCKS["G2"]))
    assert "月基本工资是 3,900.00，工资表是 4,000.00，没有改" in told(outcome)
    assert any("“A02”不在员工表" in what and "4,200.50" in what for what in told(outcome))
    (person,) = table(book, "roster")
    assert (person["月基本工资"], person["月加班工资"]) == (3900, 200)


def test_shops_want_to_be_named_when_there_are_two(book, tmp_path):
    roster = [
        {"person_id": p, "name": n, "department": "客服部", "shop": shop, "status": "confirmed"}
        for p, n, shop in (("A01", "张敏", "一店"), ("A02", "王磊", "二店"))
    ]
    fill_tables(book, {"roster": roster}, "zh")
    block = BLOCKS["A5 客单价"]
    with pytest.raises(InputError, match="看不出是哪个店铺的数据：员工表里有 一店、二店"):
        run(book, write(tmp_path, block))
    run(book, write(tmp_path, block, name="二店客单价.xlsx"))
    assert counts(book, "shops", "店铺") == {("二店", D): {"客服销售额": 12000.5}}


# --- the command -----------------------------------------------------------------------------


def test_the_command_tells_and_fills(book, tmp_path, capsys):
    path = csv_file(tmp_path, [ZHANG, ["Angle", *ZHANG[1:]]])
    assert main(["import", str(book), str(path), "--period", "2026-10"]) == 0
    said = capsys.readouterr().out
    assert "赤兔客服报表，2026-10-05，2 行，1 人" in said
    assert "“Angle”不在账号表" in said
    assert "填了 7 格" in said
    assert (tmp_path / "book.备份.xlsx").exists()


def test_the_command_answers_machines(book, tmp_path, capsys):
    path = csv_file(tmp_path, [ZHANG])
    assert main(["import", str(book), str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["cells"] == 7
    assert answer["files"][0]["profile"] == "chitu_agents"
    assert answer["unmatched"] == []


def test_the_command_refuses(book, tmp_path, capsys):
    before = book.read_bytes()
    path = csv_file(tmp_path, [ZHANG], header=["谁", *HEADER[1:]])
    assert main(["import", str(book), str(path)]) == 1
    assert "没有写入任何文件。" in capsys.readouterr().err
    assert book.read_bytes() == before
    with pytest.raises(SystemExit) as error:
        main(["import", str(book), str(path), "--period", "十月"])
    assert error.value.code == 2


def test_an_open_book_is_not_written(book, tmp_path):
    (tmp_path / "~$book.xlsx").write_bytes(b"")
    with pytest.raises(InputError, match="正在 Excel 中打开"):
        run(book, csv_file(tmp_path, [ZHANG]))


def test_an_english_book(tmp_path):
    english = new_book(tmp_path / "english.xlsx", "en", {"period": "2026-10", "scheme": "S01"})
    person = {"person_id": "A01", "name": "张敏", "department": "x", "shop": "一店", "status": "confirmed"}
    fill_tables(english, {"roster": [person]}, "en")
    path = csv_file(tmp_path, [ZHANG])
    assert run(english, path).cells == 7
    assert not run(english, path).changed
    (row,) = table(english, "counts")
    assert (row["Staff ID"], row["Received customers"], row["Sales"]) == ("A01", 100, 900)


def test_own_columns_and_typed_rows_stay(book, tmp_path):
    editor = Editor(book)
    editor.cell("kpi_counts", "日期", 1).value = dt.date(2026, 10, 5)
    editor.cell("kpi_counts", "工号", 1).value = "王磊"
    editor.cell("kpi_counts", "处理投诉数", 1).value = 3
    editor.save()
    run(book, csv_file(tmp_path, [ZHANG, ["王磊", *ZHANG[1:]]]))
    rows = table(book, "counts")
    assert [(row["工号"], row.get("处理投诉数"), row["接待人数"]) for row in rows] == [
        ("王磊", 3, 100), ("A01", None, 100),
    ]  # fmt: skip


def test_formulas_among_the_counts_are_not_turned_into_values(book, tmp_path):
    editor = Editor(book)
    editor.cell("kpi_counts", "日期", 1).value = dt.date(2026, 10, 4)
    editor.cell("kpi_counts", "工号", 1).value = "A02"
    editor.cell("kpi_counts", "销售额", 1).value = "=1+1"
    editor.save()
    with pytest.raises(InputError, match="公式"):
        run(book, csv_file(tmp_path, [ZHANG]))
