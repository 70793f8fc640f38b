"""Shortest: takes a table of bounds, counts in what chains of them imply."""

from __future__ import annotations

import numpy as np

from parsers.arrays import Ints

#: There is no bound. Twice that is still a number, and half of it no bound either.
INFINITE = int(np.iinfo(np.int64).max // 4)


def table_of(roots: Ints, a: Ints, b: Ints, bound_us: Ints) -> Ints:
    """int64[n, n]: the bounds o_b - o_a <= bound_us of n ascending roots, else INFINITE."""
    table = np.full((len(roots), len(roots)), INFINITE, np.int64)
    table[np.searchsorted(roots, a), np.searchsorted(roots, b)] = bound_us
    return table


def shortest(table: Ints) -> Ints | None:
    """The same with chains of bounds counted in; None where these contradict each other."""
    distance = table.copy()
    through = np.empty_like(distance)
    for middle in range(len(distance)):
        np.add(distance[:, middle, None], distance[None, middle, :], out=through)
        np.minimum(distance, through, out=distance)
    if distance.diagonal().min() < 0:
        return None
    np.fill_diagonal(distance, INFINITE)
    return distance
