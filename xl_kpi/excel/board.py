"""看板: the figures behind its charts and its heat map, as tables.

They are the run's own figures: counted, added up and averaged here, never calculated anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from xl_kpi.audit import pool_payments
from xl_kpi.excel.board_columns import (
    CHARTED,
    FIGURES,
    GRADES,
    MET,
    MISSED,
    MONTHS,
    PEOPLE,
    POOLS,
    RATES,
    SHOPS,
    UNKNOWN,
    figure_columns,
    people_board,
)
from xl_kpi.excel.patch import TableUpdate
from xl_kpi.excel.report import ReportColumn
from xl_kpi.excel.results import Cells, people_cells, text_heights
from xl_kpi.excel.sums import added, mean, money
from xl_kpi.indicators import missed_names
from xl_kpi.names import SCORES
from xl_kpi.pipeline import Results
from xl_kpi.rounding import Codes, Floats
from xl_kpi.scheme_tables import GROUP_LEVELS

MONTHS_SHOWN = 13
_LONGEST_NAME = 16  # letters; a Chinese character is two
_NOTHING = ("本方案没有", "None in this scheme")  # what a chart says that has nothing to show
_MOST_STEPS = 8  # of scores, where a scheme has no grades


def board_tables(runs: Sequence[Results], history: pd.DataFrame, lang: str) -> list[TableUpdate]:
    """The new content of every table of the board.

    Args:
        runs: What was calculated, one per scheme.
        history: The input table 历史.
        lang: Language of the book.
    """
    columns = people_board([r.scheme for r in runs], lang)
    made = [(PEOPLE, columns, _people(runs, columns, lang))]
    rows = {
        GRADES: _grades(runs), MONTHS: _months(runs, history), RATES: _rates(runs, lang),
        POOLS: _pools(runs, lang), SHOPS: _shops(runs),
    }  # fmt: skip
    made += [(name, figure_columns(name, lang), rows[name]) for name in FIGURES]
    return [
        TableUpdate(
            name, cells, [c.label for c in heads], [c.style for c in heads],
            heights=text_heights(heads, cells) if name == PEOPLE else None,
            widths=[c.width for c in heads], charted=CHARTED,
        )
        for name, heads, cells in made
    ]


# --- people --------------------------------------------------------------------------------


def _people(runs: Sequence[Results], columns: Sequence[ReportColumn], lang: str) -> list[Cells]:
    """Everybody, the best paid first."""
    rows: list[Cells] = []
    pay: list[float] = []
    for results in runs:
        cells = people_cells(results, lang)
        cells["name"] = list(map(_short, cells["name"]))
        cells["marks"] = _marks(results, [c.key for c in columns if c.key.startswith("metric:")])
        blank: Cells = [None] * results.people.count
        rows += [list(r) for r in zip(*(cells.get(c.key, blank) for c in columns), strict=True)]
        pay += np.nan_to_num(results.pay, nan=-np.inf).tolist()
    order = np.argsort(-np.array(pay), kind="stable")
    return [rows[n] for n in order]


def _short(name: str) -> str:
    """A name as a chart has room for it."""
    wide = 0
    for number, character in enumerate(name):
        wide += 1 + (character > "\u2e7f")
        if wide > _LONGEST_NAME:
            return name[:number].rstrip() + "…"
    return name


def _marks(results: Results, keys: Sequence[str]) -> Cells:
    """For each person one sign per indicator, in the order of the columns.

    Where an indicator has no target, points count: what earned some, what cost some.
    """
    count = results.people.count
    signs = [dict[str, str]() for _ in range(count)]
    for name, one in results.scored.items():
        if one.line is None:
            points = one.monthly(one.points)
            for row in np.flatnonzero(np.nan_to_num(points) != 0).tolist():
                signs[row][name] = MET if points[row] > 0 else MISSED
    for mark, names in zip((MET, MISSED), missed_names(results.scored, count), strict=True):
        for person, found in enumerate(names):
            signs[person] |= dict.fromkeys(found, mark)
    return [
        "".join(mine.get(key.removeprefix("metric:"), UNKNOWN) if judged else UNKNOWN for key in keys)
        for mine, judged in zip(signs, results.people.assessed, strict=True)
    ]


# --- small tables --------------------------------------------------------------------------


def _grades(runs: Sequence[Results]) -> list[Cells]:
    """How many have each grade; without grades, how many reach each step of the score."""
    graded = [r for r in runs if r.scheme.grades]
    if graded:
        counted = Counter(g for r in graded for g in r.value("grade") if isinstance(g, str))
        labels = dict.fromkeys(g.label for r in graded for g in r.scheme.grades)
        return [[label, counted[label]] for label in labels]
    scores = np.concatenate([_scores(r) for r in runs])
    scores = scores[~np.isnan(scores)]
    if not len(scores):
        return []
    step = _step(float(np.ptp(scores)))
    first = np.floor(scores.min() / step)
    places = np.floor(scores / step) - first
    counts = np.bincount(places.astype(np.intp))
    return [[_span(first + n, step), int(count)] for n, count in enumerate(counts)]


def _step(span: float) -> float:
    """A round width so that a span falls into few steps."""
    sizes = (m * 10.0**e for e in range(-2, 12) for m in (1, 2, 5))
    return next(size for size in sizes if span / size < _MOST_STEPS - 1)


def _span(number: float, step: float) -> str:
    return f"[{number * step:g}, {(number + 1) * step:g})"


def _months(runs: Sequence[Results], history: pd.DataFrame) -> list[Cells]:
    """The closed months that 历史 knows and, last, the one that was calculated."""
    now = runs[0].figures.period.name
    total, paid = SCORES["total"][0], {i.name for r in runs for i in r.paid_items}
    past = history[history["period"] < now]
    rows: list[Cells] = []
    for period, month in past.groupby("period", sort=True):
        amounts = month.loc[month["item"].isin(paid), "value"].to_numpy(np.float64)
        scores = month.loc[month["item"] == total, "value"].to_numpy(np.float64)
        figures = [mean(scores), added(amounts)]
        if figures != [None, None]:
            rows.append([period, month["person_id"].nunique(), *figures])
    scores = np.concatenate([_scores(r) for r in runs])
    pays = np.concatenate([r.pay for r in runs])
    heads = sum(r.people.count for r in runs)
    return [*rows[1 - MONTHS_SHOWN :], [now, heads, mean(scores), added(pays)]]


def _rates(runs: Sequence[Results], lang: str) -> list[Cells]:
    """The ratios and coefficients of departments, shops and teams."""
    return [
        [_joined(label, item.name, lang), float(value)]
        for results in runs
        for level in GROUP_LEVELS
        for group, label in enumerate(results.labels(level))
        for item in results.scheme.pay_items
        if item.level == level and item.unit in ("ratio", "rate")
        for value in [results.items[item.name][group]]
        if value == value
    ] or [[_NOTHING[lang == "en"], None]]


def _pools(runs: Sequence[Results], lang: str) -> list[Cells]:
    """What each pool holds, what of it was paid and what is left."""
    return [
        [_joined(p.group, p.item.name, lang), p.amount, p.paid, money(p.amount - p.paid)]
        for results in runs
        for p in pool_payments(results)
    ] or [[_NOTHING[lang == "en"], None, None, None]]


def _shops(runs: Sequence[Results]) -> list[Cells]:
    """Shop beside shop: people, average score, pay in all and per person."""
    labels = list(dict.fromkeys(label for r in runs for label in r.labels("shop")))
    codes, scores, pays = (np.concatenate(x) for x in zip(*_by_shop(runs, labels), strict=True))
    heads = np.bincount(codes[codes >= 0], minlength=len(labels))
    rows: list[Cells] = []
    for n, label in enumerate(labels):
        mine = codes == n
        if not heads[n]:
            continue
        pay = added(pays[mine])
        each = None if pay is None else money(pay / int((~np.isnan(pays[mine])).sum()))
        rows.append([label, int(heads[n]), mean(scores[mine]), pay, each])
    return rows


def _by_shop(
    runs: Sequence[Results], labels: Sequence[str]
) -> Iterator[tuple[Codes, Floats, Floats]]:
    for results in runs:
        group = results.people.groups["shop"]
        places = np.array([*map(labels.index, group.labels), -1], dtype=np.intp)
        yield places[group.codes], _scores(results), results.pay


def _scores(results: Results) -> Floats:
    return np.asarray(results.value("total"), dtype=np.float64)


def _joined(group: str, item: str, lang: str) -> str:
    return f"{group}：{item}" if lang == "zh" else f"{group}: {item}"
