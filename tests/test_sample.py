"""The sample month: nobody orders who did not inquire, nothing is sold that nobody paid."""

import datetime as dt
from collections import Counter

import numpy as np
import pytest

from xl_kpi.sample import sample_tables
from xl_kpi.tables import BY_KEY, INPUTS

MONTHS = ("2026-09", "2026-10")
NOT_ABOVE = [  # part, whole
    ("replied_customers", "received_customers"),
    ("inquiring_customers", "received_customers"),
    ("ordering_customers", "inquiring_customers"),
    ("same_day_ordering_customers", "ordering_customers"),
    ("paying_customers", "ordering_customers"),
    ("converted_customers", "paying_customers"),
    ("paid_amount", "sales"),
    ("ratings", "replied_customers"),
    ("solved_problems", "raised_problems"),
    ("handled_in_time", "handled_orders"),
]


@pytest.fixture(scope="module", params=[(10, 1), (5, 2), (40, 7)], ids=lambda p: f"{p[0]} people")
def sample(request):
    people, seed = request.param
    return sample_tables("2026-10", people, seed)


def by_id(sample):
    return {row["person_id"]: row for row in sample["roster"]}


def month(date):
    return f"{date:%Y-%m}"


def test_tables_and_columns_are_the_declared_ones(sample):
    assert set(sample) == {table.key for table in INPUTS}
    for key, rows in sample.items():
        columns = {column.key: column for column in BY_KEY[key].columns}
        for row in rows:
            assert set(row) <= set(columns)
            for column in columns.values():
                assert not column.required or row.get(column.key) is not None
                assert not column.choices or row.get(column.key) in column.choices


def test_people_are_who_the_demo_needs(sample):
    roster = sample["roster"]
    assert Counter(row["status"] for row in roster) == {
        "confirmed": len(roster) - 2, "unconfirmed": 1, "stand_in": 1,
    }  # fmt: skip
    joined = [row for row in roster if row["hired"] > dt.date(2026, 10, 1)]
    assert [row["hired"] for row in joined] == [dt.date(2026, 10, 15)]
    assert {row["department"] for row in roster} == {"客服部"}
    assert len({row["shop"] for row in roster}) == 2
    assert len({row["name"] for row in roster}) == len(roster)
    assert len({row["person_id"] for row in roster}) == len(roster)


def test_weeks_are_dated_by_their_first_day(sample):
    weeks = {dt.date(2026, m, day) for m in (9, 10) for day in (1, 8, 15, 22)}
    assert {row["date"] for row in sample["counts"]} == weeks
    assert {row["date"] for row in sample["shops"]} == weeks
    keys = [(row["date"], row["person_id"]) for row in sample["counts"]]
    assert len(set(keys)) == len(keys)
    for person_id, person in by_id(sample).items():
        dates = {row["date"] for row in sample["counts"] if row["person_id"] == person_id}
        assert dates == {day for day in weeks if day >= person["hired"]}


@pytest.mark.parametrize(("part", "whole"), NOT_ABOVE)
def test_no_part_is_larger_than_its_whole(sample, part, whole):
    for row in sample["counts"]:
        assert 0 <= row[part] <= row[whole]


def test_counts_add_up(sample):
    for row in sample["counts"]:
        paying = row["final_paying_customers"] + row["same_day_paying_customers"]
        assert row["paying_customers"] == paying
        assert row["lost_customers"] == row["ordering_customers"] - paying
        assert 0 < row["rating_sum"] <= 5 * row["ratings"]
        assert 1 <= row["duty_days"] <= 10


def test_figures_are_plausible(sample):
    full_months = Counter()
    for row in sample["counts"]:
        assert 20 <= row["response_seconds"] / row["replies"] <= 45
        assert 10 <= row["first_response_seconds"] / row["first_responses"] <= 45
        assert 0.85 <= row["agent_messages"] / row["buyer_messages"] <= 1.5
        assert 0.75 <= row["paying_customers"] / row["ordering_customers"] <= 1
        assert 150 <= row["paid_amount"] / row["paying_customers"] <= 260
        full_months[row["person_id"], month(row["date"])] += row["sales"]
    hired = by_id(sample)
    for (person_id, name), sales in full_months.items():
        if month(hired[person_id]["hired"]) < name:
            assert 40_000 <= sales <= 160_000


def test_a_shop_sells_at_least_what_its_people_sold(sample):
    shop_of = {row["person_id"]: row["shop"] for row in sample["roster"]}
    shops = {(row["date"], row["shop"]): row for row in sample["shops"]}
    amount, customers = Counter(), Counter()
    for row in sample["counts"]:
        key = row["date"], shop_of[row["person_id"]]
        amount[key] += row["paid_amount"]
        customers[key] += row["paying_customers"]
    assert set(shops) == set(amount)
    for key, row in shops.items():
        assert row["shop_paid_amount"] >= amount[key]
        assert row["shop_paying_customers"] > customers[key]


def test_everybody_with_sales_has_a_target(sample):
    sold = {(month(row["date"]), row["person_id"]) for row in sample["counts"]}
    targets = {(row["period"], row["person_id"]): row["sales_target"] for row in sample["targets"]}
    assert len(sample["targets"]) == len(targets)
    assert set(targets) == sold
    assert all(target > 0 and target % 5000 == 0 for target in targets.values())


def test_everybody_is_rated_by_others_within_the_scale(sample):
    names = {row["person_id"]: row["name"] for row in sample["roster"]}
    groups = {"内部协作": (["上级", "同事", "同事"], 10), "跨部门协作": (["其他部门"] * 2, 100)}
    for person_id in names:
        for item, (wanted, full) in groups.items():
            mine = [
                r for r in sample["ratings"] if (r["person_id"], r["item"]) == (person_id, item)
            ]
            assert sorted(row["rater_group"] for row in mine) == sorted(wanted)
            assert all(0 < row["score"] <= full for row in mine)
            assert all(row["period"] == "2026-10" for row in mine)
            assert names[person_id] not in [row["rater"] for row in mine]


def test_events_happen_in_the_month_to_people_who_are_there(sample):
    hired = by_id(sample)
    assert sample["events"]
    for row in sample["events"]:
        assert month(row["date"]) == "2026-10"
        assert row["date"] >= hired[row["person_id"]]["hired"]
        assert row["times"] >= 1


def test_both_months_have_department_figures(sample):
    assert [row["period"] for row in sample["departments"]] == list(MONTHS)
    assert all(4 < row[key] <= 5 for row in sample["departments"]
               for key in ("dsr_start", "dsr_end", "dsr_industry"))  # fmt: skip


def test_the_same_seed_gives_the_same_month():
    assert sample_tables(seed=5) == sample_tables(seed=5)
    assert sample_tables(seed=5) != sample_tables(seed=6)


def test_a_year_begins_with_the_december_before():
    sample = sample_tables("2027-01")
    assert {month(row["date"]) for row in sample["counts"]} == {"2026-12", "2027-01"}


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="at least 5"):
        sample_tables(people=4)


@pytest.mark.parametrize("scheme", ["S01", "S05"])
def test_the_demo_calculates_without_an_error(tmp_path, scheme):
    from xl_kpi.excel.fill import fill_tables
    from xl_kpi.excel.new import new_book
    from xl_kpi.excel.run import check_book

    settings = {"period": "2026-10", "scheme": scheme}
    book = new_book(tmp_path / "demo.xlsx", "zh", settings)
    fill_tables(book, sample_tables(), "zh")
    outcome = check_book(book)
    assert [p for p in outcome.problems if p.severity == "error"] == []
    results = outcome.results
    assert results.people.count == 10
    assert int(results.people.assessed.sum()) == 8
    assert np.all(results.pay[results.people.assessed] > 0)
    places = results.totals.place[results.people.assessed]
    assert places.min() == 1
    assert len(set(places)) >= 6  # people differ
