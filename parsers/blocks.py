"""Blocks: take chunks of bytes, give whole lines and where each begins and ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass
from parsers.compiled.kernel import column_for, kernel_of

#: Zero bytes after the lines of a block, so that fixed-width windows never run off its end.
PADDING = 512

_ONE = np.uint64(1)
#: Bytes compared at once: a multiple of eight.
_AT_ONCE = 512 << 10
#: Where one byte in so many is the one that is sought, or more, each byte is looked at alone.
_FREQUENT = 32

#: A good size for one block: fits in the second-level cache together with its columns.
BLOCK_SIZE = 4 << 20

#: Most lines of one block: usual lines are long enough that it holds fewer. What is made of a line
#: is larger than an empty line.
MOST_LINES = 1 << 16

#: Bytes in which newlines are looked for at once, where only some of them are wanted: first so many
#: that even empty lines are not far more than a block's, then ever more.
_WINDOW, _WIDEST = MOST_LINES, 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Whole lines of one file.

    Attributes:
        data: uint8[size + PADDING], the bytes of the lines and PADDING zero bytes.
        size: how many bytes of `data` belong to the lines.
        starts: int64[n], where each line begins in `data`.
        ends: int64[n], where each line's text ends: its newline, or `size` for a line without one.
            A carriage return before the newline belongs to the text.
        first_line: number of the first line in its file, counted from 1.
        offset: place of the first byte in its (decompressed) file.
        torn_head: the first line is the continuation of a line too long for one block.
        torn_tail: the last line goes on in the next block (so it has no newline here).
        checksum: of the bytes that were read to make it, where its reader told it.
        is_full: it has as many lines as a block may have. Nothing behind it is needed to know that,
            and the checksum is of its own bytes alone.
        lengths: uint8[n], uint16[n] or more, how long its lines are, their newlines counted, where
            its reader told that.
    """

    data: NDArray[np.uint8]
    size: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    first_line: int = 1
    offset: int = 0
    torn_head: bool = False
    torn_tail: bool = False
    checksum: int | None = None
    is_full: bool = False
    lengths: NDArray[np.unsignedinteger] | None = None

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.starts)

    @property
    def next_line(self) -> int:
        """Number of the first line of the block behind it."""
        return self.first_line + len(self) - self.torn_tail

    @classmethod
    def of(
        cls,
        raw: bytes | bytearray | memoryview,
        *,
        first_line: int = 1,
        offset: int = 0,
        torn_head: bool = False,
        torn_tail: bool = False,
    ) -> Block:
        """Index the lines of `raw`, which is copied once into a padded buffer."""
        size = len(raw)
        data = np.zeros(size + PADDING, np.uint8)
        data[:size] = np.frombuffer(raw, np.uint8)
        ends = newlines(data[:size])
        if size > 0 and (not len(ends) or ends[-1] != size - 1):
            ends = np.append(ends, size)
        return cls(data, size, starts_between(ends), ends, first_line, offset, torn_head, torn_tail)

    def at(self, rows: NDArray[np.int64]) -> Block:
        """Some of its lines, over the same bytes; their numbers are lost."""
        starts, ends = self.starts[rows], self.ends[rows]
        return Block(self.data, self.size, starts, ends, self.first_line, self.offset)

    def line(self, row: int) -> bytes:
        """The text of one line without its newline: for messages and tests, not for speed."""
        return self.data[self.starts[row] : self.ends[row]].tobytes()


def newlines(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Every place of a newline, in order."""
    return places_of(data, ord("\n"))


def places_of(data: NDArray[np.uint8], byte: int) -> NDArray[np.int64]:
    """Every place of a byte, in order.

    A bit for each byte, and then words of 64 bits: most lines are long, and most words hold one
    newline or none.
    """
    bits = np.zeros(-(-len(data) // 64) * 8, np.uint8)
    # In pieces: what is compared stays in the cache until it is packed.
    same = np.empty(min(len(data), _AT_ONCE), np.bool_)
    for begin in range(0, len(data), _AT_ONCE):
        piece = data[begin : begin + _AT_ONCE]
        packed = np.packbits(np.equal(piece, byte, out=same[: len(piece)]), bitorder="little")
        bits[begin // 8 : begin // 8 + len(packed)] = packed
    words = bits.view("<u8")
    held = np.flatnonzero(words)
    found = words[held]
    places = (held << 6) + _lowest_bit(found)
    if not np.any(found & (found - _ONE)):
        return np.asarray(places, np.int64)
    counts = np.bitwise_count(found).astype(np.int64)
    if int(counts.sum()) * _FREQUENT > len(data):
        return np.flatnonzero(data == byte)
    first = np.cumsum(counts) - counts
    every = np.empty(int(counts.sum()), np.int64)
    rows, nth = np.arange(len(found)), 0
    while len(rows):
        every[first[rows] + nth] = (held[rows] << 6) + _lowest_bit(found[rows])
        found[rows] &= found[rows] - _ONE
        rows = rows[found[rows] != 0]
        nth += 1
    return every


def first_lines(
    data: NDArray[np.uint8], most: int = MOST_LINES
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the first `most` lines that end in a newline begin and end: int64[n] each.

    What it costs does not grow with the rest.
    """
    if kernel := kernel_of(data):
        return kernel.newlines(data, most)
    parts, left = [np.empty(0, np.int64)], most
    place, window = 0, _WINDOW
    while left and place < len(data):
        found = newlines(data[place : place + window])[:left]
        parts.append(found + place)
        left -= len(found)
        place, window = place + window, min(4 * window, _WIDEST)
    ends = np.concatenate(parts)
    return starts_between(ends), ends


def _lowest_bit(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.bitwise_count(~words & (words - _ONE))


def starts_between(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where lines begin, from where they end."""
    starts = column_for(ends, len(ends), np.int64)
    starts[:1] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    return starts


def cut_blocks(
    chunks: Iterable[bytes | memoryview],
    size: int = BLOCK_SIZE,
    *,
    first_line: int = 1,
    offset: int = 0,
    most: int = MOST_LINES,
) -> Iterator[Block]:
    """Cut a stream of byte chunks into blocks of about `size` bytes that end at a newline.

    A block has at most `most` lines. A line longer than a block comes in pieces, marked `torn_tail`
    and `torn_head`, so memory stays bounded even where no newline ever comes. Pieces count as one
    line in `first_line`.
    """
    held = bytearray()
    torn = False
    for chunk in chain(chunks, (None,)):
        at_end = chunk is None
        held += chunk or b""
        while len(held) >= size or (at_end and held):
            cut, _, ends = cut_lines(np.frombuffer(held, np.uint8), at_end=at_end, most=most)
            block = Block.of(
                memoryview(held)[:cut],
                first_line=first_line,
                offset=offset,
                torn_head=torn,
                torn_tail=not at_end and int(ends[-1]) == cut,
            )
            yield block
            torn = block.torn_tail
            first_line = block.next_line
            offset += cut
            del held[:cut]


def cut_lines(
    data: NDArray[np.uint8], *, at_end: bool, most: int = MOST_LINES
) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """How many of some bytes make the next block, and where its lines begin and end.

    Args:
        data: uint8[n], n > 0.
        at_end: nothing comes behind them, so that the last line needs no newline.
        most: so many lines at most.

    Returns:
        All of the bytes where they hold no newline: the line is torn.
    """
    starts, ends = first_lines(data, most)
    behind = int(ends[-1]) + 1 if len(ends) else 0
    if behind and (len(ends) == most or not at_end):
        return behind, starts, ends
    if behind < len(data):
        starts, ends = np.append(starts, behind), np.append(ends, len(data))
    return len(data), starts, ends
