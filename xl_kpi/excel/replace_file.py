"""A user's file replaced whole or not at all, and never over what somebody else has just written.

A crash at any moment leaves the old file or the new one, and the backup is a whole file. What a
killed run leaves beside them is hidden, and the next run on the same file clears it away.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.one_writer import clear_away, hidden_file, only_writer

ABSENT = ""
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


def backup_path(path: Path) -> Path:
    """Where the previous state of a file is kept; each run overwrites it."""
    return path.with_name(f"{path.stem}.备份{path.suffix}")


def digest_of(content: bytes) -> str:
    """What tells one content of a file from another, whatever the clock says."""
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Be the only run at work on a file, from reading it to writing it.

    Raises:
        InputError: another run or program is at it, or its folder takes no files.
    """
    path = Path(os.path.realpath(path))
    refuse_if_open(path)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(only_writer(path))
        except OSError as error:
            raise _explained(path, error) from error
        yield


def replace_file(
    path: Path,
    pieces: Iterable[bytes | memoryview],
    *,
    like: Path,
    backup: bool,
    seen: str | None = None,
) -> Path | None:
    """Write a file beside its place and move it there in one step.

    Args:
        path: the file to replace or make.
        pieces: its new content.
        like: the file whose access rights a new file gets.
        backup: whether to keep what was there.
        seen: ``digest_of`` what the file must still hold, ``ABSENT`` where there must be none;
            None replaces whatever is there.

    Returns:
        The backup, if one was made.

    Raises:
        InputError: it could not be written; what was there is untouched.
    """
    path = Path(os.path.realpath(path))
    kept = backup_path(path) if backup and path.exists() else None
    new, old = hidden_file(path, "new"), hidden_file(path, "old")
    with writing(path):
        try:
            rights = stat.S_IMODE((path if path.exists() else like).stat().st_mode) | stat.S_IWUSR
            _write(new, pieces, rights)
            if kept:
                before = path.read_bytes()
                seen = digest_of(before) if seen is None else seen
                _write(old, [before], rights)
            refuse_if_open(path)
            if seen is not None and seen != _digest_now(path):  # who saves after this is not seen
                raise changed_meanwhile(path)
            if kept:
                os.replace(old, kept)
            os.replace(new, path)
            _settle(path.parent)
        except OSError as error:
            raise _explained(path, error) from error
        finally:
            clear_away(path)
    return kept


def changed_meanwhile(path: Path) -> InputError:
    """The refusal to write over what somebody else has written since the file was read."""
    what = "读取之后，这个文件又被改动过（另一个程序或另一次运行），没有写入"
    return _refusal(path, what, "确认没有别的程序在改它，再运行一次")


def _write(path: Path, pieces: Iterable[bytes | memoryview], rights: int) -> None:
    """A new file, readable for nobody else until it has its rights, and safe on the disk."""
    with open(path, "xb", opener=_private) as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(rights)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _digest_now(path: Path) -> str:
    """Opened for writing, a file that another program has open shows itself on Windows."""
    try:
        with path.open("r+b") as file:
            return digest_of(file.read())
    except FileNotFoundError:
        return ABSENT


def _settle(folder: Path) -> None:
    """Let the names of a folder reach the disk; the files are in place either way."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _explained(path: Path, error: OSError) -> InputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _refusal(path, "磁盘空间不够，没有写入", "请清理磁盘空间后再试；原文件没有改动")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
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
