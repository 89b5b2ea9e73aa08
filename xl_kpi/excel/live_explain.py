"""Where the number in the selected cell comes from, in sentences for a message box.

Asked on 个人结果 or 周积分 the book is calculated as it stands now, and it is said when that gives
another number than the sheet shows; 部门结果 and 追溯 hold their sentences themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlwings as xw

from xl_kpi.excel.area import Area
from xl_kpi.excel.layout import RESULT_DEPARTMENTS, RESULT_PEOPLE, RESULT_WEEKS, TRACE
from xl_kpi.excel.live import calculate_open, language, read_open
from xl_kpi.excel.live_book import LiveBook, LiveTable
from xl_kpi.excel.live_host import quiet
from xl_kpi.excel.report import ReportColumn, word
from xl_kpi.excel.results import result_columns, same_cell
from xl_kpi.excel.run import Outcome
from xl_kpi.explain import Line, explain
from xl_kpi.names import PARTS
from xl_kpi.pipeline import Results
from xl_kpi.tables import BY_KEY, ROSTER

_MOST_LINES = 8
_SAID = {
    "elsewhere": ("请先在“个人结果”或“部门结果”里选中一个数字，再点“解释”。",
                  "Select a number on the sheet People or Departments first."),
    "errors": ("数据里还有错误，现在算不出来：请先点“检查”，按检查表改好。",
               "The data have errors: press Check and mend what the sheet Checks lists."),
    "gone": ("员工表里现在没有工号“{person}”：数据在计算之后改过，请重新计算。",
             "No “{person}” among the staff now: the data have changed, calculate again."),
    "stale": ("注意：表里显示 {shown}，按现在的数据和方案是 {now}。数据在计算之后改过，请重新计算。",
              "The sheet shows {shown}, but the data now give {now}: calculate again."),
    "typed": ("这是填写的数：取自“{sheet}”表。", "This was filled in: see the sheet {sheet}."),
    "counted": ("这是本期的合计：取自“{sheet}”表里此人的各行。",
                "The sum of this person's rows on the sheet {sheet}."),
    "texts": ("由各项指标是否达标和方案的“后续”得出；每一项怎么算，请选中它的得分再点“解释”。",
              "From which indicators met their mark, and the scheme's consequences."),
    "more": ("……其余 {n} 条见“追溯”表。", "… {n} more on the sheet Trace."),
    "none": ("这一格没有可解释的数字。", "There is no number to explain in this cell."),
    "source": ("依据：", "Source: "),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cell:
    """The selected cell: its table, its column's name and the cells of its row by column."""

    table: LiveTable
    column: str
    row: dict[str, Any]
    text: str  # as Excel shows it

    @property
    def value(self) -> Any:
        return self.row[self.column]

    @property
    def shown(self) -> str:
        """As Excel shows it, if the column is wide enough."""
        return _shown(self.value) if not self.text or "##" in self.text else self.text


def explain_selected(book: xw.Book) -> str:
    """The sentences about the selected cell, or what to do first.

    Raises:
        InputError: cells stand so far out that they cannot be read.
    """
    selected = book.selection
    with quiet(book):
        live = read_open(book)
        english = language(book) == "en"
        cell = _selected(live, selected)
        if cell is None:
            return _SAID["elsewhere"][english]
        if cell.table.part.name in (RESULT_DEPARTMENTS, TRACE):
            return _written(cell, "en" if english else "zh")
        outcome = calculate_open(live)
        if outcome.results is None:
            return _SAID["errors"][english]
        return _of_person(cell, outcome)


def _selected(live: LiveBook, selected: xw.Range | None) -> _Cell | None:
    """The cell in the body of a result table, if one is selected."""
    if selected is None or selected.sheet.book.name != live.book.name:
        return None
    sheet, row, column = selected.sheet.name, selected.row, selected.column
    for name in (RESULT_PEOPLE, RESULT_WEEKS, RESULT_DEPARTMENTS, TRACE):
        table = live.tables.get(name)
        if table is None or table.part.sheet != sheet:
            continue
        raw, part = live.raw.tables[name], table.part
        number, place = row - part.body.first_row, column - part.first_column
        here = Area(row, column, row, column)
        if part.body.contains(here) and number < raw.rows:
            cells = [values[number] for values in raw.columns]
            text = str(selected(1, 1).api.Text or "")
            return _Cell(table, raw.header[place], dict(zip(raw.header, cells, strict=True)), text)
    return None


# --- sheets that hold their sentences ----------------------------------------------------------


def _written(cell: _Cell, lang: str) -> str:
    def of(key: str) -> str:
        value = cell.row.get(word(key, lang))
        return "" if value is None else _shown(value)

    who = of("group") or " ".join(
        str(cell.row.get(ROSTER.column(key).label(lang)) or "") for key in ("person_id", "name")
    )
    if not of("item"):
        return _SAID["none"][lang == "en"]
    lines = [f"{who}　{of('item')} = {of('value')}", of("explanation")]
    lines += [of("formula"), of("figures")]
    source = "　".join(x for x in (of("cell"), of("clause"), of("clause_text")) if x)
    return _paragraphs([*lines, _SAID["source"][lang == "en"] + source if source else ""])


# --- people ------------------------------------------------------------------------------------


def _of_person(cell: _Cell, outcome: Outcome) -> str:
    lang = outcome.job.lang
    english = lang == "en"
    person = str(cell.row.get(ROSTER.column("person_id").label(lang)) or "")
    found = next(
        ((r, r.people.ids.index(person)) for r in outcome.runs if person in r.people.ids), None
    )
    if found is None:
        return _SAID["gone"][english].format(person=person)
    results, row = found
    column = next(
        (c for c in result_columns(outcome.runs, cell.table.part.name, lang) if c.label == cell.column),
        None,
    )  # fmt: skip
    name = results.people.roster["name"].iloc[row]
    lines = [f"{name}（{person}）　{cell.column} = {cell.shown}"]
    if column is None:
        return _paragraphs([*lines, _SAID["none"][english]])
    stale = _stale(cell, outcome, person)
    if stale is not None:
        text = _SAID["stale"][english]
        lines.append(text.format(shown=cell.shown, now=_shown(stale[0])))
    return _paragraphs([*lines, *_sentences(results, row, column, lang)])


def _stale(cell: _Cell, outcome: Outcome, person: str) -> tuple[object] | None:
    """What the cell would hold if the book were calculated now, if that is not what it holds."""
    update = next(u for u in outcome.updates if u.table == cell.table.part.name)
    header = list(update.header or ())
    keys = [ROSTER.column("person_id").label(outcome.job.lang)]
    week = word("cycle", outcome.job.lang)
    keys += [week] if week in cell.row else []
    for row in update.rows:
        new = dict(zip(header, row, strict=True))
        if all(same_cell(new.get(key), cell.row.get(key)) for key in keys):
            now = new.get(cell.column)
            return None if same_cell(now, cell.value) else (now,)
    return None


def _sentences(results: Results, row: int, column: ReportColumn, lang: str) -> list[str]:
    english = lang == "en"
    kind, _, name = column.key.partition(":")
    if kind in ("strengths", "gaps", "follows"):
        return [_SAID["texts"][english]]
    ending = PARTS["points"][english]
    wanted = {
        "metric": name + ending, "points": name + ending, "value": name + ending,
        "place": name + ending if name else column.label,
    }.get(kind, name or column.label)  # fmt: skip
    lines = [
        line for line in explain(results, row, lang)
        if line.item == wanted or line.item.startswith(f"{wanted} ")
    ]  # fmt: skip
    if lines:
        shown = [_line(line, lang) for line in lines[:_MOST_LINES]]
        more = len(lines) - len(shown)
        return [*shown, _SAID["more"][english].format(n=more) if more else ""]
    if any(kind == c.key for c in ROSTER.columns):
        return [_SAID["typed"][english].format(sheet=ROSTER.label(lang))]
    return [_SAID["counted"][english].format(sheet=BY_KEY["counts"].label(lang))]


def _line(line: Line, lang: str) -> str:
    source = "　".join(part for part in (line.cell, line.clause, line.clause_text) if part)
    said = f"{line.item}：{line.text}"
    return f"{said}\n{_SAID['source'][lang == 'en']}{source}" if source else said


def _paragraphs(lines: Sequence[str]) -> str:
    return "\n\n".join(line for line in lines if line)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.10g}"
    return "—" if value is None else str(getattr(value, "text", value))
