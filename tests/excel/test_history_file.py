"""The history of a book as Parquet and csv: what stands on the sheet, and nothing that was edited."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest
from books import Editor, sample_book
from pyarrow import parquet

from xl_kpi.cli import main
from xl_kpi.excel.close import close_book
from xl_kpi.excel.fill import fill_tables

TYPED = [
    {"period": "2026-08", "person_id": "KF002", "item": "=1+1", "value": -12.5, "word": "@SUM(A1)"},
    {"period": "2026-09", "person_id": "KF001", "item": "等级", "word": "A"},
    {"period": "2026-09", "person_id": "KF002", "item": "应发合计", "value": 0.1},
]


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """A book with October closed, and three rows that HR typed."""
    path = sample_book(tmp_path_factory.mktemp("history") / "2026.xlsx")
    fill_tables(path, {"history": TYPED}, "zh")
    close_book(path, accept_unripe=True, now=dt.datetime(2026, 11, 10, 9, 0))
    return path


def on_sheets(path):
    """The rows of 历史 with the names of 员工, as openpyxl reads them."""
    book = openpyxl.load_workbook(path)
    tables = {}
    for sheet in ("历史", "员工"):
        page = book[sheet]
        table = next(iter(page.tables.values()))
        rows = [[cell.value for cell in row] for row in page[table.ref]]
        tables[sheet] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if any(row)]
    names = {row["工号"]: row["姓名"] for row in tables["员工"]}
    keys = ("期间", "工号", "姓名", "项目", "数值", "文字", "入账期间")
    rows = [{**row, "姓名": names[row["工号"]]} for row in tables["历史"]]
    rows.sort(key=lambda row: (row["期间"], row["工号"]))
    return [{key: row[key] for key in keys} for row in rows]


def test_parquet_holds_what_stands_on_the_sheet(closed, tmp_path, capsys):
    out = tmp_path / "new" / "历史.parquet"
    assert main(["history", str(closed), "-o", str(out), "--json"]) == 0
    expected = on_sheets(closed)
    assert json.loads(capsys.readouterr().out) == {"file": str(out), "rows": len(expected)}
    table = parquet.read_table(out)
    assert [str(field.type) for field in table.schema] == [
        *["string"] * 4,
        "double",
        *["string"] * 2,
    ]
    assert table.to_pylist() == expected
    assert {row["入账期间"] for row in expected} == {None, "2026-10"}


def test_csv_opens_in_excel_with_its_texts_as_texts(closed, tmp_path):
    out = tmp_path / "历史.csv"
    assert main(["history", str(closed), "-o", str(out)]) == 0
    data = out.read_bytes()
    assert data.startswith("\ufeff期间,工号,姓名".encode())
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0]["项目"] == "'=1+1"
    assert rows[0]["文字"] == "'@SUM(A1)"
    assert rows[0]["数值"] == "-12.5"
    for found, expected in zip(rows, on_sheets(closed), strict=True):
        for key, value in expected.items():
            if isinstance(value, str):
                assert found[key].removeprefix("'") == value
            else:
                assert found[key] == "" if value is None else float(found[key]) == value


def test_months_are_chosen_and_headers_in_english(closed, tmp_path):
    out = tmp_path / "history.parquet"
    months = ["--months", "2026-08:2026-09", "--lang", "en"]
    assert main(["history", str(closed), "-o", str(out), *months]) == 0
    table = parquet.read_table(out)
    assert table.column_names == [
        "Period",
        "Staff ID",
        "Name",
        "Item",
        "Value",
        "Text",
        "Booked in",
    ]
    assert len(table) == len(TYPED)


def test_what_was_edited_by_hand_is_not_exported(closed, tmp_path, capsys):
    path = tmp_path / "edited.xlsx"
    path.write_bytes(closed.read_bytes())
    edited = Editor(path)
    row = edited.find("kpi_history", "项目", "应发合计") + 5
    row = next(r for r in range(row, row + 99)
               if isinstance(edited.cell("kpi_history", "数值", r).value, float))  # fmt: skip
    edited.cell("kpi_history", "数值", row).value += 1
    edited.save()
    out = tmp_path / "历史.csv"
    assert main(["history", str(path), "-o", str(out)]) == 1
    assert edited.cell("kpi_history", "数值", row).coordinate in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("file", "months", "said"),
    [
        ("历史.xlsx", None, "只导出为"),
        ("历史.csv", "2020-01", "没有这些月份"),
        ("历史", None, "只导出为"),
    ],
)
def test_what_cannot_be_exported_is_said(closed, tmp_path, capsys, file, months, said):
    chosen = ["--months", months] if months else []
    assert main(["history", str(closed), "-o", str(tmp_path / file), *chosen]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_book_without_history_says_so(tmp_path, capsys):
    path = sample_book(tmp_path / "new.xlsx")
    assert main(["history", str(path), "-o", str(tmp_path / "h.csv")]) == 1
    assert "还没有历史" in capsys.readouterr().err
