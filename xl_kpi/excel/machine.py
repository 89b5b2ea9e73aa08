"""What the doctor looks at on a PC: a description that tests can make up."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import locale
import os
import re
import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NEEDED = ("numpy", "pandas", "formualizer", "python_calamine", "xlsxwriter")


def _no_registry(_key: str, _name: str) -> object | None:
    return None


def _no_file(_path: str, _size: int) -> bytes | None:
    return None


def _writable(_folder: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    r"""A PC as the doctor sees it.

    Attributes:
        system: as ``sys.platform`` says it: ``win32``, ``darwin``, ``linux``.
        python: major and minor version.
        build: what this Python was built for, such as ``win-amd64``.
        executable: the running interpreter.
        prefix: the folder of its environment.
        user_base: where ``pip install --user`` puts things.
        xlwings: the installed version of xlwings.
        xlwings_wanted: the version that xl_kpi is pinned to; None if that is not known.
        bridge: whether the package is there by which xlwings reaches Excel (pywin32, appscript).
        broken: packages that cannot be loaded, with the reason.
        from_excel: whether a macro of the book started this Python.
        ansi: the encoding in which Windows hands file names to the DLL.
        environ: environment variables.
        registry: the value of a name in a registry key, such as ``HKCU\Software\X``, or None.
        read: the first bytes of a file, or None if there is no such file.
        can_write: whether files can be made in a folder.
    """

    system: str
    python: tuple[int, int]
    build: str
    executable: str
    prefix: str
    user_base: str = ""
    xlwings: str | None = None
    xlwings_wanted: str | None = None
    bridge: bool = True
    broken: Mapping[str, str] = field(default_factory=dict)
    from_excel: bool = False
    ansi: str = "utf-8"
    environ: Mapping[str, str] = field(default_factory=dict)
    registry: Callable[[str, str], object | None] = _no_registry
    read: Callable[[str, int], bytes | None] = _no_file
    can_write: Callable[[str], bool] = _writable

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.read(path, 0) is not None

    def expanded(self, text: str) -> str:
        """Text with its ``%NAME%`` replaced by environment variables, as Windows does it."""
        names = {name.upper(): value for name, value in self.environ.items()}
        return re.sub("%([^%]+)%", lambda m: names.get(m[1].upper(), m[0]), text)


def this_machine() -> Machine:
    """The PC that this Python runs on; nothing is changed."""
    bridge = {"win32": "win32com", "darwin": "appscript"}.get(sys.platform)
    return Machine(
        system=sys.platform,
        python=sys.version_info[:2],
        build=sysconfig.get_platform(),
        executable=sys.executable,
        prefix=sys.prefix,
        user_base=site.getuserbase(),
        xlwings=installed_version("xlwings"),
        xlwings_wanted=_wanted("xlwings"),
        bridge=bridge is None or importlib.util.find_spec(bridge) is not None,
        broken=_broken(),
        from_excel=any(word.startswith("--from_xl") for word in sys.argv),
        ansi=locale.getencoding(),
        environ=dict(os.environ),
        registry=_registry_value,
        read=_read,
        can_write=_can_write,
    )


def installed_version(package: str) -> str | None:
    """The version of an installed package, None where there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _wanted(package: str) -> str | None:
    """The exact version of a package that xl_kpi asks for."""
    try:
        asked = importlib.metadata.requires("xl-kpi") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    pins = [found[1] for line in asked if (found := re.match(rf"{package}==([\w.]+)$", line))]
    return pins[0] if pins else None


def _broken() -> dict[str, str]:
    reasons = {}
    for name in _NEEDED:
        try:
            importlib.import_module(name)
        except (ImportError, OSError) as error:
            reasons[name] = str(error).strip().splitlines()[0] if str(error) else repr(error)
    return reasons


def _registry_value(key: str, name: str) -> object | None:
    if sys.platform != "win32":
        return None
    import winreg

    roots = {
        "HKCU": winreg.HKEY_CURRENT_USER,
        "HKLM": winreg.HKEY_LOCAL_MACHINE,
        "HKCR": winreg.HKEY_CLASSES_ROOT,
    }
    root, _, path = key.partition("\\")
    for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
        try:
            with winreg.OpenKey(roots[root], path, 0, winreg.KEY_READ | view) as opened:
                value: object = winreg.QueryValueEx(opened, name)[0]
                return value
        except OSError:
            continue
    return None


def _read(path: str, size: int) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(size)
    except (OSError, ValueError):
        return None


def _can_write(folder: str) -> bool:
    try:
        with tempfile.TemporaryFile(dir=Path(folder)):
            return True
    except OSError:
        return False
