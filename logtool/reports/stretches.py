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
from logtool.events.kinds import Kind
from logtool.reports.block_facts import Facts
from logtool.reports.distinct import numbered
from logtool.reports.wordings import WORDING
from parsers import kernel as kernels
from parsers.lines import NO_TIME
from parsers.rows import Rows, Stretched

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

#: A longer pause is that of a user, not of a server.
LONGEST_US = 3600 * 1_000_000
_TALK = (Kind.PLAIN, Kind.FINAL)
_TALK_BITS = sum(1 << kind for kind in _TALK)


def stretches(facts: Facts, half_us: int) -> Stretched:
    """Those of a block; waits up to `half_us` need not be looked at closely."""
    rows = facts.rows
    kernel = kernels.loaded()
    made = None
    if kernel is not None:
        made = kernel.stretches(rows, half_us, LONGEST_US, (WORDING.place("kind"), _TALK_BITS))
    return _plainly(rows, half_us) if made is None else made


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
        answer &= among(kind, *_TALK) & (rows.side[rows.writer[some]] == 1)
    return answer
