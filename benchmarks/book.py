"""``run`` on a whole book beside openpyxl, LibreOffice and the sum of the fastest parts.

Run from the project's root: ``python benchmarks/book.py [PEOPLE ...]``.  The parts are what no
program can do without: reading the input sheets with calamine, calculating tables that are ready,
and patching result tables that are ready into the book.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import native_formulas
import openpyxl
from measure import cpu_seconds, in_turn, process_cpu_seconds, table
from month import PERIOD, make_month
from python_calamine import CalamineWorkbook

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.excel.patch import patch_book
from xl_kpi.excel.run import check_book, run_book
from xl_kpi.pipeline import evaluate
from xl_kpi.tables import BY_KEY, INPUTS

SIZES = (1_000, 10_000)
ROUNDS = {1_000: 5}  # of more people: 2
RUN, PARTS = "run", "sum of the parts"
OPENPYXL, COMMAND = "openpyxl load + save", "xl-kpi run, whole process"
LIBREOFFICE = "LibreOffice load + calculate + store"


def main() -> None:
    """Print the CPU seconds of each hand."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for people in map(int, sys.argv[1:] or SIZES):
            book = make_book(Path(folder) / f"{people}.xlsx", people)
            seconds = compare(book, Path(folder), ROUNDS.get(people, 2))
            for name, cpu in seconds.items():
                print(f"{people} people, {name}: {cpu:.2f} s", flush=True)
            rows.append([
                f"{people:_}".replace("_", " "),
                *(f"{seconds[name]:.2f}"
                  for name in (RUN, PARTS, COMMAND, OPENPYXL, LIBREOFFICE)),
                f"{seconds[RUN] / seconds[PARTS]:.2f}",
                f"{seconds[OPENPYXL] / seconds[RUN]:.1f}",
                f"{seconds[LIBREOFFICE] / seconds[COMMAND]:.1f}",
            ])  # fmt: skip
    header = ["people", RUN, PARTS, COMMAND, OPENPYXL, LIBREOFFICE, "run ÷ parts",
              "openpyxl ÷ run", "LibreOffice ÷ command"]  # fmt: skip
    print(table(header, rows))


def make_book(path: Path, people: int) -> Path:
    """A book of the template with a month of that many people, calculated once."""
    settings = {"period": PERIOD, "scheme": "S01", "as_of": "2026-11-30"}
    new_book(path, "zh", settings)
    rows = {}
    for key, frame in make_month(people).items():
        known = [column.key for column in BY_KEY[key].columns if column.key in frame]
        records = frame[known].astype(object).where(frame[known].notna(), None)
        rows[key] = records.to_dict("records")
    fill_tables(path, rows, "zh")
    run_book(path, path)
    return path


def compare(book: Path, folder: Path, rounds: int) -> dict[str, float]:
    """CPU seconds of each hand for a book."""
    out = folder / "out.xlsx"
    outcome = check_book(book)
    job = outcome.job
    if job.scheme is None or outcome.count("error"):
        raise SystemExit("\n".join(map(str, outcome.problems)))
    sheets = [BY_KEY[t.key].zh for t in INPUTS]

    def read() -> None:
        source = CalamineWorkbook.from_path(book)
        for name in sheets:
            source.get_sheet_by_name(name).to_python()

    def libreoffice() -> float:
        return sum(native_formulas.recalculate(book, out).values())

    def command() -> float:
        copy = shutil.copyfile(book, folder / "command.xlsx")
        return process_cpu_seconds([sys.executable, "-m", "xl_kpi", "run", copy])

    def openpyxl_round() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            openpyxl.load_workbook(book).save(out)

    tasks = {
        RUN: lambda: cpu_seconds(lambda: run_book(book, out)),
        "read with calamine": lambda: cpu_seconds(read),
        "evaluate": lambda: cpu_seconds(lambda: evaluate(job.tables, job.scheme, job.period)),
        "patch": lambda: cpu_seconds(lambda: patch_book(book, out, outcome.updates)),
        COMMAND: command,
        OPENPYXL: lambda: cpu_seconds(openpyxl_round),
    }
    seconds = in_turn(tasks, rounds)
    parts = ("read with calamine", "evaluate", "patch")
    seconds[PARTS] = sum(seconds[part] for part in parts)
    seconds[LIBREOFFICE] = libreoffice()
    return seconds


if __name__ == "__main__":
    main()
