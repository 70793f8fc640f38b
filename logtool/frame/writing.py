"""Writing: takes the table of lines, streams it into a file that other programs read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl

from logtool.people.spreadsheet import cells
from parsers.classes import dataclass

#: The day of a line in UTC; what has no time is in `day=__HIVE_DEFAULT_PARTITION__`.
_DAY = pl.col("utc").dt.date().alias("day")
_ROWS_AT_ONCE = 20_000

Sink = Callable[[pl.LazyFrame, Path | pl.PartitionBy], object]


@dataclass(frozen=True, slots=True)
class Writer:
    """How files of one ending are written.

    Attributes:
        whole: writes one file.
        by_day: writes a folder with a file for each day, or None where that makes no sense.
    """

    whole: Callable[[pl.LazyFrame, Path], None]
    by_day: Callable[[pl.LazyFrame, Path], None] | None = None


def times(table: pl.LazyFrame | pl.DataFrame, between: str = "T") -> list[pl.Expr]:
    """Texts for the columns of times, those in UTC with `Z`; `between` stands before the hour.

    With `T` they are those of RFC 3339.
    """
    return [
        pl.col(name).dt.strftime(f"%Y-%m-%d{between}%H:%M:%S%.6f{'Z' if dtype.time_zone else ''}")
        for name, dtype in table.collect_schema().items()
        if isinstance(dtype, pl.Datetime)
    ]


def _streamed(sink: Sink) -> Writer:
    def whole(table: pl.LazyFrame, path: Path) -> None:
        sink(table, path)

    def by_day(table: pl.LazyFrame, path: Path) -> None:
        path.mkdir(exist_ok=True)  # a table without rows has no days
        sink(table.with_columns(_DAY), pl.PartitionBy(path, key="day"))

    return Writer(whole, by_day)


def _parquet(table: pl.LazyFrame, path: Path | pl.PartitionBy) -> None:
    table.sink_parquet(path, mkdir=True)


def _csv(table: pl.LazyFrame, path: Path | pl.PartitionBy) -> None:
    texts = [name for name, dtype in table.collect_schema().items() if dtype == pl.String]
    harmless = [cells(pl.col(name)).alias(name) for name in texts]
    table.with_columns(harmless).with_columns(times(table)).sink_csv(path, mkdir=True)


def _jsonl(table: pl.LazyFrame, path: Path | pl.PartitionBy) -> None:
    table.with_columns(times(table)).sink_ndjson(path, mkdir=True, check_extension=False)


def _sqlite(table: pl.LazyFrame, path: Path) -> None:
    """Write a table `log` and an index on `utc`, which is text such as 2026-06-05T08:42:29.986Z."""
    schema = table.collect_schema()
    names = [f'"{name}"' for name in schema]
    types = ["INTEGER" if dtype.is_integer() else "TEXT" for dtype in schema.values()]
    declared = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE log ({declared})")
        marks = ", ".join("?" * len(names))
        # What polars lets go of while a mistake is on its way calls `texts`, which cannot run then:
        # rows are made before they are written, and the batches are held until it has arrived.
        batches = iter(table.with_columns(times(table)).collect_batches(chunk_size=_ROWS_AT_ONCE))
        for rows in map(pl.DataFrame.rows, batches):
            database.executemany(f"INSERT INTO log VALUES ({marks})", rows)
        database.execute("CREATE INDEX log_utc ON log (utc)")
        database.commit()


#: By the ending of the file.
WRITERS: dict[str, Writer] = {
    ".parquet": _streamed(_parquet),
    ".csv": _streamed(_csv),
    ".jsonl": _streamed(_jsonl),
    ".ndjson": _streamed(_jsonl),
    ".sqlite": Writer(_sqlite),
    ".db": Writer(_sqlite),
}
