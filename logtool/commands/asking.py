"""Asking: takes the shared options, gives the logs as a table, and tells what was not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from logtool.commands.options import ReadOptions
from logtool.inputs import Asked

if TYPE_CHECKING:
    import polars as pl

    from logtool.commands.selection import Selection


def asked_logs(read: ReadOptions, tell: Callable[[str], None]) -> Asked:
    """What the options ask for; `tell` gets a sentence for each fault of a log.

    Raises:
        UsageError: an option makes no sense.
        ReadError: the configuration cannot be read.
    """
    files, options = read.files or ("-",), read.clock_options()
    layouts = tuple(read.layouts())
    return Asked(files, options, layouts, read.spool_limit, tell, all_needed=False)


def log_table(read: ReadOptions, selection: Selection, tell: Callable[[str], None]) -> pl.LazyFrame:
    """The lines that the options choose."""
    from logtool.frame import scan

    table = scan(asked_logs(read, tell))
    condition = selection.expression()
    return table if condition is None else table.filter(condition)
