"""Where points, blocks, total, place and grade come from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xl_kpi.benchmarks import imported_file, named_benchmarks, rows_of_people
from xl_kpi.catalogue import Bands
from xl_kpi.checks import cell_of
from xl_kpi.explain.calibrations import calibrated
from xl_kpi.explain.figures import equation, told, with_figures
from xl_kpi.explain.lines import WORDS, Line, Words, addends, number
from xl_kpi.explain.points import points_figures
from xl_kpi.formula import Name, Scope, names_in, unparse
from xl_kpi.indicators import Scored, behind, named_value
from xl_kpi.pipeline import Results
from xl_kpi.quantity import typed_number
from xl_kpi.rounding import is_below, significant
from xl_kpi.scheme import Curve
from xl_kpi.tables import BENCHMARKS
from xl_kpi.totals import small_teams


def indicator_lines(
    results: Results, s: Scored, row: int, words: Words
) -> Iterator[Line]:
    """A line per week, then their sum; one line for an indicator of the month."""
    i = s.indicator
    unit = results.scheme.metrics[i.metric].unit
    assessed = bool(s.judged[row * s.cycles])
    if not s.due or (i.roles and not results.people.has_role(i.roles)[row]):
        return
    source = (i.row.place, i.clause, i.clause_text)
    if s.cycles == 1:
        earned = float(s.points[row]) if assessed else None
        text = _cycle_text(results, s, row, unit, assessed, words)
        if assessed and i.measure and behind(s)[row]:
            text += f"{words['also']}{words['measure']}{i.measure}"
        yield _points(i.name + words["earned"], earned, text, source, s, row)
        return
    for cycle in range(s.cycles):
        at = row * s.cycles + cycle
        week = words["week"].format(n=cycle + 1)
        earned = float(s.points[at]) if assessed else None
        text = _cycle_text(results, s, at, unit, assessed, words)
        yield _points(f"{i.name}{words['earned']} {week}", earned, text, source, s, at)
    if assessed:
        total = float(s.monthly(s.points)[row])
        each = s.points[row * s.cycles : (row + 1) * s.cycles]
        terms = " + ".join(addends([float(x) for x in each if not np.isnan(x)], total))
        shown = terms.replace("+ -", "- ") or words["missing"]
        text = f"{shown} = {number(total, 'points')} {words['points']}"
        yield Line(i.name + words["earned"], total, "points", text, *source, "", terms)


def _points(
    label: str, earned: float | None, text: str, source: tuple[str, str, str], s: Scored, at: int
) -> Line:
    figures = "" if earned is None or np.isnan(earned) else points_figures(s, at)
    return Line(label, earned, "points", text, *source, "", figures)


def _cycle_text(
    results: Results, s: Scored, at: int, unit: str, assessed: bool, words: Words
) -> str:
    value = s.value[at]
    plain = "shown_only" if s.indicator.rule == "none" else ""
    if np.isnan(value):
        return words["missing"] + words["and"] + words[plain or "not_scored"]
    text = number(value, unit) + calibrated(results, s, at, unit, words)
    if s.sample is not None:
        text += words["aside"].format(words["sample"].format(number(float(s.sample[at]))))
    notes = []
    if not np.isnan(s.group_average[at]) and s.indicator.rule in ("R04", "R05"):
        notes.append(f"{words['average']} {number(s.group_average[at], unit)}")
    if s.target is not None:
        reached = f"{words['target']} {number(float(s.target[at]), unit)}"
        notes.append(reached + _target_formula(results, s, at, words))
    if s.pass_line is not None:
        notes.append(f"{words['pass_line']} {number(float(s.pass_line[at]), unit)}")
    if s.penalty_line is not None and not np.isnan(s.penalty_line[at]):
        notes.append(f"{words['line']} {number(float(s.penalty_line[at]), unit)}")
    notes += _benchmarks(s, at, unit, words)
    if s.indicator.rule == "R05" and not np.isnan(s.place[at]):
        notes.append(f"{words['place']} {s.place[at]:.0f}")
    if s.indicator.curve:
        notes.append(band_text(results.scheme.curves[s.indicator.curve], value, words, unit))
    if s.enough[at] == 0:
        notes.append(words["small"])
    if s.condition is not None and not s.condition[at] > 0:
        notes.append(words["condition"])
    text += "".join(words["and"] + note for note in notes if note)
    if plain or not assessed:
        return text + words["and"] + words[plain or "not_scored"]
    return f"{text} → {number(float(s.points[at]))} {words['points']}"


def _benchmarks(s: Scored, at: int, unit: str, words: Words) -> Iterator[str]:
    """The platforms' figures that the lines stand on: value, cell, imported file."""
    records, person = s.figures.records, at // s.cycles
    for kind in named_benchmarks(s.figures, s.indicator):
        rows = rows_of_people(s.figures, s.indicator.metric, kind)[person]
        if not rows:
            continue
        frame, row = records.tables["benchmarks"], rows[0]
        value = number(float(records.numbers("benchmarks", "value")[row]), unit)
        file = imported_file(records, frame["source"].iloc[row])
        origin = words["imported"].format(file) if file else words["typed"]
        origin = f"{cell_of(frame, BENCHMARKS, 'value', row)}{words['and']}{origin}"
        yield f"{kind} {value}{words['aside'].format(origin)}"


def _target_formula(results: Results, s: Scored, at: int, words: Words) -> str:
    """How a target that is a formula over names came to be, with its figures."""
    i = s.indicator
    names = [*names_in(i.target.node)] if i.target is not None else []
    meanings = [results.meaning(name) for name in names]
    if i.target is None or not names or any(m.kind == "here" for m in meanings):
        return ""
    if i.target.node == Name(names[0]) and meanings[0].kind == "benchmark":
        return ""  # told with its cell
    scope = Scope(lambda n: named_value(s.figures, i, s.value, n), len(s.value))
    shown = with_figures(results, i.target.node, scope, at)
    return words["aside"].format(f"{unparse(i.target.node)} = {shown}")


def band_text(curve: Curve, value: float, words: Words, unit: str) -> str:
    """Which band of the curve holds a value of a unit, with the cell of its figure."""
    bands = curve.bands
    if bands is None:
        return ""
    n = _band_of(bands, value)
    if n is None:
        return f"{curve.name}：—"
    low = "−∞" if np.isinf(bands.lower[n]) else typed_number(bands.lower[n], unit)
    high = "∞" if np.isinf(bands.upper[n]) else typed_number(bands.upper[n], unit)
    edges = bands.edges[n]
    cell = curve.rows[n].cell("value")
    return (
        f"{curve.name} {words['band']} {edges[0]}{low}, {high}{edges[1]} → "
        f"{typed_number(bands.value[n])}{words['aside'].format(cell)}"
    )


def _band_of(bands: Bands, value: float) -> int | None:
    v = float(significant(value))
    for n, (low, high, edges) in enumerate(
        zip(bands.lower, bands.upper, bands.edges, strict=True)
    ):
        above = v >= low if edges[0] == "[" else v > low
        below = v <= high if edges[1] == "]" else v < high
        if above and below:
            return n
    return None


def block_line(results: Results, block: str, row: int, words: Words) -> Iterator[Line]:
    """A block's points from those of its indicators; nothing if none of them is due."""
    parts = [
        s for s in results.scored.values() if s.indicator.block == block and s.indicator.in_score
    ]
    parts = [s for s in parts if s.judged[row * s.cycles]]
    if not parts:
        return
    earned = [float(s.monthly(s.points)[row]) for s in parts]
    named = [s.indicator for s, points in zip(parts, earned, strict=True) if not np.isnan(points)]
    earned = [points for points in earned if not np.isnan(points)]
    value = float(results.blocks[block][row])
    result = number(value, "points")
    if results.scheme.block_mode == "weighted":
        weights = [i.weight or 0.0 for i in named]
        points = addends(earned, value, weights)
        shares, whole = [typed_number(w, "ratio", 4) for w in weights], typed_number(sum(weights), "ratio", 4)
        each = list(zip(points, shares, strict=True))
        shown = [f"{i.name} {p}×{w}" for i, (p, w) in zip(named, each, strict=True)]
        text = f"{words['weighted']}({' + '.join(shown)}) ÷ {whole} = {result}"
        figures = f"({' + '.join(f'{p}*{w}' for p, w in each)})/{whole}" if each else ""
    else:
        points = addends(earned, value)
        shown = [
            f"{i.name} {'' if p.startswith('-') else '+'}{p}"
            for i, p in zip(named, points, strict=True) if p != "0"
        ]  # fmt: skip
        text = f"{words['block']}{' '.join(shown) or '0'} = {result}"
        figures = f"SUM({', '.join(points) or 0}, 0)"
    yield Line(block, value, "points", text, "", "", "", "", figures)


def total_lines(results: Results, row: int, lang: str) -> Iterator[Line]:
    """Total and place among the department's assessed, and the divisor of the pool."""
    totals, scheme = results.totals, results.scheme
    if totals is None:
        return
    zh = lang == "zh"
    total, place = float(totals.total[row]), float(totals.place[row])
    scope = results.person_scope()
    node = scheme.total.node
    figures = told(results, node, scope, row, total, "points")
    text = equation(node, figures.shown, number(total, "points"), number(total, "points"))
    label = "总分" if zh else "Total score"
    yield Line(label, total, "points", text, scheme.total.where, "", "", unparse(node), figures.typed)
    codes = results.people.groups["department"].codes
    mine = (codes == codes[row]) & results.people.assessed
    higher = int(np.sum(significant(totals.total[mine]) > significant(total)))
    equal = int(np.sum(significant(totals.total[mine]) == significant(total))) - 1
    if zh:
        tied = f"，{equal} 人并列" if equal else ""
        text = f"本部门考核对象 {int(mine.sum())} 人，{higher} 人高于 {number(total)}{tied} → 第 {place:.0f} 名"
    else:
        text = f"{int(mine.sum())} assessed, {higher} above {number(total)}, {equal} tied → place {place:.0f}"
    yield Line("名次" if zh else "Place", place, "place", text, "", "", "")
    if scheme.grades:
        yield _grade_line(results, row, lang)
    weeks = results.figures.period.week_count
    counted = [i for i in scheme.indicators if i.in_divisor]
    if counted:
        parts = " + ".join(
            f"{i.name} ({'+'.join(f'{p:g}' for p in i.rank_points)})"
            + (f"×{weeks}" if i.cycle == "week" else "")
            for i in counted
        )
        full = scheme.divisor(weeks)
        label = "满分合计" if zh else "Full marks in all"
        yield Line(label, full, "points", f"{parts} = {full:g}", "", "", "")


def _grade_line(results: Results, row: int, lang: str) -> Line:
    """The grade, from the place in the group and the shares, or from the band of the score."""
    words, scheme, totals = WORDS[lang], results.scheme, results.totals
    assert totals is not None
    label = "等级" if lang == "zh" else "Grade"
    given = totals.grade[row]
    if given is None:
        return Line(label, None, "grade", words["no_grade"], "", "", "")
    grade = next(g for g in scheme.grades if g.label == given)
    grading = scheme.grading
    codes = results.people.groups[grading.group].codes
    small = bool(small_teams(totals.total, codes, grading.small_team)[row])
    rule = grading.small_team_rule if small else "distribute"
    if grade.share is None or rule == "bands":
        ends = (f"{x:g}" if np.isfinite(x) else "∞" for x in (grade.lower, grade.upper))
        band = grade.edges[0] + ", ".join(ends) + grade.edges[1]
        total = number(float(totals.total[row]))
        text = words["graded_band"].format(
            total=total, band=band, grade=given, cell=grade.row.cell("lower")
        )
    else:
        everyone = rule == "everyone" or grading.group == "everyone"
        mine = ~np.isnan(totals.total) & (everyone | (codes == codes[row]))
        ahead = is_below(totals.total[row], totals.total[mine])
        group = "" if everyone else results.labels(grading.group)[codes[row]]
        shares = " / ".join(f"{g.label} {number(g.share or 0.0, 'ratio')}" for g in scheme.grades)
        text = words["graded"].format(
            group=group, size=int(mine.sum()), place=int(ahead.sum()) + 1, grade=given,
            shares=shares,
        )  # fmt: skip
    if grade.coefficient is not None:
        text += words["and"] + words["worth"].format(
            coefficient=number(grade.coefficient), base_share=number(grade.base_share, "ratio")
        )
    return Line(
        label, given, "grade", text, grade.row.cell("grade"), grade.row.get("clause") or "",
        grade.row.get("clause_text") or "",
    )  # fmt: skip
