"""Where a number comes from."""

import datetime as dt
import re

import numpy as np
import pytest
from case_files import MONTHS, evaluated, read_case

from xl_kpi.excel.engine import Engine
from xl_kpi.explain import explain, explain_group, explain_person
from xl_kpi.formula import parse, unparse
from xl_kpi.rounding import round_half_up
from xl_kpi.tables import column_letter


def lines_of(name, person, lang="zh"):
    results = evaluated(read_case(name))
    row = results.people.ids.index(person)
    return {line.item: line for line in explain(results, row, lang)}


def test_an_item_is_explained_with_names_figures_band_cell_and_clause():
    lines = lines_of("s01_team_month", "P05")
    in_task = lines["任务内提成"]

    assert in_task.text.startswith("MIN(销售额, 任务) * KPI_BAND(任务完成率, 提成内) = ")
    assert "提成内 落在 [60%, ∞) → 0.008" in in_task.text
    assert in_task.clause == "003§❹七"
    assert in_task.cell


def test_a_rate_moved_by_the_score_names_the_band_and_its_cell():
    text = lines_of("s02_team_month", "R02")["超额提点"].text

    assert "KPI_EXCESS_RATE(80, 1.5%, 提点浮动) = 0.013" in text
    assert "提点浮动 落在 [60, 80] → -0.002（S02 曲线 2）" in text


def test_a_row_looked_up_is_named_once_with_its_cell_and_can_be_typed_in():
    lines = lines_of("s04_team_month", "U04")

    shop = lines["提成额"]
    assert shop.text.endswith("= 6300.00；店铺提点 专卖店 → 0.015（S04 曲线 2）")
    assert shop.figures == '420000 * VLOOKUP("专卖店", 店铺提点, 2, FALSE)'
    assert lines["重绩效薪资"].text.count("提成权重 调整后 → 0.3（S04 曲线 4）") == 1


def test_a_limit_that_acts_is_named_and_one_that_is_just_reached_is_not():
    capped, reached, floored = (
        lines_of("s04_team_month", person)["重绩效薪资"] for person in ("U04", "U05", "U03")
    )

    assert "按公式 3165.56，高于封顶 3000.00，取封顶" in capped.text
    assert "按公式 1107.93，低于保底 1500.00，取保底" in floored.text
    assert reached.value == 2700
    assert "封顶" not in reached.text


def test_a_target_that_is_a_formula_shows_how_it_came_to_be():
    text = lines_of("s03_peak_month", "T04")["平均响应时间得分"].text

    target = "目标 21（KPI_RESPONSE_TARGET(人均接待量) = KPI_RESPONSE_TARGET(420)）"
    assert text.startswith(f"28（样本 9900），{target} → 75 分")


def test_a_weekly_indicator_shows_value_sample_average_place_and_points():
    lines = lines_of("s01_april_003", "K01")
    weeks = [line for item, line in lines.items() if item.startswith("顾客下单率得分 第")]

    assert len(weeks) == 4
    for line in weeks:
        for word in ("样本 ", "组均值", "名次", "→"):
            assert word in line.text
    assert sum(line.value for line in weeks) == lines["顾客下单率得分"].value


def test_dates_are_shown_as_dates():
    assert "2026-10-01" in lines_of("s01_team_month", "P01")["基本工资"].text


def test_english():
    text = lines_of("s01_team_month", "P01", "en")["顾客下单率 points week 1"].text

    assert "group average" in text
    assert "第" not in text


@pytest.mark.parametrize("name", MONTHS)
def test_the_sum_of_the_items_is_the_pay(name):
    results = evaluated(read_case(name))
    for row in range(results.people.count):
        last = explain(results, row)[-1]
        if " = " not in last.text:
            assert np.isnan(last.value)
            continue
        items = [float(part.rsplit(" ", 1)[1]) for part in last.text.split(" = ")[0].split(" + ") if part]
        if items:
            assert round(sum(items), 2) == last.value


def curve_texts(results):
    """Each curve as the range that a worksheet formula would name."""
    texts = {}
    for name, curve in results.scheme.curves.items():
        bands = curve.bands
        if bands is None:
            texts[name] = [
                [key, value] for key, value in zip(curve.keys, curve.values.tolist(), strict=True)
            ]
            continue
        ends = [[None if np.isinf(x) else x for x in side] for side in (bands.lower, bands.upper)]
        texts[name] = [list(r) for r in zip(*ends, bands.value.tolist(), bands.edges, strict=True)]
    return texts


def recomputed(results, lines):
    """Every line's figures typed into a sheet and calculated; curves stand beside them."""
    engine = Engine()
    areas = {}
    for n, (name, rows) in enumerate(curve_texts(results).items()):
        left = 5 * n + 1
        for r, row in enumerate(rows, 1):
            for c, cell in enumerate(row):
                if cell is not None:
                    engine.put("曲线", f"{column_letter(left + c)}{r}", cell)
        last = column_letter(left + len(rows[0]) - 1)
        areas[name] = f"曲线!${column_letter(left)}$1:${last}${len(rows)}"
    for n, line in enumerate(lines, 1):
        formula = unparse(parse(line.figures), lambda name: areas.get(name, name))
        engine.put("行", f"A{n}", "=" + formula)
    engine.calculate()
    return [engine.outcome("行", n, 1).value for n in range(1, len(lines) + 1)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", MONTHS)
def test_every_explanation_adds_up(name, lang):
    """What stands last in a line, typed into a cell, gives the number: to the cent if paid, else
    with all the digits in which it is shown."""
    results = evaluated(read_case(name))
    paid = {item.name for item in results.paid_items}
    lines = [line for row in range(results.people.count) for line in explain(results, row, lang)]
    lines += [
        line
        for level in ("department", "shop", "team")
        for group in range(len(results.labels(level)))
        for line in explain_group(results, level, group, lang)
    ]
    numbered = [x for x in lines if isinstance(x.value, float) and not np.isnan(x.value)]
    without = {x.item for x in numbered if not x.figures} - WITHOUT_FIGURES
    assert without == set()
    lines = [x for x in lines if x.figures and (isinstance(x.value, str) or x in numbered)]
    for line, found in zip(lines, recomputed(results, lines), strict=True):
        if isinstance(line.value, str):
            assert found == line.value, line
            continue
        assert isinstance(found, float), (line, found)
        if line.item in paid:
            assert float(round_half_up(found)) == line.value, line
        else:
            assert as_read(found, line.unit) == as_read(line.value, line.unit), line
    assert len(lines) >= 5 * results.people.assessed.sum()


def as_read(value, unit):
    """Money in cents, per cents and points in four decimals, coefficients in six digits."""
    if unit == "yuan":
        return f"{value + 0:.2f}".replace("-0.00", "0.00")
    if unit == "ratio":
        return f"{100 * value:.4f}"
    return f"{value:.4f}" if unit == "points" or abs(value) >= 0.1 else f"{value:.6g}"


@pytest.mark.parametrize("name", MONTHS)
def test_no_figure_is_longer_than_it_has_to_be(name):
    """At most eight decimals, and those only where the four that are read would not give the result."""
    results = evaluated(read_case(name))
    lines = [line for row in range(results.people.count) for line in explain(results, row)]
    shown = [x.text + (x.figures if x.formula else "") for x in lines]
    assert [text for text in shown if re.search(r"\d\.\d{9}", text)] == []
    of_items = [x.text.split("；")[0] for x in lines if x.formula]
    long = [text for text in of_items if re.search(r"[1-9]\d*\.\d{5}", text)]
    assert len(long) <= len(of_items) / 8


def test_a_figure_that_decides_keeps_the_digits_it_needs():
    """79.999988 % reads as 80 %, and 80 % would earn the next tier."""
    results = evaluated(read_case("s11_team_month"))
    texts = [x.text for row in range(results.people.count) for x in explain(results, row)]
    assert any("KPI_BAND(79.999988%, 提成率)" in text and "[0%, 80%) → 0.003" in text for text in texts)
    assert "KPI_BAND(52.9211%, 提成内)" in lines_of("s01_april_003", "K01")["任务内提成"].text


def test_of_somebody_not_assessed_only_what_is_paid_is_told():
    results = evaluated(read_case("s01_team_month"))
    row = results.people.ids.index("P10")
    first, *paid, last = explain_person(results, row)
    assert first.text.startswith("不参加本期考核（身份是")
    assert "不适用：绩效奖金、行为奖金" in first.text
    assert not any("不计分" in line.text or "不适用" in line.text for line in [*paid, last])
    assert [line.item for line in paid] == ["基本工资"]  # the allowances are blank
    assert last.value == results.pay[row]
    assessed = results.people.ids.index("P01")
    assert explain_person(results, assessed) == explain(results, assessed)


# What is counted or compared, not calculated: the sentence says among how many, after how many.
WITHOUT_FIGURES = {"名次", "Place", "满分合计", "Full marks in all"}


def test_department_lines_show_the_sums():
    results = evaluated(read_case("s01_april_003"))
    lines = {line.item: line for line in explain_group(results, "department", 0)}

    assert lines["部门奖金"].text == "SUM(销售额) * 考核系数 = 500135.6 * 0.00185885 = 929.68"
    assert lines["考核奖金X"].value == pytest.approx(1129.81266, rel=1e-9)


def test_a_calibrated_count_is_told_with_its_original():
    lines = lines_of("s06_team_month", "T06")
    note = "首响总秒数 校准：原值 9000，批准值 2640（9 月 8 日客服系统故障，客服主管 2026-10-02"

    assert lines["售后首次响应得分"].text.startswith(f"33，{note}")
    assert note in lines["季度响应时长得分"].text
    assert "校准" not in lines["一次性解决率得分"].text
    assert "校准" not in lines_of("s06_team_month", "T07")["售后首次响应得分"].text


@pytest.mark.parametrize(
    ("week", "told"), [(2, ["第2周"]), (np.nan, []), (9, [])], ids=["week", "month", "no week"]
)
def test_a_calibrated_week_is_told_in_its_week(week, told):
    case = read_case("s01_team_month")
    case["calibrations"] = [
        {"period": case["period"], "week": week, "person_id": "P01", "item": "总响应秒数",
         "value": 1, "reason": "故障", "approver": "主管", "approved": dt.date(2026, 11, 2)}
    ]  # fmt: skip
    results = evaluated(case)
    row = results.people.ids.index("P01")
    lines = [x for x in explain(results, row) if x.item.startswith("平均响应时间得分 ")]

    assert len(lines) == 4
    assert [x.item.split()[1] for x in lines if "总响应秒数 校准" in x.text] == told


def test_a_missed_target_brings_its_measure_and_a_met_one_does_not():
    results = evaluated(read_case("s05_team_month"))
    measure = next(i.measure for i in results.scheme.indicators if i.name == "首次响应时长")
    values, targets = results.figures.metric("首次响应时长", "month"), 30

    for row, value in enumerate(values):
        line = next(x for x in explain(results, row) if x.item == "首次响应时长得分")
        missed = bool(results.people.assessed[row]) and value > targets
        assert (measure in line.text) == missed


def test_an_indicator_that_is_only_shown_says_so_instead_of_points():
    assert lines_of("s10_team_month", "N05")["转化率得分"].text == "13.3333%（样本 90），仅列示"
    assert lines_of("s10_team_month", "N05")["顾客流失率得分"].text == "空白，仅列示"
    english = lines_of("s10_team_month", "N05", "en")["转化率 points"]
    assert english.text == "13.3333% (n = 90), shown only"


def test_an_item_of_those_assessed_tells_others_that_it_is_not_theirs():
    assert lines_of("s01_team_month", "P10")["绩效奖金"].text == "不适用（不参加本项考核）"


def test_a_figure_is_not_told_twice():
    assert lines_of("s01_team_month", "P09")["总分"].text == "考核得分 = 34"
    assert lines_of("s01_team_month", "P09")["全勤奖"].text == "月全勤奖 = 200.00；四舍五入到分"
    assert lines_of("s10_team_month", "N05")["总分"].text.endswith(", 30% * 60 + 70% * 70) = 67")


def test_a_limit_that_acts_shows_the_way_from_the_formula_to_the_item():
    text = lines_of("s10_team_month", "N05")["名次奖惩"].text
    assert text.startswith("KPI_RANK_REWARD(总分, 100, -100) = -50.00 → -32.50；")


def test_points_lost_in_a_week_are_subtracted():
    assert lines_of("s01_team_month", "P09")["顾客下单率得分"].text == "3 + 3 - 1 + 3 = 8 分"


def test_english_sentences_have_no_chinese_punctuation():
    for line in lines_of("s01_team_month", "P09", "en").values():
        assert not set("，；（）") & set(line.text), line


def test_a_commission_names_the_tier_that_the_completion_reached():
    text = lines_of("s06_team_month", "T02")["阶梯提成"].text
    assert "提成阶梯 落在 [100%, 120%) → 0.012" in text
