"""Points, blocks, total, place and grade as plain formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import RULES, comparison_key, fill
from xl_kpi.indicators import Scored
from xl_kpi.pipeline import Results
from xl_kpi.rounding import Floats
from xl_kpi.scheme import Formula as SchemeFormula
from xl_kpi.scheme import Indicator
from xl_kpi.twin.calls import policy_table
from xl_kpi.twin.rules import NoTwinError, Operand, rule_formula
from xl_kpi.twin.sheets import Area, Column, Policy

# What the arguments of the scoring rules are called in an indicator.
_VALUE = frozenset({"actual", "value", "values", "times"})
_LINES = {"target": "target", "line": "penalty_line", "bonus_line": "bonus_line",
          "penalty_line": "penalty_line"}  # fmt: skip


def cells_of(values: Floats) -> list[float | None]:
    """Figures as cells, blank where missing."""
    return [None if np.isnan(value) else value for value in values.tolist()]


def _word(rule_id: str, key: str) -> str:
    """What a parameter is called."""
    return next(a.zh for a in RULES[rule_id].parameters if a.key == key)


class ScoreColumns:
    """The columns of one sheet (a week, or the month) that score its indicators."""

    def __init__(self, results: Results, area: Area, policy: Policy, cycle: int) -> None:
        self.results, self.area, self.policy, self.cycle = results, area, policy, cycle

    def mask(self, label: str, mask: NDArray[np.bool_]) -> Column:
        """A given column of 1 and 0: who is meant."""
        return self.area.given(label, mask.astype(float).tolist())

    def judged(self, scored: Scored) -> Column:
        """Whom an indicator is about."""
        return self.mask("考核", scored.judged.reshape(-1, scored.cycles)[:, self.cycle])

    def group(self, kind: str) -> Column:
        """The number of each person's group, blank for none."""
        codes = self.results.people.groups[kind].codes
        label = {"shop": "店铺", "team": "团队", "department": "部门", "role": "岗位"}.get(
            kind, "全部"
        )
        return self.area.given(f"{label}号", [None if c < 0 else float(c + 1) for c in codes])

    def _figures(self, label: str, scored: Scored, values: Floats) -> Column:
        mine = values.reshape(-1, scored.cycles)[:, self.cycle]
        return self.area.given(label, cells_of(mine))

    def _line(self, scored: Scored, key: str) -> Column:
        """A target or line, under its formula; blank cells where the indicator has none."""
        values: Floats | None = getattr(scored, key)
        formula: SchemeFormula | None = getattr(scored.indicator, key)
        if values is None or formula is None:
            return self.area.step("没有", '""')
        label = f"{scored.indicator.name} {formula.text.removeprefix('=')}"
        return self._figures(label, scored, values)

    def counted(self, scored: Scored) -> str:
        """The value of those who count and have sample enough."""
        i, sheet = scored.indicator, self.area.sheet
        value = self._figures(i.name, scored, scored.value).at(sheet)
        tests = [f"{self.judged(scored).at(sheet)}=1", f"ISNUMBER({value})", *self._enough(scored)]
        return f'IF(AND({",".join(tests)}),{value},"")'

    def _enough(self, scored: Scored) -> list[str]:
        """The test of whether the sample reaches the minimum, where there is one."""
        i = scored.indicator
        if i.minimum_sample is None or scored.sample is None:
            return []
        sample = self._figures(f"{i.name} 样本", scored, scored.sample).at(self.area.sheet)
        return [f"IF(ISNUMBER({sample}),{sample},0)>={i.minimum_sample:.15g}"]

    def points(self, scored: Scored) -> str:
        """The formula of an indicator's points."""
        i, area = scored.indicator, self.area
        text = self._base(scored)
        if scored.condition is not None:
            here = area.step(f"{i.name} 计分", text).at(area.sheet)
            test = self._figures(f"{i.name} 条件", scored, scored.condition).at(area.sheet)
            text = f'IF({here}="","",IF(AND(ISNUMBER({test}),{test}>0),{here},0))'
        if i.if_missing in ("zero", "full"):
            earned = 0.0 if i.if_missing == "zero" else i.full or 0.0
            points = area.step(f"{i.name} 有条件", text).at(area.sheet)
            owed = f'AND({points}="",{self.judged(scored).at(area.sheet)}=1)'
            text = f"IF({owed},{earned:.15g},{points})"
        return text

    def _base(self, scored: Scored) -> str:
        """What the scoring rule gives, before conditions."""
        i, area = scored.indicator, self.area
        curve = self.results.scheme.curves.get(i.curve or "")
        if i.rule == "none" or not scored.due or (i.rule == "R03" and (curve is None or curve.bands is None)):
            return '""'
        counted = area.step(f"{i.name} 计入", self.counted(scored))
        figures = FIGURES[i.rule](i)

        def operand(key: str) -> Operand:
            if key in _VALUE:
                return counted
            if key == "groups":
                return self.group(i.group)
            if key == "bands" and curve is not None and curve.bands is not None:
                return policy_table(self.policy, f"曲线 {curve.name}", curve.bands)
            if key in figures:
                values = figures[key]
                cells = list(values) if isinstance(values, tuple) else [values]
                return self.policy.line(f"{i.name} {_word(i.rule, key)}", cells)
            if key in _LINES:
                return self._line(scored, _LINES[key])
            raise NoTwinError(f"{i.rule} {key}")

        options: dict[str, str | bool] = {
            "better": scored.better,
            "strict": i.strict,
            "ties": i.ties,
        }
        return rule_formula(RULES[i.rule], area, i.name, operand, options)

    def place(self, scored: Scored) -> Column:
        """A person's place in an indicator's group."""
        counted = self.area.step(f"{scored.indicator.name} 计入", self.counted(scored))
        group = self.group(scored.indicator.group)
        operands = {"values": counted, "groups": group}
        label = f"{scored.indicator.name} 名次"
        options = {"better": scored.better, "ties": "all"}
        formula = rule_formula(RULES["C4"], self.area, label, operands.__getitem__, options)
        return self.area.step(label, formula)

    def behind(self, scored: Scored) -> str:
        """The formula of whether the value misses its target: 1 or 0."""
        value = self._figures(scored.indicator.name, scored, scored.value)
        key = "target" if scored.pass_line is None else "pass_line"
        a, b = (self._key(c) for c in (value, self._line(scored, key)))
        sign = "<" if scored.better == "higher" else ">"
        sign += "=" if scored.indicator.strict and key == "target" else ""
        late = f"IF({a}{sign}{b},1,0)"
        for test in self._enough(scored):
            late = f"IF({test},{late},0)"
        return f'IF(OR({a}="",{b}=""),0,{late})'

    def _key(self, column: Column) -> str:
        """A figure at twelve digits."""
        here = column.at(self.area.sheet)
        formula = fill(comparison_key("x"), lambda *_: here)
        return self.area.step(f"{column.label} 12位", formula).at(self.area.sheet)


# The policy figures of each scoring rule, as ``indicators`` reads them from the row.
FIGURES: Mapping[str, Callable[[Indicator], Mapping[str, Any]]] = {
    "R01": lambda i: {
        "full": i.full or 0.0,
        "floor": i.floor or 0.0,
        "cap": (i.full or 0.0) if i.cap is None else i.cap,
    },
    "R02": lambda i: {"full": i.full or 0.0, "miss": i.miss or 0.0},
    "R03": lambda i: {},
    "R04": lambda i: {"points": i.below or 0.0},
    "R05": lambda i: {"points": i.rank_points, "below": i.below or 0.0},
    "R09": lambda i: {
        "per_count": i.per_count, "when_zero": i.when_zero, "floor": i.floor, "cap": i.cap,
    },
}  # fmt: skip
