"""Source: takes one opened file or pipe, gives its lines in blocks, the same ones on every pass."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from logtool.errors import ReadError
from logtool.sources import compression
from logtool.sources.heads import HEAD
from logtool.sources.line_index import LineIndex, checksum_of, with_lengths
from logtool.sources.raw import Fault, Raw, Spool, StoredFile, Unopened, open_raw
from logtool.sources.reading import Fill, Place, cut, fill_up, lines_within, pieces, read_blocks
from parsers.blocks import BLOCK_SIZE, MOST_LINES, Block
from parsers.compiled.kernel import kernel_of
from parsers.units import SECOND

#: Bytes of a pipe that may be kept on disk for the second pass, unless the user says otherwise.
SPOOL_LIMIT = 8 << 30

#: Bytes looked at in the middle and at the end of a file.
_SAMPLE = 128 << 10
#: Bytes that are read and summed at once: they are in the cache meanwhile.
_AT_ONCE = 512 << 10
#: Bytes in which a block's last newline is looked for at once, and of which two lines that are less
#: far from each other are read at once.
_TAIL = _GAP = 4 << 10
_NEWLINE = ord("\n")


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

    def __init__(
        self,
        path: str,
        spool_limit: int = SPOOL_LIMIT,
        sequence: int = 0,
        *,
        needed: bool = True,
        lack: str = "",
    ) -> None:
        """Open `path`; raises ReadError where that is needed and fails; a `lack` is why it does."""
        self.path = path
        self.sequence = sequence
        self.faults: list[Fault] = []
        self.copies: list[str] = []
        self.index: LineIndex | None = None
        self._raw: Raw = open_raw(path, spool_limit, self._note, needed=needed, lack=lack)
        self.name = self._raw.name
        looked_at = compression.FOREIGN_SIZE if self.is_stored else compression.MAGIC_SIZE
        head = compression.stored(self._raw, 0, looked_at)
        more = (
            partial(compression.stored, self._raw, 0)
            if self.is_stored
            else lambda size: head[:size]
        )
        if foreign := compression.foreign_kind(head, more):
            self._refuse(foreign, needed=needed)
            head = b""
        self._kind = compression.compression_of(head)
        self.compression = self._kind.name if self._kind else ""
        self.mtime_us = self._raw.mtime_us
        # RFC 1952, 2.3; nothing is said of what gzip read from a pipe.
        if self.compression == "gzip" and (written_s := int.from_bytes(head[4:8], "little")):
            self.mtime_us = written_s * SECOND

    @property
    def size(self) -> int | None:
        """Stored bytes, None while a pipe is still coming."""
        return self._raw.size

    @property
    def is_open(self) -> bool:
        """It could be opened."""
        return not isinstance(self._raw, Unopened)

    @property
    def complete(self) -> bool:
        """Nothing kept us from reading it to its end."""
        return not self.faults

    def blocks(self, size: int = BLOCK_SIZE) -> Iterator[Block]:
        """Its lines from the first to the last, in blocks of about `size` bytes."""
        return read_blocks(self._filler(), size, self.index if size == BLOCK_SIZE else None)

    def blocks_from(self, place: Place) -> Iterator[Block]:
        """The same from one of the `places` on, when all blocks before it have come."""
        assert self.index is not None
        if not self.is_plain:
            yield from (block for block in self.blocks() if block.offset >= place.offset)
            return
        begin = replace(place, first_line=self.index.first_line(place.offset))
        yield from read_blocks(self._plain(place.offset), BLOCK_SIZE, self.index, begin)

    def blocks_behind(self, place: int, size: int) -> Iterator[Block]:
        """The blocks of a plain file from a line on, where it begins; lines are counted from it."""
        return read_blocks(self._plain(place), size, begin=Place(place))

    def lines_at(self, place: int, size: int) -> Block:
        """The whole lines within some bytes of a plain file."""
        raw = compression.stored(self._raw, place, size)
        return lines_within(raw, place, at_end=place + len(raw) >= (self.size or 0))

    @property
    def is_plain(self) -> bool:
        """Whether it is a file as it is, so that its blocks can be read in any order."""
        return self._kind is None and self.is_stored

    @property
    def is_stored(self) -> bool:
        """Whether it is a file, perhaps compressed: who reads some of it takes it from nobody."""
        return isinstance(self._raw, StoredFile)

    @property
    def identity(self) -> tuple[int, int] | None:
        """The device and inode of a file as it is; None of any other source."""
        raw = self._raw
        return raw.identity if self._kind is None and isinstance(raw, StoredFile) else None

    @property
    def head(self) -> bytes:
        """How a file as it is began when it was read; nothing if that was not, or less than HEAD.

        A file that is shorter than that is known by all of it.
        """
        raw = self._raw
        if not (isinstance(raw, StoredFile) and self.is_plain):
            return b""
        return raw.head if len(raw.head) == min(HEAD, raw.size or 0) else b""

    @property
    def state(self) -> tuple[int, ...] | None:
        """What changes when a file, perhaps compressed, does; None of any other source."""
        raw = self._raw
        if not isinstance(raw, StoredFile):
            return None
        return (*raw.identity, raw.size or 0, raw.mtime_us or 0)

    def places(self) -> Iterator[Place]:
        """Where the blocks of a plain file are."""
        assert self.size is not None
        assert self.index is not None
        offset, torn = 0, False
        while offset < self.size:
            place = self.place_of(offset, torn_head=torn)
            yield place
            size, torn = self.index.shape(offset) or self._shape(place)
            offset += size

    def place_of(self, offset: int, *, torn_head: bool = False) -> Place:
        """Where a block of a plain file is that begins at some byte."""
        assert self.size is not None
        assert self.index is not None
        left = self.size - offset
        filled = min(self.index.full_size(offset) or BLOCK_SIZE, left)
        at_end = filled == left < BLOCK_SIZE
        return Place(offset, self.index.first_line(offset), torn_head, filled, at_end)

    def windows(self) -> Iterator[tuple[Place, NDArray[np.uint8]]]:
        """The same places of any other source, and the bytes there: uint8[place.filled]."""
        assert self.index is not None
        fill = self._filler()
        held, ended = np.zeros(0, np.uint8), False
        place = Place()
        while True:
            full = self.index.full_size(place.offset)
            if full is None or full > len(held):
                data = np.empty(BLOCK_SIZE, np.uint8)
                data[: len(held)] = held
                held = data[: fill_up(fill, data.data, len(held))]
                ended = len(held) < BLOCK_SIZE
            if not len(held):
                return
            window = held[:full]  # all where that is not known
            at_end = ended and len(window) == len(held)
            first_line = self.index.first_line(place.offset)
            place = replace(place, first_line=first_line, filled=len(window), at_end=at_end)
            yield place, window
            size, torn = self.index.shape(place.offset) or self._shape(place, window)
            held = held[size:]
            if ended and not len(held):
                return
            place = Place(place.offset + size, torn_head=torn)

    def _shape(self, place: Place, data: NDArray[np.uint8] | None = None) -> tuple[int, bool]:
        """Size of a block of which nothing is known yet, and whether its last line goes on."""
        end = place.filled
        while end and not place.at_end:
            begin = max(end - _TAIL, 0)
            tail = bytearray(end - begin)
            if data is None:
                self._peek(memoryview(tail), place.offset + begin)
            else:
                tail[:] = data[begin:end].data
            if newline := tail.rfind(b"\n") + 1:
                return begin + newline, False
            end = begin
        return place.filled, not place.at_end

    def block_at(self, place: Place, data: NDArray[np.uint8]) -> Block:
        """The block at a place, in `data`: uint8[BLOCK_SIZE + PADDING].

        The bytes of a plain file are read into it; those of any other source are there already.

        Raises:
            ReadError: there is not what was there before, or there are too many lines for a block.
        """
        checksum = self._summed(data[: place.filled], place.offset) if self.is_plain else None
        block, _ = cut(data, place, self.index, checksum=checksum)
        if len(block) == MOST_LINES and (self.index is None or not self.index.shape(place.offset)):
            raise ReadError(f"{self.name}: lines too short to tell from afar where a block ends")
        if self.index is not None and self.index.is_other(block):
            raise ReadError(f"{self.name}: written over")
        is_new = self.index is not None and self.index.shape(place.offset) is None
        return with_lengths(block) if is_new else block

    def unread(self, place: Place) -> Block | None:
        """The block at a place but for its bytes, for which there is room; None if not known."""
        block = None if self.index is None else self.index.unread(place.offset)
        return None if block is None else replace(block, torn_head=place.torn_head)

    def read_lines(
        self, block: Block, rows: NDArray[np.int64], stored: NDArray[np.uint8] | None = None
    ) -> bool:
        """Read some lines of an `unread` block; whether there are lines, as there were before.

        Args:
            block: the block.
            rows: which lines, rising.
            stored: the bytes of the block, if this is no plain file.
        """
        newlines = block.ends[: len(block) - (int(block.ends[-1]) == block.size)]
        for begin, end in _near(block, rows):
            piece = block.data[begin:end]
            if stored is not None:
                piece[:] = stored[begin:end]
            elif self._peek(piece.data, block.offset + begin) != len(piece):
                return False
            first, last = np.searchsorted(newlines, (begin, end))
            if not np.array_equal(np.flatnonzero(piece == _NEWLINE) + begin, newlines[first:last]):
                return False
        return True

    def numbered(self, block: Block) -> Block:
        """A block read by `block_at`, when all before it have come; its index knows it then."""
        assert self.index is not None
        if block.checksum is not None and self.index.shape(block.offset) is None:
            block = replace(block, first_line=self.index.first_line(block.offset))
            self.index.keep(block)
        return block

    def _summed(self, data: NDArray[np.uint8], place: int) -> int | None:
        """Fill `data` from `place` on, and give its checksum if that is best made meanwhile.

        Raises:
            ReadError: there is not so much.
        """
        # What numpy does next would be slowed down, see `cut`; what the kernel does is not.
        meanwhile = kernel_of(data) is not None
        size, checksum = _AT_ONCE if meanwhile else len(data), 0
        for begin in range(0, len(data), size):
            piece = data[begin : begin + size].data
            if self._peek(piece, place + begin) != len(piece):
                raise ReadError(f"{self.name}: cut short")
            if meanwhile:
                checksum = checksum_of(piece, checksum)
        return checksum if meanwhile else None

    def _peek(self, view: memoryview, place: int) -> int:
        """Fill `view` from `place` on, as far as that goes, and tell nobody what is missing."""
        assert isinstance(self._raw, StoredFile)
        filled = 0
        with suppress(OSError):
            while filled < len(view) and (got := self._raw.peek(view[filled:], place + filled)):
                filled += got
        return filled

    def pieces(self, size: int) -> Iterator[bytes]:
        """Its bytes, decompressed, in pieces of `size` bytes; the last one may be shorter."""
        return pieces(self._filler(), size)

    def stored_pieces(self, size: int) -> Iterator[bytes]:
        """Its bytes as they are stored, perhaps compressed, in such pieces."""
        return pieces(self._plain(), size)

    def ends(self, size: int) -> tuple[bytes, bytes]:
        """About `size` bytes of its first lines; of a plain file, of its last ones, or all of it.

        A plain file's last bytes begin with a whole line.
        """
        begin = next(self.pieces(size), b"")
        if not self.is_plain or self.size is None:
            return begin, b""
        if self.size <= 2 * size:
            return b"", compression.stored(self._raw, 0, self.size)
        return begin, compression.stored(self._raw, self.size - size, size).partition(b"\n")[2]

    def samples(self) -> Iterator[Block]:
        """Some of its lines: the first block, and of a large plain file its middle and its end."""
        yield from islice(self.blocks(), 1)
        size = self._raw.size
        if self._kind is not None or size is None or size < 2 * BLOCK_SIZE:
            return
        for place in (size // 2, size - _SAMPLE):
            if (sample := self.lines_at(place, _SAMPLE)).size:
                yield sample

    @property
    def pipe(self) -> Spool | None:
        """The pipe that it reads, where what comes through it is not compressed."""
        return self._raw if self._kind is None and isinstance(self._raw, Spool) else None

    @property
    def read_us(self) -> int | None:
        """Of a pipe the present, µs UTC: what has come through it was written before."""
        return time.time_ns() // 1000 if isinstance(self._raw, Spool) else None

    def close(self) -> None:
        """Give back what it holds open."""
        self._raw.close()

    def _refuse(self, kind: compression.Foreign, *, needed: bool) -> None:
        """Be as a file that cannot be opened."""
        self._raw.close()
        if needed:
            raise ReadError(f"{self.name}: {kind}")
        self._note(Fault(self.name, None, f"{kind}; left out"))
        self._raw = Unopened(self.name)

    def _note(self, fault: Fault) -> None:
        if fault not in self.faults:
            self.faults.append(fault)

    def _filler(self) -> Fill:
        return self._plain() if self._kind is None else self._decompressed()

    def _plain(self, place: int = 0) -> Fill:

        def fill(view: memoryview) -> int:
            nonlocal place
            count = self._raw.read_at(view, place)
            place += count
            return count

        return fill

    def _decompressed(self) -> Fill:
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


def _near(block: Block, rows: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Where bytes of a block are to be read for some of its lines, with the newlines around."""
    if not len(rows):
        return
    begins = np.maximum(block.starts[rows] - 1, 0)
    ends = np.minimum(block.ends[rows] + 1, block.size)
    far = np.flatnonzero(begins[1:] - ends[:-1] > _GAP)
    begins, ends = begins[np.append(0, far + 1)], ends[np.append(far, len(rows) - 1)]
    yield from zip(begins.tolist(), ends.tolist(), strict=True)
