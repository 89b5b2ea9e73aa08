"""看板 and the figures behind it: native charts over tables that a run fills, a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xl_kpi.excel import board_columns as board
from xl_kpi.excel import layout
from xl_kpi.excel import layout_words as words
from xl_kpi.excel.layout import Place, Sheet
from xl_kpi.excel.palette import (
    ACCENT,
    BAR,
    FONT,
    GREEN,
    GREEN_FILL,
    LINE,
    PALE,
    QUIET,
    RED,
    RED_FILL,
)
from xl_kpi.excel.report import ReportColumn
from xl_kpi.excel.result_totals import MONTH_CELLS
from xl_kpi.excel.template_sheets import (
    HEADER_HEIGHT,
    PROTECTION,
    Book,
    add_sheet,
    add_table,
    set_up_print,
)
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows
from xl_kpi.tables import column_letter

_SCALE = 66  # per cent
_CHART_TOP = 3  # rows above the charts
_MONEY_AXIS = "#,##0"
_NO_ZERO = "#,##0;-#,##0;;"
_HEAT_COLUMNS = 60  # coloured, however many indicators a scheme has


@dataclass(frozen=True, slots=True)
class _Series:
    """A column of a table in a chart: bars, bars on bars, or marks on an axis of their own."""

    key: str
    look: str = "bar"
    number_format: str = _MONEY_AXIS
    labels: bool = False


@dataclass(frozen=True, slots=True)
class _Chart:
    """A chart: its table, names, series; place and size in columns and rows of the sheet."""

    key: str
    table: str
    category: str
    series: tuple[_Series, ...]
    column: int
    row: int
    columns: int
    rows: int


_LABELS = {"mark": "above", "bar": "inside_base"}
_SCORE = _Series("total", "mark", "0")
_AVERAGE = _Series("average", "mark", "0.0", labels=True)
_CHARTS = (
    _Chart("people", board.PEOPLE, "name", (_Series("pay"), _SCORE), 0, 0, 14, 13),
    _Chart("grades", board.GRADES, "step", (_Series("heads", number_format="0", labels=True),), 0, 13, 4, 13),
    _Chart("months", board.MONTHS, "period", (_Series("pay"), _AVERAGE), 4, 13, 6, 13),
    _Chart("shops", board.SHOPS, "shop", (_Series("each", labels=True), _AVERAGE), 10, 13, 4, 13),
    _Chart("rates", board.RATES, "figure", (_Series("share", "flat", "0.00%", labels=True),), 0, 26, 7, 13),
    _Chart("pools", board.POOLS, "pool",
           (_Series("paid", "pile", _NO_ZERO, labels=True), _Series("left", "pile", _NO_ZERO, labels=True)), 7, 26, 7, 13),
)  # fmt: skip


def write_board(book: Book, sheet: Sheet) -> None:
    """Charts on the first page, below them the heat map; locked."""
    worksheet = add_sheet(book, sheet)
    worksheet.set_column(0, layout.GROUP_COLUMNS - 1, board.WIDTH, book.styles.free)
    (place,) = sheet.places
    scheme = make_scheme(preset_rows(book.schemes[0]), preset_metrics())
    columns = board.people_board([scheme], book.lang)
    _write_table(book, worksheet, place, columns)
    worksheet.write_blank(MONTH_CELLS[place.name], None, book.styles.guide)
    marks = len(columns) - 1
    worksheet.set_column(marks, marks, columns[marks].width, book.styles.free)
    _heat(book, worksheet, place)
    for chart in _CHARTS:
        _insert(book, worksheet, chart, columns)
    worksheet.set_h_pagebreaks([place.row - 1])
    worksheet.protect("", {**PROTECTION, "objects": True})
    worksheet.repeat_columns(0)  # the names
    set_up_print(book, worksheet, sheet, [])
    worksheet.repeat_rows(place.row - 1)  # of the heat map; the charts' page is one
    worksheet.set_print_scale(_SCALE)  # instead of fitting: the charts fill the first page


def write_figures(book: Book, sheet: Sheet) -> None:
    """The small tables behind the charts, side by side; locked."""
    worksheet = add_sheet(book, sheet)
    widths = []
    for place in sheet.places:
        columns = board.figure_columns(place.name, book.lang)
        for number, column in enumerate(columns, place.column - 1):
            worksheet.set_column(number, number, column.width, book.styles.free)
        widths += [column.width for column in columns] + [_GAP]
        worksheet.set_column(len(widths) - 1, len(widths) - 1, _GAP, book.styles.free)
        _write_table(book, worksheet, place, columns)
    worksheet.protect("", PROTECTION)
    set_up_print(book, worksheet, sheet, widths)


_GAP = 2.0  # characters between two tables


def _write_table(
    book: Book, worksheet: Worksheet, place: Place, columns: Sequence[ReportColumn]
) -> None:
    left = place.column - 1
    for number, column in enumerate(columns, left):
        worksheet.write_blank(place.row, number, None, book.styles.results[column.style])
    waiting = book.say(layout.NOT_CALCULATED)
    worksheet.write_string(place.row, left, waiting, book.styles.results[columns[0].style])
    labels = [column.label for column in columns]
    add_table(worksheet, place, labels, [book.styles.header(0)] * len(columns))
    worksheet.set_row(place.row - 1, HEADER_HEIGHT[book.lang])


def _heat(book: Book, worksheet: Worksheet, place: Place) -> None:
    """Figures that meet their target green, those that miss it red and bold, pay as bars."""
    keys = [c.key for c in board.people_board([], book.lang)]
    pay, before = keys.index("pay") + 1, len(keys) - 1  # columns before the first indicator
    first, header, last = place.row + 1, place.row, column_letter(_HEAT_COLUMNS)
    area = f"{column_letter(before + 1)}{first}:{last}{layout.RULES_TO_ROW}"
    word = board.word_of("marks", book.lang)
    signs = f'INDEX($A{first}:${last}{first},MATCH("{word}",$A${header}:${last}${header},0))'
    looks = {
        board.MET: book.styles.rule(bg_color=GREEN_FILL, font_color=GREEN),
        board.MISSED: book.styles.rule(bg_color=RED_FILL, font_color=RED, bold=True),
    }
    for mark, look in looks.items():
        test = f'=MID({signs},COLUMN()-{before},1)="{mark}"'
        worksheet.conditional_format(area, {"type": "formula", "criteria": test, "format": look})
    money = f"{column_letter(pay)}{first}:{column_letter(pay)}{layout.RULES_TO_ROW}"
    worksheet.conditional_format(
        money,
        {"type": "data_bar", "bar_color": BAR, "min_type": "num", "min_value": 0},
    )  # fmt: skip


# --- charts --------------------------------------------------------------------------------


def _insert(book: Book, worksheet: Worksheet, one: _Chart, people: Sequence[ReportColumn]) -> None:
    """A chart over the first row of its table; a run leads it on to the last."""
    is_people = one.table == board.PEOPLE
    columns = people if is_people else board.figure_columns(one.table, book.lang)
    kinds = {"bar": ("column", ""), "flat": ("bar", ""), "pile": ("bar", "stacked"), "mark": ("line", "")}
    chart: Any = None
    for look in dict.fromkeys(series.look for series in one.series):
        kind, subtype = kinds[look]
        part: Any = book.workbook.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})
        for number, series in enumerate(one.series):
            if series.look == look:
                part.add_series(_series(book, one, series, columns, number))
        if chart is None:
            chart = part
            _dress(book, chart, one)
        else:
            part.set_y2_axis({**_axis(one.series[-1].number_format), "major_gridlines": {"visible": False}})
            chart.combine(part)
    width, height = one.columns * _COLUMN_PIXELS - 6, one.rows * _ROW_PIXELS - 6
    chart.set_size({"width": width, "height": height})
    worksheet.insert_chart(
        _CHART_TOP + one.row, one.column, chart, {"x_offset": 3, "y_offset": 3, "object_position": 1}
    )


_COLUMN_PIXELS, _ROW_PIXELS = 89, 22


def _series(
    book: Book, one: _Chart, series: _Series, columns: Sequence[ReportColumn], number: int
) -> dict[str, Any]:
    sheet = "board" if one.table == board.PEOPLE else "board_figures"
    place = next(p for p in layout.sheet(sheet).places if p.name == one.table)
    tab = layout.sheet(sheet).label(book.lang)
    keys = [column.key for column in columns]

    def cells(key: str) -> list[Any]:
        column = place.column - 1 + keys.index(key)
        return [tab, place.row, column, place.row, column]

    made: dict[str, Any] = {
        "name": columns[keys.index(series.key)].label,
        "categories": cells(one.category), "values": cells(series.key),
    }  # fmt: skip
    if series.look == "mark":
        made |= {
            "y2_axis": True, "line": {"none": True},
            "marker": {"type": "diamond", "size": 7, "fill": {"color": "#000000"},
                       "border": {"color": "#000000"}},
        }  # fmt: skip
    else:
        colour = ACCENT if series.look == "pile" and not number else PALE
        made |= {"fill": {"color": colour}, "border": {"color": ACCENT}, "gap": 60}
    if series.labels:
        label = _LABELS.get(series.look)
        above = {"position": label} if label else {}
        made["data_labels"] = {"value": True, "num_format": series.number_format, "font": _font(9), **above}
        if series.look == "pile":
            made["data_labels"]["font"]["color"] = ("#FFFFFF", "#000000")[number]
    return made


def _dress(book: Book, chart: Any, one: _Chart) -> None:
    chart.set_title({
        "name": book.say(words.CHARTS[one.key]), "name_font": {**_font(12), "bold": True, "color": ACCENT},
        "overlay": False,
    })  # fmt: skip
    chart.set_chartarea({"border": {"color": LINE}})
    lies = one.series[0].look in ("flat", "pile")
    names: dict[str, Any] = {"num_font": _font(9), "line": {"color": QUIET}}
    if lies:
        names |= {"reverse": True, "line": {"none": True}}
    figures = _axis(one.series[0].number_format)
    if one.series[0].look != "pile":  # what is left may be negative
        figures["min"] = 0
    if lies:  # the bars bear their figures
        figures |= {"visible": False, "major_gridlines": {"visible": False}}
    chart.set_x_axis(figures if lies else names)
    chart.set_y_axis(names if lies else figures)
    if len(one.series) > 1:
        chart.set_legend({"position": "bottom", "font": _font(9)})
    else:
        chart.set_legend({"none": True})
    chart.show_blanks_as("gap")


def _axis(number_format: str) -> dict[str, Any]:
    return {
        "num_format": number_format, "num_font": _font(9), "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}},
    }  # fmt: skip


def _font(size: float) -> dict[str, Any]:
    return {"name": FONT, "size": size, "bold": False}
