"""Beam: takes prices, places groups one after the other, gives the cheapest stories of all.

A group alone may have any offset on earth. Groups are placed in an order in which each is bound to
those before it, as if these were certain: those an anchor speaks of, the server's, then voice by
voice. Of all that is thinkable the cheapest few are kept at every step, so that what looks cheap
at first may yet turn out to be dear, as moving groups one by one never does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.search.ballots import Ballot
from logtool.clocks.search.prices import Prices, silence
from logtool.clocks.search.zone_prices import SAME_ZONE, SECOND_ZONE
from logtool.clocks.search.zone_voices import SERVER
from logtool.clocks.seen.constraints import EAST_S, WEST_S, Edges
from parsers.arrays import Floats, Ints
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: What it costs to tell which spans of a voice are in its second zone, roughly.
_TELLING = 2.0
#: So many numbers are looked at at once, which bounds memory.
_ROOM = 1 << 20


@dataclass(slots=True)
class _Heard:
    """What is known of a voice whose groups are being placed, in every story.

    Attributes:
        miss: float64[rows, kinds], the price of what each kind of zone does not explain.
        less: the same, if the voice keeps the server's zone beside it.
        kind: int64[rows], the kind of zone that it keeps.
        paid: float64[rows], what that costs.
    """

    miss: Floats
    less: Floats
    kind: Ints
    paid: Floats

    def taken(self, rows: Ints) -> _Heard:
        """Some rows, perhaps several times."""
        return _Heard(self.miss[rows], self.less[rows], self.kind[rows], self.paid[rows])


@dataclass(slots=True)
class _Stories:
    """Beginnings of stories, one a row.

    Attributes:
        cost: float64[rows].
        shift: int64[rows, groups], the offset of each group that is placed.
        keepers: int64[rows, kinds], how many voices keep each kind of zone.
        voices: number of a voice -> what is known of it; of those that are heard of and have
            groups to be placed.
    """

    cost: Floats
    shift: Ints
    keepers: Ints
    voices: dict[int, _Heard]

    def taken(self, rows: Ints) -> _Stories:
        """Some rows, perhaps several times."""
        voices = {number: heard.taken(rows) for number, heard in self.voices.items()}
        return _Stories(self.cost[rows], self.shift[rows], self.keepers[rows], voices)


class Beam:
    """Places groups one after the other.

    Args:
        prices: what stories cost.
        loose: the groups to be placed.
        width: so many beginnings are kept.
    """

    def __init__(self, prices: Prices, loose: Sequence[int], width: int) -> None:
        self._prices = prices
        self._zones = prices.zones
        self._loose = loose
        self._width = width
        #: int64[n], every offset of the world in the log's time.
        self._offsets = distinct(self._zones.offsets.ravel())
        voices = self._zones.voices
        self._served = bool(voices) and voices[0].name == SERVER
        #: Of each voice, how many groups have not been placed.
        self._left = [len(voice.starts) for voice in voices]

    def stories(self, shift: Ints, count: int) -> list[Ints]:
        """The cheapest stories; groups that are not loose keep their offset."""
        placed = np.ones(len(self._prices), np.bool_)
        placed[list(self._loose)] = False
        stories = self._begun(shift, placed)
        for group in self._order(placed):
            stories = self._with(stories, group, placed)
            placed[group] = True
        return list(stories.shift[np.argsort(stories.cost, kind="stable")[:count]])

    def _begun(self, shift: Ints, placed: NDArray[np.bool_]) -> _Stories:
        """The one beginning in which no loose group is placed yet."""
        kinds = len(self._zones.kinds)
        stories = _Stories(np.zeros(1), shift[None, :].copy(), np.zeros((1, kinds), np.int64), {})
        for number, voice in enumerate(self._zones.voices):
            for group in voice.groups:
                if placed[group]:
                    miss = self._zones.misses(number, group, shift[group : group + 1])
                    self._hear(stories, number, miss)
        return stories

    def _order(self, placed: NDArray[np.bool_]) -> list[int]:
        """The loose groups, each after those that votes tie it to most, then voice by voice."""
        prices, near = self._prices, self._prices.near
        pull = {
            group: sum(one[3] for one in near[group].ballots if placed[one[0]] or placed[one[1]])
            for group in self._loose
        }

        def rank(group: int) -> tuple[float, int, int, int]:
            voice = min(near[group].voices, default=len(self._left))
            return -pull[group], voice, int(prices.first[group]), group

        waiting = [rank(group) for group in self._loose]
        heapify(waiting)
        order = []
        while waiting:
            *_, group = row = heappop(waiting)
            if group not in pull or row != rank(group):
                continue  # it is placed, or drawn more strongly by now
            del pull[group]
            order.append(group)
            for a, b, _, weight, *_ in near[group].ballots:
                other = b if a == group else a
                if other in pull:
                    pull[other] += weight
                    heappush(waiting, rank(other))
        return order

    def _with(self, stories: _Stories, group: int, placed: NDArray[np.bool_]) -> _Stories:
        """The cheapest beginnings that place one group more."""
        root = self._targets(group, int(stories.shift[0, self._prices.utc]))
        cost = stories.cost[:, None] + self._between(stories, group, root, placed)
        misses = {
            number: self._zones.misses(number, group, root)
            for number in self._prices.near[group].voices
        }
        for number, miss in misses.items():
            cost += self._asked(stories, number, miss[None, :, :])[0].min(axis=2)
            if number in stories.voices:
                cost -= stories.voices[number].paid[:, None]
        order = np.argsort(cost, axis=None, kind="stable")[: self._width]
        rows, columns = np.divmod(order, len(root))
        after = stories.taken(rows)
        after.shift[:, group] = root[columns]
        after.cost = cost.ravel()[order]
        for number, miss in misses.items():
            self._hear(after, number, miss[columns])
        return after

    def _targets(self, group: int, utc_s: int) -> Ints:
        """Offsets of a group's root: those of the world, and those that anchors name."""
        prices = self._prices
        over = prices.over_root(group)
        told = {
            utc_s + option + over
            for a, b, options, *_ in prices.near[group].ballots
            for option in options
            if a == prices.utc and b == group
        }
        offsets = distinct(np.append(self._offsets, np.array(sorted(told), np.int64)))
        return offsets[(offsets >= WEST_S) & (offsets <= EAST_S)] - over

    def _between(
        self, stories: _Stories, group: int, root: Ints, placed: NDArray[np.bool_]
    ) -> Floats:
        """float64[rows, offsets]: silences, bounds and votes between a group and those placed."""
        prices, near = self._prices, self._prices.near[group]
        cost = _lost(near.ballots, stories, group, root, placed)
        for rows, left in _room(prices.gaps, near.gaps, stories, group, root, placed):
            cost += silence(left / SECOND, prices.worth[rows][None, :, None]).sum(axis=1)
        for rows, left in _room(prices.bound, near.bounds, stories, group, root, placed):
            cost += ((left < 0) * prices.dear[rows][None, :, None]).sum(axis=1)
        return cost

    def _asked(self, stories: _Stories, number: int, miss: Floats) -> tuple[Floats, Floats]:
        """What a voice pays with a group more.

        Args:
            stories: the beginnings.
            number: of the voice.
            miss: float64[1 or rows, offsets, kinds], what each kind misses of the group.

        Returns:
            The price if it keeps each kind, and what each kind misses beside the server's zone:
            float64[rows, offsets, kinds].
        """
        heard = stories.voices.get(number)
        others = stories.keepers
        if heard is not None:
            others = others.copy()
            others[np.arange(len(others)), heard.kind] -= 1
        price = self._zones.of_next(others, others.sum(axis=1)[:, None])[:, None, :]
        total, less = miss + price, miss
        if heard is not None:
            total += heard.miss[:, None, :]
        if not number:
            return total, less if heard is None else less + heard.less[:, None, :]
        if self._served and 0 in stories.voices:
            server = stories.voices[0].kind
            rows = np.arange(len(server)) if len(miss) > 1 else 0
            less = miss * (miss[rows, :, server] > 0)[:, :, None]
        if heard is not None:
            less = less + heard.less[:, None, :]
        beside = less + (price + SECOND_ZONE + SAME_ZONE + _TELLING)
        return np.minimum(total, beside, out=total), less

    def _hear(self, stories: _Stories, number: int, miss: Floats) -> None:
        """Let a voice have a group more in each story: miss is float64[rows, kinds]."""
        total, less = self._asked(stories, number, miss[:, None, :])
        every, kind = np.arange(len(stories.cost)), total[:, 0].argmin(axis=1)
        paid = total[every, 0, kind]
        heard = stories.voices.get(number)
        if heard is not None:
            stories.keepers[every, heard.kind] -= 1
            miss = miss + heard.miss
        stories.keepers[every, kind] += 1
        less = np.broadcast_to(less[:, 0, :], miss.shape)
        stories.voices[number] = _Heard(miss, less, kind, paid)
        self._left[number] -= 1
        if number and not self._left[number]:
            del stories.voices[number]


def _room(
    edges: Edges, rows: Ints, stories: _Stories, group: int, root: Ints,
    placed: NDArray[np.bool_],
) -> Iterator[tuple[Ints, Ints]]:  # fmt: skip
    """Those of some edges that lead to groups that are placed, and what they leave, µs.

    The latter is int64[rows, edges, offsets]. They come a few at a time.
    """
    ahead = edges.a[rows] == group
    other = np.where(ahead, edges.b[rows], edges.a[rows])
    known = np.flatnonzero(placed[other])
    step = max(1, _ROOM // (len(stories.cost) * len(root)))
    for start in range(0, len(known), step):
        some = known[start : start + step]
        away = root[None, None, :] - stories.shift[:, other[some]][:, :, None]
        away[:, ahead[some]] *= -1
        yield rows[some], edges.bound_us[rows[some]][None, :, None] - away * SECOND


def _lost(
    ballots: Sequence[Ballot], stories: _Stories, group: int, root: Ints,
    placed: NDArray[np.bool_],
) -> Floats:  # fmt: skip
    """float64[rows, offsets]: the weight of votes that are lost, counted as `lost` does."""
    content: dict[tuple[int, int, str], Floats] = {}
    angry: dict[tuple[int, int, str], Floats] = {}
    for a, b, options, weight, voice, _ in ballots:
        other = a if b == group else b
        if placed[other]:
            away = root[None, :] - stories.shift[:, other, None]
            away = away if b == group else -away
            pleased = np.logical_or.reduce([away == option for option in options])
            key = a, b, voice
            for box, row in ((content, pleased), (angry, ~pleased)):
                box[key] = np.maximum(box.get(key, 0.0), weight * row)
    told: Floats = np.zeros((len(stories.cost), len(root)))
    for key, weights in angry.items():
        told += np.maximum(0.0, weights - content[key])
    return told
