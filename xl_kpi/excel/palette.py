"""Font, colours and number formats of the book."""

from __future__ import annotations

from xl_kpi.excel.report import COUNT, LINK, LONG_TEXT, MONEY, NUMBER, PAY, POINTS, RATIO, TEXT

FONT = "Microsoft YaHei"
FONT_SIZE = 10

ACCENT = "#1F4E79"
SHADES = ("#1F4E79", "#2E75B6", "#44688C")  # of headers, by group in turn
GROUP_SHADES = ("#DCE6F1", "#EAF1F9", "#E4E9EF")
INPUT_FILL = "#FFFBEA"
LINE = "#D0D7DE"
PALE = "#BDD7EE"  # of bars in charts
BAR = "#9DC3E6"  # of bars in cells
QUIET = "#6B7785"
RED_FILL, AMBER_FILL, GREEN_FILL, GREY_FILL = "#F8CBAD", "#FFE699", "#C6E0B4", "#E7E9EC"
RED, AMBER, GREEN = "#9C1C1C", "#7F6000", "#375623"

DATE, INPUT = "KPI 日期", "KPI 输入"
DATE_FORMAT = "yyyy-mm-dd"
MOMENT_FORMAT = "yyyy-mm-dd hh:mm:ss"
NUMBER_FORMATS = {
    TEXT: "General",
    COUNT: "#,##0",
    MONEY: "#,##0.00",
    PAY: "#,##0.00",
    RATIO: "0.00%",
    POINTS: "0.0#",
    NUMBER: "#,##0.00##",
    DATE: DATE_FORMAT,
    LONG_TEXT: "General",
    LINK: "General",
}

# Of the line over a result table, in Chinese and English: the figures bear their units.
TOTAL_FORMATS = {
    "KPI 单位": ("General", "General"),
    "KPI 合计 金额": ('#,##0.00" 元"', '#,##0.00" yuan"'),
    "KPI 合计 整数": ("#,##0", "#,##0"),
    "KPI 合计 秒": ('#,##0" 秒"', '#,##0" s"'),
    "KPI 合计 人数": ('#,##0" 人"', '#,##0" people"'),
    "KPI 平均 分数": ('"均 "0.00" 分";"均 "-0.00" 分"', '"avg "0.00;"avg "-0.00'),
    "KPI 平均 金额": ('"均 "#,##0.00" 元";"均 "-#,##0.00" 元"', '"avg "#,##0.00;"avg "-#,##0.00'),
}
