"""Statements as LibreOffice and poppler print them: one A4 page, nothing cut off, no ###."""

import dataclasses
import re
import shutil
import subprocess

import pytest
from case_files import evaluated, read_case

from xl_kpi.excel.statement_book import payslips_book, statement_book
from xl_kpi.excel.statement_pdf import statement_pdf
from xl_kpi.statements import Fingerprint, statements_of

CODE = Fingerprint("0123456789", "abcdef0123", "0.1.0")
LONG = "阿不都热合曼·买买提明·玉苏甫江·阿卜杜拉·穆罕默德·努尔艾合买提"


def sample(month, row, lang="zh", **changes):
    made = [*statements_of(evaluated(read_case(month)), lang, CODE)][row]
    return dataclasses.replace(made, **changes)


def of_twelve():
    """One with twelve indicators, one of millions."""
    one = sample("s06_team_month", 2, name=LONG, department="华东区电商客户服务中心天猫旗舰店售前组")
    lines = [*one.indicators][:12]
    lines[0] = dataclasses.replace(lines[0], value=12345678.9, unit="yuan", group=98765432.1)
    return dataclasses.replace(one, indicators=tuple(lines), pay=1234567.89)


STATEMENTS = {
    "twelve": of_twelve,
    "pool": lambda: sample("s01_team_month", 0),
    "english": lambda: sample("s06_year_end", 1, "en", name=LONG),
    "not assessed": lambda: sample("s01_team_month", 0, assessed=False, indicators=(), blocks=(),
                                   total=None, place=None, pay=None, pay_lines=()),
}  # fmt: skip


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Each statement printed from its workbook, and the payslips of all."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("needs LibreOffice and poppler")
    folder = tmp_path_factory.mktemp("printed")
    made = {name: make() for name, make in STATEMENTS.items()}
    for name, statement in made.items():
        (folder / f"{name}.xlsx").write_bytes(statement_book(statement))
        (folder / f"{name} own.pdf").write_bytes(statement_pdf(statement))
    everybody = [*statements_of(evaluated(read_case("s01_team_month")), "zh", CODE)] * 3
    (folder / "slips.xlsx").write_bytes(payslips_book(everybody))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
         "--convert-to", "pdf", "--outdir", str(folder), *map(str, folder.glob("*.xlsx"))],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return folder, made, everybody


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def text_of(pdf):
    return run("pdftotext", "-layout", str(pdf), "-")


def bare(text):
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("suffix", ["", " own"])
def test_a_statement_is_one_a4_page_with_all_its_text(printed, name, suffix):
    folder, made, _ = printed
    pdf, statement = folder / f"{name}{suffix}.pdf", made[name]
    told = run("pdfinfo", str(pdf))
    assert re.search(r"^Pages: +1$", told, re.MULTILINE)
    assert re.search(r"^Page size: .*\(A4\)$", told, re.MULTILINE)
    text = text_of(pdf)
    assert "###" not in text
    assert bare(statement.name) in bare(run("pdftotext", str(pdf), "-"))
    whole = bare(run("pdftotext", str(pdf), "-"))
    for line in statement.indicators:
        assert bare(line.name) in whole
        assert bare(line.definition)[-6:] in whole
        assert bare(line.next)[:6] in whole
    assert str(CODE) in whole
    if name == "twelve":
        assert "12,345,678.90" in text
        assert "1,234,567.89" in text


@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_is_drawn_beyond_the_margins(printed, name):
    """The words of a page lie on it and never on each other's lines."""
    folder, *_ = printed
    page = run("pdftotext", "-bbox", str(folder / f"{name} own.pdf"), "-")
    words = [tuple(map(float, box)) for box in re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">', page)]  # fmt: skip
    assert len(words) > 20
    for left, top, right, bottom in words:
        assert 30 < left < right < 595.3 - 30
        assert 20 < top < bottom < 841.9 - 20


def test_payslips_are_cut_apart_between_people_only(printed):
    folder, _, everybody = printed
    pages = text_of(folder / "slips.pdf").split("\f")
    found = 0
    for page in filter(str.strip, pages):
        assert page.count("工号") == len(re.findall(r"^ *2026-\d\d ", page, re.MULTILINE))
        assert page.count("应发合计") == page.count("工号")
        assert "###" not in page
        found += page.count("工号")
    assert found == len(everybody)
