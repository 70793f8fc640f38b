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


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """The stamped lines of a block, those of one process together, in their order.

    Attributes:
        rows: int64[n], which lines of the block.
        local_us: int64[n], their local times.
        heads: int64[processes], where in `rows` each process begins.
        pids: its pid, one for each process.
        counts: int64[processes], how many lines it has.
        step_us: int64[n], how much that is since the process's line before; 0 for its first.
        jumps: where in `rows` a process's time has jumped since its line before, in order.
    """

    rows: Ints
    local_us: Ints
    step_us: Ints
    heads: Ints
    pids: list[int]
    counts: Ints
    jumps: Ints

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.rows)


def turns_of(stamps: Stamps) -> Turns:
    """The lines of a block that have a time, by process."""
    pid, local_us = stamps.pid, stamps.local_us
    timed = None
    if len(pid) and local_us.min() == NO_TIME:  # nothing is less
        timed = np.flatnonzero(local_us != NO_TIME)
        pid, local_us = pid[timed], local_us[timed]
    order, heads = by_pid(pid)
    local_us = local_us.take(order)
    step = np.empty_like(local_us)
    np.subtract(local_us[1:], local_us[:-1], out=step[1:])
    step[heads] = 0
    jumps = heads[:0]
    if len(step) and (step.min() < -BACKWARD or step.max() > FORWARD):
        jumps = np.flatnonzero((step < -BACKWARD) | (step > FORWARD))
    rows = order if timed is None else timed[order]
    counts = np.diff(heads, append=len(rows))
    return Turns(rows, local_us, step, heads, pid[order[heads]].tolist(), counts, jumps)


def by_pid(pid: Ints) -> tuple[Ints, Ints]:
    """Rows by their pids, those of one pid in their order; and where among them each pid begins."""
    # By its low bits, which is several times faster than as a whole, and mixes few.
    low = pid.astype(np.uint16)
    order = np.argsort(low, kind="stable")
    heads = _heads(pid.take(order))
    first, before = low[order[heads[1:]]], low[order[heads[1:] - 1]]
    if np.any(first == before):
        order = np.argsort(pid, kind="stable")
        heads = _heads(pid.take(order))
    return order, heads


def _heads(ordered: Ints) -> Ints:
    """Where another value begins."""
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return np.flatnonzero(first)
