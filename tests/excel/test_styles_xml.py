"""Cell formats added to a book's styles."""

import re

import pytest

from xl_kpi.excel.styles_xml import StylesXml

HEAD = '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
STYLES = (
    f'{HEAD}<fonts count="1"><font><sz val="11"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/></border></borders>'
    '<cellStyleXfs count="2"><xf numFmtId="0"/><xf numFmtId="4"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="2"><cellStyle name="Normal" xfId="0"/>'
    '<cellStyle name="KPI &#37329;额" xfId="1"/></cellStyles><tableStyles count="0"/></styleSheet>'
)
LOOK = {
    "font": "<font><b/></font>", "fill": '<fill><patternFill patternType="none"/></fill>',
    "border": "<border><left/></border>", "number_format": "0.0", "alignment": "<alignment/>",
}  # fmt: skip


def test_a_format_is_added_behind_those_that_there_are():
    styles = StylesXml(STYLES.encode())
    assert styles.cell_format(**LOOK, named="KPI 金额") == "1"
    text = styles.content().decode()
    assert '<fonts count="2"><font><sz val="11"/></font><font><b/></font></fonts>' in text
    assert '<fills count="1">' in text
    assert f'{HEAD}<numFmts count="1"><numFmt numFmtId="164" formatCode="0.0"/></numFmts>' in text
    xf = re.findall(r"<xf [^>]*>", text)[-1]
    assert 'numFmtId="164" fontId="1" fillId="0" borderId="0" xfId="1"' in xf


def test_the_same_format_is_added_once_and_the_second_time_not_at_all():
    styles = StylesXml(STYLES.encode())
    assert styles.cell_format(**LOOK) == styles.cell_format(**LOOK) == "1"
    assert styles.rule_format("<dxf><font><b/></font></dxf>") == "0"
    once = styles.content()
    again = StylesXml(once)
    assert again.cell_format(**LOOK) == "1"
    assert again.rule_format("<dxf><font><b/></font></dxf>") == "0"
    assert again.content() == once


def test_nothing_added_leaves_every_byte():
    assert StylesXml(STYLES.encode()).content() == STYLES.encode()


def test_looks_of_rules_get_their_place():
    styles = StylesXml(STYLES.encode())
    styles.rule_format("<dxf/>")
    assert b'</cellStyles><dxfs count="1"><dxf/></dxfs><tableStyles' in styles.content()


def test_an_empty_list_of_looks_is_filled():
    styles = StylesXml(STYLES.replace("<tableStyles", '<dxfs count="0"/><tableStyles').encode())
    styles.rule_format("<dxf/>")
    assert b'<dxfs count="1"><dxf/></dxfs>' in styles.content()


def test_a_number_format_of_the_book_is_used():
    known = STYLES.replace(
        HEAD, f'{HEAD}<numFmts count="1"><numFmt numFmtId="170" formatCode="0.0"/></numFmts>'
    )
    styles = StylesXml(known.encode())
    styles.cell_format(**LOOK)
    assert b'numFmtId="170" fontId' in styles.content()
    styles.cell_format(**(LOOK | {"number_format": "0.000"}))
    assert b'numFmtId="171" formatCode="0.000"' in styles.content()


@pytest.mark.parametrize("group", ["fonts", "fills", "borders", "cellXfs"])
def test_another_form_is_refused(group):
    with pytest.raises(ValueError, match="no "):
        StylesXml(STYLES.replace(f"<{group}", f"<x:{group}").encode())
    with pytest.raises(ValueError, match="unknown"):
        StylesXml(STYLES.replace(f"</{group}>", f"<other/></{group}>").encode())
