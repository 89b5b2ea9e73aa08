"""What Excel's function wizard says of each worksheet function: Chinese first, then English."""

from __future__ import annotations

from typing import Any

from xl_kpi import calling as _calling  # noqa: F401 - files every rule
from xl_kpi.catalogue import FUNCTIONS, Argument, Rule, defaults

CATEGORY = "KPI"
MOST_CHARACTERS = 255  # of a text of the wizard
_OTHERS = {
    "KPI_WHY": (
        "KPI 函数在这个单元格里出错的原因；没有出错就是空 / "
        "why a KPI function left an error in this cell, else empty",
        "单元格 / cell",
    ),
    "KPI_VERSION": ("xl_kpi 的版本 / version of xl_kpi",),
}
_SHAPES = {
    "column": ("一格或一列", "a cell or a column"),
    "matrix": ("每人一行", "a row per person"),
    "scalar": ("一格", "one cell"),
    "list": ("一行或一列", "a row or a column"),
    "table": ("一个区域", "a range"),
    "groups": ("每行的分组", "the group of each row"),
}
_UNITS = {"yuan": "元", "s": "秒", "points": "分", "ratio": "0.47 = 47%", "rate": "0.01 = 1%"}
# Words of VBA that cannot name a parameter.
_RESERVED = frozenset({"end", "step", "next", "loop", "each", "line", "base", "date", "string"})


def vba_name(key: str) -> str:
    """The name of an argument in Excel."""
    return f"{key}_" if key in _RESERVED else key


def argument_text(argument: Argument, function: str) -> str:
    """What an argument is, its shape and unit, and its figure if it is left out."""
    parts = [*_SHAPES[argument.shape]]
    if argument.unit in _UNITS:
        parts.insert(0, _UNITS[argument.unit])
    if argument.choices:
        parts = [" / ".join(argument.choices)]
    preset = defaults().get(function, {}).get(argument.key)
    left_out = ""
    if argument.optional:
        left_out = "；可省略 optional" + ("" if preset is None else f" = {shown_preset(preset)}")
    text = f"{argument.zh} / {argument.en}（{'，'.join(parts)}{left_out}）"
    return text[:MOST_CHARACTERS]


def shown_preset(preset: Any) -> str:
    """A preset figure as one types it."""
    if isinstance(preset, bool):
        return str(preset).upper()
    if isinstance(preset, list):
        rows = [row if isinstance(row, list) else [row] for row in preset]
        mark = ";" if isinstance(preset[0], list) else ","
        return "{" + mark.join(",".join(shown_preset(cell) for cell in row) for row in rows) + "}"
    if preset == "group_mean":
        return "组均值 group mean"
    text = "" if preset is None else str(preset)
    return text[1:] if text.startswith("=") and len(text) > 1 else text  # "=full": as another one


def description(rule: Rule) -> str:
    """What a function gives."""
    source = "" if rule.source.startswith("rules.md") else f"（{rule.source}）"
    return f"{rule.zh} / {rule.en}{source}"[:MOST_CHARACTERS]


def wizard_rows() -> list[list[str]]:
    """A row per function: name, description, category, then a text per argument."""
    rows = [
        [name, description(rule), CATEGORY, *(argument_text(a, name) for a in rule.arguments)]
        for name, rule in FUNCTIONS.items()
    ]
    rows += [[name, texts[0], CATEGORY, *texts[1:]] for name, texts in _OTHERS.items()]
    return sorted(rows)
