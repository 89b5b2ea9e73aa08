"""Who is credited with which order and payment of 会话 and 订单, as the counts credit them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import pandas as pd

from xl_kpi.period import Period
from xl_kpi.sources import expressions
from xl_kpi.sources.definition import Definition


@dataclass(frozen=True)
class Credits:
    """The usable rows of the logs, and whose the orders and payments are.

    ``chats``: session_id, shop, buyer_id, person_id, started, buyer_messages, agent_messages,
    advert_phrases.  ``orders``: order_id, shop, buyer_id, ordered, amount and the ``person_id`` whose
    it is (missing = nobody's).  ``assisted``: order_id, paid, paid_amount, ``owner`` and ``helper``.
    """

    chats: pd.DataFrame
    orders: pd.DataFrame
    assisted: pd.DataFrame


def credits_of(
    logs: Mapping[str, pd.DataFrame], definition: Definition, period: Period
) -> Credits:
    """Give the orders and payments of small logs to agents.

    Args:
        logs: ``chats``, and ``orders`` if there are any.
        definition: Windows and filters.
        period: The days that the logs hold.
    """
    from xl_kpi.sources.engines import connect  # loads DuckDB
    from xl_kpi.sources.log_sources import open_frames
    from xl_kpi.sources.log_steps import Steps

    engine = connect("")
    with closing(engine):
        work = Steps(open_frames(logs, engine), definition, period)
        work.attribute()
        helped = expressions.assisted(work.paid, work.owned, work.clean["chats"])
        return Credits(
            engine.rows(work.clean["chats"]), engine.rows(work.owned), engine.rows(helped)
        )
