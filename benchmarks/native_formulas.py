"""Scheme S01 as a workbook of ordinary formulas, for LibreOffice to calculate.

The book is given less to do than the programs: the counts already stand one row per person and
week, the people sorted by department and shop, so that every rank is ``RANK`` over the anchored
block of its shop.  What is left is the work on the figures: rates, averages, ranks, points, bands,
commissions, pools, cents.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
from numpy_prototype import EVENTS, RATES
from pandas_prototype import BEFORE, BEFORE_LAST, COUNTS, LAST_DAY, MONTH
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_col_to_name

FIRST = 2  # row of the first person
ROW = "\N{PILCROW SIGN}"  # stands for this row's number
RANKED = {"order rate": "order rate", "payment rate": "payment rate",
          "paid value": "shop value", "conversion": "conversion"}  # fmt: skip


class Sheet:
    """A sheet written column by column; formulas name columns in braces."""

    def __init__(self, book: xlsxwriter.Workbook, name: str, rows: int) -> None:
        self.name, self.rows = name, rows
        self.sheet = book.add_worksheet(name)
        self.letters: dict[str, str] = {}

    def place(self, key: str) -> int:
        """The next free column, with its header."""
        column = len(self.letters)
        self.letters[key] = xl_col_to_name(column)
        self.sheet.write_string(0, column, key)
        return column

    def values(self, key: str, values: np.ndarray) -> None:
        """A column of figures or texts, blank where missing."""
        column = self.place(key)
        for row, value in enumerate(np.asarray(values).tolist(), FIRST - 1):
            if isinstance(value, str):
                self.sheet.write_string(row, column, value)
            elif value is not None and value == value:
                self.sheet.write_number(row, column, value)

    def formulas(self, key: str, template: str, blocks: list[tuple[int, int]] | None = None,
                 *, once: bool = False, **others: str) -> None:  # fmt: skip
        """A column of formulas.

        ``{x}`` is column x in this row, ``{x:block}`` its anchored block and ``{x:first}`` its
        cell in the block's first row; ``others`` are columns of other sheets.  With ``once`` only
        the first row of each block has the formula.
        """
        cells = {name: Column(letter) for name, letter in self.letters.items()}
        column = self.place(key)
        for start, end in blocks or [(FIRST, FIRST + self.rows - 1)]:
            Column.start, Column.end = start, end
            text = "=" + template.format_map({**cells, **others, "row": ROW, "start": start})
            for row in range(start, start + 1 if once else end + 1):
                self.sheet.write_formula(row - 1, column, text.replace(ROW, str(row)), None, "")


class Column:
    """A column as it is named in formulas."""

    start = end = 0  # of the block at hand

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def __format__(self, part: str) -> str:
        letter = self.letter
        if part == "block":
            return f"{letter}${self.start}:{letter}${self.end}"
        return f"{letter}${self.start}" if part == "first" else letter + ROW


def blocks_of(labels: pd.Series) -> dict[str, tuple[int, int]]:
    """First and last row of each label in a sorted column."""
    rows = pd.Series(np.arange(len(labels)) + FIRST).groupby(labels.to_numpy())
    return dict(zip(rows.min().index, zip(rows.min(), rows.max(), strict=True), strict=True))


def write_book(path: Path, tables: dict[str, pd.DataFrame]) -> pd.Index:
    """Write the book; returns the staff ids in the order of its rows."""
    roster = tables["roster"].sort_values(["department", "shop"])
    here = roster[~(roster["hired"] > LAST_DAY) & ~(roster["left"] < MONTH)].set_index("person_id")
    there = roster[~(roster["hired"] > BEFORE_LAST) & ~(roster["left"] < BEFORE)]
    there = there[there["status"] == "confirmed"].set_index("person_id")
    counts = tables["counts"]
    this = counts[counts["date"].between(MONTH, LAST_DAY)]
    week = ((this["date"].dt.day - 1) // 7).clip(upper=3)
    last = counts[counts["date"].between(BEFORE, BEFORE_LAST)]
    last = last.groupby("person_id")[COUNTS].sum(min_count=1)
    with xlsxwriter.Workbook(path) as book:
        before = _before(book, there, last)
        people = Sheet(book, "People", len(here))
        _roster(people, here, tables, last, before, blocks_of(there["shop"]))
        weeks = []
        for number in range(4):
            sums = this[week == number].groupby("person_id")[COUNTS].sum(min_count=1)
            weeks.append(_week(book, f"W{number + 1}", here, sums, tables["shops"], number, people))
        _scores(people, here, tables["events"], weeks)
        departments = _departments(book, here, people, before, blocks_of(there["department"]),
                                   tables["departments"])  # fmt: skip
        _pay(people, here, departments)
    return here.index


def _before(book: xlsxwriter.Workbook, there: pd.DataFrame, last: pd.DataFrame) -> Sheet:
    sheet = Sheet(book, "Before", len(there))
    for key in ("inquiring_customers", "received_customers", "converted_customers", "paid_amount",
                "paying_customers"):  # fmt: skip
        sheet.values(key, last[key].reindex(there.index))
    return sheet


def _roster(people: Sheet, here: pd.DataFrame, tables: dict[str, pd.DataFrame],
            last: pd.DataFrame, before: Sheet, shops: dict[str, tuple[int, int]]) -> None:  # fmt: skip
    people.values("id", here.index.to_numpy(dtype=object))
    people.values("roster row", pd.Index(tables["roster"]["person_id"]).get_indexer(here.index))
    people.values("assessed", (here["status"] == "confirmed").astype(float))
    people.values("staff", (here["status"] != "stand_in").astype(float))
    for key in ("hired", "left"):
        people.values(key, (here[key] - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1))
    for key in ("base_pay", "attendance_pay", "overtime_pay"):
        people.values(key, here[key])
    target = tables["targets"].pivot(index="person_id", columns="period", values="sales_target")
    people.values("target", target["2026-10"].reindex(here.index))
    people.values("target before", target["2026-09"].reindex(here.index))
    people.values("sales before", last["sales"].reindex(here.index))
    part, of = (before.letters[key] for key in RATES["inquiry share"])
    column = people.place("share before")
    for shop, (row, _) in blocks_of(here["shop"]).items():
        if shop in shops:
            a, b = shops[shop]
            people.sheet.write_formula(
                row - 1, column, f"=SUM(Before!{part}{a}:{part}{b})/SUM(Before!{of}{a}:{of}{b})",
                None, "",
            )  # fmt: skip


def _week(book: xlsxwriter.Workbook, name: str, here: pd.DataFrame, sums: pd.DataFrame,
          shops: pd.DataFrame, number: int, people: Sheet) -> Sheet:  # fmt: skip
    sheet = Sheet(book, name, len(here))
    blocks = list(blocks_of(here["shop"]).values())
    for key in COUNTS:
        sheet.values(key, sums[key].reindex(here.index))
    start = MONTH + pd.Timedelta(days=7 * number)
    own = shops[shops["date"] == start].set_index("shop").reindex(here["shop"])
    sheet.values("shop value", own["shop_paid_amount"] / own["shop_paying_customers"])
    others = {"assessed": f"People!{people.letters['assessed']}",
              "share": f"People!{people.letters['share before']}"}  # fmt: skip
    sheet.formulas("paid_customers", 'IF(COUNT({final_paying_customers},{same_day_paying_customers})'
                   '=2,{final_paying_customers}+{same_day_paying_customers},"")')  # fmt: skip
    for rate, (part, of) in RATES.items():
        sheet.formulas(rate, f'IF(AND({{assessed}}{{row}}=1,COUNT({{{part}}},{{{of}}})=2),'
                       f'IF({{{of}}}=0,"",{{{part}}}/{{{of}}}),"")', **others)  # fmt: skip
    for rate in (*RANKED, "response time"):
        part, of = RATES[rate]
        known = f'({{{rate}:block}}<>"")*1'
        sheet.formulas(f"{rate} average", f'IF(SUMPRODUCT({known},{{{of}:block}})=0,"",'
                       f"SUMPRODUCT({known},{{{part}:block}})/SUMPRODUCT({known},{{{of}:block}}))",
                       blocks, once=True)  # fmt: skip
    sheet.formulas("own sales", 'IF(AND({assessed}{row}=1,ISNUMBER({sales})),{sales},"")', **others)
    for rate in (*RANKED, "own sales"):
        place = f"{rate} place"
        sheet.formulas(place, f'IF({{{rate}}}="","",RANK({{{rate}}},{{{rate}:block}},0))', blocks)
        if rate == "own sales":
            sheet.formulas("sales points", f"IF(N({{{place}}})=0,0,MAX(0,4-{{{place}}}))", blocks)
            continue
        average = f"{{{rate} average:first}}"
        line = "{shop value}" if rate == "paid value" else average
        sheet.formulas(f"{rate} points", f'IF({{{rate}}}="",0,IF({{{rate}}}<{average},0,'
                       f"MAX(0,4-{{{place}}}))-IF({{{rate}}}<{line},1,0))", blocks)  # fmt: skip
    sheet.formulas(
        "score",
        "+".join(f"{{{rate} points}}" for rate in RANKED)
        + '+IF(OR({inquiry share}="",{share}${start}=""),0,'
        "IF(AND(N({filter_abuse})>0,{inquiry share}<{share}${start}),-2,0))"
        '+IF({message ratio}="",0,IF({message ratio}<1,-2,0))'
        '+IF({reply rate}="",0,IF({reply rate}<1,-1,0))'
        '+IF({response time}="",0,IF({response time}>{response time average:first},-1,0))'
        '+IF({loss rate}="",0,IF({loss rate}<0.05,1,IF({loss rate}>0.1,-1,0)))',
        blocks, **others,
    )  # fmt: skip
    return sheet


def _scores(people: Sheet, here: pd.DataFrame, events: pd.DataFrame, weeks: list[Sheet]) -> None:
    for key in ("sales", "assisted_amount", "inquiring_customers", "converted_customers",
                "paid_amount", "paying_customers"):  # fmt: skip
        cells = ",".join(f"{w.name}!{w.letters[key]}{{row}}" for w in weeks)
        people.formulas(key, f'IF(COUNT({cells})=0,"",SUM({cells}))')
    people.formulas("completion", 'IF(COUNT({sales},{target})=2,{sales}/{target},"")')
    people.formulas(
        "completion before",
        'IF(COUNT({sales before},{target before})=2,{sales before}/{target before},"")',
    )
    cells = "+".join(f"{w.name}!{w.letters['score']}{{row}}" for w in weeks)
    people.formulas("performance", f'IF({{assessed}}=1,MAX(0,{cells}+IF({{completion}}="",0,'
                    "IF({completion}<0.5,-2,IF({completion}<0.6,0,IF({completion}<0.8,1,"
                    'IF({completion}<1.3,3,5)))))),"")')  # fmt: skip
    events = events[events["date"].between(MONTH, LAST_DAY)]
    amount = events["times"].fillna(1) * events["points"].fillna(1)
    times = amount.groupby([events["person_id"], events["event"]]).sum().unstack(fill_value=0.0)
    times = times.reindex(index=here.index, columns=list(EVENTS), fill_value=0.0)
    points = []
    for kind, (each, none, most) in EVENTS.items():
        people.values(kind, times[kind])
        term = f"{{{kind}}}*{each}" + (f"+({{{kind}}}=0)*{none}" if none else "")
        points.append(f"MIN({most},{term})" if most < np.inf else term)
    months = "((2026-YEAR({hired}))*12+10-MONTH({hired}))"
    people.formulas("months", months)
    tenure = "IF({months}<6,0,IF({months}<12,2,IF({months}<24,3,IF({months}<36,5,8))))"
    people.formulas("behaviour", f'IF({{assessed}}=1,MAX(0,{"+".join(points)}+{tenure}),"")')
    known = 'IF(OR({assessed}=0,{completion}=""),"",'
    people.formulas("in task", known + "MIN({sales},{target})*IF({completion}>=0.6,0.008,0.005))")
    people.formulas("excess", known + "MAX(0,{sales}-{target})*IF({completion}>=1.3,0.01,0.009))")


def _departments(book: xlsxwriter.Workbook, here: pd.DataFrame, people: Sheet, before: Sheet,
                 then: dict[str, tuple[int, int]], ratings: pd.DataFrame) -> Sheet:  # fmt: skip
    blocks = blocks_of(here["department"])
    sheet = Sheet(book, "Departments", len(blocks))
    own = ratings[ratings["period"] == "2026-10"].set_index("department").reindex(list(blocks))
    for key in ("dsr_start", "dsr_end", "dsr_industry"):
        sheet.values(key, own[key])

    def block(key: str, source: Sheet, rows: tuple[int, int]) -> str:
        letter = source.letters[key]
        return f"{source.name}!{letter}${rows[0]}:{letter}${rows[1]}"

    def per_department(key: str, template: str) -> None:
        own_cells = {k: Column(v) for k, v in sheet.letters.items()}
        column = sheet.place(key)
        for row, (name, rows) in enumerate(blocks.items(), FIRST):
            cells = {f"p_{k}": block(k, people, rows) for k in people.letters}
            if name in then:
                cells |= {f"b_{k}": block(k, before, then[name]) for k in before.letters}
            text = template.format_map({**own_cells, **cells}).replace(ROW, str(row))
            sheet.sheet.write_formula(row - 1, column, "=" + text, None, "")

    a = "{p_assessed}"
    per_department("heads", f"SUM({a})")
    per_department("reached", f'SUMPRODUCT({a},({{p_completion}}<>"")*1,{{p_sales}})'
                   f'/SUMPRODUCT({a},({{p_completion}}<>"")*1,{{p_target}})')  # fmt: skip
    for key, (part, of) in {"conversion": RATES["conversion"],
                            "value": RATES["paid value"]}.items():  # fmt: skip
        per_department(key, f"SUMPRODUCT({a},{{p_{part}}})/SUMPRODUCT({a},{{p_{of}}})")
        per_department(f"{key} before", f"SUM({{b_{part}}})/SUM({{b_{of}}})")
    for key in ("completion", "completion before"):
        per_department(f"mean {key}", f'SUMPRODUCT({a},{{p_{key}}})'
                       f'/SUMPRODUCT({a},({{p_{key}}}<>"")*1)')  # fmt: skip
    per_department(
        "reward",
        "(IF(AND({dsr_end}>{dsr_start},{dsr_end}>{dsr_industry}),100,"
        "IF({dsr_end}<{dsr_industry},-100,0))"
        "+50*SIGN({mean completion}-{mean completion before})"
        "+IF(AND({conversion}>{conversion before},{value}>{value before}),50,"
        "IF(AND({conversion}<{conversion before},{value}<{value before}),-50,0)))*{heads}",
    )
    per_department("pool", "MAX(0,SUM({p_sales})*({reached}*{conversion}*0.01)"
                   "+SUM({p_in task})*0.2+SUM({p_excess})*0.1+{reward})")  # fmt: skip
    for key, share in (("performance", 0.8), ("behaviour", 0.2)):
        per_department(f"{key} pool", f"{{pool}}*{share}")
        per_department(f"{key} cents", f"ROUND({{{key} pool}},2)*100")
        per_department(f"{key} total", f"SUM({{p_{key}}})")
    return sheet


def _pay(people: Sheet, here: pd.DataFrame, departments: Sheet) -> None:
    blocks = blocks_of(here["department"])
    numbers = pd.Series(np.arange(len(blocks)) + FIRST, index=list(blocks))
    people.values("department row", here["department"].map(numbers))
    for key, divisor, reached in (("performance", 96, ">=96"), ("behaviour", 0, ">0")):
        there = {
            word: f"INDEX(Departments!{departments.letters[f'{key} {word}']}:"
            f"{departments.letters[f'{key} {word}']},{{department row}})"
            for word in ("pool", "cents", "total")
        }
        mine = f"{{{key}}}"
        people.formulas(f"{key} nano", f'IF({mine}="","",IF({there["total"]}=0,0,'
                        f'ROUND({mine}*{there["cents"]}/100/{there["total"]}*1E9,0)))')  # fmt: skip
        people.formulas(f"{key} own", f'IF({mine}="","",INT({{{key} nano}}/1E7))')
        # What is left of a cent, and of equal rests the one that stands first on the roster.
        people.formulas(f"{key} rest", f'IF({mine}="","",({{{key} nano}}-{{{key} own}}*1E7)*1E5'
                        "-{roster row})")  # fmt: skip
        people.formulas(f"{key} missing", f'{there["cents"]}-SUM({{{key} own:block}})',
                        list(blocks.values()), once=True)  # fmt: skip
        rest = f"{{{key} rest}}"
        people.formulas(
            f"{key} bonus",
            f'IF({mine}="","",IF({there["total"]}{reached},({{{key} own}}+'
            f"IF(RANK({rest},{{{key} rest:block}},0)<={{{key} missing:first}},1,0))/100,"
            + (f"ROUND({mine}*{there['pool']}/{divisor},2)))" if divisor else "0))"),
            list(blocks.values()),
        )
    people.formulas("commission", 'IF({in task}="","",ROUND({in task}*0.8+{excess}*0.9'
                    "+N({assisted_amount})*0.002,2))")  # fmt: skip
    start, end = 46296, 46326  # 1 and 31 October 2026
    people.formulas("base", f'IF({{staff}}=1,ROUND({{base_pay}}*(IF({{left}}="",{end},'
                    f'MIN({{left}},{end}))-MAX({{hired}},{start})+1)/31,2),"")')  # fmt: skip
    for key in ("attendance", "overtime"):
        people.formulas(key, f'IF({{staff}}=1,ROUND({{{key}_pay}},2),"")')
    items = ("performance bonus", "behaviour bonus", "commission", "base", "attendance", "overtime")
    cells = ",".join(f"{{{key}}}" for key in items)
    people.formulas("pay", f'IF(COUNT({cells})=0,"",ROUND(SUM({cells}),2))')


def recalculate(path: Path, target: Path) -> dict[str, float]:
    """Have LibreOffice calculate and store the book: CPU seconds of each step."""
    script = Path(__file__).with_name("recalculate_with_uno.py")
    answer = subprocess.run(
        [uno_python(), str(script), str(path), str(target)], check=True, capture_output=True
    )
    figures = map(float, answer.stdout.split())
    return dict(zip(("start", "load", "calculate", "store"), figures, strict=True))


def uno_python() -> str:
    """A Python that can talk to LibreOffice."""
    for python in ("/usr/bin/python3", "python3"):
        if subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0:
            return python
    raise SystemExit("no Python with the uno module (Debian: python3-uno)")


def pay_in(path: Path, ids: pd.Index) -> pd.Series:
    """The pay that a calculated book shows."""
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name("People").to_python()
    column = header.index("pay")
    values = [row[column] if isinstance(row[column], float) else np.nan for row in rows]
    return pd.Series(values[: len(ids)], index=ids)
