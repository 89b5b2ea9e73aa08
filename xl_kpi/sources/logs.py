"""Raw call and chat logs → rows of the book's sessions table → counts.

A profile (``presets/profiles/*.toml``) says how the columns of one kind of log become session
columns.  Nothing is guessed: a cell that cannot be used becomes a missing value or leaves its row
out, and is listed in ``Log.doubts`` with its row in the file.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.sources.sheets import read_sheets
from xl_kpi.tables import ROSTER, SESSIONS

Mask: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Objects: TypeAlias = NDArray[np.object_]

SHOP = "全店"  # the row of everything in agent_figures
_ROWS_NAMED = 5

_NO_ID = "没有会话编号"
_SAME_ID = "会话编号重复"
_NO_DATE = "日期空白或读不懂"
_NO_ANSWERED = "看不出是否接起"
_NO_PERSON = "已接起却没有客服"
_BLANK_PERSON = "未接起，客服空白"
_UNREADABLE = "读不懂"
_NEGATIVE = "是负数"
_OUTSIDE = "超出允许的范围"
_BLANK = "空白"
_UNANSWERED = "未接起却有值"
_ZERO = "已接起却是 0"
_MISSING = "已按缺失处理，没有猜测；查明后在日志里改正，再导入"
_FIXES = {
    _NO_ID: "这些行没有计入；补上编号后再导入",
    _SAME_ID: "只计了第一行；若是转接产生的第二条，请给它单独的编号后再导入",
    _NO_DATE: "这些行没有计入；改正日期后再导入",
    _NO_ANSWERED: "这些行没有计入；改正后再导入",
    _NO_PERSON: "只计入全店，不计入任何人；查明是谁接的，填上后再导入",
    _BLANK_PERSON: "只计入全店，不计入任何人；查明后填上再导入",
    _UNREADABLE: _MISSING,
    _NEGATIVE: _MISSING,
    _OUTSIDE: _MISSING,
    _BLANK: _MISSING,
    _UNANSWERED: "会话仍按未接起计算，该值没有使用；请核对日志",
    _ZERO: "会话仍按已接起计算；请核对是否真的接起",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How one session column is read."""

    headers: tuple[str, ...]  # several are joined with "-"
    formats: tuple[str, ...] = ()  # of dates written as text
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()  # words that stand for "no agent"
    clock: bool = False  # h:mm:ss; a plain number could be seconds or days, so it is unreadable
    minimum: float = -np.inf
    maximum: float = np.inf
    unanswered: str = "doubt"  # or "ignore": what a value of an unanswered session is
    zero_is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Rows of the log that are no sessions."""

    header: str
    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one kind of log is recognised and read."""

    key: str
    label: str
    columns: Mapping[str, Source]
    excluded: tuple[Exclusion, ...]
    watched: tuple[str, ...]  # read only to be checked
    unused: tuple[str, ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that must be there."""
        used = [header for source in self.columns.values() for header in source.headers]
        used += [exclusion.header for exclusion in self.excluded]
        return tuple(dict.fromkeys([*used, *self.watched]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log as sessions; every row of the file is in ``sessions`` or in ``excluded``.

    ``sessions`` has the keys of the sessions table (flags 1, 0, NaN) and the file's row numbers as
    index; ``doubts`` and ``excluded`` have the columns row, reason, value.
    """

    sessions: pd.DataFrame
    profile: str
    notes: list[Problem]
    counts_by_reason: dict[str, int]
    doubts: pd.DataFrame
    excluded: pd.DataFrame


def log_profiles() -> dict[str, Profile]:
    """The profiles of logs, by key."""
    found = {}
    for entry in sorted((files("xl_kpi") / "presets" / "profiles").iterdir(), key=str):
        if not entry.name.endswith(".toml"):
            continue
        data = tomllib.loads(entry.read_text(encoding="utf-8"))
        if data.get("table") == SESSIONS.key:
            key = entry.name.removesuffix(".toml")
            found[key] = _profile(key, data)
    return found


def read_log(path: Path, profile: str | None = None) -> Log:
    """The sessions of a log file (xlsx, csv, tsv; also .gz).

    Args:
        path: The file.
        profile: Which profile to read it with; recognised by its headers if not given.

    Raises:
        InputError: If the file cannot be read or fits no profile.
    """
    profiles = log_profiles()
    if profile is not None:
        if profile not in profiles:
            near = nearest(profile, profiles)
            what = f"没有名为“{profile}”的日志格式" + (f"，是不是“{near}”？" if near else "")
            raise InputError([Problem(path.name, what, f"可用的格式：{'、'.join(profiles)}")])
        profiles = {profile: profiles[profile]}
    sheets = read_sheets(path)
    matches = [match for sheet in sheets if (match := _recognise(sheet, profiles.values()))]
    if not matches:
        raise InputError([_unknown(path, sheets, profiles.values())])
    chosen = matches[0]
    log = _Reading(chosen).log()
    if len(matches) > 1:
        others = "、".join(match.sheet.where for match in matches[1:])
        fix = "每张表存成单独的文件，分别导入"
        log.notes.insert(0, Problem(others, "也是日志，但没有读入", fix, "warning"))
    return log


def roster_of(log: Log) -> pd.DataFrame:
    """Proposed roster rows: the log's accounts as staff IDs and names, the rest for HR to fill."""
    people = sorted(log.sessions["person_id"].dropna().unique())
    columns = [column.key for column in ROSTER.columns]
    return pd.DataFrame({"person_id": people, "name": people}, columns=columns, dtype=object)


def session_counts(sessions: pd.DataFrame, people: Sequence[str] | None = None) -> pd.DataFrame:
    """Counts per date and person, whatever the order of the sessions.

    Args:
        sessions: Rows of the sessions table; those without a person or date count for nobody.
        people: Only these people; everybody if not given.
    """
    kept = sessions["person_id"].notna() if people is None else sessions["person_id"].isin(people)
    chosen = sessions[kept]
    keys = [chosen["date"], chosen["person_id"]]
    counts = _counts_of(chosen).groupby(keys, sort=True).sum().reset_index()
    counts.insert(2, "duty_days", 1.0)
    return counts


def agent_figures(sessions: pd.DataFrame) -> pd.DataFrame:
    """Receptions, reply rate and response time per person, and of the whole shop in the last row.

    The shop's row also holds the sessions that belong to nobody.
    """
    counts = _counts_of(sessions)
    figures = counts.groupby(sessions["person_id"], sort=True).sum()
    figures.loc[SHOP] = counts.sum()
    replied, received = figures["replied_customers"], figures["received_customers"]
    figures["reply_rate"] = replied / received
    figures["response_time"] = figures["first_response_seconds"] / figures["first_responses"]
    return figures.rename_axis("person_id")


def _counts_of(sessions: pd.DataFrame) -> pd.DataFrame:
    """What each session adds to each count."""
    answered = _floats(sessions["answered"]) == 1
    resolved = _floats(sessions["resolved"])
    response = _floats(sessions["response_seconds"])
    rating = _floats(sessions["rating"])
    timed = answered & ~np.isnan(response)
    counts = {
        "received_customers": np.ones(len(sessions)),
        "replied_customers": answered,
        "first_response_seconds": np.where(timed, response, 0.0),
        "first_responses": timed,
        "rating_sum": np.nan_to_num(rating),
        "ratings": ~np.isnan(rating),
        "raised_problems": ~np.isnan(resolved),
        "solved_problems": resolved == 1,
    }
    return pd.DataFrame(counts, index=sessions.index, dtype=np.float64)


def _floats(values: pd.Series[Any]) -> Floats:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _profile(key: str, data: Mapping[str, Any]) -> Profile:
    def listed(entry: Mapping[str, Any]) -> dict[str, Any]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}

    return Profile(
        key=key,
        label=data["label"],
        columns={name: Source(**listed(entry)) for name, entry in data["columns"].items()},
        excluded=tuple(Exclusion(**listed(entry)) for entry in data.get("excluded", [])),
        watched=tuple(data.get("watched", [])),
        unused=tuple(data.get("unused", [])),
    )


def _plain(text: object) -> str:
    """A word without what exports vary: case, spaces, half or full width."""
    return "".join(unicodedata.normalize("NFKC", str(text)).replace("\ufeff", "").split()).casefold()
