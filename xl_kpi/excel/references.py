"""Formulas that name a column of an Excel table, such as ``kpi_pay[奖金]``."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator

from xl_kpi.excel.package import Package, decode_escapes

_INNER = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_FORMULA = re.compile(
    r"<(?:\w+:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula)"
    r"(?:\s[^>]*)?>([^<]*)<"
)
_QUOTED = re.compile(r"'(.)")


def named_columns(formula: str, table: str) -> set[str]:
    """The columns of the table that a formula names.

    Columns between the two ends of a range such as ``pay[[A]:[C]]`` are not named.
    """
    names: set[str] = set()
    pattern = rf"(?<![\w.]){re.escape(table)}\[((?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*)\]"
    for found in re.finditer(pattern, formula, re.IGNORECASE):
        parts = _INNER.findall(found[1]) or [found[1].removeprefix("@")]
        names.update(_QUOTED.sub(r"\1", part) for part in parts)
    return names


def references_to(
    package: Package, table: str, columns: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Where formulas name one of these columns: the place in words and the column."""
    places = {f"工作表“{sheet}”": part for sheet, part in package.sheets.items()}
    places["名称管理器"] = package.workbook_part
    places |= {f"表格 {other.name}": other.part for other in package.tables.values()}
    mark = f"{table}[".casefold()
    wanted = {column.casefold(): column for column in columns}
    for place, part in places.items():
        text = package.read(part).decode("utf-8")
        if mark not in text.casefold():
            continue
        named: set[str] = set()
        for formula in _FORMULA.findall(text):
            named |= named_columns(html.unescape(formula), table)
        for name in sorted(named):
            column = wanted.get(decode_escapes(name).casefold())
            if column is not None:
                yield place, column
