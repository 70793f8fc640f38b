"""Twice: takes an answer, tells which spans stand in an hour that occurs twice, and if by a toss.

A zone's clock goes back in autumn: the user's word for the zone then leaves two offsets, and so may
the zone that a process has shown before and after. Order, neighbours or another witness may tell
which it was; where nothing does, the answer is a toss.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.search.prices import Evidence, Prices
from logtool.clocks.seen.constraints import Edges, Groups, Link, Tie
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import HEARSAY_PID, UTC
from parsers.classes import dataclass
from parsers.units import SECOND

#: A story that asks for so much more belief is told from another: one in twenty, in logarithms.
_REASON = 3.0
#: So many groups of one night are moved one by one, and so many stretches of them.
_ALONE = 64
#: So many stretches of groups around a night that nobody told.
_FEW = 8
#: Groups of one night, by how much the other offset is from the answer's, and the hour, local time.
_Night = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Twice:
    """What is known of the other offset of a span in an hour that occurs twice.

    Attributes:
        other_s: that offset; None if the span only rests on one that stands in such an hour.
        tossed: nothing tells which of the two it is.
        hidden: it is not in that hour, but before it, if a zone is kept that goes back then.
    """

    other_s: int | None
    tossed: bool
    hidden: bool = False


def walk(groups: Groups) -> Iterator[tuple[int, int, Tie]]:
    """A span, the next one that it holds, and their tie: away from UTC, the nearest first."""
    near: dict[int, list[Tie]] = defaultdict(list)
    for tie in groups.ties:
        near[tie.a].append(tie)
        near[tie.b].append(tie)
    seen = {UTC}
    queue = deque([UTC])
    while queue:
        span = queue.popleft()
        for tie in near[span]:
            other = tie.b if tie.a == span else tie.a
            if other not in seen:
                seen.add(other)
                queue.append(other)
                yield span, other, tie


def spans_twice(
    scene: Scene,
    evidence: Evidence,
    links: Sequence[Link],
    answer: Groups,
    offsets: NDArray[np.int64],
    changes: NDArray[np.int64],
) -> dict[int, Twice]:
    """The spans in an hour that occurs twice, and those that rest on them.

    Where nobody told the zone, those alone of which it cannot be told.

    Args:
        scene: the log.
        evidence: what speaks of the offsets.
        links: all votes.
        answer: the groups as they were joined to UTC.
        offsets: int64[spans], the answer.
        changes: int64[n, 3] of zones.changes_between.
    """
    root = evidence.groups.root
    others = {
        link.b: link.other_s
        for link in links
        if link.other_s is not None
        and not link.assumed
        and offsets[link.b] == link.delta_s
        and root[link.b] != root[UTC]
    }
    nights = _nights(scene, others, root, offsets)
    for span, held, _ in walk(answer):
        if span != UTC and int(root[span]) in nights and root[held] != root[UTC]:
            nights.setdefault(int(root[held]), nights[int(root[span])])
    told = frozenset(nights)
    guessed = _of_any_zone(scene, offsets, changes, root != root[UTC])
    nights = _nights(scene, guessed, root, offsets) | nights
    hidden = [*_hidden(scene, offsets, changes, root)]
    if not (nights or hidden):
        return {}
    own = frozenset(int(root[span]) for span in (*others, *guessed))
    prices = Prices(scene, replace(evidence, crossings=_but_stops(scene, evidence.crossings)))
    moves = _Moves(prices, evidence.groups, offsets)
    tossed = _tossed(moves, nights, own)
    others = guessed | others
    found = {
        span: Twice(others.get(span), int(root[span]) in tossed)
        for span in range(1, len(root))
        if int(root[span]) in (told | tossed)
    }
    for away, stretches in hidden:
        early = np.flatnonzero(np.isin(root, moves.first(stretches, away))).tolist()
        for span in early:
            other = others.get(span, int(offsets[span]) + away)
            found[span] = Twice(other, tossed=True, hidden=span not in others)
    return found


def _nights(
    scene: Scene, others: Mapping[int, int], root: NDArray[np.int64], offsets: NDArray[np.int64]
) -> dict[int, _Night]:
    """The night of each group of which a span has another offset."""
    nights: dict[int, _Night] = {}
    for span, other in others.items():
        away = other - int(offsets[span])
        hour = scene.local_first(span) // (abs(away) * SECOND)
        nights.setdefault(int(root[span]), (away, hour))
    return nights


def _of_any_zone(
    scene: Scene,
    offsets: NDArray[np.int64],
    changes: NDArray[np.int64],
    loose: NDArray[np.bool_],
) -> dict[int, int]:
    """Loose spans in an hour that occurs twice in any zone of their offset, and the other one."""
    spans, local = scene.spans, scene.knots.local_us
    low, high = local[spans.first], local[spans.last]
    found: dict[int, int] = {}
    back = changes[changes[:, 2] < changes[:, 1]]
    # Where zones differ, the nearest offset is taken.
    for instant, before, after in back[np.argsort(back[:, 2] - back[:, 1])].tolist():
        twice = loose & (low >= instant + after * SECOND) & (high < instant + before * SECOND)
        for here, other in ((before, after), (after, before)):
            rows = np.flatnonzero(twice & (offsets == here) & (spans.pid != HEARSAY_PID))
            found.update(dict.fromkeys(rows.tolist(), other))
    return found


def _but_stops(scene: Scene, crossings: Edges) -> Edges:
    """Those over which Apache was not stopped: while it is, silence is no surprise."""
    stops = np.searchsorted(np.sort(scene.stops), scene.spans.first, side="right")
    return crossings.taken(stops[crossings.a] >= stops[crossings.b])


def _hidden(
    scene: Scene, offsets: NDArray[np.int64], changes: NDArray[np.int64], root: NDArray[np.int64]
) -> Iterator[tuple[int, Sequence[Sequence[int]]]]:
    """Nights in which the clocks of everybody before may have gone back unseen.

    Where nobody's zone is told: a zone that never changes and one that goes back while everybody is
    silent for an hour show the same.

    Yields:
        By how much who was before would be further east; the groups that are then, the most first.
    """
    first = scene.spans.first
    utc = np.where(first < 0, 0, scene.knots.local_us[first] - offsets * SECOND)
    for instant, before, after in changes[changes[:, 2] < changes[:, 1]].tolist():
        early = (utc < instant) & (offsets == after) & (first >= 0)
        until = utc < instant + (before - after) * SECOND
        if not np.any(early) or np.any(root[early] == root[UTC]):
            continue
        some = np.flatnonzero(until & (offsets == after) & (first >= 0))
        order = [*dict.fromkeys(root[some[np.argsort(first[some])]].tolist())]
        least = len({*root[early].tolist()})
        counts = range(len(order), least - 1, -max(1, (len(order) - least) // _FEW))
        yield before - after, [order[:count] for count in counts]


class _Moves:
    """Groups that are tried at other offsets than the answer's."""

    def __init__(self, prices: Prices, groups: Groups, offsets: NDArray[np.int64]) -> None:
        self.prices = prices
        self._shift = offsets[prices.roots] - groups.above_s[prices.roots]
        self._answer = prices.price(self._shift)[0]

    def may_be(self, roots: Sequence[int], away: int) -> bool:
        """Whether some groups may as well be so much further east."""
        other = self._shift.copy()
        other[np.searchsorted(self.prices.roots, roots)] += away
        most = self._answer + _REASON
        return self.prices.least(other) < most and self.prices.price(other)[0] < most

    def first(self, stretches: Iterable[Sequence[int]], away: int) -> Sequence[int]:
        """The first of some stretches of groups that may, or nothing."""
        return next((some for some in stretches if self.may_be(some, away)), ())


def _tossed(moves: _Moves, nights: Mapping[int, _Night], own: frozenset[int]) -> set[int]:
    """The roots of groups that might as well be at their other offset.

    With all of their night or alone, or with all that come before them, if they are in the second
    of the two hours, or after them in the first: everybody may have been silent for an hour
    anywhere in it.
    """
    found: set[int] = set()
    for night in dict.fromkeys(nights.values()):
        roots = [root for root, held in nights.items() if held == night]
        stretches = _stretches(moves.prices, roots, own, earlier=night[0] > 0)
        found.update(moves.first(stretches, night[0]))
        alone = [root for root in roots if root in own and root not in found]
        found.update(root for root in alone[:_ALONE] if moves.may_be([root], night[0]))
    return found


def _stretches(
    prices: Prices, roots: Sequence[int], own: frozenset[int], *, earlier: bool
) -> Iterator[Sequence[int]]:
    """Groups of one night that may move together, the most first: the earlier or the later ones.

    What only rests on groups of that hour and comes after them is moved with all or not at all.
    """
    first = dict(
        zip(roots, prices.first[np.searchsorted(prices.roots, roots)].tolist(), strict=True)
    )
    ends = max(at for root, at in first.items() if root in own)
    sign = 1 if earlier else -1
    order = sorted(roots, key=lambda root: (first[root] > ends, sign * first[root]))
    for count in range(len(order), 0, -max(1, len(order) // _ALONE)):
        yield order[:count]
