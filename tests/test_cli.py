"""The command line as HR types it."""

import json
import re
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from books import case_book, sample_book
from case_files import MONTHS, read_case

from xl_kpi.cli import main
from xl_kpi.errors import Problem
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.results import checks_table
from xl_kpi.excel.run import run_book

RESULTS = {"kpi_result_people", "kpi_result_sums", "kpi_result_departments", "kpi_result_weeks", "kpi_trace",
           "kpi_checks", "kpi_true_ups", "kpi_status", "kpi_board_people", "kpi_board_grades", "kpi_board_months",
           "kpi_board_rates", "kpi_board_pools", "kpi_board_shops"}  # fmt: skip


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def result_parts(path):
    """The sheets, tables and charts that a run may touch."""
    from xl_kpi.excel.package import open_package

    charts = {f"xl/charts/chart{n}.xml" for n in range(1, 7)}  # the book has those of 看板 only
    with open_package(path) as package:
        tables = [package.tables[name] for name in RESULTS]
    return {t.part for t in tables} | {t.sheet_part for t in tables} | charts


def column(raw, header):
    return raw.columns[raw.header.index(header)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_demo_makes_a_calculated_book(lang, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert main(["demo", "--lang", lang]) == 0

    said = capsys.readouterr().out
    book = next((tmp_path / "xl-kpi-demo").iterdir())
    assert book.name in said
    results = read_book(book).tables["kpi_result_people"]
    assert results.rows == 10
    assert results.header[-4] == ("应发合计" if lang == "zh" else "Pay")


def test_a_second_demo_overwrites_nobodys_work(tmp_path, capsys):
    assert main(["demo", str(tmp_path)]) == 0
    assert main(["demo", str(tmp_path)]) == 0

    assert len(list(tmp_path.iterdir())) == 2


def test_new_makes_a_book_that_tells_what_to_fill(tmp_path, capsys):
    path = tmp_path / "十月.xlsx"

    assert main(["new", str(path), "--scheme", "S05"]) == 0
    assert main(["check", str(path)]) == 1

    assert "期间是空白" in capsys.readouterr().out
    assert "S05" in column(read_book(path).tables["kpi_settings"], "内容")


def test_new_never_overwrites(tmp_path, capsys):
    path = tmp_path / "十月.xlsx"
    path.write_bytes(b"mine")

    assert main(["new", str(path)]) == 1
    assert path.read_bytes() == b"mine"
    assert "已存在" in capsys.readouterr().err


def test_new_with_an_unknown_scheme(tmp_path, capsys):
    assert main(["new", str(tmp_path / "a.xlsx"), "--scheme", "S001"]) == 1
    assert "是不是 S01" in capsys.readouterr().err


def front_part(path):
    from xl_kpi.excel.package import open_package

    with open_package(path) as package:
        return package.sheets["对账"]


def test_a_run_touches_the_result_sheets_only_and_keeps_the_previous_file(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    before, whole = parts(path), path.read_bytes()

    outcome = run_book(path)

    after = parts(path)
    changed = {name for name in before if before[name] != after.get(name)}
    assert set(before) < set(after)
    assert all(name.startswith("xl/worksheets/kpi") for name in set(after) - set(before))
    assert changed
    listed = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    assert changed <= result_parts(path) | listed | {"xl/styles.xml", front_part(path)}
    assert outcome.backup.read_bytes() == whole


def test_a_second_run_changes_nothing(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    run_book(path)
    first = path.read_bytes()

    outcome = run_book(path)

    assert path.read_bytes() == first
    assert outcome.backup is None


def test_run_into_another_file_leaves_the_book_alone(tmp_path, capsys):
    path = sample_book(tmp_path / "十月.xlsx")
    before = path.read_bytes()

    assert main(["run", str(path), "-o", str(tmp_path / "结果.xlsx")]) == 0

    assert path.read_bytes() == before
    assert read_book(tmp_path / "结果.xlsx").tables["kpi_result_people"].rows == 10


def test_changing_the_scheme_replaces_the_columns(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    run_book(path)
    run_book(path, scheme_id="S05")

    people = read_book(path).tables["kpi_result_people"]
    assert "综合得分" in people.header
    assert "考核得分" not in people.header
    book = openpyxl.load_workbook(path)
    assert book["个人结果"].tables["kpi_result_people"].tableColumns


@pytest.mark.parametrize("name", MONTHS)
def test_a_worked_month_as_a_book_gives_the_expected_pay(name, tmp_path):
    """From the sheets to the payslip: the cells HR sees."""
    case = read_case(name)
    path = case_book(tmp_path / "月.xlsx", case)

    run_book(path)

    people = read_book(path).tables["kpi_result_people"]
    ids = column(people, "工号")
    for person, pay in case["expect"]["total"].items():
        assert column(people, "应发合计")[ids.index(person)] == pay
    for person, items in case["expect"]["items"].items():
        for item, amount in items.items():
            found = column(people, item)[ids.index(person)]
            want = amount if isinstance(amount, str) else pytest.approx(amount, rel=1e-11)
            assert found == want, (person, item)


def test_json_of_a_run(tmp_path, capsys):
    path = case_book(tmp_path / "月.xlsx", read_case("s01_april_003"))

    assert main(["run", str(path), "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["period"] == "2011-04"
    assert said["scheme"] == "S01"
    assert said["departments"][0]["items"]["考核奖金X"] == pytest.approx(1129.81266006)
    assert {p["id"]: p["total"] for p in said["people"]} == read_case("s01_april_003")["expect"]["total"]


def test_json_of_a_refused_run(tmp_path, capsys):
    assert main(["run", str(tmp_path / "no.xlsx"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["what"]


def test_explain_one_number(tmp_path, capsys):
    path = case_book(tmp_path / "月.xlsx", read_case("s01_april_003"))

    assert main(["explain", str(path), "K01", "绩效奖金"]) == 0

    said = capsys.readouterr().out
    assert "KPI_POOL_SHARE(32, 903.85, 96) = 301.28" in said
    assert "S01 部门奖金池!" in said
    assert "003§❹七.3" in said


def test_explain_asks_back_about_an_unknown_person_or_item(tmp_path, capsys):
    path = case_book(tmp_path / "月.xlsx", read_case("s01_april_003"))

    assert main(["explain", str(path), "K11"]) == 1
    assert "是不是“K01”" in capsys.readouterr().err
    assert main(["explain", str(path), "K01", "绩效奖劲"]) == 1
    assert "是不是“绩效奖金" in capsys.readouterr().err


def test_eval(capsys):
    assert main(["eval", "=KPI_DEPT_COEF(47%,39.55%)"]) == 0
    assert capsys.readouterr().out == "0.00185885\n"
    assert main(["eval", "=KPI_RATE(1,0)"]) == 0
    assert "#N/A" in capsys.readouterr().out
    assert main(["eval", "=KPI_RAET(1,0)"]) == 1
    assert "KPI_RATE" in capsys.readouterr().err


def test_rules(capsys):
    assert main(["rules"]) == 0
    listed = capsys.readouterr().out
    assert all(rule in listed for rule in ("R01", "R05", "R20", "R34", "R37", "C1"))
    assert main(["rules", "R05", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["source"].startswith("003§❹")


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["run", "a", "b"]])
def test_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_help_loads_nothing_heavy():
    code = "import sys; from xl_kpi.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print([m for m in ('numpy', 'pandas', 'formualizer') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        encoding="utf-8",
    )  # fmt: skip

    assert done.stdout.rstrip().endswith("[]")
    assert "demo" in done.stdout


def test_a_run_that_writes_nothing_does_not_point_at_a_sheet(tmp_path, capsys):
    path = str(tmp_path / "十月.xlsx")
    assert main(["new", path]) == 0
    assert main(["run", path]) == 1
    told = capsys.readouterr().err
    assert "“原文未定”，见 xl-kpi check --notes" in told
    assert "检查表" not in told


def test_notes_are_one_line_unless_they_are_asked_for(tmp_path, capsys):
    path = str(case_book(tmp_path / "月.xlsx", read_case("s11_team_month")))
    assert main(["check", path]) == 0
    told = capsys.readouterr().out
    assert "[说明]" not in told
    (line,) = [line for line in told.splitlines() if "条说明" in line]
    count, left_open = re.fullmatch(r"另有 (\d+) 条说明，其中 (\d+) 条是“原文未定”，见 xl-kpi check --notes", line).groups()
    assert main(["check", path, "--notes"]) == 0
    told = capsys.readouterr().out
    assert told.count("[说明]") == int(count)
    assert told.count("\n    原文未定") == int(left_open) == 16

    assert main(["run", path]) == 0
    assert f"另有 {count} 条说明，其中 16 条是“原文未定”，见 检查表的末尾" in capsys.readouterr().out


def test_the_sheet_of_checks_lists_open_points_behind_everything_else():
    problems = [
        Problem("S!A1", "原文未定（指标“甲”）：权重", "确认", "note"), Problem("S!A2", "收入台阶", "看", "note"),
        Problem("S!A3", "缺数", "补", "warning"), Problem("S!A4", "错", "改"),
    ]  # fmt: skip
    rows = checks_table(problems, "zh").rows
    assert [row[:2] for row in rows] == [
        ["错误", "S!A4"], ["提醒", "S!A3"], ["说明", "S!A2"], ["说明", "S!A1"],
    ]  # fmt: skip


def test_an_unknown_person_or_item_is_told_in_plain_words(tmp_path, capsys):
    path = str(sample_book(tmp_path / "十月.xlsx"))
    assert main(["explain", path, "查无此人"]) == 1
    assert capsys.readouterr().err.startswith("[错误] 姓名或工号\n")
    name = str(openpyxl.load_workbook(path)["员工"]["B6"].value)
    assert main(["explain", path, name, "瞎写"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("[错误] 项目\n")
    assert len(told) < 200
