"""Checked tables as JSON, so that a month can be calculated again from what it was paid on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.records import Tables

Content: TypeAlias = Mapping[str, Any]  # a frozen table

# By which column the rows of a table belong to a month; the other tables are kept whole.
DATED = {
    "counts": "date", "sessions": "date", "orders": "ordered", "ratings": "period",
    "events": "date", "targets": "period", "departments": "period", "shops": "date",
    "calibrations": "period", "refunds": "date", "adjustments": "period", "benchmarks": "period",
}  # fmt: skip
_KINDS = {"f": "number", "M": "moment", "O": "text"}
_TYPES = {"number": "float64", "moment": "datetime64[ns]", "text": "object"}


def canonical(content: object) -> bytes:
    """The one way in which a content is written as JSON."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def freeze(frame: pd.DataFrame) -> dict[str, Any]:
    """A checked table as JSON: its cells, and the sheet, rows and columns where they stand."""
    columns, blank = {}, {}
    for key, column in frame.items():
        kind, values = _KINDS[column.dtype.kind], column.to_numpy()
        if pd.isna(values).all():
            blank[str(key)] = kind
        else:
            columns[str(key)] = {"kind": kind, "cells": _cells(values, kind)}
    return {
        "rows": [int(row) for row in frame.index],
        "order": [str(key) for key in frame.columns],
        "columns": columns,
        "blank": blank,
        "sheet": frame.attrs.get("sheet"),
        "letters": dict(frame.attrs.get("columns", {})),
    }


def thaw(content: Content) -> pd.DataFrame:
    """The table that was frozen."""
    index = pd.Index(np.array(content["rows"], dtype=np.int64), name="row")
    data = {}
    for key in content["order"]:
        held = content["columns"].get(key)
        if held is None:
            kind, cells = content["blank"][key], [None] * len(index)
        else:
            kind, cells = held["kind"], held["cells"]
        values: NDArray[Any] = np.array(cells, dtype=_TYPES[kind])
        data[key] = pd.Series(values, index, values.dtype)
    frame = pd.DataFrame(data, index=index, columns=content["order"])
    frame.attrs = {"sheet": content["sheet"], "columns": dict(content["letters"])}
    if content["sheet"] is None:
        del frame.attrs["sheet"]
    return frame


def fingerprint(frame: pd.DataFrame) -> str:
    """A hash of what a checked table says; where it stands on its sheet does not matter.

    Columns without a value are left out, so that a column more changes nothing by itself.
    """
    digest = hashlib.sha256(str(len(frame)).encode())
    for key in sorted(map(str, frame.columns)):
        column = frame[key]
        kind, values = _KINDS[column.dtype.kind], column.to_numpy()
        if pd.isna(values).all():
            continue
        digest.update(canonical([key, kind]))
        if kind == "number":
            numbers = np.where(np.isnan(values), np.nan, values) + 0.0  # one kind of blank and zero
            digest.update(numbers.astype("<f8").tobytes())
        elif kind == "moment":
            digest.update(values.astype("datetime64[ns]").astype("<i8").tobytes())
        else:
            digest.update(canonical(_cells(values, kind)))
    return digest.hexdigest()


def _cells(values: NDArray[Any], kind: str) -> list[Any]:
    if kind == "number":
        return [_number(value) for value in values.tolist()]
    if kind == "moment":
        days = values.astype("datetime64[D]")
        unit = "D" if np.array_equal(days[~np.isnat(days)], values[~np.isnat(days)]) else "us"
        texts = np.datetime_as_string(values.astype(f"datetime64[{unit}]")).tolist()
        return [None if text == "NaT" else text for text in texts]
    return [value if isinstance(value, str) else None for value in values.tolist()]


def _number(value: float) -> float | int | None:
    """A number as short as JSON has it: whole ones without a point."""
    if value != value:
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


# --- parts ---------------------------------------------------------------------------------------


def parts_of(tables: Tables, keys: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Tables cut into months, so that a later closing keeps only those that have changed.

    Args:
        tables: Checked tables by key.
        keys: Which of them.

    Returns:
        Rows by ``counts|2026-10``, or ``roster|`` where a table is kept whole; no empty ones.
    """
    parts: dict[str, pd.DataFrame] = {}
    for key in keys:
        frame = tables[key]
        if key not in DATED:
            parts[f"{key}|"] = frame
            continue
        for month, rows in frame.groupby(_months(frame[DATED[key]]), sort=True):
            rows.attrs = dict(frame.attrs)
            parts[f"{key}|{month}"] = rows
    return parts


def joined(parts: Mapping[str, pd.DataFrame], like: Tables) -> dict[str, pd.DataFrame]:
    """Tables again from their parts.

    Args:
        parts: As ``parts_of`` makes them, perhaps of months only.
        like: Tables by key: what a table without any part looks like, and all others unchanged.
    """
    tables = dict(like)
    by_table: dict[str, list[pd.DataFrame]] = {}
    for name in sorted(parts):
        by_table.setdefault(name.split("|")[0], []).append(parts[name])
    for key in {*DATED, *by_table} & set(like):
        pieces = by_table.get(key) or [like[key].iloc[:0]]
        frame = pd.concat(pieces) if len(pieces) > 1 else pieces[0].copy()
        missing = [c for c in like[key].columns if c not in frame]
        for column in missing:
            blank: Any = np.full(len(frame), None, dtype=like[key][column].dtype)
            frame[column] = blank
        frame.attrs = dict(pieces[-1].attrs)
        tables[key] = frame
    return tables


def _months(cells: pd.Series) -> pd.Series:
    if cells.dtype.kind == "M":
        months: pd.Series = cells.dt.strftime("%Y-%m").astype(object)
        return months.where(cells.notna(), "")
    return cells.where(cells.notna(), "")
