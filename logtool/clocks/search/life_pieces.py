"""Life pieces: takes a story, tells which stretches may have to move where a life keeps no zone.

Whoever keeps the zone in which he was started shows the offsets of no zone where a stretch of his
life is put in a wrong place, and all that was written in it with him.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from logtool.clocks.evidence.steady_lives import SteadyLives
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Ints
from parsers.distinct import distinct
from parsers.units import SECOND

#: So many lives are looked at, and so many pieces of each.
_LIVES = 4
_PIECES = 8


class LifePieces:
    """Stretches of a log in which those who keep their zone show one offset."""

    def __init__(self, scene: Scene, lives: SteadyLives) -> None:
        """Take the lives of those who run no application."""
        self._scene, self._lives = scene, lives
        breaks = np.flatnonzero(scene.breaks).tolist()
        ends = np.array([0, *breaks, *scene.stops, len(scene.knots)], np.int64)
        self._borders = distinct(ends)

    def of(self, offset: Ints) -> list[tuple[int, int, int]]:
        """Stretches between two knots, and what gives them the offset of the piece beside.

        Args:
            offset: int64[spans], the story so far.

        Returns:
            The first knot of each, the one after its last, and seconds.
        """
        torn = [life.spans for life in self._lives.torn(offset)]
        torn = sorted(torn, key=len, reverse=True)[:_LIVES]
        told = self._scene.knots.local_us - offset[self._scene.spans.of_knot] * SECOND
        silent_us = np.abs(np.diff(told, prepend=told[:1])) if torn else told
        found = (one for life in torn for one in self._pieces(life, offset, silent_us))
        return list(dict.fromkeys(found))

    def _pieces(self, life: Ints, offset: Ints, silent_us: Ints) -> Iterator[tuple[int, int, int]]:
        """The same of one life, the spans of a process in order.

        A stretch ends where everybody is silent for longest: what is wrongly put far from the rest
        makes a silence.
        """
        spans = self._scene.spans
        pieces = np.split(life, np.flatnonzero(np.diff(offset[life])) + 1)[:_PIECES]
        ends = [(int(spans.first[one[0]]), int(spans.last[one[-1]])) for one in pieces]
        at = np.searchsorted(self._borders, [ends[0][0], ends[-1][1]], side="right")
        between = [
            last + 1 + int(silent_us[last + 1 : first + 1].argmax())
            for (_, last), (first, _) in pairwise(ends)
        ]
        borders = [int(self._borders[at[0] - 1]), *between, int(self._borders[at[1]])]
        shown = [int(offset[one[0]]) for one in pieces]
        for number, (start, end) in enumerate(pairwise(borders)):
            for other in (*shown[max(number - 1, 0) : number], *shown[number + 1 : number + 2]):
                yield start, end, other - shown[number]
