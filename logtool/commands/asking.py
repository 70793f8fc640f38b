"""Asking: takes the shared options, gives the logs as a table, and tells what was not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from logtool.commands.options import ReadOptions
from logtool.commands.strictness import doubts_of
from logtool.commands.summary import assumption_lines, clock_lines, mistake_lines
from logtool.inputs import Asked
from logtool.normalize import Tally
from logtool.passes.first import find_clocks
from logtool.people.terminal import say

if TYPE_CHECKING:
    import polars as pl

    from logtool.clocks.options import ClockOptions
    from logtool.clocks.table import ClockTable
    from logtool.commands.selection import Selection
    from logtool.passes.logs import Log


def asked_logs(read: ReadOptions, tell: Callable[[str], None]) -> Asked:
    """What the options ask for; `tell` gets a sentence for each fault of a log.

    Raises:
        UsageError: an option makes no sense.
        ReadError: the configuration cannot be read.
    """
    files, options = read.files or ("-",), read.clock_options()
    layouts = tuple(read.layouts())
    return Asked(files, options, layouts, read.spool_limit, tell, read.tell, all_needed=False)


def log_table(
    read: ReadOptions, selection: Selection, tell: Callable[[str], None], doubts: list[str]
) -> pl.LazyFrame:
    """The lines that the options choose.

    Instants that rest on an assumption are told on standard error. When the lines are read with
    --strict, `doubts` gets what is not sure of their logs.
    """
    from logtool.frame.reading import scan

    def find(logs: Sequence[Log], options: ClockOptions) -> ClockTable:
        tally = Tally()
        table = find_clocks(logs, options, *([tally.watch] if read.strict else []))
        if read.strict:
            doubts[:] = doubts_of(table, tally)
        told = assumption_lines(table) if table.clocks else clock_lines(table, [], verbose=False)
        notes = [] if read.quiet else told
        for line in [*notes, *mistake_lines(table)]:
            say(line)
        return table

    table = scan(asked_logs(read, tell), find, always=read.strict)
    condition = selection.expression()
    return table if condition is None else table.filter(condition)
