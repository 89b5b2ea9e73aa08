"""What must hold for every month: order of rows, people apart, pools, sums."""

import numpy as np
import pytest
from case_files import MONTHS, evaluated, frames, preset, read_case
from months import month

from xl_kpi.pipeline import evaluate
from xl_kpi.rounding import group_sum, round_half_up
from xl_kpi.scheme_tables import GROUP_LEVELS

GENERATED = [(scheme, seed) for scheme in ("S01", "S05") for seed in range(2)]
# What is shared out by a score: the odd cents of a tie go by roster order (C2).
SHARED = {
    "S01": {"绩效奖金": "考核得分", "行为奖金": "行为得分"},
    "S10": {"名次奖惩": "总分"},
}


CASES = {name: read_case(name) for name in MONTHS}
CASES |= {f"{scheme} {seed}": month(scheme, seed) for scheme, seed in GENERATED}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
TABLES = ("counts", "ratings", "events", "targets", "departments", "shops")


def shuffled(table, seed):
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


def figures_of(results):
    """Every figure by name; those of people and weeks by person, those of groups by name."""
    order = np.argsort(np.array(results.people.ids))
    found = {}
    for name, one in results.scored.items():
        for part in ("value", "group_average", "place", "points", "bonus_line", "penalty_line"):
            values = getattr(one, part)
            if values is not None:
                found[f"{name} {part}"] = values.reshape(-1, one.cycles)[order]
    for block, values in results.blocks.items():
        found[block] = values[order]
    found["total"], found["place"] = results.totals.total[order], results.totals.place[order]
    by_level = {level: np.argsort(np.array(results.labels(level))) for level in GROUP_LEVELS}
    by_level |= {"person": order, "refund": np.arange(results.refunds.count)}
    for item in results.scheme.pay_items:
        found[item.name] = results.items[item.name][by_level[item.level]]
    found["pay"] = results.pay[order]
    return found


def different(left, right):
    """Names of the figures that are not the same to the last bit."""
    assert left.keys() == right.keys()
    return [name for name in left if left[name].tobytes() != right[name].tobytes()]


@pytest.mark.parametrize(
    ("case", "table"),
    [
        pytest.param(case, table, id=f"{name} {table}")
        for name, case in CASES.items()
        for table in TABLES
        if len(case.get(table, [])) > 1
    ],
)
def test_the_order_of_a_tables_rows_does_not_matter(case, table):
    tables, scheme = frames(case), preset(case["scheme"], case["period"])
    once = figures_of(evaluate(tables, scheme, case["period"]))
    for seed in range(2):
        again = {**tables, table: shuffled(tables[table], seed)}
        assert different(once, figures_of(evaluate(again, scheme, case["period"]))) == []


@every_case
def test_the_order_of_the_roster_matters_only_for_the_odd_cents_of_a_tie(case):
    tables, scheme = frames(case), preset(case["scheme"], case["period"])
    first = evaluate(tables, scheme, case["period"])
    once = figures_of(first)
    shared = SHARED.get(case["scheme"], {})
    for seed in range(2):
        again = {**tables, "roster": shuffled(tables["roster"], seed)}
        second = evaluate(again, scheme, case["period"])
        found = set(different(once, figures_of(second)))
        assert found <= {*shared, "pay"}
        for name, score in shared.items():
            assert by_tie(first, name, score) == by_tie(second, name, score)


def by_tie(results, item, score):
    """What the people of one department with one score get, whoever gets the odd cent."""
    departments = results.people.roster["department"]
    return sorted(
        (department, points, paid)
        for department, points, paid in zip(
            departments, results.value(score), results.items[item], strict=True
        )
        if not np.isnan(paid)
    )


@every_case
def test_a_persons_metrics_do_not_depend_on_others(case):
    tables, scheme = frames(case), preset(case["scheme"], case["period"])
    together = evaluate(tables, scheme, case["period"])
    for n, person in enumerate(together.people.ids):
        roster = tables["roster"]
        alone = evaluate({**tables, "roster": roster[roster["person_id"] == person]}, scheme,
                         case["period"])  # fmt: skip
        for name, one in together.scored.items():
            mine = one.value.reshape(-1, one.cycles)[n]
            assert mine.tobytes() == alone.scored[name].value.tobytes(), (person, name)
            if one.indicator.rule in ("R01", "R02", "R03", "R09"):  # that look at nobody else
                points = one.points.reshape(-1, one.cycles)[n]
                assert points.tobytes() == alone.scored[name].points.tobytes(), (person, name)


@every_case
def test_the_items_add_up_to_the_pay(case):
    results = evaluated(case)
    cents = [np.rint(results.items[item.name] * 100) for item in results.paid_items]
    for values, item in zip(cents, results.paid_items, strict=True):
        assert np.array_equal(values / 100, results.items[item.name], equal_nan=True)
    total = np.nansum(cents, axis=0)
    nothing = np.isnan(cents).all(axis=0)
    assert np.array_equal(np.where(nothing, np.nan, total / 100), results.pay, equal_nan=True)
    assert (~nothing).sum() > 1


@pytest.mark.parametrize("seed", range(12))
def test_a_pool_is_paid_out_exactly_or_not_overspent(seed):
    results = evaluated(month("S01", seed, people=25))
    codes = results.people.groups["department"].codes
    divisor = results.scheme.divisor(results.figures.period.week_count)
    for item, pool, score, by_total in (
        ("行为奖金", "行为奖金池", "行为得分", False),
        ("绩效奖金", "绩效奖金池", "考核得分", True),
    ):
        paid = np.rint(group_sum(results.items[item], codes, len(results.departments)) * 100)
        whole = np.rint(round_half_up(results.items[pool]) * 100)
        scores = np.maximum(results.blocks[score], 0.0)
        everybody = group_sum(scores, codes, len(results.departments))
        for n, department in enumerate(results.departments):
            used_up = everybody[n] > divisor if by_total else everybody[n] > 0
            if used_up:
                assert paid[n] == whole[n], (department, item)
            else:
                share = everybody[n] / divisor if by_total else 0.0
                rounding = 0.5 * (codes == n).sum() + 1
                assert abs(paid[n] - results.items[pool][n] * 100 * share) <= rounding


def test_the_generated_months_have_pools_of_both_kinds():
    used_up, within = 0, 0
    for seed in range(12):
        results = evaluated(month("S01", seed, people=25))
        codes = results.people.groups["department"].codes
        points = np.maximum(results.blocks["考核得分"], 0.0)
        everybody = group_sum(points, codes, len(results.departments))
        divisor = results.scheme.divisor(results.figures.period.week_count)
        used_up += int((everybody > divisor).sum())
        within += int((everybody <= divisor).sum())
    assert used_up >= 3
    assert within >= 3


def test_the_generated_months_have_ties_blanks_and_edges():
    results = evaluated(month("S01", 1))
    for name in ("顾客下单率", "订单付款率", "转化率"):
        values = results.scored[name].value
        known = values[~np.isnan(values)]
        assert np.isnan(values).any(), name
        assert len(np.unique(known)) < 0.6 * len(known), name
    completion = results.scored["任务完成率"].value
    assert {0.5, 0.6, 0.8, 1.3} & set(np.round(completion[~np.isnan(completion)], 9))
