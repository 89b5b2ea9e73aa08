"""The tables of corrections judged: calibrations, refunds, closed months, roles (R26, R46, R47)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xl_kpi.checks import cell_of
from xl_kpi.errors import Problem, nearest
from xl_kpi.formula import looked_back_at, names_in
from xl_kpi.pipeline import Results
from xl_kpi.scheme import Row
from xl_kpi.tables import BY_KEY, COUNTS, HISTORY


def judge_corrections(results: Results) -> Iterator[Problem]:
    """What would silently correct nothing, or look back at nothing."""
    yield from _calibrations(results)
    yield from _unused(results)
    yield from _history_of_two_kinds(results)
    yield from _misspelt_history(results)
    yield from _history_of_now(results)
    yield from _refunds_of_nobody(results)
    yield from _refunds_of_later_months(results)
    yield from _refunds_without_amount(results)
    yield from _no_past(results)
    yield from _unknown_roles(results)


def _calibrations(results: Results) -> Iterator[Problem]:
    records, period = results.figures.records, results.figures.period
    if not records.has("calibrations"):
        return
    frame = records.tables["calibrations"]
    labels = [word for c in COUNTS.columns if c.unit for word in (c.zh, c.en, c.key)]
    counts = {*labels, *(m.name for m in results.scheme.metrics.values() if m.source == "count")}
    weekly = {s.indicator.metric for s in results.scored.values() if s.cycles > 1}
    monthly = {s.indicator.metric for s in results.scored.values() if s.indicator.cycle == "month"}
    known = [*(c.zh for c in COUNTS.columns if c.unit), *results.scheme.metrics]
    for row in np.flatnonzero(results.figures.of_period("calibrations")):
        item, week = frame["item"].iloc[row], frame["week"].iloc[row]
        where = cell_of(frame, BY_KEY["calibrations"], "item", int(row))
        if item not in counts and item not in results.scheme.metrics:
            near = nearest(str(item), known)
            yield Problem(
                where, f"没有“{item}”这个指标或数据列，校准不起作用",
                f"是不是“{near}”？" if near else "写指标库里的指标，或指标数据的列名",
            )  # fmt: skip
        elif not np.isnan(week) and not (week <= period.week_count and week == int(week)):
            yield Problem(
                cell_of(frame, BY_KEY["calibrations"], "week", int(row)),
                f"{period.name} 没有第 {week:g} 周", f"填 1 至 {period.week_count}，整月留空",
            )  # fmt: skip
        elif item not in counts:
            by_week = not np.isnan(week)
            if item in (monthly if by_week else weekly) and item not in (
                weekly if by_week else monthly
            ):
                how = "按月考核，请把“周”留空" if by_week else "按周考核，请填第几周"
                yield Problem(where, f"“{item}”{how}，否则校准不起作用", "改“周”这一格")


def _unused(results: Results) -> Iterator[Problem]:
    """Refunds and adjustments of the period that no formula of the scheme takes up."""
    records, period = results.figures.records, results.figures.period
    formulas = [f for i in results.scheme.pay_items for f in (i.formula, i.floor, i.cap)]
    words = {name for f in formulas if f is not None for name in names_in(f.node)}
    kinds = {m.kind for word in words if (m := results.names.find(word)) is not None}
    people = results.people
    for table, kind, how in (
        ("refunds", "refund", "加一个层级是退款的薪资项，再用 SUM 合到个人"),
        ("adjustments", "adjustment", "薪资项里加一项“=补扣金额”"),
    ):
        if kind in kinds or not records.has(table):
            continue
        now = period.holds(records.days(table)) if kind == "refund" else results.figures.of_period(table)
        rows = np.flatnonzero(now & (people.position[records.owners(table)] >= 0))
        if rows.size:
            yield Problem(
                cell_of(records.tables[table], BY_KEY[table], "person_id", int(rows[0])),
                f"{BY_KEY[table].zh}有 {rows.size} 行是本期的，方案 {results.scheme.id} 却没有用到，"
                "不影响工资", f"{how}；不用就删去这些行", "warning",
            )  # fmt: skip


def _history_of_two_kinds(results: Results) -> Iterator[Problem]:
    """A month's figures of one item with a text among them: the numbers would not be read."""
    records = results.figures.records
    if not records.has("history"):
        return
    frame = records.tables["history"]
    text = np.array([isinstance(word, str) for word in frame["word"]], dtype=bool)
    number = frame["value"].notna().to_numpy() & ~text
    group = frame.groupby(["period", "item"], sort=False, dropna=False).ngroup().to_numpy()
    texts, numbers = np.bincount(group, text), np.bincount(group, number)
    for one in np.flatnonzero((texts > 0) & (numbers > 0)):
        fewer = text if texts[one] <= numbers[one] else number
        row = int(np.flatnonzero((group == one) & fewer)[0])
        yield Problem(
            cell_of(frame, BY_KEY["history"], "item", row),
            f"{frame['period'].iloc[row]} 的“{frame['item'].iloc[row]}”有的行是数值，有的行是文字，"
            "数值会当作没有", "分数、金额都写在“数值”一列，等级写在“文字”一列",
        )  # fmt: skip


def _misspelt_history(results: Results) -> Iterator[Problem]:
    """Items of the 历史 table that the scheme does not know: misspelt, or of an earlier scheme."""
    records = results.figures.records
    if not records.has("history"):
        return
    frame, names = records.tables["history"], results.names
    known = {
        names.past_label(m) for m in names.meanings.values()
        if m.kind in ("count", "metric", "target", "indicator", "block", "score", "item")
        and not (m.kind == "score" and m.key == "heads")
    }  # fmt: skip
    there = set(frame["item"].dropna())
    typed = frame["booked"].isna().to_numpy()
    missed = [label for label in dict.fromkeys(_looked_back_at(results)) if label not in there]
    for item in dict.fromkeys(frame["item"][typed].dropna()):
        ours = records.holds("history", "item", item) & _of_members(results, "history") & typed
        if item in known or not ours.any():
            continue
        near = nearest(item, known)
        blanks_only = near and "".join(item.split()).casefold() == near.casefold()
        wanted = near or (missed[0] if missed else None)
        fix = f"改成“{near}”" if blanks_only else f"是不是“{wanted}”？" if wanted else ""
        yield Problem(
            cell_of(frame, BY_KEY["history"], "item", int(np.flatnonzero(ours)[0])),
            f"没有“{item}”这一项，往期的数不会用到", fix or "以前的方案留下的，不必处理",
            "error" if blanks_only else "warning" if wanted else "note",
        )  # fmt: skip


def _of_members(results: Results, table: str) -> NDArray[np.bool_]:
    """Which rows of a table are of people whom the scheme is for."""
    owners = results.figures.records.owners(table)
    return np.append(results.people.members, False)[owners]


def _history_of_now(results: Results) -> Iterator[Problem]:
    """Rows of the 历史 table of the current month or a later one, which nothing looks back at."""
    records, period = results.figures.records, results.figures.period
    if not records.has("history"):
        return
    frame = records.tables["history"]
    months = frame["period"]
    late = (months.notna() & (months >= period.name)).to_numpy(dtype=bool)
    rows = np.flatnonzero(late & _of_members(results, "history"))
    if rows.size:
        looked_at = set(_looked_back_at(results)) & set(frame["item"].iloc[rows])
        yield Problem(
            cell_of(frame, BY_KEY["history"], "period", int(rows[0])),
            f"{HISTORY.zh}有 {rows.size} 行是本期 {period.name} 或以后的，不会用到："
            "本期的数由程序现算，往期只看本期以前的",
            "要改本期的数，改原始数据或写在校准表；重算以前的月份，不必处理",
            "warning" if looked_at else "note",
        )  # fmt: skip


def _looked_back_at(results: Results) -> Iterator[str]:
    """What the 历史 table calls the figures whose closed periods the scheme's formulas use."""
    formulas = [i.formula for i in results.scheme.pay_items]
    formulas += [c.condition for c in results.scheme.consequences]
    for formula in formulas:
        for name in looked_back_at(formula.node):
            yield results.names.past_label(results.meaning(name))


def _refunds_of_nobody(results: Results) -> Iterator[Problem]:
    """Refunds of people who are not paid any more: nothing can be taken back."""
    records, people = results.figures.records, results.people
    if not _uses_refunds(results):
        return
    frame = records.tables["refunds"]
    owner = records.owners("refunds")
    gone = results.figures.period.holds(records.days("refunds")) & (people.position[owner] < 0)
    gone &= np.append(people.members, False)[owner]
    for row in np.flatnonzero(gone):
        yield Problem(
            cell_of(frame, BY_KEY["refunds"], "person_id", int(row)),
            f"{frame['person_id'].iloc[row]} 本期不在职，退款 {frame['refund'].iloc[row]:.2f} "
            "的提成没有工资可扣", "按公司规定另行处理，或删去这一行", "warning",
        )  # fmt: skip


def _uses_refunds(results: Results) -> bool:
    levels = {item.level for item in results.scheme.pay_items}
    return "refund" in levels and results.figures.records.has("refunds")


def _refunds_of_later_months(results: Results) -> Iterator[Problem]:
    """A refund takes back what an earlier month paid (R47)."""
    if not _uses_refunds(results):
        return
    frame, now = results.figures.records.tables["refunds"], results.figures.period.name
    for row in results.refunds.rows:
        origin = frame["origin"].iloc[row]
        if isinstance(origin, str) and origin >= now:
            what = "就是本期，还没有发过提成" if origin == now else f"晚于本期 {now}"
            yield Problem(
                cell_of(frame, BY_KEY["refunds"], "origin", int(row)), f"退款的原期间 {origin} {what}",
                "改成当时计提成的月份；本期的退款从本期的销售额里减，删去这一行",
            )  # fmt: skip


def _refunds_without_amount(results: Results) -> Iterator[Problem]:
    """Refunds that no amount follows from: a sum would leave them out."""
    told = list(_refunds_without_history(results))
    yield from told
    if told or not _uses_refunds(results):
        return
    frame = results.figures.records.tables["refunds"]
    for item in results.scheme.pay_items:
        if item.level != "refund" or item.unit == "grade":
            continue
        for row in results.refunds.rows[np.isnan(results.item(item.name))]:
            yield Problem(
                cell_of(frame, BY_KEY["refunds"], "refund", int(row)), f"这笔退款的“{item.name}”算不出来",
                f"核对 {item.formula.where} 的公式，和{HISTORY.zh}表里原期间的数（除数不能是 0）",
            )  # fmt: skip


def _refunds_without_history(results: Results) -> Iterator[Problem]:
    """Figures of a refund's month that the 历史 table lacks: a sum would leave them out."""
    if not _uses_refunds(results):
        return
    refunds = results.refunds
    frame = results.figures.records.tables["refunds"]
    names = [
        name
        for item in results.scheme.pay_items
        if item.level == "refund"
        for formula in (item.formula, item.floor, item.cap) if formula is not None
        for name in names_in(formula.node)
        if results.meaning(name).kind == "origin"
    ]
    for name in dict.fromkeys(names):
        label = results.meaning(name).key
        for n in np.flatnonzero(np.isnan(refunds.value(results.meaning(name)))):
            row = int(refunds.rows[n])
            person = results.people.ids[int(refunds.owners[n])]
            yield Problem(
                cell_of(frame, BY_KEY["refunds"], "origin", row),
                f"{HISTORY.zh}表里没有 {person} {frame['origin'].iloc[row]} 的“{label}”，"
                "退款扣回算不出来", f"在{HISTORY.zh}表补一行：{frame['origin'].iloc[row]}、{person}、{label}",
            )  # fmt: skip


def _no_past(results: Results) -> Iterator[Problem]:
    """Formulas that look back at something of which no closed month knows anything."""
    records, period = results.figures.records, results.figures.period
    told: set[str] = set()
    formulas = [(i.formula, i.name, i.cycle) for i in results.scheme.pay_items]
    formulas += [(c.condition, c.follows, c.cycle) for c in results.scheme.consequences]
    for formula, owner, cycle in formulas:
        if not period.ends(cycle):
            continue
        for name in dict.fromkeys(looked_back_at(formula.node)):
            label = results.names.past_label(results.meaning(name))
            known = records.has("history") and records.holds("history", "item", label).any()
            if not known and label not in told:
                told.add(label)
                yield Problem(
                    formula.where, f"“{owner}”要看往期的“{label}”，{HISTORY.zh}表里还没有",
                    f"头一个月不必处理；以前的月份可以补在{HISTORY.zh}表", "note",
                )  # fmt: skip


def _unknown_roles(results: Results) -> Iterator[Problem]:
    """Roles that the scheme's rows name and nobody on the roster has."""
    roles = results.figures.records.tables["roster"]["role"]
    known = [role for role in roles.unique() if isinstance(role, str)]
    scheme = results.scheme
    named: list[tuple[tuple[str, ...], Row]] = [
        *((i.roles, i.row) for i in scheme.indicators), *((i.roles, i.row) for i in scheme.pay_items)
    ]
    told: set[str] = set()
    for mine, row in named:
        for role in mine:
            if role not in known and role not in told:
                told.add(role)
                near = nearest(role, known)
                yield Problem(
                    row.cell("role"), f"员工表里没有岗位“{role}”，这样的行对谁都不起作用",
                    f"是不是“{near}”？" if near else "核对方案和员工表的岗位；本期没有这个岗位就不必处理",
                    "warning" if near else "note",
                )  # fmt: skip
