"""What the policy leaves open, listed with the default that was taken."""

from __future__ import annotations

from collections.abc import Iterator

from xl_kpi.errors import Problem
from xl_kpi.scheme import Row, Scheme

_MARK = "原文未定"
_KINDS = {"indicator": "指标", "curve": "曲线", "item": "薪资项", "grade": "等级", "follows": "后续"}


def is_open_point(problem: Problem) -> bool:
    """Whether a note only repeats what a row of the scheme says is left open."""
    return problem.severity == "note" and problem.what.startswith(_MARK)


def left_open(scheme: Scheme) -> Iterator[tuple[str, str, Row]]:
    """Every row that says so: the kind of row, what it is called, and the row."""
    rows = [("indicator", i.name, i.row) for i in scheme.indicators]
    rows += [("curve", c.name, row) for c in scheme.curves.values() for row in c.rows]
    rows += [("item", item.name, item.row) for item in scheme.pay_items]
    rows += [("grade", grade.label, grade.row) for grade in scheme.grades]
    rows += [("follows", c.follows, c.row) for c in scheme.consequences]
    return (one for one in rows if one[2].get("open_point") is not None)


def open_points(scheme: Scheme) -> Iterator[Problem]:
    """A note for every row that says so."""
    for kind, name, row in left_open(scheme):
        yield Problem(
            row.cell("open_point"), f"{_MARK}（{_KINDS[kind]}“{name}”）：{row.get('open_point')}",
            "请制度的制定人确认；确认后改这一行，并清空“原文未定”", "note",
        )  # fmt: skip
