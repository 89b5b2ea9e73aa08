"""The XML of one table part: its area, filter and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xl_kpi.excel.area import Area
from xl_kpi.excel.cell_xml import escape_attribute

_ATTRIBUTES = r"""(?:\s+[\w:]+\s*=\s*(?:"[^"]*"|'[^']*'))*"""
_ROOT = re.compile(rf"<table{_ATTRIBUTES}\s*>")
_REF = re.compile(r"""(\sref\s*=\s*)(?:"[^"]*"|'[^']*')""")
_ID = re.compile(r"""\sid\s*=\s*["'](\d+)["']""")
_QUERY = re.compile(r"""\stableType\s*=\s*["'](?!worksheet)""")
_AUTO_FILTER = re.compile(rf"(<autoFilter{_ATTRIBUTES}\s*)(?:/>|>(.*?)</autoFilter>)", re.DOTALL)
_ACTIVE_FILTER = re.compile(rf"<filterColumn{_ATTRIBUTES}\s*>")
_SORT = re.compile(rf"<sortState{_ATTRIBUTES}\s*(?:/>|>.*?</sortState>)", re.DOTALL)
_COLUMNS = re.compile(r"<tableColumns[\s>].*?</tableColumns>", re.DOTALL)
_COLUMN = re.compile(rf"<tableColumn(?=\s){_ATTRIBUTES}\s*(?:/>|>.*?</tableColumn>)", re.DOTALL)


class TableXml:
    """One table part, to be changed and written again.

    Raises:
        ValueError: the part is not written in the plain form that spreadsheet programs use.
    """

    def __init__(self, content: bytes, columns: Sequence[str]) -> None:
        self._text = content.decode("utf-8")
        self._columns = dict(zip(columns, _COLUMN.findall(self._text), strict=True))
        root = _ROOT.search(self._text)
        if root is None or not _REF.search(root[0]) or "<!" in self._text:
            raise ValueError("not a plain table part")
        self._root = root[0]

    def content(self) -> bytes:
        """The part as it is now."""
        return self._text.encode()

    @property
    def is_query(self) -> bool:
        """Whether the table is filled by a query to somewhere else."""
        return _QUERY.search(self._root) is not None

    @property
    def is_filtered(self) -> bool:
        """Whether a filter hides rows."""
        found = _AUTO_FILTER.search(self._text)
        return bool(found and found[2] and _ACTIVE_FILTER.search(found[2]))

    @property
    def id(self) -> str:
        """The number by which slicers name the table."""
        found = _ID.search(self._root)
        return found[1] if found else ""

    def column_ids(self, names: Sequence[str]) -> list[str]:
        """The numbers by which slicers name these columns."""
        return [found[1] for name in names if (found := _ID.search(self._columns[name]))]

    def set_area(self, area: Area, totals_rows: int) -> None:
        """Move the table's and its filter's edges; what was sorted before is so no longer."""
        filtered = Area(
            area.first_row, area.first_column, area.last_row - totals_rows, area.last_column
        )
        self._text = _SORT.sub("", self._text)
        self._text = _ROOT.sub(lambda found: _with_ref(found[0], area), self._text, count=1)
        self._text = _AUTO_FILTER.sub(
            lambda found: _with_ref(found[1], filtered) + found[0][len(found[1]) :],
            self._text,
            count=1,
        )

    def clear_filter(self) -> None:
        """Keep the filter buttons, but filter nothing."""
        self._text = _AUTO_FILTER.sub(lambda found: found[1].rstrip() + "/>", self._text, count=1)

    def set_columns(self, names: Sequence[str]) -> None:
        """Give the table these columns; one that keeps its name keeps what is set for it."""
        used = [int(found[1]) for text in self._columns.values() if (found := _ID.search(text))]
        fresh = max(used, default=0)
        columns = []
        for name in names:
            kept = self._columns.get(name)
            if kept is None:
                fresh += 1
                kept = f'<tableColumn id="{fresh}" name="{escape_attribute(name)}"/>'
            columns.append(kept)
        text = f'<tableColumns count="{len(columns)}">{"".join(columns)}</tableColumns>'
        self._text = _COLUMNS.sub(lambda _: text, self._text, count=1)
        self.clear_filter()


def _with_ref(tag: str, area: Area) -> str:
    return _REF.sub(lambda found: f'{found[1]}"{area}"', tag, count=1)
