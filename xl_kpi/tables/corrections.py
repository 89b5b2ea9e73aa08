"""The tables of corrections and of closed months."""

from __future__ import annotations

from xl_kpi.tables.declaring import Column, Table
from xl_kpi.tables.month import DATE, PERIOD, PERSON

HISTORY = Table(
    key="history",
    zh="历史",
    en="History",
    unique=("period", "person_id", "item", "booked"),
    required=False,
    columns=(
        PERIOD,
        PERSON,
        Column(key="item", zh="项目", en="Item", kind="text", required=True,
               note="总分、名次、等级、薪资项或指标的名称"),
        Column(key="value", zh="数值", en="Value"),
        Column(key="word", zh="文字", en="Text", kind="text", note="等级等不是数字的结果"),
        Column(key="booked", zh="入账期间", en="Booked in", kind="period",
               note="月结写的行：在哪个月入账；手工补的以前月份留空"),
    ),
)

CALIBRATIONS = Table(
    key="calibrations",
    zh="校准",
    en="Calibrations",
    unique=("period", "week", "person_id", "item"),
    required=False,
    columns=(
        PERIOD,
        Column(key="week", zh="周", en="Week", minimum=1, note="第几周；整月的数留空"),
        PERSON,
        Column(key="item", zh="指标", en="Metric", kind="text", required=True,
               note="指标名称，或指标数据的列名"),
        Column(key="original", zh="原值", en="Original value"),
        Column(key="value", zh="批准值", en="Approved value", required=True),
        Column(key="reason", zh="原因", en="Reason", kind="text", required=True),
        Column(key="approver", zh="批准人", en="Approver", kind="text", required=True),
        Column(key="approved", zh="批准日期", en="Approved on", kind="date", required=True),
        Column(key="asked_by", zh="提出人", en="Asked by", kind="text"),
        Column(key="evidence", zh="依据", en="Evidence", kind="text"),
    ),
)

REFUNDS = Table(
    key="refunds",
    zh="退款",
    en="Refunds",
    required=False,
    columns=(
        DATE,
        PERSON,
        Column(key="origin", zh="原期间", en="Original period", kind="period", required=True,
               note="这笔销售当时计提成的月份"),
        Column(key="refund", zh="退款金额", en="Refund", unit="yuan", required=True, minimum=0),
        Column(key="note", zh="说明", en="Note", kind="text"),
    ),
)

ADJUSTMENTS = Table(
    key="adjustments",
    zh="补扣",
    en="Adjustments",
    required=False,
    columns=(
        PERIOD,
        PERSON,
        Column(key="item", zh="项目", en="Item", kind="text", required=True,
               note="如 专项奖、补发、罚款"),
        Column(key="amount", zh="金额", en="Amount", unit="yuan", required=True, note="扣款写负数"),
        Column(key="reason", zh="原因", en="Reason", kind="text", required=True),
    ),
)
