"""What the doctor finds on made-up PCs, and in books made for the purpose."""

import re
import struct
import sys
import types
import zipfile
from pathlib import Path, PureWindowsPath

import pytest
import xlsxwriter
import xlwings

from xl_kpi.cli import main
from xl_kpi.excel.doctor import findings
from xl_kpi.excel.doctor_book import examine
from xl_kpi.excel.machine import Machine, this_machine
from xl_kpi.excel.vba_source import module_texts, xlwings_version

VERSION = "0.37.8"
PYTHON = r"C:\Users\li\AppData\Roaming\uv\tools\xl-kpi\Scripts\python.exe"
HOME = r"C:\Users\li\AppData\Roaming\uv\tools\xl-kpi"
DLL64, DLL32 = f"xlwings64-{VERSION}.dll", f"xlwings32-{VERSION}.dll"
EXCEL = r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"
APP_PATH = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
SECURITY = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0"
CONF = {"Interpreter_Win": PYTHON, "ADD_WORKBOOK_TO_PYTHONPATH": "False"}
XLWINGS = Path(xlwings.__file__).parent


def program(machine):
    """The start of a Windows program for a processor, as the PE format has it."""
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<H", machine)


def windows(files=(), registry=(), gone=(), **changes):
    """A PC on which everything is as it should be, but for the changes."""
    there = {
        PYTHON: b"MZ",
        rf"{HOME}\{DLL64}": b"MZ",
        rf"{HOME}\{DLL32}": b"MZ",
        EXCEL: program(0x8664),
        **dict(files),
    }
    there = {path.casefold(): content for path, content in there.items() if path not in gone}
    values = {(APP_PATH, ""): EXCEL, (SECURITY, "VBAWarnings"): 1, **dict(registry)}

    def read(path, size):
        content = there.get(path.casefold())
        return None if content is None else content[:size]

    facts = {
        "system": "win32", "python": (3, 12), "build": "win-amd64", "executable": PYTHON,
        "prefix": HOME, "user_base": r"C:\Users\li\AppData\Roaming\Python", "xlwings": VERSION,
        "xlwings_wanted": VERSION, "ansi": "cp936", "registry": lambda k, n: values.get((k, n)),
        "read": read, "environ": {"USERPROFILE": r"C:\Users\li"},
    }  # fmt: skip
    return Machine(**{**facts, **changes})


def mac(**changes):
    home = "/Users/li"
    script = f"{home}/Library/Application Scripts/com.microsoft.Excel/xlwings-{VERSION}.applescript"
    files = changes.pop("files", {script, "/opt/kpi/bin/python"})
    facts = {
        "system": "darwin", "python": (3, 12), "build": "macosx-11.0-arm64",
        "executable": "/opt/kpi/bin/python", "prefix": "/opt/kpi", "xlwings": VERSION,
        "xlwings_wanted": VERSION, "environ": {"HOME": home},
        "read": lambda path, size: b"" if path in files else None,
    }  # fmt: skip
    return Machine(**{**facts, **changes})


def linux(**changes):
    facts = {
        "system": "linux", "python": (3, 12), "build": "linux-x86_64", "executable": "/usr/bin/python3",
        "prefix": "/usr",
    }  # fmt: skip
    return Machine(**{**facts, **changes})


def said(found):
    return [
        (problem.severity, f"{problem.where} {problem.what} {problem.fix}") for problem in found
    ]


def test_nothing_is_found_where_all_is_well():
    assert findings(CONF, machine=windows()) == []


STORE = r"C:\Users\li\AppData\Local\Microsoft\WindowsApps\PythonSoftwareFoundation.Python.3.12\python.exe"
NO_DLL = {"gone": (rf"{HOME}\{DLL64}",)}
NO_EXCEL = {"registry": {(APP_PATH, ""): None}}
WPS = (r"HKCU\Software\Kingsoft\Office\6.0\Common", "InstallRoot")
CLASS_ID = "{00020812-0000-0000-C000-000000000046}"
OTHER_EXCEL = {
    (r"HKCR\Excel.Application\CLSID", ""): CLASS_ID,
    (rf"HKCR\CLSID\{CLASS_ID}\LocalServer32", ""): r"C:\WPS Office\office6\et.exe /automation",
}
CONDA = r"C:\miniconda3"
CONDA_ENV = rf"{CONDA}\envs\kpi"
IN_CONDA = {
    "executable": rf"{CONDA_ENV}\python.exe",
    "prefix": CONDA_ENV,
    "files": {
        rf"{CONDA_ENV}\python.exe": b"MZ",
        rf"{CONDA_ENV}\{DLL64}": b"MZ",
        rf"{CONDA_ENV}\conda-meta\history": b"",
        rf"{CONDA}\condabin\conda.bat": b"",
    },
}
CONDA_CONF = {"INTERPRETER_WIN": "python", "CONDA PATH": CONDA, "CONDA ENV": "kpi",
              "ADD_WORKBOOK_TO_PYTHONPATH": "False"}  # fmt: skip

DEFECTS = {
    "old Python": ({"python": (3, 10)}, CONF, "error", ["3.10", "3.11", "python.org"]),
    "Python of the store": ({"executable": STORE, "files": {STORE: b""}}, {"INTERPRETER_WIN": STORE}, "error", ["Store", "python.org"]),
    "numpy broken": ({"broken": {"numpy": "DLL load failed"}}, CONF, "error", ["numpy", "DLL load failed"]),
    "no xlwings": ({"xlwings": None}, CONF, "error", ["pip install xlwings==0.37.8"]),
    "another xlwings": ({"xlwings": "0.36.1", "files": {rf"{HOME}\xlwings64-0.36.1.dll": b""}}, CONF, "error", ["0.36.1", "pip install xlwings==0.37.8"]),
    "no pywin32": ({"bridge": False}, CONF, "error", ["pip install pywin32"]),
    "no Excel": (NO_EXCEL, CONF, "error", ["Excel 2016", "xl-kpi run"]),
    "Excel removed": ({"gone": (EXCEL,)}, CONF, "error", ["Excel 2016"]),
    "WPS alone": ({"registry": {(APP_PATH, ""): None, WPS: r"C:\WPS Office"}}, CONF, "error", ["WPS", "VBA", "xl-kpi run"]),
    "WPS in the place of Excel": ({"registry": OTHER_EXCEL}, CONF, "warning", ["et.exe", "WPS"]),
    "DLL gone": (NO_DLL, CONF, "error", [DLL64, rf"{HOME}\Scripts", "--force-reinstall"]),
    "DLL of 32-bit Excel gone": ({"files": {EXCEL: program(0x014C)}, "gone": (rf"{HOME}\{DLL32}",)}, CONF, "error", [DLL32]),
    "32-bit Python": ({**NO_DLL, "build": "win32"}, CONF, "error", [DLL64, "win32", "python.org"]),
    "Python for ARM": ({**NO_DLL, "build": "win-arm64"}, CONF, "error", ["win-arm64", "python.org"]),
    "installed for the user": ({**NO_DLL, "files": {rf"C:\Users\li\AppData\Roaming\Python\{DLL64}": b""}}, CONF, "error", [DLL64, r"AppData\Roaming\Python"]),
    "path that the DLL call cannot take": ({"ansi": "cp1252", "executable": r"C:\张敏\Scripts\python.exe", "files": {r"C:\张敏\Scripts\python.exe": b"", rf"C:\张敏\{DLL64}": b""}}, {"INTERPRETER_WIN": r"C:\张敏\Scripts\python.exe"}, "error", ["张敏"]),
    "macros off": ({"registry": {(SECURITY, "VBAWarnings"): 4}}, CONF, "error", ["Trust Center", "Macro Settings"]),
    "signed macros only": ({"registry": {(SECURITY, "VBAWarnings"): 3}}, CONF, "error", ["Trust Center"]),
    "macros ask": ({"registry": {(SECURITY, "VBAWarnings"): None}}, CONF, "note", ["Enable Content"]),
    "policy on macros": ({"registry": {(POLICY + r"\Excel\Security", "vbawarnings"): 3}}, CONF, "error", ["IT", "VBA Macro Notification Settings"]),
    "policy from the cloud": ({"registry": {(r"HKCU\Software\Policies\Microsoft\Cloud\Office\16.0\Excel\Security", "vbawarnings"): 4}}, CONF, "error", ["IT"]),
    "policy against VBA": ({"registry": {(r"HKLM\Software\Policies\Microsoft\Office\16.0\Common", "vbaoff"): 1}}, CONF, "error", ["IT", "VBA"]),
    "settings of Office 2013": ({"registry": {(r"HKCR\Excel.Application\CurVer", ""): "Excel.Application.15", (r"HKCU\Software\Microsoft\Office\15.0\Excel\Security", "VBAWarnings"): 4}}, CONF, "error", ["Trust Center"]),
    "no interpreter": ({}, {"ADD_WORKBOOK_TO_PYTHONPATH": "False"}, "error", ["INTERPRETER_WIN", PYTHON]),
    "bare interpreter": ({}, {**CONF, "Interpreter_Win": "pythonw"}, "error", ["INTERPRETER_WIN", PYTHON]),
    "interpreter of another PC": ({}, {**CONF, "Interpreter_Win": r"D:\Python\python.exe"}, "error", [r"D:\Python\python.exe", PYTHON]),
    "another interpreter": ({"files": {r"D:\Python\python.exe": b"", rf"D:\Python\{DLL64}": b""}}, {**CONF, "Interpreter_Win": r"D:\Python\python.exe"}, "warning", [r'"D:\Python\python.exe" -m xl_kpi doctor']),
    "conda without activation": (IN_CONDA, {"INTERPRETER_WIN": IN_CONDA["executable"]}, "warning", ["numpy", rf"CONDA PATH = {CONDA}", "CONDA ENV = kpi"]),
    "conda at the wrong place": ({**IN_CONDA}, {**CONDA_CONF, "CONDA PATH": r"C:\conda"}, "error", [r"C:\conda\condabin\conda.bat"]),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_defect_is_found_and_its_mending_named(defect, lang):
    changes, conf, severity, words = DEFECTS[defect]

    found = findings(conf, machine=windows(**changes), lang=lang)

    errors = said(found)
    assert [s for s, _ in errors if s == severity], errors
    if lang == "en":
        text = next(text for s, text in errors if s == severity)
        missing = [word for word in words if word not in text]
        assert not missing, text
        own = re.sub("对账|张敏", "", text)
        assert not re.search("[\u3000-\u9fff]", own), text
    assert len([1 for s, _ in errors if s == severity]) == 1, errors  # said once


@pytest.mark.parametrize("value", [1, None])
def test_a_macro_that_runs_needs_no_word_on_macros(value):
    registry = {(SECURITY, "VBAWarnings"): value, (POLICY + r"\Excel\Security", "vbawarnings"): 4}

    assert findings(CONF, machine=windows(registry=registry, from_excel=True)) == []


def test_the_policy_counts_before_the_setting():
    registry = {(SECURITY, "VBAWarnings"): 4, (POLICY + r"\Excel\Security", "vbawarnings"): 1}

    assert findings(CONF, machine=windows(registry=registry)) == []


@pytest.mark.parametrize(
    ("processor", "platform", "dll"),
    [(0x8664, None, DLL64), (0x014C, None, DLL32), (0xAA64, None, DLL64),
     (0, "x86", DLL32), (0, "x64", DLL64), (0, None, DLL64)],
)  # fmt: skip
def test_the_dll_is_that_of_excel_not_of_python(processor, platform, dll):
    configuration = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
    machine = windows(
        files={EXCEL: program(processor)},
        registry={(configuration, "Platform"): platform},
        gone=(rf"{HOME}\{DLL64}", rf"{HOME}\{DLL32}"),
    )

    (problem,) = findings(CONF, machine=machine)

    assert problem.where == dll


@pytest.mark.parametrize("place", [rf"{HOME}\Scripts", HOME])
def test_the_dll_may_lie_where_the_vba_looks(place):
    """XLPyLoadDLL: beside the interpreter, then one folder up."""
    machine = windows(
        files={rf"{place}\{DLL64}": b""}, gone=(rf"{HOME}\{DLL64}",) if place != HOME else ()
    )

    assert findings(CONF, machine=machine) == []


def test_the_dll_is_looked_for_beside_the_interpreter_of_the_book():
    machine = windows(files={r"D:\Python\python.exe": b""})

    found = findings({**CONF, "Interpreter_Win": r"D:\Python\python.exe"}, machine=machine)

    assert any(p.severity == "error" and r"D:\Python" in p.what for p in found)


def test_settings_may_come_from_files_and_hold_variables():
    """GetConfig: the sheet, a file beside the book, a file of the user."""
    line = b'"INTERPRETER_WIN","%TOOLS%\\Scripts\\python.exe"\r\n"ADD_WORKBOOK_TO_PYTHONPATH","False"\r\n'
    environ = {"USERPROFILE": r"C:\Users\li", "Tools": HOME}

    beside = windows(files={r"D:\kpi\xlwings.conf": line}, environ=environ)
    users = windows(files={r"C:\Users\li\.xlwings\xlwings.conf": line}, environ=environ)

    assert findings({}, machine=beside, book=r"D:\kpi\十月.xlsm") == []
    assert findings({}, machine=users) == []
    assert findings({}, machine=windows(environ=environ))


def test_conda_settings_take_the_place_of_the_path():
    assert findings(CONDA_CONF, machine=windows(**IN_CONDA)) == []


@pytest.mark.parametrize(
    ("book", "variable"),
    [
        ("https://d.docs.live.net/7f/十月.xlsm", None),
        (r"C:\Users\li\OneDrive\十月.xlsm", ("OneDrive", r"C:\Users\li\OneDrive")),
        (r"C:\Users\li\公司\HR - Documents\十月.xlsm", ("OneDriveCommercial", r"C:\Users\li\OneDrive - 公司")),
    ],
)  # fmt: skip
def test_a_synchronised_book_is_told_unless_its_address_does_not_matter(book, variable):
    machine = windows(environ=dict([variable] if variable else []))
    plain = {"INTERPRETER_WIN": PYTHON}

    (problem,) = findings(plain, machine=machine, book=book)

    assert problem.severity == "warning"
    assert "ADD_WORKBOOK_TO_PYTHONPATH = False" in problem.fix
    assert findings(CONF, machine=machine, book=book) == []
    assert findings(plain, machine=machine, book=r"D:\kpi\十月.xlsm") == []


def test_on_a_mac_buttons_need_a_script_and_functions_do_not_exist():
    conf = {"INTERPRETER_MAC": "/opt/kpi/bin/python", "ADD_WORKBOOK_TO_PYTHONPATH": "False"}

    (note,) = findings(conf, machine=mac(), lang="en")
    assert note.severity == "note"
    assert "no KPI functions" in note.what

    error = findings(conf, machine=mac(files={"/opt/kpi/bin/python"}), lang="en")[0]
    assert error.severity == "error"
    assert "xlwings runpython install" in error.fix

    error = findings(conf, machine=mac(bridge=False))[0]
    assert "appscript" in error.fix

    error = findings({"INTERPRETER_WIN": PYTHON}, machine=mac())[0]
    assert "INTERPRETER_MAC" in error.fix

    home = {"INTERPRETER_MAC": "$HOME/kpi/bin/python", "ADD_WORKBOOK_TO_PYTHONPATH": "False"}
    machine = mac(
        files={"/Users/li/kpi/bin/python", "/Users/li/Library/Application Scripts/"
               f"com.microsoft.Excel/xlwings-{VERSION}.applescript"},
        executable="/Users/li/kpi/bin/python",
    )  # fmt: skip
    assert [p.severity for p in findings(home, machine=machine)] == ["note"]


def test_on_linux_the_command_line_works_and_no_more_is_asked():
    (note,) = findings({}, machine=linux(xlwings=None, bridge=False), lang="en")

    assert note.severity == "note"
    assert "command line works" in note.what


# --- books -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The macros that xlwings ships for books that stand alone."""
    path = tmp_path_factory.mktemp("vba") / "vbaProject.bin"
    with zipfile.ZipFile(XLWINGS / "quickstart_standalone.xlsm") as archive:
        path.write_bytes(archive.read("xl/vbaProject.bin"))
    return path


@pytest.fixture
def make_book(tmp_path, project):
    def make(name="十月.xlsm", conf=CONF, sheet="xlwings.conf", macros=project):
        path = tmp_path / name
        book = xlsxwriter.Workbook(path)
        book.add_worksheet("首页")
        if conf is not None:
            worksheet = book.add_worksheet(sheet)
            for row, pair in enumerate(conf.items()):
                worksheet.write_row(row, 0, pair)
            worksheet.write_row(len(conf) + 1, 0, ["INTERPRETER_WIN", "after a gap"])
        if macros is not None:
            book.add_vba_project(str(macros))
        book.close()
        return path

    return make


def without_notes(problems):
    return [p for p in problems if p.severity != "note"]


def test_a_sound_book_gives_no_finding(make_book):
    assert examine(str(make_book()), machine=windows()) == []


def test_a_book_without_macros(make_book):
    (problem,) = examine(str(make_book("十月.xlsx", macros=None)), machine=windows())
    assert "xl-kpi new" in problem.fix
    assert problem.severity == "error"

    (problem,) = examine(str(make_book(macros=None)), machine=windows(), lang="en")
    assert "macros are gone" in problem.what


def test_a_book_with_the_macros_of_others(make_book, tmp_path):
    theirs = tmp_path / "theirs.bin"
    with zipfile.ZipFile(XLWINGS / "quickstart.xlsm") as archive:  # refers to the add-in
        theirs.write_bytes(archive.read("xl/vbaProject.bin"))
    (problem,) = examine(str(make_book(macros=theirs)), machine=windows(), lang="en")
    assert "not those of xl_kpi" in problem.what

    theirs.write_bytes(b"no project")
    (problem,) = examine(str(make_book(macros=theirs)), machine=windows(), lang="en")
    assert "cannot be read" in problem.what


def test_a_book_with_the_macros_of_another_version(make_book):
    machine = windows(
        xlwings="0.38.0", xlwings_wanted="0.38.0", files={rf"{HOME}\xlwings64-0.38.0.dll": b""}
    )

    (problem,) = examine(str(make_book()), machine=machine)

    assert "0.37.8" in problem.what
    assert "0.38.0" in problem.what
    assert "pip install xlwings==0.37.8" in problem.fix


def test_a_book_without_its_settings(make_book):
    (problem,) = examine(str(make_book(conf=None)), machine=windows())
    assert PYTHON in problem.fix

    (problem,) = examine(str(make_book(sheet="_xlwings.conf")), machine=windows())
    assert "改名为 xlwings.conf" in problem.fix


def test_settings_end_at_the_first_gap(make_book):
    """GetConfigFromSheet goes down from A1 to the last cell before a blank one."""
    (problem,) = examine(
        str(make_book(conf={"ADD_WORKBOOK_TO_PYTHONPATH": "False"})), machine=windows()
    )

    assert "INTERPRETER_WIN" in problem.what


MARK = b"[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://mail.example.com/\r\n"


def test_a_book_from_the_internet_is_blocked_unless_its_place_is_trusted(make_book):
    path = make_book()
    files = {f"{path}:Zone.Identifier": MARK}
    folder = str(PureWindowsPath(str(path.parent)))
    location = SECURITY + r"\Trusted Locations\Location3"

    (problem,) = examine(str(path), machine=windows(files=files), lang="en")
    assert problem.severity == "error"
    assert "Unblock" in problem.fix

    local = {f"{path}:Zone.Identifier": MARK.replace(b"=3", b"=0")}
    assert examine(str(path), machine=windows(files=local)) == []

    for value, expected in ((0, 0), (1, 1)):
        policy = {(POLICY + r"\Excel\Security", "blockcontentexecutionfrominternet"): value}
        assert len(examine(str(path), machine=windows(files=files, registry=policy))) == expected

    trusted = {(location, "Path"): folder + "\\"}
    assert examine(str(path), machine=windows(files=files, registry=trusted)) == []

    above = {(location, "Path"): str(PureWindowsPath(folder).parent)}
    assert len(examine(str(path), machine=windows(files=files, registry=above))) == 1
    above[location, "AllowSubFolders"] = 1
    assert examine(str(path), machine=windows(files=files, registry=above)) == []


def test_a_book_that_is_open_or_cannot_be_written(make_book):
    path = make_book()
    lock = path.with_name(f"~${path.name}")
    lock.write_bytes(b"")
    (problem,) = examine(str(path), machine=windows())
    assert problem.severity == "warning"
    assert lock.name in problem.fix
    lock.unlink()

    (problem,) = examine(
        str(path), machine=windows(can_write=lambda folder: folder != str(path.parent))
    )
    assert problem.severity == "error"

    path.chmod(0o444)
    (problem,) = examine(str(path), machine=windows(), lang="en")
    assert "read-only" in problem.what


def test_a_path_too_long_for_excel(tmp_path, make_book):
    path = make_book()
    folder = path.parent / ("长" * 40) / ("x" * 120)
    folder.mkdir(parents=True)
    long = path.rename(folder / path.name)
    assert len(str(long)) > 218

    (problem,) = examine(str(long), machine=windows())

    assert "218" in problem.what


def test_what_is_no_book_is_said_beside_the_pc(tmp_path):
    missing = examine(str(tmp_path / "没有.xlsm"), machine=windows(bridge=False))
    address = examine("https://d.docs.live.net/7f/十月.xlsm", machine=windows())

    assert "找不到这个文件" in missing[0].what
    assert "pywin32" in missing[1].fix
    assert "网址" in address[0].what


def test_on_linux_a_book_without_macros_stands_in_nobodys_way(make_book):
    found = examine(str(make_book("十月.xlsx", macros=None)), machine=linux())

    assert [p.severity for p in found] == ["note", "note"]
    broken = examine(
        str(make_book("十月.xlsx", macros=None)), machine=linux(can_write=lambda _: False)
    )
    assert broken[0].severity == "error"


# --- the real machine ------------------------------------------------------------------------


def test_the_description_of_this_machine(tmp_path):
    machine = this_machine()

    assert machine.executable == sys.executable
    assert machine.xlwings == machine.xlwings_wanted == VERSION
    assert machine.broken == {}
    assert not machine.from_excel
    assert machine.exists(__file__)
    assert machine.read(__file__, 5) == b'"""Wh'
    assert not machine.exists(__file__ + ":Zone.Identifier")
    assert machine.can_write(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert not machine.can_write("/nowhere/at/all")
    assert machine.registry(APP_PATH, "") is None


def test_the_registry_is_read_in_both_views(monkeypatch):
    """A stand-in for winreg with the names that the module uses."""
    values = {(1, "SOFTWARE\\A", 0x100): "64", (1, "SOFTWARE\\B", 0x200): "32"}

    class Key:
        def __init__(self, root, path, _reserved, access):
            self.value = values.get((root, path, access & 0x300))
            if self.value is None:
                raise FileNotFoundError(path)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    winreg = types.ModuleType("winreg")
    vars(winreg).update(
        HKEY_CURRENT_USER=2, HKEY_LOCAL_MACHINE=1, HKEY_CLASSES_ROOT=3, KEY_READ=1,
        KEY_WOW64_64KEY=0x100, KEY_WOW64_32KEY=0x200, OpenKey=Key,
        QueryValueEx=lambda key, name: (key.value + name, 1),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    registry = this_machine().registry
    monkeypatch.setattr(sys, "platform", "win32")

    assert registry("HKLM\\SOFTWARE\\A", "!") == "64!"
    assert registry("HKLM\\SOFTWARE\\B", "!") == "32!"
    assert registry("HKCU\\SOFTWARE\\A", "!") is None


@pytest.mark.parametrize("file", ["quickstart_standalone.xlsm", "addin/xlwings.xlam"])
def test_the_version_is_read_from_real_projects(file):
    with zipfile.ZipFile(XLWINGS / file) as archive:
        project = archive.read("xl/vbaProject.bin")

    assert xlwings_version(project) == VERSION


def test_the_text_of_a_module_comes_out_whole(project):
    shipped = (XLWINGS / "xlwings.bas").read_text(encoding="utf-8").replace("\r\n", "\n")
    body = shipped.partition("\n")[2].strip()

    texts = [text.replace("\r\n", "\n") for text in module_texts(project.read_bytes())]

    assert any(body in text for text in texts)


@pytest.mark.parametrize("cut", [0, 10, 600, 5000])
def test_a_damaged_project_does_not_break_the_doctor(project, cut, make_book, tmp_path):
    damaged = tmp_path / "damaged.bin"
    content = bytearray(project.read_bytes()[: -cut or None])
    for position in range(600, len(content), 97):
        content[position] ^= 0xFF
    damaged.write_bytes(content)

    found = examine(str(make_book(macros=damaged)), machine=windows())

    assert found[0].severity == "error"


# --- the command -----------------------------------------------------------------------------


def test_the_command_says_and_returns_whether_something_stands_in_the_way(
    make_book, monkeypatch, capsys
):
    import json

    well, ill = windows(), windows(bridge=False)
    book = str(make_book())
    monkeypatch.setattr("xl_kpi.excel.doctor_book.this_machine", lambda: well)
    assert main(["doctor", book]) == 0
    assert "没有发现妨碍使用的问题" in capsys.readouterr().out
    assert main(["doctor", "--lang", "en", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ready": True, "problems": []}

    monkeypatch.setattr("xl_kpi.excel.doctor_book.this_machine", lambda: ill)
    assert main(["doctor", book, "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("[Error] Python")
    assert "Problems to mend first: 1." in out
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ready"] is False
    assert set(told["problems"][0]) == {"severity", "where", "what", "fix"}


def test_the_doctor_loads_nothing_large():
    """It must speak where numpy cannot be loaded."""
    import subprocess

    code = (
        "import sys; sys.modules['numpy'] = None; sys.modules['pandas'] = None\n"
        "from xl_kpi.cli import main; code = main(['doctor']); sys.exit(0 if code == 1 else 9)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert "numpy" in run.stdout
