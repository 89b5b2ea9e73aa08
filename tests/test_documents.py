"""The papers: what the sheet says stands in them, one person's data in a file, same bytes again."""

import dataclasses
import datetime as dt
import io
import json
import re
import zipfile

import docx
import msoffcrypto
import openpyxl
import pytest
from books import Editor, case_book, sample_book
from case_files import evaluated, preset, read_case
from openxml_audit import OpenXmlValidator
from pypdf import PdfReader

from xl_kpi.cli import main
from xl_kpi.errors import Problem
from xl_kpi.excel.locking import Locks
from xl_kpi.excel.paper_docx import paper_docx
from xl_kpi.excel.paper_files import scheme_problems, write_documents
from xl_kpi.excel.paper_pdf import paper_pdf
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.excel.statement_text import longest_word, width, wrapped
from xl_kpi.excel.talk_files import write_talks
from xl_kpi.formula import parse
from xl_kpi.period import Period
from xl_kpi.scheme_rows import preset_ids
from xl_kpi.statements import Fingerprint, statements_of, word
from xl_kpi.statements.calendar_dates import days_allowed, due_date
from xl_kpi.statements.paper import Column, Paper, Table, table
from xl_kpi.statements.plain_words import plain
from xl_kpi.statements.scheme_document import between, scheme_document
from xl_kpi.statements.talk import goal

PUBLISHED = dt.date(2026, 11, 5)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The demo month, calculated."""
    path = sample_book(tmp_path_factory.mktemp("papers") / "sample.xlsx")
    run_book(path, backup=False)
    return path


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    """A month with targets, some of them missed."""
    case = read_case("s05_team_month")
    return case_book(tmp_path_factory.mktemp("targets") / "s05.xlsx", case)


@pytest.fixture(scope="module")
def talks(targets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("talks")
    return write_talks(check_book(targets), folder, published=PUBLISHED, pdf=True)


def tables(content):
    """The tables of a Word file as lists of rows."""
    document = docx.Document(io.BytesIO(content) if isinstance(content, bytes) else content)
    return [[[cell.text for cell in row.cells] for row in t.rows] for t in document.tables]


def words(content):
    """Everything that a Word file says in its body."""
    document = docx.Document(io.BytesIO(content) if isinstance(content, bytes) else content)
    cells = (c for t in tables(content) for row in t for c in row)
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def parts(path):
    """Every part of an office file, decompressed."""
    with zipfile.ZipFile(path) as archive:
        assert {part.date_time for part in archive.infolist()} <= {(1980, 1, 1, 0, 0, 0)}
        return "\n".join(archive.read(n).decode("utf-8", "replace") for n in archive.namelist())


def pdf_text(content):
    reader = PdfReader(io.BytesIO(content) if isinstance(content, bytes) else content)
    for page in reader.pages:
        assert [round(float(x)) for x in page.mediabox[2:]] == [595, 842]
    return "".join(page.extract_text() for page in reader.pages).replace("\n", "")


def squeezed(text):
    return re.sub(r"\s", "", text)


# --- the scheme document ---------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme_id", preset_ids())
def test_a_document_has_every_row_of_its_scheme(scheme_id, lang):
    scheme = preset(scheme_id)
    paper = scheme_document(scheme, scheme_problems(scheme), lang, "0123456789")
    content = paper_docx(paper)
    assert content == paper_docx(paper)
    said = squeezed(words(content))
    printed = squeezed(pdf_text(paper_pdf(paper)))
    rows = [i.row for i in scheme.indicators] + [i.row for i in scheme.pay_items]
    rows += [row for c in scheme.curves.values() for row in c.rows]
    rows += [c.row for c in scheme.consequences] + [g.row for g in scheme.grades]
    keys = ("name", "metric", "block", "item", "grade", "follows", "clause_text", "open_point")
    for row in rows:
        named = {k: row.get(k) for k in keys if isinstance(row.get(k), str)}
        if row in [i.row for i in scheme.indicators] and (lang == "en" or "name" in named):
            named.pop("metric")  # said by its English or own name
        if row not in [i.row for i in scheme.indicators + scheme.pay_items]:
            named.pop("clause_text", None)
        for text in named.values():
            assert squeezed(text) in said
            assert squeezed(text) in printed
    told = words(paper_docx(scheme_document(scheme, [], lang, "0123456789")))
    for row in rows:
        told = told.replace(row.get("open_point") or "\0", "")
    assert "KPI_" not in told
    assert re.search(r"\bnan\b", told) is None


def test_a_word_file_is_valid_and_its_pages_are_a4(book, tmp_path):
    files = write_documents(book, tmp_path, pdf=True).files["S01"]
    assert [file.suffix for file in files] == [".docx", ".pdf"]
    assert OpenXmlValidator().validate(files[0]).is_valid
    section = docx.Document(files[0]).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    room = section.page_width - section.left_margin - section.right_margin
    for made in docx.Document(files[0]).tables:
        assert abs(sum(c.width for c in made.columns) - room) < 2000  # EMU
    properties = docx.Document(files[0]).core_properties
    assert properties.created == properties.modified == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    parts(files[0])


def test_rules_are_told_with_the_worked_examples_of_the_catalogue():
    scheme = preset("S01")
    said = words(paper_docx(scheme_document(scheme, [], "zh", "0")))
    assert "R30 考核得分系数" in said
    assert "完成率：0.47；转化率：0.3955；比例：0.01 → 0.00185885" in said  # 003§❹七.1(2)
    assert "任务内提成：800 / 275；超额提成：450 / 0；协助金额：5000 / 空白 → 1055 / 220" in said
    assert "KPI" not in said


def test_open_points_are_listed_to_be_decided_and_mistakes_to_be_mended():
    scheme = preset("S06")
    said = tables(paper_docx(scheme_document(scheme, scheme_problems(scheme), "zh", "0")))
    left = next(t for t in said if t[0] == ["位置", "确认前这样执行", "确认意见"])
    rows = [i.row for i in scheme.indicators] + [i.row for i in scheme.pay_items]
    rows += [row for c in scheme.curves.values() for row in c.rows]
    rows += [c.row for c in scheme.consequences] + [g.row for g in scheme.grades]
    asked = [row.get("open_point") for row in rows if row.get("open_point")]
    assert len(asked) > 30
    assert {row[1] for row in left[1:]} == set(asked)  # what is said of many is said once
    alike = next(row for row in left[1:] if row[1] == "目标值和本部分内的权重原文未写")
    assert alike[0].startswith("指标：一次性解决率、订单处理及时率、质检合格率、")
    assert not any(row[2] for row in left[1:])
    assert not any("收入台阶" in cell for t in said for row in t for cell in row)  # for HR, in 检查
    wrong = Problem("S06!B2", "重复", "改一个", "warning")
    said = tables(paper_docx(scheme_document(scheme, [wrong], "zh", "0")))
    assert ["提醒", "S06!B2", "重复", "改一个"] in [row for t in said for row in t]


def test_a_scheme_with_nothing_open_says_so():
    bare = dataclasses.replace(
        preset("S08"), indicators=(), curves={}, grades=(), pay_items=(), consequences=()
    )
    said = words(paper_docx(scheme_document(bare, [], "zh", "0")))
    assert "没有待确认的事项。" in said
    assert "确认意见" not in said


def test_each_grade_says_which_part_of_the_places_it_takes():
    """002: S the first 10 %, A the next 20 %, B the next 50 %, C the next 20 %."""
    said = tables(paper_docx(scheme_document(preset("S06"), [], "zh", "0")))
    rows = {row[0]: " ".join(row[1:]) for t in said for row in t if row[0] in ("S", "A", "B", "C")}
    wanted = {"S": "名次前 10%", "A": "其后 20%", "B": "其后 50%", "C": "其后 20%"}
    assert wanted.keys() == rows.keys()
    assert all(text in rows[grade] for grade, text in wanted.items())


def test_there_is_room_to_sign():
    scheme = preset("S06")
    signers = tables(paper_docx(scheme_document(scheme, [], "zh", "0")))[-2]
    assert [row[0] for row in signers] == [
        "编制（人力资源部）", "审核（客服主管）", "会签（财务）", "职工代表 / 工会", "批准（总经理）",
        "公布日期",
    ]  # fmt: skip


@pytest.mark.parametrize(("formula", "said"), [
    ("=部门奖金 + SUM(任务内提成)*20%", "部门奖金 + 各人任务内提成合计 × 20%"),
    ("=MAX(0, 销售额 - 任务)", "销售额 − 任务，低于 0 按 0 计"),
    ("=MIN(销售额, 任务 * 2)", "销售额 与 （任务 × 2） 中较小的"),
    ("=MAX(a, b, c)", "a、b 与 c 中较大的"),
    ("=提成 + IF(协助金额 = \"\", 0, 协助金额)", "提成 + （协助金额，空白按 0 计）"),
    ("=KPI_PRORATE(月基本工资, 入职日期, 离职日期, 期初, 期末)", "月基本工资 按在职天数折算"),
    ("=(a + b) * c / 2", "（a + b） × c ÷ 2"),
    ("=a - (b - c)", "a − （b − c）"),
    ("=IF(转化率 >= 45%, 200, 0)", "若 转化率 不低于 45%，为 200；否则为 0"),
    ("=IF(主管得分 = \"\", 1, 2)", "若 没有主管得分，为 1；否则为 2"),
    ("=AND(倒数名次 <= 2, 名次 > 1)", "倒数名次 不超过 2 且 名次 高于 1"),
    ("=OR(AND(a < 1, b < 2), c = \"C\")", "（a 低于 1 且 b 低于 2） 或 c 等于 “C”"),
    ("=KPI_BAND(任务完成率, 提成内)", "“提成内”表里 任务完成率 对应的值"),
    ("=KPI_STREAK(季度等级, \"C\") >= 2", "（季度等级 连续为 “C” 的期数） 不低于 2"),
    ("=KPI_DEPT_COEF(部门完成率, 部门转化率)", "按“考核得分系数”计算（完成率：部门完成率、转化率：部门转化率）"),
    ("=-提成", "−提成"), ("=PAST(季度得分, 1)", "1 期前的季度得分"),
    ("=ROUND(a * b, 2)", "a × b 四舍五入到 2 位小数"),
])  # fmt: skip
def test_formulas_in_plain_words(formula, said):
    assert plain(parse(formula), "zh") == said


def test_bands_in_words():
    infinite = float("inf")
    assert between(0.8, 1.3, "[)", "zh", "ratio") == "80% 起、低于 130%"
    assert between(60, 80, "(]", "zh") == "高于 60、不超过 80"
    assert between(-infinite, 60, "[)", "en") == "below 60"
    assert between(-infinite, infinite, "[)", "zh") == "全部"
    assert between(6, 12, "[)", "en", "months") == "from 6 months, below 12 months"
    assert between(6, 12, "[)", "zh", "months") == "6 个月 起、低于 12 个月"


@pytest.mark.parametrize(("key", "points", "said"), [
    ("scored_each", "1", "1 point each"), ("scored_each", "-1", "-1 point each"),
    ("scored_each", "2", "2 points each"), ("scored_each", "0.1", "0.1 points each"),
    ("scored_each", "11", "11 points each"), ("fewer", "1", "1 more point for each one less"),
])  # fmt: skip
def test_one_point_is_one_point(key, points, said):
    assert word(key, "en", points=points) == said


def test_points_of_several_places_stay_points():
    assert word("scored_rank", "en", places="1–3", points="3, 2, 1") == "places 1–3 earn 3, 2, 1 points"


def test_a_document_needs_no_data_but_a_scheme(tmp_path, capsys):
    path = tmp_path / "empty.xlsx"
    assert main(["new", str(path), "--scheme", "S10"]) == 0
    out = tmp_path / "out"
    assert main(["document", str(path), "-o", str(out), "--lang", "en", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.split("\n", 2)[2])
    assert [len(files) for files in told["files"].values()] == [1]
    assert "5 Pay items" in words(told["files"]["S10"][0])
    assert main(["document", str(path), "-o", str(out), "--scheme", "S99"]) == 1
    assert "没有写入任何文件" in capsys.readouterr().err


def test_texts_stay_texts_and_long_ones_are_whole(tmp_path):
    odd = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=5\nnext", "<b>&amp;", "a\x01b\x0bc", "{ HYPERLINK }"]
    long = "".join(f"第{n}句说明。" for n in range(900)) + "完"
    paper = Paper("zh", "=1+1", (), (table([Column("a", 1)] * 2, [*((t, long) for t in odd)]),), "")
    content = paper_docx(paper)
    found = tables(content)[0]
    assert [row[0] for row in found[1:]] == [
        "=1+1", "+1", "-2+3", "@SUM(A1)", "=5\nnext", "<b>&amp;", "a b c", "{ HYPERLINK }"
    ]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("word/document.xml").decode()
    assert "instrText" not in body
    assert "hyperlink" not in body
    printed = pdf_text(paper_pdf(paper))
    assert printed.count("完") == len(odd)
    assert squeezed(long[:300]) in squeezed(printed)


# --- words and figures stay whole ------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["×", "÷", "%", ")"])
def test_a_figure_is_not_torn_from_its_mark(mark):
    lines = wrapped(f"commission 50{mark}", width("commission 5", 8.5), 8.5)
    assert lines == ("commission", f"50{mark}")


def test_per_mille_stays_with_its_figure():
    assert wrapped("任务内提成 × 2‰", width("任务内提成 × 2", 8.5), 8.5) == ("任务内提成 ×", "2‰")


def test_a_mark_after_a_chinese_word_takes_one_character_along():
    assert wrapped("销售提成，", width("销售提成", 8.5), 8.5) == ("销售提", "成，")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme_id", preset_ids())
def test_columns_of_a_document_have_room_for_every_word(scheme_id, lang):
    """In Word, whose text is larger than that of the PDF: 9.5 points, 174 mm, 3.8 mm of padding."""
    tables_of = [b for b in scheme_document(preset(scheme_id), [], lang, "x").blocks if isinstance(b, Table)]
    assert tables_of
    for block in tables_of:
        for column, texts in zip(block.columns, zip(*block.rows, strict=True), strict=True):
            room = (column.share * 174 - 3.8) * 72 / 25.4
            for text in (column.label, *texts):
                assert longest_word(text, 9.5) <= room, (column.label, text)


def test_labels_of_a_talk_sheet_are_whole_in_the_pdf(targets, tmp_path):
    out = write_talks(check_book(targets), tmp_path, "en", published=PUBLISHED, pdf=True)
    said = pdf_text(next(p for p in out.files["Q03"] if p.suffix == ".pdf"))
    assert "Department" in said


# --- the talks -------------------------------------------------------------------------------------


def test_the_goal_of_an_indicator_of_weeks_is_one_for_every_week():
    """Her month as a whole is above the line that she missed in one week."""
    people = statements_of(evaluated(read_case("s01_team_month")), "zh", Fingerprint("", "", ""))
    lines = [line for s in people for line in s.indicators if line.target.value is not None]
    weekly = [line for line in lines if line.weekly and line.standing != "behind"]
    assert weekly
    assert all(goal(line, "zh").startswith(("每周都达到", "每周都降到")) for line in weekly)
    assert not any(goal(line, "zh").startswith("每周") for line in lines if not line.weekly)


def test_a_talk_sheet_has_strengths_gaps_measures_and_goals(talks):
    """Q03 of the case: two of her ten indicators are missed."""
    path = talks.files["Q03"][0]
    strengths, gaps, measures, goals = tables(path)[2:6]
    assert [row[0] for row in strengths[1:]] == [
        "首次响应时长", "回复率", "问题解决率", "人均接待量", "订单处理及时率", "转化率"
    ]
    assert {row[-1] for row in strengths[1:]} == {"达标"}
    assert [row[:4] for row in gaps[1:]] == [
        ["满意度评分", "4.74", "4.8", "4.69"], ["客单价提升率", "3.44%", "5.00%", "6.60%"]
    ]
    assert [row[:3] for row in measures[1:]] == [
        ["满意度评分", "参加沟通技巧和服务意识培训，回看低分会话", "本人"],
        ["客单价提升率", "练习关联推荐与搭配销售", "本人"],
    ]
    assert [row[2] for row in goals[1:3]] == ["达到 4.8", "达到 5.00%"]
    said = words(path)
    assert said.index("优点与成绩") < said.index("差距") < said.index("改进措施")
    fields = {row[0]: row[1] for t in tables(path)[1:2] for row in t}
    assert fields["结果公布日"] == "2026-11-05"
    assert tables(path)[1][0][2:] == ["面谈最迟", "2026-11-12"]  # within a week (R27)
    assert fields["改进计划最迟"] == "2026-11-12"
    assert "应发" not in said
    assert OpenXmlValidator().validate(path).is_valid


def test_nobody_is_asked_to_improve_the_months_of_service(book, tmp_path):
    out = write_talks(check_book(book), tmp_path, published=PUBLISHED)
    sheets = [files[0] for person, files in out.files.items() if person.startswith("KF")]
    assert len(sheets) == 8
    assert not any("工龄" in words(path) for path in sheets)


def test_no_talk_sheet_has_anything_of_another_person(talks):
    roster = {row["person_id"]: row["name"] for row in read_case("s05_team_month")["roster"]}
    sheets = {person: files for person, files in talks.files.items() if person in roster}
    assert len(sheets) > 5
    for person, (made, pdf) in sheets.items():
        held, printed = parts(made), pdf_text(pdf)
        assert roster[person] in held
        assert roster[person] in printed
        for other, name in roster.items():
            if other != person:
                assert other not in held
                assert name not in held
                assert other not in printed
                assert name not in printed


def test_measures_come_from_the_sheet_that_hr_edits(targets, tmp_path):
    path = tmp_path / "edited.xlsx"
    path.write_bytes(targets.read_bytes())
    edited = Editor(path)
    row = edited.find("kpi_measures", "指标", "满意度评分")
    edited.cell("kpi_measures", "改进措施", row).value = "=1+1 每天回看十个会话"
    edited.cell("kpi_measures", "改进措施", row).data_type = "s"
    edited.cell("kpi_measures", "期限(天)", row).value = 14
    other = edited.find("kpi_measures", "指标", "客单价提升率")
    edited.cell("kpi_measures", "指标", other).value = "客单价提升"
    edited.save()
    out = write_talks(check_book(path), tmp_path / "out", published=PUBLISHED)
    measures = tables(out.files["Q03"][0])[4]
    told = [p for p in out.problems if "客单价提升" in p.what]
    assert [p.where for p in told] == [f"改进措施!A{5 + other}"]
    assert "客单价提升率" in told[0].fix
    assert measures[2][1] == "练习关联推荐与搭配销售"  # then as the scheme says
    assert measures[1] == ["满意度评分", "=1+1 每天回看十个会话", "本人", "2026-11-19"]


@pytest.mark.parametrize(("book_lang", "lang"), [("zh", "en"), ("en", "en"), ("en", "zh")])
def test_talks_speak_their_language_whatever_the_book_speaks(book_lang, lang, tmp_path):
    """The measures that stand as in a new book, the talk's last day and the steps' dates."""
    path = case_book(tmp_path / "s05.xlsx", read_case("s05_team_month"), book_lang)
    out = write_talks(check_book(path), tmp_path / "out", lang, published=PUBLISHED)
    measures = tables(out.files["Q03"][0])[4]
    said = {
        "zh": ["参加沟通技巧和服务意识培训，回看低分会话", "本人"],
        "en": ["Train communication and service; read low-rated chats again", "employee"],
    }
    assert measures[1][1:3] == said[lang]
    assert tables(out.files["Q03"][0])[1][0][3] == "2026-11-12"
    book = openpyxl.load_workbook(next(p for p, in out.files.values() if p.suffix == ".xlsx"))
    steps = {row[1]: row[4] for row in book.worksheets[-1].iter_rows(min_row=4, values_only=True)}
    forms = {"zh": "评分表收齐", "en": "Have all forms back"}
    assert steps[forms[lang]] == dt.datetime(2026, 11, 24)
    assert not [p for p in out.problems if "指标" in p.what]


def test_the_list_for_hr_has_due_dates_and_states(tmp_path):
    """September ends a quarter: two people graded C get a PIP (002§三(三))."""
    path = case_book(tmp_path / "s06.xlsx", read_case("s06_team_month"))
    out = write_talks(check_book(path), tmp_path / "out", published=dt.date(2026, 10, 9))
    book = openpyxl.load_workbook(out.files["跟进清单"][0])
    assert book.sheetnames == ["改进与PIP", "改进措施", "面谈安排", "日程"]
    rows = list(book["改进与PIP"].iter_rows(min_row=4, values_only=True))
    plans = [row for row in rows if row[4] == "PIP"]
    assert {row[5] for row in plans} == {"制定绩效改进计划（PIP）并安排辅导"}
    assert len(plans) == 2
    talk = next(row for row in rows if row[5].startswith("主管一对一沟通"))
    assert talk[7] == dt.datetime(2026, 10, 16)
    assert {row[8] for row in rows} == {"未开始"}
    steps = {row[1]: row for row in book["日程"].iter_rows(min_row=4, values_only=True)}
    dates = {step: row[4].date() for step, row in steps.items() if row[4] is not None}
    assert dates["下发综合评估表（月起始日为 21 日的方案）"] == dt.date(2026, 10, 21)
    assert dates["评分表收齐"] == dt.date(2026, 10, 24)
    assert dates["汇总综合评估"] == dt.date(2026, 10, 25)
    assert dates["结果交财务部"] == dt.date(2026, 10, 26)
    assert steps["结果交财务部"][5:7] == ("总经办", "未开始")
    with zipfile.ZipFile(out.files["跟进清单"][0]) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)


def test_the_same_book_gives_the_same_files(targets, talks, tmp_path):
    again = write_talks(check_book(targets), tmp_path, published=PUBLISHED, pdf=True)
    for person, files in talks.files.items():
        for one, other in zip(files, again.files[person], strict=True):
            assert one.name == other.name
            assert one.read_bytes() == other.read_bytes()


def test_a_book_without_the_sheet_of_measures_takes_those_of_a_new_book(targets, tmp_path):
    outcome = check_book(targets)
    del outcome.job.book.tables["kpi_measures"]
    out = write_talks(outcome, tmp_path, published=PUBLISHED)
    assert tables(out.files["Q03"][0])[4][2][1] == "练习关联推荐与搭配销售"


def test_talk_sheets_are_locked_as_well(targets, tmp_path):
    locks = Locks("人力", {f"Q{n:02d}": f"p{n}" for n in range(1, 99)}, "list")
    out = write_talks(check_book(targets), tmp_path, published=PUBLISHED, pdf=True, locks=locks)
    word, pdf = out.files["Q03"]
    for path, password in ((word, "p3"), (out.files["跟进清单"][0], "人力")):
        with path.open("rb") as stream:
            locked = msoffcrypto.OfficeFile(stream)
            locked.load_key(password=password, verify_password=True)
            plain = io.BytesIO()
            locked.decrypt(plain)
        assert zipfile.is_zipfile(plain)
    assert PdfReader(pdf).decrypt("p3")
    assert not PdfReader(pdf).decrypt("人力")


OCTOBER, HOTEL, DECEMBER = Period("2026-10"), Period("2026-10", start_day=21), Period("2026-12")


@pytest.mark.parametrize(("day", "period", "due"), [
    ("每月 21 日", HOTEL, "2026-10-21"), ("每月 24 日前", HOTEL, "2026-10-24"),
    ("每月25日前", HOTEL, "2026-10-25"), ("每月 26 日", HOTEL, "2026-10-26"),
    ("每月 21 日", OCTOBER, "2026-11-21"), ("每月 31 日", OCTOBER, "2026-11-30"),
    ("每月 26 日", DECEMBER, "2027-01-26"), ("次月 5 日前", OCTOBER, "2026-11-05"),
    ("次月初", OCTOBER, "2026-11-01"), ("次月初", HOTEL, "2026-10-21"),
    ("季初", OCTOBER, "2026-10-01"), ("季末", OCTOBER, "2026-12-31"),
    ("期末", HOTEL, "2026-10-20"), ("年末", OCTOBER, "2026-12-31"),
    ("6 月、12 月", OCTOBER, "2026-12-31"), ("6 月", DECEMBER, "2027-06-30"),
    ("出结果后 7 天内", OCTOBER, "2026-11-12"), ("通报后 7 天内", OCTOBER, "2026-11-12"),
    ("出结果后", OCTOBER, "2026-11-05"), ("2026-11-09", OCTOBER, "2026-11-09"),
    ("2026年11月9日", OCTOBER, "2026-11-09"), ("2026-02-31", OCTOBER, "2026-02-28"),
    ("面谈前", OCTOBER, None), ("每月 41 日", OCTOBER, None), ("", OCTOBER, None),
    ("13 月", OCTOBER, None), ("21st of each month", HOTEL, "2026-10-21"),
    ("by the 24th of each month", HOTEL, "2026-10-24"), ("26th of each month", DECEMBER, "2027-01-26"),
    ("by the 5th of next month", OCTOBER, "2026-11-05"), ("start of next month", HOTEL, "2026-10-21"),
    ("Start of the quarter", OCTOBER, "2026-10-01"), ("end of the quarter", OCTOBER, "2026-12-31"),
    ("end of the period", HOTEL, "2026-10-20"), ("end of the year", OCTOBER, "2026-12-31"),
    ("June, December", OCTOBER, "2026-12-31"), ("June", DECEMBER, "2027-06-30"),
    ("within 7 days of the results", OCTOBER, "2026-11-12"), ("after the notice", OCTOBER, "2026-11-05"),
    ("before the talk", OCTOBER, None), ("payday", OCTOBER, None), ("you may choose", OCTOBER, None),
])  # fmt: skip
def test_the_dates_of_the_cycle(day, period, due):
    found = due_date(day, period, PUBLISHED)
    assert (found.isoformat() if found else None) == due


def test_the_strictest_step_says_how_many_days_there_are():
    assert days_allowed(["出结果后 7 天内", "面谈前", "5天内"]) == 5
    assert days_allowed(["面谈前"]) is None
    assert days_allowed(["within 7 days of the results", "before the talk"]) == 7


def test_the_command_says_what_it_wrote(book, tmp_path, capsys):
    out = tmp_path / "talks"
    assert main(["talks", str(book), "-o", str(out), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "9 files" in said  # eight assessed and the list
    assert "from 2026-11-08" in said  # 数据截至
    assert (out / "2026-10_Follow-up list (HR).xlsx").exists()
    assert "Strengths" in words(next(out.glob("2026-10_KF001_*.docx")))
    with pytest.raises(SystemExit):
        main(["talks", str(book), "-o", str(out), "--published", "soon"])
    assert "不是日期" in capsys.readouterr().err


def test_with_errors_nothing_is_written(tmp_path, capsys):
    path = sample_book(tmp_path / "book.xlsx")
    edited = Editor(path)
    edited.cell("kpi_roster", "工号", 2).value = "KF001"
    edited.save()
    assert main(["talks", str(path), "-o", str(tmp_path / "out")]) == 1
    assert "没有写入任何文件" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
