"""Chains: take bounds between a few groups, keep up what chains of them imply as groups are joined.

Votes are counted in rounds, a hundred of them where a server was restarted often, and each joins
two or three groups. What is changed by that leads through the groups that were joined.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from logtool.clocks.seen.constraints import (
    CLOSURE_LIMIT,
    STEP_US,
    Brackets,
    Edges,
    Groups,
    merge_single,
)
from logtool.clocks.seen.shortest import INFINITE, shortest, table_of
from parsers.arrays import Ints
from parsers.distinct import distinct
from parsers.units import SECOND


class Chains:
    """What `tie_by_order` tells of groups again and again, not reckoned anew each time.

    A row and a column of each table stands for a group: o_b - o_a <= table[a, b].
    """

    def __init__(self, groups: Groups, edges: Edges, roots: Ints) -> None:
        """Begin; see `of`."""
        self._groups = groups
        self._roots = roots
        self._direct = table_of(roots, edges.a, edges.b, edges.bound_us)
        #: Chains counted in; None where bounds contradict each other, and chains prove nothing.
        self._chained = shortest(self._direct)
        self._look()

    @classmethod
    def of(cls, groups: Groups, edges: Edges) -> Chains | None:
        """The bounds between these groups; None where chains are not looked for."""
        roots = distinct(np.concatenate([edges.a, edges.b]))
        return cls(groups, edges, roots) if 2 < len(roots) <= CLOSURE_LIMIT else None

    def allow(self, votes: Iterable[tuple[int, int, int]]) -> list[bool]:
        """Whether the offset of one root may be ahead of another's by so many seconds."""
        place, bound = self._place, self._best.item
        return [
            a not in place
            or b not in place
            or -bound(place[b], place[a]) <= shift * SECOND <= bound(place[a], place[b])
            for a, b, shift in votes
        ]

    def relate(self, root: int, others: Iterable[int]) -> bool:
        """Whether there is a bound between a root and one of some others."""
        place = self._place
        if root not in place:
            return False
        row = self._near[place[root]]
        return any(other in place and row[place[other]] for other in others)

    def tie_by_order(self, *, sure: bool) -> None:
        """As the function, after some groups have been joined."""
        while True:
            self._follow()
            direct, chained = self._direct, self._chained
            if _is_single(direct) and merge_single(self._groups, self._brackets(direct), sure=sure):
                continue
            if chained is None or not _is_single(chained):
                break
            sound = sure and not self._groups.has_doubt
            if not merge_single(self._groups, self._brackets(chained), sure=sound):
                break
        self._look()

    def _brackets(self, table: Ints) -> Brackets:
        a, b = np.nonzero(table < INFINITE // 2)
        return Brackets.of(Edges(self._roots[a], self._roots[b], table[a, b]))

    def _look(self) -> None:
        """Make what votes ask for."""
        self._best = self._direct if self._chained is None else self._chained
        self._place = {root: at for at, root in enumerate(self._roots.tolist())}
        bound = self._best < INFINITE // 2
        self._near: list[list[bool]] = (bound | bound.T).tolist()

    def _follow(self) -> None:
        """Put together the rows of groups that have been joined."""
        moved = np.flatnonzero(self._groups.root[self._roots] != self._roots).tolist()
        for gone in reversed(moved):  # what is behind it has its place no longer
            old = int(self._roots[gone])
            root, ahead_us = int(self._groups.root[old]), int(self._groups.above_s[old]) * SECOND
            held = np.flatnonzero(self._roots == root)
            if len(held):
                self._join(gone, int(held[0]), ahead_us)
                continue
            self._roots[gone] = root
            for table in (self._direct, self._chained):
                if table is not None:
                    table[gone] += ahead_us
                    table[:, gone] -= ahead_us

    def _join(self, gone: int, kept: int, ahead_us: int) -> None:
        """Give what is told of one group to another, which it is ahead of by so much."""
        chained, last = self._chained, len(self._roots) - 1
        if chained is not None and not -chained[gone, kept] <= ahead_us <= chained[kept, gone]:
            chained = None  # bounds between the two are no more, and what led through them
        self._direct = _joined(self._direct, gone, kept, ahead_us)
        self._roots[gone] = self._roots[last]
        self._roots = self._roots[:last]
        if chained is not None:
            chained = _joined(chained, gone, kept, ahead_us)
            # What fits the bounds of chains adds up to no contradiction.
            middle = gone if kept == last else kept
            np.minimum(chained, chained[:, middle, None] + chained[middle], out=chained)
            np.fill_diagonal(chained, INFINITE)
        self._chained = shortest(self._direct) if chained is None else chained


def _joined(table: Ints, gone: int, kept: int, ahead_us: int) -> Ints:
    """A table in which one group has what was told of another too; the last is in its place."""
    last = len(table) - 1
    np.minimum(table[kept], table[gone] + ahead_us, out=table[kept])
    np.minimum(table[:, kept], table[:, gone] - ahead_us, out=table[:, kept])
    table[kept, kept] = INFINITE
    table[gone], table[:, gone] = table[last], table[:, last]
    table[gone, gone] = INFINITE
    return table[:last, :last]


def _is_single(table: Ints) -> bool:
    """Whether two groups' bounds may leave one multiple of a quarter of an hour."""
    steps = table // STEP_US
    return bool(np.any(steps == -steps.T))
