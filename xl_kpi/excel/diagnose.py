"""``xl-kpi diagnose``: the months of a book, and whether its policy is any good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from xl_kpi.diagnosis import Diagnosis, Logs, diagnose, thresholds
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.closed_months import look_back
from xl_kpi.excel.load import Job, load_raw
from xl_kpi.excel.log_sheets import is_log, logs_of_sheets, settings_of, span_of
from xl_kpi.excel.policies import Policies, months_with_figures, refuse
from xl_kpi.excel.reader import read_book
from xl_kpi.simulation import closed_months


def diagnose_book(
    path: Path, scheme: str | None = None, months: Sequence[str] = (), changes: Sequence[str] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> Diagnosis:  # fmt: skip
    """Diagnose the policy of a book over its months; the book is only read.

    Args:
        path: The workbook.
        scheme: The scheme, or several (``S02,S06``); None = those on the first sheet.
        months: Which months; none = those that are closed, or, of fewer than the threshold of
            months, all that have figures.
        changes: Thresholds to change, such as ``easy_share=90%``.
        progress: Told the share that is done.

    Raises:
        InputError: the book has errors, or no month can be calculated.
    """
    limits = thresholds(changes)
    book = read_book(path)
    job = load_raw(book)
    closed = look_back(job)
    refuse(job.problems)
    policies = Policies(book, job)
    policy = policies.named(scheme or "、".join(s.id for s in job.schemes), "--scheme")
    refuse([*job.problems, *policies.problems])
    known = list(closed.chain.periods) or closed_months(job.tables["history"])
    figures = months_with_figures(job)
    shut = [month for month in known if month in figures]
    wanted = list(months) or (shut if len(shut) >= limits.months else figures)
    without = [m for m in wanted if m not in figures]
    if without or not wanted:
        what = f"没有数据的月份：{'、'.join(without)}" if without else "没有可以诊断的月份：指标数据和评分里都没有数"
        has = f"有数据的月份：{'、'.join(figures)}" if figures else "先导入或填写至少一个月的数据"
        raise InputError([Problem("--months" if without else path.name, what, has)])
    refuse(policies.check(policy, wanted[-1]))
    found = diagnose(job.tables, wanted, policy, limits, _logs(job), progress)
    found.problems += policies.hints()
    if not months and len(wanted) < len(figures):
        left = "、".join(sorted(set(figures) - set(wanted)))
        note = Problem("--months", f"只看月结过的月份；没有看：{left}", "要看就用 --months 写出来", "note")
        found.problems.append(note)
    return found


def _logs(job: Job) -> Logs | None:
    """会话 and 订单, where 会话 has shops, buyers, times and lines."""
    sessions, orders = job.tables["sessions"], job.tables["orders"]
    if not is_log(sessions):
        return None
    definition = settings_of(job.tables["definition"]).definition
    return Logs(logs_of_sheets(sessions, orders), definition, span_of(sessions, orders))
