"""Results as plain formulas: what a spreadsheet without Python calculates to the same figures."""

from xl_kpi.twin.book import Checked, TwinBook, twin_book
from xl_kpi.twin.formulas import formula_twin
from xl_kpi.twin.rules import NoTwinError
from xl_kpi.twin.sheets import Area, Column, Formula, Policy, Tabs
from xl_kpi.twin.terms import Below, Level

__all__ = [
    "Area",
    "Below",
    "Checked",
    "Column",
    "Formula",
    "Level",
    "NoTwinError",
    "Policy",
    "Tabs",
    "TwinBook",
    "formula_twin",
    "twin_book",
]
