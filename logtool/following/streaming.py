"""Streaming: takes a pipe that nobody knows the age of, gives clocks before it has ended.

The engine that reads a whole log is asked again and again for what it knows so far. A line waits
for a short look ahead; then it is written by the best clock known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.engine import ClockFinder, FileFacts
from logtool.clocks.knots import FORWARD
from logtool.clocks.line_offsets import Runs
from logtool.clocks.neighbours import NeighbourFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable, Confidence, hours
from logtool.passes import StampedBlock
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps

Ints = NDArray[np.int64]

_SECOND = 1_000_000
#: Stamps of whole seconds, and of racing writers, fall back by less.
_BACKWARD_US = 2 * _SECOND


class StreamClocks:
    """The clocks of a stream, as far as it has come."""

    def __init__(
        self,
        name: str,
        options: ClockOptions,
        beside: NeighbourFacts | None = None,
        tell: Callable[[str], None] = lambda note: None,
    ) -> None:
        """Begin a stream.

        Args:
            name: for people.
            options: what the user said of clocks.
            beside: facts of other logs that the user named.
            tell: takes a sentence for people where what was written has proved wrong.
        """
        self._facts = FileFacts(name)
        self._beside = beside
        self._finder = ClockFinder(options)
        self._tell = tell
        self._table = ClockTable.empty()
        self._written: dict[int, tuple[int, int]] = {}

    def add(self, stamped: StampedBlock) -> None:
        """Look at lines that have come."""
        self._finder.add(0, stamped.block, stamped.stamps, stamped.log.decoder)

    def table_for(self, stamped: StampedBlock) -> ClockTable:
        """The best clocks for lines that were added and shall be written now."""
        numbers = stamped.block.first_line + np.arange(len(stamped.block))
        if self._has_news(stamped.stamps, numbers):
            self._table = self._finder.finish([self._facts], self._beside)
            self._revise()
        self._note(stamped.stamps, numbers)
        return self._table

    def summary(self) -> ClockTable:
        """The clocks at the end; none is surer than likely, but what lines write themselves."""
        table = self._finder.finish([self._facts], self._beside)
        clocks = [
            clock
            if clock.confidence == Confidence.WRITTEN
            else replace(clock, confidence=min(clock.confidence, Confidence.LIKELY))
            for clock in table.clocks
        ]
        none = np.zeros(0, np.int64)
        return ClockTable(clocks, Runs(none.astype(np.int32), none, none, none), table.notes)

    def _has_news(self, stamps: Stamps, numbers: Ints) -> bool:
        """Whether the clocks known so far do not simply go on."""
        timed = np.flatnonzero(stamps.local_us != NO_TIME)
        offsets = self._table.offsets(0, numbers, stamps)[timed]
        if not len(timed) or np.any(offsets == NO_OFFSET):
            return bool(len(timed))
        step = np.diff(stamps.local_us[timed] - offsets * _SECOND)
        return bool(np.any((step < -_BACKWARD_US) | (step > FORWARD)))

    def _note(self, stamps: Stamps, numbers: Ints) -> None:
        """Remember the last line of each process that is written, and its offset."""
        offsets = self._table.offsets(0, numbers, stamps)
        rows = np.flatnonzero((stamps.local_us != NO_TIME) & (offsets != NO_OFFSET))
        pids, last = np.unique(stamps.pid[rows][::-1], return_index=True)
        for pid, at in zip(pids.tolist(), (len(rows) - 1 - last).tolist(), strict=True):
            self._written[pid] = int(numbers[rows[at]]), int(offsets[rows[at]])

    def _revise(self) -> None:
        """Tell of lines that have gone out by a clock that was wrong."""
        pids = np.array([*self._written], np.int64)
        lines = np.array([line for line, _ in self._written.values()], np.int64)
        offsets = self._offsets_now(lines, pids)
        for pid, line, now in zip(pids.tolist(), lines.tolist(), offsets.tolist(), strict=True):
            before = self._written[pid][1]
            if now not in (NO_OFFSET, before):
                who = "lines without pid" if pid == NO_PID else f"process {pid}"
                self._tell(
                    f"{who}: {hours(before)} was wrong, it is {hours(now)}; "
                    f"lines up to {line} have been written"
                )
                self._written[pid] = line, now

    def _offsets_now(self, lines: Ints, pids: Ints) -> Ints:
        rows = self._table.clock_rows(0, lines, pids)
        known = np.array([clock.offset_s for clock in self._table.clocks] or [0], np.int64)
        return np.where(rows >= 0, known[np.maximum(rows, 0)], NO_OFFSET)
