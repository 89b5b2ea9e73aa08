"""Books and logs whose cells are known, spelt in other ways, and what must be read of them."""

import datetime as dt
import io
import math
from dataclasses import dataclass, field

import respell
import xlsxwriter

from xl_kpi.errors import InputError
from xl_kpi.excel.reader import NOT_CALCULATED, read_book
from xl_kpi.sources.logs import read_log
from xl_kpi.tables import CellError

HEADER = ["日期", "工号", "接待人数", "回复人数"]
DESK = ["Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved",
        "Speed of answer in seconds", "AvgTalkDuration", "Satisfaction rating"]  # fmt: skip


@dataclass
class Known:
    name: str
    content: bytes
    rows: list
    told: list = field(default_factory=list)


def book_case(chance):
    """A book with one table of texts, numbers, formulas, errors, dates and blanks."""
    made = io.BytesIO()
    rows = [[_cell(chance) for _ in HEADER] for _ in range(chance.randint(1, 5))]
    top, left = chance.randint(0, 3), chance.randint(0, 3)
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet("指标数据")
        place = top, left, top + len(rows), left + len(HEADER) - 1
        page.add_table(*place, {"name": "kpi_counts", "columns": [{"header": h} for h in HEADER]})
        for n, row in enumerate(rows, top + 1):
            for column, cell in enumerate(row, left):
                if isinstance(cell, CellError):
                    page.write_formula(n, column, "=1/0", None, cell.text)
                elif isinstance(cell, dt.date):
                    page.write_datetime(n, column, cell, day)
                elif isinstance(cell, tuple):
                    page.write_formula(n, column, "=60+60", None, cell[0])
                elif cell is not None:
                    page.write(n, column, cell)
    told = []
    content = respell.respelt(chance, made.getvalue(), told)
    return Known("book.xlsx", content, rows, told)


def _cell(chance):
    return chance.choice([
        None, "A01", "张敏", " 空 格 ", "12", chance.randint(0, 10**6), float(chance.randint(1, 999)), 0.3,
        -5, (chance.randint(1, 99),), ("文",), CellError("#DIV/0!"), CellError("#N/A"), dt.date(2026, 10, 5), True,
    ])  # fmt: skip


def check_book(path, made):
    """Each cell of the table as it was written, or a refusal."""
    from target import WrongError

    try:
        book = read_book(path)
    except InputError:
        return "refused"
    if book.problems:
        return "refused"
    read = list(zip(*book.tables["kpi_counts"].columns, strict=True))
    read += [(None,) * len(HEADER)] * (len(made.rows) - len(read))
    for number, (row, cells) in enumerate(zip(made.rows, read, strict=True), 1):
        for header, written, cell in zip(HEADER, row, cells, strict=True):
            wanted = written[0] if isinstance(written, tuple) else written
            wanted = wanted.strip() if isinstance(wanted, str) else wanted
            if cell == NOT_CALCULATED and "formula not calculated" in made.told:
                continue
            if "blanks in value" in made.told and isinstance(cell, str) and wanted not in (None, True):
                continue  # a text to calamine; the tables take it for the number that it is
            if wanted != cell or (isinstance(wanted, bool) != isinstance(cell, bool)):
                raise WrongError(f"row {number}, {header}: {written!r} read as {cell!r}")
    return "read"


# --- logs ------------------------------------------------------------------------------------

ODD = [None, "", "Y ", "y", "Ｙ", "x", "1", True, -5, 1e9, "2021-13-40", "0:99:00", "1e3", "١٢", "12 ", "NaN", 1e309 - 1e309,
       "=1", "#N/A", "9:00", 0, 12.5, dt.date(2021, 1, 4), "\u200b", "张", 1e17, "00:00:07"]  # fmt: skip


def log_case(chance):
    """A service desk's log, with odd cells in some rows; the others are known."""
    rows = []
    for number in range(chance.randint(1, 6)):
        answered = chance.random() < 0.7
        row = [
            f"ID{number}", f"客服{chance.randint(0, 2)}", f"2021-01-{chance.randint(1, 9):02}", "9:12:00", "Support",
            "Y" if answered else "N", chance.choice("YN") if answered else "N",
            chance.randint(1, 200) if answered else "", "0:02:23" if answered else "",
            chance.randint(1, 5) if answered else "",
        ]  # fmt: skip
        odd = chance.random() < 0.4
        if odd:
            for _ in range(chance.randint(1, 3)):
                row[chance.randrange(1, len(row))] = chance.choice(ODD)
        rows.append((row, odd))
    order = list(range(len(DESK)))
    if chance.random() < 0.4:
        chance.shuffle(order)
    lines = [[""]] * chance.choice([0, 0, 1, 3])
    lines = [*lines, [DESK[p] for p in order], *([row[p] for p in order] for row, _ in rows)]
    first = len(lines) - len(rows) + 1
    known = [(n, row, odd) for n, (row, odd) in enumerate(rows, first)]
    if chance.random() < 0.5 or first > 2:  # pandas would drop no line, but splits by the first one
        made, told = io.BytesIO(), []
        options = {"in_memory": True, "strings_to_formulas": False, "nan_inf_to_errors": True, "default_date_format": "yyyy-mm-dd"}
        with xlsxwriter.Workbook(made, options) as book:
            page = book.add_worksheet("call_data")
            for place, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if cell not in ("", None):
                        page.write(place, column, cell)
        content = made.getvalue()
        if chance.random() < 0.5:
            content = respell.respelt(chance, content, told)
        return Known("desk.xlsx", content, known, told)
    separator, encoding = chance.choice("\t,;"), chance.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    text = "\r\n".join(separator.join("" if c is None else str(c) for c in line) for line in lines)
    return Known("desk.csv", text.encode(encoding, "replace"), known, [separator, encoding])


def check_log(path, made):
    """Each known row is a session with its figures, each odd one a session or excluded."""
    from target import WrongError

    try:
        log = read_log(path)
    except InputError:
        return "refused"
    excluded = set(log.excluded["row"])
    doubtful = set(log.doubts["row"])
    strange = (set(log.sessions.index) | excluded) - {number for number, *_ in made.rows}
    if strange:
        raise WrongError(f"rows that are not there: {strange}")
    for number, row, odd in made.rows:
        if number not in log.sessions.index:
            if number not in excluded or (not odd and not log.doubts["row"].isin([number]).any()):
                raise WrongError(f"row {number} is lost: {row}")
            continue
        if number in excluded:
            raise WrongError(f"row {number} is a session and excluded")
        if odd or number in doubtful:
            continue
        session = log.sessions.loc[number]
        wanted = {"session_id": row[0], "person_id": row[1], "answered": float(row[5] == "Y"),
                  "response_seconds": row[7], "rating": row[9]}  # fmt: skip
        for key, value in wanted.items():
            found = session[key]
            blank = value == "" and isinstance(found, float) and math.isnan(found)
            if not blank and found != value:
                raise WrongError(f"row {number}, {key}: {value!r} read as {found!r}")
    return "read"
