"""A scheme tried out: cliffs and falls of pay are found where they are, and nowhere else."""

import datetime as dt
import time
import tomllib
from importlib import resources

import numpy as np
import pytest
from books import Editor, sample_book
from lint_schemes import SCORED, bands, indicator, keyed, linear, pay, pool, rows, said, scheme
from test_lint_checks import FAULTS

from xl_kpi.errors import InputError
from xl_kpi.excel.run import check_book
from xl_kpi.lint import lint, probe
from xl_kpi.lint.team import team
from xl_kpi.period import Period
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_ids, preset_metrics, preset_rows

# Everybody of the team has a target of 100 000, a base pay of 4000 and a bonus base of 1000.
RISING = bands("率", (0, 1, 0.01), (1, None, 0.012))
FALLING = bands("率", (0, 1, 0.01), (1, None, 0.005))
BY_BAND = [pay("提成", "=销售额 * KPI_BAND(任务完成率, 率)")]
BY_SCORE = [pay("奖金", "=奖金基数 * 考核得分 / 100")]


REPLIES = (linear("回复率", "95%"),)


def found(indicators=REPLIES, **tables):
    made = scheme(indicators=indicators, **tables)
    assert [p for p in lint(made) if p.severity == "error"] == []
    return said(probe(made))


# --- sales -----------------------------------------------------------------------------------


def test_a_cliff_is_a_note_with_the_edge_and_both_amounts():
    # 99 999 × 1 % = 999.99; 100 000 × 1.2 % = 1200.
    assert found(curves=RISING, pay_items=BY_BAND) == [
        ("note", "curves 2 lower",
         "收入台阶：销售额从 99,999 元 到 100,000 元（任务 100,000 元，上月 97,000 元），"
         "工资从 999.99 变成 1,200.00 元，多卖 1 元多拿 200.01 元，主要是“提成”"),
    ]  # fmt: skip


def test_an_edge_above_which_the_band_begins_is_one_yuan_further():
    curve = bands("率", (0, 1, 0.01, "[]"), (1, None, 0.012, "()"))
    ((_, where, what),) = found(curves=curve, pay_items=BY_BAND)

    assert where == "curves 2 lower"
    assert "从 100,000 元 到 100,001 元" in what
    assert "工资从 1,000.00 变成 1,200.01 元" in what


def test_a_rate_on_the_excess_only_has_no_cliff():
    marginal = pay("提成", "=MIN(销售额, 任务) * 1% + MAX(0, 销售额 - 任务) * 1.2%")
    assert found(pay_items=[marginal]) == []


def test_pay_that_falls_when_sales_rise_is_a_warning():
    # 99 999 × 1 % = 999.99; 100 000 × 0.5 % = 500.
    ((severity, where, what),) = found(curves=FALLING, pay_items=BY_BAND)

    assert (severity, where) == ("warning", "curves 2 lower")
    assert what.startswith("销售额更好，工资反而更少：从 99,999 元 到 100,000 元")
    assert "工资从 999.99 变成 500.00 元，少 499.99 元，主要是“提成”" in what


def test_a_fall_without_an_edge_names_the_item():
    ((severity, where, what),) = found(pay_items=[pay("提成", "=MAX(0, 任务 - 销售额) * 1%")])

    assert (severity, where) == ("warning", "pay_items 1 formula")
    assert "主要是“提成”" in what


def test_a_curve_of_sales_in_yuan_has_its_edges_in_yuan():
    curve = bands("奖", (0, 30_000, 0), (30_000, None, 500))
    ((_, where, what),) = found(curves=curve, pay_items=[pay("奖金", "=KPI_BAND(销售额, 奖)")])

    assert where == "curves 2 lower"
    assert "从 29,999 元 到 30,000 元" in what
    assert "工资从 0.00 变成 500.00 元" in what


def test_a_comparison_in_a_formula_is_an_edge():
    bonus = pay("奖金", "=IF(任务完成率 >= 90%, 300, 100)")
    ((_, where, what),) = found(pay_items=[bonus])

    assert where == "pay_items 1 formula"
    assert "从 89,999 元 到 90,000 元" in what


def test_the_cell_of_a_comparison_is_that_of_the_item_that_compares():
    items = [pay("档", "=IF(任务完成率 >= 90%, 300, 100)", paid="no"), pay("奖金", "=档 * 2")]
    ((_, where, what),) = found(pay_items=items)

    assert where == "pay_items 1 formula"
    assert "工资从 200.00 变成 600.00 元" in what


def test_a_curve_that_an_item_is_looked_up_in_has_its_cell():
    items = [pay("完成", "=任务完成率", paid="no", unit="ratio"),
             pay("档", "=KPI_BAND(完成, 率)", paid="no"), pay("奖金", "=档 * 50000")]  # fmt: skip
    ((_, where, what),) = found(curves=RISING, pay_items=items)

    assert where == "curves 2 lower"
    assert "工资从 500.00 变成 600.00 元" in what


def test_tiers_typed_into_a_formula_are_edges():
    commission = pay("档", "=KPI_COMMISSION(销售额, 任务, {0,0;0.8,1%})", paid="no")
    ((_, where, what),) = found(pay_items=[commission, pay("提成", "=档")])

    assert where == "pay_items 1 formula"
    assert "从 79,999 元 到 80,000 元" in what
    assert "工资从 0.00 变成 800.00 元" in what


def test_an_edge_that_no_row_names_is_found_by_search():
    # Last month everybody sold 97 000.
    ((severity, where, what),) = found(pay_items=[pay("奖金", "=IF(销售额 > 上期销售额, 300, 100)")])

    assert (severity, where) == ("note", "pay_items 1 formula")
    assert "从 97,000 元 到 97,001 元" in what
    assert "工资从 100.00 变成 300.00 元" in what


def test_a_small_step_is_no_cliff():
    curve = bands("奖", (0, 1, 10), (1, None, 10.5))
    assert found(curves=curve, pay_items=[pay("奖金", "=KPI_BAND(任务完成率, 奖)")]) == []


def test_a_pool_is_tried_too():
    # Alone in the department: 100 000 × 1 % = 1000.
    items = [
        pool("池", "=SUM(销售额) * KPI_BAND(任务完成率, 率)"), pay("奖金", "=KPI_POOL_SHARE(考核得分, 池)")
    ]  # fmt: skip
    whats = [what for _, _, what in found(curves=RISING, pay_items=items)]

    assert any("工资从 999.99 变成 1,200.00 元" in what for what in whats)


@pytest.mark.parametrize("head", [{"weeks": "自然周"}, {"month_start_day": "21"}])
def test_weeks_and_month_are_the_scheme_s(head):
    ((_, _, what),) = found(curves=RISING, pay_items=BY_BAND, **head)
    assert "工资从 999.99 变成 1,200.00 元" in what


@pytest.mark.parametrize("start_day", [1, 21])
@pytest.mark.parametrize("weeks", ["blocks", "iso"])
def test_a_week_s_rows_lie_in_the_period(weeks, start_day):
    period = Period("2026-12", start_day, weeks)
    tables = team(period, np.array([90_001.0]), ["售前"], {}, {})
    days = tables["counts"]["date"].to_numpy()
    now = period.holds(days)

    assert (now | period.previous().holds(days)).all()
    assert now.sum() == period.week_count
    assert tables["counts"]["sales"][now].sum() == 90_001
    assert sorted(period.week_of(days[now])) == list(range(period.week_count))


# --- metrics ---------------------------------------------------------------------------------


def test_the_cliff_of_a_threshold():
    # 1000 × 60 ÷ 100 = 600; 1000 × 100 ÷ 100 = 1000.
    threshold = indicator("回复率", "R02", target="95%", full=100, miss=60)
    assert found(indicators=[threshold], pay_items=BY_SCORE) == [
        ("note", "indicators 1 target",
         "收入台阶：“回复率”从 略低于 95% 到 95%，工资从 600.00 变成 1,000.00 元，"
         "一步之差 400.00 元，主要是“奖金”"),
    ]  # fmt: skip


def test_a_score_in_proportion_has_no_cliff():
    assert found(indicators=[linear("回复率", "95%")], pay_items=BY_SCORE) == []


def test_the_cliff_of_a_week_s_score():
    # Four weeks of 10 points more: 1000 × 40 ÷ 100 = 400.
    threshold = indicator("回复率", "R02", target="95%", full=20, miss=10, cycle="week")
    ((_, where, what),) = found(indicators=[threshold], pay_items=BY_SCORE)

    assert where == "indicators 1 target"
    assert "工资从 400.00 变成 800.00 元" in what


def test_less_is_better_where_it_is():
    threshold = indicator("平均响应时间", "R02", target="30", full=100, miss=60)
    ((_, _, what),) = found(indicators=[threshold], pay_items=BY_SCORE)

    assert "从 略高于 30 到 30，工资从 600.00 变成 1,000.00 元" in what


@pytest.mark.parametrize(
    ("metric", "curve", "edge"),
    [
        ("平均响应时间", [(0, 30, 60), (30, None, 100)], "从 30 到 略低于 30"),
        ("回复率", [(0, 0.9, 100), (0.9, None, 60)], "从 略低于 90% 到 90%"),
    ],
)
def test_points_the_wrong_way_round(metric, curve, edge):
    ((severity, where, what),) = found(
        indicators=[indicator(metric, "R03", curve="分")], curves=bands("分", *curve),
        pay_items=BY_SCORE,
    )  # fmt: skip

    assert (severity, where) == ("warning", "curves 2 lower")
    assert f"“{metric}”更好，工资反而更少：{edge}，工资从 1,000.00 变成 600.00 元" in what


def test_what_is_counted_goes_by_ones():
    bad = indicator("差评", "R03", curve="分")
    ((severity, where, what),) = found(
        indicators=[bad], curves=bands("分", (0, 1, 100), (1, None, 60)), pay_items=BY_SCORE
    )
    assert (severity, where) == ("note", "curves 2 lower")
    assert "“差评”从 1 到 0，工资从 600.00 变成 1,000.00 元" in what


def test_events_that_cost_points_are_no_fall():
    bad = indicator("差评", "R09", per_count=-2, when_zero=5)
    assert found(indicators=[bad, linear("回复率", "95%")], pay_items=BY_SCORE) == []


def test_events_that_earn_points_for_being_bad_are_a_fall():
    bad = indicator("差评", "R09", per_count=2)
    ((severity, _, what),) = found(indicators=[bad, linear("回复率", "95%")], pay_items=BY_SCORE)

    assert severity == "warning"
    assert what.startswith("“差评”更好，工资反而更少")


def test_a_rated_metric_is_varied():
    threshold = indicator("内部协作", "R02", target="9", full=100, miss=60)
    ((_, where, what),) = found(
        indicators=[threshold], curves=keyed("内部协作权重", 同事=0.5, 上级=0.5), pay_items=BY_SCORE
    )
    assert where == "indicators 1 target"
    assert "“内部协作”从 略低于 9 到 9" in what


def test_an_edge_of_the_score_is_found_by_search():
    # 80 of 100 points at 80 % of the target of 50 %.
    items = [pay("奖金", "=IF(考核得分 >= 80, 500, 100)")]
    ((_, where, what),) = found(indicators=[linear("转化率", "50%")], pay_items=items)

    assert where == "pay_items 1 formula"
    assert "“转化率”从 略低于 40% 到 40%，工资从 100.00 变成 500.00 元" in what


def test_ranks_of_the_team_do_not_mix_in():
    ranked = indicator("转化率", "R05", cycle="week", rank_points="3,2,1", bonus_line="=组均值",
                       penalty_line="=组均值", below=-1)  # fmt: skip
    assert found(indicators=[ranked], pay_items=BY_SCORE) == []


def test_each_role_is_tried():
    def threshold(role, miss):
        return indicator("回复率", "R02", target="95%", full=100, miss=miss, role=role, name=role)

    sold, served = found(indicators=[threshold("售前", 60), threshold("售后", 20)], pay_items=BY_SCORE)

    assert "收入台阶（售前）" in sold[2]
    assert "工资从 600.00 变成 1,000.00 元" in sold[2]
    assert "收入台阶（售后）" in served[2]
    assert "工资从 200.00 变成 1,000.00 元" in served[2]


def test_only_the_roles_that_the_scheme_assesses_are_tried():
    threshold = indicator("回复率", "R02", target="95%", full=100, miss=60, role="售前,售后")
    whats = [w for _, _, w in found(indicators=[threshold], pay_items=BY_SCORE, assessed_roles="售前")]

    assert len(whats) == 1
    assert "（售后）" not in whats[0]


# --- the ready schemes -------------------------------------------------------------------------


def test_the_cliffs_of_the_department_pool():
    found = said(probe(make_scheme(preset_rows("S01"), preset_metrics())))

    assert [severity for severity, _, _ in found] == ["note"] * len(found)
    assert [(where, what.split("销售额")[1].split("（")[0]) for _, where, what in found] == [
        ("S01 曲线 5", "从 49,999 元 到 50,000 元"),
        ("S01 曲线 6、S01 曲线 15", "从 59,999 元 到 60,000 元"),
        ("S01 曲线 7", "从 79,999 元 到 80,000 元"),
        ("S01 曲线 8、S01 曲线 17", "从 129,999 元 到 130,000 元"),
        # R32-b: the mean completion reaches last month's, then passes it: −50, 0, +50 a head.
        ("S01 薪资项 14", "从 96,999 元 到 97,000 元"),
        ("S01 薪资项 14", "从 97,000 元 到 97,001 元"),
    ]


def test_the_cliff_of_the_target_scheme():
    # The reply rate is 10 % of the score, 60 or 100 points: 1000 × 10 % × 40 ÷ 100 = 40.
    ((severity, where, what),) = said(probe(make_scheme(preset_rows("S05"), preset_metrics())))

    assert (severity, where) == ("note", "S05 指标 2")
    assert "“回复率”从 略低于 100% 到 100%" in what
    assert "一步之差 40.00 元" in what


# --- whatever HR writes ------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_no_scheme_of_the_linter_s_tests_makes_it_fail(fault):
    severity, *_, faulty, right = FAULTS[fault]
    made = scheme(**(right if severity == "error" else faulty))

    assert all(p.severity != "error" for p in probe(made))


@pytest.mark.parametrize("scheme_id", preset_ids())
@pytest.mark.parametrize("table", ["indicators", "curves", "pay_items"])
def test_a_preset_without_any_one_row_does_not_make_it_fail(scheme_id, table):
    whole = preset_rows(scheme_id)
    tried = 0
    for n in range(0, len(whole[table]), 7):
        some = {**whole, table: [row for k, row in enumerate(whole[table]) if k != n]}
        try:
            made = make_scheme(some, preset_metrics())
        except InputError:
            continue
        if all(p.severity != "error" or "权重合计" in p.what for p in lint(made)):
            assert all(p.severity != "error" for p in probe(made))
            tried += 1
    assert tried or table == "curves" or scheme_id != "S01"  # small ones have no row to spare


def test_a_scheme_that_cannot_be_calculated_is_a_problem():
    (problem,) = probe(scheme(pay_items=[pay("提成", "=KPI_BAND(任务完成率, {0,1,5;0.5,2,6})")]))

    assert problem.severity == "error"
    assert "KPI_BAND" in problem.what


def test_everything_at_once_is_tried():
    path = resources.files("xl_kpi") / ".." / "tests" / "hosts" / "everything.toml"
    data = tomllib.loads(path.read_text("utf-8"))
    head = data.pop("head")
    made = {key: [Row(row, {}, key) for row in entries] for key, entries in data.items()}
    made["head"] = [Row({"key": key, "value": value}, {}, "head") for key, value in head.items()]

    assert all(p.severity != "error" for p in probe(make_scheme(made, preset_metrics())))


def test_rows_are_not_needed_for_the_team():
    assert probe(make_scheme(rows(indicators=[SCORED]), preset_metrics())) == []


@pytest.mark.parametrize("scheme_id", preset_ids())
def test_it_is_quick(scheme_id):
    made = make_scheme(preset_rows(scheme_id), preset_metrics())

    def seconds():
        start = time.process_time()
        lint(made)
        probe(made)
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.5


# --- in a book -----------------------------------------------------------------------------------


def test_a_check_lists_the_cliffs_of_the_book_s_scheme(tmp_path):
    outcome = check_book(sample_book(tmp_path / "月.xlsx"))
    cliffs = [p for p in outcome.problems if "收入台阶" in p.what]

    assert {p.severity for p in cliffs} == {"note"}
    assert any(p.where.startswith("S01 部门奖金池!") and "60,000 元" in p.what for p in cliffs)


def test_a_check_lists_what_is_wrong_in_another_month(tmp_path):
    path = sample_book(tmp_path / "月.xlsx")
    book = Editor(path)
    row = book.find("S01_indicators", "指标", "回复率")
    book.cell("S01_indicators", "失效日期", row).value = dt.date(2027, 1, 31)
    other = book.find("S01_indicators", "指标", "答问比")
    for header, value in (("生效日期", dt.date(2027, 1, 1)), ("指标", "回复率")):
        book.cell("S01_indicators", header, other).value = value
    book.save()

    said = [p for p in check_book(path).problems if "同时生效" in p.what]

    assert [p.severity for p in said] == ["warning"]
    assert "2027-01-01 至 2027-01-31" in said[0].what
