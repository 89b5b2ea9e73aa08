"""Results as the rows of the book's result tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from xl_kpi.closing.ledger import Figure
from xl_kpi.closing.true_ups import TrueUp
from xl_kpi.errors import SEVERITIES, Problem
from xl_kpi.excel.cell_xml import FormulaCell
from xl_kpi.excel.department_sums import department_rows
from xl_kpi.excel.layout import HEADER_ROW, group_updates
from xl_kpi.excel.patch import CellUpdate, TableUpdate
from xl_kpi.excel.report import (
    LINK_KEY,
    LONG_TEXT,
    SCHEME_KEY,
    TEXT,
    ReportColumn,
    check_columns,
    columns_of_all,
    department_columns,
    department_sum_columns,
    people_columns,
    trace_columns,
    true_up_columns,
    week_columns,
)
from xl_kpi.excel.result_totals import averages_over_people, total_cells
from xl_kpi.excel.trace_links import add_links
from xl_kpi.explain import Line, explain_group, explain_person
from xl_kpi.indicators import Scored, missed_names
from xl_kpi.lint.open_points import is_open_point
from xl_kpi.pipeline import Results
from xl_kpi.scheme_tables import GROUP_LEVELS, UNITS
from xl_kpi.tables import ROSTER, STATUS, RawTable

Cells: TypeAlias = list[Any]
LINE = 14.5  # points
STATUS_WIDTH = 26  # characters; of the column on 首页 that holds the results
TRACED = 200  # people; of more, 追溯 would outgrow the sheet: `xl-kpi explain` has them all

_TRACE_HINT = {
    "zh": "超过 {n} 人，本表不逐人列出；查某个人请用：xl-kpi explain 本文件 工号",
    "en": "More than {n} people: ask for one with xl-kpi explain BOOK STAFF_ID",
}


def result_tables(
    runs: Sequence[Results],
    problems: Sequence[Problem],
    tables: Mapping[str, RawTable],
    lang: str,
) -> list[TableUpdate]:
    """The new content of every result table; several schemes' people stand in one table.

    Args:
        runs: What was calculated.
        problems: What 检查 lists.
        tables: The tables of the book as they are, by name.
        lang: Language of the book.
    """
    people, weeks = _columns(runs, lang)
    sums = _sum_columns(runs, lang)
    rows = _of_all(runs, people, people_cells, lang)
    traced = sum(r.people.count for r in runs) <= TRACED
    lines = [row for r in runs for row in _trace(r, lang)] if traced else [_too_many(lang)]
    if "kpi_result_people" in tables and "kpi_trace" in tables:
        add_links(rows, people, lines, tables["kpi_result_people"], tables["kpi_trace"], lang)
    return [
        _update("kpi_result_people", people, rows),
        _update("kpi_result_sums", sums, department_rows(runs, sums, lang)),
        _update(
            "kpi_result_departments", department_columns(lang),
            [row for r in runs for row in _departments(r, lang)],
        ),
        _update("kpi_result_weeks", weeks, _of_all(runs, weeks, _weeks, lang)),
        _update("kpi_trace", trace_columns(lang), lines),
        checks_table(problems, lang),
    ]  # fmt: skip


def _columns(
    runs: Sequence[Results], lang: str
) -> tuple[list[ReportColumn], list[ReportColumn]]:
    """The columns of 个人结果 and of 周积分."""
    schemes = [r.scheme for r in runs]
    return (
        columns_of_all([people_columns(r.scheme, lang, closed=r.true_ups is not None) for r in runs], lang),
        columns_of_all([week_columns(s, lang) for s in schemes], lang),
    )


def _sum_columns(runs: Sequence[Results], lang: str) -> list[ReportColumn]:
    """The columns of 部门合计."""
    every = [department_sum_columns(r.scheme, lang, closed=r.true_ups is not None) for r in runs]
    return columns_of_all(every, lang, of_people=False)


def result_columns(runs: Sequence[Results], table: str, lang: str) -> list[ReportColumn]:
    """The columns of 个人结果 or 周积分 by the name of the table."""
    people, weeks = _columns(runs, lang)
    return weeks if table == "kpi_result_weeks" else people


def _of_all(
    runs: Sequence[Results],
    columns: list[ReportColumn],
    make: Callable[[Results, str], dict[str, Cells]],
    lang: str,
) -> list[Cells]:
    """The rows of all schemes' people under common columns."""
    rows: list[Cells] = []
    for results in runs:
        cells = make(results, lang)
        size = max(map(len, cells.values()), default=0)
        cells[SCHEME_KEY] = [results.scheme.id] * size
        blank: Cells = [None] * size
        rows += [list(r) for r in zip(*(cells.get(c.key, blank) for c in columns), strict=True)]
    return rows


def heading_cells(
    runs: Sequence[Results],
    updates: Sequence[TableUpdate],
    tables: Mapping[str, RawTable],
    lang: str,
) -> list[CellUpdate]:
    """What stands above the tables whose columns depend on the scheme: groups, units, totals.

    Args:
        runs: What was calculated.
        updates: The new content of the result tables.
        tables: The tables of the book as they are, by name.
        lang: Language of the book.
    """
    people, weeks = _columns(runs, lang)
    columns = {
        "kpi_result_people": people, "kpi_result_sums": _sum_columns(runs, lang),
        "kpi_result_weeks": weeks,
    }  # fmt: skip
    rows = {update.table: update.rows for update in updates}
    cells: list[CellUpdate] = []
    for name, heads in columns.items():
        if name not in tables:
            continue
        table = tables[name]
        cells += group_updates(table.sheet, heads, len(table.header))
        if table.header_row != HEADER_ROW:  # HR's own rows stand above
            continue
        totals = total_cells(table, heads, rows[name], lang)
        if name == "kpi_result_sums":
            everybody = tables["kpi_result_people"], people, rows["kpi_result_people"]
            totals = list(averages_over_people(totals, heads, *everybody))
        cells += totals
    return cells


def checks_table(problems: Sequence[Problem], lang: str) -> TableUpdate:
    """检查: one row per problem, the worst first; what the policy leaves open stands last."""
    position = 0 if lang == "zh" else 1
    rank = list(SEVERITIES)
    ordered = sorted(problems, key=lambda p: (rank.index(p.severity), is_open_point(p)))
    rows = [[SEVERITIES[p.severity][position], p.where, p.what, p.fix] for p in ordered]
    return _update("kpi_checks", check_columns(lang), rows)


def true_ups_table(rows: Sequence[TrueUp], booked: str, lang: str) -> TableUpdate:
    """往月差额: one row per item of a closed month that pays otherwise by now."""
    cells = [
        [t.period, t.person_id, t.name, t.item, _figure(t.before), _figure(t.now), t.difference,
         t.reason, booked]
        for t in rows
    ]  # fmt: skip
    return _update("kpi_true_ups", true_up_columns(lang), cells)


def _figure(figure: Figure) -> object:
    return figure.value if figure.word is None else figure.word


def same_content(update: TableUpdate, table: RawTable) -> bool:
    """Whether a table of the book holds just what would be written into it."""
    rows = list(zip(*table.columns, strict=True))
    return (
        tuple(update.header or table.header) == table.header
        and len(rows) == len(update.rows)
        and all(map(_same_row, update.rows, rows))
    )


def _same_row(new: Sequence[object], old: Sequence[object]) -> bool:
    return all(map(same_cell, new, old))


def same_cell(new: object, old: object) -> bool:
    """Whether a cell that was read holds what is to be written."""
    return _bare(new) == _bare(old)


def _bare(cell: object) -> object:
    """A cell as it is read: a formula's value, no blanks around a text, and none for a text."""
    if isinstance(cell, FormulaCell):
        cell = cell.value
    return cell.strip() or None if isinstance(cell, str) else cell


def _update(table: str, columns: list[ReportColumn], rows: list[Cells]) -> TableUpdate:
    labels, styles = [c.label for c in columns], [c.style for c in columns]
    widths, folded = [c.width for c in columns], [c.folded for c in columns]
    return TableUpdate(table, rows, labels, styles, text_heights(columns, rows), widths, folded)


def text_heights(columns: list[ReportColumn], rows: list[Cells]) -> list[float | None]:
    """Room for wrapped texts: not every program finds it by itself."""
    texts = [(n, c.width - 2) for n, c in enumerate(columns) if c.style in (TEXT, LONG_TEXT)]
    return [_height(max((_lines(str(row[n]), w) for n, w in texts if row[n]), default=1)) for row in rows]


def status_heights(rows: Sequence[Sequence[object]]) -> list[float | None]:
    """Room on 首页 for the names of several schemes."""
    return [_height(_lines(str(value), STATUS_WIDTH - 2)) for _, value in rows]


def _height(lines: int) -> float | None:
    return LINE * lines + 3 if lines > 1 else None


def _lines(text: str, width: float) -> int:
    """Lines a text takes in a column; a Chinese character is two wide."""
    return math.ceil((len(text) + sum(c > "\u2e7f" for c in text)) / width)


def _cells(values: Any) -> Cells:
    """An array as cells: blank where missing, whole numbers as such."""
    array = np.asarray(values)
    if array.dtype == object:
        return [None if value is None or value != value else value for value in array]
    blank = np.isnan(array)
    cells: Cells = array.tolist()
    for n in np.flatnonzero(blank):
        cells[n] = None
    return cells


# --- people --------------------------------------------------------------------------------


def people_cells(results: Results, lang: str) -> dict[str, Cells]:
    """The cells of 个人结果 by the key of their column."""
    texts = _follow_up(results, lang)
    columns = people_columns(results.scheme, lang, closed=results.true_ups is not None)

    def cells(key: str) -> Cells:
        kind, _, name = key.partition(":")
        if kind == "metric":
            scored = results.scored[name]
            if scored.cycles == 1:
                return _cells(scored.value)
            return _cells(results.figures.metric(scored.indicator.metric, "month"))
        if kind == "points":
            scored = results.scored[name]
            points = scored.monthly(scored.points)
            return _cells(np.where(results.people.assessed, points, np.nan))
        if kind == "block":
            return _cells(results.blocks[name])
        if kind == "item":
            return _cells(results.items[name])
        if kind in texts:
            return texts[kind]
        if kind in ("total", "place", "grade"):
            return _cells(results.value(kind))
        if kind == "pay":
            return _cells(results.pay)
        if kind == "true_ups":
            return _cells(results.owed)
        if kind == "payable":
            return _cells(results.payable)
        if kind == LINK_KEY:
            return [None] * results.people.count
        if kind in _ROSTER_KEYS:
            return _roster(results, kind, lang)
        return _cells(results.figures.count(kind, "month"))

    return {c.key: cells(c.key) for c in columns}


_ROSTER_KEYS = frozenset(c.key for c in ROSTER.columns)


def _roster(results: Results, key: str, lang: str) -> Cells:
    values = _cells(results.people.roster[key].to_numpy(dtype=object))
    if key == "status":
        return [STATUS[v][0 if lang == "zh" else 1] for v in values]
    return values


def _follow_up(results: Results, lang: str) -> dict[str, Cells]:
    """Strengths first, then gaps, then what follows; 追溯 has the measure for each gap (R27)."""
    met, missed = missed_names(results.scored, results.people.count)
    assessed = results.people.assessed
    mark = "、" if lang == "zh" else ", "

    follows: list[list[str]] = [[] for _ in range(results.people.count)]
    for consequence, whom in zip(results.scheme.consequences, results.followed, strict=True):
        due = consequence.due_days
        text = consequence.follows + (f"（{due:g} 天内）" if due is not None else "")
        for row in np.flatnonzero(whom):
            follows[row].append(text)
    return {
        "strengths": [mark.join(m) if a and m else None for m, a in zip(met, assessed, strict=True)],
        "gaps": [mark.join(m) if a and m else None for m, a in zip(missed, assessed, strict=True)],
        "follows": ["；".join(f) or None for f in follows],
    }


# --- departments, weeks --------------------------------------------------------------------


def _departments(results: Results, lang: str) -> list[Cells]:
    return [
        [
            label, line.item, _cell(line.value), _unit(line, lang), line.formula, line.figures, line.cell,
            line.clause, line.clause_text,
        ]
        for level in GROUP_LEVELS
        for group, label in enumerate(results.labels(level))
        for line in explain_group(results, level, group, lang)
    ]  # fmt: skip


def _weeks(results: Results, lang: str) -> dict[str, Cells]:
    weeks = results.figures.period.week_count
    weekly = [s for s in results.scored.values() if s.indicator.cycle == "week"]
    if not weekly:
        return {}
    by_name: dict[str, Scored] = {s.indicator.name: s for s in weekly}

    def cells(key: str) -> Cells:
        kind, _, name = key.partition(":")
        if kind == "cycle":
            return [n + 1 for _ in range(results.people.count) for n in range(weeks)]
        if kind in _ROSTER_KEYS:
            return [v for v in _roster(results, kind, lang) for _ in range(weeks)]
        scored = by_name[name]
        if kind == "value":
            return _cells(scored.value)
        figures = scored.place if kind == "place" else scored.points
        return _cells(np.where(scored.judged, figures, np.nan))

    return {c.key: cells(c.key) for c in week_columns(results.scheme, lang)}


# --- trace ---------------------------------------------------------------------------------


def _too_many(lang: str) -> Cells:
    return [*[None] * 5, _TRACE_HINT[lang].format(n=TRACED), *[None] * 3]


def _trace(results: Results, lang: str) -> list[Cells]:
    names = results.people.roster["name"].tolist()
    return [
        _trace_row(person_id, name, line, lang)
        for row, (person_id, name) in enumerate(zip(results.people.ids, names, strict=True))
        for line in explain_person(results, row, lang, with_groups=False)
    ]


def _cell(value: float | str | None) -> float | str | None:
    return None if value is None or value != value else value


def _unit(line: Line, lang: str) -> str | None:
    """The unit of a figure; the sheet shows it accordingly: 0.47 as 47 %."""
    if not isinstance(line.value, float) or line.value != line.value or line.unit not in UNITS:
        return None
    return UNITS[line.unit][lang == "en"]


def _trace_row(person_id: str, name: str, line: Line, lang: str) -> Cells:
    return [
        person_id, name, line.item, _cell(line.value), _unit(line, lang), line.text, line.cell or None, line.clause or None,
        line.clause_text or None,
    ]  # fmt: skip


