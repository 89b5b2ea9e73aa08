"""What is counted and how: the windows and filters of a month's counts, with a fingerprint (口径)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields

from xl_kpi.errors import InputError, Problem

# Why a row of a log is left out.
REASONS = {
    "deleted": "已删除的记录",
    "incomplete": "必填项空白或读不懂",
    "duplicate": "编号重复，只计一行",
    "nobody": "没有客服",
    "unknown": "客服不在员工表",
    "after_sales": "售后：买后回来咨询且没有再下单",
    "advert": "广告：用过滤语回复达到次数",
    "one_liner": "简单句：顾客只说一句，没有再回应",
    "no_order": "找不到对应的订单",
    "not_in_time": "付款早于下单，或超过付款期限",
}

_VERSION = 1  # goes up when the meaning of a field changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The judgement rules of raw logs; the presets are those of rules.md §1.

    Raises:
        InputError: If a number is not a whole number from 0 on (1 for numbers of lines).
    """

    after_sales: bool = True
    """F1: leave out who bought, came back within ``after_sales_days`` and did not order again."""
    after_sales_days: int = 14
    advert: bool = True
    """F2: leave out who was answered with ``advert_phrase`` at least ``advert_times`` times."""
    advert_phrase: str = ""
    """Looked for in messages; chats without messages have a column of how often it was used."""
    advert_times: int = 2
    one_liner: bool = True
    """F3: leave out whose only line of the day got ``one_liner_replies`` lines or more."""
    one_liner_replies: int = 3
    filtered_are_received: bool = False
    """Whether the three filters take a customer from the inquiring only, not from the received."""
    order_days: int = 1
    """Days after the chat's day on which an order still belongs to its agent."""
    payment_days: int = 4
    """Days after the order's day on which a payment still counts."""
    order_ripe_days: int = 1
    payment_ripe_days: int = 4
    satisfied_from: float = 4.0
    praised_from: float = 5.0

    def __post_init__(self) -> None:
        problems = []
        for field in fields(self):
            value = getattr(self, field.name)
            least = 1 if field.name in ("advert_times", "one_liner_replies") else 0
            whole = field.type in ("int", int)
            if whole and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                problems.append(
                    Problem(f"口径 {field.name}", f"“{value}”不能用", f"填 {least} 以上的整数")
                )
        if problems:
            raise InputError(problems)

    @property
    def fingerprint(self) -> str:
        """Twelve characters that are the same only for the same definition."""
        text = json.dumps([_VERSION, asdict(self)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
