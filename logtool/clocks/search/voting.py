"""Voting: takes groups, bounds and links, joins groups by vote where order leaves a choice."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TypeAlias

import numpy as np

from logtool.clocks.search.chains import Chains
from logtool.clocks.seen.constraints import Brackets, Edges, Groups, Link, Tie, tie_by_order
from parsers.units import SECOND

#: (root, root, seconds that the second is ahead) -> what says so, by voice.
_Votes: TypeAlias = dict[tuple[int, int, int], dict[str, Link]]


def tie_by_links(
    groups: Groups, edges: Edges, links: Iterable[Link], *, sure: bool = False
) -> None:
    """Join groups by vote, the strongest vote first; what order then decides, order decides.

    `sure` says that the votes are, and the edges are nothing but order.
    """
    waiting = list(links)
    brackets: Brackets | None = None
    chains: Chains | None = None
    while votes := _votes(groups, waiting):
        if chains is None:
            edges = groups.bounds(edges)  # fewer from round to round, and they say the same
            chains = Chains.of(groups, edges)
        best = _elect(votes, chains or _Pairs(brackets or Brackets.of(edges)))
        if not best:
            return
        for tie in best:
            groups.merge(tie)
        if chains is None:
            brackets = tie_by_order(groups, edges, sure=sure)
        else:
            chains.tie_by_order(sure=sure)
        root = groups.root.tolist()
        waiting = [x for x in waiting if root[x.a] != root[x.b]]


def _votes(groups: Groups, links: list[Link]) -> _Votes:
    """The links between groups, by what they say."""
    votes: _Votes = defaultdict(dict)
    # Asked of single spans: a list answers several times as fast as a column.
    root, above_s = groups.root.tolist(), groups.above_s.tolist()
    for link in links:
        root_a, root_b = root[link.a], root[link.b]
        if root_a == root_b:
            continue
        shift = link.delta_s + above_s[link.a] - above_s[link.b]
        if root_a > root_b:
            root_a, root_b, shift = root_b, root_a, -shift
        ballot = votes[root_a, root_b, shift]
        held = ballot.get(link.voice)
        if held is None or held.weight < link.weight:
            ballot[link.voice] = link
    return votes


def _elect(votes: _Votes, order: Chains | _Pairs) -> list[Tie]:
    """The strongest feasible vote of every group, where both sides agree that it is so."""
    ranked = [
        (sum([x.weight for x in ballot.values()]), *vote, ballot)
        for (vote, ballot), fine in zip(votes.items(), order.allow(votes), strict=True)
        if fine
    ]
    ranked.sort(key=lambda row: (-row[0], row[1], row[2], row[3]))
    round_ = _Round(votes, order)
    ties = []
    for _, root_a, root_b, _shift, ballot in ranked:
        if not round_.joins(root_a, root_b):
            continue
        links_of = tuple(sorted(ballot.values(), key=lambda link: -link.weight))
        sure = any(link.sure for link in links_of)
        # Tied where the strongest link stands, not at the roots: doubt in a group stays where it
        # is.
        best = links_of[0]
        ties.append(Tie(best.a, best.b, best.delta_s, sure, links=links_of))
    return ties


class _Pairs:
    """What `Chains` tell, of groups that are too many, or too few, for chains to be looked for."""

    def __init__(self, brackets: Brackets) -> None:
        self._brackets = brackets
        ends = np.concatenate([brackets.a, brackets.b])
        order = np.argsort(ends, kind="stable")
        # Asked of single roots: a list answers several times as fast as a column.
        self._ends: list[int] = ends[order].tolist()
        self._near = np.concatenate([brackets.b, brackets.a])[order]

    def allow(self, votes: Collection[tuple[int, int, int]]) -> list[bool]:
        """Whether the offset of one root may be ahead of another's by so many seconds."""
        a, b, shift = np.array([*votes], np.int64).T
        allowed: list[bool] = self._brackets.hold(a, b, shift * SECOND).tolist()
        return allowed

    def relate(self, root: int, others: set[int]) -> bool:
        """Whether there is a bound between a root and one of some others."""
        begin, end = bisect_left(self._ends, root), bisect_right(self._ends, root)
        return not others.isdisjoint(self._near[begin:end].tolist())


class _Round:
    """Which pairs of groups, the strongest vote first, may be joined before votes are counted anew.

    A group may be joined by several in a round, as UTC is by thousands of short-lived processes,
    if those have nothing to say of each other; else who came first may change the others' votes.
    """

    def __init__(self, votes: Iterable[tuple[int, int, int]], order: Chains | _Pairs) -> None:
        """Begin.

        Args:
            votes: pairs of roots that have something to say of each other.
            order: tells which others have.
        """
        self._order = order
        self._voters: dict[int, set[int]] = defaultdict(set)
        for root_a, root_b, _ in votes:
            self._voters[root_a].add(root_b)
            self._voters[root_b].add(root_a)
        #: Root -> the roots it was joined with so far; None for one that has to wait.
        self._joined: dict[int, set[int] | None] = {}

    def joins(self, root_a: int, root_b: int) -> bool:
        """Whether these two are joined now; if not, what is weaker has to wait with them."""
        joined = self._joined
        if root_a in joined and root_b in joined:
            return False
        hub, other = (root_a, root_b) if root_a in joined else (root_b, root_a)
        party = joined.get(hub, {hub})
        if party is None or self._are_related(other, party - {hub}):
            joined[other] = None
            return False
        party.add(other)
        joined[hub] = joined[other] = party
        return True

    def _are_related(self, root: int, others: set[int]) -> bool:
        if not others:
            return False
        return not others.isdisjoint(self._voters[root]) or self._order.relate(root, others)
