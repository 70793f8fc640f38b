"""Unsettled: takes groups and what depends on them, tells which may want to move.

A group is asked whether it wants to move. Its answer depends on where it and its neighbours are and
on the zones of its voices; as long as these stay, it would only say the same again. Where a voice
keeps several zones, every move changes by a little what each costs: a group is asked again when
that could add up to what kept it where it is.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.search.prices import Prices
from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.zone_voices import MOST_ELSEWHERE
from parsers.arrays import Ints
from parsers.distinct import distinct

#: What sums of prices may be wrong by.
_ROUNDING = 1e-6


class Unsettled:
    """Groups to be asked, by their places among those that may move, and what is known since.

    Attributes:
        asked: how many have been asked in this round.
    """

    def __init__(self, prices: Prices, loose: Sequence[int], window: int) -> None:
        """Begin with all.

        Args:
            prices: the groups.
            loose: those that may move, in the order in which they are asked.
            window: with so many, itself and those after it, a group is asked to move at most.
        """
        self._prices = prices
        self._loose = loose
        self._window = window
        self._place = np.full(len(prices), -1, np.int64)
        self._place[list(loose)] = np.arange(len(loose))
        self._shift: Ints | None = None
        self._zones: Sequence[Zones] = ()
        #: How much cheaper a move must become at each place to be worth it.
        self._margin = np.zeros(len(loose))
        self._now: list[int] = []
        self._later: set[int] = set()
        self._at = -1
        self.asked, self._most = 0, 0

    def begin(self, shift: Ints, zones: Sequence[Zones], most: int) -> None:
        """Another round of at most so many questions, perhaps about another story."""
        if self._shift is None:
            self._later = set(range(len(self._loose)))
        else:
            self._at = len(self._loose)
            self.moved(np.flatnonzero(self._shift != shift).tolist())
            for number, (old, new) in enumerate(zip(self._zones, zones, strict=True)):
                if old is not new and old != new:
                    self._rezone(self._prices.zones.voices[number].groups, old, new)
            self._later.update(np.flatnonzero(self._margin < 0).tolist())
        self._shift, self._zones = shift.copy(), zones
        self._now, self._later, self._at = sorted(self._later), set(), -1
        self.asked, self._most = 0, most

    def __iter__(self) -> Iterator[int]:
        """The places of groups to be asked in this round, in order."""
        while self._now and self.asked < self._most:
            at = heapq.heappop(self._now)
            if at > self._at:
                self._at = at
                self.asked += 1
                yield at
        self._later.update(self._now)

    def moved(self, groups: Sequence[int]) -> None:
        """Take note that some groups are elsewhere: they and their neighbours are asked again."""
        for group in groups:
            self._ask(self._around(group))

    def stays(self, at: int, margin: float) -> None:
        """Take note that a group does not want to move: that would cost so much too much."""
        self._margin[at] = margin - _ROUNDING

    def end(self, shift: Ints) -> None:
        """The round is over; the groups are there now."""
        self._shift = shift.copy()

    def _rezone(self, groups: Sequence[int], old: Zones, new: Zones) -> None:
        """The groups of a voice pay for other zones, or another price for the same."""
        if [kind for kind, _ in old] != [kind for kind, _ in new]:
            self._ask(np.array(groups, np.int64))
            return
        away = max(abs(one[1] - two[1]) for one, two in zip(old, new, strict=True))
        places = self._place[groups]
        for before in range(self._window):
            windows = places[places >= before] - before
            # The price of staying and that of going, each for so many spans.
            self._margin[windows] -= 2 * MOST_ELSEWHERE * away

    def _ask(self, groups: Ints) -> None:
        """Ask some groups, and those who would move with them."""
        places = self._place[groups]
        for place in places[places >= 0].tolist():
            for at in range(max(0, place - self._window + 1), place + 1):
                if at > self._at:
                    heapq.heappush(self._now, at)
                else:
                    self._later.add(at)

    def _around(self, group: int) -> Ints:
        """A group and all whose prices depend on it."""
        near, gaps, bound = self._prices.near[group], self._prices.gaps, self._prices.bound
        votes = [end for ballot in near.ballots for end in ballot[:2]]
        return distinct(
            np.concatenate([
                np.array([group, *votes], np.int64),
                gaps.a[near.gaps], gaps.b[near.gaps], bound.a[near.bounds], bound.b[near.bounds],
            ])
        )  # fmt: skip
