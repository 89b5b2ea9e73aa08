"""What the doctor finds, said in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from xl_kpi.errors import Problem, Severity

Words: TypeAlias = tuple[str, str]  # Chinese, English


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend; an ``error`` stands in the way of functions or buttons."""

    where: Words
    what: Words
    fix: Words
    severity: Severity = "error"


def problems(found: Iterable[Finding], lang: str) -> list[Problem]:
    """The findings in one language, errors first."""
    n = 0 if lang == "zh" else 1
    rank = {"error": 0, "warning": 1, "note": 2}
    said = [Problem(f.where[n], f.what[n], f.fix[n], f.severity) for f in found]
    return sorted(dict.fromkeys(said), key=lambda problem: rank[problem.severity])
