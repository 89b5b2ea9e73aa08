"""The names that formulas use: one list for evaluating, checking and explaining them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xl_kpi.formula import names_in
from xl_kpi.scheme import Scheme
from xl_kpi.tables import COUNTS, DEPARTMENTS, ROSTER, SHOPS, TARGETS, Table

Kind: TypeAlias = Literal[
    "count", "metric", "roster", "target", "shop", "department", "day", "curve", "constant",
    "indicator", "block", "score", "item", "here", "rating",
]  # fmt: skip
Level: TypeAlias = Literal["metric", "indicator", "person", "department"]

PREVIOUS = ("上期", "previous ")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for: its kind, its key there, and whether of the previous period."""

    kind: Kind
    key: str
    part: str = ""  # of an indicator: points, target, place, average
    previous: bool = False


# Figures every person or period has, by key: Chinese and English name.
DAYS = {
    "period_start": ("期初", "period start"),
    "period_end": ("期末", "period end"),
    "tenure_months": ("工龄月数", "months of service"),
}
CONSTANTS = {
    "divisor": ("满分合计", "full marks in all"),
    "weeks": ("周数", "weeks"),
}
SCORES = {
    "total": ("总分", "total score"),
    "place": ("名次", "place"),
    "missed": ("未达标项数", "targets missed"),
    "grade": ("等级", "grade"),
}
HEADS = {"heads": ("人数", "heads")}
HERE = {
    "value": ("值", "value"),
    "group_average": ("组均值", "group average"),
    "previous_group_average": ("上期组均值", "previous group average"),
}
PARTS = {
    "points": ("得分", " points"),
    "target": ("目标", " target"),
    "place": ("名次", " place"),
    "average": ("组均值", " group average"),
}
RATING = ("评分", "ratings")

# What may stand where.
ALLOWED: Mapping[Level, frozenset[Kind]] = {
    "metric": frozenset({"count", "metric", "roster", "target", "day", "curve", "rating"}),
    "indicator": frozenset(
        {"count", "metric", "roster", "target", "shop", "day", "curve", "here"}
    ),
    "person": frozenset(
        {"count", "metric", "roster", "target", "day", "curve", "constant", "indicator", "block",
         "score", "item", "department"}
    ),
    "department": frozenset({"metric", "department", "day", "curve", "constant", "item", "score"}),
}  # fmt: skip
_WITH_PREVIOUS = frozenset({"count", "metric", "target", "department"})


class Names:
    """Every name of a scheme and what it means."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.meanings: dict[str, Meaning] = {}
        self._written: dict[str, str] = {}
        for table, kind in _COLUMN_KINDS:
            for column in table.columns:
                if kind == "roster" or column.kind in ("number", "flag"):
                    self._add((column.key, column.zh, column.en), Meaning(kind, column.key))
        for metric in scheme.metrics.values():
            self._add((metric.name, metric.english, metric.id), Meaning("metric", metric.name))
        for name in scheme.curves:
            self._add((name,), Meaning("curve", name))
        for group, kind in _WORDS:
            for key, labels in group.items():
                self._add((key, *labels), Meaning(kind, key))
        self._add(RATING, Meaning("rating", ""))
        for block in scheme.blocks:
            self._add((block,), Meaning("block", block))
        for indicator in scheme.indicators:
            english = scheme.metrics[indicator.metric].english
            for part, (zh, en) in PARTS.items():
                if part != "points" and indicator.cycle == "week":
                    continue  # a week's target or place is no figure of the month
                meaning = Meaning("indicator", indicator.name, part)
                self._add((indicator.name + zh, english + en), meaning)
        for item in scheme.pay_items:
            self._add((item.name,), Meaning("item", item.name), replace=True)
        self._levels = {item.name: item.level for item in scheme.pay_items}

    def _add(self, labels: Sequence[str], meaning: Meaning, *, replace: bool = False) -> None:
        for label in labels:
            if label and (replace or label.casefold() not in self.meanings):
                self.meanings[label.casefold()] = meaning
                self._written[label.casefold()] = label

    def find(self, name: str) -> Meaning | None:
        """What a name means, None if it means nothing."""
        folded = name.strip().casefold()
        meaning = self.meanings.get(folded)
        if meaning is not None:
            return meaning
        for prefix in PREVIOUS:
            if folded.startswith(prefix):
                inner = self.meanings.get(folded.removeprefix(prefix))
                if inner is not None and inner.kind in _WITH_PREVIOUS:
                    return Meaning(inner.kind, inner.key, previous=True)
        return None

    def allowed(self, name: str, level: Level) -> bool:
        """Whether a name can stand as it is in a formula of this level."""
        meaning = self.find(name)
        if meaning is None or meaning.kind not in ALLOWED[level]:
            return False
        if meaning.kind == "item" and level == "department":
            return self._levels[meaning.key] == "department"
        if meaning.kind == "score" and level == "department":
            return meaning.key == "heads"
        if meaning.kind == "day" and level == "department":
            return meaning.key != "tenure_months"
        return True

    def spelt(self, level: Level) -> list[str]:
        """Every name a formula of this level can use, for suggestions."""
        return [self._written[name] for name in self.meanings if self.allowed(name, level)]

    @functools.cached_property
    def counts_of(self) -> dict[str, frozenset[str]]:
        """The counts and targets that each metric stands on, through other metrics."""
        found: dict[str, frozenset[str]] = {}

        def walk(metric: str, trail: tuple[str, ...]) -> frozenset[str]:
            if metric in found or metric in trail:
                return found.get(metric, frozenset())
            formula = self.scheme.metrics[metric].formula
            keys: set[str] = set()
            for name in names_in(formula.node) if formula else ():
                meaning = self.find(name)
                if meaning is None or meaning.previous:
                    continue
                if meaning.kind in ("count", "target"):
                    keys.add(meaning.key)
                elif meaning.kind == "metric":
                    keys |= walk(meaning.key, (*trail, metric))
            found[metric] = frozenset(keys)
            return found[metric]

        for name in self.scheme.metrics:
            walk(name, ())
        return found


_COLUMN_KINDS: tuple[tuple[Table, Kind], ...] = (
    (COUNTS, "count"),
    (TARGETS, "target"),
    (ROSTER, "roster"),
    (SHOPS, "shop"),
    (DEPARTMENTS, "department"),
)
_WORDS: tuple[tuple[Mapping[str, tuple[str, str]], Kind], ...] = (
    (DAYS, "day"),
    (CONSTANTS, "constant"),
    (HEADS, "score"),
    (SCORES, "score"),
    (HERE, "here"),
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of one level, as ``formula.check`` asks for them."""

    names: Names
    level: Level

    def knows(self, name: str) -> bool:
        """Whether the name can be used here as it is."""
        return self.names.allowed(name, self.level)

    def knows_below(self, name: str) -> bool:
        """Whether the name is one figure per person, for SUM and its like."""
        return self.level == "department" and self.names.allowed(name, "person")

    def all_names(self) -> Sequence[str]:
        """Every name, for suggestions."""
        return self.names.spelt(self.level)
