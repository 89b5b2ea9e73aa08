"""The buttons: each answers in sentences, whatever happens."""

import sys
from pathlib import Path

import live_books
import pytest
import xlwings
from fake_excel import com_error, opened, state
from fake_excel.model import MESSAGES, Cell

from xl_kpi.errors import Problem
from xl_kpi.excel import live_explain, macros
from xl_kpi.excel.live_steps import WriteFailedError

BUTTONS = ("import_files", "check", "run", "explain", "simulate", "statements", "close", "doctor")


@pytest.fixture
def pressed_in():
    """A book whose buttons are pressed."""

    def prepared(path):
        book = opened(path)
        book.set_mock_caller()
        return book

    yield prepared
    if hasattr(xlwings.Book, "_mock_caller"):
        del xlwings.Book._mock_caller


@pytest.fixture
def book(tmp_path, pressed_in):
    return pressed_in(live_books.calculated_demo(tmp_path / "十月.xlsx"))


def select(book, sheet, cell):
    book.api.Worksheets(sheet).Activate()
    book.api.Worksheets(sheet).Range(cell).Select()


def spoil(book):
    book.api.Worksheets("员工").cells[6, 1].value = None


def test_run_says_what_it_did_on_the_first_sheet_and_not_in_a_message(book):
    macros.run()
    assert MESSAGES == []
    said = book.api.Worksheets("首页").cells[17, 7].value
    assert said.startswith("已计算 2026-10，共 10 人，写入全部结果表；")


def test_errors_are_shown_as_where_what_and_how(book):
    spoil(book)
    macros.run()
    (message,) = MESSAGES
    where, what, fix = message.split("\n\n")[0].split("\n")
    assert where.startswith("员工!A6")
    assert "工号" in what
    assert fix.startswith("→ ")


def test_a_check_with_many_errors_shows_some_and_counts_all(book):
    staff = book.api.Worksheets("员工")
    for row in range(6, 16):
        staff.cells[row, 1].value = f"重复{row % 2}"
    macros.check()
    (message,) = MESSAGES
    assert message.count("→") == 6
    assert "都在“检查”表里" in message


def test_a_refused_write_is_said_in_a_sentence(book, tmp_path):
    book.api.Application.log.fail_at = {"writes": 3}
    before = state(book)
    macros.run()
    (message,) = MESSAGES
    assert "已把写过的全部恢复" in message
    assert "Traceback" not in message
    assert "com_error" in (tmp_path / macros.LOG_NAME).read_text("utf-8")
    assert state(book) == before


def test_what_could_not_be_put_back_says_not_to_save(book, monkeypatch):
    def failed(book):
        raise WriteFailedError(restored=False)

    monkeypatch.setattr(macros, "run_live", failed)
    macros.run()
    assert "请不要保存" in MESSAGES[0]


def test_a_busy_excel_is_said_so(book, monkeypatch):
    def busy(book):
        raise com_error("rejected", -2147418111)

    monkeypatch.setattr(macros, "run_live", busy)
    macros.run()
    assert "Excel 正忙" in MESSAGES[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_unforeseen_is_one_sentence_and_a_log(tmp_path, pressed_in, monkeypatch, lang):
    make = live_books.english_demo if lang == "en" else live_books.demo
    pressed_in(make(tmp_path / "b.xlsx"))

    def broken(book):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(macros, "check_live", broken)
    macros.check()
    (message,) = MESSAGES
    assert "secret" not in message
    assert str(tmp_path / macros.LOG_NAME) in message
    assert message.isascii() == (lang == "en")
    assert "secret detail" in (tmp_path / macros.LOG_NAME).read_text("utf-8")


def test_a_book_never_saved_logs_into_the_folder_for_temporary_files(book, monkeypatch, tmp_path):
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(folder))
    book.api.Path, book.api.FullName, book.api.Name = "", "工作簿1", "工作簿1"
    monkeypatch.setattr(macros, "check_live", lambda book: 1 / 0)
    macros.check()
    assert (folder / macros.LOG_NAME).exists()
    assert MESSAGES


def test_a_book_never_saved_is_calculated(book):
    book.api.Path, book.api.FullName, book.api.Name = "", "工作簿1", "工作簿1"
    macros.run()
    assert MESSAGES == []


def test_a_read_only_book_is_calculated_and_said_to_need_save_as(book):
    book.api.ReadOnly = True
    macros.run()
    assert "另存为" in MESSAGES[0]
    assert book.api.Worksheets("首页").cells[17, 7].value.startswith("已计算")


def test_without_a_book_a_sentence_is_printed(capsys):
    macros.run()
    assert "请从工作簿里的按钮启动" in capsys.readouterr().err


def test_on_a_mac_it_says_what_to_do_instead(book, monkeypatch):
    before = state(book)
    monkeypatch.setattr(sys, "platform", "darwin")
    macros.run()
    assert "xl-kpi run" in MESSAGES[0]
    assert state(book) == before


def test_another_scheme_is_tried_in_a_workbook_beside_the_saved_book(book, tmp_path):
    before = state(book)
    book.app.api.typed = " S03 "
    macros.simulate()
    (message,) = MESSAGES
    out = tmp_path / "十月 试算 S03.xlsx"
    assert message.startswith("2026-09、2026-10\nS01 部门奖金池：")
    assert str(out) in message
    assert out.is_file()
    assert state(book) == before


def test_a_scheme_that_is_none_is_told_and_a_cancelled_question_is_the_end(book, tmp_path):
    macros.simulate()
    assert MESSAGES == []
    book.app.api.typed = "S99"
    macros.simulate()
    assert "没有方案“S99”" in MESSAGES[0]
    assert [p.name for p in tmp_path.iterdir()] == ["十月.xlsx"]


def test_what_if_wants_the_book_saved(book, tmp_path):
    book.api.Saved = False
    book.app.api.typed = "S03"
    macros.simulate()
    assert "请先保存工作簿" in MESSAGES[0]
    assert [p.name for p in tmp_path.iterdir()] == ["十月.xlsx"]


def test_statements_are_written_beside_the_saved_book(book, tmp_path):
    before = state(book)
    macros.statements()
    (message,) = MESSAGES
    folder = tmp_path / "十月 工资条"
    assert message.startswith("已为 10 人写好绩效与薪资单")
    assert str(folder) in message
    assert len([*folder.glob("2026-10_KF0*.pdf")]) == 10
    assert len([*folder.glob("*.xlsx")]) == 11
    assert state(book) == before


def test_statements_want_the_book_saved(book, tmp_path):
    book.api.Saved = False
    macros.statements()
    assert "请先保存工作簿" in MESSAGES[0]
    assert not (tmp_path / "十月 工资条").exists()


def test_every_button_has_a_function():
    assert all(callable(getattr(macros, name)) for name in BUTTONS)


# --- doctor ------------------------------------------------------------------------------------


def test_the_doctor_is_asked_with_the_settings_of_the_book(book, monkeypatch):
    asked = []

    def findings(conf, *, book, lang):
        asked.append((dict(conf), Path(book).suffix, lang))
        return [Problem("xlwings.conf", "解释器找不到", "重新生成工作簿")]

    monkeypatch.setattr(macros, "findings", findings)
    sheet = book.api.Worksheets("评分人")
    sheet._name = "xlwings.conf"
    sheet.cells = {(1, 1): Cell("Interpreter_Win"), (1, 2): Cell("C:\\python.exe")}
    macros.doctor()
    assert asked == [({"Interpreter_Win": "C:\\python.exe"}, ".xlsx", "zh")]
    assert MESSAGES == ["xlwings.conf\n解释器找不到\n→ 重新生成工作簿"]


def test_a_healthy_book_is_said_to_be_so(book, monkeypatch):
    monkeypatch.setattr(macros, "findings", lambda conf, **_: [])
    macros.doctor()
    assert "没有发现问题" in MESSAGES[0]


# --- explain -----------------------------------------------------------------------------------


def column_of(book, sheet, name):
    native = book.api.Worksheets(sheet)
    area = native.tables[0].area
    columns = range(area.first_column, area.last_column + 1)
    return next(c for c in columns if native.cells[5, c].value == name)


def explained(book, sheet, name, row=6):
    from xl_kpi.excel.area import cell_name

    select(book, sheet, cell_name(row, column_of(book, sheet, name)))
    before = state(book)
    macros.explain()
    assert state(book) == before
    return MESSAGES[-1]


def test_a_pay_item_is_explained_with_figures_and_clause(book):
    message = explained(book, "个人结果", "应发合计")
    pay = book.api.Worksheets("个人结果").cells[6, column_of(book, "个人结果", "应发合计")].value
    assert message.startswith(f"赵晓宁（KF001）　应发合计 = {pay:,.2f}\n")
    assert f"= {pay:.2f}" in message
    item = explained(book, "个人结果", "行为奖金")
    assert "依据：S01 部门奖金池!" in item
    assert "003§❹七.4" in item


def test_a_metric_is_explained_by_the_weeks_it_is_made_of(book):
    message = explained(book, "个人结果", "顾客下单率")
    assert [f"第{n}周：" in message for n in (1, 2, 3, 4)] == [True] * 4


def test_input_is_said_to_be_input(book):
    assert "取自“员工”表" in explained(book, "个人结果", "岗位")
    assert "取自“指标数据”表" in explained(book, "个人结果", "接待人数")


def test_departments_and_trace_tell_what_their_row_says(book):
    message = explained(book, "部门结果", "数值")
    assert message.startswith("客服部　部门完成率 = ")
    assert "依据：S01 部门奖金池!C83" in message
    row = explained(book, "追溯", "说明", row=12)
    native = book.api.Worksheets("追溯").cells
    assert native[12, column_of(book, "追溯", "说明")].value in row


def test_a_number_that_is_no_longer_right_is_said_to_be_stale(book):
    column = column_of(book, "个人结果", "基本工资")
    book.api.Worksheets("个人结果").cells[6, column].value += 1000
    assert "请重新计算" in explained(book, "个人结果", "基本工资")
    assert "请重新计算" not in explained(book, "个人结果", "基本工资", row=7)


def test_nothing_selected_says_what_to_select(book):
    select(book, "首页", "A1")
    macros.explain()
    assert [live_explain._SAID["elsewhere"][0]] == MESSAGES
    assert "个人结果" in MESSAGES[0]


def test_with_errors_in_the_data_it_says_to_check_first(book):
    spoil(book)
    assert "请先点“检查”" in explained(book, "个人结果", "应发合计")


def test_an_english_book_is_explained_in_english(tmp_path, pressed_in):
    book = pressed_in(live_books.english_demo(tmp_path / "Oct.xlsx"))
    macros.run()
    message = explained(book, "People", "Order rate")
    assert "points week 1" in message
    assert "Source: " in message
