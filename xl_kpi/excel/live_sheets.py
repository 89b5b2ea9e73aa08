"""The sheets that a run makes as a whole, written into the open book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import xlwings as xw
from xlwings.constants import Constants, FindLookIn, LookAt

from xl_kpi.errors import Problem
from xl_kpi.excel.area import Area, cell_name, column_letters
from xl_kpi.excel.live_book import LiveBook
from xl_kpi.excel.live_cells import Entries, Snapshot, entry, snapshot
from xl_kpi.excel.live_steps import AddSheet, DeleteSheets, Step
from xl_kpi.excel.live_steps import Write as WriteCells
from xl_kpi.excel.own_page import ROW_HEIGHT, TAB_COLOUR, Body, Look, Page, Row, Rule
from xl_kpi.excel.own_sheets import MARK, name_taken, sheet_in_use, structure_locked
from xl_kpi.twin.sheets import HEADER_ROW, ROW

_SIDES = {"left": -4131, "right": -4152, "center": -4108, "": 1}
_LONGEST_ADDRESS = 250  # characters that Excel takes for a range of several areas


@dataclass(slots=True)
class SheetsPlan:
    """What becomes of our sheets.

    Attributes:
        adding: new sheets; they come first, for formulas name them.
        writing: the content of all of them.
        deleting: sheets that go; they come last.
        problems: with one of them nothing is to be written.
        kept: sheets of ours that are written again.
    """

    adding: list[Step] = field(default_factory=list)
    writing: list[Step] = field(default_factory=list)
    deleting: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, xw.Sheet] = field(default_factory=dict)


def plan_sheets(live: LiveBook, pages: Sequence[Page]) -> SheetsPlan:
    """Judge what becomes of our sheets and make the steps for it."""
    plan, book = SheetsPlan(), live.book
    own = {s.name: s for s in book.sheets if _is_ours(s)}
    wanted = {page.tab for page in pages}
    gone = [name for name in own if name not in wanted]
    added = [page.tab for page in pages if page.tab not in own]
    name = live.raw.path.name
    if (added or gone) and book.api.ProtectStructure:
        plan.problems.append(structure_locked(name))
    theirs = {s.casefold() for s in live.raw.sheets if s not in own}
    plan.problems += [name_taken(name, tab) for tab in added if tab.casefold() in theirs]
    plan.problems += _in_use(live, gone, own)
    if plan.problems:
        return plan
    behind = next(iter(own), live.raw.sheets[-1])
    for page in pages:
        cells = page_cells(page)
        area = Area(1, 1, len(cells), len(cells[0]))
        if page.tab in own:
            sheet = plan.kept[page.tab] = own[page.tab]
            area = area.union(Area.parse(sheet.used_range.address))
            before = snapshot(sheet, Area(1, 1, area.last_row, area.last_column))
            plan.writing.append(WriteCells(sheet, before.area, _padded(cells, area), before))
        else:
            plan.adding.append(AddSheet(book, page.tab, behind))
            plan.writing.append(_WriteNew(book, page.tab, area, cells))
        behind = page.tab
    if gone:
        plan.deleting.append(DeleteSheets(book, gone))
    return plan


def page_cells(page: Page) -> Entries:
    """Every cell of a page as Excel takes it."""
    width = max([len(page.widths), 1])
    rows: Entries = [[None] * width for _ in range(page.last_row)]
    for part in page.parts:
        if isinstance(part, Row):
            for column, _, value in part.cells:
                rows[part.number - 1][column - 1] = entry(value)
            continue
        for column, one in enumerate(part.columns):
            if isinstance(one.content, str):
                for number in range(part.first, part.first + part.count):
                    rows[number - 1][column] = "=" + one.content.replace(ROW, str(number))
            else:
                for number, value in enumerate(one.content, part.first):
                    rows[number - 1][column] = entry(value)
    return rows


def _padded(cells: Entries, area: Area) -> Entries:
    """The cells and blanks around them up to the end of an area."""
    blank = area.last_column - len(cells[0])
    rows: Entries = [[*row, *([None] * blank)] for row in cells]
    return rows + [[None] * area.last_column for _ in range(area.last_row - len(cells))]


@dataclass(slots=True)
class _WriteNew:
    """The content of a sheet that was only just added."""

    book: xw.Book
    tab: str
    area: Area
    cells: Entries

    def do(self) -> None:
        sheet = self.book.sheets[self.tab]
        WriteCells(sheet, self.area, self.cells, Snapshot(self.area, [])).do()

    def undo(self) -> None:
        """The sheet goes with what stands on it."""


def own_tabs(book: xw.Book) -> set[str]:
    """The sheets that an earlier run made."""
    return {sheet.name for sheet in book.sheets if _is_ours(sheet)}


def _is_ours(sheet: xw.Sheet) -> bool:
    """Whether the mark on a sheet tells the sheet's own tab."""
    for name in sheet.names:
        if name.name.rpartition("!")[2] == MARK:
            text = str(name.refers_to)
            return text[2:-1].replace('""', '"') == sheet.name
    return False


def _in_use(live: LiveBook, gone: Sequence[str], own: dict[str, xw.Sheet]) -> Iterator[Problem]:
    """Formulas of other sheets, and names, that name a sheet which goes."""
    for name in gone:
        for sheet in live.book.sheets:
            if sheet.name in own:
                continue
            for text in (f"'{name}'!", f"{name}!"):
                found = sheet.api.Cells.Find(
                    What=text, LookIn=FindLookIn.xlFormulas, LookAt=LookAt.xlPart
                )
                if found is not None and str(found.Formula).startswith("="):
                    yield sheet_in_use(f"工作表“{sheet.name}”", name)
                    break
        for one in live.book.names:
            text = str(one.refers_to)
            local = one.name.rpartition("!")[0].strip("'")
            if local not in own and (f"'{name}'!" in text or f"={name}!" in text):
                yield sheet_in_use("名称管理器", name)


# --- looks -------------------------------------------------------------------------------------


def dress_sheets(live: LiveBook, pages: Sequence[Page], plan: SheetsPlan) -> None:
    """The looks of our sheets: a named cell style per kind of cell, widths, rules, links.

    What Excel does not take is left as it is: the figures stand already.
    """
    known: set[str] = set()
    for page in pages:
        sheet = live.book.sheets[page.tab]
        native = sheet.api
        with suppress(Exception):
            _undress(native)
        with suppress(Exception):
            for cell, place in page.links:
                native.Hyperlinks.Add(native.Range(cell), "", place)
        with suppress(Exception):
            for look, areas in _looks(page).items():
                style = _style(live.book.api, look, known)
                for address in _addresses(areas):
                    native.Range(address).Style = style
        with suppress(Exception):
            _measure(sheet, page)
        for rule in page.rules:
            with suppress(Exception):
                _add_rule(sheet, rule)
        if page.tab not in plan.kept:
            with suppress(Exception):
                _view(sheet, page)


def _undress(native: Any) -> None:
    """A sheet of ours as if it were new."""
    native.Cells.ClearOutline()
    native.Cells.EntireColumn.Hidden = False
    native.Cells.FormatConditions.Delete()
    native.Cells.Hyperlinks.Delete()
    native.Cells.Style = "Normal"


def _looks(page: Page) -> dict[Look, list[Area]]:
    """Where each look is worn, in rectangles."""
    found: dict[Look, list[Area]] = {}
    for part in page.parts:
        pieces: list[tuple[Look, Area]] = []
        if isinstance(part, Body):
            last = part.first + part.count - 1
            for number, column in enumerate(part.columns, 1):
                pieces.append((column.look, Area(part.first, number, last, number)))
        else:
            for number, look, _ in part.cells:
                pieces.append((look, Area(part.number, number, part.number, number)))
        for look, area in pieces:
            areas = found.setdefault(look, [])
            if areas and _side_by_side(areas[-1], area):
                area = areas.pop().union(area)
            areas.append(area)
    return {look: list(_stacked(areas)) for look, areas in found.items()}


def _side_by_side(left: Area, right: Area) -> bool:
    return (left.first_row, left.last_row, left.last_column + 1) == (
        right.first_row, right.last_row, right.first_column,
    )  # fmt: skip


def _stacked(areas: Iterable[Area]) -> Iterator[Area]:
    """Rectangles of the same columns right below each other as one."""
    before: Area | None = None
    for area in sorted(areas, key=lambda a: (a.first_column, a.last_column, a.first_row)):
        if before is not None and (before.first_column, before.last_column, before.last_row + 1) == (
            area.first_column, area.last_column, area.first_row,
        ):  # fmt: skip
            before = before.union(area)
            continue
        if before is not None:
            yield before
        before = area
    if before is not None:
        yield before


def _addresses(areas: Iterable[Area]) -> Iterator[str]:
    """Several areas as one address, as long as Excel takes it."""
    text = ""
    for area in areas:
        if text and len(text) + len(str(area)) >= _LONGEST_ADDRESS:
            yield text
            text = ""
        text += f",{area}" if text else str(area)
    if text:
        yield text


def _style(book: Any, look: Look, known: set[str]) -> str:
    """The named cell style for a look, made when the book does not have it."""
    parts = [look.colour, str(look.size), look.marks, look.fill, look.side, look.number_format]
    name = "KPI 对账 " + " ".join(p.removeprefix("#") for p in parts if p)
    if look.wrap:
        name += " ↵"
    if name in known or _has_style(book, name):
        known.add(name)
        return name
    known.add(name)
    style = book.Styles.Add(name)
    style.NumberFormat = look.number_format
    style.HorizontalAlignment, style.VerticalAlignment = _SIDES[look.side], Constants.xlCenter
    style.IndentLevel, style.WrapText = look.indent, look.wrap
    style.Font.Size, style.Font.Color = look.size, _colour(look.colour)
    style.Font.Bold, style.Font.Italic = "b" in look.marks, "i" in look.marks
    style.Font.Underline = 2 if "u" in look.marks else Constants.xlNone
    if look.fill:
        style.Interior.Color = _colour(look.fill)
    if look.line:
        style.Borders.LineStyle, style.Borders.Color = 1, _colour(look.line)
    return name


def _has_style(book: Any, name: str) -> bool:
    """Whether a book has a style; some have so many that they cannot all be listed."""
    try:
        return bool(book.Styles(name).Name == name)
    except Exception:
        return False


def _colour(text: str) -> int:
    """``#RRGGBB`` as Excel counts colours."""
    red, green, blue = (int(text[n : n + 2], 16) for n in (1, 3, 5))
    return red + green * 256 + blue * 65536


def _measure(sheet: xw.Sheet, page: Page) -> None:
    """Widths, heights, folded steps."""
    start = 0
    widths = page.widths
    for number in range(1, len(widths) + 1):
        if number == len(widths) or widths[number] != widths[start]:
            columns = f"{column_letters(start + 1)}:{column_letters(number)}"
            sheet.range(columns).column_width = widths[start]
            start = number
    sheet.range(f"1:{page.last_row}").row_height = ROW_HEIGHT
    for part in page.parts:
        if isinstance(part, Row) and part.height:
            sheet.range(f"{part.number}:{part.number}").row_height = part.height
    folded = [Area(1, number, 1, number) for number in sorted(page.folded)]
    for address in _addresses(folded):
        columns = sheet.api.Range(address).EntireColumn
        columns.OutlineLevel, columns.Hidden = 2, True


def _add_rule(sheet: xw.Sheet, rule: Rule) -> None:
    operator = {"equal": 3, "notEqual": 4}[rule.operator]
    areas = [Area.parse(text) for text in rule.cells.split()]
    for address in _addresses(areas):
        made = sheet.api.Range(address).FormatConditions.Add(1, operator, "=" + rule.formula)
        made.Font.Color, made.Font.Bold = _colour(rule.colour), True
        made.Interior.Color = _colour(rule.fill)


def _view(sheet: xw.Sheet, page: Page) -> None:
    """What only a new sheet needs: frozen panes, no grid lines, how it is printed."""
    native = sheet.api
    red, green, blue = (int(TAB_COLOUR[n : n + 2], 16) for n in (1, 3, 5))
    native.Tab.Color = red + green * 256 + blue * 65536
    sheet.show_gridlines = False
    native.Activate()
    window = native.Application.ActiveWindow
    window.FreezePanes = False
    window.SplitColumn, window.SplitRow = page.frozen_columns, HEADER_ROW
    window.FreezePanes = True
    native.Range(cell_name(HEADER_ROW + 1, page.frozen_columns + 1)).Select()
    setup = native.PageSetup
    setup.Orientation, setup.Zoom = 2, False
    setup.FitToPagesWide, setup.FitToPagesTall = 1, False
    rows = f"$1:${HEADER_ROW}"
    setup.PrintTitleRows = rows
