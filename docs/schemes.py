"""Writes docs/schemes.md: every ready scheme with its source, tables, open points and choices.

Run it after a change of a preset: ``python docs/schemes.py``; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import cycle_rows, preset_ids, preset_rows
from xl_kpi.scheme_tables import HEAD_SETTINGS, INDICATORS, RULE_CHOICES, SCHEME_TABLES
from xl_kpi.tables import CYCLE_SHEETS, Column, Table

TARGET = Path(__file__).with_name("schemes.md")
INTRODUCTION = """\
# The ready schemes

Written by `docs/schemes.py` from the presets; `xl-kpi new BOOK --scheme S06` makes a book with one
of them. The rows stand on the scheme's sheet as they stand here, and HR changes them there. An
*open point* is what the document does not say, with the default that this scheme takes; the linter
lists them as notes. Chinese names are the sheet's own words.
"""
_PARAMETERS = (
    "full", "target", "curve", "rank_points", "bonus_line", "penalty_line", "below", "miss",
    "strict", "per_count", "when_zero", "floor", "cap", "condition", "ties", "if_missing",
    "minimum_sample", "pass_line", "alert_line", "reference",
)  # fmt: skip
_BY_KEY = {table.key: table for table in SCHEME_TABLES}


def document() -> str:
    """The whole document."""
    parts = [INTRODUCTION, _overview()]
    parts += [_scheme(scheme_id) for scheme_id in preset_ids()]
    parts.append(_cycle())
    return "\n".join(parts)


def _overview() -> str:
    rows = []
    for scheme_id in preset_ids():
        head = _head(scheme_id)
        link = f"[{scheme_id}](#{scheme_id.lower()})"
        rows.append([link, head["name"], head["source"], str(len(_open_points(scheme_id)))])
    return _table(["scheme", "name", "source", "open points"], rows)


def _head(scheme_id: str) -> dict[str, str]:
    labels = {names[0]: key for key, names in HEAD_SETTINGS.items()}
    return {labels[r.get("key")]: str(r.get("value")) for r in preset_rows(scheme_id)["head"]}


def _scheme(scheme_id: str) -> str:
    rows, head = preset_rows(scheme_id), _head(scheme_id)
    shown = [[HEAD_SETTINGS[k][0], v] for k, v in head.items() if k not in ("id", "name", "source")]
    parts = [
        f"## {scheme_id}\n\n**{head['name']}**, from {head['source']}.\n",
        _table(["方案", ""], shown),
        "### 指标\n",
        _table(
            ["指标", "板块", "岗位", "周期", "分组", "计分规则", "参数", "权重", "条款"],
            [_indicator(row) for row in rows["indicators"]],
        ),
    ]  # fmt: skip
    for key, columns in (
        ("curves", ("name", "key", "lower", "upper", "edges", "value", "clause")),
        ("grades", ("grade", "share", "lower", "upper", "edges", "coefficient", "base_share", "clause")),
        ("pay_items", ("item", "level", "role", "cycle", "formula", "floor", "cap", "paid", "rule",
                       "clause")),
        ("consequences", ("condition", "follows", "due_days", "cycle", "clause")),
    ):  # fmt: skip
        if rows[key]:
            table = _BY_KEY[key]
            parts += [f"### {table.zh}\n", _plain(table, columns, rows[key])]
    points = _open_points(scheme_id)
    if points:
        parts.append("### 原文未定\n")
        parts.append("\n".join(f"- **{name}**：{text}" for name, text in points) + "\n")
    return "\n".join(parts)


def _open_points(scheme_id: str) -> list[tuple[str, str]]:
    rows = preset_rows(scheme_id)
    names = {"indicators": "metric", "curves": "name", "grades": "grade", "pay_items": "item",
             "consequences": "follows"}  # fmt: skip
    return [
        (str(row.get("name") or row.get(key)), str(row.get("open_point")))
        for table, key in names.items()
        for row in rows[table]
        if row.get("open_point")
    ]


def _indicator(row: Row) -> list[str]:
    name = row.get("metric")
    if row.get("name"):
        name = f"{row.get('name')}（{name}）"
    figures = [
        f"{INDICATORS.column(key).zh} {_cell(INDICATORS.column(key), row)}"
        for key in _PARAMETERS
        if row.get(key) is not None
    ]
    dates = _dates(row)
    weight = row.get("weight")
    return [
        str(name), str(row.get("block")), str(row.get("role") or ""), _of(row, "cycle"),
        _of(row, "group"), RULE_CHOICES[row.get("rule")][0], "；".join([*figures, *dates]),
        f"{weight:.6g}" if weight is not None else "", str(row.get("clause") or ""),
    ]  # fmt: skip


def _dates(row: Row) -> list[str]:
    return [
        f"{INDICATORS.column(key).zh} {row.get(key)}"
        for key in ("valid_from", "valid_to")
        if row.get(key) is not None
    ]


def _of(row: Row, key: str) -> str:
    return _cell(INDICATORS.column(key), row)


def _plain(table: Table, keys: Sequence[str], rows: Sequence[Row]) -> str:
    used = [key for key in keys if any(row.get(key) is not None for row in rows)]
    columns = [table.column(key) for key in used]
    return _table([c.zh for c in columns], [[_cell(c, row) for c in columns] for row in rows])


def _cell(column: Column, row: Row) -> str:
    value = row.get(column.key)
    if value is None:
        return ""
    if column.choices:
        return column.choices[value][0]
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _cycle() -> str:
    parts = ["## S13\n\n**绩效管理流程**: sheets that people work with; nothing is calculated from them.\n"]
    for table in CYCLE_SHEETS:
        rows = cycle_rows(table.key)
        keys = [c.key for c in table.columns]
        parts += [f"### {table.zh}\n", _plain(table, keys, rows)] if rows else []
    return "\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    shown = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join(shown) + "\n"


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
