"""A paper as blocks, one below the other, for whatever writes it: Word, PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Align: TypeAlias = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``quiet`` ones are smaller and grey."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its header and its share of the width of the page."""

    label: str
    share: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under a header; a row is at least ``least`` points high, to write in."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with what belongs to them, or room to write it, so many beside each other."""

    pairs: tuple[tuple[str, str], ...]
    beside: int = 2
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class OnOnePage:
    """Everything that follows stands on one page: on this one, if there is room, else a new one."""


Block: TypeAlias = Heading | Text | Table | Fields | OnOnePage


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of A4 pages; ``foot`` stands at the bottom of each."""

    lang: str
    title: str
    below_title: tuple[str, ...]
    blocks: tuple[Block, ...]
    foot: str


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], least: float = 0.0
) -> Table:
    """A table whose columns share the width as their figures say, whatever these add up to."""
    whole = sum(column.share for column in columns)
    made = tuple(replace(column, share=column.share / whole) for column in columns)
    return Table(made, tuple(map(tuple, rows)), least)
