"""What a raw log may hold: one row per chat, message, order, payment, refund, rating, inspection.

These tables lie in files or a database; small ones of chats and orders may stand in the book
(会话, 订单).  A column is found by its key or by one of its labels; a column that is not required may
be absent.  ``moment`` columns are a day with its time, in the shop's own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

LogKind: TypeAlias = Literal["text", "moment", "whole", "money", "seconds", "points", "flag"]


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column of a raw log; ``key`` is also its name in files that ``xl-kpi sample`` makes."""

    key: str
    kind: LogKind
    zh: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class LogTable:
    """One kind of row; the first column names the row."""

    key: str
    zh: str
    columns: tuple[LogColumn, ...]
    required: bool = False

    @property
    def id(self) -> str:
        """The column that names a row."""
        return self.columns[0].key


DELETED = LogColumn("deleted", "flag", "已删除")

CHATS = LogTable(
    "chats",
    "会话",
    (
        LogColumn("session_id", "text", "会话编号", required=True),
        LogColumn("shop", "text", "店铺", required=True),
        LogColumn("buyer_id", "text", "买家", required=True),
        LogColumn("person_id", "text", "工号"),
        LogColumn("started", "moment", "开始时间", required=True),
        LogColumn("buyer_messages", "whole", "买家消息数", required=True),
        LogColumn("agent_messages", "whole", "客服消息数", required=True),
        LogColumn("advert_phrases", "whole", "广告语次数"),
        LogColumn("first_response_seconds", "seconds", "首响秒数"),
        LogColumn("response_seconds", "seconds", "总响应秒数"),
        LogColumn("replies", "whole", "响应次数"),
        LogColumn("resolved", "flag", "已解决"),
        LogColumn("rating", "points", "评分"),
        DELETED,
    ),
    required=True,
)
MESSAGES = LogTable(
    "messages",
    "消息",
    (
        LogColumn("message_id", "text", "消息编号", required=True),
        LogColumn("session_id", "text", "会话编号", required=True),
        LogColumn("sent", "moment", "发送时间", required=True),
        LogColumn("from_agent", "flag", "客服发出", required=True),
        LogColumn("text", "text", "内容"),
        DELETED,
    ),
)
ORDERS = LogTable(
    "orders",
    "订单",
    (
        LogColumn("order_id", "text", "订单编号", required=True),
        LogColumn("shop", "text", "店铺", required=True),
        LogColumn("buyer_id", "text", "买家", required=True),
        LogColumn("ordered", "moment", "下单时间", required=True),
        LogColumn("amount", "money", "下单金额", required=True),
        LogColumn("paid", "moment", "付款时间"),
        LogColumn("paid_amount", "money", "付款金额"),
        LogColumn("refunded", "moment", "退款时间"),
        LogColumn("refunded_amount", "money", "退款金额"),
        LogColumn("abnormal", "flag", "异常"),
        DELETED,
    ),
)
PAYMENTS = LogTable(
    "payments",
    "付款",
    (
        LogColumn("payment_id", "text", "付款编号", required=True),
        LogColumn("order_id", "text", "订单编号", required=True),
        LogColumn("paid", "moment", "付款时间", required=True),
        LogColumn("paid_amount", "money", "付款金额", required=True),
        DELETED,
    ),
)
REFUNDED = LogTable(
    "refunds",
    "退款",
    (
        LogColumn("refund_id", "text", "退款编号", required=True),
        LogColumn("order_id", "text", "订单编号", required=True),
        LogColumn("refunded", "moment", "退款时间", required=True),
        LogColumn("refunded_amount", "money", "退款金额", required=True),
        DELETED,
    ),
)
SCORES = LogTable(
    "ratings",
    "评价",
    (
        LogColumn("rating_id", "text", "评价编号", required=True),
        LogColumn("person_id", "text", "工号", required=True),
        LogColumn("rated", "moment", "评价时间", required=True),
        LogColumn("rating", "points", "评分", required=True),
        DELETED,
    ),
)
INSPECTIONS = LogTable(
    "inspections",
    "质检",
    (
        LogColumn("inspection_id", "text", "质检编号", required=True),
        LogColumn("person_id", "text", "工号", required=True),
        LogColumn("inspected", "moment", "质检时间", required=True),
        LogColumn("passed", "flag", "合格", required=True),
        DELETED,
    ),
)

LOGS: Mapping[str, LogTable] = {
    table.key: table
    for table in (CHATS, MESSAGES, ORDERS, PAYMENTS, REFUNDED, SCORES, INSPECTIONS)
}
