"""Rows: takes a few numbers of each block of a log, gives them by where the block begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Blocks for which there is room at first.
_FEW = 8


class Rows:
    """Numbers of blocks, in two arrays.

    Of large logs there are thousands. As objects they would be copied, page by page, into every
    child process that looks at some, and hold whole arenas of Python's when all beside them is
    freed.
    """

    def __init__(self, width: int) -> None:
        """Keep so many numbers of each block."""
        self._count = 0
        self._offsets = np.zeros(_FEW, np.int64)
        self._rows = np.zeros((_FEW, width), np.int64)

    def put(self, offset: int, numbers: Sequence[int]) -> None:
        """Keep the numbers of the block that begins there, in the place of others of it."""
        at, count = self._place(offset), self._count
        is_new = not self._is(at, offset)
        if is_new and count == len(self._offsets):
            self._offsets = np.concatenate([self._offsets, self._offsets])
            self._rows = np.concatenate([self._rows, self._rows])
        if is_new and at < count:  # blocks mostly come in their order
            self._offsets[at + 1 : count + 1] = self._offsets[at:count]
            self._rows[at + 1 : count + 1] = self._rows[at:count]
        self._offsets[at], self._rows[at] = offset, numbers
        self._count += is_new  # at last: another thread may ask meanwhile

    def get(self, offset: int) -> list[int] | None:
        """The numbers of the block that begins there; None if there are none."""
        at = self._place(offset)
        if not self._is(at, offset):
            return None
        numbers: list[int] = self._rows[at].tolist()
        return numbers

    def _place(self, offset: int) -> int:
        return int(self._offsets[: self._count].searchsorted(offset))

    def _is(self, at: int, offset: int) -> bool:
        return at < self._count and int(self._offsets[at]) == offset
