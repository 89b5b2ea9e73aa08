"""Rules over one column go where the column goes; rules that a formula ties to a place stay."""

from xl_kpi.excel.area import Area
from xl_kpi.excel.sheet_rules import move_bars

BODY = Area.parse("A6:H20")


def bar(cells):
    return f'<conditionalFormatting sqref="{cells}"><cfRule type="dataBar" priority="1"/></conditionalFormatting>'


def later_bar(cells):
    """A bar as Excel 2010 keeps it, beside the plain one."""
    return (
        '<x14:conditionalFormatting xmlns:xm="m"><x14:cfRule type="dataBar" id="{1}"><x14:dataBar>'
        '<x14:cfvo type="num"><xm:f>0</xm:f></x14:cfvo></x14:dataBar></x14:cfRule>'
        f"<xm:sqref>{cells}</xm:sqref></x14:conditionalFormatting>"
    )


def test_bars_of_both_kinds_follow_their_column():
    tail = bar("C6:C5000") + later_bar("C6:C5000")
    moved = move_bars(tail.encode(), {3: 7, 4: 3}, BODY)
    assert moved.decode() == bar("G6:G5000") + later_bar("G6:G5000")


def test_several_ranges_move_each_by_itself():
    moved = move_bars(bar("C6:C20 D6:D20 F1:F3").encode(), {3: 4, 4: 3, 6: 9}, BODY)
    assert moved.decode() == bar("D6:D20 C6:C20 F1:F3")


def test_formulas_wide_ranges_and_lost_columns_stay():
    formula = (
        '<conditionalFormatting sqref="C6:C20"><cfRule type="expression" priority="2">'
        "<formula>$C6&gt;1</formula></cfRule></conditionalFormatting>"
    )
    tail = formula + bar("C6:D20") + bar("E6:E20") + bar("C6:C9")
    assert move_bars(tail.encode(), {3: 7, 4: 8}, BODY) == tail.encode()
