"""A policy over several months: every question put to every scheme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from xl_kpi.diagnosis.credits import Credits, credits_of
from xl_kpi.diagnosis.discrimination import discrimination
from xl_kpi.diagnosis.fairness import fairness
from xl_kpi.diagnosis.finding import Answer, Finding
from xl_kpi.diagnosis.log_signals import log_signals, shifts_of
from xl_kpi.diagnosis.panel import Panel, panels_of
from xl_kpi.diagnosis.samples import samples
from xl_kpi.diagnosis.signals import signals
from xl_kpi.diagnosis.targets import targets
from xl_kpi.diagnosis.thresholds import Thresholds
from xl_kpi.diagnosis.unusual import unusual
from xl_kpi.diagnosis.words import SHIFTS
from xl_kpi.errors import InputError, Problem
from xl_kpi.formula import FormulaError
from xl_kpi.period import Period
from xl_kpi.pipeline import Results
from xl_kpi.records import Tables
from xl_kpi.simulation import Policy
from xl_kpi.simulation.months import Calculator
from xl_kpi.sources.definition import Definition


@dataclass(frozen=True)
class Logs:
    """会话 and 订单 as raw logs: what the signals look at."""

    tables: Mapping[str, pd.DataFrame]
    definition: Definition
    period: Period


@dataclass(frozen=True)
class Diagnosed:
    """A scheme's answers, in the order of the questions."""

    panel: Panel
    answers: tuple[Answer, ...]

    @property
    def findings(self) -> list[Finding]:
        """What was found, warnings first."""
        found = [one for answer in self.answers for one in answer.findings]
        return sorted(found, key=lambda one: one.severity != "warning")


@dataclass
class Diagnosis:
    """Every scheme of some months diagnosed."""

    months: list[str]
    schemes: list[Diagnosed]
    limits: Thresholds
    problems: list[Problem] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """What was found, warnings first."""
        found = [one for scheme in self.schemes for one in scheme.findings]
        return sorted(found, key=lambda one: one.severity != "warning")


def diagnose(
    tables: Tables, months: Sequence[str], policy: Policy,
    limits: Thresholds, logs: Logs | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Diagnosis:  # fmt: skip
    """Calculate the months and put every question to them.

    Args:
        tables: The input tables by key.
        months: Which months, the earliest first.
        policy: The schemes.
        limits: When to speak up.
        logs: 会话 and 订单, if they can be used as logs.
        progress: Told the share that is done.

    Raises:
        InputError: a month cannot be calculated, or nobody is assessed in any.
    """
    calculator = Calculator(tables)
    runs: list[list[Results]] = []
    problems: list[Problem] = []
    for done, month in enumerate(months):
        try:
            made, told = calculator.month(month, policy)
        except FormulaError as error:
            where = error.where or month
            raise InputError([Problem(where, f"{month}：{error}", "改正公式里的参数")]) from None
        runs.append(made)
        problems += told
        progress(0.8 * (done + 1) / len(months))
    every = panels_of(runs)
    panels = [panel for panel in every if len(panel.people)]
    problems += [
        Problem(panel.scheme.place, f"{panel.scheme.id} 没有参加考核的人，没有诊断", "属实就不用处理", "note")
        for panel in every if panel not in panels
    ]  # fmt: skip
    if not panels:
        what = f"{'、'.join(months)} 没有参加考核的人"
        raise InputError([Problem("员工", what, "看员工表的身份、岗位、入职离职日期")])
    found = _credits(logs)
    schemes_found = []
    for done, panel in enumerate(panels):
        schemes_found.append(_answers(panel, limits, logs, found))
        progress(0.8 + 0.2 * (done + 1) / len(panels))
    return Diagnosis(list(months), schemes_found, limits, list(dict.fromkeys(problems)))


def _credits(logs: Logs | None) -> Credits | None:
    return None if logs is None else credits_of(logs.tables, logs.definition, logs.period)


def _answers(
    panel: Panel, limits: Thresholds, logs: Logs | None, found: Credits | None
) -> Diagnosed:
    of_logs, shifts = [], None
    if logs is not None and found is not None:
        of_logs = log_signals(found, panel.people.index, _days(panel), logs.definition, limits)
        shifts = shifts_of(found.chats, panel.people.index, limits, SHIFTS)
    answers = (
        discrimination(panel, limits), targets(panel, limits), samples(panel, limits),
        unusual(panel, limits), signals(panel, limits, of_logs), fairness(panel, limits, shifts),
    )  # fmt: skip
    return Diagnosed(panel, answers)


def _days(panel: Panel) -> tuple[dt.date, dt.date]:
    return panel.runs[0].figures.period.start, panel.runs[-1].figures.period.end
