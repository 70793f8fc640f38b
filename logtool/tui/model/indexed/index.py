"""LineIndex: where each line stands and what is asked of all lines at once: 21 bytes a line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable
from logtool.tui.model.indexed.column import Column, Places
from logtool.tui.model.indexed.glance import Glance
from parsers.arrays import Ints
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from parsers.units import SECOND

Rows = NDArray[np.int32]

_MOST_PID = int(np.iinfo(np.int32).max)
#: More offsets than a day has minutes, before and after UTC, are not told apart.
_MOST_OFFSETS = 1 << 14
#: Rows worked on at once, so that working on all rows needs little memory.
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that are consecutive lines of one log.

    Attributes:
        first_row: its first row.
        log: number of the log.
        first_line: line number of the first row, from 1.
    """

    first_row: int
    log: int
    first_line: int


class LineIndex:
    """A few numbers for each line of some logs; a line's number here is its row.

    Attributes:
        place: where the line begins in its (decompressed) log.
        time_us: int64, microseconds: UTC where the clock is known, as logged until then, NO_TIME
            for lines without a time until `settle`, which gives them the time of the line before;
            it stays so where no line of the log has a time.
        pid: int32, or NO_PID.
        offset: int16, index into `offsets`, or -1.
        level: int8, index into LEVELS, or -1.
        module: int16, index into `modules`, or -1.
        offsets: seconds east of UTC, in order of appearance.
        modules: names of modules, in order of appearance.
        names: of the logs, by number.
        known: of so many rows all is known that can be known before the clocks; of the others only
            where they stand.
        settled: the clocks are known.
    """

    def __init__(self, room: int = 1 << 20) -> None:
        """Expect about `room` lines."""
        self.place = Places(room)
        self.time_us = Column(np.int64, room)
        self.pid = Column(np.int32, room)
        self.offset = Column(np.int16, room)
        self.level = Column(np.int8, room)
        self.module = Column(np.int16, room)
        self.offsets: list[int] = []
        self.modules: list[str] = []
        self.names: list[str] = []
        self.known = 0
        self.settled = False
        self._offset_numbers: dict[int, int] = {NO_OFFSET: -1}
        self._module_numbers: dict[str, int] = {}
        self._stretches: list[Stretch] = []
        self._count = 0

    def __len__(self) -> int:
        """How many lines there are."""
        return self._count

    def locate(self, log: int, places: Ints, first_line: int) -> None:
        """Take the places of a log's next lines, of which nothing else is known yet."""
        if not len(places):
            return
        end = self._count + len(places)
        self.place.append(places)
        for column, unknown in (
            (self.time_us, NO_TIME), (self.pid, NO_PID), (self.offset, -1), (self.level, -1),
            (self.module, -1),
        ):  # fmt: skip
            column.pad(end, unknown)
        self._continue(self._count, log, first_line)
        self._count = end

    def append(self, log: int, block: Block, stamps: Stamps, glance: Glance) -> None:
        """Take the lines of a log's next block; the rest of a torn line is no line of its own.

        They come in the order in which they were located. Where they stand elsewhere (a log was
        written anew meanwhile), what was located is forgotten.
        """
        rows = slice(int(block.torn_head), None)
        count = len(block) - int(block.torn_head)
        if not count:
            return
        first, places = self.known, block.offset + block.starts[rows]
        self._continue(first, log, block.first_line + int(block.torn_head))
        local, written = stamps.local_us[rows], stamps.offset_s[rows]
        known = (local != NO_TIME) & (written != NO_OFFSET)
        self.place.put(first, places)
        utc_us = local - written.astype(np.int64) * SECOND
        self.time_us.put(first, np.where(known, utc_us, local))
        self.pid.put(first, np.minimum(stamps.pid[rows], _MOST_PID))
        self.offset.put(first, self._numbers_of(np.where(known, written, NO_OFFSET)))
        self.level.put(first, glance.level[rows])
        self.module.put(first, self._numbers(glance.modules)[glance.module[rows]])
        self.known = first + count
        self._count = max(self._count, self.known)

    def begin_again(self) -> None:
        """Expect all lines once more, from the first one on."""
        self.known = 0

    def end_at_known(self) -> None:
        """No more lines come: what was located beyond them is not there any more."""
        self._cut(self.known)

    def _continue(self, row: int, log: int, line: int) -> None:
        """Note that a row is a line of a log."""
        if row < self._count:
            if self.line_of(row) == (log, line):
                return
            self._cut(row)
        if self._stretches:
            last = self._stretches[-1]
            if last.log == log and last.first_line + row - last.first_row == line:
                return
        self._stretches.append(Stretch(row, log, line))

    def _cut(self, row: int) -> None:
        self._count = min(self._count, row)
        self._stretches = [stretch for stretch in self._stretches if stretch.first_row < row]
        self.place.cut(row)
        for column in (self.time_us, self.pid, self.offset, self.level, self.module):
            column.cut(row)

    def _numbers(self, names: Sequence[str]) -> NDArray[np.int16]:
        """The number of each name; the last one, for index -1, is -1."""
        for name in names:
            if name not in self._module_numbers:
                self._module_numbers[name] = len(self.modules)
                self.modules.append(name)
        return np.array([*(self._module_numbers[name] for name in names), -1], np.int16)

    def number_of(self, offset_s: int) -> int:
        """The number that an offset has in `offset`: -1 for NO_OFFSET, -2 where no line has it."""
        return self._offset_numbers.get(offset_s, -2)

    def offset_of(self, row: int) -> int | None:
        """Seconds east of UTC of a row's clock, None where it is not known."""
        number = int(self.offset.values[row])
        return None if number < 0 else self.offsets[number]

    def offset_counts(self, first: int = 0, last: int | None = None) -> dict[int, int]:
        """How many of the rows from `first` up to `last` have each known offset."""
        counts = np.zeros(len(self.offsets) + 1, np.int64)
        for stretch, end in self.chunks(first, last):
            numbers = self.offset.values[stretch.first_row : end]
            counts += np.bincount(numbers + 1, minlength=len(counts))
        return dict(zip(self.offsets, counts[1:].tolist(), strict=True))

    def _numbers_of(self, offset_s: NDArray[np.int32]) -> NDArray[np.int16]:
        """The number of each offset; -1 for NO_OFFSET."""
        found, which = np.unique(offset_s, return_inverse=True)
        for one in found.tolist():
            if one not in self._offset_numbers and len(self.offsets) < _MOST_OFFSETS:
                self.offsets.append(one)
                self._offset_numbers[one] = len(self.offsets) - 1
        numbers = [self._offset_numbers.get(one, -1) for one in found.tolist()]
        return np.array(numbers, np.int16)[which]

    def stretch_of(self, row: int) -> Stretch:
        """The stretch that a row is in."""
        at = bisect_right(self._stretches, row, key=lambda stretch: stretch.first_row)
        return self._stretches[at - 1]

    def line_of(self, row: int) -> tuple[int, int]:
        """Number of the log and of the line in it, from 1."""
        stretch = self.stretch_of(row)
        return stretch.log, stretch.first_line + row - stretch.first_row

    def row_of(self, log: int, line: int) -> int | None:
        """The row of a line, None where it is not (yet) here."""
        for stretch, end in self.stretches():
            row = stretch.first_row + line - stretch.first_line
            if stretch.log == log and stretch.first_row <= row < end:
                return row
        return None

    def row_near(self, log: int, line: int) -> int | None:
        """The row of a line, or of the last one of its log that is here; None without any."""
        nearest = None
        for stretch, end in self.stretches():
            row = stretch.first_row + max(line, 1) - stretch.first_line
            if stretch.log == log and stretch.first_row <= row:
                nearest = min(row, end - 1)
        return nearest

    def stretches(self, first: int = 0, last: int | None = None) -> Iterator[tuple[Stretch, int]]:
        """Each stretch and the row after it, cut to the rows from `first` up to `last`."""
        end = self._count if last is None else min(last, self._count)
        known = self._stretches[:]
        for at, stretch in enumerate(known):
            begin = max(stretch.first_row, first)
            stop = min(known[at + 1].first_row if at + 1 < len(known) else end, end)
            if begin < stop:
                line = stretch.first_line + begin - stretch.first_row
                yield Stretch(begin, stretch.log, line), stop

    def lines_of(self, logs: Sequence[int]) -> int:
        """How many lines there are of some logs."""
        return sum(end - some.first_row for some, end in self.stretches() if some.log in logs)

    def chunks(self, first: int = 0, last: int | None = None) -> Iterator[tuple[Stretch, int]]:
        """The same in pieces of at most CHUNK rows."""
        for stretch, end in self.stretches(first, last):
            for begin in range(stretch.first_row, end, CHUNK):
                line = stretch.first_line + begin - stretch.first_row
                yield Stretch(begin, stretch.log, line), min(begin + CHUNK, end)

    def settle(self, table: ClockTable, first: int = 0) -> None:
        """Turn the times of the rows from `first` on into UTC, by the clocks that were found."""
        offsets = np.array([clock.offset_s for clock in table.clocks] or [0], np.int32)
        numbers = self._numbers_of(offsets)
        for stretch, end in self.chunks(first):
            rows = slice(stretch.first_row, end)
            lines = stretch.first_line + np.arange(end - stretch.first_row)
            clock = table.clock_rows(stretch.log, lines, self.pid.values[rows].astype(np.int64))
            time, offset = self.time_us.values[rows], self.offset.values[rows]
            new = (clock >= 0) & (time != NO_TIME) & (offset < 0)
            found = clock[new]
            offset[new] = numbers[found]
            time[new] -= offsets[found].astype(np.int64) * SECOND
        self.fill(first)
        self.settled = True

    def fill(self, first: int) -> None:
        """Give the lines without a time among the rows from `first` on that of the line before.

        Where no line of its log has a time, a line keeps NO_TIME.
        """
        time = self.time_us.values
        for stretch, end in self.stretches(first):
            row = stretch.first_row
            goes_on = row > 0 and self.stretch_of(row - 1).log == stretch.log
            _fill(time, row, end, int(time[row - 1]) if goes_on else NO_TIME)

    def near_us(self, row: int) -> int:
        """The time of a row; where it has none, of the first line that has one; 0 without any."""
        time = self.time_us.values[: self._count]
        if row < len(time) and time[row] != NO_TIME:
            return int(time[row])
        dated = time != NO_TIME
        return int(time[np.argmax(dated)]) if dated.any() else 0

    def order(self, sets: Sequence[int]) -> Rows | None:
        """All rows by UTC, lines of one instant as they stand; None where they stand so already.

        Args:
            sets: for each log the rotated set that it belongs to; the logs of one set follow each
                other, so a single set is in order.
        """
        if len({sets[stretch.log] for stretch, _ in self.stretches()}) < 2:
            return None
        return np.argsort(self.time_us.values[: self._count], kind="stable").astype(np.int32)


def _fill(time: Ints, first: int, end: int, before: int) -> None:
    """Give lines without a time the one of the line before them, or after where none is before."""
    part = time[first:end]
    missing = part == NO_TIME
    if not missing.any():
        return
    if missing.all():
        part[:] = before
        return
    at = np.maximum.accumulate(np.where(missing, -1, np.arange(len(part))))
    at[at < 0] = int(np.argmin(missing))
    part[:] = part[at]
