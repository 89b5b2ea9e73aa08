"""What keeps the functions and buttons of one book from working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.doctor import machine_findings
from xl_kpi.excel.doctor_conf import CONF_SHEET, Settings
from xl_kpi.excel.doctor_words import Finding, problems
from xl_kpi.excel.machine import Machine, this_machine
from xl_kpi.excel.office import internet_macros_allowed, is_trusted
from xl_kpi.excel.package import Package, open_package
from xl_kpi.excel.replace_file import lock_file
from xl_kpi.excel.vba_source import xlwings_version

_LONGEST = 218  # characters of path and name that Excel opens
_INTERNET_ZONES = ("3", "4")
_NEW_BOOK = (
    "用 xl-kpi new 名称.xlsm 新建，再把各表的数据复制过去",
    "make one with xl-kpi new NAME.xlsm and copy the data of the tables into it",
)
_HOSTS = ("win32", "darwin")


def examine(
    book: str | None = None, *, machine: Machine | None = None, lang: str = "zh"
) -> list[Problem]:
    """What is wrong on this PC and, if one is given, with a book.

    Args:
        book: The path of a workbook.
        machine: The PC; None for this one.
        lang: ``zh`` or ``en``.
    """
    machine = machine or this_machine()
    if book is None:
        return problems(machine_findings(machine), lang)
    if "://" in book:
        return problems([*machine_findings(machine), _address(book)], lang)
    path = Path(book).absolute()
    refusals: list[Problem] = []
    found: list[Finding] = []
    settings = None
    try:
        with open_package(path) as package:
            conf = conf_settings(package)
            found += _inside(package, machine, conf)
    except InputError as error:
        refusals += error.problems
    else:
        settings = Settings(conf or {}, machine, str(path))
        if conf is None:  # nothing more is to be said of what does not exist
            settings = None
    found += _outside(path, machine)
    if machine.system not in _HOSTS:  # Excel is elsewhere: said, but nothing stands in the way
        found = [f if f.severity != "error" else replace(f, severity="note") for f in found]
    found += _for_writing(path, machine)
    return refusals + problems([*machine_findings(machine, settings), *found], lang)


def conf_settings(package: Package) -> dict[str, str] | None:
    """The settings on the sheet ``xlwings.conf``, or None without such a sheet.

    As the VBA reads them: names in column A without a gap, values in column B.
    """
    from python_calamine import CalamineWorkbook

    if CONF_SHEET not in package.sheets:
        return None
    sheet = CalamineWorkbook.from_path(str(package.path)).get_sheet_by_name(CONF_SHEET)
    settings: dict[str, str] = {}
    for row in sheet.to_python(skip_empty_area=False):
        name = str(row[0]).strip()
        if not name:
            break
        settings[name] = str(row[1]) if len(row) > 1 else ""
    return settings


def _inside(package: Package, machine: Machine, conf: dict[str, str] | None) -> Iterator[Finding]:
    name = package.path.name
    where = (name, name)
    if package.path.suffix.lower() != ".xlsm":
        yield Finding(
            where,
            ("不是 .xlsm，里面没有宏，也就没有函数和按钮", "this is no .xlsm: no macros, so no functions and no buttons"),
            (f"{_NEW_BOOK[0]}；只用命令行时 .xlsx 就够了", f"{_NEW_BOOK[1]}; for the command line .xlsx is enough"),
        )  # fmt: skip
        return
    project = _project(package)
    if project is None:
        yield Finding(
            where,
            (
                "里面的宏不见了，可能被别的程序另存过",
                "its macros are gone; another program may have saved it",
            ),
            _NEW_BOOK,
        )
        return
    yield from _version(where, project, machine)
    if conf is None:
        inactive = f"_{CONF_SHEET}" in package.sheets
        what = (
            (f"工作表叫 _{CONF_SHEET}，这样不起作用", f"the sheet is called _{CONF_SHEET}, which has no effect")
            if inactive
            else (f"没有工作表 {CONF_SHEET}，宏不知道用哪个 Python", f"there is no sheet {CONF_SHEET}: the macros do not know their Python")
        )  # fmt: skip
        fix = (
            (f"把它改名为 {CONF_SHEET}", f"rename it {CONF_SHEET}")
            if inactive
            else (
                f"加一张名为 {CONF_SHEET} 的工作表，A1 写 INTERPRETER_WIN，B1 写 {machine.executable}",
                f"add a sheet {CONF_SHEET} with INTERPRETER_WIN in A1 and {machine.executable} in B1",
            )
        )
        yield Finding(where, what, fix)


def _version(where: tuple[str, str], project: bytes, machine: Machine) -> Iterator[Finding]:
    try:
        version = xlwings_version(project)
    except ValueError:
        what = ("里面的宏读不出来，可能已损坏", "its macros cannot be read and may be damaged")
        yield Finding(where, what, _NEW_BOOK)
        return
    if version is None:
        what = ("里面的宏不是 xl_kpi 的（没有 xlwings）", "its macros are not those of xl_kpi (no xlwings)")  # fmt: skip
        yield Finding(where, what, _NEW_BOOK)
    elif machine.xlwings is not None and version != machine.xlwings:
        yield Finding(
            where,
            (
                f"宏是为 xlwings {version} 做的，装的是 {machine.xlwings}，版本必须相同",
                f"its macros are made for xlwings {version}, installed is {machine.xlwings}; they must be the same",
            ),
            (
                f"安装：pip install xlwings=={version}；或{_NEW_BOOK[0]}",
                f"pip install xlwings=={version}; or {_NEW_BOOK[1]}",
            ),
        )  # fmt: skip


def _project(package: Package) -> bytes | None:
    for link in package.relationships(package.workbook_part).values():
        if link.kind == "vbaProject" and link.target in package.names:
            return package.read(link.target)
    return None


def _outside(path: Path, machine: Machine) -> Iterator[Finding]:
    """What of the file's place and origin keeps its macros from running."""
    where = (str(path), str(path))
    if machine.system != "win32":
        return
    zone = (machine.read(f"{path}:Zone.Identifier", 1024) or b"").decode("latin-1")
    zones = [line.partition("=")[2].strip() for line in zone.splitlines() if "ZoneId" in line]
    is_marked = any(z in _INTERNET_ZONES for z in zones)
    if is_marked and not (internet_macros_allowed(machine) or is_trusted(machine, str(path))):
        yield Finding(
            where,
            ("文件来自网络（下载或邮件），Excel 会禁止里面的宏", "the file comes from the internet (download or mail): Excel blocks its macros"),
            (
                "关闭工作簿，在文件上右键 → 属性，勾选“解除锁定”，确定后重新打开",
                "close it, right-click the file > Properties, tick Unblock, OK, and open it again",
            ),
        )  # fmt: skip
    if len(str(path)) > _LONGEST:
        yield Finding(
            where,
            (f"路径有 {len(str(path))} 个字符，Excel 最多 {_LONGEST}", f"the path has {len(str(path))} characters, Excel takes {_LONGEST}"),
            ("移到路径较短的文件夹", "move it to a folder with a shorter path"),
        )  # fmt: skip


def _for_writing(path: Path, machine: Machine) -> Iterator[Finding]:
    """What keeps ``xl-kpi run`` and Excel from saving, on any system."""
    where = (str(path), str(path))
    lock = lock_file(path)
    if lock is not None:
        yield Finding(
            where,
            ("工作簿正开着，可能是别人（旁边有锁定文件）", "the book is open, perhaps at somebody else's (a lock file lies beside it)"),
            (
                f"自己开着的话，运行 xl-kpi run 之前先关闭；别人开着时只能只读打开。确实没人开着就删掉 {lock.name}",
                f"if it is you, close it before xl-kpi run; while others have it open it is read-only. If nobody has, delete {lock.name}",
            ),
            "warning",
        )  # fmt: skip
    if path.parent.is_dir() and not machine.can_write(str(path.parent)):
        yield Finding(
            where,
            ("所在的文件夹不能写入，结果保存不了", "its folder cannot be written to, results cannot be saved"),
            ("把工作簿复制到自己的文件夹，例如“文档”", "copy the book to a folder of your own, such as Documents"),
        )  # fmt: skip
    elif path.is_file() and not path.stat().st_mode & 0o200:
        yield Finding(
            where,
            ("文件是只读的，结果保存不了", "the file is read-only, results cannot be saved"),
            ("右键 → 属性，去掉“只读”", "right-click > Properties, clear Read-only"),
        )


def _address(book: str) -> Finding:
    return Finding(
        (book, book),
        ("这是网址，不是文件", "this is a web address, not a file"),
        (
            "先同步或下载到本机文件夹，再检查那个文件",
            "synchronise or download it to a local folder and examine that file",
        ),
    )
