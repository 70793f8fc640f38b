"""Access sampling: takes an access log of any size, gives a bounded number of its stamps.

A log that fits is read whole. Of a longer one blocks are read at its head, at its tail and evenly
in between; where the written offset differs between two of them, the change (a DST jump, a restart
under another TZ) is found by bisection. What cannot be sought in, such as a compressed file, is
streamed, and blocks are kept ever more sparsely.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.evidence.access_facts import AccessFacts, AccessRows
from logtool.sources.reading import lines_within
from parsers.access_log import (
    AccessLayout,
    AccessStamps,
    LogFormat,
    find_layout,
    read_lines,
)
from parsers.arrays import Ints
from parsers.blocks import Block, cut_blocks
from parsers.lines import NO_OFFSET, NO_TIME, Spans

#: Rows kept of one log.
MOST_ROWS = 200_000
#: A plain file up to this size is read whole.
WHOLE_SIZE = 32 << 20
#: Bytes decompressed of one log before the rest is left unread.
MOST_STREAMED = 1 << 30

_BLOCK = 512 << 10
_BLOCKS = 48
#: Blocks of a stream that are read to their end before only their heads are.
_STREAMED_WHOLE = 8
_PROBE = 128 << 10
_MOST_PROBES = 400
_GLANCE = 8 << 10
#: An address of any family in text.
_HOST_WIDTH = 46


class AccessSampler:
    """Reads blocks of one access log into rows.

    Attributes:
        lines: lines read so far.
    """

    def __init__(self, layout: AccessLayout | LogFormat, quota: int) -> None:
        self._layout = layout
        self._quota = quota
        self.lines = 0

    def begins_otherwise(self, block: Block, before: AccessRows) -> bool:
        """Whether a block begins under another offset than `before` ends with."""
        head = self._read(Block.of(block.data[: min(block.size, _GLANCE)].tobytes()))
        told = head.offset_s[head.offset_s != NO_OFFSET]
        return bool(len(told) and len(before) and told[0] != before.offset_s[-1])

    def _read(self, block: Block) -> AccessStamps:
        return read_lines(block, self._layout)

    def rows(self, block: Block) -> AccessRows:
        """The rows of a block, thinned to the quota; server errors and offset changes stay."""
        stamps = self._read(block)
        self.lines += len(block)
        timed = np.flatnonzero(stamps.epoch_us != NO_TIME)
        kept = timed[_thinned(stamps.offset_s[timed], stamps.status[timed], self._quota)]
        return AccessRows(
            epoch_us=stamps.epoch_us[kept],
            offset_s=stamps.offset_s[kept],
            place=block.offset + block.starts[kept],
            host=_hosts(block, stamps.host, kept),
            status=stamps.status[kept],
        )


def _thinned(offset_s: NDArray[np.int32], status: NDArray[np.int16], quota: int) -> Ints:
    """Indexes of the rows to keep, ascending."""
    if len(offset_s) <= quota:
        return np.arange(len(offset_s))
    changed = np.flatnonzero(np.diff(offset_s))
    # Both sides of a change, the first and the last row; requests that failed are the ones an error
    # log speaks of.
    marked = status >= 500
    marked[changed], marked[changed + 1] = True, True
    marked[[0, -1]] = True
    special = _spread(np.flatnonzero(marked), quota // 2)
    others = _spread(np.flatnonzero(~marked), quota - len(special))
    return np.sort(np.append(special, others))


def _spread(index: Ints, most: int) -> Ints:
    """At most `most` of the indexes, evenly, with the first and the last."""
    if len(index) <= most:
        return index
    return index[np.linspace(0, len(index) - 1, max(most, 0)).astype(np.int64)]


def _hosts(block: Block, spans: Spans, rows: Ints) -> NDArray[np.bytes_]:
    """The bytes of a span on each of some rows, cut to what an address needs."""
    start = spans.start[rows]
    if not len(rows) or start.max() < 0:
        return np.zeros(len(rows), f"S{_HOST_WIDTH}")
    ahead = np.arange(_HOST_WIDTH)
    text = block.data[np.maximum(start, 0)[:, None] + ahead]
    text[ahead >= (spans.end[rows] - start)[:, None]] = 0
    text[start < 0] = 0
    return np.ascontiguousarray(text).view(f"S{_HOST_WIDTH}").ravel()


def sample_file(
    path: Path, log_formats: Sequence[LogFormat] = (), *, whole_size: int = WHOLE_SIZE
) -> AccessFacts | None:
    """Sample a plain access log, which may be longer than could be read; None if it is none.

    It is read by one of the LogFormats, if they are told.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size <= whole_size:
            chunks = iter(lambda: file.read(_BLOCK), b"")
            return _sample_whole(path, cut_blocks(chunks, _BLOCK), log_formats, size)
        return _Seeker(file.fileno(), size).sample(path, log_formats)


def _facts(path: Path, sampler: AccessSampler, parts: list[AccessRows]) -> AccessFacts | None:
    rows = AccessRows.joined(parts)
    if not len(rows):
        return None
    # Pieces read by bisection overlap.
    rows = rows.taken(np.unique(rows.place, return_index=True)[1])
    rows = rows.taken(_thinned(rows.offset_s, rows.status, MOST_ROWS))
    return AccessFacts(str(path), rows, sampler.lines)


def _sample_whole(
    path: Path, blocks: Iterator[Block], log_formats: Sequence[LogFormat], size: int
) -> AccessFacts | None:
    sampler: AccessSampler | None = None
    parts = []
    for block in blocks:
        if sampler is None:
            layout = find_layout(block, log_formats)
            if layout is None:
                return None
            sampler = AccessSampler(layout, max(64, MOST_ROWS // (size // _BLOCK + 1)))
        parts.append(sampler.rows(block))
    return _facts(path, sampler, parts) if sampler else None


class _Seeker:
    """Reads pieces of a long file and finds the places where the offset changes."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd = fd
        self._size = size

    def sample(self, path: Path, log_formats: Sequence[LogFormat]) -> AccessFacts | None:
        """Head, tail, pieces between, and the places where the offset changes."""
        head = self._piece(0, _BLOCK)
        layout = find_layout(head, log_formats)
        if layout is None:
            return None
        sampler = AccessSampler(layout, MOST_ROWS // (2 * _BLOCKS))
        parts = {0: sampler.rows(head)}
        for place in np.linspace(0, self._size - _BLOCK, _BLOCKS).astype(np.int64).tolist()[1:]:
            parts[place] = sampler.rows(self._piece(place, _BLOCK))
        self._locate_changes(sampler, parts)
        in_order = [parts[place] for place in sorted(parts) if len(parts[place])]
        return _facts(path, sampler, in_order or [parts[0]])

    def _locate_changes(self, sampler: AccessSampler, parts: dict[int, AccessRows]) -> None:
        places = [place for place in sorted(parts) if len(parts[place])]
        open_gaps = list(pairwise(places))
        for _ in range(_MOST_PROBES):
            if not open_gaps:
                return
            low, high = open_gaps.pop()
            if parts[low].offset_s[-1] == parts[high].offset_s[0] or high - low <= _PROBE:
                continue
            middle = (low + high) // 2
            probe = sampler.rows(self._piece(middle, _PROBE))
            if len(probe):
                parts[middle] = probe
                open_gaps += [(low, middle), (middle, high)]

    def _piece(self, place: int, count: int) -> Block:
        """The whole lines within some bytes of the file."""
        raw = os.pread(self._fd, count, place)
        return lines_within(raw, place, at_end=place + len(raw) >= self._size)


def sample_stream(
    path: Path, blocks: Iterator[Block], log_formats: Sequence[LogFormat] = ()
) -> AccessFacts | None:
    """Sample an access log that can only be read from its beginning; None if it is none.

    It is read by one of the LogFormats, if they are told.
    """
    first = next(blocks, None)
    layout = find_layout(first, log_formats) if first is not None else None
    if first is None or layout is None:
        return None
    sampler = AccessSampler(layout, MOST_ROWS // (2 * _STREAMED_WHOLE))
    parts = [sampler.rows(first)]
    stride, previous = 1, first
    for index, block in enumerate(blocks, start=1):
        if block.offset > MOST_STREAMED:
            break
        changed = sampler.begins_otherwise(block, parts[-1])
        if changed:
            parts.append(sampler.rows(previous))
        if changed or index < _STREAMED_WHOLE:
            parts.append(sampler.rows(block))
        elif index % stride == 0:
            parts.append(sampler.rows(_head(block)))
        previous = block
        if len(parts) > 2 * _BLOCKS:
            parts, stride = [*parts[:1], *_sparser(parts[1:])], stride * 2
    parts.append(sampler.rows(previous))
    return _facts(path, sampler, parts)


def _head(block: Block) -> Block:
    """The first lines of a block, not copied."""
    lines = max(1, int(np.searchsorted(block.ends, _BLOCK)))
    size = min(int(block.ends[lines - 1]) + 1, block.size)
    return Block(
        block.data, size, block.starts[:lines], block.ends[:lines], block.first_line, block.offset
    )


def _sparser(parts: list[AccessRows]) -> list[AccessRows]:
    """About every other part; parts round a change of offset stay while there is room."""
    offsets = [set(part.offset_s.tolist()) for part in parts]
    kept = [
        part
        for at, part in enumerate(parts)
        if at % 2 == 0 or len(set().union(*offsets[at - 1 : at + 2])) > 1
    ]
    return kept if len(kept) <= 3 * _BLOCKS // 2 else parts[::2]
