"""The tables of a month: staff, counts, sessions, ratings, events, targets, departments, shops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xl_kpi.tables.declaring import Column, Table

STATUS = {
    "confirmed": ("正式", "confirmed"),
    "unconfirmed": ("试用", "unconfirmed"),
    "stand_in": ("顶岗", "stand-in"),
}

PERSON = Column(
    key="person_id", zh="工号", en="Staff ID", kind="text", required=True, note="工号，或没有重名的姓名"
)
DATE = Column(key="date", zh="日期", en="Date", kind="date", required=True)
PERIOD = Column(
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
        PERSON,
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
        DATE,
        PERSON,
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
        _count("consulting_customers", "咨询人数", "Consulting customers"),
        _count("unreplied_customers", "未回复人数", "Unreplied customers"),
        _count("late_arrivals", "迟到次数", "Late arrivals"),
        _count("early_departures", "早退次数", "Early departures"),
        _count("absent_days", "旷工天数", "Days absent", "days"),
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
        DATE,
        Column(key="person_id", zh="工号", en="Staff ID", kind="text",
               note="没有接通客服的会话留空，只计入店铺"),
        Column(key="answered", zh="已接起", en="Answered", kind="flag", required=True),
        Column(key="resolved", zh="已解决", en="Resolved", kind="flag"),
        Column(key="response_seconds", zh="首响秒数", en="Response seconds", unit="s", minimum=0),
        Column(key="duration_seconds", zh="时长秒数", en="Duration seconds", unit="s", minimum=0),
        Column(key="rating", zh="评分", en="Rating", unit="points", minimum=0),
        # Needed where orders are given to agents:
        Column(key="shop", zh="店铺", en="Shop", kind="text"),
        Column(key="buyer_id", zh="买家", en="Buyer", kind="text"),
        Column(key="started", zh="开始时间", en="Started", kind="moment",
               note="填了订单表才需要，如 2026-10-05 09:30:00"),
        Column(key="buyer_messages", zh="买家消息数", en="Buyer messages", unit="count", minimum=0),
        Column(key="agent_messages", zh="客服消息数", en="Agent messages", unit="count", minimum=0),
        Column(key="advert_phrases", zh="广告语次数", en="Advert phrases", unit="count", minimum=0),
    ),
)

ORDERS = Table(
    key="orders",
    zh="订单",
    en="Orders",
    unique=("order_id",),
    required=False,
    columns=(
        Column(key="order_id", zh="订单编号", en="Order ID", kind="text", required=True),
        Column(key="shop", zh="店铺", en="Shop", kind="text", required=True),
        Column(key="buyer_id", zh="买家", en="Buyer", kind="text", required=True),
        Column(key="ordered", zh="下单时间", en="Ordered", kind="moment", required=True),
        Column(key="amount", zh="下单金额", en="Amount", unit="yuan", required=True, minimum=0),
        Column(key="paid", zh="付款时间", en="Paid", kind="moment", note="没有付款就留空"),
        Column(key="paid_amount", zh="付款金额", en="Paid amount", unit="yuan", minimum=0,
               note="空白按下单金额计"),
        Column(key="refunded", zh="退款时间", en="Refunded", kind="moment"),
        Column(key="refunded_amount", zh="退款金额", en="Refunded amount", unit="yuan", minimum=0),
        Column(key="abnormal", zh="异常", en="Abnormal", kind="flag"),
    ),
)

RATINGS = Table(
    key="ratings",
    zh="评分",
    en="Ratings",
    columns=(
        PERIOD,
        PERSON,
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
        DATE,
        PERSON,
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
        PERIOD,
        PERSON,
        Column(key="sales_target", zh="任务", en="Sales target", unit="yuan", minimum=0),
    ),
)

DEPARTMENTS = Table(
    key="departments",
    zh="部门数据",
    en="Departments",
    unique=("period", "department"),
    columns=(
        PERIOD,
        Column(key="department", zh="部门", en="Department", kind="text", required=True),
        Column(key="dsr_start", zh="DSR月初", en="DSR at start", unit="points", minimum=0),
        Column(key="dsr_end", zh="DSR月末", en="DSR at end", unit="points", minimum=0),
        Column(key="dsr_industry", zh="同行DSR", en="DSR of the industry", unit="points", minimum=0),
    ),
)

SHOPS = Table(
    key="shops",
    zh="店铺数据",
    en="Shops",
    unique=("date", "shop"),
    columns=(
        DATE,
        Column(key="shop", zh="店铺", en="Shop", kind="text", required=True),
        _count("shop_paid_amount", "全店付款金额", "Shop paid amount", "yuan"),
        _count("shop_paying_customers", "全店付款人数", "Shop paying customers"),
        _count("page_views", "浏览量", "Page views"),
        _count("shop_consulting_customers", "全店咨询人数", "Shop consulting customers"),
        _count("shop_received_customers", "全店接待人数", "Shop received customers"),
        _count("shop_inquiring_customers", "全店询单人数", "Shop inquiring customers"),
        _count("shop_converted_customers", "全店询单最终付款人数", "Shop converted customers"),
        _count("service_sales", "客服销售额", "Sales by service", "yuan"),
        _count("shop_ratings", "全店评价数", "Shop ratings"),
        _count("shop_satisfied_ratings", "全店满意评价数", "Shop satisfied ratings"),
        _count("shop_refunded_amount", "全店退款金额", "Shop refunds", "yuan"),
    ),
)
