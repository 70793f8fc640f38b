"""Arrivals: takes lines that have just come, tells their offsets from UTC.

A line that is read as it is written was written now. So the offset of its process is the one that a
zone keeps by which its stamp differs from the present, whatever the process did to its zone. Where
some lines of those that came together fit no such offset, or the file was written last long before
it was read, they are a `backlog`: then the present tells only what is impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from logtool.clocks.evidence.present import AHEAD_US
from logtool.clocks.seen.constraints import STEP_S, STEP_US
from logtool.clocks.table import ClockTable, hours
from logtool.following.backlog import Backlog, kept_around
from parsers.arrays import Ints, Mask
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from parsers.units import SECOND

#: A line is read so much later than it was stamped, and clocks of two hosts differ by less.
SLACK_US = 60 * SECOND
#: Before all logs.
_LONG_AGO = -(1 << 60)


class ArrivalClocks:
    """The newest clock of every process that writes one log."""

    def __init__(
        self,
        default: Callable[[int], int] | None = None,
        tell: Callable[[str], None] = lambda note: None,
    ) -> None:
        """Begin without knowing any clock.

        Args:
            default: offset (seconds) at a local time (µs) of a process of which nothing is known.
            tell: takes a sentence for people where the present does not explain a stamp.
        """
        self._default = default
        self._tell = tell
        self._told: set[int] = set()
        self._known: dict[int, int] = {}
        self._server: int | None = None

    def learn(self, table: ClockTable, file: int) -> None:
        """Take over the last clock of every process from what was found before."""
        for clock in sorted(
            (clock for clock in table.clocks if clock.file == file), key=lambda one: one.last_line
        ):
            self._known[clock.pid] = clock.offset_s
            if clock.role == "parent" or self._server is None:
                self._server = clock.offset_s

    def offsets(
        self, stamps: Stamps, since_us: int, now_us: int, written_us: int | None = None
    ) -> Ints:
        """The offset of each line, seconds east of UTC.

        Args:
            stamps: of the lines.
            since_us: they came after this instant, µs UTC ...
            now_us: ... and not after this one.
            written_us: when their file was written last, if it is known.

        Returns:
            int64[n]: what the line itself writes; else the clock its process had, if that explains
            when it came; else what the present tells; else, in a backlog, the last known clock
            unless it is of the future, or what the lines around it tell. NO_OFFSET where nothing
            is known, or the line has no time.
        """
        pids, which = np.unique(stamps.pid, return_inverse=True)
        offsets, odd = self._dated(stamps, since_us, now_us, written_us)
        self._tell_of(stamps.pid[odd], offsets[odd])
        self._remember(offsets, pids, which)
        return offsets

    def leaves_open(
        self, stamps: Stamps, since_us: int, now_us: int, written_us: int | None = None
    ) -> bool:
        """Whether neither the present nor the order of lines tells `offsets` some of them."""
        return bool(self._dated(stamps, since_us, now_us, written_us)[1].any())

    def _dated(
        self, stamps: Stamps, since_us: int, now_us: int, written_us: int | None
    ) -> tuple[Ints, Mask]:
        """The offset of each line, and where the present does not explain the stamp."""
        low, high = since_us - SLACK_US, now_us + SLACK_US
        if written_us is not None and written_us < low:
            low, high = _LONG_AGO, written_us + SLACK_US
        timed = stamps.local_us != NO_TIME
        local = np.where(timed, stamps.local_us, 0)
        pids, which = np.unique(stamps.pid, return_inverse=True)
        known = np.array([self._known.get(pid, NO_OFFSET) for pid in pids.tolist()])[which]
        said = timed & (stamps.offset_s != NO_OFFSET)
        offsets = np.where(said, stamps.offset_s, NO_OFFSET).astype(np.int64)
        fits = (known != NO_OFFSET) & _within(local - known * SECOND, low, high) & ~said
        seen = self._seen(local, now_us, low, high, timed & ~said & ~fits)
        offsets = np.where(fits, known, np.where(said, offsets, seen))
        odd = timed & (offsets == NO_OFFSET)
        if odd.any():
            # None of the lines need have been written just now; those behind all odd ones may.
            seen[: int(np.flatnonzero(odd)[-1])] = NO_OFFSET
            rows = np.flatnonzero(timed)
            earliest = low if high - low >= STEP_US else _LONG_AGO
            lines = Backlog(
                local[rows], which[rows], earliest, high, SLACK_US, self._thinkable(now_us)
            )
            given = np.where(said, stamps.offset_s, NO_OFFSET)[rows]
            offsets[rows], doubted = self._late(lines, given, known[rows], seen[rows])
            odd[rows] &= doubted
        return offsets, odd

    def _late(self, lines: Backlog, given: Ints, known: Ints, seen: Ints) -> tuple[Ints, Mask]:
        """The offsets of a backlog, and where nothing but what was known before tells them.

        Args:
            lines: all with a time.
            given: the offsets that they write, or NO_OFFSET.
            known: the clocks that their processes had, or NO_OFFSET.
            seen: what the present tells of lines that may have been written just now.
        """
        latest_us = lines.latest_us + AHEAD_US
        kept = (known != NO_OFFSET) & (lines.local_us - known * SECOND <= latest_us)
        given = np.where((given == NO_OFFSET) & kept, known, given)

        def prefer(row: int, suiting: Ints) -> int:
            local_us = int(lines.local_us[row])
            for offset in (int(seen[row]), *self._usual(local_us)):
                if offset in suiting:
                    return offset
            # The latest instant that has been; where nothing is known, nothing is guessed.
            return int(suiting[0]) if self._server is not None else NO_OFFSET

        offsets, guessed = lines.dated(given, prefer, begin=0 if self._default else -1)
        for row in np.flatnonzero(offsets == NO_OFFSET).tolist():
            offsets[row] = self._last_resort(int(lines.local_us[row]), int(known[row]), lines)
            guessed[row] = True
        return offsets, guessed | kept

    def _last_resort(self, local_us: int, known: int, lines: Backlog) -> int:
        """An offset for a line where order allows none: a usual one, unless it is of the future."""
        usual = [x for x in (known, *self._usual(local_us)) if x != NO_OFFSET]
        if not usual:
            return NO_OFFSET
        thinkable = [*usual, *lines.thinkable_s.tolist()]
        latest_us = lines.latest_us + AHEAD_US
        return next((x for x in thinkable if local_us - x * SECOND <= latest_us), usual[0])

    def _seen(self, local_us: Ints, now_us: int, low: int, high: int, asked: Mask) -> Ints:
        """The offsets by which lines were written just now, or NO_OFFSET: int64[n]."""
        seen = np.full(len(local_us), NO_OFFSET, np.int64)
        rows = np.flatnonzero(asked)
        if len(rows) and high - low < STEP_US:  # else we looked away for too long: several would do
            nearest = (local_us[rows] - now_us + STEP_US // 2) // STEP_US * STEP_S
            fits = _within(local_us[rows] - nearest * SECOND, low, high)
            fits &= np.isin(nearest, self._thinkable(now_us))
            seen[rows[fits]] = nearest[fits]
        return seen

    def _thinkable(self, now_us: int) -> Ints:
        """Offsets that zones keep about now, and known ones: int64[n], ascending."""
        known = {*self._usual(now_us), *self._known.values()}
        return np.union1d(kept_around(now_us), np.array([*known], np.int64))

    def _usual(self, local_us: int) -> Iterator[int]:
        """What a process of which nothing is known has, as a rule."""
        if self._default is not None:
            yield self._default(local_us)
        if self._server is not None:
            yield self._server

    def _tell_of(self, pids: Ints, offsets: Ints) -> None:
        """Tell of processes whose lines the present does not explain, each once."""
        every, first = np.unique(pids, return_index=True)
        for pid, offset in zip(every.tolist(), offsets[first].tolist(), strict=True):
            if pid in self._told:
                continue
            self._told.add(pid)
            who = "a process without pid" if pid == NO_PID else f"process {pid}"
            taken = "no clock is known" if offset == NO_OFFSET else f"{hours(offset)} is taken"
            self._tell(f"{who} writes stamps that do not fit the present; {taken}")

    def _remember(self, offsets: Ints, pids: Ints, which: Ints) -> None:
        last = np.full(len(pids), -1)
        rows = np.flatnonzero(offsets != NO_OFFSET)
        last[which[rows]] = rows  # of equal places the last one counts
        for at, row in enumerate(last.tolist()):
            if row >= 0:
                self._known[int(pids[at])] = int(offsets[row])
                if self._server is None:
                    self._server = int(offsets[row])


def _within(utc: Ints, low: int, high: int) -> Mask:
    inside: Mask = (utc >= low) & (utc <= high)
    return inside
