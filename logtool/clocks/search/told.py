"""Told: takes voices and the zone of one, gives the offsets that follow for all."""

from __future__ import annotations

import numpy as np

from logtool.clocks.search.voice_rows import FEW, MANY, VoiceRows
from logtool.clocks.search.zone_prices import SAME_ZONE, ZonePrices
from parsers.arrays import Ints, Mask


class Told:
    """What one voice's zone tells of all the others, whichever zone it is."""

    def __init__(self, zones: ZonePrices, leader: int, free: Mask) -> None:
        """Put the leader first.

        Args:
            zones: the voices, and the kinds of zones.
            leader: the voice whose zone is known.
            free: bool[groups], those that may move.
        """
        order = np.arange(len(zones.voices))
        self._zones = zones
        self._every, _ = zones.rows.only(
            np.concatenate([[leader], order[:leader], order[leader + 1 :]])
        )
        # A group is placed by the first voice that has a span in it.
        placer = np.full(len(free), -1, np.int64)
        voice = self._every.voice
        placer[self._every.group[::-1]] = voice[::-1]
        placer[~free] = -1
        self._places = placer[self._every.group] == voice

    def offsets(self, kind: int, before: Ints) -> Ints:
        """The offsets that a zone gives the groups, and the zones that then suit the others.

        Args:
            kind: the leader's zone.
            before: int64[groups], the offsets of groups that may not move.
        """
        zones, count = self._zones, len(self._every)
        shift, price = before.copy(), zones.new.copy()
        price[kind] = SAME_ZONE
        self._place(self._every.part(0, 1), kind, shift)
        low, some = 1, FEW
        while low < count:
            rows = self._every.part(low, min(low + some, count))
            home = int(price.argmin())
            self._place(rows, home, shift)
            fits, number = zones.likes(rows, shift)
            own = self._places[rows.span]
            kinds = zones.suiting(rows.by_voice(~(fits[:, number] | own), len(own)), price)
            placing = np.logical_or.reduceat(own, rows.begins[:-1])
            other = np.flatnonzero((price[kinds] != SAME_ZONE) | (placing & (kinds != home)))
            if len(other):
                low, some, kind = low + int(other[0]) + 1, FEW, int(kinds[other[0]])
                price[kind] = SAME_ZONE
                self._place(self._every.part(low - 1, low), kind, shift)
            else:
                low, some = low + len(rows), min(2 * some, MANY)
        return shift

    def _place(self, rows: VoiceRows, kind: int, shift: Ints) -> None:
        """Give the groups that some voices place the offsets of a zone."""
        own = self._places[rows.span]
        if own.any():
            offset = self._zones.kinds[kind].at_local(rows.first[own])[0]
            shift[rows.group[own]] = offset - rows.above[own]
