"""Writers: takes the lines of a block, tells which one thread of a process wrote in one manner.

There are few of them in a block. What depends on nothing but level, module, process, thread and
clock is found out once for each of them, not for each line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.frame.hashing import hashes
from logtool.frame.lines import Lines
from logtool.reports.said.distinct import in_order, numbered
from parsers.arrays import Ints
from parsers.lines import NO_PID, Alike, Spans

#: Numbers that two bytes hold.
_TWO_BYTES = 1 << 16
#: Columns in which lines of a writer do not differ.
OF_WRITERS = ("level", "module", "tid")


def alike_of(spans: Mapping[str, Spans]) -> Alike | None:
    """Lines that stand for all as to all of `OF_WRITERS`, or None."""
    alike = spans[OF_WRITERS[0]].alike
    return alike if all(spans[name].alike is alike for name in OF_WRITERS) else None


class Writers:
    """Lines that stand for all that their writer wrote.

    All lines of a writer agree in level, module, tid, pid, layout, clock and offset, and in whether
    they have a time and write its offset.

    Attributes:
        rows: int64[w], which lines.
        place: int32[n], for each line which of them it is like.
    """

    def __init__(self, rows: Ints, place: NDArray[np.int32], clocks: Ints | None = None) -> None:
        """Take both, and int64[w] the clocks if these are known without those of all lines."""
        self.rows, self.place, self._clocks = rows, place, clocks

    @classmethod
    def of(cls, lines: Lines, spans: Mapping[str, Spans]) -> Writers:
        """Those of some lines, where the columns `OF_WRITERS` stand in `spans`."""
        found, alike = cls._by_text(lines, spans), alike_of(spans)
        if alike is None or alike.pids is None or (alike.pids == NO_PID).any():
            found = found.by(lines.pids)
        found = found.by(lines.layouts).by(lines.timed)._with_clocks(lines)
        if not lines.written.any():
            return found
        return found.by(lines.written).by(lines.offsets)

    def some(self, lines: Lines) -> Lines:
        """The lines that stand for all."""
        some = lines.at(self.rows)
        some.clocks = lines.clocks[self.rows] if self._clocks is None else self._clocks
        return some

    def by(self, column: NDArray[Any]) -> Writers:
        """The same, but that lines of one writer agree in a column too: a number for each line."""
        if (column == column[:1]).all():
            return self
        other = np.flatnonzero(column != column[self.rows].take(self.place))
        if not len(other):
            return self
        new, first = _pairs(self.place[other], column[other].astype(np.int64))
        place, rows = self.place.copy(), other[first]
        place[other] = len(self.rows) + new
        clocks = self._clocks
        if clocks is not None:
            clocks = np.append(clocks, clocks[self.place[rows]])
        return Writers(np.append(self.rows, rows), place, clocks)

    def _with_clocks(self, lines: Lines) -> Writers:
        """The same by clocks; those of all lines are looked up only where they are known."""
        if "clocks" in vars(lines) or not len(lines):
            return self.by(lines.clocks)
        clocks, steady = self._steady_clocks(lines, 0, len(lines) - 1)
        if not steady.all():
            clocks, steady = self._steady_clocks(lines, *self._bounds)
        clocks[~lines.timed[self.rows]] = -1
        if steady.all():
            return Writers(self.rows, self.place, clocks)
        each = clocks.take(self.place)
        turning = np.flatnonzero(~steady.take(self.place))
        each[turning] = lines.at(turning).clocks
        found = self.by(each)
        return Writers(found.rows, found.place, each[found.rows])

    def _steady_clocks(
        self, lines: Lines, first: Ints | int, last: Ints | int
    ) -> tuple[Ints, NDArray[np.bool_]]:
        """The clocks of those who keep one from a line to another, and who does."""
        pids, before = lines.pids[self.rows], lines.block.first_line
        between = before + lines.rows[first], before + lines.rows[last]
        return lines.table.steady_clocks(lines.log.number, *between, pids)

    @property
    def _bounds(self) -> tuple[Ints, Ints]:
        """The first and the last line of each: a process born in a block has no clock before."""
        few = len(self.rows) <= _TWO_BYTES  # these are sorted without comparing any
        order, start = in_order(self.place.astype(np.uint16) if few else self.place)
        return order[start], order[np.append(start[1:], len(order)) - 1]

    @classmethod
    def _by_text(cls, lines: Lines, spans: Mapping[str, Spans]) -> Writers:
        if (alike := alike_of(spans)) is not None:
            return cls(alike.rows, alike.place.astype(np.int32, copy=False))
        found = cls(np.arange(min(len(lines), 1)), np.zeros(len(lines), np.int32))
        for name in OF_WRITERS:
            there = spans[name].start
            if (there >= 0).any():
                found = found.by(hashes(lines.block.data, there, spans[name].end))
        order = np.argsort(found.rows)
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order))
        return cls(found.rows[order], rank.take(found.place))


def _pairs(
    place: NDArray[np.int32], value: Ints
) -> tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]:
    """What `numbered` gives of pairs of numbers, of which there is one at least."""
    least, most = int(value.min()), int(value.max())
    span, places = most - least + 1, int(place.max()) + 1
    if span * places <= _TWO_BYTES:  # most columns tell a few
        return numbered((place * span + (value - least)).astype(np.uint16))
    value, _ = numbered(value.view(np.uint64))
    return numbered(place.astype(np.uint64) << np.uint64(32) | value.astype(np.uint64))
