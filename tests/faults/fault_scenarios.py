"""The commands that are struck, each in a folder of its own."""

import csv
from pathlib import Path

from books import sample_book
from export_blocks import BLOCKS
from export_files import write
from fault_runs import Scenario

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book

BOOK = "十月.xlsx"
PEOPLE = [("A01", "张敏"), ("A02", "王磊"), ("A03", "李娜")]
CHATS = [
    ["session_id", "shop", "buyer_id", "person_id", "started", "buyer_messages", "agent_messages"],
    ["S1", "一店", "甲", "A01", "2026-10-05 09:00:00", 2, 3],
    ["S2", "一店", "乙", "A02", "2026-10-06 09:00:00", 1, 3],
    ["S3", "一店", "丙", "", "2026-10-07 09:00:00", 2, 3],
]


def run(folder, source):
    sample_book(folder / BOOK)
    return ["run", "{folder}/十月.xlsx"], {"book": BOOK}


def run_again(folder, source):
    """With macros, results of another month and the backup of an earlier run."""
    book = new_book(folder / "十月.xlsm", "zh", {"period": "2026-10", "scheme": "S01", "as_of": "2026-11-08"})
    _fill(book)
    (folder / "十月.备份.xlsm").write_bytes(b"an earlier book")
    return ["run", "{folder}/十月.xlsm"], {"book": "十月.xlsm"}


def run_elsewhere(folder, source):
    sample_book(source / BOOK)
    return ["run", str(source / BOOK), "-o", "{folder}/结果.xlsx"], {"book": str(source / BOOK)}


def import_export(folder, source):
    book = _small(folder)
    file = write(source, BLOCKS["A6"])
    return ["import", "{folder}/十月.xlsx", str(file), "--period", "2026-10"], {
        "book": book.name, "files": [file], "period": "2026-10",
    }  # fmt: skip


def import_logs(folder, source):
    """With a list of the rows that do not count beside the book."""
    book, logs = _small(folder), source / "logs"
    logs.mkdir()
    with (logs / "chats.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(CHATS)
    return ["import", "{folder}/十月.xlsx", str(logs), "--period", "2026-10"], {
        "book": book.name, "files": [logs], "period": "2026-10",
    }  # fmt: skip


def close(folder, source):
    """A month that is over, whatever the calendar of the machine says."""
    from xl_kpi.sample import sample_tables

    settings = {"period": "2025-10", "scheme": "S01", "as_of": "2025-11-08"}
    book = new_book(folder / BOOK, "zh", settings)
    fill_tables(book, sample_tables("2025-10"), "zh")
    return ["close", "{folder}/十月.xlsx", "--by", "王芳", "--accept-unripe"], {
        "book": BOOK, "closed_by": "王芳",
    }  # fmt: skip


def new(folder, source):
    return ["new", "{folder}/新.xlsx"], {}


SCENARIOS = {f.__name__: f for f in (run, run_again, run_elsewhere, import_export, import_logs, close, new)}


def scenario(name, server, place):
    """The scenario of a name, measured, in a new folder of a place."""
    folder, source = Path(place) / "folder", Path(place) / "source"
    folder.mkdir()
    source.mkdir()
    command, learn = SCENARIOS[name](folder, source)
    return Scenario(server, folder, command, learn).measure()


def _fill(book):
    from xl_kpi.sample import sample_tables

    fill_tables(book, sample_tables("2026-10"), "zh")


def _small(folder):
    book = new_book(folder / BOOK, "zh", {"period": "2026-10", "scheme": "S01"})
    roster = [
        {"person_id": person, "name": name, "department": "客服部", "shop": "一店", "status": "confirmed"}
        for person, name in PEOPLE
    ]
    fill_tables(book, {"roster": roster}, "zh")
    return book
