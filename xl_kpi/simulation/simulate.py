"""simulate(): the months of a book by a policy, compared with what was paid or another policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from xl_kpi.audit import audit
from xl_kpi.errors import InputError, Problem
from xl_kpi.formula import FormulaError, looked_back_at
from xl_kpi.pipeline import Results
from xl_kpi.records import Tables
from xl_kpi.rounding import round_half_up
from xl_kpi.scheme_tables import GROUP_LEVELS
from xl_kpi.simulation.edges import Edges
from xl_kpi.simulation.months import Calculator, Policy
from xl_kpi.simulation.outcome import REST, Simulation, concatenated
from xl_kpi.simulation.paid import paid, paid_items
from xl_kpi.simulation.sensitivity import Sensitivity

_LISTED = 12  # problems of the months that are told
_WHO = ("name", "department", "shop", "role")


@dataclass(slots=True)
class _Side:
    """One side of a month, by person: pay and grade, and the paid items."""

    figures: pd.DataFrame
    items: pd.DataFrame


def simulate(
    tables: Tables, months: Sequence[str], policy: Policy, against: Policy, *,
    with_paid: bool = False, as_of: dt.date | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Simulation:  # fmt: skip
    """Compare months by a policy with another one, or with what was paid.

    A month that lacks what a policy needs is left out and told.

    Args:
        tables: The input tables by key, 历史 among them.
        months: Names of months, the earliest first.
        policy: What is tried.
        against: What it is compared with; where ``with_paid``, whose items were paid.
        with_paid: Compare with what the 历史 table has, not with ``against`` calculated again.
        as_of: The day the data were taken.
        progress: Told the share that is done.

    Raises:
        InputError: no month is left.
    """
    calculator = Calculator(tables)
    sensitivity, edges = Sensitivity(calculator.records), Edges()
    book = _Paid(tables["history"], against, months) if with_paid else None
    problems: dict[str, list[Problem]] = {}
    parts: list[_Month] = []
    for done, month in enumerate(months):
        progress(done / len(months))
        sides = [policy] if book is not None else [policy, against]
        runs, problems[month] = _calculated(calculator, month, sides, as_of)
        if runs is None:
            continue
        before = book.side(month) if book is not None else _side(runs[1])
        parts.append(_Month(month, before, runs[0], tables["roster"]))
        for results in runs[0]:
            sensitivity.add(results)
            edges.add(results)
    progress(1.0)
    left_out = [month for month in months if month not in {part.name for part in parts}]
    told = _told(problems, left_out)
    if not parts:
        raise InputError(told)
    grades = dict.fromkeys(g.label for s in policy.schemes(parts[-1].name) for g in s.grades)
    simulation = Simulation(
        months=tuple(part.name for part in parts),
        before=f"{against.id} {against.name}".strip(), after=f"{policy.id} {policy.name}".strip(),
        paid=with_paid,
        people=concatenated([part.people for part in parts]),
        items_before=concatenated([part.items_before for part in parts]),
        items_after=concatenated([part.items_after for part in parts]),
        shown=concatenated([part.shown for part in parts]),
        groups=concatenated([part.groups for part in parts]),
        grades=tuple(grades), effects=sensitivity.effects, edges=edges.edges,
    )  # fmt: skip
    simulation.problems = [
        *map(_softened, told), *_unpaid(simulation), *_other_items(simulation),
        *_looking_back(policy, parts[-1].name),
    ]  # fmt: skip
    return simulation


def _softened(problem: Problem) -> Problem:
    """An error of a month that was left out."""
    return replace(problem, severity="warning") if problem.severity == "error" else problem


def _calculated(
    calculator: Calculator, month: str, policies: Sequence[Policy], as_of: dt.date | None
) -> tuple[list[list[Results]] | None, list[Problem]]:
    """A month by each policy, and what is missing; None where it cannot be trusted."""
    runs: list[list[Results]] = []
    problems: list[Problem] = []
    for policy in policies:
        try:
            results, found = calculator.month(month, policy)
            problems += found
            runs.append(results)
            for one in results:
                problems += [p for p in audit(one, as_of) if p.severity == "error"]
                problems += _without_figures(one)
        except FormulaError as error:
            problems.append(Problem(error.where or policy.id, str(error), "改正公式里的参数"))
        except InputError as error:
            problems += error.problems
    failed = any(p.severity == "error" for p in problems)
    return (None if failed else runs), list(dict.fromkeys(problems))


def _without_figures(results: Results) -> list[Problem]:
    """Indicators that earn something and that nobody has a figure for."""
    return [
        Problem(
            scored.indicator.row.cell("metric"), f"“{name}”没有任何人有数，按缺失处理",
            "补上数据再试算，或先从方案里去掉这一项", "warning",
        )
        for name, scored in results.scored.items()
        if scored.indicator.in_score and scored.indicator.rule != "none"
        and scored.judged.any() and np.isnan(scored.value[scored.judged]).all()
    ]  # fmt: skip


def _told(found: dict[str, list[Problem]], left_out: Sequence[str]) -> list[Problem]:
    """What was found in the months, each problem once with its months."""
    months: dict[Problem, list[str]] = {}
    for month, problems in found.items():
        for problem in problems:
            months.setdefault(problem, []).append(month)
    told = [replace(p, what=f"{'、'.join(where)}：{p.what}") for p, where in months.items()]
    if left_out:
        what = "缺少数据，没有算进试算"
        fix = "改好下面几条，或用 --months 只选别的月份"
        told = [Problem("、".join(left_out), what, fix), *told]
    rest = len(told) - _LISTED
    if rest <= 0:
        return told
    more = Problem("、".join(left_out), f"同样的问题还有 {rest} 处", "改完前面的再试算一次", told[-1].severity)
    return [*told[:_LISTED], more]


def _side(runs: Sequence[Results]) -> _Side:
    """A month as it is calculated."""
    figures, items = [], []
    for results in runs:
        ids, totals = results.people.ids, results.totals
        grade = np.full(len(ids), None, object) if totals is None else totals.grade
        frame = pd.DataFrame({"person_id": ids, "pay": results.pay, "grade": grade})
        figures.append(frame.astype({"grade": object}))
        paid_out = {item.name: results.items[item.name] for item in results.paid_items}
        items.append(pd.DataFrame(paid_out, index=pd.Index(ids), dtype=np.float64))
    return _Side(pd.concat(figures).set_index("person_id"), pd.concat(items))


class _Paid:
    """What was paid, by month."""

    def __init__(self, history: pd.DataFrame, against: Policy, months: Sequence[str]) -> None:
        names = dict.fromkeys(
            item.name for month in months for scheme in against.schemes(month)
            for item in scheme.pay_items if item.paid and item.level == "person"
        )  # fmt: skip
        self._pay = paid(history)
        self._items = paid_items(history, names)

    def side(self, month: str) -> _Side:
        """A closed month; what no known item accounts for is an item of its own."""
        figures = self._pay[self._pay["period"] == month].set_index("person_id")
        mine = self._items[self._items.index.get_level_values("period") == month]
        items = mine.droplevel("period").reindex(figures.index).dropna(axis=1, how="all")
        rest = round_half_up(figures["pay"].to_numpy() - items.sum(axis=1).to_numpy())
        if np.any(rest):
            items = items.assign(**{REST: rest})
        return _Side(figures[["pay", "grade"]], items)


class _Month:
    """A month both ways, as rows of people."""

    def __init__(self, name: str, before: _Side, runs: Sequence[Results], roster: pd.DataFrame) -> None:
        self.name = name
        after = _side(runs)
        known = roster.drop_duplicates("person_id").set_index("person_id")
        ids = pd.Index(dict.fromkeys([*after.figures.index, *before.figures.index]))
        who = known.reindex(ids)[list(_WHO)]
        frame = who.assign(
            period=name,
            before=before.figures["pay"].reindex(ids), after=after.figures["pay"].reindex(ids),
            grade_before=before.figures["grade"].reindex(ids),
            grade_after=after.figures["grade"].reindex(ids),
        )  # fmt: skip
        frame["name"] = frame["name"].fillna(pd.Series(ids, ids))
        frame["change"] = round_half_up((frame["after"] - frame["before"]).to_numpy(np.float64))
        there = frame[["before", "after"]].notna().any(axis=1).to_numpy()
        kept = ids[there]
        self.people = frame[there].rename_axis("person_id").reset_index()
        self.items_before = before.items.reindex(kept).reset_index(drop=True)
        self.items_after = after.items.reindex(kept).reset_index(drop=True)
        self.shown = _shown(runs).reindex(kept).reset_index(drop=True)
        self.groups = pd.DataFrame(
            [row for results in runs for row in _group_rows(results, name)],
            columns=["period", "level", "group", "item", "unit", "value"],
        )


def _shown(runs: Sequence[Results]) -> pd.DataFrame:
    """The amounts (yuan) of people that a scheme shows and does not pay."""
    frames = []
    for results in runs:
        items = [i for i in results.scheme.pay_items if i.level == "person" and not i.paid and i.unit == "yuan"]
        columns = {item.name: results.items[item.name] for item in items}
        frames.append(pd.DataFrame(columns, index=pd.Index(results.people.ids), dtype=np.float64))
    return pd.concat(frames)


def _group_rows(results: Results, month: str) -> list[tuple[object, ...]]:
    return [
        (month, item.level, label, item.name, item.unit, float(value))
        for item in results.scheme.pay_items
        if item.level in GROUP_LEVELS and item.unit != "grade"
        for label, value in zip(results.labels(item.level), results.items[item.name], strict=True)
    ]


# --- what to know --------------------------------------------------------------------------


def _unpaid(found: Simulation) -> list[Problem]:
    """People whom one side pays and the other does not."""
    persons = found.persons
    problems = []
    for missing, there, label in (("after", "before", found.after), ("before", "after", found.before)):
        rows = persons[persons[missing].isna() & persons[there].notna()]
        if len(rows):
            names = "、".join(map(str, rows["name"].iloc[:3])) + (f" 等 {len(rows)} 人" if len(rows) > 3 else "")
            problems.append(
                Problem(
                    label, f"没有工资的人：{names}；他们算进合计，不算升降",
                    "核对适用岗位和员工表的岗位、入职日期", "warning",
                )
            )  # fmt: skip
    return problems


def _other_items(found: Simulation) -> list[Problem]:
    """Items that only one side pays: the sums compare what the schemes cover, not the same thing."""
    before, after = ([*map(str, items)] for items in (found.items_before, found.items_after))
    only = [
        f"只有 {label} 发：{'、'.join(names)}"
        for label, mine, others in ((found.before, before, after), (found.after, after, before))
        if (names := [name for name in mine if name not in others])
    ]
    if not only:
        return []
    what = f"两边发放的项目不同。{'；'.join(only)}"
    return [Problem(found.after, what, "比合计之前，先看缺的项目是不是另外发放", "note")]


def _looking_back(policy: Policy, month: str) -> list[Problem]:
    """Schemes that look at closed months see those that were paid."""
    names = dict.fromkeys(
        name for scheme in policy.schemes(month)
        for formula in (scheme.total, *(i.formula for i in scheme.pay_items))
        for name in looked_back_at(formula.node)
    )  # fmt: skip
    if not names:
        return []
    what = f"公式看往期的 {'、'.join(names)}：试算用历史表里实际发放的数，不是试算出来的数"
    return [Problem(policy.id, what, "往期的影响请单独核对", "note")]
