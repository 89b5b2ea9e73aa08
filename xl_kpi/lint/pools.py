"""Pools that can pay out more than they hold."""

from __future__ import annotations

from collections.abc import Iterator

from xl_kpi.errors import Problem
from xl_kpi.formula import Literal, Name, Node
from xl_kpi.lint.lookups import calls
from xl_kpi.lint.units import chains
from xl_kpi.names import Names
from xl_kpi.scheme import PayItem, Scheme
from xl_kpi.scheme_tables import GROUP_LEVELS

_WITHOUT_TOTAL = 2  # arguments of a pool that the scores use up


def pool_problems(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Items that divide a department's pool by a fixed figure instead of sharing it out."""
    for item in scheme.pay_items:
        if item.level != "person":
            continue
        pool = _by_constant(item, scheme, names)
        if pool:
            yield Problem(
                item.formula.where,
                f"“{item.name}”把奖金池“{pool}”按得分除以固定的数来分，得分合计超过它时会超支",
                f"写成 KPI_POOL_SHARE(得分, {pool}, 满分)，超出时自动按比例缩减", "warning",
            )  # fmt: skip
        with_total = [c for c in calls(item.formula.node)
                      if c.function == "KPI_POOL_SHARE" and len(c.arguments) > _WITHOUT_TOTAL]  # fmt: skip
        if scheme.overspend == "pay" and with_total:
            yield Problem(
                item.formula.where,
                f"“{item.name}”：方案写明奖金池超支时照付，得分合计超过满分时发出的比奖金池多",
                "确认由公司补足，或把“奖金池超支”改为按比例缩减", "warning",
            )  # fmt: skip


def _by_constant(item: PayItem, scheme: Scheme, names: Names) -> str:
    """The pool that a score times it, divided by nothing but figures, takes from."""
    levels = {i.name: i.level for i in scheme.pay_items}
    units = {i.name: i.unit for i in scheme.pay_items}
    for factors, divisors in chains(item.formula.node):
        found = [(node.name, names.find(node.name)) for node in factors if isinstance(node, Name)]
        pools = [
            name
            for name, m in found
            if m is not None and m.kind == "item"
            and levels[m.key] in GROUP_LEVELS and units[m.key] == "yuan"
        ]  # fmt: skip
        scores = [
            name
            for name, m in found
            if m is not None and (
                m.kind == "block" or (m.kind == "score" and m.key == "total")
                or (m.kind == "indicator" and m.part == "points")
            )
        ]  # fmt: skip
        if pools and scores and all(_fixed(node, names) for node in divisors):
            return pools[0]
    return ""


def _fixed(node: Node, names: Names) -> bool:
    if isinstance(node, Name):
        meaning = names.find(node.name)
        return meaning is not None and meaning.kind == "constant"
    return isinstance(node, Literal)
