import re

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from xl_kpi.excel.patch import TableUpdate, patch_book

SHEET = "xl/worksheets/sheet2.xml"

TABLE = "xl/tables/table1.xml"

TEN = [[f"N{i}", f"人{i}", i * 1.5, i / 100] for i in range(10)]


def people(rows, **rest):
    return [TableUpdate("kpi_result_people", rows, **rest)]


def test_formulas_are_asked_to_be_calculated_only_where_there_are_any(
    rich_book, edit_part, parts, named_style_book
):
    edit_part(rich_book, "xl/workbook.xml", ' fullCalcOnLoad="1"', "")
    patch_book(rich_book, rich_book, people(TEN))
    workbook = parts(rich_book)["xl/workbook.xml"].decode()
    assert re.search(r'<calcPr[^>]* fullCalcOnLoad="1"', workbook)
    plain = named_style_book
    edit_part(plain, "xl/workbook.xml", ' fullCalcOnLoad="1"', "")
    before = parts(plain)["xl/workbook.xml"]
    patch_book(plain, plain, people([["E7", 7]]))
    assert parts(plain)["xl/workbook.xml"] == before


def test_a_missing_calculation_element_goes_where_the_schema_wants_it(rich_book, rebuild, parts):
    workbook = parts(rich_book)["xl/workbook.xml"].decode()
    names = "<definedNames><definedName name='a'>1</definedName></definedNames>"
    without = re.sub(r"<calcPr[^>]*/>", "", workbook).replace(
        "</workbook>", f"{names}<customWorkbookViews/><extLst/></workbook>"
    )
    rebuild(rich_book, {"xl/workbook.xml": without.encode()})
    patch_book(rich_book, rich_book, people(TEN))
    patched = parts(rich_book)["xl/workbook.xml"].decode()
    assert f'</sheets>{names}<calcPr fullCalcOnLoad="1"/><customWorkbookViews/>' in patched


CHAIN = (
    b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<c r="B2" i="1"/><c r="H5" i="2"/></calcChain>'
)


def add_calc_chain(path, rebuild, parts):
    before = parts(path)
    types = before["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-'
        b'officedocument.spreadsheetml.calcChain+xml"/></Types>',
    )
    links = before["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/calcChain" Target="calcChain.xml"/></Relationships>',
    )
    rebuild(
        path,
        {
            "xl/calcChain.xml": CHAIN,
            "[Content_Types].xml": types,
            "xl/_rels/workbook.xml.rels": links,
        },
    )


def test_the_calculation_chain_stays_while_no_formula_goes(rich_book, rebuild, parts):
    add_calc_chain(rich_book, rebuild, parts)
    patch_book(rich_book, rich_book, people(TEN))
    assert parts(rich_book)["xl/calcChain.xml"] == CHAIN


def test_the_calculation_chain_goes_with_a_formula_of_the_body(rich_book, rebuild, parts, values):
    add_calc_chain(rich_book, rebuild, parts)
    sheet = parts(rich_book)[SHEET].replace(b"<v>320.5</v>", b"<f>1+1</f><v>2</v>")
    rebuild(rich_book, {SHEET: sheet})
    patch_book(rich_book, rich_book, people(TEN))
    after = parts(rich_book)
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["[Content_Types].xml"]
    assert b"calcChain" not in after["xl/_rels/workbook.xml.rels"]
    assert values(rich_book, area="C5:F20") == TEN
    assert patch_book(rich_book, rich_book, people(TEN)) is None


def test_without_other_formulas_nothing_is_to_be_calculated(named_style_book, rebuild, parts):
    path = named_style_book
    add_calc_chain(path, rebuild, parts)
    part = "xl/worksheets/sheet1.xml"
    workbook = parts(path)["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    sheet = parts(path)[part].replace(b"<v>1</v>", b"<f>0+1</f><v>1</v>", 1)
    rebuild(path, {part: sheet, "xl/workbook.xml": workbook})
    patch_book(path, path, people([["E7", 7]]))
    assert "xl/calcChain.xml" not in parts(path)
    assert parts(path)["xl/workbook.xml"] == workbook


def test_formulas_in_a_sheet_with_prefixed_names_are_seen(rich_book, rebuild, parts):
    first, third = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    before = parts(rich_book)
    prefixed = (
        f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>1+1</x:f>'
        "</x:c></x:row></x:sheetData></x:worksheet>"
    )
    replaced = {
        first: re.sub(rb"<f>.*?</f>", b"", before[first]),
        SHEET: re.sub(rb"<f>.*?</f>", b"", before[SHEET]),
        "xl/workbook.xml": before["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b""),
    }
    rebuild(rich_book, replaced)
    patch_book(rich_book, rich_book, people(TEN))
    assert parts(rich_book)["xl/workbook.xml"] == replaced["xl/workbook.xml"]
    rebuild(rich_book, {third: prefixed.encode()})
    patch_book(rich_book, rich_book, people(TEN[:3]))
    assert b'fullCalcOnLoad="1"' in parts(rich_book)["xl/workbook.xml"]


def test_rules_on_the_body_follow_it_and_others_stay(rich_book):
    patch_book(rich_book, rich_book, people(TEN))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    conditional = sorted(str(rule.sqref) for rule in sheet.conditional_formatting)
    assert conditional == ["C5:F14", "E5:E14"]
    validations = sorted(str(rule.sqref) for rule in sheet.data_validations.dataValidation)
    assert validations == ["A5:A8", "D5:D14"]
    patch_book(rich_book, rich_book, people(TEN[:1]))
    patch_book(rich_book, rich_book, people(TEN[:3], header=["a", "b", "c", "d"]))
    sheet = openpyxl.load_workbook(rich_book)["个人结果"]
    conditional = sorted(str(rule.sqref) for rule in sheet.conditional_formatting)
    assert conditional == ["C5:F7", "E5:E7"]


def test_rules_of_excel_2010_follow_and_sparklines_do_not(rich_book, edit_part, parts):
    extension = (
        "<extLst><ext><x14:conditionalFormattings><x14:conditionalFormatting>"
        "<x14:cfRule/><xm:sqref>E5:E8 E6:E8 H5:H8 5:5</xm:sqref></x14:conditionalFormatting>"
        "</x14:conditionalFormattings><x14:sparkline><xm:f>A1:B1</xm:f>"
        "<xm:sqref>E5:E8</xm:sqref></x14:sparkline></ext></extLst>"
    )
    names = (
        ' xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
        ' xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"'
    )
    edit_part(rich_book, SHEET, "<worksheet ", f"<worksheet{names} ")
    edit_part(rich_book, SHEET, "</tableParts>", "</tableParts>" + extension)
    patch_book(rich_book, rich_book, people(TEN))
    ranges = re.findall(rb"<xm:sqref>(.*?)</xm:sqref>", parts(rich_book)[SHEET])
    assert ranges == [b"E5:E14 E6:E8 H5:H8 5:5", b"E5:E8"]


def test_an_active_filter_is_cleared_so_that_nobody_stays_hidden(rich_book, edit_part, parts):
    edit_part(
        rich_book,
        TABLE,
        '<autoFilter ref="C4:F8"/>',
        '<autoFilter ref="C4:F8"><filterColumn colId="0"><filters><filter val="E01"/></filters>'
        '</filterColumn></autoFilter><sortState ref="C5:F8"><sortCondition ref="C5:C8"/>'
        "</sortState>",
    )
    edit_part(rich_book, SHEET, '<row r="7" ', '<row r="7" hidden="1" ')
    patch_book(rich_book, rich_book, people(TEN))
    text = parts(rich_book)[TABLE].decode()
    assert '<autoFilter ref="C4:F14"/>' in text
    assert "sortState" not in text
    assert b"hidden" not in parts(rich_book)[SHEET]


def test_rows_hidden_by_hand_stay_hidden(rich_book, edit_part, parts):
    edit_part(rich_book, SHEET, '<row r="7" ', '<row r="7" hidden="1" ')
    patch_book(rich_book, rich_book, people(TEN))
    assert b'<row r="7" hidden="1"' in parts(rich_book)[SHEET]


def test_formulas_shared_inside_the_body_may_go_and_others_stay(rich_book, rebuild, parts, values):
    sheet = parts(rich_book)[SHEET].decode()
    sheet = sheet.replace("<v>320.5</v>", '<f t="shared" ref="E5:E6" si="0">A5</f><v>1</v>')
    sheet = sheet.replace("<v>60</v>", '<f t="shared" si="0"/><v>1</v>')
    sheet = sheet.replace("<f>E5*2</f>", '<f t="shared" ref="H5:H6" si="1">E5*2</f>')
    sheet = sheet.replace("<f>E6*2</f>", '<f t="shared" si="1"/>')
    rebuild(rich_book, {SHEET: sheet.encode()})
    patch_book(rich_book, rich_book, people(TEN))
    after = parts(rich_book)[SHEET].decode()
    assert after.count("<f ") == 2
    assert 'ref="H5:H6" si="1">E5*2</f>' in after
    assert values(rich_book, area="C5:F20") == TEN


def test_an_array_formula_beside_the_table_stays(named_style_book):
    path = named_style_book
    book = openpyxl.load_workbook(path)
    book.active["D2"] = ArrayFormula("D2:D3", "=ROW(A1:A2)")
    book.save(path)
    patch_book(path, path, people([["E1", 1], ["E2", 2]]))
    formula = openpyxl.load_workbook(path)["个人结果"]["D2"].value
    assert (formula.ref, formula.text) == ("D2:D3", "=ROW(A1:A2)")
