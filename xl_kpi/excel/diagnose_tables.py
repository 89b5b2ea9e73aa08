"""The tables of a diagnosis: which columns each question has, how they are shown, its chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from xl_kpi.diagnosis import Answer, Thresholds
from xl_kpi.diagnosis.words import VERDICTS, brief, label, listed, share
from xl_kpi.excel.table_sheets import FIGURE, PART, TEXT, WHOLE, TableColumn

Record: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True)
class Shown:
    """A column: its key, kind and width, and the words in it that stand out."""

    key: str
    column: TableColumn
    width: float
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartOf:
    """The chart of a question's table: the columns of its labels and figures."""

    kind: str
    title: str
    labels: str
    series: tuple[str, ...]
    number: str
    rows: Callable[[pd.DataFrame], int]  # how many of the first rows it shows


_COLUMNS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "discrimination": (
        ("indicator", TEXT, 18), ("block", TEXT, 12), ("where", TEXT, 15), ("people", WHOLE, 7),
        ("weight", PART, 9), ("effective", PART, 10), ("mean_points", FIGURE, 10), ("variations", TEXT, 22),
        ("value_variation", PART, 10), ("full_share", PART, 10), ("r", FIGURE, 10), ("interval", TEXT, 15),
        ("verdict", TEXT, 16),
    ),
    "targets": (
        ("indicator", TEXT, 18), ("kind", TEXT, 9), ("where", TEXT, 15), ("now", TEXT, 17), ("people", WHOLE, 7),
        ("tried", WHOLE, 7), ("made", WHOLE, 7), ("share", PART, 9), ("interval", TEXT, 14),
        ("aim_0", TEXT, 12), ("aim_1", TEXT, 12), ("aim_2", TEXT, 12), ("would", PART, 10), ("verdict", TEXT, 16),
    ),
    "samples": (
        ("indicator", TEXT, 18), ("where", TEXT, 15), ("sample", TEXT, 16), ("minimum", TEXT, 9),
        ("people", WHOLE, 7), ("tried", WHOLE, 7), ("median", WHOLE, 10), ("small", PART, 10), ("error", PART, 11),
        ("real", PART, 11), ("proposed_sample", WHOLE, 11), ("verdict", TEXT, 14),
    ),
    "unusual": (
        ("period", TEXT, 10), ("who", TEXT, 18), ("item", TEXT, 18), ("value", TEXT, 13), ("usual", TEXT, 13),
        ("change", TEXT, 9), ("deviate", FIGURE, 11), ("verdict", TEXT, 12),
    ),
    "signals": (
        ("who", TEXT, 18), ("signal", TEXT, 12), ("source", TEXT, 12), ("part", WHOLE, 11), ("whole", WHOLE, 11),
        ("ratio", TEXT, 10), ("usual_peers", TEXT, 12), ("peers", WHOLE, 9), ("deviate", FIGURE, 11),
        ("verdict", TEXT, 14),
    ),
    "fairness": (
        ("level", TEXT, 9), ("item", TEXT, 11), ("group", TEXT, 20), ("people", WHOLE, 7), ("mean", FIGURE, 12),
        ("spread", FIGURE, 12), ("apart", FIGURE, 14), ("explained", PART, 10), ("chance", PART, 10),
        ("verdict", TEXT, 16),
    ),
}  # fmt: skip
_MARKED: Mapping[str, tuple[str, ...]] = {
    "discrimination": ("flat", "flat_full", "against"),
    "targets": ("target_easy", "target_top", "target_hard", "penalty_all"),
    "samples": ("sample_small", "sample_small_plain"),
    "unusual": (),
    "signals": ("worth_a_look",),
    "fairness": ("groups_differ",),
}


def _first_level(rows: pd.DataFrame) -> int:
    """The groups of the first level by its first item."""
    first = rows.iloc[0]
    return int(((rows["level"] == first["level"]) & (rows["item"] == first["item"])).sum())


CHARTS: Mapping[str, ChartOf] = {
    "discrimination": ChartOf("bar", "chart_weights", "indicator", ("weight", "effective"), "0%", len),
    "targets": ChartOf("bar", "chart_share", "indicator", ("share",), "0%", len),
    "fairness": ChartOf("column", "chart_groups", "group", ("mean",), "0.0", _first_level),
}


def columns_of(question: str, lang: str, limits: Thresholds) -> list[Shown]:
    """The columns of a question's table."""
    aims = (0.7, limits.aim_share, 0.5)
    shown = []
    for key, kind, width in _COLUMNS[question]:
        if key.startswith("aim_"):
            text = label("aim", lang).format(share=share(aims[int(key[-1])], 0))
        else:
            text = label(key, lang)
        marks = tuple(dict.fromkeys(_verdict(one, lang) for one in _MARKED[question])) if key == "verdict" else ()
        shown.append(Shown(key, TableColumn(text, kind), width, marks))
    return shown


def rows_of(answer: Answer, lang: str, *, most: int) -> list[list[Any]]:
    """The rows of a question's table, as its columns are; of many, those worth a look first."""
    rows = answer.rows
    if answer.question == "signals" or len(rows) > most:
        worth = rows["verdict"].isin(_MARKED[answer.question])
        rows = rows.assign(worth=~worth).sort_values(
            ["worth", "deviate"] if "deviate" in rows else ["worth"], ascending=[True, False][: 1 + ("deviate" in rows)],
            kind="stable",
        ).head(most)  # fmt: skip
    keys = [key for key, _, _ in _COLUMNS[answer.question]]
    return [[_cell(key, row, lang) for key in keys] for row in rows.to_dict("records")]


def _verdict(key: str, lang: str) -> str:
    return VERDICTS[key][lang == "en"]


def _cell(key: str, row: Record, lang: str) -> Any:
    value = _MADE[key](row, lang) if key in _MADE else row[key]
    return "∞" if isinstance(value, float) and math.isinf(value) else value


def _unit(key: str) -> Callable[[Record, str], str]:
    return lambda row, lang: brief(row[key], row["unit"])


def _word(key: str) -> Callable[[Record, str], str]:
    """A cell that names a label."""
    return lambda row, lang: label(row[key], lang)


def _item(row: Record, lang: str) -> str:
    """An indicator by its own name, a score or pay by its label."""
    text = str(row["item"])
    return label(text[1:], lang) if text.startswith("@") else text


def _interval(row: Record, lang: str) -> str:
    if "r_low" in row:
        return "" if row["r_low"] != row["r_low"] else f"{row['r_low']:.2f} – {row['r_high']:.2f}"
    return f"{share(row['share_low'], 0)} – {share(row['share_high'], 0)}"


def _ratio(key: str) -> Callable[[Record, str], str]:
    return lambda row, lang: f"{row[key]:.2f}" if row["signal"] == "padding" else share(row[key])


_MADE: Mapping[str, Callable[[Record, str], Any]] = {
    "verdict": lambda row, lang: _verdict(row["verdict"], lang),
    "variations": lambda row, lang: listed([share(v) for v in row["variations"]], lang),
    "mean_points": lambda row, lang: row["mean"],
    "interval": _interval,
    "kind": _word("kind"),
    "now": lambda row, lang: row["target"],
    "minimum": lambda row, lang: "" if row["minimum"] is None or row["minimum"] != row["minimum"] else f"{row['minimum']:g}",
    "proposed_sample": lambda row, lang: row["proposed"],
    "who": lambda row, lang: row["who"] or label("everybody", lang),
    "item": _item,
    "value": _unit("value"),
    "usual": _unit("usual"),
    "change": lambda row, lang: f"{row['change']:+.0%}",
    "signal": _word("signal"),
    "source": _word("source"),
    "ratio": _ratio("ratio"),
    "usual_peers": _ratio("usual"),
    "level": _word("level"),
}
