"""Reading: takes blocks of logs and their clocks, gives what their lines say, in numbers.

It is done in child processes: polars is loaded only if lines are chosen by what it must look at.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.frame.lines import Lines
from logtool.passes.logs import Log
from logtool.people.instants import microseconds
from logtool.reports.period import Period
from logtool.reports.said.numbered import Learned, Messages, Numbered
from logtool.reports.said.numbering import Numbering
from logtool.reports.wish import Wish
from parsers.blocks import Block
from parsers.lines import NO_TIME


class Reader:
    """Reads blocks for a report."""

    def __init__(
        self,
        wish: Wish,
        table: ClockTable,
        period: Period,
        learned: Callable[[Messages], Learned | None] = lambda messages: None,
    ) -> None:
        """Take what is wished for, the clocks, and what `Numbering` takes."""
        self._numbering = Numbering(table, period, learned)
        self._table = table
        self._since, self._until = (
            None if time is None else microseconds(time) for time in (wish.since, wish.until)
        )
        self._condition = wish.chosen()

    def numbered(self, log: Log, block: Block) -> Numbered:
        """What the lines of a block say, as far as they are in the report."""
        lines = Lines(log, block, self._table)
        return self._numbering.of(self._chosen(self._within(lines)))

    def _within(self, lines: Lines) -> Lines:
        """Those in the time of the report; one without a time comes when the one before it does."""
        if self._since is None and self._until is None:
            return lines
        timed = np.flatnonzero(lines.utc_us != NO_TIME)
        if not len(timed):
            return lines.at(timed)
        before = np.searchsorted(timed, np.arange(len(lines)), side="right") - 1
        utc_us = lines.utc_us[timed[np.maximum(before, 0)]]
        within = np.ones(len(lines), np.bool_)
        if self._since is not None:
            within &= utc_us >= self._since
        if self._until is not None:
            within &= utc_us < self._until
        return lines.at(np.flatnonzero(within))

    def _chosen(self, lines: Lines) -> Lines:
        """Those on which the condition holds."""
        if self._condition is None:
            return lines
        frame = lines.frame(self._condition.meta.root_names()).with_row_index("")
        return lines.at(frame.filter(self._condition)[""].to_numpy().astype(np.int64))
