"""A year of months under three schemes beside one ``evaluate``.

Run from the project's root: ``python benchmarks/simulate.py [PEOPLE]``.  Printed are the CPU seconds
of 12 months × PEOPLE × 3 schemes (pay of everybody, compared; without sensitivity), and their ratio
to one ``evaluate`` in three readings: of one month with only its own rows in the tables; of one
month with the year's rows in the tables, as in the book that is simulated; of one month of as many
people as there are people-months.  The schemes: three versions of S01, and S01 with two others.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
from measure import cpu_seconds, in_turn, peak_memory, table
from month import PERIOD, counts_of, make_month

from xl_kpi.pipeline import evaluate
from xl_kpi.records import Tables
from xl_kpi.scheme import Scheme
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows
from xl_kpi.simulation import Policy
from xl_kpi.simulation.months import Calculator
from xl_kpi.tables import COUNTS, ROSTER

YEAR = tuple(f"2026-{month:02d}" for month in range(1, 13))
ROUNDS = 3


def main() -> None:
    """Print the seconds and ratios."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    tables, month, many = year_of(people), _whole(make_month(people)), _whole(make_month(people * 12))
    rows = []
    for name, schemes in (("S01 in 3 versions", versions()), ("S01, S02, S04", presets())):
        check(tables, schemes)
        first = schemes[0]
        hands = {
            "simulate": lambda schemes=schemes: simulate(tables, schemes),
            "36 × evaluate": lambda schemes=schemes: one_by_one(tables, schemes),
            "a month": lambda first=first: evaluate(month, first, PERIOD),
            "of the year": lambda first=first: evaluate(tables, first, YEAR[-1]),
            "of 12 × people": lambda first=first: evaluate(many, first, PERIOD),
        }
        seconds = in_turn({k: lambda work=work: cpu_seconds(work) for k, work in hands.items()}, ROUNDS)
        whole = seconds["simulate"]
        ratios = [f"{whole / seconds[k]:.1f}" for k in ("a month", "of the year", "of 12 × people")]
        rows.append([name, *(f"{seconds[k]:.3g}" for k in hands), *ratios])
    head = ["schemes", *hands, "÷ a month", "÷ of the year", "÷ of 12 × people"]
    print(table(head, rows))
    print(f"{people} people, peak {peak_memory():.1f} GB")


def simulate(tables: Tables, schemes: Sequence[Scheme]) -> list[np.ndarray]:
    """Everybody's pay in each month by each scheme."""
    calculator = Calculator(tables)
    policies = [Policy(f"{n}", "", lambda month, s=s: [s]) for n, s in enumerate(schemes)]
    return [calculator.month(month, p)[0][0].pay for month in YEAR for p in policies]


def one_by_one(tables: Tables, schemes: Sequence[Scheme]) -> list[np.ndarray]:
    """The same with nothing shared."""
    return [evaluate(tables, scheme, month).pay for month in YEAR for scheme in schemes]


def check(tables: Tables, schemes: Sequence[Scheme]) -> None:
    """Stop unless both hands pay everybody the same cents."""
    for one, other in zip(simulate(tables, schemes), one_by_one(tables, schemes), strict=True):
        if not np.array_equal(one, other, equal_nan=True):
            raise SystemExit("a shared figure differs")


def versions() -> list[Scheme]:
    """S01, S01 with dearer commission, S01 with a wider reward for few losses."""
    first = make_scheme(preset_rows("S01"), preset_metrics())
    changed = [first]
    for curve in ("提成内", "流失分"):
        old = first.curves[curve]
        assert old.bands is not None
        values = old.values * 1.1
        new = dataclasses.replace(old, values=values, bands=old.bands._replace(value=values))
        changed.append(dataclasses.replace(first, curves={**first.curves, curve: new}))
    return changed


def presets() -> list[Scheme]:
    """Three ready schemes on one metric library."""
    metrics = preset_metrics()
    return [make_scheme(preset_rows(name), metrics) for name in ("S01", "S02", "S04")]


def year_of(people: int) -> dict[str, pd.DataFrame]:
    """Twelve months and the one before, the same roster."""
    tables = _whole(make_month(people))
    random = np.random.default_rng(1)
    counts = [counts_of(tables["roster"], month, random) for month in ("2025-12", *YEAR)]
    tables["counts"] = pd.concat(counts, ignore_index=True).reindex(columns=[c.key for c in COUNTS.columns])
    for name, key in (("events", "date"), ("shops", "date")):
        frame = tables[name]
        shifts = [pd.Timestamp(f"{month}-01") - pd.Timestamp(f"{PERIOD}-01") for month in YEAR]
        tables[name] = pd.concat([frame.assign(**{key: frame[key] + d}) for d in shifts], ignore_index=True)
    for name in ("targets", "departments"):
        frame = tables[name][tables[name]["period"] == PERIOD]
        months = [frame.assign(period=month) for month in ("2025-12", *YEAR)]
        tables[name] = pd.concat(months, ignore_index=True)
    return tables


def _whole(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables whose roster has every column."""
    roster = tables["roster"]
    blank = {c.key: np.nan if c.kind == "number" else None for c in ROSTER.columns if c.key not in roster}
    return {**tables, "roster": roster.assign(**{**blank, "bonus_base": 3000.0})}


if __name__ == "__main__":
    main()
