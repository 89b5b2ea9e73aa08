"""An indicator's points as the worksheet formula that gives them from the figures of its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from xl_kpi.indicators import Scored
from xl_kpi.scoring import worse


def points_figures(s: Scored, at: int) -> str:
    """What HR can type into a cell to get the points of a row of a cycle again."""
    points = float(s.points[at])
    if np.isnan(s.counted[at]) or (s.condition is not None and not s.condition[at] > 0):
        return f"{points:.15g}"  # what a missing value or a condition that does not hold earns
    return _FIGURES[s.indicator.rule](s, at)


def _figure(value: float | None) -> str:
    return "0" if value is None else f"{value:.15g}"


def _at(values: np.ndarray | None, at: int) -> str:
    return '""' if values is None or np.isnan(values[at]) else f"{values[at]:.15g}"


def _linear(s: Scored, at: int) -> str:
    i = s.indicator
    cap = i.full if i.cap is None else i.cap
    return (
        f"KPI_SCORE({_at(s.counted, at)}, {_at(s.target, at)}, {_figure(i.full)}, "
        f'"{s.better}", {_figure(i.floor)}, {_figure(cap)})'
    )


def _threshold(s: Scored, at: int) -> str:
    i = s.indicator
    strict = "TRUE" if i.strict else "FALSE"
    return (
        f"KPI_PASS({_at(s.counted, at)}, {_at(s.target, at)}, {_figure(i.full)}, "
        f'{_figure(i.miss)}, "{s.better}", {strict})'
    )


def _bands(s: Scored, at: int) -> str:
    bands = s.figures.scheme.curves[s.indicator.curve or ""].bands
    if bands is None:
        return ""
    rows = [
        ",".join(
            '""' if np.isinf(edge) else f"{edge:.15g}" for edge in (bands.lower[n], bands.upper[n])
        )
        + f',{bands.value[n]:.15g},"{bands.edges[n]}"'
        for n in range(len(bands.value))
    ]
    return f"KPI_BAND({_at(s.counted, at)}, {{{';'.join(rows)}}})"


def _penalty(s: Scored, at: int) -> str:
    if s.penalty_line is None or np.isnan(s.penalty_line[at]):
        return "0"  # no line, nothing lost
    return (
        f"KPI_PENALTY({_at(s.counted, at)}, {_at(s.penalty_line, at)}, "
        f'{_figure(s.indicator.below)}, "{s.better}")'
    )


def _rank(s: Scored, at: int) -> str:
    """The points of the place, and what the penalty line costs."""
    lost = 0.0
    if s.penalty_line is not None:
        here = slice(at, at + 1)
        late = worse(s.counted[here], s.penalty_line[here], s.better)
        lost = (s.indicator.below or 0.0) if late[0] else 0.0
    return f"{float(s.points[at]) - lost:.15g} + {lost:.15g}"


def _events(s: Scored, at: int) -> str:
    i = s.indicator
    text = f"{_at(s.counted, at)}*{i.per_count:.15g} + IF({_at(s.counted, at)}=0, {i.when_zero:.15g}, 0)"
    if i.cap is not None:
        text = f"MIN({i.cap:.15g}, {text})"
    return text if i.floor is None else f"MAX({i.floor:.15g}, {text})"


_FIGURES: Mapping[str, Callable[[Scored, int], str]] = {
    "R01": _linear,
    "R02": _threshold,
    "R03": _bands,
    "R04": _penalty,
    "R05": _rank,
    "R09": _events,
    "none": lambda s, at: "",
}
