"""Story: takes spans that order has grouped, gives all groups the offsets that ask least of belief.

Where order leaves a choice, a log is a story of few clocks. A vote looks at one pair of groups at a
time; this looks at all of them, and at what the tz database says of summer time: groups are moved,
alone, with all that come after or before them, or all of a voice into one zone, as long as the
whole gets cheaper (see `prices`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.evidence.steady_lives import SteadyLives
from logtool.clocks.search.life_pieces import LifePieces
from logtool.clocks.search.prices import THIN_BOUND, Evidence, Prices
from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.stretches import Stretches
from logtool.clocks.search.suppositions import MANY, SUPPOSED, Suppositions
from logtool.clocks.search.unsettled import Unsettled
from logtool.clocks.seen.constraints import EAST_S, STEP_S, STEP_US, WEST_S, Groups
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.seen.turns import RACE_US
from parsers.arrays import Ints
from parsers.distinct import distinct

#: So often is the whole looked at again.
_ROUNDS = 6
#: So often are groups asked whether they want to move, for each story. Whoever is not asked stays
#: where votes and zones put it: who starts his server more often than that, or forges as many
#: stamps, shall not keep errlog busy for hours.
_MOST_ASKED = 20_000
#: So many groups, where there are many, are looked at to move them together, each time: of a crowd
#: of ten thousand nobody waits for what is tried of five hundred.
_LEAP_WORK = 400_000
#: Differences that witnesses of UTC call for, tried for each such stretch of groups.
_CALLS = 3
#: So many of each kind, that may call for groups to move together, and so many stops of a server.
_LEAPS = 12
_STOPS = 2
#: So many stories are looked at where nothing ties the log to UTC.
_UNTIED = 3
#: Differences that are tried for many groups at once, seconds.
_LEAPS_S = tuple(sign * quarters * STEP_S for quarters in (4, 2, 8) for sign in (1, -1))
#: So many neighbours are moved together where the voices keep their zones.
_WINDOW = 3
#: So many clocks are tried as the one that keeps this host's zone.
_HOMES = 8
#: By so many hours a log is moved whose clocks are on no earth.
_AWAY_H = range(-26, 27)
#: Less than this speaks against nothing.
_CALM = 1.0
#: An improvement that is worth a move.
_GAIN = 0.05


def cheapest(scene: Scene, evidence: Evidence, start: Groups) -> Ints:
    """Offsets (int64[spans], seconds east of UTC) of the cheapest story found.

    Args:
        scene: the log.
        evidence: what speaks of the offsets.
        start: the groups joined to UTC somehow: where the search begins.
    """
    offsets = start.above_s - start.above_s[UTC]
    groups = evidence.groups
    if len(distinct(groups.root)) < 2:
        return np.asarray(offsets, np.int64)
    prices = Prices(scene, evidence)
    shift = offsets[prices.roots] - groups.above_s[prices.roots]
    search = _Search(scene, prices, evidence.liars)
    found: Ints = search.improved(shift)[prices.group] + groups.above_s
    return found


class _Search:
    """Moves groups as long as it pays."""

    def __init__(self, scene: Scene, prices: Prices, liars: NDArray[np.bool_]) -> None:
        self._scene = scene
        self._liars = liars
        self._prices = prices
        self._zones = prices.zones
        self._loose = prices.loose()
        self._many = len(self._loose) > MANY
        self._unsettled = Unsettled(prices, self._loose, _WINDOW)
        self._free = np.zeros(len(prices), np.bool_)
        self._free[self._loose] = True
        utc = prices.utc
        told = [ballot for ballot in prices.ballots if utc in ballot[:2]]
        self._tied = bool(np.any(prices.group[1:] == utc)) or not all(one[-1] for one in told)
        self._lives = LifePieces(scene, SteadyLives(scene, liars))
        self._stretches = Stretches(scene, prices, self._loose, tied=self._tied)
        self._given: dict[tuple[int, int, int], set[int]] = {}
        self._known: dict[bytes, tuple[Ints, float, list[Zones]]] = {}

    def improved(self, shift: Ints) -> Ints:
        """Offsets of the groups' roots after all moves that pay."""
        stories: list[tuple[float, int, Ints]] = []
        for other in (
            shift.copy(),
            *Suppositions(self._scene, self._prices, self._loose).of(shift),
        ):
            stories.append((self._settled(other)[0], len(stories), other))
        stories.sort(key=lambda story: story[:2])
        # Where nothing ties the log to UTC, the cheapest story may yet have its nights in the
        # wrong place.
        most = 1 if self._tied or self._many else _UNTIED
        some = [self._leapt(other) for _, _, other in stories[:most]]
        return self._at_home(min(some, key=lambda story: story[0])[1])

    def _leapt(self, shift: Ints) -> tuple[float, Ints]:
        """A story after all moves of many groups that pay, and its price."""
        price, zones = self._prices.price(shift)
        for _ in range(_ROUNDS):
            before = price
            price, zones = self._leap(shift, price, zones)
            if price >= before - _GAIN:
                break
            price, zones = self._settled(shift)
        return price, shift

    def _at_home(self, shift: Ints) -> Ints:
        """The same story at this host's offset, where nothing else ties it to UTC.

        The server is taken to keep it, or else, who may that suits the zones on earth no worse: an
        application, for Python's zone is that of its host where nobody has set another. Nobody is
        taken to keep it where somebody would come beyond the world by that.
        """
        prices, utc = self._prices, self._prices.utc
        told = [ballot for ballot in prices.ballots if utc in ballot[:2]]
        if self._tied or not told:
            return shift
        told.sort(key=lambda ballot: -ballot[3])
        home = (
            min(options) + int(shift[utc]) - int(shift[group]) for _, group, options, *_ in told
        )
        here = self._zones.misfit(shift) + prices.of_bounds(shift)
        deltas = list(dict.fromkeys(home))[:_HOMES]
        if self._beyond_the_world(shift):
            # Who has written but a line or two is bound by nothing, and yet nobody is out there.
            deltas += [hours * 3600 for hours in sorted(_AWAY_H, key=abs)]
        for delta in deltas:
            other = shift.copy()
            other[self._loose] += delta
            suits = self._zones.misfit(other) + prices.of_bounds(other) < here + _GAIN
            if suits and not self._beyond_the_world(other):
                return other
        return shift

    def _beyond_the_world(self, shift: Ints) -> bool:
        """Whether a span, however short, comes to an offset further than any on earth."""
        prices = self._prices
        offset = (shift[prices.group] + prices.above)[~self._liars]
        return bool(np.any((offset < WEST_S) | (offset > EAST_S)))

    def _settled(self, shift: Ints) -> tuple[float, list[Zones]]:
        """Move groups one by one until none gains by it; the price then, and the zones."""
        begun = shift.tobytes()
        if begun in self._known:  # other moves have led to the same story
            shift[:], price, zones = self._known[begun]
            return price, zones
        price, zones = self._prices.price(shift)
        most = _MOST_ASKED
        best = shift.copy(), price, zones
        for _ in range(_ROUNDS):
            self._unsettled.begin(shift, zones, most)
            moved = self._settle(shift, zones)
            most -= self._unsettled.asked
            self._unsettled.end(shift)
            if not moved:
                break
            price, zones = self._prices.price(shift)
            if price < best[1]:
                best = shift.copy(), price, zones
        # While groups move one by one, nobody asks what zones they take together.
        shift[:], price, zones = best
        self._known[begun] = shift.copy(), price, zones
        return price, zones

    def _settle(self, shift: Ints, zones: list[Zones]) -> bool:
        """Move a group or a few neighbours, while the voices' zones stay; whether any has moved."""
        moved = False
        for at in self._unsettled:
            group = self._loose[at]
            # Whom nothing speaks against has no reason to move, but into his zone's other hour.
            trouble = self._prices.trouble(group, shift, zones)
            calm, margin = trouble < _CALM, abs(trouble - _CALM)
            targets = self._in_zone(group, zones) if calm else self._targets(group, shift, zones)
            deltas = [target - int(shift[group]) for target in targets]
            sizes = range(1, 2 if calm else _WINDOW + 1) if deltas not in ([], [0]) else ()
            for size in sizes:
                some = self._loose[at : at + size]
                stays, best, moves = self._prices.around(some, deltas, shift, zones)
                if moves < stays - _GAIN:
                    shift[some] += deltas[best]
                    self._unsettled.moved(some)
                    moved = True
                    break
                margin = min(margin, moves - stays + _GAIN)
            else:
                self._unsettled.stays(at, margin)
        return moved

    def _leap(self, shift: Ints, price: float, zones: list[Zones]) -> tuple[float, list[Zones]]:
        """Move groups together with all after them, or before them, or alone; zones may change."""
        hopeful: list[tuple[float, int, Ints]] = []
        begun, mover = shift.copy(), b""
        most = _LEAP_WORK // len(self._loose) if self._many else None
        for moved, delta in islice(self._leaps(shift, zones), most):
            if moved.tobytes() != mover:
                # Of the differences of one stretch the best is taken, each from where it was.
                begun, mover = shift.copy(), moved.tobytes()
            other = begun + moved * delta
            if self._prices.of_bounds(other) > self._prices.of_bounds(begun) + THIN_BOUND:
                continue
            cost, fitting = self._prices.price(other)
            if cost < price - _GAIN:
                shift[:], price, zones = other, cost, fitting
            elif not self._many and _WINDOW < moved.sum() < len(self._loose) - _WINDOW:
                hopeful.append((cost, len(hopeful), other))
        for _, _, other in sorted(hopeful, key=lambda row: row[:2])[:SUPPOSED]:
            cost, fitting = self._settled(other)
            if cost < price - _GAIN:
                shift[:], price, zones = other, cost, fitting
        return price, zones

    def _leaps(self, shift: Ints, zones: list[Zones]) -> Iterator[tuple[Ints, int]]:
        """Groups that move together (0 or 1 each), and by how much, seconds."""
        loose = self._loose
        if self._many:
            yield from self._over_nights(shift)
        for delta in self._prices.called_for(shift)[:_LEAPS]:
            yield self._free.astype(np.int64), delta
        for voice in self._zones.voices[1 : 1 + _LEAPS]:
            own = sorted(
                set(voice.groups) & set(loose), key=lambda one: int(self._prices.first[one])
            )
            if own:
                yield from self._together(own, own[0], shift, zones)
        yield from self._of_processes(shift, zones)
        yield from self._of_lives(shift)
        yield from self._anew(shift)
        for start, end, leader in self._stretches.of(shift):
            yield from self._together(loose[start:end], loose[leader], shift, zones)

    def _over_nights(self, shift: Ints) -> Iterator[tuple[Ints, int]]:
        """All that is before a night, or after it: the first thing that is tried of many groups.

        A log of several seasons has many. Which offset its zones had in one of them no group finds
        out alone, for all of that season would have to move.
        """
        for start, end in self._stretches.beside_nights(shift):
            moved = np.zeros(len(self._prices), np.int64)
            moved[self._loose[start:end]] = 1
            for delta in _LEAPS_S:
                yield moved, delta

    def _of_processes(self, shift: Ints, zones: list[Zones]) -> Iterator[tuple[Ints, int]]:
        """What a process wrote by one clock, where time runs backwards beside it."""
        prices, spans = self._prices, self._scene.spans
        offset = shift[prices.group] + prices.above
        torn = prices.breaking(shift) & self._free
        seen: set[tuple[int, int]] = set()
        for group in np.flatnonzero(torn)[np.argsort(prices.first[torn])].tolist():
            span = int(spans.of_knot[prices.first[group]])
            clock = int(spans.pid[span]), int(offset[span])
            if clock in seen or len(seen) >= _LEAPS:
                continue
            seen.add(clock)
            own = prices.group[(spans.pid == clock[0]) & (offset == clock[1])]
            yield from self._together(own[self._free[own]].tolist(), group, shift, zones)

    def _of_lives(self, shift: Ints) -> Iterator[tuple[Ints, int]]:
        """What was written while one who keeps his zone shows an offset that is not of it."""
        loose, first = np.array(self._loose), self._prices.first[self._loose]
        offset = shift[self._prices.group] + self._prices.above
        for start, end, delta in self._lives.of(offset):
            moved = np.zeros(len(self._prices), np.int64)
            moved[loose[(first >= start) & (first < end)]] = 1
            if moved.any():
                yield moved, delta

    def _anew(self, shift: Ints) -> Iterator[tuple[Ints, int]]:
        """All that is before or after a stop, and what brings the server to each offset on earth.

        It may have been started anew in another zone.
        """
        loose, first = np.array(self._loose), self._prices.first[self._loose]
        local = self._scene.knots.local_us
        for stop in self._scene.stops[:_STOPS]:
            at = int(np.searchsorted(first, stop))
            # Where nothing ties the log to UTC, to move what is before is to move what is after.
            for some in (loose[at:], loose[:at]) if self._tied else (loose[at:],):
                if not 0 < len(some) < len(loose):
                    continue
                leader = int(some[0])
                moved = np.zeros(len(self._prices), np.int64)
                moved[some] = 1
                here = int(shift[leader]) + self._prices.over_root(leader)
                for offset in self._zones.told_at(local[self._prices.first[leader]]):
                    if offset != here:
                        yield moved, offset - here

    def _together(
        self, groups: list[int], leader: int, shift: Ints, zones: list[Zones]
    ) -> Iterator[tuple[Ints, int]]:
        """Some groups, and the differences that suit one of them."""
        moved = np.zeros(len(self._prices), np.int64)
        moved[groups] = 1
        deltas = {*_LEAPS_S, *self._prices.called_for(shift)[:_CALLS]}
        few = len(groups) <= _WINDOW or 2 * len(groups) < len(self._loose)
        if self._tied or few or len(groups) == len(self._loose):
            deltas |= {
                target - int(shift[leader]) for target in self._targets(leader, shift, zones)
            }
        for delta in sorted(deltas - {0}):
            yield moved, delta

    def _targets(self, group: int, shift: Ints, zones: list[Zones]) -> list[int]:
        """Offsets of a group's root that something speaks for."""
        near = self._prices.near[group]
        found: set[int] = set()
        for a, b, options, *_ in near.ballots:
            found |= {int(shift[a]) + d if b == group else int(shift[b]) - d for d in options}
        gaps, rows = self._prices.gaps, near.gaps
        tight = (gaps.bound_us[rows] + RACE_US) // STEP_US * STEP_S
        after = shift[gaps.a[rows]] + tight
        ahead = shift[gaps.b[rows]] - tight
        found |= set(np.where(gaps.b[rows] == group, after, ahead).tolist())
        found |= set(self._in_zone(group, zones))
        # A thin span has no bound, for it may be forged; and yet no clock is beyond the world's.
        over = self._prices.over_root(group)
        return sorted(target for target in found if WEST_S <= target + over <= EAST_S)

    def _in_zone(self, group: int, zones: list[Zones]) -> list[int]:
        """Offsets of a group's root that the zones of its voices give."""
        found: set[int] = set()
        for number in self._prices.near[group].voices:
            for kind, _ in zones[number]:
                key = number, group, kind
                given = self._given.get(key)
                if given is None:
                    given = self._given[key] = self._zone_gives(*key)
                found |= given
        return sorted(found)

    def _zone_gives(self, number: int, group: int, kind: int) -> set[int]:
        """Offsets of a group's root that a kind of zone gives at its ends, as part of a voice."""
        voice = self._zones.voices[number]
        ends = voice.part(group)
        local = np.array([voice.first[ends][0], voice.last[ends][-1]])
        over = np.array([voice.above[ends][0], voice.above[ends][-1]])
        offsets = self._zones.kinds[kind].at_local(local)
        return set(np.concatenate([offset - over for offset in offsets]).tolist())
