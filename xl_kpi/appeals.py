"""The appeals of a period judged: undecided, late, or upheld without anything put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from xl_kpi.checks import cell_of
from xl_kpi.errors import Problem
from xl_kpi.period import Period
from xl_kpi.pipeline import Results
from xl_kpi.records import Tables
from xl_kpi.tables import APPEALS

UNDECIDED = ("open", "checking")


def judge_appeals(results: Results, as_of: dt.date | None) -> Iterator[Problem]:
    """What is to be done about the appeals of a month and of the months before.

    Args:
        results: A calculated period.
        as_of: The day the data were taken: what was due before it is late.
    """
    tables = results.figures.records.tables
    frame = tables.get(APPEALS.key)
    if frame is None or not len(frame):
        return
    period = results.figures.period
    for row in range(len(frame)):
        one = frame.iloc[row]
        if not isinstance(one["period"], str) or one["period"] > period.name:
            continue
        if one["state"] in UNDECIDED:
            yield from _undecided(frame, row, as_of)
        else:
            yield from _unanswered(frame, row)
        if one["state"] == "upheld" and not _put_right(tables, one, period):
            yield Problem(
                cell_of(frame, APPEALS, "state", row),
                f"{_named(one)}的申诉成立，校准、补扣两张表里却没有对应的行",
                "数据错了就改原始数据或写进校准；已经改好的不必处理", "note",
            )  # fmt: skip


def _undecided(frame: pd.DataFrame, row: int, as_of: dt.date | None) -> Iterator[Problem]:
    one, due = frame.iloc[row], frame["due"].iloc[row]
    where = cell_of(frame, APPEALS, "state", row)
    if as_of is not None and not pd.isna(due) and due.date() < as_of:
        yield Problem(
            where, f"{_named(one)}的申诉过了答复期限 {due.date()}，还没有答复",
            "尽快核实，填状态、答复、处理人和答复日期", "warning",
        )  # fmt: skip
        return
    until = "" if pd.isna(due) else f"，{due.date()} 到期"
    yield Problem(
        where, f"{_named(one)}的申诉还没有答复{until}", "核实后填状态、答复、处理人和答复日期", "note"
    )


def _unanswered(frame: pd.DataFrame, row: int) -> Iterator[Problem]:
    one = frame.iloc[row]
    blank = [
        APPEALS.column(key).zh for key in ("decision", "decided_by", "decided") if pd.isna(one[key])
    ]
    if blank:
        yield Problem(
            cell_of(frame, APPEALS, "state", row), f"{_named(one)}的申诉有结论，却没有填{'、'.join(blank)}",
            "补上，以后说得清", "warning",
        )  # fmt: skip


def _put_right(tables: Tables, one: pd.Series, period: Period) -> bool:
    """Whether a calibration or an adjustment of the person and month is there."""
    for key in ("calibrations", "adjustments"):
        frame = tables[key]
        of_person = frame["person_id"] == one["person_id"]
        if (of_person & frame["period"].isin([one["period"], period.name])).any():
            return True
    return False


def _named(one: pd.Series) -> str:
    return f"{one['period']} {one['person_id']} 对“{one['item']}”"
