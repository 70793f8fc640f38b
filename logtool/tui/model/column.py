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
        size = self._size + len(values)
        if size > len(self._data):
            grown = np.empty(max(size, len(self._data) * 3 // 2), self._data.dtype)
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        self._data[self._size : size] = values
        self._size = size

    @property
    def values(self) -> NDArray[Any]:
        """All numbers so far; writing to them writes to the column."""
        return self._data[: self._size]
