"""Figures whose unit looks wrong: 80 for 80 %, a rate of 8 for 8 ‰, minutes for seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xl_kpi.errors import Problem
from xl_kpi.formula import Binary, Call, Literal, Name, Node, Unary
from xl_kpi.formula.tree import parts
from xl_kpi.lint.curves import written_as_per_cent
from xl_kpi.lint.formulas import own_formulas
from xl_kpi.lint.indicators import figure_of
from xl_kpi.lint.lookups import Lookup, calls, tier_curves, tiers_of
from xl_kpi.lint.ranges import Ranges
from xl_kpi.lint.weights import full_mark
from xl_kpi.names import Names
from xl_kpi.scheme import Curve, Formula, Row, Scheme

_NO_RATE = 2.0  # a rate of 200 % or more was meant as per cent
_ALL_OF_IT = 1.0  # nobody is paid more than the sales
_LARGE_PART = 0.3  # nor 30 % of them
_MANY_TIMES = 5.0  # nor five times a month's base pay
_FEW_SECONDS, _MANY_SECONDS = 5.0, 3600.0  # of a response


def unit_problems(
    scheme: Scheme, names: Names, ranges: Ranges, uses: Sequence[Lookup]
) -> Iterator[Problem]:
    """Everything that seems to be written in another unit than it is read in."""
    yield from _lines(scheme)
    yield from _bounds(scheme, uses)
    for formula, _, owner in own_formulas(scheme):
        yield from _compared(formula, owner, scheme, names)
    for item in scheme.pay_items:
        yield from _tiers(item.formula, item.name, scheme, names)
        yield from _Products(scheme, names, ranges).judge(item.formula, item.name)


# --- shares and seconds --------------------------------------------------------------------


def _lines(scheme: Scheme) -> Iterator[Problem]:
    for i in scheme.indicators:
        unit = scheme.metrics[i.metric].unit
        for key, formula in (("target", i.target), ("bonus_line", i.bonus_line),
                             ("penalty_line", i.penalty_line), ("alert_line", i.alert_line), ("pass_line", i.pass_line)):
            figure = figure_of(formula)
            if figure is None:
                continue
            if unit == "ratio" and figure >= _NO_RATE:
                yield Problem(
                    i.row.cell(key), f"“{i.name}”是百分比，这里是 {figure:g}（{figure:.0%}）",
                    f"是不是 {figure:g}%？",
                )  # fmt: skip
            elif unit == "s" and 0 < figure < _FEW_SECONDS:
                yield Problem(
                    i.row.cell(key), f"“{i.name}”的单位是秒，这里是 {figure:g} 秒",
                    f"如果是 {figure:g} 分钟，写 {figure * 60:g}", "warning",
                )  # fmt: skip
            elif unit == "s" and figure >= _MANY_SECONDS:
                yield Problem(
                    i.row.cell(key), f"“{i.name}”的单位是秒，这里是 {figure:g} 秒（{figure / 60:g} 分钟）",
                    f"如果是毫秒，写 {figure / 1000:g}", "warning",
                )  # fmt: skip


def _bounds(scheme: Scheme, uses: Sequence[Lookup]) -> Iterator[Problem]:
    """Bands from 60 to 80 where shares are looked up."""
    told: set[int] = set()
    cells = {id(c.bands): c.rows for c in scheme.curves.values() if c.bands is not None}
    for use in uses:
        if id(use.bands) in told:
            continue
        told.add(id(use.bands))
        if use.unit == "s":
            yield from _minutes(use, cells.get(id(use.bands)))
        if use.unit != "ratio" or not written_as_per_cent(use.bands):
            continue
        bounds = np.stack([use.bands.lower, use.bands.upper])
        finite = np.where(np.isfinite(bounds), bounds, -np.inf)
        side, row = np.unravel_index(int(finite.argmax()), finite.shape)
        most = float(finite.max())
        rows = cells.get(id(use.bands))
        where = rows[int(row)].cell(("lower", "upper")[int(side)]) if rows else use.where
        yield Problem(
            where, f"曲线“{use.curve}”按百分比查（{use.owner}），起止却写到 {most:g}（{most:.0%}）",
            f"是不是 {most:g}%？各行的“从”“到”都写成百分比",
        )  # fmt: skip


def _minutes(use: Lookup, rows: Sequence[Row] | None) -> Iterator[Problem]:
    """Bands up to 0.5 or 3 where seconds are looked up."""
    bounds = np.concatenate([use.bands.lower, use.bands.upper])
    most = float(bounds[np.isfinite(bounds)].max(initial=0.0))
    if 0 < most < _FEW_SECONDS:
        yield Problem(
            rows[0].cell("upper") if rows else use.where,
            f"曲线“{use.curve}”按秒查（{use.owner}），起止最大只到 {most:g} 秒",
            f"如果是 {most:g} 分钟，写 {most * 60:g}", "warning",
        )  # fmt: skip


def _compared(formula: Formula, owner: str, scheme: Scheme, names: Names) -> Iterator[Problem]:
    for left, right in _comparisons(formula.node):
        for name, figure in ((left, right), (right, left)):
            if not isinstance(name, Name) or not isinstance(figure, Literal):
                continue
            meaning = names.find(name.name)
            share = (
                meaning is not None
                and meaning.kind == "metric"
                and scheme.metrics[meaning.key].unit == "ratio"
            )
            value = figure.value
            if share and isinstance(value, int | float) and value >= _NO_RATE:
                yield Problem(
                    formula.where, f"“{owner}”的公式：“{name.name}”是百分比，却与 {value:g} 比较",
                    f"是不是 {value:g}%？",
                )  # fmt: skip


def _comparisons(node: Node) -> Iterator[tuple[Node, Node]]:
    if isinstance(node, Binary) and node.operator in ("<", "<=", ">", ">=", "="):
        yield node.left, node.right
    for part in parts(node):
        yield from _comparisons(part)


def _tiers(formula: Formula, owner: str, scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Commission rates of 1 or 1.2 where 1 % and 1.2 % are meant."""
    for call in calls(formula.node):
        rates = [(float(tiers.rate.max()), formula.where) for tiers in tiers_of(call)]
        highest = [_highest(curve) for curve in tier_curves(call, scheme, names)]
        for most, where in (*rates, *((rate.most, rate.where) for rate in highest)):
            if most >= _LARGE_PART:
                yield Problem(
                    where, f"“{owner}”：{call.function} 的比例最大是 {most:g}，等于付出金额的 {most:.0%}",
                    f"没有写单位：{most:g}‰ 写 {most / 1000:g}，{most:g}% 写 {most / 100:g}",
                    "error" if most > _ALL_OF_IT else "warning",
                )  # fmt: skip


# --- money times something -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Factor:
    """A factor of a product: how large it can be, and the cells that say so."""

    most: float
    where: str
    words: str


class _Products:
    """Products in a pay item's formula: yuan times a rate, a coefficient, a score."""

    def __init__(self, scheme: Scheme, names: Names, ranges: Ranges) -> None:
        self.scheme = scheme
        self.names = names
        self.ranges = ranges

    def judge(self, formula: Formula, owner: str) -> Iterator[Problem]:
        """Every product of the formula in which money becomes too much."""
        for factors, divisors in chains(formula.node):
            money = [kind for node in factors if (kind := self._money(node))]
            if len(money) != 1 or any(self._money(node) for node in divisors):
                continue
            rates = [r for node in factors if (r := self._rate(node, formula)) is not None]
            constant = math.prod(r.most for r in rates)
            under = [r.most for node in divisors if (r := self._rate(node, formula)) is not None]
            constant /= math.prod(under) or 1.0
            if len(under) < len(divisors):
                continue  # divided by something of unknown size
            yield from self._too_much(money[0], constant, rates, owner, formula)

    def _too_much(
        self, money: str, constant: float, rates: Sequence[_Factor], owner: str, formula: Formula
    ) -> Iterator[Problem]:
        if not rates:
            return
        largest = max(rates, key=lambda r: r.most)
        where = largest.where or formula.where
        if money == "turnover" and constant > _ALL_OF_IT:
            yield Problem(
                where, f"“{owner}”：{largest.words}是 {largest.most:g}，乘上金额就是它的 {constant:g} 倍",
                f"没有写单位：{largest.most:g}‰ 写 {largest.most / 1000:g}，{largest.most:g}% 写 {largest.most / 100:g}",
            )  # fmt: skip
        elif money == "turnover" and constant >= _LARGE_PART:
            yield Problem(
                where, f"“{owner}”：{largest.words}是 {largest.most:g}，等于付出金额的 {constant:.0%}",
                f"如果是 {largest.most:g}%，写 {largest.most / 100:g}", "warning",
            )  # fmt: skip
        elif money == "fixed" and constant >= _MANY_TIMES:
            yield Problem(
                where, f"“{owner}”：{largest.words}最大是 {largest.most:g}，会付出固定金额的 {constant:g} 倍",
                f"如果是 {largest.most:g}%，写 {largest.most / 100:g}；如果是得分，除以满分", "warning",
            )  # fmt: skip

    def _money(self, node: Node) -> str:
        """``turnover`` of sales and targets, ``fixed`` of the roster's pay; else blank."""
        match node:
            case Name(name):
                meaning = self.names.find(name)
                if meaning is None or self.ranges.unit(node) != "yuan":
                    return ""
                if meaning.kind in ("count", "target"):
                    return "turnover"
                return "fixed" if meaning.kind == "roster" else ""
            case Binary("+" | "-", left, right):
                kinds = [self._money(left), self._money(right)]
                return "turnover" if "turnover" in kinds else max(kinds)
            case Call("MIN" | "MAX" | "SUM" | "ABS" | "ROUND" | "KPI_PRORATE" | "IF"):
                kinds = [self._money(a) for a in node.arguments if a is not None]
                return "turnover" if "turnover" in kinds else max(kinds, default="")
            case _:
                return ""

    def _rate(self, node: Node, formula: Formula) -> _Factor | None:
        """A factor whose size the sheet says: a figure, a curve's values, a score."""
        match node:
            case Literal(int() | float() as value) if not isinstance(value, bool):
                return _Factor(float(value), "", f"{value:g} ")
            case Unary("%", operand):
                inner = self._rate(operand, formula)
                return None if inner is None else _Factor(inner.most / 100, inner.where, inner.words)
            case Call("KPI_BAND", (_, Name(name), *_)):
                meaning = self.names.find(name)
                if meaning is None or meaning.kind != "curve":
                    return None
                return _highest(self.scheme.curves[meaning.key])
            case Name(name):
                return self._score(name)
            case _:
                return None

    def _score(self, name: str) -> _Factor | None:
        """A score out of the full mark."""
        meaning = self.names.find(name)
        full = full_mark(self.scheme)
        if meaning is None or full is None or self.scheme.block_mode != "weighted":
            return None
        total = meaning.kind == "score" and meaning.key == "total"
        points = meaning.kind == "indicator" and meaning.part == "points"
        if not total and not points and meaning.kind != "block":
            return None
        return _Factor(full, "", f"“{name}”满分")


def _highest(curve: Curve) -> _Factor:
    row = int(curve.values.argmax())
    return _Factor(
        float(curve.values[row]), curve.rows[row].cell("value"), f"曲线“{curve.name}”的值最大"
    )


def chains(node: Node) -> Iterator[tuple[list[Node], list[Node]]]:
    """Each product of a formula as its factors and its divisors, the whole product only."""
    if isinstance(node, Binary) and node.operator in ("*", "/"):
        factors: list[Node] = []
        divisors: list[Node] = []
        _factors(node, factors, divisors)
        yield factors, divisors
        for part in (*factors, *divisors):
            yield from chains(part)
        return
    for part in parts(node):
        yield from chains(part)


def _factors(node: Node, factors: list[Node], divisors: list[Node]) -> None:
    match node:
        case Binary("*", left, right):
            _factors(left, factors, divisors)
            _factors(right, factors, divisors)
        case Binary("/", left, right):
            _factors(left, factors, divisors)
            _factors(right, divisors, factors)
        case Unary("-" | "+", operand):
            _factors(operand, factors, divisors)
        case _:
            factors.append(node)
