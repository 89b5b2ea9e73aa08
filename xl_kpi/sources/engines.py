"""Where the expressions of raw logs run: DuckDB on this machine, or Spark on a cluster.

Expressions are ibis'; each engine is handed their SQL and nothing but the aggregated rows comes
back.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import ibis
import pandas as pd

from xl_kpi.errors import InputError, Problem
from xl_kpi.sources.cleaning import Expression

Schema: TypeAlias = Mapping[str, str]
MEMORY = "1400MB"  # DuckDB writes what does not fit to a temporary folder
_NUMBERS = itertools.count(1)
_LOCAL = {  # a Spark of this machine alone
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}
_SPARK = ("spark://", "local", "yarn", "k8s://")


class Engine(Protocol):
    """What runs SQL over the log's tables."""

    dialect: str

    def open_files(self, files: Sequence[Path]) -> str:
        """A table over Parquet or CSV files; its name."""

    def open_frame(self, frame: pd.DataFrame) -> str:
        """A table over rows in memory; its name."""

    def table_names(self) -> list[str]:
        """The tables that the connection holds."""

    def open_table(self, name: str) -> str:
        """A table of the connection; its name here."""

    def columns(self, table: str) -> Schema:
        """A table's columns with their types, as the engine writes them."""

    def save(self, expression: Expression) -> Expression:
        """The rows of an expression, calculated once; they stay on the engine."""

    def rows(self, expression: Expression) -> pd.DataFrame:
        """The rows of an expression, here."""

    def write(self, expression: Expression, path: Path) -> None:
        """The rows of an expression into a Parquet or CSV file (Spark: a folder of them)."""

    def close(self) -> None:
        """Give back what was saved."""


def connect(where: str = "") -> Engine:
    """The engine that a setting names.

    Args:
        where: Blank for DuckDB in memory, the path of a DuckDB database, or a Spark master such as
            ``spark://host:7077`` or ``local[2]``.

    Raises:
        InputError: If the database is not there or Spark is not installed.
    """
    if where.startswith(_SPARK):
        return SparkEngine(where)
    if where and not Path(where).is_file():
        raise InputError([Problem(where, "找不到这个数据库", "检查路径；留空就在本机读文件")])
    return DuckEngine(where)


def unbound(engine: Engine, table: str) -> Expression:
    """The engine's table as an expression, its types as far as they matter here.

    Raises:
        InputError: If a time has a time zone.
    """
    schema = {}
    for name, kind in engine.columns(table).items():
        plain = kind.upper()
        if "WITH TIME ZONE" in plain:
            fix = "在数据库里转成店铺当地的时间（不带时区）"
            raise InputError([Problem(f"{table}.{name}", "时间带时区", fix)])
        schema[name] = _kind(plain)
    return ibis.table(schema, name=table)


def _kind(plain: str) -> str:
    if plain.startswith(("VARCHAR", "STRING", "CHAR", "TEXT", "ENUM")):
        return "string"
    if plain.startswith(("TIMESTAMP", "DATE")):
        return "timestamp"
    if plain.startswith("BOOL"):
        return "boolean"
    whole = ("TINYINT", "SMALLINT", "INT", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "LONG")
    if plain.startswith(whole):
        return "int64"
    numbers = ("DOUBLE", "FLOAT", "DECIMAL", "UBIGINT", "HUGEINT")
    return "float64" if plain.startswith(numbers) else "string"


class DuckEngine:
    """DuckDB in memory or over a database file, which is opened for reading."""

    dialect = "duckdb"

    def __init__(self, database: str = "", memory: str = MEMORY) -> None:
        import duckdb

        self._folder = tempfile.TemporaryDirectory(prefix="xl-kpi-")
        self.connection = duckdb.connect()
        self.connection.execute(f"SET memory_limit = '{memory}'")
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute(f"SET temp_directory = '{_quoted(self._folder.name)}'")
        self._names: list[str] = []
        if database:
            self.connection.execute(f"ATTACH '{_quoted(database)}' AS logs (READ_ONLY)")
            query = "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'logs'"
            self._names = [row[0] for row in self.connection.execute(query).fetchall()]

    def open_files(self, files: Sequence[Path]) -> str:
        """A view over Parquet or CSV files; CSV cells stay text."""
        names = ", ".join(f"'{_quoted(str(file))}'" for file in files)
        reader = f"read_parquet([{names}], union_by_name = true)"
        if not files[0].name.endswith(".parquet"):
            reader = f"read_csv([{names}], all_varchar = true, header = true, union_by_name = true)"
        return self._view(f"SELECT * FROM {reader}")

    def open_frame(self, frame: pd.DataFrame) -> str:
        """A view over a pandas frame."""
        name = f"kpi_frame_{next(_NUMBERS)}"
        self.connection.register(name, frame)
        return name

    def _view(self, query: str) -> str:
        name = f"kpi_view_{next(_NUMBERS)}"
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
        return name

    def table_names(self) -> list[str]:
        """Tables and views of the database."""
        return self._names

    def open_table(self, name: str) -> str:
        """A view over a table of the database."""
        inner = name.replace('"', '""')
        return self._view(f'SELECT * FROM logs."{inner}"')

    def columns(self, table: str) -> Schema:
        """Names and SQL types."""
        rows = self.connection.execute(f'DESCRIBE SELECT * FROM "{table}"').fetchall()
        return {row[0]: row[1] for row in rows}

    def save(self, expression: Expression) -> Expression:
        """A table in memory, or in the temporary folder as far as memory does not reach."""
        name = f"kpi_saved_{next(_NUMBERS)}"
        self.connection.execute(f"CREATE TABLE {name} AS {self.sql(expression)}")
        return ibis.table(expression.schema(), name=name)

    def sql(self, expression: Expression) -> str:
        """The expression in DuckDB's SQL."""
        return str(ibis.to_sql(expression, dialect=self.dialect))

    def rows(self, expression: Expression) -> pd.DataFrame:
        """All rows."""
        found: pd.DataFrame = self.connection.execute(self.sql(expression)).df()
        return found

    def write(self, expression: Expression, path: Path) -> None:
        """One file, by its ending."""
        form = "PARQUET" if path.suffix == ".parquet" else "CSV"
        where = _quoted(str(path))
        self.connection.execute(f"COPY ({self.sql(expression)}) TO '{where}' (FORMAT {form})")

    def close(self) -> None:
        """Close the connection and remove the temporary folder."""
        self.connection.close()
        self._folder.cleanup()


class SparkEngine:
    """Spark: the same SQL, spread over a cluster; ``session`` may be one that runs already."""

    dialect = "pyspark"

    def __init__(self, master: str = "local[2]", session: Any = None) -> None:
        self._own = session is None
        ibis.pyspark  # noqa: B018 - sets the options that its SQL is written with
        self.session = _spark_session(master) if session is None else session
        self._saved: list[Any] = []

    def open_files(self, files: Sequence[Path]) -> str:
        """A view over Parquet or CSV files; CSV cells stay text."""
        names = [str(file) for file in files]
        if files[0].name.endswith(".parquet"):
            frame = self.session.read.option("mergeSchema", "true").parquet(*names)
        else:
            frame = self.session.read.option("header", "true").csv(names, escape='"')
        return self._view(frame)

    def open_frame(self, frame: pd.DataFrame) -> str:
        """A view over rows made here; small ones, such as a roster or a test's."""
        from pyspark.sql import types

        kinds = {"M": types.TimestampNTZType(), "b": types.BooleanType(), "i": types.LongType(),
                 "f": types.DoubleType()}  # fmt: skip
        fields = [
            types.StructField(str(name), kinds.get(kind.kind, types.StringType()))
            for name, kind in frame.dtypes.items()
        ]
        rows = [tuple(map(_plain_cell, row)) for row in frame.itertuples(index=False, name=None)]
        return self._view(self.session.createDataFrame(rows, types.StructType(fields)))

    def _view(self, frame: Any) -> str:
        name = f"kpi_view_{next(_NUMBERS)}"
        frame.createOrReplaceTempView(name)
        self._saved.append((name, None))
        return name

    def table_names(self) -> list[str]:
        """Tables of the current database."""
        return [table.name for table in self.session.catalog.listTables() if not table.isTemporary]

    def open_table(self, name: str) -> str:
        """The table itself."""
        return name

    def columns(self, table: str) -> Schema:
        """Names and SQL types."""
        frame = self.session.table(table)
        return {field.name: field.dataType.simpleString() for field in frame.schema.fields}

    def save(self, expression: Expression) -> Expression:
        """A table that stays on the cluster, in memory or on its disks."""
        name = f"kpi_saved_{next(_NUMBERS)}"
        frame = self.session.sql(self.sql(expression)).persist()
        frame.createOrReplaceTempView(name)
        self._saved.append((name, frame))
        return ibis.table(expression.schema(), name=name)

    def sql(self, expression: Expression) -> str:
        """The expression in Spark's SQL."""
        return str(ibis.to_sql(expression, dialect=self.dialect))

    def rows(self, expression: Expression) -> pd.DataFrame:
        """All rows."""
        found = self.session.sql(self.sql(expression))
        return pd.DataFrame([tuple(row) for row in found.collect()], columns=found.columns)

    def write(self, expression: Expression, path: Path) -> None:
        """A folder of files, as Spark writes them."""
        writer = self.session.sql(self.sql(expression)).write
        if path.suffix == ".parquet":
            writer.parquet(str(path))
        else:
            writer.option("header", "true").csv(str(path))

    def close(self) -> None:
        """Forget what was saved; end a session that was begun here."""
        for name, frame in self._saved:
            self.session.catalog.dropTempView(name)
            if frame is not None:
                frame.unpersist()
        self._saved.clear()
        if self._own:
            self.session.stop()


def _spark_session(master: str) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        fix = "安装 pyspark（4.0）和 Java 17，或把连接留空，在本机计算"
        raise InputError([Problem(master, "没有安装 Spark", fix)]) from None
    builder = SparkSession.builder.master(master).appName("xl_kpi")
    builder = builder.config("spark.sql.session.timeZone", "UTC")  # times are the shop's own
    if master.startswith("local"):
        for key, value in _LOCAL.items():
            builder = builder.config(key, value)
    silent = Path(__file__).with_name("spark_log.properties").as_uri()
    os.environ.setdefault("SPARK_SUBMIT_OPTS", f"-Dlog4j2.configurationFile={silent}")
    try:
        return builder.getOrCreate()
    except Exception as error:  # Java's and PySpark's have no common ancestor
        reason = next((line for line in str(error).splitlines()[1:] if line), str(error))
        what = f"连不上 Spark：{reason[:200]}"
        fix = "检查地址、端口、网络和 Java 17；或把连接留空，在本机计算"
        raise InputError([Problem(master, what, fix)]) from error


def _plain_cell(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime(warn=False)
    return cell.item() if hasattr(cell, "item") else cell


def _quoted(text: str) -> str:
    return text.replace("'", "''")
