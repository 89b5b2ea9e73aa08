"""A KPI function of a scheme's formula as the columns of its rule's twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from xl_kpi.arguments import GROUP_MEAN, NO_LINE, convert
from xl_kpi.catalogue import Argument, Bands, GradeBands, GradePay, Rule, Tiers, defaults
from xl_kpi.twin.rules import NoTwinError, Operand, rule_formula
from xl_kpi.twin.sheets import Column, Fixed, Policy, SideBySide
from xl_kpi.twin.terms import Level, Term

Given: TypeAlias = Term | SideBySide | Bands | list[Any] | None  # None: left out


def rule_call(rule: Rule, given: Sequence[Given], level: Level) -> Term:
    """The result of a rule on every row of a level.

    Raises:
        NoTwinError: the rule, or the way it is called here, has no plain formula.
    """
    call = _Call(rule, given, level)
    label = call.label
    formula = rule_formula(rule, level.area, label, call.operand, call.options())
    return level.step(label, formula, text=rule.unit == "grade")


class _Call:
    """What each argument of a call is on the sheet."""

    def __init__(self, rule: Rule, given: Sequence[Given], level: Level) -> None:
        self.rule, self.level = rule, level
        self.label = f"{level.about} {rule.zh}" if level.about not in ("", rule.zh) else rule.zh
        keys = [argument.key for argument in rule.arguments]
        typed = dict(zip(keys, given, strict=False))
        self.given = {a.key: self._filled(a, typed) for a in rule.parameters}

    def _filled(self, argument: Argument, typed: dict[str, Given]) -> Any:
        value = typed.get(argument.key)
        if value is None:
            value = self.level.options.get(self.rule.id, {}).get(argument.key)
        if value is None:
            value = defaults().get(self.rule.function, {}).get(argument.key)
            if isinstance(value, str) and value.startswith("=") and len(value) > 1:
                value = typed.get(value[1:]) or defaults()[self.rule.function][value[1:]]
        return value.constant if isinstance(value, Term) and value.constant is not None else value

    def options(self) -> dict[str, str | bool]:
        """The words and flags that are known now."""
        known: dict[str, str | bool] = {}
        for argument in self.rule.parameters:
            value = self.given[argument.key]
            typed = value is not None and not isinstance(value, Term)
            if typed and (argument.choices or argument.kind == "flag"):
                known[argument.key] = convert(argument, value, 1, {})
        return known

    def operand(self, key: str) -> Operand:
        """The cells of an argument."""
        argument = next((a for a in self.rule.parameters if a.key == key), None)
        if argument is None:
            raise NoTwinError(f"{self.rule.function}：{key}")
        value = self.given[key]
        if argument.shape == "groups":
            return self._groups(value)
        if isinstance(value, SideBySide):
            return value
        if isinstance(value, Term) and value.source is not None:
            if argument.shape == "list" and argument.length_of:
                raise NoTwinError(f"{self.rule.function} 的“{argument.zh}”要用所有行的数")
            return value.source
        if argument.kind == "line" and isinstance(value, str):
            return self._line(argument, value)
        label = self._label(argument)
        if argument.shape == "table":
            return policy_table(self.level.policy, label, convert(argument, value, 1, {}))
        if argument.shape == "list" and value is not None:
            cells = convert(argument, value, 1, {})
            return self.level.policy.line(label, [_plain(cell) for cell in cells])
        if argument.shape in ("column", "matrix"):
            return self._constant_column(argument, value)
        return self.level.policy.line(label, [self.options().get(key, value)])

    def _label(self, argument: Argument) -> str:
        """What a figure of the policy is for: the rule is named unless the argument tells it."""
        told = argument.zh.startswith(self.rule.zh)
        about = self.level.about if told and self.level.about else self.label
        return f"{about} {argument.zh}"

    def _constant_column(self, argument: Argument, value: Any) -> Column:
        if isinstance(value, list | Bands):
            raise NoTwinError(f"{self.rule.function} 的“{argument.zh}”是一个数组")
        if argument.kind == "text" and value is not None:
            word = str(value).replace('"', '""')
            return self.level.area.step(argument.zh, f'"{word}"')
        text = '""' if value is None or isinstance(value, str) else repr(float(value))
        return self.level.area.step(argument.zh, text)

    def _groups(self, value: Any) -> Column:
        if isinstance(value, Term) and isinstance(value.source, Column):
            return value.source
        return self.level.groups or self.level.area.step("组", "1")

    def _line(self, argument: Argument, word: str) -> Operand:
        if word.casefold() in GROUP_MEAN:
            return self._group_mean()
        if word.casefold() in NO_LINE:
            return self._constant_column(argument, None)
        raise NoTwinError(f"{self.rule.function} 的“{argument.zh}”是“{word}”")

    def _group_mean(self) -> Column:
        values, groups = self.operand("values"), self.operand("groups")
        if not isinstance(values, Column) or not isinstance(groups, Column):
            raise NoTwinError(f"{self.rule.function} 没有每个人的值")
        area, sheet = self.level.area, self.level.area.sheet
        here, everybody = groups.at(sheet), values.at(sheet, "all")
        present = f'({groups.at(sheet, "all")}={here})*({everybody}<>"")'
        count = area.step(f"{values.label} 组内人数", f"SUMPRODUCT({present})").at(sheet)
        mean = f"SUMPRODUCT({present},{everybody})/{count}"
        return area.step(f"{values.label} 组平均", f'IF(OR({here}="",{count}=0),"",{mean})')


def policy_table(
    policy: Policy, label: str, table: Bands | Tiers | GradeBands | GradePay
) -> Fixed:
    """A table on the sheet of policy figures; open ends are blank."""
    if isinstance(table, GradePay):
        figures = zip(table.grade, table.coefficient.tolist(), table.share.tolist(), strict=True)
        return policy.table(label, list(figures), ("grade", "coefficient", "share"))
    if isinstance(table, Tiers):
        ends = [*table.start[1:].tolist(), None]
        rows = [
            (start, end, rate, None)
            for start, end, rate in zip(
                table.start.tolist(), ends, table.rate.tolist(), strict=True
            )
        ]
        return policy.table(label, rows)
    values = table.value if isinstance(table, GradeBands) else table.value.tolist()
    return policy.table(
        label,
        [
            (_plain(lower), _plain(upper), NO_LINE[0] if value != value else value, edges)
            for lower, upper, value, edges in zip(
                table.lower, table.upper, values, table.edges, strict=True
            )
        ],
    )


def _plain(value: Any) -> Any:
    """A figure as a cell holds it; an open end or a blank is None."""
    if isinstance(value, str):
        return value
    return float(value) if np.isfinite(value) else None
