"""Benchmarks that the lines of indicators name, judged: missing, or several that disagree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xl_kpi.benchmarks import agree, named_benchmarks, rows_of_people
from xl_kpi.checks import cell_of
from xl_kpi.errors import Problem
from xl_kpi.figures import Figures
from xl_kpi.pipeline import Results
from xl_kpi.scheme import Indicator
from xl_kpi.tables import BENCHMARKS


def judge_benchmarks(results: Results) -> Iterator[Problem]:
    """Benchmarks that lines name and that are missing, or of which several rows disagree."""
    for scored in results.scored.values():
        figures, indicator = scored.figures, scored.indicator
        if not scored.due:
            continue
        if figures.period.months > 1 and named_benchmarks(figures, indicator):
            yield Problem(
                indicator.row.place, f"{indicator.name}按季度或年度考核，平台的基准只有一个月的",
                "目标或标准改成数字，或改成按月考核",
            )  # fmt: skip
            continue
        for kind in named_benchmarks(figures, indicator):
            yield from _judge(figures, indicator, kind, scored.judged.reshape(-1, scored.cycles)[:, 0])


def _judge(
    figures: Figures, indicator: Indicator, kind: str, judged: np.ndarray
) -> Iterator[Problem]:
    shops = figures.people.groups["shop"]
    rows = rows_of_people(figures, indicator.metric, kind)
    lacking: dict[str, None] = {}
    told: set[tuple[int, ...]] = set()
    for person in np.flatnonzero(judged):
        mine = rows[person]
        if not mine:
            code = shops.codes[person]
            lacking[shops.labels[code] if code >= 0 else "没有店铺的人"] = None
        elif tuple(mine) not in told and not agree(figures, mine):
            told.add(tuple(mine))
            yield _disagree(figures, indicator, kind, mine)
    if lacking:
        yield Problem(
            indicator.row.place,
            f"{indicator.name}要用“{kind}”，基准表没有 {figures.period.name}“{indicator.metric}”的这一行："
            f"{'、'.join(lacking)}",
            f"用 xl-kpi import 导入带“{kind}”那一行的平台导出，或在基准表补一行（店铺留空 = 所有店铺）",
        )  # fmt: skip


def _disagree(figures: Figures, indicator: Indicator, kind: str, rows: list[int]) -> Problem:
    frame = figures.records.tables["benchmarks"]
    values = figures.records.numbers("benchmarks", "value")
    cells = "、".join(
        f"{cell_of(frame, BENCHMARKS, 'value', row)} 是 {values[row]:.6g}" for row in rows
    )
    return Problem(
        cell_of(frame, BENCHMARKS, "value", rows[0]),
        f"{figures.period.name}“{indicator.metric}”的“{kind}”有 {len(rows)} 行，数不一样：{cells}",
        f"只留{indicator.name}该用的一行：整月的那一行，别的删去或改期间",
    )  # fmt: skip
