"""Places inside a group and the points they give."""

from __future__ import annotations

import numpy as np

from xl_kpi.catalogue import Argument, Example, Twin, comparison_key, rule
from xl_kpi.rounding import Codes, Floats, is_below, sort_in_groups
from xl_kpi.scoring.comparing import BETTER_ARGUMENT, worse

TIES = {
    "all": "all", "average": "average", "dense": "dense",
    "并列同分": "all", "平均分": "average", "连续名次": "dense",
}  # fmt: skip

_IN_GROUP = "({groups:all}={groups})"
_PRESENT = '({v:all}<>"")'
_PLACE = {
    "v": f'IF({{groups}}="","",{comparison_key("values")})',
    "ahead": f'IF({{v}}="","",IF({{better}}="lower",'
             f"SUMPRODUCT({_IN_GROUP}*{_PRESENT}*({{v:all}}<{{v}})),"
             f"SUMPRODUCT({_IN_GROUP}*{_PRESENT}*({{v:all}}>{{v}}))))",
    "equals": f'IF({{v}}="","",SUMPRODUCT({_IN_GROUP}*({{v:all}}={{v}})))',
    "first_equal": 'IF({v}="",0,IF(SUMPRODUCT(({groups:upto}={groups})*({v:upto}={v}))=1,1,0))',
    "values_ahead": f'IF({{v}}="","",IF({{better}}="lower",'
                    f"SUMPRODUCT({_IN_GROUP}*{_PRESENT}*({{first_equal:all}}=1)*({{v:all}}<{{v}})),"
                    f"SUMPRODUCT({_IN_GROUP}*{_PRESENT}*({{first_equal:all}}=1)*({{v:all}}>{{v}}))))",
}  # fmt: skip


@rule(
    "C4",
    stage="score", zh="名次", en="Place", unit="place", source="rules.md C4",
    arguments=(
        Argument(key="values", zh="值", en="values"),
        Argument(key="groups", zh="分组", en="groups", shape="groups", optional=True),
        BETTER_ARGUMENT,
        Argument(key="ties", zh="并列", en="ties", shape="scalar", choices=TIES, optional=True),
    ),
    example=Example(given={"values": [5.0, 4.0, 4.0, 1.0], "groups": ["甲"] * 4,
                           "better": "higher", "ties": "all"}, expect=[1.0, 2.0, 2.0, 4.0]),
    twin=Twin(
        helpers=_PLACE,
        result='IF({v}="","",IF({ties}="dense",{values_ahead}+1,{ahead}+1'
               '+IF({ties}="average",({equals}-1)/2,0)))',
    ),
    function="KPI_RANK",
)  # fmt: skip
def places(values: Floats, groups: Codes, *, better: str, ties: str) -> Floats:
    """Place inside the group: 1, 2, 2, 4; ``average`` 1, 2.5, 2.5, 4; ``dense`` 1, 2, 2, 3."""
    rows, ahead, sharing = _standing(values, groups, better, ties)
    place = np.full(values.shape, np.nan)
    place[rows] = ahead + (sharing + 1) / 2
    return place


def _standing(
    values: Floats, groups: Codes, better: str, ties: str
) -> tuple[Codes, Codes, Codes | int]:
    """The rows that are ranked, the places ahead of each, and how many share its place."""
    rows = np.flatnonzero(~np.isnan(values) & (groups >= 0))
    value = -values[rows] if better == "higher" else values[rows]
    order = sort_in_groups(value, groups[rows])
    rows, value = rows[order], value[order]
    group = groups[rows]

    new_group, new_run = np.ones(rows.size, bool), np.ones(rows.size, bool)
    new_group[1:] = group[1:] != group[:-1]
    new_run[1:] = new_group[1:] | is_below(value[:-1], value[1:])
    position = np.arange(rows.size)
    group_start = np.maximum.accumulate(np.where(new_group, position, 0))
    run = np.cumsum(new_run) - 1
    if ties == "dense":
        return rows, run - run[group_start], 1
    run_start = np.flatnonzero(new_run)
    ahead = run_start[run] - group_start
    return rows, ahead, np.diff(run_start, append=rows.size)[run] if ties == "average" else 1


@rule(
    "R05",
    stage="score", zh="名次加分", en="Rank points", unit="points", source="003§❹五.2–五.5, 五.12",
    arguments=(
        Argument(key="values", zh="值", en="values"),
        Argument(key="groups", zh="分组", en="groups", shape="groups", optional=True),
        Argument(key="points", zh="名次分", en="points", shape="list", optional=True),
        Argument(key="below", zh="低于扣分线", en="below", shape="scalar", optional=True),
        BETTER_ARGUMENT,
        Argument(key="bonus_line", zh="加分线", en="bonus line", kind="line", optional=True),
        Argument(key="penalty_line", zh="扣分线", en="penalty line", kind="line",
                 optional=True),
    ),
    example=Example(
        given={"values": [0.40, 0.35, 0.33, 0.20], "groups": ["甲"] * 4,
               "points": [3.0, 2.0, 1.0], "below": -1.0, "better": "higher", "ties": "all",
               "bonus_line": [0.32] * 4, "penalty_line": [0.32] * 4},
        expect=[3.0, 2.0, 1.0, -1.0],
    ),
    options=(Argument(key="ties", zh="并列", en="ties", shape="scalar", choices=TIES),),
    twin=Twin(
        helpers={
            **_PLACE,
            "b": comparison_key("bonus_line"), "l": comparison_key("penalty_line"),
            "before": 'IF({v}="","",IF({ties}="dense",{values_ahead},{ahead}))',
            "sharing": 'IF({v}="","",IF({ties}="average",{equals},1))',
            "bonus": 'IF({v}="","",IF({before}>=COUNT({points}),0,'
                     "SUM(INDEX({points},{before}+1):INDEX({points},"
                     "MIN(COUNT({points}),{before}+{sharing})))/{sharing}))",
        },
        result='IF({v}="","",IF({b}="",{bonus},'
               'IF(IF({better}="lower",{v}>{b},{v}<{b}),0,{bonus}))'
               '+IF({l}="",0,IF(IF({better}="lower",{v}>{l},{v}<{l}),{below},0)))',
    ),
    function="KPI_RANK_POINTS",
)  # fmt: skip
def rank_points(
    values: Floats,
    groups: Codes,
    *,
    points: Floats,
    below: float,
    better: str,
    bonus_line: Floats | None,
    penalty_line: Floats | None,
    ties: str,
) -> Floats:
    """Points of the first places, unless worse than the bonus line; less where below the other.

    ``ties``: everyone at a place gets its points (``all``), the points of the occupied places are
    shared (``average``), or the next value takes the next place (``dense``).
    """
    rows, ahead, sharing = _standing(values, groups, better, ties)
    ladder = np.r_[0.0, np.cumsum(points)]
    top = len(points)
    start, stop = np.minimum(ahead, top), np.minimum(ahead + sharing, top)
    earned = (ladder[stop] - ladder[start]) / sharing
    if bonus_line is not None:
        earned[worse(values[rows], bonus_line[rows], better)] = 0.0
    if penalty_line is not None:
        earned += np.where(worse(values[rows], penalty_line[rows], better), below, 0.0)
    result = np.full(values.shape, np.nan)
    result[rows] = earned
    return result
