"""Next year's book: this year's without the rows that the archive of closed months holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from xl_kpi.closing.freezing import DATED
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.book_tables import BookTable
from xl_kpi.excel.closed_months import look_back
from xl_kpi.excel.fill import set_settings
from xl_kpi.excel.load import load_raw
from xl_kpi.excel.package import open_package
from xl_kpi.excel.patch import TableUpdate, patch_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.replace_file import replace_file
from xl_kpi.period import earlier
from xl_kpi.scheme_rows import preset_counts
from xl_kpi.tables import BY_KEY, CLOSINGS, COUNTS, PLATFORM

KEPT = 3  # closed months whose rows stay, so that what still changes in them is noticed
_DATES = {**DATED, PLATFORM.key: "start"}


def next_book(path: Path, old: Path, kept: int = KEPT) -> tuple[str, str]:
    """A new book that goes on where another one ends.

    It has the staff, the schemes, HR's own sheets, the closed months and the rows of the last of them;
    older rows are in the archive, from which the months are calculated as before.

    Args:
        path: The new book; it must not exist.
        old: The book of before; it stays as it is.
        kept: How many closed months keep their rows.

    Returns:
        The first month with rows, and the month that is calculated next.

    Raises:
        InputError: the old book has no closed month or is damaged, or the new one exists.
    """
    if path.suffix.lower() != old.suffix.lower():
        fix = f"用 {old.suffix} 结尾的文件名"
        raise InputError([Problem(path.name, f"文件名的后缀和 {old.name} 不同", fix)])
    if path.exists():
        raise InputError([Problem(str(path), "文件已存在", "换一个文件名，或先移走原来的文件")])
    book = read_book(old)
    job = load_raw(book, path=old)
    chain = look_back(job).chain
    problems = [p for p in job.problems if p.severity == "error"]
    if not problems and chain.last is None:
        what = f"{old.name} 还没有月结过，没有可以接着做的"
        problems = [Problem(CLOSINGS.zh, what, "先月结，或用 xl-kpi new 新建一本空的")]
    if problems or chain.last is None:
        raise InputError(problems)
    first = max(earlier(chain.last.period, kept - 1), job.data_from or "")
    updates: list[TableUpdate] = []
    with open_package(old) as package:
        for key, column in _DATES.items():
            declared = preset_counts() if key == COUNTS.key else BY_KEY[key]
            table = BookTable(book, package, declared, problems)
            months = table.frame[column]
            if months.dtype.kind == "M":
                months = months.dt.strftime("%Y-%m")
            for row, month in enumerate(months):
                if isinstance(month, str) and month < first:
                    table.drop(table.place(row))
            update = table.update()
            updates += [update] if update is not None else []
    if problems:
        raise InputError(problems)
    following = earlier(chain.last.period, -1)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"draft{path.suffix}"
        patch_book(old, draft, updates, backup=False)
        set_settings(draft, {"period": following, "data_from": first, "as_of": None}, job.lang)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, [draft.read_bytes()], like=old, backup=False)
    return first, following
