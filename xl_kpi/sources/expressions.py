"""Chats, orders and payments → who gets which order, which chats count: ibis expressions.

The same expressions run on DuckDB and on Spark.  Their tables come from ``cleaning``: usable rows,
each id once.  A chat belongs to the day on which it started.  An agent *talked* in a chat if they
are named in it and wrote at least one line.
"""

from __future__ import annotations

import datetime as dt

import ibis

from xl_kpi.period import Period
from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.definition import Definition


def days(count: int) -> Expression:
    """A stretch of whole days."""
    return ibis.interval(days=count)


def moment(day: dt.date) -> Expression:
    """The first moment of a day."""
    return ibis.timestamp(f"{day.isoformat()} 00:00:00")


def within(moments: Expression, first: dt.date, last: dt.date) -> Expression:
    """Whether the moments lie on the days from first to last."""
    return (moments >= moment(first)) & (moments < moment(last + dt.timedelta(days=1)))


def opened(orders: Expression, definition: Definition) -> Expression:
    """The earliest moment at which a chat can have started to lead to the order."""
    return orders.ordered.truncate("D") - days(definition.order_days)


def talks(chats: Expression) -> Expression:
    """The chats in which a named agent wrote something."""
    rows = chats.filter(chats.person_id.notnull() & (chats.agent_messages > 0))
    return rows.select("shop", "buyer_id", "started", "session_id", "person_id")


def _last_talk(pairs: Expression, key: str) -> Expression:
    """Of the pairs of each key the talk that began last; of one second, the last by its id."""
    last = ibis.struct(
        {"started": pairs.started, "session_id": pairs.session_id, "person_id": pairs.person_id}
    ).max()
    found = pairs.group_by(key).agg(last=last)
    return found.select(
        key, person_id=found.last["person_id"], session_id=found.last["session_id"],
        started=found.last["started"],
    )  # fmt: skip


def owned_orders(orders: Expression, chats: Expression, definition: Definition) -> Expression:
    """Every order with the agent it belongs to: who talked last with that buyer in that shop.

    Only talks of the order's day and of the ``order_days`` before it, begun at or before the
    order's moment.  ``person_id`` is missing where there was none.
    """
    wanted = orders.select(
        "order_id", "shop", "buyer_id", "ordered", opened=opened(orders, definition)
    )
    said = talks(chats)
    pairs = wanted.join(said, ["shop", "buyer_id"])
    pairs = pairs.filter((pairs.started <= pairs.ordered) & (pairs.started >= pairs.opened))
    owner = _last_talk(pairs, "order_id").rename(chat="session_id", chat_started="started")
    return orders.left_join(owner, "order_id").drop("order_id_right")


def order_payments(
    payments: Expression, owned: Expression, definition: Definition
) -> Expression:
    """Every payment with its order's shop, buyer, moment and agent, and whether it counts.

    ``in_time``: from the order's moment to the end of the ``payment_days``-th day after its day.
    """
    of = owned.select("order_id", "shop", "buyer_id", "ordered", "person_id")
    rows = payments.join(of, "order_id")
    end = rows.ordered.truncate("D") + days(definition.payment_days + 1)
    return rows.mutate(in_time=(rows.paid >= rows.ordered) & (rows.paid < end))


def assisted(paid: Expression, chats: Expression) -> Expression:
    """Payments in time of a colleague's order, with the agent who talked last before the payment.

    Only talks begun after the order and at or before the payment; the order's own agent being the
    last makes it no assistance.
    """
    wanted = paid.filter(paid.in_time & paid.person_id.notnull()).rename(owner="person_id")
    wanted = wanted.select(
        "payment_id", "shop", "buyer_id", "ordered", "paid", "paid_amount", "owner"
    )
    pairs = wanted.join(talks(chats), ["shop", "buyer_id"])
    pairs = pairs.filter((pairs.started > pairs.ordered) & (pairs.started <= pairs.paid))
    helper = _last_talk(pairs, "payment_id").select("payment_id", helper="person_id")
    rows = wanted.join(helper, "payment_id")
    return rows.filter(rows.helper != rows.owner)


# --- which chats count ---------------------------------------------------------------------


def _came_back(
    chats: Expression, orders: Expression, payments: Expression, definition: Definition
) -> Expression:
    """Chats after an order or a payment and with no order to follow: ``bought``, ``had_ordered``.

    ``bought``: paid within ``after_sales_days`` days before.  ``had_ordered``: ordered within the
    attribution window before.
    """
    ordered = orders.select(
        "shop", "buyer_id", at=orders.ordered, bought=ibis.literal(False),
        until=orders.ordered.truncate("D") + days(definition.order_days + 1),
    )  # fmt: skip
    paid = payments.select(
        "shop", "buyer_id", at=payments.paid, bought=ibis.literal(True),
        until=payments.paid.truncate("D") + days(definition.after_sales_days + 1),
    )  # fmt: skip
    before = ordered.union(paid)
    pairs = chats.select("session_id", "shop", "buyer_id", "started").join(
        before, ["shop", "buyer_id"]
    )
    pairs = pairs.filter((pairs.at < pairs.started) & (pairs.started < pairs.until))
    back = pairs.group_by("session_id", "shop", "buyer_id", "started").agg(
        bought=pairs.bought.any(), had_ordered=(~pairs.bought).any()
    )
    again = back.join(
        orders.select("shop", "buyer_id", "ordered", opened=opened(orders, definition)),
        ["shop", "buyer_id"],
    )
    again = again.filter((again.started <= again.ordered) & (again.started >= again.opened))
    back = back.anti_join(again.select("session_id"), "session_id")
    return back.select("session_id", "bought", "had_ordered")


def _one_liners(chats: Expression, everyone: Expression, definition: Definition) -> Expression:
    """Chats of one line whose buyer said nothing else in that shop on that day."""
    single = chats.filter(
        (chats.buyer_messages == 1) & (chats.agent_messages >= definition.one_liner_replies)
    ).select("session_id", "shop", "buyer_id", day=chats.started.date())
    others = everyone.filter(everyone.buyer_messages > 0).select(
        "shop", "buyer_id", day=everyone.started.date(), other="session_id"
    )
    more = single.join(others, ["shop", "buyer_id", "day"])
    more = more.filter(more.session_id != more.other)
    return single.anti_join(more.select("session_id"), "session_id").select("session_id")


def marks(
    chats: Expression, orders: Expression, payments: Expression, people: Expression | None,
    definition: Definition, period: Period,
) -> Expression:  # fmt: skip
    """Chats of the period that do not count, each with its one ``reason``, or are no inquiry.

    Reasons: ``nobody``, ``unknown``, ``after_sales`` (F1), ``advert`` (F2), ``one_liner`` (F3), in
    this order; ``follow_up`` chats count as received, not as inquiring.

    Args:
        chats: All chats.
        orders: All orders.
        payments: All payments, with shop and buyer.
        people: Who is known (``person_id``); everybody if not given.
        definition: Windows and filters.
        period: The days that are counted.
    """
    mine = chats.filter(within(chats.started, period.start, period.end))
    back = _came_back(mine, orders, payments, definition)
    single = _one_liners(mine, chats, definition).mutate(single=ibis.literal(True))
    rows = mine.left_join(back, "session_id").drop("session_id_right")
    rows = rows.left_join(single, "session_id").drop("session_id_right")
    nobody = rows.person_id.isnull()
    unknown = ibis.literal(False)
    if people is not None:
        known = people.select(known="person_id").distinct()
        rows = rows.left_join(known, rows.person_id == known.known)
        nobody, unknown = rows.person_id.isnull(), rows.known.isnull()
    reason = ibis.cases(
        (nobody, "nobody"),
        (unknown, "unknown"),
        (ibis.literal(definition.after_sales) & rows.bought.fill_null(False), "after_sales"),
        (
            ibis.literal(definition.advert)
            & (rows.advert_phrases.fill_null(0) >= definition.advert_times),
            "advert",
        ),
        (ibis.literal(definition.one_liner) & rows.single.fill_null(False), "one_liner"),
        (rows.had_ordered.fill_null(False), "follow_up"),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(reason=reason)
    return rows.filter(rows.reason.notnull()).select(
        "session_id", "person_id", "started", "reason"
    )
