"""What would have earned the next tier: of an indicator's points, and of the grade.

Of ranked figures it says the place, never the figure of the person who has it.
"""

from __future__ import annotations

import numpy as np

from xl_kpi.indicators import Scored
from xl_kpi.pipeline import Results
from xl_kpi.quantity import number
from xl_kpi.rounding import is_below
from xl_kpi.statements.words import word
from xl_kpi.totals import small_teams


def next_tier(results: Results, s: Scored, row: int, lang: str) -> str:
    """The next tier of an indicator for a person; of a weekly one, in their poorest week.

    Args:
        results: A calculated period.
        s: The indicator.
        row: The person's row in ``results.people``.
        lang: ``zh`` or ``en``.
    """
    if s.indicator.rule == "none":
        return word("shown_only", lang)
    at = _poorest(s, row)
    if np.isnan(s.value[at]):
        return word("no_value", lang)
    week = word("week", lang, n=at - row * s.cycles + 1) if s.cycles > 1 else ""
    if s.enough[at] == 0 and s.indicator.minimum_sample is not None:
        return week + word("small_sample", lang, least=number(s.indicator.minimum_sample))
    if s.condition is not None and not s.condition[at] > 0:
        return word("condition", lang)
    text = _TIERS[s.indicator.rule](results, s, at, lang)
    return text if text in (word("most", lang), word("nothing_lost", lang)) else week + text


def _poorest(s: Scored, row: int) -> int:
    """The cycle with the fewest points, the first of equals."""
    first = row * s.cycles
    points = s.points[first : first + s.cycles]
    return first if np.isnan(points).all() else first + int(np.nanargmin(points))


def _reach(s: Scored, line: float, points: float, unit: str, lang: str, *, strict: bool) -> str:
    key = ("reach_above" if strict else "reach_up", "reach_below" if strict else "reach_down")
    return word(
        key[s.better == "lower"], lang, line=number(line, unit), points=number(points, "points")
    )


def _unit(results: Results, s: Scored) -> str:
    return results.scheme.metrics[s.indicator.metric].unit


def _target(results: Results, s: Scored, at: int, lang: str) -> str:
    """Full points at the target (R01, R02)."""
    full = s.indicator.full or 0.0
    if s.target is None or np.isnan(s.target[at]):
        return word("no_value", lang)
    if not is_below(s.points[at], full):
        return word("most", lang)
    line = float(s.target[at])
    return _reach(s, line, full, _unit(results, s), lang, strict=s.indicator.strict)


def _bands(results: Results, s: Scored, at: int, lang: str) -> str:
    """The nearest band of the curve that is worth more (R03)."""
    bands = results.scheme.curves[s.indicator.curve or ""].bands
    unit, value, earned = _unit(results, s), s.value[at], s.points[at]
    if bands is None:
        return word("no_value", lang)
    found = []  # (distance, text)
    for low, high, worth, edges in zip(
        bands.lower, bands.upper, bands.value, bands.edges, strict=True
    ):
        if not np.isnan(earned) and not is_below(earned, worth):
            continue
        above = not is_below(value, low)
        line, edge = (high, edges[1]) if above else (low, edges[0])
        closed = edge in "[]"
        key = ("reach_down" if closed else "reach_below") if above else (
            "reach_up" if closed else "reach_above"
        )  # fmt: skip
        text = word(key, lang, line=number(float(line), unit), points=number(float(worth), "points"))
        found.append((abs(float(line) - float(value)), text))
    return min(found)[1] if found else word("most", lang)


def _penalty(results: Results, s: Scored, at: int, lang: str) -> str:
    """No deduction at the line (R04)."""
    if s.penalty_line is None or np.isnan(s.penalty_line[at]) or not s.points[at] < 0:
        return word("nothing_lost", lang)
    key = "unpunished_down" if s.better == "lower" else "unpunished_up"
    return word(key, lang, line=number(float(s.penalty_line[at]), _unit(results, s)))


def _rank(results: Results, s: Scored, at: int, lang: str) -> str:
    """The next place that earns more, after the lines that have to be passed first (R05)."""
    unit, value, ladder = _unit(results, s), s.value[at], s.indicator.rank_points
    steps: list[str] = []
    line = s.penalty_line
    if line is not None and not np.isnan(line[at]) and _worse(value, line[at], s.better):
        steps.append(_penalty_text(float(line[at]), unit, s.better, lang))
    if not np.isnan(s.place[at]) and ladder:
        place = int(s.place[at])
        bonus = s.bonus_line
        held = place <= len(ladder) and bonus is not None and _worse(value, bonus[at], s.better)
        if held and bonus is not None:
            key = "reach_down" if s.better == "lower" else "reach_up"
            points = number(ladder[place - 1], "points")
            if not steps or bonus[at] != (line[at] if line is not None else np.nan):
                steps.append(word(key, lang, line=number(float(bonus[at]), unit), points=points))
            else:
                steps = [word(key, lang, line=number(float(bonus[at]), unit), points=points)]
        elif place > 1:
            better = min(place - 1, len(ladder))
            points = number(ladder[better - 1], "points")
            steps.append(word("next_place", lang, place=better, points=points))
    return word("semicolon", lang).join(steps) or word("most", lang)


def _penalty_text(line: float, unit: str, better: str, lang: str) -> str:
    key = "unpunished_down" if better == "lower" else "unpunished_up"
    return word(key, lang, line=number(line, unit))


def _worse(value: float, line: float, better: str) -> bool:
    return bool(is_below(line, value) if better == "lower" else is_below(value, line))


def _events(results: Results, s: Scored, at: int, lang: str) -> str:
    """One occurrence less, or more (R09)."""
    i, count = s.indicator, s.value[at]
    if _unit(results, s) == "points":
        return word("as_awarded", lang)
    each = number(abs(i.per_count), "points")
    if i.per_count > 0:
        full = i.cap is not None and not is_below(s.points[at], i.cap)
        return word("most", lang) if full else word("more", lang, points=each)
    if count == 0:
        return word("most" if i.when_zero > 0 else "nothing_lost", lang)
    steps = [word("fewer", lang, points=each)] if i.per_count else []
    if i.when_zero > 0:
        steps.append(word("none_at_all", lang, points=number(i.when_zero, "points")))
    return word("semicolon", lang).join(steps) or word("most", lang)


_TIERS = {
    "R01": _target, "R02": _target, "R03": _bands, "R04": _penalty, "R05": _rank, "R09": _events,
}  # fmt: skip


def _by_bands(results: Results, row: int) -> bool:
    """Whether a person's team is so small that its grades go by the bands of the score (R21)."""
    totals, grading = results.totals, results.scheme.grading
    if totals is None or grading.small_team_rule != "bands":
        return False
    codes = results.people.groups[grading.group].codes
    return bool(small_teams(totals.total, codes, grading.small_team)[row])


def next_grade(results: Results, row: int, lang: str) -> str:
    """What the next better grade takes; empty where there is none or nobody is graded."""
    totals, grades = results.totals, results.scheme.grades
    if totals is None or totals.grade[row] is None:
        return ""
    labels = [grade.label for grade in grades]
    mine = grades[labels.index(totals.grade[row])]
    total = float(totals.total[row])
    if mine.share is None or _by_bands(results, row):
        better = [g for g in grades if g.banded and is_below(mine.lower, g.lower)]
        if not better:
            return ""
        nearest = min(better, key=lambda g: g.lower)
        key = "next_grade_score" if nearest.edges[0] == "[" else "next_grade_above"
        if not is_below(total, nearest.lower):
            return ""
        return word(key, lang, line=number(nearest.lower, "points"), grade=nearest.label)
    position = labels.index(mine.label)
    if position == 0:
        return ""
    share = sum(g.share or 0.0 for g in grades[:position])
    return word("next_grade_share", lang, share=number(share, "ratio"), grade=labels[position - 1])
