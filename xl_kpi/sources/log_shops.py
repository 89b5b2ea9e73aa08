"""Raw logs → 店铺数据: what a whole shop was paid, silent orders too."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pandas as pd

from xl_kpi.period import Period
from xl_kpi.sources.definition import Definition
from xl_kpi.sources.engines import connect
from xl_kpi.sources.log_sources import open_folder
from xl_kpi.sources.log_steps import Steps, with_days


def shop_totals(folder: Path, definition: Definition | None = None) -> pd.DataFrame:
    """Paid amount (yuan) and paying customers by day of the order and shop: rows of 店铺数据.

    Raises:
        InputError: If the folder holds no logs.
    """
    with closing(connect()) as engine:
        steps = Steps(open_folder(folder, engine), definition or Definition(), Period("2000-01"))
        steps.attribute()
        paid = steps.paid.filter(steps.paid.in_time)
        each = paid.group_by("shop", "buyer_id", date=paid.ordered.date()).agg(
            fen=paid.paid_amount.sum()
        )
        sums = each.group_by("date", "shop").agg(
            shop_paid_amount=each.fen.sum(), shop_paying_customers=each.count()
        )
        found = with_days(engine.rows(sums.order_by("date", "shop")), "date")
    found["shop_paid_amount"] /= 100
    return found
