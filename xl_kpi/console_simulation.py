"""What ``xl-kpi simulate`` prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_kpi import console

if TYPE_CHECKING:
    import pandas as pd

    from xl_kpi.simulation import Moved, Simulation

_EFFECTS, _EDGES, _ROWS = 12, 8, 30  # of each list that are printed; the workbook and JSON have all


def report(found: Simulation, written: Path | None, options: argparse.Namespace) -> None:
    """The months both ways: cost, shops, people, grades, sensitivity; what to know first."""
    if options.json:
        console.print_json(_json(found, written))
        return
    from xl_kpi.simulation.words import word

    lang = options.lang
    colon = "：" if lang == "zh" else ": "
    how = word("as_paid" if found.paid else "again", lang)
    print(f"{word('tried', lang)}{colon}{found.after}")
    print(f"{word('compared', lang)}{colon}{found.before}（{how}）" if lang == "zh"
          else f"{word('compared', lang)}{colon}{found.before} ({how})")  # fmt: skip
    print(f"{word('months', lang)}{colon}{'、'.join(found.months)}")
    for key in ("month", "department", "shop"):
        column = "period" if key == "month" else key
        _heading(word(key, lang))
        console.print_table(_costs(found, column, key, lang))
    _people(found, lang)
    _grades(found, lang)
    _shown(found, lang)
    _effects(found, lang)
    _edges(found, lang)
    print()
    console.print_problems(found.problems, lang, sys.stdout)
    if written is not None:
        console.say(options, f"已写入：{written}", f"Written: {written}")
    console.say(options, "原工作簿没有改动。", "The book was not changed.")


def _heading(text: str) -> None:
    print(f"\n【{text}】")


def _costs(found: Simulation, column: str, key: str, lang: str) -> list[list[str]]:
    from xl_kpi.simulation.words import word

    before = word("before_paid" if found.paid else "before", lang)
    head = [word(key, lang), word("slips", lang), before]
    head += [word(k, lang) for k in ("after", "change", "share", "mean_before", "mean_after")]
    table = found.by(column)
    rows = [_cost_row(str(label), row) for label, row in zip(table[column], _records(table), strict=True)]
    if len(rows) > 1:
        rows = [*rows[:_ROWS], _cost_row(word("all", lang), _records(found.by())[0])]
    return [head, *rows]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _cost_row(label: str, row: dict[str, Any]) -> list[str]:
    share = row["change"] / row["before"] if row["before"] else float("nan")
    return [
        label, f"{row['rows']}", _money(row["before"]), _money(row["after"]), _signed(row["change"]),
        "" if share != share else f"{share:+.1%}", _money(row["mean_before"]), _money(row["mean_after"]),
    ]  # fmt: skip


def _money(value: float) -> str:
    return "" if value != value else f"{value:,.2f}"


def _signed(value: float) -> str:
    return "" if value != value else f"{value:+,.2f}"


def _people(found: Simulation, lang: str) -> None:
    from xl_kpi.simulation.words import word

    counts, sums = found.counts, found.sums
    said = [f"{word(k, lang)} {counts[k]}" + (f"（{_signed(sums[k])}）" if k in sums else "")
            for k in counts if k != "not_compared" or counts[k]]  # fmt: skip
    _heading(word("people", lang))
    print(("，" if lang == "zh" else ", ").join(said))
    for key, direction in (("winners", 1), ("losers", -1)):
        moved = found.moved(direction)
        if moved:
            print(word(key, lang))
            for one in moved:
                items = "，".join(f"{item} {_signed(amount)}" for item, amount in one.items)
                print(f"  {one.person_id} {one.name} {one.shop} {_signed(one.change)}（{items}）")


def _grades(found: Simulation, lang: str) -> None:
    from xl_kpi.simulation.words import word

    table = found.grade_counts
    if table.empty:
        return
    _heading(word("grade", lang))
    before = word("before_paid" if found.paid else "before", lang)
    rows = [[str(r["grade"]), f"{r['before']}", f"{r['after']}"] for r in _records(table)]
    console.print_table([[word("grade", lang), before, word("after", lang)], *rows])


def _shown(found: Simulation, lang: str) -> None:
    """What the scheme compares itself, such as both ways of S04, by shop or department."""
    from xl_kpi.quantity import number
    from xl_kpi.simulation.words import word

    means = found.group_means
    for level in dict.fromkeys(means["level"]):
        mine = means[means["level"] == level]
        groups, items = (list(dict.fromkeys(mine[key])) for key in ("group", "item"))
        figures = {(r["item"], r["group"]): number(r["value"], r["unit"]) for r in _records(mine)}
        _heading(f"{word('shown_sheet', lang)}：{word(level, lang)}（{word('month_mean', lang)}）")
        rows = [[item, *(figures.get((item, g), "") for g in groups[:_ROWS])] for item in items]
        console.print_table([["", *map(str, groups[:_ROWS])], *rows])


def _effects(found: Simulation, lang: str) -> None:
    from xl_kpi.simulation.words import step_text, word

    largest = sorted(found.effects, key=lambda effect: -abs(effect.change))[:_EFFECTS]
    largest = [effect for effect in largest if effect.change]
    if not largest:
        return
    _heading(word("sensitivity_sheet", lang))
    rows = [[word(k, lang) for k in ("parameter", "cell", "now", "step", "cost", "slips_up", "slips_down")]]
    for effect in largest:
        p = effect.parameter
        rows.append(
            [f"{p.name} {word(f'kind_{p.kind}', lang)}", p.where, p.value, step_text(p.kind, effect.step, lang),
             _signed(effect.change), f"{effect.up}", f"{effect.down}"]
        )  # fmt: skip
    console.print_table(rows)


def _edges(found: Simulation, lang: str) -> None:
    from xl_kpi.simulation.words import word

    if not found.edges:
        return
    _heading(word("edges_sheet", lang))
    rows = [[word(k, lang) for k in ("item", "cell", "line", "just_below", "just_above")]]
    rows += [[e.name, e.where, e.line, f"{e.below}", f"{e.above}"] for e in found.edges[:_EDGES]]
    console.print_table(rows)


def _json(found: Simulation, written: Path | None) -> dict[str, Any]:
    def costs(*keys: str) -> list[dict[str, Any]]:
        return [{"month" if k == "period" else k: v for k, v in row.items()} for row in _records(found.by(*keys))]

    def people(moved: Iterable[Moved]) -> list[dict[str, Any]]:
        return [{"id": m.person_id, "name": m.name, "change": m.change, "items": dict(m.items)} for m in moved]

    return {
        "scheme": found.after, "against": found.before, "paid": found.paid, "months": list(found.months),
        "total": costs()[0], "by_month": costs("period"), "by_department": costs("department"),
        "by_shop": costs("shop"), "by_role": costs("role"),
        "counts": found.counts, "sums": found.sums, "winners": people(found.moved(1)),
        "losers": people(found.moved(-1)), "grades": _records(found.grade_counts),
        "people": [
            {"id" if k == "person_id" else k: None if v != v else v for k, v in row.items()}
            for row in _records(found.persons)
        ],
        "groups": _records(found.groups),
        "sensitivity": [
            {"scheme": e.parameter.scheme, "kind": e.parameter.kind, "name": e.parameter.name,
             "cell": e.parameter.where, "value": e.parameter.value, "step": e.step, "cost": e.change,
             "up": e.up, "down": e.down}
            for e in found.effects
        ],
        "edges": [{"scheme": e.scheme, "name": e.name, "cell": e.where, "line": e.line, "below": e.below,
                   "above": e.above} for e in found.edges],
        "problems": [console.problem_json(p) for p in found.problems],
        "book": str(written) if written else None,
    }  # fmt: skip
