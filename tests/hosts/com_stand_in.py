"""xlwings' own Windows side without Windows: its dispatcher and converters over a made-up COM.

pywin32 is replaced by modules that hold nothing; everything of xlwings that is called here
(``udfs.call_udf``, ``_xlwindows.Range``, the converters) is xlwings' own code.
"""

import ctypes
import datetime as dt
import sys
import types
from typing import Any
from unittest.mock import MagicMock, patch

MISSING = -2147352572  # how COM marks an argument left out
ERRORS = {
    "#DIV/0!": -2146826281, "#N/A": -2146826246, "#NAME?": -2146826259, "#NULL!": -2146826288,
    "#NUM!": -2146826252, "#REF!": -2146826265, "#VALUE!": -2146826273,
}  # fmt: skip
RANGE = "{00020846-0000-0000-C000-000000000046}"


class _Empty(types.ModuleType):
    """A module in which every name is a class that nothing is an instance of."""

    __path__: list[str] = []  # noqa: RUF012 - a package, as Python looks for it
    __file__ = ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {})
        setattr(self, name, made)
        return made


_PYWIN32 = (
    "pythoncom", "pywintypes", "win32api", "win32con", "win32gui", "win32process", "win32timezone",
    "win32com", "win32com.client", "win32com.client.build", "win32com.client.dynamic",
    "win32com.client.gencache",
)  # fmt: skip


class ComRange:
    """Cells as COM hands them over: a tuple of rows, or the value of a single one."""

    def __init__(self, rows: list[list[Any]], sheet: "ComSheet | None" = None) -> None:
        self._rows = rows
        self.Row, self.Column = 1, 1
        self.Rows = types.SimpleNamespace(Count=len(rows))
        self.Columns = types.SimpleNamespace(Count=len(rows[0]))
        self.Worksheet = sheet or ComSheet()
        attributes = types.SimpleNamespace(iid=RANGE)
        kind = types.SimpleNamespace(GetTypeAttr=lambda: attributes)
        self._oleobj_ = types.SimpleNamespace(GetTypeInfo=lambda: kind)

    @property
    def Value(self) -> Any:  # noqa: N802 - COM's name
        cells = tuple(tuple(map(_of_com, row)) for row in self._rows)
        return cells[0][0] if len(cells) == len(cells[0]) == 1 else cells


class ComSheet:
    """A sheet of a book that nobody asks for more than its names."""

    def __init__(self) -> None:
        application = types.SimpleNamespace(Name="Excel", Hwnd=1)
        book = types.SimpleNamespace(Name="book.xlsm", Application=application)
        self.Name, self.Parent, self.Application = "Sheet1", book, application


def _of_com(cell: Any) -> Any:
    """A cell as pywin32 gives it: whole numbers are errors only, so numbers are floats."""
    if isinstance(cell, str) and cell in ERRORS:
        return ERRORS[cell]
    return float(cell) if type(cell) is int else cell


class Excel:
    """Calls worksheet functions as Excel does."""

    def __init__(self) -> None:
        stand_ins = {name: _Empty(name) for name in _PYWIN32}
        stand_ins["win32com"].client = stand_ins["win32com.client"]
        stand_ins["pywintypes"].TimeType = dt.datetime
        stand_ins["pywintypes"].IID = str
        stand_ins["win32process"].GetWindowThreadProcessId = lambda window: (window, window)
        sys.modules.update(stand_ins)
        libraries = {"windll": MagicMock(), "oledll": MagicMock()}
        with (
            patch.multiple(ctypes, create=True, **libraries),
            patch.object(ctypes, "PyDLL", MagicMock()),
        ):
            import xlwings
            from xlwings import _xlwindows

        xlwings._xlwindows = _xlwindows
        xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
        xlwings.engines.active = xlwings.engines["excel"]
        sys.modules["xlwings.com_server"] = types.SimpleNamespace(loop=None)  # for async calls only

        from xl_kpi.excel.function_wrappers import MODULE, with_real_decorators

        self._module = MODULE
        self._udfs, self.functions = with_real_decorators()

    def call(self, name: str, *arguments: Any) -> list[list[Any]]:
        """What a function gives back to Excel; lists of rows are ranges, other values as typed."""
        given = tuple(
            ComRange(argument) if isinstance(argument, list) else _of_com_typed(argument)
            for argument in arguments
        )
        rows: list[list[Any]] = self._udfs.call_udf(
            self._module, name, given, None, ComRange([[None]])
        )
        return rows


def _of_com_typed(value: Any) -> Any:
    """A value typed into the formula; the mark of one left out is a whole number too."""
    return value if value == MISSING else _of_com(value)
