"""``evaluate`` beside a numpy prototype, plain pandas and LibreOffice: one month of scheme S01.

Run from the project's root: ``python benchmarks/evaluate.py [PEOPLE ...]``.  Every hand gets the
same tables and must pay everybody the same cents.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import native_formulas
import numpy as np
import numpy_prototype
import pandas as pd
import pandas_prototype
from measure import cpu_seconds, in_turn, peak_memory, table
from month import PERIOD, make_month

from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Scheme
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = {1_000: 15, 10_000: 11, 100_000: 7}  # of more people: 3
PANDAS_UP_TO, LIBREOFFICE_UP_TO = 100_000, 10_000
OURS, NUMPY, PANDAS = "evaluate", "numpy prototype", "pandas"
CALCULATION, WHOLE = "LibreOffice, calculation", "LibreOffice, whole process"
HANDS = (OURS, NUMPY, PANDAS, CALCULATION, WHOLE)


def main() -> None:
    """Print the CPU seconds of each hand and how they grow."""
    scheme = make_scheme(preset_rows("S01"), preset_metrics())
    seconds: dict[int, dict[str, float]] = {}
    for people in map(int, sys.argv[1:] or SIZES):
        seconds[people] = compare(scheme, people)
        print(f"{people} people: {seconds[people]}, peak {peak_memory():.1f} GB", flush=True)
    print(table(["people", *HANDS, "evaluate ÷ numpy"], [_row(*item) for item in seconds.items()]))
    sizes = sorted(seconds)
    for small, large in itertools.pairwise(sizes):
        growth = [f"{hand} × {seconds[large][hand] / seconds[small][hand]:.1f}"
                  for hand in HANDS if hand in seconds[large]]  # fmt: skip
        print(f"{small} → {large} people: {', '.join(growth)}")


def _row(people: int, seconds: dict[str, float]) -> list[str]:
    figures = [f"{seconds[hand]:.3g}" if hand in seconds else "" for hand in HANDS]
    return [f"{people:_}".replace("_", " "), *figures, f"{seconds[OURS] / seconds[NUMPY]:.2f}"]


def compare(scheme: Scheme, people: int) -> dict[str, float]:
    """CPU seconds of each hand for a month of that many people, all equal to the cent."""
    tables = make_month(people)
    results = evaluate(tables, scheme, PERIOD)
    ids, pay = results.people.ids, results.pay
    del results
    hands: dict[str, Callable[[], object]] = {
        OURS: lambda: evaluate(tables, scheme, PERIOD),
        NUMPY: lambda: numpy_prototype.calculate(tables),
    }
    same_cents(NUMPY, pay, numpy_prototype.calculate(tables)["pay"])
    if people <= PANDAS_UP_TO:
        hands[PANDAS] = lambda: pandas_prototype.calculate(tables)
        same_cents(PANDAS, pay, pandas_prototype.calculate(tables).to_numpy())
    tasks = {name: lambda work=work: cpu_seconds(work) for name, work in hands.items()}
    seconds = in_turn(tasks, ROUNDS.get(people, 3))
    if people <= LIBREOFFICE_UP_TO:
        with tempfile.TemporaryDirectory() as folder:
            book, stored = Path(folder, "book.xlsx"), Path(folder, "stored.xlsx")
            order = native_formulas.write_book(book, tables)
            steps = native_formulas.recalculate(book, stored)
            shown = native_formulas.pay_in(stored, order)
        same_cents("LibreOffice", pay, shown.reindex(pd.Index(ids)).to_numpy())
        seconds[CALCULATION], seconds[WHOLE] = steps["calculate"], sum(steps.values())
    return seconds


def same_cents(hand: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    """Stop unless everybody is paid the same."""
    differs = ~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
    if differs.any():
        raise SystemExit(f"{hand} pays {differs.sum()} of {len(ours)} people otherwise")


if __name__ == "__main__":
    main()
