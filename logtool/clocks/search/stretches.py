"""Stretches: takes loose groups in order, tells which of them may have to move together.

Clocks change in nights and in silences: what is moved is all before or after one, or what is
between two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from logtool.clocks.search.prices import Prices
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Ints
from parsers.units import SECOND

#: So many silences are looked at, and so many where nothing ties the log to UTC.
_SILENCES = 12
_SILENCES_UNTIED = 3
#: So many nights.
_NIGHTS = 8
#: Where nothing ties the log to UTC, a night may be at any hour of it.
_NIGHTS_UNTIED = 3
_OFFSETS_H = range(-14, 13)
_HOUR_US = 3600 * SECOND


class Stretches:
    """Loose groups at whose ends clocks may change."""

    def __init__(self, scene: Scene, prices: Prices, loose: Sequence[int], *, tied: bool) -> None:
        """Begin.

        Args:
            scene: the log.
            prices: of its stories.
            loose: the groups that may move, in order.
            tied: something ties the log to UTC.
        """
        self._scene = scene
        self._prices = prices
        self._loose = loose
        self._tied = tied
        self._walked: tuple[bytes, tuple[list[tuple[int, int]], list[int]]] = b"", ([], [])

    def beside_nights(self, shift: Ints) -> list[tuple[int, int]]:
        """All before a night, or after it: (first, end).

        Args:
            shift: int64[groups], the story so far.
        """
        count = len(self._loose)
        sides = {
            side for low, high in self._turns(shift)[0]
            for side in ((0, low), (0, high), (low, count), (high, count))
        }  # fmt: skip
        return sorted(side for side in sides if 0 < side[1] - side[0] < count)

    def of(self, shift: Ints) -> list[tuple[int, int, int]]:
        """All before or after a silence or a night, and between two: (first, end, one of them)."""
        turns, alone = self._turns(shift)
        count, found = len(self._loose), []
        torn = np.flatnonzero(self._prices.breaking(shift)[self._loose])
        for low, high in turns:
            before = [(0, high, low)] if self._tied else []
            found += [(low, count, low), *before, (low, high, low)]
        for at in alone:
            before = [(0, at, at - 1)] if self._tied else []
            found += [(at, count, at), *before, (at, at + 1, at)]
            # Time runs backwards at its end, or where it begins: a clock has changed in a silence.
            next_torn = int(np.searchsorted(torn, at))
            found += [(at, end + 1, at) for end in torn[next_torn:][:1].tolist()]
            found += [(start, at, start) for start in torn[:next_torn][-1:].tolist()]
        if not self._tied:
            # To move what is before is to move what is after, if that still is on earth: it is
            # tried last, and at the longest silences only.
            found += [(0, at, at - 1) for at in alone[:_SILENCES_UNTIED]]
        return [one for one in dict.fromkeys(found) if one[0] < one[1] and one[2] < count]

    def _turns(self, shift: Ints) -> tuple[list[tuple[int, int]], list[int]]:
        """Stretches of groups between nights, and groups before which there is a long silence.

        Of a story that has not changed since they were asked for, they are those of then.
        """
        story = shift.tobytes()
        if self._walked[0] != story:
            self._walked = story, self._walk(shift)
        return self._walked[1]

    def _walk(self, shift: Ints) -> tuple[list[tuple[int, int]], list[int]]:
        prices, loose = self._prices, self._loose
        local, span = self._scene.knots.local_us, self._scene.spans.of_knot
        firsts = prices.first[loose]
        told = local - (shift[prices.group[span]] + prices.above[span]) * SECOND
        # Time that a wrong story stretches shows in it, and not in what the clocks show.
        silence = np.where(firsts > 0, np.abs(told[firsts] - told[np.maximum(firsts, 1) - 1]), 0)
        utc = np.maximum.accumulate(told[firsts])
        nights = prices.zones.nights_us[:_NIGHTS]
        hours = [-1, 0, 1]
        if not self._tied:
            nights, hours = nights[:_NIGHTS_UNTIED], list(_OFFSETS_H)
        ends = np.searchsorted(utc, nights[:, None] + np.array(hours) * _HOUR_US)
        turns = [pair for row in ends.tolist() for pair in pairwise(row)]
        if self._tied:
            turns += [(row[0], row[-1]) for row in ends.tolist()]
        return [(0, 1), *turns], np.argsort(-silence, kind="stable")[:_SILENCES].tolist()
