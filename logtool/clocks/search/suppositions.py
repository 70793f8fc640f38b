"""Suppositions: takes prices, gives stories to begin with that a search step by step never reaches.

One voice keeps a certain zone throughout, or all but the server do, the whole log keeps two zones
or three, or a server was started anew under another zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.search.beam import Beam
from logtool.clocks.search.few_zones import FewZones
from logtool.clocks.search.prices import Prices
from logtool.clocks.search.told import Told
from logtool.clocks.search.zone_voices import SERVER
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Ints

#: Up to so many groups are placed in so many stories at once.
_WIDTHS = ((150, 64), (400, 32), (10_000, 8))
#: Of so many groups at most, all pairs of zones are supposed.
_FEW_ZONED = 150
#: Of more groups than this, the best story of each kind only is given.
MANY = 400
#: Voices whose zone is supposed.
_LEADERS = 2
#: So many voices may be a crowd.
_CROWD = 10
#: Stories that are followed up.
SUPPOSED = 6
#: Stops of a server that are looked at, so many calls of witnesses, and stories of those.
_STOPS = 4
_CALLS = 2
_MOVED = 3
#: How much of a broken bound's price is forgiven before groups are moved one by one.
_MENDED = 0.8


class Suppositions:
    """Stories that come to mind."""

    def __init__(self, scene: Scene, prices: Prices, loose: Sequence[int]) -> None:
        """Take note of the groups that may move, in order of their first lines."""
        self._scene = scene
        self._prices = prices
        self._zones = prices.zones
        self._loose = list(loose)
        self._free = np.zeros(len(prices), np.bool_)
        self._free[self._loose] = True
        self._told: dict[int, Told] = {}

    def of(self, shift: Ints) -> list[Ints]:
        """The cheapest stories of each kind; groups that may not move stay."""
        return [
            *self._supposed(shift),
            *self._crowded(shift),
            *self._thought_of(shift),
            *self._of_few(shift),
            *self._moved(shift),
        ]

    def _supposed(self, shift: Ints) -> list[Ints]:
        """The cheapest stories in which one voice keeps a certain zone throughout."""
        if not self._zones.voices:
            return []  # all lines are raw, or write their offset
        ranked = _Ranked(self._prices, SUPPOSED if len(self._loose) <= MANY else 1)
        sizes = [-len(voice.starts) for voice in self._zones.voices]
        largest = np.argsort(sizes, kind="stable").tolist()
        many = len(self._loose) > MANY
        leaders = largest[:1] if many else sorted({0, *largest[:_LEADERS]})
        for leader, kind in product(leaders, range(len(self._zones.kinds))):
            for tell in (self._told_by, self._led_by):
                ranked.add(tell(leader, kind, shift))
        return ranked.best()

    def _crowded(self, before: Ints) -> list[Ints]:
        """The cheapest stories in which all voices but the server's keep one zone."""
        prices, zones = self._prices, self._zones
        voices = [voice for voice in zones.voices if voice.name != SERVER]
        if len(voices) < _CROWD:
            return []
        group, first, above = (
            np.concatenate([getattr(voice, name) for voice in voices])
            for name in ("group", "first", "above")
        )
        mine = self._free[group]
        gaps = np.arange(len(prices.gaps.a))
        ranked: list[tuple[float, int, Ints]] = []
        for kind, rules in enumerate(zones.kinds):
            other = before.copy()
            other[group[mine]] = rules.at_local(first[mine])[0] - above[mine]
            cost = prices.of_bounds(other) + prices.of_silence(other, gaps) + float(zones.new[kind])
            ranked.append((cost, kind, other))
        return [other for *_, other in sorted(ranked, key=lambda row: row[:2])[:_LEADERS]]

    def _thought_of(self, shift: Ints) -> list[Ints]:
        """The cheapest of all stories that come to mind when groups are placed one by one."""
        loose = self._loose
        count = SUPPOSED if len(loose) <= MANY else 1
        for most, width in _WIDTHS:
            if len(loose) <= most:
                return Beam(self._prices, loose, width).stories(shift, count)
        return []

    def _of_few(self, shift: Ints) -> list[Ints]:
        """The cheapest stories of two zones and of three."""
        if not self._zones.voices or not 1 < len(self._loose) <= _FEW_ZONED:
            return []
        return FewZones(self._scene, self._prices, self._loose).stories(shift, SUPPOSED // 2)

    def _told_by(self, leader: int, kind: int, before: Ints) -> Ints:
        """The offsets that a voice's zone gives, and the zones that then suit the others."""
        if leader not in self._told:
            self._told[leader] = Told(self._zones, leader, self._free)
        shift = self._told[leader].offsets(kind, before)
        # Whom bounds forbid to be there stays where he was.
        return self._led(shift, before, self._prices.breaking(shift) & self._free)

    def _led_by(self, leader: int, kind: int, before: Ints) -> Ints:
        """The offsets that a voice's zone gives; all others go along with those before them."""
        shift, left = before.copy(), self._free.copy()
        self._place(leader, kind, shift, left)
        return self._led(shift, before, left)

    def _place(self, number: int, kind: int, shift: Ints, left: NDArray[np.bool_]) -> None:
        """Give a voice's groups that are left the offsets of a zone."""
        voice = self._zones.voices[number]
        mine = left[voice.group]
        if mine.any():
            offset = self._zones.kinds[kind].at_local(voice.first[mine])[0]
            shift[voice.group[mine]] = offset - voice.above[mine]
            left[voice.group] = False

    def _led(self, shift: Ints, before: Ints, behind: NDArray[np.bool_]) -> Ints:
        """Move some groups as far as the group before them has been moved."""
        first = self._prices.first
        ahead = np.flatnonzero(self._free & ~behind if (self._free & ~behind).any() else ~behind)
        if behind.any() and len(ahead):
            ahead = ahead[np.argsort(first[ahead], kind="stable")]
            near = np.searchsorted(first[ahead], first[behind], side="right") - 1
            at = ahead[np.maximum(near, 0)]
            shift[behind] = before[behind] + shift[at] - before[at]
        return shift

    def _moved(self, before: Ints) -> list[Ints]:
        """The cheapest stories in which a server was started anew under another zone."""
        prices, zones = self._prices, self._zones
        first = prices.first[self._loose]
        if len(self._loose) > MANY:
            return []
        ranked = _Ranked(prices, _MOVED)
        calls = [0, *prices.called_for(before)[:_CALLS]]
        for stop in self._scene.stops[:_STOPS]:
            groups = np.array(self._loose)
            old, new = groups[first < stop], groups[first >= stop]
            if not len(old) or not len(new):
                continue
            leader = int(old[0])
            told = zones.told_at(self._scene.knots.local_us[prices.first[leader]])
            for call, offset in product(calls, told):
                other = before.copy()
                other[new] += call
                other[old] += offset - prices.over_root(leader) - other[leader]
                ranked.add(other)
        return ranked.best()


class _Ranked:
    """The cheapest of some stories.

    What breaks a bound here and there is mended when groups are moved one by one, and counts less.
    """

    def __init__(self, prices: Prices, count: int) -> None:
        """Keep so many."""
        self._prices = prices
        self._count = count
        self._known: set[bytes] = set()
        self._kept: list[tuple[float, int, Ints]] = []

    def add(self, story: Ints) -> None:
        """Keep a story if it is cheaper than some that is kept; of equals the first stays."""
        if story.tobytes() in self._known:
            return
        self._known.add(story.tobytes())
        mended = _MENDED * self._prices.of_bounds(story)
        full = len(self._kept) == self._count
        if full and self._prices.least(story) - mended >= self._kept[-1][0]:
            return
        self._kept.append((self._prices.price(story)[0] - mended, len(self._known), story))
        self._kept.sort(key=lambda row: row[:2])
        del self._kept[self._count :]

    def best(self) -> list[Ints]:
        """The stories that are kept, the cheapest first."""
        return [story for *_, story in self._kept]
