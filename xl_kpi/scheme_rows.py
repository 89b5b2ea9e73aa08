"""Scheme rows become a scheme, from a sheet or from a preset alike; every problem at once."""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np

from xl_kpi.catalogue import Bands
from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.formula import FormulaError, parse
from xl_kpi.rounding import significant
from xl_kpi.scheme import (
    Consequence,
    Curve,
    Formula,
    Grade,
    Grading,
    Indicator,
    Metric,
    PayItem,
    Row,
    Rows,
    Scheme,
)
from xl_kpi.scheme_tables import (
    BLOCK_MODES,
    GRADE_TIES,
    GROUPS,
    HEAD,
    HEAD_SETTINGS,
    INDICATORS,
    OVERSPEND,
    RULE_CHOICES,
    SCHEME_TABLES,
    SMALL_TEAM_RULES,
    WEEKS,
)
from xl_kpi.tables import COUNTS, Column, Table, counts_with, own_count


def preset_rows(scheme_id: str) -> Rows:
    """The rows of a ready scheme, as its sheet in a new book has them."""
    source = resources.files("xl_kpi.presets").joinpath(f"{scheme_id}.toml")
    data = tomllib.loads(source.read_text("utf-8"))
    rows: dict[str, list[Row]] = {table.key: [] for table in SCHEME_TABLES}
    rows["head"] = [
        Row({"key": HEAD_SETTINGS[key][0], "value": value}, {}, f"{scheme_id} {key}")
        for key, value in data.pop("head").items()
    ]
    for key, entries in data.items():
        rows[key] = [
            Row(entry, {}, f"{scheme_id} {key} {number}") for number, entry in enumerate(entries, 1)
        ]
    return rows


def preset_metrics() -> Sequence[Row]:
    """The rows of the metric library, as in a new book."""
    text = resources.files("xl_kpi.presets").joinpath("metrics.toml").read_text("utf-8")
    entries = tomllib.loads(text)["metrics"]
    return [Row(entry, {}, f"metrics {entry['id']}") for entry in entries]


def own_counts(metric_rows: Iterable[Row]) -> list[Column]:
    """The columns of 指标数据 that the metric library adds: its metrics of source ``count``."""
    return [
        own_count(str(row.get("metric")), row.get("english") or "", row.get("unit") or "")
        for row in metric_rows
        if row.get("source") == "count" and row.get("metric") is not None
    ]


@functools.cache
def preset_counts() -> Table:
    """指标数据 with what the ready metric library counts."""
    return counts_with(own_counts(preset_metrics()))


def preset_ids() -> tuple[str, ...]:
    """The schemes that are ready to use."""
    folder = resources.files("xl_kpi.presets")
    names = (item.name for item in folder.iterdir())
    return tuple(sorted(n[:-5] for n in names if n.startswith("S") and n.endswith(".toml")))


@functools.cache
def cycle_rows(table: str) -> Sequence[Row]:
    """The rows of a sheet of the assessment cycle (S13), as in a new book."""
    text = resources.files("xl_kpi.presets").joinpath("cycle.toml").read_text("utf-8")
    entries = tomllib.loads(text).get(table, [])
    return [Row(entry, {}, f"cycle {table} {n}") for n, entry in enumerate(entries, 1)]


def make_scheme(rows: Rows, metric_rows: Sequence[Row], on: dt.date | None = None) -> Scheme:
    """The scheme of these rows, as far as they are in force on a day.

    Args:
        rows: The scheme tables' rows by table key.
        metric_rows: The metric library.
        on: The day that picks dated rows (the period's last day); None: the day on which the
            last of them comes into force.

    Raises:
        InputError: with every problem of every row.
    """
    maker = _Maker(_last_start(rows) if on is None else on)
    metrics = maker.metrics(metric_rows)
    scheme = maker.scheme(rows, metrics)
    if maker.problems or scheme is None:
        raise InputError(maker.problems)
    return scheme


def _last_start(rows: Rows) -> dt.date | None:
    """The latest day on which a row of a scheme table comes into force; None if none is dated."""
    starts = [
        np.datetime64(row.get("valid_from"), "D").item()
        for key, table in rows.items() if key != "head"
        for row in table if row.get("valid_from") is not None
    ]  # fmt: skip
    return max(starts, default=None)


class _Maker:
    """Collects problems while rows become records."""

    def __init__(self, on: dt.date | None) -> None:
        self.on = on
        self.problems: list[Problem] = []

    def wrong(self, where: str, what: str, fix: str) -> None:
        self.problems.append(Problem(where, what, fix))

    def in_force(self, rows: Iterable[Row]) -> list[Row]:
        for row in rows:
            start, end = row.get("valid_from"), row.get("valid_to")
            if start is not None and end is not None and start > end:
                self.wrong(row.cell("valid_from"), "生效日期晚于失效日期", "交换两个日期")
        if self.on is None:
            return list(rows)
        day = np.datetime64(self.on)
        return [
            row
            for row in rows
            if (row.get("valid_from") is None or np.datetime64(row.get("valid_from"), "D") <= day)
            and (row.get("valid_to") is None or day <= np.datetime64(row.get("valid_to"), "D"))
        ]

    def formula(self, row: Row, key: str) -> Formula | None:
        text = row.get(key)
        if text is None:
            return None
        text = f"{text:.15g}" if isinstance(text, int | float) else str(text).strip()
        try:
            return Formula(text=text, node=parse(text), where=row.cell(key))
        except FormulaError as error:
            self.wrong(row.cell(key), f"“{text}”：{error}", "改正公式，写法与单元格公式相同")
            return None

    def metrics(self, rows: Sequence[Row]) -> dict[str, Metric]:
        made: dict[str, Metric] = {}
        for row in rows:
            name = str(row.get("metric"))
            if name in made:
                self.wrong(row.cell("metric"), f"指标“{name}”重复", "每个指标只留一行")
                continue
            source = row.get("source") or "formula"
            if source == "count" and name in _NO_COUNTS:
                self.wrong(
                    row.cell("metric"), f"指标“{name}”的来源是计数，指标数据的“{name}”却不是数字",
                    "换一个名称，并在指标数据里加同名的一列",
                )  # fmt: skip
                continue
            formula = self.formula(row, "formula")
            if source == "formula" and formula is None and row.get("formula") is None:
                self.wrong(row.cell("formula"), f"指标“{name}”没有公式", "写公式，或把来源改为行为、评分")
            made[name] = Metric(
                id=str(row.get("id")), name=name, english=row.get("english") or "", source=source,
                formula=formula, unit=row.get("unit") or "", better=row.get("better") or "higher",
                average=row.get("average")
                or ("mean_of_people" if source == "rating" else "ratio_of_sums"),
                sample=row.get("sample"), ripe_days=float(row.get("ripe_days") or 0),
                maximum=row.get("maximum"),
                document=row.get("document") or "", where=row.cell("metric"),
            )  # fmt: skip
        return made

    def scheme(self, rows: Rows, metrics: Mapping[str, Metric]) -> Scheme | None:
        head = self.head(rows["head"])
        curves = self.curves(self.in_force(rows.get("curves", ())))
        indicators = [
            made
            for row in self.in_force(rows["indicators"])
            if (made := self.indicator(row, metrics, curves)) is not None
        ]
        self.unique((i.row, "name" if i.row.get("name") else "metric", i.name) for i in indicators)
        items = [
            item
            for row in self.in_force(rows["pay_items"])
            if (item := self.pay_item(row)) is not None
        ]
        self.unique((i.row, "item", i.name) for i in items)
        consequences = [
            Consequence(
                condition=condition, follows=str(row.get("follows")),
                due_days=row.get("due_days"), cycle=row.get("cycle") or "month",
                clause=row.get("clause") or "", row=row,
            )
            for row in self.in_force(rows.get("consequences", ()))
            if (condition := self.formula(row, "condition")) is not None
        ]  # fmt: skip
        grades = [self.grade(row) for row in self.in_force(rows.get("grades", ()))]
        self.unique((g.row, "grade", g.label) for g in grades)
        if self.problems:
            return None
        return Scheme(
            indicators=tuple(indicators), curves=curves, pay_items=tuple(items),
            consequences=tuple(consequences), metrics=metrics,
            grades=tuple(grades), **head,
        )  # fmt: skip

    def head(self, rows: Sequence[Row]) -> dict[str, Any]:
        labels = {label: key for key, names in HEAD_SETTINGS.items() for label in (key, *names)}
        found: dict[str, Row] = {}
        for row in rows:
            if row.get("key") is None:  # told by whoever read the cell
                continue
            label = str(row.get("key"))
            key = labels.get(label)
            if key is None:
                near = nearest(label, labels)
                self.wrong(
                    row.cell("key"), f"方案里没有“{label}”这一项",
                    f"是不是“{near}”？" if near else "删去这一行",
                )  # fmt: skip
            elif key in found:
                self.wrong(row.cell("key"), f"“{label}”重复", "只留一行")
            else:
                found[key] = row
        place = rows[0].place if rows else HEAD.zh

        def text(key: str) -> str:
            value = found[key].get("value") if key in found else None
            return "" if value is None else str(value)

        def option(key: str, choices: Mapping[str, tuple[str, str]], blank: str = "") -> str:
            words = {word: k for k, names in choices.items() for word in (k, *names)}
            word = text(key) or blank
            if word not in words:
                allowed = "、".join(names[0] for names in choices.values())
                cell = found[key].cell("value") if key in found else place
                self.wrong(cell, f"{HEAD_SETTINGS[key][0]}：没有“{word}”", f"可用：{allowed}")
            return words.get(word, "")

        for key in ("id", "total"):
            if not text(key):
                self.wrong(place, f"方案缺少“{HEAD_SETTINGS[key][0]}”", "补上这一项")
        day = text("month_start_day") or "1"
        whole = day.removesuffix(".0")
        if not (whole.isdecimal() and whole.isascii()) or not 1 <= int(float(day)) <= 28:
            self.wrong(found["month_start_day"].cell("value"), f"月起始日是“{day}”", "填 1 至 28")
            day = "1"
        def figure(key: str, limit: float, example: str) -> float | None:
            given = text(key)
            if not given:
                return None
            if not _FIGURE.fullmatch(given) or not 0 < _share(given) <= limit:
                label = HEAD_SETTINGS[key][0]
                self.wrong(
                    found[key].cell("value"), f"{label}是“{given}”", f"填 {example}，或留空"
                )
                return None
            return _share(given)

        def date(key: str) -> dt.date | None:
            given = text(key)
            if not given:
                return None
            try:
                return dt.date.fromisoformat(given[:10].replace("/", "-"))
            except ValueError:
                label = HEAD_SETTINGS[key][0]
                self.wrong(
                    found[key].cell("value"), f"{label}是“{given}”", "写成 2026-10-01，或留空"
                )
                return None

        return {
            "id": text("id"), "name": text("name"), "source": text("source"),
            "valid_from": date("valid_from"), "valid_to": date("valid_to"),
            "month_start_day": int(float(day)), "weeks": option("weeks", WEEKS),
            "block_mode": option("block_mode", BLOCK_MODES),
            "total": self.formula(found["total"], "value") if "total" in found else None,
            "assessed_roles": (
                self.roles(found["assessed_roles"], "value") if "assessed_roles" in found else ()
            ),
            "stand_in_share": figure("stand_in_share", 1, "50% 这样的比例"),
            "grading": Grading(
                group=option("grade_group", GROUPS, "department"),
                ties=option("grade_ties", GRADE_TIES, "better"),
                small_team=figure("small_team", 1e6, "人数，如 4"),
                small_team_rule=option("small_team_rule", SMALL_TEAM_RULES, "distribute"),
            ),
            "overspend": option("overspend", OVERSPEND, "scale"),
            "deduction_share": figure("deduction_share", 1, "20% 这样的比例"),
            "minimum_wage": figure("minimum_wage", 1e6, "当地最低工资，如 2360"),
            "place": place,
            "roles_place": found["assessed_roles"].cell("value") if "assessed_roles" in found else place,
        }  # fmt: skip

    def indicator(
        self, row: Row, metrics: Mapping[str, Metric], curves: Mapping[str, Curve]
    ) -> Indicator | None:
        name = str(row.get("metric"))
        before = len(self.problems)
        if name not in metrics:
            near = nearest(name, metrics)
            self.wrong(
                row.cell("metric"), f"指标库里没有“{name}”",
                f"是不是“{near}”？" if near else "先在指标库里加一行",
            )  # fmt: skip
        rule = row.get("rule")
        if rule is None:  # told by whoever read the cell
            return None
        needed = NEEDS.get(str(rule), ())
        for key in needed:
            if row.get(key) is None:
                label = INDICATORS.column(key).zh
                self.wrong(
                    row.cell(key), f"“{name}”按“{RULE_CHOICES[rule][0]}”计分，缺少“{label}”",
                    f"填写“{label}”",
                )  # fmt: skip
        curve = row.get("curve")
        if curve is not None and curve not in curves:
            near = nearest(curve, curves)
            self.wrong(
                row.cell("curve"), f"没有曲线“{curve}”",
                f"是不是“{near}”？" if near else "先在曲线表里写出各段",
            )  # fmt: skip
        points = self.rank_points(row)
        if len(self.problems) > before:
            return None
        return Indicator(
            name=str(row.get("name") or name), metric=name, roles=self.roles(row, "role"),
            reference=row.get("reference"), block=str(row.get("block")), cycle=row.get("cycle") or "month",
            group=row.get("group") or "everyone", rule=str(rule), weight=row.get("weight"),
            full=row.get("full"), target=self.formula(row, "target"), better=row.get("better"),
            curve=curve, rank_points=points, bonus_line=self.formula(row, "bonus_line"),
            penalty_line=self.formula(row, "penalty_line"), below=row.get("below"),
            miss=row.get("miss"), strict=row.get("strict") == "yes",
            per_count=row.get("per_count") or 0.0, when_zero=row.get("when_zero") or 0.0,
            floor=row.get("floor"), cap=row.get("cap"), condition=self.formula(row, "condition"),
            ties=row.get("ties") or "all", if_missing=row.get("if_missing") or "skip",
            minimum_sample=row.get("minimum_sample"), pass_line=self.formula(row, "pass_line"),
            alert_line=self.formula(row, "alert_line"),
            in_score=row.get("in_score") != "no", in_divisor=row.get("in_divisor") == "yes",
            measure=row.get("measure") or "", clause=row.get("clause") or "",
            clause_text=row.get("clause_text") or "", row=row,
        )  # fmt: skip

    def rank_points(self, row: Row) -> tuple[float, ...]:
        text = row.get("rank_points")
        if text is None:
            return ()
        try:
            parts = [part.strip() for part in str(text).replace("，", ",").split(",")]
            if not all(re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", part) for part in parts):
                raise ValueError
            return tuple(float(part) for part in parts)
        except ValueError:
            self.wrong(row.cell("rank_points"), f"名次分“{text}”读不懂", "写成 3,2,1")
            return ()

    def pay_item(self, row: Row) -> PayItem | None:
        formula = self.formula(row, "formula")
        # The cells were told by whoever read them.
        if formula is None or row.get("level") is None or row.get("item") is None:
            return None
        return PayItem(
            name=str(row.get("item")), level=str(row.get("level")), formula=formula,
            floor=self.formula(row, "floor"), cap=self.formula(row, "cap"),
            roles=self.roles(row, "role"), cycle=row.get("cycle") or "month",
            paid=row.get("paid") == "yes", applies_to=row.get("applies_to") or "assessed",
            unit=row.get("unit") or "yuan", rule=row.get("rule") or "",
            clause=row.get("clause") or "", clause_text=row.get("clause_text") or "", row=row,
        )  # fmt: skip

    def grade(self, row: Row) -> Grade:
        label = str(row.get("grade"))
        lower, upper = row.get("lower"), row.get("upper")
        if row.get("share") is None and lower is None and upper is None:
            self.wrong(
                row.cell("share"), f"等级“{label}”没有比例，也没有分数段",
                "填“比例”（强制分布），或填“从”“到”（按分数定级）",
            )  # fmt: skip
        return Grade(
            label=label, share=row.get("share"),
            lower=-np.inf if lower is None else float(lower),
            upper=np.inf if upper is None else float(upper),
            edges=str(row.get("edges") or "[)"), coefficient=row.get("coefficient"),
            base_share=row.get("base_share"), row=row,
        )  # fmt: skip

    def roles(self, row: Row, key: str) -> tuple[str, ...]:
        """The roles that a cell lists; none = any role."""
        text = row.get(key)
        listed = _listed(text)
        if text is not None and not listed:
            self.wrong(row.cell(key), f"“{text}”里没有岗位", "写岗位，或清空：空白是所有岗位")
        return listed

    def curves(self, rows: Sequence[Row]) -> dict[str, Curve]:
        grouped: dict[str, list[Row]] = {}
        for row in rows:
            grouped.setdefault(str(row.get("name")), []).append(row)
        return {name: self.curve(name, members) for name, members in grouped.items()}

    def curve(self, name: str, rows: list[Row]) -> Curve:
        values = np.array([float(row.get("value") or 0.0) for row in rows])
        keys = tuple(str(row.get("key") or "") for row in rows)
        banded = [r for r in rows if r.get("lower") is not None or r.get("upper") is not None]
        if any(keys) and (banded or not all(keys)):
            row = banded[0] if banded else next(r for r in rows if not r.get("key"))
            self.wrong(
                row.cell("key"), f"曲线“{name}”有的行按类别，有的行按起止",
                "分段的曲线清空“类别”；按类别的曲线清空“从”和“到”，每行都填类别",
            )  # fmt: skip
        if len(set(keys)) < len(keys) and all(keys):
            self.wrong(rows[0].cell("key"), f"曲线“{name}”有重复的类别", "每个类别只留一行")
        if all(keys) and not values.any():
            self.wrong(rows[0].cell("value"), f"曲线“{name}”的值全是 0", "至少一行大于 0")
        if any(keys):
            return Curve(name=name, bands=None, keys=keys, values=values, rows=tuple(rows))
        lower = [row.get("lower") for row in rows]
        upper = [row.get("upper") for row in rows]
        bands = Bands(
            significant([-np.inf if x is None else float(x) for x in lower]),
            significant([np.inf if x is None else float(x) for x in upper]),
            values,
            tuple(str(row.get("edges") or "[)") for row in rows),
        )
        return Curve(name=name, bands=bands, keys=(), values=values, rows=tuple(rows))

    def unique(self, names: Iterable[tuple[Row, str, str]]) -> None:
        seen: dict[str, Row] = {}
        for row, key, name in names:
            if name in seen:
                self.wrong(
                    row.cell(key), f"“{name}”在 {seen[name].cell(key)} 已有一行",
                    "同一时期只能有一行生效：删去一行，或填写生效、失效日期",
                )  # fmt: skip
            seen.setdefault(name, row)


_NO_COUNTS = frozenset(
    label for c in COUNTS.columns if c.kind != "number" for label in (c.key, c.zh, c.en)
)
_FIGURE = re.compile(r"[0-9]*\.?[0-9]+%?")


def _listed(text: object) -> tuple[str, ...]:
    """The words of a list, separated by commas of any kind."""
    words = re.split("[,，、;；]", str(text or ""))
    return tuple(word.strip() for word in words if word.strip())


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


# What an indicator must say for its scoring rule.
NEEDS: dict[str, tuple[str, ...]] = {
    "R01": ("full", "target", "floor", "cap"),
    "R02": ("full", "target", "miss"),
    "R03": ("curve",),
    "R04": ("penalty_line", "below"),
    "R05": ("rank_points",),
    "R09": (),
}
