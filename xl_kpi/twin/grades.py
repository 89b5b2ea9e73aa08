"""Grades and what they are worth as plain formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xl_kpi.catalogue import RULES
from xl_kpi.pipeline import Results
from xl_kpi.twin.calls import policy_table
from xl_kpi.twin.rules import Operand, rule_formula
from xl_kpi.twin.scores import ScoreColumns
from xl_kpi.twin.sheets import Column, Policy

Check = Callable[..., Column]  # area, label, formula, what Python has, unit → the column


class GradeColumns:
    """The columns of the month's sheet that grade the total (``totals.grade_scores``)."""

    def __init__(
        self, results: Results, scores: ScoreColumns, policy: Policy, total: Column
    ) -> None:
        self.results, self.scores, self.policy, self.total = results, scores, policy, total
        self.area = scores.area
        self.scheme = results.scheme

    def columns(self, check: Check) -> dict[str, Column]:
        """Grade, coefficient and share of base pay, each beside what Python has."""
        totals = self.results.totals
        assert totals is not None
        grade = check(self.area, "等级", self._grade(), totals.grade, "grade")
        made = {"grade": grade}
        for key, label, values in (
            ("coefficient", "等级系数", [g.coefficient for g in self.scheme.grades]),
            ("base_share", "等级加成", [g.base_share for g in self.scheme.grades]),
        ):
            formula = self._worth(grade, label, values)
            made[key] = check(self.area, label, formula, getattr(totals, key), "rate")
        return made

    def _grade(self) -> str:
        grades, grading = self.scheme.grades, self.scheme.grading
        if any(g.share is None for g in grades):
            return self._by_score("等级")
        group = self.scores.group(grading.group)
        by_share = self._by_share("等级", group)
        if grading.small_team is None or grading.small_team_rule == "distribute":
            return by_share
        sheet = self.area.sheet
        if grading.small_team_rule == "everyone":
            everyone = self.area.step("全部号", f'IF({group.at(sheet)}="","",1)')
            instead = self._by_share("合并定级", everyone)
        elif grading.small_team_rule == "bands":
            instead = self._by_score("按分数段")
        else:
            instead = '""'
        scored = f'({group.at(sheet, "all")}={group.at(sheet)})*({self.total.at(sheet, "all")}<>"")'
        size = self.area.step("同组人数", f"SUMPRODUCT({scored})").at(sheet)
        shares = self.area.step("按比例定级", by_share).at(sheet)
        other = self.area.step("小团队定级", instead).at(sheet)
        small = f"{size}<={grading.small_team:.15g}"
        return f'IF({self.total.at(sheet)}="","",IF({small},{other},{shares}))'

    def _by_share(self, label: str, group: Column) -> str:
        grades = self.scheme.grades
        operands: dict[str, Operand] = {
            "scores": self.total,
            "groups": group,
            "labels": self.policy.line("等级", [g.label for g in grades]),
            "shares": self.policy.line("等级比例", [g.share or 0.0 for g in grades]),
        }
        options: dict[str, str | bool] = {"ties": self.scheme.grading.ties}
        return rule_formula(RULES["R20"], self.area, label, operands.__getitem__, options)

    def _by_score(self, label: str) -> str:
        operands: dict[str, Operand] = {
            "score": self.total,
            "bands": policy_table(self.policy, "分数段", self.scheme.score_bands),
        }
        return rule_formula(RULES["R21"], self.area, label, operands.__getitem__, {})

    def _worth(self, grade: Column, label: str, values: list[Any]) -> str:
        labels = self.policy.line("等级", [g.label for g in self.scheme.grades]).at()
        worth = self.policy.line(label, values).at()
        here = grade.at(self.area.sheet)
        known = f'SUMPRODUCT(({labels}={here})*({worth}<>""))'
        value = f"SUMPRODUCT(({labels}={here})*1,{worth})"
        return f'IF({here}="","",IF({known}=0,"",{value}))'

