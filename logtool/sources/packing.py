"""Packing: takes columns of integers, keeps them in few bytes, in memory or in a temporary file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from logtool.errors import WriteError
from logtool.sources.temporary import TemporaryBytes
from parsers.compiled.kinds import Narrow

#: Bytes of memory that all logs together may take: enough for about half a gigabyte of lines.
BUDGET = 32 << 20
#: Bytes of the temporary file that takes the rest: about a twentieth of the lines, so enough for
#: forty gigabytes. What does not fit is read again.
FILE_BUDGET, _SHARE = 2 << 30, 20

#: Where a column is that is one value, and one for which there was no room; what is in memory has
#: its place before these, what is in the file behind them.
_ONE, _NOWHERE, _IN_MEMORY = -1, -2, -2

_Column: TypeAlias = NDArray[Any]
#: Makes an array of a size and a kind.
New: TypeAlias = Callable[[int, Any], _Column]


class Memory:
    """Room that several logs share.

    Attributes:
        left: bytes of memory.
        file_left: bytes of the temporary file.
    """

    def __init__(self, left: int = BUDGET, file_left: int = FILE_BUDGET) -> None:
        self.left = left
        self.file_left = file_left
        self._kept: TemporaryBytes | None = None
        self._place = 0
        self._columns: list[_Column] = []
        self._lock = threading.Lock()

    @classmethod
    def of(cls, size: int, budget: int) -> Memory:
        """For so many bytes of lines: all goes to the file where most of it would not fit."""
        return cls(budget if size <= 2 * _SHARE * budget else 0)

    @property
    def is_full(self) -> bool:
        """Nothing more can be kept."""
        return self.left <= 0 and self.file_left <= 0

    def hold(self, column: _Column) -> int:
        """Keep a column, or a copy of one in others' memory; the place for `column`, or NOWHERE."""
        if self.left > 0:
            self.left -= column.nbytes
            with self._lock:
                self._columns.append(column if column.flags.owndata else column.copy())
                return _IN_MEMORY - len(self._columns)
        self.file_left -= column.nbytes
        if self.file_left < 0:
            return _NOWHERE
        try:
            return self._store(column)
        except WriteError:  # the disk is full, or there is no place for a file
            self.file_left = 0
            return _NOWHERE

    def _store(self, column: _Column) -> int:
        with self._lock:  # files that are read ahead are remembered in threads of their own
            if self._kept is None:
                self._kept = TemporaryBytes("what is remembered of logs")
                finalize(self, self._kept.close)
            kept, place = self._kept, self._place
            self._place += column.nbytes
        kept.write_at(column.data, place)
        return place

    def column(
        self, place: int, size: int, dtype: np.dtype[Any], new: New = np.empty
    ) -> _Column | None:
        """The column at a place, or None if it cannot be read; perhaps in a `new` array.

        Child processes can read the file too.
        """
        if place < _IN_MEMORY:
            return self._columns[_IN_MEMORY - 1 - place]
        assert self._kept is not None
        column = new(size, dtype)
        view = column.data.cast("B")
        filled = 0
        with suppress(OSError):
            while filled < len(view):
                got = os.preadv(self._kept.fd, [view[filled:]], place + filled)
                if not got:
                    return None
                filled += got
            return column
        return None


class Packed:
    """A column of integers in the least bytes that hold its range; one value if all are equal.

    Attributes:
        dtype, size: of the column.
    """

    #: How many `numbers` there are.
    WIDTH = 5

    __slots__ = ("_few", "_low", "_memory", "_place", "dtype", "size")

    def __init__(self, column: _Column, memory: Memory) -> None:
        """Take a column, and where to keep it."""
        self.dtype = self._few = column.dtype
        self.size = len(column)
        self._memory, self._place = memory, _ONE
        self._low, high = 0, 0
        if len(column):
            some = column if column.strides[0] else column[:1]  # without steps all are the first
            self._low, high = int(np.minimum.reduce(some)), int(np.maximum.reduce(some))
        if high > self._low:
            few = np.min_scalar_type(high - self._low)
            if few.itemsize < column.itemsize:
                self._few = few
                above = (column - column.dtype.type(self._low)).astype(few)
            else:
                self._low = 0
                above = np.ascontiguousarray(column).view()  # copied where it stays in memory
            self._place = memory.hold(above)

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that tells it from others in the same memory, for `again`."""
        return self.size, ord(self.dtype.char), self._low, self._place, ord(self._few.char)

    @classmethod
    def again(cls, numbers: Sequence[int], memory: Memory) -> Packed:
        """One by its numbers."""
        packed = cls.__new__(cls)
        packed.size, dtype, packed._low, packed._place, few = numbers
        packed.dtype, packed._few, packed._memory = np.dtype(chr(dtype)), np.dtype(chr(few)), memory
        return packed

    @property
    def is_kept(self) -> bool:
        """Whether there was room for it."""
        return self._place != _NOWHERE

    def column(self, out: _Column | None = None) -> _Column | None:
        """The column as it was, left in `out` if told so; None if it is not kept, or unreadable."""
        above, low = self._above(), self.dtype.type(self._low)
        if above is None and not self._is_one:
            return None
        if out is None:
            out = np.empty(self.size, self.dtype)
        if above is None:
            out.fill(low)
            return out
        np.copyto(out, above, casting="unsafe")
        if self._low:
            out += low
        return out

    def above(self, base: _Column, out: _Column | None = None) -> _Column | None:
        """The column and another one added up, as `column` gives it."""
        if self._is_one:
            if out is None:
                out = np.empty(self.size, self.dtype)
            np.add(base, self.dtype.type(self._low), out=out)
            return out
        column = self.column(out)
        if column is not None:
            column += base
        return column

    def narrow(self, new: New = np.empty) -> Narrow | None:
        """The column as it is kept, perhaps in a `new` array; None if it cannot be read."""
        above = self._above(new)
        return None if above is None and not self._is_one else Narrow(self._low, above)

    @property
    def one(self) -> int | None:
        """The value that all have; None if there are several."""
        return self._low if self._is_one and self.size else None

    @property
    def _is_one(self) -> bool:
        """Whether all is one value, which is known."""
        return self._place == _ONE

    def _above(self, new: New = np.empty) -> _Column | None:
        if self._place in (_ONE, _NOWHERE):
            return None
        return self._memory.column(self._place, self.size, self._few, new)
