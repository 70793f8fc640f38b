"""Source: takes one opened file or pipe, gives its lines in blocks, the same ones on every pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

import numpy as np

from logtool.sources import compression
from logtool.sources.line_index import LineIndex
from logtool.sources.raw import Fault, Spool, open_raw
from parsers.blocks import BLOCK_SIZE, PADDING, Block, newlines, starts_between
from parsers.gzip_header import read_gzip_header

#: Bytes of a pipe that may be kept on disk for the second pass, unless the user says otherwise.
SPOOL_LIMIT = 8 << 30

#: Bytes looked at in the middle and at the end of a file.
_SAMPLE = 128 << 10

_Fill: TypeAlias = Callable[[memoryview], int]


class Source:
    """One file or pipe, compressed or not.

    Attributes:
        path: how it was named, `-` for standard input.
        name: for people.
        sequence: the same number for all members of one rotated set.
        compression: name of its compression, or empty.
        mtime_us: time of its last write, microseconds UTC; None for a pipe. A compressed file's own
            record of it counts before the file system's.
        faults: what could not be read so far.
        copies: paths of other files that hold nothing but what this one does.
        index: where its lines end, for those who read it twice; None where nobody does.
    """

    def __init__(self, path: str, spool_limit: int = SPOOL_LIMIT, sequence: int = 0) -> None:
        """Open `path`; raises ReadError."""
        self.path = path
        self.sequence = sequence
        self.faults: list[Fault] = []
        self.copies: list[str] = []
        self.index: LineIndex | None = None
        self._raw = open_raw(path, spool_limit, self._note)
        self.name = self._raw.name
        head = compression.stored(self._raw, 0, compression.MAGIC_SIZE)
        self._kind = compression.compression_of(head)
        self.compression = self._kind.name if self._kind else ""
        self.mtime_us = self._raw.mtime_us
        if (gzip := read_gzip_header(head)) and gzip.mtime_s:
            self.mtime_us = gzip.mtime_s * 1_000_000

    @property
    def size(self) -> int | None:
        """Stored bytes, None while a pipe is still coming."""
        return self._raw.size

    @property
    def complete(self) -> bool:
        """Nothing kept us from reading it to its end."""
        return not self.faults

    def blocks(self, size: int = BLOCK_SIZE) -> Iterator[Block]:
        """Its lines from the first to the last, in blocks of about `size` bytes."""
        return read_blocks(self._filler(), size, self.index if size == BLOCK_SIZE else None)

    def pieces(self, size: int) -> Iterator[bytes]:
        """Its bytes, decompressed, in pieces of `size` bytes; the last one may be shorter."""
        fill = self._filler()
        buffer = memoryview(bytearray(size))
        while filled := _fill_up(fill, buffer, 0):
            yield bytes(buffer[:filled])

    def samples(self) -> Iterator[Block]:
        """Some of its lines: the first block, and of a large plain file its middle and its end."""
        yield from islice(self.blocks(), 1)
        size = self._raw.size
        if self._kind is not None or size is None or size < 2 * BLOCK_SIZE:
            return
        for place in (size // 2, size - _SAMPLE):
            torn, newline, rest = compression.stored(self._raw, place, _SAMPLE).partition(b"\n")
            rest = rest[: rest.rfind(b"\n") + 1]
            if rest:
                yield Block.of(rest, offset=place + len(torn) + len(newline))

    @property
    def pipe(self) -> Spool | None:
        """The pipe that it reads, where what comes through it is not compressed."""
        return self._raw if self._kind is None and isinstance(self._raw, Spool) else None

    def close(self) -> None:
        """Give back what it holds open."""
        self._raw.close()

    def _note(self, fault: Fault) -> None:
        if fault not in self.faults:
            self.faults.append(fault)

    def _filler(self) -> _Fill:
        return self._plain() if self._kind is None else self._decompressed()

    def _plain(self) -> _Fill:
        place = 0

        def fill(view: memoryview) -> int:
            nonlocal place
            count = self._raw.read_at(view, place)
            place += count
            return count

        return fill

    def _decompressed(self) -> _Fill:
        assert self._kind is not None
        pieces = compression.decompress(self._raw, self._kind, self._note)
        held = memoryview(b"")

        def fill(view: memoryview) -> int:
            nonlocal held
            while not held:
                piece = next(pieces, None)
                if piece is None:
                    return 0
                held = memoryview(piece)
            count = min(len(view), len(held))
            view[:count] = held[:count]
            held = held[count:]
            return count

        return fill


def read_blocks(
    fill: _Fill, size: int = BLOCK_SIZE, index: LineIndex | None = None
) -> Iterator[Block]:
    """Read blocks of whole lines straight into their padded buffers.

    Gives what `parsers.blocks.cut_blocks` gives for the same bytes, without copying them again.
    `index` knows the lines of blocks that were read before, and gets to know the others.
    """
    held = np.zeros(0, np.uint8)
    first_line, offset, torn = 1, 0, False
    while True:
        data = np.empty(size + PADDING, np.uint8)
        data[: len(held)] = held
        filled = _fill_up(fill, data.data[:size], len(held))
        if not filled:
            return
        at_end = filled < size
        known = index.recall(offset, data[:filled]) if index is not None else None
        checksum: int | None
        if known is not None:
            cut, ends, checksum = known
        else:
            ends = newlines(data[:filled])
            cut = filled if at_end or not len(ends) else int(ends[-1]) + 1
            if not len(ends) or ends[-1] != cut - 1:
                ends = np.append(ends, cut)
            checksum = None
            if index is not None:
                checksum = index.keep(offset, data[:filled], cut, ends)
        tail = not at_end and ends[-1] == cut
        held = data[cut:filled].copy()
        data[cut : cut + PADDING] = 0
        starts = starts_between(ends)
        block = data[: cut + PADDING]
        yield Block(block, cut, starts, ends, first_line, offset, torn, tail, checksum)
        first_line += len(ends) - tail
        offset += cut
        torn = tail
        if at_end:
            return


def _fill_up(fill: _Fill, view: memoryview, filled: int) -> int:
    """Fill a buffer that already holds `filled` bytes; less than full only at the end."""
    while filled < len(view) and (count := fill(view[filled:])):
        filled += count
    return filled
