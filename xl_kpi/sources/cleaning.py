"""Raw log columns as typed ones, and which rows cannot be used: ibis expressions.

Money becomes whole fen, seconds and points become whole thousandths, so that sums are exact and
the same on every engine.  A cell that does not say what its column wants is missing; a row that
lacks a required cell is left out as ``incomplete``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import ibis

from xl_kpi.tables.logs import LogKind, LogTable

Expression: TypeAlias = Any  # ibis' own types say little about columns

SCALES: Mapping[LogKind, int] = {"whole": 1, "money": 100, "seconds": 1000, "points": 1000}
_TYPES: Mapping[LogKind, str] = {"text": "string", "moment": "timestamp", "flag": "boolean"}
_MOST = 1e12  # more than any count; NaN is more than everything
_YES = ("1", "true", "yes", "y", "是", "真", "t")
_NO = ("0", "false", "no", "n", "否", "假", "f")


def typed(
    raw: Expression, table: LogTable, names: Mapping[str, str], no_need: Sequence[str] = ()
) -> Expression:
    """Every column of the log table, missing where the source has none, and why a row is unusable.

    Args:
        raw: The source's table, with its own names and types.
        table: What it should hold.
        names: The source's column names by ours.
        no_need: Required columns that are missing without harm.

    Returns:
        The table's columns and ``reason``: ``deleted``, ``incomplete`` or missing.
    """
    cells = {}
    for column in table.columns:
        if column.key in names:
            cells[column.key] = _value(raw[names[column.key]], column.kind)
        else:
            cells[column.key] = ibis.null(_TYPES.get(column.kind, "int64"))
    rows = raw.select(**cells)
    required = [c.key for c in table.columns if c.required and c.key not in no_need]
    absent = ibis.or_(*(rows[key].isnull() for key in required))
    reason = ibis.cases(
        (rows.deleted.fill_null(False), "deleted"), (absent, "incomplete"), else_=ibis.null("string")
    )
    return rows.mutate(reason=reason)


def unreadable(raw: Expression, table: LogTable, names: Mapping[str, str]) -> Expression:
    """How many cells of each column are filled and say nothing: one row."""
    counts = {}
    for column in table.columns:
        if column.key in names:
            cell = raw[names[column.key]]
            filled = cell.notnull()
            if cell.type().is_string():
                filled &= cell.strip() != ""
            wrong = filled & _value(cell, column.kind).isnull()
            counts[column.key] = wrong.cast("int64").sum().fill_null(0)
    return raw.aggregate(**counts)


def _value(cell: Expression, kind: LogKind) -> Expression:
    is_text = cell.type().is_string()
    if kind == "text":
        word = cell.cast("string").strip()
        return word.nullif("")
    if kind == "moment":
        return _moment(cell.strip()) if is_text else cell.cast("timestamp")
    if kind == "flag":
        if is_text:
            word = cell.strip().lower()
            return ibis.cases((word.isin(_YES), True), (word.isin(_NO), False), else_=None)
        return cell if cell.type().is_boolean() else cell.cast("boolean")
    number = cell.strip().try_cast("float64") if is_text else cell
    if number.type().is_integer() and kind == "whole":
        return ibis.ifelse(number >= 0, number.cast("int64"), None)
    scaled = ibis.ifelse(number.cast("float64").between(0, _MOST), number.cast("float64"), None)
    if kind == "whole":
        scaled = ibis.ifelse(scaled == scaled.floor(), scaled, None)
    return (scaled * SCALES[kind]).round().cast("int64")


def _moment(word: Expression) -> Expression:
    """2026-10-05 09:30:00, also with / or 年月日."""
    for mark in ("/", "年", "月"):
        word = word.replace(mark, "-")
    return word.replace("日", " ").replace("  ", " ").strip().try_cast("timestamp")


def usable(rows: Expression) -> Expression:
    """The rows that are neither deleted nor incomplete."""
    return rows.filter(rows.reason.isnull()).drop("reason", "deleted")


def suspects(rows: Expression, key: str) -> Expression:
    """The rows whose id may stand on several: those whose hash does (few, and usually none)."""
    hashed = rows.mutate(mark=rows[key].hash())
    marks = hashed.group_by("mark").agg(times=hashed.count())
    marks = marks.filter(marks.times > 1).select("mark")
    return hashed.semi_join(marks, "mark").drop("mark")


def numbered(rows: Expression, key: str) -> Expression:
    """Rows of one id numbered from 0 in the order of all their cells; alone they are 0."""
    order = [rows[name].asc(nulls_first=True) for name in sorted(rows.columns)]
    place = ibis.row_number().over(ibis.window(group_by=key, order_by=order))
    return rows.mutate(place=place)
