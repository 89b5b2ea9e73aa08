"""The schemes and months of a book that what-if and diagnosis ask for, by the way users name them."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Sequence

from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.excel.load import Job, scheme_ids, scheme_rows_of
from xl_kpi.excel.reader import RawBook
from xl_kpi.lint import lint
from xl_kpi.period import Period, month_of, parse_period
from xl_kpi.records import Tables
from xl_kpi.scheme import Row, Rows, Scheme
from xl_kpi.scheme_frames import rows_of
from xl_kpi.scheme_rows import make_scheme, preset_ids, preset_rows
from xl_kpi.scheme_tables import METRICS
from xl_kpi.simulation import Policy


def refuse(problems: Sequence[Problem]) -> None:
    """Stop at errors.

    Raises:
        InputError: there are some among the problems.
    """
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise InputError(list(dict.fromkeys(errors)))


def months_with_figures(job: Job) -> list[str]:
    """The months up to the one on the first sheet that have counts or ratings."""
    start = job.schemes[0].month_start_day
    tables: Tables = job.tables
    days = tables["counts"]["date"].dropna().dt.date.unique()
    months = {month_of(day, start) for day in days} | set(tables["ratings"]["period"].dropna())
    return sorted(month for month in months if month <= job.period)


class Policies:
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
