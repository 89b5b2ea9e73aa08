"""The scheme document (绩效方案): a scheme sheet as a paper that people read and sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xl_kpi.errors import SEVERITIES, Problem
from xl_kpi.lint.lookups import lookups
from xl_kpi.lint.open_points import left_open
from xl_kpi.lint.ranges import Ranges
from xl_kpi.names import Names, indicator_label
from xl_kpi.quantity import number
from xl_kpi.scheme import Curve, Grade, Indicator, PayItem, Scheme
from xl_kpi.scheme_tables import CYCLES, LEVELS
from xl_kpi.statements.english_names import in_words
from xl_kpi.statements.paper import (
    Block,
    Column,
    Fields,
    Heading,
    OnOnePage,
    Paper,
    Table,
    Text,
    table,
)
from xl_kpi.statements.rule_examples import rules_of
from xl_kpi.statements.scoring_words import scoring
from xl_kpi.statements.words import word

_SIGN = 30.0  # points; of a row to sign in
_SIGNERS = ("drawn_up", "reviewed", "by_finance", "by_staff", "approved", "in_force")


def scheme_document(
    scheme: Scheme, problems: Sequence[Problem], lang: str, code: str
) -> Paper:
    """The document of a scheme.

    Args:
        scheme: The rows in force.
        problems: What the linter says of it.
        lang: ``zh`` or ``en``; what the sheet says stays in its own language.
        code: Of the parameters, by which a printed document is told from an older one.
    """
    names = Names(scheme)
    start = scheme.valid_from.isoformat() if scheme.valid_from else word("from_start", lang)
    end = scheme.valid_to.isoformat() if scheme.valid_to else word("open_end", lang)
    blocks: list[Block] = [
        Heading(word("part_purpose", lang)), Text(_purpose(scheme, lang)),
        Heading(word("part_who", lang)), Fields(tuple(_who(names, lang)), beside=1),
        Heading(word("part_indicators", lang)), _indicators(names, lang),
        Heading(word("part_bands", lang)), *_bands(names, lang),
        Heading(word("part_pay", lang)), *_pay(names, lang),
        Heading(word("part_follows", lang)), _follows(names, lang),
        Heading(word("part_examples", lang)), _examples(scheme, lang),
        Heading(word("part_open", lang)), *_open(scheme, problems, lang),
        OnOnePage(), Heading(word("part_signed", lang)), *_signed(lang),
    ]  # fmt: skip
    return Paper(
        lang=lang, title=word("scheme_title", lang, name=scheme.name),
        below_title=(
            word("scheme_below", lang, id=scheme.id, source=scheme.source or "—"),
            word("valid", lang, start=start, end=end),
        ),
        blocks=tuple(blocks),
        foot=word("scheme_foot", lang, id=scheme.id, name=scheme.name, code=code),
    )  # fmt: skip


def _purpose(scheme: Scheme, lang: str) -> str:
    comma = word("comma", lang)
    who = comma.join(scheme.assessed_roles) or word("all_roles", lang)
    paid = [i.name for i in scheme.pay_items if i.paid and i.applies_to == "assessed"]
    pay = comma.join(paid) or word("purpose_no_pay", lang)
    return word("purpose", lang, indicators=len(scheme.indicators), who=who, pay=pay)


def _who(names: Names, lang: str) -> Iterator[tuple[str, str]]:
    scheme = names.scheme
    roles = word("comma", lang).join(scheme.assessed_roles)
    yield word("who", lang), roles or word("all_roles", lang)
    day = scheme.month_start_day
    month = word("calendar_month", lang) if day == 1 else (
        word("month_from", lang, day=day, before=day - 1)
    )  # fmt: skip
    yield word("month", lang), month
    if any(i.cycle == "week" for i in scheme.indicators):
        yield word("weeks_of_month", lang), word(
            "week_iso" if scheme.weeks == "iso" else "week_blocks", lang
        )
    yield word("block_mode", lang), word(f"block_{scheme.block_mode}", lang)
    yield word("total_of", lang), in_words(names, scheme.total.node, lang)
    if scheme.stand_in_share is not None:
        share = number(scheme.stand_in_share, "ratio")
        times = number(1 / scheme.stand_in_share, "")
        yield word("stand_in", lang), word("stand_in_from", lang, share=share, times=times)
    if scheme.deduction_share is not None:
        share = number(scheme.deduction_share, "ratio")
        yield word("deductions", lang), word("deductions_to", lang, share=share)
    if scheme.minimum_wage is not None:
        amount = number(scheme.minimum_wage, "yuan")
        yield word("wage", lang), word("wage_from", lang, amount=amount)


def _indicators(names: Names, lang: str) -> Table:
    scheme = names.scheme
    weighted = any(i.weight is not None for i in scheme.indicators)
    columns = (
        Column(word("indicators", lang), 19), Column(word("block", lang), 12),
        *([Column(word("weight", lang), 11, "right")] if weighted else []),
        Column(word("scoring", lang), 32), Column(word("clause", lang), 28),
    )  # fmt: skip
    rows = [_indicator(names, i, lang) for i in scheme.indicators]
    return table(columns, rows if weighted else [(*row[:2], *row[3:]) for row in rows])


def _indicator(names: Names, i: Indicator, lang: str) -> tuple[str, ...]:
    block = i.block
    if i.cycle != "month":
        block += f"\n{word(f'each_{i.cycle}', lang)}"
    weight = number(i.weight, "ratio") if i.weight is not None else "—"
    name = indicator_label(names.scheme, i, lang)
    return name, block, weight, scoring(names, i, lang), _clause(i.clause, i.clause_text)


def _clause(clause: str, text: str) -> str:
    return "\n".join(part for part in (clause, text) if part) or "—"


def _bands(names: Names, lang: str) -> Iterator[Block]:
    scheme = names.scheme
    if not scheme.curves and not scheme.grades:
        yield Text(word("no_bands", lang))
    if scheme.curves:
        columns = (
            Column(word("curve", lang), 24), Column(word("range", lang), 40), Column(word("worth", lang), 16, "right"),
        )  # fmt: skip
        units = _units(names)
        rows = [row for c in scheme.curves.values() for row in _curve(c, units, lang)]
        yield table(columns, rows)
    if scheme.grades:
        graded = (
            Column(word("grade", lang), 12), Column(word("earned_by", lang), 50),
            Column(word("coefficient", lang), 20, "right"), Column(word("base_share", lang), 20, "right"),
        )  # fmt: skip
        yield table(graded, [_grade(g, lang, first=n == 0) for n, g in enumerate(scheme.grades)])


def _units(names: Names) -> dict[str, str]:
    """The unit of what is looked up in each table of bands."""
    return {use.curve: use.unit for use in lookups(names.scheme, names, Ranges(names))}


def _curve(curve: Curve, units: Mapping[str, str], lang: str) -> Iterator[tuple[str, ...]]:
    values = curve.values if curve.bands is None else curve.bands.value
    rates = bool((np.abs(values) < 1).all())  # shares and commission rates read as per cent
    worth = [number(float(v), "ratio" if rates and v else "") for v in values]
    if curve.bands is None:
        yield from ((curve.name, key, text) for key, text in zip(curve.keys, worth, strict=True))
        return
    bands, unit = curve.bands, units.get(curve.name, "")
    for low, high, edges, text in zip(bands.lower, bands.upper, bands.edges, worth, strict=True):
        yield curve.name, between(float(low), float(high), edges, lang, unit), text


def between(low: float, high: float, edges: str, lang: str, unit: str = "") -> str:
    """A band in words: ``80% 起、低于 95%``."""

    def shown(line: float) -> str:
        text = number(line, unit)
        return word("months_of", lang, n=text) if unit == "months" else text

    parts = []
    if low > -np.inf:
        key = "from_line" if edges[0] == "[" else "above_line"
        parts.append(word(key, lang, low=shown(low)))
    if high < np.inf:
        key = "up_to" if edges[1] == "]" else "below_line"
        parts.append(word(key, lang, high=shown(high)))
    return word("comma", lang).join(parts) or word("any_value", lang)


def _grade(grade: Grade, lang: str, *, first: bool) -> tuple[str, ...]:
    earned = []
    if grade.share is not None:
        places = "first_places" if first else "next_places"
        earned.append(word(places, lang, share=number(grade.share, "ratio")))
    if grade.banded:
        band = between(grade.lower, grade.upper, grade.edges, lang)
        earned.append(f"{word('total', lang)} {band}")
    return (
        grade.label, word("semicolon", lang).join(earned) or "—", number(grade.coefficient),
        number(grade.base_share, "ratio"),
    )  # fmt: skip


def _pay(names: Names, lang: str) -> Iterator[Block]:
    scheme = names.scheme
    if not scheme.pay_items:
        yield Text(word("no_items", lang))
        return
    columns = (
        Column(word("item", lang), 17), Column(word("how", lang), 45), Column(word("clause", lang), 38),
    )  # fmt: skip
    yield table(columns, [_item(names, i, lang) for i in scheme.pay_items])
    yield Text(word("money_note", lang), quiet=True)


def _item(names: Names, item: PayItem, lang: str) -> tuple[str, ...]:
    position = lang == "en"
    kind = [word("paid" if item.paid else "step", lang)]
    if item.level != "person":
        kind.append(word("of_level", lang, level=LEVELS[item.level][position]))
    if item.cycle != "month":
        kind.append(CYCLES[item.cycle][position])
    name = f"{item.name}\n{word('bracket', lang, text=word('comma', lang).join(kind))}"
    how = [in_words(names, item.formula.node, lang)]
    if item.floor is not None:
        how.append(word("floor_of", lang, limit=in_words(names, item.floor.node, lang)))
    if item.cap is not None:
        how.append(word("cap_of", lang, limit=in_words(names, item.cap.node, lang)))
    if item.roles:
        how.append(word("only_roles", lang, roles=word("comma", lang).join(item.roles)))
    return name, word("semicolon", lang).join(how), _clause(item.clause, item.clause_text)


def _follows(names: Names, lang: str) -> Block:
    scheme = names.scheme
    if not scheme.consequences:
        return Text(word("no_follows", lang))
    columns = (
        Column(word("when", lang), 34), Column(word("what_follows", lang), 40),
        Column(word("days_left", lang), 10, "right"), Column(word("clause", lang), 16),
    )  # fmt: skip
    rows = []
    for one in scheme.consequences:
        cycle = f"\n{CYCLES[one.cycle][lang == 'en']}" if one.cycle != "month" else ""
        when = f"{in_words(names, one.condition.node, lang)}{cycle}"
        rows.append((when, one.follows, number(one.due_days), one.clause or "—"))
    return table(columns, rows)


def _examples(scheme: Scheme, lang: str) -> Block:
    columns = (
        Column(word("rule", lang), 20), Column(word("example", lang), 62), Column(word("source", lang), 18),
    )  # fmt: skip
    return table(columns, [*rules_of(scheme, lang)])


def _open(scheme: Scheme, problems: Sequence[Problem], lang: str) -> Iterator[Block]:
    """What the policy leaves open, to be decided in writing, and what has to be mended first."""
    alike: dict[tuple[str, str], list[str]] = {}  # names by kind and what is said of them
    called = {i.name: indicator_label(scheme, i, lang) for i in scheme.indicators}
    for kind, name, row in left_open(scheme):
        label = called[name] if kind == "indicator" else name
        alike.setdefault((kind, str(row.get("open_point"))), []).append(label)
    rows = [
        (word(f"open_{kind}", lang, names=word("comma", lang).join(dict.fromkeys(names))), text, "")
        for (kind, text), names in alike.items()
    ]
    wrong = [p for p in problems if p.severity != "note"]
    if not rows and not wrong:
        yield Text(word("none_open", lang))
    if rows:
        yield Text(word("open_note", lang))
        columns = (
            Column(word("place_of", lang), 26), Column(word("open_text", lang), 46),
            Column(word("decision", lang), 28),
        )  # fmt: skip
        yield table(columns, rows)
    if wrong:
        yield Text(word("wrong_note", lang))
        found = (
            Column(word("level", lang), 10), Column(word("place_of", lang), 18),
            Column(word("what", lang), 42), Column(word("mend", lang), 30),
        )  # fmt: skip
        yield table(found, [(SEVERITIES[p.severity][lang == "en"], p.where, p.what, p.fix) for p in wrong])


def _signed(lang: str) -> Iterator[Block]:
    rows = [(word(key, lang), "") for key in _SIGNERS]
    yield Fields(tuple(rows), beside=1, least=_SIGN)
    yield Text(word("known", lang))
    columns = (Column(word("name", lang), 20), Column(word("sign_date", lang), 30)) * 2
    yield table(columns, [("", "", "", "")] * 12, least=_SIGN * 0.8)
