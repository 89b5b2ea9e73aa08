"""Any number of a result as sentences: inputs, group figures, band hit, cell, clause."""

from __future__ import annotations

import numpy as np

from xl_kpi.explain.items import group_line, item_line, refund_lines
from xl_kpi.explain.lines import WORDS, Line, number
from xl_kpi.explain.scores import block_line, indicator_lines, total_lines
from xl_kpi.pipeline import Results
from xl_kpi.scheme_tables import GROUP_LEVELS

__all__ = ["Line", "explain", "explain_group", "number"]


def explain(results: Results, row: int, lang: str = "zh") -> list[Line]:
    """Every number of one person, in the order in which it was made.

    Args:
        results: A calculated period.
        row: The person's row in ``results.people``.
        lang: ``zh`` or ``en``.
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


def explain_group(results: Results, level: str, group: int, lang: str = "zh") -> list[Line]:
    """Every figure of a department, shop or team."""
    return [
        group_line(results, item, group, WORDS[lang])
        for item in results.scheme.pay_items
        if item.level == level
    ]
