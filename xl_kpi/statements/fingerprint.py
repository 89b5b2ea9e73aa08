"""The code on a statement: the same inputs, parameters and version give the same one."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xl_kpi.tables import Cell, RawTable

_DIGITS = 10  # of each hash: 40 bits


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of what was entered and of what the scheme says, and the version that calculated."""

    inputs: str
    parameters: str
    version: str

    def __str__(self) -> str:
        return f"{self.inputs}-{self.parameters}-{self.version}"


def fingerprint(
    inputs: Mapping[str, RawTable], parameters: Mapping[str, RawTable],
    settings: Iterable[str], version: str,
) -> Fingerprint:  # fmt: skip
    """The code of a book's period.

    Args:
        inputs: The input tables by their Excel names.
        parameters: The tables of the schemes and of the metrics.
        settings: What else decides, such as the period.
        version: Of xl_kpi.
    """
    return Fingerprint(_hash(inputs, settings), _hash(parameters, ()), version)


def _hash(tables: Mapping[str, RawTable], settings: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in settings:
        digest.update(_packed(part))
    for name in sorted(tables):
        digest.update(_packed(f"table {name}"))
        for part in _parts(tables[name]):
            digest.update(_packed(part))
    return digest.hexdigest()[:_DIGITS]


def _parts(table: RawTable) -> Iterator[str]:
    """Headers and cells, without blank rows: where the table stands makes no difference."""
    yield "\t".join(header.strip() for header in table.header)
    for cells in zip(*map(_texts, table.columns), strict=True):
        if any(cells):
            yield "\n".join(cells)


def _texts(column: Sequence[Cell]) -> list[str]:
    if set(map(type, column)) <= {float, type(None)}:  # the usual one, at once
        return ["" if cell is None else f"n{cell!r}" for cell in column]
    return [_text(cell) for cell in column]


def _text(cell: Cell) -> str:
    """A cell as a text of its kind: 5 and 5.0 are one number, "5" is a text."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return f"b{cell}"
    if isinstance(cell, int | float):
        return f"n{float(cell)!r}"
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        text = cell.isoformat()
        return f"d{text.removesuffix('T00:00:00')}"
    return f"t{str(cell).strip()}"


def _packed(text: str) -> bytes:
    """A text with its length in front, so that no two lists of texts read the same."""
    data = text.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "big") + data
