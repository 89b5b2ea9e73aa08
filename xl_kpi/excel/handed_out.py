"""A folder of private files: what a run no longer writes does not stay behind from the last one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.replace_file import replace_file

LIST = ".xl-kpi-files.json"  # in the folder: what was written there, by kind, with its hash


class Folder:
    """Writes the files of one kind, such as the statements of a month, into a folder.

    Files of the same name are replaced.  What an earlier run wrote and this one did not (of
    somebody who left, of a name that changed, a PDF that is out of date) goes, if nobody changed
    it since; no other file is ever touched.
    """

    def __init__(self, path: Path, kind: str, like: Path) -> None:
        """Take a folder; it is made if need be.

        Args:
            path: The folder.
            kind: What is written; files of other kinds stay.
            like: The file whose access rights the new ones get.

        Raises:
            InputError: a file stands in its place.
        """
        refuse_folder(path)
        path.mkdir(parents=True, exist_ok=True)
        self.path, self.kind, self.like = path, kind, like
        self.written: dict[str, str] = {}
        self.removed: list[str] = []

    def write(self, name: str, content: bytes) -> Path:
        """Write a file under a name."""
        path = self.path / name
        replace_file(path, [content], like=self.like, backup=False)
        self.written[name] = hashlib.sha256(content).hexdigest()
        return path

    def tidy(self) -> list[Problem]:
        """Remove what an earlier run left; warnings for what somebody changed, which stays."""
        listed = _listed(self.path)
        kept: dict[str, str] = {}
        problems = []
        now = {name.casefold() for name in self.written}
        for name, digest in listed.get(self.kind, {}).items():
            path = self.path / name
            if name.casefold() in now or path.name != name or not path.is_file():
                continue
            if _removed(path, digest):
                self.removed.append(name)
                continue
            kept[name] = digest
            what = "上次写的文件，这次没有这个人或这种文件了；它被改过或正打开着，没有删除"
            problems.append(Problem(name, what, "看过以后自己删除", "warning"))
        listed[self.kind] = {**kept, **self.written}
        text = json.dumps(listed, ensure_ascii=False, indent=1)
        replace_file(self.path / LIST, [text.encode()], like=self.like, backup=False)
        return problems


def refuse_folder(folder: Path) -> None:
    """Raise InputError where a file stands in the place of the folder."""
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(str(folder), "这是一个文件，不是文件夹", "用 -o 写一个文件夹")])


def _removed(path: Path, digest: str) -> bool:
    """Remove a file that is as it was written; whether it is gone."""
    try:
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return False
        path.unlink()
    except OSError:
        return False
    return True


def _listed(folder: Path) -> dict[str, dict[str, str]]:
    """What earlier runs wrote, by kind; nothing if the list is not there or is spoilt."""
    try:
        found = json.loads((folder / LIST).read_text("utf-8"))
        return {str(kind): dict(files.items()) for kind, files in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
