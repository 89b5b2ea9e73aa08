"""A calculated month judged before it is paid."""

import copy
import datetime as dt

import pytest
from books import Editor, sample_book
from case_files import MONTHS, evaluated, frames, preset, read_case
from small_schemes import calculated, counts, indicator, person, scheme

from xl_kpi.audit import audit
from xl_kpi.excel.run import check_book
from xl_kpi.pipeline import evaluate


def said(case, as_of=None):
    return [f"{p.severity} {p.where}：{p.what} → {p.fix}" for p in audit(evaluated(case), as_of)]


def errors(lines):
    return [line for line in lines if line.startswith("error")]


def without(case, table, match, key):
    changed = copy.deepcopy(case)
    rows = [row for row in changed[table] if all(row.get(k) == v for k, v in match.items())]
    assert rows, match
    for row in rows:
        row.pop(key, None)
    return changed


def test_a_clean_month_has_no_error():
    for name in MONTHS:
        assert errors(said(read_case(name))) == []


def test_a_missing_target_names_the_person_and_the_table():
    case = without(
        read_case("s01_team_month"), "targets", {"person_id": "P01", "period": "2026-10"},
        "sales_target",
    )  # fmt: skip

    found = errors(said(case))

    assert any("目标" in line and "P01" in line and "“任务”空白" in line for line in found), found


def test_a_grade_without_a_score_names_the_data_of_its_role():
    case = read_case("s06_team_month")
    case["counts"] = [row for row in case["counts"] if row["person_id"] != "T03"]

    (line,) = (line for line in errors(said(case)) if "等级奖金" in line)
    assert "指标数据：苏晴（T03）" in line
    assert "“转化率、商机信息完整率”空白" in line  # not the leaving date, nor another role's


def test_a_total_without_ratings_names_the_ratings():
    """Not the figures that are only shown."""
    case = read_case("s10_team_month")
    case["ratings"] = [
        r for r in case["ratings"] if (r["person_id"], r["rater_group"]) != ("N02", "店长")
    ]

    (line,) = (line for line in errors(said(case)) if "名次奖惩" in line)
    assert "评分：何苗（N02）" in line
    assert "“工作绩效、工作能力、协作性、服务性、报表及时性、报表真实性、报表质量”空白" in line


def test_who_is_judged_by_ratings_alone_needs_no_counts():
    case = read_case("s07_team_month")

    assert [line for line in said(case) if "本期没有数据" in line] == []

    case["roster"] = [row for row in case["roster"] if row["role"] == "后勤部门"]
    case["counts"] = []
    assert [line for line in errors(said(case)) if "没有 2026-10 的数据" in line] == []


def test_an_operating_department_without_its_counts_is_a_warning():
    case = read_case("s07_team_month")
    case["counts"] = [row for row in case["counts"] if row["person_id"] != "D01"]

    assert any("客房部（D01） 本期没有数据" in line for line in said(case))


def test_a_figure_that_is_only_shown_and_missing_is_a_note():
    found = [line for line in said(read_case("s10_team_month")) if "没有数值" in line]

    shown = next(line for line in found if "投诉率" in line)
    scored = next(line for line in found if "报表质量" in line)
    assert shown.startswith("note")
    assert "只列示，不计分" in shown
    assert scored.startswith("warning")
    assert "权重分给其他指标" in scored


def test_a_month_without_data_says_which_months_there_are():
    results = evaluate(frames(read_case("s01_team_month")), preset("S01"), "2026-12")
    text = "\n".join(str(p) for p in audit(results))

    assert "没有 2026-12 的数据" in text
    assert "2026-10" in text


def test_nobody_to_assess_is_an_error():
    case = read_case("s05_team_month")
    for row in case["roster"]:
        row["status"] = "unconfirmed"

    assert "没有考核对象" in "\n".join(errors(said(case)))


def test_unripe_days_are_flagged_with_the_day_they_are_final():
    text = "\n".join(said(read_case("s01_team_month"), dt.date(2026, 11, 2)))

    assert "4 天才定数" in text  # final payments of 28 to 31 October come by 4 November
    assert "2026-10-30 起的数字还会变" in text
    assert "2026-11-04 以后" in text
    assert "天才定数" not in "\n".join(said(read_case("s01_team_month"), dt.date(2026, 11, 4)))


def test_a_part_larger_than_its_whole_is_named():
    case = read_case("s01_team_month")
    row = next(r for r in case["counts"] if r["date"].month == 10)
    row["replied_customers"] = row["received_customers"] + 1

    assert any("“回复人数”" in line and "大于“接待人数”" in line for line in said(case))


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        ("satisfied_ratings", "ratings", "“满意评价数” 260 大于“评分数” 200"),
        ("passed_inspections", "inspections", "“质检合格数” 260 大于“质检数” 200"),
        ("valid_orders", "orders", "“有效订单数” 260 大于“订单数” 200"),
    ],
)
def test_more_satisfied_than_rated_is_named_too(part, whole, words):
    case = read_case("s01_team_month")
    row = next(r for r in case["counts"] if r["date"].month == 10)
    row[part], row[whole] = 260, 200

    assert any(words in line for line in said(case))


def test_what_a_pool_keeps_is_reported():
    # 903.85 in the pool, 85 points of 96 pay 800.28: 103.57 stay.
    assert any("剩余 103.57" in line for line in said(read_case("s01_april_003")))


def test_a_stand_in_far_below_the_shop_is_listed():
    assert any("顶岗" in line and "取消其顶岗资格" in line for line in said(read_case("s01_team_month")))


def test_a_blank_allowance_is_a_warning():
    case = without(read_case("s01_team_month"), "roster", {"person_id": "P01"}, "attendance_pay")

    assert any(
        line.startswith("warning") and "“月全勤奖”空白" in line and "P01" in line
        for line in said(case)
    )


def test_a_blank_of_the_roster_is_named_by_its_cell(tmp_path):
    book = Editor(sample_book(tmp_path / "十月.xlsx"))
    cell = book.cell("kpi_roster", "月全勤奖", 2)
    who = book.cell("kpi_roster", "姓名", 2).value
    cell.value = None
    book.save()
    (problem,) = [p for p in check_book(book.path).problems if "“月全勤奖”空白" in p.what]
    assert problem.where == f"员工!{cell.coordinate}"
    assert who in problem.what


def test_counts_are_compared_within_a_role():
    """The back office of S11 does another kind of task, seventeen times as many of them."""
    case = read_case("s11_team_month")
    assert [line for line in said(case) if "中位数" in line] == []
    names = ["售前"] * 6 + ["售后"] * 6
    month = {
        "roster": [person(f"A{n:02}", role=role) for n, role in enumerate(names)],
        "counts": [
            counts(f"A{n:02}", "2026-09-03", sales=1000.0 if role == "售前" else 60000.0)
            for n, role in enumerate(names)
        ],
    }
    made = scheme(indicators=[indicator("销售业绩")])
    month["counts"][0]["sales"] = 30000.0  # less than the other role's, but a digit too many here
    found = [p.what for p in audit(calculated(made, **month)) if "中位数" in p.what]
    assert found == ["“销售额”30,000 是岗位“售前”本期中位数 1,000 的 30 倍"]


def test_a_red_line_says_what_to_do_today():
    (line,) = [x for x in said(read_case("s03_peak_month")) if "红线" in x and "79%" in x]
    assert "“3分钟回复率” 79% 低于平台红线 80%" in line
    assert "先补人或减少他的接待量" in line
    assert "离岗前挂起，交接班前清零未回复的会话" in line


def test_figures_are_told_in_their_unit():
    stand_in = [line for line in said(read_case("s01_team_month")) if "顶岗" in line]
    assert any("“销售业绩”第 1 周 4695.42，不及店铺平均 2" in line for line in stand_in)
    assert not any("e+" in line for line in stand_in)
    assert any("“3分钟回复率” 79% 低于平台红线" in line for line in said(read_case("s03_peak_month")))


def test_a_stand_in_who_is_slow_is_said_to_be_above_the_line():
    case = copy.deepcopy(read_case("s01_team_month"))
    for row in case["counts"]:
        if row["person_id"] == "P06":
            row["response_seconds"] = row["replies"] * 1000
    (line,) = [x for x in said(case) if "顶岗：“平均响应时间”" in x]
    assert "1000，超过店铺平均 " in line
    assert "的 2 倍" in line


def test_a_person_without_a_value_in_several_weeks_is_one_line():
    found = [x for x in said(read_case("s01_team_month")) if "顾客流失率第" in x]
    assert [x.split("顾客流失率")[1].split("，")[0] for x in found] == [
        "第 1、2、4 周没有数值：吴强", "第 3 周没有数值：王敏、吴强",
    ]  # fmt: skip


def test_an_empty_sample_is_told_once():
    about = [x for x in said(read_case("s03_peak_month")) if "孔琳" in x and "客户满意比" in x]
    assert len(about) == 1
    assert about[0].startswith("warning")
