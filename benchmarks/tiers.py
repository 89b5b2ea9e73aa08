"""Scheme S06 on many people: reading, linting, calculating, explaining, the whole run.

Run from the project's root: ``python benchmarks/tiers.py [PEOPLE ...]``.  Each part stands beside a
peer in the same run: ``evaluate`` beside a numpy prototype that must pay the same cents, the checked
tables beside the same sheets through fastexcel into polars, ``run`` beside the sum of
reading, calculating and patching, an explanation of everybody beside ``evaluate``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import fastexcel
import numpy as np
import tiers_prototype
from measure import cpu_seconds, in_turn, peak_memory, table
from tiers_month import PERIOD, make_quarter

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.load import load_book
from xl_kpi.excel.new import new_book
from xl_kpi.excel.patch import patch_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.explain import explain
from xl_kpi.lint import lint
from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Scheme
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows
from xl_kpi.tables import INPUTS

SIZES = (1_000, 10_000)
SHOWN = ("evaluate", "numpy", "lint", "read", "load", "fastexcel", "patch", "run")
EXPLAINED = 200  # people; an explanation of one person does not depend on how many there are


def main() -> None:
    """Print the CPU seconds of each part and its ratio to the peer."""
    scheme = make_scheme(preset_rows("S06"), preset_metrics())
    rows = []
    for people in map(int, sys.argv[1:] or SIZES):
        seconds = compare(scheme, people)
        parts = seconds["load"] + seconds["evaluate"] + seconds["patch"]
        print(f"{people} people: {seconds}, peak {peak_memory():.1f} GB", flush=True)
        rows.append([
            f"{people:_}".replace("_", " "),
            *(f"{seconds[key]:.3g}" for key in SHOWN),
            f"{1000 * seconds['explain'] / EXPLAINED:.2f} ms",
            f"{seconds['evaluate'] / seconds['numpy']:.2f}",
            f"{seconds['read'] / seconds['fastexcel']:.2f}",
            f"{seconds['run'] / parts:.2f}",
        ])  # fmt: skip
    header = ["people", *SHOWN, "explain, a person", "evaluate ÷ numpy (≤ 2)",
              "read ÷ fastexcel (≤ 3)", "run ÷ load + evaluate + patch (≤ 2)"]  # fmt: skip
    print(table(header, rows))


def compare(scheme: Scheme, people: int) -> dict[str, float]:
    """CPU seconds of each part for a quarter of that many people."""
    tables = make_quarter(people)
    results, prototype = evaluate(tables, scheme, PERIOD), tiers_prototype.calculate(tables)
    same_cents(results.pay, prototype["pay"])
    if not np.array_equal(np.stack(results.followed), prototype["follows"]):
        raise SystemExit("different consequences")
    with tempfile.TemporaryDirectory() as folder:
        book, out = make_book(Path(folder) / "book.xlsx", tables), Path(folder) / "out.xlsx"
        outcome = check_book(book)
        if outcome.count("error"):
            raise SystemExit("\n".join(map(str, outcome.problems)))
        work: dict[str, Callable[[], object]] = {
            "evaluate": lambda: evaluate(tables, scheme, PERIOD),
            "numpy": lambda: tiers_prototype.calculate(tables),
            "lint": lambda: lint(scheme),
            "explain": lambda: [explain(results, row) for row in range(EXPLAINED)],
            "read": lambda: read_book(book),
            "load": lambda: load_book(book),
            "fastexcel": lambda: _fastexcel(book),
            "patch": lambda: patch_book(book, out, outcome.updates),
            "run": lambda: run_book(book, out),
        }
        tasks = {name: lambda one=one: cpu_seconds(one) for name, one in work.items()}
        return in_turn(tasks, 3 if people > 2_000 else 5)


def same_cents(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Stop unless everybody is paid the same."""
    wrong = ~((np.abs(ours - theirs) < 0.001) | (np.isnan(ours) & np.isnan(theirs)))
    if wrong.any():
        rows = np.flatnonzero(wrong)[:5]
        raise SystemExit(f"{wrong.sum()} are paid differently: {ours[rows]} and {theirs[rows]}")


def make_book(path: Path, tables: dict) -> Path:
    """A book with these tables."""
    new_book(path, "zh", {"period": PERIOD, "scheme": "S06"}, ("S06",))
    rows = {}
    for key, frame in tables.items():
        records = frame.astype(object).where(frame.notna(), None)
        rows[key] = records.to_dict("records")
    fill_tables(path, rows, "zh")
    return path


def _fastexcel(book: Path) -> None:
    reader = fastexcel.read_excel(book)
    for one in INPUTS:
        reader.load_sheet(one.zh, header_row=4).to_polars()


if __name__ == "__main__":
    main()
