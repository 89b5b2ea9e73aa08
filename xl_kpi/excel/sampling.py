"""People whose groups stand alone: calculated by themselves they come to the same figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_kpi.catalogue import RULES
from xl_kpi.pipeline import Results, evaluate
from xl_kpi.scheme import Indicator

MOST_PEOPLE = 1_000  # of more, the formulas of everybody would be too many to recalculate
SAMPLE_PEOPLE = 300


def sample(results: Results, most: int = SAMPLE_PEOPLE) -> Results | None:
    """Whole groups of people, calculated without the others; None if none stands alone.

    Args:
        results: Everybody's figures.
        most: How many people there may be.
    """
    chosen = _chosen(_linked(results), most)
    if not chosen.any():
        return None
    tables = dict(results.figures.records.tables)
    ids = {i for i, kept in zip(results.people.ids, chosen, strict=True) if kept}
    roster = tables["roster"]
    tables["roster"] = roster[roster["person_id"].isin(ids)].reset_index(drop=True)
    period = results.figures.period.name
    alone = evaluate(tables, results.scheme, period)
    return alone if _same(results, alone, chosen) else None


def _linked(results: Results) -> NDArray[np.intp]:
    """People who are compared with each other, directly or by way of others, share a number."""
    groups = results.people.groups
    ranked = (s.indicator for s in results.scored.values() if _compares(s.indicator))
    kinds = {"department", *(indicator.group for indicator in ranked)}
    linked = np.arange(results.people.count)
    while True:
        before = linked
        for kind in kinds:
            codes = groups[kind].codes if kind in groups else groups["everyone"].codes
            lowest = np.full(codes.max(initial=-1) + 1, results.people.count)
            inside = codes >= 0
            np.minimum.at(lowest, codes[inside], linked[inside])
            linked = np.where(inside, lowest[codes] if len(lowest) else linked, linked)
        if (linked == before).all():
            return linked


def _compares(indicator: Indicator) -> bool:
    """Whether its points depend on the others of a group; "everyone" is also the group of none."""
    rule = RULES.get(indicator.rule)
    return indicator.group != "everyone" or (rule is not None and rule.grouped)


def _chosen(linked: NDArray[np.intp], most: int) -> NDArray[np.bool_]:
    """The largest sets that fit, as many as fit."""
    numbers, sizes = np.unique(linked, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    kept, room = [], most
    for number, size in zip(numbers[order].tolist(), sizes[order].tolist(), strict=True):
        if size <= room:
            kept.append(number)
            room -= size
    return np.isin(linked, kept)


def _same(results: Results, alone: Results, chosen: NDArray[np.bool_]) -> bool:
    """Whether the sample has the figures that it has among everybody."""
    if alone.people.ids != [i for i, k in zip(results.people.ids, chosen, strict=True) if k]:
        return False
    pairs = [(results.items[i.name], alone.items[i.name]) for i in results.paid_items]
    pairs += [(results.blocks[name], alone.blocks[name]) for name in results.blocks]
    return all(np.array_equal(a[chosen], b, equal_nan=True) for a, b in pairs)
