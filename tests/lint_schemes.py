"""Small schemes for the linter: rows typed briefly, each cell named table, row and column."""

import tomllib
from pathlib import Path

from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics
from xl_kpi.scheme_tables import HEAD_SETTINGS

CASES = Path(__file__).parent / "cases"

HEAD = {
    "id": "X", "name": "小方案", "month_start_day": "1", "weeks": "四段", "block_mode": "求和",
    "total": "=考核得分",
}  # fmt: skip


def indicator(metric, rule, **more):
    """A row of the indicators."""
    row = {"metric": metric, "block": "考核得分", "cycle": "month", "group": "everyone", "rule": rule}
    return row | more


def linear(metric, target, **more):
    """A row that scores in proportion, full marks 100."""
    return indicator(metric, "R01", **{"full": 100, "target": target, "floor": 0, "cap": 100} | more)


def bands(name, *rows):
    """A curve: from, to, value and perhaps edges of each band."""
    keys = ("lower", "upper", "value", "edges")
    return [{"name": name} | dict(zip(keys, row, strict=False)) for row in rows]


def keyed(name, **values):
    """A curve by key."""
    return [{"name": name, "key": key, "value": value} for key, value in values.items()]


def pay(item, formula, **more):
    """A pay item of a person."""
    return {"item": item, "level": "person", "formula": formula, "unit": "yuan", "paid": "yes"} | more


def pool(item, formula):
    """An item of a department."""
    return pay(item, formula, level="department", paid="no")


DONE = bands("完成分", (0, 0.8, 0), (0.8, 1, 1), (1, None, 3))
SCORED = indicator("任务完成率", "R03", curve="完成分")
PAID = pay("提成", "=销售额 * 1%")


def rows_of(data):
    """Tables of rows as dictionaries, each cell with an address such as ``curves 2 lower``."""
    rows = {
        key: [
            Row(row, {k: f"{key} {n} {k}" for k in [*row, "weight", "open_point"]}, f"{key} {n}")
            for n, row in enumerate(data.get(key, []), 1)
        ]
        for key in ("indicators", "curves", "grades", "pay_items", "consequences")
    }
    head = data["head"]
    rows["head"] = [
        Row({"key": HEAD_SETTINGS[key][0], "value": value}, {"value": f"head {key}"}, "head")
        for key, value in head.items()
    ]
    return rows


def rows(indicators=(SCORED,), curves=(), pay_items=(PAID,), grades=(), consequences=(), **head):
    """The rows of a small scheme; ``完成分`` is added where an indicator wants it."""
    curves = list(curves)
    wanted = {i.get("curve") for i in indicators}
    if "完成分" in wanted and not any(row["name"] == "完成分" for row in curves):
        curves += DONE
    return rows_of(
        {"head": HEAD | head, "indicators": list(indicators), "curves": curves,
         "pay_items": list(pay_items), "grades": list(grades), "consequences": list(consequences)}
    )  # fmt: skip


def scheme(metrics=(), **tables):
    """A small scheme; ``metrics`` are added to the library."""
    added = [Row(row, {key: f"metrics {row['id']} {key}" for key in row}, f"metrics {row['id']}")
             for row in metrics]  # fmt: skip
    return make_scheme(rows(**tables), [*preset_metrics(), *added])


def as_written(name):
    """The rows of a document's tables as it has them."""
    return make_scheme(
        rows_of(tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))), preset_metrics()
    )


def said(problems):
    """Severity, cell and words of each problem."""
    return [(p.severity, p.where, p.what) for p in problems]
