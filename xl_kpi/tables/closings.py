"""The tables of closed months, and of appeals against them."""

from __future__ import annotations

from xl_kpi.tables.declaring import Column, Table
from xl_kpi.tables.month import PERIOD, PERSON

APPEAL_STATES = {
    "open": ("待处理", "open"),
    "checking": ("核实中", "checking"),
    "upheld": ("成立", "upheld"),
    "rejected": ("不成立", "rejected"),
}

APPEALS = Table(
    key="appeals",
    zh="申诉",
    en="Appeals",
    required=False,
    columns=(
        PERIOD,
        PERSON,
        Column(key="item", zh="项目", en="Item", kind="text", required=True,
               note="对哪一项有异议：指标、得分或薪资项"),
        Column(key="raised", zh="提出日期", en="Raised on", kind="date", required=True),
        Column(key="claim", zh="申诉内容", en="Claim", kind="text", required=True),
        Column(key="evidence", zh="依据", en="Evidence", kind="text"),
        Column(key="due", zh="答复期限", en="Answer due", kind="date"),
        Column(key="state", zh="状态", en="State", kind="choice", required=True, choices=APPEAL_STATES),
        Column(key="decision", zh="答复", en="Decision", kind="text"),
        Column(key="decided_by", zh="处理人", en="Decided by", kind="text"),
        Column(key="decided", zh="答复日期", en="Decided on", kind="date"),
    ),
)

CLOSINGS = Table(
    key="closings",
    zh="月结",
    en="Closings",
    unique=("period",),
    required=False,
    columns=(
        PERIOD,
        Column(key="schemes", zh="方案", en="Schemes", kind="text", required=True),
        Column(key="people", zh="人数", en="People", unit="count"),
        Column(key="pay", zh="应发合计", en="Pay in all", unit="yuan"),
        Column(key="true_ups", zh="往月差额", en="True-ups", unit="yuan"),
        Column(key="closed", zh="月结时间", en="Closed at", kind="text"),
        Column(key="closed_by", zh="经办人", en="Closed by", kind="text"),
        Column(key="accepted", zh="未定事项", en="Accepted", kind="text"),
        Column(key="version", zh="版本", en="Version", kind="text"),
        Column(key="code", zh="绩效单校验码", en="Code of statements", kind="text"),
        Column(key="rows", zh="历史行数", en="Rows in History", unit="count"),
        Column(key="inputs", zh="数据指纹", en="Data fingerprint", kind="text"),
        Column(key="parameters", zh="方案指纹", en="Scheme fingerprint", kind="text"),
        Column(key="previous", zh="上月校验码", en="Previous check code", kind="text"),
        Column(key="hash", zh="校验码", en="Check code", kind="text", required=True),
    ),
)

ARCHIVE = Table(
    key="archive",
    zh="月结存档",
    en="Archive",
    unique=("period", "number"),
    required=False,
    columns=(
        PERIOD,
        Column(key="number", zh="序号", en="Number", required=True, minimum=1),
        Column(key="content", zh="内容", en="Content", kind="text", required=True),
    ),
)
