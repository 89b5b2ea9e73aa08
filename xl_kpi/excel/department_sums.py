"""部门合计: what the people of each department come to: heads, average points, sums of money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xl_kpi.excel.report import ReportColumn
from xl_kpi.excel.sums import mean, money, total
from xl_kpi.pipeline import Results
from xl_kpi.rounding import Codes, Floats


def department_rows(
    runs: Sequence[Results], columns: Sequence[ReportColumn], lang: str
) -> list[list[object]]:
    """One row per department, in the order of the roster; people without one come last.

    Args:
        runs: What was calculated, one per scheme.
        columns: The columns of the table.
        lang: Language of the book.
    """
    codes, labels = _departments(runs)
    counted = [*labels, _NONE[lang == "en"]]
    figures = {
        c.key: np.concatenate([_figures(r, c.key) for r in runs])
        for c in columns if c.key not in ("department", "heads", "assessed", "paid", "each")
    }  # fmt: skip
    assessed = np.concatenate([r.people.assessed for r in runs])
    rows: list[list[object]] = []
    for code, label in enumerate(counted):
        mine = codes == code
        if not mine.any():
            continue
        known: Mapping[str, object] = {
            "department": label, "heads": int(mine.sum()), "assessed": int(assessed[mine].sum()),
            "paid": int((~np.isnan(figures["pay"][mine])).sum()), "each": _each(figures["pay"][mine]),
        }  # fmt: skip
        rows.append([
            known[c.key] if c.key in known
            else (total if c.total == "sum" else mean)(figures[c.key][mine])
            for c in columns
        ])  # fmt: skip
    return rows


_NONE = ("（无部门）", "(none)")


def _departments(runs: Sequence[Results]) -> tuple[Codes, list[str]]:
    """Of all people the number of their department, and the departments' names."""
    labels = list(dict.fromkeys(label for r in runs for label in r.departments))
    codes = []
    for results in runs:
        places = np.array([*map(labels.index, results.departments), len(labels)], dtype=np.intp)
        codes.append(places[results.people.groups["department"].codes])
    return np.concatenate(codes), labels


def _figures(results: Results, key: str) -> Floats:
    """A figure of every person; none where the scheme does not know it."""
    kind, _, name = key.partition(":")
    nothing = np.full(results.people.count, np.nan)
    if kind == "pay":
        return results.pay
    if kind in ("true_ups", "payable"):
        return results.owed if kind == "true_ups" else results.payable
    if kind == "total":
        return np.asarray(results.value("total"), np.float64)
    known = results.blocks if kind == "block" else results.items
    return np.asarray(known.get(name, nothing), np.float64)


def _each(pays: Floats) -> float | None:
    shown = mean(pays)
    return None if shown is None else money(shown)
