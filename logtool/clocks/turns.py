"""Turns: takes the stamps of a block, gives its lines process by process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass
from parsers.lines import NO_TIME, Stamps

SECOND = 1_000_000
MINUTE = 60 * SECOND
#: A process's local time that falls back by more than this has changed its clock (or was forged).
BACKWARD = 7 * MINUTE
#: A process's local time that moves on by more than this may have changed its clock.
FORWARD = 10 * MINUTE

Ints = NDArray[np.int64]

#: Pids are sorted by so many low bits at once, which is several times faster than as a whole.
_LOW_BITS = np.int64(0xFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """The stamped lines of a block, those of one process together, in their order.

    Attributes:
        rows: int64[n], which lines of the block.
        local_us: int64[n], their local times.
        heads: int64[processes], where in `rows` each process begins.
        pids: its pid, one for each process.
        counts: int64[processes], how many lines it has.
        jumps: where in `rows` a process's time has jumped since its line before, in order.
    """

    rows: Ints
    local_us: Ints
    heads: Ints
    pids: list[int]
    counts: Ints
    jumps: Ints

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.rows)


def turns_of(stamps: Stamps) -> Turns:
    """The lines of a block that have a time, by process."""
    timed = stamps.local_us != NO_TIME
    if timed.all():
        rows = order = _by_pid(stamps.pid)
        pid = stamps.pid.take(rows)
    else:
        rows = np.flatnonzero(timed)
        order = _by_pid(stamps.pid[rows])
        rows = rows[order]
        pid = stamps.pid[rows]
    local_us = stamps.local_us.take(rows)
    first = np.ones(len(rows), np.bool_)
    np.not_equal(pid[1:], pid[:-1], out=first[1:])
    heads = np.flatnonzero(first)
    step = np.diff(local_us, prepend=local_us[:1])
    step[heads] = 0
    jumps = np.flatnonzero((step < -BACKWARD) | (step > FORWARD))
    counts = np.diff(heads, append=len(rows))
    return Turns(rows, local_us, heads, pid[heads].tolist(), counts, jumps)


def _by_pid(pid: Ints) -> Ints:
    """Rows in the order of their pids; those of one pid stay in their order."""
    low = (pid & _LOW_BITS).astype(np.uint16)
    order = np.argsort(low, kind="stable")
    ordered = pid.take(order)
    mixed = (ordered[1:] != ordered[:-1]) & (low.take(order[1:]) == low.take(order[:-1]))
    return np.argsort(pid, kind="stable") if mixed.any() else order
