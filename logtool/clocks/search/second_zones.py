"""Second zones: takes which zones explain spans of a voice, tells what it costs to say which."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Floats, Ints, Mask

#: Kinds of zones that a voice keeps, and what each span of a kind costs.
Zones = tuple[tuple[int, float], ...]

#: What it costs that a process goes back to a zone that it has left: as much as a second zone.
_RETURN = 5.0


def apart_from(some: Floats, every: Floats) -> Floats:
    """What it costs to tell some of many spans from the rest: the entropy of that choice."""
    share = np.clip(some / np.maximum(every, 1.0), 1e-9, 1 - 1e-9)
    entropy: Floats = -every * (share * np.log(share) + (1 - share) * np.log(1 - share))
    return entropy


def changes_of_side(one: Mask, other: Mask) -> NDArray[np.int64]:
    """How often spans go over from one zone to each of others, and back.

    Args:
        one: bool[spans], spans in order of time that the one explains.
        other: bool[kinds, spans], those that the others explain.

    Returns:
        int64[kinds]; a span that is in both, or in neither, stays on the side of those before it.
    """
    side = (other & ~one).astype(np.int8) - (one & ~other).astype(np.int8)
    newest = np.maximum.accumulate(np.where(side != 0, np.arange(side.shape[1]), -1), axis=1)
    held = np.take_along_axis(side, np.maximum(newest, 0), axis=1)
    state = np.where(newest < 0, 0, held)
    often: NDArray[np.int64] = ((state[:, 1:] != state[:, :-1]) & (state[:, :-1] != 0)).sum(axis=1)
    return often


class Courses:
    """In which of its voice's zones each process is, and when; and what it costs to go back to one.

    An application sets its zone once, which moves all that its process says after it. A process
    that goes back to a zone it has left does so for a reason of its own.
    """

    def __init__(self, voice: Ints, pid: Ints, place: Ints, first: Mask, known: Mask) -> None:
        """Begin with nothing but each voice's first zone.

        Args:
            voice: int64[rows], the voice of each span.
            pid: int64[rows], whose clock it shows.
            place: int64[rows], ascending by voice, process, and time.
            first: bool[rows], those that the first zone explains.
            known: bool[voices], that the courses of its processes are known.
        """
        self._order = np.argsort(place)
        self._voice, pid = voice[self._order], pid[self._order]
        begins = np.ones(len(pid), np.bool_)
        begins[1:] = (pid[1:] != pid[:-1]) | (self._voice[1:] != self._voice[:-1])
        self._process = np.cumsum(begins) - 1
        #: The zone of each row, -1 where it has none, and -2 where it may be either of two.
        self._zone = first.astype(np.int64) - 1
        self._zones = 1
        self._steady = known

    def price(self, rows: Mask) -> Floats:
        """float64[voices], what it costs besides that a zone explains some rows (bool[rows]) too.

        That some process goes back is paid once.
        """
        if not np.any(self._steady):
            return np.zeros(len(self._steady))
        price: Floats = np.where(self._steady & self._goes_back(self._with(rows)), _RETURN, 0.0)
        return price

    def add(self, rows: Mask, price: Floats) -> None:
        """Let another zone explain some rows; what `price` takes and what it gave."""
        self._zone = self._with(rows)
        self._zones += 1
        self._steady = self._steady & (price == 0)

    def _with(self, rows: Mask) -> Ints:
        """The zone of each row with one zone more, for what those before do not explain.

        Who is in both of the first two tells nothing; no third zone hides what tells them apart.
        """
        zone = np.where(rows & (self._zone == -1), self._zones, self._zone)
        if self._zones == 1:
            zone[rows & (self._zone == 0)] = -2
        return zone

    def _goes_back(self, zone: Ints) -> Mask:
        """bool[voices], whether one of its processes goes back."""
        zone = zone[self._order]
        told = np.flatnonzero(zone >= 0)
        zone, process = zone[told], self._process[told]
        over = told[1:][(process[1:] == process[:-1]) & (zone[1:] != zone[:-1])]
        visits = np.zeros((len(self._order), self._zones + 1), np.int64)
        visits[process, zone] = 1
        # Every zone but the first is gone over to once.
        spare = visits.sum(axis=1) - 1 - np.bincount(self._process[over], minlength=len(visits))
        found = np.zeros(len(self._steady), np.bool_)
        found[self._voice[over[spare[self._process[over]] < 0]]] = True
        return found


def shares(zones: Sequence[int], counts: Sequence[float], weight: float) -> Zones:
    """The zones of a voice, and what each span of one costs: the rarer, the more.

    Args:
        zones: what it keeps, the first for all but `counts` spans of the others.
        counts: of each, but the first.
        weight: how many spans there are.
    """
    rest = [max(0.0, weight - sum(counts)), *counts[1:]]
    parts = [(count + 0.5) / (weight + 0.5 * len(zones)) for count in rest]
    return tuple((zone, -math.log(part)) for zone, part in zip(zones, parts, strict=True))
