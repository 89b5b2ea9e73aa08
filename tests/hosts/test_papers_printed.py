"""Scheme documents and talk sheets as LibreOffice's Writer prints them: A4, every word, no cut names."""

import re
import shutil
import subprocess

import pytest

from xl_kpi.cli import main

LANGS = ("zh", "en")


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The Word files of a demo month as PDF, by language and name."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("needs LibreOffice and poppler")
    found = {}
    for lang in LANGS:
        folder = tmp_path_factory.mktemp(lang)
        main(["demo", str(folder), "--lang", lang])
        book = next(folder.glob("*.xlsx"))
        main(["document", str(book), "-o", str(folder / "papers"), "--lang", lang])
        main(["talks", str(book), "-o", str(folder / "papers"), "--lang", lang])
        files = sorted((folder / "papers").glob("*.docx"))
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
             "--convert-to", "pdf", "--outdir", str(folder / "pdf"), *map(str, files)],
            check=True, capture_output=True, timeout=240,
        )  # fmt: skip
        found[lang] = {file.stem: folder / "pdf" / f"{file.stem}.pdf" for file in files}
    return found


def tool(*words):
    return subprocess.run(words, check=True, capture_output=True).stdout.decode("utf-8")


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("lang", LANGS)
def test_every_word_file_is_printed_on_a4(printed, lang):
    papers = printed[lang]
    assert len(papers) == 9  # the scheme, and eight people who are assessed
    for name, pdf in papers.items():
        facts = tool("pdfinfo", str(pdf))
        assert re.search(r"Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)", facts), name
        pages = int(re.search(r"Pages:\s+(\d+)", facts)[1])
        assert pages <= (9 if "S01" in name.split("_")[0] else 3), name


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["绩效反馈面谈表", "优点与成绩", "差距", "改进措施", "下期目标", "面谈提纲", "签字"]),
        ("en", ["KF001"]),
    ],
)
def test_a_talk_sheet_says_all_it_should(printed, lang, words):
    name = next(n for n in printed[lang] if "KF001" in n)
    text = squeezed(tool("pdftotext", "-layout", str(printed[lang][name]), "-"))
    assert [word for word in words if word not in text] == []


def test_the_scheme_s_figures_stand_in_the_printed_document(printed):
    name = next(n for n in printed["zh"] if "绩效方案" in n)
    text = squeezed(tool("pdftotext", "-layout", str(printed["zh"][name]), "-"))
    # 003§❹: the share of the pools, the rates of commission, the department's coefficient.
    for figure in ("考核奖金X×80%", "考核奖金X×20%", "任务内提成×80%", "超额提成×90%"):
        assert figure in text, figure
