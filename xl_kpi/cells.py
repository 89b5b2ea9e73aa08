"""One cell becomes the value its column wants, or a fault in words HR understands.

Nothing is guessed: a number kept as text, a date in a text column or a staff id that Excel has
rounded is a fault, not a value (convention C7).
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from xl_kpi.errors import nearest
from xl_kpi.tables import Cell, CellError, Column, Kind

_FIRST_YEAR, _LAST_YEAR = 1900, 2200

_BRACKETS = str.maketrans("[]{}【】〔〕", "()()()()")
_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_ARROWS = re.compile(r"-+>|[⇒➔➜➡]")
_DATE_TEXT = re.compile(
    "([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"
    "|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_PERIOD_TEXT = re.compile("([0-9]{4})(?:[-/]([0-9]{1,2})|年([0-9]{1,2})月|([0-9]{2}))")
_CLOCK_TEXT = re.compile("^([0-9]):")  # 9:30 for 09:30
_NUMBER_TEXT = re.compile(r"[-+]?[0-9][0-9,]*(\.[0-9]*)?%?")
_TRUE = {"是", "y", "yes", "true", "1", "✓", "✔", "√"}
_FALSE = {"否", "n", "no", "false", "0"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be used; faults of one ``kind`` are reported together."""

    kind: str
    what: str
    fix: str


@functools.lru_cache(maxsize=20_000)  # the same headers are compared again and again
def plain(text: str) -> str:
    """A label without what the eye overlooks: spaces, widths, kinds of brackets, case."""
    text = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _ARROWS.sub("→", _INVISIBLE.sub("", text)).casefold()


def parse(cell: Cell, column: Column) -> object:
    """The cell's value as its column wants it, or the fault."""
    if cell is None:
        return None
    if isinstance(cell, CellError):
        if cell.text.startswith("#"):
            return Fault("error", f"公式出错：{cell.text}", "改好公式，或者清空这个单元格")
        return Fault("error", cell.text, "用 Excel 打开，按 F9 重新计算，保存后再试")
    return _PARSERS[column.kind](cell, column)


def _number(cell: Cell, column: Column) -> object:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    if isinstance(cell, str):
        # Judged as a reader of the sheet would: full-width digits look like a number too.
        if _NUMBER_TEXT.fullmatch(unicodedata.normalize("NFKC", cell)):
            what = f"“{column.zh}”要填数字，{_show(cell)}是文本格式"
            return Fault("number", what, "把单元格改为数字格式，再重新输入这个数")
        fix = "只填数字，不带单位和说明；没有数据就留空"
    elif isinstance(cell, (dt.time, dt.timedelta)) and column.unit == "s":
        fix = "把时长换算成秒数，单元格改为数字格式"
    else:
        fix = "把单元格改为数字格式，再重新输入"
    return Fault("number", f"“{column.zh}”要填数字，现在是{_show(cell)}", fix)


def _text(cell: Cell, column: Column) -> object:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if abs(cell) < 1e15:
            return _show(cell)
        what = f"“{column.zh}”超过 15 位，Excel 已经改掉了后面的数字"
        return Fault("digits", what, "先把这一列设为文本格式，再从原始数据重新填入")
    what = f"“{column.zh}”要填文字，现在是{_show(cell)}"
    return Fault("text", what, "先把单元格设为文本格式，再重新输入")


def _date(cell: Cell, column: Column) -> object:
    text = _show(cell) if type(cell) in (int, float) else cell
    match = _DATE_TEXT.fullmatch(text) if isinstance(text, str) else None
    if match:
        with suppress(ValueError):  # such as 31 April
            cell = dt.date(*(int(part) for part in match.groups() if part))
    elif isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date) and _FIRST_YEAR <= cell.year <= _LAST_YEAR:
        return cell
    what = f"“{column.zh}”要填日期（{_FIRST_YEAR}—{_LAST_YEAR} 年），现在是{_show(cell)}"
    fix = "改成 2026-10-05 这样的日期"
    if not column.required:
        fix += "；没有就留空"
    return Fault("date", what, fix)


def _moment(cell: Cell, column: Column) -> object:
    text = _show(cell) if type(cell) in (int, float) else cell
    if isinstance(text, str):
        day, _, clock = text.strip().replace("T", " ").partition(" ")
        found = _date(day, column)
        if isinstance(found, dt.date):
            with suppress(ValueError):  # such as 25:00
                time = dt.time.fromisoformat(_CLOCK_TEXT.sub(r"0\1:", clock.strip() or "00:00"))
                return dt.datetime.combine(found, time)
    elif isinstance(cell, dt.date):
        found = cell if isinstance(cell, dt.datetime) else dt.datetime.combine(cell, dt.time())
        if _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return found
    what = f"“{column.zh}”要填日期和时间，现在是{_show(cell)}"
    fix = "改成 2026-10-05 09:30:00 这样的时间"
    return Fault("moment", what, fix if column.required else fix + "；没有就留空")


def _period(cell: Cell, column: Column) -> object:
    if isinstance(cell, dt.date):
        return f"{cell.year:04d}-{cell.month:02d}"
    text = _show(cell) if type(cell) in (int, float) else cell
    match = _PERIOD_TEXT.fullmatch(text) if isinstance(text, str) else None
    if match:
        year, month = (int(part) for part in match.groups() if part)
        if _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12:
            return f"{year:04d}-{month:02d}"
    what = f"“{column.zh}”要填月份，现在是{_show(cell)}"
    return Fault("period", what, "改成 2026-10 这样的月份")


def _choice(cell: Cell, column: Column) -> object:
    exact = {name: key for key, labels in column.choices.items() for name in (key, *labels)}
    names = {plain(name): key for name, key in exact.items()}
    text = _show(cell) if type(cell) in (int, float) else cell
    if isinstance(text, str) and text in exact:
        return exact[text]  # "[)" and "(]" differ in what ``plain`` overlooks
    if isinstance(text, str) and plain(text) in names:
        return names[plain(text)]
    allowed = "、".join(zh for zh, _ in column.choices.values())
    near = nearest(plain(text), names) if isinstance(text, str) else None
    hint = f"是不是“{column.choices[names[near]][0]}”？" if near else ""
    what = f"“{column.zh}”里没有{_show(cell)}这一项"
    return Fault("choice", what, f"{hint}只能填：{allowed}")


def _flag(cell: Cell, column: Column) -> object:
    text = plain(_show(cell)) if type(cell) in (bool, int, float) else cell
    if isinstance(text, str):
        if plain(text) in _TRUE:
            return 1.0
        if plain(text) in _FALSE:
            return 0.0
    return Fault("flag", f"“{column.zh}”要填 是 或 否，现在是{_show(cell)}", "改成 是 或 否")


_PARSERS: dict[Kind, Callable[[Cell, Column], object]] = {
    "number": _number,
    "text": _text,
    "date": _date,
    "period": _period,
    "choice": _choice,
    "flag": _flag,
    "moment": _moment,
}


def _show(cell: Cell) -> str:
    """The cell as HR sees it."""
    if isinstance(cell, str):
        return f"“{cell[:30]}…”" if len(cell) > 31 else f"“{cell}”"
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        return f"{cell:.15g}"
    if isinstance(cell, dt.date):
        return f"日期 {cell}"
    return f"时间 {cell}"
