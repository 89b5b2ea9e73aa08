"""The ready schemes: data and nothing else, equal on their sheet, documented, without errors."""

import ast
import dataclasses
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from case_files import MONTHS, preset, read_case

from xl_kpi.excel.load import load_book
from xl_kpi.excel.new import new_book
from xl_kpi.lint import lint
from xl_kpi.scheme import Row, Scheme
from xl_kpi.scheme_rows import preset_ids

ROOT = Path(__file__).parents[1]
CODE = sorted((ROOT / "xl_kpi").rglob("*.py"))
SYSTEMS = [f"S{n:02d}" for n in range(1, 13)]
ID = re.compile(r"S\d\d")


def test_every_system_of_the_rule_book_is_ready():
    assert set(SYSTEMS) <= set(preset_ids())


def test_every_ready_scheme_has_a_worked_month():
    assert {read_case(name)["scheme"] for name in MONTHS} == set(preset_ids())


@pytest.mark.parametrize("path", CODE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_code_asks_which_scheme_it_is(path):
    """A scheme's id may be a default or an example, never something that decides."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare | ast.match_case | ast.Subscript):
            words = [
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            assert not any(ID.fullmatch(word) for word in words), ast.unparse(node)


@pytest.mark.parametrize("scheme_id", preset_ids())
def test_a_ready_scheme_has_no_error(scheme_id):
    assert [p for p in lint(preset(scheme_id)) if p.severity == "error"] == []


@pytest.mark.parametrize("scheme_id", preset_ids())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheet_and_preset_give_equal_schemes(scheme_id, lang, tmp_path):
    path = new_book(tmp_path / "b.xlsx", lang, {"scheme": scheme_id}, (scheme_id,))
    job = load_book(path)
    assert job.scheme is not None, job.problems
    assert comparable(job.scheme) == comparable(preset(scheme_id))


def comparable(value):
    """A scheme without the addresses of its cells."""
    if isinstance(value, Row):
        return None
    if isinstance(value, Scheme) or dataclasses.is_dataclass(value):
        return {
            f.name: comparable(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if f.name not in ("where", "place", "row", "rows", "roles_place")
        }
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: comparable(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [comparable(inner) for inner in value]
    return value


def test_the_document_is_what_the_presets_say():
    spec = importlib.util.spec_from_file_location("schemes", ROOT / "docs" / "schemes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "schemes.md").read_text("utf-8") == module.document()
