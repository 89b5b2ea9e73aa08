"""Close a month: everything it was paid on and everything it paid, kept and chained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from xl_kpi.closing.freezing import fingerprint, freeze, joined, thaw
from xl_kpi.closing.ledger import Figure, Key, as_of, figures_of, with_rows
from xl_kpi.closing.months import FROZEN, TYPED, Frames, calculate, schemes_of
from xl_kpi.closing.replay import parts_now, replay
from xl_kpi.closing.snapshot import Chain, Snapshot
from xl_kpi.records import Tables


def close(
    chain: Chain, tables: Tables, frames: Frames, ids: Sequence[str], period: str, *,
    version: str, code: str, closed_by: str, accepted: Sequence[str] = (), now: dt.datetime,
) -> Snapshot:  # fmt: skip
    """What is kept of a month that is paid now.

    The month is calculated from what is kept, so that it can be calculated again to the byte.
    """
    now_there = {**parts_now(tables), **{f"{name}|": frame for name, frame in frames.items()}}
    prints = {name: fingerprint(frame) for name, frame in now_there.items()}
    last = chain.last
    kept = {name for name in prints if last is not None and last.prints.get(name) == prints[name]}
    new = {name: freeze(frame) for name, frame in now_there.items() if name not in kept}
    parts = {**now_there, **{name: thaw(content) for name, content in new.items()}}
    return Snapshot(
        period=period, previous=chain.hashes[-1] if chain.hashes else "", first=last is None,
        version=version, code=code, closed=now.isoformat(" ", "seconds"), closed_by=closed_by,
        accepted=tuple(accepted), schemes=tuple(ids), prints=prints,
        sources={n: last.sources[n] if n in kept and last else period for n in prints},
        parts=new,
        figures=_figures(chain, tables, parts, ids, period, prints),
    )  # fmt: skip


def recalculate(chain: Chain, place: int, like: Tables) -> Snapshot:
    """A closed month calculated again from what was kept of it.

    Returns:
        The snapshot with the figures as they are calculated now; its JSON is the same to the byte
        when they are those that were booked.
    """
    snapshot = chain.snapshots[place]
    parts = dict(chain.parts(place))
    figures = _figures(
        chain.before(place), like, parts, snapshot.schemes, snapshot.period, snapshot.prints
    )
    return replace(snapshot, figures=figures)


def _figures(
    chain: Chain, like: Tables, parts: Mapping[str, pd.DataFrame], ids: Sequence[str], period: str,
    prints: Mapping[str, str],
) -> list[tuple[Key, Figure]]:  # fmt: skip
    """What a month books: corrections of the closed ones before it, and its own figures on them."""
    frames = {name[:-1]: f for name, f in parts.items() if name.endswith("|")}
    inputs = {name: f for name, f in parts.items() if name.split("|")[0] in FROZEN}
    history = booked_rows(chain, like[TYPED], parts[f"{TYPED}|"])
    tables = {**joined(inputs, like), TYPED: history}
    corrections = list(replay(chain, tables, prints).corrections.items())
    past = as_of(with_rows(history, corrections, period), period)
    runs = calculate({**tables, TYPED: past}, schemes_of(frames, ids, period), period)
    return [*corrections, *figures_of(runs).items()]


def booked_rows(chain: Chain, like: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    """历史 as the closed months wrote it, behind what HR typed."""
    history = typed if len(typed) else like.iloc[:0]
    for snapshot in chain.snapshots:
        history = with_rows(history, list(snapshot.figures), snapshot.period)
    return history
