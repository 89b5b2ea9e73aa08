"""Builds the template: ``python -m xl_kpi.excel.template`` writes the committed books.

The same code always builds the same bytes (with the same versions of XlsxWriter and zlib), so a
test can prove that the committed books are what the code says.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from xlsxwriter import Workbook

from xl_kpi.excel import layout
from xl_kpi.excel.layout import Kind, Sheet
from xl_kpi.excel.own_sheets import MARK
from xl_kpi.excel.palette import FONT, FONT_SIZE
from xl_kpi.excel.template_board import write_board, write_figures
from xl_kpi.excel.template_functions import write_functions, write_hidden_sheets
from xl_kpi.excel.template_home import write_home
from xl_kpi.excel.template_results import write_own, write_result
from xl_kpi.excel.template_rules import defined_names
from xl_kpi.excel.template_sheets import Book, write_input, write_scheme
from xl_kpi.excel.template_styles import Styles, with_named_styles

_CREATED = dt.datetime(2026, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STYLES_PART = "xl/styles.xml"
_WORKBOOK_PART = "xl/workbook.xml"
_MARK = f'<definedName name="{MARK}"'.encode()
_FIXED_HEIGHT = b' customHeight="1"'  # without it a row still grows with what is typed into it
_WRITERS: Mapping[Kind, Callable[[Book, Sheet], None]] = {
    "home": write_home,
    "input": write_input,
    "scheme": write_scheme,
    "result": write_result,
    "own": write_own,
    "functions": write_functions,
    "board": write_board,
    "figures": write_figures,
}


def build_template(
    path: Path, lang: str = "zh", schemes: tuple[str, ...] = layout.TEMPLATE_SCHEMES
) -> None:
    """Write a new, empty book: every table, some of the ready schemes, no data.

    Args:
        path: Where to; an existing file is replaced.  A name that ends in ``.xlsm`` makes the book
            with macros.
        lang: Language of tabs, headers and drop-downs, ``zh`` or ``en``.
        schemes: The ready schemes whose sheets it holds; the first one is chosen.
    """
    content = io.BytesIO()
    options = {
        "in_memory": True,
        "default_format_properties": {"font_name": FONT, "font_size": FONT_SIZE},
        "default_row_height": 22,
    }
    workbook = Workbook(content, options)
    workbook.set_properties(
        {"title": layout.sheet("home").title[lang == "en"], "author": "xl-kpi", "created": _CREATED}
    )
    macros = path.suffix == layout.WITH_MACROS
    book = Book(workbook, Styles(workbook, lang), lang, schemes, macros)
    for sheet in layout.sheets(schemes, macros=macros):
        _WRITERS[sheet.kind](book, sheet)
    for name, formula in defined_names(lang, schemes).items():
        workbook.define_name(name, formula)
    if macros:
        write_hidden_sheets(book)
    workbook.close()
    finished = _finished(content, book.styles.named())
    if macros:
        from xl_kpi.excel.macro_book import with_macros

        finished = with_macros(finished, lang)
    path.write_bytes(finished)


def _finished(content: io.BytesIO, named: Mapping[str, list[int]]) -> bytes:
    """The package with named cell styles, the same on every machine."""
    finished = io.BytesIO()
    with (
        zipfile.ZipFile(content) as source,
        zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name == _STYLES_PART:
                part = with_named_styles(part.decode(), named).encode()
            elif name == _WORKBOOK_PART:
                part = part.replace(_MARK, _MARK + b' hidden="1"')
            elif name.startswith("xl/worksheets/sheet"):
                part = part.replace(_FIXED_HEIGHT, b"")
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            target.writestr(member, part)
    return finished.getvalue()


def main() -> None:
    """Rebuild the committed templates."""
    folder = Path(__file__).parents[2] / "workbook"
    folder.mkdir(exist_ok=True)
    for lang, name in layout.FILES.items():
        for suffix in (layout.PLAIN, layout.WITH_MACROS):
            build_template(folder / f"{name}{suffix}", lang)


if __name__ == "__main__":
    main()
