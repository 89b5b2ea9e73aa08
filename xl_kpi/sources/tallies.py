"""Judged chats and attributed orders → counts per person and day: ibis expressions.

Every tally has ``person_id`` and ``day`` and columns named like those of 指标数据; money is in fen,
seconds and points are in thousandths.
"""

from __future__ import annotations

import ibis

from xl_kpi.period import Period
from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.expressions import within

FILTERS = ("after_sales", "advert", "one_liner")
NO_ONE = ("nobody", "unknown")


def _whole(flag: Expression) -> Expression:
    return flag.cast("int64")


def judged(
    chats: Expression, marks: Expression, definition: Definition, period: Period
) -> Expression:
    """The period's chats that count; ``inquires`` says whether they are inquiries."""
    mine = chats.filter(within(chats.started, period.start, period.end))
    rows = mine.left_join(marks.select("session_id", "reason"), "session_id")
    rows = rows.drop("session_id_right")
    left_out = NO_ONE if definition.filtered_are_received else (*NO_ONE, *FILTERS)
    rows = rows.filter(rows.reason.isnull() | ~rows.reason.isin(left_out))
    return rows.mutate(day=rows.started.date(), inquires=rows.reason.isnull())


def chat_sums(rows: Expression) -> Expression:
    """Sessions, lines, seconds and problems."""
    first = rows.first_response_seconds
    answered = rows.agent_messages > 0
    return rows.group_by("person_id", "day").agg(
        sessions=rows.count(),
        agent_messages=rows.agent_messages.sum(),
        buyer_messages=rows.buyer_messages.sum(),
        response_seconds=rows.response_seconds.sum().fill_null(0),
        replies=rows.replies.sum().fill_null(0),
        first_response_seconds=first.sum(where=answered).fill_null(0),
        first_responses=first.count(where=answered),
        **{
            f"answered_in_{name}": first.count(where=answered & (first <= limit))
            for name, limit in (("30s", 30_000), ("60s", 60_000), ("3min", 180_000))
        },
        raised_problems=rows.resolved.count(),
        solved_problems=_whole(rows.resolved.fill_null(False)).sum(),
    )


def filtered_days(marks: Expression) -> Expression:
    """Days on which somebody had chats that were filtered: they were on duty all the same."""
    rows = marks.filter(marks.reason.isin(FILTERS))
    return rows.group_by("person_id", day=rows.started.date()).agg(filtered=rows.count())


def chat_customers(rows: Expression) -> Expression:
    """Customers received, replied to and inquiring; one customer of a shop counts once a day."""
    each = rows.group_by("person_id", "day", "shop", "buyer_id").agg(
        replied=_whole(rows.agent_messages > 0).max(), inquires=_whole(rows.inquires).max()
    )
    return each.group_by("person_id", "day").agg(
        received_customers=each.count(),
        replied_customers=each.replied.sum(),
        inquiring_customers=each.inquires.sum(),
    )


def order_tally(owned: Expression, period: Period) -> Expression:
    """Orders, amounts and customers by the day of the order."""
    rows = owned.filter(owned.person_id.notnull())
    rows = rows.filter(within(rows.ordered, period.start, period.end))
    rows = rows.mutate(day=rows.ordered.date())
    each = rows.group_by("person_id", "day", "shop", "buyer_id").agg(
        orders=rows.count(),
        placed=rows.amount.sum(),
        valid=rows.is_paid.sum(),
        abnormal=_whole(rows.abnormal.fill_null(False)).sum(),
        fen=rows.fen.sum(),
        lost=ibis.ifelse(rows.is_paid == 0, rows.amount, 0).sum(),
        paying=rows.is_paid.max(),
        at_once=rows.at_once.max(),
    )
    return each.group_by("person_id", "day").agg(
        orders=each.orders.sum(),
        valid_orders=each.valid.sum(),
        abnormal_orders=each.abnormal.sum(),
        placed_amount=each.placed.sum(),
        paid_amount=each.fen.sum(),
        lost_amount=each.lost.sum(),
        ordering_customers=each.count(),
        paying_customers=each.paying.sum(),
        same_day_paying_customers=each.at_once.sum(),
    )


def inquiry_tally(owned: Expression, marks: Expression, period: Period) -> Expression:
    """Inquiring customers who ordered the same day, and who ordered and paid: by the chat's day."""
    rows = owned.filter(within(owned.chat_started, period.start, period.end))
    rows = rows.anti_join(marks.select("session_id"), rows.chat == marks.session_id)
    rows = rows.mutate(
        asked=rows.chat_started.date(), same_day=_whole(rows.chat_started.date() == rows.ordered.date())
    )
    each = rows.group_by("person_id", "asked", "shop", "buyer_id").agg(
        paying=rows.is_paid.max(), same_day=rows.same_day.max()
    )
    return each.group_by("person_id", day="asked").agg(
        converted_customers=each.paying.sum(), same_day_ordering_customers=each.same_day.sum()
    )


def sales_tally(paid: Expression, owned: Expression, period: Period) -> Expression:
    """What was paid in time for a person's orders, by the day of the payment."""
    rows = paid.filter(paid.in_time & within(paid.paid, period.start, period.end))
    rows = rows.select("order_id", "paid", "paid_amount")
    rows = rows.join(owned.select("order_id", "person_id"), "order_id")
    rows = rows.filter(rows.person_id.notnull())
    return rows.group_by("person_id", day=rows.paid.date()).agg(sales=rows.paid_amount.sum())


def assisted_tally(assisted: Expression, period: Period) -> Expression:
    """What a person brought to payment for colleagues, by the day of the payment."""
    rows = assisted.filter(within(assisted.paid, period.start, period.end))
    return rows.group_by(person_id=rows.helper, day=rows.paid.date()).agg(
        assisted_amount=rows.paid_amount.sum()
    )


def refund_tally(refunds: Expression, owned: Expression, period: Period) -> Expression:
    """Refunds of a person's orders, however old, by the day of the refund."""
    rows = refunds.filter(within(refunds.refunded, period.start, period.end))
    rows = rows.join(owned.select("order_id", "person_id"), "order_id")
    rows = rows.filter(rows.person_id.notnull())
    return rows.group_by("person_id", day=rows.refunded.date()).agg(
        refunded_amount=rows.refunded_amount.sum()
    )


def rating_tally(ratings: Expression, definition: Definition, period: Period) -> Expression:
    """Ratings by their day; ``ratings`` has ``person_id``, ``rated`` and ``rating``."""
    rows = ratings.filter(within(ratings.rated, period.start, period.end))
    return rows.group_by("person_id", day=rows.rated.date()).agg(
        rating_sum=rows.rating.sum(),
        ratings=rows.count(),
        satisfied_ratings=_whole(rows.rating >= round(definition.satisfied_from * 1000)).sum(),
        praised_ratings=_whole(rows.rating >= round(definition.praised_from * 1000)).sum(),
    )


def inspection_tally(inspections: Expression, period: Period) -> Expression:
    """Inspections by their day."""
    rows = inspections.filter(within(inspections.inspected, period.start, period.end))
    return rows.group_by("person_id", day=rows.inspected.date()).agg(
        inspections=rows.count(), passed_inspections=_whole(rows.passed).sum()
    )
