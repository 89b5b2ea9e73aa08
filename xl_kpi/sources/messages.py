"""Messages → what a chat's row says of them: lines, replies, response times, advert phrases."""

from __future__ import annotations

import ibis

from xl_kpi.sources.cleaning import Expression
from xl_kpi.sources.definition import Definition

MADE = (
    "buyer_messages", "agent_messages", "advert_phrases", "first_response_seconds",
    "response_seconds", "replies",
)  # fmt: skip


def lines_of_chats(messages: Expression, definition: Definition) -> Expression:
    """One row per ``session_id`` with the columns of ``MADE``, seconds in thousandths.

    A reply is an agent's line right after a buyer's; its response time runs from the first line
    that the buyer wrote since the last agent's line.
    """
    order = [messages.sent, messages.message_id]
    window = ibis.window(group_by="session_id", order_by=order)
    rows = messages.mutate(before=messages.from_agent.lag().over(window))
    begins = ~rows.from_agent & rows.before.fill_null(True)
    rows = rows.mutate(asked=ibis.ifelse(begins, rows.sent, None))
    upto = ibis.window(group_by="session_id", order_by=[rows.sent, rows.message_id], following=0)
    rows = rows.mutate(
        asked=rows.asked.max().over(upto), replies=rows.from_agent & ~rows.before.fill_null(True)
    )
    waited = rows.sent.delta(rows.asked, unit="millisecond")
    phrase = definition.advert_phrase
    advert = rows.text.contains(phrase) if phrase else ibis.literal(False)
    rows = rows.mutate(
        waited=ibis.ifelse(rows.replies, waited, None),
        advert=rows.from_agent & advert.fill_null(False),
    )
    first = ibis.struct({"sent": rows.sent, "message_id": rows.message_id, "waited": rows.waited})
    made = rows.group_by("session_id").agg(
        buyer_messages=(~rows.from_agent).cast("int64").sum(),
        agent_messages=rows.from_agent.cast("int64").sum(),
        advert_phrases=rows.advert.cast("int64").sum(),
        first=ibis.ifelse(rows.replies, first, None).min(),
        response_seconds=rows.waited.sum(),
        replies=rows.replies.cast("int64").sum(),
    )
    return made.mutate(first_response_seconds=made.first["waited"]).drop("first")


def with_messages(chats: Expression, lines: Expression) -> Expression:
    """The chats with what their messages say; a chat without messages keeps its own figures."""
    said = lines.select(of="session_id", **{f"{name}_said": lines[name] for name in MADE})
    rows = chats.left_join(said, chats.session_id == said.of)
    told = rows.of.notnull()
    own = {name: ibis.ifelse(told, rows[f"{name}_said"], rows[name]) for name in MADE}
    return rows.mutate(**own).select(*chats.columns)
