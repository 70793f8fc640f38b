"""Streaming: takes a pipe that nobody knows the age of, gives clocks before it has ended.

The engine that reads a whole log is asked again and again for what it knows so far: `pacing` tells
when. Meanwhile lines are dated by the best clock known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.engine import ClockFinder
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.evidence.present import AHEAD_US
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.line_offsets import LineOffsets, Runs
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.knots import FORWARD
from logtool.clocks.table import ASSUMED, ClockTable, Confidence, hours
from logtool.following.tails import now_us
from logtool.passes.logs import StampedBlock
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from parsers.units import SECOND

#: Stamps of whole seconds, and of racing writers, fall back by less.
_BACKWARD_US = 2 * SECOND


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the engine knew of a stream when it was asked.

    Attributes:
        offsets: of the lines it has seen.
        last_line: the last of these.
        server_s: the offset with which a process is born, or NO_OFFSET.
        assumed: bool[clocks + 1], which clocks of the offsets are only assumed.
        note: tells what they rest on, if any is.
    """

    offsets: LineOffsets
    last_line: int = 0
    server_s: int = NO_OFFSET
    assumed: NDArray[np.bool_] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Timed:
    """Lines that have a time: their numbers, what their stamps say, and who wrote them."""

    numbers: Ints
    local_us: Ints
    written_s: NDArray[np.int32]
    pid: Ints

    @classmethod
    def of(cls, stamped: StampedBlock) -> _Timed:
        """Those of a block."""
        stamps, numbers = stamped.stamps, _numbers(stamped)
        rows = np.flatnonzero(stamps.local_us != NO_TIME)
        return cls(numbers[rows], stamps.local_us[rows], stamps.offset_s[rows], stamps.pid[rows])

    def last(self) -> _Timed:
        """The last of them alone."""
        return _Timed(self.numbers[-1:], self.local_us[-1:], self.written_s[-1:], self.pid[-1:])


class StreamClocks:
    """The clocks of a stream, as far as it has come."""

    def __init__(
        self,
        name: str,
        options: ClockOptions,
        beside: NeighbourFacts | None = None,
        tell: Callable[[str], None] = lambda note: None,
        now: Callable[[], int] = now_us,
    ) -> None:
        """Begin a stream.

        Args:
            name: for people.
            options: what the user said of clocks.
            beside: facts of other logs that the user named.
            tell: takes a sentence for people where what was written has proved wrong, and where
                clocks are first used that are only assumed.
            now: gives the present, µs UTC: no line of a stream is later than when it came.
        """
        self._name, self._now = name, now
        self._read_us = now()
        self._told_assumed = False
        self._beside = beside
        self._finder = ClockFinder(options)
        self._tell = tell
        self._last_line = 0
        self._last: _Timed | None = None
        self._before: dict[int, _Timed | None] = {}
        self._table: ClockTable | None = None
        self._known = Known(ClockTable.empty())
        self._written: dict[int, tuple[int, int]] = {}

    def add(self, stamped: StampedBlock) -> None:
        """Look at lines that have come."""
        stamps, numbers = stamped.stamps, _numbers(stamped)
        self._finder.add(0, stamped.block, stamps, stamped.log.decoder)
        self._table, self._last_line = None, int(numbers[-1])
        self._read_us = self._now()
        self._before[stamped.block.first_line] = self._last
        timed = _Timed.of(stamped)
        if len(timed.numbers):
            self._last = timed.last()

    def explains(self, stamped: StampedBlock) -> bool:
        """Whether lines that were added, and are not yet `told`, are no news: clocks just go on.

        Then none is before the line before it by the clocks known so far, nor long after, nor of
        the future by a clock that is only assumed: others are not given up for the present.
        """
        rows, instants = self._instants(_Timed.of(stamped))
        before = self._before[stamped.block.first_line]
        earlier = None if before is None else self._instants(before)[1]
        if instants is None or np.any(self._assumed(rows) & (instants > self._read_us + AHEAD_US)):
            return False
        step = np.diff(instants if earlier is None else np.append(earlier, instants))
        return not np.any((step < -_BACKWARD_US) | (step > FORWARD))

    def _instants(self, lines: _Timed) -> tuple[Ints, Ints | None]:
        """The clocks known so far that lines have, and when these say that they were written.

        None if one is not known.
        """
        rows = self._known.offsets.clock_rows(0, lines.numbers, lines.pid)
        offsets = self._known.offsets.offsets_of(rows, lines.written_s)
        unknown = np.any(offsets == NO_OFFSET)
        return rows, None if unknown else lines.local_us - offsets * SECOND

    def _assumed(self, rows: Ints) -> NDArray[np.bool_]:
        """Which clocks are only assumed: bool[n]."""
        if self._known.assumed is None:
            return np.zeros(len(rows), np.bool_)
        return self._known.assumed[rows]

    def find(self) -> Known:
        """Ask the engine; nothing here changes, so that a child may do it."""
        table = self._found()
        assumed = table.confidences == Confidence.ASSUMED
        assumed[-1] = False  # that of lines without a clock: they write their offset, or have none
        notes = [note.text for note in table.notes if note.kind == ASSUMED]
        note = notes[0] if notes else ""
        return Known(table.line_offsets(), self._last_line, _server_s(table), assumed, note)

    def take(self, known: Known) -> None:
        """Take over what `find` gave; tell of lines that have gone out by another clock."""
        self._known = known
        self._revise()
        if known.note and not self._told_assumed:
            self._told_assumed = True
            self._tell(f"--stream: so far, {known.note}")

    def told(self, stamped: StampedBlock) -> StampedBlock:
        """Lines that are to be written now: their stamps tell the best offsets known.

        A process that the engine has not seen yet is taken to have the clock with which it is born.
        """
        stamps, numbers, known = stamped.stamps, _numbers(stamped), self._known
        del self._before[stamped.block.first_line]
        offsets = known.offsets.offsets(0, numbers, stamps)
        timed = stamps.local_us != NO_TIME
        unseen = timed & (offsets == NO_OFFSET) & (numbers > known.last_line)
        offsets = np.where(unseen, known.server_s, offsets)
        self._note(stamps, numbers, offsets)
        return replace(stamped, given=stamps.with_offsets(offsets))

    def summary(self) -> ClockTable:
        """The clocks at the end; none is surer than likely, but what lines write themselves."""
        table = self._found()
        clocks = [
            clock
            if clock.confidence == Confidence.WRITTEN
            else replace(clock, confidence=min(clock.confidence, Confidence.LIKELY))
            for clock in table.clocks
        ]
        none = np.zeros(0, np.int64)
        return ClockTable(clocks, Runs(none.astype(np.int32), none, none, none), table.notes)

    def _found(self) -> ClockTable:
        """The clocks of all lines that have come."""
        if self._table is None:
            self._table = self._finder.finish(
                [FileFacts(self._name, read_us=self._read_us)], self._beside
            )
        return self._table

    def _note(self, stamps: Stamps, numbers: Ints, offsets: Ints) -> None:
        """Remember the last line of each process that is written, and its offset."""
        rows = np.flatnonzero((stamps.local_us != NO_TIME) & (offsets != NO_OFFSET))
        pids, last = np.unique(stamps.pid[rows][::-1], return_index=True)
        for pid, at in zip(pids.tolist(), (len(rows) - 1 - last).tolist(), strict=True):
            self._written[pid] = int(numbers[rows[at]]), int(offsets[rows[at]])

    def _revise(self) -> None:
        """Tell of lines that have gone out by a clock that was wrong."""
        pids = np.array([*self._written], np.int64)
        lines = np.array([line for line, _ in self._written.values()], np.int64)
        rows = self._known.offsets.clock_rows(0, lines, pids)
        offsets = self._known.offsets.offsets_of(rows, np.full(len(rows), NO_OFFSET, np.int32))
        assumed = self._assumed(rows).tolist()
        for pid, line, now, only_so in zip(
            pids.tolist(), lines.tolist(), offsets.tolist(), assumed, strict=True
        ):
            before = self._written[pid][1]
            if now not in (NO_OFFSET, before):
                who = "lines without pid" if pid == NO_PID else f"process {pid}"
                why = " by what is assumed now" if only_so else ""
                self._tell(
                    f"{who}: {hours(before)} was wrong, it is {hours(now)}{why}; "
                    f"lines up to {line} have been written"
                )
                self._written[pid] = line, now


def _numbers(stamped: StampedBlock) -> Ints:
    return stamped.block.first_line + np.arange(len(stamped.block))


def _server_s(table: ClockTable) -> int:
    """The offset that Apache's own processes have had last; else that of most lines."""
    for role in ("parent", "child"):
        if theirs := [clock for clock in table.clocks if clock.role == role]:
            return max(theirs, key=lambda clock: clock.last_line).offset_s
    lines: Counter[int] = Counter()
    for clock in table.clocks:
        lines[clock.offset_s] += clock.lines
    return lines.most_common(1)[0][0] if lines else NO_OFFSET
