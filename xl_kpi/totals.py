"""Stage 3: points → blocks, total, place, grade; what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xl_kpi.figures import Figures
from xl_kpi.formula import Scope, Value, column, evaluate
from xl_kpi.grading import forced_distribution
from xl_kpi.indicators import Scored
from xl_kpi.rounding import Floats
from xl_kpi.scoring import places, weighted_total


@dataclass(frozen=True, slots=True)
class Totals:
    """Scores per person; NaN where nobody is assessed."""

    blocks: Mapping[str, Floats]
    total: Floats
    place: Floats
    grade: NDArray[np.object_]


def compute_blocks(figures: Figures, scored: Mapping[str, Scored]) -> dict[str, Floats]:
    """Points of each block: their sum, or the weighted total of what is present (C3, R08)."""
    scheme = figures.scheme
    blocks: dict[str, Floats] = {}
    for block in scheme.blocks:
        parts = [s for s in scored.values() if s.indicator.block == block and s.indicator.in_score]
        if not parts:  # the linter has said so
            blocks[block] = np.full(figures.people.count, np.nan)
            continue
        points = np.stack([s.monthly(s.points) for s in parts])
        if scheme.block_mode == "sum":
            score = np.nansum(points, axis=0)
            lacking = [s.indicator.if_missing == "error" for s in parts]
            if any(lacking):
                score[np.isnan(points[lacking]).any(axis=0)] = np.nan
        else:
            weights = np.array([s.indicator.weight or 0.0 for s in parts])
            score = weighted_total(points.T, weights, if_missing="skip")
        blocks[block] = np.where(figures.people.assessed, score, np.nan)
    return blocks


def compute_totals(
    figures: Figures, blocks: Mapping[str, Floats], value: Callable[[str], Value]
) -> Totals:
    """Total by the scheme's formula, place and grade among the assessed of the department."""
    people = figures.people
    groups = people.groups["department"].codes
    scope = Scope(value, people.count, groups)
    total = column(evaluate(figures.scheme.total.node, scope), people.count)
    total = np.where(people.assessed, total, np.nan)
    place = places(total, groups, better="higher", ties="all")
    grade: NDArray[np.object_] = np.full(people.count, None, dtype=object)
    if figures.scheme.grades:
        labels, shares = zip(*figures.scheme.grades, strict=True)
        grade = forced_distribution(
            total, groups, shares=np.array(shares), labels=labels, ties="better"
        )
    return Totals(blocks, total, place, grade)
