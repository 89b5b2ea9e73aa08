"""The platforms' own comparison figures of the 基准 sheet, as the lines of indicators name them.

A line such as ``=同行同层均值`` means the benchmark of the indicator's metric, of the period, of each
person's shop; of all shops where none has that shop's name.  A missing one is missing, never 0.
"""

from __future__ import annotations

import numpy as np

from xl_kpi.figures import Figures
from xl_kpi.formula import names_in
from xl_kpi.names import BENCHMARKS as KINDS
from xl_kpi.records import Records
from xl_kpi.rounding import Floats
from xl_kpi.scheme import Formula, Indicator

_DIGITS = 9  # beyond which two figures are the same


def benchmark_rows(figures: Figures, metric: str, kind: str) -> dict[str, list[int]]:
    """The rows of the sheet for a metric and a kind in the period, by shop; ``""`` = all shops."""
    records = figures.records
    found: dict[str, list[int]] = {}
    if not records.has("benchmarks"):
        return found
    definition = figures.scheme.metrics[metric]
    of_metric = {word.casefold() for word in (metric, definition.english, definition.id) if word}
    of_kind = {word.casefold() for word in (kind, *KINDS[kind])}
    frame = records.tables["benchmarks"]
    columns = (frame[key] for key in ("period", "shop", "metric", "kind", "value"))
    for row, (period, shop, about, what, value) in enumerate(zip(*columns, strict=True)):
        if period != figures.period.name or np.isnan(value):
            continue
        if _folded(about) in of_metric and _folded(what) in of_kind:
            found.setdefault(shop if isinstance(shop, str) else "", []).append(row)
    return found


def _folded(word: object) -> str:
    return word.strip().casefold() if isinstance(word, str) else ""


def rows_of_people(figures: Figures, metric: str, kind: str) -> list[list[int]]:
    """The rows that each person's benchmark stands in: of their shop, else of all shops."""
    rows, shops = benchmark_rows(figures, metric, kind), figures.people.groups["shop"]
    everybody = rows.get("", [])
    by_shop = [rows.get(label, everybody) for label in shops.labels]
    return [by_shop[code] if code >= 0 else everybody for code in shops.codes]


def benchmark(figures: Figures, metric: str, kind: str) -> Floats:
    """A benchmark per person; missing where there is none or where several rows disagree."""
    out = np.full(figures.people.count, np.nan)
    for person, rows in enumerate(rows_of_people(figures, metric, kind)):
        if rows and agree(figures, rows):
            out[person] = figures.records.numbers("benchmarks", "value")[rows[0]]
    return out


def agree(figures: Figures, rows: list[int]) -> bool:
    """Whether some rows of the sheet have one value."""
    values = figures.records.numbers("benchmarks", "value")
    return len({round(float(values[row]), _DIGITS) for row in rows}) == 1


def named_benchmarks(figures: Figures, indicator: Indicator) -> list[str]:
    """The kinds of benchmark that an indicator's lines name, each once."""
    kinds: dict[str, None] = {}
    for formula in indicator.formulas:
        kinds |= dict.fromkeys(_kinds(figures, formula))
    return list(kinds)


def is_benchmark(figures: Figures, formula: Formula) -> bool:
    """Whether a formula names a benchmark."""
    return bool(_kinds(figures, formula))


def _kinds(figures: Figures, formula: Formula) -> list[str]:
    meanings = (figures.names.find(name) for name in names_in(formula.node))
    return [m.key for m in meanings if m is not None and m.kind == "benchmark"]


def imported_file(records: Records, source: object) -> str:
    """The file of an import, by its number in the import log; empty if it was none."""
    if not isinstance(source, str) or not source:
        return ""
    if records.has("imports"):
        frame = records.tables["imports"]
        for file in frame.loc[frame["source"] == source, "file"]:
            return str(file)
    return source
