"""A policy diagnosed: figures by hand and by pandas, planted effects found, quiet worlds quiet."""

import statistics

import numpy as np
import pandas as pd
import pytest
from diagnosis_worlds import World, policy_scheme
from small_schemes import counts, indicator, item, person, scheme

from xl_kpi.diagnosis import diagnose, thresholds
from xl_kpi.errors import InputError
from xl_kpi.simulation import Policy

ALARMS = ("discrimination", "unusual", "signals", "fairness")


def policy(made):
    return Policy(made.id, made.name, lambda month: [made])


def diagnosed(tables, months, made, **changes):
    limits = thresholds([f"{key}={value}" for key, value in changes.items()])
    return diagnose(tables, list(months), policy(made), limits)


def answer(found, question):
    return next(a for a in found.schemes[0].answers if a.question == question)


def rows(found, question):
    return answer(found, question).rows.to_dict("records")


def keys(found, severity="warning"):
    return {(f.key, f.where) for f in found.findings if f.severity == severity}


def texts(found, key):
    return [(f.what("zh"), f.fix("zh")) for f in found.findings if f.key == key]


# --- a small month by hand ----------------------------------------------------------------------

MONTHS = ("2026-07", "2026-08", "2026-09")
CONVERTED = {"A": (20, 24, 28), "B": (30, 30, 36), "C": (40, 36, 40), "D": (36, 40, 38), "E": (24, 28, 20), "F": (32, 34, 36)}
REPLIED = {"A": 98, "B": 99, "C": 97, "D": 98, "E": 100, "F": 99}


def by_hand():
    """100 inquiries and customers each month; points = figure ÷ target, at most 100."""
    from case_files import frames

    return frames(
        {
            "roster": [person(one, shop="一店" if one in "ABC" else "二店") for one in CONVERTED],
            "counts": [
                counts(who, f"{month}-05", inquiring_customers=100, converted_customers=made[n],
                       received_customers=100, replied_customers=REPLIED[who])
                for who, made in CONVERTED.items() for n, month in enumerate(MONTHS)
            ],
        }
    )  # fmt: skip


def two_indicators(**changes):
    return scheme(
        indicators=[
            indicator("转化率", target="40%", cap=100.0, weight=0.6, **changes),
            indicator("回复率", target="100%", cap=100.0, weight=0.4),
        ],
        pay_items=[item("奖金", "=总分*10", paid="yes")],
    )


@pytest.fixture(scope="module")
def small():
    return diagnosed(by_hand(), MONTHS, two_indicators())


def test_spread_of_points_and_share_of_full_marks(small):
    conversion, reply = rows(small, "discrimination")
    for n in range(3):
        points = [made[n] / 40 * 100 for made in CONVERTED.values()]
        assert conversion["variations"][n] == pytest.approx(statistics.stdev(points) / statistics.mean(points))
    assert conversion["full_share"] == pytest.approx(3 / 18)  # C in July and September, D in August
    assert reply["variations"][0] == pytest.approx(statistics.stdev(REPLIED.values()) / statistics.mean(REPLIED.values()))


def test_item_total_correlation_and_effective_weights(small):
    points = pd.DataFrame(
        {"c": [sum(made) / 3 / 40 * 100 for made in CONVERTED.values()], "r": list(REPLIED.values())},
        dtype=float,
    )
    conversion, reply = rows(small, "discrimination")
    assert conversion["r"] == pytest.approx(points["c"].corr(points["r"]))
    score = 0.6 * points["c"] + 0.4 * points["r"]
    assert conversion["effective"] == pytest.approx((0.6 * points["c"]).cov(score) / score.var())
    assert conversion["effective"] + reply["effective"] == pytest.approx(1)


def test_an_indicator_that_tells_nobody_apart(small):
    assert {key for key, _ in keys(small)} == {"flat"}
    ((what, _),) = texts(small, "flat")
    # 97 to 100 points: standard deviation 1.05 of 98.5, three months alike.
    assert "“回复率”拉不开差距：近 3 个月得分的变异系数 1.1%、1.1%、1.1%（低于 5.0%）" in what
    assert "权重 40.0%" in what


def test_two_months_are_not_three():
    found = diagnosed(by_hand(), MONTHS[1:], two_indicators())
    assert keys(found) == set()
    assert "flat_so_far" in {key for key, _ in keys(found, "note")}


def test_few_people_are_not_judged():
    tables = by_hand()
    tables["roster"] = tables["roster"].iloc[:4]
    found = diagnosed(tables, MONTHS, two_indicators())
    assert [row["verdict"] for row in rows(found, "discrimination")] == ["few_people", "few_people"]
    assert np.isnan(rows(found, "discrimination")[0]["r"])


def test_who_made_a_target_and_what_is_proposed(small):
    conversion = rows(small, "targets")[0]
    assert (conversion["made"], conversion["tried"], conversion["people"]) == (3, 18, 6)
    assert conversion["target"] == "40%"
    # The 18 figures from the top: 40 40 40 38 36 36 36 36 34 32 30 30 28 28 24 24 20 20 %.
    # 60 % of 18 are 11 figures: the 11th is 30 %, which 12 reach; half: the 9th, 34 %; 70 %: the 13th, 28 %.
    assert [conversion[f"aim_{n}"] for n in range(3)] == ["28%", "30%", "34%"]
    assert conversion["would"] == pytest.approx(12 / 18)


def test_an_easy_target_and_one_out_of_reach():
    made = scheme(
        indicators=[
            indicator("转化率", target="10%", cap=1000.0, weight=0.6),
            indicator("回复率", target="105%", cap=1000.0, weight=0.4),
        ]
    )  # fmt: skip
    found = diagnosed(by_hand(), MONTHS, made)
    easy, hard = rows(found, "targets")
    assert (easy["verdict"], hard["verdict"]) == ("target_easy", "target_hard")
    assert easy["share_low"] == pytest.approx(18 / (18 + 1.96**2), abs=1e-4)  # Wilson, all of 18
    ((what, fix),) = texts(found, "target_hard")
    assert "18 人次里只有 0 次达到" in what
    assert "建议 98%" in fix  # 60 % of 18: the 11th of 100×3 99×6 98×6 97×3; 15 of 18 reach it
    assert "83.3% 的人次能达到" in fix


def test_a_lower_figure_is_better():
    tables = by_hand()
    tables["counts"]["first_response_seconds"] = [2000.0 + 100 * n for n in range(18)]
    tables["counts"]["first_responses"] = 100.0
    made = scheme(indicators=[indicator("首次响应时长", target="10")])
    (row,) = rows(diagnosed(tables, MONTHS, made), "targets")
    # 20, 21 … 37 s: nobody makes 10 s.  11 figures of 18 are at most 30 s.
    assert (row["made"], row["aim_1"], row["verdict"]) == (0, "30", "target_hard")
    assert row["would"] == pytest.approx(11 / 18)


def test_lines_that_follow_the_group_are_no_targets():
    made = scheme(
        indicators=[
            indicator("转化率", rule="R04", target=None, penalty_line="组均值", below=-1.0, weight=1.0),
        ]
    )
    assert rows(diagnosed(by_hand(), MONTHS, made), "targets") == []


def test_sales_targets_are_judged_as_a_factor_where_they_differ():
    from case_files import frame

    from xl_kpi.tables import TARGETS

    tables = by_hand()
    tables["counts"]["sales"] = [80.0 + n for n in range(18)]
    goals = [{"period": month, "person_id": who, "sales_target": 100.0 + place}
             for place, who in enumerate(CONVERTED) for month in MONTHS]  # fmt: skip
    tables["targets"] = frame(TARGETS, goals)
    row = rows(diagnosed(tables, MONTHS, two_indicators()), "targets")[-1]
    assert (row["indicator"], row["kind"], row["target"]) == ("任务", "sales_target", "100 – 105")
    quotients = sorted(((80.0 + 3 * p + n) / (100.0 + p) for p in range(6) for n in range(3)), reverse=True)
    assert row["aim_1"] == f"× {np.floor(quotients[10] * 1000) / 1000:g}"


def test_samples():
    tables = by_hand()
    tables["counts"]["inquiring_customers"] = [10.0 if n % 3 == 0 else 100.0 for n in range(18)]
    tables["counts"]["converted_customers"] = 3.0
    found = diagnosed(tables, MONTHS, two_indicators())
    conversion, reply = rows(found, "samples")
    assert (conversion["tried"], conversion["median"]) == (18, 100)
    assert conversion["small"] == pytest.approx(6 / 18)
    assert conversion["verdict"] == "sample_small"
    # 3 × 18 of 6 × 10 + 12 × 100: 4.29 %; ± 1.96 × √(.0429 × .9571 ÷ 100).
    assert conversion["error"] == pytest.approx(0.0397, abs=1e-4)
    # Replies: 591 of 600 three times over; too good to differ by more than chance?
    pooled, n = 591 / 600, 300
    q = sum(n * (r / 100 - pooled) ** 2 for r in REPLIED.values()) / (pooled * (1 - pooled))
    assert reply["real"] == pytest.approx(max(0, 1 - 5 / q))


def test_a_minimum_sample_is_enough():
    tables = by_hand()
    tables["counts"]["inquiring_customers"] = 10.0
    tables["counts"]["converted_customers"] = 3.0
    found = diagnosed(tables, MONTHS, two_indicators(minimum_sample=30.0))
    assert "sample_small" not in {key for key, _ in keys(found)}


def test_places_in_small_groups():
    made = scheme(
        indicators=[
            indicator("转化率", rule="R05", group="shop", rank_points="3,2,1", target=None, bonus_line="组均值"),
        ]
    )
    found = diagnosed(by_hand(), MONTHS, made)
    ((what, _),) = texts(found, "rank_groups")
    assert what.startswith("“转化率”在不到 5 人的组里排名（店铺）：一店 3、二店 3")


def test_fixed_pay_is_no_variable_pay():
    tables = by_hand()
    tables["roster"]["base_pay"] = [9000.0, 9000, 9000, 100, 100, 100]
    made = scheme(
        indicators=[indicator("转化率", target="40%")],
        pay_items=[item("基本", "=月基本工资", paid="yes"), item("奖金", "=总分*10", paid="yes")],
    )
    found = diagnosed(tables, MONTHS, made)
    by_shop = [r for r in rows(found, "fairness") if r["item"] == "@variable"]
    # ABC convert 20 24 28 30 30 36 40 36 40 of 40: mean 31.56 → 788.9 yuan.
    assert [r["group"] for r in by_shop] == ["一店", "二店"]
    assert by_shop[0]["mean"] == pytest.approx(sum(map(sum, (CONVERTED[w] for w in "ABC"))) / 9 / 40 * 1000)


def test_months_too_few_to_be_unusual(small):
    found = diagnosed(by_hand(), MONTHS[:2], two_indicators())
    assert "unusual_short" in {key for key, _ in keys(found, "note")}
    assert rows(small, "unusual") == []


# --- worlds -------------------------------------------------------------------------------------


def world_found(world, **changes):
    return diagnosed(world.tables(), world.months, policy_scheme(), **changes)


def alarms(found):
    """Warnings of the questions that must be quiet where nothing is wrong."""
    return [
        f.key
        for one in found.schemes for a in one.answers if a.question in ALARMS
        for f in a.findings if f.severity == "warning"
    ]  # fmt: skip


def test_quiet_worlds_are_quiet():
    """Four questions, each with one false alarm in a hundred worlds: more than two of 24 are no chance."""
    shapes = [(12, 6), (8, 3), (25, 4)] * 8
    loud = [n for n, shape in enumerate(shapes) if alarms(world_found(World(1000 + n, *shape)))]
    assert len(loud) <= 2


def test_a_festival_is_an_unusual_month_of_everybody():
    def busy(row):
        for key in ("received_customers", "inquiring_customers", "converted_customers"):
            row[key] *= 2
        row["sales"] *= 2

    found = world_found(World(1).plant(busy, month="2026-09"))
    unusual = rows(found, "unusual")
    assert {(r["item"], r["period"], r["verdict"]) for r in unusual} == {
        ("@received_customers", "2026-09", "unusual_month"), ("@sales", "2026-09", "unusual_month"),
    }  # fmt: skip
    assert all(0.8 < r["change"] < 1.3 for r in unusual)


def test_an_unusual_month_of_somebody():
    def slow(row):
        row["first_response_seconds"] *= 2

    found = world_found(World(2).plant(slow, {"K07"}, "2026-08"))
    mine = [r for r in rows(found, "unusual") if r["item"] == "首次响应时长"]
    assert [(r["who"], r["period"]) for r in mine] == [("员工07（K07）", "2026-08")]
    assert mine[0]["change"] == pytest.approx(1.0, abs=0.25)


def test_two_who_pad_their_messages():
    def padded(row):
        row["agent_messages"] = int(row["agent_messages"] * 2.5)

    found = world_found(World(3).plant(padded, {"K03", "K04"}))
    assert {f.where for f in found.findings if f.key == "padding_counts"} == {"员工03（K03）", "员工04（K04）"}
    assert "方案按它计分" in texts(found, "padding_counts")[0][0]


def test_somebody_whose_customers_are_no_inquiries():
    def filtered(row):
        row["inquiring_customers"] = int(row["inquiring_customers"] * 0.7)
        row["converted_customers"] = min(row["converted_customers"], row["inquiring_customers"])
        row["paying_customers"] = row["converted_customers"]

    found = world_found(World(4).plant(filtered, {"K05"}))
    assert [f.where for f in found.findings if f.key == "advert_counts"] == ["员工05（K05）"]


def test_somebody_whose_payers_never_inquired():
    def silent(row):
        row["paying_customers"] = int(row["converted_customers"] * 1.4)

    found = world_found(World(5).plant(silent, {"K02"}))
    assert [f.where for f in found.findings if f.key == "silent_counts"] == ["员工02（K02）"]


def test_a_shop_that_does_worse():
    world = World(6, people=20)

    def poor(row):
        row["converted_customers"] = int(row["converted_customers"] * 0.6)
        row["paying_customers"] = row["converted_customers"]

    found = world_found(world.plant(poor, world.people_of(shop="2店")))
    differ = [f for f in found.findings if f.key == "groups_differ"]
    assert {f.where for f in differ} == {"1店 – 2店"}
    assert "主要来自：转化率" in differ[0].what("zh")


def test_an_indicator_bought_with_another():
    """Who is fast solves little: the faster, the less."""
    world = World(8, people=20)
    speed = {r["person_id"]: 20 + n for n, r in enumerate(world.roster)}

    def traded(row):
        row["first_response_seconds"] = row["first_responses"] * speed[row["person_id"]]
        share = 0.4 + 0.025 * (speed[row["person_id"]] - 20)
        row["solved_problems"] = int(row["raised_problems"] * share)
        row["converted_customers"] = int(row["inquiring_customers"] * (0.2 + share / 5))

    found = world_found(world.plant(traded))
    assert "“首次响应时长”和同板块其余指标方向相反" in texts(found, "against")[0][0]


# --- around it ----------------------------------------------------------------------------------


def test_nobody_assessed_is_said():
    tables = by_hand()
    tables["roster"]["status"] = "unconfirmed"
    with pytest.raises(InputError, match="没有参加考核的人"):
        diagnosed(tables, MONTHS, two_indicators())


def test_every_wrong_threshold_is_told_at_once():
    with pytest.raises(InputError) as error:
        thresholds(["easy_shar=0.9", "easy_share=90", "alpha=x"])
    assert [p.what for p in error.value.problems] == [
        "没有“easy_shar”这个门槛", "“easy_share=90”的数不能用", "“alpha=x”的数不能用",
    ]  # fmt: skip
    assert error.value.problems[0].fix == "是不是“easy_share”？"


def test_thresholds_by_label_and_per_cent():
    assert thresholds(["太容易：达标率高于=95%"]).easy_share == 0.95


def test_every_text_can_be_said_in_both_languages(small):
    for finding in small.findings:
        assert finding.what("en") != finding.what("zh")
        assert "{" not in finding.what("en") + finding.fix("en")


def test_a_scheme_of_nobody_is_told():
    one = scheme(head={"id": "T01", "assessed_roles": "售前"}, indicators=[indicator("转化率", target="40%")])
    other = scheme(head={"id": "T02", "assessed_roles": "售后"}, indicators=[indicator("转化率", target="40%")])
    both = Policy("T01,T02", "两个", lambda month: [one, other])
    found = diagnose(by_hand(), list(MONTHS), both, thresholds())
    assert [d.panel.scheme.id for d in found.schemes] == ["T01"]
    assert [p.what for p in found.problems] == ["T02 没有参加考核的人，没有诊断"]


def test_quarters_are_called_quarters():
    tables = by_hand()
    tables["counts"]["replied_customers"] = 98.0
    made = scheme(indicators=[indicator("回复率", target="100%", cycle="quarter"), indicator("转化率", target="40%")])
    found = diagnosed(tables, MONTHS, made)
    ((what, fix),) = texts(found, "flat_so_far")
    assert "但只有 1 个季度" in what
    assert fix == "满 3 个季度再定（R28）"
