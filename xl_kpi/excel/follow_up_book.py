"""The list of what follows a month for HR: plans and PIP, measures, talks, the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xl_kpi.excel.palette import AMBER_FILL, DATE_FORMAT, NUMBER_FORMATS
from xl_kpi.excel.report import POINTS
from xl_kpi.excel.statement_book import Formats, lines_of, text_workbook, write_cell
from xl_kpi.statements import Statement, shown, word
from xl_kpi.statements.talk import Dates, Measure, measures_for, weak

_A4 = 9
_LINE, _ROW = 13.0, 18.0  # points
_SHADE, _RULE, _GREY = "#EBEBEB", "#A6A6A6", "#595959"
_HEADER = 2  # 0-based row of the header
_MORE = 200  # rows below the table that HR may fill, too

Cell = str | float | dt.date | None


@dataclass(frozen=True, slots=True)
class CycleStep:
    """A row of 日程: what, who, until when, how far."""

    stage: str
    step: str
    cycle: str
    day: str
    due: dt.date | None
    who: str
    state: str
    clause: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A list: its name, its columns with their widths in characters, and its rows."""

    key: str
    columns: tuple[tuple[str, float], ...]
    rows: list[tuple[Cell, ...]]


def follow_up_book(
    statements: Sequence[Statement], known: Mapping[str, Sequence[Measure]], dates: Dates,
    cycle: Sequence[CycleStep], lang: str,
) -> bytes:  # fmt: skip
    """The workbook of everybody who was assessed; the same figures give the same bytes."""
    assessed = [s for s in statements if s.assessed]
    with text_workbook() as (book, buffer):
        formats = Formats(book)
        for sheet in (
            _steps(assessed, dates, lang), _measures(assessed, known, dates, lang),
            _talks(assessed, dates, lang), _calendar(cycle, lang),
        ):  # fmt: skip
            _write(book, formats, sheet, dates, lang)
    return buffer.getvalue()


def _who(s: Statement) -> tuple[Cell, ...]:
    return s.person_id, s.name, s.department, s.role


_PERSON = (("person_id", 11.0), ("name", 11.0), ("department", 12.0), ("role", 11.0))
_STATE = (("state", 10.0), ("notes", 22.0))


def _steps(statements: Sequence[Statement], dates: Dates, lang: str) -> _Sheet:
    opened = word("state_open", lang)
    rows: list[tuple[Cell, ...]] = [
        (*_who(s), word(_kind(step.text, step.days), lang), step.text, step.clause,
         dates.after(step.days), opened, None)
        for s in statements for step in s.steps
    ]  # fmt: skip
    rows.sort(key=lambda row: str(row[7] or "9999"))
    columns = (*_PERSON, ("kind", 10.0), ("what_follows", 44.0), ("clause", 15.0),
               ("due_on", 12.0), *_STATE)  # fmt: skip
    return _Sheet("list_follows", columns, rows)


def _kind(text: str, days: float | None) -> str:
    if "PIP" in text.upper():
        return "kind_pip"
    return "kind_plan" if days is not None else "kind_other"


def _measures(
    statements: Sequence[Statement], known: Mapping[str, Sequence[Measure]], dates: Dates, lang: str
) -> _Sheet:
    rows: list[tuple[Cell, ...]] = []
    for s in statements:
        for line in weak(s):
            measures = measures_for(line, known) or [Measure(word("to_agree", lang), "", None)]
            rows += [
                (*_who(s), line.name, shown(line.value, line.unit), line.target.text, m.text, m.who,
                 dates.after(m.days), word("state_open", lang), None)
                for m in measures
            ]  # fmt: skip
    columns = (*_PERSON, ("indicators", 16.0), ("this_period", 10.0), ("target", 16.0),
               ("measure", 40.0), ("who_does", 9.0), ("done_by", 12.0), *_STATE)  # fmt: skip
    return _Sheet("list_measures", columns, rows)


def _talks(statements: Sequence[Statement], dates: Dates, lang: str) -> _Sheet:
    comma = word("comma", lang)
    rows: list[tuple[Cell, ...]] = [
        (*_who(s), s.total, s.grade, comma.join(line.name for line in weak(s)),
         dates.after(dates.talk_days), None, word("state_open", lang), None)
        for s in statements
    ]  # fmt: skip
    columns = (*_PERSON, ("total", 9.0), ("grade", 8.0), ("gap_names", 42.0), ("talk_by", 12.0),
               ("held_on", 12.0), *_STATE)  # fmt: skip
    return _Sheet("list_talks", columns, rows)


def _calendar(cycle: Sequence[CycleStep], lang: str) -> _Sheet:
    rows: list[tuple[Cell, ...]] = [
        (c.stage, c.step, c.cycle, c.day, c.due, c.who, word(f"state_{c.state}", lang), c.clause)
        for c in cycle
    ]
    columns = (("stage", 10.0), ("cycle_step", 48.0), ("cycle", 10.0), ("day", 18.0),
               ("due_on", 12.0), ("who_does", 12.0), ("state", 10.0), ("clause", 24.0))  # fmt: skip
    return _Sheet("list_calendar", columns, rows)


def _write(book: Any, formats: Formats, sheet: _Sheet, dates: Dates, lang: str) -> None:
    made = book.add_worksheet(word(sheet.key, lang))
    made.set_row(0, 24)
    made.write_string(0, 0, f"{word('list_title', lang)}{word('colon', lang)}{word(sheet.key, lang)}",
                      formats(font_size=14, bold=True))  # fmt: skip
    note = word("list_note" if sheet.rows else "list_none", lang, published=dates.published.isoformat())
    made.write_string(1, 0, note, formats(font_color=_GREY))
    head = formats(bold=True, bg_color=_SHADE, border=1, border_color=_RULE, text_wrap=True)
    cell = formats(border=1, border_color=_RULE, text_wrap=True)
    points = formats(border=1, border_color=_RULE, num_format=NUMBER_FORMATS[POINTS])
    day = formats(border=1, border_color=_RULE, num_format=DATE_FORMAT, align="left")
    for number, (key, wide) in enumerate(sheet.columns):
        made.set_column(number, number, wide)
        made.write_string(_HEADER, number, word(key, lang), head)
    made.set_row(_HEADER, _LINE * max(lines_of(word(k, lang), w) for k, w in sheet.columns) + 5)
    for row, values in enumerate(sheet.rows, _HEADER + 1):
        high = 1
        for column, (value, (_, wide)) in enumerate(zip(values, sheet.columns, strict=True)):
            if isinstance(value, dt.date):
                made.write_datetime(row, column, dt.datetime.combine(value, dt.time()), day)
            elif value is None or value == "":
                made.write_blank(row, column, None, day if column in _days(sheet) else cell)
            else:
                write_cell(made, row, column, value, points if isinstance(value, float) else cell)
                high = max(high, lines_of(str(value), wide))
        made.set_row(row, max(_ROW, high * _LINE + 4))
    last = _HEADER + max(1, len(sheet.rows))
    _state_of(made, formats, sheet, last, lang)
    made.autofilter(_HEADER, 0, last, len(sheet.columns) - 1)
    made.freeze_panes(_HEADER + 1, 2)
    made.repeat_rows(_HEADER)
    made.set_paper(_A4)
    made.set_landscape()
    made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    made.fit_to_pages(1, 0)
    made.set_footer("&R&P / &N")


def _days(sheet: _Sheet) -> set[int]:
    """The columns that hold dates."""
    dated = ("due_on", "done_by", "talk_by", "held_on")
    return {n for n, (key, _) in enumerate(sheet.columns) if key in dated}


def _state_of(made: Any, formats: Formats, sheet: _Sheet, last: int, lang: str) -> None:
    """A drop-down for the state, and a colour for what is overdue."""
    keys = [key for key, _ in sheet.columns]
    state = keys.index("state")
    due = next(n for n, key in enumerate(keys) if key in ("due_on", "done_by", "talk_by"))
    states = [word(f"state_{key}", lang) for key in ("open", "running", "done")]
    first = _HEADER + 1
    made.data_validation(
        first, state, last + _MORE, state, {"validate": "list", "source": states}
    )
    at, done = f"${chr(65 + due)}{first + 1}", f"${chr(65 + state)}{first + 1}"
    rule = f'=AND({at}<>"",{at}<TODAY(),{done}<>"{states[2]}")'
    made.conditional_format(
        first, 0, last + _MORE, len(keys) - 1,
        {"type": "formula", "criteria": rule, "format": formats.book.add_format(
            {"bg_color": AMBER_FILL})},
    )  # fmt: skip
