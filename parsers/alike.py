"""Alike: takes rows of words, gives which of them are equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parsers.scanning import Places, Words

#: An odd number that spreads words over slots by their highest bits (2**64 by the golden ratio).
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SLOT_BITS = 16
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)


def alike(words: Sequence[Words]) -> tuple[Places, Places]:
    """Find equal rows of words.

    Returns:
        Rows that stand for all, most texts by one row; and for each row which of those it is like.
    """
    mixed = words[0]
    for word in words[1:]:
        mixed = (mixed * _MIX) ^ word
    slot = ((mixed ^ (mixed >> np.uint64(32))) * _MIX) >> _SLOT_SHIFT
    slot = slot.view(np.int64)
    rows = np.arange(len(slot))
    # Only slots that were written are read.
    newest = np.empty(1 << _SLOT_BITS, np.int64)
    newest[slot] = rows
    like = newest.take(slot)
    differing = words[0].take(like) ^ words[0]
    for word in words[1:]:
        differing |= word.take(like) ^ word
    if differing.any():
        like = np.where(differing == 0, like, rows)
    stands = like == rows
    return np.flatnonzero(stands), (np.cumsum(stands) - 1).take(like)
