"""Column: one growing array of numbers; appended by one thread, read by others at any time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Memory that is never touched is never given out, so a generous start costs nothing.
_ROOM = 1 << 20


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
