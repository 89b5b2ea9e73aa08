"""Stage 2: metrics → points (rule book §2).

Data arguments are float64 arrays of one figure per row, NaN = missing, and come back in the same
shape; keyword arguments are the figures of the scheme sheet.  Every comparison is made at twelve
significant digits (C9).  Nothing is rounded here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import (
    BETTER,
    IN_BAND,
    Argument,
    Bands,
    Example,
    Twin,
    band_of,
    comparison_key,
    rule,
)
from xl_kpi.rounding import Codes, Floats, difference, is_below, significant, sort_in_groups

BETTER_ARGUMENT = Argument(key="better", zh="优劣", en="better", shape="scalar", choices=BETTER,
                           optional=True)  # fmt: skip
TIES = {
    "all": "all", "average": "average", "dense": "dense",
    "并列同分": "all", "平均分": "average", "连续名次": "dense",
}  # fmt: skip


def worse(value: Floats, line: Floats, better: str) -> NDArray[np.bool_]:
    """Where a value is on the bad side of a line; never where one of them is missing."""
    return is_below(value, line) if better == "higher" else is_below(line, value)


@rule(
    "R01",
    stage="score", zh="达成比例", en="Linear", unit="points", source="001§三; 002§三",
    arguments=(
        Argument(key="actual", zh="实际值", en="actual"),
        Argument(key="target", zh="目标值", en="target", above=0),
        Argument(key="full", zh="满分", en="full", shape="scalar", optional=True),
        BETTER_ARGUMENT,
        Argument(key="floor", zh="保底分", en="floor", shape="scalar", optional=True),
        Argument(key="cap", zh="封顶分", en="cap", shape="scalar", optional=True,
                 not_below="floor"),
    ),
    example=Example(given={"actual": [0.32, 0.5], "target": [0.40, 0.4], "full": 30.0,
                           "better": "higher", "floor": 0.0, "cap": 30.0}, expect=[24.0, 30.0]),
    twin=Twin(result='IF(OR(NOT(ISNUMBER({actual})),NOT(ISNUMBER({target}))),"",'
                     'IF({target}<=0,"",MAX({floor},MIN({cap},IF({better}="lower",'
                     "IF({actual}<=0,{cap},{full}*{target}/{actual}),"
                     "{full}*{actual}/{target})))))"),
    function="KPI_SCORE",
)  # fmt: skip
def linear(
    actual: Floats, target: Floats, *, full: float, better: str, floor: float, cap: float
) -> Floats:
    """Points in proportion to the target, between floor and cap.

    A value of zero or less that should be low earns the cap.  A target that is not above zero
    gives no points and is reported by whoever asked.
    """
    usable = ~np.isnan(actual) & (target > 0)
    top, bottom = (actual, target) if better == "higher" else (target, actual)
    perfect = usable & (actual <= 0) if better == "lower" else np.zeros(usable.shape, bool)
    points = np.full(usable.shape, np.nan)
    with np.errstate(over="ignore"):  # next to zero: the cap is near
        np.divide(full * top, bottom, out=points, where=usable & ~perfect)
    points[perfect] = cap
    return np.asarray(np.maximum(floor, np.minimum(cap, points)))


@rule(
    "R02",
    stage="score", zh="达标", en="Threshold", unit="points", source="000 胡宝; 001§三",
    arguments=(
        Argument(key="actual", zh="实际值", en="actual"),
        Argument(key="target", zh="目标值", en="target"),
        Argument(key="full", zh="满分", en="full", shape="scalar", optional=True),
        Argument(key="miss", zh="未达标分", en="miss", shape="scalar", optional=True),
        BETTER_ARGUMENT,
        Argument(key="strict", zh="须超过", en="strict", shape="scalar", kind="flag",
                 optional=True),
    ),
    example=Example(given={"actual": [0.98, 0.981], "target": [0.98, 0.98], "full": 100.0,
                           "miss": 0.0, "better": "higher", "strict": True}, expect=[0.0, 100.0]),
    twin=Twin(
        helpers={"a": comparison_key("actual"), "t": comparison_key("target")},
        result='IF(OR({a}="",{t}=""),"",IF(IF({better}="lower",IF({strict},{a}<{t},{a}<={t}),'
               "IF({strict},{a}>{t},{a}>={t})),{full},{miss}))",
    ),
    function="KPI_PASS",
)  # fmt: skip
def threshold(
    actual: Floats, target: Floats, *, full: float, miss: float, better: str, strict: bool
) -> Floats:
    """Full marks where the target is met (or beaten, if ``strict``), else the low score."""
    behind = worse(actual, target, better)
    if strict:
        behind |= significant(actual) == significant(target)
    points = np.where(behind, miss, full)
    return np.where(np.isnan(actual) | np.isnan(target), np.nan, points)


@rule(
    "R02-a",
    stage="score", zh="平台红线", en="Platform floor", unit="count", source="000 胡宝",
    arguments=(
        Argument(key="actual", zh="实际值", en="actual"),
        Argument(key="target", zh="目标值", en="target"),
        Argument(key="alert_line", zh="平台红线", en="alert line"),
        BETTER_ARGUMENT,
    ),
    example=Example(given={"actual": [0.98, 0.9, 0.79], "target": [0.98] * 3,
                           "alert_line": [0.8] * 3, "better": "higher"}, expect=[0.0, 1.0, 2.0]),
    twin=Twin(
        helpers={"a": comparison_key("actual"), "t": comparison_key("target"),
                 "l": comparison_key("alert_line")},
        result='IF(OR({a}="",{t}="",{l}=""),"",IF({better}="lower",IF({a}>{l},2,IF({a}>{t},1,0)),'
               "IF({a}<{l},2,IF({a}<{t},1,0))))",
    ),
)  # fmt: skip
def alert_level(actual: Floats, target: Floats, alert_line: Floats, *, better: str) -> Floats:
    """2 below the platform's floor (alert), 1 between it and the target (warning), else 0."""
    level = np.where(worse(actual, alert_line, better), 2.0,
                     np.where(worse(actual, target, better), 1.0, 0.0))  # fmt: skip
    return np.where(np.isnan(actual) | np.isnan(target) | np.isnan(alert_line), np.nan, level)


@rule(
    "R03",
    stage="score", zh="分段", en="Bands", unit="points", source="003§❹五.9, 五.10",
    arguments=(
        Argument(key="value", zh="值", en="value"),
        Argument(key="bands", zh="分段表", en="bands", shape="table", table="bands"),
    ),
    example=Example(
        given={"value": [0.45, 0.55, 0.6, 0.8, 1.1, 1.3],
               "bands": [[0, 0.5, -2], [0.5, 0.6, 0], [0.6, 0.8, 1], [0.8, 1.3, 3],
                         [1.3, None, 5]]},
        expect=[-2.0, 0.0, 1.0, 3.0, 3.0, 5.0],
    ),
    twin=Twin(
        helpers={"v": comparison_key("value"), "bands_here": f"SUMPRODUCT({IN_BAND})"},
        result=f'IF({{v}}="","",IF({{bands_here}}=0,"",SUMPRODUCT({IN_BAND},{{bands.value}})))',
    ),
    empty="没有任何一段包含这个值",
    function="KPI_BAND",
)  # fmt: skip
def step_bands(value: Floats, *, bands: Bands) -> Floats:
    """The value of the band that holds it; missing where no band does."""
    place = band_of(value, bands)
    return np.where(place >= 0, bands.value[place], np.nan)


@rule(
    "R04",
    stage="score", zh="低于标准扣分", en="Penalty line", unit="points",
    source="003§❹五.1, 五.6–五.8",
    arguments=(
        Argument(key="value", zh="值", en="value"),
        Argument(key="line", zh="标准", en="line"),
        Argument(key="points", zh="扣分", en="points", shape="scalar", maximum=0),
        BETTER_ARGUMENT,
    ),
    example=Example(given={"value": [0.9, 1.0, 1.2], "line": [1.0] * 3, "points": -2.0,
                           "better": "higher"}, expect=[-2.0, 0.0, 0.0]),
    twin=Twin(
        helpers={"v": comparison_key("value"), "l": comparison_key("line")},
        result='IF({v}="","",IF({l}="",0,IF(IF({better}="lower",{v}>{l},{v}<{l}),{points},0)))',
    ),
    function="KPI_PENALTY",
)  # fmt: skip
def penalty(value: Floats, line: Floats, *, points: float, better: str) -> Floats:
    """Points lost where the value is worse than the line; nothing where there is no line."""
    return np.where(np.isnan(value), np.nan, np.where(worse(value, line, better), points, 0.0))


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


STEP = {"full": "full", "started": "started", "满档": "full", "起步": "started"}


@rule(
    "R06",
    stage="score", zh="接待量阶梯目标", en="Load-adjusted target", unit="s", source="000 胡宝",
    arguments=(
        Argument(key="receptions", zh="接待量", en="receptions", minimum=0),
        Argument(key="base_count", zh="基础接待量", en="base count", shape="scalar", optional=True),
        Argument(key="base_seconds", zh="基础秒数", en="base seconds", shape="scalar",
                 optional=True),
        Argument(key="step_count", zh="每档接待量", en="step count", shape="scalar", above=0,
                 optional=True),
        Argument(key="step_seconds", zh="每档秒数", en="step seconds", shape="scalar",
                 optional=True),
        Argument(key="step", zh="档的算法", en="step", shape="scalar", choices=STEP, optional=True),
    ),
    example=Example(given={"receptions": [300.0, 349.0, 350.0, 420.0], "base_count": 300.0,
                           "base_seconds": 15.0, "step_count": 50.0, "step_seconds": 3.0,
                           "step": "full"}, expect=[15.0, 15.0, 18.0, 21.0]),
    twin=Twin(
        helpers={
            "steps": 'IF(ISNUMBER({receptions}),IF(ABS({receptions}-{base_count})'
                     "<1E-12*MAX({receptions},ABS({base_count})),0,"
                     '({receptions}-{base_count})/{step_count}),"")',
            "s": comparison_key("steps"),
        },
        result='IF({s}="","",{base_seconds}+{step_seconds}*MAX(0,IF({step}="started",'
               "-INT(-{s}),INT({s}))))",
    ),
    function="KPI_RESPONSE_TARGET",
)  # fmt: skip
def load_adjusted_target(
    receptions: Floats,
    *,
    base_count: float,
    base_seconds: float,
    step_count: float,
    step_seconds: float,
    step: str,
) -> Floats:
    """Response seconds allowed: the base up to the base count, more for each further step."""
    steps = significant(difference(receptions, base_count) / step_count)
    steps = np.ceil(steps) if step == "started" else np.floor(steps)
    return base_seconds + step_seconds * np.maximum(0.0, steps)


@rule(
    "R07",
    stage="score", zh="多方评分", en="Ratings", unit="points", source="003§❷五(三); 004§五",
    arguments=(
        Argument(key="scores", zh="各方评分", en="scores", shape="matrix"),
        Argument(key="weights", zh="权重", en="weights", shape="list", minimum=0,
                 length_of="scores"),
        Argument(key="cap_line", zh="视同满分线", en="cap line", shape="scalar", optional=True,
                 blank=True),
        Argument(key="full", zh="满分", en="full", shape="scalar", optional=True),
    ),
    example=Example(given={"scores": [[80.0, 90.0], [96.0, 95.0]], "weights": [0.3, 0.7],
                           "cap_line": 95.0, "full": 100.0}, expect=[87.0, 100.0]),
    twin=Twin(
        helpers={
            "present": 'SUMPRODUCT(({scores}<>"")*1,{weights})',
            "mean": 'IF({present}=0,"",SUMPRODUCT({scores},{weights})/{present})',
            "m": comparison_key("mean"), "c": comparison_key("cap_line"),
        },
        result='IF({mean}="","",IF({c}="",{mean},IF({m}>={c},{full},{mean})))',
    ),
    function="KPI_RATING",
)  # fmt: skip
def ratings(scores: Floats, weights: Floats, *, cap_line: float | None, full: float) -> Floats:
    """Mean of the rater groups by weight; from the cap line on it counts as full marks."""
    mean = weighted_total(scores, weights, if_missing="skip")
    if cap_line is None:
        return mean
    return np.where(significant(mean) >= significant(cap_line), full, mean)


MISSING = {
    "skip": "skip", "zero": "zero", "full": "full", "error": "error",
    "跳过": "skip", "计零分": "zero", "计满分": "full", "报错": "error",
}  # fmt: skip


@rule(
    "R08",
    stage="score", zh="加权总分", en="Weighted total", unit="points", source="002§二; 002§三; 004§五",
    arguments=(
        Argument(key="scores", zh="各项得分", en="scores", shape="matrix"),
        Argument(key="weights", zh="权重", en="weights", shape="list", minimum=0,
                 length_of="scores"),
        Argument(key="if_missing", zh="缺失时", en="if missing", shape="scalar",
                 choices={key: value for key, value in MISSING.items() if value != "full"},
                 optional=True),
    ),
    example=Example(given={"scores": [[88.0, 92.0, 85.0], [80.0, None, 90.0]],
                           "weights": [0.48, 0.32, 0.2], "if_missing": "skip"},
                    expect=[88.68, (0.48 * 80 + 0.2 * 90) / 0.68]),
    twin=Twin(
        helpers={"present": 'IF({if_missing}="zero",SUM({weights}),'
                            'SUMPRODUCT(({scores}<>"")*1,{weights}))',
                 "lacking": "COUNT({weights})-COUNT({scores})"},
        result='IF(OR({present}=0,AND({if_missing}="error",{lacking}>0)),"",'
               "SUMPRODUCT({scores},{weights})/{present})",
    ),
    function="KPI_WEIGHTED",
)  # fmt: skip
def weighted_total(scores: Floats, weights: Floats, *, if_missing: str) -> Floats:
    """Σ weight × score ÷ Σ weights of what is present, row by row (C3)."""
    present = ~np.isnan(scores)
    if if_missing == "zero":
        present = np.ones(scores.shape, bool)
    # Not a matrix product: its last digit can depend on how many rows there are.
    earned = (np.nan_to_num(scores) * weights).sum(axis=-1)
    whole = (present * weights).sum(axis=-1)
    usable = whole > 0
    if if_missing == "error":
        usable &= present.all(axis=-1)
    total = np.full(usable.shape, np.nan)
    np.divide(earned, whole, out=total, where=usable)
    return total


@rule(
    "R09",
    stage="score", zh="行为加减分", en="Events", unit="points", source="003§❹七.4",
    arguments=(
        Argument(key="times", zh="次数", en="times"),
        Argument(key="per_count", zh="每次分", en="per count", shape="scalar"),
        Argument(key="when_zero", zh="零次分", en="when zero", shape="scalar"),
        Argument(key="floor", zh="保底分", en="floor", shape="scalar", optional=True, blank=True),
        Argument(key="cap", zh="封顶分", en="cap", shape="scalar", optional=True, blank=True),
    ),
    example=Example(given={"times": [0.0, 1.0, 3.0], "per_count": -1.0, "when_zero": 5.0,
                           "floor": None, "cap": None}, expect=[5.0, -1.0, -3.0]),
    twin=Twin(
        helpers={"raw": 'IF(ISNUMBER({times}),{times}*{per_count}+IF({times}=0,{when_zero},0),"")',
                 "capped": 'IF({raw}="","",IF({cap}="",{raw},MIN({cap},{raw})))'},
        result='IF({raw}="","",IF({floor}="",{capped},MAX({floor},{capped})))',
    ),
)  # fmt: skip
def event_points(
    times: Floats, *, per_count: float, when_zero: float, floor: float | None, cap: float | None
) -> Floats:
    """Points for each occurrence, points for a month without any, between floor and cap."""
    points = times * per_count + np.where(times == 0, when_zero, 0.0)
    if cap is not None:
        points = np.minimum(cap, points)
    return points if floor is None else np.maximum(floor, points)
