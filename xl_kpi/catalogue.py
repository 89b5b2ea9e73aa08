"""The catalogue of rules: what each one is called, where it comes from, how it reads in Excel.

``@rule`` files a plain function and gives it back unchanged.  Positional parameters of the
function are data (arrays), keyword-only parameters are policy figures.  ``arguments`` lists both
in the order of the worksheet function, and drives everything that calls a rule by position: the
worksheet, the scheme's formulas and the command line.
"""

from __future__ import annotations

import functools
import inspect
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np

from xl_kpi.rounding import Codes, Floats, significant

Shape: TypeAlias = Literal["column", "matrix", "scalar", "list", "table", "groups"]
Stage: TypeAlias = Literal["metric", "score", "grade", "payout"]
Unit: TypeAlias = Literal[
    "ratio", "yuan", "points", "s", "count", "days", "place", "grade", "rate", "text", ""
]
_Rule = TypeVar("_Rule", bound=Callable[..., Any])


class Bands(NamedTuple):
    """A table of bands: bounds (−inf and inf where open), values, and edges such as ``[)``."""

    lower: Floats
    upper: Floats
    value: Floats
    edges: tuple[str, ...]


class Keyed(list[list[float]]):
    """A curve by category: one row of values, and the category of each."""

    def __init__(self, keys: Sequence[str], values: Sequence[float]) -> None:
        super().__init__([list(values)])
        self.keys = tuple(keys)


class Tiers(NamedTuple):
    """Rates by completion: each from its line up to the next."""

    start: Floats
    rate: Floats


class GradeBands(NamedTuple):
    """Bands of scores in ascending order, each with its grade."""

    lower: Floats
    upper: Floats
    value: tuple[str, ...]
    edges: tuple[str, ...]


class GradePay(NamedTuple):
    """What each grade earns: a coefficient of the floating bonus, a share of base pay."""

    grade: tuple[str, ...]
    coefficient: Floats
    share: Floats


def band_of(value: Floats, bands: Bands | GradeBands) -> Codes:
    """The number of the band that holds each value, compared at 12 digits (C9); -1 for none."""
    key = significant(value)
    lower, upper = significant(bands.lower), significant(bands.upper)
    found = np.full(key.shape, -1, dtype=np.intp)
    for i in reversed(range(len(bands.edges))):
        edges = bands.edges[i]
        above = key >= lower[i] if edges[0] == "[" else key > lower[i]
        below = key <= upper[i] if edges[1] == "]" else key < upper[i]
        found[above & below] = i
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a rule, as the worksheet function and the twin see it.

    ``column`` is one figure per row, ``matrix`` several per row, ``scalar`` one for all rows,
    ``list`` and ``table`` a range of policy figures, ``groups`` a label per row.  A ``history`` is
    a matrix of texts or numbers, a person's periods from the oldest to the latest; an ``entry`` is
    a text or a number as it stands.  A ``line`` may be the word for none.
    """

    key: str
    zh: str
    en: str
    shape: Shape = "column"
    unit: Unit = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    not_below: str = ""  # another argument, which this one may equal or exceed
    length_of: str = ""  # another argument: as many figures as that one has (columns)
    adds_up_to: float | None = None  # what the figures of a list add up to
    text_with: tuple[str, str] = ("", "")  # a text only goes with this option of that argument
    per_group: bool = False  # every row of a group carries the same figure
    choices: Mapping[str, str] = field(default_factory=dict)  # accepted spelling → option
    table: Literal["bands", "tiers", "grade bands", "grade pay", ""] = ""
    listed_in: str = ""  # another argument: a table whose first column has this text
    kind: Literal[
        "number", "whole", "text", "flag", "date", "line", "history", "entry"
    ] = "number"
    optional: bool = False
    blank: bool = False  # a blank means something here (no line, no limit) and is not an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same rule as ordinary Excel formulas, one row of a sheet at a time.

    ``{x}`` is this row's cell of argument or helper column x (the cells of this row for a
    ``matrix``), or the fixed cell of a policy figure, or the cells of a policy list, which lie
    side by side.  ``{x:all}`` is the whole column, ``{x:upto}`` the column down to this row.
    A policy table has the columns ``{x.from}``, ``{x.to}`` (blank where open), ``{x.value}`` and,
    for bands, ``{x.edges}``; that of grade pay ``{x.grade}``, ``{x.coefficient}`` and
    ``{x.share}``.  A helper stands before those that use it.  A missing figure is a
    blank cell or ``""``.

    The formulas keep to what Excel 2016, LibreOffice and formualizer read alike: inside
    SUMPRODUCT no ISNUMBER, INT or ROUND of a range and no IF, ``<>""`` tells what is present, and
    columns that may hold ``""`` are never multiplied but given as arguments of their own.
    """

    result: str
    beside: tuple[str, ...] = ()  # further result columns, to the right of the first
    helpers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example of the policy: arguments by key, and what must come out."""

    given: Mapping[str, Any]
    expect: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the catalogue."""

    id: str
    stage: Stage
    zh: str
    en: str
    unit: Unit
    source: str
    compute: Callable[..., Any]
    arguments: tuple[Argument, ...]
    example: Example
    twin: Twin | None
    no_twin: str = ""
    function: str = ""
    options: tuple[Argument, ...] = ()  # what schemes decide beyond the worksheet function
    empty: str = ""  # why a row with all its arguments can have no value

    @property
    def name(self) -> str:
        """The plain name of the rule's function."""
        return self.compute.__name__

    @property
    def parameters(self) -> tuple[Argument, ...]:
        """The worksheet's arguments and the options of schemes."""
        return self.arguments + self.options

    @property
    def grouped(self) -> bool:
        """Whether the rule compares people inside a group."""
        return "groups" in _parameters(self.compute)

    @property
    def positional(self) -> tuple[str, ...]:
        """The parameters that are data: those the function takes by position."""
        data = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return tuple(name for name, kind in _parameters(self.compute).items() if kind is data)

    def label(self, lang: str) -> str:
        """The rule's name in Chinese or English."""
        return self.zh if lang == "zh" else self.en


@functools.cache
def _parameters(compute: Callable[..., Any]) -> Mapping[str, Any]:
    """The kind of each parameter of a rule's function."""
    return {name: p.kind for name, p in inspect.signature(compute).parameters.items()}


RULES: dict[str, Rule] = {}
FUNCTIONS: dict[str, Rule] = {}


def rule(
    id: str,
    *,
    stage: Stage,
    zh: str,
    en: str,
    unit: Unit,
    source: str,
    arguments: tuple[Argument, ...],
    example: Example,
    twin: Twin | None = None,
    no_twin: str = "",
    function: str = "",
    options: tuple[Argument, ...] = (),
    empty: str = "",
) -> Callable[[_Rule], _Rule]:
    """File a rule; the function itself is returned unchanged."""
    if (twin is None) == (not no_twin):
        raise ValueError(f"{id}: give a twin, or say why there is none")

    def file(compute: _Rule) -> _Rule:
        entry = Rule(
            id=id, stage=stage, zh=zh, en=en, unit=unit, source=source, compute=compute,
            arguments=arguments, example=example, twin=twin, no_twin=no_twin, function=function,
            options=options, empty=empty,
        )  # fmt: skip
        if id in RULES or function in FUNCTIONS:
            raise ValueError(f"{id} {function} is filed twice")
        RULES[id] = entry
        if function:
            FUNCTIONS[function] = entry
        return compute

    return file


BETTER = {
    "higher": "higher", "lower": "lower",
    "越高越好": "higher", "越低越好": "lower",
}  # fmt: skip


@functools.cache
def defaults() -> dict[str, dict[str, Any]]:
    """The figures of optional worksheet arguments, by function: the source policies' own."""
    text = resources.files("xl_kpi.presets").joinpath("functions.toml").read_text("utf-8")
    return tomllib.loads(text)


def comparison_key(name: str) -> str:
    """The twin of ``rounding.significant``: a cell rounded to 12 significant digits (C9)."""
    cell = "{" + name + "}"
    return (
        f'IF(ISNUMBER({cell}),IF({cell}=0,0,ROUND({cell},11-INT(LOG10(ABS({cell}))))),"")'
    )


# Which band of {bands} holds {v}: 1 for each that does, inside SUMPRODUCT.
BAND_BEGUN = (
    '((({bands.from}="")+({bands.from}<{v})+({bands.from}={v})'
    '*(({bands.edges}="[)")+({bands.edges}="[]")))>0)'
)
IN_BAND = (
    f"{BAND_BEGUN}"
    '*((({bands.to}="")+({bands.to}>{v})+({bands.to}={v})'
    '*(({bands.edges}="(]")+({bands.edges}="[]")))>0)'
)

_PLACEHOLDER = re.compile(r"\{([a-z_0-9]+)(?:\.([a-z]+))?(?::(all|upto))?\}")


def fill(template: str, address: Callable[[str, str, str], str]) -> str:
    """A twin's template with addresses: ``address(name, column of a table, all | upto)``."""
    return _PLACEHOLDER.sub(lambda m: address(m[1], m[2] or "", m[3] or ""), template)
