"""Edits of a book that once gave a traceback or a silently wrong number."""

import pytest
from books import Editor, sample_book
from case_files import frames, read_case

from xl_kpi.audit import audit
from xl_kpi.cli import main
from xl_kpi.errors import InputError
from xl_kpi.excel.run import check_book, dry_run
from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows


def set_cell(table, header, row, value, match=None):
    def change(book):
        number = book.find(table, match[0], match[1]) if match else row
        cell = book.cell(table, header, number)
        cell.value = value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"

    return change


def indicator(name, header, value):
    return set_cell("S01_indicators", header, 0, value, ("指标", name))


def item(name, value):
    return set_cell("S01_pay_items", "公式", 0, value, ("项目", name))


def setting(name, value):
    return set_cell("S01_head", "内容", 0, value, ("项目", name))


def block_called_like_a_metric(book):
    for row in range(1, 30):
        cell = book.cell("S01_indicators", "板块", row)
        if cell.value == "考核得分":
            cell.value = "转化率"
    setting("总分公式", "=转化率")(book)


def events_renamed(book):
    sheet, table = book.places["kpi_events"]
    del sheet.tables["kpi_events"]
    table.displayName = table.name = "kpi_event"
    sheet.add_table(table)


def nobody_is_paid(book):
    row = 1
    while True:
        try:
            cell = book.cell("S01_pay_items", "发放", row)
        except KeyError:
            return
        if row > 40:
            return
        if cell.value == "是":
            cell.value = "否"
        row += 1


REFUSED = [
    pytest.param(set_cell("kpi_counts", "付款金额", 60, 1e12), "倍", id="an amount of 10^12"),
    pytest.param(set_cell("kpi_roster", "月基本工资", 1, 1e15), "赵晓宁的基本工资是 1e+15", id="a salary of 10^15"),
    pytest.param(item("全勤奖", "=-销售额"), "低于 0", id="pay below zero"),
    pytest.param(set_cell("S01_curves", "类别", 0, "同事", ("曲线", "完成分")), "有的行按类别",
                 id="a key in a band curve"),
    pytest.param(indicator("顾客流失率", "曲线", "内部协作权重"), "没有曲线", id="no such curve"),
    pytest.param(block_called_like_a_metric, "与别的名称相同", id="a block called like a metric"),
    pytest.param(indicator("顾客下单率", "名次分", "nan"), "写成 3,2,1", id="rank points nan"),
    pytest.param(indicator("顾客下单率", "名次分", "1_0,2"), "写成 3,2,1", id="rank points 1_0"),
    pytest.param(setting("月起始日", "²"), "1 至 28", id="month start ²"),
    pytest.param(setting("顶岗资格线", "0"), "顶岗资格线", id="stand-in line 0"),
    pytest.param(setting("顶岗资格线", "一半"), "顶岗资格线", id="stand-in line in words"),
    pytest.param(nobody_is_paid, "没有发放的薪资项", id="nobody is paid"),
    pytest.param(events_renamed, "kpi_events", id="an optional table renamed"),
    pytest.param(set_cell("kpi_departments", "部门", 0, "客服", ("期间", "2026-10")), "没有“客服”", id="unknown department"),
    pytest.param(set_cell("kpi_shops", "店铺", 14, "不存在"), "没有“不存在”", id="unknown shop"),
    pytest.param(item("全勤奖", "=KPI_PAY(姓名)"), "KPI_PAY", id="text for a matrix"),
    pytest.param(set_cell("kpi_metrics", "公式", 0, "=工号", ("指标", "回复率")), "每行一个",
                 id="text as a count"),
    pytest.param(set_cell("kpi_metrics", "公式", 0, "=KPI_PAY(评分)", ("指标", "回复率")), "评分",
                 id="ratings outside a rated metric"),
    pytest.param(item("全勤奖", "=KPI_RANK({1;2;3})"), "个数", id="an array of another length"),
    pytest.param(item("全勤奖", "=提成内"), "曲线", id="a curve as a figure"),
    pytest.param(set_cell("kpi_settings", "内容", 0, "9999-12", ("项目", "期间")), "期间",
                 id="a period in the year 9999"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "word"), REFUSED)
def test_the_edit_is_refused_or_named(change, word, tmp_path):
    path = sample_book(tmp_path / "月.xlsx")
    book = Editor(path)
    change(book)
    book.save()

    outcome = check_book(path)

    said = "\n".join(map(str, outcome.problems))
    assert outcome.light != "green"
    assert word in said, said


def test_a_curve_that_leaves_values_out_is_refused(tmp_path):
    path = sample_book(tmp_path / "月.xlsx")
    book = Editor(path)
    row = book.find("S01_curves", "曲线", "流失分")
    book.cell("S01_curves", "从", row).value = 0.04999
    book.save()

    said = "\n".join(map(str, check_book(path).problems))

    assert "4.999% 以下不在任何一段里" in said


def test_a_value_in_no_band_is_an_error():
    # The linter refuses such a curve; whoever calculates without it is told of the people.
    rows = {key: list(value) for key, value in preset_rows("S01").items()}
    first = next(n for n, row in enumerate(rows["curves"]) if row.get("name") == "流失分")
    old = rows["curves"][first]
    rows["curves"][first] = Row({**old.values, "lower": 0.04999}, {}, old.place)
    case = read_case("s01_team_month")
    results = evaluate(frames(case), make_scheme(rows, preset_metrics()), case["period"])

    assert "不在曲线“流失分”的任何一段里" in "\n".join(map(str, audit(results)))


def test_check_finds_what_would_stop_a_run(tmp_path, capsys):
    path = sample_book(tmp_path / "月.xlsx")
    book = Editor(path)
    sheet, _ = book.places["kpi_result_people"]
    sheet["B9"] = "我的备注"
    book.save()

    outcome = check_book(path)
    dry_run(outcome)

    assert outcome.light == "red"
    assert main(["check", str(path)]) == 1
    assert "我的备注" not in capsys.readouterr().err


def test_a_new_book_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    from xl_kpi.excel import new

    def refuse(*_):
        raise InputError([])

    monkeypatch.setattr(new, "set_settings", refuse)
    with pytest.raises(InputError):
        new.new_book(tmp_path / "月.xlsx", "zh", {})
    assert list(tmp_path.iterdir()) == []


def test_a_very_long_file_name_is_no_traceback(tmp_path, capsys):
    assert main(["run", str(tmp_path / ("长" * 90 + ".xlsx"))]) == 1
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=KPI_POOL_SHARE({1;1;1},0.5,3)", ["0.17", "0.17", "0.16"]),
        ("=KPI_POOL_SHARE(1,9.3E9)", ["#VALUE!"]),
        ("=KPI_POOL_SHARE({1E+308;1E+308},100)", None),
        ("=EDATE(1,1E9)", None),
    ],
)
def test_extreme_arguments_give_a_sum_or_an_error(formula, shown, capsys):
    assert main(["eval", formula]) in (0, 1)
    said = capsys.readouterr().out.split()
    if shown:
        assert said[: len(shown)] == shown
    assert "-9223372036.85" not in said
