"""The closed months of a book, and the month on its first sheet as they leave it.

A month that is closed is shown as it was paid, from what was kept of it.  A month that is open
looks back at the closed ones as they are known by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from xl_kpi.closing.closing import booked_rows, recalculate
from xl_kpi.closing.ledger import PAY, Figures, as_of, with_rows
from xl_kpi.closing.months import TYPED, kept_schemes, kept_tables, with_archive
from xl_kpi.closing.parameters import changed_parameters
from xl_kpi.closing.replay import Replay, replay
from xl_kpi.closing.snapshot import Chain, hash_of
from xl_kpi.closing.true_ups import TrueUp, pay_by_person, true_ups
from xl_kpi.closing.verify import read_chain
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.load import Job
from xl_kpi.formula import FormulaError
from xl_kpi.period import earlier
from xl_kpi.pipeline import Results
from xl_kpi.tables import CLOSINGS


@dataclass(slots=True)
class ClosedMonths:
    """What the closed months mean for the month on the first sheet.

    Attributes:
        chain: The closed months.
        place: Where this month stands among them; -1 while it is open.
        tables: The tables of the book, 历史 with all its rows.
        replay: What differs by now from what was booked, to be booked with this month.
        true_ups: The same as rows for people to read.
    """

    chain: Chain = field(default_factory=Chain)
    place: int = -1
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    replay: Replay = field(default_factory=Replay)
    true_ups: list[TrueUp] = field(default_factory=list)

    @property
    def amount(self) -> float | None:
        """What this month pays for the closed ones, in yuan; None where none is closed."""
        if self.chain.last is None:
            return None
        return round(sum(pay_by_person(self.replay).values()), 2) + 0.0

    @property
    def corrections(self) -> Figures:
        """The figures of earlier months that this month puts right."""
        return self.replay.corrections

    def owed_to_others(self, owed: Mapping[str, float], runs: Sequence[Results]) -> list[Problem]:
        """Who has left and gets or gives back something all the same: on no payslip of the month.

        Args:
            owed: What closed months owe, in yuan, by staff id.
            runs: The month's results.
        """
        there = {person for results in runs for person in results.people.ids}
        names = {one.person_id: one.name for one in self.true_ups}
        return [
            Problem(
                "往月差额", f"{names.get(person, person)}（{person}）不在本期名单里，往月差额 {amount:+.2f} 元",
                "单独结清；个人结果和工资条里没有这个人", "warning",
            )
            for person, amount in owed.items() if person not in there
        ]  # fmt: skip


def look_back(job: Job) -> ClosedMonths:
    """Prove the closed months of a book and calculate the month on them.

    ``job`` has the tables and schemes of the month afterwards, and every problem found.
    """
    if not {"closings", "archive"} <= set(job.tables):
        return ClosedMonths()
    chain, problems = read_chain(*(job.tables[key] for key in ("closings", "archive", TYPED)))
    job.problems += problems
    if not problems:
        _without_sealed(job, chain)
    found = ClosedMonths(chain, tables=dict(job.tables))
    if chain.last is None or problems:
        return found
    found.place = chain.place(job.period)
    if found.place >= 0:
        _as_paid(job, found)
    elif job.ready:
        _open(job, found)
    return found


def _without_sealed(job: Job, chain: Chain) -> None:
    """Months before the first one whose rows stand in the tables come from the archive."""
    first = job.data_from
    if first is None:
        return
    if chain.last is None or chain.last.period < earlier(first, 1):
        last = chain.last.period if chain.last else "还没有"
        what = f"数据起始是 {first}，它前面的月份却没有都月结（最后一次月结：{last}）"
        job.problems.append(Problem("首页：数据起始", what, "留空，或改成已月结的月份之后"))
        return
    job.tables = with_archive(chain, job.tables, first)


def _as_paid(job: Job, found: ClosedMonths) -> None:
    """A closed month: its own tables and schemes."""
    chain, place = found.chain, found.place
    snapshot = chain.snapshots[place]
    asked = tuple(scheme.id for scheme in job.schemes)
    if asked and asked != snapshot.schemes:
        paid = "、".join(snapshot.schemes)
        job.problems.append(
            Problem(
                f"{CLOSINGS.zh}：{snapshot.period}", f"{snapshot.period} 已按 {paid} 月结，不能再按 {'、'.join(asked)} 计算",
                f"在首页选 {paid}；想看别的方案会怎样，用 xl-kpi simulate",
            )
        )  # fmt: skip
        return
    before = chain.before(place)
    kept = kept_tables(chain, place, job.tables)
    history = booked_rows(before, job.tables[TYPED], chain.part(f"{TYPED}|", place))
    found.replay = replay(before, {**kept, TYPED: history})
    found.true_ups = true_ups(found.replay, before)
    history = with_rows(history, list(found.corrections.items()), snapshot.period)
    job.tables = {**kept, TYPED: as_of(history, snapshot.period)}
    job.schemes = kept_schemes(chain, place)
    job.as_of, job.code = None, snapshot.code
    job.problems.append(
        Problem(
            f"{CLOSINGS.zh}：{snapshot.period}", f"{snapshot.period} 已于 {snapshot.closed[:10]} 月结，显示的是发放时的数；"
            "之后改动的数据和方案不影响它", "以后的差额记在下一个没有月结的月份，见“往月差额”", "note",
        )
    )  # fmt: skip


def _open(job: Job, found: ClosedMonths) -> None:
    """A month that is open: what it knows of the closed ones, and what it owes them."""
    chain, last = found.chain, found.chain.snapshots[-1].period
    if job.period < last:
        what = f"{job.period} 在第一个月结的月份 {chain.periods[0]} 之前，不会再入账"
        job.problems.append(Problem(CLOSINGS.zh, what, "改首页的期间", "warning"))
        return
    if earlier(job.period, 1) != last:
        what = f"上一次月结是 {last}，{earlier(job.period, 1)} 还没有月结"
        job.problems.append(Problem(CLOSINGS.zh, what, "按月份顺序月结", "warning"))
    job.problems += changed_parameters(chain, job.frames, job.period)
    found.replay = replay(chain, job.tables)
    job.problems += found.replay.problems
    found.true_ups = true_ups(found.replay, chain)
    history = with_rows(job.tables[TYPED], list(found.corrections.items()), job.period)
    job.tables = {**job.tables, TYPED: as_of(history, job.period)}
    for period in found.replay.now:
        mine = [one for one in found.true_ups if one.period == period and one.difference]
        if mine:
            people = len({one.person_id for one in mine})
            amount = sum(one.difference or 0.0 for one in mine)
            job.problems.append(
                Problem(
                    f"{CLOSINGS.zh}：{period}",
                    f"{period} 月结之后数据改动过：{people} 人的数变了，合计 {amount:+.2f} 元，记入 {job.period}",
                    "见“往月差额”；不该改的就改回来", "warning",
                )
            )  # fmt: skip


def prove(found: ClosedMonths, like: dict[str, pd.DataFrame]) -> list[Problem]:
    """Calculate every closed month again from what was kept of it: the same to the byte."""
    problems = []
    for place, snapshot in enumerate(found.chain.snapshots):
        where = f"{CLOSINGS.zh}：{snapshot.period}"
        fix = f"已发的不变；两个版本为什么不同，见 CHANGELOG 的 Changes results（月结时的版本 {snapshot.version}）"
        try:
            again = recalculate(found.chain, place, like)
        except (FormulaError, InputError) as error:
            what = f"{snapshot.period} 用现在的版本重算不了：{error}"
            problems.append(Problem(where, what, fix, "warning"))
            continue
        if hash_of(again.data()) != found.chain.hashes[place]:
            now, then = dict(again.figures), dict(snapshot.figures)
            other = [key for key in {**then, **now} if now.get(key) != then.get(key)]
            first = next((key for key in other if key.item == PAY), other[0]) if other else None
            named = f"：{first.person_id} 的{first.item}等 {len(other)} 处" if first else ""
            what = f"{snapshot.period} 用现在的版本重算，和月结时不同{named}"
            problems.append(Problem(where, what, fix, "warning"))
    return problems
