"""A scheme is judged before anyone is paid."""

import copy

import pytest

from xl_kpi.errors import InputError
from xl_kpi.lint import lint
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_ids, preset_metrics, preset_rows


def rows_with(scheme_id, table, match, **changes):
    """A preset's rows with one row changed, or dropped if there are no changes."""
    rows = {key: list(value) for key, value in preset_rows(scheme_id).items()}
    column, value = match
    found = [n for n, row in enumerate(rows[table]) if row.get(column) == value]
    assert found, match
    if changes:
        old = rows[table][found[0]]
        rows[table][found[0]] = Row({**old.values, **changes}, {}, "Z!A9")
    else:
        del rows[table][found[0]]
    return rows


def said(rows, metrics=None):
    try:
        problems = lint(make_scheme(rows, metrics or preset_metrics()))
    except InputError as error:
        problems = error.problems
    return [f"{p.severity} {p.where} {p.what} → {p.fix}" for p in problems]


@pytest.mark.parametrize("scheme_id", preset_ids())
def test_the_presets_have_nothing_but_notes(scheme_id):
    assert [text for text in said(preset_rows(scheme_id)) if not text.startswith("note ")] == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param(
            rows_with("S05", "indicators", ("metric", "回复率"), weight=0.15),
            ["105", "不是 100%"], id="weights 105 %",
        ),
        pytest.param(
            rows_with("S06", "indicators", ("metric", "投诉升级率"), weight=0.6),
            ["“投诉客服”在板块“岗位得分”的权重合计是 1.1"], id="weights of a role",
        ),
        pytest.param(
            rows_with("S05", "indicators", ("metric", "回复率"), weight=None),
            ["“回复率”没有权重"], id="a weight left blank",
        ),
        pytest.param(
            rows_with("S01", "curves", ("lower", 0.5), lower=0.55),
            ["“完成分”有空档", "50% 至 55%"], id="gap",
        ),
        pytest.param(
            rows_with("S01", "curves", ("lower", 0.5), lower=0.45),
            ["“完成分”有重叠", "45% 至 50%"], id="overlap",
        ),
        pytest.param(
            rows_with("S01", "curves", ("lower", 0.6), edges="[]"),
            ["“完成分”有重叠", "80% 同时在两段里"], id="shared edge 80 %",
        ),
        pytest.param(
            rows_with("S01", "curves", ("lower", 0.6), edges="()"),
            ["“完成分”有空档", "60% 不在任何一段里"], id="an edge in no band",
        ),
        pytest.param(
            rows_with("S01", "indicators", ("metric", "回复率"), rule="R05"),
            ["缺少“名次分”"], id="a rule without its figures",
        ),
        pytest.param(
            rows_with("S01", "indicators", ("metric", "回复率"), metric="回复律"),
            ["没有“回复律”", "是不是“回复率”？"], id="misspelt metric",
        ),
        pytest.param(
            rows_with("S01", "indicators", ("metric", "顾客流失率"), curve="流失"),
            ["没有曲线“流失”", "是不是“流失分”？"], id="misspelt curve",
        ),
        pytest.param(
            rows_with("S01", "indicators", ("metric", "顾客下单率"), metric="转化率"),
            ["“转化率”在", "已有一行"], id="indicator twice",
        ),
        pytest.param(
            rows_with("S01", "indicators", ("metric", "回复率"), rank_points="3,2,1"),
            ["warning", "用不到“名次分”"], id="a figure that does nothing",
        ),
        pytest.param(
            rows_with("S01", "pay_items", ("item", "部门奖金"), formula="=SUM(销售额) * 考核系素"),
            ["没有“考核系素”这个名称", "是不是“考核系数”？"], id="unknown name",
        ),
        pytest.param(
            rows_with("S01", "pay_items", ("item", "部门奖金"), formula="=SUMM(销售额)"),
            ["没有函数 SUMM", "是不是 SUM？"], id="unknown function",
        ),
        pytest.param(
            rows_with("S01", "pay_items", ("item", "部门奖金"), formula="=销售额 * 考核系数"),
            ["“销售额”是每个人的数字", "SUM(销售额)"], id="wrong level",
        ),
        pytest.param(
            rows_with("S01", "pay_items", ("item", "考核系数"), formula="=部门奖金 / SUM(销售额)"),
            ["循环引用", "考核系数 → 部门奖金 → 考核系数"], id="cycle of items",
        ),
        pytest.param(
            rows_with("S01", "pay_items", ("item", "部门奖金"), formula="=SUM(销售额 *"),
            ["“=SUM(销售额 *”", "改正公式"], id="syntax error",
        ),
        pytest.param(
            rows_with("S01", "pay_items", ("item", "部门奖金"), formula="=KPI_DEPT_COEF(0.5)"),
            ["KPI_DEPT_COEF 有 1 个参数", "2 至 3"], id="wrong number of arguments",
        ),
        pytest.param(
            rows_with("S01", "head", ("key", "周的划分"), value="五段"),
            ["没有“五段”", "四段"], id="a setting that is no choice",
        ),
        pytest.param(
            rows_with("S01", "head", ("key", "总分公式"), key="总分公事"),
            ["没有“总分公事”", "是不是“总分公式”？"], id="misspelt setting",
        ),
        pytest.param(
            rows_with("S01", "head", ("key", "总分公式")), ["缺少“总分公式”"], id="no total",
        ),
        pytest.param(
            rows_with("S01", "head", ("key", "月起始日"), value="31"), ["填 1 至 28"],
            id="month start day",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_cure(rows, words):
    text = "\n".join(said(rows))

    assert all(word in text for word in words), text


def test_a_cycle_of_metrics_is_found():
    metrics = copy.copy(list(preset_metrics()))
    for n, row in enumerate(metrics):
        if row.get("metric") == "回复率":
            metrics[n] = Row({**row.values, "formula": "=回复率 + 0"}, {}, "指标库!D5")

    assert "循环引用：回复率 → 回复率" in "\n".join(said(preset_rows("S01"), metrics))


def test_days_the_wrong_way_round():
    import datetime as dt

    backwards = {"valid_from": dt.date(2026, 12, 1), "valid_to": dt.date(2026, 11, 1)}
    rows = rows_with("S01", "indicators", ("metric", "回复率"), **backwards)

    assert "生效日期晚于失效日期" in "\n".join(said(rows))


def test_everything_is_said_at_once():
    rows = rows_with("S01", "indicators", ("metric", "回复率"), metric="回复律")
    rows["pay_items"] = [
        Row({**row.values, "formula": "=1 +"}, {}, row.place) if row.get("item") == "全勤奖" else row
        for row in rows["pay_items"]
    ]

    text = "\n".join(said(rows))

    assert "回复律" in text
    assert "“=1 +”" in text


def test_a_dated_row_is_in_force_on_its_days_only():
    import datetime as dt

    rows = rows_with("S01", "indicators", ("metric", "回复率"), valid_to=dt.date(2026, 10, 30))
    october = make_scheme(rows, preset_metrics(), dt.date(2026, 10, 31))
    earlier = make_scheme(rows, preset_metrics(), dt.date(2026, 10, 30))

    assert "回复率" not in [i.name for i in october.indicators]
    assert "回复率" in [i.name for i in earlier.indicators]


def test_without_a_day_the_last_of_the_dated_rows_is_in_force():
    import datetime as dt

    rows = rows_with("S05", "indicators", ("metric", "回复率"), valid_to=dt.date(2026, 12, 31))
    old = next(row for row in rows["indicators"] if row.get("metric") == "回复率")
    new = {"valid_from": dt.date(2027, 1, 1), "valid_to": None, "miss": 50}
    rows["indicators"].append(Row({**old.values, **new}, {}, "Z!A99"))

    assert [text for text in said(rows) if not text.startswith("note ")] == []
    latest = make_scheme(rows, preset_metrics()).indicators
    assert [i.miss for i in latest if i.name == "回复率"] == [50]


@pytest.mark.parametrize(
    "rows",
    [
        rows_with("S05", "indicators", ("metric", "问题解决率"), target="80"),
        rows_with("S01", "indicators", ("metric", "回复率"), penalty_line="99"),
        rows_with("S01", "pay_items", ("item", "全勤奖"), formula="=IF(回复率 >= 99, 100, 0)"),
    ],
    ids=["target", "line", "comparison"],
)
def test_a_rate_typed_without_its_per_cent_sign(rows):
    text = "\n".join(said(rows))

    assert "百分比" in text
    assert "%？" in text


def test_a_suggestion_is_spelt_as_the_sheet_spells_it():
    rows = rows_with("S01", "pay_items", ("item", "绩效奖金池"), formula="=考核奖金 * 80%")

    assert "是不是“考核奖金X”" in "\n".join(said(rows))
