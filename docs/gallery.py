"""Every sheet, chart, statement and document as it is printed, as pictures to be looked at.

    uv run python docs/gallery.py FOLDER [NAME ...]

Makes books of every scheme, unusual ones (tests/unusual_books.py) and one with closed months, prints
them with LibreOffice and writes a picture of each A4 page into FOLDER; ``--grey`` as a black and
white printer shows them, ``--dpi 100`` at another size.  Names choose among the books.  Needs poppler.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from books import case_book
from case_files import read_case
from unusual_books import UNUSUAL, unusual_book

from xl_kpi.cli import main
from xl_kpi.excel.close import close_book
from xl_kpi.excel.fill import fill_tables, set_settings
from xl_kpi.excel.new import new_book
from xl_kpi.excel.run import run_book

CASES = [path.stem for path in sorted((Path(__file__).parents[1] / "tests/cases").glob("s*_team_month.toml"))]


def demo(folder: Path, lang: str) -> Path:
    """The demo with everything that is handed out, in a language."""
    main(["demo", str(folder), "--lang", lang])
    book = next(folder.glob("*.xlsx"))
    for command, more in (("statements", []), ("talks", ["--published", "2026-11-08"]), ("document", [])):
        main([command, str(book), "-o", str(folder / command), "--pdf", *more])
    return book


def of_case(folder: Path, case: str) -> Path:
    """A worked month of a scheme with its statements and its document."""
    book = case_book(folder / f"{case}.xlsx", read_case(case))
    run_book(book, backup=False)
    main(["statements", str(book), "-o", str(folder / "statements"), "--pdf"])
    main(["document", str(book), "-o", str(folder / "document"), "--pdf"])
    return book


def of_unusual(folder: Path, name: str, lang: str) -> Path:
    """An unusual book; of 200 people no statement for each."""
    book = unusual_book(folder / f"{name}.xlsx", name, lang)
    if name != "200 people":
        main(["statements", str(book), "-o", str(folder / "statements"), "--pdf"])
    return book


def fresh(folder: Path, lang: str) -> Path:
    """A book in which nothing was filled in."""
    return new_book(folder / "fresh.xlsx", lang, {"period": "2026-10", "scheme": "S01"})


def closed(folder: Path) -> Path:
    """Four closed months, corrected afterwards; what simulate and diagnose say of them."""
    from closing_worlds import World

    world = World("S01", 5, people=12, months=4, start="2026-01")
    book = new_book(folder / "closed.xlsx", "zh", {"scheme": "S01"})
    for n in range(5):
        rows = world.rows(min(n, 3) if n < 4 else 98)
        fill_tables(book, {key: mine for key, mine in rows.items() if key != "benchmarks"}, "zh")
        period = f"2026-{n + 1:02d}"
        set_settings(book, {"period": period, "scheme": "S01", "as_of": f"2026-{n + 2:02d}-20"}, "zh")
        if n < 4:
            close_book(book, closed_by="王芳", now=dt.datetime(2026, n + 2, 20, 18))
    set_settings(book, {"period": "2026-04"}, "zh")
    run_book(book, backup=False)
    main(["statements", str(book), "-o", str(folder / "statements"), "--pdf"])
    main(["simulate", str(book), "--scheme", "S03", "-o", str(folder / "simulate.xlsx")])
    main(["diagnose", str(book), "-o", str(folder / "diagnose.xlsx")])
    return book


BOOKS: dict[str, Callable[[Path], Path]] = {
    "demo": lambda folder: demo(folder, "zh"),
    "demo-en": lambda folder: demo(folder, "en"),
    "fresh": lambda folder: fresh(folder, "zh"),
    "closed": closed,
    **{case: lambda folder, case=case: of_case(folder, case) for case in CASES},
    **{name.replace(" ", "-"): lambda folder, name=name: of_unusual(folder, name, "zh") for name in UNUSUAL},
}  # fmt: skip


def pictures(name: str, out: Path, dpi: int, *, grey: bool) -> None:
    """Every page of a book and of the papers made from it."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / name
        folder.mkdir()
        BOOKS[name](folder)
        profile = f"-env:UserInstallation={(Path(work) / 'profile').as_uri()}"
        for workbook in (path for path in folder.glob("*.xlsx") if "备份" not in path.name):
            subprocess.run(["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder),
                            str(workbook)], check=True, capture_output=True)  # fmt: skip
        for pdf in sorted(folder.rglob("*.pdf")):
            target = out / name / pdf.relative_to(folder).with_suffix("")
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["pdftoppm", "-r", str(dpi), *(["-gray"] if grey else []), "-png", str(pdf), str(target)],
                           check=True)  # fmt: skip
            if pdf.parent == folder:
                _name_by_sheet(pdf, target)


def _name_by_sheet(pdf: Path, target: Path) -> None:
    """Put the sheet's name, as it stands in the foot of a page, into the picture's."""
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True).stdout.decode()
    for number, page in enumerate(text.split("\f"), 1):
        foot = re.search(r"^(\S.*?) {2,}(第 \d+ 页|Page \d+)", page, re.MULTILINE)
        for picture in target.parent.glob(f"{target.name}-*.png"):
            if foot and re.fullmatch(rf"{re.escape(target.name)}-0*{number}", picture.stem):
                picture.rename(picture.with_stem(f"{picture.stem} {foot[1]}"))


def run() -> None:
    """Make the books that were named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=[*BOOKS, []])
    parser.add_argument("--grey", action="store_true")
    parser.add_argument("--dpi", type=int, default=100)
    options = parser.parse_args()
    for name in options.names or BOOKS:
        pictures(name, options.folder, options.dpi, grey=options.grey)


if __name__ == "__main__":
    run()
