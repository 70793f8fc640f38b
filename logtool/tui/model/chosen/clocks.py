"""Clocks as they are shown: which colour stands for which offset, and who wrote a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy

import numpy as np

from logtool.clocks.seen.roles import Process
from logtool.clocks.table import Clock, ClockTable
from logtool.people.terminal import safe
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.lines import Line
from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.lines import NO_PID
from parsers.whole_numbers import whole_number

#: A line after every other one of its log.
_AFTER_ALL = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Who:
    """Whose line it is, and by which clock.

    Attributes:
        clock: the clock, None where none is known (or the line itself writes its offset).
        name: the daemon group, the role, or the pid.
    """

    clock: Clock | None
    name: str


class ShownClocks:
    """The clocks of an index.

    Attributes:
        table: None until they are known.
        offsets: the distinct offsets, most lines first: their number is the gutter's colour.
    """

    def __init__(self, index: LineIndex, table: ClockTable | None) -> None:
        """Count the lines of each offset."""
        self.table = table
        self.offsets: tuple[int, ...] = ()
        self._names = index.names
        self._newcomers: Mapping[str, Mapping[int, Process]] = {}
        self._first_new = len(index)
        if table is not None:
            counts = index.offset_counts()
            some = (offset for offset, lines in counts.items() if lines)
            self.offsets = tuple(sorted(some, key=lambda offset: (-counts[offset], offset)))
        self._number_offsets()

    def _number_offsets(self) -> None:
        self._numbers = {offset: number for number, offset in enumerate(self.offsets)}

    def with_offsets(self, offsets: Iterable[int]) -> ShownClocks:
        """One that also knows the offsets of new lines, behind the others: colours stay."""
        new = {*offsets} - {*self.offsets}
        if not new:
            return self
        more = copy(self)
        more.offsets = (*self.offsets, *sorted(new))
        more._number_offsets()
        return more

    def with_newcomers(
        self, newcomers: Mapping[str, Mapping[int, Process]], first: int
    ) -> ShownClocks:
        """One that also knows processes that write the rows from `first` on, by logs' names."""
        if newcomers == self._newcomers:
            return self
        more = copy(self)
        more._newcomers, more._first_new = newcomers, first
        return more

    def number(self, offset_s: int) -> int | None:
        """Number of an offset, None where it is unknown."""
        return self._numbers.get(offset_s)

    def who(self, line: Line) -> Who:
        """Whose line it is."""
        pid = str(line.pid) if line.pid != NO_PID else ""
        if self.table is None:
            return Who(None, pid)
        if line.row >= self._first_new:
            newcomer = self._newcomers.get(self._names[line.log], {}).get(line.pid)
            if newcomer is not None:
                return Who(None, _name(newcomer) or pid)
        clock = self._clock(line.log, line.number, line.pid)
        if clock is not None:
            return Who(clock, _name(clock) or pid)
        # The first log of this name; this one took its place later, while it was followed.
        before = self._clock(self._names.index(self._names[line.log]), _AFTER_ALL, line.pid)
        return Who(None, (_name(before) if before else "") or pid)

    def _clock(self, log: int, line: int, pid: int) -> Clock | None:
        """The clock of a process at a line of a log."""
        assert self.table is not None
        row = int(self.table.clock_rows(log, np.array([line]), np.array([pid]))[0])
        return self.table.clocks[row] if row >= 0 else None

    def are_of(self, who: str, index: LineIndex, rows: slice) -> Mask:
        """Which of some rows of one log a daemon group or a role wrote, or whoever had a pid.

        Another process that had the pid of one of the group, before it or since, is not meant.
        """
        pid = index.pid.values[rows]
        answer = pid == whole_number(who) if who.isdecimal() else np.zeros(len(pid), np.bool_)
        pids = self._pids_of(who)
        if self.table is None or not pids:
            return answer
        some = np.flatnonzero(np.isin(pid, list(pids)))
        stretch = index.stretch_of(rows.start)
        numbers = stretch.first_line + rows.start - stretch.first_row + some
        known = self.table.clock_rows(stretch.log, numbers, pid[some].astype(np.int64))
        # Of lines without a clock, as those of a log that took its place, only the pid is known.
        mine = [*(who in (clock.group, clock.role) for clock in self.table.clocks), True]
        answer[some] |= np.array(mine, np.bool_)[known]
        for newcomer, one in self._newcomers.get(self._names[stretch.log], {}).items():
            new = (pid == newcomer) & (np.arange(rows.start, rows.stop) >= self._first_new)
            answer[new] = who in (one.group, one.role) or who == str(newcomer)
        return answer

    def _pids_of(self, who: str) -> set[int]:
        """The pids that processes of a daemon group or a role have, or had."""
        pids = {clock.pid for clock in self.table or () if who in (clock.group, clock.role)}
        for newcomers in self._newcomers.values():
            pids |= {pid for pid, one in newcomers.items() if who in (one.group, one.role)}
        return pids


def _name(clock: Clock | Process) -> str:
    return safe(clock.group) or clock.role
