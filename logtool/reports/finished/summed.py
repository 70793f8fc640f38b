"""Summed: takes groups of a tally, gives what was counted of each kind over all parts of time."""

from __future__ import annotations

import numpy as np

from logtool.reports.period import NEW_PARTS, TREND
from logtool.reports.tallies.packing import Packing
from logtool.reports.tallies.tally import Groups
from parsers.arrays import Ints, Mask


class Summed:
    """Kinds of events: groups whose keys differ in the part of a trend only.

    Attributes:
        key: int64[n], rising, of the first group of each kind.
        events: int64[n], how many.
        first_us, last_us: int64[n], as in `Groups`.
        is_new: bool[n], whether all events with a time are in the last parts of the trend.
    """

    def __init__(self, groups: Groups, packing: Packing) -> None:
        """Take groups whose keys rise, and in which `part` is the lowest number."""
        self._part, self._lines = packing.number(groups.key, "part"), groups.lines
        whole = groups.key - self._part
        self._start = start = np.flatnonzero(np.append(True, whole[1:] != whole[:-1])[: len(whole)])
        self.key = groups.key[start]
        self.events: Ints = np.add.reduceat(groups.lines, start)
        self.first_us: Ints = np.minimum.reduceat(groups.first_us, start)
        self.last_us: Ints = np.maximum.reduceat(groups.last_us, start)
        # Parts of a kind rise.
        first, latest = self._part[start], np.where(self._part < TREND, self._part, -1)
        latest = np.maximum.reduceat(latest, start)
        self.is_new: Mask = (first >= TREND - NEW_PARTS) & (latest >= 0)

    def trend(self, kind: int) -> tuple[int, ...]:
        """Events of a kind in each part of the trend."""
        stop = [*self._start[kind + 1 : kind + 2], len(self._part)][0]
        some = slice(self._start[kind], stop)
        counts = np.bincount(self._part[some], self._lines[some], TREND)[:TREND]
        return tuple(counts.astype(np.int64).tolist())
