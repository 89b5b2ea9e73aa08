"""Bands, penalty lines and events: points that a table or a line gives."""

from __future__ import annotations

import numpy as np

from xl_kpi.catalogue import IN_BAND, Argument, Bands, Example, Twin, band_of, comparison_key, rule
from xl_kpi.rounding import Floats
from xl_kpi.scoring.comparing import BETTER_ARGUMENT, worse


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
