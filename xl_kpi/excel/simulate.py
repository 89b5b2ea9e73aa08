"""``xl-kpi simulate``: months of a book under any of its schemes or a ready one."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.excel.load import Job, load_raw, scheme_ids, scheme_rows_of
from xl_kpi.excel.reader import RawBook, read_book
from xl_kpi.lint import lint
from xl_kpi.period import Period, month_of, parse_period
from xl_kpi.records import Tables
from xl_kpi.scheme import Row, Rows, Scheme
from xl_kpi.scheme_frames import rows_of
from xl_kpi.scheme_rows import make_scheme, preset_ids, preset_rows
from xl_kpi.scheme_tables import METRICS
from xl_kpi.simulation import Policy, Simulation, closed_months, simulate


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
    _refuse(job.problems)
    policies = _Policies(book, job)
    tried = policies.named(scheme, "--scheme")
    active = "、".join(s.id for s in job.schemes)
    base = policies.named(against or active, "--against")
    _refuse([*job.problems, *policies.problems])
    closed = closed_months(job.tables["history"])
    wanted = list(months) or closed or _months_with_figures(job)
    if not wanted:
        what = "没有可以试算的月份：指标数据和评分里都没有数"
        raise InputError([Problem(path.name, what, "先导入或填写至少一个月的数据")])
    with_paid = against is None and set(wanted) <= set(closed)
    _refuse(policies.check(tried, wanted[-1]) + policies.check(base, wanted[-1]))
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


def _refuse(problems: Sequence[Problem]) -> None:
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise InputError(list(dict.fromkeys(errors)))


def _months_with_figures(job: Job) -> list[str]:
    """The months up to the one on the first sheet that have counts or ratings."""
    start = job.schemes[0].month_start_day
    tables: Tables = job.tables
    days = tables["counts"]["date"].dropna().dt.date.unique()
    months = {month_of(day, start) for day in days} | set(tables["ratings"]["period"].dropna())
    return sorted(month for month in months if month <= job.period)


class _Policies:
    """The schemes that a book or the program knows, by the way users name them."""

    def __init__(self, book: RawBook, job: Job) -> None:
        self.problems: list[Problem] = []
        self._book, self._job = book, job
        self._ready: dict[str, None] = {}
        self._metrics: Sequence[Row] = rows_of(job.frames[METRICS.key], METRICS)

    def named(self, text: str, where: str) -> Policy:
        """The policy that a list of scheme IDs stands for."""
        known = [*dict.fromkeys([*scheme_ids(self._book), *preset_ids()])]
        sources: list[_Source] = []
        for word in dict.fromkeys(filter(None, re.split("[,，、;； ]+", text.strip()))):
            one, _, month = word.partition("@")
            period = parse_period(month) if month else None
            found = next((k for k in known if k.casefold() == one.casefold()), None)
            if month and period is None:
                self._wrong(where, f"“{word}”里的“{month}”不是月份", f"写成 {one}@2027-01")
            elif found is None:
                near = nearest(one, known)
                self._wrong(
                    where, f"没有方案“{one}”，工作簿和现成方案里都没有",
                    f"是不是 {near}？" if near else "可用：" + "、".join(known),
                )  # fmt: skip
            else:
                rows = self._rows(found)
                sources.append(_Source(rows, self._metrics, period))
        if not sources and not self.problems:
            self._wrong(where, "没有写方案", "写方案编号，如 S04")
        names = [_head(source.rows, "name", "方案名称", "Scheme name") for source in sources]
        return Policy(text.strip(), "、".join(names), lambda month: [s.scheme(month) for s in sources])

    def hints(self) -> list[Problem]:
        """Where the ready schemes can be changed that the book has no sheet of."""
        return [
            Problem(
                one, "是现成方案，本工作簿里没有它的方案表，曲线、目标都是起始值",
                f"用 xl-kpi new 新建带 {one} 的工作簿，在方案表里改成贵公司的数，再试算", "note",
            )
            for one in self._ready
        ]  # fmt: skip

    def check(self, policy: Policy, month: str) -> list[Problem]:
        """What stands in the way of calculating by it: rows, formulas."""
        try:
            return [p for scheme in policy.schemes(month) for p in lint(scheme)]
        except InputError as error:
            return list(error.problems)

    def _rows(self, scheme_id: str) -> Rows:
        if scheme_id in scheme_ids(self._book):
            return scheme_rows_of(self._book, self._job, scheme_id)
        self._ready[scheme_id] = None
        return preset_rows(scheme_id)

    def _wrong(self, where: str, what: str, fix: str) -> None:
        self.problems.append(Problem(where, what, fix))


class _Source:
    """The rows of a scheme, and the scheme that they make in a month."""

    def __init__(self, rows: Rows, metrics: Sequence[Row], fixed: str | None) -> None:
        self.rows, self._metrics, self._fixed = rows, metrics, fixed
        dated = (row for key, table in rows.items() if key != "head" for row in table)
        self._dated = any(row.get("valid_from") or row.get("valid_to") for row in dated)
        self._made = functools.cache(lambda on: make_scheme(rows, metrics, on))

    def scheme(self, month: str) -> Scheme:
        """The scheme by the rows in force then; of one that starts later, those of its start."""
        whole = self._made(None)
        if not self._dated:
            return whole
        end = Period(self._fixed or month, whole.month_start_day).end
        return self._made(max(end, whole.valid_from or dt.date.min))


def _head(rows: Rows, *labels: str) -> str:
    return next((str(r.get("value") or "") for r in rows["head"] if r.get("key") in labels), "")
