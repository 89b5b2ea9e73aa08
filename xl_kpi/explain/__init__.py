"""Any number of a result as sentences: inputs, group figures, band hit, cell, clause."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from xl_kpi.explain.items import group_line, item_line, refund_lines
from xl_kpi.explain.lines import WORDS, Line, number
from xl_kpi.explain.scores import block_line, indicator_lines, total_lines
from xl_kpi.formula import names_in
from xl_kpi.pipeline import Results
from xl_kpi.scheme_tables import GROUP_LEVELS
from xl_kpi.tables import STATUS

__all__ = ["Line", "explain", "explain_group", "explain_person", "number", "why_not_assessed"]


def explain(
    results: Results, row: int, lang: str = "zh", *, with_groups: bool = True
) -> list[Line]:
    """Every number of one person, in the order in which it was made.

    Args:
        results: A calculated period.
        row: The person's row in ``results.people``.
        lang: ``zh`` or ``en``.
        with_groups: Whether the figures of the person's department, shop and team are among them.
    """
    words = WORDS[lang]
    lines = [
        line for s in results.scored.values() for line in indicator_lines(results, s, row, words)
    ]
    if results.people.assessed[row]:
        blocks = results.scheme.blocks
        lines += [line for b in blocks for line in block_line(results, b, row, words)]
        lines += total_lines(results, row, lang)
    for item in results.scheme.pay_items:
        if item.level in GROUP_LEVELS:
            if not with_groups:
                continue
            group = int(results.people.groups[item.level].codes[row])
            lines += [] if group < 0 else [group_line(results, item, group, words)]
        elif item.level == "refund":
            lines += refund_lines(results, item, row, words)
        else:
            lines.append(item_line(results, item, row, words))
    paid = [i for i in results.paid_items if not np.isnan(results.items[i.name][row])]
    text = " + ".join(f"{i.name} {results.items[i.name][row]:.2f}" for i in paid)
    total = float(results.pay[row])
    label = "应发合计" if lang == "zh" else "Pay"
    shown = f"{text} = {number(total, 'yuan')}" + words["aside"].format(words["pay"]) if paid else "—"
    figures = " + ".join(f"{results.items[i.name][row]:.2f}" for i in paid)
    lines.append(Line(label, total, "yuan", shown, "", "", "", "", figures))
    return lines


def explain_person(
    results: Results, row: int, lang: str = "zh", *, with_groups: bool = True
) -> list[Line]:
    """What there is to tell of a person: of somebody who is not assessed, only what is paid.

    The arguments are those of ``explain``.
    """
    lines = explain(results, row, lang, with_groups=with_groups)
    if results.people.assessed[row]:
        return lines
    words, mine = WORDS[lang], results.scheme.pay_items
    text = why_not_assessed(results, row, lang)
    personal = [i for i in mine if i.level == "person"]
    theirs = [i for i in personal if _has(results.items[i.name][row])]
    without = [i.name for i in personal if i.paid and not results.entitled(i)[row]]
    if without:
        text += words["without"].format(words["comma"].join(without))
    kept = _behind(results, [i.name for i in theirs])
    paid = [line for line in lines[:-1] if line.item.split(" ")[0] in kept]
    return [Line(words["outside"], None, "", text, "", "", ""), *paid, lines[-1]]


def why_not_assessed(results: Results, row: int, lang: str = "zh") -> str:
    """What it means that somebody is not assessed, and why: the status, or the role."""
    words, person = WORDS[lang], results.people.roster.iloc[row]
    if person["status"] == "confirmed":
        reason = words["role"].format(person["role"])
    else:
        reason = words["status"].format(STATUS[person["status"]][lang == "en"])
    return words["not_assessed"].format(reason=reason)


def _has(cell: object) -> bool:
    """Whether an item's cell holds an amount or a text."""
    return cell is not None and cell == cell


def _behind(results: Results, items: Iterable[str]) -> set[str]:
    """Pay items and all those that they stand on."""
    found: set[str] = set()
    waiting = list(items)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            meanings = map(results.names.find, names_in(results.definition(name).formula.node))
            waiting += [m.key for m in meanings if m is not None and m.kind == "item"]
    return found


def explain_group(results: Results, level: str, group: int, lang: str = "zh") -> list[Line]:
    """Every figure of a department, shop or team."""
    return [
        group_line(results, item, group, WORDS[lang])
        for item in results.scheme.pay_items
        if item.level == level
    ]
