"""Slots: takes from which line on each process keeps a clock, gives a table for one look a line.

Where the processes of some lines are few, and none changes its clock three times among these, which
is so in most blocks of a log, a loop finds each line's clock by the low bits of its pid.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from parsers.arrays import Ints
from parsers.distinct import distinct

#: In a slot: nobody has this pid, or nothing is known of its clock.
NONE = int(np.iinfo(np.int64).min)
#: In a slot: several have its bits, so that none is in it.
_OF_TWO = NONE + 1
#: A line that does not come.
_NEVER = int(np.iinfo(np.int64).max)
#: Slots for each process, and the least and the most there are.
_SPARSE, _LEAST, _MOST = 8, 1 << 8, 1 << 11
#: What stands where in a slot, and numbers that it has room for.
_PID, _OFF, _ROW, _LATER_ROW, _WIDTH = 0, 1, 2, 4, 8
#: Clocks that begin among some lines, and are put in one by one.
_MOST_LATE = 64


class Slots:
    """Tables for stretches of one file's lines."""

    def __init__(self, pids: Ints, firsts: Ints, lasts: Ints, off_us: Ints) -> None:
        """Take what is known of some clocks, those of one process one behind the other.

        Args:
            pids: int64[n].
            firsts: int64[n], from which line on a process keeps a clock.
            lasts: int64[n], the last line of that clock.
            off_us: int64[n], microseconds east of UTC, or NONE.
        """
        self._pids, self._firsts, self._off_us = pids, firsts, off_us
        self._untils = np.full(len(pids), _NEVER)
        same = pids[1:] == pids[:-1]
        self._untils[:-1][same] = firsts[1:][same]
        self._untils = np.minimum(self._untils, lasts + 1)
        self._changes = distinct(np.concatenate([firsts, self._untils])).tolist()
        self._kept: tuple[int, Ints | None] = (-1, None)

    def between(self, first: int, last: int) -> Ints | None:
        """A table for the lines from one to another; None where they are not so simple.

        Returns:
            int64[2**k, 8], by the lowest bits of a pid: a pid; what its clock is ahead of UTC,
            microseconds, or NONE; a row, counted from the first line, and the same from it on; a
            later row, and the same from it on. Not every pid of the lines need be there.
        """
        stretch = bisect_right(self._changes, first)
        if stretch != bisect_right(self._changes, last):
            return self._made(first, last)
        if stretch != self._kept[0]:
            self._kept = stretch, self._made(first, last)
        return self._kept[1]

    def _made(self, first: int, last: int) -> Ints | None:
        rows = np.flatnonzero((self._firsts <= last) & (self._untils > first))
        size = max(1 << (_SPARSE * len(rows)).bit_length(), _LEAST)
        if size > _MOST:
            return None
        slots = np.full((size, _WIDTH), NONE)
        slots[:, [_ROW, _LATER_ROW]] = _NEVER
        early = self._firsts[rows] <= first
        old, late = rows[early], rows[~early]
        if len(late) > _MOST_LATE:
            return None
        at = self._pids[old] & (size - 1)
        slots[at, _PID], slots[at, _OFF] = self._pids[old], self._off_us[old]
        for row in late.tolist():
            pid, change = self._pids[row], (self._firsts[row] - first, self._off_us[row])
            slot = slots[pid & (size - 1)]
            if slot[_PID] not in (pid, NONE) or slot[_LATER_ROW] != _NEVER:
                slot[_PID] = _OF_TWO  # it changes thrice, or another has the same bits
            elif slot[_ROW] == _NEVER:
                slot[_PID], slot[_ROW:_LATER_ROW] = pid, change
            else:
                slot[_LATER_ROW : _LATER_ROW + 2] = change
        return slots
