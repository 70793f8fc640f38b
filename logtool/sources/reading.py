"""Reading: takes what fills a buffer with the bytes of a log, gives its blocks of whole lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from logtool.sources.line_index import LineIndex, checksum_of
from parsers.blocks import BLOCK_SIZE, MOST_LINES, PADDING, Block, cut_lines, first_lines
from parsers.classes import dataclass

#: Fills a buffer with the bytes that come next; gives how many these are, 0 at the end.
Fill: TypeAlias = Callable[[memoryview], int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block begins, as far as it can be told without reading it.

    Attributes:
        offset: place of its first byte in its (decompressed) file.
        first_line: number of its first line, 0 where that is not known yet.
        torn_head: its first line is the continuation of a line too long for one block.
        filled: how many bytes are to be read to make it, its own and perhaps some of the next one.
        at_end: no byte comes after these.
    """

    offset: int = 0
    first_line: int = 1
    torn_head: bool = False
    filled: int = 0
    at_end: bool = False


def read_blocks(
    fill: Fill,
    size: int = BLOCK_SIZE,
    index: LineIndex | None = None,
    begin: Place | None = None,
    most: int = MOST_LINES,
) -> Iterator[Block]:
    """Read blocks of whole lines, at most `most` of them, straight into their padded buffers.

    Gives what `parsers.blocks.cut_blocks` gives for the same bytes, without copying them again.
    `index` knows the lines of blocks that were read before, and gets to know the others. `fill`
    gives the bytes from the place at which to `begin`.
    """
    held = np.zeros(0, np.uint8)
    place = begin or Place()
    while True:
        # Short lines: what was read holds many blocks.
        block = _full(held, place, index, most)
        if block is not None:
            held = held[block.size :]
        else:
            data = np.empty(size + PADDING, np.uint8)
            data[: len(held)] = held
            filled = fill_up(fill, data.data[:size], len(held))
            if not filled:
                return
            place = replace(place, filled=filled, at_end=filled < size)
            block, held = cut(data, place, index, most)
        if index is not None:
            index.keep(block)
        if len(block) == most:  # perhaps few bytes: they shall not keep all that was read
            block = replace(block, data=block.data.copy())
        yield block
        if place.at_end and not len(held):
            return
        place = _behind(block)


def _full(
    held: NDArray[np.uint8], place: Place, index: LineIndex | None, most: int
) -> Block | None:
    """The next block, if it has as many lines as it may have within the bytes that are held."""
    if len(held) < most:
        return None
    _, ends = first_lines(held, most)
    if len(ends) < most:
        return None
    size = int(ends[-1]) + 1
    data = np.empty(size + PADDING, np.uint8)
    data[:size] = held[:size]
    return cut(data, replace(place, filled=size), index, most)[0]


def cut(
    data: NDArray[np.uint8],
    place: Place,
    index: LineIndex | None,
    most: int = MOST_LINES,
    checksum: int | None = None,
) -> tuple[Block, NDArray[np.uint8]]:
    """The block that some bytes begin with, and a copy of those behind it.

    Args:
        data: the bytes, and room for PADDING behind them.
        place: where they are, and how many.
        index: what is known of the log's lines, or None.
        most: so many lines at most.
        checksum: of all these bytes, if it is known.
    """
    filled = place.filled
    known, of = None, 0 if checksum is None else filled
    if index is not None and index.shape(place.offset) is not None:
        before = min(index.full_size(place.offset) or filled, filled)
        if of != before:
            checksum, of = checksum_of(data[:before]), before
        known = index.recall(place.offset, checksum or 0, data[:before])
    if known is not None:
        cut, starts, ends = known
    else:
        cut, starts, ends = cut_lines(data[:filled], at_end=place.at_end, most=most)
    is_full = len(ends) == most and bool(ends[-1] < cut)
    needed = cut if is_full else filled
    if index is not None and of != needed:
        # Not before: isal leaves the wide registers in a state that slows numpy's next step down.
        checksum = checksum_of(data[:needed])
    tail = not place.at_end and bool(ends[-1] == cut)
    behind = data[cut:filled].copy()
    data[cut : cut + PADDING] = 0
    block = Block(
        data[: cut + PADDING], cut, starts, ends,
        place.first_line, place.offset, place.torn_head, tail, checksum, is_full,
    )  # fmt: skip
    return block, behind


def _behind(block: Block) -> Place:
    """Where the next block begins."""
    return Place(block.offset + block.size, block.next_line, block.torn_tail)


def fill_up(fill: Fill, view: memoryview, filled: int) -> int:
    """Fill a buffer that already holds `filled` bytes; less than full only at the end."""
    while filled < len(view) and (count := fill(view[filled:])):
        filled += count
    return filled


def lines_within(raw: bytes, place: int, *, at_end: bool) -> Block:
    """The whole lines among bytes from a place of a file, which may end with them."""
    # A line of its own begins only behind a newline.
    begin = raw.find(b"\n") + 1 or len(raw) if place else 0
    end = len(raw) if at_end else raw.rfind(b"\n") + 1
    return Block.of(raw[begin:end], offset=place + begin)


def pieces(fill: Fill, size: int) -> Iterator[bytes]:
    """What fills buffers of `size` bytes, in pieces of that size; the last one may be shorter."""
    buffer = memoryview(bytearray(size))
    while filled := fill_up(fill, buffer, 0):
        yield bytes(buffer[:filled])
