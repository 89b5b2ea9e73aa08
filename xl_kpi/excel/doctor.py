"""Why functions or buttons do not work on this PC, and how to mend it.

What is looked for follows the VBA of xlwings (``xlwings.bas``): where it reads its settings, how
it starts Python, and in which two folders it looks for its DLL.  Nothing here loads a large
package, so that the doctor speaks even where those are broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PureWindowsPath

from xl_kpi.errors import Problem
from xl_kpi.excel.doctor_conf import Settings, check_settings
from xl_kpi.excel.doctor_words import Finding, problems
from xl_kpi.excel.machine import Machine, this_machine
from xl_kpi.excel.office import Excel, excel_of, macro_level, wps_folder

_EXCEL_SYSTEMS = ("win32", "darwin")
_NEW_PYTHON = (
    "在 python.org 装 64 位 Python，再执行 uv tool install .，并用 xl-kpi new 新建工作簿",
    "install 64-bit Python from python.org, then uv tool install . and make the book with xl-kpi new",
)


def findings(
    book_conf: Mapping[str, str] | None = None,
    *,
    book: str = "",
    machine: Machine | None = None,
    lang: str = "zh",
) -> list[Problem]:
    """What is wrong on this PC; an ``error`` stands in the way of functions or buttons.

    Args:
        book_conf: What the sheet ``xlwings.conf`` of the book says, by name in any case; None
            leaves out what concerns a book.
        book: Where Excel says the book lies (``FullName``), if there is one.
        machine: The PC; None for this one.
        lang: ``zh`` or ``en``.
    """
    machine = machine or this_machine()
    settings = None if book_conf is None else Settings(book_conf, machine, book)
    return problems(machine_findings(machine, settings), lang)


def machine_findings(machine: Machine, settings: Settings | None = None) -> Iterator[Finding]:
    """Findings on the PC and on the settings of a book, in the order in which one mends them."""
    yield from _system(machine)
    yield from _python(machine)
    yield from _packages(machine)
    if machine.system not in _EXCEL_SYSTEMS:
        return
    yield from _xlwings(machine)
    if machine.system == "darwin":
        yield from _mac(machine)
    else:
        yield from _windows(machine, settings)
    if settings is not None:
        yield from check_settings(settings)


def _windows(machine: Machine, settings: Settings | None) -> Iterator[Finding]:
    excel = excel_of(machine)
    yield from _excel(machine, excel)
    if excel is None:
        return
    interpreter = machine.executable
    if settings is not None and machine.exists(settings.interpreter):
        interpreter = settings.interpreter
    yield from _dll(machine, excel, interpreter)
    if not machine.from_excel:  # then its macros evidently run
        yield from _macros(machine)


def _system(machine: Machine) -> Iterator[Finding]:
    if machine.system == "win32":
        return
    where = ("这台电脑", "This PC")
    if machine.system == "darwin":
        yield Finding(
            where,
            ("Mac 版 Excel 只能用按钮，不能用 KPI 函数", "Excel for Mac runs the buttons, but no KPI functions"),
            (
                "数值、对账公式和命令行都能用；要用函数，请用 Windows 上的 Excel",
                "values, the plain formulas of 对账 and the command line work; for the functions use Excel on Windows",
            ),
            "note",
        )  # fmt: skip
    else:
        yield Finding(
            where,
            ("这个系统没有 Excel，函数和按钮用不了；命令行都能用", "There is no Excel for this system: no functions or buttons; the command line works"),
            (
                "用 xl-kpi check 和 xl-kpi run；要用函数和按钮，请用 Windows 上的 Excel",
                "use xl-kpi check and xl-kpi run; for functions and buttons use Excel on Windows",
            ),
            "note",
        )  # fmt: skip


def _python(machine: Machine) -> Iterator[Finding]:
    where = (f"Python {machine.executable}",) * 2
    version = ".".join(map(str, machine.python))
    if machine.python < (3, 11):
        yield Finding(
            where,
            (f"版本是 {version}，需要 3.11 或更新", f"version {version}; 3.11 or newer is needed"),
            _NEW_PYTHON,
        )
    if machine.system == "win32" and _is_store(machine.executable):
        yield Finding(
            where,
            (
                "这是 Microsoft Store 的 Python，xlwings 的文件不在它旁边，Excel 找不到",
                "this is the Python of the Microsoft Store; xlwings' files do not lie beside it, Excel cannot find them",
            ),
            _NEW_PYTHON,
        )  # fmt: skip


def _packages(machine: Machine) -> Iterator[Finding]:
    for name, reason in machine.broken.items():
        yield Finding(
            (f"Python {machine.executable}",) * 2,
            (f"{name} 用不了（{reason}）", f"{name} cannot be loaded ({reason})"),
            (
                "重新安装：uv tool install --reinstall .",
                "install again: uv tool install --reinstall .",
            ),
        )


def _xlwings(machine: Machine) -> Iterator[Finding]:
    where = (f"Python {machine.executable}",) * 2
    wanted = machine.xlwings_wanted
    asked = f"xlwings=={wanted}" if wanted else "xlwings"
    fix = (f"安装：pip install {asked}", f"install it: pip install {asked}")
    if machine.xlwings is None:
        yield Finding(where, ("没有安装 xlwings", "xlwings is not installed"), fix)
        return
    if wanted is not None and machine.xlwings != wanted:
        yield Finding(
            where,
            (
                f"xlwings 是 {machine.xlwings}，工作簿的宏要的是 {wanted}，版本必须相同",
                f"xlwings is {machine.xlwings}, the book's macros want exactly {wanted}",
            ),
            fix,
        )
    if not machine.bridge:
        name = "pywin32" if machine.system == "win32" else "appscript"
        yield Finding(
            where,
            (
                f"没有安装 {name}，Python 连不上 Excel",
                f"{name} is missing, Python cannot reach Excel",
            ),
            (f"安装：pip install {name}", f"install it: pip install {name}"),
        )


def _mac(machine: Machine) -> Iterator[Finding]:
    home = machine.environ.get("HOME", "")
    script = f"xlwings-{machine.xlwings}.applescript"
    folder = f"{home}/Library/Application Scripts/com.microsoft.Excel"
    if machine.xlwings is not None and not machine.exists(f"{folder}/{script}"):
        yield Finding(
            (folder, folder),
            (f"缺少 {script}，按钮启动不了 Python", f"{script} is missing, the buttons cannot start Python"),
            (
                "在终端执行一次 xlwings runpython install，再重开 Excel",
                "run once in a terminal: xlwings runpython install; then restart Excel",
            ),
        )  # fmt: skip


def _excel(machine: Machine, excel: Excel | None) -> Iterator[Finding]:
    wps = wps_folder(machine)
    if excel is None and wps:
        yield Finding(
            ("WPS", "WPS"),
            (
                "只有 WPS，没有 Excel；WPS 个人版不带 VBA，函数和按钮用不了",
                "there is WPS, but no Excel; WPS for private use has no VBA: no functions, no buttons",
            ),
            (
                "请安装 Excel 2016 或更新；用 WPS 时数值和对账公式照常，计算用 xl-kpi run",
                "install Excel 2016 or newer; in WPS values and 对账 work, calculate with xl-kpi run",
            ),
        )
    elif excel is None:
        yield Finding(
            ("Excel", "Excel"),
            ("没有找到 Excel，函数和按钮用不了", "Excel was not found: no functions, no buttons"),
            (
                "请安装 Excel 2016 或更新；没有 Excel 也可以用 xl-kpi run 计算",
                "install Excel 2016 or newer; without it xl-kpi run calculates too",
            ),
        )
    elif excel.server and "excel.exe" not in excel.server.casefold():
        yield Finding(
            ("Excel.Application", "Excel.Application"),
            (
                f"别的程序登记成了 Excel（{excel.server}），多半是 WPS",
                f"another program is registered as Excel ({excel.server}), most likely WPS",
            ),
            (
                "在“应用和功能”里修复 Office，并在 WPS 的“配置工具”里取消兼容第三方",
                "repair Office under Apps; switch off third-party compatibility in WPS' configuration tool",
            ),
            "warning",
        )


def _dll(machine: Machine, excel: Excel, interpreter: str) -> Iterator[Finding]:
    """Functions go through a DLL beside the interpreter or one folder up; buttons do not."""
    if machine.xlwings is None or _is_store(interpreter):
        return
    name = f"xlwings{excel.bits or 64}-{machine.xlwings}.dll"
    folder = PureWindowsPath(interpreter).parent
    places = [str(folder), str(folder.parent)]
    found = [place for place in places if machine.exists(f"{place}\\{name}")]
    where = (name, name)
    if found:
        if not _encodable(found[0], machine.ansi):
            yield Finding(
                where,
                (
                    f"路径 {found[0]} 里有 Windows 非 Unicode 程序不认的字，函数用不了",
                    f"the path {found[0]} has characters that Windows' non-Unicode programs lack: functions fail",
                ),
                (
                    "把 Python 装到只有英文的路径，再用 xl-kpi new 新建工作簿",
                    "install Python under a plain English path and make the book with xl-kpi new",
                ),
            )  # fmt: skip
        return
    what = (
        f"{places[0]} 和上一级文件夹里都没有它，函数用不了（按钮不受影响）",
        f"it is neither in {places[0]} nor one folder up: functions fail (buttons do not need it)",
    )
    is_this = PureWindowsPath(interpreter).parent == PureWindowsPath(machine.executable).parent
    if is_this and machine.build != "win-amd64":
        reason = (
            f"{what[0]}；xlwings 只随 64 位（x64）Python 附带它，这个 Python 是 {machine.build}",
            f"{what[1]}; xlwings brings it for 64-bit (x64) Python only, this one is {machine.build}",
        )
        yield Finding(where, reason, _NEW_PYTHON)
    elif machine.user_base and machine.exists(f"{machine.user_base}\\{name}"):
        reason = (
            f"{what[0]}；它在 {machine.user_base}，因为 xlwings 装在了用户目录",
            f"{what[1]}; it lies in {machine.user_base}, as xlwings was installed for the user only",
        )
        fix = (
            f"把它复制到 {places[0]}；或改用 uv tool install .，再用 xl-kpi new 新建工作簿",
            f"copy it to {places[0]}; or uv tool install . and make the book with xl-kpi new",
        )
        yield Finding(where, reason, fix)
    else:
        again = f"xlwings=={machine.xlwings}"
        fix = (
            f"用 pip 重装（conda 的包里可能没有它）：pip install --force-reinstall --no-deps {again}；"
            "如果又不见了，请在杀毒软件里放行",
            "install again by pip (conda's package may lack it): "
            f"pip install --force-reinstall --no-deps {again}; if it vanishes, allow it in the virus scanner",
        )
        yield Finding(where, what, fix)


def _macros(machine: Machine) -> Iterator[Finding]:
    """What Office does with macros that nobody signed."""
    level = macro_level(machine)
    where = ("Excel 信任中心", "Excel Trust Center")
    if level.off:
        yield Finding(
            where,
            ("公司策略关闭了 Office 的 VBA", "a policy of your company turns VBA off in Office"),
            ("请 IT 放开（策略“禁用 Office 应用程序的 VBA”）", "ask IT to lift the policy “Disable VBA for Office applications”"),
        )  # fmt: skip
    elif level.by_policy and level.blocks:
        yield Finding(
            where,
            ("公司策略禁止未签名的宏", "a policy of your company forbids macros that are not signed"),
            (
                "请 IT 把工作簿所在文件夹设为受信任位置，或改这条策略（VBA 宏通知设置）",
                "ask IT to make the book's folder a trusted location or to change “VBA Macro Notification Settings”",
            ),
        )  # fmt: skip
    elif level.blocks:
        yield Finding(
            where,
            ("宏设置为不通知就禁用，函数和按钮都不会动", "macros are disabled without notification: neither functions nor buttons react"),
            (
                "文件 → 选项 → 信任中心 → 信任中心设置 → 宏设置，选“通过通知禁用 VBA 宏”，重开工作簿后点“启用内容”",
                "File > Options > Trust Center > Trust Center Settings > Macro Settings: “Disable VBA macros with notification”; reopen the book and press Enable Content",
            ),
        )  # fmt: skip
    elif level.asks:
        yield Finding(
            where,
            ("打开带宏的工作簿时 Excel 会询问", "Excel asks when a book with macros is opened"),
            ("看到黄色提示条时点“启用内容”，否则函数和按钮不会动", "press Enable Content on the yellow bar, or functions and buttons do not react"),
            "note",
        )  # fmt: skip


def _is_store(interpreter: str) -> bool:
    return "windowsapps" in interpreter.casefold()


def _encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
