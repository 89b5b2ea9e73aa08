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
    raw: Expression,
    table: LogTable,
    names: Mapping[str, str],
    *,
    sure: Sequence[str] = (),
    trim: bool = False,
) -> Expression:
    """Every column of the log table, missing where the source has none.

    Args:
        raw: The source's table, with its own names and types.
        table: What it should hold.
        names: The source's column names by ours.
        sure: Columns that are known to hold nothing unreadable.
        trim: Take spaces off names and texts, as csv files have them.
    """
    cells = {}
    for column in table.columns:
        if column.key not in names:
            cells[column.key] = ibis.null(_TYPES.get(column.kind, "int64"))
        elif column.kind == "text":
            cells[column.key] = _text(raw[names[column.key]], trim)
        else:
            cell = raw[names[column.key]]
            cells[column.key] = _value(cell, column.kind, sure=column.key in sure)
    return raw.select(**cells)


def usable(
    rows: Expression, table: LogTable, no_need: Sequence[str] = ()
) -> tuple[Expression, Expression]:
    """The rows that are neither deleted nor incomplete, and the others with their ``reason``.

    Args:
        rows: Typed rows.
        table: What they should hold.
        no_need: Required columns that are missing without harm.
    """
    present = [
        rows[column.key].notnull() & (rows[column.key] != "")
        if column.kind == "text" else rows[column.key].notnull()
        for column in table.columns if column.required and column.key not in no_need
    ]  # fmt: skip
    complete = ibis.and_(*present).fill_null(False)
    kept = rows.filter(~rows.deleted.fill_null(False), *present).drop("deleted")
    optional = {
        column.key: kept[column.key].nullif("")
        for column in table.columns
        if column.kind == "text" and not column.required
    }
    broken = rows.filter(rows.deleted.fill_null(False) | ~complete)
    reason = ibis.ifelse(broken.deleted.fill_null(False), "deleted", "incomplete")
    return kept.mutate(**optional) if optional else kept, broken.mutate(reason=reason)


def extents(raw: Expression, table: LogTable, names: Mapping[str, str]) -> Expression | None:
    """Least and most of every column of numbers that holds numbers: one row."""
    found = {}
    for column in table.columns:
        if column.key in names and column.kind in SCALES:
            cell = raw[names[column.key]]
            if cell.type().is_numeric():
                found[f"{column.key}_least"], found[f"{column.key}_most"] = cell.min(), cell.max()
    return raw.aggregate(**found) if found else None


def doubtful(
    raw: Expression, table: LogTable, names: Mapping[str, str], seen: Mapping[Any, Any]
) -> list[str]:
    """Columns in which a cell may say nothing: texts that should not be, numbers out of range."""
    found = []
    for column in table.columns:
        if column.key in names and column.kind != "text":
            kind = raw[names[column.key]].type()
            least, most = seen.get(f"{column.key}_least"), seen.get(f"{column.key}_most")
            outside = (least is not None and least < 0) or (most is not None and not most <= _MOST)
            if kind.is_string() or outside or (kind.is_floating() and column.kind == "whole"):
                found.append(column.key)
    return found


def unreadable(
    raw: Expression, table: LogTable, names: Mapping[str, str], columns: Sequence[str]
) -> Expression:
    """How many cells of the columns are filled and say nothing: one row."""
    counts = {}
    for column in table.columns:
        if column.key in columns:
            cell = raw[names[column.key]]
            filled = cell.notnull()
            if cell.type().is_string():
                filled &= cell.strip() != ""
            wrong = filled & _value(cell, column.kind).isnull()
            counts[column.key] = wrong.cast("int64").sum().fill_null(0)
    return raw.aggregate(**counts)


def _text(cell: Expression, trim: bool) -> Expression:
    return cell.cast("string").strip() if trim else cell.cast("string")


def _value(cell: Expression, kind: LogKind, *, sure: bool = False) -> Expression:
    is_text = cell.type().is_string()
    if kind == "moment":
        return _moment(cell.strip()) if is_text else cell.cast("timestamp")
    if kind == "flag":
        if is_text:
            word = cell.strip().lower()
            return ibis.cases((word.isin(_YES), True), (word.isin(_NO), False), else_=None)
        return cell if cell.type().is_boolean() else cell.cast("boolean")
    number = cell.strip().try_cast("float64") if is_text else cell
    if number.type().is_integer() and kind == "whole":
        return number if sure else ibis.ifelse(number >= 0, number, None)
    number = number if sure and number.type().is_integer() else number.cast("float64")
    if not sure:
        number = ibis.ifelse(number.between(0, _MOST), number, None)
    if kind == "whole":
        number = ibis.ifelse(number == number.floor(), number, None)
    scaled = number * SCALES[kind]
    return scaled if scaled.type().is_integer() else scaled.round().cast("int64")


def _moment(word: Expression) -> Expression:
    """2026-10-05 09:30:00, also with / or 年月日."""
    for mark in ("/", "年", "月"):
        word = word.replace(mark, "-")
    return word.replace("日", " ").replace("  ", " ").strip().try_cast("timestamp")


def repeated(rows: Expression, key: str) -> Expression:
    """Hashes of ids that may stand on several rows: few, and usually none."""
    hashed = rows.select(mark=rows[key].hash())
    marks = hashed.group_by("mark").agg(times=hashed.count())
    return marks.filter(marks.times > 1).select("mark")


def suspects(rows: Expression, key: str, marks: Expression) -> Expression:
    """The rows whose id has one of the hashes."""
    hashed = rows.mutate(mark=rows[key].hash())
    return hashed.semi_join(marks, "mark").drop("mark")


def numbered(rows: Expression, key: str) -> Expression:
    """Rows of one id numbered from 0 in the order of all their cells; alone they are 0."""
    order = [rows[name].asc(nulls_first=True) for name in sorted(rows.columns)]
    place = ibis.row_number().over(ibis.window(group_by=key, order_by=order))
    return rows.mutate(place=place)


def assigned(rows: Expression, at: str, owners: Expression) -> Expression:
    """The rows with the person who sat at each account at the time instead of the account.

    Args:
        rows: Clean rows with ``person_id``.
        at: The column of the moment.
        owners: ``account``, ``first`` and ``after`` (moments, half open, never overlapping for one
            account), ``owner`` (missing: nobody). Accounts of which it says nothing stay.
    """
    columns = rows.columns
    pairs = rows.left_join(
        owners,
        [rows.person_id == owners.account, rows[at] >= owners.first, rows[at] < owners.after],
    )
    person = ibis.ifelse(pairs.account.notnull(), pairs.owner, pairs.person_id)
    return pairs.mutate(person_id=person).select(*columns)
