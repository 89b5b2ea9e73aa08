"""Values as cells of a sheet part, whole columns at a time.

Text becomes inline strings, so the shared strings of the book stay as they are, and text that
begins with ``=``, ``+``, ``-`` or ``@`` stays text.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xl_kpi.excel.area import column_letters

MAX_TEXT = 32_767

# What XML cannot hold, and what would be read back as an escape.
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NEEDS_CARE = re.compile(rf"{_TO_ESCAPE.pattern}|[&<>\n\t]|^\s|\s$")
_NOT_PLAIN = frozenset(("nan", "inf", "-inf", "-0"))
_INFINITE = frozenset((math.inf, -math.inf))
_ROW_MARK = "\0"
_TEXT_OPEN = ' t="inlineStr"><is>'
_TEXT_CLOSE = "</is></c>"


class TextTooLongError(ValueError):
    """A text is longer than an Excel cell can hold."""


def escape_text(text: str) -> str:
    """Text as XML: markup escaped, characters that XML forbids as Excel's ``_xHHHH_``."""
    text = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    """Text as the value of an attribute in double quotes, line breaks kept as Excel does."""
    text = escape_text(text).replace('"', "&quot;")
    return text.replace("\n", "_x000a_").replace("\t", "_x0009_")


class _TextElements(dict[str, str]):
    """Texts as elements, remembered: names, shops and grades repeat."""

    def __missing__(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            raise TextTooLongError(text[:20])
        element = f"<t>{text}</t>"
        if not text.isalnum() and _NEEDS_CARE.search(text):
            element = f'<t xml:space="preserve">{escape_text(text)}</t>'
        self[text] = element
        return element


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A formula, without its ``=``, and the value that is shown until it is calculated."""

    formula: str
    value: str | float


class CellWriter:
    """Writes cells for one book."""

    def __init__(self, *, date_1904: bool) -> None:
        self._date_1904 = date_1904
        self._texts = _TextElements()

    def rows(
        self,
        rows: Sequence[Sequence[object]],
        *,
        first_row: int,
        first_column: int,
        styles: Sequence[str],
    ) -> list[bytes]:
        """The cells of each row; ``styles`` holds the style number of each column, or ``""``.

        Raises:
            TextTooLongError: a text does not fit into a cell.
            TypeError: a value is none that a cell can hold.
        """
        template = ""
        columns = []
        for offset, (values, style) in enumerate(zip(zip(*rows, strict=True), styles, strict=True)):
            before, after, texts = self.column(values)
            letters = column_letters(first_column + offset)
            template += f'<c r="{letters}{_ROW_MARK}"{style_attribute(style)}{before}%s{after}'
            columns.append(texts)
        return [
            (template.replace(_ROW_MARK, str(number)) % texts).encode()
            for number, texts in enumerate(zip(*columns, strict=True), first_row)
        ]

    def cell(self, name: str, style: str, value: object) -> bytes:
        """One cell; an empty string for an empty cell without style.

        Raises:
            TextTooLongError: the text does not fit into a cell.
            TypeError: the value is none that a cell can hold.
        """
        rest = self._rest(value)
        if rest == "/>" and not style:
            return b""
        return f'<c r="{name}"{style_attribute(style)}{rest}'.encode()

    def column(self, values: Sequence[object]) -> tuple[str, str, list[str]]:
        """What stands before and after each text of a column, and the texts."""
        kinds = set(map(type, values))
        if kinds == {int} or kinds == {float}:
            texts = [text.removesuffix(".0") for text in map(repr, values)]
            if _NOT_PLAIN.isdisjoint(texts):
                return "><v>", "</v></c>", texts
        if kinds == {float, type(None)} and _INFINITE.isdisjoint(values):
            return "", "", [
                f"><v>{value + 0.0!r}</v></c>".replace(".0</v>", "</v>")
                if isinstance(value, float) and value == value else "/>"
                for value in values
            ]  # fmt: skip
        if kinds == {str} and "" not in values:
            return _TEXT_OPEN, _TEXT_CLOSE, [self._texts[str(text)] for text in values]
        return "", "", list(map(self._rest, values))

    def _rest(self, value: object) -> str:
        """A cell from behind its style attribute to its end."""
        if value is None or value == "" or value != value:
            return "/>"
        if isinstance(value, str):
            return f"{_TEXT_OPEN}{self._texts[str(value)]}{_TEXT_CLOSE}"
        if isinstance(value, FormulaCell):
            kind, shown = ("", _number(value.value)) if not isinstance(value.value, str) else (
                ' t="str"', escape_text(value.value)
            )
            return f"{kind}><f>{escape_text(value.formula)}</f><v>{shown}</v></c>"
        if isinstance(value, bool):
            return f' t="b"><v>{int(value)}</v></c>'
        if isinstance(value, (int, float)):
            return f"><v>{_number(value)}</v></c>" if math.isfinite(value) else "/>"
        if isinstance(value, dt.date):
            return self._date(value)
        if isinstance(value, Decimal):
            return self._rest(float(value))
        if hasattr(value, "item"):  # a numpy scalar
            return self._rest(value.item())
        raise TypeError(f"no cell can hold a {type(value).__name__}: {value!r}")

    def _date(self, date: dt.date) -> str:
        moment = dt.datetime(date.year, date.month, date.day)
        if isinstance(date, dt.datetime):
            moment = dt.datetime.combine(date.date(), date.time())
        if self._date_1904:
            first = zero = dt.datetime(1904, 1, 1)
        else:
            first = dt.datetime(1900, 1, 1)
            # Excel counts a 29 February 1900, so days before March lie one nearer to the start.
            zero = dt.datetime(1899, 12, 30 if moment >= dt.datetime(1900, 3, 1) else 31)
        if moment < first:
            return f"{_TEXT_OPEN}{self._texts[date.isoformat()]}{_TEXT_CLOSE}"
        return f"><v>{_number((moment - zero) / dt.timedelta(days=1))}</v></c>"


def style_attribute(style: str) -> str:
    """The attribute of a cell that names its style."""
    return f' s="{style}"' if style else ""


def _number(value: float) -> str:
    # Built-in repr: a numpy float prints its type. Adding 0 turns -0.0 into 0.0.
    text = float.__repr__(value + 0) if isinstance(value, float) else int.__repr__(value)
    return text.removesuffix(".0")
