"""Works out what s01_april_003.toml expects; ``--check`` compares.

The figures that 003§❹ prints for April must come out on the way.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from exact import cents, decimal, run
from system_s01 import expected

DEPARTMENT = "客服部"


def as_printed(case: Mapping[str, Any]) -> dict[str, Any]:
    """The expected figures, after a look at those of the document."""
    expect = expected(case)
    figures = expect["departments"][DEPARTMENT]
    ten_digits = {name: decimal(figure, 10) for name, figure in figures.items()}
    assert ten_digits["部门完成率"] == Decimal("0.47")
    assert ten_digits["部门转化率"] == Decimal("0.3955")
    assert ten_digits["考核系数"] == Decimal("0.00185885")
    assert cents(figures["部门奖金"]) == Fraction("929.68")  # printed 929.6, cut off
    assert figures["部门奖惩"] == -300
    assert cents(figures["考核奖金X"]) == Fraction("1129.81")
    assert decimal(figures["绩效奖金池"], 9) == Decimal("903.850128")
    assert decimal(figures["行为奖金池"], 9) == Decimal("225.962532")
    assert sum(scores["考核得分"] for scores in expect["scores"].values()) == 85
    paid = sum(items["绩效奖金"] for items in expect["items"].values())
    assert paid == Fraction("800.28")
    behaviour = sum(items["行为奖金"] for items in expect["items"].values())
    assert behaviour == Fraction("225.96")
    return expect


if __name__ == "__main__":
    run(__file__, as_printed)
