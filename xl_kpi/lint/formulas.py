"""Formulas judged: names, functions, levels, loops, samples of metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from xl_kpi.errors import Problem, nearest
from xl_kpi.formula import check, looked_back_at, names_in
from xl_kpi.names import TOTALS, Level, Names, Vocabulary
from xl_kpi.period import MONTHS
from xl_kpi.scheme import Formula, Scheme
from xl_kpi.scheme_tables import CYCLES


def own_formulas(scheme: Scheme) -> Iterator[tuple[Formula, Level, str]]:
    """Every formula of the scheme's rows with its level and the name of its row."""
    for i in scheme.indicators:
        for formula in i.formulas:
            yield formula, "indicator", i.name
    yield scheme.total, "person", "总分"
    for item in scheme.pay_items:
        level = cast(Level, item.level)
        for limit in (item.formula, item.floor, item.cap):
            if limit is not None:
                yield limit, level, item.name
    for consequence in scheme.consequences:
        yield consequence.condition, "person", consequence.follows


def used_metrics(scheme: Scheme, names: Names) -> list[str]:
    """The metrics that the scheme's formulas and indicators reach; the library may hold more."""
    texts = [formula for formula, _, _ in own_formulas(scheme)]
    reached = [i.metric for i in scheme.indicators]
    pending = [word for formula in texts for word in names_in(formula.node)]
    while pending:
        meaning = names.find(pending.pop())
        if meaning is not None and meaning.kind == "metric" and meaning.key not in reached:
            reached.append(meaning.key)
    for name in reached:  # grows while it is read
        formula = scheme.metrics[name].formula
        for word in names_in(formula.node) if formula else ():
            meaning = names.find(word)
            if meaning is not None and meaning.kind == "metric" and meaning.key not in reached:
                reached.append(meaning.key)
    return list(dict.fromkeys(reached))


def formulas(scheme: Scheme, names: Names) -> Iterator[tuple[Formula, Level, str]]:
    """The scheme's formulas and those of the metrics it reaches."""
    for name in used_metrics(scheme, names):
        formula = scheme.metrics[name].formula
        if formula is not None:
            yield formula, "metric", name
    yield from own_formulas(scheme)


def formula_problems(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Unknown names and functions, wrong levels, wrong arguments."""
    for formula, level, owner in formulas(scheme, names):
        for finding in check(formula.node, Vocabulary(names, level)):
            yield Problem(formula.where, f"“{owner}”的公式：{finding.what}", finding.fix)
        if level == "metric" and scheme.metrics[owner].source != "rating":
            for word in names_in(formula.node):
                meaning = names.find(word)
                if meaning is not None and meaning.kind == "rating":
                    yield Problem(
                        formula.where, f"“{owner}”的来源不是评分，不能用“{word}”", "把来源改为评分"
                    )


_SAMPLES = ("count", "metric", "target", "shop", "department")


def samples(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """The sample of a metric has to be a figure per person."""
    for name in used_metrics(scheme, names):
        metric = scheme.metrics[name]
        meaning = names.find(metric.sample) if metric.sample is not None else None
        if metric.sample is not None and (meaning is None or meaning.kind not in _SAMPLES):
            near = nearest(metric.sample, names.spelt("metric"))
            yield Problem(
                metric.where, f"“{name}”的样本“{metric.sample}”不是数据列",
                f"是不是“{near}”？" if near else "填一个数据列的名称，或留空",
            )  # fmt: skip


def taken_names(scheme: Scheme) -> Iterator[Problem]:
    """Blocks, curves, items and metrics that are called like something else (a count, a score)."""
    words = Names(replace(scheme, indicators=(), curves={}, pay_items=(), metrics={}))
    for metric in scheme.metrics.values():
        meaning = words.find(metric.name)
        if meaning is not None and not (metric.source == "count" and meaning.kind == "count"):
            yield Problem(
                metric.where, f"指标“{metric.name}”与别的名称相同，公式会用错", "换一个名称"
            )
    own = [
        *((i.block, i.row.cell("block"), "板块") for i in scheme.indicators),
        *((c.name, c.rows[0].cell("name"), "曲线") for c in scheme.curves.values()),
        *((p.name, p.row.cell("item"), "薪资项") for p in scheme.pay_items),
    ]
    others = Names(replace(scheme, indicators=(), curves={}, pay_items=()))
    seen: dict[str, str] = {}
    told: set[str] = set()
    for name, where, kind in own:
        clash = others.find(name) is not None or seen.setdefault(name, kind) != kind
        if clash and name not in told:
            told.add(name)
            yield Problem(where, f"{kind}“{name}”与别的名称相同，公式会用错", "换一个名称")


def graded_items(scheme: Scheme) -> Iterator[Problem]:
    """A grade is a word: it cannot be paid and has no limits."""
    for item in scheme.pay_items:
        wrong = [("paid", "发放")] if item.paid else []
        wrong += [("floor", "保底")] if item.floor is not None else []
        wrong += [("cap", "封顶")] if item.cap is not None else []
        if item.unit == "grade" and wrong:
            key, label = wrong[0]
            yield Problem(
                item.row.cell(key), f"“{item.name}”的单位是等级，是文字，不能有“{label}”",
                f"清空“{label}”；是金额就把单位改为元",
            )  # fmt: skip


def ignored_cells(scheme: Scheme) -> Iterator[Problem]:
    """What a figure of a group or a refund has no use for: only people's items are paid."""
    for item in scheme.pay_items:
        if item.level == "person":
            continue
        if item.paid:
            yield Problem(
                item.row.cell("paid"), f"“{item.name}”不是个人一级的薪资项，不能发放",
                "“发放”填 否，再加一个个人一级的薪资项用到它",
            )  # fmt: skip
        for key, label, given in (("role", "岗位", bool(item.roles)),
                                  ("cycle", "周期", item.cycle != "month")):
            if given:
                yield Problem(
                    item.row.cell(key), f"“{item.name}”不是个人一级的薪资项，用不到“{label}”",
                    f"清空“{label}”，写在用到它的个人一级薪资项上",
                )  # fmt: skip


def refunds_not_taken_up(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """An item of refunds that no other item adds up."""
    taken: set[str] = set()
    for formula, _, _ in own_formulas(scheme):
        for word in names_in(formula.node):
            meaning = names.find(word)
            taken |= {meaning.key} if meaning is not None and meaning.kind == "item" else set()
    for item in scheme.pay_items:
        if item.level == "refund" and item.name not in taken:
            yield Problem(
                item.formula.where, f"“{item.name}”没有别的薪资项用到，不会从工资里扣",
                f"加一个个人一级、发放的薪资项：=SUM({item.name})", "warning",
            )  # fmt: skip


def longer_cycles(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """A month's formula that looks back at figures of quarters: blank in the months between."""
    rows = [(i.formula, i.cycle, i.name, i.row) for i in scheme.pay_items]
    rows += [(c.condition, c.cycle, c.follows, c.row) for c in scheme.consequences]
    for formula, cycle, owner, row in rows:
        for name in dict.fromkeys(looked_back_at(formula.node)):
            meaning = names.find(name)
            theirs = names.cycle_of(meaning) if meaning is not None else "month"
            if MONTHS[theirs] > MONTHS[cycle]:
                word = CYCLES[theirs][0]
                yield Problem(
                    row.cell("cycle"), f"“{owner}”要看往期的“{name}”，它是{word}度的，别的月份没有",
                    f"“{owner}”的周期改为{word}",
                )  # fmt: skip


# --- loops ---------------------------------------------------------------------------------


def loops(scheme: Scheme, names: Names) -> Iterator[Problem]:
    """Items, metrics and the total that stand on themselves."""
    edges: dict[str, list[str]] = {}
    wheres: dict[str, str] = {}

    def add(kind: str, name: str, *formulas: Formula | None) -> None:
        node = f"{kind}:{name}"
        given = [formula for formula in formulas if formula is not None]
        wheres[node] = given[0].where
        edges[node] = []
        for word in (word for formula in given for word in names_in(formula.node)):
            meaning = names.find(word)
            if meaning is None:
                continue
            if meaning.kind in ("item", "metric"):
                edges[node].append(f"{meaning.kind}:{meaning.key}")
            elif meaning.kind == "score" and meaning.key in TOTALS:
                edges[node].append("total:总分")

    for metric in scheme.metrics.values():
        if metric.formula is not None:
            add("metric", metric.name, metric.formula)
    for item in scheme.pay_items:
        add("item", item.name, item.formula, item.floor, item.cap)
    add("total", "总分", scheme.total)

    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        loop = _loop(start, edges, trail, done)
        if loop:
            words = " → ".join(node.split(":", 1)[1] for node in loop)
            yield Problem(
                wheres[loop[0]], f"循环引用：{words}", "改其中一个公式，使它不再用到自己"
            )


def _loop(
    node: str, edges: Mapping[str, list[str]], trail: list[str], done: set[str]
) -> list[str]:
    if node in trail:
        return [*trail[trail.index(node) :], node]
    if node in done or node not in edges:
        return []
    trail.append(node)
    for following in edges[node]:
        loop = _loop(following, edges, trail, done)
        if loop:
            done.update(loop)
            return loop
    trail.pop()
    done.add(node)
    return []
