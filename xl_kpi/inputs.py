"""The inputs of a period judged: what is missing, misspelt, half filled in or out of proportion."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import numpy as np
import pandas as pd

from xl_kpi.benchmarks import is_benchmark
from xl_kpi.checks import cell_of
from xl_kpi.count_checks import needs_counts
from xl_kpi.errors import Problem, nearest
from xl_kpi.formula import Name, names_in
from xl_kpi.indicators import Scored
from xl_kpi.pipeline import Results
from xl_kpi.tables import BY_KEY, COUNTS, DEPARTMENTS, ROSTER, SHOPS

_NAMED = 3  # cells named in one line
_ABSURD = 1e8  # yuan
_ALIKE = 0.8  # how much two labels must look alike to be one misspelt


def judge_inputs(results: Results) -> Iterator[Problem]:
    """Everything odd about the tables, as far as the scheme uses them."""
    yield from _texts_as_metrics(results)
    yield from _unknown_events(results)
    yield from _unknown_ratings(results)
    yield from _alike_labels(results)
    yield from _unknown_groups(results)
    yield from _dates_reversed(results)
    yield from _in_no_band(results)
    yield from _beyond_reason(results)
    yield from _without_value(results)
    yield from _without_line(results)
    yield from _without_department_figure(results)


def _texts_as_metrics(results: Results) -> Iterator[Problem]:
    """Metrics whose formula is the name of a column of texts."""
    texts = {c.key for c in ROSTER.columns if c.kind in ("text", "choice")}
    for metric in dict.fromkeys(s.indicator.metric for s in results.scored.values()):
        formula = results.scheme.metrics[metric].formula
        if formula is None or not isinstance(formula.node, Name):
            continue
        meaning = results.names.find(formula.node.name)
        if meaning is not None and meaning.kind == "roster" and meaning.key in texts:
            yield Problem(
                formula.where, f"“{metric}”的公式“{formula.text}”是文字，应该每行一个数字",
                "改用数字列，或写条件，如 =IF(岗位=\"售前\", 1, 0)",
            )  # fmt: skip


def _unknown(
    frame: pd.DataFrame, table: str, key: str, rows: np.ndarray, known: list[str], library: str
) -> Iterator[Problem]:
    """One problem for each text that is not among the known ones."""
    words = frame[key].to_numpy(dtype=object)
    for word in dict.fromkeys(words[rows].tolist()):
        if word is None or word in known:
            continue
        mine = [int(r) for r in rows if words[r] == word]
        near = nearest(str(word), known)
        count = f"（共 {len(mine)} 行）" if len(mine) > 1 else ""
        yield Problem(
            cell_of(frame, BY_KEY[table], key, mine[0]), f"{library}里没有“{word}”{count}，不会计入",
            f"是不是“{near}”？" if near else f"改成：{'、'.join(known[:8])}",
        )  # fmt: skip


def _unknown_events(results: Results) -> Iterator[Problem]:
    known = [m.name for m in results.scheme.metrics.values() if m.source == "event"]
    frame = results.figures.records.tables["events"]
    rows = results.figures.rows("events").numbers
    yield from _unknown(frame, "events", "event", rows, known, "指标库的行为")


def _unknown_ratings(results: Results) -> Iterator[Problem]:
    scheme = results.scheme
    frame = results.figures.records.tables["ratings"]
    now = (frame["period"] == results.figures.period.name).to_numpy(dtype=bool)
    items = [m.name for m in scheme.metrics.values() if m.source == "rating"]
    yield from _unknown(frame, "ratings", "item", np.flatnonzero(now), items, "指标库的评分")
    for scored in results.scored.values():
        name = scored.indicator.metric
        metric = scheme.metrics[name]
        formula = metric.formula.node if metric.formula else None
        keys = [
            key
            for word in (names_in(formula) if formula else ())
            if word in scheme.curves
            for key in scheme.curves[word].keys
        ]
        if metric.source == "rating" and keys:
            rows = np.flatnonzero(now & (frame["item"] == name).to_numpy(dtype=bool))
            library = f"“{name}”的权重"
            yield from _unknown(frame, "ratings", "rater_group", rows, keys, library)


def _alike_labels(results: Results) -> Iterator[Problem]:
    """A shop or department that one person has and that looks like another one."""
    for key in ("shop", "department", "team", "role"):
        group = results.people.groups[key]
        sizes = np.bincount(group.codes[group.codes >= 0], minlength=len(group.labels))
        for code, label in enumerate(group.labels):
            others = [other for other in group.labels if other != label]
            near = nearest(label, others) if sizes[code] == 1 else None
            if near is not None and _likeness(label, near) >= _ALIKE:
                frame = results.people.roster
                row = int(np.flatnonzero(group.codes == code)[0])
                frame = frame.copy()
                frame.attrs.update(results.figures.records.tables["roster"].attrs)
                yield Problem(
                    cell_of(frame, BY_KEY["roster"], key, row),
                    f"{ROSTER.column(key).zh}“{label}”只有 1 人，与“{near}”只差一点",
                    f"如果写错了，改成“{near}”", "warning",
                )  # fmt: skip


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right).ratio()


def _unknown_groups(results: Results) -> Iterator[Problem]:
    """Rows of 部门数据 and 店铺数据 for a department or shop nobody is in."""
    figures = results.figures
    for table, key in (("departments", "department"), ("shops", "shop")):
        frame = figures.records.tables[table]
        known = [x for x in figures.records.tables["roster"][key].unique() if isinstance(x, str)]
        if table == "shops":
            now = figures.period.holds(figures.records.days(table))
        else:
            now = (frame["period"] == figures.period.name).to_numpy(dtype=bool)
        yield from _unknown(frame, table, key, np.flatnonzero(now), known, "员工表")


def _dates_reversed(results: Results) -> Iterator[Problem]:
    roster = results.figures.records.tables["roster"]
    wrong = (roster["left"] < roster["hired"]).to_numpy(dtype=bool)
    for row in np.flatnonzero(wrong):
        name = roster["name"].iloc[row]
        yield Problem(
            cell_of(roster, BY_KEY["roster"], "left", int(row)), f"{name}的离职日期早于入职日期", "核对两个日期"
        )


def _in_no_band(results: Results) -> Iterator[Problem]:
    """Values that no band of their curve holds."""
    for name, scored in results.scored.items():
        if scored.indicator.rule != "R03" or scored.indicator.if_missing != "skip":
            continue
        counted = (scored.enough > 0) & scored.judged
        lost = np.flatnonzero(counted & ~np.isnan(scored.value) & np.isnan(scored.points))
        if lost.size:
            people = sorted({int(n) // scored.cycles for n in lost})
            yield Problem(
                scored.indicator.row.cell("curve"),
                f"{results.people.named_first(people)}的{name} {scored.value[lost[0]]:.6g} "
                f"不在曲线“{scored.indicator.curve}”的任何一段里",
                "把曲线的第一段或最后一段的“从”“到”留空",
            )  # fmt: skip


def _beyond_reason(results: Results) -> Iterator[Problem]:
    """Amounts that no payslip has: not finite, beyond a hundred million, pay below zero."""
    for item in results.paid_items:
        values = results.items[item.name]
        absurd = np.isinf(values) | (np.abs(np.nan_to_num(values)) >= _ABSURD)
        for row in np.flatnonzero(absurd)[:_NAMED]:
            yield Problem(
                item.formula.where, f"{results.people.named_first([int(row)])}的{item.name}是 {values[row]:.6g}",
                "核对数据和公式",
            )  # fmt: skip
    for row in np.flatnonzero(np.nan_to_num(results.pay) < 0)[:_NAMED]:
        yield Problem(
            results.scheme.place, f"{results.people.named_first([int(row)])}的应发合计是 {results.pay[row]:.2f}，低于 0",
            "核对扣款；工资不能为负",
        )  # fmt: skip


def _without_value(results: Results) -> Iterator[Problem]:
    """Assessed people with no row in a week they worked, or no value for an indicator."""
    people, period = results.people, results.figures.period
    rows = results.figures.rows("counts")
    if not people.assessed.any() or (not rows.numbers.size and needs_counts(results).any()):
        return
    weekly = any(s.cycles > 1 for s in results.scored.values())
    cycles = period.week_count if weekly else 1
    has_row = np.zeros((people.count, cycles), bool)
    has_row[rows.person, rows.week if weekly else 0] = True
    working = np.stack([_employed(results, n, weekly) for n in range(cycles)], axis=1)
    for cycle in range(cycles):
        absent = np.flatnonzero(working[:, cycle] & ~has_row[:, cycle])
        if absent.size and weekly:
            first, last = period.week_days(cycle)
            yield Problem(
                COUNTS.zh, f"第 {cycle + 1} 周（{first:%m-%d} 至 {last:%m-%d}）没有数据行："
                f"{results.people.named_first(absent.tolist())}", "补上这一周；没有上岗就不必处理", "warning",
            )  # fmt: skip
    for name, scored in results.scored.items():
        judged = scored.judged.reshape(people.count, scored.cycles)
        there = working & has_row & judged if scored.cycles > 1 else judged
        table = scored.value.reshape(people.count, scored.cycles)
        weeks: dict[tuple[str, bool], list[str]] = {}  # of the same people in one sentence
        for cycle in range(scored.cycles):
            missing = np.flatnonzero(np.isnan(table[:, cycle]) & there[:, cycle])
            if not missing.size:
                continue
            everybody = missing.size == judged[:, cycle].sum()
            who = "所有人" if everybody else results.people.named_first(missing.tolist())
            weeks.setdefault((who, everybody), []).append(f"{cycle + 1}")
        for (who, everybody), when in weeks.items():
            week = f"第 {'、'.join(when)} 周" if scored.cycles > 1 else ""
            harmless = everybody or not _is_scored(scored)
            yield Problem(
                scored.indicator.row.cell("metric"),
                f"{name}{week}没有数值：{who}，{_then(results, scored)}",
                "数据不全就补上；当期确实没有就不必处理", "note" if harmless else "warning",
            )  # fmt: skip


def _employed(results: Results, week: int, weekly: bool) -> np.ndarray:
    """The assessed who were employed on some day of a week."""
    if not weekly:
        return results.people.assessed
    first, last = results.figures.period.week_days(week)
    hired = results.people.roster["hired"].to_numpy("datetime64[D]")
    left = results.people.roster["left"].to_numpy("datetime64[D]")
    away = (hired > np.datetime64(last)) | (left < np.datetime64(first))
    return np.asarray(results.people.assessed & ~away)


def _is_scored(scored: Scored) -> bool:
    """Whether an indicator earns points, rather than being shown."""
    return scored.indicator.in_score and scored.indicator.rule != "none"


def _then(results: Results, scored: Scored) -> str:
    if not _is_scored(scored):
        return "只列示，不计分"
    how = scored.indicator.if_missing
    if how == "skip":
        return "不得分" if results.scheme.block_mode == "sum" else "权重分给其他指标"
    return {"zero": "计零分", "full": "计满分", "error": "算不出总分"}[how]


def _without_line(results: Results) -> Iterator[Problem]:
    """Lines and targets that a formula gives and that are missing."""
    for name, scored in results.scored.items():
        i = scored.indicator
        for key, label, formula, line in (
            ("target", "目标", i.target, scored.target),
            ("bonus_line", "加分线", i.bonus_line, scored.bonus_line),
            ("penalty_line", "扣分线", i.penalty_line, scored.penalty_line),
        ):
            if formula is None or line is None or is_benchmark(results.figures, formula):
                continue  # a benchmark that is missing is told on its own
            asked = ~np.isnan(scored.value) & scored.judged
            lacking = np.flatnonzero(asked & np.isnan(line))
            if not lacking.size:
                continue
            weeks = sorted({int(n) % scored.cycles + 1 for n in lacking})
            when = f"（第 {'、'.join(map(str, weeks))} 周）" if scored.cycles > 1 else ""
            yield Problem(
                i.row.cell(key), f"{name}的{label}“{formula.text}”没有数据{when}，这一条不起作用",
                f"补上{_source(results, formula.text)}；没有就不必处理", "warning",
            )  # fmt: skip


def _source(results: Results, text: str) -> str:
    if "上期" in text:
        return f" {results.figures.period.previous().name} 的数据"
    if any(c.zh in text for c in SHOPS.columns):
        return f"{SHOPS.zh}表本期的行"
    return "本期的数据"


def _without_department_figure(results: Results) -> Iterator[Problem]:
    """Figures of 部门数据 that department items use and that are blank."""
    told: set[str] = set()
    for item in results.scheme.pay_items:
        for word in names_in(item.formula.node):
            meaning = results.names.find(word)
            if meaning is None or meaning.kind != "department" or word in told:
                continue
            values = results.figures.group_value(meaning, "department")
            lacking = [results.departments[n] for n in np.flatnonzero(np.isnan(values))]
            if lacking:
                told.add(word)
                period = results.figures.period
                month = period.previous().name if meaning.previous else period.name
                yield Problem(
                    DEPARTMENTS.zh, f"{'、'.join(lacking)} {month} 没有“{word}”，{item.name}按没有奖惩",
                    "补上这一行；没有就不必处理", "warning",
                )  # fmt: skip


