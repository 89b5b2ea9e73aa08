"""Columns of generated inputs, the awkward ones on purpose, and where their makers are filed.

At least a tenth of the figures that a rule compares are ties, a tenth blank and a tenth exactly on
an edge (or off it by the noise of a double).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Rng = np.random.Generator
Cases = Iterator[tuple[dict[str, Sequence[Any]], dict[str, Any]]]
Maker = Callable[[Rng], Cases]
MAKERS: dict[str, Maker] = {}
BOTH = ("higher", "lower")
SHARES = {"edge": 0.15, "tie": 0.15, "blank": 0.12}


def cases_of(rule_id: str) -> Callable[[Maker], Maker]:
    def file(maker: Maker) -> Maker:
        MAKERS[rule_id] = maker
        return maker

    return file


# --- columns ---------------------------------------------------------------------------------


def column(rng: Rng, values: Sequence[float], edges: Sequence[float | None] = ()) -> list[Any]:
    """Values of which some are put on an edge, some made equal to others, some left blank."""
    out = [None if v is None else float(v) for v in values]
    for row, chance in enumerate(rng.random(len(out))):
        if edges and chance < SHARES["edge"]:
            out[row] = noisy(rng, edges[rng.integers(len(edges))])
        elif chance < SHARES["edge"] + SHARES["tie"]:
            out[row] = noisy(rng, out[rng.integers(len(out))])
        elif chance < sum(SHARES.values()):
            out[row] = None
    return out


def noisy(rng: Rng, value: float | None) -> float | None:
    """The value, or in one case of three the next double beside it."""
    if value is None or value == 0 or rng.random() < 0.67:
        return value
    return float(np.nextafter(value, rng.choice([-np.inf, np.inf])))


def ratios(rng: Rng, rows: int, up_to: float = 1.0) -> list[float]:
    """Ratios of counts: long decimals."""
    whole = rng.integers(20, 900, rows)
    return list(np.floor(rng.uniform(0, up_to, rows) * whole) / whole)


def money(rng: Rng, rows: int, up_to: float = 200_000) -> list[float]:
    """Amounts in whole cents."""
    return list(np.round(rng.uniform(0, up_to, rows), 2))


def per_row(rng: Rng, values: Sequence[float | None], rows: int) -> list[Any]:
    return [values[i] for i in rng.integers(len(values), size=rows)]


def groups(rng: Rng, rows: int) -> list[str | None]:
    """Shuffled groups of 1, 2, 3, 5, … people, and a tenth of the rows in none."""
    labels: list[str | None] = [None] * (rows // 10)
    sizes = [1, 2, 3, 5, 7, 10, 15, 26, 40]
    for number in range(rows):
        labels += [f"{number + 1}店"] * sizes[number % len(sizes)]
        if len(labels) >= rows:
            break
    labels = labels[:rows]
    rng.shuffle(labels)
    return labels


def equal_groups(rng: Rng, values: list[Any], labels: Sequence[str | None]) -> list[Any]:
    """In one group of five everybody has the same value: all are at the average."""
    same = {label: rng.random() < 0.2 for label in dict.fromkeys(labels)}
    shown = {label: round(float(rng.random()), 3) for label in same}
    return [
        noisy(rng, shown[g]) if g is not None and same[g] and v is not None else v
        for v, g in zip(values, labels, strict=True)
    ]


def group_averages(values: Sequence[Any], labels: Sequence[str | None]) -> list[float | None]:
    """The plain mean of each row's group."""
    found: dict[str, list[float]] = {}
    for value, label in zip(values, labels, strict=True):
        if value is not None and label is not None:
            found.setdefault(label, []).append(value)
    return [
        sum(found[label]) / len(found[label]) if label in found else None for label in labels
    ]


def half_cents(rng: Rng, rows: int) -> list[float]:
    """Amounts that end in half a cent, as 2.675 and 1.005 do."""
    return list(rng.choice([-1, 1], rows) * (rng.integers(0, 10_000_000, rows) * 10 + 5) / 1000)
