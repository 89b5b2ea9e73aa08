"""Every rule's plain-formula twin, calculated by two spreadsheet engines, against the rule."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from engines import (
    NOT_CALCULATED,
    Case,
    Values,
    formualizer_values,
    libreoffice_values,
    python_values,
    soffice,
    write_book,
)
from twin_cases import cases
from twin_columns import MAKERS

from xl_kpi.catalogue import RULES, Twin

WITH_TWIN = sorted(rule.id for rule in RULES.values() if rule.twin is not None)
TO_THE_CENT = ("R22", "R23", "R31", "R37", "R40", "R45", "R48", "R50", "R51")

# What twins may use: all of it is in Excel 2016, in WPS and in LibreOffice.
EXCEL_2016 = {
    "ABS", "AND", "COLUMNS", "COUNT", "COUNTA", "IF", "INDEX", "INT", "ISNUMBER", "LOG10", "MAX", "MIN",
    "NETWORKDAYS", "NOT", "OR", "ROUND", "SQRT", "SUM", "SUMPRODUCT",
}  # fmt: skip


@dataclasses.dataclass
class Judged:
    cases: list[Case]
    python: list[Values]
    path: Path
    sheets: list[Any]

    def of(self, rule_id: str, values: list[Values]) -> list[tuple[Case, Values, Values]]:
        everything = zip(self.cases, self.python, values, strict=True)
        return [one for one in everything if one[0].rule.id == rule_id]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    path = tmp_path_factory.mktemp("twins") / "twins.xlsx"
    made = cases()
    return Judged(made, [python_values(case) for case in made], path, write_book(path, made))


@pytest.fixture(scope="module")
def by_formualizer(judged: Judged) -> list[Values]:
    return formualizer_values(judged.path, judged.sheets)


@pytest.fixture(scope="module")
def by_libreoffice(judged: Judged) -> list[Values]:
    if soffice() is None:
        pytest.skip("LibreOffice (soffice) is not installed: the twins lack their second judge")
    return libreoffice_values(judged.path, judged.sheets, judged.path.parent)


def disagreements(case: Case, python: Values, engine: Values) -> list[str]:
    found = []
    for row, (expected, answer) in enumerate(zip(python, engine, strict=True)):
        for column, (left, right) in enumerate(zip(expected, answer, strict=True)):
            if not agree(left, right, cents=case.rule.id in TO_THE_CENT):
                inputs = {key: values[row] for key, values in case.rows.items()}
                found.append(f"row {row} column {column}: rule {left!r}, engine {right!r}, {inputs}")
    return found


def agree(left: Any, right: Any, *, cents: bool) -> bool:
    if isinstance(left, float) and isinstance(right, int | float) and not isinstance(right, bool):
        close = math.isclose(left, right, rel_tol=1e-9, abs_tol=0)
        return close and (not cents or round(left * 100) == round(right * 100))
    return left == right and type(left) is type(right)


def report(judged: Judged, rule_id: str, values: list[Values]) -> str:
    lines = []
    for case, python, engine in judged.of(rule_id, values):
        assert len(python) == case.size
        found = disagreements(case, python, engine)
        if found:
            lines += [f"{len(found)} of {case.size} rows with {dict(case.policy)}", *found[:4]]
    return "\n".join(lines)


@pytest.mark.parametrize("rule_id", WITH_TWIN)
def test_formualizer_agrees(rule_id: str, judged: Judged, by_formualizer: list[Values]) -> None:
    assert report(judged, rule_id, by_formualizer) == ""


@pytest.mark.parametrize("rule_id", WITH_TWIN)
def test_libreoffice_agrees(rule_id: str, judged: Judged, by_libreoffice: list[Values]) -> None:
    assert report(judged, rule_id, by_libreoffice) == ""


def test_every_twin_is_tried_on_a_thousand_rows(judged: Judged) -> None:
    rows = Counter()
    for case in judged.cases:
        rows[case.rule.id] += case.size
    assert sorted(rows) == WITH_TWIN == sorted(MAKERS)
    assert min(rows.values()) >= 1000


@pytest.mark.parametrize("rule_id", WITH_TWIN)
def test_inputs_have_ties_and_blanks(rule_id: str, judged: Judged) -> None:
    ties = blanks = total = 0
    for case in (case for case in judged.cases if case.rule.id == rule_id):
        rows = list(zip(*case.rows.values(), strict=True))
        blanks += sum(any(has_blank(cell) for cell in row) for row in rows)
        first = [
            cell.casefold() if isinstance(cell, str) else float(f"{cell:.12g}")
            for row in rows
            for cell in (row[0] if isinstance(row[0], list) else row[:1])
            if cell is not None
        ]
        seen = Counter(first)
        ties += sum(seen[value] > 1 for value in first) / len(first) * len(rows)
        total += len(rows)
    assert blanks >= 0.1 * total
    assert ties >= 0.1 * total


def has_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, list) and None in cell)


@pytest.mark.parametrize("rule_id", WITH_TWIN)
def test_engines_really_calculate(rule_id: str, judged: Judged, by_formualizer: list[Values]) -> None:
    for _, python, engine in judged.of(rule_id, by_formualizer):
        for column in zip(*engine, strict=True):
            values = [value for value in column if value is not None]
            assert NOT_CALCULATED not in values
            assert len(values) >= 0.2 * len(python)
            assert len(set(values)) >= 2


def test_a_wrong_twin_is_noticed(tmp_path: Path) -> None:
    case = next(case for case in cases() if case.rule.id == "R04")
    wrong = dataclasses.replace(case.rule, twin=Twin(result="IF({value}<{line},{points},1E-9)"))
    case = dataclasses.replace(case, rule=wrong)
    sheets = write_book(tmp_path / "wrong.xlsx", [case])
    answer = formualizer_values(tmp_path / "wrong.xlsx", sheets)[0]
    assert len(disagreements(case, python_values(case), answer)) > 0.5 * case.size


@pytest.mark.parametrize("rule_id", WITH_TWIN)
def test_twins_use_functions_of_excel_2016(rule_id: str) -> None:
    twin = RULES[rule_id].twin
    assert twin is not None
    formulas = [*twin.helpers.values(), twin.result, *twin.beside]
    used = set(re.findall(r"([A-Z][A-Z0-9.]*)\(", " ".join(formulas)))
    assert used <= EXCEL_2016
    assert all(len(formula) < 4000 for formula in formulas)  # Excel's limit is 8192


def test_the_list_of_allowed_functions_is_used_up() -> None:
    everything = " ".join(
        formula
        for rule in RULES.values()
        if rule.twin is not None
        for formula in (*rule.twin.helpers.values(), rule.twin.result, *rule.twin.beside)
    )
    assert {name for name in EXCEL_2016 if f"{name}(" in everything} == EXCEL_2016


def test_a_rule_without_a_twin_says_why() -> None:
    without = [rule for rule in RULES.values() if rule.twin is None]
    assert all(len(rule.no_twin) > 40 for rule in without)
    assert {rule.id for rule in without} == {"R44"}
