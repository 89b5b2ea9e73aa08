"""Stage 3: points → blocks, total, place, grade; what follows from them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xl_kpi.figures import Figures
from xl_kpi.formula import Scope, Value
from xl_kpi.grading import forced_distribution, grade_by_score
from xl_kpi.indicators import Scored
from xl_kpi.rounding import Codes, Floats, group_count
from xl_kpi.scheme import Grade
from xl_kpi.scoring import places, weighted_total

Words = NDArray[np.object_]


@dataclass(frozen=True)
class Totals:
    """Scores per person; NaN where nobody is assessed."""

    blocks: Mapping[str, Floats]
    total: Floats
    groups: Codes  # in which places are counted
    grade: Words
    coefficient: Floats
    base_share: Floats

    @functools.cached_property
    def place(self) -> Floats:
        """The place in the group, the best first."""
        return places(self.total, self.groups, better="higher", ties="all")

    @functools.cached_property
    def place_from_bottom(self) -> Floats:
        """The place in the group, the worst first."""
        return places(self.total, self.groups, better="lower", ties="all")


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
        else:
            weights = np.array([s.indicator.weight or 0.0 for s in parts])
            score = weighted_total(points.T, weights, if_missing="skip")
        theirs = [s.judged.reshape(-1, s.cycles)[:, 0] for s in parts]
        for one, mine, got in zip(parts, theirs, points, strict=True):
            if one.indicator.if_missing == "error":
                score[mine & np.isnan(got)] = np.nan
        judged = np.any(theirs, axis=0)
        blocks[block] = np.where(judged, score, np.nan)
    return blocks


def compute_totals(
    figures: Figures, blocks: Mapping[str, Floats], value: Callable[[str], Value]
) -> Totals:
    """Total by the scheme's formula, place among the assessed of the department, and grade."""
    people = figures.people
    groups = people.groups["department"].codes
    scope = Scope(value, people.count, groups)
    total = figures.scheme.total.column(scope)
    total = np.where(people.assessed, total, np.nan)
    grades = figures.scheme.grades
    grade = grade_scores(figures, total)
    coefficient, base_share = (np.full(grade.shape, np.nan) for _ in range(2))
    for one in grades:
        theirs = grade == one.label
        coefficient[theirs] = np.nan if one.coefficient is None else one.coefficient
        base_share[theirs] = np.nan if one.base_share is None else one.base_share
    return Totals(blocks, total, groups, grade, coefficient, base_share)


# --- grades --------------------------------------------------------------------------------


def grade_scores(figures: Figures, scores: Floats) -> Words:
    """The scheme's grade of each score: by share of places in the group, or by score (R20, R21).

    In a group of no more scored people than the scheme's small team, its rule for small teams
    takes the place of the shares.
    """
    grades, grading = figures.scheme.grades, figures.scheme.grading
    nobody: Words = np.full(scores.shape, None, dtype=object)
    if not grades:
        return nobody
    if any(g.share is None for g in grades):
        return grade_by_score(scores, bands=figures.scheme.score_bands)
    codes = figures.people.groups[grading.group].codes
    by_share = _by_share(scores, codes, grades, grading.ties)
    small = small_teams(scores, codes, grading.small_team)
    if grading.small_team_rule == "distribute" or not small.any():
        return by_share
    instead = nobody
    if grading.small_team_rule == "everyone":
        instead = _by_share(scores, np.zeros_like(codes), grades, grading.ties)
    elif grading.small_team_rule == "bands":
        instead = grade_by_score(scores, bands=figures.scheme.score_bands)
    return np.where(small, instead, by_share)


def small_teams(scores: Floats, codes: Codes, at_most: float | None) -> NDArray[np.bool_]:
    """Who is in a group of no more than so many scored people."""
    if at_most is None:
        return np.zeros(scores.shape, bool)
    scored = ~np.isnan(scores) & (codes >= 0)
    sizes = np.bincount(codes[scored], minlength=max(1, group_count(codes)))
    return scored & (sizes[np.maximum(codes, 0)] <= at_most)


def _by_share(scores: Floats, codes: Codes, grades: tuple[Grade, ...], ties: str) -> Words:
    shares = np.array([g.share or 0.0 for g in grades])
    labels = tuple(g.label for g in grades)
    return forced_distribution(scores, codes, shares=shares, labels=labels, ties=ties)
