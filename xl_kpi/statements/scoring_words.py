"""How an indicator is scored, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from xl_kpi.names import Names
from xl_kpi.quantity import number
from xl_kpi.scheme import Formula, Indicator
from xl_kpi.statements.english_names import in_words
from xl_kpi.statements.words import word


def scoring(names: Names, i: Indicator, lang: str) -> str:
    """What an indicator earns and when it does not count."""
    metric = names.scheme.metrics[i.metric]
    better = i.better or metric.better
    texts = [*_earned(names, i, better, metric.unit, lang)]
    if better == "lower" and i.rule in ("R01", "R02", "R03", "R05"):
        texts.append(word("lower_is_better", lang))
    if i.rule in ("R01", "R09"):
        if i.floor is not None:
            texts.append(word("at_least_points", lang, points=_points(i.floor)))
        if i.cap is not None:
            texts.append(word("at_most_points", lang, points=_points(i.cap)))
    for key, line in (("passes_at", i.pass_line), ("alert_at", i.alert_line)):
        if line is not None:
            texts.append(word(key, lang, line=_line(names, line, lang)))
    if i.condition is not None:
        texts.append(word("only_if", lang, condition=in_words(names, i.condition.node, lang)))
    if i.minimum_sample is not None:
        texts.append(word("sample_from", lang, least=number(i.minimum_sample)))
    if i.roles:
        texts.append(word("only_roles", lang, roles=word("comma", lang).join(i.roles)))
    return word("semicolon", lang).join(texts)


def _earned(names: Names, i: Indicator, better: str, unit: str, lang: str) -> Iterator[str]:
    full = _points(i.full)
    target = _line(names, i.target, lang)
    worse = word("worse_high" if better == "lower" else "worse_low", lang)
    match i.rule:
        case "R01":
            yield word("scored_linear", lang, target=target, full=full)
        case "R02":
            key = "scored_strict" if i.strict else "scored_pass"
            yield word(key, lang, target=target, full=full, miss=_points(i.miss))
        case "R03":
            yield word("scored_bands", lang, curve=i.curve or "—")
        case "R04":
            line = _line(names, i.penalty_line, lang)
            yield word("scored_penalty", lang, worse=worse, line=line, points=_points(i.below))
        case "R05":
            ladder = i.rank_points
            places = "/".join(str(n + 1) for n in range(len(ladder)))
            points = "/".join(map(_points, ladder))
            yield word("scored_rank", lang, places=places, points=points)
            if i.bonus_line is not None:
                yield word("bonus_from", lang, line=_line(names, i.bonus_line, lang))
            if i.penalty_line is not None:
                line = _line(names, i.penalty_line, lang)
                yield word("penalty_from", lang, worse=worse, line=line, points=_points(i.below))
        case "R09":
            if unit == "points":
                yield word("awarded", lang)
            elif i.per_count:
                yield word("scored_each", lang, points=_points(i.per_count))
            if i.when_zero:
                yield word("scored_zero", lang, points=_points(i.when_zero))
        case _:
            yield word("shown_only", lang)


def _points(value: float | None) -> str:
    return number(0.0 if value is None else value, "points")


def _line(names: Names, formula: Formula | None, lang: str) -> str:
    return "—" if formula is None else in_words(names, formula.node, lang)
