"""What was calibrated behind a figure: the original, the approved value, why and by whom (R46)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from xl_kpi.explain.lines import Words, number
from xl_kpi.figures import Figures
from xl_kpi.indicators import Scored, within
from xl_kpi.pipeline import Results


def calibrated(results: Results, s: Scored, at: int, unit: str, words: Words) -> str:
    """The approved corrections behind an indicator's value, of its metric and of its counts.

    Args:
        results: A calculated period.
        s: The indicator.
        at: The row of its values: person × cycle.
        unit: The unit of its metric.
        words: The words of the language.
    """
    records = s.figures.records
    if not records.has("calibrations"):
        return ""
    person = results.people.position == at // s.cycles
    if not person[records.owners("calibrations")].any():
        return ""
    notes = [*_of_metric(results, s, at, unit, words), *_of_counts(results, s, at, words)]
    return "".join(words["and"] + note for note in notes)


def _of_metric(results: Results, s: Scored, at: int, unit: str, words: Words) -> Iterator[str]:
    figures, cycle = s.figures, s.indicator.cycle
    if cycle not in ("week", "month"):
        return
    original = float(figures.measured(s.indicator.metric, cycle)[at])
    if original == s.value[at]:
        return
    row, week = divmod(at, s.cycles)
    frame = figures.records.tables["calibrations"]
    weeks = frame["week"].isna() if cycle == "month" else frame["week"] == week + 1
    mine = (
        weeks & (frame["item"] == s.indicator.metric)
        & (frame["person_id"] == results.people.ids[row])
        & (frame["period"] == figures.period.name)
    )  # fmt: skip
    yield _note(figures, frame[mine].iloc[-1], number(original, unit),
                number(float(s.value[at]), unit), words)  # fmt: skip


def _of_counts(results: Results, s: Scored, at: int, words: Words) -> Iterator[str]:
    """Counts that the metric stands on, in each month of the indicator's period."""
    row, week = divmod(at, s.cycles)
    frame = s.figures.records.tables["calibrations"]
    counts = results.names.counts_of[s.indicator.metric]
    mine = (frame["person_id"] == results.people.ids[row]) & frame["period"].isin(
        s.figures.period.month_names
    )
    for _, change in frame[mine].iterrows():
        meaning = results.names.find(str(change["item"]))
        if meaning is None or meaning.kind != "count" or meaning.key not in counts:
            continue
        of_week = change["week"]
        if within(s.indicator.cycle) == "week" and of_week != week + 1:
            continue
        month = s.figures.of_month(change["period"])
        if np.isnan(of_week):
            original = month.counted(meaning.key, "month")[row]
        elif of_week <= month.period.week_count:
            cell = row * month.period.week_count + int(of_week) - 1
            original = month.counted(meaning.key, "week")[cell]
        else:
            continue  # told as a problem of the table
        note = _note(s.figures, change, number(float(original)), number(change["value"]), words)
        yield f"{change['item']} {note}"


def _note(figures: Figures, change: pd.Series, original: str, value: str, words: Words) -> str:
    frame = figures.records.tables["calibrations"]
    letter = frame.attrs.get("columns", {}).get("value", "")
    sheet = frame.attrs.get("sheet", "校准")
    asked = [
        words[key].format(change[key]) for key in ("asked_by", "evidence")
        if isinstance(change.get(key), str)
    ]  # fmt: skip
    return words["calibrated"].format(
        original=original, value=value, approver=change["approver"],
        reason=words["and"].join([*asked, change["reason"]]),
        approved=f"{change['approved']:%Y-%m-%d}", cell=f"{sheet}!{letter}{change.name}",
    )  # fmt: skip
