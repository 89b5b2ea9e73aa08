"""The unit of what a formula's names and calls give: how its figures are written."""

from __future__ import annotations

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.formula import AGGREGATES, Binary, Call, Name, Node, Unary
from xl_kpi.names import Meaning, Names
from xl_kpi.tables import DEPARTMENTS, REFUNDS, ROSTER, SHOPS, TARGETS

_TABLES = {
    "roster": ROSTER, "target": TARGETS, "shop": SHOPS, "department": DEPARTMENTS,
    "refund": REFUNDS,
}  # fmt: skip
_SCORES = {"total": "points", "base_share": "ratio", "place": "place", "place_from_bottom": "place",
           "missed": "count", "heads": "count", "grade": "grade"}  # fmt: skip


def unit_of(names: Names, node: Node) -> str:
    """The unit of a formula's figure; empty where it has none or it is not known."""
    match node:
        case Name(name):
            meaning = names.find(name)
            return "" if meaning is None else _of_meaning(names, meaning)
        case Unary("-" | "+", operand):
            return unit_of(names, operand)
        case Binary("+" | "-", left, right):
            first, second = unit_of(names, left), unit_of(names, right)
            return first if first == second else ""
        case Call("COUNT", _):
            return "count"
        case Call(function, (Name() as first, *_)) if function in AGGREGATES or function == "PAST":
            return unit_of(names, first)
        case Call(function, _) if function in FUNCTIONS:
            return FUNCTIONS[function].unit
    return ""


def _of_meaning(names: Names, meaning: Meaning) -> str:
    scheme = names.scheme
    match meaning.kind:
        case "count":
            return names.counts.column(meaning.key).unit
        case "metric":
            return scheme.metrics[meaning.key].unit
        case "item":
            return next(item.unit for item in scheme.pay_items if item.name == meaning.key)
        case "indicator":
            metric = next(i.metric for i in scheme.indicators if i.name == meaning.key)
            of_part = {"points": "points", "place": "place"}
            return of_part.get(meaning.part, scheme.metrics[metric].unit)
        case "origin":
            inner = names.find(meaning.key)
            return "" if inner is None or inner.kind == "origin" else _of_meaning(names, inner)
        case "block":
            return "points"
        case "adjustment":
            return "yuan"
        case "score":
            return _SCORES.get(meaning.key, "")
        case "day":
            return "ratio" if meaning.key == "employed_share" else ""
        case "constant":
            return "points" if meaning.key == "divisor" else "count"
    table = _TABLES.get(meaning.kind)
    column = next((c for c in table.columns if c.key == meaning.key), None) if table else None
    return "" if column is None else column.unit
