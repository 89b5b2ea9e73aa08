"""Figures that stand on too few cases, and differences between people that can be luck."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.panel import Panel
from xl_kpi.diagnosis.statistics import critical, real_share
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.words import share
from xl_kpi.scheme import Indicator

_WANTED_ERROR = 0.05  # of a proposed minimum sample: five points either way


def samples(panel: Panel, limits: Thresholds) -> Answer:
    """For each scored indicator with a sample: how large it is, and what is more than chance."""
    findings: list[Finding] = []
    rows = [
        _row(panel, indicator, limits, findings)
        for indicator in panel.indicators
        if indicator.in_score and _counts_cases(panel, indicator)
    ]
    return Answer("samples", findings, pd.DataFrame([row for row in rows if row]))


def _counts_cases(panel: Panel, indicator: Indicator) -> bool:
    """Whether its sample are cases, such as ratings; days on duty are none."""
    sample = panel.scheme.metrics[indicator.metric].sample
    if sample is None:
        return False
    meaning = panel.runs[-1].names.find(sample)
    days = meaning is not None and meaning.kind == "count" and meaning.key == "duty_days"
    return not days


def _row(
    panel: Panel, indicator: Indicator, limits: Thresholds, findings: list[Finding]
) -> dict[str, Any] | None:
    metric = panel.scheme.metrics[indicator.metric]
    sizes = panel.of_indicator(
        indicator.name,
        lambda s: s.monthly(np.full(s.value.shape, np.nan) if s.sample is None else s.sample),
    )
    given = sizes[sizes > 0]
    if not len(given):
        return None
    minimum = limits.least_sample if indicator.minimum_sample is None else indicator.minimum_sample
    small = float((given < limits.least_sample).mean())
    row: dict[str, Any] = {
        "indicator": indicator.name, "where": indicator.row.cell("minimum_sample"),
        "minimum": indicator.minimum_sample, "sample": metric.sample,
        "people": int((sizes > 0).any(axis=1).sum()), "tried": len(given),
        "median": float(np.median(given)), "small": small,
        "error": math.nan, "real": math.nan, "proposed": math.nan, "verdict": "sample_fits",
    }  # fmt: skip
    if metric.unit == "ratio" and indicator.cycle != "week":
        row |= _of_share(panel, indicator, sizes, limits)
    figures = {
        "indicator": indicator.name, "sample": str(metric.sample), "small": share(small),
        "least": f"{limits.least_sample:g}", "median": f"{row['median']:g}",
        "error": share(row["error"]), "real": share(row["real"]), "people": str(row["people"]),
        "proposed": f"{row['proposed']:g}", "minimum": f"{minimum:g}",
    }  # fmt: skip

    def found(key: str) -> None:
        row["verdict"] = key
        findings.append(
            Finding(key=key, severity="note" if key == "sample_luck" else "warning",
                    scheme=panel.scheme.id, where=row["where"], figures=figures)
        )  # fmt: skip

    if small > limits.small_share and minimum <= limits.least_sample:
        if indicator.minimum_sample is None or indicator.minimum_sample < limits.least_sample:
            found("sample_small" if row["error"] == row["error"] else "sample_small_plain")
    elif row["real"] < limits.real_share and row["people"] >= limits.least_people:
        found("sample_luck")
    return row


def _of_share(
    panel: Panel, indicator: Indicator, sizes: Any, limits: Thresholds
) -> dict[str, float]:
    """The error of a share in a month of usual size, and how much of the differences is real."""
    values = panel.of_indicator(indicator.name, lambda s: s.monthly(s.value))
    known = ~np.isnan(values) & ~np.isnan(sizes) & (sizes > 0)
    if not known.any() or (values[known] < 0).any() or (values[known] > 1).any():
        return {}
    cases = np.where(known, sizes, 0.0)
    made = np.where(known, values, 0.0) * cases
    overall = float(made.sum() / cases.sum())
    spread, z = overall * (1 - overall), critical(1 - limits.confidence)
    if spread <= 0:
        return {}
    usual = float(np.median(cases[known]))
    return {
        "error": z * math.sqrt(spread / usual),
        "real": real_share(made.sum(axis=1), cases.sum(axis=1)),
        "proposed": float(max(10, 10 * math.ceil(spread * (z / _WANTED_ERROR) ** 2 / 10))),
    }
