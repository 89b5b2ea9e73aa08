"""Tables of bands judged: every value that can occur lies in exactly one band."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xl_kpi.catalogue import Bands
from xl_kpi.errors import Problem, Severity
from xl_kpi.lint.lookups import Lookup, curve_names, shown
from xl_kpi.lint.ranges import Ranges
from xl_kpi.names import Names
from xl_kpi.scheme import Row, Scheme

PER_CENT = 5.0  # a bound of 500 % or more was meant as per cent


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of bands with the cells it stands in and the uses it has."""

    title: str
    bands: Bands
    uses: Sequence[Lookup]
    rows: Sequence[Row]  # none of a table typed into a formula
    where: str
    labels: Sequence[str] = ()  # of grades: what a band gives

    def cell(self, n: int, key: str) -> str:
        """The address of a column's cell in a band's row."""
        return self.rows[n].cell(key) if self.rows else self.where

    @property
    def unit(self) -> str:
        """The unit of what is looked up, if all uses agree; bounds as 80 for 80 % have none."""
        units = {use.unit for use in self.uses}
        unit = units.pop() if len(units) == 1 else ""
        return "" if self.per_cent else unit

    @property
    def per_cent(self) -> bool:
        """Whether shares are looked up in bounds such as 80; told where units are judged."""
        return any(use.unit == "ratio" for use in self.uses) and written_as_per_cent(self.bands)

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are looked up."""
        return bool(self.uses) and all(use.range.whole for use in self.uses)

    def shown(self, value: float) -> str:
        return shown(value, self.unit)

    def gives(self, row: int) -> str:
        """A band and what it gives."""
        value = self.labels[row] if self.labels else f"{self.bands.value[row]:g}"
        return f"{self.band(row)} 得 {value}"

    def band(self, row: int) -> str:
        """A band in words: 60%–80% [)."""
        bands = self.bands
        lower, upper = self.shown(bands.lower[row]), self.shown(bands.upper[row])
        return f"{lower}–{upper} {bands.edges[row]}"


def written_as_per_cent(bands: Bands) -> bool:
    """Whether the bounds are 60, 80, 100 where shares are looked up."""
    bounds = np.concatenate([bands.lower, bands.upper])
    return bool((bounds[np.isfinite(bounds)] >= PER_CENT).any())


def curve_problems(scheme: Scheme, names: Names, uses: Sequence[Lookup]) -> Iterator[Problem]:
    """Everything wrong with the scheme's curves and the tables typed into formulas."""
    used = curve_names(scheme, names)
    for curve in scheme.curves.values():
        if curve.name not in used:
            yield Problem(
                curve.rows[0].cell("name"), f"曲线“{curve.name}”没有用到",
                "在指标或公式里用它，或删去这些行", "note",
            )  # fmt: skip
        if curve.bands is not None:
            mine = [use for use in uses if use.bands is curve.bands]
            yield from _judge(_Table(f"曲线“{curve.name}”", curve.bands, mine, curve.rows, ""))
    named = {id(curve.bands) for curve in scheme.curves.values()}
    for use in uses:
        if id(use.bands) not in named:
            title = f"“{use.curve}”公式里的分段"
            yield from _judge(_Table(title, use.bands, [use], (), use.where))


def grade_problems(scheme: Scheme, ranges: Ranges) -> Iterator[Problem]:
    """Grades by score: every total has just one."""
    grades = [grade for grade in scheme.grades if grade.banded]
    if not grades:
        return
    bands = Bands(
        np.array([grade.lower for grade in grades]), np.array([grade.upper for grade in grades]),
        np.arange(len(grades), dtype=np.float64), tuple(grade.edges for grade in grades),
    )  # fmt: skip
    total = scheme.total.node
    use = Lookup(
        "等级", bands, total, ranges.of(total), "points", "等级", scheme.total.where, plain=False
    )
    rows = [grade.row for grade in grades]
    labels = [grade.label for grade in grades]
    yield from _judge(_Table("等级的分数段", bands, [use], rows, "", labels))


def _judge(table: _Table) -> Iterator[Problem]:
    bands = table.bands
    usable = []
    for n in range(len(bands.value)):
        if bands.lower[n] > bands.upper[n]:
            yield Problem(
                table.cell(n, "lower"), f"{table.title}：起点大于终点", "交换“从”和“到”"
            )
        elif bands.lower[n] == bands.upper[n] and bands.edges[n] != "[]":
            yield Problem(
                table.cell(n, "lower"),
                f"{table.title}的一段 {table.band(n)} 是空的，永远用不到",
                "改“从”“到”，或删去这一段；只含一个值的段用 []", "warning",
            )  # fmt: skip
        else:
            usable.append(n)
    if not usable:
        return
    order = sorted(usable, key=lambda n: (bands.lower[n], bands.edges[n][0] != "["))
    if order != usable and not table.labels:  # grades stand from the best to the worst
        yield Problem(
            table.cell(0, "lower"), f"{table.title}的各段没有从小到大排列",
            "按“从”由小到大排列", "warning",
        )  # fmt: skip
    yield from _neighbours(table, order)
    if table.uses and not table.per_cent:
        yield from _open_ends(table, order)
        yield from _out_of_reach(table, order)


def _neighbours(table: _Table, order: Sequence[int]) -> Iterator[Problem]:
    """Gaps and overlaps between each band and those before it."""
    bands = table.bands
    last = order[0]  # the band that reaches furthest so far
    for n in order[1:]:
        end, start = bands.upper[last], bands.lower[n]
        closed = bands.edges[last][1] == "]", bands.edges[n][0] == "["
        if start > end or (start == end and not any(closed)):
            yield _gap(table, last, n)
        elif start < end or all(closed):
            yield _overlap(table, last, n)
        if (bands.upper[n], bands.edges[n][1] == "]") > (end, closed[0]):
            last = n


def _gap(table: _Table, before: int, after: int) -> Problem:
    bands = table.bands
    end, start = float(bands.upper[before]), float(bands.lower[after])
    cell = table.cell(after, "lower")
    fix = "改“到”或边界，使各段首尾相接"
    if end == start:
        what = f"{table.title}有空档：{table.shown(end)} 不在任何一段里"
        return Problem(cell, what, fix)
    hole = f"{table.shown(end)} 至 {table.shown(start)}"
    what = f"{table.title}有空档：{hole} 不在任何一段里"
    if _next_whole(table, before, after):
        usual = f"“到”写 {table.shown(end)}、下一段“从”写 {table.shown(start)} 是常见写法"
        fix = f"把这一段的“从”改为 {table.shown(end)}，边界用 ( 开头，如 (]"
        if table.whole:
            what = f"{table.title}：{usual}；只有整数时没有空档"
            return Problem(cell, what, fix, "note")
        what += f"（{usual}，只适合整数）"
    return Problem(cell, what, fix)


def _next_whole(table: _Table, before: int, after: int) -> bool:
    """10 000, then 10 001; 60 %, then 61 %: written as if only whole numbers could occur."""
    bands = table.bands
    if bands.edges[before][1] != "]" or bands.edges[after][0] != "[":
        return False
    scale = 100.0 if table.unit == "ratio" else 1.0
    end, start = round(bands.upper[before] * scale, 9), round(bands.lower[after] * scale, 9)
    return bool(float(end).is_integer() and start - end == 1)


def _overlap(table: _Table, before: int, after: int) -> Problem:
    bands = table.bands
    end, start = float(bands.upper[before]), float(bands.lower[after])
    cell = table.cell(after, "lower")
    two = f"{table.gives(before)}，{table.gives(after)}"
    if end == start:
        return Problem(
            cell, f"{table.title}有重叠：{table.shown(end)} 同时在两段里（{two}）",
            f"只让一段包含 {table.shown(end)}：前一段用 ) 结尾，或后一段用 ( 开头",
        )  # fmt: skip
    inside = (bands.upper[after], bands.edges[after][1] == "]") <= (
        end, bands.edges[before][1] == "]"
    )  # fmt: skip
    if inside:
        return Problem(
            cell, f"{table.title}有重叠：{table.band(after)} 整段在 {table.band(before)} 里，分不清用哪一段",
            "改两段的“从”“到”，或删去其中一段",
        )  # fmt: skip
    return Problem(
        cell, f"{table.title}有重叠：{table.shown(start)} 至 {table.shown(end)} 同时在两段里（{two}）",
        "改前一段的“到”或后一段的“从”，使各段首尾相接",
    )  # fmt: skip


def _open_ends(table: _Table, order: Sequence[int]) -> Iterator[Problem]:
    """Values below the first band or above the last that can occur."""
    bands = table.bands
    first = order[0]
    last = max(order, key=lambda n: (bands.upper[n], bands.edges[n][1] == "]"))
    start, end = float(bands.lower[first]), float(bands.upper[last])
    low = min(use.range.low for use in table.uses)
    if start > low or (start == low and bands.edges[first][0] == "(" and math.isfinite(low)):
        words = f"{table.shown(start)} 以下" if start > low else f"{table.shown(start)} 本身"
        yield Problem(
            table.cell(first, "lower"), f"{table.title}下端没有写：{words}不在任何一段里",
            f"加一段写明 {words}的值（没有就写 0），或清空“从”", _severity(table, known=math.isfinite(low)),
        )  # fmt: skip
    high = max(use.range.high for use in table.uses)
    closed = bands.edges[last][1] == "]"
    if math.isinf(high) and closed and table.unit == "points":
        return  # full marks, as far as one can tell
    if end < high or (end == high and not closed and math.isfinite(high)):
        words = f"{table.shown(end)} 以上" if end < high else f"{table.shown(end)} 本身"
        yield Problem(
            table.cell(last, "upper"), f"{table.title}上端没有写：{words}不在任何一段里",
            "清空最后一段的“到”（不限），或再加一段" if end < high else "最后一段的边界用 ] 结尾",
            _severity(table, known=math.isfinite(low)),
        )  # fmt: skip


def _severity(table: _Table, *, known: bool) -> Severity:
    """A figure of the tables is known to have such values; what is made of several may have."""
    return "error" if known and any(use.plain for use in table.uses) else "warning"


def _out_of_reach(table: _Table, order: Sequence[int]) -> Iterator[Problem]:
    """Bands that nothing looked up can fall into."""
    low = min(use.range.low for use in table.uses)
    high = max(use.range.high for use in table.uses)
    bands = table.bands
    for n in order:
        start, end = float(bands.lower[n]), float(bands.upper[n])
        above = start > high or (start == high and bands.edges[n][0] == "(" and math.isfinite(high))
        below = end < low or (end == low and bands.edges[n][1] == ")" and math.isfinite(low))
        if above or below:
            most = f"最高 {table.shown(high)}" if above else f"最低 {table.shown(low)}"
            owners = "、".join(dict.fromkeys(use.owner for use in table.uses))
            yield Problem(
                table.cell(n, "lower"),
                f"{table.title}的一段 {table.band(n)} 够不着：“{owners}”用它查的数{most}",
                "改“从”“到”，或删去这一段", "warning",
            )  # fmt: skip
