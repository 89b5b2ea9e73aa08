"""Statements of 1 000 people as PDF, beside LibreOffice printing their workbooks.

Run from the project's root: ``python benchmarks/statements.py [PEOPLE]``.  LibreOffice is given the
same workbooks that ``xl-kpi statements`` wrote, 20 of them: one start for each, then one start for
all.  What it would take for everybody is the time of 20 times people ÷ 20; for one start for all,
the start is taken off first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import table

PRINTED = 20  # workbooks given to LibreOffice


@dataclass(frozen=True)
class Cost:
    """What a process with its children took: seconds, CPU seconds, peak memory of one in MB."""

    wall: float
    cpu: float
    peak: float

    def times(self, factor: float) -> Cost:
        """The same so many times, one after the other."""
        return Cost(self.wall * factor, self.cpu * factor, self.peak)


def main() -> None:
    """Print what each hand takes for everybody."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    rows: list[list[str]] = []

    def note(name: str, cost: Cost) -> None:
        cells = [name, f"{cost.wall:.0f}", f"{cost.cpu:.0f}", f"{cost.peak:.0f}"]
        print(*cells, flush=True)
        rows.append(cells)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = folder / "book.xlsx"
        make = f"from book import make_book; from pathlib import Path; make_book(Path({str(book)!r}), {people})"
        # By itself: a process starts with the peak memory of the one that starts it.
        subprocess.run([sys.executable, "-c", make], check=True, cwd=Path(__file__).parent)
        command = [sys.executable, "-m", "xl_kpi", "statements", str(book), "-o"]
        note("xl-kpi check", cost([sys.executable, "-m", "xl_kpi", "check", str(book), "--json"]))
        note("statements", cost([*command, str(folder / "xlsx")]))
        note("statements --pdf", cost([*command, str(folder / "pdf"), "--pdf"]))
        locked = [*command, str(folder / "locked"), "--pdf", "--password", "secret"]
        note("statements --pdf --password", cost(locked))
        pages = len([*(folder / "pdf").glob("*.pdf")])
        size = sum(p.stat().st_size for p in (folder / "pdf").glob("*.pdf")) / pages / 1e3
        some = sorted((folder / "xlsx").glob("*_*_*.xlsx"))[:PRINTED]
        single = [printed([path], folder) for path in some]
        each = Cost(sum(c.wall for c in single), sum(c.cpu for c in single),
                    max(c.peak for c in single))  # fmt: skip
        note(f"LibreOffice, a start for each (from {PRINTED})", each.times(people / PRINTED))
        one, every = single[-1], printed(some, folder)
        more = people / PRINTED
        note(
            f"LibreOffice, one start for all (from {PRINTED})",
            Cost(one.wall + (every.wall - one.wall) * more, one.cpu + (every.cpu - one.cpu) * more,
                 every.peak),
        )  # fmt: skip
    print(table([f"{people} people", "s", "CPU s", "peak MB"], rows))
    print(f"{pages} PDFs of {size:.0f} kB")


def printed(books: Sequence[Path], folder: Path) -> Cost:
    """LibreOffice turning workbooks into PDFs in one start."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = str(folder / "printed")
    return cost(["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", out,
                 *map(str, books)])  # fmt: skip


def cost(command: Sequence[str]) -> Cost:
    """Run a command and see what it takes."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    wall = time.perf_counter() - start
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3)


if __name__ == "__main__":
    main()
