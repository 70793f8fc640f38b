"""`errlog export`: the lines of logs as a table in a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logtool.commands.asking import log_table
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.selection import Selection, select_options
from logtool.commands.sparing import spare_inputs
from logtool.commands.strictness import strict_status
from logtool.errors import UsageError, WriteError
from logtool.machine.heap import spare_memory_of_polars
from logtool.people.misspelled import with_meant
from logtool.people.terminal import say
from logtool.replacing import replaced

if TYPE_CHECKING:
    import polars as pl


@click.command(
    "export", epilog="Such as: errlog export error.log* -o log.parquet --since yesterday"
)
@read_options
@select_options
@click.option(
    "-o", "--output-file", metavar="FILE",
    help="Write here; its ending says how: .parquet, .csv, .jsonl or .ndjson, .sqlite or .db.",
)  # fmt: skip
@click.option(
    "--partition",
    is_flag=True,
    help="A folder with a file for each day (UTC); "
    "its name has the ending, such as -o days.parquet.",
)
@click.option("--columns", "listed", is_flag=True, help="List the columns and what they mean.")
def command(
    read: ReadOptions,
    selection: Selection,
    output_file: str | None,
    partition: bool,
    listed: bool,
) -> int:
    """Write logs as a table, one row for each line, always with the same columns.

    Logs larger than memory are fine. Texts in .csv are made harmless for spreadsheets.
    """
    import sqlite3

    spare_memory_of_polars()
    from polars.exceptions import PolarsError

    if listed:
        return _list_columns()
    if output_file is None:
        raise UsageError("say where to write: -o FILE")
    target = Path(output_file)
    spare_inputs(output_file, read.files)
    write = _writer(target, partition=partition)
    faults: list[str] = []
    doubts: list[str] = []
    table = log_table(read, selection, faults.append, doubts)
    try:
        with replaced(target) as unfinished:
            write(table, unfinished)
    except (OSError, PolarsError, sqlite3.Error) as fault:
        raise WriteError(f"{target}: {_reason(fault)}") from fault
    for line in faults:
        say(f"errlog: {line}")
    return 3 if faults else strict_status(read.strict, doubts)


def _reason(fault: Exception) -> str:
    """What went wrong, in the words of the system where a fault has its number, as polars' have."""
    if told := getattr(fault, "strerror", None):
        return str(told)
    text = str(fault).splitlines()[0]
    number = re.search(r"\(os error (\d+)\)", text)
    return os.strerror(int(number[1])) if number else text


def _list_columns() -> int:
    from logtool.frame.columns import COLUMNS

    for column in COLUMNS:
        click.echo(f"{column.name:18} {column.dtype.base_type().__name__:9} {column.meaning}")
    return 0


def _writer(target: Path, *, partition: bool) -> Callable[[pl.LazyFrame, Path], None]:
    """What writes files of the target's ending."""
    from logtool.frame import writing

    write = writing.WRITERS.get(target.suffix.lower())
    if write is None:
        known = ", ".join(writing.WRITERS)
        what = "the folder's ending" if partition else "the ending"
        told = f"{target}: {what} says how to write; there is {known}"
        raise UsageError(with_meant(told, target.suffix, writing.WRITERS))
    if not partition:
        return write.whole
    if write.by_day is None:
        raise UsageError(f"{target.suffix} cannot be partitioned; a database has an index instead")
    return write.by_day
