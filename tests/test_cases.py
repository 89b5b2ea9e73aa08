"""Every worked month comes out figure by figure as its case file says."""

import copy
import math

import numpy as np
import pytest
from case_files import MONTHS, evaluated, read_case

DIGITS = 12  # the case files print that many


def differences(case, results):
    """Every figure that is not as expected, and every one that should be blank and is not."""
    found = []
    expect = case["expect"]
    people = results.people.ids
    by_id = {label(results, one): one for one in results.scored.values()}

    def compare(what, got, want):
        if not same(got, want):
            found.append(f"{what}: {shown(got)}, expected {shown(want)}")

    def compare_all(section, columns, labels):
        """``columns``: figures by name, one per label; what the case does not list is blank."""
        listed = {name for figures in expect[section].values() for name in figures}
        unknown = listed - set(columns)
        found.extend(f"{section} {name}: there is no such figure" for name in sorted(unknown))
        for name in sorted(listed & set(columns)):
            for label, got in zip(labels, columns[name], strict=True):
                compare(f"{section} {label} {name}", got, expect[section].get(label, {}).get(name))

    compare_all("values", {i: one.value if one.cycles == 1
                           else results.figures.metric(one.indicator.metric, "month")
                           for i, one in by_id.items()}, people)  # fmt: skip
    compare_all("points", {i: one.points.reshape(-1, one.cycles).tolist()
                           for i, one in by_id.items()}, people)  # fmt: skip
    compare_all("scores", results.blocks, people)
    person_items = [i.name for i in results.scheme.pay_items if i.level == "person"]
    compare_all("items", {name: results.items[name] for name in person_items}, people)
    listed = {name for figures in expect["items"].values() for name in figures}
    paid = {item.name for item in results.paid_items}
    found += [f"items {name}: the case says nothing of it" for name in paid - listed]
    for person, got in zip(people, results.pay, strict=True):
        compare(f"total {person}", got, expect["total"].get(person))
    for section, level in (("departments", "department"), ("shops", "shop"), ("teams", "team")):
        if section in expect:
            items = [i.name for i in results.scheme.pay_items if i.level == level]
            compare_all(section, {n: results.items[n] for n in items}, results.labels(level))
    said = {
        "grades": results.totals.grade.tolist(),
        "places": results.totals.place.tolist(),
        "follows": [
            [c.follows for c in results.scheme.consequences if results.follows(c)[row]]
            for row in range(len(people))
        ],
    }
    for section, figures in said.items():
        for person, got in zip(people, figures, strict=True) if section in expect else ():
            compare(f"{section} {person}", got, expect[section].get(person))
    return found


def label(results, one):
    """The id of an indicator's metric; its own name where it has one."""
    i = one.indicator
    return results.scheme.metrics[i.metric].id if i.name == i.metric else i.name


def same(got, want):
    """Figures equal at twelve digits; a blank is None, NaN, or a week's 0 where points add up."""
    if isinstance(got, str | None) or isinstance(want, str):
        return got == want
    if isinstance(got, list) and (not got or isinstance(got[0], str)):
        return got == (want or [])
    if isinstance(got, list):
        weeks = [math.nan] * len(got) if want is None else want
        return len(got) == len(weeks) and all(
            same(g, w) or (math.isnan(g) and w == 0) for g, w in zip(got, weeks, strict=True)
        )
    if want is None or math.isnan(want):
        return math.isnan(got)
    return f"{got:.{DIGITS}g}" == f"{want:.{DIGITS}g}"


def shown(value):
    if isinstance(value, list | str):
        return value
    return "blank" if value is None else f"{value:.15g}"


@pytest.mark.parametrize("name", MONTHS)
def test_a_month_comes_out(name):
    case = read_case(name)
    assert differences(case, evaluated(case)) == []


@pytest.mark.parametrize("name", MONTHS)
def test_money_is_exact_to_the_cent(name):
    results = evaluated(read_case(name))
    for item in results.paid_items:
        cents = results.items[item.name] * 100
        assert np.all(np.isnan(cents) | (np.abs(cents - np.rint(cents)) < 1e-6)), item.name


@pytest.mark.parametrize("name", MONTHS)
def test_any_other_expected_figure_is_noticed(name):
    case = read_case(name)
    results = evaluated(case)
    tried = 0
    for section, entries in case["expect"].items():
        for label, figures in entries.items():
            for key in figures if isinstance(figures, dict) else [None]:
                changed = copy.deepcopy(case)
                holder = (
                    changed["expect"][section] if key is None else changed["expect"][section][label]
                )
                place = label if key is None else key
                holder[place] = other(holder[place])
                assert len(differences(changed, results)) == 1, (section, label, key)
                tried += 1
    assert tried > 50


def other(figure):
    """Another figure: in the last digit printed, or in the last week."""
    if isinstance(figure, str):
        return figure + "x"
    if isinstance(figure, list):
        return [*figure[:-1], other(figure[-1])]
    return figure + (0.01 if figure == 0 else abs(figure) * 1e-10)
