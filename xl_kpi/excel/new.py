"""A fresh book from the template that ships with xl_kpi."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.fill import set_settings
from xl_kpi.excel.layout import PLAIN, TEMPLATE_SCHEMES, WITH_MACROS, template_file
from xl_kpi.excel.patch import CellUpdate, patch_book
from xl_kpi.excel.replace_file import ABSENT, replace_file
from xl_kpi.excel.template_functions import CONFIG, CONFIG_SHEET


def new_book(
    path: Path, lang: str, settings: Mapping[str, object], schemes: tuple[str, ...] = ()
) -> Path:
    """Copy the template, or build one, and fill in the settings of its first sheet.

    Args:
        path: Where the book goes; folders are made, an existing file is never overwritten.
        lang: ``zh`` or ``en``.
        settings: Values by key: period, scheme, as_of.
        schemes: The ready schemes that the book holds; none = those of the template.

    Raises:
        InputError: the file exists or cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (PLAIN, WITH_MACROS):
        fix = f"改成 {path.stem}.xlsm（有按钮和函数）或 {path.stem}.xlsx"
        raise InputError([Problem(path.name, "文件名要以 .xlsm 或 .xlsx 结尾", fix)])
    if path.exists():
        raise InputError([Problem(str(path), "文件已存在", "换一个文件名，或先移走原来的文件")])
    template = template_file(lang, suffix)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            [Problem(str(path.parent), f"建不了文件夹（{error.strerror}）", "换一个位置")]
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"draft{suffix}"
        if schemes in ((), TEMPLATE_SCHEMES):
            shutil.copyfile(template, draft)
        else:
            from xl_kpi.excel.template import build_template

            build_template(draft, lang, schemes)
        set_settings(draft, settings, lang)
        if suffix == WITH_MACROS:
            use_interpreter(draft, sys.executable, sys.platform)
        replace_file(path, [draft.read_bytes()], like=template, backup=False, seen=ABSENT)
    return path


def use_interpreter(book: Path, interpreter: str, platform: str) -> None:
    """Let the functions and buttons of a book call this Python.

    Args:
        book: A book with macros.
        interpreter: The path of the Python, as on this computer.
        platform: ``sys.platform`` of the computer.
    """
    if platform == "win32" and interpreter.lower().endswith("python.exe"):
        # The other one opens no black window.
        interpreter = interpreter[: -len("python.exe")] + "pythonw.exe"
    key = {"win32": "Interpreter_Win", "darwin": "Interpreter_Mac"}.get(platform)
    if key is not None:
        row = list(CONFIG).index(key) + 1
        patch_book(book, book, (), [CellUpdate(CONFIG_SHEET, f"B{row}", interpreter)], backup=False)
