"""Pieces of a plain formula: their text, and where they are blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from xl_kpi.catalogue import Bands
from xl_kpi.twin.sheets import Area, Column, Fixed, Policy, SideBySide

Kind: TypeAlias = Literal["number", "logical", "text"]
ATOM = 9  # binds tighter than any operator


@dataclass(frozen=True, slots=True)
class Term:
    """A figure, a text or a truth value.

    It is blank unless all cells of ``needs`` hold numbers, or where one of ``unless`` is TRUE;
    otherwise ``text`` gives its value.  The text of an ``open`` one gives ``""`` by itself.
    """

    text: str
    kind: Kind = "number"
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    binds: int = ATOM
    open: bool = False
    source: Column | Fixed | None = None  # the one cell that it stands for
    constant: Any = None  # the figure or text as typed

    @property
    def short(self) -> bool:
        """Whether it is so short that a formula may hold it twice."""
        return self.source is not None or self.constant is not None

    @property
    def may_be_blank(self) -> bool:
        """Whether there can be no value."""
        return self.open or bool(self.needs) or bool(self.unless) or self.is_words_of_a_cell

    @property
    def is_words_of_a_cell(self) -> bool:
        """Whether it is the text of a cell."""
        return self.kind == "text" and self.constant is None

    @property
    def whole(self) -> str:
        """The formula with its blanks."""
        text = self.text
        if self.kind == "text" and self.source is not None:
            return f'IF({text}="","",{text})'
        if self.unless:
            test = self.unless[0] if len(self.unless) == 1 else f"OR({','.join(self.unless)})"
            text = f'IF({test},"",{text})'
        if self.needs:
            text = f'IF(COUNT({",".join(self.needs)})<{len(self.needs)},"",{text})'
        return text


def merged(*terms: Term) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the terms need together, and unless what; each once."""
    needs = dict.fromkeys(need for term in terms for need in term.needs)
    unless = dict.fromkeys(condition for term in terms for condition in term.unless)
    return tuple(needs), tuple(unless)


Meaning: TypeAlias = Column | Fixed | Bands | list[Any]


@dataclass(frozen=True, slots=True)
class Level:
    """The rows that a formula is written for: what names are there, where helpers go."""

    area: Area
    policy: Policy
    find: Callable[[str], Meaning]
    groups: Column | None = None  # whom KPI functions compare; blank = nobody; None = all
    below: Below | None = None  # what SUM and its like of one thing run over, if there is any
    past: Callable[[str, int | None], Column | SideBySide] | None = None  # as in formula.Scope
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as in formula.Scope
    has_below: bool = False
    about: str = ""  # the pay item whose formula is written, told in labels

    def term(self, operand: Column | Fixed) -> Term:
        """A cell as a term."""
        if isinstance(operand, Fixed):
            return Term(operand.at(), source=operand)
        here = operand.at(self.area.sheet)
        if operand.text:
            return Term(here, "text", source=operand)
        return Term(here, needs=(here,), source=operand)

    def step(self, label: str, formula: str, *, text: bool = False) -> Term:
        """A helper column as a term; its figure or text may be blank."""
        return self.term(self.area.step(label, formula, text=text))


@dataclass(frozen=True, slots=True)
class Below:
    """A department's people: their level, whose they are and who counts."""

    people: Level
    department: Column  # of each person, by number
    assessed: Column  # 1 or 0
    number: Column  # of each department
