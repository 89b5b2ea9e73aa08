"""Reading an export: cells for the import beside the same sheet through fastexcel into polars.

    uv run --group benchmarks python benchmarks/reading.py [ROWS]

An export of 100 000 rows and 12 columns, CPU seconds, the least of five rounds taken in turn.  Ours
also tells error cells and formulas that were never calculated from blanks, and takes the file's hash.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

from xl_kpi.excel.import_outcome import ImportOutcome
from xl_kpi.excel.importing import read_marked

HEADER = ("日期", "旺旺", "接待人数", "询单人数", "下单人数", "付款人数", "销售额", "平均响应(秒)", "回复率",
          "询单->最终付款成功率", "客单价", "备注")  # fmt: skip
GOAL = 1.5


def made(path: Path, rows: int) -> None:
    """An export as a platform's server writes one."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for n in range(1, rows + 1):
        served = 20 + n % 61
        row = (f"2026-10-{n % 31 + 1:02d}", f"旗舰店:客服{n % 200:03d}", served, served - n % 7,
               n % 19, n % 17, (n * 7919 % 1_000_000) / 100, 10 + n % 40 / 10, 0.98,
               (n % 100) / 100, (n * 31 % 50_000) / 100, "" if n % 9 else "补")  # fmt: skip
        sheet.write_row(n, 0, row)
    book.close()


def ours(path: Path) -> None:
    """The cells with every fault marked."""
    read_marked(path, ImportOutcome(path))


def fastexcel(path: Path) -> None:
    """The same sheet as a frame."""
    import fastexcel

    fastexcel.read_excel(path).load_sheet(0).to_polars()


def main() -> None:
    """Take both in turn."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        made(path, rows)
        hands = {"ours": ours, "fastexcel": fastexcel}
        best = dict.fromkeys(hands, float("inf"))
        for _ in range(5):
            for name, hand in hands.items():
                started = time.process_time()
                hand(path)
                best[name] = min(best[name], time.process_time() - started)
    for name, seconds in best.items():
        print(f"{name:10} {seconds:6.2f} s")
    print(f"ours ÷ fastexcel {best['ours'] / best['fastexcel']:.2f} (goal ≤ {GOAL})")


if __name__ == "__main__":
    main()
