"""Rewriting: takes columns of lines that were read before, gives their bytes with other times.

These loops of `kernel.wat` are for a second reading. What they give is in the kernel's memory, and
good until `begin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Bytes, Ints
from parsers.compiled.kinds import SPOILED, Columns, Narrow
from parsers.compiled.loops import NUMERALS, SLACK, Loops


class Recalled(NamedTuple):
    """When those of some lines that have a time were written, and where that stands.

    Attributes:
        us: int64[m], microseconds.
        spans: int64[m] each, where in the block it begins and ends.
        runs: as `runs` gives them.
    """

    us: Ints
    spans: tuple[Ints, Ints]
    runs: tuple[Ints, NDArray[np.int32]]


class RewritingLoops(Loops):
    """Loops for lines that were read before."""

    def lines(self, lengths: Narrow, rows: int) -> tuple[Ints, Ints] | None:
        """Where lines begin and end, int64[rows] each, from their lengths with what ends them.

        None if there is no room.
        """
        if not self.has_room(rows):
            return None
        starts, starts_at = self._empty(rows, np.int64)
        ends, ends_at = self._empty(rows, np.int64)
        least, place, width = self._narrow(lengths)
        self._call("lines", place, width, least, rows, starts_at, ends_at)
        return starts, ends

    def recalled(self, starts: Ints, columns: Columns, slots: Ints, size: int) -> Recalled | None:
        """Instants of lines, and runs of them; None if there is no room, or a key without a slot.

        Args:
            starts: int64[n], where in their block they begin.
            columns: what is told of them.
            slots: int64[2**k, 8], by the lowest bits of a key: the key; what is to be taken off its
                times, or the least number there is; a row, and the same from it on; a later row,
                and the same from it on.
            size: as `runs` has it.
        """
        rows = len(starts)
        if not self.has_room(rows) or 2 * slots.nbytes > SLACK:
            return None
        kept = self._next
        told = np.array([self._narrow(column) for column in columns], np.int64).ravel()
        us, us_at = self._empty(rows, np.int64)
        begins, begins_at = self._empty(rows, np.int64)
        ends, ends_at = self._empty(rows, np.int64)
        runs, runs_at = self._empty(rows, np.int32)
        bits = len(slots).bit_length() - 1
        told_at, slots_at, starts_at = map(self._put, (told, slots.ravel(), starts))
        seconds, seconds_at = self._empty(rows, np.int64)
        count = self._call(
            "recalled", rows, starts_at, told_at, slots_at, bits, size, us_at, begins_at, ends_at,
            seconds_at, runs_at,
        )  # fmt: skip
        if count < 0:
            self._next = kept
            return None
        timed = int(self._told[0])
        spans = begins[:timed], ends[:timed]
        return Recalled(us[:timed], spans, (self._shrunk(seconds, count), runs[:timed]))

    def _narrow(self, column: Narrow) -> tuple[int, int, int]:
        """The least number, where the others are, and how many bytes each has."""
        if column.above is None:
            return column.least, 0, 0
        return column.least, self._put(column.above), column.above.itemsize

    def runs(self, us: Ints, size: int) -> tuple[Ints, NDArray[np.int32]]:
        """Runs of instants within one stretch of time.

        Args:
            us: int64[n], microseconds.
            size: how long a stretch is, seconds.

        Returns:
            int64[runs], the seconds with which they begin, and int32[n], the run of each instant.
        """
        runs, runs_at = self._empty(len(us), np.int32)
        seconds, seconds_at = self._empty(len(us), np.int64)
        count = self._call("runs", self._put(us), len(us), size, seconds_at, runs_at)
        return self._shrunk(seconds, count), runs

    def splice(
        self,
        data: Bytes,
        spans: tuple[Ints, Ints],
        texts: Bytes,
        runs: tuple[Ints, NDArray[np.int32]],
        us: Ints,
        digits: Sequence[int],
        out: Bytes,
    ) -> int:
        """Replace spans of bytes by texts, in which each span has a fraction of its own.

        Args:
            data: uint8[n], the bytes.
            spans: int64[m] each, where spans begin and end: ascending, not overlapping.
            texts: uint8[runs, width].
            runs: int64[runs], the second that each text tells, and int32[m], which one each gets.
            us: int64[m], the instant of each span, microseconds: within the second of its run, or
                the minute if its digits are put there.
            digits: where in a text two digits of the seconds since then are put, or -1; where those
                of its fraction, or -1, and how many of these there are: 3 or 6.
            out: where to put the result, and at least SPOILED bytes more.

        Returns:
            The size of the result.
        """
        starts, ends = spans
        seconds, run = runs
        # Sixteen bytes are read at once.
        padded, texts_at = self._empty(texts.size + SPOILED, np.uint8)
        padded[: texts.size] = texts.ravel()
        return self._call(
            "splice", self._place_of(data), len(data), self._put(starts), self._put(ends),
            len(starts), texts_at, texts.shape[1], self._put(run), self._put(us),
            self._put(seconds), *digits, NUMERALS, self._place_of(out),
        )  # fmt: skip
