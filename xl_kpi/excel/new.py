"""A fresh book from the template that ships with xl_kpi."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.fill import set_settings
from xl_kpi.excel.layout import TEMPLATE_SCHEMES, template_file
from xl_kpi.excel.replace_file import replace_file


def new_book(
    path: Path, lang: str, settings: Mapping[str, object], schemes: tuple[str, ...] = ()
) -> Path:
    """Copy the template, or build one, and fill in the settings of its first sheet.

    Args:
        path: Where the book goes; folders are made, an existing file is never overwritten.
        lang: ``zh`` or ``en``.
        settings: Values by key: period, scheme, as_of.
        schemes: The ready schemes that the book holds; none = those of the template.

    Raises:
        InputError: the file exists or cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError([Problem(path.name, "文件名要以 .xlsx 结尾", f"改成 {path.stem}.xlsx")])
    if path.exists():
        raise InputError([Problem(str(path), "文件已存在", "换一个文件名，或先移走原来的文件")])
    template = template_file(lang)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            [Problem(str(path.parent), f"建不了文件夹（{error.strerror}）", "换一个位置")]
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.xlsx"
        if schemes in ((), TEMPLATE_SCHEMES):
            shutil.copyfile(template, draft)
        else:
            from xl_kpi.excel.template import build_template

            build_template(draft, lang, schemes)
        set_settings(draft, settings, lang)
        replace_file(path, [draft.read_bytes()], like=template, backup=False)
    return path

