"""Where raw logs lie: a folder of Parquet or CSV files, a database, frames; each table found by name.

A folder holds ``chats.parquet``, ``orders.csv`` …, or ``chats_*.parquet``, or a folder ``chats/`` of
such files; the Chinese names (会话, 订单 …) do as well.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.engines import Engine, unbound
from xl_kpi.sources.messages import MADE
from xl_kpi.tables.logs import CHATS, LOGS, LogTable

_ENDINGS = (".parquet", ".csv")
_CHUNK = 1 << 20


@dataclass(slots=True)
class LogSource:
    """A log's tables on an engine: raw, with the source's names by ours; and what they are."""

    engine: Engine
    fingerprint: str
    trim: bool = False  # csv cells have spaces around them
    raw: dict[str, Expression] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def has(self, table: str, column: str) -> bool:
        """Whether the source has the table with the column."""
        return column in self.names.get(table, {})


def open_folder(folder: Path, engine: Engine) -> LogSource:
    """The logs in a folder.

    Raises:
        InputError: If there is no chat log, or a table lacks a column.
    """
    files = {key: _files(folder, table) for key, table in LOGS.items()}
    present = {key: found for key, found in files.items() if found}
    if not present:
        fix = f"需要 {CHATS.key}.parquet 或 {CHATS.key}.csv（{CHATS.zh}）"
        raise InputError([Problem(str(folder), "文件夹里没有日志", fix)])
    mark = hashlib.sha256()
    for key, found in present.items():
        for file in found:
            mark.update(f"{key}\0{file.name}\0".encode() + _digest(file))
    csv = any(file.suffix == ".csv" for found in present.values() for file in found)
    source = LogSource(engine, mark.hexdigest()[:16], trim=csv)
    _describe(source, {key: engine.open_files(found) for key, found in present.items()}, files)
    return source


def open_database(engine: Engine) -> LogSource:
    """The logs in the tables of a connection, named by our keys or their Chinese names.

    The fingerprint is of the tables' names, columns and numbers of rows.

    Raises:
        InputError: If there is no chat log, or a table lacks a column.
    """
    known = {_plain(word): key for key, table in LOGS.items() for word in (key, table.zh)}
    tables = {known[_plain(n)]: n for n in engine.table_names() if _plain(n) in known}
    source = LogSource(engine, "")
    _describe(source, {key: engine.open_table(name) for key, name in tables.items()}, tables)
    mark = hashlib.sha256()
    for key, raw in source.raw.items():
        rows = int(engine.rows(raw.aggregate(n=raw.count()))["n"].iloc[0])
        mark.update(repr((key, sorted(raw.columns), rows)).encode())
    source.fingerprint = mark.hexdigest()[:16]
    return source


def open_frames(frames: Mapping[str, pd.DataFrame], engine: Engine) -> LogSource:
    """Logs in memory, by our keys.

    Raises:
        InputError: If there is no chat log, or a table lacks a column.
    """
    mark = hashlib.sha256()
    for key, frame in frames.items():
        mark.update(f"{key}\0{list(frame.columns)}".encode())
        mark.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    source = LogSource(engine, mark.hexdigest()[:16])
    tables = {key: engine.open_frame(frame) for key, frame in frames.items()}
    _describe(source, tables, tables)
    return source


def _files(folder: Path, table: LogTable) -> list[Path]:
    found: list[Path] = []
    for word in (table.key, table.zh):
        for ending in _ENDINGS:
            patterns = (f"{word}{ending}", f"{word}[_-]*{ending}", f"{word}/*{ending}")
            found += (file for pattern in patterns for file in sorted(folder.glob(pattern)))
    kinds = {file.suffix for file in found}
    if len(kinds) > 1:
        what = f"“{table.zh}”既有 Parquet 又有 CSV"
        raise InputError([Problem(str(folder), what, "只留一种，否则会算两次")])
    return found


def _digest(file: Path) -> bytes:
    mark = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            mark.update(chunk)
    return mark.digest()


def _plain(text: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(text)).replace("\ufeff", "").split()).casefold()


def _describe(source: LogSource, tables: Mapping[str, str], places: Mapping[str, object]) -> None:
    """Find every table's columns; tell all that is missing at once."""
    if CHATS.key not in tables:
        raise InputError([Problem(CHATS.zh, "没有会话日志", f"提供 {CHATS.key}（{CHATS.zh}）")])
    problems = []
    for key, name in tables.items():
        raw = unbound(source.engine, name)
        headers = {_plain(header): header for header in raw.columns}
        names = {
            column.key: headers[word]
            for column in LOGS[key].columns
            for word in (_plain(column.zh), _plain(column.key))
            if word in headers
        }
        source.raw[key], source.names[key] = raw, names
        given = names.keys() | (MADE if key == CHATS.key and "messages" in tables else ())
        problems += _lacking(LOGS[key], given, headers.values(), places[key])
    if problems:
        raise InputError(problems)


def _lacking(
    table: LogTable, given: Iterable[str], headers: Iterable[str], place: object
) -> list[Problem]:
    where = place[0].name if isinstance(place, list) else str(place)
    problems = []
    for column in table.columns:
        if column.required and column.key not in given:
            near = nearest(column.key, headers) or nearest(column.zh, headers)
            fix = f"“{near}”是不是它？改成 {column.key}" if near else f"加上 {column.key} 列"
            what = f"{table.zh}日志缺少列“{column.zh}”（{column.key}）"
            problems.append(Problem(where, what, fix))
    return problems
