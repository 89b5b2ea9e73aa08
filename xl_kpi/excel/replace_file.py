"""A user's file replaced whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from xl_kpi.errors import InputError, Problem

# Excel; WPS; LibreOffice.
_LOCK_NAMES = ("~${name}", ".~{name}", ".~lock.{name}#")


def lock_file(path: Path) -> Path | None:
    """The file by which a program that has the workbook open says so, or None."""
    locks = (path.with_name(pattern.format(name=path.name)) for pattern in _LOCK_NAMES)
    return next((lock for lock in locks if lock.exists()), None)


def refuse_if_open(path: Path) -> None:
    """Make sure that no spreadsheet program has the file open.

    Raises:
        InputError: a lock file lies beside it, or it is read-only.
    """
    lock = lock_file(path)
    if lock is not None:
        raise _refusal(
            path,
            "工作簿正在 Excel 中打开（也可能是 WPS 或 LibreOffice），现在不能写入",
            "请保存并关闭工作簿后再试；如果确实没有打开，"
            f"请删除同一文件夹里的隐藏文件 {lock.name}",
        )
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        raise _refusal(
            path, "文件是只读的，不能写入", "请在文件属性里去掉“只读”，或用 -o 另存为别的文件"
        )


def refuse_output(out: Path, book: Path) -> None:
    """Make sure that a workbook of results can be written there, beside the book that was read.

    Raises:
        InputError: it is the book itself, has another suffix, or is open.
    """
    if out.suffix.lower() != ".xlsx":
        raise InputError([Problem(str(out), "结果是 .xlsx 工作簿", f"改成 {out.stem}.xlsx")])
    if out.exists() and book.exists() and out.samefile(book):
        raise InputError([Problem(str(out), "这是原来的工作簿，不改它", "换一个文件名")])
    refuse_if_open(out.resolve())


def backup_path(path: Path) -> Path:
    """Where the previous state of a file is kept; each run overwrites it."""
    return path.with_name(f"{path.stem}.备份{path.suffix}")


def replace_file(
    path: Path, pieces: Iterable[bytes | memoryview], *, like: Path, backup: bool
) -> Path | None:
    """Write a file beside its place and move it there in one step.

    Args:
        path: the file to replace or make.
        pieces: its new content.
        like: the file whose access rights a new file gets.
        backup: whether to keep what was there.

    Returns:
        The backup, if one was made.

    Raises:
        InputError: it could not be written; what was there is untouched.
    """
    kept = backup_path(path) if backup and path.exists() else None
    try:
        with _temporary(path) as temporary:
            with temporary.open("wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            rights = (path if path.exists() else like).stat().st_mode
            temporary.chmod(stat.S_IMODE(rights) | stat.S_IWUSR)
            if kept:
                with _temporary(kept) as copy:
                    shutil.copy2(path, copy)
                    os.replace(copy, kept)
            os.replace(temporary, path)
    except OSError as error:
        raise _explained(path, error) from error
    return kept


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """An empty file beside the path; removed if it is still there at the end."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _explained(path: Path, error: OSError) -> InputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _refusal(path, "磁盘空间不够，没有写入", "请清理磁盘空间后再试；原文件没有改动")
    if isinstance(error, PermissionError):
        return _refusal(
            path,
            "文件或文件夹不能写入：工作簿可能正在 Excel 中打开，或没有写入权限",
            "请关闭工作簿，或换一个有权限的文件夹后再试；原文件没有改动",
        )
    if isinstance(error, FileNotFoundError):
        return _refusal(path, "要写入的文件夹不存在", "请先建好文件夹，或换一个位置")
    reason = error.strerror or str(error)
    return _refusal(path, f"写入失败（{reason}）", "请检查磁盘或网络盘后再试；原文件没有改动")


def _refusal(path: Path, what: str, fix: str) -> InputError:
    return InputError([Problem(path.name, what, fix)])
