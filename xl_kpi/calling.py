"""How a rule is called by position: from a cell, a scheme's formula or the command line.

Arguments arrive as scalars, arrays (one figure per row) or ranges (lists of rows) and leave as
what the rule's function takes.  What is wrong with one row stays in that row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xl_kpi import grading, metrics, payouts, scoring  # noqa: F401 - they file their rules
from xl_kpi.arguments import GROUP_MEAN, Fault, Faults, convert, is_range, rows_of
from xl_kpi.catalogue import Argument, GradePay, Rule, defaults
from xl_kpi.rounding import Codes, Floats, group_count, group_sum, spread

__all__ = ["EMPTY", "OMITTED", "Answer", "Fault", "call_rule"]

Shape: TypeAlias = tuple[int, int] | None

EMPTY = "没有数据，或总数为 0 / no data, or the whole is zero"


@dataclass(slots=True)
class Answer:
    """The values of a call, flat, with the shape of its ranges and the faults by row."""

    values: NDArray[Any]
    shape: Shape
    faults: Faults = field(default_factory=dict)


class _Missing:
    """An argument left out."""


OMITTED = _Missing()


def call_rule(
    rule: Rule,
    values: Sequence[Any],
    *,
    groups: Codes | None = None,
    rows: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Answer:
    """Call a rule with the arguments of its worksheet function.

    Args:
        rule: The rule of the catalogue.
        values: Arguments by position; ``OMITTED`` for one left out.
        groups: Group of each row where the arguments name none; one group for all if None.
        rows: Number of rows if no argument tells.
        options: What a scheme decides beyond the worksheet's arguments, by key.

    Raises:
        Fault: the call as a whole is wrong (an argument missing, lengths that differ).
    """
    if len(values) > len(rule.arguments):
        raise Fault("#VALUE!", f"{rule.function}：最多 {len(rule.arguments)} 个参数")
    given = dict(zip((a.key for a in rule.arguments), values, strict=False))
    given.update(options or {})
    filled: dict[str, Any] = {}
    for argument in rule.parameters:
        value = given.get(argument.key, OMITTED)
        filled[argument.key] = _default(rule, argument, filled) if value is OMITTED else value
    shape, count = _common_shape(rule, filled, rows)

    faults: Faults = {}
    ready: dict[str, Any] = {}
    for argument in rule.parameters:
        value = filled[argument.key]
        left_out = value is OMITTED
        ready[argument.key] = None if left_out else convert(argument, value, count, faults)
    if rule.grouped and not isinstance(ready.get("groups"), np.ndarray):
        ready["groups"] = np.zeros(count, np.intp) if groups is None else groups
    for key, value in ready.items():
        if isinstance(value, str) and value == GROUP_MEAN[0]:
            ready[key] = _group_mean(ready["values"], ready["groups"])
    for argument in rule.parameters:
        _check_together(argument, ready, faults)

    result = _invoke(rule, ready)
    if rule.arguments[0].shape == "matrix":
        shape = None if count == 1 else (count, 1)
    if result.ndim == 2:
        if shape is not None and shape[1] > 1:
            raise Fault("#VALUE!", f"{rule.arguments[0].zh}：应为一列")
        shape = (result.shape[0], result.shape[1])
    return Answer(result, shape, faults)


def _default(rule: Rule, argument: Argument, filled: Mapping[str, Any]) -> Any:
    value = defaults().get(rule.function, {}).get(argument.key, OMITTED)
    if isinstance(value, str) and value.startswith("=") and value[1:] in filled:
        return filled[value[1:]]
    if value is OMITTED and not argument.optional:
        raise Fault("#VALUE!", f"缺少参数 {argument.zh} ({argument.en})")
    return value


def _common_shape(rule: Rule, filled: Mapping[str, Any], rows: int | None) -> tuple[Shape, int]:
    """The one shape of all ranges with a figure per row; single cells serve every row."""
    shape: Shape = None
    count = rows if rows is not None else 1
    for argument in rule.parameters:
        value = filled[argument.key]
        if argument.shape == "matrix":
            count = len(value if isinstance(value, np.ndarray) else rows_of(value))
            continue
        if argument.shape not in ("column", "groups"):
            continue
        found: Shape = None
        if isinstance(value, np.ndarray):
            found = (len(value), 1)
        elif is_range(value):
            found = (len(value), len(value[0]))
        if found is None or found == (1, 1):
            continue
        if rows is not None and found[0] * found[1] != rows:
            raise Fault(
                "#VALUE!",
                f"{argument.zh}：有 {found[0] * found[1]} 个数，应该每行一个（共 {rows} 行）",
            )
        if shape is not None and shape != found:
            raise Fault(
                "#VALUE!",
                f"{argument.zh}：区域是 {found[0]} 行 {found[1]} 列，"
                f"前面的区域是 {shape[0]} 行 {shape[1]} 列，要一样大",
            )
        shape, count = found, found[0] * found[1]
    return shape, count


def _check_together(argument: Argument, ready: Mapping[str, Any], faults: Faults) -> None:
    """What must hold between an argument and another one."""
    value = ready[argument.key]
    if argument.not_below:
        low = ready[argument.not_below]
        below = np.atleast_1d(value < low)
        fault = Fault("#VALUE!", f"{argument.zh} ({argument.en})：比前面的起点小")
        if argument.shape == "scalar" and below.any():
            raise fault
        for row in np.flatnonzero(below).tolist():
            faults.setdefault(row, fault)
    if argument.listed_in:
        _check_listed(argument, value, ready[argument.listed_in], faults)
    with_key, option = argument.text_with
    if option and isinstance(value, str) and ready[with_key] != option:
        raise Fault("#VALUE!", f"{argument.zh} ({argument.en})：文字只能用 {option} 比较")
    if argument.length_of and value is not None:
        other = ready[argument.length_of]
        wanted = other.shape[-1] if isinstance(other, np.ndarray) else len(other)
        if len(value) != wanted:
            raise Fault("#VALUE!", f"{argument.zh}：应有 {wanted} 个，现在是 {len(value)} 个")
    if argument.per_group:
        _check_per_group(argument, value, ready["groups"])


def _check_listed(
    argument: Argument, texts: NDArray[np.object_], table: GradePay, faults: Faults
) -> None:
    """Every text is one of the table's; it comes to be spelt as it is there."""
    listed = {grade.casefold(): grade for grade in table.grade}
    for row, text in enumerate(texts.tolist()):
        if text is None:
            continue
        texts[row] = listed.get(text.casefold())
        if texts[row] is None:
            names = "、".join(table.grade)
            reason = f"{argument.zh} ({argument.en})：表里没有“{text}”（有：{names}）"
            faults.setdefault(row, Fault("#VALUE!", reason))


def _check_per_group(argument: Argument, value: Floats, groups: Codes) -> None:
    known = ~np.isnan(value) & (groups >= 0)
    figures = np.zeros(group_count(groups))
    figures[groups[known]] = value[known]
    if (figures[groups[known]] != value[known]).any():
        raise Fault("#VALUE!", f"{argument.zh} ({argument.en})：同一组只能有一个数")


def _group_mean(values: Floats, groups: Codes) -> Floats:
    size = group_count(groups)
    present = np.where(np.isnan(values), np.nan, 1.0)
    count = group_sum(present, groups, size)
    total = group_sum(values, groups, size)
    return spread(np.divide(total, count, out=np.full(size, np.nan), where=count > 0), groups)


def _invoke(rule: Rule, ready: Mapping[str, Any]) -> NDArray[Any]:
    positional = rule.positional
    rest = {key: value for key, value in ready.items() if key not in positional}
    return np.asarray(rule.compute(*(ready[key] for key in positional), **rest))
