"""Which indicators tell people apart (R28), and what each really weighs in the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.panel import Panel, due_months, mean_of_months
from xl_kpi.diagnosis.statistics import correlation
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.words import listed, share
from xl_kpi.rounding import Floats
from xl_kpi.scheme import Indicator

_MAY_NOT_HAPPEN = ("R04", "R09")  # rules under which nothing happening is the usual case

_NOTHING = 1e-9  # points


@dataclass(frozen=True)
class _Part:
    """An indicator's points, and what it and the others of its block add to the score."""

    indicator: Indicator
    points: Floats  # person × month
    mine: Floats  # per person, mean of the months: its part of the score
    others: Floats  # what the rest of the block comes to without it
    score: Floats
    patterns: int  # of indicators that people have: other roles, other indicators


def discrimination(panel: Panel, limits: Thresholds) -> Answer:
    """Spread of values and points, item-total correlation, nominal and effective weight."""
    findings: list[Finding] = []
    parts = _parts(panel)
    rows = [_row(panel, part, limits) for part in parts]
    tested = sum(not np.isnan(row["r"]) for row in rows)
    for part, row in zip(parts, rows, strict=True):
        row["verdict"] = _judge(panel, part, row, tested, limits, findings)
    quiet = [row for row in rows if row["verdict"] == "nothing"]
    if quiet:
        named = {"indicators": listed([row["indicator"] for row in quiet]), "months": str(quiet[0]["months"]), "unit": "@of_month"}
        findings.append(
            Finding(key="nothing", severity="note", scheme=panel.scheme.id, where=quiet[0]["where"], figures=named)
        )
    return Answer("discrimination", findings, pd.DataFrame(rows))


def _parts(panel: Panel) -> list[_Part]:
    """Every indicator that counts, with the rest of its block."""
    scored = [i for i in panel.indicators if i.in_score]
    parts = []
    for block in dict.fromkeys(i.block for i in scored):
        mine = [i for i in scored if i.block == block]
        points = [panel.points(i.name) for i in mine]
        means = np.stack([mean_of_months(p) for p in points])
        weights = np.array([_weight(panel, i) for i in mine])[:, None]
        present = np.where(np.isnan(means), 0.0, weights)
        added = np.where(np.isnan(means), 0.0, means * weights)
        every = present.sum(axis=0) if _weighted(panel) else np.ones(present.shape[1])
        score = _quotient(added.sum(axis=0), every)
        pattern = np.unique(~np.isnan(means), axis=1, return_inverse=True)[1].ravel()
        for place, indicator in enumerate(mine):
            rest, whole = (np.delete(x, place, axis=0).sum(axis=0) for x in (added, present))
            known = np.where(np.isnan(means[place]), 0.0, whole)
            others = _quotient(rest, known if _weighted(panel) else np.sign(known))
            own = np.where(np.isnan(means[place]), 0.0, every)
            part = _beside(_quotient(added[place], own), pattern)
            patterns = len(np.unique(pattern[~np.isnan(part)]))
            parts.append(
                _Part(
                    indicator, points[place], part, _beside(others, pattern), _beside(score, pattern),
                    patterns,
                )
            )  # fmt: skip
    return parts


def _beside(figures: Floats, pattern: NDArray[np.intp]) -> Floats:
    """Figures beside the mean of those who have the same indicators: weights are alike there."""
    out = figures.copy()
    for one in np.unique(pattern):
        mine = (pattern == one) & ~np.isnan(figures)
        out[mine] -= figures[mine].mean() if mine.any() else 0.0
    return np.where(np.abs(out) < _NOTHING, 0.0, out)


def _quotient(part: Floats, whole: Floats) -> Floats:
    out: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return out


def _weighted(panel: Panel) -> bool:
    return panel.scheme.block_mode != "sum"


def _weight(panel: Panel, indicator: Indicator) -> float:
    return (indicator.weight or 0.0) if _weighted(panel) else 1.0


def _row(panel: Panel, part: _Part, limits: Thresholds) -> dict[str, Any]:
    i, least = part.indicator, int(limits.least_people)
    months = due_months(part.points, int(limits.months))
    columns = part.points[:, months]
    enough = [int((~np.isnan(columns[:, n])).sum()) >= least for n in range(len(months))]
    given = columns[~np.isnan(columns)]
    r, low, high, people = correlation(part.mine, part.others, limits.confidence, part.patterns - 1)
    if people < least:
        r = low = high = np.nan
    values = panel.of_indicator(i.name, lambda scored: scored.monthly(scored.value))[:, months]
    return {
        "indicator": i.name, "where": i.row.cell("weight" if _weighted(panel) else "metric"),
        "block": i.block, "people": int((~np.isnan(part.mine)).sum()), "months": len(months),
        "weight": i.weight if _weighted(panel) else np.nan,
        "effective": _effective(part),
        "mean": float(given.mean()) if len(given) else np.nan,
        "variations": [_variation(columns[:, n]) if enough[n] else np.nan for n in range(len(months))],
        "value_variation": _variation(mean_of_months(values)),
        "full_share": _full_share(panel, i, columns),
        "r": r, "r_low": low, "r_high": high,
    }  # fmt: skip


def _variation(figures: Floats) -> float:
    """The coefficient of variation: standard deviation ÷ mean; 0 where all are equal."""
    given = figures[~np.isnan(figures)]
    if len(given) < 2:
        return float("nan")
    spread, mean = float(given.std(ddof=1)), abs(float(given.mean()))
    if spread <= 1e-12 * max(1.0, float(np.abs(given).max())):
        return 0.0
    return spread / mean if mean > 0 else float("inf")


def _full_share(panel: Panel, indicator: Indicator, points: Floats) -> float:
    """How many of the figures have the most points that there are."""
    given = points[~np.isnan(points)]
    most = None
    if indicator.rule in ("R01", "R02"):
        most = indicator.cap if indicator.rule == "R01" and indicator.cap is not None else indicator.full
    elif indicator.rule == "R03" and indicator.cycle != "week":
        most = float(panel.scheme.curves[indicator.curve or ""].values.max())
    if most is None or not len(given):
        return float("nan")
    return float((given >= most - 1e-9 * abs(most)).mean())


def _effective(part: _Part) -> float:
    """Which share of the differences of the block's score comes from this indicator.

    The covariance of its part with the score ÷ the variance of the score; over all indicators of
    a block that everybody has, these add up to 1.
    """
    known = ~np.isnan(part.mine) & ~np.isnan(part.score)
    if known.sum() < 3:
        return float("nan")
    mine, score = part.mine[known], part.score[known]
    variance = float(score.var(ddof=1))
    if variance <= 1e-18:
        return float("nan")
    return float(np.cov(mine, score, ddof=1)[0, 1]) / variance


def _unit(indicator: Indicator) -> str:
    return "@of_month" if indicator.cycle == "week" else f"@of_{indicator.cycle}"


def _judge(
    panel: Panel, part: _Part, row: dict[str, Any], tested: int, limits: Thresholds,
    findings: list[Finding],
) -> str:  # fmt: skip
    """The key of the verdict; a finding where there is one."""
    i = part.indicator
    figures = {
        "indicator": i.name, "variations": listed([share(v) for v in row["variations"]]),
        "limit": share(limits.flat_variation), "months": str(row["months"]), "unit": _unit(i),
        "needed": f"{limits.months:g}", "full": share(row["full_share"]),
        "effective": share(row["effective"]), "people": str(row["people"]),
        "r": f"{row['r']:.2f}", "low": f"{row['r_low']:.2f}", "high": f"{row['r_high']:.2f}",
        "r_limit": f"{limits.item_total:g}",
        "weight": share(row["weight"]) if _weighted(panel) else f"{i.full or max(i.rank_points, default=0):g}",
    }  # fmt: skip

    def found(key: str, severity: Any) -> str:
        findings.append(
            Finding(key=key, severity=severity, scheme=panel.scheme.id, where=row["where"], figures=figures)
        )
        return key

    variations = np.array(row["variations"])
    if not row["people"]:
        return "no_figures"
    if not len(variations) or np.isnan(variations).any():
        return "few_people"
    if (variations < limits.flat_variation).all():
        if i.rule in _MAY_NOT_HAPPEN and row["mean"] == 0:
            return "nothing"
        if row["months"] < limits.months:
            return found("flat_so_far", "note")
        if row["full_share"] >= limits.full_share:
            return found("flat_full", "warning")
        return found("flat", "warning")
    if np.isnan(row["r"]) or row["months"] < limits.months or i.rule in _MAY_NOT_HAPPEN:
        return "tells_apart"
    # Against the others beyond chance, over all indicators that were tried.
    sure = 1 - limits.alpha / max(1, tested)
    if correlation(part.mine, part.others, sure, part.patterns - 1)[2] < 0:
        return found("against", "warning")
    if row["r_high"] < limits.item_total:
        return found("apart", "note")
    return "tells_apart"
