"""A closed month as it is kept: what went in, what came out, and the hash that chains it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from xl_kpi.closing.freezing import Content, canonical, thaw
from xl_kpi.closing.ledger import Figure, Key
from xl_kpi.scheme import Scheme

FORMAT = 1
CHUNK = 30_000  # characters of a cell; Excel keeps 32 767


class DamagedError(ValueError):
    """What is kept of a month cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A closed month.

    Attributes:
        period: The month.
        previous: The hash of the month closed before; blank for the first of all.
        first: Whether the book's chain starts with it.
        version: The program's version.
        code: The code that the month's statements bear.
        closed: When, as ISO text.
        closed_by: Who.
        accepted: What was known to be unfinished and accepted.
        schemes: The schemes that paid it, in their order.
        prints: A fingerprint of every part of the input and of the schemes.
        sources: The month whose closing keeps each part.
        parts: The parts that this closing keeps, frozen.
        figures: The rows it books in 历史: its own, and corrections of months before it.
    """

    period: str
    previous: str
    first: bool
    version: str
    code: str
    closed: str
    closed_by: str
    accepted: tuple[str, ...]
    schemes: tuple[str, ...]
    prints: Mapping[str, str]
    sources: Mapping[str, str]
    parts: Mapping[str, Content]
    figures: Sequence[tuple[Key, Figure]]

    def content(self) -> dict[str, Any]:
        """Everything that the hash covers."""
        return {
            "format": FORMAT, "period": self.period, "previous": self.previous, "first": self.first,
            "version": self.version, "code": self.code, "closed": self.closed, "closed_by": self.closed_by,
            "accepted": list(self.accepted), "schemes": list(self.schemes),
            "prints": dict(self.prints), "sources": dict(self.sources), "parts": dict(self.parts),
            "figures": [[*key, *figure] for key, figure in self.figures],
        }  # fmt: skip

    def data(self) -> bytes:
        """Its canonical JSON."""
        return canonical(self.content())


def hash_of(data: bytes) -> str:
    """The check code of a month: half the SHA-256 of its canonical JSON, short enough to copy."""
    return hashlib.sha256(data).hexdigest()[:32]


def read_snapshot(data: bytes) -> Snapshot:
    """The snapshot of which this is the JSON.

    Raises:
        DamagedError: it is not of the form that this version knows.
    """
    try:
        content = json.loads(data)
        if content.pop("format") != FORMAT:
            raise DamagedError("format")
        figures = [(Key(*row[:3]), Figure(*row[3:])) for row in content.pop("figures")]
        content |= {key: tuple(content[key]) for key in ("accepted", "schemes")}
        return Snapshot(**content, figures=figures)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(str(error)) from error


def to_cells(data: bytes) -> list[str]:
    """JSON as texts that fit into cells."""
    text = base64.b64encode(zlib.compress(data, 9)).decode()
    return [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]


def from_cells(cells: Sequence[str]) -> bytes:
    """The JSON that stands in cells.

    Raises:
        DamagedError: they are not as they were written.
    """
    try:
        return zlib.decompress(base64.b64decode("".join(cells), validate=True))
    except (ValueError, binascii.Error, zlib.error) as error:
        raise DamagedError(str(error)) from error


@dataclass(slots=True)
class Chain:
    """The closed months of a book, the earliest first.

    ``schemes`` keeps those that paid a month once they were made of its parts.
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    schemes: dict[str, tuple[Scheme, ...]] = field(default_factory=dict)
    _thawed: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)

    def add(self, snapshot: Snapshot, digest: str) -> None:
        """Put a month behind the others."""
        self.snapshots.append(snapshot)
        self.hashes.append(digest)

    @property
    def last(self) -> Snapshot | None:
        """The month closed last."""
        return self.snapshots[-1] if self.snapshots else None

    @property
    def periods(self) -> list[str]:
        """The closed months."""
        return [snapshot.period for snapshot in self.snapshots]

    def place(self, period: str) -> int:
        """Where a closed month stands in the chain; -1 if it is not closed."""
        return self.periods.index(period) if period in self.periods else -1

    def before(self, place: int) -> Chain:
        """The months before one."""
        return Chain(self.snapshots[:place], self.hashes[:place], self.schemes, self._thawed)

    def part(self, name: str, place: int) -> pd.DataFrame:
        """A part of the input as it was when a month was closed."""
        source = self.snapshots[place].sources[name]
        if (name, source) not in self._thawed:
            content = self.snapshots[self.place(source)].parts[name]
            self._thawed[name, source] = thaw(content)
        return self._thawed[name, source]

    def parts(self, place: int) -> Iterator[tuple[str, pd.DataFrame]]:
        """Every part of the input as it was when a month was closed."""
        for name in self.snapshots[place].sources:
            yield name, self.part(name, place)
