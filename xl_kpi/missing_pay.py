"""Pay that cannot be computed, and the blank or zero inputs behind it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xl_kpi.checks import cell_of
from xl_kpi.errors import Problem, capped
from xl_kpi.formula import Binary, Call, Literal, Name, Node, names_in, parts
from xl_kpi.names import TOTALS
from xl_kpi.pipeline import Results
from xl_kpi.scheme import Curve, PayItem
from xl_kpi.tables import COUNTS, DEPARTMENTS, RATINGS, ROSTER, SHOPS, TARGETS, Table


def missing_pay(results: Results) -> list[Problem]:
    """What is missing for each item that somebody should be paid and that has no amount."""
    found: dict[Problem, None] = {}
    for item in results.paid_items:
        lacking = np.isnan(results.items[item.name]) & results.entitled(item)
        for row in np.flatnonzero(lacking):
            found[_missing_item(results, item, int(row))] = None
    return capped(list(found), "薪资项")


def _missing_item(results: Results, item: PayItem, row: int) -> Problem:
    leaves = _missing_leaves(results, item.formula.node, row, set())
    who = results.people.named(row)
    if not leaves:
        unlisted = _unlisted(results, item.formula.node, row)
        if unlisted is not None:
            word, category, curve = unlisted
            return Problem(
                curve.rows[0].cell("key"), f"{word}“{category}”不在曲线“{curve.name}”里，{item.name}算不出来",
                f"在曲线“{curve.name}”里给“{category}”加一行",
            )  # fmt: skip
        zeros = _zero_leaves(results, item.formula.node, row, set())
        if zeros:
            table, word = zeros[0]
            where, whose = _place(results, table, word, row)
            return Problem(
                where, f"{whose}“{word}”是 0，{item.name}算不出来",
                f"填写“{word}”；不参加考核的人，改员工表的身份",
            )  # fmt: skip
        return Problem(
            item.formula.where, f"{who}：“{item.name}”算不出来", "检查公式里的除数和曲线"
        )
    table, words = leaves[0]
    where, whose = _place(results, table, words, row)
    if isinstance(item.formula.node, Name) and table == ROSTER.zh:
        return Problem(where, f"{whose}“{words}”空白，按没有处理", "没有就填 0", "warning")
    return Problem(where, f"{whose}“{words}”空白，{item.name}算不出来", f"填写“{words}”；确实没有就填 0")


def _place(results: Results, table: str, label: str, row: int) -> tuple[str, str]:
    """The cell of a person's figure in 员工 or 目标, and whose it is; else the table's person."""
    who = results.people.named(row)
    records = results.figures.records
    for one in (ROSTER, TARGETS):
        if table != one.zh or not records.has(one.key):
            continue
        mine = results.people.position[records.owners(one.key)] == row
        if one is TARGETS:
            mine &= results.figures.of_period(one.key)
        key = next((column.key for column in one.columns if column.zh == label), None)
        if key is None:
            continue
        frame = records.tables[one.key]
        without = np.flatnonzero(mine & (np.nan_to_num(records.numbers(one.key, key)) == 0))
        if without.size:
            return cell_of(frame, one, key, int(without[0])), f"{who}的"
    return f"{table}：{who}", ""


def _missing_leaves(
    results: Results, node: Node, row: int, seen: set[str]
) -> list[tuple[str, str]]:
    """Table and column of the blank inputs behind a figure that is missing for a person."""
    found: list[tuple[str, str]] = []
    may_be_blank = set(_asked_for_blank(node))
    for word in names_in(node):
        meaning = results.names.find(word)
        if meaning is None or word in seen or word in may_be_blank:
            continue
        seen.add(word)
        for table, kind in _TABLE_OF_KIND:
            dated = any(c.key == meaning.key and c.kind == "date" for c in table.columns)
            if meaning.kind == kind and not dated and _blank_for(results, word, row):
                found.append((table.zh, _label(results, table, meaning.key)))
        if meaning.kind == "score" and meaning.key in TOTALS and _without_total(results, row):
            found += _missing_leaves(results, results.scheme.total.node, row, seen)
        if meaning.kind == "item":
            inner = next(i for i in results.scheme.pay_items if i.name == meaning.key)
            if _blank_for(results, word, row):
                found += _missing_leaves(results, inner.formula.node, row, seen)
        elif meaning.kind == "metric" and _blank_for(results, word, row):
            formula = results.scheme.metrics[meaning.key].formula
            if formula is not None:
                found += _missing_leaves(results, formula.node, row, seen)
        elif meaning.kind == "block" and _blank_for(results, word, row):
            found += _missing_indicators(results, meaning.key, row)
    return found


def _without_total(results: Results, row: int) -> bool:
    """Whether a person has no total, and so no place and no grade."""
    return results.totals is not None and bool(np.isnan(results.totals.total[row]))


def _asked_for_blank(node: Node) -> Iterator[str]:
    """The names that a formula asks about with ``x = ""``, and so may be blank."""
    match node:
        case Binary("=" | "<>", Name(name), Literal("")) | Binary(
            "=" | "<>", Literal(""), Name(name)
        ):
            yield name
        case Binary(_, left, right):
            yield from _asked_for_blank(left)
            yield from _asked_for_blank(right)
        case Call(_, arguments):
            for argument in arguments:
                if argument is not None:
                    yield from _asked_for_blank(argument)


def _zero_leaves(
    results: Results, node: Node, row: int, seen: set[str]
) -> list[tuple[str, str]]:
    """Table and column of the zeros behind a figure that is missing for a person."""
    found: list[tuple[str, str]] = []
    for word in names_in(node):
        meaning = results.names.find(word)
        if meaning is None or word in seen:
            continue
        seen.add(word)
        for table, kind in _TABLE_OF_KIND[:2]:
            value = results.value(word) if meaning.kind == kind else None
            if isinstance(value, np.ndarray) and value.dtype != object and value[row] == 0:
                found.append((table.zh, _label(results, table, meaning.key)))
        if meaning.kind in ("item", "metric") and _blank_for(results, word, row):
            formula = (
                results.scheme.metrics[meaning.key].formula
                if meaning.kind == "metric"
                else next(i for i in results.scheme.pay_items if i.name == meaning.key).formula
            )
            if formula is not None:
                found += _zero_leaves(results, formula.node, row, seen)
    return found


def _unlisted(results: Results, node: Node, row: int) -> tuple[str, str, Curve] | None:
    """A text of a person that the curve has no category for: its name, the text, the curve."""
    match node:
        case Call("LOOKUP", (Name(word), Name(name))) if name in results.scheme.curves:
            curve, values = results.scheme.curves[name], results.value(word)
            text = values[row] if isinstance(values, np.ndarray) and values.dtype == object else None
            if isinstance(text, str) and text not in curve.keys:
                return word, text, curve
        case Name(word):
            meaning = results.names.find(word)
            if meaning is not None and meaning.kind == "item" and _blank_for(results, word, row):
                return _unlisted(results, results.definition(meaning.key).formula.node, row)
    found = (_unlisted(results, part, row) for part in parts(node))
    return next((one for one in found if one is not None), None)


def _label(results: Results, table: Table, key: str) -> str:
    """The header of an input column."""
    return results.names.count_label(key) if table is COUNTS else table.column(key).zh


_TABLE_OF_KIND = (
    (TARGETS, "target"),
    (COUNTS, "count"),
    (ROSTER, "roster"),
    (SHOPS, "shop"),
    (DEPARTMENTS, "department"),
)


def _blank_for(results: Results, word: str, row: int) -> bool:
    meaning = results.meaning(word)
    if meaning.kind == "item" and results.definition(meaning.key).level == "refund":
        return False  # a row per refund, judged as such
    value = results.value(word)
    if not isinstance(value, np.ndarray) or value.dtype == object:
        return False
    return bool(np.isnan(value[row]))


def _missing_indicators(results: Results, block: str, row: int) -> list[tuple[str, str]]:
    """Table and names of the indicators of a block that a person has no points for."""
    lacking: dict[str, list[str]] = {}
    for s in results.scored.values():
        i = s.indicator
        theirs = i.block == block and i.in_score and s.judged[row * s.cycles]
        if theirs and np.isnan(s.monthly(s.points)[row]):
            rated = results.scheme.metrics[i.metric].source == "rating"
            lacking.setdefault((RATINGS if rated else COUNTS).zh, []).append(i.name)
    return [(table, "、".join(names)) for table, names in lacking.items()]
