"""What each weight, target and rate of a scheme costs: the months again with one of them moved.

Of a month nothing is calculated again that does not hang on the parameter: counts, metrics, group
figures and the points of the other indicators stay.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from xl_kpi.figures import Figures
from xl_kpi.formula import Binary, names_in
from xl_kpi.formula import Literal as Number
from xl_kpi.pipeline import Results, calculate
from xl_kpi.records import Records
from xl_kpi.rounding import Floats, round_half_up
from xl_kpi.scheme import Curve, Formula, Indicator, Scheme
from xl_kpi.simulation.months import again
from xl_kpi.tables import TARGETS

Kind: TypeAlias = Literal["weight", "target", "bonus_line", "penalty_line", "rate", "sales_target"]

# By how much each kind of parameter is moved: a weight by points of a hundred, the others by a share.
STEPS: dict[Kind, tuple[float, ...]] = {
    "weight": (0.01,),
    "target": (-0.05, -0.01, 0.01, 0.05),
    "bonus_line": (-0.05, 0.05),
    "penalty_line": (-0.05, 0.05),
    "rate": (-0.05, 0.05),
    "sales_target": (-0.05, -0.01, 0.01, 0.05),
}
_LINES: tuple[Kind, ...] = ("target", "bonus_line", "penalty_line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A figure of a scheme: what it is called, its cell, what stands there."""

    scheme: str
    kind: Kind
    name: str
    where: str
    value: str


@dataclass(slots=True)
class Effect:
    """What moving a parameter does to the cost (yuan) of all months, and to how many payslips."""

    parameter: Parameter
    step: float
    change: float = 0.0
    up: int = 0
    down: int = 0


class Sensitivity:
    """Adds up month by month what each parameter does."""

    def __init__(self, records: Records) -> None:
        self._found: dict[tuple[str, Kind, str, float], Effect] = {}
        self._targets = {}
        if records.has(TARGETS.key):
            self._targets = {step: _scaled(records, step) for step in STEPS["sales_target"]}

    @property
    def effects(self) -> list[Effect]:
        """Every parameter and step, in the order of the scheme."""
        return list(self._found.values())

    def add(self, results: Results) -> None:
        """Take in a month of one scheme."""
        scheme = results.scheme
        for parameter, step, changed in _variants(scheme):
            self._note(parameter, step, results.pay, again(results, changed).pay)
        figures = results.figures
        column = TARGETS.column("sales_target")
        for step, records in self._targets.items():
            moved = Figures(records, figures.people, figures.period, figures.names)
            pay = calculate(moved).pay
            if not np.array_equal(pay, results.pay, equal_nan=True):
                parameter = Parameter(
                    scheme=scheme.id, kind="sales_target", name=column.zh, where=TARGETS.zh, value="",
                )  # fmt: skip
                self._note(parameter, step, results.pay, pay)

    def _note(self, parameter: Parameter, step: float, before: Floats, after: Floats) -> None:
        key = (parameter.scheme, parameter.kind, parameter.name, step)
        effect = self._found.setdefault(key, Effect(parameter, step))
        change = round_half_up(np.nan_to_num(after) - np.nan_to_num(before))
        effect.change = float(round_half_up(effect.change + change.sum()))
        effect.up += int((change > 0).sum())
        effect.down += int((change < 0).sum())


def _scaled(records: Records, step: float) -> Records:
    """The tables with every target of the 目标 table moved."""
    targets = records.tables[TARGETS.key]
    moved = targets.assign(sales_target=targets["sales_target"] * (1 + step))
    return Records({**records.tables, TARGETS.key: moved})


def _variants(scheme: Scheme) -> Iterator[tuple[Parameter, float, Scheme]]:
    if scheme.block_mode == "weighted":
        yield from _weights(scheme)
    yield from _lines(scheme)
    yield from _rates(scheme)
    yield from _grades(scheme)


# --- indicators ----------------------------------------------------------------------------


def _weights(scheme: Scheme) -> Iterator[tuple[Parameter, float, Scheme]]:
    """A weight a point up, the others of its block and roles down in proportion."""
    for one in scheme.indicators:
        peers = [i for i in scheme.indicators if _beside(one, i)]
        rest = sum(i.weight or 0.0 for i in peers)
        for step in STEPS["weight"]:
            if not one.in_score or not one.weight or rest <= step:
                continue
            changed = {i.name: (i.weight or 0.0) * (rest - step) / rest for i in peers}
            changed[one.name] = one.weight + step
            indicators = tuple(
                dataclasses.replace(i, weight=changed[i.name]) if i.name in changed else i
                for i in scheme.indicators
            )
            parameter = Parameter(
                scheme=scheme.id, kind="weight", name=one.name, where=one.row.cell("weight"),
                value=f"{one.weight:.6g}",
            )  # fmt: skip
            yield parameter, step, dataclasses.replace(scheme, indicators=indicators)


def _beside(one: Indicator, other: Indicator) -> bool:
    """Whether another indicator shares the block's weights with this one for somebody."""
    alike = not one.roles or not other.roles or not set(one.roles).isdisjoint(other.roles)
    return other is not one and other.block == one.block and other.in_score and alike


def _lines(scheme: Scheme) -> Iterator[tuple[Parameter, float, Scheme]]:
    """The target and lines of each indicator that earns something."""
    for place, one in enumerate(scheme.indicators):
        for kind in _LINES:
            line: Formula | None = getattr(one, kind)
            if line is None or one.rule == "none" or not one.in_score:
                continue
            parameter = Parameter(
                scheme=scheme.id, kind=kind, name=one.name, where=one.row.cell(kind), value=line.text
            )
            for step in STEPS[kind]:
                moved = Formula(
                    text=f"({line.text.removeprefix('=')})*{1 + step:g}", where=line.where,
                    node=Binary("*", line.node, Number(1 + step)),
                )  # fmt: skip
                indicators = list(scheme.indicators)
                change: dict[str, Any] = {kind: moved}
                indicators[place] = dataclasses.replace(one, **change)
                yield parameter, step, dataclasses.replace(scheme, indicators=tuple(indicators))


# --- money ---------------------------------------------------------------------------------


def _rates(scheme: Scheme) -> Iterator[tuple[Parameter, float, Scheme]]:
    """Each value of the curves that pay items use: commission rates, amounts, weights of parts."""
    formulas = [f for i in scheme.pay_items for f in (i.formula, i.floor, i.cap) if f is not None]
    used = dict.fromkeys(name for f in formulas for name in names_in(f.node) if name in scheme.curves)
    for name in used:
        curve = scheme.curves[name]
        for row in np.flatnonzero(curve.values):
            for step in STEPS["rate"]:
                values = curve.values.copy()
                values[row] *= 1 + step
                bands = None if curve.bands is None else curve.bands._replace(value=values)
                moved = dataclasses.replace(curve, bands=bands, values=values)
                parameter = Parameter(
                    scheme=scheme.id, kind="rate", name=f"{name} {_row_name(curve, int(row))}",
                    where=curve.rows[row].cell("value"), value=f"{curve.values[row]:.6g}",
                )  # fmt: skip
                curves = {**scheme.curves, name: moved}
                yield parameter, step, dataclasses.replace(scheme, curves=curves)


def _row_name(curve: Curve, row: int) -> str:
    if curve.bands is None:
        return curve.keys[row]
    lower, upper = curve.bands.lower[row], curve.bands.upper[row]
    if np.isinf(lower):
        return f"< {upper:.6g}"
    return f"≥ {lower:.6g}" if np.isinf(upper) else f"{lower:.6g}–{upper:.6g}"


def _grades(scheme: Scheme) -> Iterator[tuple[Parameter, float, Scheme]]:
    """What each grade is worth: its coefficient and its share of base pay."""
    for place, grade in enumerate(scheme.grades):
        for key in ("coefficient", "base_share"):
            worth: float | None = getattr(grade, key)
            if not worth:
                continue
            parameter = Parameter(
                scheme=scheme.id, kind="rate", name=f"{grade.label} {_GRADE_WORDS[key]}",
                where=grade.row.cell(key), value=f"{worth:.6g}",
            )  # fmt: skip
            for step in STEPS["rate"]:
                grades = list(scheme.grades)
                change: dict[str, Any] = {key: worth * (1 + step)}
                grades[place] = dataclasses.replace(grade, **change)
                yield parameter, step, dataclasses.replace(scheme, grades=tuple(grades))


_GRADE_WORDS = {"coefficient": "等级系数", "base_share": "等级加成"}
