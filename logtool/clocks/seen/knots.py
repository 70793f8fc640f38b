"""Knots: take the stamps of every block, keep the few lines that order evidence needs.

Offsets come in steps of 15 minutes, so the order of lines binds them just as well when every
process keeps only one line per second or per minute of its own time. What must never be lost is a
jump of a process's local time, and the line before it. That makes memory independent of the log's
size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.turns import BACKWARD, FORWARD, by_pid
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.turns import Turns
from parsers.lines import Stamps
from parsers.units import MINUTE, SECOND

#: As many knots are kept; beyond, all processes are thinned to coarser buckets.
KNOT_LIMIT = 120_000
#: No file has more lines than these bits count.
_LINE_BITS = 40


@dataclass(slots=True, eq=False)
class Knots:
    """Kept lines in true file order.

    Attributes:
        file: int32[n], index of the file.
        line: int64[n], line number in the file, from 1.
        pid: int64[n], or NO_PID.
        local_us: int64[n], naive local microseconds.
        offset_s: int32[n], the offset written in the line, or NO_OFFSET.
        coarse: bool[n], the stamp has whole seconds only.
        nth: int64[n], how many lines its process wrote before this one; see `in_one_order` for
            those of several rotated sets.
    """

    file: NDArray[np.int32]
    line: NDArray[np.int64]
    pid: NDArray[np.int64]
    local_us: NDArray[np.int64]
    offset_s: NDArray[np.int32]
    coarse: NDArray[np.bool_]
    nth: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of knots."""
        return len(self.line)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Knots:
        """The knots at these rows."""
        return Knots(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def join(cls, parts: list[Knots]) -> Knots:
        """One after the other."""
        return cls(*(_joined(parts, name) for name in cls.__slots__))


def places(file: NDArray[Any], line: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n]: lines of files as numbers that are in true order."""
    return (file.astype(np.int64) << _LINE_BITS) | line


def place_of(file: int, line: int) -> int:
    """One of them."""
    return (file << _LINE_BITS) | line


_EMPTY: dict[str, NDArray[Any]] = {
    "file": np.zeros(0, np.int32),
    "line": np.zeros(0, np.int64),
    "pid": np.zeros(0, np.int64),
    "local_us": np.zeros(0, np.int64),
    "offset_s": np.zeros(0, np.int32),
    "coarse": np.zeros(0, np.bool_),
    "nth": np.zeros(0, np.int64),
}


class _Newest:
    """The newest line of every process, so that a jump in a later block finds its predecessor.

    A process is one for each rotated set that it writes into: the lines of different sets stand in
    no order.

    Attributes:
        knots: these lines, one for each slot.
        kept: bool[slots], it is among the kept lines already.
        lines: int64[slots], how many lines its process has written.
    """

    def __init__(self) -> None:
        self._slots: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._used = 0
        self.knots = Knots.join([])
        self.kept: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self.lines: NDArray[np.int64] = np.zeros(0, np.int64)

    def slots(self, sequence: int, pids: list[int]) -> NDArray[np.int64]:
        """Where each of these processes of a rotated set has its place; new ones get one."""
        given = self._slots[sequence]
        # A new pid gets the number of those that have a place already.
        others = self._used - len(given)
        slots = np.array([given.setdefault(pid, others + len(given)) for pid in pids], np.int64)
        self._used = others + len(given)
        fresh = self._used - len(self.lines)
        if fresh > 0:
            more = max(fresh, len(self.lines))
            columns = (getattr(self.knots, name) for name in Knots.__slots__)
            self.knots = Knots(*(np.append(x, np.zeros(more, x.dtype)) for x in columns))
            self.kept = np.append(self.kept, np.ones(more, np.bool_))
            self.lines = np.append(self.lines, np.zeros(more, np.int64))
        return slots

    def put(
        self,
        slots: NDArray[np.int64],
        knots: Knots,
        kept: NDArray[np.bool_],
        lines: NDArray[np.int64],
    ) -> None:
        """Take newer lines of some processes, and how many lines these have written since."""
        for name in Knots.__slots__:
            getattr(self.knots, name)[slots] = getattr(knots, name)
        self.kept[slots] = kept
        self.lines[slots] += lines


class KnotCollector:
    """Takes blocks with their stamps in true order, gives Knots.

    Attributes:
        bucket_us: of so much time of a process one line is kept, from now on.
    """

    def __init__(self, limit: int = KNOT_LIMIT, sequences: Sequence[int] = ()) -> None:
        """Begin; `sequences` are the numbers of the files' rotated sets, if there are several."""
        self._limit = limit
        self._sequences = sequences
        self.bucket_us = SECOND
        self._parts: list[Knots] = []
        self._count = 0
        self._newest = _Newest()

    def add(self, file: int, block: Block, stamps: Stamps, turns: Turns) -> None:
        """Look at the stamped lines of a block, whose leads are those of `bucket_us`."""
        if not turns.pids:
            return
        newest = self._newest
        slots = newest.slots(self._sequences[file] if self._sequences else 0, turns.pids)
        earlier, leads = newest.lines[slots], turns.leads
        chosen = _knots(file, block, stamps, leads.rows, earlier.take(leads.of) + leads.nth)
        # Before these lines there may be jumps: what was written last, in an earlier block, counts.
        unkept = slots[~newest.kept[slots]]
        if len(unkept):
            lines, files = newest.knots.line[unkept], newest.knots.file[unkept]
            self._take(newest.knots.take(unkept[np.lexsort((lines, files))]))
        ends = _knots(file, block, stamps, turns.newest, earlier + turns.counts - 1)
        newest.put(slots, ends, turns.is_kept, turns.counts)
        self._take(chosen)
        if self._count > self._limit:
            self._thin()

    def _take(self, part: Knots) -> None:
        self._parts.append(part)
        self._count += len(part)

    def _thin(self) -> None:
        """Double the bucket and drop what falls together."""
        # Process by process, each one's lines in order. A column at a time: fresh memory costs more
        # than the work on it.
        order = _in_order(_joined(self._parts, "file"), _joined(self._parts, "line"))
        order = order[by_pid(_joined(self._parts, "pid")[order])[0]]
        told = [_joined(self._parts, name)[order] for name in ("pid", "local_us", "offset_s")]
        if self._sequences:
            told.append(np.array(self._sequences)[_joined(self._parts, "file")[order]])
        while len(order) > self._limit // 2 and self.bucket_us < 5 * MINUTE:
            self.bucket_us *= 2
            kept = self._kept(*told)
            order, told = order[kept], [column[kept] for column in told]
        self._parts = [_taken(self._parts, np.sort(order))]
        self._count = len(order)

    def _kept(
        self,
        pid: NDArray[np.int64],
        local_us: NDArray[np.int64],
        written: NDArray[np.int32],
        sequence: NDArray[np.int64] | None = None,
    ) -> NDArray[np.bool_]:
        """A process's first and last line, the first in a bucket of time, and those at a jump."""
        first = pid[1:] != pid[:-1]
        if sequence is not None:
            first |= sequence[1:] != sequence[:-1]
        buckets = local_us // self.bucket_us
        step = np.diff(local_us)
        jump = ((step < -BACKWARD) | (step > FORWARD)) & ~first
        kept = np.ones(len(pid), np.bool_)
        kept[1:] = first | jump | (buckets[1:] != buckets[:-1]) | (written[1:] != written[:-1])
        kept[:-1] |= jump | first
        kept[-1] = True
        return kept

    def finish(self) -> Knots:
        """All knots in true order, the newest line of every process among them."""
        tails = self._newest.knots.take(~self._newest.kept)
        parts = [*self._parts, tails]
        file, line = _joined(parts, "file"), _joined(parts, "line")
        order = _in_order(file, line)
        file, line = file[order], line[order]
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = (line[1:] != line[:-1]) | (file[1:] != file[:-1])
        return _taken(parts, order[fresh])


def _joined(parts: Sequence[Knots], name: str) -> NDArray[Any]:
    """A column of some knots, one after the other."""
    return np.concatenate([_EMPTY[name], *(getattr(part, name) for part in parts)])


def _taken(parts: Sequence[Knots], rows: NDArray[np.int64]) -> Knots:
    """Some rows of all that are there, one after the other."""
    return Knots(*(_joined(parts, name)[rows] for name in Knots.__slots__))


def _in_order(file: NDArray[np.int32], line: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of lines in true order; most are in it."""
    one = not len(file) or file.min() == file.max()
    return np.argsort(line if one else places(file, line), kind="stable")


def _knots(
    file: int, block: Block, stamps: Stamps, rows: NDArray[np.int64], nth: NDArray[np.int64]
) -> Knots:
    """Some lines of a block as knots."""
    return Knots(
        np.full(len(rows), file, np.int32),
        block.first_line + rows,
        stamps.pid.take(rows),
        stamps.local_us.take(rows),
        stamps.offset_s.take(rows),
        stamps.digits.take(rows) == 0,
        nth,
    )


__all__ = [
    "BACKWARD",
    "FORWARD",
    "KnotCollector",
    "Knots",
    "place_of",
    "places",
]
