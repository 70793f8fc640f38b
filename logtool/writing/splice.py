"""Splice: takes bytes and new texts for some spans of them, gives the bytes with those replaced.

Lines are moved by gathering and scattering windows of a power of two, which needs no Python object
for a line (benchmarks/tried.md compares the other ways). Between stamps, a window may run over the
end of its line, because what comes behind is written later. In any order, a span of n bytes is two
overlapping windows, one at its beginning and one at its end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.writing.stamps import StampWriter
from parsers.arrays import Bytes, Ints
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.kernel import kernel_of
from parsers.compiled.kinds import SPOILED, Columns

#: Narrowest and widest window that runs over, and how many are copied at once: they fit a cache.
_LEAST, _MOST, _AT_ONCE = 64, 512, 2048

#: Widths of the windows. Longer spans are few enough to be copied one by one.
_WIDTHS = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048])


@dataclass(slots=True, eq=False)
class Instants:
    """What all spans are replaced by: instants in one form of time.

    Attributes:
        writer: the form.
        us: int64[m], the instants, microseconds.
    """

    writer: StampWriter
    us: Ints


@dataclass(slots=True, eq=False)
class Texts:
    """New texts of equal width for some of the spans.

    Attributes:
        rows: int64[k], which spans.
        text: uint8[k, width], C-contiguous.
    """

    rows: Ints
    text: Bytes


def replace_spans(
    data: Bytes,
    size: int,
    starts: Ints,
    ends: Ints,
    texts: Sequence[Texts],
    room: Bytes | None = None,
) -> Bytes:
    """Replace spans of `data[:size]`.

    Args:
        data: uint8, changed in place where all texts are as wide as what they replace.
        size: how many bytes of it count.
        starts: int64[m], where the spans begin: ascending, not overlapping.
        ends: int64[m], where they end.
        texts: new texts; together they name every span once.
        room: uint8, where to leave the result if it fits.

    Returns:
        uint8[new size], which may share memory with `data` or `room`.
    """
    growth = np.zeros(len(starts), np.int64)
    for part in texts:
        growth[part.rows] = part.text.shape[1]
    growth -= ends - starts
    if not growth.any():
        for part in texts:
            _put(data, starts[part.rows], part.text)
        return data[:size]
    moved = np.cumsum(growth)
    new_size = size + int(moved[-1])
    needed = new_size + _MOST
    out = np.empty(needed, np.uint8) if room is None or len(room) < needed else room
    first = int(starts[0])
    out[:first] = data[:first]
    kept = np.append(starts[1:], size) - ends
    _copy_ascending(data, ends, out, ends + moved, kept)
    places = starts + moved - growth
    for part in texts:
        _put(out, places[part.rows], part.text)
    return out[:new_size]


def put_instants(
    data: Bytes, starts: Ints, ends: Ints, put: Instants, room: Bytes | None
) -> Bytes | None:
    """What `replace_spans` gives, by the kernel; None where that cannot do it.

    Args:
        data: uint8[size], bytes, in the memory that the kernel lends.
        starts: int64[m], where the spans begin: ascending, not overlapping.
        ends: int64[m], where they end.
        put: what all of them are replaced by.
        room: uint8, where to leave the result: in that memory too.
    """
    kernel, within = kernel_of(data), put.writer.within
    if kernel is None or within is None or room is None or not len(starts):
        return None
    needed = len(data) + len(starts) * put.writer.width + SPOILED
    if len(room) < needed or not kernel.has_room(len(starts)):
        return None
    size, *digits = within
    seconds, runs = kernel.runs(put.us, size)
    text = put.writer.to_the_second(seconds)
    return room[: kernel.splice(data, (starts, ends), text, (seconds, runs), put.us, digits, room)]


def put_recalled(
    block: Block, timed: int, columns: Columns, slots: Ints, writer: StampWriter, room: Bytes
) -> tuple[Bytes, Ints] | None:
    """A block with instants in place of its stamps, and the instants; None where that fails.

    Args:
        block: its bytes are in the memory of the kernel.
        timed: how many of its lines have a time: more than none.
        columns: what is known of its lines.
        slots: the clocks of their processes, as `logtool.clocks.slots` gives them.
        writer: the form of time that all of them get.
        room: uint8, where to leave the bytes: in that memory too.
    """
    kernel, within = kernel_of(block.data), writer.within
    needed = block.size + len(block) * writer.width + SPOILED
    if kernel is None or within is None or len(room) < needed:
        return None
    size, *digits = within
    recalled = kernel.recalled(block.starts, columns, slots, size)
    if recalled is None or len(recalled.us) != timed or not kernel.has_room(len(block)):
        return None
    us, spans, runs = recalled
    seconds = runs[0]
    if seconds.min() < writer.first_second or seconds.max() + size - 1 > writer.last_second:
        return None
    text = writer.to_the_second(seconds)
    data = block.data[: block.size]
    return room[: kernel.splice(data, spans, text, runs, us, digits, room)], us


def windows(data: Bytes, width: int) -> NDArray[np.void]:
    """Every `width` consecutive bytes of `data` as one element, without copying."""
    count = max(len(data) - width + 1, 0)
    return np.ndarray((count,), f"V{width}", data, 0, (1,))


def _put(out: Bytes, places: Ints, text: Bytes) -> None:
    width = text.shape[1]
    windows(out, width)[places] = text.view(f"V{width}").ravel()


def _copy_ascending(data: Bytes, source: Ints, out: Bytes, target: Ints, lengths: Ints) -> None:
    """Copy spans that come one behind the other, and gaps between them may be spoiled.

    Args:
        data: uint8.
        source: int64[n], where the spans begin in it: ascending.
        out: uint8, other memory than `data`, _MOST bytes longer than what is written to it.
        target: int64[n], where they shall begin in it: ascending.
        lengths: int64[n].
    """
    width = _LEAST
    while width < _MOST and width * len(lengths) < int(lengths.sum()) * 5 // 4:
        width *= 2
    if int(lengths.max()) > width or int(lengths.min()) < 1:
        count = -(-lengths // width)
        done = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        done *= width
        source = np.repeat(source, count) + done
        target = np.repeat(target, count) + done
        lengths = np.repeat(lengths, count) - done
    inside, outside = windows(data, width), windows(out, width)
    whole = int(np.searchsorted(source, len(inside)))
    for begin in range(0, whole, _AT_ONCE):
        some = slice(begin, min(begin + _AT_ONCE, whole))
        outside[target[some]] = inside[source[some]]
    rest = np.minimum(lengths[whole:], width)
    _copy_long(data, source[whole:], out, target[whole:], rest)


def copy_spans(data: Bytes, source: Ints, out: Bytes, target: Ints, lengths: Ints) -> None:
    """Copy spans of `data` to places in `out`.

    Args:
        data: uint8.
        source: int64[n], where the spans begin in it.
        out: uint8, other memory than `data`.
        target: int64[n], where they shall begin in it.
        lengths: int64[n].
    """
    size_class = np.searchsorted(_WIDTHS, lengths, side="right").astype(np.int8)
    for number, width in enumerate(_WIDTHS.tolist(), 1):
        rows = np.flatnonzero(size_class == number)
        if not len(rows):
            continue
        from_, to = source[rows], target[rows]
        inside, outside = windows(data, width), windows(out, width)
        if number == len(_WIDTHS):
            _copy_long(data, from_, out, to, lengths[rows])
            continue
        outside[to] = inside[from_]
        rest = lengths[rows] - width
        outside[to + rest] = inside[from_ + rest]


def _copy_long(data: Bytes, source: Ints, out: Bytes, target: Ints, lengths: Ints) -> None:
    for a, b, n in zip(source.tolist(), target.tolist(), lengths.tolist(), strict=True):
        out[b : b + n] = data[a : a + n]
