"""Stretches: takes the lines about each client, tells which may be of one request.

A stretch goes on over no line about the connection, nor from one thread of a daemon to another.
Within it one side waits for the other now and then: a slow request is mostly one long wait. A long
one does not count where the daemon's thread talks before and after the next line: those are not
certainly of one request.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.events.joining import among, together
from logtool.events.kinds import TALK
from logtool.reports.meant.wordings import WORDING
from logtool.reports.said.distinct import numbered
from parsers.arrays import Ints
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Paused, Rows, Stretched
from parsers.lines import NO_TIME
from parsers.units import SECOND

Words = NDArray[np.uint64]

#: A longer pause is that of a user, not of a server.
LONGEST_US = 3600 * SECOND
#: TALK for the kernel: where a kind stands in what messages tell, and a bit for each of these.
_TALK_ON = WORDING.place("kind"), sum(1 << kind for kind in TALK)


def stretches(rows: Rows, half_us: int) -> Stretched:
    """Those of a block; waits up to `half_us` need not be looked at closely."""
    kernel = kernels.loaded()
    made = None
    if kernel is not None:
        made = kernel.stretches(rows, half_us, LONGEST_US, _TALK_ON)
    return _plainly(rows, half_us) if made is None else made


#: What is known before the first block.
NOTHING = Paused(
    long=False,
    key=np.zeros(0, np.uint64),
    us=np.zeros(0, np.int64),
    since=np.zeros(0, np.int64),
    mark=np.zeros(0, np.int64),
    waited=np.zeros(0, np.bool_),
)
#: In marks of writers.
_BEGINS, _DAEMON, _THREAD = np.int64(1), np.int64(2), 2


def pauses(rows: Rows, before: Paused, least_us: int, half_us: int) -> Paused:
    """What is known of a block without looking at its stretches, which takes three times as long.

    Where it says that none is long, no stretch is longer than `least_us` and has a wait longer than
    `half_us`, in the block or over from the one before.

    Args:
        rows: the lines of the block.
        before: what is known of the one before.
        least_us: microseconds.
        half_us: microseconds.
    """
    marks: Ints = np.where(rows.side == 1, rows.thread.view(np.int64) << _THREAD | _DAEMON, 0)
    marks |= rows.begins
    kernel = kernels.loaded()
    limits = least_us, half_us, LONGEST_US
    made = None if kernel is None else kernel.pauses(rows, marks, before, limits, _TALK_ON)
    return _paused_plainly(rows, marks, before, limits) if made is None else made


def _paused_plainly(
    rows: Rows, marks: Ints, before: Paused, limits: tuple[int, int, int]
) -> Paused:
    """The same without the kernel."""
    least_us, half_us, _ = limits
    here, many = np.flatnonzero((rows.key > 0) & (rows.us != NO_TIME)), len(before.key)
    key = np.append(before.key, rows.key[here])
    order = together(key)
    key, own = key[order], order >= many
    us, least, mark = (
        np.append(one, other[here])[order]
        for one, other in (
            (before.us, rows.us), (before.since, rows.us), (before.mark, marks[rows.writer])
        )
    )  # fmt: skip
    new = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=new[1:])
    side, turned = mark >> 1 & 1, mark[1:] ^ mark[:-1]
    begins = new | (own & (mark & _BEGINS > 0))
    # Another thread of a daemon, but not from one block to the next.
    begins[1:] |= (turned >> _THREAD != 0) & (side[1:] == side[:-1]) & own[:-1]
    waited = np.append(before.waited, np.zeros(len(here), np.bool_))[order]
    late = np.zeros(len(key), np.bool_)
    late[1:] = ~begins[1:] & (waits(us[:-1], side[:-1], us[1:], side[1:]) > half_us)
    kind = WORDING.number(rows.tells[rows.message[here]], "kind").astype(np.int8)
    talks = np.append(np.zeros(many, np.bool_), among(kind, *TALK))[order] & (side == 1)
    talk_on = talks[:-1] & talks[1:] & ~new[1:] & (turned & ~_BEGINS == 0)
    late[1:-1] &= ~(talk_on[1:] & own[:-2])  # what comes first in a block has no row before it
    waited |= late
    # Within what goes on: whether it was waited so far, and the least time so far.
    at, part = np.arange(len(key)), np.cumsum(begins)
    start = np.flatnonzero(begins)[part - 1]
    waited = np.maximum.accumulate(np.where(waited, at, -1)) >= start
    times, rank = np.unique(least, return_inverse=True)
    least = times[np.minimum.accumulate(rank - part * len(key)) + part * len(key)]
    long = own & waited & (us - least > least_us)
    last = np.flatnonzero(np.append(new[1:], np.ones(min(len(key), 1), np.bool_)) & own)
    every = key[last], us[last], least[last], mark[last], waited[last]
    return Paused(bool(long.any()), *every)


def waits(us: Ints, side: NDArray[Any], next_us: Ints, next_side: NDArray[Any]) -> Ints:
    """How long the side that writes the next line was waited for; 0 where the same writes on."""
    wait = next_us - us
    return np.where((next_side != side) & (wait > 0) & (wait < LONGEST_US), wait, 0)


def places(keys: Words, others: Words) -> Ints:
    """Where each of some keys is among others, no two of which are equal; -1 for nowhere."""
    found, _ = numbered(np.append(others, keys))
    # Of those that are among the others, this is the place there.
    found = found[len(others) :]
    return np.where(found < len(others), found, -1)


def _plainly(rows: Rows, half_us: int) -> Stretched:
    """The same without the kernel."""
    counted = np.flatnonzero((rows.key > 0) & (rows.us != NO_TIME))
    order = counted[together(rows.key[counted])]
    key, us, writer = rows.key[order], rows.us[order], rows.writer[order]
    side, begins = rows.side[writer], rows.begins[writer]
    new = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=new[1:])
    wait = np.zeros(len(us), np.int64)
    wait[1:] = waits(us[:-1], side[:-1], us[1:], side[1:])
    long = np.flatnonzero(wait > half_us)
    wait[long[_talk_on(rows, order, new, long)]] = 0
    thread = np.where(side == 1, rows.thread[writer], 0)
    other = np.zeros(len(key), np.bool_)
    other[1:] = (thread[1:] != thread[:-1]) & (thread[1:] > 0) & (thread[:-1] > 0)
    start = np.flatnonzero(new | begins | other)
    wait[start] = 0
    size = np.diff(np.append(start, len(key)))
    end = start + size - 1
    longest = np.maximum.reduceat(wait, start) if len(start) else start
    # In the order of their first rows.
    by_row = np.argsort(order[start])
    number = np.empty(len(start), np.int32)
    number[by_row] = np.arange(len(start))
    of_rows = np.full(len(rows.key), -1, np.int32)
    of_rows[order] = np.repeat(number, size)
    first = np.flatnonzero(new[start])
    last = np.append(first[1:], len(start))[: len(first)] - 1
    rows_of_keys = order[start[first]]
    return Stretched(
        of_rows,
        us[start][by_row],
        us[end][by_row],
        longest[by_row],
        side[end][by_row].astype(np.int32),
        order[start][by_row].astype(np.int32),
        rows_of_keys.astype(np.int32),
        number[first],
        number[last],
        ~rows.begins[rows.writer[rows_of_keys]],
        rows.side[rows.writer[rows_of_keys]].astype(np.int32),
    )


def _talk_on(rows: Rows, order: Ints, new: NDArray[np.bool_], at: Ints) -> NDArray[np.bool_]:
    """At which places of an order of rows a daemon's thread talks, and so in the row behind."""
    behind = np.minimum(at + 1, len(order) - 1)
    here, after = order[at], order[behind]
    answer: NDArray[np.bool_] = (behind > at) & ~new[behind]
    answer &= rows.thread[rows.writer[here]] == rows.thread[rows.writer[after]]
    for some in (here, after):
        kind = WORDING.number(rows.tells[rows.message[some]], "kind").astype(np.int8)
        answer &= among(kind, *TALK) & (rows.side[rows.writer[some]] == 1)
    return answer
