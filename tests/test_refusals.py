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
    assert ("员工!0", "员工A1（A1）的“奖金基数”空白，奖算不出来") in errors(made)


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


# --- told instead of ignored -------------------------------------------------------------------


def told(severity="error", period="2026-09", head=(), **tables):
    """What is said of a small month of two people; the second has no bonus base."""
    two = [person("A1", base_pay=5000, bonus_base=100), person("A2", base_pay=5000)]
    sold = [*SOLD, counts("A2", "2026-09-03", sales=50.0)]
    items = tables.pop("items", [PAID])
    made = scheme(pay_items=items, head=dict(head), **SCORED)
    results = calculated(made, period, roster=two, counts=sold, **tables)
    return [(p.where, p.what) for p in audit(results) if p.severity == severity]


def bonus(**limits):
    return [item("奖", "=总分", paid="yes", **limits)]


def test_a_floor_above_its_cap_stops_the_run():
    ((_, what),) = told(items=bonus(floor="=月基本工资", cap="50"))
    assert what == "员工A1（A1） 等 2 人：“奖”的保底 5000 高于封顶 50"
    assert told(items=bonus(floor="50", cap="50")) == []


@pytest.mark.parametrize(("limit", "label"), [("floor", "保底"), ("cap", "封顶")])
def test_a_limit_that_is_blank_for_somebody_is_told(limit, label):
    """A warning where others have it, a note where nobody has: the policy may know none."""
    ((_, what),) = told("warning", items=bonus(**{limit: "=奖金基数"}))
    assert what == f"员工A2（A2）：“奖”的{label}算不出来，等于没有"
    ((_, what),) = told("note", items=bonus(**{limit: "=保底工资"}))
    assert what == f"员工A1（A1） 等 2 人：“奖”的{label}算不出来，等于没有"
    asked = bonus(**{limit: '=IF(奖金基数 = "", "", 奖金基数)'})
    assert told("warning", items=asked) == told("note", items=asked) == []


def test_refunds_and_adjustments_that_the_scheme_does_not_use_are_told():
    refund = {"date": dt.date(2026, 9, 5), "person_id": "A1", "origin": "2026-08", "refund": 50.0}
    fine = {"period": "2026-09", "person_id": "A1", "item": "罚款", "amount": -50.0, "reason": "迟到"}
    assert told("warning", refunds=[refund], adjustments=[fine]) == [
        ("退款!0", "退款有 1 行是本期的，方案 T01 却没有用到，不影响工资"),
        ("补扣!0", "补扣有 1 行是本期的，方案 T01 却没有用到，不影响工资"),
    ]
    earlier = refund | {"date": dt.date(2026, 8, 5)}
    assert told("warning", refunds=[earlier], adjustments=[fine | {"period": "2026-08"}]) == []
    used = [PAID, item("补扣", "=补扣金额", paid="yes")]
    assert told("warning", items=used, adjustments=[fine]) == []


def month_of(item_, **content):
    return {"period": "2026-08", "item": item_, **content}


def test_history_with_a_number_written_as_text_is_refused():
    """One text among the figures of a month, and nobody's figure would be read."""
    rows_ = [month_of("总分", person_id="A1", value=80.0), month_of("总分", person_id="A2", word="80")]
    assert told(history=rows_) == [
        ("历史!1", "2026-08 的“总分”有的行是数值，有的行是文字，数值会当作没有")
    ]
    apart = [month_of("总分", person_id="A1", value=80.0), month_of("等级", person_id="A2", word="C")]
    assert told(history=apart) == []


def test_history_of_an_item_with_a_blank_too_many_is_refused():
    assert told(history=[month_of("总 分", person_id="A1", value=80.0)]) == [
        ("历史!0", "没有“总 分”这一项，往期的数不会用到")
    ]
    assert told(history=[month_of("旧项目", person_id="A1", value=80.0)]) == []


def test_history_of_a_misspelt_item_is_told_with_what_it_may_mean():
    """A note where it may be an item of an earlier scheme, a warning where it is nearly one."""
    near = [month_of("总分数", person_id="A1", value=80.0)]
    assert told("warning", history=near) == [("历史!0", "没有“总分数”这一项，往期的数不会用到")]
    looking = [PAID, item("奖", "=IF(PAST(总分, 1) > 60, 100, 0)", paid="yes")]
    wrong = [month_of("旧项目", person_id="A1", value=80.0)]
    assert ("历史!0", "没有“旧项目”这一项，往期的数不会用到") in told("warning", items=looking, history=wrong)
    assert told("warning", history=wrong) == []
    assert told("note", history=wrong) == [("历史!0", "没有“旧项目”这一项，往期的数不会用到")]


@pytest.mark.parametrize("month", ["2026-09", "2026-10"])
def test_history_of_this_or_a_later_month_is_said_not_to_be_used(month):
    streak = [PAID, item("奖", '=KPI_STREAK(总分, 60, ">=") * 10', paid="yes")]
    now = month_of("总分", person_id="A1", value=80.0) | {"period": month}
    ((where, what),) = told("warning", items=streak, history=[now])
    assert where == "历史!0"
    assert what.startswith("历史有 1 行是本期 2026-09 或以后的，不会用到")
    assert told("warning", items=streak, history=[month_of("总分", person_id="A1", value=80.0)]) == []
    assert told("warning", history=[now]) == []  # nothing looks back
    assert len(told("note", history=[now])) == 1


def test_a_blank_that_a_groups_limit_sums_up_is_told():
    """SUM leaves the second person's blank bonus base out and the cap is lower."""
    pool = item("奖池", "=SUM(月基本工资) * 10%", level="department", cap="=SUM(奖金基数) * 2")
    (first,) = told("warning", items=[pool, PAID])
    assert first[1] == "员工A2的“奖金基数”空白，“奖池”的封顶 SUM(奖金基数) 没有算上"
    known = item("奖池", "=SUM(月基本工资) * 10%", level="department", cap="=SUM(月基本工资)")
    assert told("warning", items=[known, PAID]) == []


def test_an_amount_too_large_to_add_up_is_refused_at_its_cell(tmp_path):
    book = Editor(sample_book(tmp_path / "十月.xlsx"))
    cells = {"期间": "2026-10", "工号": "KF001", "项目": "补发", "金额": 1e308, "原因": "测试"}
    for header, value in cells.items():
        book.cell("kpi_adjustments", header, 1).value = value
    place = book.cell("kpi_adjustments", "金额", 1).coordinate
    book.save()
    (problem,) = [p for p in check_book(book.path).problems if p.severity == "error"]
    assert problem.where == f"补扣!{place}"
    assert problem.what == "“金额”是 1e+308，太大了"


def test_a_formula_that_cannot_be_calculated_is_named_by_its_cell(tmp_path):
    book = Editor(sample_book(tmp_path / "十月.xlsx"))
    cell = book.cell("S01_pay_items", "公式", book.find("S01_pay_items", "项目", "全勤奖"))
    cell.value, cell.data_type = "=KPI_RANK({1;2;3})", "s"
    book.save()
    found = [p.where for p in check_book(book.path).problems if "个数" in p.what]
    assert set(found) == {f"S01 部门奖金池!{cell.coordinate}"}


@pytest.mark.parametrize("cell", ["，", "、 ;"])
def test_a_list_of_no_roles_is_not_every_role(cell):
    with pytest.raises(InputError) as caught:
        told(items=[item("奖", "=100", paid="yes", role=cell)])
    assert [p.what for p in caught.value.problems] == [f"“{cell}”里没有岗位"]
    with pytest.raises(InputError) as caught:
        told(head={"assessed_roles": cell})
    assert [p.what for p in caught.value.problems] == [f"“{cell}”里没有岗位"]


def test_a_share_of_a_blank_pool_is_explained_and_told():
    items = [item("池", "=100 / (人数 - 1)", level="department"),
             item("奖", "=KPI_POOL_SHARE(总分, 池)", paid="yes")]  # fmt: skip
    results = calculated(scheme(pay_items=items, **SCORED), roster=ROSTER, counts=SOLD)
    (line,) = (line for line in explain(results, 0) if line.item == "奖")
    assert line.value is None or line.value != line.value
    assert [what for _, what in errors(results)] == ["员工A1（A1）：“奖”算不出来"]


def test_a_setting_of_the_scheme_without_a_name_is_told_once(tmp_path):
    book = Editor(sample_book(tmp_path / "十月.xlsx"))
    cell = book.cell("S01_head", "项目", 3)
    cell.value = None
    book.save()
    found = [p.what for p in check_book(book.path).problems if p.where.endswith(f"!{cell.coordinate}")]
    assert found == ["“项目”必填，现在是空白"]


def test_an_item_without_a_name_is_told_by_its_cell_alone():
    items = [{"level": "refund", "formula": "=-退款金额"}, PAID]
    assert [i.name for i in scheme(pay_items=items, **SCORED).pay_items] == ["工资"]
