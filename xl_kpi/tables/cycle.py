"""The sheets of the assessment cycle (S13): for people to work with, nothing is calculated."""

from __future__ import annotations

from xl_kpi.tables.declaring import Column, Table

CALENDAR = Table(
    key="calendar",
    zh="日程",
    en="Calendar",
    required=False,
    columns=(
        Column(key="stage", zh="环节", en="Stage", kind="text", required=True),
        Column(key="step", zh="步骤", en="Step", kind="text", required=True),
        Column(key="cycle", zh="周期", en="Cycle", kind="text"),
        Column(key="day", zh="日期", en="Day", kind="text", note="如 每月 21 日、次月 5 日前"),
        Column(key="who", zh="负责人", en="Who", kind="text"),
        Column(key="state", zh="状态", en="State", kind="choice", choices={
            "open": ("未开始", "open"), "running": ("进行中", "running"), "done": ("完成", "done"),
        }),
        Column(key="clause", zh="条款", en="Clause", kind="text"),
    ),
)  # fmt: skip

SMART = Table(
    key="smart",
    zh="指标审查",
    en="SMART check",
    required=False,
    columns=(
        Column(key="indicator", zh="指标", en="Indicator", kind="text", required=True),
        Column(key="specific", zh="具体", en="Specific", kind="flag"),
        Column(key="measurable", zh="可度量", en="Measurable", kind="flag"),
        Column(key="attainable", zh="可实现", en="Attainable", kind="flag"),
        Column(key="realistic", zh="现实", en="Realistic", kind="flag"),
        Column(key="time_bound", zh="有时限", en="Time-bound", kind="flag"),
        Column(key="agreed", zh="已协商", en="Agreed", kind="flag"),
        Column(key="note", zh="说明", en="Note", kind="text"),
    ),
)

RATERS = Table(
    key="raters",
    zh="评分人",
    en="Raters",
    required=False,
    columns=(
        Column(key="rater_group", zh="评分人类别", en="Rater group", kind="text", required=True),
        Column(key="weight", zh="权重", en="Weight", unit="ratio", minimum=0),
        Column(key="rates", zh="评什么", en="Rates", kind="text"),
        Column(key="trained", zh="培训日期", en="Trained on", kind="date"),
        Column(key="note", zh="说明", en="Note", kind="text"),
    ),
)

MEASURES = Table(
    key="measures",
    zh="改进措施",
    en="Measures",
    required=False,
    columns=(
        Column(key="indicator", zh="指标", en="Indicator", kind="text", required=True,
               note="方案或指标库里的名称；一项指标可以写几行"),
        Column(key="measure", zh="改进措施", en="Measure", kind="text", required=True),
        Column(key="who", zh="负责人", en="Who", kind="text"),
        Column(key="days", zh="期限(天)", en="Due in days", unit="days", minimum=0,
               note="从结果公布日起算；空白：面谈时商定"),
        Column(key="clause", zh="条款", en="Clause", kind="text", note="空白：本表的起始内容，可改"),
    ),
)  # fmt: skip
