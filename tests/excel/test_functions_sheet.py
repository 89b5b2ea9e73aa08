"""The book with macros: 函数 with its live examples, a run on it, the Python it calls."""

import sys
import zipfile

import openpyxl
import pytest

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.cli import main
from xl_kpi.excel.engine import Engine
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.layout import HEADER_ROW, WITH_MACROS, template_file
from xl_kpi.excel.new import new_book, use_interpreter
from xl_kpi.excel.run import run_book
from xl_kpi.sample import sample_tables
from xl_kpi.tables import CellError

SHEETS = {"zh": ("函数", "相符", "不符", "未启用"), "en": ("Functions", "OK", "wrong", "off")}


def examples(lang):
    book = openpyxl.load_workbook(template_file(lang, WITH_MACROS), keep_vba=True)
    sheet = book[SHEETS[lang][0]]
    return [
        [cell.value for cell in row]
        for row in sheet.iter_rows(min_row=HEADER_ROW + 1, max_col=7)
        if row[0].value
    ]


@pytest.mark.parametrize("lang", SHEETS)
def test_every_example_gives_what_stands_beside_it(lang):
    _, right, wrong, off = SHEETS[lang]
    engine, rows = Engine(), examples(lang)
    assert [row[0] for row in rows] == sorted(FUNCTIONS)
    for number, (_, _, _, shown, formula, expected, check) in enumerate(rows, HEADER_ROW + 1):
        assert shown == formula
        engine.put("S", f"E{number}", formula)
        engine.put("S", f"F{number}", expected)
        engine.put("S", f"G{number}", check)
        # Another expectation must turn the light red, and a broken function must not look right.
        other = expected + 0.01 if isinstance(expected, float | int) else f"{expected}!"
        engine.put("T", f"E{number}", formula)
        engine.put("T", f"F{number}", other)
        engine.put("T", f"G{number}", check)
        engine.put("U", f"E{number}", "=1/0")
        engine.put("U", f"F{number}", expected)
        engine.put("U", f"G{number}", check)
    engine.calculate()
    for number, row in enumerate(rows, HEADER_ROW + 1):
        value = engine.value("S", f"E{number}")
        assert not isinstance(value, CellError), row
        want = pytest.approx(row[5], rel=1e-9) if isinstance(row[5], float | int) else row[5]
        assert value == want, row
        lights = [engine.value(sheet, f"G{number}") for sheet in "STU"]
        assert lights == [right, wrong, off], row


def test_an_expectation_is_the_rule_book_s_and_not_the_program_s():
    by_function = {row[0]: row[5] for row in examples("zh")}
    # docs of the policies: 003 (department, tiers, X), 002 (grade pay), 000 (response target)
    assert by_function["KPI_DEPT_COEF"] == 0.00185885
    assert by_function["KPI_DEPT_BONUS"] == 929.68
    assert by_function["KPI_BONUS_POOL"] == pytest.approx(1129.81266006)
    assert by_function["KPI_GRADE_PAY"] == 2600
    assert by_function["KPI_COMMISSION"] == 1875
    assert by_function["KPI_GRADE"] == "A"


def test_a_run_leaves_macros_ribbon_and_buttons_byte_for_byte(tmp_path):
    book = new_book(tmp_path / "十月.xlsm", "zh", {"period": "2026-10", "scheme": "S01"})
    fill_tables(book, sample_tables("2026-10"), "zh")
    before = parts(book)
    run_book(book, backup=False)
    after = parts(book)
    kept = [n for n in before if "vba" in n or "customUI" in n or "drawing" in n or "ctrlProp" in n]
    assert {"xl/vbaProject.bin", "customUI/customUI14.xml"} <= set(kept)
    assert {n: after[n] for n in kept} == {n: before[n] for n in kept}
    codes = [content.count(b"codeName=") for content in (before["xl/workbook.xml"], after["xl/workbook.xml"])]
    assert codes == [1, 1]


def test_the_sheets_that_a_run_replaces_keep_their_code_names(tmp_path):
    book = new_book(tmp_path / "十月.xlsm", "zh", {"period": "2026-10", "scheme": "S01"})
    fill_tables(book, sample_tables("2026-10"), "zh")
    before = code_names(book)
    run_book(book, backup=False)
    assert before <= code_names(book)


def test_the_book_calls_the_python_that_made_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    path = tmp_path / "十月.xlsm"
    assert main(["new", str(path), "--scheme", "S06"]) == 0
    assert config(path)["Interpreter_Win"] == sys.executable
    use_interpreter(path, r"C:\王芳\venv\Scripts\python.exe", "win32")
    assert config(path)["Interpreter_Win"] == r"C:\王芳\venv\Scripts\pythonw.exe"
    use_interpreter(path, "/Users/li/venv/bin/python", "darwin")
    assert config(path)["Interpreter_Mac"] == "/Users/li/venv/bin/python"
    assert config(path)["UDF Modules"] == "xl_kpi.excel.functions"


def parts(book):
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def code_names(book):
    return {
        content.partition(b'codeName="')[2].partition(b'"')[0]
        for name, content in parts(book).items()
        if name.startswith("xl/worksheets/") and b'codeName="' in content
    }


def config(book):
    sheet = openpyxl.load_workbook(book, keep_vba=True)["xlwings.conf"]
    return dict(sheet.iter_rows(max_col=2, values_only=True))
