"""One run at a time writes a file, and whatever a killed run left beside it is cleared away.

The lock is a small hidden file beside the written one, locked by the system: it is free as soon as
the process that holds it ends, however it ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from xl_kpi.errors import InputError, Problem

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_held: set[Path] = set()


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Be the only run that writes a file; within one run it may be asked for again.

    Args:
        path: The file; its folder must be there.

    Raises:
        InputError: another run is at it.
        OSError: the folder takes no files.
    """
    path = Path(os.path.realpath(path))
    if path in _held:
        yield
        return
    lock = hidden_file(path, "lock")
    handle = _acquired(lock, path)
    _held.add(path)
    try:
        clear_away(path)
        yield
    finally:
        _held.discard(path)
        _release(lock, handle)


def clear_away(path: Path) -> None:
    """Remove the unfinished files of a run that was killed; only for the file's only writer."""
    for kind in ("new", "old"):
        with contextlib.suppress(OSError):
            hidden_file(path, kind).unlink(missing_ok=True)


def hidden_file(path: Path, kind: str) -> Path:
    """The file beside another in which a run keeps its lock or its unfinished work."""
    name = hashlib.sha256(os.path.normcase(path.name).encode("utf-8", "surrogateescape"))
    return path.with_name(f".xl-kpi-{name.hexdigest()[:12]}.{kind}")


def _acquired(lock: Path, path: Path) -> int:
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not _is_locked(handle):
                what = "另一次运行正在写这个文件，这次没有开始"
                raise InputError([Problem(path.name, what, "等它结束后再试")])
            if _is_still(lock, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # whoever held it has just removed it


def _is_locked(handle: int) -> bool:
    """Lock the open file for this process; False where another one holds it."""
    if sys.platform == "win32":
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network drive without locks: the content is compared before it is replaced
        return True
    return True


def _is_still(lock: Path, handle: int) -> bool:
    if sys.platform == "win32":  # an open file cannot be removed there
        return True
    try:
        return os.path.samestat(os.stat(lock), os.fstat(handle))
    except FileNotFoundError:
        return False


def _release(lock: Path, handle: int) -> None:
    if sys.platform == "win32":
        os.close(handle)
    with contextlib.suppress(OSError):
        lock.unlink()
    if sys.platform != "win32":
        os.close(handle)
