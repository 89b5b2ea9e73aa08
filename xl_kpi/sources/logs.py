"""Raw call and chat logs → rows of the book's sessions table → counts.

Nothing is guessed: a cell that cannot be used becomes a missing value or leaves its row out, and
is listed in ``Log.doubts`` with its row in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.sources.log_files import read_sheets
from xl_kpi.sources.log_profiles import log_profiles, recognise
from xl_kpi.sources.log_rows import Reading
from xl_kpi.tables import ROSTER

Floats: TypeAlias = NDArray[np.float64]

SHOP = "全店"  # the last row of agent_figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log as sessions; every row of the file is in ``sessions`` or in ``excluded``.

    ``sessions`` has the keys of the sessions table (flags as 1, 0 or NaN; ``person_id`` missing
    where nobody served) and the file's row numbers as index.  ``doubts`` and ``excluded`` have the
    columns row, reason and value; one row of the file can have several doubts.
    """

    sessions: pd.DataFrame
    profile: str
    notes: list[Problem]
    counts_by_reason: dict[str, int]
    doubts: pd.DataFrame
    excluded: pd.DataFrame


def read_log(path: Path, profile: str | None = None) -> Log:
    """The sessions of a log file: a workbook, csv or tsv, the latter also compressed (.gz).

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
    first, *others = recognise(read_sheets(path), list(profiles.values()))
    reading = Reading(first)
    unread = [
        Problem(other.sheet.where, "也是日志，但没有读入", "存成单独的文件再导入", "warning")
        for other in others
    ]
    return Log(
        sessions=reading.sessions,
        profile=first.profile.key,
        notes=[*unread, *reading.notes, *_of_nobody(first.sheet.where, reading.sessions)],
        counts_by_reason=reading.counts,
        doubts=reading.doubts,
        excluded=reading.excluded,
    )


def roster_of(log: Log) -> pd.DataFrame:
    """Proposed roster rows: the log's accounts as staff IDs and names, the rest for HR to fill."""
    people = sorted(log.sessions["person_id"].dropna().unique())
    columns = [column.key for column in ROSTER.columns]
    return pd.DataFrame({"person_id": people, "name": people}, columns=columns, dtype=object)


def session_counts(sessions: pd.DataFrame, people: Sequence[str] | None = None) -> pd.DataFrame:
    """Counts per date and person, whatever the order of the sessions.

    Args:
        sessions: Rows of the sessions table; those without a person or a date count for nobody.
        people: Only these people; everybody if not given.
    """
    persons = sessions["person_id"]
    chosen = sessions[persons.notna() if people is None else persons.isin(people)]
    keys = [chosen["date"], chosen["person_id"]]
    counts = _counts_of(chosen).groupby(keys, sort=True).sum().reset_index()
    counts.insert(2, "duty_days", 1.0)
    return counts


def agent_figures(sessions: pd.DataFrame) -> pd.DataFrame:
    """Receptions, reply rate and response time per person; the last row is the whole shop.

    The shop's row also holds the sessions that belong to nobody.
    """
    counts = _counts_of(sessions)
    figures = counts.groupby(sessions["person_id"], sort=True).sum()
    figures.loc[SHOP] = counts.sum()
    figures["reply_rate"] = figures["replied_customers"] / figures["received_customers"]
    figures["response_time"] = figures["first_response_seconds"] / figures["first_responses"]
    return figures


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


def _of_nobody(where: str, sessions: pd.DataFrame) -> list[Problem]:
    """What a reply rate per person cannot say."""
    unanswered = sessions["answered"] == 0
    nobodys = int((unanswered & sessions["person_id"].isna()).sum())
    if not nobodys:
        return []
    received, replied = len(sessions), int((~unanswered).sum())
    what = f"{nobodys} 个未接起的会话没有客服，不计入任何人的回复率"
    if nobodys == unanswered.sum():
        what += "，所以每个人的回复率必然是 100%"
    what += f"；全店回复率 = {replied} ÷ {received} = {replied / received:.2%}"
    return [Problem(where, what, "不要用个人回复率考核，请看全店回复率", "note")]
