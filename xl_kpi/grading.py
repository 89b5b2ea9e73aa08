"""Stage 3: points → grades (rule book §3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import Argument, Example, Twin, comparison_key, rule
from xl_kpi.rounding import Codes, Floats, is_below, round_half_up, significant, sort_in_groups

MOST_GRADES = 7  # of the twin
# People up to each grade's end; 9 decimals first, for the noise of adding the shares.
_CUTS = {
    f"cut_{k}": f"IF(COUNT({{shares}})<{k},{{size}},"
                f"ROUND(ROUND({{size}}*SUM(INDEX({{shares}},1):INDEX({{shares}},{k})),9),0))"
    for k in range(1, MOST_GRADES)
}  # fmt: skip
TIES = {"better": "better", "worse": "worse", "取高": "better", "取低": "worse"}


@rule(
    "R20",
    stage="grade", zh="强制分布", en="Forced distribution", unit="grade", source="002§四",
    arguments=(
        Argument(key="scores", zh="得分", en="scores"),
        Argument(key="shares", zh="比例", en="shares", shape="list", optional=True, minimum=0,
                 adds_up_to=1),
        Argument(key="labels", zh="等级", en="labels", shape="list", kind="text",
                 optional=True, length_of="shares"),
        Argument(key="groups", zh="分组", en="groups", shape="groups", optional=True),
        Argument(key="ties", zh="并列", en="ties", shape="scalar", choices=TIES, optional=True),
    ),
    example=Example(
        given={"scores": [90.0, 80.0, 70.0, 60.0, 50.0, 40.0, 30.0],
               "shares": [0.1, 0.2, 0.5, 0.2], "labels": ["S", "A", "B", "C"],
               "groups": ["甲"] * 7, "ties": "better"},
        expect=["S", "A", "B", "B", "B", "B", "C"],
    ),
    twin=Twin(
        helpers={
            "s": f'IF({{groups}}="","",{comparison_key("scores")})',
            "size": 'SUMPRODUCT(({groups:all}={groups})*({s:all}<>""))',
            "place": 'IF({s}="","",SUMPRODUCT(({groups:all}={groups})*({s:all}<>"")'
                     '*({s:all}>{s}))+IF({ties}="worse",'
                     "SUMPRODUCT(({groups:all}={groups})*({s:all}={s})),1))",
            **_CUTS,
        },
        result='IF({s}="","",INDEX({labels},MIN(COUNTA({labels}),1'
               + "".join(f"+IF({{place}}>{{{cut}}},1,0)" for cut in _CUTS) + ")))",
    ),
    function="KPI_GRADE",
)  # fmt: skip
def forced_distribution(
    scores: Floats, groups: Codes, *, shares: Floats, labels: tuple[str, ...], ties: str
) -> NDArray[np.object_]:
    """Grade by place in the group; people up to a cut = n × cumulative share, half up.

    Equal scores share the better grade (or the worse one); nobody without a score has a grade.
    """
    grades = np.full(scores.shape, None, dtype=object)
    rows = np.flatnonzero(~np.isnan(scores) & (groups >= 0))
    if rows.size == 0:
        return grades
    order = sort_in_groups(-scores[rows], groups[rows])
    rows = rows[order]
    value, group = -scores[rows], groups[rows]
    new_group = np.r_[True, group[1:] != group[:-1]]
    new_run = new_group | np.r_[True, is_below(value[:-1], value[1:])]
    starts = np.flatnonzero(new_run)
    run = np.cumsum(new_run) - 1
    group_start = np.maximum.accumulate(np.where(new_group, np.arange(rows.size), 0))
    ends = np.r_[starts[1:], rows.size]
    place = (starts[run] + 1 if ties == "better" else ends[run]) - group_start
    size = np.bincount(group)[group]
    cumulative = significant(np.cumsum(shares))
    cuts = round_half_up(size[:, None] * cumulative[None, :], 0)
    above = (place[:, None] > cuts).sum(axis=1)
    names = np.array(labels, dtype=object)
    grades[rows] = names[np.minimum(above, len(names) - 1)]
    return grades
