"""对账: the current run recalculated in plain formulas, inside the book itself.

A first sheet with the light, a line for every figure and the totals; behind it the sheets of
formulas, person by person.  The values stored with the formulas are calculated from the formulas
(``twin.calculation``), so what the file shows before any program opens it is a judgement too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_kpi.excel import reconciliation_words as words
from xl_kpi.excel.area import Area
from xl_kpi.excel.cell_xml import CellWriter, FormulaCell
from xl_kpi.excel.layout import RESULT_PEOPLE
from xl_kpi.excel.own_page import Page
from xl_kpi.excel.own_sheets import OwnSheet
from xl_kpi.excel.patch import BookPlaces
from xl_kpi.excel.reconciliation_front import LIGHT_ROW, Front
from xl_kpi.excel.reconciliation_groups import PAY, Group
from xl_kpi.excel.reconciliation_xml import Looks, sheet_part
from xl_kpi.excel.report import (
    SCHEME_KEY,
    columns_of_all,
    people_columns,
)
from xl_kpi.pipeline import Results
from xl_kpi.tables import column_letter


class Reconciliation:
    """The 对账 sheets of the runs of one book.

    Attributes:
        light: whether all runs agree, for the first sheet of the book.
    """

    def __init__(self, runs: Sequence[tuple[str, Results]], lang: str) -> None:
        self._groups = [Group(prefix, results, lang) for prefix, results in runs]
        self._lang = lang
        self.light = _light_of_all(self._groups, lang)

    def sheets(self, places: BookPlaces) -> list[OwnSheet]:
        """The sheets as parts of a file, in their order."""
        looks, writer = Looks(places.styles), CellWriter(date_1904=False)
        return [
            OwnSheet(page.tab, sheet_part(page, looks, writer), page.print_titles)
            for page in self.pages(places.tables)
        ]

    def pages(self, tables: Mapping[str, tuple[str, Area]]) -> list[Page]:
        """What stands on the sheets, in their order.

        Args:
            tables: The sheet and the cells of each Excel table as they will be.
        """
        paid = _paid_columns([group.results for group in self._groups], tables, self._lang)
        made = []
        for group in self._groups:
            made += [Front(group, paid).made(), *group.pages()]
        return made


_LONGEST_ID = 10  # of a scheme, to be part of a tab
_NOT_IN_A_TAB = frozenset("[]:*?/\\'")


def named_runs(runs: Sequence[Results], lang: str) -> list[tuple[str, Results]]:
    """Each run with what the names of its sheets begin with: 对账, or S01对账, S05对账."""
    word = words.PREFIX[lang == "en"]
    if len(runs) == 1:
        return [(word, runs[0])]
    ids = [results.scheme.id for results in runs]
    if any(len(i) > _LONGEST_ID or _NOT_IN_A_TAB & set(i) for i in ids):
        ids = [str(number) for number in range(1, len(runs) + 1)]
    space = " " if lang == "en" else ""
    return [(f"{i}{space}{word}", results) for i, results in zip(ids, runs, strict=True)]


def _light_of_all(groups: Sequence[Group], lang: str) -> FormulaCell:
    cells = [f"'{group.tabs.front}'!$B${LIGHT_ROW}" for group in groups]
    if len(groups) == 1:
        return FormulaCell(cells[0], groups[0].verdict)
    agrees, many = words.AGREES[lang == "en"], words.MANY[lang == "en"]
    tests = ",".join(f'{cell}="{agrees}"' for cell in cells)
    verdicts = {group.verdict for group in groups}
    unknown = words.UNKNOWN[lang == "en"]
    shown = agrees if verdicts == {agrees} else unknown if unknown in verdicts else many
    return FormulaCell(f'IF(AND({tests}),"{agrees}","{many}")', shown)


def _paid_columns(
    runs: Sequence[Results], tables: Mapping[str, tuple[str, Area]], lang: str
) -> dict[str, str]:
    """By paid item (and the scheme, if there are several) its cells on 个人结果, if it is whole."""
    columns = columns_of_all([people_columns(r.scheme, lang, closed=r.true_ups is not None) for r in runs], lang)
    where, area = tables.get(RESULT_PEOPLE, ("", None))
    if area is None or area.last_column - area.first_column + 1 != len(columns):
        return {}
    found = {}
    for number, column in enumerate(columns, area.first_column):
        kind, _, name = column.key.partition(":")
        if kind in ("item", "pay", SCHEME_KEY):
            letter = column_letter(number)
            rows = f"${letter}${area.first_row + 1}:${letter}${area.last_row}"
            quoted = where.replace("'", "''")
            found[name or (PAY if kind == "pay" else SCHEME_KEY)] = f"'{quoted}'!{rows}"
    return found


