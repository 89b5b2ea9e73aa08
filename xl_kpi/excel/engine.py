"""Formulas without Excel: formualizer calculates them, with every KPI function registered.

A reason travels inside an error value from one function to the next, but is lost once it is in a
cell.  So every formula is wrapped in a function of ours that notes the reasons at the cell's
address, and KPI_WHY is told the address of the cell it asks about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import formualizer

from xl_kpi.arguments import Fault
from xl_kpi.calling import OMITTED
from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.excel.cell_functions import NAMES, WHY, Address, Outcome, Reasons, Rows, call
from xl_kpi.tables import Cell, CellError

Tree: TypeAlias = Mapping[str, Any]

_KEEP = "XL_KPI_KEEP"
# Private-use characters, which nobody types.
_LEFT_OUT = "\ue000"  # an argument left out, which the engine would hand over as 0
_OURS = "\ue001"  # begins the message of an error of a KPI function
_KINDS = {
    "Na": "#N/A", "Value": "#VALUE!", "Div": "#DIV/0!", "Name": "#NAME?", "Ref": "#REF!",
    "Num": "#NUM!", "Null": "#NULL!", "Spill": "#SPILL!", "Circ": "#CIRC!",
}  # fmt: skip
_KIND_OF = {text: kind for kind, text in _KINDS.items()}
_FULL_WIDTH = dict(zip("（），；：％＋－＊／＝＜＞“”", '(),;:%+-*/=<>""', strict=True))
_CELL = re.compile(r"(?:(?:'((?:[^']|'')+)'|([^'!]+))!)?\$?([A-Z]{1,3})\$?([0-9]+)(?::.*)?")
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]+)")
_EVALUATED = ("eval", 1, 1)


def evaluate_formula(text: str) -> Cell | Rows:
    """The value of a formula without cells, or its rows.

    Raises:
        InputError: it cannot be read, or uses a function or name that is not there.
    """
    return evaluate(text).value


def evaluate(text: str) -> Outcome:
    """The value of a formula without cells, with the reasons of its errors."""
    formula = "=" + text.strip().removeprefix("=")
    _check(formula)
    engine = Engine()
    engine.put(_EVALUATED[0], "A1", formula)
    engine.calculate()
    return engine.outcome(*_EVALUATED)


class Engine:
    """Sheets of values and formulas, calculated by formualizer with the KPI functions."""

    def __init__(self) -> None:
        self._book = formualizer.Workbook()
        self._reasons = Reasons()
        self._outcomes: dict[Address, Outcome] = {}
        self._book.register_function(_KEEP, self._keep, min_args=4, max_args=4)
        for name in NAMES:
            self._book.register_function(name, self._function(name), min_args=0)

    def put(self, sheet: str, cell: str, value: Cell) -> None:
        """Put a value, or a formula that begins with ``=``, into a cell such as ``B2``.

        Raises:
            InputError: the formula cannot be read.
        """
        row, column = _row_and_column(cell)
        self._book.add_sheet(sheet)
        if isinstance(value, str) and value.startswith("="):
            prepared = _prepared(value, sheet)
            kept = f"={_KEEP}({_quoted(sheet)},{row},{column},{prepared})"
            self._book.set_formula(sheet, row, column, kept)
        elif value is not None:
            self._book.set_value(sheet, row, column, value)

    def calculate(self) -> None:
        """Calculate every formula."""
        self._book.evaluate_all()

    def value(self, sheet: str, cell: str) -> Cell:
        """What a cell shows."""
        value: Cell = _plain(self._book.get_value(sheet, *_row_and_column(cell)))
        return value

    def why(self, sheet: str, cell: str) -> str:
        """The reason of the error in a cell, or nothing."""
        return self._reasons.why((sheet, *_row_and_column(cell)))

    def outcome(self, sheet: str, row: int, column: int) -> Outcome:
        """The whole result of the formula in a cell."""
        kept = self._outcomes.get((sheet, row, column))
        if kept is None:  # the engine gave up before it asked for the value to be kept
            return Outcome(_map(_plain, self._book.get_value(sheet, row, column)))
        return kept

    def _keep(self, sheet: str, row: float, column: float, value: Any) -> Any:
        at = (sheet, int(row), int(column))
        rows = value if isinstance(value, list) else [[value]]
        reasons = {
            (down, right): reason
            for down, cells in enumerate(rows)
            for right, cell in enumerate(cells)
            if (reason := _reason(cell))
        }
        self._reasons.remember(at, reasons)
        self._outcomes[at] = Outcome(_map(_plain, value), reasons)
        return _map(_given_back, value)

    def _function(self, name: str) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            values = [_map(_taken_in, value) for value in args]
            if name == WHY and len(args) == 2:
                values = [self._with_reasons(values[0], str(args[1]))]
            outcome = call(name, values)
            return _with_messages(outcome)

        return run

    def _with_reasons(self, value: Any, where: str) -> Any:
        """An argument of KPI_WHY with the reasons of the cells that begin at an address."""
        sheet, _, cell = where.rpartition("!")
        row, column = _row_and_column(cell)
        rows = value if isinstance(value, list) else [[value]]
        found = [
            [
                _with_reason(content, self._reasons.why((sheet, row + down, column + right)))
                for right, content in enumerate(cells)
            ]
            for down, cells in enumerate(rows)
        ]
        return found if isinstance(value, list) else found[0][0]


# --- cells to and from the engine ------------------------------------------------------------


def _map(change: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, list):
        return [[change(cell) for cell in row] for row in value]
    return change(value)


def _is_error(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("type") == "Error"


def _plain(cell: Any) -> Any:
    if _is_error(cell):
        return CellError(_KINDS.get(cell["kind"], f"#{cell['kind'].upper()}!"))
    return cell


def _reason(cell: Any) -> str:
    message = cell.get("message") or "" if _is_error(cell) else ""
    return message.removeprefix(_OURS) if message.startswith(_OURS) else ""


def _given_back(cell: Any) -> Any:
    if _is_error(cell):
        return formualizer.LiteralValue.error(cell["kind"], cell.get("message"))
    return cell


def _taken_in(cell: Any) -> Any:
    if isinstance(cell, str) and cell == _LEFT_OUT:
        return OMITTED
    return _with_reason(_plain(cell), _reason(cell))


def _with_reason(cell: Any, reason: str) -> Any:
    """An error value with its reason, if there is one."""
    if isinstance(cell, CellError) and reason:
        return Fault("#N/A" if cell.text == "#N/A" else "#VALUE!", reason)
    return cell


def _with_messages(outcome: Outcome) -> Any:
    """A result for the engine, each error with its reason as the message."""

    def given_back(cell: Any, at: tuple[int, int]) -> Any:
        if isinstance(cell, CellError):
            message = _OURS + outcome.reasons[at]
            return formualizer.LiteralValue.error(_KIND_OF[cell.text], message)
        return cell

    if not isinstance(outcome.value, list):
        return given_back(outcome.value, (0, 0))
    return [
        [given_back(cell, (down, right)) for right, cell in enumerate(row)]
        for down, row in enumerate(outcome.value)
    ]


def _row_and_column(cell: str) -> tuple[int, int]:
    found = _ADDRESS.fullmatch(cell)
    if found is None:
        raise ValueError(f"no cell address: {cell}")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


# --- formulas before they are calculated -----------------------------------------------------


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _prepared(formula: str, sheet: str) -> str:
    """The formula with arguments left out marked, and KPI_WHY told which cell it asks about."""
    _parsed(formula)
    tokens = [t for t in formualizer.tokenize(formula) if t and str(t.token_type) != "Whitespace"]
    out: list[str] = []
    calls: list[str] = []  # the functions that are open, "" for an array
    before = ""
    for number, token in enumerate(tokens):
        kind = f"{token.token_type} {token.subtype}"
        ends_argument = kind in ("Sep Arg", "Func Close")
        if ends_argument and calls and calls[-1].startswith("KPI_"):
            nothing = before == "Sep Arg" or (before == "Func Open" and kind == "Sep Arg")
            if nothing:
                out.append(_quoted(_LEFT_OUT))
        if kind == "Func Close" and calls[-1] == WHY:
            where = _asked_about(tokens, number, sheet)
            out.append(f",{_quoted(where)}" if where else "")
        if kind in ("Func Open", "Array Open"):
            calls.append(token.value.rstrip("(").upper() if kind == "Func Open" else "")
        elif kind in ("Func Close", "Array Close"):
            calls.pop()
        out.append(token.value)
        before = kind
    return "".join(out)


def _asked_about(tokens: list[Any], close: int, sheet: str) -> str:
    """The address of the cell if a KPI_WHY that closes here has nothing but a reference."""
    reference, opening = tokens[close - 1], tokens[close - 2]
    alone = str(opening.token_type) == "Func" and str(opening.subtype) == "Open"
    found = _CELL.fullmatch(reference.value.upper()) if alone else None
    if found is None or str(reference.subtype) != "Range":
        return ""
    named = reference.value.rpartition("!")[0].strip("'").replace("''", "'")
    return f"{named or sheet}!{found[3]}{found[4]}"


def _parsed(formula: str) -> Tree:
    try:
        tree: Tree = formualizer.parse(formula).to_dict()
    except formualizer.ParserError as error:
        wide = _full_width(formula)
        if wide:
            raise InputError([wide]) from None
        place = re.search(r"position (\d+)", str(error))
        near = f"（第 {int(place[1]) + 1} 个字符附近）" if place else ""
        raise InputError(
            [Problem(formula, f"公式读不懂{near}", "检查括号、逗号和双引号是否成对")]
        ) from None
    return tree


def _full_width(formula: str) -> Problem | None:
    outside = re.sub(r'"[^"]*"', "", formula)
    wide = [sign for sign in dict.fromkeys(outside) if sign in _FULL_WIDTH]
    if not wide:
        return None
    half = " ".join(_FULL_WIDTH[sign] for sign in wide)
    return Problem(formula, f"公式里有全角符号 {' '.join(wide)}", f"改成半角 {half}")


def _check(formula: str) -> None:
    """Refuse what a formula without cells cannot use, all of it at once."""
    problems = list(_problems(formula, _parsed(formula)))
    wide = _full_width(formula)
    if problems and wide:
        problems = [wide]
    if problems:
        raise InputError(dict.fromkeys(problems))


def _problems(formula: str, tree: Tree) -> Iterator[Problem]:
    if tree["node_type"] == "Reference":
        name = str(tree["reference"])
        if _CELL.fullmatch(name.upper()):
            yield Problem(formula, f"这里没有表格，不能引用单元格 {name}", "把它换成数字")
        else:
            yield Problem(formula, f"没有“{name}”这个名称", f'如果是文字，要加双引号："{name}"')
    if tree["node_type"] == "Function" and not _known(str(tree["name"])):
        name = str(tree["name"]).upper()
        near = nearest(name, NAMES)
        yield Problem(formula, f"这里没有函数 {name}", f"是不是 {near}？" if near else "检查函数名")
    for value in tree.values():
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, Mapping) and "node_type" in part:
                yield from _problems(formula, part)


def _known(name: str) -> bool:
    if name.upper() in NAMES:
        return True
    book = formualizer.Workbook()
    book.add_sheet("S")
    book.set_formula("S", 1, 1, f"={name}()")
    answer = book.evaluate_cell("S", 1, 1)
    return not (_is_error(answer) and answer["kind"] == "Name")
