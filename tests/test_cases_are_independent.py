"""The expected figures of tests/cases come from scripts that know nothing of the package."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
MODULES = sorted(CASES.glob("*.py"))
SCRIPTS = [script for script in MODULES if script.with_suffix(".toml").exists()]


def check(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def imported(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_every_case_of_a_system_has_a_script():
    systems = {
        path.stem
        for path in CASES.glob("*.toml")
        if "scheme" in tomllib.loads(path.read_text(encoding="utf-8"))
    }
    assert {"s01_april_003", "s01_team_month", "s05_team_month"} <= systems
    assert systems == {script.stem for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_case_expects_what_its_script_works_out(script):
    outcome = check(script)
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_notices_a_changed_figure(script, tmp_path):
    directory = Path(shutil.copytree(CASES, tmp_path / "cases"))
    case = directory / f"{script.stem}.toml"
    inputs, total, figures = case.read_text(encoding="utf-8").partition("[expect.total]\n")
    assert total, "the case expects no totals"
    first, *others = figures.splitlines()
    case.write_text("\n".join([inputs + total + first + "1", *others]), encoding="utf-8")

    assert tomllib.loads(case.read_text(encoding="utf-8"))
    outcome = check(directory / script.name)
    assert outcome.returncode == 1
    assert "other figures" in outcome.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_the_scripts_use_only_the_standard_library_and_each_other(module):
    siblings = {path.stem for path in MODULES}
    assert imported(module) <= sys.stdlib_module_names | siblings
    assert "xl_kpi" not in module.read_text(encoding="utf-8")
