"""The sheet ``xlwings.conf`` of a book, judged as xlwings' VBA reads it on this PC."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from xl_kpi.excel.doctor_words import Finding
from xl_kpi.excel.machine import Machine

CONF_SHEET = "xlwings.conf"
_BARE = ("python", "pythonw")
_WHERE = (f"工作表 {CONF_SHEET}", f"sheet {CONF_SHEET}")


class Settings:
    """Settings of a book by xlwings' rule: the sheet, then a file beside it, then the user's.

    Attributes:
        machine: the PC.
        book: where the book lies, a path or the address that OneDrive gives it.
        interpreter: the Python that the macros start; a bare ``python`` is left to the PATH.
        interpreter_key: the setting to write it into.
    """

    def __init__(self, sheet: Mapping[str, str], machine: Machine, book: str = "") -> None:
        self.machine = machine
        self.book = book
        self._layers = [
            {name.strip().upper(): str(value).strip() for name, value in sheet.items()},
            *(_conf_file(machine, path) for path in self._files()),
        ]
        self.interpreter_key = (
            "INTERPRETER_MAC" if machine.system == "darwin" else "INTERPRETER_WIN"
        )
        self.interpreter = (
            self.get(self.interpreter_key) or self.get("INTERPRETER", "python") or "python"
        )

    def get(self, name: str, default: str = "") -> str:
        """A setting with its environment variables replaced."""
        for layer in self._layers:
            if name in layer:
                return self._expanded(layer[name])
        return default

    @property
    def names_a_file(self) -> bool:
        """Whether the interpreter is a path."""
        return self.interpreter.casefold() not in _BARE

    @property
    def conda(self) -> tuple[str, str] | None:
        """Folder of conda and name of the environment, where both are set."""
        folder, environment = self.get("CONDA PATH"), self.get("CONDA ENV")
        return (folder, environment) if folder and environment else None

    def _files(self) -> Iterator[str]:
        environ = self.machine.environ
        if self.machine.system == "darwin":
            home = environ.get("HOME", "")
            beside, user = "/", f"{home}/Library/Containers/com.microsoft.Excel/Data/xlwings.conf"
        else:
            beside, user = "\\", environ.get("USERPROFILE", "") + r"\.xlwings\xlwings.conf"
        if self.book and "://" not in self.book:
            yield f"{_pure(self.machine, self.book).parent}{beside}xlwings.conf"
        yield user

    def _expanded(self, text: str) -> str:
        if self.machine.system == "darwin":
            home = self.machine.environ.get("HOME", "$HOME")
            return home + text.removeprefix("$HOME") if text.startswith("$HOME") else text
        return self.machine.expanded(text)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """What in the settings keeps the macros from Python."""
    yield from _interpreter(settings)
    if settings.machine.system == "win32":
        yield from _conda(settings)
    yield from _cloud(settings)


def _interpreter(settings: Settings) -> Iterator[Finding]:
    machine, key = settings.machine, settings.interpreter_key
    fix = (
        f"把 {CONF_SHEET} 里的 {key} 写成 {machine.executable}，保存后重开工作簿",
        f"set {key} in {CONF_SHEET} to {machine.executable}, save and reopen the book",
    )
    if not settings.names_a_file:
        if not settings.conda or machine.system != "win32":
            yield Finding(
                _WHERE,
                (
                    f"没有写明 Python 的路径（{key}），宏会去找系统里随便一个 python，或者找不到",
                    f"no path of Python ({key}): the macros take any python of the system, or find none",
                ),
                fix,
            )
        return
    if not machine.exists(settings.interpreter):
        yield Finding(
            _WHERE,
            (
                f"{key} 写的 {settings.interpreter} 在这台电脑上不存在，工作簿可能是别的电脑上建的",
                f"{settings.interpreter} ({key}) does not exist here; the book may come from another PC",
            ),
            fix,
        )
    elif _folder(machine, settings.interpreter) != _folder(machine, machine.executable):
        yield Finding(
            _WHERE,
            (
                f"宏用的是另一个 Python（{settings.interpreter}），这里检查的不是它",
                f"the macros use another Python ({settings.interpreter}) than the one examined here",
            ),
            (
                f'用它再检查一次："{settings.interpreter}" -m xl_kpi doctor；或者{fix[0]}',
                f'examine it too: "{settings.interpreter}" -m xl_kpi doctor; or {fix[1]}',
            ),
            "warning",
        )


def _conda(settings: Settings) -> Iterator[Finding]:
    machine = settings.machine
    if settings.conda:
        program = settings.conda[0] + r"\condabin\conda.bat"
        if not machine.exists(program):
            yield Finding(
                _WHERE,
                (
                    f"CONDA PATH 不对：没有 {program}",
                    f"CONDA PATH is wrong: there is no {program}",
                ),
                (
                    f"改成 conda 所在的文件夹；或删掉 CONDA PATH 和 CONDA ENV，把 {settings.interpreter_key} 写成完整路径",
                    f"set it to the folder of conda; or delete CONDA PATH and CONDA ENV and write the full path into {settings.interpreter_key}",
                ),
            )  # fmt: skip
        return
    if not machine.exists(machine.prefix + r"\conda-meta\history"):
        return
    folder, environment = _conda_of(machine)
    yield Finding(
        _WHERE,
        (
            "这个 Python 在 conda 环境里，而宏启动它时不会先激活环境，numpy 可能加载不了",
            "this Python lives in a conda environment, which the macros do not activate: numpy may not load",
        ),
        (
            f"在 {CONF_SHEET} 里写 INTERPRETER_WIN = python、CONDA PATH = {folder}、CONDA ENV = {environment}；"
            "或改用 python.org 的 Python",
            f"write into {CONF_SHEET}: INTERPRETER_WIN = python, CONDA PATH = {folder}, CONDA ENV = {environment}; "
            "or use a Python of python.org",
        ),
        "warning",
    )  # fmt: skip


def _cloud(settings: Settings) -> Iterator[Finding]:
    """Excel names a synchronised book by its address, which xlwings turns back into a path."""
    if settings.get("ADD_WORKBOOK_TO_PYTHONPATH", "true").casefold() != "true":
        return  # then the address is not looked at
    folder = cloud_folder(settings.machine, settings.book)
    if "://" in settings.book or folder:
        yield Finding(
            (settings.book,) * 2,
            (
                "工作簿在 OneDrive 或 SharePoint 里，Excel 给它的是网址，xlwings 可能找不到本地文件而停下",
                "the book lies in OneDrive or SharePoint; Excel gives its web address, for which xlwings may find no file and stop",
            ),
            (
                f"在 {CONF_SHEET} 里写 ADD_WORKBOOK_TO_PYTHONPATH = False；或把工作簿移到不同步的文件夹",
                f"write ADD_WORKBOOK_TO_PYTHONPATH = False into {CONF_SHEET}; or move the book to a folder that is not synchronised",
            ),
            "warning",
        )  # fmt: skip


def cloud_folder(machine: Machine, book: str) -> str | None:
    """The synchronised folder that a book lies in, or None."""
    if not book or "://" in book:
        return None
    roots = [
        machine.environ.get(n, "") for n in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
    ]
    # Libraries of SharePoint are synchronised beside the company's OneDrive.
    roots.append(machine.environ.get("OneDriveCommercial", "").replace("OneDrive - ", ""))
    path = _pure(machine, book)
    return next((r for r in roots if r and _pure(machine, r) in path.parents), None)


def _conda_of(machine: Machine) -> tuple[str, str]:
    """Folder of conda and name of this environment, as xlwings' own set-up finds them."""
    prefix = PureWindowsPath(machine.prefix)
    inside = prefix.parent.name.casefold() == "envs"
    base = prefix.parent.parent if inside else prefix
    program = machine.environ.get("CONDA_EXE")
    if program:
        base = PureWindowsPath(program).parent.parent
    name = prefix.name if inside else "base"
    return str(base), machine.environ.get("CONDA_DEFAULT_ENV", name)


def _conf_file(machine: Machine, path: str) -> dict[str, str]:
    """The settings in a file of lines ``"NAME","value"``; none where there is no file."""
    content = machine.read(path, 1 << 16)
    if content is None:
        return {}
    lines = content.decode(machine.ansi, "replace").splitlines()
    return {row[0].strip().upper(): row[1] for row in csv.reader(lines) if len(row) > 1}


def _pure(machine: Machine, path: str) -> PurePath:
    return PureWindowsPath(path) if machine.system == "win32" else PurePosixPath(path)


def _folder(machine: Machine, path: str) -> PurePath:
    return _pure(machine, path).parent
