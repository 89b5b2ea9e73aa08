"""Months by another scheme: who gets what, what it costs, what each parameter costs."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from case_files import frame, frames, preset, read_case
from months import month
from small_schemes import counts, indicator, item, person, scheme

from xl_kpi.errors import InputError
from xl_kpi.pipeline import evaluate
from xl_kpi.simulation import Policy, closed_months, paid, simulate
from xl_kpi.simulation.months import Calculator, again
from xl_kpi.simulation.sensitivity import _variants
from xl_kpi.tables import HISTORY

MONTHS = ("2026-08", "2026-09")


def policy(made, name="新方案"):
    return Policy(made.id, name, lambda month: [made])


def row(who, month, converted, replied, sales=0.0):
    """A month: so many of 100 inquiries converted, so many of 100 customers answered."""
    return counts(
        who, f"{month}-05", inquiring_customers=100, converted_customers=converted,
        received_customers=100, replied_customers=replied, sales=sales,
    )  # fmt: skip


def world(**changes):
    """Two months of three people of two shops."""
    given = {
        "roster": [person("A"), person("B", shop="二店"), person("C", shop="二店")],
        "counts": [
            row("A", "2026-08", 30, 90), row("B", "2026-08", 20, 100), row("C", "2026-08", 10, 50),
            row("A", "2026-09", 40, 100), row("B", "2026-09", 20, 80), row("C", "2026-09", 10, 60),
        ],
    }  # fmt: skip
    return frames(given | changes)


def by_conversion(**changes):
    """100 points at 40 % converted, in proportion below; 10 yuan a point."""
    given = {
        "indicators": [indicator("转化率", target="40%", cap=100.0)],
        "pay_items": [item("转化奖", "=总分*10", paid="yes")],
    }
    return scheme(**(given | changes))


def by_both(**changes):
    """The same, 60 % conversion and 40 % reply rate."""
    given = {
        "indicators": [
            indicator("转化率", target="40%", cap=100.0, weight=0.6),
            indicator("回复率", target="100%", cap=100.0, weight=0.4),
        ],
        "pay_items": [item("绩效奖", "=总分*10", paid="yes")],
    }
    return scheme(**(given | changes))


# A 30/40 → 75, B 50, C 25 points; A 100, B 50, C 25 in September: ten times that in yuan.
# Both: August A .6×75+.4×90 = 81, B .6×50+.4×100 = 70, C .6×25+.4×50 = 35;
# September A 100, B .6×50+.4×80 = 62, C .6×25+.4×60 = 39.
BEFORE = {"2026-08": [750, 500, 250], "2026-09": [1000, 500, 250]}
AFTER = {"2026-08": [810, 700, 350], "2026-09": [1000, 620, 390]}


@pytest.fixture(scope="module")
def found():
    return simulate(world(), MONTHS, policy(by_both()), policy(by_conversion(), "老方案"))


def test_everybody_has_both_amounts_of_each_month(found):
    for month_ in MONTHS:
        mine = found.people[found.people["period"] == month_]
        assert mine["before"].tolist() == BEFORE[month_]
        assert mine["after"].tolist() == AFTER[month_]
    assert found.people["change"].tolist() == [60, 200, 100, 0, 120, 140]


def test_costs_add_up_by_month_shop_and_in_all(found):
    table = found.by("period").set_index("period")
    assert table.loc["2026-08", ["before", "after", "change"]].tolist() == [1500, 1860, 360]
    shops = found.by("shop").set_index("shop")
    assert shops.loc["二店", ["people", "rows", "before", "after"]].tolist() == [2, 4, 1500, 2060]
    assert shops.loc["二店", ["mean_before", "mean_after"]].tolist() == [375, 515]
    (total,) = found.by().to_dict("records")
    assert (total["before"], total["after"], total["change"]) == (3250, 3870, 620)


def test_who_gains_and_by_which_items(found):
    assert found.counts == {"up": 3, "down": 0, "same": 0, "not_compared": 0}
    assert found.sums == {"up": 620, "down": 0}
    first = found.moved(1)[0]
    assert (first.person_id, first.change) == ("B", 320)
    assert first.items == (("绩效奖", 1320.0), ("转化奖", -1000.0))
    assert found.moved(-1) == []


def test_items_that_only_one_side_pays_are_told(found):
    (note,) = [p for p in found.problems if "两边发放的项目不同" in p.what]
    assert "只有 T01 老方案 发：转化奖" in note.what
    assert "只有 T01 新方案 发：绩效奖" in note.what
    assert note.severity == "note"


def effects(found, kind, name):
    return {
        e.step: (e.change, e.up, e.down)
        for e in found.effects if (e.parameter.kind, e.parameter.name) == (kind, name)
    }  # fmt: skip


def test_a_weight_goes_up_a_point_and_the_others_of_its_block_down():
    # 61 : 39 instead of 60 : 40 moves a hundredth of (conversion − reply) points, times 10:
    # Aug A −15, B −50, C −25; Sep A 0, B −30, C −35: −155 points, −15.50 yuan.
    found = simulate(world(), MONTHS, policy(by_both()), policy(by_conversion()))
    assert effects(found, "weight", "转化率") == {0.01: (-15.5, 0, 5)}
    assert effects(found, "weight", "回复率") == {0.01: (15.5, 5, 0)}


def test_a_target_moves_by_a_share_of_itself():
    # Conversion earns 0.6 × 10 × 100 × converted ÷ target: 600 × 130 ÷ 40 = 1950 now, by 42 % less.
    found = simulate(world(), MONTHS, policy(by_both()), policy(by_conversion()))
    # Converted 30 + 20 + 10 + 40 + 20 + 10; to the cent 428.57 + 285.71 + 142.86 + 571.43 + 285.71 + 142.86.
    moved = effects(found, "target", "转化率")
    assert moved[0.05][0] == pytest.approx(1857.14 - 1950, abs=1e-9)
    assert moved[0.05][1:] == (0, 6)
    assert moved[-0.05][1:] == (5, 0)  # A's September is at the cap already
    assert set(moved) == {-0.05, -0.01, 0.01, 0.05}


def test_a_target_of_the_target_table_and_a_rate_move_too():
    made = scheme(
        indicators=[indicator("转化率", target="40%")],
        curves=[{"name": "提点", "upper": 1.0, "value": 0.01},
                {"name": "提点", "lower": 1.0, "value": 0.02}],
        pay_items=[item("提成", "=销售额*KPI_BAND(任务完成率, 提点)", paid="yes")],
    )  # fmt: skip
    tables = world(
        counts=[row("A", "2026-09", 40, 90, 1000.0), row("B", "2026-09", 40, 90, 2000.0),
                row("C", "2026-09", 40, 90, 990.0)],
        targets=[{"period": "2026-09", "person_id": p, "sales_target": 1000.0} for p in "ABC"],
    )  # fmt: skip
    found = simulate(tables, ["2026-09"], policy(made), policy(made))
    # 1 % dearer targets: A's 1000 of 1010 fall to 1 %; 1 % cheaper ones: C's 990 of 990 rise to 2 %.
    assert effects(found, "sales_target", "任务") == {
        0.01: (-10, 0, 1), 0.05: (-10, 0, 1), -0.01: (9.9, 1, 0), -0.05: (9.9, 1, 0)
    }  # fmt: skip
    assert effects(found, "rate", "提点 ≥ 1") == {0.05: (3, 2, 0), -0.05: (-3, 0, 2)}  # 5 % of 60
    (edge,) = [e for e in found.edges if e.name == "提成"]
    assert (edge.line, edge.below, edge.above) == ("1", 1, 1)  # C just below, A on the line


def test_grades_are_counted_both_ways_the_best_first():
    graded = by_both(
        grades=[{"grade": "甲", "lower": 80.0}, {"grade": "乙", "upper": 80.0}],
    )
    found = simulate(world(), MONTHS, policy(graded), policy(by_conversion()))
    assert found.grade_counts.to_numpy().tolist() == [["甲", 0, 2], ["乙", 0, 4]]


# --- closed months -------------------------------------------------------------------------


def history(*rows):
    keys = ("period", "person_id", "item", "value", "word", "booked")
    return frame(HISTORY, [dict(zip(keys, r, strict=False)) for r in rows])


PAID = history(
    ("2026-08", "A", "应发合计", 700.0, None), ("2026-08", "A", "转化奖", 650.0, None),
    ("2026-08", "B", "应发合计", 500.0, None), ("2026-08", "B", "转化奖", 500.0, None),
    ("2026-08", "A", "等级", None, "乙"), ("2026-08", "A", "等级", None, "甲"),
    ("2026-08", "A", "应发合计", 720.5, None),
)  # fmt: skip


def test_of_several_rows_the_last_one_counts():
    table = paid(PAID)
    assert table.to_dict("list") | {"grade": None} == {
        "period": ["2026-08"] * 2, "person_id": ["B", "A"], "pay": [500.0, 720.5], "grade": None
    }  # fmt: skip
    assert dict(zip(table["person_id"], table["grade"], strict=True))["A"] == "甲"
    assert closed_months(PAID) == ["2026-08"]
    corrected = history(
        ("2026-08", "A", "应发合计", 720.5, None, "2026-09"), ("2026-08", "A", "应发合计", 700.0, None, "2026-08")
    )
    assert paid(corrected)["pay"].tolist() == [720.5]


def test_closed_months_are_compared_with_what_was_paid():
    tables = world() | {"history": PAID}
    found = simulate(
        tables, ["2026-08"], policy(by_both()), policy(by_conversion()), with_paid=True
    )
    people = found.people.set_index("person_id")
    assert people.loc[["A", "B"], "before"].tolist() == [720.5, 500]
    assert people.loc[["A", "B"], "change"].tolist() == [89.5, 200]
    assert people["change"].isna()["C"]  # nothing was paid to C
    assert found.items_before.loc[0].to_dict() == {"转化奖": 650.0, "其他": 70.5}
    assert found.counts["not_compared"] == 1
    assert any("没有工资的人：员工C" in p.what for p in found.problems)


# --- nothing is shared that differs --------------------------------------------------------


def same(one, other):
    assert one.pay.tolist() == pytest.approx(other.pay.tolist(), abs=0, nan_ok=True)
    for name in one.items:
        left, right = one.items[name], other.items[name]
        if left.dtype != object:
            assert np.array_equal(left, right, equal_nan=True), name


@pytest.mark.parametrize("seed", range(3))
def test_schemes_calculated_together_are_as_if_each_were_alone(seed):
    case = month("S01", seed)
    tables = frames(case)
    curve = {"S04": ("1店", "2店", "3店", "4店")}
    schemes = []
    for one in ("S01", "S04", "S02", "S05", "S03"):
        made = preset(one, "2026-10")
        if one in curve:
            rates = dataclasses.replace(
                made.curves["店铺提点"], keys=curve[one], values=np.array([0.01, 0.02, 0.03, 0.04])
            )
            made = dataclasses.replace(made, curves={**made.curves, "店铺提点": rates})
        schemes.append(made)
    calculator = Calculator(tables)
    for name in ("2026-10", "2026-09", "2026-10"):
        for made in (*schemes, schemes[0]):
            (results,), _ = calculator.month(name, policy(made))
            same(results, evaluate(tables, made, name))


@pytest.mark.parametrize("name", ["s01_team_month", "s04_team_month", "s06_team_month", "s06_year_end",
                                  "s10_team_month"])  # fmt: skip
def test_a_moved_parameter_is_as_if_the_scheme_were_calculated_from_the_start(name):
    case = read_case(name)
    tables, made = frames(case), preset(case["scheme"], case["period"])
    results = evaluate(tables, made, case["period"])
    variants = list(_variants(made))
    assert len(variants) > 10
    for _, _, changed in variants[:: max(1, len(variants) // 25)]:
        same(again(results, changed), evaluate(tables, changed, case["period"]))
    same(results, evaluate(tables, made, case["period"]))


# --- S04 -----------------------------------------------------------------------------------


def test_s04_shows_commission_heavy_and_performance_heavy_pay_side_by_side():
    case = read_case("s04_team_month")
    made = preset("S04", "2026-10")
    found = simulate(frames(case), ["2026-10"], policy(made), policy(made))
    ids = found.people["person_id"].tolist()
    for who, items in case["expect"]["items"].items():
        if "重提成薪资" not in items:
            continue
        row_ = ids.index(who)
        assert found.shown.loc[row_, "重提成薪资"] == items["重提成薪资"]
        assert found.items_after.loc[row_, "重绩效薪资"] == items["重绩效薪资"]
    assert found.by()["after"].tolist() == [round(sum(case["expect"]["total"].values()), 2)]
    means = found.group_means.set_index(["group", "item"])["value"]
    for shop, figures in case["expect"]["shops"].items():
        for name, value in figures.items():
            assert means[shop, name] == pytest.approx(value, abs=1e-8)


# --- what is missing -----------------------------------------------------------------------


def test_a_month_that_lacks_what_is_needed_is_left_out_and_told():
    needs = by_both(pay_items=[item("提成", "=任务*1%", paid="yes")])
    tables = world(targets=[{"period": "2026-08", "person_id": p, "sales_target": 1.0} for p in "ABC"])
    found = simulate(tables, MONTHS, policy(needs), policy(by_conversion()))
    assert found.months == ("2026-08",)
    assert any(p.where == "2026-09" and "没有算进试算" in p.what for p in found.problems)
    assert any("“任务”空白" in p.what for p in found.problems)
    assert {p.severity for p in found.problems} <= {"warning", "note"}
    with pytest.raises(InputError) as caught:
        simulate(tables, ["2026-09"], policy(needs), policy(by_conversion()))
    assert caught.value.problems[0].severity == "error"


def test_an_indicator_that_nobody_has_figures_for_is_told():
    both = by_both(
        indicators=[indicator("转化率", target="40%", weight=0.6),
                    indicator("客户满意比", target="90%", weight=0.4)],
    )  # fmt: skip
    found = simulate(world(), MONTHS, policy(both), policy(by_conversion()))
    (problem,) = [p for p in found.problems if "没有任何人有数" in p.what]
    assert "2026-08、2026-09：“客户满意比”" in problem.what


def test_a_category_that_a_curve_lacks_is_named_once_for_all():
    case = read_case("s04_team_month")
    tables = frames(case)
    tables["roster"]["shop"] = tables["roster"]["shop"].replace("专卖店", "三店")
    made = preset("S04", "2026-10")
    with pytest.raises(InputError) as caught:
        simulate(tables, ["2026-10"], policy(made), policy(made))
    told = [p.what for p in caught.value.problems if "店铺提点" in p.what]
    assert told == ["2026-10：店铺“三店”不在曲线“店铺提点”里，重绩效薪资算不出来"]


def test_nobody_is_lost_where_the_sides_pay_different_people():
    tables = world(roster=[person("A"), person("B", role="售后"), person("C", shop=None)])
    ours = by_both(head={"id": "T02", "assessed_roles": "售前"})
    found = simulate(tables, MONTHS, policy(ours), policy(by_conversion()))
    assert found.people["person_id"].nunique() == 3
    assert found.by("shop")["rows"].sum() == len(found.people) == 6
    assert pd.isna(found.people.set_index("person_id").loc["B", "after"]).all()
