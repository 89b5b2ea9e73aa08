"""Raw logs into a book: counted by the sheet 口径, then imported as any export is."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.csv_file import csv_bytes
from xl_kpi.excel.replace_file import replace_file
from xl_kpi.period import Period
from xl_kpi.sources.definition import REASONS, Definition
from xl_kpi.sources.definition_settings import CONNECTION, SETTINGS, LogSettings
from xl_kpi.sources.export_figures import Figure, SheetReading
from xl_kpi.sources.export_profiles import ExportProfile, Found
from xl_kpi.sources.export_sheets import ExportFile, Grid
from xl_kpi.sources.identity import Accounts
from xl_kpi.tables import DEFINITION
from xl_kpi.tables.logs import CHATS, LOGS, LogTable

if TYPE_CHECKING:
    from xl_kpi.sources.log_counts import Counts

LOG_LABEL = "原始日志"
MOST_FIGURES = 1_000_000  # rows of 平台数据, one per person, day and count
_DATABASES = (".duckdb", ".ddb")
_PROFILE = ExportProfile(
    key="logs", label=LOG_LABEL, table="counts", system=LOG_LABEL, platform=LOG_LABEL, account=(),
    date=(), shop=(), counts={}, sums={}, less={}, checks=(), unused=(),
)  # fmt: skip
_HEADER = ("记录", "编号", "工号", "日期", "原因")


@dataclass(slots=True)
class LeftOut:
    """Every row of a log that does not count, to be written beside the book."""

    rows: list[tuple[str, ...]] = field(default_factory=list)

    def write(self, path: Path, like: Path) -> None:
        """The rows as a csv."""
        replace_file(path, [csv_bytes(_HEADER, self.rows)], like=like, backup=False)


def split(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Exports, and folders and databases of raw logs; a chat log's file stands for its folder."""
    logs = [file for file in files if file.is_dir() or file.suffix.lower() in _DATABASES]
    folders = {file.parent for file in files if _is_part(file, CHATS)}
    parts = [
        file for file in files
        if file.parent in folders and any(_is_part(file, table) for table in LOGS.values())
    ]  # fmt: skip
    exports = [file for file in files if file not in logs and file not in parts]
    return exports, [*logs, *sorted(folders - set(logs))]


def _is_part(file: Path, table: LogTable) -> bool:
    names = "|".join(map(re.escape, (table.key, table.zh)))
    known = re.fullmatch(rf"({names})([_-].*)?", file.stem) is not None
    return known and file.suffix.lower() in (".parquet", ".csv") and file.is_file()


def left_out_file(book: Path, period: str) -> Path:
    """Where the rows that do not count are listed."""
    return book.with_name(f"{book.stem} 未计入 {period}.csv")


def read_log(
    path: Path,
    settings: LogSettings,
    period: Period,
    accounts: Accounts,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[ExportFile, SheetReading, LeftOut]:
    """A period's counts of a folder of logs or of a database.

    Raises:
        InputError: if the logs cannot be used, or come to more rows than a sheet holds.
    """
    from xl_kpi.sources.log_counts import counts_from  # loads DuckDB

    owners, problems = _owners(accounts)
    if problems:
        raise InputError(problems)
    database = path.suffix.lower() in _DATABASES and not path.is_dir()
    if database and settings.connection:
        fix = f"清空“{DEFINITION.zh}”表的“{SETTINGS[CONNECTION][0][0]}”，或改为给日志文件夹"
        raise InputError([Problem(path.name, "数据库文件不能再配连接", fix)])
    with tempfile.TemporaryDirectory(prefix="xl-kpi-") as folder:
        listed = Path(folder) / "dropped.parquet"
        counts = counts_from(
            "" if database else path, settings.definition, period,
            connection=str(path) if database else settings.connection,
            owners=owners, dropped_to=listed, progress=progress,
        )  # fmt: skip
        left_out = _left_out(listed)
    figures = _figures(counts.table)
    if len(figures) > MOST_FIGURES:
        what = f"这个期间有 {len(figures):,} 个数，一张工作表放不下"
        fix = "按店铺或部门分成几个日志文件夹，各用一本工作簿"
        raise InputError([Problem(path.name, what, fix)])
    file = ExportFile(path, counts.source, counts.as_of, [])
    reading = SheetReading(_found(path), figures=figures)
    reading.problems = [*counts.notes, *_told(path, counts)]
    reading.rule, reading.filters = _rule(settings.definition), _filters(settings.definition)
    reading.days = (period.start, period.end)
    reading.rows = len(counts.table)
    return file, reading, left_out


def _found(path: Path) -> Found:
    grid = Grid(path.name, "", [])
    return Found(grid, _PROFILE, 0, (), {}, (), 0.0)


def _owners(accounts: Accounts) -> tuple[pd.DataFrame, list[Problem]]:
    spans, problems = accounts.spans()
    rows = [
        (account, _moment(first), _moment(last) + pd.Timedelta(days=1), person)
        for account, first, last, person in spans
    ]
    frame = pd.DataFrame(rows, columns=["account", "first", "after", "owner"])
    for name in ("first", "after"):
        frame[name] = frame[name].astype("datetime64[us]")
    for name in ("account", "owner"):
        frame[name] = frame[name].astype(object)
    return frame, problems


def _moment(day: dt.date) -> pd.Timestamp:
    return pd.Timestamp(min(max(day, dt.date(1900, 1, 1)), dt.date(2200, 1, 1)))


def _figures(table: pd.DataFrame) -> list[Figure]:
    """One figure per person, day and count; what the log does not tell is no figure."""
    found: list[Figure] = []
    counts = [str(name) for name in table.columns if name not in ("date", "person_id")]
    for row in table.to_dict("records"):
        day = row["date"].date()
        found += [
            Figure(start=day, end=day, shop="", account=str(row["person_id"]), item=name,
                   value=float(row[name]), decimals=0)
            for name in counts if row[name] == row[name]
        ]  # fmt: skip
    return found


def _left_out(file: Path) -> LeftOut:
    frame = pd.read_parquet(file).astype(object)
    frame = frame.where(frame.notna(), "").sort_values(["table", "day", "id"], key=lambda c: c.map(str))
    return LeftOut(
        [
            (LOGS[str(row["table"])].zh, str(row["id"]), str(row["person_id"]),
             str(row["day"])[:10], REASONS[str(row["reason"])])
            for row in frame.to_dict("records")
        ]
    )  # fmt: skip


def _told(path: Path, counts: Counts) -> list[Problem]:
    told = [
        Problem(
            f"{path.name} {LOGS[str(row['table'])].zh}",
            f"{row['rows']} 行没有计入：{REASONS[str(row['reason'])]}",
            "逐行列在工作簿旁的“未计入”文件里；属实就不用处理", "note",
        )
        for row in counts.reasons.to_dict("records")
    ]  # fmt: skip
    if len(counts.unripe):
        first = counts.unripe["day"].min()
        what = f"{first} 起的下单或付款还没有到期（日志到 {counts.as_of} 为止），数字可能再变"
        fix = "到期后用新日志再导入一次，差额在下期补"
        told.append(Problem(path.name, what, fix, "warning"))
    return told


def _rule(definition: Definition) -> str:
    return f"最后接待·{definition.order_days}天内下单·{definition.payment_days}天内付款"


def _filters(definition: Definition) -> str:
    on = [
        SETTINGS[key][0][0] for key in ("after_sales", "advert", "one_liner")
        if getattr(definition, key)
    ]  # fmt: skip
    return f"{'、'.join(on) or '没有过滤'}（口径 {definition.fingerprint}）"
