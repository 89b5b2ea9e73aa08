"""The pictures of the docs, made from the demo's real sheets.

Run with ``uv run --group docs python docs/pictures.py``, or with ``guide.md`` behind it for the
pictures of the English guide alone; needs LibreOffice and poppler.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from PIL import Image, ImageChops

from xl_kpi.cli import main

DOCS = Path(__file__).parent
IMAGES = DOCS / "images"
sys.path.insert(0, str(DOCS.parent / "tests"))
from guide_steps import commands, steps, type_rows  # noqa: E402 - the guide's own steps

_ROWS_SHOWN = {"对账": 22}
PICTURES = (
    ("个人结果", "people.png"), ("首页", "home.png"), ("对账", "reconciliation.png"),
)  # fmt: skip
# Columns of 个人结果 that the README's picture leaves out, by the heading above them.
HIDDEN = ("部门", "岗位")


# Of each guide: the language of its books, the end of its pictures' names, and parts of sheets:
# the book, the sheet, the part, columns left out, the picture.
_AREAS = (
    ("guide", "A1:P10", "E:F K:L N:P", "guide-staff"),
    ("guide", "A1:AE10", "D:M T:T Y:AB", "guide-people"),
    ("demo", "A81:K97", "F:J", "guide-scheme"),
)
GUIDES = {
    "guide.zh-CN.md": ("zh", "", ("员工", "个人结果", "S01 部门奖金池")),
    "guide.md": ("en", "-en", ("Staff", "People", "S01")),
}  # fmt: skip


def render(
    book: Path, sheet: str, picture: Path, folder: Path, area: str = "", hidden: str = ""
) -> None:
    """One sheet as a picture: printed to PDF on one page wide, margins cut off.

    Args:
        book: The workbook.
        sheet: The sheet's name.
        picture: The PNG to write.
        folder: Where to work.
        area: Only these cells, else all of the sheet.
        hidden: Ranges of columns of an area that are left out, such as ``E:F K:L``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = openpyxl.load_workbook(book)
    page = opened[sheet]
    if sheet == "个人结果" and not area:
        _hide_details(page)
    last_row = min(page.max_row, _ROWS_SHOWN.get(sheet, page.max_row))
    page.print_area = area or f"A1:{get_column_letter(page.max_column)}{last_row}"
    if area:
        _ungroup_columns(page)
        for columns in hidden.split():
            first, last, *_ = openpyxl.utils.range_boundaries(columns)[::2]
            for n in range(first, last + 1):
                page.column_dimensions[get_column_letter(n)].hidden = True
        page.print_title_rows = page.print_title_cols = None
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    if sheet == "首页":
        page.page_setup.orientation = "portrait"  # all of its list of sheets on one page
    page.oddFooter.left.text = page.oddFooter.right.text = page.oddFooter.center.text = None
    copy = folder / "sheet.xlsx"
    opened.save(copy)
    _print(copy, folder)
    title = page[area.split(":")[0] or "A1"].value or page["B1"].value
    number = str(_page_of(folder / "sheet.pdf", title))
    subprocess.run(
        ["pdftoppm", "-r", "150", "-f", number, "-l", number, "-png", "-singlefile",
         str(folder / "sheet.pdf"), str(folder / "page")],
        check=True,
    )  # fmt: skip
    _save(folder / "page.png", picture)


def _print(book: Path, folder: Path) -> Path:
    """All of a book as PDF."""
    convert = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
               "--convert-to", "pdf", "--outdir", str(folder), str(book)]  # fmt: skip
    subprocess.run(convert, check=True, capture_output=True)
    return folder / f"{book.stem}.pdf"


def render_charts(book: Path, sheet: str, picture: Path, folder: Path) -> None:
    """The first page of a sheet as the book itself prints it, without its foot."""
    pdf = _print(book, folder)
    number = str(_page_of(pdf, f"{sheet}由程序写入"))
    subprocess.run(
        ["pdftoppm", "-r", "150", "-f", number, "-l", number, "-png", "-singlefile",
         "-x", "0", "-y", "0", "-W", "1754", "-H", "1150", str(pdf), str(folder / "page")],
        check=True,
    )  # fmt: skip
    _save(folder / "page.png", picture)


def _save(page: Path, picture: Path) -> None:
    """A page without its margins, in few colours."""
    image = Image.open(page).convert("RGB")
    white = Image.new("RGB", image.size, "white")
    left, top, right, bottom = ImageChops.difference(image, white).getbbox()
    image = image.crop((max(left - 12, 0), max(top - 12, 0), right + 12, bottom + 12))
    image.quantize(64).save(picture, optimize=True)
    print(picture.name, image.size)


def _page_of(pdf: Path, title: str) -> int:
    """The first page that begins with a sheet's title, else with it below the repeated rows."""
    text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True).stdout
    pages = ["".join(page.split()) for page in text.decode("utf-8").split("\f")]
    start = "".join(title.split())[:30]
    found = (n for reach in (60, 130) for n, page in enumerate(pages, 1) if start in page[:reach])
    return next(found)


def _hide_details(page: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Leave who, scores and pay of 个人结果."""
    table = page.tables["kpi_result_people"]
    first, last = openpyxl.utils.range_boundaries(table.ref)[1::2]
    headers = [cell.value for cell in page[first]]
    _ungroup_columns(page)
    start, end = headers.index("接待人数"), headers.index("考核得分")
    money, follow = headers.index("应发合计"), headers.index("优势")
    for n, header in enumerate(headers):
        if start <= n < end or header in HIDDEN or money < n >= follow:
            page.column_dimensions[get_column_letter(n + 1)].hidden = True
    assert last > first


def _ungroup_columns(page: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Every column by itself: a group would hide as its first column."""
    for group in list(page.column_dimensions.values()):
        for n in range(group.min or 1, (group.max or 0) + 1):
            page.column_dimensions[get_column_letter(n)].width = group.width
            page.column_dimensions[get_column_letter(n)].hidden = group.hidden
        group.max = group.min


def make_guide(name: str, folder: Path) -> None:
    """The pictures of a user guide: its own first month, up to the statements."""
    lang, end, sheets = GUIDES[name]
    for file in (DOCS / "practice").iterdir():
        shutil.copy(file, folder)
    guide = folder / "2026-10.xlsx"
    statements: list[Path] = []
    with contextlib.chdir(folder):
        for step in steps(DOCS / name):
            if step.kind == "type":
                type_rows(guide, step.rest, step.lines[0], step.lines[1:])
            for arguments, _ in commands(step.lines) if step.kind == "run" else ():
                main(arguments)
            statements = sorted(folder.glob("*/*.pdf"))
            if statements:
                break
    main(["demo", str(folder / "demo"), "--lang", lang])
    books = {"guide": guide, "demo": next((folder / "demo").glob("*.xlsx"))}
    for (book, area, hidden, picture), sheet in zip(_AREAS, sheets, strict=True):
        render(books[book], sheet, IMAGES / f"{picture}{end}.png", folder, area, hidden)
    _picture_of(statements[1], f"guide-statement{end}.png", folder)


def _picture_of(statement: Path, picture: str, folder: Path) -> None:
    """The page of a statement as it comes out of a printer."""
    command = ["pdftoppm", "-r", "90", "-gray", "-png", "-singlefile", str(statement)]
    subprocess.run([*command, str(folder / "page")], check=True)
    _save(folder / "page.png", IMAGES / picture)


def make() -> None:
    """Every picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        main(["demo", str(folder)])
        book = next(folder.glob("*.xlsx"))
        for sheet, picture in PICTURES:
            render(book, sheet, IMAGES / picture, folder)
        render_charts(book, "看板", IMAGES / "board.png", folder)
        main(["statements", str(book), "-o", str(folder / "statements"), "--pdf"])
        page = next((folder / "statements").glob("*_KF003_*.pdf"))
        _picture_of(page, "statement.png", folder)


def make_guides(names: Iterable[str]) -> None:
    """The pictures of some guides."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            make_guide(name, Path(folder))


if __name__ == "__main__":
    if not sys.argv[1:]:
        make()
    make_guides(sys.argv[1:] or GUIDES)
