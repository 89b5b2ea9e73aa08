"""A value against its target: in proportion, met or not, and a target that follows the load."""

from __future__ import annotations

import numpy as np

from xl_kpi.catalogue import Argument, Example, Twin, comparison_key, rule
from xl_kpi.rounding import Floats, difference, significant
from xl_kpi.scoring.comparing import BETTER_ARGUMENT, short, worse


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
    points = np.where(short(actual, target, better, strict=strict), miss, full)
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
