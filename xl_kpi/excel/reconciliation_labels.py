"""The labels of the plain formulas in an English book: the program's words, not those of the policy."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from xl_kpi.catalogue import RULES
from xl_kpi.excel.reconciliation_words import LABELS, NUMBERED
from xl_kpi.names import ORIGIN, PREVIOUS, Names
from xl_kpi.scheme import Scheme
from xl_kpi.scheme_tables import GRADES, INDICATORS
from xl_kpi.statements.english_names import english_name

_POLICY = frozenset({"indicator", "metric", "curve", "item", "block"})


class EnglishLabels:
    """A label word by word; indicators, blocks, pay items and curves keep their names."""

    def __init__(self, scheme: Scheme) -> None:
        self._names = Names(scheme)
        own = {
            *(i.name for i in scheme.indicators), *(i.block for i in scheme.indicators),
            *(i.name for i in scheme.pay_items), *scheme.curves,
        }  # fmt: skip
        longest = sorted(own, key=len, reverse=True)
        whole = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest)
        self._own = own
        self._word = re.compile(rf'{whole}{"|" * bool(own)}"[^"]*"|\w+')

    def __call__(self, label: str) -> str:
        """The label in English."""
        if label in self._own:
            return label
        text = self._word.sub(lambda found: self._english(found[0]), label)
        return text if text == label else text[:1].upper() + text[1:]

    def _english(self, word: str) -> str:
        if word in self._own:
            return word
        if word in _declared():
            return _declared()[word]
        for pattern, english in NUMBERED.items():
            if (found := re.fullmatch(pattern, word)) is not None:
                return english.format(*found.groups())
        meaning = self._names.find(word)
        if meaning is None:
            return word
        if meaning.kind == "origin":
            zh, en = ORIGIN
            return en + self._english(word.removeprefix(zh))
        if meaning.kind not in _POLICY:
            return _lower(english_name(self._names, word))
        zh, en = PREVIOUS
        return en + word.removeprefix(zh) if meaning.previous else word


@functools.cache
def _declared() -> Mapping[str, str]:
    """The English of the columns of scheme tables, of the rules and of their arguments."""
    words = dict(LABELS)
    for table in (INDICATORS, GRADES):
        for column in table.columns:
            words.setdefault(column.zh, _lower(column.en))
    for rule in RULES.values():
        words.setdefault(rule.zh, _lower(rule.en))
        for argument in rule.parameters:
            words.setdefault(argument.zh, _lower(argument.en))
    return words


def _lower(text: str) -> str:
    """The first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
