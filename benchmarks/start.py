"""What starting costs: ``xl-kpi --help`` beside bare Python, and what the first worksheet call loads.

Run from the project's root: ``python benchmarks/start.py``.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from measure import in_turn, process_cpu_seconds, table

HEAVY = ("pandas", "ibis", "duckdb", "matplotlib", "openpyxl", "xlsxwriter", "polars", "pyarrow")
COMMANDS = {
    "bare Python": ["-c", "pass"],
    "argparse": ["-c", "import argparse; argparse.ArgumentParser().format_help()"],
    "xl-kpi --help": ["-m", "xl_kpi", "--help"],
    "import numpy": ["-c", "import numpy"],
    "import xl_kpi": ["-c", "import xl_kpi"],
    "import xl_kpi.excel.cell_functions": ["-c", "import xl_kpi.excel.functions"],
}
FUNCTIONS = "xl_kpi.excel.cell_functions"


def main() -> None:
    """Print the CPU seconds of each start and the heavy modules on the functions' path."""
    commands = dict(COMMANDS)
    if importlib.util.find_spec(FUNCTIONS) is None:
        del commands[f"import {FUNCTIONS}"]
        print(f"{FUNCTIONS} does not exist yet")
    tasks = {
        name: lambda arguments=arguments: process_cpu_seconds([sys.executable, *arguments])
        for name, arguments in commands.items()
    }
    seconds = in_turn(tasks, rounds=15)
    bare = seconds["bare Python"]
    rows = [[name, f"{cpu:.3f}", f"{cpu / bare:.1f}"] for name, cpu in seconds.items()]
    print(table(["start", "CPU s", "÷ bare Python"], rows))
    if f"import {FUNCTIONS}" in commands:
        code = f"import sys, {FUNCTIONS}; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
        loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        print(f"{FUNCTIONS} loads of {', '.join(HEAVY)}: {loaded.stdout.decode().strip() or '-'}")


if __name__ == "__main__":
    main()
