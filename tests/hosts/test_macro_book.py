"""The book with macros: what readers of VBA find in it, and its buttons pressed in LibreOffice."""

import html
import json
import re
import subprocess
import warnings
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import pyvbaanalysis
import vbalidator
from openxml_audit import OpenXmlValidator
from pyopenvba import check_file

from xl_kpi.excel import macro_book
from xl_kpi.excel.buttons import BUTTONS
from xl_kpi.excel.function_texts import wizard_rows
from xl_kpi.excel.layout import WITH_MACROS, sheets, template_file
from xl_kpi.excel.template import build_template

BOOKS = [template_file(lang, WITH_MACROS) for lang in ("zh", "en")]
ids = pytest.mark.parametrize("book", BOOKS, ids=["zh", "en"])

# Stand-ins for the two modules that LibreOffice cannot compile: they note what they are asked.
RECORDER = """Attribute VB_Name = "xlwings"
Option Explicit
Public Function RunPython(PythonCommand As String)
    Dim Sheet As Object
    Set Sheet = ThisWorkbook.Worksheets("xlwings.conf")
    Sheet.Range("D1").Value = Sheet.Range("D1").Value & PythonCommand & vbLf
End Function
Public Function XLPy() As Object
End Function
"""
NOTHING = "Attribute VB_Name = \"Dictionary\"\nOption Explicit\n"
# Two rows as Python gives them, one of them an error, passed through ``KpiResult`` as a cell's.
ERRORS = """Attribute VB_Name = "KpiTry"
Option Explicit
Public Sub KpiTryErrors()
    Dim Rows(1, 0) As Variant, Sheet As Object, Result As Variant, Mark As String
    Set Sheet = ThisWorkbook.Worksheets("xlwings.conf")
    Mark = ChrW(&HE001)
    Rows(0, 0) = 0.5
    Rows(1, 0) = Mark & "#N/A" & Mark & "whole is zero"
    Result = KpiResult(Rows, Sheet.Range("F1"))
    Sheet.Range("F1").Value = Result(0, 0)
    Sheet.Range("F2").Value = Result(1, 0)
    Sheet.Range("G1").Value = KpiReasonOf(Sheet.Range("F1"))
    Sheet.Range("G2").Value = KpiReasonOf(Sheet.Range("F2"))
    Sheet.Range("H2").Value = IsError(Result(1, 0))
    Rows(1, 0) = 0.25
    Result = KpiResult(Rows, Sheet.Range("F1"))
    Sheet.Range("F2").Value = Result(1, 0)
    Sheet.Range("G3").Value = KpiReasonOf(Sheet.Range("F2"))
    Sheet.Range("F4").Value = KpiFailed("Traceback" & vbLf & "ValueError: no", Sheet.Range("F4"))
    Sheet.Range("G4").Value = KpiReasonOf(Sheet.Range("F4"))
End Sub
"""


def olevba(book):
    """The source of each module, by name, as olevba reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # olevba's own parser uses old names
        from oletools.olevba import VBA_Parser

        parser = VBA_Parser(str(book))
        found = {Path(name).stem: code for _, _, name, code in parser.extract_macros()}
        parser.close()
    return found


def parts(book):
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- what stands in it ---------------------------------------------------------------------------


@ids
def test_every_module_is_there_with_its_source(book):
    found = olevba(book)
    for name, source in macro_book.sources().items():
        body = [line for line in source.splitlines() if not line.startswith("Attribute VB_")]
        lines = [line.rstrip() for line in found[name].splitlines()]
        kept = [line.rstrip() for line in body if line.strip() and not line.startswith("VERSION")]
        assert set(kept) - {"BEGIN", "END", "  MultiUse = -1  'True"} <= set(lines), name
    assert "KpiRegisterTexts" in found["ThisWorkbook"]


@ids
def test_our_macros_are_ascii(book):
    for name in macro_book.MODULES:
        (macro_book.vba_folder() / f"{name}.bas").read_text(encoding="ascii")


@ids
def test_the_container_and_the_source_are_sound(book):
    report = check_file(book)
    assert report.complete
    assert not report.issues
    found = pyvbaanalysis.analyze_workbook(str(book))
    assert {*macro_book.MODULES, "ThisWorkbook"} <= set(found)
    assert [d for name in (*macro_book.MODULES, "ThisWorkbook") for d in found[name]] == []


def test_our_modules_are_valid_vba(tmp_path):
    for name, source in macro_book.sources().items():
        suffix = "cls" if name == macro_book.CLASS else "bas"
        (tmp_path / f"{name}.{suffix}").write_text(source, encoding="utf-8")
    result = vbalidator.precheck(tmp_path, host="excel")
    ours = {f"{name}.bas" for name in macro_book.MODULES}
    assert result.files_scanned == len(ours) + 2
    assert [i for i in result.issues if Path(i["file"]).name in ours] == []


@ids
def test_the_package_has_no_fault(book):
    result = OpenXmlValidator().validate(str(book))
    assert [str(error) for error in result.errors] == []


@ids
def test_code_names_match_the_modules(book):
    content = parts(book)
    workbook = content["xl/workbook.xml"].decode()
    assert re.search(r'<workbookPr[^>]*codeName="ThisWorkbook"', workbook)
    sheets = [n for n in content if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)]
    names = {re.search(rb'<sheetPr[^>]*codeName="(\w+)"', content[n])[1].decode() for n in sheets}
    modules = olevba(book)
    assert len(names) == len(sheets)
    assert names == {m for m in modules if re.fullmatch(r"Sheet\d+", m)}


@ids
def test_the_ribbon_calls_a_sub_for_each_action(book):
    content = parts(book)
    root = ElementTree.fromstring(content[macro_book.RIBBON_PART])
    buttons = [e for e in root.iter() if e.tag.endswith("}button")]
    source = (macro_book.vba_folder() / "KpiRibbon.bas").read_text(encoding="ascii")
    assert [b.get("onAction") for b in buttons] == [b.callback for b in BUTTONS]
    assert all(f"Sub {b.get('onAction')}(control As Object)" in source for b in buttons)
    assert all(b.get("imageMso") and b.get("screentip") and b.get("supertip") for b in buttons)
    assert all(b.get("enabled") is None for b in buttons)
    assert b"customUI/customUI14.xml" in content["_rels/.rels"]


@ids
def test_libreoffice_renders_every_sheet(book, tmp_path):
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(book)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    pdf = tmp_path / f"{book.stem}.pdf"
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True)
    pages = text.stdout.decode("utf-8").split("\f")
    lang = "en" if ".en." in book.name else "zh"
    for sheet in sheets(macros=True):
        if sheet.key != "reconcile" and not sheet.hidden:  # empty before the first run: nothing to print but its title
            title = sheet.title[lang == "en"]
            assert any(title in page[:400] for page in pages), title
    assert "###" not in text.stdout.decode("utf-8")
    assert "kpi_texts" not in text.stdout.decode("utf-8")  # hidden sheets stay hidden


# --- buttons and macros in LibreOffice --------------------------------------------------------


@pytest.fixture(scope="module")
def variant(tmp_path_factory):
    """The book with stand-ins for what LibreOffice cannot compile."""
    shipped = macro_book.sources
    book = tmp_path_factory.mktemp("macros") / "variant.xlsm"
    with pytest.MonkeyPatch.context() as patch:
        changed = {**shipped(), "xlwings": RECORDER, "KpiTry": ERRORS}
        del changed[macro_book.CLASS]
        patch.setattr(macro_book, "sources", lambda: changed)
        build_template(book, "zh")
    return book


def office(book, *commands):
    script = Path(__file__).parent / "lo_macros.py"
    python = "/usr/bin/python3"  # the one that LibreOffice's module is for
    done = subprocess.run(
        [python, str(script), str(book), json.dumps(commands)],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def command(button):
    return f"from xl_kpi.excel import macros; macros.{button.function}()"


def test_each_button_and_callback_reaches_its_python_function(variant):
    captions, *_, text = office(
        variant,
        ["buttons"],
        *(["press", button.label[0]] for button in BUTTONS),
        *(["call", f"KpiMacros.{button.macro}"] for button in BUTTONS),
        *(["call", f"KpiRibbon.{button.callback}"] for button in BUTTONS),
        ["cell", "xlwings.conf", "D1"],
    )
    assert captions == [button.label[0] for button in BUTTONS]
    wanted = [command(button) for button in [*BUTTONS] * 3]
    assert html.unescape(text).strip().splitlines() == wanted


def test_errors_become_error_values_and_keep_their_reasons(variant):
    _, *cells = office(
        variant,
        ["call", "KpiTry.KpiTryErrors"],
        *(["cell", "xlwings.conf", cell] for cell in ("F1", "F2", "G1", "G2", "H2", "G3", "G4")),
    )
    first, last, no_reason, reason, is_error, gone, failed = cells
    assert float(first) == 0.5
    assert float(last) == 0.25
    assert no_reason == ""
    assert reason == "whole is zero"
    assert is_error.upper() in ("TRUE", "WAHR", "1", "-1")
    assert gone == ""
    assert failed == "ValueError: no"


def test_words_for_people_come_from_the_hidden_sheet(variant):
    text, _ = office(
        variant, ["call", "KpiTexts.KpiRegisterTexts"], ["cell", "kpi_texts", "A2"]
    )[:2]
    assert text is not None
    rows = office(variant, *(["cell", "kpi_texts", f"A{n}"] for n in range(2, 6)))
    assert rows == [name for name, *_ in wizard_rows()][:4]
