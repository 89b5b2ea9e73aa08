"""Months made by different definitions are compared only with a warning."""

import datetime as dt

import pytest
from books import sample_book
from export_files import write

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.importing import fingerprint, import_files
from xl_kpi.excel.run import check_book
from xl_kpi.sources.definition_settings import read_settings

HEADER = ["客服昵称", "接待人数", "询单人数", "销售额"]
ROWS = [HEADER, ["张敏", 100, 40, 900]]


@pytest.fixture
def book(tmp_path):
    return sample_book(tmp_path / "book.xlsx")


def logged(month, rule, *, filters=None, system="赤兔", items="接待人数、销售额", number=0):
    first = dt.date(2026, month, 1)
    return {
        "source": f"{month}-{rule}-{number}", "file": "a.csv", "sha256": "0" * 64,
        "profile": "chitu_agents", "platform": "淘宝", "system": system, "rule": rule,
        "filters": filters, "start": first, "end": first.replace(day=30), "items": items,
        "fingerprint": fingerprint("淘宝", system, rule, filters or ""),
    }  # fmt: skip


def warnings(book, rows):
    fill_tables(book, {"imports": rows}, "zh")
    return [p.what for p in check_book(book).problems if p.where == "导入记录"]


def test_one_definition_is_no_matter(book):
    rows = [logged(9, "下单判定"), logged(10, "下单判定"), logged(10, "下单判定", number=1)]
    assert warnings(book, rows) == []


def test_another_rule_than_last_month(book):
    (what,) = warnings(book, [logged(9, "下单判定"), logged(10, "付款判定")])
    assert what.startswith("“接待人数”、“销售额”的口径和上期不同：2026-09 是 淘宝·赤兔·下单判定 #")
    assert "2026-10 是 淘宝·赤兔·付款判定 #" in what


def test_another_window_or_system_than_last_month(book):
    rows = [logged(9, "下单判定", filters="询单3天"), logged(10, "下单判定", filters="询单15天")]
    assert len(warnings(book, rows)) == 1
    assert len(warnings(book, [logged(9, "", system="生意参谋"), logged(10, "")])) == 1


def test_two_definitions_within_a_month(book):
    (what,) = warnings(book, [logged(10, "下单判定"), logged(10, "付款判定")])
    assert what.startswith("2026-10 的“接待人数”、“销售额”来自几种口径：")


def test_only_what_the_rule_decides_depends_on_it(book, tmp_path):
    """Receptions do not depend on how orders are attributed; sales do."""

    def imported(name, rows):
        path = write(tmp_path, None, rows, name)
        return import_files(book, [path], backup=False).imported[0].fingerprint

    receptions = [[*HEADER[:2], "未回复人数"], ["无人", 10, 1]]
    assert imported("a_下单判定_2026-10-05.csv", receptions) == imported(
        "b_付款判定_2026-10-05.csv", [receptions[0], ["无人", 20, 1]]
    )
    assert imported("c_下单判定_2026-10-06.csv", ROWS) != imported(
        "d_付款判定_2026-10-06.csv", [HEADER, ["张敏", 101, 40, 900]]
    )


def test_the_file_name_tells_window_and_filters(book, tmp_path):
    path = write(tmp_path, None, ROWS, "报表_付款判定_询单有效期3天_扣除退款_2026-10-05.csv")
    (one,) = import_files(book, [path], backup=False).imported
    assert (one.rule, one.filters) == ("付款判定", "询单有效期3天、扣除退款")


def test_the_former_english_name_of_a_setting_is_read():
    rows = [{"item": "Filters spare received", "value": "yes"}]
    assert read_settings(rows, "Definition").definition.filtered_are_received
    assert not read_settings([{**rows[0], "value": "no"}], "Definition").definition.filtered_are_received
