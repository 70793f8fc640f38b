"""LineOffsets: takes which clock each process keeps from which line on, gives lines offsets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.slots import NONE, Slots
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.lines import NO_OFFSET, Stamps
from parsers.units import SECOND

#: So many lines at once, and so many for each process, are told by process, not line by line.
_MANY_AT_ALL, _MANY = 1024, 8
#: Pids are told apart by their low bits, and the few that share them otherwise: by so many bits,
#: and more where there are more processes, so that one slot in so many is taken.
_LEAST_SLOTS, _MOST_SLOTS, _SPARSE = 1 << 10, 1 << 16, 32

#: Line numbers take the low bits of a span's sort key, the process the high ones.
_LINE_BITS = 40


@dataclass(slots=True, eq=False)
class Runs:
    """Which clock each process keeps from which line on.

    Attributes:
        file: int32[n].
        pid: int64[n].
        first_line: int64[n].
        clock: int64[n], index into ClockTable.clocks.
    """

    file: NDArray[np.int32]
    pid: NDArray[np.int64]
    first_line: NDArray[np.int64]
    clock: NDArray[np.int64]


class LineOffsets:
    """Which clock each line of a set of files has, and its offset: all that rewriting needs."""

    def __init__(self, offsets_s: Sequence[int], lasts: Sequence[int], runs: Runs) -> None:
        """Take each clock's offset, seconds east of UTC, and its last line; and who keeps which."""
        self._offsets = np.array([*offsets_s, NO_OFFSET], np.int64)
        self._last_lines = np.array([*lasts, 0], np.int64)
        self._tables: dict[int, Slots] = {}
        self._pids = distinct(runs.pid)
        rank = np.searchsorted(self._pids, runs.pid).astype(np.int64)
        keys = (rank << _LINE_BITS) | runs.first_line
        self._keys: dict[int, NDArray[np.int64]] = {}
        self._clock_of: dict[int, NDArray[np.int64]] = {}
        for file in distinct(runs.file).tolist():
            rows = np.flatnonzero(runs.file == file)
            rows = rows[np.argsort(keys[rows], kind="stable")]
            self._keys[file] = keys[rows]
            self._clock_of[file] = runs.clock[rows]

    def line_offsets(self) -> LineOffsets:
        """The same without anything else that is known: small, where it is copied."""
        only = LineOffsets.__new__(LineOffsets)
        only._offsets, only._pids = self._offsets, self._pids
        only._keys, only._clock_of = self._keys, self._clock_of
        only._last_lines, only._tables = self._last_lines, {}
        return only

    def clock_rows(
        self, file: int, lines: NDArray[np.int64], pids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Index into `clocks` for each line (file line number, pid); -1 where no clock is known."""
        if file not in self._keys or not len(lines):
            return np.full(len(lines), -1, np.int64)
        if len(lines) < _MANY * len(self._pids) or len(lines) < _MANY_AT_ALL:
            return self._clock_rows(file, lines, pids)
        owner, of_slot = self._slots(file, int(lines.min()), int(lines.max()))
        wanted = pids & (len(owner) - 1)
        answer = of_slot.take(wanted)
        rest = np.flatnonzero(owner.take(wanted) != pids)
        if len(rest):
            answer[rest] = self._clock_rows(file, lines[rest], pids[rest])
        return answer

    def _slots(
        self, file: int, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """By the low bits of a pid: one whose clock is the same from line to line, and the clock.

        Slots of nobody have a pid that there is not, and the clock -1.
        """
        steady, clocks = self._steady(file, first, last)
        size = 1 << (_SPARSE * len(steady)).bit_length()
        size = min(max(size, _LEAST_SLOTS), _MOST_SLOTS)
        slots = steady & (size - 1)
        owner = np.full(size, np.iinfo(np.int64).min)
        of_slot = np.full(size, -1, np.int64)
        owner[slots], of_slot[slots] = steady, clocks
        return owner, of_slot

    def slots(self, file: int, first: int, count: int) -> NDArray[np.int64] | None:
        """What `Slots.between` gives for so many lines of a file, from the first of them on."""
        if file not in self._keys:
            return None
        if file not in self._tables:
            keys, clocks = self._keys[file], self._clock_of[file]
            offsets = self._offsets[clocks]
            off_us = np.where(offsets == NO_OFFSET, NONE, offsets * SECOND)
            firsts = keys & ((1 << _LINE_BITS) - 1)
            pids = self._pids[keys >> _LINE_BITS]
            self._tables[file] = Slots(pids, firsts, self._last_lines[clocks], off_us)
        return self._tables[file].between(first, first + count - 1)

    def _clock_rows(
        self, file: int, lines: NDArray[np.int64], pids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """What `clock_rows` gives, line by line."""
        rank = np.minimum(np.searchsorted(self._pids, pids), len(self._pids) - 1)
        at, found = self._runs_at(file, rank, lines)
        found &= self._pids[rank] == pids
        return np.where(found, self._clock_of[file][at], -1)

    def _runs_at(
        self, file: int, rank: NDArray[np.int64], lines: NDArray[np.int64] | int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The run that each process is in at a line, and whether there is one."""
        at = np.searchsorted(self._keys[file], (rank << _LINE_BITS) | lines, side="right") - 1
        safe = np.maximum(at, 0)
        return safe, (at >= 0) & ((self._keys[file][safe] >> _LINE_BITS) == rank)

    def steady_clocks(
        self,
        file: int,
        first: NDArray[np.int64] | int,
        last: NDArray[np.int64] | int,
        pids: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """What `clock_rows` gives for pids on all lines from one to another, and for which.

        Each pid may have lines of its own. Of pids whose clock is another one on some of these
        lines it tells nothing.
        """
        if file not in self._keys:
            return np.full(len(pids), -1), np.ones(len(pids), np.bool_)
        rank = np.minimum(np.searchsorted(self._pids, pids), len(self._pids) - 1)
        before, known = self._runs_at(file, rank, first)
        after, known_after = self._runs_at(file, rank, last)
        there = self._pids[rank] == pids
        clocks = np.where(there & known, self._clock_of[file][before], -1)
        return clocks, ~there | ((before == after) & (known == known_after))

    def _steady(
        self, file: int, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pids whose clock is the same from one line to another, and which one that is."""
        rank = np.arange(len(self._pids))
        before, known = self._runs_at(file, rank, first)
        after, known_after = self._runs_at(file, rank, last)
        same = (before == after) & (known == known_after)
        clocks = np.where(known, self._clock_of[file][before], -1)
        return self._pids[same], clocks[same]

    def offsets(self, file: int, lines: NDArray[np.int64], stamps: Stamps) -> NDArray[np.int64]:
        """Seconds east of UTC for each line of a block.

        A written offset counts before the table. Lines of a pid that the table does not know get
        the offset NO_OFFSET.
        """
        return self.offsets_of(self.clock_rows(file, lines, stamps.pid), stamps.offset_s)

    def offsets_of(
        self, rows: NDArray[np.int64], written_s: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """The same, for lines whose `clock_rows` are known, and the offsets that they write."""
        # -1, for no clock, is the last place.
        offsets = self._offsets.take(rows)
        written = written_s != NO_OFFSET
        return np.where(written, written_s, offsets) if written.any() else offsets
