"""A user's book with everything that HR may have added to it, as Excel would have saved it.

XlsxWriter makes what it can; slicers, threaded comments, the ribbon and the like are written here
as parts, in the form that Excel gives them.
"""

import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from pathlib import Path

import xlsxwriter
import xlwings

from xl_kpi.excel import template
from xl_kpi.excel.fill import fill_tables, set_settings
from xl_kpi.sample import sample_tables

RESULTS = "个人结果"
OWN = "我的分析"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MS = "http://schemas.microsoft.com/office"
_X14 = f"{_MS}/spreadsheetml/2009/9/main"
_X15 = f"{_MS}/spreadsheetml/2010/11/main"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def user_book(path, people=10):
    """A book of the template with a month's data and with all that a user may have put in."""
    _build(path)
    set_settings(path, {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-08"}, "zh")
    fill_tables(path, sample_tables("2026-10", people), "zh")
    parts = Parts.of(path)
    add_ribbon(parts)
    add_custom_xml(parts)
    add_external_link(parts)
    add_slicers(parts)
    add_threaded_comment(parts)
    add_printer_settings(parts)
    add_validation_2010(parts)
    share_formulas(parts)
    parts.write(path)
    return saved_by_excel(path)


# --- what XlsxWriter can write ---------------------------------------------------------------


class _UserWorkbook(xlsxwriter.Workbook):
    """The template's book, to which the user's things are added before it is closed."""

    pictures = None

    def close(self):
        _own_sheets(self, self.pictures)
        _around_the_results(self, self.get_worksheet_by_name(RESULTS), self.pictures)
        super().close()


def _build(path):
    picture = path.with_suffix(".png")
    picture.write_bytes(_png())
    macros = path.with_suffix(".bin")
    with zipfile.ZipFile(Path(xlwings.__file__).with_name("quickstart_standalone.xlsm")) as shipped:
        macros.write_bytes(shipped.read("xl/vbaProject.bin"))
    _UserWorkbook.pictures = (str(picture), str(macros))
    original = template.Workbook
    template.Workbook = _UserWorkbook
    try:
        plain = path.with_suffix(".xlsx")  # HR's macros, not those of the template
        template.build_template(plain)
        plain.rename(path)
    finally:
        template.Workbook = original
        picture.unlink()
        macros.unlink()


def _own_sheets(book, pictures):
    picture, macros = pictures
    bold = book.add_format({"bold": True, "font_color": "#C00000", "num_format": "#,##0.00"})
    own = book.add_worksheet(OWN)
    own.write_row("A1", ["项目", "单价", "数量", "小计"], bold)
    for row in range(1, 7):
        own.write_row(row, 0, [f"项{row}", row * 1.5, row])
        own.write_formula(row, 3, f"=B{row + 1}*C{row + 1}", bold, row * row * 1.5)
    own.write_formula("F1", f"=SUM('{RESULTS}'!B6:B15)", bold, 0)
    own.write_formula("F2", "=SUM(kpi_result_people[应发合计])", bold, 0)
    own.write_formula("F3", "=IFERROR('首页'!G8,0)", None, 0)
    own.write_array_formula("F5:F6", "{=B2:B3*C2:C3}", None, 1.5)
    own.write_dynamic_array_formula("H1:H3", "=_xlfn._xlws.SORT(_xlfn.UNIQUE(A2:A4))", None, "项1")
    own.write_rich_string("A9", bold, "十月", " 说明 & <备注>")
    own.write_url("A10", f"internal:'{RESULTS}'!A6", string="去结果")
    own.write_url("A11", "https://example.com/?a=1&b=2")
    own.write_comment("B2", "单价含税", {"author": "李"})
    own.data_validation("C2:C7", {"validate": "integer", "criteria": ">=", "value": 0})
    own.conditional_format("D2:D7", {"type": "3_color_scale"})
    own.conditional_format("D2:D7", {"type": "data_bar", "data_bar_2010": True})
    own.conditional_format("B2:B7", {"type": "icon_set", "icon_style": "3_arrows"})
    own.add_sparkline("E2", {"range": f"{OWN}!B2:D2", "type": "column"})
    own.insert_textbox("J2", "看这里", {"width": 120})
    own.insert_checkbox("I9", True)
    own.insert_button("J8", {"macro": "KpiRun", "caption": "计算"})
    own.insert_image("J12", picture)
    own.set_header("&L&G&C十月", {"image_left": picture})
    own.set_landscape()
    own.print_area("A1:H20")
    own.repeat_rows(0)
    own.set_h_pagebreaks([10])
    own.autofilter("A1:D7")
    own.merge_range("A14:C14", "合并", bold)
    own.set_row(15, None, None, {"level": 1, "hidden": True})
    own.protect("", {"format_cells": True})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": f"='{RESULTS}'!$G$6:$G$15", "name": "接待"})
    own.insert_chart("J20", chart)
    own.add_table(
        "A30:C34",
        {
            "name": "我的表",
            "total_row": True,
            "columns": [
                {"header": "店铺", "total_string": "合计"},
                {"header": "目标", "total_function": "sum"},
                {"header": "两倍", "formula": "=[@目标]*2"},
            ],
            "data": [["云杉", 1, 2], ["青禾", 2, 4], ["云杉", 3, 6]],
        },
    )
    sheet = book.add_chartsheet("我的图")
    bars = book.add_chart({"type": "bar"})
    bars.add_series({"values": f"={OWN}!$D$2:$D$7"})
    sheet.set_chart(bars)
    hidden = book.add_worksheet("藏起来")
    hidden.write("A1", "不要动")
    hidden.very_hidden()
    book.define_name("我的税率", "=0.03")
    book.define_name("我的区域", f"={OWN}!$A$1:$D$7")
    book.define_name(f"'{OWN}'!局部", f"='{RESULTS}'!$A$6")
    book.set_custom_property("部门", "客服部")
    book.add_vba_project(macros)


def _around_the_results(book, sheet, pictures):
    """HR's own things on the sheet that every run writes into: the table ends in column CI."""
    own = book.add_format({"bg_color": "#FFF2CC", "num_format": "0.0"})
    sheet.write("CK4", "我的备注", own)
    for row in range(6, 16):
        sheet.write(f"CK{row}", f"备注{row}", own)
        sheet.write_formula(f"CL{row}", f"=G{row}*2", own, 0)
    sheet.write_formula("CK40", "=SUM(G6:G39)", own, 0)
    sheet.write_comment("CK6", "已核对", {"author": "李"})
    sheet.write_comment("G5", "来自系统", {"author": "李"})
    sheet.data_validation("CK6:CK15", {"validate": "list", "source": ["备注6", "已阅"]})
    sheet.conditional_format("CL6:CL15", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("G6", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("B6", {"type": "duplicate", "format": own})
    sheet.add_sparkline("CM6", {"range": f"'{RESULTS}'!G6:J6"})
    sheet.insert_textbox("CO2", "审核：李")
    sheet.insert_image("CO8", pictures[0])
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"='{RESULTS}'!$CL$6:$CL$15"})
    sheet.insert_chart("CO14", chart)
    sheet.set_footer("&R第 &P 页")


def _png():
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    size = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0" * 2)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


# --- what is written as parts ----------------------------------------------------------------


class Parts(dict):
    """The parts of a book by name, as text or bytes."""

    @classmethod
    def of(cls, path):
        with zipfile.ZipFile(path) as archive:
            return cls({name: archive.read(name) for name in archive.namelist()})

    def write(self, path):
        first = "[Content_Types].xml"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in [first, *(name for name in self if name != first)]:
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), self[name])

    def text(self, name):
        return self[name].decode()

    def replace(self, name, old, new):
        """Exchange text that stands there exactly once."""
        text = self.text(name)
        assert text.count(old) == 1, (name, old, text.count(old))
        self[name] = text.replace(old, new).encode()

    def add(self, name, content, content_type):
        assert name not in self
        self[name] = content if isinstance(content, bytes) else (_DECLARATION + content).encode()
        override = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
        self.replace("[Content_Types].xml", "</Types>", f"{override}</Types>")

    def add_default(self, extension, content_type):
        if f'Extension="{extension}"' not in self.text("[Content_Types].xml"):
            default = f'<Default Extension="{extension}" ContentType="{content_type}"/>'
            text = self.text("[Content_Types].xml")
            self["[Content_Types].xml"] = re.sub("(<Types[^>]*>)", rf"\1{default}", text).encode()

    def link(self, source, kind, target, mode=""):
        """A relationship from a part (or from the package, ``""``); its id."""
        folder, _, base = source.rpartition("/")
        name = f"{folder}/_rels/{base}.rels".lstrip("/")
        empty = (
            _DECLARATION + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            'relationships"></Relationships>'
        )
        self.setdefault(name, empty.encode())
        used = re.findall(r'Id="rId(\d+)"', self.text(name))
        new = f"rId{max(map(int, used), default=0) + 1}"
        mode = f' TargetMode="{mode}"' if mode else ""
        tag = f'<Relationship Id="{new}" Type="{kind}" Target="{target}"{mode}/>'
        self.replace(name, "</Relationships>", f"{tag}</Relationships>")
        return new

    def sheet(self, tab):
        """The part of a worksheet."""
        book = ET.fromstring(self["xl/workbook.xml"])
        links = ET.fromstring(self["xl/_rels/workbook.xml.rels"])
        targets = {link.get("Id"): link.get("Target") for link in links}
        for sheet in book.iter(f"{{{MAIN}}}sheet"):
            if sheet.get("name") == tab:
                return "xl/" + targets[sheet.get(f"{{{_OFFICE}}}id")].removeprefix("/xl/")
        raise KeyError(tab)

    def linked(self, part, kind):
        """The part that a part links to."""
        folder, _, base = part.rpartition("/")
        text = self.text(f"{folder}/_rels/{base}.rels")
        target = re.search(rf'Type="[^"]*/{kind}" Target="([^"]*)"', text)[1]
        return target.replace("..", "xl") if target.startswith("..") else f"{folder}/{target}"

    def extend(self, name, extension, before):
        """Put an extension into the list at the end of a part."""
        if "<extLst>" in self.text(name):
            text = self.text(name)
            head, _, tail = text.rpartition("</extLst>")
            self[name] = f"{head}{extension}</extLst>{tail}".encode()
        else:
            self.replace(name, before, f"<extLst>{extension}</extLst>{before}")


def add_ribbon(parts):
    ribbon = (
        f'<customUI xmlns="{_MS}/2009/07/customui"><ribbon><tabs><tab id="kpi" label="绩效">'
        '<group id="g" label="计算"><button id="run" label="重新计算" image="logo" size="large" '
        'onAction="KpiRibbonRun"/></group></tab></tabs></ribbon></customUI>'
    )
    parts["customUI/customUI14.xml"] = (_DECLARATION + ribbon).encode()
    parts.link("", f"{_MS}/2007/relationships/ui/extensibility", "customUI/customUI14.xml")
    parts["customUI/images/logo.png"] = _png()
    parts.link("customUI/customUI14.xml", f"{_OFFICE}/image", "images/logo.png")


def add_custom_xml(parts):
    parts["customXml/item1.xml"] = b'<?xml version="1.0"?><own xmlns="urn:own"><a>1</a></own>'
    properties = (
        '<ds:datastoreItem ds:itemID="{11111111-2222-3333-4444-555555555555}" '
        'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml">'
        '<ds:schemaRefs><ds:schemaRef ds:uri="urn:own"/></ds:schemaRefs></ds:datastoreItem>'
    )
    kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
    parts.add("customXml/itemProps1.xml", properties, kind)
    parts.link("customXml/item1.xml", f"{_OFFICE}/customXmlProps", "itemProps1.xml")
    parts.link("xl/workbook.xml", f"{_OFFICE}/customXml", "../customXml/item1.xml")


def add_external_link(parts):
    link = (
        f'<externalLink xmlns="{MAIN}" xmlns:r="{_OFFICE}"><externalBook r:id="rId1">'
        '<sheetNames><sheetName val="九月"/></sheetNames><sheetDataSet><sheetData sheetId="0">'
        '<row r="1"><cell r="A1"><v>7</v></cell></row></sheetData></sheetDataSet></externalBook>'
        "</externalLink>"
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    name = "xl/externalLinks/externalLink1.xml"
    parts.add(name, link, kind)
    parts.link(name, f"{_OFFICE}/externalLinkPath", "九月.xlsx", "External")
    new = parts.link(
        "xl/workbook.xml", f"{_OFFICE}/externalLink", "externalLinks/externalLink1.xml"
    )
    references = f'<externalReferences><externalReference r:id="{new}"/></externalReferences>'
    parts.replace("xl/workbook.xml", "<definedNames>", f"{references}<definedNames>")
    own = parts.sheet(OWN)
    found = re.search(r"<f>IFERROR\(首页!G8,0\)</f>|<f>IFERROR\('首页'!G8,0\)</f>", parts.text(own))
    parts.replace(own, found[0], "<f>[1]九月!A1+我的税率</f>")


def add_slicers(parts):
    """On HR's own table and on the table of results, whose filter buttons a run moves."""
    for number, (tab, table, column, anchor) in enumerate(
        [(OWN, "我的表", "店铺", 40), (RESULTS, "kpi_result_people", "部门", 20)], 1
    ):
        sheet = parts.sheet(tab)
        root = next(
            found
            for name in parts
            if name.startswith("xl/tables/")
            and (found := ET.fromstring(parts[name])).get("displayName") == table
        )
        column_id = next(
            c.get("id") for c in root.iter(f"{{{MAIN}}}tableColumn") if c.get("name") == column
        )
        cache_name = f"切片器_{column}"
        cache = (
            f'<slicerCacheDefinition xmlns="{_X14}" xmlns:x="{MAIN}" name="{cache_name}" '
            f'sourceName="{column}"><extLst><x:ext uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" '
            f'xmlns:x15="{_X15}"><x15:tableSlicerCache tableId="{root.get("id")}" '
            f'column="{column_id}"/></x:ext></extLst></slicerCacheDefinition>'
        )
        part = f"xl/slicerCaches/slicerCache{number}.xml"
        parts.add(part, cache, "application/vnd.ms-excel.slicerCache+xml")
        slicers = (
            f'<slicers xmlns="{_X14}"><slicer name="{column}" cache="{cache_name}" '
            f'caption="{column}" rowHeight="241300"/></slicers>'
        )
        parts.add(f"xl/slicers/slicer{number}.xml", slicers, "application/vnd.ms-excel.slicer+xml")
        link = parts.link(
            sheet, f"{_MS}/2007/relationships/slicer", f"../slicers/slicer{number}.xml"
        )
        extension = (
            f'<ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" xmlns:x14="{_X14}">'
            f'<x14:slicerList><x14:slicer r:id="{link}"/></x14:slicerList></ext>'
        )
        parts.extend(sheet, extension, "</worksheet>")
        _slicer_frame(parts, parts.linked(sheet, "drawing"), column, anchor)
        kind = f"{_MS}/2007/relationships/slicerCache"
        links = [parts.link("xl/workbook.xml", kind, f"slicerCaches/slicerCache{number}.xml")]
        item = f'<x14:slicerCache r:id="{links[0]}"/>'
        if number == 1:
            caches = (
                f'<ext uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}" xmlns:x15="{_X15}">'
                f'<x15:slicerCaches xmlns:x14="{_X14}">{item}</x15:slicerCaches></ext>'
            )
            parts.extend("xl/workbook.xml", caches, "</workbook>")
        else:
            parts.replace("xl/workbook.xml", "</x15:slicerCaches>", f"{item}</x15:slicerCaches>")
        name = f'<definedName name="{cache_name}">#N/A</definedName>'
        parts.replace("xl/workbook.xml", "</definedNames>", f"{name}</definedNames>")


def _slicer_frame(parts, drawing, name, row):
    frame = (
        "<xdr:twoCellAnchor><xdr:from><xdr:col>92</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>94</xdr:col>"
        f"<xdr:colOff>0</xdr:colOff><xdr:row>{row + 8}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
        f'<mc:AlternateContent xmlns:mc="{_MC}" xmlns:sle15="{_MS}/drawing/2012/slicer">'
        '<mc:Choice Requires="sle15"><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>'
        f'<xdr:cNvPr id="900" name="{name}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
        '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{_MS}/drawing/2010/slicer"><sle:slicer '
        f'xmlns:sle="{_MS}/drawing/2010/slicer" name="{name}"/></a:graphicData></a:graphic>'
        "</xdr:graphicFrame></mc:Choice><mc:Fallback>"
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="0" name=""/><xdr:cNvSpPr/>'
        '</xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1" cy="1"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/>'
        "<a:lstStyle/><a:p><a:r><a:t>slicer</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
        "</mc:Fallback></mc:AlternateContent><xdr:clientData/></xdr:twoCellAnchor>"
    )
    parts.replace(drawing, "</xdr:wsDr>", f"{frame}</xdr:wsDr>")


def add_threaded_comment(parts):
    """The comment in B2 of HR's sheet becomes a thread, with its legacy form kept beside it."""
    sheet = parts.sheet(OWN)
    one = "{AAAAAAAA-0000-4000-8000-000000000001}"
    person = "{BBBBBBBB-0000-4000-8000-000000000001}"
    space = f"{_MS}/spreadsheetml/2018/threadedcomments"
    thread = (
        f'<ThreadedComments xmlns="{space}" xmlns:x="{MAIN}"><threadedComment ref="B2" '
        f'dT="2026-10-08T01:02:03.00" personId="{person}" id="{one}"><text>单价含税</text>'
        '</threadedComment><threadedComment ref="B2" dT="2026-10-08T02:02:03.00" '
        f'personId="{person}" id="{{AAAAAAAA-0000-4000-8000-000000000002}}" parentId="{one}">'
        "<text>好的</text></threadedComment></ThreadedComments>"
    )
    kind = "application/vnd.ms-excel.threadedcomments+xml"
    parts.add("xl/threadedComments/threadedComment1.xml", thread, kind)
    relation = f"{_MS}/2017/10/relationships/threadedComment"
    parts.link(sheet, relation, "../threadedComments/threadedComment1.xml")
    people = (
        f'<personList xmlns="{space}"><person displayName="李" id="{person}" userId="li" '
        'providerId="None"/></personList>'
    )
    parts.add("xl/persons/person.xml", people, "application/vnd.ms-excel.person+xml")
    parts.link("xl/workbook.xml", f"{_MS}/2017/10/relationships/person", "persons/person.xml")
    comments = parts.linked(sheet, "comments")
    parts.replace(comments, "<author>李</author>", f"<author>tc={one}</author>")


def add_printer_settings(parts):
    parts.add_default(
        "bin", "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"
    )
    for number, tab in enumerate((OWN, RESULTS), 1):
        part = f"xl/printerSettings/printerSettings{number}.bin"
        parts.add(
            part,
            bytes([number]) * 64,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings",
        )
        sheet = parts.sheet(tab)
        link = parts.link(
            sheet, f"{_OFFICE}/printerSettings", f"../printerSettings/printerSettings{number}.bin"
        )
        tag = re.search(r"<pageSetup[^>]*/>", parts.text(sheet))[0]
        parts.replace(sheet, tag, f'{tag[:-2]} r:id="{link}"/>')


def add_validation_2010(parts):
    """A list taken from another sheet, in the form of Excel 2010."""
    rule = (
        f'<ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{_X14}">'
        f'<x14:dataValidations count="1" xmlns:xm="{_MS}/excel/2006/main"><x14:dataValidation '
        'type="list" allowBlank="1"><x14:formula1><xm:f>员工!$B$6:$B$15</xm:f></x14:formula1>'
        "<xm:sqref>G2:G7</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
    )
    parts.extend(parts.sheet(OWN), rule, "</worksheet>")


def share_formulas(parts):
    """小计 as a formula filled down, which Excel writes once."""
    sheet = parts.sheet(OWN)
    parts.replace(sheet, "<f>B2*C2</f>", '<f t="shared" ref="D2:D7" si="0">B2*C2</f>')
    for row in range(3, 8):
        parts.replace(sheet, f"<f>B{row}*C{row}</f>", '<f t="shared" si="0"/>')


# --- saved by Excel --------------------------------------------------------------------------

_INLINE = re.compile(r'(<c r="[A-Z]+\d+"(?: s="\d+")?) t="inlineStr"><is>(.*?)</is></c>', re.DOTALL)
_CELL_WITH_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"[^>]*><f([^>]*)>')


def saved_by_excel(path):
    """The book in the form in which Excel saves it.

    All texts among the shared strings, the chain of formula cells, marks of Excel's on sheets,
    rows and tables, and no request to calculate everything.
    """
    parts = Parts.of(path)
    sheets = [name for name in parts if re.fullmatch(r"xl/worksheets/\w+\.xml", name)]
    _share_strings(parts, sheets)
    for name in sheets:
        _mark(parts, name)
    for name in parts:
        if name.startswith("xl/tables/"):
            _mark_table(parts, name)
    _mark_workbook(parts)
    _chain(parts)
    parts.write(path)
    return path


def _share_strings(parts, sheets):
    name = "xl/sharedStrings.xml"
    text = parts.text(name)
    items = re.findall(r"<si>.*?</si>", text, re.DOTALL)
    index = {item: n for n, item in enumerate(items)}
    used = 0

    def shared(cell):
        item = f"<si>{cell[2]}</si>"
        return f'{cell[1]} t="s"><v>{index.setdefault(item, len(index))}</v></c>'

    for sheet in sheets:
        parts[sheet] = _INLINE.sub(shared, parts.text(sheet)).encode()
        assert b"inlineStr" not in parts[sheet]
        used += parts[sheet].count(b' t="s"')
    body = "".join(index)
    parts[name] = (
        f'{_DECLARATION}<sst xmlns="{MAIN}" count="{used}" uniqueCount="{len(index)}">{body}</sst>'.encode()
    )


def _mark(parts, name):
    """Namespaces, an id of the sheet and a hint of the height on every row, as Excel has them."""
    text = parts.text(name)
    if "x14ac:dyDescent" in text:
        text = re.sub(r' x14ac:dyDescent="[^"]*"', "", text)
    if "xmlns:x14ac" not in text:
        marks = (
            f' xmlns:mc="{_MC}" mc:Ignorable="x14ac xr" xmlns:x14ac="{_X14}/ac"'
            f' xmlns:xr="{_MS}/spreadsheetml/2014/revision"'
            f' xr:uid="{{00000000-0001-0000-0000-{zlib.crc32(name.encode()):012X}}}"'
        ).replace("2009/9/main/ac", "2009/9/ac")
        text = re.sub(r"(<worksheet [^>]*)>", rf"\1{marks}>", text, count=1)
    text = re.sub(r"(<row [^>]*?)(/?>)", r'\1 x14ac:dyDescent="0.35"\2', text)
    parts[name] = text.encode()


def _mark_workbook(parts):
    text = parts.text("xl/workbook.xml")
    text = re.sub(r"<calcPr[^>]*/>", '<calcPr calcId="191029"/>', text)
    if "xr:revisionPtr" not in text:
        revision = f"{_MS}/spreadsheetml"
        marks = (
            f' xmlns:mc="{_MC}" mc:Ignorable="x15 xr xr6 xr10 xr2" xmlns:x15="{_X15}"'
            f' xmlns:xr="{revision}/2014/revision" xmlns:xr2="{revision}/2015/revision2"'
            f' xmlns:xr6="{revision}/2016/revision6" xmlns:xr10="{revision}/2016/revision10"'
        )
        pointer = (
            '<mc:AlternateContent xmlns:mc="' + _MC + '"><mc:Choice Requires="x15"><x15ac:absPath '
            f'url="C:\\绩效\\" xmlns:x15ac="{revision}/2010/11/ac"/></mc:Choice>'
            '</mc:AlternateContent><xr:revisionPtr revIDLastSave="0" '
            'documentId="13_ncr:1_{C0DE0000-0000-4000-8000-000000000001}" '
            'xr6:coauthVersionLast="47" xr6:coauthVersionMax="47" '
            'xr10:uidLastSave="{00000000-0000-0000-0000-000000000000}"/>'
        )
        text = re.sub(r"(<workbook [^>]*)>", rf"\1{marks}>", text, count=1)
        text = text.replace("<bookViews>", f"{pointer}<bookViews>", 1)
        view = ' xr2:uid="{00000000-000D-0000-FFFF-FFFF00000000}"/>'
        text = re.sub(r"(<workbookView [^>]*?)/>", rf"\1{view}", text, count=1)
    parts["xl/workbook.xml"] = text.encode()


def _mark_table(parts, name):
    text = parts.text(name)
    if "xr:uid" in text:
        return
    revision = f"{_MS}/spreadsheetml"
    marks = (
        f' xmlns:mc="{_MC}" mc:Ignorable="xr xr3" xmlns:xr="{revision}/2014/revision"'
        f' xmlns:xr3="{revision}/2016/revision3"'
        f' xr:uid="{{00000000-000C-0000-FFFF-{zlib.crc32(name.encode()):012X}}}"'
    )
    text = re.sub(r"(<table [^>]*)>", rf"\1{marks}>", text, count=1)
    text = re.sub(
        r'(<tableColumn id="(\d+)")',
        lambda m: f'{m[1]} xr3:uid="{{00000000-0010-0000-0000-{int(m[2]):012X}}}"',
        text,
    )
    parts[name] = text.encode()


def _chain(parts):
    """Every formula cell of every sheet, in calcChain.xml."""
    name = "xl/calcChain.xml"
    if name not in parts:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
        parts.add(name, "<calcChain/>", kind)
        parts.link("xl/workbook.xml", f"{_OFFICE}/calcChain", "calcChain.xml")
    cells = []
    for sheet_id, part in sheet_parts(parts):
        for cell, attributes in _CELL_WITH_FORMULA.findall(parts.text(part)):
            array = ' a="1"' if 't="array"' in attributes else ""
            cells.append(f'<c r="{cell}" i="{sheet_id}"{array}/>')
    assert cells
    parts[name] = f'{_DECLARATION}<calcChain xmlns="{MAIN}">{"".join(cells)}</calcChain>'.encode()


def sheet_parts(parts):
    """Number and part of each worksheet."""
    book = ET.fromstring(parts["xl/workbook.xml"])
    for sheet in book.iter(f"{{{MAIN}}}sheet"):
        part = parts.sheet(sheet.get("name"))
        if part.startswith("xl/worksheets/"):
            yield sheet.get("sheetId"), part
