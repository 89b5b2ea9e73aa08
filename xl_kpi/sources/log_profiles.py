"""How the kinds of logs are recognised and read: the files in ``presets/profiles``, as objects."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import inf
from typing import Any, Literal

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.sources.log_files import Sheet
from xl_kpi.tables import SESSIONS

_HEADER_ROWS = 20  # how far down a header may stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How one session column is read."""

    headers: tuple[str, ...]  # several are joined with "-"
    formats: tuple[str, ...] = ()  # of dates written as text
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()  # words that stand for "no agent"
    clock: bool = False  # h:mm:ss; a plain number could be seconds or days, so it is unreadable
    minimum: float = -inf
    maximum: float = inf
    unanswered: Literal["doubt", "ignore"] = "doubt"  # a value of an unanswered session
    zero_is_doubtful: bool = False  # for answered sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Rows of the log that are no sessions."""

    header: str
    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of log."""

    key: str
    label: str
    columns: Mapping[str, Source]
    excluded: tuple[Exclusion, ...]
    watched: tuple[str, ...]  # read only to be checked
    unused: tuple[str, ...]  # known, not read, need not be there

    @property
    def required(self) -> tuple[str, ...]:
        """The headers that must be there."""
        used = [header for source in self.columns.values() for header in source.headers]
        used += [exclusion.header for exclusion in self.excluded]
        return tuple(dict.fromkeys([*used, *self.watched]))


@dataclass(frozen=True, slots=True)
class Match:
    """A sheet and a profile, and how far they fit."""

    sheet: Sheet
    profile: Profile
    header_row: int  # position in the sheet's cells
    header: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The profile's headers that the sheet has not."""
        present = {plain(name) for name in self.header}
        return [name for name in self.profile.required if plain(name) not in present]

    @property
    def unknown(self) -> list[str]:
        """The sheet's headers that the profile does not know."""
        known = {plain(name) for name in (*self.profile.required, *self.profile.unused)}
        return [name for name in self.header if name and plain(name) not in known]

    @property
    def repeated(self) -> list[str]:
        """The profile's headers that stand over several columns."""
        names = [plain(name) for name in self.header]
        return [name for name in self.profile.required if names.count(plain(name)) > 1]

    def position(self, header: str) -> int:
        """The column under a header."""
        return [plain(name) for name in self.header].index(plain(header))


def plain(text: object) -> str:
    """A word without what exports vary: case, spaces, half or full width, byte order mark."""
    word = unicodedata.normalize("NFKC", str(text)).replace("\ufeff", "")
    return "".join(word.split()).casefold()


def log_profiles() -> dict[str, Profile]:
    """The profiles of logs, by key."""
    found = {}
    folder = files("xl_kpi") / "presets" / "profiles"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
            if data.get("table") == SESSIONS.key:
                key = entry.name.removesuffix(".toml")
                found[key] = _profile(key, data)
    return found


def recognise(sheets: Sequence[Sheet], profiles: Sequence[Profile]) -> list[Match]:
    """The sheets that fit a profile, each with the profile that fits it best.

    Raises:
        InputError: If no sheet fits, or a needed header stands over several columns.
    """
    nearest_matches = [_nearest_match(sheet, profiles) for sheet in sheets]
    fitting = [match for match in nearest_matches if not match.missing]
    if not fitting:
        raise InputError([_differences(min(nearest_matches, key=_distance))])
    problems = [
        Problem(match.sheet.where, f"有两列都叫“{name}”", "只留一列，或改掉另一列的名字")
        for match in fitting
        for name in match.repeated
    ]
    if problems:
        raise InputError(problems)
    return fitting


def _nearest_match(sheet: Sheet, profiles: Sequence[Profile]) -> Match:
    first = sheet.cells.iloc[:_HEADER_ROWS].to_numpy(dtype=object)
    rows = [[str(cell) for cell in row] for row in first]
    matches = [
        Match(sheet, profile, row, tuple(name.strip().removeprefix("\ufeff") for name in header))
        for row, header in enumerate(rows)
        for profile in profiles
    ]
    return min(matches, key=_distance)


def _distance(match: Match) -> tuple[float, int]:
    """Share of the needed headers that are missing; of two that fit, the one needing more."""
    needed = len(match.profile.required)
    return len(match.missing) / needed, -needed


def _differences(match: Match) -> Problem:
    profile, unknown = match.profile, match.unknown
    missing = []
    for name in match.missing:
        near = nearest(name, unknown)
        missing.append(f"{name}（文件里的“{near}”是不是它？）" if near else name)
    what = f"认不出这是哪种日志；最接近“{profile.label}”（{profile.key}），"
    what += f"但缺少列：{'、'.join(missing)}"
    what += f"；多出列：{'、'.join(unknown)}" if unknown else ""
    fix = f"把列名改成“{profile.label}”要求的：{'、'.join(profile.required)}"
    return Problem(match.sheet.where, what, fix)


def _profile(key: str, data: Mapping[str, Any]) -> Profile:
    return Profile(
        key=key,
        label=data["label"],
        columns={name: Source(**_fixed(entry)) for name, entry in data["columns"].items()},
        excluded=tuple(Exclusion(**_fixed(entry)) for entry in data.get("excluded", [])),
        watched=tuple(data.get("watched", [])),
        unused=tuple(data["unused"]),
    )


def _fixed(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()}
