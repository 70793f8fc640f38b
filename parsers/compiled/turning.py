"""Turning: takes who wrote the lines of a block, and when, gives what that tells of each process.

`turning.wat` has the loop. It needs no memory that is lent: what it gives is copied.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints
from parsers.compiled.grouping import GroupingLoops
from parsers.compiled.loops import KEYED
from parsers.compiled.turns import Limits, Moves, Picked, Turns

Small = NDArray[np.int32]

#: So many processes are told apart, by twice as many slots.
_SLOT_BITS = 13
_MOST = 1 << (_SLOT_BITS - 1)
#: Numbers of 64 bits that the loop leaves of each process, and of 32 bits of each line it picks.
_STATE, _PICKED = 8, 3
#: Bytes of a row's columns, and of what may be left of it.
_NEEDED = (8 + 8 + 4) + (8 * _STATE + 2 * 4 * _PICKED + 4)


class TurningLoops(GroupingLoops):
    """All loops, and columns in their memory."""

    def turns(self, pid: Ints, local_us: Ints, written: Small, limits: Limits) -> Turns | None:
        """Lines by process; None if there are too many processes, or too many lines.

        Args:
            pid: int64[n].
            local_us: int64[n], the least number there is where a line has no time.
            written: int32[n], the offset in the line.
            limits: by what to tell.
        """
        rows = len(pid)
        with self._keyed(rows, _NEEDED) as fits:
            if not fits:
                return None
            states, states_at = self._empty(min(rows, _MOST) * _STATE, np.int64)
            leads, leads_at = self._empty(rows * _PICKED, np.int32)
            early, early_at = self._empty(rows * _PICKED, np.int32)
            jumps, jumps_at = self._empty(rows, np.int32)
            step = written.strides[0]
            count = self._call(
                "turns", self._put(pid), self._put(local_us),
                self._put(written if step else written[:1]), step, rows, *limits,
                KEYED, _SLOT_BITS, _MOST, states_at, leads_at, early_at, jumps_at,
            )  # fmt: skip
            if count < 0:
                return None
            leads_count, early_count, jumps_count, *moves = self._told[:6].tolist()
            each = states[: count * _STATE].reshape(count, _STATE).T.copy()
            pids, newest_us, _, first_us, counts, newest, firsts, last = each
            return Turns(
                pids.tolist(), counts, firsts, newest, first_us, newest_us, last >> 32 != 0,
                _picked(leads, leads_count), _picked(early, early_count),
                jumps[:jumps_count].astype(np.int64), Moves(*moves),
            )  # fmt: skip


def _picked(found: Small, count: int) -> Picked:
    """What the loop has picked; before a time that jumps or falls it does not pick in order."""
    each = found[: count * _PICKED].reshape(count, _PICKED).T.astype(np.int64, order="C")
    if np.any(each[0, 1:] < each[0, :-1]):
        each = each[:, np.argsort(each[0], kind="stable")]
    return Picked(*each)
