"""Months in which somebody, or everybody, is far from what is usual."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.panel import Panel
from xl_kpi.diagnosis.statistics import critical, standing_out, two_way
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.words import brief, signed
from xl_kpi.rounding import Floats
from xl_kpi.tables import COUNTS

_LEAST_MONTHS = 3
_AMOUNTS = ("yuan", "s", "count", "days")  # compared by proportion


@dataclass(frozen=True)
class _Item:
    """A figure of people and months; ``name`` of a score or pay is a key of words.LABELS."""

    name: str
    unit: str
    figures: Floats
    weight: Floats

    @property
    def comparable(self) -> Floats:
        """Amounts as logarithms, so that a tenth more is as much for everybody."""
        if self.unit not in _AMOUNTS:
            return self.figures
        positive = self.figures > 0
        return np.where(positive, np.log(np.where(positive, self.figures, 1.0)), np.nan)


def unusual(panel: Panel, limits: Thresholds) -> Answer:
    """Each figure beside what its person and its month make one expect."""
    items = [
        dataclasses.replace(item, figures=np.where(panel.whole, item.figures, np.nan))
        for item in _items(panel)
    ]
    items = [item for item in items if not np.isnan(item.comparable).all()]
    if len(panel.runs) < _LEAST_MONTHS:
        note = Finding(
            key="unusual_short", severity="note", scheme=panel.scheme.id, where=panel.scheme.place,
            figures={"months": str(len(panel.runs)), "needed": str(_LEAST_MONTHS)},
        )  # fmt: skip
        return Answer("unusual", [note])
    cells = sum(int((~np.isnan(item.comparable)).sum()) for item in items)
    limit = critical(limits.alpha / 2, cells)
    months = critical(limits.alpha / 2, len(items) * len(panel.runs))
    rows: list[dict[str, Any]] = []
    for item in items:
        rows += _of_people(panel, item, limit, limits)
        if len(panel.runs) >= limits.unusual_months:
            rows += _of_everybody(panel, item, months, limits)
    return Answer("unusual", [_finding(panel, row) for row in rows], pd.DataFrame(rows))


def _items(panel: Panel) -> Iterator[_Item]:
    """The values of every indicator, customers, sales, the total score and the pay."""
    for i in panel.indicators:
        if panel.scheme.metrics[i.metric].source == "event":
            continue  # counts of rare events have no usual level
        values = panel.of_indicator(i.name, lambda s: s.monthly(s.value) if s.cycles == 1 else _whole(s))
        sizes = panel.of_indicator(
            i.name, lambda s: s.sample if s.sample is not None and s.cycles == 1 else np.ones(s.figures.people.count)
        )  # fmt: skip
        unit = panel.scheme.metrics[i.metric].unit
        yield _Item(i.name, unit, values, np.nan_to_num(sizes))
    ones = np.ones(panel.totals.shape)
    for key in ("received_customers", "sales"):
        yield _Item(f"@{key}", COUNTS.column(key).unit, panel.count(key), ones)
    yield _Item("@total", "points", panel.totals, ones)
    yield _Item("@pay", "yuan", panel.pay, ones)


def _whole(scored: Any) -> Floats:
    """The month's value of an indicator that is scored by weeks."""
    values: Floats = scored.figures.metric(scored.indicator.metric, "month")
    theirs = scored.figures.people.has_role(scored.indicator.roles)
    return np.where(theirs, values, np.nan)


def _of_people(
    panel: Panel, item: _Item, limit: float, limits: Thresholds
) -> list[dict[str, Any]]:
    fit = two_way(item.comparable, item.weight, limit)
    change, usual = _change(item, fit.expected)
    with np.errstate(invalid="ignore"):
        far = (np.abs(fit.deviates) > limit) & (np.abs(change) >= limits.unusual_change)
    return [
        {
            "who": panel.named(person), "period": panel.months[month], "item": item.name, "unit": item.unit,
            "value": float(item.figures[person, month]), "usual": float(usual[person, month]),
            "change": float(change[person, month]), "deviate": float(fit.deviates[person, month]),
            "verdict": "unusual_person",
        }
        for person, month in np.argwhere(far)
    ]  # fmt: skip


def _of_everybody(
    panel: Panel, item: _Item, limit: float, limits: Thresholds
) -> list[dict[str, Any]]:
    """A month against the other months: a festival, a new shop, an export that is cut off."""
    there = ~np.isnan(item.comparable)
    if there.sum(axis=0).min() == 0:
        return []
    months = np.where(there, item.comparable, 0.0).sum(axis=0) / there.sum(axis=0)
    above, below = standing_out(months, limit), standing_out(-months, limit)
    rows = []
    for month in np.flatnonzero((above > limit) | (below > limit)):
        usual = np.delete(months, month).mean()
        change, was = _change(_Item(item.name, item.unit, _back(item, months), months), np.full(len(months), usual))
        if abs(change[month]) < limits.unusual_change:
            continue
        rows.append(
            {
                "who": "", "period": panel.months[month], "item": item.name, "unit": item.unit,
                "value": float(_back(item, months)[month]), "usual": float(was[month]),
                "change": float(change[month]), "deviate": float(np.fmax(above, below)[month]),
                "verdict": "unusual_month",
            }
        )  # fmt: skip
    return rows


def _back(item: _Item, figures: Floats) -> Floats:
    return np.exp(figures) if item.unit in _AMOUNTS else figures


def _change(item: _Item, expected: Floats) -> tuple[Floats, Floats]:
    """How far off, as a share of what is usual; and what is usual."""
    usual = _back(item, expected)
    scale = np.where(np.abs(usual) > 0, np.abs(usual), np.nan)
    return (item.figures - usual) / scale, usual


def _finding(panel: Panel, row: dict[str, Any]) -> Finding:
    figures = {
        "who": row["who"], "period": row["period"], "item": row["item"],
        "value": brief(row["value"], row["unit"]), "usual": brief(row["usual"], row["unit"]),
        "change": signed(row["change"]),
    }  # fmt: skip
    return Finding(
        key=row["verdict"], severity="warning", scheme=panel.scheme.id,
        where=" ".join(filter(None, (row["period"], row["who"]))), figures=figures,
    )  # fmt: skip
