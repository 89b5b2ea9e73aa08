"""The pictures of the docs, made from the demo's real sheets.

Run with ``uv run --group docs python docs/pictures.py``; needs LibreOffice and poppler.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from PIL import Image, ImageChops

from xl_kpi.cli import main

IMAGES = Path(__file__).parent / "images"
_ROWS_SHOWN = {"对账": 22}
PICTURES = (
    ("个人结果", "people.png"), ("首页", "home.png"), ("对账", "reconciliation.png"),
)  # fmt: skip
# Columns of 个人结果 that the README's picture leaves out, by the heading above them.
HIDDEN = ("部门", "岗位")


def render(book: Path, sheet: str, picture: Path, folder: Path) -> None:
    """One sheet as a picture: printed to PDF on one page wide, margins cut off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = openpyxl.load_workbook(book)
    page = opened[sheet]
    if sheet == "个人结果":
        _hide_details(page)
    last_row = min(page.max_row, _ROWS_SHOWN.get(sheet, page.max_row))
    page.print_area = f"A1:{get_column_letter(page.max_column)}{last_row}"
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.oddFooter.left.text = page.oddFooter.right.text = page.oddFooter.center.text = None
    copy = folder / "sheet.xlsx"
    opened.save(copy)
    convert = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
               "--convert-to", "pdf", "--outdir", str(folder), str(copy)]  # fmt: skip
    subprocess.run(convert, check=True, capture_output=True)
    number = str(_page_of(folder / "sheet.pdf", page["A1"].value or page["B1"].value))
    subprocess.run(
        ["pdftoppm", "-r", "150", "-f", number, "-l", number, "-png", "-singlefile",
         str(folder / "sheet.pdf"), str(folder / "page")],
        check=True,
    )  # fmt: skip
    image = Image.open(folder / "page.png").convert("RGB")
    white = Image.new("RGB", image.size, "white")
    left, top, right, bottom = ImageChops.difference(image, white).getbbox()
    image = image.crop((max(left - 12, 0), max(top - 12, 0), right + 12, bottom + 12))
    image.quantize(64).save(picture, optimize=True)
    print(picture.name, image.size)


def _page_of(pdf: Path, title: str) -> int:
    """The first page that begins with a sheet's title."""
    text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True).stdout
    pages = text.decode("utf-8").split("\f")
    start = "".join(title.split())
    return next(n for n, page in enumerate(pages, 1) if "".join(page.split()).startswith(start))


def _hide_details(page: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Leave who, scores and pay of 个人结果."""
    table = page.tables["kpi_result_people"]
    first, last = openpyxl.utils.range_boundaries(table.ref)[1::2]
    headers = [cell.value for cell in page[first]]
    for group in list(page.column_dimensions.values()):  # a group would hide as its first column
        for n in range(group.min or 1, (group.max or 0) + 1):
            page.column_dimensions[get_column_letter(n)].width = group.width
        group.max = group.min
    start, end = headers.index("接待人数"), headers.index("考核得分")
    money, follow = headers.index("应发合计"), headers.index("优势")
    for n, header in enumerate(headers):
        if start <= n < end or header in HIDDEN or money < n >= follow:
            page.column_dimensions[get_column_letter(n + 1)].hidden = True
    assert last > first


def make() -> None:
    """Every picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        main(["demo", str(folder)])
        book = next(folder.glob("*.xlsx"))
        for sheet, picture in PICTURES:
            render(book, sheet, IMAGES / picture, folder)


if __name__ == "__main__":
    make()
