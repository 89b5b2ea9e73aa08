"""对账 in an English book: the program's words are English, the policy's names stay."""

import re

import pytest
from case_files import evaluated, read_case

from xl_kpi.excel.reconciliation_groups import Group
from xl_kpi.twin import Policy

CHINESE = re.compile("[\u3400-\u9fff]")
CASES = [
    "s01_team_month", "s02_team_month", "s03_peak_month", "s04_team_month", "s06_year_end",
    "s09_team_month", "s10_team_month", "s12_team_month", "s90_team_month",
]  # fmt: skip


def labels_of(group):
    """The labels of every sheet as twin columns and figures have them, and as the book shows them."""
    for sheet in group.twins.sheets[1:]:
        rows = sheet.rows if isinstance(sheet, Policy) else [(c.label,) for c in sheet.columns]
        yield from ((label, group.label(label)) for label, *_ in rows)


@pytest.mark.parametrize("name", CASES)
def test_the_programs_words_are_english(name):
    group = Group("Reconciliation", evaluated(read_case(name)), "en")
    scheme = group.results.scheme
    policy = {
        *(i.name for i in scheme.indicators), *(i.block for i in scheme.indicators),
        *(i.name for i in scheme.pay_items), *scheme.curves, *scheme.metrics,
    }  # fmt: skip
    found = []
    for label, shown in labels_of(group):
        rest = re.sub('"[^"]*"', "", shown)
        for own in sorted(policy, key=len, reverse=True):
            rest = rest.replace(own, "")
        if CHINESE.search(rest):
            found.append((label, shown))
    assert not found


def test_figures_are_called_as_on_the_other_english_sheets():
    group = Group("Reconciliation", evaluated(read_case("s01_team_month")), "en")
    shown = dict(labels_of(group))
    assert shown["转化率 名次分"] == "转化率 rank points"
    assert shown["转化率 低于扣分线"] == "转化率 below the line"
    assert shown["询单人数比 扣分"] == "询单人数比 points deducted"
    assert shown["询单人数比 上期组均值"] == "询单人数比 previous group average"
    assert shown["付款客单价 全店付款金额/全店付款人数"] == "付款客单价 shop paid amount/shop paying customers"
    assert shown["曲线 流失分"] == "Curve 流失分"
    assert shown["工号"] == "Staff ID"


def test_tables_of_bands_say_which_pay_item_they_are_for():
    group = Group("对账", evaluated(read_case("s01_team_month")), "zh")
    policy = group.twins.sheets[-1]
    tables = {label for label, *figures in policy.rows if label.endswith("分段表")}
    assert tables == {"任务内提成 分段表", "超额提成 分段表"}
