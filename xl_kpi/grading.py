"""Stage 3: points → grades (rule book §3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import (
    BAND_BEGUN,
    IN_BAND,
    Argument,
    Example,
    GradeBands,
    Twin,
    band_of,
    comparison_key,
    rule,
)
from xl_kpi.rounding import (
    Codes,
    Floats,
    is_below,
    round_half_up,
    significant,
    sort_in_groups,
)

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
    sizes = np.bincount(group)
    cumulative = significant(np.cumsum(shares[:-1]))  # the last grade takes the rest
    cuts = round_half_up(sizes[:, None] * cumulative[None, :], 0)
    above = (place[:, None] > cuts[group]).sum(axis=1)
    grades[rows] = np.array(labels)[above]
    return grades


@rule(
    "R21",
    stage="grade", zh="分数定级", en="Grade by score", unit="grade", source="rules.md R21",
    arguments=(
        Argument(key="score", zh="得分", en="score"),
        Argument(key="bands", zh="等级分段", en="bands", shape="table", table="grade bands"),
    ),
    example=Example(
        given={"score": [95.0, 90.0, 89.9, 60.0, 59.9],
               "bands": [[None, 60, "D", "[)"], [60, 75, "C", "[)"], [75, 90, "B", "[)"],
                         [90, 95, "A", "[)"], [95, None, "S", "[)"]]},
        expect=["S", "A", "B", "C", "D"],
    ),
    twin=Twin(
        helpers={
            "v": comparison_key("score"),
            "bands_here": f'IF({{v}}="",0,SUMPRODUCT({IN_BAND}))',
            "reached": f'IF({{v}}="",0,SUMPRODUCT({BAND_BEGUN}*1))',
        },
        result='IF({bands_here}=0,"",INDEX({bands.value},{reached}))',
    ),
    empty="没有任何一段包含这个得分",
)  # fmt: skip
def grade_by_score(score: Floats, *, bands: GradeBands) -> NDArray[np.object_]:
    """The grade of the band that holds the score; none where no band does."""
    grades = np.array([*bands.value, None], dtype=object)
    return grades[band_of(score, bands)]


TESTS = {"=": "=", ">=": ">=", "<=": "<=", "等于": "=", "不低于": ">=", "不高于": "<="}
# A scheme looks back 24 periods; the twin reads them and the current one, five in each helper.
MOST_PERIODS, AT_ONCE = 25, 5


def _run_twin(first: int) -> str:
    """How many of the latest periods are hits, looking from this one on, 0 the latest."""
    found = str(first + AT_ONCE)
    for back in reversed(range(first, first + AT_ONCE)):
        cell = f"INDEX({{history}},1,COLUMNS({{history}})-{back})"
        hit = (
            f'IF({{line}}="",{cell}={{value}},'
            f'AND({cell}<>"",{cell}>={{low}},{cell}<={{high}}))'  # a text is above every number
        )
        found = f"IF(COLUMNS({{history}})<={back},{back},IF({hit},{found},{back}))"
    return found if first == 0 else f"IF({{run_{first}}}<{first},{{run_{first}}},{found})"


@rule(
    "R26",
    stage="grade", zh="连续期数", en="Streak", unit="count", source="002§四; 004§六",
    arguments=(
        Argument(key="history", zh="历史", en="history", shape="matrix", kind="history",
                 blank=True),
        Argument(key="value", zh="值", en="value", shape="scalar", kind="entry",
                 text_with=("test", "=")),
        Argument(key="test", zh="比较", en="test", shape="scalar", choices=TESTS, optional=True),
    ),
    example=Example(
        given={"history": [["C", "B", "C", "C"], ["C", "C", "C", "B"], ["C", "C", None, "C"],
                           [None, "C", "C", "C"]], "value": "C", "test": "="},
        expect=[2.0, 0.0, 1.0, 3.0],
    ),
    twin=Twin(
        helpers={
            "line": comparison_key("value"),
            # Half of the line's twelfth digit: nearer to it, a figure equals it (C9).
            "noise": 'IF({line}="",0,IF({line}=0,0,0.5*10^(INT(LOG10(ABS({line})))-11)))',
            "low": 'IF({line}="","",IF({test}="<=",-1E300,{line}-{noise}))',
            "high": 'IF({line}="","",IF({test}=">=",1E300,{line}+{noise}))',
            **{
                f"run_{first + AT_ONCE}": _run_twin(first)
                for first in range(0, MOST_PERIODS, AT_ONCE)
            },
        },
        result=f"{{run_{MOST_PERIODS}}}",
    ),
    function="KPI_STREAK",
)  # fmt: skip
def streak(history: NDArray[np.object_], *, value: str | float, test: str) -> Floats:
    """How many of the latest periods in a row are the value, or at least or at most it.

    ``history`` has one person per row, oldest period first: texts (upper and lower case are the
    same) or numbers.  A blank, or a text where the value is a number, breaks the streak.
    """
    if isinstance(value, str):
        spellings = {c for c in set(history.ravel().tolist()) if _is_text(c, value)}
        hit = np.zeros(history.shape, bool)
        for spelling in spellings:
            hit |= history == spelling
    else:
        figures, line = _figures(history), significant(value)
        hit = figures == line if test == "=" else figures >= line if test == ">=" else figures <= line
    periods = history.shape[1]
    last_miss = np.where(hit, 0, np.arange(1, periods + 1)).max(axis=1, initial=0)
    return np.asarray(periods - last_miss, dtype=np.float64)


def _is_text(cell: Any, text: str) -> bool:
    return isinstance(cell, str) and cell.casefold() == text.casefold()


def _figures(cells: NDArray[np.object_]) -> Floats:
    figure = np.frompyfunc(lambda cell: cell if isinstance(cell, float) else np.nan, 1, 1)
    return significant(figure(cells))


# Those with both figures; sums and products of deviations over them.
_BOTH = '({scores}<>"")*({totals}<>"")'
_REST = "({totals}-{scores})"


@rule(
    "R28",
    stage="grade", zh="区分度", en="Discrimination", unit="ratio", source="002§五(三)",
    arguments=(
        Argument(key="scores", zh="指标得分", en="scores", shape="list", blank=True,
                 length_of="totals"),
        Argument(key="totals", zh="总分", en="totals", shape="list", blank=True,
                 length_of="scores"),
    ),
    # Deviations -2, 0, 2 of the scores and 0, -1, 1 of the rests: 2 ÷ √(8 × 2).
    example=Example(given={"scores": [8.0, 10.0, 12.0, None], "totals": [18.0, 19.0, 23.0, 30.0]},
                    expect=[0.5]),
    twin=Twin(
        helpers={
            "people": f"SUMPRODUCT({_BOTH})",
            "mean": f"IF({{people}}=0,0,SUMPRODUCT({_BOTH},{{scores}})/{{people}})",
            "rest_mean": f"IF({{people}}=0,0,SUMPRODUCT({_BOTH}*{_REST})/{{people}})",
            "spread": f"SUMPRODUCT({_BOTH}*({{scores}}-{{mean}})*({{scores}}-{{mean}}))",
            "rest_spread": f"SUMPRODUCT({_BOTH}*({_REST}-{{rest_mean}})*({_REST}-{{rest_mean}}))",
            "together": f"SUMPRODUCT({_BOTH}*({{scores}}-{{mean}})*({_REST}-{{rest_mean}}))",
            "flat": f"OR({{spread}}<=1E-24*SUMPRODUCT({_BOTH}*{{scores}}*{{scores}}),"
                    f"{{rest_spread}}<=1E-24*SUMPRODUCT({_BOTH}*{{totals}}*{{totals}}))",
            "scale": "SQRT({spread}*{rest_spread})",
        },
        result='IF({flat},"",IF(ABS({together})<1E-12*{scale},0,{together}/{scale}))',
    ),
    function="KPI_DISCRIMINATION",
    empty="少于两个人，或得分没有差别 / fewer than two people, or no spread",
)  # fmt: skip
def discrimination(scores: Floats, totals: Floats) -> Floats:
    """Corrected item-total correlation: of an indicator's scores with the rest of the total.

    One figure for all people; those without both figures are left out.  Figures that differ by
    less than C9 tells apart do not differ: without a spread there is no correlation.
    """
    both = ~np.isnan(scores) & ~np.isnan(totals)
    order = np.lexsort((totals[both], scores[both]))  # the same sums whatever the order of the rows
    item, total = scores[both][order], totals[both][order]
    rest = total - item
    if item.size == 0:
        return np.array([np.nan])
    off, rest_off = item - item.mean(), rest - rest.mean()
    spread, rest_spread = (off * off).sum(), (rest_off * rest_off).sum()
    if spread <= 1e-24 * (item * item).sum() or rest_spread <= 1e-24 * (total * total).sum():
        return np.array([np.nan])
    together, scale = (off * rest_off).sum(), np.sqrt(spread * rest_spread)
    return np.array([0.0 if abs(together) < 1e-12 * scale else together / scale])
