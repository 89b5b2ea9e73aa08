"""A table's cells become typed columns, or problems that name the cell (convention C7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.cells import Fault, parse, plain
from xl_kpi.errors import Problem, nearest
from xl_kpi.tables import Cell, Column, Kind, RawTable, Table, column_letter

Codes: TypeAlias = NDArray[np.intp]

NAMED = 20  # so many problems of one kind in one column are named one by one
_LIKELY = 0.7  # how much a header must look like an optional column to be worth a warning
_MOST = 1e15  # of a number: Excel keeps 15 digits
_SUGGEST_UP_TO = 2_000  # people; comparing a misspelt name with more takes too long

_SUFFIX = re.compile(r"\(([^()]*)\)$")
_FOREIGN_UNITS = {  # a bracket after a header that would change every figure below it
    "yuan": {"万", "万元", "千元", "百元", "角", "分", "k", "w", "美元", "usd", "$"},
    "s": {"分", "分钟", "min", "minutes", "小时", "h", "hours", "毫秒", "ms"},
    "hours": {"分", "分钟", "min", "minutes", "秒", "s", "天", "days"},
    "days": {"小时", "h", "hours", "周", "月"},
    "count": {"万", "千", "百", "%"},
}


class PersonIndex:
    """Who a cell of a ``person_id`` column means: a staff id, else a name that only one bears."""

    def __init__(self, roster: pd.DataFrame) -> None:
        self.ids: NDArray[np.object_] = roster["person_id"].to_numpy(dtype=object)
        names = roster["name"].to_numpy(dtype=object)
        self._by_id: dict[object, int] = {}
        self._by_name: dict[object, list[int]] = {}
        for position, (person_id, name) in enumerate(zip(self.ids, names, strict=True)):
            if isinstance(person_id, str):
                self._by_id.setdefault(person_id, position)
                if isinstance(name, str):
                    self._by_name.setdefault(name, []).append(position)

    def positions(self, cells: pd.Series) -> Codes:
        """The roster position of each cell's person; −1 where blank, unknown or ambiguous."""
        codes, values = pd.factorize(cells)
        known = np.array([*(self._position(value) for value in values), -1], dtype=np.intp)
        return known[codes]

    def _position(self, value: object) -> int:
        if value in self._by_id:
            return self._by_id[value]
        bearers = self._by_name.get(value, [])
        return bearers[0] if len(bearers) == 1 else -1

    def _fault(self, value: str, rows: int, *, suggest: bool) -> Fault:
        count = f"（共 {rows} 行）" if rows > 1 else ""
        bearers = self._by_name.get(value, [])
        if bearers:
            ids = "、".join(str(self.ids[position]) for position in bearers)
            return Fault(
                "ambiguous", f"叫“{value}”的有 {len(bearers)} 人：{ids}{count}", "改填工号"
            )
        fix = "改成员工表里的工号；新同事先加到员工表"
        if suggest and len(self._by_id) <= _SUGGEST_UP_TO:
            near = nearest(value, [str(word) for word in (*self._by_id, *self._by_name)])
            if near is not None:
                ids = "、".join(str(self.ids[position]) for position in self._by_name.get(near, []))
                fix = f"是不是“{near}”{f'（{ids}）' if ids else ''}？{fix}"
        return Fault("unknown", f"“{value}”不在员工表里{count}", fix)

    def faults(self, cells: pd.Series) -> list[tuple[int, Fault]]:
        """One fault for each value that means nobody, with the index of its first cell."""
        nobody = cells[(self.positions(cells) < 0) & cells.notna().to_numpy()]
        counts = nobody.value_counts()
        first = nobody.drop_duplicates()
        return [
            (int(row), self._fault(value, int(counts[value]), suggest=place < NAMED))
            for place, (row, value) in enumerate(zip(first.index, first, strict=True))
        ]


def clean_table(
    raw: RawTable,
    table: Table,
    problems: list[Problem],
    *,
    people: PersonIndex | None = None,
) -> pd.DataFrame:
    """The typed columns of a table; what cannot be used is missing there and a problem here.

    Args:
        raw: The cells as they stand on the sheet.
        table: The columns wanted.
        problems: Every problem found is added to it.
        people: Turns names in ``person_id`` into staff ids.

    Returns:
        All columns of ``table`` under their keys, indexed by sheet row. ``attrs["sheet"]`` is the
        sheet and ``attrs["columns"]`` gives each key that was found its column letter.
    """
    places = _match_header(raw, table, problems)
    kept = _filled_rows(raw, list(places.values()))
    rows = kept + raw.header_row + 1
    letters = {key: column_letter(raw.first_column + place) for key, place in places.items()}
    data: dict[str, NDArray[np.generic]] = {}
    for column in table.columns:
        if column.key not in places:
            data[column.key] = _typed([None] * len(kept), column.kind)
            continue
        cells: Sequence[Cell] = raw.columns[places[column.key]]
        if len(kept) < len(cells):
            cells = [cells[place] for place in kept]
        data[column.key], faults = _convert(cells, column)
        address = f"{raw.sheet}!{letters[column.key]}"
        _report(problems, ((f"{address}{rows[place]}", fault) for place, fault in faults))
    index = pd.Index(rows, name="row")
    # Left to itself, pandas would make another type of some text columns.
    columns = {key: pd.Series(values, index, values.dtype) for key, values in data.items()}
    frame = pd.DataFrame(columns, index=index)
    frame.attrs = {"sheet": raw.sheet, "columns": letters}
    if people is not None and "person_id" in places:
        _resolve_people(frame, people, problems)
    if all(key in places for key in table.unique):
        _check_unique(frame, table, problems)
    return frame


def cell_of(frame: pd.DataFrame, table: Table, key: str, row: int) -> str:
    """The address of a cell of a checked table, ``指标数据!F118``; ``row`` counts from 0."""
    sheet = frame.attrs.get("sheet", table.zh)
    return f"{sheet}!{frame.attrs.get('columns', {}).get(key, '')}{frame.index[row]}"


def _report(problems: list[Problem], faults: Iterable[tuple[str, Fault]]) -> None:
    """Add the faults of one column, the many of one kind cut short."""
    kinds: dict[str, list[tuple[str, Fault]]] = {}
    for where, fault in faults:
        kinds.setdefault(fault.kind, []).append((where, fault))
    for group in kinds.values():
        problems.extend(Problem(where, fault.what, fault.fix) for where, fault in group[:NAMED])
        if len(group) > NAMED:
            where, fault = group[NAMED]
            more = f"…还有 {len(group) - NAMED} 处同类问题，这是其中第一处"
            problems.append(Problem(where, more, fault.fix))


# --- header ---


def _match_header(raw: RawTable, table: Table, problems: list[Problem]) -> dict[str, int]:
    """Where each column stands (0-based), by its Chinese or English label or its key."""
    wanted = {plain(n): c for c in table.columns for n in c.headers}
    found: dict[str, list[int]] = {}
    for place, header in enumerate(raw.header):
        if column := wanted.get(plain(header)):
            found.setdefault(column.key, []).append(place)
    exact = set(found)
    unused: dict[int, str] = {}
    for place, header in enumerate(raw.header):
        name = plain(header)
        suffix = _SUFFIX.search(name)
        column = wanted.get(name[: suffix.start()]) if suffix else None
        if suffix and column and column.key not in exact:
            found.setdefault(column.key, []).append(place)
            if suffix[1] in _FOREIGN_UNITS.get(column.unit, ()):
                what = f"表头“{header}”的单位和要求的不一样"
                fix = f"把这一列换算好，表头改为“{column.zh}”"
                problems.append(Problem(_header_cell(raw, place), what, fix))
        elif name not in wanted:
            unused[place] = header
    for key, twice in found.items():
        if len(twice) > 1:
            label = table.column(key).zh
            cells = "、".join(f"{_header_cell(raw, p)}“{raw.header[p]}”" for p in twice)
            what = f"“{label}”出现了 {len(twice)} 次：{cells}"
            fix = f"只留一列“{label}”，其余的改名或删掉"
            problems.append(Problem(_header_cell(raw, twice[1]), what, fix))
    for column in table.columns:
        if column.key not in found:
            _report_missing(raw, column, unused, problems)
    return {key: columns[0] for key, columns in found.items()}


def _report_missing(
    raw: RawTable, column: Column, unused: dict[int, str], problems: list[Problem]
) -> None:
    """A missing column is a problem if required, else a warning if a header looks misspelt."""
    guesses = [
        (SequenceMatcher(None, label.casefold(), near.casefold()).ratio(), near)
        for label in (column.zh, column.en)
        if (near := nearest(label, unused.values()))
    ]
    likeness, near = max(guesses, default=(0.0, ""))
    if column.required:
        last = column_letter(raw.first_column + len(raw.header) - 1)
        where = f"{_header_cell(raw, 0)}:{last}{raw.header_row}"
        hint = f"是不是“{near}”？如果是，把表头改为“{column.zh}”；如果不是，" if near else ""
        problems.append(Problem(where, f"缺少“{column.zh}”这一列", f"{hint}加上这一列"))
    elif likeness >= _LIKELY:
        place = next(place for place, header in unused.items() if header == near)
        what = f"“{near}”这一列没有用上，是不是“{column.zh}”？"
        fix = f"如果是，把表头改为“{column.zh}”；如果不是，不用管"
        problems.append(Problem(_header_cell(raw, place), what, fix, "warning"))


def _header_cell(raw: RawTable, place: int) -> str:
    return f"{raw.sheet}!{column_letter(raw.first_column + place)}{raw.header_row}"


def _filled_rows(raw: RawTable, places: list[int]) -> Codes:
    """The rows (0-based) in which one of the wanted columns holds anything."""
    filled = np.zeros(raw.rows, dtype=np.bool_)
    for place in places:
        cells = raw.columns[place]
        if None not in cells:
            return np.arange(raw.rows, dtype=np.intp)
        filled |= np.fromiter((cell is not None for cell in cells), np.bool_, raw.rows)
    return np.flatnonzero(filled)


# --- cells ---


def _convert(
    cells: Sequence[Cell], column: Column
) -> tuple[NDArray[np.generic], list[tuple[int, Fault]]]:
    """The typed column and, by place, what could not be used."""
    types = set(map(type, cells))
    faults: list[tuple[int, Fault]] = []
    if column.kind == "number" and types <= {float, int, type(None)}:
        values = _typed(cells, "number")
    else:
        # Each distinct cell is parsed once; its type is part of the key, as True == 1.0.
        keys = list(zip(map(type, cells), cells, strict=True))
        parsed = {key: parse(key[1], column) for key in set(keys)}
        results = [parsed[key] for key in keys]
        if any(isinstance(result, Fault) for result in parsed.values()):
            faults = [(i, r) for i, r in enumerate(results) if isinstance(r, Fault)]
            results = [None if isinstance(r, Fault) else r for r in results]
        values = _typed(results, column.kind)
    if column.required and type(None) in types:
        blank = Fault("blank", f"“{column.zh}”必填，现在是空白", "填上，或者删掉这一行")
        faults.extend((place, blank) for place, cell in enumerate(cells) if cell is None)
    if column.kind == "number":
        for place in np.flatnonzero(np.greater(np.abs(values), _MOST)):
            what = f"“{column.zh}”是 {values[place]:.6g}，太大了"
            faults.append((int(place), Fault("size", what, "改正这个数；没有数据就留空")))
        values = np.where(np.greater(np.abs(values), _MOST), np.nan, values)
    if column.minimum is not None:
        for place in np.flatnonzero(np.less(values, column.minimum)):
            what = f"“{column.zh}”是 {values[place]:.15g}，小于 {column.minimum:.15g}"
            faults.append((int(place), Fault("minimum", what, "改正这个数；没有数据就留空")))
    return values, faults


def _typed(values: Sequence[object], kind: Kind) -> NDArray[np.generic]:
    if kind in ("number", "flag"):
        return np.array(values, dtype=np.float64)
    if kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[ns]")
    if kind == "moment":
        return np.array(values, dtype="datetime64[us]").astype("datetime64[ns]")
    return np.array(values, dtype=object)


# --- rows ---


def _resolve_people(frame: pd.DataFrame, people: PersonIndex, problems: list[Problem]) -> None:
    """Put the staff id in place of what was typed; whoever is nobody becomes missing."""
    typed = frame["person_id"]
    address = f"{frame.attrs['sheet']}!{frame.attrs['columns']['person_id']}"
    _report(problems, ((f"{address}{row}", fault) for row, fault in people.faults(typed)))
    positions = people.positions(typed)
    ids = np.array([*people.ids, None], dtype=object)
    frame["person_id"] = pd.Series(ids[positions], index=frame.index, dtype=object)


def _check_unique(frame: pd.DataFrame, table: Table, problems: list[Problem]) -> None:
    """Report each row that repeats the key of a row above it."""
    if not table.unique:
        return
    # A blank week is the whole month, a blank month of booking is what HR typed.
    needed = [k for k in table.unique if table.column(k).kind not in ("number", "period")]
    keys = frame[list(table.unique)].dropna(subset=needed)
    repeated = keys[keys.duplicated(keep=False)]
    labels = [table.column(key).zh for key in table.unique]
    address = f"{frame.attrs['sheet']}!{frame.attrs['columns'][table.unique[0]]}"
    fix = f"同样的{'、'.join(labels)}只能有一行：合并或者删掉其中一行"
    first: dict[tuple[object, ...], int] = {}
    faults = []
    for row, *values in repeated.itertuples():
        above = first.setdefault(tuple(None if pd.isna(value) else value for value in values), row)
        if above != row:
            named = "、".join(
                f"{label} {value.date() if isinstance(value, pd.Timestamp) else value}"
                for label, value in zip(labels, values, strict=True)
                if not pd.isna(value)
            )
            what = f"第 {row} 行和第 {above} 行重复：{named}"
            faults.append((f"{address}{row}", Fault("repeated", what, fix)))
    _report(problems, faults)
