"""The month of S06 as a workbook of native formulas, calculated by LibreOffice.

Run from the project's root: ``python benchmarks/tiers_native.py [PEOPLE ...]``.  The input stands on
sheets as HR keeps it; a row per person adds up its counts with SUMIFS over the whole columns and
finds its place in the department with COUNTIFS, as one writes it by hand.  Pay must come out in the
same cents as ``evaluate``.  Beside it: ``evaluate``, and ``xl-kpi run`` on xl_kpi's book of the month.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import tiers
import tiers_prototype as prototype
import xlsxwriter
from measure import cpu_seconds, in_turn, process_cpu_seconds, table
from python_calamine import CalamineWorkbook
from tiers_month import PERIOD, ROLES, make_quarter

from xl_kpi.pipeline import evaluate
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows

SIZES = (1_000, 10_000)
LIMIT = 2_400  # seconds for LibreOffice
UNO_PYTHON = "/usr/bin/python3"
START, QUARTER, END = "DATE(2026,9,1)", "DATE(2026,7,1)", "DATE(2026,9,30)"
PEOPLE = ("person_id", "department", "role", "status", "hired", "left", "base_pay", "fixed_bonus",
          "floating_bonus")  # fmt: skip


def main() -> None:
    """Print the CPU seconds of each hand."""
    scheme = make_scheme(preset_rows("S06"), preset_metrics())
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for people in map(int, sys.argv[1:] or SIZES):
            tables = make_quarter(people)
            native, done = folder / "native.xlsx", folder / "done.xlsx"
            write_book(native, tables)
            start, load, calculation, store = libreoffice(native, done)
            ours = evaluate(tables, scheme, PERIOD).pay
            tiers.same_cents(np.nan_to_num(ours), paid(done, len(ours)))
            evaluated = in_turn(
                {"evaluate": lambda t=tables: cpu_seconds(lambda: evaluate(t, scheme, PERIOD))}, 5
            )["evaluate"]
            run = command(tiers.make_book(folder / f"{people}.xlsx", tables), folder)
            whole = start + load + calculation + store
            rows.append([
                f"{people:_}".replace("_", " "), f"{evaluated:.3f}", f"{run:.2f}",
                f"{load:.1f}", f"{calculation:.1f}", f"{store:.1f}", f"{whole:.1f}",
                f"{calculation / evaluated:.0f}", f"{whole / run:.1f}",
            ])  # fmt: skip
            print(rows[-1], flush=True)
    print(table(
        ["people", "evaluate", "xl-kpi run, whole process", "LibreOffice: load", "calculate",
         "store", "whole process", "calculate ÷ evaluate (≥ 100)", "whole ÷ run (≥ 20)"], rows,
    ))  # fmt: skip


def libreoffice(book: Path, done: Path) -> list[float]:
    """CPU seconds of start, load, one calculation of everything, store."""
    script = Path(__file__).with_name("recalculate_with_uno.py")
    answer = subprocess.run(
        [UNO_PYTHON, str(script), str(book), str(done), "1"], check=True, capture_output=True, text=True,
        timeout=LIMIT,
    )  # fmt: skip
    return list(map(float, answer.stdout.split()))


def command(book: Path, folder: Path) -> float:
    """CPU seconds of ``xl-kpi run``, the least of three."""

    def once() -> float:
        copy = shutil.copyfile(book, folder / "run.xlsx")
        return process_cpu_seconds([sys.executable, "-m", "xl_kpi", "run", copy])

    return min(once() for _ in range(3))


def paid(done: Path, people: int) -> np.ndarray:
    """What the formulas pay: the last column of the sheet."""
    rows = CalamineWorkbook.from_path(done).get_sheet_by_name("calc").to_python()
    return np.array([float(row[-1]) for row in rows[1 : people + 1]])


# --- the book --------------------------------------------------------------------------------


def write_book(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Input sheets and a row of formulas per person employed in September."""
    workbook = xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": True})
    roster = tables["roster"]
    here = roster["left"].isna() | (roster["left"] >= pd.Timestamp(2026, 9, 1))
    here &= ~(roster["hired"] > pd.Timestamp(2026, 9, 30))
    people = roster.loc[here, list(PEOPLE)].copy()
    people["role"] = people["role"].map(dict(zip(ROLES, range(1, 4), strict=True)))
    write(workbook, "staff", people)
    counts = tables["counts"]
    given = [c for c in counts if counts[c].notna().any()]
    where = write(workbook, "counts", counts[given])
    ratings = tables["ratings"]
    write(workbook, "ratings", ratings.loc[ratings["item"] == "主管评价", ["person_id", "score"]])
    write(workbook, "events", tables["events"][["person_id", "times"]])
    write(workbook, "targets", tables["targets"][["person_id", "sales_target"]])
    sheet = workbook.add_worksheet("calc")
    formulas = columns(where, len(counts) + 1, len(people) + 1)
    for number, name in enumerate(formulas):
        sheet.write_string(0, number, name)
        for row in range(2, len(people) + 2):
            sheet.write_formula(row - 1, number, "=" + formulas[name].replace("#", str(row)))
    workbook.close()


def write(workbook: xlsxwriter.Workbook, name: str, frame: pd.DataFrame) -> dict[str, str]:
    """A table on a sheet of its own; the letter of each column."""
    sheet = workbook.add_worksheet(name)
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    letters = {}
    for number, column in enumerate(frame):
        letters[column] = xlsxwriter.utility.xl_col_to_name(number)
        sheet.write_string(0, number, column)
        for row, value in enumerate(frame[column].tolist(), 1):
            if isinstance(value, pd.Timestamp):
                sheet.write_datetime(row, number, value, day)
            elif value is not None and value == value:
                sheet.write(row, number, value)
    return letters


def columns(where: dict[str, str], last_count: int, last: int) -> dict[str, str]:
    """The formulas by column in their order; ``#`` is the row, ``{name}`` the cell of a column."""
    made: dict[str, str] = {}
    names: list[str] = []

    def add(name: str, formula: str) -> None:
        letters = {n: xlsxwriter.utility.xl_col_to_name(i) for i, n in enumerate(names)}
        made[name] = formula.format(**{n: f"{x}#" for n, x in letters.items()}, **{
            f"all_{n}": f"${x}$2:${x}${last}" for n, x in letters.items()
        })  # fmt: skip
        names.append(name)

    def column_of(key: str) -> str:
        return f"counts!${where[key]}$2:${where[key]}${last_count}"

    def total(key: str, since: str) -> str:
        return (
            f"SUMIFS({column_of(key)},{column_of('person_id')},staff!A#,"
            f'{column_of("date")},">="&{since},{column_of("date")},"<="&{END})'
        )

    def points(name: str, key: str, since: str) -> None:
        part, whole, lower, target = prototype.RATES[key]
        add(f"v_{name}", f"{total(part, since)}/{total(whole, since)}")
        ratio = f"{target}/{{v_{name}}}" if lower else f"{{v_{name}}}/{target}"
        low = f"IF({{v_{name}}}<=0,100,MIN(100,100*{ratio}))" if lower else f"MIN(100,100*{ratio})"
        add(name, low)

    def weighted(weights: tuple[dict[str, float], ...], prefix: str = "") -> str:
        sums = ("+".join(f"{w}*{{{prefix}{n}}}" for n, w in mine.items()) for mine in weights)
        return f"CHOOSE(staff!C#,{','.join(sums)})"

    for key in prototype.RATES:
        points(key, key, START)
    for key in dict.fromkeys(k for weights in prototype.OF_QUARTER for k in weights):
        points(f"q_{key}", key, QUARTER)
    add("times", "MIN(3,SUMIFS(events!$B:$B,events!$A:$A,staff!A#))")
    add("common", weighted(prototype.COMMON) + "+0.1*CHOOSE({times}+1,100,60,30,0)")
    add("own", weighted(prototype.OWN))
    add("manager", "AVERAGEIFS(ratings!$B:$B,ratings!$A:$A,staff!A#)")
    add("total", 'IF(staff!D#="confirmed",ROUND(0.8*(0.6*{common}+0.4*{own})+0.2*{manager},9),"")')
    add("quarter", 'IF(staff!D#="confirmed",ROUND(' + weighted(prototype.OF_QUARTER, "q_") + ',9),"")')
    department = f"staff!$B$2:$B${last}"
    for name, score in (("place", "total"), ("q_place", "quarter")):
        add(
            name,
            f'IF({{{score}}}="","",COUNTIFS({department},staff!B#,{{all_{score}}},">"&{{{score}}})+1)',
        )
    add("team", f'COUNTIFS({department},staff!B#,{{all_total}},">=0")')
    for name, place in (("grade", "place"), ("q_grade", "q_place")):
        add(
            name,
            f'IF({{{place}}}="","",IF({{{place}}}<=ROUND({{team}}*0.1,0),1,'
            f"IF({{{place}}}<=ROUND({{team}}*0.3,0),2,IF({{{place}}}<=ROUND({{team}}*0.8,0),3,4))))",
        )
    add("share", f'(IF(staff!F#="",{END},MIN(staff!F#,{END}))-MAX(staff!E#,{START})+1)/30')
    add("sales", total("sales", START))
    add("done", "{sales}/SUMIFS(targets!$B:$B,targets!$A:$A,staff!A#)")
    add("base", 'IF(staff!D#="stand_in",0,ROUND(staff!G#*{share},2))')
    add(
        "bonus",
        'IF({grade}="",0,ROUND((staff!H#+staff!I#*CHOOSE({grade},1.5,1.2,1,0.8)'
        "+staff!G#*CHOOSE({grade},0.1,0.05,0,0))*{share},2))",
    )
    add("star", 'IF({place}="",0,IF({place}<=3,CHOOSE({place},300,200,100),0))')
    add(
        "commission",
        'IF(AND(staff!D#="confirmed",staff!C#=1),ROUND({sales}*IF({done}>=1.2,0.015,'
        "IF({done}>=1,0.012,IF({done}>=0.8,0.01,0))),2),0)",
    )
    add("pay", "{base}+{bonus}+{star}+{commission}")
    return made


if __name__ == "__main__":
    main()
