"""Rules of the catalogue that are nothing but a formula over names (presets/rules.toml)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

import numpy as np

from xl_kpi.arguments import convert
from xl_kpi.catalogue import Argument
from xl_kpi.formula import Scope, column, evaluate, parse
from xl_kpi.rounding import Floats

_CURVE = Argument(key="curve", zh="曲线", en="curve", shape="table", table="bands")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaRule:
    """A rule as a formula: what it is called, where it comes from, a worked example.

    ``items`` are the pay items of the presets that hold the formula as it stands here; none until
    a preset does.  ``curves`` are tables of bands that the scheme names.
    """

    id: str
    zh: str
    en: str
    unit: str
    source: str
    level: str
    formula: str
    expect: Sequence[float]
    given: Mapping[str, Sequence[float | str]] = field(default_factory=dict)
    people: Mapping[str, Sequence[float | str]] = field(default_factory=dict)
    curves: Mapping[str, Sequence[Sequence[float | str]]] = field(default_factory=dict)
    items: Sequence[str] = ()

    def example(self) -> Floats:
        """The formula over the figures of its worked example."""
        lower = None
        departments = None
        if self.people:
            departments = np.array(self.people["部门"], dtype=np.intp)
            lower = Scope(_figures(self.people), len(departments))
        names = {
            **_figures(self.given),
            **{name: convert(_CURVE, rows, 1, {}) for name, rows in self.curves.items()},
        }
        scope = Scope(names, len(self.expect), lower=lower, lower_rows=departments)
        return column(evaluate(parse(self.formula), scope), len(self.expect))


def _figures(columns: Mapping[str, Sequence[float | str]]) -> dict[str, Floats]:
    return {
        name: np.array([np.nan if v == "" else v for v in values], dtype=np.float64)
        for name, values in columns.items()
    }


@functools.cache
def formula_rules() -> dict[str, FormulaRule]:
    """Every formula rule by id."""
    text = resources.files("xl_kpi.presets").joinpath("rules.toml").read_text("utf-8")
    return {entry["id"]: FormulaRule(**entry) for entry in tomllib.loads(text)["rules"]}
