"""The head of a scheme sheet, and what is read from its rows in one way everywhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from xl_kpi.errors import Problem, nearest
from xl_kpi.formula import FormulaError, parse
from xl_kpi.scheme import Formula, Grading, Row
from xl_kpi.scheme_tables import (
    BLOCK_MODES,
    GRADE_TIES,
    GROUPS,
    HEAD,
    HEAD_SETTINGS,
    OVERSPEND,
    SMALL_TEAM_RULES,
    WEEKS,
)

_FIGURE = re.compile(r"[0-9]*\.?[0-9]+%?")


class RowReader:
    """Reads cells of scheme rows and collects what is wrong with them.

    ``on`` is the day that picks dated rows, None = all of them.
    """

    def __init__(self, on: dt.date | None) -> None:
        self.on = on
        self.problems: list[Problem] = []

    def wrong(self, where: str, what: str, fix: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(where, what, fix))

    def in_force(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that are in force on the day; all of them without one."""
        for row in rows:
            start, end = row.get("valid_from"), row.get("valid_to")
            if start is not None and end is not None and start > end:
                self.wrong(row.cell("valid_from"), "生效日期晚于失效日期", "交换两个日期")
        if self.on is None:
            return list(rows)
        day = np.datetime64(self.on)
        return [
            row
            for row in rows
            if (row.get("valid_from") is None or np.datetime64(row.get("valid_from"), "D") <= day)
            and (row.get("valid_to") is None or day <= np.datetime64(row.get("valid_to"), "D"))
        ]

    def formula(self, row: Row, key: str) -> Formula | None:
        """The formula of a cell, None where there is none that can be read."""
        text = row.get(key)
        if text is None:
            return None
        text = f"{text:.15g}" if isinstance(text, int | float) else str(text).strip()
        try:
            return Formula(text=text, node=parse(text), where=row.cell(key))
        except FormulaError as error:
            self.wrong(row.cell(key), f"“{text}”：{error}", "改正公式，写法与单元格公式相同")
            return None

    def roles(self, row: Row, key: str) -> tuple[str, ...]:
        """The roles that a cell lists; none = any role."""
        text = row.get(key)
        listed = _listed(text)
        if text is not None and not listed:
            self.wrong(row.cell(key), f"“{text}”里没有岗位", "写岗位，或清空：空白是所有岗位")
        return listed


def read_head(reader: RowReader, rows: Sequence[Row]) -> dict[str, Any]:
    """What the head of a scheme sheet sets, by the name of the field of ``Scheme``."""
    labels = {label: key for key, names in HEAD_SETTINGS.items() for label in (key, *names)}
    found: dict[str, Row] = {}
    for row in rows:
        if row.get("key") is None:  # told by whoever read the cell
            continue
        label = str(row.get("key"))
        key = labels.get(label)
        if key is None:
            near = nearest(label, labels)
            reader.wrong(
                row.cell("key"), f"方案里没有“{label}”这一项",
                f"是不是“{near}”？" if near else "删去这一行",
            )  # fmt: skip
        elif key in found:
            reader.wrong(row.cell("key"), f"“{label}”重复", "只留一行")
        else:
            found[key] = row
    place = rows[0].place if rows else HEAD.zh

    def text(key: str) -> str:
        value = found[key].get("value") if key in found else None
        return "" if value is None else str(value)

    def option(key: str, choices: Mapping[str, tuple[str, str]], blank: str = "") -> str:
        words = {word: k for k, names in choices.items() for word in (k, *names)}
        word = text(key) or blank
        if word not in words:
            allowed = "、".join(names[0] for names in choices.values())
            cell = found[key].cell("value") if key in found else place
            reader.wrong(cell, f"{HEAD_SETTINGS[key][0]}：没有“{word}”", f"可用：{allowed}")
        return words.get(word, "")

    for key in ("id", "total"):
        if not text(key):
            reader.wrong(place, f"方案缺少“{HEAD_SETTINGS[key][0]}”", "补上这一项")
    day = text("month_start_day") or "1"
    whole = day.removesuffix(".0")
    if not (whole.isdecimal() and whole.isascii()) or not 1 <= int(float(day)) <= 28:
        reader.wrong(found["month_start_day"].cell("value"), f"月起始日是“{day}”", "填 1 至 28")
        day = "1"
    def figure(key: str, limit: float, example: str) -> float | None:
        given = text(key)
        if not given:
            return None
        if not _FIGURE.fullmatch(given) or not 0 < _share(given) <= limit:
            label = HEAD_SETTINGS[key][0]
            reader.wrong(
                found[key].cell("value"), f"{label}是“{given}”", f"填 {example}，或留空"
            )
            return None
        return _share(given)

    def date(key: str) -> dt.date | None:
        given = text(key)
        if not given:
            return None
        try:
            return dt.date.fromisoformat(given[:10].replace("/", "-"))
        except ValueError:
            label = HEAD_SETTINGS[key][0]
            reader.wrong(
                found[key].cell("value"), f"{label}是“{given}”", "写成 2026-10-01，或留空"
            )
            return None

    return {
        "id": text("id"), "name": text("name"), "source": text("source"),
        "valid_from": date("valid_from"), "valid_to": date("valid_to"),
        "month_start_day": int(float(day)), "weeks": option("weeks", WEEKS),
        "block_mode": option("block_mode", BLOCK_MODES),
        "total": reader.formula(found["total"], "value") if "total" in found else None,
        "assessed_roles": (
            reader.roles(found["assessed_roles"], "value") if "assessed_roles" in found else ()
        ),
        "stand_in_share": figure("stand_in_share", 1, "50% 这样的比例"),
        "grading": Grading(
            group=option("grade_group", GROUPS, "department"),
            ties=option("grade_ties", GRADE_TIES, "better"),
            small_team=figure("small_team", 1e6, "人数，如 4"),
            small_team_rule=option("small_team_rule", SMALL_TEAM_RULES, "distribute"),
        ),
        "overspend": option("overspend", OVERSPEND, "scale"),
        "deduction_share": figure("deduction_share", 1, "20% 这样的比例"),
        "minimum_wage": figure("minimum_wage", 1e6, "当地最低工资，如 2360"),
        "place": place,
        "roles_place": found["assessed_roles"].cell("value") if "assessed_roles" in found else place,
    }  # fmt: skip


def _listed(text: object) -> tuple[str, ...]:
    """The words of a list, separated by commas of any kind."""
    words = re.split("[,，、;；]", str(text or ""))
    return tuple(word.strip() for word in words if word.strip())


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
