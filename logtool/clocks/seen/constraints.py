"""Constraints: take spans and what binds their offsets, give one offset to every span.

Lines are appended as they are written. For neighbouring lines of spans a and b (b below a) real
time did not run backwards, so with stamps t and offsets o:  o_b - o_a <= t_b - t_a.  Neighbours in
both directions bracket o_b - o_a; offsets are multiples of a quarter of an hour, so a bracket
usually holds one value, and the two spans become one group with a fixed difference. UTC itself is a
span, number 0, whose offset is zero: what is tied to it is known absolutely.

Where order leaves a choice, links (the same process before a silence, the same daemon group, the
user's word …) vote, the strongest first, and never against a bracket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.shortest import INFINITE, shortest, table_of
from logtool.clocks.seen.spans import UTC, Cut
from logtool.clocks.seen.turns import RACE_US
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: Every offset of the tz database since 1972 (but Africa/Monrovia) is a multiple of this.
STEP_S = 900
STEP_US = STEP_S * SECOND
#: Brackets that contradict each other by no more than this still point at one value.
SLACK_US = 440 * SECOND
#: The clocks of the world, seconds east of UTC.
WEST_S = -12 * 3600
EAST_S = 14 * 3600
#: No two of them differ by more.
WIDEST_S = EAST_S - WEST_S
#: Hardly any two are a day apart: a line that is has the wrong date.
_DAY_US = 86_400 * SECOND
#: More bounds than that are sorted by 16 bits at a time, if as many tell their spans apart.
_MANY, _SHORT = 5000, 1 << 16
#: Groups up to this number are closed transitively.
CLOSURE_LIMIT = 300


def order_slack_us(coarse: NDArray[np.bool_]) -> NDArray[np.int64]:
    """By how much neighbours may seem swapped; `coarse` where one has whole seconds only."""
    return RACE_US + np.where(coarse, SECOND, 0)


@dataclass(frozen=True, slots=True)
class Link:
    """A vote: the offset of span `b` is the offset of span `a` plus `delta_s`.

    Attributes:
        a, b: spans; a may be UTC.
        delta_s: seconds.
        weight: how strong the vote is.
        voice: votes of one voice count once (all children of a server say the same thing).
        kind: the kind of Evidence it becomes.
        text: the fact in a sentence.
        knot: the knot it stands on, or -1.
        sure: it cannot be chance.
        assumed: it is nothing but a default.
        either: it and the others of its kind for this span are all that is possible.
        taken: it is taken for true where order allows it, though it is not sure.
        other_s: in an hour that occurs twice, the other offset that its zone has then.
    """

    a: int
    b: int
    delta_s: int
    weight: float
    voice: str
    kind: str
    text: str
    knot: int = -1
    sure: bool = False
    assumed: bool = False
    either: bool = False
    taken: bool = False
    other_s: int | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """How two groups of spans were joined: by the order of lines (no links) or by links.

    Attributes:
        a, b: spans.
        delta_s: offset of b minus offset of a.
        sure: nothing else is possible.
        strained: the order of lines contradicted itself a little.
        links: the votes.
    """

    a: int
    b: int
    delta_s: int
    sure: bool
    strained: bool = False
    links: tuple[Link, ...] = ()


@dataclass(slots=True, eq=False)
class Edges:
    """Upper bounds: o_b - o_a <= bound_us.

    Attributes:
        a, b: int64[m], spans.
        bound_us: int64[m].
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    bound_us: NDArray[np.int64]

    @classmethod
    def of_order(
        cls,
        span: NDArray[np.int64],
        local_us: NDArray[np.int64],
        coarse: NDArray[np.bool_],
        breaks: NDArray[np.bool_],
    ) -> Edges:
        """The bounds between neighbouring knots of different spans; none across `breaks`."""
        apart = (span[1:] != span[:-1]) & ~breaks[1:]
        # Time that falls back further than any two zones are apart was never anybody's clock.
        apart &= np.diff(local_us) > -(WIDEST_S + STEP_S) * SECOND
        differ = np.flatnonzero(apart)
        slack = order_slack_us(coarse[differ + 1] | coarse[differ])
        return cls(
            span[differ], span[differ + 1], local_us[differ + 1] - local_us[differ] + slack
        ).smallest()

    @classmethod
    def of_the_world(cls, spans: NDArray[np.int64]) -> Edges:
        """No clock of these spans is behind UTC-12 or ahead of UTC+14."""
        some = spans[spans != UTC]
        utc = np.zeros(len(some), np.int64)
        east = np.full(len(some), EAST_S * SECOND, np.int64)
        west = np.full(len(some), -WEST_S * SECOND, np.int64)
        return cls(
            np.concatenate([utc, some]), np.concatenate([some, utc]), np.concatenate([east, west])
        )

    @classmethod
    def of_doubt(cls, cut: NDArray[np.int8], previous: NDArray[np.int64]) -> Edges:
        """Where others were perhaps silent a clock may have gone back; forward it has not.

        Args:
            cut: int8[spans], why each span begins.
            previous: int64[spans], the span of its process before it.
        """
        spans = np.flatnonzero(cut == Cut.DOUBT)
        return cls(previous[spans], spans, np.zeros(len(spans), np.int64))

    @classmethod
    def of_choices(cls, links: Iterable[Link]) -> Edges:
        """Spans whose votes leave nothing else keep within the offsets that these name."""
        named: dict[int, list[int]] = defaultdict(list)
        for link in links:
            if link.either:
                named[link.b].append(link.delta_s)
        spans = np.array(list(named), np.int64)
        low = np.array([min(x) for x in named.values()], np.int64) * SECOND
        high = np.array([max(x) for x in named.values()], np.int64) * SECOND
        utc = np.full(len(spans), UTC, np.int64)
        return cls(
            np.concatenate([utc, spans]), np.concatenate([spans, utc]), np.concatenate([high, -low])
        )

    def smallest(self) -> Edges:
        """Only the tightest bound of each ordered pair."""
        if not len(self.a):
            return self
        # One number for each pair: three columns take twice as long to sort.
        pairs = self.a * (int(self.b.max()) + 1) + self.b
        order = _by_pair(self.a, self.b) if len(pairs) > _MANY else np.argsort(pairs)
        heads = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        first = order[heads]
        bound_us = np.minimum.reduceat(self.bound_us[order], heads)
        return Edges(self.a[first], self.b[first], bound_us)

    def taken(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Edges:
        """Only these bounds."""
        return Edges(self.a[rows], self.b[rows], self.bound_us[rows])

    def joined(self, other: Edges) -> Edges:
        """Both together."""
        return Edges(
            np.concatenate([self.a, other.a]),
            np.concatenate([self.b, other.b]),
            np.concatenate([self.bound_us, other.bound_us]),
        ).smallest()


class Groups:
    """Spans whose offsets differ by a known amount: a union-find with differences."""

    def __init__(self, spans: int) -> None:
        self.root: NDArray[np.int64] = np.arange(spans, dtype=np.int64)
        self.above_s: NDArray[np.int64] = np.zeros(spans, np.int64)
        self._members: dict[int, list[int]] = {}
        self._doubtful: set[int] = set()
        self.ties: list[Tie] = []

    def copy(self) -> Groups:
        """The same groups, to be merged further without touching these."""
        twin = Groups(0)
        twin.root, twin.above_s = self.root.copy(), self.above_s.copy()
        twin._members = {root: members.copy() for root, members in self._members.items()}
        twin._doubtful, twin.ties = self._doubtful.copy(), self.ties.copy()
        return twin

    @property
    def has_doubt(self) -> bool:
        """Some group was put together by a vote that is not sure."""
        return bool(self._doubtful)

    def merge(self, tie: Tie) -> bool:
        """Join the groups of two spans; False if they are one already."""
        root_a, root_b = int(self.root[tie.a]), int(self.root[tie.b])
        if root_a == root_b:
            return False
        # The offset of b is that of a plus delta; any offset is its root's plus `above`.
        shift = int(self.above_s[tie.a]) + tie.delta_s - int(self.above_s[tie.b])
        members_a = self._members.setdefault(root_a, [root_a])
        members_b = self._members.setdefault(root_b, [root_b])
        if len(members_a) < len(members_b):
            root_a, root_b, members_a, members_b, shift = (
                root_b,
                root_a,
                members_b,
                members_a,
                -shift,
            )
        self.root[members_b] = root_a
        self.above_s[members_b] += shift
        members_a.extend(members_b)
        del self._members[root_b]
        if {root_a, root_b} & self._doubtful:
            # What order says of a group that a vote put together is as sure as the vote.
            tie = replace(tie, sure=tie.sure and any(link.sure for link in tie.links))
        if not tie.sure or root_b in self._doubtful:
            self._doubtful.add(root_a)
        self.ties.append(tie)
        return True

    def bounds(self, edges: Edges) -> Edges:
        """The bounds between groups: o_B - o_A of their roots; none inside a group."""
        root_a, root_b = self.root[edges.a], self.root[edges.b]
        out = root_a != root_b
        shift = (self.above_s[edges.b[out]] - self.above_s[edges.a[out]]) * SECOND
        return Edges(root_a[out], root_b[out], edges.bound_us[out] - shift).smallest()


@dataclass(slots=True, eq=False)
class Brackets:
    """low_us <= o_b - o_a <= high_us for pairs of groups with a < b.

    Attributes:
        a, b: int64[m], roots; the pairs are in ascending order.
        low_us, high_us: int64[m]; -INFINITE and INFINITE where open.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    low_us: NDArray[np.int64]
    high_us: NDArray[np.int64]

    @classmethod
    def of(cls, bounds: Edges) -> Brackets:
        """Put the two directions of every pair side by side."""
        flip = bounds.a > bounds.b
        a = np.where(flip, bounds.b, bounds.a)
        b = np.where(flip, bounds.a, bounds.b)
        pairs = a * (int(b.max(initial=0)) + 1) + b
        order = np.argsort(2 * pairs + flip)
        a, b, flip, bound = a[order], b[order], flip[order], bounds.bound_us[order]
        first = np.diff(pairs[order], prepend=-1) != 0
        pair = np.cumsum(first) - 1
        low = np.full(int(first.sum()), -INFINITE, np.int64)
        high = np.full(int(first.sum()), INFINITE, np.int64)
        high[pair[~flip]] = bound[~flip]
        low[pair[flip]] = -bound[flip]
        return cls(a[first], b[first], low, high)

    def hold(
        self, a: NDArray[np.int64], b: NDArray[np.int64], value_us: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """bool[n], whether o_b - o_a may be these values (int64[n]); what has no bracket may.

        Args:
            a: int64[n], the smaller root of each pair.
            b: int64[n], the larger.
            value_us: int64[n].
        """
        if not len(self.a):
            return np.ones(len(a), np.bool_)
        count = int(max(self.b.max(), b.max(initial=0))) + 1
        pairs, wanted = self.a * count + self.b, a * count + b
        at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
        inside = (self.low_us[at] <= value_us) & (value_us <= self.high_us[at])
        return np.asarray(inside | (pairs[at] != wanted), np.bool_)

    def only(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs (rows) whose bracket holds one multiple of 15 minutes, and that value, s."""
        closed = (self.low_us > -INFINITE) & (self.high_us < INFINITE)
        lowest = -(-self.low_us // STEP_US)
        highest = self.high_us // STEP_US
        thinkable = np.abs(lowest) <= WIDEST_S // STEP_S
        rows = np.flatnonzero(closed & (lowest == highest) & thinkable)
        return rows, lowest[rows] * STEP_S

    def torn(self) -> NDArray[np.int64]:
        """Pairs (rows) that no value fits, not even nearly."""
        closed = (self.low_us > -INFINITE) & (self.high_us < INFINITE)
        middle = np.where(closed, (self.low_us + self.high_us) // 2, 0)
        far = np.abs(middle) > _DAY_US - RACE_US
        return np.flatnonzero(closed & (far | (self.low_us - self.high_us > 2 * SLACK_US)))

    def strained(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs whose bracket holds no value but nearly does, and the nearest value, seconds."""
        closed = (self.low_us > -INFINITE) & (self.high_us < INFINITE)
        lowest = -(-self.low_us // STEP_US)
        highest = self.high_us // STEP_US
        middle = np.where(closed, (self.low_us + self.high_us) // 2, 0)
        nearest = (middle + STEP_US // 2) // STEP_US
        off = np.maximum(self.low_us - nearest * STEP_US, nearest * STEP_US - self.high_us)
        thinkable = np.abs(nearest) <= WIDEST_S // STEP_S
        rows = np.flatnonzero(closed & (lowest > highest) & (off <= SLACK_US) & thinkable)
        return rows, nearest[rows] * STEP_S


def _by_pair(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows by their pairs of spans."""
    if max(a.max(), b.max()) >= _SHORT:
        return np.lexsort((b, a))
    order = np.argsort(b.astype(np.uint16), kind="stable")
    return order[np.argsort(a.astype(np.uint16)[order], kind="stable")]


def tie_by_order(groups: Groups, edges: Edges, *, sure: bool = True) -> Brackets:
    """Join every pair of groups whose bracket holds one value, until none is left.

    Returns:
        What is left between groups, chains of bounds counted in.
    """
    bounds = edges
    while True:
        bounds = groups.bounds(bounds)
        brackets = Brackets.of(bounds)
        if merge_single(groups, brackets, sure=sure):
            continue
        closed = closure(bounds)
        if closed is None:
            return brackets
        brackets = Brackets.of(closed)
        # A chain leads through other groups, and is no surer than they are.
        if not merge_single(groups, brackets, sure=sure and not groups.has_doubt):
            return brackets


def tie_strained(groups: Groups, edges: Edges) -> bool:
    """Join pairs whose order contradicts itself by a little (a stepped clock, a slow writer)."""
    return merge_single(groups, Brackets.of(groups.bounds(edges)), sure=False, strained=True)


def merge_single(groups: Groups, brackets: Brackets, *, sure: bool, strained: bool = False) -> bool:
    """Join pairs of groups whose bracket holds one value (or nearly does); False if none was."""
    rows, values = brackets.strained() if strained else brackets.only()
    # The narrowest brackets first: they are the best founded.
    width = brackets.high_us[rows] - brackets.low_us[rows]
    merged = False
    for at in np.argsort(np.abs(width), kind="stable").tolist():
        row = int(rows[at])
        tie = Tie(int(brackets.a[row]), int(brackets.b[row]), int(values[at]), sure, strained)
        # A root may have been merged in this round: its difference still holds, being to the root.
        merged |= groups.merge(tie)
    return merged


def closure(bounds: Edges) -> Edges | None:
    """Bounds implied by chains of bounds (all-pairs shortest paths); None for too many groups."""
    roots = distinct(np.concatenate([bounds.a, bounds.b]))
    if not 2 < len(roots) <= CLOSURE_LIMIT:
        return None
    chained = shortest(table_of(roots, bounds.a, bounds.b, bounds.bound_us))
    if chained is None:
        return None  # the bounds contradict each other: chains of them prove nothing
    a, b = np.nonzero(chained < INFINITE // 2)
    return Edges(roots[a], roots[b], chained[a, b])
