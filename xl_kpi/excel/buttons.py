"""The one-click actions: what buttons and ribbon say, and which macro each one runs.

``workbook/vba/KpiMacros.bas`` has a sub for each, ``KpiRibbon.bas`` a callback, and
``xl_kpi.excel.macros`` the Python function.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

_NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
TAB = ("客服绩效 KPI", "Service KPI")
GROUPS = {
    "data": ("数据", "Data"),
    "run": ("计算", "Calculate"),
    "hand_out": ("发放", "Hand out"),
    "help": ("帮助", "Help"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """An action: its VBA sub, its Python function, its words and its icon of Office."""

    macro: str
    function: str
    group: str
    icon: str
    label: tuple[str, str]
    tip: tuple[str, str]

    @property
    def callback(self) -> str:
        """The VBA sub that the ribbon calls."""
        return self.macro.replace("Kpi", "KpiRibbon", 1)


BUTTONS = (
    Button(
        macro="KpiImport", function="import_files", group="data", icon="ImportExcel",
        label=("导入", "Import"),
        tip=("把首页期间的平台导出文件读进各张表；请先保存工作簿",
             "Reads the platforms' exports of the period into the tables; save the book first"),
    ),
    Button(
        macro="KpiCheck", function="check", group="data", icon="ReviewAcceptChange",
        label=("检查", "Check"),
        tip=("逐条告诉您哪个单元格要改、怎么改；只写“检查”表",
             "Names every cell to mend and how; writes only the checks"),
    ),
    Button(
        macro="KpiRun", function="run", group="run", icon="CalculateNow",
        label=("重新计算", "Recalculate"),
        tip=("算出得分和薪资，写进结果表；有错误时只写“检查”表",
             "Calculates points and pay into the result sheets; with errors only the checks"),
    ),
    Button(
        macro="KpiExplain", function="explain", group="run", icon="TraceDependents",
        label=("解释", "Explain"),
        tip=("选中结果表里的一个数，看它从哪里来",
             "Where the selected number of a result sheet comes from"),
    ),
    Button(
        macro="KpiSimulate", function="simulate", group="run", icon="WhatIfAnalysisMenu",
        label=("试算", "What-if"),
        tip=("同样的月份，换一个方案算要花多少钱；结果写到工作簿旁边，先保存",
             "What another scheme would have cost, into a workbook beside the book; save it first"),
    ),
    Button(
        macro="KpiStatements", function="statements", group="hand_out", icon="MailMergeStartLetters",
        label=("工资条", "Statements"),
        tip=("每人一份绩效与薪资单，写到工作簿旁边的文件夹；先保存",
             "A statement for each person, into a folder beside the book; save it first"),
    ),
    Button(
        macro="KpiClose", function="close", group="hand_out", icon="FilePrepareMenu",
        label=("月结", "Close"),
        tip=("发放之后点：本月的结果定下来，以后不变；先保存",
             "After paying: the month's results are kept and never change; save first"),
    ),
    Button(
        macro="KpiDoctor", function="doctor", group="help", icon="Help",
        label=("诊断", "Doctor"),
        tip=("函数或按钮不能用时，看看缺什么", "What is missing when functions or buttons fail"),
    ),
)  # fmt: skip


def ribbon(lang: str) -> str:
    """The ribbon tab as ``customUI14.xml``."""
    index = int(lang == "en")
    groups = []
    for key, words in GROUPS.items():
        buttons = "".join(_button(b, index) for b in BUTTONS if b.group == key)
        groups.append(f'<group id="kpi_{key}" label={quoteattr(words[index])}>{buttons}</group>')
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{_NAMESPACE}"><ribbon><tabs>'
        f'<tab id="kpi_tab" label={quoteattr(TAB[index])}>{"".join(groups)}</tab>'
        "</tabs></ribbon></customUI>\n"
    )


def _button(button: Button, index: int) -> str:
    attributes = {
        "id": button.macro,
        "label": button.label[index],
        "size": "large",
        "imageMso": button.icon,
        "onAction": button.callback,
        "screentip": f"{button.label[0]} / {button.label[1]}",
        "supertip": button.tip[index],
    }
    return f"<button {' '.join(f'{k}={quoteattr(v)}' for k, v in attributes.items())}/>"
