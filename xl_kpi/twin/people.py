"""SUM, AVERAGE, COUNT, MIN and MAX over a department's people as plain formulas."""

from __future__ import annotations

from xl_kpi.twin.sheets import Column
from xl_kpi.twin.terms import Below, Level, Term


def over_people(function: str, figure: Term, level: Level, below: Below) -> Term:
    """A department's figure from a column of its people: SUM over all, the rest over the assessed.

    Args:
        function: One of ``formula.AGGREGATES``.
        figure: The people's figure, a column of their sheet.
        level: The departments.
        below: Their people.
    """
    if not isinstance(figure.source, Column):
        raise TypeError(figure)
    sheet = level.area.sheet
    mine = f"({below.department.at(sheet, 'all')}={below.number.at(sheet)})"
    if function == "SUM":
        departments = below.department.at(sheet, "all")
        values = figure.source.at(sheet, "all")
        return Term(f"SUMIF({departments},{below.number.at(sheet)},{values})")
    if function in ("MIN", "MAX"):
        figure = _at_the_end(function, figure, below)
        return _mean(level, figure, f'{mine}*({_all(figure, sheet)}<>"")')
    counted = f'{mine}*({below.assessed.at(sheet, "all")}=1)*({_all(figure, sheet)}<>"")'
    if function == "COUNT":
        return Term(f"SUMPRODUCT({counted})")
    return _mean(level, figure, counted)


def _all(figure: Term, sheet: str) -> str:
    assert isinstance(figure.source, Column)
    return figure.source.at(sheet, "all")


def _mean(level: Level, figure: Term, counted: str) -> Term:
    number = level.step(f"{_label(figure)} 人数", f"SUMPRODUCT({counted})").text
    total = f"SUMPRODUCT({counted},{_all(figure, level.area.sheet)})"
    return Term(f'IF({number}=0,"",{total}/{number})', open=True)


def _label(figure: Term) -> str:
    assert isinstance(figure.source, Column)
    return figure.source.label


def _at_the_end(function: str, figure: Term, below: Below) -> Term:
    """The figure of those of the assessed whom none of their department is below (or above)."""
    people = below.people
    sheet = people.area.sheet
    here, label = figure.text, _label(figure)
    own = below.department.at(sheet)
    counted = people.step(
        f"{label} 考核", f'IF(AND({below.assessed.at(sheet)}=1,ISNUMBER({here})),{here},"")'
    )
    everybody, sign = _all(counted, sheet), "<" if function == "MIN" else ">"
    before = (
        f"SUMPRODUCT(({below.department.at(sheet, 'all')}={own})"
        f'*({everybody}<>"")*({everybody}{sign}{counted.text}))'
    )
    return people.step(
        f"{label} {function}",
        f'IF({counted.text}="","",IF({own}="","",IF({before}=0,{counted.text},"")))',
    )
