"""The user guides, done step by step: what they have one type is typed, what they quote is printed."""

import re
import shutil

import pytest
from books import Editor
from docs_scripts import ROOT
from guide_steps import commands, missing, set_cell, steps, type_rows, typed

from xl_kpi.cli import main
from xl_kpi.excel.new import new_book

GUIDES = {"zh": "guide.zh-CN.md", "en": "guide.md"}
BOOK = "2026-10.xlsx"


@pytest.fixture(params=GUIDES)
def lang(request):
    if not (ROOT / "docs" / GUIDES[request.param]).exists():
        pytest.fail(f"no {GUIDES[request.param]}")
    return request.param


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


def test_every_picture_and_link_is_there(lang):
    path = ROOT / "docs" / GUIDES[lang]
    for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_every_heading_that_is_linked_is_there(lang):
    text = (ROOT / "docs" / GUIDES[lang]).read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
