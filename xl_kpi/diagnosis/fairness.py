"""Whether shops, teams and shifts have the same chances, and whether ranked groups are large enough."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.panel import LEVELS, Panel, mean_of_months
from xl_kpi.diagnosis.statistics import between
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.words import brief, listed, share
from xl_kpi.rounding import Codes, Floats

_LEAST = 3  # people of a group that is compared
_NAMED = 3  # indicators that a difference comes from


def fairness(panel: Panel, limits: Thresholds, shifts: pd.Series | None) -> Answer:
    """Differences between groups beside those within them; groups too small to be ranked.

    Args:
        panel: The months.
        limits: The thresholds.
        shifts: The part of the day in which each works, by staff ID; None if it is not known.
    """
    measures = [
        (key, unit, _beside_role(panel, mean_of_months(np.where(panel.whole, figures, np.nan))))
        for key, unit, figures in (
            ("@total", "points", panel.totals), ("@variable", "yuan", panel.variable_pay)
        )
    ]  # fmt: skip
    levels = _levels(panel, shifts)
    pairs = [(level, m) for level in levels for m in measures if len(_compared(level[1], m[2])) > 1]
    findings: list[Finding] = []
    rows: list[dict[str, Any]] = []
    for level, measure in pairs:
        rows += _compare(panel, level, measure, limits, len(pairs), findings)
    if shifts is None or shifts.nunique() < 2:
        findings.append(_note(panel, "no_shifts", panel.scheme.place, {}))
    findings += _small_groups(panel, limits)
    return Answer("fairness", findings, pd.DataFrame(rows))


def _beside_role(panel: Panel, figures: Floats) -> Floats:
    """Figures as if every role had the same mean: roles have other work and other pay."""
    roles, labels = panel.codes("role")
    adjusted = figures.copy()
    for role in range(-1, len(labels)):
        mine = (roles == role) & ~np.isnan(figures)
        if mine.any():
            adjusted[mine] += np.nanmean(figures) - figures[mine].mean()
    return adjusted


_Level: TypeAlias = tuple[str, Codes, list[str]]


def _levels(panel: Panel, shifts: pd.Series | None) -> list[_Level]:
    """The ways to group people, those left out that group them as one before does."""
    every: list[_Level] = [(key, *panel.codes(key)) for key in LEVELS]
    if shifts is not None:
        codes, labels = pd.factorize(shifts.reindex(panel.people.index))
        every.append(("shift", codes.astype(np.intp), [str(label) for label in labels]))
    levels: list[_Level] = []
    for level in every:
        if not any(_same(level[1], other[1]) for other in levels):
            levels.append(level)
    return levels


def _note(panel: Panel, key: str, where: str, figures: dict[str, str]) -> Finding:
    return Finding(key=key, severity="note", scheme=panel.scheme.id, where=where, figures=figures)


def _same(one: Codes, other: Codes) -> bool:
    """Whether two levels group people alike, such as a team per shop."""
    pairs = len(np.unique(np.stack([one, other], axis=1), axis=0))
    return pairs == len(np.unique(one)) == len(np.unique(other))


def _compared(codes: Codes, figures: Floats) -> list[int]:
    """The groups with enough people."""
    known = (codes >= 0) & ~np.isnan(figures)
    sizes = np.bincount(codes[known])
    return [int(code) for code in np.flatnonzero(sizes >= _LEAST)]


def _compare(
    panel: Panel, level: _Level, measure: tuple[str, str, Floats],
    limits: Thresholds, tests: int, findings: list[Finding],
) -> list[dict[str, Any]]:  # fmt: skip
    (key, codes, labels), (item, unit, figures) = level, measure
    groups = _compared(codes, figures)
    mine = np.isin(codes, groups) & ~np.isnan(figures)
    explained, chance = between(figures[mine], codes[mine])
    means = {g: float(figures[mine & (codes == g)].mean()) for g in groups}
    spread = _within(figures[mine], codes[mine])
    best, worst = (pick(means, key=means.__getitem__) for pick in (max, min))
    gap = means[best] - means[worst]
    apart = gap / spread if spread > 0 else (float("inf") if gap > 0 else 0.0)
    unfair = chance < limits.alpha / tests and apart >= limits.group_difference
    verdict = "groups_differ" if unfair else "groups_alike"
    if unfair:
        because = _because(panel, mine & (codes == best), mine & (codes == worst))
        words = {
            "level": f"@{key}", "item": item, "best": labels[best], "worst": labels[worst],
            "high": brief(means[best], unit), "low": brief(means[worst], unit), "apart": f"{apart:.1f}",
            "explained": share(explained, 0), "chance": share(max(chance, 0.0002), 2), "people": str(int(mine.sum())),
            "because": because or "—",
        }  # fmt: skip
        findings.append(
            Finding(key="groups_differ", severity="warning", scheme=panel.scheme.id,
                    where=f"{labels[best]} – {labels[worst]}", figures=words)
        )  # fmt: skip
    return [
        {
            "level": key, "item": item, "group": labels[g], "people": int((mine & (codes == g)).sum()),
            "mean": means[g], "unit": unit, "spread": spread, "apart": apart, "explained": explained,
            "chance": chance, "verdict": verdict,
        }
        for g in groups
    ]  # fmt: skip


def _within(figures: Floats, codes: Codes) -> float:
    """The standard deviation inside the groups."""
    sizes = np.bincount(codes)
    means = np.bincount(codes, figures) / np.maximum(sizes, 1)
    freedom = len(figures) - int((sizes > 0).sum())
    return float(np.sqrt(((figures - means[codes]) ** 2).sum() / max(freedom, 1)))


def _because(panel: Panel, best: Any, worst: Any) -> str:
    """The indicators of which the difference comes, the largest first."""
    weighted = panel.scheme.block_mode != "sum"
    differences = []
    for i in panel.indicators:
        if not i.in_score:
            continue
        points = mean_of_months(panel.points(i.name)) * ((i.weight or 0.0) if weighted else 1.0)
        one, other = points[best & ~np.isnan(points)], points[worst & ~np.isnan(points)]
        if len(one) and len(other):
            differences.append((float(one.mean() - other.mean()), i.name))
    differences.sort(reverse=True)
    return listed([f"{name} {gap:+.3g}" for gap, name in differences[:_NAMED] if gap > 0])


def _small_groups(panel: Panel, limits: Thresholds) -> list[Finding]:
    """Indicators and grades that rank people in groups of few."""
    found = []
    wanted: list[tuple[str, str, str, tuple[str, ...]]] = [
        (i.name, i.group, i.row.cell("group"), i.roles) for i in panel.indicators if i.rule == "R05"
    ]
    scheme = panel.scheme
    if scheme.grades and all(g.share is not None for g in scheme.grades):
        small = scheme.grading.small_team or 0
        if scheme.grading.small_team_rule == "distribute" or small < limits.rank_group - 1:
            wanted.append(("@grade", scheme.grading.group, scheme.grades[0].row.place, ()))
    people = panel.runs[-1].people
    by_group: dict[tuple[str, tuple[str, ...], bool], list[tuple[str, str]]] = {}
    for name, group, where, roles in wanted:
        by_group.setdefault((group, roles, name == "@grade"), []).append((name, where))
    for (group, roles, _), names in by_group.items():
        codes = people.groups[group].codes[people.assessed_of(roles)]
        sizes = np.bincount(codes[codes >= 0], minlength=len(people.groups[group].labels))
        few = np.flatnonzero((sizes > 0) & (sizes < limits.rank_group)).tolist()
        if few:
            sized = listed([f"{people.groups[group].labels[n] or '—'} {sizes[n]}" for n in few])
            figures = {"indicator": listed([name for name, _ in names]), "groups": sized,
                       "least": f"{limits.rank_group:g}", "level": f"@{group}"}  # fmt: skip
            found.append(_note(panel, "rank_groups", names[0][1], figures))
    return found
