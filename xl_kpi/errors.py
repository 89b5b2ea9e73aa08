"""What can go wrong with a user's input, said so that the user can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
SEVERITIES: Mapping[Severity, tuple[str, str]] = {
    "error": ("错误", "Error"),
    "warning": ("提醒", "Warning"),
    "note": ("说明", "Note"),
}

NAMED = 20  # problems of one kind named one by one


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands, what is wrong, what to do.

    ``error`` stops a run and nothing is written; ``warning`` and ``note`` are listed on the
    checks sheet beside the results.
    """

    where: str
    what: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what} → {self.fix}"


class KpiError(Exception):
    """Anything xl_kpi raises on purpose."""


class InputError(KpiError):
    """The input has problems; all of them are in ``problems``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = str(self.problems[0]) if self.problems else ""
        more = len(self.problems) - 1
        super().__init__(first if more < 1 else f"{first} (+{more})")


def capped(problems: list[Problem], kind: str) -> list[Problem]:
    """Problems of one kind, the many cut short."""
    rest = len(problems) - NAMED
    if rest <= 0:
        return problems
    last = problems[NAMED - 1]
    more = Problem(kind, f"同类问题还有 {rest} 处", "改完前面的再检查一次", last.severity)
    return [*problems[:NAMED], more]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one most likely means, if any is near enough."""
    names = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.5)
    return names[found[0]] if found else None
