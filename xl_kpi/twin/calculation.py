"""The values of the plain formulas, a whole column at a time.

A book shows the values stored with its formulas until a program calculates them.  They are
calculated here from the text of the formulas, not taken from the run that they judge.

It knows what the formulas of twins need and no more.  An array of a row's figures has the shape
rows × cells; a whole column, or a range of the policy's figures, is one row of cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import formualizer
import numpy as np
from numpy.typing import NDArray

from xl_kpi.rounding import round_half_up
from xl_kpi.twin.sheets import FIRST_ROW, ROW, Area, Policy

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_THIS_ROW = "999983"  # stands for the row while a formula is read
_REFERENCE = re.compile(r"(?:'([^']+)'!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")


class UnknownFormulaError(Exception):
    """The formula uses something that is not calculated here."""


@dataclass(frozen=True, slots=True)
class Values:
    """Cells or a piece of a formula: numbers, or truth values, or NaN where there is neither.

    ``texts`` holds the words where there is no number; without it they are all ``""``.
    ``empty`` tells a cell without content, which counts as 0, from one that holds ``""``.
    """

    numbers: Any
    texts: NDArray[np.object_] | None = None
    empty: Bools | None = None
    upto: bool = False  # of the cells of a range only those down to the row count

    @property
    def is_logical(self) -> bool:
        """Whether it holds TRUE and FALSE."""
        return bool(self.numbers.dtype == np.bool_)

    @property
    def figures(self) -> Any:
        """What it is in arithmetic."""
        return self.numbers if self.empty is None else np.where(self.empty, 0.0, self.numbers)

    @property
    def words(self) -> NDArray[np.object_]:
        """The text of every cell, ``""`` where a number stands."""
        if self.texts is None:
            return np.full(self.numbers.shape, "", dtype=object)
        return self.texts


class Calculator:
    """Calculates the columns of a run's sheets, each when it is first asked for."""

    def __init__(self, sheets: Sequence[Area | Policy]) -> None:
        self._columns = {
            (area.sheet, column.letter): column
            for area in sheets if isinstance(area, Area) for column in area.columns
        }  # fmt: skip
        self._policies = {
            policy.sheet: {(row, column): content for row, column, content in policy.cells()}
            for policy in sheets if isinstance(policy, Policy)
        }  # fmt: skip
        self._known: dict[tuple[str, str], Values] = {}
        self._parsed: dict[tuple[str, str], Values] = {}

    def column(self, sheet: str, letter: str) -> Values:
        """The values of a column, one row of cells.

        Raises:
            UnknownFormulaError: its formula, or one that it stands on, is not known here.
        """
        key = sheet, letter
        if key not in self._known:
            column = self._columns[key]
            if isinstance(column.content, str):
                with np.errstate(all="ignore"):
                    self._known[key] = self._calculated(column.content, sheet, column.rows)
            else:
                self._known[key] = _given(column.content)
        return self._known[key]

    def _calculated(self, formula: str, sheet: str, rows: int) -> Values:
        tree = formualizer.parse("=" + formula.replace(ROW, _THIS_ROW)).to_dict()
        made = self._value(tree, sheet)
        return Values(
            np.broadcast_to(made.figures, (rows, 1)).reshape(1, rows),
            None if made.texts is None else np.broadcast_to(made.texts, (rows, 1)).reshape(1, rows),
        )

    def _value(self, node: Mapping[str, Any], sheet: str) -> Values:
        match node["node_type"]:
            case "Literal":
                return _literal(node["value"])
            case "Reference":
                return self._reference(str(node["reference"]), sheet)
            case "UnaryOp":
                return _unary(node["operator"], self._value(node["operand"], sheet))
            case "BinaryOp" if node["operator"] == ":":
                return self._stretch(node["left"], node["right"], sheet)
            case "BinaryOp":
                sides = self._value(node["left"], sheet), self._value(node["right"], sheet)
                return _binary(node["operator"], *sides)
            case "Function" if node["name"] in _FUNCTIONS:
                return _FUNCTIONS[node["name"]](*(self._value(a, sheet) for a in node["args"]))
        raise UnknownFormulaError(node.get("name", node["node_type"]))

    def _reference(self, text: str, sheet: str) -> Values:
        found = _REFERENCE.fullmatch(text)
        if found is None:
            raise UnknownFormulaError(text)
        name, letter, row, last_letter, last_row = found.groups()
        name = name or sheet
        if name in self._policies:
            return self._policy(name, letter, int(row), last_letter or letter, int(last_row or row))
        if row == _THIS_ROW:
            columns = [self.column(name, one) for one in _letters(letter, last_letter or letter)]
            return _side_by_side(columns)
        column = self.column(name, letter)
        if letter != last_letter or int(row) != FIRST_ROW:
            raise UnknownFormulaError(text)
        return Values(column.numbers, column.texts, column.empty, last_row == _THIS_ROW)

    def _stretch(
        self, first: Mapping[str, Any], last: Mapping[str, Any], sheet: str
    ) -> Values:
        """The cells from one ``INDEX`` to another one of the same range."""
        if first.get("name") != "INDEX" or last.get("name") != "INDEX":
            raise UnknownFormulaError(":")
        (cells, start), (_, end) = (
            [self._value(argument, sheet) for argument in one["args"]] for one in (first, last)
        )
        place = np.arange(1, cells.numbers.shape[1] + 1)
        inside = (place >= start.figures) & (place <= end.figures)
        return Values(np.where(inside, cells.numbers, np.nan))

    def _policy(self, sheet: str, left: str, top: int, right: str, bottom: int) -> Values:
        cells = self._policies[sheet]
        return _given([
            cells.get((row, _number(letter)))
            for row in range(top, bottom + 1) for letter in _letters(left, right)
        ])  # fmt: skip


# --- cells -----------------------------------------------------------------------------------


def _number(letters: str) -> int:
    return reduce(lambda total, letter: total * 26 + ord(letter) - 64, letters, 0)


def _letters(first: str, last: str) -> list[str]:
    from xl_kpi.tables import column_letter

    return [column_letter(n) for n in range(_number(first), _number(last) + 1)]


def _given(cells: Sequence[Any]) -> Values:
    """Given cells as one row."""
    words = np.array([c if isinstance(c, str) else "" for c in cells], dtype=object)[None]
    numbers = np.array([np.nan if c is None or isinstance(c, str) else c for c in cells], float)
    empty = np.array([c is None for c in cells])[None]
    return Values(
        numbers[None], words if any(words[0]) else None, empty if empty.any() else None
    )


def _side_by_side(columns: Sequence[Values]) -> Values:
    """This row's cells of columns."""

    def stacked(parts: Sequence[Any]) -> Any:
        return np.vstack(parts).T if len(parts) > 1 else parts[0].T

    has_texts = any(c.texts is not None for c in columns)
    has_empty = any(c.empty is not None for c in columns)
    return Values(
        stacked([c.numbers for c in columns]),
        stacked([c.words for c in columns]) if has_texts else None,
        stacked([
            np.zeros(c.numbers.shape, bool) if c.empty is None else c.empty for c in columns
        ]) if has_empty else None,
    )  # fmt: skip


def _literal(value: Any) -> Values:
    if isinstance(value, str):
        return Values(np.array([[np.nan]]), np.array([[value]], dtype=object))
    return Values(np.array([[value]], dtype=bool if isinstance(value, bool) else float))


# --- operators -------------------------------------------------------------------------------


def _unary(operator: str, operand: Values) -> Values:
    figures = operand.figures * 1.0
    made = {"-": -figures, "+": figures, "%": figures / 100}[operator]
    return Values(made, upto=operand.upto)


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
}  # fmt: skip


def _binary(operator: str, left: Values, right: Values) -> Values:
    upto = left.upto or right.upto
    if operator in ("=", "<>"):
        same = _equal(left, right)
        return Values(same if operator == "=" else ~same, upto=upto)
    if operator in _COMPARED:
        return Values(_compared(operator, left, right), upto=upto)
    if operator not in _ARITHMETIC:
        raise UnknownFormulaError(operator)
    if operator == "*" and left.is_logical and right.is_logical:
        return Values(left.numbers & right.numbers, upto=upto)
    return Values(_ARITHMETIC[operator](left.figures * 1.0, right.figures * 1.0), upto=upto)


def _compared(operator: str, left: Values, right: Values) -> Bools:
    """Numbers by size; any text is above any number."""
    a, b = left.figures, right.figures
    holds = np.asarray(_COMPARED[operator](a, b))
    words = [np.isnan(one) if one.dtype == float else None for one in (a, b)]
    above, below = (None if w is None or not w.any() else w for w in words)
    if operator in ("<", "<="):
        above, below = below, above
    if above is not None:
        holds = holds | (above if below is None else above & ~below)
    if operator in ("<=", ">=") and above is not None and below is not None:
        holds = holds | (above & below)
    return holds


def _equal(left: Values, right: Values) -> Bools:
    """Equal numbers or equal words; an empty cell is 0 and ``""``."""
    for one, other in ((left, right), (right, left)):
        word = None if one.texts is None or one.texts.size != 1 else one.texts[0, 0]
        if word == "" and np.isnan(one.numbers).all():
            blank = np.isnan(other.numbers) if not other.is_logical else np.zeros(other.numbers.shape, bool)
            return blank if other.texts is None else blank & (other.texts == "")
    same = np.asarray(left.figures == right.figures)
    if left.texts is None and right.texts is None:
        if left.numbers.size == 1 or right.numbers.size == 1 or same.size < 1 << 16:
            same = same | (np.isnan(left.numbers * 1.0) & np.isnan(right.numbers * 1.0))
        return same
    neither = np.isnan(left.numbers * 1.0) & np.isnan(right.numbers * 1.0)
    return np.asarray(same | (neither & (_folded(left) == _folded(right))))


def _folded(cells: Values) -> NDArray[np.object_]:
    words = cells.words
    return np.array([word.casefold() for word in words.ravel()], dtype=object).reshape(words.shape)


# --- functions -------------------------------------------------------------------------------


def _holds(cells: Values) -> Bools:
    return np.asarray(np.nan_to_num(cells.figures) != 0)


def _if(test: Values, yes: Values, no: Values) -> Values:
    holds = _holds(test)
    logical = yes.is_logical and no.is_logical
    numbers = np.where(holds, yes.figures, no.figures) if logical else np.where(
        holds, yes.figures * 1.0, no.figures * 1.0
    )
    blank = all(one.texts is None or not any(one.texts.ravel()) for one in (yes, no))
    return Values(numbers, None if blank else np.where(holds, yes.words, no.words))


def _joined(cells: Sequence[Values]) -> Floats:
    """The cells of all arguments side by side; what is no number is NaN."""
    if any(one.upto for one in cells):
        raise UnknownFormulaError("upto")
    arrays = [one.numbers * 1.0 for one in cells]
    rows = max(len(one) for one in arrays)
    return np.hstack([np.broadcast_to(one, (rows, one.shape[1])) for one in arrays])


def _tests(combine: Callable[..., Any]) -> Callable[..., Values]:
    def all_or_any(*tests: Values) -> Values:
        shape = max(len(test.numbers) for test in tests)
        parts = [np.broadcast_to(_holds(t), (shape, t.numbers.shape[1])) for t in tests]
        return Values(combine(np.hstack(parts), axis=1, keepdims=True))

    return all_or_any


def _count(*cells: Values) -> Values:
    counted = [one for one in cells if not one.is_logical]
    return Values((~np.isnan(_joined(counted))).sum(axis=1, keepdims=True) * 1.0)


def _count_all(cells: Values) -> Values:
    width = cells.numbers.shape[1] * 1.0
    empty = 0 if cells.empty is None else cells.empty.sum(axis=1, keepdims=True)
    return Values(np.full((1, 1), width) - empty)


def _sum(*cells: Values) -> Values:
    return Values(np.nansum(_joined(cells), axis=1, keepdims=True))


def _extreme(reduced: Callable[..., Any], nothing: float) -> Callable[..., Values]:
    def extreme(*cells: Values) -> Values:
        joined = _joined(cells)
        missing = np.isnan(joined)
        found = reduced(np.where(missing, nothing, joined), axis=1, keepdims=True)
        return Values(np.where(missing.all(axis=1, keepdims=True), 0.0, found))

    return extreme


def _average(*cells: Values) -> Values:
    return Values(_sum(*cells).numbers / _count(*cells).numbers)


def _sumproduct(*factors: Values) -> Values:
    """The sum over the cells of each row; a whole column counts as often as there are rows."""
    if len(factors) == 1:
        product = np.nan_to_num(factors[0].figures)
    elif len(factors) == 2 and factors[0].is_logical and len(factors[1].numbers) == 1:
        vector = np.nan_to_num(factors[1].numbers * 1.0)
        return Values((factors[0].numbers.astype(float) @ vector.T).reshape(-1, 1))
    else:
        product = reduce(np.multiply, (np.nan_to_num(one.numbers * 1.0) for one in factors))
    if any(one.upto for one in factors):
        product = np.tril(product)
    if product.dtype == np.bool_:
        return Values(np.count_nonzero(product, axis=1)[:, None] * 1.0)
    return Values(product.sum(axis=1, keepdims=True))


def _sumif(keys: Values, wanted: Values, values: Values) -> Values:
    mine = keys.numbers == wanted.figures
    return Values((mine.astype(float) @ np.nan_to_num(values.numbers * 1.0).T).reshape(-1, 1))


def _index(cells: Values, *where: Values) -> Values:
    """One of the cells, by its place; with two places the first is the row and always 1."""
    place = where[-1]
    if len(where) > 1 and (where[0].numbers != 1).any():
        raise UnknownFormulaError("INDEX")
    numbers, at = np.broadcast_arrays(
        np.arange(max(len(cells.numbers), len(place.numbers)))[:, None], place.figures
    )
    width = cells.numbers.shape[1]
    usable = (at >= 1) & (at < width + 1)
    column = np.where(usable, at, 1).astype(int) - 1
    row = numbers if len(cells.numbers) > 1 else np.zeros_like(numbers)
    return Values(
        np.where(usable, cells.numbers[row, column], np.nan),
        None if cells.texts is None else np.where(usable, cells.texts[row, column], ""),
        None if cells.empty is None else cells.empty[row, column] & usable,
    )


def _round(figure: Values, digits: Values) -> Values:
    x = figure.figures * 1.0
    if digits.numbers.size == 1 and abs(digits.numbers[0, 0]) <= 22:
        return Values(round_half_up(x, int(digits.numbers[0, 0])))
    shift = np.nan_to_num(digits.figures, posinf=0, neginf=0)
    power = 10.0 ** np.abs(shift)
    size = np.abs(x)
    rounded = np.where(
        shift >= 0, np.floor(size * power + 0.5) / power, np.floor(size / power + 0.5) * power
    )
    return Values(np.copysign(rounded, x))


def _is_number(cells: Values) -> Values:
    if cells.is_logical:
        return Values(np.zeros(cells.numbers.shape, bool))
    return Values(~np.isnan(cells.numbers))


_SERIAL_ZERO = np.datetime64("1899-12-30")


def _network_days(first: Values, last: Values) -> Values:
    start, end = np.broadcast_arrays(first.figures, last.figures)
    known = ~(np.isnan(start) | np.isnan(end))
    days = [
        _SERIAL_ZERO + np.where(known, one, 0).astype(int).astype("timedelta64[D]")
        for one in (start, end)
    ]
    forward = np.busday_count(days[0], days[1] + 1)
    backward = -np.busday_count(days[1], days[0] + 1)
    return Values(np.where(known, np.where(start <= end, forward, backward), np.nan))


_FUNCTIONS: dict[str, Callable[..., Values]] = {
    "IF": _if,
    "AND": _tests(np.all),
    "OR": _tests(np.any),
    "NOT": lambda test: Values(~_holds(test)),
    "ISNUMBER": _is_number,
    "COUNT": _count,
    "COUNTA": _count_all,
    "SUM": _sum,
    "AVERAGE": _average,
    "MIN": _extreme(np.min, np.inf),
    "MAX": _extreme(np.max, -np.inf),
    "ABS": lambda x: Values(np.abs(x.figures * 1.0)),
    "INT": lambda x: Values(np.floor(x.figures * 1.0)),
    "SQRT": lambda x: Values(np.sqrt(x.figures * 1.0)),
    "COLUMNS": lambda cells: Values(np.array([[cells.numbers.shape[1] * 1.0]])),
    "LOG10": lambda x: Values(np.log10(x.figures * 1.0)),
    "ROUND": _round,
    "NETWORKDAYS": _network_days,
    "INDEX": _index,
    "SUMIF": _sumif,
    "SUMPRODUCT": _sumproduct,
}
