"""Line index: takes where the lines of each block end, gives it when the log is read again."""

from __future__ import annotations

from dataclasses import replace
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

from logtool.sources.packing import Memory, Packed
from logtool.sources.rows import Rows
from parsers.blocks import PADDING, Block, starts_between
from parsers.classes import dataclass
from parsers.compiled.kernel import kernel_of

try:
    from isal.isal_zlib import crc32
except ImportError:  # no wheel for this machine: the same sum, more slowly
    from zlib import crc32


#: Stands for lengths of which nothing was kept: every block has a line.
_UNKNOWN = (0,) * Packed.WIDTH


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is kept of a block: what it is of the bytes that were read, and its lines."""

    size: int
    checksum: int
    is_full: bool
    torn_tail: bool
    lengths: Packed | None

    def lines(
        self, data: NDArray[np.uint8]
    ) -> tuple[int, NDArray[np.int64], NDArray[np.int64]] | None:
        """What `recall` gives, if it is kept; `data` is where the bytes are, or will be."""
        if self.lengths is None:
            return None
        if (kernel := kernel_of(data)) and (narrow := self.lengths.narrow(kernel.column)):
            lines = kernel.lines(narrow, self.lengths.size)
            if lines is not None:
                return self.size, *lines
        lengths = self.lengths.column()
        if lengths is None:
            return None
        ends = np.cumsum(lengths, dtype=np.int64)
        ends -= 1
        return self.size, starts_between(ends), ends


class LineIndex:
    """Where the lines of one log's blocks end, by the block's place in the log.

    A log may be cut short or written over between two passes: the sum of a block's bytes tells.
    """

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        #: Of each block what `_Known` says; and the number of the first line behind it.
        self._known, self._next_lines = Rows(4 + Packed.WIDTH), Rows(1)
        self._next_lines.put(0, (1,))

    def keep(self, block: Block) -> None:
        """Remember a block whose checksum is known; where its lines end only if there is room."""
        assert block.checksum is not None
        lengths: tuple[int, ...] = _UNKNOWN
        if not self._memory.is_full:
            told = _lengths(block) if block.lengths is None else block.lengths
            lengths = Packed(told, self._memory).numbers
        known = (block.size, block.checksum, block.is_full, block.torn_tail, *lengths)
        self._known.put(block.offset, known)
        self._next_lines.put(block.offset + block.size, (block.next_line,))

    def _at(self, offset: int) -> _Known | None:
        numbers = self._known.get(offset)
        if numbers is None:
            return None
        size, checksum, is_full, torn_tail, *lengths = numbers
        packed = Packed.again(lengths, self._memory) if lengths[0] else None
        return _Known(size, checksum, bool(is_full), bool(torn_tail), packed)

    def first_line(self, offset: int) -> int:
        """Number of the first line of a block; 0 where the one before is not known."""
        (number,) = self._next_lines.get(offset) or (0,)
        return number

    def shape(self, offset: int) -> tuple[int, bool] | None:
        """Size of a block, and whether its last line goes on in the next one; or None."""
        known = self._at(offset)
        return None if known is None else (known.size, known.torn_tail)

    def full_size(self, offset: int) -> int | None:
        """Size of a block that is known to be full; or None."""
        known = self._at(offset)
        return None if known is None or not known.is_full else known.size

    def is_other(self, block: Block) -> bool:
        """Whether something else was read at a block's place before."""
        known = self._at(block.offset)
        return known is not None and known.checksum != block.checksum

    def recall(
        self, offset: int, checksum: int, data: NDArray[np.uint8]
    ) -> tuple[int, NDArray[np.int64], NDArray[np.int64]] | None:
        """How many of the bytes read are the block, and where its lines begin and end.

        None where that is not kept, or something else was read there before.

        Args:
            offset: where the block begins in its file.
            checksum: of the bytes.
            data: uint8, the bytes.
        """
        known = self._at(offset)
        return None if known is None or known.checksum != checksum else known.lines(data)

    def unread(self, offset: int) -> Block | None:
        """A block but for its bytes, for which there is room, as it was read before.

        None if its lines are not kept.
        """
        known = self._at(offset)
        if known is None:
            return None
        # In a mapping of its own: few of its pages will be touched, and it leaves no hole in the
        # heap, in which small arrays would settle, so that the next block needs new pages.
        data = np.frombuffer(mmap(-1, known.size + PADDING), np.uint8)
        if (lines := known.lines(data)) is None:
            return None
        number = self.first_line(offset)
        return Block(
            data, *lines, number, offset,
            torn_tail=known.torn_tail, checksum=known.checksum, is_full=known.is_full,
        )  # fmt: skip


def with_lengths(block: Block) -> Block:
    """A block that is handed over to who keeps it: who has read it has its lines in the cache."""
    return replace(block, lengths=_lengths(block))


def _lengths(block: Block) -> NDArray[np.unsignedinteger]:
    """How long each line of a block is, its newline counted, in the least bytes that hold that."""
    ends = block.ends
    lengths = np.empty_like(ends)
    lengths[:1] = ends[:1] + 1
    np.subtract(ends[1:], ends[:-1], out=lengths[1:])
    return lengths.astype(np.min_scalar_type(int(np.maximum.reduce(lengths, initial=0))))


def checksum_of(data: NDArray[np.uint8] | memoryview, before: int = 0) -> int:
    """A sum that tells whether bytes are still the same, and those `before`, of which it is one."""
    return int(crc32(data, before))
