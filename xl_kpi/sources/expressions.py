"""Chats, orders and payments → who gets which order, which chats count: ibis expressions.

The same expressions run on DuckDB and on Spark.  Their tables come from ``cleaning``: usable rows,
each id once.  A chat belongs to the day on which it started.  An agent *talked* in a chat if they
are named in it and wrote at least one line.
"""

from __future__ import annotations

import datetime as dt

import ibis

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


def order_payments(payments: Expression, orders: Expression, definition: Definition) -> Expression:
    """Every payment with its order's shop, buyer and moment, and whether it counts.

    ``in_time``: from the order's moment to the end of the ``payment_days``-th day after its day.
    """
    of = orders.select("order_id", "shop", "buyer_id", "ordered")
    paid = payments.select("payment_id", "order_id", "paid", "paid_amount")
    rows = paid.join(of, "order_id")
    end = rows.ordered.truncate("D") + days(definition.payment_days + 1)
    return rows.mutate(in_time=(rows.paid >= rows.ordered) & (rows.paid < end))


def owned_orders(
    orders: Expression, chats: Expression, paid: Expression, definition: Definition
) -> Expression:
    """Every order with the agent it belongs to: who talked last with that buyer in that shop.

    Only talks of the order's day and of the ``order_days`` before it, begun at or before the
    order's moment.  ``person_id`` is missing where there was none.  ``fen`` is what was paid in
    time, ``is_paid`` and ``at_once`` (the same day) are 1 or 0.
    """
    wanted = orders.select(
        "order_id", "shop", "buyer_id", "ordered", opened=opened(orders, definition)
    )
    said = talks(chats)
    pairs = wanted.join(said, ["shop", "buyer_id"])
    pairs = pairs.filter((pairs.started <= pairs.ordered) & (pairs.started >= pairs.opened))
    owner = _last_talk(pairs, "order_id").rename(chat="session_id", chat_started="started")
    counted = paid.filter(paid.in_time)
    same_day = (counted.paid.date() == counted.ordered.date()).cast("int64")
    sums = counted.group_by("order_id").agg(fen=counted.paid_amount.sum(), at_once=same_day.max())
    rows = orders.select("order_id", "shop", "buyer_id", "ordered", "amount", "abnormal")
    rows = rows.left_join(owner, "order_id").drop("order_id_right")
    rows = rows.left_join(sums, "order_id").drop("order_id_right")
    return rows.mutate(
        is_paid=rows.fen.notnull().cast("int64"), fen=rows.fen.fill_null(0),
        at_once=rows.at_once.fill_null(0),
    )  # fmt: skip


def assisted(paid: Expression, owned: Expression, chats: Expression) -> Expression:
    """Payments in time of a colleague's order, with the agent who talked last before the payment.

    Only talks begun after the order and at or before the payment; the order's own agent being the
    last makes it no assistance.
    """
    wanted = paid.filter(paid.in_time)
    pairs = wanted.select("payment_id", "shop", "buyer_id", "ordered", "paid").join(
        talks(chats), ["shop", "buyer_id"]
    )
    pairs = pairs.filter((pairs.started > pairs.ordered) & (pairs.started <= pairs.paid))
    helper = _last_talk(pairs, "payment_id").select("payment_id", helper="person_id")
    rows = wanted.select("payment_id", "order_id", "paid", "paid_amount").join(
        helper, "payment_id"
    )
    rows = rows.join(owned.select("order_id", owner="person_id"), "order_id")
    return rows.filter(rows.owner.notnull() & (rows.helper != rows.owner))


# --- which chats count ---------------------------------------------------------------------


def came_back(
    chats: Expression, orders: Expression, paid: Expression, definition: Definition
) -> Expression:
    """Chats of buyers who had ordered or paid in that shop before, not long ago.

    ``bought``: paid within ``after_sales_days`` days before.  ``had_ordered``: ordered within the
    attribution window before.
    """
    unpaid = orders.anti_join(paid, "order_id")
    before = paid.select("shop", "buyer_id", "ordered", "paid").union(
        unpaid.select("shop", "buyer_id", "ordered", paid=ibis.null("timestamp"))
    )
    pairs = chats.select("session_id", "shop", "buyer_id", "started").join(
        before, ["shop", "buyer_id"]
    )
    pairs = pairs.filter((pairs.ordered < pairs.started) | (pairs.paid < pairs.started))
    at = pairs.started
    sale_ends = pairs.paid.truncate("D") + days(definition.after_sales_days + 1)
    order_ends = pairs.ordered.truncate("D") + days(definition.order_days + 1)
    bought = ((pairs.paid < at) & (at < sale_ends)).fill_null(False)
    had_ordered = (pairs.ordered < at) & (at < order_ends)
    pairs = pairs.filter(bought | had_ordered)
    return pairs.group_by("session_id", "shop", "buyer_id", "started").agg(
        bought=bought.any(), had_ordered=had_ordered.any()
    )


def ordered_again(back: Expression, orders: Expression, definition: Definition) -> Expression:
    """The chats of ``came_back`` after which the buyer ordered within the attribution window."""
    wanted = orders.select("shop", "buyer_id", "ordered", opened=opened(orders, definition))
    again = back.join(wanted, ["shop", "buyer_id"])
    again = again.filter((again.started <= again.ordered) & (again.started >= again.opened))
    return again.select("session_id")


def single_lines(chats: Expression, definition: Definition) -> Expression:
    """Chats of one line of the buyer and many of the agent."""
    rows = chats.filter(
        (chats.buyer_messages == 1) & (chats.agent_messages >= definition.one_liner_replies)
    )
    return rows.select("session_id", "shop", "buyer_id", day=rows.started.date())


def spoke_more(single: Expression, chats: Expression) -> Expression:
    """The chats of ``single_lines`` whose buyer said more in that shop on that day."""
    others = chats.filter(chats.buyer_messages > 0)
    others = others.select("shop", "buyer_id", day=others.started.date(), other=others.session_id)
    more = single.join(others, ["shop", "buyer_id", "day"])
    return more.filter(more.session_id != more.other).select("session_id")


def marks(
    chats: Expression, back: Expression, single: Expression, people: Expression | None,
    definition: Definition,
) -> Expression:  # fmt: skip
    """Chats that do not count, each with its one ``reason``, or that are no inquiry.

    Reasons: ``nobody``, ``unknown``, ``after_sales`` (F1), ``advert`` (F2), ``one_liner`` (F3), in
    this order; ``follow_up`` chats count as received, not as inquiring.

    Args:
        chats: The period's chats.
        back: Those of ``came_back`` with no order to follow.
        single: Those of ``single_lines`` whose buyers said nothing more.
        people: Who is known (``person_id``); everybody if not given.
        definition: The filters.
    """
    rows = chats.select("session_id", "person_id", "started", "advert_phrases")
    rows = rows.left_join(back.select("session_id", "bought", "had_ordered"), "session_id")
    rows = rows.drop("session_id_right")
    single = single.select(single_id="session_id")
    rows = rows.left_join(single, rows.session_id == single.single_id)
    nobody, unknown = rows.person_id.isnull(), ibis.literal(False)
    if people is not None:
        known = people.select(known="person_id").distinct()
        rows = rows.left_join(known, rows.person_id == known.known)
        nobody, unknown = rows.person_id.isnull(), rows.known.isnull()
    on = {name: ibis.literal(getattr(definition, name)) for name in ("after_sales", "advert")}
    often = rows.advert_phrases.fill_null(0) >= definition.advert_times
    reason = ibis.cases(
        (nobody, "nobody"),
        (unknown, "unknown"),
        (on["after_sales"] & rows.bought.fill_null(False), "after_sales"),
        (on["advert"] & often, "advert"),
        (ibis.literal(definition.one_liner) & rows.single_id.notnull(), "one_liner"),
        (rows.had_ordered.fill_null(False), "follow_up"),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(reason=reason)
    return rows.filter(rows.reason.notnull()).select(
        "session_id", "person_id", "started", "reason"
    )
