"""What the diagnosis found: where, what with its figures, what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from xl_kpi.diagnosis.words import TEXTS, label
from xl_kpi.errors import Severity

QUESTIONS = ("discrimination", "targets", "samples", "unusual", "signals", "fairness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing worth a look; ``warning`` beyond chance, ``note`` to know.

    ``key`` names its text in ``words.TEXTS``, ``figures`` are what stands in it; ``@shop`` there is
    a label of ``words.LABELS``.
    """

    key: str
    severity: Severity
    scheme: str
    where: str
    figures: Mapping[str, str]

    def what(self, lang: str) -> str:
        """What was found."""
        return TEXTS[self.key][0 if lang == "zh" else 2].format(**self._shown(lang))

    def fix(self, lang: str) -> str:
        """What to do about it."""
        return TEXTS[self.key][1 if lang == "zh" else 3].format(**self._shown(lang))

    def _shown(self, lang: str) -> dict[str, str]:
        comma = "、" if lang == "zh" else ", "
        return {
            key: label(text[1:], lang) if text.startswith("@") else text.replace("、", comma)
            for key, text in self.figures.items()
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A question's findings and the figures behind them, a row per indicator, person or group.

    The columns of ``rows`` are keys of ``words.LABELS``.  ``extra`` are further tables by key.
    """

    question: str
    findings: list[Finding] = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    extra: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def count(self, severity: str) -> int:
        """How many findings of a severity there are."""
        return sum(one.severity == severity for one in self.findings)
