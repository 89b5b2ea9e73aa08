"""A statement: one person's figures of a calculated period, none of them calculated again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from xl_kpi.closing.true_ups import TrueUp
from xl_kpi.explain import Line, explain_person, why_not_assessed
from xl_kpi.formula import Binary, Call, Name, Node, names_in, unparse
from xl_kpi.indicators import Scored, missed_names
from xl_kpi.names import Names, indicator_label
from xl_kpi.pipeline import Results
from xl_kpi.rounding import is_below, round_half_up
from xl_kpi.scheme import Metric, PayItem
from xl_kpi.statements.english_names import in_words, named
from xl_kpi.statements.fingerprint import Fingerprint
from xl_kpi.statements.next_tier import next_grade, next_tier
from xl_kpi.statements.words import shown, word
from xl_kpi.statements.worked_out import worked_out
from xl_kpi.tables import STATUS

Standing: TypeAlias = Literal["met", "missed", "ahead", "behind", "earned", "lost", ""]
_LONG = 120  # characters; a longer formula says less than nothing


@dataclass(frozen=True, slots=True)
class PayLine:
    """A paid item: its amount in yuan, what it rests on, and the arithmetic that made it."""

    name: str
    amount: float | None
    basis: str
    figures: str


@dataclass(frozen=True, slots=True)
class Target:
    """The target or line of an indicator: one figure, or those of the weeks as a text."""

    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator of a person: figures in ``unit``, None where there is none."""

    name: str
    definition: str
    block: str
    weight: float | None  # within its block, where points are averaged by weight
    unit: str
    value: float | None
    target: Target
    group: float | None
    place: str  # of the month, or of each week: "3/1/2/4"
    points: float | None
    next: str
    called: tuple[str, ...]  # the names under which a sheet may speak of it
    standing: Standing
    measure: str  # what the scheme proposes where it is missed
    counted: bool  # single events, which have no target, group or place
    lower: bool  # is better
    weekly: bool  # judged week by week


@dataclass(frozen=True, slots=True)
class Step:
    """What follows for a person, and in how many days it is due."""

    text: str
    days: float | None
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Everything that stands on the page of one person."""

    lang: str
    period: str
    first_day: str
    last_day: str
    scheme_id: str
    scheme_name: str
    person_id: str
    name: str
    department: str
    shop: str
    role: str
    status: str
    assessed: bool
    outside: str  # why somebody is not assessed; blank of everybody else
    pay: float | None
    pay_lines: tuple[PayLine, ...]
    true_ups: tuple[PayLine, ...]  # of closed months, a line each
    indicators: tuple[IndicatorLine, ...]
    weighted: bool  # whether the points of a block are averaged by weight, not added
    blocks: tuple[tuple[str, float | None], ...]
    total: float | None
    total_figures: str  # the arithmetic that makes it of the blocks, where there is some
    place: int | None
    people: int  # among how many the place is
    grade: str | None
    next_grade: str
    strengths: str
    gaps: str
    steps: tuple[Step, ...]
    code: Fingerprint

    @property
    def headline(self) -> str:
        """The word for what is paid this month: with what closed months owe, if they do."""
        return "payable_in_yuan" if self.true_ups else "pay_in_yuan"

    @property
    def payable(self) -> float:
        """The pay and what closed months add to it, in yuan."""
        return float(round_half_up((self.pay or 0.0) + sum(x.amount or 0.0 for x in self.true_ups)))

    @property
    def days(self) -> str:
        """The period with its first and last day."""
        return word("days", self.lang, period=self.period, first=self.first_day, last=self.last_day)

    @property
    def groups(self) -> Iterator[tuple[str, float | None, list[IndicatorLine]]]:
        """The indicators block by block: how its points are made of theirs, and the points."""
        key = "block_average_of" if self.weighted else "block_sum_of"
        for block, points in self.blocks:
            lines = [line for line in self.indicators if line.block == block]
            if lines:
                yield word(key, self.lang, block=block), points, lines

    @property
    def follows(self) -> str:
        """What follows, with the days until it is due."""
        return _joined(self.steps, self.lang)


def statements_of(
    results: Results, lang: str, code: Fingerprint, true_ups: Sequence[TrueUp] = ()
) -> Iterator[Statement]:
    """The statements of everybody in a calculated period, in the order of the roster.

    Args:
        results: A calculated period.
        lang: ``zh`` or ``en``.
        code: Of the book.
        true_ups: What closed months still owe, of everybody.
    """
    names = missed_names(results.scored, results.people.count)
    months = {s.indicator.name: _Month(results, s) for s in results.scored.values()}
    pay = results.pay
    for row in range(results.people.count):
        owed = tuple(_of_closed_months(true_ups, results.people.ids[row], lang))
        told = names[0][row], names[1][row]
        yield _statement(results, row, lang, code, told, months, pay[row], owed)


class _Month:
    """An indicator's figures of the month, one per person, as 个人结果 has them."""

    def __init__(self, results: Results, s: Scored) -> None:
        self.scored = s
        i = s.indicator
        self.points = s.monthly(s.points)
        if s.cycles == 1:
            self.value, self.group = s.value, s.group_average
            return
        self.value = results.figures.metric(i.metric, "month")
        self.group = results.figures.group_average(i.metric, "month", i.group, i.roles)


def _statement(
    results: Results, row: int, lang: str, code: Fingerprint,
    met_and_missed: tuple[list[str], list[str]], months: dict[str, _Month], pay: float,
    true_ups: tuple[PayLine, ...],
) -> Statement:  # fmt: skip
    person = results.people.roster.iloc[row]
    scheme, totals, span = results.scheme, results.totals, results.figures.period
    assessed = bool(results.people.assessed[row])
    called = {i.name: indicator_label(scheme, i, lang) for i in scheme.indicators}
    met, missed = ([called[n] for n in names] if assessed else [] for names in met_and_missed)
    comma = word("comma", lang)
    people = 0
    if totals is not None:
        mine = totals.groups == totals.groups[row]
        people = int((mine & ~np.isnan(totals.total)).sum())
    scored = assessed and totals is not None
    told = explain_person(results, row, lang, with_groups=False)
    return Statement(
        lang=lang, period=span.name, first_day=span.start.isoformat(), last_day=span.end.isoformat(),
        scheme_id=scheme.id, scheme_name=scheme.name,
        person_id=_text(person["person_id"]), name=_text(person["name"]),
        department=_text(person["department"]), shop=_text(person["shop"]),
        role=_text(person["role"]), status=STATUS[person["status"]][lang == "en"],
        assessed=assessed, outside="" if assessed else why_not_assessed(results, row, lang),
        pay=_present(pay), pay_lines=tuple(_pay_lines(results, row, lang, told)),
        true_ups=true_ups,
        indicators=tuple(_indicators(results, row, lang, months, met_and_missed))
        if assessed else (),
        weighted=scheme.block_mode == "weighted",
        blocks=tuple((b, _present(results.blocks[b][row])) for b in scheme.blocks) if scored else (),
        total=_present(totals.total[row]) if scored and totals is not None else None,
        total_figures=_total_figures(results, told, lang) if scored else "",
        place=_whole(totals.place[row]) if scored and totals is not None else None,
        people=people,
        grade=totals.grade[row] if scored and totals is not None else None,
        next_grade=next_grade(results, row, lang) if scored else "",
        strengths=comma.join(met), gaps=comma.join(missed),
        steps=steps_of(results, row), code=code,
    )  # fmt: skip


def steps_of(results: Results, row: int) -> tuple[Step, ...]:
    """What follows for a person of a calculated period."""
    followed = zip(results.scheme.consequences, results.followed, strict=True)
    return tuple(Step(c.follows, c.due_days, c.clause) for c, whom in followed if whom[row])


def _joined(steps: Iterable[Step], lang: str) -> str:
    texts = (
        step.text + (word("due", lang, days=step.days) if step.days is not None else "")
        for step in steps
    )
    return word("semicolon", lang).join(texts)


def _total_figures(results: Results, told: Iterable[Line], lang: str) -> str:
    """How the total follows from the blocks."""
    line = next((x for x in told if x.item == word("total", lang)), None)
    return "" if line is None else worked_out(results, line.figures, lang)


def _of_closed_months(true_ups: Sequence[TrueUp], person: str, lang: str) -> Iterator[PayLine]:
    """A line for each closed month that pays somebody otherwise by now."""
    mine = [t for t in true_ups if t.person_id == person and t.difference]
    for period in dict.fromkeys(t.period for t in mine):
        of_month = [t for t in mine if t.period == period]
        reasons = dict.fromkeys(t.told for t in of_month)
        items = word("comma", lang).join(f"{t.item} {t.difference:+.2f}" for t in of_month)
        yield PayLine(
            f"{word('true_up', lang)} {period}", round(sum(t.difference or 0.0 for t in of_month), 2),
            word("semicolon", lang).join(reasons), items,
        )  # fmt: skip


def _pay_lines(
    results: Results, row: int, lang: str, told: Iterable[Line]
) -> Iterator[PayLine]:
    lines = {x.item: x for x in told}
    for item in results.paid_items:
        amount = float(results.items[item.name][row])
        if np.isnan(amount):
            continue
        line = lines.get(item.name)
        figures = _refunds(results, item, row) or (
            worked_out(results, line.figures, lang) if line is not None else ""
        )
        yield PayLine(item.name, amount, _basis(item, results.names, lang), figures)


def _refunds(results: Results, item: PayItem, row: int) -> str:
    """What each refund takes, where an item is the sum of that."""
    match item.formula.node:
        case Call("SUM", (Name(name),)):
            pass
        case _:
            return ""
    each = next((i for i in results.scheme.pay_items if i.name == name), None)
    if each is None or each.level != "refund":
        return ""
    theirs = results.items[name][results.refunds.owners == row]
    return " + ".join(f"{shown(float(x), '')}" for x in theirs).replace("+ -", "− ")


def _basis(item: PayItem, names: Names, lang: str) -> str:
    """The policy's sentence, else the formula in plain words."""
    if item.clause_text:
        return item.clause_text
    text = in_words(names, item.formula.node, lang)
    return text if len(text) <= _LONG else ""


def _indicators(
    results: Results, row: int, lang: str, months: dict[str, _Month],
    met_and_missed: tuple[list[str], list[str]],
) -> Iterator[IndicatorLine]:  # fmt: skip
    for month in months.values():
        s = month.scored
        if not s.due or not s.judged[row * s.cycles : (row + 1) * s.cycles].any():
            continue
        i = s.indicator
        metric = results.scheme.metrics[i.metric]
        counted = i.rule == "R09"
        told = next_tier(results, s, row, lang)
        full = told in (word("most", lang), word("nothing_lost", lang))
        yield IndicatorLine(
            name=indicator_label(results.scheme, i, lang),
            definition=_definition(metric, i.clause_text, results.names, lang),
            block=i.block, weight=i.weight if i.in_score else None, unit=metric.unit,
            value=_present(month.value[row]),
            target=_target(s, row, metric.unit, lang),
            group=None if counted else _present(month.group[row]),
            place="—" if counted else _places(s, row), points=_present(month.points[row]),
            next=told if i.in_score or i.rule == "none" else word("not_in_score", lang),
            called=tuple(x for x in (i.name, metric.name, metric.english) if x),
            standing=_standing(month, row, met_and_missed, full=full,
                               given=_given(metric, results.names)), measure=i.measure,
            counted=counted, lower=s.better == "lower",
            weekly=i.cycle == "week",
        )  # fmt: skip


def _standing(
    month: _Month, row: int, met_and_missed: tuple[list[str], list[str]], *, full: bool,
    given: bool,
) -> Standing:  # fmt: skip
    """How an indicator went: by its line; without one by its points, then beside the group.

    What is given, such as the months of service, went neither well nor badly.
    """
    i, points = month.scored.indicator, float(month.points[row])
    if given:
        return ""
    if i.name in met_and_missed[1]:
        return "missed"
    if i.name in met_and_missed[0]:
        return "met"
    if points < 0:
        return "lost"
    if i.rule == "R09":
        return "earned" if points > 0 else ""
    value, group = float(month.value[row]), float(month.group[row])
    if i.rule == "none" or np.isnan(value) or np.isnan(group):
        return ""
    first, second = (value, group) if month.scored.better == "lower" else (group, value)
    if is_below(first, second):
        return "ahead"
    return "behind" if is_below(second, first) and not full else ""


def _given(metric: Metric, names: Names) -> bool:
    """Whether a metric follows from dates alone, so that nobody can do anything about it."""
    used = names_in(metric.formula.node) if metric.formula is not None else ()
    meanings = [names.find(name) for name in used]
    return bool(meanings) and all(m is not None and m.kind == "day" for m in meanings)


def _definition(metric: Metric, clause_text: str, names: Names, lang: str) -> str:
    """The formula of the metric, unless only the program's functions say it, and the clause."""
    formula = _readable(named(names, metric.formula.node, lang)) if metric.formula is not None else ""
    own = formula.casefold() in (metric.name.casefold(), metric.english.casefold())
    technical = not formula or own or (clause_text and "KPI_" in formula)
    return word("stop", lang).join(part for part in ("" if technical else formula, clause_text) if part)


def _readable(node: Node) -> str:
    """A metric's formula; a rate as a quotient."""
    if isinstance(node, Call) and node.function == "KPI_RATE" and len(node.arguments) == 2:
        sides = (f"({unparse(x)})" if isinstance(x, Binary) else unparse(x)
                 for x in node.arguments if x is not None)  # fmt: skip
        return " ÷ ".join(sides)
    return unparse(node)


def _target(s: Scored, row: int, unit: str, lang: str) -> Target:
    """The target, else the line that has to be reached, else the one below which points go."""
    for line in (s.target, s.pass_line, s.penalty_line):
        if line is None:
            continue
        mine = line[row * s.cycles : (row + 1) * s.cycles]
        mine = mine[~np.isnan(mine)]
        if not mine.size:
            continue
        low, high = float(mine.min()), float(mine.max())
        if low == high:
            return Target(low, shown(low, unit))
        text = word("weeks", lang, low=shown(low, unit), high=shown(high, unit))
        return Target(None, text)
    return Target(None, "—")


def _places(s: Scored, row: int) -> str:
    mine = s.place[row * s.cycles : (row + 1) * s.cycles]
    if np.isnan(mine).all():
        return "—"
    return "/".join("—" if np.isnan(place) else f"{place:.0f}" for place in mine)


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)


def _present(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
