"""The values stored with plain formulas, against what a spreadsheet gives for them."""

import math

import numpy as np
import pytest

from xl_kpi.twin import Area, Policy
from xl_kpi.twin.calculation import Calculator, UnknownFormulaError

NUMBERS = [3.0, None, -2.0, 3.0, 10.0]  # column A
GROUPS = [1.0, 1.0, 2.0, 2.0, None]  # column B
WORDS = ["a", "B", None, "b", ""]  # column C
POLICY = [("线", 4.0), ("分", 3.0, 2.0, 1.0), ("段", 0.0, 5.0, 1.0, "[)"), ("段", 5.0, None, 2.0, "[]")]
BLANK = ""

# Formula and the values of its five rows, as Excel shows them; ¶ is the row.  Row 6 is the first.
BY_HAND = {
    "A¶": [3, 0, -2, 3, 10],  # an empty cell that is shown is 0
    "A¶+1": [4, 1, -1, 4, 11],
    "-A¶%": [-0.03, 0, 0.02, -0.03, -0.1],
    "2^A¶": [8, 1, 0.25, 8, 1024],
    'IF(A¶="","",A¶*2)': [6, BLANK, -4, 6, 20],
    'A¶=""': [False, True, False, False, False],
    'A¶<>""': [True, False, True, True, True],
    "A¶>=3": [True, False, False, True, True],
    '""<5': [False] * 5,  # a text is above every number
    '"">5': [True] * 5,
    'IF(C¶="b",1,0)': [0, 1, 0, 1, 0],  # without regard to case
    'C¶=""': [False, False, True, False, True],
    'IF(C¶="","无",C¶)': ["a", "B", "无", "b", "无"],
    "ISNUMBER(A¶)": [True, False, True, True, True],
    "ISNUMBER(TRUE)": [False] * 5,
    "COUNT(A¶,B¶)": [2, 1, 2, 2, 1],
    "SUM(A¶,B¶)": [4, 1, 0, 5, 10],
    "AVERAGE(A¶,B¶)": [2, 1, 0, 2.5, 10],
    "MAX(A¶,B¶)": [3, 1, 2, 3, 10],
    "MIN(0,A¶)": [0, 0, -2, 0, 0],
    "MIN(A¶:B¶)": [1, 1, -2, 2, 10],
    "SUM(A$6:A$10)": [14] * 5,
    "AND(A¶>0,B¶>0)": [True, False, False, True, False],
    "OR(A¶>5,B¶=2)": [False, False, True, True, True],
    "NOT(A¶>0)": [False, True, True, False, False],
    "ABS(A¶)": [3, 0, 2, 3, 10],
    "INT(A¶/4)": [0, 0, -1, 0, 2],
    "ROUND(A¶*0.335,2)": [1.01, 0, -0.67, 1.01, 3.35],  # 1.005 goes up, as one sees it
    "LOG10(A¶^2+1)": [1, 0, math.log10(5), 1, math.log10(101)],
    "SUMPRODUCT((B$6:B$10=B¶)*(A$6:A$10<>\"\"))": [1, 1, 2, 2, 1],
    "SUMPRODUCT((B$6:B$10=B¶)*(A$6:A$10<>\"\")*(A$6:A$10>A¶))": [0, 1, 1, 0, 0],
    "SUMPRODUCT((B$6:B$10=B¶)*(A$6:A$10<>\"\"),A$6:A$10)": [3, 3, 1, 1, 10],
    "SUMPRODUCT((A$6:A¶=A¶)*1)": [1, 1, 1, 2, 1],
    "SUMIF(B$6:B$10,B¶,A$6:A$10)": [3, 3, 1, 1, 0],
    "INDEX(A$6:A$10,3)": [-2] * 5,
    "INDEX(A¶:B¶,1,2)": [1, 1, 2, 2, 0],
    "INDEX(A¶:B¶,1,COLUMNS(A¶:B¶)-1)": [3, 0, -2, 3, 10],
    "SQRT(ABS(A¶)+1)": [2, 1, math.sqrt(3), 2, math.sqrt(11)],
    "INDEX(A$6:A$10,MAX(1,B¶))": [3, 3, 0, 0, 3],
    "INDEX('P'!$B$7:$D$7,2)": [2] * 5,
    "SUM(INDEX('P'!$B$7:$D$7,1):INDEX('P'!$B$7:$D$7,2))": [5] * 5,
    "COUNTA('P'!$B$7:$E$7)": [3] * 5,
    "A¶*'P'!$B$6": [12, 0, -8, 12, 40],
    "SUMPRODUCT(('P'!$B$8:$B$9<=A¶)*(('P'!$C$8:$C$9=\"\")+('P'!$C$8:$C$9>A¶)),'P'!$D$8:$D$9)":
        [1, 1, 0, 1, 2],
    "NETWORKDAYS(46296,46326)": [22] * 5,  # October 2026: Thursday the 1st to Saturday the 31st
    "IF(A¶>0,TRUE,AND(A¶<0,B¶=2))": [True, False, True, True, True],
}  # fmt: skip


def calculator(formula):
    area = Area("N", 5)
    area.given("数", NUMBERS)
    area.given("组", GROUPS)
    area.given("字", WORDS, text=True)
    column = area.add("结果", "result", formula)
    policy = Policy("P")
    for row in POLICY:
        policy.rows.append(row)
    return Calculator([area, policy]), column


@pytest.mark.parametrize("formula", BY_HAND)
def test_a_formula_gives_what_a_spreadsheet_gives(formula):
    made, column = calculator(formula)
    values = made.column("N", column.letter)
    got = [
        bool(number) if values.is_logical else word if np.isnan(number) else number
        for number, word in zip(values.numbers[0], values.words[0], strict=True)
    ]
    for ours, theirs in zip(got, BY_HAND[formula], strict=True):
        if isinstance(theirs, int | float) and not isinstance(theirs, bool):
            assert ours == pytest.approx(theirs, abs=1e-12)
        else:
            assert ours == theirs


@pytest.mark.parametrize(
    "formula",
    ["VLOOKUP(A¶,A$6:B$10,2)", "A¶&1", "SUM(A$6:A¶)", "SUM(A$7:A$10)", "A¶:INDEX(A$6:A$10,1)"],
)
def test_what_is_not_known_is_said(formula):
    made, column = calculator(formula)
    with pytest.raises(UnknownFormulaError):
        made.column("N", column.letter)
