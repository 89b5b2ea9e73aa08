"""The worked months of tests/cases as the tables that ``evaluate`` takes."""

import tomllib
from pathlib import Path

import pandas as pd

from xl_kpi.pipeline import evaluate
from xl_kpi.scheme_rows import make_scheme, preset_counts, preset_metrics, preset_rows
from xl_kpi.tables import COUNTS, INPUTS

CASES = Path(__file__).parent / "cases"
MONTHS = tuple(
    sorted(p.stem for p in CASES.glob("*.toml") if "\nscheme = " in p.read_text("utf-8"))
)


def read_case(name):
    """A case file as data."""
    return tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))


def frames(case):
    """The case's rows as typed tables; a key that is absent is a blank cell."""
    tables = (preset_counts() if table is COUNTS else table for table in INPUTS)
    return {table.key: frame(table, case.get(table.key, [])) for table in tables}


def frame(table, rows):
    """Rows of one table as a DataFrame with that table's types."""
    made = pd.DataFrame({c.key: [row.get(c.key) for row in rows] for c in table.columns})
    for column in table.columns:
        values = made[column.key]
        if column.kind in ("number", "flag"):
            made[column.key] = pd.to_numeric(values).astype("float64")
        elif column.kind == "date":
            made[column.key] = pd.to_datetime(values).astype("datetime64[ns]")
        else:
            made[column.key] = values.astype(object)
    return made


def preset(scheme_id, period=None):
    """A ready scheme; of its dated rows those in force in the period, else the latest."""
    scheme = make_scheme(preset_rows(scheme_id), preset_metrics())
    if period is None:
        return scheme
    return make_scheme(preset_rows(scheme_id), preset_metrics(), scheme.period(period).end)


def evaluated(case):
    """The results of a case."""
    return evaluate(frames(case), preset(case["scheme"], case["period"]), case["period"])
