"""Months by several policies; what they have in common is looked up and scored once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.assignment import assign
from xl_kpi.errors import Problem
from xl_kpi.figures import Figures
from xl_kpi.formula import names_in
from xl_kpi.indicators import Scored
from xl_kpi.names import Names
from xl_kpi.people import people_of
from xl_kpi.pipeline import Results, calculate
from xl_kpi.records import Records, Tables
from xl_kpi.scheme import Curve, Formula, Indicator, Scheme

# What an indicator's points do not hang on.
_NOT_SCORING = frozenset(
    {"block", "weight", "in_score", "in_divisor", "measure", "clause", "clause_text", "row"}
)


@dataclass(frozen=True)
class Policy:
    """A scheme, or several for the people of their roles; ``schemes`` gives those of a month."""

    id: str
    name: str
    schemes: Callable[[str], Sequence[Scheme]]


class Calculator:
    """Calculates months of the same tables."""

    def __init__(self, tables: Tables) -> None:
        self.records = Records(tables)
        self._month: tuple[str, list[Results]] = ("", [])  # what was calculated of it so far

    def month(self, period: str, policy: Policy) -> tuple[list[Results], list[Problem]]:
        """A month by a policy: results of each of its schemes, and who belongs to none.

        Raises:
            FormulaError: a formula cannot be calculated.
        """
        if self._month[0] != period:
            self._month = (period, [])
        schemes = policy.schemes(period)
        masks, problems = assign(self.records.tables["roster"], schemes)
        runs = [
            self._results(scheme, period, mask) for scheme, mask in zip(schemes, masks, strict=True)
        ]
        return runs, problems

    def _results(self, scheme: Scheme, period: str, members: NDArray[np.bool_]) -> Results:
        span = scheme.period(period)
        done = self._month[1]
        for results in done:
            if results.scheme is scheme and np.array_equal(results.people.members, members):
                return results
        alike = [
            results for results in done
            if results.figures.period == span
            and results.scheme.assessed_roles == scheme.assessed_roles
            and np.array_equal(results.people.members, members)
        ]  # fmt: skip
        if alike:
            done.append(again(alike[0], scheme))
        else:
            roster = self.records.tables["roster"]
            people = people_of(roster, span, scheme.assessed_roles, members)
            done.append(calculate(Figures(self.records, people, span, Names(scheme))))
        return done[-1]


def again(results: Results, scheme: Scheme) -> Results:
    """The same people's month by another scheme; only what differs is looked up and scored."""
    figures = results.figures.with_names(Names(scheme))
    return calculate(figures, _known(results, figures))


def _known(results: Results, figures: Figures) -> dict[str, Scored]:
    """The indicators of the other scheme that these results have scored the same way."""
    if not figures.shares_metrics(results.figures):
        return {}
    here, there = results.scheme, figures.scheme
    return {
        i.name: dataclasses.replace(results.scored[i.name], indicator=i)
        for i in there.indicators
        if i.name in results.scored
        and _asked(i, there.curves) == _asked(results.scored[i.name].indicator, here.curves)
    }


def _asked(indicator: Indicator, curves: Mapping[str, Curve]) -> list[Any]:
    """Everything that an indicator's points hang on."""
    named = [name for formula in indicator.formulas for name in names_in(formula.node)]
    used = [name for name in (indicator.curve, *named) if name in curves]
    fields = [
        getattr(indicator, field.name)
        for field in dataclasses.fields(indicator)
        if field.name not in _NOT_SCORING
    ]
    words = [field.text if isinstance(field, Formula) else field for field in fields]
    return [*words, *(_content(curves[name]) for name in used if name is not None)]


def _content(curve: Curve) -> tuple[Any, ...]:
    bands = curve.bands
    edges = () if bands is None else (bands.lower.tolist(), bands.upper.tolist(), bands.edges)
    return (curve.keys, curve.values.tolist(), *edges)
