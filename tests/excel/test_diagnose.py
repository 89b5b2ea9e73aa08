"""``xl-kpi diagnose``: the book is read, the answer printed or written as a workbook of its own."""

import json

import openpyxl
import pytest
from diagnosis_worlds import MONTHS, World

from xl_kpi.cli import main
from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book

SHEETS = ["概览", "区分度", "目标", "样本", "异常月份", "异常信号", "公平", "门槛"]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    def padded(row):
        row["agent_messages"] = int(row["agent_messages"] * 2.5)

    world = World(3, people=14).plant(padded, {"K03"})
    path = tmp_path_factory.mktemp("diagnose") / "账.xlsx"
    new_book(path, "zh", {"period": "2026-10", "scheme": "S02"}, ("S02", "S05"))
    goals = [{"period": month, "person_id": r["person_id"], "sales_target": 10_000.0}
             for month in MONTHS for r in world.roster]  # fmt: skip
    fill_tables(path, {"roster": world.roster, "counts": world.counts, "targets": goals}, "zh")
    return path


def asked(capsys, *words, code=0):
    assert main(["diagnose", *map(str, words)]) == code
    return capsys.readouterr()


def as_json(capsys, *words, code=0):
    return json.loads(asked(capsys, *words, "--json", code=code).out)


def cells(path, sheet):
    return [[c.value for c in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def test_the_book_is_not_changed_and_the_workbook_has_a_sheet_per_question(book, tmp_path, capsys):
    before, out = book.read_bytes(), tmp_path / "诊断.xlsx"
    said = asked(capsys, book, "-o", out).out
    assert book.read_bytes() == before
    assert openpyxl.load_workbook(out).sheetnames == SHEETS
    assert f"已写入：{out}" in said
    assert "! 员工03（K03） 的答问比" in said
    first = cells(out, "异常信号")
    head = next(n for n, row in enumerate(first) if row[0] == "谁")
    assert first[head + 1][:2] == ["员工03（K03）", "刷消息"]
    assert first[head + 1][-1] == "值得看一看"


def test_two_diagnoses_are_the_same_to_the_byte(book, tmp_path, capsys):
    for name in ("一.xlsx", "二.xlsx"):
        asked(capsys, book, "-o", tmp_path / name, "--months", "2026-08:2026-10")
    assert (tmp_path / "一.xlsx").read_bytes() == (tmp_path / "二.xlsx").read_bytes()


def test_json_has_the_figures_behind_each_finding(book, capsys):
    found = as_json(capsys, book)
    assert found["months"] == list(MONTHS)
    (scheme,) = found["schemes"]
    assert (scheme["scheme"], scheme["people"]) == ("S02", 14)
    targets = scheme["questions"]["targets"]
    easy = next(r for r in targets["rows"] if r["indicator"] == "任务")
    assert (easy["made"], easy["tried"], easy["verdict"]) == (84, 84, "target_easy")
    (finding,) = [f for f in targets["findings"] if "“任务”" in f["what"]]
    assert finding["severity"] == "warning"
    assert "84 人次里 84 次达到" in finding["what"]
    assert found["thresholds"]["easy_share"] == 0.8


def test_a_place_in_the_scheme_is_named(book, capsys):
    (scheme,) = as_json(capsys, book)["schemes"]
    row = scheme["questions"]["targets"]["rows"][0]
    sheet, cell = row["where"].split("!")
    assert str(openpyxl.load_workbook(book)[sheet][cell].value) in ("0.3", "30%")
    assert row["target"] == "30%"


def test_in_english(book, tmp_path, capsys):
    out = tmp_path / "out.xlsx"
    said = asked(capsys, book, "-o", out, "--lang", "en").out
    assert "message ratio" in said
    assert "Worth a look" in said
    assert openpyxl.load_workbook(out).sheetnames[:2] == ["Overview", "Discrimination"]
    assert not [text for row in cells(out, "Thresholds") for text in row if text and "门槛" in str(text)]


def test_thresholds_can_be_changed(book, capsys):
    said = as_json(capsys, book, "--set", "easy_share=0.99")
    easy = [f for f in said["schemes"][0]["questions"]["targets"]["findings"] if "“任务”" in f["what"]]
    assert easy == []
    assert said["thresholds"]["easy_share"] == 0.99


def test_another_scheme_and_some_months(book, capsys):
    found = as_json(capsys, book, "--scheme", "S05", "--months", "2026-09,2026-10")
    assert found["months"] == ["2026-09", "2026-10"]
    assert found["schemes"][0]["scheme"] == "S05"


@pytest.mark.parametrize(
    ("words", "what", "fix"),
    [
        (["--months", "2026-04:2026-05"], "没有数据的月份：2026-04", "有数据的月份：2026-05、"),
        (["--scheme", "S0Z"], "没有方案“S0Z”", "是不是 S"),
        (["--set", "easy_shar=1"], "没有“easy_shar”这个门槛", "是不是“easy_share”？"),
        (["-o", "out.xls"], "结果是 .xlsx 工作簿", "out.xlsx"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(book, capsys, words, what, fix):
    (problem,) = as_json(capsys, book, *words, code=1)["problems"]
    assert what in problem["what"]
    assert fix in problem["fix"]


def test_the_book_itself_is_never_written(book, capsys):
    before = book.read_bytes()
    (problem,) = as_json(capsys, book, "-o", book, code=1)["problems"]
    assert "不改它" in problem["what"]
    assert book.read_bytes() == before


def test_three_closed_months_are_looked_at_alone(book, tmp_path, capsys):
    path = tmp_path / "历史.xlsx"
    path.write_bytes(book.read_bytes())
    history = [
        {"period": month, "person_id": "K00", "item": "应发合计", "value": 5000.0}
        for month in ("2026-06", "2026-07", "2026-08")
    ]
    fill_tables(path, {"history": history}, "zh")
    found = as_json(capsys, path)
    assert found["months"] == ["2026-06", "2026-07", "2026-08"]
    (note,) = [p for p in found["problems"] if p["where"] == "--months"]
    assert "没有看：2026-05、2026-09、2026-10" in note["what"]


def test_two_closed_months_are_too_few(book, tmp_path, capsys):
    path = tmp_path / "历史.xlsx"
    path.write_bytes(book.read_bytes())
    history = [{"period": month, "person_id": "K00", "item": "应发合计", "value": 5000.0}
               for month in ("2026-06", "2026-07")]  # fmt: skip
    fill_tables(path, {"history": history}, "zh")
    assert as_json(capsys, path)["months"] == list(MONTHS)


def test_no_data_at_all(tmp_path, capsys):
    path = new_book(tmp_path / "空.xlsx", "zh", {"period": "2026-10", "scheme": "S01"})
    problems = as_json(capsys, path, code=1)["problems"]
    assert "没有可以诊断的月份" in problems[0]["what"]
