"""Placed: takes spans as they are placed, tells which of them fall with others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import Link, Tie
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC, UTC_PID
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """The spans of a scene where the answer puts them, and all that is known of why.

    Attributes:
        scene: the log.
        links: all votes.
        offset: int64[spans], the answer.
        held: span -> the tie that holds it, and all that it is held by, to UTC.
        losers: span -> loud links that the answer contradicts.
    """

    scene: Scene
    links: Sequence[Link]
    offset: NDArray[np.int64]
    held: Mapping[int, Tie]
    losers: Mapping[int, Sequence[Link]]

    @property
    def told(self) -> dict[int, set[str]]:
        """The spans whose offset votes tell in UTC that are no default, and the kinds of these."""
        found: dict[int, set[str]] = {}
        for link in self.links:
            if link.a == UTC and not link.assumed and link.delta_s == self.offset[link.b]:
                found.setdefault(link.b, set()).add(link.kind)
        return found

    @property
    def requests(self) -> tuple[list[Link], list[Link]]:
        """The votes of requests: those that the answer agrees with, and the others."""
        votes = [link for link in self.links if link.kind == "requests"]
        right = [link for link in votes if link.delta_s == self.offset[link.b]]
        return right, [link for link in votes if link.delta_s != self.offset[link.b]]

    def resting_on(self, refuted: Collection[int]) -> list[int]:
        """The spans that are held to UTC by nothing but what holds refuted ones.

        Where some lines write their offset, order alone ties to UTC; else it ties to others that
        are tied to UTC by whatever is told.
        """
        ties = [self.held[span] for span in refuted if span in self.held]
        if not ties:
            return []
        written = bool(np.any(self.scene.knots.pid == UTC_PID))
        told = [tie for tie in ties if tie.links]
        if len(told) < len(ties) and not written:
            told = [*self.held.values()]
        if not told:
            return []
        wrong = frozenset[str]().union(*map(_said_by, told))
        found = {
            span
            for span, tie in self.held.items()
            if wrong.issuperset(_said_by(tie)) and (tie.links or not written)
        }
        found -= self._leaning_beyond(found)
        return [span for span in self.held if span in found]

    def _leaning_beyond(self, some: Collection[int]) -> set[int]:
        """The spans of some that votes hold to others, too: to one beyond, or that leans so."""
        leaning: dict[int, list[int]] = {}
        for span in some:
            for link in self.held[span].links:
                for end in (link.a, link.b) if link.a != UTC else ():
                    leaning.setdefault(end, []).append(span)
        beyond = [span for end, spans in leaning.items() if end not in some for span in spans]
        found: set[int] = set()
        while beyond:
            span = beyond.pop()
            if span not in found:
                found.add(span)
                beyond += leaning.get(span, [])
        return found


def _said_by(tie: Tie) -> frozenset[str]:
    """The texts of the facts in UTC by which a tie holds a span."""
    return frozenset(link.text for link in tie.links if link.a == UTC)
