"""``xl-kpi simulate``: months of a book under any of its schemes or a ready one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.load import load_raw
from xl_kpi.excel.policies import Policies, months_with_figures, refuse
from xl_kpi.excel.reader import read_book
from xl_kpi.simulation import Simulation, closed_months, simulate


def simulate_book(
    path: Path, scheme: str, against: str | None = None, months: Sequence[str] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> Simulation:  # fmt: skip
    """Compare months of a book by a scheme with what was paid; the book is only read.

    Closed months are compared with what the 历史 table says was paid; if one of the months is not
    closed, or another scheme is named, all are compared with a scheme calculated again.

    Args:
        path: The workbook.
        scheme: The scheme to try, or several for the people of their roles (``S02,S06``), each of
            the book or a ready one; ``S01@2027-01`` takes the rows in force in that month.
        against: What to compare with, written in the same way; None = the closed months as paid,
            or the scheme on the first sheet.
        months: Which months; none = those that are closed, or those that have figures.
        progress: Told the share that is done.

    Raises:
        InputError: a scheme cannot be used, or no month can be calculated.
    """
    book = read_book(path)
    job = load_raw(book)
    refuse(job.problems)
    policies = Policies(book, job)
    tried = policies.named(scheme, "--scheme")
    active = "、".join(s.id for s in job.schemes)
    base = policies.named(against or active, "--against")
    refuse([*job.problems, *policies.problems])
    closed = closed_months(job.tables["history"])
    wanted = list(months) or closed or months_with_figures(job)
    if not wanted:
        what = "没有可以试算的月份：指标数据和评分里都没有数"
        raise InputError([Problem(path.name, what, "先导入或填写至少一个月的数据")])
    with_paid = against is None and set(wanted) <= set(closed)
    refuse(policies.check(tried, wanted[-1]) + policies.check(base, wanted[-1]))
    try:
        found = simulate(
            job.tables, wanted, tried, base, with_paid=with_paid, as_of=job.as_of, progress=progress
        )
    except InputError as error:
        raise InputError([*error.problems, *policies.hints()]) from None
    open_months = [month for month in found.months if month not in closed]
    found.problems += policies.hints()
    if closed and against is None and not with_paid:
        what = f"没有月结的月份：{'、'.join(open_months)}；全部月份与 {found.before} 重算的结果比，不与已发的比"
        fix = "只比月结过的月份：用 --months"
        found.problems.append(Problem("--months", what, fix, "note"))
    return found
