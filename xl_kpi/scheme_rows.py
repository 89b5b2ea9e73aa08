"""Scheme rows become a scheme, from a sheet or from a preset alike; every problem at once."""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np

from xl_kpi.catalogue import Bands
from xl_kpi.errors import InputError, nearest
from xl_kpi.rounding import significant
from xl_kpi.scheme import (
    Consequence,
    Curve,
    Grade,
    Indicator,
    Metric,
    PayItem,
    Row,
    Rows,
    Scheme,
)
from xl_kpi.scheme_head import RowReader, read_head
from xl_kpi.scheme_tables import (
    HEAD_SETTINGS,
    INDICATORS,
    RULE_CHOICES,
    SCHEME_TABLES,
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
    names = {table.key: table.zh for table in SCHEME_TABLES}
    for key, entries in data.items():
        rows[key] = [
            Row(entry, {}, f"{scheme_id} {names[key]} {number}")
            for number, entry in enumerate(entries, 1)
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
def cycle_rows(table: str, lang: str = "zh") -> Sequence[Row]:
    """The rows of a sheet of the assessment cycle (S13), as in a new book of this language."""
    return [
        cycle_row(Row(entry, {}, f"cycle {table} {n}"), lang)
        for n, entry in enumerate(_cycle().get(table, []), 1)
    ]


def cycle_row(row: Row, lang: str) -> Row:
    """A row of the cycle with its preset texts in a language.

    Indicators keep the name by which they are found; what HR wrote stays as it is.
    """
    words = _cycle_words(lang)
    return replace(row, values={
        key: words.get(value, value) if isinstance(value, str) and key != "indicator" else value
        for key, value in row.values.items()
    })  # fmt: skip


@functools.cache
def _cycle() -> dict[str, Any]:
    source = resources.files("xl_kpi.presets").joinpath("cycle.toml")
    return tomllib.loads(source.read_text("utf-8"))


@functools.cache
def _cycle_words(lang: str) -> dict[str, str]:
    english: dict[str, str] = _cycle()["english"]
    return english if lang == "en" else {en: zh for zh, en in english.items()}


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


class _Maker(RowReader):
    """Collects problems while rows become records."""

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
        head = read_head(self, rows["head"])
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
# What an indicator must say for its scoring rule.
NEEDS: dict[str, tuple[str, ...]] = {
    "R01": ("full", "target", "floor", "cap"),
    "R02": ("full", "target", "miss"),
    "R03": ("curve",),
    "R04": ("penalty_line", "below"),
    "R05": ("rank_points",),
    "R09": (),
}
