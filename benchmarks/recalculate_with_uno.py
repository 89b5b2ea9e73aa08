"""LibreOffice loads a book, calculates all of it and stores it; prints the CPU seconds of each.

Run by the Python that has LibreOffice's ``uno`` module: BOOK TARGET [CALCULATIONS].
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

PIPE = "pipe,name=benchmark;urp;StarOffice.ComponentContext"


def cpu_of_session(session: int) -> float:
    """CPU seconds of all processes of a session."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if fields[3] == str(session):
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def option(name: str, value: object) -> PropertyValue:
    """A named option of the office."""
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def main() -> None:
    """Load, calculate (three times, if nothing is said), store."""
    book, target = (Path(argument).resolve().as_uri() for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        office = subprocess.Popen(
            ["soffice", "--headless", "--norestore", f"--accept={PIPE}",
             f"-env:UserInstallation={Path(folder).as_uri()}"],
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", context
        )
        remote = None
        while remote is None:
            try:
                remote = resolver.resolve(f"uno:{PIPE}")
            except Exception:  # not up yet
                time.sleep(0.2)
        desktop = remote.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", remote
        )
        marks = [cpu_of_session(office.pid)]
        document = desktop.loadComponentFromURL(book, "_blank", 0, (option("Hidden", True),))
        marks.append(cpu_of_session(office.pid))
        for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 3):
            document.calculateAll()
            marks.append(cpu_of_session(office.pid))
        document.storeToURL(target, (option("FilterName", "Calc MS Excel 2007 XML"),))
        marks.append(cpu_of_session(office.pid))
        document.close(True)
        with contextlib.suppress(Exception):  # it may hang up while answering
            desktop.terminate()
        office.wait(60)
    load, *calculations, store = (b - a for a, b in itertools.pairwise(marks))
    print(marks[0], load, min(calculations), store)


if __name__ == "__main__":
    main()
