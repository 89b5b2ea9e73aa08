"""Rules that are formulas: worked examples, and the presets that use them."""

import pytest

from xl_kpi.formula import parse
from xl_kpi.formula_rules import formula_rules
from xl_kpi.scheme_rows import preset_ids, preset_rows

RULES = formula_rules().values()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_worked_example_comes_out(rule):
    assert rule.example().tolist() == pytest.approx(list(rule.expect), rel=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_example_depends_on_the_formula(rule):
    """An empty body gives another answer."""
    from dataclasses import replace

    assert replace(rule, formula="=0").example().tolist() != pytest.approx(list(rule.expect))


@pytest.mark.parametrize("rule", [r for r in RULES if r.items], ids=lambda rule: rule.id)
def test_the_presets_hold_the_formula_as_it_stands(rule):
    held = [
        row.get("formula")
        for scheme in preset_ids()
        for row in preset_rows(scheme)["pay_items"]
        if row.get("item") in rule.items and row.get("rule") == rule.id
    ]

    assert held
    assert {parse(text) for text in held} == {parse(rule.formula)}


def test_every_rule_a_preset_names_is_in_the_catalogue():
    from xl_kpi import calling  # noqa: F401 - files the rules
    from xl_kpi.catalogue import RULES as FILED

    known = {*FILED, *formula_rules()}
    named = {
        (scheme, row.get("item"), row.get("rule"))
        for scheme in preset_ids()
        for row in preset_rows(scheme)["pay_items"]
        if row.get("rule")
    }

    assert [entry for entry in named if entry[2] not in known] == []
