"""Stage 2: metrics → points (rule book §2).

Data arguments are float64 arrays of one figure per row, NaN = missing, and come back in the same
shape; keyword arguments are the figures of the scheme sheet.  Every comparison is made at twelve
significant digits (C9).  Nothing is rounded here.
"""

from xl_kpi.scoring.comparing import short, worse
from xl_kpi.scoring.lines import event_points, penalty, step_bands
from xl_kpi.scoring.ranking import places, rank_points
from xl_kpi.scoring.targets import alert_level, linear, load_adjusted_target, threshold
from xl_kpi.scoring.weighting import ratings, weighted_total

__all__ = [
    "alert_level",
    "event_points",
    "linear",
    "load_adjusted_target",
    "penalty",
    "places",
    "rank_points",
    "ratings",
    "short",
    "step_bands",
    "threshold",
    "weighted_total",
    "worse",
]
