"""What every comparison of a value with a line needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import BETTER, Argument
from xl_kpi.rounding import Floats, is_below, significant

BETTER_ARGUMENT = Argument(key="better", zh="优劣", en="better", shape="scalar", choices=BETTER,
                           optional=True)  # fmt: skip


def worse(value: Floats, line: Floats, better: str) -> NDArray[np.bool_]:
    """Where a value is on the bad side of a line; never where one of them is missing."""
    return is_below(value, line) if better == "higher" else is_below(line, value)


def short(value: Floats, target: Floats, better: str, *, strict: bool) -> NDArray[np.bool_]:
    """Where a value misses its target; reaching it just so is a miss too, if ``strict``."""
    missed = worse(value, target, better)
    return missed | (significant(value) == significant(target)) if strict else missed
