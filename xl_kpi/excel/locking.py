"""Passwords of what is handed out: one for all files, or each person's own from a list."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xl_kpi.checks import clean_table
from xl_kpi.errors import InputError, Problem, capped
from xl_kpi.sources.export_sheets import Grid, read_export
from xl_kpi.tables import Cell, Column, RawTable, Table
from xl_kpi.tables.month import PERSON

_PASSWORDS = Table(
    key="passwords", zh="密码", en="Passwords", unique=("person_id",),
    columns=(
        PERSON, Column(key="password", zh="密码", en="Password", kind="text", required=True),
    ),
)  # fmt: skip
_LONGEST = 127  # bytes; what a PDF takes


@dataclass(frozen=True, slots=True)
class Locks:
    """Who opens what: ``everywhere`` opens each file that has no password of its own.

    With a list a person's files have the password of their row; the files of HR have
    ``everywhere``.
    """

    everywhere: str | None = None
    by_person: Mapping[str, str] = field(default_factory=dict)
    listed: str = ""  # the name of the list, if there is one

    def of(self, person: str) -> str | None:
        """The password of a person's files, None if they have none."""
        return self.by_person[person] if self.listed else self.everywhere

    def refuse_missing(self, people: Iterable[str]) -> None:
        """Make sure that everybody has a password where there is a list of them.

        Raises:
            InputError: naming everybody who has none.
        """
        missing = [p for p in people if self.listed and p not in self.by_person]
        if missing:
            raise InputError(
                capped([Problem(self.listed, f"没有 {p} 的密码", "加一行：工号、密码") for p in missing],
                       self.listed)
            )  # fmt: skip

    def unlocked(self, name: str) -> list[Problem]:
        """That a file of HR with everybody in it has no password, where each person's has one."""
        if not self.listed or self.everywhere is not None:
            return []
        what = "有全员的数据，却没有密码：密码表只用于每人自己的文件"
        return [Problem(name, what, "再加 --password，或者不要外发这个文件", "warning")]


def locks_of(password: str | None = None, passwords: Path | None = None) -> Locks:
    """The locks that were asked for.

    Args:
        password: For all files; with a list, for those of HR.
        passwords: A list with the columns 工号 and 密码 (Staff ID, Password), as Excel or CSV file.

    Raises:
        InputError: a password or the list will not do; every fault of it is told.
    """
    if password is not None and not _usable(password):
        raise InputError([Problem("--password", "密码是空的或太长", "用 1 至 40 个字的密码")])
    if passwords is None:
        return Locks(password)
    problems: list[Problem] = []
    frame = clean_table(_table(read_export(passwords).grids, passwords.name), _PASSWORDS, problems)
    for row, text in frame["password"].dropna().items():
        if not _usable(text):
            where = f"{frame.attrs['sheet']}!{frame.attrs['columns']['password']}{row}"
            problems.append(Problem(where, "密码太长", "用 1 至 40 个字的密码"))
    if problems:
        raise InputError(problems)
    by_person = dict(zip(frame["person_id"], frame["password"], strict=True))
    return Locks(password, by_person, passwords.name)


def _usable(password: str) -> bool:
    return 0 < len(password.encode()) <= _LONGEST


def _table(grids: Iterable[Grid], name: str) -> RawTable:
    """The first sheet's table that has a column for passwords."""
    wanted = {header.casefold() for header in (_PASSWORDS.columns[1].zh, _PASSWORDS.columns[1].en)}
    for grid in grids:
        for place, row in enumerate(grid.rows):
            header = [str(cell or "").strip() for cell in row]
            if wanted & {text.casefold() for text in header}:
                below = grid.rows[place + 1 :]
                columns = [[_cell(r, n) for r in below] for n in range(len(header))]
                return RawTable("", grid.where, place + 1, 1, tuple(header), columns)
    raise InputError([Problem(name, "找不到“工号”和“密码”两列", "第一行写 工号、密码，下面一人一行")])


def _cell(row: list[object], place: int) -> Cell:
    cell = row[place] if place < len(row) else None
    if isinstance(cell, str):
        return cell.strip() or None
    return cell


def locked_office(content: bytes, password: str | None) -> bytes:
    """A workbook or Word file encrypted as Office does it (ECMA-376 agile), if it has a password."""
    if password is None:
        return content
    from msoffcrypto.format.ooxml import OOXMLFile

    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, locked)
    return locked.getvalue()


def locked_pdf(content: bytes, password: str | None) -> bytes:
    """A PDF encrypted with AES-256, if it has a password."""
    if password is None:
        return content
    from pypdf import PdfWriter

    writer, locked = PdfWriter(clone_from=io.BytesIO(content)), io.BytesIO()
    writer.encrypt(password, algorithm="AES-256")
    writer.write(locked)
    return locked.getvalue()
