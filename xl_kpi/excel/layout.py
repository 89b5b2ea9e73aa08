"""Where everything stands in the template: sheets in their order, tables, names, positions.

The template is built from this, and whoever reads or fills a book takes the names from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from xl_kpi.excel import board_columns as board
from xl_kpi.excel import layout_words as words
from xl_kpi.excel.patch import CellUpdate
from xl_kpi.excel.report import (
    ReportColumn,
    check_columns,
    department_columns,
    department_sum_columns,
    people_columns,
    trace_columns,
    true_up_columns,
    week_columns,
)
from xl_kpi.scheme_rows import (
    cycle_rows,
    make_scheme,
    preset_counts,
    preset_ids,
    preset_metrics,
    preset_rows,
)
from xl_kpi.scheme_tables import (
    CONSEQUENCES,
    CURVES,
    GRADES,
    HEAD,
    HEAD_SETTINGS,
    INDICATORS,
    METRICS,
    PAY_ITEMS,
)
from xl_kpi.sources.definition_settings import SETTINGS as SETTINGS_OF_LOGS
from xl_kpi.tables import ARCHIVE, BY_KEY, COUNTS, DEFINITION, Column, Table, column_letter

Kind: TypeAlias = Literal["home", "input", "scheme", "result", "own", "functions", "board", "figures"]

# Rows of a sheet that holds one table, counted from 1 as on the sheet.
TITLE_ROW, GUIDE_ROW, LINK_ROW, GROUP_ROW, HEADER_ROW = 1, 2, 3, 4, 5
SPARE_ROWS = 3  # blank rows under what a preset fills
RULES_TO_ROW = 5_000  # drop-downs and conditional formats reach down to here
GROUP_COLUMNS = 150  # group headings of result sheets reach up to here

FILES = {"zh": "kpi_template", "en": "kpi_template.en"}
PLAIN, WITH_MACROS = ".xlsx", ".xlsm"

# --- home ------------------------------------------------------------------------------------

SETTINGS = Table(
    key="settings", zh="本期设置", en="Settings",
    columns=(
        Column(key="key", zh="项目", en="Item", kind="text", required=True),
        Column(key="value", zh="内容", en="Content", kind="text"),
        Column(key="note", zh="说明", en="Note", kind="text"),
    ),
)  # fmt: skip
SETTING_ROWS = {
    "period": ("期间", "Period"),
    "scheme": ("方案", "Scheme"),
    "as_of": ("数据截至", "Data as of"),
    "data_from": ("数据起始", "Data from"),
}
STATUS = Table(
    key="status", zh="本期结果", en="Result",
    columns=(
        Column(key="key", zh="项目", en="Item", kind="text", required=True),
        Column(key="value", zh="内容", en="Content", kind="text"),
    ),
)  # fmt: skip
STATUS_ROWS = {
    "state": ("状态", "Status"),
    "period": ("期间", "Period"),
    "scheme": ("方案", "Scheme"),
    "people": ("人数", "People"),
    "assessed": ("考核人数", "Assessed"),
    "pay": ("应发合计", "Pay in all"),
    "true_ups": ("往月差额", "True-ups"),
    "errors": ("错误", "Errors"),
    "warnings": ("提醒", "Warnings"),
    "reconcile": ("对账", "Reconciliation"),
    "done": ("上次操作", "Last action"),
}
# The state begins with one of these words; conditional formats turn it into a light.
LIGHTS = {"green": ("绿", "green"), "amber": ("黄", "amber"), "red": ("红", "red")}
NOT_CALCULATED = ("未计算", "Not calculated")

HOME_TABLES_ROW = 6  # header of kpi_settings and kpi_status
SETTINGS_COLUMN, STATUS_COLUMN = 2, 6

# --- results ---------------------------------------------------------------------------------

RESULT_PEOPLE = "kpi_result_people"
RESULT_SUMS = "kpi_result_sums"
RESULT_DEPARTMENTS = "kpi_result_departments"
RESULT_WEEKS = "kpi_result_weeks"
TRACE = "kpi_trace"
CHECKS = "kpi_checks"
TRUE_UPS = "kpi_true_ups"
ADDED_LATER = {RESULT_SUMS, TRUE_UPS, board.PEOPLE, *board.FIGURES}  # books of earlier versions lack them
BOARD_ROW = 44  # header of the heat map on 看板, below the charts

# --- scheme sheets ---------------------------------------------------------------------------

STACK = (HEAD, INDICATORS, CURVES, PAY_ITEMS, CONSEQUENCES, GRADES)

# The tables of a scheme sheet share its columns: A is a name, C holds long texts, K notes.
_FIRST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicators": (
        "metric", "block", "clause_text", "clause", "cycle", "group", "rule", "weight", "full",
        "target", "measure", "better", "curve", "name", "role", "condition",
    ),
    "curves": (
        "name", "key", "clause_text", "clause", "lower", "upper", "edges", "value", "valid_from",
        "valid_to", "open_point",
    ),
    "pay_items": (
        "item", "level", "formula", "clause", "paid", "applies_to", "unit", "rule", "valid_from",
        "valid_to", "clause_text", "role", "cycle", "floor", "cap", "open_point",
    ),
    "consequences": ("condition", "due_days", "follows", "clause_text", "clause"),
    "grades": (
        "grade", "share", "clause_text", "clause", "lower", "upper", "edges", "coefficient",
        "base_share", "valid_from", "open_point", "valid_to",
    ),
}  # fmt: skip


def columns_on_sheet(table: Table) -> tuple[Column, ...]:
    """The columns of an input or scheme table in the order of the template."""
    first = _FIRST_COLUMNS.get(table.key, ())
    rest = [column for column in table.columns if column.key not in first]
    return (*map(table.column, first), *rest)


def scheme_table_name(scheme_id: str, table: Table) -> str:
    """The Excel name of a table of a scheme: ``S01_indicators``."""
    return f"{scheme_id}_{table.key}"


# --- sheets ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An Excel table on a sheet: its name, the cell of its first header, its body rows.

    ``table`` is None for results, whose columns depend on the scheme.
    """

    name: str
    row: int
    column: int
    body_rows: int
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet: tab, title, one sentence of guidance, its tables, the columns kept in view."""

    key: str
    kind: Kind
    tab: tuple[str, str]
    title: tuple[str, str]
    guide: tuple[str, str]
    use: tuple[str, str]  # what for, in the list on the home sheet
    places: tuple[Place, ...]
    name_columns: int = 0
    hidden: bool = False

    def label(self, lang: str) -> str:
        """The name on the tab."""
        return self.tab[lang == "en"]


# The schemes of the template as it ships; a new book can have others.
TEMPLATE_SCHEMES = ("S01", "S05")


@cache
def sheets(
    schemes: tuple[str, ...] = TEMPLATE_SCHEMES, *, macros: bool = False
) -> tuple[Sheet, ...]:
    """All sheets of a book with these ready schemes, in the order in which HR works.

    The worksheet functions work in the book with macros only; so does the sheet that shows them.
    """
    return (
        _sheet(
            "home", "home",
            Place(name=SETTINGS.excel_name, row=HOME_TABLES_ROW, column=SETTINGS_COLUMN,
                  body_rows=len(SETTING_ROWS), table=SETTINGS),
            Place(name=STATUS.excel_name, row=HOME_TABLES_ROW, column=STATUS_COLUMN,
                  body_rows=len(STATUS_ROWS), table=STATUS),
        ),
        *(
            _input(key, len(SETTINGS_OF_LOGS) if key == DEFINITION.key else 1, name_columns)
            for key, name_columns in _INPUT_SHEETS.items()
        ),
        _input(METRICS.key, len(preset_metrics()) + SPARE_ROWS, 2, METRICS),
        *map(_scheme, schemes),
        _sheet("board", "board", Place(name=board.PEOPLE, row=BOARD_ROW, column=1, body_rows=1)),
        _result("people", RESULT_PEOPLE, 3),
        _result("sums", RESULT_SUMS, 1),
        _result("departments_result", RESULT_DEPARTMENTS, 2),
        _result("weeks", RESULT_WEEKS, 3),
        _result("true_ups", TRUE_UPS, 3),
        _result("trace", TRACE, 3),
        _result("checks", CHECKS, 1),
        _sheet("board_figures", "figures", *_side_by_side()),
        _sheet("reconcile", "own"),
        *(
            _input(key, len(cycle_rows(key)) + SPARE_ROWS, name_columns)
            for key, name_columns in _CYCLE_SHEETS.items()
        ),
        *([_sheet("functions", "functions", name_columns=1)] if macros else []),
    )  # fmt: skip


# Input tables in the order of the sheets; how many of their columns name the row.
_INPUT_SHEETS = {
    "roster": 2, "accounts": 1, "definition": 1, "sessions": 1, "orders": 1, "counts": 2, "ratings": 2, "events": 2, "targets": 2,
    "departments": 2, "shops": 2, "calibrations": 3, "appeals": 3, "refunds": 2, "adjustments": 2, "closings": 1, "history": 3,
    "archive": 2, "benchmarks": 1, "platform": 2, "imports": 2, "differences": 2,
}  # fmt: skip
# Sheets of the assessment cycle (S13); nothing is calculated from them.
_CYCLE_SHEETS = {"calendar": 2, "smart": 1, "raters": 1, "measures": 1}


def sheet(key: str) -> Sheet:
    """The sheet with this key (a table's key, a scheme's id, ``home``, ``people`` …)."""
    schemes = (key,) if key in preset_ids() else TEMPLATE_SCHEMES
    return next(one for one in sheets(schemes) if one.key == key)


def result_columns(name: str, lang: str, scheme_id: str = "S01") -> list[ReportColumn]:
    """The columns that a result table has in a book made for a scheme."""
    if name in _OF_SCHEME:
        scheme = make_scheme(preset_rows(scheme_id), preset_metrics())
        return _OF_SCHEME[name](scheme, lang)
    of_all = {
        RESULT_DEPARTMENTS: department_columns, TRUE_UPS: true_up_columns, TRACE: trace_columns,
        CHECKS: check_columns,
    }  # fmt: skip
    return of_all[name](lang)


_OF_SCHEME = {
    RESULT_PEOPLE: people_columns, RESULT_SUMS: department_sum_columns, RESULT_WEEKS: week_columns,
}  # fmt: skip


def depends_on_scheme(sheet: Sheet) -> bool:
    """Whether the columns of a result sheet change with the scheme."""
    return any(place.name in _OF_SCHEME for place in sheet.places)


def group_headings(columns: Sequence[ReportColumn]) -> list[str | None]:
    """The cells over a result table's header: each group's name over its first column."""
    before = ["", *(column.group for column in columns)]
    return [
        column.group if column.group and column.group != last else None
        for column, last in zip(columns, before, strict=False)
    ]


def group_updates(
    sheet: str, columns: Sequence[ReportColumn], before: int
) -> list[CellUpdate]:
    """The headings of a result table with new columns; old ones beyond them are cleared.

    Args:
        sheet: The name of the sheet in the book.
        columns: The columns that are being written.
        before: How many columns the table had; what stands further right is HR's own.
    """
    cells = [*group_headings(columns), *([None] * (before - len(columns)))]
    return [
        CellUpdate(sheet, f"{column_letter(number)}{GROUP_ROW}", cell)
        for number, cell in enumerate(cells, 1)
    ]


def template_file(lang: str = "zh", suffix: str = PLAIN) -> Path:
    """The ready template: in the installed package, or beside it in a checkout."""
    package, name = Path(__file__).parents[1], FILES[lang] + suffix
    shipped = package / "workbook" / name
    return shipped if shipped.exists() else package.parent / "workbook" / name


def _sheet(
    key: str, kind: Kind, *places: Place, name_columns: int = 0, hidden: bool = False
) -> Sheet:
    tab, title, guide, use = words.SHEETS[key]
    return Sheet(
        key=key, kind=kind, tab=tab, title=title, guide=guide, use=use, places=places,
        name_columns=name_columns, hidden=hidden,
    )  # fmt: skip


def _input(key: str, body_rows: int, name_columns: int, table: Table | None = None) -> Sheet:
    table = table or (preset_counts() if key == COUNTS.key else BY_KEY[key])
    place = Place(name=table.excel_name, row=HEADER_ROW, column=1, body_rows=body_rows, table=table)
    return _sheet(
        key, "input", place, name_columns=name_columns, hidden=key == ARCHIVE.key
    )


def _result(key: str, name: str, name_columns: int) -> Sheet:
    place = Place(name=name, row=HEADER_ROW, column=1, body_rows=1)
    return _sheet(key, "result", place, name_columns=name_columns)


def _side_by_side() -> Iterator[Place]:
    """The small tables behind the charts, a free column between them."""
    column = 1
    for name in board.FIGURES:
        yield Place(name=name, row=HEADER_ROW, column=column, body_rows=1)
        column += len(board.figure_columns(name, "zh")) + 1


def _scheme(scheme_id: str) -> Sheet:
    """A scheme's tables one below the other, each with a heading above its header."""
    rows = preset_rows(scheme_id)
    name = next(str(row.get("value")) for row in rows["head"] if row.place.endswith(" name"))
    places = []
    row = HEADER_ROW
    for table in STACK:
        filled = len(HEAD_SETTINGS) if table is HEAD else len(rows[table.key]) + SPARE_ROWS
        places.append(
            Place(
                name=scheme_table_name(scheme_id, table), row=row, column=1, body_rows=filled,
                table=table,
            )
        )  # fmt: skip
        row += filled + 4  # two rows of air, the heading, the next header
    _, _, guide, use = words.SHEETS["scheme"]
    label = f"{scheme_id} {name}"
    return Sheet(
        key=scheme_id, kind="scheme", tab=(label, scheme_id), title=(label, label), guide=guide,
        use=use, places=tuple(places), name_columns=1,
    )  # fmt: skip
