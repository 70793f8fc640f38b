"""Columns: growing arrays of numbers; appended by one thread, read by others at any time."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Memory that is never touched is never given out, so a generous start costs nothing.
_ROOM = 1 << 20
#: A place in a log is kept in so many bits.
_BITS = 32


class Column:
    """Numbers of one type, in chunks of doubling room.

    Readers that hold an older array go on seeing the rows it had.
    """

    def __init__(self, dtype: DTypeLike, room: int = _ROOM) -> None:
        """Make room for about `room` numbers; more may come."""
        self._data: NDArray[Any] = np.empty(max(room, 1), dtype)
        self._size = 0

    def __len__(self) -> int:
        """How many numbers there are."""
        return self._size

    def append(self, values: NDArray[Any]) -> None:
        """Take more numbers."""
        self.put(self._size, values)

    def put(self, place: int, values: NDArray[Any]) -> None:
        """Write numbers from a place on, over those that are there and beyond."""
        end = place + len(values)
        if end > len(self._data):
            grown = np.empty(max(end, len(self._data) * 3 // 2), self._data.dtype)
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        self._data[place:end] = values
        self._size = max(self._size, end)

    def pad(self, size: int, value: int) -> None:
        """Make it `size` numbers long, the new ones all alike."""
        if size > self._size:
            self.put(
                self._size, np.broadcast_to(np.array(value, self._data.dtype), size - self._size)
            )

    def cut(self, size: int) -> None:
        """Forget the numbers from a place on."""
        self._size = min(size, self._size)

    @property
    def values(self) -> NDArray[Any]:
        """All numbers so far; writing to them writes to the column."""
        return self._data[: self._size]


class Places:
    """Places in logs of any size, in four bytes each.

    Logs are walked from front to back, so the upper half of a place seldom changes: it is kept once
    for each run of numbers that share it.
    """

    def __init__(self, room: int = _ROOM) -> None:
        """Make room for about `room` places; more may come."""
        self._low = Column(np.uint32, room)
        #: Where a run begins, and the upper half of its places; replaced, never changed.
        self._runs: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    def __len__(self) -> int:
        """How many places there are."""
        return len(self._low)

    def append(self, places: NDArray[np.int64]) -> None:
        """Take more places."""
        self.put(len(self), places)

    def put(self, row: int, places: NDArray[np.int64]) -> None:
        """Write places from a row on, over those that are there and beyond."""
        if not len(places):
            return
        high = places >> _BITS
        turns = np.flatnonzero(np.diff(high, prepend=high[0] - 1))
        first, highs = self._runs
        end = row + len(places)
        begin, stop = bisect_right(first, row - 1), bisect_right(first, end)
        after = [(end, highs[stop - 1])] if stop and end < len(self) else []
        after += [one for one in zip(first[stop:], highs[stop:], strict=True) if one[0] > end]
        runs = [
            *zip(first[:begin], highs[:begin], strict=True),
            *zip((turns + row).tolist(), high[turns].tolist(), strict=True), *after,
        ]  # fmt: skip
        kept = [one for at, one in enumerate(runs) if not at or one[1] != runs[at - 1][1]]
        self._runs = tuple(one[0] for one in kept), tuple(one[1] for one in kept)
        self._low.put(row, places.astype(np.uint32))  # the lower bits alone

    def cut(self, size: int) -> None:
        """Forget the places from a row on."""
        self._low.cut(size)

    def at(self, row: int) -> int:
        """The place of a row."""
        first, highs = self._runs
        return int(self._low.values[row]) | highs[bisect_right(first, row) - 1] << _BITS

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """The places of the rows from `first` up to `last`: int64[n]."""
        places: NDArray[np.int64] = self._low.values[first:last].astype(np.int64)
        begins, highs = self._runs
        if any(highs):
            rows = np.arange(first, first + len(places))
            places |= np.array(highs)[np.searchsorted(begins, rows, side="right") - 1] << _BITS
        return places
