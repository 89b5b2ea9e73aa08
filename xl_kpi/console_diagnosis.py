"""What ``xl-kpi diagnose`` prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_kpi import console

if TYPE_CHECKING:
    from xl_kpi.diagnosis import Answer, Diagnosed, Diagnosis, Finding

_NOTES = 12  # of each scheme that are printed; the workbook and JSON have all
_WARNINGS = 40


def report(found: Diagnosis, written: Path | None, options: argparse.Namespace) -> None:
    """Each question's findings, those worth a look first."""
    if options.json:
        console.print_json(_json(found, written, options.lang))
        return
    for scheme in found.schemes:
        _scheme(scheme, options)
    console.print_problems(found.problems, options.lang, sys.stdout)
    warnings = sum(one.severity == "warning" for one in found.findings)
    print()
    if warnings:
        console.say(options, f"值得看的：{warnings} 条。", f"Worth a look: {warnings}.")
    else:
        console.say(options, "没有发现超出偶然的问题。", "Nothing beyond chance was found.")
    if written is not None:
        console.say(options, f"已写入：{written}", f"Written: {written}")
    else:
        console.say(options, "全部数字：加 -o 诊断.xlsx", "All figures: add -o diagnosis.xlsx")
    console.say(options, "原工作簿没有改动。", "The book was not changed.")


def _scheme(one: Diagnosed, options: argparse.Namespace) -> None:
    from xl_kpi.diagnosis.words import label

    panel, lang = one.panel, options.lang
    print(f"{panel.scheme.id} {panel.scheme.name}")
    people = len(panel.people)
    console.say(
        options, f"{'、'.join(panel.months)}，{people} 人参加考核",
        f"{', '.join(panel.months)}; {people} people assessed",
    )  # fmt: skip
    head = [label(k, lang) for k in ("question", "warnings", "note_count")]
    counted = [[label(a.question, lang), str(a.count("warning")), str(a.count("note"))] for a in one.answers]
    print()
    console.print_table([head, *counted])
    for answer in one.answers:
        _answer(answer, options)


def _answer(answer: Answer, options: argparse.Namespace) -> None:
    from xl_kpi.diagnosis.words import label

    if not answer.findings:
        return
    print(f"\n【{label(answer.question, options.lang)}】")
    for severity, most in (("warning", _WARNINGS), ("note", _NOTES)):
        mine = [one for one in answer.findings if one.severity == severity]
        for one in mine[:most]:
            mark = "!" if severity == "warning" else "·"
            print(f"{mark} {one.what(options.lang)}\n    → {one.fix(options.lang)}  [{one.where}]")
        if len(mine) > most:
            console.say(options, f"… 还有 {len(mine) - most} 条", f"… and {len(mine) - most} more")


def _json(found: Diagnosis, written: Path | None, lang: str) -> dict[str, Any]:
    return {
        "months": found.months,
        "schemes": [
            {
                "scheme": one.panel.scheme.id, "months": one.panel.months, "people": len(one.panel.people),
                "questions": {
                    a.question: {
                        "findings": [_finding(f, lang) for f in a.findings],
                        "rows": a.rows.to_dict("records"),
                        **{key: rows.astype(object).where(rows.notna(), None).map(_plain).to_dict("records")
                           for key, rows in a.extra.items()},
                    }
                    for a in one.answers
                },
            }
            for one in found.schemes
        ],
        "thresholds": {one.key: one.value for one in found.limits.listed()},
        "problems": [console.problem_json(p) for p in found.problems],
        "book": str(written) if written is not None else None,
    }  # fmt: skip


def _finding(one: Finding, lang: str) -> dict[str, str]:
    return {
        "key": one.key, "severity": one.severity, "where": one.where, "what": one.what(lang),
        "fix": one.fix(lang),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat(sep=" ") if hasattr(value, "isoformat") else value
