"""A month calculated from tables that were kept, and its schemes from theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from xl_kpi.assignment import assign
from xl_kpi.closing.freezing import DATED, joined, parts_of
from xl_kpi.closing.snapshot import Chain
from xl_kpi.pipeline import Results, evaluate
from xl_kpi.records import Tables
from xl_kpi.scheme import Scheme
from xl_kpi.scheme_frames import period_end, rows_of
from xl_kpi.scheme_rows import make_scheme
from xl_kpi.scheme_tables import METRICS, SCHEME_TABLES
from xl_kpi.tables import BENCHMARKS, HISTORY, INPUTS, ROSTER

FROZEN = tuple(table.key for table in (*INPUTS, BENCHMARKS) if table is not HISTORY)
TYPED = "history"  # the rows of 历史 that HR typed

Frames = Mapping[str, pd.DataFrame]


def schemes_of(frames: Frames, ids: Sequence[str], period: str) -> tuple[Scheme, ...]:
    """The schemes that stand in checked tables, as they are in force for a month.

    Args:
        frames: ``S01_head`` … ``S01_grades`` of each scheme, and ``metrics``.
        ids: Which schemes.
        period: The month.

    Raises:
        InputError: a row cannot be used.
    """
    metrics = rows_of(frames[METRICS.key], METRICS)
    made = []
    for one in ids:
        rows = {table.key: rows_of(frames[f"{one}_{table.key}"], table) for table in SCHEME_TABLES}
        made.append(make_scheme(rows, metrics, period_end(rows["head"], period)))
    return tuple(made)


def calculate(tables: Tables, schemes: Sequence[Scheme], period: str) -> list[Results]:
    """A month by its schemes, each for the people of its roles.

    Raises:
        FormulaError: a formula cannot be calculated.
    """
    masks, _ = assign(tables[ROSTER.key], schemes)
    return [
        evaluate(tables, scheme, period, members)
        for scheme, members in zip(schemes, masks, strict=True)
    ]


def kept_tables(chain: Chain, place: int, like: Tables) -> dict[str, pd.DataFrame]:
    """The input as it was when a month was closed.

    Args:
        chain: The closed months.
        place: Which of them.
        like: The book's tables now: what an empty one looks like; those not kept stay.
    """
    parts = {
        name: frame for name, frame in chain.parts(place) if name.split("|")[0] in FROZEN
    }
    return joined(parts, like)


def with_archive(chain: Chain, tables: Tables, first: str) -> dict[str, pd.DataFrame]:
    """The book's tables with the rows of early months as they were at the last closing.

    Args:
        chain: The closed months.
        tables: The tables of the book.
        first: The first month whose rows are those of the tables.
    """
    place = len(chain.snapshots) - 1
    old = {n: f for n, f in chain.parts(place) if _dated_before(n, first)}
    new = {n: f for n, f in parts_of(tables, FROZEN).items() if not _dated_before(n, first)}
    return joined({**old, **new}, tables)


def _dated_before(name: str, first: str) -> bool:
    table, month = name.split("|")
    return table in DATED and "" < month < first


def kept_schemes(chain: Chain, place: int) -> tuple[Scheme, ...]:
    """The schemes that paid a closed month."""
    snapshot = chain.snapshots[place]
    if snapshot.period not in chain.schemes:
        frames = {name[:-1]: frame for name, frame in chain.parts(place) if name.endswith("|")}
        chain.schemes[snapshot.period] = schemes_of(frames, snapshot.schemes, snapshot.period)
    return chain.schemes[snapshot.period]
