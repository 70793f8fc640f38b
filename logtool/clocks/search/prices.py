"""Prices: takes groups of spans and what speaks of their offsets, tells what a story costs.

A story is an offset for every group. It costs what zones it takes to explain it, how long it makes
everybody silent, the votes it goes against, and the bounds it breaks.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from logtool.clocks.search.ballots import Ballot, BallotBox, lost, lost_if
from logtool.clocks.search.casting import TOLD, ballots_of
from logtool.clocks.search.regular import worth
from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.zone_prices import ZonePrices
from logtool.clocks.search.zone_voices import voices_of
from logtool.clocks.seen.constraints import Edges, Groups, Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from parsers.arrays import Floats, Ints, Mask
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: Prices, in natural logarithms of odds, roughly.
_BOUND = 60.0
#: A line or two may be forged.
THIN_BOUND = 10.0
#: Silence is counted in units of this.
_SILENCE_S = 3.0
#: So many neighbours of two groups are looked at, the closest ones.
_NEIGHBOURS = 32

#: So many stories' prices are remembered.
_REMEMBERED = 512


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks of the offsets of a scene's spans.

    Attributes:
        groups: spans whose differences order and sure anchors have settled.
        edges: bounds between spans.
        crossings: local time between neighbouring lines of different spans (as bounds).
        links: votes.
        solid: bool[spans], spans of more lines than anybody forges.
        liars: bool[spans], spans that are nobody's clock.
    """

    groups: Groups
    edges: Edges
    crossings: Edges
    links: Sequence[Link]
    solid: Mask
    liars: Mask


class _Edges:
    """Bounds and gaps that end at a group: what they cost if groups are moved."""

    def __init__(self, group: int, bound: Edges, dear: Floats, gaps: Edges, worth: Floats) -> None:
        self._a, self._b = np.append(bound.a, gaps.a), np.append(bound.b, gaps.b)
        self._group, self._step = group, np.where(self._b == group, 1, -1)
        self._dear, self._bound_us = dear, bound.bound_us
        self._gap_s, self._worth = gaps.bound_us / SECOND, worth

    def costs(
        self, moved: Sequence[int], deltas: Ints, shift: Ints
    ) -> tuple[list[float], list[float]]:
        """What `of_bounds` and `of_silence` give, if `moved` are each delta further east."""
        step = self._step
        for group in moved:
            if group != self._group:
                step = step + (self._b == group)
                step -= self._a == group
        away = shift[self._b] - shift[self._a] + deltas[:, None] * step
        count = len(self._dear)
        broken = away[:, :count] * SECOND > self._bound_us
        silent = silence(self._gap_s - away[:, count:], self._worth)
        return (broken * self._dear).sum(axis=1).tolist(), silent.sum(axis=1).tolist()


@dataclass(slots=True)
class Near:
    """What depends on a group: rows of gaps and bounds, the same as edges; ballots; voices."""

    gaps: Ints
    bounds: Ints
    ballots: list[Ballot]
    voices: list[int]
    edges: _Edges


class Prices:
    """Prices of everything that depends on the groups' offsets.

    Groups are numbered; `shift`, int64[groups], is the offset of each group's root in seconds.

    Attributes:
        group: int64[spans], the group of each span.
        above: int64[spans], its offset above its group's.
        first: int64[groups], the first knot of each.
        utc: the group that is tied to UTC.
        zones: the prices of zones.
        bound: upper bounds of the difference of two groups.
        dear: float64[bounds], the price of breaking each.
        gaps: local time between neighbouring lines of two groups.
        worth: float64[gaps], how much each of these counts (see `regular`).
        ballots: votes between groups.
        near: what depends on each group.
    """

    def __init__(self, scene: Scene, evidence: Evidence) -> None:
        groups = evidence.groups
        self._scene = scene
        self.roots: Ints = distinct(groups.root)
        self.group: Ints = np.searchsorted(self.roots, groups.root)
        self.above: Ints = groups.above_s
        self.utc = int(self.group[UTC])
        self._liars = evidence.liars
        self.zones = ZonePrices(scene, voices_of(scene, self.group, self.above, evidence.liars))
        bounds = groups.bounds(evidence.edges)
        self.bound = Edges(
            np.searchsorted(self.roots, bounds.a),
            np.searchsorted(self.roots, bounds.b),
            bounds.bound_us,
        )
        firm = np.zeros(len(self), np.bool_)
        firm[self.group[evidence.solid]] = True
        both = firm[self.bound.a] & firm[self.bound.b]
        self.dear: Floats = np.where(both, _BOUND, THIN_BOUND)
        self.gaps, self.worth = self._closest(evidence.crossings)
        self.ballots = ballots_of(scene, evidence.links, self.group, self.above, evidence.liars)
        self._tell_zone([link for link in evidence.links if link.kind == TOLD])
        self._box = BallotBox(self.ballots)
        self._priced: dict[bytes, tuple[float, list[Zones]]] = {}  # moves lead to the same stories
        self.first = np.full(len(self), np.iinfo(np.int64).max, np.int64)
        np.minimum.at(self.first, self.group[1:], scene.spans.first[1:])
        self.near = self._neighbourhoods()

    def __len__(self) -> int:
        """The number of groups."""
        return len(self.roots)

    def over_root(self, group: int) -> int:
        """How much a group's first line is further east than its root, seconds."""
        return int(self.above[self._scene.spans.of_knot[self.first[group]]])

    def loose(self) -> list[int]:
        """Groups that may move, in order of their first lines."""
        lying = np.ones(len(self), np.bool_)
        lying[self.group[~self._liars]] = False
        order = np.argsort(self.first, kind="stable").tolist()
        return [group for group in order if group != self.utc and not lying[group]]

    def _closest(self, crossings: Edges) -> tuple[Edges, Floats]:
        """Between two groups, the neighbours that came closest, in their roots' clocks.

        And how much the silence between each two of them counts.
        """
        a, b = self.group[crossings.a], self.group[crossings.b]
        away = crossings.bound_us - (self.above[crossings.b] - self.above[crossings.a]) * SECOND
        keep = a != b
        order = np.flatnonzero(keep)[np.lexsort((away[keep], b[keep], a[keep]))]
        counts = np.zeros(len(a))
        pid = self._scene.spans.pid
        one, two = pid[crossings.a[keep]], pid[crossings.b[keep]]
        counts[keep] = worth(crossings.bound_us[keep], one, two)
        a, b, away = a[order], b[order], away[order]
        fresh = np.ones(len(a), np.bool_)
        fresh[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
        heads = np.flatnonzero(fresh)
        rank = np.arange(len(a)) - np.repeat(heads, np.diff(np.append(heads, len(a))))
        near = rank < _NEIGHBOURS
        return Edges(a[near], b[near], away[near]), counts[order][near]

    def _tell_zone(self, links: Sequence[Link]) -> None:
        """Let the zone that votes on the server's clock mean be likelier than any other zone."""
        if not links:
            return
        scene = self._scene
        span = np.array([link.b for link in links], np.int64)
        first, last = (
            scene.knots.local_us[at[span]] for at in (scene.spans.first, scene.spans.last)
        )
        fits = self.zones.fits(first, last, np.array([link.delta_s for link in links], np.int64))
        # Votes on the same span, one after the other, leave a choice.
        starts = np.flatnonzero(np.append(True, np.diff(span) != 0))
        alike: Mask = np.all(np.logical_or.reduceat(fits, starts, axis=1), axis=1)
        self.zones.somebody_keeps(alike)

    def _neighbourhoods(self) -> list[Near]:
        """What depends on each group."""
        ballots: list[list[Ballot]] = [[] for _ in range(len(self))]
        for ballot in self.ballots:
            ballots[ballot[0]].append(ballot)
            ballots[ballot[1]].append(ballot)
        gaps = _rows_of(self.gaps, len(self))
        bounds = _rows_of(self.bound, len(self))
        voices: list[list[int]] = [[] for _ in range(len(self))]
        for number, voice in enumerate(self.zones.voices):
            for group in voice.groups:
                voices[group].append(number)
        return [
            Near(
                gaps[group], bounds[group], ballots[group], voices[group],
                _Edges(
                    group, self.bound.taken(bounds[group]), self.dear[bounds[group]],
                    self.gaps.taken(gaps[group]), self.worth[gaps[group]],
                ),
            )
            for group in range(len(self))
        ]  # fmt: skip

    def price(self, shift: Ints) -> tuple[float, list[Zones]]:
        """The price of a whole story, and the zones of each voice that make it cheapest."""
        known = self._priced.get(shift.tobytes())
        if known is None:
            if len(self._priced) >= _REMEMBERED:
                self._priced.clear()
            known = self._priced[shift.tobytes()] = self._price(shift)
        return known[0], [*known[1]]

    def _price(self, shift: Ints) -> tuple[float, list[Zones]]:
        zones, cost = self.zones.fit(shift)
        return cost + self._of_edges(shift) + self._box.lost(shift), zones

    def least(self, shift: Ints) -> float:
        """A part of a story's price that is quick to tell; the rest is never below nothing."""
        return self._of_edges(shift) + self._box.lost(shift)

    def _of_edges(self, shift: Ints) -> float:
        return self.of_silence(shift, np.arange(len(self.gaps.a))) + self.of_bounds(shift)

    def of_silence(self, shift: Ints, rows: Ints) -> float:
        """The price of the time that passes between neighbouring lines of two groups."""
        gaps = self.gaps
        passed = gaps.bound_us[rows] / SECOND - (shift[gaps.b[rows]] - shift[gaps.a[rows]])
        return float(silence(passed, self.worth[rows]).sum())

    def of_bounds(self, shift: Ints, rows: Ints | slice = slice(None)) -> float:
        """The price of the bounds that are broken."""
        bound = self.bound
        away = (shift[bound.b[rows]] - shift[bound.a[rows]]) * SECOND
        return float(self.dear[rows][away > bound.bound_us[rows]].sum())

    def breaking(self, shift: Ints) -> Mask:
        """bool[groups], the groups whose offsets break a bound."""
        bound = self.bound
        broken = (shift[bound.b] - shift[bound.a]) * SECOND > bound.bound_us
        found = np.zeros(len(self), np.bool_)
        found[bound.a[broken]] = found[bound.b[broken]] = True
        return found

    def trouble(self, group: int, shift: Ints, zones: Sequence[Zones]) -> float:
        """What speaks against a group's offset, but for silence."""
        near = self.near[group]
        cost = self.of_bounds(shift, near.bounds) + lost(near.ballots, shift)
        return cost + sum(
            self.zones.of_part(voice, group, int(shift[group]), zones[voice])
            for voice in near.voices
        )

    def called_for(self, shift: Ints) -> list[int]:
        """By how much all groups would have to move, seconds, to suit witnesses of UTC."""
        wanted: dict[int, float] = {}
        utc = self.utc
        for a, b, options, weight, _, default in self.ballots:
            away = int(shift[b] - shift[a])
            if utc in (a, b) and not default and away not in options:
                for option in options:
                    delta = option - away if a == utc else away - option
                    wanted[delta] = max(wanted.get(delta, 0.0), weight)
        return sorted(wanted, key=lambda delta: (-wanted[delta], delta))

    def around(
        self, groups: Sequence[int], deltas: Sequence[int], shift: Ints, zones: Sequence[Zones]
    ) -> tuple[float, int, float]:
        """All prices that depend on some groups, if they stay, and if they move by one of `deltas`.

        That one (its place) of these which makes them cheapest, the first of several; and the price
        then. The voices keep their zones. What depends on two of the groups may count twice.
        """
        every = np.array((0, *deltas), np.int64)
        edges = [self.near[group].edges.costs(groups, every, shift) for group in groups]
        # Votes and zones cost more to ask, and none makes a story cheaper than its edges are.
        least = [0.0] * len(every)
        for bounds, silences in edges:
            for at, (bound, silent) in enumerate(zip(bounds, silences, strict=True)):
                least[at] += bound
                least[at] += silent

        def price(at: int) -> float:
            cost, delta = 0.0, int(every[at])
            for group, (bounds, silences) in zip(groups, edges, strict=True):
                near = self.near[group]
                votes = lost_if(near.ballots, groups, (delta,), shift)[0]
                here, of_part = int(shift[group]), self.zones.of_part
                misfits = [
                    of_part(voice, group, here + delta, zones[voice]) for voice in near.voices
                ]
                # Added up as `trouble` does: the order of a sum is its last bit.
                cost += bounds[at] + votes + sum(misfits)
                cost += silences[at]
            return cost

        best, cheapest = -1, math.inf
        for at in sorted(range(1, len(every)), key=least.__getitem__):
            if least[at] > cheapest:
                break
            cost = price(at)
            if (cost, at) < (cheapest, best):
                best, cheapest = at, cost
        return price(0), best - 1, cheapest


def silence(passed_s: Floats, worth: Floats) -> Floats:
    """The price of so many seconds between two lines; time that runs back is no shorter.

    `worth` is how much each counts.
    """
    price: Floats = np.log1p(np.abs(passed_s) / _SILENCE_S) * worth
    return price


def _rows_of(edges: Edges, count: int) -> list[Ints]:
    """The rows of edges that touch each group."""
    ends = np.concatenate([edges.a, edges.b])
    rows = np.tile(np.arange(len(edges.a)), 2)
    order = np.argsort(ends, kind="stable")
    starts = np.searchsorted(ends[order], np.arange(count + 1))
    return [rows[order[a:b]] for a, b in itertools.pairwise(starts)]
