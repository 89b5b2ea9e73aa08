"""The sheet for the feedback talk with a person, strengths first (R27)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xl_kpi.statements.paper import Block, Column, Fields, Heading, Paper, Text, table
from xl_kpi.statements.statement import IndicatorLine, Statement
from xl_kpi.statements.words import shown, shown_mean, word

_GOOD = ("met", "ahead", "earned")
_POOR = ("missed", "behind", "lost")
_SIGN = 24.0  # points; of a row to sign in
_WRITE = 24.0  # of a row to write a few words in
_QUESTIONS = ("open", "praise", "should", "did", "why", "where_to", "help", "agree")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure for a missed indicator, who takes it, and in how many days."""

    text: str
    who: str
    days: float | None


@dataclass(frozen=True, slots=True)
class Dates:
    """When the results were made known, and until when to talk and to hand in a plan."""

    published: dt.date
    talk_days: int | None
    plan_days: int | None

    def after(self, days: float | None) -> dt.date | None:
        """So many days after the results were made known."""
        return None if days is None else self.published + dt.timedelta(days=days)


def strong(s: Statement) -> list[IndicatorLine]:
    """The indicators that went well."""
    return [line for line in s.indicators if line.standing in _GOOD]


def weak(s: Statement) -> list[IndicatorLine]:
    """The indicators that missed their line or, without one, went worse than the group's."""
    return [line for line in s.indicators if line.standing in _POOR]


def measures_for(
    line: IndicatorLine, known: Mapping[str, Sequence[Measure]]
) -> Sequence[Measure]:
    """What to do about an indicator: as the sheet 改进措施 says, else as the scheme does."""
    listed = next((known[name] for name in line.called if name in known), ())
    return listed or ([Measure(line.measure, "", None)] if line.measure else [])


def talk_paper(s: Statement, known: Mapping[str, Sequence[Measure]], dates: Dates) -> Paper:
    """The talk sheet of a person who was assessed.

    Args:
        s: The person's statement; of its pay nothing is told.
        known: The measures by indicator.
        dates: From which the due dates follow.
    """
    lang, poor = s.lang, weak(s)
    blocks: list[Block] = [
        Fields(tuple(_person(s)), beside=3), Fields(tuple(_when(dates, lang)), beside=2, least=18.0),
        Heading(word("talk_strengths", lang)), _strengths(s),
        Heading(word("talk_gaps", lang)), _gaps(s, poor),
    ]  # fmt: skip
    if poor:
        blocks += [Heading(word("talk_measures", lang)), _measures(poor, known, dates, lang)]
    blocks += [Heading(word("talk_goals", lang)), _goals(poor, lang)]
    if s.steps:
        blocks += [Heading(word("talk_follows", lang)), _steps(s, dates)]
    blocks += [
        Heading(word("talk_outline", lang)), _outline(s, lang),
        Heading(word("talk_signed", lang)), _signed(lang),
    ]  # fmt: skip
    return Paper(
        lang=lang, title=word("talk_title", lang),
        below_title=(f"{s.days}　{s.scheme_id} {s.scheme_name}",), blocks=tuple(_numbered(blocks, lang)),
        foot=word("talk_foot", lang, code=s.code),
    )  # fmt: skip


def _numbered(blocks: Sequence[Block], lang: str) -> Iterator[Block]:
    """The blocks, their headings numbered."""
    number = 0
    for block in blocks:
        if isinstance(block, Heading):
            number += 1
            mark = "一二三四五六七八九"[number - 1] + "、" if lang == "zh" else f"{number} "
            yield Heading(mark + block.text)
        else:
            yield block


def _person(s: Statement) -> Iterator[tuple[str, str]]:
    for key in ("name", "person_id", "department", "role", "shop"):
        yield word(key, s.lang), getattr(s, key) or "—"
    result = [f"{word('total', s.lang)} {shown(s.total, 'points')}"]
    if s.place is not None:
        result.append(word("of_people", s.lang, place=s.place, people=s.people))
    if s.grade is not None:
        result.append(f"{word('grade', s.lang)} {s.grade}")
    yield word("result", s.lang), word("comma", s.lang).join(result)


def _when(dates: Dates, lang: str) -> Iterator[tuple[str, str]]:
    yield word("published", lang), dates.published.isoformat()
    yield word("talk_by", lang), _date(dates.after(dates.talk_days))
    yield word("plan_by", lang), _date(dates.after(dates.plan_days))
    for key in ("talk_time", "talk_place", "talk_people"):
        yield word(key, lang), ""


def _date(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def _strengths(s: Statement) -> Block:
    good, lang = strong(s), s.lang
    if not good:
        return Text(word("no_strengths", lang))
    return table([*_figures(lang), Column(word("points", lang), 10, "right"),
                  Column(word("standing", lang), 20)],
                 [(*_of(line), shown(line.points, "points"), _standing(line, lang))
                  for line in good])  # fmt: skip


def _gaps(s: Statement, poor: Sequence[IndicatorLine]) -> Block:
    lang = s.lang
    if not poor:
        return Text(word("no_gaps", lang))
    columns = [
        *_figures(lang), Column(word("points", lang), 10, "right"),
        Column(word("standing", lang), 14), Column(word("next", lang), 25),
    ]  # fmt: skip
    rows = [
        (*_of(line), shown(line.points, "points"), _standing(line, lang), line.next)
        for line in poor
    ]
    return table(columns, rows)


def _figures(lang: str) -> list[Column]:
    return [
        Column(word("indicators", lang), 19), Column(word("mine", lang), 12, "right"),
        Column(word("target", lang), 16, "right"), Column(word("group", lang), 12, "right"),
    ]  # fmt: skip


def _of(line: IndicatorLine) -> tuple[str, str, str, str]:
    return (
        line.name, shown(line.value, line.unit), line.target.text, shown_mean(line.group, line.unit)
    )  # fmt: skip


def _standing(line: IndicatorLine, lang: str) -> str:
    return word(f"standing_{line.standing}", lang)


def _measures(
    poor: Sequence[IndicatorLine], known: Mapping[str, Sequence[Measure]], dates: Dates, lang: str
) -> Block:
    columns = [
        Column(word("indicators", lang), 20), Column(word("measure", lang), 46),
        Column(word("who_does", lang), 14), Column(word("done_by", lang), 20),
    ]  # fmt: skip
    rows = [
        (line.name, m.text, m.who, _date(dates.after(m.days)))
        for line in poor
        for m in measures_for(line, known)
    ]
    others = [line.name for line in poor if not measures_for(line, known)]
    if others:
        rows.append((word("comma", lang).join(others), word("to_agree", lang), "", ""))
    return table(columns, rows)


def _goals(poor: Sequence[IndicatorLine], lang: str) -> Block:
    columns = [
        Column(word("indicators", lang), 20), Column(word("this_period", lang), 14, "right"),
        Column(word("goal", lang), 34), Column(word("agreed", lang), 18),
        Column(word("done_by", lang), 14),
    ]  # fmt: skip
    rows = [(x.name, shown(x.value, x.unit), goal(x, lang), "", "") for x in poor]
    return table(columns, [*rows, *[("", "", "", "", "")] * max(1, 2 - len(rows))], least=18.0)


def goal(line: IndicatorLine, lang: str) -> str:
    """What to reach in the next period: the line that was missed, else the group's figure."""
    lower = "_lower" if line.lower else ""
    if line.standing != "behind" and line.target.value is not None:
        text = word(f"reach{lower}", lang, line=line.target.text)
        return word("every_week", lang, text=text) if line.weekly else text
    if line.group is not None:
        return word(f"reach_group{lower}", lang, line=shown_mean(line.group, line.unit))
    return line.next


def _steps(s: Statement, dates: Dates) -> Block:
    columns = [
        Column(word("what_follows", s.lang), 56), Column(word("clause", s.lang), 20),
        Column(word("due_on", s.lang), 24),
    ]  # fmt: skip
    return table(columns, [(x.text, x.clause or "—", _date(dates.after(x.days))) for x in s.steps])


def _outline(s: Statement, lang: str) -> Block:
    columns = [
        Column(word("topic", lang), 14), Column(word("questions", lang), 48),
        Column(word("notes", lang), 38),
    ]  # fmt: skip
    comma = word("comma", lang)
    good, poor = (comma.join(x.name for x in some) for some in (strong(s), weak(s)))
    other = {"praise": not good, "why": not poor}  # what is asked where there is none
    rows = [
        (word(f"topic_{key}", lang),
         word(f"ask_{key}{'_none' * other.get(key, False)}", lang, good=good, poor=poor), "")
        for key in _QUESTIONS
    ]  # fmt: skip
    return table(columns, rows, least=_WRITE)


def _signed(lang: str) -> Block:
    pairs = [(word(key, lang), "") for key in ("signed_by_staff", "signed_by_lead", "next_check",
                                               "signed_by_hr")]  # fmt: skip
    return Fields(tuple(pairs), beside=2, least=_SIGN)
