"""Statements: the result sheet's numbers, one person's data in a file, text that stays text."""

import decimal
import io
import json
import math
import re
import zipfile
from fractions import Fraction
from itertools import islice

import msoffcrypto
import numpy as np
import openpyxl
import pytest
from books import Editor, case_book, sample_book
from case_files import MONTHS, evaluated, read_case
from msoffcrypto.exceptions import InvalidKeyError
from openxml_audit import FileFormat, OpenXmlValidator
from pypdf import PdfReader

from xl_kpi.cli import main
from xl_kpi.excel.handed_out import LIST, Folder
from xl_kpi.excel.locking import Locks
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.excel.statement_files import code_of, statements, write_statements
from xl_kpi.excel.statement_pdf import scale_of, statement_pdf
from xl_kpi.excel.statement_text import register
from xl_kpi.scheme_rows import preset_ids, preset_metrics, preset_rows
from xl_kpi.scoring import linear, step_bands, threshold
from xl_kpi.statements import Fingerprint, shown, shown_mean, statements_of, words


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The demo month, calculated."""
    path = sample_book(tmp_path_factory.mktemp("statements") / "sample.xlsx")
    run_book(path, backup=False)
    return path


@pytest.fixture(scope="module")
def written(book, tmp_path_factory):
    return write_statements(check_book(book), tmp_path_factory.mktemp("out"), pdf=True)


def people(path):
    """The rows of 个人结果 by staff id, as the book holds them."""
    table = read_book(path).tables["kpi_result_people"]
    rows = (dict(zip(table.header, row, strict=True)) for row in zip(*table.columns, strict=True))
    return {row["工号"]: row for row in rows}


def cells(path):
    """Every cell of a statement, row by row, without blanks."""
    sheet = openpyxl.load_workbook(path).active
    return [[c.value for c in row if c.value is not None] for row in sheet.iter_rows()]


def pdf_text(path):
    reader = PdfReader(path)
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def same(cell, expected):
    """Whether a cell holds a figure of the result sheet, to the 15 digits that Excel has."""
    if expected is None:
        return cell == "—"
    return isinstance(cell, int | float) and f"{cell:.15g}" == f"{expected:.15g}"


def rounded(value, decimals):
    step = decimal.Decimal(1).scaleb(-decimals)
    exact = decimal.Decimal(f"{value:.15g}")
    return f"{exact.quantize(step, decimal.ROUND_HALF_UP):,}"


def test_a_statement_has_the_numbers_of_the_result_sheet(book, written):
    table = people(book)
    metrics = ("询单人数比", "转化率", "付款客单价", "平均响应时间", "任务完成率", "差评", "工龄")
    compared = 0
    for person, row in table.items():
        xlsx, pdf = written.files[person]
        lines = {re.split("[\n　]", str(line[0]))[0]: line for line in cells(xlsx) if line}
        text = pdf_text(pdf)
        for item in ("绩效奖金", "行为奖金", "销售提成", "基本工资", "全勤奖", "加班工资", "应发合计"):
            if row[item] is not None:
                assert same(lines[item][1], row[item])
                assert rounded(row[item], 2) in text
                compared += 1
        for metric in metrics if row["总分"] is not None else ():
            points = row[f"{metric}得分"]
            assert same(lines[metric][1], row[metric])
            assert same(lines[metric][5], points)
            compared += 1
        if row["总分"] is not None:
            assert any(same(cell, row["总分"]) for line in cells(xlsx) for cell in line)
            assert f"第 {row['名次']:.0f} 名 / 8 人" in text
            assert rounded(row["转化率"] * 100, 2) + "%" in text
    assert compared > 100


def test_the_payslips_to_cut_apart_have_everybodys_pay(book, written):
    sheet = openpyxl.load_workbook(written.slips).active
    rows = list(sheet.iter_rows(values_only=True))
    for n, (person, row) in enumerate(people(book).items()):
        slip = dict(zip(rows[4 * n], rows[4 * n + 1], strict=True))
        assert slip["工号"] == person
        assert slip["应发合计"] == (row["应发合计"] if row["应发合计"] is not None else "—")


def test_the_same_book_gives_the_same_bytes_and_code(book, written, tmp_path):
    run_book(book, backup=False)
    again = write_statements(check_book(book), tmp_path / "again", pdf=True)
    assert again.code == written.code
    first = sorted(p for p in written.folder.iterdir())
    second = sorted(p for p in again.folder.iterdir())
    assert [p.name for p in first] == [p.name for p in second]
    assert len(first) == 22
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_code_tells_data_from_parameters(tmp_path):
    path = sample_book(tmp_path / "book.xlsx")
    before = code_of(check_book(path).job)
    edited = Editor(path)
    edited.cell("kpi_roster", "月基本工资", 1).value += 1
    edited.save()
    data = code_of(check_book(path).job)
    edited = Editor(path)
    edited.cell("S01_pay_items", "公式", 1).value = "任务完成率 + 0"
    edited.save()
    both = code_of(check_book(path).job)
    assert data.inputs != before.inputs
    assert data.parameters == before.parameters
    assert both.inputs == data.inputs
    assert both.parameters != data.parameters


@pytest.mark.parametrize("table", ["kpi_benchmarks", "kpi_definition", "kpi_orders"])
def test_the_code_counts_every_table_that_may_decide(tmp_path, table):
    path = sample_book(tmp_path / "book.xlsx")
    job = check_book(path).job
    before = code_of(job)
    for column in job.book.tables[table].columns:
        column.append("x")
    assert code_of(job).inputs != before.inputs
    assert code_of(job).parameters == before.parameters


def test_no_file_has_anything_of_another_person(book, written):
    who = {person: row["姓名"] for person, row in people(book).items()}
    assert len(who) == 10
    for person, (xlsx, pdf) in written.files.items():
        with zipfile.ZipFile(xlsx) as archive:
            held = "\n".join(archive.read(name).decode("utf-8") for name in archive.namelist())
        text = pdf_text(pdf)
        assert who[person] in held
        assert who[person] in text
        raw = pdf.read_bytes()
        for other, name in who.items():
            if other != person:
                assert other not in held
                assert name not in held
                assert other not in text
                assert name not in text
                assert name.encode("utf-16-be") not in raw
                assert other.encode() not in raw


TRAPS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")", "'=2", "=cmd|' /C calc'!A0",
         "<b>&amp;", "{=1}", "\t=5")  # fmt: skip


def test_names_and_clauses_stay_text(tmp_path):
    path = sample_book(tmp_path / "book.xlsx")
    edited = Editor(path)
    for row, name in enumerate(TRAPS, 1):
        cell = edited.cell("kpi_roster", "姓名", row)
        cell.value, cell.data_type = name, "s"
    for table, row in (("S01_indicators", 2), ("S01_pay_items", 16)):
        cell = edited.cell(table, "条款说明", row)
        cell.value, cell.data_type = "=1+2\n@second line", "s"
    edited.save()
    out = write_statements(check_book(path), tmp_path / "out", pdf=True)
    files = [file for pair in out.files.values() for file in pair]
    for file in [*files, out.slips]:
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as archive:
                parts = {n: archive.read(n).decode("utf-8") for n in archive.namelist()}
            assert not any(re.search(r"<f[ >/]", part) for part in parts.values())
            assert not any("hyperlink" in part.casefold() for n, part in parts.items() if "rels" in n)
    stripped = [name.strip() for name in TRAPS]
    for (xlsx, pdf), name in zip(out.files.values(), stripped, strict=True):
        assert f"姓名：{name}" in [cell for line in cells(xlsx) for cell in line]
        assert name.replace(" ", "") in pdf_text(pdf).replace(" ", "")
    texts = [cell for line in cells(files[0]) for cell in line if isinstance(cell, str)]
    assert any("=1+2" in text for text in texts)


def test_statements_and_payslips_are_sound_workbooks(written):
    validator = OpenXmlValidator(file_format=FileFormat.OFFICE_2019)
    for file in (written.files["KF001"][0], written.files["KF010"][0], written.slips):
        result = validator.validate(file)
        assert result.is_valid, [str(e) for e in result.errors]


def test_rare_characters_of_names_are_printed(tmp_path):
    path = sample_book(tmp_path / "book.xlsx")
    edited = Editor(path)
    edited.cell("kpi_roster", "姓名", 1).value = "欧阳䶮堃镕"
    edited.cell("kpi_roster", "姓名", 2).value = "龘" * 3  # not in the carried font
    edited.save()
    both = statements(check_book(path))[:2]
    texts = [PdfReader(io.BytesIO(statement_pdf(s))).pages[0].extract_text() for s in both]
    assert "欧阳䶮堃镕" in texts[0]
    assert "龘龘龘" in texts[1]


def test_the_carried_font_has_every_character_of_words_and_schemes():
    known = register()
    text = "".join(zh + en for zh, en in words._WORDS.values())
    for scheme in preset_ids():
        for rows in preset_rows(scheme).values():
            text += "".join(str(v) for row in rows for v in row.values.values())
    text += "".join(str(v) for row in preset_metrics() for v in row.values.values())
    assert {c for c in text if c.isprintable() and ord(c) not in known} == set()


@pytest.mark.parametrize(("value", "unit", "text"), [
    (0.763699, "ratio", "76.37%"), (5979.91, "yuan", "5,979.91"), (330.0, "count", "330"),
    (0.0, "count", "0"), (21.0, "points", "21.0"), (16.25, "points", "16.25"),
    (1.2227, "times", "1.2227"), (-0.001, "yuan", "0.00"), (0.00125, "ratio", "0.13%"),
    (float("nan"), "yuan", "—"), (None, "", "—"),
])  # fmt: skip
def test_figures_are_shown_as_the_cell_styles_show_them(value, unit, text):
    assert shown(value, unit) == text


def test_a_password_locks_every_file(book, written, tmp_path):
    out = write_statements(check_book(book), tmp_path / "out", pdf=True, locks=Locks("开门 1"))
    xlsx, pdf = out.files["KF001"]
    for file in (xlsx, out.slips):
        with file.open("rb") as stream:
            locked = msoffcrypto.OfficeFile(stream)
            assert locked.is_encrypted()
            locked.load_key(password="开门 1")
            opened = io.BytesIO()
            locked.decrypt(opened)
        plain = written.files["KF001"][0] if file == xlsx else written.slips
        assert opened.getvalue() == plain.read_bytes()
        with file.open("rb") as stream:
            locked = msoffcrypto.OfficeFile(stream)
            with pytest.raises(InvalidKeyError):
                locked.load_key(password="wrong", verify_password=True)
    reader = PdfReader(pdf)
    assert reader.is_encrypted
    assert not reader.decrypt("wrong")
    assert reader.decrypt("开门 1")
    assert "赵晓宁" in reader.pages[0].extract_text()


def opened(path, password):
    """What stands in a locked file."""
    with path.open("rb") as stream:
        locked = msoffcrypto.OfficeFile(stream)
        assert locked.is_encrypted()
        locked.load_key(password=password, verify_password=True)
        plain = io.BytesIO()
        locked.decrypt(plain)
    return plain.getvalue()


def test_each_person_has_a_password_of_their_own(book, written, tmp_path, capsys):
    """A list as HR keeps it: saved by a Chinese Excel, people in another order, one who left."""
    listed = tmp_path / "密码.csv"
    rows = [f"KF{n:03d},密{n}a" for n in range(10, 0, -1)]
    listed.write_bytes("\r\n".join(["工号,姓名,密码", *(r.replace(",", ",x,") for r in rows), "KF099,x,y"])
                       .encode("gb18030"))  # fmt: skip
    out = tmp_path / "out"
    command = ["statements", str(book), "-o", str(out), "--pdf", "--passwords", str(listed)]
    assert main([*command, "--password", "人力"]) == 0
    for n in range(1, 11):
        plain_book, plain_pdf = written.files[f"KF{n:03d}"]
        assert opened(out / plain_book.name, f"密{n}a") == plain_book.read_bytes()
        with pytest.raises(InvalidKeyError):
            opened(out / plain_book.name, f"密{n % 10 + 1}a")
        reader = PdfReader(out / plain_pdf.name)
        assert not reader.decrypt("人力")
        assert reader.decrypt(f"密{n}a")
    assert opened(out / written.slips.name, "人力") == written.slips.read_bytes()
    said = capsys.readouterr().out
    assert "密1a" not in said
    assert "却没有密码" not in said
    assert main(command) == 0  # without the password for HR's own file
    assert f"[提醒] {written.slips.name}" in capsys.readouterr().out


def test_a_list_of_passwords_that_will_not_do_is_refused_with_every_fault(book, tmp_path, capsys):
    folder = tmp_path / "out"
    command = ["statements", str(book), "-o", str(folder), "--passwords"]
    listed = openpyxl.Workbook()
    for row in [["工号", "密码"], ["KF001", "a"], ["KF001", "b"], ["KF002", None], ["KF003", "长" * 60],
                ["KF004", 123456789012345678]]:  # fmt: skip
        listed.active.append(row)
    listed.save(tmp_path / "密码.xlsx")
    assert main([*command, str(tmp_path / "密码.xlsx")]) == 1
    told = capsys.readouterr().err
    for place in ("A3", "B4", "B5", "B6"):
        assert f"密码.xlsx!Sheet!{place}" in told
    (tmp_path / "few.csv").write_text("Staff ID,Password\nKF001,a\n", "utf-8")
    assert main([*command, str(tmp_path / "few.csv")]) == 1
    told = capsys.readouterr().err
    assert [f"没有 KF{n:03d} 的密码" in told for n in range(1, 11)] == [False] + [True] * 9
    (tmp_path / "other.csv").write_text("工号,电话\nKF001,1\n", "utf-8")
    assert main([*command, str(tmp_path / "other.csv")]) == 1
    assert "找不到“工号”和“密码”两列" in capsys.readouterr().err
    assert not folder.exists()


def test_files_of_people_who_left_or_were_renamed_do_not_stay(tmp_path, capsys):
    path, out = sample_book(tmp_path / "book.xlsx"), tmp_path / "out"
    write_statements(check_book(path), out, pdf=True)
    foreign = out / "2026-10_KF009_旧的.xlsx"
    foreign.write_bytes(b"HR's own")
    edited_pdf = next(out.glob("2026-10_KF002_*.pdf"))
    edited_pdf.write_bytes(b"annotated")
    was = {p.name for p in out.iterdir()}
    edited = Editor(path)
    edited.cell("kpi_roster", "姓名", 1).value = "赵新名"
    edited.save()
    assert main(["statements", str(path), "-o", str(out)]) == 0
    told = capsys.readouterr().out
    now = {p.name for p in out.iterdir()}
    gone = was - now
    assert {name for name in gone if name.endswith(".xlsx")} == {"2026-10_KF001_赵晓宁.xlsx"}
    assert sum(name.endswith(".pdf") for name in gone) == 9  # they would tell old figures
    assert foreign.read_bytes() == b"HR's own"
    assert edited_pdf.read_bytes() == b"annotated"
    assert f"删除了上次写的、这次不再有的 {len(gone)} 个文件" in told
    assert edited_pdf.name in told
    assert "2026-10_KF001_赵新名.xlsx" in now - was


def test_files_of_other_months_and_kinds_stay(tmp_path):
    out = tmp_path / "out"
    october = Folder(out, "statements 2026-10", tmp_path)
    october.write("a.xlsx", b"a")
    assert october.tidy() == []
    for kind in ("statements 2026-11", "talks 2026-10"):
        other = Folder(out, kind, tmp_path)
        other.write(f"{kind}.xlsx", b"b")
        assert other.tidy() == []
        assert other.removed == []
    assert len([*out.glob("*.xlsx")]) == 3
    (out / LIST).write_text('{"statements 2026-10": {"../book.xlsx": "0", "a.xlsx": 1}, "b": 3', "utf-8")
    again = Folder(out, "statements 2026-10", tmp_path)
    assert again.tidy() == []  # a spoilt list proves nothing
    assert len([*out.glob("*.xlsx")]) == 3


def test_every_scheme_fits_one_page_in_both_languages():
    code = Fingerprint("0" * 10, "0" * 10, "0.1.0")
    pages = 0
    for month in MONTHS:
        results = evaluated(read_case(month))
        for lang in ("zh", "en"):
            for s in islice(statements_of(results, lang, code), 2, 3):
                pages += 1
                text = PdfReader(io.BytesIO(statement_pdf(s))).pages[0].extract_text()
                assert s.name in text
                assert scale_of(s) >= 0.7  # definitions of 7 points become 4.9, the least one reads
                assert all(line.name in text.replace("\n", "") for line in s.indicators)
    assert pages == 2 * len(MONTHS) > 25


# What each next tier is, read off the scheme sheets by hand: curve, target, ladder of places.
NEXT = {
    "任务完成率": "达到 130% 得 5 分",  # 88.99 %: bands 80–130 % earn 3, from 130 % 5
    "顾客流失率": "第 1 周：低于 5% 得 1 分",  # 5.75 %: below 5 % earns 1
    "订单付款率": "第 2 周：达到 92.9504% 不扣分；第 3 名得 1 分",  # place 4, ladder 3-2-1
    "付款客单价": "第 3 周：第 1 名得 3 分",  # places 1, 1, 2, 1
    "回复率": "第 1 周：达到 100% 不扣分",
    "平均响应时间": "第 1 周：不超过 32.4769 不扣分",
    "工龄": "达到 36 得 8 分",  # 33 months; 3 years earn 8
    "差评": "已得最高分",
    "态度差评": "没有扣分",
    "表扬": "每多 1 次多 0.5 分",
}


def test_what_would_have_earned_the_next_tier(book):
    one = next(s for s in statements(check_book(book)) if s.person_id == "KF003")
    told = {line.name: line.next for line in one.indicators}
    assert {name: told[name] for name in NEXT} == NEXT


ARITHMETIC = str.maketrans({"×": "*", "÷": "/", "−": "-", "（": "(", "）": ")"})
ONLY_FIGURES = re.compile(r"[-+*/(). \d%]+")


def reckoned(text):
    """What a line of arithmetic gives, as a pocket calculator has it."""
    asked = re.sub(r"([\d.]+)%", r"(\1/100)", text.translate(ARITHMETIC))
    exact = re.sub(r"[\d.]+", lambda figure: f"Fraction('{figure[0]}')", asked)
    return eval(exact, {"Fraction": Fraction})


def test_the_arithmetic_on_a_statement_gives_the_amount():
    """Every line of figures beside an item, reckoned apart from the program."""
    checked = set()
    for month in MONTHS:
        results = evaluated(read_case(month))
        for s in statements_of(results, "zh", Fingerprint("", "", "")):
            for line in s.pay_lines:
                text = re.sub("（全员得分合计 [\\d.]+，奖金池按得分占比分完）.*", "", line.figures)
                if not text or not ONLY_FIGURES.fullmatch(text.translate(ARITHMETIC)):
                    continue
                found = reckoned(text)
                if text != line.figures:  # a pool that is used up: cut, then the odd cents
                    cent = line.figures.endswith("，加 0.01 元尾差")
                    paid = Fraction(math.floor(found * 100) + cent, 100)
                else:
                    paid = Fraction(math.floor(found * 100 + Fraction(1, 2)), 100)
                assert float(paid) == pytest.approx(line.amount, abs=1e-9), (month, s.name, line)
                checked.add((month, line.name))
            if s.total_figures and ONLY_FIGURES.fullmatch(s.total_figures.translate(ARITHMETIC)):
                assert float(reckoned(s.total_figures)) == pytest.approx(s.total, abs=5e-5)
                checked.add((month, "总分"))
    assert len(checked) >= 25
    assert {("s01_team_month", "绩效奖金"), ("s06_team_month", "等级奖金"), ("s06_team_month", "退款扣回"),
            ("s11_team_month", "基本工资"), ("s06_team_month", "总分")} <= checked  # fmt: skip


FIGURES = {  # item: figures, by hand from the case's scheme and data
    ("s06_team_month", "T03", "阶梯提成"): "80000 × 1%",  # 80 % of the target: the tier of 1 %
    ("s06_team_month", "T03", "服务明星奖"): "“星奖”表里 8 对应 0",
    ("s11_team_month", "F03", "基本工资"): "4501.01 × 15 ÷ 30",  # since the 16th of November
    ("s03_peak_month", "T03", "超额激励"): "40% 低于 45%，为 0",
    ("s01_team_month", "P01", "行为奖金"): "20.5 × 818.48 ÷ 110（全员得分合计 110，奖金池按得分占比分完），加 0.01 元尾差",
}


def test_figures_are_told_without_functions():
    code = Fingerprint("", "", "")
    for (month, person, item), figures in FIGURES.items():
        people = statements_of(evaluated(read_case(month)), "zh", code)
        one = next(s for s in people if s.person_id == person)
        assert {line.name: line.figures for line in one.pay_lines}[item] == figures


def test_points_below_nothing_have_their_reason(book):
    """Of the demo: nobody's share of the pool is negative."""
    people = list(statements(check_book(book), "zh"))
    below = [s for s in people if s.total is not None and s.total < 0]
    assert below
    for s in below:
        (bonus,) = [line for line in s.pay_lines if line.name == "绩效奖金"]
        assert bonus.amount == 0
        assert bonus.figures.endswith("（得分不到 0 的按 0 分）")


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(0.7, "count", "0.70"), (14.6, "count", "14.60"), (0.5, "ratio", "50.00%")]
)
def test_the_mean_of_whole_numbers_is_not_rounded_to_one(value, unit, text):
    assert shown_mean(value, unit) == text


def test_who_is_not_assessed_reads_why(book):
    people = {s.person_id: s for s in statements(check_book(book), "zh")}
    outside = [s for s in people.values() if not s.assessed]
    assert outside
    for s in outside:
        assert s.outside.startswith(f"不参加本期考核（身份是{s.status}）")
    assert not any(s.outside for s in people.values() if s.assessed)


def test_the_points_of_a_block_stand_above_those_they_are_made_of():
    summed = [*statements_of(evaluated(read_case("s01_team_month")), "zh", Fingerprint("", "", ""))][2]
    for _, points, lines in summed.groups:
        counted = [line.points for line in lines if line.next != "不计入总分"]
        assert points == sum(p for p in counted if p is not None)
    assert [line.name for line in summed.indicators if line.next == "不计入总分"] == ["销售业绩"]
    averaged = [*statements_of(evaluated(read_case("s06_team_month")), "zh", Fingerprint("", "", ""))][2]
    for title, points, lines in averaged.groups:
        have = [(x.points, x.weight) for x in lines if x.points is not None]
        assert points == pytest.approx(sum(p * w for p, w in have) / sum(w for _, w in have))
        assert title.endswith("（各项得分按权重平均）")
    assert [line for group in averaged.groups for line in group[2]] == list(averaged.indicators)


def test_a_statement_in_english_has_english_names_of_counts():
    one = next(statements_of(evaluated(read_case("s06_team_month")), "en", Fingerprint("", "", "")))
    told = {line.name: line.definition for line in one.indicators}
    assert told["Conversion rate"].startswith("Converted customers ÷ Inquiring customers. ")


REACH = re.compile(r"(?:第 (\d) 周：)?(达到|高于|不超过|低于) ([-\d.,]+)(%?) 得 ([-\d.]+) 分")


def test_who_reaches_what_is_told_earns_it():
    """The told line as the value: the rule of the indicator gives the told points."""
    code, tried = Fingerprint("", "", ""), set()
    for month in MONTHS:
        results = evaluated(read_case(month))
        for row, statement in enumerate(islice(statements_of(results, "zh", code), 5)):
            for line in statement.indicators:
                s = results.scored[line.name]
                found = REACH.fullmatch(line.next)
                if s.indicator.rule not in ("R01", "R02", "R03") or found is None:
                    continue
                week, how, figure, percent, points = found.groups()
                at = row * s.cycles + int(week or 1) - 1
                value = float(figure.replace(",", "")) / (100 if percent else 1)
                value += {"高于": 1e-6, "低于": -1e-6}.get(how, 0.0)
                assert earned(results.scheme, s, value, at) == pytest.approx(float(points))
                assert s.points[at] < float(points)
                tried.add((s.indicator.rule, how))
    assert {rule for rule, _ in tried} == {"R01", "R02", "R03"}
    assert {how for _, how in tried} >= {"达到", "不超过"}


def earned(scheme, s, value, at):
    i, values = s.indicator, np.array([value])
    target = None if s.target is None else s.target[at : at + 1]
    match i.rule:
        case "R01":
            cap = i.full if i.cap is None else i.cap
            points = linear(values, target, full=i.full, better=s.better, floor=i.floor or 0.0, cap=cap)
        case "R02":
            points = threshold(values, target, full=i.full, miss=i.miss or 0.0, better=s.better,
                               strict=i.strict)  # fmt: skip
        case _:
            points = step_bands(values, bands=scheme.curves[i.curve].bands)
    return points[0]


def test_the_next_grade_is_told():
    results = evaluated(read_case("s06_team_month"))
    code = Fingerprint("", "", "")
    by_place = {s.place: s for s in statements_of(results, "zh", code)}
    grades = results.scheme.grades
    assert [g.label for g in grades][:3] == ["S", "A", "B"]
    assert by_place[8].grade == "B"
    assert by_place[8].next_grade == "名次进入前 30% 为“A”"  # 10 % S + 20 % A
    assert by_place[1].next_grade == ""


def of_first(case, people):
    """A month with its first people only."""
    ids = [person["person_id"] for person in case["roster"]][:people]
    return {
        key: [row for row in rows if row.get("person_id", "") in ("", *ids)] if isinstance(rows, list)
        else rows for key, rows in case.items()
    }  # fmt: skip


def test_one_person_gets_a_statement_and_nobody_is_told(tmp_path, capsys):
    month = read_case("s05_team_month")
    one = case_book(tmp_path / "one.xlsx", of_first(month, 1))
    assert main(["statements", str(one), "-o", str(tmp_path / "one"), "--pdf"]) == 0
    assert len([*(tmp_path / "one").glob("2026*")]) == 3
    nobody = case_book(tmp_path / "none.xlsx", of_first(month, 0))
    capsys.readouterr()
    assert main(["statements", str(nobody), "-o", str(tmp_path / "none")]) == 1
    assert "没有考核对象" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


# --- the command --------------------------------------------------------------------------------


def test_the_command_says_what_it_wrote(book, tmp_path, capsys):
    out = tmp_path / "slips"
    assert main(["statements", str(book), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [p["id"] for p in told["people"]] == [f"KF{n:03d}" for n in range(1, 11)]
    assert {f for p in told["people"] for f in p["files"]} | {told["payslips"]} == {
        str(p) for p in out.iterdir() if p.name != LIST
    }
    assert told["problems"] == []
    assert main(["statements", str(book), "-o", str(out), "--lang", "en"]) == 0
    assert "10 people, 10 files" in capsys.readouterr().out
    assert (out / "2026-10_All payslips (HR only).xlsx").exists()
    english = next(out.glob("2026-10_KF001_*.xlsx"))
    assert "Appeal slip" in [cell for line in cells(english) for cell in line]


def test_results_that_are_not_those_of_the_data_are_told(tmp_path, capsys):
    path = sample_book(tmp_path / "book.xlsx")
    assert main(["statements", str(path), "-o", str(tmp_path / "out")]) == 0
    assert "先用 xl-kpi run" in capsys.readouterr().out


def test_with_errors_nothing_is_written(tmp_path, capsys):
    path = sample_book(tmp_path / "book.xlsx")
    edited = Editor(path)
    edited.cell("kpi_roster", "工号", 2).value = "KF001"
    edited.save()
    assert main(["statements", str(path), "-o", str(tmp_path / "out"), "--pdf"]) == 1
    assert "没有写入任何文件" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_or_password_that_will_not_do_is_refused(book, tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("x")
    assert main(["statements", str(book), "-o", str(file)]) == 1
    assert "不是文件夹" in capsys.readouterr().err
    assert main(["statements", str(book), "-o", str(tmp_path / "out"), "--password", "x" * 200]) == 1
    assert "密码" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_people_of_the_same_name_and_odd_ids_get_files_of_their_own(tmp_path):
    path = case_book(tmp_path / "book.xlsx", read_case("s05_team_month"))
    edited = Editor(path)
    for row in (1, 2):
        edited.cell("kpi_roster", "姓名", row).value = "张/三:*?"
    edited.save()
    out = write_statements(check_book(path), tmp_path / "out")
    names = [files[0].name for files in out.files.values()]
    assert len({name.casefold() for name in names}) == len(names) == 9
    assert all(re.fullmatch(r'[^\\/:*?"<>|]+', name) for name in names)
