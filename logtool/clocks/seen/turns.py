"""Turns: takes the stamps of a block, gives its processes, and their lines that tell something."""

from __future__ import annotations

import numpy as np

from logtool.clocks.seen.ranges import ranges
from parsers.arrays import Ints, Mask
from parsers.compiled.kernel import loaded
from parsers.compiled.turns import Limits, Moves, Picked, Turns
from parsers.lines import NO_OFFSET, NO_TIME, Stamps, StampsOfNone
from parsers.units import MINUTE, SECOND

#: A process's local time that falls back by more than this has changed its clock (or was forged).
BACKWARD = 7 * MINUTE
#: A process's local time that moves on by more than this may have changed its clock.
FORWARD = 10 * MINUTE
#: Writers race: a line may stand this much too late in the file.
RACE_US = 2 * SECOND
#: What is earlier by more than this is far earlier: stamps may be of whole seconds.
FAR_US = RACE_US + SECOND
#: Within a process they hardly ever race by so much: its clock may have gone back in a silence.
LATE_US = SECOND // 10
#: So many first lines of a process are read.
SAMPLE = 48


def turns_of(stamps: Stamps, bucket_us: int = SECOND) -> Turns:
    """The lines of a block that have a time, by process.

    A process's first line in a bucket of time is a lead, and so is one at a jump or a fall, one
    before these, and one that writes another offset than the line before.
    """
    limits = Limits(bucket_us, BACKWARD, FORWARD, FAR_US, LATE_US, SAMPLE)
    if isinstance(stamps, StampsOfNone):
        return by_numpy(StampsOfNone(0), limits)
    if kernel := loaded():
        turns = kernel.turns(stamps.pid, stamps.local_us, stamps.offset_s, limits)
        if turns is not None:
            return turns
    return by_numpy(stamps, limits)


def by_numpy(stamps: Stamps, limits: Limits) -> Turns:
    """The same without a loop."""
    pid, local_us = stamps.pid, stamps.local_us
    timed = None
    if len(pid) and local_us.min() == NO_TIME:  # nothing is less
        timed = np.flatnonzero(local_us != NO_TIME)
        pid, local_us = pid[timed], local_us[timed]
    order, heads = by_pid(pid)
    local_us = local_us.take(order)
    rows = order if timed is None else timed[order]
    counts = np.diff(heads, append=len(rows))
    step = np.empty_like(local_us)
    np.subtract(local_us[1:], local_us[:-1], out=step[1:])
    step[heads] = 0
    jumps = heads[:0]
    if len(step) and (step.min() < -limits.backward or step.max() > limits.forward):
        jumps = np.flatnonzero((step < -limits.backward) | (step > limits.forward))
        step[jumps] = 0
    lead = _leads(stamps, rows, local_us, heads, limits.bucket)
    lead[jumps] = lead[jumps - 1] = True
    if len(step) and step.min() < -limits.late:
        fallen = np.flatnonzero(step < -limits.late)
        lead[fallen] = lead[fallen - 1] = True
    ends = heads + counts - 1
    back = int(np.count_nonzero(step < 0))
    far = int(np.count_nonzero(step < -limits.far)) if back else 0
    return Turns(
        pid[order[heads]].tolist(), counts, rows[heads], rows[ends],
        local_us[heads], local_us[ends], lead[ends],
        _picked(rows, heads, np.flatnonzero(lead)),
        _picked(rows, heads, ranges(heads, np.minimum(counts, limits.early))),
        rows[jumps], Moves(int(np.count_nonzero(step > 0)), back, far),
    )  # fmt: skip


def _leads(stamps: Stamps, rows: Ints, local_us: Ints, heads: Ints, bucket_us: int) -> Mask:
    """First lines of a process in a bucket of time, and those that write another offset."""
    lead = np.ones(len(rows), np.bool_)
    buckets = local_us // bucket_us
    np.not_equal(buckets[1:], buckets[:-1], out=lead[1:])
    lead[heads] = True
    if len(rows) and stamps.offset_s.max() != NO_OFFSET:  # nothing is less
        written = stamps.offset_s.take(rows)
        lead[1:] |= written[1:] != written[:-1]
    return lead


def _picked(rows: Ints, heads: Ints, places: Ints) -> Picked:
    """Some places among rows by process, in the order of their rows."""
    each = np.diff(places.searchsorted(heads), append=len(places))
    of = np.repeat(np.arange(len(heads)), each)
    some = rows.take(places)
    order = np.argsort(some, kind="stable")  # of few runs that rise
    return Picked(some[order], of[order], (places - heads.take(of))[order])


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
