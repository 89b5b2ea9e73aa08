"""``xl-kpi simulate``: a book is read, never changed; the result is printed and can be a workbook."""

import hashlib
import json
import shutil
import warnings

import openpyxl
import pytest
from books import Editor, case_book, sample_book
from case_files import read_case

from xl_kpi.cli import main
from xl_kpi.errors import InputError
from xl_kpi.excel.fill import fill_tables, set_settings
from xl_kpi.excel.run import check_book
from xl_kpi.excel.simulate import simulate_book


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return sample_book(tmp_path_factory.mktemp("simulate") / "book.xlsx")


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no data bars with two colours
        return openpyxl.load_workbook(path)


def shown(capsys, *words):
    code = main(["simulate", *map(str, words)])
    out = capsys.readouterr()
    return code, out.out, out.err


def as_json(capsys, *words):
    code, out, _ = shown(capsys, *words, "--json")
    return code, json.loads(out)


def test_the_scheme_of_the_book_costs_in_each_month_what_a_run_pays(book, tmp_path):
    found = simulate_book(book, "S01")
    assert found.months == ("2026-09", "2026-10")
    for month in found.months:
        copy = tmp_path / f"{month}.xlsx"
        shutil.copyfile(book, copy)
        set_settings(copy, {"period": month}, "zh")
        results = check_book(copy).results
        pay = dict(zip(results.people.ids, results.pay.tolist(), strict=True))
        mine = found.people[found.people["period"] == month]
        after = dict(zip(mine["person_id"], mine["after"].tolist(), strict=True))
        assert after == {who: amount for who, amount in pay.items() if amount == amount}
    assert found.people["change"].eq(0).all()


def test_the_book_is_not_changed_and_the_result_lies_elsewhere(book, tmp_path, capsys):
    before = hashlib.sha256(book.read_bytes()).hexdigest()
    out = tmp_path / "out.xlsx"
    code, text, _ = shown(capsys, book, "--scheme", "S03", "-o", out)
    assert code == 0
    assert hashlib.sha256(book.read_bytes()).hexdigest() == before
    assert sorted(p.name for p in book.parent.iterdir()) == ["book.xlsx"]
    assert "试算方案：S03 接待量阶梯响应" in text
    assert "对比：S01 部门奖金池（按方案重新计算）" in text
    assert f"已写入：{out}" in text
    assert opened(out).sheetnames[:3] == ["概览", "个人", "店铺部门"]


def test_the_workbook_says_what_was_found(book, tmp_path, capsys):
    out = tmp_path / "out.xlsx"
    code, found = as_json(capsys, book, "--scheme", "S03", "-o", out, "--lang", "en")
    assert code == 0
    made = opened(out)
    assert made.sheetnames == ["Summary", "People", "Shops", "Sensitivity", "Notes"]
    cells = [cell.value for row in made["Summary"].iter_rows() for cell in row]
    assert found["total"]["after"] in cells
    assert found["total"]["change"] in cells
    people = [cell.value for row in made["People"].iter_rows() for cell in row]
    assert {p["id"] for p in found["people"]} <= set(people)
    assert any(str(value).startswith("=SUBTOTAL(109,") for value in people)
    sensitivity = [row[5].value for row in made["Sensitivity"].iter_rows(min_row=3)]
    costs = [value for value in sensitivity if isinstance(value, int | float)]
    assert costs == sorted(costs, key=abs, reverse=True)
    assert len(costs) == len(found["sensitivity"])
    assert len(made["Summary"]._charts) == len(made["Shops"]._charts) == 1


def test_names_that_look_like_formulas_stay_text(book, tmp_path, capsys):
    copy = tmp_path / "book.xlsx"
    shutil.copyfile(book, copy)
    edit = Editor(copy)
    edit.cell("kpi_roster", "姓名", 1).value = "=1+1"
    edit.cell("kpi_roster", "姓名", 1).data_type = "s"
    edit.save()
    out = tmp_path / "out.xlsx"
    assert shown(capsys, copy, "--scheme", "S03", "-o", out)[0] == 0
    made = opened(out)
    cells = [c for sheet in made for line in sheet.iter_rows() for c in line if c.value == "=1+1"]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


def test_closed_months_are_compared_with_what_was_paid(book, tmp_path):
    copy = tmp_path / "book.xlsx"
    shutil.copyfile(book, copy)
    paid = {"KF001": 5000.0, "KF002": 4999.99}
    fill_tables(
        copy, {"history": [{"period": "2026-09", "person_id": who, "item": "应发合计", "value": amount}
                           for who, amount in paid.items()]}, "zh",
    )  # fmt: skip
    found = simulate_book(copy, "S01")
    assert (found.months, found.paid) == (("2026-09",), True)
    before = found.people.set_index("person_id")["before"].dropna().to_dict()
    assert before == paid
    again = simulate_book(copy, "S03", months=("2026-09", "2026-10"))
    assert again.paid is False
    assert any("没有月结的月份：2026-10" in p.what for p in again.problems)
    assert simulate_book(copy, "S03", against="S01").paid is False


def test_rows_that_start_later_can_be_tried_on_earlier_months(tmp_path):
    case = read_case("s04_team_month")
    book = case_book(tmp_path / "book.xlsx", case)
    edit = Editor(book)
    row = edit.find("S04_curves", "类别", "旗舰店")
    edit.cell("S04_curves", "失效日期", row).value = "2026-12-31"
    edit.save()
    now = simulate_book(book, "S04")
    assert now.people["change"].eq(0).all()
    with pytest.raises(InputError) as caught:  # from 2027 on no row has a rate for the shop
        simulate_book(book, "S04@2027-01")
    assert any("店铺“旗舰店”不在曲线“店铺提点”里" in p.what for p in caught.value.problems)


@pytest.mark.parametrize(
    ("words", "where", "what"),
    [
        (["--scheme", "S99"], "--scheme", "没有方案“S99”"),
        (["--scheme", "S03", "--against", "X"], "--against", "没有方案“X”"),
        (["--scheme", "S03@soon"], "--scheme", "“soon”不是月份"),
        (["--scheme", "S03", "--months", "2031-01"], "2031-01", "没有算进试算"),
        (["--scheme", "S03", "-o", "out.xls"], "out.xls", "试算结果是 .xlsx 工作簿"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(book, capsys, words, where, what):
    code, found = as_json(capsys, book, *words)
    assert code == 1
    problem = found["problems"][0]
    assert problem["where"] == where
    assert what in problem["what"]
    assert problem["fix"]


def test_the_book_itself_is_refused_as_output(book, capsys):
    before = book.read_bytes()
    code, found = as_json(capsys, book, "--scheme", "S03", "-o", book)
    assert code == 1
    assert "试算不改它" in found["problems"][0]["what"]
    assert book.read_bytes() == before


@pytest.mark.parametrize("months", ["soon", "2026-13", ":", ","])
def test_months_that_are_none_are_wrong_usage(book, capsys, months):
    with pytest.raises(SystemExit) as caught:
        main(["simulate", str(book), "--scheme", "S03", "--months", months])
    assert caught.value.code == 2
    capsys.readouterr()


def test_months_are_given_as_span_or_one_by_one(book, capsys):
    for text in ("2026-09:2026-10", "2026-10,2026-09", "2026年9月：2026-10"):
        assert as_json(capsys, book, "--scheme", "S03", "--months", text)[1]["months"] == [
            "2026-09", "2026-10"
        ]  # fmt: skip
