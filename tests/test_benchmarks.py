"""Lines that name the platforms' own comparison figures of the 基准 sheet."""

import datetime as dt
from dataclasses import replace

import pytest
from books import Editor, sample_book
from case_files import frame, frames
from export_blocks import BLOCKS
from export_files import table, write
from small_schemes import by_person, counts, indicator, item, person, scheme

from xl_kpi.audit import audit
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.importing import import_files
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.explain import explain
from xl_kpi.lint import lint
from xl_kpi.pipeline import evaluate
from xl_kpi.tables import BENCHMARKS, IMPORTS

SEPTEMBER = {"start": dt.date(2026, 9, 1), "end": dt.date(2026, 9, 30)}
MEAN = "同行同层均值"
# 43, 21 and 10 of a hundred inquiries; the second person is in another shop.
MONTH = {
    "roster": [person("A"), person("B", shop="二店"), person("C")],
    "counts": [
        counts(who, "2026-09-03", inquiring_customers=100, converted_customers=n)
        for who, n in (("A", 43), ("B", 21), ("C", 10))
    ],
}


def benchmark(value, shop="一店", kind=MEAN, metric="转化率", period="2026-09", source=None):
    return {"period": period, **SEPTEMBER, "metric": metric, "kind": kind, "value": value,
            "shop": shop, "source": source}  # fmt: skip


def results(*benchmarks, target=f"={MEAN}", **changes):
    made = scheme(
        indicators=[indicator("转化率", **{"target": target, **changes})],
        pay_items=[item("奖金", "=总分*10", paid="yes")],
    )
    tables = frames(MONTH)
    tables["benchmarks"] = frame(BENCHMARKS, list(benchmarks))
    tables["imports"] = frame(
        IMPORTS,
        [{"source": "1f2e3d4c-1", "file": "咨询_2026-09.csv", **SEPTEMBER, "platform": "淘宝",
          "fingerprint": "淘宝 #0"}],
    )  # fmt: skip
    return evaluate(tables, made, "2026-09")


def target(found):
    return by_person(found, found.scored["转化率"].target)


def errors(found):
    return [p for p in audit(found) if p.severity == "error" and MEAN in p.what]


def test_a_target_is_the_benchmark_of_ones_shop_else_that_of_all_shops():
    found = results(benchmark(0.5), benchmark(0.42, shop=None))
    assert target(found) == {"A": 0.5, "B": 0.42, "C": 0.5}
    # 0.43 / 0.5, 0.21 / 0.42, 0.10 / 0.5 of 100 points
    assert by_person(found, found.scored["转化率"].points) == pytest.approx({"A": 86, "B": 50, "C": 20})
    assert errors(found) == []


def test_a_benchmark_may_stand_in_a_formula_with_a_number_beside_it():
    found = results(benchmark(0.5, shop=None), target=f"=MAX({MEAN} * 80%, 45%)")
    assert target(found) == pytest.approx({"A": 0.45, "B": 0.45, "C": 0.45})


@pytest.mark.parametrize("kind", [MEAN, "同行同层优秀", "全店均值"])
def test_each_kind_is_its_own(kind):
    rows = [benchmark(n, None, k) for n, k in ((0.1, MEAN), (0.2, "同行同层优秀"), (0.3, "全店均值"))]
    wanted = {MEAN: 0.1, "同行同层优秀": 0.2, "全店均值": 0.3}[kind]
    assert target(results(*rows, target=f"={kind}"))["A"] == wanted


def test_penalty_and_other_lines_can_name_one_too():
    found = results(
        benchmark(0.2, None), rule="R04", target=None, full=None, floor=None, cap=None, below=-2.0,
        penalty_line=f"={MEAN}",
    )  # fmt: skip
    assert by_person(found, found.scored["转化率"].points) == {"A": 0, "B": 0, "C": -2}


def test_other_months_metrics_and_shops_do_not_count():
    found = results(
        benchmark(0.5, period="2026-08"), benchmark(0.5, metric="回复率"), benchmark(0.5, shop="三店")
    )
    assert target(found) == {"A": None, "B": None, "C": None}


def test_a_missing_benchmark_is_an_error_that_names_shop_month_and_metric_and_never_0():
    found = results(benchmark(0.5))
    assert target(found)["B"] is None
    assert by_person(found, found.scored["转化率"].points)["B"] is None
    (problem,) = errors(found)
    assert problem.where == "indicators 1"
    assert "2026-09“转化率”" in problem.what
    assert problem.what.endswith("：二店")
    assert "xl-kpi import" in problem.fix


def test_rows_that_disagree_are_an_error_and_equal_ones_are_not():
    assert errors(results(benchmark(0.5, None), benchmark(0.5, None))) == []
    found = results(benchmark(0.5, None), benchmark(0.6, None))
    assert target(found)["A"] is None
    (problem,) = errors(found)
    assert "有 2 行，数不一样" in problem.what
    assert "0.5、" in problem.what
    assert problem.what.endswith("0.6")


def test_a_quarter_has_no_benchmark():
    found = results(benchmark(0.5, None), cycle="quarter")
    (problem,) = [p for p in audit(found) if "按季度" in p.what]
    assert problem.severity == "error"


def test_an_explanation_names_the_benchmark_its_cell_and_the_imported_file():
    found = results(benchmark(0.5, source="1f2e3d4c-1"), benchmark(0.42, shop=None))
    first, second = ({line.item: line for line in explain(found, row, "zh")} for row in (0, 1))
    told = "43%（样本 100），目标 50%，同行同层均值 50%（基准!0，导入文件 咨询_2026-09.csv） → 86 分"
    assert first["转化率得分"].text == told
    assert "（基准!1，手填）" in second["转化率得分"].text


def test_a_formula_over_a_benchmark_is_told_with_its_figure():
    found = results(benchmark(0.5, shop=None), target=f"={MEAN} * 80%")
    text = {line.item: line for line in explain(found, 0, "zh")}["转化率得分"].text
    assert "同行同层均值 * 80% = 0.5 * 80%" in text


def test_the_linter_knows_the_names_in_lines_and_nowhere_else():
    good = scheme(indicators=[indicator("转化率", target="='peer average' * 90%")])
    assert [p for p in lint(good) if "peer average" in p.what] == []
    bad = scheme(
        indicators=[indicator("转化率")], pay_items=[item("奖金", f"=总分*{MEAN}", paid="yes")]
    )
    assert [p for p in lint(bad) if MEAN in p.what]


def test_a_book_whose_scheme_names_one_calculates_only_when_the_sheet_has_it(tmp_path):
    book = sample_book(tmp_path / "book.xlsx", "S05")
    edit = Editor(book)
    row = edit.find("S05_indicators", "指标", "转化率")
    edit.cell("S05_indicators", "目标", row).value = MEAN
    edit.save()
    lacking = [p for p in check_book(book).problems if p.severity == "error"]
    assert [MEAN in p.what for p in lacking] == [True]
    rows = [benchmark(0.25, None, period="2026-10")]
    fill_tables(book, {"benchmarks": rows}, "zh")
    outcome = check_book(book)
    assert outcome.count("error") == 0
    assert set(outcome.results.scored["转化率"].target) == {0.25}


def test_from_the_imported_file_to_the_trace_and_the_plain_formulas(tmp_path):
    book = sample_book(tmp_path / "book.xlsx", "S05")
    edit = Editor(book)
    row = edit.find("S05_indicators", "指标", "转化率")
    edit.cell("S05_indicators", "目标", row).value = MEAN
    edit.save()
    export = write(tmp_path, replace(BLOCKS["A1"], file="客服绩效_20261031_20261031.xlsx"))
    import_files(book, [export], period="2026-10")
    run_book(book)
    told = [line["说明"] for line in table(book, "trace") if MEAN in str(line["说明"])]
    assert told
    assert all(f"，导入文件 {export.name}）" in text for text in told)
    assert all("目标 42%，同行同层均值 42%（基准!" in text for text in told)
    light = {r.get("项目"): r.get("内容") for r in table(book, "status")}
    assert light["对账"] == "一致"
