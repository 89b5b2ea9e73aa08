"""What HR gets wrong in the tables, found before it changes a pay."""

import copy
import datetime as dt

import pytest
from books import Editor, sample_book
from case_files import frames, preset, read_case

from xl_kpi.audit import audit
from xl_kpi.excel.run import check_book
from xl_kpi.pipeline import evaluate


@pytest.fixture
def case():
    return copy.deepcopy(read_case("s01_team_month"))


def new_problems(case, change, scheme="S01"):
    """The problems that a change of the tables brings."""
    before = {str(p) for p in audit(evaluate(frames(case), preset(scheme), case["period"]))}
    change(case)
    after = audit(evaluate(frames(case), preset(scheme), case["period"]))
    return [f"{p.severity} {p}" for p in after if str(p) not in before]


def row(case, table, person, **match):
    return next(
        r for r in case[table]
        if r.get("person_id") == person and all(r.get(k) == v for k, v in match.items())
    )  # fmt: skip


def week(case, person, number):
    """A person's row of a week of the period."""
    first = (1, 8, 15, 22)[number - 1]
    end = (7, 14, 21, 31)[number - 1]
    return next(
        r for r in case["counts"]
        if r["person_id"] == person and (r["date"].year, r["date"].month) == (2026, 10)
        and first <= r["date"].day <= end
    )  # fmt: skip


def test_half_of_a_rate_left_blank(case):
    case["period"] = "2026-10"
    found = new_problems(case, lambda c: week(c, "P01", 1).pop("replied_customers"))

    assert any("“回复人数”空白" in p and "接待人数" in p for p in found), found


def test_an_event_that_is_not_in_the_library(case):
    event = next(e for e in case["events"] if e["date"].month == 10 and e["event"] != "坏评")
    found = new_problems(case, lambda c: event.update(event="坏评"))

    assert any(p.startswith("error") and "没有“坏评”" in p for p in found), found


def test_ratings_of_an_unknown_item_or_group():
    case = copy.deepcopy(read_case("s05_team_month"))
    found = new_problems(case, lambda c: c["ratings"][0].update(item="内部合作"), "S05")
    assert any("没有“内部合作”" in p and "是不是“内部协作”" in p for p in found), found
    case = copy.deepcopy(read_case("s05_team_month"))
    found = new_problems(case, lambda c: c["ratings"][0].update(rater_group="同时"), "S05")
    assert any("没有“同时”" in p and "同事" in p for p in found), found


def test_a_shop_that_only_one_person_has_and_that_looks_like_another(case):
    shop = row(case, "roster", "P01")["shop"]
    found = new_problems(case, lambda c: row(c, "roster", "P01").update(shop=shop[:-1]))

    assert any("只有 1 人" in p and shop in p for p in found), found


def test_rows_after_somebody_left(case):
    found = new_problems(case, lambda c: row(c, "roster", "P01").update(left=dt.date(2026, 9, 20)))

    assert any(p.startswith("error") and "2026-09-20 离职，离职后仍有" in p for p in found), found


def test_a_week_without_a_row(case):
    found = new_problems(case, lambda c: c["counts"].remove(week(c, "P01", 2)))

    assert any("第 2 周（10-08 至 10-14）没有数据行" in p for p in found), found


def test_no_shop_figures(case):
    found = new_problems(case, lambda c: c["shops"].clear())

    assert any("付款客单价的扣分线" in p and "店铺数据" in p for p in found), found


def test_no_department_figures(case):
    found = new_problems(case, lambda c: c["departments"].clear())

    assert any("没有“DSR月末”" in p for p in found), found


def test_an_amount_with_digits_too_many(case):
    found = new_problems(case, lambda c: week(c, "P01", 1).update(sales=9_999_999.0))

    assert any("“销售额”9,999,999" in p and "倍" in p for p in found), found


def test_a_target_of_zero_says_so(case):
    found = new_problems(
        case, lambda c: row(c, "targets", "P01", period="2026-10").update(sales_target=0.0)
    )

    assert any(p.startswith("error") and "“任务”是 0" in p for p in found), found


def test_a_lost_column(tmp_path):
    path = sample_book(tmp_path / "月.xlsx")
    book = Editor(path)
    sheet, place = book.places["kpi_counts"]
    for column in place.tableColumns:
        if column.name == "接待人数":
            column.name = "来客"
    for cell in sheet[5]:
        if cell.value == "接待人数":
            cell.value = "来客"
    book.save()

    assert "缺少“接待人数”这一列" in "\n".join(map(str, check_book(path).problems))


def test_a_row_under_the_table(tmp_path):
    path = sample_book(tmp_path / "月.xlsx")
    book = Editor(path)
    below, area = book.places["kpi_events"]
    last = int(area.ref.split(":")[1].lstrip("ABCDEFGHIJ"))
    below.cell(last + 1, 2).value = "KF001"
    book.save()

    said = "\n".join(map(str, check_book(path).problems))

    assert f"行为!B{last + 1}" in said
    assert "在表格“kpi_events”之外" in said
