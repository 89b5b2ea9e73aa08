"""What can be a way round the rules: figures far above all colleagues.  It accuses nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.panel import Panel
from xl_kpi.diagnosis.statistics import critical, standing_out
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.words import share
from xl_kpi.rounding import Floats

_LEAST_CASES = 30  # of somebody's denominators, for a share to say anything
_PEERS = 5  # people of a shop that can be each other's measure


@dataclass(frozen=True)
class Signal:
    """Something to be compared between colleagues: a numerator and denominator per person.

    ``evidence`` are the rows behind it (``person_id`` and more), if there are any.
    """

    key: str  # padding, grabbing, silent or advert; what is told of it
    source: str  # counts or log
    part: Floats
    whole: Floats
    evidence: pd.DataFrame | None = None

    @property
    def is_share(self) -> bool:
        """Whether the numerator is a part of the denominator."""
        return self.key != "padding"


# Numerator less what is taken off, and denominator, of 指标数据.
_COUNTED: tuple[tuple[str, str, str | None, str], ...] = (
    ("padding", "agent_messages", None, "buyer_messages"),
    ("advert", "received_customers", "inquiring_customers", "received_customers"),
    ("silent", "paying_customers", "converted_customers", "paying_customers"),
    ("grabbing", "assisted_amount", None, "sales"),
)


def signals(panel: Panel, limits: Thresholds, of_logs: Sequence[Signal]) -> Answer:
    """Everybody's figures beside their colleagues', and who stands far above.

    Args:
        panel: The months.
        limits: The thresholds.
        of_logs: What 会话 and 订单 show, in the order of the panel's people.
    """
    every = [*of_logs, *(s for s in _of_counts(panel) if not np.isnan(s.part).all())]
    judged = [(signal, _against_colleagues(panel, signal)) for signal in every]
    tests = sum(int((~np.isnan(level)).sum()) for _, level in judged)
    limit = critical(limits.alpha, tests, sides=1)
    findings: list[Finding] = []
    rows: list[dict[str, Any]] = []
    evidence: list[pd.DataFrame] = []
    for signal, level in judged:
        found = _found(panel, signal, level, limit, limits)
        rows += found
        for row in found:
            if row["verdict"] == "worth_a_look":
                findings.append(_finding(panel, signal, row))
                evidence += _evidence(panel, signal, row)
    if not of_logs:
        findings.append(
            Finding(key="no_log", severity="note", scheme=panel.scheme.id, where="会话", figures={})
        )
    extra = {"evidence": pd.concat(evidence, ignore_index=True)} if evidence else {}
    return Answer("signals", findings, pd.DataFrame(rows), extra)


def _of_counts(panel: Panel) -> list[Signal]:
    """The signals that 指标数据 gives, summed over the months."""
    found = []
    for key, numerator, less, denominator in _COUNTED:
        part, whole = panel.count(numerator), panel.count(denominator)
        if less is not None:
            part = part - panel.count(less)
        known = ~np.isnan(part) & ~np.isnan(whole)
        there = known.any(axis=1)
        part, whole = (np.where(known, x, 0.0).sum(axis=1) for x in (part, whole))
        found.append(Signal(key, "counts", np.where(there, part, np.nan), np.where(there, whole, np.nan)))
    return found


def _against_colleagues(panel: Panel, signal: Signal) -> Floats:
    """The figure that is compared: logarithms of ratios, angles of shares.

    Where a shop has enough people of a role, beside the middle of these: shops differ.
    """
    level = _transformed(signal)
    for mine in _groups(panel, "role", "shop"):
        known = mine[~np.isnan(level[mine])]
        if len(known) >= _PEERS:
            level[mine] -= np.median(level[known])
    return level


def _transformed(signal: Signal) -> Floats:
    enough = np.nan_to_num(signal.whole) >= _LEAST_CASES
    ratio = np.divide(signal.part, signal.whole, out=np.full(len(enough), np.nan), where=enough)
    if signal.is_share:
        angles: Floats = np.arcsin(np.sqrt(np.clip(ratio, 0.0, 1.0)))
        return angles
    return np.log(np.where(ratio > 0, ratio, np.nan))


def _groups(panel: Panel, *keys: str) -> list[NDArray[np.intp]]:
    """The people who are alike in these, by place."""
    codes = pd.factorize(pd.MultiIndex.from_frame(panel.people[list(keys)]))[0]
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


def _found(
    panel: Panel, signal: Signal, level: Floats, limit: float, limits: Thresholds
) -> list[dict[str, Any]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = signal.part / signal.whole
    near = {n: mine for keys in (("role",), ("role", "shop")) for mine in _groups(panel, *keys)
            if len(keys) == 1 or len(mine) >= _PEERS for n in mine.tolist()}  # fmt: skip
    rows = []
    for mine in _groups(panel, "role"):
        out = standing_out(level[mine], limit)
        for place, person in enumerate(mine.tolist()):
            if np.isnan(level[person]):
                continue
            others = near[person][(near[person] != person) & ~np.isnan(level[near[person]])]
            usual = float(np.median(ratio[others])) if len(others) else float("nan")
            far = out[place] > limit and ratio[person] >= usual * (1 + limits.signal_change)
            if signal.is_share:
                far = far and ratio[person] >= usual + limits.signal_points
                far = far and _beyond_chance(signal, person, others) > limit
            rows.append(
                {
                    "who": panel.named(person), "person_id": panel.people.index[person],
                    "signal": signal.key, "source": signal.source,
                    "part": float(signal.part[person]), "whole": float(signal.whole[person]),
                    "ratio": float(ratio[person]), "usual": usual, "peers": len(others),
                    "deviate": float(out[place]), "verdict": "worth_a_look" if far else "as_others",
                }
            )  # fmt: skip
    return rows


def _beyond_chance(signal: Signal, person: int, others: NDArray[np.intp]) -> float:
    """How far a share is from its colleagues', were every case drawn like theirs."""
    if signal.key == "grabbing" and signal.source == "counts":
        return float("inf")  # of money, which is not drawn case by case
    usual = (signal.part[others].sum() + 0.5) / (signal.whole[others].sum() + 1)
    whole = signal.whole[person]
    return float((signal.part[person] - whole * usual) / np.sqrt(whole * usual * (1 - usual)))


def _finding(panel: Panel, signal: Signal, row: dict[str, Any]) -> Finding:
    def shown(value: float) -> str:
        return share(value) if signal.is_share else f"{value:.2f}"

    metrics = {i.metric for i in panel.indicators if i.in_score}
    figures = {
        "who": row["who"], "ratio": shown(row["ratio"]), "usual": shown(row["usual"]),
        "part": f"{row['part']:,.0f}", "whole": f"{row['whole']:,.0f}", "peers": str(row["peers"]),
        "scored": "@scored" if signal.key == "padding" and "答问比" in metrics else "@not_scored",
    }  # fmt: skip
    return Finding(
        key=f"{signal.key}_{signal.source}", severity="warning", scheme=panel.scheme.id,
        where=row["who"], figures=figures,
    )  # fmt: skip


def _evidence(panel: Panel, signal: Signal, row: dict[str, Any]) -> list[pd.DataFrame]:
    if signal.evidence is None:
        return []
    mine = signal.evidence[signal.evidence["person_id"] == row["person_id"]]
    return [mine.assign(who=row["who"], signal=signal.key).drop(columns="person_id")]
