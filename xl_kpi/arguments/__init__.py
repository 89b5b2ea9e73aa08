"""Cells become what a rule takes: numbers, dates, options, tables, each checked on the way.

What is wrong with one row stays in that row (``faults``); what is wrong with a policy figure is
wrong for the whole call (``Fault`` raised).
"""

from xl_kpi.arguments.cells import DAY_ZERO, GROUP_MEAN, NO_LINE, Fault, Faults, is_range, rows_of
from xl_kpi.arguments.shapes import convert

__all__ = ["DAY_ZERO", "GROUP_MEAN", "NO_LINE", "Fault", "Faults", "convert", "is_range", "rows_of"]
