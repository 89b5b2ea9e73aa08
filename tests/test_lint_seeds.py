"""The tables of the documents as they are written, and the ready schemes: exactly what is open."""

import datetime as dt
import tomllib
from importlib import resources

import pytest
from lint_schemes import as_written, said

from xl_kpi.lint import dated_problems, lint, probe
from xl_kpi.scheme_rows import make_scheme, preset_ids, preset_metrics, preset_rows


def heads(problems):
    """Severity, cell and the words before any figures in brackets."""
    return [(severity, where, what.split("（")[0]) for severity, where, what in said(problems)]


def test_document_003_leaves_open_what_the_rule_book_says():
    # rules.md R03: 50–60 % and 100–130 % open, the edge 80 % shared; R33: 99–100 % open and no
    # unit, ‰ or %.  Read literally, "0–60 %" and "60–99 %" also share 60 %, and "100–130 %" and
    # "from 130 %" share 130 %; the rule book decides those two silently ("below 60 %", "from 60 %").
    assert heads(lint(as_written("seed_003_as_written"))) == [
        ("error", "curves 8 value",
         "“客服提成”：曲线“提成比例”的值最大是 10，乘上金额就是它的 10 倍"),
        ("error", "curves 2 lower", "曲线“完成分”有空档：50% 至 60% 不在任何一段里"),
        ("error", "curves 3 lower", "曲线“完成分”有重叠：80% 同时在两段里"),
        ("error", "curves 4 lower", "曲线“完成分”有空档：100% 至 130% 不在任何一段里"),
        ("error", "curves 6 lower", "曲线“提成比例”有重叠：60% 同时在两段里"),
        ("error", "curves 7 lower", "曲线“提成比例”有空档：99% 至 100% 不在任何一段里"),
        ("error", "curves 8 lower", "曲线“提成比例”有重叠：130% 同时在两段里"),
    ]  # fmt: skip


def test_the_missing_unit_is_offered_both_ways():
    (unit,) = [p for p in lint(as_written("seed_003_as_written")) if p.where == "curves 8 value"]
    assert unit.fix == "没有写单位：10‰ 写 0.01，10% 写 0.1"


def test_document_002_leaves_open_what_lies_below_80_per_cent():
    assert heads(lint(as_written("seed_002_as_written"))) == [
        ("error", "curves 1 lower", "曲线“订单提成”下端没有写：80% 以下不在任何一段里"),
    ]


def test_document_002_has_three_cliffs():
    # Target 100 000: 80 000 × 1 % = 800; 99 999 × 1 % = 999.99, 100 000 × 1.2 % = 1200;
    # 119 999 × 1.2 % = 1439.988, 120 000 × 1.5 % = 1800.
    found = said(probe(as_written("seed_002_as_written")))

    assert [severity for severity, _, _ in found] == ["note"] * 3
    assert "从 79,999 元 到 80,000 元（任务 100,000 元，上月 97,000 元），工资从 0.00 变成 800.00 元" in found[0][2]
    assert "从 99,999 元 到 100,000 元（任务 100,000 元，上月 97,000 元），工资从 999.99 变成 1,200.00 元" in found[1][2]
    assert "从 119,999 元 到 120,000 元（任务 100,000 元，上月 97,000 元），工资从 1,439.99 变成 1,800.00 元" in found[2][2]
    assert found[1][1] == "curves 2 lower"


# The tables of a preset as problems name them.
TABLES = {"indicators": "指标", "curves": "曲线", "pay_items": "薪资项", "consequences": "后续", "grades": "等级"}


def open_rows(scheme_id):
    """The rows of a preset that say that they are open."""
    text = resources.files("xl_kpi.presets").joinpath(f"{scheme_id}.toml").read_text("utf-8")
    data = tomllib.loads(text)
    data.pop("head")
    rows = [row for table in data.values() for row in table]
    day = max((row["valid_from"] for row in rows if "valid_from" in row), default=None)

    def in_force(row):
        return day is None or row.get("valid_from", day) <= day <= row.get("valid_to", day)

    return [
        (f"{scheme_id} {TABLES[table]} {n}", row["open_point"])
        for table in ("indicators", "curves", "grades", "pay_items", "consequences")
        for n, row in enumerate(data.get(table, []), 1)
        if "open_point" in row and in_force(row)
    ]


@pytest.mark.parametrize("scheme_id", preset_ids())
def test_a_preset_has_no_fault_and_lists_its_open_points(scheme_id):
    problems = lint(make_scheme(preset_rows(scheme_id), preset_metrics()))

    assert {p.severity for p in problems} <= {"note"}
    assert sorted(p.where for p in problems) == sorted(where for where, _ in open_rows(scheme_id))
    for where, text in open_rows(scheme_id):
        assert any(p.where == where and text in p.what for p in problems)


@pytest.mark.parametrize("scheme_id", preset_ids())
def test_the_dated_rows_of_a_preset_follow_each_other(scheme_id):
    for day in (dt.date(2026, 1, 31), dt.date(2026, 10, 31), dt.date(2026, 11, 30)):
        assert dated_problems(preset_rows(scheme_id), day) == []
