"""What the commands print: problems, tables of pay, JSON.

Nothing heavy is imported before something is printed, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from xl_kpi.errors import Problem
    from xl_kpi.excel.close import Closed
    from xl_kpi.excel.import_outcome import ImportOutcome
    from xl_kpi.excel.paper_files import Papers
    from xl_kpi.excel.run import Outcome
    from xl_kpi.excel.statement_files import Written
    from xl_kpi.pipeline import Results


def say(options: argparse.Namespace, zh: str, en: str, stream: Any = None) -> None:
    """A sentence in the language asked for."""
    print(zh if options.lang == "zh" else en, file=stream or sys.stdout)


def plural(count: int, noun: str) -> str:
    """A number with its noun: ``1 error``, ``2 errors``; ``person`` becomes ``people``."""
    many = "people" if noun == "person" else f"{noun}s"
    return f"{count} {noun if count == 1 else many}"


@contextmanager
def progress(options: argparse.Namespace) -> Iterator[Callable[[float], None]]:
    """A line with the share that is done; nothing where the output is no terminal."""
    shown = sys.stderr.isatty() and not getattr(options, "json", False)
    told = False

    def tell(share: float) -> None:
        nonlocal told
        if shown:
            told = True
            bar = "#" * round(share * 30)
            print(f"\r[{bar:<30}] {share:4.0%}", end="", file=sys.stderr, flush=True)

    yield tell
    if told:
        print(file=sys.stderr)


def print_problems(problems: Sequence[Problem], lang: str, stream: Any) -> None:
    """Each problem as level and where, what, fix."""
    from xl_kpi.errors import SEVERITIES

    for problem in problems:
        level = SEVERITIES[problem.severity][0 if lang == "zh" else 1]
        print(f"[{level}] {problem.where}\n    {problem.what}\n    → {problem.fix}", file=stream)


def print_urgent(
    problems: Sequence[Problem], options: argparse.Namespace, stream: Any, *, written: bool
) -> None:
    """Errors and warnings; of the notes one line: how many there are, and where they stand."""
    from xl_kpi.lint.open_points import is_open_point

    print_problems([p for p in problems if p.severity != "note"], options.lang, stream)
    notes = sum(p.severity == "note" for p in problems)
    left_open = sum(map(is_open_point, problems))
    if notes:
        of_open = (f"，其中 {left_open} 条是“原文未定”", f", {left_open} of them left open by the policy")
        where = ("检查表的末尾", "the end of the sheet Checks") if written else (
            "xl-kpi check --notes", "xl-kpi check --notes"
        )  # fmt: skip
        say(
            options,
            f"另有 {notes} 条说明{of_open[0] if left_open else ''}，见 {where[0]}",
            f"And {plural(notes, 'note')}{of_open[1] if left_open else ''}: see {where[1]}",
            stream,
        )


def print_light(outcome: Outcome, options: argparse.Namespace) -> None:
    """The light and how many problems of each level there are."""
    from xl_kpi.excel.layout import LIGHTS

    zh, en = LIGHTS[outcome.light]
    errors, warnings = outcome.count("error"), outcome.count("warning")
    say(
        options,
        f"状态：{zh}（错误 {errors}，提醒 {warnings}，说明 {outcome.count('note')}）",
        f"Light: {en} ({plural(errors, 'error')}, {plural(warnings, 'warning')}, "
        f"{plural(outcome.count('note'), 'note')})",
    )


def report(outcome: Outcome, options: argparse.Namespace) -> None:
    """What a run did: the table of pay, the problems, the light, where the results are."""
    if options.json:
        print_json(_results_json(outcome))
        return
    for results in outcome.runs:
        if len(outcome.runs) > 1:
            print(f"{results.scheme.id} {results.scheme.name}")
        print_table(_summary(results, options.lang))
        print()
    print_urgent(outcome.problems, options, sys.stdout, written=True)
    print_light(outcome, options)
    for results in outcome.runs:
        people, path, scheme = results.people.count, outcome.target, results.scheme
        say(
            options,
            f"{outcome.job.period} {scheme.id} {scheme.name}：{people} 人，结果在 {path}",
            f"{outcome.job.period} {scheme.id}: {plural(people, 'person')}, results in {path}",
        )
    if outcome.closed.amount:
        people = len({one.person_id for one in outcome.closed.true_ups})
        say(
            options,
            f"另有往月差额 {outcome.closed.amount:+.2f} 元，{people} 人，见“往月差额”",
            f"And true-ups of closed months, {outcome.closed.amount:+.2f} for {plural(people, 'person')}: see True-ups",
        )
    if outcome.backup is not None:
        say(options, f"原文件备份：{outcome.backup}", f"Previous file kept: {outcome.backup}")


def report_closing(closed: Closed, options: argparse.Namespace) -> None:
    """What was closed, what it pays, and the code to keep."""
    outcome, snapshot = closed.outcome, closed.snapshot
    if options.json:
        said = {"pay": closed.pay, "true_ups": closed.true_ups, "check_code": closed.hash}
        print_json({**_results_json(outcome), "closed": {"period": snapshot.period, **said}})
        return
    print_urgent(outcome.problems, options, sys.stdout, written=True)
    people = sum(results.people.count for results in outcome.runs)
    say(
        options,
        f"{snapshot.period} 已月结：{people} 人，应发合计 {closed.pay:.2f} 元，往月差额 {closed.true_ups:+.2f} 元",
        f"Closed {snapshot.period}: {plural(people, 'person')}, pay {closed.pay:.2f}, true-ups {closed.true_ups:+.2f}",
    )
    say(
        options,
        f"校验码 {closed.hash}\n把校验码另存一份（邮件、打印）：以后能证明这个月没有改过。",
        f"Check code {closed.hash}\nKeep it elsewhere (mail, paper): it proves later that the month is unchanged.",
    )
    say(
        options,
        "下一步：把首页的期间改成下一个月。之后改动这个月的数据，差额会记在下一个月的“往月差额”。",
        "Next: set the period on the first sheet to the next month. Later changes become true-ups there.",
    )
    if outcome.backup is not None:
        say(options, f"原文件备份：{outcome.backup}", f"Previous file kept: {outcome.backup}")


def report_import(outcome: ImportOutcome, options: argparse.Namespace) -> None:
    """What an import did: the sheets read, every doubt, how many cells were filled."""
    if options.json:
        print_json(_import_json(outcome))
        return
    for one in outcome.imported:
        days = f"{one.days[0]} 至 {one.days[1]}" if one.days[0] != one.days[1] else str(one.days[0])
        place = f"{one.file}!{one.sheet}" if one.sheet else one.file
        say(
            options,
            f"{place}：{one.label}，{days}，{one.rows} 行，{one.people} 人"
            + (f"，{one.rule}" if one.rule else "") + ("（以前导入过）" if one.again else ""),
            f"{place}: {one.profile}, {one.days[0]} to {one.days[1]}, {plural(one.rows, 'row')}, "
            f"{plural(one.people, 'person')}" + (" (imported before)" if one.again else ""),
        )  # fmt: skip
    print_problems(outcome.problems, options.lang, sys.stdout)
    for file in outcome.left_out:
        say(options, f"没有计入的行：{file}", f"Rows left out: {file}")
    if outcome.changed:
        say(
            options, f"填了 {outcome.cells} 格：{outcome.book}",
            f"Filled {plural(outcome.cells, 'cell')}: {outcome.book}",
        )  # fmt: skip
    else:
        say(options, "没有任何变化。", "Nothing has changed.")
    if outcome.backup is not None:
        say(options, f"原文件备份：{outcome.backup}", f"Previous file kept: {outcome.backup}")


def report_statements(
    written: Written, problems: Sequence[Problem], options: argparse.Namespace
) -> None:
    """What ``statements`` did: how many people and files, the code, where they lie."""
    if options.json:
        print_json(
            {
                "folder": str(written.folder), "code": str(written.code),
                "people": [
                    {"id": person, "files": [str(path) for path in paths]}
                    for person, paths in written.files.items()
                ],
                "payslips": str(written.slips) if written.slips else None,
                "removed": written.removed,
                "problems": [problem_json(p) for p in problems],
            }
        )  # fmt: skip
        return
    print_problems(problems, options.lang, sys.stdout)
    people, files = len(written.files), written.count
    say(
        options,
        f"{people} 人，{files} 个文件，在 {written.folder}；校验码 {written.code}",
        f"{plural(people, 'person')}, {plural(files, 'file')} in {written.folder}; code {written.code}",
    )
    if written.slips is not None:
        say(
            options, f"全员工资条（只给人力资源部）：{written.slips.name}",
            f"All payslips (HR only): {written.slips.name}",
        )  # fmt: skip
    _say_removed(written.removed, options)


def _say_removed(names: Sequence[str], options: argparse.Namespace) -> None:
    """What an earlier run had written and is no longer true."""
    if names:
        say(
            options, f"删除了上次写的、这次不再有的 {len(names)} 个文件：{'、'.join(names)}",
            f"Removed {plural(len(names), 'file')} of an earlier run: {', '.join(names)}",
        )  # fmt: skip


def report_papers(written: Papers, options: argparse.Namespace) -> None:
    """What ``document`` and ``talks`` wrote, and what stands in the way of trusting it."""
    if options.json:
        files = {about: [str(path) for path in paths] for about, paths in written.files.items()}
        listed = [problem_json(p) for p in written.problems]
        print_json({"folder": str(written.folder), "files": files, "removed": written.removed,
                    "problems": listed})  # fmt: skip
        return
    print_problems(written.problems, options.lang, sys.stdout)
    count = sum(map(len, written.files.values()))
    say(
        options, f"{count} 个文件，在 {written.folder}", f"{plural(count, 'file')} in {written.folder}"
    )
    _say_removed(written.removed, options)


def _import_json(outcome: ImportOutcome) -> dict[str, Any]:
    return {
        "book": str(outcome.book), "changed": outcome.changed, "cells": outcome.cells,
        "files": [
            {
                "file": one.file, "sheet": one.sheet, "sha256": one.sha256, "profile": one.profile,
                "platform": one.platform, "rule": one.rule, "filters": one.filters,
                "from": one.days[0].isoformat(), "to": one.days[1].isoformat(),
                "rows": one.rows, "people": one.people, "items": list(one.items),
                "fingerprint": one.fingerprint, "again": one.again,
            }
            for one in outcome.imported
        ],
        "left_out": [str(file) for file in outcome.left_out],
        "unmatched": outcome.unmatched,
        "differences": [
            {
                "from": d.start.isoformat(), "to": d.end.isoformat(), "who": d.who,
                "item": d.item, "first": d.first, "first_source": d.first_source,
                "second": d.second, "second_source": d.second_source, "taken": d.taken,
                "reason": d.reason,
            }
            for d in outcome.differences
        ],
        "problems": [problem_json(p) for p in outcome.problems],
    }  # fmt: skip


def _summary(results: Results, lang: str) -> list[list[str]]:
    """The table of pay: who, total score, place, paid items, pay; at most 30 people."""
    if results.totals is None:
        return []
    items = results.paid_items
    head = ["工号", "姓名", "总分", "名次"] if lang == "zh" else ["ID", "Name", "Score", "Place"]
    rows = [[*head, *(i.name for i in items), "应发合计" if lang == "zh" else "Pay"]]
    shown = min(results.people.count, 30)
    roster, pay = results.people.roster, results.pay
    for row in range(shown):
        figures = [results.items[i.name][row] for i in items]
        rows.append(
            [
                str(roster["person_id"].iloc[row]), str(roster["name"].iloc[row]),
                _figure(results.totals.total[row], ".6g"), _figure(results.totals.place[row], ".0f"),
                *(_figure(f, ",.2f") for f in figures), _figure(pay[row], ",.2f"),
            ]
        )  # fmt: skip
    if results.people.count > shown:
        rows.append(["…", f"+{results.people.count - shown}"] + [""] * (len(rows[0]) - 2))
    return rows


def _figure(value: float, form: str) -> str:
    return "" if value != value else format(value, form)


def print_table(rows: list[list[str]]) -> None:
    """Cells in columns, the first two to the left, the others to the right."""
    def width(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    widths = [max(width(cell) for cell in cells) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell + " " * (w - width(cell)) if n < 2 else " " * (w - width(cell)) + cell
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


# --- JSON ----------------------------------------------------------------------------------


def print_json(value: object) -> None:
    """A value as JSON, Chinese as it is."""
    print(json.dumps(_finite(value), ensure_ascii=False, indent=2))


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they are null."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) or hasattr(value, "__float__"):
        number = float(value)
        if isinstance(value, bool | int):
            return value
        return number if math.isfinite(number) else None
    return value


def problem_json(problem: Problem) -> dict[str, str]:
    """A problem as JSON."""
    return {
        "severity": problem.severity, "where": problem.where, "what": problem.what,
        "fix": problem.fix,
    }  # fmt: skip


def problems_json(outcome: Outcome) -> list[dict[str, str]]:
    """All problems as JSON."""
    return [problem_json(p) for p in outcome.problems]


def head_json(outcome: Outcome) -> dict[str, Any]:
    """Period, scheme and light as JSON."""
    ids = "、".join(scheme.id for scheme in outcome.job.schemes)
    return {"period": outcome.job.period, "scheme": ids or None, "light": outcome.light}


def _results_json(outcome: Outcome) -> dict[str, Any]:
    if not outcome.runs:
        return {**head_json(outcome), "problems": problems_json(outcome)}
    return {
        **head_json(outcome),
        "people": [person for results in outcome.runs for person in _people_json(results)],
        "departments": [group for results in outcome.runs for group in _groups_json(results)],
        "problems": problems_json(outcome), "book": str(outcome.target),
    }  # fmt: skip


def _people_json(results: Results) -> list[dict[str, Any]]:
    roster, pay, totals = results.people.roster, results.pay, results.totals
    personal = [i.name for i in results.scheme.pay_items if i.level == "person"]
    return [
        {
            "id": roster["person_id"].iloc[row], "name": roster["name"].iloc[row],
            "items": {name: _present(results.items[name][row]) for name in personal},
            "scores": {name: _present(v[row]) for name, v in results.blocks.items()},
            "grade": totals.grade[row] if totals else None, "total": _present(pay[row]),
        }
        for row in range(results.people.count)
    ]  # fmt: skip


def _groups_json(results: Results) -> list[dict[str, Any]]:
    """Every department with its items; then the shops and teams that have some."""
    from xl_kpi.scheme_tables import GROUP_LEVELS

    groups = []
    for level in GROUP_LEVELS:
        items = [i.name for i in results.scheme.pay_items if i.level == level]
        for n, label in enumerate(results.labels(level)) if items or level == "department" else ():
            groups.append(
                {"name": label, "items": {name: _present(results.items[name][n]) for name in items}}
            )
    return groups


def _present(value: Any) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return None if value != value else float(value)


def cell_text(cell: object) -> str:
    """A cell as a worksheet would show it in full."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return f"{cell:.15g}"
    return "" if cell is None else str(getattr(cell, "text", cell))
