"""What the policy leaves open, listed with the default that was taken."""

from __future__ import annotations

from collections.abc import Iterator

from xl_kpi.errors import Problem
from xl_kpi.scheme import Row, Scheme

_MARK = "原文未定"


def is_open_point(problem: Problem) -> bool:
    """Whether a note only repeats what a row of the scheme says is left open."""
    return problem.severity == "note" and problem.what.startswith(_MARK)


def open_points(scheme: Scheme) -> Iterator[Problem]:
    """A note for every row that says so."""
    rows: list[tuple[Row, str]] = [(i.row, f"指标“{i.name}”") for i in scheme.indicators]
    rows += [(row, f"曲线“{c.name}”") for c in scheme.curves.values() for row in c.rows]
    rows += [(item.row, f"薪资项“{item.name}”") for item in scheme.pay_items]
    rows += [(grade.row, f"等级“{grade.label}”") for grade in scheme.grades]
    rows += [(c.row, f"后续“{c.follows}”") for c in scheme.consequences]
    for row, name in rows:
        text = row.get("open_point")
        if text is not None:
            yield Problem(
                row.cell("open_point"), f"{_MARK}（{name}）：{text}",
                "请制度的制定人确认；确认后改这一行，并清空“原文未定”", "note",
            )  # fmt: skip
