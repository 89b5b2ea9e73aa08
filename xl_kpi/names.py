"""The names that formulas use: one list for evaluating, checking and explaining them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xl_kpi.formula import names_in
from xl_kpi.scheme import Indicator, Scheme
from xl_kpi.scheme_tables import GROUP_LEVELS
from xl_kpi.tables import (
    COUNTS,
    DEPARTMENTS,
    REFUNDS,
    ROSTER,
    SHOPS,
    TARGETS,
    Table,
    counts_with,
    own_count,
)

Kind: TypeAlias = Literal[
    "count", "metric", "roster", "target", "shop", "department", "day", "curve", "constant",
    "indicator", "block", "score", "item", "here", "benchmark", "rating", "adjustment", "refund",
    "origin",
]  # fmt: skip
Level: TypeAlias = Literal[
    "metric", "indicator", "person", "department", "shop", "team", "refund"
]

PREVIOUS = ("上期", "previous ")
ORIGIN = ("原", "original ")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for: its kind, its key there, and whether of the previous period.

    An ``origin`` is a figure of the month that a refund goes back to; its key is what the 历史
    table calls it.
    """

    kind: Kind
    key: str
    part: str = ""  # of an indicator: points, value, target, place, average
    previous: bool = False


# Figures every person or period has, by key: Chinese and English name.
DAYS = {
    "period_start": ("期初", "period start"),
    "period_end": ("期末", "period end"),
    "tenure_months": ("工龄月数", "months of service"),
    "employed_share": ("在职比例", "share of the period employed"),
}
CONSTANTS = {
    "divisor": ("满分合计", "full marks in all"),
    "weeks": ("周数", "weeks"),
}
SCORES = {
    "total": ("总分", "total score"),
    "place": ("名次", "place"),
    "place_from_bottom": ("倒数名次", "place from the bottom"),
    "missed": ("未达标项数", "targets missed"),
    "grade": ("等级", "grade"),
    "coefficient": ("等级系数", "grade coefficient"),
    "base_share": ("等级加成", "grade share of base pay"),
}
TOTALS = frozenset({"total", "place", "place_from_bottom", "grade", "coefficient", "base_share"})
ADJUSTMENTS = {"adjustments": ("补扣金额", "adjustments")}
REFUNDED = {"refunded_before": ("此前退款", "refunded before")}
HEADS = {"heads": ("人数", "heads")}
HERE = {
    "value": ("值", "value"),
    "group_average": ("组均值", "group average"),
    "previous_group_average": ("上期组均值", "previous group average"),
}
# Of the indicator's metric, as the 基准 sheet calls them.
BENCHMARKS = {
    "同行同层优秀": ("同行同层优秀", "peer best"),
    "同行同层均值": ("同行同层均值", "peer average"),
    "全店均值": ("全店均值", "shop average"),
}
PARTS = {
    "points": ("得分", " points"),
    "value": ("", " value"),
    "target": ("目标", " target"),
    "place": ("名次", " place"),
    "average": ("组均值", " group average"),
}
RATING = ("评分", "ratings")

# What may stand where.
_OF_A_GROUP: frozenset[Kind] = frozenset({"metric", "day", "curve", "constant", "item", "score"})
ALLOWED: Mapping[Level, frozenset[Kind]] = {
    "metric": frozenset(
        {"count", "metric", "roster", "target", "day", "curve", "rating", "shop", "department"}
    ),
    "indicator": frozenset(
        {"count", "metric", "roster", "target", "shop", "department", "day", "curve", "here",
         "benchmark"}
    ),
    "person": frozenset(
        {"count", "metric", "roster", "target", "day", "curve", "constant", "indicator", "block",
         "score", "item", "department", "shop", "adjustment"}
    ),
    "department": _OF_A_GROUP | {"department"},
    "shop": _OF_A_GROUP | {"shop"},
    "team": _OF_A_GROUP,
    "refund": frozenset({"refund", "origin", "curve", "item"}),
}  # fmt: skip
BELOW: Mapping[Level, Level] = {
    "person": "refund", "department": "person", "shop": "person", "team": "person",
}  # fmt: skip
_WITH_PREVIOUS = frozenset({"count", "metric", "target", "department", "shop"})
_WITH_PAST = frozenset({"count", "metric", "target", "indicator", "block", "score", "item"})


class Names:
    """Every name of a scheme and what it means."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        of_tables = _of_tables()
        self.meanings = {label.casefold(): meaning for label, meaning in of_tables.items()}
        self._written = {label.casefold(): label for label in of_tables}
        for metric in scheme.metrics.values():
            if metric.source == "count":
                self._add((metric.name, metric.english, metric.id), Meaning("count", metric.name))
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
        self._cycles = {item.name: item.cycle for item in scheme.pay_items}

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
        for prefix in ORIGIN:
            if folded.startswith(prefix):
                inner = self.meanings.get(folded.removeprefix(prefix))
                if inner is not None and inner.kind in _WITH_PAST:
                    return Meaning("origin", self.past_label(inner))
        return None

    def past_label(self, meaning: Meaning) -> str:
        """What the 历史 table calls a figure."""
        if meaning.kind == "score":
            return SCORES[meaning.key][0]
        if meaning.kind == "indicator":
            return meaning.key + PARTS[meaning.part][0]
        if meaning.kind == "count":
            return self.count_label(meaning.key)
        if meaning.kind == "target":
            return TARGETS.column(meaning.key).zh
        return meaning.key

    def has_past(self, name: str) -> bool:
        """Whether a name is a figure of a person that the 历史 table can hold."""
        meaning = self.find(name)
        if meaning is None or meaning.previous or meaning.kind not in _WITH_PAST:
            return False
        return meaning.kind != "item" or self._levels[meaning.key] == "person"

    def cycle_of(self, meaning: Meaning) -> str:
        """How often a figure is made: month, quarter or year."""
        if meaning.kind == "item":
            return self._cycles[meaning.key]
        if meaning.kind == "indicator":
            cycle = next(i.cycle for i in self.scheme.indicators if i.name == meaning.key)
            return "month" if cycle == "week" else cycle
        return "month"

    def allowed(self, name: str, level: Level) -> bool:
        """Whether a name can stand as it is in a formula of this level."""
        meaning = self.find(name)
        if meaning is None or meaning.kind not in ALLOWED[level]:
            return False
        if meaning.kind == "item":
            own = self._levels[meaning.key]
            return own == level or (level == "person" and own in GROUP_LEVELS)
        if level in GROUP_LEVELS and meaning.kind == "score":
            return meaning.key == "heads"
        if level in (*GROUP_LEVELS, "refund") and meaning.kind == "day":
            return meaning.key in ("period_start", "period_end")
        return True

    def spelt(self, level: Level) -> list[str]:
        """Every name a formula of this level can use, for suggestions."""
        return [self._written[name] for name in self.meanings if self.allowed(name, level)]

    def adds_up(self, metric: str) -> bool:
        """Whether a group's figure of a metric follows from sums of its people's counts."""
        formula = self.scheme.metrics[metric].formula
        if formula is None:
            return False
        for name in names_in(formula.node):
            meaning = self.find(name)
            if meaning is None or meaning.kind not in ("count", "target", "metric", "curve"):
                return False
            if meaning.kind == "metric" and meaning.key != metric and not self.adds_up(meaning.key):
                return False
        return True

    def used_counts(self) -> set[str]:
        """The columns of 指标数据 that the scheme uses, through its metrics or directly."""
        scheme = self.scheme
        used = {key for i in scheme.indicators for key in self.counts_of[i.metric]}
        formulas = [scheme.total, *(c.condition for c in scheme.consequences)]
        for item in scheme.pay_items:
            formulas += [f for f in (item.formula, item.floor, item.cap) if f is not None]
        for i in scheme.indicators:
            formulas += i.formulas
            sample = scheme.metrics[i.metric].sample
            meaning = self.find(sample) if sample else None
            used |= {meaning.key} if meaning is not None and meaning.kind == "count" else set()
        for formula in formulas:
            for name in names_in(formula.node):
                meaning = self.find(name)
                if meaning is not None and meaning.kind == "count":
                    used.add(meaning.key)
                elif meaning is not None and meaning.kind == "metric":
                    used |= self.counts_of[meaning.key]
        return used

    @functools.cached_property
    def counts(self) -> Table:
        """指标数据 with the counts that the metric library adds."""
        metrics = self.scheme.metrics.values()
        return counts_with(
            own_count(m.name, m.english, m.unit) for m in metrics if m.source == "count"
        )

    def count_label(self, key: str) -> str:
        """The header of a count."""
        return self.counts.column(key).zh

    @functools.cached_property
    def counts_of(self) -> dict[str, frozenset[str]]:
        """The counts and targets that each metric stands on, through other metrics."""
        found: dict[str, frozenset[str]] = {}

        def walk(metric: str, trail: tuple[str, ...]) -> frozenset[str]:
            if metric in found or metric in trail:
                return found.get(metric, frozenset())
            definition = self.scheme.metrics[metric]
            words = list(names_in(definition.formula.node)) if definition.formula else []
            if definition.source == "count":
                words = [metric]
            keys: set[str] = set()
            for name in words:
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
    (REFUNDS, "refund"),
)
_WORDS: tuple[tuple[Mapping[str, tuple[str, str]], Kind], ...] = (
    (DAYS, "day"),
    (CONSTANTS, "constant"),
    (HEADS, "score"),
    (SCORES, "score"),
    (HERE, "here"),
    (BENCHMARKS, "benchmark"),
    (ADJUSTMENTS, "adjustment"),
    (REFUNDED, "refund"),
)


@functools.cache
def _of_tables() -> Mapping[str, Meaning]:
    """What the columns of the tables mean, by every name they have; the first table's wins."""
    found: dict[str, tuple[str, Meaning]] = {}
    for table, kind in _COLUMN_KINDS:
        for column in table.columns:
            if kind == "roster" or column.kind in ("number", "flag"):
                for label in filter(None, (column.key, column.zh, column.en)):
                    found.setdefault(label.casefold(), (label, Meaning(kind, column.key)))
    return dict(found.values())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of one level, as ``formula.check`` asks for them."""

    names: Names
    level: Level

    def knows(self, name: str) -> bool:
        """Whether the name can be used here as it is."""
        return self.names.allowed(name, self.level)

    def knows_below(self, name: str) -> bool:
        """Whether the name is one figure per person or refund, for SUM and its like."""
        below = BELOW.get(self.level)
        return below is not None and self.names.allowed(name, below)

    def has_past(self, name: str) -> bool:
        """Whether the 历史 table can hold the figure, for PAST and KPI_STREAK."""
        return self.level == "person" and self.names.has_past(name)

    def all_names(self) -> Sequence[str]:
        """Every name, for suggestions."""
        return self.names.spelt(self.level)


def indicator_label(scheme: Scheme, indicator: Indicator, lang: str) -> str:
    """What an indicator is called on sheets and statements; a name of its own is kept as it is."""
    metric = scheme.metrics[indicator.metric]
    if lang == "zh" or indicator.name != metric.name or not metric.english:
        return indicator.name
    return metric.english.capitalize()
