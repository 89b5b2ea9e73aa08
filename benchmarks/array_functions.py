"""One array function over 10 000 cells beside 10 000 calls of one cell, as Excel would make them.

Run from the project's root: ``python benchmarks/array_functions.py``.  Both go through xlwings' own
dispatcher and converters over a made-up COM (``tests/hosts/com_stand_in.py``); what Excel and COM
themselves cost per call comes on top, and would only widen the gap.
"""

from __future__ import annotations

import sys
from pathlib import Path

from measure import cpu_seconds, in_turn, table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hosts"))
from com_stand_in import Excel

CELLS = 10_000
CALLS = {
    "KPI_RATE": (3076.0,),
    "KPI_SCORE": (0.4, 30.0),
    "KPI_DEPT_BONUS": (0.47, 0.3955),
    "KPI_BAND": ([[0.0, 100.0, 1.0], [100.0, 10_000.0, 2.0]],),
}


def main() -> None:
    """Print the CPU seconds of both ways and their ratio."""
    excel = Excel()
    rows = []
    for name, rest in CALLS.items():
        cells = [[float(n)] for n in range(1, CELLS + 1)]

        def array(name: str = name, cells: list = cells, rest: tuple = rest) -> None:
            excel.call(name, cells, *rest)

        def singly(name: str = name, cells: list = cells, rest: tuple = rest) -> None:
            for cell in cells:
                excel.call(name, [cell], *rest)

        seconds = in_turn(
            {"array": lambda: cpu_seconds(array), "singly": lambda: cpu_seconds(singly)}, 3
        )
        ratio = seconds["singly"] / seconds["array"]
        rows.append([name, *(f"{seconds[way]:.3g}" for way in ("array", "singly")), f"{ratio:.0f}"])
    print(table(["function", "one array", "10 000 cells singly", "singly ÷ array (≥ 10)"], rows))


if __name__ == "__main__":
    main()
