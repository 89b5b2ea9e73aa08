"""docs/functions.md and its Chinese twin: in step with the catalogue, examples that calculate."""

import re

import pytest
from docs_scripts import ROOT, docs_script

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.cli import main
from xl_kpi.excel.cell_functions import VERSION

FILES = {"zh": "functions.zh-CN.md", "en": "functions.md"}
EXAMPLE = re.compile(r"^`(=.+)` → \*\*(.+?)\*\*", re.MULTILINE)


@pytest.mark.parametrize("lang", FILES)
def test_the_reference_is_what_the_catalogue_says(lang):
    written = (ROOT / "docs" / FILES[lang]).read_text("utf-8")
    assert written == docs_script("functions").document(lang)


@pytest.mark.parametrize("lang", FILES)
def test_every_function_has_a_section_with_an_example(lang):
    text = (ROOT / "docs" / FILES[lang]).read_text("utf-8")
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert sorted(s.split()[0] for s in sections) == sorted(set(FUNCTIONS) - {VERSION})
    assert all(EXAMPLE.search(s) for s in sections)


def test_every_example_can_be_typed_and_gives_what_it_says(capsys):
    text = (ROOT / "docs" / FILES["en"]).read_text("utf-8")
    for formula, expected in EXAMPLE.findall(text):
        assert main(["eval", formula]) == 0
        said = capsys.readouterr().out.strip()
        try:
            assert float(said) == pytest.approx(float(expected), rel=1e-12), formula
        except ValueError:
            assert said == expected, formula
