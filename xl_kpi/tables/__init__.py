"""Every input table of a book: columns, types, units, keys, checks.

A table arrives as a ``RawTable`` (cells as they stand on the sheet) and leaves as a checked
``DataFrame`` whose columns carry the keys below; every cell that is not what its column wants
becomes a ``Problem`` naming the cell, never a number (convention C7).
"""

from xl_kpi.tables.closings import APPEALS, ARCHIVE, CLOSINGS
from xl_kpi.tables.corrections import ADJUSTMENTS, CALIBRATIONS, HISTORY, REFUNDS
from xl_kpi.tables.cycle import CALENDAR, MEASURES, RATERS, SMART
from xl_kpi.tables.declaring import Cell, CellError, Column, Kind, RawTable, Table, column_letter
from xl_kpi.tables.imports import ACCOUNTS, BENCHMARKS, DEFINITION, DIFFERENCES, IMPORTS, PLATFORM
from xl_kpi.tables.month import (
    COUNTS,
    DEPARTMENTS,
    EVENTS,
    ORDERS,
    RATINGS,
    ROSTER,
    SESSIONS,
    SHOPS,
    STATUS,
    TARGETS,
    counts_with,
    own_count,
)

__all__ = [
    "ACCOUNTS",
    "ADJUSTMENTS",
    "APPEALS",
    "ARCHIVE",
    "BENCHMARKS",
    "BY_KEY",
    "CALENDAR",
    "CALIBRATIONS",
    "CLOSINGS",
    "CLOSING_TABLES",
    "COUNTS",
    "CYCLE_SHEETS",
    "DEFINITION",
    "DEPARTMENTS",
    "DIFFERENCES",
    "EVENTS",
    "HISTORY",
    "IMPORTS",
    "IMPORT_TABLES",
    "INPUTS",
    "MEASURES",
    "ORDERS",
    "PLATFORM",
    "RATERS",
    "RATINGS",
    "REFUNDS",
    "ROSTER",
    "SESSIONS",
    "SHOPS",
    "SMART",
    "STATUS",
    "TARGETS",
    "Cell",
    "CellError",
    "Column",
    "Kind",
    "RawTable",
    "Table",
    "column_letter",
    "counts_with",
    "own_count",
]

INPUTS = (
    ROSTER, COUNTS, SESSIONS, ORDERS, RATINGS, EVENTS, TARGETS, DEPARTMENTS, SHOPS,
    CALIBRATIONS, REFUNDS, ADJUSTMENTS, HISTORY,
)  # fmt: skip
CYCLE_SHEETS = (CALENDAR, SMART, RATERS, MEASURES)  # nothing is calculated from them
IMPORT_TABLES = (ACCOUNTS, DEFINITION, PLATFORM, BENCHMARKS, IMPORTS, DIFFERENCES)  # filled by imports
CLOSING_TABLES = (APPEALS, CLOSINGS, ARCHIVE)  # of closed months; no figure is calculated from them
BY_KEY = {
    table.key: table for table in (*INPUTS, *CYCLE_SHEETS, *IMPORT_TABLES, *CLOSING_TABLES)
}
