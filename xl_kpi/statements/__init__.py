"""What stands on an employee's statement (工资条 / 绩效单), for whatever prints it."""

from xl_kpi.statements.fingerprint import Fingerprint, fingerprint
from xl_kpi.statements.statement import (
    IndicatorLine,
    PayLine,
    Statement,
    Target,
    statements_of,
)
from xl_kpi.statements.words import mean_unit, shown, shown_mean, word

__all__ = [
    "Fingerprint",
    "IndicatorLine",
    "PayLine",
    "Statement",
    "Target",
    "fingerprint",
    "mean_unit",
    "shown",
    "shown_mean",
    "statements_of",
    "word",
]
