"""R52: what the open points of S06 offer instead of the quarter's own indicators, inside or on top."""

from dataclasses import replace

import pytest
from case_files import frames, preset, read_case

from xl_kpi.formula import parse
from xl_kpi.lint import lint
from xl_kpi.pipeline import evaluate

MONTHS = "AVERAGE(总分, PAST(总分, 1), PAST(总分, 2))"


def with_formula(scheme, name, text):
    items = [
        replace(i, formula=replace(i.formula, text=text, node=parse(text))) if i.name == name else i
        for i in scheme.pay_items
    ]
    return replace(scheme, pay_items=tuple(items))


@pytest.mark.parametrize(
    ("formula", "score"),
    [
        # T09: months 90, 94 and 80 % × (60 % × (30 % × 84 + 70) + 40) + 20 % × 90 = 95.696, a mean
        # of 93.232; its team item 100; its own indicators 50 % × 84.5 + 50 = 92.25.
        pytest.param(f"={MONTHS}*(1 - 10%) + 团队协作*10%", 93.9088, id="months, inside"),
        pytest.param(f"={MONTHS} + 团队协作*10%", 103.232, id="months, on top"),
        pytest.param("=季度指标 + 团队协作*10%", 102.25, id="own indicators, on top"),
        pytest.param("=季度指标*(1 - 15%) + 团队协作*15%", 93.4125, id="own indicators, 15 %"),
    ],
)
def test_the_quarter_can_be_made_otherwise(formula, score):
    case = read_case("s06_team_month")
    case["history"] += [
        {"period": f"2026-{month}", "person_id": "T09", "item": "总分", "value": value}
        for month, value in (("07", 90), ("08", 94))
    ]
    scheme = with_formula(preset("S06"), "季度得分", formula)
    results = evaluate(frames(case), scheme, case["period"])

    assert [p for p in lint(scheme) if p.severity == "error"] == []
    row = results.people.ids.index("T09")
    assert results.items["季度得分"][row] == pytest.approx(score, rel=1e-12)
