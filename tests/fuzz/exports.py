"""Exports made cell by cell, with what each cell must give: known before anything is read.

A clean block of ``export_blocks`` gets new people and figures. Then cells, columns, rows and the
spelling of the file are changed in ways whose meaning is known: the same figure, no figure but a
word about it, or either.
"""

import csv
import datetime as dt
import io
import json
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files

import respell
import xlsxwriter
from export_blocks import BLOCKS, SUMMARY_6

from xl_kpi.tables import BY_KEY

AGENTS = ["A2", "A3", "A6", "A7", "A1", "B1 每周店铺个人数据", "B1 人均日接入 旧", "B1 汇总 旧", "B5", "B3", "C1", "E1",
          "E2", "G1 每日统计", "D", "B2 售前", "C4"]  # fmt: skip
BLANK, TOLD = "blank", "told"  # what a cell without a figure must give: nothing, or a word about it
FIRST = dt.date(2026, 10, 5)


@dataclass
class Cell:
    """What is written, and the figure that it is; ``sure`` if a reader may not refuse it."""

    written: object
    figure: float | str  # or BLANK or TOLD
    sure: bool = True


@dataclass(frozen=True)
class Error:
    """An error value in a workbook, a text elsewhere."""

    text: str = "#DIV/0!"


@dataclass
class Person:
    label: str
    day: dt.date | None  # None: the date cannot be read
    cells: dict[int, Cell]  # by column of the clean header
    row: int = 0  # in the file
    shifted: bool = False  # its cells stand under the wrong headers


@dataclass
class Export:
    name: str
    content: bytes
    header: dict[int, str]  # by column of the clean header, as written
    counts: dict[str, list[int]]  # the columns that a count is the sum of
    people: list[Person]
    dated: bool
    told: list[str] = field(default_factory=list)  # what was done, for the report


def _bare(header):
    return header.replace("（", "(").replace("）", ")").replace(" ", "")


def _columns(profile, header):
    """Count → columns, straight from the profile's file."""
    path = files("xl_kpi") / "presets" / "profiles" / f"{profile}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    bare = [_bare(h) for h in header]

    def first(names):
        return next((bare.index(_bare(n)) for n in names if _bare(n) in bare), None)

    counts = {key: [first(names)] for key, names in data.get("counts", {}).items()}
    counts |= {key: [first(t) for t in terms] for key, terms in data.get("sums", {}).items()}
    counts = {key: places for key, places in counts.items() if None not in places}
    accounts = [bare.index(_bare(n)) for n in data["account"] if _bare(n) in bare]
    return counts, accounts, first(data["date"]), data["table"]


# --- cells -----------------------------------------------------------------------------------


def _text(value):
    return repr(value) if isinstance(value, float) else str(value)


def _wide(value):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in _text(value))


def _grouped(value):
    return f"{value:,}"


SAME = [
    _text, _wide, _grouped, lambda v: f"{v:,}".replace(",", " "), lambda v: f" {_text(v)} ", lambda v: f"\u3000{_text(v)}", lambda v: f"{_text(v)}\u00a0",
    lambda v: f"{_text(v)}元", lambda v: f"¥{_text(v)}", lambda v: float(v),
]  # fmt: skip
PERHAPS = [
    lambda v: f"'{_text(v)}", lambda v: f"{_text(v)}\u200b", lambda v: f"+{_text(v)}", lambda v: f"{v:e}", lambda v: f"0{_text(v)}",
    lambda v: f"{_text(v)}\n", lambda v: f"{_text(v)}.", lambda v: f"({_text(v)})元"[1:-2], lambda v: f"\ufeff{_text(v)}",
    lambda v: "".join(chr(ord(c) + 0x630) if c.isdigit() else c for c in _text(v)),
]  # fmt: skip
NO_FIGURE = ["-", "--", "—", "NaN", "null", "无", "暂无数据", "延迟统计", "12人", "1,23,4", "1.234,5", "12%", "一百二十",
             "1:02:03", "0x1F", "1_000", "1e309", "Infinity", "12-15", "1 2 a", "12 34", "12²", "1½", "12\n34", "≈120", "120*", "True", "1/2", "２％",
             "９９·5", "①", "Ⅻ", "百", "2026-10-05", "#N/A", "=1+1", -3, -0.5, 1e-9]  # fmt: skip
NOTHING = ["", "", None, "  ", "\u3000"]


def _changed(chance, cell, whole):
    """Another spelling of a figure, or something that is none."""
    value = cell.written
    how = chance.random()
    if how < 0.4:
        return Cell(chance.choice(SAME)(value), cell.figure)
    if how < 0.55:
        return Cell(chance.choice(PERHAPS)(value), cell.figure, sure=False)
    if how < 0.75:
        found = chance.choice(NO_FIGURE)
        if found == 1e-9 and not whole:
            return Cell(found, found)
        return Cell(found, TOLD)
    if how < 0.85:
        return Cell(chance.choice(NOTHING), BLANK)
    if how < 0.9:
        return Cell(Error(chance.choice(["#DIV/0!", "#N/A", "#VALUE!", "#REF!"])), TOLD)
    if how < 0.94:
        return Cell(chance.choice([True, dt.datetime(2026, 10, 5), dt.time(1, 2, 3)]), TOLD)
    if how < 0.97 and whole:
        return Cell(value + 0.5, TOLD)
    big = chance.choice([0, 999_999_999_999, 123_456_789_012_345])
    return Cell(big, float(big))


DAYS = [
    lambda d: d, lambda d: d.isoformat(), lambda d: f"{d.year}/{d.month}/{d.day}", lambda d: f"{d:%Y%m%d}",
    lambda d: int(f"{d:%Y%m%d}"), lambda d: f"{d.year}年{d.month}月{d.day}日", lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d} 00:00:00", lambda d: f"{d}T00:00:00", lambda d: _wide(d), lambda d: f"{d:%y-%m-%d} 星期一",
    lambda d: dt.datetime(d.year, d.month, d.day, 23, 59, 59), lambda d: f"{d} 至 {d}", lambda d: f" {d} ",
]  # fmt: skip
NO_DAYS = ["2026-13-45", "05/10/2026", "10/5/2026", "2026-02-30", "周一", "", None, "2026", "0", 46300, "2026-10", "1-2-3",
           "2026-10-05、2026-10-06、2026-10-07", "20261305", "26/10/05", True, Error()]  # fmt: skip


# --- sheets ----------------------------------------------------------------------------------

BRACKETS = [("(", "（"), (")", "）"), ("->", "→"), ("（", "("), ("）", ")"), ("量", " 量"), ("数", "数 "), ("人", "人\u200b"),
            ("率", "率\u00a0")]  # fmt: skip


def export_case(chance):
    """An export, and what must be read from it."""
    key = chance.choice(AGENTS)
    block = BLOCKS[key]
    top = next(n for n, row in enumerate(block.rows) if len(row) > 1)
    titles, header = block.rows[:top], block.rows[top]
    base = [*block.rows[top + 1], *[""] * len(header)][: len(header)]
    counts, accounts, date, table = _columns(block.profile, header)
    used = sorted({place for places in counts.values() for place in places})
    whole = {
        p: any(BY_KEY[table].column(k).unit not in ("yuan", "s", "days") or len(counts[k]) > 1
               for k in counts if p in counts[k])
        for p in used
    }  # fmt: skip
    day = FIRST if not block.days or date is not None else dt.date.fromisoformat(block.days[0])
    people, written = [], []
    for number in range(chance.randint(1, 5)):
        factor = chance.randint(1, 40)
        line = list(base)
        person = Person(f"客服{number}", day, {})
        for place in used:
            value = base[place] if isinstance(base[place], int | float) else 0
            person.cells[place] = Cell(value * factor, float(value * factor))
            if chance.random() < 0.15:
                person.cells[place] = _changed(chance, person.cells[place], whole[place])
            line[place] = person.cells[place].written
        line[accounts[0]] = person.label
        if date is not None:
            person.day = FIRST + dt.timedelta(days=chance.randint(0, 20))
            line[date] = chance.choice(DAYS)(person.day)
            if chance.random() < 0.1:
                person.day, line[date] = None, chance.choice(NO_DAYS)
        people.append(person)
        written.append((person, line))
    told = [key]
    shown = list(header)
    if chance.random() < 0.4:
        for _ in range(3):
            place = chance.randrange(len(shown))
            shown[place] = shown[place].replace(*chance.choice(BRACKETS))
        told.append("headers")
    lines = _rows_around(chance, written, shown, base, accounts, date, used, told)
    order = list(range(len(header)))
    if chance.random() < 0.5:
        chance.shuffle(order)
        told.append("shuffled")
    extra = chance.randint(1, 3) if chance.random() < 0.2 else 0
    rows = [[row[0], *[""] * chance.randint(0, 3)] for row in titles]
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        rows.insert(0, [chance.choice(["说明", "", "导出人：李娜", "报表"])])
    blank_rows = chance.random() < 0.2
    start = len(rows)
    rows.append([shown[p] for p in order] + ["自己的列", "备注", "x"][:extra])
    for person, line in lines:
        if blank_rows and chance.random() < 0.5:
            rows.append([""] * chance.randint(0, len(order)))
        rows.append([line[p] for p in order] + [chance.choice(["", 5, "是"]) for _ in range(extra)])
        if person is not None:
            person.row = len(rows)
    name, content, skipped = _file(chance, block, rows, start, told)
    for person, line in written:
        person.row -= skipped
        person.shifted = "unquoted" in told and any("," in str(_plain(cell)) for cell in line)
    return Export(name, content, dict(enumerate(shown)), counts, people, date is not None, told)


def _rows_around(chance, written, header, base, accounts, date, used, told):
    """The people's rows with rows between them that are nobody's."""
    lines = list(written)
    if chance.random() < 0.3:
        for label in chance.sample([*SUMMARY_6[:4], "合计", "均 值"], 2):
            line = [99 if p in used else b for p, b in enumerate(base)]
            line[accounts[0]] = label
            if date is not None:
                line[date] = FIRST.isoformat()
            lines.append((None, line))
        told.append("summaries")
    if chance.random() < 0.1:
        lines.insert(chance.randint(0, len(lines)), (None, list(header)))
        told.append("header again")
    if chance.random() < 0.1:
        line = [*base]
        for place in accounts:
            line[place] = chance.choice(["", None, " "])
        lines.insert(chance.randint(0, len(lines)), (None, line))
        told.append("nobody")
    return lines


# --- files -----------------------------------------------------------------------------------


def _file(chance, block, rows, start, told):
    """Name, content, and how many rows before the header it leaves out."""
    stem = block.file.rpartition(".")[0]
    kind = chance.choice(["xlsx", "xlsx", "xlsx", "csv", "csv", "csv", "json"])
    told.append(kind)
    if kind == "csv":
        return f"{stem}.csv", _csv(chance, rows, start, told), 0
    if kind == "json":
        records = [
            {h: _plain(c) for h, c in zip(rows[start], row, strict=False) if h and c is not None}
            for row in rows[start + 1 :]
        ]
        content = {"data": {"list": records}}
        return f"{stem}.json", json.dumps(content, ensure_ascii=chance.random() < 0.5).encode(), start
    content = workbook(rows, block.sheet)
    if chance.random() < 0.5:
        content = respell.respelt(chance, content, told)
    return f"{stem}.xlsx", content, 0


def _plain(cell):
    if isinstance(cell, Error):
        return cell.text
    return cell if cell is None or isinstance(cell, bool | int | float | str) else str(cell)


def _csv(chance, rows, start, told):
    lines = io.StringIO()
    if chance.random() < 0.1 and not any("\n" in str(cell) for row in rows for cell in row):
        told.append("unquoted")
        full = len(rows[start])
        rows = [[*row, "完"] if n >= start and len(row) == full else row for n, row in enumerate(rows)]
        text = "\n".join(",".join("" if c is None else str(_plain(c)) for c in row) for row in rows)
        return text.encode()
    separator = chance.choice([",", ",", "\t", ";", "|"])
    end = chance.choice(["\r\n", "\n", "\r"])
    quoting = csv.QUOTE_ALL if end == "\r" else chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    encoding = chance.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    told += [repr(separator), repr(end), encoding]
    writer = csv.writer(lines, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([["" if c is None else _plain(c) for c in row] for row in rows])
    return lines.getvalue().encode(encoding)


def workbook(rows, sheet):
    """The rows as an .xlsx."""
    made = io.BytesIO()
    options = {"in_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    with xlsxwriter.Workbook(made, options) as book:
        page = book.add_worksheet(sheet)
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, Error):
                    page.write_formula(n, column, "=1/0", None, cell.text)
                elif isinstance(cell, str):
                    page.write_string(n, column, cell) if cell else None
                elif cell is not None:
                    page.write(n, column, cell)
    return made.getvalue()
