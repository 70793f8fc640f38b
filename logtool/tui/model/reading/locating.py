"""Locating: takes the bytes of a log, gives where each of its lines begins, and nothing else.

A gigabyte takes a quarter of a second, so that all lines can be walked long before they are known.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logtool.tui.model.reading.places import LogBytes
from parsers.arrays import Ints

_AT_ONCE = 1 << 20
_NEWLINE = ord("\n")


def line_places(data: LogBytes, place: int = 0, *, begun: bool = False) -> Iterator[Ints]:
    """Where lines begin, from `place` on to the end of the log as it is now.

    Args:
        data: the bytes of the log.
        place: where to look from on.
        begun: the line at `place` has begun before it.

    Yields:
        int64[n], in order.
    """
    buffer = bytearray(_AT_ONCE)
    piece = np.frombuffer(buffer, np.uint8)
    while size := data.fill(buffer, place):
        newlines = np.flatnonzero(piece[:size] == _NEWLINE)
        starts = newlines + (place + 1)
        # A line begins after a newline only where something follows.
        ended = bool(len(newlines)) and int(newlines[-1]) == size - 1
        first = np.array([] if begun else [place], np.int64)
        yield np.concatenate([first, starts[: len(starts) - ended]])
        begun = not ended
        place += size
