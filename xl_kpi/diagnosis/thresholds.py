"""When the diagnosis speaks up: the figures of presets/diagnosis.toml, or HR's own."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from xl_kpi.errors import InputError, Problem, nearest


@dataclass(frozen=True, slots=True)
class Threshold:
    """One of them: labels, whose figure it is, and why."""

    key: str
    value: float
    zh: str
    en: str
    source: str
    reason: str

    def label(self, lang: str) -> str:
        """Its name in Chinese or English."""
        return self.zh if lang == "zh" else self.en

    def whose(self, lang: str) -> str:
        """Where its figure comes from, in Chinese or English."""
        return self.source.split(" / ")[lang == "en"]

    def why(self, lang: str) -> str:
        """Its reason in Chinese or English."""
        return self.reason.split(" / ")[lang == "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The figures in force, named like their keys; see presets/diagnosis.toml for each."""

    months: float
    least_people: float
    alpha: float
    flat_variation: float
    item_total: float
    full_share: float
    confidence: float
    easy_share: float
    hard_share: float
    aim_share: float
    least_sample: float
    small_share: float
    real_share: float
    unusual_change: float
    unusual_months: float
    signal_change: float
    signal_points: float
    grab_minutes: float
    grab_lines: float
    group_difference: float
    rank_group: float
    shift_share: float
    day_hour: float
    evening_hour: float

    def listed(self) -> list[Threshold]:
        """Each with its labels and reason, and the figure in force."""
        return [dataclasses.replace(one, value=getattr(self, one.key)) for one in _presets()]


_SHARES = frozenset(
    {"alpha", "full_share", "confidence", "easy_share", "hard_share", "aim_share", "small_share",
     "real_share", "shift_share"}
)  # fmt: skip


@functools.cache
def _presets() -> tuple[Threshold, ...]:
    text = files("xl_kpi.presets").joinpath("diagnosis.toml").read_text("utf-8")
    return tuple(Threshold(**row) for row in tomllib.loads(text)["thresholds"])


def thresholds(changes: Sequence[str] = ()) -> Thresholds:
    """The presets, some of them changed.

    Args:
        changes: Such as ``easy_share=0.9`` or ``太容易：达标率高于=90%``.

    Raises:
        InputError: with every change that cannot be used.
    """
    values = {one.key: float(one.value) for one in _presets()}
    names = {word: one.key for one in _presets() for word in (one.key, one.zh, one.en)}
    problems = []
    for change in changes:
        name, _, text = change.partition("=")
        key, value = names.get(name.strip()), _number(text)
        if key is None:
            near = nearest(name.strip(), names)
            fix = f"是不是“{near}”？" if near else "名称见结果的“门槛”表"
            problems.append(Problem("--set", f"没有“{name.strip()}”这个门槛", fix))
        elif value is None or value < 0 or (key in _SHARES and not 0 < value < 1):
            fix = "写 0 到 1 之间的数，如 0.9 或 90%" if key in _SHARES else "写一个数，如 5"
            problems.append(Problem("--set", f"“{change}”的数不能用", fix))
        else:
            values[key] = value
    if problems:
        raise InputError(problems)
    return Thresholds(**values)


def _number(text: str) -> float | None:
    text = text.strip()
    scale = 100 if text.endswith("%") else 1
    try:
        value = float(text.removesuffix("%")) / scale
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
