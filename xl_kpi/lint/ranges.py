"""What values a formula can have: its natural lowest and highest, and whether they are whole.

Counts start at 0, a share of a whole ends at 1, a growth rate starts at -1.  Where nothing can be
said the range is open on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xl_kpi.formula import Binary, Call, Literal, Name, Node, Unary
from xl_kpi.names import Meaning, Names
from xl_kpi.scheme import Curve, Indicator, PayItem
from xl_kpi.tables import COUNTS, DEPARTMENTS, REFUNDS, ROSTER, SHOPS, TARGETS, Column, Table

WEEKS = {"blocks": 4, "iso": 5}  # of a month, at most
_COUNTED = ("count", "days", "months")  # units of whole numbers
TABLES: Mapping[str, Table] = {
    "count": COUNTS, "target": TARGETS, "roster": ROSTER, "shop": SHOPS,
    "department": DEPARTMENTS, "refund": REFUNDS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    """From the lowest to the highest value that can occur."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is known of it."""
        return self.low > -math.inf or self.high < math.inf


ANY = Range()
POSITIVE = Range(0.0)
YES_NO = Range(0.0, 1.0, True)
# Functions whose answer is never below this figure.
_LEAST = {
    "KPI_GROUP_RATE": 0.0, "KPI_DEPT_COEF": 0.0, "KPI_DEPT_BONUS": 0.0, "KPI_BONUS_POOL": 0.0,
    "KPI_POOL_SHARE": 0.0, "KPI_SPLIT_COMMISSION": 0.0, "KPI_RESPONSE_TARGET": 0.0,
    "KPI_RATING": 0.0, "KPI_RANK": 1.0, "KPI_STREAK": 0.0,
}  # fmt: skip


def union(ranges: Iterable[Range]) -> Range:
    """From the lowest to the highest of all."""
    found = list(ranges)
    if not found:
        return ANY
    return Range(
        min(r.low for r in found), max(r.high for r in found), all(r.whole for r in found)
    )


class Ranges:
    """The range and the unit of every name and formula of a scheme."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.scheme = names.scheme
        self._kept: dict[Meaning, Range] = {}

    # --- names ------------------------------------------------------------------------------

    def meaning(self, name: str) -> Range:
        """The range of a name; of one that stands on itself, anything."""
        found = self.names.find(name)
        if found is None:
            return ANY
        if found not in self._kept:
            self._kept[found] = ANY  # while it is looked for
            self._kept[found] = self._of_meaning(found)
        return self._kept[found]

    def _of_meaning(self, meaning: Meaning) -> Range:
        match meaning.kind:
            case "count" | "target" | "roster" | "shop" | "department" | "refund":
                return _of_column(column_of(meaning))
            case "metric":
                return self._metric(meaning.key)
            case "constant":
                return POSITIVE
            case "day":
                return Range(0.0, math.inf, True)
            case "score":
                return self._score(meaning.key)
            case "block":
                return self._block(meaning.key)
            case "item":
                item = next(i for i in self.scheme.pay_items if i.name == meaning.key)
                return self._limited(item)
            case "indicator":
                return self._indicator(meaning)
            case _:
                return ANY

    def _metric(self, name: str) -> Range:
        metric = self.scheme.metrics[name]
        if metric.source == "rating":
            found = POSITIVE
        elif metric.source == "event":
            found = ANY if metric.unit == "points" else Range(0.0, math.inf, True)
        elif metric.source == "count":
            found = Range(0.0, math.inf, metric.unit in ("", "count"))
        else:
            found = self.of(metric.formula.node if metric.formula else None)
        if metric.maximum is None:
            return found
        return Range(found.low, min(found.high, metric.maximum), found.whole)

    def _limited(self, item: PayItem) -> Range:
        """An item's formula between its floor and its cap."""
        found = self.of(item.formula.node)
        low = found.low if item.floor is None else max(found.low, self.of(item.floor.node).low)
        high = found.high if item.cap is None else min(found.high, self.of(item.cap.node).high)
        return Range(low, high, found.whole)

    def _score(self, key: str) -> Range:
        if key == "total":
            return self.of(self.scheme.total.node)
        if key in ("place", "place_from_bottom"):
            return Range(1.0, math.inf, True)
        if key in ("coefficient", "base_share"):
            worth = [getattr(grade, key) for grade in self.scheme.grades]
            return union([_point(value) for value in worth if value is not None])
        if key == "missed":
            return Range(0.0, float(len(self.scheme.indicators)), True)
        return Range(0.0, math.inf, True) if key == "heads" else ANY

    def _indicator(self, meaning: Meaning) -> Range:
        indicator = next(i for i in self.scheme.indicators if i.name == meaning.key)
        if meaning.part == "points":
            return self.points(indicator)
        if meaning.part == "place":
            return Range(1.0, math.inf, True)
        if meaning.part == "value":
            return self.meaning(indicator.metric)
        if meaning.part == "average":
            found = self.meaning(indicator.metric)
            return Range(found.low, found.high)
        return self.of(indicator.target.node) if indicator.target else ANY

    def points(self, indicator: Indicator) -> Range:
        """The points of a month that an indicator can give."""
        found = self._cycle_points(indicator)
        if indicator.condition is not None or indicator.if_missing == "zero":
            found = union([found, Range(0.0, 0.0)])
        if indicator.if_missing == "full":
            found = union([found, Range(indicator.full or 0.0, indicator.full or 0.0)])
        if indicator.cycle != "week":
            return Range(found.low, found.high)
        weeks = WEEKS[self.scheme.weeks]
        return Range(min(found.low, found.low * weeks), max(found.high, found.high * weeks))

    def _cycle_points(self, i: Indicator) -> Range:
        match i.rule:
            case "R01":
                full = i.full or 0.0
                return Range(i.floor or 0.0, full if i.cap is None else i.cap)
            case "R02":
                return union([_point(i.full), _point(i.miss)])
            case "R03":
                curve = self.scheme.curves.get(i.curve or "")
                return ANY if curve is None else _values(curve)
            case "R04":
                return union([_point(0.0), _point(i.below)])
            case "R05":
                points = [*i.rank_points, 0.0]
                return Range(min(points) + min(0.0, i.below or 0.0), max(points))
            case "R09":
                low = -math.inf if i.floor is None else i.floor
                return Range(low, math.inf if i.cap is None else i.cap)
            case _:
                return ANY

    def _block(self, block: str) -> Range:
        members = [i for i in self.scheme.indicators if i.block == block and i.in_score]
        if not members:
            return ANY
        found = [self.points(i) for i in members]
        if self.scheme.block_mode == "weighted":
            whole = union(found)  # a mean lies between the ends
            return Range(whole.low, whole.high)
        return Range(
            sum(min(0.0, r.low) for r in found), sum(max(0.0, r.high) for r in found)
        )

    # --- formulas ---------------------------------------------------------------------------

    def of(self, node: Node | None) -> Range:
        """The range of a formula."""
        match node:
            case Literal(bool()):
                return YES_NO
            case Literal(int() | float() as value):
                return _point(value)
            case Name(name):
                return self.meaning(name)
            case Unary("%", operand):
                found = self.of(operand)
                return Range(found.low / 100, found.high / 100)
            case Unary("-", operand):
                found = self.of(operand)
                return Range(-found.high, -found.low, found.whole)
            case Unary(_, operand):
                return self.of(operand)
            case Binary(operator, left, right) if operator in _ARITHMETIC:
                return _ARITHMETIC[operator](self.of(left), self.of(right))
            case Binary(operator, _, _) if operator in ("=", "<>", "<", "<=", ">", ">="):
                return YES_NO
            case Call():
                return self._call(node)
            case _:
                return ANY

    def _call(self, call: Call) -> Range:
        function, given = call.function, call.arguments
        ranges = [self.of(argument) for argument in given]
        match function:
            case "IF" if len(given) > 1:
                return union([r for r, a in zip(ranges[1:], given[1:], strict=True)
                              if a != Literal("")] + [_point(0.0)] * (len(given) == 2))  # fmt: skip
            case "AND" | "OR":
                return YES_NO
            case "COUNT":
                return Range(0.0, math.inf, True)
            case "MAX" if len(ranges) > 1:
                return Range(max(r.low for r in ranges), max(r.high for r in ranges))
            case "MIN" if len(ranges) > 1:
                return Range(min(r.low for r in ranges), min(r.high for r in ranges))
            case "MIN" | "MAX" | "AVERAGE" | "ROUND" | "KPI_ROUND" | "KPI_PRORATE" if ranges:
                found = union(ranges) if function == "AVERAGE" else ranges[0]
                return Range(min(0.0, found.low) if function == "KPI_PRORATE" else found.low,
                             found.high)  # fmt: skip
            case "SUM":
                return Range(0.0 if all(r.low >= 0 for r in ranges) else -math.inf)
            case "ABS":
                return POSITIVE
            case "KPI_RATE" | "KPI_GROWTH" if all(r.low >= 0 for r in ranges):
                return POSITIVE if function == "KPI_RATE" else Range(-1.0)
            case "PAST" if ranges:
                return ranges[0]
            case "KPI_BAND" | "LOOKUP" if len(given) > 1 and isinstance(given[1], Name):
                curve = self.scheme.curves.get(given[1].name)
                return ANY if curve is None else _values(curve)
            case _ if function in _LEAST:
                return Range(_LEAST[function])
            case _:
                return ANY

    # --- units ------------------------------------------------------------------------------

    def unit(self, node: Node | None) -> str:
        """The unit of a formula that is one name or a rate; blank if it cannot be told."""
        match node:
            case Name(name):
                return self._unit_of(self.names.find(name))
            case Call("KPI_RATE" | "KPI_GROWTH"):
                units = [self.unit(a) for a in node.arguments]
                return "ratio" if len(set(units)) == 1 and units[0] else ""
            case Binary("/", left, right):
                unit = self.unit(left)
                return "ratio" if unit and unit == self.unit(right) else ""
            case Binary("+" | "-", left, right):
                unit = self.unit(left)
                return unit if unit == self.unit(right) else ""
            case Call("MIN" | "MAX" | "SUM" | "AVERAGE" | "ABS" | "ROUND"):
                units = [self.unit(a) for a in node.arguments if not isinstance(a, Literal)]
                return units[0] if len(set(units)) == 1 else ""
            case Unary("-" | "+", operand):
                return self.unit(operand)
            case _:
                return ""

    def _unit_of(self, meaning: Meaning | None) -> str:
        if meaning is None:
            return ""
        match meaning.kind:
            case "count" | "target" | "roster" | "shop" | "department" | "refund":
                column = column_of(meaning)
                if column is not None:
                    return column.unit
                counted = self.scheme.metrics.get(meaning.key)
                return counted.unit if counted is not None else ""
            case "metric":
                return self.scheme.metrics[meaning.key].unit
            case "item":
                return next(i.unit for i in self.scheme.pay_items if i.name == meaning.key)
            case "block":
                return "points"
            case "indicator":
                metric = next(i.metric for i in self.scheme.indicators if i.name == meaning.key)
                own = {"points": "points", "place": "place"}
                return own.get(meaning.part, self.scheme.metrics[metric].unit)
            case "score":
                return {"total": "points", "place": "place"}.get(meaning.key, "")
            case "adjustment":
                return "yuan"
            case _:
                return "months" if meaning.key == "tenure_months" else ""


def column_of(meaning: Meaning) -> Column | None:
    """The column of an input table that a name stands for; None for a count of the library."""
    table = TABLES.get(meaning.kind)
    return next((c for c in table.columns if c.key == meaning.key), None) if table else None


def _of_column(column: Column | None) -> Range:
    if column is None:
        return Range(0.0, math.inf, True)
    if column.kind == "flag":
        return YES_NO
    if column.kind != "number" or column.minimum is None:
        return ANY
    return Range(column.minimum, math.inf, column.unit in _COUNTED and column.unit != "days")


def _point(value: float | None) -> Range:
    figure = float(value or 0.0)
    return Range(figure, figure, figure.is_integer())


def _values(curve: Curve) -> Range:
    return Range(float(curve.values.min()), float(curve.values.max()))


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _product(a: Range, b: Range) -> Range:
    ends = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return Range(min(ends), max(ends), a.whole and b.whole)


def _ratio(a: Range, b: Range) -> Range:
    if b.low > 0 and not math.isinf(b.low):
        return _product(a, Range(0.0 if math.isinf(b.high) else 1 / b.high, 1 / b.low))
    return POSITIVE if a.low >= 0 and b.low >= 0 else ANY


_ARITHMETIC: Mapping[str, Callable[[Range, Range], Range]] = {
    "+": lambda a, b: Range(a.low + b.low, a.high + b.high, a.whole and b.whole),
    "-": lambda a, b: Range(a.low - b.high, a.high - b.low, a.whole and b.whole),
    "*": _product,
    "/": _ratio,
}
