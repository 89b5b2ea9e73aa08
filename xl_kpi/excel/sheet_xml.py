"""The XML of one worksheet part, cut into rows, so that single cells can be exchanged.

Everything that is not exchanged stays the bytes it was. Only the plain form that Excel, WPS,
LibreOffice, openpyxl and XlsxWriter write is understood; any other is refused, never guessed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.area import Area, cell_name, column_number
from xl_kpi.excel.sheet_rules import move_bars, move_rules

_SHEET_DATA = re.compile(rb"<sheetData(?:\s[^>]*?)?(/?)>")
_ROW = re.compile(rb"""\s*<row(?=[\s/>])(?:[^>]*?\sr\s*=\s*["'](\d+)["'])?[^>]*>""")
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
_ROW_END = b"</row>"
_NOTHING = re.compile(rb"""\s*<row r=["']\d+["']/>""")
_SPANS = re.compile(rb"""\sspans\s*=\s*("[^"]*"|'[^']*')""")
_HEIGHT = re.compile(rb"""\s(?:ht|customHeight)\s*=\s*("[^"]*"|'[^']*')""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*("[^"]*"|'[^']*')""")
_CELL = re.compile(rb"<c(?=[\s/>])([^>]*?)\s*(/?>)")
_CELL_ADDRESS = re.compile(rb"""\sr\s*=\s*["']([A-Z]+)(\d+)["']""")
_CELL_START = b'<c r="'
_CELL_WITHOUT_ADDRESS = re.compile(rb'<c(?! r=")')
_CELL_LETTERS = re.compile(rb'<c r="([A-Z]+)')
_STYLE = re.compile(rb"""\ss\s*=\s*["'](\d+)["']""")
_CUSTOM_FORMAT = re.compile(rb"""\scustomFormat\s*=\s*["'](?:1|true)["']""")
_CONTENT = re.compile(rb"<v(?:\s[^>]*)?(?<!/)>[^<]|<f[\s/>]|<is[\s>]")
_FORMULA = re.compile(rb"<f(?=[\s/>])[^>]*>([^<]*)")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_COL = re.compile(rb"<col\s[^>]*>")
_COLS = re.compile(rb"<cols>.*?</cols>|<cols\s*/>", re.DOTALL)
_MERGE = re.compile(rb"<mergeCell\s[^>]*>")
_DIMENSION = re.compile(rb"""(<dimension\s[^>]*?ref\s*=\s*["'])([^"']*)""")
_FOLDING = ("outlineLevel", "hidden", "collapsed")


@dataclass(frozen=True, slots=True)
class SpreadFormula:
    """A formula that belongs to several cells: ``shared``, ``array`` or ``dataTable``."""

    kind: str
    cell: Area
    area: Area


class RowCut(NamedTuple):
    """A row cut at the columns of a table.

    Its cells lie from ``first`` to ``end``, those of the table from ``start`` to ``stop``.
    """

    row: bytes
    first: int
    start: int
    stop: int
    end: int

    def first_filled(self) -> str | None:
        """The first cell between the cuts that holds anything but a style."""
        found = _CONTENT.search(self.row, self.start, self.stop)
        if found is None:
            return None
        start = self.row.rindex(_CELL_START, 0, found.start()) + len(_CELL_START)
        return self.row[start : self.row.index(b'"', start)].decode()


class SheetXml:
    """One worksheet part, to be changed row by row and written again.

    Attributes:
        sheet: the name of the worksheet.
        spread_formulas: the formulas that several cells share.
        merged: the merged cells.

    Raises:
        InputError: the part is not written in the plain form.
    """

    def __init__(self, content: bytes, sheet: str) -> None:
        self.sheet = sheet
        data = _SHEET_DATA.search(content)
        if data is None or b"<worksheet" not in content[: data.start()]:
            raise self._unsupported()
        if b"!" in content and b"<!" in content:  # comments; one letter is found much faster
            raise self._unsupported()
        start = end = data.end()
        if data[1]:
            self._head = content[: start - 2].rstrip() + b">"
            self._tail = b"</sheetData>" + content[start:]
        else:
            end = content.find(b"</sheetData>", start)
            if end < 0:
                raise self._unsupported()
            self._head = content[:start]
            self._tail = content[end:]
        self._content = content
        self._states_rows = True  # else a row's number depends on the rows above it
        self._rows: dict[int, slice | bytes] = dict(self._find_rows(start, end))
        self._is_sorted = True
        self._states_addresses = _CELL_WITHOUT_ADDRESS.search(content, start, end) is None
        formulas = list(_FORMULA.finditer(content, start, end))
        self._has_formulas = bool(formulas)
        try:
            self.spread_formulas = tuple(
                _spread_formula(content, start, found) for found in formulas if b" ref" in found[0]
            )
            self.merged = tuple(
                Area.parse(_attributes(tag)["ref"]) for tag in _MERGE.findall(self._tail)
            )
        except (KeyError, ValueError) as error:
            raise self._unsupported() from error

    def content(self) -> bytes:
        """The part as it is now."""
        numbers = self._rows if self._is_sorted else sorted(self._rows)
        return b"".join((self._head, *map(self._row, numbers), self._tail))

    def cut(self, number: int, first_column: int, last_column: int) -> RowCut:
        """A row cut at these columns; a missing row is an empty one."""
        row, first, end = self._opened(number)
        start = stop = end
        for found in _CELL_LETTERS.finditer(row, first):
            if _column(found[1]) >= first_column:
                start = found.start()
                break
        last = row.rfind(_CELL_START)
        while last >= start:
            letters = _CELL_LETTERS.match(row, last)
            if letters is None or _column(letters[1]) <= last_column:
                break
            stop = last
            last = row.rfind(_CELL_START, 0, last)
        return RowCut(row, first, start, stop, end)

    def has_formula(self, cut: RowCut) -> bool:
        """Whether a cell between the cuts has a formula."""
        return self._has_formulas and bool(_FORMULA.search(cut.row, cut.start, cut.stop))

    def formula(self, cut: RowCut) -> str | None:
        """The first formula between the cuts; None if there is none."""
        found = _FORMULA.search(cut.row, cut.start, cut.stop) if self._has_formulas else None
        return html.unescape(found[1].decode()) if found else None

    def put(self, number: int, cut: RowCut, cells: bytes, *, unhide: bool = False) -> None:
        """Put cells between the cuts of a row; no row is made or kept for nothing."""
        tag = cut.row[: cut.first]
        if b"spans" in tag:
            tag = _SPANS.sub(b"", tag)
        if unhide:
            tag = _HIDDEN.sub(b"", tag)
        before = cut.row[cut.first : cut.start]
        content = before + cells + cut.row[cut.stop : cut.end]
        if number not in self._rows:
            if not content:
                return
            self._is_sorted = self._is_sorted and number > next(reversed(self._rows), 0)
        elif b' r="' not in tag and not _ROW_NUMBER.search(tag):
            tag = b'%b r="%d">' % (tag[:-1], number)
        self._keep(number, tag + content + _ROW_END if content else tag[:-1].rstrip() + b"/>")

    def set_height(self, number: int, points: float | None) -> None:
        """Give a row its height; None lets the program that opens the book decide."""
        if number not in self._rows:
            return
        row = self._row(number)
        first = row.index(b">")
        closed = row[first - 1 : first] == b"/"
        tag = _HEIGHT.sub(b"", row[: first - closed])
        if points is not None:
            tag += b' ht="%.10g" customHeight="1"' % points
        self._keep(number, tag + row[first - closed :])

    def set_widths(
        self, first_column: int, widths: Sequence[float], folded: Sequence[bool] | None = None
    ) -> None:
        """Give columns their widths, and fold some; what else their tags say stays."""
        end_column = first_column + max(len(widths), len(folded or ())) - 1
        tags: list[tuple[int, int, dict[str, str]]] = []
        own: dict[int, dict[str, str]] = {}
        for tag in _COL.findall(self._head):
            attributes = _attributes(tag)
            first, last = int(attributes.pop("min")), int(attributes.pop("max"))
            tags.append((first, min(last, first_column - 1), attributes))
            tags.append((max(first, end_column + 1), last, attributes))
            for number in range(max(first, first_column), min(last, end_column) + 1):
                own[number] = attributes
        for number in range(first_column, end_column + 1):
            place, here = number - first_column, dict(own.get(number, {}))
            if place < len(widths):
                here |= {"width": f"{widths[place] + 0.7109375}", "customWidth": "1"}
            if folded is not None:
                here = {k: v for k, v in here.items() if k not in _FOLDING}
                here |= _folding(folded, place)
            if here:
                tags.append((number, number, here))
        written = b"".join(_col_tag(*tag) for tag in sorted(tags, key=lambda t: t[0]) if tag[0] <= tag[1])
        head = _COLS.sub(b"", self._head, count=1)
        if folded is not None and any(folded) and b"outlineLevelCol" not in head:
            head = head.replace(b"<sheetFormatPr", b'<sheetFormatPr outlineLevelCol="1"', 1)
        start = head.rindex(b"<sheetData")
        self._head = head[:start] + b"<cols>" + written + b"</cols>" + head[start:]

    def styles(self, number: int, first_column: int, last_column: int) -> list[str]:
        """The style number of each cell of a row, or what an empty cell there would get."""
        cut = self.cut(number, first_column, last_column)
        own = {
            _column(address[1]): style[1]
            for cell in _CELL.finditer(cut.row, cut.start, cut.stop)
            if (address := _CELL_ADDRESS.search(cell[1])) and (style := _STYLE.search(cell[1]))
        }
        tag = cut.row[: cut.first]
        row_style = _STYLE.search(tag) if _CUSTOM_FORMAT.search(tag) else None
        return [
            own[column].decode()
            if column in own
            else row_style[1].decode()
            if row_style
            else self._column_style(column)
            for column in range(first_column, last_column + 1)
        ]

    def include(self, area: Area) -> None:
        """Let the sheet's stated extent contain the area."""

        def extended(found: re.Match[bytes]) -> bytes:
            return found[1] + str(Area.parse(found[2].decode()).union(area)).encode()

        self._head = _DIMENSION.sub(extended, self._head, count=1)

    def move_rules(self, old: Area, new: Area) -> None:
        """Let validations and conditional formats of a table's body cover its new body."""
        self._tail = move_rules(self._tail, old, new)

    def move_bars(self, columns: Mapping[int, int], body: Area) -> None:
        """Let data bars, colour scales and icons over one column follow it to its new place."""
        self._tail = move_bars(self._tail, columns, body)

    def _find_rows(self, start: int, end: int) -> Iterator[tuple[int, slice]]:
        content = self._content
        position = start
        number = 0
        count = 0
        while found := _ROW.match(content, position, end):
            stop = found.end()
            if content[stop - 2 : stop] != b"/>":
                stop = content.find(_ROW_END, stop, end) + len(_ROW_END)
            following = int(found[1]) if found[1] else number + 1
            self._states_rows &= found[1] is not None
            if following <= number or stop < found.end():
                raise self._unsupported()
            number = following
            count += 1
            yield number, slice(position, stop)
            position = stop
        if content[position:end].strip() or content.count(b"<row", start, end) != count:
            raise self._unsupported()

    def _keep(self, number: int, row: bytes) -> None:
        """Take over a row as it is now; one that says nothing any more goes."""
        if self._states_rows and _NOTHING.fullmatch(row):
            self._rows.pop(number, None)
        else:
            self._rows[number] = row

    def _row(self, number: int) -> bytes:
        row = self._rows[number]
        return self._content[row] if isinstance(row, slice) else row

    def _opened(self, number: int) -> tuple[bytes, int, int]:
        """A row as start tag, cells that state their addresses, end tag; where its cells are."""
        if number not in self._rows:
            row = b'<row r="%d">' % number
            return row, len(row), len(row)
        row = self._row(number)
        first = row.index(b">") + 1
        if row[first - 2 : first] == b"/>":
            row = row[: first - 2].rstrip() + b">"
            return row, len(row), len(row)
        end = len(row) - len(_ROW_END)
        if row.endswith(b"</extLst>", 0, end):
            raise self._unsupported()
        if not self._states_addresses:
            row = row[:first] + _with_addresses(number, row[first:end])
            end = len(row)
        return row, first, end

    def _column_style(self, column: int) -> str:
        for tag in _COL.findall(self._head):
            attributes = _attributes(tag)
            if int(attributes["min"]) <= column <= int(attributes["max"]):
                return attributes.get("style", "")
        return ""

    def _unsupported(self) -> InputError:
        what = "这张工作表的内部写法无法识别，不能直接写入"
        return InputError([Problem(self.sheet, what, "请用 Excel 打开工作簿，保存一次后再试")])


def _folding(folded: Sequence[bool], place: int) -> dict[str, str]:
    """What the tag of a column says of its group; the column right of one bears the mark."""
    if folded[place]:
        return {"outlineLevel": "1", "hidden": "1"}
    return {"collapsed": "1"} if place and folded[place - 1] else {}


def _col_tag(first: int, last: int, attributes: Mapping[str, str]) -> bytes:
    rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<col min="{first}" max="{last}"{rest}/>'.encode()


@cache
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in _ATTRIBUTE.findall(tag)}


def _with_addresses(number: int, cells: bytes) -> bytes:
    """Cells that all state their address first; one without stands right of the one before."""
    column = 0

    def addressed(found: re.Match[bytes]) -> bytes:
        nonlocal column
        stated = _CELL_ADDRESS.search(found[1])
        column = _column(stated[1]) if stated else column + 1
        rest = _CELL_ADDRESS.sub(b"", found[1])
        return b'<c r="%b"%b%b' % (cell_name(number, column).encode(), rest, found[2])

    return _CELL.sub(addressed, cells)


def _spread_formula(content: bytes, start: int, formula: re.Match[bytes]) -> SpreadFormula:
    attributes = _attributes(formula[0])
    area = Area.parse(attributes["ref"])
    cell = Area(area.first_row, area.first_column, area.first_row, area.first_column)
    owner = _CELL.match(content, content.rfind(b"<c", start, formula.start()))
    if owner and (address := _CELL_ADDRESS.search(owner[1])):
        cell = Area.parse((address[1] + address[2]).decode())
    return SpreadFormula(attributes.get("t", ""), cell, area)
