"""Present: takes a scene and when its lines had been read, gives bounds: none is of the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import EAST_S, Edges, Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from parsers.units import MINUTE, SECOND

#: Clocks of two hosts differ by less; a wrong offset puts lines at least a quarter of an hour off.
AHEAD_US = 5 * MINUTE


def not_later(
    scene: Scene, mtimes: Mapping[int, int], read_us: Mapping[int, int]
) -> tuple[Edges, Edges]:
    """Bounds by which no span has an offset that puts its lines behind the time of its file.

    A line that no offset on earth puts before it has a forged stamp, or was written by a host whose
    clock is wrong: it tells nothing.

    Args:
        scene: the log.
        mtimes: file index -> when it was modified last, µs UTC.
        read_us: file index -> all its lines had been read by then, µs UTC.

    Returns:
        All, and those of the files of which is known when they were read.
    """
    knots, span = scene.knots, scene.spans.of_knot
    last = np.full(int(knots.file.max(initial=0)) + 1, np.iinfo(np.int64).max // 2)
    for file, instant in (*mtimes.items(), *read_us.items()):
        if file < len(last):
            last[file] = instant
    ahead = knots.local_us - last[knots.file] - AHEAD_US
    rows = np.flatnonzero((ahead > -EAST_S * SECOND) & (ahead <= EAST_S * SECOND) & (span != UTC))
    every = Edges(span[rows], np.full(len(rows), UTC, np.int64), -ahead[rows])
    read = np.isin(knots.file[rows], np.array([*read_us], np.int64))  # of no type, it loads much
    return every.smallest(), every.taken(read).smallest()


def refuted(defaults: Sequence[Link], bounds: Edges) -> str:
    """Which of the last resorts that would tie spans to UTC bounds forbid, or nothing.

    Args:
        defaults: links from UTC.
        bounds: as `not_later` gives them.
    """
    most_us = dict(zip(bounds.a.tolist(), bounds.bound_us.tolist(), strict=True))
    for link in defaults:
        if -link.delta_s * SECOND > most_us.get(link.b, EAST_S * SECOND):
            why = "lines would be later than they were read or their file changed"
            return f", and by {link.text}, {why}"
    return ""


def later(bounds: Edges, offset: NDArray[np.int64]) -> set[int]:
    """The spans that may not have their offset (int64[spans]) by bounds as of `not_later`."""
    return {*bounds.a[-offset[bounds.a] * SECOND > bounds.bound_us].tolist()}
