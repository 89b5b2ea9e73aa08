"""What scheme rows can say beyond one indicator of one month: every expectation by hand."""

import datetime as dt

import pytest
from small_schemes import by_person, calculated, counts, indicator, item, person, scheme

from xl_kpi.audit import audit
from xl_kpi.errors import InputError
from xl_kpi.excel.engine import evaluate as engine
from xl_kpi.explain import explain, explain_group


def errors(results):
    return [p.what for p in audit(results) if p.severity == "error"]


# --- roles -----------------------------------------------------------------------------------

ROLES = [
    indicator("满意度评分", weight=0.6, target="5"),
    indicator("转化率", weight=0.4, target="50%", role="售前"),
    indicator("复购引导率", weight=0.4, target="10%", role="售后、投诉"),
]
TWO_ROLES = {
    "roster": [person("A"), person("B", role="售后"), person("C", role="售前")],
    "counts": [
        counts("A", "2026-09-01", rating_sum=40, ratings=10, inquiring_customers=100,
               converted_customers=25),
        counts("B", "2026-09-01", rating_sum=50, ratings=10, inquiring_customers=10,
               converted_customers=10, served_customers=100, repurchasing_customers=5),
        counts("C", "2026-09-01", rating_sum=45, ratings=10, inquiring_customers=300,
               converted_customers=75),
    ],
}  # fmt: skip


def test_everybody_is_judged_by_the_indicators_of_their_role():
    results = calculated(scheme(indicators=ROLES), **TWO_ROLES)
    # A: 0.6 × 80 + 0.4 × 50; B: 0.6 × 100 + 0.4 × 50; C: 0.6 × 90 + 0.4 × 50
    assert by_person(results, results.totals.total) == pytest.approx({"A": 68, "B": 80, "C": 74})
    assert by_person(results, results.scored["转化率"].value) == {"A": 0.25, "B": None, "C": 0.25}


def test_the_group_average_is_that_of_the_role():
    results = calculated(scheme(indicators=ROLES), **TWO_ROLES)
    average = results.scored["转化率"].group_average
    assert average[0] == 100 / 400  # without B's ten of ten


def test_an_item_of_a_role_pays_nobody_else():
    bonus = item("提成", "=100", paid="yes", role="售前")
    results = calculated(scheme(indicators=ROLES, pay_items=[bonus]), **TWO_ROLES)
    assert by_person(results, results.items["提成"]) == {"A": 100, "B": None, "C": 100}


def test_one_metric_twice_with_a_name_of_its_own():
    twice = [indicator("转化率", weight=0.5, target="50%"),
             indicator("转化率", name="冲刺转化", weight=0.5, target="25%", cap=100.0)]  # fmt: skip
    results = calculated(scheme(indicators=twice), **TWO_ROLES)
    assert by_person(results, results.totals.total)["A"] == 0.5 * 50 + 0.5 * 100
    assert by_person(results, results.value("冲刺转化得分"))["A"] == 100
    assert by_person(results, results.value("冲刺转化目标"))["A"] == 0.25


def test_one_metric_twice_without_a_name_is_a_problem():
    with pytest.raises(InputError, match="已有一行"):
        scheme(indicators=[indicator("转化率"), indicator("转化率")])


# --- quarters, closed periods -------------------------------------------------------------------

QUARTER = [
    indicator("平均响应时间", target="30", weight=1.0),
    indicator("满意度评分", target="5", block="季度板块", cycle="quarter"),
]
THREE_MONTHS = {
    "roster": [person("A")],
    "counts": [
        counts("A", "2026-06-30", rating_sum=1, ratings=1, response_seconds=1, replies=1),
        counts("A", "2026-07-01", rating_sum=30, ratings=10, response_seconds=900, replies=10),
        counts("A", "2026-08-31", rating_sum=50, ratings=10, response_seconds=900, replies=10),
        counts("A", "2026-09-30", rating_sum=10, ratings=5, response_seconds=600, replies=10),
    ],
}
QUARTER_ITEMS = [
    item("季度得分", "=季度板块", unit="points", cycle="quarter"),
    item("季度奖", "=季度得分 * 10", paid="yes", cycle="quarter"),
    item("均分", "=AVERAGE(总分, PAST(总分, 1), PAST(总分, 2))", unit="points", cycle="quarter"),
]
TOTALS = [
    {"period": "2026-07", "person_id": "A", "item": "总分", "value": 80},
    {"period": "2026-08", "person_id": "A", "item": "总分", "value": 85},
]


def test_a_quarter_is_judged_in_its_last_month_over_its_three_months():
    made = scheme(indicators=QUARTER, pay_items=QUARTER_ITEMS)
    results = calculated(made, "2026-09", **THREE_MONTHS)
    assert results.scored["满意度评分"].value.tolist() == [90 / 25]
    assert results.items["季度得分"].tolist() == [72]  # 3.6 of 5
    assert results.pay.tolist() == [720]
    assert results.totals.total.tolist() == [50]  # 30 ÷ 60 s: September alone


def test_a_quarter_is_not_judged_in_other_months():
    made = scheme(indicators=QUARTER, pay_items=QUARTER_ITEMS)
    results = calculated(made, "2026-08", **THREE_MONTHS)
    assert by_person(results, results.items["季度奖"]) == {"A": None}
    assert by_person(results, results.blocks["季度板块"]) == {"A": None}
    assert errors(results) == []
    assert not any("满意度评分" in line.item for line in explain(results, 0))


def test_the_mean_of_the_months_comes_from_the_history():
    made = scheme(indicators=QUARTER, pay_items=QUARTER_ITEMS)
    results = calculated(made, "2026-09", **THREE_MONTHS, history=TOTALS)
    assert results.items["均分"].tolist() == [(80 + 85 + 50) / 3]


GRADES = [("2026-05", "C"), ("2026-07", "C"), ("2026-08", "C")]


@pytest.mark.parametrize(
    ("grades", "streak"),
    [(GRADES, 3), (GRADES[:1], 1), ([("2026-08", "S")], 1), ([], 1),
     ([*GRADES, ("2026-06", "C")], 5)],
)  # fmt: skip
def test_a_streak_goes_back_month_by_month_and_breaks_at_a_gap(grades, streak):
    made = scheme(
        indicators=QUARTER,
        grades=[{"grade": "S", "lower": 60.0}, {"grade": "C", "upper": 60.0}],
        pay_items=[item("连续", '=KPI_STREAK(等级, "C")', unit="count")],
        consequences=[{"condition": "=连续 >= 3", "follows": "调岗"}],
    )
    history = [{"period": p, "person_id": "A", "item": "等级", "word": g} for p, g in grades]
    results = calculated(made, "2026-09", **THREE_MONTHS, history=history)
    assert results.totals.grade.tolist() == ["C"]
    assert results.items["连续"].tolist() == [streak]
    assert results.follows(made.consequences[0]).tolist() == [streak >= 3]


def test_a_quarters_streak_goes_back_by_quarters():
    made = scheme(
        indicators=QUARTER,
        pay_items=[
            item("季度得分", "=季度板块", unit="points", cycle="quarter"),
            item("季度等级", '=IF(季度得分 >= 60, "S", "C")', unit="grade", cycle="quarter"),
            item("连续S", '=KPI_STREAK(季度等级, "S")', unit="count", cycle="quarter"),
        ],
    )
    history = [
        {"period": "2026-03", "person_id": "A", "item": "季度等级", "word": "S"},
        {"period": "2026-06", "person_id": "A", "item": "季度等级", "word": "S"},
        {"period": "2026-08", "person_id": "A", "item": "季度等级", "word": "C"},
    ]
    results = calculated(made, "2026-09", **THREE_MONTHS, history=history)
    assert results.items["季度等级"].tolist() == ["S"]
    assert results.items["连续S"].tolist() == [3]


def test_looking_back_without_a_history_is_said():
    made = scheme(indicators=QUARTER, pay_items=QUARTER_ITEMS)
    results = calculated(made, "2026-09", **THREE_MONTHS)
    assert any("历史表里还没有" in p.what and "总分" in p.what for p in audit(results))


def test_a_reference_month_takes_the_place_of_the_month_before():
    festival = indicator(
        "转化率", rule="R04", below=-2.0, penalty_line="=上期组均值", reference="2025-11",
        block="得分板块", weight=None,
    )  # fmt: skip
    rows = [counts("A", day, inquiring_customers=100, converted_customers=part)
            for day, part in (("2025-11-11", 60), ("2026-10-31", 10), ("2026-11-11", 50))]  # fmt: skip
    made = scheme(head={"block_mode": "求和"}, indicators=[festival])
    assert calculated(made, "2026-11", roster=[person("A")], counts=rows).totals.total[0] == -2
    usual = scheme(head={"block_mode": "求和"}, indicators=[festival | {"reference": None}])
    assert calculated(usual, "2026-11", roster=[person("A")], counts=rows).totals.total[0] == 0


# --- limits, adjustments, deductions --------------------------------------------------------------

ONE = {
    "roster": [person("A", base_pay=3000), person("B", base_pay=3000)],
    "counts": [counts("A", "2026-09-01", sales=1000), counts("B", "2026-09-01", sales=9000)],
}
PLAIN = indicator("销售业绩", target="1000")


@pytest.mark.parametrize(
    ("limits", "paid"),
    [({}, [20, 180]), ({"cap": "150"}, [20, 150]), ({"floor": "=100"}, [100, 180]),
     ({"floor": "50", "cap": "=月基本工资*4%"}, [50, 120])],
)  # fmt: skip
def test_an_item_lies_between_its_floor_and_cap(limits, paid):
    made = scheme(indicators=[PLAIN], pay_items=[item("提成", "=销售额*2%", paid="yes", **limits)])
    results = calculated(made, **ONE)
    assert results.items["提成"].tolist() == paid


def test_the_limit_that_acts_is_named():
    made = scheme(
        indicators=[PLAIN],
        pay_items=[item("提成", "=销售额*2%", paid="yes", floor="50", cap="=月基本工资*4%")],
    )
    results = calculated(made, **ONE)
    low, high = (next(x for x in explain(results, row) if x.item == "提成") for row in (0, 1))
    assert "按公式 20.00，低于保底 50.00，取保底" in low.text
    assert "按公式 180.00，高于封顶 120.00，取封顶" in high.text
    assert engine("=" + high.figures).value == 120
    (english,) = (x for x in explain(results, 1, "en") if x.item == "提成")
    assert "above the cap 120.00" in english.text


def test_a_guarantee_is_an_item_of_its_own():
    made = scheme(
        indicators=[PLAIN],
        pay_items=[
            item("提成", "=销售额*2%", paid="yes"),
            item("保底补足", "=MAX(0, 100 - 提成)", paid="yes"),
        ],
    )
    assert calculated(made, **ONE).pay.tolist() == [100, 180]


def test_the_share_of_the_period_employed():
    made = scheme(indicators=[PLAIN], pay_items=[item("份额", "=在职比例 * 30", unit="days")])
    roster = [
        person("A", hired=dt.date(2026, 9, 16)),  # 15 of 30 days
        person("B", left=dt.date(2026, 9, 10)),
        person("C", hired=dt.date(2026, 9, 30), left=dt.date(2026, 9, 30)),
        person("D", hired=None),
    ]
    assert calculated(made, roster=roster).items["份额"].tolist() == pytest.approx([15, 10, 1, 30])


ADJUSTED = [
    {"period": "2026-09", "person_id": "A", "item": "专项奖", "amount": 200, "reason": "大促"},
    {"period": "2026-09", "person_id": "A", "item": "罚款", "amount": -80.5, "reason": "迟到"},
    {"period": "2026-08", "person_id": "B", "item": "罚款", "amount": -1, "reason": "上月"},
]


def test_adjustments_of_the_month_are_added_up():
    made = scheme(indicators=[PLAIN], pay_items=[item("补扣", "=补扣金额", paid="yes")])
    assert calculated(made, **ONE, adjustments=ADJUSTED).items["补扣"].tolist() == [119.5, 0]


@pytest.mark.parametrize(
    ("amount", "head", "told"),
    [(-600, {"deduction_share": "20%"}, None),
     (-600.01, {"deduction_share": "20%"}, "超过应得的 20%"),
     (-600, {"minimum_wage": "2400"}, None),
     (-600.01, {"minimum_wage": "2400"}, "低于最低工资 2400.00"),
     (-2999, {}, None)],
)  # fmt: skip
def test_deductions_are_guarded(amount, head, told):
    made = scheme(
        head=head,
        indicators=[PLAIN],
        pay_items=[
            item("基本工资", "=月基本工资", paid="yes"),
            item("补扣", "=补扣金额", paid="yes"),
        ],
    )
    fine = [{"period": "2026-09", "person_id": "A", "item": "罚款", "amount": amount, "reason": "x"}]
    found = errors(calculated(made, **ONE, adjustments=fine))
    assert bool(told) == bool(found)
    assert all(told in what for what in found)


# --- refunds -------------------------------------------------------------------------------------

CLAWBACK = [
    item("退款超额", "=MIN(退款金额, MAX(0, 原销售额 - 原任务 - 此前退款))", "refund"),
    item("退款扣提成", "=0 - (退款金额 - 退款超额)*0.8%*80% - 退款超额*1%*90%", "refund"),
    item("退款扣回", "=SUM(退款扣提成)", paid="yes"),
]
SOLD = [
    {"period": "2026-03", "person_id": "A", "item": "销售额", "value": 1500},
    {"period": "2026-03", "person_id": "A", "item": "任务", "value": 1000},
    {"period": "2026-04", "person_id": "A", "item": "销售额", "value": 1000},
    {"period": "2026-04", "person_id": "A", "item": "任务", "value": 2000},
]


def refund(day, amount, origin="2026-03", person_id="A"):
    return {"date": dt.date.fromisoformat(day), "person_id": person_id, "origin": origin,
            "refund": amount}  # fmt: skip


def taken_back(refunds, history=SOLD):
    made = scheme(indicators=[PLAIN], pay_items=CLAWBACK)
    return calculated(made, **ONE, history=history, refunds=refunds)


def test_a_refund_is_taken_back_from_the_excess_first():
    # 700 of March: 500 lay above the target (1 % × 90 %), 200 below (0.8 % × 80 %)
    results = taken_back([refund("2026-09-05", 700)])
    assert results.items["退款扣回"].tolist() == [-(500 * 0.009 + 200 * 0.0064), 0]


def test_an_earlier_refund_has_used_up_its_part_of_the_excess():
    # 400 went back in August, 100 of the excess is left; April had no excess
    results = taken_back(
        [refund("2026-09-05", 300), refund("2026-08-05", 400), refund("2026-09-06", 10, "2026-04")]
    )
    assert results.refunds.count == 2
    assert results.items["退款扣回"][0] == pytest.approx(
        -round(100 * 0.009 + 200 * 0.0064 + 10 * 0.0064, 2)
    )


def test_each_refund_is_explained():
    results = taken_back([refund("2026-09-05", 700), refund("2026-09-09", 10, "2026-04")])
    lines = {line.item: line for line in explain(results, 0)}
    assert lines["退款超额 退款 1"].value == 500
    assert engine("=" + lines["退款扣提成 退款 2"].figures).value == pytest.approx(-0.064)
    assert "退款扣提成 退款 1" not in {line.item for line in explain(results, 1)}


def test_a_refund_without_history_stops_the_run():
    results = taken_back([refund("2026-09-05", 700)], history=SOLD[:1])
    assert errors(results) == ["历史表里没有 A 2026-03 的“任务”，退款扣回算不出来"]


def test_a_refund_of_somebody_who_left_is_told():
    tables = ONE | {"roster": [*ONE["roster"], person("L", left=dt.date(2026, 8, 31))]}
    made = scheme(indicators=[PLAIN], pay_items=CLAWBACK)
    results = calculated(made, **tables, history=SOLD, refunds=[refund("2026-09-05", 7, person_id="L")])
    assert any("L 本期不在职" in p.what for p in audit(results))


def test_a_month_without_refunds_takes_nothing_back():
    assert taken_back([]).items["退款扣回"].tolist() == [0, 0]


# --- calibration -----------------------------------------------------------------------------------

DISPUTED = {
    "roster": [person("A"), person("B")],
    "counts": [
        counts("A", "2026-09-01", response_seconds=1000, replies=10),
        counts("A", "2026-09-08", response_seconds=3000, replies=10),
        counts("B", "2026-09-01", response_seconds=400, replies=20),
    ],
}
RESPONSE = indicator("平均响应时间", target="30")


def calibration(item_, value, week=None, person_id="A", period="2026-09"):
    return {"period": period, "week": week, "person_id": person_id, "item": item_, "value": value,
            "reason": "系统故障", "approver": "主管", "approved": dt.date(2026, 10, 2)}  # fmt: skip


def response(*calibrations, cycle="month"):
    made = scheme(indicators=[RESPONSE | {"cycle": cycle}])
    results = calculated(made, **DISPUTED, calibrations=list(calibrations))
    return results, results.scored["平均响应时间"]


@pytest.mark.parametrize(
    ("approved", "value", "average"),
    [([], 200, 4400 / 40),
     ([("总响应秒数", 2000, None)], 100, 2400 / 40),
     ([("总响应秒数", 500, 2)], 75, 1900 / 40),
     ([("总响应秒数", 500, 2), ("总响应秒数", 800, 1)], 65, 1700 / 40),
     ([("总响应秒数", 500, 2), ("总响应秒数", 2000, None)], 100, 2400 / 40),
     ([("平均响应时间", 30, None)], 30, 4400 / 40)],
)  # fmt: skip
def test_an_approved_figure_takes_the_place_of_the_disputed_one(approved, value, average):
    _, scored = response(*(calibration(i, v, w) for i, v, w in approved))
    assert scored.value[0] == value
    assert scored.group_average[0] == pytest.approx(average)
    assert scored.value[1] == 20


def test_a_week_is_calibrated():
    _, scored = response(calibration("平均响应时间", 25, 2), cycle="week")
    assert scored.value[:2].tolist() == [100, 25]
    _, scored = response(calibration("总响应秒数", 500, 2), cycle="week")
    assert scored.value[:2].tolist() == [100, 50]


def test_a_calibrated_month_counts_in_its_quarter():
    _, scored = response(calibration("总响应秒数", 2000), cycle="quarter")
    assert scored.value[0] == 100


def test_calibrations_of_other_months_and_people_change_nothing():
    _, scored = response(
        calibration("总响应秒数", 1, period="2026-08"), calibration("总响应秒数", 20, person_id="B")
    )
    assert scored.value.tolist() == [200, 1]


def test_the_original_stays_in_the_trace():
    results, _ = response(calibration("平均响应时间", 30))
    line = explain(results, 0)[0]
    assert "校准：原值 200，批准值 30（系统故障，主管 2026-10-02" in line.text


@pytest.mark.parametrize(
    ("row", "told"),
    [(calibration("平均响应时间", 30, 2), "按月考核"), (calibration("平均响映时间", 30), "没有“平均响映时间”"),
     (calibration("总响应秒数", 30, 5), "没有第 5 周")],
)  # fmt: skip
def test_a_calibration_that_would_change_nothing_is_an_error(row, told):
    results, _ = response(row)
    assert [told in what for what in errors(results)] == [True]


# --- groups ----------------------------------------------------------------------------------------

SHOPS = {
    "roster": [person("A"), person("B", shop="二店"), person("C", shop="二店", department="乙部")],
    "counts": [counts(p, "2026-09-01", sales=s) for p, s in (("A", 100), ("B", 200), ("C", 600))],
}


def test_a_shops_item_runs_over_its_people_and_comes_back_to_them():
    made = scheme(
        indicators=[PLAIN],
        curves=[{"name": "店铺提点", "key": "一店", "value": 0.01},
                {"name": "店铺提点", "key": "二店", "value": 0.02}],
        pay_items=[
            item("提成", "=销售额 * LOOKUP(店铺, 店铺提点)", paid="yes"),
            item("店铺提成", "=SUM(提成)", "shop"),
            item("店铺均值", "=AVERAGE(提成)", "shop"),
            item("占比", "=提成 / 店铺提成", unit="ratio"),
        ],
    )  # fmt: skip
    results = calculated(made, **SHOPS)
    assert dict(zip(results.labels("shop"), results.items["店铺提成"], strict=True)) == {
        "一店": 1, "二店": 16,
    }  # fmt: skip
    assert results.items["占比"].tolist() == [1, 4 / 16, 12 / 16]
    (line, mean) = explain_group(results, "shop", 1)
    assert (line.value, mean.value) == (16, 8)


def test_a_pool_of_a_shop_is_shared_inside_the_shop():
    made = scheme(
        indicators=[PLAIN],
        pay_items=[
            item("店铺奖金", "=SUM(销售额) * 10%", "shop"),
            item("奖金", "=KPI_POOL_SHARE(销售额, 店铺奖金)", paid="yes"),
        ],
    )
    assert calculated(made, **SHOPS).items["奖金"].tolist() == [10, 20, 60]


# --- grades ----------------------------------------------------------------------------------------

SHARES = [
    {"grade": "S", "share": 0.1, "lower": 90.0, "coefficient": 1.5, "base_share": 0.1},
    {"grade": "A", "share": 0.2, "lower": 80.0, "upper": 90.0, "coefficient": 1.2, "base_share": 0.05},
    {"grade": "B", "share": 0.5, "lower": 60.0, "upper": 80.0, "coefficient": 1.0, "base_share": 0.0},
    {"grade": "C", "share": 0.2, "upper": 60.0, "coefficient": 0.8, "base_share": 0.0},
]


def graded(scores, head=(), departments=None, grades=SHARES):
    departments = departments or ["客服部"] * len(scores)
    made = scheme(
        head=dict(head), indicators=[PLAIN | {"target": "100"}], grades=grades,
        pay_items=[item("等级奖金", "=1000*等级系数 + 5000*等级加成", paid="yes")],
    )  # fmt: skip
    roster = [person(f"P{n}", department=d) for n, d in enumerate(departments)]
    rows = [counts(f"P{n}", "2026-09-01", sales=s) for n, s in enumerate(scores)]
    return calculated(made, roster=roster, counts=rows)


def test_a_grade_is_worth_its_coefficient_and_share_of_base_pay():
    results = graded([95, 90, 85, 80, 75, 70, 65, 60, 50, 40])
    assert "".join(results.totals.grade) == "SAABBBBBCC"
    assert results.pay.tolist() == [2000, 1450, 1450, 1000, 1000, 1000, 1000, 1000, 800, 800]


@pytest.mark.parametrize(
    ("head", "grades"),
    [({}, "ABC"),  # 3 people: 0, 1, 1, 1 (R20)
     ({"small_team": "3", "small_team_rule": "按分数段"}, "SSC"),
     ({"small_team": "2", "small_team_rule": "按分数段"}, "ABC"),
     ({"small_team": "3", "small_team_rule": "照常分布"}, "ABC")],
)  # fmt: skip
def test_small_teams_follow_the_written_rule(head, grades):
    assert "".join(graded([95, 92, 40], head).totals.grade) == grades


def test_small_teams_without_grades_or_with_everyone():
    departments = ["甲", "甲"] + ["乙"] * 8
    scores = [95, 40, 94, 90, 85, 80, 75, 70, 65, 60]
    without = graded(scores, {"small_team": "2", "small_team_rule": "不定级"}, departments)
    assert without.totals.grade[:2].tolist() == [None, None]
    assert "".join(without.totals.grade[2:]) == "SABBBBCC"
    merged = graded(scores, {"small_team": "2", "small_team_rule": "合并定级"}, departments)
    assert merged.totals.grade[:2].tolist() == ["S", "C"]  # places 1 and 10 of ten


def test_grades_within_a_role_or_everyone():
    departments = ["甲"] * 5 + ["乙"] * 5
    scores = [95, 90, 85, 80, 75, 70, 65, 60, 55, 50]
    assert "".join(graded(scores, {"grade_group": "全部"}, departments).totals.grade) == "SAABBBBBCC"
    assert "".join(graded(scores, {}, departments).totals.grade) == "SABBC" * 2


def test_tied_scores_share_the_better_or_the_worse_grade():
    scores = [95, 90, 90, 90, 75, 70, 65, 60, 50, 50]
    assert "".join(graded(scores).totals.grade) == "SAAABBBBCC"
    worse = graded(scores, {"grade_ties": "取低"})
    assert "".join(worse.totals.grade) == "SBBBBBBBCC"


def test_grades_by_score_alone():
    bands = [{k: v for k, v in g.items() if k != "share"} for g in SHARES]
    results = graded([90, 89.99, 80, 60, 59.99], grades=bands)
    assert "".join(results.totals.grade) == "SAABC"
    (line,) = (x for x in explain(results, 1) if x.item == "等级")
    assert "89.99 分在 [80, 90) 段 → A" in line.text
    assert line.value == "A"


def test_a_grade_by_share_is_explained_with_its_place():
    (line,) = (x for x in explain(graded([95, 90, 85, 80, 75, 70, 65]), 1) if x.item == "等级")
    assert "客服部 7 人，第 2 名 → A（S 10% / A 20% / B 50% / C 20%），系数 1.2" in line.text


def test_the_place_from_the_bottom():
    results = graded([95, 90, 90, 40])
    assert results.totals.place_from_bottom.tolist() == [4, 2, 2, 1]


# --- roles nobody has ------------------------------------------------------------------------------


def test_a_role_that_nobody_has_is_named():
    rows = [indicator("转化率", role="售前岗"), indicator("满意度评分", role="售前")]
    found = audit(calculated(scheme(indicators=rows), **TWO_ROLES))
    assert any("没有岗位“售前岗”" in p.what and "售前" in p.fix for p in found)


def test_pool_overspend_is_the_schemes_decision():
    items = [item("奖金池", "=100", "department"),
             item("奖金", "=KPI_POOL_SHARE(销售额, 奖金池, 500)", paid="yes")]  # fmt: skip
    shared = calculated(scheme(indicators=[PLAIN], pay_items=items), **SHOPS)
    paid = calculated(scheme(head={"overspend": "照付"}, indicators=[PLAIN], pay_items=items), **SHOPS)
    # 客服部: 100 + 200 of 500, both below; 乙部: 600 of 500
    assert shared.items["奖金"].tolist() == [20, 40, 100]
    assert paid.items["奖金"].tolist() == [20, 40, 120]


# --- the scheme's own grading in a formula; a line to pass ------------------------------------------


def test_a_formula_grades_by_the_schemes_own_table():
    made = scheme(
        head={"grade_ties": "取低"},
        indicators=[PLAIN | {"target": "100"}],
        grades=[{"grade": "甲", "share": 0.5}, {"grade": "乙", "share": 0.5}],
        pay_items=[
            item("级", "=KPI_GRADE(总分)", unit="grade"),
            item("自定", '=KPI_GRADE(总分, {0.25,0.75}, {"一","二"},, "取高")', unit="grade"),
        ],
    )
    rows = [counts(f"P{n}", "2026-09-01", sales=s) for n, s in enumerate((90, 80, 80, 10))]
    results = calculated(made, roster=[person(f"P{n}") for n in range(4)], counts=rows)
    assert "".join(results.items["级"]) == "甲乙乙乙"
    assert "".join(results.items["自定"]) == "一二二二"


@pytest.mark.parametrize(("line", "missed"), [(None, [1, 1, 0]), ("8", [1, 0, 0])])
def test_the_pass_line_decides_what_is_missed(line, missed):
    satisfied = indicator("满意度评分", target="10", cap=100.0, pass_line=line)
    rows = [counts(f"P{n}", "2026-09-01", rating_sum=s, ratings=10) for n, s in enumerate((79, 80, 100))]
    results = calculated(
        scheme(indicators=[satisfied]), roster=[person(f"P{n}") for n in range(3)], counts=rows
    )
    assert results.value("未达标项数").tolist() == missed
    assert results.totals.total.tolist() == [79, 80, 100]  # against the target all the same
    if line:
        assert "达标线 8" in explain(results, 0)[0].text
