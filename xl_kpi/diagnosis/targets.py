"""Targets that nearly everybody or nearly nobody makes, and targets proposed from the past."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.panel import Panel
from xl_kpi.diagnosis.statistics import independent, wilson
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.words import brief, share
from xl_kpi.formula import names_in
from xl_kpi.rounding import Floats
from xl_kpi.scheme import Formula
from xl_kpi.scoring import short

AIMS = (0.7, 0.5)  # shares that targets are proposed for, beside the threshold's
_TIDY = 3  # digits of a proposed target
_MADE_FROM = 5  # past figures at least


@dataclass(frozen=True)
class _Line:
    """A line to be reached, and the figures that were to reach it: one per person and cycle."""

    name: str
    kind: str  # target, pass_line, penalty_line or sales_target
    where: str
    text: str
    unit: str
    better: str
    strict: bool
    value: Floats
    line: Floats
    person: Floats

    @property
    def same_for_all(self) -> bool:
        """Whether everybody has the same line in the last month (they can differ by person)."""
        return bool(np.ptp(self.line) <= 1e-12 * np.abs(self.line).max(initial=0.0))


def targets(panel: Panel, limits: Thresholds) -> Answer:
    """The share who made each target, with its interval; what past figures propose instead."""
    findings: list[Finding] = []
    rows = [_row(panel, line, limits, findings) for line in _lines(panel)]
    return Answer("targets", findings, pd.DataFrame(rows))


def _lines(panel: Panel) -> list[_Line]:
    found = []
    for indicator in panel.indicators:
        for kind in ("pass_line", "target", "penalty_line"):
            formula: Formula | None = getattr(indicator, kind)
            if formula is not None and not _compares_with_group(panel, formula):
                found.append(_of_indicator(panel, indicator.name, kind, formula))
                break
    return [line for line in (*found, _sales(panel)) if len(line.value)]


def _compares_with_group(panel: Panel, formula: Formula) -> bool:
    """Whether a line moves with what colleagues do: then somebody always misses it."""
    meanings = [panel.runs[-1].names.find(name) for name in names_in(formula.node)]
    return any(m is not None and m.kind in ("here", "benchmark") for m in meanings)


def _of_indicator(panel: Panel, name: str, kind: str, formula: Formula) -> _Line:
    values, lines, people = [], [], []
    for run in panel.runs:
        scored = run.scored.get(name)
        line = None if scored is None else getattr(scored, kind)
        if scored is None or line is None or not scored.due:
            continue
        place = panel.people.index.get_indexer(pd.Index(run.people.ids))
        usable = ~np.isnan(scored.counted) & ~np.isnan(line)
        usable &= np.repeat(place, scored.cycles) >= 0
        values.append(scored.counted[usable])
        lines.append(line[usable])
        people.append(np.repeat(place, scored.cycles)[usable])
    last = panel.runs[-1].scored[name]
    indicator = last.indicator
    unit = panel.scheme.metrics[indicator.metric].unit
    return _Line(
        indicator.name, kind, indicator.row.cell(kind), formula.text, unit, last.better,
        indicator.strict and kind == "target", *map(_joined, (values, lines, people)),
    )  # fmt: skip


def _sales(panel: Panel) -> _Line:
    """The sales targets of the 目标 table."""
    line = panel.figures(lambda run: run.figures.target("sales_target"))
    value = panel.count("sales")
    usable = ~np.isnan(value) & ~np.isnan(line) & (line > 0)
    people = np.broadcast_to(np.arange(len(line))[:, None], line.shape)
    return _Line(
        "任务", "sales_target", "目标", "", "yuan", "higher", False,
        value[usable], line[usable], people[usable].astype(np.float64),
    )  # fmt: skip


def _joined(parts: list[Any]) -> Floats:
    return np.concatenate([np.empty(0), *parts]).astype(np.float64)


def _row(
    panel: Panel, line: _Line, limits: Thresholds, findings: list[Finding]
) -> dict[str, Any]:
    missed = short(line.value, line.line, line.better, strict=line.strict)
    size, person = len(panel.people), line.person.astype(np.intp)
    made = np.bincount(person, (~missed).astype(np.float64), minlength=size).astype(np.float64)
    of = np.bincount(person, minlength=size).astype(np.float64)
    reached, tried = float(made.sum()), float(of.sum())
    effective = independent(made, of)
    low, high = wilson(reached / tried * effective, effective, limits.confidence)
    aims = (AIMS[0], limits.aim_share, AIMS[1])
    proposed = [propose(line.value, line.line, line.better, a, same=line.same_for_all) for a in aims]
    would = _would(line, proposed[1])
    row = {
        "indicator": line.name, "kind": line.kind, "where": line.where,
        "target": _shown(line), "unit": line.unit, "people": int((of > 0).sum()),
        "tried": int(tried), "made": int(reached), "share": reached / tried,
        "share_low": low, "share_high": high,
        **{f"aim_{n}": _proposal(line, p) for n, p in enumerate(proposed)}, "would": would,
    }  # fmt: skip
    easy, hard = low > limits.easy_share, high < limits.hard_share
    key = "target_fits"
    if hard:
        key = "target_hard" if line.kind != "penalty_line" else "penalty_all"
    elif easy and line.kind != "penalty_line":
        key = "target_easy" if _stricter(line, proposed[1]) else "target_top"
    if key != "target_fits":
        figures = {
            "indicator": line.name, "target": _shown(line), "share": share(reached / tried),
            "made": f"{reached:.0f}", "tried": f"{tried:.0f}", "low": share(low), "high": share(high),
            "proposed": _proposal(line, proposed[1]), "would": share(would), "aim": share(limits.aim_share, 0),
            "months": str(len(panel.runs)),
        }  # fmt: skip
        findings.append(
            Finding(key=key, severity="warning", scheme=panel.scheme.id, where=line.where, figures=figures)
        )
    return {**row, "verdict": key}


def propose(value: Floats, line: Floats, better: str, aim: float, *, same: bool) -> float:
    """The target that at least this share of the past figures would have reached.

    Args:
        value: Past figures.
        line: The target that each had.
        better: ``higher`` or ``lower``.
        aim: The share.
        same: Whether all have the same target; if not, what is proposed is a factor of it.

    Returns:
        A target of three digits, rounded to the easier side, or a factor; NaN with few figures.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = value if same else value / line
    figures = figures[np.isfinite(figures)]
    if len(figures) < _MADE_FROM:
        return float("nan")
    ordered = np.sort(figures)[::-1] if better == "higher" else np.sort(figures)
    wanted = float(ordered[math.ceil(aim * len(ordered) - 1e-9) - 1])
    return _tidy(wanted, up=better == "lower")


def _tidy(value: float, *, up: bool) -> float:
    if value == 0 or not np.isfinite(value):
        return value
    scale = 10.0 ** (_TIDY - 1 - math.floor(math.log10(abs(value))))
    steps = round(value * scale, 9)
    whole = math.ceil(steps) if up else math.floor(steps)
    return float(f"{whole / scale:.12g}")


def _would(line: _Line, proposed: float) -> float:
    """The share of the past figures that would have reached a proposal."""
    if np.isnan(proposed):
        return float("nan")
    goal = np.full(len(line.value), proposed) if line.same_for_all else line.line * proposed
    return float((~short(line.value, goal, line.better, strict=line.strict)).mean())


def _stricter(line: _Line, proposed: float) -> bool:
    """Whether a proposal asks for more than the line of today."""
    today = float(line.line[-1]) if line.same_for_all else 1.0
    return proposed > today if line.better == "higher" else proposed < today


def _proposal(line: _Line, proposed: float) -> str:
    if np.isnan(proposed):
        return "—"
    return brief(proposed, line.unit) if line.same_for_all else f"× {proposed:g}"


def _shown(line: _Line) -> str:
    if line.same_for_all:
        return brief(float(line.line[-1]), line.unit)
    low, high = (brief(float(x), line.unit) for x in (line.line.min(), line.line.max()))
    return f"{low} – {high}"
