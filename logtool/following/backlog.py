"""Backlog: takes lines that were read later than they were written, tells their offsets from UTC.

A log may appear with hours of lines in it, a pipe may begin with them, and we may have been stopped
while they came. When they were read tells only that they were written before. But they stand in the
order in which they were written: a process of which nothing is known is dated by the lines around
its own whose clocks are known, and an offset that no zone keeps at that time is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from logtool.clocks.tzdb.zones import offsets_between
from parsers.arrays import Ints, Mask
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET
from parsers.units import SECOND

_DAY_US = 86_400 * SECOND
_NEVER = int(np.iinfo(np.int64).max) // 4


def kept_around(utc_us: int) -> Ints:
    """int64[n], ascending: the offsets, seconds east of UTC, that zones keep near an instant."""
    return _kept_around(utc_us // _DAY_US)


@lru_cache(maxsize=4)
def _kept_around(day: int) -> Ints:
    return np.array(sorted(offsets_between((day - 1) * _DAY_US, (day + 2) * _DAY_US)), np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Backlog:
    """Lines that were read at once, all with a time.

    Attributes:
        local_us: int64[n], what their stamps say.
        who: int64[n], numbers of their processes.
        earliest_us, latest_us: they were written between these instants, µs UTC.
        slack_us: lines are so far from true order.
        thinkable_s: int64[m], ascending: the offsets that a process may have.
    """

    local_us: Ints
    who: Ints
    earliest_us: int
    latest_us: int
    slack_us: int
    thinkable_s: Ints

    def dated(
        self, known: Ints, prefer: Callable[[int, Ints], int], begin: int = -1
    ) -> tuple[Ints, Mask]:
        """The offsets of all lines; each process without one has one clock while that can be.

        Args:
            known: int64[n], seconds east of UTC, or NO_OFFSET.
            prefer: gives the offset of a line, by its row, where several suit as well; takes these.
                NO_OFFSET if nothing speaks for any.
            begin: where none is known, the process of this row (0 or -1) is dated first.

        Returns:
            int64[n] and whether it was preferred only: bool[n]. NO_OFFSET where none suits.
        """
        offsets, guessed = known.copy(), np.zeros(len(known), np.bool_)
        kept = self.thinkable_s
        hopeless = np.zeros(int(self.who.max(initial=-1)) + 1, np.bool_)
        while True:
            rows = np.flatnonzero((offsets == NO_OFFSET) & ~hopeless[self.who])
            if not len(rows):
                return offsets, guessed
            best = self._best(offsets, rows, len(hopeless))
            mine = best[self.who[rows]]
            count = mine.sum(axis=1)
            hopeless[self.who[rows[count == 0]]] = True
            alone = count == 1
            if alone.any():
                self._give(offsets, rows[alone], kept[mine[alone].argmax(axis=1)])
                continue
            several = rows[count > 1]
            if len(several) and not np.any(offsets != NO_OFFSET):
                several = several[self.who[several] == self.who[several[begin]]]
            for process in np.unique(self.who[several]).tolist():
                its = several[self.who[several] == process]
                offset = prefer(int(its[-1]), kept[best[process]])
                if offset == NO_OFFSET:
                    return offsets, guessed
                self._give(offsets, its, np.full(len(its), offset))
                guessed[its] = True

    def _give(self, offsets: Ints, rows: Ints, given: Ints) -> None:
        """Date lines, but those that would be of the future."""
        is_past = self.local_us[rows] - given * SECOND <= self.latest_us
        offsets[rows[is_past]] = given[is_past]

    def _best(self, offsets: Ints, rows: Ints, processes: int) -> Mask:
        """bool[processes, m]: the offsets by which most lines are where they stand."""
        low, high = self._around(offsets)
        local, low, high, who = self.local_us[rows], low[rows], high[rows], self.who[rows]
        fitting = np.zeros((processes, len(self.thinkable_s)), np.int64)
        for at, offset in enumerate(self.thinkable_s.tolist()):
            utc = local - offset * SECOND
            fitting[:, at] = np.bincount(who[(utc >= low) & (utc <= high)], minlength=processes)
        most = fitting.max(axis=1, keepdims=True)
        best: Mask = (fitting == most) & (most > 0)
        return best

    def _around(self, offsets: Ints) -> tuple[Ints, Ints]:
        """Between which instants each line was written, by the lines around it."""
        place = np.arange(len(offsets))
        is_dated = offsets != NO_OFFSET
        utc = np.where(is_dated, self.local_us - offsets * SECOND, 0)
        before = np.maximum.accumulate(np.where(is_dated, place, -1))
        behind = np.minimum.accumulate(np.where(is_dated, place, len(place))[::-1])[::-1]
        low = np.where(before >= 0, utc[before] - self.slack_us, -_NEVER)
        next_us = utc[np.minimum(behind, len(place) - 1)] + self.slack_us
        high = np.where(behind < len(place), next_us, _NEVER)
        return np.maximum(low, self.earliest_us), np.minimum(high, self.latest_us)
