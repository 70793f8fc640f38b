"""Voting: takes groups, bounds and links, joins groups by vote where order leaves a choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from logtool.clocks.constraints import (
    INFINITE,
    Brackets,
    Edges,
    Groups,
    Link,
    Tie,
    closure,
    tie_by_order,
)
from logtool.clocks.knots import SECOND


def tie_by_links(
    groups: Groups, edges: Edges, links: Iterable[Link], *, sure: bool = False
) -> None:
    """Join groups by vote, the strongest vote first; what order then decides, order decides.

    `sure` says that the votes are, and the edges are nothing but order.
    """
    waiting = list(links)
    while True:
        best = _elect(groups, edges, waiting)
        if best is None:
            return
        for tie in best:
            groups.merge(tie)
        tie_by_order(groups, edges, sure=sure)
        waiting = [x for x in waiting if groups.root[x.a] != groups.root[x.b]]


def _elect(groups: Groups, edges: Edges, links: list[Link]) -> list[Tie] | None:
    """The strongest feasible vote of every group, where both sides agree that it is so."""
    votes: dict[tuple[int, int, int], dict[str, Link]] = defaultdict(dict)
    for link in links:
        root_a, root_b = int(groups.root[link.a]), int(groups.root[link.b])
        if root_a == root_b:
            continue
        shift = link.delta_s + int(groups.above_s[link.a]) - int(groups.above_s[link.b])
        if root_a > root_b:
            root_a, root_b, shift = root_b, root_a, -shift
        ballot = votes[root_a, root_b, shift]
        held = ballot.get(link.voice)
        if held is None or held.weight < link.weight:
            ballot[link.voice] = link
    if not votes:
        return None
    bounds = groups.bounds(edges)
    brackets = Brackets.of(closure(bounds) or bounds)
    limits = {
        (a, b): (low, high)
        for a, b, low, high in zip(
            brackets.a.tolist(),
            brackets.b.tolist(),
            brackets.low_us.tolist(),
            brackets.high_us.tolist(),
            strict=True,
        )
    }
    ranked = []
    for (root_a, root_b, shift), ballot in votes.items():
        low, high = limits.get((root_a, root_b), (-INFINITE, INFINITE))
        value = shift * SECOND
        if low <= value <= high:
            ranked.append((sum(x.weight for x in ballot.values()), root_a, root_b, shift, ballot))
    ranked.sort(key=lambda row: (-row[0], row[1], row[2], row[3]))
    round_ = _Round([*votes, *limits])
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
    return ties or None


class _Round:
    """Which pairs of groups, the strongest vote first, may be joined before votes are counted anew.

    A group may be joined by several in a round, as UTC is by thousands of short-lived processes,
    if those have nothing to say of each other; else who came first may change the others' votes.
    """

    def __init__(self, related: Iterable[tuple[int, ...]]) -> None:
        self._near: dict[int, set[int]] = defaultdict(set)
        for root_a, root_b, *_ in related:
            self._near[root_a].add(root_b)
            self._near[root_b].add(root_a)
        #: Root -> the roots it was joined with so far; None for one that has to wait.
        self._joined: dict[int, set[int] | None] = {}

    def joins(self, root_a: int, root_b: int) -> bool:
        """Whether these two are joined now; if not, what is weaker has to wait with them."""
        joined = self._joined
        if root_a in joined and root_b in joined:
            return False
        hub, other = (root_a, root_b) if root_a in joined else (root_b, root_a)
        party = joined.get(hub, {hub})
        if party is None or any(one in party for one in self._near[other] - {hub}):
            joined[other] = None
            return False
        party.add(other)
        joined[hub] = joined[other] = party
        return True
