"""The arithmetic of the policies in exact fractions, for the case scripts of this directory.

Independent on purpose: standard library only, nothing of the package under test. Numbers of a case
file are read as the decimals that stand there.
"""

from __future__ import annotations

import datetime as dt
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Figure = Fraction | None  # None: missing (C3)
CENT = Decimal("0.01")


def decimal(number: Fraction, significant_digits: int) -> Decimal:
    """The number at so many significant digits."""
    context = Context(prec=significant_digits)
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))


def cents(amount: Fraction) -> Fraction:
    """C1: half up to 0.01, of the value at 15 significant digits."""
    return Fraction(decimal(amount, 15).quantize(CENT, ROUND_HALF_UP))


def used_up(scores: Sequence[Fraction], pool: Fraction) -> list[Fraction]:
    """C2: a pool split to the last cent; negative scores count as 0 (R37, R38)."""
    counted = [max(score, Fraction(0)) for score in scores]
    everything = sum(counted)
    if everything == 0:
        return [Fraction(0)] * len(counted)
    pool = cents(pool)
    at_nine = [
        decimal(score * pool / everything, 30).quantize(Decimal("1e-9"), ROUND_HALF_UP)
        for score in counted
    ]
    paid = [share.quantize(CENT, ROUND_FLOOR) for share in at_nine]
    missing_cents = int((Fraction(pool) - Fraction(sum(paid))) * 100)
    by_remainder = sorted(range(len(paid)), key=lambda i: (paid[i] - at_nine[i], i))
    for i in by_remainder[:missing_cents]:
        paid[i] += CENT
    assert Fraction(sum(paid)) == pool
    return [Fraction(share) for share in paid]


def below(left: Fraction, right: Fraction) -> bool:
    """C9, for data in which two figures are either equal or clearly apart."""
    gap = abs(left - right)
    if 0 < gap < max(abs(left), abs(right)) / 10**10:
        raise ValueError("the case has two figures that differ by a hair: choose others")
    return left < right


def places(values: Sequence[Figure]) -> list[int | None]:
    """C4: competition ranking of higher-is-better values; the missing have no place."""
    return [
        None if own is None else 1 + sum(v is not None and below(own, v) for v in values)
        for own in values
    ]


def total(rows: Sequence[Row], key: str) -> Figure:
    """The sum of a count over rows; missing if no row has it."""
    present = [Fraction(row[key]) for row in rows if key in row]
    return sum(present, Fraction(0)) if present else None


def ratio(rows: Sequence[Row], parts: Sequence[str], whole: str) -> Figure:
    """C5, C6: the ratio of sums; missing with a missing count or a zero denominator (C3).

    The policies do not say what becomes of a sum when some of its rows lack the numerator and
    others the denominator, so a case must not ask: rows have the same of these counts, or none.
    """
    keys = {*parts, whole}
    given = {frozenset(keys & row.keys()) for row in rows} - {frozenset()}
    if len(given) > 1:
        raise ValueError(f"rows differ in which of {sorted(keys)} are filled in")
    if given != {frozenset(keys)}:
        return None
    denominator = total(rows, whole)
    if not denominator:
        return None
    return sum((total(rows, part) or Fraction(0) for part in parts), Fraction(0)) / denominator


def mean(values: Sequence[Figure]) -> Figure:
    """The plain mean of what is present."""
    present = [value for value in values if value is not None]
    return sum(present, Fraction(0)) / len(present) if present else None


def month_days(period: str) -> tuple[dt.date, dt.date]:
    """The first and last day of a period such as 2026-10."""
    first = dt.date.fromisoformat(f"{period}-01")
    next_first = (first + dt.timedelta(days=31)).replace(day=1)
    return first, next_first - dt.timedelta(days=1)


def previous(period: str) -> str:
    """The month before."""
    return f"{month_days(period)[0] - dt.timedelta(days=1):%Y-%m}"


def of_month(rows: Sequence[Row], period: str) -> list[Row]:
    """The dated rows of a month."""
    return [row for row in rows if f"{row['date']:%Y-%m}" == period]


def toml_figure(value: object) -> str:
    """A figure as it stands in a case file: 12 significant digits."""
    if isinstance(value, list):
        return f"[{', '.join(toml_figure(item) for item in value)}]"
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"') + '"'
    assert isinstance(value, Fraction | int), value
    text = f"{decimal(Fraction(value), 12):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_toml(expect: Mapping[str, Any]) -> str:
    """The ``[expect…]`` tables of a case."""
    lines: list[str] = []

    def table(path: str, content: Mapping[str, Any]) -> None:
        figures = {key: item for key, item in content.items() if not isinstance(item, Mapping)}
        if figures:
            lines.append(f"\n[{path}]")
        for key, item in figures.items():
            lines.append(f"{quoted(key)} = {toml_figure(item)}")
        for key, item in content.items():
            if isinstance(item, Mapping):
                table(f"{path}.{quoted(key)}", item)

    table("expect", expect)
    return "\n".join(lines).lstrip("\n") + "\n"


def quoted(key: str) -> str:
    """A TOML key, in quotes where it needs them."""
    return key if key.isascii() else f'"{key}"'


def run(script: str, expected: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Print what the case of this script expects, or with ``--check`` compare the file with it."""
    text = Path(script).with_suffix(".toml").read_text(encoding="utf-8")
    case = tomllib.loads(text, parse_float=Decimal)
    worked_out = as_toml(expected(case))
    if sys.argv[1:] != ["--check"]:
        sys.stdout.buffer.write(worked_out.encode())
    elif tomllib.loads(worked_out, parse_float=Decimal)["expect"] != case["expect"]:
        sys.exit("the case file expects other figures than this script works out")
