"""Write the small files that the fuzzer starts from: ``python tests/fuzz/make_corpus.py``.

All of them are made here, from the header blocks of ``export_blocks`` and a book of two tables.
The .xls needs LibreOffice.
"""

import csv
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb
import xlsxwriter
from export_blocks import BLOCKS
from export_files import write

from xl_kpi.tables import BY_KEY

CORPUS = Path(__file__).parent / "corpus"
DESK = [
    ["Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved",
     "Speed of answer in seconds", "AvgTalkDuration", "Satisfaction rating"],
    ["ID1", "Becky", "2021-01-04", "9:12:00", "Support", "Y", "Y", 70, "0:02:23", 3],
    ["ID2", "Dan", "2021-01-04", "9:15:00", "Support", "N", "N", "", "", ""],
    ["ID3", "李娜", "2021-01-05", "9:20:00", "Payment", "Y", "N", 12, "0:04:00", 5],
]  # fmt: skip
TABLES = {
    "settings": [["期间", "2026-10"], ["方案", "S01"]],
    "roster": [["A01", "张敏"], ["A02", "王磊"]],
    "counts": [["2026-10-05", "A01", 1, 120], ["2026-10-05", "A02", 1, 98]],
}


def text_of(rows, separator=",", end="\r\n"):
    lines = io.StringIO()
    csv.writer(lines, delimiter=separator, lineterminator=end).writerows(rows)
    return lines.getvalue()


def book(path):
    """Settings, people and counts as Excel tables, with a formula, an error and a date."""
    with xlsxwriter.Workbook(path) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for key, rows in TABLES.items():
            table = BY_KEY.get(key)
            labels = ["项目", "内容"] if table is None else [c.zh for c in table.columns][:6]
            page = made.add_worksheet(key)
            full = [[*row, *[""] * (len(labels) - len(row))] for row in rows]
            page.add_table(1, 1, 1 + len(rows), len(labels), {
                "name": f"kpi_{key}", "data": full, "columns": [{"header": h} for h in labels],
            })  # fmt: skip
        page.write_formula(2, 4, "=60+60", None, 120)
        page.write_formula(3, 4, "=1/0", None, "#DIV/0!")
        page.write_formula(3, 5, "=1+1", None, "")
        page.write_number(2, 1, 46300, day)


def main():
    CORPUS.mkdir(exist_ok=True)
    for key, name in {"A2": "a2.xlsx", "A5 接待评价": "a5.xlsx", "G1 每日统计": "g1.xlsx"}.items():
        block = BLOCKS[key]
        write(CORPUS, block, name=f"{name.partition('.')[0]}_2026-10-05.xlsx")
    rows = BLOCKS["B1 人均日接入 旧"].rows
    (CORPUS / "b1_2026-10-05.csv").write_bytes(text_of(rows).encode("utf-8-sig"))
    rows = BLOCKS["B5"].rows
    (CORPUS / "b5_gbk_2026-10-05.csv").write_bytes(text_of(rows).encode("gb18030"))
    rows = BLOCKS["B3"].rows
    (CORPUS / "b3_utf16_2026-10-05.csv").write_bytes(text_of(rows, "\t").encode("utf-16"))
    rows = BLOCKS["A9"].rows
    (CORPUS / "a9_2026-10-05.csv").write_bytes(text_of(rows).encode())
    header, *rows = BLOCKS["A7"].rows
    records = [dict(zip(header, row, strict=True)) for row in rows]
    wrapped = [{k: {"value": v} if k.endswith("1d") else v for k, v in r.items()} for r in records]
    content = json.dumps({"code": 0, "data": {"list": wrapped}}, ensure_ascii=False)
    (CORPUS / "a7_2026-10-05.json").write_text(content, encoding="utf-8")
    temporary = CORPUS / "temporary.csv"
    temporary.write_text(text_of(BLOCKS["C2"].rows), encoding="utf-8")
    duckdb.execute(
        f"copy (select * from read_csv('{temporary}')) to '{CORPUS}/c2_2026-10-05.parquet'"
    )
    temporary.unlink()
    write(CORPUS, BLOCKS["C1"], name="c1_2026-10-05.xlsx")
    command = ["soffice", "--headless", "--convert-to", "xls", "--outdir", str(CORPUS)]
    subprocess.run([*command, str(CORPUS / "c1_2026-10-05.xlsx")], check=True, capture_output=True)
    with xlsxwriter.Workbook(CORPUS / "desk.xlsx") as made:
        page = made.add_worksheet("call_data")
        for place, row in enumerate(DESK):
            page.write_row(place, 0, row)
    (CORPUS / "desk.tsv").write_bytes(text_of(DESK, "\t").encode())
    (CORPUS / "desk.csv.gz").write_bytes(gzip.compress(text_of(DESK).encode(), mtime=0))
    book(CORPUS / "book.xlsx")


if __name__ == "__main__":
    main()
