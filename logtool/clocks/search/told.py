"""Told: takes voices and the zone of one, gives the offsets that follow for all."""

from __future__ import annotations

import numpy as np

from logtool.clocks.search.voice_rows import FEW, MANY, Flags, Ints, VoiceRows
from logtool.clocks.search.zone_prices import SAME_ZONE, ZonePrices


def told(zones: ZonePrices, leader: int, kind: int, before: Ints, free: Flags) -> Ints:
    """The offsets that a voice's zone gives its groups, and the zones that then suit the others.

    Args:
        zones: the voices, and the kinds of zones.
        leader: the voice whose zone is known.
        kind: that zone.
        before: int64[groups], the offsets of groups that may not move.
        free: bool[groups], those that may.
    """
    order = np.arange(len(zones.voices))
    every, _ = zones.rows.only(np.concatenate([[leader], order[:leader], order[leader + 1 :]]))
    shift, price = before.copy(), zones.new.copy()
    # A group is placed by the first voice that has a span in it.
    placer = np.full(len(before), -1, np.int64)
    placer[every.group[::-1]] = every.voice[::-1]
    placer[~free] = -1
    places = placer[every.group] == every.voice

    def place(rows: VoiceRows, kind: int) -> None:
        own = places[rows.span]
        offset = zones.kinds[kind].at_local(rows.first[own])[0]
        shift[rows.group[own]] = offset - rows.above[own]

    price[kind] = SAME_ZONE
    place(every.part(0, 1), kind)
    low, some = 1, FEW
    while low < len(order):
        rows = every.part(low, min(low + some, len(order)))
        home = int(price.argmin())
        place(rows, home)
        fits, number = zones.likes(rows, shift)
        own = places[rows.span]
        kinds = zones.suiting(rows.by_voice(~(fits[:, number] | own), len(own)), price)
        placing = np.logical_or.reduceat(own, rows.begins[:-1])
        other = np.flatnonzero((price[kinds] != SAME_ZONE) | (placing & (kinds != home)))
        if len(other):
            low, some, kind = low + int(other[0]) + 1, FEW, int(kinds[other[0]])
            price[kind] = SAME_ZONE
            place(every.part(low - 1, low), kind)
        else:
            low, some = low + len(rows), min(2 * some, MANY)
    return shift
