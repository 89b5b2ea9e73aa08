"""Random formulas over awkward figures, as HR might never type them."""

from __future__ import annotations

import random

import numpy as np

from xl_kpi.formula import Binary, Call, Literal, Name, Node, Unary, check

ROWS = 24
FIGURES = [0, 1, -1, 2, 3, 0.5, 80, 79.99999999999999, 100, -2.675, 1.005, 0.1, 0.2, 0.3,
           1 / 3, 12345.67, np.nan, np.nan]  # fmt: skip
WORDS = ["售前", "售后", "Lead", "lead", "5", None]
NUMBERS, TEXTS = ("甲", "乙", "丙", "丁"), ("岗位", "团队")
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


class AllNames:
    """Any name will do, so only real mistakes are found."""

    def knows(self, name: str) -> bool:
        return True

    def knows_below(self, name: str) -> bool:
        return False

    def all_names(self) -> list[str]:
        return []


class Trees:
    """Formulas of a seed, and the columns that they are about."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        rng = np.random.default_rng(seed)
        self.numbers = {name: rng.choice(FIGURES, size=ROWS) for name in NUMBERS}
        self.texts = {
            name: np.array([self.chance.choice(WORDS) for _ in range(ROWS)], dtype=object)
            for name in TEXTS
        }
        self.groups = rng.integers(0, 3, ROWS).astype(np.intp)

    def formulas(self, count: int) -> list[Node]:
        """So many formulas with nothing wrong in them."""
        found: list[Node] = []
        while len(found) < count:
            node = self.number(self.chance.randint(1, 4))
            if not check(node, AllNames()):
                found.append(node)
        return found

    def number(self, depth: int) -> Node:
        pick = self.chance.choice
        if depth <= 0:
            typed = Literal(float(pick([0, 1, 2, 0.5, 80, 100, 0.3, 0.01, 7])))
            return pick([Name(name) for name in NUMBERS] + [typed])
        a, b = (lambda: self.number(depth - 1) for _ in range(2))
        kinds = {
            "arithmetic": (38, lambda: Binary(pick("+-*/"), a(), b())),
            "power": (4, lambda: Binary("^", a(), Literal(pick([0.0, 1.0, 2.0, 3.0, 0.5])))),
            "sign": (8, lambda: Unary(pick("-+%"), a())),
            "anything": (6, lambda: self.anything(depth - 1)),
            "if": (14, lambda: Call("IF", (self.anything(depth - 1), a(), b())[: pick([2, 3])])),
            "row": (10, lambda: self.row(depth)),
            "abs": (4, lambda: Call("ABS", (a(),))),
            "round": (4, lambda: Call("ROUND", (a(), Literal(pick([0.0, 1.0, 2.0]))))),
            "rule": (12, lambda: pick(self.rules(a, b))()),
        }
        weights = [weight for weight, _ in kinds.values()]
        return self.chance.choices([make for _, make in kinds.values()], weights)[0]()

    def row(self, depth: int) -> Node:
        function = self.chance.choice(["MIN", "MAX", "SUM", "AVERAGE", "COUNT"])
        parts = [
            self.anything(depth - 1) if self.chance.random() < 0.2 else self.number(depth - 1)
            for _ in range(self.chance.randint(2, 3))
        ]
        return Call(function, tuple(parts))

    def rules(self, a, b):
        bands = Literal([[0.0, 1.0], [0.3, 2.0], [80.0, 5.0]])
        lost = Unary("-", Literal(2.0))
        return [
            lambda: Call("KPI_RATE", (Call("ABS", (a(),)), Call("ABS", (b(),)))),
            lambda: Call("KPI_BAND", (a(), bands)),
            lambda: Call("KPI_SCORE", (a(), b())),
            lambda: Call("KPI_RANK", (a(),)),
            lambda: Call("KPI_PENALTY", (a(), b(), lost)),
            lambda: Call("KPI_GROWTH", (a(), b())),
        ]

    def condition(self, depth: int) -> Node:
        pick = self.chance.choice
        below = max(0, depth - 1)
        compared = Binary(pick(COMPARISONS), self.number(below), self.number(below))
        asked = Binary(pick(["=", "<>"]), self.number(below), Literal(""))
        words = Binary(pick(["=", "<>"]), self.text(below), self.text(below))
        tests = tuple(self.anything(below) for _ in range(pick([1, 2, 3]))) if depth else ()
        joined = Call(pick(["AND", "OR"]), tests or (compared,))
        return self.chance.choices([compared, asked, words, joined], [50, 12, 18, 20])[0]

    def text(self, depth: int) -> Node:
        pick = self.chance.choice
        if depth <= 0:
            return pick([*map(Name, TEXTS), *map(Literal, ("售前", "LEAD", ""))])
        return Call("IF", (self.condition(depth - 1), self.text(depth - 1), self.text(depth - 1)))

    def anything(self, depth: int) -> Node:
        make = self.chance.choices([self.number, self.condition, self.text], [5, 4, 1])[0]
        return make(max(0, depth))
