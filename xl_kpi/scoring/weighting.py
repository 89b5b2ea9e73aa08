"""Several scores made one by weight: rater groups, indicators."""

from __future__ import annotations

import numpy as np

from xl_kpi.catalogue import Argument, Example, Twin, comparison_key, rule
from xl_kpi.rounding import Floats, significant


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
    present = ~np.isnan(scores) | (if_missing == "zero")
    # Not a matrix product: its last digit can depend on how many rows there are.
    earned = (np.nan_to_num(scores) * weights).sum(axis=1)
    whole = (present * weights).sum(axis=1)
    usable = whole > 0
    if if_missing == "error":
        usable &= present.all(axis=1)
    total = np.full(usable.shape, np.nan)
    np.divide(earned, whole, out=total, where=usable)
    return total
