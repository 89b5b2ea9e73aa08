"""Every input table of a book: columns, types, units, keys, checks.

A table arrives as a ``RawTable`` (cells as they stand on the sheet) and leaves as a checked
``DataFrame`` whose columns carry the keys below; every cell that is not what its column wants
becomes a ``Problem`` naming the cell, never a number (convention C7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "date", "period", "choice", "flag"]
Cell: TypeAlias = object  # None, str, float, bool, datetime/date/time or CellError


def column_letter(column: int) -> str:
    """The letters of a 1-based column: 1 → A, 28 → AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that holds no value: an error (``#DIV/0!``) or a formula never calculated."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; ``count`` columns hold base counts, which add over days (C6)."""

    key: str
    zh: str
    en: str
    kind: Kind = "number"
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    note: str = ""  # what HR reads when the cell is selected

    def label(self, lang: str) -> str:
        """The header in Chinese or English."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the book: its Excel name, sheet and columns."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    required: bool = True

    @property
    def excel_name(self) -> str:
        """The name of the Excel table, the same in every language."""
        return f"kpi_{self.key}"

    def label(self, lang: str) -> str:
        """The sheet's name in Chinese or English."""
        return self.zh if lang == "zh" else self.en

    def column(self, key: str) -> Column:
        """The column with this key."""
        return next(column for column in self.columns if column.key == key)


@dataclass(slots=True)
class RawTable:
    """A table's cells as they stand on the sheet, column by column."""

    name: str
    sheet: str
    header_row: int  # 1-based row of the header
    first_column: int  # 1-based
    header: tuple[str, ...]
    columns: list[list[Cell]]

    @property
    def rows(self) -> int:
        """How many data rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def where(self, row: int, column: int) -> str:
        """The address of a data cell (both 0-based), as HR reads it: ``指标数据!F118``."""
        return f"{self.sheet}!{column_letter(self.first_column + column)}{self.header_row + 1 + row}"


STATUS = {
    "confirmed": ("正式", "confirmed"),
    "unconfirmed": ("试用", "unconfirmed"),
    "stand_in": ("顶岗", "stand-in"),
}

_PERSON = Column(
    key="person_id", zh="工号", en="Staff ID", kind="text", required=True, note="工号，或没有重名的姓名"
)
_DATE = Column(key="date", zh="日期", en="Date", kind="date", required=True)
_PERIOD = Column(
    key="period", zh="期间", en="Period", kind="period", required=True, note="月份，如 2026-10"
)


def _count(key: str, zh: str, en: str, unit: str = "count") -> Column:
    return Column(key=key, zh=zh, en=en, unit=unit, minimum=0)


ROSTER = Table(
    key="roster",
    zh="员工",
    en="Staff",
    unique=("person_id",),
    columns=(
        _PERSON,
        Column(key="name", zh="姓名", en="Name", kind="text", required=True),
        Column(key="department", zh="部门", en="Department", kind="text", required=True),
        Column(key="shop", zh="店铺", en="Shop", kind="text", required=True),
        Column(key="team", zh="团队", en="Team", kind="text"),
        Column(key="role", zh="岗位", en="Role", kind="text"),
        Column(
            key="status", zh="身份", en="Status", kind="choice", required=True, choices=STATUS,
            note="正式：参加考核；试用、顶岗：只列示，不参加排名和平均",
        ),
        Column(key="hired", zh="入职日期", en="Hired", kind="date"),
        Column(key="left", zh="离职日期", en="Left", kind="date"),
        Column(key="base_pay", zh="月基本工资", en="Monthly base pay", unit="yuan", minimum=0),
        Column(key="attendance_pay", zh="月全勤奖", en="Monthly attendance pay", unit="yuan", minimum=0),
        Column(key="overtime_pay", zh="月加班工资", en="Monthly overtime pay", unit="yuan", minimum=0),
        Column(key="bonus_base", zh="奖金基数", en="Bonus base", unit="yuan", minimum=0),
        Column(key="fixed_bonus", zh="固定奖金", en="Fixed bonus", unit="yuan", minimum=0),
        Column(key="floating_bonus", zh="浮动奖金", en="Floating bonus", unit="yuan", minimum=0),
        Column(key="guarantee", zh="保底工资", en="Guaranteed pay", unit="yuan", minimum=0),
    ),
)

COUNTS = Table(
    key="counts",
    zh="指标数据",
    en="Counts",
    unique=("date", "person_id"),
    columns=(
        _DATE,
        _PERSON,
        _count("duty_days", "上班天数", "Duty days", "days"),
        _count("received_customers", "接待人数", "Received customers"),
        _count("replied_customers", "回复人数", "Replied customers"),
        _count("inquiring_customers", "询单人数", "Inquiring customers"),
        _count("same_day_ordering_customers", "当日下单人数", "Same-day ordering customers"),
        _count("ordering_customers", "下单人数", "Ordering customers"),
        _count("final_paying_customers", "最终付款人数", "Final paying customers"),
        _count("same_day_paying_customers", "当日付款人数", "Same-day paying customers"),
        _count("converted_customers", "询单最终付款人数", "Converted customers"),
        _count("lost_customers", "流失人数", "Lost customers"),
        _count("paying_customers", "付款人数", "Paying customers"),
        _count("paid_amount", "付款金额", "Paid amount", "yuan"),
        _count("sales", "销售额", "Sales", "yuan"),
        _count("assisted_amount", "协助金额", "Assisted amount", "yuan"),
        _count("agent_messages", "客服消息数", "Agent messages"),
        _count("buyer_messages", "买家消息数", "Buyer messages"),
        _count("response_seconds", "总响应秒数", "Response seconds", "s"),
        _count("replies", "总响应次数", "Replies"),
        _count("first_response_seconds", "首响总秒数", "First response seconds", "s"),
        _count("first_responses", "首响次数", "First responses"),
        _count("rating_sum", "评分总和", "Sum of ratings", "points"),
        _count("ratings", "评分数", "Ratings"),
        _count("raised_problems", "提出问题数", "Raised problems"),
        _count("solved_problems", "已解决问题数", "Solved problems"),
        _count("handled_orders", "处理订单数", "Handled orders"),
        _count("handled_in_time", "及时处理数", "Handled in time"),
        _count("sessions", "会话数", "Sessions"),
        _count("answered_in_30s", "30秒内回复数", "Answered within 30 s"),
        _count("answered_in_60s", "60秒内回复数", "Answered within 60 s"),
        _count("answered_in_3min", "3分钟内回复数", "Answered within 3 minutes"),
        _count("finished_sessions", "完成会话数", "Finished sessions"),
        _count("nuisance_sessions", "骚扰会话数", "Nuisance sessions"),
        _count("satisfied_ratings", "满意评价数", "Satisfied ratings"),
        _count("praised_ratings", "好评数", "Praising ratings"),
        _count("solved_at_once", "一次解决数", "Solved at first contact"),
        _count("regular_problems", "老客问题数", "Problems of regulars"),
        _count("regular_solved", "老客解决数", "Solved for regulars"),
        _count("contacts", "咨询次数", "Contacts"),
        _count("repeat_contacts", "二次咨询数", "Repeat contacts"),
        _count("placed_amount", "下单金额", "Placed amount", "yuan"),
        _count("lost_amount", "流失金额", "Lost amount", "yuan"),
        _count("refunded_amount", "退款总额", "Refunded amount", "yuan"),
        _count("orders", "订单数", "Orders"),
        _count("valid_orders", "有效订单数", "Valid orders"),
        _count("abnormal_orders", "异常订单数", "Abnormal orders"),
        _count("returns", "退换货数", "Returns"),
        _count("disputed_returns", "纠纷退换货数", "Disputed returns"),
        _count("served_customers", "服务客户数", "Served customers"),
        _count("repurchasing_customers", "复购客户数", "Repurchasing customers"),
        _count("service_tickets", "服务工单数", "Service tickets"),
        _count("complaint_tickets", "投诉工单数", "Complaint tickets"),
        _count("complaints", "处理投诉数", "Complaints handled"),
        _count("escalated_complaints", "升级投诉数", "Escalated complaints"),
        _count("retained_complaints", "挽回投诉数", "Retained complainants"),
        _count("inspections", "质检数", "Inspections"),
        _count("passed_inspections", "质检合格数", "Passed inspections"),
        _count("leads", "商机数", "Leads"),
        _count("complete_leads", "完整商机数", "Complete leads"),
        _count("nps_answers", "推荐度答卷数", "NPS answers"),
        _count("promoters", "推荐者数", "Promoters"),
        _count("detractors", "贬损者数", "Detractors"),
        _count("escalations", "升级问题数", "Escalated questions"),
        _count("escalations_in_time", "按时答复数", "Answered in the promised time"),
        _count("calls", "来电数", "Calls"),
        _count("calls_in_three_rings", "三声内接听数", "Answered within three rings"),
        _count("tasks", "工作任务数", "Tasks"),
        _count("tasks_done", "完成任务数", "Tasks done"),
        _count("tasks_in_time", "按时完成数", "Tasks in time"),
        _count("tasks_correct", "准确完成数", "Tasks without error"),
        Column(
            key="filter_abuse", zh="确认滥用", en="Abuse confirmed", kind="flag",
            note="主管确认滥用广告过滤时填 是",
        ),
    ),
)

def own_count(metric: str, english: str, unit: str) -> Column:
    """The column of 指标数据 of a metric that HR counts themselves, named like the metric."""
    label = english[:1].upper() + english[1:] or metric
    return Column(key=metric, zh=metric, en=label, unit=unit or "count", minimum=0)


def counts_with(own: Iterable[Column]) -> Table:
    """指标数据 with HR's own counts behind those it always has.

    One that bears the name of a column that is there already is that column.
    """
    taken = {label.casefold() for c in COUNTS.columns for label in (c.key, c.zh, c.en)}
    added: list[Column] = []
    for column in own:
        if column.zh.casefold() in taken:
            continue
        clash = column.en.casefold() in taken
        added.append(replace(column, en=column.zh) if clash else column)
        taken |= {column.zh.casefold(), added[-1].en.casefold()}
    return replace(COUNTS, columns=(*COUNTS.columns, *added))


SESSIONS = Table(
    key="sessions",
    zh="会话",
    en="Sessions",
    unique=("session_id",),
    columns=(
        Column(key="session_id", zh="会话编号", en="Session ID", kind="text", required=True),
        _DATE,
        Column(key="person_id", zh="工号", en="Staff ID", kind="text",
               note="没有接通客服的会话留空，只计入店铺"),
        Column(key="answered", zh="已接起", en="Answered", kind="flag", required=True),
        Column(key="resolved", zh="已解决", en="Resolved", kind="flag"),
        Column(key="response_seconds", zh="首响秒数", en="Response seconds", unit="s", minimum=0),
        Column(key="duration_seconds", zh="时长秒数", en="Duration seconds", unit="s", minimum=0),
        Column(key="rating", zh="评分", en="Rating", unit="points", minimum=0),
    ),
)

RATINGS = Table(
    key="ratings",
    zh="评分",
    en="Ratings",
    columns=(
        _PERIOD,
        _PERSON,
        Column(key="item", zh="评分项", en="Rated item", kind="text", required=True),
        Column(key="rater_group", zh="评分人类别", en="Rater group", kind="text", required=True),
        Column(key="rater", zh="评分人", en="Rater", kind="text"),
        Column(key="score", zh="分数", en="Score", unit="points", required=True, minimum=0),
    ),
)

EVENTS = Table(
    key="events",
    zh="行为",
    en="Events",
    columns=(
        _DATE,
        _PERSON,
        Column(key="event", zh="事项", en="Event", kind="text", required=True),
        Column(key="times", zh="次数", en="Times", unit="count", minimum=0, note="空白按 1 次计"),
        Column(key="points", zh="分值", en="Points", unit="points", note="只有分值不固定的事项才填"),
        Column(key="note", zh="说明", en="Note", kind="text"),
    ),
)

TARGETS = Table(
    key="targets",
    zh="目标",
    en="Targets",
    unique=("period", "person_id"),
    columns=(
        _PERIOD,
        _PERSON,
        Column(key="sales_target", zh="任务", en="Sales target", unit="yuan", minimum=0),
    ),
)

DEPARTMENTS = Table(
    key="departments",
    zh="部门数据",
    en="Departments",
    unique=("period", "department"),
    columns=(
        _PERIOD,
        Column(key="department", zh="部门", en="Department", kind="text", required=True),
        Column(key="dsr_start", zh="DSR月初", en="DSR at start", unit="points", minimum=0),
        Column(key="dsr_end", zh="DSR月末", en="DSR at end", unit="points", minimum=0),
        Column(key="dsr_industry", zh="同行DSR", en="DSR of the industry", unit="points", minimum=0),
    ),
)

HISTORY = Table(
    key="history",
    zh="历史",
    en="History",
    unique=("period", "person_id", "item"),
    required=False,
    columns=(
        _PERIOD,
        _PERSON,
        Column(key="item", zh="项目", en="Item", kind="text", required=True,
               note="总分、名次、等级、薪资项或指标的名称"),
        Column(key="value", zh="数值", en="Value"),
        Column(key="word", zh="文字", en="Text", kind="text", note="等级等不是数字的结果"),
    ),
)

CALIBRATIONS = Table(
    key="calibrations",
    zh="校准",
    en="Calibrations",
    unique=("period", "week", "person_id", "item"),
    required=False,
    columns=(
        _PERIOD,
        Column(key="week", zh="周", en="Week", minimum=1, note="第几周；整月的数留空"),
        _PERSON,
        Column(key="item", zh="指标", en="Metric", kind="text", required=True,
               note="指标名称，或指标数据的列名"),
        Column(key="original", zh="原值", en="Original value"),
        Column(key="value", zh="批准值", en="Approved value", required=True),
        Column(key="reason", zh="原因", en="Reason", kind="text", required=True),
        Column(key="approver", zh="批准人", en="Approver", kind="text", required=True),
        Column(key="approved", zh="批准日期", en="Approved on", kind="date", required=True),
    ),
)

REFUNDS = Table(
    key="refunds",
    zh="退款",
    en="Refunds",
    required=False,
    columns=(
        _DATE,
        _PERSON,
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
        _PERIOD,
        _PERSON,
        Column(key="item", zh="项目", en="Item", kind="text", required=True,
               note="如 专项奖、补发、罚款"),
        Column(key="amount", zh="金额", en="Amount", unit="yuan", required=True, note="扣款写负数"),
        Column(key="reason", zh="原因", en="Reason", kind="text", required=True),
    ),
)

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

SHOPS = Table(
    key="shops",
    zh="店铺数据",
    en="Shops",
    unique=("date", "shop"),
    columns=(
        _DATE,
        Column(key="shop", zh="店铺", en="Shop", kind="text", required=True),
        _count("shop_paid_amount", "全店付款金额", "Shop paid amount", "yuan"),
        _count("shop_paying_customers", "全店付款人数", "Shop paying customers"),
        _count("page_views", "浏览量", "Page views"),
    ),
)

INPUTS = (
    ROSTER, COUNTS, SESSIONS, RATINGS, EVENTS, TARGETS, DEPARTMENTS, SHOPS,
    CALIBRATIONS, REFUNDS, ADJUSTMENTS, HISTORY,
)  # fmt: skip
CYCLE_SHEETS = (CALENDAR, SMART, RATERS)  # for people to work with; nothing is calculated from them
BY_KEY = {table.key: table for table in (*INPUTS, *CYCLE_SHEETS)}
