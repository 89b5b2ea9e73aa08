"""A recognised log sheet's rows as sessions, with every doubt on the way."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.errors import InputError, Problem, Severity
from xl_kpi.sources import log_cells
from xl_kpi.sources.log_cells import Mask, Objects, Parsed, Parser, text
from xl_kpi.sources.log_profiles import Match, Source, plain
from xl_kpi.tables import SESSIONS

Floats: TypeAlias = NDArray[np.float64]

_ROWS_NAMED = 5
_LEFT_OUT = "这些行没有计入；改正后再导入"
_AS_MISSING = "这些值按缺失处理；查明后在日志里改正，再导入"
_NOBODYS = "只计入全店，不计入任何人；查明客服后填上，再导入"
_FIXES = {
    "会话编号空白，或超过 15 位被 Excel 改过": _LEFT_OUT,
    "日期空白或读不懂": _LEFT_OUT,
    "看不出是否接起": _LEFT_OUT,
    "会话编号重复": "只计了第一行；若是转接产生的记录，请给它单独的编号，再导入",
    "已接起却没有客服": _NOBODYS,
    "未接起，客服空白": _NOBODYS,
    "读不懂": _AS_MISSING,
    "是负数": _AS_MISSING,
    "超出允许的范围": _AS_MISSING,
    "空白": _AS_MISSING,
    "未接起却有值": "会话仍按未接起计算，这些值没有使用；请核对",
    "已接起却是 0": "会话仍按已接起计算；请核对是否真的接起",
}


class Reading:
    """One pass over a sheet; ``counts``, ``notes``, ``doubts`` and ``excluded`` tell what it met."""

    def __init__(self, match: Match) -> None:
        body = match.sheet.cells.iloc[match.header_row + 1 :]
        self.match = match
        self.cells = body[(body != "").any(axis=1)]
        self.rows = self.cells.index.to_numpy() + 1
        self.counts: dict[str, int] = {}
        self.notes: list[Problem] = []
        self._doubts: list[pd.DataFrame] = []
        self._excluded: list[pd.DataFrame] = []
        self._kept = np.ones(len(self.rows), dtype=bool)
        if self.cells.empty:
            raise InputError([Problem(match.sheet.where, "表头下面没有数据", "重新导出")])
        self.sessions = self._sessions()

    @property
    def doubts(self) -> pd.DataFrame:
        """Every doubtful cell: row, reason, value."""
        return _listed(self._doubts)

    @property
    def excluded(self) -> pd.DataFrame:
        """Every row that is no session: row, reason, value."""
        return _listed(self._excluded)

    def _sessions(self) -> pd.DataFrame:
        for exclusion in self.match.profile.excluded:
            words = [plain(value) for value in exclusion.values]
            cells = self._parsed(exclusion.header, plain).values
            found = pd.Series(cells).isin(words).to_numpy()
            self._exclude(found, exclusion.header, exclusion.reason)
            self._note(found, exclusion.header, exclusion.reason, "没有计入，不用处理", "note")
        sources = self.match.profile.columns
        answered = self._answered(sources["answered"])
        columns: dict[str, Any] = {
            "date": self._dates(sources["date"]),
            "session_id": self._identifiers(sources["session_id"]),
            "person_id": self._persons(sources["person_id"], answered),
            "answered": answered,
        }
        for column in SESSIONS.columns:
            source = sources.get(column.key)
            if source is None:
                columns[column.key] = np.full(len(self.rows), np.nan)
            elif column.kind == "flag" and column.key != "answered":
                columns[column.key] = self._flags(source, answered)
            elif column.kind == "number":
                columns[column.key] = self._numbers(source, answered, column.unit)
        for header in self.match.profile.watched:
            self._positive(header, self._parsed(header, log_cells.seconds))
        self._once_each(columns["session_id"], sources["session_id"].headers[-1])
        order = [column.key for column in SESSIONS.columns]
        frame = pd.DataFrame(columns, index=pd.Index(self.rows, name="row"), columns=order)
        return frame[self._kept]

    def _answered(self, source: Source) -> Floats:
        header = source.headers[0]
        parsed = self._parsed(header, log_cells.flag(source))
        self._refuse(parsed.blank | parsed.unreadable, header, "看不出是否接起")
        return parsed.values.astype(np.float64)

    def _identifiers(self, source: Source) -> Objects:
        parts = []
        for header in source.headers:
            parsed = self._parsed(header, log_cells.identifier)
            unusable = parsed.blank | parsed.unreadable
            self._refuse(unusable, header, "会话编号空白，或超过 15 位被 Excel 改过")
            parts.append(parsed.values)
        joined = ["-".join(map(str, part)) for part in zip(*parts, strict=True)]
        return np.array(joined, dtype=object)

    def _dates(self, source: Source) -> NDArray[np.datetime64]:
        header = source.headers[0]
        parsed = self._parsed(header, log_cells.date(source))
        self._refuse(parsed.blank | parsed.unreadable, header, "日期空白或读不懂")
        return parsed.values.astype("datetime64[D]").astype("datetime64[ns]")

    def _persons(self, source: Source, answered: Floats) -> Objects:
        header = source.headers[0]
        nobody = {plain(word) for word in source.nobody}

        def person(cell: object) -> str | None:
            return None if plain(cell) in nobody else text(cell)

        parsed = self._parsed(header, person)
        nobodys = np.asarray(pd.isna(parsed.values))
        self._doubt((answered == 1) & nobodys, header, "已接起却没有客服")
        self._doubt((answered == 0) & parsed.blank, header, "未接起，客服空白")
        return parsed.values

    def _flags(self, source: Source, answered: Floats) -> Floats:
        """Yes or no; a no of an unanswered session stands, a yes contradicts it."""
        header = source.headers[0]
        parsed = self._parsed(header, log_cells.flag(source))
        values = parsed.values.astype(np.float64)
        contradicted = (answered == 0) & (values == 1)
        self._doubt(parsed.unreadable, header, "读不懂")
        self._doubt(parsed.blank & ~np.isnan(answered), header, "空白")
        self._doubt(contradicted, header, "未接起却有值")
        return np.where(contradicted, np.nan, values)

    def _numbers(self, source: Source, answered: Floats, unit: str) -> Floats:
        """Numbers of the answered sessions."""
        header = source.headers[0]
        parser = log_cells.clock if source.clock else log_cells.seconds
        parsed = self._parsed(header, parser if unit == "s" else log_cells.number)
        values = self._positive(header, parsed)
        outside = (values < source.minimum) | (values > source.maximum)
        self._doubt(outside, header, "超出允许的范围")
        self._doubt((answered == 1) & parsed.blank, header, "空白")
        if source.unanswered == "doubt":
            self._doubt((answered == 0) & (values > 0), header, "未接起却有值")
        if source.zero_is_doubtful:
            self._doubt((answered == 1) & (values == 0), header, "已接起却是 0")
        return np.where((answered == 1) & ~outside, values, np.nan)

    def _positive(self, header: str, parsed: Parsed) -> Floats:
        values = parsed.values.astype(np.float64)
        self._doubt(parsed.unreadable, header, "读不懂")
        self._doubt(values < 0, header, "是负数")
        return np.where(values < 0, np.nan, values)

    def _once_each(self, identifiers: Objects, header: str) -> None:
        repeated = np.zeros(len(self.rows), dtype=bool)
        repeated[self._kept] = pd.Series(identifiers[self._kept]).duplicated().to_numpy()
        self._refuse(repeated, header, "会话编号重复")

    def _cells(self, header: str) -> Objects:
        return self.cells.iloc[:, self.match.position(header)].to_numpy(dtype=object)

    def _parsed(self, header: str, parser: Parser) -> Parsed:
        return log_cells.parse(self._cells(header), parser)

    def _refuse(self, found: Mask, header: str, what: str) -> None:
        """A doubt for which a row cannot be a session; rows already excluded are left alone."""
        found = found & self._kept
        self._doubt(found, header, what)
        self._exclude(found, header, what)

    def _exclude(self, found: Mask, header: str, what: str) -> None:
        found = found & self._kept
        self._excluded.append(self._list(found, header, what))
        self._kept &= ~found

    def _doubt(self, found: Mask, header: str, what: str) -> None:
        self._doubts.append(self._list(found, header, what))
        self._note(found, header, what, _FIXES[what], "warning")

    def _note(self, found: Mask, header: str, what: str, fix: str, severity: Severity) -> None:
        rows = self.rows[found]
        if len(rows):
            self.counts[_reason(header, what)] = len(rows)
            first = "、".join(str(row) for row in rows[:_ROWS_NAMED])
            first += " 等" if len(rows) > _ROWS_NAMED else ""
            told = f"{_reason(header, what)}，共 {len(rows)} 行：第 {first}行"
            self.notes.append(Problem(self.match.sheet.where, told, fix, severity))

    def _list(self, found: Mask, header: str, what: str) -> pd.DataFrame:
        values = [text(cell) for cell in self._cells(header)[found]]
        listed = {"row": self.rows[found], "reason": _reason(header, what), "value": values}
        return pd.DataFrame(listed)


def _reason(header: str, what: str) -> str:
    return f"{header}：{what}"


def _listed(parts: list[pd.DataFrame]) -> pd.DataFrame:
    parts = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(parts).sort_values("row", kind="stable", ignore_index=True)
