"""Steady lives: takes offsets of spans, tells which processes keep no one zone though they must.

Who runs no application never calls tzset(): its zone is that in which it was started, also where
the host's is changed meanwhile. In its life its clock shows the offsets of one zone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from logtool.clocks.evidence.disorder import lines_of
from logtool.clocks.seen.scene import Scene, time_range
from logtool.clocks.seen.spans import UTC
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zone_kinds import zone_kinds
from parsers.arrays import Ints, Mask


class Life(NamedTuple):
    """The life of a process in which no zone has all offsets.

    Attributes:
        spans: int64[n], its spans in order.
        fitting: bool[n], those that are in the zone in which most of its lines are.
    """

    spans: Ints
    fitting: Mask


class SteadyLives:
    """The lives of those who run no application."""

    def __init__(self, scene: Scene, liars: Mask) -> None:
        """Look for them.

        Args:
            scene: the log.
            liars: bool[spans], spans that are nobody's clock.
        """
        self._scene = scene
        spans, self._lines = scene.spans, lines_of(scene)
        own = [
            span
            for span in range(UTC + 1, len(spans))
            if scene.serves(span) and not is_voice(int(spans.pid[span])) and not liars[span]
        ]
        rows = np.array(own, np.int64)
        again = np.array([scene.outlived(span) for span in own], np.int64)
        order = np.lexsort((rows, spans.pid[rows]))
        rows, again = rows[order], again[order]
        begins = np.ones(len(rows), np.bool_)
        begins[1:] = (np.diff(spans.pid[rows]) != 0) | (again[1:] > 0)
        self._rows, self._life = rows, np.cumsum(begins) - 1

    def torn(self, offset: Ints) -> list[Life]:
        """The lives in which no zone has all offsets, by pid.

        Args:
            offset: int64[spans], seconds east of UTC.
        """
        shown = offset[self._rows]
        moved = (np.diff(shown) != 0) & (np.diff(self._life) == 0)
        some = np.isin(self._life, self._life[1:][moved])
        rows, life = self._rows[some], self._life[some]
        if not len(rows):
            return []
        starts = np.flatnonzero(np.append(True, np.diff(life) != 0))
        fits = self._fits(rows, offset)
        told = np.add.reduceat(fits * self._lines[rows], starts, axis=1)
        best = np.repeat(told.argmax(axis=0), np.diff(np.append(starts, len(rows))))
        fitting = np.split(fits[best, np.arange(len(rows))], starts[1:])
        lives = map(Life, np.split(rows, starts[1:]), fitting)
        return [one for one in lives if not one.fitting.all()]

    def _fits(self, rows: Ints, offset: Ints) -> Mask:
        """bool[kinds, rows], whether a kind of zone has their offsets."""
        spans, local_us = self._scene.spans, self._scene.knots.local_us
        kinds = zone_kinds(*time_range(self._scene.knots))
        return kinds.fits(local_us[spans.first[rows]], local_us[spans.last[rows]], offset[rows])
