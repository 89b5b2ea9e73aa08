"""What 历史 keeps of a month: a row per person and figure, later rows correcting earlier ones.

A row has the month it is about and the month with which it was booked.  What was paid for a month
are its rows booked with that month; a row about it booked later is what the figure is since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.formula import looked_back_at, names_in
from xl_kpi.names import PARTS, SCORES
from xl_kpi.pipeline import Results
from xl_kpi.rounding import significant

PAY = "应发合计"
GRADE = SCORES["grade"][0]
_DIGITS = 15  # what every spreadsheet keeps of a number


class Key(NamedTuple):
    """Which figure: of a month, of a person, by the name that formulas look back at."""

    period: str
    person_id: str
    item: str


class Figure(NamedTuple):
    """A number or a text; neither where a corrected figure has gone."""

    value: float | None
    word: str | None


Figures = dict[Key, Figure]
GONE = Figure(None, None)


def figures_of(runs: Iterable[Results]) -> Figures:
    """Every figure of a calculated month that 历史 keeps, person by person in the runs' order."""
    found: Figures = {}
    for results in runs:
        period, ids = results.figures.period.name, results.people.ids
        columns = [(label, _entries(cells)) for label, cells in _columns(results)]
        for row, person in enumerate(ids):
            for label, cells in columns:
                if (figure := cells[row]) is not None:
                    found[Key(period, person, label)] = figure
    return found


def _columns(results: Results) -> Iterator[tuple[str, NDArray[Any]]]:
    """The figures of a month by name, each once: points, total, grade, items, pay."""
    for label in dict.fromkeys(_labels(results)):
        if label != PAY:
            yield label, np.broadcast_to(np.asarray(results.value(label)), results.people.count)
    if results.paid_items:
        yield PAY, results.pay


def _labels(results: Results) -> Iterator[str]:
    scheme, names = results.scheme, results.names
    for indicator in scheme.indicators:
        if indicator.cycle != "week":  # a week's value is no figure of the month
            yield indicator.name
        yield indicator.name + PARTS["points"][0]
    yield from scheme.blocks
    yield from (label for label, _ in SCORES.values())
    yield from (item.name for item in scheme.pay_items if item.level == "person")
    formulas = [i.formula for i in scheme.pay_items] + [c.condition for c in scheme.consequences]
    for formula in formulas:
        yield from (names.past_label(results.meaning(n)) for n in looked_back_at(formula.node))
        for name in names_in(formula.node):
            meaning = names.find(name)
            if meaning is not None and meaning.kind == "origin":
                yield meaning.key


def _entries(cells: NDArray[Any]) -> list[Figure | None]:
    if cells.dtype == object:
        return [Figure(None, cell) if isinstance(cell, str) and cell else None for cell in cells]
    numbers = significant(cells.astype(np.float64), _DIGITS).tolist()
    return [None if number != number else Figure(number + 0.0, None) for number in numbers]


# --- the table -----------------------------------------------------------------------------------


def as_of(history: pd.DataFrame, period: str, booked: str | None = None) -> pd.DataFrame:
    """What was known of the months before one: of each figure the row that was booked last.

    Args:
        history: The 历史 table; rows that HR typed have no month of booking.
        period: The month that looks back.
        booked: The last month of booking that counts; that month itself if not given.
    """
    typed = history["booked"].isna()
    before = (history["period"] < period).to_numpy(dtype=bool)
    known = (history["booked"] <= (booked or period)).to_numpy(dtype=bool)
    rows = history[typed.to_numpy() | (before & known)]
    order = rows["booked"].fillna("").argsort(kind="stable").to_numpy()
    ordered = rows.iloc[order]
    last = ~ordered.duplicated(["period", "person_id", "item"], keep="last").to_numpy()
    kept = rows.iloc[np.sort(order[last])]
    kept.attrs = dict(history.attrs)
    return kept


def latest(history: pd.DataFrame, period: str) -> Figures:
    """What each figure of a month is by the rows of a table."""
    rows = history[(history["period"] == period).to_numpy(dtype=bool)]
    ordered = rows.iloc[rows["booked"].fillna("").argsort(kind="stable").to_numpy()]
    return {key: figure for key, figure, _ in rows_of_history(ordered)}


def rows_of_history(history: pd.DataFrame) -> Iterator[tuple[Key, Figure, str | None]]:
    """Each row of the table: which figure, what it is, the month of booking."""
    columns = [history[key].tolist() for key in ("period", "person_id", "item", "value", "word", "booked")]
    for period, person, item, value, word, booked in zip(*columns, strict=True):
        yield (
            Key(period, person, item),
            Figure(None if value != value else value, word if isinstance(word, str) else None),
            booked if isinstance(booked, str) else None,
        )


def with_rows(history: pd.DataFrame, rows: Sequence[tuple[Key, Figure]], booked: str) -> pd.DataFrame:
    """The table with rows booked with a month; they stand on no sheet yet."""
    if not rows:
        return history
    index = pd.RangeIndex(len(rows)) + (int(history.index.max()) + 1 if len(history) else 0)
    cells: dict[str, list[Any]] = {
        "period": [key.period for key, _ in rows],
        "person_id": [key.person_id for key, _ in rows],
        "item": [key.item for key, _ in rows],
        "value": [np.nan if figure.value is None else figure.value for _, figure in rows],
        "word": [figure.word for _, figure in rows],
        "booked": [booked] * len(rows),
    }
    added = pd.DataFrame(
        {key: pd.Series(column, index, "float64" if key == "value" else "object")
         for key, column in cells.items()}
    )  # fmt: skip
    joined = pd.concat([history, added]) if len(history) else added
    joined.attrs = dict(history.attrs)
    return joined
