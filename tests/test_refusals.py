"""Rows that once broke a calculation or paid silently wrong: each is a problem with its cell."""

import datetime as dt

import pytest
from books import Editor, sample_book
from case_files import frames, preset
from small_schemes import calculated, counts, indicator, item, person, rows, scheme

from xl_kpi.assignment import assign
from xl_kpi.audit import audit
from xl_kpi.errors import InputError
from xl_kpi.excel.run import check_book
from xl_kpi.explain import explain
from xl_kpi.formula import FormulaError
from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics

SCORED = {"indicators": [indicator("销售业绩")]}
ROSTER = [person("A1", base_pay=5000)]
SOLD = [counts("A1", "2026-09-03", sales=100.0)]
PAID = item("工资", "=月基本工资", paid="yes")


def errors(results):
    return [(p.where, p.what) for p in audit(results) if p.severity == "error"]


def refunded(formula, origin="2026-08", **history):
    """A month with one refund, and an August that sold so much."""
    clawback = [item("扣回", formula, level="refund"), item("退款", "=SUM(扣回)", paid="yes"), PAID]
    past = [{"period": "2026-08", "person_id": "A1", "item": k, "value": v} for k, v in history.items()]
    refund = {"date": dt.date(2026, 9, 5), "person_id": "A1", "origin": origin, "refund": 50.0}
    return calculated(
        scheme(pay_items=clawback, **SCORED), roster=ROSTER, counts=SOLD, refunds=[refund], history=past
    )  # fmt: skip


# --- refunds -----------------------------------------------------------------------------------


def test_a_refund_that_no_amount_follows_from_stops_the_run():
    """A sum would leave it out and take nothing back."""
    zero = refunded("=-退款金额 / 原销售额", 销售额=0.0)
    ((where, what),) = errors(zero)
    assert where == "退款!0"
    assert what == "这笔退款的“扣回”算不出来"
    assert errors(refunded("=-退款金额 / 原销售额", 销售额=100.0)) == []


@pytest.mark.parametrize(
    ("origin", "says"), [("2026-09", "就是本期"), ("2026-10", "晚于本期 2026-09")]
)
def test_a_refund_of_this_or_a_later_month_is_refused(origin, says):
    ((_, what),) = errors(refunded("=-退款金额 * 1%", origin))
    assert what.startswith(f"退款的原期间 {origin} {says}")
    assert errors(refunded("=-退款金额 * 1%", "2026-08")) == []


def test_a_blank_item_that_stands_on_refunds_is_judged_without_them():
    """The refunds are rows of their own, fewer than people."""
    items = [item("扣回", "=-退款金额", level="refund"), item("奖", "=SUM(扣回) + 奖金基数", paid="yes")]
    made = calculated(scheme(pay_items=items, **SCORED), roster=ROSTER, counts=SOLD)
    assert ("员工：员工A1（A1）", "“奖金基数”空白，奖算不出来") in errors(made)


# --- people and groups -------------------------------------------------------------------------


def test_a_scheme_that_nobody_belongs_to_is_told():
    there, nobody = preset("S05"), preset("S02")
    roster = frames({"roster": ROSTER})["roster"]
    masks, _ = assign(roster, [there, scheme(head={"assessed_roles": "无人"}, pay_items=[PAID], **SCORED)])
    assert [mask.sum() for mask in masks] == [1, 0]
    results = evaluate(frames({"roster": ROSTER}), nobody, "2026-09", masks[1])
    assert any("没有考核对象" in what for _, what in errors(results))


def test_an_item_of_a_level_that_nobody_has_is_told():
    items = [item("团队奖", "=SUM(总分)", level="team"), PAID]
    made = scheme(pay_items=items, **SCORED)
    ((_, what),) = errors(calculated(made, roster=ROSTER, counts=SOLD))
    assert what == "“团队奖”按团队计算，员工表里却没有人写“团队”"
    named = [person("A1", base_pay=5000, team="甲组")]
    assert errors(calculated(made, roster=named, counts=SOLD)) == []


def test_a_grade_within_teams_is_explained_to_people_without_a_team():
    grades = [{"grade": "A", "lower": 60.0}, {"grade": "B", "upper": 60.0}]
    head = {"grade_group": "团队", "small_team": "3", "small_team_rule": "按分数段"}
    made = scheme(head=head, grades=grades, pay_items=[PAID], **SCORED)
    results = calculated(made, roster=ROSTER, counts=SOLD)
    (line,) = (line for line in explain(results, 0) if line.item == "等级")
    assert line.value == "A"


# --- rows --------------------------------------------------------------------------------------


def test_a_consequence_that_cannot_be_calculated_fails_with_the_calculation():
    follows = [{"condition": '=KPI_STREAK(总分, 奖金基数, ">=") >= 1', "follows": "面谈"}]
    made = scheme(consequences=follows, pay_items=[PAID], **SCORED)
    two = [person("A1", base_pay=5000), person("A2", base_pay=5000)]
    with pytest.raises(FormulaError, match="只能是一个值"):
        calculated(made, roster=two, counts=SOLD)


def test_an_unknown_level_stops_with_its_cell(tmp_path):
    book = Editor(sample_book(tmp_path / "十月.xlsx"))
    cell = book.cell("S01_pay_items", "层级", 1)
    cell.value = "小组"
    book.cell("S01_consequences", "条件", 1).value = '=PAST(等级, 1) = "C"'
    book.save()
    told = [p for p in check_book(book.path).problems if p.where.endswith(f"!{cell.coordinate}")]
    assert [p.what for p in told] == ["“层级”里没有“小组”这一项"]


def test_a_count_cannot_be_called_like_the_date():
    metric = Row({"id": "X1", "metric": "日期", "source": "count", "better": "higher"}, {}, "指标库 1")
    with pytest.raises(InputError) as caught:
        make_scheme(rows({"pay_items": [PAID], **SCORED}), [*preset_metrics(), metric])
    assert [p.what for p in caught.value.problems] == [
        "指标“日期”的来源是计数，指标数据的“日期”却不是数字"
    ]
