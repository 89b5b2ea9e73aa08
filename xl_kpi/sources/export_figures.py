"""What an export says, once it is read: figures, benchmarks, doubts."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from xl_kpi.errors import Problem
from xl_kpi.sources.export_cells import Days
from xl_kpi.sources.export_profiles import Found
from xl_kpi.tables import BY_KEY


@cache
def export_rules() -> dict[str, Any]:
    """``presets/exports.toml``: summary rows, benchmarks, what follows from what."""
    text = (files("xl_kpi") / "presets" / "exports.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of an export: of an account (or a shop) and some days.

    ``item`` is the key of a count, or the name of a ratio or mean.
    """

    start: dt.date
    end: dt.date
    shop: str
    account: str
    item: str
    value: float
    decimals: int


@dataclass(slots=True)
class SheetReading:
    """What one sheet of an export says."""

    found: Found
    figures: list[Figure] = field(default_factory=list)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)  # other names of an account
    benchmarks: list[tuple[str, Figure]] = field(default_factory=list)  # with their kind
    problems: list[Problem] = field(default_factory=list)
    rule: str = ""
    filters: str = ""
    days: Days | None = None
    rows: int = 0
    idle: set[str] = field(default_factory=set)  # accounts with nothing but zeros


_AT_STAKE = ("sales", "placed_amount", "received_customers", "sessions", "consulting_customers",
             "inquiring_customers", "converted_customers", "duty_days", "base_pay")  # fmt: skip


def stake(total: Mapping[str, float]) -> str:
    """Sales and receptions in words, as far as there are any."""
    labels = {c.key: c.zh for key in ("roster", "counts") for c in BY_KEY[key].columns}
    parts = [f"{labels[key]} {total[key]:,.15g}" for key in _AT_STAKE if total.get(key)]
    return "、".join(parts[:3]) or "没有数"
