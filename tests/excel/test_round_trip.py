"""A user's book with everything in it goes through ``xl-kpi run`` and comes out unharmed."""

import re
import shutil
import subprocess
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path, PurePosixPath

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openxml_audit import FileFormat, OpenXmlValidator
from python_calamine import CalamineWorkbook
from user_books import MAIN, OWN, RESULTS, Parts, saved_by_excel, sheet_parts, user_book

from xl_kpi.cli import main
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.package import open_package
from xl_kpi.sample import sample_tables

RESULT_TABLES = ["kpi_result_people", "kpi_result_sums", "kpi_result_departments", "kpi_result_weeks", "kpi_trace",
                 "kpi_checks", "kpi_true_ups", "kpi_status", "kpi_board_people", "kpi_board_grades",
                 "kpi_board_months", "kpi_board_rates", "kpi_board_pools", "kpi_board_shops"]  # fmt: skip
CHAIN = {"xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
WORKBOOK = "xl/workbook.xml"

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl's


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The user's book before anything was calculated."""
    return user_book(tmp_path_factory.mktemp("user") / "十月.xlsm")


@pytest.fixture(scope="module")
def calculated(filled, tmp_path_factory):
    """The same after a run."""
    path = Path(shutil.copy(filled, tmp_path_factory.mktemp("run") / filled.name))
    assert main(["run", str(path)]) == 0
    return path


@pytest.fixture
def saved(calculated, tmp_path):
    """The same after Excel saved it."""
    return saved_by_excel(Path(shutil.copy(calculated, tmp_path / calculated.name)))


def run(path):
    """One run; the parts before and after."""
    before = Parts.of(path)
    assert main(["run", str(path)]) == 0
    return before, Parts.of(path)


def changed(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def own_parts(path):
    """The parts that a run may touch: result sheets with their tables, charts of 看板, 对账."""
    with open_package(path) as package:
        drawings = package.relationships(package.sheets["看板"]).values()
        charts = {
            chart.target
            for drawing in drawings if drawing.kind == "drawing"
            for chart in package.relationships(drawing.target).values()
        }  # fmt: skip
        tables = [package.tables[name] for name in RESULT_TABLES]
        ours = {part for tab, part in package.sheets.items() if tab.startswith("对账")}
    return {t.part for t in tables} | {t.sheet_part for t in tables} | charts | ours


def audited(path):
    result = OpenXmlValidator(FileFormat.MICROSOFT_365).validate(path)
    return [str(error) for error in result.errors]


def cells(part):
    """The cells of a sheet by address, as written."""
    return {
        cell.get("r"): ET.tostring(cell, encoding="unicode")
        for cell in ET.fromstring(part).iter(f"{{{MAIN}}}c")
    }


def around(part):
    """A sheet without its cells and without what depends on how many rows there are."""
    head, _, rest = part.decode().partition("<sheetData>")
    return re.sub(r'<dimension ref="[^"]*"/>', "", head), rest.partition("</sheetData>")[2]


# --- what stays ------------------------------------------------------------------------------


def test_the_book_is_what_excel_would_open(filled):
    """Else the rest of this file would prove nothing."""
    parts = Parts.of(filled)
    wanted = [
        "customUI/customUI14.xml", "customXml/itemProps1.xml", "docProps/custom.xml",
        "xl/vbaProject.bin", "xl/calcChain.xml", "xl/metadata.xml", "xl/sharedStrings.xml",
        "xl/externalLinks/externalLink1.xml", "xl/persons/person.xml",
        "xl/threadedComments/threadedComment1.xml", "xl/slicers/slicer2.xml",
        "xl/slicerCaches/slicerCache2.xml", "xl/media/image1.png", "xl/chartsheets/sheet1.xml",
        "xl/charts/chart3.xml", "xl/comments2.xml", "xl/printerSettings/printerSettings2.bin",
        "xl/featurePropertyBag/featurePropertyBag.xml",
    ]  # fmt: skip
    assert [name for name in wanted if name not in parts] == []
    own = parts.text(parts.sheet(OWN))
    for mark in ('t="shared"', 't="array"', ' cm="1"', "x14:sparkline>", "x14:cfRule",
                 "x14:dataValidation ", "x14:slicer ", "<legacyDrawing", "<mergeCell ",
                 "[1]九月!A1", "<pageSetup"):  # fmt: skip
        assert mark in own, mark
    assert audited(filled) == []
    assert_references(parts)


def test_a_first_run_adds_its_sheets_and_leaves_all_else(filled, calculated):
    before, after = Parts.of(filled), Parts.of(calculated)

    known = own_parts(calculated) | CHAIN | {WORKBOOK, "xl/styles.xml"}
    assert changed(before, after) <= known
    assert before.keys() - after.keys() == {"xl/calcChain.xml"}

    was, now = (ET.fromstring(p["xl/styles.xml"]) for p in (before, after))
    for group in (
        "numFmts",
        "fonts",
        "fills",
        "borders",
        "cellStyleXfs",
        "cellXfs",
        "cellStyles",
        "dxfs",
    ):
        old, new = ([ET.tostring(x) for x in r.find(f"{{{MAIN}}}{group}")] for r in (was, now))
        assert new[: len(old)] == old, group

    assert user_part_of_workbook(after) == user_part_of_workbook(before)
    links = [
        set(re.findall("<Relationship [^>]*>", p.text("xl/_rels/workbook.xml.rels")))
        for p in (before, after)
    ]
    assert all("calcChain" in link for link in links[0] - links[1])
    types = [
        set(re.findall("<(?:Override|Default) [^>]*>", p.text("[Content_Types].xml")))
        for p in (before, after)
    ]
    assert all("calcChain" in kind for kind in types[0] - types[1])
    assert (calculated.parent / "十月.备份.xlsm").read_bytes() == filled.read_bytes()


def user_part_of_workbook(parts):
    """Sheets and names of the user's, with the tab a local name belongs to; the rest as text."""
    root = ET.fromstring(parts[WORKBOOK])
    tabs = [sheet.get("name") for sheet in root.iter(f"{{{MAIN}}}sheet")]
    names = set()
    for name in root.iter(f"{{{MAIN}}}definedName"):
        local = name.get("localSheetId")
        owner = tabs[int(local)] if local else None
        if owner is None or not owner.startswith("对账"):
            names.add((name.get("name"), owner, name.text, name.get("hidden")))
    text = parts.text(WORKBOOK)
    for group in ("sheets", "definedNames"):
        text = re.sub(f"<{group}>.*</{group}>", "", text)
    text = re.sub(r"<calcPr[^>]*>| (?:activeTab|firstSheet)=\"\d+\"", "", text)
    active = root.find(f".//{{{MAIN}}}workbookView").get("activeTab", "0")
    return [tab for tab in tabs if not tab.startswith("对账")], names, text, tabs[int(active)]


def test_a_book_that_excel_saved_changes_in_its_results_alone(saved):
    before, after = run(saved)

    assert changed(before, after) <= own_parts(saved) | CHAIN | {WORKBOOK}
    calculation = r"<calcPr[^>]*>"
    without = [re.sub(calculation, "", p.text(WORKBOOK)) for p in (before, after)]
    assert without[0] == without[1]
    assert 'fullCalcOnLoad="1"' in re.search(calculation, after.text(WORKBOOK))[0]
    for name in CHAIN - {"xl/calcChain.xml"}:
        lines = [re.findall("<[^>]+>", p.text(name)) for p in (before, after)]
        gone = [line for line in lines[0] if line not in lines[1]]
        assert lines[1] == [line for line in lines[0] if line not in gone]
        assert all("calcChain" in line for line in gone)
    for tab in ("首页", RESULTS, "部门合计", "部门结果", "周积分", "追溯", "检查"):
        part = before.sheet(tab)
        assert around(before[part]) == around(after[part]), tab
    shown = cells_of_users(before), cells_of_users(after)
    assert shown[0] == shown[1]
    assert "CL15" in shown[0]


def cells_of_users(parts):
    """HR's own cells on the sheet of results, which lie right of the table."""
    return {
        a: c for a, c in cells(parts[parts.sheet(RESULTS)]).items() if len(a) > 3 and a[:2] > "CI"
    }


@pytest.mark.parametrize("stage", ["calculated", "saved"])
def test_a_second_run_changes_no_byte(stage, request, tmp_path):
    path = Path(shutil.copy(request.getfixturevalue(stage), tmp_path / "again.xlsm"))
    run(path)
    first, kept = path.read_bytes(), path.with_name("again.备份.xlsm")
    kept.unlink(missing_ok=True)

    before, after = run(path)

    assert before == after
    assert path.read_bytes() == first
    assert not kept.exists()  # nothing was replaced, so nothing was kept


# --- more people, fewer people ---------------------------------------------------------------


@pytest.mark.parametrize(("team", "saved_between"), [((25, 6, 10), False), ((14, 8), True)])
def test_tables_grow_and_shrink_with_the_team(
    calculated, tmp_path, assert_sound, team, saved_between
):
    path = Path(shutil.copy(calculated, tmp_path / "team.xlsm"))
    ten = Parts.of(path)
    sizes = {}
    for people in team:
        if saved_between:
            saved_by_excel(path)
        fill_tables(path, sample_tables("2026-10", people), "zh")
        assert_references(Parts.of(path))
        before, after = run(path)
        assert changed(before, after) <= own_parts(path) | CHAIN | {WORKBOOK}
        assert_sound(path)
        assert_references(after)
        with open_package(path) as package:
            tables = {n: package.tables[n] for n in RESULT_TABLES}
        for table in tables.values():
            root = ET.fromstring(after[table.part])
            filtered = root.find(f"{{{MAIN}}}autoFilter")
            assert filtered is None or filtered.get("ref") == root.get("ref")
        area = tables["kpi_result_people"].area
        assert (area.first_row, area.last_row) == (5, 5 + people)
        sheet = after.text(after.sheet(RESULTS))
        assert f'<conditionalFormatting sqref="B6:B{5 + people}">' in sheet
        assert f"<xm:sqref>G6:G{5 + people}</xm:sqref>" in sheet
        assert sheet.count("<xm:sqref>CL6:CL15</xm:sqref>") == 1
        assert "<xm:sqref>CM6</xm:sqref>" in sheet
        assert cells_of_users(after).keys() == cells_of_users(ten).keys()
        shown = {row[0] for row in body(path, "kpi_result_people")}
        assert len(shown) == people
        below = {a for a in cells(after[after.sheet(RESULTS)])
                 if re.fullmatch(r"[A-H]\d+", a) and int(a[1:]) > 5 + people}  # fmt: skip
        assert not below
        sizes[people] = {n: t.area for n, t in tables.items()}
    if not saved_between:
        with open_package(calculated) as package:
            assert sizes[10] == {n: package.tables[n].area for n in RESULT_TABLES}
        for part in own_parts(path):
            assert without_extent(after[part]) == without_extent(ten[part]), part


def without_extent(part):
    """A part but for the extent a sheet states, which is the largest it ever had."""
    return re.sub(rb'<dimension ref="[^"]*"/>', b"", part)


def body(path, table):
    book = CalamineWorkbook.from_path(str(path), load_tables=True)
    return book.get_table_by_name(table).to_python()


# --- indices ---------------------------------------------------------------------------------


def test_a_typed_over_result_is_mended_and_nothing_else(calculated, tmp_path):
    path = Path(shutil.copy(calculated, tmp_path / "typed.xlsm"))
    parts = Parts.of(path)
    sheet = parts.sheet(RESULTS)
    mended = parts[sheet]
    typed = re.sub(rb'(<c r="H7"[^>]*)><v>[^<]*</v>', rb"\1><v>123456</v>", mended)
    assert typed != mended
    parts[sheet] = typed
    parts.write(path)

    before, after = run(path)

    assert changed(before, after) == {sheet}
    assert after[sheet] == mended


def assert_references(parts):
    """Every number by which one part names something in another is valid."""
    strings = ET.fromstring(parts["xl/sharedStrings.xml"])
    count = len(strings.findall(f"{{{MAIN}}}si"))
    assert int(strings.get("uniqueCount")) == count
    formats = len(ET.fromstring(parts["xl/styles.xml"]).find(f"{{{MAIN}}}cellXfs"))
    metadata = len(ET.fromstring(parts["xl/metadata.xml"]).find(f"{{{MAIN}}}cellMetadata"))
    formulas = set()
    for number, part in sheet_parts(parts):
        shared = {}
        for cell in ET.fromstring(parts[part]).iter(f"{{{MAIN}}}c"):
            address = cell.get("r")
            assert int(cell.get("s", 0)) < formats
            assert int(cell.get("cm", 1)) <= metadata
            if cell.get("t") == "s":
                assert 0 <= int(cell.find(f"{{{MAIN}}}v").text) < count
            formula = cell.find(f"{{{MAIN}}}f")
            if formula is None:
                continue
            formulas.add((number, address))
            if formula.get("t") == "shared":
                if formula.get("ref"):
                    shared[formula.get("si")] = range_boundaries(formula.get("ref"))
                left, top, right, bottom = shared[formula.get("si")]
                column, row, _, _ = range_boundaries(address)
                assert left <= column <= right
                assert top <= row <= bottom
    if "xl/calcChain.xml" in parts:
        chain = ET.fromstring(parts["xl/calcChain.xml"])
        assert {(c.get("i"), c.get("r")) for c in chain} == formulas
    else:
        assert "calcChain" not in parts.text("[Content_Types].xml")
        assert "calcChain" not in parts.text("xl/_rels/workbook.xml.rels")
    for name in parts:
        if name.endswith(".rels"):
            folder = PurePosixPath(name).parent.parent
            for link in ET.fromstring(parts[name]):
                if link.get("TargetMode") != "External":
                    target = _joined(folder, link.get("Target"))
                    assert target in parts, (name, target)


def _joined(folder, target):
    steps = [] if target.startswith("/") else list(folder.parts)
    for step in target.strip("/").split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


# --- other programs --------------------------------------------------------------------------


def test_validator_and_readers_take_the_result(calculated, saved):
    run(saved)
    for path in (calculated, saved):
        assert audited(path) == []
        assert_references(Parts.of(path))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = openpyxl.load_workbook(path, keep_vba=True)
        assert opened[OWN]["D3"].value == "=B3*C3"
        assert opened[RESULTS]["CK7"].value == "备注7"
        people = body(path, "kpi_result_people")
        assert [row[0] for row in people] == [row[0] for row in body(path, "kpi_roster")]


SOFFICE = shutil.which("soffice")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_result(calculated, tmp_path):
    command = [SOFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "ods", "--outdir", str(tmp_path), str(calculated)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)

    book = CalamineWorkbook.from_path(str(tmp_path / "十月.ods"))

    assert book.sheet_names[0] == "首页"
    assert {OWN, RESULTS, "对账", "藏起来"} <= set(book.sheet_names)
    own = book.get_sheet_by_name(OWN).to_python(skip_empty_area=False)
    results = book.get_sheet_by_name(RESULTS).to_python(skip_empty_area=False)
    assert own[1][3] == 1.5
    assert [row[0] for row in results[5:15]] == [row[0] for row in body(calculated, "kpi_roster")]
