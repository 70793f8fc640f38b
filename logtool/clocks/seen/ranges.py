"""Ranges: takes where ranges begin and how long they are, gives all places in them."""

from __future__ import annotations

import numpy as np

from parsers.arrays import Ints


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """All places of some ranges, one range after the other."""
    before = np.cumsum(lengths) - lengths
    places: Ints = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return places
