"""Every rule of the catalogue: filed completely, and its worked example comes out."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest

import xl_kpi.calling  # noqa: F401  (files the rules)
from xl_kpi.calling import OMITTED, call_rule
from xl_kpi.catalogue import FUNCTIONS, RULES, Example, Rule, Stage, Twin, Unit, defaults, rule

ALL = sorted(RULES)
# A document (000 … 004) with its section, or a section of the rule book.
SOURCE = re.compile(r"(00[0-4](§\S+| \S+)|rules\.md [CMR]\d+)(, \S+)*")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def example_result(one: Rule) -> list[Any]:
    """The rule called with its worked example, as a worksheet would."""
    given = one.example.given

    def value(key: str) -> Any:
        if key not in given:
            return OMITTED
        shape = next(a.shape for a in one.parameters if a.key == key)
        return [[cell] for cell in given[key]] if shape in ("column", "groups") else given[key]

    answer = call_rule(
        one, [value(a.key) for a in one.arguments],
        options={a.key: value(a.key) for a in one.options},
    )  # fmt: skip
    return answer.values.tolist()


def check_example(one: Rule) -> None:
    """Raise AssertionError unless the worked example comes out, to the last cent and digit."""
    found, expected = example_result(one), list(one.example.expect)
    assert np.shape(found) == np.shape(expected)
    for left, right in zip(np.ravel(found).tolist(), np.ravel(expected).tolist(), strict=True):
        assert left == right if isinstance(right, str) else left == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("rule_id", ALL)
def test_worked_example(rule_id: str) -> None:
    check_example(RULES[rule_id])


def _zeros(first: Any) -> Any:
    return np.zeros(np.shape(first))


def _nothing(first: Any) -> Any:
    return np.full(np.shape(first), np.nan)


def _first_argument(first: Any) -> Any:
    return np.asarray(first)


def hollow(one: Rule, body: Callable[[Any], Any]) -> Rule:
    """The rule with another body in place of its own; the signature stays."""
    columns = 2 if np.ndim(one.example.expect) == 2 else 1

    @functools.wraps(one.compute)
    def instead(*data: Any, **figures: Any) -> Any:
        first = data[0] if data else next(iter(figures.values()))
        result = body(first)
        if columns == 2:
            return np.stack([result, result], axis=-1)
        if one.arguments[0].shape == "list":  # one figure of them all
            result = result[:1]
        matrix = np.ndim(result) == 2
        return np.atleast_1d(result[:, 0] if matrix else result)

    return dataclasses.replace(one, compute=instead)


@pytest.mark.parametrize("body", [_zeros, _nothing, _first_argument])
@pytest.mark.parametrize("rule_id", ALL)
def test_worked_example_needs_the_body(rule_id: str, body: Callable[[Any], Any]) -> None:
    emptied = hollow(RULES[rule_id], body)
    assert np.shape(example_result(emptied)) == np.shape(RULES[rule_id].example.expect)
    with pytest.raises(AssertionError):
        check_example(emptied)


@pytest.mark.parametrize("rule_id", ALL)
def test_source_names_a_section(rule_id: str) -> None:
    for part in RULES[rule_id].source.split("; "):
        assert SOURCE.fullmatch(part), part


@pytest.mark.parametrize("rule_id", ALL)
def test_labels_unit_and_stage(rule_id: str) -> None:
    one = RULES[rule_id]
    assert CHINESE.search(one.zh)
    assert not CHINESE.search(one.en)
    assert one.label("zh") == one.zh
    assert one.label("en") == one.en
    assert one.unit in get_args(Unit)
    assert one.stage in get_args(Stage)
    assert re.fullmatch(r"[CMR]\d{1,2}(-[a-z])?", one.id)
    assert one.compute.__doc__


@pytest.mark.parametrize("rule_id", ALL)
def test_arguments_are_the_parameters_of_the_function(rule_id: str) -> None:
    one = RULES[rule_id]
    parameters = inspect.signature(one.compute).parameters
    assert {a.key for a in one.parameters} == set(parameters)
    assert len({a.key for a in one.parameters}) == len(one.parameters)
    # No policy figure has its value in code: it stands in presets/functions.toml.
    assert all(p.default is inspect.Parameter.empty for p in parameters.values())
    policy = {p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    figures = {a.key for a in one.parameters if a.shape in ("scalar", "list", "table")}
    assert policy - {a.key for a in one.parameters if a.kind == "line"} <= figures
    for a in one.parameters:
        assert CHINESE.search(a.zh)
        assert a.en
        assert not CHINESE.search(a.en)
        assert a.unit in get_args(Unit)


@pytest.mark.parametrize("rule_id", ALL)
def test_every_option_can_be_said_in_both_languages(rule_id: str) -> None:
    for argument in RULES[rule_id].parameters:
        if argument.choices:
            chinese = {o for word, o in argument.choices.items() if CHINESE.search(word)}
            assert chinese == set(argument.choices.values())
            assert set(argument.choices.values()) <= set(argument.choices)


@pytest.mark.parametrize("rule_id", ALL)
def test_example_gives_every_parameter(rule_id: str) -> None:
    one = RULES[rule_id]
    assert set(one.example.given) >= {a.key for a in one.arguments}
    assert set(one.example.given) <= {a.key for a in one.parameters}
    assert np.size(one.example.expect) >= 1


def test_optional_figures_have_their_default_in_the_presets() -> None:
    without = {  # nothing is meant
        ("KPI_RATING", "cap_line"), ("KPI_POOL_SHARE", "total"),
        ("KPI_SALES_TARGET", "past_service_sales"),
    }  # fmt: skip
    for name, one in FUNCTIONS.items():
        figures = defaults().get(name, {})
        assert set(figures) <= {a.key for a in one.parameters}
        missing = {
            a.key for a in one.arguments
            if a.optional and a.shape != "groups" and a.key not in figures
        }  # fmt: skip
        missing |= {a.key for a in one.options if not a.optional and a.key not in figures}
        assert {(name, key) for key in missing} <= without
    assert set(defaults()) <= set(FUNCTIONS)


def test_required_arguments_come_first() -> None:
    for one in FUNCTIONS.values():
        optional = [a.optional for a in one.arguments]
        assert optional == sorted(optional)


def _rule(**changes: Any) -> None:
    filed = {
        "stage": "metric", "zh": "甲", "en": "A", "unit": "", "source": "rules.md C1",
        "arguments": (), "example": Example(given={}, expect=[1]), "twin": Twin(result="1"),
    }  # fmt: skip
    rule("C1", **(filed | changes))(lambda: None)


def test_a_rule_without_a_twin_or_a_reason_is_not_filed() -> None:
    with pytest.raises(ValueError, match="twin"):
        _rule(twin=None)
    with pytest.raises(ValueError, match="twin"):
        _rule(no_twin="there is one")


def test_a_rule_is_filed_once() -> None:
    before = dict(RULES)
    with pytest.raises(ValueError, match="twice"):
        _rule()
    assert before == RULES
