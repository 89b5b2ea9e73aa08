"""The history of a book as a file for other programs: Parquet or csv, a row per person and figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from xl_kpi.closing.verify import read_chain
from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.csv_file import csv_bytes
from xl_kpi.excel.load import load_book
from xl_kpi.excel.replace_file import replace_file
from xl_kpi.tables import HISTORY, ROSTER

_FORMS = (".parquet", ".csv")


def export_history(path: Path, out: Path, lang: str, months: Sequence[str] = ()) -> int:
    """Write the rows of 历史 with the people's names, as they are booked, to a file.

    Args:
        path: The workbook.
        out: The file, ``.parquet`` or ``.csv``; one that is there is replaced.
        lang: The language of the headers, ``zh`` or ``en``.
        months: The months that the rows are about; all if empty.

    Returns:
        How many rows were written.

    Raises:
        InputError: closed months were changed by hand, there is no row, or the file cannot be
            written.
    """
    if out.suffix.lower() not in _FORMS:
        fix = f"改成 {out.stem}.parquet 或 {out.stem}.csv"
        raise InputError([Problem(str(out), "历史只导出为 .parquet 或 .csv", fix)])
    job = load_book(path)
    history = job.tables[HISTORY.key]
    problems = [
        p
        for p in job.problems
        if p.severity == "error" and p.where.startswith((HISTORY.zh, HISTORY.en))
    ]
    problems += read_chain(job.tables["closings"], job.tables["archive"], history)[1]
    rows = _rows(
        history[history["period"].isin(months)] if months else history, job.tables[ROSTER.key]
    )
    if rows.empty and not problems:
        what = "没有这些月份的历史" if months else "还没有历史"
        problems = [Problem(HISTORY.zh, what, "月结之后才有；月份写成 2026-01:2026-06")]
    if problems:
        raise InputError(problems)
    rows.columns = [ROSTER.column("name").label(lang) if key == "name"
                    else HISTORY.column(key).label(lang) for key in rows.columns]  # fmt: skip
    content = _parquet(rows) if out.suffix.lower() == ".parquet" else _csv(rows)
    out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(out, [content], like=path, backup=False)
    return len(rows)


def _rows(history: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """The rows by month, person and order of booking, each with the person's name."""
    columns = [column.key for column in HISTORY.columns]
    rows = history[columns].sort_values(["period", "person_id"], kind="stable")
    names = dict(zip(roster["person_id"], roster["name"], strict=True))
    rows.insert(2, "name", rows["person_id"].map(names))
    return rows.astype({key: "object" for key in rows.columns if key != "value"})


def _csv(rows: pd.DataFrame) -> bytes:
    cells = (rows[name].astype("object").where(rows[name].notna(), None).tolist() for name in rows)
    return csv_bytes(list(rows.columns), zip(*cells, strict=True))


def _parquet(rows: pd.DataFrame) -> memoryview:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = [pa.float64() if kind.kind == "f" else pa.string() for kind in rows.dtypes]
    arrays = [pa.array(rows[name], kind, from_pandas=True)
              for name, kind in zip(rows.columns, kinds, strict=True)]  # fmt: skip
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(arrays, names=list(rows.columns)), sink, compression="zstd")
    return memoryview(sink.getvalue())
