"""What has been changed in the schemes since the month that was closed last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from xl_kpi.checks import cell_of
from xl_kpi.closing.freezing import fingerprint
from xl_kpi.closing.months import Frames
from xl_kpi.closing.snapshot import Chain
from xl_kpi.errors import Problem, capped
from xl_kpi.quantity import number
from xl_kpi.scheme_tables import METRICS, SCHEME_TABLES
from xl_kpi.tables import Table

# By which columns a row is found again when rows were put in or moved.
_ROW_NAMES = {
    "head": ("key",), "indicators": ("metric", "name", "role"), "curves": ("name", "key", "lower", "valid_from"),
    "pay_items": ("item", "valid_from"), "consequences": ("condition",), "grades": ("grade", "valid_from"),
    "metrics": ("id", "metric"),
}  # fmt: skip
_FIX = "有意改的不必处理；改错了就改回来"


def changed_parameters(chain: Chain, frames: Frames, period: str) -> list[Problem]:
    """Cells of the schemes that no longer hold what the last closed month was paid by.

    Args:
        chain: The closed months.
        frames: The schemes' tables now, by ``S01_head`` … and ``metrics``.
        period: The month that is calculated, which the new figures are for.
    """
    if chain.last is None:
        return []
    found: list[Problem] = []
    place = len(chain.snapshots) - 1
    tables = {f"{one}_{table.key}": table for one in chain.last.schemes for table in SCHEME_TABLES}
    for name, table in {**tables, METRICS.key: METRICS}.items():
        now = frames.get(name)
        if now is None or fingerprint(now) == chain.last.prints[f"{name}|"]:
            continue
        closed = chain.last.period
        found += _changes(chain.part(f"{name}|", place), now, table, closed, period)
    return capped(found, "方案")


def _changes(
    before: pd.DataFrame, now: pd.DataFrame, table: Table, closed: str, period: str
) -> Iterator[Problem]:
    then, there = _rows(before, table), _rows(now, table)
    since = f"{closed} 月结之后"
    until = f"月结过的月份不变，{period} 起按现在的算"
    for key, (row, values) in there.items():
        if key not in then:
            where = cell_of(now, table, table.columns[0].key, row)
            yield Problem(where, f"{since}加了这一行；{until}", _FIX, "warning")
            continue
        old = then[key][1]
        for column in table.columns:
            one, other = old.get(column.key), values.get(column.key)
            if one != other:
                yield Problem(
                    cell_of(now, table, column.key, row),
                    f"“{column.zh}”{since}改过：{_shown(one)} → {_shown(other)}；{until}", _FIX, "warning",
                )  # fmt: skip
    for key in then.keys() - there.keys():
        named = " ".join(str(part) for part in key[1:] if part is not None)
        sheet = now.attrs.get("sheet", table.zh)
        yield Problem(sheet, f"{since}少了“{named}”这一行；{until}", _FIX, "warning")


def _rows(frame: pd.DataFrame, table: Table) -> dict[tuple[Any, ...], tuple[int, Mapping[str, Any]]]:
    """The rows by their names, numbered where several bear the same."""
    found: dict[tuple[Any, ...], tuple[int, Mapping[str, Any]]] = {}
    for row, record in enumerate(frame.to_dict("records")):
        values = {str(k): None if pd.isna(v) else v for k, v in record.items()}
        named = tuple(values.get(key) for key in _ROW_NAMES[table.key])
        times = sum(key[1:] == named for key in found)
        found[times, *named] = row, values
    return found


def _shown(value: object) -> str:
    if value is None:
        return "空白"
    if isinstance(value, float):
        return number(value)
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)
