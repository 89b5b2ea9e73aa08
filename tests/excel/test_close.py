"""Months closed in a book, one after the other: proved, shown as paid, put right later."""

import datetime as dt
import shutil

import numpy as np
import pytest
from books import Editor
from closing_worlds import World, scheme_frames
from test_closing import from_scratch

from xl_kpi.cli import main
from xl_kpi.closing.snapshot import from_cells, to_cells
from xl_kpi.errors import InputError
from xl_kpi.excel.close import close_book
from xl_kpi.excel.fill import fill_tables, set_settings
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.excel.statement_files import code_of, statements

MONTHS = 4


def put(path, world, n, period=None):
    """What HR knows when the month with this number is closed."""
    period = period or world.months[n]
    rows = world.rows(n)
    keys = ("counts", "targets", "ratings", "events", "departments", "shops", "calibrations",
            "refunds", "adjustments", "roster")  # fmt: skip
    fill_tables(path, {key: rows.get(key, []) for key in keys}, "zh")
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]), 12)
    day = dt.date(year, month + 1, 20)
    set_settings(path, {"period": period, "scheme": world.scheme, "as_of": day.isoformat()}, "zh")
    return dt.datetime(day.year, day.month, day.day, 18, 0)


@pytest.fixture(scope="module")
def world():
    return World("S01", 5, people=12, months=MONTHS, start="2026-01")


@pytest.fixture(scope="module")
def closed(world, tmp_path_factory):
    """A book whose four months are closed."""
    path = new_book(tmp_path_factory.mktemp("closed") / "2026.xlsx", "zh", {"scheme": "S01"})
    for n in range(MONTHS):
        now = put(path, world, n)
        if n == MONTHS - 1:
            shutil.copyfile(path, path.with_name("last month open.xlsx"))
        close_book(path, closed_by="王芳", now=now)
    return path


@pytest.fixture
def book(closed, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(closed.read_bytes())
    return path


def errors(path):
    return [p for p in check_book(path).problems if p.severity == "error"]


def test_payments_and_true_ups_are_what_all_facts_give(world, book):
    """The four months and what May still has to put right, against a calculation from scratch."""
    put(book, world, 98, "2026-05")
    outcome = check_book(book)
    chain, rest = outcome.closed.chain, outcome.closed.corrections
    paid = {}
    for figures in (*(s.figures for s in chain.snapshots), rest.items()):
        for key, figure in figures:
            if key.item == "应发合计":
                paid[key.period, key.person_id] = figure.value
    expected = from_scratch(world, scheme_frames("S01"), MONTHS)
    assert {k: v for k, v in paid.items() if v is not None} == {
        k: pay for k, pay in expected.items() if not np.isnan(pay)
    }
    told = outcome.closed.true_ups
    assert sum(t.difference for t in told if t.difference) != 0
    assert all(t.reason for t in told)


def test_a_closed_month_is_shown_as_it_was_paid(world, book):
    set_settings(book, {"period": world.months[1]}, "zh")
    before = check_book(book)
    edited = Editor(book)
    edited.cell("kpi_counts", "销售额", 1).value = 999_999
    edited.cell("kpi_roster", "月基本工资", 1).value = 1
    row = edited.find("S01_pay_items", "项目", "绩效奖金")
    edited.cell("S01_pay_items", "公式", row).value = "1000 + 0"
    edited.save()
    after = run_book(book)
    assert after.closed.place == 1
    assert code_of(after.job) == code_of(before.job)
    for one, other in zip(before.runs, after.runs, strict=True):
        assert np.array_equal(one.pay, other.pay, equal_nan=True)
    there = read_book(book).tables["kpi_result_people"]
    shown = there.columns[there.header.index("应发合计")]
    paid = [None if np.isnan(pay) else float(pay) for pay in before.results.pay]
    assert shown == paid


def test_who_has_left_and_is_owed_something_is_named(world, book):
    """No row of the month's results has them, so nobody would pay it."""
    set_settings(book, {"period": world.months[3]}, "zh")
    outcome = check_book(book)
    there = {person for results in outcome.runs for person in results.people.ids}
    owed = {}
    for row in outcome.closed.true_ups:
        if row.person_id not in there and row.difference:
            owed[row.person_id] = round(owed.get(row.person_id, 0) + row.difference, 2)
    owed = {person: amount for person, amount in owed.items() if amount}
    assert owed
    told = [p for p in outcome.problems if "不在本期名单里" in p.what]
    assert len(told) == len(owed)
    for person, amount in owed.items():
        assert any(f"（{person}）" in p.what and f"{amount:+.2f} 元" in p.what for p in told)


def test_a_row_of_history_that_was_edited_is_named(book):
    edited = Editor(book)
    cell = edited.cell("kpi_history", "数值", 40)
    was, cell.value = cell.value, cell.value + 0.01
    edited.save()
    found = errors(book)
    assert len(found) == 1
    assert found[0].where == f"历史!{cell.coordinate}"
    assert f"{was:.15g}" in found[0].what
    with pytest.raises(InputError):
        run_book(book)


def test_the_first_of_several_edited_rows_comes_first(book):
    edited = Editor(book)
    for row in (300, 120, 500):
        cell = edited.cell("kpi_history", "数值", row)
        cell.value = (cell.value or 0) + 1
    edited.save()
    rows = [int(p.where.split("!D")[1]) for p in errors(book)]
    first = edited.cell("kpi_history", "数值", 120).row
    assert rows == sorted(rows)
    assert rows[0] == first


def test_a_row_of_history_that_was_removed_is_named(book):
    edited = Editor(book)
    row = edited.find("kpi_history", "项目", "应发合计")
    cells = [edited.cell("kpi_history", h, row) for h in ("期间", "工号", "项目", "数值", "入账期间")]
    month, person, item, value, _ = (cell.value for cell in cells)
    for cell in cells:
        cell.value = None
    edited.save()
    (found,) = errors(book)
    assert all(word in found.what for word in (month, person, item, f"{value:.15g}"))


def test_a_row_added_to_a_closed_month_is_named(book):
    edited = Editor(book)
    sheet, place = edited.places["kpi_history"]
    last = int(place.ref.split(":")[1].lstrip("ABCDEFG"))
    for column, value in enumerate(("2026-02", "K001", "奖金", 100.0), 1):
        sheet.cell(last + 1, column).value = value
    place.ref = place.ref.replace(str(last), str(last + 1))
    edited.save()
    (found,) = errors(book)
    assert found.where == f"历史!A{last + 1}"


def test_sorting_history_changes_nothing(book):
    edited = Editor(book)
    rows = [[edited.cell("kpi_history", h, row).value for h in ("期间", "工号", "项目", "数值", "文字", "入账期间")]
            for row in range(1, 400)]  # fmt: skip
    for row, values in enumerate(reversed(rows), 1):
        for header, value in zip(("期间", "工号", "项目", "数值", "文字", "入账期间"), values, strict=True):
            edited.cell("kpi_history", header, row).value = value
    edited.save()
    assert not errors(book)


@pytest.mark.parametrize("month", [1, 2, 3])
def test_a_removed_month_is_named(book, month):
    """Out of the list of closings only; the last one, too."""
    edited = Editor(book)
    for header in (c.value for c in edited.places["kpi_closings"][0][5]):
        if header:
            edited.cell("kpi_closings", header, month + 1).value = None
    edited.save()
    said = " ".join(p.what for p in errors(book))
    assert f"2026-{month + 1:02d}" in said
    assert "不见了" in said


def test_a_month_removed_everywhere_is_named(book):
    edited = Editor(book)
    gone = "2026-02"
    for table, column in (("kpi_closings", "期间"), ("kpi_archive", "期间"), ("kpi_history", "入账期间")):
        sheet, place = edited.places[table]
        for (cell,) in sheet[place.ref.replace(place.ref, _column(edited, table, column))]:
            if cell.value == gone:
                for other in sheet[cell.row]:
                    other.value = None
    edited.save()
    said = [p.what for p in errors(book)]
    assert any(f"{gone} 的月结记录不见了" in what for what in said)


def test_the_first_month_removed_everywhere_is_named(book):
    edited = Editor(book)
    gone = "2026-01"
    for table, column in (("kpi_closings", "期间"), ("kpi_archive", "期间"), ("kpi_history", "入账期间")):
        sheet, _ = edited.places[table]
        for (cell,) in sheet[_column(edited, table, column)]:
            if cell.value == gone:
                for other in sheet[cell.row]:
                    other.value = None
    edited.save()
    assert any("不见了" in p.what for p in errors(book))


def _column(edited, table, header):
    first = edited.cell(table, header, 1)
    last = int(edited.places[table][1].ref.split(":")[1].lstrip("ABCDEFGHIJKLMNOP"))
    return f"{first.coordinate}:{first.column_letter}{last}"


@pytest.mark.parametrize("swapped", ["parameter", "count"])
def test_what_was_swapped_in_the_archive_is_named(book, swapped):
    edited = Editor(book)
    sheet, _ = edited.places["kpi_archive"]
    cells = [c for (c,) in sheet[_column(edited, "kpi_archive", "内容")] if sheet.cell(c.row, 1).value == "2026-01"]
    data = from_cells([cell.value for cell in cells]).decode()
    if swapped == "parameter":
        other = data.replace("*20%", "*30%", 1)
    else:
        at = data.index('"sales":{"cells":[') + len('"sales":{"cells":[')
        other = data[:at] + "1" + data[at:]
    assert other != data
    texts = to_cells(other.encode())
    for cell, text in zip(cells, [*texts, *[None] * (len(cells) - len(texts))], strict=True):
        cell.value = text
    edited.save()
    found = [p.what for p in errors(book)]
    assert any("2026-01 的月结存档和校验码对不上" in what for what in found)
    assert any(("方案参数（S01" if swapped == "parameter" else "“指标数据”2026-01") in what for what in found)


def test_a_parameter_changed_since_is_named(book, world):
    set_settings(book, {"period": "2026-05"}, "zh")
    edited = Editor(book)
    cell = edited.cell("S01_indicators", "权重", 1)
    other = edited.cell("S01_pay_items", "公式", 2)
    other.value = "转化率 + 0"
    cell.value = 0.77
    edited.save()
    warned = {p.where: p.what for p in check_book(book).problems if p.severity == "warning"}
    assert "0.77" in warned[f"S01 部门奖金池!{cell.coordinate}"]
    assert f"S01 部门奖金池!{other.coordinate}" in warned
    assert not check_book(book).closed.corrections


@pytest.mark.parametrize(
    ("settings", "what"),
    [({"period": "2026-03"}, "已于"), ({"period": "2026-07"}, "下一个该结的是 2026-05"),
     ({"period": "2026-05"}, "才结束")],
)  # fmt: skip
def test_only_the_next_month_that_is_over_can_be_closed(book, settings, what):
    set_settings(book, settings, "zh")
    before = book.read_bytes()
    with pytest.raises(InputError) as refused:
        close_book(book, now=dt.datetime(2026, 5, 3, 9, 0))
    assert any(what in p.what for p in refused.value.problems)
    assert book.read_bytes() == before


def test_figures_that_are_not_final_stop_a_closing_until_accepted(world, tmp_path):
    path = new_book(tmp_path / "2026.xlsx", "zh", {"scheme": "S01"})
    now = put(path, world, 0)
    set_settings(path, {"as_of": "2026-02-01"}, "zh")
    with pytest.raises(InputError) as refused:
        close_book(path, now=now)
    assert any("--accept-unripe" in p.fix for p in refused.value.problems)
    done = close_book(path, now=now, accept_unripe=True)
    assert "定数" in done.snapshot.accepted[0]
    assert "定数" in str(read_book(path).tables["kpi_closings"].columns)


def test_the_clock_set_back_is_noticed(book, world):
    now = put(book, world, 3, "2026-05")
    edited = Editor(book)
    assert edited.cell("kpi_closings", "月结时间", 4).value > "2026"
    with pytest.raises(InputError) as refused:
        close_book(book, now=now.replace(year=2026, month=3))
    assert any("才结束" in p.what or "还早" in p.what for p in refused.value.problems)


def test_the_command_closes_and_says_the_code(world, tmp_path, capsys):
    path = new_book(tmp_path / "2026.xlsx", "zh", {"scheme": "S01"})
    put(path, world, 0)
    assert main(["close", str(path), "--by", "王芳"]) == 0
    said = capsys.readouterr().out
    code = read_book(path).tables["kpi_closings"].columns[-1][0]
    assert code in said
    assert main(["check", str(path)]) == 0
    assert main(["close", str(path)]) == 1
    assert "不能再结一次" in capsys.readouterr().err


# --- next year's book -------------------------------------------------------------------------


@pytest.fixture
def following(book, tmp_path):
    path = tmp_path / "2027.xlsx"
    assert main(["new", str(path), "--after", str(book), "--keep", "2"]) == 0
    return path


def test_the_next_book_knows_the_closed_months_without_their_rows(book, following):
    rows = [read_book(path).tables["kpi_counts"].columns[0] for path in (book, following)]
    old, new = ({day.strftime("%Y-%m") for day in column if day} for column in rows)
    assert old == {"2026-01", "2026-02", "2026-03", "2026-04"}
    assert new == {"2026-03", "2026-04"}
    for month in ("2026-01", "2026-04"):
        shown = []
        for path in (book, following):
            set_settings(path, {"period": month}, "zh")
            outcome = check_book(path)
            shown.append([outcome.results.people.ids, [f"{pay}" for pay in outcome.results.pay]])
        assert shown[0] == shown[1]


def test_the_next_book_goes_on_as_the_old_one_would(book, following):
    settled = []
    for path in (book, following):
        set_settings(path, {"period": "2026-05", "as_of": "2026-05-20"}, "zh")
        assert not check_book(path).closed.corrections
        edited = Editor(path)
        row = next(
            n for n in range(1, 200)
            if edited.cell("kpi_counts", "日期", n).value.strftime("%Y-%m") == "2026-03"
        )
        edited.cell("kpi_counts", "销售额", row).value += 5000
        edited.save()
        closed = check_book(path).closed
        settled.append([(t.period, t.person_id, t.item, t.difference) for t in closed.true_ups])
    assert settled[0] == settled[1]
    assert any(period == "2026-03" and money for period, _, _, money in settled[0])


def test_rows_cannot_be_left_to_the_archive_before_they_are_in_it(book):
    set_settings(book, {"period": "2026-05", "data_from": "2026-06"}, "zh")
    assert any("没有都月结" in p.what for p in errors(book))


def test_a_next_book_needs_a_closed_month_and_overwrites_nothing(book, following, tmp_path, capsys):
    assert main(["new", str(following), "--after", str(book)]) == 1
    empty = new_book(tmp_path / "leer.xlsx", "zh", {"scheme": "S01", "period": "2026-10"})
    assert main(["new", str(tmp_path / "x.xlsx"), "--after", str(empty)]) == 1
    assert not (tmp_path / "x.xlsx").exists()
    said = capsys.readouterr().err
    assert "文件已存在" in said


# --- what is paid with the open month ---------------------------------------------------------


@pytest.fixture
def owing(closed, tmp_path):
    """April is open; a figure of March was put right, so that others' places and shares move."""
    book = shutil.copyfile(closed.with_name("last month open.xlsx"), tmp_path / "book.xlsx")
    edited = Editor(book)
    row = next(
        n for n in range(1, 200)
        if edited.cell("kpi_counts", "日期", n).value.strftime("%Y-%m") == "2026-03"
    )
    edited.cell("kpi_counts", "询单最终付款人数", row).value = 1
    edited.save()
    return book, edited.cell("kpi_counts", "工号", row).value


def test_the_result_sheet_adds_what_closed_months_owe(owing):
    path, _ = owing
    outcome = run_book(path)
    by_person = {}
    for true_up in outcome.closed.true_ups:
        owed = by_person.get(true_up.person_id, 0)
        by_person[true_up.person_id] = round(owed + (true_up.difference or 0), 2)
    assert any(by_person.values())
    table = read_book(path).tables["kpi_result_people"]
    cells = {name: table.columns[table.header.index(name)] for name in ("工号", "应发合计", "往月差额", "本月共发")}
    for person, pay, owed, payable in zip(*cells.values(), strict=True):
        assert owed == by_person.get(person, 0)
        assert payable == round((pay or 0) + owed, 2)
    status = read_book(path).tables["kpi_status"]
    assert status.columns[1][status.columns[0].index("往月差额")] == round(sum(by_person.values()), 2)


def test_a_statement_tells_somebody_of_their_own_months_only(owing):
    path, _ = owing
    outcome = check_book(path)
    names = dict(zip(outcome.job.tables["roster"]["person_id"], outcome.job.tables["roster"]["name"], strict=True))
    told = 0
    for statement in statements(outcome):
        mine = [t for t in outcome.closed.true_ups if t.person_id == statement.person_id]
        money = round(sum(t.difference or 0 for t in mine), 2)
        assert round(sum(line.amount for line in statement.true_ups), 2) == money
        assert statement.payable == round((statement.pay or 0) + money, 2)
        assert (statement.headline == "payable_in_yuan") == bool(statement.true_ups)
        said = " ".join(f"{line.name} {line.basis} {line.figures}" for line in statement.true_ups)
        others = [name for person, name in names.items() if person != statement.person_id]
        assert not any(name in said for name in others)
        if any(t.difference and t.reason.startswith("本人的数据没有变") for t in mine):
            assert "同组的数据有更正" in said
            told += 1
    assert told


# --- cells that a closing wrote, cleared one by one ---------------------------------------------


@pytest.mark.parametrize(
    ("table", "header"),
    [("kpi_closings", "期间"), ("kpi_closings", "校验码"), ("kpi_archive", "期间"), ("kpi_archive", "序号"),
     ("kpi_archive", "内容"), ("kpi_history", "期间"), ("kpi_history", "入账期间")],
)  # fmt: skip
def test_a_cleared_cell_is_a_problem_in_words(book, table, header):
    edited = Editor(book)
    cell = edited.cell(table, header, 1)
    cell.value = None
    edited.save()
    found = errors(book)
    assert found
    assert not any("None" in p.what or "history" in p.where for p in found)
