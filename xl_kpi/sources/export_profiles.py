"""How platform exports are recognised: the files in ``presets/profiles``, as objects."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from xl_kpi.cells import plain
from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.sources.export_sheets import Grid
from xl_kpi.tables import BY_KEY

TABLES = ("counts", "shops", "roster")
_HEADER_ROWS = 12  # how far down a header may stand
_FEWEST = 3  # columns that a profile must know
_SHARE = 0.5  # of the columns that it must know
_WORD_WEIGHT = 0.5  # of a file name that speaks for a profile, in columns
_UNKNOWN_WEIGHT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A ratio or mean of an export: under which headers, in which unit."""

    item: str
    headers: tuple[str, ...]
    unit: str  # ratio, times, s, yuan, number


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportProfile:
    """One kind of export: whose rows it has and what its columns are."""

    key: str
    label: str
    table: str  # counts (of agents), shops or roster
    system: str
    platform: str
    account: tuple[str, ...]
    date: tuple[str, ...]
    shop: tuple[str, ...]
    counts: Mapping[str, tuple[str, ...]]
    sums: Mapping[str, tuple[tuple[str, ...], ...]]
    less: Mapping[str, tuple[tuple[str, ...], ...]]
    checks: tuple[Check, ...]
    unused: tuple[str, ...]
    rule: str = ""
    file_words: tuple[str, ...] = ()
    never: tuple[str, ...] = ()  # headers of other kinds of export
    attendance: bool = False
    date_optional: bool = False
    key_column: str = ""  # of rows that count once
    only: tuple[str, tuple[str, ...]] | None = None  # rows that count: header and values
    note: str = ""
    known: frozenset[str] = field(default_factory=frozenset)
    figures: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Found:
    """A sheet, its header and the profile that fits it; columns by their plain header."""

    grid: Grid
    profile: ExportProfile
    header_row: int  # of the last header row, from 0
    header: tuple[str, ...]
    columns: Mapping[str, int]
    unknown: tuple[str, ...]
    score: float
    also: tuple[str, ...] = ()  # profiles that fit as well

    def place(self, headers: Sequence[str]) -> int | None:
        """The column under the first of these headers that is there."""
        for header in headers:
            if (place := self.columns.get(plain(header))) is not None:
                return place
        return None

    def places(self, headers: Sequence[str]) -> list[int]:
        """The columns under any of these headers, in their order."""
        found = (self.columns.get(plain(header)) for header in headers)
        return [place for place in found if place is not None]


@functools.cache
def export_profiles() -> dict[str, ExportProfile]:
    """The profiles of exports, by key."""
    folder = files("xl_kpi") / "presets" / "profiles"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
            if data.get("table") in TABLES:
                key = entry.name.removesuffix(".toml")
                found[key] = _profile(key, data)
    return found


def _profile(key: str, data: Mapping[str, Any]) -> ExportProfile:
    counts = {name: tuple(headers) for name, headers in data.get("counts", {}).items()}
    sums = {name: tuple(map(tuple, terms)) for name, terms in data.get("sums", {}).items()}
    less = {name: tuple(map(tuple, terms)) for name, terms in data.get("less", {}).items()}
    checks = tuple(
        Check(item=item, headers=tuple(entry["headers"]), unit=entry["unit"])
        for item, entry in data.get("checks", {}).items()
    )
    figures = {header for headers in counts.values() for header in headers}
    figures |= {h for terms in (*sums.values(), *less.values()) for term in terms for h in term}
    figures |= {header for check in checks for header in check.headers}
    only = data.get("only")
    others = (*data["account"], *data["date"], *data["shop"], *data["unused"])
    others = (*others, *filter(None, [data.get("key", ""), only["header"] if only else ""]))
    return ExportProfile(
        key=key, label=data["label"], table=data["table"], system=data["system"],
        platform=data["platform"], account=tuple(data["account"]), date=tuple(data["date"]),
        shop=tuple(data["shop"]), counts=counts, sums=sums, less=less, checks=checks,
        unused=tuple(data["unused"]), rule=data.get("rule", ""),
        file_words=tuple(data.get("file_words", ())), never=tuple(data.get("never", ())),
        attendance=data.get("attendance", False), date_optional=data.get("date_optional", False),
        key_column=data.get("key", ""),
        only=(only["header"], tuple(only["values"])) if only else None,
        note=data.get("note", ""),
        known=frozenset(map(plain, (*figures, *others))), figures=frozenset(map(plain, figures)),
    )  # fmt: skip


def recognise(grid: Grid, wanted: str | None = None) -> Found:
    """The profile that fits a sheet best.

    Args:
        grid: The sheet.
        wanted: The profile to read it with; recognised by the header if not given.

    Raises:
        InputError: none fits; the nearest one is told with the columns that differ.
    """
    profiles = _chosen(wanted, grid.where)
    candidates = sorted(_candidates(grid, profiles), key=lambda found: -found.score)
    fitting = [found for found in candidates if _fits(found)]
    if not fitting:
        raise InputError([_differences(grid, candidates, profiles)])
    best = fitting[0]
    ties = [f.profile for f in fitting if f.score == best.score and f.profile is not best.profile]
    rules = [p for p in (best.profile, *ties) if p.rule]
    if len(rules) > 1:
        keys = "、".join(f"{p.key}（{p.rule}）" for p in rules)
        what = "文件里有几种判定方式的销售额，不知道按哪一种"
        raise InputError([Problem(grid.where, what, f"用 --as 选一种：{keys}")])
    _once_each(best)
    _first_header(best, fitting)
    also = tuple(dict.fromkeys(profile.key for profile in ties))
    return Found(
        best.grid, best.profile, best.header_row, best.header, best.columns, best.unknown,
        best.score, also,
    )  # fmt: skip


def profile_of_file(path: Path) -> ExportProfile:
    """A profile that HR has written: a file like those in ``presets/profiles``.

    Raises:
        InputError: it is not there, or not as it should be.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        profile = _profile(path.stem, {**_EMPTY, "platform": data["label"], **data})
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise InputError([Problem(path.name, f"格式文件读不了（{error}）", "改正后再导入")]) from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"格式文件里“{error}”缺少或写法不对"
        raise InputError([Problem(path.name, what, "照着 docs/imports.md 的例子写")]) from None
    known = {c.key for c in BY_KEY[profile.table].columns} if profile.table in TABLES else set()
    unknown = [key for key in (*profile.counts, *profile.sums, *profile.less) if key not in known]
    if not known or unknown:
        word = f"没有“{unknown[0]}”这一列" if unknown else f"table 不能是“{profile.table}”"
        near = nearest(unknown[0], known) if unknown else None
        fix = f"是不是 {near}？" if near else f"table 写 {'、'.join(TABLES)} 之一"
        raise InputError([Problem(path.name, word, fix)])
    return profile


_EMPTY: Mapping[str, Any] = {
    "system": "", "account": [], "date": [], "shop": [], "unused": [],
}  # fmt: skip


def _chosen(wanted: str | None, where: str) -> dict[str, ExportProfile]:
    profiles = export_profiles()
    if wanted is None:
        return profiles
    if wanted.endswith(".toml"):
        profile = profile_of_file(Path(wanted))
        return {profile.key: profile}
    for key, profile in profiles.items():
        if plain(wanted) in map(plain, (key, profile.label)):
            return {key: profile}
    near = nearest(wanted, [*profiles, *(p.label for p in profiles.values())])
    what = f"没有名为“{wanted}”的导出格式" + (f"，是不是“{near}”？" if near else "")
    listed = "、".join(f"{p.key}（{p.label}）" for p in profiles.values())
    raise InputError([Problem(where, what, f"可用的格式：{listed}")])


def _candidates(grid: Grid, profiles: Mapping[str, ExportProfile]) -> Iterator[Found]:
    for row, header in _headers(grid):
        words = [plain(word) for word in header]
        columns = {word: n for n, word in reversed(list(enumerate(words))) if word}
        if len(columns) < 2:
            continue
        for profile in profiles.values():
            unknown = tuple(
                h for h, word in zip(header, words, strict=True) if word and word not in profile.known
            )
            score = len(profile.known & columns.keys()) - _UNKNOWN_WEIGHT * len(unknown)
            score += _WORD_WEIGHT * any(word in grid.where for word in profile.file_words)
            yield Found(grid, profile, row, tuple(header), columns, unknown, score)


def _headers(grid: Grid) -> Iterator[tuple[int, list[str]]]:
    """Each of the first rows as a header, and each with the row above as its groups."""
    above: list[str] = []
    for number, row in enumerate(grid.rows[:_HEADER_ROWS]):
        words = [_word(cell) for cell in row]
        yield number, words
        if above:
            yield number, _with_groups(above, words)
        above = words


def _with_groups(above: Sequence[str], words: Sequence[str]) -> list[str]:
    """``总`` over ``发出`` is ``总-发出``; a group reaches up to the next one."""
    joined, group = [], ""
    for n in range(max(len(above), len(words))):
        top = above[n] if n < len(above) else ""
        word = words[n] if n < len(words) else ""
        group = top or group
        if not word:
            joined.append(top)
        elif not top and not group:
            joined.append(word)
        else:
            joined.append(word if plain(group) == plain(word) else f"{group}-{word}")
    return joined


def _word(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\ufeff", "").strip()


def _fits(found: Found) -> bool:
    profile, columns = found.profile, found.columns
    if any(plain(header) in columns for header in profile.never):
        return False
    key = profile.account or profile.date
    if not profile.date_optional and found.place(key) is None:
        return False
    known = profile.known & columns.keys()
    figures = profile.figures & columns.keys()
    return bool(figures) and len(known) >= max(_FEWEST, _SHARE * len(columns))


def _once_each(found: Found) -> None:
    """A header that is used must not stand over several columns."""
    words = [plain(word) for word in found.header]
    used = {plain(h) for h in (*found.profile.account, *found.profile.date)} | found.profile.figures
    twice = sorted({found.header[words.index(w)] for w in used if words.count(w) > 1})
    if twice:
        raise InputError(
            [
                Problem(found.grid.where, f"有两列都叫“{name}”", "只留一列，或改掉另一列的名字")
                for name in twice
            ]
        )


def _first_header(best: Found, fitting: Sequence[Found]) -> None:
    """Rows above the header must not be an export's rows under a header of their own."""
    first = min(found.header_row for found in fitting)
    between = best.grid.rows[first + 1 : best.header_row]
    if any(_word(cell) for row in between for cell in row):
        what = f"第 {first + 1} 行和第 {best.header_row + 1} 行都像表头，中间的行不知道按哪个读"
        fix = "拆成两个文件；只是表头重复的话，删掉多余的一行"
        raise InputError([Problem(best.grid.where, what, fix)])


def _differences(
    grid: Grid, candidates: Sequence[Found], profiles: Mapping[str, ExportProfile]
) -> Problem:
    """The nearest profile and the columns that differ."""
    if not candidates:
        listed = "、".join(p.label for p in profiles.values())
        return Problem(grid.where, "没有表头", f"重新导出；认得的格式：{listed}")
    best = candidates[0]
    profile, unknown = best.profile, best.unknown
    missing = []
    key = profile.account or profile.date
    if best.place(key) is None:
        near = next((n for header in key if (n := nearest(header, unknown))), None)
        missing.append(f"“{key[0]}”" + (f"（文件里的“{near}”是不是它？）" if near else ""))
    wrong = [h for h in best.header if plain(h) in map(plain, profile.never)]
    what = f"认不出这是哪种导出；最接近“{profile.label}”（{profile.key}），"
    if missing:
        what += f"但缺少{'、'.join(missing)}这一列；"
    if wrong:
        what += f"但它不会有“{wrong[0]}”这一列；"
    known = [h for h in best.header if h and h not in unknown]
    what += f"认得的列：{'、'.join(known) or '无'}"
    what += f"；不认得的列：{'、'.join(unknown)}" if unknown else ""
    fix = "确认导出的是哪张表；列名改过就改回平台的原名，或用 --as 指定格式"
    return Problem(grid.where, what, fix)
