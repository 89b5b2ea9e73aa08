"""``xl-kpi``: the main job on any machine, without Excel.

Exit codes: 0 done; 1 the input has problems and nothing was written; 2 wrong usage; 130
interrupted.  What a command needs is imported when it runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_kpi import console
from xl_kpi.cli_options import parser

if TYPE_CHECKING:
    from xl_kpi.excel.locking import Locks
    from xl_kpi.excel.run import Outcome
    from xl_kpi.pipeline import Results

def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is the answer."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a character must not fail
    options = parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = _COMMANDS[options.command]
    from xl_kpi.errors import InputError, Problem

    try:
        return command(options)
    except InputError as error:
        if getattr(options, "json", False):
            console.print_json({"problems": [console.problem_json(p) for p in error.problems]})
        else:
            console.print_urgent(error.problems, options, sys.stderr, written=False)
            if options.command in ("demo", "new", "run", "close", "import", "sample", "history", "statements",
                                   "talks", "document"):
                console.say(options, "没有写入任何文件。", "Nothing was written.", sys.stderr)
        return 1
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # the reader, such as `more`, has gone
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until exit
            return 0
        where = error.filename or options.command
        problem = Problem(str(where), f"文件用不了（{error.strerror}）", "换一个位置或文件名再试")
        console.print_problems([problem], options.lang, sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.say(
            options,
            "已中断。每个文件要么还是原来的，要么已经写完，没有写了一半的。",
            "Interrupted. Each file is as it was or complete, none is half written.",
            sys.stderr,
        )
        return 130


# --- commands ------------------------------------------------------------------------------


def _demo(options: argparse.Namespace) -> int:
    from xl_kpi.excel.fill import fill_tables
    from xl_kpi.excel.new import new_book
    from xl_kpi.excel.run import run_book
    from xl_kpi.sample import sample_tables

    name = "客服绩效演示" if options.lang == "zh" else "KPI demo"
    settings = {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-08"}
    book = new_book(_free(Path(options.directory), name), options.lang, settings)
    fill_tables(book, sample_tables("2026-10"), options.lang)
    outcome = run_book(book, backup=False)
    console.report(outcome, options)
    return 0


def _free(folder: Path, name: str) -> Path:
    """A file name of its own for each demo: nobody's work is overwritten."""
    path = folder / f"{name}.xlsx"
    number = 2
    while path.exists():
        path = folder / f"{name}{number}.xlsx"
        number += 1
    return path


def _new(options: argparse.Namespace) -> int:
    from xl_kpi.errors import InputError, Problem, nearest
    from xl_kpi.excel.new import new_book
    from xl_kpi.scheme_rows import preset_ids

    if options.after:
        return _new_after(options)
    schemes = tuple(dict.fromkeys(re.split("[,，、 ]+", options.scheme.strip())))
    problems = []
    for scheme in schemes:
        if scheme not in preset_ids():
            near = nearest(scheme, preset_ids())
            fix = f"是不是 {near}？" if near else "可用：" + "、".join(preset_ids())
            problems.append(Problem("--scheme", f"没有方案“{scheme}”", fix))
    if problems:
        raise InputError(problems)
    settings = {"scheme": "、".join(schemes)}
    book = new_book(Path(options.book), options.lang, settings, schemes)
    console.say(options, f"已新建：{book}", f"Made: {book}")
    if book.suffix.lower() == ".xlsm":
        console.say(
            options,
            "下一步：用 Excel 打开，启用宏，填写后按首页的“检查”和“重新计算”。",
            "Next: open it in Excel, allow its macros, fill it in, press Check and Recalculate.",
        )
        return 0
    console.say(
        options,
        "下一步：用 Excel 填写后保存、关闭，再运行 xl-kpi check 和 xl-kpi run。",
        "Next: fill it in Excel, save and close it, then xl-kpi check and xl-kpi run.",
    )
    return 0


def _new_after(options: argparse.Namespace) -> int:
    from xl_kpi.excel.next_book import next_book

    first, following = next_book(Path(options.book), Path(options.after), options.keep)
    console.say(
        options,
        f"已新建：{options.book}，接着 {options.after} 做；有 {first} 起的数据，更早的在月结存档里\n"
        f"下一步：期间已改成 {following}，贴入这个月的数据",
        f"Made: {options.book}, which goes on from {options.after}; data from {first} on, older ones archived\n"
        f"Next: the period is {following}; put in its data",
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    from xl_kpi.excel.importing import import_files

    files = [file for name in options.files for file in _named(name)]
    with console.progress(options) as progress:
        outcome = import_files(
            Path(options.book), files, options.profile, options.period, estimate=options.estimate,
            progress=progress,
        )  # fmt: skip
    console.report_import(outcome, options)
    return 0


def _named(name: str) -> list[Path]:
    """The files that a name with ``*`` stands for, where the shell leaves that to the program."""
    path = Path(name)
    if "*" in path.name and not path.exists():
        return sorted(path.parent.glob(path.name)) or [path]
    return [path]


def _sample(options: argparse.Namespace) -> int:
    from xl_kpi.sample_logs import plan_for, write_logs

    if options.form == "book":
        return _sample_book(options)
    plan = plan_for(
        options.last, options.months, options.people, options.seed, traps=options.traps
    )
    with console.progress(options) as progress:
        rows = write_logs(Path(options.directory), plan, options.form, progress)
    if options.json:
        console.print_json({"directory": options.directory, "rows": rows})
        return 0
    console.say(options, f"已写入：{options.directory}", f"Written: {options.directory}")
    for key, number in rows.items():
        print(f"  {key}.{options.form}  {number:,}")
    return 0


def _sample_book(options: argparse.Namespace) -> int:
    from xl_kpi.excel.sample_book import sample_book
    from xl_kpi.sample_logs import plan_for

    months = max(options.months, 2)  # a book compares with the month before
    plan = plan_for(options.last, months, options.people, options.seed, traps=options.traps)
    folder = Path(options.directory)
    folder.mkdir(parents=True, exist_ok=True)
    path = _free(folder, "客服绩效样例" if options.lang == "zh" else "KPI sample")
    book, counts = sample_book(path, plan, options.last, options.lang)
    if options.json:
        console.print_json({"book": str(book), "rows": len(counts.table)})
        return 0
    console.say(options, f"已写入：{book}", f"Written: {book}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from xl_kpi.excel.closed_months import prove
    from xl_kpi.excel.run import check_book, dry_run

    outcome = check_book(Path(options.book), options.scheme)
    outcome.add(prove(outcome.closed, outcome.closed.tables))
    dry_run(outcome)
    if options.json:
        console.print_json({**console.head_json(outcome), "problems": console.problems_json(outcome)})
    else:
        if options.notes:
            console.print_problems(outcome.problems, options.lang, sys.stdout)
        else:
            console.print_urgent(outcome.problems, options, sys.stdout, written=False)
        console.print_light(outcome, options)
    return 1 if outcome.count("error") else 0


def _run(options: argparse.Namespace) -> int:
    from xl_kpi.excel.run import run_book

    out = Path(options.output) if options.output else None
    outcome = run_book(Path(options.book), out, options.scheme)
    console.report(outcome, options)
    return 0


def _close(options: argparse.Namespace) -> int:
    from xl_kpi.excel.close import close_book

    closed = close_book(
        Path(options.book), closed_by=options.by, accept_unripe=options.accept_unripe
    )
    console.report_closing(closed, options)
    return 0


def _explain(options: argparse.Namespace) -> int:
    from xl_kpi.errors import InputError
    from xl_kpi.excel.run import check_book
    from xl_kpi.explain import explain, explain_person

    outcome = check_book(Path(options.book), options.scheme)
    if outcome.results is None:
        raise InputError(outcome.problems)
    results, row = _person(outcome, options.person)
    if options.item:
        lines = _chosen(explain(results, row, options.lang), options.item)
    else:
        lines = explain_person(results, row, options.lang)
    person = results.people.roster.iloc[row]
    if options.json:
        console.print_json(
            {
                "id": person["person_id"], "name": person["name"], "period": outcome.job.period,
                "lines": [
                    {"item": x.item, "value": x.value, "text": x.text, "formula": x.formula,
                     "figures": x.figures, "cell": x.cell,
                     "clause": x.clause, "clause_text": x.clause_text}
                    for x in lines
                ],
            }
        )  # fmt: skip
        return 0
    print(f"{person['name']}（{person['person_id']}） {outcome.job.period} {results.scheme.id}")
    for line in lines:
        print(f"\n{line.item}: {line.text}")
        source = "  ".join(part for part in (line.cell, line.clause, line.clause_text) if part)
        if source:
            print(f"    ← {source}")
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from xl_kpi import console_simulation
    from xl_kpi.excel.replace_file import refuse_output
    from xl_kpi.excel.simulate import simulate_book
    from xl_kpi.excel.simulate_book import write_simulation

    book, out = Path(options.book), Path(options.output) if options.output else None
    if out is not None:
        refuse_output(out, book)
    with console.progress(options) as progress:
        found = simulate_book(book, options.scheme, options.against, options.months, progress)
    if out is not None:
        write_simulation(found, out, options.lang, like=book)
    console_simulation.report(found, out, options)
    return 0


def _diagnose(options: argparse.Namespace) -> int:
    from xl_kpi import console_diagnosis
    from xl_kpi.excel.diagnose import diagnose_book
    from xl_kpi.excel.diagnose_book import write_diagnosis
    from xl_kpi.excel.replace_file import refuse_output

    book, out = Path(options.book), Path(options.output) if options.output else None
    if out is not None:
        refuse_output(out, book)
    with console.progress(options) as progress:
        found = diagnose_book(book, options.scheme, options.months, options.changes, progress)
    if out is not None:
        write_diagnosis(found, out, options.lang, like=book)
    console_diagnosis.report(found, out, options)
    return 0


def _history(options: argparse.Namespace) -> int:
    from xl_kpi.excel.history_file import export_history

    rows = export_history(Path(options.book), Path(options.output), options.lang, options.months)
    if options.json:
        console.print_json({"file": options.output, "rows": rows})
        return 0
    console.say(
        options, f"已写入：{options.output}（{rows} 行）",
        f"Written: {options.output} ({console.plural(rows, 'row')})",
    )  # fmt: skip
    return 0


def _statements(options: argparse.Namespace) -> int:
    from xl_kpi.excel.run import check_book
    from xl_kpi.excel.statement_files import outdated, write_statements

    asked, options.lang = options.lang, options.lang or "zh"
    locks = _locks(options)
    outcome = check_book(Path(options.book), options.scheme)
    options.lang = asked or outcome.job.lang
    with console.progress(options) as progress:
        written = write_statements(
            outcome, Path(options.output), options.lang, pdf=options.pdf, locks=locks,
            progress=progress,
        )  # fmt: skip
    console.report_statements(written, [*outdated(outcome), *written.problems], options)
    return 0


def _locks(options: argparse.Namespace) -> Locks:
    """The passwords that were asked for; one that was not typed is asked for now."""
    from xl_kpi.excel.locking import locks_of

    password = options.password
    if password == "":
        from getpass import getpass

        password = getpass("密码 / password: ")
    return locks_of(password, Path(options.passwords) if options.passwords else None)


def _talks(options: argparse.Namespace) -> int:
    from xl_kpi.excel.run import check_book
    from xl_kpi.excel.talk_files import published_on, write_talks

    asked, options.lang = options.lang, options.lang or "zh"
    locks = _locks(options)
    outcome = check_book(Path(options.book), options.scheme)
    options.lang = asked or outcome.job.lang
    with console.progress(options) as progress:
        written = write_talks(
            outcome, Path(options.output), options.lang, published=options.published,
            pdf=options.pdf, locks=locks, progress=progress,
        )  # fmt: skip
    console.report_papers(written, options)
    if not options.json:
        day = options.published or published_on(outcome)
        console.say(
            options, f"期限从公布日 {day} 算起，可用 --published 改。",
            f"Due dates count from {day}, the day of publication (--published).",
        )  # fmt: skip
    return 0


def _document(options: argparse.Namespace) -> int:
    from xl_kpi.excel.paper_files import write_documents

    asked, options.lang = options.lang, options.lang or "zh"
    written = write_documents(
        Path(options.book), Path(options.output), options.scheme, asked, pdf=options.pdf
    )
    options.lang = written.lang
    console.report_papers(written, options)
    return 0


def _person(outcome: Outcome, person: str) -> tuple[Results, int]:
    """The results that have a person, and the row there."""
    from xl_kpi.errors import InputError, Problem, nearest

    found, ids, names = [], [], []
    for results in outcome.runs:
        roster = results.people.roster
        for row, (staff_id, name) in enumerate(zip(roster["person_id"], roster["name"], strict=True)):
            ids.append(staff_id)
            names.append(name)
            if person in (staff_id, name):
                found.append((staff_id == person, results, row))
    exact = [one for one in found if one[0]] or found
    if len(exact) == 1:
        return exact[0][1:]
    near = nearest(person, [*ids, *names])
    what = f"叫“{person}”的不止一人" if exact else f"本期没有“{person}”"
    fix = "改用工号" if exact else f"是不是“{near}”？" if near else "用员工表里的工号或姓名"
    raise InputError([Problem("姓名或工号", what, fix)])


def _chosen(lines: list[Any], item: str) -> list[Any]:
    from xl_kpi.errors import InputError, Problem, nearest

    names = (item, item + "得分", item + " points")
    chosen = [
        line
        for line in lines
        if line.item in names or line.item.startswith(tuple(f"{name} " for name in names))
    ]
    if chosen:
        return chosen
    near = nearest(item, [line.item for line in lines])
    fix = f"是不是“{near}”？" if near else "不写项目就列出全部；或用指标、薪资项的名称"
    raise InputError([Problem("项目", f"没有“{item}”这一项", fix)])


def _eval(options: argparse.Namespace) -> int:
    from xl_kpi.excel.engine import evaluate
    from xl_kpi.tables import CellError

    outcome = evaluate(options.formula)
    value = outcome.value
    rows = value if isinstance(value, list) else [[value]]
    if options.json:
        shown = [[c.text if isinstance(c, CellError) else c for c in row] for row in rows]
        console.print_json({"value": shown if isinstance(value, list) else shown[0][0]})
        return 0
    for row in rows:
        print("\t".join(console.cell_text(cell) for cell in row))
    for reason in dict.fromkeys(outcome.reasons.values()):
        print(f"  {reason}")
    return 0


def _rules(options: argparse.Namespace) -> int:
    from xl_kpi import calling as _calling  # noqa: F401 - files every rule
    from xl_kpi.catalogue import RULES, defaults
    from xl_kpi.errors import InputError, Problem, nearest
    from xl_kpi.formula_rules import formula_rules

    chosen: dict[str, Any] = {**RULES, **formula_rules()}
    if options.id:
        wanted = options.id.upper()
        known = [*chosen, *(r.function for r in RULES.values())]
        chosen = {
            key: rule
            for key, rule in chosen.items()
            if key.upper() == wanted
            or key.upper().startswith(wanted + "-")
            or getattr(rule, "function", "") == wanted
        }
        if not chosen:
            near = nearest(options.id, known)
            fix = f"是不是 {near}？" if near else "xl-kpi rules 列出全部"
            raise InputError([Problem("ID", f"没有规则“{options.id}”", fix)])
    if options.json:
        console.print_json([_rule_json(rule) for rule in chosen.values()])
        return 0
    for _, rule in sorted(chosen.items()):
        function = getattr(rule, "function", "")
        print(f"{rule.id:6} {rule.zh} / {rule.en}  [{rule.source}]  {function}")
        if options.id:
            print("\n".join(f"       {line}" for line in _rule_lines(rule, defaults())))
    return 0


def _rule_lines(rule: Any, presets: dict[str, dict[str, Any]]) -> list[str]:
    """A rule's arguments with their preset figures, its example and its plain formula."""
    if hasattr(rule, "formula"):
        figures = {**rule.given, **rule.people}
        return [rule.formula, f"例 / example: {figures} → {list(rule.expect)}"]
    preset = presets.get(rule.function, {})
    lines = [
        f"{a.zh} / {a.en}" + (f" = {preset[a.key]}" if a.key in preset else "")
        for a in rule.arguments
    ]
    lines.append(f"例 / example: {dict(rule.example.given)} → {list(rule.example.expect)}")
    if rule.twin is None:
        return [*lines, f"Excel: {rule.no_twin}"]
    helpers = [f"{name} = {text}" for name, text in rule.twin.helpers.items()]
    return [*lines, *helpers, *(f"Excel: ={text}" for text in (rule.twin.result, *rule.twin.beside))]


def _rule_json(rule: Any) -> dict[str, Any]:
    entry = {"id": rule.id, "zh": rule.zh, "en": rule.en, "source": rule.source, "unit": rule.unit}
    if hasattr(rule, "formula"):
        return {**entry, "formula": rule.formula, "expect": list(rule.expect)}
    return {
        **entry, "function": rule.function, "arguments": [a.key for a in rule.arguments],
        "example": {"given": dict(rule.example.given), "expect": list(rule.example.expect)},
    }  # fmt: skip


def _doctor(options: argparse.Namespace) -> int:
    from xl_kpi.excel.doctor_book import examine

    problems = examine(options.book, lang=options.lang)
    errors = sum(problem.severity == "error" for problem in problems)
    if options.json:
        listed = [console.problem_json(problem) for problem in problems]
        console.print_json({"ready": not errors, "problems": listed})
        return 1 if errors else 0
    console.print_problems(problems, options.lang, sys.stdout)
    if errors:
        console.say(options, f"要先解决的问题：{errors} 个。", f"Problems to mend first: {errors}.")
    else:
        console.say(options, "没有发现妨碍使用的问题。", "Nothing was found that stands in the way.")
    return 1 if errors else 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo, "new": _new, "sample": _sample, "import": _import, "check": _check,
    "run": _run, "close": _close, "explain": _explain, "simulate": _simulate, "diagnose": _diagnose,
    "history": _history, "statements": _statements, "talks": _talks, "document": _document, "eval": _eval, "rules": _rules,
    "doctor": _doctor,
}  # fmt: skip
