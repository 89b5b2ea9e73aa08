"""指标数据 judged: columns lost, halves of a rate, rows of people not there, figures too large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from xl_kpi.checks import cell_of
from xl_kpi.errors import NAMED, Problem, Severity, capped
from xl_kpi.formula import names_in
from xl_kpi.pipeline import Results
from xl_kpi.tables import BY_KEY, COUNTS

_OUTLIER = 10.0  # times the middle value of a role
_ENOUGH = 5  # figures that have a middle to compare with


def judge_counts(results: Results) -> Iterator[Problem]:
    """Everything odd about the counts, as far as the scheme uses them."""
    yield from _lost_columns(results)
    yield from _outside_employment(results)
    yield from _half_filled(results)
    yield from _out_of_proportion(results)
    yield from _odd_counts(results)
    yield from _without_data(results)


def _used_counts(results: Results) -> dict[str, list[str]]:
    """The counts that the scheme's indicators stand on, with the indicators."""
    used: dict[str, list[str]] = {}
    for name, scored in results.scored.items():
        for key in results.names.counts_of[scored.indicator.metric] if scored.due else ():
            used.setdefault(key, []).append(name)
    return used


def needs_counts(results: Results) -> NDArray[np.bool_]:
    """Who of the assessed is judged or paid by 指标数据: nobody, where ratings alone decide."""
    scheme, names = results.scheme, results.names
    stages = [scheme.total, *(c.condition for c in scheme.consequences)]
    for item in scheme.pay_items:
        stages += [f for f in (item.formula, item.floor, item.cap) if f is not None]
    for word in dict.fromkeys(name for f in stages for name in names_in(f.node)):
        meaning = names.find(word)
        counted = meaning is not None and (
            meaning.kind == "count" or (meaning.kind == "metric" and _is_counted(results, meaning.key))
        )
        if counted:
            return results.people.assessed
    needs = np.zeros(results.people.count, bool)
    for scored in results.scored.values():
        if scored.due and _is_counted(results, scored.indicator.metric):
            needs |= scored.judged.reshape(-1, scored.cycles).any(axis=1)
    return needs


def _is_counted(results: Results, metric: str) -> bool:
    """Whether a metric stands on columns of 指标数据."""
    counted = bool(results.names.counts_of[metric])
    return counted or results.scheme.metrics[metric].source == "count"


def _lost_columns(results: Results) -> Iterator[Problem]:
    frame = results.figures.records.tables["counts"]
    columns: Mapping[str, str] = frame.attrs.get("columns", {})
    if not columns:
        return
    for key, metrics in _used_counts(results).items():
        known = {c.key for c in results.names.counts.columns}
        if key in known and key not in columns and frame[key].isna().all():
            label = results.names.count_label(key)
            yield Problem(
                frame.attrs.get("sheet", COUNTS.zh), f"缺少“{label}”这一列，{metrics[0]}算不出来",
                f"补上“{label}”列，或把改过的列名改回“{label}”",
            )  # fmt: skip


def _outside_employment(results: Results) -> Iterator[Problem]:
    """Rows of people who were not employed on their day."""
    figures = results.figures
    frame = figures.records.tables["counts"]
    roster = figures.records.tables["roster"]
    owner = figures.records.owners("counts")
    days = figures.records.days("counts")
    now = figures.period.holds(days) & (owner >= 0)
    now &= np.append(results.people.members, False)[owner]
    hired = roster["hired"].to_numpy("datetime64[D]")[owner]
    left = roster["left"].to_numpy("datetime64[D]")[owner]
    outside = now & ((days > left) | (days < hired))
    for person in np.unique(owner[outside]):
        rows = np.flatnonzero(outside & (owner == person))
        who = roster.iloc[int(person)]
        gone = bool((days[rows] > left[rows]).any())
        when = who["left"] if gone else who["hired"]
        verb = "离职" if gone else "入职"
        severity: Severity = "warning" if results.people.position[person] >= 0 else "error"
        yield Problem(
            cell_of(frame, BY_KEY["counts"], "date", int(rows[0])),
            f"{who['name']}（{who['person_id']}）{when:%Y-%m-%d} {verb}，"
            f"{verb}{'后' if gone else '前'}仍有 {len(rows)} 行数据",
            "核对员工表的日期和这几行数据", severity,
        )  # fmt: skip


def _half_filled(results: Results) -> Iterator[Problem]:
    """A row with one half of a rate and not the other, where other rows have both (C3)."""
    figures = results.figures
    frame = figures.records.tables["counts"]
    rows = figures.rows("counts")
    seen: set[tuple[str, int]] = set()
    # Days on duty may be given once a month; every other count comes row by row.
    paired = {c.key for c in results.names.counts.columns if c.unit and c.unit != "days"}
    for name, scored in results.scored.items():
        keys = sorted(results.names.counts_of[scored.indicator.metric] & paired)
        columns = {k: figures.records.numbers("counts", k)[rows.numbers] for k in keys}
        for key in keys:
            others = [~np.isnan(columns[other]) for other in keys if other != key]
            if not others:
                continue
            month = figures.count(key, "month")[rows.person]
            lacking = np.isnan(columns[key]) & np.any(others, axis=0) & ~np.isnan(month)
            for n in np.flatnonzero(lacking):
                row = int(rows.numbers[n])
                if (key, row) in seen:
                    continue
                seen.add((key, row))
                other = next(o for o in keys if o != key and not np.isnan(columns[o][n]))
                yield Problem(
                    cell_of(frame, BY_KEY["counts"], key, row),
                    f"“{results.names.count_label(key)}”空白，"
                    f"而同一行“{results.names.count_label(other)}”有数："
                    f"{results.people.named_first([int(rows.person[n])])}的{name}会算偏",
                    "补上这个数；确实是 0 就填 0", "warning",
                )  # fmt: skip


def _out_of_proportion(results: Results) -> Iterator[Problem]:
    """Amounts far above the others of the role: a digit too many, a total pasted as a row."""
    figures, roles = results.figures, results.people.groups["role"]
    frame = figures.records.tables["counts"]
    rows, person = figures.rows("counts").numbers, figures.rows("counts").person
    for column in results.names.counts.columns:
        if column.key not in _used_counts(results) or not column.unit:
            continue
        values = figures.records.numbers("counts", column.key)[rows]
        for code in np.unique(roles.codes[person]):
            mine = roles.codes[person] == code
            positive = values[mine & (values > 0)]
            if positive.size < _ENOUGH:
                continue
            middle = float(np.median(positive))
            whose = f"岗位“{roles.labels[code]}”" if code >= 0 and len(roles.labels) > 1 else ""
            for n in np.flatnonzero(mine & (np.nan_to_num(values) > _OUTLIER * middle))[:NAMED]:
                yield Problem(
                    cell_of(frame, BY_KEY["counts"], column.key, int(rows[n])),
                    f"“{column.zh}”{values[n]:,.15g} 是{whose}本期中位数 {middle:,.6g} 的 "
                    f"{values[n] / middle:.0f} 倍", "核对是否多打了数字或贴了合计行", "warning",
                )  # fmt: skip


_NOT_ABOVE = (
    ("replied_customers", "received_customers"),
    ("inquiring_customers", "received_customers"),
    ("converted_customers", "inquiring_customers"),
    ("lost_customers", "ordering_customers"),
    ("solved_problems", "raised_problems"),
    ("handled_in_time", "handled_orders"),
    ("satisfied_ratings", "ratings"),
    ("praised_ratings", "ratings"),
    ("passed_inspections", "inspections"),
    ("complete_leads", "leads"),
    ("solved_at_once", "raised_problems"),
    ("regular_solved", "regular_problems"),
    ("repeat_contacts", "contacts"),
    ("valid_orders", "orders"),
    ("abnormal_orders", "orders"),
    ("disputed_returns", "returns"),
    ("promoters", "nps_answers"),
    ("detractors", "nps_answers"),
    ("escalated_complaints", "complaints"),
    ("retained_complaints", "complaints"),
    ("escalations_in_time", "escalations"),
    ("calls_in_three_rings", "calls"),
    ("tasks_done", "tasks"),
)


def _odd_counts(results: Results) -> list[Problem]:
    """Parts that are larger than their whole: shifted columns, silent orders."""
    rows = results.figures.rows("counts")
    frame, person = results.figures.records.tables["counts"].iloc[rows.numbers], rows.person
    found = []
    for part, whole in _NOT_ABOVE:
        if part not in frame or whole not in frame:
            continue
        small, large = COUNTS.column(part).zh, COUNTS.column(whole).zh
        above = (frame[part] > frame[whole]).to_numpy(dtype=bool)
        found += [
            Problem(
                cell_of(frame, COUNTS, part, row),
                f"{results.people.named(int(person[row]))}：“{small}” {frame[part].iloc[row]:g} "
                f"大于“{large}” {frame[whole].iloc[row]:g}",
                "核对是否贴错列", "warning",
            )
            for row in np.flatnonzero(above).tolist()
        ]  # fmt: skip
    return capped(found, COUNTS.zh)


def _without_data(results: Results) -> list[Problem]:
    has = np.zeros(results.people.count, bool)
    has[results.figures.rows("counts").person] = True
    return capped(
        [
            Problem(
                COUNTS.zh, f"{results.people.named(int(row))} 本期没有数据", "补上数据，或确认当月没有上岗",
                "warning",
            )
            for row in np.flatnonzero(needs_counts(results) & ~has)
        ],
        COUNTS.zh,
    )  # fmt: skip
