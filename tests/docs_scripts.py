"""The scripts that write documents, as modules."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]


def docs_script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
