"""Remembered: takes the stamps of the first pass, gives them to the second, within some memory."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

try:
    from isal.isal_zlib import crc32
except ImportError:  # no wheel for this machine: the same sum, more slowly
    from zlib import crc32

from parsers.blocks import Block
from parsers.lines import NO_LAYOUT, Stamps

#: Bytes of packed stamps: those of a log of about a gigabyte. What does not fit is read again.
BUDGET = 64 << 20

_Column: TypeAlias = NDArray[Any]

#: Fields that hold places in a block, kept as the distance from the line's start.
_PLACES = ("time_start", "time_end")


class _Packed:
    """A column of integers in the least bytes that hold its range; one value if all are equal."""

    def __init__(self, column: _Column) -> None:
        self._dtype = column.dtype
        self._size = len(column)
        self._low = int(column.min()) if len(column) else 0
        high = int(column.max()) if len(column) else 0
        self._above: _Column | None = None
        if high - self._low > np.iinfo(np.int64).max:
            self._low = 0
            self._above = column.copy()
        elif high > self._low:
            self._above = (column - column.dtype.type(self._low)).astype(
                np.min_scalar_type(high - self._low)
            )
        self.nbytes = 0 if self._above is None else self._above.nbytes

    def column(self) -> _Column:
        """The column as it was."""
        if self._above is None:
            return np.full(self._size, self._low, self._dtype)
        column = self._above.astype(self._dtype)
        if self._low:
            column += self._dtype.type(self._low)
        return column


@dataclass(slots=True)
class Memory:
    """Room that several logs share.

    Attributes:
        left: bytes.
    """

    left: int = BUDGET


class RememberedStamps:
    """The stamps of one log's blocks, by the block's place in the log."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._packed: dict[int, dict[str, _Packed]] = {}
        #: A log may be cut short or written over between two passes.
        self._sums: dict[int, int] = {}
        #: How many layouts had been tried on blocks of which some lines stayed unread.
        self._unread: dict[int, int] = {}

    def keep(self, block: Block, stamps: Stamps, layouts: int = 0) -> None:
        """Remember a block's stamps, read by so many layouts, if there is room."""
        if self._memory.left <= 0:
            return
        packed = {}
        for field in fields(Stamps):
            column = getattr(stamps, field.name)
            if field.name in _PLACES:
                column = column - block.starts
            packed[field.name] = _Packed(column)
            self._memory.left -= packed[field.name].nbytes
        self._packed[block.offset] = packed
        self._sums[block.offset] = _sum(block)
        if np.any(stamps.layout == NO_LAYOUT):
            self._unread[block.offset] = layouts

    def recall(self, block: Block, layouts: int = 0) -> Stamps | None:
        """A block's stamps as so many layouts read it; None if not kept, or the block changed."""
        packed = self._packed.get(block.offset)
        if packed is None or self._unread.get(block.offset, layouts) != layouts:
            return None
        if self._sums[block.offset] != _sum(block):
            return None
        columns = {name: column.column() for name, column in packed.items()}
        for name in _PLACES:
            columns[name] = columns[name] + block.starts
        return Stamps(**columns)


def _sum(block: Block) -> int:
    return int(crc32(block.data[: block.size]))
