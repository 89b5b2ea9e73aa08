"""Small schemes and months, written out row by row for one feature each."""

import datetime as dt

from case_files import frames

from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics
from xl_kpi.scheme_tables import HEAD_SETTINGS, SCHEME_TABLES

HEAD = {"id": "T01", "name": "试验", "weeks": "四段", "block_mode": "加权", "total": "=得分板块"}


def rows(tables):
    """Scheme rows of plain mappings; each names its table and number as its cell."""
    made = {table.key: [] for table in SCHEME_TABLES}
    head = {**HEAD, **tables.pop("head", {})}
    made["head"] = [
        Row({"key": HEAD_SETTINGS[key][0], "value": value}, {}, f"head {key}")
        for key, value in head.items()
    ]
    for key, entries in tables.items():
        made[key] = [Row(entry, {}, f"{key} {n}") for n, entry in enumerate(entries, 1)]
    return made


def scheme(extra_metrics=(), **tables):
    """A scheme of these tables; without a paid item it pays nothing."""
    metrics = [*preset_metrics(), *(Row(m, {}, m["metric"]) for m in extra_metrics)]
    return make_scheme(rows(tables), metrics)


def indicator(metric, **values):
    """A weighted indicator of the month against a target of 100, unless said otherwise."""
    given = {
        "metric": metric, "block": "得分板块", "cycle": "month", "group": "everyone", "rule": "R01",
        "weight": 1.0, "full": 100.0, "target": "100", "floor": 0.0, "cap": 1000.0,
    }  # fmt: skip
    return given | values


def item(name, formula, level="person", **values):
    """A pay item that is shown."""
    return {"item": name, "level": level, "formula": formula, "unit": "yuan"} | values


def person(person_id, **values):
    """A confirmed member of the one department and shop."""
    given = {
        "person_id": person_id, "name": f"员工{person_id}", "department": "客服部", "shop": "一店",
        "role": "售前", "status": "confirmed", "hired": dt.date(2024, 1, 1),
    }  # fmt: skip
    return given | values


def counts(person_id, day, **values):
    """A row of 指标数据."""
    return {"date": dt.date.fromisoformat(day), "person_id": person_id, **values}


def calculated(scheme_, period="2026-09", **tables):
    """The results of a month."""
    return evaluate(frames(tables), scheme_, period)


def by_person(results, values):
    """Figures by staff id, blanks as None."""
    return {
        one: None if value is None or value != value else value
        for one, value in zip(results.people.ids, values.tolist(), strict=True)
    }
