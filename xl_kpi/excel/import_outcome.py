"""What an import did, and how its doubts are told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from xl_kpi.errors import Problem
from xl_kpi.excel.import_logs import LeftOut
from xl_kpi.sources.export_cells import Days
from xl_kpi.sources.export_figures import SheetReading, stake
from xl_kpi.sources.identity import Accounts
from xl_kpi.sources.merging import Difference, Merged
from xl_kpi.tables import DIFFERENCES

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One sheet that was read: what it is, what it holds, by which definition."""

    source: str
    file: str
    sheet: str
    sha256: str
    profile: str
    label: str
    platform: str
    system: str
    rule: str
    filters: str
    days: Days
    exported: dt.date | None
    rows: int
    people: int
    items: tuple[str, ...]
    fingerprint: str
    attendance: bool = False
    again: bool = False  # the same file was imported before


@dataclass(slots=True)
class ImportOutcome:
    """What an import did: the sheets read, the cells filled, every doubt."""

    book: Path
    seen: str | None = None  # the digest of the book that was read
    imported: list[Imported] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    cells: int = 0  # of 指标数据, 店铺数据 and 员工 that got another value
    changed: bool = False
    backup: Path | None = None
    left_out: dict[Path, LeftOut] = field(default_factory=dict)  # rows of logs that do not count


def tell_unknown(
    where: str, reading: SheetReading, unknown: dict[str, tuple[str, Counter[str]]], accounts: Accounts,
    outcome: ImportOutcome,
) -> None:  # fmt: skip
    """Accounts that are nobody's, with what they did and who they may be."""
    idle = sorted(name for name in unknown if name in reading.idle)
    if idle:
        listed = "、".join(idle[:_NAMED]) + (f" 等 {len(idle)} 个" if len(idle) > _NAMED else "")
        what = f"不认得、也没有接待的账号：{listed}"
        outcome.problems.append(Problem(where, what, "不用处理；是员工就在账号表写工号", "note"))
    for name, (why, total) in unknown.items():
        if name in idle:
            continue
        names = (name, *reading.aliases.get(name, ()))
        near = "" if why else accounts.proposal(names)
        what = f"“{name}”{why or '不在账号表，也不在员工表'}，没有计入任何人：{stake(total)}"
        fix = (f"是不是{near}？" if near else "") + "在账号表里给它写上工号，再导入一次"
        outcome.unmatched.append(name)
        outcome.problems.append(Problem(where, what, fix, "warning"))


def tell_several_systems(
    found: dict[str, dict[str, set[str]]], accounts: Accounts, outcome: ImportOutcome
) -> None:
    """Accounts of one person from different systems, whose figures were added."""
    for person, systems in found.items():
        listed = "；".join(f"{system}：{'、'.join(sorted(names))}" for system, names in systems.items())
        outcome.problems.append(
            Problem(
                f"{accounts.roster.get(person, '')}（{person}）",
                f"同一平台的账号来自几个系统，数已相加（{listed}）",
                "如果是同一个账号的两个名字，就会算两次：删掉其中一份的导入记录，再导入另一份",
                "warning",
            )
        )


def tell_misfits(merged: Merged, sources: set[str], outcome: ImportOutcome) -> None:
    """Rates that the counts contradict."""
    groups: dict[tuple[str, str], list[str]] = {}
    files = {i.source: i.file for i in outcome.imported}
    for misfit in merged.misfits:
        row = misfit.row
        if row.source in sources:
            who = row.account or row.shop
            groups.setdefault((files[row.source], row.item), []).append(
                f"{who} {row.start}：{row.value:.6g}，而 {misfit.words} = {misfit.expected:.6g}"
            )
    for (file, item), told in groups.items():
        outcome.problems.append(
            Problem(
                file, f"“{item}”有 {len(told)} 行与计数对不上：{'；'.join(told[:3])}",
                "核对平台的口径；按计数计算", "warning",
            )
        )  # fmt: skip


def tell_made(merged: Merged, outcome: ImportOutcome) -> None:
    """Counts that were derived, recovered or estimated, and means that give none."""
    files = "、".join(dict.fromkeys(i.file for i in outcome.imported))
    if merged.derived:
        what = f"回复人数 = 接待人数 − 未回复人数（{merged.derived} 行）"
        outcome.problems.append(Problem(files, what, "不用处理", "note"))
    if merged.recovered:
        what = f"由比率和分母还原出唯一的整数人数（{merged.recovered} 行）；还原不出唯一整数的留空"
        outcome.problems.append(Problem(files, what, "不用处理", "note"))
    if merged.estimated:
        what = f"{merged.estimated} 行的响应秒数是估算：平均响应 × 接待人数，不是平台的原数"
        outcome.problems.append(
            Problem(files, what, "个人的平均数不变，合计和均值是近似；导入记录里有标记", "warning")
        )
    means = sorted(
        {
            item
            for taken in merged.taken.values()
            for item in ("平均响应时间", "首次响应时长")
            if item in taken and not ({"response_seconds", "first_response_seconds"} & taken.keys())
        }
    )
    if means:
        what = f"{'、'.join(means)}只有均值，还原不出总秒数，只用来核对，没有写入指标数据"
        fix = "能导出总秒数就导出；或加 --estimate，用 均值 × 接待人数 估算（会标明）"
        outcome.problems.append(Problem(files, what, fix, "note"))


def tell_differences(outcome: ImportOutcome) -> None:
    """The first of the figures that disagree; all are in 导入差异."""
    if not outcome.differences:
        return
    for d in outcome.differences[:_NAMED]:
        days = str(d.start) if d.start == d.end else f"{d.start} 至 {d.end}"
        outcome.problems.append(
            Problem(
                f"{d.who} {days} {d.item}",
                f"{d.first_source} 是 {d.first:.15g}，{d.second_source} 是 {d.second:.15g}，"
                f"相差 {abs(d.second - d.first):.15g}；采用 {d.taken:.15g}（{d.reason}）",
                "核对哪个对；全部列在“导入差异”表", "warning",
            )
        )  # fmt: skip
    rest = len(outcome.differences) - _NAMED
    if rest > 0:
        what = f"还有 {rest} 处对不上的数"
        outcome.problems.append(Problem(DIFFERENCES.zh, what, "看“导入差异”表", "warning"))


