"""A year in one book: how closing, checking and the file grow from month to month.

    uv run python benchmarks/year.py [PEOPLE] [MONTHS] [DAYS]

Made people with late data and corrections (tests/closing_worlds.py), a row per person and day of DAYS in
a month.  CPU seconds; the last line compares the last month's run in the book of the year with a run of
the same month in a book that holds it alone.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from closing_worlds import World

from xl_kpi.excel.close import close_book
from xl_kpi.excel.fill import fill_tables, set_settings
from xl_kpi.excel.new import new_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.run import run_book

KEYS = ("counts", "targets", "ratings", "events", "departments", "shops", "calibrations", "refunds",
        "adjustments", "roster")  # fmt: skip


def put(path: Path, world: World, n: int, month: str | None = None) -> dt.datetime:
    """What HR knows in month n into a book; only that month's rows, if it is named."""
    rows = world.rows(n)
    if month is not None:
        rows = {
            key: [r for r in mine if str(r.get("date") or r.get("period") or month)[:7] == month]
            for key, mine in rows.items()
        }
    fill_tables(path, {key: rows.get(key, []) for key in KEYS}, "zh")
    period = world.months[n]
    year, after = divmod(int(period[:4]) * 12 + int(period[5:]), 12)
    day = dt.date(year, after + 1, 20)
    set_settings(path, {"period": period, "scheme": "S01", "as_of": day.isoformat()}, "zh")
    return dt.datetime(day.year, day.month, day.day, 18)


def taken(action: object, *arguments: object, **named: object) -> float:
    """CPU seconds of a call."""
    before = time.process_time()
    action(*arguments, **named)  # type: ignore[operator]
    return time.process_time() - before


def main() -> None:
    """Close month after month."""
    given = sys.argv[1:]
    people, months, days = (int(a) for a in [*given, *("200", "12", "26")[len(given) :]])
    world = World("S01", 1, people=people, months=months, start="2026-01", days=tuple(range(1, days + 1)))
    for person in world._people.values():  # HR hears of a leaver at the latest when data are missing
        person["told"] = min(person["told"], person["last"] + 1)
    with tempfile.TemporaryDirectory() as folder:
        book = new_book(Path(folder) / "year.xlsx", "zh", {"scheme": "S01"})
        for n in range(months):
            now = put(book, world, n)
            alone = book.stat().st_size
            close = taken(close_book, book, now=now)
            read = taken(read_book, book)
            size = book.stat().st_size
            print(f"{world.months[n]}: close {close:5.1f} s, read {read:4.1f} s, file {size / 1e6:5.1f} MB "
                  f"(before closing {alone / 1e6:.1f})", flush=True)  # fmt: skip
        last = taken(run_book, book, Path(folder) / "out.xlsx", backup=False)
        single = new_book(Path(folder) / "month.xlsx", "zh", {"scheme": "S01"})
        put(single, world, months - 1, world.months[-1])
        one = taken(run_book, single, Path(folder) / "one.xlsx", backup=False)
        print(f"run of the closed last month: {last:.1f} s, of the month alone {one:.1f} s: {last / one:.2f} x")


if __name__ == "__main__":
    main()
