"""Formulas with KPI functions on sheets and on the command line, calculated without Excel."""

from __future__ import annotations

import pytest

from xl_kpi.errors import InputError
from xl_kpi.excel.engine import Engine, evaluate, evaluate_formula
from xl_kpi.tables import CellError


def test_a_formula_gives_a_value_or_rows() -> None:
    assert evaluate_formula("=KPI_DEPT_COEF(47%,39.55%)") == pytest.approx(0.00185885, rel=1e-12)
    assert evaluate_formula(" KPI_RATE(1,4)*2 ") == 0.5
    assert evaluate_formula("=KPI_RANK({3;1;2})") == [[1.0], [3.0], [2.0]]
    assert evaluate_formula('=IF(KPI_PASS(0.98,0.98)=100,"达标","未达标")') == "达标"
    assert evaluate_formula("=KPI_RATE(1,2)>0.4") is True


def test_an_argument_left_out_takes_its_default_wherever_it_stands() -> None:
    assert evaluate_formula('=KPI_SCORE(20,15,,"lower")') == 75
    assert evaluate_formula("=KPI_SCORE( 30 , 15 , , )") == 100
    assert evaluate_formula('=KPI_SCORE(KPI_RATE(1,2),1,,"higher",,40)') == 40
    assert evaluate_formula('=KPI_RANK_POINTS({3;2},,{5,4},,,"none",)') == [[5.0], [3.0]]
    outcome = evaluate("=KPI_RATE(,2)")
    assert outcome.value == CellError("#VALUE!")
    assert "缺少参数 部分" in outcome.reasons[0, 0]
    assert evaluate_formula("=IF(FALSE,1,)+1") == 1  # Excel's own functions keep their 0


def test_errors_come_with_their_reasons() -> None:
    outcome = evaluate('=KPI_RATE({1;2;3},{2;0;"多"})*100')
    assert outcome.value == [[50.0], [CellError("#N/A")], [CellError("#VALUE!")]]
    assert sorted(outcome.reasons) == [(1, 0), (2, 0)]
    assert "总数" in outcome.reasons[1, 0]
    assert "多" in outcome.reasons[2, 0]
    assert evaluate("=1/0").value == CellError("#DIV/0!")
    assert evaluate("=1/0").reasons == {}
    assert "总数为 0" in str(evaluate_formula("=KPI_WHY(KPI_RATE(1,0))"))
    assert evaluate_formula("=KPI_WHY(1/0)") == ""
    assert evaluate_formula("=IFERROR(KPI_RATE(1,0),0)") == 0


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("=KPI_RAT(1,2)", ["KPI_RAT", "KPI_RATE"]),
        ("=SUMM(1,2)", ["SUMM"]),
        ("=KPI_RATE(1,2", ["读不懂", "括号"]),
        ("=KPI_RATE(1,2))", ["读不懂"]),
        ('=KPI_SCORE(1,2,100,"lower)', ["读不懂", "双引号"]),
        ("", ["读不懂"]),
        ("=KPI_RATE（1，2）", ["全角", "（", "，"]),
        ("=KPI_RATE(1，2)", ["全角", "，"]),
        ("=KPI_SCORE(20,15,20,lower)", ["lower", "双引号"]),
        ("=KPI_RATE(A1,2)", ["A1", "没有表格"]),
        ("=KPI_RATE(员工!$B$2:$B$9,2)", ["员工!$B$2:$B$9", "没有表格"]),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_words(formula: str, said: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        evaluate_formula(formula)
    text = " ".join(str(problem) for problem in refused.value.problems)
    assert [word for word in said if word not in text] == []


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as refused:
        evaluate_formula("=KPI_RAT(A1,2)+FOO(higher)")
    assert len(refused.value.problems) == 4


def test_full_width_signs_inside_text_are_text() -> None:
    assert evaluate_formula('=IF(TRUE,"（是），","否")') == "（是），"


@pytest.fixture
def sheets() -> Engine:
    engine = Engine()
    for row, (paid, asked) in enumerate([(3, 4), (5, 0), ("甲", 2), (None, 2)], 1):
        engine.put("一店 数据", f"A{row}", paid)
        engine.put("一店 数据", f"B{row}", asked)
    engine.put("一店 数据", "C1", "=KPI_RATE(A1:A4,B1:B4)")
    engine.put("一店 数据", "D1", "=KPI_WHY(C1:C4)")
    engine.put("结果", "A1", "=KPI_WHY('一店 数据'!$C$2)")
    engine.put("结果", "A2", "='一店 数据'!C1*2")
    engine.put("结果", "A3", "=KPI_SCORE('一店 数据'!C2,0.5)")
    engine.put("结果", "A4", "=KPI_WHY(A3)")
    engine.put("结果", "A5", "=KPI_WHY(A2)")
    engine.calculate()
    return engine


def test_a_range_spills_and_each_row_keeps_its_own_error(sheets: Engine) -> None:
    assert [sheets.value("一店 数据", f"C{row}") for row in (1, 2, 3, 4)] == [
        0.75, CellError("#N/A"), CellError("#VALUE!"), CellError("#N/A"),
    ]  # fmt: skip


def test_why_finds_the_reason_of_a_cell(sheets: Engine) -> None:
    reasons = [str(sheets.value("一店 数据", f"D{row}")) for row in (1, 2, 3, 4)]
    assert reasons[0] == ""
    assert "总数为 0" in reasons[1]
    assert "甲" in reasons[2]
    assert "空白" in reasons[3]
    assert sheets.value("结果", "A1") == reasons[1]
    assert sheets.why("一店 数据", "C3") == reasons[2]
    assert sheets.value("结果", "A5") == ""


def test_an_error_is_handed_on_from_cell_to_cell(sheets: Engine) -> None:
    assert sheets.value("结果", "A2") == 1.5
    assert sheets.value("结果", "A3") == CellError("#N/A")
    assert "#N/A" in str(sheets.value("结果", "A4"))


def test_reasons_follow_a_new_calculation(sheets: Engine) -> None:
    sheets.put("一店 数据", "B2", 10)
    sheets.calculate()
    assert sheets.value("一店 数据", "C2") == 0.5
    assert sheets.why("一店 数据", "C2") == ""
    assert sheets.value("结果", "A1") == ""
    assert "甲" in sheets.why("一店 数据", "C3")


def test_a_formula_that_cannot_be_read_is_refused_when_it_is_put() -> None:
    with pytest.raises(InputError):
        Engine().put("表", "A1", "=KPI_RATE(1,")
