"""Every call by which a process changes a folder, counted; at the n-th one something happens.

Python's own layer over the system is exchanged: what ``open`` gives writes through a file whose every
``write`` is one write of the system, and the functions of ``os`` that change names, rights or
content count themselves. ``kernel_calls.py`` compares the count with the kernel's.
"""

import builtins
import errno
import io
import os
import signal

FULL, BROKEN, DENIED, READ_ONLY = errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS
_BY_NAME = (
    "open", "rename", "replace", "unlink", "remove", "rmdir", "mkdir", "link", "symlink", "chmod",
    "utime", "truncate",
)  # fmt: skip
_BY_HANDLE = (
    "fsync", "fdatasync", "write", "writev", "pwrite", "sendfile", "copy_file_range", "ftruncate",
)  # fmt: skip
_TAKES_ROOM = ("create", "write", "fsync", "mkdir", "sendfile", "copy_file_range")
_CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Points:
    """Counts the calls on a folder.

    Attributes:
        calls: each as (function, file name).
    """

    def __init__(self, folder, strike=None):
        self.folder = os.path.realpath(folder)
        self.strike = strike or {}
        self.calls = []

    def install(self):
        for name in _BY_NAME:
            setattr(os, name, self._counted(name, getattr(os, name), self._named))
        for name in _BY_HANDLE:
            setattr(os, name, self._counted(name, getattr(os, name), self._handled))
        self._real_open = io.open
        builtins.open = io.open = self._open

    def hit(self, function, path, torn=None):
        """Count a call; ``torn`` does half of it, for a process that dies in its middle."""
        self.calls.append((function, os.path.basename(path)))
        number, kind = len(self.calls), self.strike.get("kind")
        at = self.strike.get("at", 0)
        if kind == "kill" and number == at:
            if torn is not None:
                torn()
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "interrupt" and number == at:
            os.kill(os.getpid(), signal.SIGINT)
        if kind == "pause" and number == at:
            os.kill(os.getpid(), signal.SIGSTOP)
        is_full = kind == "full" and number >= at and function in _TAKES_ROOM
        if is_full or (kind == "once" and number == at):
            code = self.strike["errno"]
            raise OSError(code, os.strerror(code), str(path))

    def _counted(self, name, real, place):
        def call(*args, **keywords):
            path = place(args)
            if name == "open" and path is not None:
                flags = args[1] if len(args) > 1 else keywords["flags"]
                if not flags & _CHANGING:
                    path = None
            if path is not None:
                self.hit("create" if name == "open" else name, path)
            return real(*args, **keywords)

        return call

    def _named(self, args):
        return next((p for p in args[:2] if isinstance(p, (str, bytes, os.PathLike)) and self._inside(p)), None)

    def _handled(self, args):
        try:
            path = os.readlink(f"/proc/self/fd/{args[0]}")
        except OSError:
            return None
        return path if self._inside(path) else None

    def _inside(self, path):
        path = os.path.abspath(os.fsdecode(path))
        head = os.path.realpath(os.path.dirname(path))
        return head == self.folder or head.startswith(self.folder + os.sep) or path == self.folder

    def _open(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
        changing = any(letter in mode for letter in "wxa+")
        if isinstance(file, int) or not changing or not self._inside(file):
            return self._real_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        if opener is None:  # with one, os.open counts
            self.hit("create", file)
        raw = _CountedFile(self, file, mode.replace("b", "").replace("t", ""), opener)
        if buffering == 0:
            return raw
        kind = io.BufferedRandom if "+" in mode else io.BufferedWriter
        buffered = kind(raw, raw._blksize)  # as open does
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)


class _CountedFile(io.FileIO):
    def __init__(self, points, file, mode, opener):
        super().__init__(file, mode, opener=opener)
        self._points = points

    def write(self, content):
        half = memoryview(content).cast("B")[: len(content) // 2]
        self._points.hit("write", self.name, lambda: super(_CountedFile, self).write(half))
        return super().write(content)
