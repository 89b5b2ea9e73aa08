"""The tables of 看板: what they are called and which columns they have."""

from __future__ import annotations

from collections.abc import Sequence

from xl_kpi.excel.report import (
    COUNT,
    MONEY,
    POINTS,
    RATIO,
    TEXT,
    ReportColumn,
    distinct,
    style_of,
    word,
)
from xl_kpi.names import indicator_label
from xl_kpi.scheme import Scheme
from xl_kpi.tables import ROSTER

PEOPLE, GRADES, MONTHS, RATES, POOLS, SHOPS = (
    "kpi_board_people", "kpi_board_grades", "kpi_board_months", "kpi_board_rates",
    "kpi_board_pools", "kpi_board_shops",
)  # fmt: skip
FIGURES = (GRADES, MONTHS, RATES, POOLS, SHOPS)
WIDTH = 12.0  # characters; of the columns under the charts, all alike
PAGE_COLUMNS = 14  # of them fill the width of a page
_SIGN_WIDTH = 2.2
MET, MISSED, UNKNOWN = "√", "×", "–"
CHARTED = 40  # rows of a table that a chart shows: more names could not be read

_WORDS = {
    "marks": ("达标（依次）", "Met or missed"),
    "step": ("等级或总分", "Grade or score"),
    "heads": ("人数", "People"),
    "period": ("期间", "Period"),
    "average": ("平均总分", "Average score"),
    "each": ("人均应发", "Pay per person"),
    "figure": ("部门：指标", "Department: figure"),
    "share": ("比率", "Ratio"),
    "pool": ("部门：奖金", "Department: bonus"),
    "amount": ("奖金池", "Pool"),
    "paid": ("已发", "Paid"),
    "left": ("剩余", "Left"),
}
_COLUMNS = {
    GRADES: (("step", TEXT), ("heads", COUNT)),
    MONTHS: (("period", TEXT), ("heads", COUNT), ("average", POINTS), ("pay", MONEY)),
    RATES: (("figure", TEXT), ("share", RATIO)),
    POOLS: (("pool", TEXT), ("amount", MONEY), ("paid", MONEY), ("left", MONEY)),
    SHOPS: (("shop", TEXT), ("heads", COUNT), ("average", POINTS), ("pay", MONEY), ("each", MONEY)),
}


def people_board(schemes: Sequence[Scheme], lang: str) -> list[ReportColumn]:
    """The heat map: who, score, grade, pay, each indicator's figure, a sign for each in turn."""
    columns = [
        ReportColumn(ROSTER.column(key).label(lang), TEXT, WIDTH, "", key)
        for key in ("name", "department")
    ]
    columns += [
        ReportColumn(word("total", lang), POINTS, WIDTH, "", "total"),
        ReportColumn(word("grade", lang), TEXT, WIDTH, "", "grade"),
        ReportColumn(word("pay", lang), MONEY, WIDTH, "", "pay"),
    ]
    indicators = {
        f"metric:{i.name}": (indicator_label(scheme, i, lang), scheme.metrics[i.metric].unit)
        for scheme in schemes
        for i in scheme.indicators
    }
    columns += [ReportColumn(x, style_of(u), WIDTH, "", key) for key, (x, u) in indicators.items()]
    # Wider only where it stands right of the charts: they would be stretched.
    width = WIDTH if len(columns) < PAGE_COLUMNS else max(WIDTH, _SIGN_WIDTH * len(indicators))
    columns.append(ReportColumn(word_of("marks", lang), TEXT, width, "", "marks"))
    return distinct(columns)


def figure_columns(table: str, lang: str) -> list[ReportColumn]:
    """The columns of one of the small tables behind the charts."""
    return [
        ReportColumn(word_of(key, lang), style, 40 if style == TEXT else 13, "", key)
        for key, style in _COLUMNS[table]
    ]


def word_of(key: str, lang: str) -> str:
    """A word of the board."""
    if key in _WORDS:
        return _WORDS[key][lang == "en"]
    return ROSTER.column(key).label(lang) if key == "shop" else word(key, lang)
