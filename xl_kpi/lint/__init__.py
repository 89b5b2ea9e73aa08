"""A scheme judged before anyone is paid.

``lint`` reads the scheme's rows; ``probe`` also evaluates it at and around its edges;
``dated_problems`` looks at the rows of other days.  All of them return problems that say where,
what and how to mend it.
"""

from __future__ import annotations

from xl_kpi.errors import Problem
from xl_kpi.lint.curves import curve_problems, grade_problems
from xl_kpi.lint.dates import dated_problems
from xl_kpi.lint.formulas import (
    formula_problems,
    graded_items,
    ignored_cells,
    longer_cycles,
    loops,
    refunds_not_taken_up,
    samples,
    taken_names,
)
from xl_kpi.lint.indicators import indicator_problems
from xl_kpi.lint.lookups import lookups, table_problems
from xl_kpi.lint.open_points import open_points
from xl_kpi.lint.pools import pool_problems
from xl_kpi.lint.probe import probe
from xl_kpi.lint.ranges import Ranges
from xl_kpi.lint.units import unit_problems
from xl_kpi.lint.weights import weight_problems
from xl_kpi.names import Names
from xl_kpi.scheme import Scheme

__all__ = ["dated_problems", "lint", "probe"]


def lint(scheme: Scheme) -> list[Problem]:
    """Everything wrong with a scheme that its rows show, errors first."""
    names = Names(scheme)
    ranges = Ranges(names)
    uses = lookups(scheme, names, ranges)
    found = [
        *formula_problems(scheme, names),
        *samples(scheme, names),
        *taken_names(scheme),
        *graded_items(scheme),
        *ignored_cells(scheme),
        *refunds_not_taken_up(scheme, names),
        *longer_cycles(scheme, names),
        *loops(scheme, names),
        *table_problems(scheme, names),
        *indicator_problems(scheme, names, ranges),
        *unit_problems(scheme, names, ranges, uses),
        *weight_problems(scheme, names),
        *curve_problems(scheme, names, uses),
        *grade_problems(scheme, ranges),
        *pool_problems(scheme, names),
        *open_points(scheme),
    ]
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(dict.fromkeys(found), key=lambda p: rank[p.severity])
