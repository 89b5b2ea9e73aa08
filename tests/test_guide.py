"""The user guides, done step by step: what they have one type is typed, what they quote is printed."""

import csv
import re
import shutil
from fractions import Fraction

import pytest
from books import Editor
from docs_scripts import ROOT
from guide_steps import commands, missing, set_cell, steps, type_rows, typed

from xl_kpi.cli import main
from xl_kpi.excel.new import new_book

GUIDES = {"zh": "guide.zh-CN.md", "en": "guide.md"}
BOOK = "2026-10.xlsx"


@pytest.mark.parametrize("lang", GUIDES)
def test_everything_the_guide_says_happens(lang, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for file in (ROOT / "docs" / "practice").iterdir():
        shutil.copy(file, tmp_path)
    done = dict.fromkeys(("run", "type", "break", "scheme", "open"), 0)
    for step in steps(ROOT / "docs" / GUIDES[lang]):
        done[step.kind] += 1
        if step.kind == "type":
            type_rows(BOOK, step.rest, step.lines[0], step.lines[1:])
        elif step.kind == "scheme":
            assert quoted_rows_that_no_scheme_has(step, lang, tmp_path) == []
        elif step.kind == "break":
            printed = what_check_says_of_a_spoilt_copy(step, lang, capsys)
            assert missing(step.lines, printed) == [], printed
        else:
            run_commands(step, tmp_path, capsys)
    assert done["break"] >= 10
    assert min(done.values()) >= 1


def run_commands(step, folder, capsys):
    """Every command ends well, but those on a book that another program holds."""
    lock = folder / f"~${step.rest}"
    if step.kind == "open":
        lock.touch()
    for arguments, quoted in commands(step.lines):
        code = main(arguments)
        printed = "".join(capsys.readouterr())
        assert code == (step.kind == "open"), printed
        assert missing(quoted, printed) == [], printed
    lock.unlink(missing_ok=True)


def what_check_says_of_a_spoilt_copy(step, lang, capsys):
    table, key, label, text = (part.strip() for part in step.rest.split("|"))
    shutil.copy(BOOK, "spoilt.xlsx")
    editor = Editor("spoilt.xlsx")
    sheet, place = editor.places[table]
    row = editor.find(table, sheet[place.ref][0][0].value, typed(key))
    assert editor.cell(table, label, row).value != typed(text)
    set_cell(editor, table, label, row, text)
    editor.save()
    main(["check", "spoilt.xlsx", "--lang", lang])
    return "".join(capsys.readouterr())


def quoted_rows_that_no_scheme_has(step, lang, folder):
    """Rows of the guide whose cells do not all stand in one row of the scheme's own table."""
    scheme, table = step.rest.split()
    book = folder / f"{scheme}.xlsx"
    if not book.exists():
        new_book(book, lang, {"scheme": scheme}, (scheme,))
    sheet, place = Editor(book).places[f"{scheme}_{table}"]
    header, *rows = [[cell.value for cell in row] for row in sheet[place.ref]]
    told = [[as_typed(dict(zip(header, row, strict=True))[name]) for name in step.lines[0]] for row in rows]
    return [row for row in step.lines[1:] if row not in told]


def as_typed(cell):
    return f"{cell:g}" if isinstance(cell, int | float) else str(cell or "")


@pytest.mark.parametrize("lang", GUIDES)
def test_every_picture_and_link_is_there(lang):
    path = ROOT / "docs" / GUIDES[lang]
    for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("lang", GUIDES)
def test_every_heading_that_is_linked_is_there(lang):
    text = guide_text(lang)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


@pytest.mark.parametrize("lang", GUIDES)
def test_the_pay_in_the_guide_is_what_s02_says(lang):
    """Worked out here from the practice export and the guide's tables, in fractions.

    Three indicators (50, 25, 25 %) against 30 %, 30 s and 90 %; bonus by the score; 1 % up to the
    target and 1.5 % beyond it, 0.2 points more from a score of 95, less from 80 down. Who came in
    the month has base pay, bonus and target by days.
    """
    tables = {s.rest: s.lines for s in steps(ROOT / "docs" / GUIDES[lang]) if s.kind == "type"}
    staff = {row[1]: row for row in tables["kpi_roster"][1:]}
    targets = {row[0]: Fraction(row[2]) for row in tables["kpi_targets"][1:]}
    told = re.findall(r"^(KF\d+) +(\S+) +\S+ +\d+ +(.+)$", guide_text(lang), flags=re.MULTILINE)
    pay = {name: line.replace(",", "").split() for _, name, line in reversed(told)}  # the first run
    for row in practice_rows():
        name = row["客服昵称"].removeprefix("售前-")
        person = staff[name]
        days = 31 - int(person[5][-2:]) + 1 if person[5].startswith("2026-10") else 31
        here, target = Fraction(days, 31), targets[person[0]]
        marks = [int(row[f"服务满意度评价{word}"]) for word in ["很满意", "满意", "一般", "不满", "很不满"]]
        score = (
            50 * min(1, Fraction(row["询单->最终付款人数"]) / Fraction(row["询单人数"]) / Fraction("0.3"))
            + 25 * min(1, 30 / Fraction(row["平均响应(秒)"]))
            + 25 * min(1, Fraction(sum(marks[:2]), sum(marks)) / Fraction("0.9"))
        )
        sales, due = Fraction(row["销售额"]), target * here
        assert score > 60
        rate = Fraction(15 + 2 * (score >= 95) - 2 * (score <= 80), 1000)
        items = [
            cents(int(person[6]) * here),
            cents(int(person[7]) * score / 100 * here),
            cents(min(sales, due) / 100 + max(Fraction(), sales - due) * rate),
            Fraction(),
        ]
        assert [Fraction(figure) for figure in pay[name]] == [*items, sum(items)], name


def cents(amount):
    return Fraction(int(amount * 100 + Fraction(1, 2)), 100)


def practice_rows():
    (file,) = (ROOT / "docs" / "practice").iterdir()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["客服昵称"] != "汇总"]


def guide_text(lang):
    return (ROOT / "docs" / GUIDES[lang]).read_text("utf-8")
