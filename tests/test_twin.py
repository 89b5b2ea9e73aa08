"""Runs as plain formulas, before any spreadsheet calculates them (tests/hosts do that)."""

import re

import openpyxl
import pytest
from case_files import evaluated, frames, read_case
from twin_file import NOT_CALCULATED, write_twin_book

from xl_kpi.catalogue import RULES
from xl_kpi.formula import parse
from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows
from xl_kpi.twin import Area, Level, NoTwinError, Policy, formula_twin, twin_book
from xl_kpi.twin.rules import decided, rule_formula
from xl_kpi.twin.sheets import FIRST_ROW, HEADER_ROW, Formula


def level(*names, words=()):
    area = Area("N", 3)
    columns = {name: area.given(name, [1.0, 2.0, None]) for name in names}
    columns |= {name: area.given(name, ["a", None, "b"], text=True) for name in words}
    return Level(area, Policy("P"), columns.__getitem__)


# --- formulas ------------------------------------------------------------------------------

# As a person would write them; ¶ is the row.
WRITTEN = {
    "=甲": 'IF(COUNT(A¶)<1,"",A¶)',
    "=甲 * 20% + 乙": 'IF(COUNT(A¶,B¶)<2,"",A¶*20%+B¶)',
    "=(甲 + 乙) * 2": 'IF(COUNT(A¶,B¶)<2,"",(A¶+B¶)*2)',
    "=甲 + (乙 + 1)": 'IF(COUNT(A¶,B¶)<2,"",A¶+(B¶+1))',
    "=甲 / 乙": 'IF(COUNT(A¶,B¶)<2,"",IF(B¶=0,"",A¶/B¶))',
    "=甲 / 100": 'IF(COUNT(A¶)<1,"",A¶/100)',
    "=-甲": 'IF(COUNT(A¶)<1,"",-A¶)',
    "=2 * -甲": 'IF(COUNT(A¶)<1,"",2*(-A¶))',
    "=甲 - 乙": 'IF(COUNT(A¶,B¶)<2,"",IF(ABS(A¶-B¶)<1E-12*MAX(ABS(A¶),ABS(B¶)),0,A¶-B¶))',
    "=MAX(0, 甲)": 'IF(COUNT(A¶)<1,"",MAX(0,A¶))',
    "=ROUND(甲, 2)": 'IF(COUNT(A¶)<1,"",ROUND(A¶,2))',
    "=SUM(甲, 乙, 1)": "SUM(A¶,B¶,1)",
    "=AVERAGE(甲, 乙)": 'IF(COUNT(A¶,B¶)=0,"",AVERAGE(A¶,B¶))',
    '=IF(甲 = "", 0, 甲)': 'IF(A¶="",0,IF(COUNT(A¶)<1,"",A¶))',
    '=岗位 = "售前"': 'IF(AND(C¶<>"",C¶="售前"),1,0)',
    '=IF(岗位 <> "", 1, 2)': 'IF(C¶<>"",1,2)',
    "=1 > 2": "IF(1>2,1,0)",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_formula_is_written_as_a_person_would(text):
    assert formula_twin(parse(text), level("甲", "乙", words=["岗位"])) == WRITTEN[text]


def test_a_comparison_has_a_step_with_twelve_digits():
    of = level("甲")
    assert formula_twin(parse("=甲 >= 79.99999999999999"), of) == 'IF(AND(B¶<>"",B¶>=80),1,0)'
    (step,) = [column for column in of.area.columns if column.role == "step"]
    assert step.label == "甲 12位"
    assert step.content == 'IF(ISNUMBER(A¶),IF(A¶=0,0,ROUND(A¶,11-INT(LOG10(ABS(A¶))))),"")'


def test_the_same_step_stands_once():
    of = level("甲", "乙")
    formula_twin(parse("=IF(甲 > 乙, 甲 + 1, IF(乙 < 甲, 2, 3))"), of)
    steps = [column.content for column in of.area.columns if column.role == "step"]
    assert len(steps) == len(set(steps)) == 2


def test_formulas_do_not_grow_beyond_reason():
    """Each doubling would make the last one a million letters long."""
    of = level("甲")
    text = "甲"
    for _ in range(20):
        text = f"({text} - 1)"
    assert len(formula_twin(parse(f"={text}"), of)) < 200
    assert len(of.area.columns) == 20  # the figure and 19 steps


# --- rules ---------------------------------------------------------------------------------

DECIDED = [
    ('IF({better}="lower",1,2)', {"better": "lower"}, "1"),
    ('IF({better}="lower",1,2)', {"better": "higher"}, "2"),
    ('IF({better}="lower",1,2)', {}, 'IF({better}="lower",1,2)'),
    ("IF({strict},{a}<{t},{a}<={t})", {"strict": True}, "{a}<{t}"),
    ("IF({strict},{a}<{t},{a}<={t})", {"strict": False}, "{a}<={t}"),
    ('2*IF({ties}="all",{a}+1,3)', {"ties": "all"}, "2*({a}+1)"),
    ('IF({v}="","",IF({ties}="all",F(1,"a,)"),3))', {"ties": "all"}, 'IF({v}="","",F(1,"a,)"))'),
    ('IF({a}="x",IF({b}="y",1,2),IF({b}="y",3,4))', {"a": "z", "b": "y"}, "3"),
]


@pytest.mark.parametrize(("template", "options", "left"), DECIDED)
def test_branches_that_are_ruled_out_are_left_out(template, options, left):
    assert decided(template, options) == left


def test_steps_that_nobody_needs_are_left_out():
    of = level("甲")
    groups = of.area.given("组", [1.0, 1.0, 1.0])
    operands = {"values": of.find("甲"), "groups": groups}
    options = {"better": "higher", "ties": "all"}
    rule_formula(RULES["C4"], of.area, "名次", operands.__getitem__, options)
    steps = [column.label for column in of.area.columns if column.role == "step"]
    assert steps == ["名次 比较值", "名次 领先人数"]


def test_a_rule_without_a_twin_says_why():
    with pytest.raises(NoTwinError, match="KPI_PAY"):
        formula_twin(parse("=KPI_PAY(甲)"), level("甲"))
    with pytest.raises(NoTwinError, match="所有行"):
        formula_twin(parse("=KPI_DISCRIMINATION(甲, 甲)"), level("甲"))


def test_a_figure_for_a_range_says_why():
    with pytest.raises(NoTwinError, match="数组"):
        formula_twin(parse("=KPI_RATE({1;2;3}, 甲)"), level("甲"))


# --- whole runs ----------------------------------------------------------------------------


def test_an_item_without_a_plain_formula_is_given_and_named():
    rows = {key: list(value) for key, value in preset_rows("S05").items()}
    rows["pay_items"].append(
        Row(
            {"item": "合计", "level": "person", "formula": "=KPI_PAY(奖金基数)", "paid": "yes"},
            {},
            "x",
        )
    )
    case = read_case("s05_team_month")
    results = evaluate(frames(case), make_scheme(rows, preset_metrics()), case["period"])
    twins = twin_book(results)
    assert len(twins.without) == 1
    assert twins.without[0].startswith("合计：KPI_PAY")
    labels = [one.label for one in twins.checked]
    assert "合计" not in labels
    assert "应发合计" in labels
    assert any("合计：KPI_PAY" in str(content) for _, _, content in twins.sheets[0].cells())


@pytest.fixture(scope="module")
def twins():
    return twin_book(evaluated(read_case("s01_team_month")))


def test_the_sheets_are_those_of_the_run(twins):
    names = [sheet.sheet for sheet in twins.sheets]
    weeks = [f"对账第{n}周" for n in range(1, 5)]
    assert names == ["对账", "对账月", *weeks, "对账部门", "对账参数"]


def test_every_result_stands_beside_pythons_figure_and_the_difference(twins):
    for sheet in twins.sheets:
        columns = getattr(sheet, "columns", [])
        roles = [column.role for column in columns]
        for n, column in enumerate(columns):
            if column.role == "result" and sheet is not twins.sheets[0]:
                assert roles[n : n + 3] == ["result", "python", "gap"], column.label
                assert columns[n + 1].label == f"{column.label} 程序"
                assert columns[n + 2].label == f"{column.label} 差"


CELL = r"\$?([A-Z]{1,3})\$?(?:¶|\d+(?![\d(]))"
REFERENCE = re.compile(rf"(?:'([^']+)'!)?{CELL}(?::{CELL})?")


def used_by(sheet, column):
    """Sheet and letter of every column that a column's formula looks at."""
    text = re.sub(r'"[^"]*"', "", column.content)
    return {
        (match[1] or sheet.sheet, letter)
        for match in REFERENCE.finditer(text)
        for letter in (match[2], match[3] or match[2])
    }


def formulas_of(twins, roles):
    for sheet in twins.sheets[1:-1]:  # without the front and the policy's figures
        for n, column in enumerate(sheet.columns):
            if column.role in roles and isinstance(column.content, str):
                yield sheet, n, column


def test_a_formula_uses_what_stands_left_of_it_or_on_another_sheet(twins):
    """So nothing can go in a circle inside a sheet."""
    for sheet, n, column in formulas_of(twins, ("step", "result", "gap")):
        left = {(sheet.sheet, other.letter) for other in sheet.columns[:n]}
        own = {one for one in used_by(sheet, column) if one[0] == sheet.sheet}
        assert own <= left, (column.label, column.content)
        assert used_by(sheet, column) or column.label == "没有"


def test_nothing_of_python_goes_into_a_result(twins):
    python = {
        (column.sheet, column.letter)
        for sheet in twins.sheets[1:-1]
        for column in sheet.columns
        if column.role in ("python", "gap")
    }
    assert len(python) == 2 * len(twins.checked)
    for sheet, _, column in formulas_of(twins, ("step", "result")):
        assert not used_by(sheet, column) & python, (column.label, column.content)


def test_the_book_opens_with_headers_figures_and_formulas(twins, tmp_path):
    write_twin_book(tmp_path / "twins.xlsx", twins)
    book = openpyxl.load_workbook(tmp_path / "twins.xlsx")
    assert book.sheetnames == [sheet.sheet for sheet in twins.sheets]
    page, area = book["对账月"], twins.sheets[1]
    head = [cell.value for cell in page[HEADER_ROW]]
    assert head == [column.label for column in area.columns]
    assert page.cell(FIRST_ROW, 1).value == "P01"
    pay = next(one for one in twins.checked if one.label == "应发合计")
    assert page[f"{pay.column.letter}{FIRST_ROW}"].value.startswith("=IF(COUNT(")
    python = area.columns[area.columns.index(pay.column) + 1]
    assert page[f"{python.letter}{FIRST_ROW}"].value == 5348.77
    stored = openpyxl.load_workbook(tmp_path / "twins.xlsx", data_only=True)
    assert stored["对账"]["B1"].value == NOT_CALCULATED


def test_policy_figures_stand_in_cells_of_their_own(twins):
    rows = [row for row in twins.sheets[-1].rows if row[0].startswith("顾客下单率")]
    assert ("顾客下单率 名次分", 3.0, 2.0, 1.0) in rows
    assert ("顾客下单率 低于扣分线", -1) in rows
    bands = [row[1:] for row in twins.sheets[-1].rows if row[0] == "曲线 流失分"]
    assert bands == [(0.0, 0.05, 1.0, "[)"), (0.05, 0.1, 0.0, "[]"), (0.1, None, -1.0, "()")]


def test_formulas_are_told_from_texts():
    area = Area("N", 1)
    area.given("说明", ["=不是公式"], text=True)
    area.add("结果", "result", "A¶")
    cells = {(row, column): content for row, column, content in area.cells()}
    assert not isinstance(cells[FIRST_ROW, 1], Formula)
    assert cells[FIRST_ROW, 2] == Formula(f"A{FIRST_ROW}")
