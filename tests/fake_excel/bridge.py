"""xlwings' Windows module, imported on any machine, and a book made of a file."""

import contextlib
import ctypes
import datetime as dt
import importlib.util
import sys
import types
from pathlib import Path
from unittest import mock

import xlwings

from fake_excel import model

com_error = model.com_error


def _modules():
    """The modules of pywin32 as far as xlwings' module asks for them when it is imported."""

    def module(name, **content):
        made = types.ModuleType(name)
        made.__dict__.update(content)
        return made

    class Nothing:
        pass

    class TimeZoneInfo:
        @staticmethod
        def utc():
            return dt.UTC

    client = module(
        "win32com.client", CDispatch=Nothing, CoClassBaseClass=Nothing, DispatchBaseClass=Nothing,
        Dispatch=Nothing, DispatchEx=Nothing,
    )  # fmt: skip
    boxes = {"MB_OK": 0, "MB_OKCANCEL": 1, "MB_YESNO": 4, "MB_YESNOCANCEL": 3,
             "MB_ICONINFORMATION": 64, "MB_ICONWARNING": 48}  # fmt: skip

    def message_box(hwnd, text, title, style):
        model.MESSAGES.append(text)
        if style & boxes["MB_YESNO"]:
            return 6 if model.ANSWERS.pop(0) else 7
        return 1

    return {
        "pywintypes": module("pywintypes", com_error=com_error, error=com_error,
                             TimeType=dt.datetime, IID=str),
        "win32api": module("win32api", MessageBox=message_box),
        "win32con": module("win32con", **boxes),
        "win32com": module("win32com", client=client),
        "win32com.client": client,
        "win32gui": module("win32gui"),
        "win32process": module("win32process", GetWindowThreadProcessId=lambda hwnd: (0, 4711)),
        "win32timezone": module("win32timezone", TimeZoneInfo=TimeZoneInfo),
        "pythoncom": module("pythoncom", __file__="", CoInitialize=lambda: None,
                            ole_error=com_error),
        "xlwings._win32patch": module("xlwings._win32patch", CoClassBaseClass=Nothing),
    }  # fmt: skip


@contextlib.contextmanager
def _in_place_of(name, stub):
    real = sys.modules.get(name)
    sys.modules[name] = stub
    yield
    if real is None:
        del sys.modules[name]
    else:
        sys.modules[name] = real


def _windows_classes():
    source = Path(xlwings.__file__).with_name("_xlwindows.py")
    spec = importlib.util.spec_from_file_location("xlwings._xlwindows_of_tests", source)
    module = importlib.util.module_from_spec(spec)
    anything = mock.MagicMock()
    with contextlib.ExitStack() as stack:
        for name, stub in _modules().items():  # patch.dict would drop what is imported besides
            stack.enter_context(_in_place_of(name, stub))
        for name in ("oledll", "windll", "PyDLL"):
            stack.enter_context(mock.patch.object(ctypes, name, anything, create=True))
        stack.enter_context(mock.patch("atexit.register", lambda function: function))
        spec.loader.exec_module(module)
    return module


windows = _windows_classes()


def opened(path):
    """A file as an ``xlwings.Book``; ``.api`` is the model's workbook, ``.api.Application.log`` counts."""
    model.MESSAGES.clear()
    model.ANSWERS.clear()
    return xlwings.Book(impl=windows.Book(model.Workbook(Path(path))))
