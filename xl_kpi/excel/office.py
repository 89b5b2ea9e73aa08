"""Excel, WPS and the Trust Center as the Windows registry tells them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import PureWindowsPath

from xl_kpi.excel.machine import Machine

_APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
_CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_WPS = r"Software\Kingsoft\Office\6.0\Common"
_POLICIES = (
    r"HKCU\Software\Policies\Microsoft\Cloud\Office",
    r"HKCU\Software\Policies\Microsoft\Office",
    r"HKLM\Software\Policies\Microsoft\Office",
)
_MACHINES = {0x8664: 64, 0xAA64: 64, 0x014C: 32}  # IMAGE_FILE_HEADER.Machine
_ENABLE_ALL, _SIGNED_ONLY, _DISABLE_ALL = 1, 3, 4  # VBAWarnings; 2, the default, asks
_LOCATIONS = 40


@dataclass(frozen=True, slots=True)
class Excel:
    """Excel as it is installed.

    Attributes:
        path: ``EXCEL.EXE``.
        bits: 32 or 64; None if that cannot be seen.
        server: the program that answers to ``Excel.Application``.
    """

    path: str
    bits: int | None
    server: str


@dataclass(frozen=True, slots=True)
class MacroLevel:
    """What Office does with unsigned macros.

    Attributes:
        off: VBA is turned off altogether, by policy.
        blocks: they are disabled without a question.
        asks: they run after ``Enable Content``.
        by_policy: the company decides, not the user.
    """

    off: bool
    blocks: bool
    asks: bool
    by_policy: bool


def excel_of(machine: Machine) -> Excel | None:
    """The installed Excel, or None."""
    for root in ("HKLM", "HKCU"):
        path = str(machine.registry(rf"{root}\{_APP_PATHS}", "") or "").strip('"')
        if path.casefold().endswith("excel.exe") and machine.exists(path):
            return Excel(path, _bits(machine, path), _server(machine))
    return None


def wps_folder(machine: Machine) -> str | None:
    """Where WPS Office is installed, or None."""
    for root in ("HKCU", "HKLM"):
        folder = machine.registry(rf"{root}\{_WPS}", "InstallRoot")
        if folder:
            return str(folder)
    return None


def macro_level(machine: Machine) -> MacroLevel:
    """What the Trust Center and the company's policies say of macros."""
    version = office_version(machine)
    policies = [rf"{root}\{version}" for root in _POLICIES]
    off = any(machine.registry(rf"{root}\Common", "vbaoff") == 1 for root in policies)
    set_by = [machine.registry(rf"{root}\Excel\Security", "vbawarnings") for root in policies]
    decided = next((value for value in set_by if value is not None), None)
    user = rf"HKCU\Software\Microsoft\Office\{version}\Excel\Security"
    level = decided if decided is not None else machine.registry(user, "VBAWarnings")
    blocks = level in (_SIGNED_ONLY, _DISABLE_ALL)
    return MacroLevel(off, blocks, not blocks and level != _ENABLE_ALL, decided is not None)


def internet_macros_allowed(machine: Machine) -> bool:
    """Whether a policy lets users enable macros of files from the internet, as Office once did."""
    keys = [rf"{root}\{office_version(machine)}\Excel\Security" for root in _POLICIES]
    set_by = [machine.registry(key, "blockcontentexecutionfrominternet") for key in keys]
    return next((value for value in set_by if value is not None), None) == 0


def is_trusted(machine: Machine, path: str) -> bool:
    """Whether a file lies in a folder from which Excel runs every macro."""
    version = office_version(machine)
    folder = PureWindowsPath(path).parent
    for n in range(_LOCATIONS):
        key = rf"HKCU\Software\Microsoft\Office\{version}\Excel\Security\Trusted Locations\Location{n}"
        trusted = machine.registry(key, "Path")
        if not trusted:
            continue
        place = PureWindowsPath(machine.expanded(str(trusted)))
        if folder == place:
            return True
        if machine.registry(key, "AllowSubFolders") == 1 and place in folder.parents:
            return True
    return False


def office_version(machine: Machine) -> str:
    """The number under which Office keeps its settings; 16.0 from 2016 on."""
    current = str(machine.registry(r"HKCR\Excel.Application\CurVer", "") or "")
    number = current.rpartition(".")[2]
    return f"{number}.0" if number.isdigit() and int(number) >= 15 else "16.0"


def _bits(machine: Machine, path: str) -> int | None:
    """From the program's own header; where that cannot be read, from the set-up's notes."""
    head = machine.read(path, 4096) or b""
    if head[:2] == b"MZ" and len(head) >= 64:
        (start,) = struct.unpack_from("<I", head, 0x3C)
        if head[start : start + 4] == b"PE\0\0" and len(head) >= start + 6:
            (processor,) = struct.unpack_from("<H", head, start + 4)
            if processor in _MACHINES:
                return _MACHINES[processor]
    platform = machine.registry(_CLICK_TO_RUN, "Platform")
    return {"x64": 64, "x86": 32}.get(str(platform))


def _server(machine: Machine) -> str:
    identifier = machine.registry(r"HKCR\Excel.Application\CLSID", "")
    if not identifier:
        return ""
    return str(machine.registry(rf"HKCR\CLSID\{identifier}\LocalServer32", "") or "")
